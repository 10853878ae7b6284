//! Holds what programs print with `--json` against the schema of events, and
//! keeps which kinds there were.

use handcarry::testing::console::event_schema;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

static SCHEMA: LazyLock<Value> = LazyLock::new(event_schema);
static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Where a file lies for each kind that was seen; `tests/all.py` looks which kinds never were.
const KINDS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/event-kinds");

/// Holds each event among lines against the schema.
#[track_caller]
pub fn hold(out: &str) {
    for line in out.lines().filter(|line| line.starts_with('{')) {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        if let Some(kind) = event["event"].as_str() {
            assert_eq!(wrong(&event), None, "{line}");
            if SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(kind.to_owned()) {
                std::fs::create_dir_all(KINDS).expect("a folder");
                std::fs::write(Path::new(KINDS).join(kind), "").expect("written");
            }
        }
    }
}

/// What is wrong with an event; `None` where nothing is.
pub fn wrong(event: &Value) -> Option<String> {
    let name = format!("event-{}", event["event"].as_str().unwrap_or_default());
    // As the schema's `oneOf` has them, where each has a kind of its own.
    let listed = SCHEMA["oneOf"].as_array().expect("a list").iter();
    assert!(listed.filter(|one| one["$ref"] == format!("#/$defs/{name}")).count() <= 1);
    match SCHEMA["$defs"].get(&name) {
        None => Some(format!("{name} is no kind")),
        Some(schema) => unlike(event, schema).map(|why| format!("{name}: {why}")),
    }
}

/// What of a value is unlike a schema, by the words that ours has; another word is a mistake of this reader.
fn unlike(value: &Value, schema: &Value) -> Option<String> {
    let words = schema.as_object().expect("a schema");
    words.iter().find_map(|(word, of)| {
        let is_so = match word.as_str() {
            "description" | "format" => true,
            "type" => is_type(value, of.as_str().expect("a type")),
            "const" => value == of,
            "enum" => of.as_array().expect("words").contains(value),
            "minimum" => value.as_f64() >= of.as_f64(),
            "maximum" => value.as_f64() <= of.as_f64(),
            "pattern" => value.as_str().is_some_and(|text| has_pattern(text, of.as_str().expect("text"))),
            "anyOf" => of.as_array().expect("schemas").iter().any(|one| unlike(value, one).is_none()),
            "required" => {
                of.as_array().expect("names").iter().all(|name| value.get(name.as_str().expect("a name")).is_some())
            }
            "items" => return value.as_array()?.iter().find_map(|item| unlike(item, of)),
            "properties" => return members(value, of.as_object().expect("members")),
            "additionalProperties" => return others(value, words.get("properties"), of),
            "$ref" => {
                let name = of.as_str().and_then(|path| path.strip_prefix("#/$defs/")).expect("one of ours");
                return unlike(value, &SCHEMA["$defs"][name]);
            }
            other => panic!("a word that is not read here: {other}"),
        };
        (!is_so).then(|| format!("{value} is not as {word} has it: {of}"))
    })
}

fn is_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("a type that is not read here: {other}"),
    }
}

/// Whether text has a pattern of ours: classes of one range or two, each so many times, and single letters.
fn has_pattern(text: &str, pattern: &str) -> bool {
    let mut pattern = pattern.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).expect("whole");
    let mut text = text.bytes();
    while !pattern.is_empty() {
        let (class, times, rest) = match pattern.strip_prefix('[') {
            None => (&pattern[..1], 1, &pattern[1..]),
            Some(class) => {
                let (class, rest) = class.split_once("]{").expect("so many times");
                let (times, rest) = rest.split_once('}').expect("closed");
                (class, times.parse().expect("a number"), rest)
            }
        };
        let fits = |byte: u8| match class.as_bytes() {
            [one] => byte == *one,
            ranges => ranges.chunks(3).any(|range| (range[0]..=range[2]).contains(&byte)),
        };
        if !(0..times).all(|_| text.next().is_some_and(fits)) {
            return false;
        }
        pattern = rest;
    }
    text.next().is_none()
}

fn members(value: &Value, schemas: &Map<String, Value>) -> Option<String> {
    let members = value.as_object()?;
    members.iter().find_map(|(name, value)| {
        let why = unlike(value, schemas.get(name)?)?;
        Some(format!("{name}: {why}"))
    })
}

/// What of the members that have no schema of their own is unlike what all others are to be.
fn others(value: &Value, known: Option<&Value>, schema: &Value) -> Option<String> {
    let is_known = |name: &str| known.is_some_and(|known| known.get(name).is_some());
    value.as_object()?.iter().filter(|(name, _)| !is_known(name)).find_map(|(name, value)| match schema {
        Value::Bool(false) => Some(format!("{name} is no member of it")),
        schema => unlike(value, schema),
    })
}
