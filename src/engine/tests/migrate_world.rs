//! Two simulated appliances of which one takes the other's site, with a bundle
//! for the new one, two journals and one operator.

use super::journals::{Log, Recorded};
use super::pair_world::{Names, awaited, cargo, side};
use super::world::{Mortal, Said, Wanted, Which, carried, noted, nothing, rules, start, status};
use crate::bundle::Delivery;
use crate::console::{Operator, OperatorError, Question};
use crate::engine::migrate::Migrated;
use crate::engine::question::EnginePrompt;
use crate::engine::*;
use crate::model::{FailoverRole, Failure, Secret, Version};
use crate::plan::Topology;
use crate::simulator::{Fault, Faults, Simulated, SimulatedHistory, SimulatedPair, SimulatedSite, VirtualClock};
use std::cell::Cell;
use std::rc::Rc;

pub struct MoveWorld {
    _folder: tempfile::TempDir,
    pub bundle: Delivery,
    pub clock: Rc<VirtualClock>,
    pub old: Simulated,
    pub new: Simulated,
    /// Of OLD and of NEW.
    pub sites: [Rc<SimulatedSite>; 2],
    pub told: [Rc<SimulatedHistory>; 2],
    pub operator: Mover,
    pub teller: Said,
    pub rules: [Rules; 2],
    pub move_rules: RunRules,
    /// Whether NEW installs what it offers.
    pub offered: bool,
    pub names: Names,
    /// The passphrase of the next run; asked for where it is `None`.
    pub passphrase: Option<&'static str>,
    /// Which append of the next run fails, over both journals, and whether its record is kept.
    pub kill: Option<(usize, bool)>,
    /// What happened so far.
    pub log: Rc<Log>,
}

impl MoveWorld {
    /// OLD with site 10.6.2, NEW with 10.5.3 and `packages` carried for it.
    pub fn new(packages: &[Wanted<'_>]) -> Self {
        Self::with(packages, ("10.5.3", "3.3.2"), [None, None])
    }

    /// The same with another site and base version of NEW, and with builds.
    pub fn with(packages: &[Wanted<'_>], (site, base): (&str, &str), builds: [Option<&str>; 2]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = VirtualClock::new(start());
        let rules = |name: &str| {
            let home = folder.path().join(name);
            std::fs::create_dir_all(&home).expect("made");
            rules(name, &home)
        };
        let mut rules = [Rules { wait_max_secs: 3600, ..rules("alpha") }, rules("beta")];
        rules[0].folders.certificates = folder.path().join("certificates");
        let bundle = carried(folder.path().join("beta"), packages, "S2");
        let appliance = |serial: &str, site: &str, base: &str, build: Option<&str>, address: &str| {
            let mut shown = status();
            shown.site_build = build.map(str::to_owned);
            shown.no_site = site.is_empty();
            serial.clone_into(&mut shown.appliance.serial);
            (shown.site_version, shown.base_version) = (Version::parse(site), Version::parse(base));
            let mut appliance = Simulated::new(shown, Rc::clone(&clock));
            appliance.site =
                SimulatedSite::new(Rc::clone(&clock), "support.example.com", &format!("of {serial}"), address);
            appliance
        };
        let old = appliance("S1", "10.6.2", "3.4.0", builds[0], "10.0.0.1");
        let new = appliance("S2", site, base, builds[1], "10.0.0.2");
        let command = "handcarry-inside push /media/stick alpha beta".to_owned();
        MoveWorld {
            bundle,
            sites: [Rc::clone(&old.site), Rc::clone(&new.site)],
            told: [Rc::clone(&old.told), Rc::clone(&new.told)],
            operator: Mover::default(),
            teller: Said::default(),
            names: Names::default(),
            move_rules: RunRules { command, ..RunRules::default() },
            passphrase: Some("open sesame"),
            offered: false,
            kill: None,
            log: Rc::default(),
            old,
            new,
            rules,
            _folder: folder,
            clock,
        }
    }

    /// Makes NEW one of a failover pair.
    pub fn pair_up(&mut self, role: FailoverRole) {
        let pair = SimulatedPair::new(Rc::clone(&self.clock), 60);
        let at = usize::from(role == FailoverRole::Backup);
        self.new.pair = Some((pair, at));
    }

    pub fn plan_faults(&self, on: usize, faults: &[Fault]) {
        *self.sites[on].faults.borrow_mut() = Faults::from(faults);
    }

    /// One run, as a process of its own would.
    pub fn push(&mut self) -> Result<Migrated, Failure> {
        let left = Rc::new(Cell::new(self.kill.take()));
        let count = Rc::new(Cell::new(0));
        let open = |on: usize| -> Result<Mortal, Failure> {
            let journal = EntryLog::open(&self.rules[on].folders.journal, self.clock.now())?;
            Ok(Mortal { journal, left: Rc::clone(&left), count: Rc::clone(&count), log: Rc::clone(&self.log), on })
        };
        let (mut ledger_old, mut ledger_new) = (open(0)?, open(1)?);
        let goods = match self.offered {
            false => PackageSource::Carried(cargo(&self.bundle)),
            true => awaited(&ledger_new, "S2"),
        };
        let recorded =
            |appliance, on| Recorded { appliance, clock: Rc::clone(&self.clock), log: Rc::clone(&self.log), on };
        let (mut old, mut new) = (recorded(&mut self.old, 0), recorded(&mut self.new, 1));
        self.rules[0].key_passphrase = self.passphrase.map(|phrase| Secret::new(phrase.to_owned()));
        let [rules_old, rules_new] = &self.rules;
        let first_press = FirstPress::default();
        let sides = [
            side(&mut old, &mut ledger_old, rules_old, None, ("10.0.0.1", true)),
            side(&mut new, &mut ledger_new, rules_new, Some(goods), ("10.0.0.2", true)),
        ];
        let around = Around {
            operator: &mut self.operator,
            teller: &self.teller,
            time: &*self.clock,
            resolver: &self.names,
            first_press: &first_press,
        };
        Run::over(Topology::Migrate, sides, around, self.move_rules.clone()).migrate()
    }

    pub fn entries(&self, at: usize) -> Vec<Entry> {
        noted(&self.rules[at]).into_iter().map(|(_, entry)| entry).collect()
    }

    /// What was done on one of the two, in order, each once.
    pub fn events(&self, at: usize) -> Vec<&'static str> {
        let mut events: Vec<&'static str> = Vec::new();
        for (_, event) in self.sites[at].events.borrow().iter() {
            if !events.contains(event) {
                events.push(event);
            }
        }
        events
    }

    pub fn count(&self, at: usize, what: &str) -> usize {
        self.sites[at].events.borrow().iter().filter(|(_, event)| *event == what).count()
    }
}

/// An operator who does what is asked and says yes, but to one thing.
pub struct Mover {
    /// Which questions are answered with no.
    pub refuses: Which,
    /// What is typed as OLD's serial number.
    pub serial: &'static str,
    /// What is typed where a passphrase is asked for.
    pub phrases: Vec<&'static str>,
    pub asked: Vec<String>,
}

impl Default for Mover {
    fn default() -> Self {
        Mover { refuses: nothing, serial: "S1", phrases: Vec::new(), asked: Vec::new() }
    }
}

impl Operator for Mover {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        assert!(!question.is_harmless(), "the engine asks only what matters");
        self.asked.push(question.to_string());
        Ok(!(self.refuses)(question))
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.asked.push(prompt.to_string());
        match prompt.of() {
            Some(EnginePrompt::Erase { .. }) => Ok(self.serial.to_owned()),
            Some(EnginePrompt::SetAside { word }) if ["restore-on-backup", "lose-history"].contains(&word.as_str()) => {
                Ok(word.clone())
            }
            Some(EnginePrompt::CertificatePath) => Ok(String::new()),
            _ => Err(OperatorError::NoAnswer(prompt.to_string())),
        }
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.asked.push(prompt.to_string());
        match self.phrases.is_empty() {
            true => Err(OperatorError::NoAnswer(prompt.to_string())),
            false => Ok(Secret::new(self.phrases.remove(0).to_owned())),
        }
    }
}
