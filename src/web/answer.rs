//! An answer as it comes: where from, what its header says, when it ends.

use std::{
    io::Read,
    sync::{Arc, atomic::Ordering},
};

use ureq::{
    Body,
    http::{Response, header},
};
use url::Url;

use super::{
    WebError,
    connector::ConnectionState,
    cookies::read_date,
    page::shown,
    wire::{END_MISSING, OwnError},
};
use crate::model::text::one_line;

/// Longest wait that a server may ask for and be believed, in seconds.
const MAX_RETRY_AFTER_SECS: u64 = 24 * 3600;

/// An answer and the address it came from.
pub(super) struct Fetched {
    pub url: Url,
    /// How many redirects led there.
    pub redirects: usize,
    pub response: Response<Body>,
}

/// Reads a body that only the connection's end delimits.
pub(super) struct UntilGoodbye<R> {
    pub reader: R,
    pub fate: Arc<ConnectionState>,
}

impl<R: Read> Read for UntilGoodbye<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(into)?;
        if read == 0 && !into.is_empty() && self.fate.cut.load(Ordering::Relaxed) {
            return Err(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, OwnError(END_MISSING)));
        }
        Ok(read)
    }
}

/// Refuses a body that was compressed although nothing compressed was asked
/// for: its bytes are not the file's, and a digest over them is of no use.
pub(super) fn plain(url: &Url, response: &Response<Body>) -> Result<(), WebError> {
    let coding = header_text(response, header::CONTENT_ENCODING).unwrap_or_default();
    if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    Err(WebError::Compressed { url: shown(url.as_str()), coding })
}

/// A header's text, printable.
pub(super) fn header_text(response: &Response<Body>, name: header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(one_line(&String::from_utf8_lossy(value.as_bytes())))
}

/// After how many seconds an answer asks to be called again: said in seconds,
/// or as a time by the clock of whoever says it.
pub(super) fn retry_after(response: &Response<Body>) -> Option<u64> {
    let text = header_text(response, header::RETRY_AFTER)?;
    let secs = match text.trim().parse::<u64>() {
        Ok(secs) => secs,
        Err(_) => {
            let now = header_text(response, header::DATE).and_then(|date| read_date(&date)).unwrap_or_else(now);
            u64::try_from((read_date(&text)? - now).whole_seconds()).unwrap_or(0)
        }
    };
    Some(secs.min(MAX_RETRY_AFTER_SECS))
}

fn now() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}
