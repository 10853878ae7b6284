//! The half that works where the appliance is: stick → plan → appliance.
//!
//! It trusts nothing on the stick before its signature holds, installs in
//! order with every wait the guide asks for, and journals each step. It never
//! talks to the vendor.

pub mod after;
pub mod audit;
pub mod backup;
pub mod before;
pub mod carried;
pub mod danger;
pub mod enroll;
pub mod fleet;
pub mod job;
#[cfg(feature = "lab")]
mod lab;
pub mod list;
pub mod marks;
pub mod meet;
mod migrate;
pub mod pair;
mod pairing;
pub mod plan;
pub mod probe;
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
#[cfg(feature = "lab")]
mod tour;
pub mod trust;
pub mod update;
pub mod verify;

use crate::cli::{self, Half, KeygenArgs, MediaArgs};
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
    Push(push::PushArgs),
    Update(update::UpdateArgs),
    Soak(soak::SoakArgs),
    Backup(backup::BackupVerbArgs),
    Restore(restore::RestoreArgs),
    Receipt(receipt::ReceiptArgs),
    Before(before::BeforeArgs),
    After(after::AfterArgs),
    Audit(audit::AuditArgs),
    Media(MediaArgs),
    Support(support::SupportArgs),
    #[cfg(feature = "lab")]
    Lab(lab::LabArgs),
    #[cfg(feature = "lab")]
    Tour(tour::TourArgs),
}

/// Runs the program as it was called and returns its exit code.
pub fn run() -> ExitCode {
    cli::run(Half::Inside, ABOUT, EXAMPLES, |verb: &Verb, desk| match verb {
        Verb::Keygen(args) => cli::keygen(args, Half::Inside, desk),
        Verb::Trust(args) => trust::run(args, desk),
        Verb::Enroll(args) => enroll::run(args, desk),
        Verb::List(args) => list::run(args, desk),
        Verb::Probe(args) => probe::run(args, desk),
        Verb::Status(args) => status::run(args, desk),
        Verb::Request(args) => request::run(args, desk),
        Verb::Verify(args) => verify::run(args, desk),
        Verb::Repair(args) => repair::run(args, desk),
        Verb::Plan(args) => plan::run(args, desk),
        Verb::Rehearse(args) => rehearse::run(args, desk),
        Verb::Push(args) => push::run(args, desk),
        Verb::Update(args) => update::run(args, desk),
        Verb::Soak(args) => soak::run(args, desk),
        Verb::Backup(args) => backup::run(args, desk),
        Verb::Restore(args) => restore::run(args, desk),
        Verb::Receipt(args) => receipt::run(args, desk),
        Verb::Before(args) => before::run(args, desk),
        Verb::After(args) => after::run(args, desk),
        Verb::Audit(args) => audit::run(args, desk),
        Verb::Media(args) => cli::media(args, desk),
        Verb::Support(args) => support::run(args, desk),
        #[cfg(feature = "lab")]
        Verb::Lab(args) => lab::run(args, desk),
        #[cfg(feature = "lab")]
        Verb::Tour(args) => tour::run(args, desk),
    })
}
