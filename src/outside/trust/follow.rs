//! The verb `trust follow`: a copy of the inside's trust comes out on a medium.

use super::known::{keep, known};
use crate::cli::{Context, IN_FORCE_FILE, change, find_updates, whole};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::media::{self, Medium};
use crate::model::{Exit, Failure, ShowPath};
use crate::outside::question::OutsideQuestion;
use crate::trust::{MAX_UPDATE_BYTES, TrustUpdate};
use clap::Args;
use std::path::{Path, PathBuf};

/// Take a copy of the inside's trust, to propose changes to and to count owed signatures by
///
/// From what 'handcarry-inside trust export' wrote, else from the newest trust
/// update on the medium.
#[derive(Debug, Args)]
pub struct FollowArgs {
    /// Where the medium is mounted, or the copy's file
    #[arg(value_name = "MEDIA|FILE")]
    from: PathBuf,
}

pub(super) fn run(args: &FollowArgs, context: &mut Context) -> Result<(), Failure> {
    let path = choose(&args.from)?;
    // No signature is asked for. It decides nothing here, and from a wrong copy come proposals that the inside refuses.
    let bytes = media::read_carried(&path, MAX_UPDATE_BYTES, "a copy of the inside's trust")?;
    let update = TrustUpdate::parse(&bytes).map_err(|error| Failure::from(error).about(path.shown()))?;
    let before = known(context)?;
    if let Some(before) = before.as_ref().filter(|before| before.update != update) {
        change(&before.update, &update).iter().for_each(|line| context.console.say(line));
    }
    whole(&update).iter().for_each(|line| context.console.say(line));
    if !context.operator.confirm(&OutsideQuestion::FollowTrust)? {
        return Err(Failure::new(Exit::Declined, "nothing was taken"));
    }
    keep(&update, context)?;
    context.console.event(
        &kind::TRUST_FOLLOWED,
        serde_json::json!({ "version": update.version, "sha256": update.sha256(), "threshold": update.threshold }),
    );
    let (version, sha256) = (update.version, update.sha256().to_string());
    context.log(&SecurityEvent::TrustFollowed { version, sha256 });
    context.console.say(format!("The inside's trust is known here as version {}", update.version));
    Ok(())
}

fn choose(from: &Path) -> Result<PathBuf, Failure> {
    if from.is_file() {
        return Ok(from.to_path_buf());
    }
    let exported = Medium::at(from)?.trust().join(IN_FORCE_FILE);
    if exported.is_file() {
        return Ok(exported);
    }
    let newest = find_updates(from).ok().and_then(|mut found| found.pop());
    newest.map(|(_, path)| path).ok_or_else(|| {
        Failure::new(Exit::NotFound, format!("{} is not there", exported.shown()))
            .hint("write it inside with 'handcarry-inside trust export MEDIA'")
    })
}
