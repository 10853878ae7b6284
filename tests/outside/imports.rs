//! What a person brought is looked at before anybody vouches for it.

use crate::outside::half::Outside;
use handcarry::testing::model::Sha256Digest;

/// What a package may be made of.
fn bytes() -> Vec<u8> {
    (0..200_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 9) as u8 | 0x80).collect()
}

fn file(bench: &Outside, name: &str, bytes: &[u8]) -> String {
    std::fs::write(bench.path(name), bytes).expect("writes");
    bench.path(name).display().to_string()
}

#[test]
fn what_does_not_look_like_a_finished_package_is_taken_only_by_a_word() {
    let page = b"\n<!DOCTYPE html><html><body>Please log in.".to_vec();
    for (name, bytes, why) in [
        ("Bomgar-10.6.2.nss.crdownload", bytes(), "unfinished download"),
        ("Bomgar-10.6.2.nss.part", bytes(), "unfinished download"),
        ("Bomgar-10.6.2.download", bytes(), "unfinished download"),
        ("Bomgar-10.6.2.nss.partial", bytes(), "unfinished download"),
        ("Bomgar-10.6.2.opdownload", bytes(), "unfinished download"),
        ("Bomgar-10.6.2 (1).nss", bytes(), "more than once"),
        ("Bomgar-10.6.2.nss", page, "web page"),
        ("Bomgar-10.6.2.nss", vec![0; 200_000], "zeros"),
        ("Bomgar-10.6.2.nss", bytes()[..1000].to_vec(), "only 1000 bytes"),
        ("Bomgar-10.6.2.html", bytes(), "of no package"),
    ] {
        let bench = Outside::new();
        let file = file(&bench, name, &bytes);
        let said = bench.run(&["import", &file, "--by", "ana"]).ends(5);
        assert!(said.err.contains("warning: ") && said.err.contains(why), "{name}: {}", said.err);
        assert!(said.err.contains("--doubtful"), "{}", said.err);
        assert!(bench.run(&["vault"]).ends(0).out.contains("The vault is empty"), "{name}");
        bench.tell(&["import", &file, "--by", "ana"], "n\n").ends(5);
        // By a word it is taken, for what it is called without what a browser added.
        let said = bench.tell(&["import", &file, "--by", "ana"], "y\n").ends(0);
        assert!(said.out.contains("Bomgar 10.6.2  [site 10.6.2]"), "{name}: {}", said.out);
    }
    let bench = Outside::new();
    let file = file(&bench, "anything.txt", &bytes());
    let args = ["import", &file, "--kind", "base", "--version", "9.0.0", "--by", "ana"];
    bench.run(&args).ends(5);
    assert!(bench.run(&[&args[..], &["--doubtful"]].concat()).ends(0).err.contains("warning: "));
}

#[test]
fn the_vendors_digest_and_size_are_compared() {
    let bench = Outside::new();
    let (bytes, name) = (bytes(), "Bomgar-10.6.2.nss.part");
    let file = file(&bench, name, &bytes);
    let right = Sha256Digest::of(&bytes).to_string();
    let import = |more: &[&str]| bench.run(&[&["import", &file, "--by", "ana"], more].concat());
    let wrong = import(&["--doubtful", "--sha256", &right.replace(|c| c < '8', "8")]).ends(34);
    assert!(wrong.err.contains(&format!("its SHA-256 is {right}")), "{}", wrong.err);
    let short = import(&["--doubtful", "--size", "200001"]).ends(62);
    assert!(short.err.contains("is 200000 bytes long, and the vendor says 200001 bytes"), "{}", short.err);
    import(&["--doubtful", "--size", "18.2 MB"]).ends(62);
    import(&["--sha256", "abc"]).ends(2);
    import(&["--size", "big"]).ends(2);
    bench.run(&["import", &file, &file, "--by", "ana", "--sha256", &right]).ends(2);
    assert!(bench.run(&["vault"]).ends(0).out.contains("The vault is empty"));
    // The vendor's own digest says more than any look.
    let shown: Vec<String> =
        right.to_uppercase().as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).into()).collect();
    let said = import(&["--sha256", &format!("SHA256:{} ", shown.join(":")), "--size", "200 KB"]).ends(0);
    assert!(said.err.contains("its SHA-256 is the one given") && !said.err.contains("unfinished"), "{}", said.err);
}

#[test]
fn another_file_of_the_same_version_is_told() {
    let bench = Outside::new();
    let mut other = bytes();
    let first = file(&bench, "Bomgar-10.6.2.nss", &other);
    bench.run(&["import", &first, "--by", "ana"]).ends(0);
    bench.run(&["import", &first, "--by", "ana"]).ends(0);
    other[100_000] ^= 1;
    let second = file(&bench, "site.bin", &other);
    let args = ["import", &second, "--title", "BeyondTrust 10.6.2", "--by", "ana"];
    let said = bench.run(&args).ends(5);
    let digest = Sha256Digest::of(&bytes()).short();
    assert!(
        said.err.contains(&format!("has another file of site 10.6.2, 200000 bytes, SHA-256 {digest}")),
        "{}",
        said.err
    );
    bench.tell(&args, "y\n").ends(0);
}
