//! Finds bundles by their names; looks into no file.

use super::BundleError;
use super::limits::{MAX_FOLDER_NAMES, MAX_VOLUMES};
use crate::media;
use crate::model::{FileName, ShowPath, text};
use crate::objects::Objects;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// How the name of a frame ends.
pub const FRAME_SUFFIX: &str = ".frame";

/// The files of one bundle, as their names tell; opening checks them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeSet {
    folder: PathBuf,
    name: String,
    /// Whether the bundle is there in one piece.
    whole: bool,
    /// The numbers of the volumes that are there.
    numbers: BTreeSet<u16>,
    /// Where its packages lie, each under its digest, where only its frame lies in the folder.
    objects: Option<Objects>,
}

/// Finds the bundle that `path` names: a bundle file, any of its volumes, its
/// name without a volume's number, or a folder or medium that holds one only.
///
/// # Errors
/// [`BundleError::Linked`] where it leads through a folder of ours that is a link,
/// [`BundleError::Missing`], [`BundleError::NoSuchFile`], [`BundleError::NoBundle`], [`BundleError::SeveralBundles`] for a folder
/// with more than one, [`BundleError::Read`] where a folder can't be listed.
pub fn locate(path: &Path) -> Result<VolumeSet, BundleError> {
    if !path.is_dir() {
        return of_file(path);
    }
    for folder in places(path) {
        let mut sets = list(&folder)?;
        if sets.len() > 1 {
            let names = sets.into_iter().map(|set| text::name(&set.name)).collect();
            return Err(BundleError::SeveralBundles { path: folder, names });
        }
        if let Some(set) = sets.pop() {
            return Ok(set);
        }
    }
    Err(no_bundle(path))
}

/// Says that no bundle lies in `path`, a medium or folder, and what bears a
/// bundle's name there without being one: a link, a pipe, a name that is not UTF-8.
fn no_bundle(path: &Path) -> BundleError {
    let mut passed = Vec::new();
    for folder in places(path) {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten().take(MAX_FOLDER_NAMES) {
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            if shown.starts_with('.') || !split(&shown).0.ends_with(".zip") {
                continue;
            }
            let why = match entry.metadata() {
                Ok(facts) if media::is_link(&facts) => "a link",
                Ok(kind) if kind.is_dir() => "a folder",
                Ok(kind) if !kind.is_file() => "no regular file",
                _ if name.to_str().is_none() => "its name is not UTF-8",
                _ => continue,
            };
            passed.push(format!("{} ({why})", text::name(&shown)));
        }
    }
    passed.sort();
    BundleError::NoBundle { path: path.to_path_buf(), passed }
}

/// Where the bundles of a medium or folder are looked for, in this order. The medium's own place comes first: a stick
/// whose root holds other ZIP files must not answer with those.
pub fn places(path: &Path) -> [PathBuf; 3] {
    [path.join("handcarry").join("bundles"), path.join("bundles"), path.to_path_buf()]
}

/// Lists the bundles of one folder by name, whole or not; none where the
/// folder is missing. Hidden names (`._*`, `.DS_Store`) and everything that is
/// not named `*.zip` or `*.zip.NNN` are passed over.
///
/// # Errors
/// [`BundleError::Linked`] where it is a folder of ours and a link,
/// [`BundleError::Read`] where it can't be listed, [`BundleError::FolderFull`] above [`MAX_FOLDER_NAMES`].
pub fn list(folder: &Path) -> Result<Vec<VolumeSet>, BundleError> {
    refuse_linked(folder)?;
    let mut sets: BTreeMap<String, VolumeSet> = BTreeMap::new();
    for file in names(folder)? {
        let (name, number) = split(&file);
        // Whatever is no file is passed over here, since nobody named it; where a person did, opening says what it is.
        if file.starts_with('.') || !name.ends_with(".zip") || !media::is_carried(&folder.join(&file)) {
            continue;
        }
        let set = sets.entry(name.to_owned()).or_insert_with(|| VolumeSet::empty(folder, name));
        match number {
            Some(number) => drop(set.numbers.insert(number)),
            None => set.whole = true,
        }
    }
    Ok(sets.into_values().collect())
}

impl VolumeSet {
    fn empty(folder: &Path, name: &str) -> Self {
        VolumeSet {
            folder: folder.to_path_buf(),
            name: name.to_owned(),
            whole: false,
            numbers: BTreeSet::new(),
            objects: None,
        }
    }

    /// The set that files of these names will be in `folder`, whether or not
    /// they have them yet; all are taken for volumes of the first one's bundle.
    pub fn to_be(folder: &Path, files: &[&str]) -> Self {
        let mut set = VolumeSet::empty(folder, files.first().map_or("", |file| split(file).0));
        for (_, number) in files.iter().map(|file| split(file)) {
            match number {
                Some(number) => drop(set.numbers.insert(number)),
                None => set.whole = true,
            }
        }
        set
    }

    /// The files that a bundle in so many volumes has; `None` for one in one piece.
    pub(super) fn of_volumes(folder: &Path, name: &str, volumes: Option<u16>) -> Self {
        let mut set = VolumeSet::empty(folder, name);
        set.whole = volumes.is_none();
        set.numbers = (1..=volumes.unwrap_or(0)).collect();
        set
    }

    /// A bundle called `name` whose frame alone lies in `folder`, and its packages among `objects`.
    pub fn kept(folder: &Path, name: &str, objects: Objects) -> Self {
        VolumeSet { objects: Some(objects), ..VolumeSet::empty(folder, name) }
    }

    /// Where its packages lie, where only its frame lies in the folder.
    pub fn objects(&self) -> Option<&Objects> {
        self.objects.as_ref()
    }

    /// Where its frame lies, or would.
    pub fn frame_path(&self) -> PathBuf {
        self.folder.join(format!("{}{FRAME_SUFFIX}", self.name.strip_suffix(".zip").unwrap_or(&self.name)))
    }

    /// The numbers of the volumes that are there; none where it is in one piece.
    pub fn numbers(&self) -> &BTreeSet<u16> {
        &self.numbers
    }

    /// The bundle's file name without volume numbers.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name, safe to show.
    pub fn shown(&self) -> String {
        text::name(&self.name)
    }

    /// Where its files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its files, in order.
    pub fn paths(&self) -> Vec<PathBuf> {
        let whole = self.whole.then(|| self.folder.join(&self.name));
        let numbered = self.numbers.iter().map(|number| self.folder.join(volume_name(&self.name, *number)));
        whole.into_iter().chain(numbered).collect()
    }

    /// A file's name, safe to show.
    pub(super) fn name_of(&self, path: &Path) -> String {
        text::name(&path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// Step 1, as far as names tell: numbered from 1 without a gap, and not
    /// beside a bundle in one piece.
    pub(super) fn check_numbers(&self) -> Result<(), BundleError> {
        let shown = self.shown();
        let Some(last) = self.numbers.last() else {
            return if self.whole {
                Ok(())
            } else {
                Err(BundleError::NoSuchFile { path: self.folder.join(&self.name) })
            };
        };
        // That is what `cat NAME.zip.* > NAME.zip` on the stick leaves.
        // Names can't tell which of the two is good, so neither is taken.
        if self.whole {
            return Err(BundleError::Twofold { name: shown });
        }
        match (1..=*last).find(|number| !self.numbers.contains(number)) {
            Some(missing) => Err(BundleError::VolumeMissing { name: volume_name(&shown, missing) }),
            None => Ok(()),
        }
    }
}

/// Whether the file that is named last when the bundle `name` is written, and
/// looked for first, lies in `folder`.
pub fn has_first_volume(folder: &Path, name: &FileName) -> bool {
    [name.as_str(), &volume_name(name.as_str(), 1)].iter().any(|file| folder.join(file).symlink_metadata().is_ok())
}

/// The name of volume `number` (from 1) of the bundle `name`.
pub(super) fn volume_name(name: &str, number: u16) -> String {
    format!("{name}.{number:03}")
}

/// Splits a file name into a bundle's name and a volume's number, if it has one.
pub(super) fn split(file: &str) -> (&str, Option<u16>) {
    let number = |text: &str| {
        // Exactly three, or `.1` and `.0001` would be further names of the same volume.
        let digits = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().filter(|n| (1..=MAX_VOLUMES as u16).contains(n))
    };
    match file.rsplit_once('.') {
        Some((name, suffix)) if !name.is_empty() => match number(suffix) {
            Some(number) => (name, Some(number)),
            None => (file, None),
        },
        _ => (file, None),
    }
}

/// The set that a file named by a person belongs to.
fn of_file(path: &Path) -> Result<VolumeSet, BundleError> {
    let none = || BundleError::NoSuchFile { path: path.to_path_buf() };
    let file = path.file_name().and_then(|name| name.to_str()).ok_or_else(none)?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    refuse_linked(folder)?;
    let (name, number) = split(file);
    if !name.ends_with(".zip") && !path.exists() {
        return Err(BundleError::Missing { path: path.to_path_buf() });
    }
    let mut set = VolumeSet::empty(folder, name);
    // What else bears the name is told when it is opened.
    set.whole = folder.join(name).symlink_metadata().is_ok_and(|facts| !facts.is_dir());
    set.numbers = names(folder)?
        .iter()
        .filter_map(|file| split(file).1.filter(|number| *file == volume_name(name, *number)))
        .collect();
    if number.is_none() && !set.whole && set.numbers.is_empty() || number.is_some() && set.numbers.is_empty() {
        return Err(none());
    }
    Ok(set)
}

fn refuse_linked(folder: &Path) -> Result<(), BundleError> {
    media::refuse_linked(folder).map_err(BundleError::Linked)
}

fn names(folder: &Path) -> Result<Vec<String>, BundleError> {
    let failed =
        |source| BundleError::Read { volume: folder.shown(), offset: 0, source: media::explained(folder, source) };
    let entries = match std::fs::read_dir(folder) {
        // A stick without our folder has no bundle, and that is no fault.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        other => other.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        if names.len() == MAX_FOLDER_NAMES {
            return Err(BundleError::FolderFull { path: folder.to_path_buf(), limit: MAX_FOLDER_NAMES });
        }
        // A name that is not UTF-8 is none of ours.
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_bundle_and_number() {
        assert_eq!(split("a.zip.001"), ("a.zip", Some(1)));
        assert_eq!(split("a.zip.000"), ("a.zip.000", None));
        assert_eq!(split("a.zip.0001"), ("a.zip.0001", None));
        assert_eq!(split("a.zip"), ("a.zip", None));
        assert_eq!(split(".001"), (".001", None));
    }

    #[test]
    fn sets_are_found_by_folder_by_volume_and_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let bundles = dir.path().join("handcarry/bundles");
        std::fs::create_dir_all(&bundles).unwrap();
        assert!(matches!(locate(dir.path()), Err(BundleError::NoBundle { .. })));
        for name in ["b.zip.001", "b.zip.003", "._b.zip.001", ".DS_Store", "notes.txt"] {
            std::fs::write(bundles.join(name), "x").unwrap();
        }
        let by_medium = locate(dir.path()).unwrap();
        assert_eq!(by_medium, locate(&bundles.join("b.zip.003")).unwrap());
        assert_eq!(by_medium, locate(&bundles.join("b.zip")).unwrap());
        assert_eq!(by_medium.check_numbers().unwrap_err().to_string(), "volume b.zip.002 is missing");
        std::fs::write(bundles.join("c.zip"), "x").unwrap();
        assert!(matches!(locate(dir.path()), Err(BundleError::SeveralBundles { .. })));
        assert!(matches!(locate(&bundles.join("none.zip")), Err(BundleError::NoSuchFile { .. })));
    }
}
