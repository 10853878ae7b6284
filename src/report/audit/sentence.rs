//! A record as a sentence of a language's table.

use crate::journal::{Chain, Record};
use crate::model::{PackageKey, Timestamp, duration_human, text};
use crate::report::page::{Markup, moment};
use crate::report::wording::PageWords;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// What packages are called, by what a journal knows them by.
pub(super) struct Titles(BTreeMap<String, String>);

impl Titles {
    /// Those that a journal names.
    pub(super) fn of(chain: &Chain) -> Self {
        let named = chain.records.iter().filter_map(|record| {
            let package = record.fields.get("package")?;
            Some((package.get("key")?.as_str()?.to_owned(), package.get("name")?.as_str()?.to_owned()))
        });
        Titles(named.collect())
    }

    /// What a package is called; what it is known by where no title is.
    pub(super) fn title(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_else(|| match PackageKey::parse(key) {
            Some(PackageKey::Offered(title)) => title,
            Some(PackageKey::Elsewhere(version, _)) => version.to_string(),
            Some(PackageKey::Digest(_)) | None => key.to_owned(),
        })
    }
}

/// A record, told.
pub(super) struct Told {
    pub sentence: Markup,
    /// What the sentence does not say of it: the members, each with its value.
    pub rest: Vec<(String, Markup)>,
}

/// Tells a record.
pub(super) fn tell(record: &Record, titles: &Titles, words: &PageWords) -> Told {
    let teller = Teller { record, titles, words, told: RefCell::default() };
    let known = words.events.iter().find(|(kind, _)| *kind == record.kind);
    let sentence = match known {
        Some((_, sentence)) => teller.fill(sentence),
        // Of another version of handcarry: nothing of it is dropped, since all that it has follows.
        None => Markup::from(record.kind.as_str()),
    };
    let mut rest = Vec::new();
    for (name, value) in &record.fields {
        teller.untold(name, value, &mut rest);
    }
    Told { sentence, rest }
}

struct Teller<'a> {
    record: &'a Record,
    titles: &'a Titles,
    words: &'a PageWords,
    /// Members that the sentence says.
    told: RefCell<BTreeSet<String>>,
}

impl Teller<'_> {
    fn fill(&self, sentence: &'static str) -> Markup {
        let (mut filled, mut rest) = (Markup::default(), sentence);
        while let Some(at) = rest.find(['[', '{']) {
            let (before, inside) = (&rest[..at], &rest[at + 1..]);
            filled.push(before);
            let close = if rest[at..].starts_with('[') { ']' } else { '}' };
            let (inner, behind) = inside.split_once(close).unwrap_or((inside, ""));
            match close {
                ']' => filled.push(self.group(inner).unwrap_or_default()),
                _ => filled.push(self.member(inner).unwrap_or_default()),
            }
            rest = behind;
        }
        filled.and(rest)
    }

    /// What holds together; `None` where the record lacks a member of it.
    fn group(&self, group: &'static str) -> Option<Markup> {
        let (mut filled, mut rest) = (Markup::default(), group);
        while let Some((before, after)) = rest.split_once('{') {
            let (inner, behind) = after.split_once('}')?;
            filled.push(before);
            filled.push(self.member(inner)?);
            rest = behind;
        }
        Some(filled.and(rest))
    }

    /// One member in its form; `None` where the record does not have it, or it is empty.
    fn member(&self, spec: &'static str) -> Option<Markup> {
        if let Some((path, choice)) = spec.split_once('?') {
            let (yes, no) = choice.split_once('|')?;
            let is_so = self.value(path).and_then(Value::as_bool).unwrap_or_default();
            return Some(if is_so { yes } else { no }.into());
        }
        let (path, form) = spec.split_once(':').unwrap_or((spec, ""));
        let value = self.value(path)?;
        let text = || value.as_str().unwrap_or_default();
        let shown = match form {
            "time" => Timestamp::parse(text()).map_or_else(|| show(value), |at| moment(at, self.words)),
            "bytes" => value.as_u64().map_or_else(|| show(value), |bytes| text::bytes(bytes).into()),
            "secs" => value.as_i64().map_or_else(|| show(value), |secs| signed(secs).into()),
            "count" => value.as_array().map_or(0, Vec::len).to_string().into(),
            "term" => self.words.term(text()).into(),
            "package" => self.titles.title(text()).into(),
            "titles" => {
                let titles = value.as_array()?.iter().filter_map(|offer| offer.get("title")?.as_str());
                titles.collect::<Vec<_>>().join(", ").into()
            }
            _ => show(value),
        };
        (!shown.is_empty()).then_some(shown)
    }

    fn value(&self, path: &str) -> Option<&Value> {
        self.told.borrow_mut().insert(path.to_owned());
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let value = self.record.fields.get(first)?;
        let value = if rest.is_empty() { value } else { value.get(rest)? };
        (!value.is_null()).then_some(value)
    }

    /// Adds what of a member the sentence does not say.
    fn untold(&self, path: &str, value: &Value, rest: &mut Vec<(String, Markup)>) {
        if value.is_null() || self.told.borrow().contains(path) {
            return;
        }
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| self.untold(&format!("{path}.{name}"), value, rest));
            }
            value => rest.push((path.to_owned(), show(value))),
        }
    }
}

fn signed(secs: i64) -> String {
    let sign = if secs < 0 { "-" } else { "" };
    format!("{sign}{}", duration_human(secs))
}

/// A value as a person reads it, digests whole.
fn show(value: &Value) -> Markup {
    match value {
        Value::String(text) if matches!(text.len(), 32 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
            Markup::code(text)
        }
        Value::String(text) => text::one_line(text).into(),
        Value::Array(list) => {
            let mut shown = Markup::default();
            for (number, value) in list.iter().enumerate() {
                shown.push(if number == 0 { "" } else { ", " });
                shown.push(show(value));
            }
            shown
        }
        other => text::one_line(&other.to_string()).into(),
    }
}
