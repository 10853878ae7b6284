//! The bundles that lie on a medium or in the store, each opened as every verb
//! would, but for its packages, which are not read.

use crate::bundle::Bundle;
use crate::cli::Context;
use crate::console::kind;
use crate::inside::open_bundle;
use crate::inside::supply::Supply;
use crate::inventory::Inventory;
use crate::model::{Failure, Id, Timestamp, local_time, text};
use std::path::PathBuf;

/// A bundle that lies ready.
pub(super) struct Lying {
    /// The medium; `None` for the store.
    pub media: Option<PathBuf>,
    name: String,
    opened: Result<Known, Failure>,
}

/// What is kept of a bundle that was opened: several lie there, and each may be as large as a manifest can be.
struct Known {
    bundle: Id,
    expires: Timestamp,
    packages: usize,
    /// The serial numbers that it is for, each with its number for that one.
    whom: Vec<(String, u64)>,
}

impl Known {
    fn of(bundle: &Bundle) -> Self {
        let manifest = bundle.manifest();
        let whom = manifest.appliances.iter().map(|own| (own.serial.clone(), own.sequence)).collect();
        let packages = manifest.packages.len();
        Known { bundle: manifest.bundle, expires: manifest.expires, packages, whom }
    }
}

/// Opens all of a medium's, or of the store's.
pub(super) fn look(media: Option<PathBuf>, context: &Context) -> Vec<Lying> {
    // Where none lies there, that is an error of whoever wants one, and none here.
    let sets = Supply::of(media.as_deref()).sets(context).unwrap_or_default();
    let opened = sets.into_iter().map(|set| {
        let name = set.shown();
        let opened = open_bundle::open_whenever(set, context).unwrap_or_else(Err);
        Lying { media: media.clone(), name, opened: opened.map(|bundle| Known::of(&bundle)) }
    });
    opened.collect()
}

impl Lying {
    /// The bundle's id, and the number it has for an appliance, where it is for
    /// it and its time is not over.
    pub(super) fn carries(&self, serial: &str, context: &Context) -> Option<(Id, u64)> {
        let known = self.opened.as_ref().ok().filter(|known| known.expires > context.now())?;
        let (_, sequence) = known.whom.iter().find(|(own, _)| own == serial)?;
        Some((known.bundle, *sequence))
    }

    /// Whether it is this bundle.
    pub(super) fn is(&self, bundle: Id) -> bool {
        self.opened.as_ref().is_ok_and(|opened| opened.bundle == bundle)
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, context: &Context) -> bool {
        self.opened.as_ref().is_ok_and(|opened| opened.expires <= context.now())
    }

    /// Tells of it.
    pub(super) fn tell(&self, known: &Inventory, context: &Context) {
        let (word, told) = match &self.opened {
            Ok(bundle) => ("signed", about(bundle, known, context)),
            Err(failure) => (failure.exit.name(), failure.message.clone()),
        };
        context.console.event(
            &kind::LYING,
            serde_json::json!({ "media": self.media, "file": self.name, "verdict": word, "message": told }),
        );
        context.console.say(format!("    {}: {told}", self.name));
    }
}

fn about(bundle: &Known, known: &Inventory, context: &Context) -> String {
    let name = |serial: &str| {
        let own = known.entries().iter().find(|entry| entry.serial.as_deref() == Some(serial));
        own.map_or_else(|| format!("{}, not enrolled here", text::one_line(serial)), |entry| entry.name.to_string())
    };
    let whom: Vec<String> = bundle.whom.iter().map(|(serial, _)| name(serial)).collect();
    let over = if bundle.expires <= context.now() { "expired" } else { "expires" };
    format!(
        "{} for {}; {over} {}",
        text::counted(bundle.packages, "package"),
        whom.join(", "),
        local_time(bundle.expires)
    )
}
