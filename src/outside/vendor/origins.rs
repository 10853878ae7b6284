//! Which origins are the vendor's: a decision of this half alone, kept in
//! `<home>/outside/vendors.json` with who decided what, and when.
//!
//! A request that names a vendor names a wish. Codes go to, and packages come
//! from, what is listed here; without the file that is the vendor's own page.

use crate::media::{self, MediaError, Mode};
use crate::model::{AGAIN, DEFAULT_VENDOR, ShowPath, Timestamp, explained, shell_word};
use crate::web::{WebError, origin};
use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Largest file of decisions, in bytes: thousands of them.
const MAX_DECISIONS_BYTES: u64 = 1 << 20;

/// The vendor's origins, as this half decided.
#[derive(Debug)]
pub struct VendorOrigins {
    path: PathBuf,
    decisions: Vec<Decision>,
}

/// That an origin is the vendor's from then on, or is so no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Scheme, host and port.
    pub origin: String,
    /// Whether it is listed from then on.
    pub is_listed: bool,
    /// When that was decided.
    pub at: Timestamp,
    /// Who is sure of it.
    pub by: String,
    /// The account it was written down under.
    pub account: String,
}

/// Why no code goes to a server.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum VendorError {
    /// Nobody here has said that the server is the vendor's.
    #[error(
        "{whose} has {origin} for the vendor's server, which is not among the vendor's origins listed here ({listed})"
    )]
    #[hint(
        "no code was sent there; where it is the vendor's, somebody who is sure of it says so: handcarry-outside vendor \
         add {origin}",
        origin = shell_word(origin.as_ref())
    )]
    #[exit(VendorNotListed)]
    NotListed {
        /// What names the server.
        whose: String,
        /// The server's origin.
        origin: String,
        /// The origins that are listed.
        listed: String,
    },
    /// An origin that is to go is not listed.
    #[error("{origin} is not among the vendor's origins listed here ({listed})")]
    #[hint("'handcarry-outside vendor list' tells them, and who decided each")]
    #[exit(NotFound)]
    Unknown {
        /// The origin.
        origin: String,
        /// The origins that are listed.
        listed: String,
    },
    /// The file of decisions does not read.
    #[error("the list of the vendor's origins {path} does not read as it should: {why}", path = path.shown())]
    #[hint("put it back from a backup; or move it aside, which leaves {DEFAULT_VENDOR} alone, and: {AGAIN}")]
    #[exit(Config)]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// What is named is no address.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Web(#[from] WebError),
    /// The file could not be handled.
    #[error(transparent)]
    #[hint(transparent)]
    #[exit(transparent)]
    Media(#[from] MediaError),
}

impl VendorOrigins {
    /// Reads what was decided below `home`.
    ///
    /// # Errors
    /// [`VendorError::Broken`], [`VendorError::Media`].
    pub fn read(home: &Path) -> Result<Self, VendorError> {
        let path = home.join("vendors.json");
        let decisions = match path.symlink_metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            _ => {
                let bytes = media::read_bounded(&path, MAX_DECISIONS_BYTES, "the list of the vendor's origins")?;
                let broken = |why: String| VendorError::Broken { path: path.clone(), why };
                let decisions: Vec<Decision> =
                    serde_json::from_slice(&bytes).map_err(|error| broken(error.to_string()))?;
                // Compared as text from here on: another spelling of an origin would be listed and never found.
                if let Some(odd) = decisions.iter().find(|one| origin(&one.origin).ok().as_ref() != Some(&one.origin)) {
                    return Err(broken(format!("{:?} is no origin of https", odd.origin)));
                }
                decisions
            }
        };
        Ok(VendorOrigins { path, decisions })
    }

    /// The origins that are listed, and the decision that listed each; the
    /// vendor's own page is listed by none until somebody decides of it.
    pub fn listed(&self) -> Vec<(&str, Option<&Decision>)> {
        let mut listed = vec![(DEFAULT_VENDOR, None)];
        for decision in &self.decisions {
            listed.retain(|(origin, _)| *origin != decision.origin);
            if decision.is_listed {
                listed.push((&decision.origin, Some(decision)));
            }
        }
        listed
    }

    /// The decisions, in the order in which they were made.
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Makes sure that the server at `address` is the vendor's; `whose` names
    /// it in the error.
    ///
    /// # Errors
    /// [`VendorError::NotListed`]; [`VendorError::Web`] where it is no address.
    pub fn admit(&self, address: &str, whose: &str) -> Result<(), VendorError> {
        let wanted = origin(address)?;
        match self.listed().iter().any(|(origin, _)| *origin == wanted) {
            true => Ok(()),
            false => Err(VendorError::NotListed { whose: whose.to_owned(), origin: wanted, listed: self.told() }),
        }
    }

    /// Writes down one more decision.
    ///
    /// # Errors
    /// [`VendorError::Unknown`] where what is to go is not listed;
    /// [`VendorError::Media`] where it can't be made durable: then nothing is decided.
    pub fn decide(&mut self, decision: Decision) -> Result<(), VendorError> {
        let is_listed = self.listed().iter().any(|(origin, _)| *origin == decision.origin);
        if !decision.is_listed && !is_listed {
            return Err(VendorError::Unknown { origin: decision.origin, listed: self.told() });
        }
        let mut decisions = self.decisions.clone();
        decisions.push(decision);
        let mut bytes = serde_json::to_vec_pretty(&decisions).expect("decisions are text");
        bytes.push(b'\n');
        if let Some(folder) = self.path.parent() {
            media::create_dirs(folder, Mode::Private)?;
        }
        media::write_durably(&self.path, &bytes, Mode::Private)?;
        self.decisions = decisions;
        Ok(())
    }

    fn told(&self) -> String {
        match self.listed().as_slice() {
            [] => "none is".to_owned(),
            listed => listed.iter().map(|(origin, _)| *origin).collect::<Vec<_>>().join(", "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exit, Explain};

    fn decision(origin: &str, is_listed: bool) -> Decision {
        let at = Timestamp::from_unix(1_790_000_000).expect("in range");
        Decision { origin: origin.to_owned(), is_listed, at, by: "ana".to_owned(), account: "ana (uid 1)".to_owned() }
    }

    #[test]
    fn only_the_vendors_own_page_is_listed_until_somebody_decides() {
        let home = tempfile::tempdir().expect("a folder");
        let mut origins = VendorOrigins::read(home.path()).expect("none was decided");
        origins.admit("https://UPDATE.bomgar.com:443/some/page", "x").expect("the default by any spelling");
        for other in ["https://update.bomgar.com:444", "https://update.bomgar.com.evil.example", "https://localhost"] {
            let refused = origins.admit(other, "the request").expect_err("not listed");
            assert_eq!(refused.exit(), Exit::VendorNotListed, "{other}");
        }
        origins.decide(decision("https://localhost:8443", true)).expect("kept");
        let again = VendorOrigins::read(home.path()).expect("reads");
        again.admit("https://localhost:8443/x", "x").expect("listed");
        assert_eq!(again.decisions(), origins.decisions());
    }

    #[test]
    fn what_is_removed_is_admitted_no_more_and_stays_on_record() {
        let home = tempfile::tempdir().expect("a folder");
        let mut origins = VendorOrigins::read(home.path()).expect("none was decided");
        origins.decide(decision(DEFAULT_VENDOR, false)).expect("kept");
        assert_eq!(origins.admit(DEFAULT_VENDOR, "x").expect_err("gone").exit(), Exit::VendorNotListed);
        assert!(matches!(origins.decide(decision(DEFAULT_VENDOR, false)), Err(VendorError::Unknown { .. })));
        origins.decide(decision(DEFAULT_VENDOR, true)).expect("kept");
        origins.admit(DEFAULT_VENDOR, "x").expect("back");
        assert_eq!(VendorOrigins::read(home.path()).expect("reads").decisions().len(), 2);
    }

    #[test]
    fn a_list_that_does_not_read_lists_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        for text in ["", "[", "[{\"origin\":\"http://x\"}]", "{}"] {
            std::fs::write(home.path().join("vendors.json"), text).expect("written");
            assert!(matches!(VendorOrigins::read(home.path()), Err(VendorError::Broken { .. })), "{text:?}");
        }
        let path = home.path().join("vendors.json");
        let odd = vec![decision("https://Localhost:8443/page", true)];
        std::fs::write(&path, serde_json::to_vec(&odd).expect("JSON")).expect("written");
        assert!(matches!(VendorOrigins::read(home.path()), Err(VendorError::Broken { .. })));
    }
}
