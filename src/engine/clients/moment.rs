//! The date in a status column: alone, or behind a few words.

use crate::driver::read_clock;
use crate::model::Timestamp;

/// Most words before the date: `Online since`, `Desconectado desde`.
const MAX_WORDS: usize = 6;
/// The zone furthest east: what has a date and no zone was at least then.
const EAST_SECS: i64 = 14 * 3600;
/// Furthest a zone is from UTC, in seconds.
const MAX_OFFSET_SECS: i32 = 14 * 3600;

/// Reads the moment; without a zone and without `offset_secs`, the earliest
/// that it can be. `None` where there is no date, or more than one reading.
pub(super) fn read(shown: &str, day_first: bool, offset_secs: Option<i32>) -> Option<Timestamp> {
    let words: Vec<&str> = shown.split_whitespace().collect();
    for skipped in 0..words.len().min(MAX_WORDS + 1) {
        // Words are left out, numbers never: they may be a part of the date.
        if skipped > 0 && words[skipped - 1].chars().any(|c| c.is_ascii_digit()) {
            return None;
        }
        let rest = words[skipped..].join(" ");
        if let Some(at) = read_clock(&rest, day_first) {
            return Some(at);
        }
        if let Some(local) = read_clock(&format!("{rest} +0000"), day_first) {
            return Some(local.plus_secs(-offset_secs.map_or(EAST_SECS, i64::from)));
        }
    }
    None
}

/// Reads `+02:00`, `-0300` or `Z` for clap.
pub fn parse_offset(text: &str) -> Result<i32, String> {
    let wrong = || "a distance from UTC is written as +02:00 or -03:00".to_owned();
    if text.eq_ignore_ascii_case("z") {
        return Ok(0);
    }
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("+", digits)) => (1, digits.replace(':', "")),
        Some(("-", digits)) => (-1, digits.replace(':', "")),
        _ => return Err(wrong()),
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let number = |part: &str| part.parse::<i32>().map_err(|_| wrong());
    let (hours, minutes) = (number(&digits[..2])?, number(&digits[2..])?);
    let secs = hours * 3600 + minutes * 60;
    if minutes > 59 || secs > MAX_OFFSET_SECS { Err(wrong()) } else { Ok(sign * secs) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_found_behind_words_and_never_guessed() {
        let zone = Some(0);
        let at = |text: &str| Timestamp::parse(text);
        assert_eq!(read("2026-11-24 03:07:10", false, zone), at("2026-11-24T03:07:10Z"));
        assert_eq!(read("Online since Nov 24 2026 03:07:10", false, zone), at("2026-11-24T03:07:10Z"));
        assert_eq!(read("Conectado desde 24/11/2026 03:07", true, zone), at("2026-11-24T03:07:00Z"));
        assert_eq!(read("24/11/2026 03:07", false, Some(-3 * 3600)), at("2026-11-24T06:07:00Z"));
        assert_eq!(read("2026-11-24T03:07:10+02:00", false, zone), at("2026-11-24T01:07:10Z"));
        assert_eq!(read("2026-11-24 14:00:00", false, None), at("2026-11-24T00:00:00Z"), "the earliest it can be");
        for unclear in ["10/08/2026 03:07", "Online", "", "since 03:07", "5 of 24/11/2026 03:07 at"] {
            assert_eq!(read(unclear, false, zone), None, "{unclear}");
        }
        assert_eq!(read("10/08/2026 03:07", true, zone), at("2026-08-10T03:07:00Z"));
    }

    #[test]
    fn offsets_are_read_as_people_write_them() {
        assert_eq!((parse_offset("+02:00"), parse_offset("-0330"), parse_offset("z")), (Ok(7200), Ok(-12_600), Ok(0)));
        for bad in ["", "2", "+2", "+25:00", "+01:75", "02:00", "+ab:cd", "+é0:0"] {
            assert!(parse_offset(bad).is_err(), "{bad}");
        }
    }
}
