//! handcarry carries an appliance's updates into a restricted network and
//! proves what became of them.
//!
//! The [`outside`] half works where the internet is: it exchanges the
//! appliance's download code for packages, keeps them in a vault (a download
//! is one-time, so it is custody), and signs a bundle onto removable media.
//! The [`inside`] half works where the appliance is: it asks for the code,
//! verifies the bundle, plans, backs up, installs in order, waits, and writes
//! a receipt that goes back out.
//!
//! Modules in reading order; each may use only those above it
//! (`tests/layers.rs` proves it).

// What both halves share.
pub mod model;

pub mod console;
pub mod media;
pub mod trust;
pub mod web;

pub mod bundle;
pub mod journal;
pub mod plan;

pub mod cli;
pub mod repair;
pub mod report;

// Appliances: which there are, how each kind is worked, one in memory, a run over one.
pub mod inventory;

pub mod driver;

pub mod simulator;

pub mod engine;

#[cfg(feature = "lab")]
pub mod lab;

// The verbs.
pub mod inside;
pub mod outside;
