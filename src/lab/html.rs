//! Pages as small functions. Text goes in as text and is escaped here; what
//! is markup already is a [`Markup`].

use super::labels::PageTexts;
use super::options::PageLanguage;
use crate::model::Timestamp;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

/// Markup that is safe to put on a page as it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup of the lab's own, written by hand.
    pub(super) fn own(markup: impl Into<String>) -> Self {
        Markup(markup.into())
    }
}

impl std::ops::AddAssign<Markup> for Markup {
    fn add_assign(&mut self, more: Markup) {
        self.0.push_str(&more.0);
    }
}

impl std::ops::Add for Markup {
    type Output = Markup;

    fn add(mut self, more: Markup) -> Markup {
        self += more;
        self
    }
}

impl std::iter::Sum for Markup {
    fn sum<I: Iterator<Item = Markup>>(pieces: I) -> Markup {
        pieces.fold(Markup::default(), |all, piece| all + piece)
    }
}

impl std::fmt::Display for Markup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes text harmless, within elements and within quoted attributes.
pub(super) fn text(plain: &str) -> Markup {
    let mut safe = String::with_capacity(plain.len());
    for c in plain.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    Markup(safe)
}

/// A notice above a page's sections.
pub(super) enum Notice<'a> {
    Error(&'a str),
    Good(&'a str),
}

/// A menu entry: its label, where it leads, whether it is where we are.
pub(super) struct MenuEntry {
    pub(super) label: &'static str,
    pub(super) path: &'static str,
    pub(super) here: bool,
}

/// A whole page.
pub(super) struct HtmlPage<'a> {
    pub(super) language: PageLanguage,
    pub(super) words: &'a PageTexts,
    /// Whose page it is, and which of that one's programs.
    pub(super) product: &'static str,
    pub(super) brand: &'a str,
    pub(super) title: &'a str,
    pub(super) menu: Vec<MenuEntry>,
    pub(super) submenu: Vec<MenuEntry>,
    /// Where the log-out link leads, for someone who is logged in.
    pub(super) logout: Option<&'a str>,
    /// Reload after so many seconds.
    pub(super) refresh_secs: Option<u32>,
    pub(super) notice: Option<Notice<'a>>,
    pub(super) body: Markup,
}

impl HtmlPage<'_> {
    fn render(&self) -> String {
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n",
            self.language.code()
        );
        if let Some(secs) = self.refresh_secs {
            let _ = writeln!(page, "<meta http-equiv=\"refresh\" content=\"{secs}\">");
        }
        let _ = writeln!(page, "<title>{} :: {}</title>", text(self.title), text(self.brand));
        let _ = writeln!(page, "<style>\n{STYLE}</style>\n</head>\n<body>\n<header>");
        if let Some(path) = self.logout {
            let _ = write!(page, "<div class=\"right\">{}</div>", link(path, self.words.logout));
        }
        let _ =
            writeln!(page, "<div class=\"product\">{}<small>{}</small></div>", text(self.product), text(self.brand));
        let _ = writeln!(page, "</header>");
        page.push_str(&menu("main", &self.menu));
        page.push_str(&menu("sub", &self.submenu));
        let _ = writeln!(page, "<main>\n<h1>{}</h1>", text(self.title));
        match &self.notice {
            Some(Notice::Error(what)) => {
                let _ = writeln!(page, "<div class=\"notice error\" role=\"alert\">{}</div>", text(what));
            }
            Some(Notice::Good(what)) => {
                let _ = writeln!(page, "<div class=\"notice good\" role=\"status\">{}</div>", text(what));
            }
            None => {}
        }
        let _ = write!(page, "{}</main>\n<footer>handcarry lab</footer>\n</body>\n</html>\n", self.body);
        page
    }
}

impl IntoResponse for HtmlPage<'_> {
    fn into_response(self) -> Response {
        with_status(StatusCode::OK, self)
    }
}

/// A page that is not a plain success.
pub(super) fn with_status(status: StatusCode, page: HtmlPage<'_>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (status, headers, page.render()).into_response()
}

fn menu(class: &str, entries: &[MenuEntry]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut menu = format!("<nav class=\"{class}\">\n");
    for entry in entries {
        let here = if entry.here { " class=\"here\"" } else { "" };
        let _ = writeln!(menu, "<a href=\"{}\"{here}>{}</a>", text(entry.path), text(entry.label));
    }
    menu + "</nav>\n"
}

pub(super) fn link(path: &str, label: &str) -> Markup {
    Markup(format!("<a href=\"{}\">{}</a>", text(path), text(label)))
}

pub(super) fn section(heading: &str, body: Markup) -> Markup {
    Markup(format!("<section>\n<h2>{}</h2>\n<div>\n{body}</div>\n</section>\n", text(heading)))
}

/// The narrow box that a login form stands in.
pub(super) fn gate(body: Markup) -> Markup {
    Markup(format!("<div class=\"gate\">\n{body}</div>\n"))
}

/// Text that keeps its line breaks.
pub(super) fn long_text(plain: &str) -> Markup {
    Markup(format!("<pre>{}</pre>\n", text(plain)))
}

/// A hidden field.
pub(super) fn hidden(name: &str, value: &str) -> Markup {
    Markup(format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">\n", text(value)))
}

/// A field that only shows a code.
pub(super) fn shown_code(name: &str, label: &str, code: &str) -> Markup {
    Markup(format!(
        "<div class=\"field\"><label for=\"{name}\">{}</label> \
         <input type=\"text\" class=\"code\" id=\"{name}\" readonly value=\"{}\"></div>\n",
        text(label),
        text(code)
    ))
}

pub(super) fn progress(percent: u8) -> Markup {
    Markup(format!("<progress max=\"100\" value=\"{percent}\"></progress>\n"))
}

/// A moment, readable by people and by programs.
pub(super) fn moment(at: Timestamp) -> Markup {
    let t = at.datetime();
    let people = format!(
        "{:.3} {:.3} {} {:04} {:02}:{:02}:{:02} UTC",
        t.weekday().to_string(),
        t.month().to_string(),
        t.day(),
        t.year(),
        t.hour(),
        t.minute(),
        t.second()
    );
    Markup(format!("<time datetime=\"{at}\">{people}</time>"))
}

pub(super) fn paragraph(what: &str) -> Markup {
    Markup(format!("<p>{}</p>\n", text(what)))
}

pub(super) fn hint(what: &str) -> Markup {
    Markup(format!("<p class=\"hint\">{}</p>\n", text(what)))
}

/// A table of facts: label, value.
pub(super) fn facts(rows: &[(&str, Markup)]) -> Markup {
    let mut table = String::from("<table class=\"facts\">\n");
    for (label, value) in rows {
        let _ = writeln!(table, "<tr><th scope=\"row\">{}</th><td>{value}</td></tr>", text(label));
    }
    Markup(table + "</table>\n")
}

/// A row of a list; a grey one can't be chosen.
pub(super) struct HtmlRow {
    pub(super) grey: bool,
    pub(super) cells: Vec<Markup>,
}

pub(super) fn list(heads: &[&str], rows: &[HtmlRow]) -> Markup {
    let mut table = String::from("<table class=\"list\">\n<thead><tr>");
    for head in heads {
        let _ = write!(table, "<th scope=\"col\">{}</th>", text(head));
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        table.push_str(if row.grey { "<tr class=\"grey\">" } else { "<tr>" });
        for cell in &row.cells {
            let _ = write!(table, "<td>{cell}</td>");
        }
        table.push_str("</tr>\n");
    }
    Markup(table + "</tbody>\n</table>\n")
}

/// A form that posts; the token goes first, so that it precedes any file.
pub(super) fn form(path: &str, token: &str, files: bool, body: Markup) -> Markup {
    let encoding = if files { " enctype=\"multipart/form-data\"" } else { "" };
    Markup(format!(
        "<form method=\"post\" action=\"{}\"{encoding}>\n\
         <input type=\"hidden\" name=\"form_token\" value=\"{}\">\n{body}</form>\n",
        text(path),
        text(token)
    ))
}

/// A labelled field of some type.
pub(super) fn field(kind: &str, name: &str, label: &str) -> Markup {
    Markup(format!(
        "<div class=\"field\"><label for=\"{name}\">{}</label> <input type=\"{kind}\" id=\"{name}\" name=\"{name}\"></div>\n",
        text(label)
    ))
}

/// A labelled field with a number in it.
pub(super) fn number(name: &str, label: &str, value: u32) -> Markup {
    Markup(format!(
        "<div class=\"field\"><label for=\"{name}\">{}</label> \
         <input type=\"number\" id=\"{name}\" name=\"{name}\" value=\"{value}\"></div>\n",
        text(label)
    ))
}

pub(super) fn checkbox(name: &str, label: &str, checked: bool) -> Markup {
    let checked = if checked { " checked" } else { "" };
    Markup(format!(
        "<div class=\"field check\"><input type=\"checkbox\" id=\"{name}\" name=\"{name}\" value=\"1\"{checked}> \
         <label for=\"{name}\">{}</label></div>\n",
        text(label)
    ))
}

pub(super) fn button(label: &str) -> Markup {
    Markup(format!("<button type=\"submit\">{}</button>\n", text(label)))
}

pub(super) fn disabled_button(label: &str) -> Markup {
    Markup(format!("<button type=\"submit\" disabled>{}</button>\n", text(label)))
}

pub(super) fn plain_button(label: &str) -> Markup {
    Markup(format!("<button type=\"submit\" class=\"plain\">{}</button>\n", text(label)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_not_become_markup() {
        assert_eq!(text("<a href=\"x\">'&").to_string(), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;");
        assert!(field("text", "user", "<b>").to_string().contains("&lt;b&gt;"));
    }
}
