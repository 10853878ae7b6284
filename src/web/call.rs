//! Calls to an interface made for programs: bytes go, bytes come.
//!
//! Each call has a connection of its own and says so, because such interfaces
//! ask for it. No redirect is followed: one would lead to a page, and carry
//! the caller's authorization there.

use std::io::Read;

use ureq::http::{HeaderMap, HeaderValue, Request, header};
use zeroize::Zeroizing;

use super::{
    Client, WebError,
    answer::{plain, retry_after},
    page::shown,
};
use crate::model::{Secret, text::one_line};

/// One request.
pub struct Call<'a> {
    /// Path and query, relative to the client's base.
    pub path: &'a str,
    /// The media types that are understood.
    pub accept: &'static str,
    /// The whole `Authorization` header.
    pub authorization: Option<&'a Secret>,
    /// Media type and bytes of a POST; `None` for a GET.
    pub body: Option<(&'static str, &'a [u8])>,
}

/// An answer whose body is still to be read.
pub struct Reply {
    /// The HTTP status, whatever it is.
    pub status: u16,
    /// The address that answered, without query.
    pub place: String,
    /// After how many seconds the server asks to be called again.
    pub retry_after_secs: Option<u64>,
    /// The body's bytes; an early end or a silence is an error.
    pub reader: Box<dyn Read + Send>,
    headers: HeaderMap,
}

impl Reply {
    /// A header's text, printable; `None` where it was not sent.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| one_line(&String::from_utf8_lossy(value.as_bytes())))
    }
}

impl Client {
    /// Sends one call. Any status is an answer; only the network's errors are errors.
    ///
    /// # Errors
    /// Those of the network; [`WebError::Compressed`].
    pub fn call(&self, call: &Call<'_>) -> Result<Reply, WebError> {
        let url = self.address(call.path)?;
        let place = shown(url.as_str());
        let unusable = || WebError::BadUrl { url: place.clone(), why: "it can't be asked for" };
        let request = match call.body {
            None => Request::get(url.as_str()),
            Some((media_type, _)) => Request::post(url.as_str()).header(header::CONTENT_TYPE, media_type),
        };
        let mut request = request.header(header::ACCEPT, call.accept).header(header::CONNECTION, "close");
        if let Some(authorization) = call.authorization {
            let mut value = HeaderValue::from_str(authorization.reveal()).map_err(|_| unusable())?;
            // Else the HTTP library shows it in its own traces.
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        self.fate.reset();
        let answer = match call.body {
            None => self.agent.run(request.body(()).map_err(|_| unusable())?),
            Some((_, bytes)) => self.agent.run(request.body(bytes).map_err(|_| unusable())?),
        };
        // An HTTP error is an answer: interfaces say in its body what was wrong, and the caller reads that.
        let response = answer.map_err(|error| self.network(error))?;
        plain(&url, &response)?;
        Ok(Reply {
            status: response.status().as_u16(),
            place,
            retry_after_secs: retry_after(&response),
            headers: response.headers().clone(),
            reader: self.reader(response),
        })
    }

    /// Reads all of a reply that is at most `limit` bytes long; `what` is
    /// that limit in words. It may hold a secret, so it is wiped when dropped.
    ///
    /// # Errors
    /// Those of the network; [`WebError::LimitExceeded`].
    pub fn read_reply(&self, reply: Reply, limit: usize, what: &'static str) -> Result<Zeroizing<Vec<u8>>, WebError> {
        let mut body = Zeroizing::new(Vec::new());
        // A byte beyond the limit is asked for, since the length that was announced may be missing or wrong.
        let read = reply.reader.take(limit as u64 + 1).read_to_end(&mut body);
        read.map_err(|error| self.transfer_error(error))?;
        if body.len() > limit {
            return Err(WebError::LimitExceeded { place: reply.place, what });
        }
        Ok(body)
    }
}
