//! `enroll --from`: many appliances out of a list, one a row.

use super::enroll::{self, EnrollArgs};
use crate::cli::Context;
use crate::inventory::Inventory;
use crate::media;
use crate::model::{Exit, Failure, ShowPath, text};
use clap::Parser;
use std::path::Path;

/// Longest list, in bytes: a thousand appliances with all their columns.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// Stands between several values in one cell: in no window and in no group.
const BETWEEN: char = '|';

/// A row as it would be typed.
#[derive(Debug, Parser)]
#[command(name = "enroll", no_binary_name = true, disable_help_flag = true)]
struct Row {
    #[command(flatten)]
    args: EnrollArgs,
}

/// Enrols each appliance of the list; those that are enrolled already are passed over.
///
/// # Errors
/// [`Exit::Config`] where a row can't be read: then nothing was enrolled. [`Exit::Partly`] where some were not enrolled.
pub(super) fn run(path: &Path, context: &mut Context) -> Result<(), Failure> {
    let rows = rows(path)?;
    let (all, mut failed) = (rows.len(), 0);
    for args in &rows {
        let name = args.name.as_ref().expect("a row without a name was refused");
        if Inventory::read(&context.home)?.check_free(name).is_err() {
            context.console.note(format!("{name} is enrolled already"));
            continue;
        }
        if let Err(failure) = enroll::one(args, context) {
            failed += 1;
            let hint = failure.hint.as_ref().map(|hint| context.typed().tell(hint));
            let hint = hint.map_or_else(String::new, |hint| format!("; {hint}"));
            context.console.warn(format!("{name} is not enrolled: {}{hint}", failure.message));
        }
    }
    match failed {
        0 => Ok(()),
        _ => Err(Failure::new(Exit::Partly, format!("{failed} of {all} appliances are not enrolled"))
            .hint("each is told above; the same command goes on with those that are not")),
    }
}

/// Reads all rows before any of them is done.
fn rows(path: &Path) -> Result<Vec<EnrollArgs>, Failure> {
    let bytes = media::read_any(path, MAX_LIST_BYTES, "a list of appliances")?;
    let wrong = |line: u64, why: &str| {
        Failure::new(Exit::Config, format!("{} line {line}: {}", path.shown(), text::one_line(why))).hint(
            "the first row names the columns: name, url, and any option of 'enroll', such as user or password-file; \
             several values in one cell have | between",
        )
    };
    let text = text::decoded(&bytes).ok_or_else(|| wrong(1, "it is not UTF-8 text"))?;
    // Spreadsheets write a semicolon where the comma is the decimal point.
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = reader.headers().map_err(|error| wrong(1, &error.to_string()))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record =
            record.map_err(|error| wrong(error.position().map_or(0, csv::Position::line), &error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let words = columns.iter().zip(&record).flat_map(|(column, cell)| words(column, cell));
        let row = Row::try_parse_from(words).map_err(|error| wrong(line, &first_line(&error)))?;
        if row.args.name.is_none() || row.args.url.is_none() {
            return Err(wrong(line, "it has no name or no url"));
        }
        rows.push(row.args);
    }
    Ok(rows)
}

/// A cell as it would be typed; nothing for an empty one.
fn words(column: &str, cell: &str) -> Vec<String> {
    let column = column.to_lowercase().replace('_', "-");
    let cells = cell.split(BETWEEN).map(str::trim).filter(|cell| !cell.is_empty());
    match column.as_str() {
        "name" => cells.map(str::to_owned).collect(),
        "any-host" => {
            cells.filter(|cell| matches!(*cell, "yes" | "true" | "1")).map(|_| "--any-host".to_owned()).collect()
        }
        _ => cells.map(|cell| format!("--{column}={cell}")).collect(),
    }
}

fn first_line(error: &clap::Error) -> String {
    let told = error.render().to_string();
    let first = told.split("\n\n").next().unwrap_or_default();
    first.strip_prefix("error: ").unwrap_or(first).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Result<Vec<EnrollArgs>, Failure> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), list).expect("written");
        rows(file.path())
    }

    #[test]
    fn a_row_is_what_would_be_typed() {
        for list in [
            "name,url,user,Group,window,time_zone\nhq,https://a,admin,x|y,sat 22:00-04:00,UTC\nlab,https://b,,,,\n",
            "\u{feff}name;url;user;Group;window;time_zone\r\nhq;https://a;admin;x|y;sat 22:00-04:00;UTC\r\nlab;https://b;;;;\r\n",
        ] {
            let rows = read(list).expect("reads");
            assert_eq!(rows.len(), 2);
            assert_eq!(
                (rows[0].user.as_deref(), rows[0].group.len(), rows[1].user.as_deref()),
                (Some("admin"), 2, None)
            );
        }
    }

    #[test]
    fn a_row_that_can_not_be_read_is_told_by_its_line() {
        for (list, told) in [
            ("name,url\nhq,https://a\nHQ,https://b\n", "line 3"),
            ("name,url,colour\nhq,https://a,red\n", "--colour"),
            ("name,url\n,https://a\n", "line 2"),
            ("name,url\nhq,http://a\n", "https"),
            ("name,url\nhq,https://a,more\n", "line 2"),
        ] {
            let failure = read(list).expect_err(list);
            assert!(failure.exit == Exit::Config && failure.message.contains(told), "{}", failure.message);
        }
    }
}
