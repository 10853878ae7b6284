//! The verb `write`: a sealed bundle goes onto media, and is read back.

use super::carry;
use super::choose;
use super::draft::{Drafts, Sealed};
use super::media_sink::{Landed, Landing};
use super::preflight;
use super::sticks::Sticks;
use super::trust::owed;
use super::vault::Vault;
use crate::bundle::{self, WrittenBundle, bundle_name};
use crate::cli::Context;
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::media::{self, Bypass, Medium, Mode};
use crate::model::{Exit, Failure, FileName, Package, ShowPath, local_time, text};
use clap::Args;
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::PathBuf;

/// Write a sealed bundle onto media and read it back
///
/// Several media are written side by side from one reading of the packages, the
/// same files onto each, and each is judged by itself: one that fails is left
/// out, and told. Nothing there is overwritten, and the bundle has its name only
/// once all of it is on the device and was read back from there. What fits onto
/// no medium is not spread over several: seal fewer packages into a bundle.
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// Where each medium is mounted (or the handcarry folder on it) [default: the only one plugged in]
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
    /// Which bundle, by the beginning of its id [default: the newest]
    #[arg(long, value_name = "ID")]
    bundle: Option<String>,
    /// Cut the bundle into volumes of this size, such as 4G or 700M [default: the filesystem's largest file, of several
    /// media the smallest of these]
    #[arg(long, value_name = "SIZE", value_parser = text::parse_bytes)]
    volume_size: Option<u64>,
    /// Add recovery volumes of so many per cent (1 to 100): 'repair' restores damage and loss up to that
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(1..=100))]
    parity: Option<u8>,
    /// Put handcarry itself there too: the kit in this folder, signed by keys that are trusted here; without a sealed
    /// bundle the kit alone
    #[arg(long, value_name = "DIR")]
    with_handcarry: Option<PathBuf>,
}

impl WriteArgs {
    /// The media that were named, or the only one that is plugged in.
    fn sticks(&self, context: &Context) -> Result<Sticks, Failure> {
        match self.media.as_slice() {
            [] => Sticks::named(&[context.medium(None)?], context),
            named => Sticks::named(named, context),
        }
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then no bundle lies on the medium under its name. Of several,
/// [`Exit::Partly`] where some have it.
pub fn run(args: &WriteArgs, context: &mut Context) -> Result<(), Failure> {
    let drafts = Drafts::below(context.home.root());
    let mut sticks = None;
    if let Some(dir) = &args.with_handcarry {
        // First: it takes little room, and a trip with the kit alone is one, too.
        let mut named = args.sticks(context)?;
        named.each(context, |medium, context| carry::carry(dir, medium, context))?;
        if args.bundle.is_none() && drafts.all()?.is_empty() {
            named.take().into_iter().for_each(|stick| named.done(stick));
            return named.verdict(context);
        }
        sticks = Some(named);
    }
    let sealed = choose::draft(args.bundle.as_deref(), &drafts)?;
    let sticks = sticks.map_or_else(|| args.sticks(context), Ok)?;
    let cut = Cut { volume_bytes: args.volume_size, parity: args.parity };
    onto(sticks, &sealed, cut, &Vault::look(context.home.root()), context)
}

/// How a bundle lies on media.
#[derive(Debug, Clone, Copy)]
pub struct Cut {
    /// The volumes' size, where one was asked for.
    pub volume_bytes: Option<u64>,
    /// How many recovery volumes there are to be.
    pub parity: Option<u8>,
}

/// Writes a sealed bundle onto media.
///
/// # Errors
/// As [`run`].
pub fn onto(
    mut sticks: Sticks,
    sealed: &Sealed,
    cut: Cut,
    vault: &Vault,
    context: &mut Context,
) -> Result<(), Failure> {
    let name = bundle_name(&sealed.manifest);
    // The inside refuses it then, which is better known before the trip.
    if sealed.manifest.expires <= context.now() {
        return Err(Failure::new(
            Exit::Expired,
            format!("bundle {} expired at {}", sealed.manifest.bundle.short(), local_time(sealed.manifest.expires)),
        )
        .hint("its packages are still in the vault; seal them again: handcarry-outside seal --write MEDIA"));
    }
    warn_owed(sealed, context)?;
    let draft = bundle::Draft::of(Cow::Borrowed(&sealed.manifest), sealed.signatures.clone())?;
    let total = bundle::size_bytes(&draft)?;
    let recovery = cut.parity.map(|percent| bundle::recovery_volumes(total, percent)).transpose()?;
    let asked = preflight::one_cut(&sticks, total, cut.volume_bytes, context);
    let load = preflight::Load { sealed, name: &name, total, asked, recovery: recovery.as_ref() };
    let volume_bytes = sticks.each(context, |medium, context| {
        let folder = medium.bundles();
        // Before room is counted, since what a killed run left takes some of it.
        preflight::remove_leftovers(&folder, &name, context);
        let volume_bytes = preflight::look(medium, &load, context)?;
        media::create_dirs(&folder, Mode::Shared)?;
        media::keep_names(&folder)?;
        Ok(volume_bytes)
    })?;
    // The same for all, as they were asked for it.
    let volume_bytes = volume_bytes.into_iter().next().flatten();
    let job = Job { sealed, draft: &draft, name: &name, volume_bytes, parity: cut.parity };
    let mut promised = recovery.as_ref().map(|recovery| preflight::promise(recovery, volume_bytes));
    while !sticks.open().is_empty() {
        let (written, landed) = job.write(&sticks.open(), total, vault, context)?;
        for (stick, landed) in sticks.take().into_iter().zip(landed) {
            match (landed, &written) {
                (Landed::Kept(how), Some(written)) => {
                    tell_written(&stick.medium, written, (sealed, promised.take()), &how, context);
                    tell_removal(&stick.medium, context);
                    sticks.done(stick);
                }
                (Landed::Failed(failure), _) => sticks.fail(&stick.medium.root, failure, context)?,
                _ => sticks.again(stick),
            }
        }
    }
    sticks.verdict(context)
}

/// What is written onto media at the same time.
struct Job<'a> {
    sealed: &'a Sealed,
    draft: &'a bundle::Draft<'a>,
    name: &'a FileName,
    volume_bytes: Option<u64>,
    parity: Option<u8>,
}

impl Job<'_> {
    fn write(
        &self,
        media: &[&Medium],
        total: u64,
        vault: &Vault,
        context: &Context,
    ) -> Result<(Option<WrittenBundle>, Vec<Landed>), Failure> {
        // No more of them than that they are there: the largest bundle's records are as large as its manifest.
        let titles = vault.titles()?;
        let mut open = |package: &Package| -> io::Result<Box<dyn Read>> {
            // By its digest: the record may have been written anew since the bundle was sealed.
            let missing = |why: String| io::Error::new(io::ErrorKind::NotFound, why);
            let title = titles.get(&package.sha256);
            let title = title.ok_or_else(|| missing("the vault has no record of it".to_owned()))?;
            Ok(Box::new(vault.open_object(&package.sha256, title).map_err(|error| missing(error.to_string()))?))
        };
        // Recovery volumes need all bytes a second time, so the bar counts them.
        let once_more = if self.parity.is_some() { total } else { 0 };
        let progress = context.console.progress("Writing", self.sealed.manifest.total_bytes() + once_more);
        let mut landing = Landing::new(media.to_vec(), (self.draft, self.name), &progress, &context.console);
        let Job { draft, name, volume_bytes, parity, .. } = *self;
        let written =
            bundle::write_with_recovery(draft, &mut open, &mut landing, name, volume_bytes, parity, &progress);
        landing.outcome(written)
    }
}

/// Tells what lies on one medium now; what its recovery volumes promise, once.
fn tell_written(
    medium: &Medium,
    written: &WrittenBundle,
    (sealed, promise): (&Sealed, Option<String>),
    how: &Bypass,
    context: &Context,
) {
    // The same names on each.
    let there = |path: &PathBuf| medium.bundles().join(path.file_name().unwrap_or_default());
    let volumes: Vec<PathBuf> = written.volumes.iter().map(there).collect();
    let recovery: Vec<PathBuf> = written.recovery.iter().map(|(path, _)| there(path)).collect();
    for volume in &volumes {
        context.console.say(format!("Written: {}", volume.shown()));
    }
    if let Some(first) = recovery.first() {
        context.console.say(format!("Written: {} and what follows, {} in all", first.shown(), recovery.len()));
    }
    promise.into_iter().for_each(|promise| context.console.note(promise));
    match how {
        Bypass::Bypassed => {
            context.console.note(format!("Read back from the device: all {} agree", text::bytes(written.size_bytes)))
        }
        Bypass::Cached { why } => context.console.warn(format!(
            "read back and found right, but perhaps from memory and not from the device: {why}; to be sure, \
             unplug it, plug it in again, and run 'handcarry-inside verify'"
        )),
    }
    context.console.event(
        &kind::WRITTEN,
        serde_json::json!({
            "bundle": sealed.manifest.bundle, "medium": medium.root, "volumes": volumes, "recovery_volumes": recovery,
            "size_bytes": written.size_bytes, "read_back": match how {
                Bypass::Bypassed => "device".to_owned(),
                Bypass::Cached { why } => format!("perhaps cache: {why}"),
            },
        }),
    );
    context.log(&SecurityEvent::Written {
        bundle: sealed.manifest.bundle.to_string(),
        file: volumes.first().map(|first| first.shown()).unwrap_or_default(),
        size_bytes: written.size_bytes,
    });
}

fn tell_removal(medium: &Medium, context: &Context) {
    // A folder of this machine's disk is none to pull out.
    context.console.say(match medium.is_mount_point() {
        Some(false) => format!(
            "{} is a folder on this machine and no medium: copy it onto one, or mount one and write again",
            medium.root.shown()
        ),
        _ => format!("{} is safe to remove, once your system has unmounted it", medium.root.shown()),
    });
}

/// Says so where the inside would refuse it for want of signatures; it may be
/// written all the same, since further ones can be put beside it.
fn warn_owed(sealed: &Sealed, context: &Context) -> Result<(), Failure> {
    match owed(sealed.message(), &sealed.signatures, context)? {
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
