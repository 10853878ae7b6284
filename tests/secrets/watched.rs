//! Both programs, watched while they run.

use crate::support::home::{Home, files};
use crate::support::said::{Said, finish};
use std::ops::Deref;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// A home, a stick, and all that was said so far.
pub struct Watched {
    home: Home,
    /// Each run: what was typed, its exit code, all that it said, its arguments as the system showed them.
    pub runs: Vec<Run>,
}

pub struct Run {
    pub typed: String,
    pub code: i32,
    pub out: String,
    pub err: String,
    seen: Vec<u8>,
}

impl Deref for Watched {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Watched {
    pub fn new() -> Self {
        let bench = Watched { home: Home::new(), runs: Vec::new() };
        for below in ["tmp", "given"] {
            std::fs::create_dir(bench.path(below)).expect("a folder");
        }
        bench
    }

    /// A file that holds a secret, as a person would give it.
    pub fn given(&self, name: &str, secret: &str) -> String {
        self.private(&format!("given/{name}"), &format!("{secret}\n"))
    }

    /// Runs a program, looking at its arguments as other users see them.
    pub fn run(&mut self, program: &str, args: &[&str], input: &str, env: &[(&str, &str)]) -> &Run {
        let mut command: Command = self.command(program, args);
        command.envs(env.iter().copied()).env("TMPDIR", self.path("tmp"));
        let child = command.spawn().expect("starts");
        let cmdline = format!("/proc/{}/cmdline", child.id());
        let watch = std::thread::spawn(move || {
            let mut seen = Vec::new();
            while let Ok(bytes) = std::fs::read(&cmdline)
                && (seen.is_empty() || !bytes.is_empty())
            {
                if !seen.ends_with(&bytes) {
                    seen.extend(bytes);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            seen
        });
        let Said { code, out, err } = finish(child, input);
        let seen = watch.join().expect("watches");
        self.runs.push(Run { typed: args.join(" "), code, out, err, seen });
        self.runs.last().expect("just pushed")
    }

    /// Runs a program that must end so.
    #[track_caller]
    pub fn ends(&mut self, code: i32, program: &str, args: &[&str], input: &str) -> (String, String) {
        let run = self.run(program, args, input, &[]);
        assert_eq!(run.code, code, "{}\n{}\n{}", run.typed, run.out, run.err);
        (run.out.clone(), run.err.clone())
    }

    /// Where a secret shows that may not: what was said, arguments, files
    /// below the folder but those that `may` allows.
    pub fn found(&self, secrets: &[(&str, &str)], may: impl Fn(&Path, &str) -> bool) -> Vec<String> {
        let secrets: Vec<(&str, Vec<Vec<u8>>)> = secrets.iter().map(|(what, secret)| (*what, forms(secret))).collect();
        let has = |bytes: &[u8], forms: &[Vec<u8>]| forms.iter().any(|form| holds(bytes, form));
        let mut found = Vec::new();
        for run in &self.runs {
            let out = beside_the_code(&run.out);
            for (place, bytes) in [("stdout", out.as_bytes()), ("stderr", run.err.as_bytes()), ("argv", &run.seen)] {
                let shown = secrets.iter().filter(|(_, forms)| has(bytes, forms));
                found.extend(shown.map(|(what, _)| format!("{what} in the {place} of: {}", run.typed)));
            }
        }
        for path in files(self.root()) {
            let below = path.strip_prefix(self.root()).expect("below");
            let bytes = std::fs::read(&path).expect("readable");
            for (what, forms) in &secrets {
                if has(below.as_os_str().as_encoded_bytes(), forms) || !may(below, what) && has(&bytes, forms) {
                    found.push(format!("{what} in {}", below.display()));
                }
            }
        }
        found
    }
}

/// What was said but for the one line of `request` that tells the code, for
/// those who carry it on paper.
fn beside_the_code(out: &str) -> String {
    out.lines().filter(|line| !line.starts_with("download code: ")).collect::<Vec<_>>().join("\n")
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// A secret as it is, in base64 at each alignment, in hex, percent-encoded, and as JSON.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let percent = |space: &str| -> String {
        let one = |b: &u8| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(*b).to_string(),
            b' ' => space.to_owned(),
            b => format!("%{b:02X}"),
        };
        bytes.iter().map(one).collect()
    };
    let json = serde_json::to_string(secret).expect("text").trim_matches('"').to_owned();
    let mut forms: Vec<String> =
        vec![secret.to_owned(), hex.clone(), hex.to_uppercase(), percent("+"), percent("%20"), json];
    for skip in 0..3 {
        let shifted = [&[0u8; 2][..skip], bytes].concat();
        let text = base64(&shifted);
        // The first and last groups hold neighbours' bits.
        let (from, to) = (if skip == 0 { 0 } else { 4 }, text.len() / 4 * 4 - 4);
        forms.extend(text.get(from..to).filter(|middle| middle.len() >= 12).map(str::to_owned));
    }
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, b| bits << 8 | u32::from(*b)) << (8 * (3 - group.len()));
        (0..=group.len()).for_each(|place| text.push(DIGITS[(bits >> (18 - 6 * place) & 63) as usize].into()));
    }
    text
}

#[test]
fn a_secret_is_found_in_every_form() {
    let mut bench = Watched::new();
    for (name, text) in [
        ("plain", "x pass word&1234 y"),
        ("hex", "7061737320776f72642631323334"),
        ("percent", "p=pass+word%261234"),
        ("base64", "eCBwYXNzIHdvcmQmMTIzNCB5"),
    ] {
        std::fs::write(bench.path(name), text).expect("written");
        let found = bench.found(&[("it", "pass word&1234")], |_, _| false);
        assert!(found.iter().any(|place| place == &format!("it in {name}")), "{name}: {found:?}");
    }
    bench.run("/bin/echo", &["pass word&1234"], "", &[]);
    assert!(bench.found(&[("it", "pass word&1234")], |_, _| true).iter().any(|place| place.contains("stdout")));
}
