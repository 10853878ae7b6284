//! The verbs `plan` and `push` over the two appliances of a failover pair.
//!
//! Each appliance makes its own request with its own code, so the stick
//! carries a bundle for each serial number, with the same packages.

use super::carried::{self, Wanted};
use super::driver::{self, Did, Reached};
use super::engine::pair::{PairEngine, PairRules};
use super::engine::team::{Member, Team, merged, open_pair};
use super::engine::{Cargo, HostResolver, HostTime, Ledger, history, open_install};
use super::inventory::Entry;
use super::job::{self, Job};
use super::marks::Marks;
use super::meet::{self, Met};
use super::migrate::MigrateArgs;
use super::plan::PlanArgs;
use super::push::{Begun, PushArgs, cargo};
use super::support::{Recorder, Told};
use crate::desk::Desk;
use crate::model::{Exit, Failover, FailoverRole, Failure, Manifest, text};
use crate::plan::{self, PairFacts, PartFacts, Switch, Topology};
use crate::report;
use clap::Args;
use std::net::{IpAddr, ToSocketAddrs};

/// Seconds both may call themselves backup while roles change.
pub(super) const ROLES_MAX_SECS: u64 = 180;

/// Which pair, and in what order.
#[derive(Debug, Args)]
#[command(next_help_heading = "Failover pair")]
#[group(skip)]
pub struct PairArgs {
    /// The pair's backup (B), NAME being its primary (A); or the appliance that takes NAME's site
    #[arg(value_name = "PARTNER", requires = "topology")]
    partner: Option<String>,
    /// Order: the primary first and staying so, the backup first and becoming primary, or a migration
    #[arg(long, value_name = "ORDER", requires = "partner")]
    topology: Option<Topology>,
    /// How the site's address is led to B, with failover-async
    #[arg(long, value_name = "WAY", requires = "topology")]
    switch: Option<Switch>,
    /// The shared IP address; without it moving it is guided
    #[arg(long, value_name = "ADDRESS", requires = "switch")]
    shared_ip: Option<IpAddr>,
    /// How B reaches A, where the inventory's address of A is another
    #[arg(long, value_name = "HOST:PORT", requires = "topology", value_parser = parse_reached)]
    reach_a: Option<Reached>,
    /// How A reaches B, where the inventory's address of B is another
    #[arg(long, value_name = "HOST:PORT", requires = "topology", value_parser = parse_reached)]
    reach_b: Option<Reached>,
    #[command(flatten)]
    migrate: MigrateArgs,
}

/// A pair that was asked for.
pub struct PairWanted<'a> {
    args: &'a PairArgs,
    /// The one that is named second.
    pub(super) partner: &'a str,
    /// The order.
    pub(super) topology: Topology,
    /// How the site's address is switched, where it is.
    pub(super) switch: Switch,
}

impl PairArgs {
    /// The pair, where one was asked for.
    ///
    /// # Errors
    /// [`Exit::Usage`] where order and switch don't belong together.
    pub fn wanted(&self) -> Result<Option<PairWanted<'_>>, Failure> {
        let (Some(partner), Some(topology)) = (&self.partner, self.topology) else { return Ok(None) };
        let pair_only = self.switch.is_some() || self.reach_a.is_some() || self.reach_b.is_some();
        if topology == Topology::Migrate && pair_only {
            return Err(Failure::new(
                Exit::Usage,
                "--switch and --reach-… belong to a failover pair, not to a migration",
            )
            .hint("leave them out"));
        }
        if topology != Topology::Migrate && self.migrate.is_meant() {
            return Err(Failure::new(Exit::Usage, "an option of a migration was given for a failover pair")
                .hint("leave it out, or choose --topology migrate"));
        }
        let switch = match (topology, self.switch) {
            (Topology::Migrate, _) => Switch::Dns,
            (Topology::FailoverAsync, Some(switch)) => switch,
            (Topology::FailoverAsync, None) => {
                return Err(Failure::new(Exit::Usage, "failover-async makes B the primary, and nothing says how")
                    .hint("say it: --switch shared-ip, dns or nat"));
            }
            (Topology::FailoverSync, Some(_)) => {
                return Err(Failure::new(Exit::Usage, "failover-sync leaves the site's address where it is")
                    .hint("leave --switch out, or choose --topology failover-async"));
            }
            (Topology::FailoverSync, None) => Switch::Dns,
        };
        if self.shared_ip.is_some() && switch != Switch::SharedIp {
            return Err(
                Failure::new(Exit::Usage, "--shared-ip belongs to --switch shared-ip").hint("leave one of them out")
            );
        }
        Ok(Some(PairWanted { args: self, partner, topology, switch }))
    }
}

impl PairWanted<'_> {
    /// The options of a migration.
    pub(super) fn migrate(&self) -> &MigrateArgs {
        &self.args.migrate
    }

    /// What stands after both names to go on.
    pub(super) fn typed(&self) -> String {
        let mut typed = format!(" --topology {}{}", self.topology, self.args.migrate.typed());
        if self.topology == Topology::FailoverAsync {
            typed.push_str(&format!(" --switch {}", self.switch.word()));
        }
        if let Some(address) = &self.args.shared_ip {
            typed.push_str(&format!(" --shared-ip {address}"));
        }
        for (flag, reached) in [("--reach-a", &self.args.reach_a), ("--reach-b", &self.args.reach_b)] {
            if let Some(reached) = reached {
                typed.push_str(&format!(" {flag} {reached}"));
            }
        }
        typed
    }

    /// The shared IP address, where it is told.
    pub(super) fn shared_ip(&self) -> Option<String> {
        self.args.shared_ip.map(|address| address.to_string())
    }

    /// How an appliance is reached by the other; `first` is the one named first.
    pub(super) fn reached(&self, entry: &Entry, first: bool) -> Reached {
        let told = if first { &self.args.reach_a } else { &self.args.reach_b };
        told.clone().unwrap_or_else(|| reached_by(&entry.url))
    }
}

/// Prints the pair's plan; changes nothing.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundles', the plan's.
pub fn plan(args: &PlanArgs, pair: &PairWanted<'_>, desk: &mut Desk) -> Result<(), Failure> {
    let entries = [job::entry(&args.name, desk)?, job::entry(pair.partner, desk)?];
    carried::check_clock(&args.dangerous.accepted(), desk)?;
    let (mut seen, mut runs, mut before) = (Vec::new(), Vec::new(), None);
    for entry in &entries {
        let (Met { identity, status }, failover) = look(entry, desk)?;
        if before.as_ref() == Some(&identity) {
            return Err(same_appliance(&args.name, pair.partner, identity.serial()));
        }
        let (marks, noted) = (Marks::read(&desk.home, &identity)?, job::noted(&identity, desk)?);
        let wanted = Wanted::at(Some(status.appliance.clone()), &marks, &noted, &args.dangerous);
        let bundle = carried::open(&args.media, &wanted, desk).map_err(|failure| for_both(failure, entry))?;
        job::answer_for(&args.dangerous, &bundle, "plan", &identity, desk)?;
        let reached = pair.reached(entry, seen.is_empty());
        runs.push(open_pair(&noted));
        seen.push((status, failover, bundle, history(&noted), job::policy(entry), reached));
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
    let facts = PairFacts { a: part(0), b: part(1), now: desk.now(), done: &done, breaking };
    let plan = plan::pair(pair.topology, pair.switch, &facts)?;
    desk.console.event("pair-plan", report::topology_json(&plan));
    desk.console.say(report::topology_text(&plan));
    if pair.switch == Switch::SharedIp && pair.args.shared_ip.is_none() {
        desk.console.note("moving the shared IP address will be guided; to have it done: --shared-ip ADDRESS");
    }
    let (media, a, b) = (args.media.display(), &entries[0].name, &entries[1].name);
    match plan.steps.is_empty() {
        true => desk.console.note(format!("next: handcarry-inside receipt {a} {media}, and the same for {b}")),
        false => desk.console.note(format!("next: handcarry-inside push {media} {a} {b}{}", pair.typed())),
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
pub fn push(args: &PushArgs, first: &str, pair: &PairWanted<'_>, desk: &mut Desk) -> Result<(), Failure> {
    let second = pair.partner;
    if first == second {
        return Err(Failure::new(Exit::Usage, format!("{first} is named twice; a pair has two appliances"))
            .hint("name the primary first and the backup second"));
    }
    let media = args.media.display();
    let again = format!("handcarry-inside push {media} {first} {second}{}{}", pair.typed(), args.typed());
    let begin = |name: &str, desk: &mut Desk| {
        let entry = job::entry(name, desk)?;
        args.begin(name, again.clone(), false, desk).map_err(|failure| for_both(failure, &entry))
    };
    let known = |name: &str| job::entry(name, desk).map(|entry| entry.identity());
    if let (Some(one), Some(other)) = (known(first)?, known(second)?)
        && one == other
    {
        return Err(same_appliance(first, second, one.serial()));
    }
    let (mut a, mut b) = (begin(first, desk)?, begin(second, desk)?);
    let rules = PairRules {
        switch: pair.switch,
        shared_ip: pair.shared_ip(),
        sync_max_secs: args.wait_max,
        roles_max_secs: ROLES_MAX_SECS,
    };
    let (reached_a, reached_b) = (pair.reached(&a.job.entry, true), pair.reached(&b.job.entry, false));
    let time = HostTime::begin();
    let teller = Recorder::new(&desk.console, Told::default());
    let team = Team {
        a: member(&mut a.job, Some(cargo(&a.bundle, &[])), reached_a),
        b: member(&mut b.job, Some(cargo(&b.bundle, &[])), reached_b),
        operator: &mut *desk.operator,
        teller: &teller,
        time: &time,
        resolver: &HostResolver,
        topology: pair.topology,
        switch: (pair.topology == Topology::FailoverAsync).then_some(pair.switch),
        again,
    };
    let outcome = PairEngine { team, rules: &rules }.push();
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
    desk.console.note(format!("next: handcarry-inside receipt {first} {media}, and the same for {second}"));
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

/// One of the two as their run works it.
pub(super) fn member<'m>(job: &'m mut Job, cargo: Option<Cargo<'m>>, reached: Reached) -> Member<'m> {
    Member {
        appliance: &mut *job.appliance,
        ledger: &mut job.journal,
        rules: &job.rules,
        address: address_of(&reached),
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

/// How the inventory's address is reached.
pub(super) fn reached_by(url: &str) -> Reached {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
    let port = url.as_ref().and_then(url::Url::port_or_known_default).unwrap_or(443);
    Reached { host: host.trim_matches(['[', ']']).to_owned(), port }
}

/// The IP address that a hosts file needs; `None` where the name does not resolve here.
pub(super) fn address_of(reached: &Reached) -> Option<String> {
    let found: Vec<IpAddr> = (reached.host.as_str(), reached.port).to_socket_addrs().ok()?.map(|at| at.ip()).collect();
    found.iter().find(|ip| ip.is_ipv4()).or(found.first()).map(ToString::to_string)
}

/// Reads `host`, `host:port`, `[address]:port`.
fn parse_reached(text: &str) -> Result<Reached, String> {
    let bad = || "write it as HOST or HOST:PORT".to_owned();
    let url = url::Url::parse(&format!("https://{text}")).map_err(|_| bad())?;
    let plain = url.username().is_empty() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !plain || text.ends_with('/') {
        return Err(bad());
    }
    Ok(reached_by(url.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_port() {
        let read = |text: &str| parse_reached(text).map(|reached| reached.to_string());
        assert_eq!(read("10.0.0.2").as_deref(), Ok("10.0.0.2:443"));
        assert_eq!(read("b.example.com:8443").as_deref(), Ok("b.example.com:8443"));
        assert_eq!(read("[2001:db8::2]:444").as_deref(), Ok("[2001:db8::2]:444"));
        for bad in ["", "a/b", "user@a", "a:99999", "a?b"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert_eq!(reached_by("https://localhost:4443").to_string(), "localhost:4443");
    }
}
