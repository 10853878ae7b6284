//! A comparison as a page: one table, what changed first.

use super::told::{name, of, of_packages, value};
use super::{Change, Comparison, SightOf, Value};
use crate::model::{Timestamp, text};
use crate::report::page::{About, Imprint, Markup, Page, fill, moment, section};
use crate::report::wording::PageWords;

/// What changed of an appliance, as one page.
pub fn comparison_html(told: &Comparison, about: About, imprint: &Imprint) -> String {
    let words = imprint.words();
    let title = fill(words.compared_title, &[("name", text::one_line(&about.name).into())]);
    let summary = vec![
        side(words.compared_before, &told.before, words),
        side(words.compared_after, &told.after, words),
        Markup::inline("strong", if told.is_changed() { words.compared_something } else { words.compared_nothing }),
    ];
    let mut body = table(told, words);
    if !told.connected.is_empty() {
        body.push(section(words.compared_connected, connected(told, words)));
    }
    Page { title, summary, about: vec![about], body, is_signed: true }.html(imprint)
}

fn side(name: &str, (known, at): &(SightOf, Timestamp), words: &PageWords) -> Markup {
    Markup::from(format!("{name}: ")).and(moment(*at, words)).and(format!(" ({})", of(known, words)))
}

fn table(told: &Comparison, words: &PageWords) -> Markup {
    let heads = [words.compared_what, words.compared_before, words.compared_after, words.compared_became];
    let changes = [
        (Change::Changed, words.compared_is_changed),
        (Change::Same, words.compared_is_same),
        (Change::Unknown, words.compared_is_unknown),
    ];
    let mut rows = Markup::default();
    for (change, became) in changes {
        let verdict = match change {
            Change::Changed => Markup::inline("strong", became),
            Change::Same | Change::Unknown => became.into(),
        };
        for facing in told.with(change) {
            let [before, after] = [&facing.before, &facing.after].map(|one| cell(one.as_ref(), words));
            rows.push(row(&heads, [name(facing.facet, words).into(), before, after, verdict.clone()]));
        }
        if let Some(packages) = &told.packages {
            // What is there now stands under now, and what is gone under before.
            let titles = |titles: &[String]| -> Markup {
                titles.iter().map(|title| Markup::el("div", text::one_line(title))).collect()
            };
            let cells = match change {
                Change::Changed if packages.added.is_empty() && packages.gone.is_empty() => continue,
                Change::Changed => [titles(&packages.gone), titles(&packages.added)],
                Change::Same | Change::Unknown => match &of_packages(packages, change, words)[..] {
                    [] => continue,
                    kept => [kept.join(", ").into(), kept.join(", ").into()],
                },
            };
            let [before, after] = cells.map(|cell| if cell.is_empty() { "–".into() } else { cell });
            rows.push(row(&heads, [words.compared_packages.into(), before, after, verdict]));
        }
    }
    whole(&heads, rows)
}

fn connected(told: &Comparison, words: &PageWords) -> Markup {
    let heads = [words.compared_what, words.compared_before, words.compared_after];
    let count = |count: &Option<u64>| Markup::from(count.unwrap_or_default().to_string());
    let one = |(kind, before, after): &(String, Option<u64>, Option<u64>)| {
        row(&heads, [text::one_line(kind).into(), count(before), count(after)])
    };
    whole(&heads, told.connected.iter().map(one).collect())
}

fn whole(heads: &[&'static str], rows: Markup) -> Markup {
    let head: Markup = heads.iter().map(|head| Markup::el("th", *head)).collect();
    Markup::class("table", "stack fleet", Markup::el("thead", Markup::el("tr", head)).and(Markup::el("tbody", rows)))
}

fn row<const N: usize>(heads: &[&'static str; N], cells: [Markup; N]) -> Markup {
    Markup::el("tr", heads.iter().zip(cells).map(|(head, cell)| Markup::cell(head, cell)).collect::<Markup>())
}

fn cell(one: Option<&Value>, words: &PageWords) -> Markup {
    match one {
        Some(Value::Until(until)) => moment(*until, words),
        one => value(one, words).into(),
    }
}
