//! Files that only their password opens. The scrambling has to look and
//! behave like encryption, no more: the lab holds nothing worth keeping from
//! anybody.

use sha2::{Digest, Sha256};

/// Writes `plain` behind `magic`; the same input gives the same bytes.
pub(super) fn close(magic: &[u8], plain: &[u8], password: &str) -> Vec<u8> {
    let key = key(magic, password);
    let mut scrambled = plain.to_vec();
    scramble(&key, &mut scrambled);
    [magic, &Sha256::digest(key), &scrambled].concat()
}

/// Reads what [`close`] wrote; `None` where it is none or the password is wrong.
pub(super) fn open(magic: &[u8], bytes: &[u8], password: &str) -> Option<Vec<u8>> {
    let (check, scrambled) = bytes.strip_prefix(magic)?.split_at_checked(32)?;
    let key = key(magic, password);
    if check != Sha256::digest(key).as_slice() {
        return None;
    }
    let mut plain = scrambled.to_vec();
    scramble(&key, &mut plain);
    Some(plain)
}

fn key(magic: &[u8], password: &str) -> [u8; 32] {
    Sha256::new_with_prefix(magic).chain_update(b"\0").chain_update(password).finalize().into()
}

/// Applies a key stream; applying it twice undoes it.
fn scramble(key: &[u8; 32], bytes: &mut [u8]) {
    for (counter, block) in (0u64..).zip(bytes.chunks_mut(32)) {
        let stream = Sha256::new_with_prefix(key).chain_update(counter.to_le_bytes()).finalize();
        block.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
    }
}
