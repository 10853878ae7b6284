//! The verb `push`: stick → appliance, as far as the rules allow now.

use super::appliance_session::{ApplianceSession, BackupArgs, parse_digest};
use super::fleet::{self, FleetArgs};
use super::high_water::HighWaterMarks;
use super::migrate;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pair;
use super::pairing::{self, PairArgs};
use super::plan as plan_verb;
use crate::bundle::Bundle;
use crate::cli::Context;
use crate::console::{Operator, current_user};
use crate::engine::{
    self, Alone, Entry, FirstPress, Payload, REMOVED_MEANS, RunJournal, SoakQuestion, history, open_pair, removed_first,
};
use crate::inside::question::InsideQuestion;
use crate::model::{
    AGAIN, ApplianceId, Exit, Failure, FileName, Kind, Manifest, Sha256Digest, ShowPath, Status, Timestamp, text,
};
use crate::plan::{self, Topology};
use clap::Args;
use std::path::PathBuf;

/// Back up the appliance, then install what is carried, in order, with every wait
///
/// Stops cleanly for a soak and goes on when it is called again; so it does
/// after any interruption. It first asks the appliance what is so. With
/// PARTNER and --topology both appliances of a failover pair are upgraded, or
/// the site of NAME moves to PARTNER.
#[derive(Debug, Args)]
pub struct PushArgs {
    /// Where the medium is mounted, or the bundle's file
    #[arg(value_name = "MEDIA|FILE")]
    pub(super) media: PathBuf,
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    pub(super) name: Option<String>,
    /// Begin without being asked if this is the SHA-256 that plan prints: it is of the whole procedure, and stays the same
    /// over its waits
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    pub(super) agree: Option<Sha256Digest>,
    /// Accept the licence agreement with this SHA-256 without being asked; repeatable
    #[arg(long, value_name = "SHA256", value_parser = parse_digest)]
    accept_eula: Vec<Sha256Digest>,
    /// Longest wait for one install or data sync, such as 4h or 90m
    #[arg(long, value_name = "TIME", default_value = "4h", value_parser = parse_wait)]
    pub(super) wait_max: u64,
    /// Folder for the verified copy that a step by hand needs, where your browser reaches it [default: staging in the
    /// home folder]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["all", "group"])]
    by_hand_dir: Option<PathBuf>,
    /// If the bundle is damaged: install the packages before the first damaged one, once asked
    #[arg(long, conflicts_with_all = ["all", "group", "topology"])]
    up_to_damage: bool,
    /// All client software was removed before the first site package, and is installed anew after the last: no wait
    #[arg(long, requires = "reason", conflicts_with_all = ["all", "group"])]
    pub(super) clients_removed: bool,
    #[command(flatten)]
    pub(super) backup: BackupArgs,
    // The headings of these would hold for what follows them.
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    pair: PairArgs,
    #[command(flatten)]
    pub(super) dangerous: DangerousArgs,
    /// Install outside the maintenance windows
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_outside_window: bool,
    /// Go on although clients may not have updated since the last site package
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    dangerous_skip_soak: bool,
    /// Install on a member of a standing failover pair alone
    #[arg(
        long,
        requires = "reason",
        conflicts_with = "partner",
        help_heading = "Dangerous, each asked for again and journalled"
    )]
    dangerous_alone: bool,
    /// Migration: restore settings on the backup of a failover pair, which loses its relationship by it
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    pub(super) dangerous_restore_on_backup: bool,
    /// Migration: erase the old appliance although its logged history is in no backup
    #[arg(long, requires = "reason", help_heading = "Dangerous, each asked for again and journalled")]
    pub(super) dangerous_lose_history: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; [`Exit::Waiting`] where a soak is not over.
pub fn run(args: &PushArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        let further = args.dangerous_outside_window || args.dangerous_skip_soak || args.dangerous_alone;
        args.dangerous.check_one_at_a_time(further)?;
        args.backup.check_unasked()?;
        return args.fleet.press(|one, name| one.last(name), args.agree, context);
    }
    let name = fleet::one(args.name.as_ref())?;
    if let Some(wanted) = args.pair.wanted(name, context)? {
        if args.fleet.foresees() {
            return plan_verb::both(
                &args.media,
                &wanted,
                &args.dangerous,
                args.dangerous_restore_on_backup,
                args.removed(),
                context,
            );
        }
        return match wanted.topology {
            Topology::Migrate => migrate::push(args, &wanted, context),
            Topology::FailoverSync | Topology::FailoverAsync => pair::push(args, &wanted, context),
        };
    }
    if args.fleet.foresees() {
        return plan_verb::one(&args.media, name, &args.dangerous, args.removed(), context);
    }
    let begun = args.begin(name, true, context).map_err(|failure| args.or_in_part(failure))?;
    let Begun { mut job, bundle, damaged } = begun;
    let cargo = cargo(&bundle, &damaged);
    job.first_press = FirstPress::new(args.agree);
    let finished =
        job.work(context, |engine| engine.push(&cargo)).map_err(|failure| job.in_trouble(failure, context))?;
    // Only at the end: a run that waits for its clients needs this bundle once more.
    HighWaterMarks::change(&context.home, &job.identity, |marks| marks.use_up(cargo.manifest.bundle))?;
    context.console.event("done", serde_json::json!({ "installed": finished.installed, "status": finished.status }));
    context.console.say(match finished.installed.len() {
        0 => "done: nothing was left to install".to_owned(),
        1 => "done: 1 package was installed in this run, and none is left".to_owned(),
        n => format!("done: {n} packages were installed in this run, and none is left"),
    });
    tell_after(&[&job], context);
    context.console.note(format!("next: handcarry-inside receipt {} {}", job.entry.name, args.media.quoted()));
    Ok(())
}

/// After a site package: what is left to look at, and to be put back.
pub(super) fn tell_after(jobs: &[&ApplianceSession], context: &Context) {
    for job in jobs {
        if history(&RunJournal::entries(&job.journal)).last_site().is_some() {
            context.console.note(format!("what is left to look at: handcarry-inside after {}", job.entry.name));
        }
    }
}

/// An appliance at work and the bundle for it, verified whole.
pub(super) struct Begun {
    /// The appliance, and its marks moved forward to the bundle.
    pub job: ApplianceSession,
    /// The bundle.
    pub bundle: Bundle,
    /// Its packages that are damaged; none unless that was said to do.
    pub damaged: Vec<FileName>,
}

impl PushArgs {
    /// Verifies all packages. Where damage is no reason to do nothing, names
    /// those that are damaged.
    fn find_damaged(&self, bundle: &Bundle, context: &Context) -> Result<Vec<FileName>, Failure> {
        if !self.up_to_damage {
            open_bundle::verify_packages(bundle, context)?;
            return Ok(Vec::new());
        }
        let damaged = open_bundle::damaged_packages(bundle, context)?;
        if damaged.is_empty() {
            context.console.note("--up-to-damage was not needed: nothing is damaged");
        }
        Ok(damaged)
    }

    /// A damaged bundle may be of use in part: says how.
    fn or_in_part(&self, failure: Failure) -> Failure {
        if failure.kind != Kind::Damaged || self.up_to_damage {
            return failure;
        }
        let in_part = AGAIN.with(&["--up-to-damage"]);
        failure.and_hint("\n", format!("to install what comes before the first damaged package: {in_part}"))
    }

    /// Opens an appliance's journal, with the rules that these options make.
    pub(super) fn job(&self, name: &str, context: &mut Context) -> Result<ApplianceSession, Failure> {
        let mut job = ApplianceSession::open(name, &self.backup, context)?;
        if let Some(dir) = &self.by_hand_dir {
            job.rules.folders.staging = std::path::absolute(dir).unwrap_or_else(|_| dir.clone());
        }
        job.rules.wait_max_secs = self.wait_max;
        job.rules.accepted.clone_from(&self.accept_eula);
        job.rules.outside_window = self.dangerous.reason().filter(|_| self.dangerous_outside_window).map(str::to_owned);
        job.rules.skip_soak = self.dangerous.reason().filter(|_| self.dangerous_skip_soak).map(str::to_owned);
        job.rules.clients_removed = self.removed().map(str::to_owned);
        Ok(job)
    }

    /// Why all client software was removed first; `None` where that is not said.
    fn removed(&self) -> Option<&str> {
        self.dangerous.reason().filter(|_| self.clients_removed)
    }

    /// Where it is said, has a person confirm once for all of `begun` that all
    /// client software is removed, before anything is pressed on either.
    pub(super) fn remove_clients_first(&self, begun: &mut [&mut Begun], context: &mut Context) -> Result<(), Failure> {
        let Some(reason) = self.removed() else { return Ok(()) };
        let mut open = Vec::new();
        for one in begun.iter_mut() {
            let (name, bundle) = (one.job.entry.name.to_string(), one.bundle.manifest().bundle);
            if !removed_first(&RunJournal::entries(&one.job.journal), bundle, &name)? {
                open.push((name, bundle, one));
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = open.iter().map(|(name, ..)| name.as_str()).collect();
        let question = SoakQuestion::AreClientsRemoved { site: names.join(" and "), reason: reason.to_owned() };
        context.console.warn(REMOVED_MEANS);
        let yes = context.operator.confirm(&question)?;
        for (_, bundle, one) in open {
            let asked = Entry::Asked { question: question.to_string(), yes };
            RunJournal::append(&mut one.job.journal, context.now(), &asked)?;
            if yes {
                let said = Entry::ClientsRemovedFirst { bundle, reason: reason.to_owned(), by: current_user() };
                RunJournal::append(&mut one.job.journal, context.now(), &said)?;
            }
        }
        match yes {
            true => Ok(()),
            false => Err(Failure::new(Exit::Declined, format!("the answer was no to: {question}"))
                .hint("nothing was done; without --clients-removed each site package is followed by its wait")),
        }
    }

    /// Opens an appliance's journal and the bundle for it. `alone` asks first
    /// where the journal has a pair run that is not over.
    pub(super) fn begin(&self, name: &str, alone: bool, context: &mut Context) -> Result<Begun, Failure> {
        open_bundle::check_clock(&self.dangerous.accepted(), context)?;
        let mut job = self.job(name, context)?;
        let shown = job.meet(context)?;
        if alone {
            leave_pair(&mut job, context)?;
            let reason = self.dangerous.reason().filter(|_| self.dangerous_alone).map(str::to_owned);
            let pair = pairing::told(&job, Some(self.media.quoted()), context)?;
            job.rules.alone = Some(Alone { verb: "push", pair, reason });
        }
        let marks = HighWaterMarks::read(&context.home, &job.identity)?;
        let who = who(shown, &job, context.now())?;
        let wanted = BundleCriteria::at(Some(who), &marks, &RunJournal::entries(&job.journal), &self.dangerous);
        let bundle = open_bundle::open(&self.media, &wanted, context)?;
        open_bundle::tell(&bundle, context);
        let damaged = self.find_damaged(&bundle, context)?;
        self.dangerous.answer_for(&bundle, "push", Some(&mut job.journal), context)?;
        let manifest: &Manifest = bundle.manifest();
        open_bundle::keep_manifest(manifest, context)?;
        HighWaterMarks::change(&context.home, &job.identity, |marks| marks.accept(manifest, bundle.time()))?;
        Ok(Begun { job, bundle, damaged })
    }
}

/// What the engine needs of a bundle.
pub(super) fn cargo<'a>(bundle: &'a Bundle, damaged: &'a [FileName]) -> Payload<'a> {
    Payload {
        manifest: bundle.manifest(),
        manifest_sha256: bundle.manifest_sha256(),
        signed_by: bundle.approval().approvers.iter().map(|approver| approver.principal.clone()).collect(),
        packages: bundle,
        damaged,
    }
}

/// An appliance in an open pair run is pushed alone only on a word: the other
/// one may be half-way.
pub(super) fn leave_pair(job: &mut ApplianceSession, context: &mut Context) -> Result<(), Failure> {
    let Some(open) = open_pair(&RunJournal::entries(&job.journal)) else { return Ok(()) };
    let name = &job.entry.name;
    let question = InsideQuestion::LeavePair { name: name.to_string(), run: open.told() };
    let yes = context.operator.confirm(&question)?;
    RunJournal::append(&mut job.journal, context.now(), &Entry::Asked { question: question.to_string(), yes })?;
    if yes {
        return RunJournal::append(&mut job.journal, context.now(), &Entry::PairLeft { run: open.run });
    }
    Err(Failure::new(Exit::PairOpen, format!("{name} is in a pair run that is not over: {}", open.told()))
        .hint(format!("go on with it: {}", text::printable(&open.command))))
}

/// Who the appliance is; while it installs, who it was when it was last seen.
/// A clock that it contradicts is refused here, before any mark remembers it.
fn who(shown: Option<Status>, job: &ApplianceSession, now: Timestamp) -> Result<ApplianceId, Failure> {
    let Some(status) = shown else {
        let serial = job.identity.serial().to_owned();
        return Ok(ApplianceId { serial, model: String::new(), host: String::new() });
    };
    engine::check_clocks(&job.rules.policy, plan::clock_skew(&status, now))?;
    Ok(status.appliance)
}

/// Reads `90s`, `90m`, `4h`.
pub(super) fn parse_wait(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return Err("a time ends with s, m or h, such as 90m".to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| "a time begins with a number, such as 90m".to_owned())?;
    match number.checked_mul(factor) {
        Some(secs @ 1..=604_800) => Ok(secs),
        _ => Err("the longest wait is from 1 s to 168 h".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::parse_wait;

    #[test]
    fn waits_have_units() {
        assert_eq!(parse_wait("90m"), Ok(5400));
        assert_eq!(parse_wait("30s"), Ok(30));
        for bad in ["", "90", "h", "0s", "999999h", "-1h"] {
            assert!(parse_wait(bad).is_err(), "{bad}");
        }
    }
}
