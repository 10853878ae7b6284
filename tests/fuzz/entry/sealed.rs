//! A container whose signature always holds, so that what comes after the
//! signers is reached: a trusted signer's mistakes, or malice.

use super::carried::judge;
use handcarry::testing::trust::{Namespace, Signer};
use std::sync::LazyLock;

/// Between the manifest, SHA256SUMS, the package's name and the package.
const MARK: &[u8] = b"\n--8<--\n";

/// The sealer of the fixtures.
static SEALER: LazyLock<Signer> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    std::fs::write(&path, include_str!("../../../fixtures/bundle/sealer")).expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("closed");
    Signer::from_file(&path, &mut || None).expect("opens")
});

/// Whatever is sealed and opens says the same to every reader.
pub fn sealed(data: &[u8]) {
    let mut parts = split(data);
    let mut part = || parts.next().unwrap_or_default();
    let (manifest, sums, name, package) = (part(), part(), part(), part());
    let signature = SEALER.sign(Namespace::Bundle, manifest).expect("signs");
    let name = [b"packages/", name].concat();
    let whole = container(&[
        (b"manifest.json", manifest),
        (b"manifest.json.1.sig", signature.as_bytes()),
        (b"SHA256SUMS", sums),
        (b"README.txt", b"Read me.\n"),
        (&name, package),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("b.zip"), &whole).expect("written");
    judge(folder.path(), &mut std::io::Cursor::new(whole));
}

fn split(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let all = rest?;
        let at = all.windows(MARK.len()).position(|window| window == MARK);
        rest = at.map(|at| &all[at + MARK.len()..]);
        Some(&all[..at.unwrap_or(all.len())])
    })
}

/// The container that man/handcarry-bundle.5 describes, of small entries.
fn container(entries: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut directory = Vec::new();
    for (name, bytes) in entries {
        let offset = body.len() as u32;
        let mut common = Vec::new();
        for word in [0u16, 0, 0, 0x21] {
            common.extend(word.to_le_bytes());
        }
        for word in [crc32(bytes), bytes.len() as u32, bytes.len() as u32] {
            common.extend(word.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04\x0a\x00");
        body.extend(&common);
        body.extend_from_slice(name);
        body.extend_from_slice(bytes);
        directory.extend(b"PK\x01\x02\x2d\x03\x0a\x00");
        directory.extend(&common);
        directory.extend([0; 6]);
        directory.extend((0o100_644u32 << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend_from_slice(name);
    }
    let (count, at) = (entries.len() as u16, body.len() as u32);
    body.extend(&directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(count.to_le_bytes());
    body.extend(count.to_le_bytes());
    body.extend((directory.len() as u32).to_le_bytes());
    body.extend(at.to_le_bytes());
    body.extend([0, 0]);
    body
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1));
        }
    }
    !crc
}
