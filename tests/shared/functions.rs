//! The test functions of this repository, for tables that name them.

use std::collections::BTreeMap;
use std::path::Path;

/// Each test function under tests/ and src/ by its name, with its source; of
/// several with one name all sources, one after the other.
pub fn tested() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["tests", "src"].into_iter().flat_map(|below| walkdir::WalkDir::new(root.join(below)));
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for file in
        files.map(|entry| entry.expect("readable")).filter(|entry| entry.path().extension() == Some("rs".as_ref()))
    {
        let text = std::fs::read_to_string(file.path()).expect("text");
        // What follows the mark up to the next one; the name stands within three lines.
        for body in text.split("#[test]\n").skip(1) {
            let line = body.lines().take(3).find_map(|line| line.trim().strip_prefix("fn "));
            if let Some((name, _)) = line.and_then(|line| line.split_once('(')) {
                found.entry(name.to_owned()).or_default().push_str(body);
            }
        }
    }
    found
}
