//! The bundles under fixtures/bundle once more, through the real program: what
//! the opener says of them is what an operator is told.
#![cfg(unix)]

use crate::bundle::reject::{Verdict, fixtures, folders, make};
use crate::support::faketime;
use handcarry::testing::inventory::Identity;
use handcarry::testing::model::Exit;
use serde_json::json;
use std::path::Path;
use std::process::{Command, Output};

/// Memory that verifying may take, as address space in KiB: far below the
/// 2 GiB that hostile bundles would like it to set aside.
const ADDRESS_SPACE_KIB: u32 = 1 << 20;

/// Fills a home folder with what the opener is told in a verdict.
fn remember(home: &Path, verdict: &Verdict) {
    let inside = home.join("inside");
    for folder in ["trust", "marks"] {
        std::fs::create_dir_all(inside.join(folder)).unwrap();
    }
    let serial = verdict.serial.as_deref().unwrap_or("LAB-0001-BG");
    let entry = format!("[appliances.box]\nurl = \"https://h\"\nserial = {}\ndriver = \"guided\"\n", json!(serial));
    std::fs::write(inside.join("inventory.toml"), entry).unwrap();
    let signers = match &verdict.trust {
        Some(_) => String::new(),
        None => std::fs::read_to_string(fixtures().join("allowed_signers")).unwrap(),
    };
    std::fs::write(inside.join("trust/allowed_signers"), signers).unwrap();
    std::fs::write(inside.join("trust/policy.toml"), format!("threshold = {}\n", verdict.threshold.unwrap_or(1)))
        .unwrap();
    let accepted = verdict.lowest_sequence.map(|sequence| json!({ "sequence": sequence, "bundle": "cc".repeat(16) }));
    let marks = json!({
        "format": 1, "serial": serial, "accepted": accepted,
        "last_trusted": verdict.last_trusted, "used": verdict.used.iter().collect::<Vec<_>>(),
        // A desk that made none takes no answer, so it made the one that the others answer.
        "requests": [verdict.request.clone().unwrap_or("aa".repeat(16))],
    });
    let key = Identity::of(serial).key().to_string();
    std::fs::write(inside.join(format!("marks/{key}.json")), marks.to_string()).unwrap();
}

/// `handcarry-inside verify` at the verdict's time and in bounded memory.
fn verify(home: &Path, folder: &Path, verdict: &Verdict) -> Output {
    let script = format!(
        "ulimit -v {ADDRESS_SPACE_KIB} && exec env LD_PRELOAD=\"$1\" FAKETIME=\"@$2\" \"$3\" verify --appliance box \"$4\""
    );
    shell(&script, home, folder, verdict)
}

/// Runs `script` with the faked clock's library as $1, the verdict's time as $2, the program as $3 and `folder` as $4.
fn shell(script: &str, home: &Path, folder: &Path, verdict: &Verdict) -> Output {
    let now = verdict.now.as_deref().unwrap_or("2026-03-05T00:00:00Z").replace(['T', 'Z'], " ");
    Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(faketime::library())
        .args([now.trim(), env!("CARGO_BIN_EXE_handcarry-inside")])
        .arg(folder)
        .env("HANDCARRY_HOME", home)
        .env("TZ", "UTC")
        .output()
        .expect("a shell starts")
}

/// What the program says otherwise than the verdicts of all bundles below
/// `parent`; and how many there are.
fn complaints(parent: &Path) -> (Vec<String>, usize) {
    let home = tempfile::tempdir().unwrap();
    let mut wrong = Vec::new();
    let folders = folders(parent);
    for folder in &folders {
        let mut verdict = Verdict::of(folder);
        if folder.ends_with("reject/no-request") {
            // Only whoever waits for one request refuses it; a desk takes what answers
            // none, since its code may have been typed (handcarry(7), THREATS).
            verdict = Verdict { exit: "ok".into(), message: String::new(), ..verdict };
        }
        remember(home.path(), &verdict);
        let output = verify(home.path(), folder, &verdict);
        let said = String::from_utf8(output.stderr).unwrap();
        let exit = Exit::ALL.iter().find(|exit| Some(i32::from(exit.code())) == output.status.code());
        // At a desk the requests made there decide, and the words are theirs.
        let words = verdict.request.is_some() || said.contains(&verdict.message);
        let hint = verdict.exit == "ok" || said.contains("\nhint: ");
        if exit.map(|exit| exit.name()) != Some(&verdict.exit) || !words || !hint {
            wrong.push(format!("{}: {} expected, got {:?}: {said}", folder.display(), verdict.exit, output.status));
        }
        assert!(!home.path().join("inside/journal").exists(), "{}: something was journalled", folder.display());
    }
    (wrong, folders.len())
}

#[test]
fn the_program_refuses_every_hostile_bundle_as_the_opener_does() {
    let (wrong, count) = complaints(&fixtures().join("reject"));
    assert!(wrong.is_empty(), "{} of {count} verdicts differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 130, "only {count} hostile bundles");
}

/// What the program says when a bundle is taken, and where that went well, when it is judged where it is kept.
fn taken(home: &Path, folder: &Path, verdict: &Verdict) -> Output {
    let _ = std::fs::remove_dir_all(home.join("inside/store"));
    let script = format!(
        "ulimit -v {ADDRESS_SPACE_KIB} && export LD_PRELOAD=\"$1\" FAKETIME=\"@$2\"; \"$3\" take \"$4\"; code=$?; \
         ls \"$HANDCARRY_HOME\"/inside/store/bundles/*/*.frame >/dev/null 2>&1 || exit $code; \
         exec \"$3\" verify --appliance box"
    );
    shell(&script, home, folder, verdict)
}

#[test]
fn the_store_takes_every_honest_bundle_and_refuses_every_hostile_one() {
    let home = tempfile::tempdir().unwrap();
    let (mut wrong, mut waited) = (Vec::new(), 0);
    for folder in ["accept", "reject"].into_iter().flat_map(|part| folders(&fixtures().join(part))) {
        let mut verdict = Verdict::of(&folder);
        if folder.ends_with("reject/no-request") {
            verdict = Verdict { exit: "ok".into(), message: String::new(), ..verdict };
        }
        remember(home.path(), &verdict);
        let output = taken(home.path(), &folder, &verdict);
        let said = String::from_utf8(output.stderr).unwrap();
        let exit = Exit::ALL.iter().find(|exit| Some(i32::from(exit.code())) == output.status.code());
        match exit {
            // What is lacking may lie on the next stick.
            Some(Exit::Waiting) if verdict.exit == Exit::VolumesIncomplete.name() => waited += 1,
            exit if exit.map(|exit| exit.name()) == Some(&verdict.exit) => {}
            _ => {
                wrong.push(format!("{}: {} expected, got {:?}: {said}", folder.display(), verdict.exit, output.status))
            }
        }
        assert!(!home.path().join("inside/journal").exists(), "{}: something was journalled", folder.display());
    }
    assert!(wrong.is_empty(), "{} verdicts differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(waited > 0, "some lack a volume");
}

#[test]
fn the_program_accepts_every_honest_bundle() {
    let (wrong, _) = complaints(&fixtures().join("accept"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn huge_bundles_get_their_verdict_in_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    make(&fixtures(), &["huge", dir.path().to_str().unwrap()]);
    let (wrong, count) = complaints(dir.path());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(count, 8);
}
