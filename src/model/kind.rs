//! What a failure is to the code that meets it on its way up.

use super::Exit;

/// What a [`Failure`](super::Failure) is to whoever decides by it, where the
/// type it was made as is gone. A decision is never made by the exit: that is
/// the shell's, and two things that end alike may need two answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing decides by it; it is told, and that is all.
    Plain,
    /// A person said no, or nobody was there to say yes.
    Declined,
    /// The run stopped cleanly; the same command goes on later.
    Waiting,
    /// What the run says can't be written.
    OutputLost,
    /// A disk or medium of this machine does not take what is written, or give
    /// what is read.
    OwnDisk,
    /// No bundle lies there.
    NoBundle,
    /// The bundle is another appliance's.
    ForAnother,
    /// A newer bundle was used.
    Outdated,
    /// This very bundle was used: nothing of it is left to do.
    Used,
    /// The bundle's time is over, or it answers another request.
    Untimely,
    /// No bundle can be judged here at all: nobody is trusted, or no clock is.
    NoJudge,
    /// Bytes of the bundle are not those that were signed for.
    Damaged,
    /// What was given is not believed: not signed as it must be, not what it says, or not bound to be read.
    Refused,
    /// A receipt tells what can't be: a key is in other hands, or records were changed.
    Alarm,
    /// The other end does not answer.
    Unreachable,
    /// The appliance did not take user name or password.
    LoginRefused,
    /// The other end shows another certificate than the enrolled one.
    OtherCertificate,
    /// A base update is in trouble: nothing more is done to the appliance.
    BaseTrouble,
    /// A step on the appliance failed or is unconfirmed; what stood in its way
    /// may be gone when the same command is run again.
    StepFailed,
}

impl Kind {
    /// Whether what was given was refused for what it is: the event log keeps
    /// these. That a login or a page fails is no such thing.
    pub const fn is_refusal(self) -> bool {
        matches!(
            self,
            Kind::ForAnother
                | Kind::Outdated
                | Kind::Used
                | Kind::Untimely
                | Kind::NoJudge
                | Kind::Damaged
                | Kind::Refused
                | Kind::OtherCertificate
        )
    }

    /// What a failure is that says no more of itself than how the run ends by it.
    pub(super) const fn of(exit: Exit) -> Self {
        match exit {
            Exit::Declined => Kind::Declined,
            Exit::Waiting => Kind::Waiting,
            Exit::OutputLost => Kind::OutputLost,
            Exit::NoSpace | Exit::ReadOnly | Exit::MediaFault | Exit::NoPermission => Kind::OwnDisk,
            Exit::NoBundle => Kind::NoBundle,
            Exit::Rollback => Kind::Outdated,
            Exit::Replayed => Kind::Used,
            Exit::Expired | Exit::WrongRequest => Kind::Untimely,
            Exit::NoTrust | Exit::TrustOverdue | Exit::ClockUntrusted | Exit::ClockWentBack => Kind::NoJudge,
            Exit::DigestMismatch => Kind::Damaged,
            Exit::MediaLies
            | Exit::VolumesMixed
            | Exit::ContainerMalformed
            | Exit::LimitExceeded
            | Exit::ThresholdNotMet
            | Exit::ManifestInvalid
            | Exit::TooNew
            | Exit::NotYetValid
            | Exit::EntriesMismatch
            | Exit::KeyUnusable
            | Exit::DocumentUntrusted
            | Exit::TrustRefused
            | Exit::VaultDamaged => Kind::Refused,
            Exit::UnknownBundle | Exit::OtherSpeaker | Exit::JournalForked | Exit::JournalBroken => Kind::Alarm,
            Exit::Unreachable => Kind::Unreachable,
            Exit::LoginRefused => Kind::LoginRefused,
            Exit::TlsUntrusted => Kind::OtherCertificate,
            Exit::BaseTrouble => Kind::BaseTrouble,
            Exit::BackupFailed
            | Exit::InstallFailed
            | Exit::Unconfirmed
            | Exit::SyncUnfinished
            | Exit::PartnerUnreachable
            | Exit::PairDiffers
            | Exit::SwitchHalf
            | Exit::WrongPassphrase
            | Exit::CertificateWarning
            | Exit::RestoreRefused
            | Exit::ResetUnfinished => Kind::StepFailed,
            // An appliance that is another than the enrolled one ends a run as a
            // bundle for another does: only who opened the bundle knows which.
            Exit::WrongAppliance
            | Exit::Ok
            | Exit::Busy
            | Exit::ListUnread
            | Exit::Failure
            | Exit::Usage
            | Exit::Config
            | Exit::NotFound
            | Exit::Exists
            | Exit::Partly
            | Exit::MediaMissing
            | Exit::VolumesIncomplete
            | Exit::BeyondRepair
            | Exit::HttpError
            | Exit::PageUnexpected
            | Exit::ControlAmbiguous
            | Exit::PasswordExpired
            | Exit::SessionLimit
            | Exit::AccountLocked
            | Exit::LockoutNear
            | Exit::CodeRefused
            | Exit::CodeSpent
            | Exit::DownloadIncomplete
            | Exit::DownloadChanged
            | Exit::NothingToDo
            | Exit::ProxyRefused
            | Exit::PrerequisiteMissing
            | Exit::ClockSkew
            | Exit::EulaDeclined
            | Exit::TourFailed
            | Exit::ApplianceFull
            | Exit::RoleUnexpected
            | Exit::PairRefused
            | Exit::PairOpen
            | Exit::PackageRejected
            | Exit::AlreadyInstalled
            | Exit::UnknownKind
            | Exit::CertificateRefused
            | Exit::LoginAgreement
            | Exit::VendorUnreachable
            | Exit::CheckUnfinished
            | Exit::TlsTooOld
            | Exit::InBetween
            | Exit::PlanChanged
            | Exit::NotApproved
            | Exit::ClientsLeftBehind
            | Exit::VendorNotListed => Kind::Plain,
        }
    }
}
