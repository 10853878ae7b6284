//! Menu paths of the appliance's pages, in English and Portuguese: whoever is
//! sent to a page finds it by the words it shows.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU8, Ordering};

/// The paths that people are sent to, longer ones before those they contain.
/// Source: the vendor's guide in both languages.
const MENUS: [(&str, &str); 12] = [
    ("/login > Management > Software Management", "/login > Gerenciamento > Gerenciamento de Software"),
    ("/login > Management > API Configuration", "/login > Gerenciamento > Configuração da API"),
    ("/login > Management > Failover", "/login > Gerenciamento > Failover"),
    ("/login > Management > Security", "/login > Gerenciamento > Segurança"),
    ("/login > Status > Information", "/login > Status > Informações"),
    ("/appliance > Networking > IP Configuration", "/appliance > Rede > Configuração do IP"),
    ("/appliance > Security > Certificates", "/appliance > Segurança > Certificados"),
    ("/appliance > Status > Basics", "/appliance > Status > Básico"),
    ("/appliance > Updates", "/appliance > Atualizações"),
    ("Management > Security", "Gerenciamento > Segurança"),
    ("Status > Basics", "Status > Básico"),
    ("Help > About", "Ajuda > Sobre"),
];

/// In which words the pages are that a run sends people to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageWords {
    /// Nobody has said: both are told.
    Both,
    /// English.
    English,
    /// Portuguese.
    Portuguese,
}

/// Those of this run's appliances: 0 where none is known yet.
static WORDS: AtomicU8 = AtomicU8::new(0);

/// Of two appliances in two languages both are told.
const MIXED: u8 = 3;

/// Has a run tell menu paths in the words of one more appliance's pages.
pub fn pages_are_in(words: PageWords) {
    let code = match words {
        PageWords::Both => MIXED,
        PageWords::English => 1,
        PageWords::Portuguese => 2,
    };
    let before = WORDS.load(Ordering::Relaxed);
    WORDS.store(if before == 0 || before == code { code } else { MIXED }, Ordering::Relaxed);
}

/// The paths that a text has named in both languages so far.
#[derive(Debug, Default)]
pub struct Menus(Vec<&'static str>);

impl Menus {
    /// A text for a person, or its next lines, with its menu paths in the words of this run's pages. Where those are
    /// not known both are told, those of the person's own language first.
    pub fn told<'t>(&mut self, text: &'t str, reads_portuguese: bool) -> Cow<'t, str> {
        let words = match WORDS.load(Ordering::Relaxed) {
            1 => PageWords::English,
            2 => PageWords::Portuguese,
            _ => PageWords::Both,
        };
        told(text, words, reads_portuguese, &mut self.0)
    }
}

/// A text with its menu paths in these words. A path whose Portuguese stands
/// in the text already stays as it is; both are told of those that are not `named` yet.
fn told<'t>(text: &'t str, words: PageWords, reads_portuguese: bool, named: &mut Vec<&'static str>) -> Cow<'t, str> {
    if words == PageWords::English || !text.contains(" > ") {
        return Cow::Borrowed(text);
    }
    let mut told = String::with_capacity(text.len());
    let mut left = text;
    while let Some(next) = left.chars().next() {
        let Some((en, pt)) = MENUS.iter().find(|(en, _)| left.starts_with(en)) else {
            told.push(next);
            left = &left[next.len_utf8()..];
            continue;
        };
        left = &left[en.len()..];
        match words {
            _ if text.contains(pt) => told.push_str(en),
            PageWords::Portuguese => told.push_str(pt),
            // Once is enough: whoever reads on knows it by then.
            _ if named.contains(en) => told.push_str(if reads_portuguese { pt } else { en }),
            PageWords::Both if reads_portuguese => {
                named.push(en);
                told.push_str(&format!("{pt} (em inglês: {en})"));
            }
            PageWords::Both | PageWords::English => {
                named.push(en);
                told.push_str(&format!("{en} (in Portuguese: {pt})"));
            }
        }
    }
    Cow::Owned(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_path_is_told_in_the_words_of_the_pages() {
        let text = "look at /appliance > Updates and Status > Basics; then /appliance > Updates";
        let told = |words| told(text, words, false, &mut Vec::new());
        assert_eq!(told(PageWords::English), text);
        assert_eq!(
            told(PageWords::Portuguese),
            "look at /appliance > Atualizações and Status > Básico; then /appliance > Atualizações"
        );
        assert_eq!(
            told(PageWords::Both),
            "look at /appliance > Updates (in Portuguese: /appliance > Atualizações) and Status > Basics (in Portuguese: \
             Status > Básico); then /appliance > Updates"
        );
        assert_eq!(
            super::told("veja /appliance > Updates; /appliance > Updates", PageWords::Both, true, &mut Vec::new()),
            "veja /appliance > Atualizações (em inglês: /appliance > Updates); /appliance > Atualizações"
        );
    }

    #[test]
    fn what_names_both_already_stays_as_it_is() {
        for text in [
            "at /appliance > Atualizações (in English: /appliance > Updates)",
            "Help > About (in Portuguese: Ajuda > Sobre)",
            "no path > at all",
            "",
        ] {
            for words in [PageWords::Both, PageWords::English, PageWords::Portuguese] {
                assert_eq!(told(text, words, false, &mut Vec::new()), text, "{words:?}");
            }
        }
    }

    #[test]
    fn a_longer_path_is_never_taken_for_one_that_it_contains() {
        for (at, (en, pt)) in MENUS.iter().enumerate() {
            assert_eq!(told(en, PageWords::Portuguese, false, &mut Vec::new()), *pt);
            assert!(MENUS[..at].iter().all(|(before, _)| !en.contains(before)), "{en}");
        }
    }
}
