//! What is told of a medium before anything is written onto it: what it is,
//! what lies there, and whether there is room.

use super::draft::Sealed;
use super::sticks::Sticks;
use crate::bundle::limits::{MAX_VOLUMES, MIN_VOLUME_BYTES};
use crate::bundle::{self, RecoveryVolumes, VolumeSet};
use crate::cli::{self, Context};
use crate::console::kind;
use crate::media::{self, MediaError, Medium, MediumFacts};
use crate::model::{Exit, Failure, FileName, ShowPath, text};
use std::path::Path;

/// Room taken on the medium beside the bundle's own bytes: folders, and the
/// last cluster of each volume.
const FOLDER_BYTES: u64 = 1 << 20;
const CLUSTER_BYTES: u64 = 64 << 10;

/// The volumes' size for several media, on which the same files are to lie, so
/// that a volume that fails on one is there on another: what was asked for, else
/// what the least of them can hold. Of one medium, what was asked for.
pub fn one_cut(sticks: &Sticks, total: u64, asked: Option<u64>, context: &Context) -> Option<u64> {
    if sticks.is_single() {
        return asked;
    }
    let facts = sticks.open().into_iter().filter_map(|medium| Some((medium, medium.facts().ok()?)));
    let least = facts
        .filter_map(|(medium, facts)| Some((facts.largest_file_bytes?, medium, facts.filesystem)))
        .min_by_key(|(largest, ..)| *largest);
    match (asked, least) {
        (asked, Some((largest, medium, filesystem))) if asked.unwrap_or(total) > largest => {
            context.console.note(format!(
                "A file on {} ({filesystem}) can have {largest} bytes at most; so will the volumes on all media",
                medium.root.shown()
            ));
            Some(largest)
        }
        (asked, _) => asked,
    }
}

/// What is to be written.
pub struct Load<'a> {
    /// The bundle, and what it is called.
    pub sealed: &'a Sealed,
    pub name: &'a FileName,
    /// All of its bytes.
    pub total: u64,
    /// The volumes' size in bytes, where a person asked for that.
    pub asked: Option<u64>,
    pub recovery: Option<&'a RecoveryVolumes>,
}

/// Looks at a medium for a bundle; returns the volumes' size.
///
/// # Errors
/// A [`Failure`] where it can't be written, has that very bundle, or has no room.
pub fn look(medium: &Medium, load: &Load<'_>, context: &Context) -> Result<Option<u64>, Failure> {
    let Load { total, asked, recovery, .. } = *load;
    let facts = medium.facts()?;
    let others = bundle::list(&medium.bundles())?;
    // That it can't be written at all is told first, below.
    if !facts.read_only {
        is_new(medium, load, &others)?;
    }
    let mut event = cli::medium_fields(medium, &facts);
    event["bundles"] = others.iter().map(VolumeSet::name).collect();
    context.console.event(&kind::MEDIUM, event);
    if facts.read_only {
        return Err(MediaError::ReadOnly { path: medium.root.clone() }.into());
    }
    let volume_bytes = volumes_of(&facts, total, asked, context)?;
    for remark in facts.remarks(&medium.root) {
        context.console.note(format!("Mind: {remark}"));
    }
    for other in &others {
        context.console.note(format!("A bundle that lies there already, and stays: {}", other.shown()));
    }
    need(&facts, total, volume_bytes, recovery, &medium.root, context)?;
    Ok(volume_bytes)
}

/// Refuses to write a bundle where that very bundle lies, which is told: what must go so that it can be written anew is
/// all of it, and its recovery volumes are of no use to another.
fn is_new(medium: &Medium, load: &Load<'_>, others: &[VolumeSet]) -> Result<(), Failure> {
    let folder = medium.bundles();
    let Some(set) = others.iter().find(|set| set.name() == load.name.as_str()) else { return Ok(()) };
    // A run that was killed may have left names that the device has not yet.
    media::keep_names(&folder)?;
    let (id, there) = (load.sealed.manifest.bundle.short(), text::counted(set.paths().len(), "file"));
    let what = format!("bundle {id} lies on {} already, in {there}", medium.root.shown());
    Err(Failure::new(Exit::Exists, what).hint(format!(
        "whether it is whole: handcarry-inside verify {}; to write it anew, remove {} and what begins with its name from \
         {} first",
        medium.root.quoted(),
        set.shown(),
        folder.shown()
    )))
}

/// The volumes' size; `None` for a bundle in one piece.
fn volumes_of(facts: &MediumFacts, total: u64, asked: Option<u64>, context: &Context) -> Result<Option<u64>, Failure> {
    let volume_bytes = match (asked, facts.largest_file_bytes) {
        (Some(asked), Some(largest)) if asked > largest => {
            context.console.note(format!(
                "A file on this {} can have {largest} bytes at most; so will the volumes",
                facts.filesystem
            ));
            Some(largest)
        }
        (Some(asked), _) => Some(asked),
        (None, largest) => largest.filter(|largest| *largest < total),
    };
    if let Some(size) = volume_bytes.filter(|size| *size < MIN_VOLUME_BYTES) {
        let why = format!("a volume has {MIN_VOLUME_BYTES} bytes at least, and {size} were asked for");
        return Err(
            Failure::new(Exit::LimitExceeded, why).hint("take a larger --volume-size: K, M and G count in 1024")
        );
    }
    let volumes = count(total, volume_bytes);
    if volumes > MAX_VOLUMES as u64 {
        return Err(Failure::new(
            Exit::LimitExceeded,
            format!(
                "this bundle of {total} bytes would need {volumes} volumes of that size; {MAX_VOLUMES} are the most"
            ),
        )
        .hint("take a larger --volume-size: K, M and G count in 1024"));
    }
    Ok(volume_bytes)
}

fn count(total: u64, volume_bytes: Option<u64>) -> u64 {
    // A size of 0 is refused by its own message; until then nothing must divide by it.
    volume_bytes.map_or(1, |size| total.div_ceil(size.max(1)))
}

/// Tells what is needed and what there is.
fn need(
    facts: &MediumFacts,
    total: u64,
    volume_bytes: Option<u64>,
    recovery: Option<&RecoveryVolumes>,
    root: &Path,
    context: &Context,
) -> Result<(), Failure> {
    let volumes = count(total, volume_bytes);
    let each = recovery.map_or(0, RecoveryVolumes::volume_bytes);
    // Recovery volumes can't be cut, since each stands for one share of the whole.
    if let Some(largest) = facts.largest_file_bytes.filter(|largest| each > *largest) {
        let why = format!("a recovery volume has {each} bytes, and a file on this {} {largest}", facts.filesystem);
        return Err(Failure::new(Exit::NoSpace, format!("{why} at most")).hint("format the medium as exFAT"));
    }
    let files = volumes.saturating_add(recovery.map_or(0, |recovery| recovery.count() as u64));
    let bytes = total.saturating_add(recovery.map_or(0, RecoveryVolumes::size_bytes));
    // Our three folders and each file's last cluster: those of exFAT have up to 32 MiB, and small ones are larger elsewhere
    // than what is said of them.
    let cluster = facts.cluster_bytes.max(CLUSTER_BYTES);
    let folders = FOLDER_BYTES.max(cluster.saturating_mul(3));
    let needed = bytes.saturating_add(folders).saturating_add(files.saturating_mul(cluster));
    let mut cut = if volumes > 1 { format!(" in {volumes} volumes") } else { String::new() };
    if let Some(recovery) = recovery {
        cut.push_str(&format!(" with {} for recovery", text::bytes(recovery.size_bytes())));
    }
    context.console.note(format!(
        "Needed: {needed} bytes ({}){cut}; free: {} on {} ({})",
        text::bytes(needed),
        free(facts),
        root.shown(),
        facts.filesystem
    ));
    if facts.free_bytes < needed {
        return Err(Failure::new(
            Exit::NoSpace,
            format!("not enough room on {}: {needed} bytes needed, {} free", root.shown(), facts.free_bytes),
        )
        .hint("take a larger medium, or move away what lies on this one"));
    }
    Ok(())
}

/// What recovery volumes will be good for, beside volumes of so many bytes.
pub fn promise(recovery: &RecoveryVolumes, volume_bytes: Option<u64>) -> String {
    let burst = text::bytes(recovery.burst_bytes());
    let volumes = match volume_bytes.map(|bytes| recovery.volumes_restored(bytes)) {
        None => String::new(),
        Some(0) => ", but not a whole volume: take a smaller --volume-size or a larger --parity for that".to_owned(),
        Some(1) => ", or any one volume".to_owned(),
        Some(count) => format!(", or any {count} volumes"),
    };
    format!("They restore any {burst} in one piece, or {} % spread out evenly{volumes}", recovery.count())
}

fn free(facts: &MediumFacts) -> String {
    match facts.free_bytes {
        u64::MAX => "unknown".to_owned(),
        bytes => text::bytes(bytes),
    }
}

/// Removes what a killed run of ours left on the medium, and says so: volumes
/// of this very bundle without its first, which gets its name last, and the
/// unnamed beginnings beside them. What another run is writing there stays.
pub fn remove_leftovers(folder: &Path, name: &FileName, context: &Context) {
    if media::is_written_to(folder) {
        return;
    }
    let names = |fits: &dyn Fn(&str) -> bool| -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.filter(|entry| entry.file_name().to_str().is_some_and(fits)).map(|entry| entry.path()).collect()
    };
    let mut removed = Vec::new();
    // Without unnamed beginnings beside them they may be what a person copied there, and stay.
    if !names(&media::is_temporary).is_empty() && !bundle::has_first_volume(folder, name) {
        removed = names(&|file| bundle::is_volume_of(file, name.as_str()));
        removed.retain(|path| std::fs::remove_file(path).is_ok());
    }
    removed.extend(media::remove_leftovers(folder));
    for path in removed {
        context.console.note(format!("Removed what an interrupted run left: {}", path.shown()));
    }
}
