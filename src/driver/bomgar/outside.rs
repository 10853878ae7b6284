//! Whether whoever sees a page stands before the appliance's own pages. Pure.

use super::reading;
use crate::driver::Words;
use crate::web::{Control, Form, Page, WebError};

/// Most fields of a login form beside the password: a name, and a realm to choose.
const MAX_BESIDE: usize = 3;

/// Whether a page asks to log in: one form with a field each for name and password.
pub(super) fn is_login(page: &Page, words: &Words) -> bool {
    let form = page.form_with_field(&words.control("login.password"));
    form.is_ok_and(|form| form.has_field(&words.control("login.user")))
}

/// Whether a page asks to agree to something before the login.
pub(super) fn is_agreement(page: &Page, words: &Words) -> bool {
    page.status() < 400
        && page.section(&words.control("login.agreement")).is_ok()
        && page.form_with_button(&words.control("login.agree")).is_ok()
}

/// Whether a page asks for the code of a second factor, behind a login.
pub(super) fn is_second_factor(page: &Page, words: &Words) -> bool {
    page.status() < 400
        && !is_login(page, words)
        && !reading::is_ordinary(page, words)
        && (page.form_with_field(&words.control("login.code")).is_ok() || page.shows(&words.control("login.factor")))
}

/// Whether a page shows anything that is known: a menu, a login, what an
/// install says, or an agreement.
pub(super) fn is_understood(page: &Page, words: &Words) -> bool {
    reading::is_ordinary(page, words)
        || is_outside(page, words)
        || is_second_factor(page, words)
        || reading::speaks_of_install(page, words)
        || reading::agreement(page, words).is_some()
}

/// What lacks on a page that asks to log in, or to agree to something, in words
/// that are not known: one password to type, or one of the agreement's two
/// labels, and nothing of the appliance's behind it.
pub(super) fn strange_door(page: &Page, words: &Words) -> Option<WebError> {
    if page.status() >= 400 || reading::is_ordinary(page, words) {
        return None;
    }
    let forms = page.forms();
    let asking: Vec<&Form> = forms.iter().filter(|form| form.passwords() > 0).collect();
    if let [form] = asking[..]
        && form.passwords() == 1
        && form.fields().len() <= 1 + MAX_BESIDE
        && !form.has_file()
    {
        return lacking_at_login(page, words).into_iter().next();
    }
    let agree = words.control("login.agree");
    let heading = words.control("login.agreement");
    match (page.section(&heading), page.form_with_button(&agree)) {
        (Ok(_), Err(error)) if asking.is_empty() && !forms.is_empty() => Some(error),
        (Err(error), Ok(_)) if forms.len() == 1 && page.links().is_empty() => Some(error),
        _ => None,
    }
}

/// What a login page lacks of the three that are filled in and pressed.
pub(super) fn lacking_at_login(page: &Page, words: &Words) -> Vec<WebError> {
    let field = |control: &Control| page.form_with_field(control).err();
    let press = |control: &Control| page.form_with_button(control).err();
    let (user, password, submit) =
        (words.control("login.user"), words.control("login.password"), words.control("login.submit"));
    [field(&user), field(&password), press(&submit)].into_iter().flatten().collect()
}

/// Whether whoever sees this page stands outside: nothing was done for them.
pub(super) fn is_outside(page: &Page, words: &Words) -> bool {
    is_login(page, words) || is_agreement(page, words)
}
