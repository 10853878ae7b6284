//! A stick: the folder handcarry keeps on it, and what its filesystem can hold.

use super::read::refuse_odd;
use super::{MediaError, Mount, same_filesystem, sys};
use crate::model::ShowPath;
use std::path::{Path, PathBuf};

/// The one folder on a medium that is ours.
const FOLDER: &str = "handcarry";
const PARTS: [&str; 6] = ["requests", "bundles", "receipts", "trust", "kit", "keys"];
const ELSEWHERE: &str = "it lies on another machine: what is read back may come from that machine's memory";

/// A mounted medium, or any folder used as one.
#[derive(Debug, Clone)]
pub struct Medium {
    /// Where it is mounted: the folder that holds `handcarry/`.
    pub root: PathBuf,
}

/// What a medium's filesystem can hold.
#[derive(Debug, Clone)]
pub struct MediumFacts {
    /// The filesystem's name as the system tells it: `vfat`, `exfat`, `ext4`; `FAT32`, `NTFS`; or `unknown`.
    pub filesystem: String,
    /// Bytes that this account may still write.
    pub free_bytes: u64,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes that files are given room in: a file of one byte takes as many.
    pub cluster_bytes: u64,
    /// Largest file in bytes; `None` where no bundle reaches it.
    pub largest_file_bytes: Option<u64>,
    /// Whether nothing can be written.
    pub read_only: bool,
    /// Whether the kernel calls the device removable; `None` where it can't be told.
    pub removable: Option<bool>,
    /// The serial number that its device tells, on Windows its volume's; `None` where it tells none.
    pub serial: Option<String>,
    /// Where and how it is mounted; `None` where the system does not tell.
    pub mount: Option<Mount>,
}

impl MediumFacts {
    /// What a person should know of a medium mounted so, a sentence each:
    /// `root` is the folder that was given for it.
    pub fn remarks(&self, root: &Path) -> Vec<String> {
        let mut remarks = Vec::new();
        let Some(mount) = &self.mount else { return remarks };
        if mount.is_at(root) == Some(false) {
            remarks.push(format!(
                "{} is a folder and no medium's mount point; where a stick was meant, mount it first",
                root.shown()
            ));
        }
        // Desktops mount a stick with these, and `mount` as root does not.
        let lacking: Vec<&str> = ["nosuid", "nodev"].into_iter().filter(|option| !mount.has(option)).collect();
        if cfg!(unix) && self.removable == Some(true) && !lacking.is_empty() {
            let (lacking, point) = (lacking.join(" and "), mount.point.quoted());
            remarks.push(format!(
                "it is mounted without {lacking}, so that what others put there could run as root: \
                 mount -o remount,nosuid,nodev,noexec {point}"
            ));
        }
        match mount.kind.as_str() {
            _ if mount.has("network") => remarks.push(ELSEWHERE.to_owned()),
            "tmpfs" | "ramfs" => remarks.push("it lives in memory and is gone when the power is".to_owned()),
            "nfs" | "nfs4" | "cifs" | "smb3" | "9p" => remarks.push(ELSEWHERE.to_owned()),
            _ => {}
        }
        if mount.has("sync") || mount.has("dirsync") {
            remarks
                .push("it is mounted with sync: every write waits for the device, which takes much longer".to_owned());
        }
        if mount.has("nobarrier") || mount.has("barrier=0") {
            remarks.push(
                "it is mounted without write barriers: pulled at the wrong time it may lose what was synced".to_owned(),
            );
        }
        remarks
    }
}

impl Medium {
    /// Takes the mount point, or the `handcarry` folder on it.
    ///
    /// A folder named `handcarry` is taken for ours only when it holds our
    /// folders, since a stick may well be labelled and mounted by that name.
    ///
    /// None of our folders on it may be a symbolic link: what is written there
    /// would land elsewhere, in a folder that whoever prepared the medium chose.
    ///
    /// # Errors
    /// [`MediaError::Missing`], [`MediaError::NotAFolder`],
    /// [`MediaError::Linked`], or what the operating system says.
    pub fn at(path: &Path) -> Result<Medium, MediaError> {
        // The mount point itself may be a link: that one is the operator's, and not the medium's.
        refuse_odd(path)?;
        let facts = path.metadata().map_err(|source| MediaError::of("open", path, source))?;
        if !facts.is_dir() {
            return Err(MediaError::NotAFolder { path: path.to_path_buf() });
        }
        let named = path.file_name().is_some_and(|name| name == FOLDER);
        let ours = named && !path.join(FOLDER).is_dir() && PARTS.iter().any(|part| path.join(part).is_dir());
        let root = match path.parent() {
            Some(parent) if ours && parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) if ours => parent.to_path_buf(),
            _ => path.to_path_buf(),
        };
        let medium = Medium { root };
        let folder = medium.folder();
        let parts = PARTS.iter().map(|part| folder.join(part));
        // `is_dir` would follow a link and approve of it.
        match std::iter::once(folder.clone()).chain(parts).find(|path| is_link(path)) {
            Some(path) => Err(MediaError::Linked { path }),
            None => Ok(medium),
        }
    }

    /// Whether a filesystem is mounted here, so that there is something to
    /// remove; `None` where the system does not tell.
    pub fn is_mount_point(&self) -> Option<bool> {
        Mount::of(&self.root)?.is_at(&self.root)
    }

    /// Whether both are one medium, however it was named: by a link, by our
    /// folder on it, by a second place it is mounted at, by a folder on it.
    /// Two folders of one disk, neither of which it is mounted at, are two.
    pub fn is_same(&self, other: &Medium) -> bool {
        let real = |medium: &Medium| medium.root.canonicalize().ok();
        let is_mounted_at = |medium: &Medium| medium.is_mount_point() == Some(true);
        real(self).is_some_and(|root| Some(root) == real(other))
            || same_filesystem(&self.root, &other.root) == Some(true) && (is_mounted_at(self) || is_mounted_at(other))
    }

    /// Takes it away from this system, so that it can be pulled out: on Windows
    /// as "Safely Remove Hardware" does, elsewhere by unmounting it.
    ///
    /// # Errors
    /// [`MediaError::NotMounted`] where nothing is mounted here,
    /// [`MediaError::InUse`] where the system keeps it.
    pub fn eject(&self) -> Result<(), MediaError> {
        let path = self.root.clone();
        let mount = Mount::of(&path).filter(|mount| mount.is_at(&path) == Some(true));
        let Some(mount) = mount else { return Err(MediaError::NotMounted { path }) };
        sys::eject(&mount).map_err(|source| MediaError::InUse { path, device: mount.source, source })
    }

    /// Our folder on it, there or not.
    pub fn folder(&self) -> PathBuf {
        self.root.join(FOLDER)
    }

    /// Where requests lie.
    pub fn requests(&self) -> PathBuf {
        self.folder().join("requests")
    }

    /// Where bundles lie.
    pub fn bundles(&self) -> PathBuf {
        self.folder().join("bundles")
    }

    /// Where receipts lie.
    pub fn receipts(&self) -> PathBuf {
        self.folder().join("receipts")
    }

    /// Where trust updates lie.
    pub fn trust(&self) -> PathBuf {
        self.folder().join("trust")
    }

    /// Where kits lie, which are handcarry itself, each in a folder of its own.
    pub fn kits(&self) -> PathBuf {
        self.folder().join("kit")
    }

    /// Where public keys lie that are to be trusted on the other side.
    pub fn keys(&self) -> PathBuf {
        self.folder().join("keys")
    }

    /// Asks the operating system what this medium can hold, now.
    ///
    /// # Errors
    /// What the operating system says, sorted by [`MediaError::of`].
    pub fn facts(&self) -> Result<MediumFacts, MediaError> {
        sys::facts(&self.root).map_err(|source| MediaError::of("look at", &self.root, source))
    }
}

/// The serial number of the stick that holds `folder`; `None` where it tells none, or `folder` is of the system's own disk.
pub fn serial_of(folder: &Path) -> Option<String> {
    let facts = sys::facts(folder).ok()?;
    let is_own = facts.mount.is_some_and(|mount| mount.point == Path::new("/"));
    facts.serial.filter(|_| !is_own)
}

/// How much of the disk that holds `folder` is free, in bytes; `None` where the system doesn't say.
pub fn free_bytes(folder: &Path) -> Option<u64> {
    sys::facts(folder).ok().map(|facts| facts.free_bytes)
}

/// Whether what lies there leads elsewhere.
fn is_link(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|facts| sys::is_link(&facts))
}

/// Refuses a path that leads through a folder of ours, `handcarry/requests` and
/// the like, which is a link: what is written there would land elsewhere.
///
/// # Errors
/// [`MediaError::Linked`] with the link.
pub fn refuse_linked(path: &Path) -> Result<(), MediaError> {
    for part in path.ancestors() {
        let named = part.file_name().is_some_and(|name| PARTS.iter().any(|ours| name == *ours));
        let Some(folder) =
            part.parent().filter(|folder| named && folder.file_name().is_some_and(|name| name == FOLDER))
        else {
            continue;
        };
        if let Some(link) = [folder, part].into_iter().find(|path| is_link(path)) {
            return Err(MediaError::Linked { path: link.to_path_buf() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_point_and_the_folder_name_the_same_medium() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("handcarry/bundles")).unwrap();
        let by_root = Medium::at(dir.path()).unwrap();
        let by_folder = Medium::at(&dir.path().join("handcarry")).unwrap();
        assert_eq!(by_root.root, by_folder.root);
        assert_eq!(by_root.bundles(), dir.path().join("handcarry/bundles"));
    }

    #[test]
    fn a_medium_is_the_same_however_it_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("one/handcarry/bundles")).unwrap();
        std::fs::create_dir(dir.path().join("other")).unwrap();
        let at = |below: &str| Medium::at(&dir.path().join(below)).unwrap();
        assert!(at("one").is_same(&at("one/handcarry")) && at("one").is_same(&at("other/../one")));
        assert!(!at("one").is_same(&at("other")));
        if let Some(mount) = Mount::of(dir.path()) {
            let whole = Medium::at(&mount.point).unwrap();
            assert!(whole.is_same(&at("one")) && at("one").is_same(&whole), "a folder on it");
        }
    }

    #[test]
    fn a_stick_that_is_labelled_handcarry_is_a_stick() {
        let dir = tempfile::tempdir().unwrap();
        let stick = dir.path().join("handcarry");
        std::fs::create_dir(&stick).unwrap();
        assert_eq!(Medium::at(&stick).unwrap().root, stick);
    }

    #[test]
    fn facts_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let facts = Medium::at(dir.path()).unwrap().facts().unwrap();
        assert!(facts.free_bytes > 0 && facts.total_bytes >= facts.free_bytes && !facts.read_only, "{facts:?}");
        assert_eq!(sys::largest_file("vfat"), Some((4 << 30) - 1));
        assert_eq!(sys::largest_file("FAT32"), sys::largest_file("vfat"), "as Windows names it");
        assert_eq!((sys::largest_file("exfat"), sys::largest_file("exFAT")), (None, None));
    }

    #[test]
    fn a_stick_that_programs_may_run_from_as_root_is_remarked_on() {
        let facts = |removable: bool, options: &[&str]| MediumFacts {
            filesystem: "ext4".into(),
            free_bytes: 1,
            total_bytes: 1,
            cluster_bytes: 4096,
            largest_file_bytes: None,
            read_only: false,
            removable: Some(removable),
            serial: None,
            mount: Some(Mount {
                point: "/".into(),
                source: "/dev/sdb1".into(),
                kind: "ext4".into(),
                options: options.iter().map(ToString::to_string).collect(),
            }),
        };
        let said = |removable, options: &[&str]| facts(removable, options).remarks(Path::new("/")).join("\n");
        assert!(said(true, &["rw"]).contains("without nosuid and nodev"));
        assert!(said(true, &["rw", "nosuid"]).contains("without nodev,"));
        assert_eq!(said(true, &["rw", "nosuid", "nodev"]), "");
        assert_eq!(said(false, &["rw"]), "", "a disk of the machine's own is mounted as it must be");
    }

    #[test]
    fn what_is_no_folder_is_no_medium() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Medium::at(file.path()), Err(MediaError::NotAFolder { .. })));
        assert!(matches!(Medium::at(Path::new("/no/such/stick")), Err(MediaError::Missing { .. })));
    }
}
