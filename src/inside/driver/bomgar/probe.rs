//! Looking at every page a step needs, pressing nothing.

use super::super::{ControlReport, DriverError, Finding, Makes};
use super::Bomgar;
use super::finding::{Key, form_in_section, key_control};
use super::session::Place;
use super::trouble::{Trouble, broken};
use super::words::Words;
use crate::model::text;
use crate::web::{Form, Page, WebError};

/// Labels of a report, at most; a page with more is not summed up by more.
const MAX_SHOWN: usize = 40;

/// A control that is looked for.
struct Look {
    step: &'static str,
    key: &'static str,
    /// Whether the step can't be automatic without it.
    needed: bool,
}

const fn needed(step: &'static str, key: &'static str) -> Look {
    Look { step, key, needed: true }
}

const fn useful(step: &'static str, key: &'static str) -> Look {
    Look { step, key, needed: false }
}

const STATUS: [Look; 7] = [
    needed("status", "status.serial"),
    useful("status", "status.model"),
    useful("status", "status.host"),
    needed("status", "status.base"),
    needed("status", "status.site"),
    useful("status", "status.build"),
    needed("status", "status.clock"),
];

const UPDATES: [Look; 5] = [
    needed("request", "updates.key"),
    useful("upload", "updates.manual"),
    needed("upload", "updates.file"),
    needed("upload", "updates.upload"),
    useful("confirm", "updates.installed"),
];

const SOFTWARE: [Look; 5] = [
    useful("backup", "backup.section"),
    needed("backup", "backup.password"),
    needed("backup", "backup.confirm"),
    needed("backup", "backup.history"),
    needed("backup", "backup.download"),
];

/// Looks at the three pages. Logs in, which is a form sent; all else is read.
pub(super) fn probe(driver: &mut Bomgar) -> Result<Vec<ControlReport>, DriverError> {
    let mut reports = Vec::new();
    for (place, looks) in [(Place::Status, &STATUS[..]), (Place::Updates, &UPDATES), (Place::Software, &SOFTWARE)] {
        let step = looks.first().expect("every page has controls to look for").step;
        let way = Look { step, key: place.links().0, needed: true };
        match driver.open(place) {
            Ok(page) => {
                reports.push(report(&way, &page.place(), Ok(page.title())));
                reports
                    .extend(looks.iter().map(|look| report(look, &page.place(), find(look.key, &page, &driver.words))));
            }
            Err(Trouble::Lost(error)) => {
                let page = place_of(&error);
                reports.push(report(&way, &page, Err(error)));
                reports.extend(looks.iter().map(|look| unreachable(look, "the page it is on was not found")));
            }
            Err(Trouble::Broken(DriverError::Web(error @ WebError::Status { .. }))) => {
                let why = error.to_string();
                reports.push(unreachable(&way, &why));
                reports.extend(looks.iter().map(|look| unreachable(look, &why)));
            }
            Err(trouble) => return Err(broken(trouble)),
        }
    }
    Ok(reports)
}

/// Finds one control as its step would; its label as shown.
fn find(key: &'static str, page: &Page, words: &Words) -> Result<String, WebError> {
    let control = words.control(key);
    let upload = || form_in_section(page, words, "updates.manual", "updates.upload");
    let backup = || form_in_section(page, words, "backup.section", "backup.download");
    let field = |form: Form| form.field(&control).map(|field| field.label.clone());
    match key {
        "updates.installed" | "updates.manual" | "backup.section" => {
            page.section(&control).map(|_| label_on(page, &control))
        }
        "updates.key" => key_control(page, words).map(|key| match key {
            Key::Link(link) => link.label,
            Key::Button(form) => form.button().to_owned(),
        }),
        "updates.upload" => upload().map(|form| form.button().to_owned()),
        "updates.file" => upload()?.file_field(&control).map(|field| field.label),
        "backup.download" => backup().map(|form| form.button().to_owned()),
        "backup.password" | "backup.confirm" | "backup.history" => field(backup()?),
        _ => page.value_of(&control).map(|_| label_on(page, &control)),
    }
}

/// The label of `control` that stands on the page, as the profile writes it.
fn label_on(page: &Page, control: &crate::web::Control) -> String {
    let on_page = |label: &&String| page.has_text(&crate::web::Control::labelled(label));
    control.labels.iter().find(on_page).or(control.labels.first()).cloned().unwrap_or_default()
}

fn report(look: &Look, page: &str, found: Result<String, WebError>) -> ControlReport {
    let shown = |labels: Vec<String>| labels.iter().map(|label| text::one_line(label)).take(MAX_SHOWN).collect();
    let mut control = look.key.to_owned();
    let finding = match found {
        Ok(label) => Finding::Found { label: text::one_line(&label) },
        // A field of a form whose button is the trouble: that one is told, once.
        Err(WebError::ControlMissing { key, .. } | WebError::ControlAmbiguous { key, .. })
            if key != look.key && !look.key.starts_with("nav.") =>
        {
            Finding::Unreachable { why: format!("it belongs to {key}") }
        }
        Err(WebError::ControlMissing { key, looked_for, there, .. }) => {
            control = key;
            Finding::Missing { looked_for: shown(looked_for), there: shown(there) }
        }
        Err(WebError::ControlAmbiguous { key, matches, .. }) => {
            control = key;
            Finding::Ambiguous { matches: shown(matches) }
        }
        Err(error) => Finding::Unreachable { why: text::one_line(&error.to_string()) },
    };
    let makes = match finding {
        Finding::Found { .. } => Makes::Automatic,
        _ if !look.needed => Makes::Automatic,
        _ => Makes::Guided,
    };
    ControlReport { step: look.step, control, page: text::one_line(page), finding, makes }
}

fn unreachable(look: &Look, why: &str) -> ControlReport {
    let makes = if look.needed { Makes::Guided } else { Makes::Automatic };
    let finding = Finding::Unreachable { why: text::one_line(why) };
    ControlReport { step: look.step, control: look.key.to_owned(), page: String::new(), finding, makes }
}

/// The page an error is about.
fn place_of(error: &WebError) -> String {
    match error {
        WebError::ControlMissing { page, .. }
        | WebError::ControlAmbiguous { page, .. }
        | WebError::ControlDisabled { page, .. }
        | WebError::ScriptOnly { page }
        | WebError::FieldUnfit { page, .. } => page.clone(),
        _ => String::new(),
    }
}
