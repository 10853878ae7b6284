//! A bundle's volumes on their way onto a medium. None has its name before all
//! of them are on the device and were read back from there.

use crate::bundle::{self, BundleError, Draft, VolumeSet, VolumeSink, WriteSeek, WrittenBundle};
use crate::cli::Context;
use crate::console::Progress;
use crate::media::{self, Bypass, DurableSet, Medium, Mode};
use crate::model::{Failure, Sha256Digest};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// Where [`bundle::write()`](fn@bundle::write) puts its volumes.
pub struct Landing<'a> {
    medium: &'a Medium,
    draft: &'a Draft,
    context: &'a Context,
    /// Of the writing; ends where reading back begins.
    progress: Option<&'a Progress>,
    set: Option<DurableSet>,
    /// What the packages' CRC-32s and the recovery volumes must be when they are read back.
    crcs: Vec<u32>,
    recovery: Vec<(String, Sha256Digest)>,
    /// Why it failed: the medium's own words and hint say more than those of
    /// the bundle's writer, and `io::Error` can't carry them whole.
    trouble: Option<Failure>,
    how: Bypass,
}

impl<'a> Landing<'a> {
    /// Of the bundle `draft`, in the medium's folder of bundles, which is there.
    pub fn new(medium: &'a Medium, draft: &'a Draft, progress: &'a Progress, context: &'a Context) -> Self {
        let set = Some(DurableSet::new(&medium.bundles(), Mode::Shared));
        let (crcs, recovery, trouble, how) = (Vec::new(), Vec::new(), None, Bypass::Bypassed);
        Landing { medium, draft, context, progress: Some(progress), set, crcs, recovery, trouble, how }
    }

    /// What came of writing, and whether the read-back passed the cache.
    ///
    /// # Errors
    /// A [`Failure`]; then no volume has its name, and none is left.
    pub fn outcome(mut self, written: Result<WrittenBundle, BundleError>) -> Result<(WrittenBundle, Bypass), Failure> {
        self.end_progress();
        match (written, self.trouble) {
            (Ok(written), _) => {
                // The names as well.
                media::sync_filesystem(&self.medium.root)?;
                Ok((written, self.how))
            }
            (Err(BundleError::Write { .. }), Some(trouble)) => Err(trouble),
            (Err(error), _) => Err(error.into()),
        }
    }

    fn end_progress(&mut self) {
        self.progress.take().into_iter().for_each(Progress::finish);
    }

    fn keep<T, E: Into<Failure>>(&mut self, outcome: Result<T, E>) -> io::Result<T> {
        outcome.map_err(|error| {
            let trouble = error.into();
            let told = io::Error::other(trouble.message.clone());
            self.trouble = Some(trouble);
            told
        })
    }
}

impl VolumeSink for Landing<'_> {
    fn names(&mut self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.medium.bundles())? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        let set = self.set.as_mut().expect("nothing is created after the commit");
        let file = set.create(name);
        Ok(Box::new(self.keep(file)?))
    }

    fn reopen(&mut self, name: &str) -> io::Result<File> {
        let file = self.set.as_ref().expect("nothing is opened after the commit").reopen(name);
        self.keep(file)
    }

    fn expect(&mut self, crcs: &[u32], recovery: &[(String, Sha256Digest)]) {
        self.crcs = crcs.to_vec();
        self.recovery = recovery.to_vec();
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        let set = self.set.take().expect("committed once");
        let mut how = Bypass::Bypassed;
        let (medium, draft, context) = (self.medium, self.draft, self.context);
        let (crcs, recovery) = (std::mem::take(&mut self.crcs), std::mem::take(&mut self.recovery));
        let paths = set.commit_checked(|files| {
            self.end_progress();
            // The cache keeps what is not on the device yet, and the read-back would come from there.
            media::sync_filesystem(&medium.root)?;
            how = read_back(&medium.bundles(), files, draft, (&crcs, &recovery), context)?;
            Ok::<(), Failure>(())
        });
        self.how = how;
        self.keep(paths)
    }
}

/// Reads all of it back, each file under its temporary name.
fn read_back(
    folder: &Path,
    files: &[(PathBuf, PathBuf)],
    draft: &Draft,
    (crcs, recovery): (&[u32], &[(String, Sha256Digest)]),
    context: &Context,
) -> Result<Bypass, Failure> {
    let mut names: Vec<&str> = files.iter().filter_map(|(_, target)| target.file_name()?.to_str()).collect();
    // Recovery volumes are compared by their digests, since no manifest tells of them.
    names.retain(|name| !recovery.iter().any(|(other, _)| other == name));
    let set = VolumeSet::to_be(folder, &names);
    let recovery: Vec<_> = recovery.iter().map(|(name, digest)| (folder.join(name), *digest)).collect();
    let how = RefCell::new(Bypass::Bypassed);
    let open = |path: &Path| -> io::Result<File> {
        let (temporary, _) = files.iter().find(|(_, target)| target == path).ok_or(io::ErrorKind::NotFound)?;
        let (file, bypass) = media::open_uncached(temporary).map_err(io::Error::from)?;
        // One file that came from memory is enough to doubt the whole.
        if bypass != Bypass::Bypassed {
            *how.borrow_mut() = bypass;
        }
        Ok(file)
    };
    let sizes = files.iter().filter(|(_, target)| recovery.iter().any(|(path, _)| path == target));
    let sizes = sizes.filter_map(|(temporary, _)| Some(temporary.metadata().ok()?.len()));
    let bytes = bundle::parse_manifest(&draft.manifest)?.total_bytes() + sizes.sum::<u64>();
    let progress = context.console.progress("Reading back", bytes);
    let outcome = bundle::read_back(&set, draft, crcs, &open, &progress)
        .and_then(|()| bundle::read_back_recovery(&recovery, &open, &progress));
    progress.finish();
    outcome?;
    Ok(how.into_inner())
}
