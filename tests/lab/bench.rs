//! A lab of one's own, and a browser that is curl.

use handcarry::lab::{self, Fault, LabFacts, LabOptions, control};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Longest wait for anything the lab does by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running lab; dropping it stops it.
pub struct Bench {
    pub facts: LabFacts,
    pub dir: PathBuf,
    _folder: tempfile::TempDir,
    lab: Option<JoinHandle<()>>,
}

impl Bench {
    pub fn start(change: impl FnOnce(&mut LabOptions)) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().join("lab");
        let mut options = LabOptions::new(&dir);
        options.package_bytes = 300_000;
        options.install = Duration::from_millis(700);
        options.restart = Duration::from_millis(500);
        change(&mut options);
        let (ready, wait) = mpsc::channel();
        let lab = std::thread::spawn(move || {
            lab::run(options, |facts| ready.send(facts.clone()).expect("someone waits")).expect("the lab runs");
        });
        let facts = wait.recv_timeout(PATIENCE).expect("the lab gets ready");
        assert_eq!(LabFacts::read(&dir).expect("lab.json reads"), facts);
        Bench { facts, dir, _folder: folder, lab: Some(lab) }
    }

    pub fn with_faults(faults: &[Fault]) -> Bench {
        Bench::start(|options| options.faults = faults.to_vec())
    }

    pub fn state(&self) -> Value {
        control::state(&self.dir).expect("the lab tells its state")
    }

    pub fn arm(&self, fault: Fault) {
        control::fault(&self.dir, fault, true).expect("the fault is armed");
    }

    /// A file in the bench's own folder.
    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.join(name);
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

impl Drop for Bench {
    fn drop(&mut self) {
        let stopped = control::stop(&self.dir);
        if let Some(lab) = self.lab.take() {
            let ended = lab.join();
            assert!(std::thread::panicking() || (stopped.is_ok() && ended.is_ok()), "the lab stops when told to");
        }
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
    fn new(_: &Bench, base: &str, ca: &Path) -> Self {
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
