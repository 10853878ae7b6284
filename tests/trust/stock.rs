//! The stock tools, and a folder to use them in.

use handcarry::testing::model::{Secret, Timestamp};
use handcarry::testing::trust::{AllowedSigners, Namespace, PublicKey, Signer, TrustPolicy, TrustStore};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with keys, messages and signatures.
pub struct Context {
    folder: tempfile::TempDir,
}

impl Context {
    pub fn new() -> Self {
        Context { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("a file in the temporary folder");
        path
    }

    /// Makes a key with the real ssh-keygen.
    pub fn keygen(&self, name: &str, passphrase: &str) -> PathBuf {
        self.keygen_with(name, passphrase, &["-t", "ed25519"])
    }

    pub fn keygen_with(&self, name: &str, passphrase: &str, options: &[&str]) -> PathBuf {
        let path = self.path(name);
        let made = tool("ssh-keygen")
            .args(["-q", "-N", passphrase, "-C", &format!("{name}@example.com"), "-f"])
            .arg(&path)
            .args(options)
            .output()
            .expect("ssh-keygen runs");
        assert!(made.status.success(), "ssh-keygen: {}", text(&made));
        path
    }

    /// Makes a key with ssh-keygen and opens it here.
    pub fn signer(&self, name: &str) -> Signer {
        let path = self.keygen(name, "");
        Signer::from_file(&path, &mut || None).expect("an unencrypted key opens")
    }

    /// Signs with the real ssh-keygen.
    pub fn sign(&self, key: &Path, namespace: &str, message: &[u8], options: &[&str]) -> Vec<u8> {
        let path = self.write("to-sign", message);
        let signature = self.path("to-sign.sig");
        let _ = std::fs::remove_file(&signature);
        let signed = tool("ssh-keygen")
            .args(["-q", "-Y", "sign", "-n", namespace, "-f"])
            .arg(key)
            .args(options)
            .arg(path)
            .output()
            .expect("ssh-keygen runs");
        assert!(signed.status.success(), "ssh-keygen -Y sign: {}", text(&signed));
        std::fs::read(signature).expect("ssh-keygen wrote a signature")
    }

    /// Asks the real ssh-keygen whether a signature holds.
    pub fn verifies(&self, check: &Check<'_>) -> bool {
        let signers = self.write("allowed_signers", check.signers);
        let signature = self.write("message.sig", check.signature);
        let mut command = tool("ssh-keygen");
        command.args(["-Y", "verify", "-I", check.principal, "-n", check.namespace, "-f"]).arg(signers);
        command.arg("-s").arg(signature);
        if let Some(at) = check.at {
            command.args(["-O", &format!("verify-time={}", stamp(at))]);
        }
        if let Some(zone) = check.zone {
            command.env("TZ", zone);
        }
        if let Some(revoked) = check.revoked {
            command.arg("-r").arg(self.write("revoked", revoked));
        }
        let output = feed(&mut command, check.message);
        match output.status.code() {
            Some(0) => true,
            Some(255) => false,
            other => panic!("ssh-keygen -Y verify ended with {other:?}: {}", text(&output)),
        }
    }
}

/// One question to `ssh-keygen -Y verify`.
pub struct Check<'a> {
    pub signers: &'a str,
    pub principal: &'a str,
    pub namespace: &'a str,
    pub message: &'a [u8],
    pub signature: &'a [u8],
    pub at: Option<Timestamp>,
    pub zone: Option<&'a str>,
    pub revoked: Option<&'a str>,
}

impl<'a> Check<'a> {
    pub fn new(signers: &'a str, message: &'a [u8], signature: &'a [u8]) -> Self {
        Check {
            signers,
            principal: "alice",
            namespace: Namespace::Bundle.as_str(),
            message,
            signature,
            at: None,
            zone: None,
            revoked: None,
        }
    }
}

/// A stock tool; its absence is a failure, never a skip.
pub fn tool(name: &str) -> Command {
    let there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    assert!(there, "{name} is not installed; these tests need the real one (Debian package openssh-client)");
    let mut command = Command::new(name);
    command.env_remove("SSH_AUTH_SOCK").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

pub fn feed(command: &mut Command, input: &[u8]) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the tool runs");
    // It may refuse before it has read everything.
    let _ = child.stdin.take().expect("a pipe was asked for").write_all(input);
    child.wait_with_output().expect("the tool ends")
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A time as ssh-keygen takes it.
pub fn stamp(at: Timestamp) -> String {
    at.compact().replace('t', "").to_uppercase()
}

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

/// One line that trusts a key for everything.
pub fn line(name: &str, key: &PublicKey) -> String {
    format!("{name} {}\n", key.openssh())
}

pub fn store(signers: &str, policy: &str) -> TrustStore {
    TrustStore {
        signers: AllowedSigners::parse(signers).expect("well-formed signers"),
        policy: TrustPolicy::parse(policy).expect("a well-formed policy"),
    }
}
