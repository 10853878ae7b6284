//! What can go wrong between a driver and its appliance.

use crate::bundle::BundleError;
use crate::console::OperatorError;
use crate::model::{Exit, Explain, Failure, Secret};
use crate::web::WebError;

/// Why a step could be neither done nor handed to a person.
///
/// A page is named by its title and its address without query; nothing here
/// holds a password, a code or a cookie.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The network, the certificate, or a page that breaks the rules.
    #[error(transparent)]
    Web(#[from] WebError),
    /// The appliance refused user name or password; never tried twice.
    #[error("the appliance refused user {user:?} at {page}{}", told(said))]
    LoginRefused {
        /// The name that was given.
        user: String,
        /// The login page.
        page: String,
        /// What the page said; may be empty.
        said: String,
    },
    /// The appliance lets nobody in, whatever the password.
    #[error("{why}, by {page}{}", told(said))]
    Barred {
        /// Why.
        why: LoginBlocked,
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// Another refused login may lock the account, and nobody said that it is made.
    #[error("no login of {user} at {path} was tried: {times} were refused before, and one more may lock the account")]
    LockoutNear {
        /// The name.
        user: String,
        /// Where it logs in.
        path: &'static str,
        /// How many were refused.
        times: u32,
    },
    /// The agreement before the login was not accepted.
    #[error("the login agreement at {page} was not accepted, so nobody logged in")]
    LoginAgreement {
        /// The page that shows it.
        page: String,
    },
    /// The login page came again although the login had just succeeded.
    #[error("the appliance does not keep the session: {page} asks to log in again")]
    SessionLost {
        /// The page that asked.
        page: String,
    },
    /// A password that can't be had.
    #[error("{}", .0.message)]
    Password(Failure),
    /// The appliance is installing and offers nothing else.
    #[error("the appliance is installing an update{}", told(said))]
    Busy {
        /// What it said.
        said: String,
    },
    /// The appliance refused a step, or failed it.
    #[error("the appliance refused the {what} at {page}{}", told(said))]
    Refused {
        /// The step.
        what: ApplianceRefusal,
        /// The page that refused.
        page: String,
        /// What it said; may be empty.
        said: String,
    },
    /// The appliance did not take a package; nothing was installed.
    #[error("{why}, by {page}{}", told(said))]
    NotTaken {
        /// Why.
        why: NotTaken,
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// The appliance can't reach its vendor, and so got nothing.
    #[error("the appliance can't reach its vendor's update server, by {page}{}", told(said))]
    VendorAway {
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// The appliance did not take a package, because its session was over.
    #[error("the package was not taken: {page} asks to log in again{}", told(said))]
    SessionEnded {
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// What answered is not the appliance's, so it is no verdict of it.
    #[error("what answered is not the appliance's: {page}, with HTTP status {status}{}", told(said))]
    InBetween {
        /// The page that came, and where.
        page: String,
        /// Its status.
        status: u16,
        /// What it says.
        said: String,
    },
    /// The status can't be read off the page.
    #[error("the appliance's status can't be read")]
    StatusUnreadable(#[source] WebError),
    /// The answer to a package that was sent can't be told.
    #[error("the package was sent, but {page} asks to log in again, so what became of it is unknown")]
    AnswerLost {
        /// The page that came.
        page: String,
    },
    /// A backup that holds nothing.
    #[error("the appliance sent an empty backup")]
    EmptyBackup,
    /// The backup could not be kept.
    #[error("the backup could not be written")]
    Sink(#[source] std::io::Error),
    /// Nobody answered a question.
    #[error(transparent)]
    NoAnswer(#[from] OperatorError),
}

/// What an appliance can refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplianceRefusal {
    /// Making a backup.
    Backup,
    /// Taking or installing a package.
    Package,
    /// The acceptance of a licence agreement.
    Agreement,
    /// Changing its part in a failover pair.
    Role,
    /// A step of the failover relationship.
    Pair,
    /// The relationship, because the pre-shared keys are not the same.
    PairKey,
    /// A step of the relationship, because the partner can't be reached.
    PairContact,
    /// Exporting or importing a certificate, or assigning an address to it.
    Certificate,
    /// Importing a certificate, because the passphrase is wrong.
    CertificateKey,
    /// Restoring settings.
    Restore,
    /// A factory reset or a shutdown.
    Power,
}

impl std::fmt::Display for ApplianceRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ApplianceRefusal::Backup => "backup",
            ApplianceRefusal::Package => "package",
            ApplianceRefusal::Agreement => "acceptance of the licence agreement",
            ApplianceRefusal::Role => "change of its failover role",
            ApplianceRefusal::Pair | ApplianceRefusal::PairContact => "failover step",
            ApplianceRefusal::PairKey => "failover relationship",
            ApplianceRefusal::Certificate | ApplianceRefusal::CertificateKey => "certificate",
            ApplianceRefusal::Restore => "restoring of settings",
            ApplianceRefusal::Power => "reset or shutdown",
        })
    }
}

/// Why an appliance lets nobody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginBlocked {
    /// The password is right and too old.
    PasswordExpired,
    /// Too many sessions are open.
    SessionLimit,
    /// Too many logins were refused.
    Locked,
}

impl std::fmt::Display for LoginBlocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LoginBlocked::PasswordExpired => "the password has expired",
            LoginBlocked::SessionLimit => "too many sessions are open on the appliance",
            LoginBlocked::Locked => "the account is locked",
        })
    }
}

impl LoginBlocked {
    /// What to do next.
    const fn next(self) -> &'static str {
        match self {
            LoginBlocked::PasswordExpired => {
                "log in with a browser and choose a new password, write it where the inventory says, \
                 then run the same command again"
            }
            LoginBlocked::SessionLimit => {
                "log out where someone is logged in, or wait until idle sessions end, then run the same command again"
            }
            LoginBlocked::Locked => {
                "wait as long as the page says, log in with a browser, correct user or password in the inventory, \
                 then run the same command again"
            }
        }
    }

    /// How a run ends by it.
    const fn exit(self) -> Exit {
        match self {
            LoginBlocked::PasswordExpired => Exit::PasswordExpired,
            LoginBlocked::SessionLimit => Exit::SessionLimit,
            LoginBlocked::Locked => Exit::AccountLocked,
        }
    }
}

/// Why an appliance does not take a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// Its disk is full.
    NoRoom,
    /// It takes the file for damaged, or for none of its packages.
    Rejected,
    /// It says that it has it already.
    AlreadyThere,
    /// It does not know this kind of package.
    UnknownKind,
}

impl std::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            NotTaken::NoRoom => "the appliance has no room for the package",
            NotTaken::Rejected => "the appliance takes the package for a damaged or foreign file",
            NotTaken::AlreadyThere => "the appliance says that the package is installed already",
            NotTaken::UnknownKind => "the appliance does not know this kind of package",
        })
    }
}

impl NotTaken {
    /// What to do next.
    pub const fn next(self) -> &'static str {
        match self {
            NotTaken::NoRoom => {
                "do not restart the appliance; have old recordings and files removed from it, \
                 or ask vendor support to free space"
            }
            NotTaken::Rejected => {
                "its bytes are those that were signed for, so the vendor's own file is in question: \
                 ask vendor support, and have it fetched anew outside"
            }
            NotTaken::AlreadyThere => {
                "look at Status > Basics and at Installed Packages in a browser; \
                 if it is there, have a bundle sealed without it, if not, ask vendor support"
            }
            NotTaken::UnknownKind => {
                "a package that must come before it may be missing, or it is another product's: \
                 compare it with handcarry-outside check, and ask vendor support"
            }
        }
    }

    /// How a run ends by it.
    pub const fn exit(self) -> Exit {
        match self {
            NotTaken::NoRoom => Exit::ApplianceFull,
            NotTaken::Rejected => Exit::PackageRejected,
            NotTaken::AlreadyThere => Exit::AlreadyInstalled,
            NotTaken::UnknownKind => Exit::UnknownKind,
        }
    }
}

impl Explain for DriverError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            DriverError::Web(error) => return carried(error).map_or_else(|| error.hint(), Explain::hint),
            DriverError::NoAnswer(error) => return error.hint(),
            DriverError::Password(failure) => return failure.hint.clone(),
            DriverError::LoginRefused { .. } => {
                "it was tried once and not again, because appliances lock accounts: \
                 log in with a browser, then correct user or password in the inventory"
            }
            DriverError::Barred { why, .. } => why.next(),
            DriverError::NotTaken { why, .. } => why.next(),
            DriverError::LockoutNear { .. } => {
                "log in with a browser first, and see that user and password are those in the inventory; \
                 then run the same command again and answer yes"
            }
            DriverError::LoginAgreement { .. } => {
                "whoever may accept it for your site answers yes when the same command is run again"
            }
            DriverError::SessionLost { .. } => {
                "log in with a browser; if that works, work this appliance by hand: driver = \"guided\" in the inventory"
            }
            DriverError::Busy { .. } => "wait until it is done, then run the same command again; do not restart it",
            DriverError::Refused { what: ApplianceRefusal::Package, .. } => {
                "do not restart the appliance; open /appliance > Updates in a browser to see its state, \
                 and ask vendor support with that page"
            }
            DriverError::Refused { what: ApplianceRefusal::Role, .. } => {
                "nothing was sent twice; look at /login > Management > Failover on both appliances before anything else"
            }
            DriverError::Refused { .. } => {
                "open that page in a browser and try it there; the reason may stand beside it"
            }
            DriverError::VendorAway { .. } => {
                "look at its DNS and gateway (/appliance > Networking > IP Configuration) and at proxy and firewall; \
                 the vendor's FAQ 377 tells more; without a way out its packages are carried: handcarry-inside request NAME MEDIA"
            }
            DriverError::StatusUnreadable(_) => {
                "add the page's labels to a profile (profile = \"profiles/NAME.toml\" in the inventory), \
                 or work this appliance by hand: driver = \"guided\""
            }
            DriverError::AnswerLost { .. } => {
                "do not send it again by hand; run the same command again: it looks first what is installed"
            }
            DriverError::SessionEnded { .. } => {
                "run the same command again; if sessions are over as soon as they begin, log in with a browser and look"
            }
            DriverError::InBetween { .. } => {
                "a proxy, a firewall, a balancer or another site answers on the way: have it let this through \
                 (with a package: its largest upload), or enrol an address that leads past it; then run the same \
                 command again: it looks first what is so; where the appliance itself has another look since an \
                 update, enrol it with --driver guided"
            }
            DriverError::EmptyBackup => "make the backup in a browser, under /login > Management > Software Management",
            DriverError::Sink(_) => "free some space where backups are kept, then run the same command again",
        };
        Some(hint.to_owned())
    }

    fn exit(&self) -> Exit {
        match self {
            DriverError::Web(error) => carried(error).map_or_else(|| error.exit(), Explain::exit),
            DriverError::NoAnswer(error) => error.exit(),
            DriverError::Password(failure) => failure.exit,
            DriverError::LoginRefused { .. } => Exit::LoginRefused,
            DriverError::Barred { why, .. } => why.exit(),
            DriverError::NotTaken { why, .. } => why.exit(),
            DriverError::LockoutNear { .. } => Exit::LockoutNear,
            DriverError::LoginAgreement { .. } => Exit::LoginAgreement,
            DriverError::SessionLost { .. } | DriverError::SessionEnded { .. } | DriverError::StatusUnreadable(_) => {
                Exit::PageUnexpected
            }
            DriverError::InBetween { .. } => Exit::InBetween,
            DriverError::Busy { .. } => Exit::Waiting,
            DriverError::Refused { what: ApplianceRefusal::Backup, .. }
            | DriverError::EmptyBackup
            | DriverError::Sink(_) => Exit::BackupFailed,
            DriverError::Refused { what: ApplianceRefusal::Pair | ApplianceRefusal::Role, .. } => Exit::PairRefused,
            DriverError::Refused { what: ApplianceRefusal::Certificate, .. } => Exit::CertificateRefused,
            DriverError::Refused { what: ApplianceRefusal::CertificateKey, .. } => Exit::WrongPassphrase,
            DriverError::Refused { what: ApplianceRefusal::Restore, .. } => Exit::RestoreRefused,
            DriverError::Refused { what: ApplianceRefusal::Power, .. } => Exit::ResetUnfinished,
            DriverError::Refused { what: ApplianceRefusal::PairKey, .. } => Exit::PairDiffers,
            DriverError::Refused { what: ApplianceRefusal::PairContact, .. } => Exit::PartnerUnreachable,
            DriverError::Refused { what: ApplianceRefusal::Package | ApplianceRefusal::Agreement, .. } => {
                Exit::InstallFailed
            }
            DriverError::AnswerLost { .. } => Exit::Unconfirmed,
            DriverError::VendorAway { .. } => Exit::VendorUnreachable,
        }
    }
}

/// Statuses by which whoever answers says that it passed nothing on: its own
/// login is lacking, or what was sent is too large or malformed for it.
const PASSED_NOTHING_ON: [u16; 5] = [407, 411, 413, 414, 431];

impl DriverError {
    /// Whether what was sent is known not to have reached the appliance.
    pub(crate) fn is_not_passed_on(&self) -> bool {
        match self {
            DriverError::SessionEnded { .. } => true,
            DriverError::InBetween { status, .. } => PASSED_NOTHING_ON.contains(status),
            _ => false,
        }
    }

    /// The same without a secret in what a page said.
    pub(super) fn withholding(self, secret: Option<&Secret>) -> Self {
        match (self, secret) {
            (DriverError::InBetween { page, status, said }, Some(secret)) => {
                DriverError::InBetween { page: secret.withhold(&page), status, said: secret.withhold(&said) }
            }
            (error, _) => error,
        }
    }
}

/// The bundle's own error, where a package could not be read for sending.
fn carried(error: &WebError) -> Option<&BundleError> {
    match error {
        WebError::Source(error) => BundleError::in_io(error),
        _ => None,
    }
}

fn told(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(", saying: {said}") }
}
