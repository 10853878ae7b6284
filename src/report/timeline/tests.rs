//! The plan's page: what is drawn where, and what is told of each step.

use super::*;
use crate::language::Tongue;
use crate::model::{FileName, PackageKind, Timestamp, Version, local_time_in};
use crate::plan::{Carried, Estimate, Op, Opening, Order, Part, Step, Switch};

fn at(hours: i64) -> Timestamp {
    Timestamp::parse("2026-03-04T22:00:00Z").expect("a time").plus_secs(hours * 3600)
}

fn step(on: Part, op: Op, begins: i64, hours: (i64, i64)) -> Step {
    let cost = Estimate { min_secs: hours.0 * 3600, max_secs: hours.1 * 3600 };
    let (title, why) = ("a title <script>".to_owned(), "a reason <script>".to_owned());
    let id = format!("{begins}");
    Step { id, on, op, title, why, cost, not_before: at(begins), window: None, window_number: None, person: None }
}

fn install() -> Op {
    let name = "Bomgar <script>".to_owned();
    let (file, version) = (FileName::parse("p.nss").expect("a name"), Version::parse("10.6.2").expect("a version"));
    let sha256 = Some(Sha256Digest::of(b"p"));
    let package = Carried { file, name, kind: PackageKind::Site, version, size_bytes: 9, sha256 };
    Op::Install { package, unsure: Vec::new(), again: None }
}

fn soak() -> Op {
    Op::Soak { after: "Bomgar <script>".to_owned(), remaining_secs: None }
}

fn plan(steps: Vec<Step>) -> Plan {
    let name = |name: &str| FileName::parse(name).expect("a name");
    Plan {
        procedure: Procedure::Pair { order: Order::FailoverAsync(Switch::Dns), names: [name("alpha"), name("beta")] },
        made: at(0),
        clock: ClockRule::Appliance,
        done: vec!["before".to_owned()],
        skipped: Vec::new(),
        steps,
        notes: vec!["taken <script>".to_owned()],
        earliest_end: at(40),
        latest_end: at(50),
    }
}

fn page(plan: &Plan, language: Tongue) -> String {
    let about = |name: &str, serial: &str| About { name: name.into(), serial: serial.into(), ..About::default() };
    let about = vec![about("alpha", "S1"), about("beta", "S2")];
    let imprint = Imprint { language, program: "handcarry-inside", made: at(0), by: "rui".to_owned() };
    plan_html(PlanFacts { plan, about, agreed_by: Some(Sha256Digest::of(b"terms")), carried: Vec::new() }, &imprint)
}

#[test]
fn a_stands_over_b_with_its_windows_and_waits_where_they_are() {
    let mut first = step(Part::A, install(), 10, (1, 2));
    first.window = Some(Opening { from: at(10), until: at(20), local: "Thu 08:00 to 18:00".into() });
    let steps = vec![first, step(Part::A, soak(), 11, (24, 24)), step(Part::B, install(), 35, (5, 5))];
    let told = page(&plan(steps), Tongue::En);
    let (a, b) = (
        told.find("a: alpha</h3>").or(told.find("A: alpha</h3>")),
        told.find("B: beta</h3>").or(told.find("b: beta</h3>")),
    );
    let (Some(a), Some(b)) = (a, b) else { panic!("both have their line: {told}") };
    assert!(a < b);
    let (above, below) = (&told[a..b], told[b..].split("legend").next().unwrap_or_default());
    // The whole is forty hours: of A, hours 10 to 20 are open, 11 to 35 are a wait.
    assert!(above.contains("<rect class=\"window\" x=\"25.00%\" width=\"25.00%\""), "{above}");
    assert!(above.contains("<rect class=\"soak\" x=\"27.50%\" width=\"60.00%\""), "{above}");
    assert!(above.contains("<rect class=\"install\" x=\"25.00%\" width=\"2.50%\""), "{above}");
    assert!(above.contains("<rect class=\"install\" x=\"25.00%\" width=\"5.00%\""), "by the longest estimate: {above}");
    assert!(below.contains("<rect class=\"install\" x=\"87.50%\" width=\"12.50%\""), "{below}");
    assert!(!below.contains("<rect class=\"window\" x"), "{below}");
    // Numbers go on from what is done already, and those that begin near each other are told as one.
    assert!(above.contains(">2–3</text>") && below.contains(">4</text>"), "{told}");
}

#[test]
fn what_an_appliance_does_by_its_own_plan_is_drawn_and_told_as_its_own() {
    // Its plan knows of one appliance only, and calls it the first.
    let own = plan(vec![step(Part::A, install(), 2, (1, 2)), step(Part::A, soak(), 3, (24, 24))]);
    let upgrade = step(Part::B, Op::Upgrade { plan: Box::new(own) }, 2, (25, 26));
    let told = page(&plan(vec![upgrade]), Tongue::En);
    let (a, b) = (told.find("A: alpha</h3>").expect("A"), told.find("B: beta</h3>").expect("B"));
    assert!(!told[a..b].contains("<rect"), "{told}");
    assert!(told[b..].contains("<rect class=\"install\" x=\"5.00%\"") && told.contains(">2.1–2.2</text>"), "{told}");
    assert!(told.matches("[B: beta]").count() == 3 && !told.contains("[A: alpha]"), "{told}");
}

#[test]
fn each_step_is_told_with_its_time_and_what_it_needs() {
    let mut verify = step(Part::B, Op::Verify { hosts_file: false }, 1, (1, 2));
    verify.person = Some("a look <script>".into());
    verify.title = "verify and test beta".to_owned();
    verify.why = "what is not tested on one appliance is not installed on the other".to_owned();
    let mut first = step(Part::A, install(), 0, (1, 2));
    first.title = "install Bomgar <script>".to_owned();
    let told = |language| page(&plan(vec![first.clone(), verify.clone()]), language);
    let (en, pt) = (told(Tongue::En), told(Tongue::Pt));
    let digest = Sha256Digest::of(b"p").to_string();
    for there in [
        "install Bomgar &lt;script&gt; (site, 9 B)",
        "a reason &lt;script&gt;",
        "a look &lt;script&gt;",
        "as soon as it is begun",
        "usually 60 min to 2 h",
        "The times are by the appliance&#39;s clock.",
        &digest,
        "taken &lt;script&gt;",
        "S2",
        "--agree",
    ] {
        assert!(en.contains(there), "{there}: {en}");
    }
    for there in [
        "instalar Bomgar &lt;script&gt; (site, 9 B)",
        "verificar e testar beta",
        "o que não é testado em um",
        "normalmente de 60 min a 2 h",
        &digest,
    ] {
        assert!(pt.contains(there), "{there}: {pt}");
    }
    let [day, ..] = crate::report::wording::words_of(Tongue::Pt).days;
    assert!(local_time_in(at(0), &[day; 7]).starts_with("seg "));
    assert!([en, pt].iter().all(|page| !page.contains("<script") && !page.contains("http")));
}

#[test]
fn a_plan_with_nothing_left_says_so() {
    let told = page(&plan(Vec::new()), Tongue::Pt);
    assert!(told.contains("Nada resta a instalar.") && !told.contains("<svg"), "{told}");
}
