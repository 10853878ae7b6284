//! One line: how it is written and what makes it hold.

use super::Record;
use crate::model::{Sha256Digest, Timestamp, text};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What stands between a line's body and its own digest.
const OWN: &str = ",\"sha256\":\"";
/// Bytes of `,"sha256":"<64 hex>"}`.
const TAIL_BYTES: usize = OWN.len() + 64 + 2;

#[derive(Serialize)]
struct Body<'a> {
    seq: u64,
    prev: Sha256Digest,
    time: Timestamp,
    kind: &'a str,
    fields: &'a Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    seq: u64,
    prev: Sha256Digest,
    time: Timestamp,
    kind: String,
    fields: Map<String, Value>,
    #[serde(rename = "sha256")]
    _sha256: Sha256Digest,
}

/// Writes a line, without its line feed.
pub(super) fn write(seq: u64, prev: Sha256Digest, time: Timestamp, kind: &str, fields: &Map<String, Value>) -> String {
    let body = Body { seq, prev, time, kind, fields };
    let mut line = serde_json::to_string(&body).expect("a record of JSON values is JSON");
    // Without its closing brace the text is what the digest covers, to
    // the byte: a reader needs no second way to write JSON.
    line.pop();
    let own = Sha256Digest::of(line.as_bytes());
    line.push_str(&format!("{OWN}{own}\"}}"));
    line
}

/// A line that is whole; where it stands was not looked at.
pub(super) struct WholeLine {
    whole: Whole,
    sha256: Sha256Digest,
}

/// Reads a line by itself.
pub(super) fn read(line: &[u8]) -> Result<WholeLine, String> {
    Ok(WholeLine { whole: parse(line)?, sha256: Sha256Digest::of(line) })
}

/// Takes a line as number `seq`, which must follow `prev`.
pub(super) fn placed(WholeLine { whole, sha256 }: WholeLine, seq: u64, prev: Sha256Digest) -> Result<Record, String> {
    // The digest first, then number and link: only of a line that is
    // whole can it be said that it stands in the wrong place.
    if whole.seq != seq {
        return Err(format!("it says it is record {}; a line was removed, added or moved", whole.seq));
    }
    if whole.prev != prev {
        return Err("it does not follow the line before; one of them was replaced".to_owned());
    }
    Ok(Record { seq, time: whole.time, kind: whole.kind, fields: whole.fields, sha256 })
}

fn parse(line: &[u8]) -> Result<Whole, String> {
    let changed = || "its bytes are not those that were written".to_owned();
    let at = line.len().checked_sub(TAIL_BYTES).ok_or_else(changed)?;
    let (body, tail) = line.split_at(at);
    // Bytes are compared, not JSON: another order of members or another blank is a change.
    if tail != format!("{OWN}{}\"}}", Sha256Digest::of(body)).as_bytes() {
        return Err(changed());
    }
    serde_json::from_slice(line)
        .map_err(|error| format!("it is no record of format 1: {}", text::one_line(&error.to_string())))
}
