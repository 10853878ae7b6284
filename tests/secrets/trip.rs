//! The trip and what goes wrong on it.

use crate::outside::vendor::{FORM, Vendor, VendorAnswer};
use crate::secrets::watched::Watched;
use crate::support::home::files;
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, OUTSIDE};
use handcarry::testing::lab::{APPLIANCE_PASSWORD, LOGIN_PASSWORD};
use std::path::Path;

const OUTER: &str = "Kirsche-Pf1aume/2026 &amp";
const INNER: &str = "Z1trone=Quitte 77%+x";
const KEY: &str = "p3ach=Quince/88 &lt;";
const BACKUP: &str = "b4ckup P@ss&word-55";
const TYPED: &str = "QQQQQ-TYPED-77777-CADE2-ZZZZZ";
const WRONG: &str = "not-the-passw0rd at=all";

fn line(out: &str) -> String {
    out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a signer's line").trim().to_owned()
}

/// Both keys, told to each other, and the lab's appliance enrolled.
fn ready(bench: &mut Watched, lab: &Lab) -> (String, String) {
    let (outer, inner) = (bench.given("outer", OUTER), bench.given("inner", INNER));
    let (out, _) = bench.ends(0, OUTSIDE, &["keygen", "--principal", "ana", "--passphrase-file", &outer], "");
    let typed = format!("{INNER}\n{INNER}\n");
    let (inn, _) = bench.ends(0, INSIDE, &["keygen", "--principal", "rui"], &typed);
    bench.ends(0, INSIDE, &["trust", "add", &line(&out)], "y\n");
    bench.ends(0, OUTSIDE, &["trust", "add", &line(&inn)], "y\n");
    let (url, vendor) = (lab.fact("appliance"), lab.fact("vendor"));
    let (password, key) = (lab.fact("appliance_password_file"), bench.given("key", KEY));
    #[rustfmt::skip]
    let enroll = [
        "enroll", "hq", "--url", url, "--vendor", vendor, "--clock", "appliance", "--user", "admin",
        "--password-file", password, "--login-user", "admin", "--login-password-env", "LAB_LOGIN",
        "--key-passphrase-file", &key,
    ];
    bench.ends(0, INSIDE, &enroll, "y\n");
    (outer, inner)
}

/// Only what exists to hold a secret may hold it.
fn may(path: &Path, what: &str) -> bool {
    let carries_the_code = path.starts_with("stick/handcarry/requests") && what == "a download code";
    path.starts_with("given") || path.starts_with("lab") || carries_the_code
}

fn code_on(stick: &Path) -> String {
    let requests = files(&stick.join("handcarry/requests"));
    let request = requests.iter().find(|path| path.extension().is_some_and(|e| e == "json")).expect("a request");
    let value: serde_json::Value = serde_json::from_slice(&std::fs::read(request).expect("reads")).expect("JSON");
    value["code"].as_str().expect("a code").to_owned()
}

fn trip(json: &[&str]) {
    let mut bench = Watched::new();
    let lab = Lab::start(&bench.path("lab"), &["--package-mib", "1"]);
    let (outer, inner) = ready(&mut bench, &lab);
    let (stick, ca, vendor) = (bench.word("stick"), lab.fact("ca"), lab.fact("vendor"));
    let backup = bench.given("backup", BACKUP);
    let with = |args: &[&'static str], more: &[&str]| -> Vec<String> {
        json.iter().copied().chain(args.iter().copied()).chain(more.iter().copied()).map(str::to_owned).collect()
    };
    let env = [("LAB_LOGIN", LOGIN_PASSWORD)];
    let lab_dir = bench.word("lab");
    let push = with(&["push"], &[&stick, "hq", "--backup-password-file", &backup]);
    let steps: Vec<(&str, Vec<String>, String, i32)> = vec![
        (INSIDE, with(&["probe", "hq"], &[]), String::new(), 0),
        (INSIDE, with(&["request", "hq"], &[&stick]), format!("{INNER}\n"), 0),
        (OUTSIDE, with(&["vendor", "add"], &[vendor, "--by", "ana"]), String::new(), 0),
        (OUTSIDE, with(&["fetch"], &[&stick, "--ca", ca]), String::new(), 0),
        (OUTSIDE, with(&["vault"], &[]), String::new(), 0),
        (
            OUTSIDE,
            with(&["seal", "--from"], &[vendor, "--write", &stick, "--passphrase-file", &outer]),
            String::new(),
            0,
        ),
        (INSIDE, with(&["verify"], &[&stick]), String::new(), 0),
        (INSIDE, with(&["plan"], &[&stick, "hq"]), String::new(), 0),
        (INSIDE, push.clone(), "y\ny\n".to_owned(), 6),
        (INSIDE, with(&["lab", "advance", "25h", "--dir"], &[&lab_dir]), String::new(), 0),
        (INSIDE, push, "y\ny\n".to_owned(), 0),
        (INSIDE, with(&["receipt", "hq"], &[&stick, "--passphrase-file", &inner]), String::new(), 0),
        (OUTSIDE, with(&["receive"], &[&stick]), String::new(), 0),
        (INSIDE, with(&["audit", "hq"], &[]), String::new(), 0),
    ];
    for (program, args, input, code) in &steps {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let run = bench.run(program, &args, input, &env);
        assert_eq!(run.code, *code, "{}\n{}\n{}", run.typed, run.out, run.err);
    }
    let code = code_on(&bench.path("stick"));
    let keys: Vec<String> = ["home/outside/keys/signing", "home/inside/keys/signing"]
        .iter()
        .map(|key| std::fs::read_to_string(bench.path(key)).expect("a key").lines().nth(3).expect("a line").to_owned())
        .collect();
    let secrets = [
        ("the outer passphrase", OUTER),
        ("the inner passphrase", INNER),
        ("the backup's password", BACKUP),
        ("the exported key's passphrase", KEY),
        ("the appliance's password", APPLIANCE_PASSWORD),
        ("the login's password", LOGIN_PASSWORD),
        ("a download code", &code),
        ("the outer key", &keys[0]),
        ("the inner key", &keys[1]),
    ];
    let holder = |path: &Path, what: &str| may(path, what) || what.ends_with("key") && path.ends_with("keys/signing");
    let found = bench.found(&secrets, holder);
    assert!(found.is_empty(), "{}", found.join("\n"));
    closed(&bench);
}

/// What others must not read they can't: keys, backups, exchange records with
/// their session; and no temporary file is left.
fn closed(bench: &Watched) {
    use std::os::unix::fs::PermissionsExt;
    let mut seen = 0;
    for path in files(&bench.path("home")) {
        let text = path.display().to_string();
        let open = path.metadata().expect("there").permissions().mode() & 0o077 != 0;
        let secret = ["/keys/signing", "/backups/", "/certificates/", "/exchanges/", "/journal/"]
            .iter()
            .any(|part| text.contains(part));
        if secret && !text.ends_with(".pub") {
            seen += 1;
            assert!(!open, "{text} is open to others");
        }
    }
    assert!(seen >= 5, "only {seen} private files");
    assert_eq!(files(&bench.path("tmp")), Vec::<std::path::PathBuf>::new());
}

#[test]
fn the_trip_tells_no_secret() {
    trip(&[]);
}

#[test]
fn the_trip_tells_no_secret_in_json() {
    trip(&["--json"]);
}

#[test]
fn what_fails_tells_no_secret() {
    let mut bench = Watched::new();
    let lab = Lab::start(&bench.path("lab"), &["--package-mib", "1"]);
    ready(&mut bench, &lab);
    let stick = bench.word("stick");
    let (wrong, code) = (bench.given("wrong", WRONG), bench.given("code", TYPED));
    let (vendor, ca) = (lab.fact("vendor"), lab.fact("ca"));
    // A wrong passphrase, by file and typed.
    bench.ends(41, INSIDE, &["request", "hq", &stick, "--passphrase-file", &wrong], "");
    bench.ends(41, INSIDE, &["--json", "request", "hq", &stick], &format!("{WRONG}\n"));
    // A wrong password, by file, by variable and typed.
    for (name, how) in
        [("file", vec!["--password-file", &wrong]), ("env", vec!["--password-env", "P"]), ("typed", vec![])]
    {
        let url = lab.fact("appliance");
        let args = [&["enroll", name, "--url", url, "--user", "admin"][..], &how].concat();
        bench.ends(0, INSIDE, &args, "y\n");
        for json in [&["probe", name][..], &["--json", "probe", name]] {
            let run = bench.run(INSIDE, json, &format!("{WRONG}\n"), &[("P", WRONG)]);
            assert_ne!(run.code, 0, "{}", run.out);
        }
    }
    // A code that is refused; a server that is not trusted; nobody there.
    for listed in [vendor, "https://localhost:1"] {
        bench.ends(0, OUTSIDE, &["vendor", "add", listed, "--by", "ana"], "");
    }
    let fetch = ["fetch", "--code-file", &code, "--server"];
    for more in [&[vendor, "--ca", ca][..], &[vendor], &["https://localhost:1"]] {
        let args: Vec<&str> = fetch.iter().copied().chain(more.iter().map(|arg| arg as &str)).collect();
        assert_ne!(bench.run(OUTSIDE, &args, "", &[]).code, 0);
    }
    let args = ["--json", "fetch", "--code", "--server", vendor, "--ca", ca];
    assert_ne!(bench.run(OUTSIDE, &args, TYPED, &[]).code, 0);
    let found = bench.found(&[("a password", WRONG), ("a download code", TYPED)], may);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_page_that_repeats_what_was_typed_is_not_repeated() {
    let mut bench = Watched::new();
    let code = bench.given("code", TYPED);
    let echo = format!("<p>What is {TYPED}? Not a key.</p><h1>{TYPED}</h1>");
    let get = FORM.replace("method=post", "method=get");
    for form in [FORM.to_owned(), get] {
        for status in [200, 500, 404] {
            let (form, echo) = (form.clone(), echo.clone());
            let vendor = Vendor::start(&bench.path("given"), move |asked| match asked.path.as_str() {
                "/" => VendorAnswer::page(&form),
                _ => VendorAnswer { status, ..VendorAnswer::page(&echo) },
            });
            bench.ends(0, OUTSIDE, &["vendor", "add", &vendor.url, "--by", "ana"], "");
            let args = ["fetch", "--code-file", &code, "--server", &vendor.url, "--ca", &vendor.ca];
            assert_ne!(bench.run(OUTSIDE, &args, "", &[]).code, 0);
            let id = std::fs::read_dir(bench.path("home/outside/vault/exchanges")).expect("there").flatten();
            let id = id.map(|entry| entry.file_name().to_string_lossy()[..12].to_owned()).collect::<Vec<_>>();
            for id in id {
                bench.run(OUTSIDE, &["fetch", "--abandon", &id], "", &[]);
            }
        }
    }
    // A login page that says the password back, in the title too.
    const LOGIN: &str = "<form method=post action=/in><label>Username <input name=u></label>\
        <label>Password <input type=password name=p></label><button>Login</button></form>";
    let vendor = Vendor::start(&bench.path("given"), |asked| match asked.method.as_str() {
        "GET" => VendorAnswer::page(LOGIN),
        _ => VendorAnswer::page(&format!("<title>{WRONG}</title><p>{WRONG} is wrong.</p>{LOGIN}")),
    });
    let password = bench.given("wrong", WRONG);
    let ca = vendor.ca.clone();
    let enroll = ["enroll", "x", "--url", &vendor.url, "--ca", &ca, "--user", "u", "--password-file", &password];
    bench.ends(0, INSIDE, &enroll, "y\n");
    for args in [&["probe", "x"][..], &["--json", "probe", "x"]] {
        assert_ne!(bench.run(INSIDE, args, "", &[]).code, 0);
    }
    // It was there to be repeated, and was taken out.
    for said in ["What is …? Not a key.", "… is wrong."] {
        assert!(bench.runs.iter().any(|run| run.err.contains(said)), "nothing said {said:?}");
    }
    let found = bench.found(&[("the password", WRONG), ("the code", TYPED)], may);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
