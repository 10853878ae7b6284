//! The media room from outside: durable or not done, bounded, honest.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the place named, which is what it is for")]

use handcarry::testing::media::*;
use handcarry::testing::model::{Exit, Explain, Failure, Hint};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_only_when_it_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("receipt.json");
    let mut file = DurableFile::create(&target, Mode::Shared, false).unwrap();
    file.write_all(b"half").unwrap();
    let during = names(dir.path());
    assert!(during.len() == 1 && is_temporary(&during[0]), "{during:?}");
    file.seek(SeekFrom::Start(0)).unwrap();
    file.write_all(b"full").unwrap();
    file.commit().unwrap();
    assert_eq!(names(dir.path()), ["receipt.json"]);
    assert_eq!(std::fs::read(&target).unwrap(), b"full");
}

#[test]
fn a_file_that_is_dropped_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    drop(DurableFile::create(&dir.path().join("x"), Mode::Private, false).unwrap());
    let mut set = DurableSet::new(dir.path(), Mode::Private);
    set.create("a.001").unwrap().write_all(b"1").unwrap();
    set.create("a.002").unwrap();
    assert_eq!(names(dir.path()).len(), 2);
    drop(set);
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn nothing_is_overwritten_unasked_even_when_it_appears_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let target = dir.path().join("x");
    let late = DurableFile::create(&target, Mode::Shared, false).unwrap();
    write_durably_new(&target, b"first", Mode::Shared).unwrap();
    assert_eq!(late.commit().unwrap_err().exit(), Exit::Exists);
    assert_eq!(write_durably_new(&target, b"second", Mode::Shared).unwrap_err().exit(), Exit::Exists);
    assert_eq!(std::fs::read(&target).unwrap(), b"first");
    write_durably(&target, b"second", Mode::Shared).unwrap();
    assert_eq!(std::fs::read(&target).unwrap(), b"second");
    assert_eq!(names(dir.path()), ["x"]);
}

#[test]
fn a_set_is_named_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let mut set = DurableSet::new(dir.path(), Mode::Shared);
    for name in ["a.001", "a.002", "a.003"] {
        set.create(name).unwrap().write_all(name.as_bytes()).unwrap();
    }
    // One name is taken after the set began.
    std::fs::write(dir.path().join("a.002"), "other").unwrap();
    assert_eq!(set.commit_all().unwrap_err().exit(), Exit::Exists);
    assert_eq!(names(dir.path()), ["a.002"]);

    std::fs::remove_file(dir.path().join("a.002")).unwrap();
    let mut set = DurableSet::new(dir.path(), Mode::Shared);
    set.create("a.001").unwrap();
    set.create("a.002").unwrap();
    assert_eq!(set.commit_all().unwrap(), [dir.path().join("a.001"), dir.path().join("a.002")]);
}

#[test]
fn what_another_run_is_writing_is_no_leftover() {
    let dir = tempfile::tempdir().unwrap();
    let mut set = DurableSet::new(dir.path(), Mode::Shared);
    drop(set.create("a.001").unwrap());
    assert!(is_written_to(dir.path()) && remove_leftovers(dir.path()).is_empty());
    set.commit_all().unwrap();
    std::fs::write(dir.path().join(".handcarry-0123.set.part"), "left").unwrap();
    assert!(!is_written_to(dir.path()));
    assert_eq!(remove_leftovers(dir.path()).len(), 1);
    assert_eq!(names(dir.path()), ["a.001"]);
}

#[cfg(unix)]
#[test]
fn private_files_and_folders_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    create_dirs(&dir.path().join("home/keys"), Mode::Private).unwrap();
    create_dirs(&dir.path().join("home/keys"), Mode::Private).unwrap();
    let key = dir.path().join("home/keys/signing");
    write_durably(&key, b"secret", Mode::Private).unwrap();
    write_durably(&dir.path().join("public"), b"", Mode::Shared).unwrap();
    assert_eq!((mode(&dir.path().join("home")), mode(key.parent().unwrap()), mode(&key)), (0o700, 0o700, 0o600));
    assert_eq!(mode(&dir.path().join("public")), 0o644);
}

#[test]
fn reading_is_bounded_and_says_by_what() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("request.json");
    std::fs::write(&path, "12345").unwrap();
    assert_eq!(read_bounded(&path, 5, "request").unwrap(), b"12345");
    let error = read_bounded(&path, 4, "request").unwrap_err();
    assert_eq!(error.exit(), Exit::LimitExceeded);
    assert!(error.to_string().ends_with("is larger than request may be: 4 B at most"), "{error}");
    assert_eq!(read_bounded(&dir.path().join("none"), 4, "request").unwrap_err().exit(), Exit::MediaMissing);
}

#[test]
fn reading_past_the_cache_reads_the_same_and_says_what_it_could_do() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = dir.path().join("volume");
    write_durably(&path, &[7; 100_000], Mode::Shared).unwrap();
    sync_filesystem(dir.path()).unwrap();
    let (mut file, bypass) = open_uncached(&path).unwrap();
    let mut content = Vec::new();
    file.read_to_end(&mut content).unwrap();
    assert!(content == [7; 100_000]);
    // Which of both it is depends on the filesystem here; it must be said either way.
    if let Bypass::Cached { why } = &bypass {
        assert!(!why.is_empty());
    }
    eprintln!("{bypass:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_never_called_a_device() {
    let Ok(dir) = tempfile::tempdir_in("/dev/shm") else { return };
    let facts = Medium::at(dir.path()).unwrap().facts().unwrap();
    assert_eq!(facts.filesystem, "tmpfs");
    write_durably(&dir.path().join("x"), b"x", Mode::Shared).unwrap();
    let (_, bypass) = open_uncached(&dir.path().join("x")).unwrap();
    assert!(matches!(bypass, Bypass::Cached { .. }), "{bypass:?}");
}

/// A small filesystem of its own, unmounted when dropped.
struct Mounted(PathBuf);

impl Mounted {
    /// `None` where mounting is not allowed.
    fn tmpfs(at: &Path, options: &str) -> Option<Mounted> {
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(at).output().ok()?;
        done.status.success().then(|| Mounted(at.to_path_buf()))
    }

    fn remount_read_only(&self) {
        assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// Does what works once nobody holds a file of ours: a program that another test starts at this moment has all open
/// files of this one until it is another program.
fn free_again(mut work: impl FnMut() -> Result<(), MediaError>) {
    let began = std::time::Instant::now();
    while let Err(error) = work() {
        assert!(began.elapsed().as_secs() < 60, "{error}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_full_and_a_read_only_medium_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let Some(mounted) = Mounted::tmpfs(dir.path(), "size=1m") else {
        eprintln!("not allowed to mount here: the full and the read-only medium were not tried");
        return;
    };
    let target = dir.path().join("x");
    let error = write_durably(&target, &vec![1; 2 << 20], Mode::Shared).unwrap_err();
    assert_eq!(error.exit(), Exit::NoSpace, "{error}");
    assert_eq!(names(dir.path()), [""; 0], "nothing is left of what did not fit");
    free_again(|| write_durably(&target, b"kept", Mode::Shared));
    mounted.remount_read_only();
    assert_eq!(write_durably(&target, b"lost", Mode::Shared).unwrap_err().exit(), Exit::ReadOnly);
    assert!(Medium::at(dir.path()).unwrap().facts().unwrap().read_only);
    assert_eq!(read_bounded(&target, 10, "file").unwrap(), b"kept");
}

#[cfg(target_os = "linux")]
#[test]
fn a_medium_is_let_go_of_once_nobody_uses_it_and_a_folder_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let medium = Medium::at(dir.path()).unwrap();
    assert!(matches!(medium.eject(), Err(MediaError::NotMounted { .. })));
    let Some(_mounted) = Mounted::tmpfs(dir.path(), "size=1m") else {
        eprintln!("not allowed to mount here: no medium was ejected");
        return;
    };
    let open = std::fs::File::create(dir.path().join("x")).unwrap();
    assert!(matches!(medium.eject(), Err(MediaError::InUse { .. })));
    drop(open);
    free_again(|| medium.eject());
    assert_eq!(medium.is_mount_point(), Some(false));
}

#[test]
fn errors_keep_their_kind_on_the_way_through_io() {
    let missing = read_bounded(Path::new("/no/such/file"), 1, "file").unwrap_err();
    assert_eq!(std::io::Error::from(missing).kind(), std::io::ErrorKind::NotFound);
    let fault = std::io::Error::from_raw_os_error(5);
    assert_eq!(MediaError::of("read", Path::new("x"), fault).exit(), Exit::MediaFault);
}

#[cfg(target_os = "linux")]
#[test]
fn each_refusal_of_the_system_is_told_as_itself() {
    use handcarry::testing::bundle::BundleError;
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("closed");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let path = folder.join("b.zip");
    // The numbers of errno(3) on Linux.
    for (number, exit, words) in [
        (1, Exit::NoPermission, "no permission for"),
        (13, Exit::NoPermission, "has mode 0700, and this runs as uid"),
        (28, Exit::NoSpace, "no space left"),
        (122, Exit::NoSpace, "its quota is used up"),
        (27, Exit::NoSpace, "larger than this filesystem allows"),
        (30, Exit::ReadOnly, "the medium is read-only"),
        (36, Exit::Failure, "a longer name than this filesystem takes"),
        (5, Exit::MediaFault, "the medium failed"),
        (19, Exit::MediaFault, "the medium failed"),
    ] {
        let error = || std::io::Error::from_raw_os_error(number);
        let told = Failure::from(MediaError::of("write", &path, error()));
        assert_eq!(told.exit, exit, "{number}: {told:?}");
        assert!(told.message.contains(words), "{number}: {told:?}");
        let loose =
            |hint: &Option<Hint>| hint.as_ref().is_some_and(|hint| hint.as_part().contains("plugged in firmly"));
        assert_eq!(loose(&told.hint), exit == Exit::MediaFault, "{number}: {told:?}");
        // A bundle's volumes are told alike.
        let (name, volume) = ("b.zip".to_owned(), "b.zip".to_owned());
        for told in [
            Failure::from(BundleError::Write { name, source: error() }),
            Failure::from(BundleError::Read { volume, offset: 0, source: error() }),
        ] {
            let exit = if exit == Exit::Failure { Exit::MediaFault } else { exit };
            assert_eq!(told.exit, exit, "{number}: {told:?}");
            assert_eq!(loose(&told.hint), exit == Exit::MediaFault, "{number}: {told:?}");
        }
    }
    let long = dir.path().join("n".repeat(300));
    assert!(matches!(write_durably(&long, b"x", Mode::Shared), Err(MediaError::NameTooLong { .. })));
}

#[cfg(unix)]
#[test]
fn what_is_not_private_though_it_was_made_so_is_found_when_it_is_read_back() {
    use handcarry::testing::media::{Exposed, note_private, note_private_folder, take_exposed};
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    take_exposed();
    let path = dir.path().join("key");
    write_durably(&path, b"secret", Mode::Private).unwrap();
    create_dirs(&dir.path().join("keys"), Mode::Private).unwrap();
    assert_eq!(DurableFile::try_private(dir.path()).unwrap(), None);
    assert!(take_exposed().iter().all(|told| !told.contains(&path.display().to_string())));

    // As a filesystem without permissions would show it.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::set_permissions(dir.path().join("keys"), std::fs::Permissions::from_mode(0o750)).unwrap();
    note_private(&path, &std::fs::File::open(&path).unwrap());
    note_private_folder(&dir.path().join("keys"));
    let told = take_exposed().join("\n");
    assert!(told.contains(&path.display().to_string()) && told.contains("mode 0644"), "{told}");
    assert!(told.contains("keys") && told.contains("mode 0750") && told.contains(Exposed::REMEDY), "{told}");
    assert!(take_exposed().is_empty(), "told once");
}
