//! Sessions at a prompt, as golden files under tests/cli/sessions/.
//!
//! A session begins in an empty folder. A line that begins with `$ ` is typed;
//! what follows, up to the next one, is what came: standard output and standard
//! error as they mixed, and `[exit N]` where N is not 0. Lines that begin with
//! `# ` stay as they are. Keys, fingerprints, ids and the folder's path are
//! replaced by a fixed text. `HANDCARRY_BLESS=1 cargo test --test fast cli::` writes
//! what comes into the files.

use crate::cli::prompt::{Prompt, bless, golden};
use std::path::Path;

/// Types what a session types, and returns it with what came.
fn play(session: &str) -> String {
    let prompt = Prompt::new();
    let mut played = String::new();
    for line in session.lines().filter(|line| line.starts_with("$ ") || line.starts_with("# ")) {
        let under_a_note = line.starts_with("$ ") && played.lines().last().is_some_and(is_note);
        if !played.is_empty() && !under_a_note {
            played.push('\n');
        }
        played.push_str(&format!("{line}\n"));
        let Some(typed) = line.strip_prefix("$ ") else { continue };
        let answer = prompt.run(typed);
        for shown in answer.shown.lines() {
            played.push_str(&format!("{}\n", shown.trim_end()));
        }
        match answer.code {
            Some(0) => {}
            Some(code) => played.push_str(&format!("[exit {code}]\n")),
            None => played.push_str("[killed]\n"),
        }
    }
    played
}

fn is_note(line: &str) -> bool {
    line.starts_with("# ")
}

fn each(look: impl Fn(&Path, &str) -> Option<String>) {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(golden("sessions")).expect("the folder is there") {
        let path = entry.expect("readable").path();
        let text = std::fs::read_to_string(&path).expect("a session is text");
        wrong.extend(look(&path, &text));
        count += 1;
    }
    assert!(count > 0, "no session is there");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_session_goes_as_written() {
    each(|path, text| {
        let played = play(text);
        if bless() {
            std::fs::write(path, &played).expect("the session can be written");
        }
        (played != text && !bless()).then(|| {
            let first = played.lines().zip(text.lines()).find(|(now, then)| now != then);
            format!("{} differs, first at {first:?}; it now goes:\n{played}", path.display())
        })
    });
}

#[test]
fn every_failure_in_a_session_is_told_in_house_style() {
    each(|path, text| {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let failure = line.split_once(": error: ").or_else(|| line.split_once(": erro: "));
            let Some((program, message)) = failure else { continue };
            let next = lines.peek().copied().unwrap_or_default();
            // A person who said no knows what next.
            let hinted = (next.starts_with("hint: ") || next.starts_with("dica: ")) && !next.ends_with('.')
                || next == "[exit 5]";
            let styled = program.starts_with("handcarry-") && !message.trim_end_matches("...").ends_with('.');
            if !styled || !hinted {
                return Some(format!("{}: {line}\n  then: {next}", path.display()));
            }
        }
        None
    });
}
