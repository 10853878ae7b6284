//! Files that are on the device before they have their name.

use super::access::{Exposed, note_private, note_private_folder};
use super::read::{open_carried, refuse_odd};
use super::{MediaError, sys};
use crate::model::Id;
use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How names of temporary files begin; what a killed run leaves can be told by it.
// The dot makes every reader of a medium pass it over (`is_litter`), so
// that what is half written is never taken for a bundle or a request.
const TEMPORARY_PREFIX: &str = ".handcarry-";
const TEMPORARY_SUFFIX: &str = ".part";
/// What stands before that in the names of a set's files, which no process
/// holds open until they are named, so that nobody can tell whether it lives.
const OF_A_SET: &str = ".set";

/// The folders whose names, as earlier runs gave them, this run has made
/// durable, and those it has cleared of unfinished files: once is enough.
static SYNCED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static TIDIED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Who may read a file or open a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Its owner alone (0600, folders 0700).
    Private,
    /// Everyone, whatever the umask (0644, folders 0755): it is to be carried
    /// to another machine and another account, and nothing in it is secret.
    Shared,
}

/// A file being written under a temporary name beside its target.
///
/// [`DurableFile::commit`] gives it its name; dropped before that, it is removed.
#[derive(Debug)]
pub struct DurableFile {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
    mode: Mode,
    overwrite: bool,
    committed: bool,
}

impl DurableFile {
    /// Starts a file that will be named `target`; its folder must be there.
    ///
    /// # Errors
    /// [`MediaError::Exists`] where the target is there and `overwrite` is
    /// false, else what the operating system says.
    pub fn create(target: &Path, mode: Mode, overwrite: bool) -> Result<DurableFile, MediaError> {
        // First, since a run that was killed may have left a secret
        // half written here, and nobody else comes by to remove it.
        tidy(parent(target))?;
        let (file, temporary, target) = begin(target, overwrite, mode, "")?;
        Ok(DurableFile { file, temporary, target, mode, overwrite, committed: false })
    }

    /// The file itself, to read back or to drop its cache before it is named.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether others can read it though it was made private.
    pub fn exposed(&self) -> Option<Exposed> {
        if self.mode == Mode::Private { Exposed::look(&self.target, &self.file) } else { None }
    }

    /// Tries whether a file in a folder that is there can be its owner's alone.
    ///
    /// # Errors
    /// Those of [`DurableFile::create`].
    pub fn try_private(folder: &Path) -> Result<Option<Exposed>, MediaError> {
        Ok(DurableFile::create(&folder.join("trial"), Mode::Private, true)?.exposed())
    }

    /// Where it will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Brings all bytes to the device; the file keeps its temporary name.
    ///
    /// # Errors
    /// What the operating system says, sorted by [`MediaError::of`].
    pub fn sync(&self) -> Result<(), MediaError> {
        self.file.sync_all().map_err(|source| MediaError::of("write", &self.target, source))
    }

    /// Brings all bytes to the device, gives the file its name, and makes the
    /// name durable.
    ///
    /// # Errors
    /// [`MediaError::Exists`] where the target appeared meanwhile and may not
    /// be overwritten, else what the operating system says.
    pub fn commit(self) -> Result<(), MediaError> {
        let (target, new) = (self.target.clone(), !self.overwrite);
        self.rename()?;
        sync_dir(parent(&target)).inspect_err(|_| {
            // A name that may not last must not be found, and believed, by the next run.
            if new {
                let _ = std::fs::remove_file(&target);
            }
        })
    }

    /// All of [`DurableFile::commit`] but the folder's fsync.
    fn rename(mut self) -> Result<(), MediaError> {
        let failed = |source| MediaError::of("write", &self.target, source);
        if self.mode == Mode::Shared {
            // Before the sync, so that the mode reaches the device together with the bytes.
            sys::share(&self.file).map_err(failed)?;
        }
        // Bytes before the name: the other way round a loss of power may
        // leave the name, and behind it a file that is empty or torn.
        self.file.sync_all().map_err(failed)?;
        if self.overwrite {
            std::fs::rename(&self.temporary, &self.target).map_err(failed)?;
        } else {
            sys::rename_new(&self.temporary, &self.target).map_err(failed)?;
        }
        self.committed = true;
        if self.mode == Mode::Private {
            note_private(&self.target, &self.file);
        }
        Ok(())
    }
}

impl Write for DurableFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for DurableFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for DurableFile {
    fn drop(&mut self) {
        if !self.committed {
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

/// Several files of one folder that get their names together, never
/// overwriting anything.
///
/// All bytes of all files are on the device before the first file is named.
/// Names are given last to first, so that whatever is looked for first is
/// there only when all others are. Files that have no name when this is
/// dropped are removed.
#[derive(Debug)]
pub struct DurableSet {
    folder: PathBuf,
    mode: Mode,
    /// Temporary name and target of each; no handles, since there may be more
    /// files than a process may hold open.
    files: Vec<(PathBuf, PathBuf)>,
    /// The folder, locked with others that write there: what lies there
    /// without a name is somebody's until all have let go of it.
    _held: Option<File>,
}

impl DurableSet {
    /// Starts an empty set in a folder that is there.
    pub fn new(folder: &Path, mode: Mode) -> Self {
        // Where the system opens or locks no folder, nobody who looks can tell, and removes them as before.
        let held = sys::open_folder(folder).ok().filter(|held| held.try_lock_shared().is_ok());
        DurableSet { folder: folder.to_path_buf(), mode, files: Vec::new(), _held: held }
    }

    /// The names of all files in the folder; those that are not UTF-8 are left out.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn names(&self) -> Result<Vec<String>, MediaError> {
        let failed = |source| MediaError::of("list", &self.folder, source);
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            names.extend(entry.map_err(failed)?.file_name().into_string().ok());
        }
        Ok(names)
    }

    /// Starts the next file and returns a handle to write it by.
    ///
    /// # Errors
    /// As [`DurableFile::create`].
    pub fn create(&mut self, name: &str) -> Result<File, MediaError> {
        // Nothing is tidied here. Files of another run's set are closed
        // and bear no lock, so the living can't be told from the dead.
        sync_once(&self.folder)?;
        let (file, temporary, target) = begin(&self.folder.join(name), false, self.mode, OF_A_SET)?;
        self.files.push((temporary, target));
        Ok(file)
    }

    /// Opens a file of this set once more, for reading and writing.
    ///
    /// # Errors
    /// [`MediaError::Missing`] where none of that name was started, else what
    /// the operating system says.
    pub fn reopen(&self, name: &str) -> Result<File, MediaError> {
        let target = self.folder.join(name);
        let Some((temporary, _)) = self.files.iter().find(|(_, other)| *other == target) else {
            return Err(MediaError::Missing { path: target });
        };
        let opened = OpenOptions::new().read(true).write(true).open(temporary);
        opened.map_err(|source| MediaError::of("open", &target, source))
    }

    /// Names all files; returns their paths in the order they were created.
    ///
    /// # Errors
    /// As [`DurableFile::commit`]; then none of this set is left under its name.
    pub fn commit_all(self) -> Result<Vec<PathBuf>, MediaError> {
        self.commit_checked(|_| Ok(()))
    }

    /// Names all files once `check` agrees. When it is asked all bytes are on
    /// the device, and each file still lies under its temporary name: it gets
    /// pairs of that name and of the one the file will have.
    ///
    /// # Errors
    /// What `check` says, else as [`DurableFile::commit`]; then none of this
    /// set is left under its name.
    pub fn commit_checked<E: From<MediaError>>(
        mut self,
        check: impl FnOnce(&[(PathBuf, PathBuf)]) -> Result<(), E>,
    ) -> Result<Vec<PathBuf>, E> {
        let paths: Vec<PathBuf> = self.files.iter().map(|(_, target)| target.clone()).collect();
        for (temporary, target) in &self.files {
            // Opened once more, one after the other: a set has up to a thousand files, and a process may often
            // hold no more open than that. A sync by any handle brings all of a file's bytes to the device.
            settle(temporary, self.mode).map_err(|source| MediaError::of("write", target, source))?;
        }
        sync_dir(&self.folder)?;
        check(&self.files)?;
        let mut named: Vec<PathBuf> = Vec::new();
        while let Some((temporary, target)) = self.files.pop() {
            if let Err(source) = sys::rename_new(&temporary, &target) {
                let error = MediaError::of("write", &target, source);
                self.files.push((temporary, target));
                // Names that were given are taken back: a set without its
                // first volume would lie on the stick as half a bundle.
                named.iter().for_each(|path| drop(std::fs::remove_file(path)));
                return Err(error.into());
            }
            named.push(target);
        }
        if let Err(error) = sync_dir(&self.folder) {
            named.iter().for_each(|path| drop(std::fs::remove_file(path)));
            return Err(error.into());
        }
        Ok(paths)
    }
}

impl Drop for DurableSet {
    fn drop(&mut self) {
        self.files.iter().for_each(|(temporary, _)| drop(std::fs::remove_file(temporary)));
    }
}

/// Brings a file that was written and closed to the device.
fn settle(path: &Path, mode: Mode) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    if mode == Mode::Shared {
        sys::share(&file)?;
    }
    file.sync_all()
}

/// Creates the temporary file for `target`; one of no set is locked for as long as it is open.
fn begin(target: &Path, overwrite: bool, mode: Mode, kind: &str) -> Result<(File, PathBuf, PathBuf), MediaError> {
    refuse_odd(target)?;
    // Only so that it fails early. What decides is the renaming in the end, which can't be raced.
    if !overwrite && target.symlink_metadata().is_ok() {
        return Err(MediaError::Exists { path: target.to_path_buf() });
    }
    let mut options = OpenOptions::new();
    // `create_new` opens nothing that is there: on a stick that somebody
    // prepared, a link of this name would lead the bytes elsewhere.
    options.read(true).write(true).create_new(true);
    loop {
        let name = temporary_name().replace(TEMPORARY_SUFFIX, &format!("{kind}{TEMPORARY_SUFFIX}"));
        let temporary = target.with_file_name(name);
        // One that is carried is private until it is whole; on Windows it has the rights of its folder from the first.
        let private = cfg!(unix) || mode == Mode::Private;
        let opened = if private { sys::create_private(&temporary) } else { options.open(&temporary) };
        let file = opened.map_err(|source| MediaError::of("create", target, source))?;
        // Where the filesystem knows no locks, nobody takes it for left behind either. Those of a set are left alone
        // by all who tidy, and are read back by other handles, which Windows would refuse where a lock is.
        let locked = kind.is_empty() && file.try_lock().is_ok();
        // Somebody who tidied may have had it in the moment before.
        if !locked || temporary.symlink_metadata().is_ok() {
            return Ok((file, temporary, target.to_path_buf()));
        }
    }
}

/// Once a run and folder: removes unfinished files of runs that are dead, and
/// makes durable the names that they gave. A file whose lock can be had is
/// nobody's any more; it may hold what is secret.
fn tidy(folder: &Path) -> Result<(), MediaError> {
    if is_in(&TIDIED, folder) {
        return Ok(());
    }
    // A folder that can't be listed is told by the write that follows, with a better reason.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|name| is_temporary(name) && !name.contains(OF_A_SET));
        // Opened as on a medium: a pipe or a link of that name is not ours, and stays.
        if ours && open_carried(&entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // What can't be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    sync_once(folder)?;
    put_in(&TIDIED, folder);
    Ok(())
}

/// Makes durable what earlier runs named in `folder`, for a run that finds it
/// there and goes by it; what dead runs left unfinished there goes. Does
/// nothing where there is no such folder.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn keep_names(folder: &Path) -> Result<(), MediaError> {
    if folder.is_dir() { tidy(folder) } else { Ok(()) }
}

/// Makes durable, once a run, the names that earlier runs gave in a folder: a
/// run that was killed between a rename and the folder's sync left a name that
/// is there and may be gone after a loss of power.
fn sync_once(folder: &Path) -> Result<(), MediaError> {
    if is_in(&SYNCED, folder) {
        return Ok(());
    }
    match sys::sync_dir(folder) {
        // A folder that may not be read is not ours to vouch for.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
        Err(source) => return Err(MediaError::of("sync", folder, source)),
    }
    put_in(&SYNCED, folder);
    Ok(())
}

fn is_in(folders: &Mutex<BTreeSet<PathBuf>>, folder: &Path) -> bool {
    folders.lock().unwrap_or_else(PoisonError::into_inner).contains(folder)
}

fn put_in(folders: &Mutex<BTreeSet<PathBuf>>, folder: &Path) {
    folders.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_path_buf());
}

/// Writes a whole file durably, replacing one that is there.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn write_durably(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), MediaError> {
    write(path, bytes, mode, true)
}

/// Writes a whole file durably where none is yet.
///
/// # Errors
/// [`MediaError::Exists`] where one is, else what the operating system says.
pub fn write_durably_new(path: &Path, bytes: &[u8], mode: Mode) -> Result<(), MediaError> {
    write(path, bytes, mode, false)
}

fn write(path: &Path, bytes: &[u8], mode: Mode, overwrite: bool) -> Result<(), MediaError> {
    let mut file = DurableFile::create(path, mode, overwrite)?;
    file.write_all(bytes).map_err(|source| MediaError::of("write", path, source))?;
    file.commit()
}

/// Moves a file to another place on the same filesystem, replacing one that
/// is there: its bytes are synced first, both folders after.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn move_durably(from: &Path, to: &Path) -> Result<(), MediaError> {
    let failed = |source| MediaError::of("move", from, source);
    // Opened for writing, because not every system syncs a file that is only read.
    OpenOptions::new().append(true).open(from).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(from, to).map_err(failed)?;
    // The new name is made durable before the old one's end: a loss of power in between leaves two names, never none.
    sync_dir(parent(to))?;
    sync_dir(parent(from))
}

/// Creates a folder and those above it that are missing, each made durable by
/// an fsync of the one that holds it.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn create_dirs(path: &Path, mode: Mode) -> Result<(), MediaError> {
    if path.as_os_str().is_empty() {
        return Ok(());
    }
    if path.is_dir() {
        return sync_once(parent(path));
    }
    refuse_odd(path)?;
    create_dirs(parent(path), mode)?;
    match sys::create_dir(path, mode == Mode::Private) {
        Ok(()) => {
            if mode == Mode::Private {
                note_private_folder(path);
            }
            sync_dir(parent(path))
        }
        // Someone else made it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(source) => Err(MediaError::of("create", path, source)),
    }
}

/// Whether a file name is one of the temporary names used here: left over by
/// a run that was killed, and free to be removed.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX)
}

/// Whether a run writes a set in `folder` at this moment.
pub fn is_written_to(folder: &Path) -> bool {
    sys::open_folder(folder).is_ok_and(|alone| matches!(alone.try_lock(), Err(TryLockError::WouldBlock)))
}

/// Removes the unnamed beginnings that killed runs of ours left in a folder;
/// returns those that are gone. As long as another run writes a set there,
/// none is.
pub fn remove_leftovers(folder: &Path) -> Vec<PathBuf> {
    if is_written_to(folder) {
        return Vec::new();
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let left = entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_temporary));
    left.map(|entry| entry.path()).filter(|path| std::fs::remove_file(path).is_ok()).collect()
}

/// A new temporary name.
pub(super) fn temporary_name() -> String {
    format!("{TEMPORARY_PREFIX}{}{TEMPORARY_SUFFIX}", Id::random().short())
}

/// Whether a name is one that operating systems leave on media unasked.
pub fn is_litter(name: &str) -> bool {
    // Windows, Android, fsck and file managers leave these behind unasked.
    // A stick that was only looked at must not be refused for them.
    const LITTER: [&str; 8] = [
        "System Volume Information",
        "$RECYCLE.BIN",
        "FOUND.000",
        "Thumbs.db",
        "desktop.ini",
        "lost+found",
        "LOST.DIR",
        "RECYCLER",
    ];
    // Hidden ones too: `._*`, `.DS_Store`, `.Trashes`, `.fseventsd`, `.Spotlight-V100`.
    name.starts_with('.') || LITTER.iter().any(|litter| litter.eq_ignore_ascii_case(name))
}

/// Waits until a folder's own entries are on the device: a file that was made
/// there otherwise than by this room is one after that.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn sync_dir(folder: &Path) -> Result<(), MediaError> {
    sys::sync_dir(folder).map_err(|source| MediaError::of("sync", folder, source))
}

/// The folder that holds `path`; the current one for a bare name.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
