//! The verb `check`: what is missing between an appliance and the packages
//! kept for it, while the vendor can still be asked.

use super::choose;
use super::order::order;
use super::releases::{self, Findings};
use super::vault::{StoredPackage, Vault};
use crate::cli::Context;
use crate::console::kind;
use crate::model::{Exit, Failure, Offer, Package, PackageKind, Status, text};
use clap::Args;
use std::collections::BTreeSet;

/// Name every release that is missing between an appliance and what is kept for it
///
/// Reads the vault and what the appliance's last request and receipts said;
/// changes nothing. Where a release is missing it says what to ask vendor
/// support for, and ends with exit 70.
#[derive(Debug, Args)]
pub struct ReleaseCheckArgs {
    /// Serial number of the appliance [default: every appliance that packages are kept for]
    #[arg(long, value_name = "SERIAL")]
    appliance: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// [`Exit::PrerequisiteMissing`] where a release is missing;
/// [`Exit::NothingToDo`] where nothing is kept for an appliance.
pub fn run(args: &ReleaseCheckArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    let all = vault.packages()?;
    let serials: BTreeSet<String> = match &args.appliance {
        Some(serial) => BTreeSet::from([serial.clone()]),
        None => all.iter().filter_map(|kept| Some(kept.appliance.as_ref()?.serial.clone())).collect(),
    };
    let mut looked = 0;
    let mut missing = 0;
    for serial in &serials {
        let Some(findings) = tell(serial, &[], &vault, context)? else { continue };
        looked += 1;
        missing += findings.lacking.len();
    }
    if looked == 0 {
        return Err(Failure::new(Exit::NothingToDo, "nothing is kept for an appliance that it does not have by now")
            .hint("get packages with 'handcarry-outside fetch' or 'import --for SERIAL'"));
    }
    match missing {
        0 => Ok(()),
        n => {
            let what = if n == 1 { "1 release is missing".to_owned() } else { format!("{n} releases are missing") };
            Err(Failure::new(Exit::PrerequisiteMissing, what).hint(
                "ask vendor support as told above; what they send comes in with 'handcarry-outside fetch' or 'import'",
            ))
        }
    }
}

/// Tells what was found for one appliance; `None` where nothing waits for it.
///
/// # Errors
/// A [`Failure`] where the vault can't be read.
pub fn tell(serial: &str, greyed: &[Offer], vault: &Vault, context: &Context) -> Result<Option<Findings>, Failure> {
    let all = vault.packages()?;
    let waits = |kept: &&StoredPackage| kept.is_for(serial) && !kept.is_installed_on(serial);
    let kept: Vec<&StoredPackage> = all.iter().filter(waits).collect();
    let status = choose::last_seen(serial, vault, &all)?;
    let asks = status.as_ref().is_some_and(|status| status.offered.is_some());
    if kept.is_empty() && greyed.is_empty() && !asks {
        return Ok(None);
    }
    let console = &context.console;
    let packages: Vec<Package> = kept.iter().filter_map(|kept| kept.package()).collect();
    console.say(format!("Releases for {}:", text::one_line(serial)));
    if status.is_none() {
        console.warn("no request of this appliance was read here, so what it has is not known");
    }
    for one in &kept {
        if let Some(note) = &one.requires_unread {
            let note = text::one_line(note);
            console.warn(format!("{:?} requires {note:?}, which can't be read and was not looked for", one.title));
        }
        if one.package().is_none() {
            console.warn(format!("what {:?} is was not said yet, so it was left out", one.title));
        }
    }
    let findings = releases::look(&packages, status.as_ref(), greyed);
    for lacking in &findings.lacking {
        console.warn(lacking.told());
    }
    for (title, need) in &findings.untold {
        let title = text::one_line(title);
        console.note(format!("  {title} needs {need}; whether the appliance has it is not known here"));
    }
    for title in &findings.silent {
        console.note(format!(
            "  {} is of a later series, and nobody said what must come before it: ask vendor support, then \
             'handcarry-outside vault describe'",
            text::one_line(title)
        ));
    }
    match &status {
        Some(status) if !findings.lacking.is_empty() => {
            console.say("What vendor support needs to know:");
            releases::ask(&findings.lacking, status).iter().for_each(|line| console.say(format!("  {line}")));
        }
        _ if findings.lacking.is_empty() => chain(&packages, status.as_ref(), context),
        _ => {}
    }
    console.event(&kind::RELEASES, serde_json::json!({ "serial": serial, "findings": findings }));
    Ok(Some(findings))
}

/// Tells the chain that is complete, with its waits.
fn chain(packages: &[Package], status: Option<&Status>, context: &Context) {
    let Ok(ordered) = order(packages, status) else { return };
    for (at, package) in ordered.packages.iter().enumerate() {
        let more =
            ordered.packages[at + 1..].iter().any(|next| matches!(next.kind, PackageKind::Base | PackageKind::Site));
        let wait = if package.kind == PackageKind::Site && more { ", then 24 h for clients" } else { "" };
        context.console.say(format!("  {}. {}{wait}", at + 1, text::one_line(&package.name)));
    }
    if !ordered.packages.is_empty() {
        context.console.say("  nothing is missing, as far as it is known here");
    }
}
