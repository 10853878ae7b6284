//! The verb `store`: what is kept here, whether it is still whole, a copy of it, and what is needed no more.

mod check;
mod export;
mod list;
mod prune;

use super::open_bundle;
use super::supply::Supply;
use crate::bundle::{Bundle, VolumeSet};
use crate::cli::Context;
use crate::model::{Failure, text};
use clap::{Args, Subcommand};

/// Bundles that were taken: list, check, copy, remove them
#[derive(Debug, Args)]
pub struct StoreArgs {
    #[command(subcommand)]
    verb: StoreVerb,
}

#[derive(Debug, Subcommand)]
enum StoreVerb {
    /// List the bundles that are kept, for whom, and what became of them here
    List,
    /// Read every byte that is kept again, against what was signed
    Check,
    /// Write a kept bundle out, byte by byte as it was carried, for an auditor or another desk
    Export(export::ExportArgs),
    /// Remove the bundles that are installed here and told of in a receipt, and their packages
    Prune(prune::PruneArgs),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the store's, the bundles'.
pub fn run(args: &StoreArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        StoreVerb::List => list::run(context),
        StoreVerb::Check => check::run(context),
        StoreVerb::Export(args) => export::run(args, context),
        StoreVerb::Prune(args) => prune::run(args, context),
    }
}

/// A kept bundle, opened or refused.
type KeptBundle = (VolumeSet, Result<Bundle, Failure>);

/// The kept bundles, one after the other, each opened by the trust in force; one at least.
///
/// # Errors
/// [`crate::model::Exit::NoBundle`] where none is kept.
fn opened(context: &Context) -> Result<impl Iterator<Item = Result<KeptBundle, Failure>>, Failure> {
    let open = |set: VolumeSet| Ok((set.clone(), open_bundle::open_whenever(set, context)?));
    Ok(Supply::Store.sets(context)?.into_iter().map(open))
}

/// How a kept bundle is called: its name, and the first digits of its id.
fn called(set: &VolumeSet, bundle: &Bundle) -> String {
    format!("{} ({})", text::name(set.name()), bundle.manifest().bundle.short())
}
