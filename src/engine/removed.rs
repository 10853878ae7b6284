//! The guide's alternative to the waits: all client software is removed before
//! the first site package, and installed anew after the last.
//!
//! Source: guide, preparations ("if it is impossible to wait 24 hours").

use super::{Engine, Entry, Past};
use crate::console::current_user;
use crate::engine::question::SoakQuestion;
use crate::model::{Exit, Failure, Id, PackageKind};

/// What to think of before saying that all client software is removed.
pub const REMOVED_MEANS: &str = "removed means all of it: consoles, Jump Clients, Jumpoints, Buttons, connection agents; what is left \
     behind may have to be installed anew by hand";

/// Whether the word for all of `bundle` stands in the journal already.
///
/// # Errors
/// [`Exit::Usage`] where a site package of that bundle was begun before it was
/// said: clients that were there then are owed their time.
pub fn removed_first(past: &Past, bundle: Id, name: &str) -> Result<bool, Failure> {
    if past.history().removal(bundle).is_some() {
        return Ok(true);
    }
    let is_site = |entry: &Entry| {
        matches!(entry, Entry::InstallStarted { package, .. } | Entry::InstallConfirmed { package, .. }
            if package.bundle == bundle && package.kind == PackageKind::Site)
    };
    if !past.entries().iter().any(|(_, entry)| is_site(entry)) {
        return Ok(false);
    }
    Err(Failure::new(
        Exit::Usage,
        format!("on {name} a site package of this bundle was begun before anybody said that its clients are removed"),
    )
    .hint(format!(
        "for the wait that is on now: handcarry-inside soak {name} --clients-removed --reason TEXT; then push without \
         --clients-removed"
    )))
}

impl Engine<'_> {
    /// Whether it was said, in this run or an earlier one, that all client
    /// software is removed for `bundle`.
    pub(super) fn are_clients_removed(&self, bundle: Id) -> bool {
        self.rules.clients_removed.is_some() || self.ledger.past().history().removal(bundle).is_some()
    }

    /// Has a person say, before the first site package of `bundle`, that all
    /// client software is removed, where the rules ask for it; once a bundle.
    pub(super) fn remove_clients_first(&mut self, bundle: Id) -> Result<(), Failure> {
        let Some(reason) = self.rules.clients_removed.clone() else { return Ok(()) };
        let name = self.rules.name.to_string();
        if removed_first(self.ledger.past(), bundle, &name)? {
            return Ok(());
        }
        self.teller.warn(REMOVED_MEANS);
        self.must_agree(&SoakQuestion::AreClientsRemoved { site: name, reason: reason.clone() })?;
        self.write(Entry::ClientsRemovedFirst { bundle, reason, by: current_user() })
    }
}
