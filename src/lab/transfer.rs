//! Sending a package piece by piece: ranges, progress, and faults half-way.

use super::package::PackageReader;
use super::world::Shared;
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::io::Read;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Sleep;

/// Bytes sent at a time.
const PIECE_BYTES: u64 = 64 * 1024;

/// Bytes before a piece in its buffer, half a page: TLS records begin pages,
/// and where a copy's two ends lie alike in theirs some processors take three
/// times as long.
const LEAD_BYTES: usize = 2048;

/// How long before a connection is cut.
const BEFORE_CUT: Duration = Duration::from_millis(100);

/// What goes wrong on the way, and at which offset in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    None,
    CutAt(u64),
    StallAt(u64),
}

/// The part of a package that one answer carries.
pub(super) struct PackageBody {
    pub(super) world: Shared,
    /// Its place in the catalogue.
    pub(super) index: usize,
    pub(super) reader: PackageReader,
    /// Where the next piece begins, and where the part ends.
    pub(super) at: u64,
    pub(super) end: u64,
    pub(super) mishap: Mishap,
    pub(super) pause: Option<Pin<Box<Sleep>>>,
}

impl Body for PackageBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.at >= self.end {
            return Poll::Ready(None);
        }
        match self.mishap {
            Mishap::CutAt(at) if self.at >= at => {
                // What went before the cut gets out first.
                let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(BEFORE_CUT)));
                return pause.as_mut().poll(context).map(|()| Some(Err(std::io::Error::other("cut"))));
            }
            // Nobody wakes this up: the peer has to lose its patience.
            Mishap::StallAt(at) if self.at >= at => return Poll::Pending,
            _ => {}
        }
        let wanted = PIECE_BYTES.min(self.end - self.at);
        let mut piece = vec![0; LEAD_BYTES + usize::try_from(wanted).expect("a piece fits in memory")];
        if let Err(error) = self.reader.read_exact(&mut piece[LEAD_BYTES..]) {
            return Poll::Ready(Some(Err(error)));
        }
        let from = self.at;
        self.at += wanted;
        let size_bytes = self.world.catalogue[self.index].size_bytes;
        self.world.shop().note_served(self.index, from, self.at, size_bytes);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from(piece).slice(LEAD_BYTES..)))))
    }

    fn is_end_stream(&self) -> bool {
        self.at >= self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.at)
    }
}

/// What a Range header asks of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestedRange {
    /// All of it, or something this server takes for that.
    Whole,
    /// From the first offset up to, not including, the second.
    Part(u64, u64),
    /// Something that is not there.
    Unsatisfiable,
}

/// Reads a Range header's value (RFC 9110, section 14.1): one range of bytes;
/// what can't be read is ignored, as the RFC wants.
pub(super) fn asked(range: &str, size_bytes: u64) -> RequestedRange {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return RequestedRange::Whole;
    };
    let number = |text: &str| text.parse::<u64>().ok();
    match (first, last) {
        ("", last) => match number(last) {
            Some(0) => RequestedRange::Unsatisfiable,
            Some(count) => RequestedRange::Part(size_bytes.saturating_sub(count), size_bytes),
            None => RequestedRange::Whole,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), _) if first >= size_bytes => RequestedRange::Unsatisfiable,
            (Some(first), None) if last.is_empty() => RequestedRange::Part(first, size_bytes),
            (Some(first), Some(last)) if first <= last => {
                RequestedRange::Part(first, last.saturating_add(1).min(size_bytes))
            }
            _ => RequestedRange::Whole,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_read_as_the_rfc_says() {
        assert_eq!(asked("bytes=0-", 10), RequestedRange::Part(0, 10));
        assert_eq!(asked("bytes=4-6", 10), RequestedRange::Part(4, 7));
        assert_eq!(asked("bytes=4-99", 10), RequestedRange::Part(4, 10));
        assert_eq!(asked("bytes=-3", 10), RequestedRange::Part(7, 10));
        assert_eq!(asked("bytes=10-", 10), RequestedRange::Unsatisfiable);
        assert_eq!(asked("bytes=6-4", 10), RequestedRange::Whole);
        assert_eq!(asked("bytes=0-1,3-4", 10), RequestedRange::Whole);
        assert_eq!(asked("lines=1-2", 10), RequestedRange::Whole);
    }
}
