//! Sealed bundles: manifest and signatures, as small files in
//! `<home>/outside/drafts/<bundle>/`, until and after they are written to media.
//!
//! A draft is there when its `manifest.json` is; signatures come before it.
//! The number a bundle gets is one more than any draft, counter or receipt
//! knows, and the counter moves only once the draft is there, so a seal that
//! fails burns none.

use super::vault::VaultError;
use crate::bundle::{
    self, Pieces,
    limits::{MAX_MANIFEST_BYTES, MAX_NUMBER},
};
use crate::media::{self, Mode};
use crate::model::{Id, Manifest, Sha256Digest};
use crate::trust::{MAX_SIGNATURE_BYTES, Message, PublicKey, signature_path};
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest counter file, in bytes: thousands of appliances.
const MAX_COUNTER_BYTES: u64 = 1 << 20;

/// The folder of sealed bundles.
#[derive(Debug)]
pub struct Drafts {
    root: PathBuf,
}

/// One sealed bundle.
#[derive(Debug)]
pub struct Sealed {
    /// What it says.
    pub manifest: Manifest,
    /// The signatures, armored, in the order they were made.
    pub signatures: Vec<String>,
    /// Where it lies.
    pub folder: PathBuf,
    /// What is worked out once, however many appliances it is for, and only where it is asked for.
    message: OnceCell<Message<'static>>,
    signed_by: OnceCell<Vec<String>>,
}

impl Sealed {
    fn new(manifest: Manifest, signatures: Vec<String>, folder: PathBuf) -> Self {
        Sealed { manifest, signatures, folder, message: OnceCell::new(), signed_by: OnceCell::new() }
    }

    /// SHA-256 of the signed bytes.
    pub fn sha256(&self) -> Sha256Digest {
        self.message().sha256()
    }

    /// The signed bytes by their digests, for [`signatures`](Self::signatures) to be held against.
    pub fn message(&self) -> &Message<'static> {
        self.message.get_or_init(|| bundle::manifest_message(&self.manifest))
    }

    /// The keys whose signatures hold, `SHA256:…`; none where it was changed since it was sealed.
    pub fn signed_by(&self) -> &[String] {
        let keys = || self.message().sound_keys(&self.signatures);
        self.signed_by.get_or_init(|| keys().iter().map(PublicKey::fingerprint).collect())
    }
}

impl Drafts {
    /// The drafts below `home`; there may be none yet.
    pub fn below(home: &Path) -> Self {
        Drafts { root: home.join("drafts") }
    }

    /// Reads all drafts, in the order they were made.
    ///
    /// # Errors
    /// [`VaultError::RecordBroken`] for one whose manifest does not read.
    pub fn all(&self) -> Result<Vec<Sealed>, VaultError> {
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(VaultError::Unreadable { path: self.root.clone(), source }),
        };
        let mut all = Vec::new();
        for entry in entries {
            let folder = entry.map_err(|source| VaultError::Unreadable { path: self.root.clone(), source })?.path();
            let named = folder.file_name().and_then(|name| name.to_str()).and_then(Id::from_hex).is_some();
            if named && manifest_path(&folder).exists() {
                // It is signed or written by what is found here, so the names must outlast a power cut from now on.
                media::keep_names(&folder)?;
                all.push(read(folder)?);
            }
        }
        // By time: numbers are counted for each appliance by itself, and the newest
        // of all is what `write` takes. Of two of one second the id decides, the same way each time.
        all.sort_by_key(|sealed| (sealed.manifest.created, highest(&sealed.manifest), sealed.manifest.bundle));
        Ok(all)
    }

    /// The number the next bundle for the appliance with `serial` gets, where
    /// `counter` and all drafts, `sealed`, are what is known.
    ///
    /// # Errors
    /// [`VaultError::NumbersSpent`].
    pub fn next_sequence(
        &self,
        serial: &str,
        counter: &BTreeMap<String, u64>,
        sealed: &[Sealed],
    ) -> Result<u64, VaultError> {
        // Both are asked: a run that was killed between the two left a draft that the counter does not know.
        let counted = counter.get(serial).copied().unwrap_or(0);
        let drafted = sealed.iter().filter_map(|sealed| sealed.manifest.consignee(serial));
        let highest = drafted.map(|own| own.sequence).chain([counted]).max().unwrap_or(0);
        let next = highest.checked_add(1).filter(|next| *next <= MAX_NUMBER);
        next.ok_or_else(|| VaultError::NumbersSpent { serial: serial.to_owned(), path: self.counter_path() })
    }

    /// Keeps a new draft with its first signature, then moves the counter on.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable; then there is no draft.
    pub fn keep(&self, manifest: Manifest, signature: String) -> Result<Sealed, VaultError> {
        let folder = self.root.join(manifest.bundle.to_string());
        media::create_dirs(&folder, Mode::Private)?;
        media::write_durably_new(&signature_path(&manifest_path(&folder), 1), signature.as_bytes(), Mode::Private)?;
        bundle::keep_manifest(&manifest, &manifest_path(&folder), Mode::Private, false)?;
        self.count(manifest.appliances.iter().map(|own| (own.serial.as_str(), own.sequence)))?;
        Ok(Sealed::new(manifest, vec![signature], folder))
    }

    /// Adds a signature to a draft.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable.
    pub fn cosign(&self, sealed: &mut Sealed, signature: String) -> Result<PathBuf, VaultError> {
        let path = signature_path(&manifest_path(&sealed.folder), sealed.signatures.len() + 1);
        media::write_durably_new(&path, signature.as_bytes(), Mode::Private)?;
        sealed.signatures.push(signature);
        sealed.signed_by = OnceCell::new();
        Ok(path)
    }

    /// Notes that bundles of these numbers are known for these serial numbers;
    /// never lowers one.
    ///
    /// # Errors
    /// [`VaultError`] where it can't be made durable; then none is noted.
    pub fn count<'s>(&self, numbers: impl IntoIterator<Item = (&'s str, u64)>) -> Result<(), VaultError> {
        let known = self.counter()?;
        let mut counter = known.clone();
        for (serial, sequence) in numbers {
            // One forged number near the last would leave none for any bundle to come.
            if sequence > MAX_NUMBER {
                return Err(VaultError::NumbersSpent { serial: serial.to_owned(), path: self.counter_path() });
            }
            // Never lowered, or the next bundle would have a number that the inside refuses as older.
            let counted = counter.entry(serial.to_owned()).or_insert(sequence);
            *counted = sequence.max(*counted);
        }
        if counter == known {
            return Ok(());
        }
        media::create_dirs(&self.root, Mode::Private)?;
        let bytes = serde_json::to_vec_pretty(&counter).expect("a map of numbers serialises");
        Ok(media::write_durably(&self.counter_path(), &bytes, Mode::Private)?)
    }

    /// What is counted, by serial number.
    ///
    /// # Errors
    /// [`VaultError`] where the counter does not read.
    pub fn counter(&self) -> Result<BTreeMap<String, u64>, VaultError> {
        let path = self.counter_path();
        if !path.exists() {
            return Ok(BTreeMap::new());
        }
        let bytes = media::read_bounded(&path, MAX_COUNTER_BYTES, "a counter")?;
        serde_json::from_slice(&bytes).map_err(|error| VaultError::RecordBroken { path, why: error.to_string() })
    }

    fn counter_path(&self) -> PathBuf {
        self.root.join("sequences.json")
    }
}

/// The highest of the numbers that a bundle has for its appliances.
fn highest(manifest: &Manifest) -> Option<u64> {
    manifest.appliances.iter().map(|own| own.sequence).max()
}

/// Where a draft's manifest lies in its folder.
pub fn manifest_path(folder: &Path) -> PathBuf {
    folder.join("manifest.json")
}

fn read(folder: PathBuf) -> Result<Sealed, VaultError> {
    let path = manifest_path(&folder);
    let pieces = Pieces::read_bounded(&path, MAX_MANIFEST_BYTES, "a manifest")?;
    let sha256 = pieces.sha256();
    let manifest = bundle::parse_pieces(pieces, sha256)
        .map_err(|error| VaultError::RecordBroken { path: path.clone(), why: error.to_string() })?;
    let mut signatures = Vec::new();
    loop {
        let path = signature_path(&manifest_path(&folder), signatures.len() + 1);
        if !path.exists() {
            break;
        }
        let armored = media::read_bounded(&path, MAX_SIGNATURE_BYTES as u64, "a signature")?;
        let armored = String::from_utf8(armored)
            .map_err(|_| VaultError::RecordBroken { path, why: "it is not text".to_owned() })?;
        signatures.push(armored);
    }
    Ok(Sealed::new(manifest, signatures, folder))
}
