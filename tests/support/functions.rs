//! The test functions of this repository, for tables that name them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A test function.
pub struct Tested {
    /// Where it stands, below the repository.
    pub file: PathBuf,
    /// What it does, to the next test.
    pub body: String,
}

/// The test functions under tests/ and src/ by name; several may have one name.
pub fn tested() -> BTreeMap<String, Vec<Tested>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tests", "src"].into_iter().flat_map(|below| walkdir::WalkDir::new(root.join(below)));
    let mut found: BTreeMap<String, Vec<Tested>> = BTreeMap::new();
    for entry in
        files.map(|entry| entry.expect("readable")).filter(|entry| entry.path().extension() == Some("rs".as_ref()))
    {
        let text = std::fs::read_to_string(entry.path()).expect("text");
        let file = entry.path().strip_prefix(root).expect("below");
        // What follows the mark up to the next one; the name stands within three lines.
        for body in text.split("#[test]\n").skip(1) {
            let line = body.lines().take(3).find_map(|line| line.trim().strip_prefix("fn "));
            if let Some((name, _)) = line.and_then(|line| line.split_once('(')) {
                let tested = Tested { file: file.to_path_buf(), body: body.to_owned() };
                found.entry(name.to_owned()).or_default().push(tested);
            }
        }
    }
    found
}
