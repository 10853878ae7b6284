//! A saved page, looked at without an appliance: so a page that looks otherwise
//! can be sent home and tried there.

use super::{ProbeArgs, spoken, starter, steps, tell};
use crate::cli::Context;
use crate::console::kind;
use crate::driver;
use crate::inventory::Inventory;
use crate::media;
use crate::model::{Exit, Failure, ShowPath};
use crate::web::MAX_PAGE_BYTES;
use clap::ValueEnum;
use std::path::Path;

/// Looks at the page in `file` and tells what would be found on it.
///
/// # Errors
/// A [`Failure`] where it can't be read, or is no page that is known.
pub(super) fn run(file: &Path, args: &ProbeArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = match &args.name {
        Some(name) => Some(Inventory::read(&context.home)?.appliance(name)?.clone()),
        None => None,
    };
    let words = driver::words_of(entry.as_ref(), args.profile.as_deref(), args.pages, context)?;
    let bytes = media::read_bounded(file, MAX_PAGE_BYTES as u64, "a saved page")?;
    let read =
        driver::look_at_saved(&bytes, &words, args.kind).map_err(|error| Failure::from(error).about(file.shown()))?;
    let Some((kind, reports)) = read else {
        let known: Vec<String> = driver::SavedPage::value_variants()
            .iter()
            .filter_map(|kind| Some(kind.to_possible_value()?.get_name().to_owned()))
            .collect();
        return Err(Failure::new(
            Exit::PageUnexpected,
            format!("{} is no page that is known by its labels", file.shown()),
        )
        .hint(format!("say which it is with --as, and what is missing on it is told: {}", known.join(", "))));
    };
    let name = kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    context.console.event(&kind::PAGE, serde_json::json!({ "file": file, "kind": kind }));
    reports.iter().for_each(|report| context.console.event(&kind::CONTROL, report));
    context.console.say(format!("read as {name}"));
    for (step, makes) in steps(&reports) {
        tell(step, makes, false, &reports, &context.console);
    }
    if let Some(path) = &args.write_profile {
        starter::write(path, spoken(&words, &reports), &reports, entry.as_ref(), context)?;
    }
    Ok(())
}
