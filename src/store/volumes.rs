//! Volumes of one bundle that come on several sticks, in any order.

use super::{Store, StoreError, Taking, names};
use crate::bundle::{self, BundleError, Folder, Mended, VolumeSet};
use crate::media::{self, DurableFile, MediaError, Mode};
use crate::model::{FileName, Meter};
use crate::objects::PIECE_BYTES;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Where, below the volumes that came, the bundle lies that was restored from them.
const RESTORED: &str = "restored";

/// A bundle that is about to be taken.
#[derive(Debug)]
pub enum Begun<'s> {
    /// All volumes of it are there.
    Whole(Box<Taking<'s>>),
    /// Some lie elsewhere.
    Waiting {
        /// The bundle's name.
        name: String,
        /// How many are kept.
        kept: usize,
        /// What is lacking.
        lacking: String,
    },
}

impl Store {
    /// Begins to take the bundle of which `set` is there. Where others of its
    /// volumes lie on other media, copies what is there, each file once, with
    /// its recovery volumes and signatures. `meter` advances by bytes copied.
    ///
    /// # Errors
    /// Those of steps 1 and 2; [`StoreError::NoRoom`]; [`StoreError::Media`] where this machine's disk refuses.
    pub fn begin(&self, set: &VolumeSet, meter: &dyn Meter) -> Result<Begun<'_>, StoreError> {
        let folder = self.gathered(set);
        if !folder.as_ref().is_some_and(|folder| folder.is_dir()) {
            match self.begin_whole(set) {
                Err(StoreError::Bundle(error)) if may_follow(set, &error) && folder.is_some() => {}
                begun => return Ok(Begun::Whole(Box::new(begun?))),
            }
        }
        let folder = folder.expect("looked at above");
        media::create_dirs(&folder, Mode::Private)?;
        self.copy_in(set, &folder, meter)?;
        let all = bundle::list(&folder)?.into_iter().find(|all| all.name() == set.name());
        let all = all.ok_or_else(|| BundleError::NoSuchFile { path: folder.join(set.name()) })?;
        match bundle::check_volumes(&all) {
            Ok(()) => Ok(Begun::Whole(Box::new(self.begin_whole(&all)?))),
            Err(lacking) if lacking.is_incomplete() => {
                if let Some((restored, mended)) = self.restore(&all, meter)? {
                    return Ok(Begun::Whole(Box::new(self.begin_whole(&restored)?.restored(mended))));
                }
                let lacking = match lacking {
                    BundleError::VolumeMissing { name } => format!("{name} is missing"),
                    // By itself none tells how many follow.
                    _ => "the volumes that follow are missing".to_owned(),
                };
                Ok(Begun::Waiting { name: all.shown(), kept: all.paths().len(), lacking })
            }
            Err(error) => {
                // Names can't tell which of them is of which bundle, so all are brought anew.
                remove(&folder)?;
                Err(error.into())
            }
        }
    }

    /// Restores what is lacking of volumes that are gathered, where the recovery
    /// volumes among them reach so far; `None` where they don't, or there are none.
    fn restore(&self, set: &VolumeSet, meter: &dyn Meter) -> Result<Option<(VolumeSet, Mended)>, StoreError> {
        // Nothing but a guess so far: what it says of itself is judged like any other bundle when it is restored.
        let Ok(repair) = bundle::examine(&set.folder().join(set.name())) else { return Ok(None) };
        let length = |path: &PathBuf| path.metadata().map_or(0, |facts| facts.len());
        let there = set.paths().iter().map(length).fold(0, u64::saturating_add);
        let reach = (repair.recovery().volume_bytes()).saturating_mul(repair.recovery_there() as u64);
        if repair.size_bytes().saturating_sub(there) > reach {
            return Ok(None);
        }
        // The copy, and its packages. Where there is no room for both, what is lacking may still come.
        if self.need_room(repair.size_bytes().saturating_mul(2)).is_err() {
            return Ok(None);
        }
        let folder = set.folder().join(RESTORED);
        if folder.exists() {
            // Of a run that was killed.
            remove(&folder)?;
        }
        media::create_dirs(&folder, Mode::Private)?;
        let mut sink = Folder::new(&folder, Mode::Private);
        let restored = repair.restore(&mut sink, set.name(), meter);
        let restored = sink.outcome::<_, StoreError>(restored)?;
        let mended = restored.mended();
        if mended.lost > 0 || mended.unprotected > 0 {
            drop(sink);
            remove(&folder)?;
            return Ok(None);
        }
        let signatures = restored.keep_signatures(&mut sink);
        sink.outcome::<_, StoreError>(signatures)?;
        sink.name_all()?;
        let whole = bundle::list(&folder)?.into_iter().find(|whole| whole.name() == set.name());
        Ok(whole.map(|whole| (whole, mended)))
    }

    /// Lets go of the volumes of a bundle that was taken from them, or of those
    /// of which `damaged` is told, so that just these are brought anew.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn release(&self, set: &VolumeSet, damaged: Option<&StoreError>) -> Result<(), StoreError> {
        let Some(folder) = self.gathered(set).filter(|folder| set.folder().starts_with(folder)) else { return Ok(()) };
        let Some(damaged) = damaged else { return remove(&folder) };
        if folder != set.folder() {
            // Restored from volumes that are as wrong as what was made of them: none of them is of use.
            return remove(&folder);
        }
        if let StoreError::Bundle(BundleError::Damaged(damages)) = damaged {
            let spans = damages.ranges.iter().flat_map(|damage| &damage.spans);
            spans.for_each(|span| drop(std::fs::remove_file(folder.join(&span.volume))));
        }
        Ok(())
    }

    /// Where volumes of this bundle are gathered; `None` for a name that no bundle of ours has.
    fn gathered(&self, set: &VolumeSet) -> Option<PathBuf> {
        let name = FileName::parse(set.name()).ok()?;
        (!set.numbers().is_empty()).then(|| self.root.join("volumes").join(name.as_str()))
    }

    fn copy_in(&self, set: &VolumeSet, folder: &Path, meter: &dyn Meter) -> Result<(), StoreError> {
        let stem = set.name().strip_suffix(".zip").unwrap_or(set.name());
        let beside = |name: &String| {
            bundle::is_volume_of(name, set.name()) || name.starts_with(&format!("{stem}.manifest.json."))
        };
        let mut lacking = Vec::new();
        for name in names(set.folder())?.into_iter().filter(beside) {
            let path = set.folder().join(&name);
            let Ok(facts) = path.symlink_metadata() else { continue };
            let there = std::fs::metadata(folder.join(&name)).is_ok_and(|kept| kept.len() == facts.len());
            if facts.is_file() && !there {
                lacking.push((path, folder.join(&name), facts.len()));
            }
        }
        // Its packages follow from them, so there must be room for both.
        let bytes = lacking.iter().fold(0u64, |sum, (.., bytes)| sum.saturating_add(*bytes));
        self.need_room(bytes.saturating_mul(2))?;
        lacking.iter().try_for_each(|(from, to, _)| copy(from, to, meter))
    }
}

/// Whether the volumes that are lacking of it may lie on another medium.
fn may_follow(set: &VolumeSet, error: &BundleError) -> bool {
    match error {
        BundleError::VolumeMissing { .. } => true,
        // Of a single volume nobody can tell whether others follow.
        BundleError::VolumeCut { .. } => set.numbers().len() == 1,
        _ => false,
    }
}

fn copy(from: &Path, to: &Path, meter: &dyn Meter) -> Result<(), StoreError> {
    let mut source = media::open_carried(from)?;
    let mut target = DurableFile::create(to, Mode::Private, true)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let count = source.read(&mut piece).map_err(|source| MediaError::of("read", from, source))?;
        if count == 0 {
            return Ok(target.commit()?);
        }
        target.write_all(&piece[..count]).map_err(|source| MediaError::of("write", to, source))?;
        meter.advance(count as u64);
    }
}

fn remove(folder: &Path) -> Result<(), StoreError> {
    std::fs::remove_dir_all(folder).map_err(|source| MediaError::of("remove", folder, source))?;
    Ok(media::sync_dir(folder.parent().unwrap_or(folder))?)
}
