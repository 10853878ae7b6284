//! Samples of what goes wrong with a medium and with the bundle on it.

use handcarry::testing::bundle::{
    BundleError, ChunkReading, Damage, DamageKind, DamagedRange, Damages, Disagreement, Unsteady,
};
use handcarry::testing::kit::KitError;
use handcarry::testing::media::MediaError;
use handcarry::testing::model::clock::ClockError;
use handcarry::testing::model::{ApplianceId, FileName, Id, Timestamp, Version};
use handcarry::testing::trust::{Namespace, TrustError};
use std::io;
use std::path::PathBuf;

fn cause(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn file(name: &str) -> FileName {
    FileName::parse(name).expect("a name")
}

pub fn clock() -> Vec<ClockError> {
    vec![
        ClockError::Dead { now: time("1970-01-01T00:02:00Z") },
        ClockError::WentBack { now: time("2026-05-01T00:00:00Z"), last: time("2026-06-01T00:00:00Z") },
    ]
}

pub fn media() -> Vec<MediaError> {
    let path = || PathBuf::from("/media/stick/handcarry/bundles/lab-0001-bg-3-0a1b2c3d.zip");
    vec![
        MediaError::Missing { path: "/media/stick".into() },
        MediaError::NotAFolder { path: "/media/stick".into() },
        MediaError::NotAFile { path: "/media/stick/handcarry/requests/bg-0001.json".into() },
        MediaError::Linked { path: "/media/stick/handcarry/receipts".into() },
        MediaError::NotMounted { path: "/media/stick".into() },
        MediaError::InUse {
            path: "/media/stick".into(),
            device: "/dev/sdb1".to_owned(),
            source: cause(io::ErrorKind::ResourceBusy),
        },
        MediaError::Odd { path: "e:/nul.zip".into(), why: "Windows takes NUL for a device".to_owned() },
        MediaError::Exists { path: path() },
        MediaError::NoSpace { path: path() },
        MediaError::Quota { path: path() },
        MediaError::NameTooLong { path: path() },
        MediaError::FileTooLarge { path: path() },
        MediaError::ReadOnly { path: path() },
        MediaError::Fault { path: path(), source: cause(io::ErrorKind::TimedOut) },
        MediaError::Denied { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        MediaError::TooLarge { path: path(), what: "a signed paper", limit_bytes: 4 << 20 },
        MediaError::Io { doing: "read", path: path(), source: cause(io::ErrorKind::TimedOut) },
    ]
}

pub fn bundle() -> Vec<BundleError> {
    let name = || "lab-0001-bg-3-0a1b2c3d.zip".to_owned();
    let volume = || "lab-0001-bg-3-0a1b2c3d.zip.002".to_owned();
    let id = || Id::from_hex("0a1b2c3d4e5f60718293a4b5c6d7e8f9").expect("an id");
    let appliance = |serial: &str| {
        let (serial, model, host) = (serial.to_owned(), "B200".to_owned(), "support.example.com".to_owned());
        ApplianceId { serial, model, host }
    };
    let (sealed, now) = (time("2026-03-04T05:06:07Z"), time("2026-05-01T00:00:00Z"));
    let mut errors = vec![
        BundleError::Missing { path: "/media/stick".into() },
        BundleError::Linked(MediaError::Linked { path: "/media/stick/handcarry/bundles".into() }),
        BundleError::NoBundle { path: "/media/stick/handcarry/bundles".into(), passed: Vec::new() },
        BundleError::NoBundle { path: "/media/stick".into(), passed: vec![format!("{} (a link)", name())] },
        BundleError::NoSuchFile { path: "/media/stick/handcarry/bundles/lab.zip".into() },
        BundleError::FolderFull { path: "/media/stick/handcarry/bundles".into(), limit: 10_000 },
        BundleError::Twofold { name: name() },
        BundleError::SeveralBundles {
            path: "/media/stick/handcarry/bundles".into(),
            names: vec![name(), "lab-0001-bg-4-9f8e7d6c.zip".to_owned()],
        },
        BundleError::VolumeMissing { name: volume() },
        BundleError::VolumeCut { name: volume(), why: "has 100 bytes where others have 4096".to_owned() },
        BundleError::VolumesMixed { name: name(), why: "a volume's size differs".to_owned() },
        BundleError::Malformed { volume: name(), offset: 30, why: "an entry is compressed".to_owned() },
        BundleError::Limit {
            what: "manifest.json".to_owned(),
            limit: "16.0 MiB".to_owned(),
            found: "17.0 MiB".to_owned(),
        },
        BundleError::Clock(ClockError::WentBack { now, last: time("2026-06-01T00:00:00Z") }),
        BundleError::Trust(TrustError::NoTrust { namespace: Namespace::Bundle }),
        BundleError::TooNew {
            own: Version::parse("0.1.0").expect("a version"),
            why: "it needs 0.3.0 at least; it was made by handcarry-outside 0.3.1".to_owned(),
        },
        BundleError::Manifest { why: "it lists no package".to_owned() },
        BundleError::WrongAppliance {
            found: vec![appliance("LAB-0002-BG")],
            expected: Box::new(appliance("LAB-0001-BG")),
        },
        BundleError::Replayed { bundle: id() },
        BundleError::Rollback { sequence: 3, lowest: 5 },
        BundleError::SequenceTaken { bundle: id(), sequence: 3, holder: id() },
        BundleError::WrongRequest { found: None, expected: id() },
        BundleError::ForeignRequest { request: id() },
        BundleError::NotYetValid { created: now, now: sealed },
        BundleError::Expired { expires: sealed, now },
        BundleError::TrustOverdue { renew_by: sealed, now },
        BundleError::Entries { why: "packages/base-3.4.0.nss is missing".to_owned() },
    ];
    for (fault, read_back) in [
        (DamageKind::Differs, false),
        (DamageKind::Differs, true),
        (DamageKind::Unreadable("input/output error".to_owned()), false),
    ] {
        errors.push(BundleError::Damaged(Box::new(damages(fault, read_back, volume()))));
    }
    for (kind, name) in [
        (io::ErrorKind::StorageFull, name()),
        (io::ErrorKind::ReadOnlyFilesystem, name()),
        (io::ErrorKind::AlreadyExists, name()),
        (io::ErrorKind::TimedOut, name()),
    ] {
        errors.push(BundleError::Write { name, source: cause(kind) });
    }
    let unsteady = Unsteady {
        file: file("base-3.4.0.nss"),
        first: 4096,
        last: 8191,
        spans: vec![DamagedRange { volume: volume(), first: 8192, last: 12_287 }],
        answers: vec![ChunkReading::Right, ChunkReading::Other(0), ChunkReading::Unreadable, ChunkReading::Other(1)],
    };
    errors.extend([
        BundleError::Unsteady(Box::new(Disagreement { ranges: vec![unsteady], more: 1 })),
        BundleError::CameBack { why: format!("{} bytes 0 to 4095", volume()) },
        BundleError::Read { volume: volume(), offset: 4096, source: cause(io::ErrorKind::TimedOut) },
        BundleError::Read { volume: volume(), offset: 4096, source: cause(io::ErrorKind::NotFound) },
        BundleError::Source { file: file("base-3.4.0.nss"), source: cause(io::ErrorKind::NotFound) },
        BundleError::SourceChanged { file: file("base-3.4.0.nss"), why: "bytes 0 to 4095 differ".to_owned() },
        BundleError::NameTaken { name: name() },
        BundleError::NoRecovery { name: name(), useless: Vec::new() },
        BundleError::NoRecovery { name: name(), useless: vec!["lab-0001-bg-3-0a1b2c3d.recovery.002".to_owned()] },
        BundleError::RecoveryForeign { name: name() },
        BundleError::RecoveryDiffers { name: "lab-0001-bg-3-0a1b2c3d.recovery.002".to_owned() },
        BundleError::BeyondRepair { name: name(), why: "4096 of its 20480 bytes are left".to_owned() },
        BundleError::NoSuchPackage { file: file("base-3.4.0.nss") },
    ]);
    errors
}

fn damages(fault: DamageKind, read_back: bool, volume: String) -> Damages {
    let spans = vec![DamagedRange { volume, first: 8192, last: 12_287 }];
    let damage = Damage { file: file("base-3.4.0.nss"), first: 4096, last: 8191, spans, fault };
    Damages { ranges: vec![damage], more: 2, read_back }
}

pub fn kit() -> Vec<KitError> {
    let version = |text| Version::parse(text).expect("a version");
    let folder = || PathBuf::from("/media/stick/handcarry/kit/0.2.0");
    let archive = || "handcarry-0.2.0-x86_64-unknown-linux-gnu.tar.gz".to_owned();
    vec![
        KitError::NotThere { path: "/media/stick".into() },
        KitError::Several { path: "/media/stick/handcarry/kit".into(), limit: 64 },
        KitError::Malformed { path: folder().join("SHA256SUMS"), why: "it is not UTF-8 text".to_owned() },
        KitError::Damaged { path: folder().join(archive()) },
        KitError::NotForUs { version: version("0.2.0"), wanted: archive() },
        KitError::Archive { file: archive(), why: "handcarry-inside is not in it".to_owned() },
        KitError::NotNewer { own: version("0.2.0"), newest: version("0.1.0") },
        KitError::ByDpkg {
            program: "/usr/bin/handcarry-inside".into(),
            deb: folder().join("handcarry_0.2.0_amd64.deb"),
        },
        KitError::DoesNotRun { program: "handcarry-inside".to_owned(), why: "Exec format error".to_owned() },
        KitError::Stays { own: version("0.1.0") },
        KitError::NoRoom { path: "/media/stick".into(), needed: "64.0 MiB".to_owned(), free: "1.0 MiB".to_owned() },
        KitError::ReadBack { path: folder().join(archive()) },
        KitError::Taken { path: folder() },
    ]
}
