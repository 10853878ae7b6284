//! A stick that answers otherwise when it is read again.

use crate::attacks::target::{NAME, Target};
use crate::support::said::finish;
use handcarry::testing::model::Exit;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A filesystem of Python's that flips one byte of a file from the second
/// reading of that byte on; the kernel caches nothing of it.
const LIAR: &str = r#"
import os, sys
from fusepy import FUSE, Operations
root, mount, at = sys.argv[1], sys.argv[2], int(sys.argv[3])
class Liar(Operations):
    seen = 0
    def getattr(self, path, fh=None):
        st = os.lstat(root + path)
        return {k: getattr(st, k) for k in ('st_mode', 'st_size', 'st_nlink', 'st_uid', 'st_gid', 'st_mtime', 'st_ctime', 'st_atime')}
    def readdir(self, path, fh):
        return ['.', '..'] + os.listdir(root + path)
    def open(self, path, flags):
        return os.open(root + path, os.O_RDONLY)
    def read(self, path, size, offset, fh):
        data = bytearray(os.pread(fh, size, offset))
        if offset <= at < offset + len(data):
            Liar.seen += 1
            if Liar.seen > 1:
                data[at - offset] ^= 1
        return bytes(data)
    def release(self, path, fh):
        os.close(fh)
FUSE(Liar(), mount, foreground=True, nothreads=True, direct_io=True)
"#;

struct Mounted(Child, std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("fusermount").args(["-u", "-z"]).arg(&self.1).stderr(Stdio::null()).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Mounts the liar over `root`; `None` where this machine has no FUSE at all.
fn liar(bench: &Target, root: &Path, at: usize) -> Option<Mounted> {
    if !Path::new("/dev/fuse").exists() {
        return None;
    }
    let mount = bench.path("liar");
    std::fs::create_dir(&mount).expect("made");
    let child = Command::new("/usr/bin/python3").args(["-c", LIAR]).arg(root).arg(&mount).arg(at.to_string()).spawn();
    let mounted = Mounted(child.expect("python3 is needed: see tests/run"), mount.clone());
    let begun = Instant::now();
    while !mount.join("handcarry").exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the liar is mounted");
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(mounted)
}

#[test]
fn a_byte_that_changes_after_verification_is_never_sent() {
    let bench = Target::new();
    let path = bench.seal(&bench.manifest(1, 1));
    let at = std::fs::metadata(&path).expect("there").len() as usize / 2;
    let Some(mounted) = liar(&bench, &bench.path("stick"), at) else {
        // Where there is no FUSE, the other real means stands for it.
        return swapped_between_verification_and_upload(&bench);
    };
    let media = mounted.1.display().to_string();
    let said = finish(bench.command(&["push", &media, NAME]).spawn().expect("starts"), "y\ny\ny\n");
    // It was verified whole before, and marked; the second reading is what failed.
    assert!(bench.marks().is_some(), "{said:?}");
    said.ends(Exit::DigestMismatch);
    assert_eq!(bench.journal("backup-done").len(), 1, "the upload was next");
    assert_eq!(bench.uploads(), Vec::<String>::new());
    drop(mounted);
    bench.push(&[], "y\ny\ny\n").ends(Exit::Ok);
    assert_eq!(bench.uploads(), [bench.manifest(1, 1).packages[0].sha256.to_string()]);
}

#[test]
fn a_file_overwritten_between_verification_and_upload_is_never_sent() {
    swapped_between_verification_and_upload(&Target::new());
}

fn swapped_between_verification_and_upload(bench: &Target) {
    let manifest = bench.manifest(1, 1);
    let path = bench.seal(&manifest);
    let stick = bench.stick();
    let mut child = bench.command(&["push", &stick, NAME]).spawn().expect("starts");
    let mut input = child.stdin.take().expect("piped");
    let mut lines = BufReader::new(child.stdout.take().expect("piped"));
    // The backup's step begins when all is verified and agreed to, and before anything is sent.
    input.write_all(b"y\n").expect("answered");
    let mut line = String::new();
    while !line.starts_with("[2/") {
        line.clear();
        assert!(lines.read_line(&mut line).expect("reads") > 0, "it ended before the backup");
    }
    let mut bytes = std::fs::read(&path).expect("readable");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&path, &bytes).expect("written");
    let _ = input.write_all(b"y\ny\n");
    drop(input);
    std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
    let output = child.wait_with_output().expect("it ends");
    crate::support::said::Said::from(output).ends(Exit::DigestMismatch);
    assert_eq!(bench.uploads(), Vec::<String>::new());
}
