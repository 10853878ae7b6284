//! What a disk may have lost at any moment: all that was changed and not yet
//! synced, bytes and names alike. Follows the calls of one or more runs.

use super::trace::{Call, Deed, Outcome, Run};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is not on the disk for certain.
#[derive(Default)]
pub struct Disk {
    files: BTreeMap<PathBuf, File>,
    /// Names that were given, and whose folder was not synced since; whether
    /// each took the place of another file.
    names: BTreeMap<PathBuf, bool>,
    /// What broke the rules.
    pub faults: Vec<String>,
}

#[derive(Default, Clone)]
struct File {
    len: u64,
    /// Up to here it is on the disk.
    synced: u64,
    dirty: bool,
    /// A sync failed when this much was on the disk: what was written after
    /// that may be gone, whatever later syncs say.
    doubted_from: Option<u64>,
}

impl Disk {
    /// A disk on which everything below `folder` is safe.
    pub fn of(folder: &Path) -> Self {
        let mut disk = Disk::default();
        for entry in walkdir::WalkDir::new(folder).into_iter().flatten().filter(|e| e.file_type().is_file()) {
            let len = entry.metadata().map_or(0, |meta| meta.len());
            let path = entry.path().strip_prefix(folder).expect("below").to_path_buf();
            disk.files.insert(path, File { len, synced: len, ..File::default() });
        }
        disk
    }

    /// Follows a further run. Where an earlier one put a file in place of
    /// another and did not come to say that it did, either is as good: what
    /// this one calls done is another matter.
    pub fn follow(&mut self, run: &Run) {
        self.names.retain(|_, replaced| !*replaced);
        run.calls.iter().for_each(|call| self.take(call));
    }

    fn take(&mut self, call: &Call) {
        match (&call.deed, call.outcome) {
            (_, Outcome::Never) => {}
            (Deed::Sync { path }, Outcome::Failed) => {
                // Where nothing was to be synced, nothing is in doubt.
                if let Some(file) = self.files.get_mut(path).filter(|file| file.dirty) {
                    file.doubted_from.get_or_insert(file.synced);
                }
            }
            (Deed::SyncAll, Outcome::Failed) => {
                for file in self.files.values_mut().filter(|file| file.dirty) {
                    file.doubted_from.get_or_insert(file.synced);
                }
            }
            (_, Outcome::Failed) => {}
            (deed, Outcome::Done) => self.done(deed),
        }
    }

    fn done(&mut self, deed: &Deed) {
        match deed {
            Deed::Open { path, made, emptied } => {
                if *made && !self.files.contains_key(path) {
                    self.names.insert(path.clone(), false);
                }
                let file = self.files.entry(path.clone()).or_default();
                if *emptied {
                    *file = File { dirty: true, ..File::default() };
                }
            }
            Deed::Write { path, bytes } => {
                let file = self.files.entry(path.clone()).or_default();
                file.len += bytes;
                file.dirty = true;
            }
            Deed::Cut { path, len } => {
                let file = self.files.entry(path.clone()).or_default();
                file.dirty |= *len != file.len;
                (file.len, file.synced) = (*len, file.synced.min(*len));
                if file.doubted_from.is_some_and(|from| *len <= from) {
                    file.doubted_from = None;
                }
            }
            Deed::Sync { path } => {
                self.names.retain(|name, _| name.parent() != Some(path));
                if let Some(file) = self.files.get_mut(path) {
                    (file.dirty, file.synced) = (false, file.len);
                }
            }
            Deed::SyncAll => {
                self.names.clear();
                self.files.values_mut().for_each(|file| (file.dirty, file.synced) = (false, file.len));
            }
            Deed::MakeFolder { path } => drop(self.names.insert(path.clone(), false)),
            Deed::Rename { from, to } => {
                let file = self.files.remove(from).unwrap_or_default();
                if file.dirty || file.doubted_from.is_some() {
                    self.faults.push(format!("{} got its name before its bytes were on the disk", to.display()));
                }
                self.names.remove(from);
                let replaced = self.files.insert(to.clone(), file).is_some() && !self.names.contains_key(to);
                self.names.insert(to.clone(), replaced);
            }
            Deed::Link { to } => drop(self.names.insert(to.clone(), false)),
            Deed::Remove { path } => {
                self.files.remove(path);
                self.names.remove(path);
            }
            Deed::Mode { .. } => {}
        }
    }

    /// What could still be lost, of the files that `matter`.
    pub fn at_risk(&self, matter: impl Fn(&Path) -> bool) -> Vec<String> {
        let mut risks: Vec<String> = self.faults.clone();
        for (path, file) in self.files.iter().filter(|(path, _)| matter(path)) {
            if file.dirty {
                risks.push(format!("{}: bytes were written and never synced", path.display()));
            }
            if file.doubted_from.is_some() {
                risks.push(format!("{}: a sync failed, and what it was for is believed all the same", path.display()));
            }
        }
        let names = self.names.keys().filter(|path| matter(path));
        risks.extend(names.map(|path| format!("{}: its folder was never synced", path.display())));
        risks
    }
}

/// Whether a file's loss would be one.
pub fn matters(path: &Path) -> bool {
    let lock = path.file_name().is_some_and(|name| name == "lock") || path.extension().is_some_and(|e| e == "lock");
    // What a run says of itself is believed only while it holds the lock.
    let of_a_run = path.file_name().is_some_and(|name| name.to_string_lossy().ends_with(".run.json"));
    !lock && !of_a_run && !path.starts_with("tmp")
}
