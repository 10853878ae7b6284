//! An appliance without site software, and its site until settings are on it.

use super::{Engine, Entry};
use crate::engine::question::BackupQuestion;
use crate::model::{Failure, Status, local_time};

impl Engine<'_> {
    /// Sees to what is otherwise on an appliance without a site, and on one
    /// whose site is fresh; `told` is whether this run has said so before.
    ///
    /// # Errors
    /// Where the journal knows of a site and nobody says that it may be lost.
    pub(super) fn greet(&mut self, status: &Status, told: bool) -> Result<(), Failure> {
        if self.ledger.past().is_site_fresh() {
            self.appliance.first_login();
        }
        if !status.no_site {
            return Ok(());
        }
        if !told {
            self.teller.say("no site software is on it yet: there are no settings to back up, and nothing to lose");
        }
        let Some((at, site)) = self.ledger.past().last_site_shown().cloned() else { return Ok(()) };
        // Just restarted it may show less than it has.
        self.must_agree(&BackupQuestion::WasReset { site: site.to_string(), at: local_time(at) })?;
        self.write(Entry::SiteGone { site })
    }
}
