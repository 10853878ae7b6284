//! Digests a package's chunks while it is read and written, on two more threads.
//!
//! Chunks go two by two ([`Sha256Digest::of_two`]) to whichever hashing thread
//! waits for some. Where none waits, the thread that reads and writes is the
//! faster one, and digests the two itself before it goes on. So all end
//! together, be the medium slow or fast.

use crate::model::{Sha256Digest, cores};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, ScopedJoinHandle};

/// Hashing threads, where there are as many cores. Each costs the memory of
/// two chunks, and the thread that writes helps where they are too slow.
const MAX_HASHING: usize = 2;

/// What is known of a package's bytes.
pub(super) struct Checked {
    /// SHA-256 of each chunk.
    pub chunks: Vec<Sha256Digest>,
    /// CRC-32 of all of them.
    pub crc: u32,
}

/// Two chunks, and the first one's number.
struct Pair {
    number: usize,
    chunks: [Vec<u8>; 2],
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

impl Pair {
    fn known(&self) -> [Known; 2] {
        let [one, other] = &self.chunks;
        let (first, second) = Sha256Digest::of_two(one, other);
        [Known::new(self.number, first, one), Known::new(self.number + 1, second, other)]
    }
}

/// Takes chunks in order.
pub(super) struct Checker<'scope> {
    /// Has no room: a pair goes from hand to hand, or not at all, so that
    /// memory holds two chunks for each thread and no more.
    pairs: SyncSender<Pair>,
    hashing: Vec<ScopedJoinHandle<'scope, Vec<Known>>>,
    /// Chunks come back to be filled again.
    used: Receiver<[Vec<u8>; 2]>,
    free: Vec<Vec<u8>>,
    taken: usize,
    /// The first of two chunks.
    held: Option<Vec<u8>>,
    /// What was found on this thread.
    known: Vec<Known>,
}

impl<'scope> Checker<'scope> {
    /// Starts the hashing threads, none that would find no two chunks among `chunks`.
    pub fn start(scope: &'scope Scope<'scope, '_>, chunks: usize) -> Self {
        Checker::with_threads(scope, cores().min(MAX_HASHING).min(chunks / 2))
    }

    fn with_threads(scope: &'scope Scope<'scope, '_>, threads: usize) -> Self {
        let (pairs, waiting) = sync_channel(0);
        let (give_back, used) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let hashing = (0..threads).map(|_| {
            let (waiting, give_back) = (Arc::clone(&waiting), give_back.clone());
            scope.spawn(move || hash_pairs(&waiting, &give_back))
        });
        let hashing = hashing.collect();
        Checker { pairs, hashing, used, free: Vec::new(), taken: 0, held: None, known: Vec::new() }
    }

    /// A buffer to fill with the next chunk; it may hold an older one.
    pub fn buffer(&mut self) -> Vec<u8> {
        self.free.extend(self.used.try_iter().flatten());
        self.free.pop().unwrap_or_default()
    }

    /// Takes the next chunk.
    pub fn take(&mut self, chunk: Vec<u8>) {
        self.taken += 1;
        let Some(held) = self.held.take() else {
            self.held = Some(chunk);
            return;
        };
        let pair = Pair { number: self.taken - 2, chunks: [held, chunk] };
        if let Err(TrySendError::Full(pair) | TrySendError::Disconnected(pair)) = self.pairs.try_send(pair) {
            self.known.extend(pair.known());
            self.free.extend(pair.chunks);
        }
    }

    /// Waits for the other threads.
    pub fn finish(mut self) -> Checked {
        drop(self.pairs);
        let last = self.held.map(|chunk| Known::new(self.taken - 1, Sha256Digest::of(&chunk), &chunk));
        self.known.extend(last);
        let theirs = self.hashing.into_iter().flat_map(|thread| thread.join().expect("hashing does not panic"));
        self.known.extend(theirs);
        self.known.sort_unstable_by_key(|known| known.number);
        let mut crc = crc32fast::Hasher::new();
        self.known.iter().for_each(|known| crc.combine(&known.crc));
        Checked { chunks: self.known.into_iter().map(|known| known.digest).collect(), crc: crc.finalize() }
    }
}

/// A hashing thread: pairs, until no more come.
fn hash_pairs(waiting: &Mutex<Receiver<Pair>>, give_back: &Sender<[Vec<u8>; 2]>) -> Vec<Known> {
    let mut found = Vec::new();
    loop {
        // One thread waits within the lock and the others for it. Whose
        // turn it is does not matter, since each pair has its number.
        let next = waiting.lock().expect("no thread panics while it waits").recv();
        let Ok(pair) = next else { return found };
        found.extend(pair.known());
        // Nobody needs them any more where this fails.
        let _ = give_back.send(pair.chunks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_digests_are_those_of_each_chunk_and_the_crc_that_of_all(
            chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..300), 0..14),
            threads in 0..=MAX_HASHING,
        ) {
            let checked = std::thread::scope(|scope| {
                let mut checker = Checker::with_threads(scope, threads);
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
            prop_assert_eq!(checked.crc, crc32fast::hash(&chunks.concat()));
        }
    }
}
