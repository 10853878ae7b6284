//! A page that was saved with a browser, looked at as probe looks at it. Pure.

use super::code::{self, ShownCode};
use super::outside::{is_agreement, is_login, is_second_factor};
use super::probe::{DOORS, looked_for, looks_of};
use super::reading::{self, InstallProgress};
use super::session::StepPage;
use crate::driver::{ControlReport, Makes, ProbeFinding, Words};
use crate::model::text;
use crate::web::{Page, WebError};

/// Where a saved page is taken to have come from: its links need something to begin at.
const SAVED_AT: &str = "https://saved.invalid/appliance";

/// What a saved page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SavedPage {
    /// The login, of /appliance or /login
    Login,
    /// An agreement before the login
    LoginAgreement,
    /// The code of a second factor, behind the login
    SecondFactor,
    /// /appliance > Status > Basics
    Status,
    /// /appliance > Updates
    Updates,
    /// What the press for a download code is answered by
    #[value(name = "download-code")]
    #[serde(rename = "download-code")]
    KeyAnswer,
    /// The licence agreement before an install
    Eula,
    /// What is shown while something is installed, or where that failed
    Installing,
    /// /login > Management > Software Management
    Software,
    /// /login > Jump > Jump Clients
    JumpClients,
    /// /login > Management > Failover
    Failover,
    /// /appliance > Networking > IP Configuration
    Network,
    /// /appliance > Security > Certificates
    Certificates,
}

/// Reads a saved page as `wanted`, else as what it shows itself to be, and
/// tells each control that is looked for on such a page; `None` where it is
/// none that is known.
///
/// # Errors
/// [`WebError`] where it is no page, or larger than one may be.
pub fn look_at_saved(
    bytes: &[u8],
    words: &Words,
    wanted: Option<SavedPage>,
) -> Result<Option<(SavedPage, Vec<ControlReport>)>, WebError> {
    let page = Page::parse(SAVED_AT, 200, None, bytes)?;
    let Some(kind) = wanted.or_else(|| kind_of(&page, words)) else { return Ok(None) };
    let [login, agreement, factor, eula] = DOORS;
    let looks = match kind {
        SavedPage::Login => login.to_vec(),
        SavedPage::LoginAgreement => agreement.to_vec(),
        SavedPage::SecondFactor => factor.to_vec(),
        SavedPage::Eula => eula.to_vec(),
        SavedPage::KeyAnswer => return Ok(Some((kind, vec![code_report(&page, words)]))),
        SavedPage::Installing => return Ok(Some((kind, vec![install_report(&page, words)]))),
        SavedPage::Status => looks_of(StepPage::Status, &page, words),
        SavedPage::Updates => looks_of(StepPage::Updates, &page, words),
        SavedPage::Software => looks_of(StepPage::Software, &page, words),
        SavedPage::JumpClients => looks_of(StepPage::JumpClients, &page, words),
        SavedPage::Failover => looks_of(StepPage::Failover, &page, words),
        SavedPage::Network => looks_of(StepPage::Network, &page, words),
        SavedPage::Certificates => looks_of(StepPage::Certificates, &page, words),
    };
    Ok(Some((kind, looks.iter().map(|look| looked_for(look, &page, words)).collect())))
}

/// What a page shows itself to be, the surest signs first.
fn kind_of(page: &Page, words: &Words) -> Option<SavedPage> {
    let steps = [
        (StepPage::Updates, SavedPage::Updates),
        (StepPage::Software, SavedPage::Software),
        (StepPage::Certificates, SavedPage::Certificates),
        (StepPage::JumpClients, SavedPage::JumpClients),
        (StepPage::Failover, SavedPage::Failover),
        (StepPage::Status, SavedPage::Status),
        (StepPage::Network, SavedPage::Network),
    ];
    if is_login(page, words) || super::outside::strange_door(page, words).is_some() && page.forms()[0].passwords() > 0 {
        return Some(SavedPage::Login);
    }
    if is_agreement(page, words) {
        return Some(SavedPage::LoginAgreement);
    }
    if is_second_factor(page, words) {
        return Some(SavedPage::SecondFactor);
    }
    if reading::agreement(page, words).is_some() {
        return Some(SavedPage::Eula);
    }
    let step = steps.into_iter().find(|(place, _)| place.is(page, words));
    step.map(|(_, kind)| kind).or_else(|| {
        let shows_code = page.section(&words.control("updates.key")).is_ok();
        let installs = reading::speaks_of_install(page, words);
        installs.then_some(SavedPage::Installing).or(shows_code.then_some(SavedPage::KeyAnswer))
    })
}

/// Whether the code would be read; never the code itself.
fn code_report(page: &Page, words: &Words) -> ControlReport {
    let finding = match code::read(page, words) {
        ShownCode::Code(code) => ProbeFinding::Found {
            label: "a code".to_owned(),
            value: Some(format!("{} characters, which would go onto the medium", code.0.reveal().chars().count())),
        },
        ShownCode::Doubtful(all) if all.is_empty() => {
            ProbeFinding::Unreachable { why: "nothing on it looks like a code".to_owned() }
        }
        ShownCode::Doubtful(all) => {
            ProbeFinding::Unreachable { why: format!("{} texts may be the code; a person would be asked", all.len()) }
        }
    };
    told("request", "updates.key", page, finding)
}

fn install_report(page: &Page, words: &Words) -> ControlReport {
    let (key, finding) = match reading::progress(page, words) {
        InstallProgress::Running { percent, text } => {
            let value = percent.map(|percent| format!("{percent} %"));
            ("install.running", ProbeFinding::Found { label: text, value })
        }
        InstallProgress::Failed { text } => ("install.failed", ProbeFinding::Found { label: text, value: None }),
        InstallProgress::Silent => {
            let control = words.control("install.running");
            let there: Vec<String> = page.text().lines().take(10).map(text::one_line).collect();
            ("install.running", ProbeFinding::Missing { looked_for: control.labels, there })
        }
    };
    told("confirm", key, page, finding)
}

fn told(step: &'static str, key: &str, page: &Page, finding: ProbeFinding) -> ControlReport {
    let makes = match finding {
        ProbeFinding::Found { .. } => Makes::Automatic,
        _ => Makes::Guided,
    };
    ControlReport { step, control: key.to_owned(), page: page.place(), finding, makes, candidates: Vec::new() }
}
