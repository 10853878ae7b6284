//! Every message of every error enum, with its hint and exit code, as golden
//! files under fixtures/messages/, one a room.
//!
//! `HANDCARRY_BLESS=1 cargo test --test fast messages::` writes them anew; the
//! difference is then read by a person before it is committed.

mod carried;
mod decisions;
mod enums;
mod inside;
mod outside;
mod quiet;
mod rooms;
mod style;

use rooms::{Room, rooms};
use std::path::PathBuf;

fn golden(room: &Room) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages").join(format!("{}.txt", room.name))
}

#[test]
fn every_message_is_as_written() {
    let bless = std::env::var_os("HANDCARRY_BLESS").is_some();
    let mut stale = Vec::new();
    for room in rooms() {
        let told: Vec<String> = room.samples.iter().map(ToString::to_string).collect();
        let told = told.join("\n");
        let path = golden(&room);
        if bless {
            std::fs::write(&path, &told).expect("the golden file can be written");
        }
        if std::fs::read_to_string(&path).ok().as_deref() != Some(told.as_str()) {
            stale.push(format!("{} should be:\n\n{told}", path.display()));
        }
    }
    assert!(
        stale.is_empty(),
        "{}\nto write them: HANDCARRY_BLESS=1 cargo test --test fast messages::",
        stale.join("\n")
    );
}

#[test]
fn every_golden_file_has_its_room() {
    let rooms: Vec<PathBuf> = rooms().iter().map(golden).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/messages");
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("readable").path();
        assert!(rooms.contains(&path), "{} belongs to no room", path.display());
    }
}
