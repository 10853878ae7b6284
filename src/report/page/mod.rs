//! The one frame of all pages: what each says of itself, its style, its place to sign.
//!
//! A page stands alone in one file, needs no script, no network and no other
//! file, and prints on paper of any usual size.

mod drawing;
mod markup;
mod style;

pub(super) use drawing::{Drawing, LABEL_PERCENT};
pub(super) use markup::{Markup, fill};

use super::wording::{PageWords, words_of};
use crate::language::Tongue;
use crate::model::{Timestamp, local_time_in};
use style::STYLE;

/// Who made a page, when, and by what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imprint {
    /// Its language.
    pub language: Tongue,
    /// The program that made it.
    pub program: &'static str,
    /// When it was made, by this machine's clock.
    pub made: Timestamp,
    /// The account that made it.
    pub by: String,
}

/// One thing that a page is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The appliance's name in the inventory; empty where there is none.
    pub name: String,
    /// Its serial number; empty where it was never met.
    pub serial: String,
    /// Its host; empty where nobody knows it.
    pub host: String,
    /// The ids of the bundles it is about.
    pub bundles: Vec<String>,
}

/// A page that is ready to be written.
pub(super) struct Page {
    pub title: Markup,
    /// What it says in a sentence each.
    pub summary: Vec<Markup>,
    pub about: Vec<About>,
    pub body: Markup,
    /// Whether it has a place to sign.
    pub is_signed: bool,
}

impl Imprint {
    pub(super) fn words(&self) -> &'static PageWords {
        words_of(self.language)
    }
}

/// A time as a page tells it: local first, UTC behind it. No date breaks at its hyphens.
pub(super) fn moment(at: Timestamp, words: &PageWords) -> Markup {
    let told = local_time_in(at, words.days);
    let whole = |part: &str| if part.contains('-') { Markup::inline("time", part) } else { part.into() };
    told.split_inclusive(' ')
        .map(|part| whole(part.trim_end()).and(if part.ends_with(' ') { " " } else { "" }))
        .collect()
}

/// A heading, and what stands below it.
pub(super) fn section(head: &str, body: Markup) -> Markup {
    Markup::el("section", Markup::el("h2", head).and(body))
}

/// A row of what is called how.
pub(super) fn fact(name: &str, value: impl Into<Markup>) -> Markup {
    Markup::el("tr", Markup::el("th", name).and(Markup::el("td", value)))
}

impl Page {
    /// The page as HTML.
    pub(super) fn html(self, imprint: &Imprint) -> String {
        let words = imprint.words();
        let lang = match imprint.language {
            Tongue::En => "en",
            Tongue::Pt => "pt-BR",
        };
        let mut body = Markup::el("h1", self.title.clone());
        body.push(self.summary.into_iter().map(|sentence| Markup::el("p", sentence)).collect::<Markup>());
        body.push(facts(&self.about, imprint));
        body.push(self.body);
        if self.is_signed {
            body.push(to_sign(words));
        }
        format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n\
             </head>\n<body>\n{}\n</body>\n</html>\n",
            self.title.as_str(),
            body.as_str()
        )
    }
}

/// What the page is about, and where it comes from.
fn facts(about: &[About], imprint: &Imprint) -> Markup {
    let words = imprint.words();
    let mut rows = Markup::default();
    for one in about {
        let bundles = one.bundles.join(", ");
        let known = [(words.appliance, &one.name), (words.serial, &one.serial), (words.host, &one.host)];
        for (name, value) in known.into_iter().chain([(words.bundle, &bundles)]).filter(|(_, value)| !value.is_empty())
        {
            rows.push(fact(name, value.as_str()));
        }
    }
    rows.push(fact(words.made, moment(imprint.made, words)));
    rows.push(fact(words.made_by, imprint.by.as_str()));
    rows.push(fact(words.program, format!("{} {}", imprint.program, env!("CARGO_PKG_VERSION"))));
    Markup::class("table", "facts", Markup::el("tbody", rows))
}

/// Where two people sign: who made it, and who examined it.
fn to_sign(words: &PageWords) -> Markup {
    let lines = [words.sign_name, words.sign_role, words.sign_date, words.sign_signature];
    let one = |who: &str| {
        let rows: Markup = lines.iter().map(|name| fact(name, "")).collect();
        Markup::class("table", "sign", Markup::el("caption", who).and(Markup::el("tbody", rows)))
    };
    let both = one(words.sign_made).and(one(words.sign_examined));
    section(words.signatures, Markup::class("div", "signs", both))
}
