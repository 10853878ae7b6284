//! A bundle's volumes: found by name, checked as a set, read as one.

use super::damage::DamagedRange;
use super::layout::{End, TAIL_BYTES};
use super::limits::*;
use super::locate::volume_name;
use super::{BundleError, VolumeSet};
use crate::media;
use crate::model::{Sha256Digest, text};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes that are read and digested at once.
pub(super) const PIECE_BYTES: usize = 1 << 20;

/// All volumes of a bundle, open, as one run of bytes.
#[derive(Debug)]
pub(super) struct Volumes {
    name: String,
    parts: Vec<Part>,
    total: u64,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    name: String,
    file: File,
    begin: u64,
    size: u64,
}

/// How a volume is opened: from memory's copy, or past it.
pub type Opener<'a> = &'a dyn Fn(&Path) -> io::Result<File>;

/// The usual opener: what lies on a medium, from memory's copy where there is one.
pub(super) fn carried(path: &Path) -> io::Result<File> {
    Ok(media::open_carried(path)?)
}

impl Volumes {
    /// Step 1: opens all volumes and checks that they are one whole set.
    pub fn open(set: &VolumeSet, opener: Opener<'_>) -> Result<(Volumes, End), BundleError> {
        let volumes = Volumes::gather(set, opener)?;
        // Ends before sizes: where volumes of two bundles are mixed
        // both are wrong, and only the first tells what to do.
        volumes.check_ends()?;
        volumes.check_sizes()?;
        let end = volumes.end()?;
        Ok((volumes, end))
    }

    /// Opens all volumes; what they hold is not looked at.
    pub fn gather(set: &VolumeSet, opener: Opener<'_>) -> Result<Volumes, BundleError> {
        set.check_numbers()?;
        // Whoever prepared the medium chose the name.
        let mut volumes = Volumes { name: set.shown(), parts: Vec::new(), total: 0 };
        for path in set.paths() {
            let name = set.name_of(&path);
            let failed =
                |source| BundleError::Read { volume: name.clone(), offset: 0, source: media::explained(&path, source) };
            let odd = |what: &str| BundleError::VolumeCut { name: name.clone(), why: format!("is {what}") };
            // Asked before it is opened. A volume that has no name yet is the opener's matter.
            match std::fs::symlink_metadata(&path) {
                Ok(facts) if facts.is_symlink() => return Err(odd("a symbolic link")),
                Ok(facts) if !facts.is_file() => return Err(odd("not a regular file")),
                _ => {}
            }
            let file = opener(&path).map_err(failed)?;
            let facts = file.metadata().map_err(failed)?;
            let begin = volumes.total;
            let Some(total) = begin.checked_add(facts.len()).filter(|total| *total <= MAX_NUMBER) else {
                return Err(BundleError::limit_bytes("the bundle's size", MAX_NUMBER, u64::MAX));
            };
            volumes.total = total;
            volumes.parts.push(Part { path, name, file, begin, size: facts.len() });
        }
        Ok(volumes)
    }

    /// Takes files that are open already as one run of bytes; nothing is checked.
    pub fn joined(name: &str, files: Vec<(String, File)>) -> Result<Volumes, BundleError> {
        let mut volumes = Volumes { name: name.to_owned(), parts: Vec::new(), total: 0 };
        for (name, file) in files {
            let size = match file.metadata() {
                Ok(facts) => facts.len(),
                Err(source) => return Err(BundleError::Read { volume: name, offset: 0, source }),
            };
            volumes.parts.push(Part { path: PathBuf::from(&name), name, file, begin: volumes.total, size });
            volumes.total = volumes.total.saturating_add(size);
        }
        Ok(volumes)
    }

    /// Overwrites bytes that are there; the files must be open for writing, and nobody else may use them.
    pub fn overwrite(&self, mut offset: u64, mut bytes: &[u8]) -> Result<(), BundleError> {
        while !bytes.is_empty() {
            let part = self.part(offset);
            let within = offset - part.begin;
            let length = bytes.len().min(usize::try_from(part.size - within).unwrap_or(usize::MAX));
            let (now, later) = bytes.split_at(length);
            let mut file = &part.file;
            let written = file.seek(SeekFrom::Start(within)).and_then(|_| file.write_all(now));
            written.map_err(|source| BundleError::Write { name: part.name.clone(), source })?;
            offset += length as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Each volume's path (of those joined, its name) and open file, in order.
    pub fn files(&self) -> impl Iterator<Item = (&Path, &File)> {
        self.parts.iter().map(|part| (part.path.as_path(), &part.file))
    }

    /// Bytes of all volumes together.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The bundle's file name without volume numbers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether two bytes lie in different volumes.
    pub fn apart(&self, one: u64, other: u64) -> bool {
        !std::ptr::eq(self.part(one), self.part(other))
    }

    /// Fills `buffer` from `offset` on, whichever volumes it lies in.
    pub fn read(&self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), BundleError> {
        while !buffer.is_empty() {
            let part = self.part(offset);
            let within = offset - part.begin;
            let length = buffer.len().min(usize::try_from(part.size - within).unwrap_or(usize::MAX));
            let (now, later) = buffer.split_at_mut(length);
            read_exact_at(&part.file, now, within).map_err(|source| match source.kind() {
                io::ErrorKind::UnexpectedEof => BundleError::VolumeCut {
                    name: part.name.clone(),
                    why: "became shorter while it was read".to_owned(),
                },
                _ => BundleError::Read { volume: part.name.clone(), offset: within, source },
            })?;
            offset += length as u64;
            buffer = later;
        }
        Ok(())
    }

    /// Reads `length` bytes that a limit already allows.
    pub fn bytes(&self, offset: u64, length: u64) -> Result<Vec<u8>, BundleError> {
        let mut bytes = vec![0; usize::try_from(length).expect("bounded by a limit")];
        self.read(offset, &mut bytes)?;
        Ok(bytes)
    }

    /// Gives the bytes of `range` to a hasher.
    pub fn digest_into(&self, hasher: &mut Sha256, range: Range<u64>) -> Result<(), BundleError> {
        for begins in range.clone().step_by(PIECE_BYTES) {
            hasher.update(self.bytes(begins, (range.end - begins).min(PIECE_BYTES as u64))?);
        }
        Ok(())
    }

    /// SHA-256 of the bytes of `range`.
    pub fn digest(&self, range: Range<u64>) -> Result<Sha256Digest, BundleError> {
        let mut hasher = Sha256::new();
        self.digest_into(&mut hasher, range)?;
        Ok(Sha256Digest::finish(hasher))
    }

    /// Where bytes `offset..offset + length` lie.
    pub fn spans(&self, offset: u64, length: u64) -> Vec<DamagedRange> {
        let end = offset + length;
        let touched = self.parts.iter().filter(|part| part.begin < end && part.begin + part.size > offset);
        touched
            .map(|part| DamagedRange {
                volume: part.name.clone(),
                first: offset.max(part.begin) - part.begin,
                last: end.min(part.begin + part.size) - part.begin - 1,
            })
            .collect()
    }

    /// Says that the container is malformed at `offset`.
    pub fn malformed(&self, offset: u64, why: impl Into<String>) -> BundleError {
        let part = self.part(offset.min(self.total.saturating_sub(1)));
        // Nobody has signed the names that are told here.
        let why = text::one_line(&why.into());
        BundleError::Malformed { volume: part.name.clone(), offset: offset - part.begin, why }
    }

    /// The volume that holds byte `offset`.
    fn part(&self, offset: u64) -> &Part {
        let after = self.parts.partition_point(|part| part.begin <= offset);
        &self.parts[after.saturating_sub(1)]
    }

    /// The end records that close the first `total` bytes, if they do.
    fn end_at(&self, total: u64) -> Result<Option<End>, BundleError> {
        let length = total.min(TAIL_BYTES);
        let tail = self.bytes(total - length, length)?;
        Ok(End::parse(&tail).filter(|end| end.container_bytes() == total && end.is_canonical(&tail)))
    }

    /// A bundle that ends before the last volume was joined by volumes of another.
    fn check_ends(&self) -> Result<(), BundleError> {
        for pair in self.parts.windows(2) {
            if self.end_at(pair[1].begin)?.is_some() {
                let why = format!("it ends with {}, yet {} is there", pair[0].name, pair[1].name);
                return Err(BundleError::VolumesMixed { name: self.name.clone(), why });
            }
        }
        Ok(())
    }

    /// All volumes but the last are of one size, and the last is not larger.
    fn check_sizes(&self) -> Result<(), BundleError> {
        let Some((last, others)) = self.parts.split_last() else {
            return Err(BundleError::VolumeMissing { name: self.name.clone() });
        };
        let cut = |part: &Part, why: String| Err(BundleError::VolumeCut { name: part.name.clone(), why });
        if let Some(empty) = self.parts.iter().find(|part| part.size == 0) {
            return cut(empty, "is empty".to_owned());
        }
        let usual = usual_size(others).unwrap_or(u64::MAX);
        if let Some(odd) = others.iter().find(|part| part.size != usual) {
            return cut(odd, format!("has {} bytes where others have {usual}", odd.size));
        }
        if last.size > usual {
            return cut(last, format!("has {} bytes where others have {usual}", last.size));
        }
        if usual < MIN_VOLUME_BYTES {
            return cut(&others[0], format!("has {usual} bytes, and a volume has at least {MIN_VOLUME_BYTES}"));
        }
        Ok(())
    }

    /// The end records, or what their absence means.
    fn end(&self) -> Result<End, BundleError> {
        if let Some(end) = self.end_at(self.total)? {
            return Ok(end);
        }
        let last = self.parts.last().expect("check_sizes found one");
        let length = self.total.min(TAIL_BYTES);
        let tail = self.bytes(self.total - length, length)?;
        let Some(end) = End::parse(&tail) else { return Err(self.without_end(last)) };
        if !end.is_canonical(&tail) {
            return Err(self.malformed(self.total - length, "its end records are not those of format 1"));
        }
        let said = end.container_bytes();
        if said > self.total {
            let why = format!("closes a bundle of {said} bytes, of which {} are there", self.total);
            return Err(BundleError::VolumeCut { name: last.name.clone(), why });
        }
        if self.parts.len() > 1 {
            let why = format!("{} closes a bundle of {said} bytes, and {} are there", last.name, self.total);
            return Err(BundleError::VolumesMixed { name: self.name.clone(), why });
        }
        Err(self.malformed(0, format!("{} bytes lie before its first entry", self.total - said)))
    }

    /// No end record closes the last volume: cut short, or followed by something.
    fn without_end(&self, last: &Part) -> BundleError {
        // Twice the longest comment that a ZIP file can have: what is appended by accident is shorter.
        const SEARCHED_BYTES: u64 = 128 << 10;
        let length = self.total.min(SEARCHED_BYTES);
        let Ok(tail) = self.bytes(self.total - length, length) else {
            return BundleError::VolumeCut { name: last.name.clone(), why: "can't be read to its end".to_owned() };
        };
        // From the back, so that what a package holds is not taken for the end.
        let ends = (22..=tail.len()).rev().map(|end| (end, &tail[..end]));
        for (at, until) in ends {
            let total = self.total - length + at as u64;
            if End::parse(until).is_some_and(|end| end.container_bytes() == total) {
                let why = format!("{} after the end of {}", text::counted(self.total - total, "byte"), last.name);
                return match self.parts.len() {
                    1 => self.malformed(total, why),
                    _ => BundleError::VolumesMixed { name: self.name.clone(), why },
                };
            }
        }
        // Only the last volume is smaller than the others. Where none is, it is the one that is missing, and copying
        // another again would never help.
        let alike = self.parts.len() > 1 && self.parts.iter().all(|part| part.size == last.size);
        match u16::try_from(self.parts.len() + 1) {
            Ok(next) if alike => BundleError::VolumeMissing { name: volume_name(&self.name, next) },
            _ => BundleError::VolumeCut {
                name: last.name.clone(),
                why: "does not end as the last volume must".to_owned(),
            },
        }
    }
}

/// The size that most of `parts` have; of two as frequent, the larger, because
/// a copy that goes wrong ends early.
fn usual_size(parts: &[Part]) -> Option<u64> {
    let times = |size: u64| parts.iter().filter(|part| part.size == size).count();
    parts.iter().map(|part| part.size).max_by_key(|size| (times(*size), *size))
}

/// Reads at a position without moving the file's own, so that all cores can share it.
#[cfg(unix)]
pub(super) fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

/// Reads at a position; Windows moves the file's own too, which nobody here uses.
#[cfg(windows)]
pub(super) fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                buffer = &mut buffer[count..];
                offset += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Reads at a position, one reader at a time.
#[cfg(not(any(unix, windows)))]
pub(super) fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Read, Seek};
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    file.seek(io::SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}
