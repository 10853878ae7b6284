//! One appliance with two faces: what a driver is answered by the lab, over
//! HTTP, and by the simulator, in memory, is the same, story by story.

use crate::inside_driver::driven::{Driven, wait_for};
use handcarry::testing::driver::{
    Appliance, BackupOptions, BackupToRestore, Did, DriverError, ListedCertificate, Observation, Reached, Uploaded,
};
use handcarry::testing::lab::{Face, Fault, PARTNER_SERIAL, SHARED_IP, control};
use handcarry::testing::model::{HostTime, Secret, Status, Timestamp, Version};
use handcarry::testing::simulator::{Befalls, Simulated, SimulatedPair, VirtualClock};
use std::rc::Rc;
use std::time::Duration;

/// So long that a busy machine sees it going on, and longer than an install that hides is seen.
const INSTALL: Duration = Duration::from_secs(2);

/// What is between an order and its end: roles of a pair are clear after it, and a sync is over.
const A_WHILE: Duration = Duration::from_secs(2);

/// What a step was answered, as far as an engine decides by it.
fn told<T>(answer: &Result<Did<T>, DriverError>) -> String {
    match answer {
        Ok(Did::Done(_)) => "done".to_owned(),
        Ok(Did::ByHand(_)) => "by hand".to_owned(),
        Err(DriverError::Refused { what, .. }) => format!("refused: {what:?}"),
        Err(DriverError::NotTaken { why, .. }) => format!("not taken: {why:?}"),
        Err(DriverError::EmptyBackup) => "an empty backup".to_owned(),
        Err(DriverError::LoginRefused { .. }) => "login refused".to_owned(),
        Err(error) => format!("{:?}", error.certainty()),
    }
}

fn versions(status: &Status) -> String {
    let shown = |version: &Option<Version>| version.as_ref().map_or("none".to_owned(), ToString::to_string);
    format!("base {} site {}", shown(&status.base_version), shown(&status.site_version))
}

fn seen(observed: &Observation) -> String {
    match observed {
        Observation::Ready(status) => format!("ready, {}", versions(status)),
        Observation::Installing { .. } => "installing".to_owned(),
        Observation::Failed { .. } => "failed".to_owned(),
        Observation::Down => "down".to_owned(),
        Observation::Unreadable { ordinary, .. } => format!("unreadable, ordinary: {ordinary}"),
    }
}

/// An appliance, whichever face it shows.
enum Shown<'b> {
    Lab { bench: &'b Driven, name: &'static str, driver: Box<dyn Appliance> },
    Memory { simulated: Box<Simulated>, clock: Rc<VirtualClock> },
}

impl<'b> Shown<'b> {
    fn lab(bench: &'b Driven, name: &'static str) -> Self {
        Shown::Lab { bench, name, driver: bench.driver_of(name, Rc::new(HostTime::begin())) }
    }

    /// One in memory that is as `other` is now.
    fn in_memory(other: &mut Shown<'_>) -> Self {
        let clock = VirtualClock::new(Timestamp::now());
        // One that was switched off listens again a moment after it was put back.
        let status = wait_for("its status", || other.driver().status().ok());
        let simulated = Simulated::new(status, Rc::clone(&clock));
        Shown::Memory { simulated: Box::new(simulated), clock }
    }

    fn driver(&mut self) -> &mut dyn Appliance {
        match self {
            Shown::Lab { driver, .. } => &mut **driver,
            Shown::Memory { simulated, .. } => &mut **simulated,
        }
    }

    fn order(&mut self, fault: Fault) {
        match self {
            Shown::Lab { bench, name, .. } => {
                let on = if *name == "partner" { "b" } else { "a" };
                let aim = control::Aim { on: Some(on), ..control::Aim::default() };
                drop(control::fault_on(bench.lab.dir(), fault, true, &aim).expect("the fault is set"));
            }
            Shown::Memory { simulated, .. } => match (fault.befalls(), &simulated.pair) {
                (Befalls::Pair, Some((pair, _))) => pair.set_faults(&[fault]),
                (Befalls::Migration, _) => simulated.site.faults.borrow_mut().push(fault),
                _ => simulated.faults.push(fault),
            },
        }
    }

    /// Lets time pass until nothing goes on that its pages show.
    fn settle(&mut self) -> Observation {
        let is_over = |observed: &Observation| !matches!(observed, Observation::Installing { .. } | Observation::Down);
        match self {
            Shown::Lab { driver, .. } => {
                wait_for("an end", || Some(driver.observe().expect("is understood")).filter(is_over))
            }
            Shown::Memory { simulated, clock } => loop {
                let observed = simulated.observe().expect("is understood");
                if is_over(&observed) {
                    return observed;
                }
                clock.advance(60);
            },
        }
    }

    fn wait(&mut self, secs: i64, lab: Duration) {
        match self {
            Shown::Lab { .. } => std::thread::sleep(lab),
            Shown::Memory { clock, .. } => clock.advance(secs),
        }
    }
}

fn back_up(shown: &mut Shown<'_>) -> (String, Vec<u8>) {
    let options = BackupOptions { password: None, include_history: true };
    let mut bytes = Vec::new();
    let answer = shown.driver().backup(&options, &mut bytes, &());
    (told(&answer), bytes)
}

/// A backup, then the package at this place of the lab's list; what is answered, to the end.
fn install(bench: &Driven, shown: &mut Shown<'_>, at: usize) -> Vec<String> {
    let mut answers = vec![back_up(shown).0];
    let (bundle, package) = bench.bundle(at);
    // In memory the agreement is the appliance's, in the lab the package's.
    if let Shown::Memory { simulated, .. } = shown {
        simulated.agreement = (at > 0).then(|| "An agreement.".to_owned());
    }
    let source = bundle.package(&package.file).expect("is in it");
    let answer = shown.driver().upload(&package, source, &(), &mut || Ok(()));
    answers.push(told(&answer));
    if let Ok(Did::Done(Uploaded::Eula { text })) = &answer {
        assert!(!text.is_empty());
        answers.push(format!("agreement: {}", told(&shown.driver().accept_eula())));
    }
    answers.push(seen(&shown.settle()));
    answers
}

/// Both answers to one story, which must be the same.
fn same(story: &str, lab: Vec<String>, memory: Vec<String>) -> Vec<String> {
    assert_eq!(lab, memory, "{story}: the lab's answers, then those in memory");
    lab
}

fn bench(change: impl FnOnce(&mut handcarry::testing::lab::LabOptions)) -> Driven {
    let bench = Driven::start(|options| {
        options.install = INSTALL;
        change(options);
    });
    bench.ready(&[]);
    bench
}

#[test]
fn packages_are_installed_in_order_and_in_no_other() {
    let bench = bench(|_| {});
    let mut lab = Shown::lab(&bench, "hq");
    let mut memory = Shown::in_memory(&mut lab);
    // The site version is too early, then the base, then again, then all that is left.
    let story = [1, 0, 0, 2, 1, 2];
    let answers = story.map(|at| same("a chain", install(&bench, &mut lab, at), install(&bench, &mut memory, at)));
    assert_eq!(answers[0][1], "refused: Package");
    assert_eq!(answers[1][1..], ["done", "ready, base 3.4.0 site 10.5.3"]);
    assert_eq!(answers[2][1], "not taken: AlreadyThere");
    assert_eq!(answers[4][1..], ["done", "agreement: done", "ready, base 3.4.0 site 10.6.2"]);
    assert_eq!(answers[5].last().map(String::as_str), Some("ready, base 3.4.0 site 11.1.1"));
}

#[test]
fn each_fault_of_an_install_is_the_same_on_both_faces() {
    for (at, base, faults) in
        [(0, "3.3.2", &[Befalls::Backup, Befalls::Install]), (1, "3.4.0", &[Befalls::Backup, Befalls::Install])]
    {
        let bench = bench(|options| options.base = Version::parse(base).expect("a version"));
        let on_both = |fault: &Fault| [Face::Rehearsal, Face::Lab].iter().all(|face| fault.is_played_by(*face));
        let both = Fault::ALL.iter().copied().filter(on_both).filter(|fault| faults.contains(&fault.befalls()));
        for fault in both.filter(|fault| !matches!(fault, Fault::InstallHangs | Fault::InstallHides)) {
            control::reset(bench.lab.dir()).expect("resets");
            let mut lab = Shown::lab(&bench, "hq");
            let mut memory = Shown::in_memory(&mut lab);
            [&mut lab, &mut memory].into_iter().for_each(|shown| shown.order(fault));
            same(fault.name(), install(&bench, &mut lab, at), install(&bench, &mut memory, at));
        }
    }
}

#[test]
fn an_install_that_hangs_or_hides_looks_the_same_on_both_faces() {
    let bench = bench(|options| options.install = Duration::from_secs(4));
    let begin = |shown: &mut Shown<'_>, fault| {
        shown.order(fault);
        let (bundle, package) = bench.bundle(0);
        let source = bundle.package(&package.file).expect("is in it");
        told(&shown.driver().upload(&package, source, &(), &mut || Ok(())))
    };
    let mut lab = Shown::lab(&bench, "hq");
    let mut memory = Shown::in_memory(&mut lab);
    let hides = |shown: &mut Shown<'_>| {
        let mut answers = vec![begin(shown, Fault::InstallHides)];
        shown.wait(2, Duration::from_millis(1500));
        answers.push(seen(&shown.driver().observe().expect("is understood")));
        shown.wait(900, Duration::from_secs(5));
        answers.push(seen(&shown.settle()));
        answers
    };
    let answers = same("install-hides", hides(&mut lab), hides(&mut memory));
    assert_eq!(answers[1..], ["ready, base 3.3.2 site 10.5.3", "ready, base 3.4.0 site 10.5.3"]);

    control::reset(bench.lab.dir()).expect("resets");
    let mut lab = Shown::lab(&bench, "hq");
    let mut memory = Shown::in_memory(&mut lab);
    let hangs = |shown: &mut Shown<'_>| {
        let begun = begin(shown, Fault::InstallHangs);
        shown.wait(7200, Duration::from_secs(5));
        vec![begun, seen(&shown.driver().observe().expect("is understood"))]
    };
    assert_eq!(same("install-hangs", hangs(&mut lab), hangs(&mut memory))[1], "installing");
}

#[test]
fn clients_update_at_the_same_pace_on_both_faces() {
    const DAY: u64 = 86_400;
    let bench = Driven::start(|options| {
        options.install = INSTALL;
        options.base = Version::parse("3.4.0").expect("a version");
        (options.clients, options.client_update) = (4, Duration::from_secs(8 * DAY));
    });
    bench.ready_with_api(&[]);
    let mut lab = Shown::lab(&bench, "hq");
    let mut memory = Shown::in_memory(&mut lab);
    if let Shown::Memory { simulated, .. } = &mut memory {
        simulated.clients = Some((4, 8 * DAY as i64));
    }
    let soak = |shown: &mut Shown<'_>| {
        let mut answers = install(&bench, shown, 1);
        for days in [0, 5, 3] {
            match shown {
                Shown::Lab { .. } => drop(control::advance(bench.lab.dir(), days * DAY).expect("moves")),
                Shown::Memory { clock, .. } => clock.advance((days * DAY) as i64),
            }
            let client_counts = shown.driver().client_counts().expect("answers").expect("has an interface");
            answers.push(format!("{} of {}", client_counts.outdated, client_counts.seen));
        }
        answers
    };
    let answers = same("a soak", soak(&mut lab), soak(&mut memory));
    assert_eq!(answers[answers.len() - 3..], ["4 of 4", "2 of 4", "0 of 4"]);
}

fn role(shown: &mut Shown<'_>) -> String {
    match shown.driver().failover() {
        Ok(Did::Done(failover)) => format!("{:?}, syncing: {}", failover.role, failover.syncing),
        other => told(&other),
    }
}

/// Both of a pair, on one face.
struct Two<'b> {
    a: Shown<'b>,
    b: Shown<'b>,
    reached: [Reached; 2],
}

impl<'b> Two<'b> {
    fn lab(bench: &'b Driven) -> Self {
        let port = |url: &str| url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
        let reached = [&bench.lab.facts.appliance, bench.lab.facts.partner.as_ref().expect("a pair")]
            .map(|url| Reached { host: "localhost".to_owned(), port: port(url) });
        Two { a: Shown::lab(bench, "hq"), b: Shown::lab(bench, "partner"), reached }
    }

    fn in_memory(other: &mut Two<'_>) -> Self {
        let clock = VirtualClock::new(Timestamp::now());
        let pair = SimulatedPair::new(Rc::clone(&clock), 1);
        let [a, b] = [(0, &mut other.a), (1, &mut other.b)].map(|(at, shown)| {
            let mut simulated = Simulated::new(shown.driver().status().expect("reads"), Rc::clone(&clock));
            simulated.pair = Some((Rc::clone(&pair), at));
            Shown::Memory { simulated: Box::new(simulated), clock: Rc::clone(&clock) }
        });
        Two { a, b, reached: other.reached.clone() }
    }

    fn roles(&mut self) -> String {
        format!("A {}; B {}", role(&mut self.a), role(&mut self.b))
    }

    /// Breaks it on A and makes B the primary.
    fn swap(&mut self, answers: &mut Vec<String>) {
        answers.push(format!("break: {}", told(&self.a.driver().break_failover())));
        answers.push(self.roles());
        let [a, b] = self.reached.clone();
        answers.push(format!("establish: {}", told(&self.b.driver().establish_failover(&a, &b))));
        answers.push(self.roles());
        self.b.wait(10, A_WHILE);
        answers.push(self.roles());
    }

    /// A whole story of a pair, with a fault on both or with none.
    fn story(&mut self, fault: Option<Fault>) -> Vec<String> {
        if let Some(fault) = fault {
            // Armed on one of the two it strikes once.
            self.b.order(fault);
            if fault.lasts() {
                self.a.order(fault);
            }
        }
        let mut answers = vec![self.roles()];
        if fault == Some(Fault::ByHandPress) {
            // In memory whoever is guided does it at once, in the lab nobody does.
            answers.push(format!("sync of B: {}", told(&self.b.driver().sync_now())));
            return answers;
        }
        answers.push(format!("sync of A: {}", told(&self.a.driver().sync_now())));
        answers.push(format!("sync of B: {}", told(&self.b.driver().sync_now())));
        answers.push(self.roles());
        self.b.wait(10, A_WHILE);
        answers.push(self.roles());
        self.swap(&mut answers);
        let shared = self.b.driver().shared_ip(Some(SHARED_IP)).map_err(|error| error.to_string());
        answers.push(format!("shared address of B: {shared:?}"));
        answers
    }
}

#[test]
fn a_pair_is_synced_broken_and_made_anew_alike_on_both_faces() {
    let bench = bench(|options| {
        options.pair = true;
        // Longer than a look takes on a busy machine, shorter than a while.
        options.sync = Duration::from_millis(1500);
    });
    bench.enroll_at("partner", bench.lab.facts.partner.as_deref().expect("a pair"), &[]);
    let faults = [
        None,
        Some(Fault::SyncNeverEnds),
        Some(Fault::PartnerUnreachable),
        Some(Fault::KeyDiffers),
        Some(Fault::EstablishVanishes),
        Some(Fault::PressAnswerLost),
        Some(Fault::ByHandPress),
    ];
    for fault in faults {
        control::reset(bench.lab.dir()).expect("resets");
        let mut lab = Two::lab(&bench);
        let mut memory = Two::in_memory(&mut lab);
        let name = fault.map_or("a pair", Fault::name);
        same(name, lab.story(fault), memory.story(fault));
    }
}

fn certificates(shown: &mut Shown<'_>) -> Vec<ListedCertificate> {
    match shown.driver().certificates().expect("lists") {
        Did::Done(all) => all,
        Did::ByHand(guide) => panic!("by hand: {guide:?}"),
    }
}

/// Up to what must be done by hand: in memory whoever is guided does it at
/// once, in the lab nobody does.
fn until_by_hand(mut answers: Vec<String>) -> Vec<String> {
    if let Some(at) = answers.iter().position(|answer| answer.ends_with("by hand")) {
        answers.truncate(at + 1);
    }
    answers
}

/// Moves a site from one to the other, then ends the old one.
fn moves(old: &mut Shown<'_>, new: &mut Shown<'_>, fault: Option<Fault>) -> Vec<String> {
    if let Some(fault) = fault {
        if fault.befalls_old() { old.order(fault) } else { new.order(fault) }
    }
    let phrase = Secret::new("carried by hand".to_owned());
    let listed = certificates(old);
    let mut answers = vec![format!("{} listed", listed.len())];
    let mut file = Vec::new();
    let exported = old.driver().export_certificate(&listed[0], &phrase, &mut file);
    answers.push(format!("export: {}", told(&exported)));
    if file.is_empty() {
        let exported = old.driver().export_certificate(&listed[0], &phrase, &mut file);
        answers.push(format!("export again: {}", told(&exported)));
    }
    if fault.is_none() {
        let wrong = Secret::new("another".to_owned());
        let refused = new.driver().import_certificate("site.pem", &file, &wrong);
        answers.push(format!("import with another passphrase: {}", told(&refused)));
    }
    answers.push(format!("import: {}", told(&new.driver().import_certificate("site.pem", &file, &phrase))));
    let listed = certificates(new);
    let warned = listed.iter().filter(|own| !own.warnings.is_empty()).count();
    answers.push(format!("{} listed, {warned} warned of", listed.len()));

    let (made, backup) = back_up(old);
    answers.push(format!("backup: {made}"));
    let source = &mut backup.as_slice();
    let kept = BackupToRestore { file_name: "site.nsb", size_bytes: backup.len() as u64, source, password: None };
    answers.push(format!("restore: {}", told(&new.driver().restore(kept, &()))));
    if let Some(imported) = listed.get(1) {
        answers.push(format!("assign: {}", told(&new.driver().assign_address(imported, None))));
    }
    answers.push(format!("reset: {}", told(&old.driver().factory_reset())));
    old.wait(1800, Duration::from_secs(4));
    let status = old.driver().status();
    answers.push(match &status {
        Ok(status) => format!("no site: {}", status.no_site),
        Err(_) => told(&status.map(Did::Done)),
    });
    answers.push(format!("shut down: {}", told(&old.driver().shut_down())));
    answers
}

#[test]
fn a_site_moves_alike_on_both_faces() {
    let first = bench(|options| options.install = Duration::from_secs(1));
    let second = bench(|options| options.serial = PARTNER_SERIAL.to_owned());
    let of_moves = Fault::ALL.iter().filter(|fault| fault.befalls() == Befalls::Migration);
    let faults = std::iter::once(None).chain(of_moves.map(|fault| Some(*fault)));
    for fault in faults.filter(|fault| *fault != Some(Fault::ResetHangs)) {
        [&first, &second].into_iter().for_each(|bench| drop(control::reset(bench.lab.dir()).expect("resets")));
        let (mut old, mut new) = (Shown::lab(&first, "hq"), Shown::lab(&second, "hq"));
        let (mut old_here, mut new_here) = (Shown::in_memory(&mut old), Shown::in_memory(&mut new));
        let name = fault.map_or("a migration", Fault::name);
        let lab = until_by_hand(moves(&mut old, &mut new, fault));
        let answers = same(name, lab, until_by_hand(moves(&mut old_here, &mut new_here, fault)));
        let by_hand = answers.last().is_some_and(|last| last.ends_with("by hand"));
        assert_eq!(by_hand, name.starts_with("by-hand"), "{name}: {answers:?}");
    }
}
