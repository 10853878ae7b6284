//! A newer kit takes the place of the programs, which Windows does not let be
//! written over while they run.

use super::{BUILT, Wine};
use crate::support::said::{Said, run};
use handcarry::testing::model::Exit;
use std::process::Command;

const OWN: &str = env!("CARGO_PKG_VERSION");

/// A maker's key, whose line is at `C:\line`, and a kit on C: of programs that say 9.9.9, signed by it.
fn kit(wine: &Wine) {
    let (name, newer) = ("handcarry-9.9.9-x86_64-pc-windows-gnu", BUILT.join("programs/newer.exe"));
    let lines = [
        "ssh-keygen -q -t ed25519 -N '' -C maker -f maker".to_owned(),
        "echo \"maker namespaces=\\\"handcarry-kit\\\" $(cat maker.pub)\" > line".to_owned(),
        format!("mkdir -p kit/{name} && cp {} kit/{name}/handcarry-inside.exe", newer.display()),
        format!("cd kit && cp {name}/handcarry-inside.exe {name}/handcarry-outside.exe"),
        format!("python3 -m zipfile -c {name}.zip {name} && rm -r {name} && sha256sum *.zip > SHA256SUMS"),
        "ssh-keygen -q -Y sign -n handcarry-kit -f ../maker SHA256SUMS".to_owned(),
    ];
    run(Command::new("sh").current_dir(wine.on_c("")).args(["-ec", &lines.join("\n")]), "").ends(0);
}

/// A program of the folder into which a person unpacked both.
fn unpacked(wine: &Wine, name: &str, args: &[&str], answers: &str) -> Said {
    run(&mut wine.command(&format!(r"C:\prog\{name}.exe"), args), answers)
}

#[test]
fn a_newer_kit_takes_the_place_of_both_programs_and_the_old_ones_are_kept() {
    let wine = Wine::new();
    kit(&wine);
    std::fs::create_dir(wine.on_c("prog")).expect("a folder");
    for file in ["handcarry-inside.exe", "handcarry-outside.exe", "bcryptprimitives.dll"] {
        std::fs::copy(BUILT.join("programs").join(file), wine.on_c("prog").join(file)).expect("copied");
    }
    wine.outside(&["trust", "add", "line"], "y\n").ends(0);
    wine.inside(&["trust", "add", "line"], "y\n").ends(0);
    wine.outside(&["write", "E:", "--with-handcarry", "kit"], "").ends(0);
    let readme = std::fs::read_to_string(wine.drive("e").join("handcarry/kit/9.9.9/README.txt")).expect("a page");
    assert!(readme.contains(r"handcarry-9.9.9-x86_64-pc-windows-gnu\handcarry-inside.exe --version"), "{readme}");

    unpacked(&wine, "handcarry-inside", &["self", "status", "E:"], "")
        .ends(0)
        .says(r"at C:\prog\handcarry-inside.exe")
        .says("newer: kit 9.9.9 at E:");
    unpacked(&wine, "handcarry-inside", &["self", "apply", "E:"], "n\n").ends(Exit::Declined);
    unpacked(&wine, "handcarry-inside", &["self", "apply", "E:"], "y\n")
        .ends(0)
        .says("signed by maker (SHA256:")
        .says(r"the one before is kept at C:\prog\handcarry-inside-old.exe");
    for half in ["handcarry-inside", "handcarry-outside"] {
        unpacked(&wine, half, &["--version"], "").ends(0).says("handcarry 9.9.9");
        unpacked(&wine, &format!("{half}-old"), &["--version"], "").ends(0).says(&format!("{half} {OWN}"));
    }
    let mut left: Vec<_> =
        std::fs::read_dir(wine.on_c("prog")).expect("listed").flatten().map(|entry| entry.file_name()).collect();
    left.sort();
    assert_eq!(left.len(), 5, "both, both as they were, and the library of Wine's: {left:?}");
}
