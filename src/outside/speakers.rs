//! Which keys of the inside speak for which appliances.
//!
//! A key that is trusted to sign requests and receipts could speak for every
//! appliance there is. So the first that speaks for one is remembered with it,
//! in `speakers.json` in the home folder, and another one is refused until a
//! person says that it may: a key stolen at one desk says nothing of the
//! appliances of others.

use crate::cli::{Context, Paper};
use crate::events::SecurityEvent;
use crate::media::{self, Mode};
use crate::model::{AGAIN, Exit, Failure, ShowPath, Timestamp, shell_word, text};
use crate::trust::Approver;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Largest file of them, in bytes: some ten thousand appliances.
const MAX_SPEAKERS_BYTES: u64 = 4 << 20;

/// One key that speaks for an appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speaker {
    /// The key, as `SHA256:…`.
    pub key: String,
    /// Whose it was called then.
    pub principal: String,
    /// Since when.
    pub since: Timestamp,
    /// Why it is believed.
    pub because: Because,
}

impl Speaker {
    fn signer(&self) -> Approver {
        Approver { principal: self.principal.clone(), fingerprint: self.key.clone() }
    }
}

/// Why a key speaks for an appliance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// It was the first that did.
    First,
    /// A person said so.
    Person,
}

/// Who speaks for what, by serial number.
#[derive(Debug)]
pub struct Speakers {
    path: PathBuf,
    known: BTreeMap<String, Vec<Speaker>>,
}

impl Speakers {
    /// Reads them; there may be none yet.
    ///
    /// # Errors
    /// A [`Failure`] where the file does not read as it should.
    pub fn read(context: &Context) -> Result<Self, Failure> {
        let path = context.home.join("speakers.json");
        if !path.exists() {
            return Ok(Speakers { path, known: BTreeMap::new() });
        }
        let bytes = media::read_bounded(&path, MAX_SPEAKERS_BYTES, "the list of speakers")?;
        let known = serde_json::from_slice(&bytes).map_err(|error| {
            Failure::new(Exit::Config, format!("{} does not read as it should: {error}", path.shown())).hint(
                "put that file back from a backup; without it each appliance takes the next key that speaks for it",
            )
        })?;
        Ok(Speakers { path, known })
    }

    /// All of them, by serial number.
    pub fn all(&self) -> &BTreeMap<String, Vec<Speaker>> {
        &self.known
    }

    /// Those of one appliance.
    pub fn of(&self, serial: &str) -> &[Speaker] {
        self.known.get(serial).map_or(&[], Vec::as_slice)
    }

    /// Decides whether whoever signed `paper` may speak for the appliance with
    /// `serial`: nobody does so far, or one of its signers does.
    ///
    /// # Errors
    /// [`Exit::OtherSpeaker`], with both keys and how to let it speak.
    pub fn judge<T>(&self, serial: &str, paper: &Paper<T>) -> Result<(), Failure> {
        let (known, signers) = (self.of(serial), &paper.approval.approvers);
        if known.is_empty() || signers.iter().any(|signer| known.iter().any(|known| known.key == signer.fingerprint)) {
            return Ok(());
        }
        let so_far: Vec<String> = known.iter().map(|speaker| speaker.signer().to_string()).collect();
        let now: Vec<String> = signers.iter().map(ToString::to_string).collect();
        let key = signers.first().map_or("KEY", |signer| signer.fingerprint.as_str());
        Err(Failure::new(
            Exit::OtherSpeaker,
            format!(
                "it speaks for {} by the key of {}, for which so far only {} spoke",
                text::one_line(serial),
                now.join(", "),
                so_far.join(", ")
            ),
        )
        .hint(format!(
            "ask that desk by another way whether this key is theirs; if it is: handcarry-outside speaker add {} {key}, \
             then: {AGAIN}; if not, have the key revoked",
            shell_word(serial.as_ref())
        )))
    }

    /// Remembers the signers of `paper` where nobody spoke for `serial` so far.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be made durable.
    pub fn hear<T>(&mut self, serial: &str, paper: &Paper<T>, context: &Context) -> Result<(), Failure> {
        if !self.of(serial).is_empty() {
            return Ok(());
        }
        for signer in &paper.approval.approvers {
            context.console.note(format!(
                "From now on {signer} speaks for {}; another key would be refused",
                text::one_line(serial)
            ));
            self.put(serial, signer, Because::First, context.now());
        }
        self.write()?;
        for signer in &paper.approval.approvers {
            let (fingerprint, serial) = (signer.fingerprint.clone(), serial.to_owned());
            context.log(&SecurityEvent::SpeakerAdded { fingerprint, serial, by_hand: false });
        }
        Ok(())
    }

    /// Lets `signer` speak for `serial`; `false` where it does already.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be made durable.
    pub fn add(&mut self, serial: &str, signer: &Approver, now: Timestamp) -> Result<bool, Failure> {
        if self.of(serial).iter().any(|known| known.key == signer.fingerprint) {
            return Ok(false);
        }
        self.put(serial, signer, Because::Person, now);
        self.write().map(|()| true)
    }

    /// Lets `key` speak for `serial` no more; `false` where it did not.
    ///
    /// # Errors
    /// [`Exit::Declined`] for the last one: any key could take its place.
    pub fn remove(&mut self, serial: &str, key: &str) -> Result<bool, Failure> {
        let Some(known) = self.known.get_mut(serial) else { return Ok(false) };
        let Some(at) = known.iter().position(|known| known.key == key) else { return Ok(false) };
        if known.len() == 1 {
            return Err(Failure::new(
                Exit::Declined,
                format!("no other key speaks for {}, so that the next would be believed", text::one_line(serial)),
            )
            .hint("add the key that takes its place first, with 'handcarry-outside speaker add'"));
        }
        known.remove(at);
        self.write().map(|()| true)
    }

    fn put(&mut self, serial: &str, signer: &Approver, because: Because, since: Timestamp) {
        let (key, principal) = (signer.fingerprint.clone(), signer.principal.clone());
        self.known.entry(serial.to_owned()).or_default().push(Speaker { key, principal, since, because });
    }

    fn write(&self) -> Result<(), Failure> {
        let bytes = serde_json::to_vec_pretty(&self.known).expect("a map of texts serialises");
        Ok(media::write_durably(&self.path, &bytes, Mode::Private)?)
    }
}
