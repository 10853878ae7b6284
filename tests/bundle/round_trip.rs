//! What is written can be opened, and only what was written.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, BundleError, Draft, Expect, ExpectHere};
use handcarry::testing::model::*;
use proptest::prelude::*;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

#[test]
fn a_bundle_opens_and_its_packages_come_out_whole() {
    let dir = tempfile::tempdir().unwrap();
    let contents = [bytes(1, 9 << 20), bytes(2, 1), bytes(3, 4 << 20)];
    let written = write(dir.path(), &contents, None);
    assert_eq!(written.volumes, [dir.path().join("b.zip")]);
    assert_eq!(written.size_bytes, written.volumes[0].metadata().unwrap().len());
    let bundle = verify(dir.path()).unwrap();
    assert_eq!(bundle.approval().approvers[0].principal, WHO);
    for (n, content) in contents.iter().enumerate() {
        let file = bundle.manifest().packages[n].file.clone();
        let mut reader = bundle.package(&file).unwrap();
        assert_eq!(reader.size_bytes(), content.len() as u64);
        let mut read = Vec::new();
        reader.read_to_end(&mut read).unwrap();
        assert!(read == *content, "{file}");
    }
}

#[test]
fn the_size_is_known_beforehand() {
    let dir = tempfile::tempdir().unwrap();
    let contents = vec![bytes(1, 70_000)];
    let manifest = manifest(vec![package(0, &contents[0])]);
    let draft = draft(&manifest);
    let written = write_draft(dir.path(), &draft, &contents, None).unwrap();
    assert_eq!(bundle::size_bytes(&draft).unwrap(), written.size_bytes);
}

#[test]
fn reading_again_also_finds_what_changes_around_the_packages() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 5 << 20), bytes(2, 70_000)], None);
    let bundle = bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &expect()).unwrap();
    bundle.verify_repeatedly(2, &mut |_, _| None, &()).unwrap();
    let last = written.size_bytes - 30;
    for at in [60, last] {
        let mut pass = 0;
        let mut before = |path: &Path, _: &std::fs::File| {
            pass += 1;
            if pass > 1 {
                flip(path, at);
            }
            None
        };
        let error = bundle.verify_repeatedly(3, &mut before, &()).unwrap_err();
        let BundleError::Unsteady(told) = error else { panic!("{error}") };
        let [range] = &told.ranges[..] else { panic!("{told}") };
        assert_eq!(range.file.as_str(), "b.zip");
        assert!((range.first..=range.last).contains(&at), "{told}");
        assert_eq!(
            range.answers,
            [bundle::ChunkReading::Right, bundle::ChunkReading::Other(0), bundle::ChunkReading::Right]
        );
    }
}

#[test]
fn a_damaged_byte_is_named_by_package_and_volume_and_nothing_of_it_is_given_out() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 9 << 20)], Some(3 << 20));
    assert_eq!(written.volumes.len(), 4);
    flip(&written.volumes[1], 100);
    let bundle = bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &expect()).unwrap();
    let error = bundle.verify_packages(&()).unwrap_err();
    assert_eq!(error.exit(), Exit::DigestMismatch);
    let message = error.to_string();
    assert!(message.starts_with("bytes 0 to 4194303 of package-0.nss are not those that were signed for"), "{message}");
    assert!(message.contains("b.zip.001 bytes") && message.contains("b.zip.002 bytes 0 to"), "{message}");
    let mut reader = bundle.package(&FileName::parse("package-0.nss").unwrap()).unwrap();
    let mut first = [0; 1];
    let refused = reader.read(&mut first).unwrap_err();
    assert!(matches!(BundleError::in_io(&refused), Some(BundleError::Damaged(_))));
    assert!(reader.read(&mut first).is_err(), "a refused chunk stays refused");
}

#[test]
fn a_stick_that_changes_after_it_was_verified_gains_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // Its last chunk lies beyond what is verified ahead of the reader.
    let content = bytes(1, 33 << 20);
    let written = write(dir.path(), std::slice::from_ref(&content), None);
    let bundle = verify(dir.path()).unwrap();
    let file = FileName::parse("package-0.nss").unwrap();
    let mut reader = bundle.package(&file).unwrap();
    let mut given = vec![0; 5 << 20];
    reader.read_exact(&mut given).unwrap();
    // The very file that is open answers differently from now on, in its last chunk.
    let mut stick = std::fs::OpenOptions::new().write(true).open(&written.volumes[0]).unwrap();
    stick.seek(SeekFrom::Start(written.size_bytes - 2000)).unwrap();
    stick.write_all(b"evil").unwrap();
    let refused = reader.read_to_end(&mut given).unwrap_err();
    assert_eq!(BundleError::in_io(&refused).unwrap().exit(), Exit::DigestMismatch);
    assert_eq!(given.len(), 32 << 20, "the chunks before it, and none of its own bytes");
    assert!(given == content[..32 << 20]);
}

#[test]
fn writing_refuses_packages_that_are_not_those_sealed_and_leaves_nothing() {
    let content = bytes(1, 5 << 20);
    let manifest = manifest(vec![package(0, &content)]);
    let draft = draft(&manifest);
    let mut changed = content.clone();
    changed[4 << 20] ^= 1;
    let short = content[..content.len() - 1].to_vec();
    let long = [content.clone(), vec![0]].concat();
    for (kept, why) in [
        (changed, "bytes 4194304 to 5242879 differ"),
        (short, "it ends after 5242879 bytes"),
        (long, "it goes on after 5242880 bytes"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let error = write_draft(dir.path(), &draft, &[kept], Some(1 << 20)).unwrap_err();
        assert_eq!(error.exit(), Exit::VaultDamaged);
        assert!(error.to_string().ends_with(why), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn writing_refuses_a_name_that_is_taken_by_any_volume() {
    let content = bytes(1, 10);
    let draft = draft(&manifest(vec![package(0, &content)]));
    // On FAT both are the same file.
    for taken in ["b.zip.004", "B.ZIP.004"] {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(taken), "left over").unwrap();
        let error = write_draft(dir.path(), &draft, std::slice::from_ref(&content), None).unwrap_err();
        assert_eq!((error.exit(), error.to_string()), (Exit::Exists, format!("{taken} is there already")));
    }
}

#[test]
fn reading_back_names_what_the_medium_changed() {
    let dir = tempfile::tempdir().unwrap();
    let content = bytes(1, 5 << 20);
    let draft: Draft<'_> = draft(&manifest(vec![package(0, &content)]));
    let crcs = [crc32fast::hash(&content)];
    let written = write_draft(dir.path(), &draft, &[content], None).unwrap();
    let set = bundle::locate(&written.volumes[0]).unwrap();
    let open = |path: &Path| std::fs::File::open(path);
    bundle::read_back(&set, &draft, &crcs, &open, &()).unwrap();
    flip(&written.volumes[0], written.size_bytes - 1000);
    let error = bundle::read_back(&set, &draft, &crcs, &open, &()).unwrap_err();
    assert_eq!(error.exit(), Exit::MediaLies, "{error}");
    assert!(error.to_string().contains("bytes 4194304 to 5242879 of package-0.nss"), "{error}");
}

#[test]
fn a_bundle_is_for_one_appliance_one_request_and_one_time() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[bytes(1, 10)], None);
    let other = appliance("LAB-0002-BG");
    let same_serial = ApplianceId { host: "renamed.example.com".into(), ..appliance("LAB-0001-BG") };
    let used = [manifest(vec![]).bundle];
    let base = ExpectHere::of(&same_serial);
    for (here, exit) in [
        (ExpectHere { lowest_sequence: Some(7), ..base.clone() }, Exit::Ok),
        (ExpectHere::of(&other), Exit::WrongAppliance),
        (ExpectHere { used: &used, ..base.clone() }, Exit::Replayed),
        (ExpectHere { lowest_sequence: Some(8), ..base.clone() }, Exit::Rollback),
        (ExpectHere { request: Some(used[0]), ..base.clone() }, Exit::WrongRequest),
    ] {
        let opened = bundle::open_for(bundle::locate(dir.path()).unwrap(), &trust(), &expect(), &here);
        assert_eq!(opened.map_or_else(|error| error.exit(), |_| Exit::Ok), exit, "{here:?}");
    }
    for (expect, exit) in [
        (Expect::anything(time("2026-03-04T05:01:06Z")), Exit::NotYetValid),
        (Expect::anything(time("2026-06-04T05:06:07Z")), Exit::Expired),
        (Expect::anything(time("1970-01-01T00:10:00Z")), Exit::ClockUntrusted),
        (Expect { last_trusted: Some(time("2026-03-05T00:06:00Z")), ..expect() }, Exit::ClockWentBack),
    ] {
        let opened = bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &expect);
        assert_eq!(opened.map_or_else(|error| error.exit(), |_| Exit::Ok), exit, "{expect:?}");
    }
    let within_tolerance = Expect::anything(time("2026-03-04T05:01:07Z"));
    assert!(bundle::open(bundle::locate(dir.path()).unwrap(), &trust(), &within_tolerance).is_ok());
}

#[test]
fn volumes_of_two_bundles_do_not_pass_for_one() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let contents = [bytes(1, 10_000)];
    write(one.path(), &contents, Some(4096));
    let mut other = manifest(vec![package(0, &contents[0])]);
    other.appliances[0].sequence = 8;
    write_draft(two.path(), &draft(&other), &contents, Some(4096)).unwrap();
    let last = std::fs::read_dir(one.path()).unwrap().count();
    let name = format!("b.zip.{last:03}");
    std::fs::copy(two.path().join(&name), one.path().join(&name)).unwrap();
    let error = verify(one.path()).unwrap_err();
    assert_eq!(error.exit(), Exit::VolumesMixed, "{error}");
}

#[test]
fn a_volume_left_by_an_older_run_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 10_000)], Some(4096));
    let left = dir.path().join(format!("b.zip.{:03}", written.volumes.len() + 1));
    for length in [4096, 17] {
        std::fs::write(&left, bytes(5, length)).unwrap();
        let error = verify(dir.path()).unwrap_err();
        assert_eq!(error.exit(), Exit::VolumesMixed, "{error}");
    }
}

#[test]
fn what_comes_back_otherwise_is_named_wherever_it_lies() {
    let dir = tempfile::tempdir().unwrap();
    let contents = [bytes(1, 3 << 20), bytes(2, 9 << 20)];
    let draft = draft(&manifest(vec![package(0, &contents[0]), package(1, &contents[1])]));
    let crcs = contents.each_ref().map(|content| crc32fast::hash(content));
    let written = write_draft(dir.path(), &draft, &contents, Some(5 << 20)).unwrap();
    let names: Vec<String> =
        written.volumes.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    let set = bundle::VolumeSet::to_be(dir.path(), &names.iter().map(String::as_str).collect::<Vec<_>>());
    let read_back = || bundle::read_back(&set, &draft, &crcs, &|path| std::fs::File::open(path), &());
    read_back().unwrap();
    let good: Vec<Vec<u8>> = written.volumes.iter().map(|path| std::fs::read(path).unwrap()).collect();
    let mend = || good.iter().zip(&written.volumes).for_each(|(bytes, path)| std::fs::write(path, bytes).unwrap());

    // The manifest, the directory, an end: whatever it is, it was written right.
    let last = written.volumes.last().unwrap();
    let end = last.metadata().unwrap().len();
    let directory = std::fs::read(last).unwrap();
    let crc_of_last = directory.windows(4).rposition(|bytes| bytes == crcs[1].to_le_bytes()).unwrap() as u64;
    for (path, at) in [(&written.volumes[0], 100), (last, end - 1), (last, end - 200), (last, crc_of_last)] {
        flip(path, at);
        let error = read_back().unwrap_err();
        assert_eq!(error.exit(), Exit::MediaLies, "byte {at}: {error}");
        mend();
    }
    // Nothing but zeros from somewhere in the second volume on, as on a medium
    // with less room than it says: the ends are gone, and yet the range is told.
    for (path, from) in [(&written.volumes[1], 1 << 20), (last, 0)] {
        let mut bytes = std::fs::read(path).unwrap();
        bytes[from..].fill(0);
        std::fs::write(path, bytes).unwrap();
    }
    let error = read_back().unwrap_err();
    assert_eq!(error.exit(), Exit::MediaLies, "{error}");
    let said = error.to_string();
    assert!(said.contains("bytes 0 to 9437183 of package-1.nss") && said.contains("b.zip.003 bytes 0 to"), "{said}");
    assert!(!said.contains("package-0.nss"), "{said}");
    mend();
    std::fs::write(last, &good.last().unwrap()[..10]).unwrap();
    assert!(read_back().unwrap_err().to_string().contains("were written"));
}

fn flip(path: &Path, at: u64) {
    let mut content = std::fs::read(path).unwrap();
    content[at as usize] ^= 0x40;
    std::fs::write(path, content).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn any_packages_in_any_volumes_come_back(
        sizes in prop::collection::vec(prop_oneof![1..3000usize, (4usize << 20) - 2..(4 << 20) + 3], 1..4),
        volume in prop_oneof![Just(None), (1024..9000u64).prop_map(|n| Some(n * 8)), (1u64 << 20..1 << 23).prop_map(Some)],
    ) {
        let dir = tempfile::tempdir().unwrap();
        let contents: Vec<_> = sizes.iter().enumerate().map(|(n, size)| bytes(n as u64, *size)).collect();
        let total: usize = sizes.iter().sum();
        prop_assume!(volume.is_none_or(|volume| (total as u64 + 20_000) / volume < 999));
        let written = write(dir.path(), &contents, volume);
        let bundle = verify(dir.path()).unwrap();
        prop_assert_eq!(bundle.size_bytes(), written.size_bytes);
        for (n, content) in contents.iter().enumerate() {
            let mut read = Vec::new();
            bundle.package(&bundle.manifest().packages[n].file).unwrap().read_to_end(&mut read).unwrap();
            prop_assert!(read == *content);
        }
    }
}
