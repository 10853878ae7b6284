//! The store inside: what a stick carries is taken in one pass, kept whole or
//! not at all, and believed no more than the stick.
#![cfg(unix)]

mod judged;
mod passes;
mod rest;
mod sticks;

use crate::support::home::{Home, copy, files};
use handcarry::testing::model::CHUNK_BYTES;
use std::path::{Path, PathBuf};

/// Two chunks and a bit.
const PACKAGE_BYTES: usize = 2 * CHUNK_BYTES as usize + 70_000;

/// Both halves, and a stick with a bundle of two packages for one appliance.
fn carried(write: &[&str]) -> Home {
    let home = Home::new().trusting();
    for (seed, name) in [(1u64, "Base 3.4.0.nss"), (2, "Base 3.4.1.nss")] {
        std::fs::write(home.path(name), bytes(seed)).expect("written");
        home.outside(&["import", name, "--by", "ana", "--for", "LAB-1"], "").ends(0);
    }
    let sealing = ["seal", "--from", "ana", "--appliance", "LAB-1", "--model", "B200", "--host", "support.example.com"];
    home.outside(&sealing, "").ends(0);
    home.outside(&[&["write", "stick"], write].concat(), "").ends(0);
    home
}

/// Bytes that differ from place to place.
fn bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..PACKAGE_BYTES).map(|_| next()).collect()
}

/// The bundle's files on the stick.
fn volumes(home: &Home) -> Vec<PathBuf> {
    files(&home.path("stick/handcarry/bundles"))
}

fn objects(home: &Home) -> Vec<PathBuf> {
    let objects = home.path("home/inside/store/objects");
    if objects.exists() { files(&objects) } else { Vec::new() }
}

/// Changes a byte of a file.
fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("writes");
}

/// Where in the bundle of one file the chunks of a package begin.
fn chunks(bundle: &Path, seed: u64) -> Vec<usize> {
    let (whole, package) = (std::fs::read(bundle).expect("reads"), bytes(seed));
    let begin = whole.windows(64).position(|window| window == &package[..64]).expect("it is there");
    (0..PACKAGE_BYTES).step_by(CHUNK_BYTES as usize).map(|at| begin + at).collect()
}

/// A home as it is, to be spoilt in one way and then another.
fn again(home: &Home) -> Home {
    Home::after(home)
}

/// A further stick with some of the bundle's files.
fn stick_of(home: &Home, name: &str, of: &[PathBuf]) -> String {
    let folder = home.path(name).join("handcarry/bundles");
    std::fs::create_dir_all(&folder).expect("made");
    for file in of {
        std::fs::copy(file, folder.join(file.file_name().expect("a name"))).expect("copied");
    }
    home.word(name)
}

/// A copy of the whole stick.
fn spare(home: &Home) -> PathBuf {
    let spare = home.path("spare");
    copy(&home.path("stick"), &spare);
    spare
}
