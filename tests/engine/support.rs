//! The support pack: made by itself when a base update is in trouble, by a
//! verb at any time, and without anything secret.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::lab::{APPLIANCE_PASSWORD, LOGIN_PASSWORD};
use handcarry::testing::model::Exit;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn packs(bench: &Bench) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(bench.path("home/inside/support/box")) else { return Vec::new() };
    let mut packs: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    packs.sort();
    packs
}

/// The texts of a pack by name; nothing secret is in its bytes, which are stored.
fn opened(bench: &Bench, pack: &Path) -> BTreeMap<String, String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(pack).expect("there").permissions().mode() & 0o777, 0o600);
    }
    let bytes = std::fs::read(pack).expect("reads");
    let requests = std::fs::read_dir(bench.path("stick/handcarry/requests")).expect("requests");
    let mut requests = requests.map(|entry| entry.expect("readable").path());
    let request = requests.find(|path| path.extension().is_some_and(|e| e == "json")).expect("a request");
    let request: serde_json::Value = serde_json::from_slice(&std::fs::read(request).expect("reads")).expect("JSON");
    let code = request["code"].as_str().expect("a code");
    for secret in [APPLIANCE_PASSWORD, LOGIN_PASSWORD, code, "appliance_session", "login_session", "form_token"] {
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret:?} is in the pack");
    }
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a zip");
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).expect("an entry");
            let mut text = String::new();
            std::io::Read::read_to_string(&mut file, &mut text).expect("text");
            (file.name().expect("a name").into_owned(), text)
        })
        .collect()
}

/// Nobody pressed what ends a session or restarts an appliance.
fn left_alone(bench: &Bench) {
    let state = bench.lab.state();
    assert_eq!((&state["restarts"], &state["logouts"]), (&0.into(), &0.into()));
    assert_eq!(state["presses"].as_array().map(Vec::len), Some(0));
}

fn told_of(said: &Said, pack: &Path) {
    assert!(said.err.contains("DO NOT RESTART THE APPLIANCE"), "{}", said.err);
    let told = format!("support pack: {}", pack.display());
    assert!(said.err.contains(&told), "{told}: {}", said.err);
}

#[test]
fn a_base_update_that_fails_leaves_a_pack_for_support() {
    for (language, failed) in [("en", "Installation failed"), ("pt", "Falha na instalação")] {
        let bench = Bench::new(&["--pages", language, "--fault", "base-install-fails", "--install-secs", "1"]);
        let trouble = bench.push("").ends(Exit::BaseTrouble.code());
        let first = packs(&bench);
        let [pack] = &first[..] else { panic!("one pack: {first:?}") };
        told_of(&trouble, pack);
        left_alone(&bench);
        let parts = opened(&bench, pack);
        let summary = &parts["for-support.txt"];
        for what in ["serial: LAB-0001-BG", "base: 3.3.2", "site: 10.5.3", "Base 3.4.0", "was not restarted"] {
            assert!(summary.contains(what), "{what}: {summary}");
        }
        let begun = parts["journal.jsonl"].lines().next().unwrap_or_default();
        assert!(begun.contains("\"kind\":\"push-begun\""), "{begun}");
        assert!(parts["journal.jsonl"].contains("install-failed"));
        assert!(parts["journal-head.json"].contains("\"records\""));
        assert!(parts["messages.txt"].contains("Do not restart the appliance"));
        assert!(parts["inventory.txt"].contains("with a password kept in a file"));
        let pages: Vec<&String> = parts.iter().filter(|(name, _)| name.starts_with("pages/")).map(|(_, t)| t).collect();
        assert!(pages.iter().any(|text| text.contains(failed)), "{pages:?}");
        assert!(pages.iter().any(|text| text.contains("LAB-0001-BG")), "{pages:?}");

        let before = std::fs::read(pack).expect("reads");
        bench.push("n\n").ends(Exit::BaseTrouble.code());
        assert_eq!((packs(&bench).len(), std::fs::read(pack).expect("reads") == before), (2, true));
        left_alone(&bench);
    }
}

#[test]
fn a_base_update_that_hangs_is_left_alone_with_a_pack_for_support() {
    let bench = Bench::new(&["--fault", "install-hangs"]);
    let push = ["push", &bench.stick(), NAME, "--agree", &bench.agreed, "--wait-max", "4s"];
    let early = bench.inside(&push, "").ends(Exit::Unconfirmed.code());
    assert!(early.has("don't restart it") && packs(&bench).is_empty(), "an hour is usual: {early:?}");
    let hung = bench.later("+5h", &push, "").ends(Exit::BaseTrouble.code());
    let packs = packs(&bench);
    told_of(&hung, &packs[0]);
    left_alone(&bench);
    let parts = opened(&bench, &packs[0]);
    assert!(parts["messages.txt"].contains("the appliance is installing"), "{}", parts["messages.txt"]);
    assert!(parts.values().any(|text| text.contains("Installing Base 3.4.0")));
    // Support has put it right: the same command goes on, and sends nothing twice.
    bench.lab.control(&["fault", "install-hangs", "--clear"]);
    let push = ["push", &bench.stick(), NAME, "--agree", &bench.agreed];
    bench.later("+5h", &push, "y\n").ends(WAITING);
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
}

#[test]
fn a_pack_is_made_at_any_time_and_never_in_the_place_of_another_file() {
    let bench = Bench::new(&[]);
    let made = bench.inside(&["--json", "support", NAME], "").ends(OK);
    let pack = PathBuf::from(made.event("support-pack")["file"].as_str().expect("a file"));
    assert_eq!(packs(&bench), std::slice::from_ref(&pack));
    let parts = opened(&bench, &pack);
    assert!(parts["status-now.json"].contains("LAB-0001-BG"));
    assert_eq!(parts["journal.jsonl"].lines().count(), 1, "nothing was pushed yet: {}", parts["journal.jsonl"]);
    assert_eq!(bench.lab.state()["logouts"], 0);

    let file = bench.path("pack.zip").display().to_string();
    bench.inside(&["support", NAME, "--offline", "--write", &file], "").ends(OK);
    let parts = opened(&bench, Path::new(&file));
    assert!(!parts.keys().any(|name| name.starts_with("pages/") || name.starts_with("status")), "{:?}", parts.keys());
    let before = std::fs::read(&file).expect("reads");
    bench.inside(&["support", NAME, "--offline", "--write", &file], "").ends(Exit::Exists.code());
    assert_eq!(std::fs::read(&file).expect("reads"), before);
    bench.inside(&["support", "nobody"], "").ends(Exit::NotFound.code());

    bench.lab.control(&["fault", "session-limit"]);
    let unread = bench.inside(&["support", NAME], "").ends(OK);
    assert!(unread.err.contains("its state is left out"), "{}", unread.err);
    let last = packs(&bench).into_iter().find(|made| *made != pack).expect("a second pack");
    assert!(opened(&bench, &last)["status-unread.txt"].contains("too many sessions"));
}

#[test]
fn what_was_typed_and_the_apis_secret_are_in_no_pack() {
    let bench = Bench::new(&["--fault", "base-install-fails"]);
    // Both passwords are typed; the API's secret and the backup's password are words that the texts hold.
    let inventory = bench.inventory();
    let known = std::fs::read_to_string(&inventory).expect("reads");
    let typed: Vec<&str> = known.lines().filter(|line| !line.contains("password_file")).collect();
    let secret = bench.private("api", "support.example.com\n");
    let api = format!("api_client_id = \"id\"\napi_secret_file = \"{secret}\"\n");
    std::fs::write(&inventory, format!("{}\n{api}", typed.join("\n"))).expect("written");
    // The command that goes on is told, and it repeats the folder's name.
    let folder = bench.path(APPLIANCE_PASSWORD).join(LOGIN_PASSWORD).display().to_string();
    let agreed = ["push", &bench.stick(), NAME, "--agree", &bench.agreed];
    let push = [&agreed[..], &["--backup-password-prompt", "--by-hand-dir", &folder]].concat();
    let answers = format!("LAB-0001-BG\nLAB-0001-BG\n{APPLIANCE_PASSWORD}\n{LOGIN_PASSWORD}\n");
    let trouble = bench.inside(&push, &answers).ends(Exit::BaseTrouble.code());
    assert!(trouble.err.contains(APPLIANCE_PASSWORD), "the operator sees the command: {}", trouble.err);
    let packs = packs(&bench);
    let parts = opened(&bench, &packs[0]);
    for (name, text) in &parts {
        for secret in [APPLIANCE_PASSWORD, LOGIN_PASSWORD, "LAB-0001-BG", "support.example.com"] {
            assert!(!text.contains(secret), "{secret} is in {name}: {text}");
        }
    }
    assert!(parts["for-support.txt"].contains("serial: …"), "{}", parts["for-support.txt"]);
}
