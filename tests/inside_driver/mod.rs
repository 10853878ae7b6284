//! The inside's way to an appliance: enrolled, probed, asked and driven, against the lab.

mod api;
mod driven;
mod enrolling;
mod faces;
mod probing;
mod requesting;
mod steps;
