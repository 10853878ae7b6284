//! What can be wrong with the store.

use crate::bundle::BundleError;
use crate::media::MediaError;
use crate::model::{FileName, ShowPath, explained, text};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why a bundle could not be taken into the store, or the store not be changed.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another run works on it.
    #[error("another handcarry-inside is at work on the store ({path})", path = path.shown())]
    #[hint("wait until it ends, then run this again")]
    #[exit(Failure)]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// More lies there than is looked at.
    #[error("more than {limit} files lie in {path}", path = path.shown())]
    #[hint("prune what is installed and received: handcarry-inside store prune")]
    #[exit(LimitExceeded)]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// Most that are looked at.
        limit: usize,
    },
    /// The disk has less room than the bundle needs.
    #[error(
        "not enough room for the bundle in {path}: {needed} needed, {free} free",
        path = path.shown(), needed = text::bytes(*needed), free = text::bytes(*free)
    )]
    #[hint(
        "make room on this disk ('handcarry-inside store prune' removes what is installed and received), or push from \
         the stick: handcarry-inside push MEDIA NAME"
    )]
    #[exit(NoSpace)]
    NoRoom {
        /// The store.
        path: PathBuf,
        /// Bytes that are lacking of the bundle, and some to spare.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// The chunks of a package are what was signed for, and all of them together are not.
    #[error("the manifest is signed but contradicts itself: the chunks of {file} are not those of its sha256")]
    #[hint("ask who sealed it to seal it again with a current handcarry-outside")]
    #[exit(ManifestInvalid)]
    Contradiction {
        /// The package.
        file: FileName,
    },
    /// The bundle itself, or its medium.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Bundle(#[from] BundleError),
    /// A file on this machine's disk could not be handled.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Media(#[from] MediaError),
}
