//! How a push can end other than well, each with what to do next.

use super::PairTold;
use crate::driver::NotTaken;
use crate::model::{
    Exit, Explain, FailoverRole, FileName, Hint, Sha256Digest, ShowPath, Timestamp, duration_human, text,
};
use std::path::PathBuf;

/// Why the engine stopped.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bundle is for another appliance than the one that answered.
    #[error("the bundle is for serial {wanted}, but this appliance shows serial {found}; nothing was done")]
    WrongAppliance {
        /// The manifest's serial.
        wanted: String,
        /// The appliance's.
        found: String,
    },
    /// The clocks are too far apart.
    #[error("the appliance's clock is {} {} ours; {} is the most allowed", duration_human(*ahead_secs), if *ahead_secs < 0 { "behind" } else { "ahead of" }, duration_human(*tolerance_secs))]
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
    PrerequisiteMissing {
        /// The package's title.
        package: String,
        /// What it needs.
        requirement: String,
    },
    /// A soak is not over.
    #[error("clients need time to update to {after}: go on after {}{whose} (in {})", until.up_to_minute().human(), duration_human(*remaining_secs))]
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
        /// The command that goes on.
        again: String,
    },
    /// No maintenance window is open for as long as a step may take.
    #[error("outside the maintenance windows: {step} may go on at {} (window {window})", until.up_to_minute().human())]
    WindowClosed {
        /// The step's title.
        step: String,
        /// When to go on, by the trusted clock.
        until: Timestamp,
        /// That window, in the site's time.
        window: String,
        /// The command that goes on.
        again: String,
    },
    /// The window has no room for an install any more.
    #[error("{package} was not installed: its maintenance window has no room for it any more")]
    WindowMissed {
        /// The package's title.
        package: String,
        /// The command that goes on.
        again: String,
    },
    /// The second window of a pair's run has not begun.
    #[error("the first window's work is done: go on in the second one, for {name}")]
    SecondWindow {
        /// The appliance's name.
        name: String,
        /// The command that goes on.
        again: String,
    },
    /// There is no backup, so nothing was installed.
    #[error("no backup was made, so nothing was installed: {why}")]
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
    Unprotected {
        /// The command that goes on.
        again: String,
    },
    /// The appliance failed to install, or refused the package.
    #[error("{package} was not installed; the appliance says: {said}")]
    InstallFailed {
        /// The package's title.
        package: String,
        /// What the appliance said.
        said: String,
        /// The command that tries again.
        again: String,
    },
    /// The appliance did not take the package.
    #[error("{package} was not installed: {why}; it says: {said}")]
    NotTaken {
        /// The package's title.
        package: String,
        /// Why.
        why: NotTaken,
        /// What the appliance said.
        said: String,
        /// The command that tries again.
        again: String,
    },
    /// Something in between answered instead of the appliance.
    #[error("{package} {}: {said}", if *arrived { "was sent, and it is not known whether it reached the appliance" } else { "did not reach the appliance" })]
    Astray {
        /// The package's title.
        package: String,
        /// What answered.
        said: String,
        /// Whether all of it was handed over, so that it may have arrived.
        arrived: bool,
        /// The command that goes on.
        again: String,
    },
    /// A base update is in trouble.
    #[error("the base update {package} is in trouble: {said}\nDO NOT RESTART THE APPLIANCE")]
    BaseTrouble {
        /// The package's title.
        package: String,
        /// What is known.
        said: String,
        /// The journal, for support.
        journal: PathBuf,
        /// The command that goes on.
        again: String,
    },
    /// Nobody knows what became of an install.
    #[error("what became of {package} is not known: {why}")]
    Unconfirmed {
        /// The package's title.
        package: String,
        /// What is known.
        why: String,
        /// The command that looks again.
        again: String,
    },
    /// The appliance's check for updates does not end.
    #[error("the appliance's check for updates did not end within {}{}", duration_human(*waited_secs), said_text(said))]
    CheckUnfinished {
        /// How long was waited, in seconds.
        waited_secs: i64,
        /// What the page says; may be empty.
        said: String,
        /// The command that checks again.
        again: String,
    },
    /// A package that was offered no longer is, or has become greyed out.
    #[error("{package} was not installed: the appliance {}", if locked.is_some() { "shows it greyed out" } else { "no longer offers it" })]
    NotOffered {
        /// The package's title.
        package: String,
        /// What the page says of a greyed-out one; `None` where it is gone.
        locked: Option<String>,
        /// The command that looks again.
        again: String,
    },
    /// What is left of the offers waits for something that is not offered.
    #[error("greyed out on the appliance's page, and none of its other offers changes that: {packages}")]
    StillLocked {
        /// The titles, each with what the page says.
        packages: String,
    },
    /// What is left of the offers has titles that tell no kind.
    #[error("what these are can't be told by their titles, so they were not installed: {titles}")]
    UnknownOffers {
        /// The titles.
        titles: String,
    },
    /// The licence agreement was not accepted.
    #[error("the licence agreement of {package} was not accepted, so it was not installed")]
    EulaDeclined {
        /// The package's title.
        package: String,
        /// The agreement's digest, for `--accept-eula`.
        agreement: String,
        /// The command that shows it again.
        again: String,
    },
    /// The operator said no.
    #[error("stopped, because the answer was no: {question}")]
    Declined {
        /// The question.
        question: String,
        /// The command that goes on.
        again: String,
    },
    /// Something else was agreed to beforehand.
    #[error("what was agreed to beforehand ({given}) is not what would be done, so nothing was pressed")]
    PlanChanged {
        /// The digest that was given.
        given: Sha256Digest,
        /// The digest of what would be done.
        is: Sha256Digest,
        /// The command as it was typed.
        again: String,
    },
    /// The bundle holds no usable copy of what comes next.
    #[error("stopped before {package}, which is damaged; {installed}")]
    PackageDamaged {
        /// The package's title.
        package: String,
        /// What was done.
        installed: String,
        /// The command that goes on.
        again: String,
    },
    /// A copy for the operator could not be put ready.
    #[error("can't put a copy of {package} ready at {}: {why}", path.shown())]
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

impl Explain for EngineError {
    fn hint(&self) -> Option<Hint> {
        let hint: String = match self {
            EngineError::WrongAppliance { .. } => {
                "use the stick or the appliance name that belong together; handcarry-inside list shows them".to_owned()
            }
            EngineError::OneOfAPair { name, role, pair } => pair.hint(name, *role),
            EngineError::ClockSkew { .. } => "set the right time first: the appliance takes its own from NTP \
                 (/appliance > Networking > IP Configuration, Rede > Configuração do IP), this machine from wherever it should; \
                 an appliance that can't have the right time is enrolled with --clock appliance"
                .to_owned(),
            EngineError::PrerequisiteMissing { .. } => {
                "ask vendor support, with a picture of Status > Basics, what must come first".to_owned()
            }
            EngineError::Waiting { name, again, elsewhere: true, .. } => format!(
                "it was not installed from here, so the wait counts from when it was first seen; where its time is \
                 known: handcarry-inside soak {name} --installed-at TIME --reason TEXT\nthen: {again}"
            ),
            EngineError::Waiting { name, again, .. } => format!(
                "leave the appliance running; what clients need meanwhile: handcarry-inside after {name}\nthen: {again}"
            ),
            EngineError::WindowClosed { again, .. } => format!(
                "nothing was begun; windows stand in inventory.toml; to go on outside them: \
                 --dangerous-outside-window --reason TEXT\nthen: {again}"
            ),
            EngineError::WindowMissed { again, .. } => {
                format!("nothing was begun; in the next window: {again}")
            }
            EngineError::SecondWindow { again, .. } => {
                format!("until then the two stand alone, and there is no failover; then: {again}")
            }
            EngineError::BackupFailed { next, .. } => return next.clone(),
            EngineError::Unprotected { again } => {
                format!("give the password again: {again} --backup-password-file FILE (or --backup-password-prompt)")
            }
            EngineError::InstallFailed { again, .. } => format!(
                "look at /appliance > Updates and Status > Basics in a browser; when the cause is gone: {again}"
            ),
            EngineError::NotTaken { why, again, .. } => {
                format!("nothing was changed by it; {}; when that is done: {again}", why.hint().as_ref().map_or("", Hint::as_part))
            }
            EngineError::Astray { arrived, again, .. } => format!(
                "have the proxy, firewall or balancer on the way let it through (its largest upload, its filter, its \
                 time limit), or enrol an address that leads past it; then: {again}{}",
                if *arrived { " (it looks first, and sends nothing that may have arrived without asking)" } else { "" }
            ),
            EngineError::BaseTrouble { journal, again, .. } => format!(
                "call vendor support and leave the appliance as it is; tell them what stands above and what {} says; \
                 when they have put it right: {again}",
                journal.shown()
            ),
            EngineError::Unconfirmed { again, .. } => format!(
                "look at /appliance > Updates and Status > Basics in a browser, don't restart it, \
                 don't install by hand; then this, which looks first and installs nothing twice: {again}"
            ),
            EngineError::CheckUnfinished { again, .. } => format!(
                "look at /appliance > Updates in a browser, and whether it reaches the vendor (DNS, proxy, firewall; \
                 the vendor's FAQ 377); then: {again}"
            ),
            EngineError::NotOffered { locked: Some(why), again, .. } if !why.is_empty() => {
                format!("its page says: {why}; when that is so: {again}")
            }
            EngineError::NotOffered { again, .. } => {
                format!("ask vendor support, with a picture of Status > Basics; then: {again}")
            }
            EngineError::StillLocked { .. } => "ask vendor support for what is missing, with a picture of Status > Basics; \
                 it may have to be carried: handcarry-inside request NAME MEDIA"
                .to_owned(),
            EngineError::UnknownOffers { .. } => "ask vendor support what they are; in a browser they are installed under \
                 /appliance > Updates, with a backup first, and a day before the next package if clients update by it"
                .to_owned(),
            EngineError::EulaDeclined { agreement, again, .. } => {
                format!(
                    "to be asked again: {again}\nto accept it without being asked: {again} --accept-eula {agreement}"
                )
            }
            EngineError::Declined { again, .. } => format!("to go on: {again}"),
            EngineError::PlanChanged { given, is, again } => format!(
                "look at what would be done, above; whoever agrees to it says so: {}",
                again.replace(&given.to_string(), &is.to_string())
            ),
            EngineError::PackageDamaged { again, .. } => format!(
                "write the bundle again outside, whose vault still has its packages; then this, which installs nothing \
                 again: {again}"
            ),
            EngineError::Staging { .. } => {
                "nothing was done on the appliance; put that right and run it again".to_owned()
            }
        };
        Some(hint.into())
    }

    fn exit(&self) -> Exit {
        match self {
            EngineError::WrongAppliance { .. } => Exit::WrongAppliance,
            EngineError::ClockSkew { .. } => Exit::ClockSkew,
            EngineError::OneOfAPair { .. } => Exit::RoleUnexpected,
            EngineError::PrerequisiteMissing { .. } => Exit::PrerequisiteMissing,
            EngineError::SecondWindow { .. }
            | EngineError::Waiting { .. }
            | EngineError::WindowClosed { .. }
            | EngineError::WindowMissed { .. } => Exit::Waiting,
            EngineError::PackageDamaged { .. } => Exit::DigestMismatch,
            EngineError::BackupFailed { .. } | EngineError::Unprotected { .. } => Exit::BackupFailed,
            EngineError::InstallFailed { .. } => Exit::InstallFailed,
            EngineError::NotTaken { why, .. } => why.exit(),
            EngineError::Astray { .. } => Exit::InBetween,
            EngineError::BaseTrouble { .. } => Exit::BaseTrouble,
            EngineError::Unconfirmed { .. } => Exit::Unconfirmed,
            EngineError::CheckUnfinished { .. } => Exit::CheckUnfinished,
            EngineError::NotOffered { locked: Some(_), .. } | EngineError::StillLocked { .. } => {
                Exit::PrerequisiteMissing
            }
            EngineError::NotOffered { locked: None, .. } => Exit::NotFound,
            EngineError::UnknownOffers { .. } => Exit::UnknownKind,
            EngineError::EulaDeclined { .. } => Exit::EulaDeclined,
            EngineError::Declined { .. } => Exit::Declined,
            EngineError::PlanChanged { .. } => Exit::PlanChanged,
            EngineError::Staging { exit, .. } => *exit,
        }
    }
}

fn said_text(said: &str) -> String {
    if said.is_empty() { "; its page shows no list".to_owned() } else { format!("; its page says: {said}") }
}
