//! Mends a container in place, stripe by stripe.

use super::code::Decoder;
use super::group::Group;
use super::packet::block_digest;
use super::recovery::Recovery;
use crate::bundle::BundleError;
use crate::bundle::volumes::Volumes;
use crate::model::Meter;

/// What was found and done, in blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mended {
    /// Bytes of a block.
    pub block_bytes: u64,
    /// Blocks that were damaged or missing and are restored.
    pub restored: u64,
    /// Blocks that are damaged and could not be restored.
    pub lost: u64,
    /// Stripes of which no recovery block is whole, so that nothing can be said of their blocks.
    pub unprotected: u64,
}

/// Restores every damaged block that can be; `meter` advances by bytes of the container.
pub(super) fn mend(container: &Volumes, recovery: &Recovery, meter: &dyn Meter) -> Result<Mended, BundleError> {
    let stripes = &recovery.identity.stripes;
    let mut mended = Mended { block_bytes: stripes.block_bytes, ..Mended::default() };
    let decoder = Decoder::default();
    let mut group = Group::new(stripes);
    while group.next(stripes, container)? {
        for (at, found) in group.digests().iter().enumerate() {
            let stripe = group.range.start + at as u64;
            let Some(right) = recovery.digests(stripe) else {
                mended.unprotected += 1;
                continue;
            };
            let damaged: Vec<bool> = found.iter().zip(&right).map(|(found, right)| found != right).collect();
            let count = damaged.iter().filter(|damaged| **damaged).count();
            if count == 0 {
                continue;
            }
            let data: Vec<Option<&[u8]>> = (group.blocks(at).into_iter().zip(damaged))
                .map(|(block, damaged)| (!damaged).then_some(block))
                .collect();
            // Were packets made to deceive, what they restore differs from what they promise.
            let restored = decoder
                .restore(&data, &recovery.blocks(stripe, &right, count))
                .filter(|restored| restored.iter().all(|(column, block)| block_digest(block) == right[*column]));
            let Some(restored) = restored else {
                mended.lost += count as u64;
                continue;
            };
            for (column, block) in restored {
                let offset = stripes.offset(stripe, column as u64);
                // The last blocks reach beyond the container's end, where there is nothing to write.
                let there = stripes.container_bytes.saturating_sub(offset).min(stripes.block_bytes);
                container.overwrite(offset, &block[..there as usize])?;
            }
            mended.restored += count as u64;
        }
        meter.advance(group.container_bytes(stripes));
    }
    Ok(mended)
}
