//! The relationship between two simulated appliances, with its own faults.

use super::{BECAUSE, Simulated, VirtualClock};
use crate::driver::{ApplianceRefusal, Did, DriverError, Guide, by_hand};
use crate::model::{Failover, FailoverRole, Timestamp};
use crate::web::WebError;
use std::cell::RefCell;
use std::rc::Rc;

/// Seconds for which both call themselves backup after roles change.
const SETTLING_SECS: i64 = 5;

/// What goes wrong between two appliances, once each but for the first three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairFault {
    /// A sync begins and never ends, until it is mended.
    SyncNeverEnds,
    /// The two can't reach each other, until it is mended.
    PartnerUnreachable,
    /// The pre-shared keys are not the same, until they are.
    KeyDiffers,
    /// A press is carried out and its answer lost.
    AnswerLost,
    /// A control is not found, so that a person presses it.
    ByHand,
    /// The shared address is not enabled.
    EnableFails,
}

impl PairFault {
    /// Every fault there is.
    pub const ALL: &'static [PairFault] = &[
        PairFault::SyncNeverEnds,
        PairFault::PartnerUnreachable,
        PairFault::KeyDiffers,
        PairFault::AnswerLost,
        PairFault::ByHand,
        PairFault::EnableFails,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// One line for people.
    pub fn meaning(self) -> &'static str {
        self.row().1
    }

    fn lasts(self) -> bool {
        matches!(self, PairFault::SyncNeverEnds | PairFault::PartnerUnreachable | PairFault::KeyDiffers)
    }

    fn row(self) -> (&'static str, &'static str) {
        match self {
            PairFault::SyncNeverEnds => ("sync-never-ends", "a data sync begins and never ends"),
            PairFault::PartnerUnreachable => ("partner-unreachable", "the two appliances can't reach each other"),
            PairFault::KeyDiffers => ("key-differs", "the pre-shared keys are not the same"),
            PairFault::AnswerLost => ("press-answer-lost", "a press is carried out, and the answer to it is lost"),
            PairFault::ByHand => ("by-hand-press", "a button of the failover page must be pressed by hand"),
            PairFault::EnableFails => ("enable-fails", "the shared address can't be enabled"),
        }
    }
}

/// What is so between the two; shared by both.
pub struct SimulatedPair {
    clock: Rc<VirtualClock>,
    sync_secs: i64,
    relation: RefCell<Relation>,
}

struct Relation {
    roles: [FailoverRole; 2],
    last_sync: [Option<Timestamp>; 2],
    pulling: [Option<Timestamp>; 2],
    shared_ip: [bool; 2],
    established: Option<Timestamp>,
    faults: Vec<PairFault>,
    events: Vec<(Timestamp, usize, &'static str)>,
    both_enabled: usize,
}

impl SimulatedPair {
    /// A pair in a relationship, the first primary; a sync takes `sync_secs`.
    pub fn new(clock: Rc<VirtualClock>, sync_secs: i64) -> Rc<Self> {
        let earlier = clock.now().plus_secs(-3600);
        Rc::new(SimulatedPair {
            clock,
            sync_secs,
            relation: RefCell::new(Relation {
                roles: [FailoverRole::Primary, FailoverRole::Backup],
                last_sync: [None, Some(earlier)],
                pulling: [None, None],
                shared_ip: [true, false],
                established: None,
                faults: Vec::new(),
                events: Vec::new(),
                both_enabled: 0,
            }),
        })
    }

    /// What will go wrong.
    pub fn set_faults(&self, faults: &[PairFault]) {
        self.relation.borrow_mut().faults = faults.to_vec();
    }

    /// Puts right what lasts.
    pub fn mend(&self) {
        self.relation.borrow_mut().faults.retain(|fault| !fault.lasts());
    }

    /// Names of what did not strike yet, or lasts.
    pub fn planned(&self) -> Vec<String> {
        self.relation.borrow().faults.iter().map(|fault| fault.name().to_owned()).collect()
    }

    /// Sets the roles, as somebody else might.
    pub fn set_roles(&self, roles: [FailoverRole; 2]) {
        self.relation.borrow_mut().roles = roles;
    }

    /// The roles as they are.
    pub fn roles(&self) -> [FailoverRole; 2] {
        self.relation.borrow().roles
    }

    /// On which of the two the shared address is enabled.
    pub fn shared_ips(&self) -> [bool; 2] {
        self.relation.borrow().shared_ip
    }

    /// How often the shared address was enabled on both.
    pub fn both_enabled(&self) -> usize {
        self.relation.borrow().both_enabled
    }

    /// What happened: when, on which of the two, what.
    pub fn events(&self) -> Vec<(Timestamp, usize, &'static str)> {
        self.relation.borrow().events.clone()
    }

    fn catch_up(&self) {
        let now = self.clock.now();
        let mut relation = self.relation.borrow_mut();
        if relation.faults.contains(&PairFault::SyncNeverEnds) {
            return;
        }
        for at in [0, 1] {
            if relation.pulling[at].is_some_and(|since| now.secs_since(since) >= self.sync_secs) {
                relation.pulling[at] = None;
                relation.last_sync[at] = Some(now);
                relation.events.push((now, at, "synced"));
            }
        }
    }

    /// Enables or disables the shared address as a person does, whatever the page offers.
    pub fn set_shared_ips(&self, enabled: [bool; 2]) {
        self.relation.borrow_mut().shared_ip = enabled;
    }

    pub(super) fn failover(&self, at: usize) -> Failover {
        self.catch_up();
        let relation = self.relation.borrow();
        let settling = relation.established.is_some_and(|then| self.clock.now().secs_since(then) < SETTLING_SECS);
        let role = match relation.roles[at] {
            FailoverRole::Primary if settling => FailoverRole::Backup,
            role => role,
        };
        Failover {
            role,
            shared_host: Some("support.example.com".to_owned()),
            last_sync: relation.last_sync[at].filter(|_| role == FailoverRole::Backup),
            syncing: relation.pulling[at].is_some(),
        }
    }

    pub(super) fn press(&self, at: usize, what: &'static str) -> Result<Did<()>, DriverError> {
        self.catch_up();
        self.clock.advance(2);
        let now = self.clock.now();
        let mut relation = self.relation.borrow_mut();
        let by_hand = relation.take(PairFault::ByHand);
        relation.act(at, what, now)?;
        if by_hand {
            // The person who is guided does it before answering.
            let (menu_path, because) =
                ("/login > Management > Failover".to_owned(), "the control is not on the page".to_owned());
            return Ok(Did::ByHand(Guide { title: what.to_owned(), menu_path, instructions: Vec::new(), because }));
        }
        match relation.take(PairFault::AnswerLost) {
            true => {
                Err(WebError::Unreachable { origin: "https://simulated".to_owned(), why: "lost".to_owned() }.into())
            }
            false => Ok(Did::Done(())),
        }
    }

    pub(super) fn shared_ip(&self, at: usize) -> bool {
        self.relation.borrow().shared_ip[at]
    }
}

impl Simulated {
    /// What its failover page shows.
    pub(super) fn failover_page(&mut self) -> Result<Did<Failover>, DriverError> {
        if self.hands.contains(&"failover") {
            return Ok(Did::ByHand(by_hand::role(BECAUSE.to_owned())));
        }
        let shown = self.pair.as_ref().map_or_else(Failover::alone, |(pair, at)| pair.failover(*at));
        if let Some(barred) = self.barred.filter(|_| shown.syncing) {
            self.told.looks.set(self.told.looks.get() + 1);
            return Err(barred());
        }
        Ok(Did::Done(shown))
    }
}

impl Relation {
    fn take(&mut self, fault: PairFault) -> bool {
        let at = self.faults.iter().position(|planned| *planned == fault);
        at.map(|at| self.faults.remove(at)).is_some()
    }

    fn act(&mut self, at: usize, what: &'static str, now: Timestamp) -> Result<(), DriverError> {
        let refused = |what| DriverError::Refused { what, page: "Failover".to_owned(), said: "refused".to_owned() };
        let unreachable = self.faults.contains(&PairFault::PartnerUnreachable);
        match what {
            "sync" | "establish" if unreachable => return Err(refused(ApplianceRefusal::PairContact)),
            "sync" if self.roles[at] != FailoverRole::Backup => return Err(refused(ApplianceRefusal::Pair)),
            "sync" => drop(self.pulling[at].get_or_insert(now)),
            "break" => {
                self.roles[at] = FailoverRole::None;
                self.pulling[at] = None;
                if !unreachable {
                    self.roles[1 - at] = FailoverRole::None;
                    self.pulling[1 - at] = None;
                }
            }
            "establish" if self.faults.contains(&PairFault::KeyDiffers) => {
                return Err(refused(ApplianceRefusal::PairKey));
            }
            "establish" if self.roles != [FailoverRole::None; 2] => return Err(refused(ApplianceRefusal::Pair)),
            "establish" => {
                self.roles[at] = FailoverRole::Primary;
                self.roles[1 - at] = FailoverRole::Backup;
                self.established = Some(now);
            }
            "enable" if self.take(PairFault::EnableFails) => return Err(refused(ApplianceRefusal::Pair)),
            "enable" => {
                self.shared_ip[at] = true;
                self.both_enabled += usize::from(self.shared_ip == [true; 2]);
            }
            "disable" => self.shared_ip[at] = false,
            _ => unreachable!("no such press"),
        }
        self.events.push((now, at, what));
        Ok(())
    }
}
