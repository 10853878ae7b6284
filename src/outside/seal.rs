//! The verb `seal`: packages of the vault become a signed manifest.

use super::agree::AgreeArgs;
use super::choose::{self, Choice};
use super::draft::{Drafts, Sealed};
use super::kind::identify;
use super::order::{InstallOrder, order};
use super::question::OutsideQuestion;
use super::releases;
use super::sign::tell_owed;
use super::vault::{StoredPackage, Vault};
use super::write;
use crate::bundle;
use crate::cli::{Context, KeyArgs};
use crate::events::SecurityEvent;
use crate::media::Medium;
use crate::model::clock;
use crate::model::{CHUNK_BYTES, Exit, Failure, FileName, Id, Manifest, Package, PackageKind, Status, text};
use crate::trust::Namespace;
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Make and sign a bundle of packages in the vault
///
/// Without --request, --appliance or --packages it takes what was obtained for
/// an appliance and was neither sealed nor installed yet. Whoever signs is shown
/// where each package came from, and asked. What is sealed stays sealed: a second
/// stick is written with 'write', without a new code.
#[derive(Debug, Args)]
pub struct SealArgs {
    /// Seal what was fetched for this request, by the beginning of its id
    #[arg(long, value_name = "ID", conflicts_with = "appliance")]
    request: Option<String>,
    /// Seal for the appliance with this serial number
    #[arg(long, value_name = "SERIAL")]
    appliance: Option<String>,
    /// Seal one bundle for each appliance that packages wait for
    #[arg(long, conflicts_with_all = ["request", "appliance", "packages"])]
    all: bool,
    /// Its model, where no request told it
    #[arg(long, value_name = "MODEL", requires = "appliance")]
    model: Option<String>,
    /// Its host name, where no request told it
    #[arg(long, value_name = "HOST", requires = "appliance")]
    host: Option<String>,
    /// Only these packages: titles, or the beginnings of their digests, with commas between
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    packages: Vec<String>,
    /// Days until the bundle expires
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    expires_days: u16,
    #[command(flatten)]
    agree: AgreeArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Write the bundle onto this medium too
    #[arg(long, value_name = "MEDIA")]
    write: Option<PathBuf>,
    /// With --write: cut the bundle into volumes of this size, such as 4G or 700M
    #[arg(long, value_name = "SIZE", requires = "write", value_parser = text::parse_bytes)]
    volume_size: Option<u64>,
    /// With --write: add recovery volumes of so many per cent (1 to 100)
    #[arg(long, value_name = "PERCENT", requires = "write", value_parser = clap::value_parser!(u8).range(1..=100))]
    parity: Option<u8>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then nothing was sealed and no number was used up.
pub fn run(args: &SealArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    let drafts = Drafts::below(context.home.root());
    if let Some(media) = &args.write {
        // A stick that is not there is better known before a number is used up.
        Medium::at(media)?;
    }
    if !args.all {
        return seal_one(args, args.appliance.as_deref(), &vault, &drafts, context);
    }
    let serials = choose::waiting(&vault, &drafts)?;
    for serial in &serials {
        context.console.note(format!("For {}:", text::one_line(serial)));
        seal_one(args, Some(serial), &vault, &drafts, context)?;
    }
    context.console.say(format!("{} bundles are sealed, one for each appliance", serials.len()));
    Ok(())
}

fn seal_one(
    args: &SealArgs,
    serial: Option<&str>,
    vault: &Vault,
    drafts: &Drafts,
    context: &mut Context,
) -> Result<(), Failure> {
    let sealed = seal(args, serial, vault, drafts, context)?;
    match &args.write {
        Some(media) => write::onto(media, &sealed, args.volume_size, args.parity, vault, context).inspect_err(|_| {
            context.console.note(format!(
                "The bundle is sealed all the same; write it later: handcarry-outside write MEDIA --bundle {}",
                sealed.manifest.bundle.short()
            ));
        }),
        None => {
            context
                .console
                .note(format!("Next: handcarry-outside write MEDIA --bundle {}", sealed.manifest.bundle.short()));
            Ok(())
        }
    }
}

fn seal(
    args: &SealArgs,
    serial: Option<&str>,
    vault: &Vault,
    drafts: &Drafts,
    context: &mut Context,
) -> Result<Sealed, Failure> {
    let wanted = choose::PackageCriteria {
        request: args.request.as_deref(),
        serial,
        model: args.model.as_deref(),
        host: args.host.as_deref(),
        packages: &args.packages,
    };
    let choice = choose::choose(&wanted, vault, drafts)?;
    let packages = packages(&choice, vault, context)?;
    let ordered =
        order(&packages, choice.status.as_ref()).inspect_err(|_| tell_lacking(&packages, &choice, context))?;
    for (name, needs) in &ordered.untold {
        context.console.warn(format!(
            "{name:?} needs {needs}; whether the appliance has it is not known here, the inside will check"
        ));
    }

    show(args, &choice, &ordered, context)?;
    args.agree.ask(&ordered.packages, &OutsideQuestion::SealBundle, context)?;
    // The key is opened when all is known to be right, so that nobody
    // types a passphrase for a bundle that can't be made.
    let signer = context.signer(&args.key)?;
    let created = context.now();
    // The inside keeps the latest signed time: what is sealed in the past it refuses or outlives.
    clock::believe(created, drafts.all()?.last().map(|latest| latest.manifest.created))?;
    let manifest = Manifest {
        format: 1,
        bundle: Id::random(),
        sequence: drafts.next_sequence(&choice.appliance.serial)?,
        appliance: choice.appliance.clone(),
        request: choice.request.clone(),
        created,
        expires: created.plus_secs(i64::from(args.expires_days) * 86_400),
        sealed_by: sealer(signer.public().comment(), &signer.public().fingerprint()),
        chunk_bytes: CHUNK_BYTES,
        packages: ordered.packages.clone(),
    };
    let bytes = bundle::manifest_bytes(&manifest);
    // What the inside would refuse must not be signed.
    bundle::parse_manifest(&bytes)?;
    let signature = signer.sign(Namespace::Bundle, &bytes)?;
    let sealed = drafts.keep(manifest, bytes, signature)?;
    tell(&sealed, context);
    context.log(&SecurityEvent::Sealed {
        bundle: sealed.manifest.bundle.to_string(),
        serial: sealed.manifest.appliance.serial.clone(),
        sequence: sealed.manifest.sequence,
        manifest_sha256: sealed.sha256().to_string(),
        packages: sealed.manifest.packages.len(),
        fingerprint: signer.public().fingerprint(),
    });
    context.console.say(format!("Signed by {} ({})", sealed.manifest.sealed_by, signer.public().fingerprint()));
    if tell_owed(&sealed.signed(), context)?.is_none_or(|missing| missing > 0) {
        let id = sealed.manifest.bundle.short();
        context.console.note(format!(
            "A further person signs with: handcarry-outside sign {id} --key FILE; elsewhere, after: handcarry-outside \
             draft export {id} MEDIA"
        ));
    }
    Ok(sealed)
}

/// Turns records into the packages of a manifest: each known for what it is,
/// whole in the vault, under a file name of its own.
fn packages(choice: &Choice, vault: &Vault, context: &mut Context) -> Result<Vec<Package>, Failure> {
    let mut packages: Vec<Package> = Vec::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for kept in &choice.packages {
        let mut kept: StoredPackage = kept.clone();
        if let Some(note) = &kept.requires_unread {
            return Err(Failure::new(
                Exit::PrerequisiteMissing,
                format!("{:?} requires {note:?}, which can't be read", kept.title),
            )
            .hint(format!(
                "say it with: handcarry-outside vault describe {} --requires base=3.4.0 (or none)",
                kept.sha256.short()
            )));
        }
        if kept.identity.is_none() {
            kept.identity = identify(&kept, &[], &mut context.operator);
            vault.record(&kept)?;
        }
        // By its size alone: the bytes are held against the manifest, chunk by chunk, when the bundle is written.
        if !vault.has_object(&kept.sha256, kept.size_bytes) {
            let (title, path) = (kept.title.clone(), vault.object_path(&kept.sha256));
            return Err(super::vault::VaultError::ObjectMissing { title, path }.into());
        }
        let Some(mut package) = kept.package() else {
            return Err(Failure::new(Exit::Declined, format!("nobody said what {:?} is", kept.title)).hint(format!(
                "say it with: handcarry-outside vault describe {} --kind KIND --version VERSION",
                kept.sha256.short()
            )));
        };
        if packages.iter().any(|other| other.sha256 == package.sha256) {
            continue;
        }
        if !names.insert(package.file.as_str().to_owned()) {
            // Two packages may have the same file name, and a bundle has one folder.
            package.file = FileName::from_foreign(&format!("{}-{}", package.sha256.short(), package.file));
            names.insert(package.file.as_str().to_owned());
        }
        packages.push(package);
    }
    Ok(packages)
}

/// Names every release that is missing, and what to ask the vendor for.
fn tell_lacking(packages: &[Package], choice: &Choice, context: &Context) {
    let findings = releases::look(packages, choice.status.as_ref(), &[]);
    findings.lacking.iter().for_each(|lacking| context.console.warn(lacking.told()));
    if let Some(status) = choice.status.as_ref().filter(|_| !findings.lacking.is_empty()) {
        context.console.say("What vendor support needs to know:");
        releases::ask(&findings.lacking, status).iter().for_each(|line| context.console.say(format!("  {line}")));
    }
}

/// Shows what a signature will stand for.
fn show(args: &SealArgs, choice: &Choice, ordered: &InstallOrder, context: &Context) -> Result<(), Failure> {
    let appliance = text::one_line(&choice.appliance.to_string());
    args.agree.show(&format!("For {appliance}, in install order:"), context)?;
    for (at, package) in ordered.packages.iter().enumerate() {
        let reasons = format!(": {}", reasons(at, &ordered.packages, choice.status.as_ref()));
        args.agree.show_package(at + 1, package, &reasons, context)?;
    }
    Ok(())
}

fn tell(sealed: &Sealed, context: &Context) {
    let manifest = &sealed.manifest;
    context.console.say(format!(
        "Bundle {} for {}: number {}, expires {}",
        manifest.bundle.short(),
        text::one_line(&manifest.appliance.to_string()),
        manifest.sequence,
        manifest.expires.human()
    ));
    context.console.event(
        "sealed",
        serde_json::json!({
            "bundle": manifest.bundle, "sequence": manifest.sequence, "appliance": manifest.appliance,
            "request": manifest.request, "expires": manifest.expires, "manifest_sha256": sealed.sha256(),
            "folder": sealed.folder,
            "packages": manifest.packages.iter().map(|p| serde_json::json!({
                "file": p.file, "name": p.name, "kind": p.kind, "version": p.version, "sha256": p.sha256,
                "size_bytes": p.size_bytes, "source": p.source,
            })).collect::<Vec<_>>(),
        }),
    );
}

fn reasons(at: usize, packages: &[Package], status: Option<&Status>) -> String {
    let mut reasons = Vec::new();
    for needs in &packages[at].requires {
        let carried = packages[..at].iter().position(|other| needs.is_met_by(other.kind, &other.version));
        reasons.push(match (carried, status.and_then(|status| status.meets(needs))) {
            (Some(other), _) => format!("needs {needs} (number {})", other + 1),
            (None, Some(true)) => format!("needs {needs} (on the appliance)"),
            (None, _) => format!("needs {needs} (the inside will check)"),
        });
    }
    reasons.push(match packages[at].kind {
        PackageKind::Site => "24 h for clients to update after it".to_owned(),
        PackageKind::Base | PackageKind::Patch | PackageKind::License => "no wait after it".to_owned(),
    });
    reasons.join(", ")
}

fn sealer(comment: &str, fingerprint: &str) -> String {
    let comment = text::one_line(comment);
    // What a manifest takes at most; a longer comment is no name.
    match comment.len() {
        1..=256 => comment,
        _ => fingerprint.to_owned(),
    }
}
