//! A bundle's frame: all bytes of its container but those of its packages, one
//! after the other. It is what a store keeps beside the packages, which lie
//! there by their digests: the two together are the container again, byte by
//! byte, and are opened by the same numbered procedure.

use super::container::{Container, PACKAGES, check_counts, directory};
use super::layout::{End, TAIL_BYTES, ZipEntry};
use super::limits::*;
use super::manifest::parse_pieces;
use super::volumes::{Opener, PartPlace, Volumes, carried};
use super::{BundleError, VolumeSet};
use crate::media;
use crate::model::{Manifest, Sha256Digest};
use std::ops::Range;

/// Step 1 of a kept bundle: its frame, closed by the end records of a container
/// of which just the packages are missing.
pub(super) fn open_kept(set: &VolumeSet, opener: Opener<'_>) -> Result<(Volumes, End), BundleError> {
    let path = set.frame_path();
    let name = set.name_of(&path);
    let failed =
        |source| BundleError::Read { volume: name.clone(), offset: 0, source: media::explained(&path, source) };
    let frame = opener(&path).map_err(failed)?;
    let raw = Volumes::joined(&name, vec![(name.clone(), frame.try_clone().map_err(failed)?)])?;
    let cut = || BundleError::VolumeCut { name: name.clone(), why: "does not end as a frame must".to_owned() };
    let there = raw.total();
    if there > MAX_FRAME_BYTES {
        return Err(BundleError::limit_bytes(&name, MAX_FRAME_BYTES, there));
    }
    let tail = raw.bytes(there - there.min(TAIL_BYTES), there.min(TAIL_BYTES))?;
    let end = End::parse(&tail).filter(|end| end.is_canonical(&tail)).ok_or_else(cut)?;
    check_counts(end)?;
    let begin = there.checked_sub(end.directory_bytes + end.records().len() as u64).ok_or_else(cut)?;
    let packages = packages(&directory(&raw.bytes(begin, end.directory_bytes)?, &raw, end)?);
    if check_frame(end, &packages)? != there {
        return Err(cut());
    }
    let lies = |_| (name.clone(), PartPlace::ToBeNamed);
    Ok((Volumes::framed(set.name(), (name.clone(), frame), &packages, end.container_bytes(), &lies), end))
}

/// The manifest of a kept bundle that has this digest: of one whose signatures held when it was kept.
///
/// # Errors
/// Those of steps 1, 2 and 4; [`BundleError::Entries`] where it has another digest.
pub fn kept_manifest(set: &VolumeSet, sha256: Sha256Digest) -> Result<Manifest, BundleError> {
    let (volumes, end) = open_kept(set, &carried)?;
    let container = Container::read(volumes, end)?;
    let raw = container.pieces(&container.manifest, MAX_MANIFEST_BYTES)?;
    match raw.sha256() == sha256 {
        true => parse_pieces(raw, sha256),
        false => Err(BundleError::Entries { why: "its manifest is another than the one that was taken".to_owned() }),
    }
}

/// Where the packages lie in the container, in order, by the names of its entries.
pub(super) fn packages(entries: &[ZipEntry]) -> Vec<Range<u64>> {
    let named = entries.iter().filter(|entry| entry.name.starts_with(PACKAGES));
    named.map(|entry| entry.data_offset()..entry.end()).collect()
}

/// What lies around them, up to `end`.
pub(super) fn around(packages: &[Range<u64>], end: u64) -> Vec<Range<u64>> {
    let begins = std::iter::once(0).chain(packages.iter().map(|range| range.end));
    let ends = packages.iter().map(|range| range.start).chain(std::iter::once(end));
    begins.zip(ends).map(|(begin, end)| begin..end).collect()
}

/// The frame's size, which must be within its limit: nobody has signed it when it is copied.
pub(super) fn check_frame(end: End, packages: &[Range<u64>]) -> Result<u64, BundleError> {
    // Entries follow each other up to the directory, so this can't be more than the container.
    let frame = packages.iter().fold(end.container_bytes(), |left, range| left.saturating_sub(range.end - range.start));
    match frame > MAX_FRAME_BYTES {
        true => Err(BundleError::limit_bytes("what lies around the packages", MAX_FRAME_BYTES, frame)),
        false => Ok(frame),
    }
}
