//! Who stands around the engine in a rehearsal: a voice that tells the virtual
//! time, an operator who says where a person is needed, a journal in memory.

use crate::console::{Console, EventKind, Operator, OperatorError, Question, agreement, kind, spoken};
use crate::engine::{Bar, EnginePrompt, Entry, InstallQuestion, Past, Reporter, RunJournal};
use crate::model::{Failure, Meter, Secret, Timestamp, local_brief, text};
use crate::simulator::{SimulatedHistory, VirtualClock};
use serde_json::Value;
use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

/// Where a person is needed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct PersonNeeded {
    /// When, by the virtual clock.
    pub at: Timestamp,
    /// At which step; what comes before the first is `start`.
    pub step: String,
    /// What is asked, in one line.
    pub asks: String,
    /// What the rehearsal answers.
    pub answer: String,
}

/// The voice.
pub(super) struct RehearsalOutput<'a> {
    console: &'a Console,
    clock: Rc<VirtualClock>,
    /// Where the rehearsal keeps what is thrown away, and where the real one would.
    scratch: String,
    home: String,
    step: RefCell<String>,
    people: RefCell<Vec<PersonNeeded>>,
}

impl<'a> RehearsalOutput<'a> {
    pub(super) fn new(console: &'a Console, clock: Rc<VirtualClock>, scratch: &Path, home: &Path) -> Self {
        RehearsalOutput {
            console,
            clock,
            scratch: scratch.to_string_lossy().into_owned(),
            home: home.to_string_lossy().into_owned(),
            step: RefCell::new("start".to_owned()),
            people: RefCell::default(),
        }
    }

    /// Where people were needed so far.
    pub(super) fn people(&self) -> Vec<PersonNeeded> {
        self.people.borrow().clone()
    }

    /// What comes next belongs to no step yet.
    pub(super) fn call(&self) {
        *self.step.borrow_mut() = "start".to_owned();
    }

    fn asked(&self, asks: &str, answer: &str) {
        let (at, step) = (self.clock.now(), self.step.borrow().clone());
        let asked = PersonNeeded { at, step, asks: text::one_line(&self.real(asks)), answer: answer.to_owned() };
        let told = serde_json::json!({ "step": asked.step, "asks": asked.asks, "answer": asked.answer });
        self.console.rehearsed(&kind::PERSON, at, told);
        self.say(&format!("a person is asked: {} [here: {answer}]", asked.asks));
        self.people.borrow_mut().push(asked);
    }

    /// With the paths that the real one would have.
    fn real(&self, said: &str) -> String {
        said.replace(&self.scratch, &self.home)
    }

    /// Behind the virtual time; the lines after the first are indented alike.
    fn timed(&self, said: &str) -> String {
        let time = local_brief(self.clock.now());
        let indent = format!("\n{}", " ".repeat(time.len() + 2));
        format!("{time}  {}", self.real(said).trim().replace('\n', &indent))
    }
}

impl Reporter for RehearsalOutput<'_> {
    fn say(&self, text: &str) {
        self.console.say_words(&self.timed(&spoken(text)));
    }

    fn show_agreement(&self, title: &str, text: &str) -> Result<(), Failure> {
        self.console.show_words(&self.timed(&agreement(title, text)))
    }

    fn note(&self, text: &str) {
        self.console.note_words(&self.timed(&spoken(text)));
    }

    fn is_news(&self, what: &str, known: bool) -> bool {
        self.console.is_news(what, known)
    }

    /// Virtual time passes at once.
    fn still(&self, _text: &str) {}

    fn warn(&self, text: &str) {
        // As a result: it is what push would warn of, and nothing is amiss here and now.
        self.console.say_words(&self.timed(&format!("{}: {}", spoken("warning"), spoken(text))));
    }

    fn event(&self, event: &'static EventKind, fields: Value) {
        if [kind::STEP.name(), kind::PAIR_STEP.name()].contains(&event.name())
            && let Some(id) = fields["id"].as_str()
        {
            *self.step.borrow_mut() = id.to_owned();
        }
        self.console.rehearsed(event, self.clock.now(), fields);
    }

    fn progress(&self, _label: &str, _total_bytes: u64) -> Box<dyn Bar> {
        Box::new(NoBar)
    }
}

/// Nothing takes long enough to be shown.
struct NoBar;

impl Meter for NoBar {
    fn advance(&self, _bytes: u64) {}
}

impl Bar for NoBar {
    fn finish(self: Box<Self>) {}
}

/// The operator: does what is asked for, says what is so.
pub(super) struct ScriptedOperator<'a> {
    pub(super) stage: Rc<RehearsalOutput<'a>>,
    /// What happened to each appliance.
    pub(super) told: Vec<Rc<SimulatedHistory>>,
    /// What is typed where an appliance is erased.
    pub(super) serial: String,
}

impl Operator for ScriptedOperator<'_> {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        let done: Vec<String> = self.told.iter().flat_map(|told| told.done.borrow().clone()).collect();
        let yes = question.of().is_none_or(|question| truth(question, &done));
        self.stage.asked(&question.to_string(), if yes { "yes" } else { "no" });
        // Whatever waits to be done by hand is done when it is asked for.
        self.told.iter().for_each(|told| told.hands.set(true));
        Ok(yes)
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        let typed = prompt.of().map(|prompt| typed(prompt, &self.serial)).unwrap_or_default();
        self.stage.asked(&prompt.to_string(), if typed.is_empty() { "Enter" } else { &typed });
        Ok(typed)
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        self.stage.asked(&prompt.to_string(), "what only a person knows");
        Ok(Secret::new("what only a person knows".to_owned()))
    }
}

/// What somebody types who agrees: the word that is asked for, the serial
/// number of what is to be erased, and Enter where nothing must be told.
fn typed(prompt: &EnginePrompt, serial: &str) -> String {
    match prompt {
        EnginePrompt::SetAside { word } => word.clone(),
        EnginePrompt::Erase { .. } => serial.to_owned(),
        EnginePrompt::Overwrite { .. }
        | EnginePrompt::Role { .. }
        | EnginePrompt::Address { .. }
        | EnginePrompt::SharedAddress { .. }
        | EnginePrompt::IsEnabled { .. }
        | EnginePrompt::OfferedTitle
        | EnginePrompt::OfferedAfter
        | EnginePrompt::BackupPath
        | EnginePrompt::CertificatePath
        | EnginePrompt::KeptCertificatePath
        | EnginePrompt::NewBackupPassword
        | EnginePrompt::NewPassphrase
        | EnginePrompt::OnceMore
        | EnginePrompt::BackupPassword
        | EnginePrompt::BackupPasswordIfAny
        | EnginePrompt::PasswordOf { .. }
        | EnginePrompt::PassphraseOf { .. } => String::new(),
    }
}

/// What somebody says who has looked at the appliance, which has installed
/// the packages `done`; yes to what is no question of fact.
fn truth(question: &InstallQuestion, done: &[String]) -> bool {
    let has = |package: &String| done.iter().any(|name| text::one_line(name) == *package);
    match question {
        InstallQuestion::IsInstalled { package, .. } => has(package),
        InstallQuestion::MaySendAgain { package, .. } => !has(package),
        InstallQuestion::Begin { .. }
        | InstallQuestion::BeginOffered { .. }
        | InstallQuestion::StopBefore { .. }
        | InstallQuestion::InstallOnceMore { .. }
        | InstallQuestion::HasRequired { .. }
        | InstallQuestion::AcceptLicence { .. }
        | InstallQuestion::IsAcceptedThere { .. }
        | InstallQuestion::IsOver { .. }
        | InstallQuestion::WasBegun { .. }
        | InstallQuestion::MayTryBaseAgain { .. }
        | InstallQuestion::HasChecked
        | InstallQuestion::IsListShown { .. }
        | InstallQuestion::IsPressable { .. }
        | InstallQuestion::IsLocked { .. } => true,
    }
}

/// A journal that nobody keeps.
pub(super) struct Remembered(pub(super) Past);

impl RunJournal for Remembered {
    fn append(&mut self, now: Timestamp, entry: &Entry) -> Result<(), Failure> {
        self.0.apply(now, entry.clone());
        Ok(())
    }

    fn past(&self) -> &Past {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_says_what_is_so() {
        let done = ["Base 3.4.0".to_owned()];
        let why = || "nothing shows it".to_owned();
        let installed = |name: &str| InstallQuestion::IsInstalled { package: name.to_owned(), why: why() };
        let again = |name: &str| InstallQuestion::MaySendAgain { package: name.to_owned(), why: why() };
        assert!(truth(&installed("Base 3.4.0"), &done) && !truth(&installed("Base 3.4.00"), &done));
        assert!(truth(&again("Bomgar 10.6.2"), &done) && !truth(&again("Base 3.4.0"), &done));
        assert!(truth(&InstallQuestion::HasChecked, &done));
        assert_eq!(typed(&EnginePrompt::Erase { old: "alpha".to_owned() }, "S1"), "S1");
        assert_eq!(typed(&EnginePrompt::SetAside { word: "expired".to_owned() }, "S1"), "expired");
        assert_eq!(typed(&EnginePrompt::BackupPath, "S1"), "");
    }
}
