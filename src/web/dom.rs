//! A page's elements as a flat list in reading order.
//!
//! html5ever reads the markup as browsers do, however broken it is; what it
//! makes is laid out here so that an element's descendants are a range, and so
//! that nothing that looks at it can recurse.

use std::{
    collections::HashMap,
    ops::Range,
    time::{Duration, Instant},
};

use html5ever::{
    driver::{self, ParseOpts},
    tendril::{StrTendril, TendrilSink},
    tree_builder::TreeBuilderOpts,
};
use scraper::{Html, HtmlTreeSink, Node as Parsed};

/// Most nodes of a page: a table of ten thousand rows stays far below.
// A node costs some hundred bytes, so the limit is on memory; the page's own limit in bytes would let far more through.
const MAX_NODES: usize = 400_000;
/// Deepest nesting: browsers themselves stop at about 500.
// Nothing here recurses, but each look at an element's ancestors costs
// its depth: deeper pages would be slow and not larger.
const MAX_DEPTH: usize = 500;
const TOO_DEEP: &str = "elements nested more than 500 deep";
/// Most fields and buttons: a page of a thousand rows with a few each stays below.
const MAX_CONTROLS: usize = 5_000;
/// Longest that reading a page may take: guards against markup made to be slow.
const MAX_PARSE: Duration = Duration::from_secs(15);
/// How much is read between two looks at the limits, in bytes.
const PIECE_BYTES: usize = 4096;

/// An element or a text.
pub(super) struct Node {
    /// The element's name; empty for text.
    pub tag: String,
    /// The text; empty for an element.
    pub text: String,
    pub attrs: Vec<(String, String)>,
    pub parent: usize,
    /// The sibling before it, or itself where there is none.
    pub prev: usize,
    /// The index after its last descendant.
    pub end: usize,
    /// Whether a person can't see it.
    pub hidden: bool,
    /// Whether it lies in a disabled fieldset.
    pub greyed: bool,
}

impl Node {
    /// The attribute's value; names are lower case.
    pub fn attr(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether it has the attribute at all.
    pub fn flag(&self, name: &str) -> bool {
        self.attr(name).is_some()
    }

    /// Whether its tag is one of these.
    pub fn is(&self, tags: &[&str]) -> bool {
        tags.contains(&self.tag.as_str())
    }
}

/// All nodes; the first is the document itself.
pub(super) struct Doc {
    pub nodes: Vec<Node>,
    ids: HashMap<String, usize>,
    /// Label elements by the `id` they are for.
    labels: HashMap<String, Vec<usize>>,
}

impl Doc {
    /// Reads markup.
    ///
    /// # Errors
    /// The limit that it exceeds, in words.
    pub fn parse(markup: &str) -> Result<Self, &'static str> {
        let opts = ParseOpts {
            // We run no script, so what is there for those without is there for us.
            tree_builder: TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() },
            ..ParseOpts::default()
        };
        let mut parser = driver::parse_document(HtmlTreeSink::new(Html::new_document()), opts);
        let begun = Instant::now();
        let mut rest = markup;
        while !rest.is_empty() {
            let mut cut = rest.len().min(PIECE_BYTES);
            while !rest.is_char_boundary(cut) {
                cut += 1;
            }
            let (piece, after) = rest.split_at(cut);
            rest = after;
            parser.process(StrTendril::from_slice(piece));
            // Looked at between pieces: a few kilobytes of crossed tags
            // can grow to far more elements than they have tags.
            let html = parser.tokenizer.sink.sink.0.borrow();
            if html.tree.nodes().size_hint().0 > MAX_NODES {
                return Err("more than 400,000 elements and texts");
            }
            if html
                .tree
                .nodes()
                .next_back()
                .is_some_and(|newest| newest.ancestors().take(MAX_DEPTH + 1).count() > MAX_DEPTH)
            {
                return Err(TOO_DEEP);
            }
            if begun.elapsed() > MAX_PARSE {
                return Err("markup that takes more than 15 seconds to read");
            }
        }
        Self::flatten(&parser.finish())
    }

    fn flatten(html: &Html) -> Result<Self, &'static str> {
        let mut nodes: Vec<Node> = Vec::new();
        // The nodes that are open, each with its youngest child so far.
        let mut open: Vec<(usize, Option<usize>)> = Vec::new();
        let mut at = html.tree.root();
        loop {
            let index = nodes.len();
            let (parent, prev) = open.last().map_or((0, index), |(parent, last)| (*parent, last.unwrap_or(index)));
            nodes.push(lay_out(at.value(), nodes.get(parent), parent, prev));
            if let Some((_, last)) = open.last_mut() {
                *last = Some(index);
            }
            open.push((index, None));
            if open.len() > 2 * MAX_DEPTH {
                return Err(TOO_DEEP);
            }
            if let Some(child) = at.first_child() {
                at = child;
                continue;
            }
            loop {
                let (done, _) = open.pop().expect("every node walked up from was opened");
                nodes[done].end = nodes.len();
                if let Some(sibling) = at.next_sibling() {
                    at = sibling;
                    break;
                }
                match at.parent() {
                    Some(parent) => at = parent,
                    None => return Self::index(nodes),
                }
            }
        }
    }

    fn index(nodes: Vec<Node>) -> Result<Self, &'static str> {
        let mut doc = Doc { nodes, ids: HashMap::new(), labels: HashMap::new() };
        let mut controls = 0;
        for (index, node) in doc.nodes.iter().enumerate() {
            if let Some(id) = node.attr("id") {
                // Of equal ids the first one counts, as in browsers.
                doc.ids.entry(id.to_owned()).or_insert(index);
            }
            if node.tag == "label"
                && !node.hidden
                && let Some(id) = node.attr("for")
            {
                doc.labels.entry(id.to_owned()).or_default().push(index);
            }
            controls += usize::from(node.is(&["input", "select", "textarea", "button"]));
        }
        if controls > MAX_CONTROLS { Err("more than 5,000 fields and buttons") } else { Ok(doc) }
    }

    /// The whole document.
    pub fn all(&self) -> Range<usize> {
        0..self.nodes.len()
    }

    /// The node and its descendants.
    pub fn range(&self, index: usize) -> Range<usize> {
        index..self.nodes[index].end
    }

    /// The children, in order.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[index].end;
        // A node's last descendant ends before its next sibling begins,
        // so children are found without looking at what they hold.
        let first = Some(index + 1).filter(|c| *c < end);
        std::iter::successors(first, move |c| Some(self.nodes[*c].end).filter(|n| *n < end))
    }

    /// The siblings after it, in order.
    pub fn following(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let end = self.nodes[self.nodes[index].parent].end;
        std::iter::successors(Some(self.nodes[index].end).filter(|n| *n < end), move |c| {
            Some(self.nodes[*c].end).filter(|n| *n < end)
        })
    }

    /// The siblings before it, nearest first.
    pub fn preceding(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let step = |i: usize| Some(self.nodes[i].prev).filter(|p| *p != i);
        std::iter::successors(step(index), move |i| step(*i))
    }

    /// The ancestors, nearest first, without the document.
    pub fn ancestors(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let step = |i: usize| Some(self.nodes[i].parent).filter(|p| *p != 0);
        std::iter::successors(step(index), move |i| step(*i))
    }

    /// The nearest ancestor with one of these tags.
    pub fn closest(&self, index: usize, tags: &[&str]) -> Option<usize> {
        self.ancestors(index).find(|a| self.nodes[*a].is(tags))
    }

    /// The first element with this `id`.
    pub fn by_id(&self, id: &str) -> Option<usize> {
        self.ids.get(id).copied().filter(|_| !id.is_empty())
    }

    /// The label elements for this `id`.
    pub fn labels_for(&self, id: &str) -> &[usize] {
        self.labels.get(id).map_or(&[], Vec::as_slice)
    }
}

fn lay_out(parsed: &Parsed, above: Option<&Node>, parent: usize, prev: usize) -> Node {
    let mut node = Node {
        tag: String::new(),
        text: String::new(),
        attrs: Vec::new(),
        parent,
        prev,
        end: 0,
        hidden: above.is_some_and(|a| a.hidden),
        greyed: above.is_some_and(|a| a.greyed),
    };
    match parsed {
        Parsed::Text(text) => node.text = text.to_string(),
        Parsed::Element(element) => {
            node.tag = element.name().to_ascii_lowercase();
            node.attrs = element.attrs().map(|(k, v)| (k.to_ascii_lowercase(), v.to_owned())).collect();
            node.hidden |= is_hidden(&node);
            node.greyed = match node.tag.as_str() {
                "fieldset" => node.greyed || node.flag("disabled"),
                // A disabled fieldset's legend stays alive.
                "legend" => false,
                _ => node.greyed,
            };
        }
        Parsed::Document | Parsed::Fragment => node.tag = "#document".to_owned(),
        _ => node.hidden = true,
    }
    node
}

fn is_hidden(node: &Node) -> bool {
    let style =
        || node.attr("style").map(|s| s.to_ascii_lowercase().replace(char::is_whitespace, "")).unwrap_or_default();
    // What lies within `iframe` and `object` is for those who can't show these.
    node.is(&["head", "script", "style", "template", "noframes", "iframe", "object", "datalist", "svg", "math"])
        || node.flag("hidden")
        || (node.tag == "dialog" && !node.flag("open"))
        // Only what stands at the element itself. Style sheets are not read, so what one of them hides counts as seen.
        || (node.flag("style") && ["display:none", "visibility:hidden"].iter().any(|h| style().contains(h)))
}
