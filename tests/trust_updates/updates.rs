//! Proposing, signing, carrying, applying; and everything an update must not do.

use crate::trust_updates::people::{People, beside, text_of};
use handcarry::testing::model::Timestamp;
use handcarry::testing::trust::{AllowedSigners, LineOptions, TrustUpdate};

/// Two people change what the inside trusts, each command as typed.
#[test]
fn two_people_add_a_third_and_revoke_a_lost_key() {
    let bench = People::new();
    let (stick, stick_arg) = (bench.path("stick/handcarry/trust"), bench.stick());
    bench.bootstrap(&["ana", "bia"], 2);
    bench.outside(&["trust", "propose", &stick_arg, "--threshold", "1"], "y\n").ends(25);
    bench.inside(&["trust", "export", &stick_arg], "").ends(0).says("Trust version 0");
    bench.outside(&["--yes", "trust", "follow", &stick_arg], "").ends(0);
    bench.outside(&["trust", "list"], "").ends(25).says("the inside trusts:").says("bia");

    let (ana, bia, caio) = (bench.key_arg("ana"), bench.key_arg("bia"), bench.line("caio"));
    let propose = ["trust", "propose", &stick_arg, "--revoke", "bia", "--add", &caio, "--note", "bia's laptop is lost"];
    bench
        .outside(&propose, "y\n")
        .ends(0)
        .says("Trust version 0 → 1")
        .says("adds     caio  SHA256:")
        .says("removes  bia")
        .says(&format!("revokes  {}", bench.fingerprint("bia")))
        .says("needs    2 distinct keys, as before")
        .says("bia's laptop is lost");
    bench.outside(&propose, "y\n").ends(7);

    // Not by a yes flag, not without a yes, not twice by one key.
    bench.outside(&["--yes", "trust", "sign", &stick_arg, "--key", &ana], "").ends(5);
    bench.outside(&["trust", "sign", &stick_arg, "--key", &ana], "n\n").ends(5);
    bench
        .outside(&["trust", "sign", &stick_arg, "--key", &ana], "y\n")
        .ends(0)
        .says("By the trust it brings: 1 of the 2 needed: 1 still owed")
        .says("By the trust in force:  1 of the 2 needed: 1 still owed");
    bench.outside(&["trust", "sign", &stick_arg, "--key", &ana], "y\n").ends(7).says("has a signature by");
    bench.apply().ends(42).says("the trust in force does not approve").says("1 of the 2 distinct signers");
    bench.outside(&["trust", "sign", &stick_arg, "--key", &bia], "y\n").ends(0);
    bench.apply().ends(42).says("the trust it brings does not approve").says("is revoked");

    // The third signs with ssh-keygen alone, and leaves its own name to the signature.
    let file = stick.join("trust-1.json");
    bench.ssh_sign("caio", "handcarry-trust", &file, 9);
    std::fs::rename(beside(&file, "9.sig"), beside(&file, "sig")).expect("renames");
    bench.inside(&["trust", "apply", &stick_arg], "n\n").ends(5);
    assert_eq!(bench.in_force().version, 0);
    bench.inside(&["--yes", "trust", "apply", &stick_arg], "").ends(5);
    let applied = bench.apply().ends(0);
    for shown in ["adds     caio", "removes  bia", "approved by the old trust: ana", "approved by the new trust: ana"] {
        assert!(applied.out.contains(shown), "{shown} is not in {}", applied.out);
    }

    let history = bench.inside(&["trust", "history"], "").ends(0).says("In force: version 1").says("laptop is lost");
    assert!(history.out.contains(&bench.fingerprint("caio")), "{}", history.out);
    bench.inside(&["trust", "list"], "").ends(0).says("caio").says("Version: 1");
    let copy = text_of(&bench.path("home/inside/trust/allowed_signers"));
    assert!(copy.starts_with("# Trust version 1.") && copy.contains(&caio) && !copy.contains("bia "), "{copy}");
    bench
        .inside(&["trust", "add", &bench.line("dora")], "y\n")
        .ends(43)
        .says("trust is at version 1 here, and changes by signed updates only");
    bench.apply().ends(43).says("version 1 is in force here already");

    // What is kept checks with OpenSSH alone: against version 0's signers, and its own.
    let kept = bench.path("home/inside/trust/versions");
    let before: TrustUpdate = TrustUpdate::parse(&std::fs::read(kept.join("0.json")).expect("kept")).expect("reads");
    let after: TrustUpdate = TrustUpdate::parse(&std::fs::read(kept.join("1.json")).expect("kept")).expect("reads");
    for (signers, who, number) in [(&before, "ana", 1), (&before, "bia", 2), (&after, "ana", 1), (&after, "caio", 3)] {
        let list = bench.path("signers");
        std::fs::write(&list, signers.signers_text()).expect("writes");
        let verified = std::process::Command::new("ssh-keygen")
            .args(["-Y", "verify", "-n", "handcarry-trust", "-I", who, "-f"])
            .arg(&list)
            .arg("-s")
            .arg(kept.join(format!("1.json.{number}.sig")))
            .stdin(std::fs::File::open(kept.join("1.json")).expect("opens"))
            .output()
            .expect("ssh-keygen is installed");
        assert!(verified.status.success(), "{who} {number}: {verified:?}");
    }
}

#[test]
fn once_complete_the_outside_counts_by_the_new_version() {
    let bench = People::new();
    let stick = bench.stick();
    bench.bootstrap(&["ana"], 1);
    bench.in_force();
    bench.outside(&["--yes", "trust", "follow", &stick], "").ends(0);
    bench.outside(&["--yes", "trust", "propose", &stick, "--add", &bench.line("bia"), "--threshold", "2"], "").ends(0);
    bench.outside(&["trust", "sign", &stick, "--key", &bench.key_arg("bia")], "y\n").ends(0);
    let done = bench.outside(&["trust", "sign", &stick, "--key", &bench.key_arg("ana")], "y\n").ends(0);
    done.says("Complete.");
    bench.outside(&["--yes", "trust", "propose", &stick, "--remove", "ana"], "").ends(2).says("only 1 of its keys");
    bench.outside(&["--yes", "trust", "propose", &stick, "--remove", "ana", "--threshold", "1"], "").ends(0);
    for name in ["ana", "bia"] {
        bench.outside(&["trust", "sign", &stick, "--key", &bench.key_arg(name)], "y\n").ends(0);
    }
    // Both lie on the stick: applied one after the other, each shown and asked for.
    bench.inside(&["trust", "apply", &stick], "y\nn\n").ends(5);
    assert_eq!(bench.in_force().version, 1);
    bench.apply().ends(0).says("Trust is at version 2 now");
}

#[test]
fn a_skipped_version_is_refused() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let first = bench.next(&bench.in_force(), &["ana"], 1);
    let second = bench.next(&first, &["ana", "bia"], 1);
    bench.carry(&second, &["ana"]);
    bench.apply().ends(43).says("version 2 does not follow version 0").says("version 1 is missing");
    assert_eq!(bench.in_force().version, 0);
}

#[test]
fn a_repeated_and_an_older_version_are_refused() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let first = bench.next(&bench.in_force(), &["ana", "bia"], 1);
    let file = bench.carry(&first, &["ana"]);
    bench.apply().ends(0);
    bench.apply().ends(43).says("version 1 is in force here already");

    let mut twin = first.clone();
    twin.note = "another".to_owned();
    let twin_file = bench.carry(&twin, &["ana"]);
    bench.apply().ends(43).says("another version 1 than the one that is in force");
    std::fs::remove_file(twin_file).expect("removes");

    let second = bench.next(&first, &["ana"], 1);
    bench.carry(&second, &["ana"]);
    bench.apply().ends(0);
    std::fs::remove_file(bench.path("stick/handcarry/trust/trust-2.json")).expect("removes");
    bench.carry(&first, &["ana"]);
    bench.apply().ends(43).says("version 1 is older than version 2");
    bench
        .inside(&["trust", "apply", &file.display().to_string()], "y\n")
        .ends(43)
        .says("version 1 is older than version 2");
}

#[test]
fn an_update_made_for_other_trust_is_refused() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let mut changed = bench.in_force();
    changed.signers.push(bench.line("mallory"));
    let next = bench.next(&changed, &["ana", "mallory"], 1);
    bench.carry(&next, &["ana"]);
    bench.apply().ends(43).says("was made to follow another version 0");
}

#[test]
fn a_revoked_key_stays_revoked() {
    let bench = People::new();
    bench.bootstrap(&["ana", "bia"], 1);
    let mut first = bench.next(&bench.in_force(), &["ana"], 1);
    first.revoked = vec![bench.fingerprint("bia")];
    bench.carry(&first, &["ana"]);
    bench.apply().ends(0);
    let mut second = bench.next(&first, &["ana", "bia"], 1);
    second.revoked.clear();
    bench.carry(&second, &["ana"]);
    bench.apply().ends(43).says("takes back the revocation");
}

#[test]
fn a_key_revoked_by_hand_never_counts_whatever_version_is_in_force() {
    let bench = People::new();
    bench.bootstrap(&["ana", "bia"], 1);
    let first = bench.next(&bench.in_force(), &["ana", "bia"], 1);
    bench.carry(&first, &["ana"]);
    bench.apply().ends(0);
    let revoked = format!("revoked = [\"{}\"]\n", bench.fingerprint("ana"));
    std::fs::write(bench.path("home/inside/trust/policy.toml"), revoked).expect("writes");
    bench.inside(&["trust", "list"], "").ends(0).says("REVOKED");
    let second = bench.next(&first, &["ana"], 1);
    bench.carry(&second, &["ana"]);
    bench.apply().ends(42).says("is revoked");
}

#[test]
fn an_update_that_nobody_could_follow_is_refused() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let before = bench.in_force();
    let mut lock_out = bench.next(&before, &["ana"], 2);
    bench.carry(&lock_out, &["ana"]);
    bench.apply().ends(43).says("none could be approved any more");
    lock_out.threshold = 1;
    lock_out.signers = vec![bench.line("ana").replace("handcarry-bundle,", "")];
    bench.carry(&lock_out, &["ana"]);
    bench.apply().ends(43).says("may sign a bundle");
    lock_out.threshold = 0;
    bench.carry(&lock_out, &["ana"]);
    bench.apply().ends(43).says("a threshold of 0");
}

/// A signed document is still read strictly: one meaning only.
#[test]
fn only_the_canonical_form_is_an_update() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let good = String::from_utf8(bench.next(&bench.in_force(), &["ana"], 1).bytes()).expect("UTF-8");
    let folder = bench.path("stick/handcarry/trust");
    let twice = good.replacen("\"threshold\": 1", "\"threshold\": 2,\n  \"threshold\": 1", 1);
    let unknown = good.replacen("\"note\": \"\"", "\"note\": \"\",\n  \"more\": 1", 1);
    let wide = good.replacen("  \"version\"", "    \"version\"", 1);
    let format = good.replacen("\"format\": 1", "\"format\": 2", 1);
    let local = good.replacen("namespaces=", "valid-before=\\\"20300101\\\",namespaces=", 1);
    for (name, changed) in
        [("twice", twice), ("unknown", unknown), ("wide", wide), ("format", format), ("local", local)]
    {
        assert_ne!(changed, good, "{name}");
        let file = folder.join(format!("{name}.json"));
        std::fs::write(&file, changed).expect("writes");
        bench.ssh_sign("ana", "handcarry-trust", &file, 1);
        bench
            .inside(&["trust", "apply", &file.display().to_string()], "y\n")
            .ends(43)
            .says("not a trust update of format 1");
    }
    // Unsigned, nothing of it is read at all.
    let file = folder.join("unsigned.json");
    std::fs::write(&file, "{").expect("writes");
    bench.inside(&["trust", "apply", &file.display().to_string()], "y\n").ends(42).says("carries no signature");
    let file = folder.join("large.json");
    std::fs::write(&file, vec![b' '; (1 << 20) + 1]).expect("writes");
    bench.inside(&["trust", "apply", &file.display().to_string()], "y\n").ends(24);
}

#[test]
fn an_update_from_the_future_waits_for_the_clock() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let mut next = bench.next(&bench.in_force(), &["ana"], 1);
    next.created = Some(Timestamp::now().plus_secs(86_400));
    bench.carry(&next, &["ana"]);
    bench.apply().ends(31).says("clocks is wrong");
}

#[test]
fn a_kept_version_that_was_changed_is_never_passed_over() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let first = bench.next(&bench.in_force(), &["ana", "bia"], 1);
    bench.carry(&first, &["ana"]);
    bench.apply().ends(0);
    let second = bench.next(&first, &["ana"], 1);
    bench.carry(&second, &["ana"]);
    bench.apply().ends(0);
    let kept = bench.path("home/inside/trust/versions");
    let (one, two) = (text_of(&kept.join("1.json")), text_of(&kept.join("2.json")));
    for (file, text, said) in [
        ("2.json", "{".to_owned(), "2.json is not the version of trust it should be: "),
        (
            "1.json",
            one.replacen("bia ", "eve ", 1),
            "1.json is not the version of trust it should be: the trust in force does not approve",
        ),
        ("3.json", two.clone(), "3.json is not the version of trust it should be: it is of another version"),
    ] {
        std::fs::write(kept.join(file), text).expect("writes");
        bench.inside(&["trust", "list"], "").ends(3).says(said);
        std::fs::write(kept.join("1.json"), &one).expect("writes");
        std::fs::write(kept.join("2.json"), &two).expect("writes");
        let _ = std::fs::remove_file(kept.join("3.json"));
    }
    bench.inside(&["trust", "list"], "").ends(0);
}

/// What a run killed before the switch leaves: signatures, the record of
/// version 0, a temporary file. The old trust is in force, and applying works.
#[test]
fn a_run_killed_before_the_switch_changed_nothing() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let before = bench.in_force();
    let kept = bench.path("home/inside/trust/versions");
    std::fs::create_dir_all(&kept).expect("a folder");
    std::fs::write(kept.join("0.json"), before.bytes()).expect("writes");
    for name in ["1.json.1.sig", "1.json.2.sig", ".handcarry-1.json-00.part"] {
        std::fs::write(kept.join(name), "half").expect("writes");
    }
    assert_eq!(bench.in_force(), before);
    bench.inside(&["trust", "add", &bench.line("bia")], "y\n").ends(0);
    let next = bench.next(&bench.in_force(), &["ana", "bia"], 1);
    bench.carry(&next, &["ana"]);
    bench.apply().ends(0);
    assert!(!kept.join("1.json.2.sig").exists());
    bench.inside(&["trust", "history"], "").ends(0).says("In force: version 1");
}

/// A run killed after the switch left the copy for people stale; trust is not.
#[test]
fn the_copy_for_ssh_keygen_decides_nothing() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let next = bench.next(&bench.in_force(), &["bia"], 1);
    bench.carry(&next, &["ana", "bia"]);
    bench.apply().ends(0);
    std::fs::write(bench.path("home/inside/trust/allowed_signers"), bench.line("mallory")).expect("writes");
    let listed = bench.inside(&["trust", "list"], "").ends(0).says("bia");
    assert!(!listed.out.contains("mallory"), "{}", listed.out);
}

#[test]
fn of_two_that_apply_at_once_one_wins() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let next = bench.next(&bench.in_force(), &["ana", "bia"], 1);
    bench.carry(&next, &["ana"]);
    let mut codes: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| bench.apply().code)).collect();
        runs.into_iter().map(|run| run.join().expect("no panic")).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes[0], 0, "{codes:?}");
    // The others found it there (7), or in force already (43).
    assert!(codes[1..].iter().all(|code| [7, 43].contains(code)), "{codes:?}");
    assert_eq!(bench.in_force(), next);
    bench.inside(&["trust", "history"], "").ends(0).says("In force: version 1");
}

/// Whoever can write into the home folder changes nothing that was signed.
#[test]
fn a_kept_version_that_was_changed_is_never_in_force() {
    let bench = People::new();
    bench.bootstrap(&["ana", "bia"], 2);
    let one = bench.next(&bench.in_force(), &["ana", "bia", "caio"], 2);
    bench.carry(&one, &["ana", "bia"]);
    bench.apply().ends(0);
    let two = bench.next(&one, &["ana", "bia", "caio", "dora"], 2);
    bench.carry(&two, &["bia", "caio"]);
    bench.apply().ends(0);
    let kept = bench.path("home/inside/trust/versions");
    let refused = |what: &str| {
        for args in [&["trust", "list"][..], &["trust", "history"], &["trust", "export", &bench.stick()]] {
            bench.inside(args, "").ends(3).says("is not the version of trust it should be").says(what).says("hint: ");
        }
    };
    // The newest, which no later one pins: a lower threshold, and a stranger's key.
    let file = kept.join("2.json");
    let good = std::fs::read(&file).expect("reads");
    let (mut lower, mut more) = (two.clone(), two.clone());
    lower.threshold = 1;
    more.signers.push(bench.line("mallory"));
    for changed in [lower, more] {
        std::fs::write(&file, changed.bytes()).expect("writes");
        refused("2.json");
    }
    std::fs::write(&file, &good).expect("writes");
    // One before it, what was set up by hand, a signature, a whole version.
    for name in ["1.json", "0.json", "1.json.1.sig", "2.json.2.sig"] {
        let path = kept.join(name);
        let good = std::fs::read(&path).expect("reads");
        std::fs::remove_file(&path).expect("removes");
        bench.inside(&["trust", "list"], "").ends(3);
        std::fs::write(&path, &good).expect("writes");
    }
    let mut by_hand = TrustUpdate::parse(&std::fs::read(kept.join("0.json")).expect("reads")).expect("canonical");
    by_hand.threshold = 1;
    let good = std::fs::read(kept.join("0.json")).expect("reads");
    std::fs::write(kept.join("0.json"), by_hand.bytes()).expect("writes");
    refused("1.json");
    std::fs::write(kept.join("0.json"), good).expect("writes");
    bench.inside(&["trust", "list"], "").ends(0).says("Version: 2");
}

/// Signers' times end, and a key is revoked by hand: what they approved before stands.
#[test]
fn what_was_approved_in_time_stays_approved() {
    let bench = People::new();
    bench.bootstrap(&["ana", "bia"], 1);
    let until = Timestamp::now().plus_secs(2);
    let ana = AllowedSigners::parse(&bench.line("ana")).expect("reads").entries()[0].clone();
    let options = LineOptions { valid_before: Some(until), ..ana.options() };
    let mut one = bench.next(&bench.in_force(), &["bia"], 1);
    one.signers.insert(0, AllowedSigners::render_line("ana", &ana.key, &options).expect("a line"));
    bench.carry(&one, &["ana"]);
    bench.apply().ends(0);
    std::thread::sleep(std::time::Duration::from_secs(3));
    bench.inside(&["trust", "list"], "").ends(0).says("Version: 1");
    std::fs::write(
        bench.path("home/inside/trust/policy.toml"),
        format!("revoked = [\"{}\"]\n", bench.fingerprint("ana")),
    )
    .expect("writes");
    bench.inside(&["trust", "list"], "").ends(0).says("REVOKED");
}

/// Junk on the medium is not kept with a version, nor does it push out what counts.
#[test]
fn a_version_is_kept_with_the_signatures_that_count_alone() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let file = bench.carry(&bench.next(&bench.in_force(), &["ana", "bia"], 1), &["ana"]);
    std::fs::rename(beside(&file, "1.sig"), beside(&file, "sig")).expect("renames");
    for number in 1..=64 {
        std::fs::write(beside(&file, &format!("{number}.sig")), "junk").expect("writes");
    }
    bench.apply().ends(0);
    bench.inside(&["trust", "list"], "").ends(0).says("Version: 1");
    let kept = bench.path("home/inside/trust/versions");
    assert!(kept.join("1.json.1.sig").exists() && !kept.join("1.json.2.sig").exists());
}
