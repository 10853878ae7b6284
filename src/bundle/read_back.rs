//! Reads back what was just written, against what it was written from.

use super::container::Container;
use super::limits::{MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES};
use super::open::check_entries;
use super::volumes::Volumes;
use super::{BundleError, Draft, VolumeSet, parse_manifest, second_reader, verify};
use crate::model::Meter;
use std::fs::File;
use std::io;
use std::path::Path;

/// Compares a bundle on its medium with the draft it was written from: its
/// structure, manifest, signatures and texts, and every chunk of every package.
/// The zip crate must find the same entries as our own reader does.
///
/// `open` opens a volume; give one that reads past the page cache, else this
/// proves what memory holds. Asks no trust: the draft is at hand.
///
/// # Errors
/// [`BundleError::Damaged`] with the ranges that came back as other bytes
/// (exit `media-lies`), and those of steps 1, 2 and 6.
pub fn read_back(
    set: &VolumeSet,
    draft: &Draft,
    open: &dyn Fn(&Path) -> io::Result<File>,
    meter: &dyn Meter,
) -> Result<(), BundleError> {
    let manifest = parse_manifest(&draft.manifest)?;
    let (volumes, end) = Volumes::open(set, open)?;
    let directory_offset = end.directory_offset;
    let container = Container::read(volumes, end)?;
    let differs = |name: &str| Err(BundleError::Entries { why: format!("{name} came back as other bytes") });
    if container.content(&container.manifest, MAX_MANIFEST_BYTES)? != draft.manifest {
        return differs(&container.manifest.name);
    }
    if container.signatures.len() != draft.signatures.len() {
        return differs("the list of signatures");
    }
    for (entry, signature) in container.signatures.iter().zip(&draft.signatures) {
        if container.content(entry, MAX_SIGNATURE_BYTES)? != signature.as_bytes() {
            return differs(&entry.name);
        }
    }
    check_entries(&container, &manifest, &draft.manifest)?;
    second_reader::agrees(&container, directory_offset)?;
    verify::packages(&container, &manifest, meter, true)
}
