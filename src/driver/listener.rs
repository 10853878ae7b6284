//! Whoever answers a driver, with a memory of what was answered: a driver has
//! no journal, the one who works it has.

use super::{Answer, Answered};
use crate::console::{Operator, OperatorError, Question};
use crate::model::{Secret, text};

/// How a prompt begins whose answer is not remembered: what is typed for a
/// user's name is now and then the password.
pub(super) const ASKS_USER: &str = "user name on";

/// An operator that remembers what was answered, but no secret.
pub(super) struct Listener {
    inner: Box<dyn Operator>,
    heard: Vec<Answered>,
}

impl Listener {
    pub(super) fn new(inner: Box<dyn Operator>) -> Self {
        Listener { inner, heard: Vec::new() }
    }

    /// What was answered since this was last called, in order.
    pub(super) fn take(&mut self) -> Vec<Answered> {
        std::mem::take(&mut self.heard)
    }
}

impl Operator for Listener {
    fn confirm(&mut self, question: &Question) -> Result<bool, OperatorError> {
        let yes = self.inner.confirm(question)?;
        self.heard.push(Answered { question: question.kept.clone(), answer: Answer::Yes(yes) });
        Ok(yes)
    }

    fn ask(&mut self, prompt: &str) -> Result<String, OperatorError> {
        let typed = self.inner.ask(prompt)?;
        if !prompt.starts_with(ASKS_USER) {
            self.heard.push(Answered { question: prompt.to_owned(), answer: Answer::Text(text::one_line(&typed)) });
        }
        Ok(typed)
    }

    fn secret(&mut self, prompt: &str) -> Result<Secret, OperatorError> {
        self.inner.secret(prompt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Scripted;

    #[test]
    fn what_was_answered_is_remembered_and_no_secret_of_it() {
        let mut asks = Listener::new(Box::new(Scripted::new(["y", "S-1", "hunter2", "hunter3"])));
        let code = Question::grave("Is A7K2M the code?").kept_as("Is it the code?");
        assert!(asks.confirm(&code).expect("answered"));
        assert_eq!(asks.ask("the serial number:").expect("answered"), "S-1");
        assert_eq!(asks.ask(&format!("{ASKS_USER} https://a.example/login:")).expect("answered"), "hunter2");
        assert_eq!(asks.secret("password:").expect("answered").reveal(), "hunter3");
        let heard = asks.take();
        let expected = [
            Answered { question: "Is it the code?".to_owned(), answer: Answer::Yes(true) },
            Answered { question: "the serial number:".to_owned(), answer: Answer::Text("S-1".to_owned()) },
        ];
        assert_eq!(heard, expected);
        assert!(asks.take().is_empty(), "each once");
    }
}
