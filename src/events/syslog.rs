//! Events as syslog messages (RFC 5424).

use super::kind;
use super::weight::{Facility, Severity};
use crate::journal::{Record, TORN};
use crate::model::text;
use serde_json::Value;

/// The name of our structured data. It needs the number of an enterprise:
/// 32473 is the one that RFC 5612 keeps for whoever has none of their own.
const SD_ID: &str = "handcarry@32473";

/// Longest host name, in characters (RFC 5424, 6.2.4).
const MAX_HOST_CHARS: usize = 255;

/// Longest name of a parameter, in characters (RFC 5424, 6.3.3).
const MAX_NAME_CHARS: usize = 32;

/// What stands for a field that is not known (RFC 5424, 6.2).
const NIL: &str = "-";

/// How grave a record is, and whom it concerns.
pub(super) fn weight(record: &Record) -> (Facility, Severity) {
    match kind::row(&record.kind) {
        Some(row) => (row.facility, row.severity),
        // That a line was torn by a crash is told by the log itself.
        None if record.kind == TORN => (Facility::Authpriv, Severity::Warning),
        // Another version's kind: of weight until it is known.
        None => (Facility::Authpriv, Severity::Notice),
    }
}

/// A record as one message, without the line feed that may end it; `chained`
/// is false for one that is not in the log.
pub fn message(record: &Record, program: &str, host: &str, chained: bool) -> String {
    let (facility, severity) = weight(record);
    let priority = facility as u8 * 8 + severity as u8;
    let process = record.fields.get("pid").map_or_else(|| NIL.to_owned(), Value::to_string);
    let mut data = String::new();
    if chained {
        param(&mut data, "seq", &record.seq.to_string());
        param(&mut data, "sha256", &record.sha256.to_string());
    }
    for (name, value) in record.fields.iter().filter(|(name, _)| *name != "pid") {
        each(value, |value| param(&mut data, name, value));
    }
    let said = said(record);
    // Text beyond ASCII must begin with the mark (RFC 5424, 6.4); before other text it would only be seen.
    let mark = if said.is_ascii() { "" } else { "\u{feff}" };
    let (host, program, kind) = (field(host, MAX_HOST_CHARS), field(program, 48), field(&record.kind, 32));
    format!("<{priority}>1 {} {host} {program} {process} {kind} [{SD_ID}{data}] {mark}{said}", record.time)
}

/// What a record tells, for people, in one line.
pub(super) fn said(record: &Record) -> String {
    let mut said = kind::row(&record.kind).map_or_else(|| text::one_line(&record.kind), |row| row.meaning.to_owned());
    let members = record.fields.iter().filter(|(name, _)| !super::COMMON.contains(&name.as_str()));
    for (at, (name, value)) in members.enumerate() {
        let mut values = Vec::new();
        each(value, |value| values.push(text::one_line(value)));
        let between = if at == 0 { ": " } else { "; " };
        said.push_str(&format!("{between}{} {}", text::one_line(name), values.join(", ")));
    }
    said
}

/// The value as text, or each of its values.
fn each(value: &Value, mut take: impl FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        // Syslog lets a name stand more than once in one element, and has no lists.
        Value::Array(values) => values.iter().for_each(|value| match value {
            Value::String(text) => take(text),
            other => take(&other.to_string()),
        }),
        other => take(&other.to_string()),
    }
}

/// Adds a parameter: its name as syslog takes names, its value escaped.
fn param(data: &mut String, name: &str, value: &str) {
    let is_good = |c: char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"');
    let name: String = name.chars().map(|c| if is_good(c) { c } else { '_' }).take(MAX_NAME_CHARS).collect();
    data.push_str(&format!(" {name}=\""));
    for c in text::one_line(value).chars() {
        // These three and no others (RFC 5424, 6.3.3).
        if matches!(c, '"' | '\\' | ']') {
            data.push('\\');
        }
        data.push(c);
    }
    data.push('"');
}

/// A field of the header: ASCII that can be seen, or the sign that there is none.
fn field(text: &str, max_chars: usize) -> String {
    let text: String = text.chars().filter(char::is_ascii_graphic).take(max_chars).collect();
    if text.is_empty() { NIL.to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sha256Digest, Timestamp};
    use proptest::prelude::*;
    use serde_json::{Map, json};

    fn record(kind: &str, fields: Value) -> Record {
        let fields: Map<String, Value> = fields.as_object().expect("an object").clone();
        let time = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        Record { seq: 7, time, kind: kind.to_owned(), fields, sha256: Sha256Digest::of(b"x") }
    }

    /// The parameters of a message's one element, read as RFC 5424 says.
    fn read(message: &str) -> Vec<(String, String)> {
        let mut rest = message.split_once(&format!("[{SD_ID}")).expect("an element").1.chars().peekable();
        let mut params = Vec::new();
        while rest.next_if_eq(&' ').is_some() {
            let name: String = std::iter::from_fn(|| rest.next_if(|c| *c != '=')).collect();
            assert_eq!((rest.next(), rest.next()), (Some('='), Some('"')));
            let mut value = String::new();
            loop {
                match rest.next().expect("ends") {
                    '"' => break,
                    '\\' => value.extend(rest.next()),
                    c => {
                        assert_ne!(c, ']', "escaped");
                        value.push(c);
                    }
                }
            }
            params.push((name, value));
        }
        assert_eq!(rest.next(), Some(']'));
        params
    }

    #[test]
    fn a_message_is_what_rfc_5424_says() {
        let told = json!({ "code": "rollback", "message": "a \"b\" \\ [c]", "by": "ana", "pid": 12 });
        let message = message(&record("refused", told), "handcarry-inside", "desk", true);
        let expected = format!(
            "<84>1 2026-03-04T05:06:07Z desk handcarry-inside 12 refused [handcarry@32473 seq=\"7\" sha256=\"{}\" \
             by=\"ana\" code=\"rollback\" message=\"a \\\"b\\\" \\\\ [c\\]\"] a stick, bundle, paper, key, update, \
             certificate or record was refused: code rollback; message a \"b\" \\ [c]",
            Sha256Digest::of(b"x")
        );
        assert_eq!(message, expected);
        let other = message_of("of-tomorrow", json!({ "a b": ["x", 1], "ü": "ä\nö" }));
        assert!(
            other.starts_with(
                "<85>1 2026-03-04T05:06:07Z - p - of-tomorrow [handcarry@32473 a_b=\"x\" a_b=\"1\" _=\"ä ö\"] \u{feff}"
            ),
            "{other}"
        );
    }

    fn message_of(kind: &str, fields: Value) -> String {
        message(&record(kind, fields), "p", "", false)
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_and_forges_nothing(text in any::<String>(), other in any::<String>()) {
            let message = message_of("refused", json!({ "code": other.clone(), "message": text.clone() }));
            prop_assert!(!message.contains('\n'));
            let expected = [("code".to_owned(), text::one_line(&other)), ("message".to_owned(), text::one_line(&text))];
            prop_assert_eq!(read(&message), expected);
        }
    }
}
