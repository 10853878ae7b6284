//! What either program tells.

use super::objects::BAD_RANGE;
use super::shape::Shape::*;
use super::{EventKind, layouts};

layouts! { EventKind
    /// The run ends with an error; the last event of a run that fails.
    ERROR = "error" {
        /// The exit code's name.
        code: Text,
        /// The exit code.
        exit: Count,
        /// What is wrong, and where.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// The run ends with a wait, and the same command goes on after it; exit code 6.
    WAITING = "waiting" {
        /// The exit code's name.
        code: Text,
        /// The exit code.
        exit: Count,
        /// What is waited for.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// Somebody pressed Ctrl-C; the run ends with exit code 130.
    INTERRUPTED = "interrupted" {
        /// What goes on without the program.
        going_on: Maybe(&Text),
        /// The command that goes on.
        again: Text,
    }
    /// What is to be done next.
    NEXT = "next" {
        /// A command as it is pasted, or a few words.
        command: Text,
    }
    /// A question, after it was answered or could not be. What was typed is never in it but for a yes or a no.
    QUESTION = "question" {
        /// The question as it was asked; missing where it must not be kept.
        question: Maybe(&Text),
        /// What kind of answer it asks for.
        asks: Word(&["yes-or-no", "text", "secret"]),
        /// Whether there was an answer.
        answered: Flag,
        /// Whether the answer was a yes; missing where another is asked for, or none came.
        yes: Maybe(&Flag),
        /// Who answered: somebody at the terminal, lines on standard input, an option of the command, or nobody.
        by: Word(&["terminal", "pipe", "option", "nobody"]),
    }
    /// How far long work is; every five seconds, and once at its end.
    PROGRESS = "progress" {
        /// What is done.
        what: Text,
        /// How much of it is done.
        done_bytes: Bytes,
        /// How much there is; 0 where nobody knows.
        total_bytes: Bytes,
        /// How long it took so far.
        elapsed_secs: Secs,
    }
    /// An event whose members could not be put into JSON.
    UNPRINTABLE = "unprintable" {
        /// Its kind.
        kind: Text,
        /// Why.
        why: Text,
    }
    /// keygen made a key.
    KEY = "key" {
        /// Where it lies.
        file: Path,
        /// The key's fingerprint, as ssh-keygen shows it.
        fingerprint: Text,
        /// Its line for a list of trusted signers.
        allowed_signers: Text,
        /// Whether it has a passphrase.
        encrypted: Flag,
    }
    /// A public key was written onto a medium.
    KEY_WRITTEN = "key-written" {
        /// The file.
        file: Path,
    }
    /// trust list: a signer.
    SIGNER = "signer" {
        /// The names it signs under.
        principals: List(&Text),
        /// The key's fingerprint.
        fingerprint: Text,
        /// The kinds of documents it may sign; missing where it may sign any.
        namespaces: Maybe(&List(&Text)),
        /// From when it counts.
        valid_after: Maybe(&Time),
        /// Until when it counts.
        valid_before: Maybe(&Time),
        /// Whether the line names an authority; one never counts.
        cert_authority: Flag,
        /// Whether the key was revoked.
        revoked: Flag,
        /// The number of the line in the file.
        line: Count,
    }
    /// trust add: a signer is trusted from now on.
    TRUSTED = "trusted" {
        /// The names it signs under.
        principals: List(&Text),
        /// The key's fingerprint.
        fingerprint: Text,
    }
    /// trust history: a version of trust.
    TRUST_VERSION = "trust-version" {
        /// Its number.
        version: Count,
        /// The digest of its bytes.
        sha256: Digest,
        /// When it was made.
        created: Maybe(&Time),
        /// How many distinct keys must sign a bundle.
        threshold: Count,
        /// How many must sign a change of trust.
        trust_threshold: Count,
        /// By when it is to be renewed.
        renew_by: Maybe(&Time),
        /// Its signers, a line each as ssh-keygen reads them.
        signers: List(&Text),
        /// The keys that never count again.
        revoked: List(&Text),
        /// What its maker said of it.
        note: Text,
        /// Who signed it.
        signed_by: List(&Text),
    }
    /// A medium that is plugged in, checked or written to.
    MEDIUM = "medium" {
        /// Its folder.
        root: Path,
        /// Its filesystem.
        filesystem: Text,
        /// Whether nothing can be written.
        read_only: Flag,
        /// The device; missing where the system does not tell.
        device: Maybe(&Text),
        /// How it is mounted.
        mount_options: Maybe(&List(&Text)),
        /// Whether it can be pulled out; missing where the system does not tell.
        removable: Maybe(&Flag),
        /// The serial number that its device tells, on Windows its volume's; missing where it tells none.
        serial: Maybe(&Text),
        /// How large it is.
        total_bytes: Maybe(&Bytes),
        /// How much room is left.
        free_bytes: Maybe(&Bytes),
        /// The largest file that its filesystem takes; missing where it has no limit.
        largest_file_bytes: Maybe(&Bytes),
        /// Before it is written to: the bundles that lie there.
        bundles: Maybe(&List(&Text)),
    }
    /// media eject: it can be pulled out.
    EJECTED = "ejected" {
        /// The medium's folder.
        root: Path,
    }
    /// media check: what lies there was read twice.
    READ_TWICE = "read-twice" {
        /// How much was read.
        bytes: Bytes,
        /// Where it differed, or could not be read.
        unlike: List(&Text),
        /// Whether the medium itself was read, and not what memory has of it.
        past_cache: Flag,
    }
    /// media check: free room was written and read back.
    TRIAL = "trial" {
        /// How much was written.
        written_bytes: Bytes,
        /// How much was read back.
        read_bytes: Bytes,
        /// How much of it was what was written.
        good_bytes: Bytes,
        /// The ranges that were not.
        bad: List(&Of(&BAD_RANGE)),
        /// How many ranges more there are.
        more: Count,
        /// Why writing stopped.
        stopped: Maybe(&Text),
        /// Whether the medium itself was read, and not what memory has of it.
        past_cache: Flag,
    }
    /// log: a record of the event log.
    LOGGED = "logged" {
        /// Its number, from 1.
        seq: Count,
        /// When it was written.
        time: Time,
        /// Its kind, as log's help lists them.
        kind: Text,
        /// Its members, as log's help lists them.
        fields: Open,
        /// The digest that links it to the one before.
        sha256: Digest,
    }
    /// log: the event log holds.
    LOG = "log" {
        /// Where it lies.
        path: Path,
        /// How many records it has.
        records: Count,
        /// The digest of the last.
        sha256: Digest,
    }
    /// repair: a bundle was restored.
    REPAIRED = "repaired" {
        /// The bundle.
        bundle: Id,
        /// Its files.
        files: List(&Path),
        /// How large it is.
        size_bytes: Bytes,
        /// How large a block is.
        block_bytes: Bytes,
        /// How many blocks were restored.
        blocks_restored: Count,
    }
    /// repair: nothing is damaged.
    WHOLE = "whole" {
        /// The bundle.
        bundle: Id,
        /// How large it is.
        size_bytes: Bytes,
    }
    /// repair: what could not be restored is kept, damaged as it is.
    KEPT_DAMAGED = "kept-damaged" {
        /// Its files.
        files: List(&Path),
    }
    /// repair: the state of a package of what could not be restored.
    SALVAGED = "salvaged" {
        /// Its file's name.
        file: Text,
        /// Its title.
        name: Text,
        /// The digest that was signed.
        sha256: Digest,
        /// Whether every byte is what was signed.
        whole: Flag,
    }
}
