//! What the journal says was done, read as facts.

use super::entry::{Entry, Installing, Shown};
use super::record::Noted;
use super::sites::Sites;
use crate::model::{Evidence, Id, PackageKey, PackageKind, Sha256Digest, Status, Timestamp, text};
use crate::plan::{self, ClientRemoval, History, PackageList, PastBackup, PastInstall, Served, SoakEvidence};

/// Takes one entry into what a plan needs to know. `begun` is when the install
/// that is under way was begun, as long as nothing interrupted it.
pub(super) fn apply(
    history: &mut History,
    sites: &mut Sites,
    begun: &mut Option<Timestamp>,
    at: Timestamp,
    entry: &Entry,
) {
    sites.see(at, entry, history);
    match entry {
        Entry::InstallStarted { .. } => *begun = Some(at),
        Entry::PushBegun { .. }
        | Entry::UpdateBegun { .. }
        | Entry::GuidedBegun { .. }
        | Entry::InstallAbandoned { .. } => *begun = None,
        Entry::ClientsRemovedFirst { bundle, reason, .. } => {
            // No client is left that a wait before could be for.
            let last = history.installs.iter_mut().rev().find(|past| past.kind == PackageKind::Site);
            if let Some(past) = last {
                past.evidence.push(SoakEvidence::Removed);
            }
            history.removals.push(ClientRemoval { bundle: *bundle, reason: reason.clone() });
        }
        Entry::InstallConfirmed { package, shown, guided, .. } => history.installs.push(PastInstall {
            key: package.key.clone(),
            name: package.name.clone(),
            kind: package.kind,
            version: package.version.clone(),
            at,
            elsewhere: false,
            appliance_clock: shown.clock,
            served: None,
            evidence: history.removal(package.bundle).map(|_| SoakEvidence::Removed).into_iter().collect(),
            // Where a clock was set back in between nothing was measured.
            took_secs: begun.take().filter(|_| !guided).map(|begun| at.secs_since(begun)).filter(|secs| *secs >= 0),
        }),
        Entry::BackupDone { sha256, protected, history: logged, .. } => {
            history.backup = Some(PastBackup { at, sha256: *sha256, protected: *protected, history: *logged });
        }
        Entry::CertificateExported { .. } => history.certificate = Some(at),
        // Whatever was found of clients before they came is not about them.
        Entry::Serves { clock, .. } => {
            if let Some(past) = history.installs.iter_mut().rev().find(|past| past.kind == PackageKind::Site) {
                past.served = Some(Served { at, appliance_clock: *clock });
                past.evidence.clear();
            }
        }
        other => {
            // It counts for the last site package only, and only if it was found for that one.
            if let Some((after, found)) = other.soak_evidence()
                && let Some(past) = history.installs.iter_mut().rev().find(|past| past.kind == PackageKind::Site)
                && past.key == *after
            {
                past.evidence.push(found);
            }
        }
    }
}

/// Whether what an appliance shows is not what the journal saw of it last.
pub fn is_news(entries: &[Noted], status: &Status) -> bool {
    let last = entries.iter().rev().find_map(|(_, entry)| entry.shown());
    last.is_none_or(|last| (&last.base, &last.site) != (&status.base_version, &status.site_version))
}

/// The record that somebody else has begun to install what is listed,
/// where the journal has it not and it is so.
pub fn begun_elsewhere(list: &PackageList, status: &Status, history: &History) -> Option<Entry> {
    let met = plan::begun_elsewhere(list, status, history)?;
    Some(Entry::SiteBegunElsewhere {
        version: met.version.clone(),
        first_seen: met.at,
        appliance_clock: met.appliance_clock,
    })
}

/// An install that was begun and whose end is not in the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The package.
    pub package: Installing,
    /// What the appliance showed before.
    pub before: Shown,
    /// How far it is known to have come.
    pub stage: InstallStage,
    /// Whether a person was doing it.
    pub guided: bool,
    /// When it was begun.
    pub since: Timestamp,
    /// When it came as far as `stage`.
    pub stage_since: Timestamp,
}

impl Open {
    /// Where it stands, in a few words.
    pub fn told(&self) -> String {
        let how = match &self.stage {
            InstallStage::Sending => "was being sent".to_owned(),
            InstallStage::Unanswered => "was handed over, and what became of it is not known yet".to_owned(),
            InstallStage::Agreement => "is on the appliance, and its licence agreement was not accepted yet".to_owned(),
            InstallStage::Accepting => "may be installing: its licence agreement was being accepted".to_owned(),
            InstallStage::SetOff => "may be installing, or installed; do not restart the appliance".to_owned(),
            InstallStage::Failed(said) => format!("failed: {}", text::one_line(said)),
        };
        format!("{} {how}", text::one_line(&self.package.name))
    }
}

/// How far an install has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallStage {
    /// Sending was begun, and not all of it was handed over.
    Sending,
    /// All of it was handed over, or its install pressed; no answer is known.
    Unanswered,
    /// It is on the appliance and waits for its licence agreement.
    Agreement,
    /// The agreement was, or was about to be, accepted; no answer is known.
    Accepting,
    /// The appliance may be installing it.
    SetOff,
    /// The appliance said that it failed.
    Failed(String),
}

impl InstallStage {
    /// How far an install is once it was begun. One that is fetched by the
    /// appliance itself is a single press, which may have arrived.
    pub(super) fn at_first(package: &Installing) -> Self {
        if package.key.is_offered() { InstallStage::Unanswered } else { InstallStage::Sending }
    }
}

/// Takes one entry into the install that is open.
pub(super) fn apply_install(open: &mut Option<Open>, at: Timestamp, entry: &Entry) {
    if let Entry::InstallStarted { package, before, .. } = entry {
        let (package, before) = (package.clone(), before.clone());
        let stage = InstallStage::at_first(&package);
        *open = Some(Open { package, before, stage, guided: false, since: at, stage_since: at });
        return;
    }
    let Some(current) = open else { return };
    let known = current.package.key.clone();
    let own = |other: &PackageKey| *other == known;
    let before = current.stage.clone();
    match entry {
        Entry::EulaShown { key, .. } if own(key) => current.stage = InstallStage::Agreement,
        Entry::EulaAccepted { key, .. } if own(key) => current.stage = InstallStage::Accepting,
        Entry::InstallSetOff { key } if own(key) => current.stage = InstallStage::SetOff,
        Entry::UploadHandedOver { key } | Entry::UploadBroken { key, complete: true, .. } if own(key) => {
            current.stage = InstallStage::Unanswered;
        }
        Entry::UploadBroken { key, complete: false, .. } if own(key) => current.stage = InstallStage::Sending,
        // From here on a person may have done it, without telling anybody.
        Entry::GuidedBegun { key: Some(key), .. } if own(key) => {
            current.stage = InstallStage::SetOff;
            current.guided = true;
        }
        Entry::InstallFailed { key, said } if own(key) => current.stage = InstallStage::Failed(said.clone()),
        Entry::InstallConfirmed { package, .. } if own(&package.key) => {
            *open = None;
            return;
        }
        Entry::InstallAbandoned { key, .. } | Entry::InstallRefused { key, .. } if own(key) => {
            *open = None;
            return;
        }
        _ => {}
    }
    if current.stage != before {
        current.stage_since = at;
    }
}

/// What became of one package, for the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Became {
    /// Installed and confirmed.
    Installed(Evidence, Timestamp),
    /// Tried, and failed.
    Failed(Timestamp),
}

/// What the journal says `bundle` made of the package of this key.
pub fn became(entries: &[Noted], bundle: Id, wanted: &PackageKey) -> Option<Became> {
    let mut became = None;
    // A failure names its package alone. Whose attempt it was tells what was begun last.
    let mut tried = None;
    for (at, entry) in entries {
        match entry {
            Entry::InstallStarted { package, .. } => tried = Some(package.bundle),
            Entry::InstallConfirmed { package, evidence, .. } if package.key == *wanted && package.bundle == bundle => {
                became = Some(Became::Installed(*evidence, *at));
            }
            Entry::InstallFailed { key, .. } | Entry::InstallRefused { key, .. }
                if key == wanted && tried == Some(bundle) =>
            {
                became = Some(Became::Failed(*at));
            }
            _ => {}
        }
    }
    became
}

/// The digest of the backup made before `bundle`'s first install; the last
/// one where that bundle has installed nothing.
pub fn backup_before(entries: &[Noted], bundle: Id) -> Option<Sha256Digest> {
    let first = |(_, entry): &Noted| matches!(entry, Entry::InstallStarted { package, .. } if package.bundle == bundle);
    let until = entries.iter().position(first).unwrap_or(entries.len());
    entries[..until].iter().rev().find_map(|(_, entry)| match entry {
        Entry::BackupDone { sha256, .. } => *sha256,
        _ => None,
    })
}
