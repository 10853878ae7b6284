//! Release notes: what the vendor's page has beside a package goes into the
//! vault, travels signed, and is read inside.

use crate::support::home::Home;
use crate::support::lab::Lab;
use crate::support::said::{INSIDE, run};
use handcarry::testing::model::Exit;

#[test]
fn release_notes_travel_signed_and_are_read_inside() {
    for (language, new) in [("en", "What is new in Base 3.4.0"), ("pt", "O que há de novo em Base 3.4.0")] {
        let home = Home::hasty().trusting();
        let lab = Lab::start(&home.path("lab"), &["--release-notes", "--pages", language, "--package-mib", "2"]);
        let enroll = [&lab.enrolling("box", "appliance", "appliance")[..], &["--driver", "bomgar"]].concat();
        run(&mut home.command(INSIDE, &enroll), "y\n").ends(0);
        home.lists(lab.fact("vendor"));
        let stick = home.stick();
        home.inside(&["request", "box", &stick], "").ends(0);
        let fetched = home.outside(&["fetch", &stick, "--ca", lab.fact("ca")], "").ends(0);
        // That of site software is at another server, to which nothing is sent.
        assert!(fetched.has("The release notes of Bomgar 10.6.2 can't be read"), "{}", fetched.err);
        home.outside(&["seal", "--from", lab.fact("vendor"), "--write", &stick], "").ends(0);

        let brief = home.inside(&["verify", &stick], "").ends(0);
        assert!(brief.has("its release notes came along") && !brief.has(new), "{brief:?}");
        let told = home.inside(&["verify", &stick, "--verbose"], "").ends(0);
        let address = format!("| {}/notes/", lab.fact("vendor").trim_end_matches('/'));
        assert!(told.has(&format!("| {new}")) && told.has("| It restarts sooner."), "{}", told.out);
        assert!(told.has(&address) && !told.has("not-to-be-told"), "{}", told.out);
        let page = home.path("plan.html");
        home.inside(&["plan", &stick, "box", "--write", &page.display().to_string()], "").ends(0);
        let page = std::fs::read_to_string(page).expect("written");
        assert!(
            page.contains(new) && page.contains("It restarts sooner.") && !page.contains("not-to-be-told"),
            "{page}"
        );

        // Whoever holds the stick can't write notes of their own: where its checksum is mended too, the signatures tell.
        let bundles = std::fs::read_dir(format!("{stick}/handcarry/bundles")).expect("a folder").flatten();
        let file = bundles.map(|entry| entry.path()).find(|path| path.is_file()).expect("a bundle");
        let mut bytes = std::fs::read(&file).expect("read");
        let (was, forged) = (b"It restarts sooner.", b"Send us your login.");
        let at = bytes.windows(was.len()).position(|window| window == was).expect("the notes");
        bytes[at..at + forged.len()].copy_from_slice(forged);
        std::fs::write(&file, bytes).expect("written");
        let refused = home.inside(&["verify", &stick, "--verbose"], "").ends(Exit::ContainerMalformed);
        assert!(!refused.has("Send us your login"), "{refused:?}");
    }
}
