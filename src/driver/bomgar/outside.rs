//! Whether whoever sees a page stands before the appliance's own pages. Pure.

use crate::driver::Words;
use crate::web::Page;

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

/// Whether whoever sees this page stands outside: nothing was done for them.
pub(super) fn is_outside(page: &Page, words: &Words) -> bool {
    is_login(page, words) || is_agreement(page, words)
}
