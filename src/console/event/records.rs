//! What every event has, and objects within events that are of what is carried
//! and kept.

use super::shape::Shape::*;
use super::{Compound, layouts};

/// Kinds of packages.
pub(super) const PACKAGE_KINDS: &[&str] = &["base", "site", "patch", "license"];

/// What an appliance is in a failover pair.
pub(super) const ROLES: &[&str] = &["none", "primary", "backup"];

/// How an install was seen.
pub(super) const EVIDENCE: &[&str] = &["version", "build", "listed", "operator"];

layouts! { Compound
    /// What every event has.
    EVERY = "every" {
        /// Its kind.
        event: Text,
        /// The version of the events. It grows when a kind or a member goes or means something else. A new kind or a
        /// new member leaves it as it is.
        v: Count,
        /// When it was told, by this machine's clock.
        at: Time,
        /// The program that told it.
        program: Word(&["handcarry-inside", "handcarry-outside"]),
        /// The run that told it: the same in all events of one call of a program, those of the runs among them that it
        /// began for each of many appliances.
        run: Id,
        /// The appliance that it is about, by its name in the inventory; missing where it is about none, about
        /// several, or where nobody knows yet. Outside there is no inventory.
        appliance: Maybe(&Text),
        /// The appliances that it is about, where they are several.
        appliances: Maybe(&List(&Text)),
        /// In a rehearsal: when it would be.
        rehearsed_at: Maybe(&Time),
    }
    /// Who an appliance is.
    IDENTITY = "identity" {
        /// Its serial number.
        serial: Text,
        /// Its model.
        model: Text,
        /// Its host name.
        host: Text,
    }
    /// What an appliance shows of itself.
    STATUS = "status" {
        /// Who it is.
        appliance: Of(&IDENTITY),
        /// Version of its base software.
        base_version: Maybe(&Text),
        /// Version of its site software.
        site_version: Maybe(&Text),
        /// Build of its site software.
        site_build: Maybe(&Text),
        /// What its clock shows.
        clock: Maybe(&Time),
        /// What is installed on it; missing where no page lists it.
        installed: Maybe(&List(&Of(&INSTALLED_PACKAGE))),
        /// What it offers to install by itself.
        offered: Maybe(&List(&Of(&OFFER))),
        /// True where it has no site software yet.
        no_site: Maybe(&Flag),
        /// True where a person typed it.
        typed: Maybe(&Flag),
    }
    /// A package that an appliance lists as installed.
    INSTALLED_PACKAGE = "installed-package" {
        /// Its title.
        name: Text,
        /// Its kind.
        kind: Maybe(&Word(PACKAGE_KINDS)),
        /// Its version.
        version: Maybe(&Text),
    }
    /// A package that an appliance offers to install by itself.
    OFFER = "offer" {
        /// Its title.
        title: Text,
        /// Why it can't be chosen yet.
        locked: Maybe(&Text),
    }
    /// A package that is carried.
    PACKAGE = "package" {
        /// Its file's name.
        file: Text,
        /// Its title.
        name: Text,
        /// Its kind.
        kind: Word(PACKAGE_KINDS),
        /// Its version.
        version: Text,
        /// How large it is; 0 where the appliance fetches it by itself.
        size_bytes: Bytes,
        /// Its digest.
        sha256: Maybe(&Digest),
        /// How it was obtained.
        source: Maybe(&Of(&SOURCE)),
    }
    /// A release that a package needs.
    REQUIREMENT = "requirement" {
        /// Its kind.
        kind: Word(PACKAGE_KINDS),
        /// Its version.
        version: Text,
    }
    /// How a package was obtained.
    SOURCE = "source" {
        /// By an exchange with the vendor, or by a person's import.
        how: Word(&["exchange", "imported"]),
        /// When.
        at: Time,
        /// Exchanged: the server.
        origin: Maybe(&Text),
        /// Exchanged: the other servers that downloads came from.
        allowed: Maybe(&List(&Text)),
        /// Exchanged: the exchange.
        exchange: Maybe(&Id),
        /// Imported: the file it was.
        path: Maybe(&Path),
        /// Imported: who vouches.
        by: Maybe(&Text),
        /// Imported: whether a digest that the vendor published was compared.
        compared: Maybe(&Flag),
    }
    /// A package of a bundle, and how it was obtained.
    PACKAGE_SOURCE = "package-source" {
        /// Its file's name.
        file: Text,
        /// Its digest.
        sha256: Digest,
        /// How it was obtained.
        source: Of(&SOURCE),
    }
    /// A document that is meant.
    REFERENCE = "reference" {
        /// The document's id.
        id: Id,
        /// The digest of its bytes.
        sha256: Digest,
    }
    /// What a bundle carries for one appliance.
    CONSIGNMENT = "consignment" {
        /// The appliance's serial number.
        serial: Text,
        /// Its model.
        model: Text,
        /// Its host name.
        host: Text,
        /// The bundle's number for it; each is higher than the one before.
        sequence: Count,
        /// The request that it answers.
        request: Maybe(&Of(&REFERENCE)),
        /// The packages' files, in the order of install.
        packages: List(&Text),
    }
    /// Who signed.
    SIGNER_OF = "signer" {
        /// The name that the signer is trusted under.
        principal: Text,
        /// The key's fingerprint.
        fingerprint: Text,
    }
    /// How long a chained log is.
    HEAD = "head" {
        /// How many records it has.
        records: Count,
        /// The digest of the last one.
        sha256: Digest,
    }
    /// A record of an appliance's journal.
    JOURNAL_RECORD = "journal-record" {
        /// Its number, from 1.
        seq: Count,
        /// When it was written.
        time: Time,
        /// Its kind.
        kind: Text,
        /// What it tells, by its kind.
        fields: Open,
        /// The digest that links it to the one before.
        sha256: Digest,
    }
    /// What became of a package.
    FATE = "fate" {
        /// Its file's name.
        file: Text,
        /// Its title.
        name: Text,
        /// Its digest.
        sha256: Digest,
        /// How it was obtained.
        source: Of(&SOURCE),
        /// What became of it.
        outcome: Word(&["installed", "already-installed", "pending", "failed"]),
        /// How that was seen.
        evidence: Maybe(&Word(EVIDENCE)),
        /// When.
        at: Maybe(&Time),
    }
    /// Where a package was installed, as a receipt told.
    MARK = "mark" {
        /// The appliance's serial number.
        serial: Text,
        /// The bundle that carried it.
        bundle: Id,
        /// The receipt.
        receipt: Id,
        /// What became of it.
        outcome: Word(&["installed", "already-installed", "pending", "failed"]),
        /// How that was seen.
        evidence: Maybe(&Word(EVIDENCE)),
        /// When.
        at: Maybe(&Time),
    }
    /// What was installed where, as it is signed.
    RECEIPT_PAPER = "receipt" {
        /// The version of receipts.
        format: Count,
        /// The receipt.
        receipt: Id,
        /// When it was made.
        created: Time,
        /// The appliance.
        appliance: Of(&IDENTITY),
        /// The bundle.
        bundle: Id,
        /// The bundle's number for the appliance.
        sequence: Count,
        /// The digest of the bundle's manifest.
        manifest_sha256: Digest,
        /// What became of each package.
        packages: List(&Of(&FATE)),
        /// What the appliance showed last.
        status: Maybe(&Of(&STATUS)),
        /// The digest of the backup.
        backup_sha256: Maybe(&Digest),
        /// The journal's end.
        journal: Of(&HEAD),
        /// What links it to the end that the outside saw last.
        links: List(&Of(&HEAD)),
    }
    /// What the store has for an appliance.
    STORED_FOR = "stored-for" {
        /// The appliance's serial number.
        serial: Text,
        /// The bundle's number for it.
        sequence: Count,
        /// How far it is.
        state: Word(&["foreign", "begun", "open", "installed", "received"]),
    }
    /// A key of the inside that speaks for an appliance.
    SPEAKER = "speaker" {
        /// The public key, as ssh-keygen writes it.
        key: Text,
        /// The name it signs under.
        principal: Text,
        /// Since when.
        since: Time,
        /// Because it was the first, or a person said so.
        because: Word(&["first", "person"]),
    }
    /// A person's word on a server of packages.
    DECISION = "decision" {
        /// Its scheme, host and port.
        origin: Text,
        /// Whether packages may come from there.
        is_listed: Flag,
        /// When it was said.
        at: Time,
        /// Who is sure of it.
        by: Text,
        /// The account it was said under.
        account: Text,
    }
    /// What was removed from the vault, and why it may go.
    REMOVAL_OF = "removal" {
        /// When.
        at: Time,
        /// The digest of its bytes.
        sha256: Digest,
        /// How large it was.
        size_bytes: Bytes,
        /// Its titles.
        titles: List(&Text),
        /// The receipts that tell that it is installed.
        receipts: List(&Id),
        /// The vault that has another copy.
        second: Path,
    }
    /// What was seen of an appliance outside.
    SEEN = "seen" {
        /// When.
        at: Time,
        /// What kind of thing it was.
        kind: Text,
        /// What it was, for people.
        text: Text,
        /// What is known of it, by its kind.
        fields: Open,
    }
    /// What does not hold.
    TROUBLE = "trouble" {
        /// The exit code's name that stands for it.
        code: Text,
        /// What is wrong.
        text: Text,
    }
    /// A release that an appliance needs before another, and that nobody has.
    LACKING = "lacking" {
        /// The release.
        release: Of(&REQUIREMENT),
        /// Titles of what needs it.
        needed_by: List(&Text),
        /// The version that the appliance has.
        has: Maybe(&Text),
    }
    /// What is known of the order of releases.
    FINDINGS = "findings" {
        /// What is missing.
        lacking: List(&Of(&LACKING)),
        /// Needs of packages, of which the appliance does not tell whether it has them: title and release.
        untold: List(&List(&Either(&[Text, Of(&REQUIREMENT)]))),
        /// Titles of packages that tell nothing of what they need.
        silent: List(&Text),
    }
}
