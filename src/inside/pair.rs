//! The verbs `plan`, `push` and `update` over the two appliances of a failover pair.
//!
//! Each appliance makes its own request with its own code. What is carried for
//! the two, the same packages, lies in one bundle, or in a bundle for each; one
//! that reaches its vendor may install what it offers instead.

use super::appliance_session::{self, ApplianceSession};
use super::approve::first_press;
use super::begin::{Begun, Goods, PushRequest, tell_after};
use super::foretell::{PlanRequest, foretell, history, keep_times, tell_nothing_left, tell_press};
use super::high_water::HighWaterMarks;
use super::journals;
use super::meet::{self, MetAppliance};
use super::next;
use super::open_bundle::{self, BundleCriteria};
use super::procedure::{Both, address_of};
use super::supply::Supply;
use super::tell_bundle;
use super::transcript::{Recorder, Transcript};
use crate::cli::Context;
use crate::console::kind;
use crate::driver::{self, Did, Reached};
use crate::engine::{Around, HostResolver, Memory, Run, RunJournal, RunRules, Side, merged};
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Consignment, Exit, Failover, FailoverRole, Failure, Kind, text};
use crate::plan::{self, Meant, PackageList, PairFacts, Part, PartFacts, Plan, Switch, Terms, Topology};
use crate::report::{self, PressNotice};

/// Prints the pair's plan; changes nothing.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundles', the plan's.
pub(super) fn plan(pair: &Both<'_>, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    let PlanRequest { media, dangerous, removed, certificate, .. } = *request;
    let entries = [appliance_session::entry(&pair.first, context)?, appliance_session::entry(&pair.partner, context)?];
    open_bundle::check_clock(&dangerous.accepted(), context)?;
    let (mut seen, mut runs, mut before) = (Vec::new(), Vec::new(), None);
    for (entry, partner) in entries.iter().zip(entries.iter().rev()) {
        let (MetAppliance { identity, status }, failover) = look(entry, context)?;
        if before.as_ref() == Some(&identity) {
            return Err(same_appliance(&pair.first, &pair.partner, identity.serial()));
        }
        let (marks, past) = (HighWaterMarks::read(&context.home, &identity)?, journals::past(&identity, context)?);
        let wanted = BundleCriteria::at(status.appliance.clone(), &marks, &past, dangerous);
        let wanted = wanted.beside(&past, &journals::past_of(partner, context)?);
        let bundle = open_bundle::open_for(media, &wanted, context).map_err(|failure| for_both(failure, entry))?;
        journals::answer_for(dangerous, &bundle, "plan", &identity, context)?;
        let past = journals::begun_elsewhere(&bundle, &identity, &status, past, context)?;
        let reached = pair.reached(entry, if seen.is_empty() { Part::A } else { Part::B });
        runs.push(past.open_pair().cloned());
        let history = history(removed, &past, bundle.consignment(), entry)?;
        seen.push((status, failover, bundle, history, certificate.policy(entry), reached));
        before = Some(identity);
    }
    // A's, then B's: the first of two, and then the only one that is left.
    let open = merged(runs.swap_remove(0), runs.swap_remove(0));
    let breaking = open.as_ref().is_some_and(|open| open.bound);
    let role = |at: usize| seen[at].1.as_ref().map(|failover: &Failover| failover.role);
    // A break that was begun need not have happened. Where both still show
    // their roles it did not, and what was made for it is as old as it is.
    let stands = !breaking || (role(0), role(1)) == (Some(FailoverRole::Primary), Some(FailoverRole::Backup));
    let fresh_secs = appliance_session::policy(&entries[0]).backup_fresh_secs;
    let done = open.map(|open| open.done(stands, context.now(), fresh_secs)).unwrap_or_default();
    let lists = [0, 1].map(|at: usize| PackageList::carried(seen[at].2.consignment()));
    let part = |at: usize| {
        let (status, failover, _, history, policy, reached) = &seen[at];
        let (name, reached_by, failover) = (&entries[at].name, reached.host.as_str(), failover.as_ref());
        PartFacts { name, reached_by, status, failover, list: &lists[at], history, policy }
    };
    let facts =
        PairFacts { a: part(0), b: part(1), now: context.now(), done: &done, breaking, shared_ip: pair.shared_ip };
    let plan = plan::pair(pair.order(), &facts)?;
    context.console.event(&kind::PAIR_PLAN, report::plan_json(&plan));
    context.console.say_lines(report::plan_lines(&plan));
    seen.iter().for_each(|(_, _, bundle, ..)| tell_bundle::sources(bundle, context));
    let digests = [0, 1].map(|at: usize| seen[at].2.manifest_sha256());
    let meant = [0, 1].map(|at: usize| Meant::Carried(seen[at].2.consignment(), &digests[at]));
    let switch = (pair.topology == Topology::FailoverAsync).then_some(pair.switch);
    let shared_ip = pair.shared_ip();
    let terms = Terms::pair(pair.topology, switch, shared_ip.as_deref(), meant)
        .without_clients(seen[0].3.removal(lists[0].id()).is_some())
        .without_certificates(certificate.no_certificate_export);
    let on = [0, 1].map(|at| (&entries[at], seen[at].0.appliance.serial.as_str()));
    let carried = [0, 1].map(|at: usize| -> &Consignment { seen[at].2.consignment() });
    request.write_page(&plan, &on, terms.sha256(), &carried, context)?;
    if pair.switch == Switch::SharedIp && shared_ip.is_none() {
        context.console.note("moving the shared IP address will be guided; to have it done: --shared-ip ADDRESS");
    }
    for (flag, entry, part) in [("--address-a", &entries[0], Part::A), ("--address-b", &entries[1], Part::B)] {
        if pair.address(entry, part).is_none() && plan.leads_clients_to(part) {
            let name = &entry.name;
            context
                .console
                .note(format!("by which IP address clients reach {name} will be asked; to say it: {flag} ADDRESS"));
        }
    }
    let [a, b] = [&entries[0].name, &entries[1].name];
    match plan.steps.is_empty() {
        true => {
            tell_nothing_left(false, context);
            next::after([a.as_str(), b.as_str()], media.path(), context);
        }
        false => {
            let serials = [0, 1].map(|at| seen[at].0.appliance.serial.as_str());
            let on = [(a, serials[0]), (b, serials[1])];
            let press = PressNotice::of_plan(&plan, &on, context.now(), terms.sha256());
            keep_times(&plan, &press, request.ics, context)?;
            // Whose sessions end is told by the one that serves, whichever is upgraded first.
            let primary = &mut *driver::connect(&entries[0], context)?;
            foretell(press, primary, &Identity::of(serials[0]), &entries[0], context)?;
        }
    }
    Ok(())
}

/// What an appliance shows, and its failover role where a page tells.
pub(super) fn look(entry: &ApplianceEntry, context: &mut Context) -> Result<(MetAppliance, Option<Failover>), Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let about = |error| Failure::from(error).about(&entry.name);
    let met = meet::look(&mut *appliance, entry, context).map_err(|failure| failure.about(&entry.name))?;
    let failover = match appliance.failover().map_err(about)? {
        Did::Done(shown) => Some(shown),
        Did::ByHand(guide) => {
            context.console.warn(format!("{}: its failover role can't be read: {}", entry.name, guide.because));
            None
        }
    };
    Ok((met, failover))
}

/// Upgrades the pair, as far as the rules allow now.
///
/// # Errors
/// A [`Failure`] that says how it ended.
pub(super) fn upgrade(request: &PushRequest<'_>, pair: &Both<'_>, context: &mut Context) -> Result<(), Failure> {
    let mut both = begin(request, pair, context)?;
    let [a, b] = &mut both;
    request.remove_clients_first(&mut [a, b], context)?;
    let (outcome, told) = work(request, pair, &mut both, context, |run| run.upgrade_pair())?;
    let finished =
        outcome.map_err(|failure| in_trouble(failure, both.each_mut().map(|one| &mut one.job), told, context))?;
    both.iter().try_for_each(|one| one.use_up(context))?;
    let (first, second) = (pair.first.as_str(), pair.partner.as_str());
    let [on_a, on_b] = &finished.installed;
    context.console.event(
        &kind::PAIR_DONE,
        serde_json::json!({ "primary": finished.primary, "backup": finished.backup, "installed": { first: on_a, second: on_b } }),
    );
    context
        .console
        .say(format!("done: {} is primary and {} is backup, both up to date", finished.primary, finished.backup));
    let [a, b] = &both;
    tell_after(&[&a.job, &b.job], context);
    next::after([first, second], request.media.iter().flatten().find_map(Supply::path), context);
    Ok(())
}

/// Has both check for updates where they offer their packages, and prints what
/// would be done; installs nothing.
///
/// # Errors
/// A [`Failure`]: the drivers', the bundles', the plan's.
pub(super) fn foresee(request: &PushRequest<'_>, pair: &Both<'_>, context: &mut Context) -> Result<(), Failure> {
    let mut both = begin(request, pair, context)?;
    let (outcome, _) = work(request, pair, &mut both, context, |run| run.foresee_pair())?;
    let (plan, press) = outcome?;
    tell_foreseen(&plan, &press, context);
    Ok(())
}

/// Tells the plan of two appliances, and how it is agreed to beforehand.
pub(super) fn tell_foreseen(plan: &Plan, press: &PressNotice, context: &Context) {
    context.console.event(&kind::PAIR_PLAN, report::plan_json(plan));
    context.console.say_lines(report::plan_lines(plan));
    match plan.steps.is_empty() {
        true => tell_nothing_left(false, context),
        false => tell_press(press, &context.typed().without(&["--dry-run"], &[]), context),
    }
}

/// Opens both journals, and what is installed on each.
fn begin(request: &PushRequest<'_>, pair: &Both<'_>, context: &mut Context) -> Result<[Begun; 2], Failure> {
    let (first, second) = (pair.first.as_str(), pair.partner.as_str());
    if first == second {
        return Err(Failure::new(Exit::Usage, format!("{first} is named twice; a pair has two appliances"))
            .hint("name the primary first and the backup second"));
    }
    let known = |name: &str| appliance_session::entry(name, context).map(|entry| entry.identity());
    // Before the first journal is opened: the second would be told as held by another run, which is this one.
    if let (Some(one), Some(other)) = (known(first)?, known(second)?)
        && one == other
    {
        return Err(same_appliance(first, second, one.serial()));
    }
    let mut begin = |part, name: &str, partner: &str| {
        let entry = appliance_session::entry(name, context)?;
        request.begin(part, name, partner, context).map_err(|failure| for_both(failure, &entry))
    };
    Ok([begin(Part::A, first, second)?, begin(Part::B, second, first)?])
}

/// Sets `what` to work with a run over both; what came of it, and what was told.
fn work<T>(
    request: &PushRequest<'_>,
    pair: &Both<'_>,
    [a, b]: &mut [Begun; 2],
    context: &mut Context,
    what: impl FnOnce(Run<'_>) -> Result<T, Failure>,
) -> Result<(Result<T, Failure>, Transcript), Failure> {
    let rules = RunRules {
        verb: request.verb,
        command: request.command(context),
        order: pair.order(),
        shared_ip: pair.shared_ip(),
        ..RunRules::default()
    };
    let (reached_a, reached_b) = (pair.reached(&a.job.entry, Part::A), pair.reached(&b.job.entry, Part::B));
    let (address_a, address_b) = (pair.address(&a.job.entry, Part::A), pair.address(&b.job.entry, Part::B));
    let teller = Recorder::new(&context.console, &*context.time, Transcript::default());
    let first_press = first_press(request.agree, context)?;
    let sides = [
        side(&mut a.job, Some(&a.goods), reached_a, address_a),
        side(&mut b.job, Some(&b.goods), reached_b, address_b),
    ];
    let around = Around {
        operator: &mut context.operator,
        teller: &teller,
        time: &*context.time,
        resolver: &HostResolver,
        first_press: &first_press,
    };
    let outcome = what(Run::over(pair.topology, sides, around, rules));
    Ok((outcome, teller.into_told()))
}

/// Collects a support pack of the one whose install is open, as a push of it
/// alone would: there is never more than one.
pub(super) fn in_trouble(
    failure: Failure,
    both: [&mut ApplianceSession; 2],
    told: Transcript,
    context: &mut Context,
) -> Failure {
    let stuck = both.into_iter().find(|job| job.journal.past().open_install().is_some());
    match stuck {
        Some(job) => {
            job.told = told;
            job.in_trouble(failure, context)
        }
        None => failure,
    }
}

/// One of the two as their run works it; `address` is where clients reach it.
pub(super) fn side<'m>(
    job: &'m mut ApplianceSession,
    goods: Option<&'m Goods>,
    reached: Reached,
    address: Option<String>,
) -> Side<'m> {
    Side {
        appliance: &mut *job.appliance,
        ledger: &mut job.journal,
        rules: &job.rules,
        address,
        here: address_of(&Reached::of_url(&job.entry.url)),
        reached: Some(reached),
        goods: goods.map(|goods| goods.source(&job.identity)),
        memory: Memory::default(),
    }
}

/// Refuses two names of one appliance where two appliances are needed.
pub(super) fn same_appliance(first: &str, second: &str, serial: &str) -> Failure {
    let serial = text::one_line(serial);
    Failure::new(Exit::Usage, format!("{first} and {second} are one appliance, {serial}, and two are needed"))
        .hint("name the other one; handcarry-inside list shows which name is which")
}

/// Where a bundle for one of the two is missing, says what a pair needs.
fn for_both(failure: Failure, entry: &ApplianceEntry) -> Failure {
    for_bundle(
        failure,
        entry,
        "a pair is upgraded with packages for both, best in one bundle: ask for its packages too",
    )
}

/// Says which of the two a failure is about, and where its bundle is missing,
/// what is `needed`.
pub(super) fn for_bundle(failure: Failure, entry: &ApplianceEntry, needed: &str) -> Failure {
    let missing = matches!(failure.kind, Kind::NoBundle | Kind::ForAnother);
    let failure = failure.about(&entry.name);
    match missing {
        true => failure.hint(format!("{needed}, handcarry-inside request {} MEDIA", entry.name)),
        false => failure,
    }
}
