//! What this desk remembers of each appliance's bundles: the highest sequence,
//! the last trusted time, the bundles that are used up, the requests it made.
//!
//! Marks move forward only, and only for a bundle that was verified whole: a
//! stick that fails verification leaves no trace. They lie in `marks/`, a file
//! for each serial number, whatever the inventory calls the appliance.

use crate::bundle::ExpectHere;
use crate::cli::{Context, Home};
use crate::inventory::Identity;
use crate::media::{self, Mode};
use crate::model::clock;
use crate::model::{Consignment, Exit, Failure, Id, ShowPath, Timestamp};
use crate::trust::{read_update, versions};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Largest marks file, in bytes: some ten thousand bundles.
const MAX_MARKS_BYTES: u64 = 1 << 20;

/// Most requests remembered; older ones are no longer waited for.
// More than anybody has under way. Without an end the file would grow until it is refused.
const MAX_REQUESTS: usize = 64;

/// The marks of one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HighWaterMarks {
    /// Always 1.
    format: u32,
    /// The appliance's serial number; `None` as long as nothing was kept.
    pub serial: Option<String>,
    /// The highest sequence that was accepted, and whose it was.
    pub accepted: Option<Accepted>,
    /// The latest time at which a bundle was accepted.
    pub last_trusted: Option<Timestamp>,
    /// Bundles of which nothing is left to install.
    pub used: Vec<Id>,
    /// The requests made here, oldest first.
    pub requests: Vec<Id>,
}

/// The bundle with the highest sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Its sequence.
    pub sequence: u64,
    /// Its id.
    pub bundle: Id,
}

impl HighWaterMarks {
    /// Reads an appliance's marks; blank ones where there are none.
    ///
    /// # Errors
    /// A [`Failure`] where the file can't be read, is not of format 1 or is
    /// another appliance's: marks that can't be read must not count as blank.
    pub fn read(home: &Home, who: &Identity) -> Result<Self, Failure> {
        let path = path(home, who);
        let marks = HighWaterMarks::read_at(&path)?;
        match &marks.serial {
            Some(serial) if Identity::of(serial) != *who => {
                Err(unreadable(&path, &format!("they are of the appliance {serial}")))
            }
            _ => Ok(marks),
        }
    }

    fn read_at(path: &Path) -> Result<Self, Failure> {
        if !path.exists() {
            return Ok(HighWaterMarks::blank());
        }
        let bytes = media::read_bounded(path, MAX_MARKS_BYTES, "marks")?;
        match serde_json::from_slice::<HighWaterMarks>(&bytes) {
            Ok(marks) if marks.format == 1 => Ok(marks),
            Ok(marks) => Err(unreadable(path, &format!("it is of format {}", marks.format))),
            Err(error) => Err(unreadable(path, &error.to_string())),
        }
    }

    /// Blank marks: nothing was ever accepted.
    pub fn blank() -> Self {
        HighWaterMarks {
            format: 1,
            serial: None,
            accepted: None,
            last_trusted: None,
            used: Vec::new(),
            requests: Vec::new(),
        }
    }

    /// Changes an appliance's marks and keeps them. They are read anew just
    /// before, and one run at a time does so: a push takes hours, and a request
    /// that is made meanwhile must neither be forgotten nor move a mark back.
    ///
    /// # Errors
    /// A [`Failure`] where they can't be read or written.
    pub fn change(home: &Home, who: &Identity, change: impl FnOnce(&mut HighWaterMarks)) -> Result<(), Failure> {
        let _turn = home.turn("marks")?;
        let mut marks = HighWaterMarks::read(home, who)?;
        change(&mut marks);
        marks.keep(home, who)
    }

    /// Keeps them, durably.
    fn keep(&mut self, home: &Home, who: &Identity) -> Result<(), Failure> {
        self.serial = Some(who.serial().to_owned());
        let path = path(home, who);
        let mut bytes = serde_json::to_vec_pretty(self).expect("marks are plain data");
        bytes.push(b'\n');
        media::create_dirs(path.parent().expect("below the home folder"), Mode::Private)?;
        Ok(media::write_durably(&path, &bytes, Mode::Private)?)
    }

    /// The lowest sequence that is no step back.
    pub fn lowest_sequence(&self) -> Option<u64> {
        self.accepted.map(|accepted| accepted.sequence)
    }

    /// Fills in what this memory says of a bundle: the lowest sequence and whose
    /// it is, and the requests made here.
    pub fn expect<'a>(&'a self, expect: &mut ExpectHere<'a>) {
        expect.lowest_sequence = self.lowest_sequence();
        expect.sequence_of = self.accepted.map(|accepted| accepted.bundle);
        expect.requests = Some(&self.requests);
    }

    /// Moves forward to a consignment that was verified whole at `time`.
    pub fn accept(&mut self, consignment: &Consignment, time: Timestamp) {
        // A higher one only. The mark names whose number it is, which an equal number must not change.
        if self.lowest_sequence().is_none_or(|lowest| consignment.sequence > lowest) {
            self.accepted = Some(Accepted { sequence: consignment.sequence, bundle: consignment.bundle });
        }
        // What was sealed at a time was there by then, so that a clock which shows less is wrong.
        self.last_trusted = self.last_trusted.max(Some(time.max(consignment.created)));
    }

    /// Remembers that nothing is left to install of `bundle`.
    pub fn use_up(&mut self, bundle: Id) {
        if !self.used.contains(&bundle) {
            self.used.push(bundle);
        }
    }

    /// Remembers a request, so that its answer is known when it comes.
    pub fn remember_request(&mut self, request: Id) {
        self.requests.push(request);
        let surplus = self.requests.len().saturating_sub(MAX_REQUESTS);
        self.requests.drain(..surplus);
    }
}

/// The latest time that was trusted at this desk: of all appliances' marks, and
/// of the trust update in force. No clock that is right shows less.
///
/// # Errors
/// A [`Failure`] where marks can't be read: they must not count as none.
pub fn latest_trusted(home: &Home) -> Result<Option<Timestamp>, Failure> {
    let folder = home.trust();
    let mut latest = match versions(&folder)?.last() {
        Some(version) => read_update(&folder, *version)?.created,
        None => None,
    };
    let entries = match std::fs::read_dir(home.join("marks")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(latest),
        Err(error) => return Err(unreadable(&home.join("marks"), &error.to_string())),
    };
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&home.join("marks"), &error.to_string()))?;
        let name = entry.file_name();
        if name.to_str().is_some_and(|name| name.ends_with(".json")) {
            latest = latest.max(HighWaterMarks::read_at(&entry.path())?.last_trusted);
        }
    }
    Ok(latest)
}

/// This machine's time, where its clock can be right.
///
/// # Errors
/// A [`Failure`] with [`Exit::ClockUntrusted`] or [`Exit::ClockWentBack`].
pub fn sound_time(context: &Context) -> Result<Timestamp, Failure> {
    let now = context.now();
    clock::believe(now, latest_trusted(&context.home)?)?;
    Ok(now)
}

fn path(home: &Home, who: &Identity) -> PathBuf {
    home.join("marks").join(format!("{}.json", who.key()))
}

fn unreadable(path: &Path, why: &str) -> Failure {
    let why = crate::model::text::one_line(why);
    Failure::new(Exit::Config, format!("{} does not read as marks: {why}", path.shown()))
        .hint("restore it from a backup of this machine; without it an older bundle could not be told from a newer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ApplianceId, RequestRef, Sha256Digest};

    fn consignment(sequence: u64, request: Option<Id>) -> Consignment {
        let now = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        Consignment {
            bundle: Id::random(),
            sequence,
            appliance: ApplianceId { serial: "S1".into(), model: "M".into(), host: "h".into() },
            request: request.map(|id| RequestRef { id, sha256: Sha256Digest::of(b"") }),
            created: now,
            packages: Vec::new(),
        }
    }

    #[test]
    fn marks_move_forward_only() {
        let mut marks = HighWaterMarks::blank();
        let now = consignment(1, None).created;
        let third = consignment(3, None);
        marks.accept(&third, now);
        marks.accept(&third, now.plus_secs(-90));
        assert_eq!((marks.lowest_sequence(), marks.last_trusted), (Some(3), Some(now)));
        marks.accept(&consignment(2, None), now);
        assert_eq!(marks.lowest_sequence(), Some(3));
    }

    #[test]
    fn only_so_many_requests_are_remembered() {
        let mut marks = HighWaterMarks::blank();
        (0..100).for_each(|_| marks.remember_request(Id::random()));
        assert_eq!(marks.requests.len(), MAX_REQUESTS);
    }

    #[test]
    fn time_moves_with_signed_words_too() {
        let mut marks = HighWaterMarks::blank();
        let sealed = consignment(1, None);
        marks.accept(&sealed, sealed.created.plus_secs(-100));
        assert_eq!(marks.last_trusted, Some(sealed.created));
    }

    #[test]
    fn marks_are_kept_and_never_taken_for_blank_or_for_anothers() {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::find(Some(folder.path()), crate::cli::Half::Inside).expect("a home");
        let (who, other) = (Identity::of("S1"), Identity::of("S2"));
        HighWaterMarks::change(&home, &who, |marks| marks.use_up(Id::random())).expect("kept");
        let kept = HighWaterMarks::read(&home, &who).expect("read");
        assert_eq!((kept.used.len(), kept.serial.as_deref()), (1, Some("S1")));
        assert_eq!(
            HighWaterMarks::read(&home, &Identity::of("s1")).expect("read"),
            kept,
            "case makes no other appliance"
        );
        assert_eq!(HighWaterMarks::read(&home, &other).expect("blank"), HighWaterMarks::blank());
        std::fs::copy(path(&home, &who), path(&home, &other)).expect("copied");
        assert_eq!(HighWaterMarks::read(&home, &other).expect_err("refused").exit, Exit::Config);
        std::fs::write(path(&home, &who), "{").expect("damaged");
        assert_eq!(HighWaterMarks::read(&home, &who).expect_err("refused").exit, Exit::Config);
    }
}
