//! The lab's packages in a bundle that somebody signed.

use handcarry::testing::bundle::{self, Draft, VolumeSink, WriteSeek};
use handcarry::testing::cli::generate_key;
use handcarry::testing::lab;
use handcarry::testing::model::*;
use handcarry::testing::trust::{AllowedSigners, LineOptions, Namespace, Signer};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

/// Bytes of each package.
pub const PACKAGE_BYTES: u64 = 300_000;

/// The lab's appliance.
pub fn appliance() -> ApplianceId {
    ApplianceId { serial: lab::SERIAL.into(), model: lab::MODEL.into(), host: lab::HOST.into() }
}

/// A manifest for the lab's appliance with these of the lab's packages, good for a day.
pub fn manifest(now: Timestamp, sequence: u64, packages: &[lab::LabPackage]) -> Manifest {
    let consignment = Consignment {
        bundle: Id::random(),
        appliance: appliance(),
        sequence,
        request: None,
        created: now.plus_secs(-3600),
        packages: packages.iter().map(listed).collect(),
    };
    Manifest::of(vec![consignment], now.plus_secs(86_400), "sealer".into())
}

/// Signs a manifest and writes its bundle into a folder.
pub fn seal(signer: &Signer, namespace: Namespace, manifest: &Manifest, folder: &Path) -> PathBuf {
    let catalogue = lab::catalogue(PACKAGE_BYTES);
    let bytes_of = |package: &Package| {
        lab::package_bytes(catalogue.iter().find(|made| made.title == package.name).expect("of the catalogue"))
    };
    seal_of(signer, namespace, manifest, folder, &bytes_of)
}

/// The same of packages with these bytes.
pub fn seal_of(
    signer: &Signer,
    namespace: Namespace,
    manifest: &Manifest,
    folder: &Path,
    bytes_of: &dyn Fn(&Package) -> Vec<u8>,
) -> PathBuf {
    let bytes = bundle::manifest_bytes(manifest);
    let signature = signer.sign(namespace, &bytes).expect("signs");
    let draft = Draft::of(std::borrow::Cow::Borrowed(manifest), vec![signature]).expect("a draft");
    let name = FileName::parse(&format!("b-{}.zip", manifest.bundle.short())).expect("safe");
    let mut open = |package: &Package| -> io::Result<Box<dyn Read>> { Ok(Box::new(Cursor::new(bytes_of(package)))) };
    bundle::write(&draft, &mut open, &mut Plain(folder.to_path_buf()), &name, None, &()).expect("writes");
    folder.join(name.as_str())
}

/// A key in a folder, and the line that would trust it.
pub fn key(folder: &Path, name: &str, options: &LineOptions) -> (Signer, String) {
    let path = folder.join(name);
    let public = generate_key(&path, name, None).expect("a key");
    let line = AllowedSigners::render_line(name, &public, options).expect("a line");
    (Signer::from_file(&path, &mut || None).expect("reads"), line)
}

fn listed(made: &lab::LabPackage) -> Package {
    let bytes = lab::package_bytes(made);
    Package {
        file: FileName::from_foreign(&made.file_name()),
        name: made.title.clone(),
        kind: made.kind,
        version: Version::parse(made.title.split_whitespace().nth(1).expect("a version")).expect("valid"),
        requires: made.requires.clone(),
        size_bytes: bytes.len() as u64,
        sha256: Sha256Digest::of(&bytes),
        chunks: bytes.chunks(CHUNK_BYTES as usize).map(Sha256Digest::of).collect(),
        eula: None,
        notes: None,
        source: Source::Imported { path: "lab".into(), by: "test".into(), at: Timestamp::now(), compared: false }
            .into(),
    }
}

/// Volumes straight under their names: nothing is ever cut in these tests.
struct Plain(PathBuf);

impl VolumeSink for Plain {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(std::fs::File::create(self.0.join(name))?))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }
}
