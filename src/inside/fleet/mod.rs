//! Many appliances at once: each is worked by a run of its own, so that what
//! happens to one never touches another.
//!
//! A run is this very program, called for one appliance: it has its own
//! journal, its own memory and its own end. What it says is passed on with the
//! appliance's name before it; what needs a person ends that run, and the
//! command that asks the person is told at the end.

mod chorus;
mod run;

use super::inventory::Inventory;
use crate::desk::Desk;
use crate::model::{Exit, Failure, text};
use clap::Args;
use std::ffi::OsString;

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
}

impl FleetArgs {
    /// Whether many appliances are meant, and not one.
    pub fn is_meant(&self) -> bool {
        self.all || self.group.is_some()
    }

    /// Calls `verb` for each appliance that is meant; `arguments` says how it
    /// is typed for one of them.
    ///
    /// # Errors
    /// [`Exit::NotFound`] where none is meant; [`Exit::Waiting`] where some
    /// wait and the others are done; [`Exit::Partly`] where some ended otherwise.
    pub fn run(&self, arguments: impl Fn(&str) -> Vec<OsString> + Sync, desk: &Desk) -> Result<(), Failure> {
        let names = self.names(desk)?;
        desk.console.note(format!(
            "{} appliances, {} at once",
            names.len(),
            usize::from(self.at_once).min(names.len())
        ));
        run::all(&names, usize::from(self.at_once), &arguments, desk)
    }

    /// As [`run`](Self::run), but that a failover pair is worked as one, in one
    /// run; `arguments` is told whether the name stands for its pair.
    ///
    /// # Errors
    /// As [`run`](Self::run); [`Exit::Usage`] where of a pair only one is meant.
    pub fn run_pairs(
        &self,
        arguments: impl Fn(&str, bool) -> Vec<OsString> + Sync,
        desk: &Desk,
    ) -> Result<(), Failure> {
        let units = self.units(desk)?;
        let labels: Vec<String> = units.iter().map(Unit::label).collect();
        let of = |label: &str| units.iter().find(|unit| unit.label() == label).expect("one of the labels");
        let at_once = usize::from(self.at_once);
        let pairs = units.iter().filter(|unit| unit.partner.is_some()).count();
        let as_one = if pairs == 0 { "" } else { "; a failover pair is worked as one" };
        desk.console.note(format!("{} appliances, {} at once{as_one}", units.len() + pairs, at_once.min(units.len())));
        let typed = |label: &str| {
            let unit = of(label);
            arguments(&unit.name, unit.partner.is_some())
        };
        run::all(&labels, at_once, &typed, desk)
    }

    /// The appliances that are meant, each pair once.
    fn units(&self, desk: &Desk) -> Result<Vec<Unit>, Failure> {
        let (names, inventory) = (self.names(desk)?, Inventory::read(&desk.home)?);
        let mut units: Vec<Unit> = Vec::new();
        for name in &names {
            let partner = inventory.pairing(inventory.appliance(name)?).map(|pair| pair.partner.to_string());
            match partner {
                Some(partner) if !names.contains(&partner) => {
                    return Err(Failure::new(
                        Exit::Usage,
                        format!("{name} is meant and its partner {partner} is not; a failover pair is upgraded as one"),
                    )
                    .hint(format!("give both the same groups in {}; nothing was begun", inventory.path().display())));
                }
                Some(partner) if units.iter().any(|unit| unit.name == partner) => {}
                partner => units.push(Unit { name: name.clone(), partner }),
            }
        }
        Ok(units)
    }

    fn names(&self, desk: &Desk) -> Result<Vec<String>, Failure> {
        let inventory = Inventory::read(&desk.home)?;
        let meant = |groups: &[String]| self.group.as_ref().is_none_or(|group| groups.contains(group));
        let entries = inventory.entries().iter().filter(|entry| meant(&entry.groups));
        let names: Vec<String> = entries.map(|entry| entry.name.to_string()).collect();
        if names.is_empty() {
            let what = match &self.group {
                Some(group) => {
                    format!("no appliance of {} is in the group {}", inventory.path().display(), text::one_line(group))
                }
                None => format!("no appliance is enrolled in {}", inventory.path().display()),
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
