//! The bundles that lie on a medium or in the store, each opened as every verb
//! would, but for its packages, which are not read.

use crate::bundle::Bundle;
use crate::cli::Context;
use crate::console::kind;
use crate::inside::open_bundle;
use crate::inside::supply::Supply;
use crate::inventory::Inventory;
use crate::model::{Failure, Id, local_time, text};
use std::path::PathBuf;

/// A bundle that lies ready.
pub(super) struct Lying {
    /// The medium; `None` for the store.
    pub media: Option<PathBuf>,
    name: String,
    opened: Result<Bundle, Failure>,
}

/// Opens all of a medium's, or of the store's.
pub(super) fn look(media: Option<PathBuf>, context: &Context) -> Vec<Lying> {
    // Where none lies there, that is an error of whoever wants one, and none here.
    let sets = Supply::of(media.as_deref()).sets(context).unwrap_or_default();
    let opened = sets.into_iter().map(|set| {
        let name = set.shown();
        let opened = open_bundle::open_whenever(set, context).unwrap_or_else(Err);
        Lying { media: media.clone(), name, opened }
    });
    opened.collect()
}

impl Lying {
    /// The bundle's id, and the number it has for an appliance, where it is for
    /// it and its time is not over.
    pub(super) fn carries(&self, serial: &str, context: &Context) -> Option<(Id, u64)> {
        let manifest = self.opened.as_ref().ok()?.manifest();
        let own = manifest.consignee(serial).filter(|_| manifest.expires > context.now())?;
        Some((manifest.bundle, own.sequence))
    }

    /// Whether it is this bundle.
    pub(super) fn is(&self, bundle: Id) -> bool {
        self.opened.as_ref().is_ok_and(|opened| opened.manifest().bundle == bundle)
    }

    /// Whether its time is over.
    pub(super) fn is_over(&self, context: &Context) -> bool {
        self.opened.as_ref().is_ok_and(|opened| opened.manifest().expires <= context.now())
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

fn about(bundle: &Bundle, known: &Inventory, context: &Context) -> String {
    let manifest = bundle.manifest();
    let name = |serial: &str| {
        let own = known.entries().iter().find(|entry| entry.serial.as_deref() == Some(serial));
        own.map_or_else(|| format!("{}, not enrolled here", text::one_line(serial)), |entry| entry.name.to_string())
    };
    let whom: Vec<String> = manifest.appliances.iter().map(|own| name(&own.serial)).collect();
    let over = if manifest.expires <= context.now() { "expired" } else { "expires" };
    format!(
        "{} for {}; {over} {}",
        text::counted(manifest.packages.len(), "package"),
        whom.join(", "),
        local_time(manifest.expires)
    )
}
