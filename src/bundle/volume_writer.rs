//! One run of bytes cut into volumes while it is written.

use super::{BundleError, VolumeSink, WriteSeek};
use std::io::SeekFrom;

/// Writes volume after volume, and can go back to patch a few bytes.
pub(super) struct VolumeWriter<'a> {
    sink: &'a mut dyn VolumeSink,
    names: Vec<String>,
    volume_bytes: u64,
    /// Volumes begun; those that can no longer be patched are let go.
    open: Vec<Option<Box<dyn WriteSeek>>>,
    at: u64,
}

impl<'a> VolumeWriter<'a> {
    /// Starts with no volume; `names` are those it will need, in order.
    pub fn new(sink: &'a mut dyn VolumeSink, names: Vec<String>, volume_bytes: u64) -> Self {
        VolumeWriter { sink, names, volume_bytes, open: Vec::new(), at: 0 }
    }

    /// Appends bytes.
    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), BundleError> {
        while !bytes.is_empty() {
            let (volume, within) = self.place(self.at);
            if volume == self.open.len() {
                let name = self.names.get(volume).cloned().unwrap_or_default();
                let file = self.sink.create(&name).map_err(|source| BundleError::Write { name, source })?;
                self.open.push(Some(file));
            }
            let length = usize::try_from(self.volume_bytes - within).unwrap_or(usize::MAX).min(bytes.len());
            let (now, later) = bytes.split_at(length);
            self.with(volume, |file| file.write_all(now))?;
            self.at += length as u64;
            bytes = later;
        }
        Ok(())
    }

    /// Overwrites bytes already written, in volumes that were not let go.
    pub fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<(), BundleError> {
        // One by one, since the four bytes of a CRC-32 may lie across two volumes.
        for (at, byte) in bytes.iter().enumerate() {
            let (volume, within) = self.place(offset + at as u64);
            self.with(volume, |file| {
                file.seek(SeekFrom::Start(within))?;
                file.write_all(&[*byte])?;
                file.seek(SeekFrom::End(0)).map(drop)
            })?;
        }
        Ok(())
    }

    /// Lets go of volumes that end before `offset`: nothing there changes any more.
    pub fn forget_before(&mut self, offset: u64) {
        let (volume, _) = self.place(offset);
        // Else a bundle of 999 volumes would need 999 open files.
        self.open.iter_mut().take(volume).for_each(|file| *file = None);
    }

    /// Checks that `total` bytes were written, and lets go of all volumes.
    pub fn finish(mut self, total: u64) -> Result<(), BundleError> {
        debug_assert_eq!(self.at, total, "the layout told the size beforehand");
        for volume in 0..self.open.len() {
            self.with(volume, |file| file.flush())?;
        }
        Ok(())
    }

    /// The volume that byte `offset` lies in, and where in it.
    fn place(&self, offset: u64) -> (usize, u64) {
        let volume = usize::try_from(offset / self.volume_bytes).expect("volumes are limited");
        (volume, offset % self.volume_bytes)
    }

    fn with(
        &mut self,
        volume: usize,
        act: impl FnOnce(&mut dyn WriteSeek) -> std::io::Result<()>,
    ) -> Result<(), BundleError> {
        match &mut self.open[volume] {
            Some(file) => {
                act(&mut **file).map_err(|source| BundleError::Write { name: self.names[volume].clone(), source })
            }
            None => Ok(()),
        }
    }
}
