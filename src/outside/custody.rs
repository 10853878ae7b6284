//! The verb `vault`: what is in custody, where it came from, what became of it.

use super::check::{self, VaultCheckArgs};
use super::kind::{parse_requirement, parse_version};
use super::mirror;
use super::prune::{self, PruneArgs};
use super::vault::{Exchange, PackageIdentity, StoredPackage, Vault};
use super::vault_transfer::{self, ExportArgs, TakeArgs};
use crate::cli::Context;
use crate::console::{Console, kind};
use crate::model::{Exit, Failure, Outcome, PackageKind, Requirement, ShowPath, Version, local_time, text};
use clap::{Args, Subcommand};

/// List the packages in custody, check them, copy them, or say what one is
#[derive(Debug, Args)]
pub struct VaultArgs {
    #[command(subcommand)]
    verb: Option<VaultVerb>,
}

#[derive(Debug, Subcommand)]
enum VaultVerb {
    /// Say what a package is where its title does not tell
    Describe(DescribeArgs),
    /// Read every file in custody again, and the second copy's, prove the records of exchanges and removals, and name
    /// what is damaged or changed
    Check(VaultCheckArgs),
    /// Copy the vault to another disk, verified, and sign what it says; nothing there is overwritten
    Export(ExportArgs),
    /// Take in a vault that was exported, verified; nothing here is overwritten
    ///
    /// What a key that is trusted here signed for (or this half's own) keeps
    /// its origin. What nobody signed for counts as imported by a person who
    /// vouches for it, and brings no requests, exchanges, receipts or counters.
    Import(TakeArgs),
    /// Remove packages that a signed receipt says are installed and a second copy has
    Prune(PruneArgs),
}

#[derive(Debug, Args)]
struct DescribeArgs {
    /// The beginning of its SHA-256, or its title
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// What it changes: base, site, patch or license
    #[arg(long, value_name = "KIND", value_parser = PackageKind::parse, requires = "version")]
    kind: Option<PackageKind>,
    /// Its version
    #[arg(long, value_name = "VERSION", value_parser = parse_version, requires = "kind")]
    version: Option<Version>,
    /// What must be installed first, such as base=3.4.0; takes the place of what was recorded; none clears it
    #[arg(long, value_name = "KIND=VERSION|none")]
    requires: Vec<String>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the vault does not read.
pub fn run(args: &VaultArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        None => list(context),
        Some(VaultVerb::Describe(args)) => describe(args, context),
        Some(VaultVerb::Check(args)) => check::run(args, context),
        Some(VaultVerb::Export(args)) => vault_transfer::export(args, context),
        Some(VaultVerb::Import(args)) => vault_transfer::import(args, context),
        Some(VaultVerb::Prune(args)) => prune::run(args, context),
    }
}

/// Tells of one package: a person three lines, a program one event.
pub fn tell(kept: &StoredPackage, vault: &Vault, console: &Console) {
    let path = vault.object_path(&kept.sha256);
    let appliance = kept.appliance.as_ref().map(|appliance| appliance.serial.as_str());
    let what =
        kept.identity.as_ref().map_or_else(|| "kind unknown".to_owned(), |i| format!("{} {}", i.kind, i.version));
    console.say(format!("{}  [{what}]  {}", kept.title, text::bytes(kept.size_bytes)));
    console.say(format!("    SHA-256 {}", kept.sha256));
    console.say(format!("    {}", path.shown()));
    console.say(format!(
        "    {}, for {}",
        kept.source,
        appliance.map_or("no appliance in particular".to_owned(), text::one_line)
    ));
    if !kept.requires.is_empty() {
        let needs: Vec<String> = kept.requires.iter().map(Requirement::to_string).collect();
        console.say(format!("    requires {}", needs.join(", ")));
    }
    for mark in &kept.installed {
        let how = if mark.outcome == Outcome::AlreadyInstalled { "was on" } else { "installed on" };
        let at = mark.at.map_or_else(String::new, |at| format!(" at {}", local_time(at)));
        console.say(format!("    {how} {}{at} (receipt {})", text::one_line(&mark.serial), mark.receipt.short()));
    }
    console.event(
        &kind::PACKAGE_KEPT,
        serde_json::json!({
            "id": kept.id, "title": kept.title, "kind": kept.identity.as_ref().map(|i| i.kind),
            "version": kept.identity.as_ref().map(|i| i.version.clone()), "requires": kept.requires,
            "requires_unread": kept.requires_unread, "file": kept.file, "size_bytes": kept.size_bytes,
            "sha256": kept.sha256, "path": path, "source": *kept.source,
            "identity": kept.appliance, "request": kept.request, "installed": kept.installed,
        }),
    );
}

/// Finds the one package that `which` means: a title, or the beginning of a
/// digest. Records of the same bytes count as one where they agree.
///
/// # Errors
/// A [`Failure`] where there is none, or several.
pub fn find<'k>(packages: &'k [StoredPackage], which: &str) -> Result<Vec<&'k StoredPackage>, Failure> {
    // Fewer digits are rather a word or a number of a title.
    let hex = which.len() >= 6 && which.bytes().all(|b| b.is_ascii_hexdigit());
    let means = |kept: &&StoredPackage| {
        kept.title == which || (hex && kept.sha256.to_string().starts_with(&which.to_lowercase()))
    };
    let found: Vec<&StoredPackage> = packages.iter().filter(means).collect();
    let shown = text::one_line(which);
    match found.as_slice() {
        [] => Err(Failure::new(Exit::NotFound, format!("the vault has no package {shown:?}"))
            .hint("'handcarry-outside vault' lists titles and digests; six digits of a digest are enough")),
        [first, rest @ ..] if rest.iter().all(|other| other.sha256 == first.sha256) => Ok(found),
        _ => Err(Failure::new(Exit::Usage, format!("{shown:?} means several packages with different bytes"))
            .hint("name it by the beginning of its digest")),
    }
}

fn list(context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::look(context.home.root());
    let packages = vault.packages()?;
    let removals = vault.removals()?;
    for kept in &packages {
        tell(kept, &vault, &context.console);
        let removed = removals.iter().rev().find(|removal| removal.sha256 == kept.sha256);
        if let Some(removal) = removed.filter(|_| !vault.object_path(&kept.sha256).exists()) {
            let at = local_time(removal.at);
            context
                .console
                .say(format!("    removed at {at}; a copy was whole in {}", text::one_line(&removal.second)));
        } else if !vault.has_object(&kept.sha256, kept.size_bytes) {
            context.console.warn(format!("the file of {:?} is gone or of another size", kept.title));
        }
    }
    let unfinished: Vec<Exchange> =
        vault.exchanges()?.into_iter().filter(|exchange| !exchange.closed && exchange.spending.is_some()).collect();
    for exchange in &unfinished {
        tell_unfinished(exchange, &context.console);
    }
    if packages.is_empty() && unfinished.is_empty() {
        context.console.say("The vault is empty");
    }
    let folder = mirror::folder(None, context)?;
    mirror::warn_lacking(&vault, folder.as_deref(), context)?;
    Ok(())
}

fn tell_unfinished(exchange: &Exchange, console: &Console) {
    let missing = match exchange.listed {
        Some(_) => format!("{} packages of {}", exchange.missing().len(), exchange.offers.len()),
        None => "the list".to_owned(),
    };
    console.say(format!(
        "Unfinished: exchange {} with {} lacks {missing}; 'handcarry-outside fetch' goes on with it",
        exchange.id.short(),
        text::one_line(&exchange.server)
    ));
    console.event(
        &kind::UNFINISHED,
        serde_json::json!({
            "exchange": exchange.id, "server": exchange.server, "code": exchange.code,
            "missing": exchange.missing().iter().map(|offer| &offer.title).collect::<Vec<_>>(),
            "list_read": exchange.listed.is_some(),
        }),
    );
}

fn describe(args: &DescribeArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    let packages = vault.packages()?;
    let requires = match args.requires.as_slice() {
        [] => None,
        [none] if none == "none" => Some(Vec::new()),
        written => {
            let read = written.iter().map(|written| parse_requirement(written)).collect::<Result<Vec<_>, _>>();
            Some(read.map_err(|why| {
                Failure::new(Exit::Usage, format!("--requires can't be read: {}", text::one_line(&written.join(", "))))
                    .hint(why)
            })?)
        }
    };
    for kept in find(&packages, &args.package)? {
        let mut kept = kept.clone();
        if let (Some(kind), Some(version)) = (args.kind, &args.version) {
            kept.identity = Some(PackageIdentity { kind, version: version.clone() });
        }
        if let Some(requires) = &requires {
            kept.requires.clone_from(requires);
            // What a person says takes the place of the note that could
            // not be read; kept, it would be asked about for ever.
            kept.requires_unread = None;
        }
        vault.record(&kept)?;
        tell(&kept, &vault, &context.console);
    }
    Ok(())
}
