//! What can go wrong between us and a page, and what to do about it.

use crate::model::{Exit, disk_exit, duration_human, explained, medium_hint, text};
use macro_rules_attribute::apply;

/// Why a page, a control or a transfer could not be had.
///
/// Addresses in it carry no query string and no user name; cookies, codes and
/// form values are never in it.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// An address that can't be used: not a URL, or not `https`.
    #[error("the address {url} can't be used: {why}")]
    #[hint("give the whole address, such as https://support.example.com")]
    #[exit(Usage)]
    BadUrl {
        /// The address, without its query.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A CA file or a pinned certificate that does not read as one.
    #[error("the certificate to trust can't be read: {why}")]
    #[hint("a CA file holds certificates in PEM, from BEGIN CERTIFICATE on, or one in DER")]
    #[exit(Config)]
    BadCertificate {
        /// What is wrong with it.
        why: String,
    },
    /// Certificates in a form that is not read here.
    #[error("the certificate to trust is in {form}, which is not read here")]
    #[hint("turn it into PEM, and give that file: {command}")]
    #[exit(Config)]
    OtherForm {
        /// The form.
        form: &'static str,
        /// The command that turns it into PEM.
        command: String,
    },
    /// Nobody answered.
    #[error("{origin} can't be reached: {why}")]
    #[hint("check the address, the cable, the firewall, and whether it is restarting")]
    #[exit(Unreachable)]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// What the network said.
        why: String,
    },
    /// The proxy on the way did not let it through.
    #[error("the proxy {proxy} on the way to {origin} failed: {why}")]
    #[hint(
        "this is the proxy's word and says nothing of that server: check HTTPS_PROXY (http://user:password@host:port) \
         and NO_PROXY, or ask whoever runs the proxy"
    )]
    #[exit(ProxyRefused)]
    Proxy {
        /// The proxy's scheme, host and port.
        proxy: String,
        /// Scheme, host and port of what is behind it.
        origin: String,
        /// What the proxy said, or the network.
        why: String,
    },
    /// The other end went silent in the middle.
    #[error("{origin} has been silent for {}", duration_human(*.secs as i64))]
    #[hint("run the same command again; it goes on where it was")]
    #[exit(Unreachable)]
    Stalled {
        /// Scheme, host and port.
        origin: String,
        /// The silence that was allowed, in seconds.
        secs: u64,
    },
    /// The connection ended before the answer was complete.
    #[error("{origin} ended the connection before its answer was complete: {why}")]
    #[hint(
        "run the same command again; it goes on where it was; where it always ends so, something on the way closes \
         connections early: go past it"
    )]
    #[exit(Unreachable)]
    Broken {
        /// Scheme, host and port.
        origin: String,
        /// What was seen.
        why: String,
    },
    /// The certificate shown is not one that is trusted.
    #[error("the certificate of {origin} is not trusted: {why}")]
    #[hint(
        "someone may stand in between; only where its certificate was replaced: compare the fingerprint at the machine \
         itself, then enrol it again (with fetch: --ca FILE)"
    )]
    #[exit(TlsUntrusted)]
    TlsUntrusted {
        /// Scheme, host and port.
        origin: String,
        /// Why not.
        why: String,
    },
    /// The TLS it speaks no longer protects, or is none that is known here.
    #[error("{origin} speaks TLS that is too old: {why}")]
    #[hint(
        "nothing here speaks such TLS, and no switch turns that on; until a base update or a front brings TLS 1.2, \
         work the appliance by hand, in a browser that still can: handcarry-inside enroll NAME --url URL --driver \
         guided"
    )]
    #[exit(TlsTooOld)]
    TlsTooOld {
        /// Scheme, host and port.
        origin: String,
        /// What is old about it.
        why: String,
    },
    /// The certificate shown is of a kind that can't be checked, whoever vouches for it.
    #[error("the certificate of {origin} is of a kind that is not taken: {why}")]
    #[hint(
        "have it make a new certificate (/appliance > Security > Certificates: RSA with 2048 bits or more, SHA-256, \
         its host name among the alternative names); one whose signature or authority alone is old can be enrolled by \
         its fingerprint, without --ca; until then work the appliance by hand: handcarry-inside enroll NAME --url URL \
         --driver guided"
    )]
    #[exit(TlsTooOld)]
    CertificateUnfit {
        /// Scheme, host and port.
        origin: String,
        /// What is unfit about it.
        why: String,
    },
    /// The answer is not HTTP as it should be.
    #[error("{origin} does not answer in proper HTTP: {why}")]
    #[hint("check that the address and port are those of the pages a browser shows")]
    #[exit(HttpError)]
    Protocol {
        /// Scheme, host and port.
        origin: String,
        /// What is wrong with it.
        why: String,
    },
    /// An HTTP error, 400 and above.
    #[error("{page} answered with HTTP status {status}")]
    #[hint(match retry_after_secs {
        Some(secs) => format!("the server asks to be called again after {}", duration_human(*secs as i64)),
        None => "open the page in a browser to see whose it is and what it says: a proxy, a firewall or a balancer on \
                 the way may have answered instead"
            .to_owned(),
    })]
    #[exit(HttpError)]
    Status {
        /// The page's title and address.
        page: String,
        /// The status code.
        status: u16,
        /// After how many seconds the server asks to be called again.
        retry_after_secs: Option<u64>,
    },
    /// A redirect, link or form leads to another origin.
    #[error("{what} of {from} leads away to {to}")]
    #[hint("give the address that it leads to, if that is the right one")]
    #[exit(PageUnexpected)]
    CrossOrigin {
        /// Which thing: a redirect, a link, a form.
        what: &'static str,
        /// Where it was found.
        from: String,
        /// The origin it leads to.
        to: String,
    },
    /// More redirects than anyone needs.
    #[error("{url} was redirected more than {limit} times")]
    #[hint("open the page in a browser; a login may be needed, or cookies be refused")]
    #[exit(PageUnexpected)]
    TooManyRedirects {
        /// Where it began.
        url: String,
        /// How many are followed.
        limit: usize,
    },
    /// Something is larger than its limit.
    #[error("{place} has {what}")]
    #[hint("this is not the page of an appliance or vendor; check the address")]
    #[exit(LimitExceeded)]
    LimitExceeded {
        /// The page's address, or the file.
        place: String,
        /// The limit in words: `more than 8 MiB`.
        what: &'static str,
    },
    /// A page without a link or a form, only a script that would make them.
    #[error("{page} is made by a script and holds no form or link of its own")]
    #[hint("do this step by hand in a browser")]
    #[exit(PageUnexpected)]
    ScriptOnly {
        /// The page's title and address.
        page: String,
    },
    /// No control with such a label.
    #[error("{page} has no {}{}; it has {}", quoted(.looked_for, " or "), known_as(.key, .looked_for), listed(.there))]
    #[hint(
        "if the page shows it under another label, add that label to the site's profile, by the key in brackets; else \
         do this step by hand"
    )]
    #[exit(PageUnexpected)]
    ControlMissing {
        /// The control's key in the profile.
        key: String,
        /// The page's title and address.
        page: String,
        /// The labels that were looked for.
        looked_for: Vec<String>,
        /// The labels that were there, at most a few dozen.
        there: Vec<String>,
    },
    /// Two or more controls with such a label.
    #[error(
        "{page} has {} controls for {}{}: {}",
        .matches.len(), quoted(.looked_for, " or "), known_as(.key, .looked_for), listed(.matches)
    )]
    #[hint("do this step by hand, or give a more exact label in the site's profile")]
    #[exit(ControlAmbiguous)]
    ControlAmbiguous {
        /// The control's key in the profile.
        key: String,
        /// The page's title and address.
        page: String,
        /// The labels that were looked for.
        looked_for: Vec<String>,
        /// What matched, each told apart by where it leads.
        matches: Vec<String>,
    },
    /// The control is there and greyed out.
    #[error("{label:?} is greyed out on {page}")]
    #[hint("the page says beside it what it still needs")]
    #[exit(PageUnexpected)]
    ControlDisabled {
        /// The control's key in the profile.
        key: String,
        /// The page's title and address.
        page: String,
        /// The label as the page shows it.
        label: String,
    },
    /// A field that doesn't take what was to be put into it.
    #[error("the field {label:?} on {page} {why}")]
    #[hint("do this step by hand in a browser")]
    #[exit(PageUnexpected)]
    FieldUnfit {
        /// The page's title and address.
        page: String,
        /// The label as the page shows it.
        label: String,
        /// Why not.
        why: &'static str,
    },
    /// A page came where a file was expected.
    #[error("a file was expected, but {page} came, which says: {says}")]
    #[hint("log in again, or open the page in a browser to see what it says")]
    #[exit(PageUnexpected)]
    NotAFile {
        /// The page's title and address.
        page: String,
        /// How its text begins.
        says: String,
        /// The paths that its links and forms lead to.
        leads_to: Vec<String>,
    },
    /// The file on the server is not the one whose first part is here.
    #[error("the file at {url} changed on the server since its first part arrived")]
    #[hint("begin the download anew; the part that is here can't be used")]
    #[exit(DownloadChanged)]
    Changed {
        /// The file's address.
        url: String,
    },
    /// The server can't go on from where the download stopped.
    #[error("{url} can't be continued from byte {from_byte}: {why}")]
    #[hint("begin the download anew from its first byte")]
    #[exit(DownloadIncomplete)]
    RangeRefused {
        /// The file's address.
        url: String,
        /// The first byte that was asked for.
        from_byte: u64,
        /// What the server said.
        why: String,
    },
    /// The answer is compressed, which was not asked for.
    #[error("{url} is sent compressed ({coding}), though it was asked for as it is")]
    #[hint(
        "a proxy on the way may do that: go past it; what is downloaded from the vendor can also be had with a \
         browser, then: handcarry-outside import"
    )]
    #[exit(HttpError)]
    Compressed {
        /// The address.
        url: String,
        /// How, as the server says it.
        coding: String,
    },
    /// The bytes to send could not be read.
    #[error("the file being sent could not be read")]
    #[hint(|source| medium_hint(source))]
    #[exit(|source| disk_exit(source).unwrap_or(Exit::MediaFault))]
    Source(#[source] std::io::Error),
    /// A profile of labels that does not read as one.
    #[error("the profile of labels can't be used: {why}")]
    #[hint("a profile holds lines such as en = [\"Updates\"] under [controls.\"nav.updates\"]")]
    #[exit(Config)]
    BadProfile {
        /// What is wrong and where.
        why: String,
    },
    /// A profile without a control that is needed.
    #[error("the profile of labels has no control {key:?}")]
    #[hint("a profile holds lines such as en = [\"Updates\"] under [controls.\"nav.updates\"]")]
    #[exit(Config)]
    KeyMissing {
        /// The control's key.
        key: String,
    },
}

impl WebError {
    /// Whether a page came that is another than the one asked for, or that lacks
    /// what it should have.
    pub fn is_other_page(&self) -> bool {
        matches!(
            self,
            WebError::CrossOrigin { .. }
                | WebError::TooManyRedirects { .. }
                | WebError::ScriptOnly { .. }
                | WebError::ControlMissing { .. }
                | WebError::ControlDisabled { .. }
                | WebError::FieldUnfit { .. }
                | WebError::NotAFile { .. }
        )
    }
}

/// The key of a profile, in brackets; nothing where a control has none.
fn known_as(key: &str, looked_for: &[String]) -> String {
    match key.contains('.') && !looked_for.iter().any(|label| label == key) {
        true => format!(" ({key})"),
        false => String::new(),
    }
}

fn quoted(labels: &[String], between: &str) -> String {
    labels.iter().map(|label| format!("\"{}\"", text::one_line(label))).collect::<Vec<_>>().join(between)
}

fn listed(labels: &[String]) -> String {
    match labels {
        [] => "no control at all".to_owned(),
        labels => quoted(labels, ", "),
    }
}
