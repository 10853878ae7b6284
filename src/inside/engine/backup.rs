//! The backup before anything changes: made, read back, kept, its gaps said.

use super::{Engine, EngineError, Entry};
use crate::inside::driver::{BackupOptions, Did, Guide};
use crate::media::{self, DurableFile, MediaError, Mode};
use crate::model::{Exit, Failure, Sha256Digest, text};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::path::Path;

/// What the vendor's backup leaves out. Source: vendor, backup API and
/// back-up procedures; the certificates: guide, preparations.
pub const GAPS: [&str; 5] = [
    "recordings are not in it",
    "files larger than 200 KB in the file store are not in it",
    "the vault's encryption key is not in it: it has a backup of its own",
    "settings of /appliance (network, clock, certificates) are not in it: keep pictures of those pages",
    "export the certificates with their private key too, under /appliance > Security > Certificates",
];

/// How often the path of a backup is asked for before it counts as none.
const PATH_TRIES: usize = 3;

/// Largest backup that is read back or taken over, in bytes: settings and
/// logged history, no recordings.
const MAX_BACKUP_BYTES: u64 = 64 << 30;

impl Engine<'_> {
    /// Makes a backup and keeps it.
    ///
    /// # Errors
    /// [`EngineError::BackupFailed`] where there is none to rely on; what the
    /// driver says where the login or the certificate is refused.
    pub fn backup(&mut self) -> Result<(), Failure> {
        let rules = self.rules;
        self.teller.note("a backup of the appliance has gaps:");
        for gap in GAPS {
            self.teller.note(&format!("  - {gap}"));
        }
        let folder = rules.folders.backups.clone();
        media::create_dirs(&folder, Mode::Private)?;
        let file = free_name(&folder, &format!("{}-{}", rules.name, self.time.now().compact()));
        let path = folder.join(&file);
        self.write(Entry::BackupStarted {
            file: file.clone(),
            protected: rules.backup_password.is_some(),
            history: rules.backup_history,
        })?;
        let made = self.download(&path);
        match made {
            Ok(Did::Done((size_bytes, sha256))) => {
                self.teller.say(&format!("backup kept: {} ({})", path.display(), text::bytes(size_bytes)));
                self.keep(Some(file), size_bytes, sha256, Some(rules.backup_password.is_some()), false)
            }
            Ok(Did::ByHand(guide)) => self.guided_backup(&guide, &file, &path),
            Err(failure) => self.backup_failed(failure),
        }
    }

    fn download(&mut self, path: &Path) -> Result<Did<(u64, Sha256Digest)>, Failure> {
        let options =
            BackupOptions { password: self.rules.backup_password.as_ref(), include_history: self.rules.backup_history };
        let inner = DurableFile::create(path, Mode::Private, false)?;
        let mut sink = Hashing { inner, sha: Sha256::new(), bytes: 0, trouble: None };
        let bar = self.teller.progress("backup", 0);
        let made = self.appliance.backup(&options, &mut sink, &*bar);
        bar.finish();
        self.tell_news();
        if let Some(trouble) = sink.trouble {
            // Our own disk's words say more than what the driver made of them.
            return Err(MediaError::of("write", path, trouble).into());
        }
        let told = match made? {
            Did::Done(bytes) => bytes,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        if sink.bytes == 0 || told != sink.bytes {
            let what = format!("the appliance announced {told} bytes of backup and sent {}", sink.bytes);
            return Err(Failure::new(Exit::BackupFailed, what));
        }
        let (bytes, sha256) = (sink.bytes, Sha256Digest::finish(sink.sha));
        sink.inner.commit()?;
        check_kept(path, bytes, &sha256)?;
        Ok(Did::Done((bytes, sha256)))
    }

    fn keep(
        &mut self,
        file: Option<String>,
        size_bytes: u64,
        sha256: Sha256Digest,
        protected: Option<bool>,
        guided: bool,
    ) -> Result<(), Failure> {
        let event = serde_json::json!({ "file": file, "size_bytes": size_bytes, "sha256": sha256 });
        self.teller.event("backup", event);
        self.write(Entry::BackupDone { file, size_bytes: Some(size_bytes), sha256: Some(sha256), protected, guided })
    }

    /// The operator makes it with a browser; a copy is kept if its path is told.
    fn guided_backup(&mut self, guide: &Guide, file: &str, path: &Path) -> Result<(), Failure> {
        self.tell_guide(guide, None)?;
        let mut tries = 0;
        loop {
            let answer =
                self.operator.ask("Path of the backup file, to keep a copy of it here (Enter to keep none):")?;
            if answer.is_empty() {
                return self.guided_backup_elsewhere();
            }
            tries += 1;
            match take_over(Path::new(&answer), path) {
                Ok((size_bytes, sha256)) => {
                    self.teller.say(&format!("backup kept: {} ({})", path.display(), text::bytes(size_bytes)));
                    return self.keep(Some(file.to_owned()), size_bytes, sha256, None, true);
                }
                // A path typed wrongly is no reason to make the backup anew.
                Err(failure) if tries < PATH_TRIES && failure.exit == Exit::NotFound => {
                    self.teller.warn(&failure.message);
                }
                Err(failure) => return self.backup_failed(failure),
            }
        }
    }

    /// No copy is kept here: the operator's word is all there is.
    fn guided_backup_elsewhere(&mut self) -> Result<(), Failure> {
        let question = "No copy is kept here. Is a backup of this appliance saved in a safe place?".to_owned();
        if !self.ask(question)? {
            return self.backup_failed(Failure::new(Exit::Declined, "the operator has none"));
        }
        let none = Entry::BackupDone { file: None, size_bytes: None, sha256: None, protected: None, guided: true };
        self.write(none)
    }

    fn backup_failed(&mut self, failure: Failure) -> Result<(), Failure> {
        self.write(Entry::BackupFailed { why: failure.message.clone() })?;
        match failure.exit {
            Exit::LoginRefused | Exit::TlsUntrusted | Exit::NoSpace | Exit::ReadOnly | Exit::MediaFault => Err(failure),
            _ => Err(EngineError::BackupFailed { why: failure.message, next: failure.hint }.into()),
        }
    }
}

/// Hashes and counts what is written through it.
struct Hashing {
    inner: DurableFile,
    sha: Sha256,
    bytes: u64,
    /// Why our disk did not take it.
    trouble: Option<std::io::Error>,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes > MAX_BACKUP_BYTES {
            let limit = text::bytes(MAX_BACKUP_BYTES);
            return Err(std::io::Error::other(format!("the backup is larger than the limit of {limit}")));
        }
        let written = self.inner.write(bytes).map_err(|error| {
            let told = std::io::Error::new(error.kind(), error.to_string());
            self.trouble = Some(error);
            told
        })?;
        self.sha.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A name that is not taken: a second backup in one second gets a number.
fn free_name(folder: &Path, stem: &str) -> String {
    let numbered = (2..).map(|n| format!("{stem}-{n}.nsb"));
    std::iter::once(format!("{stem}.nsb"))
        .chain(numbered)
        .find(|name| !folder.join(name).exists())
        .expect("one of endless names is free")
}

/// Reads a kept backup back.
fn check_kept(path: &Path, bytes: u64, sha256: &Sha256Digest) -> Result<(), Failure> {
    let (file, _) = media::open_uncached(path)?;
    let found = digest(file, path, &mut std::io::sink())?;
    if found == (bytes, *sha256) {
        return Ok(());
    }
    Err(Failure::new(Exit::MediaLies, format!("{} reads back other bytes than were written", path.display())))
}

/// Copies a backup that a browser saved.
fn take_over(from: &Path, to: &Path) -> Result<(u64, Sha256Digest), Failure> {
    let unread = |error| {
        Failure::new(Exit::NotFound, format!("can't read {}: {error}", from.display()))
            .hint("give the path at which the browser saved the backup")
    };
    let file = std::fs::File::open(from).map_err(unread)?;
    let mut copy = DurableFile::create(to, Mode::Private, false)?;
    let (bytes, sha256) = digest(file, from, &mut copy)?;
    if bytes == 0 {
        return Err(Failure::new(Exit::NotFound, format!("{} is empty", from.display()))
            .hint("look where the browser saved the backup; where the file there is empty, make it anew"));
    }
    copy.commit()?;
    check_kept(to, bytes, &sha256)?;
    Ok((bytes, sha256))
}

fn digest(file: impl Read, path: &Path, copy: &mut dyn Write) -> Result<(u64, Sha256Digest), Failure> {
    let failed = |error| Failure::new(Exit::MediaFault, format!("can't copy {}: {error}", path.display()));
    let mut reader = file.take(MAX_BACKUP_BYTES);
    let mut sha = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    loop {
        let got = reader.read(&mut buffer).map_err(failed)?;
        if got == 0 {
            return Ok((bytes, Sha256Digest::finish(sha)));
        }
        sha.update(&buffer[..got]);
        copy.write_all(&buffer[..got]).map_err(failed)?;
        bytes += got as u64;
    }
}
