//! Digests a package while it is read and written, on this thread and one more.
//!
//! The digest of the whole is one chain of blocks, which only one thread can
//! follow. Reading and writing leave the other thread half of its time, so
//! that it takes half of the chunks: then both end together. Two chains side by
//! side take little more than one ([`update_both`]), so each half goes with
//! something: the hashing thread's with the whole, this one's two and two.

use crate::model::{Sha256Digest, update_both};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

/// Chunks that may wait for the hashing thread: enough to keep it busy, and
/// few enough that all of them together are 24 MiB at most.
const WAITING: usize = 2;

/// All digests of one package.
pub struct Checked {
    /// Of all of it.
    pub whole: Sha256Digest,
    /// Of each chunk.
    pub chunks: Vec<Sha256Digest>,
    /// CRC-32 of all of it.
    pub crc: u32,
}

/// What the hashing thread takes.
struct Job {
    chunk: Arc<Vec<u8>>,
    /// Whether the chunk's own digest is made there as well.
    with_chunk: bool,
}

/// Takes chunks in order.
pub(super) struct Checker<'scope> {
    jobs: SyncSender<Job>,
    hashing: ScopedJoinHandle<'scope, (Sha256Digest, Vec<Sha256Digest>)>,
    crc: crc32fast::Hasher,
    taken: usize,
    /// The first of two chunks that this thread digests.
    held: Option<Arc<Vec<u8>>>,
    /// The digests made on this thread.
    chunks: Vec<Sha256Digest>,
    /// Buffers that were used; free ones have one owner.
    buffers: Vec<Arc<Vec<u8>>>,
}

impl<'scope> Checker<'scope> {
    /// Starts the other thread.
    pub fn start(scope: &'scope Scope<'scope, '_>) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let hashing = scope.spawn(move || hash_all(&waiting));
        let crc = crc32fast::Hasher::new();
        Checker { jobs, hashing, crc, taken: 0, held: None, chunks: Vec::new(), buffers: Vec::new() }
    }

    /// A buffer to fill with the next chunk; it may hold an older one.
    pub fn buffer(&mut self) -> Vec<u8> {
        let free = self.buffers.iter().position(|buffer| Arc::strong_count(buffer) == 1);
        let buffer = free.map(|at| self.buffers.swap_remove(at)).and_then(Arc::into_inner);
        buffer.unwrap_or_default()
    }

    /// Takes the next chunk; waits where the hashing thread is too far behind.
    pub fn take(&mut self, chunk: Vec<u8>) {
        let chunk = Arc::new(chunk);
        let with_chunk = !is_ours(self.taken);
        self.taken += 1;
        let job = Job { chunk: Arc::clone(&chunk), with_chunk };
        self.jobs.send(job).expect("the hashing thread ends only after its channel");
        self.crc.update(&chunk);
        if !with_chunk {
            match self.held.take() {
                None => self.held = Some(Arc::clone(&chunk)),
                Some(held) => self.chunks.extend(<[_; 2]>::from(Sha256Digest::of_two(&held, &chunk))),
            }
        }
        self.buffers.push(chunk);
    }

    /// Waits for the other thread.
    pub fn finish(mut self) -> Checked {
        drop(self.jobs);
        self.chunks.extend(self.held.map(|held| Sha256Digest::of(&held)));
        let (whole, theirs) = self.hashing.join().expect("hashing does not panic");
        let (mut ours, mut theirs) = (self.chunks.into_iter(), theirs.into_iter());
        let chunks = (0..self.taken).map_while(|number| if is_ours(number) { ours.next() } else { theirs.next() });
        Checked { whole, chunks: chunks.collect(), crc: self.crc.finalize() }
    }
}

/// Whether the thread that reads and writes digests the chunk of that number: every other two.
fn is_ours(number: usize) -> bool {
    number / 2 % 2 == 1
}

/// The hashing thread: the digest of the whole, and those of its chunks.
fn hash_all(jobs: &Receiver<Job>) -> (Sha256Digest, Vec<Sha256Digest>) {
    let mut whole = Sha256::new();
    let mut chunks = Vec::new();
    for Job { chunk, with_chunk } in jobs {
        if with_chunk {
            let mut of_chunk = Sha256::new();
            update_both(&mut whole, &mut of_chunk, &chunk);
            chunks.push(Sha256Digest::finish(of_chunk));
        } else {
            whole.update(chunk.as_slice());
        }
    }
    (Sha256Digest::finish(whole), chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_digests_are_those_of_each_chunk_and_of_all(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..14),
        ) {
            let checked = std::thread::scope(|scope| {
                let mut checker = Checker::start(scope);
                for chunk in &chunks {
                    let mut buffer = checker.buffer();
                    buffer.clear();
                    buffer.extend(chunk);
                    checker.take(buffer);
                }
                checker.finish()
            });
            let of_each: Vec<_> = chunks.iter().map(|chunk| Sha256Digest::of(chunk)).collect();
            prop_assert_eq!(checked.chunks, of_each);
            prop_assert_eq!(checked.whole, Sha256Digest::of(&chunks.concat()));
            prop_assert_eq!(checked.crc, crc32fast::hash(&chunks.concat()));
        }
    }
}
