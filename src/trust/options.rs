//! The options between names and key on a line of allowed_signers.

use super::{pattern, validity};
use crate::model::Timestamp;

/// What a line restricts its key to. The default restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineOptions {
    /// Namespaces it may sign for, as patterns; `None` means any, an empty list none.
    pub namespaces: Option<Vec<String>>,
    /// First moment at which it counts; `None` means since ever.
    pub valid_after: Option<Timestamp>,
    /// Last moment at which it counts; `None` means for ever.
    pub valid_before: Option<Timestamp>,
    /// Whether the key is an authority that signs certificates, not documents.
    pub cert_authority: bool,
}

impl LineOptions {
    /// Options that let a key sign for these namespaces alone.
    pub fn only_for(namespaces: &[super::Namespace]) -> Self {
        let namespaces = namespaces.iter().map(|namespace| namespace.as_str().to_owned()).collect();
        LineOptions { namespaces: Some(namespaces), ..LineOptions::default() }
    }

    /// Reads the options as ssh-keygen does: names in any case, values quoted,
    /// each at most once. An unknown one is an error, since it may well mean
    /// to restrict the key.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut options = LineOptions::default();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = strip_name(rest, "cert-authority") {
                options.cert_authority = true;
                rest = after;
            } else if let Some(after) = strip_name(rest, "namespaces=") {
                let (value, after) = dequote(after)?;
                once(&mut options.namespaces, pattern::split_list(&value), "namespaces")?;
                rest = after;
            } else if let Some(after) = strip_name(rest, "valid-after=") {
                let (value, after) = dequote(after)?;
                once(&mut options.valid_after, time("valid-after", &value)?, "valid-after")?;
                rest = after;
            } else if let Some(after) = strip_name(rest, "valid-before=") {
                let (value, after) = dequote(after)?;
                once(&mut options.valid_before, time("valid-before", &value)?, "valid-before")?;
                rest = after;
            }
            if rest.is_empty() {
                break;
            }
            let Some(after) = rest.strip_prefix(',') else {
                let name = rest.split([',', '=', '"']).next().unwrap_or_default();
                return Err(format!("unknown option or key type {name:?}"));
            };
            if after.is_empty() {
                return Err("the options end with a comma".to_owned());
            }
            rest = after;
        }
        if let Some(namespaces) = &options.namespaces {
            check_patterns(namespaces)?;
        }
        match (options.valid_after, options.valid_before) {
            // A line that never counts is a slip of the pen, and a signer
            // who is missing shows only in the maintenance window.
            (Some(after), Some(before)) if before <= after => {
                Err("valid-before is not later than valid-after, so the key never counts".to_owned())
            }
            _ => Ok(options),
        }
    }

    /// Writes the options as ssh-keygen reads them; empty where there are none.
    pub(super) fn render(&self) -> String {
        let mut options = Vec::new();
        if self.cert_authority {
            options.push("cert-authority".to_owned());
        }
        if let Some(namespaces) = &self.namespaces {
            options.push(format!("namespaces=\"{}\"", namespaces.join(",").replace('"', "\\\"")));
        }
        for (name, time) in [("valid-after", self.valid_after), ("valid-before", self.valid_before)] {
            options.extend(time.map(|time| format!("{name}=\"{}\"", validity::render(time))));
        }
        options.join(",")
    }
}

/// Refuses patterns that OpenSSH would cut off and never match.
pub(super) fn check_patterns(patterns: &[String]) -> Result<(), String> {
    match patterns.iter().find(|pattern| pattern.len() > pattern::MAX_PATTERN_BYTES) {
        Some(long) => {
            Err(format!("a pattern of {} bytes is above the limit of {}", long.len(), pattern::MAX_PATTERN_BYTES))
        }
        None => Ok(()),
    }
}

/// Where the options end: at white space outside quotes. `None` where a quote
/// is never closed.
pub(super) fn end_of_options(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut quoted) = (0, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => quoted = !quoted,
            b' ' | b'\t' if !quoted => break,
            _ => {}
        }
        at += 1;
    }
    (!quoted).then_some(at)
}

fn strip_name<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(name.len())?;
    head.eq_ignore_ascii_case(name).then_some(rest)
}

/// Takes a quoted value off; `\"` inside it is a quote, any other backslash itself.
fn dequote(text: &str) -> Result<(String, &str), String> {
    let mut rest = text.strip_prefix('"').ok_or("an option's value does not begin with a quote")?;
    let mut value = String::new();
    loop {
        if let Some(after) = rest.strip_prefix("\\\"") {
            value.push('"');
            rest = after;
            continue;
        }
        let mut chars = rest.chars();
        match chars.next() {
            None => return Err("an option's value does not end with a quote".to_owned()),
            Some('"') => return Ok((value, chars.as_str())),
            Some(c) => value.push(c),
        }
        rest = chars.as_str();
    }
}

fn once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), String> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("the option {name} is given twice")),
    }
}

fn time(name: &str, value: &str) -> Result<Timestamp, String> {
    validity::parse(value).map_err(|why| format!("{name}: {why}"))
}
