//! The two ways to upgrade a failover pair.

use super::part_facts::{ends_with, software};
use super::{Order, Part, PartFacts, Switch, TopologyError};
use crate::model::{FailoverRole, PackageKind, Sha256Digest, Status, Timestamp, Version};
use crate::plan::estimate::BACKUP;
use crate::plan::sheet::{Draft, ENTRY, PRESS, Sheet, VERIFY};
use crate::plan::single::{export_certificate, is_fresh};
use crate::plan::{Estimate, Op, Plan, Procedure, soak_remaining};
use std::net::IpAddr;

/// Everything a pair's plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct PairFacts<'a> {
    /// The primary at the beginning.
    pub a: PartFacts<'a>,
    /// The backup at the beginning.
    pub b: PartFacts<'a>,
    /// Our clock.
    pub now: Timestamp,
    /// Ids of the steps that are done already.
    pub done: &'a [String],
    /// Whether breaking the relationship was begun: then it may be broken.
    pub breaking: bool,
    /// The shared IP address; `None` where there is none, or nobody has told it.
    pub shared_ip: Option<IpAddr>,
}

impl<'a> PairFacts<'a> {
    fn of(&self, part: Part) -> &PartFacts<'a> {
        match part {
            Part::A => &self.a,
            Part::B => &self.b,
        }
    }

    fn is_done(&self, id: &str) -> bool {
        self.done.iter().any(|done| done == id)
    }
}

/// From this site version on, session data is synced when the relationship
/// is established again. Source: guide, "make B the primary".
// What older sites record on A once the relationship is broken stays there, unless it is pulled before the switch.
const SESSIONS_SYNC_FROM: &str = "10.6";

/// "From a few seconds to some hours": the guide.
const SYNC: Estimate = Estimate { min_secs: 30, max_secs: 3 * 3600 };

/// Makes the plan for upgrading a pair.
///
/// # Errors
/// [`TopologyError`].
pub fn pair(order: Order, facts: &PairFacts<'_>) -> Result<Plan, TopologyError> {
    check_who(facts)?;
    // Asked each time, also half-way: a bundle that was exchanged
    // meanwhile must not end with two that no longer fit together.
    check_ends(facts)?;
    check_names(facts)?;
    let mut writer = Writer::new(order, facts);
    // Where nothing is left to install, the roles are as somebody wants them.
    let is_current = |part| writer.plan_of(part).map(|plan: Plan| plan.steps.is_empty());
    let untouched = facts.done.is_empty() && !facts.breaking;
    if untouched && !is_apart(facts) && is_current(Part::A)? && is_current(Part::B)? {
        return Ok(writer.sheet.plan);
    }
    // Afterwards the two differ and stand alone, as they must: these rules are about what may be broken.
    if !facts.is_done("break") {
        check_roles(facts)?;
        check_software(facts)?;
        check_chain(order, &writer)?;
        writer.soak();
    }
    writer.prepare();
    match order {
        Order::FailoverSync => {
            writer.install(Part::A)?;
            writer.verify(Part::A, false);
            writer.window(Part::B);
            writer.install(Part::B)?;
            writer.verify(Part::B, true);
            writer.establish(Part::A);
        }
        Order::FailoverAsync(switch) => {
            let old = facts.a.status.site_version.as_ref();
            writer.install(Part::B)?;
            writer.verify(Part::B, true);
            // Only once B is verified: the switch leads everybody there at once.
            writer.switch_to(Part::B, switch, old.is_none_or(loses_sessions));
            // A keeps the old version until the second window, and is the way back meanwhile.
            writer.window(Part::A);
            writer.install(Part::A)?;
            writer.verify(Part::A, true);
            writer.establish(Part::B);
        }
    }
    Ok(writer.sheet.plan)
}

/// Whether completed sessions on both sides are not synced afterwards.
fn loses_sessions(site: &Version) -> bool {
    Version::parse(SESSIONS_SYNC_FROM).is_some_and(|from| *site < from)
}

fn check_who(facts: &PairFacts<'_>) -> Result<(), TopologyError> {
    let serial = |part: &PartFacts<'_>| part.status.appliance.serial.clone();
    match serial(&facts.a) == serial(&facts.b) {
        true => Err(TopologyError::SameAppliance { serial: serial(&facts.a) }),
        false => Ok(()),
    }
}

/// Whether the two are seen to be in no relationship with each other.
fn is_apart(facts: &PairFacts<'_>) -> bool {
    let role = |part: &PartFacts<'_>| part.failover.map(|failover| failover.role);
    let (a, b) = (role(&facts.a), role(&facts.b));
    // Two with one role are no pair either. For a moment of a
    // role change both are backup, but nobody changes roles here.
    [a, b].contains(&Some(FailoverRole::None)) || (a.is_some() && a == b)
}

fn check_roles(facts: &PairFacts<'_>) -> Result<(), TopologyError> {
    let role = |part: &PartFacts<'_>| part.failover.map(|failover| failover.role);
    let swapped = (role(&facts.a), role(&facts.b)) == (Some(FailoverRole::Backup), Some(FailoverRole::Primary));
    for (part, wanted) in [(&facts.a, FailoverRole::Primary), (&facts.b, FailoverRole::Backup)] {
        // Killed between the press and its record, the break may have happened.
        let may_be = |found: FailoverRole| found == wanted || (facts.breaking && found == FailoverRole::None);
        if let Some(found) = role(part).filter(|found| !may_be(*found)) {
            return Err(TopologyError::RoleUnexpected { name: part.name.to_string(), wanted, found, swapped });
        }
    }
    Ok(())
}

fn check_software(facts: &PairFacts<'_>) -> Result<(), TopologyError> {
    let (a, b) = (facts.a.status, facts.b.status);
    // Only what both show can differ: not every page tells a build.
    let differ = |a: Option<&str>, b: Option<&str>| a.zip(b).is_some_and(|(a, b)| a != b);
    let site = |status: &Status| status.site_version.clone();
    let versions = site(a).zip(site(b)).is_some_and(|(a, b)| a != b);
    if !versions && !differ(a.site_build.as_deref(), b.site_build.as_deref()) {
        return Ok(());
    }
    Err(TopologyError::SoftwareDiffers {
        a: facts.a.name.to_string(),
        a_has: software(a),
        b: facts.b.name.to_string(),
        b_has: software(b),
    })
}

/// Asynchronously clients are led from one appliance to the other once, so
/// that one which has two site versions more would carry them past the first.
/// Where all of them were removed, there are none to carry.
fn check_chain(order: Order, writer: &Writer<'_, '_>) -> Result<(), TopologyError> {
    if order == Order::FailoverSync || writer.facts.a.clients_removed() {
        return Ok(());
    }
    let mut first_trip = Vec::new();
    let mut past = Vec::new();
    for part in [Part::A, Part::B] {
        let plan = writer.plan_of(part)?;
        let mut packages = plan.installs();
        let mut titles: Vec<String> = Vec::new();
        for package in packages.by_ref() {
            titles.push(package.name.clone());
            if package.kind == PackageKind::Site {
                break;
            }
        }
        past.extend(packages.filter(|package| package.kind == PackageKind::Site).map(|package| package.name.clone()));
        first_trip.push((writer.facts.of(part).status.appliance.serial.clone(), titles));
    }
    past.sort();
    past.dedup();
    match past.is_empty() {
        true => Ok(()),
        false => Err(TopologyError::Chain { name: writer.name(Part::B), first_trip, past }),
    }
}

fn check_ends(facts: &PairFacts<'_>) -> Result<(), TopologyError> {
    let ((a, a_file), (b, b_file)) = (ends_with(&facts.a), ends_with(&facts.b));
    // The same version alone is not enough: by the guide both must
    // have the same package, so its file is compared as well.
    let versions = a.as_ref().zip(b.as_ref()).is_some_and(|(a, b)| a != b);
    let files = a_file.zip(b_file).is_some_and(|(a, b)| a != b);
    if !versions && !files {
        return Ok(());
    }
    let behind = if a <= b { (Part::A, a.clone()) } else { (Part::B, b.clone()) };
    let told = |version: Option<Version>, file: Option<Sha256Digest>| {
        let version = version.map_or_else(|| "a site version not shown".to_owned(), |v| format!("site {v}"));
        file.map_or(version.clone(), |file| format!("{version} from a file with SHA-256 {}", file.short()))
    };
    Err(TopologyError::EndsDiffer {
        a: facts.a.name.to_string(),
        a_ends: told(a, a_file),
        b: facts.b.name.to_string(),
        b_ends: told(b, b_file),
        offered: (facts.a.list.is_offered() || facts.b.list.is_offered()).then(|| Box::new(behind)),
    })
}

fn check_names(facts: &PairFacts<'_>) -> Result<(), TopologyError> {
    let shared: Vec<&str> = [&facts.a, &facts.b]
        .into_iter()
        .filter_map(|part| part.failover.and_then(|failover| failover.shared_host.as_deref()))
        .collect();
    for part in [Part::A, Part::B] {
        let host = facts.of(part).reached_by;
        let plain = plain_host(host);
        if shared.iter().any(|shared| plain_host(shared) == plain) {
            return Err(TopologyError::SharedName { part, host: host.to_owned() });
        }
        if facts.shared_ip.is_some_and(|shared| plain.parse() == Ok(shared)) {
            return Err(TopologyError::SharedAddress { part, host: host.to_owned() });
        }
    }
    Ok(())
}

/// A host name or IP address in the one spelling that is compared: without a
/// dot at its end, in lower case, an international name in its ASCII form.
fn plain_host(host: &str) -> String {
    let bare = host.trim().trim_matches(['[', ']']).trim_end_matches('.');
    if let Ok(address) = bare.parse::<IpAddr>() {
        return address.to_canonical().to_string();
    }
    url::Host::parse(bare).map_or_else(|_| bare.to_lowercase(), |host| host.to_string())
}

/// Writes a pair's plan step by step.
struct Writer<'a, 'f> {
    order: Order,
    facts: &'a PairFacts<'f>,
    sheet: Sheet,
}

impl<'a, 'f> Writer<'a, 'f> {
    fn new(order: Order, facts: &'a PairFacts<'f>) -> Self {
        let names = [facts.a.name.clone(), facts.b.name.clone()];
        let mut sheet =
            Sheet::new(Procedure::Pair { order, names }, facts.now, facts.a.policy.clock).without(facts.done);
        // Everything up to the second window belongs into the first,
        // the break included: from then on there is no failover.
        sheet.window_number = Some(1);
        Writer { order, facts, sheet }
    }

    fn name(&self, part: Part) -> String {
        self.facts.of(part).name.to_string()
    }

    /// Clients are at A, in whatever order the two are upgraded: what is left
    /// of their time is waited for while the relationship stands.
    fn soak(&mut self) {
        let a = self.facts.of(Part::A);
        let Some(past) = a.history.last_site().filter(|_| !a.clients_removed()) else { return };
        let remaining = soak_remaining(a.policy, past, self.facts.now, a.status.clock);
        if remaining == 0 {
            return;
        }
        let after = past.name.clone();
        self.sheet.push(Draft {
            id: "soak".to_owned(),
            on: Part::A,
            op: Op::Soak { after: after.clone(), remaining_secs: Some(remaining) },
            title: format!("wait until the clients of {} have updated to {after}", self.name(Part::A)),
            why: "a client that misses a version may have to be installed anew; meanwhile the pair stands as it is"
                .to_owned(),
            cost: Estimate { min_secs: remaining, max_secs: remaining },
            person: None,
        });
    }

    fn prepare(&mut self) {
        let (a, b) = (self.name(Part::A), self.name(Part::B));
        // Of both: each has a key of its own, and B's is not among A's settings.
        for (part, id) in [(Part::A, "export-certificate-a"), (Part::B, "export-certificate-b")] {
            let own = self.facts.of(part);
            if own.policy.certificates && !is_fresh(own.history.certificate, self.facts.now, own.policy) {
                self.sheet.push(export_certificate(id.to_owned(), part, Some(own.name.as_str())));
            }
        }
        self.sheet.push(Draft {
            id: "backup".to_owned(),
            on: Part::A,
            op: Op::Backup,
            title: format!("back up the site's settings on {a}"),
            why: "settings and configuration are saved before anything changes".to_owned(),
            cost: BACKUP,
            person: None,
        });
        // What differs is found by the appliances only when both are upgraded and there is no failover to lose time with.
        if !self.facts.is_done("break") {
            self.sheet.push(Draft {
                id: "compare".to_owned(),
                on: Part::A,
                op: Op::Compare,
                title: format!("compare the keys of {a} and {b}, and how each reaches the other"),
                why: "the relationship is made anew with them in the end; what differs is mended while it still stands"
                    .to_owned(),
                cost: PRESS,
                person: Some(
                    "a look at the pre-shared key of both; it is compared there, and written nowhere".to_owned(),
                ),
            });
        }
        self.sheet.push(Draft {
            id: "sync".to_owned(),
            on: Part::B,
            op: Op::Sync,
            title: format!("pull a data sync from {a} to {b}, and wait for it"),
            why: "the backup pulls it, so it is pressed there; it is over when the time it shows is past the press"
                .to_owned(),
            cost: SYNC,
            person: None,
        });
        self.sheet.push(Draft {
            id: "break".to_owned(),
            on: Part::B,
            op: Op::Break,
            title: format!("break the failover relationship of {a} and {b}"),
            why: "each is upgraded alone; nothing but the relationship is lost, and until it is established again \
             there is no failover"
                .to_owned(),
            cost: PRESS,
            person: None,
        });
    }

    fn plan_of(&self, part: Part) -> Result<Plan, TopologyError> {
        self.sheet.plan_of(self.order.topology(), part, self.facts.of(part))
    }

    fn install(&mut self, part: Part) -> Result<(), TopologyError> {
        let name = self.name(part);
        let plan = self.plan_of(part)?;
        let id = match part {
            Part::A => "install-a",
            Part::B => "install-b",
        };
        let why = match self.order {
            Order::FailoverSync => "synchronous: the primary first, which keeps its role; the site is away meanwhile",
            Order::FailoverAsync(_) => {
                "asynchronous: the appliance that does not serve the site is upgraded, so that the site stays up"
            }
        };
        self.sheet.upgrade(id, part, plan, format!("upgrade {name}"), why.to_owned());
        Ok(())
    }

    fn verify(&mut self, part: Part, hosts_file: bool) {
        let name = self.name(part);
        let reason = match hosts_file {
            true => {
                "the site's name leads to the other appliance, so two machines or more are led here by their hosts files"
            }
            false => "what is not tested on one appliance is not installed on the other",
        };
        self.sheet.push(Draft {
            id: match part {
                Part::A => "verify-a",
                Part::B => "verify-b",
            }
            .to_owned(),
            on: part,
            op: Op::Verify { hosts_file },
            title: format!("verify and test {name}"),
            why: reason.to_owned(),
            cost: VERIFY,
            person: Some(
                "a console that connects to the site's name and shows the version under Help > About, and a session \
                 with a remote computer"
                    .to_owned(),
            ),
        });
    }

    fn window(&mut self, next: Part) {
        self.sheet.window_number = Some(2);
        let name = self.name(next);
        self.sheet.push(Draft {
            id: "window-2".to_owned(),
            on: next,
            op: Op::Window,
            title: format!("wait for the second maintenance window, in which {name} is upgraded"),
            why:
                "long enough to confirm the new version in production, short enough not to stay long without failover; \
             the run stops here, and the same command goes on"
                    .to_owned(),
            cost: Estimate { min_secs: 0, max_secs: 0 },
            person: Some("a word that the second window has begun".to_owned()),
        });
    }

    fn switch_to(&mut self, part: Part, by: Switch, loses_sessions: bool) {
        let (to, from) = (self.name(part), self.name(part.other()));
        if loses_sessions {
            self.sheet.push(Draft {
                id: "session-data".to_owned(),
                on: part.other(),
                op: Op::SessionData,
                title: format!("pull all session data from {from} with the Integration Client"),
                why: "before site version 10.6 sessions completed while there is no failover are not synced afterwards"
                    .to_owned(),
                cost: ENTRY,
                person: Some("running the Integration Client".to_owned()),
            });
        }
        let (title, person, estimate) = match by {
            Switch::SharedIp => (format!("move the shared IP address from {from} to {to}"), None, PRESS),
            Switch::Dns => (format!("lead the site's DNS entry to {to}"), Some("changing the DNS entry"), ENTRY),
            Switch::Nat => (format!("lead the site's NAT entry to {to}"), Some("changing the NAT entry"), ENTRY),
        };
        let reason = format!("{to} serves the site from now on; whoever is connected to {from} is disconnected");
        self.sheet.push(Draft {
            id: "switch".to_owned(),
            on: part,
            op: Op::Switch { by },
            title,
            why: reason,
            cost: estimate,
            person: person.map(str::to_owned),
        });
        self.sheet.push(Draft {
            id: "integration-client".to_owned(),
            on: part,
            op: Op::IntegrationClient,
            title: format!("see that the Integration Client can pull data from {to}"),
            why: format!("one that is set to an IP address, and not to the site's host name, still asks {from}"),
            cost: PRESS,
            person: Some("a look at the Integration Client's configuration".to_owned()),
        });
    }

    fn establish(&mut self, primary: Part) {
        let (first, second) = (self.name(primary), self.name(primary.other()));
        self.sheet.push(Draft {
            id: "establish".to_owned(),
            on: primary,
            op: Op::Establish,
            title: format!("establish the failover relationship: {first} primary, {second} backup"),
            why: format!(
                "both must show the same version and build and hold the same pre-shared key; each is reached by a name or \
                 address of its own; pages that a backup does not need disappear from {second} then"
            ),
            cost: PRESS,
            person: None,
        });
        self.sheet.push(Draft {
            id: "first-sync".to_owned(),
            on: primary.other(),
            op: Op::Sync,
            title: format!("pull the first data sync to {second}, and wait for it"),
            why: "it would start by itself after about a minute; until it is over the backup can't take over"
                .to_owned(),
            cost: SYNC,
            person: None,
        });
    }
}
