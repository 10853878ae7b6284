//! The readers of everything that comes from outside, one function each: it
//! takes any bytes, must not panic, and asserts what must hold of whatever the
//! reader accepts.
//!
//! Driven by `../smoke.rs` on any toolchain, and by libFuzzer:
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz TARGET`.

mod carried;
mod pages;
mod papers;
mod recovery;
mod sealed;
mod trusted;

pub use carried::{container, manifest, volumes};
pub use pages::{clock, form, names, profile};
pub use papers::{inventory, journal, receipt, request};
pub use recovery::recovery;
pub use sealed::sealed;
pub use trusted::{allowed_signers, policy, sshsig, trust_update};

/// A reader under test: its name, its function, and the seeds that the
/// fixtures give beside `corpus/<name>/`.
pub struct Target {
    /// The name, which is also its folder's under `corpus/`.
    pub name: &'static str,
    /// What is run on every input.
    pub run: fn(&[u8]),
    /// Folders under `fixtures/`, and the names there that are seeds.
    pub seeds: &'static [(&'static str, &'static [&'static str])],
    /// Pieces that are worth trying anywhere.
    pub words: &'static [&'static str],
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "manifest", run: manifest, seeds: &[], words: JSON },
    Target { name: "container", run: container, seeds: &[("bundle", &["b.zip"])], words: ZIP },
    Target { name: "sealed", run: sealed, seeds: &[], words: JSON },
    Target {
        name: "volumes",
        run: volumes,
        seeds: &[],
        words: &["b.zip.001:", "b.zip.999:", "b.zip", " ", "1024", "\n"],
    },
    Target { name: "recovery", run: recovery, seeds: &[], words: &["HCPARITY", "\0\0", "\u{1}", "\u{7f}"] },
    Target { name: "sshsig", run: sshsig, seeds: &[("trust/signature", &["signature.sig"])], words: ARMOR },
    Target {
        name: "allowed_signers",
        run: allowed_signers,
        seeds: &[("trust/signers", &["allowed_signers"]), ("trust/signature", &["allowed_signers"])],
        words: SIGNERS,
    },
    Target { name: "policy", run: policy, seeds: &[("trust/policy", &["policy.toml"])], words: TOML },
    Target { name: "trust_update", run: trust_update, seeds: &[], words: JSON },
    Target { name: "request", run: request, seeds: &[], words: JSON },
    Target { name: "receipt", run: receipt, seeds: &[], words: JSON },
    Target { name: "inventory", run: inventory, seeds: &[], words: TOML },
    Target { name: "profile", run: profile, seeds: &[], words: TOML },
    Target { name: "journal", run: journal, seeds: &[], words: JSON },
    Target { name: "clock", run: clock, seeds: &[], words: CLOCK },
    Target {
        name: "names",
        run: names,
        seeds: &[],
        words: &["..", "/", "\\", "con", "com1", ".", "-", "é", "\u{202e}"],
    },
    Target { name: "form", run: form, seeds: &[("pages", &[".html"])], words: MARKUP },
];

const JSON: &[&str] = &[
    "null",
    "true",
    "-1",
    "1e9",
    "18446744073709551615",
    "\"\"",
    "{}",
    "[]",
    ",",
    "\\u0000",
    "\\ud800",
    "\\\"",
    "\n",
    "0",
    "\"format\": 1",
    "\u{feff}",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "é",
    "[[[[[[[[",
];
const ZIP: &[&str] = &[
    "PK\u{1}\u{2}",
    "PK\u{3}\u{4}",
    "PK\u{5}\u{6}",
    "PK\u{6}\u{6}",
    "PK\u{6}\u{7}",
    "manifest.json",
    "../",
    "packages/",
    "\0\0",
];
const ARMOR: &[&str] =
    &["-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----", "=", "U1NIU0lH", "\n", "\r\n", "AAAA", " "];
const SIGNERS: &[&str] = &[
    "ssh-ed25519 ",
    "ssh-rsa ",
    "namespaces=\"",
    "valid-after=\"",
    "valid-before=\"",
    "cert-authority",
    "20260101Z",
    "\"",
    "\\\"",
    "*",
    "?",
    "!",
    ",",
    "#",
    "\n",
    "\r",
    "\t",
    " ",
    "handcarry-bundle",
    "20260101120000",
];
const TOML: &[&str] = &[
    "[",
    "]",
    "[[",
    "=",
    "\"",
    "'''",
    "\"\"\"",
    "\n",
    "#",
    ".",
    "{",
    "}",
    "threshold",
    "trust_threshold",
    "renew_by",
    "revoked",
    "true",
    "9223372036854775808",
    "1979-05-27",
    "\\u0000",
];
const CLOCK: &[&str] =
    &["UTC", "Z", "+14:00", "-0300", "pm", "12", "2026", "/", ":", "nov", "ter", "t", " de ", "th", "24", "-", "."];
const MARKUP: &[&str] = &[
    "<form action=x method=post>",
    "</form>",
    "<table>",
    "<tr><td>",
    "<label for=i>A",
    "<label>A<input id=i name=n value=v>",
    "<select name=s><option>A<option selected>B",
    "<input type=file name=f>",
    "<button name=b>A</button>",
    "<h2>A</h2>",
    "<fieldset disabled><legend>A",
    "<dl><dt>A<dd>",
    "<a href='?A'>A</a>",
    "<code>",
    "A: B",
    "<b>",
    "<template>",
    "<svg>",
    "<!--",
    "<plaintext>",
    "<base href=//x>",
    "form=f",
    "id=f",
    "<input type=hidden name=t value=1>",
    "&#0;",
    "<meta charset=utf-16>",
    "content-type: text/html; charset=shift_jis\n",
];

/// The text in `data`, if it is text.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// What an error says is fit to be shown, whatever it is about.
fn shown(message: &str) {
    let odd = message.chars().find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c));
    assert!(odd.is_none(), "{odd:?} in {message:?}");
}
