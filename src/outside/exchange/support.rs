//! What to tell the vendor's support when something can't be had any more.

use crate::model::{Timestamp, text};
use crate::outside::vault::{Exchange, ListedPackage};

/// The facts of an exchange that is not complete, one a line: no secret among
/// them, and nothing that support would have to ask back for.
pub fn support_facts(exchange: &Exchange) -> Vec<String> {
    let time = |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    let mut facts = vec![
        format!("server           {}", text::one_line(&exchange.server)),
        format!("code ends in     {}", text::one_line(&exchange.code)),
        format!("code sent        {}", time(exchange.spending)),
        format!("list received    {}", time(exchange.listed)),
    ];
    if let Some(appliance) = &exchange.appliance {
        facts.insert(0, format!("appliance        {}", text::one_line(&appliance.to_string())));
    }
    // What arrived is told as well: support can see that the link worked, and which package is meant.
    for (number, (kept, _)) in &exchange.arrived {
        facts.push(format!(
            "arrived          {} (row {number}), {} bytes, SHA-256 {}",
            kept.title, kept.size_bytes, kept.sha256
        ));
    }
    let missing = exchange.missing();
    for offer in &missing {
        facts.push(format!("did not arrive   {}{}", shown(offer), last_trouble(exchange, offer.number)));
    }
    if exchange.listed.is_none() {
        let why = exchange.troubles.last().map_or_else(String::new, |last| format!(": {}", last.why));
        facts.push(format!("did not arrive   the list itself{why}"));
    }
    facts.push(format!("our record       exchange {}", exchange.id));
    facts
}

fn shown(offer: &ListedPackage) -> String {
    let title = if offer.title.is_empty() { "a download without a title" } else { &offer.title };
    match &offer.size {
        Some(size) => format!("{title} ({size}, row {})", offer.number),
        None => format!("{title} (row {})", offer.number),
    }
}

fn last_trouble(exchange: &Exchange, number: usize) -> String {
    let last = exchange.troubles.iter().rev().find(|trouble| trouble.number == Some(number));
    last.map_or_else(String::new, |trouble| format!(": {} at {}", trouble.why, trouble.at))
}
