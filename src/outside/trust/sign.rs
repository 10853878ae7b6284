//! The verb `trust sign`: one more person approves a proposed version.

use super::known::{count, keep, known};
use crate::cli::{Context, KeyArgs, add_signature, change, find_updates, read_signed, whole};
use crate::console::{Operator, kind};
use crate::events::SecurityEvent;
use crate::media::Mode;
use crate::model::clock;
use crate::model::{AGAIN, Exit, Failure, ShowPath};
use crate::outside::question::OutsideQuestion;
use crate::trust::{MAX_UPDATE_BYTES, Namespace, TrustUpdate, Trusted, succeed};
use clap::Args;
use std::path::PathBuf;

/// Sign a proposed version of the inside's trust
///
/// The same as: ssh-keygen -Y sign -n handcarry-trust -f KEY trust-N.json. Without --key
/// or --agent, keys/trust in the home folder signs where it is there.
#[derive(Debug, Args)]
pub struct TrustSignArgs {
    /// Where the medium is mounted, or the proposal's file
    #[arg(value_name = "MEDIA|FILE")]
    from: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
}

pub(super) fn run(args: &TrustSignArgs, context: &mut Context) -> Result<(), Failure> {
    clock::believe(context.now(), None)?;
    let (_, path) = find_updates(&args.from)?.pop().expect("it finds at least one, or fails");
    let mut signed = read_signed(&path, MAX_UPDATE_BYTES, "a trust update")?;
    let update = TrustUpdate::parse(&signed.bytes).map_err(|error| Failure::from(error).about(path.shown()))?;
    // Only the version that it follows by its digest is shown as a
    // change. Against another one the difference would deceive.
    let base = known(context)?.filter(|known| update.previous == Some(known.sha256));

    match &base {
        Some(base) => change(&base.update, &update).iter().for_each(|line| context.console.say(line)),
        None => context
            .console
            .warn("the version that this one follows is not known here, so only the whole is shown, not what changes"),
    }
    whole(&update).iter().for_each(|line| context.console.say(line));
    if !update.note.is_empty() && base.is_none() {
        context.console.say(format!("  note     {}", update.note));
    }
    for key in signed.keys(Namespace::Trust) {
        context.console.say(format!("  signed by {}", key.fingerprint()));
    }
    if !context.operator.confirm(&OutsideQuestion::SignTrust)? {
        return Err(Failure::new(Exit::Declined, "nothing was signed")
            .hint(format!("once all of it is as it should be: {AGAIN}")));
    }
    let mut key = args.key.clone();
    // A key for changes of trust is the one that is meant, where there is one.
    if key.key.is_none() && key.agent.is_none() && context.home.trust_key().exists() {
        key.key = Some(context.home.trust_key());
    }
    let signer = context.signer(&key)?;
    let armored = signed.sign(Namespace::Trust, &signer)?;
    let beside = add_signature(&path, &armored, Mode::Shared)?;
    context.console.say(format!("Signed by {}: {}", signer.public().fingerprint(), beside.shown()));
    context.log(&SecurityEvent::TrustSigned {
        version: update.version,
        sha256: update.sha256().to_string(),
        fingerprint: signer.public().fingerprint(),
    });

    let now = context.now();
    let message = signed.message(Namespace::Trust);
    let new = count(&Trusted::of(update.clone())?, &message, &signed.signatures, now)?;
    context.console.say(format!("By the trust it brings: {}", new.words()));
    let mut complete = None;
    if let Some(base) = &base {
        let old = count(base, &message, &signed.signatures, now)?;
        context.console.say(format!("By the trust in force:  {}", old.words()));
        // Both thresholds count: the old signers let go of the trust, and the new ones must be able to use it.
        complete = Some(old.missing() == 0 && new.missing() == 0);
        if complete == Some(true) {
            // By the inside's own rule, before it is called complete.
            succeed(base, &signed.bytes, &signed.signatures, now)?;
            keep(&update, context)?;
            context
                .console
                .note(format!("Complete. Owed signatures are counted by version {} from now on", update.version));
            context.console.next("handcarry-inside trust apply MEDIA");
        }
    }
    context.console.event(
        &kind::TRUST_SIGNED,
        serde_json::json!({
            "version": update.version, "fingerprint": signer.public().fingerprint(), "file": beside,
            "owed_new": new.missing(), "complete": complete,
        }),
    );
    Ok(())
}
