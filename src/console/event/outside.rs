//! What `handcarry-outside` tells.

use super::records::{
    CONSIGNMENT, DECISION, FATE, FINDINGS, HEAD, IDENTITY, MARK, PACKAGE, PACKAGE_KINDS, REFERENCE, REMOVAL_OF,
    REQUIREMENT, SEEN, SOURCE, SPEAKER, TROUBLE,
};
use super::shape::Shape::*;
use super::{EventKind, layouts};

layouts! { EventKind
    /// next: what is due, one event for each thing.
    DUE = "due" {
        /// What is due, for people.
        told: Text,
        /// The command for it.
        command: Maybe(&Text),
    }
    /// fetch: how an exchange of a code for packages stands.
    EXCHANGE = "exchange" {
        /// The exchange.
        exchange: Id,
        /// The server.
        server: Text,
        /// The code's ending.
        code: Text,
        /// The appliance that the code is of.
        identity: Maybe(&Of(&IDENTITY)),
        /// The request that it answers.
        request: Maybe(&Of(&REFERENCE)),
        /// How many packages the vendor listed.
        listed: Count,
        /// How many of them did not arrive yet.
        missing: Count,
        /// Whether all is here and nothing was refused.
        complete: Flag,
    }
    /// fetch, vault: an exchange that is not finished.
    UNFINISHED = "unfinished" {
        /// The exchange.
        exchange: Id,
        /// The server.
        server: Text,
        /// The code's ending.
        code: Text,
        /// Titles of what did not arrive yet.
        missing: List(&Text),
        /// Whether the vendor's list was read.
        list_read: Flag,
    }
    /// fetch: an exchange went wrong in a way that only the vendor can put right.
    SUPPORT_FACTS = "support-facts" {
        /// The exchange.
        exchange: Id,
        /// What vendor support needs to know, a line each.
        facts: List(&Text),
    }
    /// fetch --abandon: an exchange is given up.
    ABANDONED = "abandoned" {
        /// The exchange.
        exchange: Id,
        /// What vendor support needs to know, a line each.
        facts: List(&Text),
    }
    /// fetch, import, vault: a package that the vault has.
    PACKAGE_KEPT = "package" {
        /// Its record in the vault.
        id: Id,
        /// Its title.
        title: Text,
        /// Its kind; missing where nobody said it yet.
        kind: Maybe(&Word(PACKAGE_KINDS)),
        /// Its version.
        version: Maybe(&Text),
        /// What it needs.
        requires: List(&Of(&REQUIREMENT)),
        /// What the vendor says that it needs, where that could not be read.
        requires_unread: Maybe(&Text),
        /// Its file's name.
        file: Text,
        /// How large it is.
        size_bytes: Bytes,
        /// Its digest.
        sha256: Digest,
        /// Where its bytes lie.
        path: Path,
        /// How it was obtained.
        source: Of(&SOURCE),
        /// The appliance that it is for.
        identity: Maybe(&Of(&IDENTITY)),
        /// The request that it answers.
        request: Maybe(&Of(&REFERENCE)),
        /// Where it is installed, as receipts told.
        installed: List(&Of(&MARK)),
    }
    /// fetch, seal, vault: what is known of the order of an appliance's releases.
    RELEASES = "releases" {
        /// The appliance's serial number.
        serial: Text,
        /// What is known.
        findings: Of(&FINDINGS),
    }
    /// seal: a bundle was sealed.
    SEALED = "sealed" {
        /// The bundle.
        bundle: Id,
        /// What it carries for each appliance.
        consignments: List(&Of(&CONSIGNMENT)),
        /// Until when it is taken.
        expires: Time,
        /// The digest of its manifest.
        manifest_sha256: Digest,
        /// Where the draft lies.
        folder: Path,
        /// Its packages.
        packages: List(&Of(&PACKAGE)),
    }
    /// sign: a sealed bundle was signed once more.
    SIGNED = "signed" {
        /// The bundle.
        bundle: Id,
        /// The key that signed it.
        fingerprint: Text,
        /// The signature's file.
        file: Path,
        /// How many signatures it has by now.
        signatures: Count,
        /// How many it still needs; missing where the inside's trust is not known here.
        owed: Maybe(&Count),
    }
    /// draft export: a draft lies where another signer finds it.
    DRAFT_EXPORTED = "draft-exported" {
        /// The bundle.
        bundle: Id,
        /// The digest of its manifest.
        manifest_sha256: Digest,
        /// Where it lies.
        folder: Path,
    }
    /// draft collect: signatures of others were taken in.
    DRAFT_COLLECTED = "draft-collected" {
        /// The bundle.
        bundle: Id,
        /// How many signatures were new.
        taken: Count,
        /// How many it has by now.
        signatures: Count,
        /// How many it still needs; missing where the inside's trust is not known here.
        owed: Maybe(&Count),
    }
    /// seal --write, write: a bundle lies on a medium.
    WRITTEN = "written" {
        /// The bundle.
        bundle: Id,
        /// The medium's folder.
        medium: Path,
        /// Its volumes, in order.
        volumes: List(&Path),
        /// The volumes that mend it.
        recovery_volumes: List(&Path),
        /// How large all of it is.
        size_bytes: Bytes,
        /// Where it was read back from: device, or perhaps cache, and why.
        read_back: Text,
    }
    /// seal --write, write: one of several media was left out.
    LEFT_OUT = "left-out" {
        /// The medium's folder.
        medium: Path,
        /// The exit code's name that stands for the reason.
        code: Text,
        /// That exit code.
        exit: Count,
        /// Why.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// receive: a receipt was read.
    RECEIVED = "received" {
        /// The receipt.
        receipt: Id,
        /// The bundle it tells of.
        bundle: Id,
        /// The appliance.
        identity: Of(&IDENTITY),
        /// The bundle's number for it.
        sequence: Count,
        /// What became of each package.
        packages: List(&Of(&FATE)),
        /// Whether it was received before.
        known: Flag,
        /// How many packages of the vault were marked by it.
        marked: Count,
        /// Whether versions and serial number were typed by a person.
        typed: Flag,
    }
    /// receive: a receipt that is signed as it should be tells what can't be.
    ALARM = "alarm" {
        /// The exit code's name that stands for the reason.
        code: Text,
        /// The receipt.
        receipt: Id,
        /// The bundle it tells of.
        bundle: Id,
        /// The digest of that bundle's manifest.
        manifest_sha256: Digest,
        /// The appliance.
        identity: Of(&IDENTITY),
        /// The bundle's number for it.
        sequence: Count,
        /// The end of the appliance's journal.
        journal: Of(&HEAD),
        /// What became of each package.
        packages: List(&Of(&FATE)),
        /// The fingerprints of the keys that signed it.
        signed_by: List(&Text),
        /// Where it is kept as evidence.
        kept: Path,
    }
    /// audit: what was seen of an appliance, and whether it holds together.
    AUDIT = "audit" {
        /// The appliance's serial number.
        serial: Text,
        /// The keys that speak for it.
        speakers: List(&Of(&SPEAKER)),
        /// What was seen, oldest first.
        seen: List(&Of(&SEEN)),
        /// What does not hold.
        does_not_hold: List(&Of(&TROUBLE)),
    }
    /// speaker: the keys that speak for an appliance.
    SPEAKERS = "speakers" {
        /// The appliance's serial number.
        serial: Text,
        /// The keys.
        speakers: List(&Of(&SPEAKER)),
    }
    /// vendor add, vendor remove: whether packages may come from a server.
    VENDOR = "vendor" {
        /// What was decided.
        decision: Of(&DECISION),
    }
    /// vendor list: a server that packages may come from.
    LISTED_VENDOR = "listed-vendor" {
        /// Its scheme, host and port.
        origin: Text,
        /// Who said so; missing where it is listed from the beginning.
        decision: Maybe(&Of(&DECISION)),
    }
    /// vault export: what was copied was signed for.
    VAULT_SIGNED = "vault-signed" {
        /// The statement's file.
        file: Path,
        /// The statement.
        export: Id,
        /// The key that signed it.
        fingerprint: Text,
    }
    /// vault export, vault import: a vault was copied.
    COPIED = "copied" {
        /// The vault it was copied from.
        from: Path,
        /// The vault it was copied to.
        to: Path,
        /// How many packages were copied.
        copied: Count,
        /// How large they are.
        bytes: Bytes,
        /// How many were there already, and are whole.
        known: Count,
        /// How many records of exchanges were copied.
        exchanges: Count,
        /// How many records say something else there.
        differing: Count,
        /// How many could not be copied.
        failed: Count,
    }
    /// A second copy of the vault was brought up to date.
    SECOND_COPY = "second-copy" {
        /// Where it is.
        vault: Path,
        /// How many packages were copied.
        packages: Count,
        /// Whether it lies on the vault's own filesystem, and is lost with it.
        same_filesystem: Flag,
    }
    /// vault check: a vault was read to its end.
    VAULT_CHECKED = "vault-checked" {
        /// Where it is.
        vault: Path,
        /// How many files it has.
        files: Count,
        /// How large they are.
        bytes: Bytes,
        /// How many are missing or damaged.
        bad: Count,
        /// How many nothing needs.
        foreign: Count,
    }
    /// vault check: something is not as it should be.
    FINDING = "finding" {
        /// What is wrong.
        fault: Word(&["missing", "damaged", "unreadable", "foreign", "record"]),
        /// A file: which.
        path: Maybe(&Path),
        /// A file: titles of the packages that it is of.
        titles: Maybe(&List(&Text)),
        /// A file that is damaged: the first range that is, its first and last byte.
        range: Maybe(&List(&Bytes)),
        /// A record: what is wrong with it.
        message: Maybe(&Text),
    }
    /// vault prune: a package that may go, and is removed unless it was only asked for.
    REMOVAL = "removal" {
        /// What goes.
        removal: Of(&REMOVAL_OF),
    }
    /// trust propose: a version of trust was proposed.
    TRUST_PROPOSED = "trust-proposed" {
        /// Its number.
        version: Count,
        /// The digest of its bytes.
        sha256: Digest,
        /// Its file.
        file: Path,
    }
    /// trust sign: a proposed version of trust was signed.
    TRUST_SIGNED = "trust-signed" {
        /// Its number.
        version: Count,
        /// The key that signed it.
        fingerprint: Text,
        /// The signature's file.
        file: Path,
        /// How many signatures it still needs by itself.
        owed_new: Count,
        /// Whether it has all that it needs; missing where the trust before it is not known here.
        complete: Maybe(&Flag),
    }
    /// trust follow: a copy of the inside's trust was taken.
    TRUST_FOLLOWED = "trust-followed" {
        /// Its number.
        version: Count,
        /// The digest of its bytes.
        sha256: Digest,
        /// How many distinct keys must sign a bundle.
        threshold: Count,
    }
    /// carry: handcarry itself lies on a medium.
    KIT_WRITTEN = "kit-written" {
        /// Its version.
        version: Text,
        /// Its folder.
        folder: Path,
    }
}
