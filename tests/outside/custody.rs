//! Imported packages and the vault's own list.

use crate::outside::half::Outside;

#[test]
fn imported_files_are_in_custody_with_their_origin() {
    let bench = Outside::new();
    let base = bench.package("Base-3.4.0.nss", 5_000_000);
    let args = ["import", &base, "--by", "anna", "--for", "S1", "--requires", "base=3.3.2"];
    let said = bench.run(&[&["--json"], &args[..]].concat()).ends(0);
    let package = &said.events("package")[0];
    assert_eq!((&package["title"], &package["kind"]), (&"Base 3.4.0".into(), &"base".into()));
    assert_eq!((&package["source"]["by"], &package["source"]["path"]), (&"anna".into(), &base.as_str().into()));
    let kept = std::fs::read(package["path"].as_str().expect("a path")).expect("reads");
    assert!(kept == std::fs::read(&base).expect("reads"));

    // Again: nothing is doubled.
    bench.run(&args).ends(0);
    let listed = bench.run(&["vault"]).ends(0);
    assert_eq!(
        listed.out.matches("vouched for by \"anna\", not compared with a digest of the vendor's, for S1").count(),
        1,
        "{}",
        listed.out
    );
    assert!(listed.out.contains("requires base 3.3.2"), "{}", listed.out);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Outside::new();
    let base = bench.package("Base-3.4.0.nss", 9_100);
    bench.run(&["import", &base, "--by", "anna"]).ends(0);
    for entry in walkdir::WalkDir::new(bench.path("home")).into_iter().flatten() {
        let mode = entry.metadata().expect("facts").permissions().mode() & 0o077;
        // The home folder itself may be the user's own and older than we are.
        let ours = entry.path().starts_with(bench.path("home/outside"));
        assert!(!ours || mode == 0, "{}: {mode:o}", entry.path().display());
    }
}

#[test]
fn what_a_name_does_not_tell_is_asked() {
    let bench = Outside::new();
    let file = bench.package("download(3).bin", 9_100);
    bench.run(&["import", &file, "--by", "anna"]).ends(5);
    let said = bench.tell(&["import", &file], "what?\nsite 10.6.2\ny\nanna\n").ends(0);
    assert!(said.out.contains("[site 10.6.2]") && said.out.contains("vouched for by \"anna\""), "{}", said.out);
    let other = bench.package("x.bin", 9_101);
    let args = ["import", &other, "--by", "b", "--title", "Bomgar 11.1.1", "--kind", "site", "--version", "11.1.1"];
    assert!(bench.run(&args).ends(0).out.contains("Bomgar 11.1.1  [site 11.1.1]"));
}

#[test]
fn imports_that_make_no_sense_end_with_their_own_codes() {
    let bench = Outside::new();
    let file = bench.package("Base-3.4.0.nss", 9_100);
    let empty = bench.package("Base-3.5.0.nss", 0);
    for (args, code) in [
        (&["import"][..], 2),
        (&["import", "/no/such/file", "--by", "a"], 4),
        (&["import", &bench.stick(), "--by", "a"], 4),
        (&["import", &empty, "--by", "a"], 4),
        (&["import", &file, "--by", " "], 5),
        (&["import", &file], 5),
        (&["import", &file, &empty, "--by", "a", "--title", "T"], 2),
        (&["import", &file, "--by", "a", "--kind", "tool", "--version", "1"], 2),
        (&["import", &file, "--by", "a", "--kind", "base"], 2),
        (&["import", &file, "--by", "a", "--requires", "base"], 2),
        (&["import", &file, "--by", "a", "--request", "00"], 4),
        (&["vault", "describe", "nothing", "--requires", "none"], 4),
    ] {
        bench.run(args).ends(code);
    }
    assert!(bench.run(&["vault"]).ends(0).out.contains("The vault is empty"));
}

#[test]
fn the_vault_tells_of_damage() {
    let bench = Outside::new();
    bench.run(&["import", &bench.package("Base-3.4.0.nss", 9_100), "--by", "a"]).ends(0);
    let objects = walkdir::WalkDir::new(bench.vault().join("objects")).into_iter().flatten();
    let object = objects.into_iter().find(|entry| entry.file_type().is_file()).expect("an object");
    std::fs::write(object.path(), b"short").expect("writes");
    assert!(bench.run(&["vault"]).ends(0).err.contains("gone or of another size"));
    let record = walkdir::WalkDir::new(bench.vault().join("packages")).into_iter().flatten();
    let record = record.into_iter().find(|entry| entry.file_type().is_file()).expect("a record");
    std::fs::write(record.path(), b"{}").expect("writes");
    bench.run(&["vault"]).ends(3);
}

#[test]
fn what_a_killed_run_left_is_swept_and_nothing_else() {
    let bench = Outside::new();
    let file = bench.package("Base-3.4.0.nss", 9_100);
    bench.run(&["import", &file, "--by", "anna"]).ends(0);
    let left = ["exchanges/.handcarry-0011aabb.part", "partial/import-00112233445566778899aabbccddeeff"];
    let stays = ["partial/1.part", "partial/import-mine", "packages/notes.txt"];
    std::fs::create_dir_all(bench.vault().join("exchanges")).expect("a folder");
    left.iter().chain(&stays).for_each(|name| std::fs::write(bench.vault().join(name), b"x").expect("writes"));
    bench.run(&["import", &file, "--by", "anna"]).ends(0);
    left.iter().for_each(|name| assert!(!bench.vault().join(name).exists(), "{name}"));
    stays.iter().for_each(|name| assert!(bench.vault().join(name).exists(), "{name}"));
}
