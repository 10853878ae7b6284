//! Addresses: what may be asked for, and whose it is.

use super::{WebError, page::shown};
use crate::model::text::one_line;
use url::Url;

/// Reads an `https` address; user name and password in it are refused.
pub(super) fn https_url(text: &str) -> Result<Url, WebError> {
    let bad = |why| WebError::BadUrl { url: shown(text), why };
    let url = Url::parse(text.trim()).map_err(|_| bad("it is not a URL"))?;
    if url.scheme() != "https" {
        return Err(bad("it does not begin with https://"));
    }
    // `https://vendor@evil.example` shows one name and leads to another, and a password in an address ends in logs.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("a user name or password has no place in it"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("it names no host"));
    }
    Ok(url)
}

/// Scheme, host and port.
pub(super) fn origin_of(url: &Url) -> String {
    // `origin()` writes no default port and no path, so two spellings of one server are one origin.
    one_line(&url.origin().ascii_serialization())
}
