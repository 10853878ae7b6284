//! What the engine asks of a person: each doc comment is what is read.

use crate::console::Question;
use displaydoc::Display;

/// About what is installed.
#[derive(Debug, Clone, Display)]
pub(crate) enum InstallQuestion {
    /// Begin now on {on}, as told above?
    Begin { on: String },
    /// Is {on} to fetch and install these now, in this order: {titles}?
    BeginOffered { on: String, titles: String },
    /// {damaged} is damaged. Install what comes before it ({before}), and stop there?
    StopBefore { damaged: String, before: String },
    /// {package} was installed and confirmed before, and the appliance no longer shows it
    /// (was it restored from a snapshot or a backup?). Install it once more?
    InstallOnceMore { package: String },
    /// {package} needs {requirement}, and the appliance does not show whether it has it. Is it there?
    HasRequired { package: String, requirement: String },
    /// Do you accept this agreement ({digest}) and have {package} installed?
    AcceptLicence { digest: String, package: String },
    /// Is {package} accepted there, and its installation over?
    IsAcceptedThere { package: String },
    /// Is the installation of {package} over, and the appliance back? (answer n if you did not begin it)
    IsOver { package: String },
    /// Did the appliance take {package}, or begin to install it?
    WasBegun { package: String },
    /// {package}: {why}. Look at its Updates page: is it installed?
    IsInstalled { package: String, why: String },
    /// {package}: {why}. Look at its Updates page: is it certain that it is neither installed nor being installed,
    /// so that it may be sent again?
    MaySendAgain { package: String, why: String },
    /// The base update {package} failed on {at} ({said}). Has vendor support looked at it,
    /// and agreed that it is installed again?
    MayTryBaseAgain { package: String, at: String, said: String },
    /// Has the appliance checked for updates?
    HasChecked,
    /// No list is found on the Updates page of {on}. Look at it: does it list packages, or say that there are none?
    IsListShown { on: String },
    /// {package} has no button that is known here, and the page does not say why. Look at it: can it be pressed?
    IsPressable { package: String },
    /// Is {title} greyed out?
    IsLocked { title: String },
}

/// About clients and their time.
#[derive(Display)]
pub(crate) enum SoakQuestion {
    /// Is all client software of {site} removed, to be installed anew after the last package ({reason})?
    AreClientsRemoved { site: String, reason: String },
    /// Was {package} installed on {at} or before ({reason})?
    WasInstalled { package: String, at: String, reason: String },
}

/// About backups and what they are put on.
#[derive(Display)]
pub(crate) enum BackupQuestion {
    #[displaydoc(
        "What came as the backup is a text ({size}), which begins: {said}\nAre the backups of this appliance texts, and \
         is this one?"
    )]
    IsText { size: String, said: String },
    /// This backup has {now}, and the last one of this appliance had {last}. Is it whole all the same?
    IsWhole { now: String, last: String },
    /// No copy is kept here. Is a backup of this appliance saved in a safe place?
    IsKeptElsewhere,
    /// It showed site {site} on {at}, and shows no site software now.
    /// Was it reset, so that nothing on it is to be backed up?
    WasReset { site: String, at: String },
    /// {on} shows {software}. Was the backup made with that very version and build?
    IsOfThisSoftware { on: String, software: String },
    /// {on} ({host}) is the primary of a failover pair, and its failover settings are overwritten, too.
    /// Are they to be those of the backup?
    OverwriteFailover { on: String, host: String },
    /// Restore this backup on {on}, and overwrite all that is there?
    Restore { on: String },
    /// {on}: are the settings restored there?
    AreSettingsRestored { on: String },
    /// Look at /login of {on}: are the settings of the backup there?
    AreSettingsThere { on: String },
}

/// About two appliances, and what leads clients to one of them.
#[derive(Display)]
pub(crate) enum PairQuestion {
    /// Do clients reach {on} at {address}, as this machine does?
    IsReachedAt { on: String, address: String },
    /// Does the {control} entry of {site} point to {target} ({on}) now?
    DoesEntryPoint { control: &'static str, site: String, target: String, on: String },
    /// On this machine {site} still leads to {found}. Is that this machine's own doing (its resolver, a hosts file,
    /// an old answer), and does everybody else reach {target}?
    IsOwnDoing { site: String, found: String, target: String },
    /// Seen from this machine {site} still shows the certificate of {from}, and not that of {to}. Is that this machine's
    /// own doing (it is inside the NAT), and does everybody else reach {to}?
    IsOwnNat { site: String, from: String, to: String },
    /// Is the shared IP address disabled on {from} and enabled on {to} now?
    HasAddressMoved { from: String, to: String },
    /// {on}: is the shared IP address {state} there?
    IsAddress { on: String, state: &'static str },
    /// Enable it on {on} again, so that the site is back with its old version?
    EnableAgain { on: String },
    /// Open /login > Management > Security on {a} and on {b}. Is the Inter-appliance Communication Pre-shared Key (chave
    /// Inter-Aplicativos) the same on both, does {a} reach {b} at {at_b}, and {b} reach {a} at {at_a}?
    AreKeysSame { a: String, b: String, at_a: String, at_b: String },
    /// {on}: is the data sync begun?
    IsSyncBegun { on: String },
    /// Does {on} show a data sync that was pulled after {since}?
    HasSynced { on: String, since: String },
    /// {on}: is the relationship broken there?
    IsBroken { on: String },
    /// {on}: is the relationship established?
    IsEstablished { on: String },
    /// Neither {a} nor {b} shows its site version here. Do both show the same version and build?
    AreSame { a: String, b: String },
    /// Run the Integration Client against {on} now. Has it pulled all session data from {on}?
    IsDataPulled { on: String },
    /// Can the Integration Client, where one is used, pull data from {on}: by the site's host name, or by the IP
    /// address of {on}?
    CanDataBePulled { on: String },
    /// Is {on} verified: did a console connect to {host} and show {version} under Help > About, and did a session with a
    /// remote computer work?
    IsVerified { on: String, host: String, version: String },
    /// The first window's work is done. Has the second window, for {on}, begun?
    HasSecondWindowBegun { on: String },
}

/// About a site that moves to other hardware.
#[derive(Display)]
pub(crate) enum MigrateQuestion {
    /// Is the certificate of {old} exported, with its private key, chain and a passphrase, and kept safe?
    IsExported { old: String },
    /// No file tells the passphrase for the exported private key. Make one, and keep it in {file}? No lets you type one.
    MayMakePassphrase { file: String },
    /// Is the certificate's private key kept there all the same?
    KeepKeyThere,
    /// {on}: is the certificate imported there?
    IsImported { on: String },
    /// {on}: does the certificate have the address there?
    HasAddress { on: String },
    /// {on}: does it show no warning, and has it the address?
    HasAddressUnwarned { on: String },
    /// One of {old} and {new} does not show its site version here. Do both have the same version and build?
    AreSame { old: String, new: String },
    /// Restore the settings of {old} (backup {backup}, made {at}) on {new}, and overwrite all that is there?
    Restore { old: String, backup: String, at: String, new: String },
    /// Look at /login of {new}: are the settings of {old} there?
    AreSettingsThere { old: String, new: String },
    /// Does {new} serve {host}: the console's version, the settings, and a session?
    DoesServe { new: String, host: String },
    /// {on}: is the reset ordered there?
    IsResetOrdered { on: String },
    /// Is the reset of {old} over, and does it show itself as new?
    IsResetOver { old: String },
    /// {on}: is it shut down?
    IsShutDown { on: String },
    /// {old} does not answer any more. Is it switched off?
    IsSwitchedOff { old: String },
    /// {old} still answers. Is it shut down all the same?
    IsShutDownThough { old: String },
}

/// What is typed.
#[derive(Display)]
pub(crate) enum EnginePrompt {
    /// To go on all the same, type the word {word}:
    SetAside { word: String },
    /// To erase {old}, type its serial number; Enter leaves it as it is:
    Erase { old: String },
    /// To overwrite {on} with it, type the serial number of {on}; Enter leaves it as it is:
    Overwrite { on: String },
    /// What does {on} show: primary, backup or none?
    Role { on: String },
    /// By which IP address do clients reach {on}?
    Address { on: String },
    /// Which IP address do {a} and {b} share, as /appliance > Networking > IP Configuration lists it?
    SharedAddress { a: String, b: String },
    /// What does the page of {on} show of {address} now: enabled or disabled?
    IsEnabled { on: String, address: String },
    /// Title of the next package on the list (Enter where there is none):
    OfferedTitle,
    /// What does it say must come first (Enter for nothing)?
    OfferedAfter,
    /// Path of the backup file, to keep a copy of it here (Enter to keep none):
    BackupPath,
    /// Path of the exported file, to be imported from here (Enter to import it by hand, too):
    CertificatePath,
    /// Path of the exported file, to keep a copy of it here (Enter to keep none):
    KeptCertificatePath,
    /// Password for the backup:
    NewBackupPassword,
    /// New passphrase for the exported private key:
    NewPassphrase,
    /// The same once more:
    OnceMore,
    /// Password that protects the backup:
    BackupPassword,
    /// Password that protects the backup (Enter for none):
    BackupPasswordIfAny,
    /// Password that protects the backup {path}:
    PasswordOf { path: String },
    /// Passphrase that {path} was exported with:
    PassphraseOf { path: String },
}

impl Question for InstallQuestion {}
impl Question for SoakQuestion {}
impl Question for BackupQuestion {}
impl Question for PairQuestion {}
impl Question for MigrateQuestion {}
impl Question for EnginePrompt {}
