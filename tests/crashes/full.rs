//! A disk that is really full: each verb on a small filesystem in memory, with
//! no room at all, then a page, then twice as much each time, until it is done.
//! Each time it says so, nothing is lost, and with room again it goes on.

use super::bench::{OwnLab, Scene};
use super::disk::matters;
use super::person::{Answers, attended};
use super::strikes::{ends_well, is_temporary, must_end_well};
use super::trace::HASTE;
use super::verbs::Verb;
use crate::support::faketime;
use crate::support::said::{Code, Said};
use handcarry::testing::model::Exit;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Size of the filesystem, in MiB: room for all that a verb makes, and for the
/// reserve that is kept for what a vendor lists.
const DISK_MIB: u32 = 96;

/// Its pages, in bytes.
const PAGE: u64 = 4096;

/// A small filesystem in a mount namespace of its own, seen through /proc; it
/// goes with the process that holds it.
struct Small {
    holder: Child,
    root: PathBuf,
}

impl Small {
    fn mount() -> Self {
        let script = format!("mount -t tmpfs -o size={DISK_MIB}m,mode=700 none /mnt && echo mounted && exec cat");
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "--propagation", "private", "sh", "-c", &script]);
        let mut holder = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("unshare runs");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().expect("piped")).read_line(&mut line).expect("reads");
        assert_eq!(line, "mounted\n", "user namespaces are needed for a filesystem of one's own");
        let root = PathBuf::from(format!("/proc/{}/root/mnt", holder.id()));
        Small { holder, root }
    }

    /// Fills it but for `free` bytes; what holds the room.
    fn fill(&self, free: u64) -> PathBuf {
        let path = self.root.join("filler");
        let mut file = std::fs::File::create(&path).expect("made");
        let block = [1; PAGE as usize];
        while file.write_all(&block).is_ok() {}
        let len = file.metadata().expect("there").len() / PAGE * PAGE;
        file.set_len(len.saturating_sub(free)).expect("cut");
        path
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// Runs `verb` on a disk with more and more room, until it is done at once.
pub fn fill_everywhere(verb: &Verb) {
    let lab = verb.lab.start();
    let lab = lab.as_ref();
    let before = (verb.before)(lab);
    let disk = Small::mount();
    let (mut free, mut refused, mut last) = (0, 0, 0);
    loop {
        if let Some(lab) = lab {
            lab.reset();
        }
        let scene = before.copy_to(&disk.root);
        (verb.each)(&scene, lab);
        let filler = disk.fill(free);
        let first = run(verb, &scene, lab);
        (verb.between)(&scene);
        // Emptied first: a process that is just being started may hold it open still.
        std::fs::write(&filler, b"").and_then(|()| std::fs::remove_file(&filler)).expect("room again");
        let done = ends_well(verb, first.code, &[]);
        if !done {
            (refused, last) = (refused + 1, free);
            let told = format!("{}, {free} bytes free: {}\n{}\n{}", verb.name, first.code, first.out, first.err);
            assert_eq!(first.code, Exit::NoSpace.number(), "{told}");
            assert!(first.err.contains("hint: "), "{told}");
            let mut second = run(verb, &scene, lab);
            if (verb.mend)(&scene, lab, &second) {
                second = run(verb, &scene, lab);
            }
            must_end_well(verb, &second, &told);
        }
        let left = scene.files("", |path| matters(Path::new(path)) && is_temporary(path));
        assert!(left.is_empty(), "left behind: {left:?}");
        (verb.after)(&scene, lab);
        if done {
            break;
        }
        free = (free * 2).max(PAGE);
    }
    assert!(refused > 0, "{} needs no room", verb.name);
    println!("full disk: {}: refused {refused} times, the last with {last} bytes free, and went on", verb.name);
}

fn run(verb: &Verb, scene: &Scene, lab: Option<&OwnLab>) -> Said {
    let args = (verb.args)(lab);
    let mut command = match verb.hasty {
        true => faketime::hasty(HASTE, verb.program),
        false => Command::new(verb.program),
    };
    command.args(&args).env("FAKETIME_DISABLE_SHM", "1").current_dir(scene.root());
    command.env("HANDCARRY_HOME", scene.path("home")).env("TMPDIR", scene.path("tmp")).env("NO_COLOR", "1");
    attended(&mut command, &Answers::Typed(verb.answers))
}
