//! The words both halves share. No I/O but the clock and the operating
//! system's randomness, both in one function each; no threads but those that
//! share work on all cores.
//!
//! It knows digests, safe names, versions, packages, the manifest, the papers
//! (request and receipt), an appliance's status, exit codes and what an error
//! owes its reader. It does not know files, networks, keys or pages.

pub mod clock;
mod code;
mod cores;
mod digest;
mod disk;
mod documents;
mod exit;
mod explain;
mod failover;
mod failure;
mod hint;
mod id;
mod kind;
mod local_time;
mod manifest;
mod menu;
mod meter;
mod name;
mod offer;
mod package;
mod package_key;
mod package_ref;
mod secret;
mod shell;
mod status;
pub mod text;
mod time;
mod timestamp;
mod title_names;
mod version;

pub use code::{CODE_ALPHABET, DownloadCode, MAX_CODE_BYTES};
pub use cores::{cores, map_on_all_cores, on_all_cores};
pub use digest::{Sha256Digest, update_both, update_two};
pub use disk::{PERMISSION_HINT, close_command, disk_exit, disk_hint, is_device_fault, medium_hint};
pub use documents::{DEFAULT_VENDOR, Evidence, JournalHead, MAX_LINKS, Outcome, PackageResult, Receipt, Request};
pub use exit::Exit;
pub use explain::Explain;
pub(crate) use explain::{IntoHint, explained};
pub use failover::{Failover, FailoverRole};
pub use failure::Failure;
pub use hint::{AGAIN, Again, Hint};
pub use id::Id;
pub use kind::Kind;
pub use local_time::{
    DAYS, local_brief, local_clock, local_hours, local_minute, local_time, local_time_in, time_meant,
};
pub use manifest::{
    ApplianceId, CHUNK_BYTES, Consignee, Consignment, Manifest, Package, RequestRef, Source, fold_serial, shared_source,
};
pub use menu::{Menus, PageWords, pages_are_in};
pub use meter::Meter;
pub use name::{FileName, MAX_NAME_BYTES};
pub use offer::Offer;
pub use package::{PackageKind, Requirement, base_beside, brought, changes_base};
pub use package_key::PackageKey;
pub use package_ref::PackageRef;
pub use secret::Secret;
pub use shell::{ShowPath, shell_word};
pub use status::{Installed, Status};
pub use time::{HostTime, Time};
pub use timestamp::{Timestamp, duration_human, parse_duration};
pub use title_names::TitleNames;
pub use version::{MAX_VERSION_BYTES, Version};
