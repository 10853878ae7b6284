//! Writes a bundle in one pass: read, hash, write, patch the CRC-32 in.

use super::container::{Container, MANIFEST, PACKAGES, README, SUMS, signature_name};
use super::layout::{End, ZipEntry};
use super::limits::*;
use super::locate::{split, volume_name};
use super::manifest::{Measure, checked, write_manifest};
use super::parity::{self, Subject, records_digest, recovery_number, recovery_stem};
use super::sealing::{Checked, Checker};
use super::volume_writer::VolumeWriter;
use super::volumes::Volumes;
use super::{BundleError, texts};
use crate::model::{CHUNK_BYTES, FileName, Manifest, Meter, Package, Sha256Digest};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;

/// A sealed manifest and its signatures: what must exist before a bundle is written.
#[derive(Debug)]
pub struct Draft<'a> {
    /// What was sealed.
    pub manifest: Cow<'a, Manifest>,
    /// Of `manifest.json`: the bytes themselves are written anew where they are wanted, and then let go of.
    pub(super) size_bytes: u64,
    pub(super) crc: u32,
    pub(super) sha256: Sha256Digest,
    /// The armored SSHSIG signatures, in the order they were made.
    pub signatures: Vec<String>,
}

impl<'a> Draft<'a> {
    /// Takes a manifest that is to be written, with these signatures.
    ///
    /// # Errors
    /// [`BundleError::Manifest`] or [`BundleError::Limit`] for one that no reader would take.
    pub fn of(manifest: Cow<'a, Manifest>, signatures: Vec<String>) -> Result<Self, BundleError> {
        let Measure { size_bytes, crc, sha256 } = checked(&manifest)?;
        Ok(Draft { manifest, size_bytes, crc, sha256, signatures })
    }
}

/// A volume being written.
pub trait WriteSeek: Write + Seek {}
impl<T: Write + Seek> WriteSeek for T {}

/// Where volumes go. No file may be seen under its name before
/// [`VolumeSink::commit_all`] has brought all of them to the device.
pub trait VolumeSink {
    /// The names of all files in the target folder.
    ///
    /// # Errors
    /// What the operating system says.
    fn names(&mut self) -> io::Result<Vec<String>>;

    /// Starts the next volume, to be called `name`.
    ///
    /// # Errors
    /// What the operating system says.
    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>>;

    /// Opens a volume that was started here for reading and writing, though it has no name yet.
    ///
    /// # Errors
    /// What the operating system says; `Unsupported` where a sink can't, and
    /// then nothing is repaired and no recovery volumes are made.
    fn reopen(&mut self, name: &str) -> io::Result<File> {
        let _ = name;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes what must be found when all of it is read back: the packages'
    /// CRC-32s, and the SHA-256 of each recovery volume; told before
    /// [`VolumeSink::commit_all`].
    fn expect(&mut self, crcs: &[u32], recovery: &[(String, Sha256Digest)]) {
        let _ = (crcs, recovery);
    }

    /// Makes all volumes durable, reads them back where that is wanted, then
    /// gives them their names, the first volume's last; returns their paths in
    /// order.
    ///
    /// # Errors
    /// What the operating system says.
    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>>;
}

/// Opens a package where it is kept.
pub type PackageOpener<'a> = dyn FnMut(&Package) -> io::Result<Box<dyn Read>> + 'a;

/// A bundle that lies complete on its medium.
#[derive(Debug, Clone)]
pub struct WrittenBundle {
    /// Its files, in order.
    pub volumes: Vec<PathBuf>,
    /// Their bytes together.
    pub size_bytes: u64,
    /// Its recovery volumes, and the SHA-256 that each was written with.
    pub recovery: Vec<(PathBuf, Sha256Digest)>,
}

/// The name a bundle's file gets: `support.example.com-7-1a2b3c4d.zip` for one
/// appliance, `trip-30-appliances-1a2b3c4d.zip` for many.
pub fn bundle_name(manifest: &Manifest) -> FileName {
    let whose = match manifest.appliances.as_slice() {
        // Short enough that sequence, id, suffix and volume number fit whatever the host.
        [only] => format!("{}-{}", only.host.chars().take(60).collect::<String>(), only.sequence),
        many => format!("trip-{}-appliances", many.len()),
    };
    let name = FileName::from_foreign(&format!("{whose}-{}.zip", manifest.bundle.short()));
    debug_assert!(name.as_str().ends_with(".zip"));
    name
}

/// How large a bundle will be, in bytes of all its volumes: known before any
/// package is read.
///
/// # Errors
/// As [`write()`], for what the draft alone can show.
pub fn size_bytes(draft: &Draft<'_>) -> Result<u64, BundleError> {
    Ok(BundleContents::of(draft)?.end.container_bytes())
}

/// Writes a bundle.
///
/// `name` ends in `.zip`; with `volume_bytes` a larger bundle is cut into
/// `NAME.001`, `NAME.002` …. Each package is hashed while it is written and
/// must be what the manifest says, chunk by chunk. `meter`
/// advances by package bytes.
///
/// # Errors
/// [`BundleError::Manifest`] or [`BundleError::Limit`] for a bad draft,
/// [`BundleError::NameTaken`] where a bundle of that name lies there,
/// [`BundleError::Source`] and [`BundleError::SourceChanged`] for a package,
/// [`BundleError::Write`] for a volume. Then no volume has its name.
pub fn write(
    draft: &Draft<'_>,
    packages: &mut PackageOpener<'_>,
    sink: &mut dyn VolumeSink,
    name: &FileName,
    volume_bytes: Option<u64>,
    meter: &dyn Meter,
) -> Result<WrittenBundle, BundleError> {
    write_with_recovery(draft, packages, sink, name, volume_bytes, None, meter)
}

/// Writes a bundle, and recovery volumes for it: `percent` of its size, in one
/// more pass over what was written. They get their names before the bundle does.
///
/// `meter` advances by package bytes, then by the bundle's bytes once more.
///
/// # Errors
/// As [`write()`].
pub fn write_with_recovery(
    draft: &Draft<'_>,
    packages: &mut PackageOpener<'_>,
    sink: &mut dyn VolumeSink,
    name: &FileName,
    volume_bytes: Option<u64>,
    percent: Option<u8>,
    meter: &dyn Meter,
) -> Result<WrittenBundle, BundleError> {
    let contents = BundleContents::of(draft)?;
    let total = contents.end.container_bytes();
    let volumes = volume_names(name.as_str(), total, volume_bytes)?;
    refuse_taken(sink, name.as_str())?;
    let head_bytes = contents.packages.first().map_or(contents.end.directory_offset, |entry| entry.offset);
    let mut out = VolumeWriter::new(sink, volumes.clone(), volume_bytes.unwrap_or(u64::MAX));
    out.write(&contents.head.local_header())?;
    write_manifest(&draft.manifest, &mut |piece| out.write(piece))?;
    for (entry, bytes) in &contents.small {
        out.write(&entry.local_header())?;
        out.write(bytes)?;
    }
    let mut directory = contents.head.central_header();
    directory.extend(contents.small.iter().flat_map(|(entry, _)| entry.central_header()));
    let mut crcs = Vec::with_capacity(contents.packages.len());
    for (package, mut entry) in contents.manifest.packages.iter().zip(contents.packages) {
        out.forget_before(entry.offset);
        out.write(&entry.local_header())?;
        let mut source =
            packages(package).map_err(|source| BundleError::Source { file: package.file.clone(), source })?;
        entry.crc = copy(package, &mut *source, &mut out, meter)?;
        // A data descriptor behind the bytes would spare the way back,
        // but stored entries with one are refused by many readers.
        out.patch(entry.offset + ZipEntry::CRC_AT, &entry.crc.to_le_bytes())?;
        crcs.push(entry.crc);
        directory.extend(entry.central_header());
    }
    out.write(&directory)?;
    out.write(&contents.end.records())?;
    out.finish(total)?;
    let mut digests = Vec::new();
    // From the medium's bytes and not from the packages, since the code covers headers and directory as well.
    if let Some(percent) = percent {
        let container = reopen(sink, name.as_str(), &volumes)?;
        let subject = Subject {
            name: name.as_str(),
            container: &container,
            volume_bytes,
            bundle: contents.manifest.bundle,
            records: records_digest(&container, head_bytes, contents.end.directory_offset)?,
        };
        digests = parity::add(&subject, percent, sink, meter)?;
    }
    sink.expect(&crcs, &digests);
    let committed = sink.commit_all().map_err(|source| BundleError::Write { name: name.to_string(), source })?;
    let (volumes, recovery) = committed.split_at(volumes.len().min(committed.len()));
    let recovery = recovery.iter().cloned().zip(digests.into_iter().map(|(_, digest)| digest)).collect();
    Ok(WrittenBundle { volumes: volumes.to_vec(), size_bytes: total, recovery })
}

/// Refuses a name under which anything lies: what an older run left must not
/// mix with this one, whatever its number.
pub(super) fn refuse_taken(sink: &mut dyn VolumeSink, name: &str) -> Result<(), BundleError> {
    let names = sink.names().map_err(|source| BundleError::Write { name: name.to_owned(), source })?;
    match names.into_iter().filter(|file| is_volume_of(file, name)).min() {
        Some(taken) => Err(BundleError::NameTaken { name: taken }),
        None => Ok(()),
    }
}

/// Whether a file of this name is the bundle `name`, or one of its volumes,
/// those for recovery included.
pub fn is_volume_of(file: &str, name: &str) -> bool {
    // On FAT and its like names that differ in case only are the same name.
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let recovery = || recovery_number(file).is_some_and(|(stem, _)| same(stem, recovery_stem(name)));
    same(split(file).0, name) || recovery()
}

/// Opens volumes that were just written, as one run of bytes.
fn reopen(sink: &mut dyn VolumeSink, name: &str, volumes: &[String]) -> Result<Volumes, BundleError> {
    let mut files = Vec::with_capacity(volumes.len());
    for volume in volumes {
        let file = sink.reopen(volume).map_err(|source| BundleError::Write { name: volume.clone(), source })?;
        files.push((volume.clone(), file));
    }
    Volumes::joined(name, files)
}

/// Copies one package, checking it on the way; returns its CRC-32.
fn copy(
    package: &Package,
    source: &mut dyn Read,
    out: &mut VolumeWriter<'_>,
    meter: &dyn Meter,
) -> Result<u32, BundleError> {
    let changed = |why: String| BundleError::SourceChanged { file: package.file.clone(), why };
    let unread = |source| BundleError::Source { file: package.file.clone(), source };
    std::thread::scope(|scope| {
        let mut checker = Checker::start(scope, package.chunks.len());
        let mut first = 0;
        while first < package.size_bytes {
            let length = CHUNK_BYTES.min(package.size_bytes - first);
            let mut chunk = checker.buffer();
            read_full(source, length, &mut chunk).map_err(unread)?;
            if (chunk.len() as u64) < length {
                return Err(changed(format!("it ends after {} bytes", first + chunk.len() as u64)));
            }
            out.write(&chunk)?;
            checker.take(chunk);
            meter.advance(length);
            first += length;
        }
        // A file that grew since it was sealed begins with the right chunks. Only this byte tells.
        if source.take(1).read(&mut [0]).map_err(unread)? > 0 {
            return Err(changed(format!("it goes on after {} bytes", package.size_bytes)));
        }
        let Checked { chunks, crc } = checker.finish();
        // The bytes lie on the medium by now, but under no name, and with an error none is given.
        if let Some(at) = chunks.iter().zip(&package.chunks).position(|(found, sealed)| found != sealed) {
            let first = at as u64 * CHUNK_BYTES;
            let last = package.size_bytes.min(first + CHUNK_BYTES) - 1;
            return Err(changed(format!("bytes {first} to {last} differ")));
        }
        Ok(crc)
    })
}

/// Reads `length` bytes, or as many as there are, in as few reads as there can be.
fn read_full(source: &mut dyn Read, length: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    // What an older chunk left is overwritten, so a buffer is filled with zeros once.
    buffer.resize(usize::try_from(length).expect("at most a chunk"), 0);
    let mut read = 0;
    while read < buffer.len() {
        match source.read(&mut buffer[read..]) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    buffer.truncate(read);
    Ok(())
}

/// Everything but the packages' bytes and CRC-32s, laid out.
pub(super) struct BundleContents<'a> {
    pub manifest: &'a Manifest,
    /// Of `manifest.json`.
    pub head: ZipEntry,
    /// Signatures, sums, readme, each with its bytes.
    pub small: Vec<(ZipEntry, Cow<'a, [u8]>)>,
    packages: Vec<ZipEntry>,
    pub end: End,
}

impl<'a> BundleContents<'a> {
    /// The container that `volumes` must be, whatever they hold; the
    /// packages' CRC-32s are not known and are 0.
    pub fn placed(&self, volumes: Volumes) -> Container {
        let mut small = self.small.iter().map(|(entry, _)| entry.clone());
        let manifest = self.head.clone();
        let readme = small.next_back().expect("laid out last of these");
        let sums = small.next_back().expect("laid out before the readme");
        let files = self.manifest.packages.iter().map(|package| package.file.clone());
        let packages = files.zip(self.packages.iter().cloned()).collect();
        Container { volumes, manifest, signatures: small.collect(), sums, readme, packages }
    }

    pub fn of(draft: &'a Draft<'_>) -> Result<Self, BundleError> {
        let manifest = &*draft.manifest;
        if draft.signatures.len() > MAX_SIGNATURES {
            return Err(BundleError::limit("the number of signatures", MAX_SIGNATURES, draft.signatures.len()));
        }
        let readme = texts::readme(manifest, draft.signatures.len()).into_bytes();
        let sums = texts::sums(manifest, draft.sha256, &readme).into_bytes();
        let mut small = Vec::new();
        for (at, signature) in draft.signatures.iter().enumerate() {
            let name = signature_name(at + 1);
            if signature.len() as u64 > MAX_SIGNATURE_BYTES {
                return Err(BundleError::limit_bytes(name, MAX_SIGNATURE_BYTES, signature.len() as u64));
            }
            small.push((name, Cow::Borrowed(signature.as_bytes())));
        }
        small.push((SUMS.to_owned(), Cow::Owned(sums)));
        small.push((README.to_owned(), Cow::Owned(readme)));

        let mut offset = 0;
        let mut place = |name: String, size: u64, crc: u32| {
            let entry = ZipEntry { name, size, crc, offset };
            offset = entry.end();
            entry
        };
        let head = place(MANIFEST.to_owned(), draft.size_bytes, draft.crc);
        let small: Vec<_> = small
            .into_iter()
            .map(|(name, bytes)| (place(name, bytes.len() as u64, crc32fast::hash(&bytes)), bytes))
            .collect();
        let packages: Vec<_> = manifest
            .packages
            .iter()
            .map(|package| place(format!("{PACKAGES}{}", package.file), package.size_bytes, 0))
            .collect();
        let entries = std::iter::once(&head).chain(small.iter().map(|(entry, _)| entry)).chain(&packages);
        let directory_bytes = entries.map(|entry| entry.central_header().len() as u64).sum();
        let entries = (1 + small.len() + packages.len()) as u64;
        let end = End { entries, directory_offset: offset, directory_bytes };
        Ok(BundleContents { manifest, head, small, packages, end })
    }
}

/// The names of the files a bundle of `total` bytes will have.
pub(super) fn volume_names(name: &str, total: u64, volume_bytes: Option<u64>) -> Result<Vec<String>, BundleError> {
    let Some(volume_bytes) = volume_bytes.filter(|volume| *volume < total) else {
        return Ok(vec![name.to_string()]);
    };
    if volume_bytes < MIN_VOLUME_BYTES {
        return Err(BundleError::limit("a volume's smallest size", MIN_VOLUME_BYTES, volume_bytes));
    }
    let count = total.div_ceil(volume_bytes);
    if count > MAX_VOLUMES as u64 {
        return Err(BundleError::limit("the number of volumes", MAX_VOLUMES, count));
    }
    Ok((1..=count as u16).map(|number| volume_name(name, number)).collect())
}
