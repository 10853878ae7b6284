//! handcarry carries handcarry: a kit goes onto the stick, is checked there
//! with stock tools, and takes the place of the programs inside.
#![cfg(unix)]

mod apply;
mod carry;

use crate::support::home::Home;
use crate::support::said::{INSIDE, OUTSIDE, Said, run};
use handcarry::testing::model::Sha256Digest;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Two desks, and whoever makes kits.
struct Desk {
    home: Home,
}

const TARGET: &str = "x86_64-unknown-linux-gnu";

impl Desk {
    /// Both halves trust the one who makes kits.
    fn new() -> Self {
        let desk = Desk { home: Home::new() };
        desk.key("maker");
        for program in [INSIDE, OUTSIDE] {
            desk.run(program, &["trust", "add", &desk.line("maker")], "y\n").ends(0);
        }
        std::fs::create_dir(desk.home.path("bin")).expect("a folder");
        for program in [INSIDE, OUTSIDE] {
            let name = Path::new(program).file_name().expect("a name");
            let place = desk.home.path("bin").join(name);
            std::fs::hard_link(program, &place).or_else(|_| std::fs::copy(program, &place).map(drop)).expect("copied");
        }
        desk
    }

    /// A key as ssh-keygen makes it.
    fn key(&self, name: &str) {
        let path = self.home.word(name);
        stock(self, &format!("ssh-keygen -q -t ed25519 -N '' -C {name} -f {path}"));
    }

    /// Its line, for kits alone.
    fn line(&self, name: &str) -> String {
        let public = std::fs::read_to_string(self.home.path(&format!("{name}.pub"))).expect("a key");
        format!("{name} namespaces=\"handcarry-kit\" {}", public.trim())
    }

    /// A kit of that version whose programs are scripts that say so, signed by those.
    fn kit(&self, version: &str, makers: &[&str]) -> PathBuf {
        self.kit_of(version, makers, &format!("#!/bin/sh\necho handcarry {version}\n"))
    }

    fn kit_of(&self, version: &str, makers: &[&str], program: &str) -> PathBuf {
        let folder = self.home.path(&format!("kit-{version}"));
        let (name, root) = (format!("handcarry-{version}-{TARGET}"), folder.display());
        std::fs::create_dir_all(folder.join(&name).join("bin")).expect("folders");
        for half in ["handcarry-inside", "handcarry-outside"] {
            std::fs::write(folder.join(&name).join("bin").join(half), program).expect("written");
        }
        stock(self, &format!("cd {root} && chmod 755 {name}/bin/* && tar czf {name}.tar.gz {name} && rm -r {name}"));
        std::fs::write(folder.join(format!("handcarry_{version}_amd64.deb")), "a package").expect("written");
        stock(self, &format!("cd {root} && sha256sum * > ../sums && mv ../sums SHA256SUMS"));
        for (number, maker) in makers.iter().enumerate() {
            let sign = format!("cd {root} && ssh-keygen -q -Y sign -n handcarry-kit -f ../{maker} SHA256SUMS");
            stock(self, &sign);
            // The first keeps the name that ssh-keygen gives it.
            if number > 0 || makers.len() > 1 {
                stock(self, &format!("cd {root} && mv SHA256SUMS.sig SHA256SUMS.{}.sig", number + 1));
            }
        }
        folder
    }

    fn run(&self, program: &str, args: &[&str], answers: &str) -> Said {
        run(&mut self.home.command(program, args), answers)
    }

    /// Writes a kit onto the stick.
    fn carry(&self, kit: &Path) -> Said {
        let kit = kit.display().to_string();
        self.run(OUTSIDE, &["write", &self.home.stick(), "--with-handcarry", &kit], "")
    }

    /// The inside as it lies in a folder of its own.
    fn inside(&self, args: &[&str], answers: &str) -> Said {
        self.run(&self.home.word("bin/handcarry-inside"), args, answers)
    }

    fn apply(&self, answers: &str) -> Said {
        self.inside(&["self", "apply", &self.home.stick()], answers)
    }

    /// Digests of all that lies in the folder of the programs, by name.
    fn programs(&self) -> Vec<(String, Sha256Digest)> {
        let entries = std::fs::read_dir(self.home.path("bin")).expect("listed").flatten();
        let digest = |path: PathBuf| Sha256Digest::of(&std::fs::read(path).expect("read"));
        let mut found: Vec<_> =
            entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), digest(entry.path()))).collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        found
    }

    /// What a program there says that it is.
    fn version(&self, name: &str) -> String {
        let said = run(Command::new(self.home.path("bin").join(name)).arg("--version"), "").ends(0).out;
        said.trim().rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

/// Types a line into a shell; it must end well.
fn stock(desk: &Desk, line: &str) -> String {
    run(Command::new("sh").current_dir(desk.home.root()).args(["-ec", line]), "").ends(0).out
}
