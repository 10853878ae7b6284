//! Whose signature counts here: what both halves do alike about it. Proposing
//! and applying signed updates are verbs of one half each.

mod add;
mod change;
mod history;
mod list;
mod updates;

pub use add::lines_of;
pub use change::{change, whole};
pub use history::{copy_signers, keep_version};
pub use updates::{IN_FORCE_FILE, find_updates, proposal_file};

use super::{Context, Half};
use crate::model::Failure;
use crate::trust::{AllowedSigners, LineOptions, Namespace, PublicKey, TrustPolicy, TrustStore, Trusted};
use clap::Subcommand;
use std::path::Path;

/// What can be done with trust on both sides.
#[derive(Debug, Subcommand)]
pub enum TrustVerb {
    /// Trust a signer: an allowed_signers line, a file of such lines, or a public key file
    ///
    /// For setting up, by hand. Where a signed version is in force, trust
    /// changes by signed updates only.
    Add(add::AddArgs),
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
        let trusted = Trusted::read(&self.home.trust())?;
        let mut lines = trusted.update.signers_text();
        let own: &Path = &self.home.signing_key().with_extension("pub");
        if own.is_file() {
            let key = PublicKey::read(own)?;
            lines.push_str(&AllowedSigners::render_line("this-desk", &key, &LineOptions::only_for(&[namespace]))?);
            lines.push('\n');
        }
        let policy = TrustPolicy { revoked: trusted.store.policy.revoked, ..TrustPolicy::default() };
        Ok(TrustStore { signers: AllowedSigners::parse(&lines)?, policy })
    }
}
