//! `store list`.

use super::prune::{Fate, fates};
use crate::cli::Context;
use crate::console::kind;
use crate::inside::stick;
use crate::model::{Failure, text};
use crate::store::Store;

/// Lists what is kept.
///
/// # Errors
/// [`crate::model::Exit::NoBundle`] where nothing is.
pub fn run(context: &Context) -> Result<(), Failure> {
    let store = Store::look(context.home.root());
    for kept in super::opened(context)? {
        let (set, opened) = kept?;
        let about = opened.as_ref().map(stick::about);
        let refused = about.as_ref().err().map(|failure| failure.message.clone());
        let refused = refused.or_else(|| {
            let set_aside = opened.as_ref().ok()?.dangerously_accepted().first()?;
            Some(set_aside.to_string())
        });
        let about = about.ok();
        drop(opened);
        let manifest = store.manifest(&set)?;
        let fates = fates(&manifest, context)?;
        let packages: u64 = manifest.total_bytes();
        context.console.say(format!("{}  {}", text::name(set.name()), text::bytes(packages)));
        if let Some(about) = about {
            context.console.say(format!("  {about}"));
        }
        if let Some(why) = &refused {
            context.console.say(format!("  refused now: {why}"));
        }
        for (own, fate) in manifest.appliances.iter().zip(&fates) {
            context.console.say(format!("  {}: {}", text::one_line(&own.serial), fate.told()));
        }
        let states = manifest.appliances.iter().zip(&fates).map(
            |(own, fate)| serde_json::json!({ "serial": own.serial, "sequence": own.sequence, "state": fate.word() }),
        );
        let states: Vec<_> = states.collect();
        context.console.event(
            &kind::KEPT,
            serde_json::json!({
                "name": set.name(), "bundle": manifest.bundle, "expires": manifest.expires,
                "packages": manifest.packages.len(), "packages_bytes": packages,
                "consignments": states, "refused": refused, "needed": fates.iter().any(Fate::is_open),
            }),
        );
    }
    if let Some(free) = store.free_bytes() {
        context.console.note(format!("{} are free where the store lies", text::bytes(free)));
    }
    Ok(())
}
