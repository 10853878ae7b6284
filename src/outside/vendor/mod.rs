//! The verb `vendor`: which servers are the vendor's, as far as this half goes.

mod origins;

pub use origins::{Decision, VendorError, VendorOrigins};

use crate::cli::Context;
use crate::console::{Operator, current_user, kind};
use crate::events::SecurityEvent;
use crate::model::{Exit, Failure, local_time, text};
use crate::outside::question::OutsideQuestion;
use crate::web::origin;
use clap::{Args, Subcommand};

/// List the vendor's servers, add one, or remove one
///
/// Codes are sent to, and packages taken from, servers that are listed here
/// and no other: a request that names another one is refused. Without a word
/// of anybody the vendor's own page is listed, and nothing else.
#[derive(Debug, Args)]
pub struct VendorArgs {
    #[command(subcommand)]
    verb: VendorVerb,
}

#[derive(Debug, Subcommand)]
enum VendorVerb {
    /// Tell the origins that are listed, and who decided each when
    List,
    /// List an origin, such as update.example.com by https: asked for at a terminal, or by the name of who is sure
    Add(DecisionArgs),
    /// List an origin no more; what came from there stays in the vault
    Remove(DecisionArgs),
}

#[derive(Debug, Args)]
struct DecisionArgs {
    /// Scheme, host and port; of a longer address the rest is left
    #[arg(value_name = "ORIGIN", value_parser = super::fetch::parse_origin)]
    origin: String,
    /// Who is sure of it: the answer to the question, where it can't be asked
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then the list is as it was.
pub fn run(args: &VendorArgs, context: &mut Context) -> Result<(), Failure> {
    let mut origins = VendorOrigins::read(context.home.root())?;
    match &args.verb {
        VendorVerb::List => {}
        VendorVerb::Add(args) => decide(&mut origins, args, true, context)?,
        VendorVerb::Remove(args) => decide(&mut origins, args, false, context)?,
    }
    list(&origins, context);
    Ok(())
}

fn decide(
    origins: &mut VendorOrigins,
    args: &DecisionArgs,
    is_listed: bool,
    context: &mut Context,
) -> Result<(), Failure> {
    let origin = origin(&args.origin)?;
    if is_listed && origins.listed().iter().any(|(known, _)| *known == origin) {
        context.console.note(format!("{origin} is listed already"));
        return Ok(());
    }
    let account = current_user();
    let by = match &args.by {
        Some(by) => text::one_line(by),
        // Nothing is sent to an origin that is gone, so to take one off needs no second thought.
        None if !is_listed => account.clone(),
        None => {
            let asked = context.operator.confirm(&OutsideQuestion::IsVendors { origin: origin.clone() });
            let hint = "whoever is sure of it answers at a terminal, or is named: --by NAME";
            if !asked.map_err(|error| Failure::from(error).hint(hint))? {
                return Err(Failure::new(Exit::Declined, format!("{origin} was not listed")).hint(hint));
            }
            account.clone()
        }
    };
    if by.is_empty() {
        return Err(Failure::new(Exit::Declined, "nobody is sure of it").hint("say who is with --by NAME"));
    }
    let decision = Decision { origin, is_listed, at: context.now(), by, account };
    context.console.event(&kind::VENDOR, serde_json::json!({ "decision": decision }));
    let (origin, decided_by) = (decision.origin.clone(), decision.by.clone());
    origins.decide(decision)?;
    context.log(&match is_listed {
        true => SecurityEvent::VendorListed { origin, decided_by },
        false => SecurityEvent::VendorRemoved { origin, decided_by },
    });
    Ok(())
}

fn list(origins: &VendorOrigins, context: &Context) {
    for (origin, decision) in origins.listed() {
        let how = decision.map_or_else(
            || "from the beginning".to_owned(),
            |decision| format!("since {}, by {}", local_time(decision.at), text::one_line(&decision.by)),
        );
        context.console.say(format!("{origin}  {how}"));
        context.console.event(&kind::LISTED_VENDOR, serde_json::json!({ "origin": origin, "decision": decision }));
    }
    if origins.listed().is_empty() {
        context.console.say("No server is listed, so no code can be exchanged");
    }
    for decision in origins.decisions().iter().filter(|decision| !decision.is_listed) {
        context.console.note(format!(
            "removed: {} on {}, by {}",
            decision.origin,
            local_time(decision.at),
            text::one_line(&decision.by)
        ));
    }
}
