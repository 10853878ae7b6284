//! A report that is written as a page: its file, its language, who made it.

use super::Context;
use crate::console::current_user;
use crate::language::{self, Tongue};
use crate::media::{self, Mode};
use crate::model::{Failure, ShowPath};
use crate::report::Imprint;
use clap::Args;
use std::path::{Path, PathBuf};

/// Where a page goes.
#[derive(Debug, Args)]
pub struct PageArgs {
    /// Write it to this new file too, as a page that needs no other file and prints well
    #[arg(long, value_name = "FILE.html", value_parser = page_file)]
    write: Option<PathBuf>,
}

/// Takes a file's name that promises a page.
fn page_file(written: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(written);
    // What is named .pdf and holds HTML is opened by nothing.
    match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html")) {
        true => Ok(path),
        false => Err("what is written is a page: name it FILE.html; a browser prints it to PDF too".to_owned()),
    }
}

impl PageArgs {
    /// Whether a page is wanted: what only a page tells need not be found out for any other call.
    pub const fn is_wanted(&self) -> bool {
        self.write.is_some()
    }

    /// Writes the page that `make` makes, where one is wanted; `language` is that of whom it is about.
    ///
    /// # Errors
    /// What `make` fails with; the file is there already or can't be written.
    pub fn write(
        &self,
        language: Tongue,
        make: impl FnOnce(&Imprint) -> Result<String, Failure>,
        context: &Context,
    ) -> Result<(), Failure> {
        let Some(path) = &self.write else { return Ok(()) };
        write_page(path, &make(&self.imprint(language, context))?, context)
    }

    /// Who makes it now, in the language that was asked for, else in that of whom it is about.
    pub fn imprint(&self, language: Tongue, context: &Context) -> Imprint {
        context.imprint(language::of_page(language))
    }
}

/// Writes a page, or another report, as a new file.
///
/// # Errors
/// The file is there already or can't be written.
pub fn write_page(path: &Path, told: &str, context: &Context) -> Result<(), Failure> {
    media::write_durably_new(path, told.as_bytes(), Mode::Shared)?;
    context.console.note(format!("written: {}", path.shown()));
    Ok(())
}

impl Context {
    /// Who makes a page now, in this language.
    pub fn imprint(&self, language: Tongue) -> Imprint {
        Imprint { language, program: self.console.program(), made: self.now(), by: current_user() }
    }
}
