//! The two programs as a person meets them at a prompt: every help text, every
//! failure of a verb, and what `--json` prints.

mod failures;
mod help;
mod json;
mod local;
mod output;
mod person;
mod prompt;
mod sessions;
