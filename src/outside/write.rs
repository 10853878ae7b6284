//! The verb `write`: a sealed bundle goes onto a medium, and is read back.

use super::choose;
use super::draft::{Drafts, Sealed};
use super::trust::owed;
use super::vault::Vault;
use crate::bundle::limits::{MAX_VOLUMES, MIN_VOLUME_BYTES};
use crate::bundle::{self, VolumeSink, WriteSeek, bundle_name};
use crate::desk::Desk;
use crate::media::{self, Bypass, DurableSet, Facts, MediaError, Medium, Mode};
use crate::model::{Exit, Failure, Package, text};
use crate::trust::Namespace;
use clap::Args;
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Room taken on the medium beside the bundle's own bytes: folders, and the
/// last cluster of each volume.
const FOLDER_BYTES: u64 = 1 << 20;
const CLUSTER_BYTES: u64 = 64 << 10;

/// Write a sealed bundle onto a medium and read it back
///
/// The same bundle can be written onto as many media as are wanted. Nothing
/// there is overwritten, and the bundle has its name only once all of it is on
/// the device.
#[derive(Debug, Args)]
pub struct WriteArgs {
    /// Where the medium is mounted (or the handcarry folder on it)
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
    /// Which bundle, by the beginning of its id [default: the newest]
    #[arg(long, value_name = "ID")]
    bundle: Option<String>,
    /// Cut the bundle into volumes of this size, such as 4G or 700M [default: the filesystem's largest file]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    volume_size: Option<u64>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then no bundle lies on the medium under its name.
pub fn run(args: &WriteArgs, desk: &mut Desk) -> Result<(), Failure> {
    let sealed = choose::draft(args.bundle.as_deref(), &Drafts::below(desk.home.root()))?;
    onto(&args.media, &sealed, args.volume_size, &Vault::look(desk.home.root()), desk)
}

/// Writes a sealed bundle onto the medium at `media`.
///
/// # Errors
/// As [`run`].
pub fn onto(
    media: &Path,
    sealed: &Sealed,
    volume_bytes: Option<u64>,
    vault: &Vault,
    desk: &mut Desk,
) -> Result<(), Failure> {
    let medium = Medium::at(media)?;
    let draft = bundle::Draft { manifest: sealed.bytes.clone(), signatures: sealed.signatures.clone() };
    let name = bundle_name(&sealed.manifest);
    if sealed.manifest.expires <= desk.now() {
        return Err(Failure::new(
            Exit::Expired,
            format!("bundle {} expired at {}", sealed.manifest.bundle.short(), sealed.manifest.expires.human()),
        )
        .hint("seal its packages anew with 'handcarry-outside seal --request ID' or --packages"));
    }
    warn_owed(sealed, desk)?;
    let total = bundle::size_bytes(&draft)?;
    let folder = medium.bundles();
    remove_leftovers(&folder, desk);
    let volume_bytes = need_room(&medium.facts()?, total, volume_bytes, &medium.root, desk)?;
    media::create_dirs(&folder, Mode::Shared)?;

    let records = vault.packages()?;
    let mut open = |package: &Package| -> io::Result<Box<dyn Read>> {
        let kept = records.iter().find(|kept| kept.sha256 == package.sha256);
        let kept = kept.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the vault has no record of it"))?;
        Ok(Box::new(
            vault.open_object(kept).map_err(|error| io::Error::new(io::ErrorKind::NotFound, error.to_string()))?,
        ))
    };
    let package_bytes = sealed.manifest.total_bytes();
    let progress = desk.console.progress("Writing", package_bytes);
    let mut sink = Sink { folder: folder.clone(), set: Some(DurableSet::new(&folder, Mode::Shared)), trouble: None };
    let written = bundle::write(&draft, &mut open, &mut sink, &name, volume_bytes, &progress);
    progress.finish();
    let written = match (written, sink.trouble) {
        (Ok(written), _) => written,
        // The medium's own words and hint say more than those of the bundle's writer.
        (Err(bundle::BundleError::Write { .. }), Some(trouble)) => return Err(trouble.into()),
        (Err(error), _) => return Err(error.into()),
    };
    media::sync_filesystem(&medium.root)?;

    let how = read_back(&written.volumes, &draft, package_bytes, desk)?;
    for volume in &written.volumes {
        desk.console.say(format!("Written: {}", volume.display()));
    }
    match &how {
        Bypass::Bypassed => {
            desk.console.note(format!("Read back from the device: all {} agree", text::bytes(written.size_bytes)))
        }
        Bypass::Cached { why } => desk.console.warn(format!(
            "read back and found right, but perhaps from memory and not from the device: {why}; to be sure, \
             unplug it, plug it in again, and run 'handcarry-inside verify'"
        )),
    }
    desk.console.event(
        "written",
        serde_json::json!({
            "bundle": sealed.manifest.bundle, "sequence": sealed.manifest.sequence, "volumes": written.volumes,
            "size_bytes": written.size_bytes, "read_back": match &how {
                Bypass::Bypassed => "device".to_owned(),
                Bypass::Cached { why } => format!("perhaps cache: {why}"),
            },
        }),
    );
    desk.console.say(format!("{} is safe to remove, once your system has unmounted it", medium.root.display()));
    Ok(())
}

/// Says so where the inside would refuse it for want of signatures; it may be
/// written all the same, since further ones can be put beside it.
fn warn_owed(sealed: &Sealed, desk: &Desk) -> Result<(), Failure> {
    match owed(Namespace::Bundle, &sealed.signed(), desk)? {
        Some(owed) if owed.missing() > 0 => desk.console.warn(format!(
            "signatures that count inside: {}; until then the inside refuses this bundle. Sign with \
             'handcarry-outside sign {}' before writing, or 'handcarry-outside sign MEDIA' after",
            owed.words(),
            sealed.manifest.bundle.short()
        )),
        _ => {}
    }
    Ok(())
}

/// Reads all of it back; what came back wrong loses its name.
fn read_back(volumes: &[PathBuf], draft: &bundle::Draft, package_bytes: u64, desk: &Desk) -> Result<Bypass, Failure> {
    let first = volumes.first().ok_or_else(|| Failure::new(Exit::MediaFault, "nothing was written"))?;
    let how = RefCell::new(Bypass::Bypassed);
    let open = |path: &Path| -> io::Result<File> {
        let (file, bypass) = media::open_uncached(path).map_err(|error| io::Error::other(error.to_string()))?;
        if bypass != Bypass::Bypassed {
            *how.borrow_mut() = bypass;
        }
        Ok(file)
    };
    let progress = desk.console.progress("Reading back", package_bytes);
    let outcome = bundle::locate(first).and_then(|set| bundle::read_back(&set, draft, &open, &progress));
    progress.finish();
    match outcome {
        Ok(()) => Ok(how.into_inner()),
        Err(error) => {
            for volume in volumes {
                let mut aside = volume.clone().into_os_string();
                aside.push(".damaged");
                // On a medium this bad even this may fail; the error below is what counts.
                let _ = std::fs::rename(volume, aside);
            }
            Err(error.into())
        }
    }
}

/// Tells what is needed and what there is; returns the volumes' size.
fn need_room(facts: &Facts, total: u64, asked: Option<u64>, root: &Path, desk: &Desk) -> Result<Option<u64>, Failure> {
    if facts.read_only {
        return Err(MediaError::ReadOnly { path: root.to_owned() }.into());
    }
    let volume_bytes = match (asked, facts.largest_file_bytes) {
        (Some(asked), Some(largest)) if asked > largest => {
            desk.console.note(format!(
                "A file on this {} can have {largest} bytes at most; so will the volumes",
                facts.filesystem
            ));
            Some(largest)
        }
        (Some(asked), _) => Some(asked),
        (None, largest) => largest.filter(|largest| *largest < total),
    };
    let volumes = volume_bytes.map_or(1, |size| total.div_ceil(size.max(1)));
    if volumes > MAX_VOLUMES as u64 || volume_bytes.is_some_and(|size| size < MIN_VOLUME_BYTES) {
        return Err(Failure::new(
            Exit::LimitExceeded,
            format!(
                "this bundle of {total} bytes would need {volumes} volumes of that size; {MAX_VOLUMES} are the most"
            ),
        )
        .hint("take a larger --volume-size: K, M and G count in 1024"));
    }
    let needed = total.saturating_add(FOLDER_BYTES).saturating_add(volumes.saturating_mul(CLUSTER_BYTES));
    let cut = if volumes > 1 { format!(" in {volumes} volumes") } else { String::new() };
    desk.console.note(format!(
        "Needed: {needed} bytes ({}){cut}; free: {} on {} ({})",
        text::bytes(needed),
        free(facts),
        root.display(),
        facts.filesystem
    ));
    if facts.free_bytes < needed {
        return Err(Failure::new(
            Exit::NoSpace,
            format!("not enough room on {}: {needed} bytes needed, {} free", root.display(), facts.free_bytes),
        )
        .hint("take a larger medium, or move away what lies on this one"));
    }
    Ok(volume_bytes)
}

fn free(facts: &Facts) -> String {
    match facts.free_bytes {
        u64::MAX => "unknown".to_owned(),
        bytes => text::bytes(bytes),
    }
}

/// Removes the unnamed beginnings that a killed run of ours left on the medium.
fn remove_leftovers(folder: &Path, desk: &Desk) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(media::is_temporary) && std::fs::remove_file(entry.path()).is_ok() {
            desk.console.note(format!("Removed what an interrupted run left: {}", entry.path().display()));
        }
    }
}

/// Volumes as durable files: none has its name before all are on the device.
struct Sink {
    folder: PathBuf,
    set: Option<DurableSet>,
    /// The medium's error, which `io::Error` can't carry whole.
    trouble: Option<MediaError>,
}

impl Sink {
    fn keep<T>(&mut self, outcome: Result<T, MediaError>) -> io::Result<T> {
        outcome.map_err(|error| {
            let told = io::Error::other(error.to_string());
            self.trouble = Some(error);
            told
        })
    }
}

impl VolumeSink for Sink {
    fn names(&mut self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        Ok(names)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        let set = self.set.as_mut().expect("nothing is created after the commit");
        let file = set.create(name);
        Ok(Box::new(self.keep(file)?))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        let set = self.set.take().expect("committed once");
        let paths = set.commit_all();
        self.keep(paths)
    }
}

/// Reads `4G`, `700M`, `4GiB` or a number of bytes, for clap.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn parse_size(written: &str) -> Result<u64, String> {
    let digits = written.len() - written.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = written.split_at(digits);
    let shift = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 10,
        "m" | "mib" => 20,
        "g" | "gib" => 30,
        "t" | "tib" => 40,
        _ => return Err("write a size as 4G, 700M or a number of bytes (K, M, G count in 1024)".to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| "a size begins with a whole number".to_owned())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(|| "that size makes no sense".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_size("4G"), Ok(4 << 30));
        assert_eq!(parse_size("700 MiB"), Ok(700 << 20));
        assert_eq!(parse_size("12345"), Ok(12345));
        for bad in ["", "G", "4X", "0", "99999999999999999999", "-1", "99999999T"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }
}
