//! The evidence pack of `audit`: what its README has an auditor paste finds it
//! whole, and finds each byte that was changed, by ssh-keygen and sha256sum alone.

use super::OK;
use crate::support::bench::{Bench, NAME};
use handcarry::testing::model::{Exit, Sha256Digest};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A pack in a folder of its own, as an auditor unpacks it.
struct Unpacked(tempfile::TempDir);

impl Unpacked {
    fn of(pack: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let done = Command::new("unzip").args(["-q", pack]).current_dir(folder.path()).status();
        assert!(done.expect("unzip is there").success());
        Unpacked(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn files(&self) -> Vec<String> {
        let all = walkdir::WalkDir::new(self.0.path()).into_iter().map(|entry| entry.expect("readable"));
        let files = all.filter(|entry| entry.file_type().is_file());
        let mut names: Vec<String> = files
            .map(|entry| entry.path().strip_prefix(self.0.path()).expect("below").to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// What an auditor pastes: the block in README.txt, by a plain sh with nothing of handcarry's in reach.
    fn check(&self, readme: &str) -> (bool, String) {
        let block: Vec<&str> = readme.lines().skip_while(|line| *line != "    (").collect();
        let end = block.iter().position(|line| *line == "    )").expect("the block ends");
        let script = block[..=end].join("\n");
        assert!(!script.contains("handcarry-inside") && !script.contains("handcarry-outside"), "{script}");
        let done = Command::new("sh").args(["-c", &script]).current_dir(self.0.path()).output().expect("sh is there");
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    }

    /// Makes SHA256SUMS agree with what lies there, as whoever changed it would.
    fn sums(&self) {
        let line = |name: &String| format!("{}  {name}\n", Sha256Digest::of(&fs::read(self.path(name)).expect("read")));
        let names = self.files().into_iter().filter(|name| name != "SHA256SUMS");
        fs::write(self.path("SHA256SUMS"), names.map(|name| line(&name)).collect::<String>()).expect("written");
    }
}

/// A journal that was rewritten: each line goes on from the one before, as if it had always been so.
fn rewritten(journal: &str, change: impl Fn(&str) -> String) -> String {
    let mut prev = Sha256Digest::of(b"").to_string();
    let line = |line: &str| {
        let body = change(line.rsplit_once(",\"sha256\":").expect("a digest").0);
        let (before, after) = body.split_once("\"prev\":\"").expect("a link");
        let body = format!("{before}\"prev\":\"{prev}{}", &after[64..]);
        let line = format!("{body},\"sha256\":\"{}\"}}", Sha256Digest::of(body.as_bytes()));
        prev = Sha256Digest::of(line.as_bytes()).to_string();
        line + "\n"
    };
    journal.lines().map(line).collect()
}

/// Packs the journal of an appliance whose bundle is installed and whose receipts lie on the stick, and examines it.
pub fn is_checked_by_stock_tools_alone(bench: &Bench, stick: &str) {
    let pack = |language: &str| {
        let path = bench.path(&format!("evidence-{language}.zip")).display().to_string();
        let args = ["audit", NAME, "--receipt", stick, "--pack", &path, "--language", language];
        bench.inside(&args, "").ends(OK);
        bench.inside(&args, "").ends(Exit::Exists.code());
        path
    };
    let (en, pt) = (pack("en"), pack("pt"));
    let good = Unpacked::of(&en);
    let readme = fs::read_to_string(good.path("README.txt")).expect("a readme");
    let portuguese = fs::read_to_string(Unpacked::of(&pt).path("README.txt")).expect("a readme");
    assert!(readme.contains("EVIDENCE PACK of the appliance box") && portuguese.contains("PACOTE DE EVIDÊNCIAS"));
    for readme in [&readme, &portuguese] {
        let (well, said) = good.check(readme);
        assert!(well && said.ends_with("ALL HOLDS\n"), "{said}");
        // A bundle by its signer, two receipts by this desk.
        assert_eq!(said.matches("Good \"handcarry-bundle\" signature for ana").count(), 1, "{said}");
        assert_eq!(said.matches("Good \"handcarry-receipt\" signature for this-desk").count(), 2, "{said}");
    }
    let report = fs::read_to_string(good.path("report.html")).expect("a report");
    let manifest = good.files().into_iter().find(|name| name.ends_with(".json") && name.starts_with("manifests/"));
    let digest = Sha256Digest::of(&fs::read(good.path(&manifest.expect("a manifest"))).expect("read")).to_string();
    assert!(report.contains(&digest) && report.contains("SHA256:"), "by which key is told");

    // One byte anywhere is found.
    for name in good.files() {
        let changed = Unpacked::of(&en);
        let mut bytes = fs::read(changed.path(&name)).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(changed.path(&name), &bytes).expect("written");
        let (well, said) = changed.check(&readme);
        assert!(!well && !said.contains("ALL HOLDS"), "{name}: {said}");
    }
    // Where SHA256SUMS is made to agree, the signatures and what they bind still find it.
    let journal = fs::read_to_string(good.path("journal.jsonl")).expect("a journal");
    let found = |what: &str, change: &dyn Fn(&Unpacked), says: &str| {
        let changed = Unpacked::of(&en);
        change(&changed);
        changed.sums();
        let (well, said) = changed.check(&readme);
        assert!(!well && said.contains(says), "{what}: {said}");
    };
    let write = |path: &Path, text: String| fs::write(path, text).expect("written");
    let word = |body: &str| body.replace("\"protected\":false", "\"protected\":true").replace("3.4.0", "3.4.1");
    assert_ne!(rewritten(&journal, word), journal);
    assert_eq!(rewritten(&journal, str::to_owned), journal);
    found("a journal", &|at| write(&at.path("journal.jsonl"), rewritten(&journal, word)), "it saw another journal");
    found("a record", &|at| write(&at.path("journal.jsonl"), word(&journal)), "does not hold");
    let cut = || journal.lines().take(5).map(|line| format!("{line}\n")).collect::<String>();
    found("its end", &|at| write(&at.path("journal.jsonl"), cut()), "it saw another journal");
    for (folder, says) in [("manifests/", "its signature does not hold"), ("receipts/", "its signature does not hold")]
    {
        let of =
            |at: &Unpacked| at.files().into_iter().find(|name| name.starts_with(folder) && name.ends_with(".json"));
        let change = |at: &Unpacked| {
            let path = at.path(&of(at).expect("one"));
            let text = fs::read_to_string(&path).expect("text");
            write(&path, text.replacen("\"format\"", "\"Format\"", 1));
        };
        found(folder, &change, says);
    }
    let no_manifest = |at: &Unpacked| fs::remove_dir_all(at.path("manifests")).expect("removed");
    found("no manifest", &no_manifest, "no manifest has it");
    found("no signers", &|at| write(&at.path("allowed_signers"), String::new()), "its signature does not hold");
}
