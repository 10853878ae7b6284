//! A proxy between this machine and a server outside.
//!
//! Only whoever asks for one gets one: a [`super::Client`] uses none by itself,
//! whatever the environment says.

use std::net::IpAddr;

use ureq::{ProxyProtocol, Timeout};
use url::Url;

use super::Timeouts;
use crate::model::text::one_line;

/// A proxy that is asked with CONNECT, with the user and password it wants. Its
/// `Debug` shows neither.
#[derive(Clone)]
pub struct Proxy {
    pub(super) inner: ureq::Proxy,
    shown: String,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Proxy({})", self.shown)
    }
}

impl Proxy {
    /// Reads a proxy's address as variables have it: `http://user:password@host:3128`,
    /// or `host:3128`. Special characters in user and password may be
    /// percent-encoded or stand as they are.
    ///
    /// # Errors
    /// What is wrong with it, without a word of what it says.
    pub fn parse(written: &str) -> Result<Self, &'static str> {
        // Variables keep what a shell or a script put around a value.
        let written = crate::model::text::trimmed(written);
        let (scheme, rest) = written.split_once("://").unwrap_or(("http", written));
        let (protocol, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyProtocol::Http, 80),
            "https" => (ProxyProtocol::Https, 443),
            "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => {
                return Err("it is a SOCKS proxy, and only those are used that begin with http:// or https://");
            }
            _ => return Err("it begins neither with http:// nor with https://"),
        };
        // From the right, since a password may hold an `@` that nobody encoded.
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        // The address's own reader judges host and port; a scheme that it has no default port for keeps the port.
        let url = Url::parse(&format!("proxy://{place}")).map_err(|_| "it names no host, or a port that is none")?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
        let port = url.port().unwrap_or(default_port);
        let mut builder = ureq::Proxy::builder(protocol).host(host).port(port);
        if let Some(user) = user {
            let (name, password) = user.split_once(':').unwrap_or((user, ""));
            builder = builder.username(&decoded(name));
            if !password.is_empty() {
                builder = builder.password(&decoded(password));
            }
        }
        let inner = builder.build().map_err(|_| "it is not an address")?;
        Ok(Proxy { inner, shown: one_line(&format!("{}://{host}:{port}", scheme.to_ascii_lowercase())) })
    }

    /// Scheme, host and port: fit to be shown.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// What an error says of the proxy rather than of the server behind it.
    pub(super) fn blamed(&self, error: &ureq::Error, timeouts: Timeouts) -> Option<String> {
        use std::io::ErrorKind::{ConnectionRefused, HostUnreachable, NetworkUnreachable};
        Some(match error {
            ureq::Error::ConnectProxyFailed(told) => {
                // ureq tells what the proxy answered as a text and in no other way.
                match told.split(|c: char| !c.is_ascii_digit()).find(|w| w.len() == 3) {
                    Some("407") if self.inner.username().is_some() => {
                        "it refuses the user name or password it was given (407)".to_owned()
                    }
                    Some("407") => "it wants a user name and password (407)".to_owned(),
                    Some(code @ ("401" | "403" | "451")) => format!("it does not let this machine go there ({code})"),
                    Some(code @ ("500" | "502" | "503" | "504")) => format!("it could not reach that server ({code})"),
                    Some(code) => format!("it answered with HTTP status {code}"),
                    None => "it hung up without an answer".to_owned(),
                }
            }
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                format!("no answer within {} seconds", timeouts.connect.as_secs().max(1))
            }
            ureq::Error::HostNotFound => "no such host name".to_owned(),
            ureq::Error::Io(error)
                if matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable) =>
            {
                one_line(&error.to_string())
            }
            ureq::Error::ConnectionFailed => "the connection failed".to_owned(),
            _ => return None,
        })
    }
}

/// Whether `url` is asked for without a proxy: this machine itself, and what
/// the list `none` (the variable `NO_PROXY`) names: hosts and domains, addresses,
/// networks such as 10.0.0.0/8, each with a port where one is meant; `*` is all.
pub fn goes_direct(url: &str, none: &str) -> bool {
    // An address that does not read goes nowhere by itself: the client refuses it later, with a better word.
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches([']', '.']).to_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    // To a proxy `localhost` is the proxy's own machine.
    let own = host == "localhost" || host.ends_with(".localhost") || address.is_some_and(|a| a.is_loopback());
    let port = url.port_or_known_default();
    let names = |entry: &str| {
        // From the right, because the port is the last part.
        let (entry, wanted) = match entry.rsplit_once(':') {
            // An IPv6 address without brackets has colons, but no port.
            Some((before, after)) if !before.contains(':') || before.ends_with(']') => match after.parse::<u16>() {
                Ok(wanted) => (before, Some(wanted)),
                Err(_) => (entry, None),
            },
            _ => (entry, None),
        };
        let entry = entry.trim_matches(['[', ']', '.']).trim_start_matches("*.").to_lowercase();
        let fits = match (address, entry.split_once('/')) {
            (Some(address), Some((network, bits))) => within(address, network, bits),
            (Some(address), None) => entry.parse::<IpAddr>() == Ok(address),
            (None, _) => host == entry || host.ends_with(&format!(".{entry}")),
        };
        fits && !entry.is_empty() && (wanted.is_none() || wanted == port)
    };
    let entries = || none.split([',', ' ', '\t', ';']).map(str::trim).filter(|entry| !entry.is_empty());
    own || entries().any(|entry| entry == "*" || names(entry))
}

/// Whether an address lies in a network.
fn within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    match (address, network) {
        // Each family by its own width: an IPv4 network never holds an IPv6 address, whatever its bits.
        (IpAddr::V4(a), IpAddr::V4(n)) if bits <= 32 => {
            let shift = 32 - bits;
            // To shift by all bits is an overflow: a network of 0 bits is every address.
            u32::from(a).checked_shr(shift).unwrap_or(0) == u32::from(n).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(a), IpAddr::V6(n)) if bits <= 128 => {
            let shift = 128 - bits;
            u128::from(a).checked_shr(shift).unwrap_or(0) == u128::from(n).checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

/// A text whose percent signs stand for bytes; one that is no such text stays as it is.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).expect("two hex digits are a byte"));
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    // A password with a percent sign that nobody encoded must still be the password.
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn told(written: &str) -> (String, Option<String>, Option<String>) {
        let proxy = Proxy::parse(written).expect("reads");
        let inner = &proxy.inner;
        (proxy.shown().to_owned(), inner.username().map(str::to_owned), inner.password().map(str::to_owned))
    }

    #[test]
    fn an_address_is_read_as_people_write_it() {
        let some = |text: &str| Some(text.to_owned());
        for (written, shown, user, password) in [
            ("http://proxy:3128", "http://proxy:3128", None, None),
            ("proxy.example.com:8080/", "http://proxy.example.com:8080", None, None),
            ("http://proxy", "http://proxy:80", None, None),
            ("HTTPS://proxy", "https://proxy:443", None, None),
            ("http://ana:secret@10.0.0.1:3128", "http://10.0.0.1:3128", some("ana"), some("secret")),
            ("http://ana:p%40ss%3Aw@proxy:3128", "http://proxy:3128", some("ana"), some("p@ss:w")),
            ("http://ana:p@ss:w/x@proxy:3128", "http://proxy:3128", some("ana"), some("p@ss:w/x")),
            ("http://HOUSE\\ana:100%@[::1]:3128", "http://[::1]:3128", some("HOUSE\\ana"), some("100%")),
        ] {
            assert_eq!(told(written), (shown.to_owned(), user, password), "{written}");
        }
        for bad in ["", "socks5://proxy:1080", "ftp://proxy", "http://", "http://a b", "http://proxy:port"] {
            assert!(Proxy::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", Proxy::parse("http://a:secret@p:1").expect("reads")), "Proxy(http://p:1)");
    }

    #[test]
    fn no_proxy_is_read_as_other_programs_read_it() {
        for (url, none, direct) in [
            ("https://update.example.com", "", false),
            ("https://update.example.com", "example.com", true),
            ("https://update.example.com", " .example.com , x", true),
            ("https://update.example.com", "*.example.com", true),
            ("https://update.example.com", "UPDATE.example.com:443", true),
            ("https://update.example.com", "update.example.com:8443", false),
            ("https://notexample.com", "example.com", false),
            ("https://update.example.com", "*", true),
            ("https://10.1.2.3", "10.0.0.0/8", true),
            ("https://11.1.2.3", "10.0.0.0/8", false),
            ("https://10.1.2.3", "10.1.2.3", true),
            ("https://[fd00::1]", "fd00::/8", true),
            ("https://[fd00::1]:8443", "[fd00::1]:8443", true),
            ("https://1.2.3.4", "0.0.0.0/0", true),
            ("https://localhost:8443", "", true),
            ("https://127.1.1.1", "", true),
            ("https://update.example.com", ",,. ,", false),
        ] {
            assert_eq!(goes_direct(url, none), direct, "{url} and {none:?}");
        }
    }

    proptest! {
        /// Whatever a password is made of, it is sent as it is and shown nowhere.
        #[test]
        fn no_password_is_too_strange(password in "[ -~]{1,20}") {
            let encoded: String = password.bytes().map(|b| format!("%{b:02X}")).collect();
            let proxy = Proxy::parse(&format!("http://u:{encoded}@proxy:3128")).expect("reads");
            prop_assert_eq!(proxy.inner.password(), Some(password.as_str()));
            prop_assert_eq!(proxy.shown(), "http://proxy:3128");
        }

        #[test]
        fn no_list_is_too_strange(none in "\\PC{0,40}") {
            let _ = goes_direct("https://update.example.com", &none);
            let _ = Proxy::parse(&none);
        }
    }
}
