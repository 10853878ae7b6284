//! Recovery volumes: what lets a damaged bundle be restored.
//!
//! `man/handcarry-bundle.5` (RECOVERY VOLUMES) is the specification. A bundle
//! `NAME.zip`, whole or in volumes, may have recovery volumes beside it:
//! `NAME.recovery.001` and so on, as many as it has per cent of redundancy.
//! Their names match neither `NAME.zip.*` nor what 7-Zip looks for, so whoever
//! has no handcarry does not see them.
//!
//! # The code
//!
//! The container's bytes, records and all, are cut into blocks of one size;
//! 100 of them, each a hundredth of the container away from the next, are a
//! stripe. A Reed-Solomon code over GF(2^16) gives each stripe one recovery
//! block for each recovery volume; as many blocks of a stripe as it has
//! recovery blocks that are whole can be restored. So 10 recovery volumes
//! restore a tenth of the container lost in one piece, or any loss that takes
//! no more than 10 blocks from any stripe.
//!
//! # What is believed
//!
//! Nothing of this is signed, and nothing of it is trusted. Digests in a
//! recovery volume find damage, and pick what to rebuild it from; whether the
//! outcome is what was signed is decided by opening it from step 1 to step 7,
//! before it has a name. A hostile recovery volume can make a repair fail. It
//! can't make anything pass.
//!
//! # Memory
//!
//! Some stripes at a time ([`limits::MAX_STRIPES_BYTES`]), whatever the size
//! of the bundle.
//!
//! [`limits::MAX_STRIPES_BYTES`]: super::limits::MAX_STRIPES_BYTES

mod add;
mod code;
mod group;
mod mend;
mod packet;
mod recovery;
mod repair;
mod sources;
mod stripes;

pub use add::recovery_volumes;
pub(super) use add::{Subject, add, records_digest};
pub use mend::Mended;
pub use repair::{Repair, Restored, examine};
pub(super) use repair::{copy_signatures, mend_in_place};

use super::limits::MAX_RECOVERY_VOLUMES;
use super::{BundleError, VolumeSet};
use crate::media;
use crate::model::{Meter, Sha256Digest};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use stripes::Stripes;

/// How many recovery volumes a bundle has, and what they are good for.
#[derive(Debug, Clone, Copy)]
pub struct RecoveryVolumes {
    stripes: Stripes,
}

impl RecoveryVolumes {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.stripes.recovery
    }

    /// Bytes of each.
    pub fn volume_bytes(&self) -> u64 {
        self.stripes.volume_bytes()
    }

    /// Bytes of all of them.
    pub fn size_bytes(&self) -> u64 {
        self.volume_bytes().saturating_mul(self.count() as u64)
    }

    /// Bytes of the longest damage in one piece that they restore, wherever it lies.
    pub fn burst_bytes(&self) -> u64 {
        self.stripes.burst_bytes()
    }

    /// How many of the bundle's volumes, of `volume_bytes` each, may be lost.
    pub fn volumes_restored(&self, volume_bytes: u64) -> u64 {
        self.stripes.volumes_restored(volume_bytes)
    }
}

/// The name of recovery volume `index` (from 0) of the bundle `name`.
pub(super) fn recovery_name(name: &str, index: usize) -> String {
    format!("{}.recovery.{:03}", recovery_stem(name), index + 1)
}

/// What the names of a bundle's recovery volumes begin with.
pub(super) fn recovery_stem(name: &str) -> &str {
    name.strip_suffix(".zip").unwrap_or(name)
}

/// Splits the name of a recovery volume into its bundle's stem and its number, from 1.
pub(super) fn recovery_number(file: &str) -> Option<(&str, usize)> {
    let (stem, number) = file.rsplit_once(".recovery.")?;
    let digits = number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.then(|| number.parse().ok()).flatten()?;
    (1..=MAX_RECOVERY_VOLUMES).contains(&number).then_some((stem, number))
}

/// How many recovery volumes lie beside a bundle, by their names.
pub fn recovery_beside(set: &VolumeSet) -> usize {
    let there = |index: &usize| media::is_carried(&set.folder().join(recovery_name(set.name(), *index)));
    (0..MAX_RECOVERY_VOLUMES).filter(there).count()
}

/// Reads recovery volumes back, each against the digest it was written with.
///
/// # Errors
/// [`BundleError::RecoveryDiffers`] for the first that came back as other
/// bytes, [`BundleError::Read`] for one that can't be read.
pub fn read_back_recovery(
    volumes: &[(PathBuf, Sha256Digest)],
    open: &dyn Fn(&Path) -> io::Result<File>,
    meter: &dyn Meter,
) -> Result<(), BundleError> {
    for (path, written) in volumes {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut offset = 0;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        let mut file = open(path).map_err(|source| BundleError::Read { volume: name.clone(), offset, source })?;
        loop {
            let read = file.read(&mut buffer);
            let count = read.map_err(|source| BundleError::Read { volume: name.clone(), offset, source })?;
            if count == 0 {
                break;
            }
            hasher.update(&buffer[..count]);
            offset += count as u64;
            meter.advance(count as u64);
        }
        if Sha256Digest::finish(hasher) != *written {
            return Err(BundleError::RecoveryDiffers { name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        assert_eq!(recovery_name("a-7.zip", 0), "a-7.recovery.001");
        assert_eq!(recovery_number("a-7.recovery.100"), Some(("a-7", 100)));
        for other in ["a-7.recovery.101", "a-7.recovery.000", "a-7.recovery.1", "a-7.zip.001", "a-7.recovery.+01"] {
            assert_eq!(recovery_number(other), None, "{other}");
        }
        // What joins or lists a bundle's volumes does not see them.
        assert_ne!(super::super::locate::split("a-7.recovery.001").0, "a-7.zip");
        assert!(!"a-7.recovery.001".starts_with("a-7.zip."));
    }
}
