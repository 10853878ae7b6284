//! A migration played through beforehand, from what both appliances showed.

use crate::migration::moving::{Migration, NEW, OLD};
use crate::migration::{OK, STEPS};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

/// Keeps what both show, and rehearses from that.
struct Saved {
    bench: Migration,
    old: String,
    new: String,
}

impl Saved {
    fn new() -> Self {
        let bench = Migration::new("en").without_passphrase();
        let save = |name: &str| {
            let file = bench.path(&format!("{name}.json")).display().to_string();
            bench.inside(&["status", name, "--save", &file], "").ends(OK);
            file
        };
        let (old, new) = (save(OLD), save(NEW));
        Saved { bench, old, new }
    }

    fn rehearse(&self, more: &[&str]) -> Said {
        let stick = self.bench.stick();
        #[rustfmt::skip]
        let words = [
            "rehearse", &stick, OLD, NEW, "--topology", "migrate", "--snapshot", &self.old, "--partner-snapshot", &self.new,
        ];
        self.bench.inside(&[&words[..], more].concat(), "")
    }
}

#[test]
fn a_migration_is_rehearsed_from_snapshots_and_leaves_no_trace() {
    let saved = Saved::new();
    let requests = saved.bench.old.state()["requests"].clone();
    let said = saved.rehearse(&[]).ends(OK);
    for text in [
        "rehearsal on two simulated appliances",
        "push is called once:",
        "the real one takes",
        "a person is asked: New passphrase for the exported private key: [here: what only a person knows]",
        "overwrite all that is there? [here: yes]",
        "To erase alpha, type its serial number; Enter leaves it as it is: [here: LAB-0001-BG]",
        "rehearsed to a good end",
    ] {
        assert!(said.has(text), "{text}: {}", said.out);
    }
    let events = saved.rehearse(&["--json"]).ends(OK).json();
    let steps: Vec<&str> =
        events.iter().filter(|e| e["event"] == "pair-step").map(|e| e["id"].as_str().expect("an id")).collect();
    assert_eq!(steps, STEPS);
    let last = events.iter().find(|event| event["event"] == "rehearsal").expect("a summary");
    let (shortest, longest) = (last["shortest_secs"].as_i64(), last["longest_secs"].as_i64());
    assert!(shortest > Some(1800) && longest > shortest, "{last}");
    let at: Vec<&str> = last["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|asked| asked["step"].as_str().expect("a step"))
        .collect();
    assert!(at.contains(&"export-certificate") && at.contains(&"reset"), "{at:?}");
    assert_eq!(saved.bench.old.state()["requests"], requests, "neither appliance was asked anything");
    assert_eq!(saved.bench.journal(OLD).lines().count(), 1, "nothing is kept but that it was looked at before");
    assert!(!saved.bench.path("home/inside/certificates").exists());
}

#[test]
fn what_can_go_wrong_while_a_site_moves_is_rehearsed_by_name() {
    let saved = Saved::new();
    for (fault, exit, words) in [
        ("import-refused", Exit::WrongPassphrase, "the passphrase is wrong"),
        ("certificate-warning", Exit::CertificateWarning, "the chain is incomplete"),
        ("restore-refused", Exit::RestoreRefused, "did not restore the settings"),
        ("reset-hangs@old", Exit::ResetUnfinished, "the reset of alpha is not over"),
        ("install-fails@new", Exit::BaseTrouble, "DO NOT RESTART THE APPLIANCE"),
    ] {
        let said = saved.rehearse(&["--fault", fault]).ends(exit.code());
        assert!(said.has(words), "{fault}: {}", said.out);
        assert!(said.has("rehearsed to a good end"), "{fault} is put right, and it goes on: {}", said.out);
        assert!(!said.has("did not strike"), "{fault}: {}", said.err);
    }
    let by_hand =
        saved.rehearse(&["--fault", "by-hand-import", "--fault", "restore-answer-lost", "--keep-old"]).ends(OK);
    assert!(by_hand.has("is the certificate imported there?"), "{}", by_hand.out);
    assert!(by_hand.has("are the settings of alpha there?"), "{}", by_hand.out);
    assert!(!by_hand.has("type its serial number"), "{}", by_hand.out);
    let other = saved.rehearse(&["--fault", "sync-never-ends"]).ends(Exit::Usage.code());
    assert!(other.has("can't befall migrate"), "{}", other.err);
    let side = saved.rehearse(&["--fault", "reset-hangs@c"]).ends(Exit::Usage.code());
    assert!(side.has("strikes OLD or NEW"), "{}", side.err);
    let stick = saved.bench.stick();
    let alone = saved.bench.inside(&["rehearse", &stick, NEW, "--fault", "reset-hangs"], "").ends(Exit::Usage.code());
    assert!(alone.has("befalls two appliances, and one is rehearsed"), "{}", alone.err);
}
