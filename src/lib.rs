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

pub mod model;

pub mod console;
pub mod media;
pub mod trust;
pub mod web;

pub mod bundle;
pub mod journal;
pub mod plan;

pub mod desk;
pub mod repair;
pub mod report;

#[cfg(feature = "lab")]
pub mod lab;

pub mod inside;
pub mod outside;

/// The programs' allocator. glibc's lays a TLS record's plaintext just behind
/// the record it is copied from, where some processors copy thirty times
/// slower ("page aliasing" of `rep movsb`); this one lays blocks apart.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
