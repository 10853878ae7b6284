//! What is left of a damaged container: volumes that may be missing, cut, or
//! lie under one another's names.

use super::packet::{ContainerIdentity, block_digest};
use super::recovery::Recovery;
use crate::bundle::VolumeSet;
use crate::bundle::limits::*;
use crate::bundle::locate::volume_name;
use crate::media::{self, read_exact_at};
use std::collections::BTreeMap;
use std::fs::File;

/// Blocks looked at to tell whether a file lies where its name says.
// One right block is enough. Several are looked at because the first may be the damaged one.
const SAMPLES: u64 = 8;

/// Bytes that are tried again alone where reading more of them failed.
// A page: what lies beside an unreadable spot is saved.
const PIECE_BYTES: usize = 4096;

/// The files that hold parts of the container, each at its place.
pub(super) struct Sources {
    parts: Vec<Part>,
    /// Volumes that were found under another one's name: its name, and the one it should have.
    pub misnamed: Vec<(String, String)>,
    /// Whether any block that was looked at is the right one.
    pub recognised: bool,
}

struct Part {
    name: String,
    file: File,
    begin: u64,
    size: u64,
}

impl Sources {
    /// Opens what is there of `set` and finds the place of each file.
    pub fn place(set: &VolumeSet, recovery: &Recovery) -> Sources {
        let identity = &recovery.identity;
        let total = identity.stripes.container_bytes;
        let mut parts: Vec<Part> = Vec::new();
        let mut follows = 0;
        for path in set.paths() {
            let Ok(file) = media::open_carried(&path) else { continue };
            let Ok(length) = file.metadata().map(|facts| facts.len()) else { continue };
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let number = crate::bundle::locate::split(&name).1.map(|number| u64::from(number) - 1);
            let begin = match (number, identity.volume_bytes) {
                (None, _) => 0,
                // Somebody cut what was written in one piece.
                (Some(_), 0) => follows,
                (Some(number), volume) => number.saturating_mul(volume),
            };
            follows += length;
            let room = match identity.volume_bytes {
                volume if volume > 0 && number.is_some() => volume,
                _ => u64::MAX,
            };
            if begin < total {
                parts.push(Part { name, file, begin, size: length.min(room).min(total - begin) });
            }
        }
        let mut sources = Sources { parts, misnamed: Vec::new(), recognised: false };
        sources.move_misnamed(set, recovery);
        sources
    }

    /// Bytes that are there.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.size))
    }

    /// Fills `buffer` with what is there; what is missing or can't be read is zeros.
    pub fn read(&self, offset: u64, buffer: &mut [u8]) {
        buffer.fill(0);
        let end = offset + buffer.len() as u64;
        for part in self.parts.iter().filter(|part| part.begin < end && part.begin + part.size > offset) {
            let (from, to) = (part.begin.max(offset), (part.begin + part.size).min(end));
            let piece = &mut buffer[(from - offset) as usize..(to - offset) as usize];
            read_what_can_be(&part.file, piece, from - part.begin);
        }
    }

    /// Moves files to where their blocks are right, where at their own place none is.
    fn move_misnamed(&mut self, set: &VolumeSet, recovery: &Recovery) {
        let volume = recovery.identity.volume_bytes;
        let right: Vec<Option<bool>> =
            self.parts.iter().map(|part| part.holds(part.begin, &recovery.identity, recovery)).collect();
        self.recognised = right.contains(&Some(true));
        if volume == 0 {
            return;
        }
        let count = recovery.identity.stripes.container_bytes.div_ceil(volume);
        let mut taken: BTreeMap<u64, ()> = self
            .parts
            .iter()
            .zip(&right)
            .filter(|(_, right)| **right != Some(false))
            .map(|(p, _)| (p.begin, ()))
            .collect();
        let mut tries = 0;
        let strays: Vec<usize> = (0..self.parts.len()).filter(|at| right[*at] == Some(false)).collect();
        for at in strays {
            for place in (0..count).map(|number| number * volume) {
                // A thousand files under a thousand wrong names would be a million looks at a slow stick.
                if taken.contains_key(&place) || tries == MAX_PLACES_TRIED {
                    continue;
                }
                tries += 1;
                if self.parts[at].holds(place, &recovery.identity, recovery) == Some(true) {
                    taken.insert(place, ());
                    self.recognised = true;
                    let belongs = volume_name(set.name(), (place / volume) as u16 + 1);
                    let part = &mut self.parts[at];
                    part.begin = place;
                    part.size = part.size.min(recovery.identity.stripes.container_bytes - place);
                    self.misnamed.push((part.name.clone(), belongs));
                    break;
                }
            }
        }
        // A stray that stays must not lie over one that was moved to its place.
        let moved: Vec<&String> = self.misnamed.iter().map(|(name, _)| name).collect();
        let stays = |part: &Part| moved.contains(&&part.name) || !taken.contains_key(&part.begin);
        let keep: Vec<bool> =
            self.parts.iter().zip(&right).map(|(part, right)| *right != Some(false) || stays(part)).collect();
        let mut keep = keep.into_iter();
        self.parts.retain(|_| keep.next().unwrap_or(true));
    }
}

impl Part {
    /// Whether a block of this file is right when the file begins at `begin`;
    /// `None` where no whole block can be looked at.
    fn holds(&self, begin: u64, identity: &ContainerIdentity, recovery: &Recovery) -> Option<bool> {
        let block_bytes = identity.stripes.block_bytes;
        let first = begin.div_ceil(block_bytes);
        let after = (begin + self.size.min(identity.stripes.container_bytes.saturating_sub(begin))) / block_bytes;
        let whole = after.saturating_sub(first);
        let mut looked = None;
        for sample in 0..SAMPLES.min(whole) {
            let block = first + sample * whole / SAMPLES.min(whole);
            let (stripe, column) = identity.stripes.place(block * block_bytes);
            let Some(digests) = recovery.digests(stripe) else { continue };
            let mut bytes = vec![0; block_bytes as usize];
            read_what_can_be(&self.file, &mut bytes, block * block_bytes - begin);
            if bytes.iter().all(|byte| *byte == 0) {
                // Holes look alike wherever they are.
                continue;
            }
            if block_digest(&bytes) == digests[column] {
                return Some(true);
            }
            looked = Some(false);
        }
        looked
    }
}

/// Reads as much as can be read; the rest is zeros.
fn read_what_can_be(file: &File, buffer: &mut [u8], offset: u64) {
    if read_exact_at(file, buffer, offset).is_ok() {
        return;
    }
    for (at, piece) in buffer.chunks_mut(PIECE_BYTES).enumerate() {
        if read_exact_at(file, piece, offset + (at * PIECE_BYTES) as u64).is_err() {
            piece.fill(0);
        }
    }
}
