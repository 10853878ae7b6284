//! What an appliance's journal tells, folded record by record: the one place
//! where the past is put together. It is kept up to date as the journal grows,
//! so that no record is read twice, however long the journal is.

use super::entry::Entry;
use super::history::{self, Open};
use super::open_run::{self, OpenPair};
use super::record::Noted;
use super::sites::Sites;
use crate::journal::Record;
use crate::model::{Id, Timestamp, Version, map_on_all_cores};
use crate::plan::History;

/// The past of one appliance.
#[derive(Debug, Clone, Default)]
pub struct Past {
    entries: Vec<Noted>,
    history: History,
    sites: Sites,
    /// When the install that is under way was begun, as long as nothing interrupted it.
    begun: Option<Timestamp>,
    open: Option<Open>,
    pair: Option<OpenPair>,
    run: Option<(Id, Timestamp)>,
    update: Option<(Id, Vec<String>)>,
    /// Whether what an appliance offers was installed last, and no bundle.
    by_update: bool,
    /// The options that the last run of one appliance was typed with.
    options: String,
    /// The sizes of the last kept backups without and with logged history.
    backup_bytes: [Option<u64>; 2],
    fresh_site: bool,
    site_shown: Option<(Timestamp, Version)>,
}

impl Past {
    /// The past that a journal's records tell of, oldest first.
    pub fn of(records: &[Record]) -> Self {
        let told = |record: &Record| Some((record.time, Entry::of(record)?));
        map_on_all_cores(records, told).into_iter().flatten().collect()
    }

    /// Takes in one more entry.
    pub fn apply(&mut self, at: Timestamp, entry: Entry) {
        history::apply(&mut self.history, &mut self.sites, &mut self.begun, at, &entry);
        history::apply_install(&mut self.open, at, &entry);
        open_run::apply(&mut self.pair, at, &entry);
        self.apply_run(at, &entry);
        self.apply_site(at, &entry);
        if let Entry::BackupDone { size_bytes: Some(size_bytes), history, .. } = &entry {
            self.backup_bytes[usize::from(*history)] = Some(*size_bytes);
        }
        self.entries.push((at, entry));
    }

    fn apply_run(&mut self, at: Timestamp, entry: &Entry) {
        match entry {
            Entry::PushBegun { bundle: run, .. } | Entry::UpdateBegun { run, .. }
                if self.run.is_none_or(|(known, _)| known != *run) =>
            {
                self.run = Some((*run, at));
            }
            Entry::PushDone { .. } | Entry::UpdateDone { .. } | Entry::PairDone { .. } => self.run = None,
            _ => {}
        }
        match entry {
            Entry::PushBegun { options, .. } => (self.by_update, self.options) = (false, options.clone()),
            Entry::UpdateBegun { options, .. } => (self.by_update, self.options) = (true, options.clone()),
            Entry::PairBegun { offered, .. } => self.by_update = *offered,
            _ => {}
        }
        match entry {
            Entry::UpdateBegun { run, packages, .. } => self.update = Some((*run, packages.clone())),
            Entry::UpdateDone { run } if self.update.as_ref().is_some_and(|(open, _)| open == run) => {
                self.update = None;
            }
            _ => {}
        }
    }

    fn apply_site(&mut self, at: Timestamp, entry: &Entry) {
        match entry {
            Entry::StatusRead { shown, .. } if shown.no_site => self.fresh_site = true,
            Entry::PairStepDone { step, .. } if step == "restore" => self.fresh_site = false,
            Entry::Restored { .. } => self.fresh_site = false,
            _ => {}
        }
        match entry {
            Entry::StatusRead { shown, .. } | Entry::InstallConfirmed { shown, .. } => {
                if let Some(site) = &shown.site {
                    self.site_shown = Some((at, site.clone()));
                }
            }
            Entry::SiteGone { .. } | Entry::ResetOrdered { .. } => self.site_shown = None,
            _ => {}
        }
    }

    /// All entries, oldest first.
    pub fn entries(&self) -> &[Noted] {
        &self.entries
    }

    /// What a plan needs to know of it.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The install that is still open, if one is: there is never more than one.
    pub fn open_install(&self) -> Option<&Open> {
        self.open.as_ref()
    }

    /// The run over two appliances that is still open, if one is.
    pub fn open_pair(&self) -> Option<&OpenPair> {
        self.pair.as_ref()
    }

    /// The run of what the appliance offers that was begun last and is not
    /// over, and the titles that a person agreed to.
    pub fn open_update(&self) -> Option<(Id, &[String])> {
        self.update.as_ref().map(|(run, titles)| (*run, titles.as_slice()))
    }

    /// Whether the last run had the appliance install what it offers.
    pub fn is_by_update(&self) -> bool {
        self.by_update
    }

    /// The options that the last run of one appliance was typed with, as they are typed again.
    pub fn options(&self) -> &str {
        &self.options
    }

    /// The bundle, or the run of what is offered, that is not over.
    pub fn run(&self) -> Option<Id> {
        self.run.map(|(id, _)| id)
    }

    /// Whether a backup of the run under way is protected by a password: one that
    /// was made since the run began, or that it counted as its own because it was
    /// not older than `fresh_secs` then.
    pub fn is_protected(&self, fresh_secs: i64) -> bool {
        let begun = self.pair.as_ref().map(|pair| pair.since).or(self.run.map(|(_, at)| at));
        let Some(begun) = begun else { return false };
        self.entries.iter().any(|(at, entry)| {
            matches!(entry, Entry::BackupDone { protected: Some(true), .. }) && begun.secs_since(*at) <= fresh_secs
        })
    }

    /// Whether the run that was begun last and is not over has begun a backup.
    pub fn has_begun_a_backup(&self) -> bool {
        let Some((_, since)) = self.run else { return false };
        let written = self.entries.iter().rev().take_while(|(at, _)| *at >= since);
        written.into_iter().any(|(_, entry)| matches!(entry, Entry::BackupStarted { .. }))
    }

    /// Whether a run of one appliance was begun and is not over.
    pub fn is_run_open(&self) -> bool {
        self.run.is_some()
    }

    /// The size of the last kept backup that has, or lacks, logged `history`.
    pub fn last_backup_bytes(&self, history: bool) -> Option<u64> {
        self.backup_bytes[usize::from(history)]
    }

    /// Whether the appliance's site was put on bare hardware and has no settings
    /// yet, so that nobody but the guide's first user is known to it.
    pub fn is_site_fresh(&self) -> bool {
        self.fresh_site
    }

    /// The site version that the appliance showed last and when, unless it is
    /// known that it was reset since.
    pub fn last_site_shown(&self) -> Option<&(Timestamp, Version)> {
        self.site_shown.as_ref()
    }
}

impl FromIterator<Noted> for Past {
    fn from_iter<T: IntoIterator<Item = Noted>>(entries: T) -> Self {
        let mut past = Past::default();
        entries.into_iter().for_each(|(at, entry)| past.apply(at, entry));
        past
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{EntryLog, RunJournal};

    fn at(secs: i64) -> Timestamp {
        Timestamp::parse("2026-03-04T22:00:00Z").expect("a time").plus_secs(secs)
    }

    fn asked(secs: i64) -> Noted {
        (at(secs), Entry::Asked { question: format!("is it {secs}?"), yes: true })
    }

    #[test]
    fn the_past_kept_up_to_date_is_the_past_read_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("box.jsonl");
        let run = Id::random();
        let begun = Entry::UpdateBegun { run, packages: vec!["Base 3.4.0".into()], options: String::new() };
        let mut log = EntryLog::open(&path, at(0)).expect("opened");
        for (secs, entry) in [asked(1).1, begun, asked(3).1].into_iter().enumerate() {
            log.append(at(secs as i64), &entry).expect("appended");
        }
        assert_eq!(log.past().open_update(), Some((run, &["Base 3.4.0".to_owned()][..])));
        let kept = log.past().entries().to_vec();
        drop(log);
        let anew = EntryLog::open(&path, at(9)).expect("opened again");
        assert_eq!(anew.past().entries(), kept);
        assert_eq!(anew.past().open_update(), kept.into_iter().collect::<Past>().open_update());
    }

    #[test]
    fn a_hundred_thousand_records_are_folded_once() {
        let mut past = Past::default();
        for secs in 0..100_000 {
            let (at, entry) = asked(secs);
            past.apply(at, entry);
            // Asking costs nothing, however much there is: each of these is known already.
            assert!(past.open_install().is_none() && past.open_pair().is_none());
            assert!(past.history().installs.is_empty() && !past.is_site_fresh());
        }
        assert_eq!(past.entries().len(), 100_000);
    }
}
