//! What a program reads, by strace.

use super::home::Home;
use super::said::INSIDE;
use std::collections::BTreeMap;

/// Bytes that the inside called with `args` read of each file below `folder`; it must end with `code`.
pub fn read_of(home: &Home, folder: &str, args: &[&str], code: i32) -> BTreeMap<String, u64> {
    let log = home.path("trace");
    let mut command = home.command("strace", &[]);
    command.args(["-f", "-y", "-s", "0", "-e", "signal=none", "-e"]);
    command.arg("trace=read,pread64,readv,preadv,preadv2,copy_file_range,sendfile,splice,mmap").arg("-o").arg(&log);
    command.arg(INSIDE).args(args);
    let output = command.output().expect("strace runs");
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
    let mut read = BTreeMap::new();
    let whole = std::fs::read_to_string(&log).expect("a trace");
    for line in whole.lines().filter(|line| line.contains(folder)) {
        assert!(!line.contains("mmap("), "it is read by calls that can be counted: {line}");
        let Some((call, result)) = line.rsplit_once(" = ") else { continue };
        let (Some(begin), Some(end)) = (call.find('<'), call.find('>')) else { continue };
        let bytes: u64 = result.split_whitespace().next().and_then(|count| count.parse().ok()).unwrap_or(0);
        *read.entry(call[begin + 1..end].to_owned()).or_default() += bytes;
    }
    read
}
