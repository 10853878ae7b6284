//! A package's digests in one pass over its bytes.

use crate::model::{CHUNK_BYTES, Sha256Digest, update_both};
use sha2::Sha256;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread::JoinHandle;

/// How many pieces may wait to be hashed.
// Pieces have a MiB, so this is also how many MiB wait in memory.
const WAITING_PIECES: usize = 16;

/// SHA-256 works in blocks of so many bytes; chunks are made of whole ones.
const BLOCK_BYTES: usize = 64;

/// What one pass over a package tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    /// How many bytes there were.
    pub size_bytes: u64,
    /// SHA-256 of all of them.
    pub sha256: Sha256Digest,
    /// SHA-256 of each chunk of [`CHUNK_BYTES`], in order; the last may be shorter.
    pub chunks: Vec<Sha256Digest>,
}

/// Takes a package's bytes as they come, once: the whole's digest and the
/// chunk's are made side by side.
#[derive(Default)]
pub struct Digester {
    whole: Sha256,
    chunk: Sha256,
    /// How much of the chunk was taken.
    chunk_bytes: usize,
    chunks: Vec<Sha256Digest>,
    size_bytes: u64,
}

impl Digester {
    /// Takes the next bytes.
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.size_bytes += bytes.len() as u64;
        while !bytes.is_empty() {
            // Pieces that begin within a block are first brought to its end:
            // from there on whole blocks are taken as they lie in memory.
            let within = self.chunk_bytes % BLOCK_BYTES;
            let room = if within > 0 { BLOCK_BYTES - within } else { chunk_len() - self.chunk_bytes };
            let (now, later) = bytes.split_at(bytes.len().min(room));
            update_both(&mut self.whole, &mut self.chunk, now);
            self.chunk_bytes += now.len();
            bytes = later;
            if self.chunk_bytes == chunk_len() {
                self.close_chunk();
            }
        }
    }

    /// How many bytes it has taken.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Ends the pass.
    pub fn finish(mut self) -> Digests {
        if self.chunk_bytes > 0 {
            self.close_chunk();
        }
        Digests { size_bytes: self.size_bytes, sha256: Sha256Digest::finish(self.whole), chunks: self.chunks }
    }

    fn close_chunk(&mut self) {
        self.chunks.push(Sha256Digest::finish(std::mem::take(&mut self.chunk)));
        self.chunk_bytes = 0;
    }
}

/// A digester on a thread of its own, so that hashing overlaps with whatever
/// brings the bytes; it is at most [`WAITING_PIECES`] behind.
pub struct BackgroundDigester {
    pieces: SyncSender<Vec<u8>>,
    /// Buffers come back to be filled again.
    used: Receiver<Vec<u8>>,
    worker: JoinHandle<Digests>,
}

impl Default for BackgroundDigester {
    fn default() -> Self {
        let mut digester = Digester::default();
        // Bounded, so that a slow digest holds the reading back instead of filling the memory.
        let (pieces, incoming) = std::sync::mpsc::sync_channel::<Vec<u8>>(WAITING_PIECES);
        let (give_back, used) = std::sync::mpsc::channel();
        let worker = std::thread::spawn(move || {
            for piece in incoming {
                digester.update(&piece);
                // Nobody needs it any more where this fails.
                let _ = give_back.send(piece);
            }
            digester.finish()
        });
        BackgroundDigester { pieces, used, worker }
    }
}

impl BackgroundDigester {
    /// Reads the next `most_bytes`, fewer at the end of `source` or before an
    /// error, which comes beside what was read.
    pub fn read(&self, source: &mut dyn Read, most_bytes: usize) -> (Vec<u8>, io::Result<()>) {
        let mut piece = self.used.try_recv().unwrap_or_default();
        piece.resize(most_bytes, 0);
        let mut filled = 0;
        let outcome = loop {
            match source.read(&mut piece[filled..]) {
                Ok(0) => break Ok(()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
        };
        piece.truncate(filled);
        (piece, outcome)
    }

    /// Takes the next bytes; waits where it is too far behind.
    pub fn update(&self, bytes: Vec<u8>) {
        self.pieces.send(bytes).expect("the worker takes pieces until this is finished");
    }

    /// Ends the pass.
    pub fn finish(self) -> Digests {
        drop(self.pieces);
        self.worker.join().expect("hashing does not panic")
    }
}

fn chunk_len() -> usize {
    usize::try_from(CHUNK_BYTES).expect("4 MiB fits any address space")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn pieces_do_not_matter(
            size in prop_oneof![0usize..3, Just(chunk_len() - 1), Just(chunk_len()), Just(2 * chunk_len() + 7)],
            piece in 1usize..3_000_000,
        ) {
            let bytes: Vec<u8> = (0..size).map(|i| (i * 31 % 251) as u8).collect();
            let mut digester = Digester::default();
            bytes.chunks(piece).for_each(|piece| digester.update(piece));
            let digests = digester.finish();
            prop_assert_eq!(digests.size_bytes, size as u64);
            prop_assert_eq!(digests.sha256, Sha256Digest::of(&bytes));
            let chunks: Vec<_> = bytes.chunks(chunk_len()).map(Sha256Digest::of).collect();
            prop_assert_eq!(digests.chunks, chunks);
        }
    }
}
