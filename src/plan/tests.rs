//! Rules of the plan, by example and by property.

use super::*;
use crate::model::{
    ApplianceId, Consignment, FileName, Id, Installed, Offer, Package, PackageKind, Requirement, Sha256Digest, Source,
    Status, Timestamp, Version,
};

pub(super) fn v(text: &str) -> Version {
    Version::parse(text).expect("a version")
}

pub(super) fn now() -> Timestamp {
    Timestamp::parse("2026-03-04T22:00:00Z").expect("a time")
}

pub(super) fn package(kind: PackageKind, version: &str, requires: &[(PackageKind, &str)]) -> Package {
    let name = format!("{kind} {version}");
    Package {
        file: FileName::from_foreign(&format!("{kind}-{version}.nss")),
        sha256: Sha256Digest::of(name.as_bytes()),
        name,
        kind,
        version: v(version),
        requires: requires.iter().map(|(kind, version)| Requirement { kind: *kind, version: v(version) }).collect(),
        size_bytes: 1,
        chunks: vec![Sha256Digest::of(b"")],
        eula: None,
        notes: None,
        source: Source::Imported { path: "x".into(), by: "y".into(), at: now(), compared: false }.into(),
    }
}

pub(super) fn consignment(packages: Vec<Package>) -> Consignment {
    Consignment {
        bundle: Id::from_hex("000102030405060708090a0b0c0d0e0f").expect("an id"),
        sequence: 1,
        appliance: appliance(),
        request: None,
        created: now(),
        packages,
    }
}

fn appliance() -> ApplianceId {
    ApplianceId { serial: "S1".into(), model: "B200".into(), host: "support.example.com".into() }
}

pub(super) fn status(base: &str, site: &str) -> Status {
    Status {
        appliance: appliance(),
        base_version: Version::parse(base),
        site_version: Version::parse(site),
        site_build: None,
        clock: Some(now()),
        installed: None,
        offered: None,
        no_site: false,
        typed: false,
    }
}

pub(super) fn past(kind: PackageKind, version: &str, secs_ago: i64) -> PastInstall {
    let package = package(kind, version, &[]);
    PastInstall {
        key: package.key(),
        name: package.name,
        kind,
        version: package.version,
        at: now().plus_secs(-secs_ago),
        elsewhere: false,
        served: None,
        appliance_clock: Some(now().plus_secs(-secs_ago)),
        took_secs: None,
        evidence: Vec::new(),
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

use PackageKind::{Base, License, Site};

pub(super) fn chain() -> Consignment {
    consignment(vec![
        package(Base, "3.5.0", &[(Base, "3.4.0")]),
        package(Base, "3.4.0", &[(Base, "3.3.2")]),
        package(Site, "11.1.1", &[(Site, "10.6.2"), (Base, "3.5.0")]),
        package(Site, "10.6.2", &[(Base, "3.4.0")]),
        package(License, "25", &[]),
    ])
}

#[test]
fn a_chain_several_versions_behind_gets_its_waits() {
    let status = status("3.3.2", "10.5.3");
    let history = History::default();
    let plan = make(&chain(), &Facts { status: &status, now: now(), history: &history }, &SitePolicy::default());
    let plan = plan.expect("a plan");
    assert_eq!(
        ids(&plan),
        [
            "check",
            "backup-1",
            "install-base-3.4.0.nss",
            "install-site-10.6.2.nss",
            "soak-1",
            "backup-2",
            "install-base-3.5.0.nss",
            "install-site-11.1.1.nss",
            "install-license-25.nss",
        ]
    );
    assert!(plan.earliest_end.secs_since(now()) >= 24 * 3600 + 5 * 900);
    assert!(plan.steps.windows(2).all(|pair| pair[0].not_before <= pair[1].not_before));
}

#[test]
fn what_the_appliance_greys_out_orders_and_refuses_like_the_manifest() {
    let offer = |title: &str, locked: Option<&str>| Offer { title: title.into(), locked: locked.map(str::to_owned) };
    let mut status = status("3.3.2", "10.5.3");
    let locks = |why: &str| Some(vec![offer("base 3.4.0", None), offer("site 10.6.2", Some(why))]);
    status.offered = locks("Requires: Base 3.4.0");
    let history = History::default();
    let bundle = consignment(vec![package(Site, "10.6.2", &[]), package(Base, "3.4.0", &[])]);
    let facts = Facts { status: &status, now: now(), history: &history };
    let plan = make(&bundle, &facts, &SitePolicy::default()).expect("a plan");
    assert_eq!(ids(&plan), ["check", "backup-1", "install-base-3.4.0.nss", "install-site-10.6.2.nss"]);
    let reason = &plan.steps[3].why;
    assert!(reason.starts_with("after base 3.4.0: ") && reason.ends_with("saying: Requires: Base 3.4.0"), "{reason}");

    let alone = consignment(vec![package(Site, "10.6.2", &[])]);
    let missing = make(&alone, &facts, &SitePolicy::default()).expect_err("refused");
    assert!(matches!(&missing, PlanError::Missing(list) if list[0].requirement.to_string() == "base 3.4.0"));

    status.offered = locks("");
    let facts = Facts { status: &status, now: now(), history: &history };
    let silent = make(&alone, &facts, &SitePolicy::default()).expect("the appliance will say");
    assert!(silent.steps[2].why.ends_with("greyed out on the appliance's page now, without a reason"));
}

#[test]
fn what_is_installed_is_skipped_with_the_reason() {
    let mut status = status("3.4.0", "10.6.2");
    status.installed = Some(vec![Installed::of_title("License 25")]);
    let history = History { installs: vec![past(Site, "10.6.2", 3600)], ..History::default() };
    let facts = Facts { status: &status, now: now(), history: &history };
    let plan = make(&chain(), &facts, &SitePolicy::default()).expect("a plan");
    assert_eq!(ids(&plan), ["check", "soak-1", "backup-1", "install-base-3.5.0.nss", "install-site-11.1.1.nss"]);
    assert_eq!(plan.skipped.len(), 3);
    assert!(plan.skipped[0].why.contains("base 3.4.0"));
    let Op::Soak { remaining_secs, .. } = &plan.steps[1].op else { panic!("a soak") };
    assert_eq!(*remaining_secs, Some(23 * 3600));
}

#[test]
fn a_missing_prerequisite_is_named() {
    let status = status("3.3.2", "10.5.3");
    let history = History::default();
    let facts = Facts { status: &status, now: now(), history: &history };
    let lonely = consignment(vec![package(Site, "11.1.1", &[(Site, "10.6.2"), (Base, "3.4.0")])]);
    let error = make(&lonely, &facts, &SitePolicy::default()).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "site 11.1.1 needs site 10.6.2, which the bundle does not carry (the appliance has site 10.5.3); \
         site 11.1.1 needs base 3.4.0, which the bundle does not carry (the appliance has base 3.3.2)"
    );
}

#[test]
fn circles_and_twins_are_refused() {
    let status = status("1", "1");
    let history = History::default();
    let facts = Facts { status: &status, now: now(), history: &history };
    let circle = consignment(vec![package(Base, "2", &[(Site, "2")]), package(Site, "2", &[(Base, "2")])]);
    assert!(matches!(make(&circle, &facts, &SitePolicy::default()), Err(PlanError::Cycle { .. })));
    let mut twins = consignment(vec![package(Base, "2", &[]), package(Base, "2.0", &[])]);
    twins.packages[1].sha256 = Sha256Digest::of(b"other");
    assert!(matches!(make(&twins, &facts, &SitePolicy::default()), Err(PlanError::Twins { .. })));
}

#[test]
fn what_cannot_be_read_is_asked_and_what_is_gone_is_said() {
    let status = status("", "");
    let history = History { installs: vec![past(Base, "3.4.0", 90)], ..History::default() };
    let facts = Facts { status: &status, now: now(), history: &history };
    let consignment =
        consignment(vec![package(Base, "3.4.0", &[]), package(Site, "10.6.2", &[(Base, "3.4.0"), (Site, "10.5.3")])]);
    let plan = make(&consignment, &facts, &SitePolicy::default()).expect("a plan");
    assert_eq!(plan.skipped.len(), 1, "the journal speaks where the appliance is silent");
    let Op::Install { unsure, .. } = &plan.steps[2].op else { panic!("an install") };
    assert_eq!(unsure, &[Requirement { kind: Site, version: v("10.5.3") }]);

    let mut back = status.clone();
    back.base_version = Some(v("3.3.2"));
    back.site_version = Some(v("10.5.3"));
    let plan = make(&consignment, &Facts { status: &back, ..facts }, &SitePolicy::default()).expect("a plan");
    let Op::Install { again, .. } = &plan.steps[2].op else { panic!("an install") };
    assert!(again.is_some(), "a restored snapshot is said, not passed over");
}

#[test]
fn clients_removed_first_leave_nothing_to_wait_for_in_their_bundle_only() {
    let status = status("3.3.2", "10.5.3");
    let removal = ClientRemoval { bundle: chain().bundle, reason: "no client is left".to_owned() };
    let mut history =
        History { installs: vec![past(Site, "10.5.3", 3600)], removals: vec![removal], ..History::default() };
    let steps = |history: &History| {
        let facts = Facts { status: &status, now: now(), history };
        let plan = make(&chain(), &facts, &SitePolicy::default()).expect("a plan");
        let soaks = plan.steps.iter().filter(|step| matches!(step.op, Op::Soak { .. })).count();
        (soaks, plan.procedure.install().and_then(|install| install.clients_removed.clone()))
    };
    assert_eq!(steps(&history), (0, Some("no client is left".to_owned())), "nor for a site package before it");
    history.removals[0].bundle = Id::from_hex("ff0102030405060708090a0b0c0d0e0f").expect("an id");
    assert_eq!(steps(&history), (2, None), "another bundle's word counts for nothing here");
}

#[test]
fn one_clock_set_forward_ends_no_soak() {
    let site = past(Site, "10.6.2", 3600);
    let policy = SitePolicy::default();
    let far = now().plus_secs(30 * 3600);
    assert_eq!(soak_remaining(&policy, &site, now(), Some(far)), 23 * 3600);
    assert_eq!(soak_remaining(&policy, &site, far, Some(now())), 23 * 3600);
    assert_eq!(soak_remaining(&policy, &site, far, Some(far)), 0);
    let own = SitePolicy { clock: ClockRule::Appliance, ..policy.clone() };
    assert_eq!(soak_remaining(&own, &site, now(), Some(far)), 0);
    assert_eq!(soak_remaining(&own, &site, far, Some(now())), 23 * 3600);
    assert_eq!(soak_remaining(&own, &site, now(), None), 23 * 3600);
    assert_eq!(
        soak_remaining(&policy, &site, now().plus_secs(-7200), None),
        25 * 3600,
        "a clock set back waits longer"
    );
}

#[test]
fn a_fresh_backup_of_this_version_is_enough() {
    let status = status("3.3.2", "10.5.3");
    let backup = |secs_ago: i64| {
        Some(PastBackup { at: now().plus_secs(-secs_ago), sha256: None, protected: None, history: true })
    };
    let consignment = consignment(vec![package(License, "25", &[])]);
    for (secs_ago, site_ago, made) in
        [(60, None, false), (13 * 3600, None, true), (60, Some(30), true), (-60, None, false), (-301, None, true)]
    {
        let installs = site_ago.map(|ago| past(Site, "10.5.3", ago)).into_iter().collect();
        let history = History { installs, backup: backup(secs_ago), ..History::default() };
        let facts = Facts { status: &status, now: now(), history: &history };
        let plan = make(&consignment, &facts, &SitePolicy::default()).expect("a plan");
        assert_eq!(ids(&plan).contains(&"backup-1"), made, "{secs_ago} {site_ago:?}");
    }
}

#[test]
fn a_plan_is_cut_before_what_cannot_be_used() {
    let policy = SitePolicy::default();
    let status = status("3.3.2", "10.5.3");
    let facts = Facts { status: &status, now: now(), history: &History::default() };
    let all = make(&chain(), &facts, &policy).expect("a plan");
    assert_eq!(cut(all.clone(), &[], &policy), Ok(Cut { plan: all.clone(), before: None }));

    let file = |name: &str| FileName::from_foreign(name);
    let partly = cut(all.clone(), &[file("site-11.1.1.nss")], &policy).expect("a plan");
    assert_eq!(partly.before.expect("stops").file, file("site-11.1.1.nss"));
    let last = ids(&partly.plan).pop().expect("a step");
    assert_eq!(last, "install-site-10.6.2.nss", "no wait, and no base package without what it is for");
    assert!(partly.plan.latest_end < all.latest_end, "its times are its own");

    let every = chain().packages.into_iter().map(|package| package.file).collect::<Vec<_>>();
    let none = cut(all, &every, &policy).expect("a plan");
    assert!(none.plan.steps.is_empty() && none.before.is_some(), "not even a backup");
}

pub(super) fn windows(written: &str) -> Option<Windows> {
    Some(Windows::parse("UTC", &[written.to_owned()]).expect("a window"))
}

#[test]
fn installs_wait_for_a_window_and_their_backup_goes_just_before() {
    let status = status("3.3.2", "10.5.3");
    let history = History::default();
    let facts = Facts { status: &status, now: now(), history: &history };
    // `now` is Wednesday, 22:00.
    let policy = SitePolicy { windows: windows("thu 01:00-03:30"), ..SitePolicy::default() };
    let plan = make(&chain(), &facts, &policy).expect("a plan");
    let begins = |id: &str| {
        let step = plan.steps.iter().find(|step| step.id == id).expect(id);
        (step.not_before.human(), step.window.as_ref().map(|open| open.local.as_str()))
    };
    let thursday = Some("Thu 2026-03-05 01:00 to 03:30 UTC");
    assert_eq!(begins("check"), ("2026-03-04 22:00 UTC".to_owned(), None));
    assert_eq!(begins("backup-1"), ("2026-03-05 00:45 UTC".to_owned(), thursday));
    assert_eq!(begins("install-base-3.4.0.nss"), ("2026-03-05 01:00 UTC".to_owned(), thursday));
    assert_eq!(begins("install-site-10.6.2.nss"), ("2026-03-05 01:15 UTC".to_owned(), thursday));
    let week_after = Some("Thu 2026-03-12 01:00 to 03:30 UTC");
    assert_eq!(begins("backup-2"), ("2026-03-12 00:45 UTC".to_owned(), week_after));
    assert_eq!(begins("install-site-11.1.1.nss"), ("2026-03-12 01:15 UTC".to_owned(), week_after));
    assert!(plan.latest_end > plan.earliest_end, "by the longest estimates it is done later");

    let short = SitePolicy { windows: windows("thu 01:00-01:45"), ..SitePolicy::default() };
    let none = make(&chain(), &facts, &short).expect_err("none is long enough");
    assert!(none.to_string().contains("it may take 60 min, and the longest is 45 min"), "{none}");
}

#[test]
fn estimates_learn_from_this_appliances_own_installs() {
    let took = |minutes: &[i64]| {
        let install = |m: &i64| PastInstall { took_secs: Some(m * 60), ..past(Site, "1", 90) };
        let history = History { installs: minutes.iter().map(install).collect(), ..History::default() };
        let learned = install_estimate(&history, Site);
        (learned.min_secs / 60, learned.max_secs / 60)
    };
    assert_eq!(took(&[]), (15, 60), "the guide's figures");
    assert_eq!(took(&[10]), (10, 60), "one short install may have been luck");
    assert_eq!(took(&[120]), (15, 180), "one long one is a warning");
    assert_eq!(took(&[20, 30]), (20, 45));
    assert_eq!(took(&[0, 1]), (0, 5), "never less than five minutes");
    let other =
        History { installs: vec![PastInstall { took_secs: Some(9000), ..past(Base, "1", 90) }], ..History::default() };
    assert_eq!(install_estimate(&other, Site), install_estimate(&History::default(), Site));
}

#[test]
fn a_site_version_that_is_carried_and_met_was_begun_elsewhere() {
    let met = |version: &str, secs_ago: i64| FirstMet {
        version: v(version),
        at: now().plus_secs(-secs_ago),
        appliance_clock: Some(now().plus_secs(-secs_ago)),
    };
    let history = |version: &str| History { met: Some(met(version, 60)), ..History::default() };
    let begun = |site: &str, met: &str| {
        begun_elsewhere(&PackageList::carried(&chain()), &status("3.5.0", site), &history(met)).is_some()
    };
    assert!(begun("10.6.2", "10.6.2") && begun("10.7.1", "10.7.1"), "it, or one after it");
    assert!(!begun("10.5.3", "10.5.3"), "what is carried is all newer");
    assert!(!begun("10.6.2", "10.5.3"), "it is not what the appliance was met with");

    // What is first met has no wait, and the plan says so for a day.
    let notes = |history: &History| {
        let status = status("3.4.0", "10.6.2");
        let bundle = consignment(vec![package(Site, "11.1.1", &[])]);
        let plan =
            make(&bundle, &Facts { status: &status, now: now(), history }, &SitePolicy::default()).expect("a plan");
        assert!(plan.steps.iter().all(|step| !matches!(step.op, Op::Soak { .. })));
        plan.notes
    };
    let young = notes(&history("10.6.2"));
    assert!(young[0].starts_with("site 10.6.2 was there when this appliance was first met"), "{young:?}");
    assert!(notes(&History { met: Some(met("10.6.2", 24 * 3600)), ..History::default() }).is_empty());
    assert!(notes(&History::default()).is_empty());
}

#[test]
fn what_was_installed_elsewhere_waits_from_when_it_was_first_seen_and_the_step_says_so() {
    let status = status("3.4.0", "10.6.2");
    let elsewhere = PastInstall { elsewhere: true, ..past(Site, "10.6.2", 3600) };
    let history = History { installs: vec![elsewhere], ..History::default() };
    let bundle = consignment(vec![package(Site, "11.1.1", &[])]);
    let plan = make(&bundle, &Facts { status: &status, now: now(), history: &history }, &SitePolicy::default());
    let plan = plan.expect("a plan");
    assert_eq!(ids(&plan)[1], "soak-1");
    assert_eq!(plan.steps[1].cost.min_secs, 23 * 3600);
    assert!(plan.steps[1].why.contains("was not installed from here"), "{}", plan.steps[1].why);
}

#[test]
fn clients_are_compared_with_the_clock_that_counts() {
    let install = |ahead: Option<i64>| PastInstall {
        appliance_clock: ahead.map(|secs| now().plus_secs(secs)),
        ..past(Site, "10.6.2", 0)
    };
    let own = SitePolicy { clock: ClockRule::Appliance, ..SitePolicy::default() };
    for (policy, ahead, later_than, by_it) in [
        (&own, Some(25 * 3600), 25 * 3600, true),
        (&own, Some(-3600), -3600, true),
        (&own, None, 0, false),
        (&SitePolicy::default(), Some(200), 200, false),
        (&SitePolicy::default(), Some(-200), 0, false),
    ] {
        assert_eq!(clients_later_than(policy, &install(ahead)), (now().plus_secs(later_than), by_it));
    }
}

#[test]
fn a_combined_package_is_skipped_where_both_its_parts_are_there() {
    let both = Package { name: "Bomgar 10.6.2 + Base 3.5.0".to_owned(), ..package(PackageKind::Site, "10.6.2", &[]) };
    let list = PackageList::carried(&consignment(vec![both]));
    let skipped = |base: &str| {
        let (status, history) = (status(base, "10.6.2"), History::default());
        let facts = Facts { status: &status, now: now(), history: &history };
        make_of(&list, &facts, &SitePolicy::default()).expect("a plan").skipped.len()
    };
    assert_eq!((skipped("3.5.0"), skipped("3.4.0")), (1, 0));
}
