//! Pushed from the store, by name alone: the stick is gone, and everything
//! holds as it does with one.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::home::files;
use handcarry::testing::model::Exit;

fn stick_goes(bench: &Bench) {
    std::fs::remove_dir_all(bench.path("stick/handcarry/bundles")).expect("the stick goes");
}

fn objects(bench: &Bench) -> Vec<std::path::PathBuf> {
    files(&bench.path("home/inside/store/objects"))
}

#[test]
fn a_chain_is_pushed_by_name_alone_and_pruned_when_a_receipt_tells_of_it() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    bench.inside(&["take", &stick], "").ends(OK);
    stick_goes(&bench);
    bench.inside(&["store", "list"], "").ends(OK).says("to be installed");
    let plan = bench.inside(&["--json", "plan", NAME], "").ends(OK);
    assert_eq!(plan.agreed(), *bench.agreed, "it is the plan that the stick has");
    assert!(plan.has(&format!("next: handcarry-inside push {NAME} ")), "{plan:?}");
    bench.inside(&["rehearse", NAME], "").ends(OK);
    bench.inside(&["verify", "--appliance", NAME], "").ends(OK);
    bench.inside(&["store", "prune"], "").ends(Exit::NothingToDo.code());

    let push = ["push", NAME, "--agree", &bench.agreed];
    let first = bench.inside(&push, "y\n").ends(WAITING);
    let last = first.err.lines().last().expect("a line");
    assert!(last.contains(&format!("handcarry-inside push {NAME}")), "the next command comes last: {last}");
    bench.inside(&["store", "list"], "").ends(OK).says("begun, and to be gone on with");
    bench.later("+100d", &["store", "prune", "--expired"], "y\n").ends(Exit::NothingToDo.code()).says("stays: ");
    bench.lab.control(&["advance", "25h"]);
    bench.inside(&push, "y\n").ends(OK).says(&format!("handcarry-inside receipt {NAME} MEDIA"));
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    bench.inside(&push, "").ends(Exit::Replayed.code());

    bench.inside(&["store", "list"], "").ends(OK).says("no receipt tells of it yet");
    bench.inside(&["store", "prune"], "").ends(Exit::NothingToDo.code());
    assert_eq!(objects(&bench).len(), 3);
    bench.inside(&["receipt", NAME, &stick], "").ends(OK);
    bench.inside(&["store", "prune", "--dry-run"], "").ends(OK).says("would go");
    assert_eq!(objects(&bench).len(), 3);
    bench.inside(&["store", "prune"], "").ends(OK).says("3 packages that no bundle lists any more");
    assert!(objects(&bench).is_empty());
    bench.inside(&["plan", NAME], "").ends(Exit::NoBundle.code()).says("handcarry-inside take MEDIA");
    assert_eq!(bench.events("inside").last().expect("an event")["kind"], "store-pruned");
}

#[test]
fn what_is_damaged_at_rest_is_not_pushed() {
    let bench = Bench::new(&[]);
    bench.inside(&["take", &bench.stick()], "").ends(OK);
    let object = objects(&bench).remove(0);
    let mut bytes = std::fs::read(&object).expect("reads");
    bytes[1000] ^= 1;
    std::fs::write(&object, bytes).expect("writes");
    let push = ["push", NAME, "--agree", &bench.agreed];
    let refused = bench.inside(&push, "y\n").ends(Exit::DigestMismatch.code());
    assert!(refused.has("damaged where it is kept") && refused.has("handcarry-inside take MEDIA"), "{refused:?}");
    assert!(bench.lab.installs().is_empty() && bench.lab.state()["backups"] == serde_json::json!([]));
    bench.inside(&["take", &bench.stick()], "").ends(OK);
    bench.inside(&push, "y\n").ends(WAITING);
}

#[test]
fn a_stick_is_taken_and_pushed_by_one_command() {
    let bench = Bench::new(&[]);
    let push = ["push", &bench.stick(), NAME, "--take", "--agree", &bench.agreed];
    let waits = bench.inside(&push, "y\n").ends(WAITING).says("the stick may go");
    let last = waits.err.lines().last().expect("a line");
    assert!(last.contains(&format!("handcarry-inside push {NAME} --agree")), "what goes on needs no stick: {last}");
    bench.inside(&["push", &bench.stick(), "--all", "--take"], "").ends(Exit::Usage.code());
    stick_goes(&bench);
    bench.lab.control(&["advance", "25h"]);
    bench.inside(&["push", NAME, "--agree", &bench.agreed], "y\n").ends(OK);
}

#[test]
fn trust_that_changed_since_holds_for_what_was_taken() {
    let bench = Bench::new(&[]);
    bench.inside(&["take", &bench.stick()], "").ends(OK);
    let signers = bench.path("home/inside/trust/allowed_signers");
    std::fs::write(&signers, "").expect("written");
    for verb in ["plan", "push", "rehearse"] {
        bench.inside(&[verb, NAME], "y\n").ends(Exit::NoTrust.code());
    }
    assert!(bench.lab.installs().is_empty());
}
