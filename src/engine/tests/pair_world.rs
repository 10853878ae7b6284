//! Two simulated appliances in a relationship, with two bundles, two journals
//! and one operator.

use super::journals::{Log, Recorded};
use super::world::{Mortal, Said, Wanted, Which, carried, noted, nothing, rules, start, status};
use crate::bundle::Delivery;
use crate::console::{Operator, OperatorError, Question};
use crate::driver::Reached;
use crate::engine::pair::PairFinished;
use crate::engine::*;
use crate::model::{Exit, Failure, Id};
use crate::plan::{Order, PackageList};
use crate::simulator::{Simulated, SimulatedHistory, SimulatedPair, VirtualClock};
use std::cell::Cell;
use std::rc::Rc;

pub struct PairWorld {
    folder: tempfile::TempDir,
    pub bundles: [Delivery; 2],
    /// Which of the two install what they offer.
    pub offered: [bool; 2],
    pub clock: Rc<VirtualClock>,
    pub appliances: [Simulated; 2],
    pub told: [Rc<SimulatedHistory>; 2],
    pub pair: Rc<SimulatedPair>,
    pub operator: Agreeing,
    pub teller: Said,
    pub rules: [Rules; 2],
    pub pair_rules: RunRules,
    pub names: Names,
    /// Whether it is told beforehand by which addresses clients reach the two.
    pub addressed: bool,
    /// How A reaches B.
    pub reach_b: &'static str,
    /// Which append of the next run fails, over both journals, and whether its record is kept.
    pub kill: Option<(usize, bool)>,
    /// How many appends there were.
    pub appends: usize,
    /// What happened so far.
    pub log: Rc<Log>,
}

impl PairWorld {
    pub fn new(order: Order, packages: &[Wanted<'_>]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = VirtualClock::new(start());
        let pair = SimulatedPair::new(Rc::clone(&clock), 120);
        let made = |at: usize| {
            let home = folder.path().join(["a", "b"][at]);
            std::fs::create_dir(&home).expect("made");
            let serial = ["S1", "S2"][at];
            let mut shown = status();
            serial.clone_into(&mut shown.appliance.serial);
            let mut appliance = Simulated::new(shown, Rc::clone(&clock));
            appliance.pair = Some((Rc::clone(&pair), at));
            let rules = rules(["alpha", "beta"][at], &home);
            (carried(home, packages, serial), appliance, rules)
        };
        let ((bundle_a, a, rules_a), (bundle_b, b, rules_b)) = (made(0), made(1));
        let shared_ip = Some("192.0.2.10".to_owned());
        let command = "handcarry-inside push /media/stick alpha beta".to_owned();
        let pair_rules = RunRules { command, order, shared_ip, ..RunRules::default() };
        PairWorld {
            bundles: [bundle_a, bundle_b],
            offered: [false; 2],
            told: [Rc::clone(&a.told), Rc::clone(&b.told)],
            appliances: [a, b],
            operator: Agreeing { refuses: nothing, asked: Vec::new(), types: Vec::new(), does: None },
            teller: Said::default(),
            rules: [rules_a, rules_b],
            folder,
            clock,
            pair,
            pair_rules,
            names: Names::default(),
            addressed: true,
            reach_b: "10.0.0.2",
            kill: None,
            appends: 0,
            log: Rc::default(),
        }
    }

    /// One run, as a process of its own would.
    pub fn push(&mut self) -> Result<PairFinished, Failure> {
        self.run(|run| run.upgrade_pair())
    }

    /// One run of whatever is done with two.
    pub fn run<T>(&mut self, what: impl FnOnce(Run<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let left = Rc::new(Cell::new(self.kill.take()));
        let count = Rc::new(Cell::new(0));
        let open = |on: usize| -> Result<Mortal, Failure> {
            let journal = EntryLog::open(&self.rules[on].folders.journal, self.clock.now())?;
            Ok(Mortal { journal, left: Rc::clone(&left), count: Rc::clone(&count), log: Rc::clone(&self.log), on })
        };
        let (mut ledger_a, mut ledger_b) = (open(0)?, open(1)?);
        let goods = |at: usize, ledger: &Mortal| match self.offered[at] {
            false => PackageSource::Carried(cargo(&self.bundles[at])),
            true => awaited(ledger, ["S1", "S2"][at]),
        };
        let (goods_a, goods_b) = (goods(0, &ledger_a), goods(1, &ledger_b));
        let [appliance_a, appliance_b] = &mut self.appliances;
        let recorded =
            |appliance, on| Recorded { appliance, clock: Rc::clone(&self.clock), log: Rc::clone(&self.log), on };
        let (mut appliance_a, mut appliance_b) = (recorded(appliance_a, 0), recorded(appliance_b, 1));
        let [rules_a, rules_b] = &self.rules;
        let first_press = FirstPress::default();
        let sides = [
            side(&mut appliance_a, &mut ledger_a, rules_a, Some(goods_a), ("10.0.0.1", self.addressed)),
            Side {
                reached: Some(Reached { host: self.reach_b.to_owned(), port: 443 }),
                ..side(&mut appliance_b, &mut ledger_b, rules_b, Some(goods_b), ("10.0.0.2", self.addressed))
            },
        ];
        let around = Around {
            operator: &mut self.operator,
            teller: &self.teller,
            time: &*self.clock,
            resolver: &self.names,
            first_press: &first_press,
        };
        let rules = self.pair_rules.clone();
        let outcome = what(Run::over(rules.order.topology(), sides, around, rules));
        self.appends = count.get();
        outcome
    }

    /// Names the other one first from now on, with a bundle of these packages for each.
    pub fn other_way_round(&mut self, packages: &[Wanted<'_>]) {
        self.appliances.swap(0, 1);
        self.rules.swap(0, 1);
        self.told.swap(0, 1);
        let carried = |serial| carried(self.folder.path().join(format!("next-{serial}")), packages, serial);
        for serial in ["S1", "S2"] {
            std::fs::create_dir(self.folder.path().join(format!("next-{serial}"))).expect("made");
        }
        self.bundles = [carried("S2"), carried("S1")];
    }

    /// Runs push again and again as long as calling it again may mend it.
    pub fn push_to_the_end(&mut self) -> Result<PairFinished, Failure> {
        let mut last = None;
        for _ in 0..60 {
            match self.push() {
                Ok(finished) => return Ok(finished),
                Err(failure) => {
                    let hours = if failure.exit == Exit::Waiting { 5 } else { 0 };
                    self.clock.advance(hours * 3600 + 60);
                    last = Some(failure);
                }
            }
        }
        Err(last.expect("it was run"))
    }

    pub fn entries(&self, at: usize) -> Vec<Entry> {
        noted(&self.rules[at]).into_iter().map(|(_, entry)| entry).collect()
    }

    pub fn done(&self, at: usize) -> Vec<String> {
        self.told[at].done.borrow().clone()
    }
}

/// One of the two, with what is carried for it.
pub fn side<'a>(
    appliance: &'a mut Recorded<'_>,
    ledger: &'a mut Mortal,
    rules: &'a Rules,
    goods: Option<PackageSource<'a>>,
    (host, addressed): (&str, bool),
) -> Side<'a> {
    Side {
        appliance,
        ledger,
        rules,
        reached: Some(Reached { host: host.to_owned(), port: 443 }),
        address: addressed.then(|| host.to_owned()),
        here: Some(host.to_owned()),
        goods,
        memory: Memory::default(),
    }
}

/// What is offered, by the id of the run that is open, as the verbs have it.
pub fn awaited<'a>(ledger: &Mortal, serial: &str) -> PackageSource<'a> {
    let open = ledger.past().open_pair().filter(|open| open.offered).map(|open| open.bundle);
    PackageSource::Offered(PackageList::awaited(open.unwrap_or_else(Id::random), serial))
}

/// What is carried, as the verbs make it.
pub fn cargo(bundle: &Delivery) -> Payload<'_> {
    Payload {
        consignment: bundle.consignment(),
        manifest_sha256: bundle.manifest_sha256(),
        signed_by: vec!["sealer".to_owned()],
        medium: None,
        packages: bundle,
        damaged: &[],
    }
}

/// Where names lead, and which certificate each host shows: nowhere and none, until it is told.
#[derive(Default)]
pub struct Names(pub Vec<String>, pub Vec<(&'static str, &'static str)>);

impl Resolver for Names {
    fn addresses(&self, _host: &str) -> Vec<String> {
        self.0.clone()
    }

    fn answers(&self, host: &str, port: u16) -> Option<bool> {
        (!self.1.is_empty()).then(|| self.shows(host, port).is_some())
    }

    fn shows(&self, host: &str, _port: u16) -> Option<String> {
        self.1.iter().find(|(known, _)| *known == host).map(|(_, certificate)| (*certificate).to_owned())
    }
}

/// An operator who does what is asked and says yes, but to one thing.
pub struct Agreeing {
    /// Which questions are answered with no.
    pub refuses: Which,
    pub asked: Vec<String>,
    /// What is typed at which prompt.
    pub types: Vec<(Which, &'static str)>,
    /// What is done before a question is answered.
    pub does: Option<(Which, Box<dyn Fn()>)>,
}

impl Operator for Agreeing {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        assert!(!question.is_harmless(), "the engine asks only what matters");
        self.asked.push(question.to_string());
        if let Some((at, does)) = &self.does
            && at(question)
        {
            does();
        }
        Ok(!(self.refuses)(question))
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.asked.push(prompt.to_string());
        let typed = self.types.iter().find(|(at, _)| at(prompt));
        typed.map(|(_, typed)| (*typed).to_owned()).ok_or_else(|| OperatorError::NoAnswer(prompt.to_string()))
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<crate::model::Secret, OperatorError> {
        Err(OperatorError::NoAnswer(prompt.to_string()))
    }
}
