//! Every way to misbehave, by name: the one table that a rehearsal, the lab
//! and their pages list from.
//!
//! A name says first what it strikes, then what happens to it. What only a
//! network can do (a front that answers, a cookie that ends) is played by the
//! lab, which is behind one; its names stand here all the same, so that one
//! name never means two things.

/// Where a fault can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// In a rehearsal, which works in memory.
    Rehearsal,
    /// In the lab, which is reached by HTTP.
    Lab,
}

/// Who plays a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plays {
    Both,
    Rehearsal,
    Lab,
}

/// What a fault befalls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Befalls {
    /// A backup.
    Backup,
    /// An install, from the upload on.
    Install,
    /// The two of a failover pair.
    Pair,
    /// A site that moves to another appliance.
    Migration,
    /// The code, and the vendor that takes it.
    Code,
    /// A download from the vendor.
    Download,
    /// The appliance's own list of updates.
    Offers,
    /// A login, and the session after it.
    Login,
    /// The interface for programs, and the clients it tells of.
    Api,
    /// Any request to the appliance.
    Request,
    /// What stands between a visitor and the appliance.
    Front,
}

impl Befalls {
    /// Its word in a list.
    pub const fn word(self) -> &'static str {
        match self {
            Befalls::Backup => "backup",
            Befalls::Install => "install",
            Befalls::Pair => "pair",
            Befalls::Migration => "migration",
            Befalls::Code => "code",
            Befalls::Download => "download",
            Befalls::Offers => "offers",
            Befalls::Login => "login",
            Befalls::Api => "api",
            Befalls::Request => "request",
            Befalls::Front => "front",
        }
    }
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strikes {
    /// Once; it is spent by that.
    Once,
    /// Until somebody puts it right.
    Always,
}

struct Row {
    name: &'static str,
    plays: Plays,
    befalls: Befalls,
    strikes: Strikes,
    meaning: &'static str,
}

/// Writes the enum, the list of all and each one's row from one table.
macro_rules! faults {
    ($($befalls:ident { $($fault:ident $name:literal $plays:ident $strikes:ident $meaning:literal)+ })+) => {
        /// One way to misbehave.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = concat!($meaning, ".")] $fault,)+)+
        }

        impl Fault {
            /// Every fault there is.
            pub const ALL: &'static [Fault] = &[$($(Fault::$fault,)+)+];

            const fn row(self) -> Row {
                match self {
                    $($(Fault::$fault => Row {
                        name: $name,
                        plays: Plays::$plays,
                        befalls: Befalls::$befalls,
                        strikes: Strikes::$strikes,
                        meaning: $meaning,
                    },)+)+
                }
            }
        }
    };
}

faults! {
    Backup {
        BackupEmpty "backup-empty" Both Once "a backup has no bytes in it"
        ByHandBackup "by-hand-backup" Both Once "a backup must be made by hand"
        BackupFails "backup-fails" Lab Once "a backup shows an error page"
        BackupText "backup-text" Lab Once "a backup is a message, sent as if it were a file"
        BackupPage "backup-page" Lab Once "a backup is a page, sent as if it were a file"
        BackupShort "backup-short" Lab Once "a backup ends after a tenth of it"
        BackupError200 "backup-error-200" Lab Once "a backup by API is a message under status 200"
    }
    Install {
        UploadCut "upload-cut" Both Once "the network goes away when half of a package is sent"
        UploadStalls "upload-stalls" Lab Once "an upload falls silent half-way"
        UploadAnswerLost "upload-answer-lost" Both Once "a package arrives, and the answer to it is lost"
        UploadVanishes "upload-vanishes" Both Once "a package is handed over, and neither it nor an answer arrives"
        PackageRefused "package-refused" Both Once "the appliance takes a package for a damaged one"
        DiskFull "disk-full" Lab Always "the appliance has no room for an upload"
        AlreadyInstalled "already-installed" Lab Always "the appliance says of every package that it is installed already"
        UnknownKind "unknown-kind" Lab Always "the appliance does not know any package's kind"
        DuplicateButton "duplicate-button" Lab Always "two buttons seem to upload a package"
        ByHandUpload "by-hand-upload" Both Once "a package must be sent by hand"
        EulaChanged "eula-changed" Lab Always "the licence agreement has another text"
        AgreementAnswerLost "agreement-answer-lost" Both Once "a licence is accepted, and the answer to that is lost"
        ByHandAgreement "by-hand-agreement" Both Once "a licence must be accepted by hand"
        InstallFails "install-fails" Both Once "an install ends with an error message"
        BaseInstallFails "base-install-fails" Lab Once "an install of a base package ends with an error message"
        InstallVanishes "install-vanishes" Both Once "an install ends as if all were well, and nothing has changed"
        InstallHangs "install-hangs" Both Once "an install stops moving, and never ends by itself"
        InstallHides "install-hides" Both Once "an install shows ordinary pages and the old version until it ends"
        StatusExplains "status-explains" Lab Always "the status page explains what installing does"
        LabelsChange "labels-change" Both Once "after an install the status page has another word for the serial number"
    }
    Pair {
        SyncNeverEnds "sync-never-ends" Both Always "a data sync begins and never ends"
        PartnerUnreachable "partner-unreachable" Both Always "the two appliances can't reach each other"
        KeyDiffers "key-differs" Both Always "the pre-shared keys are not the same"
        EstablishVanishes "establish-vanishes" Both Always "a relationship seems to be established, and none is there"
        PressAnswerLost "press-answer-lost" Both Once "a press is carried out, and the answer to it is lost"
        ByHandPress "by-hand-press" Both Once "a button of the failover page must be pressed by hand"
        EnableFails "enable-fails" Rehearsal Once "the shared address can't be enabled"
        RoleSurprise "role-surprise" Lab Always "each of a pair shows the other's failover role"
    }
    Migration {
        ByHandExport "by-hand-export" Both Once "the certificate must be exported by hand"
        ByHandImport "by-hand-import" Both Once "the certificate must be imported by hand"
        ByHandAssign "by-hand-assign" Both Once "the address must be assigned by hand"
        ByHandRestore "by-hand-restore" Both Once "the settings must be restored by hand"
        ByHandReset "by-hand-reset" Both Once "the factory reset must be ordered by hand"
        ByHandShutDown "by-hand-shut-down" Both Once "the appliance must be shut down by hand"
        CertificateEmpty "certificate-empty" Both Once "an exported certificate has no bytes in it"
        ExportAnswerLost "export-answer-lost" Both Once "the certificate is exported, and the answer with it is lost"
        ImportAnswerLost "import-answer-lost" Both Once "the certificate is imported, and the answer to that is lost"
        AssignAnswerLost "assign-answer-lost" Both Once "the address is assigned, and the answer to that is lost"
        RestoreAnswerLost "restore-answer-lost" Both Once "the settings are restored, and the answer to that is lost"
        ResetAnswerLost "reset-answer-lost" Both Once "the factory reset is ordered, and the answer to that is lost"
        ShutDownAnswerLost "shut-down-answer-lost" Both Once "the shutdown is ordered, and the answer to that is lost"
        ImportRefused "import-refused" Both Always "a certificate's passphrase is taken for a wrong one"
        CertificateWarning "certificate-warning" Both Always "an imported certificate has a warning"
        RestoreRefused "restore-refused" Both Always "a backup is taken for one of another software version"
        ResetHangs "reset-hangs" Both Always "a factory reset never ends"
        ResetStranger "reset-stranger" Both Once "after the reset the old password is refused"
    }
    Code {
        ClockSkew "clock-skew" Lab Always "the appliance's clock is 20 minutes slow, and it makes no code"
        NoKeyLink "no-key-link" Lab Always "the Updates page has no link to a download key"
        KeyExplained "key-explained" Lab Always "a sentence stands between the download key's name and the key"
        KeyUnclear "key-unclear" Lab Always "the download key is shown with blanks in place of hyphens"
        SpentCode "spent-code" Lab Always "the vendor takes every code for a used one"
    }
    Download {
        DownloadCut "download-cut" Lab Once "a download loses its connection half-way"
        DownloadStalls "download-stalls" Lab Once "a download falls silent half-way"
        NoRange "no-range" Lab Always "the vendor serves whole files only"
    }
    Offers {
        VendorAway "vendor-away" Lab Always "the appliance can't reach the update server by itself"
        CheckHangs "check-hangs" Lab Always "the appliance's check for updates never ends"
        SilentLocks "silent-locks" Lab Always "greyed-out updates don't say what they wait for"
    }
    Login {
        SessionExpires "session-expires" Lab Always "a session lasts only six requests"
        SessionLimit "session-limit" Lab Always "no login is let in: too many sessions are open"
        LoginAgreement "login-agreement" Lab Always "an agreement stands before the login page"
        PasswordExpired "password-expired" Lab Always "a right password is told to have expired"
        FirstPasswordChanged "first-password-changed" Lab Always "on a fresh site the first password is another already"
        FormForgotten "form-forgotten" Lab Once "a login form that is sent is answered by a fresh one, without a word"
        LoginHidden "login-hidden" Lab Always "something before the appliance hides what is below /login"
        CookiesExpire "cookies-expire" Lab Always "sessions' cookies end by the appliance's clock"
    }
    Api {
        TokenExpires "token-expires" Lab Once "the site forgets every API token it gave"
        RateLimit "rate-limit" Lab Once "an API call is told to come again later"
        ApiForbidden "api-forbidden" Lab Always "the API account lacks every permission"
        ClusterNode "cluster-node" Lab Always "the site's API calls the appliance a traffic node of an Atlas cluster"
        ClientsLag "clients-lag" Lab Always "some Jump Clients never update"
    }
    Request {
        DropRequest "drop-request" Lab Once "the next request to the appliance is lost unread"
        DropAnswer "drop-answer" Lab Once "the next request to the appliance is carried out, and its answer lost"
        RestartNow "restart-now" Lab Once "the appliance restarts in the middle of the next request"
        SessionEnds "session-ends" Lab Once "every session has ended at the appliance's next request"
        PageUnknown "page-unknown" Lab Once "the appliance's next page has no control that is known"
        SlowPages "slow-pages" Lab Always "each page of the appliance takes 2.5 seconds"
    }
    Front {
        FrontBlocks "front-blocks" Lab Always "a filter answers each form itself, with HTTP 403"
        FrontPortal "front-portal" Lab Always "a portal answers each form itself, with HTTP 200"
        FrontTooSmall "front-too-small" Lab Always "a front passes no package on, and answers HTTP 413"
        FrontKeeps "front-keeps" Lab Once "a filter keeps the next package, and answers HTTP 403"
        FrontTimesOut "front-times-out" Lab Once "the next package arrives, and a front answers HTTP 504 in its place"
    }
}

impl Fault {
    /// Those that a face can play, in the table's order.
    pub fn of(face: Face) -> impl Iterator<Item = Fault> {
        Self::ALL.iter().copied().filter(move |fault| fault.is_played_by(face))
    }

    /// The table of what a face can play, a line each.
    pub fn table(face: Face) -> String {
        let rows: Vec<String> = Fault::of(face).map(Fault::listed).collect();
        format!("Faults, what each befalls, and what happens:\n{}", rows.join("\n"))
    }

    /// Whether a face can play it.
    pub fn is_played_by(self, face: Face) -> bool {
        matches!(
            (self.row().plays, face),
            (Plays::Both, _) | (Plays::Rehearsal, Face::Rehearsal) | (Plays::Lab, Face::Lab)
        )
    }

    /// The fault of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The kind of step it befalls.
    pub const fn befalls(self) -> Befalls {
        self.row().befalls
    }

    /// One line for people.
    pub const fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// Whether it strikes until somebody puts it right.
    pub fn lasts(self) -> bool {
        self.row().strikes == Strikes::Always
    }

    /// Whether, of a migration, it befalls the appliance that is migrated from.
    pub fn befalls_old(self) -> bool {
        matches!(
            self,
            Fault::ByHandExport
                | Fault::ByHandReset
                | Fault::ByHandShutDown
                | Fault::CertificateEmpty
                | Fault::ExportAnswerLost
                | Fault::ResetAnswerLost
                | Fault::ShutDownAnswerLost
                | Fault::ResetHangs
                | Fault::ResetStranger
        )
    }

    /// Its row in a list for people.
    pub fn listed(self) -> String {
        format!("{:<22} {:<10} {}", self.name(), self.befalls().word(), self.meaning())
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own_and_a_face() {
        for fault in Fault::ALL {
            assert_eq!(Fault::named(fault.name()), Some(*fault));
            assert!(!fault.meaning().is_empty());
            assert!([Face::Rehearsal, Face::Lab].into_iter().any(|face| fault.is_played_by(face)));
        }
        assert_eq!(Fault::named("flood"), None);
    }
}
