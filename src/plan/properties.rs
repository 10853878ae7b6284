//! Rules of the plan, by property.

use super::tests::{consignment, now, package, past, status, v, windows};
use super::*;
use crate::model::{FileName, Package, PackageKind, Requirement, Sha256Digest, Status};
use PackageKind::{Base, License, Patch, Site};
use proptest::prelude::*;

/// Packages whose requirements are drawn at random, solvable or not.
fn any_packages() -> impl Strategy<Value = Vec<Package>> {
    let kind = prop_oneof![3 => Just(Base), 4 => Just(Site), 1 => Just(Patch), 1 => Just(License)];
    let need = prop_oneof![Just(Base), Just(Site)];
    let one = (kind, 1u8..8, prop::collection::vec((need, 0u8..8), 0..3));
    prop::collection::vec(one, 1..8).prop_map(|drawn| {
        let packages = drawn.into_iter().enumerate().map(|(i, (kind, version, needs))| {
            let needs: Vec<(PackageKind, String)> = needs.into_iter().map(|(k, v)| (k, v.to_string())).collect();
            let needs: Vec<(PackageKind, &str)> = needs.iter().map(|(k, v)| (*k, v.as_str())).collect();
            let mut package = package(kind, &version.to_string(), &needs);
            package.file = FileName::from_foreign(&format!("p{i}.nss"));
            package.sha256 = Sha256Digest::of(&[i as u8]);
            package
        });
        packages.collect()
    })
}

/// Whether `need` is met without `base`: by the appliance, or by a lower one.
fn met_without(need: &Requirement, base: &Package, installs: &[&Package], status: &Status) -> bool {
    let enough = status.meets(need) == Some(true) && base.version != need.version;
    enough || installs.iter().any(|p| need.is_met_by(p.kind, &p.version) && p.version < base.version)
}

proptest! {
    #[test]
    fn every_plan_keeps_every_rule(
        packages in any_packages(),
        soaking in proptest::option::of(0i64..30 * 3600),
        backed_up in proptest::option::of(0i64..30 * 3600),
        window in proptest::option::of((0u8..24, 1u8..24)),
        removed in proptest::bool::weighted(0.2),
        exported in proptest::option::of(proptest::option::of(0i64..30 * 3600)),
    ) {
        let consignment = consignment(packages);
        let status = status("1", "1");
        let history = History {
            installs: soaking.map(|ago| past(Site, "1", ago)).into_iter().collect(),
            backup: backed_up.map(|ago| PastBackup { at: now().plus_secs(-ago), sha256: None, protected: None, history: true }),
            removals: removed.then(|| ClientRemoval { bundle: consignment.bundle, reason: "x".to_owned() }).into_iter().collect(),
            met: None,
            certificate: exported.flatten().map(|ago| now().plus_secs(-ago)),
        };
        let facts = Facts { status: &status, now: now(), history: &history };
        let window = window.map(|(from, length)| format!("daily {from:02}:00-{:02}:00", (from + length) % 24));
        let windows = window.and_then(|window| windows(&window));
        let policy = SitePolicy { windows, certificates: exported.is_some(), ..SitePolicy::default() };
        let made = make(&consignment, &facts, &policy);
        prop_assert_eq!(&made, &make(&consignment, &facts, &policy), "deterministic");
        let Ok(plan) = made else { return Ok(()) };

        let mut base = v("1");
        let mut site = v("1");
        let mut has_backup = has_fresh_backup(&history, now(), &policy);
        let mut soak_due = !removed && soaking.is_some_and(|ago| ago < policy.soak_secs);
        let mut installed = 0;
        let mut has_certificate = history.certificate;
        // By the shortest estimates, as a plan is written before its windows are set.
        let mut soonest = now();
        // A base stands immediately before what it is for: of a run of bases the
        // last one does, and the others are lower ones that it brings.
        let installs: Vec<&Package> = plan.steps.iter().filter_map(|step| match &step.op {
            Op::Install { package, .. } => consignment.packages.iter().find(|p| p.file == package.file),
            _ => None,
        }).collect();
        for (at, base) in installs.iter().enumerate().filter(|(_, p)| p.kind == Base) {
            let Some(next) = installs.get(at + 1) else { continue };
            let is_for = |who: &Package| {
                let is_for = |need: &Requirement| {
                    brings(&(*base).into(), need, &who.into()) && !met_without(need, base, &installs, &status)
                };
                who.file != base.file && who.requires.iter().any(is_for)
            };
            let asked = installs.iter().any(|who| is_for(who));
            prop_assert!(next.kind == Base || is_for(next) || !asked, "{} before {}", base.name, next.name);
        }
        for (at, step) in plan.steps.iter().enumerate() {
            match &step.op {
                Op::Check => prop_assert_eq!(at, 0),
                Op::ExportCertificate => {
                    prop_assert!(policy.certificates, "only where it is wanted");
                    prop_assert!(!is_fresh(has_certificate, soonest, &policy), "only where the last one is old");
                    has_certificate = Some(soonest);
                }
                Op::Backup => {
                    has_backup = true;
                    prop_assert!(!policy.certificates || is_fresh(has_certificate, soonest, &policy), "before the backup");
                }
                Op::Soak { .. } => {
                    prop_assert!(soak_due, "a soak only after a site package");
                    soak_due = false;
                    has_backup = false;
                }
                Op::Install { package, .. } => {
                    installed += 1;
                    prop_assert!(!policy.certificates || has_certificate.is_some(), "no install without a certificate");
                    prop_assert_eq!(step.window.is_some(), policy.windows.is_some());
                    if let Some(open) = &step.window {
                        let ends = step.not_before.plus_secs(step.cost.max_secs);
                        prop_assert!(open.from <= step.not_before && ends <= open.until, "it ends in its window");
                    }
                    prop_assert!(has_backup, "a backup before the first install, and anew after each soak");
                    let full = consignment.packages.iter().find(|p| p.file == package.file).expect("carried");
                    for need in &full.requires {
                        let met = need.is_met_by(Base, &base) || need.is_met_by(Site, &site);
                        prop_assert!(met, "{} before {}", package.name, need);
                    }
                    match package.kind {
                        Base | Site => prop_assert!(!soak_due, "no base or site package before the soak is over"),
                        Patch | License => {}
                    }
                    match package.kind {
                        Base => { prop_assert!(package.version > base); base = package.version.clone(); }
                        Site => { prop_assert!(package.version > site); site = package.version.clone(); soak_due = !removed; }
                        Patch | License => {}
                    }
                }
                other => prop_assert!(false, "one appliance has no {other:?}"),
            }
            soonest = soonest.plus_secs(step.cost.min_secs);
        }
        prop_assert_eq!(installed + plan.skipped.len(), consignment.packages.len(), "none lost");
    }
}

proptest! {
    /// No evidence, no early end: whatever is known of clients, a wait whose
    /// time is not over ends only by a full count of enough clients after which
    /// none was found behind, or by a person's word.
    #[test]
    fn without_evidence_no_soak_ends_early(
        found in proptest::collection::vec(prop_oneof![
            8 => (0u64..30, 0u64..3).prop_map(|(seen, outdated)| SoakEvidence::Counted { seen, outdated: outdated.min(seen) }),
            1 => Just(SoakEvidence::Removed),
            1 => Just(SoakEvidence::Skipped),
        ], 0..5),
        min_clients in 0u64..20,
        ago in -90_000i64..90_000,
        skew in -90_000i64..90_000,
        rule in prop_oneof![Just(ClockRule::Both), Just(ClockRule::Appliance)],
    ) {
        let policy = SitePolicy { min_clients, clock: rule, ..SitePolicy::default() };
        let bare = past(Site, "10.6.2", ago);
        let with = PastInstall { evidence: found.clone(), ..bare.clone() };
        let clock = Some(now().plus_secs(skew));
        let by_time = soak_remaining(&policy, &bare, now(), clock);
        let remaining = soak_remaining(&policy, &with, now(), clock);
        prop_assert!(remaining == 0 || remaining == by_time, "evidence ends a wait or changes nothing");
        if remaining < by_time {
            let last = found.iter().rev().find(|e| matches!(e, SoakEvidence::Counted { .. }));
            let counted = matches!(last, Some(SoakEvidence::Counted { seen, outdated: 0 }) if *seen >= min_clients.max(1));
            let word = found.iter().any(|e| matches!(e, SoakEvidence::Removed | SoakEvidence::Skipped));
            prop_assert!(counted || word);
        }
        // Either clock alone set forward by any time ends nothing under `Both`.
        if rule == ClockRule::Both && found.is_empty() && (0..86_400).contains(&ago) {
            let forward = soak_remaining(&policy, &bare, now().plus_secs(1_000_000), Some(now()));
            prop_assert!(forward > 0);
            let theirs = soak_remaining(&policy, &bare, now(), Some(now().plus_secs(1_000_000)));
            prop_assert!(theirs > 0);
        }
    }
}
