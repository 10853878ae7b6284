//! Times as this machine's clock on the wall shows them, and as programs read them.

use crate::cli::prompt::Prompt;

#[test]
fn a_person_is_told_local_time_first_with_utc_behind_and_a_program_utc_alone() {
    let prompt = Prompt::new();
    prompt.run("handcarry-outside keygen --no-passphrase --principal ana --quiet");
    prompt.run("echo y | handcarry-inside trust add home/outside/keys/signing.pub");
    let renew = |zone: &str, option: &str| {
        let answer = prompt.run(&format!("TZ={zone} handcarry-inside {option} trust renew --days 30"));
        assert_eq!(answer.code, Some(0), "{}", answer.shown);
        answer.shown
    };
    let told = |zone: &str| renew(zone, "").lines().next().expect("a line").to_owned();
    assert_eq!(told("Asia/Tokyo"), "Trust is to be renewed by DAY DATE TIME +09:00 (DATE TIME UTC)");
    // As POSIX writes a zone, on a machine that knows none by name.
    assert_eq!(told("XYZ3"), "Trust is to be renewed by DAY DATE TIME -03:00 (DATE TIME UTC)");
    for zone in ["UTC", "No/Such_Zone"] {
        assert_eq!(told(zone), "Trust is to be renewed by DAY DATE TIME UTC", "{zone}");
    }
    assert!(prompt.run("cat home/inside/trust/policy.toml").shown.contains("renew_by = \"DATE\""));
    let log = prompt.stdout("TZ=Asia/Tokyo handcarry-inside --json log").shown;
    let times = log.matches("\"time\":\"DATE\"").count();
    assert!(times > 2 && times + 1 == log.lines().count(), "{log}");
}
