//! A file that the appliance sends, passed on as it comes.

use crate::driver::DriverError;
use crate::model::Meter;
use crate::web::WebError;
use std::io::{Read, Write};

/// Bytes copied at a time from the network to the backup file.
const COPY_BYTES: usize = 64 * 1024;

/// Copies all of `reader`, telling the network's errors from the disk's.
pub(super) fn copy(
    reader: &mut dyn Read,
    sink: &mut dyn Write,
    meter: &dyn Meter,
    origin: &str,
) -> Result<u64, DriverError> {
    let mut buffer = vec![0; COPY_BYTES];
    let mut bytes = 0u64;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(WebError::Broken { origin: origin.to_owned(), why: error.to_string() }.into());
            }
        };
        sink.write_all(&buffer[..read]).map_err(DriverError::Sink)?;
        meter.advance(read as u64);
        bytes += read as u64;
    }
    sink.flush().map_err(DriverError::Sink)?;
    Ok(bytes)
}
