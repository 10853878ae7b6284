//! A wait for clients, and whether there is anything to wait for.

use crate::engine::run::Run;
use crate::model::Failure;
use crate::plan::{Part, Step};

impl Run<'_> {
    /// Lets the run pass when the clients of an appliance have had their time.
    /// `next` are the steps after it: where they need a window, it is told with it.
    pub(super) fn soak(&mut self, on: Part, after: &str, next: &[Step]) -> Result<(), Failure> {
        let own = self.own.as_ref().map(|(_, policy)| policy.clone());
        let policy = own.unwrap_or_else(|| self.side(on).rules.policy.clone());
        let outcome = self.engine(on).gate_soak(after, next, &policy);
        outcome.map_err(|failure| self.named(on, failure))
    }
}
