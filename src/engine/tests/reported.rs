//! Each kind of the engine's records is a sentence of the audit report.

use crate::engine::Entry;
use crate::report;
use std::collections::BTreeSet;

#[test]
fn every_kind_of_record_has_a_sentence_and_no_sentence_is_of_another() {
    // serde names all kinds there are, older names among them, to whom asks for one that is none.
    let none = serde_json::json!({ "kind": "none of ours", "fields": {} });
    let told = serde_json::from_value::<Entry>(none).expect_err("no such kind").to_string();
    let kinds: BTreeSet<&str> = told.split('`').skip(3).step_by(2).collect();
    assert!(kinds.len() > 50 && kinds.contains("push-begun") && kinds.contains("receipt-signed"), "{told}");
    let sentences: BTreeSet<&str> = report::record_kinds().collect();
    let newer = |kind: &&&str| !kind.starts_with("agreement-");
    let (lacking, odd) = (kinds.difference(&sentences), sentences.difference(&kinds).filter(newer));
    assert_eq!((lacking.collect::<Vec<_>>(), odd.collect::<Vec<_>>()), (vec![], vec![]));
}
