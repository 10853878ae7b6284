//! HTML in which no text from outside can be anything but text.

use crate::model::text;

/// HTML that is well formed: tags are ours, all else went through one function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::report) struct Markup(String);

impl Markup {
    /// An element; its name is ours.
    pub fn el(tag: &'static str, inner: impl Into<Markup>) -> Self {
        Markup(format!("<{tag}>{}</{tag}>\n", inner.into().0))
    }

    /// An element within a line.
    pub fn inline(tag: &'static str, inner: impl Into<Markup>) -> Self {
        Markup(format!("<{tag}>{}</{tag}>", inner.into().0))
    }

    /// An element of a class.
    pub fn class(tag: &'static str, class: &'static str, inner: impl Into<Markup>) -> Self {
        Markup(format!("<{tag} class=\"{class}\">{}</{tag}>\n", inner.into().0))
    }

    /// A cell that knows its column's heading, for screens that are too narrow for columns.
    pub fn cell(head: &str, inner: impl Into<Markup>) -> Self {
        Markup(format!("<td data-head=\"{}\">{}</td>\n", Markup::from(head).0, inner.into().0))
    }

    /// A digest, or another text that is compared letter by letter.
    pub fn code(text: &str) -> Self {
        Markup::inline("code", text)
    }

    /// A drawing, whose texts went through `from`.
    pub(super) const fn drawn(drawing: String) -> Self {
        Markup(drawing)
    }

    /// A box to tick.
    pub fn tick_box(ticked: bool) -> Self {
        let checked = if ticked { " checked" } else { "" };
        Markup(format!("<input type=\"checkbox\"{checked}> "))
    }

    /// This, and `more` behind it.
    pub fn and(mut self, more: impl Into<Markup>) -> Self {
        self.push(more);
        self
    }

    /// Adds `more`.
    pub fn push(&mut self, more: impl Into<Markup>) {
        self.0.push_str(&more.into().0);
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        Markup(escaped(&text::printable(text)))
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        Markup::from(text.as_str())
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Markup>>(parts: I) -> Self {
        Markup(parts.into_iter().map(|part| part.0).collect())
    }
}

/// A sentence of ours with `{name}` for what it is about.
pub(in crate::report) fn fill(sentence: &'static str, values: &[(&str, Markup)]) -> Markup {
    let mut filled = Markup::default();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').unwrap_or((after, ""));
        filled.push(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push(value.clone());
        }
        rest = behind;
    }
    filled.and(rest)
}

/// Text as HTML shows it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_tag() {
        let evil = "<script>alert('1')</script> \"&\" \u{1b}[31m";
        let shown = Markup::cell(evil, evil);
        assert_eq!(
            shown.as_str(),
            "<td data-head=\"&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;&quot; [31m\">\
             &lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &quot;&amp;&quot; [31m</td>\n"
        );
        let filled = fill("of {name}, by {other}.", &[("name", "<b>".into())]);
        assert_eq!(filled.as_str(), "of &lt;b&gt;, by .");
    }
}
