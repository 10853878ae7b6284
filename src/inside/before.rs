//! The verb `before`: what must be done before the first package is in.

use super::appliance_session;
use super::journals;
use super::meet;
use crate::cli::Context;
use crate::driver;
use crate::engine::{Entry as Record, Noted, Past, advised_limit};
use crate::inventory::{ApplianceEntry, Identity};
use crate::media::{self, Mode};
use crate::model::{Failure, PackageKind, ShowPath, duration_human, text};
use crate::plan;
use crate::report::{self, KeptBackup, Readiness, Tongue, Unasked};
use clap::Args;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Print the checklist for before an upgrade: what can't be done afterwards
///
/// It is the guide's: users told, a quiet window, a backup with history,
/// certificates exported, the old MSI kept, the Jump Clients' limit lowered.
/// What can be seen from here is ticked; nothing is pressed. On paper or as a
/// page: --write.
#[derive(Debug, Args)]
pub struct BeforeArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// Its language [default: that of the appliance's pages, else en]
    #[arg(long, value_enum)]
    language: Option<Tongue>,
    /// Leave the site alone; only what is known here is ticked then
    #[arg(long)]
    offline: bool,
    /// Write it to this new file too: a page where it ends in .html, else text
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, a journal that does not hold, a file that is there already.
pub fn run(args: &BeforeArgs, context: &mut Context) -> Result<(), Failure> {
    let entry = appliance_session::entry(&args.name, context)?;
    let mut who = entry.identity();
    let (seen, unasked) = match args.offline {
        true => (SiteClients::default(), Some(Unasked::LeftAlone)),
        false => look(&entry, &mut who, context),
    };
    let past = who.map(|who| journals::past(&who, context)).transpose()?.unwrap_or_default();
    let SiteClients { update_limit, advised, connected } = seen;
    let ready = Readiness { unasked, update_limit, advised, connected, ..known(&entry, &past, context) };
    let language = args.language.unwrap_or_else(|| appliance_session::tongue(&entry));
    let list = report::preparations(&ready, language);
    context.console.event("preparations", &list);
    context.console.say(report::checklist_text(&list));
    if let Some(path) = &args.write {
        let page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
        let told = if page { report::checklist_html(&list) } else { report::checklist_text(&list) + "\n" };
        media::write_durably_new(path, told.as_bytes(), Mode::Shared)?;
        context.console.note(format!("written: {}", path.shown()));
    }
    context.console.note(format!("next: handcarry-inside plan MEDIA {}", entry.name));
    Ok(())
}

/// What inventory and journal tell.
fn known(entry: &ApplianceEntry, past: &Past, context: &Context) -> Readiness {
    let (history, policy, now) = (past.history(), appliance_session::policy(entry), context.now());
    let takes = plan::install_estimate(history, PackageKind::Site);
    let window = policy.windows.as_ref().and_then(|windows| windows.next(now, takes.max_secs));
    let fresh = plan::has_fresh_backup(history, now, &policy);
    Readiness {
        name: entry.name.to_string(),
        takes: (duration_human(takes.min_secs), duration_human(takes.max_secs)),
        backup: history.backup.as_ref().map(|kept| KeptBackup {
            at: kept.at,
            fresh,
            history: with_history(past.entries()),
        }),
        certificate: past.entries().iter().rev().find_map(|(at, entry)| match entry {
            Record::CertificateExported { .. } => Some(*at),
            _ => None,
        }),
        window: window.map(|opening| opening.local),
        ..Readiness::default()
    }
}

/// Whether logged history is in the last backup that was kept; `None` where a
/// person made it, so that nobody told.
fn with_history(entries: &[Noted]) -> Option<bool> {
    let mut asked = None;
    let mut kept = None;
    for (_, entry) in entries {
        match entry {
            Record::BackupStarted { history, .. } => asked = Some(*history),
            Record::BackupDone { guided, .. } => kept = asked.take().filter(|_| !guided),
            _ => {}
        }
    }
    kept
}

/// What the site shows of its clients.
#[derive(Default)]
struct SiteClients {
    update_limit: Option<u64>,
    advised: Option<u64>,
    connected: Option<BTreeMap<String, u64>>,
}

/// Looks at the site, and at who answers there. That it can't be looked at
/// spoils no checklist.
fn look(entry: &ApplianceEntry, who: &mut Option<Identity>, context: &mut Context) -> (SiteClients, Option<Unasked>) {
    match ask_site(entry, who, context) {
        Ok(seen) if seen.update_limit.is_none() && seen.connected.is_none() => (seen, Some(Unasked::NoAccount)),
        Ok(seen) => (seen, None),
        Err(failure) => {
            context.console.warn(format!("the site could not be looked at: {}", failure.message));
            (SiteClients::default(), Some(Unasked::Failed(text::one_line(&failure.message))))
        }
    }
}

fn ask_site(entry: &ApplianceEntry, who: &mut Option<Identity>, context: &mut Context) -> Result<SiteClients, Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let identity = meet::look(&mut *appliance, entry, context)?.identity;
    // Both before either may end it: what somebody accepted at a login is noted first.
    let (limit, connected) = (appliance.update_limit(), appliance.connected());
    journals::note_heard(&mut *appliance, &identity, context)?;
    *who = Some(identity);
    appliance.notices().iter().for_each(|line| context.console.note(line));
    let connected = connected?;
    Ok(SiteClients {
        update_limit: limit?,
        advised: connected.as_ref().and_then(|connected| connected.jump_clients()).map(advised_limit),
        connected: connected.map(|connected| connected.counts),
    })
}
