//! What an appliance says no to, and why: part of a driver's error, which tells
//! where it was said and in which words.

use crate::model::explained;
use macro_rules_attribute::apply;

/// What to do about most of it.
const TRY_THERE: &str = "open that page in a browser and try it there; the reason may stand beside it";

/// What an appliance can refuse.
#[apply(explained!)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplianceRefusal {
    /// Making a backup.
    #[error("backup")]
    #[hint(TRY_THERE)]
    #[exit(BackupFailed)]
    Backup,
    /// Taking or installing a package.
    #[error("package")]
    #[hint(
        "do not restart the appliance; open /appliance > Updates in a browser to see its state, and ask vendor support \
         with that page"
    )]
    #[exit(InstallFailed)]
    Package,
    /// The acceptance of a licence agreement.
    #[error("acceptance of the licence agreement")]
    #[hint(TRY_THERE)]
    #[exit(InstallFailed)]
    Agreement,
    /// A step of the failover relationship.
    #[error("failover step")]
    #[hint(TRY_THERE)]
    #[exit(PairRefused)]
    Pair,
    /// The relationship, because the pre-shared keys are not the same.
    #[error("failover relationship")]
    #[hint(TRY_THERE)]
    #[exit(PairDiffers)]
    PairKey,
    /// A step of the relationship, because the partner can't be reached.
    #[error("failover step")]
    #[hint(TRY_THERE)]
    #[exit(PartnerUnreachable)]
    PairContact,
    /// Exporting or importing a certificate, or assigning an address to it.
    #[error("certificate")]
    #[hint(TRY_THERE)]
    #[exit(CertificateRefused)]
    Certificate,
    /// Importing a certificate, because the passphrase is wrong.
    #[error("certificate")]
    #[hint(TRY_THERE)]
    #[exit(WrongPassphrase)]
    CertificateKey,
    /// Restoring settings.
    #[error("restoring of settings")]
    #[hint(TRY_THERE)]
    #[exit(RestoreRefused)]
    Restore,
    /// A factory reset or a shutdown.
    #[error("reset or shutdown")]
    #[hint(TRY_THERE)]
    #[exit(ResetUnfinished)]
    Power,
}

/// Why an appliance lets nobody in.
#[apply(explained!)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginBlocked {
    /// The password is right and too old.
    #[error("the password has expired")]
    #[hint(
        "log in with a browser and choose a new password, write it where the inventory says, then run the same command \
         again"
    )]
    #[exit(PasswordExpired)]
    PasswordExpired,
    /// Too many sessions are open.
    #[error("too many sessions are open on the appliance")]
    #[hint("log out where someone is logged in, or wait until idle sessions end, then run the same command again")]
    #[exit(SessionLimit)]
    SessionLimit,
    /// Too many logins were refused.
    #[error("the account is locked")]
    #[hint(
        "wait as long as the page says, log in with a browser, correct user or password in the inventory, then run the \
         same command again"
    )]
    #[exit(AccountLocked)]
    Locked,
}

/// Why an appliance does not take a package.
#[apply(explained!)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Its disk is full.
    #[error("the appliance has no room for the package")]
    #[hint(
        "do not restart the appliance; have old recordings and files removed from it, or ask vendor support to free \
         space"
    )]
    #[exit(ApplianceFull)]
    NoRoom,
    /// It takes the file for damaged, or for none of its packages.
    #[error("the appliance takes the package for a damaged or foreign file")]
    #[hint(
        "its bytes are those that were signed for, so the vendor's own file is in question: ask vendor support, and \
         have it fetched anew outside"
    )]
    #[exit(PackageRejected)]
    Rejected,
    /// It says that it has it already.
    #[error("the appliance says that the package is installed already")]
    #[hint(
        "look at Status > Basics and at Installed Packages in a browser; if it is there, have a bundle sealed without \
         it, if not, ask vendor support"
    )]
    #[exit(AlreadyInstalled)]
    AlreadyThere,
    /// It does not know this kind of package.
    #[error("the appliance does not know this kind of package")]
    #[hint(
        "a package that must come before it may be missing, or it is another product's: compare it with \
         handcarry-outside check, and ask vendor support"
    )]
    #[exit(UnknownKind)]
    UnknownKind,
}
