//! How a migration can end other than well, each with the way back.

use crate::model::{Exit, Explain, Hint, ShowPath, duration_human};
use std::path::PathBuf;

/// Why a migration stopped.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The passphrase is not the one the key was exported with.
    #[error("{name} did not import the certificate, because the passphrase is wrong: {said}")]
    Passphrase {
        /// NEW's name.
        name: String,
        /// What it said.
        said: String,
        /// The command that goes on.
        again: String,
    },
    /// What a step kept is not what it kept any more.
    #[error("the {what} that was kept can't be used: {}: {why}", path.shown())]
    Kept {
        /// `backup` or `certificate`.
        what: &'static str,
        /// Where it lies.
        path: PathBuf,
        /// Why not.
        why: String,
        /// The command that goes on.
        again: String,
    },
    /// An appliance does not list the certificate, or lists it twice.
    #[error("{name} does not show the certificate {certificate} as it should: {why}")]
    Certificate {
        /// The appliance's name.
        name: String,
        /// Which certificate.
        certificate: String,
        /// What is shown instead.
        why: String,
        /// The command that goes on.
        again: String,
    },
    /// A certificate has warnings.
    #[error("{name} warns of the certificate {certificate}: {}", warnings.join("; "))]
    Warnings {
        /// NEW's name.
        name: String,
        /// Which certificate.
        certificate: String,
        /// What it warns of.
        warnings: Vec<String>,
        /// The command that goes on.
        again: String,
    },
    /// The two do not show the same version and build.
    #[error("nothing was restored: {old} shows {old_has}, {new} shows {new_has}")]
    Software {
        /// OLD's name.
        old: String,
        /// What it shows.
        old_has: String,
        /// NEW's name.
        new: String,
        /// What it shows.
        new_has: String,
        /// The command that goes on.
        again: String,
    },
    /// NEW refused the backup.
    #[error("{name} did not restore the settings, saying: {said}")]
    Restore {
        /// NEW's name.
        name: String,
        /// What it said.
        said: String,
        /// The command that goes on.
        again: String,
    },
    /// NEW does not show what it should before OLD may go.
    #[error("{name} can't be confirmed to serve the site: {why}")]
    NotServing {
        /// NEW's name.
        name: String,
        /// What is shown instead.
        why: String,
        /// The command that goes on.
        again: String,
    },
    /// The word that erases OLD was not typed.
    #[error("{new} serves the site, and {old} was left as it is: its serial number was not typed")]
    NotErased {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
        /// The command that goes on.
        again: String,
    },
    /// The backup that NEW was restored from has no logged history in it.
    #[error(
        "{new} serves the site, and {old} was left as it is: its logged history was left out of the backup, and is nowhere else"
    )]
    HistoryLost {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
        /// The command that goes on.
        again: String,
    },
    /// What is reached as OLD is NEW: the site's name was used for OLD.
    #[error("what answers as {old} is {new}: nothing was erased or switched off")]
    LeadsToNew {
        /// OLD's name.
        old: String,
        /// NEW's name.
        new: String,
        /// The command that goes on.
        again: String,
    },
    /// A reset did not come to its end.
    #[error("the reset of {name} is not over after {}: {seen}", duration_human(*waited_secs))]
    ResetUnfinished {
        /// OLD's name.
        name: String,
        /// How long it was waited for, in seconds.
        waited_secs: i64,
        /// What was seen last.
        seen: String,
        /// The command that goes on.
        again: String,
    },
}

impl Explain for MigrateError {
    fn hint(&self) -> Option<Hint> {
        let hint: String = match self {
            MigrateError::Passphrase { again, .. } => format!(
                "nothing was imported; the next run exports the certificate anew, with the passphrase that is given \
                 then: {again}"
            ),
            MigrateError::Kept { again, .. } => format!("it is made anew by the same command: {again}"),
            MigrateError::Certificate { again, .. } => format!(
                "look at /appliance > Security > Certificates there; when it is right, this looks first: {again}"
            ),
            MigrateError::Warnings { again, .. } => format!(
                "resolve them under /appliance > Security > Certificates before an address is assigned, such as by \
                 importing the missing part of the chain; vendor support has an article on each (FAQ 755); then: {again}"
            ),
            MigrateError::Software { again, .. } => format!(
                "a backup is restored on the version it was made with: install on one what the other has, then: {again}"
            ),
            MigrateError::Restore { again, .. } => format!(
                "the old appliance serves as before; look at /login > Management > Software Management on the new one; \
                 when the cause is gone: {again}"
            ),
            MigrateError::NotServing { again, .. } => format!(
                "nothing was erased: the old appliance can serve again when the DNS entry is led back to it; then: {again}"
            ),
            MigrateError::NotErased { again, .. } => {
                format!("to end the run with it as it is: {again} --keep-old\nto erase it: {again}")
            }
            MigrateError::HistoryLost { again, .. } => format!(
                "to end the run with it as it is: the same with --keep-old; to lose the history: {again} \
                 --dangerous-lose-history --reason TEXT"
            ),
            MigrateError::LeadsToNew { old, again, .. } => format!(
                "{old} is reached by a name that leads to the new appliance now: give it a url with its own IP address \
                 in inventory.toml, then: {again}"
            ),
            MigrateError::ResetUnfinished { again, .. } => format!(
                "the new appliance serves the site meanwhile; leave the old one switched on and look at its page or \
                 screen; where it never ends, ask vendor support; then this, which looks first: {again}"
            ),
        };
        Some(hint.into())
    }

    fn exit(&self) -> Exit {
        match self {
            MigrateError::Passphrase { .. } => Exit::WrongPassphrase,
            MigrateError::Kept { .. } => Exit::MediaLies,
            MigrateError::Certificate { .. } | MigrateError::NotServing { .. } => Exit::Unconfirmed,
            MigrateError::Warnings { .. } => Exit::CertificateWarning,
            MigrateError::Software { .. } => Exit::PairDiffers,
            MigrateError::Restore { .. } => Exit::RestoreRefused,
            MigrateError::NotErased { .. } | MigrateError::HistoryLost { .. } => Exit::Declined,
            MigrateError::LeadsToNew { .. } => Exit::WrongAppliance,
            MigrateError::ResetUnfinished { .. } => Exit::ResetUnfinished,
        }
    }
}
