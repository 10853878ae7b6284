//! The lab is an honest counterpart: what the guide says of vendor and
//! appliance holds here, walked through with curl.

mod binary;
mod browsed;
mod browser;
mod faults;
mod pairs;
mod turmoil;

use crate::lab::browsed::{Browsed, between};
use handcarry::testing::lab::{self, LabOptions, PageLanguage, control};
use handcarry::testing::model::{Sha256Digest, Version};

fn catalogue() -> Vec<lab::LabPackage> {
    lab::catalogue(300_000)
}

#[test]
fn a_code_works_once_and_a_package_is_served_once() {
    let bench = Browsed::start(|_| {});
    let code = bench.keeper().key();
    let vendor = bench.vendor();
    assert!(vendor.get("/").has("Appliance Download Key"));
    assert!(vendor.exchange("AAAAA-BBBBB").has("Unknown code"));
    let offers = vendor.exchange(&code.to_lowercase());
    assert_eq!((offers.status, offers.url.as_str()), (200, "/updates"));
    let text = offers.text();
    let (newest, oldest) = (text.find("Bomgar 11.1.1"), text.find("Base 3.4.0"));
    assert!(newest.is_some() && newest < oldest, "newest first: {text}");
    assert!(text.contains("Requires: Bomgar 10.6.2"));
    assert!(bench.vendor().exchange(&code).has("already been used"));

    let package = &catalogue()[0];
    let path = "/download/0/Base-3.4.0.nss";
    let head = vendor.run(path, &["--head"]);
    assert_eq!(head.header("content-length"), Some(package.size_bytes.to_string()));
    assert_eq!(head.header("accept-ranges").as_deref(), Some("bytes"));
    assert_eq!(head.header("content-disposition").as_deref(), Some("attachment; filename=\"Base-3.4.0.nss\""));
    let etag = head.header("etag").expect("an ETag");

    let first = vendor.run(path, &["--range", "0-99999"]);
    assert_eq!((first.status, first.body.len()), (206, 100_000));
    assert!(vendor.get("/updates").has("Base-3.4.0.nss"), "half a download is none");
    let stale = vendor.run(path, &["--range", "0-9", "--header", "If-Range: \"other\""]);
    assert_eq!(stale.status, 200, "another file is sent whole");
    bench.restore();
    assert_eq!(vendor.run(path, &["--range", "99999999-"]).status, 416);
    vendor.run(path, &["--range", "0-99999"]);
    let rest = vendor.run(path, &["--range", "100000-", "--header", &format!("If-Range: {etag}")]);
    assert_eq!(rest.header("content-range"), Some(format!("bytes 100000-301020/{}", package.size_bytes)));
    assert_eq!([first.body, rest.body].concat(), lab::package_bytes(package));

    assert_eq!(vendor.get(path).status, 410);
    assert!(!vendor.get("/updates").has("Base-3.4.0.nss"));
    for (at, package) in catalogue().iter().enumerate().skip(1) {
        let whole = vendor.get(&format!("/download/{at}/{}", package.file_name()));
        assert_eq!(Sha256Digest::of(&whole.body), Sha256Digest::of(&lab::package_bytes(package)));
    }
    assert!(vendor.get("/updates").has("No updates are available"));
    assert!(bench.vendor().exchange(&bench.keeper().key()).has("No updates are available"));
    bench.restore();
    assert!(vendor.get("/updates").has("Base-3.4.0.nss"), "support has put it back");
    assert_eq!(bench.stranger().get("/download/0/x").status, 404);
    assert_eq!(bench.vendor().get(path).status, 404, "not without a code");
}

#[test]
fn packages_install_in_order_with_agreement_and_restart() {
    let bench = Browsed::start(|_| {});
    let [base, site, _] = &catalogue()[..] else { panic!("three packages") };
    let keeper = bench.keeper();
    let before = between(&keeper.get("/appliance/status/basics").text(), "Site Build</th><td>", "<");

    let junk = bench.file("junk.nss", b"MZ this is something else\n");
    assert!(keeper.upload(&junk).has("not a software package"));
    let mut bytes = lab::package_bytes(base);
    bytes[250_000] ^= 1;
    assert!(keeper.upload(&bench.file("damaged.nss", &bytes)).has("is damaged"));
    let site_file = bench.file("site.nss", &lab::package_bytes(site));
    assert!(keeper.upload(&site_file).has("Requires: Base 3.4.0"));

    let base_file = bench.file("base.nss", &lab::package_bytes(base));
    let started = keeper.upload(&base_file);
    assert_eq!(started.url, "/appliance/updates/progress");
    assert!(started.has("Installing Base 3.4.0") && started.has("http-equiv=\"refresh\""));
    assert_eq!(keeper.get("/appliance/updates").url, "/appliance/updates/progress");
    bench.wait_for_restart();
    let thrown_out = keeper.get("/appliance/status/basics");
    assert!(thrown_out.url.starts_with("/appliance/login") && thrown_out.has("session has expired"));

    let keeper = bench.keeper();
    let basics = keeper.get("/appliance/status/basics");
    assert!(basics.has("Base Software Version</th><td>3.4.0<"));
    assert!(keeper.get("/appliance/updates").has("<td>Base 3.4.0</td>"));
    assert!(keeper.upload(&base_file).has("already installed"));

    let agreement = keeper.upload(&site_file);
    assert_eq!(agreement.url, "/appliance/updates/agreement");
    assert!(agreement.has("End User License Agreement") && agreement.has("for Bomgar 10.6.2"));
    let action = "/appliance/updates/agreement/accept";
    let unticked = keeper.post(&agreement, action, &[]);
    assert!(unticked.has("must be accepted"));
    assert!(bench.state()["installs"].as_array().is_some_and(|all| all.len() == 1), "nothing began");
    assert!(keeper.post(&unticked, action, &[("accept", "1")]).has("Installing Bomgar 10.6.2"));
    bench.wait_for_restart();

    let keeper = bench.keeper();
    let basics = keeper.get("/appliance/status/basics").text();
    assert!(basics.contains("Site Software Version</th><td>10.6.2<"));
    assert_ne!(between(&basics, "Site Build</th><td>", "<"), before);
    // The automatic way, for the last one.
    let page = keeper.get("/appliance/updates");
    assert!(!page.has("Bomgar 11.1.1"), "nobody has checked yet");
    let page = keeper.post(&page, "/appliance/updates/check", &[]);
    assert!(page.has("Bomgar 11.1.1"));
    let agreement = keeper.post(&page, "/appliance/updates/install", &[("package", "2")]);
    assert!(keeper.post(&agreement, "/appliance/updates/agreement/decline", &[]).has("was declined"));

    let state = bench.state();
    let log: Vec<_> = state["installs"].as_array().expect("a log").iter().map(|row| row["title"].clone()).collect();
    assert_eq!(log, [base.title.as_str(), site.title.as_str()]);
    let outcomes: Vec<_> =
        state["uploads"].as_array().expect("a list").iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["wrong-file", "damaged", "requires", "installing", "already-installed", "agreement"]);
    assert_eq!(state["uploads"][3]["sha256"], Sha256Digest::of(&lab::package_bytes(base)).to_string());
    assert_eq!((state["restarts"].as_u64(), state["site"].as_str()), (Some(2), Some("10.6.2")));
    let spool = std::fs::read_dir(bench.dir().join("uploads")).expect("uploads").count();
    assert_eq!(spool, 0, "no upload lies about");
}

#[test]
fn greyed_packages_wait_for_others() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let page = keeper.post(&keeper.get("/appliance/updates"), "/appliance/updates/check", &[]);
    assert_eq!(page.text().matches("<tr class=\"grey\">").count(), 2);
    assert!(page.has("Requires: Base 3.4.0") && page.has("disabled>Install This Update"));
    let forced = keeper.post(&page, "/appliance/updates/install", &[("package", "1")]);
    assert!(forced.has("cannot be installed yet"));
}

#[test]
fn a_backup_needs_matching_passwords_and_opens_with_its_own() {
    let bench = Browsed::start(|_| {});
    let manager = bench.manager();
    let path = "/login/management/software";
    let (backup, restore) = (format!("{path}/backup"), format!("{path}/restore"));
    let page = manager.get(path);
    let wrong = [("backup_password", "one"), ("confirm_password", "two")];
    assert!(manager.post(&page, &backup, &wrong).has("do not match"));

    let right = [("backup_password", "one"), ("confirm_password", "one"), ("history", "1")];
    let file = manager.post(&manager.get(path), &backup, &right);
    let disposition = file.header("content-disposition").expect("an attachment");
    assert!(disposition.starts_with("attachment; filename=\"support.example.com-") && disposition.ends_with(".nsb\""));
    let open = manager.post(&manager.get(path), &backup, &[]);
    assert_ne!(file.body, open.body);
    let state = bench.state();
    assert_eq!(state["backups"][0]["sha256"], Sha256Digest::of(&file.body).to_string());
    assert_eq!((&state["backups"][0]["password"], &state["backups"][0]["history"]), (&true.into(), &true.into()));
    assert_eq!((&state["backups"][1]["password"], &state["backups"][1]["history"]), (&false.into(), &false.into()));

    let saved = bench.file("backup.nsb", &file.body);
    let upload = |password: &str| {
        let token = format!("form_token={}", manager.get(path).token(&restore));
        let (file, password) = (format!("backup_file=@{}", saved.display()), format!("restore_password={password}"));
        manager.run(&restore, &["--form", &token, "--form", &file, "--form", &password])
    };
    assert!(upload("two").has("password is wrong"));
    assert!(upload("one").has("settings are restored"));
    assert_eq!(bench.state()["restores"], 1);
}

#[test]
fn the_two_logins_are_separate_and_lock_after_five_failures() {
    let bench = Browsed::start(|_| {});
    let stranger = bench.stranger();
    assert!(stranger.get("/appliance/updates").url.starts_with("/appliance/login"));
    assert!(stranger.log_in("/appliance", lab::LOGIN_PASSWORD).has("is incorrect"));
    (0..4).for_each(|_| drop(stranger.log_in("/appliance", "guess")));
    assert!(stranger.log_in("/appliance", lab::APPLIANCE_PASSWORD).has("locked"));
    assert!(stranger.log_in("/login", lab::LOGIN_PASSWORD).has("Logout"));
    assert!(!stranger.get("/appliance").has("Logout"), "one login is not the other");
    control::advance(bench.dir(), 16 * 60).expect("moved");
    let home = stranger.log_in("/appliance", lab::APPLIANCE_PASSWORD);
    assert_eq!(home.url, "/appliance/status/basics");
    assert!(stranger.get("/appliance/security/certificates").has(&bench.facts.appliance_fingerprint));
    assert_eq!(stranger.get("/appliance/logout").url, "/appliance/login");
    assert!(stranger.get("/appliance").url.starts_with("/appliance/login"));
    assert_eq!(bench.state()["failed_logins"], 6);
}

#[test]
fn a_form_needs_its_own_fresh_token() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let page = keeper.get("/appliance/status/basics");
    let action = "/appliance/status/power";
    assert_eq!(keeper.run(action, &["--data", "what=reset"]).status, 403);
    assert_eq!(bench.state()["presses"].as_array().map(Vec::len), Some(0));
    let pressed = keeper.post(&page, action, &[("what", "reset")]);
    assert!(pressed.has("is being reset to factory defaults"));
    assert_eq!(keeper.post(&page, action, &[("what", "reset")]).status, 403, "a token works once");
    assert_eq!(bench.state()["presses"][0]["button"], "reset");
    bench.wait_until("the reset ends", || bench.state()["has_site"] != true && bench.state()["activity"] == "idle");
    assert!(!bench.keeper().get("/appliance/status/basics").has("Site Software Version"), "its site is gone");
}

#[test]
fn the_clock_moves_and_ends_sessions() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let clock = |page: &browsed::Answer| {
        let text = between(&page.text(), "System Time</th><td><time datetime=\"", "\"");
        handcarry::testing::model::Timestamp::parse(&text).expect("RFC 3339")
    };
    let before = clock(&keeper.get("/appliance/status/basics"));
    bench.advance(25);
    assert!(keeper.get("/appliance/status/basics").has("session has expired"));
    keeper.log_in("/appliance", lab::APPLIANCE_PASSWORD);
    let moved = clock(&keeper.get("/appliance/status/basics")).secs_since(before);
    assert!((90_000..90_060).contains(&moved), "{moved}");
    assert!(keeper.get("/appliance/updates/key").has("readonly"), "moving on is not a wrong clock");
}

#[test]
fn an_old_base_makes_no_key_but_support_does() {
    let old = |options: &mut LabOptions| options.base = Version::parse("3.3.1").expect("valid");
    let bench = Browsed::start(old);
    let keeper = bench.keeper();
    assert!(!keeper.get("/appliance/updates").has("Appliance Download Key"));
    assert!(keeper.get("/appliance/updates/key").has("Contact Technical Support"));
    let code = bench.code();
    assert!(bench.vendor().exchange(&code).has("Base 3.4.0"));
}

#[test]
fn a_key_stays_the_same_until_it_is_used() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let key = keeper.key();
    assert_eq!(keeper.key(), key);
    bench.vendor().exchange(&key);
    assert_ne!(keeper.key(), key);
}

#[test]
fn the_pages_speak_portuguese_too() {
    let bench = Browsed::start(|options| options.language = PageLanguage::Portuguese);
    let front = bench.stranger().get("/appliance");
    assert!(front.has("<html lang=\"pt\">") && front.has("Nome de usuário") && front.has(">Entrar<"));
    let keeper = bench.keeper();
    let basics = keeper.get("/appliance/status/basics");
    for label in ["Número de Série", "Versão do Software de Base", "Build do Site", "Horário do Sistema"] {
        assert!(basics.has(&format!(">{label}<")), "{label}");
    }
    let updates = keeper.get("/appliance/updates");
    for label in
        ["Verificar Atualizações", "Código de Download de Appliance", "Instalação Manual", "Atualizar Software"]
    {
        assert!(updates.has(&format!(">{label}<")), "{label}");
    }
    let software = bench.manager().get("/login/management/software");
    for label in ["Senha do Backup", "Confirmar Senha", "Incluir histórico registrado", "Descarregar Backup"] {
        assert!(software.has(&format!(">{label}<")), "{label}");
    }
    assert!(bench.vendor().exchange("x").has("Código desconhecido"));
    assert!(bench.vendor().exchange(&keeper.key()).has("Requer: Base 3.4.0"));
}

#[test]
fn the_control_port_obeys_only_who_can_read_the_lab_s_folder() {
    let bench = Browsed::start(|_| {});
    let token = std::fs::read_to_string(&bench.facts.control_token_file).expect("a token");
    assert!(token.trim().len() >= 32);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let facts = std::fs::metadata(&bench.facts.control_token_file).expect("there");
        assert_eq!(facts.permissions().mode() & 0o777, 0o600);
    }
    let ask = |method: &str, path: &str, headers: &[&str]| {
        let mut curl = std::process::Command::new("curl");
        curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method]);
        for header in headers {
            curl.args(["-H", header]);
        }
        let output = curl.arg(format!("{}{path}", bench.facts.control)).output().expect("curl runs");
        String::from_utf8(output.stdout).expect("a number")
    };
    let bearer = format!("Authorization: Bearer {}", token.trim());
    let refused: [&[&str]; 6] = [
        &[],
        &["Authorization: Bearer x"],
        &["Authorization: Bearer"],
        &[&bearer, "Origin: http://evil.example"],
        &[&bearer, "Origin: null"],
        &[&bearer, "Host: evil.example"],
    ];
    for headers in refused {
        for (method, path) in [("GET", "/state"), ("POST", "/stop"), ("POST", "/code"), ("POST", "/advance?secs=1")] {
            assert_eq!(ask(method, path, headers), "403", "{method} {path} {headers:?}");
        }
    }
    assert_eq!(ask("GET", "/state", &[&bearer]), "200");
    assert!(bench.state()["codes"].as_array().is_none_or(Vec::is_empty), "no code was made");
}
