//! What is known outside of the inside's trust: one file, `inside-trust.json`.
//!
//! It decides nothing, since only the inside's own trust does. It is what
//! proposals are made from, and how `seal`, `sign` and `write` tell how many
//! signatures are still owed.

use crate::cli::Context;
use crate::media::{self, Mode};
use crate::model::{Failure, ShowPath, Timestamp};
use crate::trust::{MAX_UPDATE_BYTES, Message, TrustError, TrustUpdate, Trusted, approve_message};
use std::path::PathBuf;

/// How many signatures a document has that count, and how many it needs.
pub struct Owed {
    /// Distinct keys that count.
    pub got: usize,
    /// Distinct keys that are needed.
    pub wanted: usize,
    /// Why others do not count.
    pub why: Vec<String>,
}

impl Owed {
    /// How many are missing.
    pub fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.got)
    }

    /// In words, as the end of a sentence about signatures.
    pub fn words(&self) -> String {
        let Owed { got, wanted, .. } = self;
        match self.missing() {
            0 => format!("{got} of the {wanted} needed: none is owed"),
            owed => format!("{got} of the {wanted} needed: {owed} still owed"),
        }
    }
}

/// Reads what is known of the inside's trust; `None` where nothing is yet.
///
/// # Errors
/// A [`Failure`] where the copy does not read.
pub fn known(context: &Context) -> Result<Option<Trusted>, Failure> {
    let path = path(context);
    if !path.exists() {
        return Ok(None);
    }
    let bytes = media::read_bounded(&path, MAX_UPDATE_BYTES, "a copy of the inside's trust")?;
    let trusted = TrustUpdate::parse(&bytes).and_then(Trusted::of);
    trusted.map(Some).map_err(|error| {
        Failure::from(error)
            .about(path.shown())
            .hint("take a new copy: handcarry-inside trust export MEDIA, then handcarry-outside trust follow MEDIA")
    })
}

/// Keeps `update` as what is known of the inside's trust.
pub(super) fn keep(update: &TrustUpdate, context: &Context) -> Result<(), Failure> {
    media::create_dirs(context.home.root(), Mode::Private)?;
    Ok(media::write_durably(&path(context), &update.bytes(), Mode::Private)?)
}

/// Counts as the inside would, by the trust that is known of it; `None` where
/// none is known.
///
/// # Errors
/// A [`Failure`] where the copy does not read, or there are too many signatures.
pub fn owed(
    message: &Message<'_>,
    signatures: &[impl AsRef<[u8]>],
    context: &Context,
) -> Result<Option<Owed>, Failure> {
    match known(context)? {
        Some(inside) => Ok(Some(count(&inside, message, signatures, context.now())?)),
        None => Ok(None),
    }
}

/// Counts by `trusted`, through the one function that counts.
pub(super) fn count(
    trusted: &Trusted,
    message: &Message<'_>,
    signatures: &[impl AsRef<[u8]>],
    at: Timestamp,
) -> Result<Owed, Failure> {
    match approve_message(&trusted.store, message, signatures, at) {
        Ok(approval) => {
            Ok(Owed { got: approval.approvers.len(), wanted: approval.threshold, why: approval.not_counted })
        }
        // Too few signatures are an answer here and no error: that is what was asked.
        Err(TrustError::ThresholdNotMet { wanted, got, why, .. }) => Ok(Owed { got, wanted, why }),
        Err(TrustError::NoTrust { .. }) => Ok(Owed {
            got: 0,
            wanted: trusted.store.policy.threshold_for(message.namespace()),
            why: vec!["nobody is trusted there yet".to_owned()],
        }),
        Err(error) => Err(error.into()),
    }
}

fn path(context: &Context) -> PathBuf {
    context.home.join("inside-trust.json")
}
