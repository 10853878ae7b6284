//! The ZIP records of format 1, byte by byte.
//!
//! Name, size, CRC-32 and offset of an entry decide every byte of its records,
//! so the writer writes them and the reader demands them from the same lines.
//! Numbers are little-endian; names of fields are those of PKWARE's APPNOTE 6.3.10.

/// A 32-bit field that can't hold its number says this, and the number follows in ZIP64.
const SENTINEL: u64 = u32::MAX as u64;

const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
const END64_SIGNATURE: u32 = 0x0606_4b50;
const LOCATOR_SIGNATURE: u32 = 0x0706_4b50;
const END_SIGNATURE: u32 = 0x0605_4b50;

/// Made on Unix (3), by version 4.5 of the specification.
// Unix also where Windows wrote it: only then do readers look at ATTRIBUTES, and the bytes are the same everywhere.
const MADE_BY: u16 = 0x032d;
/// 1.0: stored; 4.5: with ZIP64.
const NEEDS_PLAIN: u16 = 10;
const NEEDS_ZIP64: u16 = 45;
/// 1980-01-01: the same packages make the same bytes whenever they are written.
const DATE: u16 = 0x0021;
/// A regular file, 0644.
const ATTRIBUTES: u32 = 0o100_644 << 16;

const LOCAL_BYTES: usize = 30;
const CENTRAL_BYTES: usize = 46;
const END_BYTES: u64 = 22;
const END64_BYTES: u64 = 56;
const LOCATOR_BYTES: u64 = 20;
/// The longest tail of a container: all three end records.
pub(super) const TAIL_BYTES: u64 = END64_BYTES + LOCATOR_BYTES + END_BYTES;

/// One entry: all that its records hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ZipEntry {
    pub name: String,
    pub size: u64,
    pub crc: u32,
    /// Where its local header begins, from the start of the container.
    pub offset: u64,
}

impl ZipEntry {
    /// Where its bytes begin.
    pub fn data_offset(&self) -> u64 {
        self.offset + self.local_bytes()
    }

    /// Where the next record begins.
    pub fn end(&self) -> u64 {
        self.data_offset() + self.size
    }

    /// Length of its local header.
    pub fn local_bytes(&self) -> u64 {
        // A size of exactly 0xFFFF_FFFF reads as the sentinel, so it needs the ZIP64 field as well.
        let zip64 = if self.size >= SENTINEL { 20 } else { 0 };
        LOCAL_BYTES as u64 + self.name.len() as u64 + zip64
    }

    /// Where in its local header the CRC-32 lies.
    pub const CRC_AT: u64 = 14;

    /// Its local file header.
    pub fn local_header(&self) -> Vec<u8> {
        let large = self.size >= SENTINEL;
        let mut record = Record::default();
        record.u32(LOCAL_SIGNATURE).u16(if large { NEEDS_ZIP64 } else { NEEDS_PLAIN });
        self.common(&mut record, if large { 20 } else { 0 });
        record.bytes(self.name.as_bytes());
        if large {
            record.u16(1).u16(16).u64(self.size).u64(self.size);
        }
        record.0
    }

    /// Its central directory header.
    pub fn central_header(&self) -> Vec<u8> {
        let large = self.size >= SENTINEL;
        let far = self.offset >= SENTINEL;
        let values: u16 = if large { 16 } else { 0 } + if far { 8 } else { 0 };
        let zip64 = values > 0;
        let mut record = Record::default();
        record.u32(CENTRAL_SIGNATURE).u16(MADE_BY).u16(if zip64 { NEEDS_ZIP64 } else { NEEDS_PLAIN });
        self.common(&mut record, if zip64 { 4 + values } else { 0 });
        record.u16(0).u16(0).u16(0).u32(ATTRIBUTES).u32(self.offset.min(SENTINEL) as u32);
        record.bytes(self.name.as_bytes());
        if zip64 {
            record.u16(1).u16(values);
        }
        // APPNOTE 4.5.3: the field holds only those numbers whose own place is full, in this order.
        if large {
            record.u64(self.size).u64(self.size);
        }
        if far {
            record.u64(self.offset);
        }
        record.0
    }

    /// Flags to extra field length: the same in both headers.
    fn common(&self, record: &mut Record, extra: u16) {
        let size = self.size.min(SENTINEL) as u32;
        let name = u16::try_from(self.name.len()).expect("names are shorter than 64 KiB");
        record.u16(0).u16(0).u16(0).u16(DATE).u32(self.crc).u32(size).u32(size).u16(name).u16(extra);
    }

    /// Reads the central directory header at the start of `bytes`; returns the
    /// entry and the header's length.
    ///
    /// # Errors
    /// A sentence on what is not as format 1 has it.
    pub fn parse_central(bytes: &[u8]) -> Result<(ZipEntry, usize), String> {
        if bytes.len() < CENTRAL_BYTES || u32_at(bytes, 0) != CENTRAL_SIGNATURE {
            return Err("the central directory ends before its last entry".to_owned());
        }
        let name_bytes = u16_at(bytes, 28) as usize;
        let extra_bytes = u16_at(bytes, 30) as usize;
        let length = CENTRAL_BYTES + name_bytes + extra_bytes + u16_at(bytes, 32) as usize;
        let name = bytes.get(CENTRAL_BYTES..CENTRAL_BYTES + name_bytes).ok_or("an entry's name is cut short")?;
        let shown = name.escape_ascii().to_string();
        let record = bytes.get(..length).ok_or_else(|| format!("the entry {shown} is cut short"))?;
        let refuse = |why: &str| Err(format!("the entry {shown} {why}"));
        // The comparison at the end refuses these, too. They have words of their own
        // because they are what comes of packing a bundle anew with another tool.
        if u16_at(record, 8) & 1 != 0 {
            return refuse("is encrypted");
        }
        if u16_at(record, 8) & 8 != 0 {
            return refuse("has a data descriptor");
        }
        if u16_at(record, 10) != 0 {
            return refuse("is compressed");
        }
        if u32_at(record, 38) >> 28 == 0o12 {
            return refuse("is a symbolic link");
        }
        let Some(name) = std::str::from_utf8(name).ok().filter(|name| name.is_ascii()) else {
            return refuse("has a name that is not ASCII");
        };
        let large = u32_at(record, 24) as u64 == SENTINEL;
        let far = u32_at(record, 42) as u64 == SENTINEL;
        let extra = &record[CENTRAL_BYTES + name_bytes..CENTRAL_BYTES + name_bytes + extra_bytes];
        let values = extra.get(4..).unwrap_or(&[]);
        if values.len() != if large { 16 } else { 0 } + if far { 8 } else { 0 } {
            return refuse("has an extra field other than the ZIP64 one it needs");
        }
        let size = if large { u64_at(values, 0) } else { u32_at(record, 24) as u64 };
        let offset = if far { u64_at(values, values.len() - 8) } else { u32_at(record, 42) as u64 };
        let entry = ZipEntry { name: name.to_owned(), size, crc: u32_at(record, 16), offset };
        // Made again and compared whole. A list of checks would let pass what it forgets.
        match differs(record, &entry.central_header(), CENTRAL_FIELDS) {
            Some(field) => refuse(&format!("has {field} in the central directory that format 1 does not allow")),
            None => Ok((entry, length)),
        }
    }

    /// Which field of a local header is not what the central directory says.
    pub fn local_differs(&self, found: &[u8]) -> Option<&'static str> {
        differs(found, &self.local_header(), LOCAL_FIELDS)
    }
}

/// Where the central directory lies, as the end records say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    pub entries: u64,
    pub directory_offset: u64,
    pub directory_bytes: u64,
}

impl End {
    /// The end records. ZIP64 ones only where the directory begins beyond
    /// 32 bits; the counts and the directory's size never need them.
    pub fn records(&self) -> Vec<u8> {
        let entries = u16::try_from(self.entries).expect("entries are limited below 65,535");
        let mut record = Record::default();
        if self.directory_offset >= SENTINEL {
            record.u32(END64_SIGNATURE).u64(END64_BYTES - 12).u16(MADE_BY).u16(NEEDS_ZIP64).u32(0).u32(0);
            record.u64(self.entries).u64(self.entries).u64(self.directory_bytes).u64(self.directory_offset);
            record.u32(LOCATOR_SIGNATURE).u32(0).u64(self.directory_offset + self.directory_bytes).u32(1);
        }
        record.u32(END_SIGNATURE).u16(0).u16(0).u16(entries).u16(entries);
        record.u32(self.directory_bytes as u32).u32(self.directory_offset.min(SENTINEL) as u32).u16(0);
        record.0
    }

    /// Length of the whole container.
    pub fn container_bytes(&self) -> u64 {
        let records = if self.directory_offset >= SENTINEL { TAIL_BYTES } else { END_BYTES };
        self.directory_offset.saturating_add(self.directory_bytes).saturating_add(records)
    }

    /// Reads the end records at the very end of `tail`, the last bytes of a
    /// container; `None` where none are there.
    pub fn parse(tail: &[u8]) -> Option<End> {
        // Only at the very end. ZIP readers search backwards for this signature, and a comment
        // can hold a second record for them to find: then two readers see two archives.
        let end = tail.len().checked_sub(END_BYTES as usize).map(|at| &tail[at..])?;
        if u32_at(end, 0) != END_SIGNATURE {
            return None;
        }
        let mut directory_offset = u32_at(end, 16) as u64;
        if directory_offset == SENTINEL {
            let end64 = tail.len().checked_sub(TAIL_BYTES as usize).map(|at| &tail[at..])?;
            directory_offset = u64_at(end64, 48);
        }
        Some(End { entries: u16_at(end, 10) as u64, directory_offset, directory_bytes: u32_at(end, 12) as u64 })
    }

    /// Whether `tail` ends in exactly the records this stands for.
    pub fn is_canonical(&self, tail: &[u8]) -> bool {
        self.entries <= u16::MAX as u64 && self.directory_bytes < SENTINEL && tail.ends_with(&self.records())
    }
}

/// Where a record's fields begin, in order, for messages.
type Fields = &'static [(usize, &'static str)];

const LOCAL_FIELDS: Fields = &[
    (0, "signature"),
    (4, "version needed"),
    (6, "flags"),
    (8, "compression method"),
    (10, "time"),
    (14, "CRC-32"),
    (18, "size"),
    (26, "name length"),
    (28, "extra field length"),
    (30, "name or extra field"),
];

const CENTRAL_FIELDS: Fields = &[
    (0, "signature"),
    (4, "version"),
    (8, "flags"),
    (10, "compression method"),
    (12, "time"),
    (16, "CRC-32"),
    (20, "size"),
    (28, "name length"),
    (30, "extra field length"),
    (32, "comment length"),
    (34, "disk number"),
    (36, "attributes"),
    (42, "offset"),
    (46, "name or extra field"),
];

/// The field in which two records first differ.
fn differs(found: &[u8], expected: &[u8], fields: Fields) -> Option<&'static str> {
    if found == expected {
        return None;
    }
    let at = found.iter().zip(expected).position(|(a, b)| a != b).unwrap_or(found.len().min(expected.len()));
    fields.iter().rev().find(|(begin, _)| *begin <= at).map(|(_, name)| *name)
}

#[derive(Default)]
struct Record(Vec<u8>);

impl Record {
    fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn u64(&mut self, value: u64) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u16_at(bytes, at) as u32 | (u16_at(bytes, at + 2) as u32) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u32_at(bytes, at) as u64 | (u32_at(bytes, at + 4) as u64) << 32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> impl Strategy<Value = ZipEntry> {
        let edge = prop_oneof![any::<u32>().prop_map(u64::from), 0xffff_fff0..0x1_0000_000f_u64, 0..1u64 << 53];
        ("[a-z/]{1,40}", edge.clone(), any::<u32>(), edge).prop_map(|(name, size, crc, offset)| ZipEntry {
            name,
            size,
            crc,
            offset,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(entry in entry()) {
            let header = entry.central_header();
            prop_assert_eq!(ZipEntry::parse_central(&header), Ok((entry.clone(), header.len())));
            prop_assert_eq!(entry.local_header().len() as u64, entry.local_bytes());
            prop_assert_eq!(entry.local_differs(&entry.local_header()), None);
        }

        #[test]
        fn end_records_read_back(entries in 0..10_000u64, directory_offset in 0..1u64 << 40, directory_bytes in 0..1u64 << 22) {
            let end = End { entries, directory_offset, directory_bytes };
            prop_assert_eq!(End::parse(&end.records()), Some(end));
            prop_assert!(end.is_canonical(&end.records()));
        }

        #[test]
        fn a_changed_byte_is_found(entry in entry(), at in any::<prop::sample::Index>(), by in 1..=255u8) {
            let mut header = entry.central_header();
            let at = at.index(header.len());
            header[at] ^= by;
            prop_assert_ne!(ZipEntry::parse_central(&header), Ok((entry, header.len())));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = ZipEntry::parse_central(&bytes);
            let _ = End::parse(&bytes).map(|end| end.is_canonical(&bytes));
        }
    }
}
