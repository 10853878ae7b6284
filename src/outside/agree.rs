//! What whoever signs a bundle looks at before it has their name: its packages,
//! and where each came from.

use crate::cli::Context;
use crate::console::{Operator, Question, kind, settled};
use crate::model::{AGAIN, Exit, Failure, Package, Source, text};
use crate::web::origin;
use clap::Args;

/// The answer that a script gives.
#[derive(Debug, Args)]
pub struct AgreeArgs {
    /// Sign without a question what comes from here and nowhere else: a vendor's origin, or who vouched for an import; repeatable
    #[arg(long = "from", value_name = "ORIGIN|NAME")]
    from: Vec<String>,
}

impl AgreeArgs {
    /// Shows a line that belongs to what is agreed to.
    ///
    /// # Errors
    /// A [`Failure`] where whoever is asked can't have read it.
    pub fn show(&self, line: &str, context: &Context) -> Result<(), Failure> {
        match self.from.is_empty() {
            true => context.console.show(line),
            false => {
                context.console.say(line);
                Ok(())
            }
        }
    }

    /// Shows a package as it will be signed for, with its origin where that was
    /// not shown yet; `more` is what else there is to say of it.
    ///
    /// # Errors
    /// As [`AgreeArgs::show`].
    pub fn show_package(
        &self,
        number: usize,
        package: &Package,
        more: &str,
        origin: bool,
        context: &Context,
    ) -> Result<(), Failure> {
        let size = text::bytes(package.size_bytes);
        let name = text::one_line(&package.name);
        self.show(&format!("  {number}. {name} ({} {}), {size}{more}", package.kind, package.version), context)?;
        if !origin {
            return Ok(());
        }
        self.show(&format!("     {}", package.source), context)?;
        self.show(&format!("     SHA-256 {}", package.sha256), context)
    }

    /// Agrees, by the origins that were named, else by a person's word on `question`.
    ///
    /// # Errors
    /// A [`Failure`] where a package comes from elsewhere, or the person says no.
    pub fn ask(&self, packages: &[&Package], question: &dyn Question, context: &mut Context) -> Result<(), Failure> {
        let hint = "whoever signs looks at where each package comes from, and answers at a terminal; a script names \
                    all of it, and nothing is signed that comes from elsewhere: --from ORIGIN, --from NAME";
        if let Some(package) = packages.iter().find(|package| !self.from.is_empty() && !self.names(&package.source)) {
            return Err(Failure::new(
                Exit::Declined,
                format!("{:?} is not from where --from says: {}", package.name, package.source),
            )
            .hint(hint));
        }
        if !self.from.is_empty() {
            context.console.event(&kind::QUESTION, settled(question));
            return Ok(());
        }
        match context.operator.confirm(question) {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(Failure::new(Exit::Declined, "nothing was signed")
                    .hint(format!("once it is as it should be: {AGAIN}")))
            }
            Err(error) => Err(Failure::from(error).hint(hint)),
        }
    }

    /// Whether all that a source says of its origin was named.
    fn names(&self, source: &Source) -> bool {
        match source {
            // Apart, so that nobody passes for a server by calling themselves one.
            Source::Imported { by, .. } => self.from.iter().any(|named| named == by && origin(named).is_err()),
            Source::Exchange { .. } => {
                let named: Vec<String> = self.from.iter().filter_map(|named| origin(named).ok()).collect();
                source.origins().iter().all(|origin| named.iter().any(|named| named == origin))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Id, Timestamp};

    fn exchanged(origin: &str, allowed: &[&str]) -> Source {
        Source::Exchange {
            origin: origin.to_owned(),
            allowed: allowed.iter().map(|origin| (*origin).to_owned()).collect(),
            exchange: Id::random(),
            at: Timestamp::from_unix(0).expect("in range"),
        }
    }

    fn imported(by: &str) -> Source {
        let at = Timestamp::from_unix(0).expect("in range");
        Source::Imported { path: "/x".to_owned(), by: by.to_owned(), at, compared: false }
    }

    fn named(from: &[&str]) -> AgreeArgs {
        AgreeArgs { from: from.iter().map(|from| (*from).to_owned()).collect() }
    }

    #[test]
    fn only_what_was_named_is_agreed_to() {
        let vendor = "https://update.bomgar.com";
        assert!(named(&[vendor]).names(&exchanged(vendor, &[])));
        assert!(named(&["https://UPDATE.bomgar.com/page"]).names(&exchanged(vendor, &[])));
        assert!(!named(&[vendor]).names(&exchanged("https://update.bomgar.com.evil.example", &[])));
        assert!(!named(&[vendor]).names(&imported("ana")));
        assert!(named(&[vendor, "ana"]).names(&imported("ana")));
        assert!(!named(&["an"]).names(&imported("ana")));
    }

    #[test]
    fn an_origin_that_was_led_on_to_is_named_too() {
        let source = exchanged("https://a.example", &["https://b.example"]);
        assert!(!named(&["https://a.example"]).names(&source));
        assert!(!named(&["https://b.example"]).names(&source));
        assert!(named(&["https://a.example", "https://b.example"]).names(&source));
    }

    #[test]
    fn nobody_passes_for_a_server_by_their_name() {
        let vendor = "https://update.bomgar.com";
        assert!(!named(&[vendor]).names(&imported(vendor)));
    }
}
