//! Manual installation: a package arrives in a form, piece by piece.

use super::next::{KeptNotice, Next};
use super::updates::{refusal, take, taken_next};
use crate::lab::cut::Scissors;
use crate::lab::device::Spool;
use crate::lab::package::{Defect, LabPackage, PackageCheck};
use crate::lab::record::UploadedPackage;
use crate::lab::visitor::Keeper;
use crate::lab::world::{Shared, World};
use crate::model::{Id, Sha256Digest, text};
use crate::simulator::{Fault, PackageRefusal, Taken};
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};
use std::io::Write;

/// Longest value of a field that is no file, in bytes.
const MAX_FIELD_BYTES: usize = 4096;

/// Where a fault strikes in an upload whose length is not told, in bytes.
const SOMEWHERE_BYTES: u64 = 64 * 1024;

/// Takes a form to its end; nobody is judged before: a browser that is
/// answered early shows an error instead.
pub(super) async fn receive(
    world: &World,
    headers: &HeaderMap,
    scissors: &Scissors,
    mut form: Multipart,
) -> Result<Arrival, MultipartError> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    // Of the whole form, since nobody tells how long the file in it is.
    let middle = length.map_or(SOMEWHERE_BYTES, |length| length / 2);
    let mut arrival = Arrival { token: None, file: None };
    while let Some(field) = form.next_field().await? {
        match field.file_name().map(str::to_owned) {
            Some(name) if !name.is_empty() => {
                arrival.file = Some(receive_file(world, scissors, middle, name, field).await?);
            }
            _ if field.name() == Some("form_token") => arrival.token = small(field).await?,
            _ => drop(small(field).await?),
        }
    }
    Ok(arrival)
}

/// Takes what arrived, or says why not.
pub(super) fn upload(world: &Shared, keeper: &Keeper, arrival: Arrival) -> Next {
    if !keeper.spend(world, "manual", arrival.token.as_deref()) {
        return Next::StaleForm;
    }
    let Some(file) = arrival.file else { return Next::Updates(KeptNotice::error(world.words().no_file)) };
    world.device().faults.strikes(Fault::ByHandUpload);
    let (name, size_bytes, sha256) = (text::one_line(&file.name), file.size_bytes, file.sha256);
    let verdict = judge(world, file);
    let outcome = match &verdict {
        Ok(Taken::Agreement) => "agreement",
        Ok(Taken::Installing) => "installing",
        Err((outcome, _)) => outcome,
    };
    world.device().record.uploads.push(UploadedPackage { file: name, size_bytes, sha256, outcome });
    match verdict {
        Ok(taken) => taken_next(taken),
        Err((_, why)) => Next::Updates(KeptNotice::Error(why)),
    }
}

/// What a form brought.
pub(super) struct Arrival {
    token: Option<String>,
    file: Option<Arrived>,
}

/// A file that arrived whole.
struct Arrived {
    name: String,
    size_bytes: u64,
    sha256: Sha256Digest,
    content: Result<LabPackage, Defect>,
    /// Whether the disk was full before its end.
    found_no_room: bool,
    /// `None` where it found no room, or is not worth any.
    spool: Option<Spool>,
}

fn judge(world: &Shared, file: Arrived) -> Result<Taken, (&'static str, String)> {
    let words = world.words();
    if file.found_no_room {
        return Err(("disk-full", words.disk_full.to_owned()));
    }
    let package = match &file.content {
        Err(Defect::NotAPackage) => return Err(("wrong-file", words.wrong_file.to_owned())),
        Err(Defect::Damaged) => return Err(("damaged", words.damaged.to_owned())),
        Ok(package) => package,
    };
    take(world, package, file.spool).map_err(|why| {
        let outcome = match &why {
            PackageRefusal::Busy => "busy",
            PackageRefusal::Damaged => "damaged",
            PackageRefusal::UnknownKind => "unknown-kind",
            PackageRefusal::AlreadyInstalled => "already-installed",
            PackageRefusal::Lacks(_) => "requires",
        };
        (outcome, refusal(world, package, &why))
    })
}

async fn receive_file(
    world: &World,
    scissors: &Scissors,
    middle: u64,
    name: String,
    mut field: Field<'_>,
) -> Result<Arrived, MultipartError> {
    let (cut, stall, full) = {
        let mut device = world.device();
        let cut = device.faults.strikes(Fault::UploadCut);
        (cut, !cut && device.faults.strikes(Fault::UploadStalls), device.faults.armed(Fault::DiskFull))
    };
    let mut spool = if full { None } else { Spooling::begin(world) };
    let mut found_no_room = spool.is_none();
    let mut hasher = Sha256::new();
    let mut check = PackageCheck::default();
    let mut size_bytes = 0u64;
    while let Some(piece) = field.chunk().await? {
        hasher.update(&piece);
        check.push(&piece);
        size_bytes += piece.len() as u64;
        // A disk that is really full is told like one that only seems so.
        if let Some(spooling) = &mut spool {
            found_no_room = spooling.file.write_all(&piece).is_err();
            if found_no_room || check.is_hopeless() {
                spool = None;
            }
        }
        if cut && size_bytes >= middle {
            scissors.cut().await;
        }
        if stall && size_bytes >= middle {
            std::future::pending::<()>().await;
        }
    }
    Ok(Arrived {
        name,
        size_bytes,
        sha256: Sha256Digest::finish(hasher),
        content: check.finish(),
        found_no_room,
        spool: spool.map(|spooling| spooling.spool),
    })
}

/// A file being written.
struct Spooling {
    file: std::fs::File,
    spool: Spool,
}

impl Spooling {
    fn begin(world: &World) -> Option<Self> {
        let folder = world.options.dir.join("uploads");
        std::fs::create_dir_all(&folder).ok()?;
        let path = folder.join(format!("{}.part", Id::random()));
        let file = std::fs::File::create_new(&path).ok()?;
        Some(Spooling { file, spool: Spool(path) })
    }
}

/// A short field's text; `None` where it is longer than any of ours.
async fn small(mut field: Field<'_>) -> Result<Option<String>, MultipartError> {
    let mut bytes = Vec::new();
    let mut long = false;
    while let Some(piece) = field.chunk().await? {
        long |= bytes.len() + piece.len() > MAX_FIELD_BYTES;
        if !long {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(String::from_utf8(bytes).ok().filter(|_| !long))
}
