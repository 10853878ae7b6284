//! What an appliance offers to install, told.

use crate::model::{Offer, text};

/// Tells each offer in one line; a greyed-out one with what the page says of it.
pub fn offers_text(offers: &[Offer]) -> Vec<String> {
    let told = |offer: &Offer| {
        let title = text::one_line(&offer.title);
        match offer.locked.as_deref().map(text::one_line) {
            None => format!("  {title}"),
            Some(why) if why.is_empty() => format!("  {title} (greyed out; the page does not say why)"),
            Some(why) => format!("  {title} (greyed out: {why})"),
        }
    };
    offers.iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greyed_out_ones_are_told_with_their_reason() {
        let offer =
            |title: &str, locked: Option<&str>| Offer { title: title.into(), locked: locked.map(str::to_owned) };
        let offers = [
            offer("Base 3.4.0", None),
            offer("Bomgar 10.6.2\u{1b}", Some("Requires: Base 3.4.0")),
            offer("Custom", Some("")),
        ];
        assert_eq!(
            offers_text(&offers),
            [
                "  Base 3.4.0",
                "  Bomgar 10.6.2 (greyed out: Requires: Base 3.4.0)",
                "  Custom (greyed out; the page does not say why)"
            ]
        );
    }
}
