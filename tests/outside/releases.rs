//! What is missing is named outside, while the vendor can be asked.

use crate::outside::half::Outside;
use handcarry::testing::model::Exit;

const MISSING: i32 = Exit::PrerequisiteMissing.code() as i32;

fn import(bench: &Outside, name: &str, requires: &str) {
    let file = bench.package(name, 4096);
    bench.run(&["import", &file, "--by", "anna", "--for", "S1", "--requires", requires]).ends(0);
}

#[test]
fn every_intermediate_release_that_is_missing_is_named_with_what_to_ask_for() {
    let bench = Outside::new();
    bench.key();
    bench.run(&["check"]).ends(i32::from(Exit::NothingToDo.code()));
    let signer = bench.insider();
    // The request's appliance has base 3.3.2 and site 10.5.3; its code is refused, but what it has is known.
    let lab = bench.lab(&[]);
    bench.request(&signer, lab.fact("vendor"), "S1", Some("NOT-A-CODE"), 0);
    bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(i32::from(Exit::CodeRefused.code()));
    import(&bench, "Bomgar-12.1.nss", "site=11.1.1");
    import(&bench, "Bomgar-12.2.nss", "base=3.5.0");

    let checked = bench.run(&["--json", "check", "--appliance", "S1"]).ends(MISSING);
    let lacking = checked.events("releases")[0]["findings"]["lacking"].clone();
    let releases: Vec<String> = lacking
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| format!("{} {}", one["release"]["kind"].as_str().expect("kind"), one["release"]["version"]))
        .collect();
    assert_eq!(releases, ["site \"11.1.1\"", "base \"3.5.0\""]);
    let said = bench.run(&["check"]).ends(MISSING);
    assert!(said.err.contains("missing: site 11.1.1 or later, which must be installed before Bomgar 12.1"), "{said:?}");
    assert!(said.out.contains("please offer it: site 11.1.1, base 3.5.0"), "{said:?}");
    assert!(said.out.contains("serial S1"), "who it is for is told: {said:?}");

    // The same when it is sealed all the same: nothing is signed, and the gaps are named.
    let sealed = bench.run(&["seal", "--from", "anna", "--appliance", "S1"]).ends(MISSING);
    assert!(
        sealed.err.contains("missing: base 3.5.0 or later") && sealed.out.contains("please offer it"),
        "{sealed:?}"
    );

    import(&bench, "Bomgar-11.1.1.nss", "base=3.5.0");
    import(&bench, "Base-3.5.0.nss", "base=3.3.2");
    let whole = bench.run(&["check"]).ends(0);
    assert!(
        whole.out.contains("1. Base 3.5.0") && whole.out.contains("2. Bomgar 11.1.1, then 24 h for clients"),
        "{whole:?}"
    );
    bench.run(&["seal", "--from", "anna", "--appliance", "S1"]).ends(0);
}

#[test]
fn a_fetch_says_at_once_whether_the_chain_is_whole() {
    for language in ["en", "pt"] {
        let bench = Outside::new();
        bench.key();
        let signer = bench.insider();
        let lab = bench.lab(&["--pages", language]);
        bench.request(&signer, lab.fact("vendor"), "S1", Some(&lab.code()), 0);
        let fetched = bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
        assert!(fetched.out.contains("3. Bomgar 11.1.1") && fetched.out.contains("nothing is missing"), "{fetched:?}");
        bench.run(&["vault", "describe", "Base 3.4.0", "--requires", "base=3.3.9"]).ends(0);
        let checked = bench.run(&["check"]).ends(MISSING);
        assert!(checked.err.contains("missing: base 3.3.9 or later, which must be installed before Base 3.4.0"));
    }
}
