//! What the appliance's pages say. Pure: pages in, words of the model out.

use super::super::{NotTaken, read_installed, read_version};
use super::blocked::StepBlocked;
use crate::driver::Words;
use crate::model::{ApplianceId, Installed, Status, text};
use crate::web::{Control, Page, WebError, fold};

/// Most characters of a page's own words in one of our messages.
const MAX_SAID_CHARS: usize = 300;
/// A line that reports is short; a longer one with the same words explains.
// Pages explain that installing a package ends all sessions. Taken for a
// report, such a sentence would be waited on until the window is over.
const MAX_REPORT_CHARS: usize = 120;

/// Reads Status > Basics. Only the serial number must be there: it is what
/// the appliance is known by.
///
/// # Errors
/// [`WebError::ControlMissing`] or [`WebError::ControlAmbiguous`] for it.
pub(super) fn status(page: &Page, words: &Words, host: &str) -> Result<Status, WebError> {
    let value = |key| page.value_of(&words.control(key)).map(|value| text::one_line(&value));
    let shown = |key| value(key).ok().filter(|value| !value.is_empty());
    let appliance = ApplianceId {
        serial: value("status.serial")?,
        model: shown("status.model").unwrap_or_default(),
        host: shown("status.host").unwrap_or_else(|| host.to_owned()),
    };
    let clock = words.control("status.clock");
    // What a `<time>` element says for programs has year and zone, which the text for people often lacks.
    let machine = page.datetime_of(&clock).ok().flatten();
    let clock = machine
        .and_then(|text| words.clock().read(&text).ok())
        .or_else(|| shown("status.clock").and_then(|text| words.clock().read(&text).ok()));
    Ok(Status {
        appliance,
        base_version: shown("status.base").and_then(|text| read_version(&text)),
        site_version: shown("status.site").and_then(|text| read_version(&text)),
        site_build: shown("status.build"),
        clock,
        installed: None,
        offered: None,
        no_site: false,
        typed: false,
    })
}

/// Reads the list under "Installed Packages"; `None` where there is none.
pub(super) fn installed(page: &Page, words: &Words) -> Option<Vec<Installed>> {
    let rows = page.rows_under(&words.control("updates.installed")).ok()?;
    Some(read_installed(rows.iter().map(|row| row.texts.as_slice())))
}

/// What a page says of an installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum InstallProgress {
    Running { percent: Option<u8>, text: String },
    Failed { text: String },
    Silent,
}

/// Finds what a page says of an installation: a short line that begins with
/// the words for a failed or a running one.
pub(super) fn progress(page: &Page, words: &Words) -> InstallProgress {
    let all = page.text();
    // First, because the line that said it was running may still stand beside it.
    if let Some(text) = report(&all, &words.control("install.failed")) {
        return InstallProgress::Failed { text };
    }
    match report(&all, &words.control("install.running")) {
        // A page that takes a package now is not installing one.
        Some(text) if page.form_with_button(&words.control("updates.upload")).is_err() => {
            InstallProgress::Running { percent: percent(&text).or_else(|| all.lines().find_map(percent)), text }
        }
        _ => InstallProgress::Silent,
    }
}

/// Whether a page has words of an installation, which no other site's has.
pub(super) fn speaks_of_install(page: &Page, words: &Words) -> bool {
    !matches!(progress(page, words), InstallProgress::Silent)
}

/// The words with which a package is not taken, and what each means.
const NOT_TAKEN: [(&str, NotTaken); 4] = [
    ("refused.full", NotTaken::NoRoom),
    ("refused.installed", NotTaken::AlreadyThere),
    ("refused.kind", NotTaken::UnknownKind),
    ("refused.damaged", NotTaken::Rejected),
];

/// Why a package was not taken, by what the appliance said; `None` where it
/// said nothing of the kind.
pub(super) fn not_taken(said: &str, words: &Words) -> Option<NotTaken> {
    NOT_TAKEN.into_iter().find(|(key, _)| words.control(key).occurs_in(said)).map(|(_, why)| why)
}

/// Whether a page has the appliance's menu.
pub(super) fn is_ordinary(page: &Page, words: &Words) -> bool {
    let has = |key| page.has(&words.control(key));
    page.status() < 400 && ["nav.updates", "nav.status", "nav.management"].into_iter().any(has)
}

/// Lets no page pass that shows only the state of an installation.
pub(super) fn refuse_busy(page: &Page, words: &Words) -> Result<(), StepBlocked> {
    if is_ordinary(page, words) {
        return Ok(());
    }
    match progress(page, words) {
        InstallProgress::Running { percent, text } => Err(StepBlocked::Installing { percent, text }),
        InstallProgress::Failed { text } => Err(StepBlocked::Failed { page: page.place(), text }),
        InstallProgress::Silent => Ok(()),
    }
}

/// The text of the licence agreement that the page asks to accept, without
/// the labels of what is pressed; `None` where it asks for nothing.
pub(super) fn agreement(page: &Page, words: &Words) -> Option<String> {
    let (accept, submit) = (words.control("eula.accept"), words.control("eula.submit"));
    if !page.has(&submit) && !page.has(&accept) {
        return None;
    }
    let all = match page.section(&words.control("eula.heading")) {
        Ok(section) => section.text(),
        Err(_) => page.text(),
    };
    // Labels of boxes and buttons may share a line; longest first, since one may hold another.
    let buttons = page.buttons().into_iter().map(|button| button.label);
    let mut labels: Vec<String> = accept.labels.into_iter().chain(buttons).map(|label| fold(&label)).collect();
    labels.sort_by_key(|label| std::cmp::Reverse(label.len()));
    let pressed = |line: &str| {
        let rest = labels.iter().fold(fold(line), |rest, label| rest.replace(label.as_str(), ""));
        rest.trim().is_empty() && !line.is_empty()
    };
    let lines: Vec<&str> = all.lines().filter(|line| !pressed(line.trim())).collect();
    Some(text::printable(lines.join("\n").trim()))
}

/// The lines of `after` that `before` does not have, as one short line: what
/// the appliance answered. Without `before`, how the page begins.
pub(super) fn new_words(before: Option<&Page>, after: &Page) -> String {
    let old = before.map(Page::text).unwrap_or_default();
    let old: Vec<&str> = old.lines().map(str::trim).collect();
    let new = after.text();
    let lines: Vec<&str> = new.lines().map(str::trim).filter(|line| !line.is_empty() && !old.contains(line)).collect();
    shortened(&lines.join("; "))
}

fn shortened(said: &str) -> String {
    let line = text::one_line(said);
    match line.char_indices().nth(MAX_SAID_CHARS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// The short line in which one of the labels begins the line.
pub(super) fn report(all: &str, control: &Control) -> Option<String> {
    let begins = |line: &str| {
        let folded = fold(line);
        control.labels.iter().any(|label| {
            let rest = folded.strip_prefix(&fold(label));
            // `Installing Base 3.4.0` reports, a heading such as `Installations` does not.
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
    };
    let line = all.lines().find(|line| line.chars().count() <= MAX_REPORT_CHARS && begins(line.trim()))?;
    Some(shortened(line))
}

/// The number before the first `%`, 0 to 100.
fn percent(line: &str) -> Option<u8> {
    let before = line.split_once('%')?.0.trim_end();
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    before[before.len() - digits..].parse().ok().filter(|percent| *percent <= 100)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{page_at, words};
    use super::*;
    use proptest::prelude::*;

    fn page(body: &str) -> Page {
        page_at("/appliance", body)
    }

    #[test]
    fn a_status_page_is_read_in_both_languages() {
        let english = page(
            "<table><tr><th>Serial Number</th><td>LAB-1</td></tr><tr><th>Base Software Version:</th><td>3.3.2</td></tr>\
             <tr><th>System Time</th><td>Tue Nov 24 2026 03:07:10 UTC</td></tr></table>",
        );
        let read = status(&english, &words(), "support.example.com").expect("reads");
        assert_eq!((read.appliance.serial.as_str(), read.appliance.host.as_str()), ("LAB-1", "support.example.com"));
        assert_eq!(read.base_version.map(|v| v.to_string()).as_deref(), Some("3.3.2"));
        assert_eq!(read.clock.map(|t| t.to_string()).as_deref(), Some("2026-11-24T03:07:10Z"));
        assert_eq!(read.site_version, None);
        let portuguese = page(
            "<dl><dt>Número de Série</dt><dd>LAB-2</dd><dt>Versão do Software do Site</dt><dd>10.5.3</dd>\
             <dt>Nome do Host</dt><dd>a.b</dd></dl>",
        );
        let read = status(&portuguese, &words(), "x").expect("reads");
        assert_eq!((read.appliance.serial.as_str(), read.appliance.host.as_str()), ("LAB-2", "a.b"));
        assert!(status(&page("<p>nothing</p>"), &words(), "x").is_err());
    }

    #[test]
    fn an_installation_is_told_from_an_explanation() {
        let said = |body: &str| progress(&page(body), &words());
        assert_eq!(
            said("<h1>Instalando Base 3.4.0</h1><p>40 %</p>"),
            InstallProgress::Running { percent: Some(40), text: "Instalando Base 3.4.0".into() }
        );
        assert_eq!(
            said("<p>Installation failed: bad package</p>"),
            InstallProgress::Failed { text: "Installation failed: bad package".into() }
        );
        let form = "<form method=post><input type=file name=f><button>Update Software</button></form>";
        assert_eq!(said(&format!("<p>Installing ends sessions.</p>{form}")), InstallProgress::Silent);
        assert_eq!(said("<p>Uninstalling</p><p>Installingly</p>"), InstallProgress::Silent);
    }

    #[test]
    fn an_agreement_is_shown_whole() {
        let eula = page(
            "<h2>End User License Agreement</h2><pre>line 1\nline 2</pre><form method=post>\
             <label><input type=checkbox name=a> I accept the terms of this agreement</label>\
             <button>Accept and Install</button></form>",
        );
        assert_eq!(agreement(&eula, &words()).as_deref(), Some("line 1\nline 2"));
        assert_eq!(agreement(&page("<h2>License Agreement</h2>"), &words()), None);
    }

    #[test]
    fn only_what_is_new_is_repeated() {
        let before = page("<p>Login</p><p>Username</p>");
        let after = page("<p>Login</p><p>The password is wrong.</p><p>Username</p>");
        assert_eq!(new_words(Some(&before), &after), "The password is wrong.");
        assert!(new_words(None, &page(&"x ".repeat(1000))).chars().count() <= MAX_SAID_CHARS + 1);
    }

    proptest! {
        #[test]
        fn no_page_is_too_strange(
            body in "(<(p|b|td|tr|table|form|pre|h1|label|input|button)>|</(p|td|tr|table|form)>|\
                     Installing|Installation failed|Serial Number|9 ?%|Updates|[^<]{0,9}){0,40}"
        ) {
            let (page, words) = (page(&body), words());
            let _ = (status(&page, &words, "h"), installed(&page, &words), progress(&page, &words));
            let _ = (agreement(&page, &words), new_words(None, &page), refuse_busy(&page, &words).is_ok());
        }
    }

    #[test]
    fn percentages_are_found() {
        for (line, found) in [("a 40 % b", Some(40)), ("7%", Some(7)), ("400%", None), ("%", None), ("none", None)] {
            assert_eq!(percent(line), found, "{line}");
        }
    }
}
