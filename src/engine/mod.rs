//! Follows a plan on an appliance, step by step, and writes down each step
//! before and after it.
//!
//! What it guarantees:
//!
//! 1. Nothing is sent before the appliance's serial number is the consignment's,
//!    its clock is right, and a backup is kept.
//! 2. A run that was killed anywhere goes on where it was: it first asks the
//!    appliance what is so. No install is repeated that may have happened,
//!    none is skipped that did not; where the appliance can't tell, the
//!    operator is asked, and nothing is assumed.
//! 3. No restart is ever ordered.
//! 4. What the driver can't do, the operator is guided through; it is checked
//!    by what can be read back.
//! 5. Of a bundle with damaged packages only what comes before the first of
//!    them is installed, on a word, and the bundle is not used up.
//! 6. A member of a standing failover pair is not worked alone, but on a word;
//!    and nothing is pressed before a person agreed to it, in this very run or
//!    beforehand to this very procedure.
//! 7. A soak ends the run with [`Exit::Waiting`](crate::model::Exit::Waiting); the next run goes on. It ends
//!    before its time only by what is in the journal first.
//!
//! It knows the appliance only by the trait [`Appliance`], and neither pages
//! nor bundles' format. Everything around it comes through the traits of
//! `ports`, so that tests can stand in for the world, clock included.

mod after;
mod agreement;
mod backup;
mod bare;
mod certificate;
pub mod clients;
mod damaged;
mod entry;
mod entry_log;
mod error;
mod evidence;
mod guided;
mod history;
mod install;
mod keeping;
mod looks;
pub mod migrate;
mod offers;
mod open_run;
pub mod pair;
mod past;
mod patience;
mod ports;
mod press;
mod question;
mod record;
mod records;
mod removed;
mod restore;
mod resume;
mod role;
mod run;
mod shown;
mod sites;
mod soak;
mod step;
mod update;
mod wait;
mod watch;
mod window;
mod word;

use agreement::append_after_heard;
pub use agreement::note_heard;
pub use backup::{PASSWORD_LOST, type_password};
pub use entry::{Entry, Installing, Shown, Word};
pub use entry_log::EntryLog;
pub use error::EngineError;
pub use history::{Became, backup_before, became, begun_elsewhere, is_news};
pub use offers::Offered;
pub use open_run::{OpenPair, merged};
pub use past::Past;
pub use ports::{Bar, Carrier, HostResolver, Reporter, Resolver, RunJournal};
pub use press::{Ahead, Approvals, Approved, FirstPress, look};
pub(crate) use question::{EnginePrompt, InstallQuestion, SoakQuestion};
pub use record::Noted;
pub use records::{BackupRecord, backup_records, examine, kept_there};
pub use removed::{REMOVED_MEANS, removed_first};
pub use restore::{RestoreError, Restoring};
pub use role::{Alone, PairTold, RoleSeen, look_at_role};
pub use run::{Around, Run, RunRules, Side, WAIT_MAX_SECS, plan_kind};
pub use soak::{Soaking, advised_limit};
pub use update::left_over;
pub use window::check_clocks;
pub use word::{OverrideRequest, SetAside};

use crate::bundle::Verified;
use crate::console::{Operator, OperatorError, Question, kind};
use crate::driver::{Appliance, Heard};
use crate::model::{Consignment, Failure, FileName, Id, Secret, Sha256Digest, Status, Time, Version, text};
use crate::plan::{self, Cut, Facts, PackageList, Part, Plan, SitePolicy, Terms};
use crate::report::PressNotice;
use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

/// The rules of one run.
pub struct Rules {
    /// The appliance's name in the inventory.
    pub name: FileName,
    /// The options of the command that was typed, for the journal: whoever goes on types them again.
    pub options: String,
    /// Soak, clocks, freshness of backups.
    pub policy: SitePolicy,
    /// Seconds to wait for one install at most.
    pub wait_max_secs: u64,
    /// Seconds an appliance must look idle before that is believed.
    pub settle_secs: u64,
    /// Seconds an appliance may look idle after an answer was lost: it may be
    /// checking the package before it says so.
    pub unanswered_secs: u64,
    /// Licence agreements accepted beforehand, by the digest of their text.
    pub accepted: Vec<Sha256Digest>,
    /// The password that protects backups; `None` for none.
    pub backup_password: Option<Secret>,
    /// Whether backups take logged history along.
    pub backup_history: bool,
    /// Where files are kept.
    pub folders: Folders,
    /// Why installs may begin outside the maintenance windows, and the verb
    /// that says so; `None` where they may not.
    pub outside_window: Option<String>,
    /// Why the wait after a site package is set aside; `None` where it is not.
    pub skip_soak: Option<String>,
    /// How a member of a standing failover pair is met, which is not worked
    /// alone; `None` in a run over two appliances, which sees to that itself.
    pub alone: Option<Alone>,
    /// Why all client software was removed before the first site package;
    /// `None` where nobody says so.
    pub clients_removed: Option<String>,
    /// Of what the appliance offers no later site version than this; `None` for all.
    pub up_to: Option<Version>,
    /// The passphrase of exported private keys; `None` where it is asked for.
    pub key_passphrase: Option<Secret>,
    /// Why no certificate is exported before the backup; `None` where one is.
    pub no_certificate: Option<String>,
}

/// Where the engine keeps files; each is made when it is needed.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Backups of this appliance.
    pub backups: PathBuf,
    /// Exported certificates of this appliance, with their private keys.
    pub certificates: PathBuf,
    /// The file with the passphrase for their private keys, where a run made it.
    pub key_passphrase: PathBuf,
    /// Copies for guided steps.
    pub staging: PathBuf,
    /// Texts of licence agreements, by digest.
    pub licences: PathBuf,
    /// The journal, for messages.
    pub journal: PathBuf,
}

/// What is to be installed.
#[derive(Clone)]
pub struct Payload<'a> {
    /// What the bundle carries for the appliance, verified.
    pub consignment: &'a Verified<Consignment>,
    /// The digest of the bundle's manifest.
    pub manifest_sha256: Sha256Digest,
    /// Who signed it, by principal.
    pub signed_by: Vec<String>,
    /// The serial number of the medium that it is read from; `None` where it tells none, or the store has it.
    pub medium: Option<String>,
    /// Where the packages come from.
    pub packages: &'a dyn Carrier,
    /// Packages that are damaged there: what comes before the first of them
    /// is installed, on a word.
    pub damaged: &'a [FileName],
}

/// What is installed, wherever it comes from.
#[derive(Clone)]
pub enum PackageSource<'a> {
    /// Packages of a bundle, which are sent.
    Carried(Payload<'a>),
    /// Packages that the appliance offers, which it fetches by itself.
    Offered(PackageList),
}

impl<'a> PackageSource<'a> {
    /// Their list, and the appliance they are for.
    fn list(&self) -> Cow<'_, PackageList> {
        match self {
            PackageSource::Carried(cargo) => Cow::Owned(PackageList::carried(cargo.consignment)),
            PackageSource::Offered(list) => Cow::Borrowed(list),
        }
    }

    /// What carries them; `None` where they are offered.
    fn cargo(&self) -> Option<&Payload<'a>> {
        match self {
            PackageSource::Carried(cargo) => Some(cargo),
            PackageSource::Offered(_) => None,
        }
    }

    fn are_offered(&self) -> bool {
        matches!(self, PackageSource::Offered(_))
    }
}

/// What a run knows of an appliance.
#[derive(Debug, Clone)]
pub struct Memory {
    /// Whether this run has said what there is to say of the clocks.
    pub clock_told: bool,
    /// Whether backups must be protected because the other appliance's of the
    /// same run are.
    pub protected_beside: bool,
    /// Whether clients update from it meanwhile; without any no soak is waited for.
    pub serves: bool,
    /// Whether its certificate is exported before a backup; that of an appliance
    /// which takes another's site is of no use to anybody.
    pub exports: bool,
    /// When, by [`Time::elapsed`], the present step's install must have begun;
    /// `None` without windows.
    pub begin_before: Option<Duration>,
}

impl Default for Memory {
    fn default() -> Self {
        Memory { clock_told: false, protected_beside: false, serves: true, exports: true, begin_before: None }
    }
}

/// Works one appliance.
pub struct Engine<'a> {
    /// The appliance.
    pub appliance: &'a mut dyn Appliance,
    /// Who answers.
    pub operator: &'a mut dyn Operator,
    /// Who tells.
    pub teller: &'a dyn Reporter,
    /// Our clock.
    pub time: &'a dyn Time,
    /// The journal.
    pub ledger: &'a mut dyn RunJournal,
    /// The rules.
    pub rules: &'a Rules,
    /// Where this run stands with a person's word before the first press.
    pub first_press: &'a FirstPress,
    /// What this run knows of it; nothing at first.
    pub memory: Memory,
}

/// How a push ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// Titles of the packages this run installed.
    pub installed: Vec<String>,
    /// The appliance at the end.
    pub status: Status,
}

impl Engine<'_> {
    /// Installs what is carried, as far as the rules allow now.
    ///
    /// # Errors
    /// A [`Failure`] that says how it ended: [`EngineError`]'s exits,
    /// [`Exit::Waiting`](crate::model::Exit::Waiting) among them, the plan's, the driver's, the journal's.
    pub fn push(&mut self, cargo: &Payload<'_>) -> Result<Finished, Failure> {
        let consignment = cargo.consignment;
        // First of all, so that whatever follows in the journal is known to belong to this bundle.
        self.write(Entry::PushBegun {
            bundle: consignment.bundle,
            sequence: consignment.sequence,
            manifest_sha256: cargo.manifest_sha256,
            signed_by: cargo.signed_by.clone(),
            medium: cargo.medium.clone(),
            options: self.rules.options.clone(),
        })?;
        // Before all else: an appliance that is still at work shows nothing that a plan could be made from.
        self.resolve_open(&consignment.appliance.serial)?;
        let status = self.check(&PackageList::carried(consignment))?;
        self.gate_alone(consignment.bundle)?;
        let policy = self.policy(consignment.bundle, "push")?;
        let plan = self.plan(consignment, &status, &policy)?;
        let Cut { plan, before } = self.up_to_damage(cargo, plan, &policy)?;
        self.tell_plan(&plan)?;
        if self.first_press.is_own() {
            let terms = Terms::push(consignment, &cargo.manifest_sha256)
                .without_clients(self.are_clients_removed(consignment.bundle))
                .without_certificates(self.rules.no_certificate.is_some());
            let question = InstallQuestion::Begin { on: self.rules.name.to_string() };
            self.foresee(&plan, &terms, question, Vec::new())?;
        }
        let goods = PackageSource::Carried(cargo.clone());
        let finished = self.follow(&goods, consignment.bundle, &plan, (status, policy))?;
        if let Some(damaged) = before {
            return Err(self.stopped_before(&damaged, &finished.installed));
        }
        self.write(Entry::PushDone { bundle: consignment.bundle })?;
        Ok(finished)
    }

    /// The policy of a run, known before its plan is made: by it that has waits
    /// and gates, or none. `run` is the bundle, or what stands in its place.
    fn policy(&mut self, run: Id, verb: &str) -> Result<SitePolicy, Failure> {
        self.remove_clients_first(run)?;
        let windows = self.windows(run, verb)?;
        let certificates = self.exports_certificates(run)?;
        Ok(SitePolicy { windows, certificates, serves: self.memory.serves, ..self.rules.policy.clone() })
    }

    /// Finds out what became of an install that an earlier run left open on
    /// the appliance `serial`.
    ///
    /// # Errors
    /// As [`push`](Self::push), where that is not known yet.
    pub fn settle(&mut self, serial: &str) -> Result<(), Failure> {
        self.resolve_open(serial)
    }

    /// Makes the plan for what is left to do; changes nothing.
    ///
    /// # Errors
    /// The plan's, as a [`Failure`].
    pub fn plan(
        &self,
        consignment: &Verified<Consignment>,
        status: &Status,
        policy: &SitePolicy,
    ) -> Result<Plan, Failure> {
        let history = self.ledger.past().history();
        Ok(plan::make(consignment, &Facts { status, now: self.time.now(), history }, policy)?)
    }

    /// Reads who the appliance is and lets nobody but the right one pass.
    fn check(&mut self, list: &PackageList) -> Result<Status, Failure> {
        let status = self.appliance.status()?;
        self.tell_news();
        let now = self.time.now();
        // Before it is judged: that another box answered is worth knowing afterwards.
        self.write(Entry::seen(&status, now))?;
        let (wanted, found) = (&list.appliance().serial, &status.appliance.serial);
        if wanted != found {
            return Err(EngineError::wrong_appliance(wanted, found).into());
        }
        self.check_clock(plan::clock_skew(&status, now))?;
        let told = std::mem::replace(&mut self.memory.clock_told, true);
        self.greet(&status, told)?;
        if let Some(begun) = begun_elsewhere(list, &status, self.ledger.past().history()) {
            self.write(begun)?;
        }
        Ok(status)
    }

    fn check_clock(&self, ahead: Option<i64>) -> Result<(), Failure> {
        check_clocks(&self.rules.policy, ahead)?;
        let tolerance_secs = self.rules.policy.clock_tolerance_secs;
        match ahead {
            _ if self.memory.clock_told => {}
            None => self.teller.warn("the appliance's clock can't be read, so it is not compared with ours"),
            Some(ahead_secs) if ahead_secs.abs() > tolerance_secs => {
                let skew = EngineError::ClockSkew { ahead_secs, tolerance_secs };
                self.teller.warn(&format!("{skew}; its own clock is the one that counts here"));
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn tell_plan(&mut self, plan: &Plan) -> Result<(), Failure> {
        self.write(Entry::Planned {
            steps: plan.steps.iter().map(|step| step.id.clone()).collect(),
            skipped: plan.skipped.iter().map(|skipped| skipped.package.file.clone()).collect(),
        })?;
        for skipped in &plan.skipped {
            self.teller.note(&format!("{}: {}", text::one_line(&skipped.package.name), text::one_line(&skipped.why)));
        }
        self.teller.event(&kind::PLAN, crate::report::plan_json(plan));
        Ok(())
    }

    /// Takes down what is about to be done, for the question before the first press.
    fn foresee(
        &self,
        plan: &Plan,
        terms: &Terms,
        question: InstallQuestion,
        offered: Vec<(Part, Id, Vec<String>)>,
    ) -> Result<(), EngineError> {
        let press = self.press_notice(plan, terms);
        self.first_press.foresee(Ahead { press, question, offered }, self.teller)
    }

    /// What is to come of a plan, with the digest that is agreed to.
    fn press_notice(&self, plan: &Plan, terms: &Terms) -> PressNotice {
        let serial = plan.procedure.install().map_or("", |install| &install.appliance.serial);
        let mut press = PressNotice::of_plan(plan, &[(&self.rules.name, serial)], self.time.now(), terms.sha256());
        press.has_windows |= self.rules.policy.windows.is_some();
        press
    }

    fn tell_status(&self, status: &Status) {
        let version = |v: &Option<Version>| v.as_ref().map_or("not shown".to_owned(), ToString::to_string);
        let base = version(&status.base_version);
        let site = if status.no_site { "none yet".to_owned() } else { version(&status.site_version) };
        self.teller.say(&format!("{}: base {base}, site {site}", text::one_line(&status.appliance.to_string())));
    }

    /// A package that is gone again is installed again only on a word.
    fn confirm_again(&mut self, name: &str, again: bool) -> Result<(), Failure> {
        if !again {
            return Ok(());
        }
        self.must_agree(&InstallQuestion::InstallOnceMore { package: text::one_line(name) })
    }

    /// Asks a grave question and writes the answer down.
    fn ask(&mut self, question: &dyn Question) -> Result<bool, Failure> {
        let yes = self.operator.confirm(question)?;
        // A no as well: that somebody was asked and refused is what an auditor looks for.
        self.write(Entry::Asked { question: question.to_string(), yes })?;
        Ok(yes)
    }

    /// The same; `None` where nobody is there to answer, which is no answer.
    fn ask_whoever_is_there(&mut self, question: &dyn Question) -> Result<Option<bool>, Failure> {
        match self.operator.confirm(question) {
            Ok(yes) => {
                self.write(Entry::Asked { question: question.to_string(), yes })?;
                Ok(Some(yes))
            }
            Err(OperatorError::NoAnswer(_)) => {
                self.teller.note("nobody is there to answer");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks for a line of text and writes it down as a person's word.
    fn ask_word(&mut self, prompt: &EnginePrompt) -> Result<String, Failure> {
        let answer = self.operator.ask(prompt)?;
        let (question, told) = (prompt.to_string(), text::one_line(&answer));
        self.write(Entry::Answered(Word { question, answer: told }))?;
        Ok(answer)
    }

    /// Asks a grave question; anything but a yes ends the run.
    fn must_agree(&mut self, question: &dyn Question) -> Result<(), Failure> {
        if self.ask(question)? {
            return Ok(());
        }
        Err(EngineError::Declined { question: question.to_string() }.into())
    }

    /// Tells what the driver can't do the usual way.
    fn tell_news(&mut self) {
        for line in self.appliance.notices() {
            self.teller.note(&line);
        }
    }

    /// Writes down what a person told the driver since the last record, then
    /// the record itself.
    fn write(&mut self, entry: Entry) -> Result<(), Failure> {
        append_after_heard(&entry, self.appliance, self.rules, self.time.now(), self.ledger)
    }

    /// Writes down how something ended, and gives back the failure that ended
    /// it: a journal that fails beside it must not hide, say, that a base is in
    /// trouble.
    fn ended(&mut self, entry: Entry, failure: impl Into<Failure>) -> Failure {
        if let Err(unwritten) = self.write(entry) {
            self.teller.warn(&format!("this is not in the journal: {}", unwritten.message));
        }
        failure.into()
    }

    /// Writes down what a person told the driver: answers, accepted login agreements.
    ///
    /// # Errors
    /// The journal's, or the text can't be kept.
    pub fn note_heard(&mut self) -> Result<(), Failure> {
        note_heard(Heard::by(self.appliance), &self.rules.folders.licences, self.time.now(), self.ledger)
    }
}

#[cfg(test)]
mod tests;
