//! What a program's help adds to the command line's own tree: verbs in groups, and examples by verb.

use clap::Command;
use std::fmt::Write;

/// What a half tells of itself beyond its verbs and options.
#[derive(Clone, Copy)]
pub struct Manual {
    /// Its one-line description.
    pub about: &'static str,
    /// The usual course: lines of `# what for`, each before its command.
    pub usual: &'static str,
    /// The same of what is done now and then.
    pub more: &'static str,
    /// Its verbs, each in one group, in the order they are shown.
    pub groups: &'static [(&'static str, &'static [&'static str])],
}

impl Manual {
    /// Each example: what it is for, and the command.
    pub(super) fn examples(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        pairs(self.usual).chain(pairs(self.more))
    }

    /// All examples as one section.
    pub fn all_examples(&self) -> String {
        section(self.examples())
    }

    /// The examples of one verb, by the words before its arguments (`handcarry-inside trust add`).
    pub(super) fn examples_of(&self, path: &str) -> Option<String> {
        let own = |line: &str| line.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
        let mut found = self.examples().filter(|(_, line)| own(line)).peekable();
        found.peek().is_some().then(|| section(found))
    }
}

/// Each line of what for with its command.
fn pairs(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().zip(text.lines().skip(1)).step_by(2)
}

fn section<'e>(examples: impl Iterator<Item = (&'e str, &'e str)>) -> String {
    let mut told = "Examples:".to_owned();
    for (what, line) in examples {
        write!(told, "\n  {what}\n  {line}").expect("memory takes all");
    }
    told
}

/// Whether a command line may end in help: what that shows need not be made for any other.
pub(super) fn is_asked() -> bool {
    std::env::args_os().skip(1).any(|word| match word.to_string_lossy() {
        word if word == "help" || word == "--help" => true,
        // Short options may stand in one word.
        word => word.starts_with('-') && !word.starts_with("--") && word.contains('h'),
    })
}

/// Puts the verbs in their groups and gives each its examples.
pub(super) fn dress(command: Command, manual: &Manual) -> Command {
    let usual = section(pairs(manual.usual));
    let path = command.get_name().to_owned();
    let order: Vec<&str> = manual.groups.iter().flat_map(|(_, verbs)| verbs.iter().copied()).collect();
    let place = |verb: &str| order.iter().position(|named| *named == verb).unwrap_or(order.len());
    let dressed = command.mut_subcommands(|verb| {
        let at = place(verb.get_name());
        with_examples(verb, &path, manual).display_order(at)
    });
    let groups = grouped(&dressed, manual);
    // Verbs are listed already: of all that may be typed the options are left.
    let bare = dressed.clone().mut_subcommands(|verb| verb.hide(true));
    let options = bare.disable_help_subcommand(true).help_template("{all-args}").render_help();
    let options = options.ansi().to_string();
    let options = options.trim_end();
    let template =
        format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{groups}\n\n{options}{{after-help}}");
    dressed.after_help(usual).help_template(template)
}

fn with_examples(verb: Command, path: &str, manual: &Manual) -> Command {
    let path = format!("{path} {}", verb.get_name());
    let verb = verb.mut_subcommands(|below| with_examples(below, &path, manual));
    let Some(examples) = manual.examples_of(&path) else { return verb };
    match verb.get_after_long_help().map(ToString::to_string) {
        Some(table) => verb.after_long_help(format!("{table}\n\n{examples}")).after_help(examples),
        None => verb.after_help(examples),
    }
}

/// The list of verbs as clap prints it, in the groups' order, each group under its heading.
fn grouped(command: &Command, manual: &Manual) -> String {
    let listed = command.clone().help_template("{subcommands}").render_help();
    let (plain, styled) = (listed.to_string(), listed.ansi().to_string());
    let heading = command.get_styles().get_header();
    let firsts = manual.groups.iter().filter_map(|(group, verbs)| Some((*verbs.first()?, *group)));
    let firsts: std::collections::BTreeMap<&str, &str> = firsts.collect();
    let mut told = String::new();
    for (line, styled) in plain.lines().zip(styled.lines()) {
        // A line that goes on has more than two blanks before it.
        let named =
            line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')).and_then(|rest| rest.split(' ').next());
        if let Some(group) = named.and_then(|verb| firsts.get(verb)) {
            let gap = if told.is_empty() { "" } else { "\n" };
            writeln!(told, "{gap}{heading}{group}:{heading:#}").expect("memory takes all");
        }
        told.push_str(styled);
        told.push('\n');
    }
    told.trim_end().to_owned()
}
