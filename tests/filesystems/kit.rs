//! A sealed bundle and two homes that know each other; loop devices, mounts,
//! and devices that lie, all gone when dropped.

use crate::qemu::tool;
use crate::support::home::Home;
use crate::support::said::{INSIDE, OUTSIDE, Said};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Kit {
    home: Home,
}

impl Deref for Kit {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.home
    }
}

impl Kit {
    /// With a bundle of packages of these sizes sealed for an appliance S1.
    pub fn sealed(sizes: &[usize]) -> Self {
        let kit = Kit { home: Home::new() };
        let key = kit.outside(&["keygen", "--no-passphrase", "--principal", "anna"]).ends(0);
        let told = key.text();
        let word =
            |lead: &str| told.split_whitespace().find(|word| word.starts_with(lead)).expect("is told").to_owned();
        let line = told.lines().find(|line| line.starts_with("anna ")).expect("a line for allowed_signers");
        kit.inside(&["trust", "add", line, "--fingerprint", &word("SHA256:")]).ends(0);
        for (number, size) in sizes.iter().enumerate() {
            let name = format!("Bomgar-10.{number}.0.nss");
            let bytes: Vec<u8> =
                (0..*size as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> (9 + number)) as u8).collect();
            std::fs::write(kit.path(&name), bytes).expect("a package");
            kit.outside(&["import", &name, "--by", "anna", "--for", "S1", "--doubtful"]).ends(0);
        }
        kit.outside(&[
            "seal",
            "--from",
            "anna",
            "--appliance",
            "S1",
            "--model",
            "B200",
            "--host",
            "support.example.com",
        ])
        .ends(0);
        kit
    }

    pub fn outside(&self, args: &[&str]) -> Said {
        self.run(OUTSIDE, args)
    }

    pub fn inside(&self, args: &[&str]) -> Said {
        self.run(INSIDE, args)
    }

    /// `handcarry-outside` under another umask.
    pub fn under_umask(&self, umask: &str, args: &[&str]) -> Said {
        let line = format!("umask {umask}; exec \"$0\" \"$@\"");
        self.run("sh", &[&["-c", &line, OUTSIDE], args].concat())
    }

    /// `handcarry-inside` as another account, with a home of its own that is a
    /// copy of ours; that account can't reach the program where it lies.
    pub fn as_account(&self, uid: u32, args: &[&str]) -> Said {
        let (program, home) = (self.path("inside"), self.path("home-of-another"));
        if !program.exists() {
            std::fs::copy(INSIDE, &program).expect("copied");
            tool("cp", &["-r", &self.path("home").display().to_string(), &home.display().to_string()], Path::new("/"));
            tool("chown", &["-R", &uid.to_string(), &home.display().to_string()], Path::new("/"));
        }
        let (user, group) = (format!("--reuid={uid}"), format!("--regid={uid}"));
        let (program, home) = (program.display().to_string(), home.display().to_string());
        let before = ["--clear-groups", &user, &group, &program, "--home", &home];
        self.run("setpriv", &[&before, args].concat())
    }

    fn run(&self, program: &str, args: &[&str]) -> Said {
        self.command(program, args).stdin(Stdio::null()).output().expect("the program starts").into()
    }

    /// An empty file that takes no room until it is written to.
    pub fn image(&self, name: &str, bytes: u64) -> PathBuf {
        let path = self.path(name);
        std::fs::File::create(&path).and_then(|file| file.set_len(bytes)).expect("a file");
        path
    }
}

/// Names in a folder's folder of bundles, but hidden ones; none where it is missing.
pub fn bundles(stick: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(stick.join("handcarry/bundles")) else { return Vec::new() };
    let names = entries.map(|entry| entry.expect("listed").file_name().into_string().expect("UTF-8"));
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// A loop device.
pub struct Loop(pub String);

impl Loop {
    #[track_caller]
    pub fn over(image: &Path) -> Loop {
        let image = image.display().to_string();
        Loop(tool("losetup", &["--show", "-f", &image], Path::new("/")).trim().to_owned())
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").args(["-d", &self.0]).status();
    }
}

/// A mounted filesystem.
pub struct Mounted(pub PathBuf);

impl Mounted {
    /// Mounts by a program and its arguments, the folder last.
    #[track_caller]
    pub fn by(program: &str, args: &[&str], at: PathBuf) -> Mounted {
        std::fs::create_dir_all(&at).expect("a folder");
        let folder = at.display().to_string();
        tool(program, &[args, &[&folder]].concat(), Path::new("/"));
        Mounted(at)
    }

    pub fn at(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // A program that serves it may still be at work.
        for _ in 0..50 {
            if Command::new("umount").arg(&self.0).stderr(Stdio::null()).status().is_ok_and(|status| status.success()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// A device that lies; see liar.py.
pub struct Liar {
    child: Child,
    folder: PathBuf,
}

impl Liar {
    #[track_caller]
    pub fn new(kit: &Kit, bytes: u64, how: &str, from: u64) -> Liar {
        let folder = kit.path(&format!("liar-{how}"));
        std::fs::create_dir(&folder).expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/filesystems/liar.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(&folder).args([&bytes.to_string(), how, &from.to_string()]);
        let child = command.stdin(Stdio::null()).spawn().expect("python3 is needed; tests/run installs it");
        let liar = Liar { child, folder };
        let begun = Instant::now();
        while !liar.disk().exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the device is there: is this root, with /dev/fuse?");
            std::thread::sleep(Duration::from_millis(50));
        }
        liar
    }

    pub fn disk(&self) -> PathBuf {
        self.folder.join("disk")
    }
}

/// A medium that gives each byte once; see turncoat.py.
pub struct Turncoat {
    child: Child,
    pub folder: PathBuf,
}

impl Turncoat {
    #[track_caller]
    pub fn over(kit: &Kit, source: &Path) -> Turncoat {
        let folder = kit.path("turncoat");
        std::fs::create_dir(&folder).expect("a folder");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/filesystems/turncoat.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).arg(&folder).arg(source);
        let child = command.stdin(Stdio::null()).spawn().expect("python3 is needed; tests/run installs it");
        let turncoat = Turncoat { child, folder };
        let begun = Instant::now();
        while !turncoat.folder.join("handcarry").exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "the medium is there: is this root, with /dev/fuse?");
            std::thread::sleep(Duration::from_millis(50));
        }
        turncoat
    }
}

impl Drop for Turncoat {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.folder).stderr(Stdio::null()).status();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
