//! Repair: what is left of a bundle is copied, mended, and only then judged.

use super::add::{Subject, add, records_digest};
use super::group::Group;
use super::mend::{Mended, mend};
use super::packet::ContainerIdentity;
use super::recovery::{self, Recovery};
use super::sources::Sources;
use crate::bundle::container::Container;
use crate::bundle::detached::{detached_name, detached_path};
use crate::bundle::limits::*;
use crate::bundle::locate::locate;
use crate::bundle::volume_writer::VolumeWriter;
use crate::bundle::volumes::{Volumes, carried};
use crate::bundle::write::{refuse_taken, volume_names};
use crate::bundle::{BundleError, RecoveryVolumes, VolumeSet, VolumeSink};
use crate::media;
use crate::model::{Id, Meter, Sha256Digest, ShowPath, text};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes copied at once.
const COPY_BYTES: u64 = 1 << 20;

/// A bundle that may be damaged, and the recovery volumes beside it.
pub struct Repair {
    set: VolumeSet,
    recovery: Recovery,
    sources: Sources,
}

/// Looks at the bundle that `path` names, and at the recovery volumes beside
/// it; none of it is believed yet.
///
/// # Errors
/// As [`locate`]; [`BundleError::NoRecovery`] where no recovery volume is of
/// use, [`BundleError::RecoveryForeign`] where they are of another bundle,
/// [`BundleError::BeyondRepair`] where less is left than could ever do.
pub fn examine(path: &Path) -> Result<Repair, BundleError> {
    let set = locate(path)?;
    // Recovery volumes of several bundles may lie here, copied by hand
    // under one name. Those count that know the bytes that are there.
    let mut identities: Vec<ContainerIdentity> = Vec::new();
    let mut useless = Vec::new();
    for found in recovery::find(set.folder(), set.name()) {
        match found.said {
            Some((identity, _)) if !identities.contains(&identity) => identities.push(identity),
            Some(_) => {}
            None => useless.push(text::name(&found.name)),
        }
    }
    let mut best: Option<Repair> = None;
    for identity in identities {
        let recovery = recovery::choose(recovery::find(set.folder(), set.name()), identity);
        let sources = Sources::place(&set, &recovery);
        let better = best.as_ref().is_none_or(|best| {
            (sources.recognised, recovery.there()) > (best.sources.recognised, best.recovery.there())
        });
        if better {
            best = Some(Repair { set: set.clone(), recovery, sources });
        }
    }
    let Some(repair) = best else { return Err(BundleError::NoRecovery { name: set.shown(), useless }) };
    let (there, total) = (repair.sources.bytes(), repair.size_bytes());
    // The size is a claim of theirs. More may be missing than they restore,
    // since what is whole of the rest is still of use, but not any amount.
    if total > there.saturating_add(repair.recovery.bytes()).saturating_mul(MAX_CLAIM_TIMES) {
        let why = format!("{there} of its {total} bytes are left, and {} recovery volumes", repair.recovery.there());
        return Err(BundleError::BeyondRepair { name: set.shown(), why });
    }
    // With a hundred recovery volumes nothing of the bundle need be left, so nothing need be recognised.
    if !repair.sources.recognised && there > 0 && repair.recovery.there() < DATA_BLOCKS as usize {
        return Err(BundleError::RecoveryForeign { name: set.shown() });
    }
    Ok(repair)
}

impl Repair {
    /// The bundle's files, as they were found.
    pub fn set(&self) -> &VolumeSet {
        &self.set
    }

    /// The bundle's id, as the recovery volumes say.
    pub fn bundle(&self) -> Id {
        self.recovery.identity.bundle
    }

    /// Bytes that the bundle has.
    pub fn size_bytes(&self) -> u64 {
        self.recovery.identity.stripes.container_bytes
    }

    /// Bytes of each volume but the last; `None` where it is in one piece.
    pub fn volume_bytes(&self) -> Option<u64> {
        Some(self.recovery.identity.volume_bytes).filter(|bytes| *bytes > 0)
    }

    /// The recovery volumes as they should be.
    pub fn recovery(&self) -> RecoveryVolumes {
        RecoveryVolumes { stripes: self.recovery.identity.stripes }
    }

    /// How many of them are there and of use.
    pub fn recovery_there(&self) -> usize {
        self.recovery.there()
    }

    /// Files named as recovery volumes that are of no use.
    pub fn recovery_useless(&self) -> &[String] {
        &self.recovery.useless
    }

    /// Volumes found under another one's name, and the name that each should have.
    pub fn misnamed(&self) -> &[(String, String)] {
        &self.sources.misnamed
    }

    /// Whether nothing is damaged: every block of the bundle, and every packet
    /// of the recovery volumes, is there and as it was made. `meter` advances by
    /// the bundle's bytes. Whether that is what was signed for is not asked.
    pub fn is_whole(&self, meter: &dyn Meter) -> bool {
        let stripes = &self.recovery.identity.stripes;
        let named = self.sources.misnamed.is_empty() && self.recovery.useless.is_empty();
        let Some(container) = Volumes::gather(&self.set, &carried).ok().filter(|_| named) else { return false };
        if container.total() != stripes.container_bytes {
            return false;
        }
        let mut group = Group::new(stripes);
        loop {
            match group.next(stripes, &container) {
                Ok(true) => {}
                Ok(false) => return true,
                Err(_) => return false,
            }
            let agrees = |(at, found): (usize, &Vec<_>)| self.recovery.agrees(group.range.start + at as u64, found);
            if !group.digests().iter().enumerate().all(agrees) {
                return false;
            }
            meter.advance(group.container_bytes(stripes));
        }
    }

    /// Copies what is left into new volumes of `sink`, under the bundle's name
    /// `name`, and mends the copy. Nothing has a name yet when this returns:
    /// the copy must be judged first. `meter` advances by twice the bundle's bytes.
    ///
    /// # Errors
    /// [`BundleError::NameTaken`], [`BundleError::Write`], [`BundleError::Read`].
    pub fn restore(&self, sink: &mut dyn VolumeSink, name: &str, meter: &dyn Meter) -> Result<Restored, BundleError> {
        let total = self.size_bytes();
        let volume_bytes = self.volume_bytes();
        let names = volume_names(name, total, volume_bytes)?;
        refuse_taken(sink, name)?;
        let mut out = VolumeWriter::new(sink, names.clone(), volume_bytes.unwrap_or(u64::MAX));
        let mut buffer = vec![0; COPY_BYTES as usize];
        let mut offset = 0;
        while offset < total {
            let piece = &mut buffer[..COPY_BYTES.min(total - offset) as usize];
            self.sources.read(offset, piece);
            out.forget_before(offset);
            out.write(piece)?;
            meter.advance(piece.len() as u64);
            offset += piece.len() as u64;
        }
        out.finish(total)?;
        let mut files = Vec::new();
        for name in &names {
            let file = sink.reopen(name).map_err(|source| BundleError::Write { name: name.clone(), source })?;
            files.push((name.clone(), file));
        }
        let copies = files.iter().map(|(name, file)| Ok((name.clone(), file.try_clone()?)));
        let copies: io::Result<Vec<(String, File)>> = copies.collect();
        let copies = copies.map_err(|source| BundleError::Write { name: name.to_owned(), source })?;
        let mended = mend(&Volumes::joined(name, copies)?, &self.recovery, meter)?;
        let count = volume_bytes.map(|_| names.len() as u16);
        let set = VolumeSet::of_volumes(self.set.folder(), self.set.name(), count);
        Ok(Restored { name: name.to_owned(), set, files, mended, volume_bytes, bundle: self.bundle() })
    }
}

/// Mends a copy of the bundle that `set` names, by the recovery volumes beside that; `None` where none is of use.
pub(in crate::bundle) fn mend_in_place(
    set: &VolumeSet,
    copy: &Volumes,
    meter: &dyn Meter,
) -> Result<Option<Mended>, BundleError> {
    // Those that know a container of another size would write beyond it.
    let fits = |identity: &ContainerIdentity| identity.stripes.container_bytes == copy.total();
    let found = recovery::find(set.folder(), set.name());
    let identity = found.iter().find_map(|file| file.said.as_ref().map(|said| said.0).filter(|said| fits(said)));
    let Some(identity) = identity else { return Ok(None) };
    mend(copy, &recovery::choose(found, identity), meter).map(Some)
}

/// A restored copy that has no name yet.
pub struct Restored {
    name: String,
    /// The damaged bundle's name and folder, and the volumes of the copy.
    set: VolumeSet,
    files: Vec<(String, File)>,
    mended: Mended,
    volume_bytes: Option<u64>,
    bundle: Id,
}

impl Restored {
    /// The bundle's id, as the recovery volumes say.
    pub fn bundle(&self) -> Id {
        self.bundle
    }

    /// What was found and done.
    pub fn mended(&self) -> Mended {
        self.mended
    }

    /// The set to open, by [`Restored::open_file`] alone; signatures beside
    /// the damaged bundle belong to it.
    pub fn set(&self) -> &VolumeSet {
        &self.set
    }

    /// Opens a file of [`Restored::set`]: a volume of the copy, past the cache,
    /// or what lies beside the damaged bundle.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open_file(&self, path: &Path) -> io::Result<File> {
        match self.set.paths().iter().position(|volume| volume == path) {
            Some(at) => match media::forget(path, &self.files[at].1).0 {
                Some(past) => Ok(past),
                None => self.files[at].1.try_clone(),
            },
            None => carried(path),
        }
    }

    /// Gives the copy recovery volumes again, and the signatures that lie
    /// beside the damaged bundle. `meter` advances by bytes of the container.
    ///
    /// # Errors
    /// As opening and writing.
    pub fn protect(
        &self,
        percent: u8,
        sink: &mut dyn VolumeSink,
        meter: &dyn Meter,
    ) -> Result<Vec<Sha256Digest>, BundleError> {
        let (volumes, end) = Volumes::open(&self.set, &|path| self.open_file(path))?;
        let container = Container::read(volumes, end)?;
        let head_bytes = container.readme.end();
        let subject = Subject {
            name: &self.name,
            container: &container.volumes,
            volume_bytes: self.volume_bytes,
            bundle: self.bundle,
            records: records_digest(&container.volumes, head_bytes, end.directory_offset)?,
        };
        let made = add(&subject, percent, sink, meter)?;
        self.keep_signatures(sink)?;
        Ok(made.into_iter().map(|(_, digest)| digest).collect())
    }

    /// Gives the copy the signatures that lie beside the damaged bundle.
    ///
    /// # Errors
    /// [`BundleError::Read`], [`BundleError::Write`].
    pub fn keep_signatures(&self, sink: &mut dyn VolumeSink) -> Result<(), BundleError> {
        copy_signatures(&self.set, &self.name, sink)
    }

    /// Its files' names, in order.
    pub fn names(&self) -> Vec<String> {
        self.files.iter().map(|(name, _)| name.clone()).collect()
    }
}

/// Gives the copy called `name` the signatures that lie beside the bundle of `set`.
pub(in crate::bundle) fn copy_signatures(
    set: &VolumeSet,
    name: &str,
    sink: &mut dyn VolumeSink,
) -> Result<(), BundleError> {
    for number in 1..=MAX_SIGNATURES {
        let path = detached_path(set, number);
        if !media::is_carried(&path) {
            continue;
        }
        let name = detached_name(name, number);
        let mut bytes = Vec::new();
        let read = carried(&path).and_then(|file| file.take(MAX_SIGNATURE_BYTES).read_to_end(&mut bytes));
        read.map_err(|source| BundleError::Read { volume: path.shown(), offset: 0, source })?;
        let written = sink.create(&name).and_then(|mut file| file.write_all(&bytes).and_then(|()| file.flush()));
        written.map_err(|source| BundleError::Write { name, source })?;
    }
    Ok(())
}
