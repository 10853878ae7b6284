//! A bundle on its way into the store.

use super::package::Filling;
use super::{INCOMING_PREFIX, Store, StoreError};
use crate::bundle::{self, Bundle, BundleError, Damages, Expect, Mended, OnePass, VolumeSet};
use crate::media::{self, MediaError, Mode};
use crate::model::{Id, Meter, Package, Sha256Digest};
use crate::trust::{MAX_SIGNATURE_BYTES, MAX_SIGNATURES, TrustStore};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Room that must stay free beside the packages, in bytes: records, folders, and what else this machine writes meanwhile.
const RESERVE_BYTES: u64 = 16 << 20;

/// A bundle whose frame was copied, and of whose packages nothing was read yet.
#[derive(Debug)]
pub struct Taking<'s> {
    store: &'s Store,
    pass: OnePass,
    /// The frame, as long as it has no name.
    frame: PathBuf,
    /// What was restored of its volumes before.
    restored: Option<Mended>,
}

/// What became of a bundle that is kept now.
#[derive(Debug)]
pub struct Taken {
    /// Where it lies, to be opened like any other.
    pub set: VolumeSet,
    /// What was damaged or missing on the media and is mended, where anything was.
    pub mended: Option<Mended>,
    /// Whether all of it was kept before: nothing in the store is other than it was.
    pub was_kept: bool,
}

impl Store {
    /// Begins to take the bundle that `set` names, all of whose volumes are there: copies its frame. Nothing of it is
    /// believed yet.
    ///
    /// # Errors
    /// As [`OnePass::begin`]; [`StoreError::Media`] where this machine's disk refuses.
    pub(super) fn begin_whole(&self, set: &VolumeSet) -> Result<Taking<'_>, StoreError> {
        let frame = self.root.join("partial").join(format!("{INCOMING_PREFIX}{}", Id::random()));
        media::write_durably(&frame, b"", Mode::Private)?;
        let file = File::options().read(true).write(true).open(&frame);
        let file = file.map_err(|source| MediaError::of("write", &frame, source))?;
        let pass = OnePass::begin(set, file);
        let pass = pass.inspect_err(|_| drop(std::fs::remove_file(&frame)));
        // What the copy's own disk refuses is no fault of the bundle.
        let pass = pass.map_err(|error| match error {
            BundleError::Write { source, .. } => MediaError::of("write", &frame, source).into(),
            error => StoreError::from(error),
        })?;
        Ok(Taking { store: self, pass, frame, restored: None })
    }
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        // Where it was taken it has its name by now.
        let _ = std::fs::remove_file(&self.frame);
    }
}

impl Taking<'_> {
    /// Has what was restored of it told when it is taken.
    pub(super) fn restored(mut self, mended: Mended) -> Self {
        self.restored = Some(mended);
        self
    }

    /// Opens it, whomever it is for, by the copy of its frame: steps 1 to 6.
    ///
    /// # Errors
    /// As [`bundle::open()`].
    pub fn open(&self, trust: &TrustStore, expect: &Expect<'_>) -> Result<Bundle, BundleError> {
        self.pass.open(trust, expect)
    }

    /// The bundle's files, where they are read from.
    pub fn set(&self) -> &VolumeSet {
        self.pass.set()
    }

    /// Takes the packages of `bundle`, which is this one opened, each chunk
    /// judged on its way; gives the bundle its place when all are on the device.
    /// `meter` advances by the bytes of its packages.
    ///
    /// # Errors
    /// [`StoreError::NoRoom`]; [`BundleError::Damaged`] with what is damaged
    /// beyond what recovery volumes beside it mend: the bundle is there with what is whole of it.
    pub fn take(&self, bundle: &Bundle, meter: &dyn Meter) -> Result<Taken, StoreError> {
        self.need_room(bundle)?;
        let (mut unfinished, brought) = self.read_packages(bundle, meter)?;
        let mut mended = self.restored;
        if !unfinished.is_empty() && bundle.recovery_volumes() > 0 {
            let packages = &bundle.manifest().packages;
            let lies = |at: usize| match unfinished.iter().find(|filling| filling.package.sha256 == packages[at].sha256)
            {
                Some(filling) => (filling.path.clone(), true),
                None => (self.store.objects().path(&packages[at].sha256), false),
            };
            mended = self.pass.mend(&lies, &())?;
            unfinished.iter_mut().try_for_each(Filling::look_again)?;
        }
        let mut errors = Vec::new();
        for filling in unfinished {
            match filling.damaged.is_empty() {
                true => filling.settle(self.store)?,
                false => errors.extend(filling.damaged.into_iter().map(|(_, error)| error)),
            }
        }
        let (set, is_new) = self.keep(bundle)?;
        match Damages::joined(errors) {
            Some(damaged) => Err(damaged.into()),
            None => Ok(Taken { set, mended, was_kept: !brought && !is_new }),
        }
    }

    /// Reads the packages one after the other, and brings those that are whole to their places; returns those that
    /// are not, and whether any was brought that did not lie there.
    fn read_packages<'b>(&self, bundle: &'b Bundle, meter: &dyn Meter) -> Result<(Vec<Filling<'b>>, bool), StoreError> {
        let (mut unfinished, mut brought, mut once) = (Vec::new(), false, BTreeSet::new());
        for package in bundle.packages().filter(|package| once.insert(package.sha256)) {
            let filling = Filling::read(package, &bundle.package(&package.file)?, self.store, meter)?;
            brought |= !filling.in_place;
            match filling.damaged.is_empty() {
                true => filling.settle(self.store)?,
                false => unfinished.push(filling),
            }
        }
        Ok((unfinished, brought))
    }

    /// Looks whether what is lacking of the packages fits.
    fn need_room(&self, bundle: &Bundle) -> Result<(), StoreError> {
        let objects = self.store.objects();
        let there = |package: &Package| {
            let partial = std::fs::metadata(self.store.partial_path(&package.sha256)).map_or(0, |facts| facts.len());
            if objects.has(&package.sha256, package.size_bytes) { package.size_bytes } else { partial }
        };
        let mut once = BTreeSet::new();
        let packages = bundle.packages().filter(|package| once.insert(package.sha256));
        let lacking = packages.map(|package| package.size_bytes.saturating_sub(there(package)));
        self.store.need_room(lacking.fold(0, u64::saturating_add))
    }

    /// Gives the frame its name, once the signatures beside the bundle have theirs; says whether either is new here.
    fn keep(&self, bundle: &Bundle) -> Result<(VolumeSet, bool), StoreError> {
        let folder = self.store.bundle_folder(&bundle.manifest_sha256());
        media::create_dirs(&folder, Mode::Private)?;
        let name = bundle::bundle_name(bundle.manifest());
        let kept = VolumeSet::kept(&folder, name.as_str(), self.store.objects());
        let is_new = !kept.frame_path().exists();
        let is_signed_further = keep_signatures(self.pass.set(), &kept)?;
        media::move_durably(&self.frame, &kept.frame_path())?;
        Ok((kept, is_new || is_signed_further))
    }
}

impl Store {
    /// Looks whether `bytes` more fit.
    ///
    /// # Errors
    /// [`StoreError::NoRoom`].
    pub(super) fn need_room(&self, bytes: u64) -> Result<(), StoreError> {
        let needed = bytes.saturating_add(RESERVE_BYTES);
        match self.free_bytes() {
            Some(free) if bytes > 0 && free < needed => {
                Err(StoreError::NoRoom { path: self.root.clone(), needed, free })
            }
            _ => Ok(()),
        }
    }
}

/// Keeps the signatures that lie beside a bundle, each once; says whether any was not there.
fn keep_signatures(from: &VolumeSet, to: &VolumeSet) -> Result<bool, StoreError> {
    let read = |path: &Path| match media::is_carried(path) {
        true => media::read_carried(path, MAX_SIGNATURE_BYTES as u64, "a signature").map(Some),
        false => Ok(None),
    };
    let (mut known, mut free) = (BTreeSet::new(), Vec::new());
    for number in 1..=MAX_SIGNATURES {
        let path = bundle::detached_path(to, number);
        match read(&path)? {
            Some(bytes) => drop(known.insert(Sha256Digest::of(&bytes))),
            None => free.push(path),
        }
    }
    let (mut free, mut is_any_new) = (free.into_iter(), false);
    for number in 1..=MAX_SIGNATURES {
        // One that is too large is none, and opening said so.
        let Ok(Some(bytes)) = read(&bundle::detached_path(from, number)) else { continue };
        if known.insert(Sha256Digest::of(&bytes))
            && let Some(path) = free.next()
        {
            media::write_durably(&path, &bytes, Mode::Private)?;
            is_any_new = true;
        }
    }
    Ok(is_any_new)
}
