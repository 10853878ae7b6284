//! What an exported vault says of itself, signed by the half that exported it
//! (namespace `handcarry-vault`): `DIR/vault/exports/<id>.json`, signatures beside it.
//!
//! A vault on a foreign disk is files that anybody may have written. What a
//! statement says is taken as it stands, once somebody who is trusted here
//! signed it: packages with their origin, requests, exchanges, receipts, sealed
//! bundles and counters. All else there is bytes of packages, for which a
//! person must vouch.

use super::draft::Drafts;
use super::vault::{RequestContext, StoredPackage, Vault, VaultError, refuse_unprintable};
use crate::bundle::limits::{MAX_MANIFEST_BYTES, MAX_NUMBER};
use crate::cli::{Context, list_papers, read_signed};
use crate::media::{self, Mode};
use crate::model::{Exit, Failure, FileName, Id, Sha256Digest, ShowPath, Timestamp, text};
use crate::trust::{Namespace, PublicKey, Signer, TrustStore, approve, signature_path};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Largest statement, in bytes: the records of a thousand packages of 4 GiB.
const MAX_STATEMENT_BYTES: u64 = 128 << 20;

/// Largest receipt or sealed manifest that is copied, in bytes: a manifest is the larger.
const MAX_KEPT_BYTES: u64 = MAX_MANIFEST_BYTES;

/// Where statements lie in a vault.
const FOLDER: &str = "exports";

/// What is in a vault, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Always 1.
    pub format: u32,
    /// This statement's id.
    pub export: Id,
    /// When it was made.
    pub created: Timestamp,
    /// The packages' records.
    pub packages: Vec<StoredPackage>,
    /// What requests said.
    pub requests: Vec<RequestContext>,
    /// The digests of exchange records without their sessions, by file name.
    pub exchanges: BTreeMap<String, Sha256Digest>,
    /// The digests of receipts and sealed bundles and their signatures, by path below the home folder.
    pub papers: BTreeMap<String, Sha256Digest>,
    /// The highest number of a bundle that is known, by serial number.
    pub sequences: BTreeMap<String, u64>,
}

impl Statement {
    /// That there is nothing.
    pub fn empty(now: Timestamp) -> Self {
        Statement {
            format: 1,
            export: Id::random(),
            created: now,
            packages: Vec::new(),
            requests: Vec::new(),
            exchanges: BTreeMap::new(),
            papers: BTreeMap::new(),
            sequences: BTreeMap::new(),
        }
    }

    /// What this half's own vault holds and knows.
    ///
    /// # Errors
    /// A [`Failure`] where a record of it does not read.
    pub fn of(vault: &Vault, home: &Path, now: Timestamp) -> Result<Self, Failure> {
        Ok(Statement {
            packages: vault.packages()?,
            requests: vault.contexts()?,
            exchanges: vault.exchange_digests()?,
            papers: papers(home)?,
            sequences: Drafts::below(home).counter()?,
            ..Statement::empty(now)
        })
    }

    /// Signs it into the vault below `folder`, in place of this key's earlier
    /// ones; where one of them says the same, that one stays.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be signed or kept.
    pub fn sign_into(&self, folder: &Path, signer: &Signer) -> Result<PathBuf, Failure> {
        let folder = folder.join("vault").join(FOLDER);
        // A run that was killed may have left a statement whose name is not on the disk yet.
        media::keep_names(&folder)?;
        let earlier = signed_by(signer.public(), &folder)?;
        if let Some((path, _)) = earlier.iter().find(|(_, said)| self.says_the_same(said)) {
            return Ok(path.clone());
        }
        let mut bytes = serde_json::to_vec(self).expect("a statement has only string keys");
        bytes.push(b'\n');
        if bytes.len() as u64 > MAX_STATEMENT_BYTES {
            let limit = text::bytes(MAX_STATEMENT_BYTES);
            return Err(Failure::new(Exit::LimitExceeded, format!("the vault's statement is larger than {limit}"))
                .hint("remove what is installed with 'handcarry-outside vault prune'"));
        }
        let signature = signer.sign(Namespace::Vault, &bytes)?;
        media::create_dirs(&folder, Mode::Private)?;
        let path = folder.join(format!("{}.json", self.export));
        // The signature comes first, so that a statement that is there has one.
        media::write_durably_new(&signature_path(&path, 1), signature.as_bytes(), Mode::Private)?;
        media::write_durably_new(&path, &bytes, Mode::Private)?;
        for (old, _) in earlier {
            // Outdated by this one; left where it can't be removed, it says what was so then.
            let _ = std::fs::remove_file(&old);
            let _ = std::fs::remove_file(signature_path(&old, 1));
        }
        Ok(path)
    }

    /// Whether another says the same of the vault, at whatever time.
    fn says_the_same(&self, other: &Statement) -> bool {
        Statement { export: self.export, created: self.created, ..other.clone() } == *self
    }

    /// All that those who are trusted here say of the vault below `folder`. A
    /// statement that nobody trusted signed is warned of and says nothing.
    ///
    /// # Errors
    /// A [`Failure`] where trust or a trusted statement does not read.
    pub fn held(folder: &Path, context: &Context) -> Result<Self, Failure> {
        let store = context.trust_with_own(Namespace::Vault)?;
        let mut all = Statement::empty(context.now());
        for path in list_papers(&folder.join("vault").join(FOLDER))? {
            match read(&path, &store, context) {
                Ok(statement) => all.join(statement),
                Err(Unheld::Nobody(why)) => {
                    let why = text::one_line(&why);
                    context.console.warn(format!("{} is as if it were not there: {why}", path.shown()));
                }
                Err(Unheld::Broken(failure)) => return Err(failure.about(path.shown())),
            }
        }
        Ok(all)
    }

    /// Whether it says anything of packages.
    pub fn names(&self, id: Id) -> bool {
        self.packages.iter().any(|kept| kept.id == id)
    }

    fn join(&mut self, other: Statement) {
        let new: Vec<StoredPackage> = other.packages.into_iter().filter(|kept| !self.names(kept.id)).collect();
        self.packages.extend(new);
        self.requests.extend(other.requests);
        self.exchanges.extend(other.exchanges);
        self.papers.extend(other.papers);
        for (serial, sequence) in other.sequences {
            let highest = self.sequences.entry(serial).or_default();
            *highest = sequence.max(*highest);
        }
    }
}

/// The statements in `folder` that this very key signed.
fn signed_by(key: &PublicKey, folder: &Path) -> Result<Vec<(PathBuf, Statement)>, Failure> {
    let mut found = Vec::new();
    for path in list_papers(folder)? {
        let Ok(signed) = read_signed(&path, MAX_STATEMENT_BYTES, "a vault's statement") else { continue };
        if !signed.keys(Namespace::Vault).contains(key) {
            continue;
        }
        if let Ok(statement) = serde_json::from_slice(&signed.bytes) {
            found.push((path, statement));
        }
    }
    Ok(found)
}

/// Why a statement is not taken.
enum Unheld {
    /// Nobody who is trusted signed it: nothing of it was parsed.
    Nobody(String),
    /// Somebody did, and it does not read.
    Broken(Failure),
}

fn read(path: &Path, store: &TrustStore, context: &Context) -> Result<Statement, Unheld> {
    let signed = read_signed(path, MAX_STATEMENT_BYTES, "a vault's statement").map_err(Unheld::Broken)?;
    approve(store, Namespace::Vault, &signed.bytes, &signed.signatures, context.now())
        .map_err(|error| Unheld::Nobody(Failure::from(error).message))?;
    let broken = |why: String| Unheld::Broken(VaultError::RecordBroken { path: path.to_owned(), why }.into());
    let statement: Statement = serde_json::from_slice(&signed.bytes).map_err(|error| broken(error.to_string()))?;
    if statement.format != 1 {
        return Err(broken(format!("it is of format {}, which is not known here", statement.format)));
    }
    if let Some((serial, _)) = statement.sequences.iter().find(|(_, sequence)| **sequence > MAX_NUMBER) {
        return Err(broken(format!("it counts bundles for {serial:?} past 2^53 - 1")));
    }
    refuse_unprintable(&statement, path).map_err(|error| Unheld::Broken(error.into()))?;
    Ok(statement)
}

/// The receipts and sealed bundles below a home folder, with their signatures: digests by path.
fn papers(home: &Path) -> Result<BTreeMap<String, Sha256Digest>, Failure> {
    let mut all = BTreeMap::new();
    for below in papers_below(home)? {
        let bytes = media::read_bounded(&home.join(&below), MAX_KEPT_BYTES, "a paper")?;
        all.insert(below, Sha256Digest::of(&bytes));
    }
    Ok(all)
}

/// Copies the receipts and sealed bundles that a statement names and that are
/// not there yet; signatures first, since a paper that is there has one.
///
/// # Errors
/// A [`Failure`] where one can't be read or written.
pub fn copy_papers(from: &Path, to: &Path, stated: &BTreeMap<String, Sha256Digest>) -> Result<(), Failure> {
    // What is there is listed, and what was stated only compared: no path comes out of a document.
    for below in papers_below(from)? {
        let Some(digest) = stated.get(&below) else { continue };
        let (path, target) = (from.join(&below), to.join(&below));
        let folder = target.parent().expect("below a folder");
        if target.exists() {
            media::keep_names(folder)?;
            continue;
        }
        let bytes = media::read_bounded(&path, MAX_KEPT_BYTES, "a paper")?;
        if Sha256Digest::of(&bytes) != *digest {
            return Err(Failure::new(Exit::DocumentUntrusted, format!("{} is not what was exported", path.shown()))
                .hint("export the vault again, onto another disk"));
        }
        media::create_dirs(folder, Mode::Private)?;
        media::write_durably_new(&target, &bytes, Mode::Private)?;
    }
    Ok(())
}

/// The paths of receipts and sealed bundles, signatures before what they sign.
fn papers_below(home: &Path) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for (folder, depth) in [("receipts", 1), ("drafts", 2)] {
        let root = home.join(folder);
        if !root.is_dir() {
            continue;
        }
        for entry in walkdir::WalkDir::new(&root).min_depth(depth).max_depth(depth) {
            let entry = entry.map_err(|error| VaultError::Unreadable { path: root.clone(), source: error.into() })?;
            let Some(name) = entry.file_name().to_str() else { continue };
            let ours = FileName::parse(name).is_ok()
                && (name.ends_with(".json") || name.ends_with(".sig"))
                && !media::is_temporary(name);
            // Drafts lie in folders named by their bundle.
            let bundle = entry.path().parent().and_then(|parent| parent.file_name()?.to_str());
            let below = match bundle.and_then(Id::from_hex) {
                Some(bundle) if depth == 2 => format!("{folder}/{bundle}/{name}"),
                _ if depth == 2 => continue,
                _ => format!("{folder}/{name}"),
            };
            if ours && entry.file_type().is_file() {
                found.push(below);
            }
        }
    }
    found.sort_by_key(|below| (below.ends_with(".json"), below.clone()));
    Ok(found)
}
