//! Many appliances at once: each is worked by a run of its own, so that what
//! happens to one never touches another.
//!
//! A run is this very program, called for one appliance: it has its own
//! journal, its own memory and its own end. What it says is passed on with the
//! appliance's name before it; what needs a person ends that run, and the
//! command that asks the person is told at the end.

mod agreed;
mod output;
mod press;
mod pressing;
mod read;
mod rollout;
mod run;
mod wave;

pub use pressing::{Asking, RolloutArgs, take};

use crate::cli::{Context, KeyArgs};
use crate::console::{TypedCommand, kind};
use crate::inventory::{ApplianceEntry, Inventory};
use crate::model::{Exit, Failure, ShowPath, text};
use clap::{ArgGroup, Args};
use serde_json::Value;
use std::path::Path;

/// How many are worked at once where nobody says.
// Each is a program with a TLS session and some 20 MiB. Four keep a small station and a slow line busy, and a person who
// looks on can still follow them.
pub const AT_ONCE: u16 = 4;

/// Heads the options that are for many.
const HEADING: &str = "Many appliances";

/// Those of them that say that many are meant.
const MANY: &str = "many";

/// Which appliances, and how many of them at once.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = HEADING, group(ArgGroup::new(MANY).args(["all", "group"]).multiple(true)))]
#[group(skip)]
pub struct FleetArgs {
    /// Every appliance of the inventory, each in a run of its own
    #[arg(long, conflicts_with = "group")]
    all: bool,
    /// Every appliance of this group of the inventory, each in a run of its own
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// How many are worked at once, with --all or --group
    #[arg(long, value_name = "N", default_value_t = AT_ONCE, value_parser = clap::value_parser!(u16).range(1..=64))]
    at_once: u16,
    /// This is one of the runs that such a run began
    #[arg(long, hide = true)]
    one_of_many: bool,
    /// This run only tells what it would do
    #[arg(long, hide = true)]
    foresee: bool,
}

impl FleetArgs {
    /// Whether many appliances are meant, and not one.
    pub fn is_meant(&self) -> bool {
        self.all || self.group.is_some()
    }

    /// Calls the verb that was typed for each appliance that is meant; `named`
    /// puts a name into the command for one of them. All sign with `key`, whose
    /// passphrase is asked for once.
    ///
    /// # Errors
    /// [`Exit::NotFound`] where none is meant; [`Exit::Waiting`] where some
    /// wait and the others are done; [`Exit::Partly`] where some ended otherwise.
    pub fn run(
        &self,
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        key: &KeyArgs,
        context: &mut Context,
    ) -> Result<(), Failure> {
        let commands = self.commands(named, context)?;
        // Here, since none of the runs has a terminal to ask at.
        let passphrase = context.passphrase_for_many(key)?;
        let handed = passphrase.as_ref().map(|_| "--passphrase-stdin");
        let runs = commands.into_iter().map(|(name, command)| (name, Some(command.and(handed).as_one_of_many())));
        run::all(&runs.collect::<Vec<_>>(), usize::from(self.at_once), passphrase.as_ref(), context)
    }

    /// Calls a verb that only reads for each appliance that is meant, and tells what it says under its name.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn read(
        &self,
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        context: &mut Context,
    ) -> Result<(), Failure> {
        read::all(&self.commands(named, context)?, usize::from(self.at_once), context)
    }

    /// The same, where a failover pair is read as one.
    ///
    /// # Errors
    /// As [`RolloutArgs::press`], for who is meant.
    pub fn read_pairs(
        &self,
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        context: &mut Context,
    ) -> Result<(), Failure> {
        let commands = self.of_units(&self.units(&[], context)?, named, context);
        read::all(&commands, usize::from(self.at_once), context)
    }

    /// Whether this run is one of many, and what is not there yet for its appliance is no failure.
    pub fn is_one(&self) -> bool {
        self.one_of_many
    }

    /// Whether this run only tells what it would do.
    pub fn foresees(&self) -> bool {
        self.foresee
    }

    /// The command that was typed, without what makes it one for many.
    fn one(&self, context: &Context) -> TypedCommand {
        // Without --agree: what was agreed to is all of it, and each is handed the digest of its own part.
        context
            .typed()
            .without(&["--all", "--dry-run"], &["--group", "--at-once", "--agree", "--canary", "--wave", "--except"])
    }

    /// Each appliance that is meant, and the command for it alone.
    fn commands(
        &self,
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        context: &Context,
    ) -> Result<Vec<(String, TypedCommand)>, Failure> {
        let names = self.names(context)?;
        context.console.note(format!(
            "{} appliances, {} at once",
            names.len(),
            usize::from(self.at_once).min(names.len())
        ));
        let one = self.one(context);
        Ok(names.into_iter().map(|name| (name.clone(), named(&one, &name))).collect())
    }

    /// The command for each unit alone.
    fn of_units(
        &self,
        units: &[Unit],
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        context: &Context,
    ) -> Vec<(String, TypedCommand)> {
        let one = self.one(context);
        let command = |unit: &Unit| named(&one, &unit.name).and(unit.partner.as_ref().map(|_| "--pair"));
        units.iter().map(|unit| (unit.label(), command(unit))).collect()
    }

    /// The appliances that are meant but those of `except`, each pair once.
    fn units(&self, except: &[String], context: &Context) -> Result<Vec<Unit>, Failure> {
        let (mut names, inventory) = (self.names(context)?, Inventory::read(&context.home)?);
        except.iter().try_for_each(|name| inventory.appliance(name).map(drop))?;
        names.retain(|name| !except.contains(name));
        let mut units: Vec<Unit> = Vec::new();
        for name in &names {
            let partner = inventory.pairing(inventory.appliance(name)?).map(|pair| pair.partner.to_string());
            match partner {
                Some(partner) if !names.contains(&partner) => {
                    return Err(Failure::new(
                        Exit::Usage,
                        format!("{name} is meant and its partner {partner} is not; a failover pair is upgraded as one"),
                    )
                    .hint(format!(
                        "give both the same groups in {}, or leave out both; nothing was begun",
                        inventory.path().shown()
                    )));
                }
                // The two name each other, so whoever comes second is in it already.
                Some(partner) if units.iter().any(|unit| unit.name == partner) => {}
                partner => units.push(Unit { name: name.clone(), partner }),
            }
        }
        Ok(units)
    }

    fn names(&self, context: &Context) -> Result<Vec<String>, Failure> {
        let inventory = Inventory::read(&context.home)?;
        let names = members(self.group.as_ref(), &inventory)?.into_iter().map(|entry| entry.name.to_string());
        Ok(names.collect())
    }
}

/// The appliances of a group, or all of the inventory; one at least.
///
/// # Errors
/// [`Exit::NotFound`].
pub fn members<'a>(group: Option<&String>, inventory: &'a Inventory) -> Result<Vec<&'a ApplianceEntry>, Failure> {
    let meant = |groups: &[String]| group.is_none_or(|group| groups.contains(group));
    let entries: Vec<_> = inventory.entries().iter().filter(|entry| meant(&entry.groups)).collect();
    if entries.is_empty() {
        let what = match group {
            Some(group) => {
                format!("no appliance of {} is in the group {}", inventory.path().shown(), text::one_line(group))
            }
            None => format!("no appliance is enrolled in {}", inventory.path().shown()),
        };
        return Err(Failure::new(Exit::NotFound, what)
            .hint("an appliance's groups stand in its section of the inventory: groups = [\"lisbon\"]"));
    }
    Ok(entries)
}

/// Asks each appliance what it shows, `at_once` at a time, by a run of `status` each; the event of that, or why there
/// is none.
///
/// # Errors
/// Where this very program is not found.
pub fn ask(
    entries: &[&ApplianceEntry],
    at_once: usize,
    context: &Context,
) -> Result<Vec<Result<Value, String>>, Failure> {
    let program = run::program()?;
    let status = context.typed().for_other("status");
    let commands: Vec<TypedCommand> = entries.iter().map(|entry| status.last(entry.name.as_str())).collect();
    Ok(run::each(&commands, at_once, |command| run::heard(&program, command)?.event(&kind::STATUS_READ)))
}

/// What one run works: an appliance, or a pair.
struct Unit {
    name: String,
    partner: Option<String>,
}

impl Unit {
    fn label(&self) -> String {
        match &self.partner {
            Some(partner) => format!("{}+{partner}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Takes the one appliance that was named, where not many are meant.
///
/// # Errors
/// [`Exit::Usage`] where both or neither was said.
pub fn one(name: Option<&str>) -> Result<&str, Failure> {
    name.ok_or_else(|| {
        Failure::new(Exit::Usage, "no appliance was named").hint("name one, or say --all or --group GROUP")
    })
}

/// Takes the one appliance of a verb that is typed `VERB NAME MEDIA`. Where only
/// one of the two was given, `given` is that one.
///
/// # Errors
/// [`Exit::Usage`], naming the one that is missing.
pub fn one_and_media<'a>(verb: &str, name: Option<&'a String>, given: &Path) -> Result<&'a str, Failure> {
    if let Some(name) = name {
        return Ok(name);
    }
    let said = text::one_line(&given.to_string_lossy());
    Err(match given.is_dir() {
        true => Failure::new(Exit::Usage, format!("no appliance was named, only the medium {said}"))
            .hint(format!("say its name first: {verb} NAME {said}; or --all, or --group GROUP")),
        false => Failure::new(Exit::Usage, format!("no medium was named, only {said}"))
            .hint(format!("say the medium too: {verb} {said} MEDIA")),
    })
}
