//! A machine of its own: Debian's cloud kernel in QEMU, with busybox, both
//! programs, and the disks that a test gives it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Kernel modules the guest loads; what they need comes along.
const MODULES: [&str; 13] = [
    "virtio_pci",
    "virtio_blk",
    "vfat",
    "nls_cp437",
    "nls_ascii",
    "nls_iso8859-1",
    "nls_utf8",
    "exfat",
    "isofs",
    "udf",
    "dm-mod",
    "dm-flakey",
    "dm-zero",
];
/// How long the guest may take on a machine that is busy with other things;
/// alone it needs about a minute.
const PATIENCE: Duration = Duration::from_secs(900);

/// A disk of the guest: the file that holds it, and its serial number there.
pub struct Disk<'a> {
    pub image: &'a Path,
    pub serial: &'a str,
}

/// Runs a tool to its end; it must succeed.
#[track_caller]
pub fn tool(program: &str, args: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(args).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} can't be run ({error}); tests/run installs it"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {args:?} failed: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Debian's current cloud kernel, unpacked; fetched by its name the first time.
fn kernel() -> PathBuf {
    assert_eq!(std::env::consts::ARCH, "x86_64", "this test boots an amd64 kernel");
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernel");
    std::fs::create_dir_all(&cache).expect("a folder below target");
    let unpacked = |cache: &Path| {
        let all = std::fs::read_dir(cache).expect("listed").flatten().map(|entry| entry.path());
        all.filter(|path| path.join("complete").exists()).max()
    };
    if let Some(found) = unpacked(&cache) {
        return found;
    }
    let current = || {
        let depends = Command::new("apt-cache").args(["depends", "linux-image-cloud-amd64"]).output();
        let depends = depends.expect("apt-cache is needed: the guest's kernel is a Debian package");
        let text = String::from_utf8_lossy(&depends.stdout).into_owned();
        text.lines()
            .find_map(|line| line.trim().strip_prefix("Depends: linux-image-"))
            .map(|rest| format!("linux-image-{rest}"))
    };
    let package = current().unwrap_or_else(|| {
        // A fresh machine has no lists yet.
        tool("apt-get", &["update", "-qq"], &cache);
        current().expect("linux-image-cloud-amd64 names the current kernel package")
    });
    let folder = cache.join(&package);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).expect("a folder");
    tool("apt-get", &["download", "-qq", &package], &folder);
    let archive = std::fs::read_dir(&folder).expect("listed").flatten().map(|entry| entry.path());
    let archive = archive.into_iter().find(|path| path.extension().is_some_and(|e| e == "deb")).expect("a package");
    tool("dpkg-deb", &["-x", &archive.display().to_string(), "."], &folder);
    std::fs::remove_file(archive).expect("removed");
    std::fs::write(folder.join("complete"), "").expect("written");
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    files.filter(|entry| entry.file_type().is_file()).map(walkdir::DirEntry::into_path).collect()
}

/// The modules in the order they must be loaded.
fn modules(kernel: &Path) -> Vec<PathBuf> {
    let all = files(&kernel.join("lib/modules"));
    let plain = |name: &str| name.replace('-', "_");
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    fn add(name: &str, find: &dyn Fn(&str) -> Option<PathBuf>, seen: &mut BTreeSet<String>, order: &mut Vec<PathBuf>) {
        // One that is no file is part of the kernel itself.
        let Some(path) = find(name) else { return };
        if !seen.insert(name.replace('-', "_")) {
            return;
        }
        let bytes = std::fs::read(&path).expect("reads");
        let key = b"\0depends=";
        let at = bytes.windows(key.len()).position(|window| window == key).map(|at| at + key.len());
        let list = at.map(|at| bytes[at..].iter().copied().take_while(|byte| *byte != 0).collect()).unwrap_or_default();
        let list = String::from_utf8(list).expect("names of modules");
        list.split(',').filter(|name| !name.is_empty()).for_each(|needed| add(needed, find, seen, order));
        order.push(path);
    }
    let find = |name: &str| {
        let stem = |path: &PathBuf| path.file_name()?.to_str()?.strip_suffix(".ko").map(plain);
        all.iter().find(|path| stem(path) == Some(plain(name))).cloned()
    };
    MODULES.iter().for_each(|name| add(name, &find, &mut seen, &mut order));
    order
}

/// Copies a program and the libraries it is linked with.
fn install(program: &Path, root: &Path) {
    let name = program.file_name().expect("a program has a name");
    std::fs::create_dir_all(root.join("bin")).expect("a folder");
    let target = root.join("bin").join(name);
    let (from, to) = (program.display().to_string(), target.display().to_string());
    // Without what is there for debuggers the guest starts in half the time.
    tool("strip", &["-o", &to, &from], root);
    for word in tool("ldd", &[&from], root).split_whitespace().filter(|word| word.starts_with('/')) {
        let place = root.join(&word[1..]);
        std::fs::create_dir_all(place.parent().expect("below the root")).expect("a folder");
        std::fs::copy(word, place).expect("a library");
    }
}

/// Makes the guest's first filesystem: busybox, programs, modules, `home`, and
/// the script that is its first process.
fn initramfs(root: &Path, kernel: &Path, home: &Path, script: &str) -> PathBuf {
    for folder in ["bin", "proc", "sys", "dev", "tmp", "modules", "sbin"] {
        std::fs::create_dir_all(root.join(folder)).expect("a folder");
    }
    let found = |name: &str| {
        let places = ["/bin", "/sbin", "/usr/bin", "/usr/sbin"].map(|place| Path::new(place).join(name));
        places
            .into_iter()
            .find(|path| path.exists())
            .unwrap_or_else(|| panic!("{name} is needed; tests/run installs it"))
    };
    install(Path::new(env!("CARGO_BIN_EXE_handcarry-outside")), root);
    install(Path::new(env!("CARGO_BIN_EXE_handcarry-inside")), root);
    install(&found("dmsetup"), root);
    std::fs::copy(found("busybox"), root.join("bin/busybox")).expect("busybox");
    for (number, module) in modules(kernel).iter().enumerate() {
        let name = format!("{number:02}-{}", module.file_name().expect("a file").to_string_lossy());
        std::fs::copy(module, root.join("modules").join(name)).expect("a module");
    }
    tool("cp", &["-a", &home.display().to_string(), "home"], root);
    std::fs::write(root.join("init"), script).expect("written");
    tool("chmod", &["755", "init"], root);
    let packed = root.with_extension("gz");
    let command = format!("find . | cpio -o -H newc --quiet | gzip -1 > {}", packed.display());
    tool("sh", &["-c", &command], root);
    packed
}

/// What the guest printed.
pub struct Guest {
    pub console: String,
}

impl Guest {
    /// Boots, lets the script run to its end, and returns what it printed.
    pub fn run(folder: &Path, home: &Path, script: &str, disks: &[Disk<'_>]) -> Guest {
        let kernel = kernel();
        let image = std::fs::read_dir(kernel.join("boot")).expect("listed").flatten().map(|entry| entry.path());
        let image = image.into_iter().find(|path| path.display().to_string().contains("vmlinuz")).expect("a kernel");
        let initramfs = initramfs(&folder.join("guest"), &kernel, home, script);
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args([
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            "768",
            "-smp",
            "1",
            "-nographic",
            "-no-reboot",
            "-nic",
            "none",
        ]);
        qemu.arg("-kernel").arg(image).arg("-initrd").arg(initramfs);
        // On a busy machine an emulated timer ticks too late for the kernel's own check of it, which would end in a panic;
        // what else would, is shown.
        qemu.args(["-append", "console=ttyS0 loglevel=1 no_timer_check panic=-1"]);
        for Disk { image, serial } in disks {
            qemu.args(["-drive", &format!("file={},format=raw,if=none,id={serial}", image.display())]);
            qemu.args(["-device", &format!("virtio-blk-pci,drive={serial},serial={serial}")]);
        }
        let log = folder.join("console");
        let out = std::fs::File::create(&log).expect("a file");
        let child = qemu.stdin(Stdio::null()).stderr(out.try_clone().expect("a handle")).stdout(out).spawn();
        let mut child = child.expect("qemu-system-x86_64 is needed; tests/run installs it");
        let begun = Instant::now();
        while child.try_wait().expect("waits").is_none() {
            if begun.elapsed() > PATIENCE {
                let _ = child.kill();
                let _ = child.wait();
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let console = String::from_utf8_lossy(&std::fs::read(log).expect("reads")).replace('\r', "");
        assert!(console.contains("\n@end"), "the guest did not come to its end:\n{console}");
        Guest { console }
    }

    fn lines<'g>(&'g self, kind: &str, step: &str) -> Vec<&'g str> {
        let lead = format!("{kind} {step} ");
        self.console.lines().filter_map(|line| line.strip_prefix(&lead)).collect()
    }

    /// How a step's program ended.
    #[track_caller]
    pub fn code(&self, step: &str) -> i32 {
        let found = self.lines("@rc", step);
        let [code] = found[..] else { panic!("{step} ended {} times:\n{}", found.len(), self.console) };
        code.parse().expect("a number")
    }

    /// Asserts how a step's program ended.
    #[track_caller]
    pub fn ends(&self, step: &str, code: i32) {
        assert_eq!(self.code(step), code, "{step}:\n{}", self.said(step));
    }

    /// What a step's program printed.
    pub fn said(&self, step: &str) -> String {
        self.lines("@said", step).join("\n")
    }

    /// What lay in the folder of bundles then, but hidden names.
    pub fn names(&self, step: &str) -> Vec<&str> {
        self.lines("@name", step)
    }
}
