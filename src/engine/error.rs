//! How a push can end other than well, each with what to do next.

use super::PairTold;
use crate::driver::NotTaken;
use crate::model::{
    AGAIN, Exit, FailoverRole, FileName, Hint, Sha256Digest, ShowPath, Timestamp, duration_human, explained, text,
};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why the engine stopped.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bundle is for another appliance than the one that answered.
    #[error("the bundle is for serial {wanted}, but this appliance shows serial {found}; nothing was done")]
    #[hint("use the stick or the appliance name that belong together; handcarry-inside list shows them")]
    #[exit(WrongAppliance)]
    WrongAppliance {
        /// The manifest's serial.
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
    ClockSkew {
        /// Seconds the appliance's clock is ahead.
        ahead_secs: i64,
        /// Seconds allowed.
        tolerance_secs: i64,
    },
    /// It is a member of a standing failover pair, and was to be worked alone.
    #[error(
        "{name} is the {role} of a standing failover pair{}, which is not upgraded one by one; nothing was installed",
        pair.with_partner()
    )]
    #[hint(pair.hint(name, *role))]
    #[exit(RoleUnexpected)]
    OneOfAPair {
        /// Its name in the inventory.
        name: String,
        /// What it is in the pair.
        role: FailoverRole,
        /// What is known of the pair.
        pair: PairTold,
    },
    /// Something a package needs is not on the appliance.
    #[error("{package} needs {requirement}, and the appliance does not have it")]
    #[hint("ask vendor support, with a picture of Status > Basics, what must come first")]
    #[exit(PrerequisiteMissing)]
    PrerequisiteMissing {
        /// The package's title.
        package: String,
        /// What it needs.
        requirement: String,
    },
    /// A soak is not over.
    #[error("clients need time to update to {after}: go on after {}{whose} (in {})", until.up_to_minute().human(), duration_human(*remaining_secs))]
    #[hint(match elsewhere {
        true => format!(
            "it was not installed from here, so the wait counts from when it was first seen; where its time is known: \
             handcarry-inside soak {name} --installed-at TIME --reason TEXT\nthen: {AGAIN}"
        ),
        false => format!(
            "leave the appliance running; what clients need meanwhile: handcarry-inside after {name}\nthen: {AGAIN}"
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
        /// The appliance's name in the inventory.
        name: FileName,
        /// Whether the package was installed elsewhere, at a time that a
        /// person may know.
        elsewhere: bool,
    },
    /// No maintenance window is open for as long as a step may take.
    #[error("outside the maintenance windows: {step} may go on at {} (window {window})", until.up_to_minute().human())]
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
    WindowMissed {
        /// The package's title.
        package: String,
    },
    /// The second window of a pair's run has not begun.
    #[error("the first window's work is done: go on in the second one, for {name}")]
    #[hint("until then the two stand alone, and there is no failover; then: {AGAIN}")]
    #[exit(Waiting)]
    SecondWindow {
        /// The appliance's name.
        name: String,
    },
    /// There is no backup, so nothing was installed.
    #[error("no backup was made, so nothing was installed: {why}")]
    #[hint(next.clone())]
    #[exit(BackupFailed)]
    BackupFailed {
        /// Why.
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
    InstallFailed {
        /// The package's title.
        package: String,
        /// What the appliance said.
        said: String,
    },
    /// The appliance did not take the package.
    #[error("{package} was not installed: {why}; it says: {said}")]
    #[hint("nothing was changed by it; {}; when that is done: {AGAIN}", why.hint().as_ref().map_or("", Hint::as_part))]
    #[exit(why.exit())]
    NotTaken {
        /// The package's title.
        package: String,
        /// Why.
        why: NotTaken,
        /// What the appliance said.
        said: String,
    },
    /// Something in between answered instead of the appliance.
    #[error("{package} {}: {said}", if *arrived { "was sent, and it is not known whether it reached the appliance" } else { "did not reach the appliance" })]
    #[hint(
        "have the proxy, firewall or balancer on the way let it through (its largest upload, its filter, its time \
         limit), or enrol an address that leads past it; then: {AGAIN}{}",
        if *arrived { " (it looks first, and sends nothing that may have arrived without asking)" } else { "" }
    )]
    #[exit(InBetween)]
    Astray {
        /// The package's title.
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
        /// The package's title.
        package: String,
        /// What is known.
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
    Unconfirmed {
        /// The package's title.
        package: String,
        /// What is known.
        why: String,
    },
    /// The appliance's check for updates does not end.
    #[error("the appliance's check for updates did not end within {}{}", duration_human(*waited_secs), said_text(said))]
    #[hint(
        "look at /appliance > Updates in a browser, and whether it reaches the vendor (DNS, proxy, firewall; the \
         vendor's FAQ 377); then: {AGAIN}"
    )]
    #[exit(CheckUnfinished)]
    CheckUnfinished {
        /// How long was waited, in seconds.
        waited_secs: i64,
        /// What the page says; may be empty.
        said: String,
    },
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
        /// The package's title.
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
         first, and a day before the next package if clients update by it"
    )]
    #[exit(UnknownKind)]
    UnknownOffers {
        /// The titles.
        titles: String,
    },
    /// The licence agreement was not accepted.
    #[error("the licence agreement of {package} was not accepted, so it was not installed")]
    #[hint(
        "to be asked again: {AGAIN}\nto accept it without being asked: {}",
        AGAIN.and(&["--accept-eula", agreement])
    )]
    #[exit(EulaDeclined)]
    EulaDeclined {
        /// The package's title.
        package: String,
        /// The agreement's digest, for `--accept-eula`.
        agreement: String,
    },
    /// The operator said no.
    #[error("stopped, because the answer was no: {question}")]
    #[hint("to go on: {AGAIN}")]
    #[exit(Declined)]
    Declined {
        /// The question.
        question: String,
    },
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
    /// The bundle holds no usable copy of what comes next.
    #[error("stopped before {package}, which is damaged; {installed}")]
    #[hint(
        "write the bundle again outside, whose vault still has its packages; then this, which installs nothing again: \
         {AGAIN}"
    )]
    #[exit(DigestMismatch)]
    PackageDamaged {
        /// The package's title.
        package: String,
        /// What was done.
        installed: String,
    },
    /// A copy for the operator could not be put ready.
    #[error("can't put a copy of {package} ready at {}: {why}", path.shown())]
    #[hint("nothing was done on the appliance; put that right and run it again")]
    #[exit(*exit)]
    Staging {
        /// The package's title.
        package: String,
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
        /// How the run ends: what failed, the stick or the disk.
        exit: Exit,
    },
}

impl EngineError {
    /// Another appliance answered than the one that was `wanted`; both by serial number.
    pub(super) fn wrong_appliance(wanted: &str, found: &str) -> Self {
        let found = if found.is_empty() { "none".to_owned() } else { text::one_line(found) };
        EngineError::WrongAppliance { wanted: text::one_line(wanted), found }
    }
}

fn said_text(said: &str) -> String {
    if said.is_empty() { "; its page shows no list".to_owned() } else { format!("; its page says: {said}") }
}
