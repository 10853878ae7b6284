//! The verbs `plan` and `push` over the two appliances of a failover pair.
//!
//! Each appliance makes its own request with its own code, so the stick
//! carries a bundle for each serial number, with the same packages.

use super::carried::{self, Wanted};
use super::danger::DangerousArgs;
use super::job::{self, Job};
use super::marks::Marks;
use super::meet::{self, Met};
use super::pairing::PairWanted;
use super::plan::foretell;
use super::push::{Begun, PushArgs, cargo, tell_after};
use super::support::{Recorder, Told};
use crate::cli::Desk;
use crate::driver::{self, Did, Reached};
use crate::engine::pair::{PairEngine, PairRules};
use crate::engine::team::{Member, Team, merged, open_pair};
use crate::engine::{Cargo, FirstPress, HostResolver, HostTime, Ledger, open_install};
use crate::inventory::{Entry, Identity};
use crate::model::{Exit, Failover, FailoverRole, Failure, Manifest, ShowPath, text};
use crate::plan::{self, PairFacts, Part, PartFacts, Switch, Terms, Topology};
use crate::report::{self, Press};
use std::net::{IpAddr, ToSocketAddrs};
use std::path::Path;

/// Seconds both may call themselves backup while roles change.
pub(super) const ROLES_MAX_SECS: u64 = 180;

/// Prints the pair's plan; changes nothing.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundles', the plan's.
pub fn plan(
    media: &Path,
    pair: &PairWanted<'_>,
    dangerous: &DangerousArgs,
    removed: Option<&str>,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let entries = [job::entry(&pair.first, desk)?, job::entry(&pair.partner, desk)?];
    carried::check_clock(&dangerous.accepted(), desk)?;
    let (mut seen, mut runs, mut before) = (Vec::new(), Vec::new(), None);
    for entry in &entries {
        let (Met { identity, status }, failover) = look(entry, desk)?;
        if before.as_ref() == Some(&identity) {
            return Err(same_appliance(&pair.first, &pair.partner, identity.serial()));
        }
        let (marks, noted) = (Marks::read(&desk.home, &identity)?, job::noted(&identity, desk)?);
        let wanted = Wanted::at(Some(status.appliance.clone()), &marks, &noted, dangerous);
        let bundle = carried::open(media, &wanted, desk).map_err(|failure| for_both(failure, entry))?;
        job::answer_for(dangerous, &bundle, "plan", &identity, desk)?;
        let noted = job::begun_elsewhere(&bundle, &identity, &status, noted, desk)?;
        let reached = pair.reached(entry, if seen.is_empty() { Part::A } else { Part::B });
        runs.push(open_pair(&noted));
        let past = super::plan::past(removed, &noted, bundle.manifest(), entry)?;
        seen.push((status, failover, bundle, past, job::policy(entry), reached));
        before = Some(identity);
    }
    let open = merged(runs.swap_remove(0), runs.swap_remove(0));
    let breaking = open.as_ref().is_some_and(|open| open.bound);
    let role = |at: usize| seen[at].1.as_ref().map(|failover: &Failover| failover.role);
    let stands = !breaking || (role(0), role(1)) == (Some(FailoverRole::Primary), Some(FailoverRole::Backup));
    let fresh_secs = job::policy(&entries[0]).backup_fresh_secs;
    let done = open.map(|open| open.done(stands, desk.now(), fresh_secs)).unwrap_or_default();
    let part = |at: usize| {
        let (status, failover, bundle, history, policy, reached) = &seen[at];
        let (name, reached_by, failover) = (&entries[at].name, reached.host.as_str(), failover.as_ref());
        PartFacts { name, reached_by, status, failover, manifest: bundle.manifest(), history, policy }
    };
    let facts = PairFacts { a: part(0), b: part(1), now: desk.now(), done: &done, breaking, shared_ip: pair.shared_ip };
    let plan = plan::pair(pair.order(), &facts)?;
    desk.console.event("pair-plan", report::plan_json(&plan));
    desk.console.say(report::plan_text(&plan));
    let bundle = |at: usize| (&**seen[at].2.manifest(), seen[at].2.manifest_sha256());
    let (one, other) = (bundle(0), bundle(1));
    let switch = (pair.topology == Topology::FailoverAsync).then_some(pair.switch);
    let shared_ip = pair.shared_ip();
    let terms = Terms::pair(pair.topology, switch, shared_ip.as_deref(), [(one.0, &one.1), (other.0, &other.1)])
        .without_clients(seen[0].3.removal(one.0.bundle).is_some());
    if pair.switch == Switch::SharedIp && shared_ip.is_none() {
        desk.console.note("moving the shared IP address will be guided; to have it done: --shared-ip ADDRESS");
    }
    for (flag, entry, part) in [("--address-a", &entries[0], Part::A), ("--address-b", &entries[1], Part::B)] {
        if pair.address(entry, part).is_none() && plan.leads_clients_to(part) {
            let name = &entry.name;
            desk.console
                .note(format!("by which IP address clients reach {name} will be asked; to say it: {flag} ADDRESS"));
        }
    }
    let (shown, a, b) = (media.quoted(), &entries[0].name, &entries[1].name);
    match plan.steps.is_empty() {
        true => {
            for name in [a, b] {
                desk.console.note(format!("next: handcarry-inside receipt {name} {shown}"));
            }
        }
        false => {
            let serials = [0, 1].map(|at| seen[at].0.appliance.serial.as_str());
            let on = [(a, serials[0]), (b, serials[1])];
            let press = Press::of_plan(&plan, &on, desk.now(), terms.sha256());
            let primary = &mut *driver::connect(&entries[0], desk)?;
            foretell(press, primary, &Identity::of(serials[0]), &entries[0], desk)?;
        }
    }
    Ok(())
}

/// What an appliance shows, and its failover role where a page tells.
pub(super) fn look(entry: &Entry, desk: &mut Desk) -> Result<(Met, Option<Failover>), Failure> {
    let mut appliance = driver::connect(entry, desk)?;
    let about = |error| Failure::from(error).about(&entry.name);
    let met = meet::look(&mut *appliance, entry, desk).map_err(|failure| failure.about(&entry.name))?;
    let failover = match appliance.failover().map_err(about)? {
        Did::Done(shown) => Some(shown),
        Did::ByHand(guide) => {
            desk.console.warn(format!("{}: its failover role can't be read: {}", entry.name, guide.because));
            None
        }
    };
    Ok((met, failover))
}

/// Upgrades the pair, as far as the rules allow now.
///
/// # Errors
/// A [`Failure`] that says how it ended.
pub fn push(args: &PushArgs, pair: &PairWanted<'_>, desk: &mut Desk) -> Result<(), Failure> {
    let (first, second) = (pair.first.as_str(), pair.partner.as_str());
    if first == second {
        return Err(Failure::new(Exit::Usage, format!("{first} is named twice; a pair has two appliances"))
            .hint("name the primary first and the backup second"));
    }
    let media = args.media.quoted();
    let begin = |name: &str, desk: &mut Desk| {
        let entry = job::entry(name, desk)?;
        args.begin(name, false, desk).map_err(|failure| for_both(failure, &entry))
    };
    let known = |name: &str| job::entry(name, desk).map(|entry| entry.identity());
    if let (Some(one), Some(other)) = (known(first)?, known(second)?)
        && one == other
    {
        return Err(same_appliance(first, second, one.serial()));
    }
    let (mut a, mut b) = (begin(first, desk)?, begin(second, desk)?);
    args.remove_clients_first(&mut [&mut a, &mut b], desk)?;
    let rules = PairRules {
        order: pair.order(),
        shared_ip: pair.shared_ip(),
        sync_max_secs: args.wait_max,
        roles_max_secs: ROLES_MAX_SECS,
    };
    let (reached_a, reached_b) = (pair.reached(&a.job.entry, Part::A), pair.reached(&b.job.entry, Part::B));
    let (address_a, address_b) = (pair.address(&a.job.entry, Part::A), pair.address(&b.job.entry, Part::B));
    let time = HostTime::begin();
    let teller = Recorder::new(&desk.console, Told::default());
    let first_press = FirstPress::new(args.agree);
    let team = Team {
        a: member(&mut a.job, Some(cargo(&a.bundle, &[])), reached_a, address_a),
        b: member(&mut b.job, Some(cargo(&b.bundle, &[])), reached_b, address_b),
        operator: &mut *desk.operator,
        teller: &teller,
        time: &time,
        resolver: &HostResolver,
        topology: pair.topology,
        switch: (pair.topology == Topology::FailoverAsync).then_some(pair.switch),
        again: desk.typed.to_string(),
        first_press: &first_press,
    };
    let outcome = PairEngine::new(team, &rules).push();
    let told = teller.into_told();
    let finished = outcome.map_err(|failure| in_trouble(failure, [&mut a.job, &mut b.job], told, desk))?;
    for Begun { job, bundle, .. } in [&a, &b] {
        let manifest: &Manifest = bundle.manifest();
        Marks::change(&desk.home, &job.identity, |marks| marks.use_up(manifest.bundle))?;
    }
    let [on_a, on_b] = &finished.installed;
    desk.console.event(
        "pair-done",
        serde_json::json!({ "primary": finished.primary, "backup": finished.backup, "installed": { first: on_a, second: on_b } }),
    );
    desk.console
        .say(format!("done: {} is primary and {} is backup, both up to date", finished.primary, finished.backup));
    tell_after(&[&a.job, &b.job], desk);
    for name in [first, second] {
        desk.console.note(format!("next: handcarry-inside receipt {name} {media}"));
    }
    Ok(())
}

/// Collects a support pack of the one whose install is open, as a push of it
/// alone would: there is never more than one.
pub(super) fn in_trouble(failure: Failure, both: [&mut Job; 2], told: Told, desk: &mut Desk) -> Failure {
    let stuck = both.into_iter().find(|job| open_install(&Ledger::entries(&job.journal)).is_some());
    match stuck {
        Some(job) => {
            job.told = told;
            job.in_trouble(failure, desk)
        }
        None => failure,
    }
}

/// One of the two as their run works it; `address` is where clients reach it.
pub(super) fn member<'m>(
    job: &'m mut Job,
    cargo: Option<Cargo<'m>>,
    reached: Reached,
    address: Option<String>,
) -> Member<'m> {
    Member {
        appliance: &mut *job.appliance,
        ledger: &mut job.journal,
        rules: &job.rules,
        address,
        here: address_of(&Reached::of_url(&job.entry.url)),
        reached,
        cargo,
        clock_told: false,
    }
}

/// Refuses two names of one appliance where two appliances are needed.
pub(super) fn same_appliance(first: &str, second: &str, serial: &str) -> Failure {
    let serial = text::one_line(serial);
    Failure::new(Exit::Usage, format!("{first} and {second} are one appliance, {serial}, and two are needed"))
        .hint("name the other one; handcarry-inside list shows which name is which")
}

/// Where a bundle for one of the two is missing, says what a pair needs.
fn for_both(failure: Failure, entry: &Entry) -> Failure {
    for_bundle(failure, entry, "a pair needs a bundle for each appliance: ask for its packages too")
}

/// Says which of the two a failure is about, and where its bundle is missing,
/// what is `needed`.
pub(super) fn for_bundle(failure: Failure, entry: &Entry, needed: &str) -> Failure {
    let missing = matches!(failure.exit, Exit::NoBundle | Exit::WrongAppliance);
    let failure = failure.about(&entry.name);
    match missing {
        true => failure.hint(format!("{needed}, handcarry-inside request {} MEDIA", entry.name)),
        false => failure,
    }
}

/// The IP address that a hosts file needs; `None` where the name does not resolve here.
pub(super) fn address_of(reached: &Reached) -> Option<String> {
    let found: Vec<IpAddr> = (reached.host.as_str(), reached.port).to_socket_addrs().ok()?.map(|at| at.ip()).collect();
    found.iter().find(|ip| ip.is_ipv4()).or(found.first()).map(ToString::to_string)
}
