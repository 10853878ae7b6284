//! The house itself: where imports point, that every test is run, which
//! compiler it asks for, and that no figure gets worse.

mod compiler;
mod forgotten;
mod layers;
mod measured;
mod phrases;
