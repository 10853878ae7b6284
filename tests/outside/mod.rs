//! The outside half through its real binary: codes against the lab's vendor
//! and against a hostile one, the vault, bundles held against stock tools,
//! receipts.

mod codes;
mod copies;
mod custody;
mod elsewhere;
mod fetch;
mod half;
mod hostile;
mod imports;
mod laundering;
mod marks;
mod notes;
mod patience;
mod proxied;
mod receipts;
mod releases;
mod repair;
mod seal;
mod speakers;
mod sticks;
mod transfers;
mod trip;
pub mod vendor;
mod vendors;
