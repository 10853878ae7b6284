//! Finding the two controls that need more than a label.

use crate::driver::Words;
use crate::web::{Form, Link, Page, WebError};

/// The control that makes a code: a link on some versions, a button on others.
pub(super) enum Key {
    Link(Link),
    Button(Box<Form>),
}

/// Finds it; a link and a button of the same name are one too many.
pub(super) fn key_control(page: &Page, words: &Words) -> Result<Key, WebError> {
    let control = words.control("updates.key");
    match (page.link(&control), page.form_with_button(&control)) {
        (Ok(link), Err(WebError::ControlMissing { .. })) => Ok(Key::Link(link)),
        (Err(WebError::ControlMissing { .. }), Ok(form)) => Ok(Key::Button(Box::new(form))),
        (Ok(link), Ok(form)) => Err(WebError::ControlAmbiguous {
            key: control.key,
            page: page.place(),
            looked_for: control.labels,
            matches: vec![format!("link {}", link.label), format!("button {}", form.button())],
        }),
        (
            Err(WebError::ControlMissing { key, page, looked_for, there }),
            Err(WebError::ControlMissing { there: buttons, .. }),
        ) => Err(WebError::ControlMissing { key, page, looked_for, there: [there, buttons].concat() }),
        (Ok(_), Err(error)) | (Err(WebError::ControlMissing { .. }), Err(error)) | (Err(error), _) => Err(error),
    }
}

/// Finds the form with `button` in the section with `heading`; where the page
/// has no such section, on the whole page.
pub(super) fn form_in_section(
    page: &Page,
    words: &Words,
    heading: &'static str,
    button: &'static str,
) -> Result<Form, WebError> {
    match page.section(&words.control(heading)) {
        Ok(section) => section.form_with_button(&words.control(button)),
        Err(WebError::ControlMissing { .. }) => page.form_with_button(&words.control(button)),
        Err(error) => Err(error),
    }
}
