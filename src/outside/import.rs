//! The verb `import`: packages that a person downloaded with a browser.

use super::choose::next_seal;
use super::custody::tell;
use super::exchange::{read_size, size_agrees};
use super::kind::{ask, parse_requirement, parse_version, title_of_file};
use super::look::{self, plain_name};
use super::vault::{PackageIdentity, StoredPackage, Vault};
use crate::bundle::parse_appliance_text;
use crate::cli::Context;
use crate::console::Operator;
use crate::events::SecurityEvent;
use crate::media;
use crate::model::{
    ApplianceId, Exit, Failure, FileName, PackageKind, RequestRef, Requirement, Sha256Digest, ShowPath, Source,
    Version, text,
};
use crate::outside::question::{OutsidePrompt, OutsideQuestion};
use clap::Args;
use sha2::{Digest, Sha256};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Take packages that were downloaded with a browser into the vault
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The downloaded files
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The title the vendor's page gave it [default: read from the file's name]
    #[arg(long, value_name = "TITLE")]
    title: Option<String>,
    /// What it changes: base, site, patch or license [default: read from the title]
    #[arg(long, value_name = "KIND", value_parser = PackageKind::parse, requires = "version")]
    kind: Option<PackageKind>,
    /// Its version
    #[arg(long, value_name = "VERSION", value_parser = parse_version, requires = "kind")]
    version: Option<Version>,
    /// Who vouches for these files [default: asked for]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// What must be installed first, such as base=3.4.0
    #[arg(long, value_name = "KIND=VERSION", value_parser = parse_requirement)]
    requires: Vec<Requirement>,
    /// Serial number of the appliance they are for
    #[arg(long = "for", value_name = "SERIAL", conflicts_with = "request", value_parser = parse_appliance_text)]
    serial: Option<String>,
    /// The request they answer, by the beginning of its id
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// The file's SHA-256 as the vendor publishes it: another is refused
    #[arg(long, value_name = "HEX", value_parser = parse_sha256)]
    sha256: Option<Sha256Digest>,
    /// The file's size as the vendor publishes it, in bytes or such as "18.2 MB": another is refused
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    size: Option<String>,
    /// Take a file that does not look like a finished package, without a question; what is odd is told all the same
    #[arg(long)]
    doubtful: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; files taken in before it stay in the vault.
pub fn run(args: &ImportArgs, context: &mut Context) -> Result<(), Failure> {
    let of_one = args.title.is_some() || args.kind.is_some() || args.sha256.is_some() || args.size.is_some();
    if args.files.len() > 1 && (of_one || !args.requires.is_empty()) {
        return Err(Failure::new(
            Exit::Usage,
            "--title, --kind, --version, --requires, --sha256 and --size are about one file",
        )
        .hint("import such files one by one"));
    }
    let vault = Vault::open(context.home.root())?;
    let (appliance, request) = belongs_to(args, &vault)?;
    let mut there = vault.packages()?;
    // All are looked at before the first is copied, since whoever vouches does so for all of them.
    let mut known = Vec::new();
    for path in &args.files {
        let facts = facts(path, args, context)?;
        look(path, &facts, &there, args, context)?;
        known.push((path, facts));
    }
    let by = match &args.by {
        Some(by) => by.clone(),
        None => context.operator.ask(&OutsidePrompt::WhoVouches)?,
    };
    let by = text::one_line(&by);
    if by.is_empty() {
        return Err(Failure::new(Exit::Declined, "nobody vouches for these files").hint("say who does with --by NAME"));
    }
    for (path, FileFacts { title, identity, size_bytes }) in known {
        let progress = context.console.progress(&title, size_bytes);
        let digests = vault.copy_in(path, &progress);
        progress.finish();
        let digests = digests?;
        // Asked of the bytes that were copied: the file may have been replaced since it was looked at.
        agrees(path, digests.sha256, args)?;
        // The same bytes for another appliance are a record of their own: each has its own receipt.
        let same = |kept: &&StoredPackage| kept.sha256 == digests.sha256 && kept.appliance == appliance;
        if let Some(there) = there.iter().find(same) {
            // Told and not refused, so that a run over a folder can be made again.
            context.console.note(format!("{}: in the vault already", path.shown()));
            tell(there, &vault, &context.console);
            continue;
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let source = Source::Imported {
            path: text::one_line(&absolute.to_string_lossy()),
            by: by.clone(),
            at: context.now(),
            compared: args.sha256.is_some(),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut kept = StoredPackage::new(&title, FileName::from_foreign(&plain_name(&name)), digests, source);
        kept.identity = Some(identity);
        kept.requires.clone_from(&args.requires);
        kept.appliance.clone_from(&appliance);
        kept.request.clone_from(&request);
        vault.record(&kept)?;
        context.log(&SecurityEvent::Imported {
            title: kept.title.clone(),
            sha256: kept.sha256.to_string(),
            vouched_by: by.clone(),
        });
        tell(&kept, &vault, &context.console);
        there.push(kept);
    }
    super::mirror::keep(&vault, None, context)?;
    context.console.next(next_seal(&vault, None, context)?);
    Ok(())
}

/// What is known of a file before anything is copied.
struct FileFacts {
    title: String,
    identity: PackageIdentity,
    size_bytes: u64,
}

fn facts(path: &Path, args: &ImportArgs, context: &mut Context) -> Result<FileFacts, Failure> {
    let missing = |why: &str| {
        Failure::new(Exit::NotFound, format!("{} {why}", path.shown())).hint("name the downloaded package file")
    };
    media::refuse_odd(path)?;
    let meta = path.metadata().map_err(|error| missing(&format!("can't be read: {error}")))?;
    if !meta.is_file() || meta.len() == 0 {
        return Err(missing(if meta.is_file() { "is empty" } else { "is not a file" }));
    }
    if let Some(said) = args.size.as_deref().filter(|said| !size_agrees(said, meta.len())) {
        let message =
            format!("{} is {} bytes long, and the vendor says {}", path.shown(), meta.len(), text::one_line(said));
        return Err(Failure::new(Exit::DownloadIncomplete, message).hint("download it again until all of it is there"));
    }
    let given = args.title.as_deref().map(text::one_line);
    let told = args.kind.zip(args.version.clone()).map(|(kind, version)| PackageIdentity { kind, version });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let title = given.unwrap_or_else(|| title_of_file(&plain_name(&name)));
    let identity = match told.or_else(|| PackageIdentity::of_title(&title)) {
        Some(identity) => identity,
        None => ask(&title, &mut context.operator)
            .map_err(|failure| failure.hint("say what it is with --kind KIND --version VERSION"))?,
    };
    Ok(FileFacts { title, identity, size_bytes: meta.len() })
}

/// Looks at a file before anybody vouches for it: what is odd is told, and
/// taken only by a word. The vendor's digest, where it is given, says more.
fn look(
    path: &Path,
    facts: &FileFacts,
    there: &[StoredPackage],
    args: &ImportArgs,
    context: &mut Context,
) -> Result<(), Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::new(Exit::NotFound, format!("{} can't be read: {error}", path.shown()))
            .hint("name the downloaded package file")
    };
    let same = |kept: &&StoredPackage| kept.identity.as_ref() == Some(&facts.identity);
    let rivals: Vec<&StoredPackage> = there.iter().filter(same).collect();
    // To read gigabytes twice pays only where there is something to compare the digest with.
    let digest = match args.sha256.is_some() || !rivals.is_empty() {
        true => Some(digest_of(path).map_err(unreadable)?),
        false => None,
    };
    // The vendor's digest settles it. What else looks odd is as the vendor made it.
    if let Some(digest) = digest.filter(|_| args.sha256.is_some()) {
        agrees(path, digest, args)?;
        context.console.note(format!("{}: its SHA-256 is the one given", path.shown()));
        return Ok(());
    }
    let mut head = Vec::new();
    let file = media::open_regular(path).map_err(|error| unreadable(error.into()))?;
    file.take(look::HEAD_BYTES as u64).read_to_end(&mut head).map_err(unreadable)?;
    let mut doubts = look::doubts(path, &head, facts.size_bytes, Some(&facts.identity));
    doubts.extend(rivals.iter().find(|kept| Some(kept.sha256) != digest).map(|kept| {
        format!(
            "the vault has another file of {} {}, {} bytes, SHA-256 {}",
            facts.identity.kind,
            facts.identity.version,
            kept.size_bytes,
            kept.sha256.short()
        )
    }));
    for doubt in &doubts {
        context.console.warn(format!("{}: {doubt}", path.shown()));
    }
    if doubts.is_empty() || args.doubtful {
        return Ok(());
    }
    let question = OutsideQuestion::IsWhole {
        path: path.shown().to_string(),
        title: facts.title.clone(),
        kind: facts.identity.kind,
        version: facts.identity.version.clone(),
    };
    let hint = "download it anew, and compare with the vendor: --sha256 HEX, --size SIZE; where it is right as it is, \
                --doubtful takes it";
    match context.operator.confirm(&question) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(Exit::Declined, format!("{} was not taken", path.shown())).hint(hint)),
        Err(error) => Err(Failure::from(error).hint(hint)),
    }
}

fn digest_of(path: &Path) -> std::io::Result<Sha256Digest> {
    let mut digest = Sha256::new();
    std::io::copy(&mut media::open_regular(path)?, &mut digest)?;
    Ok(Sha256Digest::finish(digest))
}

/// Whether a file has the digest that the vendor publishes, where one is given.
fn agrees(path: &Path, digest: Sha256Digest, args: &ImportArgs) -> Result<(), Failure> {
    match args.sha256.filter(|wanted| *wanted != digest) {
        None => Ok(()),
        Some(_) => Err(Failure::new(
            Exit::DigestMismatch,
            format!("{} is not the file of the digest given: its SHA-256 is {digest}", path.shown()),
        )
        .hint("download it again, and compare the digest with the vendor's page")),
    }
}

fn parse_size(written: &str) -> Result<String, String> {
    let written = text::trimmed(written);
    if written.bytes().all(|b| b.is_ascii_digit()) && !written.is_empty() {
        return Ok(format!("{written} bytes"));
    }
    read_size(written).map(|_| written.to_owned()).ok_or("write a size in bytes, or such as \"18.2 MB\"".to_owned())
}

fn parse_sha256(written: &str) -> Result<Sha256Digest, String> {
    // Other programs print digests with blanks or colons in them.
    let digits: String = text::trimmed(written).chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let lower = digits.to_ascii_lowercase();
    Sha256Digest::from_hex(lower.strip_prefix("sha256").unwrap_or(&lower))
        .ok_or("a SHA-256 has 64 hex digits".to_owned())
}

/// Which appliance and request the files are for.
fn belongs_to(args: &ImportArgs, vault: &Vault) -> Result<(Option<ApplianceId>, Option<RequestRef>), Failure> {
    let contexts = vault.contexts()?;
    if let Some(which) = &args.request {
        let mut found = contexts.iter().filter(|context| context.request.begins_with(which));
        return match (found.next(), found.next()) {
            (Some(context), None) => Ok((Some(context.status.appliance.clone()), Some(context.reference()))),
            _ => {
                Err(Failure::new(Exit::NotFound, format!("no single request begins with {:?}", text::one_line(which)))
                    .hint("a request is known here once 'fetch' has read it from a stick"))
            }
        };
    }
    // Without an appliance it is nobody's yet, and `seal` will want to be told.
    let Some(serial) = &args.serial else { return Ok((None, None)) };
    let known =
        contexts.iter().rev().map(|context| &context.status.appliance).find(|appliance| appliance.serial == *serial);
    let unknown = || ApplianceId { serial: text::one_line(serial), model: String::new(), host: String::new() };
    Ok((Some(known.cloned().unwrap_or_else(unknown)), None))
}
