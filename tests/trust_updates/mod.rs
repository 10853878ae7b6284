//! Trust across people and over time, through the binaries, with signatures
//! made by the real ssh-keygen.

mod bench;
mod drafts;
mod namespaces;
mod rotation;
mod updates;
