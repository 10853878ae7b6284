//! Reads back what was just written, against what it was written from.

use super::container::Container;
use super::limits::MAX_SIGNATURE_BYTES;
use super::open::check_entries;
use super::volumes::{Opener, Volumes};
use super::write::BundleContents;
use super::{BundleError, Draft, VolumeSet, manifest_bytes, second_reader, verify};
use crate::model::{Manifest, Meter};
use std::borrow::Cow;

/// Compares a bundle on its medium with the draft it was written from: its
/// structure, manifest, signatures and texts, and every chunk of every package.
/// The zip crate must find the same entries as our own reader does. `crcs` are
/// the packages' CRC-32s that were written, in their order.
///
/// `open` opens a volume; give one that reads past the page cache, else this
/// proves what memory holds. Asks no trust: the draft is at hand.
///
/// # Errors
/// [`BundleError::Damaged`] with the ranges that came back as other bytes,
/// [`BundleError::CameBack`] where it is no package's (both exit
/// `media-lies`), [`BundleError::Read`] where a volume can't be read.
pub fn read_back(
    set: &VolumeSet,
    draft: &Draft<'_>,
    crcs: &[u32],
    open: Opener<'_>,
    meter: &dyn Meter,
) -> Result<(), BundleError> {
    match compare(set, draft, crcs, open, meter) {
        Ok(()) => Ok(()),
        Err(error @ (BundleError::Read { .. } | BundleError::Damaged(_))) => Err(error),
        // What was written had no such defect: the medium made it. A reader
        // that knows nothing of the draft stops at the first; we know where
        // everything must lie, and can name what came back otherwise.
        Err(other) => Err(placed(set, draft, open, meter)?.unwrap_or(BundleError::CameBack { why: other.to_string() })),
    }
}

fn compare(
    set: &VolumeSet,
    draft: &Draft<'_>,
    crcs: &[u32],
    open: Opener<'_>,
    meter: &dyn Meter,
) -> Result<(), BundleError> {
    let (volumes, end) = Volumes::open(set, open)?;
    let directory_offset = end.directory_offset;
    let container = Container::read(volumes, end)?;
    let differs = |name: &str| Err(BundleError::Entries { why: format!("{name} came back as other bytes") });
    if !is_manifest(&container, draft)? {
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
    check_entries(&container, &draft.manifest, draft.sha256)?;
    second_reader::agrees(&container, directory_offset)?;
    // Against those that were written, because the chunks' check of a read-back leaves CRC-32s out.
    let mut entries = container.packages.iter().map(|(_, entry)| entry).enumerate();
    if let Some((_, entry)) = entries.find(|(at, entry)| crcs.get(*at) != Some(&entry.crc)) {
        return Err(container.wrong_crc(entry));
    }
    verify::packages(&container, &verify::all(&draft.manifest.packages), meter, true)
}

/// Whether the manifest that lies there is the draft's: by its digest, for it is large.
fn is_manifest(container: &Container, draft: &Draft<'_>) -> Result<bool, BundleError> {
    let entry = &container.manifest;
    let listed = (entry.size, entry.crc) == (draft.size_bytes, draft.crc);
    Ok(listed && container.volumes.digest(entry.data_offset()..entry.end())? == draft.sha256)
}

/// Says where it came back otherwise, by the places that the draft gives to
/// everything; `None` where that can't be told better than by the reader.
fn placed(
    set: &VolumeSet,
    draft: &Draft<'_>,
    open: Opener<'_>,
    meter: &dyn Meter,
) -> Result<Option<BundleError>, BundleError> {
    let contents = BundleContents::of(draft)?;
    let volumes = Volumes::gather(set, open)?;
    let (there, written) = (volumes.total(), contents.end.container_bytes());
    if there != written {
        let why = format!("{there} bytes are there, and {written} were written");
        return Ok(Some(BundleError::CameBack { why }));
    }
    let mut wrong = Vec::new();
    let small = contents.small.iter().map(|(entry, bytes)| (entry, bytes.clone()));
    let head = (&contents.head, Cow::Owned(manifest_bytes(contents.manifest)));
    for (entry, bytes) in std::iter::once(head).chain(small) {
        let known = [&entry.local_header()[..], &bytes].concat();
        if volumes.bytes(entry.offset, known.len() as u64)? != known {
            wrong.extend(volumes.spans(entry.offset, known.len() as u64).iter().map(ToString::to_string));
        }
    }
    match verify::packages(&contents.placed(volumes), &verify::all(&contents.manifest.packages), meter, true) {
        Err(damaged @ BundleError::Damaged(_)) => Ok(Some(damaged)),
        _ if !wrong.is_empty() => Ok(Some(BundleError::CameBack { why: wrong.join("; ") })),
        // The directory's CRC-32s are not looked at here, so nothing else is an error.
        _ => Ok(None),
    }
}

/// Compares a bundle with the very manifest that is at hand, which stands for
/// steps 3 to 5: structure, manifest, texts, and every chunk of every package.
/// Signatures may have been added since, and are not compared.
///
/// # Errors
/// [`BundleError::Entries`] for another manifest, and those of steps 1, 2, 6 and 7.
pub fn matches(set: &VolumeSet, manifest: &Manifest, open: Opener<'_>, meter: &dyn Meter) -> Result<(), BundleError> {
    let (volumes, end) = Volumes::open(set, open)?;
    let container = Container::read(volumes, end)?;
    let draft = Draft::of(Cow::Borrowed(manifest), Vec::new())?;
    if !is_manifest(&container, &draft)? {
        return Err(BundleError::Entries { why: "its manifest is another than the one that was sealed".to_owned() });
    }
    check_entries(&container, manifest, draft.sha256)?;
    verify::packages(&container, &verify::all(&manifest.packages), meter, false)
}
