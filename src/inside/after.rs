//! The verb `after`: what is left to look at when the packages are in.

use super::engine::history;
use super::inventory::Language;
use super::job;
use crate::desk::Desk;
use crate::media::{self, Mode};
use crate::model::{Exit, Failure};
use crate::report::{self, Tongue, Upgrade};
use clap::Args;
use std::path::PathBuf;

/// Print the checklist for after an upgrade, by kind of client
///
/// It is made from the journal: which packages were installed, and since when
/// clients must have updated. On paper or as a page: --write.
#[derive(Debug, Args)]
pub struct AfterArgs {
    /// The appliance's name in the inventory
    #[arg(value_name = "NAME")]
    name: String,
    /// Its language [default: that of the appliance's pages, else en]
    #[arg(long, value_enum)]
    language: Option<Tongue>,
    /// Write it to this new file too: a page where it ends in .html, else text
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]: no such appliance, a journal that does not hold, a file that is there already.
pub fn run(args: &AfterArgs, desk: &mut Desk) -> Result<(), Failure> {
    let entry = job::entry(&args.name, desk)?;
    let entries = job::noted(&entry, desk)?;
    let past = history(&entries);
    if past.installs.is_empty() {
        return Err(Failure::new(Exit::NothingToDo, format!("nothing was installed on {} yet", entry.name))
            .hint(format!("first: handcarry-inside push MEDIA {}", entry.name)));
    }
    let site = past.last_site();
    let upgrade = Upgrade {
        name: entry.name.to_string(),
        site: site.map(|site| site.name.clone()),
        at: site.map(|site| site.at),
        installed: past.installs.iter().map(|install| install.name.clone()).collect(),
        confirmed: Vec::new(),
    };
    let language = args.language.unwrap_or(match entry.language {
        Language::Pt => Tongue::Pt,
        Language::En | Language::Auto => Tongue::En,
    });
    let list = report::checklist(&upgrade, language);
    desk.console.event("checklist", &list);
    desk.console.say(report::checklist_text(&list));
    if let Some(path) = &args.write {
        let page = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
        let told = if page { report::checklist_html(&list) } else { report::checklist_text(&list) + "\n" };
        media::write_durably_new(path, told.as_bytes(), Mode::Shared)?;
        desk.console.note(format!("written: {}", path.display()));
    }
    Ok(())
}
