//! A failover pair: the relationship between two appliances, behind one lock
//! of its own. It is never taken while an appliance's lock is held.
//!
//! A data sync is pulled by the backup and takes its time; a sync that was
//! pulled leaves its time behind. After a relationship is established, and
//! while roles are swapped, both appliances call themselves backup for a
//! moment, as the real ones do.

pub(super) mod labels;

use super::world::{Shared, World};
use crate::model::Timestamp;
use serde::Serialize;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// The address that the pair shares.
pub const SHARED_IP: &str = "192.0.2.10";

/// Seconds of the lab's clock after which the first sync starts by itself.
const FIRST_SYNC_SECS: i64 = 60;

/// How long both call themselves backup.
const MOMENT: Duration = Duration::from_millis(1500);

/// The key both have until somebody types another.
const KEY: &str = "lab-inter-appliance-key";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Side {
    A,
    B,
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::A, Side::B];

    pub(super) fn other(self) -> Side {
        match self {
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }

    fn at(self) -> usize {
        match self {
            Side::A => 0,
            Side::B => 1,
        }
    }
}

/// What an appliance is in the relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum PairRole {
    None,
    Primary,
    Backup,
}

/// The pair, shared by both worlds.
pub(super) struct Pair {
    sync: Duration,
    /// Each one's port on loopback.
    pub(super) ports: [u16; 2],
    worlds: OnceLock<[Weak<World>; 2]>,
    relation: Mutex<Relation>,
}

/// What is so between the two.
#[derive(Serialize)]
pub(super) struct Relation {
    members: [Member; 2],
    /// Until when both call themselves backup.
    #[serde(skip)]
    settling: Option<Instant>,
    /// Who becomes primary when the sync under way is over.
    becomes_primary: Option<Side>,
    /// How often the shared address was enabled on both at once.
    both_enabled: u32,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Member {
    role: PairRole,
    #[serde(skip)]
    key: String,
    shared_ip: bool,
    /// When it last pulled a sync to its end.
    pulled: Option<Timestamp>,
    #[serde(skip)]
    pulling: Option<Instant>,
    first_due: Option<Timestamp>,
}

/// Something that was pressed, or that came to an end.
#[derive(Serialize)]
struct Event {
    at: Timestamp,
    on: Side,
    what: &'static str,
}

/// The faults that matter between the two, at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Troubles {
    pub(super) unreachable: bool,
    pub(super) endless: bool,
    pub(super) swapped: bool,
    pub(super) keys_differ: bool,
}

/// Why something was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum No {
    Unreachable,
    KeyDiffers,
    VersionDiffers,
    SharedName,
    BadAddress,
    NotNow,
}

impl Pair {
    /// A pair in a relationship, A primary, B backup, synced a while ago.
    pub(super) fn new(sync: Duration, ports: [u16; 2]) -> Arc<Self> {
        Arc::new(Pair { sync, ports, worlds: OnceLock::new(), relation: Mutex::new(Relation::fresh()) })
    }

    /// Puts everything back as it was when the lab started.
    pub(super) fn reset(&self) {
        *self.relation.lock().unwrap_or_else(PoisonError::into_inner) = Relation::fresh();
    }

    /// Makes the two worlds known.
    pub(super) fn join(&self, a: &Shared, b: &Shared) {
        let _ = self.worlds.set([Arc::downgrade(a), Arc::downgrade(b)]);
    }

    /// The world of one side, while the lab runs.
    pub(super) fn world(&self, side: Side) -> Option<Shared> {
        self.worlds.get().and_then(|worlds| worlds[side.at()].upgrade())
    }

    /// The relation as it is by now.
    pub(super) fn relation(&self, now: Timestamp, troubles: Troubles) -> MutexGuard<'_, Relation> {
        let mut relation = self.relation.lock().unwrap_or_else(PoisonError::into_inner);
        relation.catch_up(self.sync, now, troubles);
        relation
    }
}

impl Relation {
    fn fresh() -> Self {
        let member = |role, pulled| Member {
            role,
            key: KEY.to_owned(),
            shared_ip: role == PairRole::Primary,
            pulled,
            pulling: None,
            first_due: None,
        };
        let pulled = Timestamp::now().plus_secs(-3 * 3600);
        Relation {
            members: [member(PairRole::Primary, None), member(PairRole::Backup, Some(pulled))],
            settling: None,
            becomes_primary: None,
            both_enabled: 0,
            events: Vec::new(),
        }
    }

    /// What `side` calls itself.
    pub(super) fn role(&self, side: Side, troubles: Troubles) -> PairRole {
        let shown = if troubles.swapped { side.other() } else { side };
        let role = self.members[shown.at()].role;
        let settling = self.settling.is_some_and(|until| Instant::now() < until) || self.becomes_primary.is_some();
        if settling && role != PairRole::None { PairRole::Backup } else { role }
    }

    /// Whether `side` pulls a sync now.
    pub(super) fn is_pulling(&self, side: Side) -> bool {
        self.members[side.at()].pulling.is_some()
    }

    pub(super) fn pulled(&self, side: Side) -> Option<Timestamp> {
        self.members[side.at()].pulled
    }

    pub(super) fn has_shared_ip(&self, side: Side) -> bool {
        self.members[side.at()].shared_ip
    }

    fn note(&mut self, at: Timestamp, on: Side, what: &'static str) {
        self.events.push(Event { at, on, what });
    }

    fn catch_up(&mut self, sync: Duration, now: Timestamp, troubles: Troubles) {
        for side in Side::BOTH {
            let member = &mut self.members[side.at()];
            if member.first_due.is_some_and(|due| due <= now) && !troubles.unreachable {
                member.first_due = None;
                member.pulling.get_or_insert_with(Instant::now);
            }
            if !troubles.endless && member.pulling.is_some_and(|since| since.elapsed() >= sync) {
                member.pulling = None;
                member.pulled = Some(now);
                self.note(now, side, "synced");
                if let Some(primary) = self.becomes_primary.take() {
                    self.swap_to(primary, now);
                }
            }
        }
    }

    fn swap_to(&mut self, primary: Side, now: Timestamp) {
        self.members[primary.at()].role = PairRole::Primary;
        self.members[primary.other().at()].role = PairRole::Backup;
        self.note(now, primary, "became-primary");
    }

    /// Starts a sync, which only the backup can.
    pub(super) fn sync_now(&mut self, side: Side, now: Timestamp, troubles: Troubles) -> Result<(), No> {
        if self.members[side.at()].role != PairRole::Backup {
            return Err(No::NotNow);
        }
        if troubles.unreachable {
            return Err(No::Unreachable);
        }
        let member = &mut self.members[side.at()];
        member.first_due = None;
        member.pulling.get_or_insert_with(Instant::now);
        self.note(now, side, "sync-pressed");
        Ok(())
    }

    /// Gives `side` the role, with a sync first where that is asked for.
    pub(super) fn become_role(
        &mut self,
        side: Side,
        role: PairRole,
        sync_first: bool,
        now: Timestamp,
        troubles: Troubles,
    ) -> Result<(), No> {
        if self.members[side.at()].role == PairRole::None {
            return Err(No::NotNow);
        }
        let primary = if role == PairRole::Primary { side } else { side.other() };
        let backup = Side::BOTH.into_iter().find(|side| self.members[side.at()].role == PairRole::Backup);
        match backup.filter(|_| sync_first) {
            Some(_) if troubles.unreachable => return Err(No::Unreachable),
            Some(backup) => {
                self.members[backup.at()].pulling.get_or_insert_with(Instant::now);
                self.becomes_primary = Some(primary);
            }
            None => {
                self.settling = Some(Instant::now() + MOMENT);
                self.swap_to(primary, now);
            }
        }
        Ok(())
    }

    /// Ends the relationship; at the partner too, where it can be reached.
    pub(super) fn break_up(&mut self, side: Side, now: Timestamp, troubles: Troubles) {
        let also = (!troubles.unreachable).then_some(side.other());
        for gone in std::iter::once(side).chain(also) {
            let member = &mut self.members[gone.at()];
            (member.role, member.pulling, member.first_due) = (PairRole::None, None, None);
        }
        self.becomes_primary = None;
        self.note(now, side, "broken");
    }

    /// Establishes it, with `side` as primary.
    pub(super) fn establish(&mut self, side: Side, now: Timestamp, troubles: Troubles) -> Result<(), No> {
        if troubles.unreachable {
            return Err(No::Unreachable);
        }
        if troubles.keys_differ || self.members[0].key != self.members[1].key {
            return Err(No::KeyDiffers);
        }
        if self.members.iter().any(|member| member.role != PairRole::None) {
            return Err(No::NotNow);
        }
        self.members[side.at()].role = PairRole::Primary;
        let backup = &mut self.members[side.other().at()];
        backup.role = PairRole::Backup;
        backup.first_due = Some(now.plus_secs(FIRST_SYNC_SECS));
        self.settling = Some(Instant::now() + MOMENT);
        self.note(now, side, "established");
        Ok(())
    }

    /// Enables or disables the shared address on `side`.
    pub(super) fn set_shared_ip(&mut self, side: Side, enabled: bool, now: Timestamp) {
        self.members[side.at()].shared_ip = enabled;
        if self.members.iter().all(|member| member.shared_ip) {
            self.both_enabled += 1;
        }
        self.note(now, side, if enabled { "shared-ip-enabled" } else { "shared-ip-disabled" });
    }

    /// Types another key on `side`.
    pub(super) fn set_key(&mut self, side: Side, key: &str, now: Timestamp) {
        key.clone_into(&mut self.members[side.at()].key);
        self.note(now, side, "key-set");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_unix(1_700_000_000 + secs).expect("in range")
    }

    #[test]
    fn a_sync_takes_its_time_and_only_the_backup_pulls() {
        let pair = Pair::new(Duration::ZERO, [1, 2]);
        let calm = Troubles::default();
        assert_eq!(pair.relation(at(0), calm).sync_now(Side::A, at(0), calm), Err(No::NotNow));
        let endless = Troubles { endless: true, ..calm };
        let before = pair.relation(at(0), endless).pulled(Side::B);
        pair.relation(at(0), endless).sync_now(Side::B, at(0), endless).expect("begun");
        assert!(pair.relation(at(9), endless).is_pulling(Side::B));
        assert_eq!(pair.relation(at(9), endless).pulled(Side::B), before);
        assert_eq!(pair.relation(at(10), calm).pulled(Side::B), Some(at(10)));
    }

    #[test]
    fn a_relationship_is_broken_and_established_only_with_equal_keys() {
        let pair = Pair::new(Duration::ZERO, [1, 2]);
        let calm = Troubles::default();
        let mut relation = pair.relation(at(0), calm);
        assert_eq!(relation.establish(Side::A, at(0), calm), Err(No::NotNow));
        relation.break_up(Side::B, at(1), calm);
        assert_eq!(Side::BOTH.map(|side| relation.role(side, calm)), [PairRole::None, PairRole::None]);
        relation.set_key(Side::B, "other", at(1));
        assert_eq!(relation.establish(Side::B, at(2), calm), Err(No::KeyDiffers));
        relation.set_key(Side::B, KEY, at(2));
        relation.establish(Side::B, at(3), calm).expect("established");
        assert_eq!(relation.role(Side::B, calm), PairRole::Backup, "for a moment both are");
        relation.settling = None;
        assert_eq!(Side::BOTH.map(|side| relation.role(side, calm)), [PairRole::Backup, PairRole::Primary]);
        drop(relation);
        assert!(!pair.relation(at(62), calm).is_pulling(Side::A));
        assert!(pair.relation(at(63), calm).pulled(Side::A).is_some_and(|pulled| pulled == at(63)));
    }
}
