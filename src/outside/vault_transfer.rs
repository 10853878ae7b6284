//! `vault export` and `vault import`: the vault on another disk or machine.
//!
//! Both are the same walk in opposite directions, over what a [`Statement`]
//! says: of our own vault, or as somebody trusted signed it. Every object is
//! digested where it comes from and read back where it goes; one that is there
//! already is digested too. Nothing is overwritten; run again, it does what is left.

use super::draft::Drafts;
use super::mirror;
use super::question::OutsidePrompt;
use super::statement::{Statement, copy_papers};
use super::vault::{Joined, StoredPackage, Vault};
use crate::cli::{Context, KeyArgs};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::model::{Exit, Failure, Id, ShowPath, Source, text};
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// Folder that the copy lies in, or shall lie in, as DIR/vault
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Debug, Args)]
pub(super) struct TakeArgs {
    /// Folder that the copy lies in as DIR/vault
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Who vouches for packages that nobody trusted signed for: they count as imported by that person [default: asked for]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Copies the vault to DIR, and signs what it says.
///
/// # Errors
/// A [`Failure`] where something could not be copied; all else was.
pub(super) fn export(args: &ExportArgs, context: &mut Context) -> Result<(), Failure> {
    mirror::there(&args.folder)?;
    let vault = Vault::open(context.home.root())?;
    let target = mirror::open(&vault, &args.folder)?;
    // Before an hour of copying: without a signature it would be a heap of files.
    let signer = context.signer(&args.key)?;
    let home = context.home.root().to_owned();
    let statement = Statement::of(&vault, &home, context.now())?;
    let walked =
        Walk { from: &vault, to: &target, own: &vault, homes: [&home, &args.folder] }.take(&statement, context);
    // Signed although a package could not be copied: it says what is in the vault, and the bytes speak for themselves.
    let path = statement.sign_into(&args.folder, &signer)?;
    context.log(&SecurityEvent::VaultExported {
        to: args.folder.shown(),
        export: statement.export.to_string(),
        fingerprint: signer.public().fingerprint(),
    });
    context.console.say(format!("Signed by {}: {}", signer.public().fingerprint(), path.shown()));
    context.console.event(
        &kind::VAULT_SIGNED,
        serde_json::json!({ "file": path, "export": statement.export, "fingerprint": signer.public().fingerprint() }),
    );
    walked
}

/// Takes the vault in DIR in: what was signed for as it stands, all else as
/// packages that a person vouches for.
///
/// # Errors
/// As [`export`]; [`Exit::Declined`] where nobody vouches.
pub(super) fn import(args: &TakeArgs, context: &mut Context) -> Result<(), Failure> {
    if !args.folder.join("vault/packages").is_dir() {
        return Err(Failure::new(Exit::NotFound, format!("no vault lies in {}", args.folder.shown()))
            .hint("name the folder that 'handcarry-outside vault export' was given"));
    }
    let vault = Vault::open(context.home.root())?;
    let source = Vault::look(&args.folder);
    let mut statement = Statement::held(&args.folder, context)?;
    let unsigned = unsigned(&source, &vault, &statement, context)?;
    let vouched = if unsigned.is_empty() { Vec::new() } else { vouch(unsigned, args, context)? };
    statement.packages.extend(vouched.iter().cloned());
    // What is recorded here and lost its bytes is mended by whatever disk has them: the digest is ours.
    let lost = |kept: &StoredPackage| {
        !vault.has_object(&kept.sha256, kept.size_bytes) && source.has_object(&kept.sha256, kept.size_bytes)
    };
    let lost: Vec<StoredPackage> =
        vault.packages()?.into_iter().filter(|kept| !statement.names(kept.id) && lost(kept)).collect();
    statement.packages.extend(lost);
    let home = context.home.root().to_owned();
    let walked =
        Walk { from: &source, to: &vault, own: &vault, homes: [&args.folder, &home] }.take(&statement, context);
    // Whatever could not be copied is told; what was named was taken for ours.
    let packages = statement.packages.len();
    let imported = |kept: &StoredPackage| match &*kept.source {
        Source::Imported { by, .. } => {
            let (title, sha256, vouched_by) = (kept.title.clone(), kept.sha256.to_string(), by.clone());
            Some(SecurityEvent::Imported { title, sha256, vouched_by })
        }
        Source::Exchange { .. } => None,
    };
    let mut events: Vec<SecurityEvent> = vouched.iter().filter_map(imported).collect();
    events.push(SecurityEvent::VaultImported { from: source.root().shown(), packages });
    context.log_all(&events);
    walked
}

/// The packages in a foreign vault that no trusted statement names, and that
/// are not here already for the same appliance.
fn unsigned(
    source: &Vault,
    vault: &Vault,
    statement: &Statement,
    context: &Context,
) -> Result<Vec<StoredPackage>, Failure> {
    let here = vault.packages()?;
    let serial = |kept: &StoredPackage| kept.appliance.as_ref().map(|appliance| appliance.serial.clone());
    let known = |kept: &StoredPackage| {
        let mut all = here.iter().chain(&statement.packages);
        all.any(|ours| ours.sha256 == kept.sha256 && serial(ours) == serial(kept))
    };
    let mut unsigned = source.foreign_packages()?;
    unsigned.retain(|kept| !statement.names(kept.id) && !known(kept));
    unsigned.retain(|kept| {
        let there = source.has_object(&kept.sha256, kept.size_bytes);
        if !there {
            context.console.warn(format!("{:?} is left: its file is not there, and nobody signed for it", kept.title));
        }
        there
    });
    Ok(unsigned)
}

/// Makes packages of nobody's those of a person who vouches for them: what
/// their records say of exchanges, requests and receipts is left behind.
fn vouch(unsigned: Vec<StoredPackage>, args: &TakeArgs, context: &mut Context) -> Result<Vec<StoredPackage>, Failure> {
    let count = unsigned.len();
    context.console.warn(format!(
        "nobody who is trusted here signed for {count} of the packages in {}: where they come from is not known",
        args.folder.shown()
    ));
    for kept in &unsigned {
        let whom = kept.appliance.as_ref().map_or("no appliance in particular", |appliance| &appliance.serial);
        context.console.show(format!(
            "{}, {}, for {whom}",
            text::one_line(&kept.title),
            text::bytes(kept.size_bytes)
        ))?;
        context.console.show(format!("    SHA-256 {}", kept.sha256))?;
    }
    let hint = "compare their digests with the vendor's, then say who vouches with --by NAME; where the exporting desk's \
                key is to be trusted: handcarry-outside trust add 'LINE', with the line that its keygen printed";
    let by = match &args.by {
        Some(by) => by.clone(),
        None => {
            let asked = context.operator.ask(&OutsidePrompt::WhoVouchesForVault { count });
            asked.map_err(|error| Failure::from(error).hint(hint))?
        }
    };
    let by = text::one_line(&by);
    if by.is_empty() {
        return Err(Failure::new(Exit::Declined, "nobody vouches for these packages; nothing was taken").hint(hint));
    }
    let folder = std::path::absolute(&args.folder).unwrap_or_else(|_| args.folder.clone());
    let path = text::one_line(&folder.to_string_lossy());
    let at = context.now();
    let vouched = |kept: StoredPackage| StoredPackage {
        // A record of its own: the same package may come later as its own desk signs for it.
        id: Id::random(),
        source: Source::Imported { path: path.clone(), by: by.clone(), at, compared: false }.into(),
        eula: None,
        notes: None,
        request: None,
        installed: Vec::new(),
        ..kept
    };
    Ok(unsigned.into_iter().map(vouched).collect())
}

/// A walk from one vault to another.
struct Walk<'a> {
    from: &'a Vault,
    to: &'a Vault,
    /// That of the two which is this half's.
    own: &'a Vault,
    /// The folders that the vaults lie in.
    homes: [&'a Path; 2],
}

impl Walk<'_> {
    /// Copies what a statement names.
    fn take(&self, statement: &Statement, context: &Context) -> Result<(), Failure> {
        let Walk { from, to, homes: [from_home, to_home], .. } = *self;
        let packages = &statement.packages;
        let removed = from.removals()?;
        let gone = |sha256| removed.iter().any(|removal| removal.sha256 == sha256);
        let (known, copied, copied_bytes, troubles) = self.objects(packages, &gone, context)?;
        // A record comes after its bytes; one whose bytes could not be had stays away.
        let mut differing = 0;
        for kept in packages.iter().filter(|kept| gone(kept.sha256) || to.has_object(&kept.sha256, kept.size_bytes)) {
            if to.join_record(kept)? == Joined::Differs {
                differing += 1;
                context
                    .console
                    .warn(format!("both sides say different things of {:?}; the record there stays", kept.title));
            }
        }
        to.join_contexts(&statement.requests)?;
        let (exchanges, differ) = to.join_exchanges(from, &statement.exchanges)?;
        for name in &differ {
            context.console.warn(format!(
                "the exchange record {} went on differently on both sides; the one there stays",
                text::one_line(name)
            ));
        }
        copy_papers(from_home, to_home, &statement.papers)?;
        let drafts = Drafts::below(to_home);
        drafts.count(statement.sequences.iter().map(|(serial, sequence)| (serial.as_str(), *sequence)))?;

        context.console.say(format!(
            "{}: {copied} packages copied ({}) and read back, {known} were there and are whole; {exchanges} exchange records brought up to date",
            to.root().shown(),
            text::bytes(copied_bytes)
        ));
        context.console.event(
            &kind::COPIED,
            serde_json::json!({
                "from": from.root(), "to": to.root(), "copied": copied, "bytes": copied_bytes, "known": known,
                "exchanges": exchanges, "differing": differing + differ.len(), "failed": troubles.len(),
            }),
        );
        let stated = |exchange: &Id| statement.exchanges.contains_key(&format!("{exchange}.jsonl"));
        let open = self.own.exchanges()?.into_iter().filter(|exchange| !exchange.closed && exchange.spending.is_some());
        let unfinished = open.filter(|exchange| stated(&exchange.id)).count();
        if unfinished > 0 {
            context.console.warn(format!(
                "{unfinished} exchanges are not finished; their sessions stay with the machine that began them: run 'handcarry-outside fetch' there"
            ));
        }
        let mut troubles = troubles.into_iter();
        let first = troubles.next();
        troubles.for_each(|failure| context.console.warn(&failure.message));
        first.map_or(Ok(()), Err)
    }

    /// Copies the bytes of packages, or reads those that are there; returns how
    /// many were there, how many were copied, their bytes, and what went wrong.
    fn objects(
        &self,
        packages: &[StoredPackage],
        gone: &dyn Fn(crate::model::Sha256Digest) -> bool,
        context: &Context,
    ) -> Result<(usize, usize, u64, Vec<Failure>), Failure> {
        let Walk { from, to, .. } = *self;
        let (mut known, mut copied, mut copied_bytes, mut troubles) = (0, 0, 0, Vec::new());
        let (there, lacking): (Vec<_>, Vec<_>) =
            packages.iter().partition(|kept| to.object_path(&kept.sha256).exists());
        // What is there already is read too: "nothing was overwritten" is of no use if the other side is damaged.
        for kept in there {
            let progress = context.console.progress(&format!("Reading {}", kept.title), kept.size_bytes);
            let checked = to.check(kept, &progress);
            progress.finish();
            match checked {
                Ok(()) => known += 1,
                Err(error) => troubles.push(Failure::from(error).about(to.root().shown())),
            }
        }
        let wanted = |kept: &&&StoredPackage| !gone(kept.sha256) || from.has_object(&kept.sha256, kept.size_bytes);
        for kept in lacking.iter().filter(|kept| wanted(kept)) {
            match mirror::copy(from, to, std::slice::from_ref(kept), context) {
                Ok(bytes) => (copied, copied_bytes) = (copied + 1, copied_bytes + bytes),
                Err(failure) => troubles.push(failure),
            }
        }
        Ok((known, copied, copied_bytes, troubles))
    }
}
