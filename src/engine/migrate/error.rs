//! How a migration can end other than well, each with the way back.

use crate::model::{AGAIN, ShowPath, duration_human, explained};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why a migration stopped.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The passphrase is not the one the key was exported with.
    #[error("{name} did not import the certificate, because the passphrase is wrong: {said}")]
    #[hint(
        "nothing was imported; the next run exports the certificate anew, with the passphrase that is given then: \
         {AGAIN}"
    )]
    #[exit(WrongPassphrase)]
    Passphrase {
        /// NEW's name.
        name: String,
        /// What it said.
        said: String,
    },
    /// What a step kept is not what it kept any more.
    #[error("the {what} that was kept can't be used: {}: {why}", path.shown())]
    #[hint("it is made anew by the same command: {AGAIN}")]
    #[exit(MediaLies)]
    Kept {
        /// `backup` or `certificate`.
        what: &'static str,
        /// Where it lies.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// An appliance does not list the certificate, or lists it twice.
    #[error("{name} does not show the certificate {certificate} as it should: {why}")]
    #[hint("look at /appliance > Security > Certificates there; when it is right, this looks first: {AGAIN}")]
    #[exit(Unconfirmed)]
    Certificate {
        /// The appliance's name.
        name: String,
        /// Which certificate.
        certificate: String,
        /// What is shown instead.
        why: String,
    },
    /// A certificate has warnings.
    #[error("{name} warns of the certificate {certificate}: {}", warnings.join("; "))]
    #[hint(
        "resolve them under /appliance > Security > Certificates before an address is assigned, such as by importing \
         the missing part of the chain; vendor support has an article on each (FAQ 755); then: {AGAIN}"
    )]
    #[exit(CertificateWarning)]
    Warnings {
        /// NEW's name.
        name: String,
        /// Which certificate.
        certificate: String,
        /// What it warns of.
        warnings: Vec<String>,
    },
    /// The two do not show the same version and build.
    #[error("nothing was restored: {old} shows {old_has}, {new} shows {new_has}")]
    #[hint("a backup is restored on the version it was made with: install on one what the other has, then: {AGAIN}")]
    #[exit(PairDiffers)]
    Software {
        /// OLD's name.
        old: String,
        /// What it shows.
        old_has: String,
        /// NEW's name.
        new: String,
        /// What it shows.
        new_has: String,
    },
    /// NEW refused the backup.
    #[error("{name} did not restore the settings, saying: {said}")]
    #[hint(
        "the old appliance serves as before; look at /login > Management > Software Management on the new one; when \
         the cause is gone: {AGAIN}"
    )]
    #[exit(RestoreRefused)]
    Restore {
        /// NEW's name.
        name: String,
        /// What it said.
        said: String,
    },
    /// NEW does not show what it should before OLD may go.
    #[error("{name} can't be confirmed to serve the site: {why}")]
    #[hint("nothing was erased: the old appliance can serve again when the DNS entry is led back to it; then: {AGAIN}")]
    #[exit(Unconfirmed)]
    NotServing {
        /// NEW's name.
        name: String,
        /// What is shown instead.
        why: String,
    },
    /// The word that erases OLD was not typed.
    #[error("{new} serves the site, and {old} was left as it is: its serial number was not typed")]
    #[hint("to end the run with it as it is: {}\nto erase it: {AGAIN}", AGAIN.with(&["--keep-old"]))]
    #[exit(Declined)]
    NotErased {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
    },
    /// The backup that NEW was restored from has no logged history in it.
    #[error(
        "{new} serves the site, and {old} was left as it is: its logged history was left out of the backup, and is nowhere else"
    )]
    #[hint(
        "to end the run with it as it is: the same with --keep-old; to lose the history: {}",
        AGAIN.with(&["--dangerous-lose-history", "--reason", "TEXT"])
    )]
    #[exit(Declined)]
    HistoryLost {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
    },
    /// What is reached as OLD is NEW: the site's name was used for OLD.
    #[error("what answers as {old} is {new}: nothing was erased or switched off")]
    #[hint(
        "{old} is reached by a name that leads to the new appliance now: give it a url with its own IP address in \
         inventory.toml, then: {AGAIN}"
    )]
    #[exit(WrongAppliance)]
    LeadsToNew {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
    },
    /// A reset did not come to its end.
    #[error("the reset of {name} is not over after {}: {seen}", duration_human(*waited_secs))]
    #[hint(
        "the new appliance serves the site meanwhile; leave the old one switched on and look at its page or screen; \
         where it never ends, ask vendor support; then this, which looks first: {AGAIN}"
    )]
    #[exit(ResetUnfinished)]
    ResetUnfinished {
        /// OLD's name.
        name: String,
        /// How long it was waited for, in seconds.
        waited_secs: i64,
        /// What was seen last.
        seen: String,
    },
}
