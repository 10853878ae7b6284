//! The verb `self`: this program, and a kit of handcarry on a medium.

mod apply;
mod status;

use crate::cli::Context;
use crate::kit::{Kit, KitError, kits_on};
use crate::media::Medium;
use crate::model::{Exit, Failure, ShowPath};
use clap::{Args, Subcommand};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// See which handcarry this is, and take a newer one from a medium
///
/// 'handcarry-outside write --with-handcarry' puts a kit there: packages of
/// one version, with SHA256SUMS and signatures over it. Keys that are trusted
/// for handcarry-kit count, as many as the threshold asks for.
#[derive(Debug, Args)]
pub struct ProgramArgs {
    #[command(subcommand)]
    verb: ProgramVerb,
}

#[derive(Debug, Subcommand)]
enum ProgramVerb {
    Status(status::StatusArgs),
    Apply(apply::ApplyArgs),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then the programs are what they were, or each of them whole.
pub fn run(args: &ProgramArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        ProgramVerb::Status(args) => status::run(args, context),
        ProgramVerb::Apply(args) => apply::run(args, context),
    }
}

/// What lies on a medium: the kits that are trusted, newest first, and those that are not, with the reason.
struct Found {
    good: Vec<Kit>,
    refused: Vec<(PathBuf, Failure)>,
}

/// Opens every kit on a medium.
fn look(media: &Path, context: &Context) -> Result<Found, Failure> {
    let medium = Medium::at(media)?;
    let now = super::high_water::sound_time(context)?;
    let (store, mut found) = (context.trust_store()?, Found { good: Vec::new(), refused: Vec::new() });
    for folder in kits_on(&medium)? {
        match Kit::open(&folder, &store, now) {
            Ok(kit) => found.good.push(kit),
            Err(failure) => found.refused.push((folder, failure)),
        }
    }
    found.good.sort_by(|one, other| other.version.cmp(&one.version));
    match (found.good.is_empty(), found.refused.is_empty()) {
        (true, true) => Err(KitError::NotThere { path: medium.root }.into()),
        _ => Ok(found),
    }
}

/// Where this program lies.
fn own_path() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .and_then(|path| path.canonicalize())
        .map_err(|error| Failure::new(Exit::Failure, format!("can't tell where this program lies: {error}")))
}

/// Whether dpkg has put the program there: its own records would be wrong if another replaced it.
fn is_by_dpkg(program: &Path) -> bool {
    let mut query = Command::new("dpkg-query");
    query.arg("--search").arg(program).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A package has its programs there and nowhere else; and where there is no dpkg, it has put nothing there.
    program.starts_with("/usr/bin") && query.status().is_ok_and(|status| status.success())
}

/// The signers of a kit, in words.
fn signers(kit: &Kit) -> String {
    let signers: Vec<String> = kit.approval.approvers.iter().map(ToString::to_string).collect();
    format!("kit {} at {}, signed by {}", kit.version.as_str(), kit.folder.shown(), signers.join(", "))
}
