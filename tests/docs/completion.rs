//! What a shell completes, in a real one.

use super::{generated, program};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn completions_are_made_for_each_shell() {
    for name in ["handcarry-inside", "handcarry-outside"] {
        for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
            let script = generated(name, shell);
            assert!(script.contains(name) && script.contains("HANDCARRY_COMPLETE"), "{name} {shell}");
            // Whoever asks, all that may be typed is told.
            let mut asked = program(name);
            let words = ["--", name, "media", "li"];
            asked.args(words).env("HANDCARRY_COMPLETE", shell).env("_CLAP_COMPLETE_INDEX", "2");
            let said = asked.output().expect("the program starts");
            let told = String::from_utf8_lossy(&said.stdout).into_owned();
            assert!(said.status.success() && told.starts_with("list"), "{name} {shell}: {told}");
        }
        let bash = generated(name, "bash");
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), bash).expect("writable");
        let checked = Command::new("bash").arg("-n").arg(file.path()).status().expect("bash is installed");
        assert!(checked.success(), "bash does not read its completions");
    }
}

/// A home with two appliances and no key, and a medium.
fn home() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("home/inside");
    std::fs::create_dir_all(&inside).expect("made");
    std::fs::create_dir(folder.path().join("stick")).expect("made");
    let entry = |name: &str, group: &str| {
        format!(
            "[appliances.{name}]\nurl = \"https://{name}.example.com\"\ndriver = \"guided\"\ngroups = [\"{group}\"]\n"
        )
    };
    std::fs::write(inside.join("inventory.toml"), entry("branch", "porto") + &entry("museum", "lisboa"))
        .expect("written");
    folder
}

/// The line that an interactive bash makes of what is typed, tabulators and all.
fn typed(keys: &str, folder: &Path) -> String {
    const PROMPT: &str = "typed here> ";
    let name = keys.split(' ').next().expect("a program");
    let programs = Path::new(env!("CARGO_BIN_EXE_handcarry-inside")).parent().expect("a folder").display();
    // The line is told by a key of its own, since it need not be run.
    let own = format!(
        "PS1='{PROMPT}'; PATH={programs}:$PATH; bind -x '\"\\C-t\": echo \"<$READLINE_LINE>\"'\n{}",
        generated(name, "bash")
    );
    std::fs::write(folder.join("bashrc"), own).expect("writable");
    let mut bash = Command::new("timeout");
    bash.args(["--foreground", "60", "script", "-qec", "bash --noprofile --rcfile ./bashrc -i", "/dev/null"]);
    bash.current_dir(folder).env("HANDCARRY_HOME", folder.join("home")).env("HANDCARRY_MEDIA", folder.join("stick"));
    bash.env("HISTFILE", "/dev/null").env("TERM", "dumb");
    bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = bash.spawn().expect("script is installed");
    let (mut keyboard, mut screen) = (child.stdin.take().expect("a pipe"), child.stdout.take().expect("a pipe"));
    let mut said = Vec::new();
    let mut read = |until: &str| {
        let mut more = [0; 4096];
        while !String::from_utf8_lossy(&said).contains(until) {
            let bytes = screen.read(&mut more).expect("readable");
            assert_ne!(bytes, 0, "{keys:?}: {}", String::from_utf8_lossy(&said));
            said.extend_from_slice(&more[..bytes]);
        }
        String::from_utf8_lossy(&said).into_owned()
    };
    // Only now is what is typed the line editor's, and no longer the terminal's.
    read(PROMPT);
    keyboard.write_all(format!("{keys}\u{14}").as_bytes()).expect("typed");
    let told = read(">\r\n");
    keyboard.write_all(b"\x15exit\n").expect("typed");
    child.wait().expect("waited for");
    told.rsplit_once('<').and_then(|(_, rest)| rest.split_once(">\r\n")).expect("told").0.to_owned()
}

#[test]
fn bash_completes_verbs_options_and_values() {
    let home = home();
    for (keys, wanted) in [
        ("handcarry-inside pus\t", "handcarry-inside push "),
        ("handcarry-inside push --gr\t", "handcarry-inside push --group "),
        ("handcarry-inside push a b --topology mig\t", "handcarry-inside push a b --topology migrate "),
        ("handcarry-inside trust ap\t", "handcarry-inside trust apply "),
        ("handcarry-outside seal --vol\t", "handcarry-outside seal --volume-size "),
    ] {
        assert_eq!(typed(keys, home.path()), wanted, "{keys:?}");
    }
}

#[test]
fn bash_completes_what_is_known_here() {
    let home = home();
    let stick = home.path().join("stick").display().to_string();
    for (keys, wanted) in [
        ("handcarry-inside status mu\t", "handcarry-inside status museum "),
        ("handcarry-inside push br\t", "handcarry-inside push branch "),
        ("handcarry-inside push st\t br\t", "handcarry-inside push stick/ branch "),
        ("handcarry-inside push --group li\t", "handcarry-inside push --group lisboa "),
        ("handcarry-inside push --all --canary mu\t", "handcarry-inside push --all --canary museum "),
        ("handcarry-inside --home none status mu\t", "handcarry-inside --home none status mu"),
        (
            "handcarry-inside rehearse branch --fault package-ref\t",
            "handcarry-inside rehearse branch --fault package-refused ",
        ),
        (
            &format!("handcarry-inside verify {}\t", &stick[..stick.len() - 2]),
            &format!("handcarry-inside verify {stick}"),
        ),
    ] {
        assert_eq!(typed(keys, home.path()).trim_end_matches('/'), wanted.trim_end_matches('/'), "{keys:?}");
    }
}
