//! The manifest's bytes: one canonical form, and what format 1 demands of it.

use super::BundleError;
use super::limits::*;
use super::pieces::Pieces;
use super::volumes::PIECE_BYTES;
use crate::media::{DurableFile, MediaError, Mode};
use crate::model::{
    CHUNK_BYTES, Consignee, FileName, Manifest, Package, Sha256Digest, Source, Version, fold_serial, text,
};
use crate::trust::{Message, Namespace};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Write};
use std::path::Path;

/// Writes the canonical form, the bytes that are signed: JSON with two spaces
/// of indent, members in the order of [`Manifest`], a line feed at the end.
pub fn manifest_bytes(manifest: &Manifest) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_to(&mut bytes, manifest).expect("memory takes it");
    bytes
}

/// Writes the canonical form durably to a file of its own, piece by piece.
///
/// # Errors
/// [`MediaError::Exists`] where a file is there that is not to be overwritten, else what the operating system says.
pub fn keep_manifest(manifest: &Manifest, path: &Path, mode: Mode, overwrite: bool) -> Result<(), MediaError> {
    let mut outlet = io::BufWriter::with_capacity(PIECE_BYTES, DurableFile::create(path, mode, overwrite)?);
    let written = write_to(&mut outlet, manifest);
    let kept = written.and_then(|()| outlet.into_inner().map_err(io::IntoInnerError::into_error));
    kept.map_err(|source| MediaError::of("write", path, source))?.commit()
}

/// The manifest as it is read again: what the inside would refuse must not be signed.
///
/// # Errors
/// As [`parse_manifest`].
pub fn read_again(manifest: Manifest) -> Result<Manifest, BundleError> {
    let mut pieces = Pieces::default();
    write_manifest(&manifest, &mut |piece| {
        pieces.push(piece.to_vec());
        Ok(())
    })?;
    // Before it is there a second time.
    drop(manifest);
    let sha256 = pieces.sha256();
    parse_pieces(pieces, sha256)
}

/// The canonical form as what is signed: by its digests, in less memory than its bytes take.
pub fn manifest_message(manifest: &Manifest) -> Message<'static> {
    Message::written(Namespace::Bundle, |each| {
        let written = write_manifest(manifest, &mut |piece| {
            each(piece);
            Ok(())
        });
        written.expect("a digest takes all");
    })
}

/// Gives the canonical form to `each`, in pieces: as a whole it would be as large again as the manifest.
pub(super) fn write_manifest(
    manifest: &Manifest,
    each: &mut dyn FnMut(&[u8]) -> Result<(), BundleError>,
) -> Result<(), BundleError> {
    let mut outlet = io::BufWriter::with_capacity(PIECE_BYTES, Outlet { each, failed: None });
    let written = write_to(&mut outlet, manifest).and_then(|()| outlet.flush());
    match (outlet.into_parts().0.failed, written) {
        (Some(error), _) => Err(error),
        (None, written) => {
            written.expect("nothing else fails");
            Ok(())
        }
    }
}

fn write_to(to: &mut dyn Write, manifest: &Manifest) -> io::Result<()> {
    // Indented, since people read what is signed, and the awk of README.txt finds a member by its line.
    serde_json::to_writer_pretty(&mut *to, manifest)?;
    to.write_all(b"\n")
}

/// Hands on what is written, and keeps why that failed.
struct Outlet<'a> {
    each: &'a mut dyn FnMut(&[u8]) -> Result<(), BundleError>,
    failed: Option<BundleError>,
}

impl Write for Outlet<'_> {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        (self.each)(written).map_err(|error| {
            self.failed = Some(error);
            io::ErrorKind::Other
        })?;
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a manifest's canonical form is known by.
pub(super) struct Measure {
    pub size_bytes: u64,
    pub crc: u32,
    pub sha256: Sha256Digest,
}

impl Measure {
    /// Writes it to nowhere.
    pub fn of(manifest: &Manifest) -> Self {
        let (mut size_bytes, mut crc, mut hasher) = (0, crc32fast::Hasher::new(), Sha256::new());
        let mut each = |piece: &[u8]| {
            size_bytes += piece.len() as u64;
            crc.update(piece);
            hasher.update(piece);
            Ok(())
        };
        write_manifest(manifest, &mut each).expect("it goes nowhere");
        Measure { size_bytes, crc: crc.finalize(), sha256: Sha256Digest::finish(hasher) }
    }
}

/// Reads a manifest whose signatures were already judged.
///
/// Only the canonical form is accepted: a document of other bytes with the
/// same meaning (duplicate keys, other white space, a member left out) is
/// refused, so that two readers can't read two things.
///
/// # Errors
/// [`BundleError::Limit`] above [`MAX_MANIFEST_BYTES`], else
/// [`BundleError::Manifest`] with what is wrong.
pub fn parse_manifest(bytes: &[u8]) -> Result<Manifest, BundleError> {
    check_length(bytes.len() as u64)?;
    check_not_newer(bytes)?;
    parse(bytes, Sha256Digest::of(bytes))
}

/// Reads a manifest as [`parse_manifest`] does, and lets go of its bytes on the way; `sha256` is theirs.
///
/// # Errors
/// As [`parse_manifest`].
pub fn parse_pieces(pieces: Pieces, sha256: Sha256Digest) -> Result<Manifest, BundleError> {
    check_length(pieces.size_bytes())?;
    check_not_newer(pieces.reader())?;
    parse(pieces.into_reader(), sha256)
}

/// Asked before the strict reading, which would complain of a member it does not know and hide that the bundle is
/// merely newer.
fn check_not_newer(bytes: impl Read) -> Result<(), BundleError> {
    let head: Option<Head> = serde_json::from_reader(io::BufReader::new(bytes)).ok();
    match head.and_then(Head::too_new) {
        Some(why) => Err(BundleError::TooNew { own: Version::own(), why }),
        None => Ok(()),
    }
}

fn parse(bytes: impl Read, sha256: Sha256Digest) -> Result<Manifest, BundleError> {
    let refuse = |why: String| BundleError::Manifest { why };
    let manifest: Manifest = serde_json::from_reader(io::BufReader::new(bytes))
        .map_err(|error| refuse(text::one_line(&error.to_string())))?;
    if Measure::of(&manifest).sha256 != sha256 {
        return Err(refuse("it is not in canonical form".to_owned()));
    }
    check_meaning(&manifest)?;
    Ok(manifest)
}

/// Measures a manifest that means what format 1 demands.
///
/// # Errors
/// As [`parse_manifest`], for what the types can't say.
pub(super) fn checked(manifest: &Manifest) -> Result<Measure, BundleError> {
    check_meaning(manifest)?;
    let measure = Measure::of(manifest);
    check_length(measure.size_bytes)?;
    Ok(measure)
}

fn check_length(size_bytes: u64) -> Result<(), BundleError> {
    match size_bytes > MAX_MANIFEST_BYTES {
        true => Err(BundleError::limit_bytes("manifest.json", MAX_MANIFEST_BYTES, size_bytes)),
        false => Ok(()),
    }
}

fn check_meaning(manifest: &Manifest) -> Result<(), BundleError> {
    let wanted = manifest.appliances.iter().map(|appliance| appliance.packages.len()).sum();
    is_count("appliances", manifest.appliances.len(), MAX_APPLIANCES)?;
    is_count("packages", manifest.packages.len(), MAX_PACKAGES)?;
    is_count("packages that its appliances install", wanted, MAX_WANTED)?;
    check(manifest).map_err(|why| BundleError::Manifest { why })
}

/// What every format has.
#[derive(Deserialize)]
struct Head {
    format: u64,
    made_by: Option<serde_json::Value>,
    least_reader: Option<Version>,
}

impl Head {
    /// What it asks for that this program has not; `None` where it reads it.
    fn too_new(self) -> Option<String> {
        let least = self.least_reader.filter(|least| *least > Version::own());
        let wanted = match (self.format, least) {
            (_, Some(least)) => format!("it needs {} at least", least.as_str()),
            (1, None) => return None,
            (format, None) => format!("it is of format {format}, and this program reads format 1"),
        };
        let maker = self.made_by.as_ref().and_then(|made_by| made_by.as_str());
        Some(match maker {
            Some(maker) => format!("{wanted}; it was made by {}", text::short_line(maker, 80)),
            None => wanted,
        })
    }
}

/// Checks what the types can't say.
fn check(manifest: &Manifest) -> Result<(), String> {
    is_text("made_by", &manifest.made_by, MAX_TEXT_BYTES)?;
    is_text("sealed_by", &manifest.sealed_by, MAX_TEXT_BYTES)?;
    if manifest.expires <= manifest.created {
        return Err("it expires before it was created".to_owned());
    }
    // One value only: readers reserve memory by it.
    if manifest.chunk_bytes != CHUNK_BYTES {
        return Err(format!("chunk_bytes is {}, and format 1 has {CHUNK_BYTES}", manifest.chunk_bytes));
    }
    let mut listed = BTreeMap::new();
    for package in &manifest.packages {
        check_package(package)?;
        if listed.insert(&package.file, package).is_some() {
            return Err(format!("the package {} is listed twice", package.file));
        }
    }
    // All that adds sizes up afterwards relies on this.
    if manifest.packages.iter().try_fold(0u64, |sum, package| sum.checked_add(package.size_bytes)).is_none() {
        return Err("the sizes of its packages are more than any medium holds".to_owned());
    }
    check_appliances(manifest, &listed)
}

/// One of `what` at least, and no more than `limit`.
fn is_count(what: &str, count: usize, limit: usize) -> Result<(), BundleError> {
    match count {
        0 => Err(BundleError::Manifest { why: format!("it lists no {what}") }),
        count if count > limit => Err(BundleError::limit(format!("the number of {what}"), limit, count)),
        _ => Ok(()),
    }
}

/// Each appliance once and in order, with packages that are listed; each
/// package wanted, and where the lists first name it. So nothing of a manifest
/// is left to choose, and nothing in it is for nobody.
fn check_appliances(manifest: &Manifest, listed: &BTreeMap<&FileName, &Package>) -> Result<(), String> {
    let mut serials = BTreeSet::new();
    let mut wanted = BTreeSet::new();
    let mut expected = manifest.packages.iter();
    let mut before: Option<&str> = None;
    for appliance in &manifest.appliances {
        check_appliance(appliance)?;
        let serial = &appliance.serial;
        // As the inside tells appliances apart: two spellings of one would share its marks.
        if !serials.insert(fold_serial(serial)) {
            return Err(format!("the appliance {serial} is listed twice"));
        }
        if before.replace(serial).is_some_and(|before| before > serial.as_str()) {
            return Err(format!("the appliance {serial} is not listed in the order of serial numbers"));
        }
        let mut own = Vec::with_capacity(appliance.packages.len());
        let mut once = BTreeSet::new();
        for file in &appliance.packages {
            let Some(package) = listed.get(file) else {
                return Err(format!("the appliance {serial} is to install {file}, which is no package of it"));
            };
            if !once.insert(file) {
                return Err(format!("the appliance {serial} is to install {file} twice"));
            }
            own.push(*package);
            if wanted.insert(file) && expected.next().is_none_or(|next| next.file != *file) {
                return Err(format!("the package {file} is not listed where the appliances first name it"));
            }
        }
        check_order(&own).map_err(|why| format!("{why}, for the appliance {serial}"))?;
    }
    match expected.next() {
        Some(package) => Err(format!("no appliance is to install the package {}", package.file)),
        None => Ok(()),
    }
}

fn check_appliance(appliance: &Consignee) -> Result<(), String> {
    is_text("an appliance's serial", &appliance.serial, MAX_TEXT_BYTES)?;
    is_text("an appliance's model", &appliance.model, MAX_TEXT_BYTES)?;
    is_text("an appliance's host", &appliance.host, MAX_TEXT_BYTES)?;
    if !(1..=MAX_NUMBER).contains(&appliance.sequence) {
        let (serial, sequence) = (&appliance.serial, appliance.sequence);
        return Err(format!("sequence {sequence} of the appliance {serial} is not between 1 and 2^53 - 1"));
    }
    match appliance.packages.is_empty() {
        true => Err(format!("the appliance {} is to install nothing", appliance.serial)),
        false => Ok(()),
    }
}

fn check_package(package: &Package) -> Result<(), String> {
    let file = &package.file;
    is_text("a package's name", &package.name, MAX_TEXT_BYTES)?;
    if package.requires.len() > MAX_REQUIRES {
        return Err(format!("{file} requires {} packages, and may require {MAX_REQUIRES}", package.requires.len()));
    }
    if !(1..=MAX_NUMBER).contains(&package.size_bytes) {
        return Err(format!("{file} has {} bytes, which is not between 1 and 2^53 - 1", package.size_bytes));
    }
    // Chunks are what is verified, so a package without a digest for each of its bytes would end unprotected.
    if package.chunks.len() as u64 != package.size_bytes.div_ceil(CHUNK_BYTES) {
        return Err(format!("{file} has {} chunk digests for {} bytes", package.chunks.len(), package.size_bytes));
    }
    if let [only] = package.chunks[..]
        && only != package.sha256
    {
        return Err(format!("{file} is one chunk, yet the chunk's digest is not the file's"));
    }
    if let Some(notes) = &package.notes {
        are_notes(notes)?;
    }
    check_source(&package.source)
}

/// Release notes have lines; else they are a text like any other.
fn are_notes(notes: &str) -> Result<(), String> {
    if notes.is_empty() || notes.len() > MAX_NOTES_BYTES {
        return Err(format!("a package's notes have {} bytes, and may have 1 to {MAX_NOTES_BYTES}", notes.len()));
    }
    if notes.contains('\t') || text::printable(notes) != notes {
        return Err("a package's notes hold characters that can't be printed".to_owned());
    }
    Ok(())
}

/// What is told of a package's origin must be what it is compared by: an
/// origin in one spelling, a name on one line.
fn check_source(source: &Source) -> Result<(), String> {
    match source {
        Source::Exchange { origin, allowed, .. } => {
            if allowed.len() > MAX_ALLOWED {
                return Err(format!("source.allowed has {} origins, and may have {MAX_ALLOWED}", allowed.len()));
            }
            is_origin("source.origin", origin)?;
            allowed.iter().try_for_each(|origin| is_origin("source.allowed", origin))
        }
        Source::Imported { path, by, .. } => {
            is_text("source.path", path, MAX_PATH_BYTES)?;
            is_text("source.by", by, MAX_TEXT_BYTES)
        }
    }
}

/// `https://` and a host, perhaps a port: nothing behind it, no user before it, no capitals.
fn is_origin(what: &str, value: &str) -> Result<(), String> {
    is_text(what, value, MAX_TEXT_BYTES)?;
    let host = value.strip_prefix("https://").unwrap_or_default();
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_:[]".contains(&byte);
    match !host.is_empty() && host.bytes().all(sound) {
        true => Ok(()),
        false => Err(format!("{what} is not an origin such as https://update.example.com")),
    }
}

/// A package must not come before the very one it requires.
fn check_order(packages: &[&Package]) -> Result<(), String> {
    let mut places: BTreeMap<(&str, &Version), usize> = BTreeMap::new();
    for (at, package) in packages.iter().enumerate() {
        places.insert((package.kind.as_str(), &package.version), at);
    }
    for (at, package) in packages.iter().enumerate() {
        for required in &package.requires {
            // Looked up first: that all packages before are compared is rarely needed.
            let Some(later) = places.get(&(required.kind.as_str(), &required.version)) else { continue };
            let met = || packages[..at].iter().any(|before| required.is_met_by(before.kind, &before.version));
            if *later >= at && !met() {
                let later = &packages[*later].file;
                return Err(format!("{} requires {required}, which {later} brings only later", package.file));
            }
        }
    }
    Ok(())
}

/// Reads what an appliance's part of a manifest will say, as it is typed, for clap.
///
/// # Errors
/// What keeps it from standing there.
pub fn parse_appliance_text(written: &str) -> Result<String, String> {
    is_text("it", written, MAX_TEXT_BYTES)?;
    Ok(written.to_owned())
}

/// Text that people read: not empty, bounded, nothing in it that can't be printed on one line.
fn is_text(what: &str, value: &str, limit_bytes: usize) -> Result<(), String> {
    if value.is_empty() || value.len() > limit_bytes {
        return Err(format!("{what} has {} bytes, and may have 1 to {limit_bytes}", value.len()));
    }
    if value.contains(['\n', '\t']) || text::printable(value) != value {
        return Err(format!("{what} holds characters that can't be printed"));
    }
    Ok(())
}
