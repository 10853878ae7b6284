//! What Windows says of volumes, names and files, and what is made of it.

use super::Wine;
use handcarry::testing::model::Exit;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A device over an image, which Wine reads as it would a stick's.
struct Loop(PathBuf);

impl Loop {
    fn over(image: &Path) -> Loop {
        let said = Command::new("losetup").args(["--show", "-f"]).arg(image).output().expect("losetup is there");
        assert!(said.status.success(), "a loop device is needed, so root: {}", String::from_utf8_lossy(&said.stderr));
        Loop(String::from_utf8(said.stdout).expect("text").trim().into())
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        let _ = Command::new("losetup").arg("-d").arg(&self.0).status();
    }
}

fn tool(command: &mut Command) {
    let said = command.output().expect("the tool is there");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

/// What `media check` tells of a drive.
fn told(wine: &Wine, drive: &str) -> Value {
    wine.outside(&["--json", "media", "check", drive, "--read-only"], "").ends(0).event("medium")
}

#[test]
fn a_drive_says_what_it_is_and_what_it_holds() {
    let wine = Wine::new();
    let (fat, iso) = (wine.root.path().join("fat.img"), wine.root.path().join("cd.img"));
    std::fs::File::create(&fat).and_then(|file| file.set_len(64 << 20)).expect("an image");
    tool(Command::new("mkfs.vfat").args(["-F", "32", "-i", "CAFE1234"]).arg(&fat));
    tool(Command::new("genisoimage").arg("-quiet").arg("-o").arg(&iso).arg(wine.drive("g")));
    let devices = [Loop::over(&fat), Loop::over(&iso)];
    wine.link(&devices[0].0, "f::");
    wine.link(&devices[1].0, "g::");

    // Serial number, filesystem, its largest file and removability, of a FAT stick.
    let stick = told(&wine, "F:");
    assert_eq!(stick["filesystem"], "FAT32", "{stick}");
    assert_eq!(stick["largest_file_bytes"], u32::MAX, "{stick}");
    assert_eq!(stick["removable"], true, "{stick}");
    let options: Vec<&str> =
        stick["mount_options"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(options, ["rw", "no permissions", "serial CAFE-1234"]);
    assert!(stick["device"].as_str().is_some_and(|name| name.starts_with(r"\\?\Volume{")), "{stick}");
    // Write protection, of what can't be written at all.
    let disc = told(&wine, "G:");
    assert_eq!((&disc["filesystem"], &disc["read_only"]), (&"CDFS".into(), &true.into()), "{disc}");
    // A disk of the machine's own.
    let disk = told(&wine, "H:");
    assert_eq!((&disc["removable"], &disk["removable"]), (&false.into(), &false.into()));
    assert_eq!(disk["largest_file_bytes"], Value::Null, "{disk}");
    // Free room is that of the folder behind it.
    let (_, free) = free_and_total(&wine.drive("h"));
    let said = disk["free_bytes"].as_u64().expect("a number");
    assert!(said.abs_diff(free) < 4 << 30, "{said} and {free}: others write meanwhile");
    assert_eq!(disk["total_bytes"].as_u64(), Some(free_and_total(&wine.drive("h")).0));
}

/// As `df` tells them, in bytes.
fn free_and_total(folder: &Path) -> (u64, u64) {
    let said = Command::new("df").args(["-B1", "--output=size,avail"]).arg(folder).output().expect("df is there");
    let text = String::from_utf8(said.stdout).expect("text");
    let mut numbers =
        text.lines().nth(1).expect("a line").split_whitespace().map(|word| word.parse().expect("a number"));
    (numbers.next().expect("a size"), numbers.next().expect("what is free"))
}

#[test]
fn names_that_are_no_files_are_refused_and_so_is_what_leads_off_a_stick() {
    let wine = Wine::new();
    let refused = |path: &str, words: &str| {
        wine.outside(&["import", path, "--by", "ana", "--for", "LAB-1"], "").ends(Exit::MediaMissing).says(words);
    };
    std::fs::write(wine.on_c("base.nss"), [7; 99]).expect("written");
    // Devices, also in folders and with an ending, and what lies beside a file.
    refused("NUL", "Windows takes NUL for a device");
    refused(r"E:\con.nss", "Windows takes CON for a device");
    refused(r"C:\base.nss:hidden", "a stream beside the file");
    refused(r"\\.\E:", "one of Windows' devices");
    let keygen = ["keygen", "--principal", "ana", "--no-passphrase", "--out"];
    wine.outside(&[&keygen[..], &[r"E:\aux"]].concat(), "")
        .ends(Exit::MediaMissing)
        .says("Windows takes AUX for a device");
    wine.outside(&["media", "check", r"E:\com1"], "").ends(Exit::MediaMissing).says("Windows takes COM1 for a device");

    // What Windows calls a reparse point. Wine tells it of a folder that is a link, where it lists what lies there.
    std::fs::create_dir_all(wine.drive("e").join("handcarry/bundles")).expect("a folder");
    let link = wine.drive("e").join("handcarry/bundles/b.zip");
    std::os::unix::fs::symlink(wine.drive("h"), link).expect("a link");
    wine.inside(&["verify", "E:"], "").ends(Exit::NoBundle).says("b.zip (a link)");
}

#[test]
fn paths_are_as_windows_has_them_however_long_and_a_drive_is_the_whole_of_it() {
    let wine = Wine::new();
    let deep: Vec<String> = (0..6).map(|at| format!("{at}{}", "n".repeat(60))).collect();
    let home = format!(r"C:\{}", deep.join(r"\"));
    assert!(home.len() > 300);
    let keygen = ["--home", &home, "keygen", "--principal", "ana", "--no-passphrase"];
    let said = wine.outside(&keygen, "").ends(0).says(&format!(r"{home}\outside\keys\signing"));
    // Neither the separator of others, nor what Windows puts before a path that it looked up.
    assert!(!said.text().contains(r"\\?\") && !said.text().contains("outside/"), "{said:?}");
    wine.outside(&["--home", &home, "media", "check", &format!("{home}/outside"), "--size", "1M"], "").ends(0);

    // A drive's letter alone is the folder that a shell was in there; here it is the drive.
    let inside_a_folder = format!(
        r"E: & mkdir x & cd x & {} media check E: --read-only",
        super::on_z(super::BUILT.join("programs/handcarry-inside.exe"))
    );
    let said = crate::support::said::run(&mut wine.command("cmd", &["/c", &inside_a_folder]), "").ends(0);
    said.says(r"Medium      E:\ ");
    // It can't be ejected, since there is no device behind it, and that is told; a folder is none at all.
    wine.outside(&["media", "eject", r"E:\x"], "").ends(Exit::MediaMissing).says("no medium's mount point");
    wine.outside(&["media", "eject", "E:"], "").ends(Exit::Failure).says("the system keeps E:");
}
