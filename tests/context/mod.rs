//! Keys and trust through the binaries, held against real OpenSSH.

use crate::support::home::{Home, set_mode};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn key(home: &Home) -> PathBuf {
    home.path("home/outside/keys/signing")
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn openssh_public(key: &Path, passphrase: &str) -> Output {
    Command::new("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(key).output().expect("ssh-keygen is installed")
}

#[test]
fn a_key_is_openssh_s_own_private_and_never_overwritten() {
    let bench = Home::new();
    let made = bench.outside(&["keygen", "--principal", "ana", "--no-passphrase"], "").ends(0);
    assert_eq!(mode(&key(&bench)), 0o600);

    let line = made.out;
    let public = openssh_public(&key(&bench), "");
    assert!(public.status.success(), "{public:?}");
    let public = text(&public.stdout);
    let base64 = public.split_whitespace().nth(1).expect("type and key");
    assert_eq!(line, format!("ana namespaces=\"handcarry-bundle,handcarry-vault\" ssh-ed25519 {base64} ana\n"));

    let before = std::fs::read(key(&bench)).expect("readable");
    bench.outside(&["keygen", "--no-passphrase"], "").ends(7);
    assert_eq!(std::fs::read(key(&bench)).expect("readable"), before);
}

#[test]
fn a_passphrase_from_a_file_encrypts_the_key() {
    let bench = Home::new();
    let secret = bench.private("pass", "correct horse\nsecond line\n");
    let made = bench.outside(&["keygen", "--principal", "ana", "--passphrase-file", &secret], "").ends(0);
    assert!(openssh_public(&key(&bench), "correct horse").status.success());
    assert!(!openssh_public(&key(&bench), "wrong").status.success());
    assert!(!made.err.contains("correct horse"));
}

#[test]
fn a_passphrase_file_that_others_can_read_is_refused() {
    let bench = Home::new();
    let secret = bench.private("pass", "correct horse\n");
    set_mode(Path::new(&secret), 0o644);
    let refused = bench.outside(&["keygen", "--passphrase-file", &secret], "").ends(40);
    assert!(refused.err.contains("hint: close it: chmod 600"), "{refused:?}");
    assert!(!key(&bench).exists());
}

#[test]
fn two_different_passphrases_make_no_key() {
    let bench = Home::new();
    bench.outside(&["keygen"], "one\ntwo\n").ends(41);
    bench.outside(&["keygen"], "\n\n").ends(5);
    assert!(!key(&bench).exists());
}

/// Drives the program at a pseudo-terminal, as a person sits at one.
const AT_A_TERMINAL: &str = r#"
import os, pty, sys, termios, time
pid, master = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
answered = 0
while True:
    try:
        part = os.read(master, 1024)
    except OSError:
        break
    if not part:
        break
    shown += part
    if shown.count(b"signing:") + shown.count(b"again:") > answered and answered < 2:
        answered += 1
        # A person types after the echo is off, a moment after the prompt.
        patience = time.monotonic() + 10
        while termios.tcgetattr(master)[3] & termios.ECHO and time.monotonic() < patience:
            time.sleep(0.01)
        os.write(master, b"hunter2hunter2\n")
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

#[test]
fn at_a_terminal_the_passphrase_is_asked_for_twice_and_not_shown() {
    let bench = Home::new();
    let output = Command::new("python3")
        .args(["-c", AT_A_TERMINAL, env!("CARGO_BIN_EXE_handcarry-outside"), "keygen", "--principal", "ana"])
        .env("HANDCARRY_HOME", bench.path("home"))
        .output()
        .expect("python3 is installed");
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{shown}\n{}", text(&output.stderr));
    assert!(shown.contains("New passphrase for ") && shown.contains("The same again:"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(openssh_public(&key(&bench), "hunter2hunter2").status.success());
}

#[test]
fn trust_is_given_to_a_line_a_file_or_a_bare_key_and_listed() {
    let bench = Home::new();
    let line = bench.outside(&["keygen", "--principal", "ana", "--no-passphrase"], "").out;
    bench.inside(&["trust", "add", line.trim()], "y\n").ends(0);

    let other = bench.path("id");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "bruno@desk", "-f"])
        .arg(&other)
        .status();
    assert!(made.expect("ssh-keygen is installed").success());
    let bare = bench.path("id.pub").display().to_string();
    bench.inside(&["trust", "add", &bare], "y\n").ends(0);

    let listed = bench.inside(&["trust", "list"], "").out;
    assert!(listed.contains("ana  SHA256:") && listed.contains("bruno@desk  SHA256:"), "{listed}");
    assert!(listed.contains("Signatures needed: 1"), "{listed}");
    let kept = std::fs::read_to_string(bench.path("home/inside/trust/allowed_signers")).expect("kept");
    assert!(kept.contains("bruno@desk namespaces=\"handcarry-bundle,handcarry-vault\" ssh-ed25519 "), "{kept}");

    let events = bench.inside(&["--json", "trust", "list"], "").json();
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|event| event["event"] == "signer"), "{events:?}");

    bench.inside(&["trust", "add", line.trim()], "y\n").ends(7);
}

#[test]
fn only_the_lines_that_were_shown_are_kept() {
    let bench = Home::new();
    let key = |name: &str, kind: &[&str]| {
        let path = bench.path(name);
        let mut made = Command::new("ssh-keygen");
        made.args(["-q", "-N", "", "-C", name, "-t"]).args(kind).arg("-f").arg(&path);
        assert!(made.status().expect("ssh-keygen is installed").success());
        let public = std::fs::read_to_string(path.with_extension("pub")).expect("made");
        public.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    };
    let (ana, rsa, authority) = (key("ana", &["ed25519"]), key("rsa", &["rsa", "-b", "2048"]), key("ca", &["ed25519"]));
    let file = bench.path("ana.signers");
    let lines = format!(
        "# ana@outside, and nobody else\nana@outside NAMESPACES=\"handcarry-bundle\"  {ana} a comment\n\
         ana@outside {rsa}\n*@outside cert-authority {authority}\n"
    );
    std::fs::write(&file, lines).expect("written");
    let file = file.display().to_string();
    let kept = || std::fs::read_to_string(bench.path("home/inside/trust/allowed_signers")).expect("kept");
    let fingerprint = Command::new("ssh-keygen").args(["-lf", &bench.path("ana.pub").display().to_string()]).output();
    let fingerprint = text(&fingerprint.expect("ssh-keygen runs").stdout);
    let fingerprint = fingerprint.split_whitespace().nth(1).expect("a fingerprint");
    for (args, input) in [(vec!["--fingerprint", fingerprint], ""), (vec!["--quiet"], "y\n")] {
        let args: Vec<&str> = ["trust", "add", &file].into_iter().chain(args).collect();
        let added = bench.inside(&args, input).ends(0);
        let said = &added.err;
        assert!(said.contains("not kept: line 3, ana@outside: it is an RSA key of type ssh-rsa"), "{said}");
        assert!(said.contains("not kept: line 4, *@outside"), "{said}");
        assert!(added.out.contains(fingerprint), "{added:?}");
        assert_eq!(kept(), format!("ana@outside namespaces=\"handcarry-bundle\" {ana} a comment\n"));
        std::fs::remove_file(bench.path("home/inside/trust/allowed_signers")).expect("removed");
    }
    // What somebody wrote into the file by hand is told for what it is.
    let by_hand = format!("ana@outside {ana}\nana@outside {rsa}\n*@outside cert-authority {authority}\n");
    std::fs::write(bench.path("home/inside/trust/allowed_signers"), by_hand).expect("written");
    let listed = bench.inside(&["trust", "list"], "").out;
    assert!(listed.contains("Not used: line 2, ana@outside: it is an RSA key of type ssh-rsa"), "{listed}");
    assert!(listed.contains("as a certificate authority: it never counts here"), "{listed}");
}

#[test]
fn trust_is_not_given_without_a_yes_of_a_person() {
    let bench = Home::new();
    let line = bench.outside(&["keygen", "--principal", "ana", "--no-passphrase"], "").out;
    for (args, input, exit) in [
        (vec!["trust", "add", line.trim()], "n\n", 5),
        (vec!["trust", "add", line.trim()], "", 5),
        (vec!["--yes", "trust", "add", line.trim()], "", 5),
        (vec!["trust", "add", line.trim(), "--fingerprint", "SHA256:other"], "y\n", 40),
        (vec!["trust", "add", "no key at all"], "y\n", 40),
    ] {
        let refused = bench.inside(&args, input);
        assert!(refused.code == exit || (refused.code == 3 && exit == 40), "{args:?}: {refused:?}");
        assert!(refused.err.contains("hint: ") || exit == 5, "{refused:?}");
    }
    assert!(!bench.path("home/inside/trust/allowed_signers").exists());
    bench.inside(&["trust", "list"], "").ends(25);
}

#[test]
fn a_fingerprint_told_beforehand_answers_the_question() {
    let bench = Home::new();
    let made = bench.outside(&["--json", "keygen", "--principal", "ana", "--no-passphrase"], "");
    let event: serde_json::Value = serde_json::from_str(made.out.trim()).expect("one JSON line");
    let (line, fingerprint) =
        (event["allowed_signers"].as_str().expect("text"), event["fingerprint"].as_str().expect("text"));
    bench.inside(&["trust", "add", line, "--fingerprint", fingerprint], "").ends(0);
}
