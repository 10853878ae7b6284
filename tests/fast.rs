//! Tests that need neither a lab nor root: the rooms from outside, the programs
//! at a prompt, stock tools, golden files, and the house itself.

mod bundle;
mod cli;
mod context;
mod docs;
mod event_log;
mod guide;
mod house;
#[cfg(all(feature = "lab", target_os = "linux"))]
mod journals;
mod kit;
mod media;
mod messages;
mod store;
#[allow(dead_code, reason = "each test program uses a part of it")]
mod support;
mod trust;
mod trust_updates;
mod web;
