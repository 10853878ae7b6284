//! The verb `list`: the appliances this desk looks after, and where each stands.

mod state;
mod table;

use super::appliance_session;
use super::fleet;
use super::next::Kept;
use crate::cli::{Context, PageArgs};
use crate::console::kind;
use crate::inventory::{ApplianceEntry, Clock, Inventory, PasswordAt, Trust, word};
use crate::language::Tongue;
use crate::media;
use crate::model::{FailoverRole, Failure, ShowPath, text};
use crate::report::{self, Imprint};
use clap::Args;
use serde_json::Value;
use state::State;

/// List the enrolled appliances, or with --state where each stands
///
/// With --state a row each, by the home folder alone, as it was last seen: versions, role in a pair, where it stands,
/// when the next install may begin, the last backup and receipt, and until when its certificate is believed. A journal
/// that can't be relied on is told, and hides no other. No appliance is asked but with --ask. On one page: --write.
#[derive(Debug, Args)]
#[command(mut_arg("write", |write| write.requires("state")))]
pub struct ListArgs {
    /// Only those of this group of the inventory
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Tell where each stands, as it was last seen
    #[arg(long)]
    state: bool,
    /// Ask each appliance first what it shows, as 'status' does
    #[arg(long, requires = "state")]
    ask: bool,
    /// How many are asked at once
    #[arg(long, value_name = "N", requires = "ask", default_value_t = fleet::AT_ONCE, value_parser = clap::value_parser!(u16).range(1..=64))]
    at_once: u16,
    #[command(flatten)]
    page: PageArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the inventory does not read as it should, or no appliance is in the group.
pub fn run(args: &ListArgs, context: &mut Context) -> Result<(), Failure> {
    let inventory = Inventory::read(&context.home)?;
    let entries = match &args.group {
        Some(group) => fleet::members(Some(group), &inventory)?,
        None => inventory.entries().iter().collect(),
    };
    if entries.is_empty() {
        context.console.note(format!("no appliance is enrolled in {}", inventory.path().shown()));
        context.console.next("handcarry-inside enroll NAME --url https://HOST --driver bomgar");
        return Ok(());
    }
    if args.state {
        return tell_states(&entries, args, context);
    }
    for entry in entries {
        context.console.event(
            &kind::APPLIANCE,
            serde_json::json!({
                "appliance": entry.name, "serial": entry.serial, "url": entry.url, "driver": entry.driver, "language": entry.language,
                "clock": entry.clock, "vendor": entry.vendor, "trust": trust(entry),
                "groups": entry.groups, "pair": entry.pair.as_ref().map(|pair| &pair.partner), "windows": entry.windows.as_ref().map(|w| w.written().collect::<Vec<_>>()),
            }),
        );
        for line in lines(entry) {
            context.console.say(line);
        }
    }
    Ok(())
}

/// Tells where each of `entries` stands.
fn tell_states(entries: &[&ApplianceEntry], args: &ListArgs, context: &Context) -> Result<(), Failure> {
    let asked = match args.ask {
        true => fleet::ask(entries, usize::from(args.at_once), context)?.into_iter().map(Some).collect(),
        false => vec![None; entries.len()],
    };
    // After they were asked: what an appliance shows that is new is in its journal by now.
    let (kept, media) = (Kept::look(context), media::mounted());
    let mut states = Vec::with_capacity(entries.len());
    for (entry, asked) in entries.iter().zip(asked) {
        let mut state = State::of(entry, &kept, &media, context);
        if let Some(asked) = asked {
            state.asked = Some(asked.map(|shown| take_shown(&mut state, &shown, context)));
        }
        states.push((*entry, state));
    }
    table::tell(&states, context);
    let make = |imprint: &Imprint| Ok(report::fleet_html(&table::page(&states), imprint));
    // In the language of the first: a desk's appliances mostly have one.
    args.page.write(entries.first().map_or(Tongue::En, |entry| appliance_session::tongue(entry)), make, context)
}

/// Takes in what an appliance shows now, as an event of `status` tells it.
fn take_shown(state: &mut State, shown: &Value, context: &Context) {
    let version = |key: &str| shown["status"][key].as_str().map(text::one_line);
    state.seen = Some(context.now());
    (state.standing.base, state.standing.site) = (version("base_version"), version("site_version"));
    if state.standing.serial.is_none() {
        state.standing.serial = shown["status"]["appliance"]["serial"].as_str().map(text::one_line);
    }
    if let Ok(role) = serde_json::from_value::<FailoverRole>(shown["failover"]["role"].clone()) {
        state.role = Some((role, context.now()));
    }
}

fn lines(entry: &ApplianceEntry) -> Vec<String> {
    let mut lines = vec![
        format!("{}  {}", entry.name, entry.url),
        format!("  serial number: {}", entry.serial.as_deref().map_or("not met yet".to_owned(), text::one_line)),
        format!("  driver {}, language {}, trust: {}", word(&entry.driver), word(&entry.language), trust(entry)),
        format!("  /appliance: {}", account(&entry.appliance.user, &entry.appliance.password)),
        format!("  /login:     {}", account(&entry.login.user, &entry.login.password)),
    ];
    if entry.clock == Clock::Appliance {
        lines.push("  waits are measured by its own clock".to_owned());
    }
    if let Some(hours) = entry.soak_hours {
        lines.push(format!("  waits {hours} h after a site package"));
    }
    if let Some(windows) = &entry.windows {
        let written: Vec<&str> = windows.written().collect();
        lines.push(format!("  installs only: {} ({})", written.join("; "), windows.zone_name()));
    }
    if !entry.groups.is_empty() {
        lines.push(format!("  groups: {}", text::one_line(&entry.groups.join(", "))));
    }
    if let Some(pair) = &entry.pair {
        let order = pair.topology.map_or("in an order that is not said here".to_owned(), |order| order.to_string());
        lines.push(format!("  pair: with {}, {order}", pair.partner));
    }
    if let Some(profile) = &entry.profile {
        lines.push(format!("  labels: {}", profile.shown()));
    }
    lines
}

fn trust(entry: &ApplianceEntry) -> String {
    match &entry.trust {
        Trust::Pinned { certificate, check_host: true } => format!("certificate {}", certificate.shown()),
        Trust::Pinned { certificate, check_host: false } => {
            format!("certificate {}, whatever the host name", certificate.shown())
        }
        Trust::Ca(file) => format!("authorities in {}", file.shown()),
        Trust::Nothing => "none needed".to_owned(),
    }
}

fn account(user: &Option<String>, password: &PasswordAt) -> String {
    let user = user.as_deref().map_or("user asked for".to_owned(), text::one_line);
    match password {
        PasswordAt::Prompt => format!("{user}, password asked for"),
        PasswordAt::File(file) => format!("{user}, password in {}", file.shown()),
        PasswordAt::Env(name) => format!("{user}, password in ${}", text::one_line(name)),
    }
}
