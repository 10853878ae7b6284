//! The verb `after`: what is left to look at when the packages are in.

use super::appliance_session::{self, ApplianceSession, BackupArgs};
use super::fleet::{self, FleetArgs};
use super::journals;
use crate::cli::{Context, write_page};
use crate::console::kind;
use crate::engine::{Entry as Record, Installing, Noted, RunJournal};
use crate::inventory::{ApplianceEntry, Identity};
use crate::language;
use crate::model::{Exit, Failure, PackageKey, PackageKind, ShowPath, text};
use crate::plan::{self, PastInstall};
use crate::report::{self, Checklist, ClientsSeen, Topic, Unasked, Upgrade};
use clap::Args;
use std::path::{Path, PathBuf};

/// Print the checklist for after an upgrade, by kind of client
///
/// It is made from the journal: which packages were installed, and since when
/// clients must have updated. What the site's API confirms is ticked, what it
/// can't is said; both are journalled. On paper or as a page: --write. What the
/// appliance shows otherwise than before: status NAME --compare.
#[derive(Debug, Args)]
pub struct AfterArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME", required_unless_present_any = ["all", "group"], conflicts_with_all = ["all", "group"])]
    name: Option<String>,
    /// Leave the site alone; nothing is ticked then
    #[arg(long)]
    offline: bool,
    /// Write it to this new file too: a page where it ends in .html, text where in .txt, .md or nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "group"])]
    write: Option<PathBuf>,
    #[command(flatten)]
    fleet: FleetArgs,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, a journal that does not hold, a file that is there already.
pub fn run(args: &AfterArgs, context: &mut Context) -> Result<(), Failure> {
    if args.fleet.is_meant() {
        return args.fleet.read(|one, name| one.last(name), context);
    }
    let page = args.write.as_deref().map(is_page).transpose()?;
    let entry = appliance_session::entry(fleet::one(args.name.as_deref())?, context)?;
    let past = journals::past_of(&entry, context)?;
    let history = past.history();
    if history.installs.is_empty() && args.fleet.is_one() {
        context.console.say("nothing was installed on it yet");
        return Ok(());
    }
    let who = appliance_session::identity(&entry)?;
    if history.installs.is_empty() {
        return Err(Failure::new(Exit::NothingToDo, format!("nothing was installed on {} yet", entry.name))
            .hint(format!("first: handcarry-inside push MEDIA {}", entry.name)));
    }
    let site = history.last_site();
    let upgrade = Upgrade {
        name: entry.name.to_string(),
        site: site.map(|site| site.name.clone()),
        later_than: site.map(|site| plan::clients_later_than(&appliance_session::policy(&entry), site)),
        installed: history.installs.iter().map(|install| install.name.clone()).collect(),
        removed: were_removed(past.entries()),
        seen: match site {
            Some(site) => seen(args, &entry, site, context),
            None => ClientsSeen::default(),
        },
    };
    let language = language::of_page(appliance_session::tongue(&entry));
    let list = report::checklist(&upgrade, language);
    // A list that was made without asking the site confirms nothing that a journal should have.
    if let (Some(site), None) = (site, &upgrade.seen.unasked) {
        keep(&who, site, &list, context)?;
    }
    context.console.event(&kind::CHECKLIST, &list);
    context.console.say_words(&report::checklist_text(&list));
    if let (Some(path), Some(page)) = (&args.write, page) {
        let told = match page {
            true => report::checklist_html(&list, appliance_session::about(&entry), &context.imprint(language)),
            false => report::checklist_text(&list) + "\n",
        };
        write_page(path, &told, context)?;
    }
    context.console.next(format!("handcarry-inside status {} --compare", entry.name));
    Ok(())
}

/// Whether a file is to hold a page, by its name; else text.
///
/// # Errors
/// [`Exit::Usage`] for a name that promises neither.
fn is_page(path: &Path) -> Result<bool, Failure> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("html" | "htm") => Ok(true),
        None | Some("txt" | "text" | "md") => Ok(false),
        Some(other) => Err(Failure::new(
            Exit::Usage,
            format!("{} would hold no {}: what is written is a page or text", path.shown(), text::one_line(other)),
        )
        .hint("name it FILE.html for a page, which a browser prints to PDF too, or FILE.txt for text")),
    }
}

/// Whether all client software was removed for the bundle of the last site
/// package, before it or at one of its waits.
fn were_removed(entries: &[Noted]) -> bool {
    let sites: Vec<&Installing> = entries
        .iter()
        .filter_map(|(_, entry)| match entry {
            Record::InstallConfirmed { package, .. } if package.kind == PackageKind::Site => Some(package),
            _ => None,
        })
        .collect();
    let Some(last) = sites.last().map(|site| site.bundle) else { return false };
    let own = |after: &PackageKey| sites.iter().any(|site| site.key == *after && site.bundle == last);
    entries.iter().any(|(_, entry)| match entry {
        Record::ClientsRemovedFirst { bundle, .. } => *bundle == last,
        Record::ClientsRemoved { after, .. } => own(after),
        _ => false,
    })
}

/// What the site's API tells. That it can't be asked spoils no checklist.
fn seen(args: &AfterArgs, entry: &ApplianceEntry, site: &PastInstall, context: &mut Context) -> ClientsSeen {
    let unasked = |why| ClientsSeen { unasked: Some(why), ..ClientsSeen::default() };
    if args.offline {
        return unasked(Unasked::LeftAlone);
    }
    if entry.api.is_none() {
        return unasked(Unasked::NoAccount);
    }
    let asked = ApplianceSession::open(entry.name.as_str(), &BackupArgs::default(), context)
        .and_then(|mut job| job.work(context, |engine| engine.look_after(site)));
    match asked {
        Ok(Some(seen)) => seen,
        Ok(None) => unasked(Unasked::NoAccount),
        Err(failure) => {
            context.console.warn(format!("the site's API could not be asked: {}", failure.message));
            unasked(Unasked::Failed(text::one_line(&failure.message)))
        }
    }
}

/// Writes down what was confirmed and what is left to a person.
fn keep(who: &Identity, site: &PastInstall, list: &Checklist<Topic>, context: &Context) -> Result<(), Failure> {
    let topic = |item: &report::Item<Topic>| {
        let name = serde_json::to_value(item.topic).expect("a topic is a word");
        name.as_str().unwrap_or_default().to_owned()
    };
    let (done, left): (Vec<&report::Item<Topic>>, Vec<&report::Item<Topic>>) =
        list.items.iter().partition(|item| item.confirmed.is_some());
    let (confirmed, open) = (done.into_iter().map(topic).collect(), left.into_iter().map(topic).collect());
    let mut journal = journals::open(who, context)?;
    journal.append(context.now(), &Record::AfterChecked { after: site.key.clone(), confirmed, open })
}
