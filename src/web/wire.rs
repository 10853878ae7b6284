//! What the network and TLS did, in our words: a library's are for those who
//! write programs, and name none of the ways on.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, Error, InvalidMessage, PeerIncompatible, PeerMisbehaved};

use super::{
    WebError,
    verifier::{Distrust, refusal},
};
use crate::model::text::one_line;

/// Begins what is said of a handshake that was hung up on: a restarting
/// server does that, and so does one that is too old to understand ours.
const IN_HANDSHAKE: &str = "it hung up in the middle of the TLS handshake: it is restarting, or too old for TLS 1.2, or something in between \
     does not let TLS through";

/// An error of ours within the network's, in words for people.
#[derive(Debug)]
pub(super) struct OwnError(pub &'static str);

impl std::fmt::Display for OwnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for OwnError {}

/// Marks an error of the network as one in the middle of a handshake.
pub(super) fn in_handshake(error: io::Error) -> io::Error {
    // Only these come from a server that hangs up. Others say by themselves what they are.
    match error.kind() {
        kind @ (ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) => {
            io::Error::new(kind, OwnError(IN_HANDSHAKE))
        }
        _ => error,
    }
}

/// What TLS complained of, where an error of the network is TLS's.
pub(super) fn tls_of(error: &io::Error) -> Option<&Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// Says what an error of TLS means for whoever speaks with `origin`.
pub(super) fn tls_trouble(origin: String, error: &Error) -> WebError {
    // Asked first: an error about the certificate is rustls's own, and no alert of the other end.
    if let Some(refusal) = refusal(error) {
        return match refusal {
            Distrust::Untrusted(why) => WebError::TlsUntrusted { origin, why },
            Distrust::Unfit(why) => WebError::CertificateUnfit { origin, why },
        };
    }
    let too_old = |why: &str| WebError::TlsTooOld { origin: origin.clone(), why: why.to_owned() };
    let improper = |why: String| WebError::Protocol { origin: origin.clone(), why };
    match error {
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            too_old("it speaks TLS 1.1 or older, and no newer one")
        }
        Error::AlertReceived(AlertDescription::ProtocolVersion) => too_old("it speaks neither TLS 1.2 nor TLS 1.3"),
        Error::PeerIncompatible(_)
        | Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => {
            too_old("it has no key exchange and cipher of those that still protect (ECDHE with AES-GCM or ChaCha20)")
        }
        Error::PeerMisbehaved(
            // rustls offers no SHA-1, so a server that signs with it
            // misbehaves to the library and is only old to a person.
            PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme | PeerMisbehaved::SignedKxWithWrongAlgorithm,
        ) => too_old("it signs its handshake in a way that no longer protects, such as SHA-1"),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            improper("its TLS knows no site of that host name".to_owned())
        }
        Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::AccessDenied) => {
            improper("its TLS asks for a certificate of ours, and there is none".to_owned())
        }
        Error::AlertReceived(alert) => improper(format!("its TLS gave up, with alert {}", u8::from(*alert))),
        Error::InvalidMessage(InvalidMessage::InvalidContentType | InvalidMessage::UnknownProtocolVersion) => {
            improper("no TLS there".to_owned())
        }
        Error::DecryptError => improper("what it sends can't be decrypted: it was changed on the way".to_owned()),
        _ => improper("its TLS is not as the standard has it".to_owned()),
    }
}

/// Says what the network did.
pub(super) fn io_words(error: &io::Error) -> String {
    if let Some(OwnError(own)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
        return (*own).to_owned();
    }
    let known = match error.kind() {
        ErrorKind::ConnectionRefused => "nothing listens there, or a firewall refuses it",
        ErrorKind::ConnectionReset => "it, or a firewall on the way, reset the connection",
        ErrorKind::ConnectionAborted | ErrorKind::UnexpectedEof => "it hung up without a goodbye",
        ErrorKind::BrokenPipe => "it hung up while something was sent to it",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => "there is no way to it from here",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "no answer",
        ErrorKind::PermissionDenied => "this machine does not let the connection out",
        ErrorKind::NotFound => "the host name has no address",
        _ => "",
    };
    match (known, error.raw_os_error()) {
        ("", Some(_)) => one_line(&error.to_string()),
        // The resolver's errors have no kind and no number of their own.
        ("", None) if error.to_string().contains("lookup") => "no such host name".to_owned(),
        ("", None) => "the connection failed".to_owned(),
        (known, _) => known.to_owned(),
    }
}

/// What is said of a body whose end could be a cut.
pub(super) const END_MISSING: &str = "the end may be missing";

/// Whether an error is that of such a body.
pub(super) fn is_end_missing(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(|OwnError(told)| *told == END_MISSING)
}

/// How a page's markup ends.
const PAGE_END: &[u8] = b"</html>";

/// Whether a page came to the end that its markup has.
pub(super) fn ends_page(body: &[u8]) -> bool {
    let body = body.trim_ascii_end();
    body.len() >= PAGE_END.len() && body[body.len() - PAGE_END.len()..].eq_ignore_ascii_case(PAGE_END)
}

/// Says what is wrong with an answer that is no HTTP.
pub(super) fn http_words(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Protocol(_) => "its header or its length does not read",
        _ => "the exchange could not be completed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_library_is_said_of_tls() {
        let told = |error: Error| tls_trouble("https://a.example".to_owned(), &error);
        let old = [
            Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
            Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon),
            Error::AlertReceived(AlertDescription::ProtocolVersion),
            Error::AlertReceived(AlertDescription::HandshakeFailure),
            Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm),
        ];
        for error in old {
            assert!(matches!(told(error.clone()), WebError::TlsTooOld { .. }), "{error:?}");
        }
        let others = [
            Error::AlertReceived(AlertDescription::InternalError),
            Error::AlertReceived(AlertDescription::UnrecognisedName),
            Error::InvalidMessage(InvalidMessage::InvalidContentType),
            Error::DecryptError,
            Error::General("someLibrary { words }".to_owned()),
        ];
        for error in others {
            let said = told(error.clone());
            assert!(matches!(said, WebError::Protocol { .. }), "{error:?}");
            assert!(!said.to_string().contains(['{', '_']), "{said}");
        }
    }

    #[test]
    fn no_word_of_a_library_is_said_of_the_network() {
        let rustls = "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/x";
        for kind in [ErrorKind::UnexpectedEof, ErrorKind::ConnectionAborted, ErrorKind::InvalidData, ErrorKind::Other] {
            let said = io_words(&io::Error::new(kind, rustls));
            assert!(!said.contains("docs.rs") && !said.contains("close_notify"), "{said}");
        }
        assert_eq!(io_words(&io::Error::other(OwnError(END_MISSING))), END_MISSING);
        assert_eq!(io_words(&io::Error::from_raw_os_error(28)), io::Error::from_raw_os_error(28).to_string());
        let cut = in_handshake(io::Error::new(ErrorKind::UnexpectedEof, rustls));
        assert!(io_words(&cut).contains("TLS 1.2") && cut.kind() == ErrorKind::UnexpectedEof);
    }
}
