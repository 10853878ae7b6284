//! What an appliance answers instead of taking a package or letting someone
//! in: each has its own end, on English pages and on Portuguese ones.

use super::{OK, WAITING};
use crate::support::bench::{Bench, NAME};
use crate::support::said::Said;
use handcarry::testing::model::Exit;

/// The languages of the lab's pages, and which of a case's words are theirs.
const LANGUAGES: [(&str, usize); 2] = [("en", 0), ("pt", 1)];

/// A fault, the end it leads to, and the page's words in both languages.
type Case = (&'static str, Exit, [&'static str; 2]);

/// Pushes once with each fault, and looks for its own end.
fn each(bench: &Bench, language: usize, cases: &[Case], look: impl Fn(&Said)) {
    for (fault, exit, said) in cases {
        bench.lab.control(&["fault", fault]);
        let ended = bench.push("").ends(exit.code());
        assert!(ended.err.contains(said[language]), "{fault}: {}", ended.err);
        assert!(ended.err.contains("hint: "), "{fault}: {}", ended.err);
        look(&ended);
        bench.lab.control(&["fault", fault, "--clear"]);
    }
}

#[test]
fn each_package_that_is_not_taken_is_told_why_and_can_be_sent_again() {
    let cases = [
        ("disk-full", Exit::ApplianceFull, ["not enough free disk space", "Não há espaço livre suficiente"]),
        ("package-refused", Exit::PackageRejected, ["package is damaged", "está danificado"]),
        ("already-installed", Exit::AlreadyInstalled, ["already installed", "já está instalado"]),
        ("unknown-kind", Exit::UnknownKind, ["unknown type of package", "tipo de pacote desconhecido"]),
    ];
    for (language, words) in LANGUAGES {
        let bench = Bench::new(&["--pages", language]);
        each(&bench, words, &cases, |ended| {
            assert!(ended.err.contains("Base 3.4.0 was not installed"), "{}", ended.err);
            assert!(!ended.err.contains("is in trouble"), "nothing was begun: {}", ended.err);
        });
        assert!(bench.lab.installs().is_empty());
        // Nothing is left behind: the next run asks nobody about them, and
        // stops at the agreement, which is refused here.
        bench.push("n\n").ends(Exit::EulaDeclined.code());
        bench.push("s\n").ends(WAITING);
        assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
        let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
        assert_eq!(journal.matches("\"kind\":\"install-refused\"").count(), cases.len());
        bench.inside(&["audit", NAME], "").ends(OK);
    }
}

#[test]
fn whoever_is_not_let_in_is_told_why_and_no_password_counts_as_refused() {
    let cases = [
        ("session-limit", Exit::SessionLimit, ["maximum number of sessions", "número máximo de sessões"]),
        ("password-expired", Exit::PasswordExpired, ["password has expired", "senha expirou"]),
    ];
    for (language, words) in LANGUAGES {
        let bench = Bench::new(&["--pages", language]);
        each(&bench, words, &cases, |_| {});
        let state = bench.lab.state();
        assert_eq!((&state["logins"], &state["failed_logins"]), (&0.into(), &0.into()));
        let entered = bench.inside(&["probe", NAME], "").ends(OK);
        assert!(!entered.err.contains("since the last success"), "{}", entered.err);
    }
}

#[test]
fn a_wrong_clock_names_the_page_with_the_time_server() {
    for (language, _) in LANGUAGES {
        let bench = Bench::enrolled(&["--pages", language, "--fault", "clock-skew"], "host");
        let skewed = bench.push("").ends(Exit::ClockSkew.code());
        assert!(skewed.err.contains("Networking > IP Configuration"), "{}", skewed.err);
        assert!(skewed.err.contains("Rede > Configuração do IP"), "{}", skewed.err);
    }
}

#[test]
fn a_login_agreement_is_shown_and_asked_and_never_accepted_in_silence() {
    let wording = ["for authorised use only", "somente a uso autorizado"];
    for (language, words) in LANGUAGES {
        let bench = Bench::new(&["--pages", language, "--fault", "login-agreement"]);
        let accepted = || bench.lab.state()["login_agreements"].as_u64();
        let nobody = bench.inside(&["--yes", "probe", NAME], "").ends(Exit::LoginAgreement.code());
        assert!(nobody.out.contains(wording[words]), "{}", nobody.out);
        let no = bench.inside(&["probe", NAME], "n\n").ends(Exit::LoginAgreement.code());
        assert!(no.err.contains("the login agreement at"), "{}", no.err);
        assert_eq!((accepted(), bench.lab.state()["logins"].as_u64()), (Some(0), Some(0)));
        // Once at each login, and the licence agreement after the restart.
        let pushed = bench.push("y\ny\ny\n").ends(WAITING);
        assert!(pushed.err.contains("came again"), "after the restart the same text is told: {}", pushed.err);
        assert!(accepted() > Some(2));
        // Each is in the journal, with its text kept beside the licences.
        let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
        let records: Vec<&str> = journal.lines().filter(|line| line.contains("login-agreement-accepted")).collect();
        assert_eq!(Some(records.len() as u64), accepted(), "{records:?}");
        assert!(records[0].contains("\"again\":false") && records.last().expect("one").contains("\"again\":true"));
        let record: serde_json::Value = serde_json::from_str(records[0]).expect("JSON");
        let digest = record["fields"]["agreement_sha256"].as_str().expect("a digest");
        let kept = bench.path(&format!("home/inside/licences/lab-0001-bg/{digest}.txt"));
        assert!(std::fs::read_to_string(kept).expect("kept").contains(wording[words]));
        // A verb that writes no journal otherwise takes it down, too.
        let (stick, before) = (bench.stick(), accepted());
        let verbs: [&[&str]; 4] =
            [&["status", NAME], &["request", NAME, &stick], &["support", NAME], &["receipt", NAME, &stick]];
        for verb in verbs {
            bench.inside(verb, "y\n").ends(OK);
        }
        let after = std::fs::read_to_string(bench.journal()).expect("a journal");
        let records = after.lines().filter(|line| line.contains("login-agreement-accepted")).count();
        assert_eq!((Some(records as u64), accepted()), (accepted(), before.map(|before| before + verbs.len() as u64)));
        bench.inside(&["audit", NAME], "").ends(OK);
    }
}

#[test]
fn refusals_of_the_api_account_are_counted_and_stop_before_a_lock_out() {
    for (language, _) in LANGUAGES {
        let bench = Bench::new(&["--pages", language]);
        let wrong = bench.private("wrong", "not-the-secret-at-all\n");
        let inventory = bench.inventory();
        let known = std::fs::read_to_string(&inventory).expect("reads");
        let with = |secret: &str| {
            let id = bench.lab.fact("api_client_id");
            let lines = format!("{known}\napi_client_id = \"{id}\"\napi_secret_file = \"{secret}\"\n");
            std::fs::write(&inventory, lines).expect("written");
        };
        with(&wrong);
        let refused = || bench.lab.state()["api"]["refused"].as_u64();
        for times in 1..=3u64 {
            let probed = bench.inside(&["probe", NAME], "").ends(OK);
            assert!(probed.has("tried once and not again") && !probed.has("not-the-secret-at-all"), "{probed:?}");
            assert_eq!(probed.has("since it was last let in"), times > 1, "{probed:?}");
            assert_eq!(refused(), Some(times), "each run sends it once at most");
        }
        let near = bench.inside(&["probe", NAME], "n\n").ends(OK);
        assert!(near.has("one more may lock it; it was not tried"), "{near:?}");
        assert_eq!(refused(), Some(3));
        bench.inside(&["probe", NAME], "y\n").ends(OK);
        assert_eq!(refused(), Some(4), "only on a word");
        let journal = std::fs::read_to_string(bench.journal()).expect("a journal");
        let words: Vec<&str> = journal.lines().filter(|line| line.contains("and is it sent?")).collect();
        let (no, yes) = (words.first().expect("a no"), words.last().expect("a yes"));
        assert!(no.contains("\"yes\":false") && yes.contains("\"yes\":true"), "answers are kept: {words:?}");
        with(bench.lab.fact("api_secret_file"));
        bench.inside(&["probe", NAME], "y\n").ends(OK);
        let clean = bench.inside(&["probe", NAME], "").ends(OK);
        assert!(!clean.has("since it was last let in"), "a success forgets them: {clean:?}");
    }
}

#[test]
fn refused_logins_are_counted_from_run_to_run_until_one_succeeds() {
    let bench = Bench::new(&[]);
    let inventory = bench.inventory();
    let right = std::fs::read_to_string(&inventory).expect("reads");
    let wrong = bench.private("wrong", "not-the-passw0rd\n");
    let changed = right.replace(bench.lab.fact("appliance_password_file"), &wrong);
    assert_ne!(changed, right);
    std::fs::write(&inventory, changed).expect("changed");
    let refused = |times: u64| {
        assert_eq!(bench.lab.state()["failed_logins"], times, "each run sends it once at most");
    };
    let probe = |answers: &str, exit: Exit| {
        let said = bench.inside(&["probe", NAME], answers).ends(exit.code());
        assert!(!said.has("not-the-passw0rd"));
        said
    };
    assert!(!probe("", Exit::LoginRefused).err.contains("since the last success"));
    refused(1);
    assert!(probe("", Exit::LoginRefused).err.contains("1 login of admin on"));
    assert!(probe("", Exit::LoginRefused).err.contains("2 logins of admin on"));
    refused(3);
    let near = probe("", Exit::LockoutNear);
    assert!(near.err.contains("3 were refused before"), "{}", near.err);
    probe("n\n", Exit::LockoutNear);
    refused(3);
    probe("y\n", Exit::LoginRefused);
    let locked = probe("y\n", Exit::AccountLocked);
    assert!(locked.err.contains("account is locked"), "{}", locked.err);
    refused(5);

    std::fs::write(&inventory, right).expect("corrected");
    bench.lab.control(&["advance", "16m"]);
    assert!(probe("y\n", Exit::Ok).err.contains("5 logins of admin on"));
    assert!(!probe("", Exit::Ok).err.contains("since the last success"), "a success forgets them");

    let refused = bench.lab.fact("appliance").trim_start_matches("https://").replace(':', "-");
    std::fs::write(bench.path(&format!("home/inside/logins/{refused}.json")), "{").expect("damaged");
    assert!(probe("", Exit::Config).err.contains("does not read as refused logins"), "it must not count as none");
}

#[test]
fn what_a_run_changed_is_told_as_events_however_it_ends() {
    let bench = Bench::new(&[]);
    let (stick, agreed) = (bench.stick(), bench.agreed.clone());
    let push = |answers: &str| bench.inside(&["--json", "push", &stick, NAME, "--agree", &agreed], answers);
    let told = |said: &Said| {
        let done = said.events("step-done").into_iter().map(|event| event["id"].as_str().expect("an id").to_owned());
        (done.collect::<Vec<_>>(), said.events("handed-over").len(), said.events("installed").len())
    };
    bench.lab.control(&["fault", "package-refused"]);
    let refused = told(&push("").ends(Exit::PackageRejected));
    assert_eq!(
        (refused.0.iter().any(|id| id.starts_with("install-")), refused.1, refused.2),
        (false, 1, 0),
        "{refused:?}"
    );
    assert!(refused.0.contains(&"backup-1".to_owned()), "{refused:?}");
    bench.lab.control(&["fault", "package-refused", "--clear"]);
    let waits = told(&push("y\n").ends(WAITING));
    assert_eq!(
        (waits.0.iter().filter(|id| id.starts_with("install-")).count(), waits.1, waits.2),
        (2, 2, 2),
        "{waits:?}"
    );
    assert_eq!(told(&push("").ends(WAITING)), (vec![], 0, 0), "a wait that is met again changes nothing");
}
