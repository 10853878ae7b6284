//! Questions to the person, and who may answer them.

use super::streams::{self, Stream};
use super::{Console, Question, kind, live, spoken};
use crate::language;
use crate::model::{Secret, explained, text};
use macro_rules_attribute::apply;
use serde_json::Value;
use std::cell::RefCell;
#[cfg(test)]
use std::collections::VecDeque;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::rc::Rc;

/// Longest answer taken, in bytes: more than any path or passphrase needs.
// A pipe without line feeds would fill the memory before anybody sees that it is no answer.
const MAX_ANSWER_BYTES: u64 = 8 * 1024;

/// Most answers that may stand ready on a standard input that is no terminal.
// A run of two appliances asks some thirty questions. What has far more answers than that was written by nobody who
// read a question: it is `yes`, or the like of it, and what it says is no person's word.
const MAX_READY_ANSWERS: usize = 100;

/// Whoever answers.
pub trait Operator {
    /// Asks for a yes or no; an empty answer is no.
    ///
    /// # Errors
    /// [`OperatorError`] where nobody can answer.
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError>;

    /// Asks for a line of text; ends trimmed.
    ///
    /// # Errors
    /// [`OperatorError`] where nobody can answer.
    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError>;

    /// Asks for a line that is not shown while it is typed.
    ///
    /// # Errors
    /// [`OperatorError`] where nobody can answer.
    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError>;
}

/// Why there is no answer.
#[apply(explained!)]
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// Input ended.
    #[error("no answer to {0:?}")]
    #[hint("run it at a terminal, or give the answers on standard input, one a line")]
    #[exit(Declined)]
    NoAnswer(String),
    /// The terminal could not be read.
    #[error("can't read the answer to {0:?}")]
    #[hint("run it at a terminal, or give the answers on standard input, one a line")]
    #[exit(Declined)]
    Unreadable(String, #[source] std::io::Error),
    /// What was said before the question could not be written, so nobody read
    /// what the answer would be about.
    #[error("not asked: {0:?}, because {1}")]
    #[hint("run it where its output is read: at a terminal, or in a file with room for it")]
    #[exit(OutputLost)]
    Unheard(String, String),
    /// A person is asked, and standard input is no terminal.
    #[error("nobody at a terminal to ask: {0:?}")]
    #[hint("run it at a terminal")]
    #[exit(Declined)]
    NoTerminal(String),
    /// Far more answers stand ready than any run has questions.
    #[error("no answer to {0:?}: standard input answers whatever is asked, and that is no person's word")]
    #[hint("run it at a terminal, or give on standard input the answers that this run needs, one a line, and no more")]
    #[exit(Declined)]
    Endless(String),
    /// More was typed or piped than any answer needs.
    #[error("the answer to {0:?} is longer than the limit of 8 KiB")]
    #[hint("an answer is one line")]
    #[exit(Declined)]
    TooLong(String),
}

/// One operator whom several ask: the verbs, and the drivers, which outlive a
/// verb's hold of it.
#[derive(Clone)]
pub struct SharedOperator(Rc<RefCell<dyn Operator>>);

impl SharedOperator {
    /// Shares an operator.
    pub fn new(operator: impl Operator + 'static) -> Self {
        SharedOperator(Rc::new(RefCell::new(operator)))
    }
}

impl Operator for SharedOperator {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        self.0.borrow_mut().confirm(question)
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.0.borrow_mut().ask(prompt)
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.0.borrow_mut().secret(prompt)
    }
}

/// The terminal; where standard input is not one, its lines are the answers.
pub struct Terminal {
    assume_yes: bool,
    /// Where it is told who answered what.
    console: Console,
}

impl Terminal {
    /// Makes an operator; with `assume_yes` harmless questions answer themselves.
    pub fn new(assume_yes: bool, console: Console) -> Self {
        Terminal { assume_yes, console }
    }

    /// Tells programs of a question, and hands its answer on; `yes` is what
    /// may be told of the answer itself.
    fn told<T>(
        &self,
        (question, asks): (&dyn Question, &str),
        answer: Result<T, OperatorError>,
        yes: impl Fn(&T) -> Option<bool>,
    ) -> Result<T, OperatorError> {
        let by = match &answer {
            Err(_) => "nobody",
            Ok(_) if std::io::stdin().is_terminal() => "terminal",
            Ok(_) => "pipe",
        };
        self.console.event(&kind::QUESTION, event(question, asks, answer.as_ref().ok().map(yes), by));
        answer
    }

    fn typed_yes(question: &dyn Question) -> Result<bool, OperatorError> {
        Self::seated(question)?;
        let text = question.to_string();
        if !question.is_harmless() {
            Self::heard(&text)?;
        }
        Ok(is_yes(&Self::line(&format!("{} {}", spoken(&text), language::told("[y/N]")))?))
    }

    fn typed_line(prompt: &dyn Question) -> Result<String, OperatorError> {
        Self::seated(prompt)?;
        let prompt = prompt.to_string();
        Self::heard(&prompt)?;
        Ok(text::trimmed(&Self::line(&spoken(&prompt))?).to_owned())
    }

    fn typed_secret(prompt: &dyn Question) -> Result<Secret, OperatorError> {
        let prompt = prompt.to_string();
        if std::io::stdin().is_terminal() {
            live::clear();
            let typed = rpassword::prompt_password(format!("{} ", Stream::Err.fitted(&spoken(&prompt))));
            return typed.map(Secret::new).map_err(|error| OperatorError::Unreadable(prompt, error));
        }
        let line = Secret::new(Self::line(&spoken(&prompt))?);
        // Blanks stay, since a passphrase may begin or end with one; marks that nobody sees come from copying and go.
        Ok(Secret::new(text::unmarked(line.reveal().trim_end_matches(['\r', '\n'])).to_owned()))
    }

    /// Whether a person sits there, where only a person may answer.
    fn seated(question: &dyn Question) -> Result<(), OperatorError> {
        match question.is_of_a_person() && !std::io::stdin().is_terminal() {
            true => Err(OperatorError::NoTerminal(question.to_string())),
            false => Ok(()),
        }
    }

    /// Whether all that was said went out: nobody answers for what they could not read.
    fn heard(question: &str) -> Result<(), OperatorError> {
        streams::unheard().map_or(Ok(()), |failure| Err(OperatorError::Unheard(question.to_owned(), failure.message)))
    }

    fn line(prompt: &str) -> Result<String, OperatorError> {
        let unreadable = |error| OperatorError::Unreadable(prompt.to_owned(), error);
        live::clear();
        let mut stderr = std::io::stderr();
        // A question that nobody can read is not asked.
        let unshown = |error: std::io::Error| OperatorError::Unheard(prompt.to_owned(), error.to_string());
        write!(stderr, "{} ", Stream::Err.fitted(prompt)).and_then(|()| stderr.flush()).map_err(unshown)?;
        let mut line = String::new();
        let mut stdin = std::io::stdin().lock();
        // What is not read yet of a pipe, as far as it came in one piece: a terminal gives a line.
        let ready = stdin.fill_buf().map_err(unreadable)?;
        if ready.iter().filter(|byte| **byte == b'\n').count() > MAX_READY_ANSWERS {
            return Err(OperatorError::Endless(prompt.to_owned()));
        }
        stdin.take(MAX_ANSWER_BYTES).read_line(&mut line).map_err(unreadable)?;
        if !std::io::stdin().is_terminal() {
            // Nobody pressed Enter, so the next text would stand on the prompt's line.
            let _ = writeln!(stderr);
        }
        match line.len() as u64 {
            0 => Err(OperatorError::NoAnswer(prompt.to_owned())),
            // An answer that fills the limit was cut, and a cut path or passphrase is another one.
            MAX_ANSWER_BYTES.. => Err(OperatorError::TooLong(prompt.to_owned())),
            _ => Ok(line),
        }
    }
}

impl Operator for Terminal {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        if question.is_harmless() && self.assume_yes {
            self.console.event(&kind::QUESTION, settled(question));
            return Ok(true);
        }
        self.told((question, "yes-or-no"), Self::typed_yes(question), |yes| Some(*yes))
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.told((prompt, "text"), Self::typed_line(prompt), |_| None)
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.told((prompt, "secret"), Self::typed_secret(prompt), |_| None)
    }
}

/// A question that an option of the command answers with a yes, as an event.
pub fn settled(question: &dyn Question) -> Value {
    event(question, "yes-or-no", Some(Some(true)), "option")
}

/// A question as an event; what was typed is never in it.
fn event(question: &dyn Question, asks: &str, answer: Option<Option<bool>>, by: &str) -> Value {
    serde_json::json!({
        "question": question.kept().map(|text| text::one_line(&text)), "asks": asks, "answered": answer.is_some(),
        "yes": answer.flatten(), "by": by,
    })
}

/// Whether an answer is a yes, in the languages of the pages.
fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim")
}

/// Answers given beforehand, in order; for tests of rules.
#[cfg(test)]
#[derive(Debug, Default)]
pub struct Scripted {
    /// What will be answered.
    pub answers: VecDeque<String>,
    /// What was asked.
    pub asked: Vec<String>,
}

#[cfg(test)]
impl Scripted {
    /// Makes an operator that gives `answers` one by one.
    pub fn new<S: Into<String>>(answers: impl IntoIterator<Item = S>) -> Self {
        Scripted { answers: answers.into_iter().map(Into::into).collect(), asked: Vec::new() }
    }

    fn next(&mut self, asked: &dyn Question) -> Result<String, OperatorError> {
        self.asked.push(asked.to_string());
        self.answers.pop_front().ok_or_else(|| OperatorError::NoAnswer(asked.to_string()))
    }
}

#[cfg(test)]
impl Operator for Scripted {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        self.next(question).map(|answer| is_yes(&answer))
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        self.next(prompt)
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.next(prompt).map(Secret::new)
    }
}

/// Nobody: every question fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Operator for Silent {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        Err(OperatorError::NoAnswer(question.to_string()))
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        Err(OperatorError::NoAnswer(prompt.to_string()))
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        Err(OperatorError::NoAnswer(prompt.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use displaydoc::Display;

    #[derive(Display)]
    enum Sample {
        /// go on?
        GoOn,
        /// the name of {of}:
        Name { of: String },
    }

    /// never asked
    #[derive(Display)]
    struct Other;

    impl Question for Sample {}
    impl Question for Other {}

    #[test]
    fn only_a_yes_is_a_yes() {
        for (answer, yes) in [("y\n", true), ("Sim", true), ("", false), ("n", false), ("yess", false)] {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }

    #[test]
    fn a_script_that_ends_is_no_answer() {
        let mut operator = Scripted::new(["y"]);
        assert!(operator.confirm(&Sample::GoOn).expect("answered"));
        assert!(operator.ask(&Sample::Name { of: "alpha".to_owned() }).is_err());
        assert_eq!(operator.asked, ["go on?", "the name of alpha:"]);
    }

    #[test]
    fn a_question_is_told_by_its_variant() {
        let question: &dyn Question = &Sample::GoOn;
        assert!(matches!(question.of::<Sample>(), Some(Sample::GoOn)));
        assert!(question.of::<Other>().is_none());
    }
}
