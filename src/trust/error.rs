//! What can go wrong with keys, trust files and signatures.

use super::{Namespace, Refusal};
use crate::model::{Exit, ShowPath, Timestamp, close_command, explained, local_time};
use macro_rules_attribute::apply;
use std::io;
use std::path::PathBuf;

/// Why there is no signature, no trust or no approval.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A key file is not there or can't be read.
    #[error("can't read the key {}", path.shown())]
    #[hint(match source.kind() {
        io::ErrorKind::NotFound => "make a key with keygen, or name another with --key FILE or --agent KEY",
        _ => "a key must be a regular file that you may read",
    })]
    #[exit(KeyUnusable)]
    KeyUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A private key that others than its owner may read.
    #[error("the private key {} can be read by others ({how})", path.shown())]
    #[hint("{}; on a medium without permissions, copy the key to a disk that has them first", close_command(path))]
    #[exit(KeyUnusable)]
    KeyTooOpen {
        /// The file.
        path: PathBuf,
        /// Its mode, or who may.
        how: String,
    },
    /// A key file of another type than ed25519.
    #[error("the key {} is of type {algorithm}; from a file only ed25519 keys sign", path.shown())]
    #[hint(match super::key::counts(algorithm) {
        true => format!("let ssh-agent have it: ssh-add {}; then sign with --agent {}.pub", path.quoted(), path.quoted()),
        false => "make one with keygen, or with ssh-keygen -t ed25519".to_owned(),
    })]
    #[exit(KeyUnusable)]
    KeyWrongType {
        /// The file.
        path: PathBuf,
        /// Its type, as OpenSSH names it.
        algorithm: String,
    },
    /// A file that is no OpenSSH key.
    #[error("{} is not {expected}: {why}", path.shown())]
    #[hint("name an OpenSSH key that counts, such as keygen or ssh-keygen -t ed25519 makes it")]
    #[exit(KeyUnusable)]
    KeyMalformed {
        /// The file.
        path: PathBuf,
        /// What it should have been.
        expected: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// Text that is no OpenSSH public key.
    #[error("not an OpenSSH public key that counts: {why}")]
    #[hint("a public key is one line: ssh-ed25519 AAAA… comment, as in the .pub file beside the private key")]
    #[exit(KeyUnusable)]
    PublicKeyMalformed {
        /// What is wrong with it.
        why: String,
    },
    /// An encrypted key, and nobody gave the passphrase.
    #[error("the key {} is encrypted, and no passphrase was given", path.shown())]
    #[hint("run it at a terminal, or give the passphrase with --passphrase-file FILE")]
    #[exit(WrongPassphrase)]
    PassphraseNeeded {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase that does not open the key.
    #[error("the passphrase does not open the key {}", path.shown())]
    #[hint("try again; a lost passphrase can't be recovered, only replaced by a new key that is then trusted instead")]
    #[exit(WrongPassphrase)]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// The operating system gave no randomness, or the key could not be encoded.
    #[error("can't make a key: {why}")]
    #[hint(none)]
    #[exit(Failure)]
    KeyNotMade {
        /// Why.
        why: String,
    },

    /// No agent is named.
    #[error("no ssh-agent is running here: SSH_AUTH_SOCK is not set")]
    #[hint("start one with: eval $(ssh-agent); or name a key file with --key FILE")]
    #[exit(KeyUnusable)]
    AgentAbsent,
    /// The agent does not answer as an agent should.
    #[error("the ssh-agent at {socket} does not answer: {why}")]
    #[hint("see whether ssh-add -l answers, or name a key file with --key FILE")]
    #[exit(KeyUnusable)]
    AgentFault {
        /// Where it was asked.
        socket: String,
        /// Why.
        why: String,
    },
    /// The agent does not hold the key.
    #[error("the ssh-agent holds no key {wanted} (it holds {})", listed(held))]
    #[hint("add it with: ssh-add FILE; a card's or an HSM's with: ssh-add -s MODULE")]
    #[exit(KeyUnusable)]
    AgentLacksKey {
        /// The fingerprint that was asked for.
        wanted: String,
        /// Fingerprints of the keys it holds that could sign here.
        held: Vec<String>,
    },
    /// The agent holds the key, and signatures by it would not count.
    #[error("the ssh-agent's key {wanted} can't sign here: {why}")]
    #[hint("choose another with --agent; ssh-add -l lists what it holds")]
    #[exit(KeyUnusable)]
    AgentKeyUnusable {
        /// The fingerprint that was asked for.
        wanted: String,
        /// Why it can't.
        why: String,
    },
    /// The agent holds the key but does not sign with it.
    #[error("the ssh-agent refused to sign with {fingerprint}")]
    #[hint("confirm when the agent asks, unlock it with ssh-add -X, or add the key again")]
    #[exit(KeyUnusable)]
    AgentRefused {
        /// The key.
        fingerprint: String,
    },
    /// A signature just made does not hold.
    #[error("the signature just made with {fingerprint} does not hold: {why}")]
    #[hint("sign with another key or agent: this one does not work as it should")]
    #[exit(KeyUnusable)]
    SignatureUnsound {
        /// The key.
        fingerprint: String,
        /// Why.
        why: String,
    },

    /// A trust file can't be read.
    #[error("can't read {}", path.shown())]
    #[hint("it must be a regular text file that you may read")]
    #[exit(Config)]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line of allowed_signers that does not read as it should.
    #[error("{file}, line {line}: {why}")]
    #[hint("correct the line; its form is: NAME[,NAME…] [OPTIONS] ssh-ed25519 AAAA… (ssh-keygen(1), ALLOWED SIGNERS)")]
    #[exit(Config)]
    SignersLine {
        /// The file, or what stood in for one.
        file: String,
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A policy that does not read as it should.
    #[error("{file} is not a trust policy: {why}")]
    #[hint("its form is: threshold = 1, then revoked = [\"SHA256:…\"], each on a line of its own")]
    #[exit(Config)]
    PolicyMalformed {
        /// The file, or what stood in for one.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something is larger than its limit allows.
    #[error("{what} is larger than the limit of {limit}")]
    #[hint("it is damaged, or not what it should be")]
    #[exit(LimitExceeded)]
    LimitExceeded {
        /// What, and where.
        what: String,
        /// The limit with its unit.
        limit: String,
    },

    /// No signer is trusted at all.
    #[error("no signer is trusted here yet, so no {} can be accepted", namespace.document())]
    #[hint(
        "add the signer's public key with 'trust add', after comparing its fingerprint by another way than the medium"
    )]
    #[exit(NoTrust)]
    NoTrust {
        /// What was to be approved.
        namespace: Namespace,
    },
    /// Fewer distinct trusted keys signed than the policy asks for.
    #[error("{}{}", verdict(*namespace, *wanted, *got), reasons(*got, why))]
    #[hint(if trusted < wanted {
        "fewer keys are trusted for it than must sign: trust the others first, 'trust add FILE'"
    } else if *wanted > 1 && got < wanted {
        "have the missing people sign the very same document; the threshold counts keys, not signatures"
    } else {
        "see who is trusted with 'trust list', and ask who signed it"
    })]
    #[exit(match namespace {
        Namespace::Bundle => Exit::ThresholdNotMet,
        _ => Exit::DocumentUntrusted,
    })]
    ThresholdNotMet {
        /// What was to be approved.
        namespace: Namespace,
        /// The policy's threshold.
        wanted: usize,
        /// How many distinct trusted keys signed.
        got: usize,
        /// How many keys are trusted for it.
        trusted: usize,
        /// Why each signature that did not count did not.
        why: Vec<String>,
    },

    /// A trust update that does not read as it should.
    #[error("not a trust update of format 1: {why}")]
    #[hint("make it with 'handcarry-outside trust propose', and never edit it after")]
    #[exit(TrustRefused)]
    UpdateMalformed {
        /// What is wrong with it.
        why: String,
    },
    /// A trust update that does not follow from the trust in force.
    #[error("the trust update is refused: {0}")]
    #[hint(|refusal| refused(refusal).to_owned())]
    #[exit(TrustRefused)]
    UpdateRefused(Refusal),
    /// A trust update that one of the two it must satisfy does not approve.
    #[error("{by} does not approve the trust update")]
    #[hint(
        "the old threshold and the new one must both be met: have the missing people sign it with 'handcarry-outside \
         trust sign'"
    )]
    #[exit(source.exit())]
    NotApproved {
        /// Which of the two.
        by: &'static str,
        /// Why not.
        source: Box<TrustError>,
    },
    /// A trust update made later than now.
    #[error("the trust update was made at {}, and it is {} now", local_time(*created), local_time(*now))]
    #[hint("one of the two machines' clocks is wrong: set it right")]
    #[exit(NotYetValid)]
    UpdateFromFuture {
        /// When it was made.
        created: Timestamp,
        /// This machine's clock.
        now: Timestamp,
    },
    /// A kept version of trust that was changed or misplaced.
    #[error("{} is not the version of trust it should be: {why}", path.shown())]
    #[hint("put the file back from a backup; nothing older is taken in its place")]
    #[exit(Config)]
    VersionsBroken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

fn listed(held: &[String]) -> String {
    if held.is_empty() { "none that could sign here".to_owned() } else { held.join(", ") }
}

fn verdict(namespace: Namespace, wanted: usize, got: usize) -> String {
    match wanted {
        1 => format!("nobody trusted for it has signed the {}", namespace.document()),
        _ => format!("the {} has {got} of the {wanted} distinct signers it needs", namespace.document()),
    }
}

fn reasons(got: usize, why: &[String]) -> String {
    match (got, why) {
        (0, []) => ": it carries no signature".to_owned(),
        (_, []) => String::new(),
        _ => format!(": {}", why.join("; ")),
    }
}

fn refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Repeated(_) => "nothing is left to do; see trust history",
        Refusal::Older { .. } => {
            "trust never goes back; see trust history, and propose what is wanted as the next version"
        }
        Refusal::Skipped { .. } => "apply the versions in between first, in order; bring them on the medium too",
        Refusal::Twin(_) | Refusal::OtherTrust { .. } => {
            "two proposals crossed: run 'handcarry-inside trust export MEDIA', then outside 'trust follow MEDIA', and \
             propose again"
        }
        Refusal::Unrevoked(_) => "give that person a new key instead",
    }
}
