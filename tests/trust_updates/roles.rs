//! Two roles, each with a threshold of its own; and a date by which trust is renewed.

use crate::support::home::Home;
use crate::support::said::{INSIDE, OUTSIDE, Said, run};
use crate::trust_updates::people::{People, text_of};
use handcarry::testing::model::{Exit, Timestamp};

fn line_of(said: &Said) -> String {
    said.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned()
}

#[test]
fn keygen_makes_a_key_for_one_role() {
    let home = Home::new();
    let make = |half: &str, args: &[&str]| {
        let args = [&["keygen", "--no-passphrase", "--principal", "ana"][..], args].concat();
        let said = if half == "inside" { home.inside(&args, "") } else { home.outside(&args, "") };
        said.ends(0)
    };
    assert!(line_of(&make("outside", &[])).starts_with("ana namespaces=\"handcarry-bundle,handcarry-vault\" ssh-"));
    assert!(line_of(&make("inside", &[])).starts_with("ana namespaces=\"handcarry-request,handcarry-receipt\" ssh-"));
    // Beside the other one: neither is written over, and each has its name.
    let trust = make("outside", &["--for", "trust"]);
    assert!(line_of(&trust).starts_with("ana namespaces=\"handcarry-trust\" ssh-"), "{trust:?}");
    assert!(home.path("home/outside/keys/trust").is_file() && home.path("home/outside/keys/signing").is_file());
    assert!(!trust.has("warning"), "{trust:?}");
    let both = make("outside", &["--for", "trust,bundle", "--out", "both"]);
    assert!(
        line_of(&both).starts_with("ana namespaces=\"handcarry-bundle,handcarry-vault,handcarry-trust\" ssh-"),
        "{both:?}"
    );
    both.says("whoever steals it can do both");
}

#[test]
fn a_key_that_may_do_both_is_warned_of() {
    let bench = People::new();
    let told = "may sign bundles and change trust";
    // The keys of these people may.
    bench.inside(&["trust", "add", &bench.line("ana")], "y\n").ends(0).says(told);
    bench.inside(&["trust", "list"], "").ends(0).says(told);
    bench.in_force();
    bench.outside(&["--yes", "trust", "follow", &bench.stick()], "").ends(0).says(told);
    let made = bench.outside(&["keygen", "--no-passphrase", "--principal", "bia"], "").ends(0);
    let one = bench.inside(&["trust", "add", &line_of(&made)], "y\n").ends(0);
    assert!(!one.has(told), "{one:?}");
}

#[test]
fn who_signs_bundles_changes_no_trust_and_the_other_way_round() {
    let bench = People::new();
    let stick = bench.stick();
    let role = |name: &str, role: &str| bench.line(name).replace("handcarry-bundle,handcarry-trust", role);
    let lines = [role("ana", "handcarry-bundle"), role("bia", "handcarry-trust"), role("caio", "handcarry-trust")];
    let folder = bench.path("home/inside/trust");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("allowed_signers"), lines.join("\n") + "\n").expect("writes");
    bench
        .inside(&["trust", "threshold", "2", "--for", "trust"], "")
        .ends(0)
        .says("1, by distinct keys; for a change of trust 2");

    bench.in_force();
    bench.outside(&["--yes", "trust", "follow", &stick], "").ends(0);
    let add = role("dora", "handcarry-bundle");
    bench
        .outside(&["--yes", "trust", "propose", &stick, "--add", &add], "")
        .ends(0)
        .says("(2 for a change of trust), as before");
    let sign = |name: &str| bench.outside(&["trust", "sign", &stick, "--key", &bench.key_arg(name)], "y\n").ends(0);
    // Two signatures lie there, and one of them is for bundles.
    sign("ana");
    sign("bia").says("1 of the 2 needed: 1 still owed");
    bench.apply().ends(42).says("lets it sign handcarry-bundle, not handcarry-trust");
    sign("caio").says("Complete.");
    bench.apply().ends(0);

    // Fewer people can't lower what they are fewer than.
    bench.outside(&["--yes", "trust", "propose", &stick, "--trust-threshold", "1"], "").ends(0).says("instead of");
    sign("bia");
    bench.apply().ends(42).says("has 1 of the 2 distinct signers");
    // A version that nobody could follow is not even proposed.
    let stranded = bench.outside(&["--yes", "trust", "propose", &stick, "--trust-threshold", "3"], "");
    stranded.ends(2).says("only 2 of its keys may sign a trust update, and its threshold is 3");
}

#[test]
fn a_threshold_is_set_by_a_verb_and_lowered_only_by_a_person() {
    let bench = People::new();
    bench.bootstrap(&["ana", "bia"], 1);
    let policy = bench.path("home/inside/trust/policy.toml");
    let revoked = "revoked = [\"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\"] # lost in May\n";
    std::fs::write(&policy, format!("# ours\nthreshold = 1\n{revoked}")).expect("writes");
    bench.inside(&["trust", "threshold", "2"], "").ends(0).says("Signatures needed: 2, by distinct keys\n");
    assert_eq!(text_of(&policy), format!("# ours\nthreshold = 2\n{revoked}"));
    // Of bundles alone it leaves as many for a change of trust as before.
    let of_bundles = bench.inside(&["trust", "threshold", "3", "--for", "bundle"], "").ends(0);
    of_bundles.says("Signatures needed: 3, by distinct keys; for a change of trust 2");
    bench.inside(&["trust", "threshold", "3"], "").ends(0).says("only 2 of the keys trusted here may sign a bundle");
    // Downwards it is asked, and --yes is no answer to that.
    bench.inside(&["trust", "threshold", "1"], "n\n").ends(Exit::Declined).says("the threshold stays as it is");
    bench.inside(&["--yes", "trust", "threshold", "1"], "").ends(Exit::Declined).says("no answer to");
    assert!(text_of(&policy).contains("threshold = 3"));
    bench.inside(&["trust", "threshold", "1"], "y\n").ends(0);
    bench.inside(&["trust", "threshold", "0"], "y\n").ends(Exit::Config).says("a threshold of 0");
    assert!(text_of(&policy).contains("threshold = 1\n") && text_of(&policy).contains(revoked));
    // Where signed versions are in force, they say it.
    bench.carry(&bench.next(&bench.in_force(), &["ana", "bia"], 2), &["ana", "bia"]);
    bench.apply().ends(0);
    for args in [&["trust", "threshold", "1"][..], &["trust", "renew"]] {
        bench.inside(args, "y\n").ends(Exit::TrustRefused).says("changes by signed updates only");
    }
}

/// The inside at a time so many days from now.
fn in_days(bench: &People, days: u32, args: &[&str], input: &str) -> Said {
    run(&mut bench.at(&format!("+{days}d"), INSIDE, args), input)
}

#[test]
fn trust_is_to_be_renewed_and_is_warned_of_a_month_before() {
    let bench = People::new();
    let stick = bench.stick();
    bench.bootstrap(&["ana"], 1);
    bench.in_force();
    bench.outside(&["--yes", "trust", "follow", &stick], "").ends(0);
    // Nothing else changes: it is renewed.
    bench.outside(&["--yes", "trust", "propose", &stick], "").ends(Exit::NothingToDo);
    bench.outside(&["--yes", "trust", "propose", &stick, "--renew-days", "100"], "").ends(0).says("renew by ");
    bench.outside(&["trust", "sign", &stick, "--key", &bench.key_arg("ana")], "y\n").ends(0);
    bench.apply().ends(0);
    let by = bench.in_force().renew_by.expect("a date");
    let left = by.secs_since(Timestamp::now());
    assert!((99 * 86_400..=100 * 86_400).contains(&left), "{left}");

    bench.outside(&["import", &seal_something(&bench), "--by", "ana", "--for", "LAB-1"], "").ends(0);
    let told = [
        "seal",
        "--appliance",
        "LAB-1",
        "--model",
        "B200",
        "--host",
        "h.example.com",
        "--expires-days",
        "300",
        "--from",
        "ana",
    ];
    bench.outside(&[&told[..], &["--key", &bench.key_arg("ana"), "--write", &stick]].concat(), "").ends(0);
    let soon = "the trust here must be renewed by";
    let quiet = in_days(&bench, 69, &["verify", &stick], "").ends(0);
    assert!(!quiet.has(soon), "{quiet:?}");
    in_days(&bench, 71, &["verify", &stick], "").ends(0).says(soon);
    in_days(&bench, 71, &["trust", "list"], "").ends(0).says(soon).says("To be renewed by: ");
    let over = in_days(&bench, 101, &["verify", &stick], "").ends(Exit::TrustOverdue);
    over.says("the trust here was to be renewed by").says("trust propose MEDIA --renew-days 365");

    // Overdue trust still judges its own renewal, and nothing else.
    let later = |program: &str, args: &[&str], input: &str| run(&mut bench.at("+101d", program, args), input);
    later(OUTSIDE, &["--yes", "trust", "propose", &stick, "--renew-days", "365"], "").ends(0);
    later(OUTSIDE, &["trust", "sign", &stick, "--key", &bench.key_arg("ana")], "y\n").ends(0);
    in_days(&bench, 101, &["trust", "apply", &stick], "y\n").ends(0).says("Trust is at version 2 now");
    let renewed = in_days(&bench, 101, &["verify", &stick], "").ends(0);
    assert!(!renewed.has(soon), "{renewed:?}");
}

fn seal_something(bench: &People) -> String {
    let path = bench.path("Base-3.4.0.nss");
    std::fs::write(&path, [0x81; 9000]).expect("written");
    crate::support::home::word(&path)
}

#[test]
fn a_version_without_a_date_of_renewal_is_none() {
    let bench = People::new();
    bench.bootstrap(&["ana"], 1);
    let good = bench.next(&bench.in_force(), &["ana"], 1);
    let created = good.created.expect("a time");
    let dates = [None, Some(created.plus_secs(-1)), Some(created.plus_secs(1_828 * 86_400))];
    for renew_by in dates {
        let mut other = good.clone();
        other.renew_by = renew_by;
        bench.carry(&other, &["ana"]);
        bench.apply().ends(Exit::TrustRefused).says("it is not to be renewed within 1826 days");
    }
    bench.carry(&good, &["ana"]);
    bench.apply().ends(0);
}
