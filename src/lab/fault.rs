//! How the lab misbehaves, by name.

use super::LabError;
use std::collections::BTreeMap;
use std::str::FromStr;

/// One way to misbehave. A fault that strikes once is spent by striking; the
/// others last until they are cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The next package transfer, down or up, loses its connection half-way.
    Cut,
    /// The next package transfer, down or up, falls silent half-way.
    Stall,
    /// The appliance has no room for an upload.
    DiskFull,
    /// The appliance's clock is 20 minutes slow, and it makes no code.
    ClockSkew,
    /// The next install fails part-way.
    InstallFails,
    /// The next install stops moving and never ends.
    InstallHangs,
    /// The next install of a base package fails part-way.
    BaseInstallFails,
    /// The next install ends as if all were well, and changes nothing.
    Lie,
    /// A session lasts only a few requests.
    SessionExpires,
    /// The Updates page has no link to a download key.
    NoKeyLink,
    /// The page with the code explains it before it shows it.
    KeyExplained,
    /// The page shows the code with blanks in it, so that it is not clearly one.
    KeyUnclear,
    /// The button that uploads a package has an unfamiliar label.
    RenamedButton,
    /// There are two buttons that seem to upload a package.
    DuplicateButton,
    /// The licence agreement has another text.
    EulaChanged,
    /// The vendor serves whole files only.
    NoRange,
    /// The vendor takes every code for a used one.
    SpentCode,
    /// The next backup shows an error page.
    BackupFails,
    /// The next backup is a message, sent as if it were a file.
    BackupText,
    /// The next backup is a page, sent as if it were a file.
    BackupPage,
    /// The next backup ends after a tenth of it.
    BackupShort,
    /// What stands before the appliance hides everything below /login.
    LoginHidden,
    /// On a fresh site somebody has changed the first password already.
    FirstPasswordChanged,
    /// The site forgets every API token it gave, once.
    TokenExpires,
    /// The next API call is told to come again later.
    RateLimit,
    /// The next backup by API is a message under status 200.
    BackupError200,
    /// The API account lacks every permission.
    ApiForbidden,
    /// Some Jump Clients never update.
    ClientsLag,
    /// The next request to the appliance loses its connection before it is read.
    DropRequest,
    /// The next request to the appliance is carried out, and its answer is lost.
    DropAnswer,
    /// The appliance restarts in the middle of the next request.
    RestartNow,
    /// Every session has ended when the next request to the appliance comes.
    SessionEnds,
    /// The next page of the appliance says other things and has no known control.
    PageChanges,
    /// The two appliances of a pair can't reach each other.
    PartnerUnreachable,
    /// A data sync between them begins and never ends.
    SyncNeverEnds,
    /// Each of a pair shows the other's role.
    RoleSurprise,
    /// The pre-shared keys of a pair are not the same.
    KeyDiffers,
    /// The appliance takes every package for a damaged one.
    PackageRejected,
    /// The appliance says of every package that it is installed already.
    AlreadyInstalled,
    /// The appliance does not know any package's kind.
    UnknownKind,
    /// No login is let in: too many sessions are open.
    SessionLimit,
    /// An agreement stands before the login page.
    LoginAgreement,
    /// A right password is told to have expired.
    PasswordExpired,
    /// The appliance takes every passphrase of a certificate for a wrong one.
    ImportRefused,
    /// An imported certificate has a warning.
    CertificateWarning,
    /// No backup is restored: each seems made with another version.
    RestoreRefused,
    /// The next factory reset never ends.
    ResetHangs,
    /// The next login form that is sent is answered by a fresh one, without a word.
    FormForgotten,
    /// The appliance can't reach the vendor's update server by itself.
    VendorAway,
    /// The appliance's check for updates never ends.
    CheckHangs,
    /// Greyed-out updates don't say what they wait for.
    SilentLocks,
    /// A filter before the appliance answers each form itself, with an error.
    FrontBlocks,
    /// A portal before the appliance answers each form itself, with a page.
    FrontPortal,
    /// A front before the appliance takes no package, and passes none on.
    FrontTooSmall,
    /// A filter before the appliance takes the next package to its end and keeps it.
    FrontKeeps,
    /// The next package arrives, and a front answers in the appliance's place.
    FrontTimesOut,
    /// The cookies of sessions end by the appliance's clock.
    CookiesExpire,
    /// Each page of the appliance takes long.
    SlowPages,
    /// The next install looks after its beginning as if nothing was going on.
    InstallHides,
    /// The status page explains what installing does.
    StatusExplains,
    /// After a base package the status page calls the serial number otherwise.
    LabelsChange,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Strikes {
    Once,
    Always,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: &'static [Fault] = &[
        Fault::Cut,
        Fault::Stall,
        Fault::DiskFull,
        Fault::ClockSkew,
        Fault::InstallFails,
        Fault::InstallHangs,
        Fault::BaseInstallFails,
        Fault::Lie,
        Fault::SessionExpires,
        Fault::NoKeyLink,
        Fault::KeyExplained,
        Fault::KeyUnclear,
        Fault::RenamedButton,
        Fault::DuplicateButton,
        Fault::EulaChanged,
        Fault::NoRange,
        Fault::SpentCode,
        Fault::BackupFails,
        Fault::BackupText,
        Fault::BackupPage,
        Fault::BackupShort,
        Fault::LoginHidden,
        Fault::FirstPasswordChanged,
        Fault::TokenExpires,
        Fault::RateLimit,
        Fault::BackupError200,
        Fault::ApiForbidden,
        Fault::ClientsLag,
        Fault::DropRequest,
        Fault::DropAnswer,
        Fault::RestartNow,
        Fault::SessionEnds,
        Fault::PageChanges,
        Fault::PartnerUnreachable,
        Fault::SyncNeverEnds,
        Fault::RoleSurprise,
        Fault::KeyDiffers,
        Fault::PackageRejected,
        Fault::AlreadyInstalled,
        Fault::UnknownKind,
        Fault::SessionLimit,
        Fault::LoginAgreement,
        Fault::PasswordExpired,
        Fault::ImportRefused,
        Fault::CertificateWarning,
        Fault::RestoreRefused,
        Fault::ResetHangs,
        Fault::FormForgotten,
        Fault::VendorAway,
        Fault::CheckHangs,
        Fault::SilentLocks,
        Fault::FrontBlocks,
        Fault::FrontPortal,
        Fault::FrontTooSmall,
        Fault::FrontKeeps,
        Fault::FrontTimesOut,
        Fault::CookiesExpire,
        Fault::SlowPages,
        Fault::InstallHides,
        Fault::StatusExplains,
        Fault::LabelsChange,
    ];

    /// Those that may befall any request to the appliance, whatever it asks for.
    pub(super) const OF_REQUESTS: &'static [Fault] =
        &[Fault::DropRequest, Fault::DropAnswer, Fault::RestartNow, Fault::SessionEnds, Fault::PageChanges];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// One line for people.
    pub const fn meaning(self) -> &'static str {
        self.row().2
    }

    const fn row(self) -> (&'static str, Strikes, &'static str) {
        use Strikes::{Always, Once};
        match self {
            Fault::Cut => ("cut", Once, "the next package transfer, down or up, loses its connection half-way"),
            Fault::Stall => ("stall", Once, "the next package transfer, down or up, falls silent half-way"),
            Fault::DiskFull => ("disk-full", Always, "the appliance has no room for an upload"),
            Fault::ClockSkew => {
                ("clock-skew", Always, "the appliance's clock is 20 minutes slow, and it makes no code")
            }
            Fault::InstallFails => ("install-fails", Once, "the next install fails part-way"),
            Fault::InstallHangs => ("install-hangs", Once, "the next install stops moving until the fault is cleared"),
            Fault::BaseInstallFails => ("base-install-fails", Once, "the next install of a base package fails"),
            Fault::Lie => ("lie", Once, "the next install ends as if all were well, and changes nothing"),
            Fault::SessionExpires => ("session-expires", Always, "a session lasts only six requests"),
            Fault::NoKeyLink => ("no-key-link", Always, "the Updates page has no link to a download key"),
            Fault::KeyExplained => {
                ("key-explained", Always, "a sentence stands between the download key's name and the key")
            }
            Fault::KeyUnclear => ("key-unclear", Always, "the download key is shown with blanks in place of hyphens"),
            Fault::RenamedButton => ("renamed-button", Always, "the upload button has an unfamiliar label"),
            Fault::DuplicateButton => ("duplicate-button", Always, "two buttons seem to upload a package"),
            Fault::EulaChanged => ("eula-changed", Always, "the licence agreement has another text"),
            Fault::NoRange => ("no-range", Always, "the vendor serves whole files only"),
            Fault::SpentCode => ("spent-code", Always, "the vendor takes every code for a used one"),
            Fault::BackupFails => ("backup-fails", Once, "the next backup shows an error page"),
            Fault::BackupText => ("backup-text", Once, "the next backup is a message, sent as if it were a file"),
            Fault::BackupPage => ("backup-page", Once, "the next backup is a page, sent as if it were a file"),
            Fault::BackupShort => ("backup-short", Once, "the next backup ends after a tenth of it"),
            Fault::LoginHidden => ("login-hidden", Always, "something before the appliance hides what is below /login"),
            Fault::FirstPasswordChanged => {
                ("first-password-changed", Always, "on a fresh site the first password is another already")
            }
            Fault::TokenExpires => ("token-expires", Once, "the site forgets every API token it gave"),
            Fault::RateLimit => ("rate-limit", Once, "the next API call is told to come again later"),
            Fault::BackupError200 => ("backup-error-200", Once, "the next backup by API is a message under status 200"),
            Fault::ApiForbidden => ("api-forbidden", Always, "the API account lacks every permission"),
            Fault::ClientsLag => ("clients-lag", Always, "some Jump Clients never update"),
            Fault::DropRequest => ("drop-request", Once, "the next request to the appliance is lost unread"),
            Fault::DropAnswer => {
                ("drop-answer", Once, "the next request to the appliance is carried out, and its answer lost")
            }
            Fault::RestartNow => ("restart-now", Once, "the appliance restarts in the middle of the next request"),
            Fault::SessionEnds => ("session-ends", Once, "every session has ended at the appliance's next request"),
            Fault::PageChanges => ("page-changes", Once, "the appliance's next page has no control that is known"),
            Fault::PartnerUnreachable => {
                ("partner-unreachable", Always, "the two appliances of a pair can't reach each other")
            }
            Fault::SyncNeverEnds => ("sync-never-ends", Always, "a pair's data sync begins and never ends"),
            Fault::RoleSurprise => ("role-surprise", Always, "each of a pair shows the other's failover role"),
            Fault::KeyDiffers => ("key-differs", Always, "the pre-shared keys of a pair are not the same"),
            Fault::PackageRejected => {
                ("package-rejected", Always, "the appliance takes every package for a damaged one")
            }
            Fault::AlreadyInstalled => {
                ("already-installed", Always, "the appliance says of every package that it is installed already")
            }
            Fault::UnknownKind => ("unknown-kind", Always, "the appliance does not know any package's kind"),
            Fault::SessionLimit => ("session-limit", Always, "no login is let in: too many sessions are open"),
            Fault::LoginAgreement => ("login-agreement", Always, "an agreement stands before the login page"),
            Fault::VendorAway => ("vendor-away", Always, "the appliance can't reach the update server by itself"),
            Fault::CheckHangs => ("check-hangs", Always, "the appliance's check for updates never ends"),
            Fault::SilentLocks => ("silent-locks", Always, "greyed-out updates don't say what they wait for"),
            Fault::FrontBlocks => ("front-blocks", Always, "a filter answers each form itself, with HTTP 403"),
            Fault::FrontPortal => ("front-portal", Always, "a portal answers each form itself, with HTTP 200"),
            Fault::FrontTooSmall => ("front-too-small", Always, "a front passes no package on, and answers HTTP 413"),
            Fault::FrontKeeps => ("front-keeps", Once, "a filter keeps the next package, and answers HTTP 403"),
            Fault::FrontTimesOut => {
                ("front-times-out", Once, "the next package arrives, and a front answers HTTP 504 in its place")
            }
            Fault::CookiesExpire => ("cookies-expire", Always, "sessions' cookies end by the appliance's clock"),
            Fault::SlowPages => ("slow-pages", Always, "each page of the appliance takes 2.5 seconds"),
            Fault::InstallHides => {
                ("install-hides", Once, "the next install shows ordinary pages from its second second on")
            }
            Fault::StatusExplains => ("status-explains", Always, "the status page explains what installing does"),
            Fault::LabelsChange => {
                ("labels-change", Always, "after a base package the status page has another word for the serial number")
            }
            Fault::PasswordExpired => ("password-expired", Always, "a right password is told to have expired"),
            Fault::ImportRefused => ("import-refused", Always, "every passphrase of a certificate is taken for wrong"),
            Fault::CertificateWarning => ("certificate-warning", Always, "an imported certificate has a warning"),
            Fault::RestoreRefused => {
                ("restore-refused", Always, "every backup is taken for one of another software version")
            }
            Fault::ResetHangs => ("reset-hangs", Once, "the next factory reset goes on until the fault is cleared"),
            Fault::FormForgotten => {
                ("form-forgotten", Once, "the next login form that is sent is answered by a fresh one, without a word")
            }
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Fault {
    type Err = LabError;

    fn from_str(text: &str) -> Result<Self, LabError> {
        let known = Fault::ALL.iter().find(|fault| fault.name() == text);
        known.copied().ok_or_else(|| LabError::UnknownFault(crate::model::text::one_line(text)))
    }
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<Fault, Set>);

/// A fault that is set; armed once nothing more passes.
#[derive(Debug, Default)]
struct Set {
    /// How many more requests to the appliance it lets pass.
    after: u64,
    /// The only requests that count, by method and path; `None` for all.
    at: Option<String>,
}

impl Set {
    fn counts(&self, asked: &str) -> bool {
        self.at.as_deref().is_none_or(|at| at == asked)
    }
}

impl Faults {
    pub(super) fn new(faults: &[Fault]) -> Self {
        Faults(faults.iter().map(|fault| (*fault, Set::default())).collect())
    }

    /// Arms a fault once `after` requests have come to the appliance, of those
    /// that ask for `at` where that is given.
    pub(super) fn arm(&mut self, fault: Fault, after: u64, at: Option<String>) {
        self.0.insert(fault, Set { after, at });
    }

    /// Counts a request to the appliance; returns the fault that befalls it.
    pub(super) fn befall(&mut self, asked: &str) -> Option<Fault> {
        let meant = |fault: &Fault| self.0.get(fault).is_some_and(|set| set.after == 0 && set.counts(asked));
        let struck = Fault::OF_REQUESTS.iter().copied().find(meant);
        if let Some(fault) = struck {
            self.clear(fault);
        }
        for set in self.0.values_mut().filter(|set| set.counts(asked)) {
            set.after = set.after.saturating_sub(1);
        }
        struck
    }

    pub(super) fn clear(&mut self, fault: Fault) {
        self.0.remove(&fault);
    }

    /// Whether `fault` lasts at this moment; looking does not spend it.
    pub(super) fn armed(&self, fault: Fault) -> bool {
        self.0.get(&fault).is_some_and(|set| set.after == 0)
    }

    /// Whether `fault` strikes now; one that strikes once is spent.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        let strikes = self.armed(fault);
        if strikes && fault.row().1 == Strikes::Once {
            self.clear(fault);
        }
        strikes
    }

    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.keys().map(|fault| fault.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_read_back() {
        for fault in Fault::ALL {
            assert_eq!(fault.name().parse::<Fault>().expect("known"), *fault);
        }
        assert!("cuts".parse::<Fault>().is_err());
    }

    #[test]
    fn some_strike_once_and_some_last() {
        let mut faults = Faults::new(&[Fault::Cut, Fault::DiskFull]);
        assert!(faults.strikes(Fault::Cut) && !faults.strikes(Fault::Cut));
        assert!(faults.strikes(Fault::DiskFull) && faults.strikes(Fault::DiskFull));
    }

    #[test]
    fn a_fault_that_is_set_for_later_lets_requests_pass() {
        let mut faults = Faults::default();
        faults.arm(Fault::DropAnswer, 2, None);
        faults.arm(Fault::DiskFull, 1, None);
        assert!(!faults.armed(Fault::DiskFull));
        assert_eq!([(); 3].map(|()| faults.befall("GET /")), [None, None, Some(Fault::DropAnswer)]);
        assert!(faults.armed(Fault::DiskFull) && faults.befall("GET /").is_none());
        faults.arm(Fault::SessionEnds, 1, Some("POST /login".to_owned()));
        let struck = ["POST /login", "GET /login", "POST /login", "POST /login"].map(|asked| faults.befall(asked));
        assert_eq!(struck, [None, None, Some(Fault::SessionEnds), None]);
    }
}
