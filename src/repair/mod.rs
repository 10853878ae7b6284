//! The verb `repair`, which both halves have: a damaged bundle is restored
//! from its recovery volumes, at a place of its own.
//!
//! What this folder guarantees:
//!
//! 1. Nothing that is there is overwritten or changed, the damaged bundle
//!    least of all.
//! 2. No file has its name before the restored bundle was judged: inside by
//!    all steps of opening, outside by the manifest that was sealed here.
//! 3. What is kept although it is damaged has a name that says so.
//! 4. Of what is beyond repair each package is named, whole or damaged; whole
//!    is what has the digests that were signed.

mod salvage;

use crate::bundle::{self, Bundle, BundleError, Folder, Repair, Restored};
use crate::cli::Context;
use crate::console::kind;
use crate::media::{self, MediaError, Medium, Mode};
use crate::model::{Exit, Failure, Kind, ShowPath, text};
use clap::Args;
use std::path::{Path, PathBuf};

/// Room that must stay free beside the restored bundle, in bytes.
// The volumes' files take whole clusters, and their folder grows by their names: a medium
// that is filled to its last byte fails at the very end, when all the work is done.
const RESERVE_BYTES: u64 = 1 << 20;

/// Restore a damaged bundle from its recovery volumes
///
/// Volumes that are missing, cut, changed or under one another's names, and
/// recovery volumes that are damaged themselves, are made good as far as the
/// recovery volumes reach. The restored bundle is verified like any other
/// before its files get their names; nothing is overwritten.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Where the medium is mounted, or the bundle's file or one of its volumes
    #[arg(value_name = "MEDIA|FILE")]
    media: PathBuf,
    /// Put the restored bundle into this folder [default: beside the damaged one, as NAME-repaired.zip]
    #[arg(long = "in", value_name = "DIR")]
    place: Option<PathBuf>,
    /// If it is beyond repair: copy the packages that are whole into this folder
    #[arg(long, value_name = "DIR")]
    salvage: Option<PathBuf>,
    /// If it is beyond repair: keep what was restored all the same, as NAME-salvaged.zip, for 'push --up-to-damage'
    #[arg(long)]
    keep: bool,
}

/// Judges a restored bundle that has no name yet: opens it by steps 1 to 6, or
/// compares all of it with what was sealed here, and then returns `None`.
pub type AcceptRestored<'a> = dyn Fn(&Restored, &Context) -> Result<Option<Bundle>, Failure> + 'a;

/// Runs the verb; where `judge` opens the bundle, step 7 follows here.
///
/// # Errors
/// A [`Failure`]; then nothing was written that has a name, but what was salvaged.
pub fn run(args: &RepairArgs, judge: &AcceptRestored<'_>, context: &mut Context) -> Result<(), Failure> {
    let repair = bundle::examine(&args.media)?;
    tell(&repair, context);
    // With --in or --keep a copy is wanted, whether or not something is damaged.
    if args.place.is_none() && !args.keep && is_whole(&repair, context) {
        return Ok(());
    }
    let folder = args.place.as_deref().unwrap_or(repair.set().folder()).to_path_buf();
    let stem = repair.set().name().trim_end_matches(".zip");
    // What may stay damaged is never called as if it were whole.
    let name = match &args.place {
        _ if args.keep => format!("{stem}-salvaged.zip"),
        Some(_) => repair.set().name().to_owned(),
        None => format!("{stem}-repaired.zip"),
    };
    media::create_dirs(&folder, Mode::Shared)?;
    for left in media::remove_leftovers(&folder) {
        context.console.note(format!("Removed what an interrupted run left: {}", left.shown()));
    }
    // A leftover of an interrupted run is removed first, since the room it took is what this run needs.
    need_room(&repair, &folder, context)?;

    let mut sink = Folder::new(&folder, Mode::Shared);
    let progress = context.console.progress("Restoring", repair.size_bytes().saturating_mul(2));
    let restored = repair.restore(&mut sink, &name, &progress);
    progress.finish();
    let restored: Restored = sink.outcome::<_, Failure>(restored)?;
    let mended = restored.mended();
    context.console.say(format!(
        "Damaged blocks of {}: {} restored, {} lost",
        text::bytes(mended.block_bytes),
        mended.restored,
        mended.lost
    ));
    if mended.unprotected > 0 {
        let count = mended.unprotected;
        context
            .console
            .warn(format!("no recovery block is whole of {count} stripes, so their blocks are as they were"));
    }
    // Judged is what the device holds, not what memory does.
    // What was just written is still in memory, and would be read back whole from there on a stick that lost it.
    let judged = judge(&restored, context);
    let verified = match &judged {
        // With a block lost the packages are judged one by one instead, so that each can be told whole or damaged.
        Ok(Some(bundle)) if mended.lost == 0 => verify(bundle, context),
        _ => Ok(()),
    };
    // A stripe without a whole recovery block is a failure only where something
    // in it is damaged, and that shows when the bundle does not open or verify.
    if mended.lost > 0 || mended.unprotected > 0 && (judged.is_err() || verified.is_err()) {
        let opens = matches!(judged, Ok(Some(_)));
        let failure = salvage::tell(&repair, judged, mended, args.salvage.as_deref(), context);
        return Err(if args.keep && opens { salvage::keep(&restored, failure, sink, context)? } else { failure });
    }
    judged.map_err(refused)?;
    verified.map_err(refused)?;

    // Recovery volumes are made anew, because the old ones may be damaged themselves,
    // and before the names, so that nothing has a name until all is there.
    let progress = context.console.progress("Making recovery volumes", repair.size_bytes());
    let protected = restored.protect(repair.recovery().count() as u8, &mut sink, &progress);
    progress.finish();
    sink.outcome::<_, Failure>(protected)?;
    let files = sink.name_all()?;
    // A name outlives a power cut only when the filesystem itself is on the device.
    media::sync_filesystem(&folder)?;
    for path in &files[..restored.names().len().min(files.len())] {
        context.console.say(format!("Restored: {}", path.shown()));
    }
    context.console.event(
        &kind::REPAIRED,
        serde_json::json!({
            "bundle": repair.bundle(), "files": files, "size_bytes": repair.size_bytes(),
            "block_bytes": mended.block_bytes, "blocks_restored": mended.restored,
        }),
    );
    let first = files.first().cloned().unwrap_or(folder);
    context.console.say("restored and verified: every byte is what was signed for");
    context.console.next(format!("handcarry-inside verify {}", first.quoted()));
    Ok(())
}

/// Tells what is there to repair from.
fn tell(repair: &Repair, context: &Context) {
    let console = &context.console;
    let (there, all) = (repair.recovery_there(), repair.recovery().count());
    console.say(format!(
        "{}: {} and {there} of {all} recovery volumes",
        repair.set().shown(),
        text::bytes(repair.size_bytes())
    ));
    for (name, belongs) in repair.misnamed() {
        console.warn(format!("{} holds what belongs into {}", text::name(name), text::name(belongs)));
    }
    for name in repair.recovery_useless() {
        console.warn(format!("{} is of no use: damaged, or of another bundle", text::name(name)));
    }
}

/// Looks whether anything is damaged at all, and says so where nothing is.
fn is_whole(repair: &Repair, context: &Context) -> bool {
    let progress = context.console.progress("Looking", repair.size_bytes());
    let whole = repair.is_whole(&progress);
    progress.finish();
    if whole {
        let path = repair.set().folder().join(repair.set().name());
        context
            .console
            .event(&kind::WHOLE, serde_json::json!({ "bundle": repair.bundle(), "size_bytes": repair.size_bytes() }));
        context.console.say("nothing is damaged, neither the bundle nor its recovery volumes, and nothing was written");
        context.console.next(format!("handcarry-inside verify {}", path.quoted()));
    }
    whole
}

/// Looks whether the restored bundle and its recovery volumes fit.
fn need_room(repair: &Repair, folder: &Path, context: &Context) -> Result<(), Failure> {
    let facts = Medium { root: folder.to_path_buf() }.facts()?;
    if facts.read_only {
        let failure = Failure::from(MediaError::ReadOnly { path: folder.to_path_buf() });
        return Err(failure.hint("put the restored bundle elsewhere: --in DIR"));
    }
    // Old and new lie side by side until the new one is verified, so nothing of the old one counts as room.
    let needed = repair.size_bytes().saturating_add(repair.recovery().size_bytes()).saturating_add(RESERVE_BYTES);
    context.console.note(format!(
        "Needed in {}: {needed} bytes ({}); free: {}",
        folder.shown(),
        text::bytes(needed),
        text::bytes(facts.free_bytes)
    ));
    let why = if facts.free_bytes < needed {
        format!("not enough room in {}: {needed} bytes needed, {} free", folder.shown(), facts.free_bytes)
    } else if let Some(largest) = facts.largest_file_bytes
        && repair.volume_bytes().unwrap_or(repair.size_bytes()) > largest
    {
        format!("a file in {} can have {largest} bytes at most", folder.shown())
    } else {
        return Ok(());
    };
    Err(Failure::new(Exit::NoSpace, why).hint("put the restored bundle elsewhere: --in DIR"))
}

/// A failure to open a bundle that has recovery volumes beside it says so.
pub fn point_to(error: BundleError, recovery_volumes: usize, path: &Path, context: &Context) -> Failure {
    // Only damage is mended by other bytes: a refused signature stays refused, however often a bundle is repaired.
    let (repairable, foreign) = (error.is_of_damage(), matches!(error, BundleError::WrongAppliance { .. }));
    let failure = Failure::from(error);
    let failure = if foreign { failure.of_kind(Kind::ForAnother) } else { failure };
    if recovery_volumes == 0 || !repairable {
        return failure;
    }
    let count = match recovery_volumes {
        1 => "1 recovery volume lies".to_owned(),
        count => format!("{count} recovery volumes lie"),
    };
    failure.hint(format!("{count} beside it; to restore it: {} repair {}", context.console.program(), path.quoted()))
}

/// Step 7.
fn verify(bundle: &Bundle, context: &Context) -> Result<(), Failure> {
    let progress = context.console.progress("Verifying", bundle.manifest().total_bytes());
    let verified = bundle.verify_packages(&progress);
    progress.finish();
    Ok(verified?)
}

fn refused(failure: Failure) -> Failure {
    failure.about("what was restored is refused")
}
