//! A journal, told.

use crate::journal::{Chain, Record};
use crate::model::text;
use serde_json::{Value, json};

/// Tells a journal to a person, one line a record, oldest first.
pub fn journal_text(chain: &Chain) -> String {
    let mut lines: Vec<String> = chain.records.iter().map(record_text).collect();
    if let Some(torn) = &chain.torn {
        lines.push(format!(
            "     a crash left {} bytes of a record that was not finished; the next run puts them aside",
            torn.bytes.len()
        ));
    }
    lines.join("\n")
}

/// Tells one record in one line: number, time, kind, then its fields.
pub fn record_text(record: &Record) -> String {
    let fields: Vec<String> = record
        .fields
        .iter()
        // A field that is null only says that nobody knew; shown, it would bury what is known.
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| format!("{name}={}", short(value)))
        .collect();
    let line = format!("{:>5}  {}  {:<18} {}", record.seq, record.time, record.kind, fields.join(" "));
    // Fields hold texts of pages and servers: none may begin a line of its own and pass for a record.
    text::printable(&line).replace(['\n', '\t'], " ").trim_end().to_owned()
}

/// The journal as JSON: its head and its records.
pub fn journal_json(chain: &Chain) -> Value {
    json!({
        "head": chain.head(),
        "torn_bytes": chain.torn.as_ref().map(|torn| torn.bytes.len()),
        "records": chain.records,
    })
}

/// A value as a person reads it: digests and ids by their beginning.
fn short(value: &Value) -> String {
    match value {
        // Twelve digits are what a person compares; the JSON form has all of them.
        Value::String(text) if is_hex(text) => text[..12].to_owned(),
        Value::String(text) if text.contains(char::is_whitespace) || text.is_empty() => {
            format!("\"{}\"", text::one_line(text))
        }
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(short).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let fields: Vec<String> = map.iter().map(|(name, value)| format!("{name}={}", short(value))).collect();
            format!("{{{}}}", fields.join(" "))
        }
        other => other.to_string(),
    }
}

fn is_hex(text: &str) -> bool {
    matches!(text.len(), 32 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Sha256Digest, Timestamp};

    #[test]
    fn a_record_is_one_harmless_line() {
        let sha256 = Sha256Digest::of(b"");
        let fields = json!({ "name": "Base 3.4.0\n\u{1b}[31m", "sha256": sha256, "none": null, "skew": -3 });
        let Value::Object(fields) = fields else { panic!("an object") };
        let time = Timestamp::parse("2026-03-04T22:00:00Z").expect("a time");
        let record = Record { seq: 7, time, kind: "install-started".into(), fields, sha256 };
        assert_eq!(
            record_text(&record),
            "    7  2026-03-04T22:00:00Z  install-started    name=\"Base 3.4.0 [31m\" sha256=e3b0c44298fc skew=-3"
        );
    }
}
