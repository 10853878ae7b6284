//! `--help` of both programs and of each verb below them, as golden files.
//!
//! The verbs are found in the help texts themselves, so a new one without a
//! golden file fails. `HANDCARRY_BLESS=1 cargo test --test fast cli::` writes them.

use crate::cli::prompt::{Prompt, bless, golden};
use std::collections::BTreeMap;

/// The verbs that a help text lists, in one group or in several.
fn verbs(help: &str) -> Vec<String> {
    let is_of_options = |line: &str| ["Arguments:", "Options:", "Global options:"].contains(&line);
    help.lines()
        .skip_while(|line| !line.starts_with("Usage: "))
        .skip(1)
        .take_while(|line| !is_of_options(line))
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| !line.starts_with(' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .map(str::to_owned)
        .collect()
}

/// Every command with its help text.
fn helps() -> BTreeMap<String, String> {
    let prompt = Prompt::new();
    let mut helps = BTreeMap::new();
    let mut open = vec!["handcarry-inside".to_owned(), "handcarry-outside".to_owned()];
    while let Some(command) = open.pop() {
        let answer = prompt.run(&format!("{command} --help"));
        assert_eq!(answer.code, Some(0), "{command} --help: {}", answer.shown);
        open.extend(verbs(&answer.shown).into_iter().map(|verb| format!("{command} {verb}")));
        // clap leaves blanks on the empty line before a default.
        let tidy: Vec<&str> = answer.shown.lines().map(str::trim_end).collect();
        helps.insert(command, format!("{}\n", tidy.join("\n")));
    }
    helps
}

#[test]
#[cfg(feature = "lab")]
fn every_help_text_is_as_written() {
    let helps = helps();
    let mut stale = Vec::new();
    for (command, help) in &helps {
        let path = golden("help").join(format!("{}.txt", command.replace(' ', "-")));
        if bless() {
            std::fs::write(&path, help).expect("the golden file can be written");
        }
        if std::fs::read_to_string(&path).ok().as_ref() != Some(help) {
            stale.push(format!("{} should be:\n{help}", path.display()));
        }
    }
    assert!(stale.is_empty(), "{}\nto write them: HANDCARRY_BLESS=1 cargo test --test fast cli::", stale.join("\n"));

    let names: Vec<String> = helps.keys().map(|command| format!("{}.txt", command.replace(' ', "-"))).collect();
    for entry in std::fs::read_dir(golden("help")).expect("the folder is there") {
        let name = entry.expect("readable").file_name().into_string().expect("UTF-8");
        assert!(names.contains(&name), "tests/cli/help/{name} is of no verb");
    }
}

#[test]
fn help_texts_are_in_house_style() {
    for (command, help) in helps() {
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{command}: too wide: {line}");
            assert!(!line.contains('`'), "{command}: quotes with a backtick: {line}");
            assert!(!line.contains("[default: \"\"]"), "{command}: shows an empty default: {line}");
        }
        let first = help.lines().next().unwrap_or_default();
        assert!(first.starts_with(char::is_uppercase) && !first.ends_with('.'), "{command}: {first}");
        assert!(help.contains(&format!("Usage: {command}")), "{command}: no usage");
        assert!(help.contains("Global options:"), "{command}: the global options stand among its own");
    }
}

#[test]
fn the_short_help_is_there_too() {
    let prompt = Prompt::new();
    for program in ["handcarry-inside", "handcarry-outside"] {
        let bare = prompt.run(program);
        let due = format!("all commands: {program} --help; the whole course: man handcarry\nnext: {program} keygen\n");
        assert_eq!((bare.code, bare.shown.ends_with(&due)), (Some(0), true), "{}", bare.shown);
        let version = prompt.run(&format!("{program} --version"));
        assert_eq!(version.shown, format!("{program} {}\n", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
#[cfg(feature = "lab")]
fn a_verb_of_the_other_program_is_named_as_that() {
    let prompt = Prompt::new();
    let [inside, outside] = ["handcarry-inside", "handcarry-outside"]
        .map(|program| (program, verbs(&prompt.run(&format!("{program} --help")).shown)));
    for ((program, own), (other, others)) in [(&inside, &outside), (&outside, &inside)] {
        // The lab and its tour are no verbs of a trip, and not in what is packaged.
        for verb in others.iter().filter(|verb| !own.contains(verb) && !["lab", "tour"].contains(&verb.as_str())) {
            let said = prompt.run(&format!("{program} {verb}"));
            let hint = format!("hint: {verb} is a verb of the other program: {other} {verb}\n");
            assert!(said.code == Some(2) && said.shown.ends_with(&hint), "{}", said.shown);
        }
    }
}

/// What may stand under the headings of one kind of run.
const OF_A_KIND: [(&str, &[&str]); 3] = [
    (
        "Failover pair:",
        &[
            "--pair",
            "--topology",
            "--switch",
            "--shared-ip",
            "--reach-a",
            "--reach-b",
            "--address-a",
            "--address-b",
            "--media-a",
            "--media-b",
            "--dangerous-alone",
        ],
    ),
    ("Migration (--topology migrate):", &["--keep-old", "--site-host", "--key-passphrase-file"]),
    ("Many appliances:", &["--all", "--group", "--at-once", "--canary", "--wave", "--except"]),
];

#[test]
fn no_option_stands_under_a_heading_of_another_kind() {
    for (command, help) in helps() {
        let mut heading = String::new();
        for line in help.lines() {
            if line.ends_with(':') && !line.starts_with(' ') {
                heading = line.to_owned();
            }
            let option = line.split_whitespace().find(|word| word.starts_with("--"));
            let Some(option) = option.filter(|_| line.starts_with("  ") && line.trim_start().starts_with('-')) else {
                assert!(!line.trim_start().starts_with("[PARTNER]") || heading == "Arguments:", "{command}: {line}");
                continue;
            };
            for (kind, own) in OF_A_KIND {
                assert!(heading != kind || own.contains(&option), "{command}: {option} under {kind}");
            }
        }
    }
}
