//! A bundle's volumes: found by name, checked as a set, read as one.

use super::damage::DamagedRange;
use super::layout::{End, TAIL_BYTES};
use super::limits::*;
use super::locate::volume_name;
use super::{BundleError, VolumeSet};
use crate::media::{self, read_exact_at};
use crate::model::{Sha256Digest, text};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

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
    lies: PartPlace,
    /// Where in that it begins, and where in the container.
    within: u64,
    begin: u64,
    size: u64,
    /// Its last bytes, where they were read already and are not to be read twice.
    tail: Vec<u8>,
}

/// Where a part's bytes lie.
#[derive(Debug)]
pub(super) enum PartPlace {
    /// In a file that is open; and the same file, to be read from its device, where the system has another for that.
    Open { file: Arc<File>, past: OnceLock<File> },
    /// In a file by itself, opened whenever it is read: a bundle has more packages than a process may hold files open.
    At {
        path: PathBuf,
        /// Whether it may be written to.
        unfinished: bool,
    },
    /// In a file that the signed manifest is to name.
    ToBeNamed,
    /// At the same place of the container that these volumes are.
    Behind(Arc<Volumes>),
}

impl PartPlace {
    fn open(file: Arc<File>) -> Self {
        PartPlace::Open { file, past: OnceLock::new() }
    }
}

/// How a volume is opened: from memory's copy, or past it.
pub type Opener<'a> = &'a dyn Fn(&Path) -> io::Result<File>;

/// Has a file's next reading come from its device: the file to read instead, where there must be another.
pub type Forget<'a> = dyn FnMut(&Path, &File) -> Option<File> + 'a;

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
                Ok(facts) if media::is_link(&facts) => return Err(odd("a symbolic link")),
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
            let (lies, size) = (PartPlace::open(Arc::new(file)), facts.len());
            volumes.parts.push(Part { path, name, lies, within: 0, begin, size, tail: Vec::new() });
        }
        Ok(volumes)
    }

    /// As [`open`](Self::open), but no byte of it is ever read twice: what step 1 reads is remembered.
    pub fn open_once(set: &VolumeSet, opener: Opener<'_>) -> Result<(Volumes, End), BundleError> {
        let mut volumes = Volumes::gather(set, opener)?;
        let tails = volumes.parts.iter().map(|part| {
            let length = part.size.min(TAIL_BYTES);
            volumes.bytes(part.begin + part.size - length, length)
        });
        let tails = tails.collect::<Result<Vec<_>, _>>()?;
        volumes.parts.iter_mut().zip(tails).for_each(|(part, tail)| part.tail = tail);
        volumes.check_ends()?;
        volumes.check_sizes()?;
        let end = volumes.end()?;
        Ok((volumes, end))
    }

    /// A container that is put together: what lies around its packages is in
    /// `frame`, one after the other, and package `n` of those at `packages` lies at `lies(n)`.
    pub fn framed(
        name: &str,
        frame: (String, File),
        packages: &[Range<u64>],
        total: u64,
        lies: &dyn Fn(usize) -> (String, PartPlace),
    ) -> Volumes {
        let mut volumes = Volumes { name: name.to_owned(), parts: Vec::new(), total };
        let (shown, frame) = (frame.0, Arc::new(frame.1));
        let (mut begin, mut within) = (0, 0);
        let around = |begin: u64, end: u64, within: u64| {
            let lies = PartPlace::open(Arc::clone(&frame));
            Part { path: PathBuf::new(), name: shown.clone(), lies, within, begin, size: end - begin, tail: Vec::new() }
        };
        for (at, range) in packages.iter().enumerate() {
            volumes.parts.push(around(begin, range.start, within));
            within += range.start - begin;
            let ((name, lies), size) = (lies(at), range.end - range.start);
            let begins = range.start;
            volumes.parts.push(Part {
                path: PathBuf::new(),
                name,
                lies,
                within: 0,
                begin: begins,
                size,
                tail: Vec::new(),
            });
            begin = range.end;
        }
        volumes.parts.push(around(begin, total, within));
        volumes.parts.retain(|part| part.size > 0);
        volumes
    }

    /// Says where the bytes from `begin` on lie, now that the manifest has told it.
    pub fn name_part(&mut self, begin: u64, name: String, path: PathBuf) {
        let at = self.parts.partition_point(|part| part.begin < begin);
        if let Some(part) = self.parts.get_mut(at).filter(|part| matches!(part.lies, PartPlace::ToBeNamed)) {
            (part.name, part.lies) = (name, PartPlace::At { path, unfinished: false });
        }
    }

    /// The volumes on the medium, where these are put together from them and others.
    fn behind(&self) -> Option<&Volumes> {
        self.parts.iter().find_map(|part| match &part.lies {
            PartPlace::Behind(volumes) => Some(&**volumes),
            _ => None,
        })
    }

    /// Takes files that are open already as one run of bytes; nothing is checked.
    pub fn joined(name: &str, files: Vec<(String, File)>) -> Result<Volumes, BundleError> {
        let mut volumes = Volumes { name: name.to_owned(), parts: Vec::new(), total: 0 };
        for (name, file) in files {
            let size = match file.metadata() {
                Ok(facts) => facts.len(),
                Err(source) => return Err(BundleError::Read { volume: name, offset: 0, source }),
            };
            let (path, lies, begin) = (PathBuf::from(&name), PartPlace::open(Arc::new(file)), volumes.total);
            volumes.parts.push(Part { path, name, lies, within: 0, begin, size, tail: Vec::new() });
            volumes.total = volumes.total.saturating_add(size);
        }
        Ok(volumes)
    }

    /// Overwrites bytes that are there; the files must be open for writing, and nobody else may use them. Parts that
    /// lie in finished files stay as they are.
    pub fn overwrite(&self, mut offset: u64, mut bytes: &[u8]) -> Result<(), BundleError> {
        while !bytes.is_empty() {
            let part = self.part(offset);
            let within = offset - part.begin;
            let length = bytes.len().min(usize::try_from(part.size - within).unwrap_or(usize::MAX));
            let (now, later) = bytes.split_at(length);
            part.write(within, now).map_err(|source| BundleError::Write { name: part.name.clone(), source })?;
            offset += length as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Has each volume, by its path and open file, forgotten by what caches it,
    /// or another file read from now on, which comes from its device.
    pub fn forget(&self, forget: &mut Forget<'_>) {
        for part in &self.parts {
            if let PartPlace::Open { file, past } = &part.lies
                && let Some(from_device) = forget(&part.path, file)
            {
                past.get_or_init(|| from_device);
            }
        }
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
        match self.behind() {
            Some(volumes) => volumes.apart(one, other),
            None => self.part(one).name != self.part(other).name,
        }
    }

    /// Fills `buffer` from `offset` on, whichever volumes it lies in.
    pub fn read(&self, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), BundleError> {
        while !buffer.is_empty() {
            let part = self.part(offset);
            let within = offset - part.begin;
            let length = buffer.len().min(usize::try_from(part.size - within).unwrap_or(usize::MAX));
            let (now, later) = buffer.split_at_mut(length);
            match &part.lies {
                PartPlace::Behind(volumes) => volumes.read(offset, now)?,
                _ => part.read(within, now).map_err(|source| match source.kind() {
                    io::ErrorKind::UnexpectedEof => BundleError::VolumeCut {
                        name: part.name.clone(),
                        why: "became shorter while it was read".to_owned(),
                    },
                    _ => BundleError::Read { volume: part.name.clone(), offset: within, source },
                })?,
            }
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
        let span = |part: &Part| {
            let (from, to) = (offset.max(part.begin), end.min(part.begin + part.size));
            match &part.lies {
                PartPlace::Behind(volumes) => volumes.spans(from, to - from),
                _ => {
                    let (first, last) = (part.within + from - part.begin, part.within + to - part.begin - 1);
                    vec![DamagedRange { volume: part.name.clone(), first, last }]
                }
            }
        };
        touched.flat_map(span).collect()
    }

    /// Says that the container is malformed at `offset`.
    pub fn malformed(&self, offset: u64, why: impl Into<String>) -> BundleError {
        if let Some(volumes) = self.behind() {
            return volumes.malformed(offset, why);
        }
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

impl Part {
    /// Fills `buffer` from its byte `at` on.
    fn read(&self, at: u64, buffer: &mut [u8]) -> io::Result<()> {
        // What is remembered is given from memory, so that nothing is asked of the medium twice.
        let from_file = (self.size - self.tail.len() as u64).saturating_sub(at);
        let split = buffer.len().min(usize::try_from(from_file).unwrap_or(usize::MAX));
        let (front, back) = buffer.split_at_mut(split);
        if !back.is_empty() {
            let skipped = (at + split as u64 + self.tail.len() as u64 - self.size) as usize;
            back.copy_from_slice(&self.tail[skipped..skipped + back.len()]);
        }
        match &self.lies {
            _ if front.is_empty() => Ok(()),
            PartPlace::Open { file, past } => read_exact_at(past.get().unwrap_or(file), front, self.within + at),
            PartPlace::At { path, .. } => read_exact_at(&carried(path)?, front, self.within + at),
            PartPlace::ToBeNamed | PartPlace::Behind(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        let into = |mut file: &File| file.seek(SeekFrom::Start(self.within + at)).and_then(|_| file.write_all(bytes));
        match &self.lies {
            PartPlace::Open { file, .. } => into(file),
            PartPlace::At { path, unfinished: true } => into(&File::options().write(true).open(path)?),
            _ => Ok(()),
        }
    }
}

/// The size that most of `parts` have; of two as frequent, the larger, because
/// a copy that goes wrong ends early.
fn usual_size(parts: &[Part]) -> Option<u64> {
    let times = |size: u64| parts.iter().filter(|part| part.size == size).count();
    parts.iter().map(|part| part.size).max_by_key(|size| (times(*size), *size))
}
