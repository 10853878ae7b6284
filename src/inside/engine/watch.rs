//! Waiting for an install: looks again and again, orders nothing, and above
//! all never a restart.

use super::entry::Installing;
use super::evidence::{evidence, is_readable, shown_text};
use super::history::{Open, Stage};
use super::{Engine, Entry};
use crate::inside::driver::Observation;
use crate::model::{Evidence, Failure, Status, duration_human, text};
use std::time::Duration;

/// Seconds between two looks at first, and after each change.
const LOOK_FIRST_SECS: u64 = 1;
/// Seconds between two looks at most.
const LOOK_LAST_SECS: u64 = 30;
/// Seconds between two lines that say that nothing has changed.
const TELL_EVERY_SECS: u64 = 60;

/// How it came out.
pub(super) enum Outcome {
    /// It is installed, and this shows it.
    Confirmed(Evidence, Status),
    /// The appliance says that it failed.
    Failed(String),
    /// The appliance is as in ordinary times, and nothing shows the package.
    Quiet(Status),
    /// The longest wait is over; what was seen last.
    TimedOut(String),
}

impl Engine<'_> {
    /// Looks until it is known what became of `open`, or the wait is over.
    ///
    /// # Errors
    /// A [`Failure`] where looking itself can't go on: the login is refused,
    /// the certificate is another, nobody answers.
    pub(super) fn watch(&mut self, open: &Open) -> Result<Outcome, Failure> {
        let begun = self.time.elapsed();
        let since = |time: &dyn super::Time, from: Duration| time.elapsed().saturating_sub(from).as_secs();
        let mut seen = Seen::default();
        let mut pause = LOOK_FIRST_SECS;
        loop {
            let look = self.look()?;
            match look {
                Look::Saw(Observation::Failed { text }) => return Ok(Outcome::Failed(text::one_line(&text))),
                Look::Saw(Observation::Ready(status)) => {
                    if let Some(evidence) = evidence(&open.package, &open.before, &status) {
                        return Ok(Outcome::Confirmed(evidence, status));
                    }
                    let quiet_from = *seen.ready_since.get_or_insert(self.time.elapsed());
                    let patience = self.patience_secs(open, &status, seen.activity);
                    if since(self.time, quiet_from) >= patience {
                        return Ok(Outcome::Quiet(status));
                    }
                    self.tell(&mut seen, &mut pause, "the appliance answers, and does not show the package yet");
                }
                Look::Saw(Observation::Installing { percent, text }) => {
                    (seen.activity, seen.ready_since) = (true, None);
                    let said = text::one_line(&text);
                    self.teller.event("installing", serde_json::json!({ "percent": percent, "says": said }));
                    let percent = percent.map(|percent| format!(" ({percent} %)")).unwrap_or_default();
                    self.tell(&mut seen, &mut pause, &format!("the appliance is installing{percent}"));
                }
                Look::Saw(Observation::Down) => {
                    (seen.activity, seen.ready_since) = (true, None);
                    self.tell(&mut seen, &mut pause, "the appliance does not answer; it restarts by itself");
                }
                Look::Unclear(why) => {
                    seen.ready_since = None;
                    self.tell(&mut seen, &mut pause, &format!("the appliance's answer is not understood yet: {why}"));
                }
            }
            if since(self.time, begun) >= self.rules.wait_max_secs {
                return Ok(Outcome::TimedOut(seen.said));
            }
            self.time.sleep(Duration::from_secs(pause));
            pause = (pause * 2).min(LOOK_LAST_SECS);
        }
    }

    fn look(&mut self) -> Result<Look, Failure> {
        match self.appliance.observe() {
            Ok(seen) => Ok(Look::Saw(seen)),
            Err(error) if error.is_hopeless() => Err(error.into()),
            Err(error) => Ok(Look::Unclear(Failure::from(error).message)),
        }
    }

    /// How long an appliance may look idle before that counts as an answer.
    fn patience_secs(&self, open: &Open, status: &Status, activity: bool) -> u64 {
        match &open.stage {
            // A person has looked, and said that it is over.
            _ if open.guided => 0,
            // It was at work and is back: its pages may lag a little.
            _ if activity => self.rules.settle_secs,
            Stage::Sending | Stage::Agreement | Stage::Failed(_) => self.rules.settle_secs,
            Stage::Unanswered | Stage::Accepting => self.rules.unanswered_secs,
            // It may be installing behind a page that doesn't say so.
            Stage::SetOff if is_readable(&open.package, status) => {
                let gone_secs = self.time.now().secs_since(open.stage_since).max(0) as u64;
                self.rules.quiet_secs.saturating_sub(gone_secs).max(self.rules.settle_secs)
            }
            Stage::SetOff => self.rules.settle_secs,
        }
    }

    /// Tells a change at once, and what stays the same once a minute.
    fn tell(&self, seen: &mut Seen, pause: &mut u64, what: &str) {
        let now = self.time.elapsed();
        if seen.said != what {
            let same_state = seen.said.split('(').next() == what.split('(').next();
            if !same_state {
                *pause = LOOK_FIRST_SECS;
                seen.state_since = now;
            }
            seen.said = what.to_owned();
            if !same_state {
                self.teller.note(what);
                seen.told = now;
                return;
            }
        }
        if !self.rules.rehearsal && now.saturating_sub(seen.told).as_secs() >= TELL_EVERY_SECS {
            let for_secs = now.saturating_sub(seen.state_since).as_secs() as i64;
            self.teller.note(&format!("{what}, for {} now", duration_human(for_secs)));
            seen.told = now;
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
        self.teller.event("installed", serde_json::json!({ "file": package.file, "evidence": evidence }));
        let shown = status.into();
        self.write(Entry::InstallConfirmed { package, evidence, guided: open.guided, shown })
    }

    /// What stands in messages when nothing shows the package.
    pub(super) fn nothing_shows(&self, open: &Open, status: &Status) -> String {
        let when = open.since.human();
        format!("its install was begun on {when}, and {}", shown_text(&open.package, status))
    }
}

/// What one look gave.
enum Look {
    Saw(Observation),
    Unclear(String),
}

/// What was seen so far.
#[derive(Default)]
struct Seen {
    /// Whether it was ever down or installing.
    activity: bool,
    ready_since: Option<Duration>,
    said: String,
    state_since: Duration,
    told: Duration,
}

fn evidence_text(evidence: Evidence, package: &Installing) -> String {
    match evidence {
        Evidence::Version => format!("the appliance shows {} {} or later", package.kind, package.version),
        Evidence::Build => "the appliance shows another build than before".to_owned(),
        Evidence::Listed => "the appliance lists it".to_owned(),
        Evidence::Operator => "so the operator says".to_owned(),
    }
}
