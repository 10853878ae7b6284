//! `vault check`: every byte in custody read again, and every chained record
//! proved, here and in the second copy.

use super::mirror;
use super::vault::{ObjectFault, ObjectFinding, Vault, VaultError};
use crate::cli::Context;
use crate::console::kind;
use crate::model::{Exit, Failure, ShowPath, text};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct VaultCheckArgs {
    /// Folder that holds the second copy [default: the one in vault.toml]
    #[arg(long, value_name = "DIR")]
    also: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// [`Exit::VaultDamaged`] where something is damaged or missing, here or there.
pub(super) fn run(args: &VaultCheckArgs, context: &mut Context) -> Result<(), Failure> {
    let mut bad = look(&Vault::look(context.home.root()), "vault", context)?;
    match mirror::folder(args.also.as_deref(), context)? {
        // A copy on a disk that is in the safe is no fault. Named by hand it
        // must be there, or whoever asked would take its silence for a yes.
        Some(folder) if !folder.is_dir() && args.also.is_none() => {
            context.console.warn(format!("the second copy in {} is not there now and was not checked", folder.shown()));
        }
        Some(folder) => {
            mirror::there(&folder)?;
            let copy = Vault::look(&folder);
            bad += look(&copy, "second copy", context)?;
            mirror::warn_lacking(&Vault::look(context.home.root()), Some(&folder), context)?;
        }
        None => mirror::warn_lacking(&Vault::look(context.home.root()), None, context)?,
    }
    if bad == 0 {
        return Ok(());
    }
    Err(Failure::new(Exit::VaultDamaged, format!("{bad} files of the vault are damaged or missing"))
        .hint("each is named above with what to do; nothing was changed"))
}

/// Reads one vault; returns how many of its files are damaged or missing.
fn look(vault: &Vault, what: &str, context: &Context) -> Result<usize, Failure> {
    let objects = vault.objects()?;
    let total = objects.iter().map(|object| object.size_bytes).fold(0, u64::saturating_add);
    let progress = context.console.progress(&format!("Reading the {what}"), total);
    let findings = vault.survey(&objects, &progress);
    progress.finish();
    let findings = findings?;
    findings.iter().for_each(|finding| tell(finding, what, context));
    let broken = vault.broken_records()?;
    let records = broken.len();
    broken.into_iter().for_each(|error| tell_record(error, context));
    // What no record tells of costs nobody a package: it is told, and fails nothing.
    let bad = findings.iter().filter(|finding| finding.fault != ObjectFault::Foreign).count();
    let damaged_here = findings.iter().filter(|finding| !matches!(finding.fault, ObjectFault::Missing)).count();
    context.console.say(format!(
        "The {what} in {}: {} files, {} read; {} whole, {bad} damaged or missing",
        vault.root().shown(),
        objects.len(),
        text::bytes(total),
        objects.len() - damaged_here
    ));
    context.console.event(
        &kind::VAULT_CHECKED,
        serde_json::json!({
            "vault": vault.root(), "files": objects.len(), "bytes": total, "bad": bad,
            "foreign": findings.len() - bad,
        }),
    );
    Ok(bad + records)
}

/// Tells of a record that does not hold.
fn tell_record(error: VaultError, context: &Context) {
    let Failure { message, hint, .. } = Failure::from(error);
    let next = hint.map_or_else(String::new, |hint| format!("; {}", context.typed().tell(&hint)));
    context.console.warn(format!("{message}{next}"));
    context.console.event(&kind::FINDING, serde_json::json!({ "fault": "record", "message": message }));
}

fn tell(finding: &ObjectFinding, what: &str, context: &Context) {
    let whose = match finding.titles.as_slice() {
        [] => "of no package on record".to_owned(),
        titles => format!("of {}", text::one_line(&titles.join(", "))),
    };
    let place = finding.path.shown();
    let (word, range) = match &finding.fault {
        ObjectFault::Missing => ("missing", None),
        ObjectFault::Damaged { range } => ("damaged", *range),
        ObjectFault::Unreadable { .. } => ("unreadable", None),
        ObjectFault::Foreign => ("foreign", None),
    };
    let other = if what == "vault" { "vault import DIR" } else { "vault export DIR" };
    // Moved aside first and never written over: what is damaged may be the last that is left of it.
    let next = format!("bring it back from a copy with 'handcarry-outside {other}', or the file with 'import'");
    let told = match &finding.fault {
        ObjectFault::Missing => format!("missing: {place}, {whose}; {next}"),
        ObjectFault::Damaged { range } => {
            let bytes = range.map_or_else(String::new, |(begin, end)| format!(", first in bytes {begin} to {end}"));
            format!("damaged: {place}, {whose}{bytes}; move it aside, then {next}")
        }
        ObjectFault::Unreadable { why } => {
            format!("can't be read: {place}, {whose} ({}); save what you can, then {next}", text::one_line(why))
        }
        ObjectFault::Foreign => {
            format!("foreign: {place}, {whose}; nothing needs it, and it stays unless you move it away")
        }
    };
    context.console.warn(told);
    context.console.event(
        &kind::FINDING,
        serde_json::json!({ "fault": word, "path": finding.path, "titles": finding.titles, "range": range }),
    );
}
