//! Does a medium keep what it is given? Marked blocks are written into its free
//! room, read back past the cache, compared, and removed.
//!
//! Every block says which one it is, so that what comes back wrong tells how:
//! nothing at all, another block of this trial (the medium has less room than
//! it says, and used some of it twice), or altered bytes. Nothing that lies on
//! the medium is touched, and some room is left free.

use super::{Bypass, MediaError, Mode, create_dirs, open_uncached, read_exact_at, sync_filesystem, temporary_name};
use crate::model::{Id, Meter};
use std::fs::OpenOptions;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What is judged at once, in bytes; a range that is told is whole blocks.
pub const BLOCK_BYTES: u64 = 4096;
/// Written and read at once, in bytes: a few milliseconds of a slow stick.
const PIECE_BYTES: u64 = 1 << 20;
/// Largest test file, in bytes: below what any filesystem allows.
const FILE_BYTES: u64 = 1 << 30;
/// Room that is left free, in bytes: a filesystem that is full is no place to
/// be careful in.
const RESERVE_BYTES: u64 = 4 << 20;
/// Bad ranges that are told one by one.
// A dying medium has thousands. So many fill a screen, and show whether it is one place or everywhere.
const MAX_RANGES: usize = 32;
/// Pieces that can't be read before the rest is not tried: each may take the
/// medium's own patience, which is half a minute on some.
const MAX_UNREADABLE: usize = 16;
/// The folder below ours that test files lie in while they are there.
const FOLDER: &str = "check";

/// How a range came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// As zeros or as erased flash.
    Empty,
    /// As the blocks that were written this many bytes further on, or before.
    Elsewhere {
        /// The distance.
        by_bytes: i64,
    },
    /// As other bytes.
    Altered,
    /// Not at all.
    Unreadable,
}

/// Bytes of the trial that did not come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRange {
    /// First byte, counted over all test files.
    pub first: u64,
    /// Last byte.
    pub last: u64,
    /// How it came back.
    pub wrong: Wrong,
}

/// What a trial found.
#[derive(Debug)]
pub struct Trial {
    /// Bytes that were written, and synced.
    pub written_bytes: u64,
    /// Bytes that were read back, bad ones included.
    pub read_bytes: u64,
    /// Bytes that came back as they were written.
    pub good_bytes: u64,
    /// The first bad ranges, in order; neighbours are joined.
    pub bad: Vec<BadRange>,
    /// Ranges beyond those, counted only.
    pub more: usize,
    /// What stopped the writing before all was written.
    pub stopped: Option<MediaError>,
    /// Whether the read-back passed the cache.
    pub bypass: Bypass,
    /// How long writing took, syncing included.
    pub writing: Duration,
    /// How long reading back took.
    pub reading: Duration,
}

/// How much a trial may write where so much is free, in whole blocks.
pub fn trial_bytes(free_bytes: u64, asked_bytes: u64) -> u64 {
    free_bytes.saturating_sub(RESERVE_BYTES).min(asked_bytes) / BLOCK_BYTES * BLOCK_BYTES
}

/// Removes what a trial that was killed left below `folder`, ours on a medium;
/// returns how many files that were.
pub fn remove_trial(folder: &Path) -> usize {
    let check = folder.join(FOLDER);
    let removed = super::remove_leftovers(&check).len();
    // Both go only where nothing else lies in them.
    let _ = std::fs::remove_dir(&check).and_then(|()| std::fs::remove_dir(folder));
    removed
}

/// Tries `bytes` of a medium's free room with files below `folder`, ours on
/// it; `meter` advances by bytes written and by bytes read.
///
/// # Errors
/// What the operating system says where not even a first file can be made;
/// all else is what the trial found.
pub fn try_out(folder: &Path, bytes: u64, meter: &dyn Meter) -> Result<Trial, MediaError> {
    let check = folder.join(FOLDER);
    create_dirs(&check, Mode::Shared)?;
    let mut files = Files { run: Id::random(), folder: folder.to_path_buf(), check, paths: Vec::new() };
    let begun = Instant::now();
    let (written_bytes, stopped) = files.write(bytes, meter)?;
    let writing = begun.elapsed();
    let begun = Instant::now();
    let mut found = CapacityFound { bad: Vec::new(), more: 0, good_bytes: 0, read_bytes: 0, bypass: Bypass::Bypassed };
    files.read(written_bytes, &mut found, meter);
    let CapacityFound { bad, more, good_bytes, read_bytes, bypass } = found;
    let reading = begun.elapsed();
    Ok(Trial { written_bytes, read_bytes, good_bytes, bad, more, stopped, bypass, writing, reading })
}

/// The test files; gone when dropped.
struct Files {
    run: Id,
    folder: PathBuf,
    check: PathBuf,
    paths: Vec<PathBuf>,
}

impl Files {
    /// Writes and syncs; returns how many bytes are whole, and what stopped it.
    fn write(&mut self, bytes: u64, meter: &dyn Meter) -> Result<(u64, Option<MediaError>), MediaError> {
        let mut done = 0;
        let mut piece = Vec::new();
        while done < bytes {
            let path = self.check.join(temporary_name());
            let failed = |source| MediaError::of("write", &path, source);
            let opened = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed);
            let mut file = match opened {
                Ok(file) => file,
                Err(error) if done == 0 => return Err(error),
                Err(error) => return Ok((done, Some(error))),
            };
            self.paths.push(path.clone());
            let end = bytes.min(done + FILE_BYTES);
            let begin = done;
            while done < end {
                let length = PIECE_BYTES.min(end - done);
                fill(&mut piece, &self.run, done, length);
                if let Err(source) = file.write_all(&piece) {
                    // What of this file is on the device is not known now.
                    let whole = if file.sync_all().is_ok() { done } else { begin };
                    return Ok((whole, Some(failed(source))));
                }
                done += length;
                meter.advance(length);
            }
            // A sync that failed does not say which bytes are lost, so the whole file counts as not written.
            if let Err(source) = file.sync_all() {
                return Ok((begin, Some(failed(source))));
            }
        }
        match sync_filesystem(&self.check) {
            Ok(()) => Ok((done, None)),
            Err(error) => Ok((done, Some(error))),
        }
    }

    fn read(&self, bytes: u64, found: &mut CapacityFound, meter: &dyn Meter) {
        let mut unreadable = 0;
        let mut piece = Vec::new();
        for (number, path) in (0u64..).zip(&self.paths) {
            let (begin, end) = (number * FILE_BYTES, bytes.min((number + 1) * FILE_BYTES));
            let file = match open_uncached(path) {
                Ok((file, bypass)) => {
                    if bypass != Bypass::Bypassed {
                        found.bypass = bypass;
                    }
                    file.into_file()
                }
                Err(_) => {
                    found.bad(begin..end, Wrong::Unreadable);
                    continue;
                }
            };
            let mut at = begin;
            while at < end && unreadable < MAX_UNREADABLE {
                let length = PIECE_BYTES.min(end - at);
                piece.resize(usize::try_from(length).expect("a piece fits into memory"), 0);
                match read_exact_at(&file, &mut piece, at - begin) {
                    Ok(()) => self.judge(at, &piece, found),
                    Err(_) => {
                        unreadable += 1;
                        found.bad(at..at + length, Wrong::Unreadable);
                    }
                }
                found.read_bytes += length;
                at += length;
                meter.advance(length);
            }
        }
    }

    fn judge(&self, begin: u64, piece: &[u8], found: &mut CapacityFound) {
        let mut known = Vec::new();
        fill(&mut known, &self.run, begin, piece.len() as u64);
        let block = BLOCK_BYTES as usize;
        for (number, (back, wrote)) in (0u64..).zip(piece.chunks(block).zip(known.chunks(block))) {
            let at = begin + number * BLOCK_BYTES;
            if back == wrote {
                found.good_bytes += BLOCK_BYTES;
            } else {
                found.bad(at..at + BLOCK_BYTES, self.tell(at, back));
            }
        }
    }

    /// Says how a block that belongs at `at` came back.
    fn tell(&self, at: u64, back: &[u8]) -> Wrong {
        if back.iter().all(|byte| *byte == 0) || back.iter().all(|byte| *byte == 0xff) {
            return Wrong::Empty;
        }
        // What the block says of its own place counts only if all else
        // in it follows from that: altered bytes may look like a place.
        let place = back[16..24].try_into().map(u64::from_le_bytes).unwrap_or(u64::MAX);
        let mut known = Vec::new();
        // Up to `i64::MAX`, so that the distance below can be told.
        if back[..16] == self.run.bytes() && place % BLOCK_BYTES == 0 && place < i64::MAX as u64 {
            fill(&mut known, &self.run, place, BLOCK_BYTES);
        }
        match known == back {
            true => Wrong::Elsewhere { by_bytes: place as i64 - at as i64 },
            false => Wrong::Altered,
        }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // On every way out: gigabytes that stayed would be missing for the bundle.
        self.paths.iter().for_each(|path| drop(std::fs::remove_file(path)));
        let _ = std::fs::remove_dir(&self.check).and_then(|()| std::fs::remove_dir(&self.folder));
        let _ = sync_filesystem(self.folder.parent().unwrap_or(&self.folder));
    }
}

struct CapacityFound {
    bad: Vec<BadRange>,
    more: usize,
    good_bytes: u64,
    read_bytes: u64,
    bypass: Bypass,
}

impl CapacityFound {
    fn bad(&mut self, range: Range<u64>, wrong: Wrong) {
        if range.is_empty() {
            return;
        }
        let full = self.bad.len() == MAX_RANGES;
        let goes_on = self.bad.last().is_some_and(|last| last.wrong == wrong && last.last + 1 == range.start);
        match self.bad.last_mut() {
            // Where ranges were only counted, the last one told is not the last one found, and must not grow into it.
            Some(last) if goes_on && self.more == 0 => last.last = range.end - 1,
            _ if full => self.more += 1,
            _ => self.bad.push(BadRange { first: range.start, last: range.end - 1, wrong }),
        }
    }
}

/// Fills `piece` with the blocks that belong at `begin`: each holds the trial's
/// id, its own place, and bytes that follow from both and no pattern.
fn fill(piece: &mut Vec<u8>, run: &Id, begin: u64, length: u64) {
    piece.clear();
    let seed = run.bytes().iter().fold(0u64, |seed, byte| seed.rotate_left(7) ^ u64::from(*byte));
    for at in (begin..begin + length).step_by(BLOCK_BYTES as usize) {
        piece.extend_from_slice(&run.bytes());
        piece.extend_from_slice(&at.to_le_bytes());
        // Marsaglia's xorshift64: no secret, only unlike its neighbours.
        let mut state = (seed ^ at.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1;
        for _ in 0..(BLOCK_BYTES / 8 - 3) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            piece.extend_from_slice(&state.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Files {
        Files { run: Id::random(), folder: folder.to_path_buf(), check: folder.join(FOLDER), paths: Vec::new() }
    }

    #[test]
    fn a_good_medium_gives_everything_back_and_nothing_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let ours = dir.path().join("handcarry");
        let trial = try_out(&ours, 3 * BLOCK_BYTES + PIECE_BYTES, &()).unwrap();
        assert_eq!((trial.good_bytes, trial.written_bytes), (trial.read_bytes, trial.read_bytes));
        assert_eq!(trial.read_bytes, 3 * BLOCK_BYTES + PIECE_BYTES);
        assert!(trial.bad.is_empty() && trial.stopped.is_none());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn how_a_block_came_back_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let files = files(dir.path());
        let block = |at: u64| {
            let mut block = Vec::new();
            fill(&mut block, &files.run, at * BLOCK_BYTES, BLOCK_BYTES);
            block
        };
        let mut altered = block(4);
        altered[4000] ^= 1;
        let back = [block(0), block(9), block(10), vec![0; 4096], altered].concat();
        let mut found =
            CapacityFound { bad: Vec::new(), more: 0, good_bytes: 0, read_bytes: 0, bypass: Bypass::Bypassed };
        files.judge(0, &back, &mut found);
        let range = |first: u64, last: u64, wrong| BadRange { first: first * 4096, last: last * 4096 + 4095, wrong };
        assert_eq!(
            found.bad,
            [
                range(1, 2, Wrong::Elsewhere { by_bytes: 8 * 4096 }),
                range(3, 3, Wrong::Empty),
                range(4, 4, Wrong::Altered)
            ]
        );
        assert_eq!(found.good_bytes, 4096);
    }

    #[test]
    fn room_is_left_and_blocks_are_whole() {
        assert_eq!(trial_bytes(100 << 20, 5000), 4096);
        assert_eq!(trial_bytes(RESERVE_BYTES + 9000, u64::MAX), 8192);
        assert_eq!(trial_bytes(1000, u64::MAX), 0);
    }
}
