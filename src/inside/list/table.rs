//! States as a table for people, and as events.

use super::State;
use crate::cli::Context;
use crate::console::kind;
use crate::inside::appliance_session;
use crate::inside::next::Stand;
use crate::inventory::ApplianceEntry;
use crate::model::{FailoverRole, Timestamp, local_minute, text};
use crate::plan::Held;
use crate::report::{About, FleetRow};

/// What a column is headed by.
const HEADS: [&str; 9] =
    ["APPLIANCE", "BASE", "SITE", "ROLE", "STANDS", "NEXT INSTALL", "BACKUP", "RECEIPT", "CERTIFICATE UNTIL"];

/// What stands where nothing is known.
const NOTHING: &str = "-";

/// Tells all of `states`: a row each, then what a row has no room for.
pub(super) fn tell(states: &[(&ApplianceEntry, State)], context: &Context) {
    let console = &context.console;
    let rows: Vec<[String; 9]> = states.iter().map(|(_, state)| row(state, context.now())).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).chain([HEADS[at].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADS.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    console.say(line(&HEADS.map(str::to_owned)));
    for ((entry, state), row) in states.iter().zip(&rows) {
        console.event(&kind::STATE, json(entry, state));
        console.say(line(row));
    }
    for (_, state) in states {
        if matches!(state.standing.stand, Stand::Damaged { .. }) {
            console.warn(format!("{}: {}", state.standing.name, state.standing.stand.told()));
        }
        if let Some(Err(why)) = &state.asked {
            console.warn(format!(
                "{} could not be asked, and stands here as it was last seen: {why}",
                state.standing.name
            ));
        }
    }
}

/// The same for a page.
pub(super) fn page(states: &[(&ApplianceEntry, State)]) -> Vec<FleetRow> {
    let row = |(entry, state): &(&ApplianceEntry, State)| FleetRow {
        about: About { serial: state.standing.serial.clone().unwrap_or_default(), ..appliance_session::about(entry) },
        groups: entry.groups.clone(),
        base: state.standing.base.clone(),
        site: state.standing.site.clone(),
        seen: state.seen,
        role: state.role.map(|(role, _)| role),
        partner: state.pair.as_ref().map(ToString::to_string),
        stands: state.standing.stand.word(),
        held: state.held,
        backup: state.backup,
        receipt: state.receipt.map(|(at, ..)| at),
        trusted_until: state.trusted_until,
        unanswered: state.asked.as_ref().and_then(|asked| asked.as_ref().err().cloned()),
    };
    states.iter().map(row).collect()
}

fn row(state: &State, now: Timestamp) -> [String; 9] {
    let standing = &state.standing;
    let known = |version: &Option<String>| version.as_deref().map_or(NOTHING.to_owned(), text::one_line);
    let when = |at: Option<Timestamp>| at.map_or(NOTHING.to_owned(), day);
    let role = match (state.role, &state.pair) {
        (Some((FailoverRole::None, _)) | None, None) => NOTHING.to_owned(),
        (Some((FailoverRole::None, _)) | None, Some(partner)) => format!("? (with {partner})"),
        (Some((role, _)), None) => role.word().to_owned(),
        (Some((role, _)), Some(partner)) => format!("{} (with {partner})", role.word()),
    };
    let over = |at: Timestamp| if at <= now { format!("{} OVER", day(at)) } else { day(at) };
    [
        standing.name.clone(),
        known(&standing.base),
        known(&standing.site),
        role,
        standing.stand.word().to_owned(),
        match state.held {
            None => "any time".to_owned(),
            Some(Held::NoWindow) => "no window fits".to_owned(),
            Some(Held::Soak(until) | Held::Window(until)) => local_minute(until),
        },
        match state.backup {
            Some((at, false)) => format!("{} old", day(at)),
            other => when(other.map(|(at, _)| at)),
        },
        when(state.receipt.map(|(at, ..)| at)),
        state.trusted_until.map_or(NOTHING.to_owned(), over),
    ]
}

fn day(at: Timestamp) -> String {
    local_minute(at).split(' ').next().unwrap_or_default().to_owned()
}

fn json(entry: &ApplianceEntry, state: &State) -> serde_json::Value {
    let standing = &state.standing;
    serde_json::json!({
        "appliance": standing.name,
        "serial": standing.serial,
        "groups": entry.groups,
        "base": standing.base,
        "site": standing.site,
        "seen": state.seen,
        "asked": state.asked.as_ref().map(|asked| asked.is_ok()),
        "unanswered": state.asked.as_ref().and_then(|asked| asked.as_ref().err()),
        "stands": standing.stand.word(),
        "until": standing.stand.until(),
        "message": standing.stand.told(),
        "command": standing.command(),
        "role": state.role.map(|(role, _)| role),
        "role_seen": state.role.map(|(_, at)| at),
        "pair": state.pair,
        "held_by": state.held.map(Held::word),
        "next_install": state.held.and_then(Held::until),
        "backup": state.backup.map(|(at, fresh)| serde_json::json!({ "at": at, "fresh": fresh })),
        "receipt": state.receipt.map(|(at, receipt, bundle)| {
            serde_json::json!({ "at": at, "receipt": receipt, "bundle": bundle })
        }),
        "certificate_until": state.trusted_until,
        "exported": state.exported.map(|(at, until)| serde_json::json!({ "at": at, "until": until })),
    })
}
