//! Both programs built for Windows, run under Wine: the whole trip, and what
//! each call of Windows means, as far as Wine can show it. It can't show that a
//! stick is let go of, that a read passes a cache, nor PowerShell.

mod agent;
mod calls;
mod keys;
mod kit;
mod terminal;
mod trip;

use crate::support::said::{Said, run};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Where `tests/wine/build` puts what it builds.
static BUILT: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let said = Command::new(root.join("tests/wine/build")).output().expect("bash is there");
    let text = format!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
    assert!(said.status.success(), "Debian's toolchain and Wine are needed, see tests/run: {text}");
    root.join("target/windows")
});

/// A Windows of one test's own, with a home and four drives: E: is a stick, and
/// F:, G: and H: are what a test makes of them. Gone when dropped.
struct Wine {
    // Below the built programs: what was built before is linked into it, and links reach no other filesystem.
    root: tempfile::TempDir,
}

impl Wine {
    fn new() -> Self {
        let wine = Wine { root: tempfile::tempdir_in(&*BUILT).expect("a folder") };
        let copied = Command::new("cp").arg("-al").arg(BUILT.join("prefix")).arg(wine.prefix()).status();
        assert!(copied.expect("cp is there").success());
        // Wine writes into its registry where that is linked: each has its own, or all would end with the first.
        for name in ["system.reg", "user.reg", "userdef.reg"] {
            std::fs::remove_file(wine.prefix().join(name)).expect("a registry");
            std::fs::copy(BUILT.join("prefix").join(name), wine.prefix().join(name)).expect("copied");
        }
        for drive in ["e", "f", "g", "h"] {
            std::fs::create_dir(wine.drive(drive)).expect("a drive's folder");
            wine.link(&wine.drive(drive), &format!("{drive}:"));
        }
        wine
    }

    fn prefix(&self) -> PathBuf {
        self.root.path().join("prefix")
    }

    /// The folder behind a drive.
    fn drive(&self, letter: &str) -> PathBuf {
        self.root.path().join(letter)
    }

    /// The file or folder behind a path on C:.
    fn on_c(&self, path: &str) -> PathBuf {
        self.prefix().join("drive_c").join(path)
    }

    /// Has a name of a drive, or of its device, lead somewhere; before anything ran.
    fn link(&self, to: &Path, name: &str) {
        std::os::unix::fs::symlink(to, self.prefix().join("dosdevices").join(name)).expect("a link");
    }

    /// A program of Windows, its home on C:.
    fn command(&self, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new("wine");
        let built = BUILT.join("programs").join(program);
        // What Windows has of its own is found by its name.
        command.arg(if built.exists() { built } else { program.into() }).args(args);
        command.env("WINEPREFIX", self.prefix()).env("WINEDEBUG", "-all").env("HANDCARRY_HOME", r"C:\hc");
        command.env("NO_COLOR", "1").env_remove("SSH_AUTH_SOCK").env_remove("TERM").current_dir(self.on_c(""));
        command
    }

    /// With a package in the vault, vouched for by ana.
    fn packaged(&self) {
        std::fs::write(self.on_c("Base-3.4.0.nss"), [0x81; 9000]).expect("written");
        self.outside(&["import", "Base-3.4.0.nss", "--by", "ana", "--for", "LAB-1"], "").ends(0);
    }

    fn outside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command("handcarry-outside.exe", args), answers)
    }

    fn inside(&self, args: &[&str], answers: &str) -> Said {
        run(&mut self.command("handcarry-inside.exe", args), answers)
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let _ = Command::new("wineserver").arg("--kill").env("WINEPREFIX", self.prefix()).status();
        let _ = Command::new("wineserver").arg("--wait").env("WINEPREFIX", self.prefix()).status();
    }
}

/// A path of this machine as Wine's programs have it.
fn on_z(path: impl AsRef<Path>) -> String {
    format!("Z:{}", path.as_ref().to_str().expect("UTF-8").replace('/', r"\"))
}
