//! A run with a person beside it, who answers each question by what is really
//! so on the appliance, and for whom time goes faster.

use super::bench::{INSIDE, Lab, NAME, Scene};
use crate::support::faketime;
use crate::support::said::Said;
use handcarry::testing::lab;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How much faster time goes: so much that no wait is long, and so little that
/// a busy machine is not taken for a network that is silent.
const HASTE: u32 = 12;

/// How long a run may take in real time before it is taken for one that hangs.
const PATIENCE: Duration = Duration::from_secs(400);

/// How often it is looked whether a run is over.
const LOOKS: Duration = Duration::from_millis(4);

/// Pushes; the machine's clock is `hours` ahead.
pub fn push(scene: &Scene, lab: &Lab, hours: u32) -> Said {
    let mut command = hasty(scene, INSIDE, hours);
    command.args(["push", "stick", NAME]);
    let said = attended(&mut command, &Answers::ByEye(&|asked| answer(asked, lab)));
    assert_ne!(said.code, -1, "{}\n{}", said.out, said.err);
    said
}

/// A program for whom time goes faster; the machine's clock is `hours` ahead.
pub fn hasty(scene: &Scene, program: &str, hours: u32) -> Command {
    let mut command = faketime::hasty(&format!("+{hours}h x{HASTE}"), program);
    command.env("HANDCARRY_HOME", scene.path("home")).env("TMPDIR", scene.path("tmp")).env("NO_COLOR", "1");
    // Nothing is left in /dev/shm, whatever happens.
    command.env("FAKETIME_DISABLE_SHM", "1").current_dir(scene.root());
    command
}

/// The answer of somebody who goes away.
pub const GOES: &str = "\u{4}";

/// How what is asked is answered.
pub enum Answers<'a> {
    /// Typed all at once.
    Typed(&'a str),
    /// By who looks at the appliance, given what is asked; `None` where that is no question.
    ByEye(&'a (dyn Fn(&str) -> Option<String> + Sync)),
}

/// Runs a command to its end with a person beside it.
pub fn attended(command: &mut Command, answers: &Answers<'_>) -> Said {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Ended(command.spawn().expect("starts"));
    let child = &mut child.0;
    let (stdin, mut stdout) = (child.stdin.take().expect("piped"), child.stdout.take().expect("piped"));
    let mut stderr = child.stderr.take().expect("piped");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    std::thread::scope(|scope| {
        let talk = scope.spawn(move || {
            let mut all = Vec::new();
            let _ = stdout.read_to_end(&mut all);
            all
        });
        let listen = scope.spawn(move || attend(&mut stderr, stdin, answers));
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait().expect("waits") {
                break Some(status);
            }
            if Instant::now() > until {
                let _ = child.kill();
                break None;
            }
            std::thread::sleep(LOOKS);
        };
        let out = text(talk.join().expect("reads"));
        let err = text(listen.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        let status = status.unwrap_or_else(|| panic!("it hangs: {command:?}\n{out}\n{err}"));
        Said { code: status.code().unwrap_or(-1), out, err }
    })
}

/// A run that does not outlive the test, whatever becomes of that.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers what is asked until nothing more is said; returns all that was.
fn attend(stderr: &mut impl Read, stdin: impl Write, answers: &Answers<'_>) -> Vec<u8> {
    let (mut all, mut answered, mut buffer) = (Vec::new(), 0, [0; 4096]);
    let mut keyboard = Some(stdin);
    let look = match answers {
        Answers::ByEye(look) => look,
        Answers::Typed(typed) => {
            let mut stdin = keyboard.take().expect("nobody has gone");
            // A run that ended meanwhile takes no answer.
            let _ = stdin.write_all(typed.as_bytes());
            drop(stdin);
            let _ = stderr.read_to_end(&mut all);
            return all;
        }
    };
    while let Ok(got @ 1..) = stderr.read(&mut buffer) {
        all.extend_from_slice(&buffer[..got]);
        let text = String::from_utf8_lossy(&all[answered..]).into_owned();
        if let Some(answer) = look(text.trim_start().rsplit('\n').next().unwrap_or_default()) {
            answered = all.len();
            match &mut keyboard {
                Some(_) if answer == GOES => keyboard = None,
                Some(stdin) => drop(stdin.write_all(format!("{answer}\n").as_bytes())),
                None => {}
            }
        }
    }
    all
}

/// What someone who looks at the appliance says; `None` where nothing is asked.
fn answer(asked: &str, lab: &Lab) -> Option<String> {
    let state = || lab.state();
    let typed = [
        ("the serial number: ", lab::SERIAL.to_owned()),
        ("The appliance model: ", lab::MODEL.to_owned()),
        ("(Enter if it shows none): ", String::new()),
        ("(Enter to skip): ", String::new()),
        ("(Enter to keep none): ", String::new()),
        ("primary, backup or none? ", "none".to_owned()),
    ];
    if let Some((_, answer)) = typed.iter().find(|(prompt, _)| asked.ends_with(prompt)) {
        return Some(answer.clone());
    }
    let question = asked.strip_suffix(" [y/N] ")?;
    let title = lab::catalogue(1).into_iter().map(|package| package.title).find(|title| question.contains(title));
    let title = title.unwrap_or_default();
    let names = |list: &serde_json::Value| -> bool {
        list.as_array().is_some_and(|rows| rows.iter().any(|row| row["title"] == title.as_str()))
    };
    let installed = |state: &serde_json::Value| names(&state["installed"]);
    let yes = if question.contains("Do you accept this agreement")
        || question.starts_with("Begin now on ")
        || question.starts_with("Is the certificate of ")
    {
        true
    } else if question.ends_with("is it installed?") {
        installed(&state())
    } else if question.contains("and the appliance back?") || question.contains("and its installation over?") {
        // It takes as long as it takes.
        let until = Instant::now() + Duration::from_secs(10);
        while state()["activity"] != "idle" && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        installed(&state())
    } else if question.ends_with("so that it may be sent again?") {
        let state = state();
        state["activity"] == "idle" && !installed(&state)
    } else if question.starts_with("Did the appliance take") {
        let state = state();
        state["staged"] == title.as_str() || names(&state["installs"])
    } else if question.contains("Is a backup of this appliance saved")
        || question.starts_with("Has it no site software")
    {
        false
    } else {
        panic!("nobody knows what to answer to {question:?}")
    };
    Some(if yes { "y" } else { "n" }.to_owned())
}
