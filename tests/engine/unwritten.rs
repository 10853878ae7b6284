//! What a run says and nobody gets: a full disk, a reader that went away. And
//! what goes onto the stick under an umask that opens nothing.

use crate::engine::WAITING;
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, OUTSIDE};
use handcarry::testing::model::Exit;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

/// Where nothing that is written arrives.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Nowhere {
    /// A full disk.
    Full,
    /// A reader that went away.
    Gone,
    /// The null device, by the caller's own wish.
    Null,
}

impl Nowhere {
    fn open(self) -> Stdio {
        match self {
            Nowhere::Full => std::fs::OpenOptions::new().write(true).open("/dev/full").expect("opens").into(),
            Nowhere::Gone => std::io::pipe().expect("a pipe").1.into(),
            Nowhere::Null => Stdio::null(),
        }
    }
}

/// Runs it with its standard output leading nowhere; its code and standard error.
fn into(nowhere: Nowhere, bench: &Bench, args: &[&str], answers: &str) -> (i32, String) {
    let mut command = bench.command(INSIDE, args);
    let mut child =
        command.stdin(Stdio::piped()).stdout(nowhere.open()).stderr(Stdio::piped()).spawn().expect("it starts");
    let _ = child.stdin.take().expect("piped").write_all(answers.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn lost() -> i32 {
    i32::from(Exit::OutputLost.code())
}

#[test]
fn a_code_that_nobody_would_have_is_not_asked_for() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    for nowhere in [Nowhere::Full, Nowhere::Gone, Nowhere::Null] {
        for json in [&[][..], &["--json"]] {
            let args = [json, &["request", NAME, &stick, "--no-code-on-media"]].concat();
            let (code, said) = into(nowhere, &bench, &args, "");
            assert_eq!(code, lost(), "{nowhere:?} {json:?}: {said}");
            assert_eq!(bench.lab.state()["codes"]["made"], 0, "{nowhere:?} {json:?}: {said}");
        }
    }
    // On the medium it is not lost, whatever became of what was said.
    let (code, said) = into(Nowhere::Null, &bench, &["request", NAME, &stick], "");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_code_whose_reader_goes_away_is_kept_for_its_owner_alone() {
    let bench = Bench::new(&[]);
    let mut command = bench.command(INSIDE, &["request", NAME, &bench.stick(), "--no-code-on-media"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    reader.read_line(&mut line).expect("reads");
    assert!(line.contains("base 3.3.2"), "{line}");
    drop(reader);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(lost()), "{said}");
    let kept = said.split("it is kept in ").nth(1).and_then(|rest| rest.lines().next()).expect("it is told where");
    let mode = std::fs::metadata(kept).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let code = std::fs::read_to_string(kept).expect("reads");
    assert!(code.trim().len() > 10 && !said.contains(code.trim()), "{said}");
    assert!(said.contains(&format!("rm {kept}")), "{said}");
}

#[test]
fn an_agreement_that_nobody_could_read_is_not_accepted() {
    for nowhere in [Nowhere::Full, Nowhere::Gone] {
        let bench = Bench::new(&["--fault", "login-agreement"]);
        let (code, said) = into(nowhere, &bench, &["status", NAME], "y\n");
        assert_eq!(code, i32::from(Exit::LoginAgreement.code()), "{said}");
        assert!(said.contains("can't be written to standard output"), "{said}");
        assert_eq!((&bench.lab.state()["login_agreements"], &bench.lab.state()["logins"]), (&0.into(), &0.into()));

        bench.lab.control(&["fault", "login-agreement", "--clear"]);
        let (code, said) = into(nowhere, &bench, &["push", &bench.stick(), NAME], "y\ny\ny\n");
        assert_ne!(code, 0, "{said}");
        assert_ne!(code, i32::from(WAITING), "{said}");
        let journal = std::fs::read_to_string(bench.journal()).unwrap_or_default();
        assert!(!journal.contains("eula-accepted") && !journal.contains("eula-shown"), "{journal}");
        assert!(!bench.lab.installs().iter().any(|title| title.starts_with("Bomgar")), "{:?}", bench.lab.installs());
    }
}

#[test]
fn an_agreement_is_not_shown_to_streams_that_are_closed() {
    let bench = Bench::new(&["--fault", "login-agreement"]);
    let line = "exec \"$0\" \"$@\" >&- 2>&-";
    let mut command = Command::new("sh");
    command.args(["-c", line, INSIDE, "status", NAME]).env("HANDCARRY_HOME", bench.path("home"));
    crate::support::said::run(&mut command, "y\n").ends(Exit::LoginAgreement.code());
    assert_eq!(bench.lab.state()["login_agreements"], 0);
}

#[test]
fn where_words_are_thrown_away_the_agreement_is_shown_where_it_is_asked() {
    let bench = Bench::new(&["--fault", "login-agreement"]);
    let (code, said) = into(Nowhere::Null, &bench, &["status", NAME], "y\n");
    assert_eq!(code, 0, "{said}");
    let (text, question) = (said.find("for authorised use only"), said.find("Do you accept"));
    assert!(text.is_some() && text < question, "{said}");
}

#[test]
fn a_reader_that_goes_away_spoils_no_listing_and_a_full_disk_does() {
    let bench = Bench::new(&[]);
    let listings: [&[&str]; 5] =
        [&["list"], &["trust", "list"], &["--json", "list"], &["status", NAME], &["verify", &bench.stick()]];
    for args in listings {
        let (code, said) = into(Nowhere::Gone, &bench, args, "");
        assert_eq!(code, 0, "{args:?}: {said}");
        let (code, said) = into(Nowhere::Null, &bench, args, "");
        assert_eq!(code, 0, "{args:?}: {said}");
        let (code, said) = into(Nowhere::Full, &bench, args, "");
        assert_eq!(code, lost(), "{args:?}: {said}");
        assert!(said.contains("error: what this run says can't be written to standard output: No space"), "{said}");
    }
    // What went wrong otherwise keeps its own code, and the loss is told beside it.
    let (code, said) = into(Nowhere::Full, &bench, &["status", "nobody"], "");
    assert_eq!(code, i32::from(Exit::NotFound.code()), "{said}");
}

#[test]
fn what_goes_onto_the_stick_is_readable_whatever_the_umask() {
    let bench = Bench::new(&[]);
    let strict = |program: &str, args: &[&str], answers: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", "umask 077; exec \"$0\" \"$@\"", program]).args(args);
        command.env("HANDCARRY_HOME", bench.path("home")).env("NO_COLOR", "1");
        crate::support::said::run(&mut command, answers)
    };
    let stick = bench.path("strict").display().to_string();
    std::fs::create_dir(&stick).expect("a stick");
    strict(INSIDE, &["request", NAME, &stick], "").ends(0);
    strict(OUTSIDE, &["write", &stick, "--volume-size", "3M", "--parity", "10"], "").ends(0);
    strict(INSIDE, &["trust", "export", &stick], "").ends(0);
    bench.push("y\ny\ny\n").ends(WAITING);
    strict(INSIDE, &["receipt", NAME, &stick, "--offline"], "").ends(0);
    let mut seen = Vec::new();
    for entry in walkdir::WalkDir::new(bench.path("strict/handcarry")) {
        let entry = entry.expect("listed");
        let mode = entry.metadata().expect("looked at").permissions().mode() & 0o777;
        let wanted = if entry.file_type().is_dir() { 0o755 } else { 0o644 };
        assert_eq!(mode, wanted, "{}", entry.path().display());
        seen.push(entry.path().display().to_string());
    }
    for part in ["requests/", "bundles/", "receipts/", "trust/", ".recovery.", ".sig"] {
        assert!(seen.iter().any(|path| path.contains(part)), "{part}: {seen:?}");
    }
    // And what is to be its owner's alone is that, under an umask that opens all.
    let secret = bench.path("home/inside");
    for entry in walkdir::WalkDir::new(secret).into_iter().flatten().filter(|entry| entry.file_type().is_file()) {
        let mode = entry.metadata().expect("looked at").permissions().mode();
        let public = entry.path().extension().is_some_and(|extension| extension == "pub" || extension == "lock");
        assert!(public || mode & 0o077 == 0, "{}: {mode:o}", entry.path().display());
    }
}
