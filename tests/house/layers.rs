//! Proves that imports point one way: each folder under src/ uses only those
//! its row allows, and files stay small enough to read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may use.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("language", &[]),
    ("console", &["model", "language"]),
    ("media", &["model"]),
    ("objects", &["model", "media"]),
    ("trust", &["model", "media"]),
    ("web", &["model"]),
    ("plan", &["model"]),
    ("journal", &["model", "media"]),
    ("events", &["model", "media", "journal"]),
    ("bundle", &["model", "trust", "media", "objects"]),
    ("store", &["model", "trust", "media", "objects", "bundle"]),
    ("report", &["model", "language", "plan", "journal"]),
    ("cli", &["model", "language", "console", "trust", "media", "events", "report"]),
    ("repair", &["model", "console", "trust", "media", "bundle", "cli"]),
    ("kit", &["model", "trust", "media", "cli"]),
    ("inventory", &["model", "console", "media", "plan", "cli"]),
    ("driver", &["model", "console", "media", "web", "bundle", "cli", "inventory"]),
    ("simulator", &["model", "web", "bundle", "inventory", "driver"]),
    ("lab", &["model", "simulator"]),
    ("engine", &["model", "console", "media", "web", "plan", "journal", "bundle", "report", "inventory", "driver"]),
    (
        "outside",
        &[
            "model", "language", "console", "trust", "media", "objects", "web", "plan", "journal", "events", "bundle",
            "report", "cli", "repair", "kit",
        ],
    ),
    (
        "inside",
        &[
            "model",
            "language",
            "console",
            "trust",
            "media",
            "web",
            "plan",
            "journal",
            "events",
            "lab",
            "bundle",
            "store",
            "report",
            "cli",
            "repair",
            "kit",
            "inventory",
            "driver",
            "simulator",
            "engine",
        ],
    ),
];

/// The map, and what the tests take hold of: they name all rooms and hold nothing.
const IN_NO_ROOM: &[&str] = &["lib.rs", "testing.rs"];

/// Longest source file, in lines.
const MAX_LINES: usize = 500;

/// Each source under src/: its room, its path below src/, its text.
fn sources() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walkdir::WalkDir::new(&src)
        .into_iter()
        .map(|entry| entry.expect("src is readable"))
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let below = entry.path().strip_prefix(&src).expect("below src").to_path_buf();
            let room = below.components().next().expect("has a part").as_os_str().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(entry.path()).expect("source is text");
            (room, below, text)
        })
        .collect()
}

/// Every room a source text names through `crate::`, groups included.
fn rooms_named(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => named.extend(top_level_names(group)),
            None => named.extend(first_word(rest)),
        }
    }
    named
}

fn top_level_names(group: &str) -> Vec<String> {
    let mut depth = 0usize;
    let mut names = Vec::new();
    let mut item = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.extend(first_word(&std::mem::take(&mut item))),
            _ if depth == 0 => item.push(c),
            _ => {}
        }
    }
    names.extend(first_word(&item));
    names
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!word.is_empty()).then_some(word)
}

/// Where a room stands in the table.
fn place(room: &str) -> Option<usize> {
    LAYERS.iter().position(|(name, _)| *name == room)
}

/// Whether a source is a room's own tests: these may use every room above it,
/// as the engine's use the simulator.
fn is_tests(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn imports_point_one_way() {
    let table: BTreeMap<&str, BTreeSet<&str>> =
        LAYERS.iter().map(|(room, uses)| (*room, uses.iter().copied().collect())).collect();
    let mut wrong = Vec::new();
    for (room, path, text) in sources() {
        if IN_NO_ROOM.iter().any(|file| path == Path::new(file)) || room == "bin" {
            continue;
        }
        let Some(allowed) = table.get(room.as_str()) else {
            wrong.push(format!("{} lies in no room of the table", path.display()));
            continue;
        };
        for named in rooms_named(&text) {
            let is_above = || place(&named) < place(&room);
            if table.contains_key(named.as_str()) && named != room && !allowed.contains(named.as_str()) {
                if is_tests(&path) && is_above() {
                    continue;
                }
                wrong.push(format!("{}: `{room}` may not use `{named}`", path.display()));
            }
        }
        // `super` must not climb out of the room, where the table would not see it.
        let depth = path.components().count() - 1 - usize::from(path.ends_with("mod.rs"));
        if text.contains(&"super::".repeat(depth + 2)) {
            wrong.push(format!("{}: climbs out of its room by `super`", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_circle() {
    for (index, (room, uses)) in LAYERS.iter().enumerate() {
        for used in *uses {
            let at = LAYERS.iter().position(|(name, _)| name == used).expect("a room of the table");
            assert!(at < index, "`{room}` uses `{used}`, which stands below it");
        }
    }
}

/// What the simulator's core would do by if it had a clock, a lock or a wire of its own.
const IO: [&str; 8] = ["tokio", "Mutex", "RwLock", "Instant", "SystemTime", "Timestamp::now", "std::fs", "std::net"];

#[test]
fn the_simulator_is_state_and_its_core_knows_no_driver() {
    for (_, path, text) in sources().into_iter().filter(|(room, ..)| room == "simulator") {
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let found: Vec<_> = IO.iter().filter(|word| code.contains(**word)).collect();
        assert!(found.is_empty(), "{} has {found:?}", path.display());
        let named: Vec<_> =
            rooms_named(&text).into_iter().filter(|room| !["model", "simulator"].contains(&room.as_str())).collect();
        assert!(path.starts_with("simulator/face") || named.is_empty(), "{}: the core names {named:?}", path.display());
    }
}

#[test]
fn drivers_know_nothing_that_plays_an_appliance() {
    let (_, uses) = LAYERS.iter().find(|(room, _)| *room == "driver").expect("a row");
    assert!(["engine", "lab", "simulator", "inside"].iter().all(|room| !uses.contains(room)), "{uses:?}");
    for (_, path, text) in sources().into_iter().filter(|(room, ..)| room == "lab") {
        assert!(!text.contains("simulator::face"), "{} works the other face", path.display());
        let faces = ["Simulated", "VirtualClock"];
        assert!(faces.iter().all(|face| !text.contains(face)), "{} works the other face", path.display());
    }
}

#[test]
fn only_the_lab_verbs_know_the_lab() {
    let may = ["inside/lab.rs", "inside/tour.rs", "testing.rs"];
    for (room, path, text) in sources() {
        let allowed =
            room == "lab" || may.iter().any(|file| path == Path::new(file)) || path.starts_with("inside/tour");
        assert!(allowed || !rooms_named(&text).contains("lab"), "{} uses the lab", path.display());
    }
}

#[test]
fn files_stay_small_and_binaries_thin() {
    for (room, path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
        assert!(room != "bin" || lines < 20, "{} has {lines} lines", path.display());
    }
}

/// The one file that may hold `unsafe`: calls of Windows that no library has a safe form of.
const CALLS_OF_WINDOWS: &str = "media/sys/windows/call.rs";

#[test]
fn calls_of_windows_are_in_one_file_and_nothing_else_is_unsafe() {
    for (_, path, text) in sources() {
        let has = text.lines().any(|line| line.contains("unsafe") && !line.trim_start().starts_with("//"));
        let may = path == Path::new(CALLS_OF_WINDOWS) || path == Path::new("lib.rs");
        assert!(!has || may, "{} is unsafe", path.display());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("a source");
    assert!(read("src/lib.rs").contains("#![cfg_attr(not(windows), forbid(unsafe_code))]"));
    assert!(read("Cargo.toml").contains("unsafe_code = \"deny\""));
    // Each block says why it is sound; clippy, which asks for that as well, is not run for Windows.
    let calls = read(&format!("src/{CALLS_OF_WINDOWS}"));
    let lines: Vec<&str> = calls.lines().collect();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("unsafe {")) {
        let mut above = lines[..number].iter().rev().take_while(|line| line.trim_start().starts_with("//"));
        assert!(above.any(|line| line.contains("SAFETY: ")), "line {}: {line}", number + 1);
    }
}

#[test]
fn paths_are_shown_by_one_function() {
    // `Path::display` prints what whoever prepared a medium chose: `ShowPath` shows it safely.
    let raw: Vec<_> = sources().into_iter().filter(|(_, _, text)| text.contains(".display()")).collect();
    assert!(raw.is_empty(), "show paths by `ShowPath`: {:?}", raw.iter().map(|(_, path, _)| path).collect::<Vec<_>>());
}

/// Where a source may ask the machine for the time or wait by it, and why.
const CLOCKS: &[(&str, &str)] = &[
    ("model/time.rs", "the one `Time` of production"),
    ("model/timestamp.rs", "what that one asks"),
    ("media/lock.rs", "a lock is waited for that another process holds, whatever a run's clock says"),
    ("web/answer.rs", "an answer that names a time and not its own"),
    ("inside/tour/mod.rs", "the tour's programs run on the machine's time"),
];

#[test]
fn time_is_one() {
    let asks = ["Timestamp::now(", "now_utc(", "SystemTime::now(", "Zoned::now(", "thread::sleep("];
    let may = |room: &str, path: &Path| room == "lab" || CLOCKS.iter().any(|(file, _)| path == Path::new(file));
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(room, path, _)| !is_tests(path) && !may(room, path))
        .filter(|(_, _, text)| {
            let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            asks.iter().any(|call| production.contains(call))
        })
        .map(|(_, path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "these ask the machine instead of their run's `Time`: {wrong:?}");
}

#[test]
fn the_reader_of_imports_sees_groups() {
    let text = "use crate::{model::{Id, Exit}, trust};\n// crate::lab\nlet x = crate::media::Medium;";
    assert_eq!(rooms_named(text).into_iter().collect::<Vec<_>>(), ["media", "model", "trust"]);
}
