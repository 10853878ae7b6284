//! What can go wrong between a driver and its appliance.

use super::refusal::{ApplianceRefusal, LoginBlocked, NotTaken};
use super::site::ClusterRole;
use crate::bundle::BundleError;
use crate::console::OperatorError;
use crate::model::{Explain, Failure, Secret, explained};
use crate::web::WebError;
use macro_rules_attribute::apply;

/// Why a step could be neither done nor handed to a person.
///
/// A page is named by its title and its address without query; nothing here
/// holds a password, a code or a cookie.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// The network, the certificate, or a page that breaks the rules.
    #[error(transparent)]
    #[hint(|error| carried(error).map_or_else(|| error.hint(), Explain::hint))]
    #[exit(|error| carried(error).map_or_else(|| error.exit(), Explain::exit))]
    Web(#[from] WebError),
    /// The appliance refused user name or password; never tried twice.
    #[error("the appliance refused user {user:?} at {page}{}", told(said))]
    #[hint(
        "it was tried once and not again, because appliances lock accounts: log in with a browser, then correct user \
         or password in the inventory"
    )]
    #[exit(LoginRefused)]
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
    #[hint(why.hint())]
    #[exit(why.exit())]
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
    #[hint(
        "log in with a browser first, and see that user and password are those in the inventory; then run the same \
         command again and answer yes"
    )]
    #[exit(LockoutNear)]
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
    #[hint("whoever may accept it for your site answers yes when the same command is run again")]
    #[exit(LoginAgreement)]
    LoginAgreement {
        /// The page that shows it.
        page: String,
    },
    /// The login page came again although the login had just succeeded.
    #[error("the appliance does not keep the session: {page} asks to log in again")]
    #[hint("log in with a browser; if that works, work this appliance by hand: driver = \"guided\" in the inventory")]
    #[exit(PageUnexpected)]
    SessionLost {
        /// The page that asked.
        page: String,
    },
    /// There is a site, and nothing of the appliance it runs on.
    #[error("{origin} has no pages below /appliance, and a login below /login")]
    #[hint(
        "a cloud appliance looks so: the vendor updates it, and nothing is carried or pushed to it; where it is an \
         appliance of your own, something on the way hides these pages: look at {origin}/appliance with a browser"
    )]
    #[exit(PageUnexpected)]
    Cloud {
        /// Scheme, host and port.
        origin: String,
    },
    /// A node of an Atlas cluster: an order for its nodes stands in no guide that is known here.
    #[error("the appliance is {node} of an Atlas cluster, by its API; nothing was done")]
    #[hint(
        "the nodes of a cluster are upgraded in an order that only the vendor tells, and never all at once: ask \
         vendor support (help.bomgar.com) for it; handcarry-inside verify and handcarry-inside backup work for each \
         node, and its packages are then sent with a browser"
    )]
    #[exit(RoleUnexpected)]
    ClusterNode {
        /// Which node.
        node: ClusterRole,
    },
    /// A password that can't be had.
    #[error("{}", .0.message)]
    #[hint(|failure| failure.hint.clone())]
    #[exit(|failure| failure.exit)]
    Password(Failure),
    /// The appliance is installing and offers nothing else.
    #[error("the appliance is installing an update{}", told(said))]
    #[hint("wait until it is done, then run the same command again; do not restart it")]
    #[exit(Waiting)]
    Busy {
        /// What it said.
        said: String,
    },
    /// The appliance refused a step, or failed it.
    #[error("the appliance refused the {what} at {page}{}", told(said))]
    #[hint(what.hint())]
    #[exit(what.exit())]
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
    #[hint(why.hint())]
    #[exit(why.exit())]
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
    #[hint(
        "look at its DNS and gateway (/appliance > Networking > IP Configuration) and at proxy and firewall; the \
         vendor's FAQ 377 tells more; without a way out its packages are carried: handcarry-inside request NAME MEDIA"
    )]
    #[exit(VendorUnreachable)]
    VendorAway {
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// The appliance did not take a package, because its session was over.
    #[error("the package was not taken: {page} asks to log in again{}", told(said))]
    #[hint("run the same command again; if sessions are over as soon as they begin, log in with a browser and look")]
    #[exit(PageUnexpected)]
    SessionEnded {
        /// The page that says so.
        page: String,
        /// What it said.
        said: String,
    },
    /// What answered is not the appliance's, so it is no verdict of it.
    #[error("what answered is not the appliance's: {page}, with HTTP status {status}{}", told(said))]
    #[hint(
        "a proxy, a firewall, a balancer or another site answers on the way: have it let this through (with a package: \
         its largest upload), or enrol an address that leads past it; then run the same command again: it looks first \
         what is so; where the appliance itself has another look since an update, enrol it with --driver guided"
    )]
    #[exit(InBetween)]
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
    #[hint(
        "add the page's labels to a profile (profile = \"profiles/NAME.toml\" in the inventory), or work this \
         appliance by hand: driver = \"guided\""
    )]
    #[exit(PageUnexpected)]
    StatusUnreadable(#[source] WebError),
    /// The answer to a package that was sent can't be told.
    #[error("the package was sent, but {page} asks to log in again, so what became of it is unknown")]
    #[hint("do not send it again by hand; run the same command again: it looks first what is installed")]
    #[exit(Unconfirmed)]
    AnswerLost {
        /// The page that came.
        page: String,
    },
    /// A backup that holds nothing.
    #[error("the appliance sent an empty backup")]
    #[hint("make the backup in a browser, under /login > Management > Software Management")]
    #[exit(BackupFailed)]
    EmptyBackup,
    /// The backup could not be kept.
    #[error("the backup could not be written")]
    #[hint("free some space where backups are kept, then run the same command again")]
    #[exit(BackupFailed)]
    Sink(#[source] std::io::Error),
    /// Nobody answered a question.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    NoAnswer(#[from] OperatorError),
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
