//! Where a package came from, as a page tells it.

use super::page::{Markup, fill, moment};
use super::wording::PageWords;
use crate::model::{Source, text};

/// Tells a source, its exchange whole.
pub(super) fn told(source: &Source, words: &PageWords) -> Markup {
    match source {
        Source::Exchange { origin, allowed, exchange, at } => {
            let code = Markup::code(&exchange.to_string());
            let values = [("origin", text::one_line(origin).into()), ("at", moment(*at, words)), ("exchange", code)];
            let by_way = match allowed.is_empty() {
                true => Markup::default(),
                false => fill(words.by_way_of, &[("allowed", text::one_line(&allowed.join(", ")).into())]),
            };
            fill(words.exchanged, &values).and(by_way)
        }
        Source::Imported { path, by, at, compared } => {
            let compared = if *compared { words.compared } else { words.not_compared };
            let (path, by) = (text::one_line(path), text::one_line(by));
            let values =
                [("at", moment(*at, words)), ("path", path.into()), ("by", by.into()), ("compared", compared.into())];
            fill(words.imported, &values)
        }
    }
}
