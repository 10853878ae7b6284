//! Marks that nobody sees, in what editors and browsers saved.

use crate::outside::half::Outside;
use crate::outside::vendor::{FORM, LIST, VendorAnswer};
use std::process::{Command, Stdio};

/// A line for a key of another half, and its private key's path.
fn line(bench: &Outside) -> (String, String) {
    let key = bench.path("k").display().to_string();
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", &key]).status();
    assert!(made.expect("ssh-keygen is installed").success());
    let public = std::fs::read_to_string(format!("{key}.pub")).expect("reads");
    let words: Vec<&str> = public.split_whitespace().take(2).collect();
    (format!("ana@inside namespaces=\"handcarry-request\" {}", words.join(" ")), key)
}

#[test]
fn a_signer_is_the_same_to_us_and_to_the_stock_tool() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for around in ["\u{feff}X\r\n", "X", " \u{a0}\u{200b}X\u{a0}\r\n\r\n", "wide"] {
        let bench = Outside::new();
        let (line, key) = line(&bench);
        let given = match around {
            "wide" => wide(&format!("\u{feff}{line}\r\n")),
            around => around.replace('X', &line).into_bytes(),
        };
        std::fs::write(bench.path("line"), given).expect("writes");
        bench.tell(&["trust", "add", "line"], "y\n").ends(0);
        let signers = bench.path("home/outside/trust/allowed_signers");
        assert_eq!(std::fs::read_to_string(&signers).expect("reads"), format!("{line}\n"), "{around:?}");
        std::fs::write(bench.path("m"), "text").expect("writes");
        let ssh = |args: &[&str]| {
            let mut command = Command::new("ssh-keygen");
            command.args(["-Y"]).args(args).current_dir(bench.path("")).stdout(Stdio::null()).stderr(Stdio::null());
            command.stdin(std::fs::File::open(bench.path("m")).expect("there"));
            command.status().expect("runs").success()
        };
        assert!(ssh(&["sign", "-n", "handcarry-request", "-f", &key, "m"]));
        let file = signers.display().to_string();
        assert!(
            ssh(&["verify", "-f", &file, "-I", "ana@inside", "-n", "handcarry-request", "-s", "m.sig"]),
            "{around:?}"
        );
    }
}

#[test]
fn a_name_with_a_mark_in_it_is_refused_and_named() {
    let bench = Outside::new();
    let (line, _) = line(&bench);
    for name in ["ana\u{200b}@inside", "ana\u{a0}@inside", "ana\u{ad}@inside"] {
        let said = bench.tell(&["trust", "add", &line.replace("ana@inside", name)], "y\n").ends(3);
        assert!(said.err.contains("which nobody sees"), "{}", said.err);
    }
    // An editor saved the file itself with a mark before the first name.
    std::fs::create_dir_all(bench.path("home/outside/trust")).expect("a folder");
    std::fs::write(bench.path("home/outside/trust/allowed_signers"), format!("\u{feff}{line}\n")).expect("writes");
    let said = bench.run(&["trust", "list"]).ends(3);
    assert!(said.err.contains("U+FEFF"), "{}", said.err);
}

#[test]
fn an_authority_is_read_in_der_or_the_command_is_told() {
    let bench = Outside::new();
    let vendor = bench.vendor(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => VendorAnswer::page(LIST),
        (_, "/file") => VendorAnswer::file(asked, &[0x81; 1 << 20], "\"1\""),
        _ => VendorAnswer::page(FORM),
    });
    let pem = std::fs::read_to_string(&vendor.ca).expect("reads");
    let openssl = |args: &[&str]| {
        let done =
            Command::new("openssl").args(args).current_dir(bench.path("")).output().expect("openssl is installed");
        assert!(done.status.success(), "{done:?}");
    };
    openssl(&["x509", "-in", &vendor.ca, "-outform", "DER", "-out", "ca.cer"]);
    openssl(&["crl2pkcs7", "-nocrl", "-certfile", &vendor.ca, "-outform", "DER", "-out", "our ca.p7b"]);
    std::fs::write(bench.path("notepad.pem"), format!("\u{feff} {}\u{a0}\r\n", pem.replace('\n', "\r\n")))
        .expect("writes");
    let fetch = |ca: &str, code: &str| {
        bench.tell(&["fetch", "--code", "--server", &vendor.url, "--ca", ca], &format!("\u{feff}{code}\u{a0}\r\n"))
    };
    fetch("ca.cer", "A7K2M-9QX4T-WB3NR-5HJ8P-C6DVE").ends(0);
    fetch("notepad.pem", "B7K2M-9QX4T-WB3NR-5HJ8P-C6DVE").ends(0);
    let said = fetch("our ca.p7b", "C7K2M-9QX4T-WB3NR-5HJ8P-C6DVE").ends(3);
    let hint = said.err.lines().find_map(|line| line.split_once("give that file: ")).expect("a command").1;
    let turned = Command::new("sh").args(["-c", hint]).current_dir(bench.path("")).status().expect("runs");
    assert!(turned.success(), "the command works as it is printed: {hint}");
    fetch("our ca.p7b.pem", "C7K2M-9QX4T-WB3NR-5HJ8P-C6DVE").ends(0);
}
