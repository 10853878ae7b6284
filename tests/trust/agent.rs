//! A real ssh-agent on a socket of its own.
//!
//! The agent is found through SSH_AUTH_SOCK, which a running test can't set
//! soundly; so each question runs in a child of this very test program.

use crate::trust::stock::{Check, Context, line, text, tool};
use handcarry::testing::model::{Explain, Failure};
use handcarry::testing::trust::{Namespace, PublicKey, Signer};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MESSAGE: &[u8] = b"the manifest\n";

struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(context: &Context) -> Self {
        let socket = context.path("agent.sock");
        let child = tool("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ssh-agent runs");
        let agent = Agent { child, socket };
        let started = Instant::now();
        while !agent.socket.exists() {
            assert!(started.elapsed() < Duration::from_secs(10), "ssh-agent made no socket");
            std::thread::sleep(Duration::from_millis(10));
        }
        agent
    }

    fn add(&self, key: &Path) {
        let added = tool("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.socket).output().expect("runs");
        assert!(added.status.success(), "ssh-add: {}", text(&added));
    }

    fn lock_out(&self) {
        let removed = tool("ssh-add").arg("-qD").env("SSH_AUTH_SOCK", &self.socket).output().expect("runs");
        assert!(removed.status.success(), "ssh-add -D: {}", text(&removed));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks, in a child with that socket, for a signature with `key`. The child is
/// the very test that asks, told by its environment to answer instead.
fn sign_in_child(context: &Context, socket: Option<&Path>, key: &str) -> Result<Vec<u8>, String> {
    let out = context.path("agent-answer.sig");
    let _ = std::fs::remove_file(&out);
    let asking = std::thread::current().name().expect("a test's thread has its name").to_owned();
    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["--exact", &asking, "--nocapture"]);
    child.env("HANDCARRY_TEST_KEY", key).env("HANDCARRY_TEST_OUT", &out);
    match socket {
        Some(socket) => child.env("SSH_AUTH_SOCK", socket),
        None => child.env_remove("SSH_AUTH_SOCK"),
    };
    let output = child.output().expect("the child runs");
    assert!(output.status.success(), "{}", text(&output));
    let answer = std::fs::read(&out).expect("the child answered");
    match answer.strip_prefix(b"error: ") {
        Some(error) => Err(String::from_utf8_lossy(error).into_owned()),
        None => Ok(answer),
    }
}

/// Answers where this is the child; says whether it was.
fn answered_as_child() -> bool {
    let Ok(key) = std::env::var("HANDCARRY_TEST_KEY") else { return false };
    let out = std::env::var_os("HANDCARRY_TEST_OUT").expect("the parent names it");
    let signed = Signer::from_agent(&key).and_then(|signer| signer.sign(Namespace::Bundle, MESSAGE));
    let answer = signed.unwrap_or_else(|error| {
        let hint = error.hint().expect("a hint");
        format!("error: {} [{}] {}", Failure::from(error).message, hint.as_part(), "")
    });
    std::fs::write(out, answer).expect("written");
    true
}

#[test]
fn an_agent_signs_by_fingerprint_and_by_public_key_file() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let agent = Agent::start(&context);
    let rsa = context.keygen_with("rsa", "", &["-t", "rsa", "-b", "2048"]);
    let (other, path) = (context.keygen("bob", ""), context.keygen("alice", ""));
    for key in [&rsa, &other, &path] {
        agent.add(key);
    }
    let public = PublicKey::read(&path.with_extension("pub")).expect("the public key");
    let by_file = path.with_extension("pub").display().to_string();
    for chosen in [public.fingerprint(), by_file] {
        let signature = sign_in_child(&context, Some(&agent.socket), &chosen).expect("the agent signs");
        assert!(context.verifies(&Check::new(&line("alice", &public), MESSAGE, &signature)), "{chosen}");
    }
}

#[test]
fn an_agent_without_the_key_says_which_it_has() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let agent = Agent::start(&context);
    let (held, wanted) = (context.keygen("bob", ""), context.keygen("alice", ""));
    let wanted = PublicKey::read(&wanted.with_extension("pub")).expect("the public key");
    let empty = sign_in_child(&context, Some(&agent.socket), &wanted.fingerprint()).expect_err("it holds none");
    assert!(empty.contains("it holds no ed25519 key at all"), "{empty}");

    agent.add(&held);
    let held = PublicKey::read(&held.with_extension("pub")).expect("the public key");
    let error = sign_in_child(&context, Some(&agent.socket), &wanted.fingerprint()).expect_err("it holds another");
    assert!(error.contains(&wanted.fingerprint()) && error.contains(&held.fingerprint()), "{error}");
    assert!(error.contains("ssh-add"), "{error}");
    agent.lock_out();
    sign_in_child(&context, Some(&agent.socket), &held.fingerprint()).expect_err("it was taken away");
}

#[test]
fn no_agent_and_a_dead_agent_are_told_apart() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let fingerprint = context.signer("alice").public().fingerprint();
    let none = sign_in_child(&context, None, &fingerprint).expect_err("no agent");
    assert!(none.contains("SSH_AUTH_SOCK is not set"), "{none}");
    let dead = sign_in_child(&context, Some(&context.path("nothing.sock")), &fingerprint).expect_err("dead");
    assert!(dead.contains("does not answer"), "{dead}");
}
