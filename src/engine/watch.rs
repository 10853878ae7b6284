//! Waiting for an install: looks again and again, orders nothing, and above
//! all never a restart.

use super::entry::Installing;
use super::evidence::{evidence, is_readable, shown_text};
use super::history::{InstallStage, Open};
use super::patience::Patience;
use super::wait::{Wait, unless_hopeless};
use super::{Engine, Entry, Rules};
use crate::console::{going_on, kind};
use crate::driver::Observation;
use crate::model::{Evidence, Failure, Status, local_time, text};
use crate::plan;
use std::time::Duration;

/// How it came out.
pub(super) enum WatchOutcome {
    /// It is installed, and this shows it.
    Confirmed(Evidence, Status),
    /// The appliance says that it failed.
    Failed(String),
    /// The appliance is as in ordinary times, and nothing shows the package.
    Quiet(Status),
    /// Its pages have changed, and nobody tells what they show; what is amiss.
    Untold(String),
    /// The longest wait is over; what was seen last.
    TimedOut(String),
}

impl Engine<'_> {
    /// What whoever interrupts the wait must know.
    fn goes_on_alone(&self, open: &Open) -> String {
        let (name, package) = (&self.rules.name, text::one_line(&open.package.name));
        match open.stage {
            InstallStage::Unanswered | InstallStage::Accepting | InstallStage::SetOff => {
                format!("{name} may go on installing {package} by itself, without this program: do not restart it")
            }
            InstallStage::Sending | InstallStage::Agreement | InstallStage::Failed(_) => {
                format!("{name} is looked at for {package}: do not restart it before that is over")
            }
        }
    }

    /// Looks until it is known what became of `open`, or the wait is over. It
    /// may look idle for `at_most` seconds, where that is less than usual.
    ///
    /// # Errors
    /// A [`Failure`] where looking itself can't go on: the login is refused,
    /// the certificate is another, the pages have changed and nobody tells.
    pub(super) fn watch(&mut self, open: &Open, at_most: Option<u64>) -> Result<WatchOutcome, Failure> {
        let _told = going_on(self.goes_on_alone(open));
        // Of this run alone: whoever calls it again is ready to wait as long again.
        let mut wait = Wait::long(self.time, self.teller, self.rules.wait_max_secs).of(
            self.rules.name.as_str(),
            self.patience(open).gone_secs,
            plan::install_estimate(self.ledger.past().history(), open.package.kind),
        );
        let mut seen = WatchFacts::default();
        loop {
            match self.look()? {
                Look::Saw(Observation::Failed { text, beside }) => {
                    // What it shows counts more than what it says.
                    return Ok(match beside.and_then(|status| Some((shown_version(open, &status)?, *status))) {
                        Some((evidence, status)) => WatchOutcome::Confirmed(evidence, status),
                        None => WatchOutcome::Failed(text::one_line(&text)),
                    });
                }
                Look::Saw(Observation::Ready(status)) => {
                    (seen.unreadable_since, seen.same) = (None, None);
                    if let Some(evidence) = evidence(&open.package, &open.before, &status) {
                        return Ok(WatchOutcome::Confirmed(evidence, status));
                    }
                    let quiet_secs = wait.secs_since(*seen.ready_since.get_or_insert(self.time.elapsed()));
                    let over = self.patience(open).is_over(open, is_readable(&open.package, &status), quiet_secs);
                    if over || at_most.is_some_and(|most| quiet_secs >= most) {
                        return Ok(WatchOutcome::Quiet(status));
                    }
                    wait.saw("the appliance answers, and does not show the package yet".to_owned());
                }
                Look::Saw(Observation::Installing { percent, text, beside }) => {
                    (seen.ready_since, seen.unreadable_since) = (None, None);
                    let said = text::one_line(&text);
                    self.teller.event(&kind::INSTALLING, serde_json::json!({ "percent": percent, "says": said }));
                    let unchanged_secs = seen.unchanged(&said, self.time.elapsed()).as_secs();
                    let shown = beside.map(|status| (evidence(&open.package, &open.before, &status), *status));
                    match shown {
                        // A sentence that stands beside the version, and stays as it is, only explains.
                        Some((Some(evidence), status)) if unchanged_secs >= self.rules.settle_secs => {
                            return Ok(WatchOutcome::Confirmed(evidence, status));
                        }
                        Some((None, status)) if self.is_explained(open, &status, unchanged_secs) => {
                            return Ok(WatchOutcome::Quiet(status));
                        }
                        _ => {}
                    }
                    let percent = percent.map(|percent| format!("{percent} %")).unwrap_or(said);
                    wait.saw(format!("the appliance is installing ({percent})"));
                }
                Look::Saw(Observation::Down) => {
                    // However long it looked idle before: what comes up after a restart is looked at anew.
                    (seen.ready_since, seen.unreadable_since, seen.same) = (None, None, None);
                    wait.saw("the appliance does not answer; it restarts by itself".to_owned());
                }
                Look::Saw(Observation::Unreadable { why, ordinary }) => {
                    (seen.ready_since, seen.same) = (None, None);
                    wait.saw(format!("its pages are not as they were ({why})"));
                    let from = *seen.unreadable_since.get_or_insert(self.time.elapsed());
                    match self.told_status(open, wait.secs_since(from), ordinary, &mut seen)? {
                        Some(PersonsWord::Status(status)) => {
                            return Ok(match evidence(&open.package, &open.before, &status) {
                                Some(evidence) => WatchOutcome::Confirmed(evidence, *status),
                                None => WatchOutcome::Quiet(*status),
                            });
                        }
                        Some(PersonsWord::Nothing) => return Ok(WatchOutcome::Untold(why)),
                        None => {}
                    }
                }
                Look::Unclear(why) => {
                    seen.ready_since = None;
                    wait.saw(format!("the appliance's answer is not understood yet: {why}"));
                }
            }
            if !wait.again() {
                return Ok(WatchOutcome::TimedOut(wait.seen().to_owned()));
            }
        }
    }

    fn look(&mut self) -> Result<Look, Failure> {
        match self.appliance.observe() {
            Ok(seen) => Ok(Look::Saw(seen)),
            Err(error) => Ok(Look::Unclear(unless_hopeless(error)?)),
        }
    }

    /// What is known of how long `open` may take.
    pub(super) fn patience(&self, open: &Open) -> Patience<'_> {
        let usual = plan::install_estimate(self.ledger.past().history(), open.package.kind);
        let gone_secs = self.time.now().secs_since(open.stage_since);
        let positive = |secs: i64| u64::try_from(secs).unwrap_or(0);
        Patience { rules: self.rules, usual_secs: positive(usual.max_secs), gone_secs: positive(gone_secs) }
    }

    /// Whether words that have stood beside an old version for so long, and
    /// longer than such an install takes, only explain.
    fn is_explained(&self, open: &Open, status: &Status, unchanged_secs: u64) -> bool {
        let patience = self.patience(open);
        unchanged_secs >= patience.usual_secs
            && patience.is_over(open, is_readable(&open.package, status), unchanged_secs)
    }

    /// What a person tells of pages that can't be read any more, once they
    /// have been so for `secs`: soon where they are ordinary ones, later where
    /// they may still be those of a start. `None` as long as waiting may help.
    fn told_status(
        &mut self,
        open: &Open,
        secs: u64,
        ordinary: bool,
        seen: &mut WatchFacts,
    ) -> Result<Option<PersonsWord>, Failure> {
        let Rules { settle_secs, unanswered_secs, .. } = *self.rules;
        let (ask_after, give_up_after) = match ordinary {
            true => (settle_secs, unanswered_secs),
            false => (unanswered_secs, self.patience(open).usual_secs.max(unanswered_secs)),
        };
        if secs < ask_after || (seen.unanswered && secs < give_up_after) {
            return Ok(None);
        }
        match self.appliance.status() {
            Ok(status) => Ok(Some(PersonsWord::Status(Box::new(status)))),
            // It went down, or installs, just now: the next look shows it.
            Err(error) if !error.is_other_page() => Ok(None),
            Err(_) if secs >= give_up_after => Ok(Some(PersonsWord::Nothing)),
            Err(_) => {
                seen.unanswered = true;
                Ok(None)
            }
        }
    }

    /// Writes down that `open` is installed, and tells it.
    pub(super) fn confirm(&mut self, open: &Open, evidence: Evidence, status: &Status) -> Result<(), Failure> {
        let package = open.package.clone();
        self.teller.say(&format!(
            "{} is installed ({})",
            text::one_line(&package.name),
            evidence_text(evidence, &package)
        ));
        self.teller.event(&kind::INSTALLED, serde_json::json!({ "file": package.file, "evidence": evidence }));
        let shown = status.into();
        self.write(Entry::InstallConfirmed { package, evidence, guided: open.guided, shown })
    }

    /// What stands in messages when nothing shows the package.
    pub(super) fn nothing_shows(&self, open: &Open, status: &Status) -> String {
        let when = local_time(open.since);
        format!("its install was begun on {when}, and {}", shown_text(&open.package, status))
    }
}

/// What one look gave.
enum Look {
    Saw(Observation),
    Unclear(String),
}

/// What a person told.
enum PersonsWord {
    Status(Box<Status>),
    Nothing,
}

/// What was seen so far.
#[derive(Default)]
struct WatchFacts {
    ready_since: Option<Duration>,
    unreadable_since: Option<Duration>,
    /// Whether nobody was there to tell what pages show that can't be read.
    unanswered: bool,
    /// What it says of an installation, and since when in the same words.
    same: Option<(String, Duration)>,
}

impl WatchFacts {
    /// How long it has been saying the same.
    fn unchanged(&mut self, said: &str, now: Duration) -> Duration {
        match &self.same {
            Some((before, since)) if before == said => now.saturating_sub(*since),
            _ => {
                self.same = Some((said.to_owned(), now));
                Duration::ZERO
            }
        }
    }
}

/// The version of `open`, where `status` shows it.
fn shown_version(open: &Open, status: &Status) -> Option<Evidence> {
    evidence(&open.package, &open.before, status).filter(|evidence| *evidence == Evidence::Version)
}

fn evidence_text(evidence: Evidence, package: &Installing) -> String {
    match evidence {
        Evidence::Version => format!("the appliance shows {} {} or later", package.kind, package.version),
        Evidence::Build => "the appliance shows another build than before".to_owned(),
        Evidence::Listed => "the appliance lists it".to_owned(),
        Evidence::Operator => "so the operator says".to_owned(),
    }
}
