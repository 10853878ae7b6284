//! Other origins that a person let downloads come from: the vendor of a code may
//! hand its files out at another server than the one that took the code.

use std::sync::{Arc, PoisonError};

use url::Url;

use super::{
    Client, Proxy, TlsTrust, WebError,
    address::{https_url, origin_of},
};

impl Client {
    /// Lets what is asked for without a form come from another origin as well.
    /// Its TLS is checked like this one's; no cookie and no form of ours goes there.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn also_from(&self, origin: &str, trust: &TlsTrust, proxy: Option<Proxy>) -> Result<(), WebError> {
        // With the same state of the connection: whoever reads the body asks this client what became of it.
        let other = Self::with_fate(origin, trust, self.timeouts, proxy, self.fate.clone())?;
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        if !elsewhere.iter().any(|known| known.origin() == other.origin()) {
            elsewhere.push(Arc::new(other));
        }
        Ok(())
    }

    /// The client for another origin that was let in.
    pub(super) fn at(&self, url: &Url) -> Option<Arc<Client>> {
        // Asked by origin and not by host: another port is another server.
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.iter().find(|other| other.base.origin() == url.origin()).cloned()
    }
}

/// Scheme, host and port of an `https` address, as errors name them.
///
/// # Errors
/// [`WebError::BadUrl`].
pub fn origin(address: &str) -> Result<String, WebError> {
    https_url(address).map(|url| origin_of(&url))
}

/// Of a request's headers those that go along to another origin: which bytes are wanted.
pub(super) fn ranges(headers: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
    headers.iter().filter(|(name, _)| matches!(*name, "Range" | "If-Range")).cloned().collect()
}
