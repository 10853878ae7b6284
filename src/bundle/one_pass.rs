//! A bundle read once, from its first byte to its last: its frame is copied
//! first, and what is judged is the copy. So a medium that answers otherwise
//! the second time is not asked a second time.

use super::container::{check_counts, directory};
use super::frame::{around, check_frame, packages};
use super::layout::End;
use super::open::open_volumes;
use super::parity::{self, Mended, copy_signatures};
use super::volume_writer::VolumeWriter;
use super::volumes::{PIECE_BYTES, PartPlace, Volumes, carried};
use super::write::{VolumeSink, refuse_taken, volume_names};
use super::{Bundle, BundleError, Expect, VolumeSet};
use crate::model::{CHUNK_BYTES, Meter};
use crate::trust::TrustStore;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A bundle on a medium, of which no byte is read twice.
#[derive(Debug)]
pub struct OnePass {
    set: VolumeSet,
    frame: File,
    medium: Arc<Volumes>,
    packages: Vec<Range<u64>>,
    end: End,
}

impl OnePass {
    /// Copies the frame of the bundle that `set` names into `frame`, an empty
    /// file open for reading and writing. Nothing of it is believed yet.
    ///
    /// # Errors
    /// Those of steps 1 and 2 that the end records and the directory make;
    /// [`BundleError::Limit`] for a frame of more than [`limits::MAX_FRAME_BYTES`](super::limits::MAX_FRAME_BYTES), [`BundleError::Write`].
    pub fn begin(set: &VolumeSet, mut frame: File) -> Result<OnePass, BundleError> {
        let (medium, end) = Volumes::open_once(set, &carried)?;
        check_counts(end)?;
        let listed = medium.bytes(end.directory_offset, end.directory_bytes)?;
        let packages = packages(&directory(&listed, &medium, end)?);
        check_frame(end, &packages)?;
        let mut write =
            |bytes: &[u8]| frame.write_all(bytes).map_err(|source| BundleError::Write { name: set.shown(), source });
        for around in around(&packages, end.directory_offset) {
            for begin in around.clone().step_by(PIECE_BYTES) {
                write(&medium.bytes(begin, (around.end - begin).min(PIECE_BYTES as u64))?)?;
            }
        }
        write(&listed)?;
        write(&end.records())?;
        Ok(OnePass { set: set.clone(), frame, medium: Arc::new(medium), packages, end })
    }

    /// Opens the bundle, whomever it is for, by the copy of its frame: steps 1
    /// to 6. Its packages are read from the medium.
    ///
    /// # Errors
    /// As [`open()`](super::open()).
    pub fn open(&self, trust: &TrustStore, expect: &Expect<'_>) -> Result<Bundle, BundleError> {
        let lies = |_| (String::new(), PartPlace::Behind(Arc::clone(&self.medium)));
        let volumes = self.joined(&lies)?;
        Ok(open_volumes(volumes, self.end, &self.set, trust, expect, None, &carried)?.0)
    }

    /// Mends what is damaged of the packages by the recovery volumes that lie
    /// beside the bundle; `lies` tells where each package is kept by now, and
    /// whether it may be written to. `None` where no recovery volume is of use.
    /// What comes out is not believed: its chunks are judged as before.
    ///
    /// # Errors
    /// [`BundleError::Read`], [`BundleError::Write`].
    pub fn mend(
        &self,
        lies: &dyn Fn(usize) -> (PathBuf, bool),
        meter: &dyn Meter,
    ) -> Result<Option<Mended>, BundleError> {
        let place = |at| {
            let (path, unfinished) = lies(at);
            (self.set.name_of(&path), PartPlace::At { path, unfinished })
        };
        parity::mend_in_place(&self.set, &self.joined(&place)?, meter)
    }

    /// The bundle's files on the medium.
    pub fn set(&self) -> &VolumeSet {
        &self.set
    }

    fn joined(&self, lies: &dyn Fn(usize) -> (String, PartPlace)) -> Result<Volumes, BundleError> {
        let name = self.set.shown();
        let frame = self.frame.try_clone();
        let frame = frame.map_err(|source| BundleError::Read { volume: name.clone(), offset: 0, source })?;
        Ok(Volumes::framed(&name, (name.clone(), frame), &self.packages, self.end.container_bytes(), lies))
    }
}

impl Bundle {
    /// Writes the bundle of `set`, which this is, out as it was carried, with the signatures beside it; cut into
    /// volumes where it is larger than `largest_bytes`. Each chunk is judged on its way. `meter` advances by its bytes.
    ///
    /// # Errors
    /// [`BundleError::Damaged`], [`BundleError::NameTaken`], [`BundleError::Write`].
    pub fn copy_to(
        &self,
        set: &VolumeSet,
        sink: &mut dyn VolumeSink,
        largest_bytes: Option<u64>,
        meter: &dyn Meter,
    ) -> Result<(), BundleError> {
        let (volumes, total) = (&self.container().volumes, self.size_bytes());
        let names = volume_names(set.name(), total, largest_bytes)?;
        refuse_taken(sink, set.name())?;
        let ranges: Vec<Range<u64>> =
            self.container().packages.iter().map(|(_, entry)| entry.data_offset()..entry.end()).collect();
        let around = around(&ranges, total);
        let mut out = VolumeWriter::new(sink, names, largest_bytes.unwrap_or(u64::MAX));
        let mut write = |offset: u64, bytes: &[u8]| {
            out.forget_before(offset);
            meter.advance(bytes.len() as u64);
            out.write(bytes)
        };
        for (at, range) in around.into_iter().enumerate() {
            for begin in range.clone().step_by(PIECE_BYTES) {
                write(begin, &volumes.bytes(begin, (range.end - begin).min(PIECE_BYTES as u64))?)?;
            }
            let Some(package) = self.manifest().packages.get(at) else { continue };
            let all: Vec<usize> = (0..package.chunks.len()).collect();
            self.package(&package.file)?.chunks(&all, &mut |number, bytes, wrong| match wrong {
                Some(error) => Err(error),
                None => write(range.end + number as u64 * CHUNK_BYTES, bytes),
            })?;
        }
        out.finish(total)?;
        copy_signatures(set, set.name(), sink)
    }
}

/// Step 1 alone: whether all volumes are there, and of one bundle.
///
/// # Errors
/// Those of step 1.
pub fn check_volumes(set: &VolumeSet) -> Result<(), BundleError> {
    Volumes::open(set, &carried).map(drop)
}
