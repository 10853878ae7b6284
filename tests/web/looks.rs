//! Pages that look otherwise, shown by an appliance of a page's length to the
//! program itself.

use super::server::{Server, Stream, html, reply};
use crate::support::home::Home;
use crate::support::said::{INSIDE, Said, run};
use std::io::BufReader;
use std::sync::{Arc, Mutex};

/// What is asked of the appliance: method and path, the form's body, and whether the session is let in.
struct Asked<'a> {
    at: &'a str,
    body: &'a str,
    is_in: bool,
}

/// How it answers.
enum Answer {
    Page(String),
    LetIn(String),
    Away(String),
    Missing,
}

/// The appliance, a home, and what was asked of it.
struct Look {
    home: Home,
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Look {
    fn of(answer: impl Fn(&Asked<'_>) -> Answer + Send + Sync + 'static) -> Look {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let server = Server::start(move |request, stream: &mut BufReader<Stream>| {
            let at = format!("{} {}", request.method, request.path());
            let body = String::from_utf8(request.body(stream)).expect("a form");
            log.lock().expect("ours").push(at.clone());
            let is_in = request.header("cookie").is_some_and(|cookie| cookie.contains("in=1"));
            let (status, header, page) = match answer(&Asked { at: &at, body: &body, is_in }) {
                Answer::Page(page) => return html(stream, &page),
                Answer::LetIn(page) => ("200 OK", "Set-Cookie: in=1; Path=/".to_owned(), page),
                Answer::Away(to) => ("302 Found", format!("Location: {to}"), String::new()),
                Answer::Missing => ("404 Not Found", "X-Nothing: here".to_owned(), "<p>nothing here</p>".to_owned()),
            };
            reply(stream, status, &["Content-Type: text/html; charset=utf-8", &header], page.as_bytes());
        });
        let home = Home::new();
        let look = Look { home, url: server.url.clone(), asked };
        let password = look.home.private("password", "geheim\n");
        #[rustfmt::skip]
        let enroll = [
            "enroll", "hq", "--url", &look.url, "--user", "ana", "--password-file", &password,
            "--login-user", "ana", "--login-password-file", &password,
        ];
        look.run(&enroll, "y\n").ends(0);
        look
    }

    fn run(&self, args: &[&str], typed: &str) -> Said {
        run(&mut self.home.command(INSIDE, args), typed)
    }

    /// How often something was asked.
    fn times(&self, at: &str) -> usize {
        self.asked.lock().expect("ours").iter().filter(|asked| *asked == at).count()
    }
}

const MENU: &str = "<ul><li><a href=/appliance/status>Status</a></li><li><a href=/appliance/basics>Basics</a></li>\
    <li><a href=/appliance/updates>Updates</a></li><li><a href=/appliance/ip>IP Configuration</a></li>\
    <li><a href=/appliance/certificates>Certificates</a></li></ul>";

const STATUS: &str = "<h2>Status :: Basics</h2><table><tr><td>Serial Number</td><td>LOOK-1</td></tr>\
    <tr><td>Base Software Version</td><td>3.4.0 (build 7)</td></tr><tr><td>Site Software Version</td><td>10.6.2</td></tr>\
    <tr><td>System Time</td><td>05/03/2027 12:00 UTC</td></tr></table>\
    <p><a href=/appliance/updates>Check for Updates</a></p>";

const UPDATES: &str = "<form method=post action=/appliance/check><button>Check for Updates</button></form>\
    <h2>Manual Installation</h2><form method=post action=/appliance/upload enctype=multipart/form-data>\
    <label>Software Package <input type=file name=f></label><button>Update Software</button></form>\
    <p><a href=/appliance/key>Appliance Download Key</a></p><h2>Installed Packages</h2><ul><li>Base 3.4.0</li></ul>";

const LOGIN: &str = "<form method=post><table><tr><td>Username</td><td>Password</td></tr>\
    <tr><td><input name=u></td><td><input type=password name=p></td></tr></table><input type=submit value=Login></form>";

fn page(title: &str, body: &str) -> Answer {
    Answer::Page(format!("<html><head><title>{title}</title></head><body>{body}</body></html>"))
}

/// The pages behind the login, as most of these appliances show them.
fn inside(asked: &Asked<'_>) -> Answer {
    match asked.at {
        "GET /appliance" | "GET /appliance/basics" | "GET /appliance/status" => {
            page("Status", &format!("{MENU}{STATUS}"))
        }
        "GET /appliance/updates" => page("Updates", &format!("{MENU}{UPDATES}")),
        "GET /appliance/ip" => page("Network", &format!("{MENU}<h2>IP Configuration</h2><a href=/x>10.1.1.1</a>")),
        "GET /login" => page("Site", "<a href=/login/management>Management</a><a href=/login/status>Status</a>"),
        _ => Answer::Missing,
    }
}

#[test]
fn a_login_in_other_words_is_told_by_its_keys_and_mended_by_the_profile_that_is_written() {
    let form = "<form method=post>Benutzername: <input name=u><br>Kennwort: <input type=password name=p><br>\
        <input type=submit value=Anmelden></form>";
    let look = Look::of(move |asked| match (asked.is_in, asked.at) {
        (true, _) => inside(asked),
        (false, "POST /appliance" | "POST /login") if asked.body == "u=ana&p=geheim" => Answer::LetIn(MENU.to_owned()),
        (false, "GET /appliance" | "GET /login") => page("Anmeldung", form),
        _ => Answer::Missing,
    });
    let profile = look.home.word("hq.toml");
    let said = look.run(&["probe", "hq", "--write-profile", &profile], "").ends(0);
    for key in ["login.user", "login.password", "login.submit"] {
        assert!(said.out.contains(&format!("missing    {key}: no ")), "{key}: {}", said.out);
    }
    assert!(said.out.contains("it has Benutzername:") && said.out.contains("it has Anmelden"), "{}", said.out);
    assert_eq!(look.times("POST /appliance"), 0, "no password is sent to what is not known");
    // Nobody guesses which field is which, nor that the only button is the one: a person takes the marks away.
    let text = std::fs::read_to_string(&profile).expect("written");
    assert!(text.contains("# [controls.\"login.submit\"]\n# en = [\"Anmelden\"]"), "{text}");
    assert!(text.contains("# [controls.\"login.user\"]\n# en = [\"Benutzername:\"]\n# en = [\"Kennwort:\"]"), "{text}");
    let filled = text
        .replace(
            "# [controls.\"login.submit\"]\n# en = [\"Anmelden\"]",
            "[controls.\"login.submit\"]\nen = [\"Anmelden\"]",
        )
        .replace(
            "# [controls.\"login.user\"]\n# en = [\"Benutzername:\"]",
            "[controls.\"login.user\"]\nen = [\"Benutzername\"]",
        )
        .replace(
            "# [controls.\"login.password\"]\n# en = [\"Benutzername:\"]\n# en = [\"Kennwort:\"]",
            "[controls.\"login.password\"]\nen = [\"Kennwort\"]",
        );
    std::fs::write(&profile, filled).expect("written");
    let inventory = std::fs::read_to_string(look.home.inventory()).expect("reads");
    let with = inventory.replace("driver = \"bomgar\"", &format!("driver = \"bomgar\"\nprofile = \"{profile}\""));
    std::fs::write(look.home.inventory(), with).expect("written");
    let said = look.run(&["probe", "hq"], "").ends(0);
    assert!(said.out.contains("found      status.serial: Serial Number = LOOK-1"), "{}", said.out);
    let again = look.run(&["probe", "hq", "--write-profile", &profile], "").ends(7);
    assert!(again.err.contains("is there already"), "{}", again.err);
}

#[test]
fn what_is_read_is_shown_and_no_page_is_taken_for_another() {
    let look = Look::of(|asked| match (asked.is_in, asked.at) {
        (true, _) => inside(asked),
        (false, "POST /appliance" | "POST /login") => Answer::LetIn(MENU.to_owned()),
        (false, "GET /appliance" | "GET /login") => page("Login", LOGIN),
        _ => Answer::Missing,
    });
    let said = look.run(&["probe", "hq"], "").ends(0);
    for line in [
        "found      status.base: Base Software Version = 3.4.0 (build 7), read as 3.4.0",
        "unread     status.clock: System Time shows \"05/03/2027 12:00 UTC\", but it can be read as 5 March and as 3 May",
        "found      nav.updates: Updates",
        "found      updates.upload: Update Software",
        "found      updates.check: Check for Updates",
        "found      updates.installed: Installed Packages = 1 packages",
        "found      nav.ip: Network",
        "not seen   nav.certificates: ",
    ] {
        assert!(said.out.contains(line), "{line}: {}", said.out);
    }
    assert!(look.times("POST /appliance/check") == 0 && look.times("GET /appliance/key") == 0, "nothing is pressed");
}

#[test]
fn a_second_factor_is_named_and_answered_by_whoever_is_there() {
    let asks = "<h1>Two Factor Authentication</h1><form method=post action=/appliance/second>\
        <label>Verification Code <input name=c></label><button>Verify</button></form>";
    let look = Look::of(move |asked| match (asked.is_in, asked.at) {
        (true, _) => inside(asked),
        (false, "POST /appliance/second") if asked.body == "c=123456" => Answer::LetIn(MENU.to_owned()),
        (false, "POST /appliance" | "POST /appliance/second") => page("Second", asks),
        (false, "GET /appliance") => page("Login", LOGIN),
        (false, "GET /login") => page("Login", LOGIN),
        (false, "POST /login") => Answer::LetIn("<a href=/login/management>Management</a>".to_owned()),
        _ => Answer::Missing,
    });
    let said = look.run(&["probe", "hq"], "").ends(0);
    assert!(
        said.has("Verification Code") && said.has("wants a second factor, which only a person has"),
        "{}",
        said.out
    );
    assert_eq!(look.times("POST /appliance/second"), 0);
    let said = look.run(&["probe", "hq"], "654321\n").ends(55);
    assert!(!said.has("654321"), "{}", said.err);
    let said = look.run(&["probe", "hq"], "123456\n").ends(0);
    assert!(said.out.contains("found      status.serial: Serial Number = LOOK-1"), "{}", said.out);
    assert_eq!(look.times("POST /appliance/second"), 2, "each code goes once");
}

#[test]
fn frames_and_pages_that_lead_on_are_gone_through() {
    let look = Look::of(|asked| match (asked.is_in, asked.at) {
        (true, "GET /appliance") => page(
            "One moment",
            "<meta http-equiv=refresh content='1; url=/appliance/frames'><p>You are being logged in.</p>",
        ),
        (true, "GET /appliance/frames") => Answer::Page(
            "<html><frameset cols='20%,*'><frame src=/appliance/menu><frame src=/appliance/body></frameset></html>"
                .to_owned(),
        ),
        (true, "GET /appliance/menu") => page("Menu", MENU),
        (true, "GET /appliance/body") => page("Welcome", "<p>Welcome</p>"),
        (true, "GET /appliance/basics") => page("Status", STATUS),
        (true, "GET /appliance/updates") => page("Updates", UPDATES),
        (true, _) => Answer::Missing,
        (false, "GET /appliance") => {
            Answer::Page("<html><frameset><frame src=/appliance/door></frameset></html>".to_owned())
        }
        (false, "GET /appliance/door" | "GET /login") => page("Login", LOGIN),
        (false, "POST /appliance/door" | "POST /login") => Answer::LetIn(MENU.to_owned()),
        _ => Answer::Missing,
    });
    let said = look.run(&["probe", "hq"], "").ends(0);
    for line in ["found      status.serial: Serial Number = LOOK-1", "found      updates.upload: Update Software"] {
        assert!(said.out.contains(line), "{line}: {}\n{:?}", said.out, look.asked);
    }
}

#[test]
fn a_name_of_its_own_and_a_cloud_appliance_are_told() {
    let look = Look::of(|asked| match asked.at {
        "GET /login" => page("Login", LOGIN),
        "POST /login" => Answer::LetIn("<a href=/login/management>Management</a>".to_owned()),
        "GET /appliance" => Answer::Away("https://support.example.com/appliance".to_owned()),
        _ => Answer::Missing,
    });
    let said = look.run(&["probe", "hq"], "").ends(0);
    assert!(
        said.out.contains("leads away to https://support.example.com") && said.out.contains("status: guided"),
        "{}",
        said.out
    );
    let cloud = Look::of(|asked| match asked.at {
        "GET /login" => page("Login", LOGIN),
        _ => Answer::Missing,
    });
    for verb in [["probe", "hq"], ["status", "hq"]] {
        let said = cloud.run(&verb, "").ends(53);
        assert!(
            said.err.contains("has no pages below /appliance") && said.err.contains("a cloud appliance"),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_saved_page_is_looked_at_without_an_appliance() {
    let home = Home::new();
    let probe = |args: &[&str]| run(&mut home.command(INSIDE, &[&["probe", "--page"], args].concat()), "");
    let save = |name: &str, body: &str| home.private(name, &format!("<html><title>{name}</title>{body}</html>"));
    let status = save("status.html", &format!("{MENU}{STATUS}"));
    let said = probe(&[&status]).ends(0);
    assert!(
        said.out.starts_with("read as status\nstatus: guided\n  found      status.serial: Serial Number = LOOK-1\n"),
        "{}",
        said.out
    );
    let profile = home.private("clock.toml", "[clock]\nday_first = true\n");
    let said = probe(&[&status, "--profile", &profile]).ends(0);
    assert!(said.out.contains("= 05/03/2027 12:00 UTC, read as Fri 2027-03-05 12:00 UTC"), "{}", said.out);
    let said = probe(&[&save("code.html", "<h2>Appliance Download Key</h2><p>A7K2M-9QX4T-WB3NR</p>")]).ends(0);
    assert!(
        said.out.contains("read as download-code") && said.out.contains("17 characters") && !said.has("A7K2M"),
        "{}",
        said.out
    );
    let odd = save("odd.html", "<p>Aktualisierung läuft: 40 %</p>");
    let said = probe(&[&odd]).ends(53);
    assert!(said.err.contains("--as") && said.err.contains("installing"), "{}", said.err);
    let said = probe(&[&odd, "--as", "installing"]).ends(0);
    assert!(said.out.contains("missing    install.running: no Installing"), "{}", said.out);
    let profile = home.private("running.toml", "[controls.\"install.running\"]\nde = [\"Aktualisierung läuft\"]\n");
    let said = probe(&[&odd, "--profile", &profile]).ends(0);
    assert!(said.out.contains("found      install.running: Aktualisierung läuft: 40 % = 40 %"), "{}", said.out);
}
