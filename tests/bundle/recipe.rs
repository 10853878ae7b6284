//! The recipes that auditors follow without handcarry, run as they are printed:
//! README.md, the bundle's README.txt and handcarry-bundle(5). They pass a good
//! bundle and fail on every one that was changed, SHA256SUMS along with it.

use crate::bundle::kit::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is printed, and the shell's lines in it.
struct Recipe {
    whence: &'static str,
    lines: String,
}

fn printed(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// README.md: the block under the heading.
fn of_readme_md() -> Recipe {
    let text = printed("README.md");
    let section = text.split("## Checking a bundle without handcarry").nth(1).expect("the section is there");
    let block = section.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block of shell");
    Recipe { whence: "README.md", lines: block.to_owned() }
}

/// README.txt: what follows `Linux:` and is indented more deeply.
fn of_readme_txt(text: &str) -> Recipe {
    let (english, portuguese) = text.split_once("\nEM PORTUGUÊS\n").expect("both languages");
    let recipe = shell_lines(english);
    assert_eq!(recipe.lines, shell_lines(portuguese).lines, "both say to type the same");
    recipe
}

fn shell_lines(text: &str) -> Recipe {
    let mut lines = String::new();
    let mut inside = false;
    for line in text.lines() {
        let deep = line.starts_with("             ");
        inside = line.starts_with("   Linux:    ") || inside && deep;
        if inside {
            lines.push_str(&line[13..]);
            lines.push('\n');
        }
    }
    Recipe { whence: "README.txt", lines }
}

/// The manual page: the literal block of its examples.
fn of_the_page() -> Recipe {
    let text = printed("man/handcarry-bundle.5");
    let examples = text.split(".Sh EXAMPLES").nth(1).expect("the section is there");
    let block = examples.split(".Bd -literal -offset indent\n").nth(1).and_then(|rest| rest.split(".Ed").next());
    Recipe { whence: "handcarry-bundle(5)", lines: block.expect("a literal block").replace("\\e", "\\") }
}

impl Recipe {
    /// Follows it in a folder where the bundle and the auditor's file lie;
    /// whether every line went well, and what was said.
    fn follow(&self, at: &Path) -> (bool, String) {
        let lines = self
            .lines
            .replace("NAME", "b")
            .replace("ana@outside", WHO)
            .replace("WHO", WHO)
            .replace("SERIAL", "LAB-0001-BG");
        let lines = lines.replace("manifest.json.N.sig", "manifest.json.1.sig");
        let done = Command::new("bash").args(["-e", "-o", "pipefail", "-c", &lines]).current_dir(at).output();
        let done = done.expect("bash is there");
        (done.status.success(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned())
    }
}

/// A sealed bundle as it is unpacked, to be changed and packed again.
struct Unpacked(tempfile::TempDir);

impl Unpacked {
    fn sealed() -> Unpacked {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &[bytes(1, 300_000), bytes(2, 300_000), bytes(3, 100)], None);
        shell(dir.path(), "unzip -q b.zip -d b");
        Unpacked(dir)
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join("b").join(below)
    }

    /// Makes SHA256SUMS agree with what lies there, as whoever changed it would.
    fn sums(&self) {
        shell(&self.path(""), "sha256sum manifest.json README.txt packages/* > S && mv S SHA256SUMS");
    }

    /// The bundle in two volumes, beside the auditor's file.
    fn packed(&self) -> tempfile::TempDir {
        let at = tempfile::tempdir().unwrap();
        let pack = "import os, sys, zipfile\n\
                    with zipfile.ZipFile(sys.argv[1], 'w') as z:\n\
                    \x20   for name in ['manifest.json', 'manifest.json.1.sig', 'SHA256SUMS', 'README.txt']:\n\
                    \x20       z.write(name)\n\
                    \x20   for name in sorted(os.listdir('packages')):\n\
                    \x20       z.write('packages/' + name)";
        let whole = self.0.path().join("packed.zip");
        let done = Command::new("python3").args(["-c", pack]).arg(&whole).current_dir(self.path("")).status();
        assert!(done.expect("python3 is there").success());
        shell(at.path(), &format!("split -n 2 -d -a 3 --numeric-suffixes=1 '{}' b.zip.", whole.display()));
        std::fs::write(at.path().join("allowed_signers"), &KEY.line).unwrap();
        at
    }
}

fn shell(at: &Path, line: &str) {
    let done = Command::new("sh").args(["-c", line]).current_dir(at).output().expect("sh is there");
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
}

/// Each recipe, as printed.
fn recipes(bundle: &Unpacked) -> Vec<Recipe> {
    let text = std::fs::read_to_string(bundle.path("README.txt")).unwrap();
    vec![of_readme_md(), of_readme_txt(&text), of_the_page()]
}

#[test]
fn the_recipes_pass_a_good_bundle_and_show_what_it_was_signed_for() {
    let good = Unpacked::sealed();
    for recipe in recipes(&good) {
        let at = good.packed();
        let (well, said) = recipe.follow(at.path());
        assert!(well, "{}: {said}", recipe.whence);
        assert!(said.contains("Good \"handcarry-bundle\" signature"), "{}: {said}", recipe.whence);
        assert_eq!(said.matches(": OK").count(), 3, "{}: {said}", recipe.whence);
        assert!(said.contains("\"serial\": \"LAB-0001-BG\"") && said.contains("\"sequence\": 7"), "{said}");
        // Not split: the first line is for volumes only.
        shell(at.path(), "rm -rf bundle packages *.json* README.txt SHA256SUMS; cat b.zip.0* > b.zip; rm b.zip.0*");
        let (first, rest) = recipe.lines.split_once('\n').expect("several lines");
        let first = first.split_once("&&").map_or("", |(_, unzip)| unzip);
        let (well, said) = Recipe { whence: recipe.whence, lines: format!("{first}\n{rest}") }.follow(at.path());
        assert!(well, "{}: {said}", recipe.whence);
    }
}

#[test]
fn the_recipes_fail_on_every_changed_bundle_though_sha256sums_agrees() {
    type Change = fn(&Unpacked);
    let changes: [(&str, Change); 9] = [
        ("four bytes", |b| {
            let file = b.path("packages/package-0.nss");
            let mut content = std::fs::read(&file).unwrap();
            content[70_000..70_004].copy_from_slice(b"XXXX");
            std::fs::write(file, content).unwrap();
        }),
        ("two packages swapped", |b| {
            shell(&b.path("packages"), "mv package-0.nss x; mv package-1.nss package-0.nss; mv x package-1.nss");
        }),
        ("a package under another name", |b| shell(&b.path("packages"), "mv package-2.nss package-3.nss")),
        ("a package too many", |b| shell(&b.path("packages"), "cp package-2.nss extra.nss")),
        ("a hidden package too many", |b| shell(&b.path("packages"), "cp package-2.nss .extra.nss")),
        ("a package missing", |b| shell(&b.path("packages"), "rm package-1.nss")),
        ("no package", |b| shell(&b.path("packages"), "rm * && touch package-0.nss")),
        ("the manifest's digest as well", |b| {
            shell(
                &b.path(""),
                "echo changed > packages/package-2.nss; new=$(sha256sum packages/package-2.nss | cut -c1-64); \
                 old=$(grep -A9 package-2.nss manifest.json | grep sha256 | cut -d'\"' -f4); \
                 [ -n \"$old\" ] && sed -i \"s/$old/$new/g\" manifest.json",
            );
        }),
        ("a manifest that a stranger signed", |b| {
            shell(
                &b.path(""),
                "ssh-keygen -q -t ed25519 -N '' -f k && rm manifest.json.1.sig && \
                 ssh-keygen -q -Y sign -n handcarry-bundle -f k manifest.json && mv manifest.json.sig manifest.json.1.sig",
            );
        }),
    ];
    for (what, change) in changes {
        let changed = Unpacked::sealed();
        change(&changed);
        changed.sums();
        for recipe in recipes(&changed) {
            let (well, said) = recipe.follow(changed.packed().path());
            assert!(!well, "{} passes {what}: {said}", recipe.whence);
        }
    }
}

#[test]
fn the_recipes_say_where_the_signers_come_from() {
    let bundle = Unpacked::sealed();
    let text = std::fs::read_to_string(bundle.path("README.txt")).unwrap();
    for told in [printed("README.md"), text.clone()] {
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("never from the stick") || told.contains("never from this medium"), "{told}");
        assert!(told.contains("handcarry-outside keygen"), "{told}");
    }
    // Every section's text stands below its number, none at the margin.
    for language in text.split("\nEM PORTUGUÊS\n") {
        for line in language.lines().skip_while(|line| !line.starts_with("1. ")).filter(|line| !line.is_empty()) {
            assert!(line.starts_with("   ") || line.starts_with(|c: char| c.is_ascii_digit()), "{line:?}");
        }
    }
}
