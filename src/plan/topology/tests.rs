//! Rules of a pair's plan, by example and by property.

use super::*;
use crate::model::{Consignment, Failover, FailoverRole, FileName, PackageKind, Status};
use crate::plan::tests::{consignment, now, package, status};
use crate::plan::{History, Op, PackageList, Plan, SitePolicy};
use proptest::prelude::*;

/// One appliance as a test puts it together.
struct Own {
    name: FileName,
    host: &'static str,
    status: Status,
    failover: Option<Failover>,
    consignment: Consignment,
}

fn own(name: &str, host: &'static str, role: FailoverRole, serial: &str) -> Own {
    let mut status = status("3.3.2", "10.5.3");
    status.appliance.serial = serial.to_owned();
    let packages = vec![
        package(PackageKind::Base, "3.4.0", &[(PackageKind::Base, "3.3.2")]),
        package(PackageKind::Site, "10.6.2", &[(PackageKind::Base, "3.4.0")]),
    ];
    let failover =
        Failover { role, shared_host: Some("support.example.com".to_owned()), last_sync: Some(now()), syncing: false };
    let name = FileName::parse(name).expect("a name");
    Own { name, host, status, failover: Some(failover), consignment: consignment(packages) }
}

fn two() -> (Own, Own) {
    let a = own("alpha", "10.0.0.1", FailoverRole::Primary, "S1");
    (a, own("beta", "10.0.0.2", FailoverRole::Backup, "S2"))
}

fn made(order: Order, a: &Own, b: &Own, done: &[String]) -> Result<Plan, TopologyError> {
    let (history, policy) = (History::default(), SitePolicy::default());
    let lists = [PackageList::carried(&a.consignment), PackageList::carried(&b.consignment)];
    let (a, b) = (part(a, &lists[0], &history, &policy), part(b, &lists[1], &history, &policy));
    pair(order, &PairFacts { a, b, now: now(), done, breaking: false, shared_ip: "192.0.2.10".parse().ok() })
}

fn part<'f>(own: &'f Own, list: &'f PackageList, history: &'f History, policy: &'f SitePolicy) -> PartFacts<'f> {
    PartFacts {
        name: &own.name,
        reached_by: own.host,
        status: &own.status,
        failover: own.failover.as_ref(),
        list,
        history,
        policy,
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn the_primary_goes_first_and_stays_so() {
    let (a, b) = two();
    let plan = made(Order::FailoverSync, &a, &b, &[]).expect("a plan");
    assert_eq!(
        ids(&plan),
        [
            "backup",
            "compare",
            "sync",
            "break",
            "install-a",
            "verify-a",
            "window-2",
            "install-b",
            "verify-b",
            "establish",
            "first-sync"
        ]
    );
    let step = |id: &str| plan.steps.iter().find(|step| step.id == id).expect("a step");
    assert_eq!((step("sync").on, step("backup").on, step("establish").on), (Part::B, Part::A, Part::A));
    assert_eq!(step("first-sync").on, Part::B, "the backup pulls");
    assert_eq!((step("install-a").window_number, step("install-b").window_number), (Some(1), Some(2)));
    assert_eq!(plan.procedure.topology(), Some(Topology::FailoverSync));
}

#[test]
fn what_an_id_says_of_a_step_is_so_in_every_order() {
    let (a, b) = two();
    for order in [Order::FailoverSync, Order::FailoverAsync(Switch::Dns)] {
        let plan = made(order, &a, &b, &[]).expect("a plan");
        assert!(plan.steps.iter().all(|step| part_of(&step.id).is_none_or(|part| part == step.on)));
        let binding: Vec<&str> = ids(&plan).into_iter().filter(|id| binds(id)).collect();
        assert_eq!(binding, ["break"]);
    }
}

#[test]
fn the_backup_goes_first_and_becomes_primary() {
    let (a, b) = two();
    let plan = made(Order::FailoverAsync(Switch::SharedIp), &a, &b, &[]).expect("a plan");
    assert_eq!(
        ids(&plan),
        [
            "backup",
            "compare",
            "sync",
            "break",
            "install-b",
            "verify-b",
            "session-data",
            "switch",
            "integration-client",
            "window-2",
            "install-a",
            "verify-a",
            "establish",
            "first-sync"
        ]
    );
    let step = |id: &str| plan.steps.iter().find(|step| step.id == id).expect("a step");
    assert_eq!((step("switch").on, step("establish").on, step("first-sync").on), (Part::B, Part::B, Part::A));
    assert_eq!(step("session-data").on, Part::A);
    assert!(matches!(step("verify-b").op, Op::Verify { hosts_file: true }));
    let upgrades: Vec<(Part, usize)> = plan.upgrades().map(|(part, own)| (part, own.installs().count())).collect();
    assert_eq!(upgrades, [(Part::B, 2), (Part::A, 2)]);
}

#[test]
fn the_address_of_clients_is_needed_where_they_are_led_elsewhere() {
    let (a, b) = two();
    let led = |order| {
        let plan = made(order, &a, &b, &[]).expect("a plan");
        [Part::A, Part::B].map(|part| plan.leads_clients_to(part))
    };
    assert_eq!(led(Order::FailoverSync), [false, true], "the backup is tested while all are led to the primary");
    assert_eq!(led(Order::FailoverAsync(Switch::SharedIp)), [true, true], "by hosts files, while each is tested");
    let mut plan = made(Order::FailoverAsync(Switch::Dns), &a, &b, &[]).expect("a plan");
    plan.steps.retain(|step| step.id == "switch");
    assert_eq!([Part::A, Part::B].map(|part| plan.leads_clients_to(part)), [false, true]);
}

#[test]
fn session_data_is_pulled_before_10_6_only_and_just_before_the_switch() {
    let of = |version: &str| {
        let (mut a, mut b) = two();
        for own in [&mut a, &mut b] {
            own.status.site_version = crate::model::Version::parse(version);
        }
        let plan = made(Order::FailoverAsync(Switch::Nat), &a, &b, &[]).expect("a plan");
        plan.steps.into_iter().map(|step| step.id).collect::<Vec<_>>()
    };
    for version in ["9.9", "10.5.3", "10.5.99"] {
        let ids = of(version);
        let at = ids.iter().position(|id| id == "session-data").unwrap_or_else(|| panic!("{version}: {ids:?}"));
        assert_eq!(ids[at + 1], "switch", "{version}");
    }
    for version in ["10.6", "10.6.0", "10.6.1"] {
        assert!(!of(version).contains(&"session-data".to_owned()), "{version}");
    }
}

/// What A installed `secs_ago`, and its clients may still be updating to.
fn recent(secs_ago: i64, served: Option<i64>) -> History {
    let site = package(PackageKind::Site, "10.5.3", &[]);
    let ago = |secs: i64| now().plus_secs(-secs);
    History {
        installs: vec![crate::plan::PastInstall {
            key: site.key(),
            name: site.name,
            kind: site.kind,
            version: site.version,
            at: ago(secs_ago),
            elsewhere: false,
            appliance_clock: None,
            served: served.map(|secs| crate::plan::Served { at: ago(secs), appliance_clock: None }),
            took_secs: None,
            evidence: Vec::new(),
        }],
        ..History::default()
    }
}

#[test]
fn clients_have_their_time_before_anything_changes_and_only_where_they_are() {
    let (a, b) = two();
    let (policy, none) = (SitePolicy::default(), History::default());
    let planned = |order: Order, history_a: &History, history_b: &History| {
        let lists = [PackageList::carried(&a.consignment), PackageList::carried(&b.consignment)];
        let (a, b) = (part(&a, &lists[0], history_a, &policy), part(&b, &lists[1], history_b, &policy));
        let facts = PairFacts { a, b, now: now(), done: &[], breaking: false, shared_ip: None };
        pair(order, &facts).expect("a plan")
    };
    for order in [Order::FailoverSync, Order::FailoverAsync(Switch::Dns)] {
        let topology = order.topology();
        let plan = planned(order, &recent(3600, None), &none);
        assert_eq!(ids(&plan)[..2], ["soak", "backup"], "{topology}: while the relationship stands");
        assert_eq!((plan.steps[0].on, plan.steps[0].cost.min_secs), (Part::A, 23 * 3600));
        // Days after the install, hours after clients were led there.
        let plan = planned(order, &recent(80 * 3600, Some(3600)), &none);
        assert_eq!(plan.steps[0].cost.min_secs, 23 * 3600, "{topology}");
        assert_eq!(ids(&planned(order, &recent(25 * 3600, None), &none))[0], "backup");
        // No client is at B.
        let plan = planned(order, &none, &recent(60, None));
        assert_eq!(ids(&plan)[0], "backup", "{topology}");
        assert_eq!(plan.earliest_end, planned(order, &none, &none).earliest_end, "{topology}: nobody waits for B");
    }
}

#[test]
fn a_chain_is_refused_asynchronously_and_waits_once_synchronously() {
    let (mut a, mut b) = two();
    for own in [&mut a, &mut b] {
        own.consignment.packages.push(package(PackageKind::Site, "11.1.1", &[(PackageKind::Site, "10.6.2")]));
    }
    let refused = made(Order::FailoverAsync(Switch::Dns), &a, &b, &[]).expect_err("refused");
    let TopologyError::Chain { name, past, first_trip } = refused else { panic!("{refused:?}") };
    assert_eq!((name.as_str(), past.len(), first_trip.len()), ("beta", 1, 2));
    let plan = made(Order::FailoverSync, &a, &b, &[]).expect("a plan");
    let soaks = |id: &str| {
        let step = plan.steps.iter().find(|step| step.id == id).expect("a step");
        let Op::Upgrade { plan } = &step.op else { panic!("{step:?}") };
        plan.steps.iter().filter(|step| step.id.starts_with("soak")).count()
    };
    assert_eq!((soaks("install-a"), soaks("install-b")), (1, 0));
}

#[test]
fn both_of_a_pair_take_the_same_time_until_a_journal_tells_otherwise() {
    let (a, b) = two();
    let (policy, none) = (SitePolicy::default(), History::default());
    let takes = |on_b: &History| {
        let lists = [PackageList::carried(&a.consignment), PackageList::carried(&b.consignment)];
        let (a, b) = (part(&a, &lists[0], &none, &policy), part(&b, &lists[1], on_b, &policy));
        let facts = PairFacts { a, b, now: now(), done: &[], breaking: false, shared_ip: None };
        let plan = pair(Order::FailoverSync, &facts).expect("a plan");
        ["install-a", "install-b"].map(|id| plan.steps.iter().find(|step| step.id == id).expect("a step").cost)
    };
    let [on_a, on_b] = takes(&none);
    assert_eq!(on_a, on_b);
    let mut slow = recent(90 * 3600, None);
    slow.installs[0].took_secs = Some(3 * 3600);
    let [on_a, on_b] = takes(&slow);
    assert!(on_b.max_secs > on_a.max_secs);
}

#[test]
fn clients_that_were_removed_first_are_waited_for_by_neither() {
    let (mut a, mut b) = two();
    let policy = SitePolicy::default();
    for own in [&mut a, &mut b] {
        own.consignment.packages.push(package(PackageKind::Site, "11.1.1", &[(PackageKind::Site, "10.6.2")]));
    }
    let removal =
        |own: &Own| crate::plan::ClientRemoval { bundle: own.consignment.bundle, reason: "all new".to_owned() };
    let planned = |removals: [Vec<crate::plan::ClientRemoval>; 2]| {
        let [on_a, on_b] = removals.map(|removals| History { removals, ..recent(3600, None) });
        let lists = [PackageList::carried(&a.consignment), PackageList::carried(&b.consignment)];
        let (a, b) = (part(&a, &lists[0], &on_a, &policy), part(&b, &lists[1], &on_b, &policy));
        let facts = PairFacts { a, b, now: now(), done: &[], breaking: false, shared_ip: None };
        pair(Order::FailoverAsync(Switch::Dns), &facts)
    };
    assert!(matches!(planned([Vec::new(), Vec::new()]), Err(TopologyError::Chain { .. })));
    let plan = planned([vec![removal(&a)], vec![removal(&b)]]).expect("a plan");
    assert_eq!(ids(&plan)[0], "backup", "no wait, and two site versions in one trip");
}

#[test]
fn neither_is_reached_by_what_the_two_share_in_whatever_spelling() {
    let refused = |shared: &str, host: &'static str| {
        let (mut a, mut b) = two();
        a.failover.as_mut().expect("shown").shared_host = Some(shared.to_owned());
        b.host = host;
        made(Order::FailoverAsync(Switch::SharedIp), &a, &b, &[]).err()
    };
    for host in ["support.example.com", "support.example.com.", "SUPPORT.Example.COM", "Support.example.com."] {
        let error = refused("support.example.com", host);
        assert!(matches!(error, Some(TopologyError::SharedName { part: Part::B, .. })), "{host}: {error:?}");
    }
    let error = refused("pão.example.com", "xn--po-sia.example.com");
    assert!(matches!(error, Some(TopologyError::SharedName { .. })), "{error:?}");
    for host in ["192.0.2.10", "::ffff:192.0.2.10"] {
        let error = refused("support.example.com", host);
        assert!(matches!(error, Some(TopologyError::SharedAddress { part: Part::B, .. })), "{host}: {error:?}");
    }
    for host in ["support-b.example.com", "192.0.2.1", "fd00::2"] {
        assert_eq!(refused("support.example.com", host), None, "{host}");
    }
}

#[test]
fn a_pair_that_is_none_or_the_wrong_way_round_is_refused() {
    let (a, mut b) = two();
    let refused = |a: &Own, b: &Own| made(Order::FailoverSync, a, b, &[]).expect_err("refused");
    assert!(matches!(refused(&b, &a), TopologyError::RoleUnexpected { swapped: true, .. }));
    b.failover.as_mut().expect("shown").role = FailoverRole::None;
    assert!(matches!(refused(&a, &b), TopologyError::RoleUnexpected { swapped: false, .. }));
    let (a, mut b) = two();
    b.status.appliance.serial = "S1".to_owned();
    assert!(matches!(refused(&a, &b), TopologyError::SameAppliance { .. }));
}

#[test]
fn a_pair_that_differs_or_would_is_refused() {
    let (a, mut b) = two();
    let refused = |a: &Own, b: &Own| made(Order::FailoverSync, a, b, &[]).expect_err("refused");
    b.status.site_build = Some("1".to_owned());
    let (mut a, _) = (a, ());
    a.status.site_build = Some("2".to_owned());
    assert!(matches!(refused(&a, &b), TopologyError::SoftwareDiffers { .. }));
    let (a, mut b) = two();
    b.consignment.packages.pop();
    assert!(matches!(refused(&a, &b), TopologyError::EndsDiffer { .. }));
    let (a, mut b) = two();
    b.consignment.packages[1].sha256 = crate::model::Sha256Digest::of(b"another build");
    assert!(matches!(refused(&a, &b), TopologyError::EndsDiffer { .. }));
    let (a, mut b) = two();
    b.host = "Support.example.com";
    assert!(matches!(refused(&a, &b), TopologyError::SharedName { part: Part::B, .. }));
}

#[test]
fn what_an_appliance_has_and_ends_with_is_told() {
    let (mut a, _) = two();
    let (history, policy) = (History::default(), SitePolicy::default());
    let ends = |a: &Own| {
        let list = PackageList::carried(&a.consignment);
        let (version, file) = part_facts::ends_with(&part(a, &list, &history, &policy));
        (version.expect("a version").to_string(), file.is_some())
    };
    assert_eq!(software(&a.status), "site 10.5.3");
    assert_eq!(ends(&a), ("10.6.2".to_owned(), true));
    for (shown, end) in [("10.6.2", ("10.6.2", true)), ("10.6.1", ("10.6.2", true)), ("11.1.1", ("11.1.1", false))] {
        a.status.site_version = crate::model::Version::parse(shown);
        assert_eq!(ends(&a), (end.0.to_owned(), end.1), "{shown}");
    }
    a.status.site_build = Some("52841".to_owned());
    assert_eq!(software(&a.status), "site 11.1.1 (build 52841)");
    a.status.site_version = None;
    assert_eq!(software(&a.status), "a site version not shown (build 52841)");
    a.status.no_site = true;
    assert_eq!(software(&a.status), "no site software");
}

#[test]
fn a_pair_half_broken_is_gone_on_with_and_not_taken_for_up_to_date() {
    let (mut a, mut b) = two();
    for own in [&mut a, &mut b] {
        own.consignment = consignment(vec![]);
    }
    let (history, policy) = (History::default(), SitePolicy::default());
    let plan = |a: &Own, b: &Own, done: &[String], breaking| {
        let lists = [PackageList::carried(&a.consignment), PackageList::carried(&b.consignment)];
        let (a, b) = (part(a, &lists[0], &history, &policy), part(b, &lists[1], &history, &policy));
        let facts = PairFacts { a, b, now: now(), done, breaking, shared_ip: "192.0.2.10".parse().ok() };
        pair(Order::FailoverSync, &facts)
    };
    assert!(plan(&a, &b, &[], false).expect("a plan").steps.is_empty());
    assert!(!plan(&a, &b, &[], true).expect("a plan").steps.is_empty(), "it may be broken");
    assert!(!plan(&a, &b, &["break".to_owned()], false).expect("a plan").steps.is_empty(), "it is");
    b.failover.as_mut().expect("shown").role = FailoverRole::None;
    assert!(plan(&a, &b, &[], true).is_ok(), "the press may have arrived");
    assert!(matches!(plan(&a, &b, &[], false), Err(TopologyError::RoleUnexpected { .. })), "nobody pressed");
    assert!(plan(&a, &b, &["break".to_owned()], false).is_ok(), "broken by us");
}

#[test]
fn a_pair_that_is_up_to_date_is_left_alone() {
    let (mut a, mut b) = two();
    for own in [&mut a, &mut b] {
        own.status = status("3.4.0", "10.6.2");
    }
    b.status.appliance.serial = "S2".to_owned();
    assert!(made(Order::FailoverSync, &a, &b, &[]).expect("a plan").steps.is_empty());
    let swapped = made(Order::FailoverSync, &b, &a, &[]);
    assert!(swapped.expect("a plan").steps.is_empty(), "whoever is primary");
    for own in [&mut a, &mut b] {
        own.failover.as_mut().expect("shown").role = FailoverRole::None;
    }
    let apart = made(Order::FailoverSync, &a, &b, &[]).expect_err("they are no pair");
    assert!(matches!(apart, TopologyError::RoleUnexpected { swapped: false, .. }));
}

proptest! {
    #[test]
    fn what_is_done_is_left_out_and_the_rest_keeps_its_order(
        asynchronous in any::<bool>(), by in 0usize..3, done in 0usize..14
    ) {
        let (a, b) = two();
        let switch = [Switch::SharedIp, Switch::Dns, Switch::Nat][by];
        let order = if asynchronous { Order::FailoverAsync(switch) } else { Order::FailoverSync };
        let whole = made(order, &a, &b, &[]).expect("a plan");
        let all: Vec<String> = whole.steps.iter().map(|step| step.id.clone()).collect();
        let at = |id: &str| all.iter().position(|other| other == id).expect("in every plan");
        prop_assert!(at("backup") < at("break") && at("sync") < at("break") && at("compare") < at("break"));
        let first = at("install-a").min(at("install-b"));
        prop_assert!(at("break") < first);
        let (before, after) = if asynchronous { ("verify-b", "install-a") } else { ("verify-a", "install-b") };
        prop_assert!(at(before) < at("window-2") && at("window-2") < at(after));
        prop_assert!(at("verify-a").max(at("verify-b")) < at("establish") && at("establish") < at("first-sync"));
        prop_assert!(whole.steps.windows(2).all(|two| two[0].not_before <= two[1].not_before && two[0].window_number <= two[1].window_number));
        let mut names = all.clone();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), all.len(), "ids are unique");
        let done: Vec<String> = all.iter().take(done).cloned().collect();
        let rest = made(order, &a, &b, &done).expect("a plan");
        let rest: Vec<String> = rest.steps.iter().map(|step| step.id.clone()).collect();
        prop_assert_eq!([done, rest].concat(), all);
    }
}
