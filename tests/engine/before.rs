//! The checklist before an upgrade, through the programs: told before the
//! first install, ticked by what can be seen, pressed by nobody.

use crate::engine::OK;
use crate::engine::soak::{api, append};
use crate::support::bench::{Bench, NAME};
use crate::support::said::{INSIDE, Said, run};
use handcarry::testing::model::Exit;

fn before(bench: &Bench, args: &[&str]) -> Said {
    bench.inside(&[&["before", NAME], args].concat(), "").ends(OK)
}

#[test]
fn what_is_too_late_afterwards_is_told_before_the_first_install_in_both_languages() {
    for (language, msi, limit, next) in [
        (
            "en",
            "Keep a copy of the MSI that consoles were deployed with now",
            "100 may update at once now",
            "next, outside: handcarry-outside fetch MEDIA",
        ),
        (
            "pt",
            "Guarde agora uma cópia do MSI",
            "100 podem se atualizar ao mesmo tempo agora",
            "a seguir, fora: handcarry-outside fetch MEDIA",
        ),
    ] {
        // The page of the limit is read without an API account, too.
        let bench = Bench::new(&["--pages", language, "--api", "none"]);
        let said = before(&bench, &["--language", language]);
        assert!(said.has(msi) && said.has(limit), "{}", said.out);
        assert!(!said.out.contains("[x]") && said.err.contains(next), "{said:?}");
        let page = bench.path("before.html").display().to_string();
        let away = before(&bench, &["--language", language, "--offline", "--write", &page]);
        assert!(away.has(msi) && !away.has(limit), "{}", away.out);
        assert!(std::fs::read_to_string(&page).expect("written").contains("type=\"checkbox\""));
        bench.inside(&["before", NAME, "--offline", "--write", &page], "").ends(Exit::Exists.code());
        assert!(bench.lab.installs().is_empty(), "it is only looked at");
        assert!(bench.lab.state()["backups"].as_array().is_none_or(Vec::is_empty));
    }
}

#[test]
fn the_installers_of_new_consoles_are_fetched_by_the_label_of_their_link() {
    for (language, cannot, saved) in [
        ("en", "can't be fetched from here", "installer saved:"),
        ("pt", "não podem ser buscados daqui", "instalador salvo:"),
    ] {
        let bench = Bench::new(&["--pages", language]);
        let folder = bench.path("msi");
        let args = ["--fetch-installers", &folder.display().to_string(), "--language", language];
        // Without a check the page has no such link: a person is told by which one it is found.
        let none = before(&bench, &args);
        assert!(none.has(cannot) && none.has("Instaladores de Console de Suporte"), "{none:?}");
        bench.inside(&["update", NAME, "--dry-run"], "").ends(OK);
        let said = before(&bench, &args);
        for file in ["rep-console-win32.msi", "rep-console-win64.msi"] {
            assert_eq!(std::fs::read_to_string(folder.join(file)).expect("saved"), format!("installer {file}"));
            assert!(said.has(&format!("{saved} {}", folder.join(file).display())), "{}", said.out);
        }
        assert!(!said.out.contains("[x] New consoles") && !said.out.contains("[x] Consoles novos"), "{}", said.out);
        let again = bench.inside(&[&["before", NAME], &args[..]].concat(), "").ends(Exit::Exists.code());
        assert!(again.has("rep-console-win32.msi"), "what is there is never overwritten: {}", again.err);
        assert!(bench.lab.installs().is_empty());
    }
}

#[test]
fn what_is_seen_to_be_done_before_is_ticked() {
    let bench = Bench::new(&["--clients", "4000"]);
    api(&bench, "time_zone = \"UTC\"\nwindows = [\"daily 00:00-23:00\"]");
    let ticked = |said: &Said| said.out.lines().filter(|line| line.starts_with("[x]")).count();
    let bare = before(&bench, &[]);
    assert!(bare.has("[x] A maintenance window (the next one: "), "{}", bare.out);
    assert!(
        bare.has("[x] Jump Clients updating at once (100 may update at once now; 200 at most is advised)"),
        "{}",
        bare.out
    );
    assert!(bare.has("pinned_client: 4000"), "{}", bare.out);
    assert!(bare.has("no backup is kept here yet"), "{}", bare.out);
    assert_eq!(ticked(&bare), 2);
    // At everybody's pace: a backup from the future counts for none.
    let mut backup = bench.unhurried(INSIDE, &["backup", NAME]);
    run(&mut backup, "").ends(OK);
    let kept = before(&bench, &[]);
    assert!(kept.has("[x] A backup with logged history (kept since"), "{}", kept.out);
    let events = before(&bench, &["--json"]).event("preparations");
    let items = events["items"].as_array().expect("items").clone();
    let topics: Vec<&str> =
        items.iter().filter(|item| !item["confirmed"].is_null()).filter_map(|item| item["topic"].as_str()).collect();
    assert_eq!(topics, ["window", "backup", "jump-client-rate"]);
}

#[test]
fn an_appliance_that_can_not_be_looked_at_spoils_no_preparation() {
    let bench = Bench::new(&[]);
    append(&bench, "api_client_id = \"x\"\napi_secret_env = \"NO_SUCH_VARIABLE\"");
    let said = before(&bench, &[]);
    assert!(said.has("could not be looked at") && said.has("Keep a copy of the MSI"), "{said:?}");
}

#[test]
fn the_preparations_are_named_before_anything_is_pressed() {
    let bench = Bench::new(&[]);
    let named = format!("handcarry-inside before {NAME}");
    for args in [
        vec!["request", NAME, &bench.stick()],
        vec!["verify", &bench.stick(), "--appliance", NAME],
        vec!["plan", &bench.stick(), NAME],
    ] {
        assert!(bench.inside(&args, "").ends(OK).has(&named), "{args:?}");
    }
    let pushed = bench.inside(&["push", &bench.stick(), NAME], "n\n").ends(Exit::Declined.code());
    assert!(pushed.has(&named) && bench.lab.installs().is_empty(), "{pushed:?}");
}
