//! What the site's API tells of its clients after an upgrade.

use super::Engine;
use crate::model::Failure;
use crate::plan::PastInstall;
use crate::report::{ClientsSeen, Counted};

impl Engine<'_> {
    /// Asks the site's API what it can tell since `site` was installed, and
    /// writes the count of clients down; `None` where it has no API for us.
    ///
    /// # Errors
    /// The driver's, the journal's.
    pub fn look_after(&mut self, site: &PastInstall) -> Result<Option<ClientsSeen>, Failure> {
        let (counted, health) = (self.ask_count()?, self.appliance.health()?);
        let connected = self.appliance.connected()?.map(|connected| connected.counts);
        let update_limit = match &connected {
            // Only a page tells it; one that can't be read spoils nothing.
            Some(_) => self.appliance.update_limit().unwrap_or_default(),
            None => None,
        };
        self.tell_news();
        if counted.is_none() && health.is_none() && connected.is_none() {
            return Ok(None);
        }
        let wanted = self.rules.policy.min_clients.max(1);
        let jump_clients = counted.as_ref().map(|(client_counts, _)| Counted {
            seen: client_counts.seen,
            outdated: client_counts.outdated,
            wanted,
        });
        if let Some((client_counts, connected)) = counted {
            self.take_count(site, client_counts, connected)?;
        }
        Ok(Some(ClientsSeen {
            unasked: None,
            jump_clients,
            connected,
            version: health.as_ref().and_then(|health| health.version.as_ref()).map(ToString::to_string),
            sound: health.as_ref().map(|health| health.sound),
            update_limit,
        }))
    }
}
