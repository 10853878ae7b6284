//! The verb `next`, which a call without any verb is: where each appliance and
//! each bundle stands, and the one command that is due.
//!
//! It goes by the home folder and by the media that are plugged in. No
//! appliance is asked, nothing is pressed, and nothing is kept.

mod lying;
mod pairs;
mod stand;

use crate::cli::{Context, lies_there, named_or_plugged};
use crate::console::kind;
use crate::engine::Past;
use crate::inside::journals;
use crate::inventory::{ApplianceEntry, Inventory};
use crate::media::{self, Medium};
use crate::model::{Failure, ShowPath};
use crate::trust::Namespace;
use clap::Args;
use lying::Lying;
pub(super) use pairs::last_role;
use stand::View;
pub(super) use stand::{Stand, Standing};
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// Most appliances that are looked at for what is due after a verb that names nothing, those whose journals changed last.
// Each journal is read and proved. Of five hundred that takes a second, which nobody waits for after a verb of a moment;
// what is under way stands among those that changed last.
const MAX_DUE: usize = 50;

/// Tell where each appliance and each bundle stands, and the one command that is due
///
/// The same as a call without any verb. It looks at the home folder and at the media that are plugged in; it asks no
/// appliance, and changes nothing.
#[derive(Debug, Default, Args)]
pub struct NextArgs {
    /// Look at this medium; repeatable [default: all that are plugged in]
    #[arg(value_name = "MEDIA")]
    media: Vec<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the inventory or a named medium can't be read. A journal that can't be is told as where its
/// appliance stands.
pub fn run(args: &NextArgs, context: &mut Context) -> Result<(), Failure> {
    let media = named_or_plugged(&args.media)?;
    let roots = media.iter().map(|medium| Some(medium.root.clone())).chain([None]);
    let lying: Vec<Lying> = roots.flat_map(|root| lying::look(root, context)).collect();
    let inventory = Inventory::read(&context.home)?;
    let view = View { inventory: Some(&inventory), named: None, media: &media, lying: &lying };
    let standings: Vec<Standing> = inventory.entries().iter().map(|entry| stand::of(entry, view, context)).collect();
    standings.iter().for_each(|standing| tell(standing, context));
    for medium in &media {
        context.console.say(format!("{}: {}", medium.root.shown(), lies_there(medium)));
        let there = lying.iter().filter(|one| one.media.as_ref() == Some(&medium.root));
        there.for_each(|one| one.tell(&inventory, context));
    }
    let mut kept = lying.iter().filter(|one| one.media.is_none()).peekable();
    if kept.peek().is_some() {
        context.console.say("the store here:");
    }
    kept.for_each(|one| one.tell(&inventory, context));
    let due = due_among(&standings, context)?;
    if context.typed().is_bare() {
        context.console.note("all commands: handcarry-inside --help; the whole course: man handcarry");
    }
    context.console.next(due);
    Ok(())
}

/// The command that is due for what a verb touched, or for all, where the verb named none.
pub fn due(context: &Context) -> Option<String> {
    let inventory = Inventory::read(&context.home).ok()?;
    let touched = context.console.about();
    let is_touched = |entry: &&ApplianceEntry| touched.iter().any(|name| name == entry.name.as_str());
    let mut entries: Vec<&ApplianceEntry> = inventory.entries().iter().filter(is_touched).collect();
    if entries.is_empty() {
        entries = inventory.entries().iter().collect();
    }
    let all = entries.len();
    if all > MAX_DUE {
        let changed = |entry: &&ApplianceEntry| {
            let journal = entry.identity().map(|who| journals::journal_path(&who, context));
            Reverse(journal.and_then(|path| path.metadata().ok()?.modified().ok()))
        };
        entries.sort_by_cached_key(changed);
        entries.truncate(MAX_DUE);
    }
    let (media, lying) = around(None, context);
    let view = View { inventory: Some(&inventory), named: None, media: &media, lying: &lying };
    let standings: Vec<Standing> = entries.into_iter().map(|entry| stand::of(entry, view, context)).collect();
    let due = due_among(&standings, context).ok()?;
    Some(if due == NOTHING && all > MAX_DUE { "handcarry-inside list --state".to_owned() } else { due })
}

/// What is told where nothing is due.
const NOTHING: &str = "nothing is due now";

/// Tells, last of all, what a bare call would name for `names`, with the medium that a verb worked from in sight.
/// What can't be looked at now is not told: the verb went well.
pub fn after<'n>(names: impl IntoIterator<Item = &'n str>, media: Option<&Path>, context: &Context) {
    let Ok(inventory) = Inventory::read(&context.home) else { return };
    let (mounted, lying) = around(media, context);
    let view = View { inventory: Some(&inventory), named: media, media: &mounted, lying: &lying };
    let entries = names.into_iter().filter_map(|name| inventory.appliance(name).ok());
    let mut standings: Vec<Standing> = entries.map(|entry| stand::of(entry, view, context)).collect();
    // Of two each is told; of many it is the one for which it matters most, as in a bare call.
    if standings.len() > 2 {
        standings.sort_by_key(|standing| standing.stand.rank());
        standings.truncate(1);
    }
    let mut due: Vec<String> =
        standings.into_iter().filter_map(|standing| due_among(&[standing], context).ok()).collect();
    due.dedup();
    due.iter().for_each(|command| context.console.next(command));
}

/// The command that goes on with `entry`'s appliance when what it waits for is over; `None` where nothing waits.
pub fn when_over(entry: &ApplianceEntry, context: &Context) -> Option<String> {
    seen(entry, journals::past_of(entry, context).as_ref(), context).then()
}

/// The appliances enrolled here that a bundle at `media` is for; without one, a bundle in the store.
pub fn carried_for(media: Option<&Path>, context: &Context) -> Vec<String> {
    let lying = lying::look(media.map(Path::to_owned), context);
    let Ok(inventory) = Inventory::read(&context.home) else { return Vec::new() };
    let is_carried = |entry: &&ApplianceEntry| {
        let who = entry.identity();
        who.is_some_and(|who| lying.iter().any(|one| one.carries(who.serial(), context).is_some()))
    };
    inventory.entries().iter().filter(is_carried).map(|entry| entry.name.to_string()).collect()
}

/// Where one appliance stands, a line, and the command that is due.
///
/// # Errors
/// A [`Failure`] where its journal can't be read.
pub fn of_one(entry: &ApplianceEntry, context: &Context) -> Result<(String, Option<String>), Failure> {
    let past = journals::past_of(entry, context)?;
    let standing = seen(entry, Ok(&past), context);
    Ok((standing.line(), standing.command()))
}

/// Where an appliance stands, with all in sight that a bare call looks at.
fn seen(entry: &ApplianceEntry, past: Result<&Past, &Failure>, context: &Context) -> Standing {
    let inventory = Inventory::read(&context.home).ok();
    let (media, lying) = around(None, context);
    let view = View { inventory: inventory.as_ref(), named: None, media: &media, lying: &lying };
    stand::by(entry, past, view, context)
}

/// What lies in the store here, and so goes on without a medium.
pub(super) struct Kept {
    lying: Vec<Lying>,
    inventory: Option<Inventory>,
}

impl Kept {
    /// Looks at it.
    pub(super) fn look(context: &Context) -> Self {
        Kept { lying: lying::look(None, context), inventory: Inventory::read(&context.home).ok() }
    }

    /// Where an appliance stands whose journal was read, with what is kept for it.
    pub(super) fn standing(
        &self,
        entry: &ApplianceEntry,
        past: Result<&Past, &Failure>,
        media: &[Medium],
        context: &Context,
    ) -> Standing {
        let view = View { inventory: self.inventory.as_ref(), named: None, media, lying: &self.lying };
        stand::by(entry, past, view, context)
    }
}

/// The media that are plugged in, and what lies on them, in the store and at `named`.
fn around(named: Option<&Path>, context: &Context) -> (Vec<Medium>, Vec<Lying>) {
    let media = media::mounted();
    let roots = media.iter().map(|medium| Some(medium.root.clone()));
    // What was named comes last: of what lies in two places it is the one that is told.
    let roots = roots.chain([None]).chain(named.map(|path| Some(path.to_owned())));
    let lying = roots.flat_map(|root| lying::look(root, context)).collect();
    (media, lying)
}

fn tell(standing: &Standing, context: &Context) {
    let command = standing.command();
    context.console.event(
        &kind::STANDING,
        serde_json::json!({
            "appliance": standing.name, "serial": standing.serial, "base": standing.base, "site": standing.site,
            "stands": standing.stand.word(), "until": standing.stand.until(), "message": standing.stand.told(),
            "request": standing.request, "command": command,
        }),
    );
    context.console.say(standing.line());
    if let Some(command) = command {
        context.console.say(format!("    {command}"));
    }
}

/// The one command that is due: of the setting up what is missing, else that of
/// the appliance for which it matters most.
fn due_among(standings: &[Standing], context: &Context) -> Result<String, Failure> {
    let most = standings.iter().min_by_key(|standing| standing.stand.rank());
    // What an appliance offers by itself is signed by nobody here.
    let needs_trust = most.is_none_or(|standing| !standing.by_update);
    let setting_up = match standings {
        [] if !context.home.signing_key().exists() => Some("handcarry-inside keygen".to_owned()),
        _ if needs_trust && lacks_signers(context)? => Some("handcarry-inside trust add FILE".to_owned()),
        [] => Some("handcarry-inside enroll NAME --url https://HOST".to_owned()),
        _ => None,
    };
    Ok(setting_up.or_else(|| most.and_then(Standing::command)).unwrap_or_else(|| NOTHING.to_owned()))
}

/// Whether fewer may sign than must, so that no bundle is admitted whoever signs it.
fn lacks_signers(context: &Context) -> Result<bool, Failure> {
    let trust = context.trust_store()?;
    Ok(trust.signers.entries().len() < trust.policy.threshold_for(Namespace::Bundle))
}
