//! A kit takes the place of the programs inside, or does not.

use super::{Desk, stock};
use crate::support::said::INSIDE;
use handcarry::testing::model::Exit;

const OWN: &str = env!("CARGO_PKG_VERSION");

#[test]
fn a_newer_kit_takes_the_place_of_both_programs_and_the_old_ones_are_kept() {
    let desk = Desk::new();
    let before = desk.programs();
    desk.carry(&desk.kit("9.9.8", &["maker"])).ends(0);
    desk.carry(&desk.kit("9.9.9", &["maker"])).ends(0);
    let status = desk.inside(&["self", "status", &desk.home.stick()], "").ends(0);
    status
        .says(&format!("This is handcarry {OWN}, at "))
        .says("newer: kit 9.9.9 at ")
        .says("next: handcarry-inside self apply");
    desk.apply("n\n").ends(Exit::Declined);
    desk.apply("").ends(Exit::Declined);
    assert_eq!(desk.programs(), before, "without a yes nothing is replaced");
    desk.apply("y\n").ends(0).says("signed by maker (SHA256:").says("is 9.9.9 now; the one before is kept at ");
    for half in ["handcarry-inside", "handcarry-outside"] {
        assert_eq!((desk.version(half).as_str(), desk.version(&format!("{half}-old")).as_str()), ("9.9.9", OWN));
    }
    assert_eq!(desk.programs().len(), 4, "{:?}", desk.programs());
    let log = desk.run(INSIDE, &["log"], "").ends(0);
    log.says("program-replaced").says("9.9.9");
    // The one that was kept still runs, and says that there is something newer.
    let old = desk.home.word("bin/handcarry-inside-old");
    desk.run(&old, &["self", "status", &desk.home.stick()], "").ends(0).says("newer: kit 9.9.9");
}

#[test]
fn an_older_kit_and_the_same_are_nothing_to_do() {
    let desk = Desk::new();
    let before = desk.programs();
    desk.apply("y\n").ends(Exit::NotFound).says("write MEDIA --with-handcarry DIR");
    for version in ["0.0.9", OWN] {
        desk.carry(&desk.kit(version, &["maker"])).ends(0);
        desk.apply("y\n")
            .ends(Exit::NothingToDo)
            .says(&format!("this is {OWN}, and the newest kit on the medium is {version}"));
    }
    desk.inside(&["self", "status", &desk.home.stick()], "").ends(0).says("the same: ").says("older: ");
    assert_eq!(desk.programs(), before);
}

#[test]
fn what_is_not_signed_by_enough_that_are_trusted_is_not_taken() {
    let desk = Desk::new();
    desk.key("second");
    desk.key("stranger");
    let before = desk.programs();
    let stick = desk.home.path("stick/handcarry/kit");
    std::fs::create_dir_all(&stick).expect("folders");
    let put = |version: &str, makers: &[&str]| {
        std::fs::rename(desk.kit(version, makers), stick.join(version)).expect("moved");
    };
    put("9.9.9", &["stranger"]);
    desk.apply("y\n").ends(Exit::DocumentUntrusted).says("not among the trusted signers");
    desk.inside(&["self", "status", &desk.home.stick()], "").ends(Exit::DocumentUntrusted).says("refused: ");
    // Where two must sign, one does not do, whoever else did.
    desk.run(INSIDE, &["trust", "add", &desk.line("second")], "y\n").ends(0);
    desk.run(INSIDE, &["trust", "threshold", "2"], "y\n").ends(0);
    put("9.9.7", &["maker", "stranger"]);
    desk.apply("y\n").ends(Exit::DocumentUntrusted);
    assert_eq!(desk.programs(), before);
    // A good one is taken beside those that are refused, and they are told.
    put("9.9.6", &["maker", "second"]);
    desk.apply("y\n").ends(0).says("refused: ").says("is 9.9.6 now");
}

#[test]
fn bytes_that_were_not_signed_for_replace_nothing() {
    let desk = Desk::new();
    let before = desk.programs();
    desk.carry(&desk.kit("9.9.9", &["maker"])).ends(0);
    let folder = desk.home.path("stick/handcarry/kit/9.9.9");
    let archive = folder.join("handcarry-9.9.9-x86_64-unknown-linux-gnu.tar.gz");
    let whole = std::fs::read(&archive).expect("read");
    let mut changed = whole.clone();
    *changed.last_mut().expect("not empty") ^= 1;
    std::fs::write(&archive, changed).expect("written");
    desk.apply("y\n").ends(Exit::DigestMismatch).says("is not what was signed for");
    std::fs::remove_file(&archive).expect("removed");
    desk.apply("y\n").ends(Exit::MediaMissing);
    std::fs::write(&archive, whole).expect("written");
    // A list that was changed has no signature that holds.
    stock(&desk, &format!("sed -i s/9.9.9/9.9.10/ {}/SHA256SUMS", folder.display()));
    desk.apply("y\n").ends(Exit::DocumentUntrusted);
    assert_eq!(desk.programs(), before);
}

#[test]
fn a_program_that_does_not_run_here_replaces_nothing() {
    let desk = Desk::new();
    let before = desk.programs();
    desk.carry(&desk.kit_of("9.9.9", &["maker"], "\x7fELF of another machine")).ends(0);
    desk.apply("y\n").ends(Exit::Failure).says("does not run here").says("nothing was replaced");
    desk.carry(&desk.kit_of("9.9.10", &["maker"], "#!/bin/sh\necho handcarry 1.2.3\n")).ends(0);
    desk.apply("y\n").ends(Exit::Failure).says("asked for its version it says");
    assert_eq!(desk.programs(), before);
}

#[test]
fn a_kit_that_holds_these_very_programs_under_a_later_version_is_no_newer_one() {
    let desk = Desk::new();
    let (name, root) = ("handcarry-9.9.9-x86_64-unknown-linux-gnu", desk.home.path("kit-9.9.9"));
    std::fs::create_dir_all(root.join(name).join("bin")).expect("folders");
    stock(
        &desk,
        &format!("cp bin/* kit-9.9.9/{name}/bin && cd kit-9.9.9 && tar cf - {name} | gzip -1 > {name}.tar.gz"),
    );
    stock(&desk, &format!("cd kit-9.9.9 && rm -r {name} && sha256sum *.tar.gz > ../sums && mv ../sums SHA256SUMS"));
    stock(&desk, "cd kit-9.9.9 && ssh-keygen -q -Y sign -n handcarry-kit -f ../maker SHA256SUMS");
    let before = desk.programs();
    desk.carry(&root).ends(0);
    desk.apply("y\n").ends(Exit::Failure).says(&format!("asked for its version it says \"handcarry-outside {OWN}\""));
    assert_eq!(desk.programs(), before);
}

#[test]
fn a_signed_list_that_is_none_is_refused_with_what_is_wrong() {
    let desk = Desk::new();
    let kit = desk.kit("9.9.9", &[]);
    std::fs::write(kit.join("SHA256SUMS"), "hello\n").expect("written");
    stock(&desk, "cd kit-9.9.9 && ssh-keygen -q -Y sign -n handcarry-kit -f ../maker SHA256SUMS");
    desk.carry(&kit).ends(Exit::Config).says("is signed, and is no list of a kit: a line is \"hello\"");
}

#[test]
fn a_run_that_was_killed_between_the_two_programs_goes_on_and_keeps_the_old_ones() {
    let desk = Desk::new();
    desk.carry(&desk.kit("9.9.9", &["maker"])).ends(0);
    // The other half is replaced, this one is written and not yet in its place.
    stock(
        &desk,
        "cd bin && mv handcarry-outside handcarry-outside-old && printf '#!/bin/sh\\necho handcarry 9.9.9\\n' > handcarry-outside && chmod 755 handcarry-outside && echo half > handcarry-inside-new && echo half > handcarry-inside-keep",
    );
    desk.apply("y\n").ends(0);
    for half in ["handcarry-inside", "handcarry-outside"] {
        assert_eq!((desk.version(half).as_str(), desk.version(&format!("{half}-old")).as_str()), ("9.9.9", OWN));
    }
    assert_eq!(desk.programs().len(), 4, "{:?}", desk.programs());
}
