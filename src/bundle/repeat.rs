//! Step 7 over and over: does the medium answer the same each time?

use super::BundleError;
use super::container::Container;
use super::damage::{Damage, DamageKind, DamagedRange, Damages, join};
use super::limits::MAX_RANGES_TOLD;
use super::verify::{self, Listed};
use super::volumes::Volumes;
use crate::model::{FileName, Meter, Sha256Digest};
use std::collections::BTreeMap;
use std::ops::Range;

/// Bad chunks of a pass whose bytes are told apart from those of other
/// passes; of more it is only known that they are not what was signed for.
const MAX_COMPARED: usize = 64;

/// What one pass got for a chunk, or for a range of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChunkReading {
    /// What was signed for.
    Right,
    /// Other bytes; those of two passes with the same number were the same.
    Other(usize),
    /// Nothing.
    Unreadable,
}

/// A range that was not the same in all passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsteady {
    /// The package, or the bundle itself for what lies around its packages.
    pub file: FileName,
    /// Its first byte, counted from 0 in that; of packages whole chunks.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
    /// Where that lies.
    pub spans: Vec<DamagedRange>,
    /// What each pass got, in order.
    pub answers: Vec<ChunkReading>,
}

/// Everything that was not the same in all passes, nor as it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The first ranges, what lies around the packages before these; neighbours are joined.
    pub ranges: Vec<Unsteady>,
    /// Ranges beyond those, counted only.
    pub more: usize,
}

/// What the passes got for one bad chunk.
struct ChunkReadings {
    damage: Damage,
    answers: Vec<ChunkReading>,
    /// The digests of other bytes it was, in the order they came.
    others: Vec<Sha256Digest>,
}

/// Reads what is `listed`, and what lies around all packages, `passes` times; `before` is called with the volumes
/// before each, to have them forgotten by whatever caches them. What lies
/// around the packages was judged when the bundle was opened, and must be the
/// same as then.
pub(super) fn packages(
    container: &Container,
    listed: &Listed<'_>,
    passes: u32,
    before: &mut dyn FnMut(&Volumes),
    meter: &dyn Meter,
) -> Result<(), BundleError> {
    let mut seen: BTreeMap<(usize, u64), ChunkReadings> = BTreeMap::new();
    let mut around = Around::of(container)?;
    for pass in 0..passes as usize {
        before(&container.volumes);
        around.iter_mut().for_each(|around| around.read(&container.volumes));
        let bad = verify::bad_chunks(container, listed, meter)?;
        if bad.len() >= verify::MAX_DAMAGES_KEPT {
            // Not all of it was read: what came of the rest can't be compared.
            return Err(BundleError::Damaged(Box::new(Damages::of(bad, false).expect("it holds some"))));
        }
        for (number, damage) in bad.into_iter().enumerate() {
            let of = listed.iter().find(|(_, package)| package.file == damage.file);
            let key = (of.expect("damage names a package that is listed").0, damage.first);
            let chunk =
                seen.entry(key).or_insert_with(|| ChunkReadings { damage, answers: Vec::new(), others: Vec::new() });
            chunk.answers.resize(pass, ChunkReading::Right);
            let answer = chunk.answer(container, key.0, number < MAX_COMPARED);
            chunk.answers.push(answer);
        }
    }
    for chunk in seen.values_mut() {
        chunk.answers.resize(passes as usize, ChunkReading::Right);
    }
    let (steady, unsteady): (Vec<ChunkReadings>, Vec<ChunkReadings>) =
        seen.into_values().partition(|chunk| chunk.answers.windows(2).all(|pair| pair[0] == pair[1]));
    let around = around.into_iter().filter_map(|around| around.unsteady(&container.volumes));
    let ranges: Vec<Unsteady> = around.chain(joined(unsteady)).collect();
    if !ranges.is_empty() {
        return Err(BundleError::Unsteady(Box::new(Disagreement::of(ranges))));
    }
    match Damages::of(steady.into_iter().map(|chunk| chunk.damage).collect(), false) {
        Some(damages) => Err(BundleError::Damaged(Box::new(damages))),
        None => Ok(()),
    }
}

impl ChunkReadings {
    /// What this pass got. The bytes are read once more for it: the cache that
    /// the pass filled still has them, or else they are one answer more.
    fn answer(&mut self, container: &Container, at: usize, compare: bool) -> ChunkReading {
        if matches!(self.damage.fault, DamageKind::Unreadable(_)) {
            return ChunkReading::Unreadable;
        }
        let length = self.damage.last - self.damage.first + 1;
        let offset = container.packages[at].1.data_offset() + self.damage.first;
        let bytes = if compare { container.volumes.bytes(offset, length).ok() } else { None };
        let Some(digest) = bytes.map(|bytes| Sha256Digest::of(&bytes)) else { return ChunkReading::Other(0) };
        other(&mut self.others, digest)
    }
}

/// Numbers what is not right in the order it came.
fn other(others: &mut Vec<Sha256Digest>, digest: Sha256Digest) -> ChunkReading {
    let known = others.iter().position(|other| *other == digest).unwrap_or(others.len());
    if known == others.len() {
        others.push(digest);
    }
    ChunkReading::Other(known)
}

/// A range of the container that holds no package's bytes: the manifest, say,
/// headers, or the directory.
struct Around {
    range: Range<u64>,
    right: Sha256Digest,
    answers: Vec<ChunkReading>,
    others: Vec<Sha256Digest>,
}

impl Around {
    /// All of them, in order, as they are now.
    fn of(container: &Container) -> Result<Vec<Self>, BundleError> {
        let mut begins = 0;
        let mut ranges = Vec::with_capacity(container.packages.len() + 1);
        for (_, entry) in &container.packages {
            ranges.push(begins..entry.data_offset());
            begins = entry.end();
        }
        ranges.push(begins..container.volumes.total());
        let ranges = ranges.into_iter().filter(|range| !range.is_empty());
        ranges
            .map(|range| {
                let right = container.volumes.digest(range.clone())?;
                Ok(Around { range, right, answers: Vec::new(), others: Vec::new() })
            })
            .collect()
    }

    /// One more pass.
    fn read(&mut self, volumes: &Volumes) {
        let answer = match volumes.digest(self.range.clone()) {
            Ok(digest) if digest == self.right => ChunkReading::Right,
            Ok(digest) => other(&mut self.others, digest),
            Err(_) => ChunkReading::Unreadable,
        };
        self.answers.push(answer);
    }

    fn unsteady(self, volumes: &Volumes) -> Option<Unsteady> {
        if self.answers.iter().all(|answer| *answer == ChunkReading::Right) {
            return None;
        }
        let Range { start, end } = self.range;
        Some(Unsteady {
            file: FileName::from_foreign(volumes.name()),
            first: start,
            last: end - 1,
            spans: volumes.spans(start, end - start),
            answers: self.answers,
        })
    }
}

/// Joins neighbours that went alike.
fn joined(chunks: Vec<ChunkReadings>) -> Vec<Unsteady> {
    let mut ranges: Vec<Unsteady> = Vec::new();
    for ChunkReadings { damage, answers, .. } in chunks {
        match ranges.last_mut() {
            Some(last) if last.file == damage.file && last.answers == answers && last.last + 1 == damage.first => {
                last.last = damage.last;
                join(&mut last.spans, damage.spans);
            }
            _ => {
                let Damage { file, first, last, spans, .. } = damage;
                ranges.push(Unsteady { file, first, last, spans, answers });
            }
        }
    }
    ranges
}

impl Disagreement {
    fn of(mut ranges: Vec<Unsteady>) -> Self {
        let more = ranges.len().saturating_sub(MAX_RANGES_TOLD);
        ranges.truncate(MAX_RANGES_TOLD);
        Disagreement { ranges, more }
    }
}

impl std::fmt::Display for Disagreement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the medium does not answer the same each time: ")?;
        for (n, range) in self.ranges.iter().enumerate() {
            let lead = if n == 0 { "" } else { "; " };
            write!(f, "{lead}{range}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "; and {more} more ranges"),
        }
    }
}

impl std::fmt::Display for Unsteady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bytes {} to {} of {}", self.first, self.last, self.file)?;
        for (n, span) in self.spans.iter().enumerate() {
            let lead = if n == 0 { " (" } else { " and " };
            write!(f, "{lead}{span}")?;
        }
        f.write_str(") were ")?;
        for (n, answer) in self.answers.iter().enumerate() {
            let lead = if n == 0 { "" } else { ", then " };
            let word = match answer {
                ChunkReading::Right => "right",
                ChunkReading::Other(0) => "other bytes",
                ChunkReading::Other(_) => "yet other bytes",
                ChunkReading::Unreadable => "unreadable",
            };
            write!(f, "{lead}{word}")?;
        }
        Ok(())
    }
}
