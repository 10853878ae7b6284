//! How a pair's run can end other than well, each with the way back.

use crate::model::{AGAIN, FailoverRole, duration_human, explained};
use macro_rules_attribute::apply;

/// Why a pair's run stopped.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum PairError {
    /// The journals speak of another pair run that is not over.
    #[error("{name} is in a pair run that is not over: {open}")]
    #[hint("what was begun with one order is not ended with another; go on with that one first: {command}")]
    #[exit(PairOpen)]
    OtherRun {
        /// The appliance's name.
        name: String,
        /// That run, in a few words.
        open: String,
        /// The command that began it.
        command: String,
    },
    /// A data sync did not end.
    #[error("the data sync to {name} has not ended after {}: {seen}", duration_human(*waited_secs))]
    #[hint(match together {
        true => format!(
            "nothing was broken or installed, and the pair works as before; look at /login > Management > Failover on \
             both; this looks first, too: {AGAIN}"
        ),
        false => format!(
            "the relationship is established, and the first data sync may go on by itself for hours; look at /login > \
             Management > Failover; this looks first, too: {AGAIN}"
        ),
    })]
    #[exit(SyncUnfinished)]
    SyncUnfinished {
        /// The appliance that pulls it.
        name: String,
        /// How long it was waited for, in seconds.
        waited_secs: i64,
        /// What was seen last.
        seen: String,
        /// Whether the relationship still stands.
        together: bool,
    },
    /// An appliance shows another role than a step needs.
    #[error("{name} should be {wanted} by now, and is {found}")]
    #[hint(
        "look at /login > Management > Failover on both; set the roles right there, or break the relationship where \
         this run has broken it; then this, which looks first: {AGAIN}"
    )]
    #[exit(RoleUnexpected)]
    Role {
        /// The appliance's name.
        name: String,
        /// What the step needs.
        wanted: FailoverRole,
        /// What it shows.
        found: FailoverRole,
    },
    /// The two do not show the same version and build.
    #[error("the relationship can't be established: {a} shows {a_has}, {b} shows {b_has}")]
    #[hint(
        "install on one what the other has, or ask vendor support why the builds differ; until then each stands alone \
         and there is no failover; then: {AGAIN}"
    )]
    #[exit(PairDiffers)]
    Software {
        /// One appliance's name.
        a: String,
        /// What it shows.
        a_has: String,
        /// The other's name.
        b: String,
        /// What it shows.
        b_has: String,
    },
    /// The pre-shared keys are not the same.
    #[error("{name} refused the relationship, because the pre-shared keys are not the same: {said}")]
    #[hint(
        "compare it on both under /login > Management > Security, at the bottom of the options, set it anew where it \
         differs, and write it nowhere; then: {AGAIN}"
    )]
    #[exit(PairDiffers)]
    Key {
        /// The appliance that was to be primary.
        name: String,
        /// What it said.
        said: String,
    },
    /// The two can't reach each other.
    #[error("{name} can't reach its partner: {said}")]
    #[hint("{state}; check host name, TLS port and firewall in both directions (--reach-a, --reach-b), then: {AGAIN}")]
    #[exit(PartnerUnreachable)]
    Partner {
        /// The appliance that tried.
        name: String,
        /// What it said.
        said: String,
        /// What is so now.
        state: String,
    },
    /// The shared address is enabled nowhere.
    #[error(
        "the site is not reachable: the shared IP address is disabled on {from} and could not be enabled on {to}: {why}"
    )]
    #[hint(
        "enable it by hand NOW under /appliance > Networking > IP Configuration: on {to} to go on, or on {from} to go \
         back; then this, which looks first: {AGAIN}"
    )]
    #[exit(SwitchHalf)]
    SwitchHalf {
        /// Where it was disabled.
        from: String,
        /// Where it should be enabled.
        to: String,
        /// Why it is not.
        why: String,
    },
}
