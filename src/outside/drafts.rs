//! The verb `draft`: sealed manifests travel to further signers and back.

use super::choose;
use super::draft::{Drafts, manifest_path};
use super::sign::{EXPORTED, manifest_at, read_draft, tell_owed};
use crate::bundle;
use crate::cli::Context;
use crate::console::kind;
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, Sha256Digest, ShowPath, text};
use crate::trust::{Namespace, signature_path, verify};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Carry a sealed manifest to people who sign elsewhere, and their signatures back
#[derive(Debug, Args)]
pub struct DraftArgs {
    #[command(subcommand)]
    verb: DraftVerb,
}

#[derive(Debug, Subcommand)]
enum DraftVerb {
    /// Copy a sealed manifest and its signatures into a folder or onto a medium; the packages stay
    Export {
        /// The beginning of the bundle's id
        #[arg(value_name = "BUNDLE")]
        bundle: String,
        /// Where a folder handcarry-draft-… is made
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// Take further signatures from a draft that came back; ssh-keygen's own manifest.json.sig is taken too
    Collect {
        /// The draft's folder, or the folder or medium it lies in
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; signatures taken before it are kept.
pub fn run(args: &DraftArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        DraftVerb::Export { bundle, dir } => export(bundle, dir.clone(), context),
        DraftVerb::Collect { dir } => collect(dir.clone(), context),
    }
}

fn export(which: &str, dir: PathBuf, context: &mut Context) -> Result<(), Failure> {
    let sealed = choose::draft(Some(which), &Drafts::below(context.home.root()))?;
    let folder = dir.join(format!("{EXPORTED}{}", sealed.manifest.bundle.short()));
    let target = manifest_path(&folder);
    // Never over another one: further signatures may lie there and nowhere else.
    if target.exists() {
        return Err(Failure::new(Exit::Exists, format!("{} is there already", target.shown()))
            .hint("bring its signatures home with 'handcarry-outside draft collect', or name another folder"));
    }
    media::create_dirs(&folder, Mode::Shared)?;
    // The manifest comes last, since it is what makes the folder a draft.
    for (at, signature) in sealed.signatures.iter().enumerate() {
        let path = signature_path(&target, at + 1);
        media::write_durably(&path, signature.as_bytes(), Mode::Shared)?;
    }
    bundle::keep_manifest(&sealed.manifest, &target, Mode::Shared, false)?;
    context.console.event(
        &kind::DRAFT_EXPORTED,
        serde_json::json!({ "bundle": sealed.manifest.bundle, "manifest_sha256": sealed.sha256(), "folder": folder }),
    );
    context.console.say(format!("Copied: {}", folder.shown()));
    context.console.next(format!("handcarry-outside sign {}", folder.quoted()));
    context.console.note(format!(
        "which the further signer does, wherever their key is; then, here: handcarry-outside draft collect {}",
        folder.quoted()
    ));
    Ok(())
}

fn collect(dir: PathBuf, context: &mut Context) -> Result<(), Failure> {
    let path = manifest_at(&dir)?.ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("no draft lies in {}", dir.shown()))
            .hint("name the folder with its manifest.json")
    })?;
    let back = read_draft(&path)?;
    // Only the id is taken from it. Nobody vouches for the rest until it equals what was sealed here.
    let id = bundle::parse_manifest(&back.bytes)?.bundle;
    let drafts = Drafts::below(context.home.root());
    let mut sealed = choose::draft(Some(&id.to_string()), &drafts)?;
    if sealed.sha256() != Sha256Digest::of(&back.bytes) {
        return Err(Failure::new(
            Exit::DocumentUntrusted,
            format!("{} is another manifest than the one sealed here as bundle {}", path.shown(), id.short()),
        )
        .hint("it was changed on its way; export it again, onto another medium"));
    }
    let mut taken = 0;
    for (at, signature) in back.signatures.iter().enumerate() {
        // Judged here by its key alone; whether that key counts, the inside's trust says.
        match (verify(signature, Namespace::Bundle, &back.bytes), String::from_utf8(signature.clone())) {
            (Ok(key), _) if sealed.message().sound_keys(&sealed.signatures).contains(&key) => {}
            (Ok(key), Ok(armored)) => {
                drafts.cosign(&mut sealed, armored)?;
                taken += 1;
                context.console.say(format!("Taken: a signature by {}", key.fingerprint()));
            }
            (Err(fault), _) => {
                context.console.warn(format!("signature {} is left: {}", at + 1, text::one_line(&fault.to_string())))
            }
            (Ok(_), Err(_)) => unreachable!("a sound signature is ASCII text"),
        }
    }
    if taken == 0 {
        context.console.note("No new signature was there");
    }
    let missing = tell_owed(sealed.message(), &sealed.signatures, context)?;
    context.console.event(
        &kind::DRAFT_COLLECTED,
        serde_json::json!({ "bundle": id, "taken": taken, "signatures": sealed.signatures.len(), "owed": missing }),
    );
    Ok(())
}
