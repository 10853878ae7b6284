//! Samples of the rooms that talk to no other machine: operator, trust,
//! journal, plan.

use handcarry::testing::console::OperatorError;
use handcarry::testing::events::EventLogError;
use handcarry::testing::journal::JournalError;
use handcarry::testing::model::{FailoverRole, PackageKind, Requirement, Timestamp, Version};
use handcarry::testing::plan::{Missing, Part, PlanError, TopologyError};
use handcarry::testing::trust::{Namespace, Refusal, TrustError};
use std::io;
use std::path::PathBuf;

fn cause(kind: io::ErrorKind) -> io::Error {
    io::Error::from(kind)
}

fn requirement(kind: PackageKind, version: &str) -> Requirement {
    Requirement { kind, version: Version::parse(version).expect("a version") }
}

pub fn operator() -> Vec<OperatorError> {
    let question = || "Compared with the key's owner, and to be trusted?".to_owned();
    vec![
        OperatorError::NoAnswer(question()),
        OperatorError::Unreadable(question(), cause(io::ErrorKind::InvalidData)),
        OperatorError::Unheard(question(), "what this run says can't be written to standard output".to_owned()),
        OperatorError::Endless(question()),
        OperatorError::TooLong(question()),
        OperatorError::NoTerminal(question()),
    ]
}

pub fn events() -> Vec<EventLogError> {
    let path = || PathBuf::from("/home/op/inside/events.jsonl");
    vec![
        EventLogError::Changed { path: path(), line: 7, what: "its bytes are not those that were written".to_owned() },
        EventLogError::Full { path: path() },
        EventLogError::Journal(JournalError::Unwritable { path: path(), source: cause(io::ErrorKind::StorageFull) }),
        EventLogError::Unsent { to: "/dev/log".to_owned(), source: cause(io::ErrorKind::NotFound) },
        EventLogError::Unsent { to: "tcp://loghost:514".to_owned(), source: cause(io::ErrorKind::TimedOut) },
    ]
}

pub fn journal() -> Vec<JournalError> {
    let path = || PathBuf::from("/home/op/inside/journal/branch.jsonl");
    vec![
        JournalError::Missing { path: path() },
        JournalError::Unreadable { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        JournalError::Unwritable { path: path(), source: cause(io::ErrorKind::StorageFull) },
        JournalError::Busy {
            lock: "/home/op/inside/journal/branch.lock".into(),
            run: None,
            name: Some("branch".into()),
        },
        JournalError::Changed { path: path(), line: 7, what: "its hash is not that of the line before".to_owned() },
        JournalError::Cut { path: path(), what: "a receipt has seen 12 records, here are 9".to_owned() },
        JournalError::LineTooLong {
            path: path(),
            kind: "install-failed".to_owned(),
            bytes: 1_200_000,
            limit_bytes: 64 * 1024,
        },
        JournalError::TooLarge { path: path(), limit_bytes: 256 << 20 },
    ]
}

pub fn topology() -> Vec<TopologyError> {
    let (a, b) = (|| "alpha".to_owned(), || "beta".to_owned());
    let role = |wanted, found, swapped| TopologyError::RoleUnexpected { name: a(), wanted, found, swapped };
    vec![
        TopologyError::SameAppliance { serial: "LAB-0001-BG".to_owned() },
        role(FailoverRole::Primary, FailoverRole::Backup, true),
        role(FailoverRole::Primary, FailoverRole::None, false),
        TopologyError::Chain {
            name: b(),
            first_trip: ["LAB-0001-BG", "LAB-0002-BG"]
                .map(|serial| (serial.to_owned(), vec!["Base 3.4.0".to_owned(), "Bomgar 10.6.2".to_owned()]))
                .to_vec(),
            past: vec!["Bomgar 11.1.1".to_owned()],
        },
        TopologyError::SharedAddress { part: Part::B, host: "192.0.2.10".to_owned() },
        TopologyError::SoftwareDiffers {
            a: a(),
            a_has: "site 10.5.3 (build 48211)".to_owned(),
            b: b(),
            b_has: "site 10.5.3 (build 48212)".to_owned(),
        },
        TopologyError::EndsDiffer {
            a: a(),
            a_ends: "site 11.1.1".to_owned(),
            b: b(),
            b_ends: "site 10.6.2".to_owned(),
            offered: None,
        },
        TopologyError::EndsDiffer {
            a: a(),
            a_ends: "site 11.1.1".to_owned(),
            b: b(),
            b_ends: "site 10.6.2".to_owned(),
            offered: Some(Box::new((Part::B, Version::parse("10.6.2")))),
        },
        TopologyError::SharedName { part: Part::B, host: "support.example.com".to_owned() },
        TopologyError::OldBySiteName { old: a(), host: "support.example.com".to_owned(), new: b() },
        TopologyError::OldIsBackup { name: a() },
        TopologyError::NewIsPaired { name: b(), role: FailoverRole::Backup },
        TopologyError::NewIsPaired { name: b(), role: FailoverRole::Primary },
        TopologyError::RestoreDiffers {
            old: a(),
            old_has: "site 10.6.2 (build 47113)".to_owned(),
            new: b(),
            new_ends: "site 10.5.3".to_owned(),
        },
        TopologyError::Part {
            name: a(),
            error: PlanError::Cycle { packages: vec!["Base 3.4.0".to_owned(), "Bomgar 10.6.2".to_owned()] },
        },
    ]
}

pub fn plan() -> Vec<PlanError> {
    let missing = |package: &str, requirement, has: Option<&str>| Missing {
        package: package.to_owned(),
        requirement,
        has: has.map(str::to_owned),
    };
    let base = || requirement(PackageKind::Base, "3.4.0");
    vec![
        PlanError::Missing(vec![missing("Bomgar 10.6.2", base(), Some("3.3.2"))]),
        PlanError::Missing(vec![
            missing("Bomgar 10.6.2", base(), Some("3.3.2")),
            missing("Bomgar 11.1.1", requirement(PackageKind::Patch, "BT1-1"), None),
        ]),
        PlanError::Cycle { packages: vec!["Base 3.4.0".to_owned(), "Bomgar 10.6.2".to_owned()] },
        PlanError::OfferedTwice { first: "Bomgar 10.6.2".to_owned(), second: "Bomgar 10.6.2 (Enterprise)".to_owned() },
        PlanError::Twins { first: "base-3.4.0.nss".to_owned(), second: "base-3.4.0-b.nss".to_owned() },
        PlanError::NoWindow { step: "install Bomgar 10.6.2".to_owned(), need_secs: 14_400, longest_secs: 7200 },
        PlanError::NoWindow { step: "install Bomgar 10.6.2".to_owned(), need_secs: 3600, longest_secs: 0 },
    ]
}

pub fn trust() -> Vec<TrustError> {
    let path = || PathBuf::from("/home/op/keys/signing");
    let key = || "SHA256:gtxINedU9NKG+DsnO036gQkvAmmjeIl9avVJfFtn1zU".to_owned();
    let why = |why: &str| why.to_owned();
    vec![
        TrustError::KeyUnreadable { path: path(), source: cause(io::ErrorKind::NotFound) },
        TrustError::KeyUnreadable { path: path(), source: cause(io::ErrorKind::PermissionDenied) },
        TrustError::KeyTooOpen { path: path(), how: "mode 0644".to_owned() },
        TrustError::KeyWrongType { path: path(), algorithm: why("ssh-rsa") },
        TrustError::KeyWrongType { path: path(), algorithm: why("sk-ssh-ed25519@openssh.com") },
        TrustError::KeyMalformed { path: path(), expected: "an OpenSSH private key", why: why("it is damaged or cut") },
        TrustError::PublicKeyMalformed { why: why("it is empty") },
        TrustError::PassphraseNeeded { path: path() },
        TrustError::WrongPassphrase { path: path() },
        TrustError::KeyNotMade { why: why("cryptographic error") },
        TrustError::AgentAbsent,
        TrustError::AgentFault { socket: why("/tmp/agent.sock"), why: why("connection refused") },
        TrustError::AgentLacksKey { wanted: key(), held: Vec::new() },
        TrustError::AgentLacksKey { wanted: key(), held: vec![why("SHA256:one"), why("SHA256:two")] },
        TrustError::AgentKeyUnusable { wanted: key(), why: why("it is an RSA key of type ssh-rsa") },
        TrustError::AgentRefused { fingerprint: key() },
        TrustError::SignatureUnsound { fingerprint: key(), why: why("it is damaged") },
        TrustError::FileUnreadable { path: "trust/allowed_signers".into(), source: cause(io::ErrorKind::InvalidData) },
        TrustError::SignersLine { file: why("trust/allowed_signers"), line: 3, why: why("it names nobody") },
        TrustError::PolicyMalformed { file: why("trust/policy.toml"), why: why("line 2: unknown field 'treshold'") },
        TrustError::LimitExceeded { what: why("trust/allowed_signers"), limit: why("1.0 MiB") },
        TrustError::NoTrust { namespace: Namespace::Bundle },
        TrustError::NoTrust { namespace: Namespace::Request },
        TrustError::ThresholdNotMet { namespace: Namespace::Bundle, wanted: 1, got: 0, trusted: 1, why: Vec::new() },
        TrustError::ThresholdNotMet { namespace: Namespace::Bundle, wanted: 2, got: 1, trusted: 1, why: Vec::new() },
        TrustError::ThresholdNotMet {
            namespace: Namespace::Bundle,
            wanted: 2,
            got: 1,
            trusted: 2,
            why: vec![format!("signature 2: key {} has signed already and counts once", key())],
        },
        TrustError::ThresholdNotMet {
            namespace: Namespace::Receipt,
            wanted: 1,
            got: 0,
            trusted: 1,
            why: vec![format!("signature 1: key {} is not among the trusted signers", key())],
        },
        TrustError::UpdateMalformed { why: why("it is not in canonical form") },
        TrustError::UpdateRefused(Refusal::Repeated(3)),
        TrustError::UpdateRefused(Refusal::Twin(3)),
        TrustError::UpdateRefused(Refusal::Older { found: 2, current: 3 }),
        TrustError::UpdateRefused(Refusal::Skipped { found: 5, current: 3 }),
        TrustError::UpdateRefused(Refusal::OtherTrust { found: 4, current: 3 }),
        TrustError::UpdateRefused(Refusal::Unrevoked(key())),
        TrustError::NotApproved {
            by: "the trust in force",
            source: Box::new(TrustError::ThresholdNotMet {
                namespace: Namespace::Trust,
                wanted: 2,
                got: 1,
                trusted: 2,
                why: Vec::new(),
            }),
        },
        TrustError::UpdateFromFuture {
            created: Timestamp::from_unix(1_800_000_000).expect("a time"),
            now: Timestamp::from_unix(1_790_000_000).expect("a time"),
        },
        TrustError::VersionsBroken {
            path: "trust/versions/3.json".into(),
            why: why("it does not follow the version before it"),
        },
    ]
}
