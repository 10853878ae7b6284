//! The figures of the house: `tests/house.py` counts them and has their limits.

use std::path::Path;
use std::process::Command;

#[test]
fn no_figure_of_the_house_is_worse_than_its_limit() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/house.py");
    let counted = Command::new("python3").arg(script).output().expect("python3 is needed: see tests/run");
    let told = [counted.stdout, counted.stderr].concat();
    assert!(counted.status.success(), "{}", String::from_utf8_lossy(&told));
}
