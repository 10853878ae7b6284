//! Pushing and fetching over TLS, against curl at the same lab.

use crate::gauge::{Run, gauge, in_turn};
use crate::support::lab::Lab;
use crate::table::{Peak, Row, Table};
use crate::world::{FILE, INSIDE, OUTSIDE, TITLE, World};
use handcarry::testing::lab;
use handcarry::testing::media::Mode;
use std::path::PathBuf;
use std::process::Command;

/// The name the appliance is enrolled by.
pub const NAME: &str = "box";
/// What the vendor lists where base 3.4.0 and site 10.6.2 are there: one package.
const OFFERED: &str = "/download/2/Bomgar-11.1.1.nss";

/// A lab of this world, from its beginning.
pub fn start(world: &World, more: &[&str]) -> Lab {
    let dir = world.fast("lab");
    let _ = std::fs::remove_dir_all(&dir);
    let mut command = world.command(&INSIDE, &["lab", "--install-secs", "0.1", "--restart-secs", "0.1"]);
    command.args(more).arg("--dir").arg(&dir).env("HANDCARRY_HOME", world.path("lab-home"));
    Lab::by(command, &dir).ready()
}

/// Makes the appliance known to the inside, anew.
pub fn enroll(world: &World, lab: &Lab) {
    for of_others in ["inventory.toml", "certs", "journal", "marks", "backups"] {
        let path = world.path("home/inside").join(of_others);
        let _ = std::fs::remove_dir_all(&path);
        let _ = std::fs::remove_file(&path);
    }
    let driver = ["--driver", "bomgar", "--fingerprint", lab.fact("appliance_fingerprint")];
    world.run(&INSIDE, &[&lab.enrolling(NAME, "appliance", "appliance")[..], &driver].concat());
}

fn browser<'a>(lab: &'a Lab, world: &World) -> Browser<'a> {
    let jar = world.path("jar");
    let _ = std::fs::remove_file(&jar);
    Browser { lab, jar, scratch: world.path(".") }
}

/// curl with cookies.
struct Browser<'a> {
    lab: &'a Lab,
    jar: PathBuf,
    scratch: PathBuf,
}

impl Browser<'_> {
    /// Sends one request and returns what it cost and the page.
    fn ask(&self, url: &str, more: &[&str]) -> Run {
        let ca = if url.starts_with(&self.lab.facts.vendor) {
            &self.lab.facts.ca
        } else {
            &self.lab.facts.appliance_certificate
        };
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--fail", "--location", "--cacert"]).arg(ca);
        command.arg("--cookie").arg(&self.jar).arg("--cookie-jar").arg(&self.jar).args(more).arg(url);
        gauge(&command, &[0], &self.scratch)
    }

    /// The token of the form on `page` that is sent to `action`.
    fn token(page: &Run, action: &str) -> String {
        let form = page.out.split(&format!("action=\"{action}\"")).nth(1).expect("the form");
        let token = form.split("name=\"form_token\" value=\"").nth(1).expect("a token");
        format!("form_token={}", token.split('"').next().expect("its end"))
    }

    /// Logs in at the appliance and sends a package.
    fn upload(&self, file: &str) -> Run {
        let at = |path: &str| format!("{}{path}", self.lab.facts.appliance);
        let login = self.ask(&at("/appliance"), &[]);
        let token = Self::token(&login, "/appliance/login");
        let (user, password) = (format!("username={}", lab::USER), format!("password={}", lab::APPLIANCE_PASSWORD));
        self.ask(&at("/appliance/login"), &["--data-urlencode", &token, "--data", &user, "--data", &password]);
        let updates = self.ask(&at("/appliance/updates"), &[]);
        let token = Self::token(&updates, "/appliance/updates/manual");
        let package = format!("package=@{file}");
        // Only the package's own request counts, as it does on our side.
        let sent =
            self.ask(&at("/appliance/updates/manual"), &["--header", "Expect:", "--form", &token, "--form", &package]);
        let told = ["Installing", "not a software package"].iter().any(|words| sent.out.contains(words));
        assert!(told, "the lab says what it got: {}", sent.out);
        sent
    }
}

/// The upload within `push` against curl's. Each run has a lab of its own,
/// since an installed package is not taken again.
pub fn push(world: &World, rounds: usize, table: &mut Table) {
    let file = world.path("plain/packages").join(FILE).display().to_string();
    let ours = || {
        let lab = start(world, &[]);
        enroll(world, &lab);
        // A package of zeros is refused at its end, by either way it came.
        let codes: &[i32] = if world.load.sparse {
            &[i32::from(handcarry::testing::model::Exit::PackageRejected.code())]
        } else {
            &[0]
        };
        let plan = world.command(&INSIDE, &["--json", "plan", &world.text("stick"), NAME]);
        let told = gauge(&plan, &[0], &world.path("."));
        let agreed = told.event("first-press", "")["plan_sha256"].as_str().expect("a digest").to_owned();
        let push = world.command(&INSIDE, &["--json", "push", &world.text("stick"), NAME, "--agree", &agreed]);
        let run = gauge(&push, codes, &world.path("."));
        Run { secs: run.phase_secs(TITLE), ..run }
    };
    let curl = || {
        let lab = start(world, &[]);
        browser(&lab, world).upload(&file)
    };
    let mut runs = in_turn(rounds, false, &mut [Box::new(ours), Box::new(curl)]);
    let (curl, ours) = (runs.pop().expect("two"), runs.pop().expect("two"));
    table.peak(Peak::of("push", world.load, &ours));
    let limit = "the lab, which digests what it gets on one core; then TLS";
    let row = Row::new("push: the upload", "curl --form", world.load, 1.0, limit, &ours, &curl);
    // Ours has verified the whole bundle before, which is not part of the upload.
    table.row(Row { cpu_times: f64::NAN, ..row });
}

/// `fetch` against curl, which neither digests nor syncs; and against curl with
/// the two digests of what came made after it, as whoever needs them would.
pub fn fetch(world: &World, rounds: usize, table: &mut Table) {
    let mib = (world.load.bytes >> 20).to_string();
    let lab = start(world, &["--base", "3.4.0", "--site", "10.6.2", "--package-mib", &mib]);
    let (home, target) = (world.fast("fetched"), world.fast("curled"));
    let clear = || {
        let _ = std::fs::remove_dir_all(&home);
        let _ = std::fs::remove_file(&target);
        lab.restore();
        lab.code()
    };
    let ca = lab.facts.ca.display().to_string();
    let ours = || {
        handcarry::testing::media::write_durably(&world.path("code"), clear().as_bytes(), Mode::Private)
            .expect("written");
        let args = ["--json", "fetch", "--code-file", &world.text("code"), "--server", &lab.facts.vendor, "--ca", &ca];
        let mut listed = world.command(&OUTSIDE, &["vendor", "add", &lab.facts.vendor, "--by", "ana"]);
        assert!(listed.env("HANDCARRY_HOME", &home).output().expect("it runs").status.success());
        let mut fetch = world.command(&OUTSIDE, &args);
        fetch.env("HANDCARRY_HOME", &home);
        let run = gauge(&fetch, &[0], &world.path("."));
        assert!(run.event("progress", "")["done_bytes"].as_u64() >= Some(world.load.bytes), "{}", run.out);
        run
    };
    let curl = || {
        let key = format!("key={}", clear());
        let browser = browser(&lab, world);
        browser.ask(&format!("{}/updates", lab.facts.vendor), &["--data-urlencode", &key]);
        let run = browser.ask(&format!("{}{OFFERED}", lab.facts.vendor), &["--output", &target.display().to_string()]);
        assert!(target.metadata().expect("there").len() >= world.load.bytes);
        run
    };
    let with_digests = || {
        let run = curl();
        let mut digests = Command::new("sh");
        // Of the whole, and of each chunk.
        digests.arg("-c").arg("openssl dgst -sha256 \"$0\" && split -b 4M --filter 'openssl dgst -sha256' \"$0\"");
        digests.arg(&target);
        let then = gauge(&digests, &[0], &world.path("."));
        Run { secs: run.secs + then.secs, cpu_secs: run.cpu_secs + then.cpu_secs, ..run }
    };
    let mut runs = in_turn(rounds, false, &mut [Box::new(ours), Box::new(&curl), Box::new(with_digests)]);
    let (with_digests, curl) = (runs.pop().expect("three"), runs.pop().expect("three"));
    let ours = runs.pop().expect("three");
    table.peak(Peak::of("fetch", world.load, &ours));
    let limit = match world.in_memory() {
        true => "the processor: two SHA-256 of every byte, on the cores that the lab and TLS need too",
        false => "the disk: it waits until the disk has all of it, and curl does not",
    };
    table.row(Row::new("fetch", "curl --output", world.load, 0.95, limit, &ours, &curl));
    table.row(Row::new("fetch", "curl; openssl of both", world.load, 1.0, limit, &ours, &with_digests));
    let _ = std::fs::remove_dir_all(&home);
    let _ = std::fs::remove_file(&target);
}
