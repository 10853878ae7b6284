//! What a person typed is told as that, wherever it goes.

use super::OK;
use crate::support::bench::Bench;

/// Serial number, model, base, site and clock, as a person reads them off the page.
const TYPED: &str = "LAB-0001-BG\nB200\n3.4.0\n11.1.1\n\n";

#[test]
fn what_was_typed_is_marked_in_journal_and_receipt_and_for_whoever_receives_it() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    std::fs::remove_file(bench.inventory()).expect("removed");
    let url = bench.lab.fact("appliance").to_owned();
    bench.inside(&["enroll", "hand", "--url", &url, "--driver", "guided", "--clock", "appliance"], "").ends(OK);
    let pushed = bench.inside(&["push", &stick, "hand"], &format!("{TYPED}none\n")).ends(OK);
    assert!(pushed.has("as a person typed, it has"), "{pushed:?}");
    assert!(bench.lab.installs().is_empty(), "all is there, by a person's word");
    let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
    assert!(journal.contains(r#""typed":true"#), "{journal}");
    // The answers themselves, too.
    assert!(
        journal.lines().any(|line| line.contains("the serial number") && line.contains("LAB-0001-BG")),
        "{journal}"
    );

    let receipt = bench.inside(&["--json", "receipt", "hand", &stick], TYPED).ends(OK).event("receipt");
    assert_eq!(receipt["receipt"]["status"]["typed"], true, "{receipt}");
    let packages = receipt["receipt"]["packages"].as_array().expect("packages").clone();
    assert!(packages.iter().all(|package| package["outcome"] == "already-installed"), "{receipt}");
    assert!(packages.iter().all(|package| package["evidence"] == "operator"), "{receipt}");
    let received = bench.outside(&["receive", &stick], "").ends(OK);
    assert!(received.out.contains("were typed by a person, not read"), "{}", received.out);
}
