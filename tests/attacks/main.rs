//! Attacks, each by its name, through the real programs against the lab:
//! exit code, message, hint, and what is left at desk and appliance.
//!
//! TABLE.md maps the cases of others' test suites to these and to other tests.
#![cfg(all(feature = "lab", unix))]

mod changing;
mod clocks;
#[path = "../shared/faketime.rs"]
mod faketime;
mod freshness;
#[path = "../shared/functions.rs"]
#[allow(dead_code, reason = "each table uses a part of it")]
mod functions;
mod kit;
mod links;
mod overrides;
mod several;
mod sticks;
mod table;
