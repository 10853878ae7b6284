//! Signed papers on the stick: requests and receipts.
//!
//! A paper is `NAME.json` with `NAME.json.1.sig` beside it (more signatures:
//! `.2.sig`, …), each an armored SSHSIG over the file's bytes, so that
//! `ssh-keygen -Y verify` checks it without us. Nothing is parsed before its
//! signature holds.

use super::signed::{Signed, read_signed};
use crate::media::{self, MediaError};
use crate::model::{Exit, Failure, FileName, Sha256Digest, ShowPath, Timestamp, text};
use crate::trust::{Approval, Namespace, Signer, TrustStore, approve, signature_path};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

/// Longest paper, in bytes: a receipt of 1,000 packages is a tenth of it.
// Bounds what is read into memory of a file that nobody has vouched for yet.
const MAX_PAPER_BYTES: u64 = 4 << 20;

/// Most papers looked at in one folder of a stick.
// A folder with more would have each of its files read and each signature
// tried, on a stick that may be made to keep this machine busy.
const MAX_PAPERS: usize = 1_000;

/// Most papers looked at in a folder of the home.
// Taken over many years from many appliances; each was judged before it came there.
const MAX_KEPT_PAPERS: usize = 100_000;

/// How the name of a paper ends.
const JSON: &str = ".json";

/// Longest name of a paper, in bytes: ours are a third of it.
const MAX_PAPER_NAME_BYTES: usize = 200;

/// A paper whose signature held.
pub struct Paper<T> {
    /// What it says.
    pub value: T,
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256 of its bytes.
    pub sha256: Sha256Digest,
    /// Who signed.
    pub approval: Approval,
    /// Its bytes and signatures as they were judged: a medium may answer
    /// otherwise when it is read again.
    pub signed: Signed,
}

impl<T> Paper<T> {
    /// Who signed, as a person reads it.
    pub fn signers(&self) -> Vec<String> {
        self.approval.approvers.iter().map(ToString::to_string).collect()
    }
}

/// Signs `value` and writes it durably as `STEM.json`; the signature first, so
/// that a paper that is there has one. Returns the paper's path.
///
/// # Errors
/// A [`Failure`] where it can't be signed or kept; an older paper of that name is never overwritten.
pub fn write_paper(
    folder: &Path,
    stem: &FileName,
    value: &impl Serialize,
    namespace: Namespace,
    signer: &Signer,
) -> Result<PathBuf, Failure> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| Failure::new(Exit::Failure, error.to_string()))?;
    bytes.push(b'\n');
    let signature = signer.sign(namespace, &bytes)?;
    media::create_dirs(folder, media::Mode::Shared)?;
    let path = folder.join(format!("{stem}.json"));
    // Both are written as new: a paper of the same name may be the only copy of an answer that was given.
    media::write_durably_new(&signature_path(&path, 1), signature.as_bytes(), media::Mode::Shared)?;
    media::write_durably_new(&path, &bytes, media::Mode::Shared)?;
    Ok(path)
}

/// Reads a paper: bounded bytes, then signatures, then, only if they hold, its JSON.
///
/// # Errors
/// A [`Failure`]: unreadable, not signed by anyone trusted ([`Exit::DocumentUntrusted`]), or not the JSON it should be.
pub fn read_paper<T: DeserializeOwned>(
    path: &Path,
    namespace: Namespace,
    store: &TrustStore,
    now: Timestamp,
) -> Result<Paper<T>, Failure> {
    let signed = read_signed(path, MAX_PAPER_BYTES, "a signed paper")?;
    let Signed { bytes, signatures } = &signed;
    let approval =
        // Nothing has parsed the bytes yet: a parser is the widest surface there is, and it sees nothing unsigned.
        approve(store, namespace, bytes, signatures, now).map_err(|error| Failure::from(error).about(path.shown()))?;
    let value = serde_json::from_slice(bytes).map_err(|error| {
        Failure::new(
            Exit::Config,
            format!(
                "{}: signed, but not a {}: {}",
                path.shown(),
                namespace.as_str(),
                text::one_line(&error.to_string())
            ),
        )
        .hint("it was made by another version of handcarry, or by a trusted signer's mistake")
    })?;
    Ok(Paper { value, path: path.to_path_buf(), sha256: Sha256Digest::of(bytes), approval, signed })
}

/// Whether a file of that name may be a paper. Mail clients and transfer
/// portals rename (`NAME (1).json`); what a paper is, its signature says.
fn may_be_paper(name: &str) -> bool {
    // Case does not count, because FAT may give a short name back in capitals.
    let json = name.len() > JSON.len() && name.to_ascii_lowercase().ends_with(JSON);
    // A name that begins with a dot is that of what a system keeps beside files.
    json && !name.starts_with('.') && name.len() <= MAX_PAPER_NAME_BYTES && !name.chars().any(char::is_control)
}

/// Lists the papers in a folder of a stick by name; foreign files are passed over.
///
/// # Errors
/// A [`Failure`] where the folder can't be read or holds more than 1,000 papers.
pub fn list_papers(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    list(folder, MAX_PAPERS)
}

/// Lists the papers that were kept in a folder of the home.
///
/// # Errors
/// As [`list_papers`], for 100,000.
pub fn list_kept_papers(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    list(folder, MAX_KEPT_PAPERS)
}

/// Reads a paper that was kept, without asking its signature again: it was
/// judged when it was taken, and the key may be revoked since.
///
/// # Errors
/// A [`Failure`] where it can't be read, or does not read as it should.
pub fn read_kept_paper<T: DeserializeOwned>(path: &Path) -> Result<(T, Signed), Failure> {
    let signed = read_signed(path, MAX_PAPER_BYTES, "a kept paper")?;
    let value = serde_json::from_slice(&signed.bytes).map_err(|error| {
        Failure::new(Exit::Config, format!("{} does not read as it should: {error}", path.shown()))
            .hint("put that file back from a backup, or move it aside")
    })?;
    Ok((value, signed))
}

fn list(folder: &Path, most: usize) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error| MediaError::of("read", folder, error);
    let entries = match std::fs::read_dir(folder) {
        // A stick that was never written to has no such folder, and that is no fault of it.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(unreadable)?,
    };
    let mut papers = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        if entry.file_name().to_str().is_some_and(may_be_paper) {
            papers.push(entry.path());
        }
        // Asked while it is read: the list itself must not grow without a bound.
        if papers.len() > most {
            return Err(Failure::new(Exit::LimitExceeded, format!("{} holds more than {most} papers", folder.shown()))
                .hint("move the old ones away"));
        }
    }
    papers.sort();
    Ok(papers)
}
