//! Lists as consoles export them, in two languages, and as they go wrong.

use super::*;
use crate::web::Control;
use proptest::prelude::*;

fn reading() -> Reading {
    Reading {
        status: Control {
            key: "clients.status".to_owned(),
            labels: vec!["Status Details".to_owned(), "Detalhes de Status".to_owned()],
        },
        name: Control { key: "clients.name".to_owned(), labels: vec!["Name".to_owned()] },
        group: Control { key: "clients.group".to_owned(), labels: vec!["Group".to_owned(), "Grupo".to_owned()] },
        day_first: false,
        offset_secs: Some(0),
        after: Timestamp::parse("2026-11-24T00:00:00Z").expect("a time"),
        until: Timestamp::parse("2026-11-26T00:00:00Z").expect("a time"),
    }
}

fn counts(text: &str) -> Result<(u64, u64), ListError> {
    read(text.as_bytes(), &reading()).map(|listed| (listed.seen, listed.outdated))
}

#[test]
fn those_that_have_not_updated_are_named() {
    let text = "Group,Name,Status Details\nx,a,2026-11-24 10:00\nx,b\t2,2026-11-23 10:00\ny,c,\n";
    let late = read(text.as_bytes(), &reading()).expect("read").late;
    let told: Vec<String> = late.iter().map(LateClient::told).collect();
    assert_eq!(told, ["b 2, group x, last contact 2026-11-23 10:00", "c, group y, no contact is shown"]);
    let many = format!("Status Details,Host\n{}", ",h\n".repeat(MAX_LATE + 5));
    let listed = read(many.as_bytes(), &reading()).expect("read");
    assert_eq!((listed.outdated, listed.late.len()), (MAX_LATE as u64 + 5, MAX_LATE));
}

#[test]
fn the_column_is_found_by_its_heading_in_any_place_and_language() {
    assert_eq!(counts("Name,Status Details\na,2026-11-24 10:00\nb,2026-11-23 10:00\n"), Ok((2, 1)));
    assert_eq!(counts("\u{feff}Detalhes de status;Nome\r\n\"24/11/2026 10:00\";\"x;y\"\r\n"), Ok((1, 0)));
    assert_eq!(counts("status details\tname\n2026-11-25 00:00\tq\n\tr\n"), Ok((2, 1)), "no date, not updated");
    let (utf16, _, _) = (encoding_rs::UTF_16LE, 0, 0);
    let mut bytes = vec![0xff, 0xfe];
    bytes.extend("Name,Status Details\na,2026-11-24 10:00\n".encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(read(&bytes, &reading()).map(|l| l.seen), Ok(1), "{}", utf16.name());
    let mut latin = b"Descri\xe7\xe3o,Status Details\n".to_vec();
    latin.extend(b"m\xe1quina,2026-11-24 10:00\n");
    assert_eq!(read(&latin, &reading()).map(|l| (l.seen, l.outdated)), Ok((1, 0)));
}

#[test]
fn what_shows_nothing_says_why() {
    assert_eq!(counts(""), Err(ListError::Empty));
    assert_eq!(counts("Name,Status Details\n"), Err(ListError::Empty));
    let error = counts("Name,Seen\na,b\n").expect_err("no column");
    assert_eq!(
        error.to_string(),
        "the list has no column \"Status Details\" or \"Detalhes de Status\"; it has \"Name\", \"Seen\""
    );
    assert!(matches!(counts("Status Details,Detalhes de Status\na,b\n"), Err(ListError::TwoColumns { .. })));
    assert!(matches!(counts("Name,Status Details\na\n"), Err(ListError::Malformed { line: 2, .. })));
    assert!(matches!(counts("Name,Status Details\na,online\n"), Err(ListError::NoDate { line: 2, .. })));
    assert!(matches!(counts("Name,Status Details\na,2031-01-01 00:00\n"), Err(ListError::Future { line: 2, .. })));
    assert!(matches!(counts(&"a,".repeat(400)), Err(ListError::TooWide { .. })));
}

#[test]
fn a_date_at_the_very_moment_of_the_update_is_not_later() {
    assert_eq!(counts("Status Details\n2026-11-24 00:00:00\n2026-11-24 00:00:01\n"), Ok((2, 1)));
}

proptest! {
    #[test]
    fn no_list_makes_it_fall_over(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(&bytes, &reading());
    }

    #[test]
    fn no_text_below_the_heading_makes_it_fall_over(rest in "[ -~\\n]{0,200}") {
        let _ = read(format!("Name,Status Details\n{rest}").as_bytes(), &reading());
    }

    #[test]
    fn every_client_is_counted_and_judged_by_its_date(ages in proptest::collection::vec(-86_400i64..86_400, 1..60), column in 0usize..4) {
        let reading = reading();
        let line = |status: &str, name: &str| {
            let mut cells = vec![name.to_owned(); 4];
            cells.insert(column, format!("\"{status}\""));
            cells.join(",")
        };
        let mut text = line("Status Details", "Name");
        for (number, age) in ages.iter().enumerate() {
            let at = reading.after.plus_secs(*age).to_string().replace('T', " ").replace('Z', "");
            text.push('\n');
            text.push_str(&line(&at, &format!("client {number}")));
        }
        let listed = read(text.as_bytes(), &reading).expect("reads");
        prop_assert_eq!(listed.seen, ages.len() as u64);
        prop_assert_eq!(listed.outdated, ages.iter().filter(|age| **age <= 0).count() as u64);
    }
}
