//! What must be equal, and reachable, when the relationship is made anew.

use crate::engine::EngineError;
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::Failure;
use crate::plan::Part;

impl Run<'_> {
    /// Has keys, addresses and ports compared while the relationship still
    /// stands. Source: guide, "establish the relationship again".
    pub(super) fn compare(&mut self) -> Result<(), Failure> {
        let (a, b) = (self.name(Part::A), self.name(Part::B));
        for part in [Part::A, Part::B] {
            let (name, other, at) = (self.name(part), self.name(part.other()), self.reached(part).clone());
            // The two may see each other where this machine sees neither, so that silence is no proof.
            let said = format!("{name} is to be reached by {other} at {at}");
            match self.resolver.answers(&at.host, at.port) {
                None => self.teller.say(&said),
                Some(true) => self.teller.say(&format!("{said}; it answers there")),
                Some(false) => self.teller.warn(&format!(
                    "{said}, where nothing answers this machine: look whether host name and TLS port are right"
                )),
            }
        }
        let (at_a, at_b) = (self.reached(Part::A).to_string(), self.reached(Part::B).to_string());
        let question = PairQuestion::AreKeysSame { a: a.clone(), b: b.clone(), at_a, at_b };
        match self.ask(&question)? {
            true => Ok(()),
            false => Err(EngineError::NotCompared { a, b }.into()),
        }
    }
}
