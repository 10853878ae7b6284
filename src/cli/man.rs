//! A program's man page, made from its command tree.

use crate::model::Exit;
use clap::{Arg, Command};

/// When what the pages say last changed; handcarry(7) carries the same.
// A date of its own and not the build's: pages that are made anew from the same sources must be the same bytes.
const DATE: &str = "2026-11-24";

/// One page a program: its verbs each with their options, the options of all
/// once, then exit codes and environment.
pub fn page(command: Command) -> String {
    // clap's `help` verb would get a section of its own, and mirror the whole tree below it.
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut page = ManPage::default();
    page.head(&command);
    page.line(".SH COMMANDS");
    page.verbs(&command, command.get_name());
    page.line(".SH GLOBAL OPTIONS");
    page.text("Every command takes these.");
    command.get_arguments().filter(|arg| is_global(arg)).for_each(|arg| page.argument(arg));
    page.exits();
    page.tail(&command);
    page.0
}

#[derive(Default)]
struct ManPage(String);

impl ManPage {
    /// Writes a line of roff as it is.
    fn line(&mut self, roff: &str) {
        self.0.push_str(roff);
        self.0.push('\n');
    }

    /// Writes text, each paragraph's lines as they come; a line that would
    /// read as a request does not.
    fn text(&mut self, text: &str) {
        for line in text.lines() {
            let request = line.starts_with(['.', '\'']);
            self.line(&format!("{}{}", if request { "\\&" } else { "" }, escape(line)));
        }
    }

    fn head(&mut self, command: &Command) {
        let (name, version) = (command.get_name(), command.get_version().unwrap_or_default());
        // The first line has man(1) run tbl, for the table of exit codes.
        self.line("'\\\" t");
        self.line(&format!(".TH {} 1 {DATE} \"handcarry {version}\" handcarry", escape(name)));
        self.line(".SH NAME");
        self.line(&format!("{} \\- {}", escape(name), escape(&about(command))));
        self.line(".SH SYNOPSIS");
        self.line(&format!(".B {}", escape(name)));
        self.line(".RI [ options ]\n.I command\n.RI [ arguments ]");
        self.line(".br");
        self.line(&format!(".B {}", escape(name)));
        self.line(".RI [ command ]\n.BR \\-\\-help\n|\n.B \\-\\-version");
        self.line(".SH DESCRIPTION");
        self.text(&format!("{}.", about(command)));
        self.line("The procedure around the two programs is told in\n.BR handcarry (7).");
    }

    /// A section for each verb below `command`, those below it after it.
    fn verbs(&mut self, command: &Command, above: &str) {
        for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
            let full = format!("{above} {}", verb.get_name());
            self.line(&format!(".SS {}", escape(&full)));
            self.line(&format!(".B {}", escape(&full)));
            self.line(&escape(&usage(verb)));
            self.line(".PP");
            self.text(&described(verb));
            verb.get_arguments().filter(|arg| !is_global(arg) && !is_help(arg)).for_each(|arg| self.argument(arg));
            if let Some(table) = verb.get_after_long_help() {
                table.to_string().lines().for_each(|row| self.row(row));
            }
            self.verbs(verb, &full);
        }
    }

    /// A tagged paragraph: how the argument is written, then what it is for.
    fn argument(&mut self, arg: &Arg) {
        if arg.is_hide_set() || is_help(arg) {
            return;
        }
        self.line(".TP");
        let value = escape(&value(arg));
        let value = if value.is_empty() { value } else { format!("\\fI{value}\\fR") };
        let long = arg.get_long().map(|long| format!("\\fB{}\\fR", escape(&format!("--{long}"))));
        let short = arg.get_short().map(|short| format!("\\fB\\-{short}\\fR"));
        let names: Vec<String> = short.into_iter().chain(long).collect();
        self.line(
            match (names.join(", "), value) {
                (names, value) if names.is_empty() => value,
                (names, value) if value.is_empty() => names,
                (names, value) => format!("{names} {value}"),
            }
            .as_str(),
        );
        let help = arg.get_long_help().or_else(|| arg.get_help()).map(ToString::to_string).unwrap_or_default();
        self.text(&help);
        let shown: Vec<_> =
            if arg.is_hide_default_value_set() { &[] } else { arg.get_default_values() }.iter().collect();
        if let [default] = shown.as_slice()
            && arg.get_action().takes_values()
        {
            self.text(&format!("[default: {}]", default.to_string_lossy()));
        }
        for possible in arg.get_possible_values().iter().filter(|_| arg.get_action().takes_values()) {
            let help = possible.get_help().map(|help| format!(": {help}")).unwrap_or_default();
            self.line(".br");
            self.line(&format!("\\fB{}\\fR{}", escape(possible.get_name()), escape(&help)));
        }
    }

    /// A row of a verb's table: its first word is what it is about.
    fn row(&mut self, row: &str) {
        match row.split_once("  ") {
            Some((name, rest)) => {
                self.line(&format!(".TP\n.B {}", escape(name)));
                self.text(&rest.split_whitespace().collect::<Vec<_>>().join(" "));
            }
            None => self.line(&format!(".PP\n{}", escape(row))),
        }
    }

    fn exits(&mut self) {
        self.line(".SH EXIT STATUS\n.TS\ntab(@);\nr lb lx.");
        for exit in Exit::ALL {
            self.line(&format!("{}@{}@T{{\n{}\nT}}", exit.code(), escape(exit.name()), escape(exit.meaning())));
        }
        self.line(".TE");
        self.line(
            ".PP\nInterrupted by Ctrl\\-C a run ends with 130, and says what goes on without it and how to go on.",
        );
    }

    fn completion(&mut self, name: &str) {
        self.line(".SH COMPLETION\nA package brings the scripts by which bash, zsh and fish complete a line.");
        self.line("Without one, this in ~/.bashrc does it:\n.PP\n.EX");
        self.text(&format!("  eval \"$({name} --generate bash)\""));
        self.line(".EE\n.PP\nThere are zsh, fish, elvish and powershell, too.");
        self.line("The script asks the program that is in its path, by the variable HANDCARRY_COMPLETE:");
        self.line("names of appliances, groups, faults, bundles and media are those that are known then.");
    }

    fn tail(&mut self, command: &Command) {
        self.line(".SH ENVIRONMENT");
        for (name, same) in
            [("HANDCARRY_HOME", "\\-\\-home"), ("HANDCARRY_SYSLOG", "\\-\\-syslog"), ("NO_COLOR", "\\-\\-no\\-color")]
        {
            self.line(&format!(".TP\n.B {name}\nAs\n.BR {same} ."));
        }
        self.line(".TP\n.B HANDCARRY_MEDIA\nFolders that count as media, as in\n.BR PATH ;\nnone where it is empty.");
        self.line(".TP\n.B SSH_AUTH_SOCK\nWhere ssh\\-agent listens, for\n.BR \\-\\-agent .");
        self.completion(command.get_name());
        if let Some(examples) = command.get_after_help() {
            self.line(".SH EXAMPLES\n.EX");
            self.text(examples.to_string().trim_start_matches("Examples:\n"));
            self.line(".EE");
        }
        self.line(".SH SEE ALSO");
        for other in ["handcarry-inside", "handcarry-outside"].iter().filter(|name| **name != command.get_name()) {
            self.line(&format!(".BR {} (1),", escape(other)));
        }
        self.line(".BR handcarry\\-bundle (5),\n.BR handcarry\\-events (5),\n.BR handcarry (7),\n.BR ssh\\-keygen (1)");
    }
}

/// What follows a verb's name: required options, then arguments.
fn usage(verb: &Command) -> String {
    // As the help has it: where a verb tells by itself how it is typed, it does so in one place.
    let told = verb.clone().render_usage().to_string();
    let name = verb.get_bin_name().unwrap_or_else(|| verb.get_name());
    let words = told.split_once(name).map_or("", |(_, words)| words.trim());
    let own = |arg: &&Arg| !arg.is_hide_set() && !is_global(arg) && !is_help(arg) && !arg.is_positional();
    let options = if verb.get_arguments().any(|arg| own(&arg)) { "[options]" } else { "" };
    let words = words.replace("[OPTIONS]", options).replace("[COMMAND]", "[command]").replace("<COMMAND>", "command");
    words.replace("...", "…").replace(['<', '>'], "").trim().to_owned()
}

/// The name an argument's value goes by, empty for a flag.
fn value(arg: &Arg) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    arg.get_value_names().unwrap_or_default().iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" ")
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// The long description, its first line as a sentence.
fn described(verb: &Command) -> String {
    let whole = verb.get_long_about().map_or_else(|| about(verb), ToString::to_string);
    // clap takes the first paragraph as a headline, without a full stop; in running text it needs one.
    match whole.split_once("\n\n") {
        Some((first, rest)) => format!("{first}.\n{rest}"),
        None => format!("{whole}."),
    }
}

fn is_global(arg: &Arg) -> bool {
    arg.is_global_set()
}

fn is_help(arg: &Arg) -> bool {
    matches!(arg.get_id().as_str(), "help" | "version") && !arg.get_action().takes_values()
}

/// Text as roff shows it unchanged.
fn escape(text: &str) -> String {
    // The backslash first, or those that the second replacement brings would be
    // doubled. A bare hyphen is typeset as a dash and can't be copied as an option.
    text.replace('\\', "\\e").replace('-', "\\-")
}
