//! The value that stands beside a label.

use super::{
    Control, Section, WebError, form,
    label::fold,
    read::{BLOCKS, CONTROLS, HEADINGS},
};
use std::ops::Range;

/// Longest text that is taken for a value, in characters.
const MAX_VALUE_CHARS: usize = 2_000;

/// The ways of setting a value beside its label, the plainest first.
const WAYS: [fn(&Section<'_>, &Control) -> Vec<Value>; 3] = [
    |section, control| section.in_rows(control),
    |section, control| section.after(control),
    |section, control| section.behind_colon(control),
];

/// What was found beside a label.
struct Value {
    text: String,
    datetime: Option<String>,
}

impl Section<'_> {
    /// As [`super::Page::value_of`], here.
    ///
    /// # Errors
    /// As there.
    pub fn value_of(&self, control: &Control) -> Result<String, WebError> {
        self.value(control).map(|value| value.text)
    }

    /// As [`super::Page::datetime_of`], here.
    ///
    /// # Errors
    /// As there.
    pub fn datetime_of(&self, control: &Control) -> Result<Option<String>, WebError> {
        self.value(control).map(|value| value.datetime)
    }

    /// Every text that stands where a value beside the label can stand, by all
    /// ways of setting it there: for what must be read with more care.
    pub fn values_of(&self, control: &Control) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        // Texts of all three ways: what is read with care is compared
        // by the caller, and leaving one out would be a guess.
        for value in WAYS.into_iter().flat_map(|way| way(self, control)) {
            if !value.text.is_empty() && !found.contains(&value.text) {
                found.push(value.text);
            }
        }
        found
    }

    /// What the page says under the label where it is a heading, around it
    /// where it is not, and in the sentences that it occurs in; links aside.
    pub fn around(&self, control: &Control) -> String {
        let doc = &self.page.doc;
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for i in self.nodes().filter(|i| doc.nodes[*i].tag.is_empty()) {
            let block = doc.ancestors(i).find(|a| doc.nodes[*a].is(BLOCKS)).unwrap_or(0);
            let known = ranges.iter().any(|range| range.contains(&i));
            if known || block == 0 || doc.closest(i, &["a", "button", "option"]).is_some() {
                continue;
            }
            let line = doc.line(block);
            if line.len() <= MAX_VALUE_CHARS && control.occurs_in(&line) {
                ranges.push(doc.range(block));
                ranges.extend(self.page.under(block));
            }
        }
        ranges.into_iter().map(|range| doc.text(range)).collect()
    }

    /// Tries the plainest way of setting a value beside its label first; where
    /// one way yields two different values, that is ambiguous. A text that holds
    /// the label itself, or another value, is what surrounds the value.
    fn value(&self, control: &Control) -> Result<Value, WebError> {
        let (mut found, mut around): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        for way in WAYS {
            for value in way(self, control) {
                let all = if control.is_within(&value.text) { &mut around } else { &mut found };
                if !value.text.is_empty() && !all.iter().any(|other| other.text == value.text) {
                    all.push(value);
                }
            }
            // The plainest way that finds something decides. The later ways find more, and more of it by accident.
            if !found.is_empty() {
                break;
            }
        }
        let mut found = if found.is_empty() { around } else { found };
        let texts: Vec<String> = found.iter().map(|value| value.text.clone()).collect();
        let holds = |outer: &str| {
            texts
                .iter()
                .any(|inner| inner != outer && Control::labelled(inner).occurs_in(outer) && !fold(inner).is_empty())
        };
        found.retain(|value| !holds(&value.text));
        self.only(control, found, |value| value.text.clone(), || self.labels_there())
    }

    /// Cells of a row, terms of a list, and fields that show a value.
    fn in_rows(&self, control: &Control) -> Vec<Value> {
        let doc = &self.page.doc;
        let mut found = Vec::new();
        for i in self.nodes() {
            match doc.nodes[i].tag.as_str() {
                "th" | "td" if control.matches(&doc.line_without(i, CONTROLS)) => {
                    let cell = |c: &usize| doc.nodes[*c].is(&["td", "th"]);
                    // The next cell counts only where it is no heading itself; then the value stands below.
                    match doc.following(i).find(cell) {
                        Some(next) if doc.nodes[next].tag == "td" => found.push(self.shown(next)),
                        _ => found.extend(self.below(i).map(|c| self.shown(c))),
                    }
                }
                "dt" if control.matches(&doc.line(i)) => {
                    let next = doc.following(i).find(|n| doc.nodes[*n].is(&["dd", "dt"]));
                    found.extend(next.filter(|n| doc.nodes[*n].tag == "dd").map(|n| self.shown(n)));
                }
                // A password field shows dots: what is in it is no text of the page.
                "input" | "textarea" | "select" | "output" if !is_password(doc.nodes[i].attr("type")) => {
                    let named = || doc.field_names(i).iter().any(|name| control.matches(name));
                    if !doc.nodes[i].hidden && named() {
                        found.push(self.shown(i));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The cell under a column's heading, where the table has but one row of values.
    fn below(&self, heading: usize) -> Option<usize> {
        let doc = &self.page.doc;
        let cell = |c: &usize| doc.nodes[*c].is(&["td", "th"]);
        let column = doc.preceding(heading).filter(cell).count();
        let row = doc.closest(heading, &["tr"])?;
        let table = doc.closest(heading, &["table"])?;
        let is_row = |i: &usize| {
            doc.nodes[*i].tag == "tr"
                && doc.closest(*i, &["table"]) == Some(table)
                && doc.children(*i).any(|c| doc.nodes[c].tag == "td")
        };
        let mut rows = (doc.nodes[row].end..doc.nodes[table].end).filter(is_row);
        let only = rows.next().filter(|_| rows.next().is_none())?;
        doc.children(only).filter(cell).nth(column)
    }

    /// What follows an element that says the label and nothing else; under a
    /// heading, the one code or read-only field there is.
    fn after(&self, control: &Control) -> Vec<Value> {
        let doc = &self.page.doc;
        let mut found = Vec::new();
        for i in self.nodes() {
            let node = &doc.nodes[i];
            if node.tag.is_empty() || node.is(CONTROLS) || node.is(&["a", "option"]) || !self.page.says(i, control) {
                continue;
            }
            if node.is(HEADINGS) {
                let own = self.page.under(i).into_iter().flatten().take_while(|n| !doc.nodes[*n].is(HEADINGS));
                let marked: Vec<usize> = own.filter(|n| self.is_marked(*n)).collect();
                if let [only] = marked[..] {
                    found.push(self.shown(only));
                    continue;
                }
            }
            let next = doc.following(i).find(|n| {
                let n = &doc.nodes[*n];
                !n.hidden
                    && n.tag != "br"
                    && !(n.tag.is_empty() && n.text.trim_matches([' ', '\t', '\n', '\r', ':']).is_empty())
            });
            found.extend(next.filter(|n| !doc.nodes[*n].is(HEADINGS)).map(|n| self.shown(n)));
        }
        found
    }

    /// `Label: value` in one piece of text.
    fn behind_colon(&self, control: &Control) -> Vec<Value> {
        let doc = &self.page.doc;
        let mut found = Vec::new();
        let texts =
            self.nodes().filter(|i| doc.nodes[*i].tag.is_empty() && doc.nodes[*i].text.len() <= 4 * MAX_VALUE_CHARS);
        for i in texts {
            let text = &doc.nodes[i].text;
            // The first colon is not always the right one: labels and times have colons, too.
            for (at, _) in text.match_indices(':').take(8) {
                let rest = &text[at + 1..];
                if control.matches(&text[..at]) && !rest.starts_with(':') {
                    found.push(Value { text: crate::model::text::one_line(rest), datetime: None });
                }
            }
        }
        found
    }

    /// Whether it is made to show a value and nothing else.
    fn is_marked(&self, index: usize) -> bool {
        let node = &self.page.doc.nodes[index];
        !node.hidden
            && (node.is(&["code", "output", "kbd", "samp"])
                || (node.is(&["input", "textarea"]) && node.flag("readonly")))
    }

    /// The value that an element shows.
    fn shown(&self, index: usize) -> Value {
        let doc = &self.page.doc;
        let range = doc.range(index);
        let marked: Vec<usize> = range.clone().filter(|n| self.is_marked(*n)).collect();
        let fields: Vec<usize> = range
            .clone()
            .filter(|n| doc.nodes[*n].is(&["input", "select", "textarea"]) && doc.is_control(*n))
            .collect();
        let text = match (&marked[..], &fields[..]) {
            ([], [only]) | ([only], _) if doc.nodes[*only].is(CONTROLS) => form::field(self.page, *only)
                .filter(|_| !is_password(doc.nodes[*only].attr("type")))
                .map(|f| f.shown())
                .unwrap_or_default(),
            ([only], _) => doc.line(*only),
            _ if doc.nodes[index].tag.is_empty() => {
                crate::model::text::one_line(doc.nodes[index].text.trim_start_matches([' ', '\t', '\n', '\r', ':']))
            }
            _ => doc.line_without(index, CONTROLS),
        };
        let datetime = range.clone().find_map(|n| doc.nodes[n].attr("datetime").filter(|_| doc.nodes[n].tag == "time"));
        // Cut and not refused: a long text is still a value to show.
        Value { text: text.chars().take(MAX_VALUE_CHARS).collect(), datetime: datetime.map(str::to_owned) }
    }

    fn labels_there(&self) -> Vec<String> {
        let doc = &self.page.doc;
        let is_label = |i: &usize| {
            doc.nodes[*i].is(&["th", "dt", "label"]) || doc.nodes[*i].is(HEADINGS) || doc.nodes[*i].tag == "td"
        };
        self.nodes().filter(is_label).map(|i| doc.line(i)).filter(|l| !fold(l).is_empty()).collect()
    }
}

fn is_password(kind: Option<&str>) -> bool {
    kind.is_some_and(|k| k.eq_ignore_ascii_case("password") || k.eq_ignore_ascii_case("hidden"))
}
