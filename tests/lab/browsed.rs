//! A lab of one's own, and a browser that is curl.

use crate::support::lab::Lab;
use handcarry::testing::lab::{self, Fault, LabOptions};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Longest wait for anything the lab does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A lab that browsers look at.
pub struct Browsed {
    lab: Lab,
    _folder: tempfile::TempDir,
}

impl Deref for Browsed {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}

impl Browsed {
    pub fn start(change: impl FnOnce(&mut LabOptions)) -> Browsed {
        let folder = tempfile::tempdir().expect("a folder");
        let lab = Lab::within(&folder.path().join("lab"), change);
        Browsed { lab, _folder: folder }
    }

    pub fn with_faults(faults: &[Fault]) -> Browsed {
        Browsed::start(|options| options.faults = faults.to_vec())
    }

    /// A file in the bench's own folder.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, bytes).expect("a file is written");
        path
    }

    pub fn vendor(&self) -> Browser {
        Browser::new(self, &self.facts.vendor, &self.facts.ca)
    }

    /// Someone at the appliance, not logged in.
    pub fn stranger(&self) -> Browser {
        Browser::new(self, &self.facts.appliance, &self.facts.appliance_certificate)
    }

    pub fn keeper(&self) -> Browser {
        let browser = self.stranger();
        browser.log_in("/appliance", lab::APPLIANCE_PASSWORD);
        browser
    }

    pub fn manager(&self) -> Browser {
        let browser = self.stranger();
        browser.log_in("/login", lab::LOGIN_PASSWORD);
        browser
    }

    /// Someone who manages the site of a pair's second appliance.
    pub fn partner_manager(&self) -> Browser {
        let browser = self.partner();
        browser.log_in("/login", lab::LOGIN_PASSWORD);
        browser
    }

    /// Someone who keeps a pair's second appliance.
    pub fn partner_keeper(&self) -> Browser {
        let browser = self.partner();
        browser.log_in("/appliance", lab::APPLIANCE_PASSWORD);
        browser
    }

    fn partner(&self) -> Browser {
        let base = self.facts.partner.as_deref().expect("a pair");
        Browser::new(self, base, &self.facts.appliance_certificate)
    }

    /// Whether the appliance's port takes a connection.
    pub fn listens(&self) -> bool {
        let address = self.facts.appliance.replace("https://localhost", "127.0.0.1");
        std::net::TcpStream::connect(address).is_ok()
    }

    pub fn wait_until(&self, what: &str, mut so: impl FnMut() -> bool) {
        let began = Instant::now();
        while !so() {
            assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits out an install and its restart.
    pub fn wait_for_restart(&self) {
        self.wait_until("the appliance refuses connections", || !self.listens());
        self.wait_until("the appliance is back", || self.listens());
    }
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub url: String,
    pub head: String,
    pub body: Vec<u8>,
    pub curl_failed: bool,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn has(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// The header lines of the last answer, lower-cased.
    pub fn header(&self, name: &str) -> Option<String> {
        let last = self.head.trim_end().rsplit("\r\n\r\n").next()?.to_owned();
        last.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The token of the form that posts to `action`.
    pub fn token(&self, action: &str) -> String {
        let text = self.text();
        let form = text.split(&format!("action=\"{action}\"")).nth(1).unwrap_or_else(|| panic!("no form {action}"));
        between(form, "name=\"form_token\" value=\"", "\"")
    }
}

pub fn between(text: &str, before: &str, after: &str) -> String {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("no {before:?} in {text}")).1;
    rest.split_once(after).expect("the end is there").0.to_owned()
}

/// curl with a cookie jar, redirects followed.
pub struct Browser {
    base: String,
    ca: PathBuf,
    context: tempfile::TempDir,
}

impl Browser {
    fn new(_: &Browsed, base: &str, ca: &Path) -> Self {
        Browser { base: base.to_owned(), ca: ca.to_owned(), context: tempfile::tempdir().expect("a folder") }
    }

    pub fn run(&self, path: &str, more: &[&str]) -> Answer {
        let at = |name: &str| self.context.path().join(name);
        let _ = std::fs::remove_file(at("body"));
        let _ = std::fs::remove_file(at("head"));
        let Output { status, stdout, .. } = Command::new("curl")
            .args(["--silent", "--show-error", "--location", "--max-time", "20", "--write-out"])
            .arg("%{http_code} %{url_effective}")
            .arg("--cacert")
            .arg(&self.ca)
            .arg("--cookie")
            .arg(at("jar"))
            .arg("--cookie-jar")
            .arg(at("jar"))
            .arg("--output")
            .arg(at("body"))
            .arg("--dump-header")
            .arg(at("head"))
            .args(more)
            .arg(format!("{}{path}", self.base))
            .output()
            .expect("curl runs");
        let told = String::from_utf8_lossy(&stdout).into_owned();
        let (code, url) = told.split_once(' ').expect("code and URL");
        Answer {
            status: code.parse().expect("a number"),
            url: url.strip_prefix(&self.base).unwrap_or(url).to_owned(),
            head: std::fs::read_to_string(at("head")).unwrap_or_default(),
            body: std::fs::read(at("body")).unwrap_or_default(),
            curl_failed: !status.success(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.run(path, &[])
    }

    /// Posts a form with its token from `page`.
    pub fn post(&self, page: &Answer, action: &str, fields: &[(&str, &str)]) -> Answer {
        let mut pairs = vec![format!("form_token={}", page.token(action))];
        pairs.extend(fields.iter().map(|(name, value)| format!("{name}={value}")));
        let args: Vec<&str> = pairs.iter().flat_map(|pair| ["--data-urlencode", pair.as_str()]).collect();
        self.run(action, &args)
    }

    pub fn log_in(&self, realm: &str, password: &str) -> Answer {
        let page = self.get(realm);
        let action = format!("{realm}/login");
        self.post(&page, &action, &[("username", lab::USER), ("password", password)])
    }

    /// Uploads a package at Updates.
    pub fn upload(&self, file: &Path) -> Answer {
        let page = self.get("/appliance/updates");
        let action = "/appliance/updates/manual";
        let token = format!("form_token={}", page.token(action));
        let package = format!("package=@{}", file.display());
        self.run(action, &["--form", &token, "--form", &package, "--header", "Expect:"])
    }

    /// Reads the download key.
    pub fn key(&self) -> String {
        between(&self.get("/appliance/updates/key").text(), "readonly value=\"", "\"")
    }

    /// Hands a code in at the vendor.
    pub fn exchange(&self, code: &str) -> Answer {
        self.run("/updates", &["--data-urlencode", &format!("key={code}")])
    }
}
