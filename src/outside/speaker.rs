//! The verb `speaker`: which keys of the inside speak for which appliances.

use super::speakers::{Because, Speaker, Speakers};
use super::vault::Vault;
use crate::cli::Context;
use crate::console::kind;
use crate::events::SecurityEvent;
use crate::model::{Exit, Failure, local_time, text};
use crate::trust::Approver;
use clap::{Args, Subcommand};

/// List which keys of the inside speak for which appliances, or let another one
///
/// The first trusted key that signs a request or receipt of an appliance speaks
/// for it from then on. What another key signs of it is refused until it is
/// added here.
#[derive(Debug, Args)]
pub struct SpeakerArgs {
    #[command(subcommand)]
    verb: SpeakerVerb,
}

#[derive(Debug, Subcommand)]
enum SpeakerVerb {
    /// List them
    List,
    /// Let a trusted key speak for an appliance
    Add(SpeakerOf),
    /// Let a key speak for an appliance no more
    Remove(SpeakerOf),
}

#[derive(Debug, Args)]
struct SpeakerOf {
    /// Serial number of the appliance
    #[arg(value_name = "SERIAL")]
    serial: String,
    /// The key, as SHA256:…
    #[arg(value_name = "KEY")]
    key: String,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] where the key is not trusted here, or the list can't be kept.
pub fn run(args: &SpeakerArgs, context: &mut Context) -> Result<(), Failure> {
    // No other run reads the list while it changes.
    let _vault = Vault::open(context.home.root())?;
    let speakers = Speakers::read(context)?;
    match &args.verb {
        SpeakerVerb::List => list(&speakers, context),
        SpeakerVerb::Add(of) => add(of, speakers, context),
        SpeakerVerb::Remove(of) => remove(of, speakers, context),
    }
}

fn list(speakers: &Speakers, context: &Context) -> Result<(), Failure> {
    if speakers.all().is_empty() {
        return Err(Failure::new(Exit::NothingToDo, "no appliance was spoken for yet")
            .hint("'fetch' and 'receive' remember the first key that speaks for one"));
    }
    for (serial, known) in speakers.all() {
        context.console.say(format!("{}:", text::one_line(serial)));
        known.iter().for_each(|speaker| context.console.say(format!("  {}", line(speaker))));
        context.console.event(&kind::SPEAKERS, serde_json::json!({ "serial": serial, "speakers": known }));
    }
    Ok(())
}

fn add(of: &SpeakerOf, mut speakers: Speakers, context: &Context) -> Result<(), Failure> {
    let store = context.trust_store()?;
    let entry = store.signers.entries().iter().find(|entry| entry.key.fingerprint() == of.key);
    let entry = entry.ok_or_else(|| {
        Failure::new(Exit::KeyUnusable, format!("no key {} is trusted here", text::one_line(&of.key)))
            .hint("handcarry-outside trust list shows those that are, as SHA256:…")
    })?;
    let signer = Approver { principal: entry.principals.join(","), fingerprint: of.key.clone() };
    let serial = text::one_line(&of.serial);
    let new = speakers.add(&of.serial, &signer, context.now())?;
    if new {
        let (fingerprint, serial) = (of.key.clone(), of.serial.clone());
        context.log(&SecurityEvent::SpeakerAdded { fingerprint, serial, by_hand: true });
    }
    let whether = if new { "speaks" } else { "spoke already" };
    context.console.say(format!("{} {whether} for {serial}", of.key));
    tell(of, &speakers, context);
    Ok(())
}

fn remove(of: &SpeakerOf, mut speakers: Speakers, context: &Context) -> Result<(), Failure> {
    let (serial, key) = (text::one_line(&of.serial), text::one_line(&of.key));
    if !speakers.remove(&of.serial, &of.key)? {
        return Err(Failure::new(Exit::NotFound, format!("{key} does not speak for {serial}"))
            .hint("handcarry-outside speaker list shows who does"));
    }
    context.log(&SecurityEvent::SpeakerRemoved { fingerprint: of.key.clone(), serial: of.serial.clone() });
    context.console.say(format!("{key} speaks for {serial} no more"));
    tell(of, &speakers, context);
    Ok(())
}

fn tell(of: &SpeakerOf, speakers: &Speakers, context: &Context) {
    let known = speakers.of(&of.serial);
    context.console.event(&kind::SPEAKERS, serde_json::json!({ "serial": of.serial, "speakers": known }));
}

/// A speaker in one line.
pub(super) fn line(speaker: &Speaker) -> String {
    let because = match speaker.because {
        Because::First => "the first that did",
        Because::Person => "by a person's word",
    };
    format!("{}  {}, since {}, {because}", speaker.key, text::one_line(&speaker.principal), local_time(speaker.since))
}
