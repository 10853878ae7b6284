//! How a container is cut into blocks and stripes: numbers, and nothing else.

use crate::bundle::limits::*;

/// Bytes of a packet before its block: header and digests.
pub(super) const HEAD_BYTES: u64 = 96 + DATA_BLOCKS * DIGEST_BYTES as u64;

/// Bytes of the SHA-256 that closes a packet.
pub(super) const CLOSING_BYTES: u64 = 32;

/// Bytes kept of each data block's SHA-256: it finds damage, and proves nothing.
pub(super) const DIGEST_BYTES: usize = 16;

/// The cut of one container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stripes {
    /// Bytes of the container.
    pub container_bytes: u64,
    /// Bytes of one block.
    pub block_bytes: u64,
    /// Recovery blocks of each stripe.
    pub recovery: usize,
}

impl Stripes {
    /// The one cut of a container of this size: the smallest block with which
    /// one stripe holds it all, up to the largest block there is.
    pub fn of(container_bytes: u64, recovery: usize) -> Self {
        let mut block_bytes = MIN_BLOCK_BYTES;
        while block_bytes < MAX_BLOCK_BYTES && block_bytes * DATA_BLOCKS < container_bytes {
            block_bytes *= 2;
        }
        Stripes { container_bytes, block_bytes, recovery }
    }

    /// Number of stripes.
    pub fn count(&self) -> u64 {
        self.container_bytes.div_ceil(self.block_bytes).div_ceil(DATA_BLOCKS)
    }

    /// Where the data block `column` of `stripe` begins in the container; it
    /// may lie beyond the end, and is zeros there.
    pub fn offset(&self, stripe: u64, column: u64) -> u64 {
        // Neighbours lie in different stripes, since media fail by the piece:
        // a long gap takes a few blocks of each stripe and not all of one.
        (column * self.count() + stripe) * self.block_bytes
    }

    /// The stripe and the column of the block that holds byte `offset`.
    pub fn place(&self, offset: u64) -> (u64, usize) {
        let block = offset / self.block_bytes;
        (block % self.count(), (block / self.count()) as usize)
    }

    /// Bytes of one packet of a recovery volume.
    pub fn packet_bytes(&self) -> u64 {
        HEAD_BYTES + self.block_bytes + CLOSING_BYTES
    }

    /// Bytes of one recovery volume.
    pub fn volume_bytes(&self) -> u64 {
        self.count() * self.packet_bytes()
    }

    /// How many stripes are worked on at once, that memory stays bounded.
    pub fn at_once(&self) -> u64 {
        (MAX_STRIPES_BYTES / ((DATA_BLOCKS + self.recovery as u64) * self.block_bytes)).max(1)
    }

    /// Bytes of the longest damage in one piece that is restored wherever it lies.
    pub fn burst_bytes(&self) -> u64 {
        let blocks = self.recovery as u64 * self.count();
        ((blocks - 1) * self.block_bytes + 1).min(self.container_bytes)
    }

    /// How many volumes of `volume_bytes` may be lost, whichever they are.
    pub fn volumes_restored(&self, volume_bytes: u64) -> u64 {
        // One block more, since a volume may begin within one.
        let straddles = u64::from(!volume_bytes.is_multiple_of(self.block_bytes));
        let blocks = volume_bytes.div_ceil(self.block_bytes) + straddles;
        self.recovery as u64 / blocks.div_ceil(self.count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_byte_is_in_one_block_of_one_stripe(size in 1..1u64 << 44, at in any::<u64>(), recovery in 1..=100usize) {
            let stripes = Stripes::of(size, recovery);
            let at = at % size;
            let (stripe, column) = stripes.place(at);
            prop_assert!(stripe < stripes.count() && (column as u64) < DATA_BLOCKS);
            let begin = stripes.offset(stripe, column as u64);
            prop_assert!(begin <= at && at < begin + stripes.block_bytes);
            prop_assert!(stripes.burst_bytes() <= size && stripes.at_once() * DATA_BLOCKS * stripes.block_bytes <= MAX_STRIPES_BYTES);
        }

        #[test]
        fn a_burst_that_is_promised_hits_no_stripe_too_often(size in 1..3_000_000u64, at in any::<u64>(), recovery in 1..=100usize) {
            let stripes = Stripes::of(size, recovery);
            let burst = stripes.burst_bytes();
            let first = at % (size - burst + 1);
            let blocks = first / stripes.block_bytes..=(first + burst - 1) / stripes.block_bytes;
            let mut hits = vec![0; stripes.count() as usize];
            blocks.for_each(|block| hits[(block % stripes.count()) as usize] += 1);
            prop_assert!(hits.iter().all(|hits| *hits <= recovery), "{hits:?}");
        }
    }

    #[test]
    fn blocks_grow_with_the_container_up_to_their_limit() {
        assert_eq!(Stripes::of(20_000, 10).block_bytes, 512);
        assert_eq!(Stripes::of(51_201, 10).block_bytes, 1024);
        assert_eq!(
            Stripes::of(6_553_600, 10),
            Stripes { container_bytes: 6_553_600, block_bytes: 65_536, recovery: 10 }
        );
        let large = Stripes::of(10 << 30, 10);
        assert_eq!((large.block_bytes, large.count(), large.at_once()), (65_536, 1639, 1));
        assert_eq!((large.volumes_restored(4 << 30), large.volumes_restored(700 << 20)), (0, 1));
    }
}
