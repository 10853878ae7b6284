//! The second factor of a login: a code that only a person has. It is asked
//! for, sent once, and kept nowhere.

use super::super::blocked::StepBlocked;
use super::super::outside::{is_outside, is_second_factor, is_understood};
use super::super::reading;
use super::Session;
use crate::console::Operator;
use crate::driver::DriverError;
use crate::driver::question::DriverPrompt;
use crate::model::text;
use crate::web::{Form, Page, WebError};

impl Session {
    /// Has a person tell the code that `page` asks for, and sends it; the page
    /// behind it. Where nobody is there to tell it the step is a person's.
    pub(super) fn give_second_factor(&mut self, page: Page) -> Result<Page, StepBlocked> {
        self.last = Some(self.seen("last", &page));
        let control = self.words.control("login.code");
        let mut form = self.factor_form(&page)?;
        let field = form.field(&control)?.label.clone();
        let whom = format!("{} on {}", text::one_line(self.user.as_deref().unwrap_or_default()), page.place());
        let unmet = |why| WebError::FieldUnfit { page: page.place(), label: field.clone(), why };
        let Ok(code) = self.asks.secret(&DriverPrompt::SecondFactor { field: field.clone(), whom }) else {
            return Err(unmet("wants a second factor, which only a person has").into());
        };
        if code.reveal().trim().is_empty() {
            return Err(unmet("wants a second factor, and none was told").into());
        }
        form.fill(&control, code.reveal().trim())?;
        let answer = self.client.submit(&form)?;
        let words = std::rc::Rc::clone(&self.words);
        let answer = self.led_on(answer, |page| is_understood(page, &words));
        if is_second_factor(&answer, &self.words) || is_outside(&answer, &self.words) || answer.status() >= 400 {
            let said = code.withhold(&reading::new_words(Some(&page), &answer));
            let user = self.user.clone().unwrap_or_default();
            self.refused = Some((answer.place(), said.clone()));
            return Err(DriverError::LoginRefused { user, page: answer.place(), said }.into());
        }
        Ok(self.let_in(answer))
    }

    /// The form with the code's field; where it has several buttons, the one that is known.
    fn factor_form(&self, page: &Page) -> Result<Form, WebError> {
        let form = page.form_with_field(&self.words.control("login.code"))?;
        match form.button().is_empty() {
            true => page.form_with_button(&self.words.control("login.verify")),
            false => Ok(form),
        }
    }
}
