//! A profile to begin with: what probe did not find, with what the page has in
//! its place.

use crate::cli::Context;
use crate::console::kind;
use crate::driver::{ControlReport, ProbeFinding};
use crate::inventory::ApplianceEntry;
use crate::media::{self, Mode};
use crate::model::{Failure, ShowPath, text};
use std::fmt::Write;
use std::path::Path;

/// Writes the profile into a new file.
///
/// # Errors
/// A [`Failure`] where it can't be written.
pub(super) fn write(
    path: &Path,
    language: &str,
    reports: &[ControlReport],
    entry: Option<&ApplianceEntry>,
    context: &Context,
) -> Result<(), Failure> {
    let (profile, keys) = profile(language, reports);
    if keys == 0 {
        context.console.event(&kind::PROFILE, serde_json::json!({ "file": null, "keys": 0 }));
        context.console.say(format!("nothing is missing, so no profile is needed: {} was not written", path.shown()));
        return Ok(());
    }
    media::write_durably_new(path, profile.as_bytes(), Mode::Private)?;
    context.console.event(&kind::PROFILE, serde_json::json!({ "file": path, "keys": keys }));
    context.console.say(match keys {
        1 => format!("{} names 1 control; look at it before it is used", path.shown()),
        keys => format!("{} names {keys} controls; look at each before it is used", path.shown()),
    });
    let name = entry.map_or_else(|| "NAME".to_owned(), |entry| entry.name.to_string());
    let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    context.console.next(format!(
        "put profile = {} under [appliances.{name}] in the inventory, and probe again",
        quoted(&full.to_string_lossy())
    ));
    Ok(())
}

/// The profile's text, and how many controls it names.
fn profile(language: &str, reports: &[ControlReport]) -> (String, usize) {
    let mut text =
        "# Labels of this site's pages, laid over the built-in ones; handcarry-profile(5) tells every key.\n\
                    # What stands behind # counts for nothing: take it away where the label is the right one.\n"
            .to_owned();
    let mut keys: Vec<&str> = Vec::new();
    for report in reports {
        if let ProbeFinding::Unread { label, value, why } = &report.finding {
            let _ =
                write!(text, "\n# {}: {} shows {}, but {}\n", report.control, shown(label), shown(value), shown(why));
        }
        let (there, looked_for) = match &report.finding {
            ProbeFinding::Missing { looked_for, there } => (there, shown(&looked_for.join(", "))),
            ProbeFinding::Ambiguous { matches } => (matches, "only one of them".to_owned()),
            _ => continue,
        };
        if keys.contains(&report.control.as_str()) {
            continue;
        }
        keys.push(&report.control);
        let _ = write!(text, "\n# on {}\n# looked for: {looked_for}\n", shown(&report.page));
        let _ = writeln!(text, "# [controls.{}]", quoted(&report.control));
        // Each stands behind its mark, the only one as well: that a label is no other control's makes it none of this
        // one's, and what a profile names is pressed.
        let listed = match &report.finding {
            ProbeFinding::Missing { .. } => &report.candidates,
            _ => there,
        };
        let mut offered: Vec<&str> = Vec::new();
        for label in listed {
            // Where the same label stands under two headings, it is told by them, which are no part of it.
            let label = label.split_once(" (under \"").map_or(label.as_str(), |(label, _)| label);
            if !offered.contains(&label) {
                offered.push(label);
                let _ = writeln!(text, "# {language} = [{}]", quoted(label));
            }
        }
        if let (ProbeFinding::Ambiguous { matches }, [_]) = (&report.finding, offered.as_slice()) {
            let _ = writeln!(text, "# the page has this label {} times: none tells one from the other", matches.len());
        }
        if listed.is_empty() {
            let _ = writeln!(text, "# {language} = [\"the label, as the page shows it\"]");
        }
    }
    (text, keys.len())
}

/// A text on one line, fit for a comment.
fn shown(shown: &str) -> String {
    text::one_line(shown)
}

/// A text as TOML has it between quotes.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text::one_line(text)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::Makes;
    use crate::web::Profile;
    use proptest::prelude::*;

    fn missing(control: &str, there: &[String], candidates: &[String]) -> ControlReport {
        ControlReport {
            step: "upload",
            control: control.to_owned(),
            page: "the page \"Updates\"".to_owned(),
            finding: ProbeFinding::Missing { looked_for: vec!["Update Software".to_owned()], there: there.to_vec() },
            makes: Makes::Guided,
            candidates: candidates.to_vec(),
        }
    }

    #[test]
    fn no_label_counts_before_a_person_says_so() {
        let words = |all: &[&str]| all.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
        let reports = [
            missing("updates.upload", &words(&["Prosseguir", "Entrar"]), &words(&["Prosseguir"])),
            missing("updates.key", &words(&["A", "B"]), &words(&["A", "B"])),
            missing("updates.key", &words(&["A", "B"]), &words(&["A", "B"])),
        ];
        let (text, keys) = profile("pt", &reports);
        let read = Profile::parse(&text).expect("a profile");
        assert_eq!((keys, read.keys().count()), (2, 0), "{text}");
        assert!(text.contains("# [controls.\"updates.upload\"]\n# pt = [\"Prosseguir\"]\n"), "{text}");
        assert!(text.contains("# [controls.\"updates.key\"]\n# pt = [\"A\"]\n# pt = [\"B\"]\n"), "{text}");
    }

    proptest! {
        #[test]
        fn whatever_stands_on_a_page_it_reads_as_a_profile(labels in proptest::collection::vec(".{1,40}", 0..4)) {
            let labels: Vec<String> = labels.into_iter().filter(|label| !text::one_line(label).trim().is_empty()).collect();
            let (text, _) = profile("en", &[missing("updates.upload", &labels, &labels)]);
            prop_assert!(Profile::parse(&text).is_ok(), "{}", text);
        }
    }
}
