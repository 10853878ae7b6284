//! What is rehearsed, looked at before: the appliances as they are or were
//! saved, the bundle on the medium, the journals' past.

use super::super::appliance_session;
use super::super::begin::cargo;
use super::super::high_water::HighWaterMarks;
use super::super::journals;
use super::super::open_bundle::{self, BundleCriteria};
use super::super::overrides::DangerousArgs;
use super::super::pairing::ShownRole;
use super::super::snapshot::Snapshot;
use super::super::tell_bundle;
use crate::bundle::{Delivery, Verified, VerifiedReader};
use crate::cli::Context;
use crate::driver::{self, Did};
use crate::engine::{Carrier, Entry, Past, Payload, begun_elsewhere, is_news};
use crate::inside::supply::Supply;
use crate::inventory::{ApplianceEntry, Identity};
use crate::model::{Consignment, Failover, Failure, FileName, Meter, Package, Sha256Digest};
use crate::plan::{PackageList, SitePolicy, Topology};
use std::path::Path;

/// One appliance, as it was looked at.
pub(super) struct Seen {
    /// Its place in the inventory; `None` where no name was given.
    pub(super) entry: Option<ApplianceEntry>,
    pub(super) snapshot: Snapshot,
    /// What it showed of its pair; `None` where that is not known, or not asked.
    pub(super) failover: Option<Failover>,
    pub(super) past: Past,
    pub(super) policy: SitePolicy,
    /// What is carried for it; `None` for an appliance that is migrated from.
    pub(super) bundle: Option<Weightless>,
}

/// A bundle of which nothing is sent or copied.
pub(super) struct Weightless(Delivery);

impl Weightless {
    pub(super) fn consignment(&self) -> &Verified<Consignment> {
        self.0.consignment()
    }

    pub(super) fn cargo(&self) -> Payload<'_> {
        Payload { packages: self, ..cargo(&self.0, &[]) }
    }
}

impl Carrier for Weightless {
    fn package(&self, file: &FileName) -> Result<VerifiedReader, Failure> {
        Carrier::package(&self.0, file)
    }

    /// Nobody takes it.
    fn copy(&self, _package: &Package, _to: &Path, _meter: &dyn Meter) -> Result<(), Failure> {
        Ok(())
    }

    /// The simulated appliance shows a sentence in the agreement's place, which is like none.
    fn agreement(&self, _package: &Package) -> Option<Sha256Digest> {
        None
    }
}

impl Seen {
    /// Looks at an appliance: as it was `saved`, or as it is now; and opens the
    /// bundle for it that lies there. `topology` is that of a run over two.
    pub(super) fn look(
        name: Option<&str>,
        saved: Option<&Path>,
        media: Option<Supply<'_>>,
        topology: Option<Topology>,
        context: &mut Context,
    ) -> Result<Self, Failure> {
        let entry = name.map(|name| appliance_session::entry(name, context)).transpose()?;
        open_bundle::check_clock(&[], context)?;
        let (snapshot, failover) = match (saved, &entry) {
            // A snapshot is of one appliance, and tells nothing of a pair.
            (Some(path), _) => (Snapshot::read(path)?, None),
            (None, Some(entry)) => Self::look_now(entry, topology, context)?,
            (None, None) => unreachable!("clap asks for a name where there is no snapshot"),
        };
        if let (None, Some(topology), Some(name)) = (&failover, topology, name) {
            let taken = if topology == Topology::Migrate { "none" } else { "the one that the order needs" };
            context.console.note(format!("{name}: its failover role is not known here, and is taken for {taken}"));
        }
        let who = Identity::of(&snapshot.status.appliance.serial);
        let past = if entry.is_some() { journals::past(&who, context)? } else { Past::default() };
        let mut seen = Seen {
            policy: entry.as_ref().map(appliance_session::policy).unwrap_or_default(),
            entry,
            snapshot,
            failover,
            past,
            bundle: None,
        };
        if let Some(media) = media {
            let opened = seen.open(media, &who, context);
            let bundle = opened.map_err(|failure| named(failure, name.filter(|_| topology.is_some())))?;
            seen.note_sight(bundle.consignment());
            seen.bundle = Some(Weightless(bundle));
        }
        Ok(seen)
    }

    fn look_now(
        entry: &ApplianceEntry,
        topology: Option<Topology>,
        context: &mut Context,
    ) -> Result<(Snapshot, Option<Failover>), Failure> {
        let mut appliance = driver::connect(entry, context)?;
        let of_two = topology.map(|_| entry.name.as_str());
        let about = |error| named(Failure::from(error), of_two);
        let mut snapshot = Snapshot::of(entry, appliance.status().map_err(about)?, context.now());
        let failover = match topology {
            Some(_) => match appliance.failover().map_err(about)? {
                Did::Done(shown) => Some(shown),
                Did::ByHand(_) => None,
            },
            None => None,
        };
        snapshot.look(&mut *appliance)?;
        if topology.is_none() {
            let role = ShownRole::read(&mut *appliance, entry);
            if role.in_pair().is_some() {
                context.console.warn(format!(
                    "{} is {}: push refuses it alone; to rehearse both: rehearse MEDIA A B --topology …, or --pair",
                    entry.name,
                    role.told()
                ));
            }
        }
        Ok((snapshot, failover))
    }

    /// Opens and verifies the bundle, as push would.
    fn open(&self, media: Supply<'_>, who: &Identity, context: &mut Context) -> Result<Delivery, Failure> {
        let shown = self.snapshot.status.appliance.clone();
        let marks = self.entry.is_some().then(|| HighWaterMarks::read(&context.home, who)).transpose()?;
        let wanted = match &marks {
            Some(marks) => BundleCriteria::at(shown, marks, &self.past, &DangerousArgs::default()),
            // Without a name it may be anybody's snapshot, of whom nothing is remembered here.
            None => BundleCriteria { appliance: shown, marks: None, used: Vec::new(), dangerous_accept: Vec::new() },
        };
        let bundle = open_bundle::open_for(media, &wanted, context)?;
        tell_bundle::consignment(&bundle, false, context);
        open_bundle::verify_packages(&bundle, context)?;
        Ok(bundle)
    }

    /// What the journal would have once the appliance was looked at as it was saved.
    fn note_sight(&mut self, consignment: &Consignment) {
        let Snapshot { status, taken, .. } = &self.snapshot;
        if is_news(self.past.entries(), status) {
            self.past.apply(*taken, Entry::seen(status, *taken));
        }
        if let Some(begun) = begun_elsewhere(&PackageList::carried(consignment), status, self.past.history()) {
            self.past.apply(*taken, begun);
        }
    }

    /// Its name: in the inventory, or as it was saved.
    pub(super) fn name(&self) -> &FileName {
        self.entry.as_ref().map_or(&self.snapshot.name, |entry| &entry.name)
    }

    /// Who it is.
    pub(super) fn identity(&self) -> Identity {
        Identity::of(&self.snapshot.status.appliance.serial)
    }

    /// What is carried for it.
    pub(super) fn consignment(&self) -> &Verified<Consignment> {
        self.bundle.as_ref().expect("it was opened for whoever is installed on").consignment()
    }
}

/// Says which of two appliances a failure is about.
fn named(failure: Failure, name: Option<&str>) -> Failure {
    match name {
        Some(name) => failure.about(name),
        None => failure,
    }
}
