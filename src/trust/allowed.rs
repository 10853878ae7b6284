//! The allowed_signers file (ssh-keygen(1), ALLOWED SIGNERS).
//!
//! One signer a line: `NAME[,NAME…] [OPTIONS] TYPE AAAA… [COMMENT]`.
//! Names may be patterns and may be quoted; empty lines and lines that begin
//! with `#` are skipped.

use super::options::{self, LineOptions};
use super::{Namespace, PublicKey, TrustError, files, key, pattern};
use crate::model::{ShowPath, Timestamp, text};
use std::path::Path;

/// Largest allowed_signers file read, in bytes: thousands of signers.
pub const MAX_SIGNERS_BYTES: u64 = 1024 * 1024;

/// Most lines of an allowed_signers file, comments included.
pub const MAX_SIGNERS_LINES: usize = 10_000;

/// Longest line, in bytes: the longest key of any type has about 3,000.
pub const MAX_SIGNERS_LINE_BYTES: usize = 16 * 1024;

/// Who may sign what, and when.
///
/// Times are read as ssh-keygen reads them: `YYYYMMDD[HHMM[SS]]`, with `Z` for
/// UTC; without it they are the standard time of this machine's zone, even in
/// summer. A file that travels should say `Z`.
#[derive(Debug, Clone, Default)]
pub struct AllowedSigners {
    entries: Vec<AllowedSigner>,
    unusable: Vec<Unusable>,
}

/// One line with a key that could count.
#[derive(Debug, Clone)]
pub struct AllowedSigner {
    /// Names of whoever holds the key, as patterns.
    pub principals: Vec<String>,
    /// Namespaces it may sign for, as patterns; `None` means any.
    pub namespaces: Option<Vec<String>>,
    /// First moment at which it counts.
    pub valid_after: Option<Timestamp>,
    /// Last moment at which it counts.
    pub valid_before: Option<Timestamp>,
    /// The key.
    pub key: PublicKey,
    /// Whether it is an authority that signs certificates. Such a key never
    /// counts here: certificates are not used.
    pub cert_authority: bool,
    /// Line number in the file, from 1.
    pub line: usize,
}

/// A line that ssh-keygen could use and handcarry does not: its key is of a
/// type that does not count. It is no error, so that one file can serve both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    /// Names on the line.
    pub principals: Vec<String>,
    /// The key's type, as OpenSSH names it.
    pub key_type: String,
    /// Line number in the file, from 1.
    pub line: usize,
}

impl Unusable {
    /// Why it does not count, as the end of a sentence about the key.
    pub fn why(&self) -> String {
        key::refused(&self.key_type)
    }
}

impl AllowedSigners {
    /// Reads the text of an allowed_signers file. No line at all is no error:
    /// nobody is trusted then.
    ///
    /// # Errors
    /// [`TrustError::SignersLine`] for the first faulty line,
    /// [`TrustError::LimitExceeded`].
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        Self::parse_named(text, "allowed_signers")
    }

    /// Reads an allowed_signers file; where there is none, nobody is trusted.
    ///
    /// # Errors
    /// [`TrustError::FileUnreadable`], and those of [`AllowedSigners::parse`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        match files::read_text(path, MAX_SIGNERS_BYTES)? {
            Some(text) => Self::parse_named(&text, &path.shown()),
            None => Ok(AllowedSigners::default()),
        }
    }

    /// The lines with a key that could count, in the file's order.
    pub fn entries(&self) -> &[AllowedSigner] {
        &self.entries
    }

    /// The lines whose key is of a type that is not used here.
    pub fn unusable(&self) -> &[Unusable] {
        &self.unusable
    }

    /// Writes one line for `key`, with names and patterns as given (a list
    /// with commas, too), that reads back as exactly that.
    ///
    /// # Errors
    /// [`TrustError::SignersLine`] where the names or options can't be written
    /// on such a line: empty, or with a quote or line feed in them.
    pub fn render_line(principals: &str, key: &PublicKey, options: &LineOptions) -> Result<String, TrustError> {
        // A name that begins with `#` would make a comment of the line.
        let quote = principals.contains([' ', '\t']) || principals.starts_with('#');
        let mut line = if quote { format!("\"{principals}\"") } else { principals.to_owned() };
        let options_text = options.render();
        if !options_text.is_empty() {
            line.push(' ');
            line.push_str(&options_text);
        }
        line.push(' ');
        line.push_str(&key.openssh());
        let unwritable =
            |why: &str| TrustError::SignersLine { file: "the line to write".to_owned(), line: 1, why: why.to_owned() };
        // Read back and compared: OpenSSH reads this file too, and what its quoting can't hold is refused, not guessed.
        let read = Self::parse_named(&line, "the line to write")?;
        match read.entries.as_slice() {
            [entry]
                if entry.principals == pattern::split_list(principals)
                    && entry.key == *key
                    && entry.options() == *options =>
            {
                Ok(line)
            }
            _ => Err(unwritable("these names can't be written on a line")),
        }
    }

    /// Whether a line has this key, in force or not.
    pub(super) fn knows(&self, key: &PublicKey) -> bool {
        self.entries.iter().any(|entry| entry.key == *key)
    }

    /// Finds a line that lets `key` sign for `namespace` at `at` and returns the
    /// name it counts under; says why where none does. Revocation is the policy's, not the file's.
    pub(super) fn find(&self, key: &PublicKey, namespace: Namespace, at: Timestamp) -> Result<String, String> {
        let mut why = None;
        // A key may stand on several lines, with other times or
        // namespaces. One that permits it is enough, as for ssh-keygen.
        for entry in self.entries.iter().filter(|entry| entry.key == *key) {
            match entry.permits(namespace, at) {
                Ok(name) => return Ok(name),
                Err(reason) => {
                    why.get_or_insert_with(|| {
                        format!("key {} ({}): {reason}", key.fingerprint(), shown(&entry.principals))
                    });
                }
            }
        }
        Err(why.unwrap_or_else(|| format!("key {} is not among the trusted signers", key.fingerprint())))
    }

    fn parse_named(text: &str, file: &str) -> Result<Self, TrustError> {
        if text.len() as u64 > MAX_SIGNERS_BYTES {
            return Err(TrustError::LimitExceeded { what: file.to_owned(), limit: text::bytes(MAX_SIGNERS_BYTES) });
        }
        let mut signers = AllowedSigners::default();
        for (index, line) in text.split('\n').enumerate() {
            let number = index + 1;
            if number > MAX_SIGNERS_LINES {
                let limit = format!("{MAX_SIGNERS_LINES} lines");
                return Err(TrustError::LimitExceeded { what: file.to_owned(), limit });
            }
            match read_line(line, number) {
                Ok(Line::Empty) => {}
                Ok(Line::Signer(signer)) => signers.entries.push(*signer),
                Ok(Line::Unusable(unusable)) => signers.unusable.push(unusable),
                Err(why) => {
                    return Err(TrustError::SignersLine {
                        file: file.to_owned(),
                        line: number,
                        why: text::one_line(&why),
                    });
                }
            }
        }
        Ok(signers)
    }
}

impl AllowedSigner {
    /// Whether the line is for `principal`, as `ssh-keygen -I` asks.
    pub fn is_named(&self, principal: &str) -> bool {
        pattern::list_matches(&self.principals, principal)
    }

    /// The line's options.
    pub fn options(&self) -> LineOptions {
        LineOptions {
            namespaces: self.namespaces.clone(),
            valid_after: self.valid_after,
            valid_before: self.valid_before,
            cert_authority: self.cert_authority,
        }
    }

    /// Whether a signature of its key counts for `namespace` at `at`: the name
    /// it counts under, or why it does not.
    ///
    /// # Errors
    /// The reason, as the end of a sentence about the key.
    pub fn permits(&self, namespace: Namespace, at: Timestamp) -> Result<String, String> {
        if self.cert_authority {
            return Err(format!(
                "line {} makes it a certificate authority, and certificates are not used here",
                self.line
            ));
        }
        if let Some(namespaces) = &self.namespaces
            && !pattern::list_matches(namespaces, namespace.as_str())
        {
            let only = if namespaces.is_empty() { "nothing at all".to_owned() } else { shown(namespaces) };
            return Err(format!("line {} lets it sign {only}, not {namespace}", self.line));
        }
        // Both ends belong to the span, as in ssh-keygen.
        if let Some(after) = self.valid_after.filter(|after| at < *after) {
            return Err(format!("line {} lets it count only from {after} on, and it is {at}", self.line));
        }
        if let Some(before) = self.valid_before.filter(|before| at > *before) {
            return Err(format!("line {} let it count only until {before}, and it is {at}", self.line));
        }
        // ssh-keygen asks for a name; a line that no name matches never verifies.
        match pattern::witness(&self.principals) {
            Some(name) if self.principals.contains(&name) => Ok(name),
            Some(_) => Ok(self.principals.join(",")),
            None => Err(format!("line {} names nobody", self.line)),
        }
    }
}

enum Line {
    Empty,
    Signer(Box<AllowedSigner>),
    Unusable(Unusable),
}

fn read_line(line: &str, number: usize) -> Result<Line, String> {
    if line.len() > MAX_SIGNERS_LINE_BYTES {
        return Err(format!("it is longer than the limit of {}", text::bytes(MAX_SIGNERS_LINE_BYTES as u64)));
    }
    // Files that were edited on Windows end their lines with CR and LF.
    let line = line.strip_suffix('\r').unwrap_or(line).trim_matches([' ', '\t']);
    if line.is_empty() || line.starts_with('#') {
        return Ok(Line::Empty);
    }
    // It would be printed with the list, and could hide a line of it.
    if line.contains(|c: char| c.is_control() && c != '\t') {
        return Err("it holds a control character".to_owned());
    }
    let (names, rest) = take_names(line)?;
    if let Some(unseen) = text::unseen_in(&names) {
        return Err(format!(
            "its name holds U+{:04X}, which nobody sees: save the file again as UTF-8 without a byte order mark, and \
             write the name anew",
            u32::from(unseen)
        ));
    }
    // The likeliest slip: the line of a `.pub` file as it is.
    if key::is_key_type(&names) {
        return Err("it is a bare public key; put a name before it".to_owned());
    }
    let principals = pattern::split_list(&names);
    if principals.is_empty() {
        return Err("it names nobody".to_owned());
    }
    options::check_patterns(&principals)?;

    let (options, key_type, rest) = match split_word(rest) {
        ("", _) => return Err("there is no key after the name".to_owned()),
        (word, after) if key::is_key_type(word) => (LineOptions::default(), word, after),
        _ => {
            let end = options::end_of_options(rest).ok_or("a quote in the options is never closed")?;
            let options = LineOptions::parse(&rest[..end])?;
            match split_word(&rest[end..]) {
                ("", _) => return Err("there is no key after the options".to_owned()),
                (word, after) if key::is_key_type(word) => (options, word, after),
                (word, _) => return Err(format!("{word:?} is not a type of key")),
            }
        }
    };
    let (blob, comment) = split_word(rest);
    if blob.is_empty() {
        return Err(format!("there is no key after {key_type}"));
    }
    if !key::counts(key_type) {
        return Ok(Line::Unusable(Unusable { principals, key_type: key_type.to_owned(), line: number }));
    }
    let key = PublicKey::from_blob(key_type, blob, comment).map_err(|why| format!("the key can't be used: {why}"))?;
    let LineOptions { namespaces, valid_after, valid_before, cert_authority } = options;
    Ok(Line::Signer(Box::new(AllowedSigner {
        principals,
        namespaces,
        valid_after,
        valid_before,
        key,
        cert_authority,
        line: number,
    })))
}

/// Takes the names off the front. A quoted part may hold white space and ends
/// them, as in OpenSSH's reader.
fn take_names(line: &str) -> Result<(String, &str), String> {
    let end = line.find([' ', '\t', '"']).ok_or("there is no key after the name")?;
    let (head, rest) = line.split_at(end);
    let Some(quoted) = rest.strip_prefix('"') else {
        return Ok((head.to_owned(), rest.trim_start_matches([' ', '\t'])));
    };
    let (inside, rest) = quoted.split_once('"').ok_or("a quote in the names is never closed")?;
    Ok((format!("{head}{inside}"), rest.trim_start_matches([' ', '\t'])))
}

/// Splits at the first white space and skips it.
fn split_word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches([' ', '\t']);
    match text.split_once([' ', '\t']) {
        Some((word, rest)) => (word, rest.trim_start_matches([' ', '\t'])),
        None => (text, ""),
    }
}

/// A list for a message: one line, and not endless.
fn shown(list: &[String]) -> String {
    text::short_line(&list.join(","), 80)
}
