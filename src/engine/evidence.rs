//! What shows that a package is installed: version, build or list, never an
//! answer to a request alone.

use super::entry::{Installing, Shown};
use crate::model::{Evidence, Installed, PackageKind, Requirement, Status};

/// What shows that `package` came onto the appliance since it showed `before`;
/// `None` where nothing does.
pub fn evidence(package: &Installing, before: &Shown, now: &Status) -> Option<Evidence> {
    let own = Requirement { kind: package.kind, version: package.version.clone() };
    let version = match package.kind {
        PackageKind::Base => now.base_version.as_ref(),
        PackageKind::Site => now.site_version.as_ref(),
        PackageKind::Patch | PackageKind::License => None,
    };
    if let Some(version) = version {
        // What a person typed is their word; nothing was shown.
        let shows = if now.typed { Evidence::Operator } else { Evidence::Version };
        // A later version will do: whoever went past it has had it.
        let met = own.is_met_by(package.kind, version) && now.has_base_beside(&package.name);
        return met.then_some(shows);
    }
    let same =
        |p: &Installed| p.name == package.name || (p.kind, p.version.as_ref()) == (Some(own.kind), Some(&own.version));
    if now.installed.as_ref().is_some_and(|list| list.iter().any(same)) {
        return Some(Evidence::Listed);
    }
    // A patch leaves the version as it is, and many lists don't name it. Its build is all that it changes.
    let other_build = before.build.is_some() && now.site_build.is_some() && before.build != now.site_build;
    let shows_in_build = matches!(package.kind, PackageKind::Site | PackageKind::Patch);
    (other_build && shows_in_build).then_some(Evidence::Build)
}

/// Whether the appliance shows what would tell that `package` is *not*
/// installed; where it doesn't, only a person can say.
pub fn is_readable(package: &Installing, now: &Status) -> bool {
    match package.kind {
        PackageKind::Base => now.base_version.is_some() || now.installed.is_some(),
        PackageKind::Site => now.site_version.is_some() || now.installed.is_some() || now.no_site,
        PackageKind::Patch | PackageKind::License => now.installed.is_some(),
    }
}

/// What the appliance shows, in a few words, for a question or a message.
pub fn shown_text(package: &Installing, now: &Status) -> String {
    let version = match package.kind {
        PackageKind::Base => now.base_version.as_ref().map(|v| format!("base {v}")),
        PackageKind::Site => now.site_version.as_ref().map(|v| format!("site {v}")),
        PackageKind::Patch | PackageKind::License => None,
    };
    if now.no_site && package.kind == PackageKind::Site {
        return "the appliance shows no site software".to_owned();
    }
    match (version, &now.installed) {
        (Some(version), _) if now.typed => format!("{version} was typed, the appliance's page could not be read"),
        (Some(version), _) => format!("the appliance shows {version}"),
        (None, Some(_)) => "the appliance does not list it as installed".to_owned(),
        (None, None) => "the appliance does not show whether it is installed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, FileName, Id, Sha256Digest, Version};

    fn package(kind: PackageKind, version: &str) -> Installing {
        Installing {
            bundle: Id::random(),
            file: FileName::from_foreign("x.nss"),
            key: Sha256Digest::of(b"x").into(),
            name: format!("{kind} {version}"),
            kind,
            version: Version::parse(version).expect("a version"),
        }
    }

    fn status(site: Option<&str>, build: &str, listed: Option<&[&str]>) -> Status {
        Status {
            appliance: ApplianceId { serial: "S".into(), model: "M".into(), host: "h".into() },
            base_version: Version::parse("3.4.0"),
            site_version: site.and_then(Version::parse),
            site_build: Some(build.to_owned()),
            clock: None,
            installed: listed.map(|titles| titles.iter().map(|title| Installed::of_title(title)).collect()),
            offered: None,
            no_site: false,
            typed: false,
        }
    }

    #[test]
    fn a_combined_package_is_there_when_both_its_parts_are() {
        let named = |title: &str| Installing { name: title.to_owned(), ..package(PackageKind::Site, "10.6.2") };
        let before = Shown::from(&status(Some("10.5.3"), "1", None));
        let look = |title| evidence(&named(title), &before, &status(Some("10.6.2"), "2", None));
        assert_eq!(look("Bomgar 10.6.2 + Base 3.4.0"), Some(Evidence::Version));
        assert_eq!(look("Bomgar 10.6.2 + Base 3.5.0"), None, "its base is not there yet");
    }

    #[test]
    fn a_version_that_is_shown_decides() {
        let site = package(PackageKind::Site, "10.6.2");
        let before = Shown::from(&status(Some("10.5.3"), "1", None));
        let look = |status| evidence(&site, &before, &status);
        assert_eq!(look(status(Some("10.6.2"), "2", None)), Some(Evidence::Version));
        assert_eq!(look(status(Some("10.5.3"), "2", None)), None, "another build of the old version is not it");
        assert_eq!(look(status(None, "2", None)), Some(Evidence::Build));
        assert_eq!(look(status(None, "1", Some(&["Bomgar 10.6.2"]))), Some(Evidence::Listed));
        assert_eq!(look(status(None, "1", None)), None);
    }

    #[test]
    fn a_version_that_was_typed_is_the_operators_word() {
        let site = package(PackageKind::Site, "10.6.2");
        let before = Shown::from(&status(Some("10.5.3"), "1", None));
        let typed = Status { typed: true, ..status(Some("10.6.2"), "1", None) };
        assert_eq!(evidence(&site, &before, &typed), Some(Evidence::Operator));
        assert!(Shown::from(&typed).typed && !before.typed, "the journal says whose word it is");
    }

    #[test]
    fn a_patch_shows_in_list_or_build_only() {
        let patch = package(PackageKind::Patch, "BT24-10-ONPREM1");
        let before = Shown::from(&status(Some("10.5.3"), "1", None));
        assert_eq!(evidence(&patch, &before, &status(Some("10.5.3"), "1", None)), None);
        assert!(!is_readable(&patch, &status(Some("10.5.3"), "1", None)));
        assert_eq!(evidence(&patch, &before, &status(Some("10.5.3"), "2", None)), Some(Evidence::Build));
        let listed = status(Some("10.5.3"), "1", Some(&["BT24-10-ONPREM1"]));
        assert_eq!(evidence(&patch, &before, &listed), Some(Evidence::Listed));
        let license = package(PackageKind::License, "25");
        assert_eq!(evidence(&license, &before, &status(Some("10.5.3"), "2", None)), None);
    }
}
