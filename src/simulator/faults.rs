//! What can be made to go wrong on a simulated appliance: by name, and at a
//! chosen moment.

use crate::model::FileName;

/// What goes wrong, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimulatedFault {
    /// The network goes away when half of a package is sent.
    UploadCut,
    /// The package arrives, its answer does not.
    AnswerLost,
    /// The package is handed over whole, and neither it nor an answer arrives.
    UploadVanishes,
    /// The package is refused.
    PackageRefused,
    /// The install ends with a message instead of the new version.
    InstallFails,
    /// The install ends, and nothing has changed.
    InstallVanishes,
    /// The install never ends.
    InstallHangs,
    /// The appliance shows ordinary pages and its old version until the install ends.
    InstallHides,
    /// After the install nothing can be read off the appliance's pages any more.
    PagesChange,
    /// The agreement's acceptance arrives, its answer does not.
    AcceptanceLost,
    /// The backup is empty.
    BackupEmpty,
    /// A step's control is not found: `backup`, `upload` or `agreement`.
    ByHand(&'static str),
}

/// Which kind of step a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Befalls {
    /// A backup.
    Backup,
    /// An install.
    Install,
}

/// When a fault strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// At the backup of this number, from 1.
    Backup(usize),
    /// At the package of this file.
    Package(FileName),
}

impl SimulatedFault {
    /// Every fault there is.
    pub const ALL: &'static [SimulatedFault] = &[
        SimulatedFault::UploadCut,
        SimulatedFault::AnswerLost,
        SimulatedFault::UploadVanishes,
        SimulatedFault::PackageRefused,
        SimulatedFault::InstallFails,
        SimulatedFault::InstallVanishes,
        SimulatedFault::InstallHangs,
        SimulatedFault::InstallHides,
        SimulatedFault::PagesChange,
        SimulatedFault::AcceptanceLost,
        SimulatedFault::BackupEmpty,
        SimulatedFault::ByHand("backup"),
        SimulatedFault::ByHand("upload"),
        SimulatedFault::ByHand("agreement"),
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The kind of step it befalls.
    pub fn befalls(self) -> Befalls {
        self.row().1
    }

    /// One line for people.
    pub fn meaning(self) -> &'static str {
        self.row().2
    }

    /// The fault of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    fn row(self) -> (&'static str, Befalls, &'static str) {
        use Befalls::{Backup, Install};
        match self {
            SimulatedFault::UploadCut => {
                ("upload-cut", Install, "the network goes away when half of a package is sent")
            }
            SimulatedFault::AnswerLost => ("answer-lost", Install, "a package arrives, and the answer to it is lost"),
            SimulatedFault::UploadVanishes => {
                ("upload-vanishes", Install, "a package is handed over, and neither it nor an answer arrives")
            }
            SimulatedFault::PackageRefused => ("package-refused", Install, "the appliance refuses a package"),
            SimulatedFault::InstallFails => ("install-fails", Install, "an install ends with an error message"),
            SimulatedFault::InstallVanishes => ("install-vanishes", Install, "an install ends and nothing has changed"),
            SimulatedFault::InstallHangs => ("install-hangs", Install, "an install never ends"),
            SimulatedFault::InstallHides => {
                ("install-hides", Install, "an install shows ordinary pages and the old version until it ends")
            }
            SimulatedFault::PagesChange => {
                ("pages-change", Install, "after an install its pages can't be read any more")
            }
            SimulatedFault::AcceptanceLost => {
                ("acceptance-lost", Install, "a licence is accepted, and the answer to that is lost")
            }
            SimulatedFault::BackupEmpty => ("backup-empty", Backup, "a backup has no bytes in it"),
            SimulatedFault::ByHand("backup") => ("by-hand-backup", Backup, "a backup must be made by hand"),
            SimulatedFault::ByHand("agreement") => ("by-hand-agreement", Install, "a licence must be accepted by hand"),
            SimulatedFault::ByHand(_) => ("by-hand-upload", Install, "a package must be sent by hand"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for fault in SimulatedFault::ALL {
            assert_eq!(SimulatedFault::named(fault.name()), Some(*fault));
            assert!(!fault.meaning().is_empty());
        }
        assert_eq!(SimulatedFault::named("flood"), None);
    }
}
