//! Recovery volumes: nothing that they rebuild passes unless it was signed.

use super::carried::{now, trust};
use super::shown;
use handcarry::testing::bundle::{self, BundleError, Expect, VolumeSink, WriteSeek};
use handcarry::testing::media::{DurableSet, Mode};
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// A bundle that the fixtures' signer sealed.
const WHOLE: &[u8] = include_bytes!("../../../fixtures/bundle/accept/plain/b.zip");

/// Bytes of one packet for a bundle of that size.
const PACKET_BYTES: usize = 2240;

/// The input is cut into recovery volumes of one packet each; beside them lies
/// a bundle with one block damaged. What comes out is that bundle, or refused.
pub fn recovery(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut damaged = WHOLE.to_vec();
    damaged[600] ^= 0x20;
    std::fs::write(folder.path().join("b.zip"), &damaged).expect("written");
    for (number, volume) in data.chunks(PACKET_BYTES).take(8).enumerate() {
        std::fs::write(folder.path().join(format!("b.recovery.{:03}", number + 1)), volume).expect("written");
    }
    match restored(folder.path()) {
        Ok(bytes) => assert!(bytes == WHOLE, "it passes, and is another"),
        Err(error) => shown(&error.to_string()),
    }
}

fn restored(folder: &std::path::Path) -> Result<Vec<u8>, BundleError> {
    let repair = bundle::examine(folder)?;
    let mut sink = Unnamed(DurableSet::new(folder, Mode::Shared));
    let restored = repair.restore(&mut sink, "c.zip", &())?;
    let mended = restored.mended();
    let opened = bundle::open_by(restored.set(), &trust(), &Expect::anything(now()), &|path| restored.open_file(path))?;
    opened.verify_packages(&())?;
    assert!(mended.restored > 0 && mended.lost == 0, "{mended:?}");
    let mut bytes = Vec::new();
    for path in restored.set().paths() {
        let mut file = restored.open_file(&path).expect("a file");
        io::Seek::rewind(&mut file).expect("a file");
        io::Read::read_to_end(&mut file, &mut bytes).expect("a file");
    }
    Ok(bytes)
}

/// Files that never get a name.
struct Unnamed(DurableSet);

impl VolumeSink for Unnamed {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(self.0.names()?)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(self.0.create(name)?))
    }

    fn reopen(&mut self, name: &str) -> io::Result<File> {
        Ok(self.0.reopen(name)?)
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
