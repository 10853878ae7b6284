//! Manual installation: a package arrives in a form, piece by piece.

use super::agreement::proceed;
use super::updates::{refusal, show};
use super::{Tab, stale_form};
use crate::lab::fault::Fault;
use crate::lab::html::Notice;
use crate::lab::package::{Defect, LabPackage, PackageCheck};
use crate::lab::serve::Scissors;
use crate::lab::sessions::{Keeper, NotAdmitted};
use crate::lab::world::{Shared, Spool, Staged, UploadedPackage, World};
use crate::model::{Id, Sha256Digest, text};
use axum::Extension;
use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::io::Write;

/// Longest value of a field that is no file, in bytes.
const MAX_FIELD_BYTES: usize = 4096;

/// Where a fault strikes in an upload whose length is not told, in bytes.
const SOMEWHERE_BYTES: u64 = 64 * 1024;

pub(super) async fn upload(
    State(world): State<Shared>,
    keeper: Result<Keeper, NotAdmitted>,
    Extension(scissors): Extension<Scissors>,
    headers: HeaderMap,
    form: Multipart,
) -> Response {
    let arrival = match receive(&world, &headers, &scissors, form).await {
        Ok(arrival) => arrival,
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    };
    // Judged only now: a browser that is answered early shows an error instead.
    let keeper = match keeper {
        Ok(keeper) => keeper,
        Err(not_admitted) => return not_admitted.into_response(),
    };
    if !keeper.spend(&world, "manual", arrival.token.as_deref()) {
        return stale_form(&world, Tab::Updates);
    }
    let words = world.words();
    let Some(file) = arrival.file else {
        return show(&world, &keeper, Some(Notice::Error(words.no_file)));
    };
    let verdict = judge(&world, &file);
    let outcome = match &verdict {
        Ok(package) if package.eula => "agreement",
        Ok(_) => "installing",
        Err((outcome, _)) => outcome,
    };
    world.state().record.uploads.push(UploadedPackage {
        file: text::one_line(&file.name),
        size_bytes: file.size_bytes,
        sha256: file.sha256,
        outcome,
    });
    match verdict {
        Ok(package) => proceed(&world, Staged { package, spool: file.spool }),
        Err((_, why)) => show(&world, &keeper, Some(Notice::Error(&why))),
    }
}

/// What a form brought.
struct Arrival {
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

fn judge(world: &World, file: &Arrived) -> Result<LabPackage, (&'static str, String)> {
    let words = world.words();
    if file.found_no_room {
        return Err(("disk-full", words.disk_full.to_owned()));
    }
    let armed = |fault| world.state().faults.armed(fault);
    if armed(Fault::PackageRejected) {
        return Err(("damaged", words.damaged.to_owned()));
    }
    if armed(Fault::UnknownKind) {
        return Err(("unknown-kind", words.unknown_kind.to_owned()));
    }
    if armed(Fault::AlreadyInstalled) {
        return Err(("already-installed", words.already.to_owned()));
    }
    match &file.content {
        Err(Defect::NotAPackage) => Err(("wrong-file", words.wrong_file.to_owned())),
        Err(Defect::Damaged) => Err(("damaged", words.damaged.to_owned())),
        Ok(package) => refusal(world, package).map_or_else(|| Ok(package.clone()), Err),
    }
}

async fn receive(
    world: &World,
    headers: &HeaderMap,
    scissors: &Scissors,
    mut form: Multipart,
) -> Result<Arrival, MultipartError> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
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

async fn receive_file(
    world: &World,
    scissors: &Scissors,
    middle: u64,
    name: String,
    mut field: Field<'_>,
) -> Result<Arrived, MultipartError> {
    let (cut, stall, full) = {
        let mut lab = world.state();
        let cut = lab.faults.strikes(Fault::Cut);
        (cut, !cut && lab.faults.strikes(Fault::Stall), lab.faults.armed(Fault::DiskFull))
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
