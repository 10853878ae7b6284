//! Files in one zip, stored, so that any tool reads it.

use crate::media::{DurableFile, MediaError, Mode};
use std::io::{self, Write};
use std::path::Path;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Writes them durably as a new file that its owner alone may read.
///
/// # Errors
/// [`MediaError::Exists`] where one is there, else what the operating system says.
pub(super) fn write_new(path: &Path, files: &[(String, impl AsRef<[u8]>)]) -> Result<(), MediaError> {
    let file = DurableFile::create(path, Mode::Private, false)?;
    let failed = |source| MediaError::of("write", path, source);
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).unix_permissions(0o600);
    let mut zip = ZipWriter::new(file);
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options).map_err(io::Error::from).map_err(failed)?;
        zip.write_all(bytes.as_ref()).map_err(failed)?;
    }
    zip.finish().map_err(io::Error::from).map_err(failed)?.commit()
}
