//! Arguments in the other order than a verb has them: taken where they can't
//! be mistaken, because one of them is an appliance's name and the other is none.

use crate::cli::Context;
use crate::inventory::Inventory;
use std::path::{Path, PathBuf};

/// What was typed for `MEDIA NAME [PARTNER]`.
pub(super) type Words<'a> = (Option<&'a Path>, Option<&'a str>, Option<&'a str>);

/// Takes `NAME [PARTNER] MEDIA` for `MEDIA NAME [PARTNER]`.
pub(super) fn in_order<'a>((media, name, partner): Words<'a>, context: &Context) -> Words<'a> {
    let (Some(first), Some(second)) = (media.and_then(Path::to_str), name) else { return (media, name, partner) };
    let known = names(context);
    let is_name = |word: &str| known.iter().any(|name| name == word);
    let last = partner.unwrap_or(second);
    if !is_name(first) || Path::new(first).exists() || is_name(last) {
        return (media, name, partner);
    }
    (Some(Path::new(last)), Some(first), partner.map(|_| second))
}

/// For a verb that is typed `VERB NAME MEDIA`: takes `VERB MEDIA NAME`, and where one word was given, and it is a name,
/// the only medium that is plugged in.
pub(super) fn name_and_medium(name: &mut Option<String>, media: &mut PathBuf, context: &Context) {
    match name {
        Some(word) => {
            if let (Some(medium), Some(named), None) = in_order((Some(media), Some(word), None), context) {
                (*media, *name) = (medium.to_path_buf(), Some(named.to_owned()));
            }
        }
        // Where none or several are plugged in, the verb says what is missing.
        None if !media.exists() => {
            let word = media.to_str().filter(|word| names(context).iter().any(|name| name == word)).map(str::to_owned);
            if let (Some(word), Ok(only)) = (word, context.medium(None)) {
                (*name, *media) = (Some(word), only);
            }
        }
        None => {}
    }
}

/// The names of the appliances here; none where the inventory can't be read, which the verb then says.
fn names(context: &Context) -> Vec<String> {
    let inventory = Inventory::read(&context.home);
    inventory.map(|read| read.entries().iter().map(|entry| entry.name.to_string()).collect()).unwrap_or_default()
}
