//! The record of one exchange: a chained log, one event a line, on the disk
//! before what it announces is done.
//!
//! A code can be spent once. So "about to send it" is on disk before it is
//! sent, the list before the first download, each package before it is called
//! kept; whatever breaks in between, the next run reads how far this one came.
//! The session is no event: it is a secret that changes, and lies beside.

use super::exchange::{Event, Exchange, SessionNote};
use super::{MAX_RECORD_BYTES, Vault, VaultError};
use crate::journal::{self, Log, LogEvent, LogRules, Record};
use crate::media::{self, Mode};
use crate::model::{ApplianceId, Id, RequestRef, Timestamp};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// What an exchange's record may hold: each of 1,000 packages brings one event
/// with its chunk digests, as large as a package's own record. The vault's
/// lock keeps two runs apart. A failed write is told as a trouble of its
/// download, and the others go on.
pub(super) const LIMITS: LogRules =
    LogRules { line_bytes: MAX_RECORD_BYTES as usize, bytes: 256 << 20, lock: None, goes_on: true };

/// An exchange that is being carried on: its state and the log it grows in.
#[derive(Debug)]
pub struct ExchangeLedger {
    /// How far it is.
    pub exchange: Exchange,
    log: Log<Event>,
    session: PathBuf,
}

impl LogEvent for Event {
    type Past = Option<Exchange>;

    fn parts(&self) -> (String, Map<String, Value>) {
        journal::tagged(self)
    }

    fn of(record: &Record) -> Result<Option<Self>, String> {
        journal::untagged(record)
    }

    fn apply(self, at: Timestamp, past: &mut Option<Exchange>) {
        match past {
            None => *past = Exchange::begun(at, &self),
            Some(exchange) => exchange.apply(at, self),
        }
    }
}

impl ExchangeLedger {
    /// Writes what happened, synced, and only then takes it into the state.
    ///
    /// # Errors
    /// [`VaultError::Unwritable`]; then it has not happened.
    pub fn write(&mut self, at: Timestamp, event: Event) -> Result<(), VaultError> {
        self.log.append(at, event.clone())?;
        // Taken into the state only now: a state that is ahead of the disk would do what no record announces.
        self.exchange.apply(at, event);
        Ok(())
    }

    /// Keeps what a later run needs to go on in the same session, in place of
    /// what was kept before.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn keep_session(&mut self, session: SessionNote) -> Result<(), VaultError> {
        let bytes = serde_json::to_vec(&session).expect("a session is JSON");
        media::write_durably(&self.session, &bytes, Mode::Private)?;
        self.exchange.session = Some(session);
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
        let mut log = Log::<Event>::open(&path, at, &LIMITS)?;
        if let Err(error) = log.append(at, event) {
            // Nothing was begun, so no record must stand for it.
            let _ = std::fs::remove_file(&path);
            return Err(error.into());
        }
        self.going_on(id, log)
    }

    /// Opens an exchange's record to go on with it; a last line that was cut
    /// while it was written is kept aside, since what it announced never began.
    ///
    /// # Errors
    /// [`VaultError::RecordChanged`] where a line is not what was written.
    pub fn carry_on(&self, id: Id, now: Timestamp) -> Result<ExchangeLedger, VaultError> {
        self.going_on(id, Log::open(&self.ledger_path(id), now, &LIMITS)?)
    }

    fn going_on(&self, id: Id, log: Log<Event>) -> Result<ExchangeLedger, VaultError> {
        let path = self.ledger_path(id);
        let why = || "no line of it opens an exchange".to_owned();
        let mut exchange =
            log.past().clone().ok_or_else(|| VaultError::RecordBroken { path: path.clone(), why: why() })?;
        exchange.session = self.read_session(&path)?;
        Ok(ExchangeLedger { exchange, log, session: session_path(&path) })
    }

    /// Reads all exchanges, oldest first. A record that a kill left empty is of
    /// an exchange that never began.
    ///
    /// # Errors
    /// [`VaultError::RecordChanged`] for one with a line that is not what was written.
    pub fn exchanges(&self) -> Result<Vec<Exchange>, VaultError> {
        let mut all = Vec::new();
        for path in self.names("exchanges", ".jsonl")? {
            if let Some(mut exchange) = journal::read_log::<Event>(&path, &LIMITS)? {
                exchange.session = self.read_session(&path)?;
                all.push(exchange);
            }
        }
        all.sort_by_key(|exchange| (exchange.opened, exchange.id));
        Ok(all)
    }

    /// Reads the chained records, those of exchanges and of removals, and
    /// returns what is wrong with each that does not hold.
    ///
    /// # Errors
    /// [`VaultError`] where the folder itself can't be read.
    pub fn broken_records(&self) -> Result<Vec<VaultError>, VaultError> {
        let read = |path: PathBuf| journal::read_log::<Event>(&path, &LIMITS).err().map(VaultError::from);
        let exchanges = self.names("exchanges", ".jsonl")?.into_iter().filter_map(read);
        Ok(exchanges.chain(self.removals().err()).collect())
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

    fn read_session(&self, ledger: &Path) -> Result<Option<SessionNote>, VaultError> {
        self.read_record(&session_path(ledger))
    }

    fn ledger_path(&self, id: Id) -> PathBuf {
        self.below("exchanges").join(format!("{id}.jsonl"))
    }
}

/// Where the session of the exchange with this record is kept.
fn session_path(ledger: &Path) -> PathBuf {
    ledger.with_extension("session.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileName, Sha256Digest, Source};
    use crate::objects::Digests;
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
            notes: None,
        }
    }

    fn kept() -> StoredPackage {
        let digests = Digests { size_bytes: 1, sha256: Sha256Digest::of(b"x"), chunks: vec![Sha256Digest::of(b"x")] };
        let source = Source::Exchange {
            origin: "https://update.example.com".to_owned(),
            allowed: Vec::new(),
            exchange: Id::random(),
            at: now(3),
        };
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
        let exchange = vault.carry_on(id, now(9)).expect("reads").exchange;
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
        assert!(vault.carry_on(ledger.exchange.id, now(9)).expect("reads").exchange.answer_lost());
    }

    /// The line that the vault finds to be wrong in the record, as both who goes
    /// on and who looks are told.
    fn found(vault: &Vault, id: Id) -> u64 {
        let line = |error: &VaultError| match error {
            VaultError::RecordChanged { line, .. } => *line,
            other => panic!("{other}"),
        };
        let going_on = line(&vault.carry_on(id, now(9)).expect_err("it was changed"));
        assert_eq!(vault.broken_records().expect("reads").iter().map(line).collect::<Vec<_>>(), [going_on]);
        assert!(vault.exchanges().is_err());
        going_on
    }

    #[test]
    fn a_changed_or_removed_line_is_found_with_its_number() {
        let (_home, vault, id) = story();
        let path = vault.ledger_path(id);
        let whole = std::fs::read_to_string(&path).expect("reads");
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        std::fs::write(&path, whole.replace("Base 3.4.2", "Base 3.4.3")).expect("writes");
        assert_eq!(found(&vault, id), 3, "another package is listed than was");
        std::fs::write(&path, [lines[0], lines[2], lines[3], lines[4]].concat()).expect("writes");
        assert_eq!(found(&vault, id), 2, "nobody spent a code");
        std::fs::write(&path, whole).expect("writes");
        assert!(vault.broken_records().expect("reads").is_empty());
        vault.carry_on(id, now(9)).expect("it is as it was written");
    }

    #[test]
    fn what_a_kill_left_empty_is_of_an_exchange_that_never_began() {
        let (_home, vault, id) = story();
        std::fs::write(vault.ledger_path(Id::random()), "").expect("writes");
        assert_eq!(vault.exchanges().expect("reads").iter().map(|exchange| exchange.id).collect::<Vec<_>>(), [id]);
        assert!(vault.broken_records().expect("reads").is_empty());
    }

    #[test]
    fn a_session_is_kept_beside_the_record_and_not_in_it() {
        let (_home, vault, id) = story();
        let session = SessionNote(serde_json::json!({ "cookies": "s3cret" }));
        vault.carry_on(id, now(9)).expect("reads").keep_session(session.clone()).expect("writes");
        assert_eq!(vault.carry_on(id, now(9)).expect("reads").exchange.session, Some(session));
        assert!(!std::fs::read_to_string(vault.ledger_path(id)).expect("reads").contains("s3cret"));
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
        fn any_changed_byte_and_any_line_out_of_its_place_is_found(
            at in any::<prop::sample::Index>(), to in any::<u8>(), a in 0usize..4, b in 0usize..4, how in 0u8..4
        ) {
            let (_home, vault, id) = story();
            let path = vault.ledger_path(id);
            let bytes = std::fs::read(&path).expect("reads");
            let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            match how {
                0 => drop(lines.remove(a)),
                1 => lines.insert(b, lines[a].clone()),
                2 => lines.swap(a, b),
                _ => {
                    // The last line feed may be torn off; all before it was synced.
                    let at = at.index(bytes.len() - 1);
                    let mut changed = bytes.clone();
                    changed[at] = to;
                    lines = vec![changed];
                }
            }
            prop_assume!(lines.concat() != bytes);
            std::fs::write(&path, lines.concat()).expect("writes");
            let found = matches!(vault.carry_on(id, now(9)), Err(VaultError::RecordChanged { .. }));
            prop_assert!(found);
            prop_assert_eq!(vault.broken_records().expect("reads").len(), 1);
            prop_assert_eq!(std::fs::read(&path).expect("reads"), lines.concat(), "nothing is put right");
        }

        #[test]
        fn a_record_cut_anywhere_reads_as_an_earlier_state(keep in 0.0f64..1.0) {
            let (_home, vault, id) = story();
            let path = vault.ledger_path(id);
            let bytes = std::fs::read(&path).expect("reads");
            let first = bytes.iter().position(|b| *b == b'\n').expect("a line") + 1;
            let cut = first + ((bytes.len() - first) as f64 * keep) as usize;
            std::fs::write(&path, &bytes[..cut]).expect("writes");
            let mut ledger = vault.carry_on(id, now(9)).expect("reads");
            ledger.write(now(9), Event::Closed { abandoned: None }).expect("writes");
            let again = vault.carry_on(id, now(9)).expect("reads what was added after the cut").exchange;
            prop_assert!(again.closed);
            prop_assert_eq!(again, ledger.exchange);
        }
    }
}
