//! What a person does with the Integration Client.

use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::Failure;
use crate::plan::Part;

impl Run<'_> {
    /// Has all session data pulled. Source: guide, "make B the primary".
    pub(super) fn pull_session_data(&mut self, on: Part) -> Result<(), Failure> {
        let on = self.name(on);
        self.must_agree(&PairQuestion::IsDataPulled { on })
    }

    /// Has a person see that it finds the appliance that serves from now on.
    pub(super) fn see_integration_client(&mut self, on: Part) -> Result<(), Failure> {
        let on = self.name(on);
        self.must_agree(&PairQuestion::CanDataBePulled { on })
    }
}
