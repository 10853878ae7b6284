//! The largest of everything that is read from outside, each with its unit and reason.

/// Longest `manifest.json`, in bytes: the chunk digests of about 1 TiB.
// It is read and hashed before anybody's signature holds, so an unsigned file decides about this memory.
pub const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// Longest signature file, in bytes: an SSHSIG takes about 300 to 500.
pub const MAX_SIGNATURE_BYTES: u64 = 16 << 10;

/// Most signature files: more people than ever sign one bundle.
// Each costs a read and perhaps a verification before anything is trusted, and whoever holds the stick can add them.
pub const MAX_SIGNATURES: usize = 64;

/// Longest `SHA256SUMS`, in bytes: about 200 for each of [`MAX_PACKAGES`].
pub const MAX_SUMS_BYTES: u64 = 4 << 20;

/// Longest `README.txt`, in bytes: a page, a line or two for each of [`MAX_PACKAGES`] and of [`MAX_APPLIANCES`],
/// and a number for each of [`MAX_WANTED`].
pub const MAX_README_BYTES: u64 = 8 << 20;

/// Most packages in a bundle: a vendor lists a handful.
// Far above what anybody sends, and low enough that a list of all of them is nothing to memory.
pub const MAX_PACKAGES: usize = 10_000;

/// Most appliances in a bundle: more than a trip reaches.
// Whoever signs reads a line for each of them, and the inside compares the serial numbers of all.
pub const MAX_APPLIANCES: usize = 1000;

/// Most packages that all appliances of a bundle list together: a hundred for each of [`MAX_APPLIANCES`].
// A package counts once for each appliance that wants it, so this bounds the work where [`MAX_PACKAGES`] does not.
pub const MAX_WANTED: usize = 100_000;

/// Most requirements of one package.
// Each is compared with all packages before it, so this bounds the work as well.
pub const MAX_REQUIRES: usize = 64;

/// Most other origins that one package may have come from.
// Each was a question to a person, who allows one or two.
pub const MAX_ALLOWED: usize = 16;

/// Most entries in the container: packages, signatures, manifest, sums, readme.
pub const MAX_ENTRIES: usize = MAX_PACKAGES + MAX_SIGNATURES + 3;

/// Longest central directory, in bytes: below 250 for each of [`MAX_ENTRIES`].
pub const MAX_DIRECTORY_BYTES: u64 = 4 << 20;

/// Longest frame, in bytes: all that a bundle holds but its packages, each part at its limit, and the headers of
/// [`MAX_ENTRIES`].
// It is copied before anybody's signature holds, so an unsigned file decides about this room on the disk.
pub const MAX_FRAME_BYTES: u64 = MAX_MANIFEST_BYTES
    + MAX_SIGNATURES as u64 * MAX_SIGNATURE_BYTES
    + MAX_SUMS_BYTES
    + MAX_README_BYTES
    + 2 * MAX_DIRECTORY_BYTES;

/// Most volumes: what three digits count.
// The shell joins `NAME.zip.*` in the order of names, and there `.1000` comes before `.101`.
pub const MAX_VOLUMES: usize = 999;

/// Smallest volume but the last, in bytes: smaller ones are a mistake in a unit.
pub const MIN_VOLUME_BYTES: u64 = 1024;

/// Most names looked at in one folder of a medium.
// Other people's files may lie on a stick by the thousand. Beyond this
// the medium would decide how much memory a list takes.
pub const MAX_FOLDER_NAMES: usize = 10_000;

/// Longest text in the manifest that people read (a title, a host), in bytes.
// A host name has 253 characters at most, and a line of a report bears no more.
pub const MAX_TEXT_BYTES: usize = 256;

/// Longest release notes of one package in the manifest, in bytes: some two hundred lines.
// Far below what the manifest may have, and more than anybody reads at night.
pub const MAX_NOTES_BYTES: usize = 16 << 10;

/// Longest path in the manifest, in bytes: what Linux allows.
pub const MAX_PATH_BYTES: usize = 4096;

/// Largest number in the manifest: what every JSON reader keeps exactly (2^53 - 1).
pub const MAX_NUMBER: u64 = (1 << 53) - 1;

/// Most damaged ranges that are told one by one; the rest are counted.
// Who reads them has a stick in the hand: so many show whether it is one spot or all of it.
pub const MAX_RANGES_TOLD: usize = 16;

/// Most appliances of a bundle that a refusal names; the rest are counted.
// Whoever reads it looks for one name, and three show which trip the stick belongs to.
pub const MAX_APPLIANCES_TOLD: usize = 3;

/// How many times the bytes that are left of it a damaged bundle may say that
/// it has: a forged word takes no more room than that.
pub const MAX_CLAIM_TIMES: u64 = 16;

/// Data blocks of one stripe of a container with recovery volumes: each recovery volume is one per cent.
pub const DATA_BLOCKS: u64 = 100;

/// Most recovery volumes, and so most recovery blocks of one stripe: as much again as the container.
pub const MAX_RECOVERY_VOLUMES: usize = 100;

/// Smallest block, in bytes: a sector, for containers of a few KiB.
pub const MIN_BLOCK_BYTES: u64 = 512;

/// Largest block, in bytes: the digests that travel with it are below 3 % of it, and a stripe is 6.5 MB.
pub const MAX_BLOCK_BYTES: u64 = 64 << 10;

/// Most packets of one recovery volume that are tried to find one that is whole: 67 MB of the largest.
pub const MAX_PACKETS_TRIED: u64 = 1024;

/// Most places that are tried for volumes that lie under one another's names.
pub const MAX_PLACES_TRIED: usize = 4096;

/// Bytes of a container held at once while stripes are worked on: with what the code needs beside it,
/// all of it stays below 64 MiB.
pub const MAX_STRIPES_BYTES: u64 = 8 << 20;
