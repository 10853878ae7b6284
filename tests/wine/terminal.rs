//! At a terminal, which Wine has Windows' console draw: colours, progress, a
//! passphrase that is not shown, and Ctrl-C.

use super::Wine;
use std::io::{Read, Write};
use std::process::Stdio;
use std::time::Duration;

/// Runs a program at a terminal; each text that is waited for is answered with what is typed. What it showed, and how
/// it ended.
fn at_terminal(wine: &Wine, program: &str, args: &[&str], typed: &[(&str, &str)]) -> (String, Option<i32>) {
    let plain = wine.command(program, args);
    // `script` has a terminal of its own for what it runs, and ends as that does.
    let mut line = String::from("stty cols 200 && exec");
    for word in std::iter::once(plain.get_program()).chain(plain.get_args()) {
        line.push_str(&format!(" '{}'", word.to_str().expect("UTF-8")));
    }
    // What is waited for in vain is an error, too.
    let mut script = std::process::Command::new("timeout");
    script.args(["--foreground", "120", "script", "--quiet", "--return", "--command", &line, "/dev/null"]);
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    script.env("TERM", "xterm").env_remove("NO_COLOR").current_dir(wine.on_c(""));
    let mut child =
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("script is there");
    let (mut keyboard, mut screen) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let (mut shown, mut typed, mut room) = (String::new(), typed.iter(), [0; 4096]);
    let mut next = typed.next();
    loop {
        match screen.read(&mut room) {
            Ok(0) | Err(_) => break,
            Ok(count) => shown.push_str(&String::from_utf8_lossy(&room[..count])),
        }
        if let Some((_, answer)) = next.filter(|(text, _)| shown.contains(text)) {
            // As a person: the question stands a moment before it is answered, and is not shown any more by then.
            std::thread::sleep(Duration::from_millis(500));
            keyboard.write_all(answer.as_bytes()).expect("typed");
            next = typed.next();
        }
    }
    assert!(next.is_none(), "{next:?} was not shown: {shown}");
    (shown, child.wait().expect("it ends").code())
}

#[test]
fn a_passphrase_is_typed_unseen_and_errors_have_colours() {
    let wine = Wine::new();
    let words = [("New passphrase for", "geheim\r"), ("The same again:", "geheim\r")];
    let (shown, code) = at_terminal(&wine, "handcarry-outside.exe", &["keygen", "--principal", "ana"], &words);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains(r"C:\hc\outside\keys\signing") && !shown.contains("geheim"), "{shown}");
    let (shown, code) = at_terminal(&wine, "handcarry-inside.exe", &["verify", "E:"], &[]);
    assert_eq!(code, Some(20), "{shown}");
    assert!(shown.contains("\u{1b}[31;1merror") && shown.contains("\u{1b}[36mhint"), "{shown:?}");
}

#[test]
fn progress_is_drawn_and_ctrl_c_says_how_to_go_on() {
    let wine = Wine::new();
    let check = ["media", "check", "E:", "--size", "200M"];
    let (shown, code) = at_terminal(&wine, "handcarry-inside.exe", &check, &[("MiB/s", "\u{3}")]);
    assert_eq!(code, Some(130), "{shown}");
    assert!(shown.contains('░') || shown.contains('█'), "{shown}");
    assert!(shown.contains("to go on: handcarry-inside media check E: --size 200M"), "{shown}");
    // What it left is removed by the next.
    wine.inside(&["media", "check", "E:", "--size", "1M"], "").ends(0).says("an interrupted run left");
}
