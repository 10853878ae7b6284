//! Finds the bundle that is meant on a stick, and opens it.

use super::high_water::{HighWaterMarks, latest_trusted, sound_time};
use super::overrides::DangerousArgs;
use super::supply::Supply;
use crate::bundle::{self, Bundle, BundleError, Delivery, Expect, ExpectHere, Override, VolumeSet};
use crate::cli::{Context, Signed, read_signed};
use crate::console::kind;
use crate::engine::{Entry, Past};
use crate::inventory::Identity;
use crate::media::{self, Bypass, Mode};
use crate::model::{
    ApplianceId, Consignment, Exit, Failure, FileName, Id, Kind, Manifest, Sha256Digest, ShowPath, Timestamp,
};
use crate::repair::point_to;
use crate::trust::{TrustStore, signature_path};
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most bundles that are told one by one why they were not taken: more say nothing to a person.
const MAX_REFUSED_TOLD: usize = 20;

/// Largest manifest kept for receipts, in bytes; that of `bundle` is smaller.
const MAX_MANIFEST_BYTES: u64 = 64 << 20;

/// What a bundle must be for an appliance, as this desk remembers it.
pub struct BundleCriteria<'a> {
    /// The appliance at hand.
    pub appliance: ApplianceId,
    /// Its marks; `None` where nothing that is remembered here is meant.
    pub marks: Option<&'a HighWaterMarks>,
    /// The bundles whose push is done, by its marks or by its journal.
    pub used: Vec<Id>,
    /// Refusals that a person answers for.
    pub dangerous_accept: Vec<Override>,
}

impl<'a> BundleCriteria<'a> {
    /// For an appliance with these marks and this journal. A bundle is used
    /// when a push of it was done, that is, when nothing of it was left to
    /// install; while it waits for a soak or goes on after a stop, it is not,
    /// nor while a pair run is open that it belongs to.
    pub fn at(appliance: ApplianceId, marks: &'a HighWaterMarks, past: &Past, dangerous: &DangerousArgs) -> Self {
        let under_way = past.open_pair().map(|open| open.bundle);
        let done = past.entries().iter().filter_map(|(_, entry)| match entry {
            Entry::PushDone { bundle } if Some(*bundle) != under_way => Some(*bundle),
            _ => None,
        });
        let used = marks.used.iter().copied().chain(done).collect();
        BundleCriteria { appliance, marks: Some(marks), used, dangerous_accept: dangerous.accepted() }
    }

    /// The same beside the partner of a run over both, by the `past` of the one and of the other. A kill
    /// between two writes ends such a run in one journal only: what it began here with is not used before
    /// both have its end.
    pub fn beside(mut self, past: &Past, partner: &Past) -> Self {
        if let Some(open) = partner.open_pair() {
            let begun = past.entries().iter().find_map(|(_, entry)| match entry {
                Entry::PairBegun { run, bundle, .. } if *run == open.run => Some(*bundle),
                _ => None,
            });
            self.used.retain(|used| Some(*used) != begun);
        }
        self
    }
}

/// Opens the bundle that is for the appliance and is the one `wanted`; of several the newest. Steps 1 to
/// 6 of the numbered procedure; the packages are not read yet. Nothing is
/// remembered from one call to the next: each judges by the trust in force.
///
/// # Errors
/// The only bundle's error, or of several the one that says most.
pub fn open_for<'a>(
    from: impl Into<Supply<'a>>,
    wanted: &BundleCriteria<'_>,
    context: &Context,
) -> Result<Delivery, Failure> {
    let mut here = ExpectHere::of(&wanted.appliance);
    here.used = &wanted.used;
    if let Some(marks) = wanted.marks {
        marks.expect(&mut here);
    }
    let open = |set, trust: &TrustStore, expect: &Expect<'_>| bundle::open_for(set, trust, expect, &here);
    let opened = open_all(from.into(), &wanted.dangerous_accept, &open, context)?;
    choose(opened, |one| one.consignment().sequence, context)
}

/// Opens the bundle that lies there, whomever it is for.
///
/// # Errors
/// As [`open_for`]; [`Exit::Usage`] where several lie there that are not for the same appliances.
pub fn open(from: Supply<'_>, context: &Context) -> Result<Bundle, Failure> {
    let opened = open_all(from, &[], &|set, trust, expect| bundle::open(set, trust, expect), context)?;
    let whose = |(_, one): &(String, Bundle)| one.manifest().appliances.iter().map(|own| own.serial.clone()).collect();
    let serials: BTreeSet<Vec<String>> = opened.admitted.iter().map(whose).collect();
    if serials.len() > 1 {
        // None of them is older than another: each is for other appliances.
        return Err(Failure::new(
            Exit::Usage,
            "bundles for several appliances lie there, and the serial number of this one is not known here yet",
        )
        .hint("give the bundle's file; or verify all of them, without --appliance"));
    }
    // They are for the same appliances, each of which has the later one's higher number.
    choose(opened, |one| one.manifest().appliances.iter().map(|own| own.sequence).max().unwrap_or(0), context)
}

/// The bundles that lie on a medium, opened.
struct OpenedBundles<T> {
    /// Those that are what they must be, with their names.
    admitted: Vec<(String, T)>,
    /// Why the others are not.
    refused: Vec<(String, Failure)>,
}

/// How a bundle is opened.
type OpenBundle<'a, T> = &'a dyn Fn(VolumeSet, &TrustStore, &Expect<'_>) -> Result<T, BundleError>;

/// Opens each bundle that lies there.
fn open_all<T>(
    from: Supply<'_>,
    accept: &[Override],
    open: OpenBundle<'_, T>,
    context: &Context,
) -> Result<OpenedBundles<T>, Failure> {
    let trust = context.trust_store()?;
    context.warn_of_renewal(&trust.policy);
    let last_trusted = latest_trusted(&context.home)?;
    let (mut admitted, mut refused) = (Vec::new(), Vec::new());
    for set in from.sets(context)? {
        let name = set.shown();
        match open_one(set, &trust, accept, last_trusted, open, context) {
            Ok(bundle) => admitted.push((name, bundle)),
            // One that can't be opened must not hide a good one beside it.
            Err(failure) => refused.push((name, failure)),
        }
    }
    if let Supply::Store = from
        && !admitted.is_empty()
    {
        // Others' bundles are what a store is for, and what is done of one's own stays there until it is pruned.
        refused.retain(|(_, failure)| rank(failure) < DONE);
    }
    Ok(OpenedBundles { admitted, refused })
}

/// Takes the newest by its `number`, and tells of the others.
fn choose<T: Borrow<Bundle>>(
    opened: OpenedBundles<T>,
    number: impl Fn(&T) -> u64,
    context: &Context,
) -> Result<T, Failure> {
    let OpenedBundles { mut admitted, refused } = opened;
    let several = admitted.len() + refused.len() > 1;
    // Of those that are admitted, since only they are verified: a forged one with a high number must hide no good one.
    let newest = admitted.iter().map(|(_, bundle)| number(bundle)).max();
    let Some(chosen) = admitted.iter().position(|(_, bundle)| Some(number(bundle)) == newest) else {
        return Err(most_telling(refused, several, context));
    };
    let (name, bundle) = admitted.swap_remove(chosen);
    context.log_ignored(&name, bundle.borrow().approval());
    refused.iter().for_each(|(_, failure)| log_refused(failure, context));
    if several {
        context.console.note(format!("of several bundles this one is taken: {name}"));
        admitted.iter().for_each(|(name, other)| {
            let older = if number(other) < number(&bundle) { "older" } else { "of the same sequence" };
            context.console.note(format!("{older}, not taken: {name}"));
        });
        tell_refused(&refused, context);
    }
    Ok(bundle)
}

/// Judges the clock before anybody is talked to: where it is wrong, so would
/// be what is said of certificates.
///
/// # Errors
/// The clock's, unless a person answers for it: it is among what was `accepted`.
pub fn check_clock(accepted: &[Override], context: &Context) -> Result<(), Failure> {
    if accepted.contains(&Override::Clock) {
        return Ok(());
    }
    sound_time(context).map(drop)
}

/// Step 7: checks every package, on all cores.
///
/// # Errors
/// The bundle's error with all damaged byte ranges.
pub fn verify_packages(bundle: &Bundle, context: &Context) -> Result<(), Failure> {
    verify_all(bundle, context).map_err(|error| pointing(error, bundle, context))
}

/// Step 7, with its progress shown.
fn verify_all(bundle: &Bundle, context: &Context) -> Result<(), BundleError> {
    let bar = context.console.progress("verifying", bundle.packages_bytes());
    let verified = bundle.verify_packages(&bar);
    bar.finish();
    verified
}

/// The error as it is told, with the recovery volumes that lie beside the bundle.
fn pointing(error: BundleError, bundle: &Bundle, context: &Context) -> Failure {
    if bundle.is_kept() && error.is_of_damage() {
        return Failure::from(error).hint(
            "it is damaged where it is kept, on this machine's disk: plug its stick in again, then: handcarry-inside take MEDIA, which reads anew only what is damaged here",
        );
    }
    point_to(error, bundle.recovery_volumes(), bundle.path(), context)
}

/// Step 7, where damage does not end it: which packages are damaged. Says of
/// each range what and where.
///
/// # Errors
/// The bundle's error where it is not its bytes that are wrong.
pub fn damaged_packages(bundle: &Delivery, context: &Context) -> Result<Vec<FileName>, Failure> {
    let damages = match verify_all(bundle, context) {
        Ok(()) => return Ok(Vec::new()),
        Err(BundleError::Damaged(damages)) => damages,
        Err(error) => return Err(error.into()),
    };
    let damaged = damages.packages(&bundle.consignment().packages);
    let failure = pointing(BundleError::Damaged(damages), bundle, context);
    context.console.warn(failure.message);
    if let Some(hint) = failure.hint {
        context.console.note(context.typed().tell(&hint));
    }
    Ok(damaged)
}

/// Step 7 over and over, each time past the cache: does the medium answer the
/// same each time? Says so where that can't be made sure.
///
/// # Errors
/// The bundle's error with the byte ranges that were not the same, or are
/// damaged.
pub fn verify_repeatedly(bundle: &Bundle, passes: u32, context: &Context) -> Result<(), Failure> {
    let total = bundle.packages_bytes().saturating_mul(u64::from(passes));
    let bar = context.console.progress(&format!("verifying {passes} times"), total);
    let mut cached = None;
    // Before each pass. What was read once comes from memory otherwise, and proves nothing of the medium.
    let mut before = |path: &Path, file: &std::fs::File| {
        let (past, bypass) = media::forget(path, file);
        if let Bypass::Cached { why } = bypass {
            cached = Some(why);
        }
        past
    };
    let verified = bundle.verify_repeatedly(passes, &mut before, &bar);
    bar.finish();
    if let Some(why) = &cached {
        context.console.warn(format!(
            "what was read may have come from memory and not from the medium: {why}; to be sure, unplug it and plug it in between two runs"
        ));
    }
    let unsteady = match &verified {
        Err(BundleError::Unsteady(unsteady)) => unsteady.ranges.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    let event = serde_json::json!({ "passes": passes, "past_cache": cached.is_none(), "unsteady": unsteady });
    context.console.event(&kind::REPEATED, event);
    verified.map_err(|error| pointing(error, bundle, context))?;
    context.console.note(format!("read {passes} times, and the same each time"));
    Ok(())
}

/// Keeps the manifest of a bundle that is being installed, and the signatures
/// that counted: a receipt tells of its packages when the stick is long gone, or
/// its time over, and an auditor sees who signed.
///
/// # Errors
/// A [`Failure`] where it can't be written.
pub fn keep_manifest(bundle: &Bundle, context: &Context) -> Result<(), Failure> {
    let manifest: &Manifest = bundle.manifest();
    let path = kept_at(manifest.bundle, context);
    media::create_dirs(path.parent().expect("below the home folder"), Mode::Private)?;
    // Before what they sign, so that a manifest that is there has them.
    for (signature, number) in bundle.signatures().iter().zip(1..) {
        media::write_durably(&signature_path(&path, number), signature, Mode::Private)?;
    }
    Ok(bundle::keep_manifest(manifest, &path, Mode::Private, true)?)
}

/// Reads what a bundle carried for an appliance, in the manifest that was kept
/// of it; that must be the one whose digest the journal has.
///
/// # Errors
/// A [`Failure`] where it is missing or another.
pub fn kept_consignment(
    id: Id,
    sha256: Sha256Digest,
    who: &Identity,
    context: &Context,
) -> Result<Consignment, Failure> {
    let (manifest, _) = kept_manifest(id, sha256, context)?;
    let own = manifest.appliances.iter().find(|own| Identity::of(&own.serial) == *who);
    Ok(manifest.consignment_of(own.ok_or_else(|| another_kept(&kept_at(id, context)))?))
}

/// Reads the manifest that was kept of a bundle, with the signatures beside it;
/// it must be the one with this digest.
///
/// # Errors
/// As [`kept_consignment`].
pub fn kept_manifest(id: Id, sha256: Sha256Digest, context: &Context) -> Result<(Manifest, Signed), Failure> {
    let path = kept_at(id, context);
    let signed = read_signed(&path, MAX_MANIFEST_BYTES, "a kept manifest")?;
    match Sha256Digest::of(&signed.bytes) == sha256 {
        true => Ok((bundle::parse_manifest(&signed.bytes)?, signed)),
        false => Err(another_kept(&path)),
    }
}

fn another_kept(path: &Path) -> Failure {
    Failure::new(Exit::JournalBroken, format!("{} is not what the journal speaks of", path.shown()))
        .hint("find out who changed it; push keeps it anew from the stick")
}

fn kept_at(id: Id, context: &Context) -> PathBuf {
    context.home.join("manifests").join(format!("{id}.json"))
}

/// Opens one bundle by the trust in force, whomever it is for, and whether or
/// not its time has come or is over: who opens it so says what was set aside.
///
/// # Errors
/// The outer one where no bundle can be judged here, the inner one the bundle's.
pub(super) fn open_whenever(set: VolumeSet, context: &Context) -> Result<Result<Bundle, Failure>, Failure> {
    let (trust, last_trusted) = (context.trust_store()?, latest_trusted(&context.home)?);
    let accept = [Override::Expired, Override::NotYetValid];
    Ok(open_one(set, &trust, &accept, last_trusted, &|set, trust, expect| bundle::open(set, trust, expect), context))
}

fn open_one<T>(
    set: VolumeSet,
    trust: &TrustStore,
    accept: &[Override],
    last_trusted: Option<Timestamp>,
    open: OpenBundle<'_, T>,
    context: &Context,
) -> Result<T, Failure> {
    let expect = Expect { now: context.now(), last_trusted, dangerous_accept: accept };
    let (beside, path) = (bundle::recovery_beside(&set), set.folder().join(set.name()));
    open(set, trust, &expect).map_err(|error| point_to(error, beside, &path, context))
}

/// The rank of a bundle that was used: what ranks no lower is expected where several lie.
const DONE: u8 = 2;

/// How little there is to do about a refusal: that a bundle is somebody else's
/// or an old one is expected on a shared stick.
pub(super) fn rank(failure: &Failure) -> u8 {
    match failure.kind {
        Kind::ForAnother => 4,
        Kind::Outdated => 3,
        // Before an older one, whose hint asks for a newer: that is this one, and it is done.
        Kind::Used => DONE,
        Kind::Untimely => 1,
        _ => 0,
    }
}

/// Logs why a bundle was passed over; that others' bundles and old ones lie on
/// a shared stick is no news.
pub(super) fn log_refused(failure: &Failure, context: &Context) {
    if rank(failure) == 0 {
        context.log_refusal(failure);
    }
}

/// Tells of bundles that are not taken, each with its own reason.
fn tell_refused(refused: &[(String, Failure)], context: &Context) {
    for (name, why) in refused.iter().take(MAX_REFUSED_TOLD) {
        context.console.note(format!("not taken: {name}: {}", why.message));
    }
    if let Some(more) = refused.len().checked_sub(MAX_REFUSED_TOLD).filter(|more| *more > 0) {
        context.console.note(format!("not taken: {more} more"));
    }
}

/// Of several refusals the one the operator can do something about; the others
/// are told before it.
fn most_telling(mut refused: Vec<(String, Failure)>, several: bool, context: &Context) -> Failure {
    let most = (0..refused.len()).min_by_key(|at| rank(&refused[*at].1));
    let (name, failure) = refused.remove(most.expect("a stick without bundles is an error before"));
    // It ends the run and is logged with it.
    refused.iter().for_each(|(_, failure)| log_refused(failure, context));
    tell_refused(&refused, context);
    if several { failure.about(name) } else { failure }
}
