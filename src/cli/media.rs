//! The verb `media` of both halves: what a medium is, and whether it keeps
//! what it is given.

use super::{Context, plugged};
use crate::console::kind;
use crate::media::{self, BadRange, Bypass, Medium, MediumFacts, Trial, Unlike, Wrong};
use crate::model::{Exit, Failure, ShowPath, text};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// How much is written to try a medium, where nothing else is asked for.
const DEFAULT_SIZE: &str = "1G";
/// Most files below our folder that are read to see whether they answer twice alike.
// A medium with more is judged by the first of them: each file is read twice, and somebody waits.
const MAX_FILES: usize = 10_000;

/// Look at a medium, and try whether it keeps what it is given
#[derive(Debug, Args)]
pub struct MediaArgs {
    #[command(subcommand)]
    verb: MediaVerb,
}

#[derive(Debug, Subcommand)]
enum MediaVerb {
    Check(MediaCheckArgs),
    /// Tell which media are plugged in and mounted, and what of handcarry's lies there
    List,
    Eject(MediaEjectArgs),
}

/// Tell what a medium is and what lies there, and try it without harm
///
/// Reads handcarry's files there twice, past the cache, and compares. Then
/// writes marked files into its free room, reads them back, and removes them:
/// a medium with less room than it says, or that gives back other bytes, is
/// named with the byte ranges. What lies there is not touched. 'verify' reads
/// a bundle against what was signed; this needs no key and no bundle.
#[derive(Debug, Args)]
struct MediaCheckArgs {
    /// Where the medium is mounted (or the handcarry folder on it) [default: the only one plugged in]
    #[arg(value_name = "MEDIA")]
    media: Option<PathBuf>,
    /// How much to write, such as 4G; all takes what is free but 4 MiB
    #[arg(long, value_name = "SIZE", default_value = DEFAULT_SIZE, value_parser = parse_size)]
    size: u64,
    /// Write nothing: tell what it is, and read what lies there
    #[arg(long)]
    read_only: bool,
}

/// Take a medium away from this system, so that it can be pulled out
///
/// On Windows as "Safely Remove Hardware" does, on Linux by unmounting it, for
/// which an account needs the right. What is not on the device yet is written
/// first. Where a program has a file of it open, nothing is done.
#[derive(Debug, Args)]
struct MediaEjectArgs {
    /// Where the medium is mounted; on Windows its drive, such as E:
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
}

fn parse_size(written: &str) -> Result<u64, String> {
    if written == "all" { Ok(u64::MAX) } else { text::parse_bytes(written) }
}

/// Runs the verb.
///
/// # Errors
/// [`Exit::MediaLies`] where other bytes came back, [`Exit::MediaFault`] where
/// some could not be read or written.
pub fn media(args: &MediaArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        MediaVerb::Check(args) => check(args, context),
        MediaVerb::List => {
            plugged::list(context);
            Ok(())
        }
        MediaVerb::Eject(args) => eject(args, context),
    }
}

/// What a medium is, for programs.
pub fn medium_fields(medium: &Medium, facts: &MediumFacts) -> serde_json::Value {
    let known = |bytes: u64| (bytes != u64::MAX).then_some(bytes);
    serde_json::json!({
        "root": medium.root, "filesystem": facts.filesystem, "read_only": facts.read_only,
        "device": facts.mount.as_ref().map(|mount| &mount.source),
        "mount_options": facts.mount.as_ref().map(|mount| &mount.options),
        "removable": facts.removable, "serial": facts.serial, "total_bytes": known(facts.total_bytes), "free_bytes": known(facts.free_bytes),
        "largest_file_bytes": facts.largest_file_bytes,
    })
}

fn check(args: &MediaCheckArgs, context: &Context) -> Result<(), Failure> {
    let medium = Medium::at(&context.medium(args.media.as_deref())?)?;
    // What an interrupted trial left takes the very room that is to be tried.
    let left = media::remove_trial(&medium.folder());
    if left > 0 {
        context.console.note(format!("Removed {left} test files that an interrupted run left"));
    }
    let facts = medium.facts()?;
    tell(&medium, &facts, context);
    let files = ours(&medium, context)?;
    // Read first: on a medium whose capacity is false the trial may land on what lies there, and what answers otherwise
    // each time is not written to as well: something may still be saved from it.
    let unlike = read_there(&files, context);
    if !unlike.is_empty() {
        return Err(verdict(&medium, &unlike, None));
    }
    // A read-only medium is no error here: reading it is still worth something.
    let write = !args.read_only && !facts.read_only;
    let trial = if write { try_out(args, &medium, &facts, context)? } else { None };
    let bad = trial.as_ref().is_some_and(|trial| !trial.bad.is_empty() || trial.stopped.is_some());
    if bad {
        return Err(verdict(&medium, &[], trial.as_ref()));
    }
    limits(trial.as_ref(), &facts, args.size == u64::MAX, context);
    Ok(())
}

fn eject(args: &MediaEjectArgs, context: &Context) -> Result<(), Failure> {
    let medium = Medium::at(&args.media)?;
    media::sync_filesystem(&medium.root)?;
    medium.eject()?;
    context.console.say(format!("{} can be pulled out", medium.root.shown()));
    context.console.event(&kind::EJECTED, serde_json::json!({ "root": medium.root }));
    Ok(())
}

fn tell(medium: &Medium, facts: &MediumFacts, context: &Context) {
    let console = &context.console;
    let device =
        facts.mount.as_ref().map_or_else(String::new, |mount| format!(" on {}", text::one_line(&mount.source)));
    let kind = match facts.removable {
        Some(true) => ", removable",
        Some(false) => ", not called removable by the system",
        None => "",
    };
    console.say(format!("Medium      {} ({}{device}{kind})", medium.root.shown(), facts.filesystem));
    let size = |bytes: u64| if bytes == u64::MAX { "unknown".to_owned() } else { text::bytes(bytes) };
    let largest = facts.largest_file_bytes.map_or("no limit that matters".to_owned(), text::bytes);
    console.say(format!(
        "Room        {} free of {}; largest file: {largest}",
        size(facts.free_bytes),
        size(facts.total_bytes)
    ));
    if let Some(mount) = &facts.mount {
        console.say(format!(
            "Mounted     at {} with {}",
            mount.point.shown(),
            text::one_line(&mount.options.join(","))
        ));
    }
    if facts.read_only {
        console.say("            read-only: nothing can be written, so only reading is tried");
    }
    facts.remarks(&medium.root).iter().for_each(|remark| console.note(format!("Mind: {remark}")));
    console.event(&kind::MEDIUM, medium_fields(medium, facts));
}

/// Names what lies there, and returns handcarry's files.
fn ours(medium: &Medium, context: &Context) -> Result<Vec<PathBuf>, Failure> {
    let unlisted = |error: std::io::Error| media::MediaError::of("list", &medium.root, error);
    let mut others = 0;
    for entry in std::fs::read_dir(&medium.root).map_err(unlisted)? {
        let name = entry.map_err(unlisted)?.file_name();
        // What systems leave on every stick is nobody's file, and counting it would only worry people.
        others += usize::from(name != "handcarry" && !media::is_litter(&name.to_string_lossy()));
    }
    let mut files = Vec::new();
    if medium.folder().is_dir() {
        for entry in walkdir::WalkDir::new(medium.folder()).sort_by_file_name().into_iter().take(MAX_FILES) {
            let entry = entry.map_err(|error| unlisted(error.into()))?;
            if entry.file_type().is_file() {
                files.push(entry.into_path());
            }
        }
    }
    for folder in [medium.requests(), medium.bundles(), medium.receipts(), medium.trust()] {
        let there: Vec<_> = files.iter().filter(|path| path.starts_with(&folder)).collect();
        let bytes = there.iter().filter_map(|path| path.metadata().ok()).map(|facts| facts.len()).sum();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !there.is_empty() {
            context.console.say(format!("Lies there  {name}: {} files, {}", there.len(), text::bytes(bytes)));
        }
    }
    if others > 0 {
        context.console.say(format!("            {others} files and folders that are none of handcarry's"));
    }
    Ok(files)
}

/// Reads handcarry's files twice; returns each range that was not the same, or
/// could not be read.
fn read_there(files: &[PathBuf], context: &Context) -> Vec<Unlike> {
    let bytes: u64 = files.iter().filter_map(|path| path.metadata().ok()).map(|facts| facts.len()).sum();
    if files.is_empty() {
        return Vec::new();
    }
    let progress = context.console.progress("Reading twice what lies there", bytes.saturating_mul(2));
    let (unlike, bypass) = media::read_twice(files, &progress);
    progress.finish();
    let told = unlike.iter().map(|range| match &range.unreadable {
        Some(why) => {
            format!("{} can't be read from byte {} on ({})", range.path.shown(), range.first, text::one_line(why))
        }
        None => format!("{} bytes {} to {} were not the same twice", range.path.shown(), range.first, range.last),
    });
    let told: Vec<String> = told.collect();
    told.iter().for_each(|range| context.console.warn(range));
    if told.is_empty() {
        context
            .console
            .say(format!("Reading     {} of handcarry's files, twice, and the same both times", text::bytes(bytes)));
    }
    warn_cached(&bypass, context);
    context.console.event(
        &kind::READ_TWICE,
        serde_json::json!({ "bytes": bytes, "unlike": told, "past_cache": bypass == Bypass::Bypassed }),
    );
    unlike
}

fn try_out(
    args: &MediaCheckArgs,
    medium: &Medium,
    facts: &MediumFacts,
    context: &Context,
) -> Result<Option<Trial>, Failure> {
    let bytes = media::trial_bytes(facts.free_bytes, args.size);
    if bytes == 0 {
        context.console.warn("there is no free room to try: only what lies there was read");
        return Ok(None);
    }
    let progress = context.console.progress("Writing and reading back test files", bytes.saturating_mul(2));
    let trial = media::try_out(&medium.folder(), bytes, &progress);
    progress.finish();
    let trial = trial?;
    let speed =
        |bytes: u64, time: std::time::Duration| text::bytes((bytes as f64 / time.as_secs_f64().max(1e-3)) as u64);
    context.console.say(format!(
        "Writing     {} at {} a second; reading back {} a second",
        text::bytes(trial.written_bytes),
        speed(trial.written_bytes, trial.writing),
        speed(trial.read_bytes, trial.reading)
    ));
    trial.bad.iter().for_each(|range| context.console.warn(sentence(range)));
    if trial.more > 0 {
        context.console.warn(format!("and {} more ranges", trial.more));
    }
    if let Some(why) = &trial.stopped {
        context.console.warn(format!("writing stopped after {} bytes: {why}", trial.written_bytes));
    }
    warn_cached(&trial.bypass, context);
    context.console.event(
        &kind::TRIAL,
        serde_json::json!({
            "written_bytes": trial.written_bytes, "read_bytes": trial.read_bytes, "good_bytes": trial.good_bytes,
            "bad": trial.bad.iter().map(|range| serde_json::json!({
                "first": range.first, "last": range.last, "how": word(range.wrong),
            })).collect::<Vec<_>>(),
            "more": trial.more, "stopped": trial.stopped.as_ref().map(ToString::to_string),
            "past_cache": trial.bypass == Bypass::Bypassed,
        }),
    );
    Ok(Some(trial))
}

fn word(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Empty => "empty",
        Wrong::Elsewhere { .. } => "elsewhere",
        Wrong::Altered => "altered",
        Wrong::Unreadable => "unreadable",
    }
}

fn sentence(BadRange { first, last, wrong }: &BadRange) -> String {
    let how = match wrong {
        Wrong::Empty => "came back empty".to_owned(),
        Wrong::Elsewhere { by_bytes } => {
            let place = i64::try_from(*first).unwrap_or(i64::MAX).saturating_add(*by_bytes);
            format!("came back as what was written from byte {place} on: the same room was used twice")
        }
        Wrong::Altered => "came back as other bytes".to_owned(),
        Wrong::Unreadable => "can't be read back".to_owned(),
    };
    format!("bytes {first} to {last} of the test {how}")
}

fn warn_cached(bypass: &Bypass, context: &Context) {
    if let Bypass::Cached { why } = bypass {
        context.console.warn(format!("what was read may have come from memory and not from the medium: {why}"));
    }
}

fn verdict(medium: &Medium, unlike: &[Unlike], trial: Option<&Trial>) -> Failure {
    let root = medium.root.shown();
    // Empty and moved blocks are how a false capacity shows: the controller has nowhere to put
    // them, or uses the same room twice. It comes first, since such a medium is beyond all help.
    let lost = |wrong: &Wrong| matches!(wrong, Wrong::Empty | Wrong::Elsewhere { .. });
    let bad: &[BadRange] = trial.map_or(&[], |trial| &trial.bad);
    if let (Some(trial), true) = (trial, bad.iter().any(|range| lost(&range.wrong))) {
        return Failure::new(
            Exit::MediaLies,
            format!(
                "{root} has less room than it says: {} of {} came back",
                text::bytes(trial.good_bytes),
                text::bytes(trial.written_bytes)
            ),
        )
        .hint("do not use this medium: its capacity is false; the ranges are named above");
    }
    let altered = bad.iter().any(|range| range.wrong == Wrong::Altered);
    if altered || unlike.iter().any(|range| range.unreadable.is_none()) {
        return Failure::new(
            Exit::MediaLies,
            format!("{root} gives back other bytes than were written, or other bytes each time"),
        )
        .hint("do not use this medium, or try it in another port; the ranges are named above");
    }
    Failure::new(Exit::MediaFault, format!("{root} fails: some of it can't be written or read"))
        .hint("check that it is plugged in firmly; if it fails again, use another one; the ranges are named above")
}

/// Says what a trial that found nothing does not prove.
fn limits(trial: Option<&Trial>, facts: &MediumFacts, all: bool, context: &Context) {
    let Some(trial) = trial else {
        context.console.say("No fault found in reading; whether it keeps what is written was not tried");
        return;
    };
    let untried = facts.free_bytes.saturating_sub(trial.written_bytes);
    let rest = if facts.free_bytes == u64::MAX { "the rest".to_owned() } else { text::bytes(untried) };
    let hint = if all { "which stays free" } else { "--size all tries it" };
    context.console.say(format!(
        "No fault found in {}. Not tried: {rest} of free room ({hint}), and the room of files that lie there; how long \
         it keeps what it has can't be known",
        text::bytes(trial.written_bytes),
    ));
}
