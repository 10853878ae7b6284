//! The table as a JSON Schema.

use super::{EVENTS_VERSION, Layout, chapters, compounds, records};
use serde_json::{Map, Value, json};

/// The JSON Schema (2020-12) that every event is valid by.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for compound in compounds() {
        definitions.insert(compound.0.name.to_owned(), object(&compound.0));
    }
    let kinds = || chapters().into_iter().flat_map(|(_, kinds)| kinds);
    for kind in kinds() {
        let mut event = object(&kind.0);
        // Its own meaning of a member stands before that which every event gives it.
        let mut properties = object(&records::EVERY.0)["properties"].take();
        merge(&mut properties, event["properties"].take());
        properties["event"] = json!({ "const": kind.0.name });
        properties["v"] = json!({ "const": EVENTS_VERSION });
        let common = records::EVERY.0.all_members().filter(|member| !member.shape.may_lack());
        let own = event["required"].as_array().into_iter().flatten().cloned();
        event["required"] = own.chain(common.map(|member| member.name.into())).collect();
        event["properties"] = properties;
        definitions.insert(format!("event-{}", kind.0.name), event);
    }
    let refs = kinds().map(|kind| json!({ "$ref": format!("#/$defs/event-{}", kind.0.name) }));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "an event of handcarry",
        "description": "One line of what handcarry-inside and handcarry-outside print with --json; handcarry-events(5)",
        "oneOf": refs.collect::<Vec<_>>(),
        "$defs": definitions,
    })
}

fn object(layout: &Layout) -> Value {
    let properties = layout.all_members().map(|member| {
        let mut schema = member.shape.schema();
        schema["description"] = member.meaning.trim().into();
        (member.name.to_owned(), schema)
    });
    let required = layout.all_members().filter(|member| !member.shape.may_lack()).map(|member| member.name);
    json!({
        "type": "object",
        "description": layout.meaning.trim(),
        "properties": properties.collect::<Map<_, _>>(),
        "required": required.collect::<Vec<_>>(),
        "additionalProperties": false,
    })
}

fn merge(into: &mut Value, own: Value) {
    if let (Value::Object(into), Value::Object(own)) = (into, own) {
        into.extend(own);
    }
}
