//! An appliance as it was seen at one moment, kept in a file, so that an
//! upgrade can be rehearsed where the appliance can't be reached.
//!
//! A snapshot is JSON, format 1, read back strictly. It holds no password, no
//! code and no setting but one: what a status page shows, which steps a person
//! has to do there, and for a comparison afterwards the failover role, who is
//! connected, how many Jump Clients may update at once and when the
//! certificate ends.

use super::pairing;
use crate::driver::{Appliance, ControlReport, Makes};
use crate::inventory::{ApplianceEntry, Driver};
use crate::media::{self, Mode};
use crate::model::{Exit, FailoverRole, Failure, FileName, ShowPath, Status, Timestamp, text};
use crate::plan;
use crate::report::{Sight, SightOf};
use crate::web::{Timeouts, fetch_certificate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// Largest snapshot, in bytes: a list of thousands of installed packages.
const MAX_SNAPSHOT_BYTES: u64 = 1 << 20;

/// An appliance at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Always 1.
    format: u32,
    /// Its name in the inventory.
    pub name: FileName,
    /// When it was taken, by this machine's clock.
    pub taken: Timestamp,
    /// What it showed.
    pub status: Status,
    /// The steps that a person does, because no page offers them as it should;
    /// `None` where nobody looked.
    pub by_hand: Option<Vec<Hand>>,
    /// Its role in a failover pair; `None` where that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<FailoverRole>,
    /// Clients that were connected, by the API's name of their type; `None`
    /// where there is no API that tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<BTreeMap<String, u64>>,
    /// How many Jump Clients may update at once; `None` where that was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_limit: Option<u64>,
    /// When the certificate ends that it showed; `None` where it showed none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate_until: Option<Timestamp>,
}

/// A step that a person may have to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hand {
    /// The backup.
    Backup,
    /// Sending a package.
    Upload,
}

impl Hand {
    /// The step's name, as `probe` has it.
    pub const fn word(self) -> &'static str {
        match self {
            Hand::Backup => "backup",
            Hand::Upload => "upload",
        }
    }
}

impl Snapshot {
    /// Takes one of a status that was just read; which steps are by hand is
    /// not looked at.
    pub fn of(entry: &ApplianceEntry, status: Status, now: Timestamp) -> Self {
        let by_hand = (entry.driver == Driver::Guided).then(|| vec![Hand::Backup, Hand::Upload]);
        Snapshot {
            format: 1,
            name: entry.name.clone(),
            taken: now,
            status,
            by_hand,
            role: None,
            connected: None,
            update_limit: None,
            certificate_until: None,
        }
    }

    /// Looks at what is compared afterwards: who is connected, how many Jump
    /// Clients may update at once, until when its certificate is good. Nobody
    /// is asked for a password, and what can't be read now is left out.
    pub fn look_around(&mut self, appliance: &mut dyn Appliance, entry: &ApplianceEntry) {
        if entry.driver == Driver::Guided {
            return;
        }
        if pairing::is_api_unasked(entry) {
            self.connected = appliance.connected().ok().flatten().map(|connected| connected.counts);
        }
        if pairing::is_login_unasked(entry) {
            self.update_limit = appliance.update_limit().ok().flatten();
        }
        self.certificate_until =
            fetch_certificate(&entry.url, Timeouts::default()).ok().map(|certificate| certificate.not_after);
    }

    /// It, as it is compared.
    pub fn sight(&self, of: SightOf) -> Sight {
        let status = &self.status;
        Sight {
            model: Some(status.appliance.model.clone()),
            host: Some(status.appliance.host.clone()),
            base: status.base_version.clone(),
            site: status.site_version.clone(),
            no_site: status.no_site,
            build: status.site_build.clone(),
            installed: status.installed.as_ref().map(|list| list.iter().map(|one| one.name.clone()).collect()),
            offered: status.offered.as_ref().map(|list| list.iter().map(|one| one.title.clone()).collect()),
            role: self.role,
            clock_ahead_secs: self.clock_ahead_secs(),
            certificate_until: self.certificate_until,
            update_limit: self.update_limit,
            by_hand: self.by_hand.as_ref().map(|hands| hands.iter().map(|hand| hand.word()).collect()),
            connected: self.connected.clone(),
            ..Sight::new(of, self.taken)
        }
    }

    /// Looks at the pages too, without pressing anything, for what a person
    /// will have to do.
    ///
    /// # Errors
    /// The driver's, as a [`Failure`].
    pub fn look(&mut self, appliance: &mut dyn Appliance) -> Result<(), Failure> {
        if self.by_hand.is_none() {
            self.by_hand = Some(hands(&appliance.probe()?));
        }
        Ok(())
    }

    /// Seconds its clock was ahead of ours; `None` where it showed none.
    pub fn clock_ahead_secs(&self) -> Option<i64> {
        plan::clock_skew(&self.status, self.taken)
    }

    /// What it would show at `now`: by how much its clock was wrong is what
    /// counts, and the time that it showed is long past.
    pub fn status_at(&self, now: Timestamp) -> Status {
        let clock = self.clock_ahead_secs().map(|ahead| now.plus_secs(ahead));
        Status { clock, ..self.status.clone() }
    }

    /// Reads one from a file.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be read, is too large, or is no snapshot.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = media::read_bounded(path, MAX_SNAPSHOT_BYTES, "a snapshot")?;
        match serde_json::from_slice::<Snapshot>(&bytes) {
            Ok(snapshot) if snapshot.format == 1 => Ok(snapshot),
            Ok(snapshot) => Err(unreadable(path, &format!("it is of format {}", snapshot.format))),
            Err(error) => Err(unreadable(path, &error.to_string())),
        }
    }

    /// Keeps it in a file of its own; one that is there is never overwritten.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be written.
    pub fn save(&self, path: &Path) -> Result<(), Failure> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("a snapshot is plain data");
        bytes.push(b'\n');
        Ok(media::write_durably_new(path, &bytes, Mode::Private)?)
    }
}

/// Which steps are by hand, by what a look at the pages found.
fn hands(reports: &[ControlReport]) -> Vec<Hand> {
    let guided = |hand: &Hand| reports.iter().any(|report| report.step == hand.word() && report.makes == Makes::Guided);
    [Hand::Backup, Hand::Upload].into_iter().filter(guided).collect()
}

fn unreadable(path: &Path, why: &str) -> Failure {
    Failure::new(Exit::Config, format!("{} does not read as a snapshot: {}", path.shown(), text::one_line(why)))
        .hint("take a new one: handcarry-inside status NAME --save FILE")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::ProbeFinding;
    use crate::model::{ApplianceId, Installed, Version};
    use proptest::prelude::*;

    fn snapshot(ahead_secs: Option<i64>, titles: &[String]) -> Snapshot {
        let taken = Timestamp::parse("2026-03-04T22:00:00Z").expect("a time");
        Snapshot {
            format: 1,
            name: FileName::parse("box").expect("a name"),
            taken,
            status: Status {
                appliance: ApplianceId { serial: "S1".into(), model: "B200".into(), host: "a.example.com".into() },
                base_version: Version::parse("3.3.2"),
                site_version: None,
                site_build: Some("1".into()),
                clock: ahead_secs.map(|ahead| taken.plus_secs(ahead)),
                installed: Some(titles.iter().map(|title| Installed::of_title(title)).collect()),
                offered: None,
                no_site: false,
                typed: false,
            },
            by_hand: Some(vec![Hand::Upload]),
            role: None,
            connected: None,
            update_limit: None,
            certificate_until: ahead_secs.map(|_| taken),
        }
    }

    #[test]
    fn only_a_step_that_pages_lack_is_by_hand() {
        let report = |step, makes| ControlReport {
            step,
            control: String::new(),
            page: String::new(),
            finding: ProbeFinding::Unreachable { why: String::new() },
            makes,
            candidates: Vec::new(),
        };
        let all = [
            report("upload", Makes::Automatic),
            report("upload", Makes::Guided),
            report("backup", Makes::Automatic),
            report("request", Makes::Guided),
        ];
        assert_eq!(hands(&all), [Hand::Upload]);
    }

    #[test]
    fn what_is_not_a_snapshot_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("box.json");
        snapshot(Some(0), &[]).save(&path).expect("saved");
        assert_eq!(snapshot(Some(0), &[]).save(&path).expect_err("not twice").exit, Exit::Exists);
        let good = std::fs::read_to_string(&path).expect("read");
        for bad in [
            String::new(),
            good.replacen("\"format\": 1", "\"format\": 2", 1),
            good.replacen("\"format\"", "\"colour\": 1, \"format\"", 1),
            good.replacen("\"serial\"", "\"x\": 1, \"serial\"", 1),
            good.replacen("\"box\"", "\"../box\"", 1),
            good.replacen("\"upload\"", "\"everything\"", 1),
        ] {
            std::fs::write(&path, &bad).expect("written");
            assert_eq!(Snapshot::read(&path).expect_err(&bad).exit, Exit::Config, "{bad}");
        }
        std::fs::write(&path, " ".repeat(2 << 20)).expect("written");
        assert_eq!(Snapshot::read(&path).expect_err("too large").exit, Exit::LimitExceeded);
    }

    proptest! {
        #[test]
        fn every_snapshot_reads_back(
            ahead in proptest::option::of(-90_000_i64..90_000),
            titles in proptest::collection::vec(any::<String>(), 0..4),
        ) {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("box.json");
            let kept = snapshot(ahead, &titles);
            kept.save(&path).expect("saved");
            prop_assert_eq!(kept.clock_ahead_secs(), ahead);
            prop_assert_eq!(Snapshot::read(&path).expect("read"), kept);
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = serde_json::from_slice::<Snapshot>(&bytes);
        }
    }
}
