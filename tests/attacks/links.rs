//! Pipes and links in the places where handcarry reads, writes and tidies.

use crate::attacks::sticks::{half, pipe};
use crate::attacks::target::{NAME, Target};
use handcarry::testing::model::Exit;
use handcarry::testing::trust::{LineOptions, Namespace};
use std::os::unix::fs::symlink;
use std::path::Path;

fn entries(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("readable").count()
}

#[test]
fn a_pipe_or_link_named_like_an_unfinished_file_holds_nobody_up() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let elsewhere = bench.path("elsewhere");
    pipe(&elsewhere);
    let (_, line) = bench.key("other", &LineOptions::only_for(&[Namespace::Trust]));
    let (_, third) = bench.key("third", &LineOptions::only_for(&[Namespace::Bundle]));
    bench.inside(&["trust", "add", &line], "y\n").ends(Exit::Ok);
    for folder in ["requests", "receipts", "trust", "bundles"] {
        let folder = bench.path("stick/handcarry").join(folder);
        pipe(&folder.join(".handcarry-deadbeef.part"));
        symlink(&elsewhere, folder.join(".handcarry-0badcafe.part")).expect("a link");
    }
    let (stick, copy) = (bench.stick(), bench.path("stick/handcarry/bundles/copy").display().to_string());
    half(&bench, "inside", &["request", NAME, &stick], "y\n").ends(Exit::Ok);
    half(&bench, "inside", &["trust", "export", &stick], "").ends(Exit::Ok);
    half(&bench, "outside", &["trust", "follow", &stick], "y\n").ends(Exit::Ok);
    half(&bench, "outside", &["trust", "propose", &stick, "--add", &third], "y\n").ends(Exit::Ok);
    pipe(&bench.path("stick/handcarry/bundles/copy/.handcarry-deadbeef.part"));
    half(&bench, "outside", &["keygen", "--no-passphrase"], "");
    assert_ne!(half(&bench, "outside", &["vault", "export", &copy], "y\n").code, 124);
    assert!(elsewhere.exists(), "what a link leads to stays");
}

#[test]
fn a_file_on_the_stick_that_is_a_link_is_never_followed() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let on = |below: &str| bench.path("stick/handcarry").join(below);
    let elsewhere = bench.path("elsewhere.json");
    std::fs::write(&elsewhere, "{}").expect("written");
    let stick = bench.stick();
    for (name, program, args) in [
        ("requests/a.json", "outside", &["fetch", &stick][..]),
        ("receipts/a.json", "outside", &["receive", &stick]),
        ("trust/trust-1.json", "inside", &["trust", "apply", &stick]),
        ("trust/trust-1.json", "outside", &["trust", "sign", &stick]),
        ("trust/trust-1.json", "outside", &["trust", "follow", &stick]),
        ("manifest.json", "outside", &["sign", &on("manifest.json").display().to_string()]),
    ] {
        std::fs::create_dir_all(on(name).parent().expect("a folder")).expect("made");
        symlink(&elsewhere, on(name)).expect("a link");
        half(&bench, program, args, "y\n").ends(Exit::MediaMissing).says("is a symbolic link").says("hint: ");
        std::fs::remove_file(on(name)).expect("removed");
    }
    // A volume that is a link, and one that is named.
    let bundle = bench.seal(&bench.manifest(1, 1));
    let real = bench.path("real.zip");
    std::fs::rename(&bundle, &real).expect("moved");
    symlink(&real, &bundle).expect("a link");
    half(&bench, "inside", &["verify", &stick], "").ends(Exit::NoBundle).says("(a link)");
    let named = bundle.display().to_string();
    half(&bench, "inside", &["verify", &named], "").ends(Exit::VolumesIncomplete).says("is a symbolic link");
    half(&bench, "inside", &["verify", &real.display().to_string()], "").ends(Exit::Ok);
}

#[test]
fn nothing_is_signed_or_repaired_behind_a_linked_folder() {
    let bench = Target::new();
    bench.inside(&["keygen", "--no-passphrase"], "").ends(Exit::Ok);
    let bundle = bench.seal(&bench.manifest(1, 1));
    let (elsewhere, linked) = (bench.path("elsewhere"), bench.path("linked"));
    std::fs::create_dir_all(linked.join("handcarry")).expect("made");
    std::fs::rename(bench.bundles(), &elsewhere).expect("moved");
    symlink(&elsewhere, linked.join("handcarry/bundles")).expect("a link");
    let file = linked.join("handcarry/bundles").join(bundle.file_name().expect("a name"));
    let key = bench.path("sealer").display().to_string();
    let there = entries(&elsewhere);
    for place in [linked.clone(), linked.join("handcarry"), linked.join("handcarry/bundles"), file] {
        let place = place.display().to_string();
        for (program, args) in [
            ("outside", &["sign", &place, "--key", &key][..]),
            ("inside", &["repair", &place]),
            ("inside", &["verify", &place]),
        ] {
            let said = half(&bench, program, args, "y\n").ends(Exit::MediaMissing);
            said.says("is a symbolic link, which leads off the medium");
        }
    }
    // An exported draft's folder that is a link.
    let manifest = handcarry::testing::bundle::manifest_bytes(&bench.manifest(2, 1));
    std::fs::write(elsewhere.join("manifest.json"), manifest).expect("written");
    symlink(&elsewhere, linked.join("handcarry-draft-0badcafe")).expect("a link");
    std::fs::remove_file(linked.join("handcarry/bundles")).expect("removed");
    for place in [linked.clone(), linked.join("handcarry-draft-0badcafe")] {
        let place = place.display().to_string();
        half(&bench, "outside", &["sign", &place, "--key", &key], "y\n").ends(Exit::MediaMissing).says("symbolic link");
    }
    assert_eq!(entries(&elsewhere), there + 1, "nothing landed elsewhere");
}

#[test]
fn a_pipe_given_as_a_file_holds_nobody_up() {
    let bench = Target::new();
    let path = bench.path("a.zip");
    pipe(&path);
    let path = path.display().to_string();
    for (program, args) in [
        ("inside", &["verify", &path][..]),
        ("inside", &["repair", &path]),
        ("inside", &["trust", "apply", &path]),
        ("inside", &["trust", "add", &path]),
        ("inside", &["audit", NAME, "--receipt", &path]),
        ("inside", &["restore", NAME, "--backup", &path]),
        ("outside", &["import", &path]),
        ("outside", &["sign", &path]),
        ("outside", &["trust", "sign", &path]),
        ("outside", &["trust", "follow", &path]),
        ("outside", &["fetch", &path]),
    ] {
        let said = half(&bench, program, args, "y\ny\n");
        assert!(said.code != 124 && said.code != 0, "{args:?} ends with {}: {}{}", said.code, said.out, said.err);
        assert!(said.err.contains("hint: "), "{args:?}: {}", said.err);
    }
}
