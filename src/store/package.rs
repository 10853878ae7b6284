//! One package on its way into the store.

use super::{Store, StoreError};
use crate::bundle::{BundleError, VerifiedReader};
use crate::media::{self, MediaError, Mode};
use crate::model::{CHUNK_BYTES, Meter, Package, Sha256Digest};
use crate::objects::{self, Digests};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// Chunks in a row that a medium may fail to give before it is left alone.
// A bad spot is smaller. A medium that was pulled gives none of them, and some take half a minute to say so each time.
const MAX_UNREADABLE: usize = 32;

/// Bytes after which a growing package is synced.
// A slow disk writes so many in less time than a fast stick gives them, and a power cut costs no more.
const SYNC_EVERY_BYTES: u64 = 64 << 20;

/// A package in the store: whole, or as far as it came.
#[derive(Debug)]
pub(super) struct Filling<'p> {
    pub package: &'p Package,
    /// Where it lies now.
    pub path: PathBuf,
    /// Whether that is its own place.
    pub in_place: bool,
    /// What is wrong with the chunks that are not whole, in their order.
    pub damaged: Vec<(usize, BundleError)>,
    /// The digest of all of it, where its bytes came in order.
    whole: Option<Sha256Digest>,
}

impl<'p> Filling<'p> {
    /// Looks at what of the package is kept, and reads the chunks that are not,
    /// each once, from `medium`. `meter` advances by the package's bytes.
    ///
    /// # Errors
    /// [`StoreError::Media`] where this machine's disk refuses.
    pub fn read(
        package: &'p Package,
        medium: &VerifiedReader,
        store: &Store,
        meter: &dyn Meter,
    ) -> Result<Self, StoreError> {
        let (place, partial) = (store.objects().path(&package.sha256), store.partial_path(&package.sha256));
        if let Some(whole) = is_whole(package, &place)? {
            media::keep_names(place.parent().expect("an object's path has a folder"))?;
            meter.advance(package.size_bytes);
            let (in_place, damaged) = (true, Vec::new());
            return Ok(Filling { package, path: place, in_place, damaged, whole: Some(whole) });
        }
        // What lies in its place and is not it goes on as a beginning of it: most of its chunks may be right.
        if place.exists() {
            media::move_durably(&place, &partial)?;
        }
        let new = !partial.exists();
        if new {
            media::write_durably(&partial, b"", Mode::Private)?;
        }
        let failed = |source| StoreError::from(MediaError::of("write", &partial, source));
        let doubted = |source| {
            doubt(&partial);
            failed(source)
        };
        let mut file = File::options().read(true).write(true).open(&partial).map_err(failed)?;
        let right = |file: &mut File, number| is_right(file, package, number);
        let lacking: Vec<usize> = (0..package.chunks.len()).filter(|at| new || !right(&mut file, *at)).collect();
        let mut whole = Some(Sha256::new());
        let (mut damaged, mut next, mut unreadable) = (Vec::new(), 0, 0);
        let mut syncing = Syncing::default();
        medium.chunks(&lacking, &mut |number, bytes, wrong| {
            pass(&mut whole, &mut file, package, next..number, meter).map_err(failed)?;
            next = number + 1;
            meter.advance(bytes.len() as u64);
            // Damaged ones too: most of their blocks are what recovery volumes mend the others by.
            seek(&mut file, number).and_then(|()| file.write_all(bytes)).map_err(failed)?;
            syncing.wrote(&file, bytes.len() as u64).map_err(doubted)?;
            let Some(error) = wrong else {
                whole.iter_mut().for_each(|whole| whole.update(bytes));
                unreadable = 0;
                return Ok(());
            };
            unreadable = if error.is_unreadable() { unreadable + 1 } else { 0 };
            if unreadable == MAX_UNREADABLE {
                return Err(StoreError::from(error));
            }
            damaged.push((number, error));
            whole = None;
            Ok(())
        })?;
        pass(&mut whole, &mut file, package, next..package.chunks.len(), meter).map_err(failed)?;
        syncing.end().map_err(doubted)?;
        // Whoever mends a chunk that is lacking writes it where it belongs, which may be beyond the end.
        file.set_len(package.size_bytes).map_err(failed)?;
        let whole = whole.map(Sha256Digest::finish);
        Ok(Filling { package, path: partial, in_place: false, damaged, whole })
    }

    /// Looks again at the chunks that were not whole, after something mended them.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn look_again(&mut self) -> Result<(), StoreError> {
        let mut file = media::open_regular(&self.path)?;
        self.damaged.retain(|(number, _)| !is_right(&mut file, self.package, *number));
        Ok(())
    }

    /// Brings a package of which every chunk is whole to its place, durably.
    ///
    /// # Errors
    /// [`StoreError::Contradiction`] where it has not the digest that was signed.
    pub fn settle(self, store: &Store) -> Result<(), StoreError> {
        let digests = match self.whole {
            _ if self.in_place => return Ok(()),
            Some(sha256) => {
                let Package { size_bytes, chunks, .. } = self.package;
                Digests { size_bytes: *size_bytes, sha256, chunks: chunks.clone() }
            }
            None => objects::digest(&self.path, &())?,
        };
        if digests.sha256 != self.package.sha256 {
            let _ = std::fs::remove_file(&self.path);
            return Err(StoreError::Contradiction { file: self.package.file.clone() });
        }
        Ok(store.objects().put_in_place(&self.path, &digests).inspect_err(|_| doubt(&self.path))?)
    }
}

/// The digest of what lies in a package's place, where every chunk of it is right.
fn is_whole(package: &Package, place: &Path) -> Result<Option<Sha256Digest>, StoreError> {
    if !std::fs::metadata(place).is_ok_and(|facts| facts.is_file() && facts.len() == package.size_bytes) {
        return Ok(None);
    }
    // What the disk does not give is not there; it is brought anew.
    let found = objects::digest(place, &()).ok().filter(|found| found.chunks == package.chunks);
    match found {
        Some(found) if found.sha256 == package.sha256 => Ok(Some(found.sha256)),
        Some(_) => Err(StoreError::Contradiction { file: package.file.clone() }),
        None => Ok(None),
    }
}

/// Brings what was written to the disk beside the reading, so that the medium need not wait for it in the end.
#[derive(Default)]
struct Syncing {
    unsynced_bytes: u64,
    going_on: Option<JoinHandle<io::Result<()>>>,
}

impl Syncing {
    fn wrote(&mut self, file: &File, bytes: u64) -> io::Result<()> {
        self.unsynced_bytes += bytes;
        let is_over = self.going_on.as_ref().is_none_or(JoinHandle::is_finished);
        if self.unsynced_bytes < SYNC_EVERY_BYTES || !is_over {
            return Ok(());
        }
        self.end()?;
        self.unsynced_bytes = 0;
        let file = file.try_clone()?;
        self.going_on = Some(std::thread::spawn(move || file.sync_data()));
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.going_on.take().map_or(Ok(()), |going_on| going_on.join().expect("a sync does not panic"))
    }
}

/// Lets go of a package whose sync failed: memory may hold what the disk has lost, and gives it to whoever looks.
fn doubt(partial: &Path) {
    let _ = std::fs::remove_file(partial);
}

/// Gives chunks that were whole already to the whole's digest.
fn pass(
    whole: &mut Option<Sha256>,
    file: &mut File,
    package: &Package,
    numbers: std::ops::Range<usize>,
    meter: &dyn Meter,
) -> io::Result<()> {
    for number in numbers {
        meter.advance(length(package, number) as u64);
        if let Some(whole) = whole {
            whole.update(read(file, package, number)?);
        }
    }
    Ok(())
}

fn length(package: &Package, number: usize) -> usize {
    (package.size_bytes - number as u64 * CHUNK_BYTES).min(CHUNK_BYTES) as usize
}

fn seek(file: &mut File, number: usize) -> io::Result<()> {
    file.seek(SeekFrom::Start(number as u64 * CHUNK_BYTES)).map(drop)
}

fn read(file: &mut File, package: &Package, number: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length(package, number)];
    seek(file, number)?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Whether a chunk that is kept is what was signed for; one that the disk does not give is not.
fn is_right(file: &mut File, package: &Package, number: usize) -> bool {
    read(file, package, number).is_ok_and(|bytes| Sha256Digest::of(&bytes) == package.chunks[number])
}
