//! Whose signature counts here: what both halves do alike about it. Proposing
//! and applying signed updates are verbs of one half each.

mod add;
mod change;
mod history;
mod list;
mod policy;
mod updates;

pub use add::lines_of;
pub use change::{change, whole};
pub use history::{copy_signers, keep_version};
pub use policy::{RENEWAL_DAYS, renewal};
pub use updates::{IN_FORCE_FILE, find_updates, proposal_file};

use super::{Context, Half};
use crate::model::{Failure, local_time};
use crate::trust::{AllowedSigners, LineOptions, Namespace, PublicKey, TrustPolicy, TrustStore, Trusted};
use clap::Subcommand;
use std::path::Path;

/// How long before its date renewal is warned of, in seconds.
// Thirty days: people have to be asked for signatures, and sticks carried.
const RENEWAL_WARNING_SECS: i64 = 30 * 86_400;

/// What can be done with trust on both sides.
#[derive(Debug, Subcommand)]
pub enum TrustVerb {
    /// Trust a signer: an allowed_signers line, a file of such lines, a public key file, or a medium with keys of the other half
    ///
    /// For setting up, by hand. Where a signed version is in force, trust
    /// changes by signed updates only.
    Add(add::AddArgs),
    /// Set how many distinct keys must sign, where trust is set up by hand
    ///
    /// Where a signed version is in force, 'handcarry-outside trust propose' does it.
    Threshold(policy::ThresholdArgs),
    /// Set until when trust that was set up by hand is to be renewed
    ///
    /// From 30 days before it is warned of; afterwards the inside accepts no bundle
    /// without --dangerous-overdue-trust. Where a signed version is in force,
    /// 'handcarry-outside trust propose --renew-days' does it.
    Renew(policy::RenewArgs),
    /// List who is trusted with what, and how many must sign
    List,
    /// List the signed versions of trust that were in force here
    History,
}

/// Adds signers, or lists them or the versions.
///
/// # Errors
/// A [`Failure`] where the lines don't read, the person says no, or the file can't be kept.
pub fn trust(verb: &TrustVerb, half: Half, context: &mut Context) -> Result<(), Failure> {
    match verb {
        TrustVerb::Add(args) => add::run(args, half, context),
        TrustVerb::Threshold(args) => policy::threshold(args, half, context),
        TrustVerb::Renew(args) => policy::renew(args, half, context),
        TrustVerb::List => list::run(context),
        TrustVerb::History => history::run(context),
    }
}

impl Context {
    /// Reads whom this half trusts; nobody where nothing was ever added.
    ///
    /// # Errors
    /// A [`Failure`] where a file does not read as it should.
    pub fn trust_store(&self) -> Result<TrustStore, Failure> {
        Ok(TrustStore::read(&self.home.trust())?)
    }

    /// Whom this desk takes at their word for a document that it may have
    /// signed itself: those trusted here, and its own key. One of them
    /// suffices, as when the document was written.
    ///
    /// # Errors
    /// As [`Context::trust_store`], and where the own key's public half can't be read.
    pub fn trust_with_own(&self, namespace: Namespace) -> Result<TrustStore, Failure> {
        let (lines, trusted) = self.with_own_line(namespace)?;
        let policy = TrustPolicy { revoked: trusted.store.policy.revoked, ..TrustPolicy::default() };
        Ok(TrustStore { signers: AllowedSigners::parse(&lines)?, policy })
    }

    /// The same as a file for ssh-keygen, which knows no revoked keys by it: their lines are left out.
    ///
    /// # Errors
    /// As [`Context::trust_with_own`].
    pub fn signers_with_own(&self, namespace: Namespace) -> Result<String, Failure> {
        let (lines, trusted) = self.with_own_line(namespace)?;
        let revoked = |line: &&str| {
            let read = AllowedSigners::parse(line).unwrap_or_default();
            read.entries().iter().any(|entry| trusted.store.policy.revokes(&entry.key))
        };
        Ok(lines.lines().filter(|line| !revoked(line)).map(|line| format!("{line}\n")).collect())
    }

    /// The lines of those trusted here, and one of the own key.
    fn with_own_line(&self, namespace: Namespace) -> Result<(String, Trusted), Failure> {
        let trusted = Trusted::read(&self.home.trust())?;
        let mut lines = trusted.update.signers_text();
        let own: &Path = &self.home.signing_key().with_extension("pub");
        if own.is_file() {
            let key = PublicKey::read(own)?;
            lines.push_str(&AllowedSigners::render_line("this-desk", &key, &LineOptions::only_for(&[namespace]))?);
            lines.push('\n');
        }
        Ok((lines, trusted))
    }

    /// Warns where `policy` has a date of renewal that is near or over.
    pub fn warn_of_renewal(&self, policy: &TrustPolicy) {
        let Some(by) = policy.renew_by else { return };
        match by.secs_since(self.now()) {
            left if left <= 0 => {
                self.console
                    .warn(format!("the trust here was to be renewed by {}; see handcarry(7), Renewal", local_time(by)));
            }
            left if left <= RENEWAL_WARNING_SECS => {
                self.console
                    .warn(format!("the trust here must be renewed by {}; see handcarry(7), Renewal", local_time(by)));
            }
            _ => {}
        }
    }
}
