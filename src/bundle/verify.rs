//! Step 7: every chunk, on all cores, two at a time on each, in constant memory.

use super::BundleError;
use super::container::Container;
use super::damage::{Damage, Damages, Fault};
use super::limits::MAX_WORKERS;
use crate::model::{CHUNK_BYTES, Manifest, Meter, Sha256Digest};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Damaged chunks that are kept to be joined into ranges; what goes beyond is
/// hopeless, and memory must stay bounded.
pub(super) const MAX_DAMAGES_KEPT: usize = 4096;

/// Chunks that one worker holds at once: two are digested in less time than
/// one and then the other ([`Sha256Digest::of_two`]).
const AT_ONCE: usize = 2;

/// Checks all chunks and CRC-32s. Workers take chunks in the order of the
/// bundle, so that a stick is read nearly from front to back.
pub(super) fn packages(
    container: &Container,
    manifest: &Manifest,
    meter: &dyn Meter,
    read_back: bool,
) -> Result<(), BundleError> {
    let work = Work::new(container, manifest, meter);
    work.run_all();
    work.finish(read_back)
}

/// Reads all chunks once; returns those that are bad, in no order: all of
/// them where they are fewer than [`MAX_DAMAGES_KEPT`].
///
/// # Errors
/// [`BundleError::Malformed`] for a wrong CRC-32 over right bytes.
pub(super) fn bad_chunks(
    container: &Container,
    manifest: &Manifest,
    meter: &dyn Meter,
) -> Result<Vec<Damage>, BundleError> {
    let work = Work::new(container, manifest, meter);
    work.run_all();
    let bad = std::mem::take(&mut work.found.lock().expect("no worker panics while it holds the list").damages);
    if bad.is_empty() {
        work.finish(false)?;
    }
    Ok(bad)
}

struct Work<'a> {
    container: &'a Container,
    manifest: &'a Manifest,
    meter: &'a dyn Meter,
    /// Chunks of all packages.
    chunks: usize,
    /// How many chunks lie before each package.
    before: Vec<usize>,
    next: AtomicUsize,
    hopeless: AtomicBool,
    found: Mutex<Found>,
}

/// A chunk in memory.
struct Chunk<'b> {
    /// Its number among those of all packages.
    chunk: usize,
    /// Its package's place in the bundle, and its own within the package.
    at: usize,
    number: usize,
    bytes: &'b [u8],
}

struct Found {
    damages: Vec<Damage>,
    /// The CRC-32 of each chunk, to be combined into each package's.
    crcs: Vec<u32>,
}

impl<'a> Work<'a> {
    fn new(container: &'a Container, manifest: &'a Manifest, meter: &'a dyn Meter) -> Self {
        let mut before = Vec::with_capacity(manifest.packages.len());
        let mut chunks = 0;
        for package in &manifest.packages {
            before.push(chunks);
            chunks += package.chunks.len();
        }
        Work {
            container,
            manifest,
            meter,
            chunks,
            before,
            next: AtomicUsize::new(0),
            hopeless: AtomicBool::new(false),
            found: Mutex::new(Found { damages: Vec::new(), crcs: vec![0; chunks] }),
        }
    }

    /// Lets workers take chunks until none is left.
    fn run_all(&self) {
        let workers = rayon::current_num_threads().clamp(1, MAX_WORKERS).min(self.chunks.div_ceil(AT_ONCE));
        // Made and dropped on this thread: an allocator keeps a while for each
        // thread what that one gave back, and who sends the packages next
        // takes as much again.
        let pair = |_| [(); AT_ONCE].map(|()| vec![0; CHUNK_BYTES as usize]);
        let mut buffers: Vec<_> = (0..workers).map(pair).collect();
        rayon::scope(|scope| {
            for buffers in &mut buffers {
                scope.spawn(|_| self.run(buffers));
            }
        });
    }

    /// One worker: two chunks after two chunks.
    fn run(&self, buffers: &mut [Vec<u8>; AT_ONCE]) {
        while !self.hopeless.load(Ordering::Relaxed) {
            let first = self.next.fetch_add(AT_ONCE, Ordering::Relaxed);
            if first >= self.chunks {
                return;
            }
            let [one, other] = &mut *buffers;
            let one = self.read(first, one);
            let other = if first + 1 < self.chunks { self.read(first + 1, other) } else { None };
            if let (Some(one), Some(other)) = (&one, &other) {
                let (digest, beside) = Sha256Digest::of_two(one.bytes, other.bytes);
                self.judge(one, digest);
                self.judge(other, beside);
            } else if let Some(chunk) = one.or(other) {
                self.judge(&chunk, Sha256Digest::of(chunk.bytes));
            }
        }
    }

    /// Reads a chunk; one that can't be read is noted, and done with.
    fn read<'b>(&self, chunk: usize, buffer: &'b mut [u8]) -> Option<Chunk<'b>> {
        let at = self.before.partition_point(|before| *before <= chunk) - 1;
        let number = chunk - self.before[at];
        let first = number as u64 * CHUNK_BYTES;
        let length = CHUNK_BYTES.min(self.manifest.packages[at].size_bytes - first);
        let bytes = &mut buffer[..length as usize];
        let read = self.container.volumes.read(self.container.packages[at].1.data_offset() + first, bytes);
        let chunk = Chunk { chunk, at, number, bytes };
        if let Err(error) = read {
            let cause = std::error::Error::source(&error);
            let why = cause.map_or_else(|| error.to_string(), |cause| cause.to_string());
            self.note(&chunk, 0, Some(Fault::Unreadable(why)));
            return None;
        }
        Some(chunk)
    }

    /// Compares a chunk's digest with the signed one.
    fn judge(&self, chunk: &Chunk<'_>, digest: Sha256Digest) {
        let fault = (digest != self.manifest.packages[chunk.at].chunks[chunk.number]).then_some(Fault::Differs);
        let crc = if fault.is_none() { crc32fast::hash(chunk.bytes) } else { 0 };
        self.note(chunk, crc, fault);
    }

    /// Notes what became of a chunk.
    fn note(&self, chunk: &Chunk<'_>, crc: u32, fault: Option<Fault>) {
        let length = chunk.bytes.len() as u64;
        let mut found = self.found.lock().expect("no worker panics while it holds the list");
        found.crcs[chunk.chunk] = crc;
        if let Some(fault) = fault {
            let first = chunk.number as u64 * CHUNK_BYTES;
            let spans = self.container.volumes.spans(self.container.packages[chunk.at].1.data_offset() + first, length);
            let file = self.manifest.packages[chunk.at].file.clone();
            found.damages.push(Damage { file, first, last: first + length - 1, spans, fault });
            self.hopeless.store(found.damages.len() >= MAX_DAMAGES_KEPT, Ordering::Relaxed);
        }
        drop(found);
        self.meter.advance(length);
    }

    fn finish(self, read_back: bool) -> Result<(), BundleError> {
        let found = self.found.into_inner().expect("no worker panics while it holds the list");
        if let Some(damages) = Damages::of(found.damages, read_back) {
            return Err(BundleError::Damaged(Box::new(damages)));
        }
        for (at, package) in self.manifest.packages.iter().enumerate() {
            let (_, entry) = &self.container.packages[at];
            let crcs = &found.crcs[self.before[at]..self.before[at] + package.chunks.len()];
            if combined(crcs, package.size_bytes) != entry.crc {
                return Err(self.container.wrong_crc(entry));
            }
        }
        Ok(())
    }
}

/// The CRC-32 of a package from those of its chunks.
fn combined(crcs: &[u32], size_bytes: u64) -> u32 {
    let mut whole = crc32fast::Hasher::new();
    let mut left = size_bytes;
    for crc in crcs {
        let length = left.min(CHUNK_BYTES);
        whole.combine(&crc32fast::Hasher::new_with_initial_len(*crc, length));
        left -= length;
    }
    whole.finalize()
}
