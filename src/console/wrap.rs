//! Lines as wide as the terminal that shows them: broken between words, and
//! never within a path or a command, which must work when it is pasted.

use std::borrow::Cow;
use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};

/// What begins a command in a text. From there to where it ends is one word, however long it is.
const PROGRAMS: [&str; 8] =
    ["handcarry-inside", "handcarry-outside", "ssh-keygen", "sha256sum", "certutil", "systemctl", "cat", "man"];

/// A terminal that is narrower is not wrapped for, in columns.
// A window that was made tiny is looked at by nobody; one word a line would only push away what matters.
const LEAST_COLUMNS: usize = 20;

/// `text` with its lines broken for a terminal of so many columns; what follows of a line stands below its own words.
pub(super) fn wrapped(text: &str, columns: usize) -> Cow<'_, str> {
    // One stays free: some terminals begin the next line when the last column is written.
    let columns = columns.saturating_sub(1);
    if columns < LEAST_COLUMNS || text.lines().all(|line| textwrap::core::display_width(line) <= columns) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<String> = text.split('\n').flat_map(|line| broken(line, columns)).collect();
    Cow::Owned(lines.join("\n"))
}

fn broken(line: &str, columns: usize) -> Vec<String> {
    let indent = " ".repeat(hang(line).min(columns / 2));
    let options = Options::new(columns)
        .subsequent_indent(&indent)
        .break_words(false)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(WrapAlgorithm::FirstFit);
    textwrap::wrap(line, options).into_iter().map(Cow::into_owned).collect()
}

/// How many blanks a text begins with.
fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// The column at which a line's own words begin, behind its indentation and a mark such as `-`, `3.` or `[2/12]`.
fn hang(line: &str) -> usize {
    let indented = blanks(line);
    let mark = line[indented..].split(' ').next().unwrap_or_default();
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let is_mark = matches!(mark, "-" | "*")
        || mark.strip_suffix('.').is_some_and(|number| number.len() <= 3 && is_number(number))
        || mark.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).is_some_and(is_number);
    match is_mark {
        true => indented + mark.len() + blanks(&line[indented + mark.len()..]),
        false => indented,
    }
}

/// The parts of a line that are never broken, each with the blanks behind it.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut rest = line;
    Box::new(std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = end_of_word(rest);
        let (word, after) = rest.split_at(end + blanks(&rest[end..]));
        rest = after;
        Some(Word::from(word))
    }))
}

/// Where the first word of a text ends: that of a command with its last argument.
fn end_of_word(text: &str) -> usize {
    let mut end = end_of_argument(text);
    let bare = text[..end].trim_start_matches(['(', '"', '\'', '`']);
    if !PROGRAMS.contains(&bare) {
        return end;
    }
    // A sentence goes on behind its command after one of these, or in brackets.
    while !text[..end].ends_with([',', ';', ':', ')']) {
        let blanks = blanks(&text[end..]);
        let next = &text[end + blanks..];
        if next.is_empty() || next.starts_with('(') {
            break;
        }
        end += blanks + end_of_argument(next);
    }
    end
}

/// Where a word ends, or a text in quotes that begins there.
fn end_of_argument(text: &str) -> usize {
    let blank = |text: &str| text.find(' ').unwrap_or(text.len());
    let mut chars = text.chars();
    match chars.next() {
        Some(' ') => 0,
        Some(quote @ ('\'' | '"')) => match text[1..].find(quote) {
            Some(close) => 2 + close + blank(&text[2 + close..]),
            None => blank(text),
        },
        _ => blank(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str, columns: usize) -> Vec<String> {
        wrapped(text, columns).split('\n').map(str::to_owned).collect()
    }

    #[test]
    fn lines_break_between_words_and_hang_below_their_own() {
        let told = "  3. install Base 3.4.0, because the site package that follows needs it";
        assert_eq!(
            lines(told, 40),
            ["  3. install Base 3.4.0, because the", "     site package that follows needs it"]
        );
        let hint = "hint: leave the appliance running and go on when it is over\nshort";
        assert_eq!(lines(hint, 41), ["hint: leave the appliance running and go", "on when it is over", "short"]);
        assert_eq!(lines("[2/12] one two three four five", 22), ["[2/12] one two three", "       four five"]);
        assert_eq!(lines("", 40), [""]);
    }

    #[test]
    fn a_command_and_a_path_are_never_broken() {
        let command = "handcarry-inside push '/media/my stick' lisboa --agree 3f2a";
        let told = format!("waiting for its clients; to go on: {command}; or wait for the timer that does");
        let shown = lines(&told, 40);
        assert!(shown.iter().any(|line| *line == format!("{command};")), "{shown:?}");
        assert_eq!(shown[0], "waiting for its clients; to go on:");
        let path = "/var/lib/handcarry/inside/journals/a-very-long-name.jsonl";
        assert!(lines(&format!("the journal is kept in {path}"), 30).contains(&path.to_owned()));
        let spaced = "saved: '/home/ana/my backups/of the site.nsb' (7 MiB)";
        assert!(lines(spaced, 24).iter().any(|line| line.contains("'/home/ana/my backups/of the site.nsb'")));
        let bracket = "see what is due (handcarry-inside next) before you go to bed tonight";
        assert_eq!(lines(bracket, 38), ["see what is due", "(handcarry-inside next) before you go", "to bed tonight"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_line_is_too_wide_but_for_one_word(text in "[a-z' \"();,é日]{0,120}", columns in 21..60usize) {
            let shown = wrapped(&text, columns);
            let letters = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(letters(&shown), letters(&text));
            for line in shown.lines().filter(|line| textwrap::core::display_width(line) >= columns) {
                prop_assert_eq!(words(line.trim()).count(), 1, "{}", line);
            }
        }
    }
}
