//! The code itself: Reed-Solomon over GF(2^16), by the `reed-solomon-simd` crate.
//!
//! `man/handcarry-bundle.5` says in its own words what the crate computes:
//! recovery block i is the value at the point i of the polynomial of degree
//! below 128 that takes the data blocks' values at the points 128 to 227, and
//! 0 at 228 to 255. A decoder written from that page alone is in the tests.

use crate::bundle::limits::{DATA_BLOCKS, MAX_RECOVERY_VOLUMES};
use reed_solomon_simd::engine::DefaultEngine;
use reed_solomon_simd::rate::{HighRateDecoder, HighRateEncoder, RateDecoder, RateEncoder};
use std::ops::Range;

/// Bytes of each block that are encoded or restored in one go, so that a core's cache holds them.
const SLICE_BYTES: usize = 8 << 10;

const DATA: usize = DATA_BLOCKS as usize;

/// Recovery blocks as the crate counts them: it rounds up to a power of two,
/// which decides the points, and the format has 128 whatever the percentage.
fn count(recovery: usize) -> usize {
    recovery.clamp(65, 128)
}

const _: () = assert!(MAX_RECOVERY_VOLUMES <= 128 && DATA <= 128);

/// Computes the recovery blocks of one stripe, on all cores.
pub(super) fn encode(data: &[&[u8]], recovery: usize) -> Vec<Vec<u8>> {
    use rayon::prelude::*;
    let block_bytes = data[0].len();
    let encoded: Vec<Vec<Vec<u8>>> = slices(block_bytes)
        .into_par_iter()
        .map(|slice| {
            let mut encoder = HighRateEncoder::new(DATA, count(recovery), slice.len(), DefaultEngine::new(), None)
                .expect("100 blocks of an even size are encoded");
            for block in data {
                encoder.add_original_shard(&block[slice.clone()]).expect("100 blocks of one size");
            }
            let encoded = encoder.encode().expect("all blocks are there");
            encoded.recovery_iter().take(recovery).map(<[u8]>::to_vec).collect()
        })
        .collect();
    (0..recovery).map(|index| encoded.iter().flat_map(|slice| &slice[index]).copied().collect()).collect()
}

/// Restores the missing data blocks of one stripe, `None` in `data`, from
/// recovery blocks and their index, on all cores; `None` where those are too few.
pub(super) fn restore(data: &[Option<&[u8]>], recovery: &[(usize, Vec<u8>)]) -> Option<Vec<(usize, Vec<u8>)>> {
    use rayon::prelude::*;
    let missing: Vec<usize> = (0..data.len()).filter(|column| data[*column].is_none()).collect();
    let block_bytes = recovery.first()?.1.len();
    let restored: Option<Vec<Vec<Vec<u8>>>> =
        slices(block_bytes).into_par_iter().map(|slice| restore_slice(data, recovery, &missing, slice)).collect();
    let restored = restored?;
    let join = |at: usize| restored.iter().flat_map(|slice| &slice[at]).copied().collect();
    Some(missing.into_iter().enumerate().map(|(at, column)| (column, join(at))).collect())
}

/// Restores one slice of the `missing` blocks, in their order.
fn restore_slice(
    data: &[Option<&[u8]>],
    recovery: &[(usize, Vec<u8>)],
    missing: &[usize],
    slice: Range<usize>,
) -> Option<Vec<Vec<u8>>> {
    let most = recovery.iter().map(|(index, _)| index + 1).max()?;
    let mut decoder = HighRateDecoder::new(DATA, count(most), slice.len(), DefaultEngine::new(), None)
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
    missing.iter().map(|column| Some(restored.restored_original(*column)?.to_vec())).collect()
}

/// The slices of a block.
fn slices(block_bytes: usize) -> Vec<Range<usize>> {
    (0..block_bytes).step_by(SLICE_BYTES).map(|first| first..(first + SLICE_BYTES).min(block_bytes)).collect()
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
            let mut made: Vec<(usize, Vec<u8>)> = encode(&blocks, recovery).into_iter().enumerate().collect();
            made.reverse();
            let lost: Vec<usize> = lost.into_iter().take(recovery).collect();
            made.truncate(lost.len());
            let left: Vec<Option<&[u8]>> = (0..100).map(|at| (!lost.contains(&at)).then_some(blocks[at])).collect();
            for (column, block) in restore(&left, &made).expect("enough are there") {
                prop_assert_eq!(&block, &data[column]);
            }
            made.pop();
            prop_assert_eq!(restore(&left, &made), None);
        }
    }
}
