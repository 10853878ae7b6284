//! A second person's approval, where trust asks for one: by this program, and
//! by the real ssh-keygen.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::Exit;
use std::path::Path;
use std::process::Command;

const NOT_APPROVED: u8 = Exit::NotApproved.code();
const DECLINED: u8 = Exit::Declined.code();

fn keygen(args: &[&str]) {
    let done = Command::new("ssh-keygen").args(args).output().expect("ssh-keygen is installed");
    assert!(done.status.success(), "{done:?}");
}

/// A second person's key, made by ssh-keygen, which trust has for approvals.
fn second(bench: &Bench) -> String {
    let key = bench.word("second");
    keygen(&["-q", "-t", "ed25519", "-N", "", "-C", "second", "-f", &key]);
    let public = std::fs::read_to_string(format!("{key}.pub")).expect("made");
    let line = format!("eva@security namespaces=\"handcarry-approval\" {}", public.trim());
    bench.inside(&["trust", "add", &line], "y\n").ends(OK);
    key
}

fn untouched(bench: &Bench) {
    assert!(bench.lab.installs().is_empty() && bench.noted("backup-started").is_empty());
    assert!(bench.noted("first-press").is_empty(), "nobody was asked");
}

#[test]
fn a_refusal_is_set_aside_for_a_restore_only_where_a_second_person_approved_it() {
    let bench = Bench::new(&[]);
    bench.inside(&["backup", NAME], "").ends(OK);
    let key = second(&bench);
    let restore = ["restore", NAME, "--dangerous-restore-on-backup", "--reason", "change 4711, agreed"];
    let refused = bench.inside(&restore, "y\n").ends(NOT_APPROVED);
    assert!(refused.err.contains("restore-on-backup"), "{}", refused.err);
    assert_eq!(bench.lab.state()["restores"], 0);
    let approve = ["approve", &bench.agreed, "--set-aside", "restore-on-backup", "--key", &key];
    bench.inside(&approve, "y\n").ends(OK);
    // One second person is enough, however many must sign a bundle.
    bench.inside(&["trust", "threshold", "2"], "").ends(OK);
    bench.inside(&restore, "y\n").ends(OK);
    assert_eq!(bench.lab.state()["restores"], 1);
}

#[test]
fn where_trust_asks_for_a_second_person_nothing_is_pressed_without_one() {
    let bench = Bench::new(&[]);
    bench.inside(&["approve", &bench.agreed], "y\n").ends(Exit::NothingToDo.code());
    // A pattern lets a key sign, and asks nobody for a second person.
    let wide = bench.word("wide");
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", &wide]);
    let public = std::fs::read_to_string(format!("{wide}.pub")).expect("made");
    bench.inside(&["trust", "add", &format!("bo namespaces=\"handcarry-*\" {}", public.trim())], "y\n").ends(OK);
    bench.inside(&["approve", &bench.agreed, "--key", &wide], "y\n").ends(Exit::NothingToDo.code());
    let key = second(&bench);
    let refused = bench.push("y\ny\n").ends(NOT_APPROVED);
    assert!(refused.out.contains("3. install Base 3.4.0"), "what would be done is shown: {}", refused.out);
    assert!(refused.err.contains(&format!("handcarry-inside approve {} --key FILE\n", bench.agreed)), "{refused:?}");
    untouched(&bench);

    // The first person's own key does not do, nor does a word without a signature.
    bench.inside(&["approve", &bench.agreed], "y\n").ends(Exit::KeyUnusable.code());
    bench.inside(&["approve", &bench.agreed, "--key", &key], "n\n").ends(DECLINED);
    // Nor a key that trust has for something else.
    let sealer = bench.word("sealer");
    keygen(&["-q", "-t", "ed25519", "-N", "", "-f", &sealer]);
    let public = std::fs::read_to_string(format!("{sealer}.pub")).expect("made");
    bench.inside(&["trust", "add", &format!("cy namespaces=\"handcarry-bundle\" {}", public.trim())], "y\n").ends(OK);
    bench.inside(&["approve", &bench.agreed, "--key", &sealer], "y\n").ends(Exit::KeyUnusable.code());
    // Nor one for another procedure.
    bench.inside(&["approve", &"0".repeat(64), "--key", &key], "y\n").ends(OK);
    bench.push("y\ny\n").ends(NOT_APPROVED);
    untouched(&bench);

    bench.inside(&["approve", &bench.agreed, "--key", &key], "y\n").ends(OK);
    bench.push("y\n").ends(WAITING);
    bench.lab.control(&["advance", "25h"]);
    bench.push("y\n").ends(OK);
    let asked = bench.noted("first-press");
    let by = |fields: &serde_json::Value| fields["approved_by"].as_str().unwrap_or_default().to_owned();
    assert_eq!(asked.len(), 2, "it holds over the wait");
    assert!(asked.iter().all(|fields| by(fields).starts_with("eva@security (SHA256:")), "{asked:?}");
    bench.inside(&["audit", NAME], "").ends(OK);
    let logged = bench.events("inside").into_iter().filter(|event| event["kind"] == "approved");
    let plans: Vec<String> =
        logged.map(|event| event["fields"]["plan_sha256"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(plans, ["0".repeat(64), bench.agreed.clone()]);
}

#[test]
fn an_approval_by_ssh_keygen_counts_and_one_that_was_changed_or_made_for_something_else_does_not() {
    let bench = Bench::new(&[]);
    let key = second(&bench);
    let folder = bench.path("home/inside/approvals");
    std::fs::create_dir_all(&folder).expect("made");
    let paper = |name: &str, plan: &str| {
        let path = folder.join(name);
        let format = if name == "later.json" { 2 } else { 1 };
        let text = format!(
            "{{\"format\":{format},\"plan_sha256\":\"{plan}\",\"set_aside\":[],\"created\":\"2026-03-04T05:06:07Z\"}}\n"
        );
        std::fs::write(&path, text).expect("written");
        path
    };
    let sign = |namespace: &str, path: &Path| {
        keygen(&["-Y", "sign", "-n", namespace, "-f", &key, path.to_str().expect("UTF-8")]);
    };
    let signed_for = |namespace: &str, name: &str| sign(namespace, &paper(name, &bench.agreed));
    signed_for("handcarry-bundle", "other.json");
    sign("handcarry-approval", &paper("changed.json", &"0".repeat(64)));
    paper("changed.json", &bench.agreed);
    paper("unsigned.json", &bench.agreed);
    signed_for("handcarry-approval", "later.json");
    let refused = bench.push("y\ny\n").ends(NOT_APPROVED);
    assert_eq!(refused.err.matches("an approval does not count").count(), 3, "{}", refused.err);
    assert_eq!(refused.err.matches("an approval of another format does not count").count(), 1, "{}", refused.err);
    untouched(&bench);
    signed_for("handcarry-approval", "right.json");
    bench.push("y\n").ends(WAITING);
}

#[test]
fn a_refusal_is_set_aside_only_as_it_was_approved() {
    let bench = Bench::new(&[]);
    let key = second(&bench);
    bench.inside(&["approve", &bench.agreed, "--key", &key], "y\n").ends(OK);
    bench.push("y\n").ends(WAITING);
    let stick = bench.stick();
    let mut args = vec!["push", &stick, NAME, "--agree", &bench.agreed];
    args.extend(["--dangerous-skip-soak", "--reason", "change 4711, agreed by Rui"]);
    let refused = bench.inside(&args, "skip-soak\ny\n").ends(NOT_APPROVED);
    assert!(refused.err.contains("--set-aside skip-soak --key FILE"), "{}", refused.err);
    // Approved for another procedure, it is refused before it is asked about at the first press.
    let other = "0".repeat(64);
    let skips = ["--set-aside", "skip-soak", "--key", &key];
    bench.inside(&[&["approve", &other], &skips[..]].concat(), "y\n").ends(OK);
    bench.inside(&args, "skip-soak\ny\n").ends(NOT_APPROVED);
    assert!(bench.noted("soak-skipped").is_empty() && bench.lab.installs().len() == 2);
    bench.inside(&[&["approve", &bench.agreed], &skips[..]].concat(), "y\n").ends(OK);
    bench.inside(&args, "skip-soak\ny\n").ends(OK);
    assert_eq!(bench.lab.installs().len(), 3);
}

#[test]
fn a_revoked_key_approves_nothing_and_what_it_approved_before_counts_no_more() {
    let bench = Bench::new(&[]);
    let key = second(&bench);
    bench.inside(&["approve", &bench.agreed, "--key", &key], "y\n").ends(OK);
    let public = std::fs::read_to_string(format!("{key}.pub")).expect("made");
    let policy = format!("revoked = [\"{}\"]\n", public.trim());
    std::fs::write(bench.path("home/inside/trust/policy.toml"), policy).expect("written");
    bench.inside(&["approve", &bench.agreed, "--key", &key], "y\n").ends(Exit::KeyUnusable.code());
    // That the last one who may approve is gone asks nobody less.
    bench.push("y\ny\n").ends(NOT_APPROVED).says("is revoked");
    untouched(&bench);
}
