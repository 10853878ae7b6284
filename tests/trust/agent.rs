//! A real ssh-agent on a socket of its own.
//!
//! The agent is found through SSH_AUTH_SOCK, which a running test can't set
//! soundly; so each question runs in a child of this very test program.

use crate::trust::stock::{Check, Context, line, text, tool};
use crate::trust::token::{Added, TOUCHED, Token, one_of_each, string};
use handcarry::testing::model::{Explain, Failure};
use handcarry::testing::trust::{Namespace, PublicKey, Signer, verify};
use std::io::{Read, Write};
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
    let card = context.keygen_with("card", "", &["-t", "ecdsa", "-b", "256"]);
    let (other, path) = (context.keygen("bob", ""), context.keygen("alice", ""));
    for key in [&rsa, &other, &path, &card] {
        agent.add(key);
    }
    for path in [&path, &card] {
        let public = PublicKey::read(&path.with_extension("pub")).expect("the public key");
        let by_file = path.with_extension("pub").display().to_string();
        for chosen in [public.fingerprint(), by_file] {
            let signature = sign_in_child(&context, Some(&agent.socket), &chosen).expect("the agent signs");
            assert!(context.verifies(&Check::new(&line("alice", &public), MESSAGE, &signature)), "{chosen}");
        }
    }
}

#[test]
fn a_key_of_the_agent_that_does_not_count_is_refused_by_name() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let agent = Agent::start(&context);
    for (name, options, told) in [
        ("rsa", &["-t", "rsa", "-b", "2048"][..], "it is an RSA key of type ssh-rsa"),
        ("ec384", &["-t", "ecdsa", "-b", "384"][..], "it is a key of type ecdsa-sha2-nistp384"),
    ] {
        let key = context.keygen_with(name, "", options);
        agent.add(&key);
        let listed = tool("ssh-keygen").arg("-lf").arg(&key).output().expect("runs");
        let fingerprint = text(&listed).split(' ').nth(1).expect("a fingerprint").to_owned();
        let error = sign_in_child(&context, Some(&agent.socket), &fingerprint).expect_err("refused");
        assert!(error.contains(told) && error.contains(&fingerprint), "{error}");
        let error = sign_in_child(&context, Some(&agent.socket), &key.with_extension("pub").display().to_string());
        assert!(error.as_ref().is_err_and(|error| error.contains(told)), "{error:?}");
    }
}

/// ssh-keygen signs by a certificate where the agent has one; whose it is, its authority says, and nobody here.
#[test]
fn a_signature_by_a_certificate_is_refused_by_name() {
    let context = Context::new();
    let agent = Agent::start(&context);
    let (authority, key) = (context.keygen("authority", ""), context.keygen("alice", ""));
    let made = tool("ssh-keygen").args(["-q", "-I", "alice", "-n", "alice", "-s"]).arg(authority).arg(&key).output();
    assert!(made.expect("runs").status.success());
    agent.add(&key);
    let message = context.write("signed", MESSAGE);
    let signed = tool("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "handcarry-bundle", "-f"])
        .arg(context.path("alice-cert.pub"))
        .arg(&message)
        .env("SSH_AUTH_SOCK", &agent.socket)
        .output()
        .expect("runs");
    assert!(signed.status.success(), "{}", text(&signed));
    let signature = std::fs::read(context.path("signed.sig")).expect("a signature");
    let fault = verify(&signature, Namespace::Bundle, MESSAGE).expect_err("refused").to_string();
    assert!(fault.contains("it is a certificate of type ssh-ed25519-cert-v01@openssh.com"), "{fault}");
}

/// An agent that holds the security keys of these tests, and touches them by itself or not.
fn agent_with_tokens(context: &Context, added: Added) -> PathBuf {
    let socket = context.path("tokens.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.expect("a connection"), &one_of_each(), added);
        }
    });
    socket
}

/// Answers on one connection until it is closed (draft-ietf-sshm-ssh-agent).
fn answer(mut stream: std::os::unix::net::UnixStream, tokens: &[Token], added: Added) {
    let mut length = [0; 4];
    while stream.read_exact(&mut length).is_ok() {
        let mut request = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut request).expect("a request");
        let answer = match request.split_first().expect("a kind") {
            (11, _) => {
                let count = u32::try_from(tokens.len()).expect("few").to_be_bytes();
                let keys = tokens.iter().flat_map(|token| [string(&token.encoded()), string(b"a token")].concat());
                [vec![12], count.to_vec(), keys.collect()].concat()
            }
            (13, fields) => {
                let asked = |token: &&Token| fields.starts_with(&string(&token.encoded()));
                let token = tokens.iter().find(asked).expect("a key it holds");
                let message = &fields[4 + token.encoded().len() + 4..fields.len() - 4];
                [vec![14], string(&token.raw(message, added))].concat()
            }
            _ => vec![5],
        };
        stream.write_all(&string(&answer)).expect("answered");
    }
}

#[test]
fn security_keys_of_an_agent_sign_when_they_are_touched() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let socket = agent_with_tokens(&context, Added { flags: TOUCHED, counter: 3 });
    for token in one_of_each() {
        let signature = sign_in_child(&context, Some(&socket), &token.public().fingerprint()).expect("signs");
        assert!(context.verifies(&Check::new(&token.line("alice"), MESSAGE, &signature)), "{}", token.key_type());
    }
}

/// A key made with `ssh-keygen -O no-touch-required` would sign for whoever has the machine.
#[test]
fn a_signature_without_a_touch_is_not_even_made() {
    if answered_as_child() {
        return;
    }
    let context = Context::new();
    let socket = agent_with_tokens(&context, Added { flags: 0, counter: 3 });
    for token in &one_of_each()[2..] {
        let error = sign_in_child(&context, Some(&socket), &token.public().fingerprint()).expect_err("refused");
        assert!(error.contains("nobody touched the security key"), "{error}");
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
    assert!(empty.contains("it holds none that could sign here"), "{empty}");

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
