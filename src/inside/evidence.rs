//! The evidence pack of `audit`: one zip that an auditor checks with ssh-keygen and sha256sum alone.

use super::zipped;
use crate::cli::{Context, Signed};
use crate::journal::Chain;
use crate::model::{Failure, Id, Sha256Digest};
use crate::report::{About, Imprint, evidence_readme};
use crate::trust::{Namespace, signature_path};
use std::path::{Path, PathBuf};

/// What is put into a pack.
pub(super) struct Evidence<'a> {
    pub about: &'a About,
    pub chain: &'a Chain,
    /// The manifests of bundles that were begun.
    pub manifests: Vec<(Id, Signed)>,
    /// The receipts that were compared.
    pub receipts: Vec<(Id, Signed)>,
    /// The same, told as a page.
    pub report: String,
}

impl Evidence<'_> {
    /// Writes the pack as a new file.
    ///
    /// # Errors
    /// Whom this desk trusts can't be read; the file is there already or can't be written.
    pub(super) fn write(self, path: &Path, imprint: &Imprint, context: &Context) -> Result<(), Failure> {
        let signers = context.signers_with_own(Namespace::Receipt)?;
        let mut files = vec![
            ("README.txt".to_owned(), evidence_readme(self.about, imprint).into_bytes()),
            ("allowed_signers".to_owned(), signers.into_bytes()),
            ("journal.jsonl".to_owned(), lines(self.chain)),
            ("report.html".to_owned(), self.report.into_bytes()),
        ];
        files.extend(self.manifests.into_iter().flat_map(|(id, signed)| paper("manifests", id, signed)));
        files.extend(self.receipts.into_iter().flat_map(|(id, signed)| paper("receipts", id, signed)));
        let sums = files.iter().map(|(name, bytes)| format!("{}  {name}\n", Sha256Digest::of(bytes)));
        let sums: String = sums.collect();
        files.push(("SHA256SUMS".to_owned(), sums.into_bytes()));
        Ok(zipped::write_new(path, &files)?)
    }
}

/// The journal's whole lines, byte for byte as they were proved.
fn lines(chain: &Chain) -> Vec<u8> {
    let mut prev = Sha256Digest::of(b"");
    let mut bytes = Vec::new();
    for record in &chain.records {
        bytes.extend_from_slice(record.line(prev).as_bytes());
        bytes.push(b'\n');
        prev = record.sha256;
    }
    bytes
}

/// A signed file and its signatures beside it, under a name that is its id: what it was called on a medium
/// somebody else chose.
fn paper(folder: &str, id: Id, signed: Signed) -> Vec<(String, Vec<u8>)> {
    let name = PathBuf::from(format!("{folder}/{id}.json"));
    let beside = |number| signature_path(&name, number).to_string_lossy().into_owned();
    let signatures = signed.signatures.into_iter().enumerate().map(|(at, signature)| (beside(at + 1), signature));
    let signatures: Vec<_> = signatures.collect();
    [(name.to_string_lossy().into_owned(), signed.bytes)].into_iter().chain(signatures).collect()
}
