//! The pause between a pair's two maintenance windows.

use crate::engine::EngineError;
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::Failure;
use crate::plan::Part;

impl Run<'_> {
    /// Waits for the second window. Where the appliance has maintenance
    /// windows of its own, those decide when its install begins.
    pub(super) fn second_window(&mut self, on: Part) -> Result<(), Failure> {
        if self.side(on).rules.policy.windows.is_some() {
            return Ok(());
        }
        let name = self.name(on);
        if self.ask(&PairQuestion::HasSecondWindowBegun { on: name.clone() })? {
            return Ok(());
        }
        Err(EngineError::SecondWindow { name }.into())
    }
}
