//! An appliance that isn't one, the pair it may be of and the site on it: as
//! state, without I/O. The time is an argument, and everything that goes wrong
//! does so by name ([`Fault`]).
//!
//! It has two faces. `Simulated`, below, is worked by the engine like any
//! driver's appliance: a rehearsal does that, and nothing is sent anywhere. The
//! lab puts pages, sessions and a network before the same state. The core knows
//! neither, and nothing of drivers: only `face` does.

mod activity;
mod certificates;
mod clients;
mod clock;
mod face;
mod fault;
mod faults;
mod machine;
mod now;
mod relation;
mod software;

pub use activity::{Activity, Times};
pub use certificates::{Certificate, Certificates};
pub use clients::Clients;
pub use clock::VirtualClock;
#[cfg(test)]
pub use face::settings_of;
pub use face::{Simulated, SimulatedHistory, SimulatedPair, SimulatedSite};
pub use fault::{Befalls, Face, Fault};
pub use faults::{Faults, Moment};
pub use machine::Machine;
pub use now::Now;
pub use relation::{PairSide, PressRefused, Relation, Troubles};
pub use software::{PackageRefusal, Software, Taken};
