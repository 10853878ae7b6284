//! Both programs on real filesystems: those this host can mount, and in a
//! machine of its own (QEMU) those it can't, with devices that are pulled, fail
//! and lie. Needs root, loop devices and FUSE; it does not pass where it finds
//! none, since nothing would be shown then.

#![cfg(target_os = "linux")]

mod kit;
mod qemu;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

use kit::{Kit, Liar, Loop, Mounted, Turncoat, bundles};
use qemu::{Disk, Guest, tool};
use std::path::Path;

const MIB: u64 = 1 << 20;

#[track_caller]
fn as_root() {
    let who = tool("id", &["-u"], Path::new("/"));
    assert_eq!(who.trim(), "0", "these tests mount filesystems: run them as root");
}

/// Writes onto a stick, takes it out, and verifies it mounted read-only.
fn round_trip(kit: &Kit, kind: &str, mount: impl Fn(&str) -> Mounted) {
    let stick = mount("rw");
    kit.outside(&["write", &stick.at(), "--volume-size", "1M"])
        .ends(0)
        .says(&format!("({kind})"))
        .says("is safe to remove");
    assert!(bundles(&stick.0).len() > 2, "{:?}", bundles(&stick.0));
    drop(stick);
    let stick = mount("ro");
    kit.inside(&["verify", &stick.at()]).ends(0);
    kit.outside(&["write", &stick.at()]).ends(12).says("read-only");
}

#[test]
fn filesystems_of_this_host_carry_a_bundle() {
    as_root();
    let kit = Kit::sealed(&[3 << 20, 500_000]);
    let image = kit.image("ext4.img", 24 * MIB);
    let device = Loop::over(&image);
    tool("mkfs.ext4", &["-q", &device.0], Path::new("/"));
    round_trip(&kit, "ext4", |how| Mounted::by("mount", &["-t", "ext4", "-o", how, &device.0], kit.path("ext4")));

    let image = kit.image("ntfs.img", 24 * MIB);
    let device = Loop::over(&image);
    tool("mkfs.ntfs", &["-q", "-F", "-f", &device.0], Path::new("/"));
    round_trip(&kit, "fuseblk", |how| Mounted::by("ntfs-3g", &["-o", how, &device.0], kit.path("ntfs")));

    let image = kit.image("exfat.img", 24 * MIB);
    let device = Loop::over(&image);
    tool("mkfs.exfat", &[&device.0], Path::new("/"));
    round_trip(&kit, "fuseblk", |how| Mounted::by("mount.exfat-fuse", &["-o", how, &device.0], kit.path("exfat")));
}

#[test]
fn what_is_taken_is_what_was_judged_though_the_medium_turns() {
    as_root();
    for cut in [&[][..], &["--volume-size", "1M"]] {
        let kit = Kit::sealed(&[5 << 20, 500_000]);
        let source = kit.path("source");
        std::fs::create_dir(&source).expect("a folder");
        let at = source.display().to_string();
        kit.outside(&[&["write", &at], cut].concat()).ends(0);
        let medium = Turncoat::over(&kit, &source);
        let at = medium.folder.display().to_string();
        kit.inside(&["take", &at]).ends(0).says("the stick may go");
        kit.inside(&["store", "check"]).ends(0);
        let again = kit.inside(&["verify", &at]);
        assert!((20..=34).contains(&again.code), "what it gives the second time is refused: {again:?}");
    }
}

/// A stick over a device that lies; taken apart from the top.
struct Lying {
    stick: Mounted,
    _device: Loop,
    _liar: Liar,
}

/// A stick of ext4 over a device that lies from a byte on.
fn lying(kit: &Kit, how: &str, from: u64) -> Lying {
    let liar = Liar::new(kit, 32 * MIB, how, from);
    let device = Loop::over(&liar.disk());
    tool("mkfs.ext4", &["-q", "-O", "^has_journal", "-E", "lazy_itable_init=0", &device.0], Path::new("/"));
    let stick = Mounted::by("mount", &["-t", "ext4", &device.0], kit.path(how));
    Lying { stick, _device: device, _liar: liar }
}

#[test]
fn a_stick_that_lies_is_named_and_carries_nothing() {
    as_root();
    let kit = Kit::sealed(&[5 << 20, 5 << 20, 5 << 20]);
    for how in ["lose", "wrap", "flip"] {
        let lying = lying(&kit, how, 10 * MIB);
        let stick = &lying.stick;
        let said = kit.outside(&["write", &stick.at()]).ends(13);
        let said = said.says("the medium gave back other bytes than were written: bytes ").says(".zip bytes ");
        assert!(said.has("hint: do not use this medium"), "{}", said.text());
        assert_eq!(bundles(&stick.0), [""; 0], "{how}");
        kit.inside(&["verify", &stick.at()]).ends(20);
    }
}

/// Writes onto all of them; what became of each, by the name of its folder.
fn written(kit: &Kit, media: &[&Path], more: &[&str], code: i32) -> Vec<(String, String)> {
    let media: Vec<String> = media.iter().map(|medium| medium.display().to_string()).collect();
    let media: Vec<&str> = media.iter().map(String::as_str).collect();
    let said = kit.outside(&[&["--json", "write"], &media[..], more].concat()).ends(code);
    let name = |event: &serde_json::Value| {
        let root = Path::new(event["medium"].as_str().expect("a path"));
        root.file_name().expect("a name").to_string_lossy().into_owned()
    };
    let mut ends: Vec<_> = said.events("written").iter().map(|event| (name(event), "written".to_owned())).collect();
    let code = |event: &serde_json::Value| event["code"].as_str().expect("a name").to_owned();
    ends.extend(said.events("left-out").iter().map(|event| (name(event), code(event))));
    ends.sort();
    ends
}

#[test]
fn of_several_sticks_each_is_judged_by_itself() {
    as_root();
    let kit = Kit::sealed(&[5 << 20, 5 << 20]);
    let small = Mounted::by("mount", &["-t", "tmpfs", "-o", "size=4m", "none"], kit.path("small"));
    // It says that it has room, and what it lies in has not: writes fail when they come to the device.
    let cramped = Mounted::by("mount", &["-t", "tmpfs", "-o", "size=6m", "none"], kit.path("cramped-in"));
    let image = cramped.0.join("image");
    std::fs::File::create(&image).and_then(|file| file.set_len(32 * MIB)).expect("a file");
    let device = Loop::over(&image);
    tool("mkfs.ext4", &["-q", "-O", "^has_journal", "-E", "lazy_itable_init=1", &device.0], Path::new("/"));
    let failing = Mounted::by("mount", &["-t", "ext4", &device.0], kit.path("failing"));
    let lying = lying(&kit, "flip", 10 * MIB);
    for good in ["good", "also-good"] {
        std::fs::create_dir(kit.path(good)).expect("a folder");
    }
    let (good, also) = (kit.path("good"), kit.path("also-good"));
    let media = [lying.stick.0.as_path(), &small.0, &good, &failing.0, &also];
    let ends = written(&kit, &media, &[], 8);
    let ends: Vec<_> = ends.iter().map(|(name, end)| (name.as_str(), end.as_str())).collect();
    let [
        ("also-good", "written"),
        ("failing", failed),
        ("flip", "media-lies"),
        ("good", "written"),
        ("small", "no-space"),
    ] = ends.as_slice()
    else {
        panic!("{ends:?}");
    };
    assert!(["media-fault", "no-space"].contains(failed), "{failed}");
    for (medium, count) in [(&good, 1), (&also, 1), (&lying.stick.0, 0), (&small.0, 0), (&failing.0, 0)] {
        assert_eq!(bundles(medium).len(), count, "{}", medium.display());
    }
    for medium in [&good, &also] {
        kit.inside(&["verify", &medium.display().to_string()]).ends(0);
    }
    let events = kit.events("outside");
    let told = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
    assert_eq!((told("written"), told("refused")), (2, 1), "{events:?}");
}

#[test]
fn recovery_volumes_are_never_made_of_what_a_stick_that_lies_gave_back() {
    as_root();
    let kit = Kit::sealed(&[5 << 20, 5 << 20]);
    let lying = lying(&kit, "flip", 10 * MIB);
    std::fs::create_dir(kit.path("good")).expect("a folder");
    let good = kit.path("good");
    // The one that lies comes first, and what comes first is read again for the recovery volumes.
    let ends = written(&kit, &[&lying.stick.0, &good], &["--volume-size", "1M", "--parity", "20"], 8);
    assert_eq!(ends, [("flip".to_owned(), "media-lies".to_owned()), ("good".to_owned(), "written".to_owned())]);
    assert_eq!(bundles(&lying.stick.0), [""; 0]);
    let volume = good.join("handcarry/bundles").join(&bundles(&good)[22]);
    assert!(volume.display().to_string().contains(".zip.0"), "{}", volume.display());
    std::fs::remove_file(volume).expect("removed");
    kit.inside(&["repair", &good.display().to_string()]).ends(0).says("restored and verified");
}

#[test]
fn a_stick_that_answers_otherwise_each_time_is_found_by_reading_again() {
    as_root();
    let kit = Kit::sealed(&[5 << 20, 5 << 20, 5 << 20]);
    std::fs::create_dir(kit.path("good")).expect("a folder");
    kit.outside(&["write", "good", "--volume-size", "6M"]).ends(0);
    kit.inside(&["verify", "good", "--repeat"]).ends(0).says("read 3 times, and the same each time");

    // Copied by hand, so that nothing was read back before.
    let lying = lying(&kit, "flicker", 10 * MIB);
    let from = kit.path("good/handcarry").display().to_string();
    tool("cp", &["-r", &from, &lying.stick.at()], Path::new("/"));
    tool("sync", &["-f", &lying.stick.at()], Path::new("/"));
    let said = kit.inside(&["--json", "verify", &lying.stick.at(), "--repeat", "3"]).ends(13);
    let said = said.says("the medium does not answer the same each time: bytes ");
    assert!(said.has("other bytes, then right") || said.has("right, then other bytes"), "{}", said.text());
    assert!(said.has(".zip.00") && said.has("hint: do not use this medium"), "{}", said.text());

    // What is wrong the same way each time is the copy's fault.
    let volume = kit.path("good/handcarry/bundles").join(bundles(&kit.path("good"))[0].clone());
    let mut bytes = std::fs::read(&volume).expect("reads");
    bytes[3 << 20] ^= 1;
    std::fs::write(&volume, bytes).expect("writes");
    let said = kit.inside(&["verify", "good", "--repeat", "1"]).ends(34);
    assert!(!said.has("each time:"), "{}", said.text());
}

#[test]
fn a_medium_is_tried_without_harm() {
    as_root();
    let kit = Kit::sealed(&[1 << 20]);
    let image = kit.image("good.img", 24 * MIB);
    let device = Loop::over(&image);
    tool("mkfs.ext4", &["-q", &device.0], Path::new("/"));
    let mount = |how: &str| Mounted::by("mount", &["-o", how, &device.0], kit.path("tried"));
    let stick = mount("rw,sync");
    std::fs::write(stick.0.join("holiday.jpg"), "theirs").expect("writes");
    std::fs::create_dir_all(stick.0.join("handcarry/check")).expect("a folder");
    std::fs::write(stick.0.join("handcarry/check/.handcarry-0011aabb.part"), "left").expect("writes");
    let said = kit.inside(&["media", "check", &stick.at(), "--size", "3M"]).ends(0);
    let said = said.says("(ext4 on /dev/loop").says("mounted with sync").says("Removed 1 test files");
    said.says("1 files and folders that are none of handcarry's").says("No fault found in 3.0 MiB. Not tried:");
    let left: Vec<_> = std::fs::read_dir(&stick.0).expect("lists").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "what lay there, and lost+found: {left:?}");
    kit.outside(&["write", &stick.at()]).ends(0);
    drop(stick);
    let stick = mount("ro");
    let said = kit.outside(&["media", "check", &stick.at()]).ends(0).says("bundles: 1 files");
    said.says("twice, and the same both times").says("only reading is tried").says("was not tried");
    drop(stick);

    // The device ends before its filesystem does.
    let stick = mount("rw");
    kit.outside(&["media", "check", &stick.at(), "--size", "6M", "--read-only"]).ends(0).says("was not tried");
    std::fs::OpenOptions::new().write(true).open(&image).and_then(|file| file.set_len(2 * MIB)).expect("cut");
    tool("sync", &[], Path::new("/"));
    let said = kit.outside(&["media", "check", &stick.at(), "--size", "all"]);
    assert!([13, 14].contains(&said.code), "{}", said.text());
    drop(stick);

    for (how, words) in [
        ("lose", "came back empty"),
        ("wrap", "the same room was used twice"),
        ("flip", "gives back other bytes than were written"),
    ] {
        let lying = lying(&kit, how, 10 * MIB);
        let said = kit.inside(&["media", "check", &lying.stick.at(), "--size", "all"]).ends(13).says(words);
        if how != "flip" {
            said.says("has less room than it says").says("of the test came back");
        }
    }
}

#[test]
fn what_operating_systems_leave_on_a_stick_is_passed_over() {
    let kit = Kit::sealed(&[1 << 20]);
    let stick = kit.path("stick");
    let inside_of = |folder: &str| stick.join(folder);
    kit.outside(&["write", "stick", "--volume-size", "600K"]).ends(0);
    let volumes = bundles(&stick);
    for folder in ["", "handcarry", "handcarry/bundles", "handcarry/requests", "handcarry/receipts", "handcarry/trust"]
    {
        let folder = inside_of(folder);
        std::fs::create_dir_all(folder.join("System Volume Information")).expect("a folder");
        std::fs::create_dir_all(folder.join(".Spotlight-V100")).expect("a folder");
        for name in [".DS_Store", "._x.json", "Thumbs.db", "desktop.ini", &format!("._{}", volumes[0])] {
            std::fs::write(folder.join(name), b"\0\x05\x16\x07").expect("writes");
        }
    }
    kit.inside(&["verify", "stick"]).ends(0);
    kit.inside(&["verify", "stick", "--repeat", "1"]).ends(0);
    // No request and no receipt is made of it.
    let asked = kit.outside(&["fetch", "stick"]);
    assert!(asked.code != 0 && !asked.has("._x.json"), "{}", asked.text());
    assert!(!kit.outside(&["receive", "stick"]).has("._x.json"));
    kit.outside(&["media", "check", "stick", "--read-only"]).ends(0);
}

#[test]
fn a_machine_of_its_own_pulls_and_breaks_real_sticks() {
    let kit = Kit::sealed(&[1 << 20, 2 << 20]);
    let size = 64 * MIB;
    let [fat, spare, exfat] = ["fat", "spare", "exfat"].map(|name| kit.image(name, size));
    for image in [&fat, &spare] {
        tool("mkfs.vfat", &["-F", "32", &image.display().to_string()], Path::new("/"));
    }
    tool("mkfs.exfat", &[&exfat.display().to_string()], Path::new("/"));
    // A disc with what write leaves in a folder.
    std::fs::create_dir(kit.path("content")).expect("a folder");
    kit.outside(&["write", "content"]).ends(0);
    let (disc, content) = (kit.path("disc.iso").display().to_string(), kit.path("content").display().to_string());
    tool("genisoimage", &["-quiet", "-udf", "-J", "-joliet-long", "-R", "-o", &disc, &content], Path::new("/"));
    let disks = [
        Disk { image: &fat, serial: "fat" },
        Disk { image: &exfat, serial: "exfat" },
        Disk { image: &spare, serial: "spare" },
        Disk { image: Path::new(&disc), serial: "disc" },
    ];
    let guest = Guest::run(&kit.path(""), &kit.path("home"), include_str!("guest.sh"), &disks);

    for kind in ["vfat", "exfat"] {
        let step = |rest: &str| format!("{kind}-{rest}");
        guest.ends(&step("write"), 0);
        let said = guest.said(&step("write"));
        assert!(said.contains(&format!("on /stick ({kind})")) && said.contains("Read back from the device"), "{said}");
        assert_eq!(guest.names(&step("write")).len(), 4);
        guest.ends(&step("verify"), 0);
        guest.ends(&step("read-only"), 12);

        // Pulled while bytes were written: the medium's fault, nothing has a name.
        guest.ends(&step("pulled"), 14);
        guest.ends(&step("fails-at-bytes"), 14);
        for moment in ["pulled", "fails-at-bytes"] {
            assert_eq!(guest.names(&step(moment)), [""; 0]);
            guest.ends(&step(&format!("{moment}-verify")), 20);
        }
        // Pulled while names were given: some may be there, never all of them over less than all bytes.
        let (code, after) = (guest.code(&step("fails-at-names")), guest.code(&step("fails-at-names-verify")));
        assert!([0, 14].contains(&code), "{}", guest.said(&step("fails-at-names")));
        assert!([0, 20, 21].contains(&after), "{}", guest.said(&step("fails-at-names-verify")));
        assert!(code != 0 || after == 0, "what was called written is there");
        // And the same stick is good again.
        for moment in ["pulled", "fails-at-bytes", "fails-at-names"] {
            guest.ends(&step(&format!("{moment}-again")), 0);
            guest.ends(&step(&format!("{moment}-again-verify")), 0);
        }
        assert!(guest.said(&step("pulled-again")).contains("Removed what an interrupted run left"));
    }
    for kind in ["iso9660", "udf"] {
        guest.ends(&format!("{kind}-verify"), 0);
        guest.ends(&format!("{kind}-write"), 12);
    }
    guest.ends("check-good", 0);
    guest.ends("check-lost-beyond", 13);
    assert!(
        guest.said("check-lost-beyond").contains("has less room than it says"),
        "{}",
        guest.said("check-lost-beyond")
    );
    guest.ends("check-failing", 14);
    let said = guest.said("check-failing");
    assert!(said.contains("the medium failed at"), "{said}");
    // It fails by the clock, so the first call that meets it is not always the same.
    let stopped =
        said.contains("writing stopped after ") && said.contains("fails: some of it can't be written or read");
    assert!(stopped || said.contains("error: the medium failed at"), "{said}");
    for lie in ["lost-beyond", "wraps-around"] {
        guest.ends(lie, 13);
        let said = guest.said(lie);
        assert!(said.contains("the medium gave back other bytes than were written: bytes "), "{said}");
        assert_eq!(guest.names(lie), [""; 0]);
    }
}

#[test]
fn where_no_permissions_are_kept_no_key_is_made_and_what_others_can_read_is_told() {
    as_root();
    let kit = Kit::sealed(&[1000]);
    let device = Loop::over(&kit.image("exfat.img", 24 * MIB));
    tool("mkfs.exfat", &[&device.0], Path::new("/"));
    let vfat = Loop::over(&kit.image("vfat.img", 24 * MIB));
    tool("mkfs.vfat", &[&vfat.0], Path::new("/"));
    let open = ["-o", "rw", &device.0];
    for (kind, options, private) in [
        ("fuseblk", &open[..], false),
        ("fuseblk", &["-o", "rw,umask=077", &device.0], true),
        // Its owner's alone, but not ours.
        ("fuseblk", &["-o", "rw,umask=077,uid=1234", &device.0], false),
    ] {
        let mounted = Mounted::by("mount.exfat-fuse", options, kit.path("exfat"));
        let home = format!("{}/home-{}", mounted.at(), options[1].len());
        let made = kit.outside(&["--home", &home, "keygen", "--no-passphrase", "--principal", "anna"]);
        let key = Path::new(&home).join("outside/keys/signing");
        let told = "others on this machine can read what was to be yours alone";
        if private {
            let made = made.ends(0);
            assert!(key.exists() && !made.has(told), "{}", made.text());
        } else {
            let made = made.ends(40).says("would be readable by other users").says(kind).says("--home DIR");
            assert!(!key.exists() && !key.with_extension("pub").exists(), "{}", made.text());
        }
        let package = kit.path("Bomgar-10.0.0.nss").display().to_string();
        let kept =
            kit.outside(&["--home", &home, "import", &package, "--by", "anna", "--for", "S1", "--doubtful"]).ends(0);
        assert_eq!(kept.has(told), !private, "{}", kept.text());
        assert!(private || kept.has("outside/vault"), "{}", kept.text());
    }
}

#[test]
fn another_account_reads_what_a_strict_umask_wrote_and_a_missing_permission_is_no_loose_plug() {
    use std::os::unix::fs::PermissionsExt;
    as_root();
    let kit = Kit::sealed(&[1000]);
    let device = Loop::over(&kit.image("ext4.img", 24 * MIB));
    tool("mkfs.ext4", &["-q", &device.0], Path::new("/"));
    let stick = Mounted::by("mount", &["-t", "ext4", &device.0], kit.path("stick"));
    let open = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("changed");
    };
    open(&kit.path("."), 0o755);
    open(&stick.0, 0o777);
    kit.under_umask("077", &["write", &stick.at()]).ends(0);
    kit.as_account(1234, &["verify", &stick.at()]).ends(0);

    let bundles = stick.0.join("handcarry/bundles");
    let volume = bundles.join(&kit::bundles(&stick.0)[0]);
    for (closed, mode) in [(stick.0.join("handcarry"), 0o700), (bundles, 0o700), (volume, 0o600)] {
        let before = std::fs::metadata(&closed).expect("is there").permissions().mode();
        open(&closed, mode);
        let said = kit.as_account(1234, &["verify", &stick.at()]).ends(15);
        let said = said.says("belongs to uid 0 and has mode").says("and this runs as uid 1234").says("chmod");
        assert!(!said.has("plugged in"), "{}", said.text());
        open(&closed, before);
    }
    // It may read there and not write.
    kit.as_account(1234, &["trust", "export", &stick.at()]).ends(15).says("handcarry belongs to uid 0");
}
