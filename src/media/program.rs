//! A program of ours takes the place of an older one.

use super::{MediaError, Mode, durable, sync_dir, write_durably};
use std::path::{Path, PathBuf};

/// Writes what is to replace `program` durably beside it, so that it can be
/// tried before it does; what a run that was killed left there is overwritten.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`].
pub fn write_program(program: &Path, bytes: &[u8]) -> Result<PathBuf, MediaError> {
    let new = beside(program, "new");
    write_durably(&new, bytes, Mode::Shared)?;
    executable(&new).map_err(|source| MediaError::of("change", &new, source))?;
    Ok(new)
}

/// Puts `new` in the place of `program`, which is kept beside it, and returns
/// where. On Unix there is at every moment a whole program under the name; on
/// Windows, which replaces no program that runs, it is for a moment only under
/// the other one.
///
/// # Errors
/// What the operating system says, sorted by [`MediaError::of`]; then the old
/// program is in its place.
pub fn replace_program(new: &Path, program: &Path) -> Result<PathBuf, MediaError> {
    let old = beside(program, "old");
    keep(program, &old).map_err(|source| MediaError::of("keep", &old, source))?;
    sync_dir(durable::parent(program))?;
    durable::move_durably(new, program).inspect_err(|_| put_back(&old, program))?;
    Ok(old)
}

/// Where the program that this one replaced is kept; `None` where none was.
pub fn kept_program(program: &Path) -> Option<PathBuf> {
    Some(beside(program, "old")).filter(|old| old.is_file())
}

/// `handcarry-inside-new`, and on Windows `handcarry-inside-new.exe`: what has another ending can't be started there.
fn beside(program: &Path, word: &str) -> PathBuf {
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    program.with_file_name(format!("{stem}-{word}{}", std::env::consts::EXE_SUFFIX))
}

#[cfg(unix)]
fn executable(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755))
}

#[cfg(not(unix))]
fn executable(_path: &Path) -> std::io::Result<()> {
    Ok(())
}

/// Gives the program a second name, in one step that leaves the first alone.
#[cfg(unix)]
fn keep(program: &Path, old: &Path) -> std::io::Result<()> {
    let link = beside(program, "keep");
    match std::fs::remove_file(&link) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // A filesystem without links gets a copy.
    std::fs::hard_link(program, &link).or_else(|_| std::fs::copy(program, &link).map(drop))?;
    std::fs::File::open(&link)?.sync_all()?;
    std::fs::rename(&link, old)
}

/// Windows lets a program that runs be renamed, and not be replaced.
#[cfg(not(unix))]
fn keep(program: &Path, old: &Path) -> std::io::Result<()> {
    std::fs::rename(program, old)
}

/// Where the new one could not take its place.
fn put_back(old: &Path, program: &Path) {
    if !program.exists() {
        let _ = std::fs::rename(old, program);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_one_is_in_its_place_and_the_old_one_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join(format!("prog{}", std::env::consts::EXE_SUFFIX));
        std::fs::write(&program, "one").expect("written");
        assert_eq!(kept_program(&program), None);
        for (bytes, before) in [("two", "one"), ("three", "two")] {
            let new = write_program(&program, bytes.as_bytes()).expect("written");
            let old = replace_program(&new, &program).expect("replaced");
            let read = |path: &Path| std::fs::read_to_string(path).expect("read");
            assert_eq!((read(&program), read(&old)), (bytes.to_owned(), before.to_owned()));
            assert_eq!(kept_program(&program), Some(old));
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 2, "nothing else is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(program.metadata().expect("there").permissions().mode() & 0o777, 0o755);
        }
    }
}
