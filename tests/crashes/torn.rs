//! Records whose last line was cut while it was written, at each of its bytes:
//! taken for what they are, set aside, and gone on from. Damage before it is an
//! error, and nothing is put right that nobody understands.

use super::bench::{INSIDE, NAME, OUTSIDE, Scene};
use super::verbs::{carried_alone, pushed};
use handcarry::testing::model::Exit;
use std::path::Path;

/// Where the last line of a record begins.
fn last_line(bytes: &[u8]) -> usize {
    bytes[..bytes.len() - 1].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}

fn whole_lines(path: &Path) -> usize {
    let text = std::fs::read_to_string(path).expect("reads");
    assert!(text.ends_with('\n'), "no half line is left: {text}");
    let whole = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    assert!(text.lines().all(whole), "{text}");
    text.lines().count()
}

#[test]
fn a_journal_cut_anywhere_in_its_last_record_is_gone_on_from() {
    let scene = pushed();
    let journal = scene.path("home/inside/journal/lab-0001-bg.jsonl");
    let bytes = std::fs::read(&journal).expect("reads");
    let (last, lines) = (last_line(&bytes), whole_lines(&journal));
    for cut in last..bytes.len() {
        std::fs::write(&journal, &bytes[..cut]).expect("cut");
        scene.must(0, INSIDE, &["audit", NAME], "");
        assert_eq!(std::fs::read(&journal).expect("reads"), &bytes[..cut], "looking changes nothing");
    }
    // Whoever goes on mends it, and says so in the journal itself.
    for cut in [last, last + 1, (last + bytes.len()) / 2, bytes.len() - 1] {
        std::fs::write(&journal, &bytes[..cut]).expect("cut");
        let args = ["receipt", NAME, "stick", "--offline"];
        scene.must(0, INSIDE, &args, "");
        scene.must(0, INSIDE, &["audit", NAME], "");
        // The receipt's own record came, and one that tells of the torn line where there was one.
        let before = if cut == bytes.len() - 1 { lines } else { lines - 1 };
        let told = usize::from(cut != last && cut != bytes.len() - 1);
        assert_eq!(whole_lines(&journal), before + told + 1, "cut at {cut}");
    }
    let mut damaged = bytes.clone();
    damaged[last / 2] ^= 1;
    std::fs::write(&journal, &damaged).expect("damaged");
    scene.must(Exit::JournalBroken, INSIDE, &["audit", NAME], "");
    assert_eq!(std::fs::read(&journal).expect("reads"), damaged, "nothing is put right that nobody understands");
    println!("torn: a journal cut at each of {} bytes of its last record", bytes.len() - last);
}

#[test]
fn an_exchange_record_cut_anywhere_in_its_last_line_is_gone_on_from() {
    let scene: Scene = carried_alone();
    let records = scene.files("home/outside/vault/exchanges", |path| path.ends_with(".jsonl"));
    let [record] = &records[..] else { panic!("one exchange: {records:?}") };
    let bytes = std::fs::read(record).expect("reads");
    let (last, lines) = (last_line(&bytes), whole_lines(record));
    scene.must(0, OUTSIDE, &["fetch", "stick"], "");
    for cut in last..bytes.len() {
        std::fs::write(record, &bytes[..cut]).expect("cut");
        // Everything but the word that it is over is there, so nothing is asked of the vendor again.
        let said = scene.run(OUTSIDE, &["fetch", "stick"], "").ends(0);
        assert!(said.err.contains("Going on with exchange"), "cut at {cut}:\n{}\n{}", said.out, said.err);
        // One record more tells of the torn line, where there was one.
        let told = usize::from(cut != last && cut != bytes.len() - 1);
        assert_eq!(whole_lines(record), lines + told, "cut at {cut}");
    }
    let mut damaged = bytes.clone();
    damaged[last / 2] = b'\n';
    std::fs::write(record, &damaged).expect("damaged");
    let said = scene.run(OUTSIDE, &["fetch", "stick"], "").ends(Exit::VaultDamaged);
    assert!(said.err.contains(" was changed: line ") && said.err.contains("hint: "), "{}", said.err);
    assert_eq!(std::fs::read(record).expect("reads"), damaged);
    println!("torn: an exchange record cut at each of {} bytes of its last line", bytes.len() - last);
}
