//! Finding things in a page or a part of it.

use std::ops::Range;

use super::{
    Control, Form, Page, WebError,
    form::{self, Field, FieldKind},
    read::{BLOCKS, CONTROLS, HEADINGS},
};

/// Most labels that an error lists; that more than one match is known long before.
const MAX_LISTED: usize = 40;
/// Longest label that an error shows, in characters.
const MAX_SHOWN_CHARS: usize = 80;

/// A link that leads somewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    /// Its label as the page shows it, one printable line.
    pub label: String,
    /// Where it leads, absolute.
    pub(super) url: String,
    /// Where it was found, fit to be shown.
    pub(super) place: String,
}

impl Link {
    /// Where it leads, absolute. May hold secrets: don't show it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// A button as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// Its label, one printable line.
    pub label: String,
    /// Whether it is greyed out.
    pub disabled: bool,
}

/// A part of a page, in which things are found as on the whole.
#[derive(Clone)]
pub struct Section<'p> {
    pub(super) page: &'p Page,
    /// Node ranges, in order, none within another.
    pub(super) ranges: Vec<Range<usize>>,
}

/// One row of a table or one item of a list.
pub struct Row<'p> {
    /// The text of each cell, one printable line each.
    pub texts: Vec<String>,
    /// The row as a section: its links, buttons and forms.
    pub section: Section<'p>,
}

impl<'p> Section<'p> {
    /// All visible text, lines as the page has them.
    pub fn text(&self) -> String {
        self.ranges.iter().map(|range| self.page.doc.text(range.clone())).collect()
    }

    /// Whether a link, button, field or heading has this label.
    pub fn has(&self, control: &Control) -> bool {
        // A link counts by what is written on it or said for it,
        // never by where it leads: addresses change with versions.
        let named = |i: usize| self.page.doc.names(i).iter().any(|name| control.matches(name));
        self.shows(control) || self.nodes().any(|i| self.page.doc.nodes[i].is(&["a", "area"]) && named(i))
    }

    /// Whether a button, field or heading has this label. A link to what is
    /// elsewhere does not count: it stands on any page.
    pub fn shows(&self, control: &Control) -> bool {
        let doc = &self.page.doc;
        self.nodes().any(|i| match doc.nodes[i].tag.as_str() {
            "button" => doc.names(i).iter().any(|name| control.matches(name)),
            "input" | "select" | "textarea" => match self.page.button_label(i) {
                Some(_) => doc.names(i).iter().any(|name| control.matches(name)),
                None => doc.is_control(i) && doc.field_names(i).iter().any(|name| control.matches(name)),
            },
            tag => HEADINGS.contains(&tag) && control.matches(&doc.line(i)),
        })
    }

    /// Whether the phrase occurs anywhere in the visible text.
    pub fn has_text(&self, control: &Control) -> bool {
        control.occurs_in(&self.text())
    }

    /// All links that lead somewhere.
    pub fn links(&self) -> Vec<Link> {
        self.nodes().filter_map(|i| self.page.link_at(i)).collect()
    }

    /// All forms, no button pressed.
    pub fn forms(&self) -> Vec<Form> {
        let mut forms: Vec<usize> = Vec::new();
        for i in self.nodes() {
            let form = if self.page.doc.nodes[i].tag == "form" { Some(i) } else { self.page.owner(i) };
            forms.extend(form.filter(|f| !forms.contains(f)));
        }
        forms.into_iter().map(|form| form::build(self.page, form, None)).collect()
    }

    /// All buttons, the greyed-out ones too.
    pub fn buttons(&self) -> Vec<Button> {
        let label = |i| self.page.button_label(i).map(|label| Button { label, disabled: self.page.is_greyed(i) });
        self.nodes().filter_map(label).collect()
    }

    /// As [`Page::link`], here.
    ///
    /// # Errors
    /// As there.
    pub fn link(&self, control: &Control) -> Result<Link, WebError> {
        let named = |i: &usize| self.page.doc.names(*i).iter().any(|name| control.matches(name));
        let mut found: Vec<(usize, Link)> = Vec::new();
        for i in self.nodes().filter(|i| self.page.doc.nodes[*i].is(&["a", "area"])).filter(named) {
            if let Some(link) = self.page.link_at(i)
                // The same link in the menus above and below is one control.
                && !found.iter().any(|(_, other)| other.url == link.url)
            {
                found.push((i, link));
            }
            if found.len() > MAX_LISTED {
                break;
            }
        }
        let told = |(i, link): &(usize, Link)| {
            // Shown without the values of its query, in which session numbers stand.
            format!("{} (to {}, {})", link.label, without_values(&link.url), self.under(*i))
        };
        let there = || self.nodes().filter_map(|i| self.page.link_label(i)).collect();
        self.only(control, found, told, there).map(|(_, link)| link)
    }

    /// As [`Page::form_with_button`], here.
    ///
    /// # Errors
    /// As there.
    pub fn form_with_button(&self, control: &Control) -> Result<Form, WebError> {
        let page = self.page;
        let mut found: Vec<usize> = Vec::new();
        for i in self.nodes().filter(|i| page.presses(*i)) {
            let named = page.doc.names(i).iter().any(|name| control.matches(name));
            // Two buttons that press the same are one; told apart by
            // words alone, every page with two menus would be ambiguous.
            if named && !found.iter().any(|other| page.same_press(*other, i)) {
                found.push(i);
            }
        }
        let label = |i: &usize| page.button_label(*i).unwrap_or_default();
        let told = |i: &usize| format!("{} ({})", label(i), self.under(*i));
        let there = || {
            let label = |i| match page.presses(i) {
                true => page.button_label(i),
                false => page.button_label(i).map(|label| format!("{label} (presses nothing without a script)")),
            };
            self.nodes().filter_map(label).collect()
        };
        let button = self.only(control, found, told, there)?;
        if page.is_greyed(button) {
            return Err(WebError::ControlDisabled {
                key: control.key.clone(),
                page: page.place(),
                label: label(&button),
            });
        }
        let form = page.owner(button).expect("a button that presses has a form");
        Ok(form::build(page, form, Some(button)))
    }

    /// As [`Page::form_with_field`], here.
    ///
    /// # Errors
    /// As there.
    pub fn form_with_field(&self, control: &Control) -> Result<Form, WebError> {
        let page = self.page;
        let fields = || self.nodes().filter_map(|i| Some((i, page.owner(i)?, self.visible_field(i)?)));
        let mut found: Vec<(usize, usize)> = Vec::new();
        for (i, form, field) in fields() {
            if field.is(control) && !found.iter().any(|(_, other)| *other == form) {
                found.push((i, form));
            }
        }
        let told = |(i, _): &(usize, usize)| self.under(*i);
        let there = || fields().map(|(_, _, field)| field.label).collect();
        let (_, form) = self.only(control, found, told, there)?;
        let own = |i: &usize| page.owner(*i) == Some(form) && page.presses(*i);
        let buttons: Vec<usize> = page.doc.all().filter(own).collect();
        // Where a form has several buttons none is pressed: which one was meant is not for us to say.
        let pressed = buttons.first().copied().filter(|b| buttons.len() == 1 && !page.is_greyed(*b));
        Ok(form::build(page, form, pressed))
    }

    /// The name by which the one field with this label is sent.
    pub(super) fn field_name(&self, control: &Control) -> Result<String, WebError> {
        let fields: Vec<Field> = self.nodes().filter_map(|i| self.visible_field(i)).collect();
        let found = fields.iter().filter(|field| field.is(control)).collect();
        let there = || fields.iter().map(|field| field.label.clone()).collect();
        self.only(control, found, |field| field.label.clone(), there).map(|field| field.name.clone())
    }

    /// As [`Page::section`], here.
    ///
    /// # Errors
    /// As there.
    pub fn section(&self, control: &Control) -> Result<Section<'p>, WebError> {
        let doc = &self.page.doc;
        let headings = || self.nodes().filter(|i| doc.nodes[*i].is(HEADINGS));
        let mut found: Vec<usize> = headings().filter(|i| control.matches(&doc.line(*i))).collect();
        if found.is_empty() {
            // Old pages make headings of bold text and table cells. An entry of a menu, which is a link, is none.
            let pressed = |i: usize| {
                doc.nodes[i].is(&["button", "label", "option"])
                    || (doc.nodes[i].tag == "a" && doc.nodes[i].attr("href").is_some_and(|to| !to.starts_with('#')))
            };
            let is_entry = |i: usize| doc.range(i).any(|n| pressed(n) && doc.line(n) == doc.line(i));
            let plain = |i: &usize| !doc.nodes[*i].tag.is_empty() && !pressed(*i);
            let all: Vec<usize> = self.nodes().filter(plain).filter(|i| self.page.says(*i, control)).collect();
            // In the page's order: what is within an element follows it at once.
            let holds = |at: usize| all.get(at + 1).is_some_and(|next| doc.range(all[at]).contains(next));
            found = (0..all.len())
                .filter(|at| !holds(*at))
                .map(|at| all[at])
                .filter(|i| !is_entry(*i) && !doc.ancestors(*i).any(pressed))
                .collect();
        }
        let mut sections: Vec<(usize, Vec<Range<usize>>)> = Vec::new();
        for heading in found {
            let ranges = self.page.under(heading);
            if !sections.iter().any(|(_, other)| *other == ranges) {
                sections.push((heading, ranges));
            }
            if sections.len() > MAX_LISTED {
                break;
            }
        }
        let told = |(heading, _): &(usize, Vec<Range<usize>>)| doc.line(*heading);
        let there = || headings().map(|i| doc.line(i)).collect();
        let (_, ranges) = self.only(control, sections, told, there)?;
        Ok(Section { page: self.page, ranges })
    }

    /// The rows of the table or list in this section; a row that holds rows
    /// itself doesn't count, nor does one of column headings.
    pub fn rows(&self) -> Vec<Row<'p>> {
        let doc = &self.page.doc;
        // Tables first: a list in a cell is part of its row.
        for (row, cells) in [("tr", &["td", "th"][..]), ("li", &[][..])] {
            let is_row = |i: &usize| {
                let inner = i + 1..doc.nodes[*i].end;
                doc.nodes[*i].tag == row
                    && !inner.clone().any(|n| doc.nodes[n].tag == row)
                    // A row of `th` alone names columns and holds no values.
                    && (row != "tr" || inner.into_iter().any(|n| doc.nodes[n].tag == "td"))
                    && !doc.line(*i).is_empty()
            };
            let rows: Vec<Row<'p>> = self
                .nodes()
                .filter(is_row)
                .map(|i| {
                    let cells = doc.children(i).filter(|c| doc.nodes[*c].is(cells));
                    let mut texts: Vec<String> = cells.map(|c| doc.line(c)).collect();
                    if texts.is_empty() {
                        texts.push(doc.line_without(i, CONTROLS));
                    }
                    Row { texts, section: Section { page: self.page, ranges: vec![doc.range(i)] } }
                })
                .collect();
            if !rows.is_empty() {
                return rows;
            }
        }
        Vec::new()
    }

    /// The parts of this section that begin with a text that `begins` one, in
    /// whatever markup: each as a row, its texts those of its lines and cells.
    pub fn pieces(&self, begins: impl Fn(&str) -> bool) -> Vec<Row<'p>> {
        let doc = &self.page.doc;
        let mut lines: Vec<(usize, String)> = Vec::new();
        for i in self.nodes().filter(|i| doc.nodes[*i].tag.is_empty() && !doc.nodes[*i].text.trim().is_empty()) {
            let is_line = |a: &usize| doc.nodes[*a].is(BLOCKS) || doc.nodes[*a].is(&["td", "th"]);
            let line = doc.ancestors(i).find(is_line).unwrap_or(0);
            let pressed = doc.ancestors(i).take_while(|a| *a != line).any(|a| doc.nodes[a].is(&["button", "option"]));
            if !pressed && lines.last().is_none_or(|(last, _)| *last != line) {
                lines.push((line, doc.line_without(line, CONTROLS)));
            }
        }
        let starts: Vec<usize> = (0..lines.len()).filter(|at| begins(&lines[*at].1)).collect();
        let end = self.ranges.last().map_or(0, |range| range.end);
        let piece = |at: usize| {
            let next = starts.get(at + 1).map_or(lines.len(), |next| *next);
            let (from, to) = (lines[starts[at]].0, lines.get(next).map_or(end, |line| line.0));
            let within = self.ranges.iter().map(|range| range.start.max(from)..range.end.min(to));
            let ranges = within.filter(|range| !range.is_empty()).collect();
            let texts = lines[starts[at]..next].iter().map(|(_, text)| text.clone()).filter(|text| !text.is_empty());
            Row { texts: texts.collect(), section: Section { page: self.page, ranges } }
        };
        (0..starts.len()).map(piece).collect()
    }

    /// How many links and buttons here have this label, greyed-out ones too.
    pub fn count_of(&self, control: &Control) -> usize {
        let doc = &self.page.doc;
        let named = |i: &usize| doc.names(*i).iter().any(|name| control.matches(name));
        let pressed = |i: &usize| self.page.button_label(*i).is_some() || self.page.link_at(*i).is_some();
        self.nodes().filter(pressed).filter(named).count()
    }

    /// The column headings of the first table here, an empty one where a column
    /// has none; none where there is no such row.
    pub fn heads(&self) -> Vec<String> {
        let doc = &self.page.doc;
        let is_head = |i: &usize| {
            let mut cells = doc.children(*i).peekable();
            doc.nodes[*i].tag == "tr" && cells.peek().is_some() && cells.all(|cell| doc.nodes[cell].is(&["th"]))
        };
        let row = self.nodes().find(is_head);
        row.map(|row| doc.children(row).map(|cell| doc.line(cell)).collect()).unwrap_or_default()
    }

    /// The boxes to tick that are to be seen here.
    pub(super) fn boxes(&self) -> Vec<Field> {
        let all = self.nodes().filter_map(|i| self.visible_field(i));
        all.filter(|field| field.kind == FieldKind::Checkbox).collect()
    }

    /// As [`Page::rows_under`], here.
    ///
    /// # Errors
    /// As there.
    pub fn rows_under(&self, heading: &Control) -> Result<Vec<Row<'p>>, WebError> {
        Ok(self.section(heading)?.rows())
    }

    /// The visible nodes, in order.
    pub(super) fn nodes(&self) -> impl Iterator<Item = usize> + use<'_, 'p> {
        self.ranges.iter().cloned().flatten().filter(|i| !self.page.doc.nodes[*i].hidden)
    }

    /// The field at this node, unless it is a button or out of sight.
    pub(super) fn visible_field(&self, index: usize) -> Option<Field> {
        let field = self.page.doc.is_control(index).then(|| form::field(self.page, index)).flatten();
        field.filter(|f| f.kind != FieldKind::Hidden)
    }

    /// The only match, or an error that says what was there.
    pub(super) fn only<T>(
        &self,
        control: &Control,
        found: Vec<T>,
        told: impl Fn(&T) -> String,
        there: impl FnOnce() -> Vec<String>,
    ) -> Result<T, WebError> {
        // A page that a script makes says nothing of what is missing on it, so that is told instead.
        if found.is_empty() && self.page.is_script_only() {
            return Err(WebError::ScriptOnly { page: self.page.place() });
        }
        only(control, &self.page.place(), found, told, there)
    }

    fn under(&self, index: usize) -> String {
        match self.page.doc.heading_above(index) {
            heading if heading.is_empty() => "under no heading".to_owned(),
            heading => format!("under {heading:?}"),
        }
    }
}

/// An address that two links may share but for its query: the names in that are
/// shown, and no value.
fn without_values(url: &str) -> String {
    let Some((bare, query)) = url.split_once('?') else { return url.to_owned() };
    let names: Vec<&str> = query.split(['&', ';']).map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    // A name without a value may be a session's number itself.
    let told = names.iter().filter(|name| query.contains(&format!("{name}="))).map(|name| format!("{name}=…"));
    let told: Vec<String> = told.take(5).collect();
    if told.is_empty() { bare.to_owned() } else { format!("{bare}?{}", told.join("&")) }
}

/// The only match, or an error that says what was there: never a guess.
pub(super) fn only<T>(
    control: &Control,
    place: &str,
    mut found: Vec<T>,
    told: impl Fn(&T) -> String,
    there: impl FnOnce() -> Vec<String>,
) -> Result<T, WebError> {
    let (key, page, looked_for) = (control.key.clone(), place.to_owned(), control.labels.clone());
    match found.len() {
        // Two matches are as much an error as none: the wrong button on an appliance can't be taken back.
        1 => Ok(found.remove(0)),
        0 => Err(WebError::ControlMissing { key, page, looked_for, there: bounded(there()) }),
        _ => {
            Err(WebError::ControlAmbiguous { key, page, looked_for, matches: short(found.iter().map(told).collect()) })
        }
    }
}

/// Distinct non-empty labels, not too many and none too long.
fn bounded(labels: Vec<String>) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for label in labels {
        if !label.is_empty() && !distinct.contains(&label) && distinct.len() <= MAX_LISTED {
            distinct.push(label);
        }
    }
    short(distinct)
}

fn short(mut labels: Vec<String>) -> Vec<String> {
    let more = labels.len().saturating_sub(MAX_LISTED);
    labels.truncate(MAX_LISTED);
    for label in &mut labels {
        if let Some((at, _)) = label.char_indices().nth(MAX_SHOWN_CHARS) {
            label.truncate(at);
            label.push('…');
        }
    }
    if more > 0 {
        labels.push("and more".to_owned());
    }
    labels
}
