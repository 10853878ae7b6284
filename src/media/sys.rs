//! Calls that differ between operating systems, each with a portable fallback.

use super::{Bypass, MediumFacts, Mount};
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Keeps this process out of core files, and other processes of the account
/// out of its memory: passwords are in it while they are needed.
pub fn no_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // What the system does not grant here, it has a rule of its own for.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Sets `options` to create files that only their owner can read.
pub(super) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Opens for reading without waiting for anybody; where links are not followed,
/// one that appeared meanwhile is an error.
pub(super) fn open_at_once(path: &Path, follow: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        // NONBLOCK: to open a pipe is to wait for its other end, on a stick for ever. NOCTTY: no device becomes our
        // terminal. NOFOLLOW: what the name was a moment ago is no proof, since a name can be changed in between.
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        flags.set(OFlags::NOFOLLOW, !follow);
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags.bits().cast_signed());
    }
    #[cfg(not(unix))]
    let _ = follow;
    options.open(path)
}

/// Opens a finished file to everyone, whatever the process's umask: it is to be
/// read by another account on another machine. A filesystem without
/// permissions (FAT) is left as it is.
pub(super) fn share(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if_kept(file.set_permissions(std::fs::Permissions::from_mode(0o644)))
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        Ok(())
    }
}

/// Passes over that a filesystem keeps no permissions.
#[cfg(unix)]
fn if_kept(set: io::Result<()>) -> io::Result<()> {
    match set {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied || is_unsupported(&error) => Ok(()),
        other => other,
    }
}

/// Whose a file is and its permission bits; `None` where the system has none.
pub(super) fn owner_and_mode(facts: &std::fs::Metadata) -> Option<(u32, u32)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((facts.uid(), facts.mode() & 0o7777))
    }
    #[cfg(not(unix))]
    {
        let _ = facts;
        None
    }
}

/// The number of the account that files are made and opened as.
pub(super) fn account() -> Option<u32> {
    #[cfg(unix)]
    {
        Some(rustix::process::geteuid().as_raw())
    }
    #[cfg(not(unix))]
    {
        None
    }
}

/// Whether users other than its owner may read a file; false where the file
/// isn't there or the system keeps no such permissions.
pub fn others_may_read(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o044 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

/// Creates one folder; private ones are for their owner alone, others are open
/// to everyone whatever the umask.
pub(super) fn create_dir(path: &Path, private: bool) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        std::fs::DirBuilder::new().mode(if private { 0o700 } else { 0o755 }).create(path)?;
        match private {
            true => Ok(()),
            false => if_kept(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))),
        }
    }
    #[cfg(not(unix))]
    {
        let _ = private;
        std::fs::create_dir(path)
    }
}

/// Makes a folder's entries durable. Filesystems that can't fsync a folder
/// (some FUSE and network ones) say EINVAL or ENOTSUP, and only these are
/// passed over; Windows has no such call.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        match File::open(path)?.sync_all() {
            Err(error) if is_unsupported(&error) => Ok(()),
            other => other,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// Renames without replacing anything; `AlreadyExists` where the target is there.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        // The kernel looks and renames in one step. Of two runs that write
        // onto one stick, both would find the name free if they looked first.
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE).map_err(io::Error::from) {
            Err(error) if is_unsupported(&error) || error.kind() == io::ErrorKind::Unsupported => {}
            other => return other,
        }
    }
    #[cfg(unix)]
    // A hard link is as good, since it fails where the name is taken.
    // FAT, exFAT and some network filesystems have none.
    match std::fs::hard_link(from, to) {
        Ok(()) => return std::fs::remove_file(from),
        // EPERM is what link(2) says of a filesystem without hard links.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied || is_unsupported(&error) => {}
        Err(error) => return Err(error),
    }
    // FAT without RENAME_NOREPLACE has no hard links either: a look first is all there is.
    if to.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    std::fs::rename(from, to)
}

/// Writes everything the filesystem of `path` still holds in memory.
pub(super) fn sync_filesystem(path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // `sync` would wait for every disk of the machine, for minutes where one of them is busy.
        Ok(rustix::fs::syncfs(File::open(path)?)?)
    }
    #[cfg(all(unix, not(target_os = "linux")))]
    {
        let _ = path;
        rustix::fs::sync();
        Ok(())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Ok(())
    }
}

/// Asks the kernel to forget its pages of `file`, whose bytes must be on the device.
pub(super) fn drop_cache(file: &File) -> Bypass {
    #[cfg(target_os = "linux")]
    {
        match rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed) {
            // The kernel says yes to an advice it can't follow, so what came of it is looked at.
            Ok(()) if lives_in_memory(file) => cached("this filesystem lives in memory, there is no device to read"),
            Ok(()) if stays_cached(file) => cached("the kernel kept the bytes in its cache"),
            Ok(()) => Bypass::Bypassed,
            Err(error) => cached(&format!("the kernel refused to drop its cache ({error})")),
        }
    }
    #[cfg(target_vendor = "apple")]
    {
        let _ = file;
        cached("macOS can drop a file's cache only when the medium is unmounted")
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    {
        let _ = file;
        cached("this operating system has no portable way to drop its cache")
    }
}

#[allow(dead_code, reason = "platforms that always bypass would not use it")]
fn cached(why: &str) -> Bypass {
    Bypass::Cached { why: why.to_owned() }
}

/// Facts of the filesystem that holds `path`.
pub(super) fn facts(path: &Path) -> io::Result<MediumFacts> {
    #[cfg(unix)]
    {
        let sizes = rustix::fs::statvfs(path)?;
        let mount = Mount::of(path);
        // The name it was mounted by says more than the magic number: ext2 has that of ext4.
        let filesystem = match &mount {
            Some(mount) => mount.kind.clone(),
            None => filesystem(path)?,
        };
        Ok(MediumFacts {
            largest_file_bytes: largest_file(&filesystem),
            filesystem,
            // `f_bavail`, since what `f_bfree` has more is kept for root. Both
            // count in `f_frsize`; `f_bsize` is only the best size of a transfer.
            free_bytes: sizes.f_bavail.saturating_mul(sizes.f_frsize),
            total_bytes: sizes.f_blocks.saturating_mul(sizes.f_frsize),
            cluster_bytes: sizes.f_frsize,
            read_only: sizes.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY),
            removable: removable(path),
            mount,
        })
    }
    #[cfg(not(unix))]
    {
        let read_only = path.metadata()?.permissions().readonly();
        Ok(MediumFacts {
            filesystem: "unknown".to_owned(),
            largest_file_bytes: None,
            free_bytes: u64::MAX,
            total_bytes: u64::MAX,
            cluster_bytes: 0,
            read_only,
            removable: None,
            mount: Mount::of(path),
        })
    }
}

/// Largest file of a filesystem, in bytes; `None` where it is larger than any
/// bundle or not known.
pub(super) fn largest_file(filesystem: &str) -> Option<u64> {
    // FAT keeps a file's size in 32 bits.
    (filesystem == "vfat" || filesystem == "msdos").then_some(u32::MAX as u64)
}

#[cfg(target_os = "linux")]
fn filesystem(path: &Path) -> io::Result<String> {
    let magic = rustix::fs::statfs(path)?.f_type as u64 & 0xffff_ffff;
    let known = MAGIC.iter().find(|(number, _)| *number == magic);
    Ok(known.map_or_else(|| format!("unknown (0x{magic:x})"), |(_, name)| (*name).to_owned()))
}

#[cfg(all(unix, not(target_os = "linux")))]
fn filesystem(_path: &Path) -> io::Result<String> {
    Ok("unknown".to_owned())
}

/// Filesystems by their magic number (linux/magic.h and the filesystems' own headers).
#[cfg(target_os = "linux")]
const MAGIC: &[(u64, &str)] = &[
    (0x4d44, "vfat"),
    (0x2011_bab0, "exfat"),
    (0x5346_544e, "ntfs"),
    (0x7366_746e, "ntfs"),
    (0xef53, "ext4"),
    (0x5846_5342, "xfs"),
    (0x9123_683e, "btrfs"),
    (0xf2f5_2010, "f2fs"),
    (0x1501_3346, "udf"),
    (0x9660, "iso9660"),
    (0x482b, "hfsplus"),
    (0x0102_1994, "tmpfs"),
    (0x8584_58f6, "ramfs"),
    (0x794c_7630, "overlay"),
    (0x6573_5546, "fuse"),
    (0x7371_7368, "squashfs"),
    (0x2fc1_2fc1, "zfs"),
    (0x6969, "nfs"),
    (0xff53_4d42, "cifs"),
    (0xfe53_4d42, "smb2"),
    (0x0102_1997, "9p"),
];

#[cfg(target_os = "linux")]
fn lives_in_memory(file: &File) -> bool {
    rustix::fs::fstatfs(file).is_ok_and(|facts| matches!(facts.f_type as u64 & 0xffff_ffff, 0x0102_1994 | 0x8584_58f6))
}

/// Whether some of the file can be had without waiting for a device: dropping
/// the cache is a mere advice. Looks at its begin, middle and end; kernels and
/// filesystems that can't tell (EOPNOTSUPP) are believed.
#[cfg(target_os = "linux")]
fn stays_cached(file: &File) -> bool {
    use rustix::io::{ReadWriteFlags, preadv2};
    let length = file.metadata().map_or(0, |facts| facts.len());
    [0, length / 2, length.saturating_sub(1)].into_iter().any(|at| {
        let mut byte = [0];
        let mut buffers = [io::IoSliceMut::new(&mut byte)];
        // With NOWAIT a byte that is not in memory is an EAGAIN, so the
        // question itself brings nothing back into the cache.
        matches!(preadv2(file, &mut buffers, at, ReadWriteFlags::NOWAIT), Ok(1..))
    })
}

/// Whether the kernel calls the device removable; `None` where it can't be told.
#[cfg(target_os = "linux")]
fn removable(path: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let device = path.metadata().ok()?.dev();
    let block = format!("/sys/dev/block/{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let block = std::fs::canonicalize(block).ok()?;
    // A partition has no `removable` of its own; its disk is the folder above.
    let disk = [block.join("removable"), block.parent()?.join("removable")];
    disk.iter().find_map(|file| std::fs::read_to_string(file).ok()).map(|text| text.trim() == "1")
}

#[cfg(all(unix, not(target_os = "linux")))]
fn removable(_path: &Path) -> Option<bool> {
    None
}

/// Whether an error means "not on this filesystem" (EINVAL, ENOTSUP, ENOSYS).
#[cfg(unix)]
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOTSUP, Errno::NOSYS].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}
