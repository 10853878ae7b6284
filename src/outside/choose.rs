//! Which packages a bundle gets, for which appliance, in answer to what.

use super::custody;
use super::draft::{Drafts, Sealed};
use super::vault::{RequestContext, StoredPackage, Vault};
use crate::cli::{Context, medium_word};
use crate::media::mounted;
use crate::model::{
    ApplianceId, Exit, Failure, PackageKind, RequestRef, ShowPath, Status, Timestamp, shell_word, text,
};
use std::collections::BTreeSet;
use std::path::Path;

/// What the person asked for.
pub struct PackageCriteria<'a> {
    /// The beginning of a request's id.
    pub request: Option<&'a str>,
    /// An appliance's serial number.
    pub serial: Option<&'a str>,
    /// Its model, where nothing else tells.
    pub model: Option<&'a str>,
    /// Its host name, where nothing else tells.
    pub host: Option<&'a str>,
    /// Titles, or beginnings of digests; empty for all that fit.
    pub packages: &'a [String],
}

/// What the vault has, and what was sealed of it: read once for all appliances.
pub struct Stock {
    /// All packages, oldest first.
    pub packages: Vec<StoredPackage>,
    contexts: Vec<RequestContext>,
    /// All drafts, oldest first.
    pub sealed: Vec<Sealed>,
    /// When it was read.
    now: Timestamp,
}

impl Stock {
    /// Reads it.
    ///
    /// # Errors
    /// The vault's.
    pub fn read(vault: &Vault, drafts: &Drafts, now: Timestamp) -> Result<Self, Failure> {
        // Drafts first: the bytes of each are in memory until they are read.
        let sealed = drafts.all()?;
        Ok(Stock { packages: vault.packages()?, contexts: vault.contexts()?, sealed, now })
    }

    fn is_done(&self, kept: &StoredPackage, serial: &str) -> bool {
        // What was sealed is done even if no receipt came: a second bundle of it would carry a higher number and be the
        // same again. But one whose time is over is admitted by no inside any more.
        let good = |sealed: &&Sealed| sealed.manifest.expires > self.now;
        kept.is_installed_on(serial)
            || self.sealed.iter().filter(good).any(|sealed| sealed.manifest.carries(serial, kept.sha256))
    }

    /// Model and host name of an appliance, as the request `seen` and what was obtained for it tell.
    fn model_and_host(&self, serial: &str, seen: Option<&RequestContext>) -> (Option<String>, Option<String>) {
        let told = |field: fn(&ApplianceId) -> &String| {
            // The newest word counts first: model and host name may have changed with a new box.
            let records = self.packages.iter().rev().filter_map(|kept| kept.appliance.as_ref());
            let mut known = seen.map(|context| &context.status.appliance).into_iter().chain(records);
            known.find(|appliance| appliance.serial == serial && !field(appliance).is_empty()).map(field).cloned()
        };
        (told(|appliance| &appliance.model), told(|appliance| &appliance.host))
    }
}

/// What goes into a bundle for one appliance.
#[derive(Debug)]
pub struct Choice {
    /// The appliance.
    pub appliance: ApplianceId,
    /// The request it answers.
    pub request: Option<RequestRef>,
    /// The appliance as that request saw it.
    pub status: Option<Status>,
    /// The packages, in no order yet.
    pub packages: Vec<StoredPackage>,
}

/// Chooses for one appliance.
///
/// # Errors
/// A [`Failure`] where nothing or too much fits what was asked for.
pub fn choose(wanted: &PackageCriteria<'_>, stock: &Stock) -> Result<Choice, Failure> {
    let Stock { packages: all, contexts, .. } = stock;
    let context = match wanted.request {
        Some(which) => Some(context(which, contexts)?),
        None => None,
    };
    let serial = match (context, wanted.serial) {
        (Some(context), _) => context.status.appliance.serial.clone(),
        (None, Some(serial)) => serial.to_owned(),
        (None, None) => only_serial(wanted, stock)?,
    };
    // Named packages are taken as named, sealed before or not: a person wants them on another stick.
    let packages = match wanted.packages {
        [] => fitting(context, &serial, stock)?,
        names => named(names, &serial, all)?,
    };
    // The newest request that any of them answers; without one, what the newest request of the appliance saw.
    let answered = |context: &&RequestContext| {
        packages.iter().any(|kept| kept.request.as_ref().is_some_and(|request| request.id == context.request))
    };
    let of_serial = |context: &&RequestContext| context.status.appliance.serial == serial;
    let context = context.or_else(|| contexts.iter().rev().filter(of_serial).find(answered));
    let seen = context.or_else(|| contexts.iter().rev().find(of_serial));
    Ok(Choice {
        appliance: appliance(&serial, wanted, seen, stock)?,
        request: context.map(RequestContext::reference),
        status: seen.map(|context| since(&context.status, &serial, all)),
        packages,
    })
}

/// The serial numbers of all appliances that packages wait for, in order.
///
/// # Errors
/// A [`Failure`] where none does.
pub fn waiting(stock: &Stock) -> Result<Vec<String>, Failure> {
    let open = stock.packages.iter().filter_map(|kept| {
        let serial = &kept.appliance.as_ref()?.serial;
        (!stock.is_done(kept, serial)).then_some(serial.clone())
    });
    let serials: BTreeSet<String> = open.collect();
    if serials.is_empty() { Err(nothing(&stock.sealed)) } else { Ok(serials.into_iter().collect()) }
}

/// Finds the one draft that `which` means: the beginning of its id, or the
/// newest where nothing is said.
///
/// # Errors
/// A [`Failure`] where there is none, or several.
pub fn draft(which: Option<&str>, drafts: &Drafts) -> Result<Sealed, Failure> {
    let mut all = drafts.all()?;
    let Some(which) = which else {
        return all.pop().ok_or_else(|| {
            Failure::new(Exit::NotFound, "no bundle is sealed yet").hint("make one with 'handcarry-outside seal'")
        });
    };
    let known: Vec<String> = all.iter().map(|sealed| sealed.manifest.bundle.short()).collect();
    all.retain(|sealed| sealed.manifest.bundle.begins_with(which));
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Ok(only),
        _ => Err(Failure::new(
            Exit::NotFound,
            format!("no single sealed bundle begins with {:?}", text::one_line(which)),
        )
        .hint(if known.is_empty() {
            "none is sealed yet".to_owned()
        } else {
            format!("sealed are: {}", known.join(", "))
        })),
    }
}

/// The appliance with `serial` as its newest request saw it, and as receipts
/// say it became since; `None` where no request of it was read here.
///
/// # Errors
/// A [`Failure`] where the vault can't be read.
pub fn last_seen(serial: &str, vault: &Vault, all: &[StoredPackage]) -> Result<Option<Status>, Failure> {
    let contexts = vault.contexts()?;
    let seen = contexts.iter().rev().find(|context| context.status.appliance.serial == serial);
    Ok(seen.map(|context| since(&context.status, serial, all)))
}

/// The appliance as a request saw it, and as receipts say it became since.
fn since(seen: &Status, serial: &str, all: &[StoredPackage]) -> Status {
    let mut status = seen.clone();
    let installed = all.iter().filter(|kept| kept.is_installed_on(serial));
    for identity in installed.filter_map(|kept| kept.identity.as_ref()) {
        let shown = match identity.kind {
            PackageKind::Base => &mut status.base_version,
            PackageKind::Site => &mut status.site_version,
            // A patch leaves the version as it was, and a licence has none to show.
            PackageKind::Patch | PackageKind::License => continue,
        };
        let none = status.no_site && identity.kind == PackageKind::Site;
        // Receipts come in any order, so only a higher version moves it on.
        if none || shown.as_ref().is_some_and(|shown| *shown < identity.version) {
            *shown = Some(identity.version.clone());
            status.no_site &= !none;
        }
    }
    status
}

fn context<'c>(which: &str, contexts: &'c [RequestContext]) -> Result<&'c RequestContext, Failure> {
    let mut found = contexts.iter().filter(|context| context.request.begins_with(which));
    match (found.next(), found.next()) {
        (Some(context), None) => Ok(context),
        _ => Err(Failure::new(Exit::NotFound, format!("no single request begins with {:?}", text::one_line(which)))
            .hint("a request is known here once 'fetch' has read it from a stick")),
    }
}

/// The command that seals what waits now: for the one appliance it is for, for
/// all of several, or for one that must be named. `onto` is where it goes.
///
/// # Errors
/// The vault's.
pub fn seal_command(stock: &Stock, onto: &str) -> Result<String, Failure> {
    let serials = open_serials(&[], stock)?;
    let of_serial =
        |serial: &str| stock.contexts.iter().rev().find(|context| context.status.appliance.serial == *serial);
    let whom = match serials.first() {
        None if stock.packages.iter().any(|kept| kept.appliance.is_none()) => "--appliance SERIAL --packages TITLE,… ",
        // No request told it, and the bundle names them.
        Some(only) if serials.len() == 1 => match stock.model_and_host(only, of_serial(only)) {
            (Some(_), Some(_)) => "",
            (model, host) => {
                let option = |name: &str, known: bool| {
                    if known { String::new() } else { format!("--{name} {} ", name.to_uppercase()) }
                };
                let serial = shell_word(only.as_ref());
                let lacking = [option("model", model.is_some()), option("host", host.is_some())].concat();
                return Ok(format!("handcarry-outside seal --appliance {serial} {lacking}--write {onto}"));
            }
        },
        None => "",
        Some(_) => "--all ",
    };
    Ok(format!("handcarry-outside seal {whom}--write {onto}"))
}

/// The same, of what the vault has now; onto `media`, or what is plugged in.
///
/// # Errors
/// The vault's.
pub fn next_seal(vault: &Vault, media: Option<&Path>, context: &Context) -> Result<String, Failure> {
    let stock = Stock::read(vault, &Drafts::below(context.home.root()), context.now())?;
    seal_command(&stock, &media.map_or_else(|| medium_word(&mounted()), ShowPath::quoted))
}

/// The serial numbers for which packages wait; of `packages` only, where some are named.
fn open_serials(packages: &[String], stock: &Stock) -> Result<BTreeSet<String>, Failure> {
    let named: Vec<&StoredPackage> =
        packages.iter().map(|name| custody::find(&stock.packages, name)).collect::<Result<Vec<_>, _>>()?.concat();
    let open = |kept: &&StoredPackage| {
        let Some(appliance) = &kept.appliance else { return false };
        match packages {
            [] => !stock.is_done(kept, &appliance.serial),
            _ => named.iter().any(|other| other.id == kept.id),
        }
    };
    let appliances = stock.packages.iter().filter(open).filter_map(|kept| kept.appliance.as_ref());
    Ok(appliances.map(|appliance| appliance.serial.clone()).collect())
}

/// The serial that all open packages share, where nobody named one.
fn only_serial(wanted: &PackageCriteria<'_>, stock: &Stock) -> Result<String, Failure> {
    let mut serials = open_serials(wanted.packages, stock)?.into_iter();
    match (serials.next(), serials.len()) {
        // Nobody is asked which: the appliance must stand in the
        // command, so that a script can't seal for the wrong one.
        (Some(only), 0) => Ok(only),
        (None, _) if stock.packages.iter().any(|kept| kept.appliance.is_none()) => {
            Err(Failure::new(Exit::Usage, "the packages in the vault are for no appliance in particular")
                .hint("say for which: --appliance SERIAL --packages TITLE,…"))
        }
        (None, _) => Err(nothing(&stock.sealed)),
        (Some(first), _) => {
            let rest: Vec<String> =
                std::iter::once(first).chain(serials).map(|serial| text::one_line(&serial)).collect();
            Err(Failure::new(Exit::Usage, format!("packages for several appliances wait: {}", rest.join(", ")))
                .hint("seal one bundle for all of them with --all, or for some with --appliance SERIAL, repeatable"))
        }
    }
}

fn fitting(context: Option<&RequestContext>, serial: &str, stock: &Stock) -> Result<Vec<StoredPackage>, Failure> {
    let fits = |kept: &&StoredPackage| match context {
        // Asked for by its request: sealed before or not, but not what is installed.
        Some(context) => {
            kept.request.as_ref().is_some_and(|request| request.id == context.request) && !kept.is_installed_on(serial)
        }
        None => kept.is_for(serial) && !stock.is_done(kept, serial),
    };
    let packages: Vec<StoredPackage> = stock.packages.iter().filter(fits).cloned().collect();
    if packages.is_empty() { Err(nothing(&stock.sealed)) } else { Ok(packages) }
}

fn named(names: &[String], serial: &str, all: &[StoredPackage]) -> Result<Vec<StoredPackage>, Failure> {
    let mut packages = Vec::new();
    for name in names {
        let found = custody::find(all, name)?;
        // What was obtained for this very appliance comes before what was imported for none.
        let ours = found.iter().find(|kept| kept.is_for(serial));
        let free = found.iter().find(|kept| kept.appliance.is_none());
        let Some(kept) = ours.or(free) else {
            let other =
                found[0].appliance.as_ref().map(|appliance| text::one_line(&appliance.serial)).unwrap_or_default();
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "{:?} was obtained for the appliance {other}, not for {}",
                    found[0].title,
                    text::one_line(serial)
                ),
            )
            .hint("packages are made for one appliance; fetch this one with a code of the right appliance"));
        };
        packages.push((*kept).clone());
    }
    Ok(packages)
}

fn nothing(sealed: &[Sealed]) -> Failure {
    let failure = Failure::new(
        Exit::NothingToDo,
        "there is nothing to seal: all packages are sealed or installed, or none is there",
    );
    match sealed.last() {
        Some(last) => failure.hint(format!(
            "write the last bundle again: handcarry-outside write MEDIA --bundle {}; or name packages with --packages",
            last.manifest.bundle.short()
        )),
        None => failure.hint("get packages with 'handcarry-outside fetch' or 'import --for SERIAL'"),
    }
}

fn appliance(
    serial: &str,
    wanted: &PackageCriteria<'_>,
    seen: Option<&RequestContext>,
    stock: &Stock,
) -> Result<ApplianceId, Failure> {
    let (model, host) = stock.model_and_host(serial, seen);
    let model = wanted.model.map(str::to_owned).or(model);
    let host = wanted.host.map(str::to_owned).or(host);
    match (model, host) {
        (Some(model), Some(host)) => Ok(ApplianceId { serial: serial.to_owned(), model, host }),
        _ => Err(Failure::new(
            Exit::Usage,
            format!("model and host name of the appliance {} are not known here", text::one_line(serial)),
        )
        .hint("say them with --appliance SERIAL --model MODEL --host HOST, as its Status page shows them")),
    }
}
