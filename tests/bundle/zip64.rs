//! Sizes and offsets beyond 32 bits, in a sparse file.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, VolumeSink, WriteSeek};
use handcarry::testing::model::*;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A chunk of zeros, to compare with.
static ZEROS: [u8; CHUNK_BYTES as usize] = [0; CHUNK_BYTES as usize];

/// A volume that leaves holes where zeros would be written.
struct Sparse(File);

impl Write for Sparse {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() < 1 << 20 || *bytes != ZEROS[..bytes.len()] {
            return self.0.write(bytes);
        }
        let end = self.0.seek(SeekFrom::Current(bytes.len() as i64))?;
        self.0.set_len(end)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

struct SparseFolder(PathBuf);

impl VolumeSink for SparseFolder {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(vec![])
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(Sparse(File::create(self.0.join(name))?)))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(vec![self.0.join("b.zip")])
    }
}

/// The manifest's entry for a package of zeros.
fn zeros(n: usize, size: u64) -> Package {
    let chunk = vec![0; CHUNK_BYTES as usize];
    let (full, rest) = (size / CHUNK_BYTES, (size % CHUNK_BYTES) as usize);
    let mut chunks = vec![Sha256Digest::of(&chunk); full as usize];
    chunks.extend((rest > 0).then(|| Sha256Digest::of(&chunk[..rest])));
    let whole = Command::new("sh").arg("-c").arg(format!("head -c {size} /dev/zero | sha256sum")).output().unwrap();
    let sha256 = Sha256Digest::from_hex(&String::from_utf8_lossy(&whole.stdout)[..64]).unwrap();
    Package { size_bytes: size, sha256, chunks, ..package(n, b"") }
}

#[test]
fn packages_and_offsets_beyond_4_gib_are_read_by_all() {
    let dir = tempfile::tempdir().unwrap();
    let last = bytes(9, 3000);
    let large = zeros(0, (1 << 32) + 5);
    let draft = draft(&manifest(vec![large, package(1, &last)]));
    let mut open = |package: &Package| -> io::Result<Box<dyn Read>> {
        if package.size_bytes > 1 << 20 {
            return Ok(Box::new(io::repeat(0).take(package.size_bytes)));
        }
        Ok(Box::new(io::Cursor::new(last.clone())))
    };
    let name = FileName::parse("b.zip").unwrap();
    let mut sink = SparseFolder(dir.path().to_path_buf());
    let written = bundle::write(&draft, &mut open, &mut sink, &name, None, &()).unwrap();
    assert_eq!(written.volumes[0].metadata().unwrap().len(), written.size_bytes);

    // Verifying as much is left to the huge bundles of fixtures/bundle/make.py.
    let bundle = bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &expect()).unwrap();
    let mut read = Vec::new();
    bundle.package(&FileName::parse("package-1.nss").unwrap()).unwrap().read_to_end(&mut read).unwrap();
    assert!(read == last, "an entry beyond 4 GiB");
    independent(&written.volumes[0]);
}

/// Stock tools find the entry beyond 4 GiB and the large one's size.
fn independent(path: &Path) {
    let tool = |name: &str, arguments: &[&str]| {
        let done = Command::new(name).args(arguments).output().unwrap_or_else(|_| panic!("{name} is needed"));
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stdout));
        done.stdout
    };
    let path = path.to_str().unwrap();
    let listed = tool("unzip", &["-l", path]);
    assert!(String::from_utf8_lossy(&listed).contains("4294967301"), "unzip");
    assert!(tool("unzip", &["-p", path, "packages/package-1.nss"]) == bytes(9, 3000));
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\n\
                  sys.stdout.buffer.write(z.read('packages/package-1.nss'))";
    assert!(tool("python3", &["-c", script, path]) == bytes(9, 3000));
    let seven = ["7zz", "7z"].into_iter().find(|tool| Command::new(tool).output().is_ok()).expect("7z is needed");
    assert!(tool(seven, &["x", "-so", path, "packages/package-1.nss"]) == bytes(9, 3000));
}
