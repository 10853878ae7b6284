//! Two homes, one stick, and people with keys of OpenSSH's own making.

use crate::support::home::{Home, word};
use crate::support::said::{INSIDE, OUTSIDE, Said, run};
use handcarry::testing::model::{Sha256Digest, Timestamp};
use handcarry::testing::trust::TrustUpdate;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Two homes, one stick, and whoever is asked for a key.
pub struct People {
    home: Home,
}

impl Deref for People {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl People {
    pub fn new() -> Self {
        People { home: Home::new() }
    }

    /// Runs one half in the home folder of another machine.
    pub fn tell_in(&self, home: &str, half: &str, args: &[&str], input: &str) -> Said {
        let program = if half == "inside" { INSIDE } else { OUTSIDE };
        run(&mut self.command_in(home, program, args), input)
    }

    /// Makes a key with ssh-keygen, once a name; returns its private file.
    pub fn key(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        if !path.exists() {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
                .arg(&path)
                .status()
                .expect("ssh-keygen is installed");
            assert!(made.success());
        }
        path
    }

    pub fn key_arg(&self, name: &str) -> String {
        word(&self.key(name))
    }

    pub fn fingerprint(&self, name: &str) -> String {
        let listed = Command::new("ssh-keygen").arg("-lf").arg(self.key(name)).output().expect("runs");
        let line = String::from_utf8(listed.stdout).expect("UTF-8");
        line.split_whitespace().nth(1).expect("a fingerprint").to_owned()
    }

    /// The allowed_signers line of a key, in canonical form.
    pub fn line(&self, name: &str) -> String {
        self.key(name);
        let public = std::fs::read_to_string(self.path(&format!("{name}.pub"))).expect("a public key");
        format!("{name} namespaces=\"handcarry-bundle,handcarry-trust\" {}", public.trim())
    }

    /// Signs a file with `ssh-keygen -Y sign` alone, and names the signature `number`.
    pub fn ssh_sign(&self, name: &str, namespace: &str, file: &Path, number: usize) {
        let made = beside(file, "sig");
        let _ = std::fs::remove_file(&made);
        let run = Command::new("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
            .arg(self.key(name))
            .arg(file)
            .stderr(Stdio::null())
            .status();
        assert!(run.expect("ssh-keygen is installed").success());
        std::fs::rename(made, beside(file, &format!("{number}.sig"))).expect("renames");
    }

    /// Sets the inside's trust up by hand.
    pub fn bootstrap(&self, names: &[&str], threshold: usize) {
        let folder = self.path("home/inside/trust");
        std::fs::create_dir_all(&folder).expect("a folder");
        let lines: String = names.iter().map(|name| self.line(name) + "\n").collect();
        std::fs::write(folder.join("allowed_signers"), lines).expect("writes");
        std::fs::write(folder.join("policy.toml"), format!("threshold = {threshold}\n")).expect("writes");
    }

    /// The inside's trust as its own export tells it.
    pub fn in_force(&self) -> TrustUpdate {
        self.inside(&["trust", "export", &self.stick()], "").ends(0);
        let bytes = std::fs::read(self.path("stick/handcarry/trust/in-force.json")).expect("reads");
        TrustUpdate::parse(&bytes).expect("canonical")
    }

    /// The update that follows `before` with these signers and threshold.
    pub fn next(&self, before: &TrustUpdate, names: &[&str], threshold: usize) -> TrustUpdate {
        TrustUpdate {
            format: 1,
            version: before.version + 1,
            previous: Some(Sha256Digest::of(&before.bytes())),
            created: Some(Timestamp::now()),
            renew_by: Some(Timestamp::now().plus_secs(86_400 * 365)),
            threshold,
            trust_threshold: threshold,
            signers: names.iter().map(|name| self.line(name)).collect(),
            revoked: before.revoked.clone(),
            note: String::new(),
        }
    }

    /// Puts an update on the stick, signed by these with ssh-keygen; returns its file.
    pub fn carry(&self, update: &TrustUpdate, signers: &[&str]) -> PathBuf {
        let folder = self.path("stick/handcarry/trust");
        std::fs::create_dir_all(&folder).expect("a folder");
        let file = folder.join(format!("trust-{}.json", update.version));
        for number in 1..20 {
            let _ = std::fs::remove_file(beside(&file, &format!("{number}.sig")));
        }
        std::fs::write(&file, update.bytes()).expect("writes");
        for (at, name) in signers.iter().enumerate() {
            self.ssh_sign(name, "handcarry-trust", &file, at + 1);
        }
        file
    }

    pub fn apply(&self) -> Said {
        self.inside(&["trust", "apply", &self.stick()], "y\n".repeat(10).as_str())
    }
}

pub fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    PathBuf::from(name)
}

pub fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).expect("reads")
}
