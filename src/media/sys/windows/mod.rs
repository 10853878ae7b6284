//! Windows: the same functions as for Unix.

mod call;

use super::super::{Bypass, MediumFacts, Mount};
use super::{acl, cached, largest_file, names, sectors};
use crate::model::is_device_fault;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf, Prefix};
use windows_sys::Win32::Foundation::{ERROR_PIPE_BUSY, GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_ATTRIBUTE_REPARSE_POINT, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_NO_BUFFERING, FILE_FLAG_OPEN_REPARSE_POINT,
    SECURITY_IDENTIFICATION,
};
use windows_sys::Win32::System::Ioctl::{
    FSCTL_DISMOUNT_VOLUME, FSCTL_LOCK_VOLUME, IOCTL_STORAGE_EJECT_MEDIA, IOCTL_STORAGE_MEDIA_REMOVAL,
};
use windows_sys::Win32::System::SystemServices::{FILE_PERSISTENT_ACLS, FILE_READ_ONLY_VOLUME};
use windows_sys::Win32::System::WindowsProgramming::{DRIVE_RAMDISK, DRIVE_REMOTE, DRIVE_REMOVABLE};

/// How long a pipe is waited for whose ends are all taken, in milliseconds: an agent answers each in a few.
const PIPE_PATIENCE_MS: u32 = 5000;

/// Has Windows ask nobody about a drive without a medium, and keep no picture
/// of this process's memory when it fails: passwords are in it while they are needed.
pub fn no_dumps() {
    call::no_dialogs();
}

/// Makes a file for its owner alone, to be written and read; opens nothing that is there.
pub(in super::super) fn create_private(path: &Path) -> io::Result<File> {
    // From its beginning, so that nobody can have opened it before. A filesystem without lists (FAT) passes over it,
    // and is told of when the file is read back.
    call::create_file(&plain_or_long(path)?, &acl::alone(&call::account()?, false))
}

/// Opens a file, made for its owner alone where it is not there: `options` are for either.
pub fn open_private(options: &OpenOptions, path: &Path) -> io::Result<File> {
    match create_private(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => options.open(path),
    }
}

/// Why what lies under a path is no file nor folder; `None` where it may be one.
pub(in super::super) fn odd(path: &Path) -> Option<String> {
    path.components().find_map(|component| match component {
        Component::Prefix(prefix) if matches!(prefix.kind(), Prefix::DeviceNS(_)) => {
            Some("it is one of Windows' devices".to_owned())
        }
        // So written, a device's name is a file's, and a colon has no meaning: Windows refuses it itself.
        Component::Normal(name) if !is_verbatim(path) => names::odd(&name.to_string_lossy()),
        _ => None,
    })
}

/// Whether it leads elsewhere: a link, a junction, or whatever else a filter makes of it.
pub fn is_link(facts: &Metadata) -> bool {
    facts.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0
}

/// Opens for reading without waiting for anybody; where links are not followed,
/// one that appeared meanwhile is opened itself, and is no regular file.
pub(in super::super) fn open_at_once(path: &Path, follow: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(if follow { 0 } else { FILE_FLAG_OPEN_REPARSE_POINT });
    options.open(path)
}

/// Opens a named pipe, to ask who serves it; waits where all its ends are taken.
pub fn open_pipe(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    // Whoever serves it may learn who asks, and not act as that account.
    options.read(true).write(true).security_qos_flags(SECURITY_IDENTIFICATION);
    match options.open(path) {
        Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY.cast_signed()) => {
            call::wait_for_pipe(path, PIPE_PATIENCE_MS)?;
            options.open(path)
        }
        other => other,
    }
}

/// Whether an open file is a regular one: Windows says so of devices and pipes as well.
pub(in super::super) fn is_regular(file: &File, follow: bool) -> io::Result<bool> {
    let facts = file.metadata()?;
    Ok(facts.is_file() && (follow || !is_link(&facts)) && winapi_util::file::typ(file)?.is_disk())
}

/// Who reads a file that is carried is up to the folder it is in: that hands its list down.
pub(in super::super) fn share(_file: &File) -> io::Result<()> {
    Ok(())
}

/// Who else than its owner may use a file, for people; `None` where nobody may.
pub fn open_to_others(file: &File) -> io::Result<Option<String>> {
    let account = call::account()?;
    // Windows writes some accounts by two letters: ours is compared as it writes it.
    let owner = call::as_written(&format!("O:{account}"))?;
    let account = owner.trim_start_matches("O:").split("D:").next().unwrap_or(&account);
    let others = acl::others(&call::descriptor(file)?, account);
    Ok((!others.is_empty()).then(|| format!("open to {}", others.join(", "))))
}

/// The same of a file or folder that this account made.
pub(in super::super) fn exposure(made: &File) -> io::Result<Option<String>> {
    open_to_others(made)
}

/// Opens a folder, to look at it or to lock it.
pub(in super::super) fn open_folder(path: &Path) -> io::Result<File> {
    open_with(path, GENERIC_READ)
}

/// Whether users other than its owner may read a file, or write it; false where the file isn't there.
pub fn others_may_read(path: &Path) -> bool {
    File::open(path).and_then(|file| open_to_others(&file)).is_ok_and(|others| others.is_some())
}

/// What denies this account the way is told by nobody who is denied it.
pub(in super::super) fn barrier(_path: &Path) -> Option<String> {
    None
}

/// Opens a file or folder with these rights alone.
fn open_with(path: &Path, access: u32) -> io::Result<File> {
    OpenOptions::new().access_mode(access).custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)
}

/// Creates one folder; a private one is for its owner alone, and so is all that is made in it.
pub(in super::super) fn create_dir(path: &Path, private: bool) -> io::Result<()> {
    match private.then(call::account) {
        Some(account) => call::create_dir(&plain_or_long(path)?, &acl::alone(&account?, true)),
        None => std::fs::create_dir(path),
    }
}

/// Makes a folder's entries durable, as far as the filesystem does that on
/// demand: NTFS keeps a journal of them and FAT writes them with the root.
pub(in super::super) fn sync_dir(path: &Path) -> io::Result<()> {
    flushed(open_with(path, GENERIC_WRITE))
}

/// Writes what is still in memory; only a device that fails is an error, since
/// not every filesystem does this for every handle, nor for every account.
fn flushed(opened: io::Result<File>) -> io::Result<()> {
    match opened.and_then(|file| file.sync_all()) {
        Err(error) if is_device_fault(&error) || error.kind() == io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Renames without replacing anything; `AlreadyExists` where the target is there.
pub(in super::super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    call::move_new(&plain_or_long(from)?, &plain_or_long(to)?)
}

/// Writes everything the filesystem of `path` still holds in memory.
pub(in super::super) fn sync_filesystem(path: &Path) -> io::Result<()> {
    let root = root_of(path)?;
    // FAT writes the whole volume where its root is flushed, which any account may who may write there.
    flushed(open_with(&root, GENERIC_WRITE))?;
    // The volume itself wants more rights than most accounts have; where it is given, all of it is written.
    flushed(open_device(&root, GENERIC_READ | GENERIC_WRITE))
}

/// Opens a file that is open once more, past the cache, in which it stays as
/// long as the first is open.
pub(in super::super) fn past_cache(path: &Path, file: &File) -> (Option<File>, Bypass) {
    // A file of ours bears a lock until it has its name, and Windows lets nobody read through another handle then.
    let _ = (file.sync_all(), file.unlock());
    match (call::reopen(file, FILE_FLAG_NO_BUFFERING), facts(path)) {
        (Ok(_), Ok(facts)) if facts.mount.as_ref().is_some_and(|mount| mount.has("network")) => {
            (None, cached("it lies on another machine, which may read it from its memory"))
        }
        (Ok(past), _) => (Some(past), Bypass::Bypassed),
        (Err(error), _) => (None, cached(&format!("Windows did not open it past its cache ({error})"))),
    }
}

/// Takes a volume away as "Safely Remove Hardware" does: nobody has a file of
/// it open, all is written, and its device lets go of it.
pub(in super::super) fn eject(mount: &Mount) -> io::Result<()> {
    let device = open_device(&mount.point, GENERIC_READ | GENERIC_WRITE)?;
    call::control(&device, FSCTL_LOCK_VOLUME, &[])?;
    call::control(&device, FSCTL_DISMOUNT_VOLUME, &[])?;
    // A zero: that it may be taken out. A device that has nothing to hold it by does not know the question.
    let _ = call::control(&device, IOCTL_STORAGE_MEDIA_REMOVAL, &[0]);
    call::control(&device, IOCTL_STORAGE_EJECT_MEDIA, &[])
}

/// Reads at a position; the file's own moves, which nobody uses who reads so.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = |piece: &mut [u8], at: u64| file.seek_read(piece, at);
    sectors::read_at(&mut read, buffer, offset)
}

/// Facts of the volume that holds `path`.
pub(in super::super) fn facts(path: &Path) -> io::Result<MediumFacts> {
    let root = root_of(path)?;
    let (volume, room, drive) = (call::volume(&root)?, call::room(&root)?, call::drive_type(&root)?);
    let read_only = volume.flags & FILE_READ_ONLY_VOLUME != 0;
    // A disk on a USB cable is `fixed`, and can be pulled all the same: its device says so.
    let hotplug = || open_device(&root, 0).and_then(|device| call::is_hotplug(&device)).unwrap_or(false);
    let mount = mount(&root, &volume, drive);
    Ok(MediumFacts {
        largest_file_bytes: largest_file(&volume.filesystem),
        filesystem: volume.filesystem,
        free_bytes: room.free,
        total_bytes: room.total,
        cluster_bytes: room.cluster,
        read_only,
        removable: Some(drive == DRIVE_REMOVABLE || hotplug()),
        // As Windows itself shows it.
        serial: Some(format!("{:04X}-{:04X}", volume.serial >> 16, volume.serial & 0xFFFF)),
        mount: Some(mount),
    })
}

/// The volume that `path` lies in.
pub(in super::super) fn mount_of(path: &Path) -> Option<Mount> {
    let root = root_of(path).ok()?;
    Some(mount(&root, &call::volume(&root).ok()?, call::drive_type(&root).ok()?))
}

/// The volumes that have a letter.
pub(in super::super) fn mounts() -> Vec<Mount> {
    let roots = ('A'..='Z').map(|letter| PathBuf::from(format!(r"{letter}:\")));
    roots.filter_map(|root| Some(mount(&root, &call::volume(&root).ok()?, call::drive_type(&root).ok()?))).collect()
}

fn mount(root: &Path, volume: &call::Volume, drive: u32) -> Mount {
    let mut options = vec![if volume.flags & FILE_READ_ONLY_VOLUME != 0 { "ro" } else { "rw" }.to_owned()];
    if volume.flags & FILE_PERSISTENT_ACLS == 0 {
        options.push("no permissions".to_owned());
    }
    if drive == DRIVE_REMOTE {
        options.push("network".to_owned());
    }
    // As `dir` and `vol` show it.
    options.push(format!("serial {:04X}-{:04X}", volume.serial >> 16, volume.serial & 0xffff));
    Mount {
        point: root.to_path_buf(),
        source: call::volume_name(root).unwrap_or_else(|_| root.to_string_lossy().into_owned()),
        kind: if drive == DRIVE_RAMDISK { "ramfs".to_owned() } else { volume.filesystem.clone() },
        options,
    }
}

/// The root of the volume that `path` lies in, whatever leads there.
fn root_of(path: &Path) -> io::Result<PathBuf> {
    path.metadata()?;
    // Not everything that serves files looks up a long path: then the folder above it lies on the same volume.
    let looked_up = path.ancestors().find_map(|part| part.canonicalize().ok());
    Ok(short(&call::volume_root(&looked_up.ok_or(io::ErrorKind::NotFound)?)?))
}

/// The device of a volume, by its letter, or by its own name where it is mounted in a folder.
fn open_device(root: &Path, access: u32) -> io::Result<File> {
    let letter = root.to_string_lossy().trim_end_matches('\\').to_owned();
    let name = match letter.len() {
        2 => format!(r"\\.\{letter}"),
        _ => call::volume_name(root)?.trim_end_matches('\\').to_owned(),
    };
    OpenOptions::new().access_mode(access).open(name)
}

fn is_verbatim(path: &Path) -> bool {
    matches!(path.components().next(), Some(Component::Prefix(prefix)) if prefix.kind().is_verbatim())
}

/// A path as people write it, without the `\\?\` that Windows puts before what it looked up itself.
fn short(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    match (text.strip_prefix(r"\\?\UNC\"), text.strip_prefix(r"\\?\")) {
        (Some(share), _) => PathBuf::from(format!(r"\\{share}")),
        (_, Some(drive)) if drive.as_bytes().get(1) == Some(&b':') => PathBuf::from(drive),
        _ => path.to_path_buf(),
    }
}

/// A path that calls of Windows take however long it is: the standard library does the same for its own.
fn plain_or_long(path: &Path) -> io::Result<PathBuf> {
    let whole = std::path::absolute(path)?;
    let text = whole.to_string_lossy();
    Ok(match text.strip_prefix(r"\\") {
        _ if is_verbatim(&whole) => whole,
        Some(share) => PathBuf::from(format!(r"\\?\UNC\{share}")),
        None => PathBuf::from(format!(r"\\?\{text}")),
    })
}
