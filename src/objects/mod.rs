//! Bytes that are named by their SHA-256, each once: what the outside's vault
//! keeps packages in, and the inside's store.
//!
//! Below a folder of either lies `sha256/ab/<hex>`. A name is given only to
//! bytes that were digested whole on their way there and that are on the
//! device; what lies under a name is read with suspicion all the same: a disk
//! changes bytes as a stick does.

mod digester;
mod place;

pub use digester::{BackgroundDigester, Digester, Digests};
pub use place::{Object, Objects, PIECE_BYTES, digest, pour};
