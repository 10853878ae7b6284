//! What a member is: its type and unit.

use super::Compound;
use serde_json::{Value, json};

/// The type of a member.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Text for people or programs, on one line.
    Text,
    /// A path as the system that runs the program writes it.
    Path,
    /// A moment, RFC 3339 in UTC.
    Time,
    /// A SHA-256, 64 hex digits.
    Digest,
    /// A random id, 32 hex digits.
    Id,
    /// True or false.
    Flag,
    /// A whole number from 0.
    Count,
    /// A number of bytes.
    Bytes,
    /// Seconds, perhaps with a fraction; less than none where something is over.
    Secs,
    /// A hundredth part, from 0 to 100.
    Percent,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A list, perhaps empty.
    List(&'static Shape),
    /// An object of such values by name.
    Map(&'static Shape),
    /// An object of the table.
    Of(&'static Compound),
    /// One of these.
    Either(&'static [Shape]),
    /// Whatever the place that is named beside it says.
    Open,
    /// What may be null, and may be left out.
    Maybe(&'static Shape),
}

/// How a moment, a digest and an id are written.
const TIME: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$";
const DIGEST: &str = "^[0-9a-f]{64}$";
const ID: &str = "^[0-9a-f]{32}$";

impl Shape {
    /// What is wrong with a value; a member that was left out is null.
    pub(super) fn misfit(&self, value: &Value) -> Option<String> {
        let unless = |fits: bool| (!fits).then(|| format!("{value} is not {}", self.told()));
        let text = value.as_str();
        let is_hex = |of: usize| {
            text.is_some_and(|text| text.len() == of && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
        };
        match self {
            Shape::Text | Shape::Path => unless(text.is_some()),
            Shape::Time => unless(text.is_some_and(is_time)),
            Shape::Digest => unless(is_hex(64)),
            Shape::Id => unless(is_hex(32)),
            Shape::Flag => unless(value.is_boolean()),
            Shape::Count | Shape::Bytes => unless(value.is_u64()),
            Shape::Secs => unless(value.is_number()),
            Shape::Percent => unless(value.as_u64().is_some_and(|percent| percent <= 100)),
            Shape::Word(words) => unless(text.is_some_and(|text| words.contains(&text))),
            Shape::List(of) => match value.as_array() {
                None => unless(false),
                Some(values) => values.iter().find_map(|value| of.misfit(value)),
            },
            Shape::Map(of) => match value.as_object() {
                None => unless(false),
                Some(values) => values.values().find_map(|value| of.misfit(value)),
            },
            Shape::Of(compound) => match value.as_object() {
                None => unless(false),
                Some(members) => compound.0.misfit(members),
            },
            Shape::Either(shapes) => unless(shapes.iter().any(|shape| shape.misfit(value).is_none())),
            Shape::Open => None,
            Shape::Maybe(_) if value.is_null() => None,
            Shape::Maybe(shape) => shape.misfit(value),
        }
    }

    /// The type as the page names it.
    pub(super) fn told(&self) -> String {
        match self {
            Shape::Text => "text".to_owned(),
            Shape::Path => "path".to_owned(),
            Shape::Time => "time".to_owned(),
            Shape::Digest => "SHA-256".to_owned(),
            Shape::Id => "id".to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Count => "number".to_owned(),
            Shape::Bytes => "bytes".to_owned(),
            Shape::Secs => "seconds".to_owned(),
            Shape::Percent => "percent".to_owned(),
            Shape::Word(words) => words.join(" | "),
            Shape::List(of) => format!("list of {}", of.told()),
            Shape::Map(of) => format!("{} by name", of.told()),
            Shape::Of(compound) => format!("<{}>", compound.0.name),
            Shape::Either(shapes) => shapes.iter().map(Shape::told).collect::<Vec<_>>().join(" or "),
            Shape::Open => "object".to_owned(),
            Shape::Maybe(shape) => shape.told(),
        }
    }

    /// Whether it may be null or left out.
    pub(super) fn may_lack(&self) -> bool {
        matches!(self, Shape::Maybe(_))
    }

    /// The type in JSON Schema.
    pub(super) fn schema(&self) -> Value {
        match self {
            Shape::Text | Shape::Path => json!({ "type": "string" }),
            Shape::Time => json!({ "type": "string", "format": "date-time", "pattern": TIME }),
            Shape::Digest => json!({ "type": "string", "pattern": DIGEST }),
            Shape::Id => json!({ "type": "string", "pattern": ID }),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Count | Shape::Bytes => json!({ "type": "integer", "minimum": 0 }),
            Shape::Secs => json!({ "type": "number" }),
            Shape::Percent => json!({ "type": "integer", "minimum": 0, "maximum": 100 }),
            Shape::Word(words) => json!({ "enum": words }),
            Shape::List(of) => json!({ "type": "array", "items": of.schema() }),
            Shape::Map(of) => json!({ "type": "object", "additionalProperties": of.schema() }),
            Shape::Of(compound) => json!({ "$ref": format!("#/$defs/{}", compound.0.name) }),
            Shape::Either(shapes) => json!({ "anyOf": shapes.iter().map(Shape::schema).collect::<Vec<_>>() }),
            Shape::Open => json!({}),
            Shape::Maybe(shape) => json!({ "anyOf": [shape.schema(), { "type": "null" }] }),
        }
    }
}

/// Whether text is a moment as events write it: the length and the separators, for digits between them.
fn is_time(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00Z";
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form })
}
