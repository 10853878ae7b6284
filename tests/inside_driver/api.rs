//! The site's API: what it does, what it lacks, and that nothing of it is shown.

use crate::inside_driver::driven::Driven;
use crate::support::home::word;
use crate::support::said::Said;
use handcarry::testing::driver::{Appliance, ApplianceRefusal, BackupOptions, Did, DriverError};
use handcarry::testing::lab::{ApiLevel, Fault, PageLanguage};
use handcarry::testing::model::{Exit, Explain, FailoverRole, Secret, Time, Timestamp};
use handcarry::testing::simulator::VirtualClock;
use std::time::Duration;

/// A backup by the API, which always has the logged history in it.
fn backup(driver: &mut dyn Appliance, password: Option<&str>) -> Result<Vec<u8>, DriverError> {
    made(driver, password, true)
}

/// A backup by the page, where it was not asked for.
fn backup_by_page(driver: &mut dyn Appliance, password: Option<&str>) -> Result<Vec<u8>, DriverError> {
    made(driver, password, false)
}

fn made(driver: &mut dyn Appliance, password: Option<&str>, history: bool) -> Result<Vec<u8>, DriverError> {
    let password = password.map(|text| Secret::new(text.to_owned()));
    let options = BackupOptions { password: password.as_ref(), include_history: false };
    let mut bytes = Vec::new();
    match driver.backup(&options, &mut bytes, &())? {
        Did::Done(made) => assert_eq!((made.size_bytes, made.history), (bytes.len() as u64, history)),
        Did::ByHand(guide) => panic!("by hand: {guide:?}"),
    }
    Ok(bytes)
}

/// Who made the backups, in order.
fn makers(bench: &Driven) -> Vec<String> {
    let made = bench.lab.state()["backups"].clone();
    made.as_array().expect("a list").iter().map(|b| b["by"].as_str().expect("a word").to_owned()).collect()
}

fn old_site(bench: &Driven) {
    let password = word(&bench.lab.facts.login_password_file);
    bench.ready(&["--api-user", "admin", "--api-password-file", &password]);
}

#[test]
fn a_site_with_an_api_is_worked_by_it() {
    let bench = Driven::start(|options| options.clients = 230);
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    let health = driver.health().expect("answers").expect("is there");
    assert_eq!(health.appliance, handcarry::testing::lab::HOST);
    assert_eq!(health.version.map(|v| v.to_string()).as_deref(), Some("10.5.3"));
    let build = bench.lab.state()["build"].as_str().expect("a build").to_owned();
    assert!(health.build.expect("is told").starts_with(&format!("{build}-")));
    assert!(health.sound && health.synced.is_none());
    assert_eq!(health.role, Some(FailoverRole::None));
    let client_counts = driver.client_counts().expect("answers").expect("is there");
    assert_eq!((client_counts.seen, client_counts.outdated, client_counts.uninstalled), (230, 0, 0));
    assert_eq!(driver.connected().expect("answers").expect("is there").jump_clients(), Some(230));
    for password in [None, Some("a backup's \"own\"")] {
        assert!(!backup(&mut *driver, password).expect("works").is_empty());
    }
    assert_eq!(makers(&bench), ["api", "api"]);
    let state = bench.lab.state();
    assert_eq!((&state["api"]["tokens"], &state["api"]["kept_open"]), (&1.into(), &0.into()), "{}", state["api"]);
    assert_eq!(state["api"]["calls"]["/api/config/v1/jump-client"], 3, "one call a page");
    assert_eq!(state["backups"][1]["password"], true);
    assert_eq!(driver.notices(), [""; 0]);
}

#[test]
fn a_pair_tells_its_role_and_its_last_sync_by_the_api() {
    let bench = Driven::start(|options| (options.pair, options.sync) = (true, Duration::from_millis(600)));
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    let health = driver.health().expect("answers").expect("is there");
    assert_eq!(health.role, Some(FailoverRole::Primary));
    assert_eq!((health.shared_ips.len(), health.sync_status.as_deref()), (1, Some("success")));
    let synced = health.synced.expect("a time");
    assert!(Timestamp::now().secs_since(synced) > 3000, "{synced}");
}

#[test]
fn a_token_that_is_no_longer_good_is_renewed_once() {
    let bench = Driven::start(|_| {});
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    assert!(driver.health().expect("answers").is_some());
    bench.lab.arm(Fault::TokenExpires);
    assert!(driver.health().expect("answers").is_some());
    let api = bench.lab.state()["api"].clone();
    assert_eq!((&api["tokens"], &api["refused"]), (&2.into(), &1.into()), "{api}");
}

#[test]
fn the_rate_that_the_site_allows_is_kept() {
    let bench = Driven::start(|options| options.clients = 2500);
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    assert_eq!(driver.client_counts().expect("answers").expect("is there").seen, 2500);
    assert_eq!(bench.lab.state()["api"]["slowed"], 0, "25 pages at 20 a second");
    bench.lab.arm(Fault::RateLimit);
    assert!(driver.health().expect("answers").is_some());
    assert_eq!(bench.lab.state()["api"]["slowed"], 1);
}

#[test]
fn pauses_a_tokens_hour_and_dates_go_by_the_runs_clock() {
    let bench = Driven::start(|_| {});
    bench.ready_with_api(&[]);
    let clock = VirtualClock::new(Timestamp::now());
    let mut driver = bench.driver_by(clock.clone());
    let mut tokens_after = |secs: i64| {
        clock.advance(secs);
        assert!(driver.health().expect("answers").is_some());
        bench.lab.state()["api"]["tokens"].clone()
    };
    assert_eq!(tokens_after(0), 1);
    bench.lab.arm(Fault::RateLimit);
    assert_eq!(tokens_after(0), 1);
    assert_eq!((clock.elapsed().as_secs(), &bench.lab.state()["api"]["slowed"]), (1, &1.into()), "it waited as asked");
    assert_eq!(tokens_after(3540), 1, "good for a minute yet");
    assert_eq!(tokens_after(60), 2, "renewed before its hour is over");
    clock.advance(86_400);
    driver.status().expect("reads");
    assert!(driver.pages().iter().all(|page| page.at == clock.now()), "{:?}", driver.pages());
}

#[test]
fn an_error_message_under_status_200_is_no_backup() {
    let bench = Driven::with_faults(&[Fault::BackupError200]);
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    let error = backup(&mut *driver, None).expect_err("is a message");
    assert!(matches!(error, DriverError::Refused { what: ApplianceRefusal::Backup, .. }), "{error}");
    assert_eq!(error.exit(), Exit::BackupFailed);
    assert!(error.to_string().contains("no space left for temporary files"), "{error}");
    assert_eq!(makers(&bench), [""; 0]);
    assert!(backup(&mut *driver, None).is_ok(), "the next one");
}

#[test]
fn what_a_site_lacks_falls_back_to_its_pages_and_is_told_once() {
    let levels = [(ApiLevel::None, "is not there"), (ApiLevel::Legacy, "is not there")];
    for (level, why) in levels {
        for language in [PageLanguage::English, PageLanguage::Portuguese] {
            let bench = Driven::start(|options| (options.api, options.language) = (level, language));
            bench.ready_with_api(&[]);
            let mut driver = bench.driver();
            for _ in 0..2 {
                backup_by_page(&mut *driver, None).expect("by the page");
                assert!(
                    driver.health().expect("no error").is_none() && driver.client_counts().expect("no error").is_none()
                );
            }
            assert_eq!(makers(&bench), ["page", "page"]);
            let notices = driver.notices();
            assert_eq!(notices.len(), 3, "{notices:?}");
            assert!(notices[0].contains("no backup here") && notices[0].contains("the page is used"), "{notices:?}");
            assert!(notices.iter().all(|line| line.contains(why)), "{notices:?}");
            assert!(driver.status().is_ok());
        }
    }
}

#[test]
fn an_account_without_permission_falls_back_too() {
    for legacy in [false, true] {
        let bench = Driven::start(|options| {
            options.faults = vec![Fault::ApiForbidden];
            options.api = if legacy { ApiLevel::Legacy } else { ApiLevel::Full };
        });
        if legacy {
            old_site(&bench)
        } else {
            bench.ready_with_api(&[])
        }
        let mut driver = bench.driver();
        backup_by_page(&mut *driver, None).expect("by the page");
        assert_eq!(makers(&bench), ["page"]);
        assert!(driver.notices().concat().contains("permission"));
    }
}

#[test]
fn without_the_configuration_api_the_rest_is_used() {
    let bench = Driven::start(|options| options.api = ApiLevel::V1);
    bench.ready_with_api(&[]);
    let mut driver = bench.driver();
    assert!(driver.client_counts().expect("no error").is_none());
    assert!(driver.health().expect("answers").is_some());
    backup(&mut *driver, None).expect("works");
    assert_eq!(makers(&bench), ["api"]);
    assert!(driver.notices().concat().contains("--client-list"));
}

#[test]
fn an_old_site_is_asked_by_user_and_password() {
    let bench = Driven::start(|options| options.api = ApiLevel::Legacy);
    old_site(&bench);
    let mut driver = bench.driver();
    assert!(driver.health().expect("answers").is_some());
    assert!(driver.connected().expect("answers").is_some());
    backup(&mut *driver, None).expect("works");
    backup_by_page(&mut *driver, Some("protected")).expect("by the page, which can protect it");
    assert_eq!(makers(&bench), ["api", "page"]);
    assert!(driver.client_counts().expect("no error").is_none());
    assert_eq!(bench.lab.state()["api"]["calls"]["/api/command.ns"], 2);
}

#[test]
fn a_refused_account_is_tried_once_and_never_shown() {
    for (level, refusals) in [(ApiLevel::Full, 1), (ApiLevel::Legacy, 1)] {
        let bench = Driven::start(|options| options.api = level);
        let wrong = bench.private("wrong", "not-the-secret\n");
        match level {
            ApiLevel::Legacy => bench.ready(&["--api-user", "admin", "--api-password-file", &wrong]),
            _ => bench.ready(&["--api-client-id", "lab-api-client", "--api-secret-file", &wrong]),
        }
        let mut driver = bench.driver();
        for _ in 0..2 {
            assert!(driver.health().expect("no error").is_none());
        }
        backup_by_page(&mut *driver, None).expect("by the page");
        assert_eq!(bench.lab.state()["api"]["refused"], refusals);
        let notices = driver.notices().concat();
        assert!(notices.contains("refused the account") && !notices.contains("not-the-secret"), "{notices}");
        let said = bench.inside(&["probe", "hq"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(!(said.out + &said.err).contains("not-the-secret"));
    }
}

#[test]
fn an_appliance_s_clock_is_read_from_the_api_where_the_page_hides_it() {
    let bench = Driven::start(|_| {});
    bench.ready_with_api(&[]);
    std::fs::create_dir(bench.path("home/inside/profiles")).expect("made");
    let nowhere = "[controls.\"status.clock\"]\nen = [\"Nowhere\"]\npt = [\"Em lugar nenhum\"]\n";
    bench.private("home/inside/profiles/hq.toml", nowhere);
    bench.edit_inventory("driver = \"bomgar\"", "driver = \"bomgar\"\nprofile = \"profiles/hq.toml\"");
    let clock = bench.driver().status().expect("reads").clock.expect("by the API");
    assert!(clock.secs_since(Timestamp::now()).abs() < 10);
}

fn line<'a>(said: &'a Said, begins: &str) -> &'a str {
    said.out
        .lines()
        .find(|line| line.trim_start().starts_with(begins))
        .unwrap_or_else(|| panic!("no {begins}: {}", said.out))
}

#[test]
fn probe_lists_what_the_api_offers() {
    for language in [PageLanguage::English, PageLanguage::Portuguese] {
        let bench = Driven::start(|options| options.language = language);
        bench.ready_with_api(&[]);
        let said = bench.inside(&["probe", "hq"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(line(&said, "backup:"), "backup: automatic, by the API; the page is for when that fails");
        assert!(line(&said, "API 1.19.0").contains("UTC"));
        assert_eq!(line(&said, "granted    perm_backup").trim(), "granted    perm_backup: 1");
        for step in ["backup", "health", "connected clients", "Jump Clients' updates"] {
            assert!(said.out.contains(&format!("  by API     {step}\n")), "{step}: {}", said.out);
        }
        assert_eq!(bench.lab.state()["backups"].as_array().map(Vec::len), Some(0), "nothing was pressed");
        let told = bench.inside(&["probe", "hq", "--json"], "").json();
        let api = told.iter().find(|event| event["event"] == "api").expect("told");
        assert_eq!(api["permissions"]["perm_command"], "full_access");
    }
    let bench = Driven::with_faults(&[Fault::ApiForbidden]);
    bench.ready_with_api(&[]);
    let said = bench.inside(&["probe", "hq"], "");
    assert_eq!(line(&said, "backup:"), "backup: automatic");
    assert!(
        line(&said, "not by API backup").contains("permission") || said.out.contains("tells nothing"),
        "{}",
        said.out
    );
}

#[test]
fn an_api_secret_is_found_where_the_inventory_says() {
    let bench = Driven::start(|options| options.client_update = Duration::ZERO);
    bench.ready(&["--api-client-id", "lab-api-client", "--api-secret-env", "LAB_API_SECRET"]);
    assert!(bench.inventory().contains("api_secret_env = \"LAB_API_SECRET\""), "{}", bench.inventory());
    assert!(bench.inside(&["probe", "hq"], "").out.contains("  by API     health\n"));
    bench.edit_inventory("api_secret_env = \"LAB_API_SECRET\"", "");
    let said = bench.inside(&["probe", "hq"], &format!("{}\n", handcarry::testing::lab::API_SECRET));
    assert!(said.err.contains("password of API account lab-api-client on https://localhost"), "{}", said.err);
    bench.edit_inventory("api_client_id = \"lab-api-client\"", "api_client_id = \"lab-api-client\"\napi_user = \"x\"");
    assert_eq!(bench.inside(&["probe", "hq"], "").code, 3);
    bench.edit_inventory("api_client_id = \"lab-api-client\"\napi_user = \"x\"", "api_secret_file = \"f\"");
    let said = bench.inside(&["probe", "hq"], "");
    assert!(said.err.contains("api secret without api_client_id or api_user"), "{}", said.err);
}
