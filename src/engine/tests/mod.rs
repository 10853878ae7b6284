//! The engine on an appliance in memory: stories, kills at every record, and
//! properties of the whole.

/// Tells the questions of a pattern from others.
macro_rules! asks {
    ($pattern:pat $(if $guard:expr)?) => {
        |question: &dyn crate::console::Question| matches!(question.of(), Some($pattern) $(if $guard)?)
    };
}

mod backups;
mod beliefs;
mod certificates;
mod journals;
mod killed;
mod migrate;
mod migrate_backups;
mod migrate_world;
mod pair;
mod pair_addresses;
mod pair_clients;
mod pair_compare;
mod pair_offers;
mod pair_world;
mod reported;
mod role;
mod stories;
mod update;
mod wait;
mod world;

use world::Said;
pub(super) use world::{open, rules};
