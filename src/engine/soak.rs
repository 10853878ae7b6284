//! How a soak ends before its time: clients counted, clients removed, or the
//! wait set aside; each journalled before it counts for anything.

use super::entry::{ClientsCounted, InstalledAt, SoakSkip};
use super::{Engine, Entry, OverrideRequest, REMOVED_MEANS};
use crate::console::{current_user, kind};
use crate::driver::{ClientCounts, DriverError, LateClient, MAX_LATE};
use crate::engine::clients::ClientListing;
use crate::engine::question::SoakQuestion;
use crate::model::{Exit, Failure, Status, Timestamp, duration_human, local_time, text};
use crate::plan::{self, ClockRule, PastInstall, SitePolicy};

/// What is typed to set a soak aside, as the flag ends.
const WORD: &str = "skip-soak";

/// Where a soak stands.
#[derive(Debug, Clone)]
pub struct Soaking {
    /// The site package that clients update to, as the journal has it.
    pub past: PastInstall,
    /// Seconds left; 0 where it is over.
    pub remaining_secs: i64,
    /// When it is over by time alone, by the trusted clock.
    pub until: Timestamp,
    /// Names the clock where it isn't ours.
    pub whose: &'static str,
}

/// How many of `clients` should update at once at most.
/// The guide asks to lower the number and names none; these are ours.
pub fn advised_limit(clients: u64) -> u64 {
    // A twentieth spares appliance and network, and leaves twenty rounds for the day
    // that clients have. With fewer than ten at once there is nothing left to spare.
    const SHARE: u64 = 20;
    const AT_LEAST: u64 = 10;
    (clients / SHARE).max(AT_LEAST)
}

/// Clients that are named on a terminal: what a person looks up one by one.
const LATE_TOLD: usize = 20;

impl Engine<'_> {
    /// Where the soak stands, and the appliance; `None` where the journal has
    /// no site package.
    ///
    /// # Errors
    /// The driver's.
    pub fn soaking(&mut self) -> Result<(Status, Option<Soaking>), Failure> {
        let status = self.appliance.status()?;
        self.tell_news();
        let policy = self.rules.policy.clone();
        Ok((status.clone(), self.soak_at(&status, &policy)))
    }

    /// Where the soak stands by what the journal says now.
    pub fn soak_at(&self, status: &Status, policy: &SitePolicy) -> Option<Soaking> {
        let history = self.ledger.past().history();
        let past = history.last_site()?.clone();
        let facts = plan::Facts { status, now: self.time.now(), history };
        let remaining_secs = plan::soak_remaining(policy, &past, facts.now, status.clock);
        let until = facts.trusted_now(policy.clock).plus_secs(remaining_secs);
        let own = policy.clock == ClockRule::Appliance && status.clock.is_some();
        let whose = if own { " by the appliance's clock" } else { "" };
        Some(Soaking { past, remaining_secs, until, whose })
    }

    /// Has the site count its clients, and writes down what it says; false
    /// where it has no interface for that.
    ///
    /// # Errors
    /// The driver's, the journal's.
    pub fn count_clients(&mut self, past: &PastInstall) -> Result<bool, Failure> {
        match self.ask_count()? {
            Some((client_counts, connected)) => self.take_count(past, client_counts, connected).map(|()| true),
            None => Ok(false),
        }
    }

    /// The clients counted, and how many are connected.
    pub(super) fn ask_count(&mut self) -> Result<Option<(ClientCounts, Option<u64>)>, DriverError> {
        let counted = self.appliance.client_counts();
        // Only where the other was answered: a site that has no interface need not say so twice.
        let connected = match &counted {
            Ok(Some(_)) => self.appliance.connected(),
            _ => Ok(None),
        };
        self.tell_news();
        let connected = connected?.and_then(|connected| connected.jump_clients());
        Ok(counted?.map(|client_counts| (client_counts, connected)))
    }

    /// Writes down what the site's API counted.
    pub(super) fn take_count(
        &mut self,
        past: &PastInstall,
        client_counts: ClientCounts,
        connected: Option<u64>,
    ) -> Result<(), Failure> {
        self.write(Entry::ClientsCounted(ClientsCounted {
            after: past.key.clone(),
            source: "api".to_owned(),
            seen: client_counts.seen,
            outdated: client_counts.outdated,
            uninstalled: client_counts.uninstalled,
            connected,
            sha256: client_counts.sha256,
        }))?;
        self.tell_count(&past.name, client_counts.seen, client_counts.outdated, &client_counts.late);
        if client_counts.uninstalled > 0 {
            self.teller
                .note(&format!("not counted: {} that were removed from their computers", client_counts.uninstalled));
        }
        if let Some(connected) = connected.filter(|connected| *connected > client_counts.seen) {
            self.teller.warn(&format!(
                "{connected} Jump Clients are connected, more than the {} counted: those of personal lists \
                 are in no count, so look at them in the console",
                client_counts.seen
            ));
        }
        Ok(())
    }

    /// Writes down what an exported list of clients shows.
    ///
    /// # Errors
    /// The journal's.
    pub fn take_list(&mut self, past: &PastInstall, listed: &ClientListing, file: &str) -> Result<(), Failure> {
        self.write(Entry::ClientsCounted(ClientsCounted {
            after: past.key.clone(),
            source: format!("list {}", text::one_line(file)),
            seen: listed.seen,
            outdated: listed.outdated,
            uninstalled: 0,
            connected: None,
            sha256: listed.sha256,
        }))?;
        self.tell_count(&past.name, listed.seen, listed.outdated, &listed.late);
        Ok(())
    }

    /// The guide's alternative to waiting: all client software was removed
    /// first and is installed anew at the end. A person says so.
    ///
    /// # Errors
    /// [`crate::model::Exit::Declined`] where nobody does.
    pub fn clients_removed(&mut self, past: &PastInstall, reason: &str) -> Result<(), Failure> {
        self.teller.warn(REMOVED_MEANS);
        let (site, said) = ("this site".to_owned(), reason.to_owned());
        self.must_agree(&SoakQuestion::AreClientsRemoved { site, reason: said })?;
        let (after, by) = (past.key.clone(), current_user());
        self.write(Entry::ClientsRemoved { after, reason: reason.to_owned(), by })
    }

    /// Takes a person's word for when a site version was installed that was
    /// not installed from here.
    ///
    /// # Errors
    /// A [`Failure`] where it was installed from here, or was seen before that
    /// time; [`crate::model::Exit::Declined`] where nobody says so.
    pub fn installed_at(&mut self, past: &PastInstall, at: Timestamp, reason: &str) -> Result<(), Failure> {
        let name = text::one_line(&past.name);
        if !past.elsewhere {
            return Err(Failure::new(
                Exit::Usage,
                format!("{name} was installed from here, and its time is in the journal"),
            )
            .hint("leave --installed-at out"));
        }
        if at >= past.at {
            return Err(Failure::new(
                Exit::Usage,
                format!("{name} was seen on {} already, not after {at}", local_time(past.at)),
            )
            .hint(
                "give the time at which it was installed, such as 2026-03-04T05:06:07Z or 2026-03-04T07:06:07+02:00",
            ));
        }
        let said = reason.to_owned();
        self.must_agree(&SoakQuestion::WasInstalled { package: name, at: local_time(at), reason: said })?;
        let (after, by) = (past.key.clone(), current_user());
        self.write(Entry::SiteInstalledAt(InstalledAt { after, at, reason: reason.to_owned(), by }))
    }

    /// Ends a soak at the gate where something shows that it may end.
    pub(super) fn end_soak(&mut self, past: &PastInstall, remaining_secs: i64) -> Result<(), Failure> {
        if let Some(reason) = self.rules.skip_soak.clone() {
            return self.skip_soak(past, remaining_secs, reason);
        }
        // A site that can't be asked now ends nothing, and stops no more than the wait does.
        match self.ask_count() {
            Ok(Some((client_counts, connected))) => self.take_count(past, client_counts, connected),
            Ok(None) => Ok(()),
            Err(error) => {
                self.teller.note(&format!("clients could not be counted: {error}"));
                Ok(())
            }
        }
    }

    fn skip_soak(&mut self, past: &PastInstall, remaining_secs: i64, reason: String) -> Result<(), Failure> {
        let name = text::one_line(&past.name);
        let left = duration_human(remaining_secs);
        let refused = format!("clients have {left} left to update to {name}");
        let meaning = "a client that misses a version may have to be installed anew by hand";
        OverrideRequest { refused: &refused, meaning, reason: &reason, word: WORD, undone: "the wait goes on" }
            .set_aside(self.teller, self.operator)?;
        let (after, by) = (past.key.clone(), current_user());
        self.write(Entry::SoakSkipped(SoakSkip { after, remaining_secs, reason, by }))
    }

    fn tell_count(&self, after: &str, seen: u64, outdated: u64, late: &[LateClient]) {
        let min = self.rules.policy.min_clients.max(1);
        let after = text::one_line(after);
        self.teller.event(
            &kind::CLIENTS,
            serde_json::json!({ "seen": seen, "outdated": outdated, "min_clients": min, "late": late }),
        );
        self.teller.say(&match (seen, outdated) {
            (seen, 0) if seen >= min => format!("all {seen} Jump Clients have updated to {after}"),
            (seen, 0) => format!("{seen} Jump Clients were seen, fewer than the {min} that the inventory asks for"),
            (seen, outdated) => format!("{outdated} of {seen} Jump Clients have not updated to {after} yet"),
        });
        late.iter().take(LATE_TOLD).for_each(|client| self.teller.say(&format!("  {}", client.told())));
        let more = outdated.saturating_sub(LATE_TOLD.min(late.len()) as u64);
        if more > 0 && !late.is_empty() {
            self.teller.say(&format!("  and {more} more; --json names up to {MAX_LATE}"));
        }
        if outdated > 0 {
            // --quiet or not: who waits for the last of them by the clock alone leaves them behind.
            self.teller.say(
                "passive clients check in once a day at least, and may take longer than a day: as long as their computers \
                 are offline",
            );
        }
    }
}
