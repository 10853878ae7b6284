//! What the tests share: a key, a trust store, drafts, bundles in a folder.

use handcarry::testing::bundle::{self, Draft, Expect, VolumeSink, WriteSeek};
use handcarry::testing::cli::generate_key;
use handcarry::testing::media::{DurableSet, Mode};
use handcarry::testing::model::*;
use handcarry::testing::trust::{AllowedSigners, Namespace, Signer, TrustPolicy, TrustStore};
use std::borrow::Cow;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The principal that signs in the tests.
pub const WHO: &str = "sealer@example.com";

/// A key made for this run.
pub struct Key {
    pub signer: Signer,
    pub line: String,
}

/// One key for all tests of a run.
pub static KEY: LazyLock<Key> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let public = generate_key(&path, WHO, None).unwrap();
    let signer = Signer::from_file(&path, &mut || None).unwrap();
    Key { signer, line: format!("{WHO} {}\n", public.openssh()) }
});

pub fn trust() -> TrustStore {
    TrustStore { signers: AllowedSigners::parse(&KEY.line).unwrap(), policy: TrustPolicy::default() }
}

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub fn now() -> Timestamp {
    time("2026-03-05T00:00:00Z")
}

pub fn expect() -> Expect<'static> {
    Expect::anything(now())
}

/// Bytes that differ from place to place.
pub fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

pub fn package(n: usize, content: &[u8]) -> Package {
    Package {
        file: FileName::parse(&format!("package-{n}.nss")).unwrap(),
        name: format!("Bomgar 10.{n}"),
        kind: PackageKind::Site,
        version: Version::parse(&format!("10.{n}")).unwrap(),
        requires: Vec::new(),
        size_bytes: content.len() as u64,
        sha256: Sha256Digest::of(content),
        chunks: content.chunks(CHUNK_BYTES as usize).map(Sha256Digest::of).collect(),
        eula: None,
        notes: None,
        source: Source::Imported {
            path: "/media/Bomgar 10.nss".into(),
            by: "André".into(),
            at: time("2026-03-04T05:00:00Z"),
            compared: false,
        }
        .into(),
    }
}

pub fn appliance(serial: &str) -> ApplianceId {
    ApplianceId { serial: serial.into(), model: "B200".into(), host: "support.example.com".into() }
}

/// What a bundle carries for the appliance with this serial number.
pub fn consignment(serial: &str, packages: Vec<Package>) -> Consignment {
    Consignment {
        bundle: Id::from_hex("00112233445566778899aabbccddeeff").unwrap(),
        appliance: appliance(serial),
        sequence: 7,
        request: None,
        created: time("2026-03-04T05:06:07Z"),
        packages,
    }
}

pub fn manifest(packages: Vec<Package>) -> Manifest {
    trip(vec![consignment("LAB-0001-BG", packages)])
}

/// A manifest for several appliances.
pub fn trip(consignments: Vec<Consignment>) -> Manifest {
    Manifest::of(consignments, time("2026-06-04T05:06:07Z"), WHO.into())
}

pub fn draft(manifest: &Manifest) -> Draft<'static> {
    let bytes = bundle::manifest_bytes(manifest);
    let signature = KEY.signer.sign(Namespace::Bundle, &bytes).unwrap();
    Draft::of(Cow::Owned(manifest.clone()), vec![signature]).unwrap()
}

/// Volumes in a folder, by way of the media room.
pub struct Folder(Option<DurableSet>);

impl Folder {
    pub fn at(path: &Path) -> Self {
        Folder(Some(DurableSet::new(path, Mode::Shared)))
    }
}

impl VolumeSink for Folder {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(self.0.as_ref().unwrap().names()?)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(self.0.as_mut().unwrap().create(name)?))
    }

    fn reopen(&mut self, name: &str) -> io::Result<std::fs::File> {
        Ok(self.0.as_ref().unwrap().reopen(name)?)
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.take().unwrap().commit_all()?)
    }
}

/// Writes a bundle of these packages; returns its files.
pub fn write(folder: &Path, contents: &[Vec<u8>], volume_bytes: Option<u64>) -> bundle::WrittenBundle {
    let manifest = manifest(contents.iter().enumerate().map(|(n, content)| package(n, content)).collect());
    write_draft(folder, &draft(&manifest), contents, volume_bytes).unwrap()
}

pub fn write_draft(
    folder: &Path,
    draft: &Draft<'_>,
    contents: &[Vec<u8>],
    volume_bytes: Option<u64>,
) -> Result<bundle::WrittenBundle, bundle::BundleError> {
    let name = FileName::parse("b.zip").unwrap();
    let mut opened = 0;
    let mut open = |_: &Package| -> io::Result<Box<dyn Read>> {
        opened += 1;
        Ok(Box::new(Cursor::new(contents[opened - 1].clone())))
    };
    bundle::write(draft, &mut open, &mut Folder::at(folder), &name, volume_bytes, &())
}

/// Writes a bundle of these packages with recovery volumes; returns its files.
pub fn write_protected(
    folder: &Path,
    contents: &[Vec<u8>],
    volume_bytes: Option<u64>,
    percent: u8,
) -> bundle::WrittenBundle {
    let manifest = manifest(contents.iter().enumerate().map(|(n, content)| package(n, content)).collect());
    write_draft_protected(folder, &draft(&manifest), contents, volume_bytes, percent)
}

pub fn write_draft_protected(
    folder: &Path,
    draft: &Draft<'_>,
    contents: &[Vec<u8>],
    volume_bytes: Option<u64>,
    percent: u8,
) -> bundle::WrittenBundle {
    let name = FileName::parse("b.zip").unwrap();
    let mut opened = contents.iter();
    let mut open =
        |_: &Package| -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(opened.next().unwrap().clone()))) };
    let mut sink = Folder::at(folder);
    bundle::write_with_recovery(draft, &mut open, &mut sink, &name, volume_bytes, Some(percent), &()).unwrap()
}

/// Opens the bundle in a folder and verifies its packages.
pub fn verify(path: &Path) -> Result<bundle::Bundle, bundle::BundleError> {
    let opened = bundle::open(bundle::locate(path)?, &trust(), &expect())?;
    opened.verify_packages(&())?;
    Ok(opened)
}
