//! handcarry carries an appliance's updates into a restricted network and
//! proves what became of them.
//!
//! The outside half works where the internet is: it exchanges the appliance's
//! download code for packages, keeps them in a vault (a download is one-time,
//! so it is custody), and signs a bundle onto removable media. The inside half
//! works where the appliance is: it asks for the code, verifies the bundle,
//! plans, backs up, installs in order, waits, and writes a receipt that goes
//! back out.
//!
//! The interfaces of this package are its two programs. The library is theirs,
//! and what its tests, benches and fuzz targets take hold of ([`testing`]).
//! A bundle is opened as its specification numbers it, and nothing of it is
//! believed before its signature holds:
//!
//! ```
//! use handcarry::testing::bundle::{self, Expect};
//! use handcarry::testing::model::Timestamp;
//! use handcarry::testing::trust::{AllowedSigners, TrustPolicy, TrustStore};
//! use std::path::Path;
//!
//! let fixtures = Path::new("fixtures/bundle");
//! let signers = std::fs::read_to_string(fixtures.join("allowed_signers"))?;
//! let trust = TrustStore {
//!     signers: AllowedSigners::parse(&signers)?,
//!     policy: TrustPolicy { threshold: 1, ..TrustPolicy::default() },
//! };
//!
//! let volumes = bundle::locate(&fixtures.join("accept/plain"))?;
//! let now = Timestamp::parse("2026-03-05T00:00:00Z").expect("a time");
//! let opened = bundle::open(volumes, &trust, &Expect::anything(now))?;
//! // Every chunk of every package has its signed digest.
//! opened.verify_packages(&())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The modules stand in reading order; each may use only those above it, as
//! the table of `tests/house/layers.rs` says and proves.

#![cfg_attr(not(windows), forbid(unsafe_code))]

// Words both halves share: digests, versions, packages, exit codes, time; no I/O.
mod model;

// In which language a person is spoken to; phrase books.
mod language;
// The person at the keyboard: questions, answers, progress, events.
mod console;
// Sticks and files: room, durable writes, reading back past the cache.
mod media;
// Bytes named by their digest: what vault and store keep packages in.
mod objects;
// Who signed, and whether that is enough.
mod trust;
// HTTPS, pages and forms, found by their labels; knows no appliance.
mod web;

// What is carried; its front page numbers the format.
mod bundle;
// Where the inside keeps bundles, each package once, so that the stick may go.
mod store;
// Chained logs that only grow.
mod journal;
// The event log: what touched trust and custody here, for auditors and syslog.
mod events;
// What is done, in what order and when; pure.
mod plan;

// What a run of either program has: home, keys, console, clock.
mod cli;
// The verb both halves have: a bundle is made whole again.
mod repair;
// handcarry itself, as it is carried: the packages of a version, and who signed them.
mod kit;
// Plans, journals and checklists, told to people and to programs.
mod report;

// Which appliances there are, and who each of them is.
mod inventory;
// How each kind of appliance is worked: one trait.
mod driver;
// The appliance that isn't one, without I/O: for rehearsals and for the lab.
#[cfg_attr(
    not(feature = "lab"),
    allow(dead_code, unused_imports, reason = "what only the lab's face uses is there without the lab as well")
)]
mod simulator;
// Follows a plan: is it done, gate, record, perform, record.
mod engine;

// The simulator behind pages, and the vendor's, on loopback.
#[cfg(feature = "lab")]
mod lab;

// Verbs: stick, plan, appliance.
mod inside;
// Verbs: code, packages, stick.
mod outside;

#[doc(hidden)]
pub mod testing;

pub use inside::run as inside;
pub use outside::run as outside;
