//! Plan, journal and the checklists, told to a person, to a program, and on paper.
//!
//! Each function returns text, JSON or a page; where it goes is the caller's matter.
//! Text from outside is made printable here. It asks nothing and decides
//! nothing: what is not in the plan or the journal is not told.

mod audit;
mod before;
mod calendar;
mod carried;
mod checklist;
#[cfg(test)]
mod checklist_tests;
mod comparison;
mod evidence;
mod fleet;
mod journal;
mod offers;
mod page;
mod plan;
mod press;
mod receipts;
#[cfg(test)]
mod receipts_tests;
mod source;
mod timeline;
mod topic;
mod wording;

#[cfg(test)]
pub use audit::record_kinds;
pub use audit::{AuditFacts, KeptManifest, SeenReceipt, audit_html};
pub use before::{KeptBackup, KeptCertificate, Readiness, preparations};
pub use calendar::calendar;
pub use carried::{CarriedContents, CarriedRow, CarriedVerdict, StickFacts, stick_html};
pub use checklist::{Checklist, ClientsSeen, Counted, Item, Upgrade, checklist, checklist_html, checklist_text};
pub use comparison::{Comparison, Sight, SightOf, comparison_html, comparison_json, comparison_text};
pub use evidence::evidence_readme;
pub use fleet::{FleetRow, fleet_html};
pub use journal::{journal_json, journal_text};
pub use offers::offers_text;
pub use page::{About, Imprint};
pub use plan::{plan_json, plan_lines, plan_text, step_text};
pub use press::PressNotice;
pub use receipts::{ReceiptRow, receipts_html};
pub use timeline::{PlanFacts, plan_html};
pub use topic::{Topic, Unasked};
