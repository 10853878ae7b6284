//! The support pack: what vendor support asks for when an appliance is in
//! trouble, in one zip, without anything secret.
//!
//! 1. It is made by itself when a base update is in trouble, and by the verb
//!    `support` at any time. It changes nothing on the appliance, logs nobody
//!    out, and orders no restart.
//! 2. It lies under `support/NAME/`, readable by its owner only, written
//!    durably, and never in the place of another.
//! 3. No password, token, cookie or download code is in it: the inventory's
//!    passwords, the API's secret and what was typed in this run are taken out
//!    of every text, and so is what stands where such things stand (`redact`).

mod pack;
mod redact;

use super::appliance_session::{self, ApplianceSession};
use super::journals;
use super::transcript::Transcript;
use super::zipped;
use crate::cli::Context;
use crate::console::kind;
use crate::driver::{self, Appliance, SeenPage};
use crate::inventory::{ApplianceEntry, Identity};
use crate::media::{self, MediaError, Mode};
use crate::model::{Exit, Failure, Kind, ShowPath, Status, text};
use clap::Args;
use pack::Parts;
use redact::Redactor;
use std::path::PathBuf;

/// Packs of one second, at most; more than one is rare.
const MAX_SAME_SECOND: u32 = 99;

/// Pack what vendor support asks for into one zip, without secrets
///
/// Status and pages as last read, the journal since the last push began,
/// versions and times. The appliance is looked at once, and nothing on it is
/// changed; it works while a push is running, too.
#[derive(Debug, Args)]
pub struct SupportArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// Where the zip goes; never in the place of another file [default: support/NAME in the home folder]
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// Leave the appliance alone; the pack then says nothing of its present state
    #[arg(long)]
    offline: bool,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, the file is there already or can't be
/// written. An appliance that can't be read is told of in the pack.
pub fn run(args: &SupportArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = appliance_session::entry(&args.name, context)?;
    let (mut now, mut pages, mut who) = (None, Vec::new(), entry.identity());
    let mut looked: Option<Box<dyn Appliance>> = None;
    if !args.offline {
        let appliance = looked.insert(driver::connect(&entry, context)?);
        let read = appliance.status().map_err(Failure::from);
        match &read {
            Ok(status) => who = Some(Identity::of(&status.appliance.serial)),
            Err(failure) => context.console.warn(format!("its state is left out: {}", failure.message)),
        }
        let noted = who.as_ref().map_or(Ok(()), |who| journals::note_heard(&mut **appliance, who, context));
        if let Err(failure) = noted {
            journals::warn_of_unnoted(&failure, context);
        }
        (now, pages) = (Some(read.map_err(|failure| told_failure(&failure, context))), appliance.pages());
    }
    let seen = PackFacts { now, pages, told: Transcript::default(), trouble: None };
    let withhold = |text: String| looked.as_ref().map_or(text.clone(), |appliance| appliance.withhold(text));
    let path = match &args.write {
        Some(file) => zipped::write_new(file, parts(&entry, who.as_ref(), &seen, &withhold, context).files())
            .map(|()| file.clone())
            .map_err(Failure::from),
        None => keep(&entry, who.as_ref(), &seen, &withhold, context),
    }?;
    context.console.event(&kind::SUPPORT_PACK, serde_json::json!({ "file": path }));
    context.console.say(format!("support pack: {}", path.shown()));
    context
        .console
        .note("look it through before it leaves the house; it holds no password, and it names your appliance");
    Ok(())
}

/// What is known besides journal and inventory.
struct PackFacts {
    /// The appliance as it was read for this pack; `None` where it was left alone.
    now: Option<Result<Status, String>>,
    /// The pages that were read last.
    pages: Vec<SeenPage>,
    /// What the run said last.
    told: Transcript,
    /// How the run ended, as it is told.
    trouble: Option<String>,
}

impl ApplianceSession {
    /// Adds a support pack to the failure of a base update, and says where it
    /// lies; other failures pass as they are. The appliance is left alone.
    pub fn in_trouble(&self, failure: Failure, context: &mut Context) -> Failure {
        if failure.kind != Kind::BaseTrouble {
            return failure;
        }
        let trouble = Some(told_failure(&failure, context));
        let seen = PackFacts { now: None, pages: self.appliance.pages(), told: self.told.clone(), trouble };
        let backup = self.rules.backup_password.as_ref();
        let withhold = |text: String| {
            let text = self.appliance.withhold(text);
            backup.map_or(text.clone(), |password| password.withhold(&text))
        };
        match keep(&self.entry, Some(&self.identity), &seen, &withhold, context) {
            Ok(path) => {
                context.console.event(&kind::SUPPORT_PACK, serde_json::json!({ "file": path }));
                return failure.and_hint("\n", format!("send them this support pack: {}", path.shown()));
            }
            Err(why) => context.console.warn(format!("no support pack was made: {}", why.message)),
        }
        failure
    }
}

/// What takes the secrets of this run out of a text: those that were typed
/// are in no inventory.
type Withhold<'a> = &'a dyn Fn(String) -> String;

/// Everything of a pack, with nothing secret left in it.
fn parts(
    entry: &ApplianceEntry,
    who: Option<&Identity>,
    seen: &PackFacts,
    withhold: Withhold<'_>,
    context: &Context,
) -> Parts {
    let redactor = Redactor::of(entry, context.home.root());
    // First the secrets of this run, which are known whole; then whatever stands where a secret usually does.
    let clean = |text: &str| redactor.clean(&withhold(text.to_owned()));
    let journal = who.map(|who| journals::journal_path(who, context));
    Parts::gather(entry, seen, journal.as_deref(), context.now(), &clean)
}

/// Writes a pack into the appliance's own folder, under a name of its own.
fn keep(
    entry: &ApplianceEntry,
    who: Option<&Identity>,
    seen: &PackFacts,
    withhold: Withhold<'_>,
    context: &Context,
) -> Result<PathBuf, Failure> {
    let folder = context.home.join("support").join(entry.name.as_str());
    media::create_dirs(&folder, Mode::Private)?;
    let stem = format!("{}-{}", entry.name, context.now().compact());
    let parts = parts(entry, who, seen, withhold, context);
    for number in 1..=MAX_SAME_SECOND {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("{stem}{more}.zip"));
        match zipped::write_new(&path, parts.files()) {
            Ok(()) => return Ok(path),
            Err(MediaError::Exists { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::new(Exit::Exists, format!("too many support packs of one second lie in {}", folder.shown()))
        .hint("run it again"))
}

/// A failure as one paragraph.
fn told_failure(failure: &Failure, context: &Context) -> String {
    let hint = failure.hint.as_ref().map_or(String::new(), |hint| format!("\nhint: {}", context.typed().tell(hint)));
    format!("{}\nexit: {} {}{hint}", text::printable(&failure.message), failure.exit.code(), failure.exit.name())
}
