//! handcarry itself on its way onto the stick and into its place.

use super::super::bench::{INSIDE, OUTSIDE};
use super::{PLAIN, Scene, Verb, words, words_of};
use crate::support::said::run;
use std::path::Path;
use std::process::Command;

pub const WRITE_KIT: Verb = Verb {
    name: "write --with-handcarry",
    before: |_| with_kit(),
    args: |_| words("write stick --with-handcarry kit"),
    between: |scene| {
        if scene.path(&format!("{ON_STICK}/SHA256SUMS")).exists() {
            is_whole(scene);
        }
    },
    after: |scene, _| is_whole(scene),
    ..PLAIN
};

pub const SELF_APPLY: Verb = Verb {
    name: "self apply",
    program: "bin/handcarry-inside",
    before: |_| {
        let scene = with_kit();
        scene.must(0, OUTSIDE, &["write", "stick", "--with-handcarry", "kit"], "");
        std::fs::create_dir(scene.path("bin")).expect("a folder");
        // Without what is for debuggers: each run has a copy of it.
        shell(&scene, &format!("strip -o bin/handcarry-inside {INSIDE} && cp bin/handcarry-inside old-inside"));
        shell(&scene, "printf '#!/bin/sh\\necho old' > bin/handcarry-outside && chmod 755 bin/handcarry-outside");
        scene
    },
    args: |_| words("self apply stick"),
    between: |scene| {
        for half in ["inside", "outside"] {
            let there = std::fs::read(scene.path(&format!("bin/handcarry-{half}"))).expect("a program is always there");
            assert!(there == NEW.as_bytes() || there == old(scene, half), "{half} is neither the old nor the new one");
        }
    },
    after: |scene, _| {
        for half in ["inside", "outside"] {
            let read = |name: &str| std::fs::read(scene.path(&format!("bin/handcarry-{half}{name}"))).expect("there");
            assert!(read("") == NEW.as_bytes(), "{half} is the new one");
            assert!(read("-old") == old(scene, half), "the old {half} is kept");
        }
    },
    ..PLAIN
};

/// Where the kit lies on the stick.
const ON_STICK: &str = "stick/handcarry/kit/9.9.9";

/// The new programs: they say their version, and begin as every handcarry does, with the event log.
const NEW: &str = "#!/bin/sh\n[ \"$1\" = --version ] && { echo handcarry 9.9.9; exit; }\nexec ./old-inside log\n";

fn old(scene: &Scene, half: &str) -> Vec<u8> {
    match half {
        "inside" => std::fs::read(scene.path("old-inside")).expect("kept by the test"),
        _ => b"#!/bin/sh\necho old".to_vec(),
    }
}

/// All files of the kit on the stick have the digests of its list.
fn is_whole(scene: &Scene) {
    let line = "sha256sum --quiet --check SHA256SUMS && test -s SHA256SUMS.1.sig -a -s README.txt";
    run(Command::new("sh").current_dir(scene.path(ON_STICK)).args(["-ec", line]), "").ends(0);
}

/// Both halves trust a maker, whose kit lies in a folder.
fn with_kit() -> Scene {
    let scene = Scene::keyed();
    let said = scene.must(0, OUTSIDE, &words_of("keygen --no-passphrase --principal maker --for kit --out maker"), "");
    let line = said.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").trim().to_owned();
    for program in [INSIDE, OUTSIDE] {
        scene.must(0, program, &["trust", "add", &line], "y\n");
    }
    let name = "handcarry-9.9.9-x86_64-unknown-linux-gnu";
    std::fs::create_dir_all(scene.path(&format!("kit/{name}/bin"))).expect("folders");
    for half in ["handcarry-inside", "handcarry-outside"] {
        std::fs::write(scene.path(&format!("kit/{name}/bin/{half}")), NEW).expect("written");
    }
    shell(&scene, &format!("cd kit && chmod 755 {name}/bin/* && tar czf {name}.tar.gz {name} && rm -r {name}"));
    shell(&scene, "cd kit && sha256sum *.tar.gz > SHA256SUMS");
    shell(&scene, "cd kit && ssh-keygen -q -Y sign -n handcarry-kit -f ../maker SHA256SUMS");
    scene
}

fn shell(scene: &Scene, line: &str) {
    let root: &Path = scene.root();
    run(Command::new("sh").current_dir(root).args(["-ec", line]), "").ends(0);
}
