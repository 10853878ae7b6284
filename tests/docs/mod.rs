//! What the README and the man pages claim is held against the programs.

mod completion;
mod portuguese;

use handcarry::testing::model::Exit;
use handcarry::testing::trust::Namespace;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(below: &str) -> String {
    std::fs::read_to_string(root().join(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
}

fn program(name: &str) -> Command {
    let path = match name {
        "handcarry-inside" => env!("CARGO_BIN_EXE_handcarry-inside"),
        "handcarry-outside" => env!("CARGO_BIN_EXE_handcarry-outside"),
        other => panic!("no such program: {other}"),
    };
    let mut command = Command::new(path);
    command.env_clear().env("PATH", std::env::var_os("PATH").expect("PATH is set"));
    command
}

fn run(name: &str, args: &[&str]) -> Output {
    program(name).args(args).output().expect("the program starts")
}

fn generated(name: &str, what: &str) -> String {
    let output = run(name, &["--generate", what]);
    assert!(output.status.success(), "{name} --generate {what}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn man_pages_of_the_programs_are_fresh() {
    for name in ["handcarry-inside", "handcarry-outside"] {
        let page = root().join(format!("man/{name}.1"));
        let fresh = generated(name, "man");
        if std::env::var_os("HANDCARRY_BLESS").is_some() {
            std::fs::write(&page, &fresh).expect("man/ is writable");
        }
        let kept = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(
            kept == fresh,
            "man/{name}.1 is stale: run the tests once with HANDCARRY_BLESS=1, read the change, commit it"
        );
    }
}

#[test]
fn the_page_of_events_is_fresh_and_both_programs_print_the_same() {
    let page = root().join("man/handcarry-events.5");
    let fresh = generated("handcarry-inside", "events");
    if std::env::var_os("HANDCARRY_BLESS").is_some() {
        std::fs::write(&page, &fresh).expect("man/ is writable");
    }
    let kept = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(kept == fresh, "man/handcarry-events.5 is stale: run the tests once with HANDCARRY_BLESS=1");
    for what in ["events", "event-schema"] {
        assert_eq!(generated("handcarry-inside", what), generated("handcarry-outside", what));
    }
}

#[test]
fn the_page_of_events_has_each_kind_and_member_of_the_schema_and_no_other() {
    let schema: Value = serde_json::from_str(&generated("handcarry-inside", "event-schema")).expect("JSON");
    let definitions = schema["$defs"].as_object().expect("definitions");
    let common = ["event", "v", "at", "program", "run", "rehearsed_at"];
    let mut wanted = BTreeSet::new();
    for (name, definition) in definitions {
        let kind = name.strip_prefix("event-");
        let members = definition["properties"].as_object().expect("members").keys();
        for member in members.filter(|member| kind.is_none() || !common.contains(&member.as_str())) {
            let is_required = definition["required"].as_array().is_some_and(|all| all.iter().any(|one| one == member));
            // By which appliance it is about is said once for all events, unless a kind says more of it.
            let is_everywhere =
                kind.is_some() && !is_required && ["appliance", "appliances"].contains(&member.as_str());
            if !is_everywhere {
                wanted.insert((kind.is_some(), kind.unwrap_or(name).to_owned(), member.clone(), !is_required));
            }
        }
        wanted.insert((kind.is_some(), kind.unwrap_or(name).to_owned(), String::new(), false));
    }
    let page = read("man/handcarry-events.5");
    let (mut told, mut within, mut of_kinds) = (BTreeSet::new(), None, true);
    let mut lines = page.lines().skip_while(|line| *line != ".Sh BOTH PROGRAMS");
    while let Some(line) = lines.next() {
        of_kinds &= line != ".Sh OBJECTS";
        if let Some(name) = line.strip_prefix(".It Sy ") {
            told.insert((of_kinds, name.to_owned(), String::new(), false));
            within = Some(name.to_owned());
        } else if let (Some(member), Some(name)) = (line.strip_prefix(".It Ic "), &within) {
            let shape = lines.next().expect("its type");
            told.insert((of_kinds, name.clone(), member.to_owned(), shape.ends_with("; may be missing)")));
        }
    }
    assert!(wanted.len() > 400, "{}", wanted.len());
    assert_eq!(told, wanted);
}

#[test]
fn the_profiles_page_has_every_key_with_its_label_and_no_other() {
    let profile: toml::Table = read("src/driver/bomgar/bomgar.toml").parse().expect("is TOML");
    let page = read("man/handcarry-profile.5");
    let lines: Vec<&str> = page.lines().collect();
    let keys = profile["controls"].as_table().expect("a table");
    for (key, labels) in keys {
        let label = labels["en"][0].as_str().expect("a label");
        let told = format!(".It Ic {key}");
        let at = lines.iter().position(|line| *line == told).unwrap_or_else(|| panic!("{key} is not on the page"));
        assert_eq!(lines[at + 1], label, "{key}");
    }
    let told = lines.iter().filter(|line| line.starts_with(".It Ic ") && line.contains('.') && line[7..].contains('.'));
    assert_eq!(told.count(), keys.len(), "no key but those");
}

/// The man pages of both languages.
fn man_pages() -> Vec<PathBuf> {
    let folders = ["man", "man/pt"].map(|folder| std::fs::read_dir(root().join(folder)).expect("a folder of pages"));
    let paths = folders.into_iter().flatten().map(|entry| entry.expect("readable").path());
    let is_page = |path: &PathBuf| path.extension().is_some_and(|end| end.to_string_lossy().parse::<u8>().is_ok());
    paths.filter(is_page).collect()
}

#[test]
fn man_pages_are_well_formed() {
    for page in man_pages() {
        let output =
            Command::new("mandoc").args(["-Tlint", "-Wwarning"]).arg(&page).output().expect("mandoc is installed");
        let said = String::from_utf8_lossy(&output.stdout);
        let complaints: Vec<&str> =
            said.lines().filter(|line| line.contains(" WARNING: ") || line.contains(" ERROR: ")).collect();
        // In another language the first section has another name, which man knows and mandoc does not.
        let is_foreign = page.parent().is_some_and(|folder| folder.ends_with("pt"));
        let complaints: Vec<&str> =
            complaints.into_iter().filter(|line| !(is_foreign && line.contains("NAME"))).collect();
        assert!(complaints.is_empty(), "{}:\n{}", page.display(), complaints.join("\n"));
    }
}

/// Columns of a terminal at night.
const COLUMNS: usize = 80;

#[test]
fn man_pages_fit_a_terminal_of_80_columns() {
    for page in man_pages() {
        let output = Command::new("mandoc").args(["-Tutf8", "-O", "width=78"]).arg(&page).output().expect("mandoc");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        for line in text.lines() {
            // A bold or underlined letter is written over itself.
            let columns = line.chars().count() - 2 * line.matches('\u{8}').count();
            assert!(columns <= COLUMNS, "{}: {columns} columns: {line}", page.display());
            // A macro on the line of another one stands within that one's marks.
            let parts: Vec<&str> = line.split(['‘', '“']).collect();
            let inner = parts.get(1..parts.len() - 1).unwrap_or_default();
            let open = inner.iter().find(|rest| !rest.contains(['’', '”']));
            assert_eq!(open, None, "{}: a quote within a quote: {line}", page.display());
        }
    }
}

#[test]
fn man_pages_close_each_quote_once_and_give_an_option_its_own_dashes() {
    for page in man_pages() {
        let source = std::fs::read_to_string(&page).expect("a page");
        // A quote that is opened within one ends with it, at the end of the line, and a list of words gets one quote.
        let one = |line: &&str| line.starts_with(".Ql ") && line.contains(" , ");
        assert_eq!(source.lines().find(one), None, "{}: a quote for each word", page.display());
        let output = Command::new("mandoc").args(["-Tutf8", "-O", "width=78"]).arg(&page).output().expect("mandoc");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        // A bold or underlined letter is written over itself.
        let mut plain: Vec<char> = Vec::new();
        text.chars().for_each(|letter| match letter {
            '\u{8}' => drop(plain.pop()),
            letter => plain.push(letter),
        });
        let plain: String = plain.into_iter().collect();
        for slip in ["’’", "””", " ---", "‘‘", "““"] {
            let line = plain.lines().find(|line| line.contains(slip));
            assert_eq!(line, None, "{}: {slip}", page.display());
        }
    }
}

#[test]
fn every_exit_code_stands_in_both_man_pages() {
    for name in ["handcarry-inside", "handcarry-outside"] {
        let page = read(&format!("man/{name}.1"));
        for exit in Exit::ALL {
            let row = format!("{}@{}@T{{", exit.code(), exit.name().replace('-', "\\-"));
            assert!(page.contains(&row), "{name}.1 lacks {}", exit.name());
        }
    }
}

/// The commands a page shows as typed at one of the programs.
fn commands_of(page: &str) -> Vec<(String, Vec<String>)> {
    let text = read(page);
    let mut found = Vec::new();
    for line in text.lines() {
        let Some((_, typed)) = line.split_once("$ ").filter(|(prompt, _)| ["inside", "outside"].contains(prompt))
        else {
            continue;
        };
        let words = split_quoted(typed.trim());
        // Those that `.ci/package-check` runs as they stand.
        if ["cd", "ssh-keygen", "sha256sum"].contains(&words[0].as_str()) {
            continue;
        }
        found.push((words[0].clone(), words[1..].to_vec()));
    }
    found
}

fn split_quoted(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            _ => words.last_mut().expect("never empty").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn every_command_of_the_readme_is_understood() {
    let commands = commands_of("README.md");
    assert!(commands.len() >= 14, "the walkthrough shrank to {}", commands.len());
    for (name, args) in commands {
        let home = tempfile::tempdir().expect("a temporary folder");
        let args: Vec<&str> = args.iter().map(String::as_str).chain(["--no-color"]).collect();
        let output = program(&name).args(&args).env("HANDCARRY_HOME", home.path()).output().expect("starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(i32::from(Exit::Usage.code())), "{name} {args:?}: {said}");
    }
}

#[test]
fn the_codes_named_in_the_readme_are_those_of_the_table() {
    for (page, exit_word) in [("README.md", "Exit"), ("man/pt/README.md", "Saída")] {
        let readme = read(page);
        for exit in [Exit::Waiting, Exit::BaseTrouble, Exit::DownloadIncomplete] {
            let words = exit.name().replace('-', " ");
            assert!(readme.contains(&format!("{exit_word} {}, *{words}*", exit.code())), "{page}: {words}");
        }
    }
}

#[test]
fn files_that_the_docs_name_exist() {
    for below in
        ["man/handcarry-bundle.5", "man/handcarry.7", "man/handcarry-inside.1", "man/handcarry-outside.1", "tests/run"]
    {
        assert!(root().join(below).is_file(), "{below}");
    }
    for page in ["README.md", "man/handcarry-fleet.7"] {
        let text = read(page);
        let played: Vec<&str> = text.split_whitespace().filter(|word| word.ends_with(".yml")).collect();
        for play in ["request", "take", "plan", "push", "receipts"].map(|name| format!("{name}.yml")) {
            assert!(root().join("fixtures/ansible").join(&play).is_file(), "{play}");
            assert!(played.contains(&play.as_str()), "{page} lacks {play}");
        }
    }
    assert!(Path::new(&root()).join(".ci/run").is_file());
}

#[test]
fn the_fleet_page_has_every_variable_of_the_role_with_its_value_and_the_module_s_codes() {
    let (page, defaults) = (read("man/handcarry-fleet.7"), read("fixtures/ansible/roles/handcarry/defaults/main.yml"));
    let role: Vec<(&str, &str)> = defaults
        .lines()
        .filter(|line| line.starts_with("handcarry_"))
        .map(|line| line.split_once(": ").expect("a variable and its value"))
        .collect();
    assert!(role.len() >= 12, "{role:?}");
    for (name, value) in &role {
        let (_, told) = page.split_once(name).unwrap_or_else(|| panic!("{name} is not on the page"));
        let plain = !value.contains(['{', '[']);
        assert!(
            !plain || told.split("\n.It ").next().is_some_and(|told| told.contains(value.trim_matches('"'))),
            "{name}"
        );
    }
    let plays = ["take", "push"].map(|play| read(&format!("fixtures/ansible/{play}.yml"))).concat();
    let told =
        page.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("handcarry_"));
    for name in told {
        let is_known =
            name == "handcarry_appliances" || plays.contains(name) || role.iter().any(|(known, _)| *known == name);
        assert!(is_known, "{name} is no variable of the role");
    }
    let module = read("fixtures/ansible/roles/handcarry/library/handcarry.py");
    let codes = [Exit::Ok, Exit::Waiting, Exit::NoBundle, Exit::Replayed].map(|exit| exit.code().to_string());
    assert!(module.contains(&format!("OK, WAITING, NO_BUNDLE, USED = {}", codes.join(", "))), "{codes:?}");
    for exit in [Exit::Declined, Exit::PlanChanged, Exit::EulaDeclined] {
        assert!(page.contains(&format!("({}, {})", exit.name(), exit.code())), "{}", exit.name());
    }
    for event in ["request", "receipt", "taken", "step-done", "handed-over", "installed"] {
        assert!(page.contains(&format!(".Li {event}")) && module.contains(&format!("\"{event}\"")), "{event}");
    }
}

#[test]
fn an_advisory_is_signed_and_checked_by_the_commands_of_the_page() {
    let page = read(".github/SECURITY.md");
    let commands: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("    ssh-keygen ")).collect();
    let [sign, verify] = commands[..] else { panic!("a command to sign and one to check: {commands:?}") };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shell = |line: &str| {
        let said = Command::new("sh").args(["-c", line]).current_dir(&folder).output().expect("sh starts");
        said.status.success()
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    assert!(shell("ssh-keygen -q -t ed25519 -N '' -C maker -f KEY"));
    let key = std::fs::read_to_string(folder.path().join("KEY.pub")).expect("a key");
    write("allowed_signers", &format!("NAME {key}"));
    write("advisory.txt", "Versions before 1.2 believe what nobody signed.\n");
    assert!(shell(&format!("ssh-keygen {sign}")) && shell(&format!("ssh-keygen {verify}")));
    // By a line for kits alone it is none, and none of ours counts for it.
    write("allowed_signers", &format!("NAME namespaces=\"handcarry-kit\" {key}"));
    assert!(!shell(&format!("ssh-keygen {verify}")));
    let namespace = sign.split_once("-n ").and_then(|(_, rest)| rest.split(' ').next()).expect("a namespace");
    assert!(Namespace::ALL.iter().all(|own| own.as_str() != namespace), "{namespace}");
    write("allowed_signers", &format!("NAME {key}"));
    write("advisory.txt", "All is well.\n");
    assert!(!shell(&format!("ssh-keygen {verify}")), "it was changed");
}
