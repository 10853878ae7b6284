//! How a run can end other than well, on one appliance or two: each with what to
//! do next and the way back.

use super::PairTold;
use crate::driver::NotTaken;
use crate::model::{
    AGAIN, Exit, FailoverRole, FileName, Hint, Sha256Digest, ShowPath, Timestamp, duration_human, explained,
    local_time, text,
};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why the engine stopped. Of a migration A is the old appliance, B the new one.
#[apply(explained!)]
#[allow(missing_docs, reason = "what a field holds is told by its name and by the message it stands in")]
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bundle is for another appliance than the one that answered.
    #[error("the bundle is for serial {wanted}, but this appliance shows serial {found}; nothing was done")]
    #[hint("use the stick or the appliance name that belong together; handcarry-inside list shows them")]
    #[exit(WrongAppliance)]
    WrongAppliance {
        /// The serial of the appliance it is for.
        wanted: String,
        /// The appliance's.
        found: String,
    },
    /// The clocks are too far apart.
    #[error("the appliance's clock is {} {} ours; {} is the most allowed", duration_human(*ahead_secs), if *ahead_secs < 0 { "behind" } else { "ahead of" }, duration_human(*tolerance_secs))]
    #[hint(
        "set the right time first: the appliance takes its own from NTP (/appliance > Networking > IP Configuration, \
         Rede > Configuração do IP), this machine from wherever it should; an appliance that can't have the right time \
         is enrolled with --clock appliance"
    )]
    #[exit(ClockSkew)]
    ClockSkew { ahead_secs: i64, tolerance_secs: i64 },
    /// It is a member of a standing failover pair, and was to be worked alone.
    #[error(
        "{name} is the {role} of a standing failover pair{}, which is not upgraded one by one; nothing was installed",
        pair.with_partner()
    )]
    #[hint(pair.hint(name, *role))]
    #[exit(RoleUnexpected)]
    OneOfAPair { name: String, role: FailoverRole, pair: PairTold },
    /// Something a package needs is not on the appliance.
    #[error("{package} needs {requirement}, and the appliance does not have it")]
    #[hint("ask vendor support, with a picture of Status > Basics, what must come first")]
    #[exit(PrerequisiteMissing)]
    PrerequisiteMissing { package: String, requirement: String },
    /// A soak is not over.
    #[error("clients need time to update to {after}: go on after {}{whose} (in {})", local_time(until.up_to_minute()), duration_human(*remaining_secs))]
    #[hint(match elsewhere {
        true => format!(
            "it was not installed from here, so the wait counts from when it was first seen; where its time is known: \
             handcarry-inside soak {name} --installed-at TIME --reason TEXT\nthen: {then}"
        ),
        false => format!(
            "leave the appliance running; what clients need meanwhile: handcarry-inside after {name}\nthen: {then}"
        ),
    })]
    #[exit(Waiting)]
    Waiting {
        /// The site package.
        after: String,
        /// When to go on, by the trusted clock.
        until: Timestamp,
        /// Names the clock where it isn't ours.
        whose: &'static str,
        /// Seconds until then.
        remaining_secs: i64,
        name: FileName,
        /// Whether the package was installed elsewhere, at a time that a
        /// person may know.
        elsewhere: bool,
        /// The command that goes on.
        then: String,
    },
    /// No maintenance window is open for as long as a step may take.
    #[error("outside the maintenance windows: {step} may go on at {} (window {window})", local_time(until.up_to_minute()))]
    #[hint(
        "nothing was begun; windows stand in inventory.toml; to go on outside them: --dangerous-outside-window \
         --reason TEXT\nthen: {AGAIN}"
    )]
    #[exit(Waiting)]
    WindowClosed {
        /// The step's title.
        step: String,
        /// When to go on, by the trusted clock.
        until: Timestamp,
        /// That window, in the site's time.
        window: String,
    },
    /// The window has no room for an install any more.
    #[error("{package} was not installed: its maintenance window has no room for it any more")]
    #[hint("nothing was begun; in the next window: {AGAIN}")]
    #[exit(Waiting)]
    WindowMissed { package: String },
    /// The second window of a pair's run has not begun.
    #[error("the first window's work is done: go on in the second one, for {name}")]
    #[hint("until then the two stand alone, and there is no failover; then: {AGAIN}")]
    #[exit(Waiting)]
    SecondWindow { name: String },
    /// There is no backup, so nothing was installed.
    #[error("no backup was made, so nothing was installed: {why}")]
    #[hint(next.clone())]
    #[exit(BackupFailed)]
    BackupFailed {
        why: String,
        /// What to do next.
        next: Option<Hint>,
    },
    /// An earlier backup of the run is protected, and this one would not be.
    #[error(
        "no backup was made: an earlier one of this run is protected by a password, and none was given for this one"
    )]
    #[hint(
        "give the password again: {} (or --backup-password-prompt)",
        AGAIN.with(&["--backup-password-file", "FILE"])
    )]
    #[exit(BackupFailed)]
    Unprotected,
    /// The appliance failed to install, or refused the package.
    #[error("{package} was not installed; the appliance says: {said}")]
    #[hint("look at /appliance > Updates and Status > Basics in a browser; when the cause is gone: {AGAIN}")]
    #[exit(InstallFailed)]
    InstallFailed { package: String, said: String },
    /// The appliance did not take the package.
    #[error("{package} was not installed: {why}; it says: {said}")]
    #[hint("nothing was changed by it; {}; when that is done: {AGAIN}", why.hint().as_ref().map_or("", Hint::as_part))]
    #[exit(why.exit())]
    NotTaken { package: String, why: NotTaken, said: String },
    /// Something in between answered instead of the appliance.
    #[error("{package} {}: {said}", if *arrived { "was sent, and it is not known whether it reached the appliance" } else { "did not reach the appliance" })]
    #[hint(
        "have the proxy, firewall or balancer on the way let it through (its largest upload, its filter, its time \
         limit), or enrol an address that leads past it; then: {AGAIN}{}",
        if *arrived { " (it looks first, and sends nothing that may have arrived without asking)" } else { "" }
    )]
    #[exit(InBetween)]
    Astray {
        package: String,
        /// What answered.
        said: String,
        /// Whether all of it was handed over, so that it may have arrived.
        arrived: bool,
    },
    /// A base update is in trouble.
    #[error("the base update {package} is in trouble: {said}\nDO NOT RESTART THE APPLIANCE")]
    #[hint(
        "call vendor support and leave the appliance as it is; tell them what stands above and what {} says; when they \
         have put it right: {AGAIN}",
        journal.shown()
    )]
    #[exit(BaseTrouble)]
    BaseTrouble {
        package: String,
        said: String,
        /// The journal, for support.
        journal: PathBuf,
    },
    /// Nobody knows what became of an install.
    #[error("what became of {package} is not known: {why}")]
    #[hint(
        "look at /appliance > Updates and Status > Basics in a browser, don't restart it, don't install by hand; then \
         this, which looks first and installs nothing twice: {AGAIN}"
    )]
    #[exit(Unconfirmed)]
    Unconfirmed { package: String, why: String },
    /// The appliance's check for updates does not end.
    #[error("the appliance's check for updates did not end within {}; {seen}", duration_human(*waited_secs))]
    #[hint(
        "look at /appliance > Updates in a browser, and whether it reaches the vendor (DNS, proxy, firewall; the \
         vendor's FAQ 377); then: {AGAIN}"
    )]
    #[exit(CheckUnfinished)]
    CheckUnfinished { waited_secs: i64, seen: String },
    /// A package that was offered no longer is, or has become greyed out.
    #[error("{package} was not installed: the appliance {}", if locked.is_some() { "shows it greyed out" } else { "no longer offers it" })]
    #[hint(match locked {
        Some(why) if !why.is_empty() => format!("its page says: {why}; when that is so: {AGAIN}"),
        _ => format!("ask vendor support, with a picture of Status > Basics; then: {AGAIN}"),
    })]
    #[exit(match locked {
        Some(_) => Exit::PrerequisiteMissing,
        None => Exit::NotFound,
    })]
    NotOffered {
        package: String,
        /// What the page says of a greyed-out one; `None` where it is gone.
        locked: Option<String>,
    },
    /// What is left of the offers waits for something that is not offered.
    #[error("greyed out on the appliance's page, and none of its other offers changes that: {packages}")]
    #[hint(
        "ask vendor support for what is missing, with a picture of Status > Basics; it may have to be carried: \
         handcarry-inside request NAME MEDIA"
    )]
    #[exit(PrerequisiteMissing)]
    StillLocked {
        /// The titles, each with what the page says.
        packages: String,
    },
    /// What is left of the offers has titles that tell no kind.
    #[error("what these are can't be told by their titles, so they were not installed: {titles}")]
    #[hint(
        "ask vendor support what they are; in a browser they are installed under /appliance > Updates, with a backup \
         first, and a day before the next package if clients update by it; once that is known, the inventory tells \
         it: titles = [\"NAME = KIND\"]"
    )]
    #[exit(UnknownKind)]
    UnknownOffers { titles: String },
    /// The licence agreement was not accepted.
    #[error("the licence agreement of {package} was not accepted, so it was not installed")]
    #[hint(
        "to be asked again: {AGAIN}\nto accept it without being asked: {}",
        AGAIN.and(&["--accept-eula", agreement])
    )]
    #[exit(EulaDeclined)]
    EulaDeclined {
        package: String,
        /// The agreement's digest, for `--accept-eula`.
        agreement: String,
    },
    /// The operator said no.
    #[error("stopped, because the answer was no: {question}")]
    #[hint("to go on: {AGAIN}")]
    #[exit(Declined)]
    Declined { question: String },
    /// Something else was agreed to beforehand.
    #[error("what was agreed to beforehand ({given}) is not what would be done, so nothing was pressed")]
    #[hint(
        "look at what would be done, above; whoever agrees to it says so: {}",
        AGAIN.with(&["--agree", &is.to_string()])
    )]
    #[exit(PlanChanged)]
    PlanChanged {
        /// The digest that was given.
        given: Sha256Digest,
        /// The digest of what would be done.
        is: Sha256Digest,
    },
    /// A second person's word is asked for, and not there.
    #[error("no second person has approved {}, so nothing was pressed", approval_of(plan.as_ref(), set_aside))]
    #[hint(
        "whoever else answers for it looks at the plan and signs: handcarry-inside approve {}{} --key FILE\nthen: {AGAIN}",
        plan.map_or_else(|| "SHA256".to_owned(), |plan| plan.to_string()),
        set_aside.iter().map(|word| format!(" --set-aside {word}")).collect::<String>()
    )]
    #[exit(NotApproved)]
    NotApproved {
        /// The procedure's digest; `None` before it is known.
        plan: Option<Sha256Digest>,
        set_aside: Vec<String>,
    },
    /// The bundle holds no usable copy of what comes next.
    #[error("stopped before {package}, which is damaged; {installed}")]
    #[hint(
        "write the bundle again outside, whose vault still has its packages; then this, which installs nothing again: \
         {AGAIN}"
    )]
    #[exit(DigestMismatch)]
    PackageDamaged { package: String, installed: String },
    /// A copy for the operator could not be put ready.
    #[error("can't put a copy of {package} ready at {}: {why}", path.shown())]
    #[hint("nothing was done on the appliance; put that right and run it again")]
    #[exit(*exit)]
    Staging {
        package: String,
        path: PathBuf,
        why: String,
        /// How the run ends: what failed, the stick or the disk.
        exit: Exit,
    },
    /// The journals speak of another pair run that is not over.
    #[error("{name} is in a pair run that is not over: {open}")]
    #[hint("what was begun with one order is not ended with another; go on with that one first: {command}")]
    #[exit(PairOpen)]
    OtherRun {
        name: String,
        /// That run, in a few words.
        open: String,
        /// The command that began it.
        command: String,
    },
    /// A data sync did not end.
    #[error("the data sync to {name} has not ended after {}: {seen}", duration_human(*waited_secs))]
    #[hint(match together {
        true => format!(
            "nothing was broken or installed, and the pair works as before; look at /login > Management > Failover on \
             both; this looks first, too: {AGAIN}"
        ),
        false => format!(
            "the relationship is established, and the first data sync may go on by itself for hours; look at /login > \
             Management > Failover; this looks first, too: {AGAIN}"
        ),
    })]
    #[exit(SyncUnfinished)]
    SyncUnfinished {
        /// The appliance that pulls it.
        name: String,
        waited_secs: i64,
        seen: String,
        /// Whether the relationship still stands.
        together: bool,
    },
    /// An appliance shows another role than a step needs.
    #[error("{name} should be {wanted} by now, and is {found}")]
    #[hint(
        "look at /login > Management > Failover on both; set the roles right there, or break the relationship where \
         this run has broken it; then this, which looks first: {AGAIN}"
    )]
    #[exit(RoleUnexpected)]
    OtherRole { name: String, wanted: FailoverRole, found: FailoverRole },
    /// Keys or addresses of a pair are not as they must be, and the relationship still stands.
    #[error("what {a} and {b} need for their relationship was not found right; nothing was broken")]
    #[hint(
        "set the key anew on both under /login > Management > Security where it differs, and write it nowhere; name host \
         and TLS port with --reach-a and --reach-b HOST:PORT; then: {AGAIN}"
    )]
    #[exit(PairDiffers)]
    NotCompared { a: String, b: String },
    /// A person did not find the new version to work.
    #[error("{name} is not verified, so nothing was done after it")]
    #[hint(
        "the way back: {back}; ask vendor support (help.bomgar.com) with what handcarry-inside support {name} collects; \
         when it works, this asks again: {AGAIN}"
    )]
    #[exit(Declined)]
    NotVerified {
        /// The appliance.
        name: String,
        /// Who serves meanwhile, and how.
        back: String,
    },
    /// The pre-shared keys are not the same.
    #[error("{name} refused the relationship, because the pre-shared keys are not the same: {said}")]
    #[hint(
        "compare it on both under /login > Management > Security, at the bottom of the options, set it anew where it \
         differs, and write it nowhere; then: {AGAIN}"
    )]
    #[exit(PairDiffers)]
    PairKey {
        /// The appliance that was to be primary.
        name: String,
        said: String,
    },
    /// The two can't reach each other.
    #[error("{name} can't reach its partner: {said}")]
    #[hint("{state}; check host name, TLS port and firewall in both directions (--reach-a, --reach-b), then: {AGAIN}")]
    #[exit(PartnerUnreachable)]
    PartnerUnreachable {
        /// The appliance that tried.
        name: String,
        said: String,
        state: String,
    },
    /// The shared address is enabled nowhere.
    #[error(
        "the site is not reachable: the shared IP address is disabled on {from} and could not be enabled on {to}: {why}"
    )]
    #[hint(
        "enable it by hand NOW under /appliance > Networking > IP Configuration: on {to} to go on, or on {from} to go \
         back; then this, which looks first: {AGAIN}"
    )]
    #[exit(SwitchHalf)]
    SwitchHalf {
        /// Where it was disabled.
        from: String,
        /// Where it should be enabled.
        to: String,
        why: String,
    },
    /// The two do not show the same version and build.
    #[error("{}: {a} shows {a_has}, {b} shows {b_has}", match restoring {
        true => "nothing was restored",
        false => "the relationship can't be established",
    })]
    #[hint(match restoring {
        true => format!(
            "a backup is restored on the version it was made with: install on one what the other has, then: {AGAIN}"
        ),
        false => format!(
            "install on one what the other has, or ask vendor support why the builds differ; until then each stands \
             alone and there is no failover; then: {AGAIN}"
        ),
    })]
    #[exit(PairDiffers)]
    SoftwareDiffers {
        a: String,
        a_has: String,
        b: String,
        b_has: String,
        /// Whether a backup of A was to be restored on B.
        restoring: bool,
    },
    /// The passphrase is not the one the key was exported with.
    #[error("{name} did not import the certificate, because the passphrase is wrong: {said}")]
    #[hint(
        "nothing was imported; the next run exports the certificate anew, with the passphrase that is given then: \
         {AGAIN}"
    )]
    #[exit(WrongPassphrase)]
    WrongPassphrase { name: String, said: String },
    /// What a step kept is not what it kept any more.
    #[error("the {what} that was kept can't be used: {}: {why}", path.shown())]
    #[hint("it is made anew by the same command: {AGAIN}")]
    #[exit(MediaLies)]
    KeptUnusable {
        /// `backup` or `certificate`.
        what: &'static str,
        /// Where it lies.
        path: PathBuf,
        why: String,
    },
    /// An appliance does not list the certificate, or lists it twice.
    #[error("{name} does not show the certificate {certificate} as it should: {why}")]
    #[hint("look at /appliance > Security > Certificates there; when it is right, this looks first: {AGAIN}")]
    #[exit(Unconfirmed)]
    CertificateUnseen { name: String, certificate: String, why: String },
    /// A certificate has warnings.
    #[error("{name} warns of the certificate {certificate}: {}", warnings.join("; "))]
    #[hint(
        "resolve them under /appliance > Security > Certificates before an address is assigned, such as by importing \
         the missing part of the chain; vendor support has an article on each (FAQ 755); then: {AGAIN}"
    )]
    #[exit(CertificateWarning)]
    CertificateWarning { name: String, certificate: String, warnings: Vec<String> },
    /// NEW refused the backup.
    #[error("{name} did not restore the settings, saying: {said}")]
    #[hint(
        "the old appliance serves as before; look at /login > Management > Software Management on the new one; when \
         the cause is gone: {AGAIN}"
    )]
    #[exit(RestoreRefused)]
    RestoreRefused { name: String, said: String },
    /// NEW does not show what it should before OLD may go.
    #[error("{name} can't be confirmed to serve the site: {why}")]
    #[hint("nothing was erased: the old appliance can serve again when the DNS entry is led back to it; then: {AGAIN}")]
    #[exit(Unconfirmed)]
    NotServing { name: String, why: String },
    /// The word that erases OLD was not typed.
    #[error("{new} serves the site, and {old} was left as it is: its serial number was not typed")]
    #[hint("to end the run with it as it is: {}\nto erase it: {AGAIN}", AGAIN.with(&["--keep-old"]))]
    #[exit(Declined)]
    NotErased { old: String, new: String },
    /// The backup that NEW was restored from has no logged history in it.
    #[error(
        "{new} serves the site, and {old} was left as it is: its logged history was left out of the backup, and is nowhere else"
    )]
    #[hint(
        "to end the run with it as it is: the same with --keep-old; to lose the history: {}",
        AGAIN.with(&["--dangerous-lose-history", "--reason", "TEXT"])
    )]
    #[exit(Declined)]
    HistoryLost { old: String, new: String },
    /// What is reached as OLD is NEW: the site's name was used for OLD.
    #[error("what answers as {old} is {new}: nothing was erased or switched off")]
    #[hint(
        "{old} is reached by a name that leads to the new appliance now: give it a url with its own IP address in \
         inventory.toml, then: {AGAIN}"
    )]
    #[exit(WrongAppliance)]
    LeadsToNew { old: String, new: String },
    /// A reset did not come to its end.
    #[error("the reset of {name} is not over after {}: {seen}", duration_human(*waited_secs))]
    #[hint(
        "the new appliance serves the site meanwhile; leave the old one switched on and look at its page or screen; \
         where it never ends, ask vendor support; then this, which looks first: {AGAIN}"
    )]
    #[exit(ResetUnfinished)]
    ResetUnfinished { name: String, waited_secs: i64, seen: String },
}

impl EngineError {
    /// Another appliance answered than the one that was `wanted`; both by serial number.
    pub(super) fn wrong_appliance(wanted: &str, found: &str) -> Self {
        let found = if found.is_empty() { "none".to_owned() } else { text::one_line(found) };
        EngineError::WrongAppliance { wanted: text::one_line(wanted), found }
    }
}

fn approval_of(plan: Option<&Sha256Digest>, set_aside: &[String]) -> String {
    let what = if plan.is_some() { "what would be done" } else { "such a run" };
    if set_aside.is_empty() { what.to_owned() } else { format!("{what} with {} set aside", set_aside.join(", ")) }
}
