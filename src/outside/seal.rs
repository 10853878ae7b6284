//! The verb `seal`: packages of the vault become a signed manifest.

use super::agree::AgreeArgs;
use super::choose::{self, Choice, PackageCriteria, Stock};
use super::draft::{Drafts, Sealed};
use super::load::{ApplianceLoad, each_once, load};
use super::question::OutsideQuestion;
use super::sign::tell_owed;
use super::sticks::Sticks;
use super::vault::Vault;
use super::write::{self, Cut};
use crate::bundle::{self, BundleError};
use crate::cli::{Context, KeyArgs};
use crate::console::{TypedCommand, kind};
use crate::events::SecurityEvent;
use crate::media::Medium;
use crate::model::clock;
use crate::model::{
    Consignee, Consignment, Exit, Failure, Id, Manifest, Package, PackageKind, Status, fold_serial, local_time, text,
};
use clap::Args;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Make and sign a bundle of packages in the vault
///
/// One bundle is for one trip: one appliance, a pair or many, each with its own
/// number and the request it made, and every package in it once. Without --all,
/// --request, --appliance or --packages it takes what was obtained for the one
/// appliance that waits and was neither sealed nor installed yet. Whoever signs is
/// shown where each package came from, and asked once. What is sealed stays sealed:
/// a second stick is written with 'write', without a new code.
#[derive(Debug, Args)]
pub struct SealArgs {
    /// Seal what was fetched for this request, by the beginning of its id; repeatable
    #[arg(long, value_name = "ID", conflicts_with = "appliance")]
    request: Vec<String>,
    /// Seal for the appliance with this serial number; repeatable
    #[arg(long, value_name = "SERIAL")]
    appliance: Vec<String>,
    /// Seal for all appliances that packages wait for
    #[arg(long, conflicts_with_all = ["request", "appliance", "packages"])]
    all: bool,
    /// Its model, where no request told it and one appliance is named
    #[arg(long, value_name = "MODEL", requires = "appliance", value_parser = bundle::parse_appliance_text)]
    model: Option<String>,
    /// Its host name, where no request told it and one appliance is named
    #[arg(long, value_name = "HOST", requires = "appliance", value_parser = bundle::parse_appliance_text)]
    host: Option<String>,
    /// Only these packages, for each appliance: titles, or the beginnings of their digests, with commas between
    #[arg(long, value_name = "PACKAGE", value_delimiter = ',')]
    packages: Vec<String>,
    /// Days until the bundle expires
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    expires_days: u16,
    #[command(flatten)]
    agree: AgreeArgs,
    #[command(flatten)]
    key: KeyArgs,
    /// Write the bundle onto this medium too; repeatable
    #[arg(long, value_name = "MEDIA")]
    write: Vec<PathBuf>,
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
    // A stick that is not there is better known before a number is used up.
    args.write.iter().try_for_each(|media| Medium::at(media).map(drop))?;
    let sticks = Sticks::named(&args.write, context)?;
    let sealed = seal(args, &vault, &drafts, context)?;
    let id = sealed.manifest.bundle.short();
    if args.write.is_empty() {
        context.console.next(format!("handcarry-outside write MEDIA --bundle {id}"));
        return Ok(());
    }
    // From here on the same command would seal it a second time.
    context.console.goes_on_by(args.to_write(&id, &context.typed()));
    let cut = Cut { volume_bytes: args.volume_size, parity: args.parity };
    write::onto(sticks, &sealed, cut, &vault, context).inspect_err(|_| {
        context.console.note(format!(
            "The bundle is sealed all the same; write it later: handcarry-outside write MEDIA --bundle {id}"
        ));
    })
}

fn seal(args: &SealArgs, vault: &Vault, drafts: &Drafts, context: &mut Context) -> Result<Sealed, Failure> {
    let stock = Stock::read(vault, drafts, context.now())?;
    let loads = load(args.choices(&stock)?, vault, context)?;
    show(args, &loads, context)?;
    args.agree.ask(&each_once(&loads), &OutsideQuestion::SealBundle, context)?;
    // The key is opened when all is known to be right, so that nobody
    // types a passphrase for a bundle that can't be made.
    let signer = context.signer(&args.key)?;
    let created = context.now();
    // The inside keeps the latest signed time: what is sealed in the past it refuses or outlives.
    clock::believe(created, stock.sealed.last().map(|latest| latest.manifest.created))?;
    let (bundle, counter) = (Id::random(), drafts.counter()?);
    let consign = |load: ApplianceLoad| -> Result<Consignment, Failure> {
        let sequence = drafts.next_sequence(&load.choice.appliance.serial, &counter, &stock.sealed)?;
        let Choice { appliance, request, .. } = load.choice;
        Ok(Consignment { bundle, appliance, sequence, request, created, packages: load.packages })
    };
    let consignments = loads.into_iter().map(consign).collect::<Result<_, _>>()?;
    drop(stock);
    let expires = created.plus_secs(i64::from(args.expires_days) * 86_400);
    let sealer = sealer(signer.public().comment(), &signer.public().fingerprint());
    let manifest = check(Manifest::of(consignments, expires, sealer))?;
    let signature = signer.sign_message(&bundle::manifest_message(&manifest))?;
    let sealed = drafts.keep(manifest, signature)?;
    tell(&sealed, &signer.public().fingerprint(), context);
    if tell_owed(sealed.message(), &sealed.signatures, context)?.is_none_or(|missing| missing > 0) {
        let id = sealed.manifest.bundle.short();
        context.console.note(format!(
            "A further person signs with: handcarry-outside sign {id} --key FILE; elsewhere, after: handcarry-outside \
             draft export {id} MEDIA"
        ));
    }
    Ok(sealed)
}

/// The manifest as it is read: what the inside would refuse must not be signed.
fn check(manifest: Manifest) -> Result<Manifest, Failure> {
    match bundle::read_again(manifest) {
        Ok(manifest) => Ok(manifest),
        Err(error @ BundleError::Limit { .. }) => Err(Failure::from(error).hint(
            "seal fewer appliances or packages into one bundle: --appliance SERIAL, repeatable, or --packages TITLE,…",
        )),
        Err(error) => Err(error.into()),
    }
}

impl SealArgs {
    /// The command that writes onto the same media what is sealed by now.
    fn to_write(&self, id: &str, typed: &TypedCommand) -> TypedCommand {
        let same = typed.only(&["--home", "--syslog", "--volume-size", "--parity"]).for_verb("write");
        self.write.iter().rev().fold(same.and(["--bundle", id]), |write, media| write.first(media))
    }

    /// What is chosen for each appliance, by serial number.
    fn choices(&self, stock: &Stock) -> Result<Vec<Choice>, Failure> {
        if self.appliance.len() > 1 && (self.model.is_some() || self.host.is_some()) {
            return Err(Failure::new(Exit::Usage, "--model and --host are of one appliance, and several are named")
                .hint("a request tells them; where none did, seal for that appliance alone"));
        }
        let of = |request, serial| {
            let (model, host) = (self.model.as_deref(), self.host.as_deref());
            let wanted = PackageCriteria { request, serial, model, host, packages: &self.packages };
            choose::choose(&wanted, stock)
        };
        let waiting = if self.all { choose::waiting(stock)? } else { Vec::new() };
        let serials = self.appliance.iter().chain(&waiting).map(|serial| of(None, Some(serial.as_str())));
        let requests = self.request.iter().map(|request| of(Some(request.as_str()), None));
        let mut choices = requests.chain(serials).collect::<Result<Vec<Choice>, Failure>>()?;
        if choices.is_empty() {
            choices.push(of(None, None)?);
        }
        choices.sort_by(|one, other| one.appliance.serial.cmp(&other.appliance.serial));
        let mut serials = BTreeSet::new();
        match choices.iter().find(|choice| !serials.insert(fold_serial(&choice.appliance.serial))) {
            Some(twice) => {
                let serial = text::one_line(&twice.appliance.serial);
                Err(Failure::new(Exit::Usage, format!("the appliance {serial} is meant twice"))
                    .hint("name it once; of several requests of one appliance a bundle answers one"))
            }
            None => Ok(choices),
        }
    }
}

/// Shows what a signature will stand for: each appliance with what it gets,
/// those that get the same together, and each package's origin once.
fn show(args: &SealArgs, loads: &[ApplianceLoad], context: &Context) -> Result<(), Failure> {
    let lines = |load: &ApplianceLoad| -> Vec<String> {
        let at = 0..load.packages.len();
        at.map(|at| format!(": {}", reasons(at, &load.packages, load.choice.status.as_ref()))).collect()
    };
    let mut groups: Vec<(Vec<&ApplianceLoad>, Vec<String>)> = Vec::new();
    for load in loads {
        let lines = lines(load);
        let same = groups.iter_mut().find(|(of, told)| *told == lines && of[0].packages == load.packages);
        match same {
            Some((of, _)) => of.push(load),
            None => groups.push((vec![load], lines)),
        }
    }
    let mut shown = BTreeSet::new();
    for (of, lines) in &groups {
        for load in of {
            let appliance = text::one_line(&load.choice.appliance.to_string());
            args.agree.show(&format!("For {appliance}, in install order:"), context)?;
        }
        for ((package, more), number) in of[0].packages.iter().zip(lines).zip(1..) {
            args.agree.show_package(number, package, more, shown.insert(package.sha256), context)?;
        }
    }
    Ok(())
}

fn tell(sealed: &Sealed, fingerprint: &str, context: &Context) {
    let manifest = &sealed.manifest;
    let (id, expires) = (manifest.bundle.short(), local_time(manifest.expires));
    let appliance = |own: &Consignee| text::one_line(&own.id().to_string());
    match manifest.appliances.as_slice() {
        [only] => context.console.say(format!(
            "Bundle {id} for {}: number {}, expires {expires}",
            appliance(only),
            only.sequence
        )),
        many => {
            let (count, packages) = (many.len(), manifest.packages.len());
            context.console.say(format!("Bundle {id} for {count} appliances, {packages} packages, expires {expires}"));
            many.iter().for_each(|own| {
                context.console.say(format!("  number {} for {}", own.sequence, appliance(own)));
            });
        }
    }
    context.console.event_of(&kind::SEALED, || {
        serde_json::json!({
            "bundle": manifest.bundle, "consignments": manifest.appliances, "expires": manifest.expires,
            "manifest_sha256": sealed.sha256(), "folder": sealed.folder,
            "packages": manifest.packages.iter().map(|p| serde_json::json!({
                "file": p.file, "name": p.name, "kind": p.kind, "version": p.version, "sha256": p.sha256,
                "size_bytes": p.size_bytes, "source": *p.source,
            })).collect::<Vec<_>>(),
        })
    });
    // One for each appliance: a collector looks for a serial number.
    let event = |own: &Consignee| SecurityEvent::Sealed {
        bundle: manifest.bundle.to_string(),
        serial: own.serial.clone(),
        sequence: own.sequence,
        manifest_sha256: sealed.sha256().to_string(),
        packages: own.packages.len(),
        fingerprint: fingerprint.to_owned(),
    };
    context.log_all(&manifest.appliances.iter().map(event).collect::<Vec<_>>());
    context.console.say(format!("Signed by {} ({fingerprint})", manifest.sealed_by));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, FileName, Sha256Digest, Source, Timestamp, Version};

    #[test]
    fn what_is_too_much_for_one_bundle_is_told_with_the_way_on() {
        let (bundle, created) = (Id::random(), Timestamp::from_unix(1_800_000_000).expect("in range"));
        let package = Package {
            file: FileName::parse("p.nss").expect("a name"),
            name: "Base 3.4.0".to_owned(),
            kind: PackageKind::Base,
            version: Version::parse("3.4.0").expect("a version"),
            requires: Vec::new(),
            size_bytes: 1,
            sha256: Sha256Digest::of(b"x"),
            chunks: vec![Sha256Digest::of(b"x")],
            eula: None,
            notes: None,
            source: Source::Imported { path: "x".into(), by: "y".into(), at: created, compared: false }.into(),
        };
        let consign = |n: usize| Consignment {
            bundle,
            appliance: ApplianceId { serial: format!("S{n}"), model: "B200".into(), host: "h".into() },
            sequence: 1,
            request: None,
            created,
            packages: vec![package.clone()],
        };
        let of = |count: usize| {
            let consignments = (0..count).map(consign).collect();
            Manifest::of(consignments, created.plus_secs(60), "anna".into())
        };
        check(of(1000)).expect("a thousand may be");
        let refused = check(of(1001)).expect_err("one more may not");
        assert_eq!(refused.exit, Exit::LimitExceeded);
        assert_eq!(refused.message, "the number of appliances is more than its limit of 1000: 1001");
        assert!(refused.hint.is_some_and(|hint| hint.as_part().contains("--appliance SERIAL, repeatable")));
    }
}
