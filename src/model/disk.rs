//! What a disk's or medium's refusal means for how a run ends: said once, for
//! every room that writes files.

use super::Exit;
use std::io::{self, ErrorKind};

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
pub const PERMISSION_HINT: &str = "run it as the account that may, or have whoever owns it open it: chmod u=rwX,go=rX";

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
        _ => "look at what the system says of this disk (dmesg), then run the same command again",
    };
    Some(hint.to_owned())
}

/// Whether the device itself failed: EIO (Linux, macOS), ENODEV and ENXIO
/// (pulled), ENOTCONN (a FUSE filesystem that died); on Windows CRC error,
/// device not ready, no media, device not connected.
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
        matches!(code, Some(21 | 23 | 1110 | 1112 | 1117 | 1167))
    }
}
