//! What a run does while nobody sits there: it sleeps through a wait and goes
//! on, begins at a time, keeps its times for a calendar; and what a terminal
//! shows of long work.

use super::WAITING;
use crate::support::bench::{Bench, NAME, read_until};
use crate::support::said::{INSIDE, run};
use handcarry::testing::model::{Exit, Timestamp};
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::process::Command;

/// Has the appliance a window that opens within the second minute from now.
fn with_a_near_window(bench: &Bench) {
    let at = |secs: i64| {
        let time = Timestamp::now().plus_secs(secs).datetime();
        format!("{:02}:{:02}", time.hour(), time.minute())
    };
    let mut text = std::fs::read_to_string(bench.inventory()).expect("the inventory");
    writeln!(text, "windows = [\"daily {}-{}\"]\ntime_zone = \"UTC\"", at(120), at(6 * 3600)).expect("written");
    std::fs::write(bench.inventory(), text).expect("written");
}

#[test]
fn a_run_that_is_to_wait_sleeps_till_its_window_and_goes_on_by_itself() {
    let bench = Bench::new(&[]);
    with_a_near_window(&bench);
    let args = ["push", &bench.stick(), NAME, "--wait", "--agree", &bench.agreed];
    let mut run = bench.command(INSIDE, &args).spawn().expect("starts");
    run.stdin.take().expect("piped").write_all(b"y\n").expect("answered");
    let mut out = run.stdout.take().expect("piped");
    read_until(&mut out, "this run waits: outside the maintenance windows");
    assert!(bench.lab.installs().is_empty());
    // Nothing is held meanwhile: a second terminal reads where it stands, and another verb may write.
    let stands = bench.inside(&["--json", "next"], "").ends(0);
    assert_eq!(stands.event("standing")["stands"], "waiting", "{stands:?}");
    bench.lab.control(&["advance", "10min"]);
    read_until(&mut out, "this run waits: clients need time to update to Bomgar 10.6.2");
    assert_eq!(bench.lab.installs(), ["Base 3.4.0", "Bomgar 10.6.2"]);
    let interrupted = Command::new("kill").args(["-INT", &run.id().to_string()]).status().expect("kill is there");
    assert!(interrupted.success());
    let mut told = String::new();
    run.stderr.take().expect("piped").read_to_string(&mut told).expect("text");
    assert_eq!(run.wait().expect("ended").code(), Some(130), "{told}");
    assert!(told.contains("warning: nothing goes on meanwhile, and nothing is held: clients need time"), "{told}");
    assert!(told.trim_end().ends_with(&format!("to go on: handcarry-inside {}", args.join(" "))), "{told}");
}

#[test]
fn a_time_to_begin_is_for_what_was_agreed_to_and_is_still_to_come() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    bench.inside(&["push", &stick, NAME, "--at", "02:00"], "").ends(Exit::Usage);
    for wrong in ["2 o'clock", "25:00"] {
        bench.inside(&["push", &stick, NAME, "--agree", &bench.agreed, "--at", wrong], "").ends(Exit::Usage);
    }
    let over = ["push", &stick, NAME, "--agree", &bench.agreed, "--at", "2026-01-05 02:00"];
    assert!(bench.inside(&over, "").ends(Exit::Usage).has("the time to begin, 2026-01-05 02:00, is over"));
    assert!(bench.lab.installs().is_empty());
    let soon = Timestamp::now().plus_secs(40).to_string();
    let said = bench.inside(&["push", &stick, NAME, "--agree", &bench.agreed, "--at", &soon], "y\n").ends(WAITING);
    assert!(said.out.starts_with("this run begins at "), "{said:?}");
    assert!(said.err.trim_end().ends_with(&format!("push {stick} {NAME} --agree {}", bench.agreed)), "{said:?}");
}

#[test]
fn a_calendar_has_the_times_of_the_plan_as_a_stock_reader_finds_them() {
    let bench = Bench::new(&[]);
    let stick = bench.stick();
    let file = bench.path("times.ics");
    let file = file.to_str().expect("UTF-8");
    let plan = bench.inside(&["--json", "plan", &stick, NAME, "--ics", file], "").ends(0);
    let text = std::fs::read_to_string(file).expect("written");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    let script = "import icalendar, json, sys\n\
                  calendar = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())\n\
                  events = [e for e in calendar.walk('VEVENT')]\n\
                  assert not any(e.errors for e in events) and len({str(e['UID']) for e in events}) == len(events)\n\
                  at = lambda e, name: e.decoded(name).strftime('%Y-%m-%dT%H:%M:%SZ')\n\
                  print(json.dumps([[at(e, 'DTSTART'), at(e, 'DTEND'), str(e['SUMMARY']), str(e['DESCRIPTION'])] for e in events]))";
    let read = Command::new("/usr/bin/python3").args(["-c", script, file]).output().expect("python is there");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let events: Vec<[String; 4]> = serde_json::from_slice(&read.stdout).expect("events");
    // Now, and again when the clients had their day.
    assert_eq!(events.len(), 2, "{events:?}");
    let secs = |text: &str| Timestamp::parse(text).expect("a time").unix();
    assert!((secs(&events[1][0]) - secs(&events[0][0])) > 24 * 3600, "{events:?}");
    assert!(events.iter().all(|event| event[0] < event[1]), "{events:?}");
    assert_eq!(
        events[0][2],
        format!("handcarry, {NAME}: export the site's certificate, with its private key and chain, and what follows")
    );
    let command = plan.event("next")["command"].as_str().expect("a command").to_owned();
    assert!(!command.contains("--ics"), "{command}");
    for event in &events {
        assert!(event[3].ends_with(&format!("goes on by: {command} --agree {}", bench.agreed)), "{event:?}");
    }
    bench.inside(&["plan", &stick, NAME, "--ics", file], "").ends(Exit::Exists);
}

/// What a terminal of so many columns shows of a command.
fn on_terminal(bench: &Bench, columns: u16, args: &[&str], answers: &str) -> String {
    let line = format!("stty cols {columns} rows 24 && exec '{INSIDE}' {}", args.join(" "));
    let mut script = bench.unhurried("timeout", &["--foreground", "120", "script", "-qec", &line, "/dev/null"]);
    run(script.env("TERM", "xterm"), answers).out
}

/// Each line as it was drawn, without what moves the cursor and colours.
fn drawn(shown: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut chars = shown.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => drop(chars.by_ref().skip(1).find(char::is_ascii_alphabetic)),
            '\r' | '\n' => lines.push(String::new()),
            c => lines.last_mut().expect("a line").push(c),
        }
    }
    lines
}

#[test]
fn a_terminal_has_one_live_line_and_text_as_wide_as_it_is() {
    let bench = Bench::new(&["--install-secs", "10"]);
    let shown = on_terminal(&bench, 80, &["push", &bench.stick(), NAME, "--agree", &bench.agreed], "n\n");
    let lines = drawn(&shown);
    let live: Vec<&String> = lines.iter().filter(|line| line.starts_with("box is installing (")).collect();
    assert!(live.len() > 3 && live.iter().all(|line| line.contains(" s; ") || line.contains(" min")), "{shown}");
    assert!(live.iter().any(|line| line.contains("; over by ")), "{shown}");
    // A path, a digest or a command may be wider than any terminal.
    let may_be_wide =
        |line: &&String| line.trim().contains(' ') && !line.contains("handcarry-inside") && !line.contains("SHA-256");
    let wide: Vec<_> = lines.iter().filter(|line| line.chars().count() > 80).filter(may_be_wide).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    assert!(lines.iter().any(|line| line.contains("handcarry-inside: error: ")), "{shown}");
}
