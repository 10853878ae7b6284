//! A failover pair: the relationship between two appliances, behind one lock
//! of its own, and where each of them is reached.

pub(super) mod labels;

use crate::model::{FailoverRole, Timestamp};
use crate::simulator::{Now, PairSide, PressRefused, Relation, Troubles};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The address that the pair shares.
// One of those for documentation (RFC 5737): nobody is reached by it through a mistake.
pub const SHARED_IP: &str = "192.0.2.10";

/// How long both call themselves backup.
// Longer than the second between two looks at a role, so that one of them sees it.
const MOMENT: Duration = Duration::from_millis(1500);

/// The key that restored settings bring, which is not the one both have.
const RESTORED_KEY: &str = "restored";

/// The pair, shared by both appliances.
pub(super) struct Pair {
    sync: Duration,
    /// Each one's port on loopback.
    pub(super) ports: [u16; 2],
    relation: Mutex<Relation>,
}

impl Pair {
    /// A pair in a relationship, A primary, B backup, synced a while ago.
    pub(super) fn new(sync: Duration, ports: [u16; 2]) -> Arc<Self> {
        Arc::new(Pair { sync, ports, relation: Mutex::new(Relation::new(sync, MOMENT, Timestamp::now())) })
    }

    /// Puts everything back as it was when the lab started.
    pub(super) fn reset(&self) {
        *self.lock() = Relation::new(self.sync, MOMENT, Timestamp::now());
    }

    /// The relation as `side` sees it by now.
    pub(super) fn seen_by(&self, side: PairSide, now: Now, troubles: Troubles) -> PairView<'_> {
        let mut relation = self.lock();
        relation.catch_up(now, troubles);
        PairView { relation, side, now, troubles }
    }

    fn lock(&self) -> MutexGuard<'_, Relation> {
        self.relation.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The relation at one moment, from one side.
pub(super) struct PairView<'p> {
    pub(super) relation: MutexGuard<'p, Relation>,
    pub(super) side: PairSide,
    pub(super) troubles: Troubles,
    now: Now,
}

impl PairView<'_> {
    /// What this side calls itself.
    pub(super) fn role(&self) -> FailoverRole {
        self.relation.role(self.side, self.now, self.troubles)
    }

    /// Whether the shared address is enabled here.
    pub(super) fn has_shared_ip(&self) -> bool {
        self.relation.has_shared_ip(self.side)
    }

    pub(super) fn set_shared_ip(&mut self, enabled: bool) {
        self.relation.set_shared_ip(self.side, enabled, self.now);
    }

    pub(super) fn set_key(&mut self, key: &str) {
        self.relation.set_key(self.side, key, self.now);
    }

    /// Takes over the failover settings of a backup, and its pre-shared key.
    pub(super) fn take_over_settings(&mut self) {
        self.break_up();
        self.set_key(RESTORED_KEY);
    }

    pub(super) fn sync_now(&mut self) -> Result<(), PressRefused> {
        self.relation.sync_now(self.side, self.now, self.troubles)
    }

    pub(super) fn become_role(&mut self, role: FailoverRole, sync_first: bool) -> Result<(), PressRefused> {
        self.relation.become_role(self.side, role, sync_first, self.now, self.troubles)
    }

    pub(super) fn break_up(&mut self) {
        self.relation.break_up(self.side, self.now, self.troubles);
    }

    pub(super) fn establish(&mut self) -> Result<(), PressRefused> {
        self.relation.establish(self.side, self.now, self.troubles)
    }
}
