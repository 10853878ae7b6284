//! A desk whose appliances are worked by hand, with the bundles of a story on
//! its stick and as much of its journals as was written.

use crate::support::carried;
use crate::support::faketime;
use crate::support::home::Home;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::*;
use handcarry::testing::trust::{LineOptions, Namespace, Signer};
use serde_json::Value;
use std::cell::RefCell;
use std::fs;
use std::path::Path;

/// What is carried in the stories: kind, version, what it needs.
const CHAIN: [(PackageKind, &str, (PackageKind, &str)); 3] = [
    (PackageKind::Base, "3.4.0", (PackageKind::Base, "3.3.2")),
    (PackageKind::Site, "10.6.2", (PackageKind::Base, "3.4.0")),
    (PackageKind::Site, "11.1.1", (PackageKind::Site, "10.6.2")),
];

/// Below the folder that the programs work in, so that what they print is the same each time.
pub const STICK: &str = "stick";

/// When they begin.
const START: &str = "2026-03-04T22:00:00Z";

/// A story as its folder has it.
pub struct Story {
    procedure: Value,
    packages: usize,
    journals: Vec<Vec<String>>,
    /// Of each record in order: which journal it went into, and when.
    written: Vec<(usize, Timestamp)>,
}

impl Story {
    pub fn read(folder: &Path) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
        let story: Value = serde_json::from_str(&text("story.json")).expect("a story");
        let names = ["alpha.jsonl", "beta.jsonl"].into_iter().filter(|name| folder.join(name).exists());
        let journals = names.map(|name| text(name).split_inclusive('\n').map(str::to_owned).collect()).collect();
        let happened = text("happened.jsonl");
        let happened = happened.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let written = happened.filter(|event| event["wrote"].is_string()).map(|event| {
            let at = Timestamp::parse(event["at"].as_str().expect("a time")).expect("a time");
            (usize::from(event["on"] == "beta"), at)
        });
        let packages = story["packages"].as_u64().expect("a number") as usize;
        Story { procedure: story["procedure"].clone(), packages, journals, written: written.collect() }
    }

    pub fn records(&self) -> usize {
        self.written.len()
    }

    /// The names that its appliances have.
    pub fn names(&self) -> &'static [&'static str] {
        if self.journals.len() == 1 { &["box"] } else { &["alpha", "beta"] }
    }

    /// The words that plan it.
    pub fn plan(&self) -> Vec<&'static str> {
        let order: &[&str] = match (self.procedure.as_str(), self.procedure["asynchronous"].as_str()) {
            (Some("synchronous"), _) => &["--topology", "failover-sync"],
            (Some("migration"), _) => &["--topology", "migrate", "--site-host", "support.example.com"],
            (_, Some("nat")) => &["--topology", "failover-async", "--switch", "nat"],
            (_, Some("dns")) => &["--topology", "failover-async", "--switch", "dns"],
            (_, Some(_)) => &["--topology", "failover-async", "--switch", "shared-ip", "--shared-ip", "192.0.2.1"],
            _ => &[],
        };
        [&["--json", "plan", STICK], self.names(), order].concat()
    }
}

/// A desk at one moment of a story.
pub struct Desk {
    home: Home,
    now: RefCell<Timestamp>,
    /// What each appliance showed last.
    shown: RefCell<Vec<Value>>,
}

impl Desk {
    /// With the story's appliances, and their bundles on the stick.
    pub fn of(story: &Story) -> Self {
        let start = Timestamp::parse(START).expect("a time");
        let desk = Desk { home: Home::new(), now: RefCell::new(start), shown: RefCell::default() };
        let options = LineOptions::only_for(&[Namespace::Bundle]);
        let (key, line) = carried::key(desk.home.root(), "sealer", &options);
        desk.run(&["trust", "add", &line], "y\n").ends(Exit::Ok);
        for (at, name) in story.names().iter().enumerate() {
            let (url, serial) = (format!("https://{name}.example.com"), format!("S{}", at + 1));
            desk.run(&["enroll", name, "--url", &url, "--driver", "guided", "--serial", &serial], "").ends(Exit::Ok);
            desk.carry(story, &serial, start, &key);
        }
        desk
    }

    /// Puts the journals there as they were after so many records; says the name and kind of the last.
    pub fn stop_after(&self, story: &Story, records: usize) -> (&'static str, String) {
        let folder = self.home.path("home/inside/journal");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("made");
        let mut shown = vec![Value::Null; story.names().len()];
        for (on, lines) in story.journals.iter().enumerate() {
            let whole = story.written[..records].iter().filter(|(of, _)| *of == on).count();
            fs::write(self.home.journal(&format!("S{}", on + 1)), lines[..whole].concat()).expect("written");
            let record = |line: &String| serde_json::from_str::<Value>(line).expect("JSON")["fields"]["shown"].take();
            shown[on] = lines[..whole].iter().map(record).rfind(Value::is_object).unwrap_or_default();
        }
        let (on, at) = story.written[records - 1];
        let of = story.written[..records].iter().filter(|(of, _)| *of == on).count();
        let last: Value = serde_json::from_str(&story.journals[on][of - 1]).expect("JSON");
        *self.now.borrow_mut() = at.plus_secs(60);
        *self.shown.borrow_mut() = shown;
        (story.names()[on], last["kind"].as_str().expect("a kind").to_owned())
    }

    /// What a person types who reads the appliances' pages: the first's, or both's.
    pub fn typed(&self, story: &Story, both: bool) -> String {
        let shown = self.shown.borrow();
        let of = shown.iter().take(if both { shown.len() } else { 1 }).enumerate().map(|(on, shown)| {
            let is_new = on == 1 && story.procedure == "migration";
            let version = |key: &str, first: &str| match shown[key].as_str() {
                Some(version) => version.to_owned(),
                None if shown.is_object() || is_new => String::new(),
                None => first.to_owned(),
            };
            let site = version("site", "10.5.3");
            let none = if site.is_empty() { "y\n" } else { "" };
            format!("S{}\nB200\n{}\n{site}\n{none}\n", on + 1, version("base", "3.3.2"))
        });
        of.collect()
    }

    /// A file in its folder.
    pub fn path(&self, below: &str) -> std::path::PathBuf {
        self.home.path(below)
    }

    /// Runs it a minute after the last record.
    pub fn run(&self, args: &[&str], typed: &str) -> Said {
        self.run_in("UTC", args, typed)
    }

    /// The same where the clock on the wall is another.
    pub fn run_in(&self, zone: &str, args: &[&str], typed: &str) -> Said {
        let now = self.now.borrow().to_string();
        let mut command = self.home.unhurried(INSIDE, args);
        command.env("LD_PRELOAD", faketime::library()).env("TZ", zone);
        command.env("FAKETIME", format!("@{}", now.trim_end_matches('Z').replace('T', " ")));
        run(&mut command, typed)
    }

    fn carry(&self, story: &Story, serial: &str, created: Timestamp, key: &Signer) {
        let content = |n: usize| format!("package {n} ").repeat(100).into_bytes();
        let parse = |version: &str| Version::parse(version).expect("a version");
        let package =
            |(n, (kind, version, (needs, least))): (usize, &(PackageKind, &str, (PackageKind, &str)))| Package {
                file: FileName::parse(&format!("p{n}.nss")).expect("a name"),
                name: format!("{kind} {version}"),
                kind: *kind,
                version: parse(version),
                requires: vec![Requirement { kind: *needs, version: parse(least) }],
                size_bytes: content(n).len() as u64,
                sha256: Sha256Digest::of(&content(n)),
                chunks: vec![Sha256Digest::of(&content(n))],
                eula: None,
                notes: None,
                source: Source::Imported { path: "x".into(), by: "y".into(), at: created, compared: false }.into(),
            };
        let consignment = Consignment {
            bundle: Id::from_bytes([serial.as_bytes()[1]; 16]),
            sequence: 1,
            appliance: ApplianceId { serial: serial.into(), model: "B200".into(), host: "support.example.com".into() },
            request: None,
            created,
            packages: CHAIN[..story.packages.max(1)].iter().enumerate().map(package).collect(),
        };
        let manifest = Manifest::of(vec![consignment], created.plus_secs(90 * 86_400), "sealer".into());
        let folder = self.home.path("stick/handcarry/bundles");
        fs::create_dir_all(&folder).expect("made");
        let bytes_of = |package: &Package| {
            let at = manifest.packages.iter().position(|one| one.file == package.file).expect("of the manifest");
            content(at)
        };
        carried::seal_of(key, Namespace::Bundle, &manifest, &folder, &bytes_of);
    }
}
