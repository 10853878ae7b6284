//! Looking at every page a step needs, pressing nothing.

use super::super::{ControlReport, DriverError, Makes, NO_SITE, ProbeFinding};
use super::blocked::{StepBlocked, broken};
use super::finding::{Key, form_in_section, key_control};
use super::session::StepPage;
use super::{Bomgar, failover, value};
use crate::driver::Words;
use crate::model::{FailoverRole, text};
use crate::web::{Control, Form, Page, WebError};

/// Labels of a report, at most; a page with more is not summed up by more.
const MAX_SHOWN: usize = 40;

/// A control that is looked for.
#[derive(Clone, Copy)]
pub(super) struct Look {
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

const STATUS: [Look; 9] = [
    needed("status", "status.serial"),
    useful("status", "status.model"),
    useful("status", "status.host"),
    needed("status", "status.base"),
    needed("status", "status.site"),
    useful("status", "status.build"),
    needed("status", "status.clock"),
    needed("reset", "power.reset"),
    needed("reset", "power.off"),
];

const UPDATES: [Look; 7] = [
    needed("request", "updates.key"),
    useful("upload", "updates.manual"),
    needed("upload", "updates.file"),
    needed("upload", "updates.upload"),
    useful("confirm", "updates.installed"),
    needed("update", "updates.check"),
    useful("update", "updates.available"),
];

const JUMP: [Look; 1] = [useful("clients", "jump.limit")];

const LOGIN: [Look; 3] =
    [needed("login", "login.user"), needed("login", "login.password"), needed("login", "login.submit")];

const AGREEMENT: [Look; 2] = [needed("login", "login.agreement"), needed("login", "login.agree")];

const FACTOR: [Look; 1] = [needed("login", "login.code")];

const EULA: [Look; 3] =
    [useful("upload", "eula.heading"), needed("upload", "eula.accept"), needed("upload", "eula.submit")];

/// What is looked for on each page of a step.
pub(super) fn looks_of(place: StepPage, page: &Page, words: &Words) -> Vec<Look> {
    match place {
        StepPage::Status => STATUS.into(),
        StepPage::Updates => UPDATES.into(),
        StepPage::Software => SOFTWARE.into(),
        StepPage::JumpClients => JUMP.into(),
        StepPage::Failover => failover_looks(page, words),
        // Which of its links is the shared address only a person can say.
        StepPage::Network => Vec::new(),
        StepPage::Certificates => CERTIFICATES.into(),
    }
}

const SOFTWARE: [Look; 9] = [
    useful("backup", "backup.section"),
    needed("backup", "backup.password"),
    needed("backup", "backup.confirm"),
    needed("backup", "backup.history"),
    needed("backup", "backup.download"),
    useful("restore", "restore.section"),
    needed("restore", "restore.file"),
    useful("restore", "restore.password"),
    needed("restore", "restore.upload"),
];

const CERTIFICATES: [Look; 9] = [
    needed("certificate", "cert.section"),
    needed("certificate", "cert.issued"),
    useful("certificate", "cert.fingerprint"),
    needed("certificate", "cert.addresses"),
    needed("certificate", "cert.warnings"),
    needed("certificate", "cert.action"),
    needed("certificate", "cert.go"),
    needed("certificate", "cert.import"),
    needed("certificate", "cert.assign"),
];

/// What the failover page must offer, by the role it shows.
fn failover_looks(page: &Page, words: &Words) -> Vec<Look> {
    let step = |key| needed("failover", key);
    match failover::read(page, words).map(|shown| shown.role) {
        Ok(FailoverRole::Primary) => vec![step("failover.primary"), step("failover.break")],
        Ok(FailoverRole::Backup) => vec![step("failover.backup"), step("failover.sync"), step("failover.break")],
        _ => [
            "failover.alone",
            "failover.new_backup",
            "failover.reverse",
            "failover.host",
            "failover.port",
            "failover.establish",
        ]
        .map(step)
        .into(),
    }
}

/// Looks at the pages. Logs in, which is a form sent; all else is read.
pub(super) fn probe(driver: &mut Bomgar) -> Result<Vec<ControlReport>, DriverError> {
    let mut reports = Vec::new();
    // What keeps it from being seen is told below, by the page that is in the way.
    let bare = driver.is_bare().unwrap_or_default();
    let looks = |place| move |page: &Page, words: &Words| looks_of(place, page, words);
    let of_site = |look: &Look| ["status.site", "status.build"].contains(&look.key);
    let status = |_: &Page, _: &Words| STATUS.into_iter().filter(|look| !(bare && of_site(look))).collect();
    look_at(driver, StepPage::Status, "status", &status, &mut reports)?;
    look_at(driver, StepPage::Updates, "request", &looks(StepPage::Updates), &mut reports)?;
    if bare {
        let look = Look { step: NO_SITE, key: StepPage::Software.links().0, needed: false };
        reports.push(unreachable(&look, "there is nothing below /login before a site package is installed"));
    } else {
        look_at(driver, StepPage::Software, "backup", &looks(StepPage::Software), &mut reports)?;
        look_at(driver, StepPage::Failover, "failover", &looks(StepPage::Failover), &mut reports)?;
        look_at(driver, StepPage::JumpClients, "clients", &looks(StepPage::JumpClients), &mut reports)?;
    }
    look_at(driver, StepPage::Network, "shared-ip", &looks(StepPage::Network), &mut reports)?;
    look_at(driver, StepPage::Certificates, "certificate", &looks(StepPage::Certificates), &mut reports)?;
    Ok(reports)
}

/// Looks at one page, whose first step is `step`, for all that `looks` says.
fn look_at(
    driver: &mut Bomgar,
    place: StepPage,
    step: &'static str,
    looks: &dyn Fn(&Page, &Words) -> Vec<Look>,
    reports: &mut Vec<ControlReport>,
) -> Result<(), DriverError> {
    // How many clients may update at once is only told; nobody is kept waiting where it can't be read.
    let way = Look { step, key: place.links().0, needed: place != StepPage::JumpClients };
    // What a page of that kind would be looked at for, where none came.
    let unseen = |words: &Words| Page::parse("https://nowhere", 200, None, b"").map(|page| looks(&page, words));
    match driver.open(place) {
        Ok(page) => {
            let words = &driver.words;
            reports.push(report(&way, &page.place(), Ok((page.title(), None)), words));
            reports.extend(looks(&page, words).iter().map(|look| looked_for(look, &page, words)));
        }
        Err(StepBlocked::Lost(error)) => {
            let page = place_of(&error);
            reports.push(report(&way, &page, Err(error), &driver.words));
            // A login page in other words lacks more than the first that was looked for.
            for error in driver.take_strange() {
                let look = Look { step: way.step, key: way.key, needed: true };
                let lacking = report(&look, &page, Err(error), &driver.words);
                if !reports.iter().any(|other| other.control == lacking.control) {
                    reports.push(lacking);
                }
            }
            let why = "the page it is on was not found";
            reports.extend(unseen(&driver.words)?.iter().map(|look| unreachable(look, why)));
        }
        // A page that is not there is a finding like any other, and the rest is still looked at.
        Err(StepBlocked::Broken(DriverError::Web(error @ WebError::Status { .. }))) => {
            let why = error.to_string();
            reports.push(unreachable(&way, &why));
            reports.extend(unseen(&driver.words)?.iter().map(|look| unreachable(look, &why)));
        }
        Err(blocked) => return Err(broken(blocked)),
    }
    Ok(())
}

/// Looks for one control on its page, and reads what stands beside it.
pub(super) fn looked_for(look: &Look, page: &Page, words: &Words) -> ControlReport {
    let found = find(look.key, page, words).map(|label| (label, value::of(look.key, page, words)));
    report(look, &page.place(), found, words)
}

/// What is looked for on a login page, an agreement before it, and its second
/// factor; then on the agreement before an install.
pub(super) const DOORS: [&[Look]; 4] = [&LOGIN, &AGREEMENT, &FACTOR, &EULA];

/// Finds one control as its step would; its label as shown.
fn find(key: &'static str, page: &Page, words: &Words) -> Result<String, WebError> {
    let control = words.control(key);
    let upload = || form_in_section(page, words, "updates.manual", "updates.upload");
    let backup = || form_in_section(page, words, "backup.section", "backup.download");
    let restore = || form_in_section(page, words, "restore.section", "restore.upload");
    let certificates = || form_in_section(page, words, "cert.section", "cert.go");
    let field = |form: Form| form.field(&control).map(|field| field.label.clone());
    match key {
        "failover.primary" | "failover.backup" | "failover.alone" => {
            failover::read(page, words).map(|_| label_on(page, &control))
        }
        "failover.sync" | "failover.break" | "failover.establish" | "power.reset" | "power.off" => {
            page.form_with_button(&control).map(|form| form.button().to_owned())
        }
        "failover.host" | "failover.port" => {
            let group = page.section(&words.control("failover.new_backup"))?;
            group.form_with_field(&control).map(|_| label_on(page, &control))
        }
        "cert.issued" | "cert.fingerprint" | "cert.addresses" | "cert.warnings" => column(page, words, &control),
        "cert.action" => field(certificates()?),
        "cert.go" => certificates().map(|form| form.button().to_owned()),
        "cert.import" => page.link(&control).map(|link| link.label).or_else(|error| match error {
            WebError::ControlMissing { .. } => page.form_with_button(&control).map(|form| form.button().to_owned()),
            error => Err(error),
        }),
        "cert.assign" => {
            let rows = page.rows_under(&words.control("cert.section"))?;
            let row = rows.first().map_or_else(|| page.whole(), |row| row.section.clone());
            row.link(&control).map(|link| link.label)
        }
        "restore.upload" => restore().map(|form| form.button().to_owned()),
        "restore.file" => restore()?.file_field(&control).map(|field| field.label),
        "restore.password" => field(restore()?),
        "updates.installed"
        | "updates.available"
        | "login.agreement"
        | "eula.heading"
        | "updates.manual"
        | "backup.section"
        | "restore.section"
        | "cert.section"
        | "failover.new_backup"
        | "failover.reverse" => page.section(&control).map(|_| label_on(page, &control)),
        "updates.key" => key_control(page, words).map(|key| match key {
            Key::Link(link) => link.label,
            Key::Button(form) => form.button().to_owned(),
        }),
        "updates.check" | "login.submit" | "login.agree" | "eula.submit" => {
            page.form_with_button(&control).map(|form| form.button().to_owned())
        }
        "login.user" | "login.password" | "login.code" => {
            page.form_with_field(&control)?.field(&control).map(|field| field.label.clone())
        }
        "eula.accept" => field(page.form_with_button(&words.control("eula.submit"))?),
        "updates.upload" => upload().map(|form| form.button().to_owned()),
        "updates.file" => upload()?.file_field(&control).map(|field| field.label),
        "backup.download" => backup().map(|form| form.button().to_owned()),
        "backup.password" | "backup.confirm" | "backup.history" => field(backup()?),
        _ => page.value_of(&control).map(|_| label_on(page, &control)),
    }
}

/// The column of the list of certificates that goes by `control`.
fn column(page: &Page, words: &Words, control: &Control) -> Result<String, WebError> {
    let there = page.section(&words.control("cert.section"))?.heads();
    there.iter().find(|head| control.matches(head)).cloned().ok_or_else(|| {
        let (key, looked_for) = (control.key.clone(), control.labels.clone());
        WebError::ControlMissing { key, page: page.place(), looked_for, there }
    })
}

/// The label of `control` that stands on the page, as the profile writes it.
fn label_on(page: &Page, control: &Control) -> String {
    let on_page = |label: &&String| page.has_text(&Control::labelled(label));
    control.labels.iter().find(on_page).or(control.labels.first()).cloned().unwrap_or_default()
}

fn report(
    look: &Look,
    page: &str,
    found: Result<(String, Option<value::Value>), WebError>,
    words: &Words,
) -> ControlReport {
    let shown = |labels: Vec<String>| labels.iter().map(|label| text::one_line(label)).take(MAX_SHOWN).collect();
    let mut control = look.key.to_owned();
    let finding = match found {
        Ok((label, Some(value::Value::Unread { shown, why }))) => {
            ProbeFinding::Unread { label: text::one_line(&label), value: shown, why }
        }
        Ok((label, value)) => {
            let value = value.map(|value| value.told());
            ProbeFinding::Found { label: text::one_line(&label), value }
        }
        // A field of a form whose button is the trouble: that one is told, once.
        Err(WebError::ControlMissing { key, .. } | WebError::ControlAmbiguous { key, .. })
            if key != look.key && !look.key.starts_with("nav.") =>
        {
            ProbeFinding::Unreachable { why: format!("it belongs to {key}") }
        }
        Err(WebError::ControlMissing { key, looked_for, there, .. }) => {
            control = key;
            ProbeFinding::Missing { looked_for: shown(looked_for), there: shown(there) }
        }
        Err(WebError::ControlAmbiguous { key, matches, .. }) => {
            control = key;
            ProbeFinding::Ambiguous { matches: shown(matches) }
        }
        Err(error) => ProbeFinding::Unreachable { why: text::one_line(&error.to_string()) },
    };
    let candidates = match &finding {
        ProbeFinding::Missing { there, .. } => there.iter().filter(|label| !words.knows(label)).cloned().collect(),
        _ => Vec::new(),
    };
    let makes = match finding {
        ProbeFinding::Found { .. } => Makes::Automatic,
        _ if !look.needed => Makes::Automatic,
        _ => Makes::Guided,
    };
    ControlReport { step: look.step, control, page: text::one_line(page), finding, makes, candidates }
}

fn unreachable(look: &Look, why: &str) -> ControlReport {
    let makes = if look.needed { Makes::Guided } else { Makes::Automatic };
    let finding = ProbeFinding::Unreachable { why: text::one_line(why) };
    ControlReport {
        step: look.step,
        control: look.key.to_owned(),
        page: String::new(),
        finding,
        makes,
        candidates: Vec::new(),
    }
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
