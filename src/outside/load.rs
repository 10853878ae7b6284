//! What a bundle is loaded with: each appliance's packages in install order,
//! and every package once, however many appliances want it.

use super::choose::Choice;
use super::kind::identify;
use super::order::order;
use super::releases;
use super::vault::{StoredPackage, Vault, VaultError};
use crate::cli::Context;
use crate::model::{Exit, Failure, FileName, Package, Requirement, Sha256Digest, Source, text};
use std::collections::{BTreeMap, BTreeSet};

/// Longest part of a file name that is kept behind a digest, in bytes: with the
/// digest it is a name, whatever it was before.
const MAX_TAIL_BYTES: usize = 100;

/// What one appliance gets.
pub struct ApplianceLoad {
    /// The appliance, and what was chosen for it.
    pub choice: Choice,
    /// Its packages, first to install first.
    pub packages: Vec<Package>,
}

/// Loads what was chosen for each appliance.
///
/// # Errors
/// A [`Failure`] where a package is not known for what it is, is not whole in
/// the vault, is described in two ways, or lacks what it needs.
pub fn load(choices: Vec<Choice>, vault: &Vault, context: &mut Context) -> Result<Vec<ApplianceLoad>, Failure> {
    let several = choices.len() > 1;
    let (mut each, mut records) = (Once::default(), BTreeSet::new());
    for kept in choices.iter().flat_map(|choice| &choice.packages) {
        // One record may be for several appliances, and a person is asked once what it is.
        if records.insert(kept.id) {
            each.add(known(kept, vault, context)?)?;
        }
    }
    let mut loads = Vec::new();
    for choice in choices {
        let own = choice.packages.iter().map(|kept| each.packages[&kept.sha256].clone());
        let packages: Vec<Package> = own.collect();
        let whose = text::one_line(&choice.appliance.to_string());
        let ordered = order(&packages, choice.status.as_ref()).map_err(|failure| {
            tell_lacking(&packages, &choice, context);
            if several { failure.about(&whose) } else { failure }
        })?;
        let about = if several { format!("{whose}: ") } else { String::new() };
        for (name, needs) in &ordered.untold {
            tell_untold(&about, name, needs, context);
        }
        loads.push(ApplianceLoad { choice, packages: ordered.packages });
    }
    Ok(loads)
}

fn tell_untold(about: &str, name: &str, needs: &Requirement, context: &Context) {
    context.console.warn(format!(
        "{about}{name:?} needs {needs}; whether the appliance has it is not known here, the inside will check"
    ));
}

/// Turns a record into the package of a manifest: known for what it is, and
/// whole in the vault.
fn known(kept: &StoredPackage, vault: &Vault, context: &mut Context) -> Result<Package, Failure> {
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
        return Err(VaultError::ObjectMissing { title, path }.into());
    }
    kept.package().ok_or_else(|| {
        Failure::new(Exit::Declined, format!("nobody said what {:?} is", kept.title)).hint(format!(
            "say it with: handcarry-outside vault describe {} --kind KIND --version VERSION",
            kept.sha256.short()
        ))
    })
}

/// Packages by their bytes: those of several records, of several appliances,
/// are one.
#[derive(Default)]
struct Once {
    packages: BTreeMap<Sha256Digest, Package>,
    files: BTreeSet<FileName>,
}

impl Once {
    /// Adds a package under a file name of its own, or joins it with the one
    /// that has its bytes.
    fn add(&mut self, mut package: Package) -> Result<(), Failure> {
        if let Some(same) = self.packages.get_mut(&package.sha256) {
            return join(same, package);
        }
        if self.files.contains(&package.file) {
            // Two packages may have the same file name, and a bundle has one folder.
            let name = package.file.as_str();
            let tail = &name[name.len().saturating_sub(MAX_TAIL_BYTES)..];
            package.file = FileName::from_foreign(&format!("{}-{tail}", package.sha256.short()));
        }
        self.files.insert(package.file.clone());
        self.packages.insert(package.sha256, package);
        Ok(())
    }
}

/// Joins two records of the same bytes. What they say of how these are
/// installed must be one; of where they came from, the best word is signed for.
fn join(same: &mut Package, other: Package) -> Result<(), Failure> {
    let of = |package: &Package| {
        let requires: Vec<String> = package.requires.iter().map(ToString::to_string).collect();
        format!("{} {} (requires {})", package.kind, package.version, requires.join(", "))
    };
    if (same.kind, &same.version, &same.requires) != (other.kind, &other.version, &other.requires) {
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "two records of {:?} say different things of the same bytes: {}, and {}",
                same.name,
                of(same),
                of(&other)
            ),
        )
        .hint(format!(
            "say which is right: handcarry-outside vault describe {} --kind KIND --version VERSION --requires …",
            same.sha256.short()
        )));
    }
    same.eula = same.eula.or(other.eula);
    if weight(&other.source) > weight(&same.source) {
        same.source = other.source;
    }
    Ok(())
}

/// How much a source's word is worth: what the vendor's server gave is the
/// vendor's, whoever brought the same bytes as well.
fn weight(source: &Source) -> u8 {
    match source {
        Source::Exchange { .. } => 2,
        Source::Imported { compared: true, .. } => 1,
        Source::Imported { compared: false, .. } => 0,
    }
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

/// Every package of `loads`, once.
pub fn each_once(loads: &[ApplianceLoad]) -> Vec<&Package> {
    let mut seen = BTreeSet::new();
    loads.iter().flat_map(|load| &load.packages).filter(|package| seen.insert(package.sha256)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Id, PackageKind, Timestamp, Version};

    fn package(file: &str, bytes: &[u8], source: Source) -> Package {
        Package {
            file: FileName::parse(file).expect("a name"),
            name: file.to_owned(),
            kind: PackageKind::Base,
            version: Version::parse("3.4.0").expect("a version"),
            requires: Vec::new(),
            size_bytes: bytes.len() as u64,
            sha256: Sha256Digest::of(bytes),
            chunks: vec![Sha256Digest::of(bytes)],
            eula: None,
            notes: None,
            source: source.into(),
        }
    }

    fn imported() -> Source {
        Source::Imported { path: "x".into(), by: "ana".into(), at: Timestamp::UNIX_EPOCH, compared: false }
    }

    fn exchanged() -> Source {
        let origin = "https://update.bomgar.com".to_owned();
        Source::Exchange { origin, allowed: Vec::new(), exchange: Id::random(), at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn the_same_bytes_are_one_package_and_the_vendors_word_for_them_counts_most() {
        let mut each = Once::default();
        let vendors = exchanged();
        each.add(package("a.nss", b"one", imported())).expect("added");
        each.add(package("b.nss", b"one", vendors.clone())).expect("joined");
        each.add(package("c.nss", b"one", imported())).expect("joined");
        let all: Vec<&Package> = each.packages.values().collect();
        assert_eq!((all.len(), all[0].file.as_str(), &*all[0].source), (1, "a.nss", &vendors));
    }

    #[test]
    fn other_bytes_of_the_same_name_get_a_name_of_their_own() {
        let mut each = Once::default();
        let long = format!("{}.nss", "n".repeat(116));
        for bytes in [b"one", b"two", b"six"] {
            each.add(package(&long, bytes, imported())).expect("added");
        }
        let names: BTreeSet<&str> = each.packages.values().map(|package| package.file.as_str()).collect();
        assert_eq!(names.len(), 3, "{names:?}");
        let two = &each.packages[&Sha256Digest::of(b"two")];
        assert!(two.file.as_str().starts_with(&two.sha256.short()), "{}", two.file);
    }

    #[test]
    fn records_that_say_different_things_of_the_same_bytes_are_refused() {
        let mut each = Once::default();
        each.add(package("a.nss", b"one", imported())).expect("added");
        let mut other = package("a.nss", b"one", imported());
        other.version = Version::parse("3.5.0").expect("a version");
        let refused = each.add(other).expect_err("two versions of the same bytes");
        assert!(refused.exit == Exit::Usage && refused.message.contains("say different things"), "{}", refused.message);
    }
}
