//! A second opinion on a bundle just written: the zip crate reads it too.
//!
//! Our own reader accepts exactly what our writer makes, so a mistake that both
//! share would pass. An auditor opens the bundle with stock tools; this reader
//! shares no code with ours and stands for them before the medium leaves.

use super::BundleError;
use super::container::Container;
use super::layout::ZipEntry;
use super::volumes::Volumes;
use std::io::{self, Read, Seek, SeekFrom};
use zip::{CompressionMethod, ZipArchive};

/// Where a directory that begins exactly here is mistaken for a ZIP64 one by
/// the zip crate, though it is none; such a bundle gets no second opinion.
const MISREAD_OFFSET: u64 = 0xFFFF_FFFF;

/// Checks that the zip crate finds the same entries: names in the same order,
/// sizes, checksums, places, and all of them stored.
///
/// # Errors
/// [`BundleError::Entries`] that names the first difference.
pub(super) fn agrees(container: &Container, directory_offset: u64) -> Result<(), BundleError> {
    if directory_offset == MISREAD_OFFSET {
        return Ok(());
    }
    let differs = |why: String| BundleError::Entries { why: format!("another ZIP reader disagrees: {why}") };
    let joined = Joined { volumes: &container.volumes, at: 0 };
    let mut archive = ZipArchive::new(joined).map_err(|error| differs(error.to_string()))?;
    let ours = entries(container);
    if archive.len() != ours.len() {
        return Err(differs(format!("it finds {} entries, not {}", archive.len(), ours.len())));
    }
    for (index, entry) in ours.iter().enumerate() {
        let theirs = archive.by_index_raw(index).map_err(|error| differs(format!("{}: {error}", entry.name)))?;
        let same = theirs.name().is_ok_and(|name| name == entry.name)
            && theirs.size() == entry.size
            && theirs.compressed_size() == entry.size
            && theirs.crc32() == entry.crc
            && theirs.compression() == CompressionMethod::Stored
            && theirs.data_start() == Some(entry.data_offset());
        if !same {
            return Err(differs(format!("entry {} ({}) is another to it", index + 1, entry.name)));
        }
    }
    Ok(())
}

/// Every entry in the order of the container.
fn entries(container: &Container) -> Vec<&ZipEntry> {
    let Container { manifest, signatures, sums, readme, packages, .. } = container;
    let head = std::iter::once(manifest).chain(signatures).chain([sums, readme]);
    head.chain(packages.iter().map(|(_, entry)| entry)).collect()
}

/// The volumes as one file.
struct Joined<'a> {
    volumes: &'a Volumes,
    at: u64,
}

impl Read for Joined<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.volumes.total().saturating_sub(self.at);
        let length = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        self.volumes.read(self.at, &mut buffer[..length]).map_err(io::Error::other)?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Joined<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.volumes.total().checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a place before the beginning"))?;
        Ok(self.at)
    }
}
