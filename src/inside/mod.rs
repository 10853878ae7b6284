//! The half that works where the appliance is: stick → plan → appliance.
//!
//! It trusts nothing on the stick before its signature holds, installs in
//! order with every wait the guide asks for, and journals each step. It never
//! talks to the vendor.

pub mod after;
pub mod appliance_session;
pub mod approve;
mod at_work;
pub mod audit;
pub mod backup;
pub mod before;
mod begin;
mod compare;
mod complete;
pub mod enroll;
mod enroll_list;
mod enroll_renew;
mod evidence;
pub mod fleet;
mod foretell;
pub mod high_water;
pub mod journals;
#[cfg(feature = "lab")]
mod lab;
pub mod list;
mod manual;
pub mod meet;
mod migrate;
mod next;
pub mod open_bundle;
pub mod overrides;
pub mod pair;
mod pairing;
pub mod plan;
pub mod probe;
mod procedure;
mod program;
pub mod push;
mod question;
pub mod receipt;
pub mod rehearse;
mod remove;
mod rename;
pub mod repair;
pub mod request;
pub mod restore;
pub mod snapshot;
pub mod soak;
pub mod status;
mod stick;
pub mod store;
mod supply;
pub mod support;
pub mod take;
mod tell_bundle;
mod timing;
#[cfg(feature = "lab")]
mod tour;
mod transcript;
pub mod trust;
pub mod update;
pub mod verify;
mod watch;
mod word_order;
mod zipped;

use crate::cli::{self, Half, KeygenArgs, LogArgs, MediaArgs, Program};
use crate::repair::RepairArgs;
use clap::Subcommand;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
enum Verb {
    Next(next::NextArgs),
    Keygen(KeygenArgs),
    Trust(trust::TrustArgs),
    Enroll(Box<enroll::EnrollArgs>),
    Rename(rename::RenameArgs),
    Remove(remove::RemoveArgs),
    List(list::ListArgs),
    Probe(probe::ProbeArgs),
    Status(status::StatusArgs),
    Watch(watch::WatchArgs),
    Request(request::RequestArgs),
    Verify(verify::VerifyArgs),
    Take(take::TakeArgs),
    Store(store::StoreArgs),
    Repair(RepairArgs),
    Plan(plan::PlanArgs),
    Rehearse(rehearse::RehearseArgs),
    Approve(approve::ApproveArgs),
    Push(push::PushArgs),
    Update(update::UpdateArgs),
    Soak(soak::SoakArgs),
    Backup(backup::BackupVerbArgs),
    Restore(restore::RestoreArgs),
    Receipt(receipt::ReceiptArgs),
    Before(before::BeforeArgs),
    After(after::AfterArgs),
    Audit(audit::AuditArgs),
    Log(LogArgs),
    Media(MediaArgs),
    Support(support::SupportArgs),
    #[command(name = "self")]
    Program(program::ProgramArgs),
    #[cfg(feature = "lab")]
    Lab(lab::LabArgs),
    #[cfg(feature = "lab")]
    Tour(tour::TourArgs),
}

/// Runs the program as it was called and returns its exit code.
pub fn run() -> ExitCode {
    let program = Program {
        half: Half::Inside,
        manual: manual::MANUAL,
        bare: || Verb::Next(next::NextArgs::default()),
        finders: complete::finder,
        due: next::due,
    };
    cli::run(program, |verb, context| match verb {
        Verb::Next(args) => next::run(args, context),
        Verb::Keygen(args) => cli::keygen(args, Half::Inside, context),
        Verb::Trust(args) => trust::run(args, context),
        Verb::Enroll(args) => enroll::run(args, context),
        Verb::Rename(args) => rename::run(args, context),
        Verb::Remove(args) => remove::run(args, context),
        Verb::List(args) => list::run(args, context),
        Verb::Probe(args) => probe::run(args, context),
        Verb::Status(args) => status::run(args, context),
        Verb::Watch(args) => watch::run(args, context),
        Verb::Request(args) => request::run(args.put_in_order(context), context),
        Verb::Verify(args) => verify::run(args, context),
        Verb::Take(args) => take::run(args, context),
        Verb::Store(args) => store::run(args, context),
        Verb::Repair(args) => repair::run(args, context),
        Verb::Plan(args) => plan::run(args, context),
        Verb::Rehearse(args) => rehearse::run(args, context),
        Verb::Approve(args) => approve::run(args, context),
        Verb::Push(args) => push::run(args, context),
        Verb::Update(args) => update::run(args, context),
        Verb::Soak(args) => soak::run(args, context),
        Verb::Backup(args) => backup::run(args, context),
        Verb::Restore(args) => restore::run(args, context),
        Verb::Receipt(args) => receipt::run(args.put_in_order(context), context),
        Verb::Before(args) => before::run(args, context),
        Verb::After(args) => after::run(args, context),
        Verb::Audit(args) => audit::run(args, context),
        Verb::Log(args) => cli::log(args, context),
        Verb::Media(args) => cli::media(args, context),
        Verb::Support(args) => support::run(args, context),
        Verb::Program(args) => program::run(args, context),
        #[cfg(feature = "lab")]
        Verb::Lab(args) => lab::run(args, context),
        #[cfg(feature = "lab")]
        Verb::Tour(args) => tour::run(args, context),
    })
}
