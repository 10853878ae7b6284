//! What the verbs that work an appliance share: its rules, its folders, its
//! journal, and the appliance itself.

use super::journals::{self, folders, warn_of_unnoted};
use super::meet;
use super::transcript::{Recorder, Transcript};
use crate::cli::{Context, secret_file};
use crate::driver::{self, Appliance};
use crate::engine::{self, Engine, Entry, EntryLog, FirstPress, Folders, Memory, Rules, RunJournal, WAIT_MAX_SECS};
use crate::inventory::{ApplianceEntry, Clock, Driver, Identity, Inventory, InventoryError, Language};
use crate::language::Tongue;
use crate::model::{Exit, Failure, FileName, PageWords, Secret, Sha256Digest, Status, pages_are_in, parse_duration};
use crate::plan::{ClockRule, SitePolicy};
use crate::report::About;
use clap::Args;
use std::path::PathBuf;

/// Seconds an appliance must look idle before that is believed: two looks and more.
// Shorter, and one look between the two halves of a restart would pass for an
// answer. Longer is waited out after each broken upload, and comes off the window.
const SETTLE_SECS: u64 = 20;

/// Seconds an appliance may look idle after an answer was lost.
// An appliance may check gigabytes before its page says anything of
// them. Afterwards a person is asked, and earlier nobody could answer.
const UNANSWERED_SECS: u64 = 300;

/// How backups are made.
#[derive(Debug, Default, Args)]
pub struct BackupArgs {
    /// Ask for a password that protects the backup, twice
    #[arg(long, conflicts_with = "backup_password_file")]
    backup_password_prompt: bool,
    /// File whose first line is the password that protects the backup
    #[arg(long, value_name = "FILE")]
    backup_password_file: Option<PathBuf>,
    /// Leave logged history out of the backup; reports of sessions can't be restored from it then
    #[arg(long)]
    pub(super) no_backup_history: bool,
}

/// How the exported private key is protected.
#[derive(Debug, Default, Args)]
pub struct KeyArgs {
    /// File whose first line is the passphrase for the exported private key [default: the inventory's, else one that an earlier run made, else asked for]
    #[arg(long, value_name = "FILE")]
    pub(super) key_passphrase_file: Option<PathBuf>,
}

/// How certificates are exported before a backup.
#[derive(Debug, Default, Args)]
pub struct CertificateArgs {
    #[command(flatten)]
    pub(super) key: KeyArgs,
    /// Export no certificate before the backup, as where it is kept elsewhere with its private key
    #[arg(long, requires = "reason")]
    pub(super) no_certificate_export: bool,
}

/// The language in which a checklist is printed where none is asked for: that of the appliance's pages, where there is one.
pub fn tongue(entry: &ApplianceEntry) -> Tongue {
    match entry.language {
        Language::Pt => Tongue::Pt,
        _ => Tongue::En,
    }
}

/// What a page says of an appliance that it is about.
pub fn about(entry: &ApplianceEntry) -> About {
    let serial = entry.identity().map(|who| who.serial().to_owned()).unwrap_or_default();
    About { name: entry.name.to_string(), serial, host: entry.host(), bundles: Vec::new() }
}

/// One appliance at work.
pub struct ApplianceSession {
    /// Its entry in the inventory.
    pub entry: ApplianceEntry,
    /// Who it is.
    pub identity: Identity,
    /// What it showed when the job was opened; `None` where it was not asked.
    met: Option<Status>,
    /// The driver.
    pub appliance: Box<dyn Appliance>,
    /// Its journal, which no other run holds now.
    pub journal: EntryLog,
    /// The rules of this run.
    pub rules: Rules,
    /// What was told last, for a support pack.
    pub told: Transcript,
    /// Where the run stands with a person's word before the first press.
    pub first_press: FirstPress,
}

/// The inventory's entry of `name`.
///
/// # Errors
/// A [`Failure`] where there is none.
pub fn entry(name: &str, context: &Context) -> Result<ApplianceEntry, Failure> {
    let entry = Inventory::read(&context.home)?.appliance(name)?.clone();
    context.console.is_about(name);
    pages_are_in(match entry.language {
        Language::Auto => PageWords::Both,
        // Of the further languages no page was seen, and their menus are in no guide here.
        Language::En | Language::De | Language::Es | Language::Fr => PageWords::English,
        Language::Pt => PageWords::Portuguese,
    });
    Ok(entry)
}

/// Who an appliance is, where that must be known without asking it.
///
/// # Errors
/// [`InventoryError::NotMet`].
pub fn identity(entry: &ApplianceEntry) -> Result<Identity, Failure> {
    entry.identity().ok_or_else(|| InventoryError::NotMet { name: entry.name.to_string() }.into())
}

/// What an entry says of waits and clocks.
pub fn policy(entry: &ApplianceEntry) -> SitePolicy {
    let mut policy = SitePolicy::default();
    if let Some(hours) = entry.soak_hours {
        policy.soak_secs = i64::from(hours) * 3600;
    }
    if let Some(min_clients) = entry.min_clients {
        policy.min_clients = u64::from(min_clients);
    }
    policy.clock = match entry.clock {
        Clock::Host => ClockRule::Both,
        Clock::Appliance => ClockRule::Appliance,
    };
    policy.certificates = true;
    policy.windows.clone_from(&entry.windows);
    policy.titles.clone_from(&entry.titles);
    policy
}

/// The rules of a run as long as nothing else is asked for. `again` is the
/// command as it is typed.
pub fn rules(name: &FileName, policy: SitePolicy, folders: Folders) -> Rules {
    Rules {
        name: name.clone(),
        options: String::new(),
        policy,
        wait_max_secs: WAIT_MAX_SECS,
        settle_secs: SETTLE_SECS,
        unanswered_secs: UNANSWERED_SECS,
        accepted: Vec::new(),
        backup_password: None,
        backup_history: true,
        outside_window: None,
        skip_soak: None,
        alone: None,
        clients_removed: None,
        up_to: None,
        key_passphrase: None,
        no_certificate: None,
        folders,
    }
}

impl ApplianceSession {
    /// As [`open`](Self::open), with the appliance met.
    ///
    /// # Errors
    /// Those of both.
    pub fn begin(name: &str, backup: &BackupArgs, context: &mut Context) -> Result<Self, Failure> {
        let mut job = ApplianceSession::open(name, backup, context)?;
        // Where a person works it, what it shows is what that person types: asked when it is needed.
        if job.entry.driver != Driver::Guided {
            job.meet(context)?;
        }
        Ok(job)
    }

    /// Opens the journal, asks for what must be known beforehand, makes the
    /// driver. An appliance that was never met is asked who it is; else
    /// nothing is sent yet.
    ///
    /// # Errors
    /// A [`Failure`]: the journal is held or does not hold, two passwords
    /// differ, the driver can't be made, nobody can tell who it is.
    pub fn open(name: &str, backup: &BackupArgs, context: &mut Context) -> Result<Self, Failure> {
        let mut entry = entry(name, context)?;
        // The journal first, since it is the lock: a second run is
        // turned away before it asks for a password or logs in.
        let held = entry.identity().map(|who| journals::open(&who, context)).transpose()?;
        // Before the driver: whoever mistypes it has sent nothing yet.
        let backup_password = backup.password(context)?;
        let mut appliance = driver::connect(&entry, context)?;
        let (journal, status) = match held {
            Some(journal) => (journal, None),
            None => {
                let status = appliance.status()?;
                let (who, _) = meet::recognise(&entry, &status, context)?;
                // The inventory was read before it was known, and all that follows is found by it.
                entry.serial = Some(who.serial().to_owned());
                (journals::open(&who, context)?, Some(status))
            }
        };
        let identity = identity(&entry)?;
        let mut rules = rules(&entry.name, policy(&entry), folders(context.home.root(), &identity));
        rules.policy.backup_with_password = backup_password.is_some();
        rules.policy.backup_with_history = !backup.no_backup_history;
        rules.backup_password = backup_password;
        rules.backup_history = !backup.no_backup_history;
        let (told, first_press) = (Transcript::default(), FirstPress::default());
        Ok(ApplianceSession { entry, identity, met: status, appliance, journal, rules, told, first_press })
    }

    /// Makes sure who answers; what it shows, `None` where it is away, as while
    /// it installs: then it is who it was. Where another box answers than
    /// before, and a person says that it replaced the old one, the job goes on
    /// with that one's journal.
    ///
    /// # Errors
    /// The driver's; [`InventoryError::Replaced`], [`InventoryError::Twins`].
    pub fn meet(&mut self, context: &mut Context) -> Result<Option<Status>, Failure> {
        let status = match self.met.take() {
            Some(status) => status,
            None => match self.appliance.status() {
                Ok(status) => self.recognise(status, context)?,
                Err(error) if error.may_be_done() => return Ok(None),
                Err(error) => return Err(error.into()),
            },
        };
        if engine::is_news(self.journal.entries(), &status) {
            self.journal.append(context.now(), &Entry::seen(&status, context.now()))?;
        }
        Ok(Some(status))
    }

    /// Makes the journal that of the appliance which answered.
    fn recognise(&mut self, status: Status, context: &mut Context) -> Result<Status, Failure> {
        let (who, replaced) = meet::recognise(&self.entry, &status, context)?;
        let Some(replaced) = replaced else { return Ok(status) };
        let mut journal = journals::open(&who, context)?;
        meet::ask_replaced(replaced, &self.entry, &who, &mut journal, context)?;
        self.journal = journal;
        let usual = folders(context.home.root(), &self.identity).staging;
        let folders = std::mem::replace(&mut self.rules.folders, folders(context.home.root(), &who));
        // A folder that was named for the browser stays, whoever answers.
        if folders.staging != usual {
            self.rules.folders.staging = folders.staging;
        }
        self.entry.serial = Some(who.serial().to_owned());
        self.identity = who;
        Ok(status)
    }

    /// Sets `what` to work with the desk's voice and operator.
    pub fn work<T>(&mut self, context: &mut Context, what: impl FnOnce(&mut Engine<'_>) -> T) -> T {
        let teller = Recorder::new(&context.console, &*context.time, std::mem::take(&mut self.told));
        let mut engine = Engine {
            appliance: &mut *self.appliance,
            operator: &mut context.operator,
            teller: &teller,
            time: &*context.time,
            ledger: &mut self.journal,
            rules: &self.rules,
            first_press: &self.first_press,
            memory: Memory::default(),
        };
        let outcome = what(&mut engine);
        // What a person told the driver of a run that wrote nothing more.
        if let Err(failure) = engine.note_heard() {
            warn_of_unnoted(&failure, context);
        }
        self.told = teller.into_told();
        outcome
    }
}

impl KeyArgs {
    /// The passphrase of an appliance's exported keys, where a file has it.
    ///
    /// # Errors
    /// A [`Failure`] where the file can't be read, or is open to others.
    pub(super) fn passphrase(&self, entry: &ApplianceEntry, context: &Context) -> Result<Option<Secret>, Failure> {
        let inventory = entry.key_passphrase_file.as_ref().map(|file| context.home.join(file));
        self.key_passphrase_file.clone().or(inventory).as_deref().map(secret_file).transpose()
    }
}

impl CertificateArgs {
    /// Has a run go by what was typed; `reason` is why none is exported, where that was said.
    ///
    /// # Errors
    /// As [`KeyArgs::passphrase`].
    pub(super) fn apply(
        &self,
        job: &mut ApplianceSession,
        reason: Option<&str>,
        context: &Context,
    ) -> Result<(), Failure> {
        job.rules.no_certificate = reason.filter(|_| self.no_certificate_export).map(str::to_owned);
        job.rules.policy.certificates = job.rules.no_certificate.is_none();
        if job.rules.policy.certificates {
            job.rules.key_passphrase = self.key.passphrase(&job.entry, context)?;
        }
        Ok(())
    }

    /// What an entry says of waits and clocks, and whether certificates are exported.
    pub(super) fn policy(&self, entry: &ApplianceEntry) -> SitePolicy {
        SitePolicy { certificates: !self.no_certificate_export, ..policy(entry) }
    }
}

impl BackupArgs {
    /// Refuses what can't be asked where many appliances are worked at once.
    ///
    /// # Errors
    /// [`Exit::Usage`] where a password is to be asked for: nobody could answer all of them.
    pub fn check_unasked(&self) -> Result<(), Failure> {
        if self.backup_password_prompt {
            return Err(Failure::new(Exit::Usage, "a password is asked for one appliance at a time")
                .hint("put it into a file: --backup-password-file FILE"));
        }
        Ok(())
    }

    fn password(&self, context: &mut Context) -> Result<Option<Secret>, Failure> {
        if let Some(file) = &self.backup_password_file {
            return Ok(Some(secret_file(file)?));
        }
        if !self.backup_password_prompt {
            return Ok(None);
        }
        context.console.warn(engine::PASSWORD_LOST);
        Ok(Some(engine::type_password(&mut context.operator)?))
    }
}

/// Reads a digest on the command line.
///
/// # Errors
/// A sentence for clap.
pub fn parse_digest(text: &str) -> Result<Sha256Digest, String> {
    Sha256Digest::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| "a SHA-256 has 64 hex digits".to_owned())
}

/// Reads `90s`, `90m`, `4h`, in seconds.
///
/// # Errors
/// A sentence for clap.
pub fn parse_wait(text: &str) -> Result<u64, String> {
    match parse_duration(text) {
        Some(secs @ 1..=604_800) => Ok(secs),
        Some(_) => Err("the longest wait is from 1 s to 168 h".to_owned()),
        None => Err("a time ends with s, m or h, such as 90m".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_wait;

    #[test]
    fn waits_have_units() {
        assert_eq!(parse_wait("90m"), Ok(5400));
        assert_eq!(parse_wait("30s"), Ok(30));
        for bad in ["", "90", "h", "0s", "999999h", "-1h"] {
            assert!(parse_wait(bad).is_err(), "{bad}");
        }
    }
}
