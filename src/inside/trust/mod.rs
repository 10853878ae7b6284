//! The verb `trust` of the inside: whose signature counts here, and how that changes.

mod apply;
mod export;

use crate::cli::{self, Context, Half, TrustVerb};
use crate::model::Failure;
use clap::{Args, Subcommand};

/// Say whose signatures count here
///
/// Trust is an OpenSSH allowed_signers file (trust/allowed_signers in the home
/// folder) plus a policy (trust/policy.toml: threshold and revoked keys). After
/// that it changes by updates signed outside, carried in, and applied.
#[derive(Debug, Args)]
pub struct TrustArgs {
    #[command(subcommand)]
    verb: TrustVerbs,
}

#[derive(Debug, Subcommand)]
enum TrustVerbs {
    #[command(flatten)]
    Shared(TrustVerb),
    Apply(apply::ApplyArgs),
    Export(export::ExportArgs),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then the trust in force is what it was.
pub fn run(args: &TrustArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        TrustVerbs::Shared(verb) => cli::trust(verb, Half::Inside, context),
        TrustVerbs::Apply(args) => apply::run(args, context),
        TrustVerbs::Export(args) => export::run(args, context),
    }
}
