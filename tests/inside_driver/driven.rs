//! A lab of one's own, the program at work on it, and a driver at hand.

use crate::support::carried::{self, PACKAGE_BYTES};
use crate::support::home::{Home, word};
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::bundle::{self, Delivery, Expect, ExpectHere};
use handcarry::testing::cli::{Context, Half};
use handcarry::testing::console::{Console, Globals, SharedOperator, Silent};
use handcarry::testing::driver::{self, Appliance};
use handcarry::testing::inventory::Inventory;
use handcarry::testing::lab::{self, Fault, LabOptions};
use handcarry::testing::model::{HostTime, Package, Time, Timestamp};
use handcarry::testing::trust::{AllowedSigners, LineOptions, Namespace, TrustPolicy, TrustStore};
use std::ops::Deref;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Longest wait for anything the lab does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A lab with a home folder and a stick.
pub struct Driven {
    // Before the folder that it writes into.
    pub lab: Lab,
    home: Home,
}

impl Deref for Driven {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Driven {
    pub fn start(change: impl FnOnce(&mut LabOptions)) -> Driven {
        let home = Home::new();
        let lab = Lab::within(&home.path("lab"), change);
        Driven { home, lab }
    }

    pub fn with_faults(faults: &[Fault]) -> Driven {
        Driven::start(|options| options.faults = faults.to_vec())
    }

    /// The inventory's text.
    pub fn inventory(&self) -> String {
        std::fs::read_to_string(self.home.inventory()).unwrap_or_default()
    }

    pub fn edit_inventory(&self, from: &str, to: &str) {
        let text = self.inventory();
        assert!(text.contains(from), "{text}");
        std::fs::write(self.home.inventory(), text.replace(from, to)).expect("written");
    }

    /// Runs `handcarry-inside`, `input` typed.
    pub fn inside(&self, args: &[&str], input: &str) -> Said {
        let mut command = self.command(INSIDE, args);
        command.env("LAB_PASSWORD", lab::APPLIANCE_PASSWORD).env("LAB_API_SECRET", lab::API_SECRET);
        let said = run(command.env_remove("NO_COLOR"), input);
        for secret in [lab::APPLIANCE_PASSWORD, lab::LOGIN_PASSWORD, lab::API_SECRET] {
            assert!(!said.has(secret), "a password was shown");
        }
        said
    }

    /// Enrols the lab's appliance as `hq`, with what `more` adds.
    pub fn enroll(&self, more: &[&str]) -> Said {
        self.enroll_at("hq", &self.lab.facts.appliance, more)
    }

    /// Enrols what is reached there.
    pub fn enroll_at(&self, name: &str, url: &str, more: &[&str]) -> Said {
        let (user, login) = (word(&self.lab.facts.appliance_password_file), word(&self.lab.facts.login_password_file));
        let mut args = vec!["enroll", name, "--url", url, "--user", "admin"];
        args.extend(["--login-user", "admin", "--login-password-file", &login]);
        if !more.iter().any(|arg| arg.starts_with("--password")) {
            args.extend(["--password-file", &user]);
        }
        args.extend(more);
        self.inside(&args, "y\n")
    }

    /// Enrols it and makes a signing key: ready for a request.
    pub fn ready(&self, more: &[&str]) {
        let said = self.enroll(more);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(self.inside(&["keygen", "--no-passphrase"], "").code, 0);
    }

    /// Enrols it with its API account, or with the user of an old site's API.
    pub fn ready_with_api(&self, more: &[&str]) {
        let secret = word(&self.lab.facts.api_secret_file);
        let mut args = vec!["--api-client-id", &self.lab.facts.api_client_id, "--api-secret-file", &secret];
        args.extend(more);
        self.ready(&args);
    }

    /// The driver itself; nobody answers whom it asks.
    pub fn driver(&self) -> Box<dyn Appliance> {
        self.driver_by(Rc::new(HostTime::begin()))
    }

    /// The same, by another clock than this machine's.
    pub fn driver_by(&self, time: Rc<dyn Time>) -> Box<dyn Appliance> {
        self.driver_of("hq", time)
    }

    /// The driver of one that was enrolled under this name.
    pub fn driver_of(&self, name: &str, time: Rc<dyn Time>) -> Box<dyn Appliance> {
        let home = Some(self.path("home"));
        let globals = Globals { home, quiet: true, no_color: true, ..Globals::default() };
        let console = Console::new("test", &globals);
        let context = Context::open(Half::Inside, &globals, console).expect("a context");
        let entry = Inventory::read(&context.home).expect("reads").appliance(name).expect("enrolled").clone();
        let context = Context { operator: SharedOperator::new(Silent), time, ..context };
        driver::connect(&entry, &context).expect("connects")
    }

    /// The first package of the lab, in a bundle that was opened and verified.
    pub fn bundle(&self, at: usize) -> (Delivery, Package) {
        let package = &lab::catalogue(PACKAGE_BYTES)[at];
        let now = Timestamp::now();
        let manifest = carried::manifest(now, 1, std::slice::from_ref(package));
        let name = format!("key-{}", manifest.bundle.short());
        let (signer, line) = carried::key(self.root(), &name, &LineOptions::only_for(&[Namespace::Bundle]));
        let store =
            TrustStore { signers: AllowedSigners::parse(&line).expect("parses"), policy: TrustPolicy::default() };
        let path = carried::seal(&signer, Namespace::Bundle, &manifest, self.root());
        let set = bundle::locate(&path).expect("is there");
        let opened = bundle::open_for(set, &store, &Expect::anything(now), &ExpectHere::of(&carried::appliance()))
            .expect("opens");
        (opened, manifest.packages[0].clone())
    }
}

/// Tries until `look` is satisfied, and returns what it saw.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}
