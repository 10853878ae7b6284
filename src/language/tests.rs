//! How phrases are found and told.

use super::book::Book;
use super::{Phrase, phrases};
use proptest::prelude::*;

fn book(text: &'static str) -> Book {
    Book::of(Phrase::parse_all(text).expect("a phrase book"))
}

#[test]
fn all_phrases_of_the_programs_are_well_formed_and_stand_once() {
    let all = phrases().unwrap_or_else(|error| panic!("{error}"));
    let mut english: Vec<&str> = all.iter().map(|phrase| phrase.english).collect();
    english.sort_unstable();
    let twice: Vec<_> = english.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]).collect();
    assert_eq!(twice, [""; 0]);
}

#[test]
fn each_phrase_is_found_by_its_own_words() {
    let all = phrases().unwrap_or_else(|error| panic!("{error}"));
    let book = Book::of(all.clone());
    for phrase in &all {
        let text = phrase.english.replace("{}", "X1");
        let found = book.find(&text).map(|(found, _)| found.english);
        assert_eq!(found, Some(phrase.english), "{text}");
    }
}

proptest! {
    #[test]
    fn any_text_is_told(text in "(?s).{0,60}", book in "(?s)([a-z {}~0-9#]{0,12}\n){0,6}") {
        let told = super::told_in(super::Tongue::Pt, &text);
        prop_assert!(told.split('\n').count() == text.split('\n').count());
        prop_assert_eq!(super::told_in(super::Tongue::En, &text), text.as_str());
        // A book is part of the program: it lives as long.
        let book: &'static str = Box::leak(book.into_boxed_str());
        if let Ok(phrases) = Phrase::parse_all(book) {
            Book::of(phrases).told(&text);
        }
    }
}

#[test]
fn places_are_told_in_the_order_of_the_language() {
    let book = book("# remark\nput {} onto {}\ncoloque em {2} {1}\n\nput {} away\nguarde {1}\n");
    assert_eq!(book.told("put base onto /media/stick"), "coloque em /media/stick base");
    assert_eq!(book.told("  put base away\nplain"), "  guarde base\nplain");
}

#[test]
fn the_phrase_with_most_of_its_own_is_told() {
    let book = book("{} packages\n{1} pacotes\n\nno {} packages\nnenhum dos {1} pacotes\n\nno {}\nnem {1}\n");
    assert_eq!(book.told("no 3 packages"), "nenhum dos 3 pacotes");
    assert_eq!(book.told("3 packages"), "3 pacotes");
    let other = "all of the other packages";
    assert_eq!(book.told(other), other, "what is counted is a number");
}

#[test]
fn only_a_place_that_says_so_is_a_phrase_itself() {
    let book = book("all\ntodos\n\nof {} that is {}\nde {1} que é {2~}\n");
    assert_eq!(book.told("of all that is all"), "de all que é todos");
}

#[test]
fn a_name_is_no_clause() {
    let book = book("this run waits: {}\na execução espera: {1~}\n\n{} is installing now\n{1} está instalando agora\n");
    assert_eq!(book.told("this run waits: box is installing now"), "a execução espera: box está instalando agora");
    assert_eq!(book.told("at 10:00: box is installing now"), "at 10:00: box está instalando agora");
}

#[test]
fn clauses_are_told_one_by_one_and_what_is_lacking_is_known() {
    let book = book("wait\nespere\n\nthen push\ndepois envie\n");
    assert_eq!(book.told("wait; then push"), "espere; depois envie");
    assert_eq!(book.told("wait; then go"), "espere; then go");
    assert_eq!(book.told_whole("wait; then push\n1.2.3").as_deref(), Some("espere; depois envie\n1.2.3"));
    assert_eq!(book.told_whole("wait\nwait; then go"), None);
    assert_eq!(book.lacking("wait; then push\n1.2.3 of /media/x\nwait; then go"), ["wait; then go"]);
}

#[test]
fn what_is_wrong_with_a_phrase_is_said() {
    let why = |text| Phrase::parse_all(text).expect_err("wrong").why;
    assert_eq!(why("one\n"), "nothing stands under it");
    assert_eq!(why("put {}\ncoloque\n"), "a place of the English is not told");
    assert_eq!(why("put {}\ncoloque {2} {1}\n"), "a place that the English has not");
    assert_eq!(why("put {x}\ncoloque {1}\n"), "a place is {} in English");
    assert_eq!(why("put {}{} on\nponha {1}{2}\n"), "two places side by side can't be told apart");
    assert_eq!(why("{}: {}\n{1}: {2}\n"), "it has too little of its own");
}
