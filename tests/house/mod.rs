//! The house itself: where imports point, and that every test is run.

mod forgotten;
mod layers;
