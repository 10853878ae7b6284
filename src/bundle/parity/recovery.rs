//! Reading recovery volumes, which come from a medium that anybody may have written.

use super::packet::{BlockDigest, ContainerIdentity, HEADER_BYTES};
use super::stripes::Stripes;
use super::{recovery_number, recovery_stem};
use crate::bundle::limits::*;
use crate::media::{self, read_exact_at};
use std::fs::File;
use std::path::Path;

/// One file that is named as a recovery volume.
pub(super) struct RecoveryFile {
    pub name: String,
    file: File,
    /// What its first whole packet says: whose it is, and which number from 0.
    pub said: Option<(ContainerIdentity, usize)>,
}

/// The recovery volumes for one container.
pub(super) struct Recovery {
    /// What they are for.
    pub identity: ContainerIdentity,
    /// By index; missing where no file has a whole packet of that index.
    files: Vec<Option<File>>,
    /// Names of files that are of no use: for another container, or without one whole packet.
    pub useless: Vec<String>,
}

/// Opens every file of `folder` that is named as a recovery volume of the
/// bundle `name`, and finds out what it is. Files that can't be opened are of
/// no use, and are told as such.
pub(super) fn find(folder: &Path, name: &str) -> Vec<RecoveryFile> {
    let mut found = Vec::new();
    for number in 1..=MAX_RECOVERY_VOLUMES {
        let file = super::recovery_name(name, number - 1);
        debug_assert_eq!(recovery_number(&file), Some((recovery_stem(name), number)));
        let path = folder.join(&file);
        if let Ok(opened) = media::open_carried(&path) {
            let said = discover(&opened);
            found.push(RecoveryFile { name: file, file: opened, said });
        }
    }
    found
}

/// Takes those that are for the container of `identity`.
pub(super) fn choose(found: Vec<RecoveryFile>, identity: ContainerIdentity) -> Recovery {
    let mut files: Vec<Option<File>> = (0..identity.stripes.recovery).map(|_| None).collect();
    let mut useless = Vec::new();
    for RecoveryFile { name, file, said } in found {
        match said {
            Some((of, index)) if of == identity && files[index].is_none() => files[index] = Some(file),
            _ => useless.push(name),
        }
    }
    Recovery { identity, files, useless }
}

impl Recovery {
    /// How many recovery volumes are of use.
    pub fn there(&self) -> usize {
        self.files.iter().flatten().count()
    }

    /// Whether every packet of every volume is there and whole, and they agree
    /// on `digests`, the blocks of `stripe`.
    pub fn agrees(&self, stripe: u64, digests: &[BlockDigest]) -> bool {
        (0..self.files.len()).all(|index| self.packet(stripe, index).is_some_and(|(said, _)| said == digests))
    }

    /// Bytes of all of these.
    pub fn bytes(&self) -> u64 {
        let lengths = self.files.iter().flatten().filter_map(|file| Some(file.metadata().ok()?.len()));
        lengths.fold(0, u64::saturating_add)
    }

    /// The digests of the blocks of one stripe; `None` where no packet for it is whole.
    pub fn digests(&self, stripe: u64) -> Option<Vec<BlockDigest>> {
        // Any whole packet will do: honest ones say the same, and a forged one can only make the repair fail.
        (0..self.files.len()).find_map(|index| self.packet(stripe, index)).map(|(digests, _)| digests)
    }

    /// Up to `wanted` recovery blocks of one stripe that agree on its digests.
    pub fn blocks(&self, stripe: u64, digests: &[BlockDigest], wanted: usize) -> Vec<(usize, Vec<u8>)> {
        let of = |index| self.packet(stripe, index).filter(|(said, _)| said == digests);
        (0..self.files.len()).filter_map(|index| Some((index, of(index)?.1))).take(wanted).collect()
    }

    /// Reads one packet; `None` where it is missing or damaged.
    fn packet(&self, stripe: u64, index: usize) -> Option<(Vec<BlockDigest>, Vec<u8>)> {
        let bytes = self.identity.stripes.packet_bytes();
        let mut packet = vec![0; bytes as usize];
        read_exact_at(self.files[index].as_ref()?, &mut packet, stripe * bytes).ok()?;
        let (digests, block) = self.identity.open(&packet, stripe, index)?;
        Some((digests, block.to_vec()))
    }
}

/// Looks for the first whole packet, by each size that packets have.
fn discover(file: &File) -> Option<(ContainerIdentity, usize)> {
    let size = file.metadata().ok()?.len();
    // Any packet may be the damaged one, and how long packets are is just
    // what is not known yet. So each place is tried for each length.
    let mut block_bytes = MAX_BLOCK_BYTES;
    while block_bytes >= MIN_BLOCK_BYTES {
        let bytes = Stripes { container_bytes: 0, block_bytes, recovery: 1 }.packet_bytes();
        for stripe in 0..(size / bytes).min(MAX_PACKETS_TRIED) {
            let mut header = [0; HEADER_BYTES];
            read_exact_at(file, &mut header, stripe * bytes).ok();
            let Ok((identity, said, index)) = ContainerIdentity::parse(&header) else { continue };
            if said != stripe || identity.stripes.block_bytes != block_bytes {
                continue;
            }
            let mut packet = vec![0; bytes as usize];
            let read = read_exact_at(file, &mut packet, stripe * bytes);
            if read.is_ok() && identity.open(&packet, stripe, index).is_some() {
                return Some((identity, index));
            }
        }
        block_bytes /= 2;
    }
    None
}
