//! The names of months, days and zones, as pages write them. Pure.

use time::{Month, Weekday};

/// A number of a few digits and nothing else.
pub(super) fn small(text: &str) -> Option<u8> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The month of a number, from 1.
pub(super) fn month_number(number: u8) -> Option<Month> {
    Month::try_from(number).ok()
}

/// Whether `word` is `name`, or a shortening of it.
fn shortens(word: &str, name: &str) -> bool {
    word == name || word.len() >= 3 && word.len() <= 5 && name.starts_with(word)
}

/// English, Portuguese, German, Spanish and French, whole or the first letters,
/// folded; `None` where a shortening is that of two months.
pub(super) fn month_named(word: &str) -> Option<Month> {
    const NAMES: [&[&str]; 12] = [
        &["january", "janeiro", "januar", "enero", "janvier"],
        &["february", "fevereiro", "februar", "febrero", "fevrier"],
        &["march", "marco", "marz", "maerz", "marzo", "mars"],
        &["april", "abril", "avril"],
        &["may", "maio", "mai", "mayo"],
        &["june", "junho", "juni", "junio", "juin"],
        &["july", "julho", "juli", "julio", "juillet"],
        &["august", "agosto", "aout"],
        &["september", "setembro", "septiembre", "septembre", "setiembre"],
        &["october", "outubro", "oktober", "octubre", "octobre"],
        &["november", "novembro", "noviembre", "novembre"],
        &["december", "dezembro", "dezember", "diciembre", "decembre"],
    ];
    let mut found = (0..NAMES.len()).filter(|at| NAMES[*at].iter().any(|name| shortens(word, name)));
    let at = found.next().filter(|_| found.next().is_none())?;
    month_number(u8::try_from(at + 1).ok()?)
}

/// The same for the days of the week.
pub(super) fn weekday_named(word: &str) -> Option<Weekday> {
    use Weekday::*;
    const NAMES: [(Weekday, &[&str]); 7] = [
        (Monday, &["monday", "segunda", "montag", "lunes", "lundi"]),
        (Tuesday, &["tuesday", "terca", "dienstag", "martes", "mardi"]),
        (Wednesday, &["wednesday", "quarta", "mittwoch", "miercoles", "mercredi"]),
        (Thursday, &["thursday", "quinta", "donnerstag", "jueves", "jeudi"]),
        (Friday, &["friday", "sexta", "freitag", "viernes", "vendredi"]),
        (Saturday, &["saturday", "sabado", "samstag", "sonnabend", "samedi"]),
        (Sunday, &["sunday", "domingo", "sonntag", "dimanche"]),
    ];
    let word = word.strip_suffix("-feira").unwrap_or(word);
    let mut found = NAMES.iter().filter(|(_, names)| names.iter().any(|name| shortens(word, name)));
    found.next().filter(|_| found.next().is_none()).map(|(day, _)| *day)
}

/// Seconds east of UTC of a zone's name. Source: RFC 5322, section 4.3; the
/// time zone database of before 2017, which appliances of the guide's time have.
pub(super) fn zone_secs(word: &str) -> Option<i32> {
    let hours = match word {
        "utc" | "gmt" | "ut" | "z" => 0,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        // Portugal, its islands and Brazil; then western and central Europe.
        "wet" | "azost" => 0,
        "west" | "cet" | "mez" => 1,
        "cest" | "mesz" | "eet" => 2,
        "eest" => 3,
        "azot" => -1,
        "brt" => -3,
        "brst" | "fnt" => -2,
        // Names beyond these mean other hours in other countries (IST is India, Ireland and Israel), and an hour's error
        // would pass for a wrong clock: a profile says which is meant.
        _ => return word.strip_prefix("utc").or_else(|| word.strip_prefix("gmt")).and_then(offset_secs),
    };
    Some(hours * 3600)
}

/// Seconds of `+02`, `-3`, `+0530` or `-03:00`; at most 14 hours.
pub(super) fn offset_secs(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) if minutes.len() == 2 => (hours, minutes),
        Some(_) => return None,
        None if rest.len() == 4 => rest.split_at_checked(2)?,
        None => (rest, "0"),
    };
    let fits = (1..=2).contains(&hours.len());
    let (hours, minutes) = (i32::from(small(hours)?), i32::from(small(minutes)?));
    // No place on earth is farther from UTC than 14 hours.
    let secs = hours * 3600 + minutes * 60;
    (fits && minutes < 60 && secs <= 14 * 3600).then_some(sign * secs)
}
