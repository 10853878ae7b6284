//! Where in the sources a secret is laid open, and that no type shows one.

use std::path::Path;

/// Each file that calls `reveal()`, how often outside its tests, and why.
const REVEALED: &[(&str, usize, &str)] = &[
    ("cli/code.rs", 1, "what was typed is read as a code"),
    ("cli/keygen.rs", 2, "the two entries of a new passphrase are compared"),
    ("cli/keys.rs", 1, "a passphrase that was typed opens the key and is handed to each of many runs"),
    ("console/operator.rs", 1, "a secret that was piped loses the marks around it"),
    (
        "console/remembering.rs",
        3,
        "what is typed once for all calls of a run that sleeps in between is kept as a secret",
    ),
    ("driver/bomgar/api/backup.rs", 1, "the backup's password goes into the call's body"),
    ("driver/bomgar/api/oauth.rs", 1, "the secret goes into the call for a token"),
    ("driver/bomgar/api/transport.rs", 1, "an old site's password goes into the call's form"),
    ("driver/bomgar/backup.rs", 2, "the backup's password goes into its two fields"),
    ("driver/bomgar/migration.rs", 3, "the passphrase of a certificate and the backup's password go into their fields"),
    ("driver/bomgar/mod.rs", 1, "a text that may be the code is shown to whoever is asked about it"),
    ("driver/bomgar/saved.rs", 1, "how long the code on a saved page is, is told"),
    ("driver/bomgar/session/factor.rs", 2, "the second factor's code goes into its field, where one was told"),
    ("driver/bomgar/session/login.rs", 1, "the password goes into the login form"),
    ("engine/backup.rs", 2, "the two entries of a backup's password are compared"),
    ("engine/step/certificate.rs", 2, "the two entries of a passphrase are compared"),
    ("inside/fleet/run.rs", 1, "the passphrase goes to the standard input of each run"),
    ("inside/request.rs", 5, "a code is shown to be carried on paper, or where it can't be kept"),
    (
        "model/code.rs",
        6,
        "a code's form is looked at, two are compared, and it is shown back in groups; a request exists to carry it",
    ),
    ("outside/errands.rs", 2, "what was typed or kept in a file is read as a code"),
    ("outside/exchange/run.rs", 3, "the code goes into the vendor's form"),
    ("simulator/face/migration.rs", 1, "a simulated certificate is locked by the digest of its passphrase"),
    ("trust/keygen.rs", 1, "the passphrase encrypts the new key"),
    ("trust/signer.rs", 1, "the passphrase opens the key"),
    ("web/call.rs", 1, "the token goes into the call's header"),
];

/// Types that hold what is secret.
const SECRET_TYPES: &[&str] = &["Secret", "DownloadCode", "SavedCookies", "TypedCode", "NewKey"];

fn sources() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    crate::support::home::files(&src)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
            (path.strip_prefix(&src).expect("below").display().to_string(), code)
        })
        .collect()
}

#[test]
fn secrets_are_laid_open_only_where_the_list_says() {
    let mut found: Vec<(String, usize)> = sources()
        .into_iter()
        .map(|(path, code)| {
            (path, [".reveal()", "Secret::reveal)"].iter().map(|call| code.matches(call).count()).sum())
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    found.sort();
    let listed: Vec<(String, usize)> = REVEALED.iter().map(|(path, count, _)| ((*path).to_owned(), *count)).collect();
    assert_eq!(found, listed, "review the call, then list it with its reason");
}

#[test]
fn no_type_that_holds_a_secret_derives_debug() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        for (at, _) in code.match_indices("#[derive(") {
            let item = &code[at..];
            let derives = item.split(")]").next().unwrap_or_default();
            let Some(start) = item.find("struct ").into_iter().chain(item.find("enum ")).min() else { continue };
            let body = &item[start..];
            let end = body.find("\n}").or(body.find(";\n")).unwrap_or(body.len());
            let end = if body.find(";\n").is_some_and(|tuple| tuple < body.find('{').unwrap_or(usize::MAX)) {
                body.find(";\n").unwrap_or(end)
            } else {
                end
            };
            let body: String = body[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let words: Vec<&str> = body.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let holds = SECRET_TYPES.iter().any(|secret| words.contains(secret));
            // TypedCode has a Debug of its own, which shows nothing.
            if holds && derives.contains("Debug") && !words.contains(&"TypedCode") {
                wrong.push(format!("{path}: {}", body.lines().next().unwrap_or_default()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
