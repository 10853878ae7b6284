//! What changed, through the programs: an appliance beside the file that was
//! kept of it, and beside what the journal has of it before the last run.

use super::soak::api;
use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::model::Exit;
use serde_json::{Value, json};

fn status(bench: &Bench, more: &[&str]) -> Said {
    bench.inside(&[&["--json", "status"], more].concat(), "")
}

/// What became of one thing: what it was, what it is, in a word.
#[track_caller]
fn became(compared: &Value, what: &str) -> (Value, Value, String) {
    let values = compared["values"].as_array().expect("values");
    let one = values.iter().find(|value| value["what"] == what).unwrap_or_else(|| panic!("{what}: {compared}"));
    (one["before"].clone(), one["after"].clone(), one["became"].as_str().expect("a word").to_owned())
}

#[test]
fn what_changed_is_told_by_the_file_that_was_kept_and_by_the_journal() {
    let bench = Bench::new(&["--clients", "12"]);
    api(&bench, "");
    let path = |name: &str| bench.path(name).display().to_string();
    let (before, later) = (path("before.json"), path("later.json"));
    let none = status(&bench, &[NAME, "--compare"]).ends(Exit::NothingToDo.code());
    assert!(none.has(&format!("status {NAME} --save FILE")), "{}", none.err);
    bench.inside(&["status", NAME, "--save", &before], "").ends(OK);
    let same = status(&bench, &[NAME, "--compare", &before]).ends(OK);
    assert!(same.has("Nothing changed."), "{}", same.err);
    let told = same.event("compared");
    assert_eq!((&told["is_changed"], &told["added"], &told["file"]), (&json!(false), &json!([]), &json!(before)));
    for what in ["base", "site", "role", "clock", "update-limit", "certificate", "by-hand", "model", "host"] {
        assert_eq!(became(&told, what).2, "same", "{what}: {told}");
    }

    let pushed = bench.push("y\ny\n").ends(WAITING);
    assert!(!pushed.has("what changed:"), "it is not over: {}", pushed.err);
    let pressed = bench.lab.installs();
    let by_file = status(&bench, &[NAME, "--compare", &before]).ends(OK);
    // The same without a file, and with the name where the file may stand.
    let by_journal = status(&bench, &[NAME, "--compare"]).ends(OK);
    let by_name = status(&bench, &["--compare", NAME]).ends(OK);
    for said in [&by_file, &by_journal, &by_name] {
        let told = said.event("compared");
        assert_eq!(told["is_changed"], true, "{told}");
        assert_eq!(became(&told, "base"), ("3.3.2".into(), "3.4.0".into(), "changed".to_owned()));
        assert_eq!(became(&told, "site"), ("10.5.3".into(), "10.6.2".into(), "changed".to_owned()));
        assert_eq!((became(&told, "role").2, became(&told, "clock").2), ("same".to_owned(), "same".to_owned()));
        let added = told["added"].as_array().expect("titles");
        assert!(added.contains(&json!("Base 3.4.0")) && added.contains(&json!("Bomgar 10.6.2")), "{told}");
        assert!(said.has("3.3.2 -> 3.4.0") && !said.has("Nothing changed"), "{}", said.err);
        let connected = told["connected"].as_array().expect("counts");
        assert!(connected.iter().any(|one| one["kind"] == "pinned_client" && one["before"] == 12), "{told}");
    }
    let bundle = bench.noted("push-begun")[0]["bundle"].clone();
    assert_eq!(
        (&by_journal.event("compared")["since_run"], &by_file.event("compared")["since_run"]),
        (&bundle, &Value::Null)
    );

    // What a file has and a journal never: told where it was looked at, and not missed where it was not.
    assert_eq!(became(&by_file.event("compared"), "certificate").2, "same");
    assert!(!by_journal.has("not seen"), "{}", by_journal.err);

    bench.inside(&["status", NAME, "--save", &later], "").ends(OK);
    for (language, changed, page) in [("en", "changed", path("en.html")), ("pt", "mudou", path("pt.html"))] {
        let args = ["--compare", &before, "--write", &page, "--language", language];
        status(&bench, &[&[NAME][..], &args].concat()).ends(OK);
        let page = std::fs::read_to_string(&page).expect("written");
        assert!(page.contains(changed) && page.contains("3.3.2") && page.contains("Bomgar 10.6.2"), "{page}");
        assert!(page.contains("LAB-0001-BG") && !page.contains("<script"), "{page}");
    }
    assert_eq!(bench.lab.installs(), pressed, "nothing is pressed");

    bench.lab.control(&["advance", "25h"]);
    let done = bench.push("y\n").ends(OK);
    assert!(done.has(&format!("what changed: handcarry-inside status {NAME} --compare")), "{}", done.err);
    bench.inside(&["after", NAME], "").ends(OK).says(&format!("next: handcarry-inside status {NAME} --compare"));
    // One run, however many calls it took: as it was before the first of them.
    let whole = status(&bench, &[NAME, "--compare"]).ends(OK).event("compared");
    assert_eq!(became(&whole, "site"), ("10.5.3".into(), "11.1.1".into(), "changed".to_owned()));

    bench.lab.stop();
    let away = status(&bench, &["--compare", &before, "--with", &later]).ends(OK);
    assert_eq!(became(&away.event("compared"), "site").1, "10.6.2");
    status(&bench, &[NAME, "--compare", &before]).ends(Exit::Unreachable.code());
}

#[test]
fn what_is_no_file_of_this_appliance_is_refused() {
    let bench = Bench::new(&[]);
    let path = |name: &str| bench.path(name).display().to_string();
    let (good, other) = (path("good.json"), path("other.json"));
    bench.inside(&["status", NAME, "--save", &good], "").ends(OK);
    let written = std::fs::read_to_string(&good).expect("read");
    let refused = |text: &str, exit: Exit| {
        std::fs::write(&other, text).expect("written");
        status(&bench, &[NAME, "--compare", &other]).ends(exit.code())
    };
    let of_another = refused(&written.replace("LAB-0001-BG", "LAB-0002-BG"), Exit::WrongAppliance);
    assert!(of_another.has("is of another appliance: LAB-0002-BG, and this one is LAB-0001-BG"), "{}", of_another.err);
    assert!(of_another.events("status").is_empty(), "it is known before anybody is asked");
    let newer = refused(&written.replacen("\"format\": 1", "\"format\": 2", 1), Exit::Config);
    assert!(newer.has("it is of format 2"), "{}", newer.err);
    refused("{}", Exit::Config);
    refused(&" ".repeat(2 << 20), Exit::LimitExceeded);
    // Between two files, too, where no appliance says who it is.
    std::fs::write(&other, written.replace("LAB-0001-BG", "LAB-0002-BG")).expect("written");
    status(&bench, &["--compare", &good, "--with", &other]).ends(Exit::WrongAppliance.code());
    status(&bench, &["--with", &other]).ends(Exit::Usage.code());
    status(&bench, &["--compare", "--with", &other]).ends(Exit::Usage.code());
    status(&bench, &["--all", "--compare", &good]).ends(Exit::Usage.code());
    status(&bench, &[NAME, "--write", &path("x.html")]).ends(Exit::Usage.code());
    status(&bench, &["--all", "--compare"]).ends(OK).says("no run of this machine has installed on");
}
