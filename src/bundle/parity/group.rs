//! Some stripes at once: their data blocks in memory, and the digests of those.

use super::packet::{BlockDigest, block_digest};
use super::stripes::Stripes;
use crate::bundle::BundleError;
use crate::bundle::limits::DATA_BLOCKS;
use crate::bundle::volumes::Volumes;
use crate::model::on_all_cores;
use std::ops::Range;

/// The data blocks of stripes that lie side by side.
pub(super) struct Group {
    /// Which stripes.
    pub range: Range<u64>,
    block_bytes: usize,
    /// Column after column, in each the stripes in order.
    bytes: Vec<u8>,
}

impl Group {
    /// An empty one for a container cut this way.
    pub fn new(stripes: &Stripes) -> Self {
        Group { range: 0..0, block_bytes: stripes.block_bytes as usize, bytes: Vec::new() }
    }

    /// Moves on to the next stripes and reads them; false where none is left.
    ///
    /// What lies beyond the container's end is zeros.
    pub fn next(&mut self, stripes: &Stripes, container: &Volumes) -> Result<bool, BundleError> {
        let first = self.range.end;
        self.range = first..(first + stripes.at_once()).min(stripes.count());
        if self.range.is_empty() {
            return Ok(false);
        }
        let run_bytes = self.len() * self.block_bytes;
        self.bytes.resize(run_bytes * DATA_BLOCKS as usize, 0);
        for (column, run) in self.bytes.chunks_exact_mut(run_bytes).enumerate() {
            let offset = stripes.offset(first, column as u64);
            let left = stripes.container_bytes.saturating_sub(offset);
            let there = run.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if there > 0 {
                container.read(offset, &mut run[..there])?;
            }
            run[there..].fill(0);
        }
        Ok(true)
    }

    /// Number of stripes.
    pub fn len(&self) -> usize {
        (self.range.end - self.range.start) as usize
    }

    /// Bytes of the container that it holds.
    pub fn container_bytes(&self, stripes: &Stripes) -> u64 {
        let run_bytes = self.len() as u64 * stripes.block_bytes;
        let of_column = |column| {
            let offset = stripes.offset(self.range.start, column);
            stripes.container_bytes.saturating_sub(offset).min(run_bytes)
        };
        (0..DATA_BLOCKS).map(of_column).sum()
    }

    /// The blocks of the stripe that is `at` in this group, by column.
    pub fn blocks(&self, at: usize) -> Vec<&[u8]> {
        let run_bytes = self.len() * self.block_bytes;
        let first = at * self.block_bytes;
        self.bytes.chunks_exact(run_bytes).map(|run| &run[first..first + self.block_bytes]).collect()
    }

    /// The digests of all blocks, stripe by stripe, on all cores.
    pub fn digests(&self) -> Vec<Vec<BlockDigest>> {
        use rayon::prelude::*;
        let of_stripe = |at| self.blocks(at).par_iter().map(|block| block_digest(block)).collect();
        on_all_cores(|| (0..self.len()).map(of_stripe).collect())
    }
}
