//! Attacks, each by its name, through the real programs against the lab:
//! exit code, message, hint, and what is left at desk and appliance.
//!
//! TABLE.md maps the cases of others' test suites to these and to other tests.

mod changing;
mod clocks;
mod freshness;
mod links;
mod overrides;
mod several;
mod sticks;
mod table;
mod target;
mod trips;
