//! Passwords that are typed once for a run that is called again and again.

use super::{Operator, OperatorError, Question, SharedOperator};
use crate::model::Secret;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The passwords that were typed in this run, by what they were asked for.
#[derive(Default)]
struct Remembered {
    typed: BTreeMap<String, Secret>,
    /// Those that the present call has not asked for yet.
    left: Vec<String>,
}

impl Remembered {
    /// A further call may be given each of them once: where it asks again, what was typed was wrong.
    fn again(&mut self) {
        self.left = self.typed.keys().cloned().collect();
    }

    fn take(&mut self, asked: &str) -> Option<Secret> {
        let at = self.left.iter().position(|left| left == asked)?;
        self.left.swap_remove(at);
        self.typed.get(asked).map(|typed| Secret::new(typed.reveal().to_owned()))
    }
}

/// An operator that is asked for each password once, however often the run is called again: nobody sits there at night.
#[derive(Clone)]
pub struct Remembering {
    inner: SharedOperator,
    remembered: Rc<RefCell<Remembered>>,
}

impl Operator for Remembering {
    fn confirm(&mut self, question: &dyn Question) -> Result<bool, OperatorError> {
        self.inner.confirm(question)
    }

    fn ask(&mut self, prompt: &dyn Question) -> Result<String, OperatorError> {
        // What no journal may keep is a user's name; any other answer is of its moment.
        if prompt.kept().is_some() {
            return self.inner.ask(prompt);
        }
        let typed = self.once(prompt, |inner| Ok(Secret::new(inner.ask(prompt)?)))?;
        Ok(typed.reveal().to_owned())
    }

    fn secret(&mut self, prompt: &dyn Question) -> Result<Secret, OperatorError> {
        // A second factor is good once.
        if prompt.kept().is_none() {
            return self.inner.secret(prompt);
        }
        self.once(prompt, |inner| inner.secret(prompt))
    }
}

impl Remembering {
    /// Has `inner` asked, once for each password.
    pub fn of(inner: SharedOperator) -> Self {
        Remembering { inner, remembered: Rc::default() }
    }

    /// A further call begins, which may be given each of them once.
    pub fn again(&self) {
        self.remembered.borrow_mut().again();
    }

    fn once(
        &mut self,
        prompt: &dyn Question,
        ask: impl FnOnce(&mut SharedOperator) -> Result<Secret, OperatorError>,
    ) -> Result<Secret, OperatorError> {
        let asked = prompt.to_string();
        if let Some(typed) = self.remembered.borrow_mut().take(&asked) {
            return Ok(typed);
        }
        let typed = ask(&mut self.inner)?;
        self.remembered.borrow_mut().typed.insert(asked, Secret::new(typed.reveal().to_owned()));
        Ok(typed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Scripted;
    use displaydoc::Display;

    /// the password of {whom}:
    #[derive(Display)]
    struct Asked {
        whom: &'static str,
    }

    impl Question for Asked {}

    /// user:
    #[derive(Display)]
    struct Once(Option<&'static str>);

    impl Question for Once {
        fn kept(&self) -> Option<String> {
            self.0.map(str::to_owned)
        }
    }

    #[test]
    fn a_password_is_typed_once_for_all_calls_and_again_where_it_was_wrong() {
        let mut operator = Remembering::of(SharedOperator::new(Scripted::new(["wrong", "right", "other"])));
        let mut seen = Vec::new();
        for tries in [2, 1, 1] {
            operator.again();
            for whom in [vec!["a"; tries], vec!["b"; 1]].concat() {
                seen.push(operator.secret(&Asked { whom }).expect("answered").reveal().to_owned());
            }
        }
        assert_eq!(seen, ["wrong", "right", "other", "right", "other", "right", "other"]);
    }

    #[test]
    fn what_is_of_its_moment_is_asked_again() {
        let mut operator = Remembering::of(SharedOperator::new(Scripted::new(["1", "2", "ana", "3", "4"])));
        let factor = Once(None);
        assert_eq!(operator.secret(&factor).expect("answered").reveal(), "1");
        assert_eq!(operator.ask(&Once(Some("which?"))).expect("answered"), "2");
        assert_eq!(operator.ask(&factor).expect("answered"), "ana");
        operator.again();
        assert_eq!(operator.secret(&factor).expect("answered").reveal(), "3", "a second factor is good once");
        assert_eq!(operator.ask(&factor).expect("answered"), "ana", "a user's name stays");
        assert_eq!(operator.ask(&Once(Some("which?"))).expect("answered"), "4");
    }
}
