//! One origin, spoken to over TLS.

use std::{
    io::Read,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use ureq::{
    Agent, Body, SendBody, Timeout,
    config::Config,
    http::{Request, Response, StatusCode, header},
    unversioned::{
        resolver::DefaultResolver,
        transport::{ConnectProxyConnector, Connector, TcpConnector},
    },
};
use url::Url;

use super::{
    FileField, Form, Link, MAX_PAGE_BYTES, Page, Proxy, TlsTrust, WebError,
    address::{https_url, origin_of},
    answer::{Fetched, UntilGoodbye, header_text, plain, retry_after},
    connector::{ConnectionState, TlsConnector},
    elsewhere::ranges,
    page::shown,
    send::{RequestBody, Upload},
    tls::client_config,
    wire::{ends_page, http_words, io_words, is_end_missing, tls_of, tls_trouble},
};
use crate::model::Meter;

/// Most redirects in a row, as browsers have it, halved.
const MAX_REDIRECTS: usize = 10;
/// Bytes that are sent at once.
const SEND_BYTES: usize = 256 * 1024;
/// Largest response header, in bytes.
const MAX_HEADER_BYTES: usize = 64 * 1024;
/// How many idle times a page may take altogether.
// A server that sends a byte now and then is never idle.
const PAGE_IDLES: u32 = 5;
/// Connections that are kept, and so may all have ended meanwhile: as many as ureq keeps for one host.
const KEPT_CONNECTIONS: usize = 3;

/// How long to wait for the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection and the TLS handshake.
    pub connect: Duration,
    /// For silence in the middle of an exchange, either way.
    pub idle: Duration,
}

impl Default for Timeouts {
    /// 15 seconds to connect, two minutes of silence.
    fn default() -> Self {
        Timeouts { connect: Duration::from_secs(15), idle: Duration::from_secs(120) }
    }
}

/// A browser of sorts for one origin: it keeps cookies and connections,
/// follows redirects within the origin, and asks for nothing compressed.
///
/// It uses no proxy but the one it is given, whatever the environment says.
pub struct Client {
    pub(super) agent: Agent,
    pub(super) base: Url,
    pub(super) fate: Arc<ConnectionState>,
    pub(super) timeouts: Timeouts,
    pub(super) proxy: Option<Proxy>,
    /// Other origins that a person let downloads come from, each with a client of its own.
    pub(super) elsewhere: Mutex<Vec<Arc<Client>>>,
}

impl Client {
    /// Makes a client for the origin of `base`; connects to nothing yet.
    ///
    /// # Errors
    /// [`WebError::BadUrl`] where `base` is not an `https` address,
    /// [`WebError::BadCertificate`].
    pub fn new(base: &str, trust: &TlsTrust, timeouts: Timeouts) -> Result<Self, WebError> {
        Self::through(base, trust, timeouts, None)
    }

    /// The same, through a proxy where there is one.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn through(base: &str, trust: &TlsTrust, timeouts: Timeouts, proxy: Option<Proxy>) -> Result<Self, WebError> {
        Self::with_fate(base, trust, timeouts, proxy, Arc::new(ConnectionState::default()))
    }

    pub(super) fn with_fate(
        base: &str,
        trust: &TlsTrust,
        timeouts: Timeouts,
        proxy: Option<Proxy>,
        fate: Arc<ConnectionState>,
    ) -> Result<Self, WebError> {
        let base = https_url(base)?;
        let config = Config::builder()
            .http_status_as_error(false)
            .https_only(true)
            .proxy(proxy.as_ref().map(|proxy| proxy.inner.clone()))
            // Redirects are followed here, because each is first held against the origin.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("handcarry/", env!("CARGO_PKG_VERSION")))
            .accept("text/html, */*")
            .accept_encoding("")
            .max_response_header_size(MAX_HEADER_BYTES)
            .output_buffer_size(SEND_BYTES)
            .timeout_resolve(Some(timeouts.connect))
            .timeout_connect(Some(timeouts.connect))
            .timeout_recv_response(Some(timeouts.idle))
            .timeout_per_read(Some(timeouts.idle))
            .timeout_per_write(Some(timeouts.idle))
            .build();
        let tls = TlsConnector { config: client_config(trust)?, fate: fate.clone() };
        let connector = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::default()).chain(tls);
        let agent = Agent::with_parts(config, connector, DefaultResolver::default());
        Ok(Client { agent, base, fate, timeouts, proxy, elsewhere: Mutex::new(Vec::new()) })
    }

    /// Scheme, host and port of what it speaks to.
    pub fn origin(&self) -> String {
        origin_of(&self.base)
    }

    /// Gets a page; `path` is relative to the base, or an address of the same origin.
    ///
    /// A page of status 400 and above is still a page: see [`Page::ok`].
    ///
    /// # Errors
    /// Those of the network and of [`Page::parse`], [`WebError::CrossOrigin`].
    pub fn get(&self, path: &str) -> Result<Page, WebError> {
        if let Some(other) = self.base.join(path).ok().and_then(|url| self.at(&url)) {
            return other.get(path);
        }
        let url = self.address(path)?;
        self.look(url)
    }

    /// Whether a link leads to the origin that it speaks to.
    pub fn is_here(&self, link: &Link) -> bool {
        Url::parse(link.url()).is_ok_and(|url| url.origin() == self.base.origin())
    }

    /// Gets the page that a link leads to.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn follow(&self, link: &Link) -> Result<Page, WebError> {
        let url = self.same_origin(link.url(), "a link", &link.place)?;
        self.look(url)
    }

    /// The same for a link that does something: asked for once, never again.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn press(&self, link: &Link) -> Result<Page, WebError> {
        let url = self.same_origin(link.url(), "a link", &link.place)?;
        self.page(self.exchange(url, RequestBody::None, &[])?)
    }

    /// Asks for a page that may be asked for twice. A connection that was kept
    /// may have ended meanwhile, and that shows only when it is used, perhaps
    /// in the middle of the answer: then again, as browsers do.
    fn look(&self, url: Url) -> Result<Page, WebError> {
        let ask = || self.page(self.exchange(url.clone(), RequestBody::None, &[])?);
        for _ in 0..KEPT_CONNECTIONS {
            match ask() {
                Err(WebError::Broken { .. }) => {}
                answer => return answer,
            }
        }
        ask()
    }

    /// Sends a form and gets the page that answers.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn submit(&self, form: &Form) -> Result<Page, WebError> {
        self.submit_noting(form, &mut |_| {})
    }

    /// Sends a form that can be sent once. As soon as an answer's header is
    /// there, and before its redirect is followed or its body read, `note`
    /// gets the address where the answer can be had; its cookies are held by then.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub fn submit_noting(&self, form: &Form, note: &mut dyn FnMut(&str)) -> Result<Page, WebError> {
        let (url, payload) = self.prepare(form)?;
        self.page(self.exchange_noting(url, payload, &self.referer(form), note)?)
    }

    /// Sends a form with a file in its file field, in constant memory.
    ///
    /// `meter` counts the file's bytes. When the server answers early and
    /// hangs up, its answer is returned.
    ///
    /// # Errors
    /// As [`Client::get`]; [`WebError::Source`] where `source` fails or isn't
    /// `size_bytes` long.
    pub fn upload(
        &self,
        form: &Form,
        field: &FileField,
        file_name: &str,
        size_bytes: u64,
        source: &mut dyn Read,
        meter: &dyn Meter,
    ) -> Result<Page, WebError> {
        let url = self.action(form)?;
        let mut upload = Upload::new(form, field, file_name, size_bytes, source, meter, &self.fate);
        let request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, upload.content_type())
            .header(header::CONTENT_LENGTH, upload.total_bytes());
        let request = self.referer(form).into_iter().fold(request, |r, (name, value)| r.header(name, value));
        self.fate.reset();
        let request = request.body(SendBody::from_reader(&mut upload)).map_err(|_| unusable(&url))?;
        let answer = self.agent.run(request);
        if let Some(error) = upload.source_error() {
            return Err(WebError::Source(error));
        }
        let answer = answer.map_err(|error| self.network(error))?;
        self.keep_sessions(&url, &answer);
        // A redirect after an upload leads to the page that tells of it.
        let answer = self.redirects(url, answer, RequestBody::Spent, &[], &mut |_| {})?;
        self.page(answer)
    }

    /// Sends a request and follows its redirects.
    pub(super) fn exchange(
        &self,
        url: Url,
        payload: RequestBody,
        headers: &[(&'static str, String)],
    ) -> Result<Fetched, WebError> {
        self.exchange_noting(url, payload, headers, &mut |_| {})
    }

    pub(super) fn exchange_noting(
        &self,
        url: Url,
        payload: RequestBody,
        headers: &[(&'static str, String)],
        note: &mut dyn FnMut(&str),
    ) -> Result<Fetched, WebError> {
        let answer = self.send(&url, &payload, headers)?;
        self.redirects(url, answer, payload, headers, note)
    }

    fn send(
        &self,
        url: &Url,
        payload: &RequestBody,
        headers: &[(&'static str, String)],
    ) -> Result<Response<Body>, WebError> {
        let mut request = match payload {
            RequestBody::None => Request::get(url.as_str()),
            _ => Request::post(url.as_str()),
        };
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        self.fate.reset();
        let answer = match payload {
            RequestBody::None => self.agent.run(request.body(()).map_err(|_| unusable(url))?),
            RequestBody::Spent => {
                return Err(WebError::Protocol {
                    origin: self.origin(),
                    why: "it wants the file sent again elsewhere".to_owned(),
                });
            }
            RequestBody::Form { content_type, body } => {
                let request = request.header(header::CONTENT_TYPE, content_type).body(&body[..]);
                self.agent.run(request.map_err(|_| unusable(url))?)
            }
        };
        let answer = answer.map_err(|error| self.network(error))?;
        self.keep_sessions(url, &answer);
        Ok(answer)
    }

    fn redirects(
        &self,
        mut url: Url,
        mut answer: Response<Body>,
        mut payload: RequestBody,
        headers: &[(&'static str, String)],
        note: &mut dyn FnMut(&str),
    ) -> Result<Fetched, WebError> {
        let begun = shown(url.as_str());
        for redirects in 0..=MAX_REDIRECTS {
            let status = answer.status();
            let location = answer.headers().get(header::LOCATION).and_then(|l| l.to_str().ok());
            let location = match (status.as_u16(), location) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => location,
                _ => {
                    note(url.as_str());
                    return Ok(Fetched { url, redirects, response: answer });
                }
            };
            let from = shown(url.as_str());
            let next = url.join(location).map_err(|_| unusable(&url))?;
            // 307 and 308 keep method and body; after the others browsers ask with a GET (RFC 9110, 15.4).
            if !matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT) {
                payload = RequestBody::None;
            }
            if let (RequestBody::None, Some(other)) = (&payload, self.at(&next)) {
                note(next.as_str());
                return other.exchange_noting(next, payload, &ranges(headers), note);
            }
            let here = self.same_origin(next.as_str(), "a redirect", &from);
            // Noted even where it leads away: whoever lets it go there can ask for it again.
            if here.is_ok() || matches!(payload, RequestBody::None) {
                note(next.as_str());
            }
            url = here?;
            answer = self.send(&url, &payload, headers)?;
        }
        Err(WebError::TooManyRedirects { url: begun, limit: MAX_REDIRECTS })
    }

    fn page(&self, answer: Fetched) -> Result<Page, WebError> {
        let Fetched { url, redirects, response } = answer;
        let status = response.status().as_u16();
        plain(&url, &response)?;
        let content_type = header_text(&response, header::CONTENT_TYPE);
        let retry_after = retry_after(&response);
        let mut body = Vec::new();
        let mut reader = self.reader(response);
        let mut piece = [0u8; 16 * 1024];
        let begun = Instant::now();
        loop {
            let read = match reader.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                // Old servers say neither how long a page is nor goodbye; its own end will do.
                Err(error) if is_end_missing(&error) && ends_page(&body) => break,
                Err(error) => return Err(self.network(error.into())),
            };
            body.extend_from_slice(&piece[..read]);
            if body.len() > MAX_PAGE_BYTES {
                return Err(WebError::LimitExceeded { place: shown(url.as_str()), what: "more than 8 MiB" });
            }
            if begun.elapsed() > self.timeouts.idle * PAGE_IDLES {
                return Err(WebError::Stalled { origin: self.origin(), secs: begun.elapsed().as_secs() });
            }
        }
        let mut page = Page::parse(url.as_str(), status, content_type.as_deref(), &body)?;
        (page.retry_after_secs, page.redirects) = (retry_after, redirects);
        Ok(page)
    }

    /// The body's bytes; an end that could be a cut is an error.
    pub(super) fn reader(&self, response: Response<Body>) -> Box<dyn Read + Send> {
        let sure =
            response.body().content_length().is_some() || response.headers().get(header::TRANSFER_ENCODING).is_some();
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        if sure {
            return Box::new(reader);
        }
        Box::new(UntilGoodbye { reader, fate: self.fate.clone() })
    }

    /// Turns an address or path into a URL of our origin.
    pub(super) fn address(&self, path: &str) -> Result<Url, WebError> {
        let url = self.base.join(path).map_err(|_| WebError::BadUrl { url: shown(path), why: "it is not a URL" })?;
        self.same_origin(url.as_str(), "an address", &self.origin())
    }

    fn same_origin(&self, url: &str, what: &'static str, from: &str) -> Result<Url, WebError> {
        let mut url = Url::parse(url).map_err(|_| WebError::BadUrl { url: shown(url), why: "it is not a URL" })?;
        url.set_fragment(None);
        if url.origin() != self.base.origin() {
            return Err(WebError::CrossOrigin { what, from: from.to_owned(), to: origin_of(&url) });
        }
        Ok(url)
    }

    /// Where a form is sent to, if that is here.
    fn action(&self, form: &Form) -> Result<Url, WebError> {
        let unfit = |why| WebError::FieldUnfit { page: form.place.clone(), label: form.button().to_owned(), why };
        let action = form.action.as_ref().map_err(|_| unfit("is sent by a script"))?;
        self.same_origin(action.as_str(), "a form", &form.place)
    }

    /// The address and payload of a form without files.
    pub(super) fn prepare(&self, form: &Form) -> Result<(Url, RequestBody), WebError> {
        let mut url = self.action(form)?;
        if form.post {
            return Ok((url, RequestBody::form(form)));
        }
        url.set_query(Some(&super::send::urlencoded(form)));
        Ok((url, RequestBody::None))
    }

    /// Some appliances take a form only from their own page.
    pub(super) fn referer(&self, form: &Form) -> Vec<(&'static str, String)> {
        if form.page_url.origin() != self.base.origin() {
            return Vec::new();
        }
        let mut page = form.page_url.clone();
        page.set_fragment(None);
        page.set_query(None);
        vec![("Origin", self.origin()), ("Referer", page.into())]
    }

    /// Says in our words what the network did.
    pub(super) fn network(&self, error: ureq::Error) -> WebError {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock};
        let origin = self.origin();
        let idle = self.timeouts.idle.as_secs().max(1);
        if let Some(proxy) = &self.proxy
            && let Some(why) = proxy.blamed(&error, self.timeouts)
        {
            return WebError::Proxy { proxy: proxy.shown().to_owned(), origin, why };
        }
        match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                let secs = self.timeouts.connect.as_secs().max(1);
                WebError::Unreachable { origin, why: format!("no answer within {secs} seconds") }
            }
            ureq::Error::Timeout(_) => WebError::Stalled { origin, secs: idle },
            ureq::Error::HostNotFound => WebError::Unreachable { origin, why: "no such host name".to_owned() },
            ureq::Error::LargeResponseHeader(..) => {
                WebError::LimitExceeded { place: origin, what: "an answer whose header is more than 64 KiB" }
            }
            ureq::Error::Io(error) => match (tls_of(&error), error.kind()) {
                (Some(tls), _) => tls_trouble(origin, tls),
                (None, TimedOut | WouldBlock) => WebError::Stalled { origin, secs: idle },
                (None, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof) => {
                    WebError::Broken { origin, why: io_words(&error) }
                }
                (None, _) => WebError::Unreachable { origin, why: io_words(&error) },
            },
            // Some of ureq's errors quote the address with its query: they stay unsaid.
            error => WebError::Protocol { origin, why: http_words(&error).to_owned() },
        }
    }
}

fn unusable(url: &Url) -> WebError {
    WebError::BadUrl { url: shown(url.as_str()), why: "it can't be asked for" }
}
