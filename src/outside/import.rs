//! The verb `import`: packages that a person downloaded with a browser.

use super::custody::tell;
use super::kind::{ask, parse_kind, parse_requirement, parse_version};
use super::vault::{Identity, Kept, Vault};
use crate::desk::Desk;
use crate::model::{ApplianceId, Exit, Failure, FileName, PackageKind, RequestRef, Requirement, Source, Version, text};
use clap::Args;
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
    #[arg(long, value_name = "KIND", value_parser = parse_kind, requires = "version")]
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
    #[arg(long = "for", value_name = "SERIAL", conflicts_with = "request")]
    serial: Option<String>,
    /// The request they answer, by the beginning of its id
    #[arg(long, value_name = "ID")]
    request: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; files taken in before it stay in the vault.
pub fn run(args: &ImportArgs, desk: &mut Desk) -> Result<(), Failure> {
    if args.files.len() > 1 && (args.title.is_some() || args.kind.is_some() || !args.requires.is_empty()) {
        return Err(Failure::new(Exit::Usage, "--title, --kind, --version and --requires are about one file")
            .hint("import such files one by one"));
    }
    let vault = Vault::open(desk.home.root())?;
    let (appliance, request) = belongs_to(args, &vault)?;
    let mut known = Vec::new();
    for path in &args.files {
        known.push((path, facts(path, args, desk)?));
    }
    let by = match &args.by {
        Some(by) => by.clone(),
        None => desk.operator.ask("Who downloaded these files and vouches for them?")?,
    };
    let by = text::one_line(&by);
    if by.is_empty() {
        return Err(Failure::new(Exit::Declined, "nobody vouches for these files").hint("say who does with --by NAME"));
    }
    let mut there = vault.packages()?;
    for (path, (title, identity, size_bytes)) in known {
        let progress = desk.console.progress(&title, size_bytes);
        let digests = vault.copy_in(path, &progress);
        progress.finish();
        let digests = digests?;
        let same = |kept: &&Kept| kept.sha256 == digests.sha256 && kept.appliance == appliance;
        if let Some(there) = there.iter().find(same) {
            desk.console.note(format!("{}: in the vault already", path.display()));
            tell(there, &vault, &desk.console);
            continue;
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let source =
            Source::Imported { path: text::one_line(&absolute.to_string_lossy()), by: by.clone(), at: desk.now() };
        let mut kept = Kept::new(&title, FileName::from_foreign(&path.to_string_lossy()), digests, source);
        kept.identity = Some(identity);
        kept.requires.clone_from(&args.requires);
        kept.appliance.clone_from(&appliance);
        kept.request.clone_from(&request);
        vault.record(&kept)?;
        tell(&kept, &vault, &desk.console);
        there.push(kept);
    }
    super::second::keep(&vault, None, desk)?;
    desk.console.note("Next: handcarry-outside seal --write MEDIA");
    Ok(())
}

/// Title, identity and size, before anything is copied.
fn facts(path: &Path, args: &ImportArgs, desk: &mut Desk) -> Result<(String, Identity, u64), Failure> {
    let missing = |why: &str| {
        Failure::new(Exit::NotFound, format!("{} {why}", path.display())).hint("name the downloaded package file")
    };
    let meta = path.metadata().map_err(|error| missing(&format!("can't be read: {error}")))?;
    if !meta.is_file() || meta.len() == 0 {
        return Err(missing(if meta.is_file() { "is empty" } else { "is not a file" }));
    }
    let given = args.title.as_deref().map(text::one_line);
    let told = args.kind.zip(args.version.clone()).map(|(kind, version)| Identity { kind, version });
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let title = given.unwrap_or_else(|| title_of(&name));
    let identity = match told.or_else(|| Identity::of_title(&title)) {
        Some(identity) => identity,
        None => ask(&title, desk.operator.as_mut())
            .map_err(|failure| failure.hint("say what it is with --kind KIND --version VERSION"))?,
    };
    Ok((title, identity, meta.len()))
}

/// Which appliance and request the files are for.
fn belongs_to(args: &ImportArgs, vault: &Vault) -> Result<(Option<ApplianceId>, Option<RequestRef>), Failure> {
    let contexts = vault.contexts()?;
    if let Some(which) = &args.request {
        let mut found = contexts.iter().filter(|context| context.request.to_string().starts_with(which.as_str()));
        return match (found.next(), found.next()) {
            (Some(context), None) => Ok((Some(context.status.appliance.clone()), Some(context.reference()))),
            _ => {
                Err(Failure::new(Exit::NotFound, format!("no single request begins with {:?}", text::one_line(which)))
                    .hint("a request is known here once 'fetch' has read it from a stick"))
            }
        };
    }
    let Some(serial) = &args.serial else { return Ok((None, None)) };
    let known =
        contexts.iter().rev().map(|context| &context.status.appliance).find(|appliance| appliance.serial == *serial);
    let unknown = || ApplianceId { serial: text::one_line(serial), model: String::new(), host: String::new() };
    Ok((Some(known.cloned().unwrap_or_else(unknown)), None))
}

/// Makes a title out of a file's name where that tells one: `Base-3.4.0.nss`
/// reads as `Base 3.4.0`; else the name itself.
fn title_of(name: &str) -> String {
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.bytes().all(|b| b.is_ascii_alphabetic()) => stem,
        _ => name,
    };
    let candidates = [stem.to_owned(), stem.replacen(['-', '_'], " ", 1), stem.replace(['-', '_'], " ")];
    let told = candidates.iter().find(|candidate| Identity::of_title(candidate).is_some());
    text::one_line(told.map_or(name, String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_tell_titles() {
        assert_eq!(title_of("Base-3.4.0.nss"), "Base 3.4.0");
        assert_eq!(title_of("bomgar_10.6.2.nss"), "bomgar 10.6.2");
        assert_eq!(title_of("Bomgar-Base-4.1.nss"), "Bomgar Base 4.1");
        assert_eq!(title_of("BT24-10-ONPREM1.nss"), "BT24-10-ONPREM1");
        assert_eq!(title_of("update(3).bin"), "update(3).bin");
    }
}
