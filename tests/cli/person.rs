//! What a person must answer for is not said by a pipe that says yes to everything.

use crate::cli::prompt::Prompt;
use handcarry::testing::model::Exit;

#[test]
fn yes_says_nothing_that_a_person_must_answer_for() {
    let prompt = Prompt::new();
    prompt.run("handcarry-inside keygen --no-passphrase --principal a");
    let add = "handcarry-inside trust add home/inside/keys/signing.pub";
    for says in ["yes", "yes yes", "yes sim"] {
        let answer = prompt.run(&format!("{says} | {add}"));
        assert_eq!(answer.code, Some(Exit::Declined.code().into()), "{says}: {}", answer.shown);
        assert!(answer.shown.contains("that is no person's word"), "{says}: {}", answer.shown);
        assert!(!prompt.run("cat home/inside/trust/allowed_signers").shown.contains("ssh-ed25519"), "{says}");
    }
    let answered = prompt.run(&format!("echo y | {add}"));
    assert_eq!(answered.code, Some(0), "{}", answered.shown);
}
