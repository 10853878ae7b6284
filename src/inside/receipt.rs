//! The verb `receipt`: what became of a bundle, signed, onto the stick.

use super::appliance_session;
use super::fleet::{self, FleetArgs};
use super::high_water::sound_time;
use super::journals;
use super::open_bundle;
use super::word_order;
use crate::cli::{Context, KeyArgs, write_paper};
use crate::console::kind;
use crate::driver::{self, Heard};
use crate::engine::{Became, Entry, EntryLog, Past, RunJournal, backup_before, became};
use crate::inventory;
use crate::media::Medium;
use crate::model::{
    Consignment, Evidence, Exit, Failure, FileName, Id, MAX_LINKS, Outcome, PackageResult, Receipt, Sha256Digest,
    ShowPath, Source, Status, text,
};
use crate::plan::{self, Facts};
use crate::trust::Namespace;
use clap::Args;
use std::path::PathBuf;

/// Write a signed receipt of what was installed onto the medium
///
/// It tells what became of each package and where the journal stands, so that
/// outside knows what is installed and a shortened journal is found.
#[derive(Debug, Args)]
#[command(allow_missing_positional = true, override_usage = "handcarry-inside receipt [OPTIONS] <NAME> [MEDIA]")]
pub struct ReceiptArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Where the medium is mounted (or the handcarry folder on it); after NAME it may be left out where one is plugged in
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
    /// The bundle it is about, by the beginning of its id [default: the last that was pushed]
    #[arg(long, value_name = "ID", conflicts_with_all = ["all", "group"])]
    bundle: Option<String>,
    /// Leave the appliance alone; the receipt then says nothing of its present state
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    fleet: FleetArgs,
}

impl ReceiptArgs {
    /// Takes the words in the other order, too.
    pub(super) fn put_in_order(&mut self, context: &Context) -> &Self {
        if !self.fleet.is_meant() {
            word_order::name_and_medium(&mut self.name, &mut self.media, context);
        }
        self
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: nothing was pushed yet, no key, the medium can't be written.
pub fn run(args: &ReceiptArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.run(|one, name| one.first(name), &args.key, context);
    }
    sound_time(context)?;
    let entry = appliance_session::entry(fleet::one_and_media("receipt", args.name.as_ref(), &args.media)?, context)?;
    let medium = Medium::at(&args.media)?;
    let Some(who) = entry.identity() else { return Err(nothing_pushed(&entry.name, false)) };
    let path = journals::journal_path(&who, context);
    if !path.exists() {
        return Err(nothing_pushed(&entry.name, false));
    }
    let mut journal = journals::open(&who, context)?;
    let (bundle, manifest_sha256) = pushed(journal.past(), args.bundle.as_deref(), &entry.name)?;
    let consignment = open_bundle::kept_consignment(bundle, manifest_sha256, &who, context)?;
    let signer = context.signer(&args.key)?;
    let status = if args.offline { None } else { read_status(&entry, &consignment, &mut journal, context)? };
    let packages = fates(&consignment, journal.past(), status.as_ref(), &entry, context);
    let backup_sha256 = backup_before(journal.entries(), bundle);
    // Recorded before it is signed, so that a later receipt links to this one wherever a run dies in between.
    let id = Id::random();
    journal.append(context.now(), &Entry::ReceiptSigned { receipt: id, bundle })?;
    let (head, earlier) = journal.receipts().split_last().expect("one was just recorded");
    let receipt = Receipt {
        format: 1,
        receipt: id,
        created: context.now(),
        appliance: consignment.appliance.clone(),
        bundle,
        sequence: consignment.sequence,
        manifest_sha256,
        packages,
        status,
        backup_sha256,
        journal: *head,
        links: earlier[earlier.len().saturating_sub(MAX_LINKS)..].to_vec(),
    };
    let stem = FileName::parse(&format!("{}-{}", entry.name, receipt.receipt.short()))
        .map_err(|complaint| Failure::new(Exit::Config, complaint).hint("enrol the appliance under a shorter name"))?;
    let path = write_paper(&medium.receipts(), &stem, &receipt, Namespace::Receipt, &signer)?;
    for fate in &receipt.packages {
        context.console.say(format!("{}: {}", text::one_line(&fate.name), words(fate.outcome)));
        context.console.say(format!("    {}", fate.source));
    }
    context.console.event(&kind::RECEIPT, serde_json::json!({ "file": path, "receipt": receipt }));
    context.console.say(format!("receipt {} is signed onto {}", receipt.receipt.short(), path.shown()));
    context.console.next(format!("handcarry-outside receive {}", args.media.quoted()));
    Ok(())
}

/// The bundle that is meant, and its manifest's digest.
fn pushed(past: &Past, wanted: Option<&str>, name: &FileName) -> Result<(Id, Sha256Digest), Failure> {
    let begun = past.entries().iter().rev().filter_map(|(_, entry)| match entry {
        Entry::PushBegun { bundle, manifest_sha256, .. } => Some((*bundle, *manifest_sha256)),
        _ => None,
    });
    let mut meant = begun.filter(|(id, _)| wanted.is_none_or(|wanted| id.begins_with(wanted)));
    meant.next().ok_or_else(|| match wanted {
        Some(wanted) => {
            Failure::new(Exit::NotFound, format!("no bundle {} was pushed to this appliance", text::one_line(wanted)))
                .hint("handcarry-inside audit NAME lists what was")
        }
        None => nothing_pushed(name, past.is_by_update()),
    })
}

fn nothing_pushed(name: &FileName, by_update: bool) -> Failure {
    if by_update {
        let what = format!(
            "what {name} installed it was offered by its vendor: no bundle was carried, and a receipt is of one"
        );
        return Failure::new(Exit::NotFound, what)
            .hint(format!("what was installed, and when, is in its journal: handcarry-inside audit {name}"));
    }
    Failure::new(Exit::NotFound, "nothing was pushed to this appliance yet, so there is no receipt to give")
        .hint(format!("push first: handcarry-inside push MEDIA {name}"))
}

/// The appliance now; `None`, with a warning, where it can't be read.
fn read_status(
    entry: &inventory::ApplianceEntry,
    consignment: &Consignment,
    journal: &mut EntryLog,
    context: &mut Context,
) -> Result<Option<Status>, Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let read = appliance.status();
    journals::note_in(Heard::by(&mut *appliance), journal, &appliance_session::identity(entry)?, context)?;
    match read {
        Ok(status) if status.appliance.serial == consignment.appliance.serial => Ok(Some(status)),
        Ok(_) => {
            context.console.warn("the appliance shows another serial number by now; its state is left out");
            Ok(None)
        }
        Err(error) => {
            let failure = Failure::from(error);
            context.console.warn(format!("the receipt says nothing of the present state: {}", failure.message));
            Ok(None)
        }
    }
}

/// What became of each package of the bundle.
fn fates(
    consignment: &Consignment,
    past: &Past,
    status: Option<&Status>,
    entry: &inventory::ApplianceEntry,
    context: &Context,
) -> Vec<PackageResult> {
    let skipped = skipped(consignment, past, status, entry, context);
    // That it was there already is a person's word where the versions were typed.
    let word_only = status.filter(|status| status.typed).map(|_| Evidence::Operator);
    let fate = |package: &crate::model::Package| {
        let own = became(past.entries(), consignment.bundle, &package.key());
        let (outcome, evidence, at) = match own {
            Some(Became::Installed(evidence, at)) => (Outcome::Installed, Some(evidence), Some(at)),
            // Before a failure: what failed once and is there now came by another way.
            _ if skipped.contains(&package.file) => (Outcome::AlreadyInstalled, word_only, None),
            Some(Became::Failed(at)) => (Outcome::Failed, None, Some(at)),
            None => (Outcome::Pending, None, None),
        };
        PackageResult {
            file: package.file.clone(),
            name: package.name.clone(),
            sha256: package.sha256,
            source: Source::clone(&package.source),
            outcome,
            evidence,
            at,
        }
    };
    consignment.packages.iter().map(fate).collect()
}

/// The files that need no install: by the appliance's present state, else by
/// the last plan that was followed.
fn skipped(
    consignment: &Consignment,
    past: &Past,
    status: Option<&Status>,
    entry: &inventory::ApplianceEntry,
    context: &Context,
) -> Vec<FileName> {
    let planned = status.and_then(|status| {
        plan::make(
            consignment,
            &Facts { status, now: context.now(), history: past.history() },
            &appliance_session::policy(entry),
        )
        .ok()
    });
    if let Some(plan) = planned {
        return plan.skipped.into_iter().map(|skipped| skipped.package.file).collect();
    }
    let mut bundle = None;
    let mut last = Vec::new();
    for (_, entry) in past.entries() {
        match entry {
            Entry::PushBegun { bundle: begun, .. } => bundle = Some(*begun),
            Entry::Planned { skipped, .. } if bundle == Some(consignment.bundle) => last.clone_from(skipped),
            _ => {}
        }
    }
    last
}

fn words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Installed => "installed and confirmed",
        Outcome::AlreadyInstalled => "was there already",
        Outcome::Pending => "not installed yet",
        Outcome::Failed => "failed",
    }
}
