//! Plays push again and again, as an operator would call it, until there is
//! nothing left to do or calling it again helps no more.

use super::stage::RehearsalOutput;
use crate::console::{TypedCommand, kind};
use crate::engine::{Noted, Reporter};
use crate::model::{Exit, Failure, Hint, Kind, Timestamp};
use crate::simulator::VirtualClock;
use serde::Serialize;

/// Most calls of push: more waits and windows than any bundle has packages for.
const MAX_CALLS: usize = 400;

/// Seconds after which an operator calls again where nothing says when: an
/// appliance is busy, or a window was missed.
const AGAIN_SECS: i64 = 900;

/// Seconds of sending and of looking that belong to an install's time.
const AROUND_SECS: i64 = 120;

/// A call of push that ended neither well nor with a wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Stop {
    /// When, by the virtual clock.
    at: Timestamp,
    /// The exit's name.
    code: &'static str,
    /// The exit's number.
    exit: u8,
    /// What push would say.
    message: String,
    /// What it would say comes next.
    hint: Option<String>,
    /// How many packages were installed by then.
    #[serde(skip)]
    installed: usize,
}

/// How a rehearsal went.
pub(super) struct RehearsalResult {
    /// When it began.
    pub begun: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// When push was called.
    pub calls: Vec<Timestamp>,
    /// Titles of the packages that were installed.
    pub installed: Vec<String>,
    /// Where push stopped.
    pub stops: Vec<Stop>,
    /// The failure that calling again did not mend; `None` after a good end.
    pub last: Option<Failure>,
    /// The first failure, which is how the real push would end.
    first: Option<Failure>,
}

impl RehearsalResult {
    /// Whether all was installed in the end.
    pub(super) fn good(&self) -> bool {
        self.last.is_none()
    }

    /// How the run ends.
    pub(super) fn exit(&self) -> Exit {
        self.first.as_ref().map_or(Exit::Ok, |failure| failure.exit)
    }

    /// The first stop, as push would tell it.
    pub(super) fn outcome(&self) -> Result<(), Failure> {
        match &self.first {
            None => Ok(()),
            // Of no kind: what only a rehearsal met is no refusal that the event log keeps.
            Some(first) => Err(first.clone().about("rehearsed, and this is how push would end").of_kind(Kind::Plain)),
        }
    }
}

/// Seconds of installing and of restarting for an install of which
/// `max_secs` is the longest estimate.
///
/// An estimate is half as much again as the longest that was seen, so an
/// install takes two thirds of it: what the rehearsal's own journal learns is
/// the same estimate again.
pub(super) fn pace(max_secs: i64) -> (i64, i64) {
    let whole = (max_secs * 2 / 3 - AROUND_SECS).max(60);
    (whole - whole / 4, whole / 4)
}

/// What one call of push came to.
pub(super) struct PushResult {
    /// How it ended.
    pub outcome: Result<(), Failure>,
    /// Titles of all packages that are installed by now.
    pub installed: Vec<String>,
    /// What it wrote into the journals.
    pub written: Vec<Noted>,
    /// In how many seconds a wait may end before its time; `None` where nothing
    /// would show that.
    pub sooner: Option<i64>,
}

/// Plays it: `call` calls push once. `again` is how that is typed, `ahead_secs`
/// by how many seconds the clock that counts is ahead of the virtual one.
pub(super) fn play(
    stage: &RehearsalOutput<'_>,
    again: &TypedCommand,
    clock: &VirtualClock,
    ahead_secs: i64,
    call: &mut dyn FnMut() -> PushResult,
) -> RehearsalResult {
    let begun = clock.now();
    let mut course = RehearsalResult {
        begun,
        ended: begun,
        calls: Vec::new(),
        installed: Vec::new(),
        stops: Vec::new(),
        last: None,
        first: None,
    };
    loop {
        course.calls.push(clock.now());
        stage.call();
        stage.event(&kind::CALL, serde_json::json!({ "number": course.calls.len() }));
        stage.say(&format!("$ {again}"));
        let called = call();
        course.installed = called.installed;
        course.last = called.outcome.err();
        let Some(failure) = &course.last else { break };
        if failure.kind == Kind::Waiting {
            stage.say(&format!("push waits: {}", failure.message));
        } else {
            let hint = failure.hint.as_ref().map(|hint| again.tell(hint));
            let stop = Stop {
                at: clock.now(),
                code: failure.exit.name(),
                exit: failure.exit.code(),
                message: failure.message.clone(),
                hint: hint.clone(),
                installed: course.installed.len(),
            };
            let told = serde_json::json!({
                "code": stop.code, "exit": stop.exit, "message": stop.message, "hint": stop.hint,
            });
            stage.event(&kind::STOP, told);
            stage.say(&format!("push stops, exit {} ({}): {}", stop.exit, stop.code, stop.message));
            if let Some(hint) = &stop.hint {
                stage.say(&format!("hint: {hint}"));
            }
            course.stops.push(stop);
            course.first.get_or_insert_with(|| Failure { hint: hint.map(Hint::from), ..failure.clone() });
        }
        let trusted = clock.now().plus_secs(ahead_secs);
        match next(failure.kind, &called.written, trusted, &course.stops) {
            Some(secs) if course.calls.len() < MAX_CALLS => {
                // Whoever looks whether clients have updated calls again
                // as soon as they may have, and not after the day.
                clock.advance(called.sooner.map_or(secs, |sooner| secs.min(sooner)));
            }
            _ => break,
        }
    }
    course.ended = clock.now();
    course
}

/// In how many seconds an operator calls push again; `None` where that helps
/// no more. `written` is what the call wrote into the journal, `trusted` the
/// time by the clock that counts.
fn next(kind: Kind, written: &[Noted], trusted: Timestamp, stops: &[Stop]) -> Option<i64> {
    match kind {
        Kind::Waiting => {
            // By what it wrote down, as an operator would read the time off the screen.
            let until = written.iter().rev().find_map(|(_, entry)| entry.waits_until());
            Some(until.map_or(AGAIN_SECS, |until| until.secs_since(trusted)).max(1))
        }
        // What calling again may mend, unless it just did not.
        Kind::BaseTrouble | Kind::StepFailed => match stops {
            [.., before, last] if (before.exit, before.installed) == (last.exit, last.installed) => None,
            _ => Some(1),
        },
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::engine::Entry;
    use crate::model::*;
    use crate::plan::{Facts, History, Plan, SitePolicy};

    fn at(secs: i64) -> Timestamp {
        Timestamp::parse("2026-03-04T22:00:00Z").expect("a time").plus_secs(secs)
    }

    /// The plan of a base package and two site packages.
    pub fn chain() -> Plan {
        let version = |version: &str| Version::parse(version).expect("a version");
        let package = |n: usize, kind: PackageKind, own: &str, needs: &str| Package {
            file: FileName::parse(&format!("p{n}.nss")).expect("a name"),
            name: format!("{kind} {own}"),
            kind,
            version: version(own),
            requires: vec![Requirement {
                kind: if n == 2 { PackageKind::Site } else { PackageKind::Base },
                version: version(needs),
            }],
            size_bytes: 1,
            sha256: Sha256Digest::of(own.as_bytes()),
            chunks: vec![Sha256Digest::of(own.as_bytes())],
            eula: None,
            notes: None,
            source: Source::Imported { path: "x".into(), by: "y".into(), at: at(0), compared: false }.into(),
        };
        let appliance = ApplianceId { serial: "S1".into(), model: "B200".into(), host: "a.example.com".into() };
        let consignment = Consignment {
            bundle: Id::random(),
            sequence: 1,
            appliance: appliance.clone(),
            request: None,
            created: at(0),
            packages: vec![
                package(0, PackageKind::Base, "3.4.0", "3.3.2"),
                package(1, PackageKind::Site, "10.6.2", "3.4.0"),
                package(2, PackageKind::Site, "11.1.1", "10.6.2"),
            ],
        };
        let status = Status {
            appliance,
            base_version: Version::parse("3.3.2"),
            site_version: Version::parse("10.5.3"),
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: false,
            typed: false,
        };
        let facts = Facts { status: &status, now: at(0), history: &History::default() };
        crate::plan::make(&consignment, &facts, &SitePolicy::default()).expect("a plan")
    }

    fn stop(exit: Exit, installed: usize) -> Stop {
        Stop { at: at(0), code: exit.name(), exit: exit.code(), message: String::new(), hint: None, installed }
    }

    #[test]
    fn a_wait_is_passed_by_the_clock_that_counts() {
        let soak = Entry::Waiting { after: "x".into(), until: at(7200), remaining_secs: 7200 };
        assert_eq!(next(Kind::Waiting, &[(at(0), soak.clone())], at(0), &[]), Some(7200));
        assert_eq!(next(Kind::Waiting, &[(at(0), soak.clone())], at(1200), &[]), Some(6000));
        assert_eq!(next(Kind::Waiting, &[(at(0), soak)], at(9000), &[]), Some(1), "time never stands still");
        assert_eq!(next(Kind::Waiting, &[], at(0), &[]), Some(AGAIN_SECS));
    }

    #[test]
    fn calling_again_ends_where_it_helps_no_more() {
        let fails = |stops: &[Stop]| next(Kind::StepFailed, &[], at(0), stops);
        let failed = |installed| stop(Exit::InstallFailed, installed);
        assert_eq!(fails(&[failed(0)]), Some(1));
        assert_eq!(fails(&[failed(0), failed(0)]), None);
        assert_eq!(fails(&[failed(0), failed(1)]), Some(1), "it came further");
        assert_eq!(fails(&[stop(Exit::BackupFailed, 0), failed(0)]), Some(1), "it is another trouble");
        for exit in [Exit::WrongAppliance, Exit::ClockSkew, Exit::PrerequisiteMissing] {
            assert_eq!(next(Failure::new(exit, "").kind, &[], at(0), &[stop(exit, 0)]), None, "{}", exit.name());
        }
    }

    #[test]
    fn the_pace_keeps_inside_the_estimate() {
        for max_secs in [1, 300, 3600, 50_000] {
            let (install, restart) = pace(max_secs);
            assert!(install > 0 && restart > 0);
            assert!(max_secs < 600 || install + restart + AROUND_SECS <= max_secs * 2 / 3);
        }
    }
}
