//! Standard output that can't be written, and what is typed with something missing.

use crate::cli::prompt::Prompt;
use handcarry::testing::model::Exit;

fn lost() -> Option<i32> {
    Some(Exit::OutputLost.code().into())
}

/// The code of the first program of a pipe.
fn of_first(prompt: &Prompt, line: &str) -> (Option<i32>, String) {
    let answer = prompt.run(&format!("bash -c '{line}; exit ${{PIPESTATUS[0]}}'"));
    (answer.code, answer.shown)
}

/// Makes a key and trusts it, so that there is something to list.
fn signer(prompt: &Prompt) {
    prompt.run("handcarry-inside keygen --no-passphrase --principal a");
    let added = prompt.run("echo y | handcarry-inside trust add home/inside/keys/signing.pub");
    assert_eq!(added.code, Some(0), "{}", added.shown);
}

/// What prints on standard output without an appliance.
const PRINTING: [&str; 6] = [
    "handcarry-inside --help",
    "handcarry-inside --version",
    "handcarry-inside --generate man",
    "handcarry-outside --generate bash",
    "handcarry-inside trust list",
    "handcarry-inside --json trust list",
];

#[test]
fn what_cannot_be_written_is_an_error_with_a_code_of_its_own() {
    let prompt = Prompt::new();
    signer(&prompt);
    for line in PRINTING.into_iter().chain(["handcarry-outside keygen --no-passphrase --principal b"]) {
        let answer = prompt.run(&format!("{line} >/dev/full"));
        assert_eq!(answer.code, lost(), "{line}: {}", answer.shown);
        assert!(
            answer.shown.contains("can't be written to standard output: No space left"),
            "{line}: {}",
            answer.shown
        );
        assert!(answer.shown.contains("\nhint: have its output go where there is room"), "{line}: {}", answer.shown);
    }
    // The line that keygen printed can be had again: the key is there.
    let again = prompt.run("cat home/outside/keys/signing.pub");
    assert!(again.shown.starts_with("ssh-ed25519 "), "{}", again.shown);
    // Another failure keeps its own code.
    let answer = prompt.run("handcarry-inside verify missing >/dev/full");
    assert_eq!(answer.code, Some(Exit::MediaMissing.code().into()), "{}", answer.shown);
}

#[test]
fn a_reader_that_went_away_is_no_error_of_a_listing() {
    let prompt = Prompt::new();
    signer(&prompt);
    for line in PRINTING {
        let (code, shown) = of_first(&prompt, &format!("{line} | true"));
        assert_eq!(code, Some(0), "{line}: {shown}");
    }
}

#[test]
fn what_is_missing_is_named_as_what_it_is() {
    let prompt = Prompt::new();
    prompt.run("mkdir stick");
    for verb in ["request", "receipt"] {
        let no_medium = prompt.run(&format!("handcarry-inside {verb} alpha"));
        assert_eq!(no_medium.code, Some(2), "{}", no_medium.shown);
        assert!(no_medium.shown.contains("error: no medium was named, only alpha"), "{}", no_medium.shown);
        assert!(
            no_medium.shown.contains(&format!("hint: say the medium too: {verb} alpha MEDIA")),
            "{}",
            no_medium.shown
        );
        let no_name = prompt.run(&format!("handcarry-inside {verb} stick"));
        assert_eq!(no_name.code, Some(2), "{}", no_name.shown);
        assert!(no_name.shown.contains("error: no appliance was named, only the medium stick"), "{}", no_name.shown);
        assert!(no_name.shown.contains(&format!("{verb} NAME stick")), "{}", no_name.shown);
    }
    // Elsewhere the whole of it stands beside what is missing.
    for verb in ["take", "enroll"] {
        let answer = prompt.run(&format!("handcarry-inside {verb}"));
        assert_eq!(answer.code, Some(2), "{}", answer.shown);
        assert!(answer.shown.contains("not provided: "), "{}", answer.shown);
        assert!(answer.shown.contains(&format!("hint: it is typed so: handcarry-inside {verb} ")), "{}", answer.shown);
    }
    for verb in ["push", "plan", "rehearse"] {
        let answer = prompt.run(&format!("handcarry-inside {verb} stick"));
        assert_eq!(answer.code, Some(2), "{}", answer.shown);
        assert!(answer.shown.contains("error: no appliance was named, only the medium stick"), "{}", answer.shown);
        assert!(answer.shown.contains(&format!("handcarry-inside {verb} stick NAME")), "{}", answer.shown);
    }
}

#[test]
fn a_file_is_what_its_name_says_or_is_refused() {
    let prompt = Prompt::new();
    for name in ["x.pdf", "y.PDF", "z.docx", "q.json"] {
        let answer = prompt.run(&format!("handcarry-inside after box --write {name}"));
        assert_eq!(answer.code, Some(2), "{name}: {}", answer.shown);
        assert!(answer.shown.contains("what is written is a page or text"), "{name}: {}", answer.shown);
    }
    // Nothing is said of a name that promises what is written.
    for name in ["x.html", "y.HTM", "z.txt", "q.md", "plain"] {
        let answer = prompt.run(&format!("handcarry-inside after box --write {name}"));
        assert_eq!(answer.code, Some(Exit::NotFound.code().into()), "{name}: {}", answer.shown);
    }
}
