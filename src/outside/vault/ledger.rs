//! The record of one exchange: one event a line, synced before what it
//! announces is done.
//!
//! A code can be spent once. So "about to send it" is on disk before it is
//! sent, the list before the first download, each package before it is called
//! kept; whatever breaks in between, the next run reads how far this one came.

use super::exchange::{Event, Exchange};
use super::{Vault, VaultError};
use crate::media::{self, Mode};
use crate::model::{ApplianceId, Id, RequestRef, Timestamp};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

/// Largest exchange record that is read, in bytes: each of 1,000 packages
/// brings one event with its chunk digests.
const MAX_LEDGER_BYTES: u64 = 256 << 20;

/// An exchange that is being carried on: its state and the file it grows in.
#[derive(Debug)]
pub struct ExchangeLedger {
    /// How far it is.
    pub exchange: Exchange,
    path: PathBuf,
    file: File,
    /// Bytes of whole lines; whatever a failed write left behind them is taken off.
    whole_bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    at: Timestamp,
    #[serde(flatten)]
    event: Event,
}

impl ExchangeLedger {
    /// Writes what happened, synced, and only then takes it into the state.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`]; then it has not happened.
    pub fn write(&mut self, at: Timestamp, event: Event) -> Result<(), VaultError> {
        let line = line_of(at, &event);
        let unwritable = |source| VaultError::Unwritable { path: self.path.clone(), source };
        // Half a line (a full disk) must not get another behind it.
        self.file.set_len(self.whole_bytes).map_err(unwritable)?;
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_all());
        if let Err(source) = written {
            let _ = self.file.set_len(self.whole_bytes);
            return Err(unwritable(source));
        }
        self.whole_bytes += line.len() as u64;
        // Taken into the state only now: a state that is ahead of the disk would do what no record announces.
        self.exchange.apply(at, event);
        Ok(())
    }
}

impl Vault {
    /// Begins an exchange's record.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn begin(
        &self,
        at: Timestamp,
        server: &str,
        code: &str,
        appliance: Option<ApplianceId>,
        request: Option<RequestRef>,
    ) -> Result<ExchangeLedger, VaultError> {
        let id = Id::random();
        let event =
            Event::Opened { exchange: id, server: server.to_owned(), code: code.to_owned(), appliance, request };
        let path = self.ledger_path(id);
        media::create_dirs(&self.below("exchanges"), Mode::Private)?;
        media::write_durably(&path, &line_of(at, &event), Mode::Private)?;
        self.carry_on(id)
    }

    /// Opens an exchange's record to go on with it; a last line that was cut
    /// while it was written is taken off, since what it announced never began.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] where it does not read.
    pub fn carry_on(&self, id: Id) -> Result<ExchangeLedger, VaultError> {
        let path = self.ledger_path(id);
        let (exchange, whole_bytes) = self.read_ledger(&path)?;
        let unwritable = |source| VaultError::Unwritable { path: path.clone(), source };
        let file = File::options().append(true).open(&path).map_err(unwritable)?;
        if file.metadata().map_err(unwritable)?.len() > whole_bytes {
            file.set_len(whole_bytes).map_err(unwritable)?;
        }
        // The run before may have been killed with its last line written and not synced.
        file.sync_all().map_err(unwritable)?;
        Ok(ExchangeLedger { exchange, path, file, whole_bytes })
    }

    /// Reads all exchanges, oldest first.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] for one that does not read.
    pub fn exchanges(&self) -> Result<Vec<Exchange>, VaultError> {
        let mut all = Vec::new();
        for path in self.names("exchanges", ".jsonl")? {
            all.push(self.read_ledger(&path)?.0);
        }
        all.sort_by_key(|exchange| (exchange.opened, exchange.id));
        Ok(all)
    }

    /// Keeps the text of an answer that could not be read, for the person to read.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be written.
    pub fn keep_answer(&self, id: Id, text: &str) -> Result<PathBuf, VaultError> {
        let path = self.below("exchanges").join(format!("{id}.answer.txt"));
        media::write_durably(&path, crate::model::text::printable(text).as_bytes(), Mode::Private)?;
        Ok(path)
    }

    fn read_ledger(&self, path: &std::path::Path) -> Result<(Exchange, u64), VaultError> {
        let bytes = media::read_bounded(path, MAX_LEDGER_BYTES, "an exchange record")?;
        replay(&bytes).map_err(|why| VaultError::RecordBroken { path: path.to_owned(), why })
    }

    fn ledger_path(&self, id: Id) -> PathBuf {
        self.below("exchanges").join(format!("{id}.jsonl"))
    }
}

fn line_of(at: Timestamp, event: &Event) -> Vec<u8> {
    let mut line = serde_json::to_vec(&Line { at, event: event.clone() }).expect("events of ours serialise");
    line.push(b'\n');
    line
}

/// Reads a record's lines; returns the state and how many bytes are whole lines.
fn replay(bytes: &[u8]) -> Result<(Exchange, u64), String> {
    let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let mut state: Option<Exchange> = None;
    // Every line must read, since each was whole when it was synced: one that does not was changed.
    for (index, line) in bytes[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty()).enumerate() {
        let line: Line = serde_json::from_slice(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        match &mut state {
            None => {
                let begun = Exchange::begun(line.at, &line.event);
                state = Some(begun.ok_or("its first line does not open an exchange")?);
            }
            Some(state) => state.apply(line.at, line.event),
        }
    }
    Ok((state.ok_or("it holds no whole line")?, whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileName, Sha256Digest, Source};
    use crate::outside::vault::Digests;
    use crate::outside::vault::{ListedPackage, StoredPackage};
    use proptest::prelude::*;

    fn now(secs: i64) -> Timestamp {
        Timestamp::from_unix(1_790_000_000 + secs).expect("in range")
    }

    fn offer(number: usize) -> ListedPackage {
        ListedPackage {
            number,
            title: format!("Base 3.4.{number}"),
            requires: None,
            size: None,
            link: Some(format!("/d/{number}")),
        }
    }

    fn kept() -> StoredPackage {
        let digests = Digests { size_bytes: 1, sha256: Sha256Digest::of(b"x"), chunks: vec![Sha256Digest::of(b"x")] };
        let source = Source::Exchange { exchange: Id::random(), at: now(3) };
        StoredPackage::new("Base 3.4.1", FileName::from_foreign("base.nss"), digests, source)
    }

    fn story() -> (tempfile::TempDir, Vault, Id) {
        let home = tempfile::tempdir().expect("a temporary folder");
        let vault = Vault::open(home.path()).expect("opens");
        let mut ledger = vault.begin(now(0), "https://v", "…9999", None, None).expect("begins");
        ledger.write(now(1), Event::Spending).expect("writes");
        ledger.write(now(2), Event::Listed { offers: vec![offer(1), offer(2)] }).expect("writes");
        ledger.write(now(3), Event::Arrived { number: 1, kept: Box::new(kept()) }).expect("writes");
        ledger.write(now(4), Event::Kept { number: 1 }).expect("writes");
        (home, vault, ledger.exchange.id)
    }

    #[test]
    fn a_record_tells_what_is_missing() {
        let (_home, vault, id) = story();
        let exchange = vault.carry_on(id).expect("reads").exchange;
        assert_eq!(exchange.missing().iter().map(|offer| offer.number).collect::<Vec<_>>(), [2]);
        assert!(!exchange.answer_lost() && !exchange.closed);
        assert_eq!(vault.exchanges().expect("reads"), [exchange]);
    }

    #[test]
    fn a_spent_code_without_a_list_is_seen() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let vault = Vault::open(home.path()).expect("opens");
        let mut ledger = vault.begin(now(0), "https://v", "…9999", None, None).expect("begins");
        assert!(!ledger.exchange.answer_lost());
        ledger.write(now(1), Event::Spending).expect("writes");
        assert!(vault.carry_on(ledger.exchange.id).expect("reads").exchange.answer_lost());
    }

    #[test]
    fn two_runs_do_not_share_a_vault() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let _first = Vault::open(home.path()).expect("opens");
        assert!(matches!(Vault::open(home.path()), Err(VaultError::Busy { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_record_cut_anywhere_reads_as_an_earlier_state(keep in 0.0f64..1.0) {
            let (_home, vault, id) = story();
            let path = vault.ledger_path(id);
            let bytes = std::fs::read(&path).expect("reads");
            let first = bytes.iter().position(|b| *b == b'\n').expect("a line") + 1;
            let cut = first + ((bytes.len() - first) as f64 * keep) as usize;
            std::fs::write(&path, &bytes[..cut]).expect("writes");
            let mut ledger = vault.carry_on(id).expect("reads");
            ledger.write(now(9), Event::Closed { abandoned: None }).expect("writes");
            let again = vault.carry_on(id).expect("reads what was added after the cut").exchange;
            prop_assert!(again.closed);
            prop_assert_eq!(again, ledger.exchange);
        }
    }
}
