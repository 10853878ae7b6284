//! The verb `trust export`: a copy of the trust in force, for whoever proposes the next.

use crate::cli::{Context, IN_FORCE_FILE};
use crate::console::kind;
use crate::media::{self, Medium, Mode};
use crate::model::{Failure, ShowPath};
use crate::trust::Trusted;
use clap::Args;
use std::path::PathBuf;

/// Write a copy of the trust in force onto a medium, for the outside to propose changes to
///
/// The copy is not signed and need not be: an update that was made from a
/// changed copy does not follow the trust in force, and is refused.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Where the medium is mounted (or the handcarry folder on it)
    #[arg(value_name = "MEDIA")]
    media: PathBuf,
}

pub(super) fn run(args: &ExportArgs, context: &mut Context) -> Result<(), Failure> {
    let trusted = Trusted::read(&context.home.trust())?;
    let folder = Medium::at(&args.media)?.trust();
    media::create_dirs(&folder, Mode::Shared)?;
    let path = folder.join(IN_FORCE_FILE);
    media::write_durably(&path, &trusted.update.bytes(), Mode::Shared)?;
    context.console.event(
        &kind::TRUST_EXPORTED,
        serde_json::json!({ "version": trusted.update.version, "sha256": trusted.sha256, "file": path }),
    );
    context.console.say(format!(
        "Trust version {} ({}) is copied to {}",
        trusted.update.version,
        trusted.sha256.short(),
        path.shown()
    ));
    context.console.next(format!("handcarry-outside trust follow {}", args.media.quoted()));
    Ok(())
}
