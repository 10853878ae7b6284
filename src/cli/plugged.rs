//! What is plugged in: `media list`, and the medium that is meant where none
//! was named.

use super::{Context, medium_fields};
use crate::console::kind;
use crate::media::{self, Medium};
use crate::model::{Exit, Failure, ShowPath, text};
use std::path::{Path, PathBuf};

/// Most files counted in one folder of a medium.
// A count is there to recognise a stick by, and a folder that never ends must not hold it up.
const MAX_COUNTED: usize = 1000;

/// Tells each medium that is plugged in, and what of ours lies there.
pub(super) fn list(context: &Context) {
    let media = media::mounted();
    for medium in &media {
        let lies = lies_there(medium);
        match medium.facts() {
            Ok(facts) => {
                let size = |bytes: u64| if bytes == u64::MAX { "unknown".to_owned() } else { text::bytes(bytes) };
                context.console.say(format!(
                    "{}  {}, {} free of {}{}; {lies}",
                    medium.root.shown(),
                    facts.filesystem,
                    size(facts.free_bytes),
                    size(facts.total_bytes),
                    if facts.read_only { ", read-only" } else { "" }
                ));
                context.console.event(&kind::MEDIUM, medium_fields(medium, &facts));
            }
            Err(error) => context.console.warn(error.to_string()),
        }
    }
    if media.is_empty() {
        context.console.say("no medium is plugged in, or none is mounted");
    }
}

/// The media that were named, or all that are plugged in.
///
/// # Errors
/// As [`Medium::at`] for one that was named.
pub fn named_or_plugged(named: &[PathBuf]) -> Result<Vec<Medium>, Failure> {
    match named {
        [] => Ok(media::mounted()),
        named => Ok(named.iter().map(|path| Medium::at(path)).collect::<Result<_, _>>()?),
    }
}

/// The word for the medium in a command to come: the only one, or the place for its name.
pub fn medium_word(media: &[Medium]) -> String {
    match media {
        [only] => only.root.quoted(),
        _ => "MEDIA".to_owned(),
    }
}

/// What of ours lies on a medium, in a few words.
pub fn lies_there(medium: &Medium) -> String {
    let folders = [
        (medium.requests(), ".json", "request"),
        (medium.bundles(), ".zip", "bundle"),
        (medium.receipts(), ".json", "receipt"),
        (medium.trust(), ".json", "trust update"),
        (medium.keys(), ".pub", "key"),
    ];
    let counted = folders.map(|(folder, ends, what)| text::counted(count(&folder, ends), what));
    let there: Vec<String> = counted.into_iter().filter(|told| !told.starts_with("0 ")).collect();
    if there.is_empty() { "nothing of handcarry's".to_owned() } else { there.join(", ") }
}

/// How many files of one kind lie in a folder, each bundle in volumes once.
fn count(folder: &Path, ends: &str) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(MAX_COUNTED);
    let counts =
        |name: &str| !name.starts_with('.') && (name.ends_with(ends) || name.ends_with(&format!("{ends}.001")));
    entries.filter(|entry| entry.file_name().to_str().is_some_and(counts)).count()
}

impl Context {
    /// The medium that was named, or the only one that is plugged in, which is told.
    ///
    /// # Errors
    /// [`Exit::Usage`] where none was named, and none or several are plugged in.
    pub fn medium(&self, named: Option<&Path>) -> Result<PathBuf, Failure> {
        if let Some(named) = named {
            return Ok(named.to_path_buf());
        }
        let mut there = media::mounted();
        match (there.pop(), there.is_empty()) {
            (Some(only), true) => {
                self.console.note(format!("the medium that is plugged in: {}", only.root.shown()));
                Ok(only.root)
            }
            (Some(last), false) => {
                let all: Vec<String> = there.iter().chain([&last]).map(|medium| medium.root.quoted()).collect();
                Err(Failure::new(Exit::Usage, "no medium was named, and several are plugged in")
                    .hint(format!("name one of them: {}", all.join(", "))))
            }
            (None, _) => Err(Failure::new(Exit::Usage, "no medium was named, and none is plugged in or mounted")
                .hint("plug it in, see where it is mounted, and name that folder as MEDIA")),
        }
    }
}
