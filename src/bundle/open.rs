//! Opening a bundle: the numbered procedure of [`super`], number by number.

use super::container::Container;
use super::detached::{self, SignedPart};
use super::frame::open_kept;
use super::layout::End;
use super::limits::{MAX_README_BYTES, MAX_SUMS_BYTES};
use super::manifest::parse_pieces;
use super::parity::recovery_beside;
use super::texts;
use super::verified::Verified;
use super::verify;
use super::volumes::{Forget, Opener, Volumes, carried};
use super::{BundleError, Override, VerifiedReader, VolumeSet, repeat};
use crate::model::clock::{self, CLOCK_TOLERANCE_SECS};
use crate::model::{
    ApplianceId, Consignee, Consignment, FileName, Id, Manifest, Meter, Package, Sha256Digest, Timestamp,
};
use crate::trust::{Approval, Message, Namespace, PublicKey, TrustStore, approve_message};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What any bundle must be to be accepted now.
#[derive(Debug, Clone, Copy)]
pub struct Expect<'a> {
    /// This machine's clock.
    pub now: Timestamp,
    /// The latest time that was ever trusted here.
    pub last_trusted: Option<Timestamp>,
    /// Refusals that a person answers for; empty unless one said so.
    pub dangerous_accept: &'a [Override],
}

impl Expect<'_> {
    /// Asks nothing but that the clock is right and the bundle's time is now.
    pub fn anything(now: Timestamp) -> Self {
        Expect { now, last_trusted: None, dangerous_accept: &[] }
    }
}

/// What a bundle must be to be accepted for one appliance. `None` asks nothing.
#[derive(Debug, Clone)]
pub struct ExpectHere<'a> {
    /// The appliance at hand; judged by its serial number.
    pub appliance: &'a ApplianceId,
    /// The lowest sequence that is not a step back.
    pub lowest_sequence: Option<u64>,
    /// The bundle that has that sequence; another one can't.
    pub sequence_of: Option<Id>,
    /// Bundles that were used already.
    pub used: &'a [Id],
    /// The request it must answer.
    pub request: Option<Id>,
    /// The requests made here for the appliance: a bundle that answers a request
    /// answers one of them.
    pub requests: Option<&'a [Id]>,
}

impl<'a> ExpectHere<'a> {
    /// Asks nothing but that the bundle is for this appliance.
    pub fn of(appliance: &'a ApplianceId) -> Self {
        ExpectHere { appliance, lowest_sequence: None, sequence_of: None, used: &[], request: None, requests: None }
    }
}

/// A bundle that passed steps 1 to 6; [`Bundle::verify_packages`] is step 7.
#[derive(Debug)]
pub struct Bundle {
    container: Arc<Container>,
    manifest: Verified<Manifest>,
    manifest_sha256: Sha256Digest,
    /// Those that counted.
    signatures: Vec<Vec<u8>>,
    approval: Approval,
    time: Timestamp,
    set_aside: Vec<BundleError>,
    recovery_volumes: usize,
    is_kept: bool,
    path: PathBuf,
    /// The places of the packages that step 7 reads, rising.
    places: Vec<usize>,
}

/// A bundle that was opened for one appliance, with its part of it. What is
/// read of it is that appliance's packages and no others.
#[derive(Debug)]
pub struct Delivery {
    bundle: Bundle,
    consignment: Verified<Consignment>,
}

impl Delivery {
    /// What it carries for the appliance.
    pub fn consignment(&self) -> &Verified<Consignment> {
        &self.consignment
    }
}

impl std::borrow::Borrow<Bundle> for Delivery {
    fn borrow(&self) -> &Bundle {
        &self.bundle
    }
}

impl std::ops::Deref for Delivery {
    type Target = Bundle;

    fn deref(&self) -> &Bundle {
        &self.bundle
    }
}

/// Opens a bundle, whomever it is for: steps 1 to 6 of the numbered procedure
/// without what is asked of one appliance.
///
/// # Errors
/// One variant of [`BundleError`] for each way to fail, step by step as the
/// front page of [`super`] lists them.
pub fn open(set: VolumeSet, trust: &TrustStore, expect: &Expect<'_>) -> Result<Bundle, BundleError> {
    open_by(&set, trust, expect, &carried)
}

/// Opens a bundle as [`open()`] does, its files by `opener`: from memory's copy, past it, or before they are named.
///
/// # Errors
/// As [`open()`].
pub fn open_by(
    set: &VolumeSet,
    trust: &TrustStore,
    expect: &Expect<'_>,
    opener: Opener<'_>,
) -> Result<Bundle, BundleError> {
    let (bundle, _) = open_here(set, trust, expect, None, opener)?;
    Ok(bundle)
}

/// Opens a bundle for one appliance: steps 1 to 6 of the numbered procedure.
///
/// # Errors
/// As [`open()`], and those of step 5 that one appliance makes.
pub fn open_for(
    set: VolumeSet,
    trust: &TrustStore,
    expect: &Expect<'_>,
    here: &ExpectHere<'_>,
) -> Result<Delivery, BundleError> {
    let (bundle, consignment) = open_here(&set, trust, expect, Some(here), &carried)?;
    let consignment = Verified::mark(consignment.expect("step 5 refuses one that is for others only"));
    Ok(Delivery { bundle, consignment })
}

fn open_here(
    set: &VolumeSet,
    trust: &TrustStore,
    expect: &Expect<'_>,
    here: Option<&ExpectHere<'_>>,
    opener: Opener<'_>,
) -> Result<(Bundle, Option<Consignment>), BundleError> {
    // 1. The volumes: all there, in order, one set; or the frame, where the packages lie by their digests.
    let (volumes, end) = match set.objects() {
        Some(_) => open_kept(set, opener)?,
        None => Volumes::open(set, opener)?,
    };
    open_volumes(volumes, end, set, trust, expect, here, opener)
}

/// Steps 2 to 6; of what is not in `volumes` the detached signatures lie beside `set`.
pub(super) fn open_volumes(
    volumes: Volumes,
    end: End,
    set: &VolumeSet,
    trust: &TrustStore,
    expect: &Expect<'_>,
    here: Option<&ExpectHere<'_>>,
    opener: Opener<'_>,
) -> Result<(Bundle, Option<Consignment>), BundleError> {
    // 2. The container's structure; then manifest and signatures as raw bytes.
    let mut container = Container::read(volumes, end)?;
    let SignedPart { manifest: raw, signatures } = detached::read(&container, set, opener)?;

    // 3. The clock, since signers have times too; then enough approved signers.
    let mut judge = OpenPolicy { accept: expect.dangerous_accept, set_aside: Vec::new() };
    let mut time = expect.now;
    if let Err(error) = clock::believe(time, expect.last_trusted) {
        judge.refuse(error.into())?;
        time = clock::floor(expect.last_trusted);
    }
    let message = Message::of(Namespace::Bundle, raw.slices());
    let mut approval = approve_message(trust, &message, &signatures, time)?;
    // From here on its digests stand for it: it is large, and let go of while it is parsed.
    let message = message.digested();

    // 4. Only now is the manifest parsed, and its meaning checked.
    let manifest_sha256 = message.sha256();
    let manifest = parse_pieces(raw, manifest_sha256)?;
    if time != expect.now && manifest.created > time {
        // Without a clock it is no earlier than the latest signed word says,
        // and whoever signed must still count then.
        time = manifest.created;
        approval = approve_message(trust, &message, &signatures, time)?;
    }
    let signatures = counted(signatures, &approval, &message);

    // 5. Is it for here and now?
    if let Some(here) = here {
        check_here(&manifest, here, &mut judge)?;
    }
    check_now(&manifest, time, &mut judge)?;
    // Last: that it is for here was found out by a trust that may lack a revocation.
    if let Some(renew_by) = trust.policy.renew_by.filter(|by| time >= *by) {
        judge.refuse(BundleError::TrustOverdue { renew_by, now: time })?;
    }

    // 6. The entries are those the manifest lists.
    check_entries(&container, &manifest, manifest_sha256)?;
    if let Some(objects) = set.objects() {
        container.name_packages(&manifest, objects);
    }

    let consignee = here.and_then(|here| manifest.consignee(&here.appliance.serial));
    let consignment = consignee.map(|consignee| manifest.consignment_of(consignee));
    let bundle = Bundle {
        places: places(&manifest, consignee),
        container: Arc::new(container),
        manifest_sha256,
        signatures,
        approval,
        time,
        set_aside: judge.set_aside,
        recovery_volumes: recovery_beside(set),
        is_kept: set.objects().is_some(),
        path: set.folder().join(set.name()),
        manifest: Verified::mark(manifest),
    };
    Ok((bundle, consignment))
}

/// The signatures by those who approved it: what strangers put beside it is nobody's word.
fn counted(mut signatures: Vec<Vec<u8>>, approval: &Approval, message: &Message<'_>) -> Vec<Vec<u8>> {
    signatures.retain(|signature| {
        let keys = message.sound_keys(std::slice::from_ref(signature));
        let counts = |key: &PublicKey| approval.approvers.iter().any(|one| one.fingerprint == key.fingerprint());
        keys.iter().any(counts)
    });
    signatures
}

/// Where the packages of one appliance lie, or of all of them.
fn places(manifest: &Manifest, consignee: Option<&Consignee>) -> Vec<usize> {
    let Some(consignee) = consignee else { return (0..manifest.packages.len()).collect() };
    let own: BTreeSet<&FileName> = consignee.packages.iter().collect();
    let of_its_own = |(place, package): (usize, &Package)| own.contains(&package.file).then_some(place);
    manifest.packages.iter().enumerate().filter_map(of_its_own).collect()
}

impl Bundle {
    /// What was signed for.
    pub fn manifest(&self) -> &Verified<Manifest> {
        &self.manifest
    }

    /// SHA-256 of the manifest's bytes as they were read and signed.
    pub fn manifest_sha256(&self) -> Sha256Digest {
        self.manifest_sha256
    }

    /// Who signed it.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// The signatures that counted, armored, as they lay in it or beside it.
    pub fn signatures(&self) -> &[Vec<u8>] {
        &self.signatures
    }

    /// The time it was judged at: the clock's, or where that could not be
    /// believed and a person answered for it, the latest that signed words and
    /// earlier runs show.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The refusals that were set aside, in the order of the steps, because a
    /// person answers for them.
    pub fn dangerously_accepted(&self) -> &[BundleError] {
        &self.set_aside
    }

    /// Bytes of all volumes together.
    pub fn size_bytes(&self) -> u64 {
        self.container.volumes.total()
    }

    /// Where it lies, by its name without volume numbers.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it lies in a store, its packages by their digests, and on no medium.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// How many recovery volumes lie beside it, by their names; nothing else is known of them.
    pub fn recovery_volumes(&self) -> usize {
        self.recovery_volumes
    }

    /// The packages that step 7 reads, in the order of the bundle: those of the
    /// appliance it was opened for, else all.
    pub fn packages(&self) -> impl Iterator<Item = &Package> {
        self.places.iter().map(|place| &self.manifest.packages[*place])
    }

    /// Bytes of these packages.
    pub fn packages_bytes(&self) -> u64 {
        self.packages().fold(0, |sum, package| sum.saturating_add(package.size_bytes))
    }

    /// Step 7: checks every chunk of [`packages`](Self::packages) on all cores,
    /// and every package's CRC-32. `meter` advances by package bytes.
    ///
    /// # Errors
    /// [`BundleError::Damaged`] with all damaged byte ranges,
    /// [`BundleError::Malformed`] for a wrong CRC-32 over right bytes.
    pub fn verify_packages(&self, meter: &dyn Meter) -> Result<(), BundleError> {
        verify::packages(&self.container, &self.listed(), meter, false)
    }

    /// Step 7 over and over: reads the same packages, and what lies around all of them,
    /// `passes` times. `before` is called with each volume's file before each
    /// pass, so that it can be made to come from the medium rather than from memory.
    ///
    /// # Errors
    /// [`BundleError::Unsteady`] with the ranges that were not the same in all
    /// passes, else as [`Bundle::verify_packages`].
    pub fn verify_repeatedly(
        &self,
        passes: u32,
        before: &mut Forget<'_>,
        meter: &dyn Meter,
    ) -> Result<(), BundleError> {
        let mut each = |volumes: &Volumes| volumes.forget(before);
        repeat::packages(&self.container, &self.listed(), passes, &mut each, meter)
    }

    pub(super) fn container(&self) -> &Container {
        &self.container
    }

    fn listed(&self) -> verify::Listed<'_> {
        self.places.iter().copied().zip(self.packages()).collect()
    }

    /// Opens one package for reading; every chunk is checked in memory before
    /// any byte of it is given out.
    ///
    /// # Errors
    /// [`BundleError::NoSuchPackage`].
    pub fn package(&self, file: &FileName) -> Result<VerifiedReader, BundleError> {
        let at = self.manifest.packages.iter().position(|package| package.file == *file);
        let at = at.ok_or_else(|| BundleError::NoSuchPackage { file: file.clone() })?;
        Ok(VerifiedReader::new(Arc::clone(&self.container), at, &self.manifest.packages[at]))
    }
}

/// Refuses, unless a person answers for it.
struct OpenPolicy<'a> {
    accept: &'a [Override],
    set_aside: Vec<BundleError>,
}

impl OpenPolicy<'_> {
    fn refuse(&mut self, error: BundleError) -> Result<(), BundleError> {
        if Override::of(&error).is_some_and(|danger| self.accept.contains(&danger)) {
            self.set_aside.push(error);
            return Ok(());
        }
        Err(error)
    }
}

/// Step 5, for one appliance.
fn check_here(manifest: &Manifest, here: &ExpectHere<'_>, judge: &mut OpenPolicy<'_>) -> Result<(), BundleError> {
    // The serial number alone: a host is renamed, and a model is only text.
    let Some(own) = manifest.consignee(&here.appliance.serial) else {
        let found = manifest.appliances.iter().map(Consignee::id).collect();
        return Err(BundleError::WrongAppliance { found, expected: Box::new(here.appliance.clone()) });
    };
    let (bundle, sequence) = (manifest.bundle, own.sequence);
    // Before the sequence: a bundle that was used has an old number as well, and this says more.
    if here.used.contains(&bundle) {
        judge.refuse(BundleError::Replayed { bundle })?;
    }
    match (here.lowest_sequence, here.sequence_of) {
        (Some(lowest), _) if sequence < lowest => judge.refuse(BundleError::Rollback { sequence, lowest })?,
        (Some(lowest), Some(holder)) if sequence == lowest && bundle != holder => {
            judge.refuse(BundleError::SequenceTaken { bundle, sequence, holder })?;
        }
        _ => {}
    }
    let found = own.request.as_ref().map(|request| request.id);
    if let Some(expected) = here.request
        && found != Some(expected)
    {
        judge.refuse(BundleError::WrongRequest { found, expected })?;
    }
    if let Some(request) = found
        && here.requests.is_some_and(|made| !made.contains(&request))
    {
        judge.refuse(BundleError::ForeignRequest { request })?;
    }
    Ok(())
}

/// Step 5, for whomever it is.
fn check_now(manifest: &Manifest, now: Timestamp, judge: &mut OpenPolicy<'_>) -> Result<(), BundleError> {
    if manifest.created.secs_since(now) > CLOCK_TOLERANCE_SECS {
        judge.refuse(BundleError::NotYetValid { created: manifest.created, now })?;
    }
    if now >= manifest.expires {
        judge.refuse(BundleError::Expired { expires: manifest.expires, now })?;
    }
    Ok(())
}

/// Step 6; also what a read-back compares.
pub(super) fn check_entries(
    container: &Container,
    manifest: &Manifest,
    sha256: Sha256Digest,
) -> Result<(), BundleError> {
    let refuse = |why: String| Err(BundleError::Entries { why });
    // By place and not by name: one order only, so that two bundles of one manifest are the same bytes.
    for at in 0..container.packages.len().max(manifest.packages.len()) {
        match (container.packages.get(at), manifest.packages.get(at)) {
            (Some((file, _)), None) => return refuse(format!("packages/{file} is not listed")),
            (None, Some(listed)) => return refuse(format!("packages/{} is missing", listed.file)),
            (Some((file, _)), Some(listed)) if *file != listed.file => {
                return refuse(format!("packages/{file} lies where packages/{} is listed", listed.file));
            }
            (Some((file, entry)), Some(listed)) if entry.size != listed.size_bytes => {
                let (found, signed) = (entry.size, listed.size_bytes);
                return refuse(format!("packages/{file} has {found} bytes, and {signed} are listed"));
            }
            _ => {}
        }
    }
    let readme = container.content(&container.readme, MAX_README_BYTES)?;
    let sums = container.content(&container.sums, MAX_SUMS_BYTES)?;
    // It is not signed, but it follows from what is. One that says
    // otherwise would mislead whoever goes by `sha256sum -c`.
    if sums != texts::sums(manifest, sha256, &readme).as_bytes() {
        return refuse("SHA256SUMS does not hold the digests of this manifest, its packages and README.txt".to_owned());
    }
    Ok(())
}
