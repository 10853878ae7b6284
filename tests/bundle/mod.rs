//! The bundle room from outside: round trips, hostile bytes, stock tools.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place named, which is what it is for")]

mod kit;
mod mutated;
mod program;
mod recipe;
mod recovery;
mod reject;
mod round_trip;
mod stock_tools;
mod told;
mod trip;
mod zip64;
