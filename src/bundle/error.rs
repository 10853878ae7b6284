//! What is wrong with a bundle: one variant for each way of opening to fail.

use super::damage::Damages;
use super::disk::{read_exit, write_exit, write_hint};
use super::limits::MAX_APPLIANCES_TOLD;
use super::repeat::Disagreement;
use crate::media::MediaError;
use crate::model::clock::ClockError;
use crate::model::{
    ApplianceId, FileName, Id, ShowPath, Timestamp, Version, disk_exit, explained, is_device_fault, local_time,
    medium_hint, text,
};
use crate::trust::TrustError;
use macro_rules_attribute::apply;
use std::io;
use std::path::PathBuf;

/// An error of finding, writing, opening or verifying a bundle.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Nothing lies under the path.
    #[error("{} is not there", path.shown())]
    #[hint("check the path; if it lies on a medium, mount that first")]
    #[exit(MediaMissing)]
    Missing {
        /// What was given.
        path: PathBuf,
    },
    /// The way to it leads through a folder of ours that is a link.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Linked(MediaError),
    /// Nothing there is a bundle.
    #[error("no bundle in {}{}", path.shown(), passed_over(passed))]
    #[hint(if passed.is_empty() { "write one with 'handcarry-outside write', or give the file itself" } else { "copy the bundle itself there, under a name that every system reads: letters a-z, digits, '-' and '.'" })]
    #[exit(NoBundle)]
    NoBundle {
        /// Where was looked.
        path: PathBuf,
        /// What bears a bundle's name there, and why it is none.
        passed: Vec<String>,
    },
    /// The file that was named is not there.
    #[error("no bundle of this name: {} is not there", path.shown())]
    #[hint("look at the name once more, or give the folder or the medium that it lies on")]
    #[exit(NoBundle)]
    NoSuchFile {
        /// What was given.
        path: PathBuf,
    },
    /// More files than are listed lie where bundles are looked for.
    #[error("more than {limit} files lie in {}", path.shown())]
    #[hint("move away what is not the bundle's, and try again")]
    #[exit(LimitExceeded)]
    FolderFull {
        /// The folder.
        path: PathBuf,
        /// Most files that are listed.
        limit: usize,
    },
    /// Several bundles lie there and none was chosen.
    #[error("{} bundles lie in {}: {}", names.len(), path.shown(), names.join(", "))]
    #[hint("give the path of the one that is meant")]
    #[exit(Usage)]
    SeveralBundles {
        /// Where was looked.
        path: PathBuf,
        /// What lies there.
        names: Vec<String>,
    },
    /// Step 1: a volume is missing.
    #[error("volume {name} is missing")]
    #[hint("copy every volume into the same folder")]
    #[exit(VolumesIncomplete)]
    VolumeMissing {
        /// The missing file's name.
        name: String,
    },
    /// Step 1: a volume is shorter or longer than it can be.
    #[error("volume {name} {why}")]
    #[hint("copy this file again, or write the bundle again; where it was never a bundle, name the one that is")]
    #[exit(VolumesIncomplete)]
    VolumeCut {
        /// The volume's name.
        name: String,
        /// What shows it.
        why: String,
    },
    /// Step 1 or 2: volumes that don't belong together.
    #[error("volumes under the name {name} are of different bundles: {why}")]
    #[hint("remove all volumes of this name and copy those of one bundle, or write it again")]
    #[exit(VolumesMixed)]
    VolumesMixed {
        /// The bundle's name.
        name: String,
        /// What shows it.
        why: String,
    },
    /// Step 1: there in one piece and in volumes, as joining them on the medium leaves it.
    #[error("{name} is there in one piece and in volumes, and their names can't tell which of them is whole")]
    #[hint(
        "move {name} into another folder, where it is verified by itself; the volumes are then verified where they are. \
         Remove neither before the other is verified"
    )]
    #[exit(VolumesMixed)]
    Twofold {
        /// The bundle's name.
        name: String,
    },
    /// Step 2: the container breaks format 1.
    #[error("{volume} is not a bundle of format 1: {why} (at byte {offset})")]
    #[hint("write the bundle again on another medium; if it comes back so, ask its sender")]
    #[exit(ContainerMalformed)]
    Malformed {
        /// The volume it was found in.
        volume: String,
        /// Where in the volume.
        offset: u64,
        /// What is wrong.
        why: String,
    },
    /// Something is larger or more than it may be.
    #[error("{what} is more than its limit of {limit}: {found}")]
    #[hint("this was not made by handcarry; ask its sender")]
    #[exit(LimitExceeded)]
    Limit {
        /// What is too large.
        what: String,
        /// The limit, with its unit.
        limit: String,
        /// What was found, with its unit.
        found: String,
    },
    /// Step 3: the clock can't be right, so no time can be judged.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Clock(#[from] ClockError),
    /// Step 3: not enough approved signers.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Trust(#[from] TrustError),
    /// Step 4: the signed manifest does not say what format 1 demands.
    #[error("the manifest is signed but not of format 1: {why}")]
    #[hint("ask who sealed it to seal it again with a current handcarry-outside")]
    #[exit(ManifestInvalid)]
    Manifest {
        /// What is wrong.
        why: String,
    },
    /// Step 4: made by a handcarry that this one is too old for.
    #[error("the bundle is too new for this handcarry, which is {}: {why}", own.as_str())]
    #[hint(
        "have a newer handcarry carried: outside, 'handcarry-outside write MEDIA --with-handcarry DIR', then here \
         'handcarry-inside self apply MEDIA'"
    )]
    #[exit(TooNew)]
    TooNew {
        /// This program's version.
        own: Version,
        /// What the bundle asks for.
        why: String,
    },
    /// Step 5: for another appliance.
    #[error("the bundle is for {}, not for {expected}", some_of(found))]
    #[hint("take the bundle that was made for this appliance")]
    #[exit(WrongAppliance)]
    WrongAppliance {
        /// The appliances it is for.
        found: Vec<ApplianceId>,
        /// The appliance at hand.
        expected: Box<ApplianceId>,
    },
    /// Step 5: used before.
    #[error("bundle {bundle} was used already")]
    #[hint("nothing is left to install of it; what is due now is told by: handcarry-inside next")]
    #[exit(Replayed)]
    Replayed {
        /// The bundle's id.
        bundle: Id,
    },
    /// Step 5: older than one accepted before.
    #[error("the bundle is an old one: its sequence is {sequence}, and {lowest} or later is expected here")]
    #[hint("take the newer bundle, or seal these packages again outside")]
    #[exit(Rollback)]
    Rollback {
        /// Its sequence.
        sequence: u64,
        /// The lowest acceptable one.
        lowest: u64,
    },
    /// Step 5: another bundle has its sequence.
    #[error("bundle {} has sequence {sequence}, which bundle {} had already", bundle.short(), holder.short())]
    #[hint("take the newer bundle, or seal these packages again outside: it gets the next number")]
    #[exit(Rollback)]
    SequenceTaken {
        /// The bundle's id.
        bundle: Id,
        /// Its sequence.
        sequence: u64,
        /// The bundle that was accepted with it.
        holder: Id,
    },
    /// Step 5: for a request that was not made here.
    #[error("the bundle answers request {}, which was not made here", request.short())]
    #[hint("take the bundle that answers a request of this desk; handcarry-inside request makes one")]
    #[exit(WrongRequest)]
    ForeignRequest {
        /// The request it answers.
        request: Id,
    },
    /// Step 5: for another request, or for none.
    #[error("the bundle answers {}, and request {expected} is the one that waits", found.map_or("no request".to_owned(), |id| format!("request {id}")))]
    #[hint("take the bundle that answers the last request for this appliance")]
    #[exit(WrongRequest)]
    WrongRequest {
        /// The request it answers, if any.
        found: Option<Id>,
        /// The request at hand.
        expected: Id,
    },
    /// Step 5: sealed in the future.
    #[error("the bundle was sealed at {}, and it is {} now", local_time(*created), local_time(*now))]
    #[hint("compare the clocks of both machines")]
    #[exit(NotYetValid)]
    NotYetValid {
        /// When it was sealed.
        created: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Step 5: its time is over.
    #[error("the bundle expired at {}, and it is {} now", local_time(*expires), local_time(*now))]
    #[hint("the vault still has its packages: seal them again outside, handcarry-outside seal --write MEDIA")]
    #[exit(Expired)]
    Expired {
        /// When it expired.
        expires: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Step 5: the trust that judges it was to be renewed by now.
    #[error("the trust here was to be renewed by {}, and it is {} now", local_time(*renew_by), local_time(*now))]
    #[hint(
        "renew it: 'handcarry-outside trust propose MEDIA --renew-days 365', signed and applied; where it was set up by \
         hand, 'handcarry-inside trust renew'"
    )]
    #[exit(TrustOverdue)]
    TrustOverdue {
        /// When it was to be renewed.
        renew_by: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Step 6: the entries are not those the manifest lists.
    #[error("what the bundle holds is not what its manifest lists: {why}")]
    #[hint("write the bundle again; if it comes back so, ask its sender")]
    #[exit(EntriesMismatch)]
    Entries {
        /// What differs.
        why: String,
    },
    /// Step 7: bytes are not those that were signed for, or can't be read.
    #[error("{0}")]
    #[hint(|damages| damages.hint())]
    #[exit(|damages| damages.exit())]
    Damaged(Box<Damages>),
    /// A volume can't be read.
    #[error("can't read volume {volume} at byte {offset}")]
    #[hint(medium_hint(source))]
    #[exit(read_exit(source))]
    Read {
        /// The volume.
        volume: String,
        /// Where in it.
        offset: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// A volume can't be written.
    #[error("can't write {name}")]
    #[hint(write_hint(source))]
    #[exit(write_exit(source))]
    Write {
        /// The volume, or the bundle.
        name: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Step 7, over and over: the medium did not answer the same each time.
    #[error("{_0}")]
    #[hint("do not use this medium, reader or port: copy the bundle onto another medium and verify that one")]
    #[exit(MediaLies)]
    Unsteady(Box<Disagreement>),
    /// What was written moments ago came back otherwise.
    #[error("the medium gave back other bytes than were written: {why}")]
    #[hint("do not use this medium: write the bundle on another one")]
    #[exit(MediaLies)]
    CameBack {
        /// What, and where in the volumes.
        why: String,
    },
    /// A package can't be read where it is kept.
    #[error("can't read the package {file} where it is kept")]
    #[hint("run 'handcarry-outside vault' to see what is kept, and import or fetch the package again")]
    #[exit(VaultDamaged)]
    Source {
        /// The package.
        file: FileName,
        /// What the operating system said.
        source: io::Error,
    },
    /// A package is not what the manifest says, as it is kept.
    #[error("the package {file} is not what was sealed: {why}")]
    #[hint("run 'handcarry-outside vault' to see what is kept, and import or fetch the package again")]
    #[exit(VaultDamaged)]
    SourceChanged {
        /// The package.
        file: FileName,
        /// What differs, with the byte range.
        why: String,
    },
    /// A bundle of this name lies there.
    #[error("{name} is there already")]
    #[hint("move it away, or remove it if it is not needed")]
    #[exit(Exists)]
    NameTaken {
        /// The file that is there.
        name: String,
    },
    /// No recovery volume that is of use lies beside a bundle.
    #[error("no recovery volume of {name} {}", useless_ones(useless))]
    #[hint(
        "without recovery volumes nothing can be restored: copy it again from another medium, or write it again \
         outside (with --parity)"
    )]
    #[exit(NotFound)]
    NoRecovery {
        /// The bundle's name.
        name: String,
        /// Files named as its recovery volumes that are of no use.
        useless: Vec<String>,
    },
    /// The recovery volumes beside a bundle are of another one.
    #[error("the recovery volumes beside {name} are of another bundle")]
    #[hint("put the recovery volumes that were written with this bundle beside it, or write it again outside")]
    #[exit(VolumesMixed)]
    RecoveryForeign {
        /// The bundle's name.
        name: String,
    },
    /// A recovery volume was written and came back as other bytes.
    #[error("the medium gave back other bytes than were written: recovery volume {name}")]
    #[hint("do not use this medium: write the bundle on another one")]
    #[exit(MediaLies)]
    RecoveryDiffers {
        /// The recovery volume.
        name: String,
    },
    /// More is damaged than the recovery volumes can restore.
    #[error("{name} is damaged beyond repair: {why}")]
    #[hint("copy missing volumes from another medium and repair again, or write it again outside")]
    #[exit(BeyondRepair)]
    BeyondRepair {
        /// The bundle's name.
        name: String,
        /// How much is lost.
        why: String,
    },
    /// A package that the manifest does not list was asked for.
    #[error("the bundle holds no package {file}")]
    #[hint(none)]
    #[exit(NotFound)]
    NoSuchPackage {
        /// What was asked for.
        file: FileName,
    },
}

impl BundleError {
    /// Says that a limit is passed.
    pub(super) fn limit(what: impl Into<String>, limit: impl ToString, found: impl ToString) -> Self {
        BundleError::Limit { what: what.into(), limit: limit.to_string(), found: found.to_string() }
    }

    /// Says that a size limit is passed.
    pub(super) fn limit_bytes(what: impl Into<String>, limit: u64, found: u64) -> Self {
        let (allowed, there) = (text::bytes(limit), text::bytes(found));
        // A byte over the limit must not read as if it were the limit.
        let there = if there == allowed { format!("{found} B") } else { there };
        BundleError::limit(what, allowed, there)
    }
}

impl BundleError {
    /// Whether bytes of the bundle are missing or changed, which its recovery
    /// volumes may restore.
    pub fn is_of_damage(&self) -> bool {
        match self {
            BundleError::VolumeMissing { .. }
            | BundleError::VolumeCut { .. }
            | BundleError::VolumesMixed { .. }
            | BundleError::Twofold { .. }
            | BundleError::RecoveryForeign { .. }
            | BundleError::Malformed { .. }
            | BundleError::Entries { .. } => true,
            BundleError::Damaged(damages) => !damages.is_of_a_lying_medium(),
            BundleError::Read { source, .. } => source.kind() != io::ErrorKind::NotFound && is_device_trouble(source),
            BundleError::Write { source, .. } => {
                !matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists)
                    && is_device_trouble(source)
            }
            BundleError::Missing { .. }
            | BundleError::NoBundle { .. }
            | BundleError::NoSuchFile { .. }
            | BundleError::FolderFull { .. }
            | BundleError::SeveralBundles { .. }
            | BundleError::Limit { .. }
            | BundleError::Clock(_)
            | BundleError::Linked(_)
            | BundleError::Trust(_)
            | BundleError::Manifest { .. }
            | BundleError::TooNew { .. }
            | BundleError::WrongAppliance { .. }
            | BundleError::Replayed { .. }
            | BundleError::Rollback { .. }
            | BundleError::SequenceTaken { .. }
            | BundleError::WrongRequest { .. }
            | BundleError::ForeignRequest { .. }
            | BundleError::NotYetValid { .. }
            | BundleError::Expired { .. }
            | BundleError::TrustOverdue { .. }
            | BundleError::Unsteady(_)
            | BundleError::CameBack { .. }
            | BundleError::Source { .. }
            | BundleError::SourceChanged { .. }
            | BundleError::NameTaken { .. }
            | BundleError::NoSuchPackage { .. }
            | BundleError::NoRecovery { .. }
            | BundleError::RecoveryDiffers { .. }
            | BundleError::BeyondRepair { .. } => false,
        }
    }
}

/// The first appliances of a bundle; of a fleet the others are counted.
fn some_of(appliances: &[ApplianceId]) -> String {
    let (told, more) = appliances.split_at(appliances.len().min(MAX_APPLIANCES_TOLD));
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    match (told.as_slice(), more.len()) {
        ([before @ .., last], 0) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        (_, 0) => told.join(", "),
        (_, more) => format!("{} and {more} more appliances", told.join(", ")),
    }
}

/// Whether the medium is at fault, and no room, right or quota is lacking.
fn is_device_trouble(error: &io::Error) -> bool {
    disk_exit(error).is_none() || is_device_fault(error)
}

/// Names shown of any number of files: more help nobody.
const MAX_TOLD: usize = 5;

/// The first of `names`, and how many more there are.
fn first_of(names: &[String]) -> String {
    let told = names[..names.len().min(MAX_TOLD)].join(", ");
    match names.len().saturating_sub(MAX_TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

fn passed_over(passed: &[String]) -> String {
    if passed.is_empty() { String::new() } else { format!("; passed over: {}", first_of(passed)) }
}

fn useless_ones(useless: &[String]) -> String {
    match useless.len() {
        0 => "lies beside it".to_owned(),
        1 => format!("is of use: {} has no whole packet in its place", useless[0]),
        _ => format!("is of use: {} have no whole packet in its place", first_of(useless)),
    }
}
