//! Makes the stories that have no folder yet.

use super::happened::{Happened, Name, What};
use super::story::{Procedure, Stand, Story};
use crate::engine::question::{InstallQuestion, MigrateQuestion, PairQuestion};
use crate::engine::tests::world::{Which, nothing};
use crate::model::{Exit, ShowPath};
use crate::plan::Switch;
use std::fs;
use std::path::Path;

/// A story to be made: its folder, itself, and what the operator says no to in
/// the first run.
type Wanted = (&'static str, Story, Which);

fn told(procedure: Procedure, packages: usize, tells: &str) -> Story {
    Story { tells: tells.to_owned(), procedure, packages, ..Story::default() }
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn wanted() -> Vec<Wanted> {
    use Procedure::{Asynchronous, Migration, Single, Synchronous, Update};
    let faulty = |story: Story, faults: &[&str]| Story { faults: [named(faults), Vec::new()], ..story };
    let agreed = |story: Story| Story { agreement: true, ..story };
    vec![
        ("single", told(Single, 3, "A base package and two site packages, with a day between these."), nothing),
        ("single-agreement", agreed(told(Single, 2, "Each package shows a licence agreement.")), nothing),
        (
            "single-answers-lost",
            faulty(
                agreed(told(Single, 2, "An upload breaks off, an answer to one and one to an acceptance are lost.")),
                &["upload-cut", "upload-answer-lost", "agreement-answer-lost"],
            ),
            nothing,
        ),
        (
            "single-by-hand",
            faulty(
                agreed(told(Single, 2, "Backup, upload and agreement are a person's.")),
                &["by-hand-backup", "by-hand-upload", "by-hand-agreement"],
            ),
            nothing,
        ),
        (
            "single-failed",
            faulty(
                told(Single, 2, "The base update fails, and is tried again on vendor support's word."),
                &["install-fails"],
            ),
            nothing,
        ),
        (
            "single-vanished",
            faulty(told(Single, 2, "An install ends and has changed nothing."), &["install-vanishes"]),
            nothing,
        ),
        (
            "single-declined",
            agreed(told(Single, 2, "The licence agreement is declined first.")),
            asks!(InstallQuestion::AcceptLicence { .. }),
        ),
        ("update", agreed(told(Update, 0, "The appliance installs what it offers by itself.")), nothing),
        (
            "update-answer-lost",
            faulty(told(Update, 0, "The answer to the first press is lost."), &["upload-answer-lost"]),
            nothing,
        ),
        ("synchronous", told(Synchronous, 2, "A synchronous pair."), nothing),
        (
            "synchronous-troubled",
            Story {
                between: named(&["press-answer-lost", "by-hand-press"]),
                faults: [named(&["upload-answer-lost"]), named(&["upload-cut"])],
                ..told(Synchronous, 2, "Presses by hand and without answers; the first version is verified late.")
            },
            asks!(PairQuestion::IsVerified { on, .. } if on == "alpha"),
        ),
        ("asynchronous-shared-ip", told(Asynchronous(Switch::SharedIp), 2, "Switched by a shared address."), nothing),
        ("asynchronous-dns", told(Asynchronous(Switch::Dns), 2, "Switched by the DNS entry."), nothing),
        (
            "asynchronous-nat",
            told(Asynchronous(Switch::Nat), 2, "Switched by a NAT entry; the second window is another day."),
            asks!(PairQuestion::HasSecondWindowBegun { .. }),
        ),
        ("migration", told(Migration, 2, "A site moves to another appliance."), nothing),
        (
            "migration-troubled",
            Story {
                moving: [named(&["by-hand-export", "reset-answer-lost"]), named(&["assign-answer-lost"])],
                ..told(Migration, 2, "Steps by hand and without answers; overwriting is agreed to late.")
            },
            asks!(MigrateQuestion::Restore { .. }),
        ),
    ]
}

/// Makes each that is meant and not there.
pub fn make_what_is_missing(below: &Path, are_meant: impl Fn(Procedure) -> bool) {
    for (name, story, refuses) in wanted().into_iter().filter(|(_, story, _)| are_meant(story.procedure)) {
        let folder = below.join(name);
        if !folder.exists() {
            make(&folder, &story, refuses);
        }
    }
}

fn make(folder: &Path, story: &Story, refuses: Which) {
    let mut stand = Stand::of(story);
    stand.refuse(refuses);
    stand.log().watch(&stand.root());
    let mut happened: Vec<Happened> = Vec::new();
    let mut left = 60;
    loop {
        left -= 1;
        assert!(left > 0, "{}: it never ends", folder.shown());
        let outcome = stand.run();
        stand.refuse(nothing);
        happened.extend(stand.log().take());
        let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Ok);
        happened.push(Happened { at: stand.clock().now(), on: Name::Alpha, what: What::Ended(exit.name().to_owned()) });
        if outcome.is_ok() {
            break;
        }
        stand.clock().advance(if exit == Exit::Waiting { 5 * 3600 } else { 60 });
    }
    fs::create_dir_all(folder).expect("made");
    let text = serde_json::to_string_pretty(story).expect("text") + "\n";
    fs::write(folder.join("story.json"), text).expect("written");
    let lines: Vec<String> = happened.iter().map(|event| serde_json::to_string(event).expect("text") + "\n").collect();
    fs::write(folder.join("happened.jsonl"), lines.concat()).expect("written");
    for (name, rules) in Name::BOTH.iter().zip(stand.rules()) {
        fs::copy(&rules.folders.journal, folder.join(format!("{}.jsonl", name.word()))).expect("kept");
    }
    for event in &happened {
        if let What::Kept(file) = &event.what {
            let to = folder.join("kept").join(file);
            fs::create_dir_all(to.parent().expect("a folder")).expect("made");
            fs::copy(stand.root().join(file), to).expect("kept");
        }
    }
}
