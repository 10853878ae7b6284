//! Fetching a password from where the inventory says it is.

use super::entry::PasswordAt;
use super::error::InventoryError;
use crate::cli;
use crate::console::{Operator, Question};
use crate::model::{Failure, Secret, text};
use displaydoc::Display;
use std::path::Path;

/// password of {whom}:
#[derive(Display)]
struct PasswordPrompt {
    whom: String,
}

impl Question for PasswordPrompt {}

impl PasswordAt {
    /// Fetches the password: the first line of its file (relative to `base`),
    /// its environment variable, or what the operator types. `whom` names
    /// whose it is, for the prompt and for messages.
    ///
    /// # Errors
    /// A [`Failure`] where the file can't be read or is open to others, the
    /// variable is not set ([`InventoryError::NoPassword`]), or nobody answers.
    pub fn fetch(&self, base: &Path, whom: &str, operator: &mut dyn Operator) -> Result<Secret, Failure> {
        match self {
            PasswordAt::Prompt => Ok(operator.secret(&PasswordPrompt { whom: whom.to_owned() })?),
            PasswordAt::File(file) => {
                cli::secret_file(&base.join(file)).map_err(|failure| failure.about(format!("the password of {whom}")))
            }
            PasswordAt::Env(name) => Ok(from_env(name, whom)?),
        }
    }
}

fn from_env(name: &str, whom: &str) -> Result<Secret, InventoryError> {
    match std::env::var(name) {
        // Trimmed, because a shell and a file of variables leave a line
        // feed at the end, and each wrong try counts toward a lock-out.
        Ok(text) if !text::trimmed(&text).is_empty() => Ok(Secret::new(text::trimmed(&text).to_owned())),
        _ => Err(InventoryError::NoPassword {
            whom: whom.to_owned(),
            what: format!("the environment variable {} is not set", text::one_line(name)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::Scripted;
    use crate::model::Exit;

    #[test]
    fn a_password_is_found_where_the_inventory_says() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("p");
        std::fs::write(&file, "secret \nnot this\n").expect("written");
        let mut nobody = Scripted::default();
        let mut fetch = |at: PasswordAt| at.fetch(folder.path(), "admin", &mut nobody).map(|s| s.reveal().to_owned());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("set");
            mode(0o640);
            assert_eq!(fetch(PasswordAt::File("p".into())).expect_err("too open").exit, Exit::KeyUnusable);
            mode(0o600);
        }
        assert_eq!(fetch(PasswordAt::File("p".into())).expect("there"), "secret", "the blank is nobody's");
        for saved in ["\u{feff}secret\r\n", "\u{200b}\u{a0}secret\u{a0}", "secret\t\nmore"] {
            std::fs::write(&file, saved).expect("written");
            assert_eq!(fetch(PasswordAt::File("p".into())).expect("there"), "secret", "{saved:?}");
        }
        let wide: Vec<u8> = "\u{feff}secret\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(&file, wide).expect("written");
        assert_eq!(fetch(PasswordAt::File("p".into())).expect("there"), "secret", "as PowerShell writes it");
        assert_eq!(fetch(PasswordAt::File("q".into())).expect_err("no file").exit, Exit::MediaMissing);
        let gone = fetch(PasswordAt::Env("HANDCARRY_NO_SUCH_VARIABLE".into())).expect_err("not set");
        assert_eq!(gone.exit, Exit::NotFound);
        assert_eq!(fetch(PasswordAt::Prompt).expect_err("nobody").exit, Exit::Declined);
        let mut typed = Scripted::new(["typed"]);
        assert_eq!(PasswordAt::Prompt.fetch(folder.path(), "x", &mut typed).expect("typed").reveal(), "typed");
        assert_eq!(typed.asked, ["password of x:"]);
    }
}
