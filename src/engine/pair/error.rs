//! How a pair's run can end other than well, each with the way back.

use crate::model::{Exit, Explain, FailoverRole, Hint, duration_human};

/// Why a pair's run stopped.
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The journals speak of another pair run that is not over.
    #[error("{name} is in a pair run that is not over: {open}")]
    OtherRun {
        /// The appliance's name.
        name: String,
        /// That run, in a few words.
        open: String,
        /// The command that goes on with it.
        again: String,
    },
    /// A data sync did not end.
    #[error("the data sync to {name} has not ended after {}: {seen}", duration_human(*waited_secs))]
    SyncUnfinished {
        /// The appliance that pulls it.
        name: String,
        /// How long it was waited for, in seconds.
        waited_secs: i64,
        /// What was seen last.
        seen: String,
        /// Whether the relationship still stands.
        together: bool,
        /// The command that goes on.
        again: String,
    },
    /// An appliance shows another role than a step needs.
    #[error("{name} should be {wanted} by now, and is {found}")]
    Role {
        /// The appliance's name.
        name: String,
        /// What the step needs.
        wanted: FailoverRole,
        /// What it shows.
        found: FailoverRole,
        /// The command that goes on.
        again: String,
    },
    /// The two do not show the same version and build.
    #[error("the relationship can't be established: {a} shows {a_has}, {b} shows {b_has}")]
    Software {
        /// One appliance's name.
        a: String,
        /// What it shows.
        a_has: String,
        /// The other's name.
        b: String,
        /// What it shows.
        b_has: String,
        /// The command that goes on.
        again: String,
    },
    /// The pre-shared keys are not the same.
    #[error("{name} refused the relationship, because the pre-shared keys are not the same: {said}")]
    Key {
        /// The appliance that was to be primary.
        name: String,
        /// What it said.
        said: String,
        /// The command that goes on.
        again: String,
    },
    /// The two can't reach each other.
    #[error("{name} can't reach its partner: {said}")]
    Partner {
        /// The appliance that tried.
        name: String,
        /// What it said.
        said: String,
        /// What is so now.
        state: String,
        /// The command that goes on.
        again: String,
    },
    /// The shared address is enabled nowhere.
    #[error(
        "the site is not reachable: the shared IP address is disabled on {from} and could not be enabled on {to}: {why}"
    )]
    SwitchHalf {
        /// Where it was disabled.
        from: String,
        /// Where it should be enabled.
        to: String,
        /// Why it is not.
        why: String,
        /// The command that goes on.
        again: String,
    },
}

impl Explain for PairError {
    fn hint(&self) -> Option<Hint> {
        let hint: String = match self {
            PairError::OtherRun { again, .. } => {
                format!("what was begun with one order is not ended with another; go on with that one first: {again}")
            }
            PairError::SyncUnfinished { together: true, again, .. } => format!(
                "nothing was broken or installed, and the pair works as before; look at /login > Management > Failover \
                 on both; this looks first, too: {again}"
            ),
            PairError::SyncUnfinished { again, .. } => format!(
                "the relationship is established, and the first data sync may go on by itself for hours; \
                 look at /login > Management > Failover; this looks first, too: {again}"
            ),
            PairError::Role { again, .. } => format!(
                "look at /login > Management > Failover on both; set the roles right there, or break the relationship \
                 where this run has broken it; then this, which looks first: {again}"
            ),
            PairError::Software { again, .. } => format!(
                "install on one what the other has, or ask vendor support why the builds differ; until then each stands \
                 alone and there is no failover; then: {again}"
            ),
            PairError::Key { again, .. } => format!(
                "compare it on both under /login > Management > Security, at the bottom of the options, set it anew where \
                 it differs, and write it nowhere; then: {again}"
            ),
            PairError::Partner { state, again, .. } => format!(
                "{state}; check host name, TLS port and firewall in both directions (--reach-a, --reach-b), then: {again}"
            ),
            PairError::SwitchHalf { from, to, again, .. } => format!(
                "enable it by hand NOW under /appliance > Networking > IP Configuration: on {to} to go on, \
                 or on {from} to go back; then this, which looks first: {again}"
            ),
        };
        Some(hint.into())
    }

    fn exit(&self) -> Exit {
        match self {
            PairError::OtherRun { .. } => Exit::PairOpen,
            PairError::SyncUnfinished { .. } => Exit::SyncUnfinished,
            PairError::Role { .. } => Exit::RoleUnexpected,
            PairError::Software { .. } | PairError::Key { .. } => Exit::PairDiffers,
            PairError::Partner { .. } => Exit::PartnerUnreachable,
            PairError::SwitchHalf { .. } => Exit::SwitchHalf,
        }
    }
}
