//! The fuzz targets on any toolchain: the seeds, and what becomes of them when
//! they are cut, spliced and flipped, from a fixed start and for a fixed time.
//!
//! `HANDCARRY_FUZZ_SECS` lengthens the run of each target. An input that fails
//! is kept, and the message says where.

mod entry;

use entry::{TARGETS, Target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long each target runs, in seconds, unless told otherwise.
const SECS: u64 = 4;

/// Mutations of each target at least.
const LEAST_RUNS: u64 = 20;

/// Largest input made of seeds, in bytes.
const MAX_INPUT_BYTES: usize = 64 << 10;

/// Largest corpus of all targets together, in bytes.
const MAX_CORPUS_BYTES: u64 = 1 << 20;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    files.sort();
    files
}

fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut paths = files(&root().join("tests/fuzz/corpus").join(target.name));
    assert!(!paths.is_empty() || !target.seeds.is_empty(), "{} has no seeds", target.name);
    for (folder, names) in target.seeds {
        let named = |path: &PathBuf| names.iter().any(|name| path.to_string_lossy().ends_with(name));
        paths.extend(files(&root().join("fixtures").join(folder)).into_iter().filter(named));
    }
    paths.iter().map(|path| std::fs::read(path).expect("readable")).collect()
}

/// Runs one input; a panic names the file it is kept in.
fn run(target: &Target, input: &[u8]) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (target.run)(input))) {
        let digest = handcarry::testing::model::Sha256Digest::of(input);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{}", target.name, digest.short()));
        std::fs::write(&kept, input).expect("kept");
        eprintln!("the input is kept in {}", kept.display());
        std::panic::resume_unwind(panic);
    }
}

fn drive(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let seeds = seeds(target);
    seeds.iter().for_each(|seed| run(target, seed));
    (target.run)(b"");
    let secs = std::env::var("HANDCARRY_FUZZ_SECS").ok().and_then(|secs| secs.parse().ok()).unwrap_or(SECS);
    let until = Instant::now() + Duration::from_secs(secs);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut runs = 0u64;
    // On a machine that has other work it takes longer, and is no weaker.
    while Instant::now() < until || runs <= LEAST_RUNS {
        run(target, &dice.mutated(&seeds, target.words));
        runs += 1;
    }
    println!("{name}: {} seeds, {runs} mutations", seeds.len());
}

/// A fixed stream of numbers (xorshift64*), so that a failure can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % below.max(1) as u64) as usize
    }

    fn mutated(&mut self, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
        let mut input = seeds[self.roll(seeds.len())].clone();
        for _ in 0..=self.roll(4) {
            let (from, to) = (self.roll(input.len() + 1), self.roll(input.len() + 1));
            let (from, to) = (from.min(to), from.max(to));
            match self.roll(8) {
                0 if from < input.len() => input[from] ^= 1 << self.roll(8),
                1 if from < input.len() => input[from] = [0, 255, b'0', b'"', b'\n', b' ', 127, 128][self.roll(8)],
                2 => input.truncate(from),
                3 => drop(input.drain(from..to.min(from + 32))),
                4 => {
                    let piece = input[from..to].to_vec();
                    input.splice(from..from, piece);
                }
                5 => {
                    let other = &seeds[self.roll(seeds.len())];
                    let (a, b) = (self.roll(other.len() + 1), self.roll(other.len() + 1));
                    input.splice(from..to, other[a.min(b)..a.max(b)].iter().copied());
                }
                6 => drop(input.splice(from..to.min(from + self.roll(12)), words[self.roll(words.len())].bytes())),
                _ => drop(input.splice(from..from, words[self.roll(words.len())].bytes())),
            }
        }
        input.truncate(MAX_INPUT_BYTES);
        input
    }
}

macro_rules! targets {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            drive(stringify!($name));
        })*

        #[test]
        fn every_target_is_run_here_and_by_libfuzzer() {
            let here = [$(stringify!($name)),*];
            assert_eq!(here.to_vec(), TARGETS.iter().map(|target| target.name).collect::<Vec<_>>());
            let manifest = std::fs::read_to_string(root().join("tests/fuzz/Cargo.toml")).expect("readable");
            for name in here {
                let file = root().join(format!("tests/fuzz/fuzz_targets/{name}.rs"));
                let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                assert!(text.contains(&format!("entry::{name}(data)")), "{}", file.display());
                assert!(manifest.contains(&format!("name = \"{name}\"\n")), "{name} is not in tests/fuzz/Cargo.toml");
            }
        }
    };
}

targets! {
    manifest container sealed volumes recovery sshsig allowed_signers policy trust_update
    request receipt inventory profile journal clock names form
}

#[test]
fn the_corpus_stays_small() {
    let bytes: u64 =
        files(&root().join("tests/fuzz/corpus")).iter().map(|path| path.metadata().expect("there").len()).sum();
    assert!(bytes < MAX_CORPUS_BYTES, "{bytes} bytes");
}
