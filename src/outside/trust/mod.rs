//! The verb `trust` of the outside: whom this half trusts, and the proposals
//! by which the inside's trust changes.

mod follow;
mod known;
mod propose;
mod sign;

pub use known::{known, owed};

use crate::cli::{self, Context, Half, TrustVerb, whole};
use crate::model::Failure;
use clap::{Args, Subcommand};

/// Say whose signatures count here, and propose what the inside shall trust
///
/// Trust is an OpenSSH allowed_signers file (trust/allowed_signers in the home
/// folder) plus a policy (trust/policy.toml: threshold and revoked keys). The
/// inside's own trust is known here by a copy (inside-trust.json) that 'trust
/// follow' takes from a medium.
#[derive(Debug, Args)]
pub struct TrustAuthorArgs {
    #[command(subcommand)]
    verb: TrustVerbs,
}

#[derive(Debug, Subcommand)]
enum TrustVerbs {
    #[command(flatten)]
    Shared(TrustVerb),
    Follow(follow::FollowArgs),
    Propose(propose::ProposeArgs),
    Sign(sign::TrustSignArgs),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then nothing was changed.
pub fn run(args: &TrustAuthorArgs, context: &mut Context) -> Result<(), Failure> {
    match &args.verb {
        TrustVerbs::Shared(TrustVerb::List) => list(context),
        TrustVerbs::Shared(verb) => cli::trust(verb, Half::Outside, context),
        TrustVerbs::Follow(args) => follow::run(args, context),
        TrustVerbs::Propose(args) => propose::run(args, context),
        TrustVerbs::Sign(args) => sign::run(args, context),
    }
}

/// Lists whom this half trusts, then what is known of the inside's trust.
fn list(context: &mut Context) -> Result<(), Failure> {
    let Some(inside) = known(context)? else {
        return cli::trust(&TrustVerb::List, Half::Outside, context);
    };
    // The inside's trust is shown even where this half trusts nobody yet; the error comes after it.
    let own = cli::trust(&TrustVerb::List, Half::Outside, context);
    context.console.say("As known here, the inside trusts:");
    whole(&inside.update).iter().for_each(|line| context.console.say(line));
    own
}
