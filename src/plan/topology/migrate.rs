//! Moving a site from one appliance to another, hardware or virtual.

use super::part_facts::{ends_with, software};
use super::{Part, PartFacts, Topology, TopologyError};
use crate::model::{Failover, FailoverRole, FileName, Status, Timestamp};
use crate::plan::estimate::BACKUP;
use crate::plan::sheet::{Draft, ENTRY, PRESS, Sheet, VERIFY};
use crate::plan::{Estimate, Op, Plan, Procedure};

/// The appliance that is migrated from, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct OldFacts<'a> {
    /// Its name in the inventory.
    pub name: &'a FileName,
    /// The host that this machine reaches it by.
    pub reached_by: &'a str,
    /// What it shows; `None` once its reset was ordered: it is asked no more.
    pub status: Option<&'a Status>,
    /// What it shows of a failover relationship; `None` where nobody could tell.
    pub failover: Option<&'a Failover>,
}

/// Everything a migration's plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct MigrateFacts<'a> {
    /// The appliance that is migrated from.
    pub old: OldFacts<'a>,
    /// The appliance that is migrated to, and what is installed on it.
    pub new: PartFacts<'a>,
    /// Our clock.
    pub now: Timestamp,
    /// Ids of the steps that are done already.
    pub done: &'a [String],
    /// Whether settings may be restored on the backup of a failover pair.
    pub over_backup: bool,
    /// Whether the old appliance is left as it is in the end.
    pub keep_old: bool,
    /// The site's host name as it was told; `None` where it is the one that the old appliance shows.
    pub site_host: Option<&'a str>,
}

/// Copying settings back; the guide gives no time for it.
const RESTORE: Estimate = Estimate { min_secs: 60, max_secs: 3600 };
/// A reset; the guide says only that it is waited for.
const RESET: Estimate = Estimate { min_secs: 300, max_secs: 3600 };

/// Where the vendor tells what is beyond this plan. Source: guide, "upgrade the hardware".
const HOW_TO: [&str; 2] = [
    "the new appliance is set up by the vendor's guide first: \
     www.bomgar.com/docs/remote-support/getting-started/deployment/virtual, or …/deployment/hardware",
    "all about certificates: www.bomgar.com/docs/remote-support/how-to/sslcertificates",
];

/// Makes the plan of a migration, in the order of the guide's chapter on new
/// hardware. Whatever is done already,
///
/// 1. the backup and the exported certificate stand before anything changes on
///    the new appliance;
/// 2. settings are restored from that backup, and only where the new appliance
///    ends with the old one's site version;
/// 3. the old appliance is reset last, after the new one was confirmed to
///    serve the site, and never where it is to be kept, nor where it is reached
///    by the site's own name, which leads to the new one then.
///
/// # Errors
/// [`TopologyError`].
pub fn migrate(facts: &MigrateFacts<'_>) -> Result<Plan, TopologyError> {
    let is_done = |id: &str| facts.done.iter().any(|done| done == id);
    check_who(facts)?;
    check_names(facts)?;
    if !is_done("restore") {
        // The restore brings the old one's settings along, its failover among
        // them: what the new one shows afterwards says nothing of what it was.
        check_roles(facts)?;
        check_versions(facts)?;
    }
    let names = [facts.old.name.clone(), facts.new.name.clone()];
    let procedure = Procedure::Migrate { names };
    let mut sheet = Sheet::new(procedure, facts.now, facts.new.policy.clock).without(facts.done);
    sheet.plan.notes.extend(HOW_TO.map(str::to_owned));
    // The certificate before the software, as in the guide: a
    // warning that must be resolved then holds up nothing half-way.
    carry(&mut sheet, facts);
    if !is_done("restore") {
        let plan = sheet.plan_of(Topology::Migrate, Part::B, &facts.new)?;
        if !plan.steps.is_empty() {
            install(&mut sheet, facts, plan);
        }
    }
    take_over(&mut sheet, facts);
    if !facts.keep_old {
        retire(&mut sheet, facts);
    }
    Ok(sheet.plan)
}

fn check_who(facts: &MigrateFacts<'_>) -> Result<(), TopologyError> {
    let serial = &facts.new.status.appliance.serial;
    match facts.old.status {
        // Two names of one box: it would be erased after its own settings were restored on it.
        Some(old) if old.appliance.serial == *serial => Err(TopologyError::SameAppliance { serial: serial.clone() }),
        _ => Ok(()),
    }
}

/// Where the site's name leads to the new appliance in the end, whoever is
/// reached by it then is not the old one, and looks like it.
fn check_names(facts: &MigrateFacts<'_>) -> Result<(), TopologyError> {
    // Where a person typed what is there its address stands for a name, and the site's name is what was told.
    let told_other = facts.site_host.is_some_and(|told| !told.eq_ignore_ascii_case(facts.old.reached_by));
    let named_so = |old: &Status| old.appliance.host.eq_ignore_ascii_case(facts.old.reached_by);
    let leads_away = |old: &&Status| named_so(old) && !(old.typed && told_other);
    match facts.old.status.filter(leads_away) {
        Some(old) if !facts.keep_old => Err(TopologyError::OldBySiteName {
            old: facts.old.name.to_string(),
            host: old.appliance.host.clone(),
            new: facts.new.name.to_string(),
        }),
        _ => Ok(()),
    }
}

/// Neither of the two may lose a failover relationship unasked.
fn check_roles(facts: &MigrateFacts<'_>) -> Result<(), TopologyError> {
    let role = |failover: Option<&Failover>| failover.map_or(FailoverRole::None, |failover| failover.role);
    if role(facts.old.failover) == FailoverRole::Backup {
        return Err(TopologyError::OldIsBackup { name: facts.old.name.to_string() });
    }
    match role(facts.new.failover) {
        FailoverRole::None => Ok(()),
        FailoverRole::Backup if facts.over_backup => Ok(()),
        role => Err(TopologyError::NewIsPaired { name: facts.new.name.to_string(), role }),
    }
}

/// A backup is restored on the software it was made with.
fn check_versions(facts: &MigrateFacts<'_>) -> Result<(), TopologyError> {
    let Some((old, has)) = facts.old.status.and_then(|old| Some((old, old.site_version.as_ref()?))) else {
        return Ok(());
    };
    let (ends, _) = ends_with(&facts.new);
    match ends {
        Some(ends) if ends != *has => Err(TopologyError::RestoreDiffers {
            old: facts.old.name.to_string(),
            old_has: software(old),
            new: facts.new.name.to_string(),
            new_ends: format!("site {ends}"),
        }),
        _ => Ok(()),
    }
}

/// What is taken from the old appliance, and the certificate on the new one.
fn carry(sheet: &mut Sheet, facts: &MigrateFacts<'_>) {
    let (old, new) = (facts.old.name, facts.new.name);
    sheet.push(Draft {
        id: "backup".to_owned(),
        on: Part::A,
        op: Op::Backup,
        title: format!("back up the site's settings on {old}"),
        why: format!("they are restored on {new}; what is changed on {old} after it is not"),
        cost: BACKUP,
        person: None,
    });
    sheet.push(Draft {
        id: "export-certificate".to_owned(),
        on: Part::A,
        op: Op::ExportCertificate,
        title: format!("export the site's certificate from {old}, with its private key and chain"),
        why: format!("clients know the site by it; exporting does not take it from {old}"),
        cost: PRESS,
        person: Some("a passphrase for the private key, unless a file holds it".to_owned()),
    });
    sheet.push(Draft {
        id: "import-certificate".to_owned(),
        on: Part::B,
        op: Op::ImportCertificate,
        title: format!("import that certificate on {new}"),
        why: "it must be there before the site's address is assigned to it".to_owned(),
        cost: PRESS,
        person: None,
    });
    sheet.push(Draft {
        id: "assign-address".to_owned(),
        on: Part::B,
        op: Op::AssignAddress,
        title: format!("assign the IP address of {new} to the certificate"),
        why: "warnings that its page shows are resolved first".to_owned(),
        cost: PRESS,
        person: None,
    });
}

fn install(sheet: &mut Sheet, facts: &MigrateFacts<'_>, plan: Plan) {
    let (old, new) = (facts.old.name, facts.new.name);
    let why = format!("a backup is restored on the version it was made with: {new} must have that of {old}");
    sheet.upgrade("install", Part::B, plan, format!("install the software on {new}"), why);
}

fn take_over(sheet: &mut Sheet, facts: &MigrateFacts<'_>) {
    let (old, new) = (facts.old.name, facts.new.name);
    sheet.push(Draft {
        id: "restore".to_owned(),
        on: Part::B,
        op: Op::Restore,
        title: format!("restore the settings of {old} on {new}"),
        why: format!("they overwrite those of {new}, its users, failover settings and pre-shared key among them"),
        cost: RESTORE,
        person: Some("agreeing to that".to_owned()),
    });
    sheet.push(Draft {
        id: "dns".to_owned(),
        on: Part::B,
        op: Op::Entry,
        title: format!("lead the site's DNS entry to {new}"),
        why: format!(
            "{new} serves the site from now on; whoever is connected to {old} stays there until they connect anew"
        ),
        cost: ENTRY,
        person: Some("changing the DNS entry".to_owned()),
    });
    sheet.push(Draft {
        id: "confirm".to_owned(),
        on: Part::B,
        op: Op::Confirm,
        title: format!("confirm that {new} serves the site"),
        why: format!("only then may {old} go"),
        cost: VERIFY,
        person: Some("a console's version under Help > About, and a session with a remote computer".to_owned()),
    });
}

fn retire(sheet: &mut Sheet, facts: &MigrateFacts<'_>) {
    let (old, new) = (facts.old.name, facts.new.name);
    sheet.push(Draft {
        id: "reset".to_owned(),
        on: Part::A,
        op: Op::Reset,
        title: format!("reset {old} to factory defaults"),
        why: format!("it leaves the house without the site's data, which {new} has now; nothing brings it back"),
        cost: RESET,
        person: Some(format!("typing the serial number of {old}: it is erased for good")),
    });
    sheet.push(Draft {
        id: "shut-down".to_owned(),
        on: Part::A,
        op: Op::ShutDown,
        title: format!("shut {old} down"),
        why: "then it is packed, with the vendor's return label outside, or removed where it is virtual".to_owned(),
        cost: PRESS,
        person: None,
    });
}
