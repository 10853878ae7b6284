//! The verb `trust` of the outside: whom this half trusts, and the proposals
//! by which the inside's trust changes.

mod follow;
mod known;
mod propose;
mod sign;

pub use known::{Owed, known, owed};

use crate::cli::{self, Desk, Half, TrustVerb, whole};
use crate::model::Failure;
use clap::{Args, Subcommand};

/// Say whose signatures count here, and propose what the inside shall trust
///
/// Trust is an OpenSSH allowed_signers file (trust/allowed_signers in the home
/// folder) plus a policy (trust/policy.toml: threshold and revoked keys). The
/// inside's own trust is known here by a copy (inside-trust.json) that 'trust
/// follow' takes from a medium.
#[derive(Debug, Args)]
pub struct TrustArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(flatten)]
    Shared(TrustVerb),
    Follow(follow::FollowArgs),
    Propose(propose::ProposeArgs),
    Sign(sign::SignArgs),
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`]; then nothing was changed.
pub fn run(args: &TrustArgs, desk: &mut Desk) -> Result<(), Failure> {
    match &args.verb {
        Verb::Shared(TrustVerb::List) => list(desk),
        Verb::Shared(verb) => cli::trust(verb, Half::Outside, desk),
        Verb::Follow(args) => follow::run(args, desk),
        Verb::Propose(args) => propose::run(args, desk),
        Verb::Sign(args) => sign::run(args, desk),
    }
}

/// Lists whom this half trusts, then what is known of the inside's trust.
fn list(desk: &mut Desk) -> Result<(), Failure> {
    let Some(inside) = known(desk)? else {
        return cli::trust(&TrustVerb::List, Half::Outside, desk);
    };
    let own = cli::trust(&TrustVerb::List, Half::Outside, desk);
    desk.console.say("As known here, the inside trusts:");
    whole(&inside.update).iter().for_each(|line| desk.console.say(line));
    own
}
