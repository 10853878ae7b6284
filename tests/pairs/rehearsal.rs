//! A failover pair's upgrade, played through beforehand.

use crate::pairs::pair::{A, B, Pair};
use crate::pairs::{ASYNC, OK, SYNC};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

fn rehearse(bench: &Pair, order: &[&str], more: &[&str]) -> Said {
    let stick = bench.stick();
    bench.inside(&[&["rehearse", &stick, A, B], order, more].concat(), "")
}

#[test]
fn both_orders_are_rehearsed_and_leave_no_trace() {
    let bench = Pair::new(&[]);
    for (order, end) in [(&SYNC[..], "[7/13] upgrade alpha"), (&ASYNC[..], "[7/16] upgrade beta")] {
        let said = rehearse(&bench, order, &[]).ends(OK);
        for text in [
            "rehearsal on two simulated appliances",
            end,
            "push is called once:",
            "did a console connect to support.example.com and show 10.6.2 under Help > About",
            "the real one takes",
            "rehearsed to a good end",
        ] {
            assert!(said.has(text), "{text}: {}", said.out);
        }
    }
    assert!(bench.lab.events().is_empty(), "nothing was pressed");
    assert_eq!(bench.lab.roles(), ["primary", "backup"]);
    assert!(bench.journal(A).iter().all(|record| record == "status-read"), "nothing is kept");
}

#[test]
fn a_pair_is_rehearsed_from_snapshots_with_faults_by_name() {
    let bench = Pair::new(&[]);
    let save = |name: &str| {
        let file = bench.path(&format!("{name}.json")).display().to_string();
        bench.inside(&["status", name, "--save", &file], "").ends(OK);
        file
    };
    let (a, b) = (save(A), save(B));
    let from = ["--snapshot", &a, "--partner-snapshot", &b];
    let said = rehearse(&bench, &ASYNC, &from).ends(OK);
    assert!(said.has("its failover role is not known here, and is taken for the one that the order needs"), "{said:?}");
    for (fault, exit, words) in [
        ("sync-never-ends", Exit::SyncUnfinished, "the data sync to beta has not ended"),
        ("key-differs", Exit::PairDiffers, "the pre-shared keys are not the same"),
        ("partner-unreachable", Exit::PartnerUnreachable, "can't reach its partner"),
        ("install-fails@a", Exit::BaseTrouble, "alpha: the base update"),
        ("install-fails@b", Exit::BaseTrouble, "beta: the base update"),
    ] {
        let said = rehearse(&bench, &ASYNC, &[&from[..], &["--fault", fault]].concat()).ends(exit.code());
        assert!(said.has(words) && said.has("rehearsed to a good end"), "{fault}: {}", said.out);
    }
    let lost = rehearse(&bench, &SYNC, &[&from[..], &["--fault", "press-answer-lost"]].concat()).ends(OK);
    assert!(lost.has("the answer was lost"), "{}", lost.out);
}

#[test]
fn roles_that_are_the_other_way_round_are_told_beforehand() {
    let bench = Pair::new(&[]);
    bench.lab.control(&["fault", "role-surprise"]);
    let said = rehearse(&bench, &SYNC, &[]).ends(Exit::RoleUnexpected.code());
    assert!(said.has("name them the other way round"), "{}", said.err);
}
