//! The verb `before`: what must be done before the first package is in.

use super::appliance_session;
use super::fleet::{self, FleetArgs};
use super::journals;
use super::{meet, next};
use crate::cli::{Context, write_page};
use crate::console::kind;
use crate::driver::{self, Appliance, Did, DriverError};
use crate::engine::{Entry as Record, Noted, Past, advised_limit};
use crate::inventory::{ApplianceEntry, Identity};
use crate::language;
use crate::media::{self, DurableFile, MediaError, Mode};
use crate::model::{Failure, PackageKind, ShowPath, duration_human, text};
use crate::plan;
use crate::report::{self, KeptBackup, KeptCertificate, Readiness, Unasked};
use clap::Args;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Print the checklist for before an upgrade: what can't be done afterwards
///
/// It is the guide's: users told, a quiet window, a backup with history,
/// certificates exported, the old MSI kept, the Jump Clients' limit lowered.
/// What can be seen from here is ticked; nothing is pressed. On paper or as a
/// page: --write.
#[derive(Debug, Args)]
pub struct BeforeArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Leave the site alone; only what is known here is ticked then
    #[arg(long)]
    offline: bool,
    /// Save the installers of the new consoles into this folder, where the Updates page gives them ahead of the update
    #[arg(long, value_name = "DIR", conflicts_with_all = ["offline", "all", "group"])]
    fetch_installers: Option<PathBuf>,
    /// Write it to this new file too: a page where it ends in .html, else text
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "group"])]
    write: Option<PathBuf>,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, a journal that does not hold, a file that is there already.
pub fn run(args: &BeforeArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.read(|one, name| one.last(name), context);
    }
    let entry = appliance_session::entry(fleet::one(args.name.as_deref())?, context)?;
    let mut who = entry.identity();
    let (seen, unasked) = match args.offline {
        true => (SiteClients::default(), Some(Unasked::LeftAlone)),
        false => look(&entry, args.fetch_installers.as_deref(), &mut who, context)?,
    };
    let past = who.map(|who| journals::past(&who, context)).transpose()?.unwrap_or_default();
    let SiteClients { update_limit, advised, connected, installers } = seen;
    let ready = Readiness { unasked, update_limit, advised, connected, installers, ..known(&entry, &past, context) };
    let language = language::of_page(appliance_session::tongue(&entry));
    let list = report::preparations(&ready, language);
    context.console.event(&kind::PREPARATIONS, &list);
    context.console.say_words(&report::checklist_text(&list));
    if let Some(path) = &args.write {
        let page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
        let told = match page {
            true => report::checklist_html(&list, appliance_session::about(&entry), &context.imprint(language)),
            false => report::checklist_text(&list) + "\n",
        };
        write_page(path, &told, context)?;
    }
    next::after([entry.name.as_str()], None, context);
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
        certificate: history
            .certificate
            .map(|at| KeptCertificate { at, fresh: plan::is_fresh(Some(at), now, &policy) }),
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
    installers: Vec<String>,
}

/// Looks at the site, and at who answers there. That it can't be looked at
/// spoils no checklist.
///
/// # Errors
/// Those of what was asked for beyond the look: installers that can't be fetched or kept.
fn look(
    entry: &ApplianceEntry,
    installers: Option<&Path>,
    who: &mut Option<Identity>,
    context: &mut Context,
) -> Result<(SiteClients, Option<Unasked>), Failure> {
    Ok(match ask_site(entry, installers, who, context) {
        Ok(seen) if seen.update_limit.is_none() && seen.connected.is_none() => (seen, Some(Unasked::NoAccount)),
        Ok(seen) => (seen, None),
        Err(failure) if installers.is_some() => return Err(failure),
        Err(failure) => {
            context.console.warn(format!("the site could not be looked at: {}", failure.message));
            (SiteClients::default(), Some(Unasked::Failed(text::one_line(&failure.message))))
        }
    })
}

fn ask_site(
    entry: &ApplianceEntry,
    installers: Option<&Path>,
    who: &mut Option<Identity>,
    context: &mut Context,
) -> Result<SiteClients, Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let identity = meet::look(&mut *appliance, entry, context)?.identity;
    // Both before either may end it: what somebody accepted at a login is noted first.
    let (limit, connected) = (appliance.update_limit(), appliance.connected());
    journals::note_heard(&mut *appliance, &identity, context)?;
    *who = Some(identity);
    appliance.notices().iter().for_each(|line| context.console.note(line));
    let connected = connected?;
    let installers = installers.map(|folder| fetch(&mut *appliance, folder, context)).transpose()?.unwrap_or_default();
    Ok(SiteClients {
        update_limit: limit?,
        advised: connected.as_ref().and_then(|connected| connected.jump_clients()).map(advised_limit),
        connected: connected.map(|connected| connected.counts),
        installers,
    })
}

/// Saves the installers of consoles into `folder`; their names, none where a
/// person is told to save them.
fn fetch(appliance: &mut dyn Appliance, folder: &Path, context: &Context) -> Result<Vec<String>, Failure> {
    media::create_dirs(folder, Mode::Shared)?;
    let mut trouble = None;
    let fetched = appliance.installers(&mut |name, fill| {
        let keep = || -> Result<DurableFile, MediaError> {
            DurableFile::create(&folder.join(name.as_str()), Mode::Shared, false)
        };
        let mut told = |error: MediaError| {
            let io = std::io::Error::other(error.to_string());
            trouble = Some(error);
            DriverError::Sink(io)
        };
        let mut file = keep().map_err(&mut told)?;
        fill(&mut file)?;
        file.commit().map_err(told)
    });
    if let Some(trouble) = trouble {
        // Our own disk's words say more than what the driver made of them.
        return Err(trouble.into());
    }
    match fetched? {
        Did::Done(names) => {
            for name in &names {
                context.console.say(format!("installer saved: {}", folder.join(name.as_str()).shown()));
            }
            context.console.event(&kind::INSTALLERS, serde_json::json!({ "folder": folder, "files": names }));
            Ok(names.iter().map(ToString::to_string).collect())
        }
        Did::ByHand(guide) => {
            context
                .console
                .warn(format!("the installers can't be fetched from here: {}", text::one_line(&guide.because)));
            context.console.say(format!("by hand: {}, at {}", guide.title, guide.menu_path));
            guide.instructions.iter().enumerate().for_each(|(number, line)| {
                context.console.say(format!("  {}. {line}", number + 1));
            });
            Ok(Vec::new())
        }
    }
}
