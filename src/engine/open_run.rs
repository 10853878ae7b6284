//! What the two journals say of a run over both appliances, read as facts.

use super::entry::{Entry, PairMark};
use super::record::Noted;
use crate::model::{FileName, Id, Timestamp, local_time};
use crate::plan::{self, Part, Switch, Topology};

/// A run over two appliances that was begun and is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPair {
    /// The run.
    pub run: Id,
    /// Its order.
    pub topology: Topology,
    /// How the site's address is switched.
    pub switch: Option<Switch>,
    /// This appliance's part.
    pub part: Part,
    /// The other's name.
    pub partner: FileName,
    /// The other's serial number; empty where it was not known.
    pub partner_serial: String,
    /// The bundle of this appliance, or the run of what it offers.
    pub bundle: Id,
    /// Whether it offers by itself what is installed.
    pub offered: bool,
    /// The command that began it.
    pub command: String,
    /// Ids of the steps that are done, each with when it last was.
    done: Vec<(String, Timestamp)>,
    /// Whether a step that changes more than is kept was begun: the run must be
    /// gone on with as it was begun.
    pub bound: bool,
    /// The last sync that was pressed, and for which step.
    pressed: Option<(String, PairMark, Timestamp)>,
    /// When it was begun.
    pub since: Timestamp,
}

impl OpenPair {
    /// The run in a few words.
    pub fn told(&self) -> String {
        let done = match self.done.last() {
            Some((last, _)) => format!("last done: {last}"),
            None => "nothing is done yet".to_owned(),
        };
        format!(
            "{} with {} as {}, begun on {}, {done}",
            self.topology,
            self.partner,
            self.topology.calls(self.part.other()),
            local_time(self.since)
        )
    }

    /// Ids of the steps that are done and need not be done again: where the
    /// relationship still `stands`, backup and sync count for `fresh_secs` only.
    /// Session data is pulled immediately before the switch: what an earlier
    /// call pulled counts only where that call switched, too.
    pub fn done(&self, stands: bool, now: Timestamp, fresh_secs: i64) -> Vec<String> {
        let fresh = |at: &Timestamp| !stands || (0..=fresh_secs).contains(&now.secs_since(*at));
        let switched = self.when("switch").is_some();
        let counts = |step: &str| switched || step != "session-data";
        let done = self.done.iter().filter(|(step, at)| fresh(at) && counts(step));
        done.map(|(step, _)| step.clone()).collect()
    }

    /// When a step was done last; `None` where it is not.
    pub fn when(&self, step: &str) -> Option<Timestamp> {
        self.done.iter().find(|(done, _)| done == step).map(|(_, at)| *at)
    }

    /// The serial number of `part`, where this journal's appliance is the other.
    pub fn serial_of(&self, part: Part) -> Option<&str> {
        (part != self.part && !self.partner_serial.is_empty()).then_some(self.partner_serial.as_str())
    }

    /// The last sync that was pressed for `step`, not longer than `fresh_secs`
    /// ago. Whether it was pulled is told by the appliance's own clock: that ours
    /// went back meanwhile is no reason to press anew.
    pub fn pressed(&self, step: &str, now: Timestamp, fresh_secs: i64) -> Option<PairMark> {
        let fresh = |at: &Timestamp| now.secs_since(*at) <= fresh_secs;
        self.pressed.as_ref().filter(|(of, _, at)| of == step && fresh(at)).map(|(_, mark, _)| *mark)
    }
}

/// Takes one entry into the pair run that is open.
pub(super) fn apply(open: &mut Option<OpenPair>, at: Timestamp, entry: &Entry) {
    match entry {
        Entry::PairBegun { run, topology, switch, part, partner, partner_serial, bundle, offered, command } => {
            *open = Some(OpenPair {
                run: *run,
                topology: *topology,
                switch: *switch,
                part: *part,
                partner: partner.clone(),
                partner_serial: partner_serial.clone(),
                bundle: *bundle,
                offered: *offered,
                command: command.clone(),
                done: Vec::new(),
                bound: false,
                pressed: None,
                since: at,
            });
        }
        Entry::PairResumed { run, command } if is(open, run) => {
            if let Some(open) = open {
                open.command.clone_from(command);
            }
        }
        Entry::PairDone { run } | Entry::PairLeft { run, .. } if is(open, run) => *open = None,
        Entry::PairStepDone { run, step, .. } if is(open, run) => {
            if let Some(open) = open {
                // Done once more it counts from then on: a backup and a sync grow old.
                open.done.retain(|(done, _)| done != step);
                open.done.push((step.clone(), at));
            }
        }
        Entry::PairStepUndone { run, step, .. } if is(open, run) => {
            if let Some(open) = open {
                open.done.retain(|(done, _)| done != step);
            }
        }
        Entry::PairStepBegun { run, step, .. } if is(open, run) && plan::binds(step) => {
            if let Some(open) = open {
                open.bound = true;
            }
        }
        Entry::PairSyncPressed { run, step, mark } if is(open, run) => {
            if let Some(open) = open {
                open.pressed = Some((step.clone(), *mark, at));
            }
        }
        _ => {}
    }
}

/// One run as both journals have it together; of two runs the first.
pub fn merged(a: Option<OpenPair>, b: Option<OpenPair>) -> Option<OpenPair> {
    match (a, b) {
        (Some(mut one), Some(other)) if one.run == other.run => {
            let missing = |(step, _): &(String, Timestamp)| !one.done.iter().any(|(done, _)| done == step);
            let more: Vec<_> = other.done.into_iter().filter(missing).collect();
            one.done.extend(more);
            one.pressed = one.pressed.or(other.pressed);
            one.bound |= other.bound;
            Some(one)
        }
        (one, other) => one.or(other),
    }
}

/// Whether a journal has the end of `run`.
pub fn has_ended(entries: &[Noted], run: Id) -> bool {
    entries.iter().any(|(_, entry)| matches!(entry, Entry::PairDone { run: ended } if *ended == run))
}

fn is(open: &Option<OpenPair>, run: &Id) -> bool {
    open.as_ref().is_some_and(|open| open.run == *run)
}
