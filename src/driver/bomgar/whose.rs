//! Whose a page is: the appliance's own, or of something that answered in its
//! place, such as a proxy, a firewall, a balancer or another site. Pure.
//!
//! A status tells nothing of that; what a page shows and where it leads does.
//! Only the appliance's own words are its verdict.

use super::super::{ApplianceRefusal, DriverError};
use super::outside::{is_agreement, is_login};
use super::reading;
use crate::driver::Words;
use crate::web::Page;

/// What stands on no other site's pages.
const MARKS: [&str; 12] = [
    "updates.manual",
    "updates.upload",
    "updates.installed",
    "updates.available",
    "eula.heading",
    "eula.accept",
    "eula.submit",
    "status.serial",
    "status.base",
    "backup.section",
    "restore.section",
    "cert.section",
];
/// Below these lie all of its pages.
const HOMES: [&str; 2] = ["/appliance", "/login"];

/// Whether a page shows something of the appliance's, or leads to its other pages.
pub(super) fn is_own(page: &Page, words: &Words) -> bool {
    let own = page.url_path();
    // A page of a filter may lead back to where it stepped in.
    let leads_home = || page.destinations().iter().any(|path| is_at_home(path) && *path != own);
    MARKS.iter().any(|key| page.has(&words.control(key))) || leads_home()
}

fn is_at_home(path: &str) -> bool {
    HOMES.iter().any(|home| path.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

/// What to say of a page that came where a file was expected: the appliance's
/// refusal of `what`, or something in between.
pub(super) fn instead_of_file(what: ApplianceRefusal, page: String, said: String, leads_to: &[String]) -> DriverError {
    match leads_to.iter().any(|path| is_at_home(path)) {
        true => DriverError::Refused { what, page, said },
        false => DriverError::InBetween { page, status: 200, said },
    }
}

/// Whether `page` is of the same site as `before`, which is the appliance's.
pub(super) fn is_as(before: &Page, page: &Page, words: &Words) -> bool {
    same_title(before, page) || is_own(page, words)
}

/// A login page, to be known again.
pub(super) struct Door {
    title: String,
    paths: Vec<String>,
}

impl Door {
    /// The one that `page` is.
    pub(super) fn of(page: &Page) -> Self {
        Door { title: page.title(), paths: paths(page) }
    }

    /// Whether `page` is a login page, and this one rather than another site's.
    pub(super) fn is(&self, page: &Page, words: &Words) -> bool {
        let titled = !self.title.is_empty() && page.title() == self.title;
        is_login(page, words) && (titled || paths(page).iter().any(|path| self.paths.contains(path)))
    }
}

fn paths(page: &Page) -> Vec<String> {
    page.forms().iter().filter_map(|form| form.path()).collect()
}

/// Takes an answer to a press for what it is: `true` for one of the
/// appliance's pages, `false` for its login, where nothing was done.
///
/// # Errors
/// [`DriverError::InBetween`] for what is neither.
pub(super) fn is_answer(door: Option<&Door>, before: &Page, answer: &Page, words: &Words) -> Result<bool, DriverError> {
    if is_login(answer, words) {
        return match door.is_some_and(|door| door.is(answer, words)) {
            true => Ok(false),
            false => Err(in_between(Some(before), answer)),
        };
    }
    match (is_agreement(answer, words), is_as(before, answer, words)) {
        (true, _) => Ok(false),
        (false, true) => Ok(true),
        (false, false) => Err(in_between(Some(before), answer)),
    }
}

fn same_title(before: &Page, page: &Page) -> bool {
    // Filters and portals often have no title either, and two empty ones are no likeness.
    !page.title().is_empty() && page.title() == before.title()
}

/// What to say of an answer that is not the appliance's.
pub(super) fn in_between(before: Option<&Page>, page: &Page) -> DriverError {
    let said = reading::new_words(before, page);
    DriverError::InBetween { page: page.place(), status: page.status(), said }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{page_at, words};
    use super::*;

    const FILTER: &str = "<h1>Blocked by policy</h1><p>This category is not allowed.</p><a href=/help>Support</a>";

    #[test]
    fn a_page_is_known_by_what_it_shows_and_by_where_it_leads() {
        let own = |body: &str| is_own(&page_at("/appliance/updates/upload", body), &words());
        assert!(own("<h2>Instalação Manual</h2>"));
        assert!(own("<a href=/appliance/irgendwas>Weiter</a>"));
        assert!(own("<form method=post action=/appliance/los><button>Los</button></form>"));
        for foreign in [
            FILTER,
            "<a href=/appliance/updates/upload>try again</a>",
            "<a href=https://b.example/appliance/x>elsewhere</a><a href=/appliances>shop</a>",
            "<form method=post><input name=u><input type=password name=p><button>Login</button></form>",
            "",
        ] {
            assert!(!own(foreign), "{foreign}");
        }
    }

    #[test]
    fn another_sites_login_page_is_not_the_appliances() {
        let form = |action: &str| {
            format!(
                "<form method=post action={action}><label>Username <input name=u></label>\
                 <label>Password <input type=password name=p></label><button>Login</button></form>"
            )
        };
        let titled = |title: &str, path: &str, body: &str| {
            let html = format!("<title>{title}</title>{body}");
            Page::parse(&format!("https://a.example{path}"), 200, Some("text/html"), html.as_bytes()).expect("reads")
        };
        let before = titled("Login", "/appliance", &form("/appliance/login"));
        let door = Door::of(&before);
        let same = |title: &str, action: &str| door.is(&titled(title, "/x", &form(action)), &words());
        assert!(same("Login", "/other") && same("Try again", "/appliance/login"));
        assert!(!same("Corporate portal", "/portal/login"));
        assert!(!door.is(&titled("Login", "/x", FILTER), &words()), "it asks for no login");
        let answer = |page: Page| is_answer(Some(&door), &before, &page, &words());
        assert!(matches!(answer(titled("x", "/x", &form("/appliance/login"))), Ok(false)));
        assert!(matches!(answer(titled("x", "/x", "<a href=/appliance/y>y</a>")), Ok(true)));
        for foreign in [FILTER, &form("/portal/login")] {
            assert!(matches!(answer(titled("x", "/x", foreign)), Err(DriverError::InBetween { .. })), "{foreign}");
        }
    }
}
