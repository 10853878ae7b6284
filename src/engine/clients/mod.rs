//! An exported list of Jump Clients, read as evidence that all have updated.
//!
//! The guide sorts the list by its status column and compares each date with
//! that of the update; so does this. The column is found by its heading, in
//! every language the profile knows, never by its place. A date that could be
//! read in two ways is an error, never a guess: one without a zone counts as
//! the earliest moment it can be anywhere, unless its zone is told.

mod error;
mod moment;

pub use error::ListError;
pub use moment::parse_offset;

use crate::driver::{LateClient, MAX_LATE};
use crate::media;
use crate::model::text::short_line;
use crate::model::{Failure, Sha256Digest, ShowPath, Timestamp};
use crate::web::Control;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::path::Path;

/// Largest list, in bytes: a hundred thousand clients with long comments.
pub const MAX_LIST_BYTES: u64 = 64 << 20;
/// Most clients in a list.
const MAX_ROWS: u64 = 200_000;
/// Most columns.
const MAX_COLUMNS: usize = 256;
/// What may stand between two columns.
// Spreadsheets write semicolons where the decimal mark is a comma.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// How much of a cell is shown in an error, in characters.
const MAX_SHOWN_CHARS: usize = 80;
/// How much of a heading, in characters.
const MAX_HEADING_CHARS: usize = 60;
/// Most headings that are named in an error.
const MAX_NAMED: usize = 30;

/// How a list is to be read.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Headings of the column with the dates.
    pub status: Control,
    /// Headings of the column with the clients' names; else the first column names them.
    pub name: Control,
    /// Headings of the column with their groups.
    pub group: Control,
    /// Whether 10/08/2012 is in August.
    pub day_first: bool,
    /// Seconds that the list's clock is east of UTC, where its dates don't say.
    pub offset_secs: Option<i32>,
    /// What each date must be later than.
    pub after: Timestamp,
    /// What no date can be later than, but for a client that is wrong.
    pub until: Timestamp,
}

/// What a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientListing {
    /// Clients in it.
    pub seen: u64,
    /// Of these, the ones whose date is not later than the update, or empty.
    pub outdated: u64,
    /// The file's digest.
    pub sha256: Sha256Digest,
    /// The first of the outdated ones, in the list's order.
    pub late: Vec<LateClient>,
}

/// Reads a list's file.
///
/// # Errors
/// A [`Failure`] where the file can't be read or is too large; [`ListError`].
pub fn read_file(path: &Path, reading: &Reading) -> Result<ClientListing, Failure> {
    let bytes = media::read_bounded(path, MAX_LIST_BYTES, "a list of clients")?;
    read(&bytes, reading).map_err(|error| Failure::from(error).about(path.shown()))
}

/// Reads a list's bytes.
///
/// # Errors
/// [`ListError`].
pub fn read(bytes: &[u8], reading: &Reading) -> Result<ClientListing, ListError> {
    let text = decode(bytes);
    let layout = layout(&text, reading)?;
    let (mut seen, mut outdated, mut late) = (0, 0, Vec::new());
    for row in reader(&text, layout.delimiter).into_records().skip(1) {
        let row = row.map_err(|error| malformed(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        seen += 1;
        if seen > MAX_ROWS {
            return Err(ListError::TooMany { limit: MAX_ROWS });
        }
        let shown = row.get(layout.status).unwrap_or_default().trim();
        let quoted = || short_line(shown, MAX_SHOWN_CHARS);
        let mut updated = false;
        if !shown.is_empty() {
            let at = moment::read(shown, reading.day_first, reading.offset_secs)
                .ok_or_else(|| ListError::NoDate { line, shown: quoted() })?;
            // Such a date was read by a wrong zone, or with day and month
            // exchanged. All others of the list would be wrong alike.
            if at > reading.until {
                return Err(ListError::Future { line, shown: quoted() });
            }
            updated = at > reading.after;
        }
        if !updated {
            outdated += 1;
            if late.len() < MAX_LATE {
                let (name, group) = (row.get(layout.name).unwrap_or_default(), layout.group.and_then(|at| row.get(at)));
                late.push(LateClient::new(name, group, Some(shown), false));
            }
        }
    }
    if seen == 0 {
        return Err(ListError::Empty);
    }
    Ok(ClientListing { seen, outdated, sha256: Sha256Digest::of(bytes), late })
}

/// Text in UTF-8, UTF-16 with its mark, or else what old spreadsheets write.
fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode(bytes).0.into_owned();
    }
    match UTF_8.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => text.into_owned(),
        None => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(text.as_bytes())
}

/// How a list is laid out.
struct Layout {
    /// What stands between two columns.
    delimiter: u8,
    /// The column with the dates, from 0.
    status: usize,
    /// The column with the clients' names, from 0.
    name: usize,
    /// The column with their groups; `None` where there is none.
    group: Option<usize>,
}

/// Finds what separates the columns, and those that are read.
fn layout(text: &str, reading: &Reading) -> Result<Layout, ListError> {
    let mut there: Vec<String> = Vec::new();
    for delimiter in DELIMITERS {
        let Some(head) = reader(text, delimiter).into_records().next() else { return Err(ListError::Empty) };
        let Ok(head) = head else { continue };
        if head.len() > MAX_COLUMNS {
            return Err(ListError::TooWide { limit: MAX_COLUMNS });
        }
        let found: Vec<usize> =
            head.iter().enumerate().filter(|(_, name)| reading.status.matches(name)).map(|(at, _)| at).collect();
        match found[..] {
            [] => {}
            [status] => {
                let name = head.iter().position(|name| reading.name.matches(name)).unwrap_or(0);
                let group = head.iter().position(|name| reading.group.matches(name));
                return Ok(Layout { delimiter, status, name, group });
            }
            _ => return Err(ListError::TwoColumns { looked_for: reading.status.labels.clone() }),
        }
        // The delimiter that makes most columns is the likeliest. By another all headings are one long word.
        if head.len() > there.len() {
            let named = head.iter().map(|name| short_line(name, MAX_HEADING_CHARS));
            there = named.take(MAX_NAMED).collect();
        }
    }
    Err(ListError::NoColumn { looked_for: reading.status.labels.clone(), there })
}

fn malformed(error: &csv::Error) -> ListError {
    let line = error.position().map_or(0, csv::Position::line);
    let why = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} columns, the heading {expected_len}")
        }
        _ => "it is no row of a table".to_owned(),
    };
    ListError::Malformed { line, why }
}

#[cfg(test)]
mod tests;
