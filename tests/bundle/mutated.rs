//! Changed bytes anywhere: never a panic, never accepted.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, parse_manifest};
use handcarry::testing::model::Exit;
use handcarry::testing::model::Explain;
use proptest::prelude::*;
use std::sync::LazyLock;

/// A small bundle in one piece.
static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    let written = write(dir.path(), &[bytes(1, 700), bytes(2, 5)], None);
    std::fs::read(&written.volumes[0]).unwrap()
});

/// What becomes of a bundle of these bytes.
fn verdict(content: &[u8]) -> Result<(), bundle::BundleError> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("b.zip"), content).unwrap();
    verify(dir.path()).map(drop)
}

#[test]
fn every_single_changed_byte_is_refused() {
    assert!(verdict(&WHOLE).is_ok());
    for at in (0..WHOLE.len()).step_by(3) {
        let mut content = WHOLE.clone();
        content[at] ^= 1 << (at % 8);
        let refused = verdict(&content).expect_err("a changed byte");
        assert!(refused.exit() != Exit::Failure, "byte {at}: {refused}");
        assert!(refused.hint().is_some(), "byte {at}: {refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn cut_joined_and_overwritten_bundles_are_refused(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<[u8; 8]>(), 0..4u8), 1..4),
    ) {
        let mut content = WHOLE.clone();
        for (at, to, word, how) in cuts {
            let (at, to) = (at.index(content.len()), to.index(content.len()));
            match how {
                0 => content.truncate(at.max(1)),
                1 => drop(content.drain(at.min(to)..at.max(to))),
                2 => {
                    let end = (at + 8).min(content.len());
                    content[at..end].copy_from_slice(&word[..end - at]);
                }
                _ => { content.splice(at..at, word); }
            }
            if content.is_empty() {
                content.push(0);
            }
        }
        prop_assert!(content == *WHOLE || verdict(&content).is_err());
    }

    #[test]
    fn mutated_manifests_never_pass_unless_canonical(
        at in any::<prop::sample::Index>(), with in prop_oneof![Just("\""), Just("0"), Just("null"), Just("[{"), Just("\\u0000"), Just("-1e9")],
        delete in 0..6usize,
    ) {
        let good = bundle::manifest_bytes(&manifest(vec![package(0, &bytes(1, 10))]));
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.splice(at..(at + delete).min(good.len()), with.bytes());
        if let Ok(parsed) = parse_manifest(&changed) {
            prop_assert_eq!(bundle::manifest_bytes(&parsed), changed);
        }
    }

    #[test]
    fn any_text_is_read_as_a_manifest_without_panic(text in any::<Vec<u8>>()) {
        prop_assert!(parse_manifest(&text).is_err());
    }
}
