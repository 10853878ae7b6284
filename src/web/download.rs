//! Files that come from a server, whole or from where an earlier part ended.

use std::io::Read;

use serde::{Deserialize, Serialize};
use ureq::{
    Body,
    http::{Response, header},
};
use url::Url;

use super::{
    Client, Form, Page, WebError,
    answer::{Fetched, header_text, plain, retry_after},
    page::shown,
    send::RequestBody,
};
use crate::model::FileName;
use crate::model::text::{one_line, short_line};

/// How much of an unexpected page is read to say what it says, in bytes.
// The body may be as long as the file that was expected; a login page says who it is at its beginning.
const EXCERPT_BYTES: u64 = 64 * 1024;
/// How much of its text an error repeats, in characters.
const EXCERPT_CHARS: usize = 200;

/// What tells two states of a file on a server apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validators {
    /// The `ETag` header, as it came.
    #[serde(default)]
    pub etag: Option<String>,
    /// The `Last-Modified` header, as it came.
    #[serde(default)]
    pub last_modified: Option<String>,
}

/// A file on its way.
pub struct Download {
    /// The HTTP status: 200 or 206.
    pub status: u16,
    /// Where `reader` begins, in bytes: what was asked for, or 0 where the
    /// server sends the file from its start (what was kept must then go).
    pub from_byte: u64,
    /// The whole file's size in bytes; `None` where the server does not say.
    pub total_bytes: Option<u64>,
    /// Whether the server says that it can continue a download.
    pub accepts_ranges: bool,
    /// To be kept for going on later.
    pub validators: Validators,
    /// The file's name, made safe; `None` where the server gives none.
    pub file_name: Option<FileName>,
    /// The name as the server gave it, printable.
    pub title: Option<String>,
    /// The `Content-Type`, printable.
    pub content_type: Option<String>,
    /// The bytes; an early end or a silence is an error, never a short file.
    pub reader: Box<dyn Read + Send>,
}

impl Client {
    /// Sends a form that is answered by a file.
    ///
    /// # Errors
    /// As [`Client::get`]; [`WebError::NotAFile`] where a page came instead,
    /// [`WebError::Status`].
    pub fn submit_for_download(&self, form: &Form) -> Result<Download, WebError> {
        let (url, payload) = self.prepare(form)?;
        let answer = self.exchange(url, payload, &self.referer(form))?;
        self.file(answer, 0, &Validators::default())
    }

    /// Gets a file from `from_byte` on, if it is still the one that
    /// `validators` tell of; `url` is an address of this origin or a path.
    ///
    /// # Errors
    /// As [`Client::submit_for_download`]; [`WebError::Changed`],
    /// [`WebError::RangeRefused`].
    pub fn download(&self, url: &str, from_byte: u64, validators: &Validators) -> Result<Download, WebError> {
        if let Some(other) = self.base.join(url).ok().and_then(|url| self.at(&url)) {
            return other.download(url, from_byte, validators);
        }
        let url = self.address(url)?;
        let mut headers = Vec::new();
        if from_byte > 0 {
            headers.push(("Range", format!("bytes={from_byte}-")));
            // Of a file that changed the server then sends all, and not a part that does not fit (RFC 9110, 13.1.5).
            headers.extend(validators.strongest().map(|validator| ("If-Range", validator.to_owned())));
        }
        let answer = self.exchange(url, RequestBody::None, &headers)?;
        self.file(answer, from_byte, validators)
    }

    /// Says what an error of a download's reader means.
    pub fn transfer_error(&self, error: std::io::Error) -> WebError {
        self.network(error.into())
    }

    fn file(&self, answer: Fetched, wanted: u64, known: &Validators) -> Result<Download, WebError> {
        let Fetched { url, response, .. } = answer;
        let place = shown(url.as_str());
        let status = response.status().as_u16();
        let refused = |why: String| WebError::RangeRefused { url: place.clone(), from_byte: wanted, why };
        let validators = Validators {
            etag: header_text(&response, header::ETAG),
            last_modified: header_text(&response, header::LAST_MODIFIED),
        };
        let range = header_text(&response, header::CONTENT_RANGE).and_then(|text| ContentRange::parse(&text));
        // Only where a part was asked for: a 416 to a whole file is an error like any other.
        if status == 416 && wanted > 0 {
            return Err(refused(match range.and_then(|r| r.total_bytes) {
                Some(total) => format!("the file has only {total} bytes"),
                None => "there is nothing there".to_owned(),
            }));
        }
        if status != 200 && status != 206 {
            return Err(self.no_file(url, response));
        }
        plain(&url, &response)?;
        let disposition = header_text(&response, header::CONTENT_DISPOSITION).unwrap_or_default();
        let content_type = header_text(&response, header::CONTENT_TYPE);
        let attached = disposition.to_ascii_lowercase().starts_with("attachment");
        // Login and error pages come with status 200, too. A file that is HTML is announced as an attachment.
        if !attached && content_type.as_ref().is_some_and(|t| t.to_ascii_lowercase().starts_with("text/html")) {
            return Err(self.no_file(url, response));
        }
        let length = response.body().content_length();
        // A 200 to a request for a part is the whole file from its
        // start, however the part was asked for (RFC 9110, 14.2).
        let (from_byte, total_bytes) = match (status, range) {
            (200, _) => (0, length),
            (_, Some(range)) if range.from == wanted => {
                // If-Range may have been passed over by a server or cache, so what came back is compared as well.
                if known.differ_from(&validators) {
                    return Err(WebError::Changed { url: place });
                }
                if let (Some(length), Some(total)) = (length, range.total_bytes)
                    && range.from.checked_add(length) != Some(total)
                {
                    return Err(refused("it sends another part than was asked for".to_owned()));
                }
                (wanted, range.total_bytes.or_else(|| length.and_then(|l| wanted.checked_add(l))))
            }
            _ => return Err(refused("it sends another part than was asked for".to_owned())),
        };
        let title = file_title(&disposition, &url);
        Ok(Download {
            status,
            from_byte,
            total_bytes,
            accepts_ranges: status == 206
                || header_text(&response, header::ACCEPT_RANGES)
                    .is_some_and(|ranges| ranges.eq_ignore_ascii_case("bytes")),
            validators,
            file_name: title.as_deref().map(FileName::from_foreign),
            title,
            content_type,
            reader: self.reader(response),
        })
    }

    /// Says what came instead of a file.
    fn no_file(&self, url: Url, response: Response<Body>) -> WebError {
        let status = response.status().as_u16();
        let content_type = header_text(&response, header::CONTENT_TYPE);
        let retry_after_secs = retry_after(&response);
        let mut body = Vec::new();
        if let Err(error) = self.reader(response).take(EXCERPT_BYTES).read_to_end(&mut body) {
            return self.network(error.into());
        }
        match Page::parse(url.as_str(), status, content_type.as_deref(), &body) {
            Ok(page) if status >= 400 => WebError::Status { page: page.place(), status, retry_after_secs },
            Ok(page) => {
                let says = short_line(&page.text(), EXCERPT_CHARS);
                WebError::NotAFile { page: page.place(), says, leads_to: page.destinations() }
            }
            Err(error) => error,
        }
    }
}

impl Validators {
    /// The one that proves most: an `ETag` unless it is weak, else the date.
    fn strongest(&self) -> Option<&str> {
        // A weak ETag outlives changes that the server thinks little of
        // (RFC 9110, 8.8.1), so parts can't be joined by it.
        let strong = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }

    /// Whether something that both tell is told differently.
    fn differ_from(&self, other: &Validators) -> bool {
        let differ = |a: &Option<String>, b: &Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        differ(&self.etag, &other.etag) || differ(&self.last_modified, &other.last_modified)
    }
}

/// `bytes 100-199/200`
struct ContentRange {
    from: u64,
    total_bytes: Option<u64>,
}

impl ContentRange {
    fn parse(text: &str) -> Option<Self> {
        let (part, total) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
        let from = match part.trim() {
            // An unsatisfied range has no begin; the largest number stands for it, which nobody asks for.
            "*" => u64::MAX,
            part => part.split_once('-')?.0.trim().parse().ok()?,
        };
        Some(ContentRange { from, total_bytes: total.trim().parse().ok() })
    }
}

/// The name a file is sent under: `filename*` before `filename` before the
/// address's last part.
fn file_title(disposition: &str, url: &Url) -> Option<String> {
    let mut plain = None;
    let mut extended = None;
    for parameter in parameters(disposition).into_iter().skip(1) {
        let Some((name, value)) = parameter.split_once('=') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "filename" => plain = Some(value.trim_matches('"').replace("\\\"", "\"")),
            "filename*" => extended = extended_value(value),
            _ => {}
        }
    }
    let last = || url.path_segments().and_then(|mut parts| parts.next_back()).map(percent_decoded);
    let title = extended.or(plain).or_else(last).map(|title| one_line(&title))?;
    Some(title.chars().take(200).collect::<String>()).filter(|title| !title.is_empty())
}

/// Splits at semicolons that are not within quotes.
fn parameters(header: &str) -> Vec<String> {
    let mut parameters = vec![String::new()];
    let (mut within, mut escaped) = (false, false);
    for c in header.chars() {
        if c == ';' && !within {
            parameters.push(String::new());
            continue;
        }
        within ^= c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        parameters.last_mut().expect("one is there from the start").push(c);
    }
    parameters
}

/// RFC 8187: `UTF-8''na%C3%AFve.bin`.
fn extended_value(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    // The language between the two quotes says nothing that is needed.
    let charset = parts.next()?;
    let text = parts.nth(1)?;
    charset.eq_ignore_ascii_case("utf-8").then(|| percent_decoded(text))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = (*first == b'%').then(|| after.get(..2)).flatten();
        match hex.and_then(|h| std::str::from_utf8(h).ok()).and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    // The name may be in any encoding: it is only shown and made safe, so what does not read may be replaced.
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_read_from_what_servers_send() {
        let url = Url::parse("https://x/get/Base%203.4.0.nss?code=1").expect("a URL");
        for (header, title) in [
            ("attachment; filename=\"Base; 3.4.0.nss\"", "Base; 3.4.0.nss"),
            ("attachment; filename=plain.bin", "plain.bin"),
            ("attachment; filename=\"a.bin\"; filename*=UTF-8''na%C3%AFve.bin", "naïve.bin"),
            ("attachment", "Base 3.4.0.nss"),
            ("attachment; filename*=UTF-8''%zz", "%zz"),
        ] {
            assert_eq!(file_title(header, &url).as_deref(), Some(title), "{header}");
        }
        assert_eq!(file_title("", &Url::parse("https://x/").expect("a URL")), None);
    }

    #[test]
    fn ranges_are_read() {
        let range = ContentRange::parse("bytes 100-199/200").expect("a range");
        assert_eq!((range.from, range.total_bytes), (100, Some(200)));
        assert_eq!(ContentRange::parse("bytes */200").and_then(|r| r.total_bytes), Some(200));
        assert!(ContentRange::parse("lines 1-2/3").is_none());
    }

    #[test]
    fn a_weak_etag_is_no_ground_to_continue_on() {
        let weak = Validators { etag: Some("W/\"1\"".to_owned()), last_modified: None };
        assert_eq!(weak.strongest(), None);
        assert!(!weak.differ_from(&Validators::default()));
    }
}
