//! A run with a person beside it, who answers each question by what is really
//! so on the appliance, and for whom time goes faster.

use super::bench::{INSIDE, Lab, NAME, Scene};
use crate::support::faketime;
use crate::support::said::Said;
use handcarry::testing::lab;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How much faster time goes: so much that no wait is long, and so little that
/// a busy machine is not taken for a network that is silent.
const HASTE: u32 = 12;

/// How long a run may take in real time before it is taken for one that hangs.
const PATIENCE: Duration = Duration::from_secs(400);

/// Pushes; the machine's clock is `hours` ahead.
pub fn push(scene: &Scene, lab: &Lab, hours: u32) -> Said {
    let mut command = faketime::under(&format!("+{hours}h x{HASTE}"), INSIDE);
    command.args(["push", "stick", NAME]).current_dir(scene.root());
    command.env("HANDCARRY_HOME", scene.path("home")).env("TMPDIR", scene.path("tmp")).env("NO_COLOR", "1");
    // Nothing is left in /dev/shm, whatever happens.
    command.env("FAKETIME_DISABLE_SHM", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = Ended(command.spawn().expect("starts"));
    let child = &mut child.0;
    let (mut stdin, mut stderr) = (child.stdin.take().expect("piped"), child.stderr.take().expect("piped"));
    let mut stdout = child.stdout.take().expect("piped");
    let talk = std::thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stdout.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let (send, heard) = channel();
    let listen = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(got @ 1..) = stderr.read(&mut buffer) {
            if send.send(buffer[..got].to_vec()).is_err() {
                break;
            }
        }
    });
    let err = attend(&heard, &mut stdin, lab);
    if err.is_none() {
        let _ = child.kill();
    }
    let status = child.wait().expect("ends");
    let out = talk.join().expect("reads");
    listen.join().expect("reads");
    let err = err.unwrap_or_else(|| panic!("a push hangs:\n{out}"));
    let code = status.code().unwrap_or_else(|| panic!("{status:?}\n{out}\n{err}"));
    Said { code, out, err }
}

/// A run that does not outlive the test, whatever becomes of that.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Answers what is asked until nothing more is said; `None` where that never comes.
fn attend(heard: &Receiver<Vec<u8>>, stdin: &mut impl Write, lab: &Lab) -> Option<String> {
    let until = Instant::now() + PATIENCE;
    let (mut all, mut answered) = (Vec::new(), 0);
    loop {
        match heard.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(bytes) => all.extend(bytes),
            Err(RecvTimeoutError::Disconnected) => return Some(String::from_utf8_lossy(&all).into_owned()),
            Err(RecvTimeoutError::Timeout) => return None,
        }
        let text = String::from_utf8_lossy(&all[answered..]).into_owned();
        let asked = text.trim_start().rsplit('\n').next().unwrap_or_default();
        if let Some(answer) = answer(asked, lab) {
            answered = all.len();
            // A run that ended meanwhile takes no answer.
            let _ = stdin.write_all(format!("{answer}\n").as_bytes());
        }
    }
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
    let yes = if question.contains("Do you accept this agreement") || question.starts_with("Begin now on ") {
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
