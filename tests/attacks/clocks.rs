//! Clocks that are dead or go back, by faketime and by marks.

use crate::attacks::sticks::half;
use crate::attacks::target::{NAME, Target};
use crate::support::faketime;
use handcarry::testing::model::Exit;
use handcarry::testing::trust::{LineOptions, Namespace};

const DEAD: &str = "@1970-01-01 00:02:00";

#[test]
fn dead_clock_of_1970() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    bench.refused_at(Some(DEAD), Exit::ClockUntrusted, "a time before this program was made");
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::Ok);
}

#[test]
fn dead_clock_on_every_verb_that_judges_time() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let stick = bench.stick();
    for args in
        [&["verify", &stick][..], &["request", NAME, &stick], &["receipt", NAME, &stick], &["trust", "apply", &stick]]
    {
        if args[0] == "verify" {
            bench.seal(&bench.manifest(1, 1));
        }
        let said = bench.at(DEAD, args, "");
        said.ends(Exit::ClockUntrusted).says("1970-01-01");
    }
    let outside = |args: &[&str]| {
        let mut command = faketime::under(DEAD, env!("CARGO_BIN_EXE_handcarry-outside"));
        let output = command.args(args).env("HANDCARRY_HOME", bench.path("home")).env("TZ", "UTC").output();
        crate::support::said::Said::from(output.expect("the program starts"))
    };
    for args in [&["fetch", &stick][..], &["seal"], &["write", &stick], &["receive", &stick]] {
        outside(args).ends(Exit::ClockUntrusted).says("1970-01-01");
    }
}

#[test]
fn trusted_time_goes_backwards() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    bench.remember(None, Some(bench.now.plus_secs(7200)), &[], &[]);
    bench.refused(Exit::ClockWentBack, "the clock went back");
    // What one appliance's bundle showed holds for the whole desk.
    bench.inside(&["verify", &bench.stick()], "").ends(Exit::ClockWentBack);
}

#[test]
fn a_clock_set_back_after_a_push() {
    let bench = Target::new();
    bench.seal(&bench.manifest(1, 1));
    bench.push(&[], "y\ny\n").ends(Exit::Ok);
    let mut next = bench.manifest(2, 1);
    next.created = bench.now.plus_secs(-30 * 86_400);
    bench.seal(&next);
    bench.refused_at(Some("-3d"), Exit::ClockWentBack, "the clock went back");
}

#[test]
fn an_expired_signer_does_not_count_without_a_clock() {
    use handcarry::testing::trust::{LineOptions, Namespace};
    let bench = Target::new();
    let mut options = LineOptions::only_for(&[Namespace::Bundle]);
    options.valid_before = Some(bench.now.plus_secs(-30 * 86_400));
    let (signer, line) = bench.key("gone", &options);
    bench.inside(&["trust", "add", &line], "y\n").ends(Exit::Ok);
    bench.seal_by(&signer, Namespace::Bundle, &bench.manifest(1, 1));
    bench.refused(Exit::ThresholdNotMet, "let it count only until");
    // Judged at the time that the manifest itself tells, the key is over too.
    let flags = ["--dangerous-clock", "--reason", "battery is dead, change 4711"];
    for verb in bench.verbs(&flags) {
        let args: Vec<&str> = verb.iter().map(String::as_str).collect();
        bench.at(DEAD, &args, "clock\n").ends(Exit::ThresholdNotMet);
    }
}

#[test]
fn a_time_at_the_calendar_s_end_is_refused_and_stops_nothing() {
    let bench = Target::new();
    let (trust, draft) = (bench.path("stick/handcarry/trust"), bench.path("stick/handcarry-draft-0badcafe"));
    std::fs::create_dir_all(&trust).expect("made");
    std::fs::create_dir_all(&draft).expect("made");
    let manifest = String::from_utf8(handcarry::testing::bundle::manifest_bytes(&bench.manifest(1, 1))).expect("text");
    let sealed = bench.manifest(1, 1).created.to_string();
    let stick = bench.stick();
    for time in ["9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "1969-12-31T23:59:59Z"] {
        let update = serde_json::json!({
            "format": 1, "version": 1, "previous": "00".repeat(32), "created": time, "renew_by": null,
            "threshold": 1, "trust_threshold": 1, "signers": [], "revoked": [], "note": "",
        });
        for name in ["trust-1.json", "in-force.json"] {
            std::fs::write(trust.join(name), update.to_string()).expect("written");
        }
        std::fs::write(draft.join("manifest.json"), manifest.replace(&sealed, time)).expect("written");
        for args in [&["trust", "follow", &stick][..], &["trust", "sign", &stick]] {
            half(&bench, "outside", args, "y\n").ends(Exit::TrustRefused).says("lies in the years 1970 to 9999");
        }
        half(&bench, "outside", &["sign", &stick], "y\n").ends(Exit::ManifestInvalid).says("the years 1970 to 9999");
        // Signed by somebody who is trusted.
        let mut request = serde_json::json!({ "format": 1, "receipt": "0b".repeat(16), "created": time });
        request["appliance"] = serde_json::json!({ "serial": "S", "model": "M", "host": "h" });
        let (signer, line) = bench.key("teller", &LineOptions::default());
        let receipts = bench.path("stick/handcarry/receipts");
        std::fs::create_dir_all(&receipts).expect("made");
        let bytes = request.to_string();
        std::fs::write(receipts.join("a.json"), &bytes).expect("written");
        let signature = signer.sign(Namespace::Receipt, bytes.as_bytes()).expect("signs");
        std::fs::write(receipts.join("a.json.1.sig"), signature).expect("written");
        half(&bench, "outside", &["trust", "add", &line], "y\n").ends(Exit::Ok);
        half(&bench, "outside", &["receive", &stick], "").ends(Exit::Config).says("the years 1970 to 9999");
        for name in ["teller", "teller.pub"] {
            std::fs::remove_file(bench.path(name)).expect("removed");
        }
    }
}
