//! How a filesystem is mounted, as Linux tells it in `/proc/self/mountinfo`,
//! and Windows of a volume.

use super::sys;
use std::path::{Path, PathBuf};

/// Where and how the filesystem of a path is mounted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder it is mounted at.
    pub point: PathBuf,
    /// What is mounted, mostly a device: `/dev/sdb1`, `\\?\Volume{…}\`.
    pub source: String,
    /// The filesystem's name as it was mounted by: `vfat`, `fuseblk`, `FAT32`.
    pub kind: String,
    /// The options of the mount and of the filesystem, each once.
    pub options: Vec<String>,
}

impl Mount {
    /// The mount that `path` lies in; `None` where the system does not tell.
    pub(super) fn of(path: &Path) -> Option<Mount> {
        sys::mount_of(path)
    }

    /// Whether a folder is where it is mounted; `None` where that can't be told.
    pub(super) fn is_at(&self, folder: &Path) -> Option<bool> {
        // Both looked up: Windows writes a path that it looked up in another way.
        Some(folder.canonicalize().ok()? == self.point.canonicalize().ok()?)
    }

    /// The mount with the longest folder that holds `path`; of several on one
    /// folder the last, which covers the others.
    #[cfg(any(unix, test))]
    pub(super) fn holding(text: &str, path: &Path) -> Option<Mount> {
        let depth = |mount: &Mount| mount.point.components().count();
        let mut found: Option<Mount> = None;
        for mount in text.lines().filter_map(line).filter(|mount| path.starts_with(&mount.point)) {
            if found.as_ref().is_none_or(|best| depth(&mount) >= depth(best)) {
                found = Some(mount);
            }
        }
        found
    }

    /// All mounts; none where the system does not tell.
    pub(super) fn all() -> Vec<Mount> {
        sys::mounts()
    }

    /// Those that a list tells.
    #[cfg(any(unix, test))]
    pub(super) fn listed(text: &str) -> Vec<Mount> {
        text.lines().filter_map(line).collect()
    }

    /// Whether an option is set.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|set| set == option)
    }

    /// Whether a program of its own serves the filesystem (FUSE).
    pub fn in_user_space(&self) -> bool {
        self.kind == "fuseblk" || self.kind == "fuse" || self.kind.starts_with("fuse.")
    }
}

/// Whether two paths lie on one filesystem, so that one failure takes both;
/// `None` where the system does not tell.
pub fn same_filesystem(one: &Path, other: &Path) -> Option<bool> {
    let (one, other) = (Mount::of(one)?, Mount::of(other)?);
    // A device can be mounted in several places; `tmpfs` names none.
    Some(one.point == other.point || one.source == other.source && one.source.starts_with(['/', '\\']))
}

#[cfg(any(unix, test))]
/// One line (proc_pid_mountinfo.5): id, parent, device, root, mount point,
/// options, optional fields, `-`, kind, source, options of the filesystem.
fn line(line: &str) -> Option<Mount> {
    // How many optional fields there are varies from line to line, so
    // the rest is counted from the ` - ` that ends them.
    let (before, after) = line.split_once(" - ")?;
    let before: Vec<&str> = before.split(' ').collect();
    let mut after = after.splitn(3, ' ');
    let (kind, source, filesystem) = (after.next()?, after.next()?, after.next().unwrap_or_default());
    let mut options: Vec<String> = Vec::new();
    // A read-only bind mount says `ro` in the first list alone, and `barrier=0` stands in the second alone.
    for option in before.get(5)?.split(',').chain(filesystem.split(',')) {
        if !option.is_empty() && !options.iter().any(|known| known == option) {
            options.push(option.to_owned());
        }
    }
    Some(Mount {
        point: PathBuf::from(unescaped(before.get(4)?)),
        source: unescaped(source),
        kind: kind.to_owned(),
        options,
    })
}

#[cfg(any(unix, test))]
/// Spaces, tabs, line ends and backslashes are written as `\040` and so on.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        match after.get(..3).and_then(|octal| u8::from_str_radix(octal, 8).ok()) {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = &after[3..];
            }
            None => {
                plain.push('\\');
                rest = after;
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,errors=remount-ro
30 22 8:17 / /media/USB\\040STICK rw,nosuid,sync - vfat /dev/sdb1 rw,sync,fmask=0022
31 22 0:44 / /media/x ro - fuseblk /dev/sdc1 rw,user_id=0
32 22 0:45 / /media/x rw master:2 - iso9660 /dev/sr0 ro
broken line
";

    #[test]
    fn the_last_and_deepest_mount_holds_a_path() {
        let stick = Mount::holding(LIST, Path::new("/media/USB STICK/handcarry")).unwrap();
        assert_eq!((stick.source.as_str(), stick.kind.as_str()), ("/dev/sdb1", "vfat"));
        assert_eq!(stick.options, ["rw", "nosuid", "sync", "fmask=0022"]);
        assert!(stick.has("sync") && !stick.in_user_space());
        assert_eq!(Mount::holding(LIST, Path::new("/media/x/y")).unwrap().kind, "iso9660");
        assert_eq!(Mount::holding(LIST, Path::new("/media/xy")).unwrap().source, "/dev/vda1");
        assert_eq!(Mount::holding("", Path::new("/")), None);
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(unescaped(r"a\134b\0zc\"), r"a\b\0zc\");
    }
}
