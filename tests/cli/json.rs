//! With `--json` standard output carries one JSON object a line and nothing
//! else, of results and errors alike.

use crate::cli::prompt::Prompt;
use serde_json::Value;

/// Runs a line with `--json` and returns its exit code and its events.
fn events(prompt: &Prompt, line: &str) -> (Option<i32>, Vec<Value>) {
    let answer = prompt.stdout(line);
    let event = |text: &str| {
        let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{line}: {error}: {text}"));
        assert!(value["event"].is_string(), "{line}: no event: {text}");
        assert_eq!(value["v"], 1, "{line}: of which version? {text}");
        value
    };
    (answer.code, answer.shown.lines().map(event).collect())
}

#[test]
fn results_are_events() {
    let prompt = Prompt::new();
    for (line, wanted) in [
        ("handcarry-outside --json keygen --no-passphrase", "key"),
        ("handcarry-inside --json keygen --no-passphrase", "key"),
        (
            "handcarry-inside --json trust add home/outside/keys/signing.pub --fingerprint \
             \"$(ssh-keygen -lf home/outside/keys/signing.pub | cut -d' ' -f2)\"",
            "trusted",
        ),
        ("handcarry-inside --json trust list", "signer"),
        ("head -c 9000 /dev/zero | tr '\\0' '\\201' > Base-3.4.0.nss", ""),
        ("handcarry-outside --json import Base-3.4.0.nss --by ana --requires base=3.3.2 --for LAB-1", "package"),
        ("handcarry-outside --json vault", "package"),
        ("mkdir stick", ""),
        (
            "handcarry-outside --json seal --from ana --appliance LAB-1 --model B200 --host a.example.com --write stick",
            "written",
        ),
        ("handcarry-inside --json verify stick", "verified"),
        ("handcarry-inside --json list", ""),
        ("HANDCARRY_MEDIA=$PWD handcarry-inside --json media list", "medium"),
        ("handcarry-inside --json", "next"),
        ("handcarry-outside --json next", "next"),
    ] {
        let (code, events) = events(&prompt, line);
        assert_eq!(code, Some(0), "{line}: {events:?}");
        assert!(wanted.is_empty() || events.iter().any(|event| event["event"] == wanted), "{line}: {events:?}");
        assert!(events.iter().all(|event| event["event"] != "error"), "{line}: {events:?}");
    }
}

#[test]
fn errors_are_events_with_their_code() {
    let prompt = Prompt::new();
    for (line, code, exit) in [
        ("handcarry-inside --json trust list", "no-trust", 25),
        ("handcarry-inside --json probe branch", "not-found", 4),
        ("handcarry-outside --json receive /no/such/stick", "media-missing", 10),
        ("handcarry-outside --json fetch", "usage", 2),
        ("handcarry-outside nonsense --json", "usage", 2),
        ("handcarry-inside --json take", "usage", 2),
        ("handcarry-inside --json push", "usage", 2),
        ("handcarry-inside --json audit branch", "not-found", 4),
    ] {
        let (ended, events) = events(&prompt, line);
        assert_eq!(ended, Some(exit), "{line}: {events:?}");
        let error = events.last().unwrap_or_else(|| panic!("{line}: no event"));
        assert_eq!((&error["event"], &error["code"], &error["exit"]), (&"error".into(), &code.into(), &exit.into()));
        assert!(error["message"].is_string() && error.get("hint").is_some(), "{line}: {error}");
    }
}

#[test]
fn questions_are_events_that_tell_who_answered_and_never_what_was_typed() {
    let prompt = Prompt::new();
    let line = "\"$(cat home/outside/keys/signing.pub)\"";
    let told = "\"$(ssh-keygen -lf home/outside/keys/signing.pub | cut -d' ' -f2)\"";
    for (typed, asks, answered, yes, by) in [
        ("printf 'hush-hush\\nhush-hush\\n' | handcarry-outside --json keygen", "secret", true, None, "pipe"),
        (&format!("handcarry-inside --json trust add {line}"), "yes-or-no", false, None, "nobody"),
        (&format!("echo n | handcarry-inside --json trust add {line}"), "yes-or-no", true, Some(false), "pipe"),
        (
            &format!("handcarry-inside --json trust add {line} --fingerprint {told}"),
            "yes-or-no",
            true,
            Some(true),
            "option",
        ),
    ] {
        let (_, events) = events(&prompt, typed);
        let asked =
            events.iter().find(|event| event["event"] == "question").unwrap_or_else(|| panic!("{typed}: {events:?}"));
        assert_eq!(
            (&asked["asks"], &asked["answered"], asked["yes"].as_bool(), &asked["by"]),
            (&asks.into(), &answered.into(), yes, &by.into()),
            "{typed}"
        );
        assert!(asked["question"].is_string(), "{asked}");
        assert!(events.iter().all(|event| !event.to_string().contains("hush")), "{events:?}");
    }
}

#[test]
fn all_events_of_a_run_tell_the_same_run_and_no_other_run_does() {
    let prompt = Prompt::new();
    // What differs from run to run is made constant by the prompt, so the shell compares.
    let runs = "grep -o '\"run\":\"[0-9a-f]*\"' | sort | uniq -c | wc -l";
    let one = format!("handcarry-outside --json keygen --no-passphrase | {runs}");
    assert_eq!(prompt.stdout(&one).shown.trim(), "1");
    let two = format!("(handcarry-outside --json next; handcarry-outside --json next) | {runs}");
    assert_eq!(prompt.stdout(&two).shown.trim(), "2");
}
