//! In which language a person is spoken to. All of handcarry speaks English
//! within: its journals, its events, its tests. Where text leaves for a person
//! it is told in theirs, by a phrase book of that language.

mod book;
mod phrase;

#[cfg(test)]
mod tests;

pub use phrase::{Phrase, PhraseError};

use book::Book;
use std::borrow::Cow;
use std::sync::OnceLock;

/// A language that people are spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Tongue {
    /// English.
    En,
    /// Portuguese of Brazil, as in the guide.
    Pt,
}

/// The language of this run, and whether somebody chose it.
// One person sits before a run, so that it is a matter of the whole program, like its colours.
static SPOKEN: OnceLock<(Tongue, bool)> = OnceLock::new();

/// All phrases in Portuguese, by what they are about: each in English and under it the same in Portuguese.
const PORTUGUESE: [&str; 9] = [
    include_str!("pt/answers.txt"),
    include_str!("pt/appliance.txt"),
    include_str!("pt/compared.txt"),
    include_str!("pt/desk.txt"),
    include_str!("pt/hints.txt"),
    include_str!("pt/questions.txt"),
    include_str!("pt/said-inside.txt"),
    include_str!("pt/said-outside.txt"),
    include_str!("pt/steps.txt"),
];

impl Tongue {
    /// The language that this machine is set to; `None` where that is none of ours.
    fn of_machine() -> Option<Self> {
        let locale = sys_locale::get_locale()?;
        let code = locale.split(['-', '_', '.']).next()?;
        <Self as clap::ValueEnum>::from_str(code, true).ok()
    }

    /// Its short name, as `--language` takes it.
    pub const fn code(self) -> &'static str {
        match self {
            Tongue::En => "en",
            Tongue::Pt => "pt",
        }
    }
}

/// Has this run speak the language that was asked for, else the machine's. Only the first call counts.
pub fn speak(asked: Option<Tongue>) {
    // English is what a machine speaks where nobody has set anything, so that it is nobody's choice.
    let asked = asked.or_else(|| Tongue::of_machine().filter(|tongue| *tongue != Tongue::En));
    let _ = SPOKEN.set((asked.unwrap_or(Tongue::En), asked.is_some()));
}

/// The language that this run speaks.
pub fn spoken() -> Tongue {
    SPOKEN.get().map_or(Tongue::En, |(tongue, _)| *tongue)
}

/// The language of a page: the one that somebody chose, else that of whom the page is about.
pub fn of_page(whom: Tongue) -> Tongue {
    SPOKEN.get().filter(|(_, is_chosen)| *is_chosen).map_or(whom, |(tongue, _)| *tongue)
}

/// A text for a person in the language of this run. What the phrase book lacks stays in English.
pub fn told(text: &str) -> Cow<'_, str> {
    if cfg!(debug_assertions) {
        take_down(text);
    }
    told_in(spoken(), text)
}

/// Where a file is named for it, takes down what has no phrase, in whichever language it is told: by that the tests see
/// what their journeys say.
fn take_down(text: &str) {
    let Some(path) = std::env::var_os("HANDCARRY_LACKING_PHRASES") else { return };
    let lacking: String = lacking(text).into_iter().map(|line| format!("{}\n", line.trim())).collect();
    if !lacking.is_empty() {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        let _ = file.and_then(|mut file| std::io::Write::write_all(&mut file, lacking.as_bytes()));
    }
}

/// The same, but English where not all of it has phrases: half of each is worse than either.
pub fn told_whole(text: &str) -> Cow<'_, str> {
    match spoken() {
        Tongue::Pt => portuguese().told_whole(text).map_or(Cow::Borrowed(text), Cow::Owned),
        Tongue::En => Cow::Borrowed(text),
    }
}

/// The same in a language of one's choice.
pub fn told_in(tongue: Tongue, text: &str) -> Cow<'_, str> {
    match tongue {
        Tongue::En => Cow::Borrowed(text),
        Tongue::Pt => Cow::Owned(portuguese().told(text)),
    }
}

/// The lines of a text that have words and no whole Portuguese sentence.
pub fn lacking(text: &str) -> Vec<&str> {
    portuguese().lacking(text)
}

/// All phrases in Portuguese, in no order.
///
/// # Errors
/// What is wrong with one of them.
pub fn phrases() -> Result<Vec<Phrase>, PhraseError> {
    PORTUGUESE.iter().map(|text| Phrase::parse_all(text)).collect::<Result<Vec<_>, _>>().map(|all| all.concat())
}

fn portuguese() -> &'static Book {
    static BOOK: OnceLock<Book> = OnceLock::new();
    BOOK.get_or_init(|| Book::of(phrases().expect("a test reads all phrases")))
}
