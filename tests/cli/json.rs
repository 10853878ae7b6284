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
        ("handcarry-inside --json verify", "usage", 2),
        ("handcarry-inside --json", "usage", 2),
        ("handcarry-inside --json audit branch", "not-found", 4),
    ] {
        let (ended, events) = events(&prompt, line);
        assert_eq!(ended, Some(exit), "{line}: {events:?}");
        let error = events.last().unwrap_or_else(|| panic!("{line}: no event"));
        assert_eq!((&error["event"], &error["code"], &error["exit"]), (&"error".into(), &code.into(), &exit.into()));
        assert!(error["message"].is_string() && error.get("hint").is_some(), "{line}: {error}");
    }
}
