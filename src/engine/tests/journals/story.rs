//! A story's world: made anew, and brought by the same presses to where a run
//! stopped.

use super::happened::{Button, Happened, Log, What};
use crate::bundle::Delivery;
use crate::driver::migration::{BackupToRestore, ListedCertificate, Migration};
use crate::driver::{Appliance, BackupOptions, Reached};
use crate::engine::Rules;
use crate::engine::tests::migrate_world::MoveWorld;
use crate::engine::tests::pair_world::PairWorld;
use crate::engine::tests::world::{CHAIN, Which, World, carried_as};
use crate::engine::tests::{killed, migrate, pair, update};
use crate::model::{Failure, FileName, Id, PackageKind, PackageRef, Secret, Timestamp, Version};
use crate::plan::{Order, Switch};
use crate::simulator::{Fault, Faults, Simulated, VirtualClock, settings_of};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a story is: the file `story.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What it tells, in one sentence.
    pub tells: String,
    pub procedure: Procedure,
    /// How many packages of the chain are carried; none where the appliance offers them.
    pub packages: usize,
    /// Whether the appliances show a licence agreement.
    pub agreement: bool,
    /// By name, what goes wrong on either appliance, between two, and where a site moves.
    pub faults: [Vec<String>; 2],
    pub between: Vec<String>,
    pub moving: [Vec<String>; 2],
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Procedure {
    #[default]
    Single,
    Update,
    Synchronous,
    Asynchronous(Switch),
    Migration,
}

impl Procedure {
    /// How many appliances there are in it.
    pub fn appliances(self) -> usize {
        if matches!(self, Procedure::Single | Procedure::Update) { 1 } else { 2 }
    }
}

/// The world of one of them.
pub enum Stand {
    One(World),
    Update(World),
    Pair(Box<PairWorld>),
    Move(Box<MoveWorld>),
}

impl Stand {
    /// As the story begins, with bundles that are the same each time.
    pub fn of(story: &Story) -> Self {
        let packages = &CHAIN[..story.packages];
        let mut stand = match story.procedure {
            Procedure::Single => Stand::One(World::new(packages)),
            Procedure::Update => {
                let mut world = World::new(&CHAIN[..1]);
                world.appliance.vendor = update::vendor();
                Stand::Update(world)
            }
            Procedure::Synchronous => Stand::Pair(Box::new(PairWorld::new(Order::FailoverSync, packages))),
            Procedure::Asynchronous(switch) => {
                Stand::Pair(Box::new(PairWorld::new(Order::FailoverAsync(switch), packages)))
            }
            Procedure::Migration => {
                let mut world = MoveWorld::new(packages);
                // The stories were told when the restart after a reset was a part of the reset.
                world.old.set_times((600, 0));
                Stand::Move(Box::new(world))
            }
        };
        stand.carry(story);
        stand.go_wrong(story);
        stand
    }

    fn carry(&mut self, story: &Story) {
        let root = self.root();
        let made = |serial: &str| {
            let folder = root.join(format!("carried-{serial}"));
            std::fs::create_dir(&folder).expect("made");
            let id = Id::from_bytes([serial.as_bytes()[1]; 16]);
            carried_as(id, folder, &CHAIN[..story.packages.max(1)], serial)
        };
        match self {
            Stand::One(world) | Stand::Update(world) => world.bundle = made("S1"),
            Stand::Pair(world) => world.bundles = [made("S1"), made("S2")],
            Stand::Move(world) => world.bundle = made("S2"),
        }
    }

    fn go_wrong(&mut self, story: &Story) {
        let named =
            |names: &[String]| -> Vec<Fault> { names.iter().map(|name| Fault::named(name).expect(name)).collect() };
        if let Stand::Pair(world) = self {
            world.pair.set_faults(&named(&story.between));
        }
        if let Stand::Move(world) = self {
            for (on, faults) in story.moving.iter().enumerate() {
                world.plan_faults(on, &named(faults));
            }
        }
        for (appliance, faults) in self.appliances().into_iter().zip(&story.faults) {
            appliance.faults = Faults::from(&named(faults)[..]);
            appliance.agreement = story.agreement.then(|| "You agree.".to_owned());
        }
    }

    pub fn appliances(&mut self) -> Vec<&mut Simulated> {
        match self {
            Stand::One(world) | Stand::Update(world) => vec![&mut world.appliance],
            Stand::Pair(world) => world.appliances.iter_mut().collect(),
            Stand::Move(world) => vec![&mut world.old, &mut world.new],
        }
    }

    pub fn rules(&self) -> Vec<&Rules> {
        match self {
            Stand::One(world) | Stand::Update(world) => vec![&world.rules],
            Stand::Pair(world) => world.rules.iter().collect(),
            Stand::Move(world) => world.rules.iter().collect(),
        }
    }

    pub fn clock(&self) -> Rc<VirtualClock> {
        Rc::clone(match self {
            Stand::One(world) | Stand::Update(world) => &world.clock,
            Stand::Pair(world) => &world.clock,
            Stand::Move(world) => &world.clock,
        })
    }

    pub fn log(&self) -> Rc<Log> {
        Rc::clone(match self {
            Stand::One(world) | Stand::Update(world) => &world.log,
            Stand::Pair(world) => &world.log,
            Stand::Move(world) => &world.log,
        })
    }

    /// Where all is that is kept.
    pub fn root(&self) -> PathBuf {
        let home = self.rules()[0].folders.journal.parent().expect("a folder").to_path_buf();
        match self {
            Stand::One(_) | Stand::Update(_) => home,
            Stand::Pair(_) | Stand::Move(_) => home.parent().expect("a folder").to_path_buf(),
        }
    }

    /// What the operator says no to.
    pub fn refuse(&mut self, which: Which) {
        match self {
            Stand::One(world) | Stand::Update(world) => world.operator.refuses = which,
            Stand::Pair(world) => world.operator.refuses = which,
            Stand::Move(world) => world.operator.refuses = which,
        }
    }

    /// One run, as a process of its own would.
    pub fn run(&mut self) -> Result<(), Failure> {
        match self {
            Stand::One(world) => world.push().map(drop),
            Stand::Update(world) => world.update().map(drop),
            Stand::Pair(world) => world.push().map(drop),
            Stand::Move(world) => world.push().map(drop),
        }
    }

    /// The rules that hold at every moment.
    pub fn check(&self) {
        match self {
            Stand::One(world) | Stand::Update(world) => killed::check(world),
            Stand::Pair(world) => pair::check(world),
            Stand::Move(world) => migrate::check(world),
        }
    }

    /// Lets time pass until `at`, in which somebody looks at the appliances.
    fn wait(&mut self, at: Timestamp) {
        let clock = self.clock();
        loop {
            let left = at.secs_since(clock.now());
            if left <= 0 {
                return;
            }
            // Nothing that is waited for in seconds takes hours.
            clock.advance(if left < 2 * 3600 { left.min(30) } else { left - 3600 });
            for appliance in self.appliances() {
                drop((appliance.observe(), appliance.failover()));
            }
        }
    }

    /// Presses all that was pressed, and puts back what was kept.
    pub fn replay(&mut self, happened: &[Happened], kept: &Path) {
        for event in happened {
            match &event.what {
                What::Pressed(press) => {
                    self.wait(event.at);
                    self.press(event.on as usize, press);
                }
                What::Kept(file) => {
                    let to = self.root().join(file);
                    std::fs::create_dir_all(to.parent().expect("a folder")).expect("made");
                    std::fs::copy(kept.join(file), &to).expect(file);
                }
                What::Wrote(_) | What::Ended(_) => {}
            }
        }
        if let Some(last) = happened.last() {
            self.wait(last.at);
        }
    }

    fn press(&mut self, on: usize, press: &Button) {
        let bundle: Option<&Delivery> = match self {
            Stand::One(world) | Stand::Update(world) => Some(&world.bundle),
            Stand::Pair(world) => Some(&world.bundles[on]),
            Stand::Move(world) => Some(&world.bundle),
        };
        let sent = match (press, bundle) {
            (Button::Upload(file), Some(bundle)) => {
                let found = bundle.consignment().packages.iter().find(|package| package.file.as_str() == file);
                let package = found.expect("a package of the bundle").clone();
                let source = bundle.package(&package.file).expect("it reads");
                Some((package, source))
            }
            _ => None,
        };
        let mut all = self.appliances();
        let appliance: &mut Simulated = all.remove(on);
        let there = Reached { host: "partner".to_owned(), port: 443 };
        let phrase = Secret::new("open sesame".to_owned());
        let listed = |fingerprint: &str| ListedCertificate {
            issued_to: "support.example.com".to_owned(),
            fingerprint: Some(fingerprint.to_owned()),
            addresses: Vec::new(),
            warnings: Vec::new(),
        };
        let sink = &mut std::io::sink();
        // What it answered then it answers now; the journal has it.
        let _ = match press {
            Button::Backup => {
                appliance.backup(&BackupOptions { password: None, include_history: true }, sink, &()).map(drop)
            }
            Button::Upload(_) => {
                let (package, source) = sent.expect("found");
                appliance.upload(&package, source, &(), &mut || Ok(())).map(drop)
            }
            Button::Accept => appliance.accept_eula().map(drop),
            Button::Check => appliance.check_updates().map(drop),
            Button::Fetch { file, title } => appliance.install_offered(&offered(file, title)).map(drop),
            Button::Hands => {
                appliance.told.hands.set(true);
                appliance.observe().map(drop)
            }
            Button::Sync => appliance.sync_now().map(drop),
            Button::Break => appliance.break_failover().map(drop),
            Button::Establish => appliance.establish_failover(&there, &there).map(drop),
            Button::SharedIp(enabled) => appliance.set_shared_ip(None, *enabled).map(drop),
            Button::Export => appliance.export_certificate(&listed("of S1"), &phrase, sink).map(drop),
            Button::Import(text) => appliance.import_certificate("key.p12", text.as_bytes(), &phrase).map(drop),
            Button::Assign { fingerprint, address } => {
                appliance.assign_address(&listed(fingerprint), address.as_deref()).map(drop)
            }
            Button::Restore => {
                let bytes = settings_of("S1");
                let source = &mut bytes.as_slice();
                appliance
                    .restore(BackupToRestore { file_name: "backup", size_bytes: 4096, source, password: None }, &())
                    .map(drop)
            }
            Button::Reset => appliance.factory_reset().map(drop),
            Button::ShutDown => appliance.shut_down().map(drop),
        };
        if let (Button::Reset, Stand::Move(world)) = (press, self) {
            // Whoever pressed it then had been asked.
            world.operator.asked.push("type its serial number".to_owned());
        }
    }
}

/// A package of which the appliance knows only the title.
fn offered(file: &str, title: &str) -> PackageRef {
    let (kind, version) = title.rsplit_once(' ').expect("a kind and a version");
    let kind = if kind == "Base" { PackageKind::Base } else { PackageKind::Site };
    let version = Version::parse(version).expect("a version");
    PackageRef::offered(FileName::parse(file).expect("a name"), title.to_owned(), (kind, version), Vec::new())
}
