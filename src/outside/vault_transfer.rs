//! `vault export` and `vault import`: the vault on another disk or machine.
//!
//! Both are the same walk in opposite directions. Every object is digested
//! where it comes from and read back where it goes; one that is there already
//! is digested too. Nothing is overwritten; run again, it does what is left.

use super::draft::Drafts;
use super::mirror;
use super::vault::{Joined, Vault, VaultError};
use crate::cli::Context;
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, Id, ShowPath, text};
use clap::Args;
use std::path::{Path, PathBuf};

/// Largest paper or manifest that is copied, in bytes.
const MAX_PAPER_BYTES: u64 = 16 << 20;

#[derive(Debug, Args)]
pub(super) struct MoveArgs {
    /// Folder that the copy lies in, or shall lie in, as DIR/vault
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Copies the vault to DIR.
///
/// # Errors
/// A [`Failure`] where something could not be copied; all else was.
pub(super) fn export(args: &MoveArgs, context: &mut Context) -> Result<(), Failure> {
    mirror::there(&args.folder)?;
    let vault = Vault::open(context.home.root())?;
    let target = mirror::open(&vault, &args.folder)?;
    let home = context.home.root().to_owned();
    walk(&vault, &target, &home, &args.folder, context)
}

/// Takes the vault in DIR in.
///
/// # Errors
/// As [`export`].
pub(super) fn import(args: &MoveArgs, context: &mut Context) -> Result<(), Failure> {
    if !args.folder.join("vault/packages").is_dir() {
        return Err(Failure::new(Exit::NotFound, format!("no vault lies in {}", args.folder.shown()))
            .hint("name the folder that 'handcarry-outside vault export' was given"));
    }
    let vault = Vault::open(context.home.root())?;
    let source = Vault::look(&args.folder);
    source.refuse_unprintable()?;
    let home = context.home.root().to_owned();
    walk(&source, &vault, &args.folder, &home, context)
}

fn walk(from: &Vault, to: &Vault, from_home: &Path, to_home: &Path, context: &Context) -> Result<(), Failure> {
    let packages = from.packages()?;
    let removed = from.removals()?;
    let mut troubles: Vec<Failure> = Vec::new();
    let mut known = 0;
    let (there, lacking): (Vec<_>, Vec<_>) = packages.iter().partition(|kept| to.object_path(&kept.sha256).exists());
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
    let gone = |sha256| removed.iter().any(|removal| removal.sha256 == sha256);
    let (mut copied, mut copied_bytes) = (0, 0);
    for kept in lacking.into_iter().filter(|kept| !gone(kept.sha256) || from.has_object(&kept.sha256, kept.size_bytes))
    {
        match mirror::copy(from, to, std::slice::from_ref(kept), context) {
            Ok(bytes) => (copied, copied_bytes) = (copied + 1, copied_bytes + bytes),
            Err(failure) => troubles.push(failure),
        }
    }
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
    to.join_contexts(from)?;
    let (exchanges, differ) = to.join_exchanges(from)?;
    for name in &differ {
        context.console.warn(format!(
            "the exchange record {} went on differently on both sides; the one there stays",
            text::one_line(name)
        ));
    }
    papers(&from_home.join("receipts"), &to_home.join("receipts"), 1)?;
    papers(&from_home.join("drafts"), &to_home.join("drafts"), 2)?;
    Drafts::below(to_home).learn(&Drafts::below(from_home))?;

    context.console.say(format!(
        "{}: {copied} packages copied ({}) and read back, {known} were there and are whole; {exchanges} exchange records brought up to date",
        to.root().shown(),
        text::bytes(copied_bytes)
    ));
    context.console.event(
        "copied",
        serde_json::json!({
            "from": from.root(), "to": to.root(), "copied": copied, "bytes": copied_bytes, "known": known,
            "exchanges": exchanges, "differing": differing + differ.len(), "failed": troubles.len(),
        }),
    );
    let unfinished =
        from.exchanges()?.iter().filter(|exchange| !exchange.closed && exchange.spending.is_some()).count();
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

/// Copies the JSON papers and signatures of a folder that are not there yet;
/// signatures first, since a paper that is there has one.
fn papers(from: &Path, to: &Path, depth: usize) -> Result<(), Failure> {
    if !from.is_dir() {
        return Ok(());
    }
    let mut paths = Vec::new();
    for entry in walkdir::WalkDir::new(from).min_depth(depth).max_depth(depth) {
        let entry = entry.map_err(|error| VaultError::Unreadable { path: from.to_owned(), source: error.into() })?;
        let name = entry.file_name().to_str().unwrap_or_default();
        let ours = (name.ends_with(".json") || name.ends_with(".sig")) && !media::is_temporary(name);
        // Drafts lie in folders named by their bundle.
        let placed =
            depth == 1 || entry.path().parent().and_then(|p| p.file_name()?.to_str()).and_then(Id::from_hex).is_some();
        if ours && placed && entry.file_type().is_file() {
            paths.push(entry.into_path());
        }
    }
    paths.sort_by_key(|path| (path.extension().is_some_and(|ending| ending == "json"), path.clone()));
    for path in paths {
        let target = to.join(path.strip_prefix(from).expect("it was found below"));
        if target.exists() {
            media::keep_names(target.parent().expect("below a folder"))?;
            continue;
        }
        let bytes = media::read_bounded(&path, MAX_PAPER_BYTES, "a paper of the vault")?;
        media::create_dirs(target.parent().expect("below a folder"), Mode::Private)?;
        media::write_durably_new(&target, &bytes, Mode::Private)?;
    }
    Ok(())
}
