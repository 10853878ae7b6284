//! The serial number of a stick, as Linux tells it below `/sys/devices`.

use crate::model::text;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Longest serial number that is read, in bytes: USB allows 126 characters.
const MAX_SERIAL_BYTES: u64 = 512;

/// Most folders above a block device that are looked into: a stick's own is the eighth above its partition.
const MAX_DEVICES: usize = 12;

/// The serial number that is told nearest above a block device.
pub(super) fn above(block: &Path) -> Option<String> {
    for device in block.ancestors().take(MAX_DEVICES) {
        let mut told = String::new();
        let file = File::open(device.join("serial")).map(|file| file.take(MAX_SERIAL_BYTES));
        // What is no text, or empty, is none.
        if file.and_then(|mut file| file.read_to_string(&mut told)).is_ok() && !told.trim().is_empty() {
            return Some(text::one_line(&told));
        }
        // Above a USB device stand the hubs that it is plugged into, and their numbers are not the stick's.
        if device.join("idVendor").exists() {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_stick_has_its_own_number_and_never_that_of_its_port() {
        let root = tempfile::tempdir().expect("a folder");
        let hub = root.path().join("usb1");
        let stick = hub.join("1-2");
        let block = stick.join("1-2:1.0/host0/target0:0:0/0:0:0:0/block/sdb/sdb1");
        fs::create_dir_all(&block).expect("made");
        fs::write(hub.join("serial"), "0000:00:14.0\n").expect("written");
        assert_eq!(above(&block).as_deref(), Some("0000:00:14.0"), "no USB device stands between, as of a disk inside");
        fs::write(stick.join("idVendor"), "0781\n").expect("written");
        assert_eq!(above(&block), None);
        fs::write(stick.join("serial"), "4C5300\u{1b}01 \n").expect("written");
        assert_eq!(above(&block).as_deref(), Some("4C530001"));
    }
}
