//! The backup by the API: a file, or a message that passes for one.

use super::super::copy::copy;
use super::legacy::{self, Plain};
use super::transport::Ask;
use super::{Api, Lack, Operation};
use crate::driver::{ApplianceRefusal, BackupOptions, DriverError};
use crate::inventory::ApiAccount;
use crate::model::{Meter, Secret};
use std::io::{Cursor, Read, Write};
use zeroize::Zeroizing;

/// Streams a backup into `sink`; how many bytes. Nothing is written before
/// the first bytes are known to be a file's.
pub(super) fn download(
    api: &mut Api,
    options: &BackupOptions<'_>,
    sink: &mut dyn Write,
    meter: &dyn Meter,
) -> Result<u64, Lack> {
    // A user's own name and password go in the form. There `password` is taken, and the backup's would have no field.
    if options.password.is_some() && matches!(api.account, ApiAccount::User(_)) {
        return Err(Lack::Lacks("as a user it takes no password that protects the backup".to_owned()));
    }
    let reply = api.endpoint("backup", |path| Ask {
        operation: Operation::Backup,
        path,
        accept: "*/*",
        fields: &[],
        json: options.password.map(body_with),
        patient: true,
    })?;
    let place = reply.place.clone();
    let mut reader = reply.reader;
    let mut head = Vec::new();
    let read = reader.by_ref().take(legacy::LOOK_BYTES as u64).read_to_end(&mut head);
    read.map_err(|error| api.patient.transfer_error(error))?;
    if head.is_empty() {
        return Err(Lack::Broken(DriverError::EmptyBackup));
    }
    // Old sites tell a wrong password with status 200 and a sentence. Kept as a file,
    // it would be a backup that restores nothing, and be found out when it is needed.
    match legacy::message(&head, head.len() < legacy::LOOK_BYTES) {
        None => {}
        Some(Plain::NotThere(said)) => {
            return Err(Lack::Lacks(format!("{place} says: {said}; the account may lack the permission")));
        }
        Some(Plain::Refused(said)) => return Err(api.refuse(&place, &said)),
        Some(Plain::Other(said)) => {
            let said = api.withhold(&options.password.map_or(said.clone(), |secret| secret.withhold(&said)));
            return Err(Lack::Broken(DriverError::Refused { what: ApplianceRefusal::Backup, page: place, said }));
        }
    }
    let origin = api.patient.origin();
    Ok(copy(&mut Cursor::new(head).chain(reader), sink, meter, &origin)?)
}

/// The JSON that carries the backup's password.
fn body_with(password: &Secret) -> Zeroizing<String> {
    let text = Zeroizing::new(serde_json::to_string(password.reveal()).expect("a text serialises"));
    Zeroizing::new(format!("{{\"password\":{}}}", &*text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_json_whatever_is_in_it() {
        let body = body_with(&Secret::new("a\"b\\ü".to_owned()));
        let read: serde_json::Value = serde_json::from_str(&body).expect("is JSON");
        assert_eq!(read["password"], "a\"b\\ü");
    }
}
