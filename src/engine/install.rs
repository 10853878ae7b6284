//! One package: checks, upload, agreement, waiting, confirmation.

use super::entry::{Installing, Shown};
use super::evidence::{evidence, is_readable};
use super::history::{InstallStage, Open};
use super::resume::Settled;
use super::watch::WatchOutcome;
use super::{Engine, EngineError, Entry, PackageSource, Payload};
use crate::console::{going_on, kind};
use crate::driver::{Did, DriverError, NotTaken, Uploaded};
use crate::engine::question::InstallQuestion;
use crate::model::{Evidence, Failure, FileName, Meter, Package, PackageRef, Requirement, Source, Status, text};
use crate::plan;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often one run sends a package whose sending broke off.
// Each costs the time of gigabytes, within a window. A line that broke three times is for a person to look at.
const UPLOADS_MAX: u32 = 3;

/// How sending came out.
enum Sent {
    /// The appliance has it and waits or installs; this far it is.
    Under(InstallStage),
    /// It broke off before all was sent.
    Cut(Failure),
    /// Something in between answered, and it may have arrived all the same.
    Astray(Failure),
    /// It was refused.
    Refused(String),
    /// It was not taken, and so nothing was installed.
    NotTaken(NotTaken, String),
}

impl Engine<'_> {
    /// Looks at the appliance before one package is installed, and whether it
    /// has it by now: that is confirmed. Refuses missing prerequisites.
    pub(super) fn is_installed(
        &mut self,
        goods: &PackageSource<'_>,
        file: &FileName,
        unsure: &[Requirement],
    ) -> Result<(Status, bool), Failure> {
        let package = &named(goods, file);
        let status = self.check(&goods.list())?;
        self.check_prerequisites(package, unsure, &status)?;
        let mut open = self.opened(goods, package, &status);
        let Some(evidence) = evidence(&open.package, &Shown::default(), &status) else { return Ok((status, false)) };
        // Somebody was faster. From now on its clients have their time.
        self.teller.note("the appliance has it by now; nothing is sent");
        open.guided = true;
        self.confirm(&open, evidence, &status)?;
        Ok((status, true))
    }

    /// Installs one package, `before` being how the appliance was just seen,
    /// and returns the appliance as it was confirmed.
    pub(super) fn install(
        &mut self,
        goods: &PackageSource<'_>,
        file: &FileName,
        before: &Status,
    ) -> Result<Status, Failure> {
        let package = &named(goods, file);
        let mut open = self.opened(goods, package, before);
        for attempt in 1.. {
            self.check_in_time(&open)?;
            if goods.are_offered() {
                self.see_offered(package)?;
            }
            let (package_entry, before) = (open.package.clone(), open.before.clone());
            let source = goods.cargo().map(|cargo| Source::clone(&signed_for(cargo, package).source));
            // Before the first byte. What can't be written down is not begun, or a killed run would know nothing of it.
            self.write(Entry::InstallStarted { package: package_entry, before, attempt, source })?;
            open.stage = InstallStage::at_first(&open.package);
            let mut astray = None;
            match self.send(goods, package, &mut open)? {
                Sent::Under(stage) => open.stage = stage,
                Sent::Astray(failure) => (open.stage, astray) = (InstallStage::Unanswered, Some(failure)),
                Sent::Refused(said) => return self.failed(&open, said),
                Sent::NotTaken(why, said) => return self.not_taken(goods, &open, why, said),
                Sent::Cut(failure) if attempt == UPLOADS_MAX => {
                    self.abandon(&open, "sending it broke off each time".to_owned())?;
                    return Err(failure);
                }
                Sent::Cut(failure) => {
                    self.teller.warn(&format!("sending broke off: {}; looking what is so", failure.message));
                }
            }
            open.stage_since = self.time.now();
            // A short look only: whoever answered in between must be
            // seen to by a person before anything else goes that way.
            let at_most = astray.is_some().then_some(self.rules.settle_secs);
            match self.watch(&open, at_most)? {
                WatchOutcome::Confirmed(evidence, status) => {
                    self.confirm(&open, evidence, &status)?;
                    self.unstage(&open);
                    return Ok(status);
                }
                WatchOutcome::Failed(said) => return self.failed(&open, said),
                // Whoever stands in between is to be seen to before anything goes that way again.
                WatchOutcome::Quiet(_) if astray.is_some() => return Err(astray.expect("it was just seen")),
                // It said that it began. Whatever it shows since, nothing is sent to it again.
                WatchOutcome::Quiet(status) if open.stage == InstallStage::SetOff => {
                    return self.settle_quiet(&open, status);
                }
                WatchOutcome::Quiet(status) => match self.resolve_quiet(&open, status)? {
                    Settled::Confirmed(status) => return Ok(*status),
                    Settled::Again if attempt >= UPLOADS_MAX => {
                        let package = text::one_line(&open.package.name);
                        let why =
                            format!("its answer was lost {UPLOADS_MAX} times, and the appliance does not show it");
                        return Err(EngineError::Unconfirmed { package, why }.into());
                    }
                    Settled::Again => self.teller.note("the appliance does not have it; sending it again"),
                },
                WatchOutcome::Untold(why) => return self.unconfirmed(&open, why),
                WatchOutcome::TimedOut(said) => return self.timed_out(&open, said),
            }
        }
        unreachable!("the last attempt returns")
    }

    fn opened(&self, goods: &PackageSource<'_>, package: &PackageRef, before: &Status) -> Open {
        let (package, now) = (Installing::of(goods.list().id(), package), self.time.now());
        let stage = InstallStage::at_first(&package);
        Open { package, before: before.into(), stage, guided: false, since: now, stage_since: now }
    }

    fn check_prerequisites(
        &mut self,
        package: &PackageRef,
        unsure: &[Requirement],
        status: &Status,
    ) -> Result<(), Failure> {
        for requirement in &plan::requirements(package, Some(status)) {
            let name = text::one_line(&package.name);
            match status.meets(requirement) {
                Some(true) => {}
                Some(false) => {
                    let requirement = requirement.to_string();
                    return Err(EngineError::PrerequisiteMissing { package: name, requirement }.into());
                }
                None if unsure.contains(requirement) => {
                    let requirement = requirement.to_string();
                    self.must_agree(&InstallQuestion::HasRequired { package: name, requirement })?;
                }
                // This run or an earlier one installed it, and it was confirmed.
                None => {}
            }
        }
        Ok(())
    }

    /// Sends the package and brings it as far as the appliance installing it.
    fn send(&mut self, goods: &PackageSource<'_>, package: &PackageRef, open: &mut Open) -> Result<Sent, Failure> {
        let (answer, sent_bytes, whole) = match goods {
            PackageSource::Offered(_) => (self.appliance.install_offered(package), 0, true),
            PackageSource::Carried(cargo) => self.hand_over(cargo, signed_for(cargo, package))?,
        };
        let key = open.package.key.clone();
        match answer {
            Ok(Did::Done(Uploaded::Installing)) => {
                self.write(Entry::InstallSetOff { key })?;
                Ok(Sent::Under(InstallStage::SetOff))
            }
            Ok(Did::Done(Uploaded::Eula { text })) => {
                let known = goods.cargo().and_then(|cargo| cargo.packages.agreement(signed_for(cargo, package)));
                self.agree(package, known, open, &text).map(Sent::Under)
            }
            Ok(Did::ByHand(guide)) => self.install_by_hand(goods, package, open, &guide).map(Sent::Under),
            Err(DriverError::NotTaken { why, said, .. }) => Ok(Sent::NotTaken(why, said)),
            Err(error @ DriverError::VendorAway { .. }) => {
                self.abandon(open, "the appliance could not fetch it".to_owned())?;
                Err(error.into())
            }
            Err(error) => {
                if error.refuses_install() {
                    return Ok(Sent::Refused(Failure::from(error).message));
                }
                let complete = whole && !error.is_not_passed_on();
                let (in_between, passes) = (matches!(error, DriverError::InBetween { .. }), error.may_pass());
                let failure = Failure::from(error);
                let why = failure.message.clone();
                self.write(Entry::UploadBroken { key, sent_bytes, complete, why })?;
                match complete {
                    _ if in_between => self.astray(open, failure, complete),
                    _ if !passes => Err(failure),
                    // All of it was handed over, so the appliance may be at work.
                    true => {
                        self.teller.warn(&format!("its answer was lost: {}; looking what is so", failure.message));
                        Ok(Sent::Under(InstallStage::Unanswered))
                    }
                    false => Ok(Sent::Cut(failure)),
                }
            }
        }
    }

    /// Sends a package of the bundle; the answer, how much of it went, and
    /// whether its last bytes did. Before these go the journal says so: whoever
    /// takes this run up must not send again what may have arrived.
    fn hand_over(&mut self, cargo: &Payload<'_>, package: &Package) -> Result<HandedOver, Failure> {
        // Now, because the journal is lent to the upload below.
        self.note_heard()?;
        let source = cargo.packages.package(&package.file)?;
        let name = text::one_line(&package.name);
        let _told = going_on(format!(
            "{} has {name} in part or whole, and may install it by itself: do not restart it; the run looks first",
            self.rules.name
        ));
        let bar = self.teller.progress(&name, package.size_bytes);
        let counted = Counted { bar: &*bar, bytes: AtomicU64::new(0) };
        let (mut whole, mut unwritten) = (false, None);
        let answer = {
            let (ledger, time, key, teller) = (&mut *self.ledger, self.time, package.key(), self.teller);
            let mut handover = || match ledger.append(time.now(), &Entry::UploadHandedOver { key: key.clone() }) {
                Ok(()) => {
                    whole = true;
                    teller.event(&kind::HANDED_OVER, serde_json::json!({ "file": package.file }));
                    Ok(())
                }
                Err(failure) => {
                    unwritten = Some(failure);
                    Err(std::io::Error::other("the journal can't be written"))
                }
            };
            self.appliance.upload(package, source, &counted, &mut handover)
        };
        let sent_bytes = counted.bytes.load(Ordering::Relaxed);
        bar.finish();
        match unwritten {
            Some(failure) => Err(failure),
            None => Ok((answer, sent_bytes, whole)),
        }
    }

    /// Something in between answered instead of the appliance. What did not go
    /// on from there is known not to be here; the rest must be looked for.
    fn astray(&mut self, open: &Open, failure: Failure, arrived: bool) -> Result<Sent, Failure> {
        let (package, said) = (text::one_line(&open.package.name), failure.message);
        let failure = EngineError::Astray { package, said, arrived }.into();
        if arrived {
            self.teller.warn("something in between answered instead of the appliance; looking what is so");
            return Ok(Sent::Astray(failure));
        }
        self.abandon(open, "something in between did not pass it on".to_owned())?;
        Err(failure)
    }

    /// The appliance did not take the package. Where it says that it has it
    /// already, what it shows decides, or where it shows nothing, a person.
    fn not_taken(
        &mut self,
        goods: &PackageSource<'_>,
        open: &Open,
        why: NotTaken,
        said: String,
    ) -> Result<Status, Failure> {
        let (package, said) = (text::one_line(&open.package.name), text::one_line(&said));
        if why == NotTaken::AlreadyThere {
            let status = self.check(&goods.list())?;
            let shown = match evidence(&open.package, &open.before, &status) {
                None if !is_readable(&open.package, &status) => {
                    let (package, why) = (package.clone(), format!("the appliance says {said:?}"));
                    self.ask(&InstallQuestion::IsInstalled { package, why })?.then_some(Evidence::Operator)
                }
                shown => shown,
            };
            if let Some(evidence) = shown {
                self.confirm(open, evidence, &status)?;
                return Ok(status);
            }
        }
        let entry = Entry::InstallRefused { key: open.package.key.clone(), said: said.clone() };
        Err(self.ended(entry, EngineError::NotTaken { package, why, said }))
    }

    /// Nothing shows an install that may have happened.
    pub(super) fn settle_quiet(&mut self, open: &Open, status: Status) -> Result<Status, Failure> {
        let name = text::one_line(&open.package.name);
        let why = self.nothing_shows(open, &status);
        if !is_readable(&open.package, &status) {
            let question = InstallQuestion::IsInstalled { package: name, why: why.clone() };
            if self.ask_whoever_is_there(&question)? == Some(true) {
                self.confirm(open, Evidence::Operator, &status)?;
                self.unstage(open);
                return Ok(status);
            }
        }
        self.late_or_unknown(open, why)
    }

    /// The longest wait is over and the install is not.
    pub(super) fn timed_out(&mut self, open: &Open, said: String) -> Result<Status, Failure> {
        let waited = crate::model::duration_human(self.rules.wait_max_secs as i64);
        let why = format!("after {waited}: {said}");
        // Only where its usual time is over, too: trouble means
        // vendor support in the night, for what may merely be slow.
        if open.package.changes_base() && self.patience(open).is_overdue() {
            return self.in_trouble(open, why);
        }
        self.unconfirmed(open, why)
    }

    /// Nothing shows an install. A base package that was taken, and whose time
    /// is over, is in trouble; of all else nobody knows.
    pub(super) fn late_or_unknown(&mut self, open: &Open, why: String) -> Result<Status, Failure> {
        let taken = open.stage == InstallStage::SetOff && !open.guided;
        if open.package.changes_base() && taken && self.patience(open).is_overdue() {
            return self.in_trouble(open, why);
        }
        self.unconfirmed(open, why)
    }

    fn in_trouble(&mut self, open: &Open, why: String) -> Result<Status, Failure> {
        let entry = Entry::InstallUnconfirmed { key: open.package.key.clone(), why: why.clone() };
        let trouble = self.base_trouble(open, why);
        Err(self.ended(entry, trouble))
    }

    pub(super) fn unconfirmed(&mut self, open: &Open, why: String) -> Result<Status, Failure> {
        let entry = Entry::InstallUnconfirmed { key: open.package.key.clone(), why: why.clone() };
        let package = text::one_line(&open.package.name);
        Err(self.ended(entry, EngineError::Unconfirmed { package, why }))
    }

    /// The appliance says that it failed.
    pub(super) fn failed(&mut self, open: &Open, said: String) -> Result<Status, Failure> {
        let said = text::one_line(&said);
        let entry = Entry::InstallFailed { key: open.package.key.clone(), said: said.clone() };
        if open.package.changes_base() {
            let trouble = self.base_trouble(open, said);
            return Err(self.ended(entry, trouble));
        }
        let package = text::one_line(&open.package.name);
        Err(self.ended(entry, EngineError::InstallFailed { package, said }))
    }

    /// Says what vendor support will ask for, and above all what not to do.
    pub(super) fn base_trouble(&self, open: &Open, said: String) -> Failure {
        let version =
            |v: &Option<crate::model::Version>| v.as_ref().map_or("not shown".to_owned(), ToString::to_string);
        let shown = &open.before;
        let lines = [
            "Do not restart the appliance. For vendor support:".to_owned(),
            format!("  appliance: {}", self.rules.name),
            format!("  before: base {}, site {}", version(&shown.base), version(&shown.site)),
            format!("  package: {} ({})", text::one_line(&open.package.name), open.package.file),
            match open.package.key.digest() {
                None => "  source: offered by the appliance and fetched by itself".to_owned(),
                Some(sha256) => format!("  SHA-256: {sha256}"),
            },
            format!("  begun:  {}", open.since),
            format!("  now:    {}", self.time.now()),
            format!("  state:  {said}"),
        ];
        lines.iter().for_each(|line| self.teller.warn(line));
        let package = text::one_line(&open.package.name);
        let journal = self.rules.folders.journal.clone();
        EngineError::BaseTrouble { package, said, journal }.into()
    }

    pub(super) fn abandon(&mut self, open: &Open, why: String) -> Result<(), Failure> {
        self.write(Entry::InstallAbandoned { key: open.package.key.clone(), why })
    }
}

fn named(goods: &PackageSource<'_>, file: &FileName) -> PackageRef {
    let list = goods.list();
    let package = list.packages().iter().find(|package| package.file == *file);
    package.expect("the plan names packages of the list only").clone()
}

/// A package as the verified consignment has it: what is sent is what was signed for.
pub(super) fn signed_for<'c>(cargo: &Payload<'c>, package: &PackageRef) -> &'c Package {
    let signed = cargo.consignment.packages.iter().find(|signed| signed.file == package.file);
    signed.expect("what is carried is listed from its consignment")
}

/// The answer, how many bytes went, and whether the last ones did.
type HandedOver = (Result<Did<Uploaded>, DriverError>, u64, bool);

/// Counts what the driver has handed over.
struct Counted<'a> {
    bar: &'a dyn super::Bar,
    bytes: AtomicU64,
}

impl Meter for Counted<'_> {
    fn advance(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.bar.advance(bytes);
    }
}
