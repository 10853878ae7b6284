//! Reads the container: strictly, and without believing any of it.
//!
//! Everything is bounded before it is read. What comes out is a list of
//! entries whose records are canonical, that lie one after the other from the
//! first byte to the central directory, and whose names follow the order of
//! format 1. Who made it is not judged here.

use super::BundleError;
use super::layout::{End, ZipEntry};
use super::limits::*;
use super::pieces::Pieces;
use super::volumes::{PIECE_BYTES, Volumes};
use crate::model::{FileName, Manifest, text};
use crate::objects::Objects;

pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const README: &str = "README.txt";
pub(super) const PACKAGES: &str = "packages/";

/// The entry name of the signature with number `n`, from 1.
pub(super) fn signature_name(n: usize) -> String {
    format!("{MANIFEST}.{n}.sig")
}

/// A container whose structure holds.
#[derive(Debug)]
pub(super) struct Container {
    pub volumes: Volumes,
    pub manifest: ZipEntry,
    pub signatures: Vec<ZipEntry>,
    pub sums: ZipEntry,
    pub readme: ZipEntry,
    /// Under `packages/`, in order; names are safe.
    pub packages: Vec<(FileName, ZipEntry)>,
}

impl Container {
    /// Step 2, the structure: end records, central directory, local headers, order of names.
    pub fn read(volumes: Volumes, end: End) -> Result<Container, BundleError> {
        // Nobody has signed these counts: they are held against their limits before anything is allocated by them.
        check_counts(end)?;
        let bytes = volumes.bytes(end.directory_offset, end.directory_bytes)?;
        let entries = directory(&bytes, &volumes, end)?;
        for entry in &entries {
            // Some tools go by the local headers and some by the directory.
            // Only where both say the same do all of them see one bundle.
            check_local(&volumes, entry, end.directory_offset)?;
        }
        sort(volumes, entries)
    }

    /// Says where the packages lie whose frame this is: among `objects`, by the digests that were signed.
    pub fn name_packages(&mut self, manifest: &Manifest, objects: &Objects) {
        for ((_, entry), package) in self.packages.iter().zip(&manifest.packages) {
            let path = objects.found(&package.sha256);
            self.volumes.name_part(entry.data_offset(), package.sha256.to_string(), path);
        }
    }

    /// Reads the whole content of a small entry and checks its CRC-32.
    pub fn content(&self, entry: &ZipEntry, limit_bytes: u64) -> Result<Vec<u8>, BundleError> {
        Ok(self.pieces(entry, limit_bytes)?.joined())
    }

    /// The same in pieces.
    pub fn pieces(&self, entry: &ZipEntry, limit_bytes: u64) -> Result<Pieces, BundleError> {
        if entry.size > limit_bytes {
            return Err(BundleError::limit_bytes(&entry.name, limit_bytes, entry.size));
        }
        let (mut pieces, mut crc) = (Pieces::default(), crc32fast::Hasher::new());
        for begin in (entry.data_offset()..entry.end()).step_by(PIECE_BYTES) {
            let piece = self.volumes.bytes(begin, (entry.end() - begin).min(PIECE_BYTES as u64))?;
            crc.update(&piece);
            pieces.push(piece);
        }
        match crc.finalize() == entry.crc {
            true => Ok(pieces),
            false => Err(self.wrong_crc(entry)),
        }
    }

    /// Says that an entry's bytes are not those its CRC-32 was made of.
    pub fn wrong_crc(&self, entry: &ZipEntry) -> BundleError {
        let why = format!("the CRC-32 of {} is not that of its bytes", entry.name);
        self.volumes.malformed(entry.offset + ZipEntry::CRC_AT, why)
    }
}

/// What the end records count is within its limits.
pub(super) fn check_counts(end: End) -> Result<(), BundleError> {
    if end.entries > MAX_ENTRIES as u64 {
        return Err(BundleError::limit("the number of entries", MAX_ENTRIES, end.entries));
    }
    if end.directory_bytes > MAX_DIRECTORY_BYTES {
        return Err(BundleError::limit_bytes("the central directory", MAX_DIRECTORY_BYTES, end.directory_bytes));
    }
    Ok(())
}

/// Takes the central directory apart; its entries follow each other without gap or
/// overlap from byte 0 to the directory. `volumes` say where an error lies.
pub(super) fn directory(bytes: &[u8], volumes: &Volumes, end: End) -> Result<Vec<ZipEntry>, BundleError> {
    let mut entries = Vec::new();
    let mut at = 0;
    let mut expected = 0;
    for _ in 0..end.entries {
        let here = end.directory_offset + at as u64;
        let (entry, length) = ZipEntry::parse_central(&bytes[at..]).map_err(|why| volumes.malformed(here, why))?;
        // Before it is added up: a sum of numbers below 2^53 can't overflow.
        if entry.size > MAX_NUMBER {
            return Err(BundleError::limit_bytes(
                format!("the entry {}", text::name(&entry.name)),
                MAX_NUMBER,
                entry.size,
            ));
        }
        // Entries that overlap are how a small archive unpacks to a huge one, and in a gap lies what no list names.
        if entry.offset != expected {
            let place = if entry.offset < expected { "overlaps the one before it" } else { "leaves a gap before it" };
            return Err(volumes.malformed(here, format!("the entry {} {place}", entry.name)));
        }
        expected = entry.end();
        if expected > end.directory_offset {
            return Err(volumes.malformed(here, format!("the entry {} reaches into the central directory", entry.name)));
        }
        at += length;
        entries.push(entry);
    }
    if at != bytes.len() {
        let here = end.directory_offset + at as u64;
        return Err(volumes.malformed(here, "the central directory holds more than its entries"));
    }
    if expected != end.directory_offset {
        return Err(volumes.malformed(expected, "a gap lies before the central directory"));
    }
    Ok(entries)
}

/// The local header says exactly what the central directory says.
fn check_local(volumes: &Volumes, entry: &ZipEntry, directory: u64) -> Result<(), BundleError> {
    let found = volumes.bytes(entry.offset, entry.local_bytes())?;
    let Some(field) = entry.local_differs(&found) else { return Ok(()) };
    // Volumes of two bundles that have one name and one size agree in all but this. Told as
    // mixed, they are copied again; told as malformed, somebody would ask the sender in vain.
    if volumes.apart(entry.offset, directory) {
        let why = format!("the last volume has another {field} for {} than the entry itself", text::name(&entry.name));
        return Err(BundleError::VolumesMixed { name: volumes.name().to_owned(), why });
    }
    let why = format!("the header of {} has another {field} than the central directory", entry.name);
    Err(volumes.malformed(entry.offset, why))
}

/// Takes the entries apart by their place and name.
fn sort(volumes: Volumes, entries: Vec<ZipEntry>) -> Result<Container, BundleError> {
    let directory = entries.last().map_or(0, ZipEntry::end);
    let mut entries = entries.into_iter().peekable();
    let mut next = |name: &str| match entries.next_if(|entry| entry.name == name) {
        Some(entry) => Ok(entry),
        None => {
            let (at, found) = entries.peek().map_or((directory, "nothing"), |entry| (entry.offset, &entry.name));
            Err(volumes.malformed(at, format!("the entry {name} is expected, and {found} is there")))
        }
    };
    let manifest = next(MANIFEST)?;
    let mut signatures = Vec::new();
    while let Ok(signature) = next(&signature_name(signatures.len() + 1)) {
        signatures.push(signature);
        if signatures.len() > MAX_SIGNATURES {
            return Err(BundleError::limit("the number of signatures", MAX_SIGNATURES, "more"));
        }
    }
    let sums = next(SUMS)?;
    let readme = next(README)?;
    let mut packages: Vec<(FileName, ZipEntry)> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for entry in entries {
        let Some(file) = entry.name.strip_prefix(PACKAGES) else {
            return Err(volumes.malformed(entry.offset, format!("the entry {} has no place in a bundle", entry.name)));
        };
        // A name is taken or refused, and never cleaned: what is cleaned
        // here is another file to whoever unpacks with stock tools.
        let file = FileName::parse(file).map_err(|why| volumes.malformed(entry.offset, why))?;
        if !seen.insert(file.clone()) {
            return Err(volumes.malformed(entry.offset, format!("the entry {} is there twice", entry.name)));
        }
        packages.push((file, entry));
    }
    Ok(Container { volumes, manifest, signatures, sums, readme, packages })
}
