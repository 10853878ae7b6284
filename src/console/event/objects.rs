//! Objects within events that are of plans, pages and people.

use super::records::{IDENTITY, PACKAGE, REQUIREMENT, ROLES};
use super::shape::Shape::*;
use super::{Compound, Member, layouts, members};

layouts! { Compound
    /// How long something takes.
    ESTIMATE = "estimate" {
        /// At least.
        min_secs: Secs,
        /// At most.
        max_secs: Secs,
    }
    /// When a maintenance window is open.
    OPENING = "opening" {
        /// From when.
        from: Time,
        /// Until when.
        until: Time,
        /// The same in the site's own time, for people.
        local: Text,
    }
    /// What is done in one go, and in what order.
    PLAN_OF = "plan" {
        /// What it is for.
        procedure: Word(&["single", "update", "pair", "migrate"]),
        /// The appliance, where it is one.
        identity: Maybe(&Of(&IDENTITY)),
        /// The bundle, where it is of one appliance.
        bundle: Maybe(&Id),
        /// The bundle's number for the appliance.
        sequence: Maybe(&Count),
        /// Why nothing is waited for: the reason that a person gave for having removed all clients.
        clients_removed: Maybe(&Text),
        /// How a pair is upgraded; with the switch as its value where the address is moved by one.
        order: Maybe(&Either(&[Text, Map(&Text)])),
        /// Both appliances by name, A before B.
        names: Maybe(&List(&Text)),
    } with PLANNED
    /// A package that a plan does not install.
    SKIPPED = "skipped" {
        /// The package.
        package: Of(&PACKAGE),
        /// Why.
        why: Text,
    }
    /// A step of a plan.
    STEP_OF = "step" {
        /// Its id; the same in every plan of the same trip.
        id: Text,
        /// The appliance it is on: A, or the one named second, B.
        on: Word(&["A", "B"]),
        /// What is done.
        kind: Word(&[
            "check", "backup", "install", "soak", "upgrade", "compare", "sync", "break", "verify", "window",
            "session-data", "switch", "integration-client", "establish", "export-certificate", "import-certificate",
            "assign-address", "restore", "entry", "confirm", "reset", "shut-down",
        ]),
        /// The same in a few words.
        title: Text,
        /// Why.
        why: Text,
        /// How long it takes.
        cost: Of(&ESTIMATE),
        /// When it begins at the earliest.
        not_before: Time,
        /// The maintenance window that it needs.
        window: Maybe(&Of(&OPENING)),
        /// Of a pair: the number of its maintenance window.
        window_number: Maybe(&Count),
        /// What a person has to do for it.
        person: Maybe(&Text),
        /// install: the package.
        package: Maybe(&Of(&PACKAGE)),
        /// install: what it needs and nobody can see to be there.
        unsure: Maybe(&List(&Of(&REQUIREMENT))),
        /// install: when it was begun before, where nobody knows how that ended.
        again: Maybe(&Time),
        /// soak: the site package that clients update to.
        after: Maybe(&Text),
        /// soak: how long it still takes; missing where its package is not installed yet.
        remaining_secs: Maybe(&Secs),
        /// upgrade: the plan of that appliance.
        plan: Maybe(&Of(&PLAN_OF)),
        /// verify: whether a line in the hosts file leads there.
        hosts_file: Maybe(&Flag),
        /// switch: what moves the address.
        by: Maybe(&Word(&["shared-ip", "dns", "nat"])),
    }
    /// An appliance that something is about to be done to.
    NAMED = "named" {
        /// Its name in the inventory.
        name: Text,
        /// Its serial number.
        serial: Text,
    }
    /// What one thing was, and is.
    COMPARED_VALUE = "compared-value" {
        /// What it is.
        what: Word(&[
            "base", "site", "build", "role", "clock", "certificate", "update-limit", "offered", "by-hand", "model", "host",
        ]),
        /// What it was, a clock in seconds ahead of this machine's; missing where it was not seen.
        before: Maybe(&Text),
        /// What it is, likewise.
        after: Maybe(&Text),
        /// What became of it; unknown where it was not seen both times.
        became: Word(&["changed", "same", "unknown"]),
    }
    /// How many clients of a type were connected, and are.
    CONNECTED_COUNT = "connected-count" {
        /// The type, as the API names it.
        kind: Text,
        /// How many were; missing where the API told none.
        before: Maybe(&Count),
        /// How many are, likewise.
        after: Maybe(&Count),
    }
    /// How many Jump Clients may update at once.
    LIMIT = "limit" {
        /// As the site's page shows it.
        shown: Maybe(&Count),
    }
    /// A Jump Client that has not updated yet.
    LATE_CLIENT = "late-client" {
        /// Its name.
        name: Text,
        /// Its group.
        group: Maybe(&Text),
        /// When it was seen last, as the site says it.
        last_contact: Maybe(&Text),
        /// Whether it only answers when it is called.
        passive: Flag,
    }
    /// A step that a person does.
    GUIDE = "guide" {
        /// What is to be done.
        title: Text,
        /// Where, in the words of the appliance's pages.
        menu_path: Text,
        /// How, one after the other.
        instructions: List(&Text),
        /// Why the program does not do it.
        because: Text,
    }
    /// A range of bytes that was not read as it was written.
    BAD_RANGE = "bad-range" {
        /// Its first byte.
        first: Bytes,
        /// Its last byte.
        last: Bytes,
        /// What was read in its place.
        how: Text,
    }
    /// What an appliance is in a failover pair, as its page shows it.
    FAILOVER_OF = "failover" {
        /// Its role.
        role: Word(ROLES),
        /// The host name that both share.
        shared_host: Maybe(&Text),
    }
    /// An item of a checklist.
    ITEM = "item" {
        /// What it is about.
        topic: Text,
        /// Its heading.
        title: Text,
        /// What is to be done.
        text: Text,
        /// How the site or the journal confirms that it is done.
        confirmed: Maybe(&Text),
        /// What the site tells that should be known first.
        told: Maybe(&Text),
    }
    /// What an API lets do for a step.
    API_STEP = "api-step" {
        /// The step.
        step: Text,
        /// The permission that is missing for it.
        lacks: Maybe(&Text),
    }
    /// A person was needed in a rehearsal.
    PERSON_NEEDED = "person-needed" {
        /// When it would be.
        at: Time,
        /// The step.
        step: Text,
        /// The question.
        asks: Text,
        /// What was answered in the rehearsal.
        answer: Text,
    }
    /// A call of push stopped in a rehearsal.
    STOPPED = "stopped" {
        /// When it would be.
        at: Time,
        /// The exit code's name.
        code: Text,
        /// The exit code.
        exit: Count,
        /// Why.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// Something of which it is known when it was.
    DATED = "dated" {
        /// When.
        at: Time,
        /// A backup: whether it is as fresh as a push asks for.
        fresh: Maybe(&Flag),
        /// A receipt: its id.
        receipt: Maybe(&Id),
        /// A receipt: the bundle it tells of.
        bundle: Maybe(&Id),
        /// A certificate: until when it is valid.
        until: Maybe(&Time),
    }
    /// What was found of a control.
    FOUND = "found" {
        /// What it comes to.
        finding: Word(&["found", "unread", "missing", "ambiguous", "unreachable"]),
        /// found, unread: its label.
        label: Maybe(&Text),
        /// found, unread: what it shows.
        value: Maybe(&Text),
        /// unread, unreachable: why.
        why: Maybe(&Text),
        /// missing: the labels that were looked for.
        looked_for: Maybe(&List(&Text)),
        /// missing: the labels that are there.
        there: Maybe(&List(&Text)),
        /// ambiguous: what fits.
        matches: Maybe(&List(&Text)),
    }
}

/// What every plan has.
pub(super) static PLANNED: &[Member] = members! {
    /// When it was made.
    made: Time,
    /// Whose clock its times are by.
    clock: Word(&["both", "appliance"]),
    /// Ids of the steps that are done already.
    done: List(&Text),
    /// What is not installed, and why.
    skipped: List(&Of(&SKIPPED)),
    /// What is left to do, in order.
    steps: List(&Of(&STEP_OF)),
    /// What its reader should know.
    notes: List(&Text),
    /// When it is done at the earliest.
    earliest_end: Time,
    /// When it is done by the longest estimates.
    latest_end: Time,
};
