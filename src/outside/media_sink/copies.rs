//! A volume that is written onto several media at the same time.

use crate::bundle::BundleError;
use crate::model::Failure;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// From how many bytes on each medium is written by a thread of its own.
// A thread costs as much as writing some ten KiB into memory. The kernel takes what is less at once, but from a medium
// that is behind, and such a one would hold up the others.
const SIDE_BY_SIDE_BYTES: usize = 256 << 10;

/// Why a medium has no bundle; what is found first counts.
#[derive(Debug, Default)]
pub(super) struct Trouble(Mutex<Option<Failure>>);

impl Trouble {
    pub fn put(&self, failure: Failure) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(failure);
    }

    pub fn is_some(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    pub fn is_none(&self) -> bool {
        !self.is_some()
    }

    pub fn take(&self) -> Option<Failure> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// One volume on each of the media that have not failed.
pub(super) struct Copies {
    name: String,
    files: Vec<(Arc<Trouble>, File)>,
}

impl Copies {
    pub fn new(name: &str, files: Vec<(Arc<Trouble>, File)>) -> Self {
        Copies { name: name.to_owned(), files }
    }

    /// Does the same with each. One that it fails with is let go of, and so is one that failed elsewhere.
    ///
    /// # Errors
    /// Where none is left.
    fn each(&mut self, at_once: bool, act: impl Fn(&File) -> io::Result<()> + Sync) -> io::Result<()> {
        self.files.retain(|(trouble, _)| trouble.is_none());
        let one = |(trouble, file): &(Arc<Trouble>, File)| {
            if let Err(source) = act(file) {
                trouble.put(BundleError::Write { name: self.name.clone(), source }.into());
            }
        };
        match self.files.as_slice() {
            [only] => one(only),
            several if at_once => std::thread::scope(|scope| {
                several.iter().for_each(|file| drop(scope.spawn(move || one(file))));
            }),
            several => several.iter().for_each(one),
        }
        self.files.retain(|(trouble, _)| trouble.is_none());
        if self.files.is_empty() { Err(super::nowhere()) } else { Ok(()) }
    }
}

impl Write for Copies {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.each(bytes.len() >= SIDE_BY_SIDE_BYTES, |mut file| file.write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.each(false, |mut file| file.flush())
    }
}

impl Seek for Copies {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.each(false, |mut file| file.seek(to).map(drop))?;
        // They are all as long.
        let (_, file) = self.files.first().ok_or_else(super::nowhere)?;
        let mut file = file;
        file.stream_position()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_fails_is_let_go_of_and_the_others_have_all_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let good = || (Arc::new(Trouble::default()), File::create(path("good")).unwrap());
        let bad = || {
            std::fs::write(path("bad"), b"").unwrap();
            (Arc::new(Trouble::default()), File::open(path("bad")).unwrap())
        };
        for size in [10, SIDE_BY_SIDE_BYTES] {
            let (bad, good) = (bad(), good());
            let (failed, fine) = (Arc::clone(&bad.0), Arc::clone(&good.0));
            let mut copies = Copies::new("a.zip", vec![bad, good]);
            copies.write_all(&vec![7; size]).unwrap();
            copies.seek(SeekFrom::Start(2)).unwrap();
            copies.write_all(&[1]).unwrap();
            assert_eq!(copies.seek(SeekFrom::End(0)).unwrap(), size as u64);
            let (failed, fine) = (failed.take(), fine.take());
            assert!(failed.is_some_and(|failure| failure.message.contains("a.zip")) && fine.is_none());
            let there = std::fs::read(path("good")).unwrap();
            assert!(there.len() == size && there[2] == 1 && there[size - 1] == 7);
        }
        let mut nobody = Copies::new("a.zip", vec![bad()]);
        assert!(nobody.write_all(b"x").is_err() && nobody.write_all(b"x").is_err());
    }
}
