//! What `handcarry-inside` tells of appliances: who they are, where they stand, what
//! is asked for them.

use super::objects::{API_STEP, COMPARED_VALUE, CONNECTED_COUNT, DATED, FAILOVER_OF, FOUND};
use super::records::{ROLES, STATUS};
use super::shape::Shape::*;
use super::{EventKind, layouts};

/// Where an appliance stands.
const STANDS: &[&str] = &[
    "damaged",
    "running",
    "installing",
    "open",
    "waiting",
    "carried",
    "installed",
    "expired",
    "left",
    "unmet",
    "asked",
    "told",
    "idle",
];

layouts! { EventKind
    /// next: where an appliance stands, one event for each.
    STANDING = "standing" {
        /// The appliance.
        appliance: Text,
        /// Its serial number; missing where it was not met yet.
        serial: Maybe(&Text),
        /// The version of its base software that was seen last.
        base: Maybe(&Text),
        /// The version of its site software that was seen last.
        site: Maybe(&Text),
        /// Where it stands.
        stands: Word(STANDS),
        /// Until when it waits.
        until: Maybe(&Time),
        /// Where it stands, for people.
        message: Text,
        /// The request that waits for its answer.
        request: Maybe(&Id),
        /// The command that is due.
        command: Maybe(&Text),
    }
    /// next: a bundle that lies on a medium.
    LYING = "lying" {
        /// The medium's folder; missing where it lies in the store.
        media: Maybe(&Path),
        /// The bundle's file name.
        file: Text,
        /// signed, or the exit code's name that stands for why it is not taken.
        verdict: Text,
        /// What it is, or what is wrong with it, for people.
        message: Text,
    }
    /// list: an appliance as it is enrolled.
    APPLIANCE = "appliance" {
        /// Its name.
        appliance: Text,
        /// Its serial number; missing where it was not met yet.
        serial: Maybe(&Text),
        /// Its address.
        url: Text,
        /// What works it.
        driver: Word(&["bomgar", "guided"]),
        /// The language of its pages.
        language: Text,
        /// Whose clock is believed.
        clock: Word(&["host", "appliance"]),
        /// The server that its codes are for.
        vendor: Text,
        /// What it is believed by.
        trust: Text,
        /// The groups it is in.
        groups: List(&Text),
        /// The other one of its pair.
        pair: Maybe(&Text),
        /// Its maintenance windows, as they are written.
        windows: Maybe(&List(&Text)),
    }
    /// list --state: where an appliance stands, one event for each.
    STATE = "state" {
        /// The appliance.
        appliance: Text,
        /// Its serial number; missing where it was not met yet.
        serial: Maybe(&Text),
        /// The groups it is in.
        groups: List(&Text),
        /// The version of its base software that was seen last.
        base: Maybe(&Text),
        /// The version of its site software that was seen last.
        site: Maybe(&Text),
        /// When it was seen last.
        seen: Maybe(&Time),
        /// Whether it answered; missing where it was not asked.
        asked: Maybe(&Flag),
        /// Why it did not answer.
        unanswered: Maybe(&Text),
        /// Where it stands.
        stands: Word(STANDS),
        /// Until when it waits.
        until: Maybe(&Time),
        /// Where it stands, for people.
        message: Text,
        /// The command that is due.
        command: Maybe(&Text),
        /// Its role in a failover pair, as it was seen last.
        role: Maybe(&Word(ROLES)),
        /// When that was seen.
        role_seen: Maybe(&Time),
        /// The other one of its pair.
        pair: Maybe(&Text),
        /// What holds the next install.
        held_by: Maybe(&Text),
        /// When the next install may begin.
        next_install: Maybe(&Time),
        /// Its last backup.
        backup: Maybe(&Of(&DATED)),
        /// Its last receipt.
        receipt: Maybe(&Of(&DATED)),
        /// Until when the certificate is valid that it is believed by.
        certificate_until: Maybe(&Time),
        /// Its certificate that was exported last.
        exported: Maybe(&Of(&DATED)),
    }
    /// enroll: the certificate that an appliance shows.
    CERTIFICATE = "certificate" {
        /// Whose it is.
        subject: Text,
        /// Who issued it.
        issuer: Text,
        /// The names it is for.
        names: List(&Text),
        /// From when it is valid.
        not_before: Time,
        /// Until when it is valid.
        not_after: Time,
        /// Whether it is an authority's.
        is_ca: Flag,
        /// Its SHA-256, two hex digits at a time with a colon between.
        sha256_fingerprint: Text,
    }
    /// enroll: an appliance is enrolled, or believed by another certificate from now on.
    ENROLLED = "enrolled" {
        /// The appliance.
        appliance: Text,
        /// Its address.
        url: Text,
        /// What works it; missing where its certificate was renewed.
        driver: Maybe(&Word(&["bomgar", "guided"])),
        /// The inventory's file; missing where its certificate was renewed.
        inventory: Maybe(&Path),
        /// Whether its certificate was renewed.
        renewed: Flag,
    }
    /// rename: an appliance has another name from now on.
    RENAMED = "renamed" {
        /// Its name from now on.
        appliance: Text,
        /// Its name before.
        old: Text,
    }
    /// remove: an appliance is enrolled no more.
    REMOVED = "removed" {
        /// The appliance.
        appliance: Text,
    }
    /// status, plan, push: the run that is at work on the appliance, or was when it ended without a word.
    AT_WORK = "at-work" {
        /// Its command.
        command: Text,
        /// The account that began it.
        by: Text,
        /// Its process.
        pid: Count,
        /// When it began.
        since: Time,
        /// The step that it is at.
        step: Maybe(&Text),
        /// What it told last.
        last: Maybe(&Text),
        /// How far its long work is.
        percent: Maybe(&Percent),
    }
    /// status: what an appliance shows.
    STATUS_READ = "status" {
        /// What it shows.
        status: Of(&STATUS),
        /// How far its clock is ahead of this machine's; missing where it shows none.
        clock_ahead_secs: Maybe(&Secs),
        /// What it is in a failover pair; missing where that could not be read.
        failover: Maybe(&Of(&FAILOVER_OF)),
    }
    /// status --save: what was seen is kept in a file.
    SAVED = "saved" {
        /// The file.
        path: Path,
        /// The steps that a person has to do there; missing where nobody looked.
        by_hand: Maybe(&List(&Text)),
    }
    /// status --compare: what changed of an appliance, and what did not.
    COMPARED = "compared" {
        /// The file that it is compared with; missing where that is the journal.
        file: Maybe(&Path),
        /// The run before whose first install it was seen; missing where it is compared with a file.
        since_run: Maybe(&Id),
        /// When it was seen before.
        before_seen: Time,
        /// When it was seen after that.
        after_seen: Time,
        /// Whether anything is known to be other than it was.
        is_changed: Flag,
        /// What was compared, one by one.
        values: List(&Of(&COMPARED_VALUE)),
        /// Titles that are listed as installed, and were not.
        added: List(&Text),
        /// Titles that were listed as installed, and are no more.
        gone: List(&Text),
        /// How many titles are listed as before; missing where they were not listed both times.
        kept: Maybe(&Count),
        /// Who was connected, by type; it changes by the minute, and counts as no change.
        connected: List(&Of(&CONNECTED_COUNT)),
    }
    /// plan: what an appliance is in a failover pair.
    FAILOVER = "failover" {
        /// What it is; missing where that could not be read.
        failover: Maybe(&Of(&FAILOVER_OF)),
    }
    /// probe: which steps the program does there, and which a person.
    PROBE = "probe" {
        /// Steps that the program does.
        automatic: List(&Text),
        /// Steps that a person does.
        guided: List(&Text),
        /// Steps among them that go by the site's API.
        by_api: List(&Text),
        /// Whether the appliance has no site software yet.
        no_site: Flag,
    }
    /// probe: a control that a step needs.
    CONTROL = "control" {
        /// The step.
        step: Text,
        /// The control, as handcarry-profile(5) names it.
        control: Text,
        /// The page it should be on.
        page: Text,
        /// What was found.
        finding: Of(&FOUND),
        /// Who does the step because of it.
        makes: Word(&["automatic", "guided"]),
        /// Labels that may be its own on that page.
        candidates: Maybe(&List(&Text)),
    }
    /// probe: what the site's API offers.
    API = "api" {
        /// Its version.
        version: Maybe(&Text),
        /// What its clock shows.
        clock: Maybe(&Time),
        /// What the account may do, as the API says it.
        permissions: Map(&Text),
        /// What that lets do.
        steps: List(&Of(&API_STEP)),
    }
    /// probe --page: a page that was saved was read.
    PAGE = "page" {
        /// Its file.
        file: Path,
        /// Which page it is.
        kind: Text,
    }
    /// probe --starter: a profile was written, or none is needed.
    PROFILE = "profile" {
        /// The file; missing where none is needed.
        file: Maybe(&Path),
        /// How many labels are to be filled in.
        keys: Count,
    }
    /// request: an appliance is read.
    READING = "reading" {
        /// The appliance.
        appliance: Text,
        /// Its address.
        url: Text,
    }
    /// request: how a person obtains the code.
    GUIDED = "guided" {
        /// What is to be done.
        title: Text,
        /// Where, in the words of the appliance's pages.
        menu_path: Text,
        /// How, one after the other.
        instructions: List(&Text),
        /// Why the program does not do it.
        because: Text,
    }
    /// request: a request was signed onto a medium.
    REQUEST = "request" {
        /// The request.
        request: Id,
        /// Its file.
        file: Path,
        /// The code, where no medium has it: it is good once, and stands nowhere else. It is a secret of this event.
        code: Maybe(&Text),
        /// The code's ending; missing where there is none.
        code_ending: Maybe(&Text),
        /// Whether the code lies on the medium; missing where there is none.
        code_on_media: Maybe(&Flag),
        /// The server that the code is for.
        vendor: Text,
        /// What the appliance shows.
        status: Of(&STATUS),
    }
}
