//! What a person reads: the text of an element, and the names it goes by.

use std::ops::Range;

use super::{
    dom::Doc,
    label::{MAX_LABEL_CHARS, fold},
};
use crate::model::text::one_line;

// These begin a line of their own, as a browser's own style sheet has it. The site's style sheets are not read.
pub(super) const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
    "option",
    "textarea",
];
pub(super) const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption", "summary"];
/// How far above a field what names it may stand, in elements.
// Two layout tables within each other, with what a browser adds to each, are nine.
const MAX_WRAPPERS: usize = 12;
/// Most lines of a label beside a field.
// Longer than that it is an explanation, and the field's name is in its last line.
const MAX_LABEL_LINES: usize = 4;
/// Elements a person acts on.
pub(super) const CONTROLS: &[&str] = &["input", "select", "textarea", "button"];

impl Doc {
    /// The visible text of nodes, lines and cells as the page has them.
    pub fn text(&self, range: Range<usize>) -> String {
        let mut text = String::new();
        self.gather(range, &[], &mut text, true);
        let lines = text.lines().map(|line| line.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" "));
        let mut shown = String::new();
        for line in lines.map(|l| l.trim_matches(['\t', ' ']).to_owned()).filter(|l| !l.is_empty()) {
            shown.push_str(&line);
            shown.push('\n');
        }
        shown
    }

    /// The visible text of an element on one line.
    pub fn line(&self, index: usize) -> String {
        self.line_without(index, &[])
    }

    /// The same, leaving out elements with these tags.
    pub fn line_without(&self, index: usize, tags: &[&str]) -> String {
        let mut text = String::new();
        self.gather(self.range(index), tags, &mut text, false);
        one_line(&text)
    }

    fn gather(&self, range: Range<usize>, without: &[&str], text: &mut String, preformatted: bool) {
        // A stack and not recursion: the nesting is the page's choice.
        let mut ends: Vec<(usize, char)> = Vec::new();
        let mut as_is: usize = 0;
        let mut at = range.start;
        while at < range.end {
            while let Some((_, gap)) = ends.pop_if(|(end, _)| *end <= at) {
                text.push(gap);
            }
            let node = &self.nodes[at];
            if node.hidden || (at != range.start && node.is(without)) {
                at = node.end;
                continue;
            }
            if node.tag.is_empty() {
                if preformatted && at < as_is {
                    text.push_str(&node.text);
                } else {
                    // Line ends in the markup are only blanks to the reader.
                    text.extend(node.text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }));
                }
            } else if node.is(BLOCKS) {
                text.push('\n');
                ends.push((node.end, '\n'));
                if node.is(&["pre", "textarea"]) {
                    as_is = as_is.max(node.end);
                }
            } else if node.is(&["button", "select"]) {
                text.push(' ');
                ends.push((node.end, ' '));
            } else if node.is(&["td", "th"]) {
                text.push('\t');
            } else if node.tag == "br" {
                text.push('\n');
            } else if node.is(&["img", "area"]) {
                text.push_str(node.attr("alt").unwrap_or_default());
            }
            at += 1;
        }
    }

    /// The names a link, button or heading goes by, what is written on it first.
    pub fn names(&self, index: usize) -> Vec<String> {
        let node = &self.nodes[index];
        let written = match (node.tag.as_str(), node.attr("type").map(str::to_ascii_lowercase).as_deref()) {
            ("input", Some("image")) => node.attr("alt").or(node.attr("value")).unwrap_or_default().to_owned(),
            // That is what browsers write on a button that says nothing.
            ("input", Some("submit")) => node.attr("value").unwrap_or("Submit").to_owned(),
            ("input", _) => node.attr("value").unwrap_or_default().to_owned(),
            _ => self.line(index),
        };
        let mut names = vec![written];
        names.extend(["aria-label", "title"].iter().filter_map(|a| node.attr(a)).map(str::to_owned));
        tidy(names)
    }

    /// The names a field goes by: its label elements, `aria-label`, `title`
    /// and placeholder; only where it has no label element, what its place says.
    pub fn field_names(&self, index: usize) -> Vec<String> {
        let node = &self.nodes[index];
        let mut names = Vec::new();
        if let Some(id) = node.attr("id").filter(|id| !id.is_empty()) {
            names.extend(self.labels_for(id).iter().map(|label| self.line_without(*label, CONTROLS)));
        }
        if let Some(wrapping) = self.closest(index, &["label"]) {
            names.push(self.line_without(wrapping, CONTROLS));
        }
        if let Some(ids) = node.attr("aria-labelledby") {
            // Eight are enough for every real field, and the list is the page's.
            let parts = ids.split_whitespace().take(8).filter_map(|id| self.by_id(id)).map(|i| self.line(i));
            names.push(parts.collect::<Vec<_>>().join(" "));
        }
        names.extend(node.attr("aria-label").map(str::to_owned));
        // Text beside a field is a guess from its place, so it counts only where the page gives no name at all.
        if tidy(names.clone()).is_empty() {
            names.extend(self.names_by_place(index));
        }
        // A placeholder goes when somebody types, so it comes last of all.
        names.extend(["title", "placeholder"].iter().filter_map(|a| node.attr(a)).map(str::to_owned));
        tidy(names)
    }

    /// The names a field has from its place alone, as old pages label them: the
    /// text beside it, by one line and by several, the cell above it in a
    /// row of names, or the legend of a box that has no other field.
    fn names_by_place(&self, index: usize) -> Vec<String> {
        let kind = self.nodes[index].attr("type").unwrap_or_default().to_ascii_lowercase();
        let boxed = matches!(kind.as_str(), "checkbox" | "radio");
        let mut from = index;
        // A few wrappers deep: cell in row, paragraph in cell, table in cell, and the like.
        for _ in 0..MAX_WRAPPERS {
            let found = if boxed {
                self.run_of_text(self.following(from)).or_else(|| self.run_of_text(self.preceding(from)))
            } else {
                self.run_of_text(self.preceding(from))
            };
            if let Found::Text(texts) = found {
                return texts;
            }
            let (node, parent) = (&self.nodes[from], self.nodes[from].parent);
            if !boxed
                && node.is(&["td", "th"])
                && let Some(above) = self.cell_above(from)
            {
                return vec![above];
            }
            // A table around one field alone only sets it in its place; what is beside the table names it.
            let is_wall = self.nodes[parent].is(&["form", "fieldset", "body"])
                || (self.nodes[parent].tag == "table" && self.fields_in(parent) > 1);
            if matches!(found, Found::Blocked) || parent == 0 || is_wall {
                break;
            }
            from = parent;
        }
        self.legend_of(index).into_iter().collect()
    }

    /// The text of the cell above `cell`, where a row of names stands above a row of fields.
    fn cell_above(&self, cell: usize) -> Option<String> {
        let is_cell = |c: &usize| self.nodes[*c].is(&["td", "th"]);
        let row = self.nodes[cell].parent;
        let above = self.preceding(row).find(|r| self.nodes[*r].tag == "tr" && !self.nodes[*r].hidden)?;
        let cells: Vec<usize> = self.children(above).filter(is_cell).collect();
        // With another number of cells it is a row of its own, and which cell is above which is not told.
        let alike = self.children(row).filter(is_cell).count() == cells.len();
        if !alike || self.fields_in(above) > 0 || self.fields_in(cell) != 1 {
            return None;
        }
        let column = self.preceding(cell).filter(is_cell).count();
        Some(self.line(cells[column])).filter(|text| !text.is_empty())
    }

    /// The legend of the box around a field that has no other field.
    fn legend_of(&self, index: usize) -> Option<String> {
        let around = self.closest(index, &["fieldset"])?;
        let legend = self.children(around).find(|c| self.nodes[*c].tag == "legend" && !self.nodes[*c].hidden)?;
        (self.fields_in(around) == 1).then(|| self.line(legend))
    }

    /// How many fields there are in an element, buttons aside.
    fn fields_in(&self, index: usize) -> usize {
        let presses = |n: usize| {
            let kind = self.nodes[n].attr("type").unwrap_or_default().to_ascii_lowercase();
            self.nodes[n].tag == "button" || matches!(kind.as_str(), "submit" | "button" | "image" | "reset")
        };
        self.range(index).filter(|n| self.is_control(*n) && !presses(*n)).count()
    }

    fn run_of_text(&self, siblings: impl Iterator<Item = usize>) -> Found {
        let mut parts: Vec<String> = Vec::new();
        // How many parts stand before each line's end.
        let mut ends: Vec<usize> = Vec::new();
        let (mut forwards, mut last) = (false, None);
        for sibling in siblings {
            forwards |= last.is_some_and(|l| l < sibling);
            last = Some(sibling);
            let node = &self.nodes[sibling];
            let text = if node.tag.is_empty() { node.text.clone() } else { self.raw(sibling) };
            let has_control = self.range(sibling).any(|i| self.is_control(i));
            if node.hidden || (text.trim().is_empty() && !has_control) {
                if node.hidden || parts.is_empty() {
                    continue;
                }
                if node.tag == "br" {
                    ends.push(parts.len());
                    if ends.len() == MAX_LABEL_LINES {
                        break;
                    }
                }
                parts.push(" ".to_owned());
                continue;
            }
            // A row of several cells is a row of its own, and no name of what is in the row below.
            let is_row = node.tag == "tr" && self.children(sibling).filter(|c| !self.line(*c).is_empty()).count() > 1;
            if has_control || is_row || node.is(HEADINGS) {
                if parts.is_empty() {
                    return Found::Blocked;
                }
                break;
            }
            let block = node.is(BLOCKS) || node.is(&["td", "th"]);
            if block && !parts.is_empty() {
                break;
            }
            parts.push(text);
            if block {
                break;
            }
        }
        ends.push(parts.len());
        let joined = |end: usize| {
            let mut parts = parts[..end].to_vec();
            if !forwards {
                parts.reverse();
            }
            // Together as they stand: a letter that is underlined for the keyboard is a piece of its own.
            one_line(&parts.concat())
        };
        // Where a label of several lines begins is not told: what explains stands above it on old pages.
        let texts: Vec<String> = ends.into_iter().map(joined).filter(|text| !text.is_empty()).collect();
        if texts.is_empty() { Found::Nothing } else { Found::Text(texts) }
    }

    /// The visible text of an element as its nodes have it, blanks at its ends included.
    fn raw(&self, index: usize) -> String {
        let mut text = String::new();
        self.gather(self.range(index), &[], &mut text, false);
        text
    }

    /// Whether a person can act on it.
    pub fn is_control(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        node.is(CONTROLS) && !node.hidden && !node.attr("type").is_some_and(|t| t.eq_ignore_ascii_case("hidden"))
    }

    /// The heading a person would say it stands under; empty where none is.
    pub fn heading_above(&self, index: usize) -> String {
        // For messages only: a heading further above would help nobody.
        let above = (0..index).rev().take(2000).find(|i| self.nodes[*i].is(HEADINGS) && !self.nodes[*i].hidden);
        above.map(|h| self.line(h)).unwrap_or_default()
    }
}

enum Found {
    Text(Vec<String>),
    Nothing,
    /// Another field is nearer to the text than this one.
    Blocked,
}

impl Found {
    fn or_else(self, other: impl FnOnce() -> Found) -> Found {
        if let Found::Text(_) = self { self } else { other() }
    }
}

fn tidy(names: Vec<String>) -> Vec<String> {
    let mut tidy: Vec<String> = Vec::new();
    for name in names {
        let name = one_line(&name);
        if !name.is_empty()
            && name.chars().nth(MAX_LABEL_CHARS).is_none()
            && !tidy.iter().any(|other| fold(other) == fold(&name))
        {
            tidy.push(name);
        }
    }
    tidy
}
