//! Signatures beside a bundle: of people who signed after it was written.
//!
//! `NAME.manifest.json.<n>.sig`, n from 1 to 64, lies beside `NAME.zip` or its
//! volumes, and is not among what `cat NAME.zip.*` joins. It counts exactly as
//! one inside the bundle does.

use super::container::Container;
use super::limits::{MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES, MAX_SIGNATURES};
use super::pieces::Pieces;
use super::volumes::{Opener, Volumes, carried};
use super::{BundleError, VolumeSet};
use crate::media;
use std::io::Read;
use std::path::PathBuf;

/// What of a bundle is signed, and by which signatures, none of them judged yet.
#[derive(Debug)]
pub struct SignedPart {
    /// The bytes of `manifest.json`.
    pub manifest: Pieces,
    /// The signatures: those inside in their order, then those beside.
    pub signatures: Vec<Vec<u8>>,
}

/// Reads the signed part of a bundle that somebody is about to sign: steps 1
/// and 2 of opening.
///
/// # Errors
/// As those steps.
pub fn signed_part(set: &VolumeSet) -> Result<SignedPart, BundleError> {
    let opener: Opener<'_> = &carried;
    let (volumes, end) = Volumes::open(set, opener)?;
    let container = Container::read(volumes, end)?;
    read(&container, set, opener)
}

/// Where detached signature `number` (from 1) of a bundle lies.
pub fn detached_path(set: &VolumeSet, number: usize) -> PathBuf {
    set.folder().join(detached_name(set.name(), number))
}

/// What detached signature `number` of the bundle `name` (`….zip`) is called.
pub(super) fn detached_name(name: &str, number: usize) -> String {
    format!("{}.manifest.json.{number}.sig", name.strip_suffix(".zip").unwrap_or(name))
}

/// Reads manifest and all signatures as raw bytes, each with its limit.
pub(super) fn read(container: &Container, set: &VolumeSet, opener: Opener<'_>) -> Result<SignedPart, BundleError> {
    let manifest = container.pieces(&container.manifest, MAX_MANIFEST_BYTES)?;
    let mut signatures = Vec::new();
    for signature in &container.signatures {
        signatures.push(container.content(signature, MAX_SIGNATURE_BYTES)?);
    }
    // Gaps are no matter here: these files are copied by hand, and one that is missing must not hide the next.
    for number in 1..=MAX_SIGNATURES {
        let path = detached_path(set, number);
        // What is no regular file (a folder, a pipe) is no signature.
        if media::is_carried(&path) {
            signatures.push(read_one(&path, set, opener)?);
        }
    }
    Ok(SignedPart { manifest, signatures })
}

fn read_one(path: &std::path::Path, set: &VolumeSet, opener: Opener<'_>) -> Result<Vec<u8>, BundleError> {
    let name = set.name_of(path);
    let failed = |source| BundleError::Read { volume: name.clone(), offset: 0, source: media::explained(path, source) };
    let mut bytes = Vec::new();
    // One that is too large is none, and is judged so with the others.
    opener(path).and_then(|file| file.take(MAX_SIGNATURE_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}
