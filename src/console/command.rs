//! The command that was typed, to be told as the one that goes on.

use crate::model::{Hint, shell_word};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::Path;

/// Stands first after the verb in a run that another run began: what stands
/// before the verb is then that run's, and nobody typed it.
pub const ONE_OF_MANY: &str = "--one-of-many";

/// The option that may have a download code behind it, the one secret that can be typed into a command.
const CODE: &str = "--code";

/// The options of every verb that take a value.
const VALUED: [&str; 3] = ["--home", "--syslog", "--language"];

/// The options of runs whose value is a path: from another folder a relative one leads elsewhere.
const PATHS: [&str; 6] =
    ["--home", "--by-hand-dir", "--backup-password-file", "--key-passphrase-file", "--media-a", "--media-b"];

/// A command as it was typed. It is shown from the words themselves, each
/// quoted for a shell, so that none of its options is ever left out; no
/// secret is in them. What was typed before the verb stands behind the rest,
/// where it means the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCommand {
    program: &'static str,
    verb: OsString,
    /// What stands after the verb.
    words: Vec<OsString>,
}

/// How the options begin that set a refusal aside; none of them takes a value.
const DANGEROUS: &str = "--dangerous-";

impl TypedCommand {
    /// The command of this very run; `program` is its name, wherever it lies.
    pub fn here(program: &'static str) -> Self {
        Self::of(program, std::env::args_os().skip(1))
    }

    /// A command by its words after the program's name.
    pub fn of(program: &'static str, words: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        let mut rest = words.into_iter().map(Into::into);
        let (mut before, mut verb) = (Vec::new(), OsString::new());
        while let Some(word) = rest.next() {
            // clap lets global options stand before the verb, and only
            // from the words themselves is it seen where those end.
            if !word.as_encoded_bytes().starts_with(b"-") {
                verb = word;
                break;
            }
            // The global options with a value: taken for a flag, their value would be taken for the verb.
            let takes_value = VALUED.iter().any(|option| word == *option);
            before.push(word);
            if takes_value {
                before.extend(rest.next());
            }
        }
        let mut typed = TypedCommand { program, verb, words: rest.collect() };
        match typed.words.first() {
            Some(first) if first == ONE_OF_MANY => drop(typed.words.remove(0)),
            _ => typed = typed.and(before),
        }
        typed.without_code()
    }

    /// The same without a download code that was typed: it is good once, and
    /// what is told may be kept in a log. `--code` alone asks for it; it goes
    /// to the end, where it takes no other word for the code.
    fn without_code(mut self) -> Self {
        let end = self.words.iter().position(|word| word == "--").unwrap_or(self.words.len());
        let given = |word: &OsString| word == CODE || is_given(word, CODE);
        let Some(at) = self.words[..end].iter().position(given) else { return self };
        let is_value = |word: &OsString| !word.as_encoded_bytes().starts_with(b"-");
        let alone = self.words[at] == CODE;
        self.words.remove(at);
        if alone && at < end - 1 && is_value(&self.words[at]) {
            self.words.remove(at);
        }
        self.and([CODE])
    }

    /// Whether no verb was typed.
    pub fn is_bare(&self) -> bool {
        self.verb.is_empty()
    }

    /// The refusals that it sets aside: what follows `--dangerous-` in its options.
    pub fn dangerous(&self) -> Vec<String> {
        let options = self.words.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str());
        options.filter_map(|word| word.strip_prefix(DANGEROUS)).map(str::to_owned).collect()
    }

    /// The same for another verb that takes the same options.
    #[must_use]
    pub fn for_verb(&self, verb: &str) -> Self {
        TypedCommand { verb: verb.into(), ..self.clone() }
    }

    /// Another verb, with nothing of this one but where it is at home and who collects its events.
    #[must_use]
    pub fn for_other(&self, verb: &str) -> Self {
        self.only(&VALUED).for_verb(verb)
    }

    /// The same with further options.
    #[must_use]
    pub fn and(&self, options: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        // Behind `--` everything is a name, however it begins.
        let at = self.words.iter().position(|word| word == "--").unwrap_or(self.words.len());
        let mut typed = self.clone();
        typed.words.splice(at..at, options.into_iter().map(Into::into));
        typed
    }

    /// The same with a word before all others.
    #[must_use]
    pub fn first(&self, word: impl Into<OsString>) -> Self {
        let mut typed = self.clone();
        typed.words.insert(0, word.into());
        typed
    }

    /// The same with a word after all others.
    #[must_use]
    pub fn last(&self, word: impl Into<OsString>) -> Self {
        let mut typed = self.clone();
        typed.words.push(word.into());
        typed
    }

    /// The same without some `flags`, and without some `options` and their values.
    #[must_use]
    pub fn without(&self, flags: &[&str], options: &[&str]) -> Self {
        let mut kept = Vec::new();
        let mut words = self.words.iter();
        while let Some(word) = words.next() {
            // The same when options are taken away: what stands behind `--` only looks like one.
            if word == "--" {
                kept.push(word.clone());
                kept.extend(words.cloned());
                break;
            }
            if options.iter().any(|option| word == option) {
                words.next();
            } else if !flags.iter().any(|flag| word == flag) && !options.iter().any(|option| is_given(word, option)) {
                kept.push(word.clone());
            }
        }
        TypedCommand { words: kept, ..self.clone() }
    }

    /// The same with nothing but some `options` and their values.
    #[must_use]
    pub fn only(&self, options: &[&str]) -> Self {
        let mut kept = Vec::new();
        let mut words = self.words.iter().take_while(|word| *word != "--");
        while let Some(word) = words.next() {
            if options.iter().any(|option| word == option) {
                kept.push(word.clone());
                kept.extend(words.next().cloned());
            } else if options.iter().any(|option| is_given(word, option)) {
                kept.push(word.clone());
            }
        }
        TypedCommand { words: kept, ..self.clone() }
    }

    /// The same without the first word that is `word` itself.
    #[must_use]
    pub fn without_word(&self, word: &OsStr) -> Self {
        let mut typed = self.clone();
        if let Some(at) = typed.words.iter().position(|own| own == word) {
            typed.words.remove(at);
        }
        typed
    }

    /// The same as it is typed in any folder: the paths in its options are whole, and `media` among its words.
    #[must_use]
    pub fn from_anywhere(&self, media: Option<&Path>) -> Self {
        let whole = |path: &OsStr| match std::path::absolute(path) {
            Ok(path) if !path.as_os_str().is_empty() => path.into_os_string(),
            _ => path.to_owned(),
        };
        let mut typed = self.clone();
        let end = typed.words.iter().position(|word| word == "--").unwrap_or(typed.words.len());
        for at in 0..end {
            for option in PATHS {
                if is_given(&typed.words[at], option) {
                    let path = typed.words[at].to_string_lossy()[option.len() + 1..].to_owned();
                    typed.words[at] =
                        [OsStr::new(option), OsStr::new("="), &whole(path.as_ref())].into_iter().collect();
                } else if typed.words[at] == option && at + 1 < end {
                    typed.words[at + 1] = whole(&typed.words[at + 1]);
                }
            }
        }
        if let Some(path) = media
            && let Some(word) = typed.words.iter_mut().find(|word| *word == path.as_os_str())
        {
            *word = whole(path.as_os_str());
        }
        typed
    }

    /// What stands after the verb, as it is typed again; empty where nothing does.
    pub fn rest(&self) -> String {
        self.words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ")
    }

    /// A hint as a person reads it, with this command where it names the one
    /// that was typed.
    pub fn tell(&self, hint: &Hint) -> String {
        hint.told(|again| match again.besides {
            true => self.and(again.options).to_string(),
            false => self.with(again.options).to_string(),
        })
    }

    /// The same with options, each in place of what was typed of it.
    fn with(&self, options: &[&str]) -> Self {
        let is_option = |word: &str| word.starts_with("--");
        let names = || options.iter().enumerate().filter(|(_, word)| is_option(word));
        let takes_value = |at: usize| options.get(at + 1).is_some_and(|next| !is_option(next));
        let flags: Vec<&str> = names().filter(|(at, _)| !takes_value(*at)).map(|(_, word)| *word).collect();
        let valued: Vec<&str> = names().filter(|(at, _)| takes_value(*at)).map(|(_, word)| *word).collect();
        self.without(&flags, &valued).and(options)
    }

    /// The words to run it with, as one of many that this run begins.
    pub fn as_one_of_many(&self) -> Vec<OsString> {
        [self.verb.clone(), ONE_OF_MANY.into()].into_iter().chain(self.words.clone()).collect()
    }
}

/// Whether this very run is one of many that another began.
pub fn is_one_of_many() -> bool {
    std::env::args_os().any(|word| word == ONE_OF_MANY)
}

/// Whether a word gives an option its value in one: `--group=lisbon`.
fn is_given(word: &OsStr, option: &str) -> bool {
    word.as_encoded_bytes().strip_prefix(option.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
}

impl fmt::Display for TypedCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program)?;
        if !self.is_bare() {
            write!(f, " {}", shell_word(&self.verb))?;
        }
        self.words.iter().try_for_each(|word| write!(f, " {}", shell_word(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AGAIN;

    fn typed(words: &[&str]) -> TypedCommand {
        TypedCommand::of("handcarry-inside", words)
    }

    #[test]
    fn no_option_is_left_out_and_each_is_quoted() {
        let words = ["push", "/media/my stick", "lisboa", "--wait-max", "90m", "--backup-password-file=/run/pw"];
        let shown = "handcarry-inside push '/media/my stick' lisboa --wait-max 90m --backup-password-file=/run/pw";
        assert_eq!(typed(&words).to_string(), shown);
        let before = typed(&["--home", "/h", "-q", "push", "m", "--", "lisboa"]);
        assert_eq!(before.to_string(), "handcarry-inside push m --home /h -q -- lisboa");
        assert_eq!(typed(&["--home=/h", "push", "m"]).to_string(), "handcarry-inside push m --home=/h");
        let sent = typed(&["--syslog", "/dev/log", "push", "m"]).to_string();
        assert_eq!(sent, "handcarry-inside push m --syslog /dev/log");
    }

    #[test]
    fn some_options_are_kept_for_another_verb() {
        let sealed = typed(&["--home", "h", "seal", "--all", "--write", "a", "--parity=5", "--", "--home"]);
        let write = sealed.only(&["--home", "--parity"]).for_verb("write").first("a b");
        assert_eq!(write.to_string(), "handcarry-inside write 'a b' --parity=5 --home h");
    }

    #[test]
    fn another_verb_takes_the_options_of_every_verb_along() {
        let push =
            typed(&["--home", "/h", "-q", "push", "/m", "--all", "--agree", "x", "--syslog=/dev/log", "--", "-q"]);
        let soak = push.for_other("soak").last("lisboa").to_string();
        assert_eq!(soak, "handcarry-inside soak --syslog=/dev/log --home /h lisboa");
    }

    #[test]
    fn what_goes_on_later_is_typed_in_any_folder() {
        let here = std::env::current_dir().expect("a folder");
        let words = ["push", "stick", "a", "--by-hand-dir", "d", "--wait-max", "2h", "--backup-password-file=p"];
        let here = |name: &str| here.join(name).to_string_lossy().into_owned();
        let whole = typed(&words).from_anywhere(Some(Path::new("stick")));
        let told = format!(
            "{} a --by-hand-dir {} --wait-max 2h --backup-password-file={}",
            here("stick"),
            here("d"),
            here("p")
        );
        assert_eq!(whole.rest(), told);
        assert_eq!(whole.from_anywhere(None), whole, "a whole path stays");
        assert_eq!(typed(&["push", "a"]).from_anywhere(None).rest(), "a", "the store has none");
    }

    #[test]
    fn a_download_code_is_not_told() {
        for words in [&["fetch", "--code", "ABCD-1234", "/m"][..], &["fetch", "--code=ABCD-1234", "/m"]] {
            assert_eq!(typed(words).to_string(), "handcarry-inside fetch /m --code");
        }
        let asked = typed(&["fetch", "--code", "--odd-code", "--serial", "B200-7"]);
        assert_eq!(asked.to_string(), "handcarry-inside fetch --odd-code --serial B200-7 --code");
        assert_eq!(typed(&["fetch", "--code-file", "f"]).to_string(), "handcarry-inside fetch --code-file f");
        assert_eq!(typed(&["fetch", "--", "--code", "x"]).to_string(), "handcarry-inside fetch -- --code x");
    }

    #[test]
    fn an_option_of_a_hint_stands_in_place_of_the_typed_one() {
        let hint = Hint::from(format!("then: {AGAIN}; or: {}", AGAIN.with(&["--agree", "new", "--keep-old"])));
        let beside = Hint::from(AGAIN.and(&["--accept-eula", "y"]).to_string());
        let told = typed(&["push", "m", "--accept-eula", "x"]).tell(&beside);
        assert_eq!(told, "handcarry-inside push m --accept-eula x --accept-eula y");
        let told = typed(&["push", "m", "--agree", "old", "--keep-old", "--yes", "--", "a"]).tell(&hint);
        let (plain, other) = ("--agree old --keep-old --yes -- a", "--yes --agree new --keep-old -- a");
        assert_eq!(told, format!("then: handcarry-inside push m {plain}; or: handcarry-inside push m {other}"));
    }

    #[test]
    fn one_of_many_is_told_without_what_the_parent_added() {
        let all = typed(&["push", "m", "--group=even", "--all", "--at-once", "3", "--wait-max", "2h", "--home", "/h"]);
        let one = all.without(&["--all"], &["--group", "--at-once"]).last("lisboa");
        assert_eq!(one.to_string(), "handcarry-inside push m --wait-max 2h --home /h lisboa");
        let child = TypedCommand::of("handcarry-inside", [vec!["--json".into()], one.as_one_of_many()].concat());
        assert_eq!(child, one, "--json is the parent's and not echoed");
        assert_eq!(
            typed(&["plan", "m", "a"]).for_verb("push").and(["--agree", "x"]).to_string(),
            "handcarry-inside push m a --agree x"
        );
    }
}
