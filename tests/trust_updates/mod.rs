//! Trust across people and over time, through the binaries, with signatures
//! made by the real ssh-keygen.

mod drafts;
mod namespaces;
mod people;
mod roles;
mod rotation;
mod updates;
