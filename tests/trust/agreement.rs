//! allowed_signers, read here and by the real `ssh-keygen -Y verify`.

use crate::trust::stock::{Check, Context, at, line, text};
use crate::trust::token::one_of_each;
use handcarry::testing::model::Timestamp;
use handcarry::testing::trust::{AllowedSigners, LineOptions, Namespace, PublicKey};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::process::Command;

const MESSAGE: &[u8] = b"the manifest\n";

/// What is said here on the question put to ssh-keygen; `None` where the file
/// is refused as a whole.
pub(super) fn permits(
    signers: &str,
    principal: &str,
    key: &PublicKey,
    namespace: Namespace,
    at: Timestamp,
) -> Option<bool> {
    let signers = AllowedSigners::parse(signers).ok()?;
    Some(
        signers
            .entries()
            .iter()
            .any(|entry| entry.key == *key && entry.is_named(principal) && entry.permits(namespace, at).is_ok()),
    )
}

/// What both say of one line for alice, who signed a bundle in March 2026.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Both {
    Accept,
    Refuse,
    /// ssh-keygen skips the faulty line with a message; here it refuses the file.
    Faulty,
    /// ssh-keygen reads it, and the stricter rule here is on purpose.
    OnlyThere,
}

#[test]
fn single_lines_get_the_same_verdict() {
    use Both::*;
    let context = Context::new();
    let signer = context.signer("alice");
    let key = signer.public().openssh();
    let blob = key.split(' ').nth(1).expect("base64").to_owned();
    let other = context.signer("bob").public().openssh();
    let signature = signer.sign(Namespace::Bundle, MESSAGE).expect("signs");
    let when = at("2026-03-04T05:06:07Z");
    let k = |before: &str| format!("{before} {key}\n");
    let rows = [
        (k("alice"), Accept),
        (k("bob"), Refuse),
        (format!("alice {other}\n"), Refuse),
        (format!("alice ssh-ed25519 {blob}"), Accept),
        (format!("alice ssh-ed25519 {blob}\r\n"), Accept),
        (format!("# comment\n\n   \n \t# another\nalice\t ssh-ed25519 \t {blob}\tcomment with words\n"), Accept),
        (format!("  alice ssh-ed25519 {blob}\n"), Accept),
        // Names.
        (k("bob,alice,carol"), Accept),
        (k("al*"), Accept),
        (k("?????"), Accept),
        (k("??????"), Refuse),
        (k("Alice"), Refuse),
        (k("*,!alice"), Refuse),
        (k("!alice,*"), Refuse),
        (k("*,!bob"), Accept),
        (k("!bob"), Refuse),
        (k("alice,"), Accept),
        (k("\"alice\""), Accept),
        (k("\"bob,alice\""), Accept),
        (k("al\"ice\""), Accept),
        (k("\"alice"), Faulty),
        // Namespaces.
        (k("alice namespaces=\"handcarry-bundle\""), Accept),
        (k("alice NameSpaces=\"handcarry-bundle\""), Accept),
        (k("alice namespaces=\"file,handcarry-*\""), Accept),
        (k("alice namespaces=\"handcarry-*,!handcarry-bundle\""), Refuse),
        (k("alice namespaces=\"file\""), Refuse),
        (k("alice namespaces=\"\""), Refuse),
        (k("alice namespaces=\"HANDCARRY-BUNDLE\""), Refuse),
        (k("alice namespaces=handcarry-bundle"), Faulty),
        (k("alice namespaces=\"handcarry-bundle"), Faulty),
        (k("alice namespaces=\"a\",namespaces=\"handcarry-bundle\""), Faulty),
        (k("alice namespaces=\"a b,handcarry-bundle\""), Accept),
        (k("alice namespaces=\"a\\\"b,handcarry-bundle\""), Accept),
        // Times; both ends belong to the span.
        (k("alice valid-after=\"20260304050607Z\""), Accept),
        (k("alice valid-after=\"20260304050608Z\""), Refuse),
        (k("alice valid-before=\"20260304050607Z\""), Accept),
        (k("alice valid-before=\"20260304050606Z\""), Refuse),
        (k("alice valid-after=\"20260304Z\",valid-before=\"20260305Z\""), Accept),
        (k("alice valid-after=\"202603040506Z\""), Accept),
        (k("alice valid-after=\"202603040507Z\""), Refuse),
        (k("alice valid-after=\"20260304050607UTC\""), Accept),
        (k("alice valid-after=\"20260304050607z\""), Accept),
        (k("alice valid-after=\"20260304050607utc\""), Accept),
        (k("alice valid-after=\"20260305Z\",valid-before=\"20260304Z\""), Faulty),
        (k("alice valid-after=\"20260304Z\",valid-before=\"20260304Z\""), Faulty),
        (k("alice valid-after=\"2026\""), Faulty),
        (k("alice valid-after=\"20261301Z\""), Faulty),
        (k("alice valid-after=\"2026-03-04Z\""), Faulty),
        (k("alice valid-after=\"\""), Faulty),
        (k("alice valid-after=\"19700101Z\""), Faulty),
        (k("alice valid-after=\"20250101Z\",valid-after=\"20250101Z\""), Faulty),
        (k("alice valid-after=\"20250229Z\""), OnlyThere),
        // Options in general.
        (k("alice namespaces=\"handcarry-bundle\",valid-before=\"20300101Z\""), Accept),
        (k("alice cert-authority"), Refuse),
        (k("alice cert-authority,namespaces=\"handcarry-bundle\""), Refuse),
        (k("alice no-such-option"), Faulty),
        (k("alice namespaces=\"handcarry-bundle\",no-such-option"), Faulty),
        (k("alice namespaces=\"handcarry-bundle\","), Faulty),
        (k("alice ,namespaces=\"handcarry-bundle\""), Accept),
        (k("alice namespaces=\"handcarry-bundle\",,valid-before=\"20300101Z\""), Accept),
        (k("alice namespaces=\"handcarry-bundle\" valid-before=\"20300101Z\""), Faulty),
        // Keys.
        ("alice\n".to_owned(), Faulty),
        ("alice ssh-ed25519\n".to_owned(), Faulty),
        ("alice ssh-ed25519 AAAA\n".to_owned(), Faulty),
        (format!("alice ssh-ed25519 {}\n", &blob[..60]), Faulty),
        (format!("alice ssh-rsa {blob}\n"), Refuse),
        (format!("alice ED25519 {blob}\n"), Faulty),
        (format!("alice {blob}\n"), Faulty),
        (format!("alice sk-ssh-ed25519@openssh.com {blob}\n"), Faulty),
        (format!("alice ecdsa-sha2-nistp256 {blob}\n"), Faulty),
        // What sshd asks of a security key stands in authorized_keys, and is no option here.
        (k("alice no-touch-required"), Faulty),
        (k("alice verify-required"), Faulty),
        (k("alice namespaces=\"handcarry-bundle\",verify-required"), Faulty),
        // Several lines.
        (format!("alice {other}\nalice {key}\n"), Accept),
        (format!("bob {key}\nalice {key}\n"), Accept),
        (format!("alice namespaces=\"file\" {key}\nalice {key}\n"), Accept),
        (format!("alice valid-before=\"20250101Z\" {key}\nalice valid-after=\"20260101Z\" {key}\n"), Accept),
        (format!("bob nonsense {key}\nalice {key}\n"), OnlyThere),
    ];
    for (signers, expected) in rows {
        let question = Check { at: Some(when), ..Check::new(&signers, MESSAGE, signature.as_bytes()) };
        let there = context.verifies(&question);
        let here = permits(&signers, "alice", signer.public(), Namespace::Bundle, when);
        let verdict = match (there, here) {
            (true, Some(true)) => Accept,
            (false, Some(false)) => Refuse,
            (false, None) => Faulty,
            (true, None) => OnlyThere,
            (_, here) => panic!("ssh-keygen says {there}, we say {here:?}: {signers}"),
        };
        assert_eq!(verdict, expected, "{signers}");
    }
}

/// Any file of well-formed lines gets one verdict from both, whoever signed.
#[test]
fn any_well_formed_file_gets_the_same_verdict() {
    let context = Context::new();
    let signers = one_of_each();
    let keys: Vec<String> = signers.iter().map(|signer| signer.public().openssh()).collect();
    let base = at("2026-03-04T05:06:07Z");
    let counts = [Cell::new(0u32), Cell::new(0)];
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let strategy = (
        proptest::collection::vec(line_strategy(), 1..4),
        prop_oneof![Just("alice"), Just("bob"), Just("carol@example.com")],
        0usize..4,
        proptest::sample::select(Namespace::ALL.to_vec()),
        -2i64..3,
    );
    runner
        .run(&strategy, |(lines, principal, who, namespace, days)| {
            let file: String = lines.iter().map(|line| line.text(&keys)).collect();
            let when = base.plus_secs(days * 86_400);
            let signature = signers[who].sign(namespace, MESSAGE);
            let there = context.verifies(&Check {
                principal,
                namespace: namespace.as_str(),
                at: Some(when),
                ..Check::new(&file, MESSAGE, &signature)
            });
            let here = permits(&file, principal, &signers[who].public(), namespace, when);
            counts[usize::from(there)].update(|count| count + 1);
            prop_assert_eq!(here, Some(there), "{} {:?} {} {}", principal, namespace, when, file);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(counts.iter().all(|count| count.get() > 20), "both verdicts must be exercised: {counts:?}");
}

#[derive(Debug, Clone)]
pub(super) struct AnyLine {
    names: Vec<&'static str>,
    quoted: bool,
    namespaces: Option<Vec<&'static str>>,
    after: Option<i64>,
    before: Option<i64>,
    authority: bool,
    reversed: bool,
    pub(super) key: usize,
    space: &'static str,
}

pub(super) fn line_strategy() -> impl Strategy<Value = AnyLine> {
    let name = prop_oneof![
        4 => Just("alice"), 2 => Just("bob"), 1 => Just("*@example.com"), 2 => Just("*"), 1 => Just("!bob"),
        1 => Just("a?ice"), 1 => Just("!*@example.com"), 1 => Just("ALICE"), 1 => Just("carol@*")
    ];
    let namespace = prop_oneof![
        4 => Just("handcarry-bundle"), 2 => Just("handcarry-*"), 1 => Just("handcarry-re*"), 1 => Just("file"),
        1 => Just("!handcarry-trust"), 1 => Just("*")
    ];
    (
        proptest::collection::vec(name, 1..4),
        any::<bool>(),
        proptest::option::weighted(0.4, proptest::collection::vec(namespace, 0..3)),
        proptest::option::weighted(0.3, -3i64..1),
        proptest::option::weighted(0.3, 1i64..4),
        proptest::bool::weighted(0.1),
        any::<bool>(),
        0usize..4,
        prop_oneof![Just(" "), Just("\t"), Just("  \t")],
    )
        .prop_map(|(names, quoted, namespaces, after, before, authority, reversed, key, space)| AnyLine {
            names,
            quoted,
            namespaces,
            after,
            before,
            authority,
            reversed,
            key,
            space,
        })
}

impl AnyLine {
    pub(super) fn text(&self, keys: &[String]) -> String {
        let base = at("2026-03-04T05:06:07Z");
        let stamp = |days: &i64| crate::trust::stock::stamp(base.plus_secs(days * 86_400));
        let mut options = Vec::new();
        options.extend(self.authority.then(|| "cert-authority".to_owned()));
        options.extend(self.namespaces.as_ref().map(|list| format!("namespaces=\"{}\"", list.join(","))));
        options.extend(self.after.as_ref().map(|days| format!("valid-after=\"{}\"", stamp(days))));
        options.extend(self.before.as_ref().map(|days| format!("valid-before=\"{}\"", stamp(days))));
        if self.reversed {
            options.reverse();
        }
        let names = self.names.join(",");
        let names = if self.quoted { format!("\"{names}\"") } else { names };
        let mut words = vec![names];
        words.extend((!options.is_empty()).then(|| options.join(",")));
        words.push(keys[self.key].clone());
        format!("{}\n", words.join(self.space))
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = AllowedSigners::parse(&text);
        let _ = PublicKey::parse(&text);
    }

    #[test]
    fn no_nearly_right_line_makes_the_reader_panic(
        line in "(\"|alice|,|!|\\*| |\t|=|\\\\|ssh-ed25519|ecdsa-sha2-nistp256|sk-ssh-ed25519@openssh.com|namespaces|valid-after|valid-before|cert-authority|2026|Z|AAAAC3|\r|\n|é|#){0,24}"
    ) {
        let _ = AllowedSigners::parse(&line);
    }

    #[test]
    fn a_rendered_line_reads_back_as_what_was_meant(
        name in "[a-z@.*?! #]{1,12}",
        namespaces in proptest::option::of(proptest::collection::vec("[a-z\"* -]{1,8}", 1..3)),
        after in proptest::option::of(1i64..4_000_000_000),
        span in proptest::option::of(1i64..4_000_000_000),
    ) {
        let options = LineOptions {
            namespaces,
            valid_after: after.and_then(Timestamp::from_unix),
            valid_before: span.and_then(|span| Timestamp::from_unix(after.unwrap_or(0) + span)),
            cert_authority: false,
        };
        let key = PublicKey::parse(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea comment",
        ).expect("a key of RFC 8032");
        let line = AllowedSigners::render_line(&name, &key, &options).expect("writes");
        let read = AllowedSigners::parse(&line).expect("reads");
        prop_assert_eq!(read.entries().len(), 1);
        prop_assert_eq!(&read.entries()[0].options(), &options);
        prop_assert_eq!(read.entries()[0].principals.join(","), name);
        prop_assert_eq!(read.entries()[0].key.openssh(), key.openssh());
    }
}

#[test]
fn a_rendered_line_is_one_ssh_keygen_reads() {
    let context = Context::new();
    let signer = context.signer("alice");
    let signature = signer.sign(Namespace::Receipt, MESSAGE).expect("signs");
    let options = LineOptions {
        valid_after: Some(at("2026-01-01T00:00:00Z")),
        valid_before: Some(at("2027-01-01T00:00:00Z")),
        ..LineOptions::only_for(&[Namespace::Request, Namespace::Receipt])
    };
    let line = AllowedSigners::render_line("alice smith,alice", signer.public(), &options).expect("writes");
    for (principal, namespace, when, expected) in [
        ("alice", "handcarry-receipt", "2026-06-01T00:00:00Z", true),
        ("alice smith", "handcarry-receipt", "2026-06-01T00:00:00Z", true),
        ("alice", "handcarry-receipt", "2027-06-01T00:00:00Z", false),
        ("bob", "handcarry-receipt", "2026-06-01T00:00:00Z", false),
        ("alice", "handcarry-bundle", "2026-06-01T00:00:00Z", false),
    ] {
        let check =
            Check { principal, namespace, at: Some(at(when)), ..Check::new(&line, MESSAGE, signature.as_bytes()) };
        assert_eq!(context.verifies(&check), expected, "{principal} {namespace} {when}: {line}");
    }
}

#[test]
fn names_that_would_break_a_line_are_refused() {
    let context = Context::new();
    let signer = context.signer("alice");
    for name in ["", "a\"b", "a\nb", "a\0b", "a\u{1b}b", ","] {
        let line = AllowedSigners::render_line(name, signer.public(), &LineOptions::default());
        assert!(line.is_err(), "{name:?}: {line:?}");
    }
}

/// Times without Z are local; each zone is tried in a child with its own TZ,
/// since a running test can't set that soundly. The child is this very test,
/// told by its environment to answer instead.
#[test]
fn local_times_are_those_of_ssh_keygen() {
    if let Ok(time) = std::env::var("HANDCARRY_TEST_TIME") {
        return answer_local_time(&time);
    }
    let context = Context::new();
    let signer = context.signer("alice");
    let signature = signer.sign(Namespace::Bundle, MESSAGE).expect("signs");
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Kathmandu",
        "EST5EDT,M3.2.0,M11.1.0",
        "CET-1CEST,M3.5.0,M10.5.0/3",
    ];
    let times =
        ["20260115", "202607011200", "20260329023000", "20261025023000", "20261101013000", "20180704", "20350704"];
    for zone in zones {
        for time in times {
            let child = Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "trust::agreement::local_times_are_those_of_ssh_keygen", "--nocapture"])
                .env("TZ", zone)
                .env("HANDCARRY_TEST_TIME", time)
                .env("HANDCARRY_TEST_OUT", context.path("time"))
                .output()
                .expect("the child runs");
            assert!(child.status.success(), "{zone} {time}: {}", text(&child));
            let seconds = std::fs::read_to_string(context.path("time")).expect("the child's answer");
            let here = Timestamp::from_unix(seconds.parse().expect("a number")).expect("a time");
            let signers = format!("alice valid-before=\"{time}\" {}\n", signer.public().openssh());
            for (when, expected) in [(here, true), (here.plus_secs(1), false)] {
                let check =
                    Check { at: Some(when), zone: Some(zone), ..Check::new(&signers, MESSAGE, signature.as_bytes()) };
                assert_eq!(context.verifies(&check), expected, "{time} in {zone} is {here} here");
            }
        }
    }
}

fn answer_local_time(time: &str) {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
    let signers = AllowedSigners::parse(&format!("a valid-before=\"{time}\" {key}")).expect("reads");
    let before = signers.entries()[0].valid_before.expect("was given");
    let out = std::env::var_os("HANDCARRY_TEST_OUT").expect("the parent names it");
    std::fs::write(out, before.unix().to_string()).expect("written");
}

#[test]
fn a_line_helper_is_a_line() {
    // The other rooms print such lines for `trust add`.
    let context = Context::new();
    let signer = context.signer("alice");
    let rendered = AllowedSigners::render_line("alice", signer.public(), &LineOptions::default()).expect("writes");
    assert_eq!(format!("{rendered}\n"), line("alice", signer.public()));
}
