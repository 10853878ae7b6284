//! The house itself: where imports point, that every test is run, and that no
//! figure gets worse.

mod forgotten;
mod layers;
mod measured;
