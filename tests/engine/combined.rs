//! A combined package, site and base software in one, from the stick to the appliance.

use crate::engine::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use handcarry::testing::lab::{LabPackage, SERIAL, package_bytes};
use handcarry::testing::model::{PackageKind, Requirement, Version};

const BOTH: &str = "Bomgar 10.6.2 + Base 3.4.0";

/// A stick with the combined package and the site package after it, which asks for that base.
fn carried(lab: &[&str]) -> (Bench, String) {
    let bench = Bench::new(lab);
    let needs = |version| Requirement { kind: PackageKind::Base, version: Version::parse(version).expect("a version") };
    for (file, title, base) in [("both.nss", BOTH, "3.3.2"), ("next.nss", "Bomgar 11.2.0", "3.4.0")] {
        let package = LabPackage::new(title, vec![needs(base)], false, 300_000).expect("its title tells");
        std::fs::write(bench.path(file), package_bytes(&package)).expect("written");
        let (path, need) = (bench.word(file), format!("base={base}"));
        let import =
            ["import", &path, "--title", title, "--by", "ana", "--for", SERIAL, "--doubtful", "--requires", &need];
        bench.outside(&import, "").ends(OK);
    }
    let stick = bench.word("second");
    std::fs::create_dir(bench.path("second")).expect("made");
    let packages = format!("{BOTH},Bomgar 11.2.0");
    let seal = ["seal", "--from", "ana", "--appliance", SERIAL, "--packages", &packages, "--write", &stick];
    bench.outside(&seal, "").ends(OK);
    (bench, stick)
}

#[test]
fn a_combined_package_brings_both_and_waits_as_a_site_does() {
    let (bench, stick) = carried(&[]);
    let plan = bench.inside(&["plan", &stick, NAME], "").ends(OK);
    assert!(
        plan.has("it brings base 3.4.0 too, so that in trouble the appliance must not be restarted"),
        "{}",
        plan.out
    );
    let push = ["push", &stick, NAME];
    bench.inside(&push, "y\ny\ny\n").ends(WAITING);
    let state = bench.lab.state();
    assert_eq!((&state["base"], &state["site"]), (&"3.4.0".into(), &"10.6.2".into()), "{state}");
    bench.lab.control(&["advance", "25h"]);
    bench.inside(&push, "y\ny\ny\n").ends(OK);
    assert_eq!(bench.lab.installs(), [BOTH, "Bomgar 11.2.0"]);
}

#[test]
fn a_combined_package_that_fails_is_in_trouble_as_a_base_is() {
    let (bench, stick) = carried(&["--fault", "install-fails"]);
    let failed = bench.inside(&["push", &stick, NAME], "y\ny\ny\n");
    let failed = failed.ends(handcarry::testing::model::Exit::BaseTrouble.code());
    assert!(failed.has("DO NOT RESTART THE APPLIANCE"), "{}", failed.err);
}
