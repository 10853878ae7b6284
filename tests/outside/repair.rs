//! Recovery volumes through the binaries: written, and repaired from by either half.

use crate::outside::half::Outside;
use crate::support::said::{INSIDE, Said};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Whole packages, large enough for several chunks and several stripes.
fn sealed(bench: &Outside, more: &[&str]) -> Said {
    bench.key();
    for (name, size) in [("Base-3.4.0.nss", 5_000_000), ("Bomgar-10.6.2.nss", 3_000_001)] {
        let file = bench.package(name, size);
        bench.run(&["import", &file, "--by", "anna", "--for", "S1", "--requires", "base=3.3.2"]).ends(0);
    }
    let stick = bench.stick();
    let args = [
        "--json",
        "seal",
        "--from",
        "anna",
        "--appliance",
        "S1",
        "--model",
        "B200",
        "--host",
        "h.example",
        "--write",
        &stick,
    ];
    bench.run(&[&args[..], more].concat())
}

fn inside(bench: &Outside, args: &[&str]) -> Said {
    let mut command = Command::new(INSIDE);
    command.args(args).env("HANDCARRY_HOME", bench.path("home")).stdin(Stdio::null());
    Said::from(command.output().expect("runs"))
}

fn trusted(bench: &Outside) {
    let public = bench.path("home/outside/keys/signing.pub");
    let public = std::fs::read_to_string(public).expect("reads");
    let words: Vec<&str> = public.split(' ').take(2).collect();
    let line = format!("anna namespaces=\"handcarry-bundle\" {}\n", words.join(" ").trim());
    std::fs::create_dir_all(bench.path("home/inside/trust")).expect("a folder");
    std::fs::write(bench.path("home/inside/trust/allowed_signers"), line).expect("writes");
}

fn files(bench: &Outside, what: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(bench.path("stick/handcarry/bundles"))
        .expect("reads")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().contains(what))
        .collect();
    files.sort();
    files
}

fn joined(paths: &[PathBuf]) -> Vec<u8> {
    paths.iter().flat_map(|path| std::fs::read(path).expect("reads")).collect()
}

fn flip(path: &PathBuf, at: usize) {
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[at] ^= 1;
    std::fs::write(path, bytes).expect("writes");
}

#[test]
fn a_lost_volume_is_restored_by_either_half() {
    let bench = Outside::new();
    let said = sealed(&bench, &["--volume-size", "500K", "--parity", "10"]).ends(0);
    assert_eq!(said.events("written")[0]["recovery_volumes"].as_array().expect("a list").len(), 10);
    assert!(said.err.contains("or any 2 volumes"), "{}", said.err);
    trusted(&bench);
    let volumes = files(&bench, ".zip.");
    let (whole, recovery) = (joined(&volumes), joined(&files(&bench, ".recovery.")));
    let verified = inside(&bench, &["verify", &bench.stick()]).ends(0);
    assert!(verified.out.contains("recovery   10 volumes"), "{}", verified.out);

    std::fs::remove_file(&volumes[0]).expect("removes");
    flip(&files(&bench, ".recovery.")[3], 5000);
    let refused = inside(&bench, &["verify", &bench.stick()]).ends(21);
    assert!(refused.err.contains("to restore it: handcarry-inside repair"), "{}", refused.err);
    let target = bench.path("repaired");
    let into = target.display().to_string();
    let said = inside(&bench, &["--json", "repair", &bench.stick(), "--in", &into]).ends(0);
    assert!(said.events("repaired")[0]["blocks_restored"].as_u64() > Some(0), "{}", said.out);
    inside(&bench, &["verify", &into]).ends(0);
    let restored: Vec<PathBuf> = volumes.iter().map(|path| target.join(path.file_name().expect("a name"))).collect();
    assert!(joined(&restored) == whole);
    let mut again: Vec<PathBuf> = std::fs::read_dir(&target).expect("reads").flatten().map(|e| e.path()).collect();
    again.retain(|path| path.to_string_lossy().contains(".recovery."));
    again.sort();
    assert!(joined(&again) == recovery, "its recovery volumes are the same again");

    // Nothing there is overwritten; on the same stick it gets a name of its own.
    inside(&bench, &["repair", &bench.stick(), "--in", &into]).ends(7);
    bench.run(&["repair", &bench.stick()]).ends(0);
    assert!(joined(&files(&bench, "-repaired.zip.")) == whole);
    assert!(!volumes[0].exists(), "the damaged one is as it was");
}

#[test]
fn what_is_whole_is_not_restored_and_one_byte_of_a_recovery_volume_is_damage() {
    let bench = Outside::new();
    sealed(&bench, &["--volume-size", "500K", "--parity", "10"]).ends(0);
    trusted(&bench);
    let before = files(&bench, "");
    for said in [inside(&bench, &["repair", &bench.stick()]), bench.run(&["repair", &bench.stick()])] {
        let said = said.ends(0);
        assert!(said.out.contains("nothing is damaged") && said.err.contains("verify"), "{}{}", said.out, said.err);
    }
    assert_eq!(files(&bench, ""), before, "nothing was written");
    flip(&files(&bench, ".recovery.")[3], 5000);
    let said = inside(&bench, &["repair", &bench.stick()]).ends(0);
    assert!(!said.out.contains("nothing is damaged") && files(&bench, "").len() > before.len(), "{}", said.out);
}

#[test]
fn damage_beyond_repair_names_the_packages_and_salvages_those_that_are_whole() {
    let bench = Outside::new();
    sealed(&bench, &["--parity", "2"]).ends(0);
    trusted(&bench);
    let path = &files(&bench, ".zip")[0];
    let length = std::fs::metadata(path).expect("is there").len() as usize;
    let mut bytes = std::fs::read(path).expect("reads");
    bytes[length - 700_000..length - 100_000].iter_mut().for_each(|byte| *byte ^= 0x55);
    std::fs::write(path, bytes).expect("writes");
    let (into, salvage) = (bench.path("repaired").display().to_string(), bench.path("salvage"));
    let args = ["repair", &bench.stick(), "--in", &into, "--salvage", salvage.to_str().expect("a path")];
    let said = inside(&bench, &args).ends(38);
    assert!(
        said.out.contains("1. Base 3.4.0: whole") && said.out.contains("2. Bomgar 10.6.2: DAMAGED"),
        "{}",
        said.out
    );
    assert_eq!(std::fs::read_dir(bench.path("repaired")).expect("reads").count(), 0, "no bundle is left");
    let kept = std::fs::read(salvage.join("base-3.4.0.nss")).expect("is whole");
    assert!(kept == std::fs::read(bench.path("Base-3.4.0.nss")).expect("reads"));
    assert!(!salvage.join("bomgar-10.6.2.nss").exists());
    let note = std::fs::read_to_string(salvage.join("_SALVAGED.txt")).expect("a note");
    assert!(note.contains("2. Bomgar 10.6.2\n     MISSING"), "{note}");
    // No package is called so, whatever it is called.
    assert!(salvage.join("_manifest.json").is_file());
    // Where it was sealed its packages are still kept.
    let said = bench.run(&["repair", &bench.stick(), "--in", &into]).ends(38);
    assert!(said.err.contains("write it again"), "{}", said.err);
}

#[test]
fn what_is_beyond_repair_can_be_kept_under_a_name_that_says_so() {
    let bench = Outside::new();
    sealed(&bench, &["--volume-size", "1000K", "--parity", "2"]).ends(0);
    trusted(&bench);
    // Of the second package, and more than all recovery volumes hold.
    std::fs::remove_file(&files(&bench, ".zip.")[6]).expect("removes");
    inside(&bench, &["verify", &bench.stick()]).ends(21);
    let target = bench.path("repaired");
    let into = target.display().to_string();
    let said = inside(&bench, &["repair", &bench.stick(), "--in", &into, "--keep"]).ends(38);
    assert!(said.out.contains("1. Base 3.4.0: whole") && said.err.contains("--up-to-damage"), "{}", said.err);
    let names: Vec<_> = std::fs::read_dir(&target).expect("reads").flatten().map(|e| e.file_name()).collect();
    let told = |name: &std::ffi::OsString| name.to_string_lossy().contains("-salvaged.zip.");
    assert!(names.len() == 8 && names.iter().all(told), "{names:?}");
    // All its volumes are there again, and it is damaged, and no more.
    let verified = inside(&bench, &["verify", &into]).ends(34);
    assert!(verified.err.contains("bomgar-10.6.2.nss") && !verified.err.contains("base-3.4.0.nss"), "{}", verified.err);
}

#[test]
fn what_is_restored_counts_only_if_it_was_signed() {
    let bench = Outside::new();
    sealed(&bench, &["--parity", "3"]).ends(0);
    flip(&files(&bench, ".zip")[0], 70_000);
    let into = bench.path("repaired").display().to_string();
    // Nobody is trusted inside yet.
    inside(&bench, &["repair", &bench.stick(), "--in", &into]).ends(25);
    assert_eq!(std::fs::read_dir(&into).expect("reads").count(), 0, "no file got a name");
}

#[test]
fn a_repair_that_is_killed_leaves_nothing_with_a_name() {
    let bench = Outside::new();
    sealed(&bench, &["--parity", "10"]).ends(0);
    trusted(&bench);
    flip(&files(&bench, ".zip")[0], 70_000);
    let into = bench.path("repaired");
    let mut seen = 0;
    for millis in [5, 20, 60, 120, 250] {
        let mut command = Command::new(INSIDE);
        command.args(["repair", &bench.stick(), "--in"]).arg(&into).env("HANDCARRY_HOME", bench.path("home"));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(Duration::from_millis(millis));
        let _ = child.kill();
        let ended = child.wait().expect("ends");
        if ended.success() {
            break;
        }
        seen += 1;
        for entry in std::fs::read_dir(&into).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Names come when all is judged, so one may be there; the bundle's comes last.
            assert!(name.starts_with(".handcarry-") || !name.ends_with(".zip") || ended.success(), "{name}");
        }
    }
    assert!(seen > 0, "at least one run was killed");
    let _ = std::fs::remove_dir_all(&into);
    std::fs::create_dir(&into).expect("a folder");
    std::fs::write(into.join(".handcarry-0a1b2c3d.part"), b"left").expect("writes");
    let started = Instant::now();
    inside(&bench, &["repair", &bench.stick(), "--in", into.to_str().expect("a path")]).ends(0);
    assert!(started.elapsed() < Duration::from_secs(120));
    assert!(!into.join(".handcarry-0a1b2c3d.part").exists(), "what a killed run left is removed");
    inside(&bench, &["verify", into.to_str().expect("a path")]).ends(0);
}
