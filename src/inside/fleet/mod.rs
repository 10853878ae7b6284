//! Many appliances at once: each is worked by a run of its own, so that what
//! happens to one never touches another.
//!
//! A run is this very program, called for one appliance: it has its own
//! journal, its own memory and its own end. What it says is passed on with the
//! appliance's name before it; what needs a person ends that run, and the
//! command that asks the person is told at the end.

mod output;
mod press;
mod run;

use crate::cli::{Context, KeyArgs};
use crate::console::TypedCommand;
use crate::inventory::Inventory;
use crate::model::{Exit, Failure, Sha256Digest, ShowPath, text};
use clap::Args;
use std::path::Path;

/// Which appliances, and how many of them at once.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Many appliances")]
#[group(skip)]
pub struct FleetArgs {
    /// Every appliance of the inventory, each in a run of its own
    #[arg(long, conflicts_with = "group")]
    all: bool,
    /// Every appliance of this group of the inventory, each in a run of its own
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// How many are worked at once, with --all or --group
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
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
        let runs = commands.into_iter().map(|(name, command)| (name, command.and(handed).as_one_of_many()));
        run::all(&runs.collect::<Vec<_>>(), usize::from(self.at_once), passphrase.as_ref(), context)
    }

    /// As [`run`](Self::run), where something is pressed: a failover pair is
    /// worked as one, in one run; each first tells what it would do, a person
    /// agrees once for all, and each is handed that word. A person may have
    /// agreed `beforehand`; with `only_look` nobody is asked, and nothing pressed.
    ///
    /// # Errors
    /// As [`run`](Self::run); [`Exit::Declined`] where nobody agrees,
    /// [`Exit::PlanChanged`] where something else was agreed to, [`Exit::Usage`]
    /// where of a pair only one is meant.
    pub fn press(
        &self,
        named: impl Fn(&TypedCommand, &str) -> TypedCommand,
        beforehand: Option<Sha256Digest>,
        only_look: bool,
        context: &mut Context,
    ) -> Result<(), Failure> {
        let (units, at_once) = (self.units(context)?, usize::from(self.at_once));
        let pairs = units.iter().filter(|unit| unit.partner.is_some()).count();
        let as_one = if pairs == 0 { "" } else { "; a failover pair is worked as one" };
        context.console.note(format!(
            "{} appliances, {} at once{as_one}",
            units.len() + pairs,
            at_once.min(units.len())
        ));
        let one = self.one(context);
        let command = |unit: &Unit| named(&one, &unit.name).and(unit.partner.as_ref().map(|_| "--pair"));
        let commands: Vec<_> = units.iter().map(|unit| (unit.label(), command(unit))).collect();
        let told = press::tell(&commands, at_once, context)?;
        if only_look {
            return Ok(());
        }
        let agreed = told.agree(beforehand, context)?;
        let runs = commands.into_iter().zip(agreed).map(|((name, command), agreed)| {
            let agreed = agreed.map(|digest| ["--agree".to_owned(), digest.to_string()]);
            (name, command.and(agreed.into_iter().flatten()).as_one_of_many())
        });
        run::all(&runs.collect::<Vec<_>>(), at_once, None, context)
    }

    /// Whether this run only tells what it would do.
    pub fn foresees(&self) -> bool {
        self.foresee
    }

    /// The command that was typed, without what makes it one for many.
    fn one(&self, context: &Context) -> TypedCommand {
        // Without --agree: what was agreed to is all of it, and each is handed the digest of its own part.
        context.typed().without(&["--all", "--dry-run"], &["--group", "--at-once", "--agree"])
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

    /// The appliances that are meant, each pair once.
    fn units(&self, context: &Context) -> Result<Vec<Unit>, Failure> {
        let (names, inventory) = (self.names(context)?, Inventory::read(&context.home)?);
        let mut units: Vec<Unit> = Vec::new();
        for name in &names {
            let partner = inventory.pairing(inventory.appliance(name)?).map(|pair| pair.partner.to_string());
            match partner {
                Some(partner) if !names.contains(&partner) => {
                    return Err(Failure::new(
                        Exit::Usage,
                        format!("{name} is meant and its partner {partner} is not; a failover pair is upgraded as one"),
                    )
                    .hint(format!("give both the same groups in {}; nothing was begun", inventory.path().shown())));
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
        let meant = |groups: &[String]| self.group.as_ref().is_none_or(|group| groups.contains(group));
        let entries = inventory.entries().iter().filter(|entry| meant(&entry.groups));
        let names: Vec<String> = entries.map(|entry| entry.name.to_string()).collect();
        if names.is_empty() {
            let what = match &self.group {
                Some(group) => {
                    format!("no appliance of {} is in the group {}", inventory.path().shown(), text::one_line(group))
                }
                None => format!("no appliance is enrolled in {}", inventory.path().shown()),
            };
            return Err(Failure::new(Exit::NotFound, what)
                .hint("an appliance's groups stand in its section of the inventory: groups = [\"lisbon\"]"));
        }
        Ok(names)
    }
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
pub fn one(name: Option<&String>) -> Result<&str, Failure> {
    name.map(String::as_str).ok_or_else(|| {
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
