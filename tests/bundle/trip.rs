//! Bundles for many appliances: what goes in comes out again for each, and how
//! many fit.

use crate::bundle::kit::*;
use handcarry::testing::bundle::{self, BundleError, Draft, Expect, ExpectHere, manifest_bytes, parse_manifest};
use handcarry::testing::model::*;
use proptest::prelude::*;
use std::io::Read;

fn named(n: usize) -> Package {
    let file = format!("package-{n}.nss");
    Package { file: FileName::parse(&file).unwrap(), ..package(n, format!("content {n}").as_bytes()) }
}

fn serial(n: usize) -> String {
    format!("LAB-{n:04}-BG")
}

#[test]
fn each_appliance_reads_its_own_packages_in_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let contents: Vec<Vec<u8>> = (0..3).map(|n| bytes(n, 50_000)).collect();
    let packages: Vec<Package> = contents.iter().enumerate().map(|(n, content)| package(n, content)).collect();
    let of = |own: &[usize]| own.iter().map(|n| packages[*n].clone()).collect::<Vec<_>>();
    // The second one wants the third package first.
    let consignments =
        vec![consignment("S-1", of(&[0, 1])), consignment("S-2", of(&[2, 0])), consignment("S-3", of(&[0, 1, 2]))];
    let manifest = trip(consignments.clone());
    assert_eq!(manifest.packages, of(&[0, 1, 2]), "each once");
    write_draft(dir.path(), &draft(&manifest), &contents, None).unwrap();
    let name = bundle::bundle_name(&manifest);
    assert_eq!(name.as_str(), "trip-3-appliances-00112233.zip");
    for own in &consignments {
        let here = ExpectHere::of(&own.appliance);
        let opened = bundle::open_for(bundle::locate(dir.path()).unwrap(), &trust(), &expect(), &here).unwrap();
        let carried: &Consignment = opened.consignment();
        assert_eq!(carried, own);
        opened.verify_packages(&()).unwrap();
        assert_eq!(opened.packages().count(), own.packages.len());
        for package in &own.packages {
            let mut read = Vec::new();
            opened.package(&package.file).unwrap().read_to_end(&mut read).unwrap();
            assert_eq!(Sha256Digest::of(&read), package.sha256);
        }
    }
    let readme = String::from_utf8(unzipped(dir.path(), "README.txt")).unwrap();
    assert!(readme.starts_with("UPDATES FOR 3 APPLIANCES\n"), "{readme}");
    assert!(readme.contains("      3, 1\n   - support.example.com, serial number S-2, sequence 7\n"), "{readme}");
    assert!(readme.lines().all(|line| line.chars().count() <= 84), "{readme}");
    // What the printed command says of one appliance is signed, and nothing else.
    std::fs::write(dir.path().join("manifest.json"), unzipped(dir.path(), "manifest.json")).unwrap();
    let line = readme.lines().find(|line| line.contains("sed -n")).unwrap().trim().replace("SERIAL", "S-2");
    let said = std::process::Command::new("sh").args(["-c", &line]).current_dir(dir.path()).output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    let files: Vec<&str> = said.lines().filter(|line| line.contains(".nss")).map(str::trim).collect();
    assert_eq!(files, ["\"package-2.nss\",", "\"package-0.nss\""], "{said}");
    assert!(
        said.contains("\"serial\": \"S-2\"") && said.contains("\"sequence\": 7") && !said.contains("S-1"),
        "{said}"
    );
}

fn unzipped(folder: &std::path::Path, entry: &str) -> Vec<u8> {
    std::process::Command::new("unzip").args(["-p", "b.zip", entry]).current_dir(folder).output().unwrap().stdout
}

/// A trip to so many appliances, each of which installs these packages.
fn fleet(appliances: usize, own: impl Fn(usize) -> Vec<Package>) -> Manifest {
    trip((0..appliances).map(|n| consignment(&serial(n), own(n))).collect())
}

/// How large its bundle is.
fn size_bytes(manifest: &Manifest) -> Result<u64, BundleError> {
    bundle::size_bytes(&Draft::of(std::borrow::Cow::Borrowed(manifest), Vec::new())?)
}

#[test]
fn how_much_one_trip_may_be_has_named_limits() {
    // 500 appliances with 20 packages each of their own: 10,000 packages.
    let many = fleet(500, |n| (n * 20..n * 20 + 20).map(named).collect());
    let total = size_bytes(&many).unwrap();
    println!(
        "500 appliances, 10,000 packages: a manifest of {} bytes, a bundle of {total}",
        manifest_bytes(&many).len()
    );
    let refused = |manifest: &Manifest| match size_bytes(manifest) {
        Err(BundleError::Limit { what, limit, found }) => (what, limit, found),
        other => panic!("{other:?}"),
    };
    // Larger packages have more digests: told in bytes of the manifest.
    let large = fleet(500, |n| {
        let chunks =
            |package: Package| Package { size_bytes: 30 * CHUNK_BYTES, chunks: vec![package.sha256; 30], ..package };
        (n * 20..n * 20 + 20).map(named).map(chunks).collect()
    });
    assert_eq!((refused(&large).0.as_str(), refused(&large).1.as_str()), ("manifest.json", "16.0 MiB"));
    let shared: Vec<Package> = (0..101).map(named).collect();
    size_bytes(&fleet(1000, |_| shared[..100].to_vec())).unwrap();
    let named = |limit: &str, found: &str, what: &str| (what.to_owned(), limit.to_owned(), found.to_owned());
    let wanted = refused(&fleet(1000, |_| shared.clone()));
    assert_eq!(wanted, named("100000", "101000", "the number of packages that its appliances install"));
    let appliances = refused(&fleet(1001, |_| shared[..1].to_vec()));
    assert_eq!(appliances, named("1000", "1001", "the number of appliances"));
}

proptest! {
    #[test]
    fn what_is_put_together_reads_back_for_each(
        wanted in prop::collection::vec((1..99_999usize, prop::collection::vec(0..9usize, 1..6), 1..9u64), 1..8),
    ) {
        let mut once = std::collections::BTreeSet::new();
        let consignments: Vec<Consignment> = wanted
            .into_iter()
            .filter(|(n, ..)| once.insert(*n))
            .map(|(n, mut own, sequence)| {
                let mut files = std::collections::BTreeSet::new();
                own.retain(|n| files.insert(*n));
                Consignment { sequence, ..consignment(&format!("S{n}"), own.into_iter().map(named).collect()) }
            })
            .collect();
        let manifest = trip(consignments.clone());
        let read = parse_manifest(&manifest_bytes(&manifest)).unwrap();
        prop_assert_eq!(&read, &manifest);
        for own in &consignments {
            prop_assert_eq!(read.consignment(&own.appliance.serial), Some(own.clone()));
        }
        // Another order of the same is not the format's.
        let mut turned = manifest.clone();
        turned.packages.reverse();
        prop_assert!(turned == manifest || parse_manifest(&manifest_bytes(&turned)).is_err());
        let mut turned = manifest.clone();
        turned.appliances.reverse();
        prop_assert!(turned == manifest || parse_manifest(&manifest_bytes(&turned)).is_err());
    }
}

#[test]
fn no_appliance_is_taken_for_another() {
    let dir = tempfile::tempdir().unwrap();
    let content = bytes(1, 10);
    let manifest = trip((1..=5).map(|n| consignment(&serial(n), vec![package(0, &content)])).collect());
    write_draft(dir.path(), &draft(&manifest), &[content], None).unwrap();
    let open = |serial: &str| {
        let appliance = appliance(serial);
        let set = bundle::locate(dir.path()).unwrap();
        bundle::open_for(set, &trust(), &Expect::anything(now()), &ExpectHere::of(&appliance)).map(drop)
    };
    open(&serial(3)).unwrap();
    for other in ["LAB-0006-BG", "lab-0003-bg", "LAB-0003-BG ", ""] {
        let refused = open(other).unwrap_err();
        assert_eq!(refused.exit(), Exit::WrongAppliance);
        let told = refused.to_string();
        assert!(told.contains("serial LAB-0003-BG) and 2 more appliances, not for"), "{told}");
    }
}
