//! The backup file: what the site holds, scrambled with the password.

use crate::lab::{HOST, toy_cipher};
use crate::model::Version;
use crate::simulator::{Fault, Faults, Machine};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8] = b"LAB-NSB 1\n";

/// Bytes of made-up configuration and, beside it, history.
const CONFIGURATION_BYTES: usize = 200_000;
const HISTORY_BYTES: usize = 150_000;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lab) struct BackupContents {
    pub(in crate::lab) serial: String,
    host: String,
    base: Option<Version>,
    pub(in crate::lab) site: Option<Version>,
    installed: Vec<String>,
    history: bool,
}

impl BackupContents {
    pub(in crate::lab) fn of(machine: &Machine, history: bool) -> Self {
        BackupContents {
            serial: machine.status.appliance.serial.clone(),
            host: HOST.to_owned(),
            base: machine.status.base_version.clone(),
            site: machine.status.site_version.clone(),
            installed: machine.listed.iter().map(|(title, _)| title.clone()).collect(),
            history,
        }
    }
}

/// Writes a backup; the same contents and password give the same bytes.
pub(in crate::lab) fn write(contents: &BackupContents, password: &str) -> Vec<u8> {
    let mut plain = serde_json::to_vec(contents).expect("plain fields serialise");
    plain.push(b'\n');
    let more = if contents.history { HISTORY_BYTES } else { 0 };
    plain.resize(plain.len() + CONFIGURATION_BYTES + more, 0);
    toy_cipher::close(MAGIC, &plain, password)
}

/// What is sent in the place of a backup, where a fault spoils it.
pub(in crate::lab) fn spoilt(bytes: Vec<u8>, faults: &mut Faults) -> Vec<u8> {
    if faults.strikes(Fault::BackupEmpty) {
        return Vec::new();
    }
    if faults.strikes(Fault::BackupText) {
        return b"Error: the backup could not be made.\n".to_vec();
    }
    if faults.strikes(Fault::BackupPage) {
        return b"<html><body><p>The backup could not be made.</p></body></html>".to_vec();
    }
    match faults.strikes(Fault::BackupShort) {
        true => bytes[..bytes.len() / 10].to_vec(),
        false => bytes,
    }
}

/// Reads a backup; `None` where it is none or the password is wrong.
pub(in crate::lab) fn read(bytes: &[u8], password: &str) -> Option<BackupContents> {
    let plain = toy_cipher::open(MAGIC, bytes, password)?;
    let line = plain.split(|byte| *byte == b'\n').next()?;
    serde_json::from_slice(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::SERIAL;

    #[test]
    fn a_backup_opens_with_its_password_only() {
        let version = |text| Version::parse(text);
        let contents = BackupContents {
            serial: SERIAL.into(),
            host: HOST.into(),
            base: version("3.3.2"),
            site: version("10.5.3"),
            installed: vec!["Base 3.3.2".into()],
            history: false,
        };
        let bytes = write(&contents, "secret");
        assert_eq!(read(&bytes, "secret"), Some(contents.clone()));
        assert_eq!(read(&bytes, "Secret"), None);
        assert_eq!(read(&bytes[..20], "secret"), None);
        assert_eq!(bytes, write(&contents, "secret"));
        assert_ne!(bytes, write(&BackupContents { history: true, ..contents }, "secret"));
    }
}
