//! Two real programs, a lab with a pair, a stick with one bundle for both.

use crate::support::home::Home;
use crate::support::lab::Lab;
use crate::support::said::Said;
use std::ops::Deref;
use std::path::Path;
use std::sync::LazyLock;

/// The names the two are enrolled by.
pub const A: &str = "alpha";
pub const B: &str = "beta";

/// The file name that stands for an appliance where it is remembered.
pub fn key(name: &str) -> &'static str {
    if name == A { "lab-0001-bg" } else { "lab-0002-bg" }
}

/// One trip as far as the sealed stick, made once: every lab's pair is the same.
static TRIP: LazyLock<Home> = LazyLock::new(|| trip("Base 3.4.0,Bomgar 10.6.2"));

/// A lab with a pair, and small packages.
fn start(dir: &Path, args: &[&str]) -> Lab {
    Lab::start(dir, &[&["--pair", "--package-mib", "1", "--sync-secs", "1"], args].concat())
}

/// One test's own home, stick and lab, both appliances enrolled.
pub struct Pair {
    // Before the folder that it writes into.
    pub lab: Lab,
    home: Home,
}

impl Deref for Pair {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Pair {
    pub fn new(lab: &[&str]) -> Self {
        Self::after(&TRIP, lab)
    }

    /// With a bundle of these packages for both.
    pub fn carrying(packages: &str) -> Self {
        Self::after(&trip(packages), &[])
    }

    fn after(trip: &Home, lab: &[&str]) -> Self {
        let home = Home::after(trip);
        let lab = start(&home.path("lab"), lab);
        let bench = Pair { home, lab };
        bench.enroll();
        bench
    }

    fn enroll(&self) {
        for (name, url) in [(A, "appliance"), (B, "partner")] {
            self.inside(&self.lab.enrolling(name, url, "appliance"), "y\n").ends(0);
        }
    }

    /// Has the inventory say that the two are a pair, and `more` of A.
    pub fn pair(&self, more: &str) {
        let inventory = self.inventory();
        let text = std::fs::read_to_string(&inventory).expect("an inventory");
        let (head, sections) = text.split_once(&format!("[appliances.{A}]\n")).expect("A's section");
        let (own, rest) = sections.split_once(&format!("[appliances.{B}]\n")).expect("B's section");
        let plain = |section: &str| {
            let ours = ["pair", "topology", "switch", "shared_ip", "groups"];
            let lines = section.lines().filter(|line| !ours.iter().any(|key| line.starts_with(&format!("{key} ="))));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let (own, rest) = (plain(own), plain(rest));
        let both =
            format!("{head}[appliances.{A}]\npair = \"{B}\"\n{more}{own}[appliances.{B}]\npair = \"{A}\"\n{rest}");
        std::fs::write(inventory, both).expect("written");
    }

    /// Seals one bundle of these packages for the appliances with these serial numbers.
    pub fn seal(&self, serials: &[&str], packages: &str) {
        let stick = self.stick();
        let whom = serials.iter().flat_map(|serial| ["--appliance", serial]);
        let more = ["--from", self.lab.fact("vendor"), "--packages", packages, "--write", &stick];
        self.outside(&["seal"].into_iter().chain(whom).chain(more).collect::<Vec<_>>(), "").ends(0);
    }

    /// Pushes the pair with these options, every question answered with yes.
    pub fn push(&self, options: &[&str]) -> Said {
        self.push_answering(options, &"y\n".repeat(40))
    }

    pub fn push_answering(&self, options: &[&str], answers: &str) -> Said {
        self.inside(&[&["push", &self.stick(), A, B], options].concat(), answers)
    }

    /// The kinds of records and their step in one appliance's journal: `pair-step-done sync`.
    pub fn journal(&self, name: &str) -> Vec<String> {
        let told = |record: &serde_json::Value| {
            let step = record["fields"]["step"].as_str().map_or_else(String::new, |step| format!(" {step}"));
            format!("{}{step}", record["kind"].as_str().expect("a kind"))
        };
        self.records(key(name)).iter().map(told).collect()
    }
}

/// Keys, trust, a request of each appliance, and a bundle for both on the stick.
fn trip(packages: &str) -> Home {
    let home = Home::hasty().trusting();
    let lab = start(&home.path("lab"), &[]);
    let bench = Pair { home, lab };
    bench.enroll();
    bench.lists(bench.lab.fact("vendor"));
    for name in [A, B] {
        bench.inside(&["request", name, &bench.stick()], "").ends(0);
        bench.outside(&["fetch", &bench.stick(), "--ca", bench.lab.fact("ca")], "").ends(0);
    }
    bench.seal(&["LAB-0001-BG", "LAB-0002-BG"], packages);
    bench.forget_appliances();
    bench.home
}
