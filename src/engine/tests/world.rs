//! A world to run the engine in: a real bundle, a real journal, a simulated
//! appliance, a truthful operator, a virtual clock.

use super::journals::{Log, Recorded, What};
use crate::bundle::{self, Delivery, Draft, Expect, ExpectHere, VolumeSink, WriteSeek};
use crate::cli::generate_key;
use crate::console::{EventKind, Operator, OperatorError, Question, TypedCommand};
use crate::engine::history::{InstallStage, Open};
use crate::engine::question::InstallQuestion;
use crate::engine::*;
use crate::journal;
use crate::media::{DurableSet, Mode};
use crate::model::*;
use crate::plan::SitePolicy;
use crate::simulator::{Fault, Faults, Simulated, SimulatedHistory, VirtualClock};
use crate::trust::{self, AllowedSigners, Namespace, Signer, TrustStore};
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::LazyLock;

pub fn start() -> Timestamp {
    Timestamp::parse("2026-03-04T22:00:00Z").expect("a time")
}

/// One key for all tests: making it is slow.
static KEY: LazyLock<(Signer, String)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let public = generate_key(&path, "sealer", None).expect("a key");
    let signer = Signer::from_file(&path, &mut || None).expect("the key reads back");
    (signer, format!("sealer {}\n", public.openssh()))
});

/// One package: kind, version, what it requires.
pub type Wanted<'a> = (PackageKind, &'a str, &'a [(PackageKind, &'a str)]);

use PackageKind::{Base, Site};

/// What the lab's vendor offers, too.
pub const CHAIN: [Wanted<'static>; 3] =
    [(Base, "3.4.0", &[(Base, "3.3.2")]), (Site, "10.6.2", &[(Base, "3.4.0")]), (Site, "11.1.1", &[(Site, "10.6.2")])];

pub struct World {
    pub folder: tempfile::TempDir,
    pub bundle: Delivery,
    pub damaged: Vec<FileName>,
    pub clock: Rc<VirtualClock>,
    pub appliance: Simulated,
    pub told: Rc<SimulatedHistory>,
    pub operator: Truthful,
    pub teller: Said,
    pub rules: Rules,
    /// Which append of the next run fails, and whether its record is kept.
    pub kill: Option<(usize, bool)>,
    /// How many appends there were.
    pub appends: usize,
    /// What happened so far.
    pub log: Rc<Log>,
}

/// The hint as it is read after a push.
pub fn hint(failure: &Failure) -> String {
    hint_after(&["push", "/media/stick", "box"], failure)
}

/// The hint as whoever typed that reads it.
pub fn hint_after(typed: &[&str], failure: &Failure) -> String {
    let typed = TypedCommand::of("handcarry-inside", typed);
    failure.hint.as_ref().map_or(String::new(), |hint| typed.tell(hint))
}

/// The rules of a run, with all its folders below `home`.
pub fn rules(name: &str, home: &Path) -> Rules {
    Rules {
        options: String::new(),
        name: FileName::parse(name).expect("a name"),
        policy: SitePolicy::default(),
        wait_max_secs: 4 * 3600,
        settle_secs: 20,
        unanswered_secs: 300,
        accepted: Vec::new(),
        backup_password: None,
        backup_history: true,
        outside_window: None,
        skip_soak: None,
        alone: None,
        clients_removed: None,
        up_to: None,
        key_passphrase: None,
        no_certificate: None,
        folders: Folders {
            backups: home.join("backups"),
            certificates: home.join("certificates"),
            key_passphrase: home.join("keys").join("certificates"),
            staging: home.join("staging"),
            licences: home.join("licences"),
            journal: home.join("journal.jsonl"),
        },
    }
}

/// An install that has come as far as `stage`.
pub fn open(kind: PackageKind, stage: InstallStage) -> Open {
    let package = Installing {
        bundle: Id::random(),
        file: FileName::from_foreign("p.nss"),
        key: Sha256Digest::of(b"p").into(),
        name: format!("{kind} 3.4.0"),
        kind,
        version: Version::parse("3.4.0").expect("a version"),
    };
    let before = Shown::from(&status());
    Open { package, before, stage, guided: false, since: start(), stage_since: start() }
}

impl World {
    pub fn new(packages: &[Wanted<'_>]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bundle = carried(folder.path().to_path_buf(), packages, "S1");
        let clock = VirtualClock::new(start());
        let appliance = Simulated::new(status(), Rc::clone(&clock));
        let told = Rc::clone(&appliance.told);
        let rules = rules("box", folder.path());
        let operator = Truthful {
            told: Rc::clone(&told),
            refuses: nothing,
            asked: Vec::new(),
            path: String::new(),
            password: "",
            away: false,
            thinks: None,
            over: nothing,
        };
        let teller = Said::default();
        World {
            folder,
            bundle,
            damaged: Vec::new(),
            clock,
            appliance,
            told,
            operator,
            teller,
            rules,
            kill: None,
            appends: 0,
            log: Rc::default(),
        }
    }

    pub fn faulty(packages: &[Wanted<'_>], faults: &[Fault]) -> Self {
        let mut world = World::new(packages);
        world.appliance.faults = Faults::from(faults);
        world
    }

    /// One run of push, as a process of its own would.
    pub fn push(&mut self) -> Result<Finished, Failure> {
        self.run(|engine, cargo| engine.push(cargo))
    }

    /// One run of update, likewise.
    pub fn update(&mut self) -> Result<Finished, Failure> {
        self.run(|engine, _| engine.update("S1"))
    }

    /// One run of whatever an engine does.
    pub fn run<T>(
        &mut self,
        work: impl FnOnce(&mut Engine<'_>, &Payload<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let journal = EntryLog::open(&self.rules.folders.journal, self.clock.now())?;
        let left = Rc::new(Cell::new(self.kill.take()));
        let mut ledger = Mortal { journal, left, count: Rc::default(), log: Rc::clone(&self.log), on: 0 };
        let mut appliance = Recorded {
            appliance: &mut self.appliance,
            clock: Rc::clone(&self.clock),
            log: Rc::clone(&self.log),
            on: 0,
        };
        let cargo = Payload {
            consignment: self.bundle.consignment(),
            manifest_sha256: self.bundle.manifest_sha256(),
            signed_by: vec!["sealer".to_owned()],
            medium: None,
            packages: &self.bundle,
            damaged: &self.damaged,
        };
        let first_press = FirstPress::default();
        let mut engine = Engine {
            appliance: &mut appliance,
            operator: &mut self.operator,
            teller: &self.teller,
            time: &*self.clock,
            ledger: &mut ledger,
            rules: &self.rules,
            memory: Memory::default(),
            first_press: &first_press,
        };
        let outcome = work(&mut engine, &cargo);
        self.appends = ledger.count.get();
        outcome
    }

    /// Runs push again and again, waiting where it says so, as long as it ends
    /// in a way that calling it again may mend.
    pub fn push_to_the_end(&mut self) -> Result<Finished, Failure> {
        for _ in 0..40 {
            match self.push() {
                Err(failure) if failure.exit == Exit::Waiting => self.clock.advance(3600),
                Err(failure) if failure.message.contains(KILLED) => {}
                Err(failure) if failure.exit == Exit::InstallFailed => {}
                Err(failure) if failure.exit == Exit::Unconfirmed => {}
                outcome => return outcome,
            }
        }
        Err(Failure::new(Exit::Failure, "it never ends"))
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.noted().into_iter().map(|(_, entry)| entry).collect()
    }

    pub fn noted(&self) -> Vec<Noted> {
        noted(&self.rules)
    }

    pub fn done(&self) -> Vec<String> {
        self.told.done.borrow().clone()
    }
}

/// What the journal has of the engine's; that a line was torn is the journal's own.
pub fn noted(rules: &Rules) -> Vec<Noted> {
    let chain = journal::read(&rules.folders.journal).expect("the chain holds");
    let own = chain.records.iter().filter(|record| record.kind != journal::TORN);
    own.map(|record| (record.time, Entry::of(record).expect("the engine's own"))).collect()
}

pub fn status() -> Status {
    Status {
        appliance: ApplianceId { serial: "S1".into(), model: "B200".into(), host: "support.example.com".into() },
        base_version: Version::parse("3.3.2"),
        site_version: Version::parse("10.5.3"),
        site_build: None,
        clock: None,
        installed: None,
        offered: None,
        no_site: false,
        typed: false,
    }
}

/// A real bundle in a folder, opened and verified.
pub fn carried(folder: PathBuf, wanted: &[Wanted<'_>], serial: &str) -> Delivery {
    carried_as(Id::random(), folder, wanted, serial)
}

/// The same with an id of its own: what is in it is the same each time.
pub fn carried_as(id: Id, folder: PathBuf, wanted: &[Wanted<'_>], serial: &str) -> Delivery {
    let content = |n: usize| format!("package {n} ").repeat(100).into_bytes();
    let package = |(n, (kind, version, requires)): (usize, &Wanted<'_>)| {
        let content = content(n);
        let parse = |version: &str| Version::parse(version).expect("a version");
        Package {
            file: FileName::parse(&format!("p{n}.nss")).expect("a name"),
            name: format!("{kind} {version}"),
            kind: *kind,
            version: parse(version),
            requires: requires.iter().map(|(kind, v)| Requirement { kind: *kind, version: parse(v) }).collect(),
            size_bytes: content.len() as u64,
            sha256: Sha256Digest::of(&content),
            chunks: vec![Sha256Digest::of(&content)],
            eula: None,
            notes: None,
            source: Source::Imported { path: "x".into(), by: "y".into(), at: start(), compared: false }.into(),
        }
    };
    let consignment = Consignment {
        bundle: id,
        sequence: 1,
        appliance: ApplianceId { serial: serial.to_owned(), ..status().appliance },
        request: None,
        created: start(),
        packages: wanted.iter().enumerate().map(package).collect(),
    };
    let (appliance, expires) = (consignment.appliance.clone(), start().plus_secs(90 * 86_400));
    let manifest = Manifest::of(vec![consignment], expires, "sealer".into());
    let signature = KEY.0.sign(Namespace::Bundle, &bundle::manifest_bytes(&manifest)).expect("signed");
    let draft = Draft::of(std::borrow::Cow::Owned(manifest), vec![signature]).expect("a draft");
    let mut opened = 0..;
    let mut open = |_: &Package| -> io::Result<Box<dyn io::Read>> {
        Ok(Box::new(io::Cursor::new(content(opened.next().expect("endless")))))
    };
    let name = FileName::parse("b.zip").expect("a name");
    let mut sink = Folder(Some(DurableSet::new(&folder, Mode::Shared)));
    bundle::write(&draft, &mut open, &mut sink, &name, None, &()).expect("written");
    let trust =
        TrustStore { signers: AllowedSigners::parse(&KEY.1).expect("signers"), policy: trust::TrustPolicy::default() };
    let set = bundle::locate(&folder).expect("found");
    let bundle =
        bundle::open_for(set, &trust, &Expect::anything(start()), &ExpectHere::of(&appliance)).expect("opened");
    bundle.verify_packages(&()).expect("verified");
    bundle
}

struct Folder(Option<DurableSet>);

impl VolumeSink for Folder {
    fn names(&mut self) -> io::Result<Vec<String>> {
        Ok(self.0.as_ref().expect("open").names()?)
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn WriteSeek>> {
        Ok(Box::new(self.0.as_mut().expect("open").create(name)?))
    }

    fn commit_all(&mut self) -> io::Result<Vec<PathBuf>> {
        Ok(self.0.take().expect("open").commit_all()?)
    }
}

/// What a run that is killed ends with.
pub const KILLED: &str = "killed";

/// A journal whose process dies at one append, before or after the disk has
/// it; where a run has several, at one append of any.
pub struct Mortal {
    pub journal: EntryLog,
    pub left: Rc<Cell<Option<(usize, bool)>>>,
    pub count: Rc<Cell<usize>>,
    /// Where it is noted what was written, and on which appliance.
    pub log: Rc<Log>,
    pub on: usize,
}

impl RunJournal for Mortal {
    fn append(&mut self, now: Timestamp, entry: &Entry) -> Result<(), Failure> {
        self.count.set(self.count.get() + 1);
        let dies = self.left.get().filter(|(at, _)| *at <= self.count.get());
        if dies.is_none_or(|(at, kept)| kept && at == self.count.get()) {
            self.journal.append(now, entry)?;
            self.log.add(now, self.on, What::Wrote(entry.parts().0));
        }
        match dies {
            Some(_) => Err(Failure::new(Exit::Failure, KILLED)),
            None => Ok(()),
        }
    }

    fn past(&self) -> &Past {
        self.journal.past()
    }
}

/// Tells one question from others.
pub type Which = fn(&dyn Question) -> bool;

/// No question at all.
pub fn nothing(_: &dyn Question) -> bool {
    false
}

/// An operator who looks at the appliance and says what is so.
pub struct Truthful {
    told: Rc<SimulatedHistory>,
    /// Which questions are answered with no.
    pub refuses: Which,
    pub asked: Vec<String>,
    /// What is answered where a path or a word is asked for.
    pub path: String,
    /// What is typed as a password; nobody types one where empty.
    pub password: &'static str,
    /// Whether nobody is there at all.
    pub away: bool,
    /// The clock, and the seconds that pass before a question is answered.
    pub thinks: Option<(Rc<VirtualClock>, i64)>,
    /// Over which questions.
    pub over: Which,
}

impl Operator for Truthful {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        assert!(!question.is_harmless(), "the engine asks only what matters");
        // What was agreed to beforehand needs nobody.
        if self.away && !asks!(InstallQuestion::Begin { .. })(question) {
            return Err(OperatorError::NoAnswer(question.to_string()));
        }
        self.asked.push(question.to_string());
        if let Some((clock, secs)) = &self.thinks
            && (self.over)(question)
        {
            clock.advance(*secs);
        }
        if (self.refuses)(question) {
            return Ok(false);
        }
        let done = |package: &String| self.told.done.borrow().contains(package);
        match question.of() {
            Some(InstallQuestion::IsInstalled { package, .. }) => return Ok(done(package)),
            Some(InstallQuestion::MaySendAgain { package, .. }) => return Ok(!done(package)),
            Some(InstallQuestion::IsOver { .. } | InstallQuestion::IsAcceptedThere { .. }) => self.told.hands.set(true),
            _ => {}
        }
        Ok(true)
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.asked.push(prompt.to_string());
        Ok(self.path.clone())
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.asked.push(prompt.to_string());
        match self.password {
            "" => Err(OperatorError::NoAnswer(prompt.to_string())),
            password => Ok(Secret::new(password.to_owned())),
        }
    }
}

/// Remembers what was told; where the second is set, nobody can have read it.
#[derive(Default)]
pub struct Said(pub RefCell<Vec<String>>, pub Cell<bool>);

impl Said {
    pub fn has(&self, text: &str) -> bool {
        self.0.borrow().iter().any(|said| said.contains(text))
    }
}

impl Reporter for Said {
    fn say(&self, text: &str) {
        self.0.borrow_mut().push(text.to_owned());
    }

    fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure> {
        self.say(&format!("{title}\n{text}"));
        match self.1.get() {
            true => Err(Failure::new(Exit::OutputLost, "nobody can read it")),
            false => Ok(()),
        }
    }

    fn note(&self, text: &str) {
        self.say(text);
    }

    fn warn(&self, text: &str) {
        self.say(text);
    }

    fn event(&self, event: &'static EventKind, fields: Value) {
        assert_eq!(event.misfit(fields.as_object().expect("an object")), None);
    }

    fn progress(&self, _label: &str, _total_bytes: u64) -> Box<dyn Bar> {
        Box::new(())
    }
}

impl Bar for () {
    fn finish(self: Box<Self>) {}
}
