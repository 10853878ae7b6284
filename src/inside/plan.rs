//! The verb `plan`: what push would do now, and why.

use super::appliance_session::{self, CertificateArgs};
use super::fleet::FleetArgs;
use super::foretell::{PlanRequest, foretell, history, keep_times, tell_nothing_left};
use super::high_water::HighWaterMarks;
use super::journals;
use super::meet::{self, MetAppliance};
use super::migrate;
use super::next;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pair;
use super::pairing::{self, ShownRole};
use super::procedure::{PairArgs, Procedure};
use super::supply::Named;
use super::tell_bundle;
use crate::cli::{Context, PageArgs};
use crate::console::kind;
use crate::driver;
use crate::engine::EngineError;
use crate::model::{Failure, FileName, Kind, local_time, text};
use crate::plan::{self, Facts, Terms};
use crate::report::{self, PressNotice};
use clap::Args;
use std::path::PathBuf;

/// Print the ordered plan: each step with its reason, its length, its earliest time
///
/// Reads the appliance and the journal; changes nothing on the appliance. What
/// it shows that is new goes into the journal, and so does a refusal that is set aside. For a change
/// request, as a line of time with windows and waits: --write.
#[derive(Debug, Args)]
#[command(
    override_usage = "handcarry-inside plan [OPTIONS] [MEDIA|FILE] <NAME> [PARTNER]",
    mut_arg("write", |write| write.conflicts_with_all(["all", "group"]))
)]
pub struct PlanArgs {
    /// Where the medium is mounted, or the bundle's file; left out, what 'take' brought into the store
    #[arg(value_name = "MEDIA|FILE")]
    media: Option<PathBuf>,
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Keep the times at which it goes on in this new file, for a calendar
    #[arg(long, value_name = "FILE.ics", conflicts_with_all = ["all", "group"])]
    ics: Option<PathBuf>,
    /// Plan it as push does with the same option: all client software was removed first, so nothing waits
    #[arg(long, requires = "reason", conflicts_with_all = ["all", "group"])]
    clients_removed: bool,
    #[command(flatten)]
    certificate: CertificateArgs,
    #[command(flatten)]
    page: PageArgs,
    // Their headings would hold for what follows them.
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    dangerous: DangerousArgs,
    /// Migration: restore settings on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_restore_on_backup: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: the driver's, the bundle's, the plan's.
pub fn run(args: &PlanArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        args.dangerous.check_one_at_a_time(args.dangerous_restore_on_backup)?;
        return args.fleet.read_pairs(|one, name| one.last(name), context);
    }
    let named = Named::of(args.media.as_deref(), args.name.as_deref(), &args.pair, context)?;
    let request = PlanRequest {
        media: named.from,
        dangerous: &args.dangerous,
        over_backup: args.dangerous_restore_on_backup,
        removed: args.dangerous.reason().filter(|_| args.clients_removed),
        certificate: &args.certificate,
        page: Some(&args.page),
        ics: args.ics.as_deref(),
        of_many: false,
    };
    tell(&args.pair.procedure((named.name, named.partner), "handcarry-inside push MEDIA", context)?, &request, context)
}

/// Prints the plan of a procedure; changes nothing.
///
/// # Errors
/// As [`run`].
pub(super) fn tell(procedure: &Procedure<'_>, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    let told = match procedure {
        Procedure::Single(name) => one(name, request, context),
        Procedure::Pair(both) => pair::plan(both, request, context),
        Procedure::Migrate(both) => migrate::plan(both, request, context),
    };
    match told {
        Err(failure) if request.of_many && failure.kind == Kind::Used => {
            tell_nothing_left(true, context);
            Ok(())
        }
        told => told,
    }
}

/// Prints the plan for one appliance.
fn one(name: &str, request: &PlanRequest<'_>, context: &mut Context) -> Result<(), Failure> {
    let PlanRequest { media, dangerous, removed, certificate, of_many, .. } = *request;
    let entry = appliance_session::entry(name, context)?;
    open_bundle::check_clock(&dangerous.accepted(), context)?;
    let mut appliance = driver::connect(&entry, context)?;
    let MetAppliance { identity, status } = meet::look(&mut *appliance, &entry, context)?;
    let role = ShownRole::look(&mut *appliance, &entry, &identity, context)?;
    let marks = HighWaterMarks::read(&context.home, &identity)?;
    let past = journals::past(&identity, context)?;
    let wanted = BundleCriteria::at(status.appliance.clone(), &marks, &past, dangerous);
    let bundle = open_bundle::open_for(media, &wanted, context)?;
    journals::answer_for(dangerous, &bundle, "plan", &identity, context)?;
    let past = journals::begun_elsewhere(&bundle, &identity, &status, past, context)?;
    let history = history(removed, &past, bundle.consignment(), &entry)?;
    let facts = Facts { status: &status, now: context.now(), history: &history };
    let plan = plan::make(bundle.consignment(), &facts, &certificate.policy(&entry))?;
    context.console.event_of(&kind::PLAN, || report::plan_json(&plan));
    context.console.say_lines(report::plan_lines(&plan));
    tell_bundle::sources(&bundle, context);
    let consignment = bundle.consignment();
    let terms = Terms::push(consignment, &bundle.manifest_sha256())
        .without_clients(history.removal(consignment.bundle).is_some())
        .without_certificates(certificate.no_certificate_export);
    request.write_page(&plan, &[(&entry, identity.serial())], terms.sha256(), &[consignment], context)?;
    if let Some(offers) = status.offered.as_deref().filter(|offers| !offers.is_empty()) {
        context.console.say("the appliance's own page offers:");
        report::offers_text(offers).iter().for_each(|line| context.console.say(line));
    }
    if let Some(open) = past.open_install() {
        let name = text::one_line(&open.package.name);
        context
            .console
            .note(format!("push first finds out what became of {name}, begun on {}", local_time(open.since)));
    }
    tell_role(&role, &entry.name, context);
    if let Some(part) = role.in_pair().filter(|_| !plan.steps.is_empty()) {
        let pair = pairing::told_of(&entry, &past, Some(media.typed()), context)?;
        if of_many {
            return Err(EngineError::OneOfAPair { name: entry.name.to_string(), role: part, pair }.into());
        }
        context.console.warn("a member of a standing failover pair is not upgraded alone: push refuses it");
        context.console.next(pair.command(entry.name.as_str(), part));
        return Ok(());
    }
    match plan.steps.is_empty() {
        true => {
            tell_nothing_left(false, context);
            next::after([entry.name.as_str()], media.path(), context);
        }
        false => {
            let press = PressNotice::of_plan(&plan, &[(&entry.name, identity.serial())], context.now(), terms.sha256());
            keep_times(&plan, &press, request.ics, context)?;
            foretell(press, &mut *appliance, &identity, &entry, context)?;
        }
    }
    Ok(())
}

/// Says what the appliance is in a failover pair; that it is in none goes
/// without saying.
fn tell_role(role: &ShownRole, name: &FileName, context: &Context) {
    context.console.event(&kind::FAILOVER, serde_json::json!({ "failover": role.json() }));
    match role {
        ShownRole::NotRead(_) => {
            context.console.note(format!("its failover role is {}; push looks, and asks", role.told()))
        }
        ShownRole::Is(_) if role.in_pair().is_some() => context.console.say(format!("{name} is {}", role.told())),
        ShownRole::Is(_) => {}
    }
}
