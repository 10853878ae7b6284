//! The verb `write`: a sealed bundle goes onto a medium, and is read back.

use super::choose;
use super::draft::{Drafts, Sealed};
use super::media_sink::Landing;
use super::preflight;
use super::trust::owed;
use super::vault::Vault;
use crate::bundle::{self, bundle_name};
use crate::cli::Context;
use crate::events::SecurityEvent;
use crate::media::{self, Bypass, Medium, Mode};
use crate::model::{Exit, Failure, Package, ShowPath, text};
use crate::trust::Namespace;
use clap::Args;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Write a sealed bundle onto a medium and read it back
///
/// The same bundle can be written onto as many media as are wanted. Nothing
/// there is overwritten, and the bundle has its name only once all of it is on
/// the device and was read back from there.
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// Where the medium is mounted (or the handcarry folder on it)
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
    /// Which bundle, by the beginning of its id [default: the newest]
    #[arg(long, value_name = "ID")]
    bundle: Option<String>,
    /// Cut the bundle into volumes of this size, such as 4G or 700M [default: the filesystem's largest file]
    #[arg(long, value_name = "SIZE", value_parser = text::parse_bytes)]
    volume_size: Option<u64>,
    /// Add recovery volumes of so many per cent (1 to 100): 'repair' restores damage and loss up to that
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    parity: Option<u8>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then no bundle lies on the medium under its name.
pub fn run(args: &WriteArgs, context: &mut Context) -> Result<(), Failure> {
    let sealed = choose::draft(args.bundle.as_deref(), &Drafts::below(context.home.root()))?;
    onto(&args.media, &sealed, args.volume_size, args.parity, &Vault::look(context.home.root()), context)
}

/// Writes a sealed bundle onto the medium at `media`.
///
/// # Errors
/// As [`run`].
pub fn onto(
    media: &Path,
    sealed: &Sealed,
    volume_bytes: Option<u64>,
    parity: Option<u8>,
    vault: &Vault,
    context: &mut Context,
) -> Result<(), Failure> {
    let medium = Medium::at(media)?;
    let draft = bundle::Draft { manifest: sealed.bytes.clone(), signatures: sealed.signatures.clone() };
    let name = bundle_name(&sealed.manifest);
    // The inside refuses it then, which is better known before the trip.
    if sealed.manifest.expires <= context.now() {
        return Err(Failure::new(
            Exit::Expired,
            format!("bundle {} expired at {}", sealed.manifest.bundle.short(), sealed.manifest.expires.human()),
        )
        .hint("seal its packages anew with 'handcarry-outside seal --request ID' or --packages"));
    }
    warn_owed(sealed, context)?;
    let total = bundle::size_bytes(&draft)?;
    let folder = medium.bundles();
    // Before room is counted, since what a killed run left takes some of it.
    preflight::remove_leftovers(&folder, &name, context);
    let recovery = parity.map(|percent| bundle::recovery_volumes(total, percent)).transpose()?;
    let volume_bytes = preflight::look(&medium, total, volume_bytes, recovery.as_ref(), context)?;
    media::create_dirs(&folder, Mode::Shared)?;
    media::keep_names(&folder)?;

    let records = vault.packages()?;
    let mut open = |package: &Package| -> io::Result<Box<dyn Read>> {
        // By its digest: the record may have been written anew since the bundle was sealed.
        let kept = records.iter().find(|kept| kept.sha256 == package.sha256);
        let kept = kept.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the vault has no record of it"))?;
        Ok(Box::new(
            vault.open_object(kept).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error.to_string()))?,
        ))
    };
    let package_bytes = sealed.manifest.total_bytes();
    // Recovery volumes need all bytes a second time, so the bar counts them.
    let once_more = if recovery.is_some() { total } else { 0 };
    let progress = context.console.progress("Writing", package_bytes + once_more);
    let mut landing = Landing::new(&medium, &draft, &progress, context);
    let written = bundle::write_with_recovery(&draft, &mut open, &mut landing, &name, volume_bytes, parity, &progress);
    let (written, how) = landing.outcome(written)?;
    for volume in &written.volumes {
        context.console.say(format!("Written: {}", volume.shown()));
    }
    if let (Some(recovery), Some((first, _))) = (&recovery, written.recovery.first()) {
        context.console.say(format!("Written: {} and what follows, {} in all", first.shown(), recovery.count()));
        context.console.note(preflight::promise(recovery, volume_bytes));
    }
    match &how {
        Bypass::Bypassed => {
            context.console.note(format!("Read back from the device: all {} agree", text::bytes(written.size_bytes)))
        }
        Bypass::Cached { why } => context.console.warn(format!(
            "read back and found right, but perhaps from memory and not from the device: {why}; to be sure, \
             unplug it, plug it in again, and run 'handcarry-inside verify'"
        )),
    }
    context.console.event(
        "written",
        serde_json::json!({
            "bundle": sealed.manifest.bundle, "volumes": written.volumes,
            "recovery_volumes": written.recovery.iter().map(|(path, _)| path).collect::<Vec<_>>(),
            "size_bytes": written.size_bytes, "read_back": match &how {
                Bypass::Bypassed => "device".to_owned(),
                Bypass::Cached { why } => format!("perhaps cache: {why}"),
            },
        }),
    );
    context.log(&SecurityEvent::Written {
        bundle: sealed.manifest.bundle.to_string(),
        file: written.volumes.first().map(|first| first.shown()).unwrap_or_default(),
        size_bytes: written.size_bytes,
    });
    // A folder of this machine's disk is none to pull out.
    match medium.is_mount_point() {
        Some(false) => context.console.say(format!(
            "{} is a folder on this machine and no medium: copy it onto one, or mount one and write again",
            medium.root.shown()
        )),
        _ => {
            context.console.say(format!("{} is safe to remove, once your system has unmounted it", medium.root.shown()))
        }
    }
    Ok(())
}

/// Says so where the inside would refuse it for want of signatures; it may be
/// written all the same, since further ones can be put beside it.
fn warn_owed(sealed: &Sealed, context: &Context) -> Result<(), Failure> {
    match owed(Namespace::Bundle, &sealed.signed(), context)? {
        Some(owed) if owed.missing() > 0 => context.console.warn(format!(
            "signatures that count inside: {}; until then the inside refuses this bundle. Sign with \
             'handcarry-outside sign {}' before writing, or 'handcarry-outside sign MEDIA' after",
            owed.words(),
            sealed.manifest.bundle.short()
        )),
        _ => {}
    }
    Ok(())
}
