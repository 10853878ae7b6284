//! What differs between operating systems: the same functions for Unix and for
//! Windows, of which one set is built, and what is judged of Windows' answers
//! without asking it anything.

#[cfg(any(windows, test))]
mod acl;
#[cfg(any(windows, test))]
mod names;
#[cfg(any(windows, test))]
mod sectors;
#[cfg(target_os = "linux")]
mod serial;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::*;
#[cfg(windows)]
pub use windows::*;

use super::Bypass;

/// Largest file of a filesystem, in bytes; `None` where it is larger than any
/// bundle or not known.
pub(super) fn largest_file(filesystem: &str) -> Option<u64> {
    // FAT keeps a file's size in 32 bits. The first two names are Linux's, the others those of Windows.
    ["vfat", "msdos", "FAT", "FAT12", "FAT16", "FAT32"].contains(&filesystem).then_some(u64::from(u32::MAX))
}

#[allow(dead_code, reason = "a system that always bypasses would not use it")]
fn cached(why: &str) -> Bypass {
    Bypass::Cached { why: why.to_owned() }
}
