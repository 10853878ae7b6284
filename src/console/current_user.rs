//! Whose account this runs under, for records that must name a person.

use crate::model::text;

/// Longest account name told, in characters.
const MAX_NAME_CHARS: usize = 64;

/// Names the account as the system does: the number is the kernel's word, the
/// names are the environment's and only help people.
pub fn current_user() -> String {
    let from = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let name = from("LOGNAME").or_else(|| from("USER")).or_else(|| from("USERNAME"));
    let mut told = cut(&name.unwrap_or_else(|| "unknown".to_owned()));
    if let Some(number) = number() {
        told.push_str(&format!(" (uid {number})"));
    }
    // Under sudo the number is root's, and the person is the one who called it.
    if let Some(before) = from("SUDO_USER") {
        told.push_str(&format!(", by sudo from {}", cut(&before)));
    }
    told
}

fn cut(name: &str) -> String {
    text::short_line(name, MAX_NAME_CHARS)
}

#[cfg(unix)]
fn number() -> Option<u32> {
    Some(rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn number() -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_account_has_a_name_or_a_number() {
        let told = super::current_user();
        assert!(!told.is_empty() && !told.contains('\n'), "{told}");
        #[cfg(unix)]
        assert!(told.contains("(uid "), "{told}");
    }
}
