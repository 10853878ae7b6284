//! The backup before anything changes: made, looked at, read back, kept, its
//! gaps said.

use super::keeping::{Keeping, Untaken, free_name, room_bytes, take_over};
use super::looks::{self, Looks};
use super::{Engine, EngineError, Entry};
use crate::console::{Operator, kind};
use crate::driver::{BackupMade, BackupOptions, Did, Guide};
use crate::engine::question::{BackupQuestion, EnginePrompt};
use crate::media::{self, MediaError, Mode};
use crate::model::{AGAIN, Exit, Failure, Kind, Secret, ShowPath, text};
use std::path::Path;

/// What the vendor's backup leaves out. Source: guide, backup and
/// synchronisation; vendor, backup API; the certificates: guide, preparations.
const GAPS: [&str; 5] = [
    "recordings are not in it",
    "of the file store only files of less than 200 KB are in it, and no more than 50 of them",
    "the vault's encryption key is not in it: it has a backup of its own",
    "settings of /appliance (network, clock, certificates) are not in it: keep pictures of those pages",
    "certificates are not in it: they are exported beside it before an install, with their private key",
];

/// The gap that a run's own option makes.
const HISTORY_GAP: &str =
    "logged history is not in it, because --no-backup-history was said: reports of sessions can't be restored from it";

/// What a lost password costs. Source: guide, backup and synchronisation.
pub const PASSWORD_LOST: &str =
    "whoever loses the password of a backup can't restore it: nobody can, and handcarry keeps no copy of the password";

/// How often the path of a backup is asked for before it counts as none.
const PATH_TRIES: usize = 3;

/// Largest backup that is read back or taken over, in bytes: settings and
/// logged history, no recordings.
const MAX_BACKUP_BYTES: u64 = 64 << 30;

/// How a backup is made now.
struct Making<'a> {
    /// The password that protects it.
    password: Option<&'a Secret>,
    /// The name it will have, and where it will lie.
    file: String,
    path: &'a Path,
}

impl Engine<'_> {
    /// Makes a backup and keeps it.
    ///
    /// # Errors
    /// [`EngineError::BackupFailed`] where there is none to rely on,
    /// [`EngineError::Unprotected`] where an earlier one of the run is protected
    /// and nobody gives a password for this one; what the driver says where the
    /// login or the certificate is refused.
    pub fn backup(&mut self) -> Result<(), Failure> {
        let rules = self.rules;
        let typed = self.password_as_before()?;
        self.tell_gaps();
        let folder = rules.folders.backups.clone();
        media::create_dirs(&folder, Mode::Private)?;
        let file = free_name(&folder, &format!("{}-{}", rules.name, self.time.now().compact()), "nsb");
        let path = folder.join(&file);
        let making = Making { password: typed.as_ref().or(rules.backup_password.as_ref()), file, path: &path };
        // Before it is asked for, and with how: whether it is protected can't be read off a backup afterwards.
        self.write(Entry::BackupStarted {
            file: making.file.clone(),
            protected: making.password.is_some(),
            history: rules.backup_history,
        })?;
        match self.download(&making) {
            Ok(Did::Done((copy, history))) => match self.keep_copy(&making, copy, history, false) {
                Ok(()) => Ok(()),
                Err(untaken) => self.backup_failed(untaken.into()),
            },
            Ok(Did::ByHand(guide)) => self.guided_backup(&guide, &making),
            Err(failure) => self.backup_failed(failure),
        }
    }

    /// Makes a backup that no plan asked for. Where `looks`, the journal gets
    /// what it is made of: a person who types all that is not bothered for it.
    ///
    /// # Errors
    /// As [`backup`](Self::backup); where there is no site to back up.
    pub fn backup_alone(&mut self, looks: bool) -> Result<(), Failure> {
        if looks {
            self.look_at_what_is_backed_up()?;
        }
        self.backup()
    }

    fn look_at_what_is_backed_up(&mut self) -> Result<(), Failure> {
        let status = match self.appliance.status() {
            Ok(status) => status,
            Err(error) if error.leaves_it_to_a_person() => {
                let why = Failure::from(error).message;
                self.teller.warn(&format!("what the backup is made with is not known: {why}"));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if status.no_site {
            let next = format!("install its site package first: handcarry-inside push MEDIA {}", self.rules.name);
            let what = "no site software is installed, so there are no settings to back up";
            return Err(Failure::new(Exit::BackupFailed, what).hint(next));
        }
        self.write(Entry::seen(&status, self.time.now()))
    }

    /// Says once a run what a restore will not bring back; --quiet does not hide it,
    /// because some of it is work for whoever reads it.
    fn tell_gaps(&self) {
        if !self.teller.is_news("gaps", self.ledger.past().has_begun_a_backup()) {
            return;
        }
        self.teller.say("a backup of the appliance has gaps:");
        for gap in GAPS {
            self.teller.say(&format!("  - {gap}"));
        }
    }

    /// Says what became of the wish to leave logged history out: not every way
    /// to a backup can.
    fn tell_history(&self, history: bool) {
        match (history, self.rules.backup_history) {
            (false, _) => self.teller.warn(HISTORY_GAP),
            (true, false) => {
                self.teller.note("logged history is in it all the same: the site's API can't leave it out")
            }
            (true, true) => {}
        }
    }

    /// The password for a backup of a run whose earlier one is protected, where
    /// none was given this time; typed at a terminal.
    fn password_as_before(&mut self) -> Result<Option<Secret>, Failure> {
        let fresh_secs = self.rules.policy.backup_fresh_secs;
        // Two backups of one site, of which one is open, protect nothing.
        let before = self.memory.protected_beside || self.ledger.past().is_protected(fresh_secs);
        if !before || self.rules.backup_password.is_some() {
            return Ok(None);
        }
        self.teller.warn("an earlier backup of this run is protected by a password, so this one must be, too");
        self.teller.warn(PASSWORD_LOST);
        match type_password(self.operator) {
            Ok(password) => Ok(Some(password)),
            Err(failure) if failure.kind == Kind::Declined => Err(EngineError::Unprotected.into()),
            Err(failure) => Err(failure),
        }
    }

    fn download(&mut self, making: &Making<'_>) -> Result<Did<(Keeping, bool)>, Failure> {
        self.has_room(making)?;
        let options = BackupOptions { password: making.password, include_history: self.rules.backup_history };
        let mut sink = Keeping::begin(making.path, "backup", MAX_BACKUP_BYTES)?;
        let bar = self.teller.progress("backup", 0);
        let made = self.appliance.backup(&options, &mut sink, &*bar);
        bar.finish();
        self.tell_news();
        if let Some(trouble) = sink.trouble {
            // Our own disk's words say more than what the driver made of them.
            return Err(MediaError::of("write", making.path, trouble).into());
        }
        let BackupMade { size_bytes, history } = match made? {
            Did::Done(made) => made,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        // The driver and the file both count. Where they differ, something was lost in between.
        if sink.bytes == 0 || size_bytes != sink.bytes {
            let what = format!("the appliance announced {size_bytes} bytes of backup and sent {}", sink.bytes);
            return Err(Failure::new(Exit::BackupFailed, what));
        }
        Ok(Did::Done((sink, history)))
    }

    /// Refuses to begin where the last backup of this kind would find no room.
    fn has_room(&self, making: &Making<'_>) -> Result<(), Failure> {
        let Some(last) = self.ledger.past().last_backup_bytes(self.rules.backup_history) else { return Ok(()) };
        let folder = making.path.parent().unwrap_or(making.path);
        let room = room_bytes(folder);
        if last <= room {
            return Ok(());
        }
        let what = format!(
            "{} has room for {}, and the last backup of this appliance was {}",
            folder.shown(),
            text::bytes(room),
            text::bytes(last)
        );
        Err(Failure::new(Exit::NoSpace, what)
            .hint(format!("free some space there, or move old backups to another disk; then: {AGAIN}")))
    }

    /// Keeps what came, if it can be a backup.
    fn keep_copy(&mut self, making: &Making<'_>, copy: Keeping, history: bool, guided: bool) -> Result<(), Untaken> {
        self.look_at(&copy, making, history)?;
        let size_bytes = copy.bytes;
        let sha256 = copy.keep(making.path)?;
        let path = making.path.shown();
        self.teller.say(&format!("backup kept: {path} ({})", text::bytes(size_bytes)));
        self.tell_history(history);
        // Who was told to type it may have left it out.
        let protected = making.password.map(|_| true).or((!guided).then_some(false));
        if protected == Some(true) {
            self.teller.warn(PASSWORD_LOST);
        }
        let event = serde_json::json!({ "file": making.file, "size_bytes": size_bytes, "sha256": sha256 });
        self.teller.event(&kind::BACKUP, event);
        let done = Entry::BackupDone {
            file: Some(making.file.clone()),
            size_bytes: Some(size_bytes),
            sha256: Some(sha256),
            protected,
            history,
            guided,
        };
        Ok(self.write(done)?)
    }

    /// Refuses what is no backup, and asks about what may be none.
    fn look_at(&mut self, copy: &Keeping, making: &Making<'_>, history: bool) -> Result<(), Untaken> {
        let withheld = |said: String| making.password.map_or(said.clone(), |secret| secret.withhold(&said));
        let none = |what: &str| {
            let hint = "make one in a browser, under /login > Management > Software Management, and see what it says";
            let failure = Failure::new(Exit::BackupFailed, format!("what came is no backup: {what}"));
            Untaken::OtherFile(failure.hint(hint))
        };
        match looks::look(&copy.head, copy.bytes) {
            Looks::Likely => {}
            Looks::Other(what) => return Err(none(&withheld(what))),
            Looks::Text(said) => {
                let (said, size) = (withheld(said), text::bytes(copy.bytes));
                if !self.ask(&BackupQuestion::IsText { size, said: said.clone() })? {
                    return Err(none(&format!("it is a text: {said}")));
                }
            }
        }
        // With one of its own kind: logged history may be most of a backup.
        let Some(last) = self.ledger.past().last_backup_bytes(history) else { return Ok(()) };
        if !looks::is_much_smaller(copy.bytes, last) {
            return Ok(());
        }
        let (now, last) = (text::bytes(copy.bytes), text::bytes(last));
        match self.ask(&BackupQuestion::IsWhole { now: now.clone(), last: last.clone() })? {
            true => Ok(()),
            false => Err(none(&format!("it has {now}, and the last one had {last}"))),
        }
    }

    /// The operator makes it with a browser; a copy is kept if its path is told.
    fn guided_backup(&mut self, guide: &Guide, making: &Making<'_>) -> Result<(), Failure> {
        self.tell_guide(guide, None)?;
        let mut tries = 0;
        loop {
            let answer = self.ask_word(&EnginePrompt::BackupPath)?;
            if answer.is_empty() {
                return self.guided_backup_elsewhere(making);
            }
            tries += 1;
            let history = self.rules.backup_history;
            let taken = take_over(Path::new(&answer), making.path, MAX_BACKUP_BYTES);
            match taken.and_then(|copy| self.keep_copy(making, copy, history, true)) {
                Ok(()) => return Ok(()),
                // A wrong path is no reason to make the backup anew.
                Err(Untaken::OtherFile(failure)) if tries < PATH_TRIES => self.teller.warn(&failure.message),
                Err(untaken) => return self.backup_failed(untaken.into()),
            }
        }
    }

    /// No copy is kept here: the operator's word is all there is.
    fn guided_backup_elsewhere(&mut self, making: &Making<'_>) -> Result<(), Failure> {
        if !self.ask(&BackupQuestion::IsKeptElsewhere)? {
            let none = Failure::new(Exit::Declined, "the operator has none");
            return self.backup_failed(none.hint(format!("make one in a browser and keep it safe, then: {AGAIN}")));
        }
        self.tell_history(self.rules.backup_history);
        self.write(Entry::BackupDone {
            file: None,
            size_bytes: None,
            sha256: None,
            protected: making.password.map(|_| true),
            history: self.rules.backup_history,
            guided: true,
        })
    }

    fn backup_failed(&mut self, failure: Failure) -> Result<(), Failure> {
        let entry = Entry::BackupFailed { why: failure.message.clone() };
        let failure = self.ended(entry, failure);
        match failure.kind {
            // These say by themselves what is to be done; that there is no backup would hide it.
            Kind::LoginRefused | Kind::OtherCertificate | Kind::OwnDisk => Err(failure),
            _ => Err(EngineError::BackupFailed { why: failure.message, next: failure.hint }.into()),
        }
    }
}

/// Asks for a backup's password, twice.
///
/// # Errors
/// [`Exit::Declined`] where nobody types one, [`Exit::WrongPassphrase`] where
/// the two differ.
pub fn type_password(operator: &mut dyn Operator) -> Result<Secret, Failure> {
    let first = operator.secret(&EnginePrompt::NewBackupPassword)?;
    let second = operator.secret(&EnginePrompt::OnceMore)?;
    // An empty one protects nothing, and somebody would look for it in vain when the backup is needed.
    if first.is_empty() || first.reveal() != second.reveal() {
        return Err(Failure::new(Exit::WrongPassphrase, "the two passwords differ, or are empty")
            .hint("nothing was done; run it again"));
    }
    Ok(first)
}
