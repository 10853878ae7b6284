//! An appliance whose journal tells how long its base updates took: what may
//! have been sent is waited for as long as such a package usually takes, and
//! by the guide's figures that is an hour.

use handcarry::testing::journal::Journal;
use handcarry::testing::model::{Id, PackageKey, Sha256Digest, Timestamp};
use serde_json::json;
use std::path::Path;

/// Has the journal tell of base updates of a minute each, one after the other, in so many records.
pub fn history(journal: &Path, records: usize) {
    let begun = Timestamp::parse("2026-01-01T00:00:00Z").expect("a time");
    let mut journal = Journal::open(journal, begun).expect("a journal");
    for number in 0..records / 2 {
        let at = begun.plus_secs(number as i64 * 120);
        update(&mut journal, at, &format!("3.{number}.1"));
    }
}

/// Has the journal tell of two base updates that took a minute each.
pub fn measured(journal: &Path) {
    let time = |minute: u32| Timestamp::parse(&format!("2026-01-01T00:{minute:02}:00Z")).expect("a time");
    let mut journal = Journal::open(journal, time(0)).expect("a journal");
    for (minute, version) in [(0, "3.3.1"), (10, "3.3.2")] {
        update(&mut journal, time(minute), version);
    }
}

/// One that took a minute.
fn update(journal: &mut Journal, at: Timestamp, version: &str) {
    let package = json!({
        "bundle": Id::random(), "file": format!("base-{version}.nbp"), "key": PackageKey::from(Sha256Digest::of(&[])),
        "name": format!("Base {version}"), "package_kind": "base", "version": version,
    });
    let shown = json!({ "base": version, "site": null, "build": null, "clock": null, "listed": null });
    let begun = json!({ "package": package, "before": shown, "attempt": 1 });
    let done = json!({ "package": package, "evidence": "version", "guided": false, "shown": shown });
    journal.append(at, "install-started", begun).expect("written");
    journal.append(at.plus_secs(60), "install-confirmed", done).expect("written");
}
