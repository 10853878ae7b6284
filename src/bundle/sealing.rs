//! Digests a package while it is read and written, on this thread and one more.
//!
//! The digest of the whole is one chain of blocks, which only one thread can
//! follow: the hashing thread. Those of the chunks it makes as well, until it
//! falls behind: then the thread that reads and writes is the faster one, and
//! makes them itself before it goes on. So both end together, be the medium
//! slow or fast. Two chains side by side take little more than one
//! ([`update_both`]): the hashing thread's go with the whole, this one's two
//! and two.

use crate::model::{Sha256Digest, update_both};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

/// Chunks that may wait for the hashing thread, and with which it is behind:
/// enough to keep it busy, and few enough that all of them together are 24 MiB
/// at most.
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
    /// The chunk's number, where its own digest is made there as well.
    number: Option<usize>,
}

/// What is known of one chunk.
struct Known {
    number: usize,
    digest: Sha256Digest,
    /// Its CRC-32, which tells its length too.
    crc: crc32fast::Hasher,
}

impl Known {
    fn new(number: usize, digest: Sha256Digest, chunk: &[u8]) -> Self {
        let mut crc = crc32fast::Hasher::new();
        crc.update(chunk);
        Known { number, digest, crc }
    }
}

/// Takes chunks in order.
pub(super) struct Checker<'scope> {
    jobs: SyncSender<Job>,
    hashing: ScopedJoinHandle<'scope, (Sha256Digest, Vec<Known>)>,
    taken: usize,
    /// The first of two chunks that this thread digests.
    held: Option<Arc<Vec<u8>>>,
    /// What was found on this thread.
    chunks: Vec<Known>,
    /// Buffers that were used; free ones have one owner.
    buffers: Vec<Arc<Vec<u8>>>,
}

impl<'scope> Checker<'scope> {
    /// Starts the other thread.
    pub fn start(scope: &'scope Scope<'scope, '_>) -> Self {
        let (jobs, waiting) = sync_channel(WAITING);
        let hashing = scope.spawn(move || hash_all(&waiting));
        Checker { jobs, hashing, taken: 0, held: None, chunks: Vec::new(), buffers: Vec::new() }
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
        let number = self.taken;
        self.taken += 1;
        let ours = self.held.is_some() || self.is_behind();
        let job = Job { chunk: Arc::clone(&chunk), number: (!ours).then_some(number) };
        self.jobs.send(job).expect("the hashing thread ends only after its channel");
        match self.held.take() {
            Some(held) => {
                let (one, other) = Sha256Digest::of_two(&held, &chunk);
                self.chunks.extend([Known::new(number - 1, one, &held), Known::new(number, other, &chunk)]);
            }
            None => self.held = ours.then(|| Arc::clone(&chunk)),
        }
        self.buffers.push(chunk);
    }

    /// Whether the hashing thread has as much before it as may wait.
    fn is_behind(&self) -> bool {
        self.buffers.iter().filter(|buffer| Arc::strong_count(buffer) > 1).count() >= WAITING
    }

    /// Waits for the other thread.
    pub fn finish(mut self) -> Checked {
        drop(self.jobs);
        self.chunks.extend(self.held.map(|held| Known::new(self.taken - 1, Sha256Digest::of(&held), &held)));
        let (whole, theirs) = self.hashing.join().expect("hashing does not panic");
        self.chunks.extend(theirs);
        self.chunks.sort_unstable_by_key(|known| known.number);
        let mut crc = crc32fast::Hasher::new();
        self.chunks.iter().for_each(|known| crc.combine(&known.crc));
        let chunks = self.chunks.into_iter().map(|known| known.digest).collect();
        Checked { whole, chunks, crc: crc.finalize() }
    }
}

/// The hashing thread: the digest of the whole, and those of chunks.
fn hash_all(jobs: &Receiver<Job>) -> (Sha256Digest, Vec<Known>) {
    let mut whole = Sha256::new();
    let mut chunks = Vec::new();
    for Job { chunk, number } in jobs {
        if let Some(number) = number {
            let mut of_chunk = Sha256::new();
            update_both(&mut whole, &mut of_chunk, &chunk);
            chunks.push(Known::new(number, Sha256Digest::finish(of_chunk), &chunk));
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
