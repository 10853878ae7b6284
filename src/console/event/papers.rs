//! What `handcarry-inside` tells of bundles, journals, receipts, trust and itself.

use super::records::{
    CONSIGNMENT, HEAD, JOURNAL_RECORD, PACKAGE, PACKAGE_SOURCE, RECEIPT_PAPER, SIGNER_OF, STORED_FOR,
};
use super::shape::Shape::*;
use super::{EventKind, layouts};

layouts! { EventKind
    /// take, verify, plan, push: a bundle that is what its signers signed.
    VERIFIED = "verified" {
        /// The bundle.
        bundle: Id,
        /// What it carries for each appliance, or for the one that is meant.
        consignments: List(&Of(&CONSIGNMENT)),
        /// When it was made.
        created: Time,
        /// Until when it is taken.
        expires: Time,
        /// Who sealed it.
        sealed_by: Text,
        /// The digest of its manifest.
        manifest_sha256: Digest,
        /// Who signed it.
        signers: List(&Of(&SIGNER_OF)),
        /// How many distinct keys must.
        threshold: Count,
        /// How large it is.
        size_bytes: Bytes,
        /// Its packages.
        packages: List(&Of(&PACKAGE)),
    }
    /// verify: a bundle was read several times.
    REPEATED = "repeated" {
        /// How many times.
        passes: Count,
        /// Whether the medium itself was read, and not what memory has of it.
        past_cache: Flag,
        /// Where it was not the same each time.
        unsteady: List(&Text),
    }
    /// verify: one of several bundles on a medium, judged.
    JUDGED = "judged" {
        /// Its file's name.
        file: Text,
        /// good, older, or the exit code's name that stands for why it is refused.
        verdict: Text,
        /// older: a bundle that is newer.
        newer: Maybe(&Text),
        /// Refused: the exit code.
        exit: Maybe(&Count),
        /// Refused: why.
        message: Maybe(&Text),
        /// Refused: what to do next.
        hint: Maybe(&Text),
    }
    /// plan, push: where an appliance's packages came from, as their signers say.
    SOURCES = "sources" {
        /// The bundle.
        bundle: Id,
        /// Its packages.
        packages: List(&Of(&PACKAGE_SOURCE)),
    }
    /// take: a bundle is in the store.
    TAKEN = "taken" {
        /// The bundle.
        bundle: Id,
        /// The digest of its manifest.
        manifest_sha256: Digest,
        /// Its name in the store.
        name: Text,
        /// How large it is.
        size_bytes: Bytes,
        /// How many blocks were damaged on the medium and mended.
        mended_blocks: Count,
        /// Whether the store had it already.
        was_kept: Flag,
    }
    /// take: volumes of a bundle were taken, and others lie on other media.
    VOLUMES = "volumes" {
        /// The bundle's name.
        file: Text,
        /// How many volumes the store has.
        volumes: Count,
        /// Which are missing.
        lacking: Text,
    }
    /// store list: a bundle that the store has.
    KEPT = "kept" {
        /// Its name there.
        name: Text,
        /// The bundle.
        bundle: Id,
        /// Until when it is taken.
        expires: Time,
        /// How many packages it has.
        packages: Count,
        /// How large they are.
        packages_bytes: Bytes,
        /// How far it is for each appliance.
        consignments: List(&Of(&STORED_FOR)),
        /// Why it would be refused now.
        refused: Maybe(&Text),
        /// Whether an appliance still needs it.
        needed: Flag,
    }
    /// store check: a bundle of the store was read to its end.
    CHECKED = "checked" {
        /// Its name there.
        name: Text,
        /// whole, or the exit code's name that stands for what is wrong.
        verdict: Text,
    }
    /// store prune: a bundle leaves the store, or would.
    PRUNED = "pruned" {
        /// Its name there.
        name: Text,
        /// The bundle.
        bundle: Id,
        /// Whether it was only asked for.
        dry_run: Flag,
        /// Whether it goes because it expired.
        expired: Flag,
    }
    /// store export: a bundle was copied out of the store.
    EXPORTED = "exported" {
        /// The bundle.
        bundle: Id,
        /// Its files.
        files: List(&Path),
    }
    /// approve: a second person approved a plan.
    APPROVED = "approved" {
        /// The plan's digest.
        plan_sha256: Digest,
        /// The refusals that may be set aside.
        set_aside: List(&Text),
        /// The key that signed it.
        key: Text,
        /// The approval's file.
        file: Path,
    }
    /// A refusal was set aside on a person's word, by a dangerous option and a reason.
    DANGEROUS_ACCEPTED = "dangerous-accepted" {
        /// The word that was typed.
        what: Text,
        /// What was refused.
        refused: Text,
        /// The person's reason.
        reason: Text,
        /// The verb.
        verb: Text,
    }
    /// audit: an appliance's journal.
    JOURNAL = "journal" {
        /// Its end.
        head: Of(&HEAD),
        /// How many bytes of a record a crash left.
        torn_bytes: Maybe(&Bytes),
        /// Its records, oldest first.
        records: List(&Of(&JOURNAL_RECORD)),
    }
    /// receipt: a receipt was signed onto a medium.
    RECEIPT = "receipt" {
        /// Its file.
        file: Path,
        /// What it says.
        receipt: Of(&RECEIPT_PAPER),
    }
    /// A support pack was written.
    SUPPORT_PACK = "support-pack" {
        /// Its file.
        file: Path,
    }
    /// trust apply: a signed version of trust is in force from now on.
    TRUST_APPLIED = "trust-applied" {
        /// Its number.
        version: Count,
        /// The digest of its bytes.
        sha256: Digest,
        /// How many distinct keys must sign a bundle.
        threshold: Count,
        /// How many must sign a change of trust.
        trust_threshold: Count,
        /// By when it is to be renewed.
        renew_by: Maybe(&Time),
        /// Its signers, a line each as ssh-keygen reads them.
        signers: List(&Text),
        /// The keys that never count again.
        revoked: List(&Text),
        /// The keys that approved it by the trust before.
        by_old: List(&Text),
        /// The keys that approved it by itself.
        by_new: List(&Text),
    }
    /// trust export: a copy of the trust in force lies on a medium.
    TRUST_EXPORTED = "trust-exported" {
        /// Its number.
        version: Count,
        /// The digest of its bytes.
        sha256: Digest,
        /// The file.
        file: Path,
    }
    /// program status: handcarry itself as it runs here.
    PROGRAM = "program" {
        /// Its version.
        version: Text,
        /// Where it lies.
        path: Path,
        /// Whether a Debian package installed it.
        dpkg: Flag,
        /// Where the one before is kept.
        kept: Maybe(&Path),
    }
    /// program status: a kit on a medium, which is handcarry itself.
    KIT = "kit" {
        /// Its version.
        version: Text,
        /// Its folder.
        folder: Path,
        /// Than this one.
        than_this: Word(&["newer", "the same", "older"]),
        /// The fingerprints of the keys that signed it.
        signed_by: List(&Text),
    }
    /// program apply: another handcarry took the place of this one.
    PROGRAM_REPLACED = "program-replaced" {
        /// The version before.
        from: Text,
        /// The version from now on.
        to: Text,
        /// Where it lies.
        path: Path,
    }
}
