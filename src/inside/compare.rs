//! What `status --compare` does: an appliance as it is beside how it was, by a
//! file of `status --save`, or by the journal, which keeps what it showed
//! before each install.

use super::appliance_session;
use super::next::last_role;
use super::snapshot::Snapshot;
use crate::cli::{Context, PageArgs};
use crate::console::kind;
use crate::engine::{Entry, Past};
use crate::inventory::{ApplianceEntry, Inventory};
use crate::language::{self, Tongue};
use crate::model::{Exit, Failure, Id, ShowPath, text};
use crate::report::{self, About, Comparison, Sight, SightOf};
use clap::Args;
use std::path::{Path, PathBuf};

/// With what an appliance is compared.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Tell what changed since this file of --save was made; without a file, since before the first install of the last run
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "save")]
    compare: Option<Option<PathBuf>>,
    /// Compare with this later file of --save; the appliance is not asked then
    #[arg(long, value_name = "LATER", requires = "compare", conflicts_with_all = ["save", "all", "group"])]
    with: Option<PathBuf>,
    #[command(flatten)]
    page: PageArgs,
}

/// How an appliance was.
pub(super) struct Was {
    sight: Sight,
    /// Its serial number, where a file tells it: a journal is found by it.
    serial: Option<String>,
    /// What a file tells of steps by hand is looked for again.
    pub(super) knows_hands: bool,
}

impl CompareArgs {
    /// Whether a comparison is wanted.
    pub(super) const fn is_wanted(&self) -> bool {
        self.compare.is_some()
    }

    /// The name that was typed where the file may stand: `status --compare NAME`.
    pub(super) fn name_for_file(&self, context: &Context) -> Option<&str> {
        let word = self.file().filter(|path| self.with.is_none() && !path.exists())?.to_str()?;
        Inventory::read(&context.home).ok()?.appliance(word).is_ok().then_some(word)
    }

    /// Refuses a file for many: it is of one appliance.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub(super) fn check_of_many(&self) -> Result<(), Failure> {
        match self.file() {
            Some(_) => Err(Failure::new(Exit::Usage, "a file of --save is of one appliance")
                .hint("leave the file out: each is compared with how it was before its last run")),
            None => Ok(()),
        }
    }

    fn file(&self) -> Option<&Path> {
        self.compare.as_ref().and_then(Option::as_deref)
    }

    /// Compares two files; whether that was asked for.
    ///
    /// # Errors
    /// As [`was`](Self::was); no first file was named.
    pub(super) fn between_files(&self, name: Option<&str>, context: &Context) -> Result<bool, Failure> {
        let Some(later) = &self.with else { return Ok(false) };
        let Some(file) = self.file() else {
            return Err(Failure::new(Exit::Usage, "--with compares two files, and only the later one was named")
                .hint("name the earlier one too: --compare BEFORE --with AFTER"));
        };
        let (before, after) = (Snapshot::read(file)?, Snapshot::read(later)?);
        let who = &before.status.appliance;
        check_same(&who.serial, &after.status.appliance.serial, file)?;
        let name = name.unwrap_or(before.name.as_str());
        let entry = Inventory::read(&context.home)?.appliance(name).ok().cloned();
        let about = About {
            name: name.to_owned(),
            serial: text::one_line(&who.serial),
            host: text::one_line(&who.host),
            bundles: Vec::new(),
        };
        let tongue = entry.as_ref().map_or(Tongue::En, appliance_session::tongue);
        let told = Comparison::of(before.sight(in_file(file)), after.sight(in_file(later)));
        self.tell(&told, about, tongue, context)?;
        Ok(true)
    }

    /// How `entry`'s appliance was; `None` where no run has installed on it.
    ///
    /// # Errors
    /// The file can't be read, or is of another appliance.
    pub(super) fn was(&self, entry: &ApplianceEntry, past: &Past, is_name: bool) -> Result<Option<Was>, Failure> {
        let Some(file) = self.file().filter(|_| !is_name) else {
            let run = before_last_run(past);
            return Ok(run.map(|sight| Was { sight, serial: None, knows_hands: false }));
        };
        let snapshot = Snapshot::read(file)?;
        let was = Was {
            sight: snapshot.sight(in_file(file)),
            serial: Some(snapshot.status.appliance.serial.clone()),
            knows_hands: snapshot.by_hand.is_some(),
        };
        // Before the appliance is asked, where it is known by its number already.
        if let Some(known) = entry.identity() {
            check_same(known.serial(), &snapshot.status.appliance.serial, file)?;
        }
        Ok(Some(was))
    }

    /// Tells what became of it since.
    ///
    /// # Errors
    /// Another appliance answered than the file's; the page can't be written.
    pub(super) fn tell_since(
        &self,
        was: Was,
        is: &Snapshot,
        entry: &ApplianceEntry,
        context: &Context,
    ) -> Result<(), Failure> {
        if let (Some(serial), Some(file)) = (&was.serial, self.file()) {
            check_same(&is.status.appliance.serial, serial, file)?;
        }
        let told = Comparison::of(was.sight, is.sight(SightOf::Now));
        let who = &is.status.appliance;
        let about = About { serial: text::one_line(&who.serial), ..appliance_session::about(entry) };
        self.tell(&told, about, appliance_session::tongue(entry), context)
    }

    fn tell(&self, told: &Comparison, about: About, tongue: Tongue, context: &Context) -> Result<(), Failure> {
        context.console.event(&kind::COMPARED, report::comparison_json(told));
        report::comparison_text(told, language::spoken()).iter().for_each(|line| context.console.say_words(line));
        self.page.write(tongue, |imprint| Ok(report::comparison_html(told, about, imprint)), context)
    }
}

/// What says that there is nothing to compare with.
pub(super) fn nothing_yet(entry: &ApplianceEntry) -> Failure {
    Failure::new(Exit::NothingToDo, format!("no run of this machine has installed on {} yet", entry.name)).hint(
        format!(
            "keep how it is: handcarry-inside status {0} --save FILE; afterwards: status {0} --compare FILE",
            entry.name
        ),
    )
}

/// What it showed before the first install of the last run that installed.
fn before_last_run(past: &Past) -> Option<Sight> {
    let entries = past.entries();
    let began = |entry: &Entry| match entry {
        Entry::InstallStarted { package, .. } => Some(package.bundle),
        _ => None,
    };
    let run: Id = entries.iter().rev().find_map(|(_, entry)| began(entry))?;
    let first = entries.iter().position(|(_, entry)| began(entry) == Some(run))?;
    let (at, Entry::InstallStarted { before, .. }) = &entries[first] else { return None };
    // An install of an earlier run has its own look at clock and clients.
    let earlier = entries[..first].iter().rev().take_while(|(_, entry)| began(entry).is_none());
    let of_run: Vec<&Entry> = earlier.map(|(_, entry)| entry).collect();
    Some(Sight {
        base: before.base.clone(),
        site: before.site.clone(),
        no_site: before.no_site,
        build: before.build.clone(),
        installed: before.listed.clone(),
        role: last_role(&entries[..first]).map(|(role, _)| role),
        clock_ahead_secs: of_run.iter().find_map(|entry| match entry {
            Entry::StatusRead { clock_ahead_secs, .. } => *clock_ahead_secs,
            _ => None,
        }),
        connected: of_run.iter().find_map(|entry| match entry {
            Entry::FirstPress { connected, .. } => connected.clone(),
            _ => None,
        }),
        ..Sight::new(SightOf::Run(run), *at)
    })
}

fn in_file(path: &Path) -> SightOf {
    SightOf::File(path.to_string_lossy().into_owned())
}

fn check_same(serial: &str, in_file: &str, file: &Path) -> Result<(), Failure> {
    if serial == in_file {
        return Ok(());
    }
    let [serial, in_file] = [serial, in_file].map(text::one_line);
    Err(Failure::new(
        Exit::WrongAppliance,
        format!("{} is of another appliance: {in_file}, and this one is {serial}", file.shown()),
    )
    .hint("two appliances are not compared; name the file that status --save made of this one"))
}
