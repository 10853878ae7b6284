//! What may be asked of a person. Each room has enums of its own questions, and
//! a question renders itself: whoever answers in a person's place decides on the
//! variant, never on the text.

use std::any::Any;
use std::fmt::Display;

/// A question or a prompt; displayed, it is what the person reads.
pub trait Question: Display + Any {
    /// How a journal words it: as it is asked, without what must not be kept.
    /// `None` where even its answer must not be.
    fn kept(&self) -> Option<String> {
        Some(self.to_string())
    }

    /// Whether `--yes` may answer it: nothing is lost or trusted by a yes.
    fn is_harmless(&self) -> bool {
        false
    }

    /// Whether its yes is a person's word, which only a terminal gives: what a
    /// pipe says, whoever filled it said to any question.
    fn is_of_a_person(&self) -> bool {
        false
    }
}

impl dyn Question {
    /// The question as one of a room's own; `None` where it is another room's.
    pub fn of<Q: Question>(&self) -> Option<&Q> {
        let question: &dyn Any = self;
        question.downcast_ref()
    }
}
