//! Unix, with what Linux and macOS have beyond it.

use super::super::{Bypass, MediumFacts, Mount};
use super::{cached, largest_file};
use crate::model::ShowPath;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Longest list of mounts that is read, in bytes: some 100 for each, and
/// machines full of containers have thousands.
const MAX_MOUNTS_BYTES: u64 = 4 << 20;

/// Keeps this process out of core files, and other processes of the account
/// out of its memory: passwords are in it while they are needed.
pub fn no_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // What the system does not grant here, it has a rule of its own for.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Makes a file for its owner alone, to be written and read; opens nothing that is there.
pub(in super::super) fn create_private(path: &Path) -> io::Result<File> {
    open_private(OpenOptions::new().read(true).write(true).create_new(true), path)
}

/// Opens a file, made for its owner alone where it is not there: `options` are for either.
pub fn open_private(options: &OpenOptions, path: &Path) -> io::Result<File> {
    options.clone().mode(0o600).open(path)
}

/// Why what lies under a path is no file nor folder: any name may be one here.
pub(in super::super) fn odd(_path: &Path) -> Option<String> {
    None
}

/// Whether it leads elsewhere.
pub fn is_link(facts: &Metadata) -> bool {
    facts.is_symlink()
}

/// Opens for reading without waiting for anybody; where links are not followed,
/// one that appeared meanwhile is an error.
pub(in super::super) fn open_at_once(path: &Path, follow: bool) -> io::Result<File> {
    use rustix::fs::OFlags;
    // NONBLOCK: to open a pipe is to wait for its other end, on a stick for ever. NOCTTY: no device becomes our
    // terminal. NOFOLLOW: what the name was a moment ago is no proof, since a name can be changed in between.
    let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    flags.set(OFlags::NOFOLLOW, !follow);
    OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

/// Whether an open file is a regular one.
pub(in super::super) fn is_regular(file: &File, _follow: bool) -> io::Result<bool> {
    Ok(file.metadata()?.is_file())
}

/// Opens a finished file to everyone, whatever the process's umask: it is to be
/// read by another account on another machine. A filesystem without
/// permissions (FAT) is left as it is.
pub(in super::super) fn share(file: &File) -> io::Result<()> {
    if_kept(file.set_permissions(Permissions::from_mode(0o644)))
}

/// Passes over that a filesystem keeps no permissions.
fn if_kept(set: io::Result<()>) -> io::Result<()> {
    match set {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied || is_unsupported(&error) => Ok(()),
        other => other,
    }
}

/// How others than its owner may use a file, for people; `None` where they may not.
pub fn open_to_others(file: &File) -> io::Result<Option<String>> {
    let mode = file.metadata()?.mode() & 0o7777;
    // All bits of group and world: who can write into a key file can
    // put a key of their own there, so that is told like reading.
    Ok((mode & 0o077 != 0).then(|| format!("mode {mode:04o}")))
}

/// The same of a file or folder that this account made, so that it must be its own.
pub(in super::super) fn exposure(made: &File) -> io::Result<Option<String>> {
    let (owner, mode) = (made.metadata()?.uid(), made.metadata()?.mode() & 0o7777);
    match owner == rustix::process::geteuid().as_raw() {
        true => open_to_others(made),
        false => Ok(Some(format!("belongs to uid {owner}, mode {mode:04o}"))),
    }
}

/// Opens a folder, to look at it or to lock it.
pub(in super::super) fn open_folder(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether users other than its owner may read a file; false where the file isn't there.
pub fn others_may_read(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.mode() & 0o044 != 0)
}

/// What denies this account the way to `path`: of the folders above it, and
/// itself, the first that does not let through.
pub(in super::super) fn barrier(path: &Path) -> Option<String> {
    let mut ways: Vec<&Path> = path.ancestors().filter(|way| !way.as_os_str().is_empty()).collect();
    ways.reverse();
    let mut last = None;
    for way in ways {
        // What can't be looked at lies in a folder that does not let through.
        let Ok(facts) = way.metadata() else { break };
        last = Some((way, facts));
    }
    let (way, facts) = last?;
    let (owner, mode, account) = (facts.uid(), facts.mode() & 0o7777, rustix::process::geteuid().as_raw());
    Some(format!("{} belongs to uid {owner} and has mode {mode:04o}, and this runs as uid {account}", way.shown()))
}

/// Creates one folder; private ones are for their owner alone, others are open
/// to everyone whatever the umask.
pub(in super::super) fn create_dir(path: &Path, private: bool) -> io::Result<()> {
    DirBuilder::new().mode(if private { 0o700 } else { 0o755 }).create(path)?;
    match private {
        true => Ok(()),
        false => if_kept(std::fs::set_permissions(path, Permissions::from_mode(0o755))),
    }
}

/// Makes a folder's entries durable. Filesystems that can't fsync a folder
/// (some FUSE and network ones) say EINVAL or ENOTSUP, and only these are
/// passed over.
pub(in super::super) fn sync_dir(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        Err(error) if is_unsupported(&error) => Ok(()),
        other => other,
    }
}

/// Renames without replacing anything; `AlreadyExists` where the target is there.
pub(in super::super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
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
pub(in super::super) fn sync_filesystem(path: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // `sync` would wait for every disk of the machine, for minutes where one of them is busy.
        Ok(rustix::fs::syncfs(File::open(path)?)?)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = path;
        rustix::fs::sync();
        Ok(())
    }
}

/// Has what is read of an open file come from its device, as far as that can be had; there is no other file to read.
pub(in super::super) fn past_cache(path: &Path, file: &File) -> (Option<File>, Bypass) {
    // A file opened for reading on a read-only medium can't be synced, and nothing of it is unwritten then.
    let _ = file.sync_all();
    match drop_cache(file) {
        Bypass::Bypassed => (None, drop_cache_below(path)),
        cached => (None, cached),
    }
}

/// Reads at a position without moving the file's own, so that all cores can share it.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    FileExt::read_at(file, buffer, offset)
}

/// A filesystem that a program serves (FUSE) reads its device through the
/// kernel's cache of that device, which must be dropped as well.
fn drop_cache_below(path: &Path) -> Bypass {
    let Some(mount) = Mount::of(path).filter(Mount::in_user_space) else { return Bypass::Bypassed };
    let served = format!("a program serves this filesystem ({})", mount.kind);
    // ntfs-3g and exfat-fuse are mounted as `fuseblk` and name their
    // device. Any other program may keep what it likes, where it likes.
    if mount.kind != "fuseblk" {
        return cached(&format!("{served}, and what it keeps in memory can't be told"));
    }
    let device = File::open(&mount.source);
    match device.map_err(|error| error.to_string()).map(|device| drop_cache(&device)) {
        Ok(Bypass::Bypassed) => Bypass::Bypassed,
        Ok(Bypass::Cached { why }) => cached(&format!("{served}; of its device, {why}")),
        Err(why) => {
            cached(&format!("{served}, and its device {} can't be opened to drop that cache ({why})", mount.source))
        }
    }
}

/// Unmounts.
#[cfg(target_os = "linux")]
pub(in super::super) fn eject(mount: &Mount) -> io::Result<()> {
    // What is left to write is written on the way, and where that takes long so does this.
    Ok(rustix::mount::unmount(&mount.point, rustix::mount::UnmountFlags::NOFOLLOW)?)
}

/// Only Linux has one way for all.
#[cfg(not(target_os = "linux"))]
pub(in super::super) fn eject(_mount: &Mount) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Asks the kernel to forget its pages of `file`, whose bytes must be on the device.
fn drop_cache(file: &File) -> Bypass {
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

/// Facts of the filesystem that holds `path`.
pub(in super::super) fn facts(path: &Path) -> io::Result<MediumFacts> {
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
        serial: serial(path),
        mount,
    })
}

/// The mount that `path` lies in; `None` where the system does not tell.
pub(in super::super) fn mount_of(path: &Path) -> Option<Mount> {
    // The kernel lists real paths. A link on the way would make a stick look like a folder of the system's disk.
    let path = path.canonicalize().ok()?;
    Mount::holding(&mountinfo()?, &path)
}

/// All mounts; none where the system does not tell.
pub(in super::super) fn mounts() -> Vec<Mount> {
    mountinfo().map(|text| Mount::listed(&text)).unwrap_or_default()
}

fn mountinfo() -> Option<String> {
    let mut text = String::new();
    File::open("/proc/self/mountinfo").ok()?.take(MAX_MOUNTS_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

#[cfg(target_os = "linux")]
fn filesystem(path: &Path) -> io::Result<String> {
    let magic = rustix::fs::statfs(path)?.f_type as u64 & 0xffff_ffff;
    let known = MAGIC.iter().find(|(number, _)| *number == magic);
    Ok(known.map_or_else(|| format!("unknown (0x{magic:x})"), |(_, name)| (*name).to_owned()))
}

#[cfg(not(target_os = "linux"))]
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
    let block = block(path)?;
    // A partition has no `removable` of its own; its disk is the folder above.
    let disk = [block.join("removable"), block.parent()?.join("removable")];
    disk.iter().find_map(|file| std::fs::read_to_string(file).ok()).map(|text| text.trim() == "1")
}

/// Where the kernel tells of the device that holds `path`.
#[cfg(target_os = "linux")]
fn block(path: &Path) -> Option<PathBuf> {
    let device = path.metadata().ok()?.dev();
    let block = format!("/sys/dev/block/{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    std::fs::canonicalize(block).ok()
}

/// The serial number of the device that holds `path`; `None` where it tells none.
#[cfg(target_os = "linux")]
fn serial(path: &Path) -> Option<String> {
    super::serial::above(&block(path)?)
}

#[cfg(not(target_os = "linux"))]
fn serial(_path: &Path) -> Option<String> {
    None
}

#[cfg(not(target_os = "linux"))]
fn removable(_path: &Path) -> Option<bool> {
    None
}

/// Whether an error means "not on this filesystem" (EINVAL, ENOTSUP, ENOSYS).
fn is_unsupported(error: &io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOTSUP, Errno::NOSYS].iter().any(|e| error.raw_os_error() == Some(e.raw_os_error()))
}
