//! The half that works where the appliance is: stick → plan → appliance.
//!
//! It trusts nothing on the stick before its signature holds, installs in
//! order with every wait the guide asks for, and journals each step. It never
//! talks to the vendor.

pub mod after;
pub mod appliance_session;
pub mod approve;
pub mod audit;
pub mod backup;
pub mod before;
mod begin;
pub mod enroll;
pub mod fleet;
mod foretell;
pub mod high_water;
pub mod journals;
#[cfg(feature = "lab")]
mod lab;
pub mod list;
pub mod meet;
mod migrate;
pub mod open_bundle;
pub mod overrides;
pub mod pair;
mod pairing;
pub mod plan;
pub mod probe;
mod procedure;
pub mod push;
mod question;
pub mod receipt;
pub mod rehearse;
pub mod repair;
pub mod request;
pub mod restore;
pub mod snapshot;
pub mod soak;
pub mod status;
mod stick;
pub mod support;
mod tell_bundle;
#[cfg(feature = "lab")]
mod tour;
mod transcript;
pub mod trust;
pub mod update;
pub mod verify;

use crate::cli::{self, Half, KeygenArgs, LogArgs, MediaArgs};
use crate::repair::RepairArgs;
use clap::Subcommand;
use std::process::ExitCode;

const ABOUT: &str = "Verify a carried bundle and push its packages, in order, to the appliance";

/// The usual course, once the key is made and each half trusts the other's.
const EXAMPLES: &str = "\
Examples:
  # make the signing key, once
  handcarry-inside keygen
  # trust the other key, once
  handcarry-inside trust add outside.pub
  # remember an appliance, once
  handcarry-inside enroll branch --url https://support.example.com
  # ask for packages
  handcarry-inside request branch /media/stick
  # check what came back
  handcarry-inside verify /media/stick
  # what must be done before it
  handcarry-inside before branch
  # see the steps and the waits
  handcarry-inside plan /media/stick branch
  # play it through, with nothing changed
  handcarry-inside rehearse /media/stick branch
  # agree to it as a second person, where trust asks for one
  handcarry-inside approve SHA256 --key second.key
  # back up, then install in order
  handcarry-inside push /media/stick branch
  # the same where it reaches the vendor itself
  handcarry-inside update branch
  # tell the outside what was done
  handcarry-inside receipt branch /media/stick
  # put the last backup back
  handcarry-inside restore branch
  # what is left to look at
  handcarry-inside after branch
  # pack what vendor support asks for
  handcarry-inside support branch";

#[derive(Debug, Subcommand)]
enum Verb {
    Keygen(KeygenArgs),
    Trust(trust::TrustArgs),
    Enroll(Box<enroll::EnrollArgs>),
    List(list::ListArgs),
    Probe(probe::ProbeArgs),
    Status(status::StatusArgs),
    Request(request::RequestArgs),
    Verify(verify::VerifyArgs),
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
    #[cfg(feature = "lab")]
    Lab(lab::LabArgs),
    #[cfg(feature = "lab")]
    Tour(tour::TourArgs),
}

/// Runs the program as it was called and returns its exit code.
pub fn run() -> ExitCode {
    cli::run(Half::Inside, ABOUT, EXAMPLES, |verb: &Verb, context| match verb {
        Verb::Keygen(args) => cli::keygen(args, Half::Inside, context),
        Verb::Trust(args) => trust::run(args, context),
        Verb::Enroll(args) => enroll::run(args, context),
        Verb::List(args) => list::run(args, context),
        Verb::Probe(args) => probe::run(args, context),
        Verb::Status(args) => status::run(args, context),
        Verb::Request(args) => request::run(args, context),
        Verb::Verify(args) => verify::run(args, context),
        Verb::Repair(args) => repair::run(args, context),
        Verb::Plan(args) => plan::run(args, context),
        Verb::Rehearse(args) => rehearse::run(args, context),
        Verb::Approve(args) => approve::run(args, context),
        Verb::Push(args) => push::run(args, context),
        Verb::Update(args) => update::run(args, context),
        Verb::Soak(args) => soak::run(args, context),
        Verb::Backup(args) => backup::run(args, context),
        Verb::Restore(args) => restore::run(args, context),
        Verb::Receipt(args) => receipt::run(args, context),
        Verb::Before(args) => before::run(args, context),
        Verb::After(args) => after::run(args, context),
        Verb::Audit(args) => audit::run(args, context),
        Verb::Log(args) => cli::log(args, context),
        Verb::Media(args) => cli::media(args, context),
        Verb::Support(args) => support::run(args, context),
        #[cfg(feature = "lab")]
        Verb::Lab(args) => lab::run(args, context),
        #[cfg(feature = "lab")]
        Verb::Tour(args) => tour::run(args, context),
    })
}
