//! The verb `take`: stick → store, in one pass, so that the stick may go.

use super::high_water::latest_trusted;
use super::next;
use super::stick;
use super::supply;
use super::tell_bundle;
use crate::bundle::{Bundle, Expect, Override, VolumeSet};
use crate::cli::Context;
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::media::Medium;
use crate::model::{AGAIN, Exit, Failure, Kind, ShowPath, text};
use crate::repair::point_to;
use crate::store::{Begun, Store, StoreError, Taking};
use crate::trust::TrustStore;
use clap::Args;
use std::borrow::Borrow;
use std::path::{Path, PathBuf};

/// Take what a stick carries into the store here, verified on the way, so that the stick may go
///
/// Reads each byte of it once and keeps each package once, whoever it is for.
/// Interrupted, it goes on with what was not whole. Volumes may come on several
/// sticks, in any order: take one after the other. What is damaged or missing is
/// mended by recovery volumes, as far as they reach. Nothing kept is believed: plan, rehearse and push
/// judge it anew, by the trust and the marks of that moment.
#[derive(Debug, Args)]
pub struct TakeArgs {
    /// Where the medium is mounted, or the bundle's file
    #[arg(value_name = "MEDIA|FILE")]
    media: PathBuf,
    /// This is a run that one over many began
    #[arg(long, hide = true)]
    one_of_many: bool,
}

/// Runs the verb.
///
/// # Errors
/// The bundle's error, step by step as its format numbers them; the store's.
/// [`Exit::Waiting`] where volumes lie on another stick.
pub fn run(args: &TakeArgs, context: &mut Context) -> Result<(), Failure> {
    take(&args.media, context)?;
    let names = next::carried_for(None, context);
    next::after(names.iter().map(String::as_str), None, context);
    Ok(())
}

/// A bundle that was opened by the copy of its frame, its packages not read yet.
struct Opened<'s> {
    taking: Box<Taking<'s>>,
    bundle: Bundle,
}

impl Borrow<Bundle> for Opened<'_> {
    fn borrow(&self) -> &Bundle {
        &self.bundle
    }
}

/// Takes all that is current on `media` into the store.
///
/// # Errors
/// As [`run`].
pub(super) fn take(media: &Path, context: &mut Context) -> Result<(), Failure> {
    let sets = supply::on_medium(media)?;
    let store = Store::open(context.home.root())?;
    let trust = context.trust_store()?;
    context.warn_of_renewal(&trust.policy);
    let (mut opened, mut waiting) = (Vec::new(), Vec::new());
    for set in sets {
        match begin(&store, &set, context) {
            Ok(Begun::Whole(taking)) => {
                let bundle = open(&taking, &trust, context)?;
                opened.push((set.shown(), bundle.map(|bundle| Opened { taking, bundle })));
            }
            Ok(Begun::Waiting { name, kept, lacking }) => waiting.push((name, kept, lacking)),
            // This machine's disk, and no bundle's fault.
            Err(error @ (StoreError::Busy { .. } | StoreError::Media(_) | StoreError::NoRoom { .. })) => {
                return Err(error.into());
            }
            Err(StoreError::Bundle(error)) => {
                let beside = crate::bundle::recovery_beside(&set);
                let path = set.folder().join(set.name());
                opened.push((set.shown(), Err(point_to(error, beside, &path, context))));
            }
            Err(error) => opened.push((set.shown(), Err(error.into()))),
        }
    }
    let many = opened.len() > 1;
    if let [(_, Ok(one))] = opened.as_slice()
        && one.bundle.dangerously_accepted().is_empty()
    {
        tell_bundle::whole(&one.bundle, context)?;
    }
    if !opened.is_empty() {
        stick::judge(opened, |one: &Opened<'_>, context| keep(one, &store, context), &mut None, context)?;
        context.console.say(match many {
            true => "taken: all that is current is what was signed for, and is kept in the store",
            false => "taken: it is what was signed for, and is kept in the store",
        });
    }
    if let Some(failure) = wait_for(waiting, context) {
        return Err(failure);
    }
    let root = Medium::at(media).map_or_else(|_| media.shown(), |medium| medium.root.shown());
    context.console.say(format!("the stick may go: {root} is needed no more, and nothing was written to it"));
    Ok(())
}

fn begin<'s>(store: &'s Store, set: &VolumeSet, context: &Context) -> Result<Begun<'s>, StoreError> {
    let bytes = set.paths().iter().filter_map(|path| Some(path.symlink_metadata().ok()?.len())).sum();
    let bar = context.console.progress("copying volumes", bytes);
    store.begin(set, &bar)
}

/// Steps 1 to 6, whomever it is for, and whether or not its time has come or is over: an expired bundle may be the
/// newest, and must be seen to be that before an older one passes for current.
///
/// # Errors
/// The outer one where no bundle can be judged here, the inner one the bundle's.
fn open(taking: &Taking<'_>, trust: &TrustStore, context: &Context) -> Result<Result<Bundle, Failure>, Failure> {
    let accept = [Override::Expired, Override::NotYetValid];
    let last_trusted = latest_trusted(&context.home)?;
    let expect = Expect { now: context.now(), last_trusted, dangerous_accept: &accept };
    match taking.open(trust, &expect).map_err(Failure::from) {
        Err(failure) if failure.kind == Kind::NoJudge => Err(failure),
        opened => Ok(opened),
    }
}

/// Takes the packages of one that is current.
fn keep(one: &Opened<'_>, store: &Store, context: &Context) -> Result<(), Failure> {
    let Opened { taking, bundle } = one;
    let bar = context.console.progress("taking", bundle.packages_bytes());
    let taken = taking.take(bundle, &bar);
    bar.finish();
    store.release(taking.set(), taken.as_ref().err())?;
    let taken = taken.map_err(|error| {
        let damaged = matches!(&error, StoreError::Bundle(_));
        let failure = Failure::from(error);
        match damaged {
            true => failure.and_hint(
                "\n",
                format!("what is whole is kept, and serves whoever needs no more; to bring the rest: {AGAIN}"),
            ),
            false => failure,
        }
    })?;
    if let Some(mended) = taken.mended {
        let (restored, block) = (mended.restored, text::bytes(mended.block_bytes));
        context
            .console
            .warn(format!("damaged or missing, and mended by its recovery volumes: {restored} blocks of {block}"));
    }
    let manifest = bundle.manifest();
    context.log(&SecurityEvent::Taken {
        bundle: manifest.bundle.to_string(),
        manifest_sha256: bundle.manifest_sha256().to_string(),
        packages: manifest.packages.len(),
        size_bytes: bundle.size_bytes(),
    });
    context.console.event(
        &kind::TAKEN,
        serde_json::json!({
            "bundle": manifest.bundle, "manifest_sha256": bundle.manifest_sha256(), "name": taken.set.name(),
            "size_bytes": bundle.size_bytes(), "mended_blocks": taken.mended.map_or(0, |mended| mended.restored),
            "was_kept": taken.was_kept,
        }),
    );
    Ok(())
}

/// What is to come on other sticks.
fn wait_for(waiting: Vec<(String, usize, String)>, context: &Context) -> Option<Failure> {
    for (name, kept, lacking) in &waiting {
        let event = serde_json::json!({ "file": name, "volumes": kept, "lacking": lacking });
        context.console.event(&kind::VOLUMES, event);
    }
    let (name, kept, lacking) = waiting.into_iter().next()?;
    let volumes = text::counted(kept, "file");
    Some(
        Failure::new(Exit::Waiting, format!("{volumes} of {name} kept; {lacking}"))
            .hint(format!("this stick may go; plug in the one that has the rest, then: {AGAIN}")),
    )
}
