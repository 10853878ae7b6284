//! The verb `self status`: which program this is, and what a medium has.

use super::{is_by_dpkg, look, own_path, signers};
use crate::cli::Context;
use crate::console::kind;
use crate::media;
use crate::model::{Failure, ShowPath, Version};
use clap::Args;
use std::cmp::Ordering;
use std::path::{Path, PathBuf};

/// Tell which handcarry this is, and which kits lie on a medium
///
/// Signatures are judged, the packages' digests are not: 'self apply' does that.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Where the medium is mounted
    #[arg(value_name = "MEDIA")]
    media: Option<PathBuf>,
}

pub(super) fn run(args: &StatusArgs, context: &mut Context) -> Result<(), Failure> {
    let (own, program) = (Version::own(), own_path()?);
    let (is_dpkg, kept) = (is_by_dpkg(&program), media::kept_program(&program));
    let program = program.shown();
    context.console.say(format!("This is handcarry {}, at {program}", own.as_str()));
    if is_dpkg {
        context.console.say("  installed as a Debian package");
    }
    if let Some(kept) = &kept {
        context.console.say(format!("  the one before is kept at {}", kept.shown()));
    }
    let told = serde_json::json!({ "version": own, "path": program, "dpkg": is_dpkg, "kept": kept });
    context.console.event(&kind::PROGRAM, told);
    match &args.media {
        Some(media) => on_medium(media, context),
        None => Ok(()),
    }
}

fn on_medium(media: &Path, context: &Context) -> Result<(), Failure> {
    let (own, mut found) = (Version::own(), look(media, context)?);
    for kit in &found.good {
        let than = match kit.version.cmp(&own) {
            Ordering::Greater => "newer",
            Ordering::Equal => "the same",
            Ordering::Less => "older",
        };
        context.console.say(format!("{than}: {}", signers(kit)));
        let approvers: Vec<&str> = kit.approval.approvers.iter().map(|by| by.fingerprint.as_str()).collect();
        let told = serde_json::json!({
            "version": kit.version, "folder": kit.folder, "than_this": than, "signed_by": approvers,
        });
        context.console.event(&kind::KIT, told);
        context.log_ignored(&kit.folder.shown(), &kit.approval);
    }
    for (folder, failure) in &found.refused {
        context.console.warn(format!("refused: {}: {}", folder.shown(), failure.message));
    }
    match found.good.first() {
        Some(newest) if newest.version > own => {
            context.console.next(format!("handcarry-inside self apply {}", media.quoted()));
            Ok(())
        }
        Some(_) => Ok(()),
        // All were refused, and one of the reasons is the run's.
        None => found.refused.pop().map_or(Ok(()), |(_, failure)| Err(failure)),
    }
}
