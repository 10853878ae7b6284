//! The whole trip with both programs of Windows, the lab on this side.

use super::{Wine, on_z};
use crate::support::home::{Home, files};
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::Exit;
use std::path::PathBuf;

/// Gives both halves a key, each trusted by the other; the outside's line.
fn trusting(wine: &Wine) -> String {
    let line = |said: Said| said.out.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").to_owned();
    let outer = line(wine.outside(&["keygen", "--principal", "ana@outside", "--no-passphrase"], "").ends(0));
    let inner = line(wine.inside(&["keygen", "--principal", "rui@inside", "--no-passphrase"], "").ends(0));
    wine.inside(&["trust", "add", &outer], "y\n").ends(0);
    wine.outside(&["trust", "add", &inner], "y\n").ends(0);
    outer
}

/// The volumes on the stick, recovery volumes left out.
fn volumes(wine: &Wine) -> Vec<PathBuf> {
    let mut all = files(&wine.drive("e").join("handcarry/bundles"));
    all.retain(|path| !path.to_str().expect("UTF-8").contains(".rec"));
    all
}

#[test]
fn both_programs_of_windows_make_the_whole_trip() {
    let wine = Wine::new();
    let home = Home::new();
    let lab = Lab::start(&home.path("lab"), &[]);
    let outer = trusting(&wine);
    let enrolling = lab.enrolling("box", "appliance", "appliance");
    // Whatever names a file of the lab does so on the drive that Wine has for this machine.
    let enrolling: Vec<String> =
        enrolling.iter().map(|word| if word.starts_with('/') { on_z(word) } else { (*word).to_owned() }).collect();
    let enrolling: Vec<&str> = enrolling.iter().map(String::as_str).collect();
    wine.inside(&[&enrolling[..], &["--driver", "bomgar"]].concat(), "y\n").ends(0);
    wine.outside(&["vendor", "add", lab.fact("vendor"), "--by", "ana"], "").ends(0);

    wine.inside(&["request", "box", "E:"], "").ends(0).says(r"E:\handcarry\requests\");
    wine.outside(&["fetch", "E:", "--ca", &on_z(lab.fact("ca"))], "").ends(0);
    let seal =
        ["--json", "seal", "--from", lab.fact("vendor"), "--write", "E:", "--volume-size", "3M", "--parity", "20"];
    let written = wine.outside(&seal, "").ends(0).event("written");
    // What Windows opens past its cache is read from the device; that it is, only a device can show.
    assert_eq!(written["read_back"], "device");
    assert!(written["volumes"].as_array().expect("a list").len() > 1, "{written}");

    wine.inside(&["verify", "E:"], "").ends(0);
    wine.inside(&["verify", "E:", "--repeat", "1"], "").ends(0).says("and the same each time");
    let agreed = wine.inside(&["--json", "plan", "E:", "box"], "").ends(0).agreed();
    wine.inside(&["rehearse", "E:", "box"], "y\ny\ny\ny\n").ends(0).says("rehearsed to a good end");
    damaged_and_repaired(&wine);
    windows_wrote_what_linux_reads(&home, &wine, &outer);

    wine.inside(&["push", "E:", "box", "--agree", &agreed], "y\ny\ny\n").ends(Exit::Waiting);
    assert!(!lab.installs().is_empty());
    wine.inside(&["receipt", "box", "E:"], "").ends(0);
    wine.outside(&["receive", "E:"], "").ends(0);
    wine.outside(&["vault", "check"], "").ends(0);
    wine.inside(&["audit", "box"], "").ends(0);
    wine.outside(&["log"], "").ends(0);
    wine.inside(&["media", "check", "E:", "--size", "2M"], "").ends(0).says("No fault found");
    // Nothing is left over, and nothing bears a name that only one system reads.
    for path in [files(&wine.drive("e")), files(&wine.on_c("hc"))].concat() {
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        assert!(!name.starts_with(".handcarry-") && !name.contains(['\\', ':']), "{name}");
    }
}

/// A volume loses bytes, which is found, and the bundle is made whole from its recovery volumes.
fn damaged_and_repaired(wine: &Wine) {
    let volume = &volumes(wine)[0];
    let mut bytes = std::fs::read(volume).expect("reads");
    bytes[1_000_000..1_000_100].fill(0);
    std::fs::write(volume, bytes).expect("written");
    wine.inside(&["verify", "E:"], "").ends(Exit::DigestMismatch);
    wine.outside(&["repair", "E:", "--in", "H:"], "").ends(0).says(r"H:\");
    let restored = files(&wine.drive("h"));
    for volume in volumes(wine) {
        std::fs::remove_file(volume).expect("removed");
    }
    for path in restored {
        let name = path.file_name().expect("a name");
        std::fs::copy(&path, wine.drive("e").join("handcarry/bundles").join(name)).expect("copied");
    }
    wine.inside(&["verify", "E:"], "").ends(0);
}

/// The program of this machine takes what those of Windows made; README.txt's line for cmd joins its volumes.
fn windows_wrote_what_linux_reads(home: &Home, wine: &Wine, outer: &str) {
    let stick = wine.drive("e").to_str().expect("UTF-8").to_owned();
    home.inside(&["trust", "add", outer], "y\n").ends(0);
    run(&mut home.command(INSIDE, &["verify", &stick]), "").ends(0);
    let names: Vec<String> = volumes(wine)
        .iter()
        .map(|path| path.file_name().expect("a name").to_str().expect("UTF-8").to_owned())
        .collect();
    let whole = names[0].strip_suffix(".001").expect("volumes");
    let line = format!(r"E: & cd \handcarry\bundles & copy /b {} H:\{whole}", names.join("+"));
    run(&mut wine.command("cmd", &["/c", &line]), "").ends(0);
    let joined = std::fs::read(wine.drive("h").join(whole)).expect("joined");
    let parts: Vec<u8> = volumes(wine).iter().flat_map(|path| std::fs::read(path).expect("reads")).collect();
    assert!(joined == parts, "copy /b joins what was cut");
}
