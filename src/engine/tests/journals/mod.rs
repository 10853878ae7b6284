//! Journals of runs as they were written once, read and continued.
//!
//! `fixtures/journals/NAME/` holds one story:
//!
//! - `story.json`: what it tells, and what goes wrong in it ([`Story`]);
//! - `alpha.jsonl`, `beta.jsonl`: the journals, whole;
//! - `happened.jsonl`: in order, each press and each record, with its time ([`Happened`]);
//! - `kept/`: the files that the runs kept;
//! - `audit.txt`: what `audit` tells of the journals;
//! - `continued.txt`: for each moment at which a process may have died, what
//!   the runs after it press, and how each of them ends.
//!
//! A moment is a line of `happened.jsonl`. There the appliances are made anew
//! and pressed as they were, the journals are cut after their last record, and
//! the run is called again until it is over. After every other moment half of
//! the next record is left behind, as by a write that was torn.
//!
//! A story that is there is never made again: it stands for journals that are
//! in use. `HANDCARRY_BLESS=1 cargo test --lib engine::tests::journals` makes
//! those that have no folder yet, and writes the two texts anew.

mod happened;
mod maker;
mod story;

pub use happened::{Log, Recorded, What};

use crate::journal;
use crate::model::{Exit, ShowPath};
use crate::report;
use happened::{Happened, Name};
use std::fs;
use std::path::{Path, PathBuf};
use story::{Procedure, Stand, Story};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/journals")
}

/// A story as its folder has it.
struct StoredStory {
    folder: PathBuf,
    story: Story,
    happened: Vec<Happened>,
    /// The lines of each journal, each with its line feed.
    journals: Vec<Vec<String>>,
}

impl StoredStory {
    fn read(folder: PathBuf) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let story: Story = serde_json::from_str(&text("story.json")).expect("a story");
        let happened = text("happened.jsonl");
        let happened = happened.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let journal = |name: &Name| -> Vec<String> {
            text(&format!("{}.jsonl", name.word())).split_inclusive('\n').map(str::to_owned).collect()
        };
        let journals = Name::BOTH.iter().take(story.procedure.appliances()).map(journal).collect();
        StoredStory { folder, story, happened, journals }
    }

    /// The world as it was after the first `moments` things had happened, with
    /// half of the next record where `torn`.
    fn stopped_after(&self, moments: usize, torn: bool) -> Stand {
        let mut stand = Stand::of(&self.story);
        let (before, after) = self.happened.split_at(moments);
        let written = |on: Name, events: &[Happened]| {
            events.iter().filter(|event| event.on == on && matches!(event.what, What::Wrote(_))).count()
        };
        for (on, (lines, rules)) in self.journals.iter().zip(stand.rules()).enumerate() {
            let on = Name::BOTH[on];
            let whole = written(on, before);
            let mut text = lines[..whole].concat();
            // Only the record that comes next can have been torn.
            if torn && after.first().is_some_and(|next| written(on, std::slice::from_ref(next)) == 1) {
                text.push_str(&lines[whole][..lines[whole].len() / 2]);
            }
            fs::write(&rules.folders.journal, text).expect("written");
        }
        stand.replay(before, &self.folder.join("kept"));
        stand.log().take();
        stand
    }

    /// What is told of its journals.
    fn audited(&self) -> String {
        let text = |name: &Name| {
            let chain = journal::read(&self.folder.join(format!("{}.jsonl", name.word()))).expect("the chain holds");
            format!("{}\n{}\n", name.word(), report::journal_text(&chain))
        };
        Name::BOTH.iter().take(self.journals.len()).map(text).collect()
    }

    /// How the story goes on after the moments that `are_asked`: each with its number and text.
    fn continued(&self, are_asked: impl Fn(usize, &What) -> bool) -> Vec<String> {
        let mut told = Vec::new();
        for (at, event) in self.happened.iter().enumerate() {
            let what = match &event.what {
                What::Wrote(kind) => format!("wrote {kind}"),
                What::Pressed(press) => press.told(),
                What::Kept(_) | What::Ended(_) => continue,
            };
            if are_asked(at, &event.what) {
                let mut stand = self.stopped_after(at + 1, at % 2 == 0);
                let runs = to_the_end(&mut stand);
                stand.check();
                told.push(format!("after {} {} {what}\n{runs}\n", at + 1, event.on.word()));
            }
        }
        told
    }
}

/// Runs it until it is over: what each run pressed, and how it ended.
fn to_the_end(stand: &mut Stand) -> String {
    let mut runs: Vec<(String, usize)> = Vec::new();
    for _ in 0..60 {
        let outcome = stand.run();
        let exit = outcome.as_ref().map_or_else(|failure| failure.exit, |()| Exit::Ok);
        let pressed = stand.log().take().into_iter().filter_map(|event| match event.what {
            What::Pressed(press) => Some(format!("{} {}", event.on.word(), press.told())),
            What::Wrote(_) | What::Kept(_) | What::Ended(_) => None,
        });
        let line = format!("  {}: {}", exit.name(), pressed.collect::<Vec<_>>().join(", "));
        match runs.last_mut() {
            Some((last, times)) if *last == line => *times += 1,
            _ => runs.push((line, 1)),
        }
        if outcome.is_ok() {
            return told(&runs);
        }
        stand.clock().advance(if exit == Exit::Waiting { 5 * 3600 } else { 60 });
    }
    panic!("it never ends: {}", told(&runs));
}

fn told(runs: &[(String, usize)]) -> String {
    let told = |(line, times): &(String, usize)| match times {
        1 => line.trim_end().to_owned(),
        times => format!("{} ({times} times)", line.trim_end()),
    };
    runs.iter().map(told).collect::<Vec<_>>().join("\n")
}

fn is_blessed() -> bool {
    std::env::var_os("HANDCARRY_BLESS").is_some()
}

/// One in how many records is a moment to stop at; set to `all`, each is, which
/// takes minutes.
const RECORDS_SHARE: usize = 6;
const THOROUGH: &str = "HANDCARRY_JOURNALS";

/// Continues the stories of these procedures.
fn continue_all(are_meant: impl Fn(Procedure) -> bool) {
    let thorough = is_blessed() || std::env::var(THOROUGH).is_ok_and(|how| how == "all");
    if is_blessed() {
        maker::make_what_is_missing(&fixtures(), &are_meant);
    }
    let folders = fs::read_dir(fixtures()).expect("stories").map(|entry| entry.expect("a folder").path());
    let stories = folders.map(StoredStory::read).filter(|told| are_meant(told.story.procedure));
    let mut stale = Vec::new();
    let mut stories_told = 0;
    for told in stories {
        stories_told += 1;
        // Each press is a moment, and of the records others in each story.
        let turn = told.happened.len();
        let continued = told.continued(|at, what| {
            thorough || matches!(what, What::Pressed(_)) || at % RECORDS_SHARE == turn % RECORDS_SHARE
        });
        let (audit, path) = (told.folder.join("audit.txt"), told.folder.join("continued.txt"));
        if is_blessed() {
            fs::write(&audit, told.audited()).expect("written");
            fs::write(&path, continued.concat()).expect("written");
            continue;
        }
        if fs::read_to_string(&audit).expect("audit.txt") != told.audited() {
            stale.push(format!("{}: it is told in another way", audit.shown()));
        }
        let known = fs::read_to_string(&path).expect("continued.txt");
        let new = continued.iter().filter(|moment| !known.contains(moment.as_str()));
        stale.extend(new.map(|moment| format!("{}: it goes on in another way\n{moment}", path.shown())));
    }
    assert!(stories_told > 0, "there are such stories");
    assert!(stale.is_empty(), "{}", stale.join("\n"));
}

#[test]
fn a_push_that_died_is_read_and_continued() {
    continue_all(|procedure| procedure == Procedure::Single);
}

#[test]
fn an_update_that_died_is_read_and_continued() {
    continue_all(|procedure| procedure == Procedure::Update);
}

#[test]
fn a_synchronous_pair_whose_run_died_is_read_and_continued() {
    continue_all(|procedure| procedure == Procedure::Synchronous);
}

#[test]
fn an_asynchronous_pair_whose_run_died_is_read_and_continued() {
    continue_all(|procedure| matches!(procedure, Procedure::Asynchronous(_)));
}

#[test]
fn a_migration_that_died_is_read_and_continued() {
    continue_all(|procedure| procedure == Procedure::Migration);
}
