//! Reading a package: nothing unverified gets out.

use super::BundleError;
use super::container::Container;
use super::damage::{Damage, DamageKind, Damages};
use crate::model::{CHUNK_BYTES, FileName, Package, Sha256Digest};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};

/// Verified chunks that wait to be given out; with those being verified and
/// the one being given out, at most six are in memory: 24 MiB.
const WAITING: usize = 2;

/// Takes a chunk's number and bytes, and what is wrong with them.
pub type TakeChunk<'a, E> = dyn FnMut(usize, &[u8], Option<BundleError>) -> Result<(), E> + 'a;

/// Bytes that are tried again alone where a chunk can't be read.
// A recovery block: smaller pieces would save nothing that mending needs.
const AGAIN_BYTES: usize = 64 << 10;

/// Reads one package from its first byte to its last.
///
/// Each chunk of 4 MiB is read into memory, checked against its signed digest,
/// and only then given out: a medium that answers differently the second time
/// gains nothing. While a chunk is given out, a thread verifies the next ones,
/// two at a time; it begins with the first read.
#[derive(Debug)]
pub struct VerifiedReader {
    source: Source,
    ahead: Option<Ahead>,
    /// The checked chunk, and how much of it was given out.
    chunk: Vec<u8>,
    given: usize,
    /// How many chunks were taken.
    read: usize,
}

impl VerifiedReader {
    pub(super) fn new(container: Arc<Container>, at: usize, package: &Package) -> Self {
        let source = Source {
            container,
            at,
            file: package.file.clone(),
            size_bytes: package.size_bytes,
            chunks: package.chunks.clone().into(),
        };
        VerifiedReader { source, ahead: None, chunk: Vec::new(), given: 0, read: 0 }
    }

    /// The package's file name.
    pub fn file(&self) -> &FileName {
        &self.source.file
    }

    /// Bytes of the whole package.
    pub fn size_bytes(&self) -> u64 {
        self.source.size_bytes
    }

    /// Reads the chunks of these numbers, which rise, each once, and hands each on, with what is wrong where its bytes
    /// are not what was signed for; what could not be read of them is zeros. A thread reads ahead meanwhile.
    ///
    /// # Errors
    /// What `take` says; then no more is read.
    pub fn chunks<E>(&self, numbers: &[usize], take: &mut TakeChunk<'_, E>) -> Result<(), E> {
        let source = &self.source;
        std::thread::scope(|scope| {
            let (give, read) = sync_channel(WAITING);
            let (used, free) = channel::<Vec<u8>>();
            scope.spawn(move || {
                for number in numbers {
                    let chunk = source.read_what_can_be(*number, free.try_recv().unwrap_or_default());
                    if give.send((*number, chunk)).is_err() {
                        return;
                    }
                }
            });
            for (number, (bytes, failed)) in read {
                let wrong = match failed {
                    Some(error) => Some(source.unreadable(number, &error)),
                    None => (Sha256Digest::of(&bytes) != source.chunks[number]).then(|| source.differs(number)),
                };
                take(number, &bytes, wrong)?;
                // A thread that has read all it had to takes no more buffers.
                let _ = used.send(bytes);
            }
            Ok(())
        })
    }

    /// Takes the next verified chunk; none is left of one that fails, and the
    /// next attempt reads it again.
    fn next_chunk(&mut self) -> Result<(), BundleError> {
        self.given = 0;
        let used = std::mem::take(&mut self.chunk);
        let ahead = self.ahead.get_or_insert_with(|| Ahead::start(self.source.clone(), self.read));
        if !used.is_empty() {
            // A thread that has read all it had to takes no more buffers.
            let _ = ahead.used.send(used);
        }
        match ahead.verified.recv().expect("it ends after the last chunk or an error") {
            Ok(chunk) => {
                self.chunk = chunk;
                self.read += 1;
                Ok(())
            }
            Err(error) => {
                self.ahead = None;
                Err(error)
            }
        }
    }
}

impl Read for VerifiedReader {
    /// Gives out verified bytes.
    ///
    /// An error carries a [`BundleError`]: `error.get_ref()` can be downcast
    /// to it ([`BundleError::in_io`] does).
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.chunk.len() {
            if self.read == self.source.chunks.len() {
                return Ok(0);
            }
            self.next_chunk().map_err(io::Error::other)?;
        }
        let count = buffer.len().min(self.chunk.len() - self.given);
        buffer[..count].copy_from_slice(&self.chunk[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// The thread that reads and verifies; it ends when nobody listens any more.
#[derive(Debug)]
struct Ahead {
    verified: Receiver<Result<Vec<u8>, BundleError>>,
    /// Buffers come back to be filled again.
    used: Sender<Vec<u8>>,
}

impl Ahead {
    fn start(source: Source, from: usize) -> Ahead {
        let (give, verified) = sync_channel(WAITING);
        let (used, free) = channel();
        // Made on the thread that verified the bundle before: see there.
        for _ in 0..(WAITING + 3).min(source.chunks.len()) {
            let _ = used.send(Vec::with_capacity(CHUNK_BYTES as usize));
        }
        // Not a scoped thread: the reader is handed to an HTTP client
        // that knows no scope. It ends when the channel does.
        std::thread::spawn(move || source.verify_all(from, &give, &free));
        Ahead { verified, used }
    }
}

/// Where a package's chunks come from, and what they must be.
#[derive(Debug, Clone)]
struct Source {
    container: Arc<Container>,
    /// The package's place in the bundle.
    at: usize,
    file: FileName,
    size_bytes: u64,
    chunks: Arc<[Sha256Digest]>,
}

impl Source {
    /// Gives out the chunks from `first` on, in order, each read and found
    /// right; the first that fails ends it.
    fn verify_all(&self, first: usize, give: &SyncSender<Result<Vec<u8>, BundleError>>, free: &Receiver<Vec<u8>>) {
        let numbers: Vec<usize> = (first..self.chunks.len()).collect();
        for pair in numbers.chunks(2) {
            // What follows a chunk that can't be read is not waited for.
            let mut read = Vec::with_capacity(2);
            for number in pair {
                let chunk = self.read(*number, free.try_recv().unwrap_or_default());
                let failed = chunk.is_err();
                read.push(chunk);
                if failed {
                    break;
                }
            }
            let digests: Vec<Sha256Digest> = match &read[..] {
                [Ok(one), Ok(other)] => <[Sha256Digest; 2]>::from(Sha256Digest::of_two(one, other)).into(),
                some => some.iter().flatten().map(|chunk| Sha256Digest::of(chunk)).collect(),
            };
            let mut digests = digests.into_iter();
            for (number, chunk) in pair.iter().zip(read) {
                let judged = chunk.and_then(|chunk| match digests.next() == Some(self.chunks[*number]) {
                    true => Ok(chunk),
                    false => Err(self.differs(*number)),
                });
                let ends = judged.is_err();
                if give.send(judged).is_err() || ends {
                    return;
                }
            }
        }
    }

    /// Reads a chunk, not verified yet, into a buffer that may hold an older one.
    fn read(&self, number: usize, mut buffer: Vec<u8>) -> Result<Vec<u8>, BundleError> {
        let (_, length, offset) = self.place(number);
        buffer.resize(length as usize, 0);
        self.container.volumes.read(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// The same, and where that fails what can be read of it, with the error: what lies beside a bad spot is saved.
    fn read_what_can_be(&self, number: usize, mut buffer: Vec<u8>) -> (Vec<u8>, Option<BundleError>) {
        let (_, length, offset) = self.place(number);
        buffer.resize(length as usize, 0);
        let Err(error) = self.container.volumes.read(offset, &mut buffer) else { return (buffer, None) };
        for (at, piece) in buffer.chunks_mut(AGAIN_BYTES).enumerate() {
            if self.container.volumes.read(offset + (at * AGAIN_BYTES) as u64, piece).is_err() {
                piece.fill(0);
            }
        }
        (buffer, Some(error))
    }

    fn differs(&self, number: usize) -> BundleError {
        self.damaged(number, DamageKind::Differs)
    }

    fn unreadable(&self, number: usize, error: &BundleError) -> BundleError {
        self.damaged(number, DamageKind::of(error))
    }

    fn damaged(&self, number: usize, fault: DamageKind) -> BundleError {
        let (first, length, offset) = self.place(number);
        let spans = self.container.volumes.spans(offset, length);
        let damage = Damage { file: self.file.clone(), first, last: first + length - 1, spans, fault };
        BundleError::Damaged(Box::new(Damages { ranges: vec![damage], more: 0, read_back: false }))
    }

    /// Where a chunk begins in its package, its length, and where it lies in the bundle.
    fn place(&self, number: usize) -> (u64, u64, u64) {
        let first = number as u64 * CHUNK_BYTES;
        let length = CHUNK_BYTES.min(self.size_bytes - first);
        (first, length, self.container.packages[self.at].1.data_offset() + first)
    }
}

impl BundleError {
    /// The bundle's error inside an `io::Error` that [`VerifiedReader`] returned.
    pub fn in_io(error: &io::Error) -> Option<&BundleError> {
        error.get_ref()?.downcast_ref()
    }
}
