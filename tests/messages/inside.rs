//! Samples of what goes wrong beside the appliance: inventory, driver,
//! engine, lab.

use handcarry::testing::bundle::BundleError;
use handcarry::testing::console::OperatorError;
use handcarry::testing::driver::{ApplianceRefusal, ClusterRole, DriverError, LoginBlocked, NotTaken};
use handcarry::testing::engine::clients::ListError;
use handcarry::testing::engine::{EngineError, PairTold, RestoreError};
use handcarry::testing::inventory::InventoryError;
use handcarry::testing::media::MediaError;
use handcarry::testing::model::{Exit, FailoverRole, Failure, FileName, Sha256Digest, Timestamp};
use handcarry::testing::store::StoreError;
use handcarry::testing::web::WebError;
use std::io;
use std::path::PathBuf;

fn cause(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

fn file(name: &str) -> FileName {
    FileName::parse(name).expect("a name")
}

fn unreachable() -> WebError {
    WebError::Unreachable { origin: "https://support.example.com".to_owned(), why: "no such host name".to_owned() }
}

pub fn store() -> Vec<StoreError> {
    let path = || PathBuf::from("/home/op/inside/store");
    vec![
        StoreError::Busy { path: path().join("lock") },
        StoreError::TooMany { path: path().join("bundles"), limit: 10_000 },
        StoreError::NoRoom { path: path(), needed: 3 << 30, free: 1 << 30 },
        StoreError::Contradiction { file: file("base-3.4.0.nss") },
        StoreError::Bundle(BundleError::VolumeMissing { name: "b-7.zip.002".to_owned() }),
        StoreError::Media(MediaError::NoSpace { path: path() }),
    ]
}

pub fn inventory() -> Vec<InventoryError> {
    let path = || PathBuf::from("/home/op/inside/inventory.toml");
    let unknown_key = |key: &str, table: Option<&str>| InventoryError::UnknownKey {
        path: path(),
        line: 4,
        key: key.to_owned(),
        table: table.map(str::to_owned),
        known: &["url", "driver", "user"],
    };
    let name = || "branch".to_owned();
    vec![
        InventoryError::Unreadable { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        InventoryError::TooLarge { path: path(), size_bytes: 2_000_000 },
        InventoryError::Malformed { path: path(), line: Some(3), what: "a value is missing".to_owned() },
        InventoryError::Malformed { path: path(), line: None, what: "it is not UTF-8".to_owned() },
        unknown_key("urll", Some("appliances.branch")),
        unknown_key("colour", None),
        InventoryError::Entry { path: path(), name: name(), what: "has no url".to_owned() },
        InventoryError::Unknown { name: name(), known: Vec::new() },
        InventoryError::Unknown { name: "brunch".to_owned(), known: vec![name(), "head-office".to_owned()] },
        InventoryError::Exists { name: name(), path: path() },
        InventoryError::Known { name: name(), serial: "B200-7".to_owned() },
        InventoryError::Twins {
            name: name(),
            twin: "lisbon".to_owned(),
            serial: "B200-7".to_owned(),
            key: "windows",
            path: path(),
        },
        InventoryError::Replaced {
            name: name(),
            was: "B200-7".to_owned(),
            now: "B300-1".to_owned(),
            url: "https://support.example.com".to_owned(),
            path: path(),
        },
        InventoryError::NotMet { name: name() },
        InventoryError::NoPassword {
            whom: "admin at branch".to_owned(),
            what: "the environment variable BRANCH_PASS is not set".to_owned(),
        },
    ]
}

pub fn clients() -> Vec<ListError> {
    let shown = || "10/08/2026 03:07".to_owned();
    let looked_for = || vec!["Status Details".to_owned(), "Detalhes de Status".to_owned()];
    vec![
        ListError::Empty,
        ListError::TooMany { limit: 200_000 },
        ListError::TooWide { limit: 256 },
        ListError::NoColumn { looked_for: looked_for(), there: vec!["Name".to_owned(), "Group".to_owned()] },
        ListError::TwoColumns { looked_for: looked_for() },
        ListError::Malformed { line: 17, why: "it has 3 columns, the heading 4".to_owned() },
        ListError::NoDate { line: 17, shown: shown() },
        ListError::Future { line: 17, shown: shown() },
    ]
}

pub fn driver() -> Vec<DriverError> {
    let page = || "\"Login\" (https://support.example.com/appliance)".to_owned();
    let said = || "Your account is locked".to_owned();
    let refused = |what| DriverError::Refused { what, page: page(), said: "invalid file".to_owned() };
    let barred = |why| DriverError::Barred { why, page: page(), said: said() };
    let not_taken = |why| DriverError::NotTaken { why, page: page(), said: "no room".to_owned() };
    vec![
        DriverError::Web(unreachable()),
        DriverError::LoginRefused { user: "admin".to_owned(), page: page(), said: said() },
        DriverError::LoginRefused { user: "admin".to_owned(), page: page(), said: String::new() },
        barred(LoginBlocked::PasswordExpired),
        barred(LoginBlocked::SessionLimit),
        barred(LoginBlocked::Locked),
        DriverError::LockoutNear { user: "admin".to_owned(), path: "/appliance", times: 3 },
        DriverError::LoginAgreement { page: page() },
        DriverError::SessionLost { page: page() },
        DriverError::Password(
            Failure::new(Exit::KeyUnusable, "pass can be read by other users").hint("close it: chmod 600 pass"),
        ),
        DriverError::Busy { said: "Installing 40%".to_owned() },
        refused(ApplianceRefusal::Backup),
        refused(ApplianceRefusal::Package),
        refused(ApplianceRefusal::Agreement),
        refused(ApplianceRefusal::Pair),
        refused(ApplianceRefusal::PairKey),
        refused(ApplianceRefusal::PairContact),
        refused(ApplianceRefusal::Certificate),
        refused(ApplianceRefusal::CertificateKey),
        refused(ApplianceRefusal::Restore),
        refused(ApplianceRefusal::Power),
        not_taken(NotTaken::NoRoom),
        not_taken(NotTaken::Rejected),
        not_taken(NotTaken::AlreadyThere),
        not_taken(NotTaken::UnknownKind),
        DriverError::Cloud { origin: "https://support.example.com".to_owned() },
        DriverError::ClusterNode { node: ClusterRole::Primary },
        DriverError::ClusterNode { node: ClusterRole::Traffic },
        DriverError::VendorAway { page: page(), said: "the update server could not be reached".to_owned() },
        DriverError::StatusUnreadable(WebError::KeyMissing { key: "status.serial".to_owned() }),
        DriverError::AnswerLost { page: page() },
        DriverError::SessionEnded { page: page(), said: "Your session has expired".to_owned() },
        DriverError::InBetween { page: page(), status: 403, said: "Blocked by policy".to_owned() },
        DriverError::EmptyBackup,
        DriverError::Sink(cause(io::ErrorKind::StorageFull)),
        DriverError::NoAnswer(OperatorError::NoAnswer("Is it done?".to_owned())),
    ]
}

pub fn restore() -> Vec<RestoreError> {
    let name = || "branch".to_owned();
    vec![
        RestoreError::NoSite { name: name() },
        RestoreError::Software {
            made_with: "site 10.5.3 (build 46351)".to_owned(),
            name: name(),
            has: "site 10.6.2 (build 47119)".to_owned(),
            newer: Some(false),
        },
        RestoreError::Software {
            made_with: "site 10.6.2 (build 47119)".to_owned(),
            name: name(),
            has: "site 10.5.3 (build 46351)".to_owned(),
            newer: Some(true),
        },
        RestoreError::Software {
            made_with: "site 10.6.2 (build 47119)".to_owned(),
            name: name(),
            has: "site 10.6.2 (build 47120)".to_owned(),
            newer: None,
        },
        RestoreError::InstallOpen { package: "Bomgar 10.6.2".to_owned(), name: name() },
        RestoreError::Paired { name: name() },
        RestoreError::NotTyped { name: name() },
        RestoreError::Refused { name: name(), said: "the password is wrong".to_owned() },
    ]
}

pub fn engine() -> Vec<EngineError> {
    let package = || "Base 3.4.0".to_owned();
    let until = || Timestamp::parse("2026-03-05T05:06:00Z").expect("a time");
    vec![
        EngineError::WrongAppliance { wanted: "LAB-0001-BG".to_owned(), found: "LAB-0002-BG".to_owned() },
        EngineError::ClockSkew { ahead_secs: 7200, tolerance_secs: 300 },
        EngineError::ClockSkew { ahead_secs: -1200, tolerance_secs: 300 },
        EngineError::OneOfAPair {
            name: "lisbon".to_owned(),
            role: FailoverRole::Backup,
            pair: PairTold { partner: Some(file("porto")), planned: false, media: Some("/media/stick".to_owned()) },
        },
        EngineError::OneOfAPair {
            name: "lisbon".to_owned(),
            role: FailoverRole::Primary,
            pair: PairTold { partner: Some(file("porto")), planned: true, media: Some("/media/stick".to_owned()) },
        },
        EngineError::OneOfAPair {
            name: "lisbon".to_owned(),
            role: FailoverRole::Primary,
            pair: PairTold { partner: None, planned: false, media: None },
        },
        EngineError::PrerequisiteMissing { package: package(), requirement: "base 3.3.2".to_owned() },
        EngineError::Waiting {
            after: "site 10.6.2".to_owned(),
            until: until(),
            whose: "",
            remaining_secs: 7_200,
            name: FileName::parse("branch").expect("a name"),
            elsewhere: true,
            then: "handcarry-inside update branch".to_owned(),
        },
        EngineError::Waiting {
            after: "Bomgar 10.6.2".to_owned(),
            until: until(),
            whose: " by the appliance's clock",
            remaining_secs: 86_400,
            name: FileName::parse("branch").expect("a name"),
            elsewhere: false,
            then: "handcarry-inside push branch".to_owned(),
        },
        EngineError::PlanChanged { given: Sha256Digest::of(b"given"), is: Sha256Digest::of(b"is") },
        EngineError::WindowClosed {
            step: "install Base 3.4.0".to_owned(),
            until: until(),
            window: "Thu 2026-03-05 02:06 to 06:00 America/Sao_Paulo".to_owned(),
        },
        EngineError::WindowMissed { package: package() },
        EngineError::SecondWindow { name: "beta".to_owned() },
        EngineError::Unprotected,
        EngineError::BackupFailed {
            why: "the appliance sent an empty backup".to_owned(),
            next: Some("make the backup in a browser".into()),
        },
        EngineError::PackageDamaged { package: package(), installed: "1 package was installed in this run".to_owned() },
        EngineError::InstallFailed { package: package(), said: "checksum mismatch".to_owned() },
        EngineError::NotTaken {
            package: package(),
            why: NotTaken::NoRoom,
            said: "there is not enough free disk space".to_owned(),
        },
        EngineError::BaseTrouble {
            package: package(),
            said: "after 2 h: it does not answer".to_owned(),
            journal: "/home/op/inside/journal/branch.jsonl".into(),
        },
        EngineError::Astray {
            package: package(),
            said: "what answered is not the appliance's".to_owned(),
            arrived: true,
        },
        EngineError::Astray {
            package: package(),
            said: "what answered is not the appliance's".to_owned(),
            arrived: false,
        },
        EngineError::CheckUnfinished { waited_secs: 600, seen: "its page says: Checking for updates".to_owned() },
        EngineError::CheckUnfinished { waited_secs: 600, seen: "its page shows no list".to_owned() },
        EngineError::NotOffered { package: package(), locked: Some("Requires: Base 3.3.2".to_owned()) },
        EngineError::NotOffered { package: package(), locked: Some(String::new()) },
        EngineError::NotOffered { package: package(), locked: None },
        EngineError::StillLocked { packages: "Bomgar 10.6.2 (greyed out: Requires: Base 3.4.0)".to_owned() },
        EngineError::UnknownOffers { titles: "Custom skin".to_owned() },
        EngineError::Unconfirmed { package: package(), why: "after 2 h: it does not answer".to_owned() },
        EngineError::EulaDeclined { package: package(), agreement: "0a1b2c3d".to_owned() },
        EngineError::Declined { question: "Install Base 3.4.0 now?".to_owned() },
        EngineError::NotApproved { plan: Some(Sha256Digest::of(b"is")), set_aside: Vec::new() },
        EngineError::NotApproved { plan: None, set_aside: vec!["skip-soak".to_owned()] },
        EngineError::Staging {
            package: package(),
            path: "/home/op/inside/staging/base-3.4.0.nss".into(),
            why: "no space left".to_owned(),
            exit: Exit::NoSpace,
        },
    ]
}

pub fn pair() -> Vec<EngineError> {
    let (a, b) = (|| "alpha".to_owned(), || "beta".to_owned());
    let sync = |together| EngineError::SyncUnfinished {
        name: b(),
        waited_secs: 14_400,
        seen: "it says that a data sync is in progress".to_owned(),
        together,
    };
    vec![
        EngineError::OtherRun {
            name: a(),
            open: "failover-sync with beta as B, begun on 2026-03-04 05:06 UTC, last done: break".to_owned(),
            command: "handcarry-inside push /media/stick alpha beta --topology failover-sync".to_owned(),
        },
        sync(true),
        sync(false),
        EngineError::OtherRole { name: b(), wanted: FailoverRole::Backup, found: FailoverRole::None },
        EngineError::SoftwareDiffers {
            a: a(),
            a_has: "site 11.1.1 (build 48211)".to_owned(),
            b: b(),
            b_has: "site 10.6.2 (build 47113)".to_owned(),
            restoring: false,
        },
        EngineError::NotCompared { a: a(), b: "beta".to_owned() },
        EngineError::NotVerified { name: a(), back: "beta serves as before".to_owned() },
        EngineError::PairKey { name: a(), said: "the keys do not match".to_owned() },
        EngineError::PartnerUnreachable {
            name: b(),
            said: "the peer could not be contacted".to_owned(),
            state: "nothing was broken or installed, and the pair is as it was".to_owned(),
        },
        EngineError::SwitchHalf { from: a(), to: b(), why: "the appliance did not answer".to_owned() },
    ]
}

pub fn migrate() -> Vec<EngineError> {
    let (old, new) = (|| "alpha".to_owned(), || "beta".to_owned());
    let certificate = || "support.example.com (SHA256:36:20)".to_owned();
    let path = || PathBuf::from("/home/op/inside/backups/alpha/alpha-20260304T050607Z.nsb");
    vec![
        EngineError::WrongPassphrase { name: new(), said: "the password is wrong".to_owned() },
        EngineError::KeptUnusable { what: "backup", path: path(), why: "it was changed".to_owned() },
        EngineError::CertificateUnseen {
            name: new(),
            certificate: certificate(),
            why: "it is not in the list".to_owned(),
        },
        EngineError::CertificateWarning {
            name: new(),
            certificate: certificate(),
            warnings: vec!["the certificate chain is incomplete".to_owned(), "it expires in 3 days".to_owned()],
        },
        EngineError::SoftwareDiffers {
            a: old(),
            a_has: "site 10.6.2 (build 47113)".to_owned(),
            b: new(),
            b_has: "site 10.6.2 (build 47114)".to_owned(),
            restoring: true,
        },
        EngineError::RestoreRefused { name: new(), said: "made with another version".to_owned() },
        EngineError::NotServing { name: new(), why: "it shows site 10.5.3, and the old one site 10.6.2".to_owned() },
        EngineError::NotErased { old: old(), new: new() },
        EngineError::HistoryLost { old: old(), new: new() },
        EngineError::LeadsToNew { old: old(), new: new() },
        EngineError::ResetUnfinished { name: old(), waited_secs: 3600, seen: "it does not answer".to_owned() },
    ]
}

#[cfg(feature = "lab")]
pub fn lab() -> Vec<handcarry::testing::lab::LabError> {
    use handcarry::testing::lab::LabError;
    let dir = || PathBuf::from("/tmp/lab");
    vec![
        LabError::Runtime(cause(io::ErrorKind::OutOfMemory)),
        LabError::File(dir(), cause(io::ErrorKind::PermissionDenied)),
        LabError::Port(443, cause(io::ErrorKind::PermissionDenied)),
        LabError::Certificate("no randomness".to_owned()),
        LabError::Running(dir()),
        LabError::NotRunning(dir()),
        LabError::Record { path: "/tmp/lab/lab.json".into(), why: "missing field 'pid'".to_owned() },
        LabError::Refused("it was told to stop and is still there".to_owned()),
        LabError::UnknownFault("flood".to_owned()),
    ]
}
