//! Papers, the inventory and the journal.

use super::{shown, text};
use handcarry::testing::inventory::Inventory;
use handcarry::testing::journal::{self, Journal};
use handcarry::testing::model::{FileName, MAX_CODE_BYTES, Receipt, Request, Timestamp};
use std::path::Path;

/// A request that is read, written and read again says the same.
pub fn request(data: &[u8]) {
    let Ok(request) = serde_json::from_slice::<Request>(data) else { return };
    if let Some(code) = &request.code {
        assert!((1..=MAX_CODE_BYTES).contains(&code.0.reveal().len()));
    }
    let written = serde_json::to_vec(&request).expect("writes");
    let again: Request = serde_json::from_slice(&written).expect("reads back");
    assert_eq!(serde_json::to_vec(&again).expect("writes"), written);
}

/// A receipt that is read, written and read again is the same.
pub fn receipt(data: &[u8]) {
    let Ok(receipt) = serde_json::from_slice::<Receipt>(data) else { return };
    let written = serde_json::to_vec_pretty(&receipt).expect("writes");
    assert_eq!(serde_json::from_slice::<Receipt>(&written).expect("reads back"), receipt);
}

/// An inventory that is read keeps its entries when one more is added.
pub fn inventory(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let path = Path::new("inventory.toml");
    let mut inventory = match Inventory::parse(path, text) {
        Ok(inventory) => inventory,
        Err(error) => return shown(&error.to_string()),
    };
    let again = Inventory::parse(path, &inventory.to_text()).expect("reads back");
    assert_eq!(again.entries(), inventory.entries());
    let Some(mut entry) = inventory.entries().first().cloned() else { return };
    entry.name = FileName::parse("one-more").expect("a name");
    if inventory.add(entry).is_ok() {
        let again = Inventory::parse(path, &inventory.to_text())
            .unwrap_or_else(|error| panic!("{error}\n{}", inventory.to_text()));
        let sorted = |inventory: &Inventory| {
            let mut entries = inventory.entries().to_vec();
            entries.sort_by_key(|entry| entry.name.to_string());
            entries
        };
        assert_eq!(sorted(&again), sorted(&inventory));
    }
}

/// A journal that holds is numbered from 1, and still holds after a writer has
/// mended its end; nothing that held is lost.
pub fn journal(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("hq.jsonl");
    std::fs::write(&path, data).expect("written");
    let chain = match journal::read(&path) {
        Ok(chain) => chain,
        Err(error) => {
            shown(&error.to_string().replace(&path.display().to_string(), ""));
            assert!(Journal::open(&path, now()).is_err(), "a writer takes what a reader refuses");
            assert!(std::fs::read(&path).expect("there") == data, "a refused journal was changed");
            return;
        }
    };
    assert!(chain.records.iter().zip(1..).all(|(record, seq)| record.seq == seq));
    chain.check_head(&chain.head()).expect("it goes on from itself");
    let mut writer = Journal::open(&path, now()).expect("mends");
    writer.append(now(), "note", serde_json::json!({ "fuzz": true })).expect("appends");
    let head = writer.head();
    drop(writer);
    let again = journal::read(&path).expect("still holds");
    assert!(again.torn.is_none() && again.records.starts_with(&chain.records) && again.head() == head);
    again.check_head(&chain.head()).expect("goes on from what was there");
}

fn now() -> Timestamp {
    Timestamp::parse("2026-03-05T00:00:00Z").expect("a time")
}
