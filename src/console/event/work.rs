//! What runs over appliances tell: plan, push, update, backup, restore, soak,
//! and a rehearsal of them.

use super::objects::{GUIDE, LATE_CLIENT, LIMIT, NAMED, PLANNED};
use super::records::{EVIDENCE, IDENTITY, OFFER, ROLES, STATUS};
use super::shape::Shape::*;
use super::{EventKind, layouts};

layouts! { EventKind
    /// What is left to do on one appliance; when it is planned, and when a run follows it.
    PLAN = "plan" {
        /// What it is for.
        procedure: Word(&["single", "update"]),
        /// The appliance.
        identity: Of(&IDENTITY),
        /// The bundle.
        bundle: Id,
        /// The bundle's number for the appliance.
        sequence: Count,
        /// Why nothing is waited for: the reason that a person gave for having removed all clients.
        clients_removed: Maybe(&Text),
    } with PLANNED
    /// What is left to do on two appliances.
    PAIR_PLAN = "pair-plan" {
        /// What it is for.
        procedure: Word(&["pair", "migrate"]),
        /// How a pair is upgraded; with the switch as its value where the address is moved by one.
        order: Maybe(&Either(&[Text, Map(&Text)])),
        /// Both appliances by name, A before B.
        names: List(&Text),
    } with PLANNED
    /// What a person agrees to before anything is pressed; plan tells it, too.
    FIRST_PRESS = "first-press" {
        /// The digest by which it is agreed to beforehand.
        plan_sha256: Digest,
        /// The appliances, in the order they were named.
        on: List(&Of(&NAMED)),
        /// What is left to do, in order, in a few words each.
        steps: List(&Text),
        /// Whether something is pressed as soon as it begins.
        presses: Flag,
        /// Whether people are thrown out by it.
        ends_sessions: Flag,
        /// How many are connected to the site now, by the API's name of their type; missing where nothing tells.
        connected: Maybe(&Map(&Count)),
        /// How many Jump Clients may update at once; missing where no site package is left.
        limit: Maybe(&Of(&LIMIT)),
        /// When it is over at the earliest, by this machine's clock.
        earliest_end: Time,
        /// When it is over by the longest estimates.
        latest_end: Time,
        /// The maintenance window of the first install.
        window: Maybe(&Text),
        /// Whether maintenance windows are configured.
        has_windows: Flag,
        /// plan: the same in one line.
        line: Maybe(&Text),
        /// plan: what should be done first.
        advice: Maybe(&Text),
    }
    /// push --all, push --group: what a person agrees to for all of the appliances.
    FIRST_PRESS_OF_ALL = "first-press-of-all" {
        /// The digest by which it is agreed to beforehand.
        plan_sha256: Digest,
        /// How many runs are begun.
        count: Count,
    }
    /// plan --ics: the next times lie in a calendar's file.
    CALENDAR_WRITTEN = "calendar-written" {
        /// The file.
        path: Path,
    }
    /// push --wait, update --wait, --at: nothing is done until then.
    SLEEPS = "sleeps" {
        /// Until when.
        until: Time,
        /// Why.
        why: Text,
    }
    /// Nothing is left to do.
    NOTHING_LEFT = "nothing-left" {
        /// Whether that is because the bundle was installed to its end.
        used: Flag,
    }
    /// A roll-out begins a wave.
    WAVE = "wave" {
        /// Its number.
        wave: Count,
        /// How many waves there are.
        of: Count,
        /// The appliances that are worked in it.
        appliances: List(&Text),
    }
    /// A roll-out's run over one appliance or two has ended.
    ENDED = "ended" {
        /// The appliance; two with a plus between them.
        appliance: Text,
        /// The exit code; missing where a signal ended it.
        exit: Maybe(&Count),
        /// The exit code's name.
        code: Text,
        /// Why.
        message: Text,
        /// What to do next.
        hint: Maybe(&Text),
    }
    /// A roll-out ends, and these were not begun.
    NOT_BEGUN = "not-begun" {
        /// The appliances.
        appliances: List(&Text),
        /// The command that goes on.
        command: Text,
    }
    /// A step begins, on one appliance.
    STEP = "step" {
        /// Its id.
        id: Text,
        /// Its number.
        number: Count,
        /// How many there are.
        of: Count,
    }
    /// A step begins, on one of two appliances.
    PAIR_STEP = "pair-step" {
        /// Its id.
        id: Text,
        /// The appliance it is on: A, or the one named second, B.
        on: Word(&["A", "B"]),
        /// Its number.
        number: Count,
        /// How many there are.
        of: Count,
        /// The number of its maintenance window.
        window: Maybe(&Count),
    }
    /// A step is done that changed an appliance, or what is kept of it.
    STEP_DONE = "step-done" {
        /// Its id.
        id: Text,
        /// The appliance it is on: A, or the one named second, B. Where it is one appliance, that is A.
        on: Word(&["A", "B"]),
    }
    /// A run over two appliances stops.
    PAIR_STOPPED = "pair-stopped" {
        /// The step's id.
        step: Text,
        /// Ids of the steps that are done.
        done: List(&Text),
    }
    /// What an appliance is in a failover pair was read.
    ROLE = "role" {
        /// What it is.
        role: Word(ROLES),
        /// Who told it.
        by: Word(&["api", "page", "operator"]),
    }
    /// A backup was kept.
    BACKUP = "backup" {
        /// Its file's name.
        file: Text,
        /// How large it is.
        size_bytes: Bytes,
        /// Its digest.
        sha256: Digest,
    }
    /// A certificate with its private key was kept.
    CERTIFICATE_KEPT = "certificate-kept" {
        /// Its file.
        file: Path,
    }
    /// A backup was put back onto an appliance.
    RESTORED = "restored" {
        /// The backup's digest.
        sha256: Digest,
        /// Whether a person did it.
        guided: Flag,
    }
    /// How many Jump Clients have updated.
    CLIENTS = "clients" {
        /// How many were seen.
        seen: Count,
        /// How many of them have not updated.
        outdated: Count,
        /// How many must be seen at least.
        min_clients: Count,
        /// Those that have not, as far as they are named.
        late: List(&Of(&LATE_CLIENT)),
    }
    /// The clients' time to update, or that it is over.
    SOAK = "soak" {
        /// The site package, or the version, that they update to; missing where nothing is waited for.
        after: Maybe(&Text),
        /// How long it still takes.
        remaining_secs: Secs,
        /// When it is over, or the window after it opens.
        until: Maybe(&Time),
    }
    /// A step waits for its maintenance window.
    WINDOW = "window" {
        /// The step's id.
        step: Text,
        /// When it opens.
        until: Time,
        /// The same in the site's own time, for people.
        window: Text,
    }
    /// What an appliance offers to install by itself.
    OFFERS = "offers" {
        /// Its packages.
        offers: List(&Of(&OFFER)),
    }
    /// A licence agreement was shown, or was accepted beforehand.
    LICENCE = "licence" {
        /// The package's file.
        file: Text,
        /// The digest of its text.
        sha256: Digest,
        /// Whether it was accepted beforehand.
        beforehand: Flag,
    }
    /// All of a package went to the appliance, whatever follows.
    HANDED_OVER = "handed-over" {
        /// The package's file.
        file: Text,
    }
    /// An appliance installs.
    INSTALLING = "installing" {
        /// How far it is; missing where it does not tell.
        percent: Maybe(&Percent),
        /// What it says.
        says: Text,
    }
    /// An install was confirmed.
    INSTALLED = "installed" {
        /// The package's file.
        file: Text,
        /// How that was seen.
        evidence: Word(EVIDENCE),
    }
    /// A person does a step by hand.
    BY_HAND = "by-hand" {
        /// What is to be done.
        guide: Of(&GUIDE),
        /// The file that it needs, or makes.
        file: Maybe(&Path),
    }
    /// A person leads the site's address to an appliance.
    ADDRESS_BY_HAND = "address-by-hand" {
        /// What moves it; missing where any entry may.
        switch: Maybe(&Text),
        /// The site's host name.
        host: Text,
        /// Where it is to lead.
        to: Text,
    }
    /// A person looks whether an appliance serves as it should.
    VERIFY = "verify" {
        /// The appliance.
        appliance: Text,
        /// Of a pair: which of them, A or B.
        on: Maybe(&Word(&["A", "B"])),
        /// The version that it should show.
        version: Text,
        /// The host name that it is looked at by; missing where hosts_line tells, or any will do.
        host: Maybe(&Text),
        /// The line that goes into the hosts file.
        hosts_line: Maybe(&Text),
    }
    /// All of a bundle, or of what was offered, is done.
    DONE = "done" {
        /// Files of the packages that this run saw installed.
        installed: List(&Text),
        /// What the appliance shows now.
        status: Of(&STATUS),
    }
    /// All is done on two appliances.
    PAIR_DONE = "pair-done" {
        /// A pair: the appliance that is primary now.
        primary: Maybe(&Text),
        /// A pair: the appliance that is backup now.
        backup: Maybe(&Text),
        /// A migration: the appliance that serves now.
        serves: Maybe(&Text),
        /// A migration: the appliance that served before.
        old: Maybe(&Text),
        /// A migration: whether that one was left as it is.
        kept: Maybe(&Flag),
        /// Files of the packages that this run saw installed: a list, or a list by appliance.
        installed: Either(&[List(&Text), Map(&List(&Text))]),
        /// A migration: the files with private keys, which are to be destroyed now.
        key_files: Maybe(&List(&Path)),
    }
}
