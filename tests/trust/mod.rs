//! Trust, against OpenSSH itself: whatever is made here holds there, and the
//! other way round. The stock tools must be there; nothing is skipped.

mod agent;
mod agreement;
mod approval;
mod fixtures;
mod hardware;
mod hsm;
mod keys;
mod signatures;
mod spoilt;
mod stock;
mod token;
