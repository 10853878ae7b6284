//! The verb `fetch`: codes go out, packages come into the vault.

use super::choose::next_seal;
use super::errands::errands;
use super::exchange::{ExchangeError, Exchanger, FetchRequest, FetchResult, Labels, size_agrees, support_facts};
use super::kind::{KindOverride, identify, parse_told};
use super::vault::{Event, Exchange, Vault};
use super::vendor::VendorOrigins;
use super::way::Way;
use crate::bundle::parse_appliance_text;
use crate::cli::Context;
use crate::console::kind;
use crate::media;
use crate::model::{Exit, Failure, Id, ShowPath, Timestamp, local_time, text};
use crate::web::{Timeouts, WebError, authorities, origin};
use clap::Args;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::str::FromStr;
use std::time::Duration;

/// Largest CA file that is read, in bytes: the public authorities together are a quarter of it.
const MAX_CA_BYTES: u64 = 1 << 20;
/// Largest profile that is read, in bytes.
const MAX_PROFILE_BYTES: u64 = 256 << 10;

/// Exchange download codes for packages and keep them in the vault
///
/// Reads the signed requests on a stick, or takes a code by hand. The vendor
/// lists a package once, so everything that arrives is kept; after any
/// interruption the same command goes on where it was.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("code_by_hand").args(["code", "code_file"]))]
pub struct FetchArgs {
    /// Where the medium is mounted (or the handcarry folder on it)
    #[arg(value_name = "MEDIA")]
    pub(super) media: Option<PathBuf>,
    /// Only this request of those on the stick
    #[arg(long, value_name = "ID", requires = "media")]
    pub(super) request: Option<String>,
    /// Take a code instead of a request's: asked for unseen, or read from standard input; CODE typed here is seen by other users
    #[arg(long, value_name = "CODE", num_args = 0..=1, default_missing_value = "-")]
    pub(super) code: Option<TypedCode>,
    /// File whose first line is the code to take
    #[arg(long, value_name = "FILE")]
    pub(super) code_file: Option<PathBuf>,
    /// Take a code that looks otherwise than the codes seen so far, without a question
    #[arg(long, requires = "code_by_hand")]
    pub(super) odd_code: bool,
    /// The vendor's update page, at a server that 'vendor list' has [default: the request's, else that of update.bomgar.com]
    #[arg(long, value_name = "URL")]
    pub(super) server: Option<String>,
    /// Serial number of the appliance that a typed code is for
    #[arg(long, value_name = "SERIAL", requires = "code_by_hand", value_parser = parse_appliance_text)]
    pub(super) serial: Option<String>,
    /// Its model
    #[arg(long, value_name = "MODEL", requires = "serial", value_parser = parse_appliance_text)]
    pub(super) model: Option<String>,
    /// Its host name
    #[arg(long, value_name = "HOST", requires = "serial", value_parser = parse_appliance_text)]
    pub(super) host: Option<String>,
    /// Another server that the vendor's may lead on to after the code, such as files.example.com by https; repeatable
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    allow_origin: Vec<String>,
    /// Certificate authority of the vendor's server, or of a proxy that opens TLS; PEM or DER [default: the public ones]
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Write a second copy of the vault's packages here, verified [default: the folder in vault.toml]
    #[arg(long, value_name = "DIR")]
    also: Option<PathBuf>,
    /// More labels for the vendor's pages, TOML
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// Seconds of silence after which a connection is given up and made anew [default: 120]
    #[arg(long = "idle", value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle_secs: Option<u64>,
    /// What a package is whose title does not tell, such as "Extra=patch:BT25-01"; repeatable
    #[arg(long = "kind", value_name = "TITLE=KIND:VERSION", value_parser = parse_told)]
    kinds: Vec<KindOverride>,
    /// Give up an exchange that can't be completed; nothing that arrived is deleted
    #[arg(long, value_name = "EXCHANGE", conflicts_with_all = ["media", "code", "code_file", "server"])]
    abandon: Option<String>,
}

/// A code in argv. Its `Debug` shows nothing of it.
#[derive(Clone)]
pub(super) struct TypedCode(pub(super) String);

impl FromStr for TypedCode {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(TypedCode(text.to_owned()))
    }
}

impl std::fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

impl FetchArgs {
    /// Whether the code comes from elsewhere than a request.
    pub(super) fn by_hand(&self) -> bool {
        self.code.is_some() || self.code_file.is_some()
    }
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; what arrived is kept.
pub fn run(args: &mut FetchArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    if let Some(which) = &args.abandon {
        return abandon(&vault, which, context);
    }
    let unfinished = unfinished(&vault, context.now())?;
    if args.media.is_none() && !args.by_hand() && unfinished.is_empty() {
        args.media = context.medium(None).ok();
    }
    let args = &*args;
    if args.media.is_none() && !args.by_hand() && unfinished.is_empty() {
        return Err(Failure::new(Exit::Usage, "nothing to fetch: neither a stick, a code nor an unfinished exchange")
            .hint("name the stick with the request, or give the code with --code"));
    }
    if let Some(folder) = &args.also {
        super::mirror::there(folder)?;
    }
    // What can be wrong with files of this machine is found before a code is sent.
    let ca = args.ca.as_deref().map(ca_file).transpose()?;
    let site = args.profile.as_deref().map(|path| text_file(path, MAX_PROFILE_BYTES, "a profile")).transpose()?;
    let labels = Labels::new(site.as_deref()).map_err(|error| about(error, args.profile.as_deref()))?;
    let origins = VendorOrigins::read(context.home.root())?;
    let mut troubles: Vec<Failure> = Vec::new();
    let errands = errands(args, &vault, &origins, &mut troubles, context)?;

    let (console, time) = (context.console.clone(), Rc::clone(&context.time));
    let mut timeouts = Timeouts::default();
    timeouts.idle = args.idle_secs.map_or(timeouts.idle, Duration::from_secs);
    let way = Way::out(&|name| std::env::var(name).ok())?;
    let exchanger = Exchanger {
        vault: &vault,
        console: &console,
        time: &*time,
        labels: &labels,
        ca,
        timeouts,
        way: &way,
        allowed: &args.allow_origin,
    };
    // What was begun comes before what is new: its code is spent, and its session ends with time.
    for exchange in &unfinished {
        // Asked again: what was begun may have come with another's vault, or its server be listed no more.
        if let Err(error) = origins.admit(&exchange.server, &format!("the exchange {}", exchange.id.short())) {
            troubles.push(said(error.into(), context, troubles.is_empty()));
            continue;
        }
        console.note(format!("Going on with exchange {} at {}", exchange.id.short(), exchange.server));
        let code = errands.iter().find(|errand| same(exchange, errand)).map(|errand| &errand.code);
        settle(
            exchanger.go_on(exchange.id, code, &mut context.operator).map_err(Failure::from),
            &vault,
            args,
            context,
            &mut troubles,
        )?;
    }
    // An errand whose exchange is open is that exchange, and its code is not sent a second time.
    for errand in errands.iter().filter(|errand| !unfinished.iter().any(|exchange| same(exchange, errand))) {
        console.note(format!("Sending the code {} to {}", errand.code.0.redacted(), text::one_line(&errand.server)));
        // Whoever holds a code that is good once wants to know, before all else, whether it still is.
        let unspent = |error: ExchangeError| {
            let failure = Failure::from(error);
            failure.and_hint("; ", "the code was not sent and is as good as before")
        };
        settle(exchanger.begin(errand, &mut context.operator).map_err(unspent), &vault, args, context, &mut troubles)?;
    }
    if let Err(failure) = super::mirror::keep(&vault, args.also.as_deref(), context) {
        troubles.push(said(failure, context, troubles.is_empty()));
    }
    match troubles.into_iter().next() {
        Some(first) => Err(first),
        None => {
            console.next(next_seal(&vault, args.media.as_deref(), context)?);
            Ok(())
        }
    }
}

/// Tells what came of one exchange, and what support must be told.
fn settle(
    haul: Result<FetchResult, Failure>,
    vault: &Vault,
    args: &FetchArgs,
    context: &mut Context,
    troubles: &mut Vec<Failure>,
) -> Result<(), Failure> {
    let haul = match haul {
        Ok(haul) => haul,
        Err(failure) => {
            troubles.push(said(failure, context, troubles.is_empty()));
            return Ok(());
        }
    };
    for number in &haul.fresh {
        let Some((kept, _)) = haul.exchange.arrived.get(number) else { continue };
        let mut kept = kept.clone();
        // A word on the command line may correct what the title told.
        match identify(&kept, &args.kinds, &mut context.operator) {
            identity @ Some(_) if identity != kept.identity => {
                kept.identity = identity;
                vault.record(&kept)?;
            }
            Some(_) => {}
            None => context.console.warn(format!(
                "what {:?} is can't be read from its title; say it with: handcarry-outside vault describe {} --kind KIND --version VERSION",
                kept.title,
                kept.sha256.short()
            )),
        }
        if let Some(note) = &kept.requires_unread {
            context.console.warn(format!(
                "{:?} requires {note:?}, which can't be read; say it with: handcarry-outside vault describe {} --requires base=3.4.0 (or none)",
                kept.title,
                kept.sha256.short()
            ));
        }
        let said = haul.exchange.offers.iter().find(|offer| offer.number == *number).and_then(|o| o.size.as_deref());
        if let Some(said) = said.filter(|said| !size_agrees(said, kept.size_bytes)) {
            context.console.warn(format!(
                "{:?} is {} bytes, and the page said {}: it may not be all of it; compare it with what the vendor says of it, or ask support to offer it again",
                kept.title,
                kept.size_bytes,
                text::one_line(said)
            ));
        }
        super::custody::tell(&kept, vault, &context.console);
    }
    for offer in haul.exchange.greyed() {
        context.console.note(format!("Listed, but not offered until another is installed: {}", offer.title));
    }
    let exchange = &haul.exchange;
    if let Some(appliance) = &exchange.appliance {
        let greyed: Vec<crate::model::Offer> = exchange.greyed().into_iter().map(as_shown).collect();
        super::release_check::tell(&appliance.serial, &greyed, vault, context)?;
    }
    context.console.event(
        &kind::EXCHANGE,
        serde_json::json!({
            "exchange": exchange.id, "server": exchange.server, "code": exchange.code, "identity": exchange.appliance,
            "request": exchange.request, "listed": exchange.offers.len(), "missing": exchange.missing().len(),
            "complete": exchange.closed && exchange.refusal.is_none(),
        }),
    );
    if let Some(trouble) = haul.trouble {
        // A disk of ours is no matter for the vendor; a refusal is one only where it costs packages.
        let theirs = match &trouble {
            ExchangeError::NoRoom { .. }
            | ExchangeError::Vault(_)
            | ExchangeError::Elsewhere { .. }
            | ExchangeError::Web(WebError::Proxy { .. }) => false,
            ExchangeError::CodeSpent { by_us, .. } => *by_us,
            _ => exchange.refusal.is_none(),
        };
        if theirs {
            let facts = support_facts(exchange);
            context.console.say("What vendor support needs to know:");
            facts.iter().for_each(|fact| context.console.say(format!("  {fact}")));
            context.console.event(&kind::SUPPORT_FACTS, serde_json::json!({ "exchange": exchange.id, "facts": facts }));
        }
        if let (ExchangeError::CodeSpent { by_us: false, .. }, Some(earlier)) = (&trouble, used_by(exchange, vault)?) {
            context.console.note(format!(
                "A code with this ending was used at this server by exchange {} of this vault at {}",
                earlier.id.short(),
                local_time(earlier.opened)
            ));
        }
        troubles.push(said(trouble.into(), context, troubles.is_empty()));
    }
    Ok(())
}

/// A listed package that is not offered yet, with what its row says.
fn as_shown(offer: &super::vault::ListedPackage) -> crate::model::Offer {
    crate::model::Offer { title: offer.title.clone(), locked: Some(offer.requires.clone().unwrap_or_default()) }
}

/// The exchange of this vault that used the same code, as far as its ending tells.
fn used_by(exchange: &Exchange, vault: &Vault) -> Result<Option<Exchange>, Failure> {
    // By the server too: two servers may know codes with the same ending.
    let same =
        |other: &Exchange| other.listed.is_some() && other.server == exchange.server && other.code == exchange.code;
    Ok(vault.exchanges()?.into_iter().find(same))
}

/// The first trouble is told last, as the run's own failure; the others here.
pub(super) fn said(failure: Failure, context: &Context, first: bool) -> Failure {
    if !first {
        context.console.warn(&failure.message);
    }
    failure
}

/// Exchanges of which something is still expected. Those whose code was never
/// sent have nothing to go on with and are closed.
fn unfinished(vault: &Vault, now: Timestamp) -> Result<Vec<Exchange>, Failure> {
    let mut open = Vec::new();
    for exchange in vault.exchanges()?.into_iter().filter(|exchange| !exchange.closed) {
        if exchange.spending.is_some() {
            open.push(exchange);
        } else {
            let why = "the code was never sent".to_owned();
            // Closed with its reason, and not deleted: a record is the only thing that tells whether a code was sent.
            vault.carry_on(exchange.id, now)?.write(now, Event::Closed { abandoned: Some(why) })?;
        }
    }
    Ok(open)
}

fn same(exchange: &Exchange, errand: &FetchRequest) -> bool {
    match (&exchange.request, &errand.request) {
        (Some(theirs), Some(ours)) => theirs.id == ours.id,
        // The ending of a long code is as good as the code; of a short one nothing is shown.
        _ => {
            let told = exchange.code.chars().count() > 1 || exchange.appliance.is_some();
            told && exchange.server == errand.server
                && exchange.code == errand.code.0.redacted()
                && exchange.appliance == errand.appliance
        }
    }
}

fn abandon(vault: &Vault, which: &str, context: &mut Context) -> Result<(), Failure> {
    let open: Vec<Id> =
        vault.exchanges()?.iter().filter(|exchange| !exchange.closed).map(|exchange| exchange.id).collect();
    let found: Vec<Id> = open.iter().copied().filter(|id| id.begins_with(which)).collect();
    let [id] = found.as_slice() else {
        let listed: Vec<String> = open.iter().map(Id::short).collect();
        return Err(Failure::new(Exit::NotFound, format!("no single unfinished exchange begins with {which:?}")).hint(
            if listed.is_empty() {
                "no exchange is unfinished".to_owned()
            } else {
                format!("unfinished are: {}", listed.join(", "))
            },
        ));
    };
    let mut ledger = vault.carry_on(*id, context.now())?;
    let facts = support_facts(&ledger.exchange);
    ledger.write(context.now(), Event::Closed { abandoned: Some("given up by the operator".to_owned()) })?;
    context
        .console
        .say(format!("Exchange {} is given up; what arrived stays in the vault. For vendor support:", id.short()));
    facts.iter().for_each(|fact| context.console.say(format!("  {fact}")));
    context.console.event(&kind::ABANDONED, serde_json::json!({ "exchange": id, "facts": facts }));
    Ok(())
}

/// Says which file does not read.
fn about(error: impl Into<Failure>, file: Option<&Path>) -> Failure {
    match file {
        Some(path) => error.into().about(path.shown()),
        None => error.into(),
    }
}

/// Reads scheme, host and port of a server, for clap.
pub(super) fn parse_origin(written: &str) -> Result<String, String> {
    origin(written).map_err(|error| error.to_string())
}

fn ca_file(path: &Path) -> Result<String, Failure> {
    let bytes = media::read_bounded(path, MAX_CA_BYTES, "a CA file")?;
    authorities(&bytes, path).map_err(|error| about(error, Some(path)))
}

fn text_file(path: &Path, limit_bytes: u64, what: &'static str) -> Result<String, Failure> {
    let bytes = media::read_bounded(path, limit_bytes, what)?;
    text::decoded(&bytes).ok_or_else(|| {
        Failure::new(Exit::Config, format!("{} is not UTF-8 text", path.shown()))
            .hint("save it again as UTF-8 with an editor")
    })
}
