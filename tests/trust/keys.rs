//! Key files: made there and used here, made here and used there.

use crate::support::home::set_mode;
use crate::trust::stock::{Check, Context, feed, line, secret, text, tool};
use handcarry::testing::cli::generate_key;
use handcarry::testing::model::{Exit, Explain};
use handcarry::testing::trust::{Namespace, PublicKey, Signer, TrustError, verify};
use std::path::Path;

const MESSAGE: &[u8] = b"the manifest\n";

fn open(path: &Path) -> Result<Signer, TrustError> {
    Signer::from_file(path, &mut || panic!("no passphrase is needed"))
}

fn refusal(path: &Path) -> TrustError {
    Signer::from_file(path, &mut || Some(secret("guess"))).err().expect("the key is refused")
}

#[test]
fn a_key_of_ssh_keygen_signs_here_and_verifies_there() {
    let context = Context::new();
    let signer = open(&context.keygen("alice", "")).expect("opens");
    let signature = signer.sign(Namespace::Bundle, MESSAGE).expect("signs");
    let signers = line("alice", signer.public());
    assert!(context.verifies(&Check::new(&signers, MESSAGE, signature.as_bytes())));
    assert!(!context.verifies(&Check::new(&signers, b"another manifest\n", signature.as_bytes())));
}

#[test]
fn the_armor_is_byte_for_byte_that_of_ssh_keygen() {
    let context = Context::new();
    let path = context.keygen("alice", "");
    let ours = open(&path).expect("opens").sign(Namespace::Bundle, MESSAGE).expect("signs");
    // Ed25519 is deterministic, so the two must be the very same bytes.
    assert_eq!(ours.as_bytes(), context.sign(&path, "handcarry-bundle", MESSAGE, &[]));
}

#[test]
fn an_encrypted_key_of_ssh_keygen_opens_with_its_passphrase_alone() {
    let context = Context::new();
    for (name, options) in [
        ("default", &["-t", "ed25519"][..]),
        ("gcm", &["-t", "ed25519", "-Z", "aes256-gcm@openssh.com"][..]),
        ("cbc", &["-t", "ed25519", "-Z", "aes256-cbc"][..]),
        ("chacha", &["-t", "ed25519", "-Z", "chacha20-poly1305@openssh.com"][..]),
    ] {
        let path = context.keygen_with(name, "correct horse", options);
        let mut asked = 0;
        let signer = Signer::from_file(&path, &mut || {
            asked += 1;
            Some(secret("correct horse"))
        })
        .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(asked, 1, "{name}");
        let signature = signer.sign(Namespace::Receipt, MESSAGE).expect("signs");
        let key = verify(signature.as_bytes(), Namespace::Receipt, MESSAGE).expect("holds");
        assert_eq!(key, PublicKey::read(&path.with_extension("pub")).expect("the .pub file"));

        let wrong = refusal(&path);
        assert!(matches!(wrong, TrustError::WrongPassphrase { .. }), "{name}: {wrong}");
        assert_eq!(wrong.exit(), Exit::WrongPassphrase);
        let none = Signer::from_file(&path, &mut || None).err().expect("refused");
        assert!(matches!(none, TrustError::PassphraseNeeded { .. }), "{name}: {none}");
        assert_eq!(none.exit(), Exit::WrongPassphrase);
    }
}

#[test]
fn a_key_made_here_is_a_key_there() {
    let context = Context::new();
    for (name, passphrase) in [("plain", ""), ("encrypted", "correct horse")] {
        let path = context.path(name);
        let phrase = (!passphrase.is_empty()).then(|| secret(passphrase));
        let public = generate_key(&path, "operator@inside", phrase.as_ref()).expect("a key");

        let shown = tool("ssh-keygen").arg("-l").arg("-f").arg(&path).output().expect("runs");
        assert!(text(&shown).contains(&public.fingerprint()), "{}", text(&shown));
        // Derives the public half from the private one, so it must decrypt it.
        let derived = tool("ssh-keygen").args(["-y", "-P", passphrase, "-f"]).arg(&path).output().expect("runs");
        assert_eq!(text(&derived).trim(), public.openssh());
        let beside = std::fs::read_to_string(path.with_extension("pub")).expect("the .pub file");
        assert_eq!(beside, format!("{}\n", public.openssh()));
        assert_eq!(public.comment(), "operator@inside");

        let signer = Signer::from_file(&path, &mut || Some(secret(passphrase))).expect("opens here");
        assert_eq!(signer.public(), &public);
    }
    let plain = context.path("plain");
    let signature = context.sign(&plain, "handcarry-bundle", MESSAGE, &[]);
    verify(&signature, Namespace::Bundle, MESSAGE).expect("ssh-keygen signs with our key, and we verify it");
}

#[test]
fn an_encrypted_key_made_here_is_not_in_the_clear() {
    let context = Context::new();
    let path = context.path("key");
    generate_key(&path, "c", Some(&secret("correct horse"))).expect("a key");
    let opened = tool("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(&path).output().expect("runs");
    assert!(!opened.status.success());
    let stored = std::fs::read_to_string(&path).expect("readable");
    assert!(!stored.contains("correct horse"));
}

#[cfg(unix)]
#[test]
fn a_new_private_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let context = Context::new();
    let path = context.path("key");
    generate_key(&path, "c", None).expect("a key");
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("pub")) & 0o022, 0);
}

#[test]
fn neither_file_of_a_key_is_overwritten() {
    let context = Context::new();
    for (private, public) in [(true, false), (false, true)] {
        let path = context.path(if private { "a" } else { "b" });
        let beside = path.with_extension("pub");
        if private {
            std::fs::write(&path, "mine").expect("written");
        }
        if public {
            std::fs::write(&beside, "mine").expect("written");
        }
        let error = generate_key(&path, "c", None).expect_err("refused");
        assert_eq!(error.exit, Exit::Exists, "{error:?}");
        for (there, file) in [(private, &path), (public, &beside)] {
            assert_eq!(std::fs::read_to_string(file).ok().as_deref(), there.then_some("mine"));
        }
    }
}

#[test]
fn a_key_is_not_made_where_there_is_no_folder() {
    let context = Context::new();
    let error = generate_key(&context.path("missing/key"), "c", None).expect_err("refused");
    assert_eq!(error.exit, Exit::MediaMissing, "{error:?}");
}

#[cfg(unix)]
#[test]
fn a_dangling_link_is_not_written_through() {
    let context = Context::new();
    let path = context.path("key");
    std::os::unix::fs::symlink(context.path("elsewhere"), &path).expect("a link");
    assert_eq!(generate_key(&path, "c", None).expect_err("refused").exit, Exit::Exists);
    assert!(!context.path("elsewhere").exists());
}

#[cfg(unix)]
#[test]
fn a_key_others_may_read_is_refused() {
    let context = Context::new();
    let path = context.keygen("alice", "");
    for mode in [0o640, 0o604, 0o666, 0o610] {
        set_mode(&path, mode);
        let error = refusal(&path);
        assert!(
            matches!(error, TrustError::KeyTooOpen { ref how, .. } if *how == format!("mode {mode:04o}")),
            "{error}"
        );
        assert!(error.hint().expect("a hint").as_part().starts_with(&format!("chmod 600 {}", path.display())));
        assert_eq!(error.exit(), Exit::KeyUnusable);
    }
    set_mode(&path, 0o400);
    open(&path).expect("read-only for its owner is fine");
}

#[test]
fn other_types_of_key_file_are_refused_by_name() {
    let context = Context::new();
    // A card's key counts, and no file signs as one; a security key's file is only a handle.
    for (name, options, algorithm, counts) in [
        ("rsa", &["-t", "rsa", "-b", "2048"][..], "ssh-rsa", false),
        ("ec384", &["-t", "ecdsa", "-b", "384"][..], "ecdsa-sha2-nistp384", false),
        ("ec", &["-t", "ecdsa"][..], "ecdsa-sha2-nistp256", true),
    ] {
        for passphrase in ["", "correct horse"] {
            let path = context.keygen_with(&format!("{name}{}", passphrase.len()), passphrase, options);
            let error = refusal(&path);
            assert!(
                matches!(&error, TrustError::KeyWrongType { algorithm: found, .. } if found == algorithm),
                "{error}"
            );
            let hint = error.hint().expect("a hint").as_part().to_owned();
            assert_eq!(hint.contains("ssh-add"), counts, "{hint}");
            assert_eq!(PublicKey::read(&path.with_extension("pub")).is_ok(), counts);
        }
    }
    let pem = context.keygen_with("pem", "", &["-t", "rsa", "-b", "2048", "-m", "PEM"]);
    assert!(refusal(&pem).to_string().contains("a key in another format"), "{}", refusal(&pem));
}

#[test]
fn what_is_no_key_is_named_for_what_it_is() {
    let context = Context::new();
    let path = context.keygen("alice", "");
    let pem = std::fs::read(&path).expect("the key");
    let public = std::fs::read(path.with_extension("pub")).expect("the public key");
    for (name, bytes, told) in [
        ("public", &public[..], "it is a public key"),
        ("empty", b"", "it is empty"),
        ("cut", &pem[..pem.len() / 2], "damaged or cut"),
        ("putty", b"PuTTY-User-Key-File-3: ssh-ed25519\n", "PuTTYgen"),
        ("text", b"hello", "it does not begin with"),
    ] {
        let file = context.write(name, bytes);
        set_mode(&file, 0o600);
        let error = refusal(&file);
        assert!(matches!(error, TrustError::KeyMalformed { .. }), "{name}: {error}");
        assert!(error.to_string().contains(told), "{name}: {error}");
    }
    let huge = context.write("huge", vec![b'x'; 70_000]);
    set_mode(&huge, 0o600);
    assert!(matches!(refusal(&huge), TrustError::LimitExceeded { .. }));
    assert_eq!(refusal(&context.path("missing")).exit(), Exit::KeyUnusable);
    assert!(matches!(refusal(context.path("x").parent().expect("a folder")), TrustError::KeyUnreadable { .. }));
}

#[test]
fn a_key_that_asks_for_hours_of_work_is_refused_at_once() {
    let context = Context::new();
    let path = context.keygen("alice", "correct horse");
    // ssh-keygen would take as long to make it, so the number is put in by hand.
    let pem = std::fs::read_to_string(&path).expect("the key");
    let script = "import sys,base64,re\n\
        t=sys.stdin.read().split('\\n')\n\
        b=bytearray(base64.b64decode(''.join(t[1:-2])))\n\
        i=b.index(b'bcrypt')+6+4+4+16\n\
        assert b[i:i+4]==bytes([0,0,0,16]) or b[i+3] in (16,24), b[i:i+4]\n\
        b[i:i+4]=bytes([255,255,255,255])\n\
        e=base64.b64encode(bytes(b)).decode()\n\
        print(t[0]); print('\\n'.join(re.findall('.{1,70}',e))); print(t[-2])\n";
    let slow = feed(tool("python3").args(["-c", script]), pem.as_bytes());
    assert!(slow.status.success(), "{}", text(&slow));
    let slow = context.write("slow", &slow.stdout);
    set_mode(&slow, 0o600);
    let error = refusal(&slow);
    assert!(matches!(error, TrustError::LimitExceeded { .. }), "{error}");
    assert!(error.to_string().contains("4294967295"), "{error}");
}
