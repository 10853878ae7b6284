//! The half that works where the internet is: code → packages → vault → stick.
//!
//! It keeps what it downloads (a download is one-time), signs bundles, and
//! learns from receipts what became of them. It never talks to an appliance.

pub mod agree;
pub mod audit;
mod carry;
pub mod check;
pub mod choose;
mod complete;
pub mod custody;
pub mod draft;
pub mod drafts;
pub mod errands;
pub mod exchange;
pub mod fetch;
pub mod import;
pub mod kind;
pub mod load;
mod look;
mod manual;
pub mod media_sink;
pub mod mirror;
mod next;
pub mod order;
pub mod preflight;
pub mod prune;
mod question;
pub mod receive;
pub mod release_check;
pub mod releases;
pub mod repair;
pub mod requests;
pub mod seal;
pub mod sign;
pub mod speaker;
pub mod speakers;
pub mod statement;
mod sticks;
pub mod trust;
pub mod vault;
pub mod vault_transfer;
pub mod vendor;
pub mod way;
pub mod write;

use crate::cli::{self, Half, KeygenArgs, LogArgs, MediaArgs, Program};
use crate::model::clock;
use crate::repair::RepairArgs;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
enum Verb {
    Next(next::NextArgs),
    Keygen(KeygenArgs),
    Trust(trust::TrustAuthorArgs),
    Fetch(fetch::FetchArgs),
    Import(import::ImportArgs),
    Vault(custody::VaultArgs),
    Check(release_check::ReleaseCheckArgs),
    Seal(seal::SealArgs),
    Sign(sign::SignArgs),
    Draft(drafts::DraftArgs),
    Write(write::WriteArgs),
    Repair(RepairArgs),
    Receive(receive::ReceiveArgs),
    Audit(audit::AuditArgs),
    Speaker(speaker::SpeakerArgs),
    Log(LogArgs),
    Media(MediaArgs),
    Vendor(vendor::VendorArgs),
}

/// Runs the program as it was called and returns its exit code.
pub fn run() -> ExitCode {
    let program = Program {
        half: Half::Outside,
        manual: manual::MANUAL,
        bare: || Verb::Next(next::NextArgs::default()),
        finders: complete::finder,
        due: next::due,
    };
    cli::run(program, |verb, context| {
        if !matches!(
            verb,
            Verb::Next(_)
                | Verb::Keygen(_)
                | Verb::Log(_)
                | Verb::Media(_)
                | Verb::Vault(_)
                | Verb::Draft(_)
                | Verb::Trust(_)
        ) {
            // Every other verb judges or writes a time.
            clock::believe(context.now(), None)?;
        }
        match verb {
            Verb::Next(args) => next::run(args, context),
            Verb::Keygen(args) => cli::keygen(args, Half::Outside, context),
            Verb::Trust(args) => trust::run(args, context),
            Verb::Fetch(args) => fetch::run(args, context),
            Verb::Import(args) => import::run(args, context),
            Verb::Vault(args) => custody::run(args, context),
            Verb::Check(args) => release_check::run(args, context),
            Verb::Seal(args) => seal::run(args, context),
            Verb::Sign(args) => sign::run(args, context),
            Verb::Draft(args) => drafts::run(args, context),
            Verb::Write(args) => write::run(args, context),
            Verb::Repair(args) => repair::run(args, context),
            Verb::Receive(args) => receive::run(args, context),
            Verb::Audit(args) => audit::run(args, context),
            Verb::Speaker(args) => speaker::run(args, context),
            Verb::Log(args) => cli::log(args, context),
            Verb::Media(args) => cli::media(args, context),
            Verb::Vendor(args) => vendor::run(args, context),
        }
    })
}
