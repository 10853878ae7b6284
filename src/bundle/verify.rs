//! Step 7: every chunk, on all cores, two at a time on each, in constant memory.

use super::BundleError;
use super::container::Container;
use super::damage::{Damage, DamageKind, Damages};
use super::volumes::PIECE_BYTES;
use crate::model::{CHUNK_BYTES, Meter, Package, Sha256Digest, cores, on_all_cores, update_two};
use sha2::{Digest, Sha256};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Damaged chunks that are kept to be joined into ranges; what goes beyond is
/// hopeless, and memory must stay bounded.
// That many chunks are 16 GiB: no copying of single volumes mends it.
pub(super) const MAX_DAMAGES_KEPT: usize = 4096;

/// Chunks that one worker digests at once: two take less time together than
/// one and then the other ([`update_two`]).
const AT_ONCE: usize = 2;

/// Threads that read a medium back: one reads while the other digests.
// Two digest more than any medium gives, and several media are read back at the same time.
const READING_BACK: usize = 2;

/// Packages to be read, in the order of the bundle, each with its place in it.
pub(super) type Listed<'a> = Vec<(usize, &'a Package)>;

/// All of a manifest's packages.
pub(super) fn all(packages: &[Package]) -> Listed<'_> {
    packages.iter().enumerate().collect()
}

/// Checks all chunks of what is `listed`, and CRC-32s where it is not a `read_back`: what is read
/// back has those that were made of the very bytes which the chunks' digests
/// stand for. Workers take chunks in the order of the bundle, so that a stick
/// is read nearly from front to back.
pub(super) fn packages(
    container: &Container,
    listed: &Listed<'_>,
    meter: &dyn Meter,
    read_back: bool,
) -> Result<(), BundleError> {
    let work = Work::new(container, listed, meter, read_back);
    work.run_all();
    work.finish()
}

/// Reads all chunks once; returns those that are bad, in no order: all of
/// them where they are fewer than [`MAX_DAMAGES_KEPT`].
///
/// # Errors
/// [`BundleError::Malformed`] for a wrong CRC-32 over right bytes.
pub(super) fn bad_chunks(
    container: &Container,
    listed: &Listed<'_>,
    meter: &dyn Meter,
) -> Result<Vec<Damage>, BundleError> {
    let work = Work::new(container, listed, meter, false);
    work.run_all();
    let bad = std::mem::take(&mut work.found.lock().expect("no worker panics while it holds the list").damages);
    if bad.is_empty() {
        work.finish()?;
    }
    Ok(bad)
}

struct Work<'a> {
    container: &'a Container,
    listed: &'a Listed<'a>,
    meter: &'a dyn Meter,
    read_back: bool,
    /// Chunks of all packages.
    chunks: usize,
    /// How many chunks lie before each package.
    before: Vec<usize>,
    next: AtomicUsize,
    hopeless: AtomicBool,
    found: Mutex<ChunkResult>,
}

/// A chunk that is being digested.
struct Chunk {
    /// Its number among those of all packages.
    chunk: usize,
    /// Its package's number among those that are listed, and its own within the package.
    at: usize,
    number: usize,
    /// Where it begins in the package, and its bytes.
    first: u64,
    length: u64,
    /// Of what was read so far.
    hasher: Sha256,
    crc: crc32fast::Hasher,
    fault: Option<DamageKind>,
}

struct ChunkResult {
    damages: Vec<Damage>,
    /// The CRC-32 of each chunk, to be combined into each package's.
    crcs: Vec<u32>,
}

impl<'a> Work<'a> {
    fn new(container: &'a Container, listed: &'a Listed<'a>, meter: &'a dyn Meter, read_back: bool) -> Self {
        let mut before = Vec::with_capacity(listed.len());
        let mut chunks = 0;
        for (_, package) in listed {
            before.push(chunks);
            chunks += package.chunks.len();
        }
        Work {
            container,
            listed,
            meter,
            read_back,
            chunks,
            before,
            next: AtomicUsize::new(0),
            hopeless: AtomicBool::new(false),
            found: Mutex::new(ChunkResult { damages: Vec::new(), crcs: vec![0; chunks] }),
        }
    }

    /// Lets workers take chunks until none is left.
    fn run_all(&self) {
        let workers = if self.read_back { READING_BACK } else { cores() }.min(self.chunks.div_ceil(AT_ONCE));
        // Made and dropped on this thread: an allocator keeps a while for each
        // thread what that one gave back, and who sends the packages next
        // takes as much again.
        let pair = |_| [(); AT_ONCE].map(|()| vec![0; PIECE_BYTES]);
        let mut buffers: Vec<_> = (0..workers).map(pair).collect();
        if self.read_back {
            // Not in the pool of all: there one medium would be read back after the other, be the first ever so slow.
            return std::thread::scope(|scope| {
                for buffers in &mut buffers {
                    scope.spawn(|| self.run(buffers));
                }
            });
        }
        on_all_cores(|| {
            rayon::scope(|scope| {
                for buffers in &mut buffers {
                    scope.spawn(|_| self.run(buffers));
                }
            });
        });
    }

    /// One worker: two chunks after two chunks, piece by piece.
    fn run(&self, [buffer, beside]: &mut [Vec<u8>; AT_ONCE]) {
        while !self.hopeless.load(Ordering::Relaxed) {
            // Relaxed is enough: each number is given out once, and a worker
            // that learns late of being hopeless reads two chunks more.
            let first = self.next.fetch_add(AT_ONCE, Ordering::Relaxed);
            if first >= self.chunks {
                return;
            }
            let mut one = self.chunk(first);
            let mut other = (first + 1 < self.chunks).then(|| self.chunk(first + 1));
            for begin in (0..CHUNK_BYTES).step_by(PIECE_BYTES) {
                let bytes = self.read(&mut one, begin, buffer);
                let Some(other) = &mut other else {
                    one.hasher.update(bytes);
                    continue;
                };
                let other_bytes = self.read(other, begin, beside);
                update_two(&mut one.hasher, bytes, &mut other.hasher, other_bytes);
            }
            [Some(one), other].into_iter().flatten().for_each(|chunk| self.judge(chunk));
        }
    }

    /// A chunk of which nothing was read yet.
    fn chunk(&self, chunk: usize) -> Chunk {
        let at = self.before.partition_point(|before| *before <= chunk) - 1;
        let number = chunk - self.before[at];
        let first = number as u64 * CHUNK_BYTES;
        let length = CHUNK_BYTES.min(self.listed[at].1.size_bytes - first);
        let (hasher, crc) = (Sha256::new(), crc32fast::Hasher::new());
        Chunk { chunk, at, number, first, length, hasher, crc, fault: None }
    }

    /// Reads what of a chunk begins at its byte `begin`: nothing beyond its
    /// end, and nothing more of one that can't be read.
    fn read<'b>(&self, chunk: &mut Chunk, begin: u64, buffer: &'b mut [u8]) -> &'b [u8] {
        let left = chunk.length.saturating_sub(begin).min(PIECE_BYTES as u64);
        if left == 0 || chunk.fault.is_some() {
            return &[];
        }
        let bytes = &mut buffer[..left as usize];
        let offset = self.data_offset(chunk.at) + chunk.first + begin;
        if let Err(error) = self.container.volumes.read(offset, bytes) {
            chunk.fault = Some(DamageKind::of(&error));
            self.meter.advance(chunk.length - begin);
            return &[];
        }
        if !self.read_back {
            chunk.crc.update(bytes);
        }
        self.meter.advance(left);
        bytes
    }

    /// Where a package's bytes begin in the container.
    fn data_offset(&self, at: usize) -> u64 {
        self.container.packages[self.listed[at].0].1.data_offset()
    }

    /// Compares a chunk's digest with the signed one, and notes what became of it.
    fn judge(&self, Chunk { chunk, at, number, first, length, hasher, crc, fault }: Chunk) {
        let (_, package) = self.listed[at];
        let differs = || (Sha256Digest::finish(hasher) != package.chunks[number]).then_some(DamageKind::Differs);
        let mut found = self.found.lock().expect("no worker panics while it holds the list");
        let Some(fault) = fault.or_else(differs) else {
            found.crcs[chunk] = crc.finalize();
            return;
        };
        let spans = self.container.volumes.spans(self.data_offset(at) + first, length);
        let file = package.file.clone();
        found.damages.push(Damage { file, first, last: first + length - 1, spans, fault });
        self.hopeless.store(found.damages.len() >= MAX_DAMAGES_KEPT, Ordering::Relaxed);
    }

    fn finish(self) -> Result<(), BundleError> {
        let found = self.found.into_inner().expect("no worker panics while it holds the list");
        if let Some(damages) = Damages::of(found.damages, self.read_back) {
            return Err(BundleError::Damaged(Box::new(damages)));
        }
        if self.read_back {
            return Ok(());
        }
        // The signed digests hold already. This is for stock tools, which would call the package broken.
        for (at, (place, package)) in self.listed.iter().enumerate() {
            let (_, entry) = &self.container.packages[*place];
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
