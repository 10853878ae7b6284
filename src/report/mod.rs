//! Plan, journal and the checklist after them, told to a person and to a program.
//!
//! Each function returns text or JSON; where it goes is the caller's matter.
//! Text from outside is made printable here. It asks nothing and decides
//! nothing: what is not in the plan or the journal is not told.

mod before;
mod checklist;
#[cfg(test)]
mod checklist_tests;
mod journal;
mod offers;
mod plan;
mod press;
mod topic;
mod wording;

pub use before::{KeptBackup, Readiness, preparations};
pub use checklist::{
    Checklist, ClientsSeen, Counted, Item, Tongue, Upgrade, checklist, checklist_html, checklist_text,
};
pub use journal::{journal_json, journal_text};
pub use offers::offers_text;
pub use plan::{plan_event, plan_json, plan_text, step_text};
pub use press::PressNotice;
pub use topic::{Topic, Unasked};
