//! A phrase book: finds the phrase that a text is, and tells it.

use super::phrase::{Part, Phrase};

/// How deep phrases may stand in phrases.
const MAX_DEPTH: usize = 6;

/// What stands between clauses that are phrases of their own.
const CLAUSES: [&str; 3] = ["; ", ". ", ", "];

/// The phrases of one language.
pub(super) struct Book {
    /// Those with most of their own first.
    phrases: Vec<Phrase>,
}

impl Book {
    pub(super) fn of(mut phrases: Vec<Phrase>) -> Self {
        phrases.sort_by_key(|phrase| std::cmp::Reverse(phrase.own_bytes()));
        Book { phrases }
    }

    /// A text line by line, each told as far as there are phrases for it.
    pub(super) fn told(&self, text: &str) -> String {
        let lines: Vec<String> = text.split('\n').map(|line| self.line(line).unwrap_or_else(|part| part)).collect();
        lines.join("\n")
    }

    /// The same where there are phrases for all of it.
    pub(super) fn told_whole(&self, text: &str) -> Option<String> {
        let whole = |line| self.line(line).or_else(|part| if has_words(line) { Err(()) } else { Ok(part) });
        text.split('\n').map(|line| whole(line).ok()).collect::<Option<Vec<_>>>().map(|lines| lines.join("\n"))
    }

    /// The lines that have words and no phrase.
    pub(super) fn lacking<'t>(&self, text: &'t str) -> Vec<&'t str> {
        text.split('\n').filter(|line| has_words(line) && self.line(line).is_err()).collect()
    }

    /// A line with its blanks around it; an error is what can be told of it where that is not all.
    fn line(&self, line: &str) -> Result<String, String> {
        let bare = line.trim();
        let (before, after) = line.split_at(line.len() - line.trim_start().len());
        let after = &after[bare.len()..];
        let whole = |told: String| format!("{before}{told}{after}");
        self.clauses(bare, &CLAUSES[..2], 0).map(whole).map_err(whole)
    }

    /// A text as one phrase, else clause by clause.
    fn clauses(&self, text: &str, between: &[&str], depth: usize) -> Result<String, String> {
        if let Some(told) = self.phrase(text, depth) {
            return Ok(told);
        }
        let Some((mark, finer)) = between.split_first().filter(|_| depth < MAX_DEPTH) else {
            return Err(text.to_owned());
        };
        let mut is_whole = true;
        let parts: Vec<String> = text
            .split(mark)
            .map(|part| {
                self.clauses(part, finer, depth).unwrap_or_else(|part| {
                    is_whole = is_whole && !has_words(&part);
                    part
                })
            })
            .collect();
        let told = parts.join(mark);
        if is_whole { Ok(told) } else { Err(told) }
    }

    /// The phrase that a text is, and what stands at its places.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<(&Phrase, Vec<&'t str>)> {
        let mut fitting = self.phrases.iter().filter_map(|phrase| {
            let places = phrase.places(text)?;
            // What stands in a phrase of little more than a word is a name or a number: more is another sentence.
            let is_other = |at: usize| phrase.is_short() && has_words(places[at]);
            (!phrase.plain_places().any(is_other)).then_some((phrase, places))
        });
        let first = fitting.next()?;
        // What stands before a clause of its own is not the name that a place of the clause is for.
        let of_one_clause = |(phrase, places): &(&Phrase, Vec<&str>)| {
            let is_clause = |at: usize| [": ", "; ", ". "].iter().any(|mark| places[at].contains(mark));
            !phrase.plain_places().any(is_clause)
        };
        match of_one_clause(&first) {
            true => Some(first),
            false => Some(fitting.find(of_one_clause).unwrap_or(first)),
        }
    }

    fn phrase(&self, text: &str, depth: usize) -> Option<String> {
        let (phrase, places) = self.find(text)?;
        let mut told = String::with_capacity(text.len() * 2);
        for part in phrase.told() {
            match *part {
                Part::Text(own) => told.push_str(own),
                Part::Place(at, false) => told.push_str(places[at]),
                Part::Place(at, true) => {
                    told.push_str(&self.clauses(places[at], &CLAUSES, depth + 1).unwrap_or_else(|part| part));
                }
            }
        }
        Some(told)
    }
}

/// Whether a text says anything in words: a number, a name, or one small word between two of them needs no phrase,
/// nor does a command as it is typed.
fn has_words(text: &str) -> bool {
    let is_word = |word: &&str| {
        word.len() > 1 && word.trim_end_matches([',', ':', '.']).chars().all(|char| char.is_ascii_lowercase())
    };
    !text.starts_with("handcarry-") && text.split_whitespace().filter(is_word).count() > 1
}
