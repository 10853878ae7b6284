//! Who an appliance is: its serial number.
//!
//! What this desk remembers of an appliance (journal, marks, the lock that
//! keeps two runs apart, backups, a certificate that moved to it) lies under
//! the file name made here, never under a name of the inventory: a name is a
//! handle that people change, give twice, or give to another box.

use crate::model::{FileName, Sha256Digest, fold_serial};

/// Longest serial number that is its own file name, in bytes; real ones are shorter by far.
const MAX_PLAIN_BYTES: usize = 60;

/// An appliance, by its serial number. Case and blanks around it make no other
/// appliance: nobody who types it may leave a wait behind by that.
#[derive(Debug, Clone)]
pub struct Identity {
    serial: String,
    key: FileName,
}

impl Identity {
    /// The appliance with this serial number.
    pub fn of(serial: &str) -> Self {
        let serial = serial.trim();
        // The folded form makes the key, and the form as read is shown: a person compares it with the label.
        Identity { serial: serial.to_owned(), key: key(&fold_serial(serial)) }
    }

    /// Its serial number, as it was read.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The file name that stands for it; another for each appliance.
    pub fn key(&self) -> &FileName {
        &self.key
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Identity {}

/// A serial number of letters, digits and dashes is its own name. Any other
/// has its digest behind a `_`, which the plain ones have not, so that no two
/// share a name.
fn key(folded: &str) -> FileName {
    // Letters beyond ASCII have several byte forms, and a case that filesystems fold in different ways.
    let plain = folded.len() <= MAX_PLAIN_BYTES
        && folded.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-');
    if let Some(name) = plain.then(|| FileName::parse(&folded.to_lowercase()).ok()).flatten() {
        return name;
    }
    let begin: String = folded.chars().take(MAX_PLAIN_BYTES).collect();
    // 16 hex digits are 64 bits: nobody makes two serial numbers that
    // share them by chance, and the name stays readable.
    let digest = Sha256Digest::of(folded.as_bytes()).to_string();
    FileName::from_foreign(&format!("{}_{}", FileName::from_foreign(&begin), &digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_usual_serial_number_is_its_own_file_name() {
        let of = |serial: &str| Identity::of(serial).key().to_string();
        assert_eq!(of("LAB-0001-BG"), "lab-0001-bg");
        assert_eq!(Identity::of(" lab-0001-bg\n"), Identity::of("LAB-0001-BG"));
        for odd in ["", "CON", "-1", "../../x", "A/B", "A_B", "Ä1", "A B", &"9".repeat(300)] {
            let key = of(odd);
            assert!(key.contains('_') && key.len() < 100, "{odd:?}: {key}");
        }
    }

    proptest! {
        #[test]
        fn no_two_appliances_share_a_file_name(one in any::<String>(), other in any::<String>()) {
            let same = one.trim().to_uppercase() == other.trim().to_uppercase();
            prop_assert_eq!(Identity::of(&one) == Identity::of(&other), same);
            prop_assert!(FileName::parse(Identity::of(&one).key().as_str()).is_ok());
        }
    }
}
