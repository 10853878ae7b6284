//! The code itself: Reed-Solomon over GF(2^16), by the `reed-solomon-simd` crate.
//!
//! `man/handcarry-bundle.5` says in its own words what the crate computes:
//! recovery block i is the value at the point i of the polynomial of degree
//! below 128 that takes the data blocks' values at the points 128 to 227, and
//! 0 at 228 to 255. A decoder written from that page alone is in the tests.

use crate::bundle::limits::{DATA_BLOCKS, MAX_RECOVERY_VOLUMES};
use crate::model::on_all_cores;
use rayon::prelude::*;
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{DecoderWork, EncoderWork, HighRateDecoder, HighRateEncoder, RateDecoder, RateEncoder};
use std::ops::Range;
use std::sync::Mutex;

/// Bytes of each block that are encoded or restored in one go, so that a core's cache holds them.
const SLICE_BYTES: usize = 8 << 10;

const DATA: usize = DATA_BLOCKS as usize;

/// Recovery blocks as the crate counts them: it rounds up to a power of two,
/// which decides the points, and the format has 128 whatever the percentage.
fn count(recovery: usize) -> usize {
    recovery.clamp(65, 128)
}

const _: () = assert!(MAX_RECOVERY_VOLUMES <= 128 && DATA <= 128);

/// Computes recovery blocks.
pub(super) struct Encoder {
    recovery: usize,
    works: Works<EncoderWork>,
}

impl Encoder {
    /// One that computes so many of each stripe.
    pub fn new(recovery: usize) -> Self {
        Encoder { recovery, works: Works::default() }
    }

    /// Computes the recovery blocks of one stripe, on all cores.
    pub fn encode(&self, data: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut blocks = vec![vec![0; data[0].len()]; self.recovery];
        let pieces = pieces(&mut blocks);
        on_all_cores(|| pieces.into_par_iter().for_each(|(slice, pieces)| self.encode_slice(data, slice, pieces)));
        blocks
    }

    /// Computes one slice of each recovery block into its piece.
    fn encode_slice(&self, data: &[&[u8]], slice: Range<usize>, pieces: Vec<&mut [u8]>) {
        let (engine, work) = (DefaultEngine::new(), self.works.take());
        // High rate by name: the crate's own choice between high and
        // low goes by the counts, and a format can't depend on that.
        let mut encoder = HighRateEncoder::new(DATA, count(self.recovery), slice.len(), engine, work)
            .expect("100 blocks of an even size are encoded");
        for block in data {
            encoder.add_original_shard(&block[slice.clone()]).expect("100 blocks of one size");
        }
        let encoded = encoder.encode().expect("all blocks are there");
        for (piece, block) in pieces.into_iter().zip(encoded.recovery_iter()) {
            piece.copy_from_slice(block);
        }
        drop(encoded);
        self.works.put_back(encoder.into_parts().1);
    }
}

/// Restores data blocks.
#[derive(Default)]
pub(super) struct Decoder {
    works: Works<DecoderWork>,
}

impl Decoder {
    /// Restores the missing data blocks of one stripe, `None` in `data`, from
    /// recovery blocks and their index, on all cores; `None` where those are too few.
    pub fn restore(&self, data: &[Option<&[u8]>], recovery: &[(usize, Vec<u8>)]) -> Option<Vec<(usize, Vec<u8>)>> {
        let missing: Vec<usize> = (0..data.len()).filter(|column| data[*column].is_none()).collect();
        let mut blocks = vec![vec![0; recovery.first()?.1.len()]; missing.len()];
        let pieces = pieces(&mut blocks);
        let restored = |(slice, pieces)| self.restore_slice(data, recovery, &missing, slice, pieces);
        on_all_cores(|| pieces.into_par_iter().try_for_each(restored))?;
        Some(missing.into_iter().zip(blocks).collect())
    }

    /// Restores one slice of each of the `missing` blocks into its piece, in their order.
    fn restore_slice(
        &self,
        data: &[Option<&[u8]>],
        recovery: &[(usize, Vec<u8>)],
        missing: &[usize],
        slice: Range<usize>,
        pieces: Vec<&mut [u8]>,
    ) -> Option<()> {
        let most = recovery.iter().map(|(index, _)| index + 1).max()?;
        let (engine, work) = (DefaultEngine::new(), self.works.take());
        let mut decoder = HighRateDecoder::new(DATA, count(most), slice.len(), engine, work)
            .expect("100 blocks of an even size are decoded");
        for (column, block) in data.iter().enumerate() {
            if let Some(block) = block {
                decoder.add_original_shard(column, &block[slice.clone()]).ok()?;
            }
        }
        for (index, block) in recovery {
            decoder.add_recovery_shard(*index, &block[slice.clone()]).ok()?;
        }
        let restored = decoder.decode().ok()?;
        for (piece, column) in pieces.into_iter().zip(missing) {
            piece.copy_from_slice(restored.restored_original(*column)?);
        }
        drop(restored);
        self.works.put_back(decoder.into_parts().1);
        Some(())
    }
}

/// Room that the crate works in, 2 MiB for each core: kept for the next
/// slice, since what is given back and taken anew is held twice for a while.
struct Works<W>(Mutex<Vec<W>>);

impl<W> Default for Works<W> {
    fn default() -> Self {
        Works(Mutex::new(Vec::new()))
    }
}

impl<W> Works<W> {
    fn take(&self) -> Option<W> {
        self.0.lock().expect("nobody panics while holding it").pop()
    }

    fn put_back(&self, work: W) {
        self.0.lock().expect("nobody panics while holding it").push(work);
    }
}

/// The slices of some blocks of one size, and what of each block lies in each.
fn pieces(blocks: &mut [Vec<u8>]) -> Vec<(Range<usize>, Vec<&mut [u8]>)> {
    let block_bytes = blocks.first().map_or(0, Vec::len);
    let slices = (0..block_bytes).step_by(SLICE_BYTES).map(|first| first..(first + SLICE_BYTES).min(block_bytes));
    let mut sliced: Vec<_> = slices.map(|slice| (slice, Vec::with_capacity(blocks.len()))).collect();
    for block in blocks {
        for ((_, pieces), piece) in sliced.iter_mut().zip(block.chunks_mut(SLICE_BYTES)) {
            pieces.push(piece);
        }
    }
    sliced
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

        #[test]
        fn any_loss_within_the_recovery_blocks_is_restored(
            recovery in 1..=100usize,
            seed in any::<u64>(),
            lost in prop::collection::hash_set(0..100usize, 1..=100),
        ) {
            let mut state = seed | 1;
            let mut byte = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state as u8 };
            let data: Vec<Vec<u8>> = (0..100).map(|_| (0..512).map(|_| byte()).collect()).collect();
            let blocks: Vec<&[u8]> = data.iter().map(Vec::as_slice).collect();
            let mut made: Vec<(usize, Vec<u8>)> = Encoder::new(recovery).encode(&blocks).into_iter().enumerate().collect();
            made.reverse();
            let lost: Vec<usize> = lost.into_iter().take(recovery).collect();
            made.truncate(lost.len());
            let left: Vec<Option<&[u8]>> = (0..100).map(|at| (!lost.contains(&at)).then_some(blocks[at])).collect();
            let decoder = Decoder::default();
            for (column, block) in decoder.restore(&left, &made).expect("enough are there") {
                prop_assert_eq!(&block, &data[column]);
            }
            made.pop();
            prop_assert_eq!(decoder.restore(&left, &made), None);
        }
    }
}
