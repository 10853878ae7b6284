//! Sealed bundles, held against stock tools.

use crate::outside::half::Outside;
use crate::support::said::Said;
use handcarry::testing::model::Exit;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Imports what the lab's vendor would offer, for the appliance S1.
fn filled(bench: &Outside) {
    bench.key();
    for (name, size, requires) in [
        ("Bomgar-11.1.1.nss", 3_000_001, "site=10.6.2"),
        ("Base-3.4.0.nss", 9_000_000, "base=3.3.2"),
        ("Bomgar-10.6.2.nss", 4 << 20, "base=3.4.0"),
    ] {
        let file = bench.package(name, size);
        bench.run(&["import", &file, "--by", "anna", "--for", "S1", "--requires", requires]).ends(0);
    }
}

const FOR_S1: [&str; 9] =
    ["seal", "--from", "anna", "--appliance", "S1", "--model", "B200", "--host", "support.example.com"];

fn seal(bench: &Outside, more: &[&str]) -> Said {
    bench.run(&[&["--json"], &FOR_S1[..], more].concat())
}

fn tool(program: &str, args: &[&str], folder: &PathBuf, input: Option<&PathBuf>) {
    let mut command = Command::new(program);
    command.args(args).current_dir(folder);
    if let Some(input) = input {
        command.stdin(Stdio::from(std::fs::File::open(input).expect("opens")));
    }
    let output = command.output().unwrap_or_else(|error| panic!("{program} can't be run: {error}"));
    assert!(output.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_could_not_be_shown_is_refused_where_it_is_typed() {
    let bench = Outside::new();
    filled(&bench);
    let seal = ["seal", "--from", "anna", "--appliance", "S1"];
    for odd in ["x\nnext: rm -r ~", "x\u{1b}[2J", "\u{202e}x", "", &"x".repeat(257)] {
        let of_seal = [["--model", odd, "--host", "h"], ["--model", "B200", "--host", odd]];
        let fetch = ["fetch", "--code", "A", "--serial"];
        let mut lines: Vec<Vec<&str>> = of_seal.iter().map(|more| [&seal[..], more].concat()).collect();
        lines.push([&fetch[..], &[odd]].concat());
        lines.push([&fetch[..], &["S1", "--model", odd]].concat());
        lines.push([&fetch[..], &["S1", "--host", odd]].concat());
        lines.push(vec!["import", "Base-3.4.0.nss", "--by", "anna", "--for", odd]);
        for line in lines {
            let said = bench.run(&line).ends(Exit::Usage);
            assert!(!said.err.contains(['\u{1b}', '\u{202e}']) && !said.err.contains("\nnext: "), "{}", said.err);
        }
    }
    assert!(!bench.path("home/outside/drafts").exists(), "no number was used up");
}

#[test]
fn a_bundle_in_volumes_is_checked_by_stock_tools_alone() {
    let bench = Outside::new();
    filled(&bench);
    let said = seal(&bench, &["--write", &bench.stick(), "--volume-size", "5M"]).ends(0);
    let order: Vec<String> = said.events("sealed")[0]["packages"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|package| package["name"].as_str().expect("a title").to_owned())
        .collect();
    assert_eq!(order, ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    let volumes = said.events("written")[0]["volumes"].as_array().expect("a list").len();
    assert_eq!(volumes, 4);
    // Nobody pulls out a folder.
    let folder = "is a folder on this machine and no medium: copy it onto one";
    assert!(said.err.contains(folder) && !said.err.contains("safe to remove"), "{}", said.err);

    let joined = bench.path("joined.zip");
    let mut names: Vec<PathBuf> =
        std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads").flatten().map(|e| e.path()).collect();
    names.sort();
    let whole: Vec<u8> = names.iter().flat_map(|path| std::fs::read(path).expect("reads")).collect();
    std::fs::write(&joined, whole).expect("writes");
    let out = bench.path("out");
    std::fs::create_dir(&out).expect("a folder");
    tool("unzip", &["-q", joined.to_str().expect("a path"), "-d", "."], &out, None);
    tool("sha256sum", &["--strict", "-c", "SHA256SUMS"], &out, None);
    let public = std::fs::read_to_string(bench.path("home/outside/keys/signing.pub")).expect("reads");
    std::fs::write(out.join("signers"), format!("anna {public}")).expect("writes");
    let args = ["-Y", "verify", "-f", "signers", "-I", "anna", "-n", "handcarry-bundle", "-s", "manifest.json.1.sig"];
    tool("ssh-keygen", &args, &out, Some(&out.join("manifest.json")));
    for name in ["Base-3.4.0.nss", "Bomgar-10.6.2.nss", "Bomgar-11.1.1.nss"] {
        let carried = std::fs::read(out.join("packages").join(name.to_lowercase())).expect("reads");
        assert!(carried == std::fs::read(bench.path(name)).expect("reads"), "{name}");
    }
}

#[test]
fn numbers_rise_and_a_failed_seal_burns_none() {
    let bench = Outside::new();
    filled(&bench);
    let sequence = |said: &Said| said.events("sealed")[0]["consignments"][0]["sequence"].as_u64().expect("a number");
    bench.run(&[&FOR_S1[..], &["--key", "/no/such/key"]].concat()).ends(40);
    bench.run(&[&FOR_S1[..], &["--write", "/no/such/stick"]].concat()).ends(10);
    let first = seal(&bench, &[]).ends(0);
    assert_eq!(sequence(&first), 1);
    let nothing = seal(&bench, &[]).ends(65);
    assert!(nothing.err.contains("--bundle"), "{}", nothing.err);
    // Named packages are sealed again, under the next number.
    let second = seal(&bench, &["--packages", "Base 3.4.0,Bomgar 10.6.2"]).ends(0);
    assert_eq!(sequence(&second), 2);
    // The counter holds even where the drafts are gone.
    let drafts = std::fs::read_dir(bench.path("home/outside/drafts")).expect("reads").flatten();
    drafts.filter(|entry| entry.path().is_dir()).for_each(|entry| std::fs::remove_dir_all(entry.path()).expect("gone"));
    assert_eq!(sequence(&seal(&bench, &[]).ends(0)), 3);
}

#[test]
fn what_can_not_be_installed_is_not_sealed() {
    let bench = Outside::new();
    bench.key();
    let inside = bench.insider();
    // The request's status says base 3.3.2 and site 10.5.3; a code on paper that is refused leaves the request known.
    bench.lists("https://localhost:1");
    let id = bench.request(&inside, "https://localhost:1", "S1", Some("ABCDE"), 0).to_string();
    bench.run(&["fetch", &bench.stick()]).ends(50);
    let file = bench.package("Bomgar-11.1.1.nss", 9_100);
    let import = ["import", &file, "--by", "anna", "--request", &id[..8], "--requires", "site=10.6.2"];
    bench.run(&import).ends(0);
    let said = bench.run(&["seal", "--from", "anna", "--request", &id[..8]]).ends(70);
    assert!(said.err.contains("Bomgar 11.1.1 needs site 10.6.2"), "{}", said.err);

    let file = bench.package("Bomgar-10.6.2.nss", 9_101);
    bench.run(&["import", &file, "--by", "anna", "--request", &id[..8], "--requires", "site=11.1.1"]).ends(0);
    let said = bench.run(&["seal", "--from", "anna"]).ends(70);
    assert!(said.err.contains("Bomgar 10.6.2 and Bomgar 11.1.1 need each other"), "{}", said.err);

    bench.run(&["vault", "describe", "Bomgar 10.6.2", "--requires", "base=3.3.2"]).ends(0);
    let said = bench.run(&["--json", "seal", "--from", "anna", "--request", &id[..8]]).ends(0);
    assert_eq!(said.events("sealed")[0]["consignments"][0]["request"]["id"], id.as_str());
    assert!(said.err.contains("needs base 3.3.2 (on the appliance)"), "{}", said.err);
}

#[test]
fn packages_of_another_appliance_are_refused() {
    let bench = Outside::new();
    filled(&bench);
    let file = bench.package("Base-3.5.0.nss", 9_100);
    bench.run(&["import", &file, "--by", "anna", "--for", "S2"]).ends(0);
    let several = bench.run(&["seal", "--from", "anna"]).ends(2);
    assert!(several.err.contains("S1, S2"), "{}", several.err);
    seal(&bench, &["--packages", "Base 3.5.0"]).ends(2);
    seal(&bench, &["--packages", "No such"]).ends(4);
    seal(&bench, &["--expires-days", "0"]).ends(2);
    bench.run(&["seal", "--from", "anna", "--request", "00"]).ends(4);
    bench.run(&["seal", "--appliance", "S2"]).ends(2);
}

#[test]
fn a_second_person_signs_the_same_bundle() {
    let bench = Outside::new();
    filled(&bench);
    let said = seal(&bench, &[]).ends(0);
    let id = said.events("sealed")[0]["bundle"].as_str().expect("an id").to_owned();
    bench.tell(&["sign", &id[..8]], "y\n").ends(7);
    let key = bench.path("second").display().to_string();
    bench.run(&["keygen", "--no-passphrase", "--principal", "berta", "--out", &key]).ends(0);
    bench.tell(&["sign", &id[..8], "--key", &key], "y\n").ends(0);
    bench.run(&["write", &bench.stick()]).ends(0);
    let bundle = std::fs::read_dir(bench.path("stick/handcarry/bundles")).expect("reads").flatten().next();
    let bundle = bundle.expect("a bundle").path();
    let list = Command::new("unzip").arg("-Z1").arg(bundle).output().expect("runs");
    let list = String::from_utf8(list.stdout).expect("UTF-8");
    assert!(list.starts_with("manifest.json\nmanifest.json.1.sig\nmanifest.json.2.sig\nSHA256SUMS\n"), "{list}");
}

#[test]
fn a_stick_is_never_overwritten_and_never_half_written() {
    let bench = Outside::new();
    bench.run(&["write", &bench.stick()]).ends(4);
    filled(&bench);
    seal(&bench, &[]).ends(0);
    bench.run(&["write", "/no/such/stick"]).ends(10);
    bench.run(&["write", &bench.stick(), "--bundle", "zz"]).ends(4);
    let said = bench.run(&["write", &bench.stick(), "--volume-size", "1"]).ends(24);
    assert!(said.err.contains("a volume has 1024 bytes at least"), "{}", said.err);
    let said = bench.run(&["write", &bench.stick(), "--volume-size", "1K"]).ends(24);
    assert!(said.err.contains("volumes of that size; 999 are the most"), "{}", said.err);
    bench.run(&["write", &bench.stick(), "--volume-size", "one"]).ends(2);
    // What a killed run left is removed, what others left is not.
    let bundles = bench.path("stick/handcarry/bundles");
    std::fs::create_dir_all(&bundles).expect("a folder");
    std::fs::write(bundles.join(".handcarry-0011aabb.part"), b"x").expect("writes");
    std::fs::write(bundles.join("._notes"), b"x").expect("writes");
    bench.run(&["write", &bench.stick()]).ends(0);
    let mut names: Vec<String> = std::fs::read_dir(&bundles)
        .expect("reads")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(names[0], "._notes");
    bench.run(&["write", &bench.stick()]).ends(7);

    // A second stick, from the vault alone; a damaged package does not get onto it.
    std::fs::create_dir(bench.path("second")).expect("a stick");
    let second = bench.path("second").display().to_string();
    let objects = walkdir::WalkDir::new(bench.vault().join("objects")).into_iter().flatten();
    let object = objects.into_iter().find(|entry| entry.file_type().is_file()).expect("an object").into_path();
    let good = std::fs::read(&object).expect("reads");
    let mut bad = good.clone();
    *bad.last_mut().expect("bytes") ^= 1;
    std::fs::write(&object, &bad).expect("writes");
    let refused = bench.run(&["write", &second]);
    assert_eq!(refused.code, 64, "{}", refused.err);
    assert_eq!(std::fs::read_dir(bench.path("second/handcarry/bundles")).expect("reads").count(), 0);
    std::fs::write(&object, &good).expect("writes");
    bench.run(&["write", &second]).ends(0);
}

/// Runs where a small filesystem can be mounted; elsewhere there is nothing to fill.
#[cfg(target_os = "linux")]
#[test]
fn a_full_stick_is_told_beforehand() {
    let bench = Outside::new();
    filled(&bench);
    seal(&bench, &[]).ends(0);
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "none", &bench.stick()]).output().expect("runs");
    if !mounted.status.success() {
        eprintln!("passed over: no filesystem can be mounted here");
        return;
    }
    let said = bench.run(&["write", &bench.stick()]);
    let _ = Command::new("umount").arg(bench.stick()).status();
    let said = said.ends(11);
    assert!(said.err.contains("bytes needed, 4194304 free"), "{}", said.err);
}
