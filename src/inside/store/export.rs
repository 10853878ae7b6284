//! `store export`.

use super::{KeptBundle, called};
use crate::bundle::{self, Folder};
use crate::cli::Context;
use crate::console::kind;
use crate::media::{self, Medium, Mode};
use crate::model::{Exit, Failure, ShowPath, text};
use clap::Args;
use std::path::PathBuf;

/// Which bundle, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The bundle: its name, or the beginning of its id, as 'store list' shows them
    #[arg(value_name = "BUNDLE")]
    which: String,
    /// The folder that the copy is written into
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

/// Writes a bundle out; each chunk is judged on its way, and the copy read back.
///
/// # Errors
/// [`Exit::NotFound`], [`Exit::NoSpace`]; the bundle's.
pub fn run(args: &ExportArgs, context: &Context) -> Result<(), Failure> {
    let (set, opened) = find(&args.which, context)?;
    let bundle = opened?;
    media::create_dirs(&args.to, Mode::Shared)?;
    let facts = Medium { root: args.to.clone() }.facts()?;
    if facts.free_bytes < bundle.size_bytes() {
        let (needed, free) = (text::bytes(bundle.size_bytes()), text::bytes(facts.free_bytes));
        let why = format!("not enough room in {}: {needed} needed, {free} free", args.to.shown());
        return Err(Failure::new(Exit::NoSpace, why).hint("export it to another folder"));
    }
    let mut sink = Folder::new(&args.to, Mode::Shared);
    let bar = context.console.progress("exporting", bundle.size_bytes());
    let written = bundle.copy_to(&set, &mut sink, facts.largest_file_bytes, &bar);
    bar.finish();
    sink.outcome::<_, Failure>(written)?;
    let files = sink.name_all()?;
    media::sync_filesystem(&args.to)?;
    let back = bundle::locate(files.first().unwrap_or(&args.to))?;
    let bar = context.console.progress("reading back", bundle.packages_bytes());
    let uncached = |path: &std::path::Path| Ok(media::open_uncached(path)?.0.into_file());
    let same = bundle::matches(&back, bundle.manifest(), &uncached, &bar);
    bar.finish();
    same?;
    for file in &files {
        context.console.say(format!("exported: {}", file.shown()));
    }
    let event = serde_json::json!({ "bundle": bundle.manifest().bundle, "files": files });
    context.console.event(&kind::EXPORTED, event);
    context.console.note(format!("{} is the bundle as it was carried, byte by byte", called(&set, &bundle)));
    Ok(())
}

/// The one that is called so.
fn find(which: &str, context: &Context) -> Result<KeptBundle, Failure> {
    let called = |kept: &Result<KeptBundle, Failure>| match kept {
        Ok((set, opened)) => {
            set.name() == which || opened.as_ref().is_ok_and(|bundle| bundle.manifest().bundle.begins_with(which))
        }
        Err(_) => true,
    };
    let mut found = super::opened(context)?.filter(called).collect::<Result<Vec<_>, _>>()?;
    let shown = text::one_line(which);
    match (found.pop(), found.len()) {
        (Some(one), 0) => Ok(one),
        (None, _) => Err(Failure::new(Exit::NotFound, format!("no bundle that is kept is called {shown}"))
            .hint("handcarry-inside store list shows what is kept")),
        (Some(_), more) => {
            Err(Failure::new(Exit::Usage, format!("{} bundles that are kept begin with {shown}", more + 1))
                .hint("give more of its id, or its name, as handcarry-inside store list shows them"))
        }
    }
}
