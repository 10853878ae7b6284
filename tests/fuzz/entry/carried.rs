//! Manifest, container and volumes.

use super::shown;
use handcarry::testing::bundle::{self, BundleError, Expect};
use handcarry::testing::model::{Manifest, Sha256Digest, Timestamp};
use handcarry::testing::trust::{AllowedSigners, TrustPolicy, TrustStore};
use std::io::Read;
use std::path::Path;

/// Whatever the manifest's reader accepts it writes again byte for byte.
pub fn manifest(data: &[u8]) {
    match bundle::parse_manifest(data) {
        Ok(manifest) => {
            assert_eq!(bundle::manifest_bytes(&manifest), data);
            // Put together anew from what each appliance gets it is the same: nothing in it is for nobody.
            let parts = manifest.appliances.iter().map(|own| manifest.consignment_of(own)).collect();
            let again = Manifest::of(parts, manifest.expires, manifest.sealed_by.clone());
            // Who made it, and for whom, is the maker's to say.
            let (made_by, least_reader) = (manifest.made_by.clone(), manifest.least_reader.clone());
            assert_eq!(Manifest { made_by, least_reader, ..again }, manifest);
        }
        Err(error) => shown(&error.to_string()),
    }
}

/// A container that is accepted holds the manifest's entries and no others, as
/// the `zip` crate reads it too.
pub fn container(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("b.zip"), data).expect("written");
    judge(folder.path(), &mut std::io::Cursor::new(data));
}

/// A set of volumes is accepted only if its bytes, joined, are. The input is a
/// line of `NAME:BYTES` and then the bytes that go into those files in turn.
pub fn volumes(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (line, mut rest) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let Ok(line) = std::str::from_utf8(line) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut joined = Vec::new();
    let mut names = Vec::new();
    for word in line.split(' ').take(20) {
        let (name, size) = word.split_once(':').unwrap_or((word, "65536"));
        let safe = !name.is_empty()
            && name.len() < 40
            && name.bytes().all(|b| b.is_ascii_lowercase() || b".0123456789".contains(&b));
        if !safe || name.trim_matches('.').is_empty() || folder.path().join(name).exists() {
            continue;
        }
        let (part, after) = rest.split_at(size.parse().unwrap_or(0).min(rest.len()));
        std::fs::write(folder.path().join(name), part).expect("written");
        joined.extend_from_slice(part);
        names.push(name.to_owned());
        rest = after;
    }
    for name in &names {
        // Each volume leads to the same set as any other of it.
        if let Ok(set) = bundle::locate(&folder.path().join(name)) {
            let again = bundle::locate(set.paths().first().expect("a set has files")).expect("is there");
            assert_eq!(again, set);
        }
    }
    names.sort();
    judge(folder.path(), &mut std::io::Cursor::new(joined));
}

/// The trust that the fixtures were sealed for.
pub fn trust() -> TrustStore {
    let signers = AllowedSigners::parse(include_str!("../../../fixtures/bundle/allowed_signers")).expect("reads");
    TrustStore { signers, policy: TrustPolicy::default() }
}

/// A time at which the fixtures hold.
pub fn now() -> Timestamp {
    Timestamp::parse("2026-03-05T00:00:00Z").expect("a time")
}

/// Opens what lies in `folder` and compares it with `whole`, its bytes.
pub fn judge(folder: &Path, whole: &mut std::io::Cursor<impl AsRef<[u8]>>) -> bool {
    let opened = bundle::locate(folder).and_then(|set| {
        let opened = bundle::open(set, &trust(), &Expect::anything(now()))?;
        opened.verify_packages(&())?;
        Ok::<_, BundleError>(opened)
    });
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => {
            shown(&error.to_string());
            return false;
        }
    };
    let manifest: &Manifest = opened.manifest();
    let mut archive = zip::ZipArchive::new(whole).expect("another reader reads it");
    let mut entry = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).expect("is there").read_to_end(&mut bytes).expect("its CRC-32 holds");
        bytes
    };
    assert_eq!(Sha256Digest::of(&entry("manifest.json")), opened.manifest_sha256());
    assert_eq!(entry("manifest.json"), bundle::manifest_bytes(manifest));
    for package in &manifest.packages {
        let bytes = entry(&format!("packages/{}", package.file));
        assert_eq!((bytes.len() as u64, Sha256Digest::of(&bytes)), (package.size_bytes, package.sha256));
        let mut handed = Vec::new();
        opened.package(&package.file).expect("is there").read_to_end(&mut handed).expect("holds");
        assert!(handed == bytes, "{} is handed out otherwise", package.file);
    }
    let names: Vec<String> = archive.file_names().map(|name| name.expect("is text").into_owned()).collect();
    let foreign = |name: &&String| {
        let listed =
            name.strip_prefix("packages/").is_some_and(|n| manifest.packages.iter().any(|p| p.file.as_str() == n));
        let signature = name.starts_with("manifest.json.") && name.ends_with(".sig");
        !listed && !signature && !["manifest.json", "SHA256SUMS", "README.txt"].contains(&name.as_str())
    };
    assert_eq!(names.iter().find(foreign), None);
    true
}
