//! What a disk's or medium's refusal means for how a run ends: said once, for
//! every room that writes files.

use super::{Exit, ShowPath};
use std::io::{self, ErrorKind};
use std::path::Path;

/// The exit of a run that ends because a disk or medium refused; `None` where
/// the error says nothing about it.
pub fn disk_exit(error: &io::Error) -> Option<Exit> {
    match error.kind() {
        // A file that is too large for FAT (4 GiB) is told like a full medium: smaller volumes help with both.
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Some(Exit::NoSpace),
        ErrorKind::PermissionDenied => Some(Exit::NoPermission),
        ErrorKind::ReadOnlyFilesystem => Some(Exit::ReadOnly),
        // Errors that no table knows say nothing of the medium, and the run ends with the exit code of its own error.
        _ => is_device_fault(error).then_some(Exit::MediaFault),
    }
}

/// What to do where an account may not read or write.
pub const PERMISSION_HINT: &str = if cfg!(windows) {
    "run it as the account that may, or have whoever owns it let you: icacls PATH /grant ACCOUNT:R"
} else {
    "run it as the account that may, or have whoever owns it open it: chmod u=rwX,go=rX"
};

/// The command that closes a file to others than its owner.
pub fn close_command(path: &Path) -> String {
    match cfg!(windows) {
        // By number, since groups and accounts have names of each language: what a file's owner is allowed.
        true => format!("icacls {} /inheritance:r /grant:r *S-1-3-4:F", path.quoted()),
        false => format!("chmod 600 {}", path.quoted()),
    }
}

/// What to do about it, where a medium refused.
pub fn medium_hint(error: &io::Error) -> &'static str {
    match disk_exit(error) {
        Some(Exit::NoSpace) => "free some space on the medium, use a larger one, or write in smaller volumes",
        Some(Exit::ReadOnly) => "slide the medium's write-protect switch off, or mount it for writing",
        Some(Exit::NoPermission) => PERMISSION_HINT,
        _ => "check that the medium is plugged in firmly; if it fails again, use another one",
    }
}

/// What to do about it, where this machine's own disk refused; `None` as above.
pub fn disk_hint(error: &io::Error) -> Option<String> {
    let hint = match disk_exit(error)? {
        Exit::NoSpace => "make room on this disk and run the same command again",
        Exit::ReadOnly => "mount the disk for writing and run the same command again",
        Exit::NoPermission => PERMISSION_HINT,
        _ if cfg!(windows) => "have Windows check this disk (chkdsk), then run the same command again",
        _ => "look at what the system says of this disk (dmesg), then run the same command again",
    };
    Some(hint.to_owned())
}

/// Whether the device itself failed: EIO (Linux, macOS), ENODEV and ENXIO
/// (pulled), ENOTCONN (a FUSE filesystem that died); on Windows not ready, CRC,
/// sector not found, write and read fault, general failure, device gone,
/// volume altered outside, media changed or gone, I/O error, not connected.
pub fn is_device_fault(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let faults = [Errno::IO, Errno::NODEV, Errno::NXIO, Errno::NOTCONN];
        code.is_some_and(|code| faults.iter().any(|fault| fault.raw_os_error() == code))
    }
    #[cfg(not(unix))]
    {
        matches!(code, Some(21 | 23 | 27 | 29 | 30 | 31 | 55 | 433 | 1006 | 1110 | 1112 | 1117 | 1167))
    }
}
