//! How a run ended, as one number: the only table of exit codes there is.

/// Makes the enum and its columns from the one table below.
macro_rules! exits {
    ($($variant:ident = $code:literal, $name:literal, $meaning:literal;)+) => {
        /// Every way a run of either program can end.
        ///
        /// The number is stable: scripts and run-books may rely on it. Tens group by
        /// who has to act: 1-9 the operator, 10-19 the medium, 20-39 the bundle,
        /// 40-49 keys and signed papers, 50-59 the network and the pages, 60-69 the
        /// vendor and the vault, 70-109 plan and appliance.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Exit {
            $(#[doc = $meaning] $variant,)+
        }

        impl Exit {
            /// Every exit, in the order of its number.
            pub const ALL: &'static [Exit] = &[$(Exit::$variant,)+];

            /// The number the process ends with.
            pub const fn code(self) -> u8 {
                match self { $(Exit::$variant => $code,)+ }
            }

            /// The stable kebab-case name, as JSON events carry it.
            pub const fn name(self) -> &'static str {
                match self { $(Exit::$variant => $name,)+ }
            }

            /// One sentence for the table in the man pages.
            pub const fn meaning(self) -> &'static str {
                match self { $(Exit::$variant => $meaning,)+ }
            }
        }
    };
}

exits! {
    Ok = 0, "ok", "All that was asked is done.";
    Failure = 1, "failure", "A failure without a code of its own, such as an error of the operating system.";
    Usage = 2, "usage", "The command line could not be understood.";
    Config = 3, "config", "A file of handcarry's own (inventory, profile, record) does not read as it should.";
    NotFound = 4, "not-found", "A name, file or document that was asked for is not there.";
    Declined = 5, "declined", "A person said no, or nobody was there to say yes.";
    Waiting = 6, "waiting", "Stopped cleanly; the same command goes on at the time it printed.";
    Exists = 7, "exists", "What would be made is there already, and is never overwritten.";
    Partly = 8, "partly", "Of several appliances or media some ended otherwise than well; each is told with what to do.";
    OutputLost = 9, "output-lost", "What was said could not be written, as on a full disk: a result nobody has, a question nobody was asked.";

    MediaMissing = 10, "media-missing", "The medium is not there, or can't be read or written at all.";
    NoSpace = 11, "no-space", "Not enough free space; the message says how much is needed.";
    ReadOnly = 12, "read-only", "The medium is write-protected or mounted read-only.";
    MediaLies = 13, "media-lies", "The medium gave back other bytes than were written, or other bytes each time.";
    MediaFault = 14, "media-fault", "Reading or writing failed part-way.";
    NoPermission = 15, "no-permission", "This account may not read or write there; the message says whose it is.";

    NoBundle = 20, "no-bundle", "No bundle lies there.";
    VolumesIncomplete = 21, "volumes-incomplete", "A volume is missing, cut short, or one too many is there.";
    VolumesMixed = 22, "volumes-mixed", "Volumes of different bundles lie under one name.";
    ContainerMalformed = 23, "container-malformed", "The container is not format 1: damaged, or made to deceive.";
    LimitExceeded = 24, "limit-exceeded", "Something is larger than its limit allows.";
    NoTrust = 25, "no-trust", "No signer is trusted here yet.";
    ThresholdNotMet = 26, "threshold-not-met", "Fewer approved signers than the threshold asks for.";
    ManifestInvalid = 27, "manifest-invalid", "The manifest is signed, but does not say what format 1 demands.";
    WrongAppliance = 28, "wrong-appliance", "The bundle is for another appliance.";
    Rollback = 29, "rollback", "The bundle is older than one already accepted.";

    Expired = 30, "expired", "The bundle's time is over.";
    NotYetValid = 31, "not-yet-valid", "The bundle's time has not begun.";
    WrongRequest = 32, "wrong-request", "The bundle answers another request.";
    EntriesMismatch = 33, "entries-mismatch", "What lies in the container is not what the manifest lists.";
    DigestMismatch = 34, "digest-mismatch", "A package's bytes are not those that were signed for.";
    Replayed = 35, "replayed", "This very bundle was used already.";
    ClockUntrusted = 36, "clock-untrusted", "This machine's clock shows a time before this program was made.";
    ClockWentBack = 37, "clock-went-back", "This machine's clock shows a time before one that was trusted here.";
    BeyondRepair = 38, "beyond-repair", "More of a bundle is damaged than its recovery volumes can restore.";
    TooNew = 39, "too-new", "The bundle needs a newer handcarry than this one.";

    KeyUnusable = 40, "key-unusable", "A key can't be used: missing, of the wrong type, or readable by others.";
    WrongPassphrase = 41, "wrong-passphrase", "The passphrase is wrong.";
    DocumentUntrusted = 42, "document-untrusted", "A request, receipt or trust update is not signed by anyone trusted.";
    TrustRefused = 43, "trust-refused", "A trust update does not follow from the present trust.";
    TrustOverdue = 44, "trust-overdue", "The trust here was to be renewed by now, so that no bundle is accepted.";
    OtherSpeaker = 48, "other-speaker", "A trusted key spoke for an appliance that other keys speak for.";

    Unreachable = 50, "unreachable", "The other end did not answer.";
    TlsUntrusted = 51, "tls-untrusted", "The other end showed a certificate that is not the enrolled one.";
    HttpError = 52, "http-error", "The other end answered with an HTTP error.";
    PageUnexpected = 53, "page-unexpected", "A page is not the one expected, or lacks a control.";
    ControlAmbiguous = 54, "control-ambiguous", "Two controls match where one was expected.";
    LoginRefused = 55, "login-refused", "User name or password were refused.";
    PasswordExpired = 56, "password-expired", "The password is right and has expired.";
    SessionLimit = 57, "session-limit", "Too many sessions are open on the appliance.";
    AccountLocked = 58, "account-locked", "The account is locked.";
    LockoutNear = 59, "lockout-near", "Logins were refused before, and one more may lock the account; none was tried.";

    CodeRefused = 60, "code-refused", "The vendor does not know the code.";
    CodeSpent = 61, "code-spent", "The code was used before.";
    DownloadIncomplete = 62, "download-incomplete", "A download is not complete; what arrived is kept.";
    DownloadChanged = 63, "download-changed", "A file changed on the server between two parts of its download.";
    VaultDamaged = 64, "vault-damaged", "The vault holds other bytes than it recorded.";
    NothingToDo = 65, "nothing-to-do", "There is nothing to do: no package is listed or kept.";
    ProxyRefused = 66, "proxy-refused", "The proxy on the way out can't be reached, or does not let it through.";
    UnknownBundle = 67, "unknown-bundle", "A trusted receipt tells of a bundle, or of contents of one, that was never sealed here.";
    JournalForked = 68, "journal-forked", "Two trusted receipts tell of journals of one appliance that can't be one.";
    VendorNotListed = 69, "vendor-not-listed", "A server is not among the vendor's origins that are listed here; nothing was sent to it.";

    PrerequisiteMissing = 70, "prerequisite-missing", "A package needs another that is neither installed nor carried.";
    ClockSkew = 71, "clock-skew", "The appliance's clock and ours differ by more than the tolerance.";
    BackupFailed = 72, "backup-failed", "The backup failed, so nothing was installed.";
    InstallFailed = 73, "install-failed", "The appliance refused or failed an install.";
    BaseTrouble = 74, "base-trouble", "A base update is in trouble: do not restart the appliance.";
    Unconfirmed = 75, "unconfirmed", "What was done could not be confirmed.";
    EulaDeclined = 76, "eula-declined", "The licence agreement was not accepted.";
    JournalBroken = 77, "journal-broken", "A journal or the event log was changed or cut.";
    TourFailed = 78, "tour-failed", "A step of the tour failed.";
    ApplianceFull = 79, "appliance-full", "The appliance has no room for a package.";

    PairDiffers = 80, "pair-differs", "Two appliances of one plan don't match: software, bundle, address or pre-shared key.";
    RoleUnexpected = 81, "role-unexpected", "An appliance has another failover role than the run needs: also a member of a standing pair that would be worked alone.";
    SyncUnfinished = 82, "sync-unfinished", "A data sync between two appliances did not end in time.";
    PartnerUnreachable = 83, "partner-unreachable", "The two appliances of a pair can't reach each other.";
    PairRefused = 84, "pair-refused", "An appliance refused a step of its failover relationship.";
    PairOpen = 85, "pair-open", "Another pair run was begun and is not over.";
    SwitchHalf = 86, "switch-half", "The shared address is disabled on one appliance and not enabled on the other.";
    PackageRejected = 87, "package-rejected", "The appliance takes a package for damaged or foreign.";
    AlreadyInstalled = 88, "already-installed", "The appliance says that a package is installed, and shows otherwise.";
    UnknownKind = 89, "unknown-kind", "The appliance does not know a package's kind, or its title does not tell it.";

    CertificateRefused = 90, "certificate-refused", "An appliance refused to export or import a certificate, or to assign an address to it.";
    CertificateWarning = 91, "certificate-warning", "A certificate has warnings that must be resolved before an address is assigned to it.";
    RestoreRefused = 92, "restore-refused", "A backup was not restored: the appliance refused it, it was made with other software, or it is none.";
    ResetUnfinished = 93, "reset-unfinished", "A factory reset or shutdown was refused, or did not come to its end.";
    LoginAgreement = 94, "login-agreement", "The agreement before an appliance's login was not accepted.";
    VendorUnreachable = 95, "vendor-unreachable", "The appliance can't reach its vendor's update server.";
    CheckUnfinished = 96, "check-unfinished", "The appliance's check for updates did not end in time.";
    TlsTooOld = 97, "tls-too-old", "The other end's TLS or certificate is of a kind that no longer protects.";
    InBetween = 98, "in-between", "Something between here and the appliance answered in its place.";
    PlanChanged = 99, "plan-changed", "What was agreed to beforehand is not what would be done; nothing was pressed.";

    ClientsLeftBehind = 100, "clients-left-behind", "A run would lead clients past a site version; seal one a trip.";
    NotApproved = 101, "not-approved", "Trust asks for a second person's approval, and there is none; nothing was pressed.";
    Busy = 102, "busy", "Another run is at work on the appliance; the message says which, whose and since when.";
    ListUnread = 103, "list-unread", "A list of Jump Clients does not read as one, so that it shows no wait to be over.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_distinct() {
        let codes: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
        assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{codes:?}");
        let mut names: Vec<_> = Exit::ALL.iter().map(|exit| exit.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Exit::ALL.len());
    }
}
