//! What is carried: the bundle, format 1.
//!
//! `man/handcarry-bundle.5` is the specification, byte by byte and enough to
//! write a reader or a writer from; this page is its outline. The room knows
//! no medium, no appliance's pages and no clock of its own.
//!
//! # The container
//!
//! A bundle is one ZIP file in which nothing is left to choose: given the
//! manifest, the signatures and the CRC-32s, every byte of every record is
//! decided (`layout.rs`, which both writes and demands them). All entries are
//! stored, without data descriptors, comments, encryption or extra fields
//! (but ZIP64, only where a size or an offset needs it), and lie one after the
//! other from byte 0:
//!
//! 1. `manifest.json`, in canonical form: what is signed
//! 2. `manifest.json.<n>.sig`, n from 1 without a gap: armored SSHSIG,
//!    namespace `handcarry-bundle`
//! 3. `SHA256SUMS` over manifest, readme and packages
//! 4. `README.txt`, for people without this program; the only entry whose
//!    content is free, and nothing here reads it
//! 5. `packages/<file>`, in the manifest's order
//!
//! # The manifest
//!
//! A bundle is for one trip: one appliance, a pair or many. `appliances` lists
//! each by its serial number, with its own sequence, the request it is
//! answered, and its packages in install order; `packages` lists each package
//! once, however many appliances want it. An appliance's part of it is a
//! [`Consignment`](crate::model::Consignment), and what installs takes nothing else.
//!
//! A bundle larger than the medium's largest file is cut bytewise into
//! `NAME.zip.001`, `.002` …, all of one size but the last.
//!
//! # Opening, by number
//!
//! Nothing is parsed before its signature holds, everything is bounded
//! ([`limits`]), and every number has its own errors and reject fixtures
//! (`fixtures/bundle/reject`):
//!
//! 1. **Volumes**: numbered from 001 without a gap, of one size but the last,
//!    closed by end records that count exactly the bytes that are there, and
//!    by none before. [`BundleError::VolumeMissing`],
//!    [`BundleError::VolumeCut`], [`BundleError::VolumesMixed`].
//! 2. **Container**: end records, central directory, local headers, order of
//!    entries; manifest and signatures as raw bytes, CRC-32 checked;
//!    signatures beside the bundle (`NAME.manifest.json.<n>.sig`).
//!    [`BundleError::Malformed`], [`BundleError::Limit`].
//! 3. **Clock and signers**: the clock can be right
//!    ([`BundleError::Clock`]; before the signers, since their keys
//!    have times), and enough distinct approved keys signed the manifest
//!    ([`BundleError::Trust`]).
//! 4. **Manifest**: canonical, and says what format 1 demands.
//!    [`BundleError::Manifest`].
//! 5. **Here and now**: for this appliance among others ([`open_for()`]), whose part was not used
//!    before, is no step back and answers its request; begun, not over, by trust that is not
//!    overdue. [`BundleError::WrongAppliance`],
//!    [`BundleError::Replayed`], [`BundleError::Rollback`],
//!    [`BundleError::SequenceTaken`], [`BundleError::WrongRequest`],
//!    [`BundleError::ForeignRequest`], [`BundleError::NotYetValid`],
//!    [`BundleError::Expired`], [`BundleError::TrustOverdue`].
//!
//!    What a person answers for passes here, and is kept beside the bundle
//!    ([`Override`]): only refusals of steps 3 and 5, and of step 3 the clock's
//!    alone. Volumes, container, signatures, entries and digests have none.
//! 6. **Entries**: the packages are those listed, in that order and of those
//!    sizes; `SHA256SUMS` says what follows from the manifest.
//!    [`BundleError::Entries`].
//! 7. **Packages** ([`Bundle::verify_packages`]), the appliance's own or all: every chunk
//!    has its signed digest, every package its CRC-32. [`BundleError::Damaged`] names all
//!    damaged byte ranges, in the package and in the volumes.
//!
//! # Why chunks decide, and not the whole-file digest
//!
//! The manifest holds two digests of the same bytes: `chunks`, one for each
//! 4 MiB, and `sha256` over the whole. Step 7 and [`VerifiedReader`] judge by
//! `chunks`: they can be checked on all cores, name the damaged range, and
//! let a package be sent while it is read. `sha256` is for `sha256sum -c` and
//! for people. Both are signed, both are made in the one pass that takes a
//! package into the vault, which keeps it under the whole's, and a package of
//! one chunk is refused when they differ. So they could disagree only if a
//! signer wanted it, and whoever can sign can as well sign other packages;
//! computing the whole's again, here or while a bundle is written, would cost
//! one core the time of all, for nothing. A receipt's `sha256` is therefore
//! the signers' word.
//!
//! # Recovery volumes
//!
//! Beside a bundle may lie recovery volumes (`NAME.recovery.001` …), which no
//! step of opening looks at. [`examine()`] and [`Repair`] restore a damaged
//! bundle from them; what comes out is opened like any other. See `parity/`.
//!
//! # Writing
//!
//! [`write()`](fn@write) reads each package once, hashing it on two more threads
//! while it is written, and patches the CRC-32 into the local header
//! afterwards. Volumes get their names from the last to the first when all of
//! them are on the device, so a crash leaves a set without `.001`, which step
//! 1 refuses. Our own records are written rather than a library's: which
//! version is needed and when ZIP64 is used must be decided by the format, not
//! by a library's release; the `zip` crate reads every bundle in the tests.

mod container;
mod damage;
mod detached;
mod disk;
mod error;
mod folder;
mod frame;
mod layout;
pub mod limits;
mod locate;
mod manifest;
mod one_pass;
mod open;
mod overrides;
mod parity;
mod pieces;
mod read_back;
mod reader;
mod repeat;
mod sealing;
mod second_reader;
mod texts;
mod verified;
mod verify;
mod volume_writer;
mod volumes;
mod write;

pub use damage::{Damage, DamageKind, DamagedRange, Damages};
pub use detached::{detached_path, signed_part};
pub use error::BundleError;
pub use folder::Folder;
pub use frame::kept_manifest;
pub use locate::{FRAME_SUFFIX, VolumeSet, has_first_volume, list, locate, places};
pub use manifest::{
    keep_manifest, manifest_bytes, manifest_message, parse_appliance_text, parse_manifest, parse_pieces, read_again,
};
pub use one_pass::{OnePass, check_volumes};
pub use open::{Bundle, Delivery, Expect, ExpectHere, open, open_by, open_for};
pub use overrides::Override;
pub use parity::{
    Mended, RecoveryVolumes, Repair, Restored, examine, read_back_recovery, recovery_beside, recovery_volumes,
};
pub use pieces::Pieces;
pub use read_back::{matches, read_back};
pub use reader::VerifiedReader;
pub use repeat::{ChunkReading, Disagreement, Unsteady};
pub use verified::Verified;
pub use write::{
    Draft, VolumeSink, WriteSeek, WrittenBundle, bundle_name, is_volume_of, size_bytes, write, write_with_recovery,
};
