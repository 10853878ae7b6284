//! A bundle's volumes on their way onto media, one or several at the same
//! time. On none of them have they names before all are on that device and were
//! read back from there; each medium is judged by itself.

mod copies;

use crate::bundle::{self, BundleError, Draft, VolumeSet, VolumeSink, WriteSeek, WrittenBundle, is_volume_of};
use crate::console::{Console, Progress};
use crate::media::{self, Bypass, DurableSet, Medium, Mode};
use crate::model::{Failure, FileName, Sha256Digest};
use copies::{Copies, Trouble};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

/// Where [`bundle::write()`](fn@bundle::write) puts its volumes.
pub struct Landing<'a> {
    places: Vec<Place<'a>>,
    name: &'a FileName,
    draft: &'a Draft<'a>,
    console: &'a Console,
    progress: Phases<'a>,
    /// What the packages' CRC-32s and the recovery volumes must be when they are read back.
    expected: Expected,
    /// Which place's bytes the recovery volumes were made of.
    read_again: Option<usize>,
}

/// One medium on its way.
struct Place<'a> {
    medium: &'a Medium,
    set: Option<DurableSet>,
    trouble: Arc<Trouble>,
    kept: Option<Bypass>,
}

/// What became of a bundle on one medium.
#[derive(Debug)]
pub enum Landed {
    /// It is there, and read back; past the cache or not.
    Kept(Bypass),
    /// No volume of it is there.
    Failed(Failure),
    /// No volume of it is there, and no fault of this medium's: its recovery volumes were made of the bytes of another,
    /// which failed.
    Again,
}

/// What is to be found when it is read back.
#[derive(Default)]
struct Expected {
    crcs: Vec<u32>,
    recovery: Vec<(String, Sha256Digest)>,
}

impl<'a> Landing<'a> {
    /// Of the bundle `draft`, to be called `name`, in the media's folders of bundles, which are there.
    pub fn new(
        media: Vec<&'a Medium>,
        (draft, name): (&'a Draft<'a>, &'a FileName),
        writing: &'a Progress,
        console: &'a Console,
    ) -> Self {
        let place = |medium: &'a Medium| {
            let set = Some(DurableSet::new(&medium.bundles(), Mode::Shared));
            Place { medium, set, trouble: Arc::default(), kept: None }
        };
        let places = media.into_iter().map(place).collect();
        let progress = Phases { writing, reading: OnceLock::new() };
        Landing { places, name, draft, console, progress, expected: Expected::default(), read_again: None }
    }

    /// What came of it on each medium, in their order; and the bundle, where any has it.
    ///
    /// # Errors
    /// A [`Failure`] that is of no medium; then none has a volume of it.
    pub fn outcome(
        self,
        written: Result<WrittenBundle, BundleError>,
    ) -> Result<(Option<WrittenBundle>, Vec<Landed>), Failure> {
        self.progress.end();
        let written = match (written, self.read_again) {
            (Ok(written), _) => Some(written),
            (Err(BundleError::Write { .. }), _) if self.places.iter().any(|place| place.trouble.is_some()) => None,
            // Recovery volumes are made of what lies there, so it is that medium which could not be read.
            (Err(error @ (BundleError::Read { .. } | BundleError::VolumeCut { .. })), Some(at)) => {
                self.places[at].trouble.put(error.into());
                None
            }
            (Err(error), _) => return Err(error.into()),
        };
        let landed = |place: Place<'_>| match (place.trouble.take(), place.kept) {
            (Some(failure), _) => Landed::Failed(failure),
            (None, Some(how)) => Landed::Kept(how),
            (None, None) => Landed::Again,
        };
        Ok((written, self.places.into_iter().map(landed).collect()))
    }

    /// Does something with each that has not failed; those it fails with are done with.
    fn each<T>(&mut self, mut act: impl FnMut(&mut Place<'_>) -> Result<T, Failure>) -> io::Result<Vec<T>> {
        let mut made = Vec::new();
        for place in self.places.iter_mut().filter(|place| place.trouble.is_none()) {
            match act(place) {
                Ok(one) => made.push(one),
                Err(failure) => place.trouble.put(failure),
            }
        }
        if made.is_empty() { Err(nowhere()) } else { Ok(made) }
    }

    /// Which of them has to prove what the others wait for, and which have to wait.
    fn proofs(&self) -> Vec<Proof> {
        let (mut takers, mut proofs) = (Vec::new(), Vec::new());
        for at in 0..self.places.len() {
            let waits = self.read_again.is_some_and(|read| read != at);
            let (told, wait) = channel();
            if waits {
                takers.push(told);
            }
            proofs.push(Proof { gives: Vec::new(), takes: waits.then_some(wait) });
        }
        if let Some(read) = self.read_again.filter(|read| self.places[*read].trouble.is_none()) {
            proofs[read].gives = takers;
        }
        proofs
    }
}

impl VolumeSink for Landing<'_> {
    fn names(&mut self) -> io::Result<Vec<String>> {
        let name = self.name;
        self.each(|place| {
            let there = place.set().names()?;
            match there.into_iter().filter(|file| is_volume_of(file, name.as_str())).min() {
                Some(taken) => Err(BundleError::NameTaken { name: taken }.into()),
                None => Ok(()),
            }
        })?;
        Ok(Vec::new())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        let files = self.each(|place| Ok((Arc::clone(&place.trouble), place.set().create(name)?)))?;
        Ok(Box::new(Copies::new(name, files)))
    }

    fn reopen(&mut self, name: &str) -> io::Result<File> {
        let first = self.places.iter().position(|place| place.trouble.is_none());
        // All volumes from the same one: what is read again stands or falls with it.
        let at = self.read_again.or(first).ok_or_else(nowhere)?;
        self.read_again = Some(at);
        let place = &mut self.places[at];
        let file = place.set().reopen(name);
        file.map_err(|error| {
            place.trouble.put(error.into());
            nowhere()
        })
    }

    fn expect(&mut self, crcs: &[u32], recovery: &[(String, Sha256Digest)]) {
        self.expected = Expected { crcs: crcs.to_vec(), recovery: recovery.to_vec() };
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        let proofs = self.proofs();
        let Landing { places, draft, console, progress, expected, .. } = self;
        let alive = places.iter_mut().zip(proofs).filter(|(place, _)| place.trouble.is_none());
        let mut alive: Vec<_> = alive.collect();
        let check = Check { draft, expected, console, progress, media: alive.len() as u64 };
        let paths: Vec<_> = match alive.as_mut_slice() {
            [(place, proof)] => vec![place.settle(proof, &check)],
            several => std::thread::scope(|scope| {
                let check = &check;
                let begun = several.iter_mut().map(|(place, proof)| scope.spawn(move || place.settle(proof, check)));
                let begun: Vec<_> = begun.collect();
                begun.into_iter().map(|one| one.join().expect("reading back does not panic")).collect()
            }),
        };
        paths.into_iter().flatten().next().ok_or_else(nowhere)
    }
}

/// What is told to the bundle's writer when no medium is left: each one's own
/// words and hint say more, and `io::Error` can't carry them whole.
fn nowhere() -> io::Error {
    io::Error::other("no medium is left")
}

/// What one medium's bytes prove for the others, whose recovery volumes were made of them.
struct Proof {
    gives: Vec<Sender<()>>,
    takes: Option<Receiver<()>>,
}

/// The bars of the two phases: the second begins where the first medium of all comes so far.
struct Phases<'a> {
    writing: &'a Progress,
    reading: OnceLock<Progress>,
}

impl Phases<'_> {
    fn reading(&self, begin: impl FnOnce() -> Progress) -> &Progress {
        self.reading.get_or_init(|| {
            self.writing.finish();
            begin()
        })
    }

    fn end(&self) {
        self.reading.get().unwrap_or(self.writing).finish();
    }
}

/// What decides whether a medium has it.
struct Check<'c> {
    draft: &'c Draft<'c>,
    expected: &'c Expected,
    console: &'c Console,
    progress: &'c Phases<'c>,
    /// How many are read back.
    media: u64,
}

/// Why a medium has no volume of it.
enum Refusal {
    Failed(Failure),
    Unproven,
}

impl<E: Into<Failure>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Refusal::Failed(error.into())
    }
}

impl Place<'_> {
    fn set(&mut self) -> &mut DurableSet {
        self.set.as_mut().expect("nothing is created or opened after the files have their names")
    }

    /// Brings all volumes to the device, reads them back, and names them; returns their paths in order, and none where
    /// it can't be.
    fn settle(&mut self, proof: &mut Proof, check: &Check<'_>) -> Option<Vec<PathBuf>> {
        let (set, medium) = (self.set.take().expect("named once"), self.medium);
        let mut how = Bypass::Bypassed;
        // Whatever comes of it, nobody waits for this one any longer when it ends.
        let gives = std::mem::take(&mut proof.gives);
        let settled = set.commit_checked(|files| -> Result<(), Refusal> {
            // The cache keeps what is not on the device yet, and the read-back would come from there.
            media::sync_filesystem(&medium.root)?;
            how = check.read_back(&medium.bundles(), files)?;
            // One that failed meanwhile waits no longer.
            gives.iter().for_each(|waits| _ = waits.send(()));
            match &proof.takes {
                Some(takes) if takes.recv().is_err() => Err(Refusal::Unproven),
                _ => Ok(()),
            }
        });
        // The names as well.
        let settled = settled.and_then(|paths| {
            media::sync_filesystem(&medium.root)?;
            Ok(paths)
        });
        match settled {
            Ok(paths) => {
                self.kept = Some(how);
                Some(paths)
            }
            Err(Refusal::Failed(failure)) => {
                self.trouble.put(failure);
                None
            }
            Err(Refusal::Unproven) => None,
        }
    }
}

impl Check<'_> {
    /// Reads all of it back, each file under its temporary name.
    fn read_back(&self, folder: &Path, files: &[(PathBuf, PathBuf)]) -> Result<Bypass, Failure> {
        let Expected { crcs, recovery } = self.expected;
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
            Ok(file.into_file())
        };
        let sizes = files.iter().filter(|(_, target)| recovery.iter().any(|(path, _)| path == target));
        let sizes = sizes.filter_map(|(temporary, _)| Some(temporary.metadata().ok()?.len()));
        let bytes = self.draft.manifest.total_bytes() + sizes.sum::<u64>();
        let begin = || self.console.progress("Reading back", bytes.saturating_mul(self.media));
        let progress = self.progress.reading(begin);
        bundle::read_back(&set, self.draft, crcs, &open, progress)?;
        bundle::read_back_recovery(&recovery, &open, progress)?;
        Ok(how.into_inner())
    }
}
