//! The verb `request`: an appliance's state and its download code, signed,
//! onto the stick.

use super::appliance_session;
use super::fleet::{self, FleetArgs};
use super::high_water::{HighWaterMarks, sound_time};
use super::journals;
use super::meet::{self, MetAppliance};
use super::word_order;
use crate::cli::{Context, KeyArgs, ask_code, write_paper};
use crate::console::{Operator, kind};
use crate::driver::{self, Did, Guide};
use crate::engine::{Entry as Record, RunJournal};
use crate::inside::question::{CodePrompt, InsideQuestion};
use crate::inventory::{ApplianceEntry, Clock, Driver, Identity};
use crate::media::{self, Medium, Mode};
use crate::model::{
    DownloadCode, Exit, Failure, FileName, Id, Request, Secret, ShowPath, Status, Version, duration_human, local_time,
};
use crate::plan;
use crate::trust::Namespace;
use clap::Args;
use std::path::PathBuf;

/// The first base version whose Updates page gives a code; before it, vendor
/// support does. Source: guide, manual updates.
const FIRST_BASE_WITH_CODE: &str = "3.3.2";

/// Ask for packages: read the appliance, obtain its download code, sign both onto the medium
///
/// The code is good once and is obtained last, when all that could fail
/// before it has not. It goes onto the medium, and is shown for those who carry
/// it on paper; with --no-code-on-media it is only shown. With --json the code
/// is in the event only where the medium does not carry it.
#[derive(Debug, Args)]
#[command(allow_missing_positional = true, override_usage = "handcarry-inside request [OPTIONS] <NAME> [MEDIA]")]
pub struct RequestArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Where the medium is mounted (or the handcarry folder on it); after NAME it may be left out where one is plugged in
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
    /// Carry the code on paper: leave it out of the file on the medium
    #[arg(long, conflicts_with_all = ["all", "group"])]
    no_code_on_media: bool,
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    fleet: FleetArgs,
}

impl RequestArgs {
    /// Takes the words in the other order, too.
    pub(super) fn put_in_order(&mut self, context: &Context) -> &Self {
        if !self.fleet.is_meant() {
            word_order::name_and_medium(&mut self.name, &mut self.media, context);
        }
        self
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no medium, no key, the appliance's or its clock's.
pub fn run(args: &RequestArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.run(|one, name| one.first(name), &args.key, context);
    }
    // A request has a time, and the code depends on the appliance's clock.
    sound_time(context)?;
    let entry = appliance_session::entry(fleet::one_and_media("request", args.name.as_ref(), &args.media)?, context)?;
    let medium = Medium::at(&args.media)?;
    check_writable(&medium)?;
    let signer = context.signer(&args.key)?;

    let mut appliance = driver::connect(&entry, context)?;
    context.console.note(format!("{}: reading {}", entry.name, entry.url));
    context.console.event(&kind::READING, serde_json::json!({ "appliance": entry.name, "url": entry.url }));
    let MetAppliance { identity, status } = meet::look(&mut *appliance, &entry, context)?;
    tell(&status, context);
    check_clock(&entry, &status, context)?;

    if args.no_code_on_media {
        // Nobody would have the code, and it is good once.
        context.console.deliverable()?;
    }
    // A name that fits no file is found out before the press: the code is good once.
    let id = Id::random();
    let stem = FileName::parse(&format!("{}-{}", entry.name, id.short()))
        .map_err(|complaint| Failure::new(Exit::Config, complaint).hint("enrol the appliance under a shorter name"))?;
    let code = match why_no_code(&status) {
        Some(why) => {
            context.console.warn(why);
            None
        }
        None => match appliance.download_code()? {
            Did::Done(code) => Some(code),
            Did::ByHand(guide) => ask_for_code(&guide, context)?,
        },
    };
    let ending = code.as_ref().map(|code| code.0.redacted());
    let on_media = code.is_some() && !args.no_code_on_media;
    // The code is spent on this run, so it is told before anything can fail
    // again. With --json what is said is often kept in a log: there it stands
    // only where it would be lost otherwise.
    if let Some(code) = code.as_ref().filter(|_| !context.console.json()) {
        context.console.say(format!("download code: {} (good once)", code.0.reveal()));
    }
    let (carried, on_paper) = if args.no_code_on_media { (None, code) } else { (code, None) };
    let rescued = |code: &Option<DownloadCode>, request: Id, context: &Context| match (code, context.console.heard()) {
        (Some(code), Err(why)) => Some(rescue(code, request, &why, context)),
        _ => None,
    };
    let request =
        Request { format: 1, request: id, created: context.now(), status, vendor: entry.vendor.clone(), code: carried };
    let path = match write_paper(&medium.requests(), &stem, &request, Namespace::Request, &signer) {
        Ok(path) => path,
        Err(failure) => {
            if let Some(code) = request.code.as_ref().filter(|_| context.console.json()) {
                context.console.say(format!("the request could not be kept; its download code: {}", code.0.reveal()));
            }
            for code in [&request.code, &on_paper] {
                if let Some(rescued) = rescued(code, request.request, context) {
                    context.console.warn(rescued.message);
                }
            }
            return Err(failure);
        }
    };
    // After the paper: a request that never got onto the medium is answered by nobody.
    HighWaterMarks::change(&context.home, &identity, |marks| marks.remember_request(request.request))?;
    context.console.event(
        &kind::REQUEST,
        serde_json::json!({
            "request": request.request, "file": path,
            "code": on_paper.as_ref().map(|code| code.0.reveal()), "code_ending": ending,
            "code_on_media": on_media, "vendor": entry.vendor, "status": request.status,
        }),
    );
    context.console.say(format!("request {} is signed onto {}", request.request.short(), path.shown()));
    if let Some(rescued) = rescued(&on_paper, request.request, context) {
        return Err(rescued);
    }
    context
        .console
        .note(format!("meanwhile, what must be done before the update: handcarry-inside before {}", entry.name));
    context.console.next(next(args, on_paper.is_some(), on_media));
    Ok(())
}

/// What the outside does next, as it is typed there.
fn next(args: &RequestArgs, code: bool, on_media: bool) -> String {
    let media = args.media.quoted();
    match (code, on_media) {
        (_, true) => format!("handcarry-outside fetch {media}"),
        (true, false) => format!("handcarry-outside fetch {media} --code, and type the code above when asked"),
        (false, false) => {
            format!("handcarry-outside fetch {media} --code, and type the code from vendor support when asked")
        }
    }
}

/// Finds out before a code is spent whether the request can be kept.
fn check_writable(medium: &Medium) -> Result<(), Failure> {
    let folder = medium.requests();
    media::create_dirs(&folder, Mode::Shared)?;
    let trial = media::DurableFile::create(&folder.join("trial"), Mode::Shared, true)?;
    // Never committed, so that nothing of it stays on the medium.
    trial.sync()?;
    Ok(())
}

/// Keeps a code that no medium carries and nobody was shown, for its owner
/// alone, and says where; where that fails too it is told in whatever is left.
fn rescue(code: &DownloadCode, request: Id, why: &Failure, context: &Context) -> Failure {
    let folder = context.home.join("codes");
    let path = folder.join(format!("{}.txt", request.short()));
    let line = format!("{}\n", code.0.reveal());
    let kept = media::create_dirs(&folder, Mode::Private)
        .and_then(|()| media::write_durably(&path, line.as_bytes(), Mode::Private));
    let (told, hint) = match kept {
        Ok(()) => (
            format!("it is kept in {}", path.shown()),
            format!("take it from there, then remove that file: rm {}", path.quoted()),
        ),
        Err(error) => (
            format!("nor be kept ({error}); it is {}", code.0.reveal()),
            "write it down now, or ask vendor support for another".to_owned(),
        ),
    };
    Failure::new(Exit::OutputLost, format!("the download code could not be shown ({}); {told}", why.message)).hint(hint)
}

fn tell(status: &Status, context: &Context) {
    let shown = |version: &Option<Version>| version.as_ref().map_or("unknown".to_owned(), Version::to_string);
    context.console.say(format!(
        "{}: base {}, site {}",
        status.appliance,
        shown(&status.base_version),
        if status.no_site { "none yet".to_owned() } else { shown(&status.site_version) }
    ));
    if status.typed {
        context.console.warn(super::status::TYPED);
    }
}

/// The code depends on the appliance's clock (guide, manual updates), and so
/// does every wait: it must agree with ours before either is begun.
fn check_clock(entry: &ApplianceEntry, status: &Status, context: &mut Context) -> Result<(), Failure> {
    let tolerance = plan::SitePolicy::default().clock_tolerance_secs;
    let Some(skew) = plan::clock_skew(status, context.now()) else {
        if entry.clock == Clock::Appliance {
            context.console.warn("the appliance's clock could not be read; download codes depend on it");
            return Ok(());
        }
        let (now, tolerance) = (local_time(context.now()), duration_human(tolerance));
        let question = InsideQuestion::DoClocksAgree { now, tolerance };
        let yes = context.operator.confirm(&question)?;
        let who = Identity::of(&status.appliance.serial);
        let mut journal = journals::open(&who, context)?;
        journal.append(context.now(), &Record::Asked { question: question.to_string(), yes })?;
        return match yes {
            true => Ok(()),
            false => Err(skewed("the appliance's clock differs from ours".to_owned(), entry)),
        };
    };
    if skew.abs() <= tolerance {
        return Ok(());
    }
    let direction = if skew > 0 { "ahead of" } else { "behind" };
    let message = format!(
        "the appliance's clock is {} {direction} ours, more than the tolerance of {}",
        duration_human(skew),
        duration_human(tolerance)
    );
    match entry.clock {
        Clock::Host => Err(skewed(message, entry)),
        Clock::Appliance => {
            context.console.warn(format!("{message}; if the vendor refuses the code, this is why"));
            Ok(())
        }
    }
}

fn skewed(message: String, entry: &ApplianceEntry) -> Failure {
    let hint = match entry.driver {
        Driver::Bomgar | Driver::Guided => format!(
            "set its NTP server under /appliance > Networking > IP Configuration (Rede > Configuração do IP), \
             or this machine's clock; where the two can't agree: clock = \"appliance\" under [appliances.{}]",
            entry.name
        ),
    };
    Failure::new(Exit::ClockSkew, message).hint(hint)
}

/// Why this appliance's pages give no code; `None` where they should.
fn why_no_code(status: &Status) -> Option<String> {
    let first = Version::parse(FIRST_BASE_WITH_CODE).expect("the constant is a version");
    // Where no version is shown it is tried: whether its page gives a code, that page says best.
    let base = status.base_version.as_ref().filter(|base| **base < first)?;
    Some(format!(
        "base {base} is older than {FIRST_BASE_WITH_CODE}, whose Updates page gives no download code: ask vendor \
         support for it (help.bomgar.com, with the serial number {}), then give it outside with fetch --code",
        status.appliance.serial
    ))
}

/// Tells the operator how to obtain the code, and takes it as typed.
fn ask_for_code(guide: &Guide, context: &mut Context) -> Result<Option<DownloadCode>, Failure> {
    context.console.event(&kind::GUIDED, guide);
    context.console.say(format!("by hand: {}", guide.title));
    context.console.say(format!("  because {}", guide.because));
    context.console.say(format!("  go to   {}", guide.menu_path));
    for (number, line) in guide.instructions.iter().enumerate() {
        context.console.say(format!("  {}. {line}", number + 1));
    }
    ask_code(&mut |context| Ok(Secret::new(context.operator.ask(&CodePrompt)?)), context)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ApplianceId;

    fn status(base: &str) -> Status {
        Status {
            appliance: ApplianceId { serial: "S".into(), model: "B200".into(), host: "h".into() },
            base_version: Version::parse(base),
            site_version: None,
            site_build: None,
            clock: None,
            installed: None,
            offered: None,
            no_site: false,
            typed: false,
        }
    }

    #[test]
    fn old_bases_are_sent_to_vendor_support() {
        assert!(why_no_code(&status("3.3.1")).is_some_and(|why| why.contains("serial number S")));
        assert!(why_no_code(&status("3.2")).is_some());
        for base in ["3.3.2", "3.10", "4.0", ""] {
            assert_eq!(why_no_code(&status(base)), None, "{base}");
        }
    }
}
