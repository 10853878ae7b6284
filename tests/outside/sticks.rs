//! One bundle onto several media at once.

use crate::outside::half::Outside;
use crate::support::home::files;
use crate::support::said::{OUTSIDE, Said};
use handcarry::testing::model::Exit;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOR_S1: [&str; 9] =
    ["seal", "--from", "anna", "--appliance", "S1", "--model", "B200", "--host", "support.example.com"];

/// A bundle of two packages is sealed, and there are folders to write it into.
fn sealed() -> Outside {
    let bench = Outside::new();
    bench.key();
    for (name, size) in [("Base-3.4.0.nss", 9_000_000), ("Bomgar-10.6.2.nss", 4 << 20)] {
        let file = bench.package(name, size);
        bench.run(&["import", &file, "--by", "anna", "--for", "S1"]).ends(0);
    }
    bench.run(&FOR_S1).ends(0);
    for folder in ["one", "two", "three"] {
        std::fs::create_dir(bench.path(folder)).expect("made");
    }
    bench
}

fn write(bench: &Outside, media: &[&str], more: &[&str]) -> Said {
    let media: Vec<String> = media.iter().map(|name| bench.path(name).display().to_string()).collect();
    let media: Vec<&str> = media.iter().map(String::as_str).collect();
    bench.run(&[&["--json", "write"], &media[..], more].concat())
}

/// Names and bytes of what lies in a medium's folder of bundles.
fn carried(bench: &Outside, medium: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = bench.path(medium).join("handcarry/bundles");
    if !folder.exists() {
        return Vec::new();
    }
    let below =
        |path: PathBuf| (path.strip_prefix(&folder).expect("below").to_owned(), std::fs::read(&path).expect("reads"));
    files(&folder).into_iter().map(below).collect()
}

/// The media that an event tells of, by their last names.
fn told(said: &Said, event: &str) -> Vec<String> {
    let name = |root: &str| Path::new(root).file_name().expect("a name").to_string_lossy().into_owned();
    said.events(event).iter().map(|event| name(event["medium"].as_str().expect("a path"))).collect()
}

#[test]
fn several_media_have_the_same_files_from_one_reading() {
    let bench = sealed();
    let said = write(&bench, &["one", "two", "three"], &["--volume-size", "5M", "--parity", "10"]).ends(0);
    assert_eq!(told(&said, "written"), ["one", "two", "three"]);
    let one = carried(&bench, "one");
    assert_eq!(one.len(), 3 + 10, "volumes and recovery volumes");
    for other in ["two", "three"] {
        assert!(one == carried(&bench, other), "the same files lie on {other}");
    }
    let media = |name: &str| bench.path(name).join("handcarry").display().to_string();
    for record in ["one", "two", "three"] {
        let log = bench.run(&["--json", "log"]).ends(0);
        assert!(log.out.contains(&media(record)), "the log names {record}: {}", log.out);
    }
    // Volumes of one stand for those of another.
    let volume = |name: &str| files(&bench.path(name).join("handcarry/bundles")).remove(1);
    std::fs::copy(volume("two"), volume("one")).expect("copied");
    bench.run(&["repair", &bench.path("one").display().to_string()]).ends(0).says("nothing is damaged");
}

#[test]
#[cfg(target_os = "linux")]
fn the_vault_is_read_once_however_many_media_there_are() {
    let bench = sealed();
    let read = |media: &[&str]| -> u64 {
        let (logs, home) = (bench.path("traces"), bench.path("home"));
        std::fs::create_dir_all(&logs).expect("made");
        let mut command = Command::new("strace");
        // A file for each thread, so that no call is told in two lines with another's between.
        command.args(["-ff", "-y", "-s", "0", "-e", "signal=none", "-e", "trace=read,pread64,readv,preadv2,mmap"]);
        command
            .arg("-o")
            .arg(logs.join("of"))
            .arg(OUTSIDE)
            .arg("write")
            .args(media.iter().map(|name| bench.path(name)));
        let output = command.env("HANDCARRY_HOME", home).output().expect("strace runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let trace: String = files(&logs).iter().map(|log| std::fs::read_to_string(log).expect("a trace")).collect();
        std::fs::remove_dir_all(&logs).expect("removed");
        let object = trace.lines().filter(|line| line.contains("/vault/objects/") && !line.contains("mmap("));
        let bytes = |line: &str| line.rsplit_once(" = ")?.1.split_whitespace().next()?.parse::<u64>().ok();
        object.filter_map(bytes).sum()
    };
    assert_eq!((read(&["one"]), read(&["two", "three"])), (13_194_304, 13_194_304));
}

#[test]
fn one_medium_that_fails_does_not_spoil_the_others() {
    let bench = sealed();
    write(&bench, &["two"], &[]).ends(0);
    std::fs::write(bench.path("three").join("handcarry"), "in the way").expect("written");
    let said = write(&bench, &["two", "one", "three", "nowhere"], &[]).ends(Exit::Partly);
    assert_eq!(told(&said, "written"), ["one"]);
    assert_eq!(told(&said, "left-out"), ["nowhere", "two", "three"]);
    let code = |of: &str| {
        let mut events = said.events("left-out").into_iter();
        events.find(|event| event["medium"].as_str().is_some_and(|root| root.ends_with(of))).expect("told")["code"]
            .clone()
    };
    assert_eq!((code("two"), code("nowhere")), ("exists".into(), "media-missing".into()));
    let said = said.says("1 of 4 media have all of it, 3 were left out");
    let (good, bad) = (bench.path("one"), bench.path("two"));
    let hint = said.err.lines().find(|line| line.contains("for those that were left out")).expect("a hint");
    assert!(!hint.contains(&good.display().to_string()) && hint.contains(&bad.display().to_string()), "{hint}");
    assert!(carried(&bench, "one") == carried(&bench, "two"), "what lay there stays");
}

#[test]
fn a_package_that_is_not_what_was_sealed_gets_onto_none() {
    let bench = sealed();
    let object = files(&bench.vault().join("objects")).remove(0);
    let mut bytes = std::fs::read(&object).expect("reads");
    bytes[5_000] ^= 1;
    std::fs::write(&object, bytes).expect("writes");
    write(&bench, &["one", "two"], &[]).ends(Exit::VaultDamaged);
    assert!(carried(&bench, "one").is_empty() && carried(&bench, "two").is_empty());
}

#[test]
fn a_medium_that_is_named_twice_is_refused_before_anything_is_written() {
    let bench = sealed();
    #[cfg(unix)]
    std::os::unix::fs::symlink(bench.path("one"), bench.path("link")).expect("linked");
    std::fs::create_dir_all(bench.path("one/handcarry/bundles")).expect("made");
    let mut twice = vec![["one", "one"], ["one/handcarry", "one"], ["one", "two/../one"]];
    if cfg!(unix) {
        twice.push(["one", "link"]);
    }
    for [first, second] in twice {
        let said = write(&bench, &[first, "two", second], &[]).ends(Exit::Usage);
        said.says("are one medium, named twice");
        assert!(carried(&bench, "one").is_empty() && carried(&bench, "two").is_empty());
    }
    let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    write(&bench, &many, &[]).ends(Exit::LimitExceeded);
}

#[test]
fn what_was_sealed_and_not_written_everywhere_is_written_by_another_command() {
    let bench = sealed();
    let (one, two) = (bench.path("one").display().to_string(), bench.path("two").display().to_string());
    std::fs::write(bench.path("two").join("handcarry"), "in the way").expect("written");
    let said = bench.run(
        &[&FOR_S1[..], &["--packages", "Base 3.4.0,Bomgar 10.6.2", "--parity", "5", "--write", &one, "--write", &two]]
            .concat(),
    );
    let said = said.ends(Exit::Partly);
    let again = said.err.lines().find_map(|line| line.split_once("for those that were left out: "));
    let again = again.expect("a command").1;
    assert!(again.starts_with(&format!("handcarry-outside write {two} ")) && again.contains("--parity 5"), "{again}");
    std::fs::remove_file(bench.path("two").join("handcarry")).expect("removed");
    let words: Vec<&str> = again.split(' ').skip(1).collect();
    bench.run(&words).ends(0);
    assert!(carried(&bench, "one") == carried(&bench, "two"), "the same bundle, the same files");
}

#[test]
fn killed_at_any_moment_each_medium_has_all_of_it_or_nothing_and_the_same_command_goes_on() {
    let bench = sealed();
    write(&bench, &["three"], &[]).ends(0);
    let whole = carried(&bench, "three");
    for millis in [2, 10, 25, 45, 70, 100, 140] {
        let media = [format!("one-{millis}"), format!("two-{millis}")];
        media.iter().for_each(|medium| std::fs::create_dir(bench.path(medium)).expect("made"));
        let paths = media.each_ref().map(|medium| bench.path(medium).display().to_string());
        let mut child = bench.command(&["write", &paths[0], &paths[1]]).spawn().expect("starts");
        std::thread::sleep(std::time::Duration::from_millis(millis));
        let _ = child.kill();
        let _ = child.wait();
        let named = |medium: &String| {
            let mut files = carried(&bench, medium);
            files.retain(|(name, _)| !name.to_string_lossy().starts_with('.'));
            files
        };
        let there = media.each_ref().map(named);
        assert!(there.iter().all(|files| files.is_empty() || *files == whole), "after {millis} ms");
        let again = bench.run(&["write", &paths[0], &paths[1]]);
        let code = if there.iter().all(Vec::is_empty) { Exit::Ok } else { Exit::Partly };
        again.ends(code);
        assert!(media.iter().all(|medium| carried(&bench, medium) == whole), "after {millis} ms");
    }
}
