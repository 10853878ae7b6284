//! The pair of two simulated appliances, shared by both, as their drivers work it.

use super::{BECAUSE, Simulated, gone};
use crate::driver::{ApplianceRefusal, Did, DriverError, Guide, Words, by_hand};
use crate::model::{Failover, FailoverRole, Timestamp};
use crate::simulator::clock::VirtualClock;
use crate::simulator::fault::Fault;
use crate::simulator::faults::Faults;
use crate::simulator::now::Now;
use crate::simulator::relation::{PairSide, PressRefused, Relation, Troubles};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

/// How long both call themselves backup after roles change.
const SETTLES: Duration = Duration::from_secs(5);

/// Two simulated appliances and what is so between them.
pub struct SimulatedPair {
    clock: Rc<VirtualClock>,
    between: RefCell<Between>,
}

struct Between {
    relation: Relation,
    faults: Faults,
}

/// A button of the pair's pages.
#[derive(Debug, Clone, Copy)]
pub(super) enum Press {
    Sync,
    Break,
    Establish,
    Enable,
    Disable,
}

impl Press {
    const fn title(self) -> &'static str {
        match self {
            Press::Sync => "sync",
            Press::Break => "break",
            Press::Establish => "establish",
            Press::Enable => "enable",
            Press::Disable => "disable",
        }
    }
}

fn side(at: usize) -> PairSide {
    PairSide::BOTH[at]
}

impl SimulatedPair {
    /// A pair in a relationship, the first primary; a sync takes `sync_secs`.
    pub fn new(clock: Rc<VirtualClock>, sync_secs: i64) -> Rc<Self> {
        let sync = Duration::from_secs(sync_secs.max(0) as u64);
        let relation = Relation::new(sync, SETTLES, clock.now());
        Rc::new(SimulatedPair { clock, between: RefCell::new(Between { relation, faults: Faults::default() }) })
    }

    /// What will go wrong.
    pub fn set_faults(&self, faults: &[Fault]) {
        self.between.borrow_mut().faults = Faults::from(faults);
    }

    /// Puts right what lasts.
    pub fn mend(&self) {
        self.between.borrow_mut().faults.mend();
    }

    /// Names of what did not strike yet, or lasts.
    pub fn planned(&self) -> Vec<String> {
        self.between.borrow().faults.names().into_iter().map(str::to_owned).collect()
    }

    /// Sets the roles, as somebody else might.
    pub fn set_roles(&self, roles: [FailoverRole; 2]) {
        self.between.borrow_mut().relation.set_roles(roles);
    }

    /// The roles as they are.
    pub fn roles(&self) -> [FailoverRole; 2] {
        self.between.borrow().relation.roles()
    }

    /// On which of the two the shared address is enabled.
    pub fn shared_ips(&self) -> [bool; 2] {
        let between = self.between.borrow();
        PairSide::BOTH.map(|side| between.relation.has_shared_ip(side))
    }

    /// Enables or disables the shared address as a person does, whatever the page offers.
    pub fn set_shared_ips(&self, enabled: [bool; 2]) {
        self.between.borrow_mut().relation.set_shared_ips(enabled);
    }

    /// How often the shared address was enabled on both.
    pub fn both_enabled(&self) -> usize {
        self.between.borrow().relation.both_enabled()
    }

    /// What happened: when, on which of the two, what.
    pub fn events(&self) -> Vec<(Timestamp, usize, &'static str)> {
        let between = self.between.borrow();
        between.relation.events().iter().map(|event| (event.at, event.on.index(), event.what)).collect()
    }

    pub(super) fn failover(&self, at: usize) -> Failover {
        let (now, mut between) = (self.clock.at(), self.between.borrow_mut());
        let troubles = between.catch_up(now);
        let role = between.relation.role(side(at), now, troubles);
        Failover {
            role,
            shared_host: Some("support.example.com".to_owned()),
            last_sync: between.relation.pulled(side(at)).filter(|_| role == FailoverRole::Backup),
            syncing: between.relation.is_pulling(side(at)),
        }
    }

    pub(super) fn press(&self, at: usize, what: Press) -> Result<Did<()>, DriverError> {
        let mut between = self.between.borrow_mut();
        let troubles = between.catch_up(self.clock.at());
        self.clock.advance(2);
        let by_hand = between.faults.strikes(Fault::ByHandPress);
        // What the role has no button for a driver does not find, and a person neither.
        let there = between.act(side(at), what, self.clock.at(), troubles)?;
        if by_hand || !there {
            // The person who is guided does it before answering.
            let menu_path = "/login > Management > Failover".to_owned();
            let (title, because) = (what.title().to_owned(), BECAUSE.to_owned());
            return Ok(Did::ByHand(Guide { title, menu_path, instructions: Vec::new(), because }));
        }
        match between.faults.strikes(Fault::PressAnswerLost) {
            true => Err(gone("lost")),
            false => Ok(Did::Done(())),
        }
    }

    pub(super) fn shared_ip(&self, at: usize) -> bool {
        self.between.borrow().relation.has_shared_ip(side(at))
    }
}

impl Between {
    fn catch_up(&mut self, now: Now) -> Troubles {
        let troubles = Troubles::of(&self.faults);
        self.relation.catch_up(now, troubles);
        troubles
    }

    /// Presses a button; whether the page has it.
    fn act(&mut self, side: PairSide, what: Press, now: Now, troubles: Troubles) -> Result<bool, DriverError> {
        let refused = |what| DriverError::Refused { what, page: "Failover".to_owned(), said: "refused".to_owned() };
        let pressed = match what {
            Press::Sync => self.relation.sync_now(side, now, troubles),
            Press::Establish => self.relation.establish(side, now, troubles),
            Press::Break => {
                self.relation.break_up(side, now, troubles);
                Ok(())
            }
            Press::Enable if self.faults.strikes(Fault::EnableFails) => return Err(refused(ApplianceRefusal::Pair)),
            Press::Enable | Press::Disable => {
                self.relation.set_shared_ip(side, matches!(what, Press::Enable), now);
                Ok(())
            }
        };
        match pressed {
            Ok(()) => Ok(true),
            Err(PressRefused::NotNow) => Ok(false),
            Err(PressRefused::Unreachable) => Err(refused(ApplianceRefusal::PairContact)),
            Err(PressRefused::KeyDiffers) => Err(refused(ApplianceRefusal::PairKey)),
        }
    }
}

impl Simulated {
    /// What its failover page shows.
    pub(super) fn failover_page(&mut self) -> Result<Did<Failover>, DriverError> {
        if self.hands.contains(&"failover") {
            return Ok(Did::ByHand(by_hand::role(&Words::usual(), BECAUSE.to_owned())));
        }
        let shown = self.pair.as_ref().map_or_else(Failover::alone, |(pair, at)| pair.failover(*at));
        if let Some(barred) = self.barred.filter(|_| shown.syncing) {
            self.told.looks.set(self.told.looks.get() + 1);
            return Err(barred());
        }
        Ok(Did::Done(shown))
    }
}
