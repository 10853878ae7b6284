//! The packet of a recovery volume: header, digests, one recovery block, and a
//! SHA-256 that closes it. Every number of the header is held against a limit.

use super::stripes::{CLOSING_BYTES, DIGEST_BYTES, HEAD_BYTES, Stripes};
use crate::bundle::limits::*;
use crate::model::{Id, Sha256Digest};

const MAGIC: &[u8; 8] = b"HCPARITY";
const VERSION: u16 = 1;
pub(super) const HEADER_BYTES: usize = 96;

/// The first bytes of a block's SHA-256.
pub(super) type BlockDigest = [u8; DIGEST_BYTES];

/// The first bytes of the SHA-256 of a block.
pub(super) fn block_digest(block: &[u8]) -> BlockDigest {
    Sha256Digest::of(block).0.first_chunk().copied().expect("a SHA-256 is longer")
}

/// What all packets for one container say alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ContainerIdentity {
    /// The cut of the container.
    pub stripes: Stripes,
    /// Bytes of each of its volumes but the last; 0 where it is in one piece.
    pub volume_bytes: u64,
    /// The bundle's id.
    pub bundle: Id,
    /// The digest of the container's records.
    pub container: Sha256Digest,
}

impl ContainerIdentity {
    /// The header of the packet for `stripe` in recovery volume `index`, counted from 0.
    pub fn header(&self, stripe: u64, index: usize) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, MAGIC);
        put(8, &VERSION.to_le_bytes());
        put(10, &(self.stripes.recovery as u16).to_le_bytes());
        put(12, &(self.stripes.block_bytes as u32).to_le_bytes());
        put(16, &self.stripes.container_bytes.to_le_bytes());
        put(24, &self.volume_bytes.to_le_bytes());
        put(32, &self.bundle.bytes());
        put(48, &self.container.0);
        put(80, &stripe.to_le_bytes());
        put(88, &(index as u16).to_le_bytes());
        header
    }

    /// Reads a header; returns also the stripe, and the index from 0.
    ///
    /// # Errors
    /// A sentence on the first field that can't be.
    pub fn parse(header: &[u8; HEADER_BYTES]) -> Result<(ContainerIdentity, u64, usize), String> {
        let number = |at: usize, bytes: usize| {
            header[at..at + bytes].iter().rev().fold(0u64, |number, byte| number << 8 | u64::from(*byte))
        };
        if &header[..8] != MAGIC {
            return Err("it does not begin as a packet".to_owned());
        }
        if number(8, 2) != u64::from(VERSION) {
            return Err(format!("its version is {}", number(8, 2)));
        }
        let recovery = number(10, 2) as usize;
        if !(1..=MAX_RECOVERY_VOLUMES).contains(&recovery) {
            return Err(format!("it is one of {recovery} recovery volumes"));
        }
        let container_bytes = number(16, 8);
        if !(1..=MAX_NUMBER).contains(&container_bytes) {
            return Err(format!("its container has {container_bytes} bytes"));
        }
        let stripes = Stripes::of(container_bytes, recovery);
        // The cut follows from the size alone, so no packet can choose how much memory a block takes.
        if number(12, 4) != stripes.block_bytes {
            return Err(format!("its block has {} bytes, not {}", number(12, 4), stripes.block_bytes));
        }
        let volume_bytes = number(24, 8);
        let in_volumes = volume_bytes >= MIN_VOLUME_BYTES
            && volume_bytes < container_bytes
            && container_bytes.div_ceil(volume_bytes) <= MAX_VOLUMES as u64;
        if volume_bytes != 0 && !in_volumes {
            return Err(format!("its container is in volumes of {volume_bytes} bytes"));
        }
        let (stripe, index) = (number(80, 8), number(88, 2) as usize);
        if stripe >= stripes.count() || index >= recovery {
            return Err(format!("it is for stripe {stripe}, and number {index}"));
        }
        let bundle = Id::from_bytes(*header[32..].first_chunk().expect("the header is longer"));
        let container = Sha256Digest(*header[48..].first_chunk().expect("the header is longer"));
        let identity = ContainerIdentity { stripes, volume_bytes, bundle, container };
        match identity.header(stripe, index) == *header {
            true => Ok((identity, stripe, index)),
            false => Err("bytes that are unused are not 0".to_owned()),
        }
    }

    /// A whole packet.
    pub fn packet(&self, stripe: u64, index: usize, digests: &[BlockDigest], block: &[u8]) -> Vec<u8> {
        let mut packet = Vec::with_capacity(self.stripes.packet_bytes() as usize);
        packet.extend_from_slice(&self.header(stripe, index));
        packet.extend(digests.iter().flatten());
        packet.extend_from_slice(block);
        let closing = Sha256Digest::of(&packet);
        packet.extend_from_slice(&closing.0);
        packet
    }

    /// Takes a packet apart; `None` where it is damaged, or another than the
    /// one for `stripe` in volume `index` of this container.
    pub fn open<'p>(&self, packet: &'p [u8], stripe: u64, index: usize) -> Option<(Vec<BlockDigest>, &'p [u8])> {
        let (body, closing) = packet.split_at_checked(packet.len().checked_sub(CLOSING_BYTES as usize)?)?;
        let right = packet.len() as u64 == self.stripes.packet_bytes()
            && body.starts_with(&self.header(stripe, index))
            && Sha256Digest::of(body).0 == closing;
        if !right {
            return None;
        }
        let (head, block) = body.split_at(HEAD_BYTES as usize);
        let digests = head[HEADER_BYTES..].chunks_exact(DIGEST_BYTES);
        Some((digests.map(|digest| digest.try_into().expect("of that length")).collect(), block))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn identity(container_bytes: u64, recovery: usize, volume_bytes: u64) -> ContainerIdentity {
        let bundle = Id::from_hex("00112233445566778899aabbccddeeff").unwrap();
        let stripes = Stripes::of(container_bytes, recovery);
        ContainerIdentity { stripes, volume_bytes, bundle, container: Sha256Digest::of(b"records") }
    }

    proptest! {
        #[test]
        fn a_header_reads_back(size in 2000..1u64 << 40, recovery in 1..=100usize, stripe in any::<u64>(), index in any::<usize>()) {
            let identity = identity(size, recovery, 0);
            let (stripe, index) = (stripe % identity.stripes.count(), index % recovery);
            prop_assert_eq!(ContainerIdentity::parse(&identity.header(stripe, index)), Ok((identity, stripe, index)));
        }

        #[test]
        fn any_header_is_read_without_panic_and_is_canonical(start in any::<bool>(), mut bytes in prop::array::uniform32(any::<[u8; 3]>())) {
            if start {
                bytes[0] = *b"HCP";
                bytes[1] = *b"ARI";
                bytes[2] = [b'T', b'Y', 1];
                bytes[3] = [0, 5, 0];
            }
            let header: [u8; HEADER_BYTES] = bytes.concat().try_into().unwrap();
            if let Ok((identity, stripe, index)) = ContainerIdentity::parse(&header) {
                prop_assert_eq!(identity.header(stripe, index), header);
            }
        }

        #[test]
        fn a_packet_with_a_changed_byte_is_none(at in any::<prop::sample::Index>(), by in 1..=255u8) {
            let identity = identity(3000, 2, 1024);
            let digests = vec![[7; DIGEST_BYTES]; DATA_BLOCKS as usize];
            let mut packet = identity.packet(0, 1, &digests, &[9; 512]);
            prop_assert_eq!(identity.open(&packet, 0, 1), Some((digests, &[9u8; 512][..])));
            prop_assert_eq!(identity.open(&packet, 0, 0), None);
            let at = at.index(packet.len());
            packet[at] ^= by;
            prop_assert_eq!(identity.open(&packet, 0, 1), None);
            prop_assert_eq!(identity.open(&packet[..at], 0, 1), None);
        }
    }

    #[test]
    fn each_field_has_its_limit() {
        let refuse = |at: usize, bytes: &[u8], what: &str| {
            let mut header = identity(3000, 2, 1024).header(0, 1);
            header[at..at + bytes.len()].copy_from_slice(bytes);
            let why = ContainerIdentity::parse(&header).unwrap_err();
            assert!(why.contains(what), "{why}");
        };
        refuse(0, b"X", "begin");
        refuse(8, &[2], "version is 2");
        refuse(10, &[0], "0 recovery volumes");
        refuse(10, &[101], "101 recovery volumes");
        refuse(12, &[0, 4], "1024 bytes, not 512");
        refuse(16, &[0; 8], "has 0 bytes");
        refuse(16, &[255; 8], "bytes");
        refuse(24, &[0, 2], "volumes of 512");
        refuse(24, &[0, 0, 1], "volumes of 65536");
        refuse(80, &[1], "stripe 1");
        refuse(88, &[2], "number 2");
        refuse(90, &[1], "unused");
    }
}
