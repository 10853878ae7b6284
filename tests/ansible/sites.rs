//! Stations of several sites, each with a home and a lab of its own, and the
//! controller that drives them by the playbooks that are packaged.

use crate::support::faketime;
use crate::support::home::{Home, word};
use crate::support::lab::{Begun, Lab};
use crate::support::said::{INSIDE, Said, run};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What each station calls its appliance.
pub const NAME: &str = "front";

/// What a vault holds, and nothing else may show.
const KEY_PASSPHRASE: &str = "seven ships in a bottle";
pub const EXPORT_PASSPHRASE: &str = "a lighthouse and no sea";
const VAULT_PASSWORD: &str = "the vault is under the stairs";

/// Longest run of a playbook, in seconds: many times what one needs on a busy machine.
const SECONDS_AT_MOST: &str = "300";

/// How a playbook ended on each station, by the word of its recap.
pub type Recap = BTreeMap<String, BTreeMap<String, u32>>;

/// The stations, in the order of the inventory.
pub struct Sites {
    pub names: Vec<&'static str>,
    pub labs: Vec<Lab>,
    home: Home,
}

impl Deref for Sites {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

/// The folder with the playbooks and the role.
pub fn playbooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ansible")
}

impl Sites {
    /// With an appliance at each, enrolled, and with keys that both sides trust.
    pub fn new(names: &[&'static str]) -> Self {
        let home = Home::hasty();
        let begun: Vec<Begun> = (0..names.len()).map(|at| begin(home.root(), at)).collect();
        std::fs::create_dir(home.path("tmp")).expect("a folder");
        // Empty: the machine's own shall not count.
        std::fs::write(home.path("ansible.cfg"), "").expect("written");
        let labs: Vec<Lab> = begun.into_iter().map(Begun::ready).collect();
        let sites = Sites { names: names.to_vec(), labs, home };
        let outer = public(&sites.outside(&["keygen", "--principal", "ana@outside", "--no-passphrase"], "").ends(0));
        let passphrase = sites.private("passphrase", KEY_PASSPHRASE);
        for at in 0..names.len() {
            sites.set_up(at, &outer, &passphrase);
        }
        std::fs::remove_file(passphrase).expect("removed");
        let cas = sites.labs.iter().map(|lab| std::fs::read_to_string(lab.fact("ca")).expect("a CA"));
        std::fs::write(sites.path("cas.pem"), cas.collect::<String>()).expect("written");
        sites.write_controller();
        sites
    }

    /// A station's first day: its key, whom it trusts, its appliance.
    fn set_up(&self, at: usize, outer: &str, passphrase: &str) {
        let (name, lab) = (self.names[at], &self.labs[at]);
        let keygen = ["keygen", "--principal", name, "--passphrase-file", passphrase];
        let inner = public(&self.station(name, &keygen, "").ends(0));
        self.station(name, &["trust", "add", outer], "y\n").ends(0);
        self.outside(&["trust", "add", &inner], "y\n").ends(0);
        let (user, login) = (lab.fact("appliance_user"), lab.fact("login_user"));
        let enroll = [
            &["enroll", NAME, "--url", lab.fact("appliance"), "--vendor", lab.fact("vendor"), "--clock", "appliance"][..],
            &[
                "--fingerprint",
                lab.fact("appliance_fingerprint"),
                "--user",
                user,
                "--password-env",
                "APPLIANCE_PASSWORD",
            ],
            &["--login-user", login, "--login-password-env", "LOGIN_PASSWORD"],
        ];
        self.station(name, &enroll.concat(), "").ends(0);
        self.lists(lab.fact("vendor"));
    }

    /// The controller's inventory, its vault, and the program as the stations have it.
    fn write_controller(&self) {
        // Takes down how it is called, and goes by the hasty clock of all such tests.
        let library = faketime::library();
        let script = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>{}\nLD_PRELOAD={} FAKETIME='+0 x8' FAKETIME_DONT_FAKE_MONOTONIC=1 exec {INSIDE} \"$@\"\n",
            self.word("called"),
            library.display()
        );
        std::fs::write(self.path("script"), script).expect("written");
        crate::support::home::set_mode(&self.path("script"), 0o755);
        // Under another name once nobody has it open: see how homes are copied.
        let words = [self.word("script"), self.word("program")];
        assert!(std::process::Command::new("cp").arg("-p").args(words).status().expect("cp runs").success());
        let mut inventory = format!(
            "stations:\n  vars:\n    ansible_connection: local\n    ansible_python_interpreter: /usr/bin/python3\n    \
             handcarry_appliances: [{NAME}]\n    handcarry_program: {}\n    handcarry_media: {}\n    handcarry_plans: {}\n  \
             hosts:\n",
            self.word("program"),
            self.stick(),
            self.word("plans.yml")
        );
        for name in &self.names {
            writeln!(inventory, "    {name}: {{handcarry_home: {}}}", self.word(name)).expect("text");
        }
        std::fs::write(self.path("inventory.yml"), inventory).expect("written");
        let secret = |fact: &str| std::fs::read_to_string(self.labs[0].fact(fact)).expect("a secret").trim().to_owned();
        let vault = serde_json::json!({
            "handcarry_passphrase": KEY_PASSPHRASE,
            "handcarry_key_passphrase": EXPORT_PASSPHRASE,
            "handcarry_secrets": {
                "APPLIANCE_PASSWORD": secret("appliance_password_file"), "LOGIN_PASSWORD": secret("login_password_file"),
            },
        });
        let vault = self.private("vault.yml", &vault.to_string());
        self.private("vault-password", VAULT_PASSWORD);
        run(&mut self.ansible("ansible-vault", &["encrypt", &vault]), "").ends(0);
    }

    /// What the vault holds.
    pub fn secrets(&self) -> Vec<String> {
        let files = ["appliance_password_file", "login_password_file"].map(|fact| self.labs[0].fact(fact).to_owned());
        let of_lab = files.map(|file| std::fs::read_to_string(file).expect("a secret").trim().to_owned());
        [KEY_PASSPHRASE, EXPORT_PASSPHRASE, VAULT_PASSWORD].map(str::to_owned).into_iter().chain(of_lab).collect()
    }

    /// A program of Ansible's that leaves nothing outside this folder.
    pub fn ansible(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args([SECONDS_AT_MOST, program]).args(args).current_dir(self.root());
        let (tmp, password) = (self.path("tmp"), self.path("vault-password"));
        command.env("ANSIBLE_HOME", &tmp).env("ANSIBLE_LOCAL_TEMP", &tmp).env("ANSIBLE_REMOTE_TEMP", &tmp);
        // All that it says, in a file among those that are searched for secrets.
        command.env("ANSIBLE_LOG_PATH", self.path("log"));
        command.env("ANSIBLE_CONFIG", self.path("ansible.cfg")).env("ANSIBLE_VAULT_PASSWORD_FILE", password);
        command.env("ANSIBLE_NOCOLOR", "1").env("ANSIBLE_PIPELINING", "1").env("ANSIBLE_FORKS", "3");
        command.env("ANSIBLE_NO_TARGET_SYSLOG", "1").env("PYTHONDONTWRITEBYTECODE", "1").env("LC_ALL", "C.UTF-8");
        command
    }

    /// Plays a playbook over the inventory.
    pub fn play(&self, name: &str, args: &[&str]) -> Said {
        let playbook = word(&playbooks().join(format!("{name}.yml")));
        let inventory = ["-i", "inventory.yml", "-e", "@vault.yml"];
        run(&mut self.ansible("ansible-playbook", &[&[playbook.as_str()][..], &inventory, args].concat()), "")
    }

    /// Plays it, has it end well, and returns how many tasks changed something on each station.
    #[track_caller]
    pub fn changed(&self, name: &str, args: &[&str]) -> Vec<u32> {
        let said = self.play(name, args).ends(0);
        let recap = recap(&said);
        self.names.iter().map(|station| recap.get(*station).map_or(0, |counts| counts["changed"])).collect()
    }

    /// The program as a person has it on a station.
    pub fn station(&self, name: &str, args: &[&str], answers: &str) -> Said {
        let mut command = self.command_in(name, INSIDE, args);
        let lab = &self.labs[self.names.iter().position(|known| *known == name).expect("a station")];
        for (variable, fact) in
            [("APPLIANCE_PASSWORD", "appliance_password_file"), ("LOGIN_PASSWORD", "login_password_file")]
        {
            command.env(variable, std::fs::read_to_string(lab.fact(fact)).expect("a secret").trim());
        }
        run(&mut command, answers)
    }

    /// What the outside does while the stick is there.
    pub fn go_outside(&self) {
        let (stick, authorities) = (self.stick(), self.word("cas.pem"));
        self.outside(&["fetch", &stick, "--ca", &authorities], "").ends(0);
        let from = self.labs.iter().flat_map(|lab| ["--from", lab.fact("vendor")]);
        self.outside(&["seal", "--all", "--write", &stick].into_iter().chain(from).collect::<Vec<_>>(), "").ends(0);
    }

    /// Names of the files of one kind on the stick, or in another medium's folder.
    pub fn lies(&self, medium: &str, kind: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(medium).join("handcarry").join(kind)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// How the program was called by Ansible so far, a call a line.
    pub fn called(&self) -> String {
        std::fs::read_to_string(self.path("called")).unwrap_or_default()
    }

    /// The titles that each appliance installed.
    pub fn installs(&self) -> Vec<Vec<String>> {
        self.labs.iter().map(Lab::installs).collect()
    }
}

/// The table at the end of a run.
pub fn recap(said: &Said) -> Recap {
    let (_, table) = said.out.rsplit_once("PLAY RECAP").expect("a recap");
    let rows = table.lines().skip(1).filter_map(|line| line.split_once(" : "));
    let counts = |row: &str| {
        let cells = row.split_whitespace().filter_map(|cell| cell.split_once('='));
        cells.map(|(word, count)| (word.to_owned(), count.parse().expect("a count"))).collect()
    };
    rows.map(|(station, row)| (station.trim().to_owned(), counts(row))).collect()
}

fn public(said: &Said) -> String {
    said.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned()
}

fn begin(folder: &Path, at: usize) -> Begun {
    let serial = format!("LAB-{at:04}-AN");
    Lab::begin(&folder.join(format!("lab{at}")), &["--serial", &serial, "--package-mib", "1"])
}
