//! Codes against the lab's vendor.

use crate::outside::half::Outside;
use crate::support::wait::wait_until;
use std::io::Write;

/// Titles of the packages that events tell of.
fn titles(events: &[serde_json::Value]) -> Vec<String> {
    let mut titles: Vec<String> =
        events.iter().map(|event| event["title"].as_str().expect("a title").to_owned()).collect();
    titles.sort();
    titles
}

#[test]
fn a_stick_with_a_request_becomes_packages_in_custody() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    let inside = bench.insider();
    bench.request(&inside, lab.fact("vendor"), "LAB-0001-BG", Some("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"), 3600);
    let id = bench.request(&inside, lab.fact("vendor"), "LAB-0001-BG", Some(&lab.code()), 0);

    let said = bench.run(&["--json", "fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    let packages = said.events("package");
    assert_eq!(titles(&packages), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    assert!(said.err.contains("a newer request of the same appliance is there"), "{}", said.err);
    for package in &packages {
        assert_eq!(package["identity"]["serial"], "LAB-0001-BG");
        assert_eq!(package["request"]["id"], id.to_string());
        let digest = package["sha256"].as_str().expect("a digest");
        let summed = std::process::Command::new("sha256sum").arg(package["path"].as_str().expect("a path")).output();
        let summed = String::from_utf8(summed.expect("runs").stdout).expect("UTF-8");
        assert!(summed.starts_with(digest), "{summed}");
    }
    let base = packages.iter().find(|package| package["kind"] == "base").expect("a base");
    assert_eq!(base["requires"][0]["version"], "3.3.2");

    let again = bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    assert!(again.out.contains("its packages are in the vault"), "{}", again.out);
}

#[test]
fn a_request_that_was_renamed_on_the_way_is_taken_and_one_beside_its_copy_is_taken_once() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    let inside = bench.insider();
    bench.request(&inside, lab.fact("vendor"), "LAB-0001-BG", Some(&lab.code()), 0);
    let folder = bench.path("stick/handcarry/requests");
    let entries = || std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let name = |path: &std::path::Path| path.file_name().expect("a name").to_string_lossy().into_owned();
    let papers: Vec<_> = entries().collect();
    for path in &papers {
        let renamed = name(path).replacen(".json", " (1).json", 1);
        std::fs::copy(path, folder.join(renamed)).expect("copied");
    }
    // What a system keeps beside files is nobody's paper.
    std::fs::write(folder.join("._x.json"), "{").expect("written");
    bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    papers.iter().for_each(|path| std::fs::remove_file(path).expect("removed"));
    let again = bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    assert!(again.out.contains("its packages are in the vault") && !again.err.contains("._x"), "{again:?}");
}

#[test]
fn of_two_requests_of_one_second_the_one_counts_whose_code_was_not_sent() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    let inside = bench.insider();
    let codes = [lab.code(), lab.code()];
    loop {
        let began = handcarry::testing::model::Timestamp::now();
        for code in &codes {
            bench.request(&inside, lab.fact("vendor"), "LAB-0001-BG", Some(code), 0);
        }
        if handcarry::testing::model::Timestamp::now() == began {
            break;
        }
        std::fs::remove_dir_all(bench.path("stick/handcarry/requests")).expect("removed");
    }
    bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    // The other one's code is good, and everything was fetched with the first.
    let said = bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]);
    assert!(said.err.contains("Sending the code"), "{}{}", said.out, said.err);
    assert_eq!(said.code, i32::from(handcarry::testing::model::Exit::NothingToDo.code()), "{}", said.err);
    let said = bench.run(&["fetch", &bench.stick(), "--ca", lab.fact("ca")]).ends(0);
    assert!(said.out.contains("its packages are in the vault"), "the one that was answered: {}{}", said.out, said.err);
}

#[test]
fn portuguese_pages_read_the_same() {
    let bench = Outside::new();
    let lab = bench.lab(&["--pages", "pt"]);
    let said = bench.tell(
        &["--json", "fetch", "--code", "--server", lab.fact("vendor"), "--ca", lab.fact("ca"), "--serial", "S1"],
        &format!("{}\n", lab.code()),
    );
    let packages = said.ends(0).events("package");
    assert_eq!(titles(&packages), ["Base 3.4.0", "Bomgar 10.6.2", "Bomgar 11.1.1"]);
    assert!(packages.iter().all(|package| package["requires"][0]["kind"].is_string()), "{packages:?}");
}

#[test]
fn a_cut_connection_is_taken_up_again() {
    for faults in [&["download-cut"][..], &["no-range", "download-cut"]] {
        let bench = Outside::new();
        let lab = bench.lab(&[]);
        faults.iter().for_each(|fault| drop(lab.control(&["fault", fault])));
        let args = ["--json", "fetch", "--code", "--server", lab.fact("vendor"), "--ca", lab.fact("ca")];
        let said = bench.tell(&args, &lab.code()).ends(0);
        assert_eq!(said.events("package").len(), 3);
        assert!(said.err.contains("goes on in 1 s"), "{faults:?}: {}", said.err);
    }
}

#[test]
fn a_killed_run_goes_on_without_a_code() {
    let bench = Outside::new();
    let lab = bench.lab(&["--fault", "download-stalls"]);
    let args = ["fetch", "--code", "--server", lab.fact("vendor"), "--ca", lab.fact("ca")];
    let mut child = bench.command(&args).spawn().expect("starts");
    let _ = child.stdin.take().expect("piped").write_all(lab.code().as_bytes());
    // Half of the first package is there when the server falls silent.
    wait_until("the download gets to its middle", || arrived(&bench) >= 400_000);
    child.kill().expect("killed");
    child.wait().expect("ended");

    let vault = bench.run(&["--json", "vault"]).ends(0);
    assert_eq!(vault.events("unfinished")[0]["missing"].as_array().expect("a list").len(), 3);
    let said = bench.run(&["--json", "fetch"]).ends(0);
    assert_eq!(said.events("package").len(), 3);
    assert_eq!(said.events("exchange")[0]["complete"], true);
    bench.run(&["fetch"]).ends(2);
}

fn arrived(bench: &Outside) -> u64 {
    let files = walkdir::WalkDir::new(bench.vault().join("partial")).into_iter().flatten();
    let parts = files.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "part"));
    parts.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).max().unwrap_or(0)
}

#[test]
fn codes_that_are_no_good_have_errors_of_their_own() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    let server = ["--server", lab.fact("vendor"), "--ca", lab.fact("ca")];
    let fetch = |code: &str| bench.tell(&[&["fetch", "--code"], &server[..]].concat(), code);

    let unknown = fetch("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE").ends(60);
    assert!(unknown.err.contains("does not know the code …EEEE"), "{}", unknown.err);

    let code = lab.code();
    fetch(&code).ends(0);
    let spent = fetch(&code).ends(61);
    assert!(spent.err.contains("has been used already"), "{}", spent.err);
    assert!(spent.err.contains("was used at this server by exchange"), "{}", spent.err);
    // Everything was downloaded before: the next code opens an empty list.
    let none = fetch(&lab.code()).ends(65);
    assert!(none.err.contains("lists no update"), "{}", none.err);

    fetch("\n").ends(2);
    bench.tell(&["fetch", "--code", "--server", "http://localhost:1"], "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE").ends(2);
    bench.lists("https://localhost:1");
    bench.tell(&["fetch", "--code", "--server", "https://localhost:1"], "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE").ends(50);
    bench.tell(&["fetch", "--code", "--server", lab.fact("vendor")], "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE").ends(51);
    bench.run(&["fetch"]).ends(2);
    bench.run(&["fetch", "/no/such/stick"]).ends(10);

    let argv = bench.run(&[
        "fetch",
        "--code",
        "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE",
        "--server",
        lab.fact("vendor"),
        "--ca",
        lab.fact("ca"),
    ]);
    assert!(argv.ends(60).err.contains("can be seen by other users"));
    let written = walkdir::WalkDir::new(bench.path("home")).into_iter().flatten().filter(|e| e.file_type().is_file());
    for file in written {
        let bytes = std::fs::read(file.path()).expect("reads");
        let whole = bytes.windows(code.len()).any(|window| window == code.as_bytes());
        assert!(!whole, "the code stands in {}", file.path().display());
    }
}

#[test]
fn papers_that_nobody_trusted_signed_are_refused() {
    let bench = Outside::new();
    std::fs::create_dir_all(bench.path("stick/handcarry/requests")).expect("a folder");
    bench.run(&["fetch", &bench.stick()]).ends(4);
    let inside = bench.insider();
    bench.request(&inside, "https://localhost:1", "S1", Some("ABCDE"), 0);
    bench.run(&["fetch", &bench.stick(), "--request", "0123"]).ends(4);
    let stick = bench.path("stick/handcarry/requests");
    let paper = std::fs::read_dir(&stick).expect("reads").flatten().map(|entry| entry.path());
    let paper = paper.into_iter().find(|path| path.extension().is_some_and(|e| e == "json")).expect("a request");
    let changed = std::fs::read_to_string(&paper).expect("reads").replace("S1", "S2");
    std::fs::write(&paper, changed).expect("writes");
    bench.run(&["fetch", &bench.stick()]).ends(42);
}

#[test]
fn a_code_that_comes_on_paper_is_asked_for() {
    let bench = Outside::new();
    let lab = bench.lab(&[]);
    let inside = bench.insider();
    bench.request(&inside, lab.fact("vendor"), "S1", None, 0);
    let said = bench.tell(&["fetch", &bench.stick(), "--ca", lab.fact("ca")], &lab.code()).ends(0);
    assert!(said.err.contains("carries no code"), "{}", said.err);
    assert!(said.out.contains("for S1"), "{}", said.out);
}
