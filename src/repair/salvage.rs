//! Damage beyond repair: which packages are whole all the same, and a copy of those.

use crate::bundle::{Bundle, BundleError, Folder, Mended, Repair, Restored, keep_manifest};
use crate::cli::Context;
use crate::console::kind;
use crate::media::{self, DurableFile, Mode};
use crate::model::{Failure, Manifest, Meter, Package, ShowPath, text};
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes read at once.
const READ_BYTES: usize = 1 << 20;

/// What comes with salvaged packages, so that a person knows what may be done with them. No package's name begins so.
const NOTE_FILE: &str = "_SALVAGED.txt";
/// The signed manifest among salvaged packages: a package may be called manifest.json.
const MANIFEST_FILE: &str = "_manifest.json";

/// Says what is lost and what is whole, salvages where that was asked for, and
/// returns the failure that the run ends with.
pub(super) fn tell(
    repair: &Repair,
    judged: Result<Option<Bundle>, Failure>,
    mended: Mended,
    salvage: Option<&Path>,
    context: &Context,
) -> Failure {
    let why = match mended.lost {
        0 => format!("no recovery block is whole of {}", text::counted(mended.unprotected, "stripe")),
        lost => format!("{} of {} lost", text::counted(lost, "block"), text::bytes(mended.block_bytes)),
    };
    let failure = Failure::from(BundleError::BeyondRepair { name: repair.set().shown(), why });
    let bundle = match judged {
        Ok(Some(bundle)) => bundle,
        Ok(None) => return failure.hint("the vault still has its packages: write it again"),
        Err(error) => {
            context.console.warn(format!("which packages are whole can't be told: {}", text::one_line(&error.message)));
            return failure;
        }
    };
    match sort(&bundle, salvage, context) {
        Ok(()) => failure,
        Err(other) => other,
    }
}

/// Names what was restored although more of it is damaged, so that what is
/// whole of it can be installed, and returns the failure that the run ends with.
pub(super) fn keep(
    restored: &Restored,
    failure: Failure,
    mut sink: Folder,
    context: &Context,
) -> Result<Failure, Failure> {
    let signatures = restored.keep_signatures(&mut sink);
    sink.outcome::<_, Failure>(signatures)?;
    let files = sink.name_all()?;
    let Some(first) = files.first() else { return Ok(failure) };
    context.console.say(format!("Kept, damaged as it is: {}", first.shown()));
    context.console.event(&kind::KEPT_DAMAGED, serde_json::json!({ "files": files }));
    Ok(failure.hint(format!(
        "install what comes before the first damaged package: handcarry-inside push {} NAME --up-to-damage",
        first.quoted()
    )))
}

/// Tells each package, whole or damaged, and how far each appliance comes with them.
fn sort(bundle: &Bundle, salvage: Option<&Path>, context: &Context) -> Result<(), Failure> {
    let manifest: &Manifest = bundle.manifest();
    if let Some(folder) = salvage {
        media::create_dirs(folder, Mode::Shared)?;
    }
    let progress = context.console.progress("Reading packages", manifest.total_bytes());
    let mut whole: Vec<&Package> = Vec::new();
    let mut states = Vec::new();
    for package in &manifest.packages {
        let trouble = take(bundle, package, salvage, &progress)?;
        if trouble.is_none() {
            whole.push(package);
        }
        states.push((package, trouble));
    }
    progress.finish();
    for (number, (package, trouble)) in states.iter().enumerate() {
        let state = trouble.as_deref().map_or("whole".to_owned(), |why| format!("DAMAGED: {why}"));
        context.console.say(format!("  {:>3}. {}: {state}", number + 1, text::one_line(&package.name)));
        context.console.event(
            &kind::SALVAGED,
            serde_json::json!({
                "file": package.file, "name": package.name, "sha256": package.sha256, "whole": trouble.is_none(),
            }),
        );
    }
    for (own, order) in manifest.appliances.iter().zip(manifest.orders()) {
        // What comes after a damaged package may need it, so a whole one behind it does not count here.
        let usable = order.iter().take_while(|number| states[**number - 1].1.is_none()).count();
        let whose = match manifest.appliances.len() {
            1 => String::new(),
            _ => format!("{}: ", text::one_line(&own.id().to_string())),
        };
        match usable {
            0 => context.console.note(format!("{whose}none can be installed in order: the first is damaged")),
            count => context.console.note(format!("{whose}the first {count} can be installed in order")),
        }
    }
    let Some(folder) = salvage else {
        if !whole.is_empty() {
            context.console.note("copy those that are whole with --salvage DIR");
        }
        return Ok(());
    };
    // The manifest goes along in the bytes that were signed, so that whoever installs by hand can compare each digest.
    keep_manifest(manifest, &folder.join(MANIFEST_FILE), Mode::Shared, false)?;
    media::write_durably_new(&folder.join(NOTE_FILE), note(manifest, &states).as_bytes(), Mode::Shared)?;
    let count = text::counted(whole.len(), "package");
    context.console.say(format!("Salvaged into {}: {count}; read {NOTE_FILE} there", folder.shown()));
    Ok(())
}

/// Reads one package, each chunk against its signed digest, and keeps it where
/// that is wanted; returns what is wrong with it.
fn take(
    bundle: &Bundle,
    package: &Package,
    salvage: Option<&Path>,
    meter: &dyn Meter,
) -> Result<Option<String>, Failure> {
    let mut reader = bundle.package(&package.file)?;
    let mut kept = match salvage {
        Some(folder) => Some(DurableFile::create(&folder.join(package.file.as_str()), Mode::Shared, false)?),
        None => None,
    };
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // The file that was begun is removed as it is dropped.
            // A read error and a wrong digest are one to a person here:
            // this package can't be used, and the next one is looked at.
            Err(error) => return Ok(Some(text::one_line(&error.to_string()))),
        };
        if let Some(file) = &mut kept {
            let written = file.write_all(&buffer[..count]);
            written.map_err(|source| media::MediaError::of("write", file.target(), source))?;
        }
        meter.advance(count as u64);
    }
    // Each is named as soon as it is durable. Salvage runs on media that are dying, and what was saved by then stays.
    if let Some(file) = kept {
        file.commit()?;
    }
    Ok(None)
}

/// What a person must know who uploads salvaged packages by hand.
fn note(manifest: &Manifest, states: &[(&Package, Option<String>)]) -> String {
    let whose = match manifest.appliances.as_slice() {
        [only] => format!("the appliance with serial number {}", text::one_line(&only.serial)),
        many => format!("{} appliances, which stand at the end", many.len()),
    };
    let order = if manifest.appliances.len() == 1 { "in this order" } else { "in its order" };
    let mut note = format!(
        "PACKAGES SALVAGED FROM A DAMAGED BUNDLE\n\nBundle {}, for {whose}.\n\
         Each package here has the digests that were signed for it. Install them by\nhand {order}, and stop \
         before the first that is missing: what comes after\nit may need it. Keep the wait of 24 hours after each \
         site package.\n(/appliance, Updates, Manual Installation; a backup first.)\n\n",
        manifest.bundle,
    );
    for (number, (package, trouble)) in states.iter().enumerate() {
        let state = if trouble.is_none() { package.file.as_str() } else { "MISSING: it was damaged" };
        note.push_str(&format!("{:>3}. {}\n     {state}\n", number + 1, text::one_line(&package.name)));
        if trouble.is_none() {
            note.push_str(&format!("     SHA-256 {}\n", package.sha256));
        }
    }
    if manifest.appliances.len() > 1 {
        note.push_str("\nEach appliance's packages, by the numbers above, in its order:\n\n");
        for (own, order) in manifest.appliances.iter().zip(manifest.orders()) {
            let order: Vec<String> = order.iter().map(ToString::to_string).collect();
            note.push_str(&format!("{}: {}\n", text::one_line(&own.id().to_string()), order.join(", ")));
        }
    }
    note
}
