//! Each named fault does what its name says, and no more.

use super::catalogue;
use crate::lab::browsed::Browsed;
use handcarry::testing::lab::{self, Fault, control};

fn base_file(bench: &Browsed) -> std::path::PathBuf {
    bench.file("base.nss", &lab::package_bytes(&catalogue()[0]))
}

#[test]
fn cut_breaks_one_download_that_can_be_resumed() {
    let bench = Browsed::with_faults(&[Fault::DownloadCut]);
    let vendor = bench.vendor();
    vendor.exchange(&bench.keeper().key());
    let path = "/download/1/Bomgar-10.6.2.nss";
    let cut = vendor.get(path);
    assert!(cut.curl_failed && !cut.body.is_empty());
    let rest = vendor.run(path, &["--range", &format!("{}-", cut.body.len())]);
    assert!(!rest.curl_failed);
    assert_eq!([cut.body, rest.body].concat(), lab::package_bytes(&catalogue()[1]));
    assert_eq!(vendor.get(path).status, 410);
}

#[test]
fn cut_breaks_one_upload() {
    let bench = Browsed::with_faults(&[Fault::UploadCut]);
    let (keeper, file) = (bench.keeper(), base_file(&bench));
    let cut = keeper.upload(&file);
    assert!(cut.curl_failed && cut.status == 0);
    assert!(keeper.upload(&file).has("Installing"));
    assert_eq!(bench.state()["uploads"].as_array().map(Vec::len), Some(1));
}

#[test]
fn stall_falls_silent_once() {
    let bench = Browsed::with_faults(&[Fault::DownloadStalls]);
    let vendor = bench.vendor();
    vendor.exchange(&bench.keeper().key());
    let stalled = vendor.run("/download/0/x", &["--speed-limit", "1", "--speed-time", "1"]);
    assert!(stalled.curl_failed && stalled.body.len() > 100_000);
    assert!(!vendor.get("/download/0/x").curl_failed);

    bench.arm(Fault::UploadStalls);
    let (keeper, file) = (bench.keeper(), base_file(&bench));
    let page = keeper.get("/appliance/updates");
    let action = "/appliance/updates/manual";
    let (token, part) = (format!("form_token={}", page.token(action)), format!("package=@{}", file.display()));
    assert!(keeper.run(action, &["--form", &token, "--form", &part, "--max-time", "2"]).curl_failed);
    assert!(keeper.upload(&file).has("Installing"));
}

#[test]
fn no_range_serves_whole_files_only() {
    let bench = Browsed::with_faults(&[Fault::NoRange]);
    let vendor = bench.vendor();
    vendor.exchange(&bench.keeper().key());
    let answer = vendor.run("/download/0/x", &["--range", "10-19"]);
    assert_eq!((answer.status, answer.header("accept-ranges")), (200, None));
}

#[test]
fn spent_code_refuses_every_code() {
    let bench = Browsed::with_faults(&[Fault::SpentCode]);
    assert!(bench.vendor().exchange(&bench.keeper().key()).has("already been used"));
}

#[test]
fn disk_full_refuses_an_upload() {
    let bench = Browsed::with_faults(&[Fault::DiskFull]);
    assert!(bench.keeper().upload(&base_file(&bench)).has("not enough free disk space"));
    control::fault(bench.dir(), Fault::DiskFull, false).expect("cleared");
    assert!(bench.keeper().upload(&base_file(&bench)).has("Installing"));
}

#[test]
fn clock_skew_shows_and_makes_no_key_until_ntp_is_set() {
    let bench = Browsed::with_faults(&[Fault::ClockSkew]);
    let keeper = bench.keeper();
    assert!(keeper.get("/appliance/updates/key").has("system time is incorrect"));
    let state = bench.state();
    let at =
        |name: &str| handcarry::testing::model::Timestamp::parse(state[name].as_str().expect("text")).expect("a time");
    assert_eq!(at("clock").secs_since(at("appliance_clock")), 20 * 60);
    let page = keeper.get("/appliance/networking/ip");
    keeper.post(&page, "/appliance/networking/ip", &[("ntp", "ntp.example.com")]);
    assert!(keeper.get("/appliance/updates/key").has("readonly"));
}

#[test]
fn installs_fail_lie_or_hang_by_name() {
    let bench = Browsed::with_faults(&[Fault::BaseInstallFails]);
    let (keeper, file) = (bench.keeper(), base_file(&bench));
    let outcome = |at: usize| bench.state()["installs"][at]["outcome"].as_str().map(str::to_owned);
    assert!(keeper.upload(&file).has("Installing"));
    bench.wait_until("the install fails", || outcome(0).as_deref() == Some("failed"));
    let failed = keeper.get("/appliance/updates/progress");
    assert!(failed.has("Installation failed") && failed.has("Do not restart the appliance"));
    assert!(keeper.get("/appliance/updates").has("Installation failed"));

    bench.arm(Fault::InstallFails);
    keeper.upload(&file);
    bench.wait_until("the install fails", || outcome(1).as_deref() == Some("failed"));

    bench.arm(Fault::InstallHangs);
    keeper.upload(&file);
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert!(keeper.get("/appliance/updates").has("Installing Base 3.4.0: 42 %"));
    control::fault(bench.dir(), Fault::InstallHangs, false).expect("cleared");
    bench.wait_for_restart();
    assert_eq!(bench.state()["base"], "3.4.0");
}

#[test]
fn a_lie_ends_well_and_changes_nothing() {
    let bench = Browsed::with_faults(&[Fault::InstallVanishes]);
    assert!(bench.keeper().upload(&base_file(&bench)).has("Installing"));
    bench.wait_for_restart();
    assert!(bench.keeper().get("/appliance/status/basics").has("Base Software Version</th><td>3.3.2<"));
}

#[test]
fn pages_lose_or_double_their_controls() {
    let bench = Browsed::with_faults(&[Fault::NoKeyLink, Fault::ByHandUpload]);
    let page = bench.keeper().get("/appliance/updates");
    assert!(!page.has("Appliance Download Key") && !page.has("Update Software") && page.has(">Proceed<"));
    let bench = Browsed::with_faults(&[Fault::DuplicateButton]);
    assert_eq!(bench.keeper().get("/appliance/updates").text().matches(">Update Software<").count(), 2);
}

#[test]
fn sessions_expire_after_a_few_requests() {
    let bench = Browsed::with_faults(&[Fault::SessionExpires]);
    let keeper = bench.keeper();
    let held = (0..10).take_while(|_| !keeper.get("/appliance/updates").has("session has expired")).count();
    assert_eq!(held, 5, "the page after the login was the first of six");
}

#[test]
fn the_agreement_can_change_and_a_backup_can_fail() {
    let bench = Browsed::start(|options| {
        options.base = handcarry::testing::model::Version::parse("3.4.0").expect("valid");
        options.faults = vec![Fault::EulaChanged, Fault::BackupFails];
    });
    let site = bench.file("site.nss", &lab::package_bytes(&catalogue()[1]));
    assert!(bench.keeper().upload(&site).has("was not here before"));
    let manager = bench.manager();
    let (path, action) = ("/login/management/software", "/login/management/software/backup");
    assert!(manager.post(&manager.get(path), action, &[]).has("could not be created"));
    assert!(manager.post(&manager.get(path), action, &[]).header("content-disposition").is_some());
}
