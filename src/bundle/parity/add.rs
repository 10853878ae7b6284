//! Makes recovery volumes for a container that lies complete, in one more pass over it.

use super::code::Encoder;
use super::group::Group;
use super::packet::ContainerIdentity;
use super::stripes::Stripes;
use super::{RecoveryVolumes, recovery_name};
use crate::bundle::limits::*;
use crate::bundle::volumes::Volumes;
use crate::bundle::{BundleError, VolumeSink, WriteSeek};
use crate::model::{Id, Meter, Sha256Digest};
use sha2::{Digest, Sha256};

/// Says how many recovery volumes a bundle of `container_bytes` gets, and how large they are.
///
/// # Errors
/// [`BundleError::Limit`] for a number that is none from 1 to [`MAX_RECOVERY_VOLUMES`].
pub fn recovery_volumes(container_bytes: u64, percent: u8) -> Result<RecoveryVolumes, BundleError> {
    let count = usize::from(percent);
    if !(1..=MAX_RECOVERY_VOLUMES).contains(&count) {
        return Err(BundleError::limit("the percentage of recovery volumes", MAX_RECOVERY_VOLUMES, count));
    }
    Ok(RecoveryVolumes { stripes: Stripes::of(container_bytes.max(1), count) })
}

/// What is to be protected.
pub(in crate::bundle) struct Subject<'a> {
    /// The bundle's file name.
    pub name: &'a str,
    /// All of its bytes.
    pub container: &'a Volumes,
    /// Bytes of each volume but the last; `None` where it is in one piece.
    pub volume_bytes: Option<u64>,
    /// The bundle's id.
    pub bundle: Id,
    /// Digest of the container's records.
    pub records: Sha256Digest,
}

/// The digest that stands for a container in the headers: over what lies
/// before the first package's header, and from the central directory on. With
/// the manifest's digests of the packages that decides every byte.
pub(in crate::bundle) fn records_digest(
    container: &Volumes,
    head_bytes: u64,
    directory_offset: u64,
) -> Result<Sha256Digest, BundleError> {
    let mut hasher = Sha256::new();
    container.digest_into(&mut hasher, 0..head_bytes)?;
    container.digest_into(&mut hasher, directory_offset..container.total())?;
    Ok(Sha256Digest::finish(hasher))
}

/// Creates the recovery volumes in `sink`, in order, and fills them; returns
/// the SHA-256 of each. `meter` advances by bytes of the container.
pub(in crate::bundle) fn add(
    subject: &Subject<'_>,
    percent: u8,
    sink: &mut dyn VolumeSink,
    meter: &dyn Meter,
) -> Result<Vec<(String, Sha256Digest)>, BundleError> {
    let stripes = recovery_volumes(subject.container.total(), percent)?.stripes;
    let identity = ContainerIdentity {
        stripes,
        volume_bytes: subject.volume_bytes.filter(|bytes| *bytes < stripes.container_bytes).unwrap_or(0),
        bundle: subject.bundle,
        container: subject.records,
    };
    let mut outs = Vec::with_capacity(stripes.recovery);
    for index in 0..stripes.recovery {
        let name = recovery_name(subject.name, index);
        let file = sink.create(&name).map_err(|source| BundleError::Write { name: name.clone(), source })?;
        outs.push(Out { name, file, hasher: Sha256::new() });
    }
    let encoder = Encoder::new(stripes.recovery);
    let mut group = Group::new(&stripes);
    while group.next(&stripes, subject.container)? {
        let digests = group.digests();
        for (at, digests) in digests.iter().enumerate() {
            let stripe = group.range.start + at as u64;
            let blocks = encoder.encode(&group.blocks(at));
            for (index, (out, block)) in outs.iter_mut().zip(blocks).enumerate() {
                out.write(&identity.packet(stripe, index, digests, &block))?;
            }
        }
        meter.advance(group.container_bytes(&stripes));
    }
    outs.into_iter().map(Out::finish).collect()
}

/// One recovery volume that is being written.
struct Out {
    name: String,
    file: Box<dyn WriteSeek>,
    hasher: Sha256,
}

impl Out {
    fn write(&mut self, packet: &[u8]) -> Result<(), BundleError> {
        self.hasher.update(packet);
        self.file.write_all(packet).map_err(|source| BundleError::Write { name: self.name.clone(), source })
    }

    fn finish(mut self) -> Result<(String, Sha256Digest), BundleError> {
        let flushed = self.file.flush();
        flushed.map_err(|source| BundleError::Write { name: self.name.clone(), source })?;
        Ok((self.name, Sha256Digest::finish(self.hasher)))
    }
}
