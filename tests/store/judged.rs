//! A bundle that was taken is judged when it is used, by what holds then.

use super::{again, carried};
use handcarry::testing::inventory::Identity;
use handcarry::testing::model::Exit;
use serde_json::json;

#[test]
fn what_was_taken_yesterday_is_refused_today() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let entry = "[appliances.box]\nurl = \"https://h\"\nserial = \"LAB-1\"\ndriver = \"guided\"\n";
    std::fs::write(home.inventory(), entry).expect("written");
    let verify = ["verify", "--appliance", "box"];
    home.inside(&verify, "").ends(0);

    let revoked = again(&home);
    let key = revoked.inside(&["trust", "list"], "").out;
    let key =
        key.split_whitespace().find(|word| word.starts_with("SHA256:")).expect("a key").trim_end_matches([')', ',']);
    std::fs::write(revoked.path("home/inside/trust/policy.toml"), format!("threshold = 1\nrevoked = [\"{key}\"]\n"))
        .expect("written");
    // Nobody else is trusted.
    revoked.inside(&verify, "").ends(Exit::NoTrust);
    revoked.inside(&["store", "list"], "").ends(0).says("refused now");

    let untrusting = again(&home);
    std::fs::write(untrusting.path("home/inside/trust/allowed_signers"), "").expect("written");
    untrusting.inside(&verify, "").ends(Exit::NoTrust);

    let marks = |accepted: serde_json::Value, used: serde_json::Value| json!({ "format": 1, "serial": "LAB-1", "accepted": accepted, "last_trusted": null, "used": used, "requests": [] });
    let bundle = home.inside(&["--json", "store", "list"], "").event("kept")["bundle"].clone();
    let passed = marks(json!({ "sequence": 9, "bundle": "cc".repeat(16) }), json!([]));
    let used = marks(serde_json::Value::Null, json!([bundle]));
    for (marks, exit) in [(passed, Exit::Rollback), (used, Exit::Replayed)] {
        let home = again(&home);
        let file = home.path(&format!("home/inside/marks/{}.json", Identity::of("LAB-1").key()));
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        std::fs::write(file, marks.to_string()).expect("written");
        home.inside(&verify, "").ends(exit);
    }

    let mut late = home.at("+100d", crate::support::said::INSIDE, &verify);
    crate::support::said::run(&mut late, "").ends(Exit::Expired);
}

#[test]
fn without_anything_kept_it_says_what_to_do() {
    let home = carried(&[]);
    for verb in [&["verify"][..], &["store", "list"], &["store", "check"], &["store", "export", "x", "out"]] {
        home.inside(verb, "").ends(Exit::NoBundle).says("handcarry-inside take MEDIA");
    }
    home.inside(&["store", "prune"], "").ends(Exit::NothingToDo);
    home.inside(&["take", "stick"], "").ends(0);
    home.inside(&["store", "export", "nothing", "out"], "").ends(Exit::NotFound).says("store list");
    home.inside(&["store", "prune"], "").ends(Exit::NothingToDo).says("stays: ");
}

#[test]
fn words_are_told_apart_by_their_number() {
    let home = carried(&[]);
    let entry = "[appliances.box]\nurl = \"https://h\"\nserial = \"LAB-1\"\ndriver = \"guided\"\n";
    std::fs::create_dir_all(home.path("home/inside")).expect("made");
    std::fs::write(home.inventory(), entry).expect("written");
    home.inside(&["plan"], "").ends(Exit::Usage).says("no appliance was named");
    for verb in ["plan", "push", "rehearse"] {
        home.inside(&[verb, "stick"], "").ends(Exit::Usage).says("only the medium stick");
        home.inside(&[verb, "box", "--topology", "failover-sync"], "").ends(Exit::Usage).says("one was named");
        home.inside(&[verb, "other", "box", "--topology", "failover-sync"], "").ends(Exit::NotFound).says("other");
        home.inside(&[verb, "stick", "other", "box", "--topology", "failover-sync"], "").ends(Exit::NotFound);
        home.inside(&[verb, "stick", "other", "box"], "").ends(Exit::Usage);
    }
    // A folder of that name makes an appliance no medium.
    std::fs::create_dir(home.path("box")).expect("made");
    assert_ne!(home.inside(&["plan", "box"], "").code, 2);
}

#[test]
fn what_is_not_signed_leaves_nothing_behind() {
    let home = carried(&[]);
    std::fs::write(home.path("home/inside/trust/allowed_signers"), "").expect("written");
    home.inside(&["take", "stick"], "").ends(Exit::NoTrust);
    assert!(crate::support::home::files(&home.path("home/inside/store")).iter().all(|file| file.ends_with("lock")));
}

#[test]
fn what_expired_and_was_never_begun_goes_on_a_persons_word() {
    let home = carried(&[]);
    home.inside(&["take", "stick"], "").ends(0);
    let prune = |days: &str, more: &[&str], answers: &str| {
        let args = [&["store", "prune"], more].concat();
        crate::support::said::run(&mut home.at(days, crate::support::said::INSIDE, &args), answers)
    };
    prune("+80d", &["--expired"], "y\n").ends(Exit::NothingToDo).says("stays: ");
    prune("+100d", &[], "y\n").ends(Exit::NothingToDo).says("--expired");
    prune("+100d", &["--expired", "--dry-run"], "").ends(0).says("would go");
    prune("+100d", &["--expired"], "").ends(Exit::Declined);
    prune("+100d", &["--expired", "--yes"], "n\n").ends(Exit::Declined);
    assert_eq!(super::objects(&home).len(), 2);
    prune("+100d", &["--expired"], "y\n").ends(0).says("2 packages that no bundle lists any more");
    assert!(super::objects(&home).is_empty());
}
