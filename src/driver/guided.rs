//! An appliance that a person works by hand: every step is guided, and what
//! the appliance shows is what the person types.

use super::listener::Listener;
use super::question::{DriverPrompt, DriverQuestion};
use super::{
    Answered, Appliance, BackupMade, BackupOptions, ClockWords, ControlReport, Did, DriverError, Handover, Migration,
    Observation, Uploaded, Words, guides, read_version,
};
use crate::bundle::VerifiedReader;
use crate::console::{Operator, OperatorError, SharedOperator};
use crate::inventory::ApplianceEntry;
use crate::model::{ApplianceId, DownloadCode, Meter, Package, Status, Timestamp, Version, text};
use crate::web::WebError;
use std::io::Write;
use std::rc::Rc;

/// Longest serial number or model that is taken, in characters.
const MAX_TYPED_CHARS: usize = 100;
/// How often one question is asked before the answer counts as none.
// A script that answers wrongly would be asked for ever.
const TRIES: usize = 3;

/// The driver `guided`.
pub(super) struct Guided {
    words: Rc<Words>,
    typed: TypedStatus,
    asks: Listener,
}

impl Guided {
    /// Makes the driver; asks nothing yet.
    ///
    /// # Errors
    /// [`WebError::BadProfile`].
    pub(super) fn new(entry: &ApplianceEntry, site: Option<&str>, asks: SharedOperator) -> Result<Self, WebError> {
        let words = Rc::new(Words::new(site, entry.language)?);
        let typed = TypedStatus::new(entry.host(), words.clock().clone());
        Ok(Guided { words, typed, asks: Listener::new(asks) })
    }
}

impl Appliance for Guided {
    fn answered(&mut self) -> Vec<Answered> {
        self.asks.take()
    }

    fn status(&mut self) -> Result<Status, DriverError> {
        Ok(self.typed.status(&mut self.asks, WHY)?)
    }

    fn download_code(&mut self) -> Result<Did<DownloadCode>, DriverError> {
        Ok(Did::ByHand(guides::code(&self.words, WHY.to_owned())))
    }

    fn backup(
        &mut self,
        options: &BackupOptions<'_>,
        _sink: &mut dyn Write,
        _meter: &dyn Meter,
    ) -> Result<Did<BackupMade>, DriverError> {
        Ok(Did::ByHand(guides::backup(&self.words, options, WHY.to_owned())))
    }

    fn upload(
        &mut self,
        package: &Package,
        _source: VerifiedReader,
        _meter: &dyn Meter,
        _handover: Handover<'_>,
    ) -> Result<Did<Uploaded>, DriverError> {
        // Before anything is done: whatever comes of it, what was typed before may be so no more.
        self.typed.forget_versions();
        Ok(Did::ByHand(guides::upload(&self.words, package, WHY.to_owned())))
    }

    fn accept_eula(&mut self) -> Result<Did<()>, DriverError> {
        self.typed.forget_versions();
        Ok(Did::ByHand(guides::eula(&self.words, WHY.to_owned())))
    }

    fn observe(&mut self) -> Result<Observation, DriverError> {
        for _ in 0..TRIES {
            let answer = self.asks.ask(&DriverPrompt::Shows)?;
            return Ok(match answer.to_lowercase().as_str() {
                "r" | "ready" => {
                    self.typed.forget_versions();
                    Observation::Ready(self.typed.status(&mut self.asks, WHY)?)
                }
                "i" | "installing" => {
                    Observation::Installing { percent: None, text: "so the operator says".to_owned(), beside: None }
                }
                "d" | "down" => Observation::Down,
                "f" | "failed" => {
                    let said = self.asks.ask(&DriverPrompt::Says)?;
                    Observation::Failed { text: text::one_line(&said), beside: None }
                }
                _ => continue,
            });
        }
        Err(OperatorError::NoAnswer("what the appliance shows".to_owned()).into())
    }

    fn probe(&mut self) -> Result<Vec<ControlReport>, DriverError> {
        Ok(Vec::new())
    }
}

impl Migration for Guided {
    fn words(&self) -> Rc<Words> {
        Rc::clone(&self.words)
    }
}

/// Why every step is by hand here.
const WHY: &str = "this appliance is enrolled to be worked by hand";

/// What is typed of an appliance that an update may change.
#[derive(Clone)]
struct TypedFacts {
    base: Option<Version>,
    site: Option<Version>,
    no_site: bool,
    clock: Option<Timestamp>,
}

/// What the operator typed of an appliance's status, asked once and again
/// after each step that may have changed it.
pub(super) struct TypedStatus {
    host: String,
    clock: ClockWords,
    who: Option<(String, String)>,
    seen: Option<TypedFacts>,
}

impl TypedStatus {
    /// Begins with nothing typed.
    pub(super) fn new(host: String, clock: ClockWords) -> Self {
        TypedStatus { host, clock, who: None, seen: None }
    }

    /// Whether anything was typed yet.
    pub(super) fn is_in_use(&self) -> bool {
        self.who.is_some()
    }

    /// Forgets what an update changes; the next status asks for it again.
    pub(super) fn forget_versions(&mut self) {
        self.seen = None;
    }

    /// The status as typed; asks for what is not known yet, `because` it
    /// can't be read.
    ///
    /// # Errors
    /// [`OperatorError`] where nobody answers, or only with what can't be.
    pub(super) fn status(&mut self, asks: &mut dyn Operator, because: &str) -> Result<Status, OperatorError> {
        let (serial, model) = match &self.who {
            Some(who) => who.clone(),
            None => {
                let serial = again(asks, &DriverPrompt::Serial { because: because.to_owned() }, some_text)?;
                let model = again(asks, &DriverPrompt::Model, some_text)?;
                self.who.insert((serial, model)).clone()
            }
        };
        let TypedFacts { base, site, no_site, clock } = match &self.seen {
            Some(seen) => seen.clone(),
            None => {
                let base = again(asks, &DriverPrompt::BaseVersion, version)?;
                let site = again(asks, &DriverPrompt::SiteVersion, version)?;
                let no_site = site.is_none() && asks.confirm(&DriverQuestion::HasNoSite)?;
                let known = self.clock.clone();
                let clock = |answer: &str| match answer {
                    "" => Some(None),
                    answer => known.read(answer).ok().map(Some),
                };
                let clock = again(asks, &DriverPrompt::Clock, clock)?;
                self.seen.insert(TypedFacts { base, site, no_site, clock }).clone()
            }
        };
        Ok(Status {
            appliance: ApplianceId { serial, model, host: self.host.clone() },
            base_version: base,
            site_version: site,
            site_build: None,
            clock,
            installed: None,
            offered: None,
            no_site,
            typed: true,
        })
    }
}

/// Asks until the answer can be taken, a few times.
fn again<T>(
    asks: &mut dyn Operator,
    prompt: &DriverPrompt,
    take: impl Fn(&str) -> Option<T>,
) -> Result<T, OperatorError> {
    for _ in 0..TRIES {
        if let Some(taken) = take(&asks.ask(prompt)?) {
            return Ok(taken);
        }
    }
    Err(OperatorError::NoAnswer(prompt.to_string()))
}

fn some_text(answer: &str) -> Option<String> {
    let line = text::one_line(answer);
    (!line.is_empty() && line.chars().count() <= MAX_TYPED_CHARS).then_some(line)
}

fn version(answer: &str) -> Option<Option<Version>> {
    if answer.is_empty() { Some(None) } else { read_version(answer).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Scripted;

    #[test]
    fn the_operator_is_asked_once_and_again_only_for_what_changes() {
        let mut asks = Scripted::new(["", "SER-1", "B200", "3.3.2", "what?", "10.5.3", "Tue Nov 24 2026 03:07:10 UTC"]);
        let mut typed = TypedStatus::new("a.example".into(), ClockWords::default());
        assert!(!typed.is_in_use());
        let status = typed.status(&mut asks, "why").expect("typed");
        assert_eq!((status.appliance.serial.as_str(), status.appliance.model.as_str()), ("SER-1", "B200"));
        assert_eq!(status.site_version, Version::parse("10.5.3"));
        assert_eq!(status.clock.map(|t| t.to_string()).as_deref(), Some("2026-11-24T03:07:10Z"));
        assert_eq!(typed.status(&mut asks, "why").expect("remembered"), status);
        typed.forget_versions();
        asks.answers.extend(["3.4.0", "", "y", ""].map(String::from));
        let later = typed.status(&mut asks, "why").expect("typed");
        assert_eq!((later.base_version, later.site_version), (Version::parse("3.4.0"), None));
        assert!(later.no_site && !status.no_site);
        assert!(asks.answers.is_empty());
    }
}
