//! Rules of a migration's plan, by example and by property.

use super::*;
use crate::model::{Consignment, Failover, FailoverRole, FileName, PackageKind, Status, Version};
use crate::plan::tests::{consignment, now, package, status};
use crate::plan::{History, PackageList, Plan, SitePolicy};
use proptest::prelude::*;

const ALL: [&str; 10] = [
    "backup",
    "export-certificate",
    "import-certificate",
    "assign-address",
    "install",
    "restore",
    "dns",
    "confirm",
    "reset",
    "shut-down",
];

/// A migration as a test puts it together.
struct Move {
    old: FileName,
    old_reached_by: &'static str,
    new: FileName,
    old_status: Option<Status>,
    new_status: Status,
    roles: [Option<FailoverRole>; 2],
    consignment: Consignment,
    over_backup: bool,
    keep_old: bool,
    site_host: Option<&'static str>,
}

fn a_move() -> Move {
    let name = |name| FileName::parse(name).expect("a name");
    let mut new_status = status("3.3.2", "10.5.3");
    new_status.appliance.serial = "S2".to_owned();
    Move {
        old: name("alpha"),
        old_reached_by: "10.0.0.1",
        new: name("beta"),
        old_status: Some(status("3.4.0", "10.6.2")),
        new_status,
        roles: [Some(FailoverRole::None); 2],
        consignment: consignment(vec![
            package(PackageKind::Base, "3.4.0", &[(PackageKind::Base, "3.3.2")]),
            package(PackageKind::Site, "10.6.2", &[(PackageKind::Base, "3.4.0")]),
        ]),
        over_backup: false,
        keep_old: false,
        site_host: None,
    }
}

fn made(of: &Move, done: &[String]) -> Result<Plan, TopologyError> {
    let (history, policy) = (History::default(), SitePolicy::default());
    let [old, new] =
        of.roles.map(|role| role.map(|role| Failover { role, shared_host: None, last_sync: None, syncing: false }));
    migrate(&MigrateFacts {
        old: OldFacts {
            name: &of.old,
            reached_by: of.old_reached_by,
            status: of.old_status.as_ref(),
            failover: old.as_ref(),
        },
        new: PartFacts {
            name: &of.new,
            reached_by: "10.0.0.2",
            status: &of.new_status,
            failover: new.as_ref(),
            list: &PackageList::carried(&of.consignment),
            history: &history,
            policy: &policy,
        },
        now: now(),
        done,
        over_backup: of.over_backup,
        keep_old: of.keep_old,
        site_host: of.site_host,
    })
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn a_migration_names_what_is_done_by_the_vendors_own_pages() {
    let notes = made(&a_move(), &[]).expect("a plan").notes.join("\n");
    for page in ["getting-started/deployment/virtual", "deployment/hardware", "how-to/sslcertificates"] {
        assert!(notes.contains(page), "{page}: {notes}");
    }
}

#[test]
fn a_migration_goes_in_the_guides_order() {
    let plan = made(&a_move(), &[]).expect("a plan");
    assert_eq!(ids(&plan), ALL);
    let on: Vec<&str> = plan.steps.iter().map(|step| Topology::Migrate.calls(step.on)).collect();
    assert!(plan.steps.iter().all(|step| part_of(&step.id) == Some(step.on)));
    assert_eq!(on, ["OLD", "OLD", "NEW", "NEW", "NEW", "NEW", "NEW", "NEW", "OLD", "OLD"]);
    assert_eq!(plan.procedure.topology(), Some(Topology::Migrate));
}

#[test]
fn an_appliance_that_has_the_version_installs_nothing_and_an_old_one_may_be_kept() {
    let mut of = a_move();
    of.new_status.base_version = Version::parse("3.4.0");
    of.new_status.site_version = Version::parse("10.6.2");
    of.keep_old = true;
    let plan = made(&of, &[]).expect("a plan");
    let left: Vec<&str> = ALL.into_iter().filter(|id| !["install", "reset", "shut-down"].contains(id)).collect();
    assert_eq!(ids(&plan), left);
}

#[test]
fn settings_are_not_planned_onto_another_version() {
    let mut of = a_move();
    of.consignment.packages.pop();
    let refused = made(&of, &[]).expect_err("it ends with 10.5.3");
    assert!(matches!(&refused, TopologyError::RestoreDiffers { new_ends, .. } if new_ends == "site 10.5.3"));
    let mut of = a_move();
    of.old_status = Some(status("3.4.0", "10.5.3"));
    assert!(matches!(made(&of, &[]), Err(TopologyError::RestoreDiffers { .. })), "the new one would be ahead");
    let restored = ALL[..6].iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&made(&of, &restored).expect("no more asked")), ALL[6..]);
}

#[test]
fn what_is_erased_is_never_reached_by_the_sites_own_name() {
    let mut of = a_move();
    of.old_reached_by = "Support.Example.com";
    assert!(matches!(made(&of, &[]), Err(TopologyError::OldBySiteName { .. })));
    // Told, another name counts only where the old one shows none, and its address was typed for it.
    of.site_host = Some("site.example.com");
    assert!(matches!(made(&of, &[]), Err(TopologyError::OldBySiteName { .. })));
    of.old_status.as_mut().expect("there").typed = true;
    assert!(made(&of, &[]).is_ok(), "{:?}", of.old_reached_by);
    of.site_host = Some("support.example.com");
    assert!(matches!(made(&of, &[]), Err(TopologyError::OldBySiteName { .. })));
    of.keep_old = true;
    assert!(made(&of, &[]).is_ok(), "it is not erased");
}

#[test]
fn a_failover_relationship_is_not_lost_unasked() {
    let mut of = a_move();
    of.roles[0] = Some(FailoverRole::Backup);
    assert!(matches!(made(&of, &[]), Err(TopologyError::OldIsBackup { .. })));
    of.roles = [Some(FailoverRole::Primary), Some(FailoverRole::Backup)];
    assert!(matches!(made(&of, &[]), Err(TopologyError::NewIsPaired { .. })));
    of.over_backup = true;
    assert!(made(&of, &[]).is_ok(), "a flag says so");
    of.roles[1] = Some(FailoverRole::Primary);
    assert!(matches!(made(&of, &[]), Err(TopologyError::NewIsPaired { .. })), "one that serves a site: never");
    let mut of = a_move();
    of.new_status.appliance.serial = "S1".to_owned();
    assert!(matches!(made(&of, &[]), Err(TopologyError::SameAppliance { .. })));
}

proptest! {
    #[test]
    fn wherever_it_stopped_the_rest_follows_in_order_and_nothing_is_reset_too_early(
        stopped in 0usize..=10, keep_old in any::<bool>(), current in any::<bool>(), reset in any::<bool>()
    ) {
        let mut of = a_move();
        of.keep_old = keep_old;
        if current {
            of.new_status.base_version = Version::parse("3.4.0");
            of.new_status.site_version = Version::parse("10.6.2");
        }
        let whole: Vec<String> = made(&of, &[]).expect("a plan").steps.into_iter().map(|step| step.id).collect();
        let stopped = stopped.min(whole.len());
        // Once its reset was ordered the old one is asked no more.
        if reset && whole[..stopped].iter().any(|id| id == "confirm") {
            of.old_status = None;
        }
        let rest = made(&of, &whole[..stopped]).expect("a plan");
        prop_assert_eq!(ids(&rest), whole[stopped..].iter().map(String::as_str).collect::<Vec<_>>());
        let at = |id: &str| whole.iter().position(|other| other == id);
        prop_assert!(at("backup") < at("restore") && at("export-certificate") < at("import-certificate"));
        prop_assert!(at("import-certificate") < at("assign-address") && at("restore") < at("dns"));
        prop_assert!(at("dns") < at("confirm"));
        prop_assert_eq!(at("reset").is_none(), keep_old);
        prop_assert!(at("reset").is_none_or(|reset| at("confirm").is_some_and(|confirm| confirm < reset)));
        prop_assert!(at("install").is_none_or(|install| at("restore").is_some_and(|restore| install < restore)));
        prop_assert!(rest.steps.windows(2).all(|two| two[0].not_before <= two[1].not_before));
    }
}
