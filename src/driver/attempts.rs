//! Logins that were refused, remembered from run to run, because appliances
//! lock an account after a few of them.
//!
//! They lie in `logins/HOST.json`, one entry an account, and go when a login
//! of that account succeeds. No password is in it, nor anything made of one.

use crate::media::{self, Mode};
use crate::model::{Exit, Failure, FileName, ShowPath, Timestamp, text};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// From how many refusals on a person must say that another attempt is made:
/// accounts are usually locked after five.
// After three of ours the fourth is agreed to by somebody, and the fifth
// is left for whoever has to log in with a browser and put it right.
pub(super) const NEAR: u32 = 3;

/// Largest file, in bytes: hundreds of accounts.
const MAX_FILE_BYTES: u64 = 256 * 1024;

/// The refused logins of one appliance.
pub(super) struct Attempts {
    path: PathBuf,
}

/// The refusals of one account since its last success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refusals {
    /// Where it logs in: `/appliance` or `/login`.
    at: String,
    /// Its name.
    user: String,
    /// How many were refused, or may have been: something in between answered.
    pub(super) times: u32,
    /// How many of these nobody but something in between answered.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) unknown: u32,
    /// When the last one was.
    pub(super) last: Timestamp,
}

fn is_none(times: &u32) -> bool {
    *times == 0
}

impl Refusals {
    /// How many there were, in words: `2 logins of NAME refused`.
    pub(super) fn told(&self, who: &str) -> String {
        let count = |n: u32| if n == 1 { "1 login".to_owned() } else { format!("{n} logins") };
        match self.unknown {
            0 => format!("{} of {who} refused", count(self.times)),
            unknown => format!(
                "{} of {who} not let in, {unknown} of them answered by something in between, so that they may count",
                count(self.times)
            ),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Always 1.
    format: u32,
    refused: Vec<Refusals>,
}

impl Attempts {
    /// Those of the appliance at `url`, below the folder `base`; reads nothing
    /// yet. Before a login nobody knows more of who it is than its address, and
    /// no name of the inventory has attempts of its own.
    pub(super) fn of(base: &Path, url: &str) -> Self {
        let address = url.trim_start_matches("https://");
        Attempts { path: base.join("logins").join(format!("{}.json", FileName::from_foreign(address))) }
    }

    /// What was refused to `user` at `at` since its last success.
    ///
    /// # Errors
    /// A [`Failure`] where the file doesn't read: it must not count as none.
    pub(super) fn refused(&self, at: &str, user: &str) -> Result<Option<Refusals>, Failure> {
        Ok(self.read()?.refused.into_iter().find(|one| one.at == at && one.user == user))
    }

    /// Takes down one more login that was not let in: a refusal, or one of
    /// which it is not `known` whether the appliance counts it as one.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be read or written.
    pub(super) fn add(&self, at: &str, user: &str, known: bool, now: Timestamp) -> Result<(), Failure> {
        let mut file = self.read()?;
        let own = file.refused.iter().position(|one| one.at == at && one.user == user).unwrap_or_else(|| {
            let (at, user) = (at.to_owned(), user.to_owned());
            file.refused.push(Refusals { at, user, times: 0, unknown: 0, last: now });
            file.refused.len() - 1
        });
        let one = &mut file.refused[own];
        // One that something in between answered counts in full: it may have reached
        // the appliance, and a question too many costs less than a locked account.
        (one.times, one.last) = (one.times.saturating_add(1), now);
        one.unknown = one.unknown.saturating_add(u32::from(!known));
        self.write(&file)
    }

    /// Forgets an account's refusals: it was let in.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be read or written.
    pub(super) fn clear(&self, at: &str, user: &str) -> Result<(), Failure> {
        let mut file = self.read()?;
        let before = file.refused.len();
        file.refused.retain(|one| one.at != at || one.user != user);
        // Every login that succeeds comes by here, and nearly none has anything to forget.
        if file.refused.len() == before { Ok(()) } else { self.write(&file) }
    }

    fn read(&self) -> Result<File, Failure> {
        if !self.path.exists() {
            return Ok(File { format: 1, refused: Vec::new() });
        }
        let bytes = media::read_bounded(&self.path, MAX_FILE_BYTES, "refused logins")?;
        match serde_json::from_slice::<File>(&bytes) {
            Ok(file) if file.format == 1 => Ok(file),
            Ok(file) => Err(self.unreadable(&format!("it is of format {}", file.format))),
            Err(error) => Err(self.unreadable(&error.to_string())),
        }
    }

    fn write(&self, file: &File) -> Result<(), Failure> {
        let mut bytes = serde_json::to_vec_pretty(file).expect("refusals are plain data");
        bytes.push(b'\n');
        media::create_dirs(self.path.parent().expect("below the home folder"), Mode::Private)?;
        Ok(media::write_durably(&self.path, &bytes, Mode::Private)?)
    }

    fn unreadable(&self, why: &str) -> Failure {
        let why = text::one_line(why);
        Failure::new(Exit::Config, format!("{} does not read as refused logins: {why}", self.path.shown()))
            .hint("log in with a browser, to see that the account is not locked; then remove that file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_counted_by_account_and_go_with_a_success() {
        let folder = tempfile::tempdir().expect("a folder");
        let attempts = Attempts::of(folder.path(), "https://box:8443");
        let now = Timestamp::parse("2026-03-04T05:06:07Z").expect("a time");
        let times = |at: &str, user: &str| attempts.refused(at, user).expect("reads").map_or(0, |one| one.times);
        for count in 1..=3 {
            attempts.add("/appliance", "admin", true, now).expect("kept");
            assert_eq!((times("/appliance", "admin"), times("/login", "admin")), (count, 0));
        }
        attempts.add("/login", "admin", false, now).expect("kept");
        let unsure = attempts.refused("/login", "admin").expect("reads").expect("kept");
        assert_eq!((unsure.times, unsure.unknown), (1, 1), "what is not known may count");
        attempts.clear("/appliance", "admin").expect("kept");
        assert_eq!((times("/appliance", "admin"), times("/login", "admin")), (0, 1));
        std::fs::write(folder.path().join("logins/box-8443.json"), "{").expect("damaged");
        assert_eq!(attempts.refused("/login", "admin").expect_err("refused").exit, Exit::Config);
    }
}
