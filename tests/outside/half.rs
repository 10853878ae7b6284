//! A folder with a home, sticks and, where wanted, a lab.

use crate::outside::vendor::{Asked, Vendor, VendorAnswer};
use crate::support::home::Home;
use crate::support::lab::Lab;
use crate::support::requested;
use crate::support::said::{OUTSIDE, Said};
use handcarry::testing::cli::generate_key;
use handcarry::testing::model::{ApplianceId, Id};
use handcarry::testing::trust::{LineOptions, Namespace, Signer};
use std::ops::Deref;
use std::path::PathBuf;
use std::process::Command;

/// The outside half at work.
pub struct Outside {
    home: Home,
}

impl Deref for Outside {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Outside {
    pub fn new() -> Self {
        Outside { home: Home::new() }
    }

    pub fn vault(&self) -> PathBuf {
        self.path("home/outside/vault")
    }

    pub fn command(&self, args: &[&str]) -> Command {
        self.home.command(OUTSIDE, args)
    }

    /// Runs `handcarry-outside` with these lines on its standard input.
    pub fn tell(&self, args: &[&str], input: &str) -> Said {
        self.outside(args, input)
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.tell(args, "")
    }

    /// A lab beside it, with packages of 1 MiB, whose vendor is listed.
    pub fn lab(&self, args: &[&str]) -> Lab {
        let lab = Lab::start(&self.path("lab"), &[&["--package-mib", "1"], args].concat());
        self.lists(lab.fact("vendor"));
        lab
    }

    /// A vendor that answers as it is told, listed here.
    pub fn vendor(&self, answer: impl Fn(&Asked) -> VendorAnswer + Send + Sync + 'static) -> Vendor {
        let vendor = Vendor::start(self.root(), answer);
        self.lists(&vendor.url);
        vendor
    }

    /// Makes a signing key for this half.
    pub fn key(&self) {
        self.run(&["keygen", "--no-passphrase", "--principal", "anna"]).ends(0);
    }

    /// Trusts another desk's key for the vaults it exports.
    pub fn trusts_vaults_of(&self, other: &Outside) {
        let key = std::fs::read_to_string(other.path("home/outside/keys/signing.pub")).expect("a key");
        let line = format!("anna namespaces=\"handcarry-vault\" {key}");
        self.tell(&["trust", "add", line.trim()], "y\n").ends(0);
    }

    /// A package file with a title of its own and known bytes.
    pub fn package(&self, name: &str, size: usize) -> String {
        let seed = name.bytes().fold(7u32, |seed, byte| seed.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let bytes: Vec<u8> = (0..size as u32).map(|at| (at.wrapping_mul(seed | 1) >> 11) as u8).collect();
        std::fs::write(self.path(name), bytes).expect("writes");
        self.word(name)
    }

    /// An inside that this outside trusts.
    pub fn insider(&self) -> Signer {
        let path = self.path("inside.key");
        let key = generate_key(&path, "ines", None).expect("a key");
        let scope = LineOptions::only_for(&[Namespace::Request, Namespace::Receipt]);
        let line = handcarry::testing::trust::AllowedSigners::render_line("ines", &key, &scope).expect("a line");
        self.run(&["trust", "add", &line, "--fingerprint", &key.fingerprint()]).ends(0);
        Signer::from_file(&path, &mut || None).expect("opens")
    }

    /// A signed request on the stick, made `ago` seconds ago.
    pub fn request(&self, signer: &Signer, vendor: &str, serial: &str, code: Option<&str>, ago: i64) -> Id {
        requested::request(&self.path("stick"), signer, appliance(serial), vendor, code, ago)
    }
}

pub fn appliance(serial: &str) -> ApplianceId {
    ApplianceId { serial: serial.to_owned(), model: "B200".to_owned(), host: "support.example.com".to_owned() }
}
