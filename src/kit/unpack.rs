//! The programs out of a portable archive.

use super::error::KitError;
use crate::model::{FileName, text};
use std::io::{self, Cursor, Read};

/// Largest program, in bytes: thirty times ours. A small archive may hold much that is packed well.
const MAX_PROGRAM_BYTES: u64 = 512 << 20;

/// Most entries looked at in an archive: a hundred times ours.
const MAX_ENTRIES: usize = 10_000;

/// A program out of an archive.
#[derive(Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The file's name, such as `handcarry-inside`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Takes the programs of those names out of an archive (`.tar.gz` or `.zip`)
/// whose digest held. Nothing else in it is looked at, and nothing is written.
///
/// # Errors
/// [`KitError::Archive`] where it can't be read or lacks one of them.
pub fn unpack(archive: &FileName, bytes: &[u8], names: &[String]) -> Result<Vec<Unpacked>, KitError> {
    let failed = |why: String| KitError::Archive { file: archive.to_string(), why };
    let found = match archive.as_str().ends_with(".zip") {
        true => of_zip(bytes, names),
        false => of_tar(bytes, names),
    };
    let found = found.map_err(|error| failed(text::one_line(&error.to_string())))?;
    match names.iter().find(|name| !found.iter().any(|program| program.name == **name)) {
        Some(missing) => Err(failed(format!("{missing} is not in it"))),
        None => Ok(found),
    }
}

/// The program that a path in an archive is of, by its last part.
fn meant<'a>(path: &str, names: &'a [String]) -> Option<&'a String> {
    let last = path.rsplit('/').next().unwrap_or_default();
    names.iter().find(|name| *name == last)
}

fn of_tar(bytes: &[u8], names: &[String]) -> io::Result<Vec<Unpacked>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes));
    let mut found = Vec::new();
    for entry in archive.entries()?.take(MAX_ENTRIES) {
        let entry = entry?;
        // Completions and pages bear the programs' names, too: those are executable.
        let is_program = entry.header().entry_type().is_file() && entry.header().mode()? & 0o111 != 0;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some(name) = meant(&path, names).filter(|_| is_program) {
            found.push(read(name, entry)?);
        }
    }
    Ok(found)
}

fn of_zip(bytes: &[u8], names: &[String]) -> io::Result<Vec<Unpacked>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes))?;
    let mut found = Vec::new();
    for at in 0..archive.len().min(MAX_ENTRIES) {
        let entry = archive.by_index(at)?;
        if let Some(name) = meant(entry.name()?.as_ref(), names) {
            found.push(read(name, entry)?);
        }
    }
    Ok(found)
}

fn read(name: &str, from: impl Read) -> io::Result<Unpacked> {
    let mut bytes = Vec::new();
    if from.take(MAX_PROGRAM_BYTES + 1).read_to_end(&mut bytes)? as u64 > MAX_PROGRAM_BYTES {
        return Err(io::Error::other(format!("{name} is larger than {}", text::bytes(MAX_PROGRAM_BYTES))));
    }
    Ok(Unpacked { name: name.to_owned(), bytes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names() -> Vec<String> {
        vec!["handcarry-inside".to_owned()]
    }

    fn tar_of(path: &str, mode: u32) -> Vec<u8> {
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        let mut header = tar::Header::new_ustar();
        header.set_size(4);
        header.set_mode(mode);
        archive.append_data(&mut header, path, &b"prog"[..]).expect("appended");
        archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("packed")
    }

    fn zip_of(path: &str) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let packed = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        archive.start_file(path, packed).expect("begun");
        archive.write_all(b"prog").expect("written");
        archive.finish().expect("packed").into_inner()
    }

    #[test]
    fn the_program_is_what_bears_its_name_and_can_be_run() {
        let name = |ending: &str| FileName::parse(&format!("handcarry-1.0.0-x{ending}")).expect("a name");
        let expected = vec![Unpacked { name: "handcarry-inside".to_owned(), bytes: b"prog".to_vec() }];
        let tar = unpack(&name(".tar.gz"), &tar_of("handcarry-1.0.0/bin/handcarry-inside", 0o755), &names());
        assert_eq!(tar.expect("unpacked"), expected);
        let zip = unpack(&name(".zip"), &zip_of("handcarry-1.0.0/handcarry-inside"), &names());
        assert_eq!(zip.expect("unpacked"), expected);
        for bytes in
            [tar_of("bash-completion/handcarry-inside", 0o644), tar_of("bin/other", 0o755), b"no gzip".to_vec()]
        {
            assert!(unpack(&name(".tar.gz"), &bytes, &names()).is_err());
        }
        assert!(unpack(&name(".zip"), b"no zip", &names()).is_err());
    }
}
