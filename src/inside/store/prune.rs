//! `store prune`.

use crate::bundle::VolumeSet;
use crate::cli::Context;
use crate::console::{Operator, kind};
use crate::engine::Entry;
use crate::events::SecurityEvent;
use crate::inside::high_water::HighWaterMarks;
use crate::inside::journals;
use crate::inside::question::InsideQuestion;
use crate::inventory::Identity;
use crate::model::{Consignee, Exit, Failure, Id, Manifest, text};
use crate::store::Store;
use clap::Args;

/// What goes.
#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Only say what would go
    #[arg(long)]
    dry_run: bool,
    /// Also what was begun and is not whole: packages of interrupted takes, volumes that wait for other sticks
    #[arg(long)]
    unfinished: bool,
    /// Also bundles whose time is over and that were never begun here; asks first, naming them
    #[arg(long)]
    expired: bool,
}

/// What became of a bundle's part for one appliance, as this desk knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// This desk never worked that appliance.
    Foreign,
    /// It was begun here, and something may be left to install.
    Begun,
    /// It was never begun here.
    Open,
    /// Nothing is left to install, and no receipt tells of it yet.
    Installed,
    /// Nothing is left to install, and a receipt tells of it; or of a newer one.
    Received,
}

impl Fate {
    /// Whether the bundle is needed for it.
    pub fn is_open(&self) -> bool {
        matches!(self, Fate::Begun | Fate::Open | Fate::Installed)
    }

    /// Whether nothing of it was ever installed here that is not told of in a receipt.
    fn is_settled(&self) -> bool {
        matches!(self, Fate::Foreign | Fate::Open | Fate::Received)
    }

    /// For programs.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Foreign => "foreign",
            Fate::Begun => "begun",
            Fate::Open => "open",
            Fate::Installed => "installed",
            Fate::Received => "received",
        }
    }

    /// For people.
    pub fn told(self) -> &'static str {
        match self {
            Fate::Foreign => "not worked from here",
            Fate::Begun => "begun, and to be gone on with",
            Fate::Open => "to be installed",
            Fate::Installed => "installed; no receipt tells of it yet",
            Fate::Received => "installed, and a receipt tells of it",
        }
    }
}

/// What became of a bundle for each of its appliances.
///
/// # Errors
/// A journal's, or marks', that can't be read.
pub(super) fn fates(manifest: &Manifest, context: &Context) -> Result<Vec<Fate>, Failure> {
    manifest.appliances.iter().map(|own| fate(manifest.bundle, own, context)).collect()
}

fn fate(bundle: Id, own: &Consignee, context: &Context) -> Result<Fate, Failure> {
    let who = Identity::of(&own.serial);
    let (marks, past) = (HighWaterMarks::read(&context.home, &who)?, journals::past(&who, context)?);
    if marks.serial.is_none() && past.entries().is_empty() {
        return Ok(Fate::Foreign);
    }
    let receipted = |of: Id| {
        let told = |(_, entry): &(_, Entry)| matches!(entry, Entry::ReceiptSigned { bundle, .. } if *bundle == of);
        let done = |(_, entry): &(_, Entry)| matches!(entry, Entry::PushDone { bundle } if *bundle == of);
        // A receipt of a push that was not over yet says that something is left.
        past.entries().iter().skip_while(|noted| !done(noted)).any(told)
    };
    let begun = |(_, entry): &(_, Entry)| match entry {
        Entry::PushBegun { bundle: of, .. } | Entry::PairBegun { bundle: of, .. } => *of == bundle,
        _ => false,
    };
    let newer = marks.accepted.filter(|accepted| accepted.sequence > own.sequence);
    Ok(match marks.used.contains(&bundle) {
        _ if receipted(bundle) || newer.is_some_and(|newer| receipted(newer.bundle)) => Fate::Received,
        true => Fate::Installed,
        false if past.entries().iter().any(begun) => Fate::Begun,
        false => Fate::Open,
    })
}

/// A kept bundle that may go.
struct Leaving {
    set: VolumeSet,
    bundle: Id,
    /// Whether that is so because its time is over, and not because it was installed.
    expired: bool,
}

/// Removes what is installed and received.
///
/// # Errors
/// [`Exit::NothingToDo`] where nothing is, [`Exit::Declined`] where nobody says that what expired may go; the store's.
pub fn run(args: &PruneArgs, context: &mut Context) -> Result<(), Failure> {
    let store = Store::open(context.home.root())?;
    let leaving = leaving(&store, args, context)?;
    let expired: Vec<String> = leaving.iter().filter(|one| one.expired).map(|one| text::name(one.set.name())).collect();
    if !expired.is_empty() && !args.dry_run {
        let question = InsideQuestion::RemoveExpired { bundles: expired.join(", ") };
        if !context.operator.confirm(&question)? {
            return Err(Failure::new(Exit::Declined, "nothing was removed"));
        }
    }
    let (mut packages, word) = (0, if args.dry_run { "would go" } else { "gone" });
    for Leaving { set, bundle, expired } in &leaving {
        if !args.dry_run {
            store.remove(set)?;
            context.log(&SecurityEvent::StorePruned { bundle: bundle.to_string() });
        }
        let event = serde_json::json!({
            "name": set.name(), "bundle": bundle, "dry_run": args.dry_run, "expired": expired,
        });
        context.console.event(&kind::PRUNED, event);
        context.console.say(format!("{word}: {}", text::name(set.name())));
    }
    if !args.dry_run {
        // Always: a run that was killed removed a bundle and left its packages.
        let pruned = store.sweep_objects()?;
        packages = pruned.packages;
        if pruned.packages > 0 {
            let counted = text::counted(pruned.packages, "package");
            context.console.say(format!("{counted} that no bundle lists any more: {}", text::bytes(pruned.bytes)));
        }
    }
    let unfinished = if args.unfinished && !args.dry_run { store.sweep_unfinished()? } else { 0 };
    if unfinished > 0 {
        context.console.say(format!("gone: {} that was begun and not whole", text::counted(unfinished, "thing")));
    }
    match leaving.len() + packages + unfinished {
        0 => Err(Failure::new(Exit::NothingToDo, "nothing in the store may go yet").hint(
            "a bundle goes when all of it is installed and a receipt tells of it: handcarry-inside receipt NAME MEDIA; \
             one that expired and was never begun, with --expired",
        )),
        _ => Ok(()),
    }
}

/// The bundles that may go; those that stay are told.
fn leaving(store: &Store, args: &PruneArgs, context: &Context) -> Result<Vec<Leaving>, Failure> {
    let mut leaving = Vec::new();
    for set in store.sets()? {
        let manifest = store.manifest(&set)?;
        let fates = fates(&manifest, context)?;
        // One that nobody here has worked yet waits for whoever will, as long as it can be worked.
        let done = !fates.iter().any(Fate::is_open) && fates.contains(&Fate::Received);
        let expired = manifest.expires <= context.now();
        match done || args.expired && expired && fates.iter().all(Fate::is_settled) {
            true => leaving.push(Leaving { set, bundle: manifest.bundle, expired: !done }),
            false => context.console.note(format!("stays: {}", text::name(set.name()))),
        }
    }
    Ok(leaving)
}
