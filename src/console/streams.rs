//! The two streams that words go to, and what of them reached nobody.
//!
//! The streams are the process's own, so what they lost is kept once for it.
//! Two kinds of loss are told apart: a stream that can't be written (a full
//! disk), and a reader that went away (`| head`), which is no error of a
//! listing. For a question either is one: who answers must have read it all.

use super::wrap::wrapped;
use super::{held, live};
use crate::model::{Exit, Failure};
use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::Mutex;

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// How a stream comes to lead to the null device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Null {
    /// It was closed when the program began: the runtime opens the null device
    /// in its place, for reading and writing.
    Closed,
    /// Somebody's wish, such as a shell's `>/dev/null`, which only writes.
    Asked,
}

/// The first loss of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lost {
    unwritten: Option<Loss>,
    unread: Option<Loss>,
}

/// A line that did not go out, and why; the system's number of the error is
/// all that outlives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Loss {
    stream: Stream,
    kind: io::ErrorKind,
    number: Option<i32>,
}

static LOST: Mutex<Lost> = Mutex::new(Lost { unwritten: None, unread: None });

impl Stream {
    fn name(self) -> &'static str {
        match self {
            Stream::Out => "standard output",
            Stream::Err => "standard error",
        }
    }

    /// Writes a line and remembers where it did not go out; whether it did.
    pub(super) fn put(self, text: &str) -> bool {
        self.remember(self.write(text))
    }

    /// Writes a line that nothing depends on: progress, a note.
    pub(super) fn mention(self, text: &str) {
        let _ = self.write(text);
    }

    fn write(self, text: &str) -> io::Result<()> {
        // Flushed each time: an error that only shows when the program ends would come too late to be told.
        let line = |stream: &mut dyn Write| writeln!(stream, "{text}").and_then(|()| stream.flush());
        live::beside(|| match self {
            Stream::Out => line(&mut io::stdout()),
            Stream::Err => line(&mut io::stderr()),
        })
    }

    /// Takes down how a write to this stream went; whether it went well.
    pub(super) fn remember(self, written: io::Result<()>) -> bool {
        let Err(error) = written else { return true };
        let loss = Loss { stream: self, kind: error.kind(), number: error.raw_os_error() };
        let mut lost = held(&LOST);
        let first = match error.kind() {
            io::ErrorKind::BrokenPipe => &mut lost.unread,
            _ => &mut lost.unwritten,
        };
        // The first loss explains those that follow it.
        first.get_or_insert(loss);
        false
    }

    /// Whether the caller closed it: then nobody can read what goes there.
    pub(super) fn is_closed(self) -> bool {
        self.null() == Some(Null::Closed)
    }

    /// Whether all that goes there is thrown away.
    pub(super) fn is_thrown_away(self) -> bool {
        self.null().is_some()
    }

    pub(super) fn is_terminal(self) -> bool {
        match self {
            Stream::Out => io::stdout().is_terminal(),
            Stream::Err => io::stderr().is_terminal(),
        }
    }

    /// How wide the terminal is that it leads to; `None` where it leads to none, or that does not say.
    pub(super) fn columns(self) -> Option<usize> {
        let size = match self {
            Stream::Out => terminal_size::terminal_size_of(io::stdout()),
            Stream::Err => terminal_size::terminal_size_of(io::stderr()),
        };
        size.map(|(width, _)| usize::from(width.0))
    }

    /// Text as it is shown there: in lines of the terminal's width, and elsewhere as it is.
    pub(super) fn fitted(self, text: &str) -> Cow<'_, str> {
        self.columns().map_or(Cow::Borrowed(text), |columns| wrapped(text, columns))
    }

    /// What kind of null device it is; `None` where it leads elsewhere.
    #[cfg(unix)]
    fn null(self) -> Option<Null> {
        use std::os::fd::AsFd;
        match self {
            Stream::Out => null(io::stdout().as_fd()),
            Stream::Err => null(io::stderr().as_fd()),
        }
    }

    #[cfg(windows)]
    fn null(self) -> Option<Null> {
        use std::os::windows::io::AsRawHandle;
        use winapi_util::{HandleRef, file};
        let (closed, kind) = match self {
            Stream::Out => (io::stdout().as_raw_handle().is_null(), file::typ(HandleRef::stdout())),
            Stream::Err => (io::stderr().as_raw_handle().is_null(), file::typ(HandleRef::stderr())),
        };
        match kind {
            _ if closed => Some(Null::Closed),
            // Of what Windows calls a device of characters, all that is no console throws away what it gets.
            Ok(kind) if kind.is_char() && !self.is_terminal() => Some(Null::Asked),
            _ => None,
        }
    }
}

#[cfg(unix)]
fn null(stream: std::os::fd::BorrowedFd<'_>) -> Option<Null> {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
    let (there, null) = (fstat(stream).ok()?, stat("/dev/null").ok()?);
    // By the device's number and not by name: the null device may be opened under another path.
    if FileType::from_raw_mode(there.st_mode) != FileType::CharacterDevice || there.st_rdev != null.st_rdev {
        return None;
    }
    let both = fcntl_getfl(stream).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR);
    Some(if both { Null::Closed } else { Null::Asked })
}

/// Why the words of this run reached nobody; `None` where they did, or where
/// their reader went away, which is no error.
pub fn unwritten() -> Option<Failure> {
    held(&LOST).unwritten.map(Loss::failure)
}

/// The same, where whoever reads must have had all of it.
pub(super) fn unheard() -> Option<Failure> {
    let lost = *held(&LOST);
    lost.unwritten.or(lost.unread).map(Loss::failure)
}

impl Loss {
    fn failure(self) -> Failure {
        let why = match (self.kind, self.number) {
            (io::ErrorKind::BrokenPipe, _) => "whoever read it went away".to_owned(),
            (_, Some(number)) => io::Error::from_raw_os_error(number).to_string(),
            (kind, None) => kind.to_string(),
        };
        Failure::new(Exit::OutputLost, format!("what this run says can't be written to {}: {why}", self.stream.name()))
            .hint(
                "have its output go where there is room and a reader; what is done already is done, and is not undone",
            )
    }
}
