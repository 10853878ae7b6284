//! A file that holds a secret.

use super::{others_may_read, read_any};
use crate::model::{Exit, Failure, Secret, ShowPath, close_command, text};
use std::path::Path;
use zeroize::Zeroizing;

/// Longest secret file, in bytes; a passphrase or password is one line.
pub const MAX_SECRET_BYTES: u64 = 8 * 1024;

/// Reads the first line of a file that holds a secret, without the marks and
/// blanks that an editor put around it: a secret that really begins or ends with
/// a blank is typed at its question.
///
/// # Errors
/// A [`Failure`] where it can't be read, is larger than 8 KiB, empty, not
/// UTF-8, or (on Unix) readable by other users.
pub fn secret_file(path: &Path) -> Result<Secret, Failure> {
    // Looked at before it is read: a secret that others could read is to be replaced, not used.
    if others_may_read(path) {
        return Err(Failure::new(Exit::KeyUnusable, format!("{} can be read by other users", path.shown()))
            .hint(format!("close it: {}", close_command(path))));
    }
    let bytes = Zeroizing::new(read_any(path, MAX_SECRET_BYTES, "a file with a secret")?);
    let decoded = text::decoded(&bytes).map(Zeroizing::new).ok_or_else(|| {
        Failure::new(Exit::Config, format!("{} is not UTF-8 text", path.shown()))
            .hint("put the secret on the file's first line, as plain text")
    })?;
    let line = text::trimmed(decoded.lines().next().unwrap_or_default());
    if line.is_empty() {
        return Err(Failure::new(Exit::Config, format!("the first line of {} is empty", path.shown()))
            .hint("put the secret on the file's first line"));
    }
    Ok(Secret::new(line.to_owned()))
}
