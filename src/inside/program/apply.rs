//! The verb `self apply`: a newer kit from a medium takes this program's place.

use super::{is_by_dpkg, look, own_path, signers};
use crate::cli::{Context, Half};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::inside::question::InsideQuestion;
use crate::kit::{Kit, KitError, Unpacked, unpack};
use crate::media;
use crate::model::{Failure, ShowPath, Version, text};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Take the newest kit on a medium in this program's place
///
/// Its signatures and the archive's digest are verified, each new program is
/// tried (--version), and then takes the old one's place in one step; the old
/// one is kept beside it. handcarry-outside, where it lies beside this program,
/// goes along. A program that a Debian package brought is dpkg's to replace: the
/// kit is verified all the same, and the command for dpkg told.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Where the medium is mounted
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
}

pub(super) fn run(args: &ApplyArgs, context: &mut Context) -> Result<(), Failure> {
    // Of two that apply at once one would keep the other's new program as the old one.
    let _turn = context.home.turn("program")?;
    let (own, program) = (Version::own(), own_path()?);
    let mut found = look(&args.media, context)?;
    for (folder, failure) in &found.refused {
        context.console.warn(format!("refused: {}: {}", folder.shown(), failure.message));
    }
    let Some(newest) = found.good.first() else {
        return found.refused.pop().map_or(Ok(()), |(_, failure)| Err(failure));
    };
    context.console.say(signers(newest));
    context.log_ignored(&newest.folder.shown(), &newest.approval);
    if newest.version <= own {
        return Err(KitError::NotNewer { own, newest: newest.version.clone() }.into());
    }
    if is_by_dpkg(&program) {
        let deb = newest.deb()?;
        newest.read(deb)?;
        return Err(KitError::ByDpkg { program, deb: newest.folder.join(deb.as_str()) }.into());
    }
    let new = programs(newest, &program)?;
    let question = InsideQuestion::ReplaceProgram { own: own.clone(), new: newest.version.clone() };
    if !context.operator.confirm(&question)? {
        return Err(KitError::Stays { own }.into());
    }
    replace(newest, &program, &new, context)
}

/// The programs of the kit that lie here: this one, and the other half's where it is beside it.
fn programs(kit: &Kit, program: &Path) -> Result<Vec<Unpacked>, Failure> {
    let archive = kit.archive()?;
    let name = |half: Half| format!("{}{}", half.program(), std::env::consts::EXE_SUFFIX);
    let mut names = vec![name(Half::Inside)];
    // First, so that this program's own version says whether all is done.
    if program.with_file_name(name(Half::Outside)).is_file() {
        names.insert(0, name(Half::Outside));
    }
    let mut found = unpack(archive, &kit.read(archive)?, &names)?;
    found.sort_by_key(|one| names.iter().position(|name| *name == one.name));
    Ok(found)
}

fn replace(kit: &Kit, program: &Path, new: &[Unpacked], context: &mut Context) -> Result<(), Failure> {
    let mut written = Vec::new();
    for one in new {
        // This program may have been given another name; the other half is found by its own.
        let place = match one.name.starts_with(Half::Inside.program()) {
            true => program.to_path_buf(),
            false => program.with_file_name(&one.name),
        };
        // A run that was killed has replaced it: what it kept is the old one, and stays.
        let is_done = media::read_any(&place, crate::kit::MAX_FILE_BYTES, "a program")? == one.bytes;
        let new = if is_done { place.clone() } else { media::write_program(&place, &one.bytes)? };
        written.push((new, place));
    }
    let to_replace = || written.iter().filter(|(new, place)| new != place);
    // All of them before the first is replaced: one of another system must not take the place of one that runs.
    for (new, place) in &written {
        if let Err(error) = tried(new, kit) {
            to_replace().for_each(|(new, _)| drop(std::fs::remove_file(new)));
            let program = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Err(KitError::DoesNotRun { program, why: error }.into());
        }
    }
    let version = kit.version.as_str();
    for (new, place) in to_replace() {
        let old = media::replace_program(new, place)?;
        context.console.say(format!("{} is {version} now; the one before is kept at {}", place.shown(), old.shown()));
    }
    let signers = kit.approval.approvers.iter().map(|by| by.fingerprint.clone()).collect();
    context.log(&SecurityEvent::ProgramReplaced {
        from: Version::own().as_str().to_owned(),
        to: version.to_owned(),
        signers,
        file: program.shown(),
    });
    let told = serde_json::json!({ "from": Version::own(), "to": kit.version, "path": program });
    context.console.event(&kind::PROGRAM_REPLACED, told);
    Ok(())
}

/// Starts a new program for its version.
fn tried(new: &Path, kit: &Kit) -> Result<(), String> {
    let mut command = Command::new(new);
    let output = command.arg("--version").stdin(Stdio::null()).output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout);
    match output.status.success() && said.trim().ends_with(kit.version.as_str()) {
        true => Ok(()),
        false => {
            Err(format!("asked for its version it says {:?} ({})", text::short_line(said.trim(), 80), output.status))
        }
    }
}
