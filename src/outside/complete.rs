//! What a shell may offer for an argument: the bundles that are sealed here, and the appliances they are for.

use super::draft::{Drafts, Sealed};
use crate::cli::{Finder, Home, Known};

/// How what may be typed is found, by the verb and the argument's id.
pub(super) fn finder(verb: &str, id: &str) -> Option<Finder> {
    Some(match (verb, id) {
        (_, "bundle") | ("sign", "draft") => bundles,
        ("seal" | "check" | "import" | "fetch", "appliance" | "serial") | ("audit", "serial") => serials,
        (verb, "serial") if verb.starts_with("speaker") => serials,
        _ => return None,
    })
}

/// Of what can't be read nothing is offered; the verb says why it can't.
fn sealed(home: &Home) -> Vec<Sealed> {
    Drafts::below(home.root()).all().unwrap_or_default()
}

fn bundles(home: &Home) -> Known {
    let told =
        |sealed: Sealed| (sealed.manifest.bundle.short(), format!("sealed at {}", sealed.manifest.created.human()));
    sealed(home).into_iter().map(told).collect()
}

fn serials(home: &Home) -> Known {
    let appliances = sealed(home).into_iter().flat_map(|sealed| sealed.manifest.appliances);
    let known: std::collections::BTreeMap<String, String> =
        appliances.map(|own| (own.serial.clone(), own.host.clone())).collect();
    known.into_iter().collect()
}
