//! A folder as the place of volumes: none has its name before all are on the device.

use super::{BundleError, VolumeSink, WriteSeek};
use crate::media::{DurableSet, MediaError, Mode};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Where restored and copied volumes go.
pub struct Folder {
    set: Option<DurableSet>,
    /// Why it failed: `io::Error` can't carry it whole.
    trouble: Option<MediaError>,
}

impl Folder {
    /// Of a folder that is there.
    pub fn new(folder: &Path, mode: Mode) -> Self {
        Folder { set: Some(DurableSet::new(folder, mode)), trouble: None }
    }

    /// What came of writing, in the medium's own words where it failed.
    ///
    /// # Errors
    /// The error as the caller's own.
    pub fn outcome<T, E: From<BundleError> + From<MediaError>>(
        &mut self,
        outcome: Result<T, BundleError>,
    ) -> Result<T, E> {
        outcome.map_err(|error| match (error, self.trouble.take()) {
            (BundleError::Write { .. }, Some(trouble)) => trouble.into(),
            (error, _) => error.into(),
        })
    }

    /// Brings all files to the device and names them.
    ///
    /// # Errors
    /// The medium's; then none has its name.
    pub fn name_all(mut self) -> Result<Vec<PathBuf>, MediaError> {
        self.set.take().expect("named once").commit_all()
    }

    fn set(&mut self) -> &mut DurableSet {
        self.set.as_mut().expect("nothing is written after the files are named")
    }

    fn keep<T>(&mut self, outcome: Result<T, MediaError>) -> io::Result<T> {
        // The bundle's writer knows only `io::Error`. The medium's own error has the
        // exit code and the hint, so it waits here until the writer has returned.
        outcome.map_err(|error| {
            let told = io::Error::other(error.to_string());
            self.trouble = Some(error);
            told
        })
    }
}

impl VolumeSink for Folder {
    fn names(&mut self) -> io::Result<Vec<String>> {
        let names = self.set().names();
        self.keep(names)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        let file = self.set().create(name);
        Ok(Box::new(self.keep(file)?))
    }

    fn reopen(&mut self, name: &str) -> io::Result<File> {
        let file = self.set().reopen(name);
        self.keep(file)
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        let set = self.set.take().expect("named once");
        let paths = set.commit_all();
        self.keep(paths)
    }
}
