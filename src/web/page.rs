//! A page, and what it says of itself.

use std::ops::Range;

use encoding_rs::Encoding;
use url::Url;

use super::{
    Button, Control, Form, Link, Row, Section, WebError, charset::decode, dom::Doc, label::MAX_LABEL_CHARS,
    read::HEADINGS,
};
use crate::model::text::{one_line, short_line};

/// Largest page, in bytes: ten times the largest that an appliance was seen to send.
pub const MAX_PAGE_BYTES: usize = 8 << 20;
/// Most frames of a page that are looked into: pages with a menu, a head and a body have three.
const MAX_FRAMES: usize = 8;
/// Longest title that is shown, in characters.
const MAX_TITLE_CHARS: usize = 120;

/// A page as it came.
pub struct Page {
    pub(super) url: Url,
    pub(super) status: u16,
    pub(super) retry_after_secs: Option<u64>,
    pub(super) redirects: usize,
    pub(super) doc: Doc,
    pub(super) encoding: &'static Encoding,
    /// Each field or button with the form it belongs to, in order.
    pub(super) owners: Vec<(usize, usize)>,
    base: Url,
    title: String,
    doubt: Option<String>,
    /// Whether it is made of frames and shows nothing itself.
    has_frames: bool,
}

impl Page {
    /// Reads a page's bytes; `content_type` is the header, where one came.
    ///
    /// # Errors
    /// [`WebError::BadUrl`]; [`WebError::LimitExceeded`] for size, number and
    /// nesting of elements.
    pub fn parse(url: &str, status: u16, content_type: Option<&str>, body: &[u8]) -> Result<Self, WebError> {
        let url = Url::parse(url).map_err(|_| WebError::BadUrl { url: shown(url), why: "it is not a URL" })?;
        let limit = |what| WebError::LimitExceeded { place: shown(url.as_str()), what };
        if body.len() > MAX_PAGE_BYTES {
            return Err(limit("more than 8 MiB"));
        }
        let decoded = decode(body, content_type);
        let doc = Doc::parse(&decoded.text).map_err(limit)?;
        let first = |tag: &str| doc.nodes.iter().position(|n| n.tag == tag);
        let title: String =
            first("title").map(|t| doc.range(t)).into_iter().flatten().map(|i| doc.nodes[i].text.as_str()).collect();
        let base = first("base").and_then(|b| doc.nodes[b].attr("href")).and_then(|href| url.join(href).ok());
        let has_frames = doc.nodes.iter().any(|n| n.tag == "frameset");
        Ok(Page {
            has_frames,
            base: base.unwrap_or_else(|| url.clone()),
            title: short_line(&title, MAX_TITLE_CHARS),
            owners: owners(&doc),
            retry_after_secs: None,
            redirects: 0,
            encoding: decoded.encoding,
            doubt: decoded.doubt,
            url,
            status,
            doc,
        })
    }

    /// The address it came from, after redirects. May hold secrets: don't show it.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The path of that address.
    pub fn url_path(&self) -> &str {
        self.url.path()
    }

    /// How many redirects led to it.
    pub fn redirects(&self) -> usize {
        self.redirects
    }

    /// The paths that its links and forms lead to within its own origin.
    pub fn destinations(&self) -> Vec<String> {
        let links = self.links().into_iter().filter_map(|link| Url::parse(link.url()).ok());
        let forms = self.forms().into_iter().filter_map(|form| form.action.ok());
        let here = links.chain(forms).filter(|url| url.origin() == self.url.origin());
        here.map(|url| url.path().to_owned()).collect()
    }

    /// Title and address without query, fit to be shown: `"Updates" (https://…/updates)`.
    pub fn place(&self) -> String {
        let url = shown(self.url.as_str());
        let doubt = self.doubt.as_ref().map(|doubt| format!("; {doubt}")).unwrap_or_default();
        // What is missing on it may be in one of them.
        let frames = if self.has_frames { "; what it shows is in frames" } else { "" };
        match self.title.as_str() {
            "" => format!("the page {url}{doubt}{frames}"),
            title => format!("the page {title:?} ({url}{doubt}{frames})"),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// After how many seconds the server asks to be called again; `None` if it doesn't.
    pub fn retry_after_secs(&self) -> Option<u64> {
        self.retry_after_secs
    }

    /// The page itself if its status is below 400.
    ///
    /// # Errors
    /// [`WebError::Status`].
    pub fn ok(self) -> Result<Self, WebError> {
        if self.status < 400 {
            return Ok(self);
        }
        Err(WebError::Status { page: self.place(), status: self.status, retry_after_secs: self.retry_after_secs })
    }

    /// The title, one printable line; empty where there is none.
    pub fn title(&self) -> String {
        self.title.clone()
    }

    /// Where the page sends a browser by itself, and after how many seconds
    /// (`<meta http-equiv="refresh">`); `None` where it stays.
    pub fn refresh(&self) -> Option<(u64, Link)> {
        let refresh = |n: &&super::dom::Node| n.attr("http-equiv").is_some_and(|v| v.eq_ignore_ascii_case("refresh"));
        let content = self.doc.nodes.iter().filter(|n| n.tag == "meta").find(refresh)?.attr("content")?;
        let (secs, to) = content.split_once([';', ',']).unwrap_or((content, ""));
        let secs = secs.split('.').next()?.trim().parse().ok()?;
        let to = to.trim();
        let to = if to.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("url=")) { &to[4..] } else { to };
        let url = self.resolve(to.trim_matches(['"', '\'', ' '])).ok()?;
        Some((secs, Link { label: String::new(), url: url.into(), place: self.place() }))
    }

    /// The pages that it shows within itself, in their order.
    pub fn frames(&self) -> Vec<Link> {
        let doc = &self.doc;
        let frames = doc.all().filter(|i| doc.nodes[*i].is(&["frame", "iframe"]));
        // The element itself counts as hidden, for what is within it is not shown: only what is around it tells.
        let seen = frames.filter(|i| !doc.nodes[doc.nodes[*i].parent].hidden && !doc.nodes[*i].flag("hidden"));
        seen.take(MAX_FRAMES)
            .filter_map(|i| {
                let to = doc.nodes[i].attr("src").filter(|to| !to.trim().is_empty())?;
                let label = doc.nodes[i].attr("title").or(doc.nodes[i].attr("name")).map(one_line).unwrap_or_default();
                Some(Link { label, url: self.resolve(to).ok()?.into(), place: self.place() })
            })
            .collect()
    }

    /// The whole page as a section.
    pub fn whole(&self) -> Section<'_> {
        Section { page: self, ranges: vec![self.doc.all()] }
    }

    /// All visible text, lines as the page has them.
    pub fn text(&self) -> String {
        self.whole().text()
    }

    /// Whether a link, button, field or heading has this label.
    pub fn has(&self, control: &Control) -> bool {
        self.whole().has(control)
    }

    /// As [`Section::shows`], on the whole page.
    pub fn shows(&self, control: &Control) -> bool {
        self.whole().shows(control)
    }

    /// Whether the phrase occurs anywhere in the visible text.
    pub fn has_text(&self, control: &Control) -> bool {
        self.whole().has_text(control)
    }

    /// All links that lead somewhere.
    pub fn links(&self) -> Vec<Link> {
        self.whole().links()
    }

    /// All forms, no button pressed.
    pub fn forms(&self) -> Vec<Form> {
        self.whole().forms()
    }

    /// All buttons, the greyed-out ones too.
    pub fn buttons(&self) -> Vec<Button> {
        self.whole().buttons()
    }

    /// The one link with this label.
    ///
    /// # Errors
    /// [`WebError::ControlMissing`], [`WebError::ControlAmbiguous`],
    /// [`WebError::ScriptOnly`].
    pub fn link(&self, control: &Control) -> Result<Link, WebError> {
        self.whole().link(control)
    }

    /// The form whose one button has this label, that button pressed.
    ///
    /// # Errors
    /// As [`Page::link`]; [`WebError::ControlDisabled`] for a greyed-out one.
    pub fn form_with_button(&self, control: &Control) -> Result<Form, WebError> {
        self.whole().form_with_button(control)
    }

    /// The form whose one field has this label; its only button is pressed, if it has one.
    ///
    /// # Errors
    /// As [`Page::link`].
    pub fn form_with_field(&self, control: &Control) -> Result<Form, WebError> {
        self.whole().form_with_field(control)
    }

    /// The part of the page under the one heading or legend with this label.
    ///
    /// # Errors
    /// As [`Page::link`].
    pub fn section(&self, control: &Control) -> Result<Section<'_>, WebError> {
        self.whole().section(control)
    }

    /// The value that stands beside a label: in a table's row, a list of
    /// terms, a read-only field, `<code>`, or after a colon.
    ///
    /// # Errors
    /// As [`Page::link`].
    pub fn value_of(&self, control: &Control) -> Result<String, WebError> {
        self.whole().value_of(control)
    }

    /// As [`Section::values_of`], on the whole page.
    pub fn values_of(&self, control: &Control) -> Vec<String> {
        self.whole().values_of(control)
    }

    /// As [`Section::around`], on the whole page.
    pub fn around(&self, control: &Control) -> String {
        self.whole().around(control)
    }

    /// The machine-readable time beside a label (`<time datetime>`); `None`
    /// where the value has none.
    ///
    /// # Errors
    /// As [`Page::link`].
    pub fn datetime_of(&self, control: &Control) -> Result<Option<String>, WebError> {
        self.whole().datetime_of(control)
    }

    /// The rows of the table or list under a heading; empty where it has none.
    ///
    /// # Errors
    /// As [`Page::link`].
    pub fn rows_under(&self, heading: &Control) -> Result<Vec<Row<'_>>, WebError> {
        self.whole().rows_under(heading)
    }
}

/// What sections need to know of single nodes.
impl Page {
    /// The address that `href` means here, without its fragment.
    pub(super) fn resolve(&self, href: &str) -> Result<Url, &'static str> {
        let href = href.trim();
        // An empty address is the page itself, whatever its `base` says.
        let joined = if href.is_empty() { Ok(self.url.clone()) } else { self.base.join(href) };
        let mut url = joined.map_err(|_| "it is not a URL")?;
        url.set_fragment(None);
        match url.scheme() {
            "https" | "http" => Ok(url),
            "javascript" => Err("it is a script"),
            _ => Err("it is neither https nor http"),
        }
    }

    /// The form that a field or button belongs to.
    pub(super) fn owner(&self, control: usize) -> Option<usize> {
        self.owners.binary_search_by_key(&control, |(c, _)| *c).ok().map(|at| self.owners[at].1)
    }

    /// The link at this node, if it leads somewhere.
    pub(super) fn link_at(&self, index: usize) -> Option<Link> {
        let node = &self.doc.nodes[index];
        let href = node.attr("href").filter(|_| node.is(&["a", "area"]) && !node.hidden)?.trim();
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let label = self.doc.names(index).into_iter().next().unwrap_or_default();
        Some(Link { label, url: self.resolve(href).ok()?.into(), place: self.place() })
    }

    /// The label of what looks like a link, and why it isn't one.
    pub(super) fn link_label(&self, index: usize) -> Option<String> {
        if !self.doc.nodes[index].is(&["a", "area"]) {
            return None;
        }
        // That it is there is told all the same: a person who sees it
        // on the page would look for the fault in the wrong place.
        let label = self.doc.names(index).into_iter().next()?;
        Some(if self.link_at(index).is_some() { label } else { format!("{label} (leads nowhere without a script)") })
    }

    /// The label of a button of any sort; `None` where the node is none.
    pub(super) fn button_label(&self, index: usize) -> Option<String> {
        let node = &self.doc.nodes[index];
        let kind = node.attr("type").unwrap_or_default().to_ascii_lowercase();
        let button = match node.tag.as_str() {
            "button" => true,
            "input" => matches!(kind.as_str(), "submit" | "button" | "image" | "reset"),
            _ => false,
        };
        (button && !node.hidden).then(|| self.doc.names(index).into_iter().next().unwrap_or_default())
    }

    /// Whether pressing it sends a form.
    pub(super) fn presses(&self, index: usize) -> bool {
        let node = &self.doc.nodes[index];
        let kind = node.attr("type").unwrap_or_default().to_ascii_lowercase();
        let submits = match node.tag.as_str() {
            "button" => !matches!(kind.as_str(), "button" | "reset"),
            "input" => matches!(kind.as_str(), "submit" | "image"),
            _ => false,
        };
        submits && !node.hidden && self.owner(index).is_some()
    }

    /// Whether pressing one is the same as pressing the other.
    pub(super) fn same_press(&self, one: usize, other: usize) -> bool {
        let (a, b) = (&self.doc.nodes[one], &self.doc.nodes[other]);
        let same = |name: &str| a.attr(name) == b.attr(name);
        self.owner(one) == self.owner(other)
            // Two buttons that send the same to the same place are one
            // to a person; menus above and below a list have them.
            && self.is_greyed(one) == self.is_greyed(other)
            && ["name", "value", "formaction", "formmethod", "formenctype"].iter().all(|name| same(name))
    }

    /// Whether a person can see it but not use it.
    pub(super) fn is_greyed(&self, index: usize) -> bool {
        let node = &self.doc.nodes[index];
        node.flag("disabled")
            || node.greyed
            || node.attr("aria-disabled").is_some_and(|v| v.eq_ignore_ascii_case("true"))
    }

    /// Whether all that the element says is this label.
    pub(super) fn says(&self, index: usize, control: &Control) -> bool {
        let range = self.doc.range(index);
        // Most elements hold far more than a label; those need not be read.
        let bytes = || range.clone().map(|i| self.doc.nodes[i].text.len()).sum::<usize>();
        range.len() <= 64 && bytes() <= 8 * MAX_LABEL_CHARS && control.matches(&self.doc.line(index))
    }

    /// The nodes that a reader takes to be under this heading.
    pub(super) fn under(&self, heading: usize) -> Vec<Range<usize>> {
        let doc = &self.doc;
        let start = doc.nodes[heading].end;
        let enclosing = match doc.nodes[heading].tag.as_str() {
            "legend" => doc.closest(heading, &["fieldset"]),
            "caption" => doc.closest(heading, &["table"]),
            "summary" => doc.closest(heading, &["details"]),
            _ => None,
        };
        let next = || (start..doc.nodes.len()).find(|i| self.is_peer(heading, *i)).unwrap_or(doc.nodes.len());
        let end = enclosing.map_or_else(|| self.substance(heading, start, next()), |e| doc.nodes[e].end);
        Some(start..end).into_iter().filter(|range| !range.is_empty()).collect()
    }

    /// Where the content under a heading ends: with the innermost box around
    /// the heading that holds more than the heading, and no later than `next`.
    fn substance(&self, heading: usize, start: usize, next: usize) -> usize {
        let doc = &self.doc;
        let content = [
            "input", "select", "textarea", "button", "table", "ul", "ol", "dl", "p", "pre", "code", "div", "form",
            "section",
        ];
        let holds = |end: usize| (start..end.min(next)).any(|i| doc.nodes[i].is(&content) && !doc.nodes[i].hidden);
        let within = doc.ancestors(heading).map(|a| doc.nodes[a].end).find(|end| holds(*end));
        within.unwrap_or(doc.nodes.len()).min(next)
    }

    /// Whether `other` begins a part of the page of the same rank or above.
    fn is_peer(&self, heading: usize, other: usize) -> bool {
        let (h, o) = (&self.doc.nodes[heading], &self.doc.nodes[other]);
        let rank = |tag: &str| tag.strip_prefix('h').and_then(|n| n.parse::<u8>().ok());
        // A hidden heading begins nothing that a reader sees.
        if o.hidden {
            return false;
        }
        match (rank(&h.tag), rank(&o.tag)) {
            (Some(mine), Some(its)) => its <= mine,
            (None, Some(_)) => !h.is(HEADINGS),
            _ => {
                let classed = h.attr("class").is_some_and(|c| !c.trim().is_empty());
                h.tag == o.tag
                    && h.attr("class") == o.attr("class")
                    && (classed || h.is(&["b", "strong", "th", "u", "big", "legend", "caption", "summary"]))
                    && !self.doc.line(other).is_empty()
            }
        }
    }

    /// Whether a script would have to make what a person could use here.
    pub(super) fn is_script_only(&self) -> bool {
        let usable = |i: usize| self.doc.is_control(i) || self.link_at(i).is_some();
        self.doc.nodes.iter().any(|n| n.tag == "script") && !self.doc.all().any(usable)
    }
}

/// An address without user name, query and fragment, fit to be shown.
pub(super) fn shown(url: &str) -> String {
    // By hand, since what the reader of addresses refuses must be shown as well.
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    let bare = match (bare.find("://"), bare.find('@')) {
        (Some(scheme), Some(at)) if !bare[scheme + 3..at.max(scheme + 3)].contains('/') => {
            format!("{}{}", &bare[..scheme + 3], &bare[at + 1..])
        }
        _ => bare.to_owned(),
    };
    short_line(&bare, 300)
}

/// Finds each control's form: the one it names, the one it lies in, or, in
/// tables where browsers put an ill-placed form aside empty, that one.
fn owners(doc: &Doc) -> Vec<(usize, usize)> {
    let mut owners = Vec::new();
    let mut aside: Option<usize> = None;
    for (index, node) in doc.nodes.iter().enumerate() {
        if node.tag == "form" {
            let parent = &doc.nodes[node.parent];
            let put_aside = node.end == index + 1 && parent.is(&["table", "tbody", "thead", "tfoot", "tr"]);
            aside = put_aside.then_some(index);
        }
        if !node.is(super::read::CONTROLS) {
            continue;
        }
        let named = node.attr("form").map(|id| doc.by_id(id).filter(|f| doc.nodes[*f].tag == "form"));
        let around = || doc.closest(index, &["form"]);
        let stray = || aside.filter(|f| doc.range(doc.nodes[*f].parent).contains(&index));
        if let Some(form) = named.unwrap_or_else(|| around().or_else(stray)) {
            owners.push((index, form));
        }
    }
    owners
}
