//! The driver's own steps: backup, upload, agreement, and watching an install.

use crate::inside_driver::driven::{Driven, wait_for};
use handcarry::testing::driver::{
    Appliance, ApplianceRefusal, BackupOptions, Did, DriverError, NotTaken, Observation, Uploaded,
};
use handcarry::testing::lab::{Fault, PageLanguage, control};
use handcarry::testing::model::{Exit, Explain, Secret, Version};
use std::time::Duration;

fn backup(driver: &mut dyn Appliance, password: Option<&str>) -> Result<Did<Vec<u8>>, DriverError> {
    let password = password.map(|text| Secret::new(text.to_owned()));
    let options = BackupOptions { password: password.as_ref(), include_history: password.is_some() };
    let mut bytes = Vec::new();
    Ok(match driver.backup(&options, &mut bytes, &())? {
        Did::Done(made) => {
            assert_eq!((made.size_bytes, made.history), (bytes.len() as u64, options.include_history));
            Did::Done(bytes)
        }
        Did::ByHand(guide) => Did::ByHand(guide),
    })
}

#[test]
fn a_backup_is_streamed_in_both_languages() {
    for language in [PageLanguage::English, PageLanguage::Portuguese] {
        let bench = Driven::start(|options| options.language = language);
        bench.ready(&[]);
        let mut driver = bench.driver();
        for password in [None, Some("a backup's own")] {
            let Did::Done(bytes) = backup(&mut *driver, password).expect("works") else { panic!("by hand") };
            assert!(!bytes.is_empty());
        }
        let made = bench.lab.state()["backups"].clone();
        assert_eq!(made.as_array().map(Vec::len), Some(2), "{made}");
    }
}

#[test]
fn a_page_instead_of_a_backup_is_an_error_with_its_message() {
    let bench = Driven::with_faults(&[Fault::BackupFails]);
    bench.ready(&[]);
    let error = backup(&mut *bench.driver(), None).expect_err("fails");
    assert!(matches!(error, DriverError::Refused { what: ApplianceRefusal::Backup, .. }), "{error}");
    assert_eq!(error.exit(), Exit::BackupFailed);
    assert!(error.to_string().contains("backup could not be"), "{error}");
}

#[test]
fn a_session_that_ends_on_the_way_to_a_backup_costs_a_login_and_no_more() {
    for request in ["GET /login/management/software", "POST /login/management/software/backup"] {
        let bench = Driven::start(|_| {});
        bench.ready(&[]);
        let aim = control::Aim { at: Some(request), ..control::Aim::default() };
        control::fault_on(bench.lab.dir(), Fault::SessionEnds, true, &aim).expect("set");
        assert!(matches!(backup(&mut *bench.driver(), None), Ok(Did::Done(_))), "{request}");
        let state = bench.lab.state();
        assert_eq!(state["struck"][0]["request"], request);
        assert_eq!((&state["logins"], state["backups"].as_array().map(Vec::len)), (&2.into(), Some(1)), "{request}");
    }
}

/// So long that a busy machine sees it going on.
const SEEN_INSTALLING: Duration = Duration::from_secs(2);

/// Uploads, accepts what is asked, and watches until it is ready.
fn install(bench: &Driven, driver: &mut dyn Appliance, at: usize) -> Observation {
    let (bundle, package) = bench.bundle(at);
    let source = bundle.package(&package.file).expect("is in it");
    match driver.upload(&package, source, &(), &mut || Ok(())).expect("is taken") {
        Did::Done(Uploaded::Eula { text }) => {
            assert!(text.contains(&package.name) && text.lines().count() > 3, "{text}");
            for pressed in ["Accept", "Aceit", "Decline", "Recusar"] {
                assert!(!text.lines().any(|line| line.starts_with(pressed)), "{text}");
            }
            assert!(matches!(driver.accept_eula().expect("is taken"), Did::Done(())));
        }
        Did::Done(Uploaded::Installing) => {}
        Did::ByHand(guide) => panic!("by hand: {guide:?}"),
    }
    let mut seen = Vec::new();
    let wanted = Some(package.version.clone());
    let last = wait_for("the new version", || match driver.observe().expect("is understood") {
        Observation::Ready(status) if status.base_version == wanted => Some(Observation::Ready(status)),
        Observation::Ready(_) => None,
        failed @ Observation::Failed { .. } => Some(failed),
        between => {
            seen.push(between);
            None
        }
    });
    assert!(
        seen.iter().any(|s| matches!(s, Observation::Installing { percent: Some(_), .. })),
        "it was seen installing: {seen:?}"
    );
    last
}

#[test]
fn a_package_is_installed_through_agreement_and_restart() {
    for language in [PageLanguage::English, PageLanguage::Portuguese] {
        let bench = Driven::start(|options| (options.language, options.install) = (language, SEEN_INSTALLING));
        bench.ready(&[]);
        let mut driver = bench.driver();
        assert_eq!(driver.status().expect("reads").base_version, Version::parse("3.3.2"));
        let Observation::Ready(status) = install(&bench, &mut *driver, 0) else { panic!("failed") };
        assert_eq!(status.base_version, Version::parse("3.4.0"));
        let installed = status.installed.expect("is listed");
        assert!(installed.iter().any(|package| package.name == "Base 3.4.0"), "{installed:?}");
        let uploads = bench.lab.state()["uploads"].clone();
        assert_eq!(uploads.as_array().map(Vec::len), Some(1), "{uploads}");
        assert_eq!(bench.lab.state()["failed_logins"], 0);
    }
}

#[test]
fn a_session_that_ends_while_the_agreement_is_read_costs_a_login_and_no_more() {
    let bench = Driven::start(|options| options.base = Version::parse("3.4.0").expect("a version"));
    bench.ready(&[]);
    let mut driver = bench.driver();
    let (bundle, package) = bench.bundle(1);
    let source = bundle.package(&package.file).expect("is in it");
    let answer = driver.upload(&package, source, &(), &mut || Ok(())).expect("is taken");
    assert!(matches!(answer, Did::Done(Uploaded::Eula { .. })), "{answer:?}");
    control::fault(bench.lab.dir(), Fault::SessionEnds, true).expect("set");
    assert!(matches!(driver.accept_eula(), Ok(Did::Done(()))));
    let installs = bench.lab.state()["installs"].clone();
    assert_eq!((installs.as_array().map(Vec::len), &installs[0]["title"]), (Some(1), &"Bomgar 10.6.2".into()));
}

#[test]
fn an_install_that_fails_is_seen_to_fail() {
    let bench = Driven::start(|options| {
        (options.faults, options.install) = (vec![Fault::BaseInstallFails], SEEN_INSTALLING);
    });
    bench.ready(&[]);
    let Observation::Failed { text, .. } = install(&bench, &mut *bench.driver(), 0) else { panic!("ready") };
    assert!(text.contains("Installation failed"), "{text}");
}

#[test]
fn a_refused_package_tells_why_and_is_not_sent_again() {
    let bench = Driven::with_faults(&[Fault::DiskFull]);
    bench.ready(&[]);
    let (bundle, package) = bench.bundle(0);
    let source = bundle.package(&package.file).expect("is in it");
    let error = bench.driver().upload(&package, source, &(), &mut || Ok(())).expect_err("no room");
    assert!(matches!(error, DriverError::NotTaken { why: NotTaken::NoRoom, .. }), "{error}");
    assert!(error.to_string().ends_with("There is not enough free disk space on the appliance for this package."));
    assert_eq!(bench.lab.state()["uploads"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_button_that_is_not_known_is_not_pressed() {
    for fault in [Fault::ByHandUpload, Fault::DuplicateButton] {
        let bench = Driven::with_faults(&[fault]);
        bench.ready(&["--pages", "en"]);
        let (bundle, package) = bench.bundle(0);
        let source = bundle.package(&package.file).expect("is in it");
        let answer = bench.driver().upload(&package, source, &(), &mut || Ok(())).expect("is no error");
        let Did::ByHand(guide) = answer else { panic!("{answer:?}") };
        assert_eq!(guide.menu_path, "/appliance > Updates");
        assert!(guide.instructions.iter().any(|line| line.contains("base-3.4.0.nss")), "{guide:?}");
        assert!(guide.because.contains("Update Software"), "{guide:?}");
        assert_eq!(bench.lab.state()["uploads"].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn a_cut_upload_is_an_error_of_the_network() {
    let bench = Driven::with_faults(&[Fault::UploadCut]);
    bench.ready(&[]);
    let (bundle, package) = bench.bundle(0);
    let source = bundle.package(&package.file).expect("is in it");
    let error = bench.driver().upload(&package, source, &(), &mut || Ok(())).expect_err("cut");
    assert_eq!(error.exit(), Exit::Unreachable, "{error}");
}

#[test]
fn an_appliance_that_is_gone_is_down() {
    let mut bench = Driven::start(|_| {});
    bench.ready(&[]);
    let mut driver = bench.driver();
    assert!(matches!(driver.observe().expect("reads"), Observation::Ready(_)));
    bench.lab.die();
    assert_eq!(driver.observe().expect("no answer is an answer"), Observation::Down);
}
