//! Whoever answers a driver, with a memory of what was answered: a driver has
//! no journal, the one who works it has.

use super::{Answer, Answered};
use crate::console::{Operator, OperatorError, Question, SharedOperator};
use crate::model::{Secret, text};
use std::cell::RefCell;
use std::rc::Rc;

/// An operator that remembers what was answered, but no secret. What holds a
/// clone of it asks the same one, and adds to the same memory.
#[derive(Clone)]
pub(super) struct Listener {
    inner: SharedOperator,
    heard: Rc<RefCell<Vec<Answered>>>,
}

impl Listener {
    pub(super) fn new(inner: SharedOperator) -> Self {
        Listener { inner, heard: Rc::default() }
    }

    /// What was answered since this was last called, in order.
    pub(super) fn take(&self) -> Vec<Answered> {
        self.heard.take()
    }
}

impl Operator for Listener {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        let yes = self.inner.confirm(question)?;
        self.heard.borrow_mut().extend(question.kept().map(|question| Answered { question, answer: Answer::Yes(yes) }));
        Ok(yes)
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        let typed = self.inner.ask(prompt)?;
        let answer = || Answer::Text(text::one_line(&typed));
        self.heard.borrow_mut().extend(prompt.kept().map(|question| Answered { question, answer: answer() }));
        Ok(typed)
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.inner.secret(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::{DriverPrompt, DriverQuestion};
    use super::*;
    use crate::console::Scripted;

    #[test]
    fn what_was_answered_is_remembered_and_no_secret_of_it() {
        let mut asks = Listener::new(SharedOperator::new(Scripted::new(["y", "S-1", "hunter2", "hunter3"])));
        let code = DriverQuestion::IsCode { place: "Updates".into(), shown: "A7K2M".into(), why: "short".into() };
        let user = DriverPrompt::User { page: "https://a.example/login".into() };
        assert!(asks.confirm(&code).expect("answered"));
        assert_eq!(asks.ask(&DriverPrompt::Model).expect("answered"), "S-1");
        assert_eq!(asks.ask(&user).expect("answered"), "hunter2");
        assert_eq!(asks.secret(&DriverPrompt::Says).expect("answered").reveal(), "hunter3");
        let heard = asks.take();
        let expected = [
            Answered {
                question: "Updates shows a text where the code should stand (short). Is it the code?".to_owned(),
                answer: Answer::Yes(true),
            },
            Answered { question: "The appliance model:".to_owned(), answer: Answer::Text("S-1".to_owned()) },
        ];
        assert_eq!(heard, expected);
        assert!(asks.take().is_empty(), "each once");
    }
}
