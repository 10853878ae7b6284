//! Forms, filled in by label.

use encoding_rs::Encoding;
use url::Url;
use zeroize::Zeroizing;

use super::{Control, Page, Section, WebError, region};
use crate::model::text::one_line;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of any sort: one line, several, a password, a number.
    Text,
    /// On or off.
    Checkbox,
    /// One of several with the same name.
    Radio,
    /// One of a list.
    Select,
    /// A file.
    File,
    /// Never seen by a person, sent as it came.
    Hidden,
}

/// A field of a form. Its value may be a secret: no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// What it takes.
    pub kind: FieldKind,
    /// Its label as the page shows it, one printable line; empty where it has none.
    pub label: String,
    /// Whether it is greyed out.
    pub disabled: bool,
    /// Whether it shows a value that can't be changed.
    pub read_only: bool,
    pub(super) name: String,
    pub(super) names: Vec<String>,
    /// Wiped when dropped: it may be a password that was typed in.
    pub(super) value: Zeroizing<String>,
    pub(super) on: bool,
    max_chars: Option<usize>,
    /// Whether what is typed into it is not shown.
    secret: bool,
    choices: Vec<Choice>,
}

#[derive(Clone, PartialEq, Eq)]
struct Choice {
    label: String,
    value: String,
    chosen: bool,
    disabled: bool,
}

/// The field a file goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileField {
    /// Its label as the page shows it.
    pub label: String,
    pub(super) name: String,
}

/// A form as it will be sent: its hidden fields and defaults are kept, and the
/// pressed button's value goes along. Its values may be secrets: no `Debug`.
#[derive(Clone)]
pub struct Form {
    pub(super) action: Result<Url, &'static str>,
    pub(super) post: bool,
    pub(super) multipart: bool,
    pub(super) encoding: &'static Encoding,
    /// Where it was found, fit to be shown.
    pub(super) place: String,
    /// The address of its page.
    pub(super) page_url: Url,
    fields: Vec<Field>,
    button: String,
    pressed: Vec<(String, String)>,
}

impl Form {
    /// The pressed button's label; empty where none is pressed.
    pub fn button(&self) -> &str {
        &self.button
    }

    /// The path it is sent to; `None` where a script sends it.
    pub fn path(&self) -> Option<String> {
        self.action.as_ref().ok().map(|url| url.path().to_owned())
    }

    /// All fields a person sees, in the page's order.
    pub fn fields(&self) -> Vec<&Field> {
        self.fields.iter().filter(|field| field.kind != FieldKind::Hidden).collect()
    }

    /// How many of the fields a person sees take a password.
    pub fn passwords(&self) -> usize {
        self.fields().iter().filter(|field| field.secret).count()
    }

    /// Whether a file goes along.
    pub fn has_file(&self) -> bool {
        self.fields.iter().any(|field| field.kind == FieldKind::File)
    }

    /// Whether a field has this label.
    pub fn has_field(&self, control: &Control) -> bool {
        self.fields().iter().any(|field| field.is(control))
    }

    /// The one field with this label.
    ///
    /// # Errors
    /// [`WebError::ControlMissing`], [`WebError::ControlAmbiguous`].
    pub fn field(&self, control: &Control) -> Result<&Field, WebError> {
        self.index(control).map(|index| &self.fields[index])
    }

    /// Types `text` into the field with this label.
    ///
    /// # Errors
    /// As [`Form::field`]; [`WebError::ControlDisabled`],
    /// [`WebError::FieldUnfit`] where it takes no text or not so much.
    pub fn fill(&mut self, control: &Control, text: &str) -> Result<(), WebError> {
        let index = self.changeable(control)?;
        self.type_in(index, text)
    }

    /// Types `text` into the field with this label that stands in `section`,
    /// where the form has several with it.
    ///
    /// # Errors
    /// As [`Form::fill`].
    pub fn fill_in(&mut self, section: &Section<'_>, control: &Control, text: &str) -> Result<(), WebError> {
        let name = section.field_name(control)?;
        let found = (0..self.fields.len()).filter(|i| !name.is_empty() && self.fields[*i].name == name).collect();
        let label = |i: &usize| self.fields[*i].label.clone();
        let index = region::only(control, &self.place, found, label, Vec::new)?;
        let field = &self.fields[index];
        if field.disabled {
            return Err(self.greyed(control, field));
        }
        self.type_in(index, text)
    }

    /// Types into a field that is not greyed out.
    fn type_in(&mut self, index: usize, text: &str) -> Result<(), WebError> {
        let field = &self.fields[index];
        if field.read_only || field.kind != FieldKind::Text {
            return Err(self.unfit(index, "takes no text"));
        }
        // A browser would cut it off there. A password that was cut is another password.
        if field.max_chars.is_some_and(|max| text.chars().count() > max) {
            return Err(self.unfit(index, "takes less text than that"));
        }
        // What such a form sends stands in an address, and that in the logs of every server and proxy on the way.
        if field.secret && !self.post {
            return Err(
                self.unfit(index, "would send a password within an address, where every log on the way keeps it")
            );
        }
        self.fields[index].value = Zeroizing::new(text.to_owned());
        Ok(())
    }

    /// Whether the box with this label is ticked.
    ///
    /// # Errors
    /// As [`Form::field`]; [`WebError::FieldUnfit`] where it is no box.
    pub fn is_checked(&self, control: &Control) -> Result<bool, WebError> {
        let index = self.index(control)?;
        match self.fields[index].kind {
            FieldKind::Checkbox => Ok(self.fields[index].on),
            _ => Err(self.unfit(index, "is not a box to tick")),
        }
    }

    /// Ticks the box with this label, or clears it; of radio buttons, the
    /// others of the same name go out.
    ///
    /// # Errors
    /// As [`Form::field`]; [`WebError::ControlDisabled`],
    /// [`WebError::FieldUnfit`] where it is no box.
    pub fn check(&mut self, control: &Control, on: bool) -> Result<(), WebError> {
        let index = self.changeable(control)?;
        match self.fields[index].kind {
            FieldKind::Checkbox => self.fields[index].on = on,
            FieldKind::Radio if on => {
                // Browsers let one radio button of a name be on. With
                // two on, the server would take whichever it reads last.
                let name = self.fields[index].name.clone();
                for (other, field) in self.fields.iter_mut().enumerate() {
                    if field.kind == FieldKind::Radio && field.name == name {
                        field.on = other == index;
                    }
                }
            }
            FieldKind::Radio => return Err(self.unfit(index, "can't be cleared, only another chosen")),
            _ => return Err(self.unfit(index, "is not a box to tick")),
        }
        Ok(())
    }

    /// All boxes to tick, in the page's order.
    pub fn boxes(&self) -> Vec<&Field> {
        self.fields.iter().filter(|field| field.kind == FieldKind::Checkbox).collect()
    }

    /// Ticks the only box that stands in `section`, or clears it: a list has
    /// one in each row, with no label of its own.
    ///
    /// # Errors
    /// [`WebError::ControlMissing`], [`WebError::ControlAmbiguous`],
    /// [`WebError::ControlDisabled`].
    pub fn check_in(&mut self, section: &Section<'_>, on: bool) -> Result<(), WebError> {
        let wanted = section.boxes();
        let same = |field: &Field| {
            // By name and value, since the form is a copy of the page and knows
            // no places: boxes of a list share a name and differ in value.
            let is = |other: &&Field| other.name == field.name && *other.value == *field.value;
            field.kind == FieldKind::Checkbox && wanted.iter().any(|other| is(&other))
        };
        let found = (0..self.fields.len()).filter(|i| same(&self.fields[*i])).collect();
        let row = Control::labelled(&one_line(&section.text()));
        let label = |i: &usize| self.fields[*i].label.clone();
        let index = region::only(&row, &self.place, found, label, Vec::new)?;
        if self.fields[index].disabled {
            return Err(self.greyed(&row, &self.fields[index]));
        }
        self.fields[index].on = on;
        Ok(())
    }

    /// Chooses the option with the label `choice` in the list with this label.
    ///
    /// # Errors
    /// As [`Form::field`], for the list and for the option.
    pub fn choose(&mut self, control: &Control, choice: &Control) -> Result<(), WebError> {
        let index = self.changeable(control)?;
        let field = &self.fields[index];
        if field.kind != FieldKind::Select {
            return Err(self.unfit(index, "is not a list to choose from"));
        }
        let there: Vec<String> = field.choices.iter().map(|c| c.label.clone()).collect();
        let at = |c: &Choice| choice.matches(&c.label) && !c.disabled;
        let found: Vec<usize> = (0..field.choices.len()).filter(|i| at(&field.choices[*i])).collect();
        let found = region::only(choice, &self.place, found, |i| there[*i].clone(), || there.clone())?;
        for (other, choice) in self.fields[index].choices.iter_mut().enumerate() {
            choice.chosen = other == found;
        }
        Ok(())
    }

    /// The file field with this label, or else the only one the form has.
    ///
    /// # Errors
    /// As [`Form::field`]; [`WebError::ControlDisabled`].
    pub fn file_field(&self, control: &Control) -> Result<FileField, WebError> {
        let files: Vec<usize> = (0..self.fields.len()).filter(|i| self.fields[*i].kind == FieldKind::File).collect();
        let named: Vec<usize> = files.iter().copied().filter(|i| self.fields[*i].is(control)).collect();
        // A page with a single file field need not name it; browsers put words of their own there.
        let found = if named.is_empty() && files.len() == 1 { files.clone() } else { named };
        let label = |i: &usize| self.fields[*i].label.clone();
        let index = region::only(control, &self.place, found, label, || files.iter().map(label).collect())?;
        let field = &self.fields[index];
        if field.disabled {
            return Err(self.greyed(control, field));
        }
        Ok(FileField { label: field.label.clone(), name: field.name.clone() })
    }

    /// What is sent, in order: name and value of each field that counts.
    pub(super) fn entries(&self) -> Vec<(&str, String)> {
        let mut entries = Vec::new();
        // What is greyed out or has no name is not sent by a browser either.
        for field in self.fields.iter().filter(|f| !f.disabled && !f.name.is_empty()) {
            match field.kind {
                // Old servers have a browser say in what a form is sent.
                FieldKind::Hidden if field.name == "_charset_" => {
                    entries.push((field.name.as_str(), self.encoding.name().to_owned()));
                }
                FieldKind::Text | FieldKind::Hidden => {
                    // The HTML standard sends each line's end as CR LF.
                    let value = field.value.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
                    entries.push((field.name.as_str(), value));
                }
                FieldKind::Checkbox | FieldKind::Radio if field.on => {
                    entries.push((&field.name, field.value.to_string()))
                }
                FieldKind::Select => {
                    let chosen = field.choices.iter().filter(|c| c.chosen && !c.disabled);
                    entries.extend(chosen.map(|c| (field.name.as_str(), c.value.clone())));
                }
                _ => {}
            }
        }
        entries.extend(self.pressed.iter().map(|(name, value)| (name.as_str(), value.clone())));
        entries
    }

    /// The names of file fields into which nothing is put.
    pub(super) fn empty_files(&self, but: Option<&FileField>) -> Vec<&str> {
        let files = self.fields.iter().filter(|f| f.kind == FieldKind::File && !f.disabled && !f.name.is_empty());
        files.map(|f| f.name.as_str()).filter(|name| but.is_none_or(|b| b.name != *name)).collect()
    }

    fn index(&self, control: &Control) -> Result<usize, WebError> {
        let visible = |i: &usize| self.fields[*i].kind != FieldKind::Hidden;
        let found = (0..self.fields.len()).filter(visible).filter(|i| self.fields[*i].is(control)).collect();
        let label = |i: &usize| self.fields[*i].label.clone();
        region::only(control, &self.place, found, label, || {
            (0..self.fields.len()).filter(visible).map(|i| label(&i)).collect()
        })
    }

    fn changeable(&self, control: &Control) -> Result<usize, WebError> {
        let index = self.index(control)?;
        let field = &self.fields[index];
        if field.disabled {
            return Err(self.greyed(control, field));
        }
        if field.read_only {
            return Err(self.unfit(index, "can't be changed"));
        }
        Ok(index)
    }

    fn greyed(&self, control: &Control, field: &Field) -> WebError {
        WebError::ControlDisabled { key: control.key.clone(), page: self.place.clone(), label: field.label.clone() }
    }

    fn unfit(&self, index: usize, why: &'static str) -> WebError {
        WebError::FieldUnfit { page: self.place.clone(), label: self.fields[index].label.clone(), why }
    }
}

impl Field {
    /// Whether it goes by one of the control's labels.
    pub fn is(&self, control: &Control) -> bool {
        self.names.iter().any(|name| control.matches(name))
    }

    /// What a person reads in it; empty for files, boxes and hidden fields.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            FieldKind::Text => one_line(&self.value),
            FieldKind::Select => self.choices.iter().find(|c| c.chosen).map(|c| c.label.clone()).unwrap_or_default(),
            _ => String::new(),
        }
    }
}

/// Makes the form at `form` with `pressed` as the button.
pub(super) fn build(page: &Page, form: usize, pressed: Option<usize>) -> Form {
    let doc = &page.doc;
    let node = &doc.nodes[form];
    let button = pressed.map(|b| &doc.nodes[b]);
    // The button's own word counts before the form's, as the HTML standard
    // has it: one form may have a button that sends it elsewhere.
    let said = |own: &str, form: &str| button.and_then(|b| b.attr(own)).or(node.attr(form)).unwrap_or_default().trim();
    let owned = page.owners.iter().filter(|(_, owner)| *owner == form).map(|(control, _)| *control);
    let method = said("formmethod", "method").to_ascii_lowercase();
    let mut action = page.resolve(said("formaction", "action"));
    if method == "dialog" {
        // Such a form only closes a window of the page, and sending it would do something that no browser does.
        action = Err("it is not sent anywhere");
    }
    Form {
        action,
        post: method == "post",
        multipart: said("formenctype", "enctype").eq_ignore_ascii_case("multipart/form-data"),
        encoding: node.attr("accept-charset").and_then(accepted).unwrap_or(page.encoding),
        place: page.place(),
        page_url: page.url.clone(),
        fields: owned.filter_map(|control| field(page, control)).collect(),
        button: pressed.and_then(|b| doc.names(b).into_iter().next()).unwrap_or_default(),
        pressed: button.map(|b| pressed_entries(b.attr("type"), b.attr("name"), b.attr("value"))).unwrap_or_default(),
    }
}

/// The first character set of a list that is known.
fn accepted(list: &str) -> Option<&'static Encoding> {
    let known = list.split([' ', ',', '\t', '\n']).find_map(|label| Encoding::for_label(label.as_bytes()));
    known.map(Encoding::output_encoding)
}

fn pressed_entries(kind: Option<&str>, name: Option<&str>, value: Option<&str>) -> Vec<(String, String)> {
    if kind.is_some_and(|k| k.eq_ignore_ascii_case("image")) {
        // A browser says where the picture was pressed, and servers look for these two names.
        let prefix = name.filter(|n| !n.is_empty()).map(|n| format!("{n}.")).unwrap_or_default();
        return vec![(format!("{prefix}x"), "1".to_owned()), (format!("{prefix}y"), "1".to_owned())];
    }
    let named = name.filter(|n| !n.is_empty());
    named.map(|n| (n.to_owned(), value.unwrap_or_default().to_owned())).into_iter().collect()
}

/// Reads a field; `None` for buttons.
pub(super) fn field(page: &Page, index: usize) -> Option<Field> {
    let doc = &page.doc;
    let node = &doc.nodes[index];
    let kind = match (node.tag.as_str(), node.attr("type").unwrap_or_default().to_ascii_lowercase().as_str()) {
        ("button", _) | ("input", "submit" | "button" | "image" | "reset") => return None,
        ("input", "hidden") => FieldKind::Hidden,
        ("input", "checkbox") => FieldKind::Checkbox,
        ("input", "radio") => FieldKind::Radio,
        ("input", "file") => FieldKind::File,
        ("select", _) => FieldKind::Select,
        _ => FieldKind::Text,
    };
    // A field out of sight is sent as it came, but a person couldn't fill it in.
    let seen = kind != FieldKind::Hidden && !node.hidden;
    let names = if seen { doc.field_names(index) } else { Vec::new() };
    let value = match (node.tag.as_str(), kind) {
        ("textarea", _) => doc.range(index).map(|i| doc.nodes[i].text.as_str()).collect(),
        (_, FieldKind::Checkbox | FieldKind::Radio) => node.attr("value").unwrap_or("on").to_owned(),
        (_, FieldKind::File) => String::new(),
        _ => node.attr("value").unwrap_or_default().to_owned(),
    };
    Some(Field {
        kind: if seen || !matches!(kind, FieldKind::Text | FieldKind::File) { kind } else { FieldKind::Hidden },
        label: names.first().cloned().unwrap_or_default(),
        disabled: node.flag("disabled") || node.greyed,
        read_only: node.flag("readonly"),
        name: node.attr("name").unwrap_or_default().to_owned(),
        names,
        value: Zeroizing::new(value),
        on: node.flag("checked"),
        secret: node.attr("type").is_some_and(|kind| kind.eq_ignore_ascii_case("password")),
        max_chars: node.attr("maxlength").and_then(|max| max.parse().ok()),
        choices: choices(page, index),
    })
}

fn choices(page: &Page, select: usize) -> Vec<Choice> {
    let doc = &page.doc;
    let options = doc.range(select).filter(|i| doc.nodes[*i].tag == "option" && doc.nodes[select].tag == "select");
    let mut choices: Vec<Choice> = options
        .map(|i| {
            let node = &doc.nodes[i];
            let label = node.attr("label").map_or_else(|| doc.line(i), one_line);
            let value = node.attr("value").map_or_else(|| label.clone(), str::to_owned);
            Choice { label, value, chosen: node.flag("selected"), disabled: node.flag("disabled") }
        })
        .collect();
    // Of a list that shows one line, the first is chosen where nothing says otherwise.
    if !doc.nodes[select].flag("multiple")
        && !choices.iter().any(|c| c.chosen)
        && let Some(first) = choices.iter_mut().find(|c| !c.disabled)
    {
        first.chosen = true;
    }
    choices
}
