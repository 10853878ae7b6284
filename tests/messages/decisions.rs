//! What is decided by an error and how a run ends by it are two things that
//! must not drift apart: for every variant the one is held against the other.

use super::{carried, inside, outside};
use handcarry::testing::bundle::BundleError;
use handcarry::testing::driver::{ApplianceRefusal, DriverError};
use handcarry::testing::model::{Exit, Explain, Failure, Kind};
use handcarry::testing::web::WebError;

/// A sample of every error of a driver, those of the web among them. What a
/// password's file says is no appliance's, so nothing is decided by it.
fn driver() -> Vec<DriverError> {
    let web = outside::web().into_iter().map(DriverError::from);
    inside::driver().into_iter().chain(web).filter(|error| !matches!(error, DriverError::Password(_))).collect()
}

/// Checks that `decides` says yes where a run ends by one of `exits`, and only there.
fn is_decided_as(what: &str, decides: impl Fn(&DriverError) -> bool, exits: &[Exit]) {
    for error in driver() {
        assert_eq!(decides(&error), exits.contains(&error.exit()), "{what}: {error} ({})", error.exit().name());
    }
}

#[test]
fn each_decision_about_a_drivers_error_is_as_its_exit_says() {
    is_decided_as("a page is another", DriverError::is_other_page, &[Exit::PageUnexpected]);
    let unread = [Exit::HttpError, Exit::PageUnexpected, Exit::ControlAmbiguous];
    is_decided_as("a page is unread", DriverError::is_page_unread, &unread);
    let left = [Exit::PageUnexpected, Exit::ControlAmbiguous, Exit::Declined];
    is_decided_as("a person is left with it", DriverError::leaves_it_to_a_person, &left);
    let stranger = [Exit::LoginRefused, Exit::TlsUntrusted, Exit::LockoutNear];
    is_decided_as("a stranger answers", DriverError::is_of_a_stranger, &stranger);
    is_decided_as("another certificate", DriverError::shows_another_certificate, &[Exit::TlsUntrusted]);
    let passing =
        [Exit::Unreachable, Exit::HttpError, Exit::InBetween, Exit::PageUnexpected, Exit::Unconfirmed, Exit::Waiting];
    is_decided_as("it may pass", DriverError::may_pass, &passing);
    is_decided_as("an install is refused", DriverError::refuses_install, &[Exit::InstallFailed]);
    for (what, exit) in [
        (ApplianceRefusal::Restore, Exit::RestoreRefused),
        (ApplianceRefusal::CertificateKey, Exit::WrongPassphrase),
        (ApplianceRefusal::PairKey, Exit::PairDiffers),
        (ApplianceRefusal::PairContact, Exit::PartnerUnreachable),
    ] {
        is_decided_as("a step is refused", |error| error.refuses(what), &[exit]);
    }
}

#[test]
fn nothing_that_is_hopeless_may_pass_or_be_done() {
    for error in driver() {
        assert!(!error.is_hopeless() || !(error.may_pass() || error.may_be_done()), "{error}");
        // What shows a page that can't be read has not said that it did nothing.
        let sure =
            matches!(error, DriverError::SessionEnded { .. } | DriverError::Web(WebError::ControlAmbiguous { .. }));
        assert!(!error.is_page_unread() || error.may_be_done() || sure, "{error}");
    }
}

#[test]
fn a_bundle_that_recovery_volumes_may_mend_is_told_so() {
    for error in carried::bundle() {
        let mends = matches!(
            error.exit(),
            Exit::VolumesIncomplete
                | Exit::VolumesMixed
                | Exit::ContainerMalformed
                | Exit::EntriesMismatch
                | Exit::DigestMismatch
                | Exit::MediaFault
        );
        assert_eq!(error.is_of_damage(), mends, "{error}");
    }
}

#[test]
fn a_failure_is_of_the_kind_that_its_exit_tells_unless_more_is_known() {
    let kind = |exit| Failure::new(exit, "").kind;
    assert_eq!(kind(Exit::Waiting), Kind::Waiting);
    assert_eq!([Exit::NoSpace, Exit::ReadOnly, Exit::MediaFault, Exit::NoPermission].map(kind), [Kind::OwnDisk; 4]);
    assert_eq!([Exit::Rollback, Exit::Replayed].map(kind), [Kind::Outdated, Kind::Used]);
    assert_eq!([Exit::Expired, Exit::WrongRequest].map(kind), [Kind::Untimely; 2]);
    assert_eq!(
        [Exit::NoTrust, Exit::TrustOverdue, Exit::ClockUntrusted, Exit::ClockWentBack].map(kind),
        [Kind::NoJudge; 4]
    );
    assert_eq!([Exit::UnknownBundle, Exit::JournalForked, Exit::JournalBroken].map(kind), [Kind::Alarm; 3]);
    // A bundle for another appliance and another appliance end a run alike.
    assert_eq!(kind(Exit::WrongAppliance), Kind::Plain);
    let foreign = carried::bundle().into_iter().find(|error| matches!(error, BundleError::WrongAppliance { .. }));
    let foreign = Failure::from(foreign.expect("a sample of each")).of_kind(Kind::ForAnother);
    assert_eq!((foreign.kind, foreign.exit), (Kind::ForAnother, Exit::WrongAppliance));
}
