//! A key in a hardware security module: SoftHSM by its PKCS#11 module, in a
//! real ssh-agent. It seals a bundle, which both halves and ssh-keygen verify.

use crate::support::home::{Home, word};
use crate::support::said::{OUTSIDE, Said, run};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Where Debian's package softhsm2 has its module.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";
const PIN: &str = "1234";

/// A token with one key, and an agent that has it.
struct Hsm<'a> {
    home: &'a Home,
    agent: Child,
}

impl Drop for Hsm<'_> {
    fn drop(&mut self) {
        let _ = self.agent.kill();
        let _ = self.agent.wait();
    }
}

fn works(command: &mut Command) -> Output {
    let name = command.get_program().to_owned();
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{name:?}: {error}"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name:?}: {said}");
    output
}

impl<'a> Hsm<'a> {
    fn new(home: &'a Home) -> Self {
        std::fs::create_dir(home.path("tokens")).expect("a folder");
        let conf = format!("directories.tokendir = {}\nobjectstore.backend = file\n", home.word("tokens"));
        std::fs::write(home.path("softhsm2.conf"), conf).expect("written");
        // The agent asks no terminal for the PIN, but a program.
        std::fs::write(home.path("pin"), format!("#!/bin/sh\necho {PIN}\n")).expect("written");
        crate::support::home::set_mode(&home.path("pin"), 0o700);
        let agent = Self::with(home, "ssh-agent")
            .args(["-D", "-P", "/usr/lib/*", "-a", &home.word("agent.sock")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ssh-agent runs");
        let hsm = Hsm { home, agent };
        hsm.make_key();
        let began = Instant::now();
        while !home.path("agent.sock").exists() {
            assert!(began.elapsed() < Duration::from_secs(30), "ssh-agent made no socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        works(hsm.command("ssh-add").args(["-q", "-s", MODULE]));
        hsm
    }

    fn make_key(&self) {
        let init = ["--init-token", "--free", "--label", "handcarry", "--pin", PIN, "--so-pin", "5678"];
        works(self.command("softhsm2-util").args(init));
        let make = ["--login", "--pin", PIN, "--keypairgen", "--key-type", "EC:prime256v1", "--label", "signing"];
        works(self.command("pkcs11-tool").args(["--module", MODULE]).args(make));
    }

    /// A stock tool with this token and agent.
    fn command(&self, tool: &str) -> Command {
        Self::with(self.home, tool)
    }

    fn with(home: &Home, tool: &str) -> Command {
        let mut command = Command::new(tool);
        command.env("SOFTHSM2_CONF", home.path("softhsm2.conf")).env("SSH_AUTH_SOCK", home.path("agent.sock"));
        command.env("SSH_ASKPASS", home.path("pin")).env("SSH_ASKPASS_REQUIRE", "force").env("LC_ALL", "C");
        command
    }

    /// The public key's file, as `ssh-add -L` tells it.
    fn public(&self) -> PathBuf {
        let listed = String::from_utf8(works(self.command("ssh-add").arg("-L")).stdout).expect("text");
        assert!(listed.starts_with("ecdsa-sha2-nistp256 "), "{listed}");
        let path = self.home.path("hsm.pub");
        std::fs::write(&path, listed).expect("written");
        path
    }

    fn outside(&self, args: &[&str]) -> Said {
        let mut command = self.home.command(OUTSIDE, args);
        command.env("SSH_AUTH_SOCK", self.home.path("agent.sock"));
        run(&mut command, "")
    }
}

fn one_with(folder: &Path, end: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path());
    let mut found = entries.filter(|path| path.to_str().is_some_and(|path| path.ends_with(end)));
    found.next().unwrap_or_else(|| panic!("nothing in {} ends with {end}", folder.display()))
}

#[test]
fn a_key_in_an_hsm_seals_what_both_halves_and_ssh_keygen_verify() {
    let home = Home::new();
    let hsm = Hsm::new(&home);
    let public = word(&hsm.public());
    let line =
        format!("ana namespaces=\"handcarry-bundle\" {}", std::fs::read_to_string(&public).expect("readable").trim());
    std::fs::write(home.path("Base-3.4.0.nss"), [0x81; 9000]).expect("written");
    home.outside(&["import", "Base-3.4.0.nss", "--by", "ana", "--for", "LAB-1"], "").ends(0);
    let told = ["seal", "--appliance", "LAB-1", "--model", "B200", "--host", "support.example.com", "--from", "ana"];
    hsm.outside(&[&told[..], &["--agent", &public, "--write", "stick"]].concat()).ends(0);

    home.inside(&["verify", "stick"], "").ends(25);
    home.inside(&["trust", "add", &line], "y\n").ends(0).says("ecdsa-sha2-nistp256");
    home.inside(&["trust", "list"], "").ends(0).says("ecdsa-sha2-nistp256");
    home.inside(&["verify", "stick"], "").ends(0);

    // The same by stock tools alone, without the agent.
    let bundle = one_with(&home.path("stick/handcarry/bundles"), ".zip");
    for name in ["manifest.json", "manifest.json.1.sig"] {
        let entry = works(Command::new("unzip").arg("-p").arg(&bundle).arg(name)).stdout;
        std::fs::write(home.path(name), entry).expect("written");
    }
    std::fs::write(home.path("allowed_signers"), format!("{line}\n")).expect("written");
    let mut verify = Command::new("ssh-keygen");
    verify.args(["-Y", "verify", "-I", "ana", "-n", "handcarry-bundle", "-f"]).arg(home.path("allowed_signers"));
    verify.arg("-s").arg(home.path("manifest.json.1.sig"));
    let manifest = std::fs::File::open(home.path("manifest.json")).expect("readable");
    let verified = verify.stdin(manifest).output().expect("ssh-keygen runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
}

/// A second person's card signs by ssh-keygen alone, and its signature is collected.
#[test]
fn a_draft_signed_by_ssh_keygen_with_an_hsm_is_collected() {
    let home = Home::new();
    let hsm = Hsm::new(&home);
    let public = hsm.public();
    let first = home.outside(&["keygen", "--principal", "bruno", "--no-passphrase"], "").ends(0);
    let first = first.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned();
    std::fs::write(home.path("Base-3.4.0.nss"), [0x81; 9000]).expect("written");
    home.outside(&["import", "Base-3.4.0.nss", "--by", "bruno", "--for", "LAB-1"], "").ends(0);
    let sealed = home.outside(
        &[
            "--json",
            "seal",
            "--appliance",
            "LAB-1",
            "--model",
            "B200",
            "--host",
            "support.example.com",
            "--from",
            "bruno",
        ],
        "",
    );
    let sealed = sealed.ends(0);
    let id = sealed.event("sealed")["bundle"].as_str().expect("an id").to_owned();

    home.outside(&["draft", "export", &id, "stick"], "").ends(0);
    let draft = walkdir::WalkDir::new(home.path("stick")).into_iter().map(|entry| entry.expect("readable"));
    let manifest = draft.map(walkdir::DirEntry::into_path).find(|path| path.ends_with("manifest.json")).expect("there");
    let sign = ["-q", "-Y", "sign", "-n", "handcarry-bundle", "-f"];
    works(hsm.command("ssh-keygen").args(sign).arg(&public).arg(&manifest));
    home.outside(&["draft", "collect", "stick"], "").ends(0);
    home.outside(&["write", "stick"], "").ends(0);

    let trust = home.path("home/inside/trust");
    std::fs::create_dir_all(&trust).expect("a folder");
    let second = std::fs::read_to_string(&public).expect("readable");
    std::fs::write(trust.join("allowed_signers"), format!("{first}\nana {second}")).expect("written");
    std::fs::write(trust.join("policy.toml"), "threshold = 2\n").expect("written");
    home.inside(&["verify", "stick"], "").ends(0);
}
