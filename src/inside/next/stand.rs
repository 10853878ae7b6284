//! Where one appliance stands, by its journal, its marks and what lies on the
//! media for it; and so, what is due.

use super::lying::Lying;
use super::pairs;
use crate::cli::{Context, medium_word};
use crate::engine::{Entry, Past};
use crate::inside::high_water::HighWaterMarks;
use crate::inside::open_bundle;
use crate::inside::supply::Supply;
use crate::inside::{appliance_session, at_work, journals};
use crate::inventory::{ApplianceEntry, Driver, Identity, Inventory};
use crate::media::Medium;
use crate::model::{Failure, Id, ShowPath, Timestamp, local_time, shell_word, text};
use crate::plan::soak_remaining;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// An appliance, and where it stands.
pub(in crate::inside) struct Standing {
    pub name: String,
    pub serial: Option<String>,
    /// The versions that it showed last.
    pub base: Option<String>,
    pub site: Option<String>,
    pub stand: Stand,
    /// The last request that no bundle answers, whatever else stands.
    pub request: Option<Id>,
    /// Whether it is one that installs what it offers by itself.
    pub by_update: bool,
    /// Whether a person works it, so that there is nothing to probe.
    guided: bool,
    /// The medium that a command names.
    media: String,
    /// Where a command finds the bundle: a medium, or nothing for the store.
    supply: String,
    /// The words that name it: of a standing pair both, and their order.
    whom: String,
    /// The options that its last run was begun with.
    options: String,
}

/// Where an appliance stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::inside) enum Stand {
    /// What is remembered of it can't be relied on.
    Damaged { what: String },
    /// Another run is at work on it.
    Running { run: String, stands: String },
    /// An install was begun and is not confirmed.
    Installing { told: String, since: Timestamp, goes_on: GoesOn },
    /// A run is not over, and nothing holds it.
    Open(GoesOn),
    /// A run is not over, and its bundle's time is.
    Expired { bundle: Id },
    /// A run waits for the clients of `on`, or for its window.
    Waiting { until: Timestamp, why: String, on: String, then: Box<Stand> },
    /// A bundle for it lies on a medium, or in the store.
    Carried { media: Option<PathBuf>, bundle: Id },
    /// All is installed, and no receipt tells of it.
    Installed { bundle: Id },
    /// It was offered more than its last run installed.
    Left { titles: String, command: Option<String> },
    /// It was never met.
    Unmet,
    /// A request was made, and no bundle answers it.
    Asked { request: Id },
    /// The receipt lies on a medium, to be carried out.
    Told { media: PathBuf },
    /// Nothing is under way.
    Idle,
}

/// What goes on with a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::inside) enum GoesOn {
    /// Push, of a bundle.
    Push,
    /// Update, of what the appliance offers.
    Update,
    /// The command that began a run over two.
    Both { told: String, command: String },
}

/// What is in sight beside the journals.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// Which appliances there are; `None` where that can't be read.
    pub inventory: Option<&'a Inventory>,
    /// The medium that a verb was given.
    pub named: Option<&'a Path>,
    /// The media that are plugged in.
    pub media: &'a [Medium],
    /// The bundles that lie there, and in the store.
    pub lying: &'a [Lying],
}

/// Where `entry`'s appliance stands, by its journal.
pub(super) fn of(entry: &ApplianceEntry, view: View<'_>, context: &Context) -> Standing {
    by(entry, journals::past_of(entry, context).as_ref(), view, context)
}

/// The same, where its journal was read. One that can't be relied on is where it stands: it hides no other appliance.
pub(super) fn by(entry: &ApplianceEntry, past: Result<&Past, &Failure>, view: View<'_>, context: &Context) -> Standing {
    let media_word = view.named.map_or_else(|| medium_word(view.media), ShowPath::quoted);
    let mut standing = Standing {
        name: entry.name.to_string(),
        serial: entry.serial.clone(),
        base: None,
        site: None,
        stand: Stand::Unmet,
        request: None,
        by_update: false,
        guided: entry.driver == Driver::Guided,
        supply: media_word.clone(),
        media: media_word,
        whom: entry.name.to_string(),
        options: String::new(),
    };
    let Some(who) = entry.identity() else { return standing };
    let marks = HighWaterMarks::read(&context.home, &who);
    match (past, marks.as_ref()) {
        (Ok(past), Ok(marks)) => standing.is_by(entry, &who, (past, marks), view, context),
        (Err(failure), _) | (_, Err(failure)) => {
            standing.stand = Stand::Damaged { what: text::one_line(&failure.message) };
        }
    }
    standing
}

/// That the bundle of a run which is not over can't be admitted any more, where no other lies there.
fn over(past: &Past, carried: bool, lying: &[Lying], context: &Context) -> Option<Stand> {
    let run = past.open_pair().map(|open| open.bundle).or(past.run()).filter(|_| !carried && !past.is_by_update())?;
    let lies = |over: bool| lying.iter().any(|one| one.is(run) && one.is_over(context) == over);
    (lies(true) && !lies(false)).then_some(Stand::Expired { bundle: run })
}

/// What was begun and is not over.
fn under_way(entry: &ApplianceEntry, past: &Past, now: Timestamp) -> Option<Stand> {
    let goes_on = match (past.open_pair(), past.open_update()) {
        (Some(open), _) => GoesOn::Both { told: open.told(), command: text::printable(&open.command) },
        (None, Some(_)) => GoesOn::Update,
        (None, None) => GoesOn::Push,
    };
    if let Some(open) = past.open_install() {
        return Some(Stand::Installing { told: open.told(), since: open.since, goes_on });
    }
    if goes_on == GoesOn::Push && !past.is_run_open() {
        return None;
    }
    // Its run has only to say that it is over.
    if goes_on == GoesOn::Push && is_all_installed(past) {
        return Some(Stand::Open(goes_on));
    }
    Some(match wait(entry, past, now) {
        Some((until, why)) => {
            Stand::Waiting { until, why, on: entry.name.to_string(), then: Box::new(Stand::Open(goes_on)) }
        }
        None => Stand::Open(goes_on),
    })
}

/// Whether what the last plan of a push was to install is installed: no wait follows then.
fn is_all_installed(past: &Past) -> bool {
    let of_run = |(_, entry): &(Timestamp, Entry)| matches!(entry, Entry::PushBegun { .. } | Entry::Planned { .. });
    let Some(at) = past.entries().iter().rposition(of_run) else { return false };
    let Entry::Planned { steps, .. } = &past.entries()[at].1 else { return false };
    let is_done = |(_, entry): &&(Timestamp, Entry)| matches!(entry, Entry::InstallConfirmed { .. });
    past.entries()[at..].iter().filter(is_done).count() >= steps.iter().filter(|id| id.starts_with("install-")).count()
}

/// Until when a run waits, and for what; by this machine's clock, since the appliance's was not asked.
fn wait(entry: &ApplianceEntry, past: &Past, now: Timestamp) -> Option<(Timestamp, String)> {
    if let Some(soaks) = soaks(entry, past, now).filter(|_| !pairs::serves_nobody(past)) {
        return Some(soaks);
    }
    let last = past.entries().iter().rev().find_map(|(_, entry)| match entry {
        Entry::WindowClosed { until, window, .. } => Some(Some((*until, window))),
        Entry::PushBegun { .. } | Entry::UpdateBegun { .. } | Entry::InstallStarted { .. } => Some(None),
        _ => None,
    });
    let (until, window) = last.flatten().filter(|(until, _)| *until > now)?;
    Some((until, format!("for the window {}", text::one_line(window))))
}

/// Until when clients have time to update to the last site package.
fn soaks(entry: &ApplianceEntry, past: &Past, now: Timestamp) -> Option<(Timestamp, String)> {
    let site = past.history().last_site()?;
    let left = soak_remaining(&appliance_session::policy(entry), site, now, None);
    (left > 0).then(|| (now.plus_secs(left), format!("for clients to update to {}", text::one_line(&site.name))))
}

/// The newest bundle for it on the media that is not installed already, and older than none that was taken.
fn carried(
    who: &Identity,
    marks: &HighWaterMarks,
    past: &Past,
    lying: &[Lying],
    context: &Context,
) -> Option<(Option<PathBuf>, Id)> {
    let done = |bundle: Id| {
        past.entries().iter().any(|(_, entry)| matches!(entry, Entry::PushDone { bundle: of } if *of == bundle))
    };
    let lowest = marks.lowest_sequence().unwrap_or(0);
    let fits = lying.iter().filter_map(|one| {
        let (bundle, sequence) = one.carries(who.serial(), context)?;
        let open = sequence >= lowest && !marks.used.contains(&bundle) && !done(bundle);
        open.then(|| (sequence, one.media.clone(), bundle))
    });
    fits.max_by_key(|(sequence, ..)| *sequence).map(|(_, media, bundle)| (media, bundle))
}

/// The last receipt, or the bundle that none tells of.
fn receipt(past: &Past) -> Option<Result<Id, Id>> {
    past.entries().iter().rev().find_map(|(_, entry)| match entry {
        Entry::ReceiptSigned { receipt, .. } => Some(Ok(*receipt)),
        Entry::PushDone { bundle } => Some(Err(*bundle)),
        _ => None,
    })
}

/// Where an appliance stands for which nothing is under way and nothing is carried.
fn at_rest(entry: &ApplianceEntry, past: &Past, asked: Option<Id>, view: View<'_>, context: &Context) -> Stand {
    let lies = |receipt: Id| {
        let file = format!("{}-{}.json", entry.name, receipt.short());
        let there = |root: &Path| Medium::at(root).is_ok_and(|medium| medium.receipts().join(&file).is_file());
        let mut roots = view.named.into_iter().chain(view.media.iter().map(|medium| medium.root.as_path()));
        roots.find(|root| there(root)).map(|root| Stand::Told { media: root.to_owned() })
    };
    let receipt = receipt(past);
    match receipt {
        Some(Err(bundle)) => return Stand::Installed { bundle },
        _ if past.is_by_update() => {
            if let Some(left) = left(entry, past, view.inventory, context) {
                return left;
            }
        }
        _ => {}
    }
    let told = receipt.and_then(Result::ok).and_then(lies);
    told.or_else(|| asked.map(|request| Stand::Asked { request })).unwrap_or(Stand::Idle)
}

/// What is left after an appliance installed what it offered: more that it offered, once the clients of the one that
/// serves them had their time.
fn left(entry: &ApplianceEntry, past: &Past, inventory: Option<&Inventory>, context: &Context) -> Option<Stand> {
    let left = pairs::left(past);
    if left.is_empty() {
        return None;
    }
    let left = Stand::Left { titles: text::one_line(&left.join(", ")), command: pairs::reversed(past) };
    let partner = pairs::partner_that_serves(past).and_then(|name| inventory?.appliance(name.as_str()).ok());
    let of_partner = partner.and_then(|entry| Some((entry, journals::past_of(entry, context).ok()?)));
    let (entry, past) = of_partner.as_ref().map_or((entry, past), |(entry, past)| (*entry, past));
    Some(match soaks(entry, past, context.now()) {
        Some((until, why)) => Stand::Waiting { until, why, on: entry.name.to_string(), then: Box::new(left) },
        None => left,
    })
}

/// The last request, where no bundle that was installed answers it.
fn asked(who: &Identity, marks: &HighWaterMarks, past: &Past, context: &Context) -> Option<Id> {
    let request = *marks.requests.last()?;
    // The newest first, and each once: a run that waits begins its push anew each time.
    let mut seen = BTreeSet::new();
    let mut begun = past.entries().iter().rev().filter_map(|(_, entry)| match entry {
        Entry::PushBegun { bundle, manifest_sha256, .. } => seen.insert(*bundle).then_some((*bundle, *manifest_sha256)),
        _ => None,
    });
    let is_answered = begun.any(|(bundle, manifest_sha256)| {
        let kept = open_bundle::kept_consignment(bundle, manifest_sha256, who, context);
        kept.is_ok_and(|consignment| consignment.request.is_some_and(|answered| answered.id == request))
    });
    (!is_answered).then_some(request)
}

impl Stand {
    /// Which matters most, the least first: what may have been tampered with, what may have been pressed, what is
    /// under way, what is carried, what is owed.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Stand::Damaged { .. } => 0,
            Stand::Installing { .. } => 1,
            Stand::Open(GoesOn::Both { .. }) => 2,
            Stand::Open(_) | Stand::Expired { .. } => 3,
            Stand::Carried { .. } | Stand::Left { .. } => 4,
            Stand::Installed { .. } => 5,
            Stand::Unmet => 6,
            Stand::Told { .. } => 7,
            Stand::Asked { .. } => 8,
            Stand::Running { .. } => 9,
            Stand::Waiting { .. } => 10,
            Stand::Idle => 11,
        }
    }

    /// Its name in events.
    pub(in crate::inside) fn word(&self) -> &'static str {
        match self {
            Stand::Damaged { .. } => "damaged",
            Stand::Running { .. } => "running",
            Stand::Installing { .. } => "installing",
            Stand::Open(_) => "open",
            Stand::Waiting { .. } => "waiting",
            Stand::Carried { .. } => "carried",
            Stand::Installed { .. } => "installed",
            Stand::Expired { .. } => "expired",
            Stand::Left { .. } => "left",
            Stand::Unmet => "unmet",
            Stand::Asked { .. } => "asked",
            Stand::Told { .. } => "told",
            Stand::Idle => "idle",
        }
    }

    /// When what waits goes on.
    pub(in crate::inside) fn until(&self) -> Option<Timestamp> {
        match self {
            Stand::Waiting { until, .. } => Some(*until),
            _ => None,
        }
    }

    pub(in crate::inside) fn told(&self) -> String {
        match self {
            Stand::Damaged { what } => format!("what is remembered of it can't be relied on: {what}"),
            Stand::Running { run, stands } => format!("a run is at work on it: {run}; {stands}"),
            Stand::Installing { told, since, .. } => format!("{told} (begun {})", local_time(*since)),
            Stand::Open(GoesOn::Both { told, .. }) => format!("a run is not over: {told}"),
            Stand::Open(_) => "a run is not over".to_owned(),
            Stand::Waiting { until, why, .. } => format!("waits {why}, until {}", local_time(*until)),
            Stand::Carried { media, bundle } => {
                let place =
                    media.as_deref().map_or("in the store here".to_owned(), |media| format!("on {}", media.shown()));
                format!("bundle {} lies for it {place}", bundle.short())
            }
            Stand::Installed { bundle } => {
                format!("bundle {} is installed, and no receipt tells of it", bundle.short())
            }
            Stand::Expired { bundle } => {
                format!("a run is not over, and its bundle {} has expired: it is sealed again outside", bundle.short())
            }
            Stand::Left { titles, .. } => format!("what it offered is installed, but {titles}"),
            Stand::Unmet => "enrolled, and not met yet".to_owned(),
            Stand::Asked { request } => format!("request {} waits for its answer from outside", request.short()),
            Stand::Told { media } => format!("its receipt lies on {}, to be carried out", media.shown()),
            Stand::Idle => "nothing is under way".to_owned(),
        }
    }
}

impl Standing {
    /// Takes what journal and marks tell, and what lies there.
    fn is_by(
        &mut self,
        entry: &ApplianceEntry,
        who: &Identity,
        (past, marks): (&Past, &HighWaterMarks),
        view: View<'_>,
        context: &Context,
    ) {
        let shown = past.entries().iter().rev().find_map(|(_, entry)| entry.shown());
        self.base = shown.and_then(|shown| shown.base.as_ref().map(ToString::to_string));
        self.site = shown.and_then(|shown| shown.site.as_ref().map(ToString::to_string));
        self.by_update = past.is_by_update();
        match pairs::words(entry, past, view.inventory) {
            // The options were typed for it alone.
            Some(both) => self.whom = both,
            None => self.options = text::printable(past.options()),
        }
        let carried = carried(who, marks, past, view.lying, context);
        // What goes on needs the bundle that it began with.
        if let Some((media, _)) = &carried {
            self.supply = Supply::of(media.as_deref()).typed();
            self.by_update &= past.is_run_open();
        }
        self.request = asked(who, marks, past, context);
        self.stand = match at_work::now(&journals::journal_path(who, context), context) {
            Some(run) => Stand::Running { run: run.told(), stands: run.stands() },
            None => under_way(entry, past, context.now())
                .map(|stand| over(past, carried.is_some(), view.lying, context).unwrap_or(stand))
                .or_else(|| carried.map(|(media, bundle)| Stand::Carried { media, bundle }))
                .unwrap_or_else(|| at_rest(entry, past, self.request, view, context)),
        };
    }

    /// A line for people.
    pub(in crate::inside) fn line(&self) -> String {
        let serial = self.serial.as_deref().map_or("not met".to_owned(), text::one_line);
        let version = |version: &Option<String>| version.as_deref().map_or("?".to_owned(), text::one_line);
        let versions = match (&self.base, &self.site) {
            (None, None) => String::new(),
            (base, site) => format!(", base {}, site {}", version(base), version(site)),
        };
        format!("{} ({serial}{versions}): {}", self.name, self.stand.told())
    }

    /// What is due: the command that goes on, now or when the wait is over.
    pub(in crate::inside) fn command(&self) -> Option<String> {
        self.command_where(&self.stand)
    }

    /// What is due when a wait is over; `None` where nothing waits.
    pub(super) fn then(&self) -> Option<String> {
        match &self.stand {
            Stand::Waiting { then, .. } => self.command_where(then),
            _ => None,
        }
    }

    fn command_where(&self, stand: &Stand) -> Option<String> {
        let (name, media) = (&self.name, &self.media);
        let worded = |verb: &str, words: &[&String]| {
            let words = words.iter().filter(|word| !word.is_empty()).map(|word| format!(" {word}"));
            format!("handcarry-inside {verb}{}", words.collect::<String>())
        };
        Some(match stand {
            Stand::Damaged { .. } => format!("handcarry-inside audit {name}"),
            Stand::Running { .. } => format!("handcarry-inside watch {name}"),
            Stand::Installing { goes_on, .. } | Stand::Open(goes_on) => match goes_on {
                GoesOn::Push => worded("push", &[&self.supply, &self.whom, &self.options]),
                GoesOn::Update => worded("update", &[&self.whom, &self.options]),
                GoesOn::Both { command, .. } => command.clone(),
            },
            Stand::Expired { .. } => {
                let serial = shell_word(self.serial.as_deref().unwrap_or_default().as_ref());
                format!("handcarry-outside seal --appliance {serial} --write {media}")
            }
            Stand::Waiting { on, .. } => format!("handcarry-inside soak {on}"),
            Stand::Carried { .. } => worded("plan", &[&self.supply, &self.whom]),
            Stand::Installed { .. } => format!("handcarry-inside receipt {name} {media}"),
            Stand::Left { command: Some(command), .. } => command.clone(),
            Stand::Unmet if !self.guided => format!("handcarry-inside probe {name}"),
            Stand::Asked { .. } => format!("handcarry-outside fetch {media}"),
            Stand::Told { media } => format!("handcarry-outside receive {}", media.quoted()),
            Stand::Left { .. } => worded("update", &[&self.whom]),
            Stand::Idle if self.by_update => worded("update", &[&self.whom]),
            Stand::Idle | Stand::Unmet => format!("handcarry-inside request {name} {media}"),
        })
    }
}
