//! A kit on its way onto the stick.

use super::{Desk, stock};
use handcarry::testing::model::Exit;

#[test]
fn a_kit_lies_on_the_stick_and_its_page_checks_it_with_stock_tools() {
    let desk = Desk::new();
    let said = desk.carry(&desk.kit("9.9.9", &["maker"])).ends(0);
    let said = said.says("Written: handcarry 9.9.9 at ").says("signed by maker (SHA256:");
    assert!(!said.has("bundle"), "nothing is sealed, and a trip with the kit alone is one");
    let folder = desk.home.path("stick/handcarry/kit/9.9.9");
    let page = std::fs::read_to_string(folder.join("README.txt")).expect("a page");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    std::fs::write(desk.home.path("allowed_signers"), desk.line("maker") + "\n").expect("written");
    // What the page has people type, as it stands there.
    let commands: Vec<&str> = page.lines().map(str::trim).collect();
    let at = |begins: &str| commands.iter().position(|line| line.starts_with(begins)).expect(begins);
    let verify = at("ssh-keygen -Y verify");
    let verify = format!("{}\n{}", commands[verify], commands[verify + 1])
        .replace("-f allowed_signers", "-f ../../../../allowed_signers");
    let who =
        commands[at("ssh-keygen -Y find-principals")].replace("-f allowed_signers", "-f ../../../../allowed_signers");
    let within = |line: &str| stock(&desk, &format!("cd {} && {line}", folder.display()));
    let who = within(&who);
    assert_eq!(who, "maker\n");
    assert!(within(&verify.replace("WHO", who.trim())).starts_with("Good \"handcarry-kit\" signature for maker"));
    let sums = commands[at("Linux:    sha256sum")].trim_start_matches("Linux:").trim();
    assert_eq!(within(sums).lines().filter(|line| line.ends_with(": OK")).count(), 2);
    let run = commands[at("handcarry-9.9.9-x86_64-unknown-linux-gnu/bin/handcarry-inside")];
    let unpack = commands[at("tar xf ")].replace("tar xf ", &format!("tar xf {}/", folder.display()));
    assert_eq!(stock(&desk, &format!("mkdir own && cd own && {unpack} && {run}")), "handcarry 9.9.9\n");
    assert!(page.contains("dpkg --install handcarry_9.9.9_amd64.deb"), "{page}");
}

#[test]
fn what_lies_there_stays() {
    let desk = Desk::new();
    let kit = desk.kit("9.9.9", &["maker"]);
    desk.carry(&kit).ends(0);
    desk.carry(&kit).ends(0).says("lies at ").says(" already");
    desk.carry(&desk.kit("9.9.10", &["maker"])).ends(0);
    assert!(desk.home.path("stick/handcarry/kit/9.9.9/SHA256SUMS").exists());
    std::fs::remove_dir_all(&kit).expect("removed");
    let other = desk.kit_of("9.9.9", &["maker"], "#!/bin/sh\necho other\n");
    desk.carry(&other).ends(Exit::Exists).says("another kit of that version");
    let there = desk.home.path("stick/handcarry/kit/9.9.10/handcarry_9.9.10_amd64.deb");
    std::fs::write(there, "otherwise").expect("written");
    desk.carry(&desk.home.path("kit-9.9.10")).ends(Exit::DigestMismatch);
}

#[test]
fn what_is_not_signed_by_a_trusted_key_is_not_carried() {
    let desk = Desk::new();
    desk.key("stranger");
    desk.carry(&desk.kit("9.9.7", &[])).ends(Exit::DocumentUntrusted);
    desk.carry(&desk.kit("9.9.8", &["stranger"])).ends(Exit::DocumentUntrusted).says("not among the trusted signers");
    let kit = desk.kit("9.9.9", &["maker"]);
    std::fs::write(kit.join("handcarry_9.9.9_amd64.deb"), "otherwise").expect("written");
    desk.carry(&kit).ends(Exit::DigestMismatch).says("is not what was signed for");
    assert!(!desk.home.path("stick/handcarry/kit").exists());
}

#[test]
fn a_key_for_bundles_alone_makes_no_kit() {
    let desk = Desk::new();
    desk.key("sealer");
    let line = desk.line("sealer").replace("handcarry-kit", "handcarry-bundle");
    for program in [crate::support::said::INSIDE, crate::support::said::OUTSIDE] {
        desk.run(program, &["trust", "add", &line], "y\n").ends(0);
    }
    desk.carry(&desk.kit("9.9.9", &["sealer"])).ends(Exit::DocumentUntrusted);
}

#[test]
fn what_a_killed_run_left_is_no_kit_and_not_in_the_way() {
    let desk = Desk::new();
    let folder = desk.home.path("stick/handcarry/kit/9.9.9");
    std::fs::create_dir_all(&folder).expect("folders");
    std::fs::write(folder.join("handcarry_9.9.9_amd64.deb"), "half a pack").expect("written");
    desk.inside(&["self", "status", &desk.home.stick()], "").ends(Exit::NotFound).says("no kit of handcarry lies on");
    desk.carry(&desk.kit("9.9.9", &["maker"])).ends(0);
    assert_eq!(std::fs::read_to_string(folder.join("handcarry_9.9.9_amd64.deb")).expect("read"), "a package");
}
