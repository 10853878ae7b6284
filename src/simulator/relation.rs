//! What is so between the two appliances of a failover pair.
//!
//! A data sync is pulled by the backup and takes its time; a sync that was
//! pulled leaves its time behind. After a relationship is established, and
//! while roles are swapped, both appliances call themselves backup for a
//! moment, as the real ones do.

use super::fault::Fault;
use super::faults::Faults;
use super::now::Now;
use crate::model::{FailoverRole, Timestamp};
use serde::Serialize;
use std::time::Duration;

/// Seconds after which the first sync of a new relationship starts by itself.
const FIRST_SYNC_SECS: i64 = 60;

/// Seconds since the last sync of a pair that was there before.
const SYNCED_SECS_AGO: i64 = 3600;

/// The key both have until somebody types another.
pub const PAIR_KEY: &str = "lab-inter-appliance-key";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PairSide {
    /// The first: the primary, at the beginning.
    A,
    /// The second.
    B,
}

impl PairSide {
    /// Both.
    pub const BOTH: [PairSide; 2] = [PairSide::A, PairSide::B];

    /// The other one.
    pub fn other(self) -> PairSide {
        match self {
            PairSide::A => PairSide::B,
            PairSide::B => PairSide::A,
        }
    }

    /// Its place in a list of two.
    pub fn index(self) -> usize {
        usize::from(self == PairSide::B)
    }
}

/// The faults that matter between the two, at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Troubles {
    /// The two can't reach each other.
    pub unreachable: bool,
    /// A sync never ends.
    pub endless: bool,
    /// Each shows the other's role.
    pub swapped: bool,
    /// The pre-shared keys are not the same.
    pub keys_differ: bool,
    /// Nothing comes of establishing it.
    pub comes_to_nothing: bool,
}

impl Troubles {
    /// Those that are ordered.
    pub fn of(faults: &Faults) -> Self {
        Troubles {
            unreachable: faults.armed(Fault::PartnerUnreachable),
            endless: faults.armed(Fault::SyncNeverEnds),
            swapped: faults.armed(Fault::RoleSurprise),
            keys_differ: faults.armed(Fault::KeyDiffers),
            comes_to_nothing: faults.armed(Fault::EstablishVanishes),
        }
    }
}

/// Why a press does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PressRefused {
    /// The other one can't be reached.
    Unreachable,
    /// The pre-shared keys are not the same.
    KeyDiffers,
    /// The role has no such button.
    NotNow,
}

/// Something that was pressed, or that came to an end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PairEvent {
    /// When.
    pub at: Timestamp,
    /// On which of the two.
    pub on: PairSide,
    /// What.
    pub what: &'static str,
}

/// What is so between the two.
#[derive(Debug, Serialize)]
pub struct Relation {
    members: [Member; 2],
    #[serde(skip)]
    sync: Duration,
    /// For how long both call themselves backup.
    #[serde(skip)]
    settles: Duration,
    #[serde(skip)]
    settled: Option<Duration>,
    /// Who becomes primary when the sync under way is over.
    becomes_primary: Option<PairSide>,
    /// How often the shared address was enabled on both at once.
    both_enabled: usize,
    events: Vec<PairEvent>,
}

#[derive(Debug, Serialize)]
struct Member {
    role: FailoverRole,
    #[serde(skip)]
    key: String,
    shared_ip: bool,
    /// When it last pulled a sync to its end.
    pulled: Option<Timestamp>,
    #[serde(skip)]
    pulling: Option<Duration>,
    first_due: Option<Timestamp>,
}

impl Relation {
    /// A pair in a relationship, A primary, B backup, synced a while ago. A
    /// sync takes `sync`; roles are clear after `settles`.
    pub fn new(sync: Duration, settles: Duration, now: Timestamp) -> Self {
        let member = |role, pulled| Member {
            role,
            key: PAIR_KEY.to_owned(),
            shared_ip: role == FailoverRole::Primary,
            pulled,
            pulling: None,
            first_due: None,
        };
        let pulled = now.plus_secs(-SYNCED_SECS_AGO);
        Relation {
            members: [member(FailoverRole::Primary, None), member(FailoverRole::Backup, Some(pulled))],
            sync,
            settles,
            settled: None,
            becomes_primary: None,
            both_enabled: 0,
            events: Vec::new(),
        }
    }

    /// What each is, whatever it shows.
    pub fn roles(&self) -> [FailoverRole; 2] {
        PairSide::BOTH.map(|side| self.members[side.index()].role)
    }

    /// Sets the roles, as somebody else might.
    pub fn set_roles(&mut self, roles: [FailoverRole; 2]) {
        self.members.iter_mut().zip(roles).for_each(|(member, role)| member.role = role);
    }

    /// What `side` calls itself.
    pub fn role(&self, side: PairSide, now: Now, troubles: Troubles) -> FailoverRole {
        let shown = if troubles.swapped { side.other() } else { side };
        let role = self.members[shown.index()].role;
        let settling = self.settled.is_some_and(|until| now.running < until) || self.becomes_primary.is_some();
        if settling && role != FailoverRole::None { FailoverRole::Backup } else { role }
    }

    /// Whether `side` pulls a sync now.
    pub fn is_pulling(&self, side: PairSide) -> bool {
        self.members[side.index()].pulling.is_some()
    }

    /// When `side` last pulled a sync to its end.
    pub fn pulled(&self, side: PairSide) -> Option<Timestamp> {
        self.members[side.index()].pulled
    }

    /// Whether the shared address is enabled on `side`.
    pub fn has_shared_ip(&self, side: PairSide) -> bool {
        self.members[side.index()].shared_ip
    }

    /// How often the shared address was enabled on both.
    pub fn both_enabled(&self) -> usize {
        self.both_enabled
    }

    /// What happened.
    pub fn events(&self) -> &[PairEvent] {
        &self.events
    }

    fn note(&mut self, at: Timestamp, on: PairSide, what: &'static str) {
        self.events.push(PairEvent { at, on, what });
    }

    /// Brings it to where it is by now.
    pub fn catch_up(&mut self, now: Now, troubles: Troubles) {
        for side in PairSide::BOTH {
            let member = &mut self.members[side.index()];
            // By the clock, so that whoever sets it forward has it
            // at once. The sync itself takes its time all the same.
            if member.first_due.is_some_and(|due| due <= now.clock) && !troubles.unreachable {
                member.first_due = None;
                member.pulling.get_or_insert(now.running);
            }
            let over = member.pulling.map(|since| since + self.sync).filter(|over| *over <= now.running);
            if let Some(over) = over.filter(|_| !troubles.endless) {
                let at = now.clock_at(over);
                (member.pulling, member.pulled) = (None, Some(at));
                self.note(at, side, "synced");
                if let Some(primary) = self.becomes_primary.take() {
                    self.swap_to(primary, at);
                }
            }
        }
    }

    fn swap_to(&mut self, primary: PairSide, at: Timestamp) {
        self.members[primary.index()].role = FailoverRole::Primary;
        self.members[primary.other().index()].role = FailoverRole::Backup;
        self.note(at, primary, "became-primary");
    }

    /// Starts a sync, which only the backup can.
    ///
    /// # Errors
    /// [`PressRefused`]; nothing has changed then.
    pub fn sync_now(&mut self, side: PairSide, now: Now, troubles: Troubles) -> Result<(), PressRefused> {
        if self.members[side.index()].role != FailoverRole::Backup {
            return Err(PressRefused::NotNow);
        }
        if troubles.unreachable {
            return Err(PressRefused::Unreachable);
        }
        let member = &mut self.members[side.index()];
        member.first_due = None;
        member.pulling.get_or_insert(now.running);
        self.note(now.clock, side, "sync-pressed");
        Ok(())
    }

    /// Gives `side` the role, with a sync first where that is asked for.
    ///
    /// # Errors
    /// [`PressRefused`]; nothing has changed then.
    pub fn become_role(
        &mut self,
        side: PairSide,
        role: FailoverRole,
        sync_first: bool,
        now: Now,
        troubles: Troubles,
    ) -> Result<(), PressRefused> {
        if self.members[side.index()].role == FailoverRole::None {
            return Err(PressRefused::NotNow);
        }
        let primary = if role == FailoverRole::Primary { side } else { side.other() };
        let backup = PairSide::BOTH.into_iter().find(|side| self.members[side.index()].role == FailoverRole::Backup);
        match backup.filter(|_| sync_first) {
            Some(_) if troubles.unreachable => return Err(PressRefused::Unreachable),
            Some(backup) => {
                self.members[backup.index()].pulling.get_or_insert(now.running);
                self.becomes_primary = Some(primary);
            }
            None => {
                self.settled = Some(now.running + self.settles);
                self.swap_to(primary, now.clock);
            }
        }
        Ok(())
    }

    /// Ends the relationship; at the partner too, where it can be reached.
    pub fn break_up(&mut self, side: PairSide, now: Now, troubles: Troubles) {
        let also = (!troubles.unreachable).then_some(side.other());
        for gone in std::iter::once(side).chain(also) {
            let member = &mut self.members[gone.index()];
            (member.role, member.pulling, member.first_due) = (FailoverRole::None, None, None);
        }
        self.becomes_primary = None;
        self.note(now.clock, side, "broken");
    }

    /// Establishes it, with `side` as primary.
    ///
    /// # Errors
    /// [`PressRefused`]; nothing has changed then.
    pub fn establish(&mut self, side: PairSide, now: Now, troubles: Troubles) -> Result<(), PressRefused> {
        // Who is in a relationship has no form to set one up.
        if self.members[side.index()].role != FailoverRole::None {
            return Err(PressRefused::NotNow);
        }
        if troubles.unreachable {
            return Err(PressRefused::Unreachable);
        }
        if troubles.keys_differ || self.members[0].key != self.members[1].key {
            return Err(PressRefused::KeyDiffers);
        }
        if self.members.iter().any(|member| member.role != FailoverRole::None) {
            return Err(PressRefused::NotNow);
        }
        if troubles.comes_to_nothing {
            return Ok(());
        }
        self.members[side.index()].role = FailoverRole::Primary;
        let backup = &mut self.members[side.other().index()];
        backup.role = FailoverRole::Backup;
        backup.first_due = Some(now.clock.plus_secs(FIRST_SYNC_SECS));
        self.settled = Some(now.running + self.settles);
        self.note(now.clock, side, "established");
        Ok(())
    }

    /// Enables or disables the shared address on `side`.
    pub fn set_shared_ip(&mut self, side: PairSide, enabled: bool, now: Now) {
        self.members[side.index()].shared_ip = enabled;
        // Two machines with one address are what a switch must never make, so it is counted, however short it was.
        if self.members.iter().all(|member| member.shared_ip) {
            self.both_enabled += 1;
        }
        self.note(now.clock, side, if enabled { "shared-ip-enabled" } else { "shared-ip-disabled" });
    }

    /// Enables or disables it on both, as somebody else might.
    pub fn set_shared_ips(&mut self, enabled: [bool; 2]) {
        self.members.iter_mut().zip(enabled).for_each(|(member, enabled)| member.shared_ip = enabled);
    }

    /// Types another key on `side`.
    pub fn set_key(&mut self, side: PairSide, key: &str, now: Now) {
        key.clone_into(&mut self.members[side.index()].key);
        self.note(now.clock, side, "key-set");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: u64) -> Now {
        let clock = Timestamp::from_unix(1_700_000_000 + secs as i64).expect("in range");
        Now { clock, running: Duration::from_secs(secs) }
    }

    fn pair() -> Relation {
        Relation::new(Duration::from_secs(10), Duration::from_secs(5), at(0).clock)
    }

    #[test]
    fn a_sync_takes_its_time_and_only_the_backup_pulls() {
        let (mut pair, calm) = (pair(), Troubles::default());
        assert_eq!(pair.sync_now(PairSide::A, at(0), calm), Err(PressRefused::NotNow));
        let endless = Troubles { endless: true, ..calm };
        let before = pair.pulled(PairSide::B);
        pair.sync_now(PairSide::B, at(0), endless).expect("begun");
        pair.catch_up(at(11), endless);
        assert!(pair.is_pulling(PairSide::B) && pair.pulled(PairSide::B) == before);
        pair.catch_up(at(12), calm);
        assert_eq!(pair.pulled(PairSide::B), Some(at(10).clock), "however late somebody looks");
    }

    #[test]
    fn a_relationship_is_broken_and_established_only_with_equal_keys() {
        let (mut pair, calm) = (pair(), Troubles::default());
        let roles = |pair: &Relation, now| PairSide::BOTH.map(|side| pair.role(side, now, calm));
        assert_eq!(pair.establish(PairSide::A, at(0), calm), Err(PressRefused::NotNow));
        pair.break_up(PairSide::B, at(1), calm);
        assert_eq!(roles(&pair, at(1)), [FailoverRole::None; 2]);
        pair.set_key(PairSide::B, "other", at(1));
        assert_eq!(pair.establish(PairSide::B, at(2), calm), Err(PressRefused::KeyDiffers));
        pair.set_key(PairSide::B, PAIR_KEY, at(2));
        pair.establish(PairSide::B, at(3), calm).expect("established");
        assert_eq!(roles(&pair, at(7)), [FailoverRole::Backup; 2], "for a moment both are");
        assert_eq!(roles(&pair, at(8)), [FailoverRole::Backup, FailoverRole::Primary]);
        pair.catch_up(at(62), calm);
        assert!(!pair.is_pulling(PairSide::A));
        pair.catch_up(at(63), calm);
        assert!(pair.is_pulling(PairSide::A), "the first sync comes by itself");
    }
}
