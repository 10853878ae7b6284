//! The command API's XML, read within limits: no document type, no entity but
//! the five that XML has by itself, so many nodes and no more. Elements are
//! told by their local names, because the namespace changed with the vendor's
//! name.

use crate::model::text;
use roxmltree::{Document, Node, ParsingOptions};

/// Largest answer, in bytes: a thousand times a real one.
const MAX_XML_BYTES: usize = 1 << 20;
/// Most nodes, text and attributes' owners counted.
// A mebibyte holds a quarter of a million empty elements, each of which takes many times its bytes in memory.
const MAX_NODES: u32 = 50_000;
/// Most characters of one element's text that are taken.
const MAX_TEXT_CHARS: usize = 300;

/// Why an answer could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// It says that something went wrong, in one printable line.
    Error(String),
    /// It is not the XML that was asked for.
    Unfit(String),
}

/// Reads an answer whose root must be called `expected`, and makes of it what
/// `make` does. An `<error>`, alone or below the root, is one wherever it came.
pub(super) fn read<T>(
    body: &[u8],
    expected: &[&str],
    make: impl FnOnce(Node<'_, '_>) -> Result<T, Unread>,
) -> Result<T, Unread> {
    let unfit = |why: &str| Unread::Unfit(why.to_owned());
    if body.len() > MAX_XML_BYTES {
        return Err(unfit("it is larger than 1 MiB"));
    }
    let body = std::str::from_utf8(body).map_err(|_| unfit("it is not UTF-8"))?;
    // Entities that a document defines itself can grow to gigabytes, and the interface uses none.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(body.trim_start_matches('\u{feff}').trim_start(), options)
        .map_err(|error| Unread::Unfit(format!("it is no sound XML: {}", text::one_line(&error.to_string()))))?;
    let root = document.root_element();
    let is = |node: &Node<'_, '_>, name: &str| node.is_element() && node.tag_name().name() == name;
    if is(&root, "error") {
        return Err(Unread::Error(content(root)));
    }
    if let Some(error) = root.children().find(|child| is(child, "error")) {
        return Err(Unread::Error(content(error)));
    }
    if !expected.is_empty() && !expected.contains(&root.tag_name().name()) {
        let name: String = text::short_line(root.tag_name().name(), 40);
        return Err(Unread::Unfit(format!("its root is <{name}>, not <{}>", expected.join("> or <"))));
    }
    make(root)
}

/// The children called `name`.
pub(super) fn children<'a, 'i>(node: Node<'a, 'i>, name: &'a str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |child| child.is_element() && child.tag_name().name() == name)
}

/// The text of the one child called `name`; `None` where it is absent, empty,
/// or there twice.
pub(super) fn child_text(node: Node<'_, '_>, name: &str) -> Option<String> {
    let mut found = children(node, name);
    let only = found.next()?;
    if found.next().is_some() {
        return None;
    }
    Some(content(only)).filter(|text| !text.is_empty())
}

/// An attribute by its local name, printable.
pub(super) fn attribute(node: Node<'_, '_>, name: &str) -> Option<String> {
    let value = node.attributes().find(|attribute| attribute.name() == name)?.value();
    Some(shortened(value)).filter(|text| !text.is_empty())
}

/// All text below a node, in one printable line.
pub(super) fn content(node: Node<'_, '_>) -> String {
    let pieces: Vec<&str> = node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect();
    shortened(&pieces.join(" "))
}

fn shortened(text: &str) -> String {
    text::short_line(text, MAX_TEXT_CHARS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn root(body: &str) -> Result<String, Unread> {
        read(body.as_bytes(), &["r"], |node| Ok(content(node)))
    }

    #[test]
    fn errors_are_found_alone_and_below_the_root() {
        assert_eq!(root("<r xmlns='x'> a\n<b>c</b></r>"), Ok("a c".to_owned()));
        assert_eq!(root("<error xmlns='urn:x'>no\u{202e} way</error>"), Err(Unread::Error("no way".to_owned())));
        assert_eq!(root("<r><e:error xmlns:e='urn:y'>No such</e:error></r>"), Err(Unread::Error("No such".to_owned())));
        assert!(matches!(root("<q/>"), Err(Unread::Unfit(why)) if why.contains("<q>")));
    }

    #[test]
    fn what_could_grow_is_refused() {
        let laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
        assert!(matches!(root(laughs), Err(Unread::Unfit(_))));
        assert!(matches!(root("<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>"), Err(Unread::Unfit(_))));
        assert!(matches!(root("<r>&unknown;</r>"), Err(Unread::Unfit(_))));
        assert_eq!(root("<r>&amp;&#65;</r>"), Ok("&A".to_owned()));
        assert!(matches!(root(&format!("<r>{}</r>", "<b/>".repeat(60_000))), Err(Unread::Unfit(_))));
        assert!(matches!(root(&format!("<r>{}</r>", " ".repeat(MAX_XML_BYTES))), Err(Unread::Unfit(_))));
        let deep = format!("<r>{}{}</r>", "<b>".repeat(20_000), "</b>".repeat(20_000));
        assert!(root(&deep).is_ok() || matches!(root(&deep), Err(Unread::Unfit(_))), "and no stack runs over");
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_fall_over(body in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&body, &[], |node| Ok(content(node)));
        }

        #[test]
        fn what_is_written_is_read(text in "[a-zA-Z0-9 .:+-]{1,60}", prefix in "[a-z]{1,5}") {
            let body = format!("<{prefix}:r xmlns:{prefix}='urn:any'><{prefix}:v>{text}</{prefix}:v></{prefix}:r>");
            let got = read(body.as_bytes(), &["r"], |node| Ok(child_text(node, "v")));
            prop_assert_eq!(got, Ok(Some(text::one_line(&text)).filter(|t| !t.is_empty())));
        }
    }
}
