//! Who may use a key and a home, by Windows' lists, which Wine keeps as this
//! machine's permissions.

use super::Wine;
use crate::support::home::set_mode;
use crate::support::said::Said;
use handcarry::testing::model::Exit;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// What those may do who are neither the owner nor of the same group, by the digit of `chmod`.
fn others(path: &Path) -> u32 {
    path.metadata().expect("there").permissions().mode() & 0o007
}

/// Seals what is in the vault.
fn seal(wine: &Wine, more: &[&str]) -> Said {
    let told = ["seal", "--appliance", "LAB-1", "--model", "B200", "--host", "support.example.com", "--from", "ana"];
    wine.outside(&[&told[..], more].concat(), "")
}

#[test]
fn keys_and_homes_are_for_their_owner_alone_and_a_key_that_is_not_is_refused() {
    let wine = Wine::new();
    wine.packaged();
    wine.outside(&["keygen", "--principal", "ana", "--no-passphrase"], "").ends(0);
    let key = wine.on_c("hc/outside/keys/signing");
    for own in ["hc", "hc/outside", "hc/outside/keys", "hc/outside/keys/signing", "hc/outside/events.jsonl"] {
        assert_eq!(others(&wine.on_c(own)), 0, "{own}");
    }
    // The half that is handed on has the rights of its folder.
    assert_ne!(others(&wine.on_c("hc/outside/keys/signing.pub")), 0);
    set_mode(&key, 0o644);
    seal(&wine, &[])
        .ends(Exit::KeyUnusable)
        .says(r"C:\hc\outside\keys\signing can be read by others (open to Everyone)")
        .says(r"icacls C:\hc\outside\keys\signing /inheritance:r /grant:r *S-1-3-4:F");
    set_mode(&key, 0o600);
    seal(&wine, &["--write", "E:"]).ends(0);
    // A file with a secret is looked at in the same way.
    let secret = wine.on_c("secret");
    std::fs::write(&secret, "words\n").expect("written");
    let keygen = ["keygen", "--principal", "ana", "--out", "second", "--passphrase-file", "secret"];
    set_mode(&secret, 0o644);
    wine.outside(&keygen, "").ends(Exit::KeyUnusable).says("secret can be read by other users");
    set_mode(&secret, 0o600);
    wine.outside(&keygen, "").ends(0);
}
