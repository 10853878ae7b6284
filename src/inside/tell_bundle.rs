//! Tells what a bundle is: for whom, by whom, and what it carries.

use crate::bundle::{Bundle, Delivery};
use crate::cli::Context;
use crate::console::{Console, kind};
use crate::inventory::{Identity, Inventory};
use crate::model::{Consignee, Failure, FileName, Package, PackageRef, local_time, text};
use crate::plan::Carried;
use serde_json::json;

/// Tells of a bundle that was opened for one appliance: its part of it. `known` is whether an earlier call of the same
/// run told it.
pub fn consignment(bundle: &Delivery, known: bool, context: &Context) {
    let (console, own) = (&context.console, bundle.consignment());
    console.say(format!("bundle {}, sequence {}", own.bundle.short(), own.sequence));
    console.say(format!("  for        {}", text::one_line(&own.appliance.to_string())));
    let files: Vec<&str> = own.packages.iter().map(|package| package.file.as_str()).collect();
    if !console.is_news(&format!("{} {}", own.bundle, files.join(" ")), known) {
        console.note("  its seal and packages are as told before (--verbose tells them again)");
        return;
    }
    match bundle.manifest().appliances.len() - 1 {
        0 => {}
        others => console.say(format!("  also for   {}", text::counted(others, "other appliance"))),
    }
    seal(bundle, console);
    console.say("  packages in install order:");
    packages(own.packages.iter(), console);
}

/// Tells of a bundle, whomever it is for, and which of its appliances are
/// enrolled here; returns the names of these.
///
/// # Errors
/// A [`Failure`] where the inventory can't be read.
pub fn whole(bundle: &Bundle, context: &Context) -> Result<Vec<FileName>, Failure> {
    let (console, manifest) = (&context.console, bundle.manifest());
    let inventory = Inventory::read(&context.home)?;
    let mut mine = Vec::new();
    let mut here = |own: &Consignee| {
        let who = Identity::of(&own.serial);
        let names: Vec<FileName> = inventory.of(&who).map(|entry| entry.name.clone()).collect();
        mine.extend(names.first().cloned());
        names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    if let [only] = manifest.appliances.as_slice() {
        console.say(format!("bundle {}, sequence {}", manifest.bundle.short(), only.sequence));
        console.say(format!("  for        {}", text::one_line(&only.id().to_string())));
        let names = here(only);
        if !names.is_empty() {
            console.say(format!("  here       {names}"));
        }
        seal(bundle, console);
        console.say("  packages in install order:");
    } else {
        console.say(format!("bundle {} for {} appliances", manifest.bundle.short(), manifest.appliances.len()));
        for (own, order) in manifest.appliances.iter().zip(manifest.orders()) {
            let names = here(own);
            let enrolled = if names.is_empty() { "not enrolled here".to_owned() } else { format!("here {names}") };
            let order: Vec<String> = order.iter().map(ToString::to_string).collect();
            let appliance = text::one_line(&own.id().to_string());
            console.say(format!("  for        {appliance}, {enrolled}, sequence {}", own.sequence));
            console.say(format!("             installs {}, in this order", order.join(", ")));
        }
        seal(bundle, console);
        console.say("  packages:");
    }
    packages(manifest.packages.iter(), console);
    Ok(mine)
}

/// Who sealed and signed it, and until when it holds.
fn seal(bundle: &Bundle, console: &Console) {
    let manifest = bundle.manifest();
    console.say(format!("  sealed     {} by {}", local_time(manifest.created), text::one_line(&manifest.sealed_by)));
    console.say(format!("  expires    {}", local_time(manifest.expires)));
    let approval = bundle.approval();
    for approver in &approval.approvers {
        console.say(format!("  signed by  {} ({})", text::one_line(&approver.principal), approver.fingerprint));
    }
    console.say(format!("  signatures {} that count, {} needed", approval.approvers.len(), approval.threshold));
    for reason in &approval.not_counted {
        console.note(format!("  not counted: {}", text::one_line(reason)));
    }
    match bundle.recovery_volumes() {
        0 => {}
        count => {
            console.say(format!("  recovery   {}, of use if anything is damaged", text::counted(count, "volume")));
        }
    }
}

fn packages<'p>(packages: impl Iterator<Item = &'p Package>, console: &Console) {
    for (package, number) in packages.zip(1..) {
        console.say(format!(
            "  {number:>3}. {} ({}, {}, SHA-256 {})",
            text::one_line(&package.name),
            package.kind,
            text::bytes(package.size_bytes),
            package.sha256.short()
        ));
        console.say(format!("       {}", package.source));
        notes(package, console);
    }
}

/// Release notes, which are long, where all is to be told; else that they are there.
fn notes(package: &Package, console: &Console) {
    let Some(notes) = &package.notes else { return };
    if !console.tells_all() {
        return console.note("       its release notes came along (--verbose tells them, and plan --write has them)");
    }
    console.say("       release notes, as the vendor's page had them:");
    notes.lines().for_each(|line| console.say(format!("       | {}", text::one_line(line))));
}

/// Tells where an appliance's packages came from, as their signers said.
pub fn sources(bundle: &Delivery, context: &Context) {
    let own = bundle.consignment();
    context.console.say("its packages, as its signers say of them:");
    for package in &own.packages {
        context.console.say(format!("     {}: {}", text::one_line(&package.name), package.source));
    }
    context.console.event_of(&kind::SOURCES, || {
        let packages = own.packages.iter();
        let sources = packages.map(|one| json!({ "file": one.file, "sha256": one.sha256, "source": *one.source }));
        json!({ "bundle": own.bundle, "packages": sources.collect::<Vec<_>>() })
    });
}

/// Tells programs of a bundle whose packages, or those for the appliance with
/// `serial`, are what was signed for.
pub fn verified(bundle: &Bundle, serial: Option<&str>, context: &Context) {
    let manifest = bundle.manifest();
    let approvers = bundle.approval().approvers.iter();
    let signers: Vec<_> = approvers
        .map(|approver| json!({ "principal": approver.principal, "fingerprint": approver.fingerprint }))
        .collect();
    let appliances = manifest.appliances.iter().filter(|own| serial.is_none_or(|serial| own.serial == serial));
    context.console.event_of(&kind::VERIFIED, || {
        let packages: Vec<PackageRef> = bundle.packages().map(PackageRef::from).collect();
        json!({
            "bundle": manifest.bundle, "consignments": appliances.collect::<Vec<_>>(),
            "created": manifest.created, "expires": manifest.expires, "sealed_by": manifest.sealed_by,
            "manifest_sha256": bundle.manifest_sha256(), "signers": signers,
            "threshold": bundle.approval().threshold, "size_bytes": bundle.size_bytes(),
            "packages": packages.iter().map(Carried::from).collect::<Vec<_>>(),
        })
    });
}
