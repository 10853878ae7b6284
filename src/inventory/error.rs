//! What can be wrong with the inventory.

use crate::model::{ShowPath, explained};
use macro_rules_attribute::apply;
use std::path::PathBuf;

/// Why the inventory, or what it points to, can't be used.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// A file could not be read.
    #[error("can't read {}", path.shown())]
    #[hint("look at its owner and permissions: ls -l {}", path.quoted())]
    #[exit(Config)]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The inventory is larger than any real one.
    #[error("{} is {size_bytes} bytes large, more than the limit of 1 MiB", path.shown())]
    #[hint("that is no inventory: put the right file back from a backup")]
    #[exit(LimitExceeded)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size_bytes: u64,
    },
    /// It is not the TOML it should be.
    #[error("{}{}: {what}", path.shown(), line.map(|line| format!(" line {line}")).unwrap_or_default())]
    #[hint("correct it with an editor; the file is TOML in UTF-8")]
    #[exit(Config)]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: Option<usize>,
        /// What is wrong there.
        what: String,
    },
    /// A key that has no meaning.
    #[error("{} line {line}: unknown key {key}{}", path.shown(), table.as_ref().map(|t| format!(" in [{t}]")).unwrap_or_default())]
    #[hint(match nearest(key, known) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known keys are {}", known.join(", ")),
            })]
    #[exit(Config)]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
        /// The table it stands in; `None` at the top.
        table: Option<String>,
        /// The keys that have one.
        known: &'static [&'static str],
    },
    /// One appliance's keys contradict each other or lack something.
    #[error("{}: [appliances.{name}] {what}", path.shown())]
    #[hint("correct it with an editor, then run: handcarry-inside list")]
    #[exit(Config)]
    Entry {
        /// The file.
        path: PathBuf,
        /// The appliance.
        name: String,
        /// What is wrong with it.
        what: String,
    },
    /// No appliance has that name.
    #[error("no appliance is called {name:?}")]
    #[hint(match &known[..] {
        [] => "enrol it first: handcarry-inside enroll NAME --url https://… --driver bomgar".to_owned(),
        known => format!("enrolled are: {}", known.join(", ")),
    })]
    #[exit(NotFound)]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// An appliance has that name.
    #[error("an appliance called {name} is enrolled already")]
    #[hint(
        "to change it, edit [appliances.{name}] in {}; where it shows another certificate: \
         handcarry-inside enroll {name} --renew",
        path.shown()
    )]
    #[exit(Exists)]
    Exists {
        /// The name.
        name: String,
        /// The inventory.
        path: PathBuf,
    },
    /// An appliance is enrolled under another name.
    #[error("the appliance {serial} is enrolled already, and called {name}")]
    #[hint("use that name: handcarry-inside status {name}")]
    #[exit(Exists)]
    Known {
        /// That name.
        name: String,
        /// The serial number.
        serial: String,
    },
    /// Two names of one appliance have different rules.
    #[error("{name} and {twin} are one appliance, {serial}, and the inventory gives them different {key}")]
    #[hint(
        "make {key} the same under [appliances.{name}] and [appliances.{twin}] in {}, or delete one section",
        path.shown()
    )]
    #[exit(Config)]
    Twins {
        /// One name.
        name: String,
        /// The other.
        twin: String,
        /// The serial number.
        serial: String,
        /// The rule.
        key: &'static str,
        /// The inventory.
        path: PathBuf,
    },
    /// Another appliance than before answers under a name.
    #[error("{name} was {was} until now, and {now} answers at {url}")]
    #[hint(
        "where {name} was replaced by it, write serial = \"{now}\" under [appliances.{name}] in {}: nothing that was \
         done on the old one counts for it; else find out who answers there",
        path.shown()
    )]
    #[exit(WrongAppliance)]
    Replaced {
        /// The name.
        name: String,
        /// The serial number it had.
        was: String,
        /// The serial number that answers.
        now: String,
        /// The address.
        url: String,
        /// The inventory.
        path: PathBuf,
    },
    /// An appliance whose serial number nobody has seen yet.
    #[error("{name} was not met yet: its serial number, by which it is remembered, is not known")]
    #[hint("have it answer once: handcarry-inside status {name}")]
    #[exit(NotFound)]
    NotMet {
        /// The name.
        name: String,
    },
    /// A password that is not where the inventory says.
    #[error("no password for {whom}: {what}")]
    #[hint("leave out password_file and password_env in the inventory to be asked for it instead")]
    #[exit(NotFound)]
    NoPassword {
        /// Whose: appliance and page.
        whom: String,
        /// What was found instead.
        what: String,
    },
}

/// The known word that differs from `word` by at most two typing errors, if
/// one does: one edit for short words, two for long ones.
fn nearest(word: &str, known: &[&'static str]) -> Option<&'static str> {
    // One error in a word of four letters or five already makes another word of many keys.
    let allowed = if word.len() < 6 { 1 } else { 2 };
    // The nearest of all, and by the alphabet where two are as near, so that the answer is the same each time.
    known.iter().map(|k| (edits(word, k), *k)).filter(|(n, _)| *n <= allowed).min().map(|(_, k)| k)
}

/// How many letters must be added, dropped or changed to get from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
