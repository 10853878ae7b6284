//! Recovery volumes: what they restore, what they can't, and what they leave alone.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, BundleError, Mended};
use handcarry::testing::media::{DurableSet, Mode};
use handcarry::testing::model::{Exit, Explain};
use proptest::prelude::*;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A bundle with recovery volumes in a folder of its own, and its bytes.
struct Protected {
    dir: tempfile::TempDir,
    volumes: Vec<PathBuf>,
    recovery: Vec<PathBuf>,
    whole: Vec<u8>,
}

fn protected(contents: &[Vec<u8>], volume_bytes: Option<u64>, percent: u8) -> Protected {
    let dir = tempfile::tempdir().unwrap();
    let written = write_protected(dir.path(), contents, volume_bytes, percent);
    let whole = joined(&written.volumes);
    let recovery = written.recovery.into_iter().map(|(path, _)| path).collect();
    Protected { dir, volumes: written.volumes, recovery, whole }
}

fn joined(volumes: &[PathBuf]) -> Vec<u8> {
    volumes.iter().flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn flip(path: &Path, at: usize) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 0x55;
    std::fs::write(path, bytes).unwrap();
}

/// Repairs into another folder; returns what was mended and the bytes, judged by all steps of opening.
fn repair(from: &Path, percent: u8) -> Result<(Mended, Vec<u8>), BundleError> {
    let out = tempfile::tempdir().unwrap();
    let repair = bundle::examine(from)?;
    let mut sink = Folder::at(out.path());
    let restored = repair.restore(&mut sink, "b.zip", &())?;
    if restored.mended().lost > 0 {
        drop(sink);
        assert_eq!(std::fs::read_dir(out.path()).unwrap().count(), 0, "nothing is left behind");
        return Err(BundleError::BeyondRepair { name: "b.zip".into(), why: format!("{:?}", restored.mended()) });
    }
    let opened = bundle::open_by(restored.set(), &trust(), &expect(), &|path| restored.open_file(path))?;
    opened.verify_packages(&())?;
    let made = restored.protect(percent, &mut sink, &())?;
    assert_eq!(made.len(), percent as usize);
    let mended = restored.mended();
    let paths = handcarry::testing::bundle::VolumeSink::commit_all(&mut sink).unwrap();
    verify(out.path()).expect("it opens under its name");
    // It is protected again, by the very same recovery volumes.
    let again = bundle::examine(out.path()).unwrap();
    assert_eq!(again.recovery_there(), percent as usize);
    let volumes: Vec<PathBuf> = paths[..paths.len() - made.len()].to_vec();
    Ok((mended, joined(&volumes)))
}

#[test]
fn every_volume_lost_in_turn_is_restored() {
    let bundle = protected(&[bytes(1, 300_000), bytes(2, 60_000)], Some(20_000), 10);
    assert_eq!(bundle.volumes.len(), 19);
    for lost in &bundle.volumes {
        let kept = std::fs::read(lost).unwrap();
        std::fs::remove_file(lost).unwrap();
        assert_eq!(verify(bundle.dir.path()).unwrap_err().exit(), Exit::VolumesIncomplete);
        let (mended, restored) = repair(bundle.dir.path(), 10).unwrap_or_else(|error| panic!("{lost:?}: {error}"));
        assert!(restored == bundle.whole, "{lost:?}");
        assert!(mended.restored > 0 && mended.unprotected == 0, "{mended:?}");
        std::fs::write(lost, kept).unwrap();
    }
}

#[test]
fn volumes_that_were_swapped_cut_or_overgrown_are_restored() {
    let bundle = protected(&[bytes(1, 300_000), bytes(2, 60_000)], Some(20_000), 10);
    let (one, other) = (&bundle.volumes[2], &bundle.volumes[7]);
    let (first, second) = (std::fs::read(one).unwrap(), std::fs::read(other).unwrap());
    std::fs::write(one, &second).unwrap();
    std::fs::write(other, &first).unwrap();
    let examined = bundle::examine(bundle.dir.path()).unwrap();
    assert_eq!(examined.misnamed().len(), 2, "{:?}", examined.misnamed());
    let (mended, restored) = repair(bundle.dir.path(), 10).unwrap();
    assert!(restored == bundle.whole && mended.restored == 0, "{mended:?}");
    std::fs::write(one, &first[..9000]).unwrap();
    std::fs::write(other, &second).unwrap();
    let (mended, restored) = repair(bundle.dir.path(), 10).unwrap();
    assert!(restored == bundle.whole && mended.restored > 0, "{mended:?}");
    std::fs::write(one, [&first[..], b"more"].concat()).unwrap();
    assert!(repair(bundle.dir.path(), 10).unwrap().1 == bundle.whole);
}

#[test]
fn damaged_records_are_restored() {
    let bundle = protected(&[bytes(1, 40_000)], None, 10);
    let path = &bundle.volumes[0];
    let length = bundle.whole.len();
    // Manifest, texts, a local header, the central directory, the end records.
    for at in [0, 60, 2000, length - 10, length - 60, length - 400] {
        flip(path, at);
        assert!(verify(bundle.dir.path()).is_err(), "byte {at}");
        assert!(repair(bundle.dir.path(), 10).unwrap().1 == bundle.whole, "byte {at}");
        std::fs::write(path, &bundle.whole).unwrap();
    }
}

#[test]
fn lost_and_damaged_recovery_volumes_only_cost_what_they_gave() {
    let bundle = protected(&[bytes(1, 300_000)], None, 10);
    for path in &bundle.recovery[..3] {
        std::fs::remove_file(path).unwrap();
    }
    flip(&bundle.recovery[4], 30);
    flip(&bundle.recovery[5], 3000);
    std::fs::write(&bundle.recovery[6], b"HCPARITY").unwrap();
    let (swapped, with) = (std::fs::read(&bundle.recovery[7]).unwrap(), std::fs::read(&bundle.recovery[8]).unwrap());
    std::fs::write(&bundle.recovery[7], with).unwrap();
    std::fs::write(&bundle.recovery[8], swapped).unwrap();
    assert!(verify(bundle.dir.path()).is_ok(), "opening does not look at them");
    let examined = bundle::examine(bundle.dir.path()).unwrap();
    assert!(examined.recovery_there() >= 4 && !examined.recovery_useless().is_empty());
    let block = 4096;
    for at in [1000, 1000 + block, 1000 + 2 * block] {
        flip(&bundle.volumes[0], at);
    }
    assert!(repair(bundle.dir.path(), 10).unwrap().1 == bundle.whole);
}

#[test]
fn damage_beyond_the_recovery_volumes_is_said_and_nothing_is_left() {
    let bundle = protected(&[bytes(1, 300_000)], None, 3);
    for n in 0..4 {
        flip(&bundle.volumes[0], 10_000 + n * 4096);
    }
    let error = repair(bundle.dir.path(), 3).unwrap_err();
    assert_eq!(error.exit(), Exit::BeyondRepair, "{error}");
    std::fs::write(&bundle.volumes[0], &bundle.whole[..100]).unwrap();
    assert_eq!(bundle::examine(bundle.dir.path()).err().unwrap().exit(), Exit::BeyondRepair);
}

#[test]
fn recovery_volumes_of_another_bundle_do_not_mix_in() {
    let ours = protected(&[bytes(1, 300_000)], None, 5);
    let theirs = protected(&[bytes(9, 300_000)], None, 5);
    // All of them: refused, though id, size and number are the same.
    for (our, their) in ours.recovery.iter().zip(&theirs.recovery) {
        std::fs::copy(their, our).unwrap();
    }
    let error = bundle::examine(ours.dir.path()).err().expect("refused");
    assert_eq!(error.exit(), Exit::VolumesMixed, "{error}");
    // Some of them: told, and not used.
    let ours = protected(&[bytes(1, 300_000)], None, 5);
    for at in 0..3 {
        std::fs::copy(&theirs.recovery[at], &ours.recovery[at]).unwrap();
    }
    flip(&ours.volumes[0], 5000);
    let examined = bundle::examine(ours.dir.path()).unwrap();
    assert_eq!((examined.recovery_there(), examined.recovery_useless().len()), (2, 3));
    assert!(repair(ours.dir.path(), 5).unwrap().1 == ours.whole);
}

#[test]
fn forged_recovery_volumes_make_nothing_that_passes() {
    // All of another bundle, in its recovery volumes alone: so many that they
    // replace every byte. It is rebuilt, and then judged by its signature.
    let ours = protected(&[bytes(1, 60_000)], None, 100);
    let theirs = tempfile::tempdir().unwrap();
    let content = [&bytes(1, 30_000)[..], &bytes(8, 30_000)[..]].concat();
    let mut forged = draft(&manifest(vec![package(0, &content)]));
    forged.signatures = draft(&manifest(vec![package(0, b"x")])).signatures;
    let written = write_draft_protected(theirs.path(), &forged, &[content], None, 100);
    for (our, (their, _)) in ours.recovery.iter().zip(&written.recovery) {
        std::fs::copy(their, our).unwrap();
    }
    let error = repair(ours.dir.path(), 100).map(|(mended, _)| mended).expect_err("it is not what was signed");
    assert_eq!(error.exit(), Exit::ThresholdNotMet, "{error}");
}

#[test]
fn without_recovery_volumes_there_is_nothing_to_repair_by() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[bytes(1, 1000)], None);
    let error = bundle::examine(dir.path()).err().expect("refused");
    assert!(error.exit() == Exit::NotFound && error.hint().is_some(), "{error}");
}

#[test]
fn names_that_are_taken_are_left_alone() {
    let bundle = protected(&[bytes(1, 1000)], None, 2);
    let repair = bundle::examine(bundle.dir.path()).unwrap();
    std::fs::remove_file(&bundle.volumes[0]).unwrap();
    let mut sink = Folder::at(bundle.dir.path());
    assert!(matches!(repair.restore(&mut sink, "b.zip", &()), Err(BundleError::NameTaken { .. })));
    let set = DurableSet::new(bundle.dir.path(), Mode::Shared);
    assert_eq!(set.names().unwrap().len(), 2, "only the recovery volumes");
}

/// The page suffices: a decoder with Python's standard library, written from it, restores the same.
#[test]
fn a_decoder_written_from_the_manual_page_restores_the_same() {
    for (volume_bytes, percent) in [(None, 4), (Some(3000), 12)] {
        let bundle = protected(&[bytes(1, 30_000), bytes(2, 777)], volume_bytes, percent);
        match volume_bytes {
            None => [0, 20_000, 33_000].iter().for_each(|at| flip(&bundle.volumes[0], *at)),
            Some(_) => std::fs::remove_file(&bundle.volumes[3]).unwrap(),
        }
        std::fs::remove_file(&bundle.recovery[0]).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bundle/recover.py");
        let out = bundle.dir.path().join("restored");
        let done = Command::new("python3").arg(script).arg(bundle.dir.path()).arg("b").arg(&out).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert!(std::fs::read(&out).unwrap() == bundle.whole, "{volume_bytes:?}");
        assert!(repair(bundle.dir.path(), percent).unwrap().1 == bundle.whole);
    }
}

/// Who has no handcarry does not see them.
#[test]
fn joining_and_7_zip_are_not_disturbed() {
    let bundle = protected(&[bytes(1, 30_000)], Some(8192), 10);
    let sh = |line: &str| {
        let done = Command::new("sh").args(["-c", line]).current_dir(bundle.dir.path()).output().unwrap();
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let said = sh("if command -v 7zz >/dev/null; then 7zz t b.zip.001; else 7z t b.zip.001; fi");
    assert!(said.contains("Everything is Ok") && said.contains("Volumes = 5"), "{said}");
    sh("cat b.zip.* > joined && unzip -qt joined");
    assert!(std::fs::read(bundle.dir.path().join("joined")).unwrap() == bundle.whole);
    let set = bundle::locate(bundle.dir.path()).unwrap();
    assert_eq!((set.paths().len(), bundle::recovery_beside(&set)), (5, 10));
}

/// Several stripes: large blocks, and the stripes worked on at once.
#[test]
fn a_bundle_of_several_stripes_survives_a_burst() {
    let bundle = protected(&[bytes(1, 15 << 20)], Some(1 << 20), 7);
    let facts = bundle::recovery_volumes(bundle.whole.len() as u64, 7).unwrap();
    assert_eq!(facts.volume_bytes(), std::fs::metadata(&bundle.recovery[0]).unwrap().len());
    assert_eq!(facts.volumes_restored(1 << 20), 1);
    let burst = facts.burst_bytes() as usize;
    let first = 9_123_457;
    for volume in first >> 20..=(first + burst - 1) >> 20 {
        let path = &bundle.volumes[volume];
        let mut content = std::fs::read(path).unwrap();
        let (from, to) = (first.max(volume << 20), (first + burst).min((volume + 1) << 20));
        content[from - (volume << 20)..to - (volume << 20)].iter_mut().for_each(|byte| *byte ^= 0xff);
        std::fs::write(path, content).unwrap();
    }
    let (mended, restored) = repair(bundle.dir.path(), 7).unwrap();
    assert!(restored == bundle.whole && mended.restored >= (burst as u64) / (64 << 10), "{mended:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Flips anywhere, in as many blocks as there are recovery volumes left.
    #[test]
    fn flips_within_capacity_are_restored(
        percent in 1..=12u8,
        seed in any::<u64>(),
        flips in prop::collection::vec(any::<prop::sample::Index>(), 1..12),
        gone in prop::collection::hash_set(0..12usize, 0..4),
        cut in any::<bool>(),
    ) {
        let bundle = protected(&[bytes(seed, 20_000), bytes(seed ^ 9, 512)], cut.then_some(2500), percent);
        let gone: Vec<usize> = gone.into_iter().filter(|at| *at < percent as usize).take(percent as usize - 1).collect();
        gone.iter().for_each(|at| std::fs::remove_file(&bundle.recovery[*at]).unwrap());
        for flipped in flips.iter().take(percent as usize - gone.len()) {
            let at = flipped.index(bundle.whole.len());
            let (volume, within) = if cut { (at / 2500, at % 2500) } else { (0, at) };
            flip(&bundle.volumes[volume], within);
        }
        prop_assert!(repair(bundle.dir.path(), percent).unwrap().1 == bundle.whole);
    }
}
