//! What the engine writes into the journal: one variant a kind of record.

pub use super::shown::{ClientsCounted, InstalledAt, Installing, PairMark, RoleBy, Shown, SoakSkip, Word};
use crate::model::{Evidence, FailoverRole, FileName, Id, Offer, PackageKey, Sha256Digest, Source, Timestamp, Version};
use crate::plan::{Part, Switch, Topology};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One record of the engine's. Its serde form is the record's kind and fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "fields", rename_all = "kebab-case", rename_all_fields = "snake_case")]
pub enum Entry {
    /// A push began, or began again.
    PushBegun {
        /// The bundle.
        bundle: Id,
        /// Its sequence.
        sequence: u64,
        /// Its manifest's digest.
        manifest_sha256: Sha256Digest,
        /// Who signed it, by principal.
        signed_by: Vec<String>,
        /// The serial number of the medium that it was read from; `None` where it told none, or the store had it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        medium: Option<String>,
        /// The options of the command that was typed, as they are typed again; empty where there were none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        options: String,
    },
    /// The appliance was asked what it offers by itself.
    UpdatesOffered {
        /// What its page lists.
        offers: Vec<Offer>,
    },
    /// A run that has the appliance install what it offers began, or goes on with more packages, on a person's word.
    UpdateBegun {
        /// The run; it stands where another install names its bundle.
        run: Id,
        /// The titles that were agreed to, in order.
        packages: Vec<String>,
        /// The options of the command that was typed, as they are typed again; empty where there were none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        options: String,
    },
    /// All that a run was agreed to install is installed.
    UpdateDone {
        /// The run.
        run: Id,
    },
    /// The appliance was looked at.
    StatusRead {
        /// Its serial number.
        serial: String,
        /// What it showed.
        shown: Shown,
        /// Seconds its clock is ahead of ours.
        clock_ahead_secs: Option<i64>,
    },
    /// What the appliance is in a failover relationship was looked at.
    RoleRead {
        /// Its role.
        role: FailoverRole,
        /// Who tells it.
        by: RoleBy,
    },
    /// The plan that is being followed.
    Planned {
        /// The ids of its steps.
        steps: Vec<String>,
        /// The files that need not be installed.
        skipped: Vec<FileName>,
    },
    /// A refusal was set aside, on a person's word.
    DangerousAccepted {
        /// The bundle.
        bundle: Id,
        /// Which refusal, as its flag names it.
        what: String,
        /// What was refused, and why.
        refused: String,
        /// The reason that was given.
        reason: String,
        /// The account that did it.
        by: String,
        /// The verb that went on.
        verb: String,
    },
    /// The operator answered a grave question.
    Asked {
        /// What was asked.
        question: String,
        /// The answer.
        yes: bool,
    },
    /// A person answered the question before the first press of a run.
    FirstPress {
        /// The digest of what was agreed to.
        plan_sha256: Sha256Digest,
        /// The answer.
        yes: bool,
        /// Whether the digest was given beforehand instead of an answer now.
        beforehand: bool,
        /// The account that did it.
        by: String,
        /// Who approved it as a second person; `None` where none is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved_by: Option<String>,
        /// Who was connected then, by the API's name of their type; `None` where nobody was to be thrown out, or no API
        /// told.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        connected: Option<BTreeMap<String, u64>>,
    },
    /// The operator typed an answer.
    Answered(Word),
    /// A backup is about to be made.
    BackupStarted {
        /// The file it will be kept as.
        file: String,
        /// Whether a password protects it.
        protected: bool,
        /// Whether logged history is to go along.
        history: bool,
    },
    /// A backup is made, read back and kept.
    BackupDone {
        /// The file below `backups/NAME/`; `None` where a person keeps it elsewhere.
        file: Option<String>,
        /// Its size.
        size_bytes: Option<u64>,
        /// Its digest.
        sha256: Option<Sha256Digest>,
        /// Whether a password protects it; `None` where nobody told.
        protected: Option<bool>,
        /// Whether logged history is in it; where a person made it, what they were told to do.
        history: bool,
        /// Whether a person made it.
        guided: bool,
    },
    /// No backup was made.
    BackupFailed {
        /// Why.
        why: String,
    },
    /// A package is about to be sent.
    InstallStarted {
        /// The package.
        package: Installing,
        /// What the appliance showed before.
        before: Shown,
        /// Which attempt of this run, from 1.
        attempt: u32,
        /// Where the package came from, as its bundle is signed; `None` where the appliance fetches it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        source: Option<Source>,
    },
    /// The last bytes of a package are about to go: from here on it may have
    /// arrived, and nobody sends it again without being told to.
    UploadHandedOver {
        /// What the package is known by.
        key: PackageKey,
    },
    /// Sending broke off, or its answer was lost.
    UploadBroken {
        /// What the package is known by.
        key: PackageKey,
        /// Bytes that were handed over.
        sent_bytes: u64,
        /// Whether it may have arrived: that was all of it, and nothing says that it was not taken.
        complete: bool,
        /// Why.
        why: String,
    },
    /// The package is on the appliance, which shows a licence agreement.
    #[serde(alias = "agreement-shown")]
    EulaShown {
        /// What the package is known by.
        key: PackageKey,
        /// The agreement's digest.
        #[serde(alias = "agreement_sha256")]
        eula_sha256: Sha256Digest,
        /// Whether it is the one the manifest names; `None` where it names none.
        expected: Option<bool>,
    },
    /// The operator accepts the agreement; it is about to be pressed.
    #[serde(alias = "agreement-accepted")]
    EulaAccepted {
        /// What the package is known by.
        key: PackageKey,
        /// The agreement's digest.
        #[serde(alias = "agreement_sha256")]
        eula_sha256: Sha256Digest,
        /// Whether the digest was given beforehand instead of an answer now.
        beforehand: bool,
    },
    /// The operator does not accept the agreement.
    #[serde(alias = "agreement-declined")]
    EulaDeclined {
        /// What the package is known by.
        key: PackageKey,
        /// The agreement's digest.
        #[serde(alias = "agreement_sha256")]
        eula_sha256: Sha256Digest,
    },
    /// A person is about to do a step.
    GuidedBegun {
        /// What the package is known by; `None` for a step that is no install.
        key: Option<PackageKey>,
        /// The step.
        title: String,
        /// Why a person does it.
        because: String,
        /// The copy put ready, where there is one.
        staged: Option<String>,
    },
    /// The appliance has begun to install.
    InstallSetOff {
        /// What the package is known by.
        key: PackageKey,
    },
    /// The package is installed.
    InstallConfirmed {
        /// The package.
        package: Installing,
        /// What shows it.
        evidence: Evidence,
        /// Whether a person installed it.
        guided: bool,
        /// What the appliance showed then.
        shown: Shown,
    },
    /// The appliance says that it failed, or refused the package.
    InstallFailed {
        /// What the package is known by.
        key: PackageKey,
        /// What it said.
        said: String,
    },
    /// The appliance did not take the package, and so installed nothing.
    InstallRefused {
        /// What the package is known by.
        key: PackageKey,
        /// What it said.
        said: String,
    },
    /// Nobody knows yet what became of it.
    InstallUnconfirmed {
        /// What the package is known by.
        key: PackageKey,
        /// What is known.
        why: String,
    },
    /// The attempt left nothing behind; the package may be sent again.
    InstallAbandoned {
        /// What the package is known by.
        key: PackageKey,
        /// How that is known.
        why: String,
    },
    /// The push stopped for a soak.
    Waiting {
        /// The site package that clients update to.
        after: String,
        /// When it may go on, by the trusted clock.
        until: Timestamp,
        /// Seconds until then.
        remaining_secs: i64,
    },
    /// The push stopped because no maintenance window is open for a step.
    WindowClosed {
        /// The step's id.
        step: String,
        /// When it may go on, by the trusted clock.
        until: Timestamp,
        /// That window, in the site's time.
        window: String,
    },
    /// Clients were counted after a site package.
    ClientsCounted(ClientsCounted),
    /// All client software was removed, on a person's word.
    ClientsRemoved {
        /// What the site package is known by.
        after: PackageKey,
        /// The reason that was given.
        reason: String,
        /// The account that said so.
        by: String,
    },
    /// All client software was removed before a bundle's first site package, on a person's word.
    ClientsRemovedFirst {
        /// The bundle, or the run that installs what the appliance offers.
        bundle: Id,
        /// The reason that was given.
        reason: String,
        /// The account that said so.
        by: String,
    },
    /// The wait after a site package was set aside, on a person's word.
    SoakSkipped(SoakSkip),
    /// A bundle carries the site version that was first met, or one before: somebody else began it.
    SiteBegunElsewhere {
        /// The version.
        version: Version,
        /// When it was first seen, by our clock.
        first_seen: Timestamp,
        /// The appliance's clock then.
        appliance_clock: Option<Timestamp>,
    },
    /// When a site version was installed elsewhere, on a person's word.
    SiteInstalledAt(InstalledAt),
    /// An agreement before a login was accepted; its text is kept.
    LoginAgreementAccepted {
        /// The page it stood on.
        page: String,
        /// Its text's digest.
        agreement_sha256: Sha256Digest,
        /// Whether it was accepted earlier in the run and came again, unasked.
        again: bool,
    },
    /// The checklist after an upgrade was made.
    AfterChecked {
        /// What the site package is known by.
        after: PackageKey,
        /// What the site's API confirmed, by the checklist's name of the topic.
        confirmed: Vec<String>,
        /// What is left to a person.
        open: Vec<String>,
    },
    /// All of a bundle's packages are installed.
    PushDone {
        /// The bundle.
        bundle: Id,
    },
    /// A run over two goes on by a command with other options than it had.
    PairResumed {
        /// The run.
        run: Id,
        /// The command.
        command: String,
    },
    /// A run over two began; both journals have it.
    PairBegun {
        /// The run.
        run: Id,
        /// Its order.
        topology: Topology,
        /// How the site's address is switched; `None` where it stays.
        switch: Option<Switch>,
        /// The part this journal's appliance plays.
        part: Part,
        /// The other appliance's name.
        partner: FileName,
        /// The other appliance's serial number.
        partner_serial: String,
        /// The bundle for this journal's appliance, or the run of what it offers.
        bundle: Id,
        /// Whether the appliance offers by itself what is installed.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        offered: bool,
        /// The command that began it, as it was typed.
        command: String,
    },
    /// A step of a pair run is about to be done.
    PairStepBegun {
        /// The run.
        run: Id,
        /// The step's id.
        step: String,
        /// The appliance it is done on.
        on: Part,
    },
    /// A data sync is about to be pressed on the backup.
    PairSyncPressed {
        /// The run.
        run: Id,
        /// The step's id.
        step: String,
        /// What its end is told by.
        mark: PairMark,
    },
    /// A step of a pair run is done: what it is for is so.
    PairStepDone {
        /// The run.
        run: Id,
        /// The step's id.
        step: String,
        /// The appliance it was done on.
        on: Part,
    },
    /// A person told by which IP address clients reach an appliance of a pair, or which one the two share.
    AddressTold {
        /// The run.
        run: Id,
        /// Whose it is; `None` for the one that both share.
        of: Option<Part>,
        /// The address.
        address: String,
    },
    /// Clients are led to this appliance from now on.
    Serves {
        /// The run that led them.
        run: Id,
        /// The appliance's clock then; `None` where it could not be read.
        clock: Option<Timestamp>,
    },
    /// What a step of a pair run made can't be used: it is done no more.
    PairStepUndone {
        run: Id,
        /// The step's id.
        step: String,
        why: String,
    },
    /// A person said why no certificate is exported before the backup.
    CertificateLeftOut {
        /// The bundle, or the run of an update.
        bundle: Id,
        reason: String,
        by: String,
    },
    /// The site's certificate was exported, with its key.
    CertificateExported {
        /// The run; of one appliance its bundle.
        run: Id,
        /// The file below `certificates/NAME/`; `None` where a person keeps it elsewhere.
        file: Option<String>,
        sha256: Option<Sha256Digest>,
        /// Whom the certificate is issued to; empty where nobody could read it.
        issued_to: String,
        /// Its fingerprint, as the page wrote it.
        fingerprint: Option<String>,
        guided: bool,
    },
    /// A backup is about to be sent, to be restored on the new appliance.
    RestoreSent {
        run: Id,
        /// The backup's digest; `None` where a person keeps it elsewhere.
        sha256: Option<Sha256Digest>,
    },
    /// An appliance that had a site shows none, and a person says that it was reset.
    SiteGone {
        /// The site version that it showed last.
        site: Version,
    },
    /// A kept backup is about to be sent, to be restored by itself.
    RestoreBegun {
        /// The backup's digest.
        sha256: Sha256Digest,
        /// Its file.
        file: String,
        /// The serial number of the appliance it was made on; `None` where no journal here knows it.
        made_on: Option<String>,
    },
    /// The settings of a backup are restored.
    Restored {
        /// The backup's digest.
        sha256: Sha256Digest,
        /// Whether a person restored it, or says that it is restored.
        guided: bool,
    },
    /// The appliance refused a backup.
    RestoreRefused {
        /// The backup's digest.
        sha256: Sha256Digest,
        /// What it said.
        said: String,
    },
    /// The serial number was typed, and the old appliance is about to be reset.
    ResetOrdered {
        run: Id,
        /// The serial number.
        serial: String,
        /// The site's host name; empty where nobody could read it.
        host: String,
    },
    /// A pair run stopped at a step, and goes on when it is called again.
    PairStopped {
        run: Id,
        /// The step's id.
        step: String,
        why: String,
        /// How the run ended, by the exit's name.
        exit: String,
    },
    /// A pair run is over: both are upgraded and in a relationship.
    PairDone { run: Id },
    /// A person left a pair run, to go on with this appliance alone.
    PairLeft { run: Id },
    /// A receipt is signed that tells of the journal up to this record.
    ReceiptSigned {
        /// The receipt.
        receipt: Id,
        /// The bundle it is about.
        bundle: Id,
    },
}
