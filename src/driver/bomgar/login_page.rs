//! What stands before an appliance's pages: its login, an agreement before
//! that, and the words with which it keeps someone out. Pure but for asking.

use super::super::question::DriverQuestion;
use super::super::{Agreed, DriverError, LoginBlocked};
use super::outside::{is_agreement, is_login, is_second_factor};
use super::reading;
use super::whose::{self, Door};
use crate::console::{Console, Operator};
use crate::driver::Words;
use crate::model::{Sha256Digest, text};
use crate::web::Page;

/// Longest agreement that is shown, in characters.
// Some forty pages. What is longer is no notice before a login, and a terminal has lost its beginning by then.
const MAX_AGREEMENT_CHARS: usize = 100_000;

/// The words that keep someone out, and what each means.
const BARS: [(&str, LoginBlocked); 3] = [
    ("login.expired", LoginBlocked::PasswordExpired),
    ("login.full", LoginBlocked::SessionLimit),
    ("login.locked", LoginBlocked::Locked),
];

/// What keeps the visitor out by the words of `page`; `None` on an ordinary
/// page, whatever it talks of, and on one that is not the appliance's. Without
/// `before` all its words count.
pub(super) fn barred(before: Option<&Page>, page: &Page, words: &Words) -> Option<LoginBlocked> {
    let own = match before {
        Some(before) => whose::is_as(before, page, words) || Door::of(before).is(page, words),
        None => whose::is_own(page, words) || is_login(page, words),
    };
    // Pages behind the login speak of locked accounts and expired passwords as well: there people manage them.
    if !own || reading::is_ordinary(page, words) {
        return None;
    }
    let said = reading::new_words(before, page);
    BARS.into_iter().find(|(key, _)| words.control(key).occurs_in(&said)).map(|(_, barred)| barred)
}

/// What became of a login form that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LoginReply {
    /// Its sender was let in.
    In,
    /// It was not looked at: the answer says that form or session are over.
    Stale,
    /// A fresh form came without a word, and in another session: the one it
    /// was sent in is not known any more, as after a restart.
    Silent,
    /// A code is asked for that only a person has.
    Factor,
    /// Its sender was kept out; why, where that is more than a wrong password.
    Out(Option<LoginBlocked>),
    /// The answer shows nothing of the appliance's: what became of the login is not known.
    Elsewhere,
}

/// What `answer` makes of the login form on `before`. `moved` is whether the
/// answer put another session in the place of the one the form was sent in.
pub(super) fn reply(before: &Page, answer: &Page, moved: bool, words: &Words) -> LoginReply {
    if let Some(why) = barred(Some(before), answer, words) {
        return LoginReply::Out(Some(why));
    }
    let form = Door::of(before).is(answer, words);
    if !form && is_second_factor(answer, words) {
        return LoginReply::Factor;
    }
    if !form {
        let own = is_agreement(answer, words) || whose::is_as(before, answer, words);
        return match (own && !is_login(answer, words), answer.status()) {
            (true, 401 | 403) => LoginReply::Out(None),
            (true, status) if status < 400 => LoginReply::In,
            _ => LoginReply::Elsewhere,
        };
    }
    let said = reading::new_words(Some(before), answer);
    let says = |key| words.control(key).occurs_in(&said);
    if answer.status() == 401 || says("login.wrong") {
        return LoginReply::Out(None);
    }
    match (says("login.stale"), form && moved && said.is_empty()) {
        (true, _) => LoginReply::Stale,
        (false, true) => LoginReply::Silent,
        (false, false) => LoginReply::Out(None),
    }
}

/// Shows the agreement on `page` and has a person accept it. One whose text
/// was accepted in this run, `agreed`, is told and not asked about again: it
/// comes back after each restart, when nobody may be awake.
///
/// # Errors
/// [`DriverError::LoginAgreement`] where the answer is no, or nobody gives one.
pub(super) fn have_accepted(
    page: &Page,
    agreed: &mut Option<Sha256Digest>,
    words: &Words,
    console: &Console,
    asks: &mut dyn Operator,
) -> Result<Agreed, DriverError> {
    let text = wording(page, words);
    let sha256 = Sha256Digest::of(text.as_bytes());
    if *agreed == Some(sha256) {
        console.note(format!("the login agreement that was accepted before ({}) came again", sha256.short()));
        return Ok(Agreed { page: page.place(), sha256, text, again: true });
    }
    // What could not be shown can't be accepted.
    if let Err(failure) = console.show_agreement("login agreement", &text) {
        console.warn(format!("the login agreement at {}: {}", page.place(), failure.message));
        return Err(DriverError::LoginAgreement { page: page.place() });
    }
    // Nobody there is no yes.
    let question = DriverQuestion::AcceptAgreement { digest: sha256.short(), place: page.place() };
    if !asks.confirm(&question).unwrap_or(false) {
        return Err(DriverError::LoginAgreement { page: page.place() });
    }
    *agreed = Some(sha256);
    Ok(Agreed { page: page.place(), sha256, text, again: false })
}

/// The agreement's text, printable, without the button's label.
fn wording(page: &Page, words: &Words) -> String {
    let section = page.section(&words.control("login.agreement"));
    let all = section.map_or_else(|_| page.text(), |section| section.text());
    let agree = words.control("login.agree");
    let lines: Vec<&str> = all.lines().filter(|line| !agree.matches(line)).collect();
    let shown = text::printable(lines.join("\n").trim());
    match shown.char_indices().nth(MAX_AGREEMENT_CHARS) {
        Some((at, _)) => format!("{}\n… the rest is longer than is shown here; read it in a browser", &shown[..at]),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::outside::is_outside;
    use super::super::testing::{page_at, words};
    use super::*;
    use crate::console::{Globals, Scripted};

    fn page(body: &str) -> Page {
        page_at("/login", body)
    }

    const FORM: &str = "<form method=post><label for=u>Username</label><input id=u name=u>\
        <label for=p>Password</label><input type=password id=p name=p><button>Login</button></form>";

    #[test]
    fn what_keeps_someone_out_is_told_apart() {
        let before = page(FORM);
        for (words_of_page, expected) in [
            ("Your password has expired.", Some(LoginBlocked::PasswordExpired)),
            ("Sua senha expirou. Escolha uma nova.", Some(LoginBlocked::PasswordExpired)),
            ("The maximum number of sessions has been reached.", Some(LoginBlocked::SessionLimit)),
            ("O número máximo de sessões foi atingido.", Some(LoginBlocked::SessionLimit)),
            ("This account is locked.", Some(LoginBlocked::Locked)),
            ("Esta conta está bloqueada.", Some(LoginBlocked::Locked)),
            ("Your session has expired. Please log in again.", None),
            ("The username or password is incorrect.", None),
        ] {
            let answer = page(&format!("<p>{words_of_page}</p>{FORM}"));
            assert_eq!(barred(Some(&before), &answer, &words()), expected, "{words_of_page}");
        }
        let inside = page("<a href=/u>Updates</a><p>The password has expired of user x.</p>");
        assert_eq!(barred(None, &inside, &words()), None, "a page of the appliance's own may talk of it");
    }

    #[test]
    fn a_form_that_nobody_looked_at_is_told_from_a_refused_password() {
        let before = page(FORM);
        let says = |said: &str, moved| reply(&before, &page(&format!("<p>{said}</p>{FORM}")), moved, &words());
        for stale in [
            "This form is no longer valid. Go back, reload the page and try again.",
            "Este formulário não é mais válido.",
            "Your session has expired. Please log in again.",
            "Sua sessão expirou. Entre novamente.",
        ] {
            assert_eq!((says(stale, true), says(stale, false)), (LoginReply::Stale, LoginReply::Stale), "{stale}");
        }
        assert_eq!((says("", true), says("", false)), (LoginReply::Silent, LoginReply::Out(None)));
        for refused in [
            "The username or password is incorrect.",
            "Your session has expired, or the password is incorrect.",
            "Usuário ou senha incorretos.",
            "Something is not as it should be.",
        ] {
            assert_eq!(
                (says(refused, true), says(refused, false)),
                (LoginReply::Out(None), LoginReply::Out(None)),
                "{refused}"
            );
        }
        assert_eq!(says("This account is locked.", true), LoginReply::Out(Some(LoginBlocked::Locked)));
        assert_eq!(reply(&before, &page("<a href=/u>Updates</a>"), true, &words()), LoginReply::In);
    }

    #[test]
    fn an_answer_that_shows_nothing_of_the_appliances_is_no_verdict() {
        let before = page(FORM);
        let foreign = |status: u16, body: &str| {
            let html = format!("<title>Web filter</title>{body}");
            let answer =
                Page::parse("https://a.example/login", status, Some("text/html"), html.as_bytes()).expect("reads");
            reply(&before, &answer, false, &words())
        };
        let portal = FORM.replace("method=post", "method=post action=/portal");
        for body in ["<h1>Blocked by policy</h1>", "<p>This account is locked. Access denied.</p>", &portal] {
            for status in [200, 401, 403, 407, 502, 503] {
                assert_eq!(foreign(status, body), LoginReply::Elsewhere, "{status} {body}");
            }
        }
    }

    #[test]
    fn an_agreement_is_asked_about_once_and_again_when_its_text_is_another() {
        let globals = Globals { quiet: true, no_color: true, yes: true, ..Globals::default() };
        let console = Console::new("test", &globals);
        let body = |text: &str| {
            format!("<h2>Login Agreement</h2><p>{text}</p><form method=post><button>I Agree</button></form>")
        };
        let (first, second) = (page(&body("be good")), page(&body("be better")));
        assert!(is_agreement(&first, &words()) && is_outside(&first, &words()) && !is_login(&first, &words()));
        assert_eq!(wording(&first, &words()).lines().last(), Some("be good"));
        let mut agreed = None;
        let mut asks = Scripted::new(["y", "n"]);
        let mut accept = |page: &Page| have_accepted(page, &mut agreed, &words(), &console, &mut asks);
        assert!(accept(&first).is_ok_and(|agreed| !agreed.again) && accept(&first).is_ok_and(|agreed| agreed.again));
        assert!(matches!(accept(&second), Err(DriverError::LoginAgreement { .. })));
        assert!(matches!(accept(&second), Err(DriverError::LoginAgreement { .. })), "nobody there is no yes");
        assert_eq!(asks.asked.len(), 3);
    }
}
