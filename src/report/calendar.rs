//! A plan's times as a calendar (RFC 5545), so that whoever is needed then has
//! them where their other dates are.

use crate::model::{Sha256Digest, Timestamp, text};
use crate::plan::{Op, Plan, Step};

/// Longest line, in octets without its end: RFC 5545, 3.1.
const LINE_OCTETS: usize = 75;

/// How long before a time whoever has it is reminded: long enough to come to a desk.
const REMINDED_BEFORE: &str = "-PT15M";

/// A stretch of steps without a wait between them.
struct Stretch<'p> {
    from: Timestamp,
    /// When it can be over at the earliest: a step that may begin only later begins a stretch of its own.
    earliest: Timestamp,
    /// When it is over by the longest estimates.
    until: Timestamp,
    steps: Vec<&'p Step>,
}

/// The times at which a plan on the appliances `names` goes on, each with its steps and the `command` that goes on.
/// `now` is our clock. A plan that was agreed to by the same digest has the same events, which take each other's place.
pub fn calendar(plan: &Plan, names: &str, command: &str, agreed: Sha256Digest, now: Timestamp) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        format!("PRODID:-//handcarry//handcarry {}//EN", env!("CARGO_PKG_VERSION")),
        "CALSCALE:GREGORIAN".to_owned(),
    ];
    for stretch in stretches(plan) {
        lines.extend(event(&stretch, names, command, agreed, now, plan.made));
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

fn stretches(plan: &Plan) -> Vec<Stretch<'_>> {
    let mut stretches: Vec<Stretch<'_>> = Vec::new();
    let mut waits = true;
    for step in &plan.steps {
        if matches!(step.op, Op::Soak { .. } | Op::Window) {
            waits = true;
            continue;
        }
        match stretches.last_mut().filter(|last| !waits && step.not_before <= last.earliest) {
            Some(last) => {
                last.earliest = step.not_before.plus_secs(step.cost.min_secs);
                last.until = last.until.plus_secs(step.cost.max_secs);
                last.steps.push(step);
            }
            None => stretches.push(Stretch {
                from: step.not_before,
                earliest: step.not_before.plus_secs(step.cost.min_secs),
                until: step.not_before.plus_secs(step.cost.max_secs),
                steps: vec![step],
            }),
        }
        waits = false;
    }
    stretches
}

fn event(
    stretch: &Stretch<'_>,
    names: &str,
    command: &str,
    agreed: Sha256Digest,
    now: Timestamp,
    made: Timestamp,
) -> Vec<String> {
    // The plan may have been made by the appliance's clock, and a calendar is read beside ours.
    let at = |time: Timestamp| utc(now.plus_secs(time.secs_since(made)));
    // By the last step, which stays while those before it are done.
    let last = stretch.steps.last().map_or("", |step| step.id.as_str());
    let told: Vec<String> = stretch.steps.iter().map(|step| text::one_line(&step.title)).collect();
    let main = stretch.steps.iter().position(|step| step.op != Op::Check).unwrap_or(0);
    let more = if told.len() > main + 1 { ", and what follows" } else { "" };
    let summary = format!("handcarry, {names}: {}{more}", told[main]);
    let people = stretch.steps.iter().filter_map(|step| step.person.as_ref());
    let people = people.map(|person| format!("\na person is needed for: {}", text::one_line(person)));
    let description = format!("{}{}\ngoes on by: {command}", told.join("\n"), people.collect::<String>());
    vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}-{last}@handcarry", agreed.short()),
        format!("DTSTAMP:{}", utc(now)),
        format!("DTSTART:{}", at(stretch.from)),
        format!("DTEND:{}", at(stretch.until)),
        format!("SUMMARY:{}", escaped(&summary)),
        format!("DESCRIPTION:{}", escaped(&description)),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("TRIGGER:{REMINDED_BEFORE}"),
        format!("DESCRIPTION:{}", escaped(&summary)),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
    ]
}

/// `20260304T050607Z`.
fn utc(at: Timestamp) -> String {
    at.compact().to_ascii_uppercase()
}

/// Text as RFC 5545, 3.3.11 has it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A line in pieces of so many octets, none of which cuts a character; what continues one begins with a blank.
fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 2);
    let mut octets = 0;
    for c in line.chars() {
        if octets + c.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        octets += c.len_utf8();
        out.push(c);
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_at_octets_and_no_character_is_cut() {
        let line = format!("SUMMARY:{}", "é".repeat(100));
        let folded = folded(&line);
        assert!(folded.ends_with("\r\n") && folded.split("\r\n").all(|line| line.len() <= LINE_OCTETS), "{folded}");
        assert_eq!(folded.replace("\r\n ", "").trim_end(), line);
        assert_eq!(super::folded(&"x".repeat(LINE_OCTETS)), format!("{}\r\n", "x".repeat(LINE_OCTETS)));
        assert_eq!(escaped("a, b; c\\d\ne"), "a\\, b\\; c\\\\d\\ne");
    }
}
