//! `store check`.

use super::called;
use crate::cli::Context;
use crate::console::kind;
use crate::inside::open_bundle;
use crate::model::{Failure, text};

/// Reads all that is kept; a disk changes bytes as a stick does.
///
/// # Errors
/// That of the first bundle that is not whole, or is not opened by the trust in force.
pub fn run(context: &Context) -> Result<(), Failure> {
    let (mut worst, mut count) = (None, 0);
    for kept in super::opened(context)? {
        let (set, opened) = kept?;
        count += 1;
        let name = text::name(set.name());
        let checked =
            opened.and_then(|bundle| open_bundle::verify_packages(&bundle, context).map(|()| called(&set, &bundle)));
        let (word, failure) = match checked {
            Ok(called) => {
                context.console.say(format!("whole: {called}"));
                ("whole", None)
            }
            Err(failure) => {
                context.console.warn(format!("{name}: {}", failure.message));
                (failure.exit.name(), Some(failure.about(&name)))
            }
        };
        context.console.event(&kind::CHECKED, serde_json::json!({ "name": set.name(), "verdict": word }));
        worst = worst.or(failure);
    }
    match worst {
        Some(failure) => Err(failure),
        None => {
            context.console.say(match count {
                1 => "its every byte is what was signed for".to_owned(),
                count => format!("every byte of all {count} bundles is what was signed for"),
            });
            Ok(())
        }
    }
}
