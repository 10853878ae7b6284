//! The pages in Portuguese say what the English ones say: section by section the same commands, code and figures.

use super::read;
use std::collections::BTreeMap;

/// What of a section is the same in every language.
#[derive(Default)]
struct Section {
    heading: String,
    /// Its depth, its lists and their items, its tables and paragraphs, in order.
    shape: Vec<String>,
    /// Code, line by line, without its comments.
    code: Vec<String>,
    /// Commands, options, file names and figures, and how often each stands there.
    literals: BTreeMap<String, usize>,
}

impl Section {
    fn count(&mut self, literal: String) {
        *self.literals.entry(literal).or_default() += 1;
    }

    /// Figures, whatever stands between their digits: 1,826 here is 1.826 there.
    fn count_figures(&mut self, text: &str) {
        for word in text.split(|c: char| !c.is_ascii_digit() && !",.:".contains(c)) {
            let digits: String = word.chars().filter(char::is_ascii_digit).collect();
            if !digits.is_empty() {
                self.count(format!("the figure {digits}"));
            }
        }
    }
}

fn sections_of_markdown(text: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let (mut section, mut prose, mut fence) = (Section::default(), String::new(), None);
    let close = |section: &mut Section, prose: &mut String| {
        for literal in std::mem::take(prose).split('`').skip(1).step_by(2) {
            section.count(literal.split_whitespace().collect::<Vec<_>>().join(" "));
        }
    };
    let mut after_blank = true;
    for line in text.lines() {
        if let Some(language) = line.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(language) };
            section.shape.push(format!("fence {language}"));
        } else if let Some(language) = fence {
            // A fence without a language is a drawing, whose words are translated.
            let code = if language.is_empty() { "a line of a drawing" } else { line };
            section.code.push(code.split(" # ").next().unwrap_or_default().trim_end().to_owned());
        } else if line.starts_with('#') {
            close(&mut section, &mut prose);
            sections.push(std::mem::take(&mut section));
            line.trim_start_matches('#').trim().clone_into(&mut section.heading);
            section.shape.push(line.chars().take_while(|c| *c == '#').collect());
        } else {
            let kind = ["- ", "|"].into_iter().find(|mark| line.starts_with(mark));
            let begins = kind.or((after_blank && !line.is_empty()).then_some("paragraph"));
            section.shape.extend(begins.map(str::to_owned));
            section.count_figures(line);
            prose.extend([line, "\n"]);
        }
        after_blank = line.is_empty();
    }
    close(&mut section, &mut prose);
    sections.push(section);
    sections
}

/// Macros whose words are typed, and those after which prose comes.
const LITERAL: [&str; 10] = ["Nm", "Fl", "Cm", "Pa", "Ic", "Li", "Ql", "Ev", "Xr", "Ar"];
const PROSE: [&str; 12] = ["No", "Sy", "Pq", "Dq", "Sx", "It", "Po", "Pc", "Xo", "Xc", "Nd", "Op"];

fn sections_of_man(text: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    let (mut section, mut in_display) = (Section::default(), false);
    for line in text.lines() {
        let first = line.split(' ').next().unwrap_or_default();
        match first {
            ".Ed" => in_display = false,
            _ if in_display => section.code.push(line.to_owned()),
            ".Sh" | ".Ss" => {
                sections.push(std::mem::take(&mut section));
                line[3..].trim().clone_into(&mut section.heading);
                section.shape.push(first.to_owned());
            }
            ".Dd" | ".Bl" | ".El" | ".Pp" => section.shape.push(line.to_owned()),
            ".Bd" => {
                in_display = true;
                section.shape.push(line.to_owned());
            }
            _ => {
                if first == ".It" {
                    section.shape.push(first.to_owned());
                }
                section.count_figures(line);
                count_macros(&mut section, line);
            }
        }
    }
    sections.push(section);
    sections
}

fn count_macros(section: &mut Section, line: &str) {
    let Some(call) = line.strip_prefix('.') else { return };
    let mut typed = None;
    for word in call.split_whitespace() {
        if LITERAL.contains(&word) {
            typed = Some(word);
        } else if PROSE.contains(&word) {
            typed = None;
        } else if let Some(name) = typed.filter(|_| ![",", ".", ":", ";", ")"].contains(&word)) {
            section.count(format!(".{name} {word}"));
        }
    }
    if call == "Nm" {
        section.count(".Nm".to_owned());
    }
}

/// Where two pages part: the section in both languages, and what only one of them has.
fn difference(english: &[Section], portuguese: &[Section]) -> Option<String> {
    for (one, other) in english.iter().zip(portuguese) {
        let place = format!("\"{}\", in English \"{}\"", other.heading, one.heading);
        if one.shape != other.shape {
            let at = one.shape.iter().zip(&other.shape).take_while(|(one, other)| one == other).count();
            let (one, other) = (one.shape.get(at), other.shape.get(at));
            return Some(format!("{place}: after {at} headings, items and paragraphs {other:?} for {one:?}"));
        }
        if let Some((one, other)) = one.code.iter().zip(&other.code).find(|(one, other)| one != other) {
            return Some(format!("{place}: the code {other:?} for {one:?}"));
        }
        if one.code.len() != other.code.len() {
            return Some(format!("{place}: {} lines of code for {}", other.code.len(), one.code.len()));
        }
        for literal in one.literals.keys().chain(other.literals.keys()) {
            let [one, other] = [one, other].map(|page| page.literals.get(literal).copied().unwrap_or_default());
            if one != other {
                return Some(format!("{place}: {literal:?} {other} times for {one}"));
            }
        }
    }
    (english.len() != portuguese.len()).then(|| format!("{} sections for {}", portuguese.len(), english.len()))
}

#[test]
fn the_pages_in_portuguese_have_every_section_command_and_figure_of_the_english_ones() {
    type Parts = fn(&str) -> Vec<Section>;
    let pages = [("README.md", sections_of_markdown as Parts), ("handcarry.7", sections_of_man as Parts)];
    for (name, sections) in pages {
        let english = if name == "README.md" { name.to_owned() } else { format!("man/{name}") };
        let (english, portuguese) = (sections(&read(&english)), sections(&read(&format!("man/pt/{name}"))));
        assert!(english.len() > 10, "{name} has no sections");
        let parted = difference(&english, &portuguese);
        assert_eq!(parted, None, "man/pt/{name} is not in step with the English page: translate what changed");
    }
}

#[test]
fn what_one_page_lacks_is_told_with_its_section() {
    let page = "# One\n\nSay `push` in 15 minutes.\n\n## Two\n\n```sh\nls  # all\n```\n\n- an `item`\n";
    let whole = sections_of_markdown(page);
    for (what, with, told) in [
        ("`push`", "push", "One"),
        ("15", "20", "One"),
        ("## Two", "# Two", "Two"),
        ("ls", "cat", "Two"),
        ("- an", "an", "Two"),
        ("Say", "\n\nSay", ""),
    ] {
        let parted = difference(&whole, &sections_of_markdown(&page.replace(what, with)));
        assert_eq!(parted.as_ref().is_some(), !told.is_empty(), "{what}: {parted:?}");
        assert!(parted.unwrap_or_default().contains(told), "{what}");
    }
    assert_eq!(difference(&whole, &sections_of_markdown(&page.replace("all", "tudo"))), None);
    let page =
        ".Sh ONE\nCall\n.Cm push Fl -wait , No then\n.Pq exit 74 .\n.Bd -literal\nls\n.Ed\n.Sh TWO\n.Bl\n.It\na\n.El\n";
    let whole = sections_of_man(page);
    for (what, with) in [("-wait", "-at"), (".Cm push", "push"), ("74", "75"), ("ls", "cat"), (".It\n", "")] {
        assert!(difference(&whole, &sections_of_man(&page.replace(what, with))).is_some(), "{what}");
    }
    assert_eq!(difference(&whole, &sections_of_man(&page.replace("then", "então"))), None);
}
