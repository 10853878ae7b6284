//! How a push begins: the appliance opened and met, its bundle found and
//! verified, what was set aside answered for.

use super::appliance_session::{self, ApplianceSession, BackupArgs, CertificateArgs};
use super::high_water::HighWaterMarks;
use super::journals;
use super::open_bundle::{self, BundleCriteria};
use super::overrides::DangerousArgs;
use super::pairing;
use super::supply::Supply;
use super::tell_bundle;
use crate::bundle::Delivery;
use crate::cli::Context;
use crate::console::{Operator, current_user};
use crate::engine::{
    self, Alone, Entry, OverrideRequest, PackageSource, Payload, REMOVED_MEANS, RunJournal, SoakQuestion, removed_first,
};
use crate::inventory::{Driver, Identity};
use crate::media;
use crate::model::{
    AGAIN, ApplianceId, Consignment, Exit, Failure, FileName, Id, Kind, Sha256Digest, Status, Timestamp, Version, text,
};
use crate::plan::{self, PackageList, Part};
use std::path::Path;

/// What push was asked for, whatever it works.
pub(super) struct PushRequest<'a> {
    /// The verb that was typed.
    pub verb: &'static str,
    /// Where the packages of the first appliance and of the second are looked
    /// for; `None` of one that installs what it offers by itself.
    pub media: [Option<Supply<'a>>; 2],
    /// The latest site version that is installed of what is offered; `None` for any.
    pub up_to: Option<&'a Version>,
    /// What was agreed to beforehand.
    pub agree: Option<Sha256Digest>,
    /// Licence agreements accepted beforehand.
    pub accepted: &'a [Sha256Digest],
    /// Seconds to wait for one install, data sync or reset at most.
    pub wait_max_secs: u64,
    /// Folder for the verified copy that a step by hand needs.
    pub by_hand_dir: Option<&'a Path>,
    /// Whether what comes before the first damaged package is installed.
    pub up_to_damage: bool,
    /// Why all client software was removed first; `None` where that is not said.
    pub removed: Option<&'a str>,
    /// How backups are made.
    pub backup: &'a BackupArgs,
    /// How certificates are exported.
    pub certificate: &'a CertificateArgs,
    /// What is set aside, and why.
    pub dangerous: &'a DangerousArgs,
    /// Whether installs may begin outside the maintenance windows.
    pub outside_window: bool,
    /// Whether the wait after a site package is set aside.
    pub skip_soak: bool,
    /// Whether a member of a standing pair is worked alone.
    pub alone: bool,
    /// Whether settings may be restored on the backup of a failover pair.
    pub restore_on_backup: bool,
    /// Whether the old appliance may be erased although its history is nowhere else.
    pub lose_history: bool,
}

/// What changed, and after a site package what is left to look at, and to be put back.
pub(super) fn tell_after(jobs: &[&ApplianceSession], context: &Context) {
    for job in jobs {
        let (history, name) = (job.journal.past().history(), &job.entry.name);
        if !history.installs.is_empty() {
            context.console.note(format!("what changed: handcarry-inside status {name} --compare"));
        }
        if history.last_site().is_some() {
            context.console.note(format!("what is left to look at: handcarry-inside after {name}"));
        }
    }
}

/// What is installed on an appliance at work.
pub(super) enum Goods {
    /// A bundle, verified whole, and its packages that are damaged: none unless
    /// that was said to do.
    Carried(Box<Delivery>, Vec<FileName>),
    /// What it offers by itself, in the run of this id.
    Offered(Id),
}

/// An appliance at work, and what is installed on it.
pub(super) struct Begun {
    /// The appliance; its marks are moved forward to what is carried.
    pub job: ApplianceSession,
    /// What is installed on it.
    pub goods: Goods,
}

impl Goods {
    /// The bundle, or the run of what is offered.
    pub(super) fn id(&self) -> Id {
        match self {
            Goods::Carried(bundle, _) => bundle.consignment().bundle,
            Goods::Offered(run) => *run,
        }
    }

    /// The same for the engine; `who` is the appliance it is for.
    pub(super) fn source(&self, who: &Identity) -> PackageSource<'_> {
        match self {
            Goods::Carried(bundle, damaged) => PackageSource::Carried(cargo(bundle, damaged)),
            Goods::Offered(run) => PackageSource::Offered(PackageList::awaited(*run, who.serial())),
        }
    }
}

impl Begun {
    /// Marks what was carried as installed, so that it is never pushed again.
    pub(super) fn use_up(&self, context: &Context) -> Result<(), Failure> {
        match &self.goods {
            Goods::Carried(..) => {
                let bundle = self.goods.id();
                HighWaterMarks::change(&context.home, &self.job.identity, |marks| marks.use_up(bundle))
            }
            Goods::Offered(_) => Ok(()),
        }
    }
}

impl<'a> PushRequest<'a> {
    /// Verifies all packages. Where damage is no reason to do nothing, names
    /// those that are damaged.
    fn find_damaged(&self, bundle: &Delivery, context: &Context) -> Result<Vec<FileName>, Failure> {
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
    pub(super) fn or_in_part(&self, failure: Failure) -> Failure {
        if failure.kind != Kind::Damaged || self.up_to_damage {
            return failure;
        }
        let in_part = AGAIN.with(&["--up-to-damage"]);
        failure.and_hint("\n", format!("to install what comes before the first damaged package: {in_part}"))
    }

    /// The reason that was given, where it was given for this.
    pub(super) fn why(&self, meant: bool) -> Option<String> {
        self.dangerous.reason().filter(|_| meant).map(str::to_owned)
    }

    /// Opens an appliance's journal, with the rules that the request makes.
    pub(super) fn job(&self, name: &str, context: &mut Context) -> Result<ApplianceSession, Failure> {
        let mut job = ApplianceSession::open(name, self.backup, context)?;
        if let Some(dir) = self.by_hand_dir {
            // It is told to a person, whose browser knows nothing of this program's folder.
            job.rules.folders.staging = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        }
        job.rules.wait_max_secs = self.wait_max_secs;
        job.rules.accepted = self.accepted.to_vec();
        job.rules.outside_window = self.why(self.outside_window);
        job.rules.skip_soak = self.why(self.skip_soak);
        job.rules.clients_removed = self.removed.map(str::to_owned);
        job.rules.up_to = self.up_to.cloned();
        self.certificate.apply(&mut job, self.dangerous.reason(), context)?;
        Ok(job)
    }

    /// Where it is said, has a person confirm once for all of `begun` that all
    /// client software is removed, before anything is pressed on either.
    pub(super) fn remove_clients_first(&self, begun: &mut [&mut Begun], context: &mut Context) -> Result<(), Failure> {
        let Some(reason) = self.removed else { return Ok(()) };
        let mut open = Vec::new();
        for one in begun.iter_mut() {
            let (name, bundle) = (one.job.entry.name.to_string(), one.goods.id());
            if !removed_first(one.job.journal.past(), bundle, &name)? {
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
        // Into each journal, since each must show by itself why nobody was waited for.
        for (_, bundle, one) in open {
            let asked = Entry::Asked { question: question.to_string(), yes };
            one.job.journal.append(context.now(), &asked)?;
            if yes {
                let said = Entry::ClientsRemovedFirst { bundle, reason: reason.to_owned(), by: current_user() };
                one.job.journal.append(context.now(), &said)?;
            }
        }
        match yes {
            true => Ok(()),
            false => Err(Failure::new(Exit::Declined, format!("the answer was no to: {question}"))
                .hint("nothing was done; without --clients-removed each site package is followed by its wait")),
        }
    }

    /// The options that were typed, as whoever goes on with a run of `name` types them in any folder.
    pub(super) fn options(&self, name: &str, context: &Context) -> String {
        let media = self.media[0].and_then(|supply| supply.path());
        let typed = media.map(|path| context.typed().without_word(path.as_os_str()));
        let typed = typed.unwrap_or_else(|| context.typed().clone());
        typed.without_word(name.as_ref()).from_anywhere(None).rest()
    }

    /// The command that was typed over two, likewise.
    pub(super) fn command(&self, context: &Context) -> String {
        let media = self.media.iter().flatten().find_map(Supply::path);
        context.typed().from_anywhere(media).to_string()
    }

    /// Opens the journal of `part`, one of two appliances, and what is installed on it.
    pub(super) fn begin(&self, part: Part, name: &str, partner: &str, context: &mut Context) -> Result<Begun, Failure> {
        if let Some(media) = self.media[part.index()] {
            return self.begin_carried(media, name, Some(partner), context);
        }
        let mut job = self.job(name, context)?;
        // Where a person works it, what it shows is asked for when it is needed.
        if job.entry.driver != Driver::Guided {
            job.meet(context)?;
        }
        context.console.is_about(name);
        // What a run that is not over was begun with goes on by its id.
        let open = job.journal.past().open_pair();
        let open = open.filter(|open| open.offered && open.partner.as_str() == partner).map(|open| open.bundle);
        Ok(Begun { job, goods: Goods::Offered(open.unwrap_or_else(Id::random)) })
    }

    /// Opens an appliance's journal and the bundle for it. Without a `partner`
    /// it asks first where the journal has a pair run that is not over.
    pub(super) fn begin_carried(
        &self,
        media: Supply<'_>,
        name: &str,
        partner: Option<&str>,
        context: &mut Context,
    ) -> Result<Begun, Failure> {
        open_bundle::check_clock(&self.dangerous.accepted(), context)?;
        let mut job = self.job(name, context)?;
        let shown = job.meet(context)?;
        if partner.is_none() {
            let reason = self.why(self.alone);
            leave_pair(&mut job, self.verb, reason.as_deref(), context)?;
            job.rules.options = self.options(name, context);
            let pair = pairing::told(&job, Some(media.typed()), context)?;
            job.rules.alone = Some(Alone { verb: "push", pair, reason });
        }
        let marks = HighWaterMarks::read(&context.home, &job.identity)?;
        let who = who(shown, &job, context.now())?;
        let mut wanted = BundleCriteria::at(who, &marks, job.journal.past(), self.dangerous);
        if let Some(partner) = partner {
            let partner = journals::past_of(&appliance_session::entry(partner, context)?, context)?;
            wanted = wanted.beside(job.journal.past(), &partner);
            context.console.is_about(name);
        }
        let bundle = open_bundle::open_for(media, &wanted, context)?;
        let begins =
            |entry: &Entry| matches!(entry, Entry::PushBegun { bundle: of, .. } if *of == bundle.consignment().bundle);
        let known = job.journal.entries().iter().any(|(_, entry)| begins(entry));
        tell_bundle::consignment(&bundle, known, context);
        let damaged = self.find_damaged(&bundle, context)?;
        self.dangerous.answer_for(&bundle, self.verb, Some(&mut job.journal), context)?;
        open_bundle::keep_manifest(&bundle, context)?;
        let consignment: &Consignment = bundle.consignment();
        HighWaterMarks::change(&context.home, &job.identity, |marks| marks.accept(consignment, bundle.time()))?;
        Ok(Begun { job, goods: Goods::Carried(Box::new(bundle), damaged) })
    }
}

/// What the engine needs of a bundle.
pub(super) fn cargo<'a>(bundle: &'a Delivery, damaged: &'a [FileName]) -> Payload<'a> {
    Payload {
        consignment: bundle.consignment(),
        manifest_sha256: bundle.manifest_sha256(),
        signed_by: bundle.approval().approvers.iter().map(|approver| approver.principal.clone()).collect(),
        // A store's disk is no stick.
        medium: bundle.path().parent().filter(|_| !bundle.is_kept()).and_then(media::serial_of),
        packages: bundle,
        damaged,
    }
}

/// What going on alone may cost.
const LEAVING: &str = "the other one of the two is left as it is, maybe half upgraded, broken off or not in sync; \
    this run is not gone on with any more";

/// An appliance in an open pair run is worked alone only on a word and for a
/// `reason`: the other one may be half-way.
pub(super) fn leave_pair(
    job: &mut ApplianceSession,
    verb: &str,
    reason: Option<&str>,
    context: &mut Context,
) -> Result<(), Failure> {
    let Some(open) = job.journal.past().open_pair().cloned() else { return Ok(()) };
    let refused = format!("{} is in a pair run that is not over: {}", job.entry.name, open.told());
    let Some(reason) = reason else {
        let go_on = text::printable(&open.command);
        return Err(Failure::new(Exit::PairOpen, refused).hint(format!("go on with it: {go_on}")));
    };
    let word = "alone";
    OverrideRequest { refused: &refused, meaning: LEAVING, reason, word, undone: "nothing was done" }
        .set_aside(&context.console, &mut context.operator)?;
    let (what, reason, verb) = (word.to_owned(), reason.to_owned(), verb.to_owned());
    let accepted = Entry::DangerousAccepted { bundle: open.bundle, what, refused, reason, by: current_user(), verb };
    job.journal.append(context.now(), &accepted)?;
    job.journal.append(context.now(), &Entry::PairLeft { run: open.run })
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
