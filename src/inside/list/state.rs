//! What is known of an appliance without asking it: its journal and its marks,
//! what the inventory says of it, and the certificates that are kept here.

use crate::cli::Context;
use crate::engine::{Entry, Noted};
use crate::inside::appliance_session;
use crate::inside::journals;
use crate::inside::next::{Kept, Standing, last_role};
use crate::inventory::{ApplianceEntry, Identity, Trust};
use crate::media::{self, Medium};
use crate::model::{FailoverRole, FileName, Id, Timestamp};
use crate::plan::{self, Held};
use crate::web::CertificateFacts;
use std::path::Path;

/// Largest file of certificates that is looked into, in bytes: an exported one may have a chain, and its key.
const MAX_CERTIFICATES_BYTES: u64 = 1 << 20;

/// One appliance, as it was last seen.
pub(super) struct State {
    pub standing: Standing,
    /// When its versions were seen last; `None` where they never were.
    pub seen: Option<Timestamp>,
    /// Its role in a failover pair, and when that was told.
    pub role: Option<(FailoverRole, Timestamp)>,
    /// The other one of its pair, by the inventory.
    pub pair: Option<FileName>,
    /// What holds the next install; `None` where nothing does.
    pub held: Option<Held>,
    /// When the last backup was kept, and whether it is fresh enough for an install.
    pub backup: Option<(Timestamp, bool)>,
    /// The last receipt that was signed: when, which, and of which bundle.
    pub receipt: Option<(Timestamp, Id, Id)>,
    /// When what its certificate is believed by ends; `None` where nothing is, or that can't be read.
    pub trusted_until: Option<Timestamp>,
    /// When its certificate was exported last, and when that one ends, where the file tells.
    pub exported: Option<(Timestamp, Option<Timestamp>)>,
    /// What came of asking it; `None` where it was not asked.
    pub asked: Option<Result<(), String>>,
}

impl State {
    /// What is known of `entry`'s appliance.
    pub(super) fn of(entry: &ApplianceEntry, kept: &Kept, media: &[Medium], context: &Context) -> Self {
        let read = journals::past_of(entry, context);
        let standing = kept.standing(entry, read.as_ref(), media, context);
        // One that can't be relied on tells nothing.
        let past = read.unwrap_or_default();
        let (policy, now) = (appliance_session::policy(entry), context.now());
        let (history, entries) = (past.history(), past.entries());
        let last = |of: &dyn Fn(&Noted) -> bool| entries.iter().rev().find(|noted| of(noted));
        let exported = last(&|(_, entry)| matches!(entry, Entry::CertificateExported { .. }));
        State {
            standing,
            seen: last(&|(_, entry)| entry.shown().is_some()).map(|(at, _)| *at),
            role: last_role(entries),
            pair: entry.pair.as_ref().map(|pair| pair.partner.clone()),
            held: plan::held(&policy, history, now),
            backup: history.backup.as_ref().map(|kept| (kept.at, plan::has_fresh_backup(history, now, &policy))),
            receipt: entries.iter().rev().find_map(|(at, entry)| match entry {
                Entry::ReceiptSigned { receipt, bundle } => Some((*at, *receipt, *bundle)),
                _ => None,
            }),
            trusted_until: match &entry.trust {
                Trust::Pinned { certificate: file, .. } | Trust::Ca(file) => ends(&context.home.join(file)),
                Trust::Nothing => None,
            },
            exported: exported.map(|(at, record)| (*at, exported_until(record, entry.identity(), context))),
            asked: None,
        }
    }
}

/// When the exported certificate ends, where the kept file tells it without its passphrase.
fn exported_until(record: &Entry, who: Option<Identity>, context: &Context) -> Option<Timestamp> {
    let Entry::CertificateExported { file: Some(file), .. } = record else { return None };
    ends(&journals::folders(context.home.root(), &who?).certificates.join(file))
}

/// When the first of a file's certificates ends: from then on something is not believed any more.
fn ends(path: &Path) -> Option<Timestamp> {
    let bytes = media::read_bounded(path, MAX_CERTIFICATES_BYTES, "certificates").ok()?;
    CertificateFacts::all(&bytes, path).iter().map(|facts| facts.not_after).min()
}
