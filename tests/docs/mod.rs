//! What the README and the man pages claim is held against the programs.

use handcarry::testing::model::Exit;
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

#[test]
fn man_pages_are_well_formed() {
    for page in std::fs::read_dir(root().join("man")).expect("man/ is there") {
        let page = page.expect("readable").path();
        let output =
            Command::new("mandoc").args(["-Tlint", "-Wwarning"]).arg(&page).output().expect("mandoc is installed");
        let said = String::from_utf8_lossy(&output.stdout);
        let complaints: Vec<&str> =
            said.lines().filter(|line| line.contains(" WARNING: ") || line.contains(" ERROR: ")).collect();
        assert!(complaints.is_empty(), "{}:\n{}", page.display(), complaints.join("\n"));
    }
}

/// Columns of a terminal at night.
const COLUMNS: usize = 80;

#[test]
fn man_pages_fit_a_terminal_of_80_columns() {
    for page in std::fs::read_dir(root().join("man")).expect("man/ is there") {
        let page = page.expect("readable").path();
        let output = Command::new("mandoc").args(["-Tutf8", "-O", "width=78"]).arg(&page).output().expect("mandoc");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        for line in text.lines() {
            // A bold or underlined letter is written over itself.
            let columns = line.chars().count() - 2 * line.matches('\u{8}').count();
            assert!(columns <= COLUMNS, "{}: {columns} columns: {line}", page.display());
        }
    }
}

#[test]
fn completions_are_made_for_each_shell() {
    for name in ["handcarry-inside", "handcarry-outside"] {
        for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
            let script = generated(name, shell);
            assert!(script.contains(name) && script.contains("keygen"), "{name} {shell}");
        }
        let bash = generated(name, "bash");
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bash).expect("writable");
        let checked = Command::new("bash").arg("-n").arg(file.path()).status().expect("bash is installed");
        assert!(checked.success(), "bash does not read its completions");
    }
}

/// What bash makes of the last word of `line`, by the script that was generated.
fn completed(name: &str, line: &str) -> Vec<String> {
    let script = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(script.path(), generated(name, "bash")).expect("writable");
    let play = r#". "$1"; COMP_WORDS=($2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        bound=$(complete -p "${COMP_WORDS[0]}") || exit 1
        bound=${bound#*-F }; "${bound%% *}" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
        printf '%s\n' "${COMPREPLY[@]}""#;
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", play, "bash"]).arg(script.path()).arg(line);
    let output = bash.output().expect("bash is installed");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_values() {
    for (line, wanted) in [
        ("handcarry-inside pus", "push"),
        ("handcarry-inside push --gr", "--group"),
        ("handcarry-inside push a b --topology mig", "migrate"),
        ("handcarry-inside trust ap", "apply"),
        ("handcarry-outside seal --vol", "--volume-size"),
    ] {
        let name = line.split(' ').next().expect("a program");
        assert_eq!(completed(name, line), [wanted], "{line}");
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
    let readme = read("README.md");
    for exit in [Exit::Waiting, Exit::BaseTrouble, Exit::DownloadIncomplete] {
        let words = exit.name().replace('-', " ");
        assert!(readme.contains(&format!("Exit {}, *{words}*", exit.code())), "{words}");
    }
}

#[test]
fn files_that_the_docs_name_exist() {
    for below in
        ["man/handcarry-bundle.5", "man/handcarry.7", "man/handcarry-inside.1", "man/handcarry-outside.1", "tests/run"]
    {
        assert!(root().join(below).is_file(), "{below}");
    }
    assert!(Path::new(&root()).join(".ci/run").is_file());
}

#[test]
fn help_of_each_verb_fits_its_summary() {
    for name in ["handcarry-inside", "handcarry-outside"] {
        let help = String::from_utf8(run(name, &["--help"]).stdout).expect("UTF-8");
        let verbs: Vec<&str> = help
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty())
            .filter_map(|line| line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert!(verbs.len() >= 8, "{name}: {verbs:?}");
        for verb in verbs.into_iter().filter(|verb| *verb != "help") {
            let output = run(name, &[verb, "--help"]);
            assert!(output.status.success(), "{name} {verb} --help");
        }
    }
}
