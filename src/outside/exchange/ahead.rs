//! Reading ahead: what comes from the network is taken on a thread of its own,
//! while the pieces before it are written and digested.

use std::io::{self, ErrorKind, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

/// Bytes of a piece: smaller ones cost more in waiting than in work.
const PIECE_BYTES: usize = 256 << 10;

/// How many pieces may wait while those before them are still worked on.
const WAITING_PIECES: usize = 16;

/// How long enough bytes are waited for: what comes slowly is kept, and told, all the same.
const PATIENCE: Duration = Duration::from_millis(250);

/// What came, in a buffer that may be larger.
pub(super) struct Piece {
    buffer: Vec<u8>,
    filled: usize,
    /// Whether more may follow, or the error that came after the bytes.
    pub then: io::Result<bool>,
}

impl Piece {
    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

/// The pieces of a download, in order; the last one has no more to follow, or
/// an error.
pub(super) struct Pieces {
    read: Receiver<Piece>,
    /// Buffers go back to be filled again.
    used: Sender<Vec<u8>>,
}

impl Pieces {
    /// Waits for the next one.
    pub fn next(&self) -> Piece {
        self.read.recv().expect("nobody asks for what follows the last piece")
    }

    /// Gives a piece's buffer back; its end comes out of it.
    pub fn done(&self, piece: Piece) -> io::Result<bool> {
        // Nobody needs it any more where this fails.
        let _ = self.used.send(piece.buffer);
        piece.then
    }
}

/// Lets `take` have the pieces of `reader`. Where it leaves some, it waits
/// until the reading has noticed: for one piece at most.
pub(super) fn read_ahead<T>(reader: &mut (dyn Read + Send), take: impl FnOnce(Pieces) -> T) -> T {
    std::thread::scope(|scope| {
        // Whole pieces wait between the two, and never with whoever reads: a server that falls silent keeps it
        // reading, and what had come before must be written meanwhile.
        let (give, read) = sync_channel(WAITING_PIECES);
        let (used, free) = channel();
        // A scoped thread, because the reader is only borrowed.
        scope.spawn(move || read_all(reader, &give, &free));
        take(Pieces { read, used })
    })
}

/// Reads to the end, an error, or until nobody takes any more.
fn read_all(reader: &mut (dyn Read + Send), give: &SyncSender<Piece>, free: &Receiver<Vec<u8>>) {
    loop {
        // Buffers are used again: a new one for each piece would be cleared by the system each time.
        let mut buffer = free.try_recv().unwrap_or_default();
        buffer.resize(PIECE_BYTES, 0);
        let mut piece = Piece { buffer, filled: 0, then: Ok(true) };
        let began = Instant::now();
        while piece.filled < PIECE_BYTES && (piece.filled == 0 || began.elapsed() < PATIENCE) {
            match reader.read(&mut piece.buffer[piece.filled..]) {
                Ok(count) if count > 0 => piece.filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                ended => {
                    piece.then = ended.map(|_| false);
                    let _ = give.send(piece);
                    return;
                }
            }
        }
        if give.send(piece).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives pieces of given sizes, and an error at the end, or none.
    struct Script {
        sizes: Vec<usize>,
        given: usize,
        fails: bool,
    }

    impl Read for Script {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let Some(size) = self.sizes.pop() else {
                return if self.fails { Err(io::Error::other("cut")) } else { Ok(0) };
            };
            let count = size.min(into.len());
            if count < size {
                self.sizes.push(size - count);
            }
            for byte in &mut into[..count] {
                *byte = (self.given % 251) as u8;
                self.given += 1;
            }
            Ok(count)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn every_byte_comes_in_order_and_an_error_after_them(
            sizes in proptest::collection::vec(1usize..900_000, 0..20),
            fails in any::<bool>(),
        ) {
            let total: usize = sizes.iter().sum();
            let mut script = Script { sizes, given: 0, fails };
            let (at, end) = read_ahead(&mut script, |pieces| {
                let mut at = 0usize;
                loop {
                    let piece = pieces.next();
                    for byte in piece.bytes() {
                        assert_eq!(*byte, (at % 251) as u8);
                        at += 1;
                    }
                    match pieces.done(piece) {
                        Ok(true) => {}
                        end => return (at, end),
                    }
                }
            });
            prop_assert_eq!(at, total);
            prop_assert_eq!(end.is_err(), fails);
        }
    }

    #[test]
    fn what_is_left_ends_the_reading() {
        let many = 4 * WAITING_PIECES;
        let mut script = Script { sizes: vec![PIECE_BYTES; many], given: 0, fails: false };
        let first = read_ahead(&mut script, |pieces| pieces.next().bytes().len());
        assert!(first == PIECE_BYTES && script.given < many * PIECE_BYTES, "{first} {}", script.given);
    }

    /// Gives some pieces at once, and then nothing until it is told to end.
    struct Silent {
        pieces: usize,
        end: Receiver<()>,
    }

    impl Read for Silent {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.pieces > 0 {
                self.pieces -= 1;
                return Ok(into.len());
            }
            let _ = self.end.recv();
            Ok(0)
        }
    }

    #[test]
    fn what_came_before_a_silence_is_there_though_nobody_took_it_when_it_came() {
        let (done, end) = channel();
        let mut silent = Silent { pieces: 3, end };
        let came = read_ahead(&mut silent, |pieces| {
            // Whoever takes them is busy until the server is silent.
            std::thread::sleep(2 * PATIENCE);
            let came: usize = (0..3)
                .map(|_| {
                    let piece = pieces.next();
                    let bytes = piece.bytes().len();
                    pieces.done(piece).expect("no error");
                    bytes
                })
                .sum();
            drop(done);
            came
        });
        assert_eq!(came, 3 * PIECE_BYTES);
    }
}
