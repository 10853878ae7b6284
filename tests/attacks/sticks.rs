//! Sticks that hold what no stick should: pipes, links, names made to deceive.

use crate::attacks::target::{NAME, Target};
use crate::support::said::{Said, finish};
use handcarry::testing::model::Exit;
use handcarry::testing::trust::{LineOptions, Namespace};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// One half of the program in the bench's home, stopped after 20 s: what waits
/// for a pipe would wait for ever.
pub fn half(bench: &Target, half: &str, args: &[&str], input: &str) -> Said {
    let program = match half {
        "inside" => env!("CARGO_BIN_EXE_handcarry-inside"),
        _ => env!("CARGO_BIN_EXE_handcarry-outside"),
    };
    let mut command = Command::new("timeout");
    command.args(["20", program]).args(args).env("HANDCARRY_HOME", bench.path("home"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command.spawn().expect("timeout is of coreutils"), input)
}

pub fn pipe(path: &Path) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo is of coreutils").success());
}

#[test]
fn a_pipe_in_the_place_of_a_file_holds_nobody_up() {
    let bench = Target::new();
    let on = |below: &str| bench.path("stick/handcarry").join(below);
    for name in ["requests/a.json", "receipts/a.json", "trust/trust-1.json", "bundles/b.zip.001"] {
        pipe(&on(name));
    }
    let (stick, volume) = (bench.stick(), on("bundles/b.zip.001").display().to_string());
    let receipt = on("receipts/a.json").display().to_string();
    bench.inside(&["trust", "export", &stick], "").ends(Exit::Ok);
    half(&bench, "outside", &["trust", "follow", &stick], "y\n").ends(Exit::Ok);
    for (program, args) in [
        ("outside", &["fetch", &stick][..]),
        ("outside", &["receive", &stick]),
        ("inside", &["trust", "apply", &stick]),
        ("outside", &["trust", "sign", &stick]),
    ] {
        half(&bench, program, args, "y\n").ends(Exit::MediaMissing).says("is not a regular file").says("hint: ");
    }
    half(&bench, "inside", &["verify", &stick], "").ends(Exit::NoBundle);
    half(&bench, "inside", &["verify", &volume], "").ends(Exit::VolumesIncomplete).says("is not a regular file");
    // A volume that is a pipe among others that are files.
    let path = bench.seal(&bench.manifest(1, 1));
    let bytes = std::fs::read(&path).expect("readable");
    std::fs::remove_file(&path).expect("removed");
    for (number, part) in bytes.chunks(bytes.len() / 2).enumerate() {
        std::fs::write(on(&format!("bundles/c.zip.{:03}", number + 1)), part).expect("written");
    }
    std::fs::remove_file(on("bundles/c.zip.002")).expect("removed");
    pipe(&on("bundles/c.zip.002"));
    let first = on("bundles/c.zip.001").display().to_string();
    half(&bench, "inside", &["verify", &first], "").ends(Exit::VolumesIncomplete).says("is not a regular file");
    half(&bench, "inside", &["push", &first, NAME], "y\n").ends(Exit::VolumesIncomplete);
    // A signature that is a pipe is none.
    std::fs::remove_file(on("receipts/a.json")).expect("removed");
    std::fs::write(on("receipts/a.json"), "{}").expect("written");
    pipe(&on("receipts/a.json.1.sig"));
    pipe(&on("receipts/a.json.sig"));
    half(&bench, "outside", &["receive", &stick], "").ends(Exit::NoTrust);
    assert!(Path::new(&receipt).is_file());
}

#[test]
fn a_folder_on_the_stick_that_is_a_link_is_never_followed() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let elsewhere = bench.path("elsewhere");
    std::fs::create_dir(&elsewhere).expect("made");
    let codes = |bench: &Target| bench.lab.state()["codes"].clone();
    let before = codes(&bench);
    for name in ["handcarry", "handcarry/requests", "handcarry/bundles", "handcarry/receipts", "handcarry/trust"] {
        let stick = bench.path("linked");
        let _ = std::fs::remove_dir_all(&stick);
        let link = stick.join(name);
        std::fs::create_dir_all(link.parent().expect("a folder")).expect("made");
        std::os::unix::fs::symlink(&elsewhere, &link).expect("a link");
        let stick = stick.display().to_string();
        for (program, args) in [
            ("inside", &["request", NAME, &stick][..]),
            ("inside", &["receipt", NAME, &stick]),
            ("inside", &["trust", "export", &stick]),
            ("inside", &["trust", "apply", &stick]),
            ("inside", &["verify", &stick]),
            ("outside", &["fetch", &stick]),
            ("outside", &["receive", &stick]),
            ("outside", &["trust", "follow", &stick]),
        ] {
            let said = half(&bench, program, args, "y\n").ends(Exit::MediaMissing);
            said.says("is a symbolic link, which leads off the medium").says("hint: ");
        }
    }
    assert_eq!(std::fs::read_dir(&elsewhere).expect("readable").count(), 0, "nothing landed elsewhere");
    assert_eq!(codes(&bench), before, "no code was spent");
}

#[test]
fn a_bundle_s_name_forges_no_line_of_the_report() {
    let bench = Target::new();
    let bytes = std::fs::read(bench.seal(&bench.manifest(1, 1))).expect("readable");
    for entry in std::fs::read_dir(bench.bundles()).expect("readable") {
        std::fs::remove_file(entry.expect("readable").path()).expect("removed");
    }
    let deceiving = "b\n\u{1b}[2Kverified: all 1 packages are what was signed for\u{202e}.zip";
    for volumes in [&[""][..], &["", ".001"], &[".001", ".002"], &[".002"]] {
        for volume in volumes {
            std::fs::write(bench.bundles().join(format!("{deceiving}{volume}")), &bytes[..bytes.len() - 1])
                .expect("written");
        }
        let refused = bench.inside(&["verify", &bench.stick()], "");
        let said = format!("{}{}", refused.out, refused.err);
        assert!(
            !["\u{1b}", "\u{202e}", "\nverified", "\n[2Kverified"].iter().any(|part| said.contains(part)),
            "{said:?}"
        );
        assert!(
            [i32::from(Exit::VolumesIncomplete.code()), i32::from(Exit::VolumesMixed.code())].contains(&refused.code),
            "{said}"
        );
        for volume in volumes {
            std::fs::remove_file(bench.bundles().join(format!("{deceiving}{volume}"))).expect("removed");
        }
    }
}

#[test]
fn a_name_from_the_stick_stays_one_word_of_a_command() {
    let bench = Target::new();
    let bundle = bench.seal(&bench.manifest(1, 1));
    let name = "b\n\u{1b}]0;x\u{7}\u{1b}[8mverified: all\nverified;touch pasted;";
    let odd = bench.path(name);
    std::fs::create_dir_all(odd.join("handcarry/bundles")).expect("made");
    let bytes = std::fs::read(&bundle).expect("readable");
    std::fs::write(odd.join("handcarry/bundles").join(format!("{name}.zip")), &bytes).expect("written");
    let cut = bench.path("cut/handcarry/bundles");
    std::fs::create_dir_all(&cut).expect("made");
    for (end, bytes) in [("zip.001", &bytes[..9]), ("zip.002", &bytes[9..]), ("recovery.001", b"x")] {
        std::fs::write(cut.join(format!("{name}.{end}")), bytes).expect("written");
    }
    let (odd, cut, dir) = (odd.display().to_string(), bench.path("cut").display().to_string(), bench.path("t"));
    std::fs::create_dir(&dir).expect("made");
    let key = bench.path("sealer").display().to_string();
    for (program, args) in [
        ("inside", &["verify", &odd][..]),
        ("inside", &["verify", &cut]),
        ("inside", &["plan", &cut, NAME]),
        ("inside", &["repair", &cut]),
        ("inside", &["repair", &odd]),
        ("outside", &["sign", &odd, "--key", &key]),
        ("outside", &["sign", &cut, "--key", &key]),
        ("outside", &["media", "check", &cut, "--size", "1M"]),
        ("outside", &["receive", &odd]),
        ("inside", &["trust", "apply", &odd]),
        ("inside", &["trust", "export", &odd]),
    ] {
        let said = half(&bench, program, args, "y\n");
        let said = format!("{}{}", said.out, said.err);
        assert!(!said.contains(['\u{1b}', '\u{7}']), "{args:?}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with("verified;") || line.starts_with("verified: all")), "{said}");
        // Whoever copies a line into a shell runs nothing but a command of ours.
        for half in ["handcarry-inside ", "handcarry-outside "] {
            for (_, told) in said.lines().filter_map(|line| line.split_once(half)) {
                Command::new("sh").args(["-c", &format!("{half}{told}")]).current_dir(&dir).output().expect("a shell");
            }
        }
    }
    assert_eq!(std::fs::read_dir(&dir).expect("readable").count(), 0, "a command from the report ran something else");
}

#[test]
fn a_request_made_while_a_push_runs_is_not_forgotten() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    bench.seal(&bench.manifest(1, 1));
    let (stick, other) = (bench.stick(), bench.path("other"));
    std::fs::create_dir(&other).expect("made");
    let mut child = bench.command(&["push", &stick, NAME]).spawn().expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let mut lines = BufReader::new(child.stdout.take().expect("piped"));
    // It asks before it presses anything, and waits for the finish.
    let mut line = String::new();
    while !line.contains("agreed to by the SHA-256") {
        line.clear();
        assert!(lines.read_line(&mut line).expect("reads") > 0, "it ended before it asked");
    }
    bench.inside(&["request", NAME, &other.display().to_string()], "y\n").ends(Exit::Ok);
    let _ = input.write_all(b"y\ny\ny\n");
    drop(input);
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    Said::from(child.wait_with_output().expect("it ends")).ends(Exit::Ok);
    let marks: serde_json::Value = serde_json::from_slice(&bench.marks().expect("kept")).expect("JSON");
    assert_eq!(marks["accepted"]["sequence"], 1);
    assert_eq!(marks["used"].as_array().map(Vec::len), Some(1));
    assert_eq!(marks["requests"].as_array().map(Vec::len), Some(1), "{marks}");
}

#[test]
fn junk_beside_a_bundle_or_a_paper_is_as_if_it_were_not_there() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let bundle = bench.seal(&bench.manifest(1, 1));
    let stem = bundle.display().to_string().trim_end_matches(".zip").to_owned();
    let (stranger, _) = bench.key("stranger", &LineOptions::default());
    let manifest = handcarry::testing::bundle::manifest_bytes(&bench.manifest(1, 1));
    let strange = stranger.sign(Namespace::Bundle, &manifest).expect("signs").into_bytes();
    for number in 1..=64 {
        let junk = [b"junk".to_vec(), vec![b'A'; 100_000], Vec::new(), strange.clone()][number % 4].clone();
        std::fs::write(format!("{stem}.manifest.json.{number}.sig"), junk).expect("written");
    }
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
    bench.inside(&["plan", &bench.stick(), NAME], "").ends(Exit::Ok);
    // A request, and its signature last of as many as are looked at.
    bench.inside(&["request", NAME, &bench.stick()], "y\n").ends(Exit::Ok);
    let line = std::fs::read_to_string(bench.path("home/inside/keys/signing.pub")).expect("a key");
    half(&bench, "outside", &["trust", "add", &line, "--principal", "desk"], "y\n").ends(Exit::Ok);
    let folder = bench.path("stick/handcarry/requests");
    let request = std::fs::read_dir(&folder).expect("readable").map(|entry| entry.expect("readable").path());
    let request =
        request.into_iter().find(|path| path.extension().is_some_and(|end| end == "json")).expect("a request");
    let beside = |number: usize| format!("{}.{number}.sig", request.display());
    std::fs::rename(beside(1), format!("{}.sig", request.display())).expect("moved");
    for number in 1..=64 {
        std::fs::write(beside(number), [b"junk".to_vec(), vec![b'A'; 100_000]][number % 2].clone()).expect("written");
    }
    half(&bench, "outside", &["vendor", "add", "https://localhost:1", "--by", "ana"], "").ends(Exit::Ok);
    let nowhere = ["fetch", &bench.stick(), "--server", "https://localhost:1"];
    half(&bench, "outside", &nowhere, "y\n").ends(Exit::Unreachable);
}
