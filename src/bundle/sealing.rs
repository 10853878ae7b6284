//! Hashes packages beside the thread that reads and writes them.

use crate::model::{CHUNK_BYTES, Sha256Digest};
use sha2::{Digest, Sha256};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

/// Chunks that may wait for each hashing thread: enough to keep it busy, and
/// few enough that all of them together are 28 MiB at most.
const WAITING: usize = 1;

/// All digests of one package.
pub struct Checked {
    /// Of all of it.
    pub whole: Sha256Digest,
    /// Of each chunk.
    pub chunks: Vec<Sha256Digest>,
    /// CRC-32 of all of it.
    pub crc: u32,
}

/// Two threads that hash what is filled in: one the whole, one the chunks and the CRC-32.
pub(super) struct Checker<'scope> {
    whole: SyncSender<Arc<Vec<u8>>>,
    chunks: SyncSender<Arc<Vec<u8>>>,
    whole_done: ScopedJoinHandle<'scope, Sha256Digest>,
    chunks_done: ScopedJoinHandle<'scope, (Vec<Sha256Digest>, u32)>,
    /// Buffers that were used; free ones have one owner.
    buffers: Vec<Arc<Vec<u8>>>,
}

impl<'scope> Checker<'scope> {
    /// Starts both threads.
    pub fn start(scope: &'scope Scope<'scope, '_>) -> Self {
        let (whole, wholes) = sync_channel::<Arc<Vec<u8>>>(WAITING);
        let (chunks, parts) = sync_channel::<Arc<Vec<u8>>>(WAITING);
        let whole_done = scope.spawn(move || {
            let mut hasher = Sha256::new();
            wholes.into_iter().for_each(|chunk| hasher.update(chunk.as_slice()));
            Sha256Digest::finish(hasher)
        });
        let chunks_done = scope.spawn(move || {
            let mut crc = crc32fast::Hasher::new();
            let mut digests = Vec::new();
            let mut parts = parts.into_iter();
            while let Some(chunk) = parts.next() {
                crc.update(&chunk);
                let Some(after) = parts.next() else {
                    digests.push(Sha256Digest::of(&chunk));
                    break;
                };
                crc.update(&after);
                digests.extend(<[Sha256Digest; 2]>::from(Sha256Digest::of_two(&chunk, &after)));
            }
            (digests, crc.finalize())
        });
        Checker { whole, chunks, whole_done, chunks_done, buffers: Vec::new() }
    }

    /// Lets `read` fill a buffer with the next chunk, hands it to both threads
    /// and returns it. What `read` is given may hold an older chunk.
    pub fn fill(&mut self, read: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<Arc<Vec<u8>>> {
        let free = self.buffers.iter().position(|buffer| Arc::strong_count(buffer) == 1);
        let mut buffer = match free {
            Some(at) => self.buffers.swap_remove(at),
            None => Arc::new(Vec::with_capacity(CHUNK_BYTES as usize)),
        };
        read(Arc::get_mut(&mut buffer).expect("a free buffer has one owner"))?;
        for thread in [&self.whole, &self.chunks] {
            thread.send(Arc::clone(&buffer)).expect("hashing threads end only after their channel");
        }
        self.buffers.push(Arc::clone(&buffer));
        Ok(buffer)
    }

    /// Waits for both threads.
    pub fn finish(self) -> Checked {
        drop((self.whole, self.chunks));
        let whole = self.whole_done.join().expect("hashing does not panic");
        let (chunks, crc) = self.chunks_done.join().expect("hashing does not panic");
        Checked { whole, chunks, crc }
    }
}
