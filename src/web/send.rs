//! Forms on the wire: url-encoded, or in parts with a file among them.

use std::{
    borrow::Cow,
    io::{self, Cursor, Read},
    sync::{Arc, atomic::Ordering},
};

use encoding_rs::Encoding;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{FileField, Form, connector::ConnectionState};
use crate::model::{Meter, Sha256Digest};

/// What a request carries.
pub(super) enum RequestBody {
    /// Nothing: it is a GET.
    None,
    Form {
        /// Its media type.
        content_type: String,
        /// Its bytes, wiped when dropped: a password may be among them.
        body: Zeroizing<Vec<u8>>,
    },
    /// A file that has been sent and can't be sent again.
    Spent,
}

impl RequestBody {
    /// Encodes a form without files as it asks to be.
    pub fn form(form: &Form) -> Self {
        if !form.multipart {
            let content_type = "application/x-www-form-urlencoded".to_owned();
            return RequestBody::Form { content_type, body: urlencoded(form).into_bytes().into() };
        }
        let boundary = boundary(form, "");
        let mut body = parts(form, None, &boundary);
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        RequestBody::Form { content_type: format!("multipart/form-data; boundary={boundary}"), body: body.into() }
    }
}

/// Encodes a form as a query string.
pub(super) fn urlencoded(form: &Form) -> String {
    fn encoder(encoding: &'static Encoding) -> impl Fn(&str) -> Cow<'_, [u8]> {
        move |text| encoding.encode(text).0
    }
    let encode = encoder(form.encoding);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.encoding_override(Some(&encode));
    for (name, value) in form.entries() {
        query.append_pair(name, &value);
    }
    // Browsers send a file field that was left empty as well.
    for name in form.empty_files(None) {
        query.append_pair(name, "");
    }
    query.finish()
}

/// A form with a file, read part by part while it is sent.
pub(super) struct Upload<'a> {
    head: Cursor<Vec<u8>>,
    // `take` keeps a file that grew meanwhile from running over the length that was announced.
    source: io::Take<&'a mut dyn Read>,
    tail: Cursor<Vec<u8>>,
    size_bytes: u64,
    boundary: String,
    meter: &'a dyn Meter,
    fate: Arc<ConnectionState>,
    error: Option<io::Error>,
}

impl<'a> Upload<'a> {
    /// Lays the parts out: the form's fields, then the file.
    pub fn new(
        form: &Form,
        field: &FileField,
        file_name: &str,
        size_bytes: u64,
        source: &'a mut dyn Read,
        meter: &'a dyn Meter,
        fate: &Arc<ConnectionState>,
    ) -> Self {
        let boundary = boundary(form, file_name);
        let mut head = parts(form, Some(field), &boundary);
        let (name, file) = (quoted(form, &field.name), quoted(form, file_name));
        head.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        head.extend_from_slice(&name);
        head.extend_from_slice(b"\"; filename=\"");
        head.extend_from_slice(&file);
        head.extend_from_slice(b"\"\r\nContent-Type: application/octet-stream\r\n\r\n");
        let tail = format!("\r\n--{boundary}--\r\n").into_bytes();
        Upload {
            head: Cursor::new(head),
            source: source.take(size_bytes),
            tail: Cursor::new(tail),
            size_bytes,
            boundary,
            meter,
            fate: fate.clone(),
            error: None,
        }
    }

    pub fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// What `Content-Length` says.
    pub fn total_bytes(&self) -> u64 {
        self.head.get_ref().len() as u64 + self.size_bytes + self.tail.get_ref().len() as u64
    }

    /// Why the file could not be read, if that was so.
    pub fn source_error(&mut self) -> Option<io::Error> {
        self.error.take()
    }
}

impl Read for Upload<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Head, file and tail are one body to the library, which knows only a reader and its length.
        let read = self.head.read(into)?;
        if read > 0 || into.is_empty() {
            return Ok(read);
        }
        // The tail comes when all announced bytes are out, and not when the file ends: a short file must be an error.
        if self.source.limit() == 0 {
            return self.tail.read(into);
        }
        if self.fate.deaf.load(Ordering::Relaxed) {
            // Nobody listens any more: what remains is only counted off, so
            // that the answer can be read.
            let skipped = usize::try_from(self.source.limit()).unwrap_or(usize::MAX).min(into.len());
            into[..skipped].fill(0);
            self.source.set_limit(self.source.limit() - skipped as u64);
            return Ok(skipped);
        }
        match self.source.read(into) {
            // The length was announced, so the server waits for bytes that
            // never come: the request is over, and why is kept for the caller.
            Ok(0) => {
                self.error =
                    Some(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it should be"));
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(read) => {
                self.meter.advance(read as u64);
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.error = Some(error);
                Err(kind.into())
            }
        }
    }
}

/// The form's own entries as parts.
fn parts(form: &Form, but: Option<&FileField>, boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |name: &str, more: &str, value: &[u8]| {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        body.extend_from_slice(&quoted(form, name));
        body.extend_from_slice(format!("\"{more}\r\n\r\n").as_bytes());
        body.extend_from_slice(value);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in form.entries() {
        part(name, "", &form.encoding.encode(&value).0);
    }
    for name in form.empty_files(but) {
        part(name, "; filename=\"\"\r\nContent-Type: application/octet-stream", b"");
    }
    body
}

/// A name within quotes, escaped as the HTML standard says.
fn quoted(form: &Form, name: &str) -> Vec<u8> {
    let escaped = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    form.encoding.encode(&escaped).0.into_owned()
}

/// A line that occurs in none of the form's values. A package that holds it
/// by chance or ill will would have to hold a digest of this form's values.
fn boundary(form: &Form, file_name: &str) -> String {
    let mut seed = file_name.as_bytes().to_vec();
    for (name, value) in form.entries() {
        seed.extend_from_slice(name.as_bytes());
        seed.extend_from_slice(value.as_bytes());
    }
    // The operating system's randomness makes it unforeseeable; without it the
    // digest alone still keeps values apart.
    let mut salt = [0u8; 16];
    let _ = getrandom::fill(&mut salt);
    seed.extend_from_slice(&salt);
    format!("handcarry-{}", &Sha256Digest::of(&seed).to_string()[..40])
}
