//! The one language of plans: a plan is a list of steps, each one operation on
//! one appliance, with its reason, its length and the time it can begin.

use super::{ClockRule, Estimate, Opening, Order, Part, Switch, Topology};
use crate::model::{ApplianceId, FileName, Id, PackageKind, PackageRef, Requirement, Sha256Digest, Timestamp, Version};
use serde::Serialize;

/// What is to be done, in order. All times are by the trusted clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// Which planner wrote it, and for whom.
    #[serde(flatten)]
    pub procedure: Procedure,
    /// When it was made.
    pub made: Timestamp,
    /// Whose clock its times are by.
    pub clock: ClockRule,
    /// Ids of the steps that are done already and left out.
    pub done: Vec<String>,
    /// What is carried and need not be installed.
    pub skipped: Vec<Skipped>,
    /// What will be done; empty where nothing is left to do.
    pub steps: Vec<Step>,
    /// What is taken for granted, for who agrees to it.
    pub notes: Vec<String>,
    /// When it can be done at the earliest, by the shortest estimates.
    pub earliest_end: Timestamp,
    /// When it is done by the longest estimates, if nobody pauses; with
    /// windows, each install in the first that is long enough.
    pub latest_end: Timestamp,
}

/// What a plan is for. Nothing but its planner and whoever tells it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "procedure", rename_all = "kebab-case")]
pub enum Procedure {
    /// One appliance installs what a bundle carries.
    Single(Install),
    /// One appliance installs what it offers by itself; the bundle is the id of the run.
    Update(Install),
    /// Both appliances of a failover pair are upgraded.
    Pair {
        /// In which order.
        order: Order,
        /// Their names in the inventory, the primary's at the beginning first.
        names: [FileName; 2],
    },
    /// A site moves to another appliance.
    Migrate {
        /// Their names in the inventory, the old one's first.
        names: [FileName; 2],
    },
}

/// What one appliance installs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Install {
    /// The appliance.
    // Events have a member of that name, by which every one of them tells the name in the inventory.
    #[serde(rename = "identity")]
    pub appliance: ApplianceId,
    /// The bundle, or the run where it is offered.
    pub bundle: Id,
    /// That bundle's sequence; 0 where it is offered.
    pub sequence: u64,
    /// Why all client software was removed first, so that nothing waits for
    /// it; `None` where it was not.
    pub clients_removed: Option<String>,
}

impl Procedure {
    /// What one appliance installs; `None` of a plan over two.
    pub const fn install(&self) -> Option<&Install> {
        match self {
            Procedure::Single(install) | Procedure::Update(install) => Some(install),
            Procedure::Pair { .. } | Procedure::Migrate { .. } => None,
        }
    }

    /// How two appliances are worked together; `None` of one alone.
    pub const fn topology(&self) -> Option<Topology> {
        match self {
            Procedure::Single(_) | Procedure::Update(_) => None,
            Procedure::Pair { order, .. } => Some(order.topology()),
            Procedure::Migrate { .. } => Some(Topology::Migrate),
        }
    }

    /// The names of two appliances, A's first; `None` of one alone.
    pub const fn names(&self) -> Option<&[FileName; 2]> {
        match self {
            Procedure::Single(_) | Procedure::Update(_) => None,
            Procedure::Pair { names, .. } | Procedure::Migrate { names } => Some(names),
        }
    }
}

impl Plan {
    /// The packages it installs by its own steps, in order.
    pub fn installs(&self) -> impl Iterator<Item = &Carried> + Clone {
        self.steps.iter().filter_map(|step| match &step.op {
            Op::Install { package, .. } => Some(package),
            _ => None,
        })
    }

    /// The plans of single appliances that it holds, each with whose it is.
    pub fn upgrades(&self) -> impl Iterator<Item = (Part, &Plan)> + Clone {
        self.steps.iter().filter_map(|step| match &step.op {
            Op::Upgrade { plan } => Some((step.on, &**plan)),
            _ => None,
        })
    }

    /// Whether a step that is left needs the address by which clients reach `part`.
    pub fn leads_clients_to(&self, part: Part) -> bool {
        self.steps.iter().filter(|step| step.on == part).any(|step| {
            matches!(step.op, Op::Verify { hosts_file: true } | Op::Switch { by: Switch::Dns | Switch::Nat })
        })
    }
}

/// A carried package that need not be installed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// The package.
    pub package: Carried,
    /// Why not.
    pub why: String,
}

/// One step on one appliance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// A name that is unique in the plan and the same in every plan for the
    /// same thing.
    // The journal says by it what is done. A name with a time or a count of all steps
    // in it would differ once a part is done, and the part would be done again.
    pub id: String,
    /// Which appliance it is done on; A where there is one.
    pub on: Part,
    /// What is done.
    #[serde(flatten)]
    pub op: Op,
    /// The step in a few words.
    pub title: String,
    /// Why it is done, and why here.
    pub why: String,
    /// How long it takes.
    pub cost: Estimate,
    /// When it can begin at the earliest.
    pub not_before: Timestamp,
    /// The maintenance window it begins in; `None` where it needs none.
    pub window: Option<Opening>,
    /// Which of a pair's two windows it falls into, from 1; `None` of other plans.
    // A pair's windows are told apart by number and not by time, since a person says when the second begins.
    pub window_number: Option<u8>,
    /// What a person is needed for; `None` where nobody is.
    pub person: Option<String>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Op {
    /// Reads who the appliance is and compares its clock with ours.
    Check,
    /// Makes a backup of the site and keeps it.
    Backup,
    /// Installs a package and confirms it.
    Install {
        /// The package.
        package: Carried,
        /// What it needs and the appliance does not show; a person must say.
        unsure: Vec<Requirement>,
        /// When it was installed before, where it was and is gone.
        again: Option<Timestamp>,
    },
    /// Waits until clients have had time to update.
    Soak {
        /// Title of the site package they update to.
        after: String,
        /// Seconds to wait from now on; `None` where that package is not yet installed.
        remaining_secs: Option<i64>,
    },
    /// Follows the appliance's own plan, made anew when its turn comes.
    Upgrade {
        /// That plan, as it would be at the earliest.
        plan: Box<Plan>,
    },
    /// Has keys, ports and addresses of both compared, before anything is broken.
    Compare,
    /// Pulls a data sync from the partner and waits until its time is past the press.
    Sync,
    /// Breaks the failover relationship.
    Break,
    /// Has a person verify and test the new version.
    Verify {
        /// Whether the site's name leads elsewhere, so that hosts files are needed.
        hosts_file: bool,
    },
    /// Waits for the second maintenance window.
    Window,
    /// Has the Integration Client pull all session data.
    SessionData,
    /// Leads the site's address here.
    Switch {
        /// How.
        by: Switch,
    },
    /// Has a person see that the Integration Client can pull data from here.
    IntegrationClient,
    /// Establishes the relationship, with this appliance as primary.
    Establish,
    /// Exports the certificate that serves the site, with key and chain, and keeps it.
    ExportCertificate,
    /// Imports that certificate.
    ImportCertificate,
    /// Assigns the appliance's IP address to the certificate.
    AssignAddress,
    /// Restores the settings of the backup.
    Restore,
    /// Has the site's DNS entry lead here.
    Entry,
    /// Confirms that the appliance serves the site.
    Confirm,
    /// Resets the appliance to factory defaults.
    Reset,
    /// Shuts the appliance down.
    ShutDown,
}

impl Op {
    /// Whether it presses something, or has a person do so; an upgrade asks by
    /// its own plan's steps, for it may be waiting for its clients.
    pub const fn presses(&self) -> bool {
        !matches!(
            self,
            Op::Check
                | Op::Compare
                | Op::Soak { .. }
                | Op::Upgrade { .. }
                | Op::Verify { .. }
                | Op::Window
                | Op::Confirm
        )
    }

    /// The page on which it is done, in English; `None` of what has none.
    /// Source: guide.
    pub const fn menu(&self) -> Option<&'static str> {
        Some(match self {
            Op::Check | Op::Reset | Op::ShutDown => "/appliance > Status > Basics",
            Op::Backup | Op::Restore => "/login > Management > Software Management",
            Op::Install { .. } => "/appliance > Updates",
            Op::Compare => "/login > Management > Security",
            Op::Sync | Op::Break | Op::Establish => "/login > Management > Failover",
            Op::Switch { by: Switch::SharedIp } => "/appliance > Networking > IP Configuration",
            Op::ExportCertificate | Op::ImportCertificate | Op::AssignAddress => "/appliance > Security > Certificates",
            Op::Soak { .. } => "/login > Status > Information",
            Op::Upgrade { .. }
            | Op::Verify { .. }
            | Op::Window
            | Op::SessionData
            | Op::Switch { by: Switch::Dns | Switch::Nat }
            | Op::IntegrationClient
            | Op::Entry
            | Op::Confirm => return None,
        })
    }
}

/// The part of a package that a plan speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Its file in the bundle.
    pub file: FileName,
    /// Its title.
    pub name: String,
    /// What it changes.
    pub kind: PackageKind,
    /// Its version.
    pub version: Version,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest; `None` where the appliance fetches it by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
}

impl From<&PackageRef> for Carried {
    fn from(package: &PackageRef) -> Self {
        Carried {
            file: package.file.clone(),
            name: package.name.clone(),
            kind: package.kind,
            version: package.version.clone(),
            size_bytes: package.size_bytes().unwrap_or(0),
            sha256: package.key().digest(),
        }
    }
}
