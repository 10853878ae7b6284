//! What is told of rehearsals, checklists and the lab.

use super::objects::{ITEM, PERSON_NEEDED, STOPPED};
use super::shape::Shape::*;
use super::{EventKind, layouts};

layouts! { EventKind
    /// rehearse, when it has ended.
    REHEARSAL = "rehearsal" {
        /// Whether it came to a good end.
        good: Flag,
        /// The exit code of the last call of push.
        exit: Count,
        /// The exit code's name.
        code: Text,
        /// Files of the packages that were installed.
        installed: List(&Text),
        /// When it would begin.
        begun: Time,
        /// When it would end.
        ended: Time,
        /// When push would be called.
        calls: List(&Time),
        /// When a person would be asked, and what.
        people: List(&Of(&PERSON_NEEDED)),
        /// Where push would stop.
        stops: List(&Of(&STOPPED)),
        /// Faults that did not strike.
        unstruck: List(&Text),
        /// How long it takes at least.
        shortest_secs: Secs,
        /// How long it takes at most.
        longest_secs: Secs,
        /// When it would end at the earliest, by the plan.
        earliest_end: Time,
        /// When it would end by the longest estimates.
        latest_end: Time,
    }
    /// rehearse: push is called.
    CALL = "call" {
        /// The how many-th time.
        number: Count,
    }
    /// rehearse: a person is asked.
    PERSON = "person" {
        /// The step.
        step: Text,
        /// The question.
        asks: Text,
        /// What is answered in the rehearsal.
        answer: Text,
    }
    /// rehearse: push stops.
    STOP = "stop" {
        /// The exit code's name.
        code: Text,
        /// The exit code.
        exit: Count,
        /// Why.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// rehearse --list-faults: a fault that can be rehearsed.
    FAULT = "fault" {
        /// Its name.
        name: Text,
        /// What it befalls.
        befalls: Text,
        /// What happens.
        meaning: Text,
    }
    /// before: what must be done before an update.
    PREPARATIONS = "preparations" {
        /// The language of its texts.
        language: Text,
        /// Its heading.
        title: Text,
        /// What it is of.
        summary: Text,
        /// What must be done.
        items: List(&Of(&ITEM)),
    }
    /// after: what must be done after an update.
    CHECKLIST = "checklist" {
        /// The language of its texts.
        language: Text,
        /// Its heading.
        title: Text,
        /// What it is of.
        summary: Text,
        /// What must be done.
        items: List(&Of(&ITEM)),
    }
    /// before: installers of consoles were saved.
    INSTALLERS = "installers" {
        /// Where.
        folder: Path,
        /// Their files' names.
        files: List(&Text),
    }
    /// lab: the lab is ready.
    LAB_READY = "lab-ready" {
        /// The vendor's page.
        vendor: Text,
        /// The appliance's address, which no inventory has a name for yet.
        appliance: Text,
        /// The other appliance's address.
        partner: Maybe(&Text),
        /// The authority that both are believed by.
        ca: Path,
        /// The appliance's certificate.
        appliance_certificate: Path,
        /// That certificate's SHA-256.
        appliance_fingerprint: Text,
        /// The account on /appliance.
        appliance_user: Text,
        /// The file with its password.
        appliance_password_file: Path,
        /// The account on /login.
        login_user: Text,
        /// The file with its password.
        login_password_file: Path,
        /// The file with the passphrase of exported keys.
        key_passphrase_file: Path,
        /// The account of the API.
        api_client_id: Text,
        /// The file with its secret.
        api_secret_file: Path,
        /// Where the lab itself is told what to do.
        control: Text,
        /// The file with the word for that.
        control_token_file: Path,
        /// The lab's process.
        pid: Count,
    }
    /// lab: what the lab answered.
    LAB = "lab" {
        /// Its answer, by what it was told to do.
        told: Open,
    }
    /// lab stop: the lab has stopped.
    LAB_STOPPED = "lab-stopped" {}
    /// tour: a chapter begins.
    CHAPTER_BEGUN = "chapter" {
        /// Its number.
        number: Count,
        /// Its heading.
        title: Text,
    }
    /// tour: a command was run.
    TOUR_STEP = "tour-step" {
        /// The command.
        command: Text,
        /// Its exit code; missing where a signal ended it.
        exit: Maybe(&Count),
    }
}
