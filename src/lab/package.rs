//! The lab's packages: a header line, then filler that only looks random.
//!
//! A package is made while it is sent and checked while it arrives, so its
//! size costs neither memory nor disk. The filler's seed is drawn from the
//! header's other fields: no field can be changed without the check noticing.

use crate::model::{PackageKind, Requirement, Sha256Digest, Version};
use crate::simulator::Software;
use serde::{Deserialize, Serialize};
use std::io::Read;

/// Longest header line, in bytes; a real one is under 400.
const MAX_HEADER_BYTES: usize = 4096;

/// A package, as its header line describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabPackage {
    lab_package: u32,
    /// Its title, such as `Base 3.4.0`.
    pub title: String,
    /// What it changes.
    pub kind: PackageKind,
    /// The version it brings.
    pub version: Version,
    /// What must be there first.
    pub requires: Vec<Requirement>,
    /// Whether an agreement is shown before it installs.
    pub eula: bool,
    /// Size of the whole file, header line included.
    pub size_bytes: u64,
    seed: u64,
}

impl LabPackage {
    /// Describes a package of about `size_bytes`; never shorter than its own
    /// header. `None` where the title tells no kind and version.
    pub fn new(title: &str, requires: Vec<Requirement>, eula: bool, size_bytes: u64) -> Option<Self> {
        let (kind, version) = PackageKind::of_title(title)?;
        let mut package =
            LabPackage { lab_package: 1, title: title.to_owned(), kind, version, requires, eula, size_bytes, seed: 0 };
        package.size_bytes = size_bytes.max(MAX_HEADER_BYTES as u64);
        package.seed = package.proper_seed();
        Some(package)
    }

    /// The header line, line feed included.
    pub fn header(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).expect("plain fields serialise");
        line.push(b'\n');
        line
    }

    /// The file's name, as the vendor gives it.
    pub fn file_name(&self) -> String {
        format!("{}.nss", self.title.replace(' ', "-"))
    }

    /// What an appliance must know of it.
    pub(super) fn software(&self) -> Software {
        Software {
            title: self.title.clone(),
            file: None,
            kind: self.kind,
            version: self.version.clone(),
            requires: self.requires.clone(),
            agreement: self.eula,
        }
    }

    /// A validator that names exactly this content.
    pub(super) fn etag(&self) -> String {
        format!("\"{:016x}-{}\"", self.seed, self.size_bytes)
    }

    /// Reads the package's bytes from `offset` on.
    pub fn reader(&self, offset: u64) -> PackageReader {
        PackageReader { header: self.header(), seed: self.seed, size_bytes: self.size_bytes, offset }
    }

    /// The seed that the other fields call for.
    fn proper_seed(&self) -> u64 {
        let unseeded = LabPackage { seed: 0, ..self.clone() };
        let digest = Sha256Digest::of(&unseeded.header());
        u64::from_le_bytes(digest.0[..8].try_into().expect("eight of thirty-two bytes"))
    }
}

/// Every byte of a package, for tests with small ones.
pub fn package_bytes(package: &LabPackage) -> Vec<u8> {
    let mut bytes = Vec::new();
    package.reader(0).read_to_end(&mut bytes).expect("reading from memory does not fail");
    bytes
}

/// What the lab's vendor offers, oldest first: Base 3.4.0, Bomgar 10.6.2 that
/// needs it, Bomgar 11.1.1 that needs that.
pub fn catalogue(package_bytes: u64) -> Vec<LabPackage> {
    let needs = |kind, version| vec![Requirement { kind, version: Version::parse(version).expect("a valid version") }];
    // Odd sizes, so that nobody's last piece is ever a full one.
    let rows = [
        ("Base 3.4.0", needs(PackageKind::Base, "3.3.2"), false, 1_021),
        ("Bomgar 10.6.2", needs(PackageKind::Base, "3.4.0"), true, 70_003),
        ("Bomgar 11.1.1", needs(PackageKind::Site, "10.6.2"), true, 131_071),
    ];
    rows.into_iter()
        .map(|(title, requires, eula, odd)| {
            LabPackage::new(title, requires, eula, package_bytes.saturating_add(odd)).expect("the title tells its kind")
        })
        .collect()
}

/// Makes a package's bytes as they are read.
#[derive(Debug, Clone)]
pub struct PackageReader {
    header: Vec<u8>,
    seed: u64,
    size_bytes: u64,
    offset: u64,
}

impl Read for PackageReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let left = self.size_bytes.saturating_sub(self.offset);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let header = usize::try_from(self.offset).ok().and_then(|at| self.header.get(at..)).unwrap_or_default();
        let taken = if header.is_empty() {
            fill(self.seed, self.offset - self.header.len() as u64, &mut out[..wanted]);
            wanted
        } else {
            let taken = header.len().min(wanted);
            out[..taken].copy_from_slice(&header[..taken]);
            taken
        };
        self.offset += taken as u64;
        Ok(taken)
    }
}

/// Writes the filler from `offset` on: SplitMix64, one word each eight bytes.
fn fill(seed: u64, offset: u64, out: &mut [u8]) {
    let word = |index: u64| mix(seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15))).to_le_bytes();
    let mut index = offset / 8;
    let skip = (offset % 8) as usize;
    let begun = if skip > 0 { (8 - skip).min(out.len()) } else { 0 };
    let (first, rest) = out.split_at_mut(begun);
    if !first.is_empty() {
        first.copy_from_slice(&word(index)[skip..skip + begun]);
        index += 1;
    }
    // Whole words by themselves: so the compiler makes several at once.
    let mut words = rest.chunks_exact_mut(8);
    for (at, eight) in (index..).zip(&mut words) {
        eight.copy_from_slice(&word(at));
        index = at + 1;
    }
    let last = words.into_remainder();
    last.copy_from_slice(&word(index)[..last.len()]);
}

fn mix(mut word: u64) -> u64 {
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// Why bytes are not a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Defect {
    /// There is no header of a package.
    NotAPackage,
    /// There is one, but the content is not what it calls for.
    Damaged,
}

/// Checks a package while it arrives.
#[derive(Debug, Default)]
pub struct PackageCheck {
    head: Vec<u8>,
    expected: Option<(LabPackage, PackageReader)>,
    defect: Option<Defect>,
    scratch: Vec<u8>,
}

impl PackageCheck {
    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.defect.is_some() {
            return;
        }
        if self.expected.is_some() {
            return self.compare(bytes);
        }
        let room = (MAX_HEADER_BYTES - self.head.len()).min(bytes.len());
        let Some(end) = bytes[..room].iter().position(|b| *b == b'\n') else {
            self.head.extend_from_slice(&bytes[..room]);
            if self.head.len() == MAX_HEADER_BYTES {
                self.defect = Some(Defect::NotAPackage);
            }
            return;
        };
        self.head.extend_from_slice(&bytes[..=end]);
        let package = serde_json::from_slice::<LabPackage>(&self.head).ok().filter(|read| read.lab_package == 1);
        match package {
            None => self.defect = Some(Defect::NotAPackage),
            // Written anew and compared, so that no other spelling of one header passes.
            Some(read) if read.seed != read.proper_seed() || read.header() != self.head => {
                self.defect = Some(Defect::Damaged);
            }
            Some(read) => {
                let reader = read.reader(self.head.len() as u64);
                self.expected = Some((read, reader));
                self.compare(&bytes[end + 1..]);
            }
        }
    }

    /// Whether it can't become a package any more, whatever follows.
    pub fn is_hopeless(&self) -> bool {
        self.defect.is_some()
    }

    /// Says what it was.
    ///
    /// # Errors
    /// [`Defect`] where it was no package or not a whole one.
    pub fn finish(self) -> Result<LabPackage, Defect> {
        match (self.defect, self.expected) {
            (Some(defect), _) => Err(defect),
            (None, None) => Err(Defect::NotAPackage),
            (None, Some((package, reader))) if reader.offset == package.size_bytes => Ok(package),
            (None, Some(_)) => Err(Defect::Damaged),
        }
    }

    fn compare(&mut self, bytes: &[u8]) {
        let Some((_, reader)) = &mut self.expected else { return };
        self.scratch.resize(bytes.len(), 0);
        let same = reader.read_exact(&mut self.scratch).is_ok() && self.scratch == bytes;
        if !same {
            self.defect = Some(Defect::Damaged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8]) -> Result<LabPackage, Defect> {
        let mut check = PackageCheck::default();
        bytes.chunks(1000).for_each(|piece| check.push(piece));
        check.finish()
    }

    #[test]
    fn a_package_is_what_its_header_calls_for() {
        let package = &catalogue(10_000)[1];
        let bytes = package_bytes(package);
        assert_eq!(bytes.len() as u64, package.size_bytes);
        assert_eq!(check(&bytes).as_ref(), Ok(package));
        let mut tail = Vec::new();
        package.reader(4_999).read_to_end(&mut tail).expect("memory");
        assert_eq!(tail, bytes[4_999..]);
    }

    #[test]
    fn every_change_is_noticed() {
        let bytes = package_bytes(&catalogue(10_000)[0]);
        let mut flipped = bytes.clone();
        flipped[9_000] ^= 1;
        assert_eq!(check(&flipped), Err(Defect::Damaged));
        assert_eq!(check(&bytes[..9_000]), Err(Defect::Damaged));
        assert_eq!(check(&[&bytes[..], b"x"].concat()), Err(Defect::Damaged));
        assert_eq!(check(b"MZ\x90"), Err(Defect::NotAPackage));
        assert_eq!(check(&[b'x'; 9_000]), Err(Defect::NotAPackage));
        let relabelled = String::from_utf8_lossy(&bytes[..200]).replace("3.3.2", "3.3.1");
        assert_eq!(check(relabelled.as_bytes()), Err(Defect::Damaged));
    }
}
