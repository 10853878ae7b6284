//! One phrase: what is said in English, with places for what is told in it, and
//! the same in another language.

use std::fmt;

/// What is wrong with a phrase book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseError {
    /// The English of the phrase.
    pub english: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for PhraseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.english, self.why)
    }
}

impl std::error::Error for PhraseError {}

/// A part of what is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Text(&'static str),
    /// What stood at a place of the English, counted from 0; whether that is a phrase itself.
    Place(usize, bool),
}

/// One phrase in two languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// As the sources have it, with `{}` for each place.
    pub english: &'static str,
    /// What stands around the places in English: one more than there are places.
    around: Vec<&'static str>,
    told: Vec<Part>,
}

impl Phrase {
    /// Reads a phrase book: two lines a phrase, the English one first, and a blank line between phrases. A line that
    /// begins with `#` is a remark. `{}` is a place in English, `{1}` what stands at the first one, `{1~}` the same in
    /// the other language where it is a phrase itself.
    ///
    /// # Errors
    /// [`PhraseError`].
    pub fn parse_all(book: &'static str) -> Result<Vec<Self>, PhraseError> {
        let mut phrases = Vec::new();
        let mut lines = book.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        while let Some(english) = lines.next() {
            let wrong = |why| PhraseError { english: english.to_owned(), why };
            let told = lines.next().ok_or_else(|| wrong("nothing stands under it"))?;
            phrases.push(Self::parse(english, told).map_err(wrong)?);
        }
        Ok(phrases)
    }

    fn parse(english: &'static str, told: &'static str) -> Result<Self, &'static str> {
        let around: Vec<&str> = english.split("{}").collect();
        if around.iter().any(|text| text.contains(['{', '}'])) {
            return Err("a place is {} in English");
        }
        if around.iter().skip(1).rev().skip(1).any(|text| text.is_empty()) {
            return Err("two places side by side can't be told apart");
        }
        // Less would stand in sentences that are about something else.
        if around.iter().flat_map(|text| text.chars()).filter(|char| !char.is_whitespace()).count() < 2 {
            return Err("it has too little of its own");
        }
        let told = parts(told)?;
        let places = around.len() - 1;
        if told.iter().any(|part| matches!(part, Part::Place(at, _) if *at >= places)) {
            return Err("a place that the English has not");
        }
        if (0..places).any(|wanted| !told.iter().any(|part| matches!(part, Part::Place(at, _) if *at == wanted))) {
            return Err("a place of the English is not told");
        }
        Ok(Phrase { english, around, told })
    }

    /// How many bytes are its own: of two phrases that fit the longer one says more.
    pub(super) fn own_bytes(&self) -> usize {
        self.around.iter().map(|text| text.len()).sum()
    }

    /// Whether it has little more than a word of its own.
    pub(super) fn is_short(&self) -> bool {
        const SHORT_BYTES: usize = 12;
        self.own_bytes() < SHORT_BYTES
    }

    /// What stands at each place of `text`; `None` where it is another phrase.
    pub(super) fn places<'t>(&self, text: &'t str) -> Option<Vec<&'t str>> {
        let (first, rest) = self.around.split_first()?;
        let mut left = text.strip_prefix(first)?;
        let Some((last, between)) = rest.split_last() else { return left.is_empty().then(Vec::new) };
        let mut places = Vec::with_capacity(rest.len());
        for text in between {
            let (place, behind) = left.split_once(text)?;
            places.push(place);
            left = behind;
        }
        places.push(left.strip_suffix(last)?);
        Some(places)
    }

    /// The places whose text is told as it is.
    pub(super) fn plain_places(&self) -> impl Iterator<Item = usize> {
        self.told.iter().filter_map(|part| match part {
            Part::Place(at, false) => Some(*at),
            Part::Place(_, true) | Part::Text(_) => None,
        })
    }

    pub(super) fn told(&self) -> &[Part] {
        &self.told
    }
}

fn parts(told: &'static str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut left = told;
    while let Some((before, behind)) = left.split_once('{') {
        let (place, after) = behind.split_once('}').ok_or("a place that does not end")?;
        let number = place.trim_end_matches('~');
        let at: usize = number.parse().map_err(|_| "a place is {1} or {1~}, {2} and so on")?;
        parts.push(Part::Text(before));
        parts.push(Part::Place(at.checked_sub(1).ok_or("places are counted from 1")?, place != number));
        left = after;
    }
    parts.push(Part::Text(left));
    Ok(parts)
}
