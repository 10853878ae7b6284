//! Many labs, two homes, one stick.

use crate::support::home::Home;
use crate::support::lab::{Begun, Lab};
use crate::support::said::{INSIDE, Said};
use handcarry::testing::model::Exit;
use std::ops::Deref;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

/// Peak resident memory in KiB: of a run, and of the largest run it began.
#[derive(Debug, Default)]
pub struct Peak {
    pub parent: u64,
    pub child: u64,
}

/// As many appliances as asked for, enrolled as `box00`, `box01`, …; the even
/// ones are in the group `even`.
pub struct Fleet {
    pub labs: Vec<Lab>,
    home: Home,
}

impl Deref for Fleet {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Fleet {
    pub fn new(size: usize) -> Self {
        let home = Home::hasty();
        let begun: Vec<Begun> = (0..size).map(|at| begin(home.root(), at)).collect();
        let home = home.trusting();
        let fleet = Fleet { labs: begun.into_iter().map(Begun::ready).collect(), home };
        fleet.labs.iter().enumerate().for_each(|(at, lab)| fleet.enroll(at, lab));
        let cas = fleet.labs.iter().map(|lab| std::fs::read_to_string(lab.fact("ca")).expect("a CA"));
        std::fs::write(fleet.path("cas.pem"), cas.collect::<String>()).expect("written");
        fleet.labs.iter().for_each(|lab| fleet.lists(lab.fact("vendor")));
        fleet
    }

    fn enroll(&self, at: usize, lab: &Lab) {
        let name = format!("box{at:02}");
        let group = if at.is_multiple_of(2) { "even" } else { "odd" };
        let more = ["--fingerprint", lab.fact("appliance_fingerprint"), "--group", group];
        self.inside(&[&lab.enrolling(&name, "appliance", "appliance")[..], &more].concat()).0.ends(0);
    }

    /// The file with all labs' certificate authorities.
    pub fn authorities(&self) -> String {
        self.word("cas.pem")
    }

    /// The digest of the agreement that the next package of an appliance asks
    /// for, as a push without anybody to answer tells it.
    pub fn agreement(&self, name: &str) -> String {
        let agreed = self.inside(&["--json", "plan", &self.stick(), name]).0.ends(0).agreed();
        let push = ["push", &self.stick(), name, "--agree", &agreed];
        let said = self.inside(&push).0.ends(Exit::EulaDeclined);
        let (_, digest) = said.err.rsplit_once("--accept-eula ").expect("the digest is told");
        digest.trim().to_owned()
    }

    /// The digest by which a push of many is agreed to, as one tells it that nobody answers.
    pub fn agreed(&self, push: &[&str]) -> String {
        let said = self.inside(push).0.ends(Exit::Declined);
        let (_, digest) = said.err.rsplit_once("--agree ").expect("the digest is told");
        digest.trim().to_owned()
    }

    /// Seals what waits, from all labs' vendors, onto the stick.
    pub fn seal_all(&self) -> Said {
        let stick = self.stick();
        let from = self.labs.iter().flat_map(|lab| ["--from", lab.fact("vendor")]);
        self.outside(&["seal", "--all", "--write", &stick].into_iter().chain(from).collect::<Vec<_>>())
    }

    pub fn outside(&self, args: &[&str]) -> Said {
        self.home.outside(args, "")
    }

    /// Runs the inside with somebody who types these lines.
    pub fn answering(&self, args: &[&str], answers: &str) -> Said {
        self.home.inside(args, answers)
    }

    /// Runs the inside and watches its memory and that of the runs it begins.
    pub fn inside(&self, args: &[&str]) -> (Said, Peak) {
        let mut command = self.command(INSIDE, args);
        let child = command.stdin(Stdio::null()).spawn().expect("runs");
        let pid = child.id();
        let (done, over) = std::sync::mpsc::channel::<()>();
        let watcher = std::thread::spawn(move || {
            let mut peak = Peak::default();
            while over.recv_timeout(Duration::from_millis(50)) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                peak.parent = peak.parent.max(peak_kib(pid));
                peak.child = children(pid).into_iter().map(peak_kib).fold(peak.child, u64::max);
            }
            peak
        });
        let output = child.wait_with_output().expect("waited for");
        drop(done);
        (output.into(), watcher.join().expect("it only reads"))
    }
}

/// `VmHWM` of a process; 0 where it is gone.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn children(pid: u32) -> Vec<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let listed = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
    listed.flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()).collect()
}

fn begin(folder: &Path, at: usize) -> Begun {
    let serial = format!("LAB-{at:04}-FL");
    Lab::begin(&folder.join(format!("lab{at:02}")), &["--serial", &serial, "--package-mib", "1"])
}
