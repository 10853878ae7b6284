//! The verbs outside: code → packages → stick.

use super::super::bench::OUTSIDE;
use super::holds::{bundle_is_whole, no_false_bundle, nowhere, papers_are_signed, vault_holds};
use super::{Needs, PLAIN, Scene, Verb, filled, received, sealed, words};
use crate::support::said::Code;
use handcarry::testing::lab;
use handcarry::testing::model::Exit;
use handcarry::testing::trust::{PublicKey, Signer};

pub const KEYGEN: Verb = Verb {
    name: "keygen",
    before: |_| Scene::empty(),
    args: |_| words("keygen --no-passphrase --principal carla"),
    or: &[Exit::Exists],
    between: |scene| {
        if scene.path(KEY).exists() {
            Signer::from_file(&scene.path(KEY), &mut || None).expect("a key that can be seen is whole");
        }
    },
    after: |scene, _| {
        let signer = Signer::from_file(&scene.path(KEY), &mut || None).expect("a key");
        let beside = PublicKey::read(&scene.path(&format!("{KEY}.pub"))).expect("its public half");
        assert_eq!(beside.fingerprint(), signer.public().fingerprint());
        let log = "home/outside/events.jsonl";
        let secrets = scene.files("home", |path| !path.ends_with(".pub") && !path.starts_with(log));
        assert_eq!(secrets, [scene.path(KEY)], "no key lies elsewhere");
        nowhere(scene, log, "PRIVATE KEY");
    },
    ..PLAIN
};

/// Where a key is made.
const KEY: &str = "home/outside/keys/signing";

pub const IMPORT: Verb = Verb {
    name: "import",
    before: |_| {
        let scene = Scene::keyed();
        scene.package("Base-3.4.0.nss");
        scene
    },
    args: |_| words("import Base-3.4.0.nss --by ana --for LAB-0001-BG --requires base=3.3.2"),
    after: |scene, _| vault_holds(scene, "home/outside/vault", 1),
    ..PLAIN
};

pub const SEAL: Verb = Verb {
    name: "seal",
    before: |_| filled(),
    args: |_| words("seal --from ana --appliance LAB-0001-BG --model B200 --host support.example.com"),
    or: &[Exit::NothingToDo],
    between: |scene| {
        for manifest in scene.files("home/outside/drafts", |path| path.ends_with("manifest.json")) {
            assert!(manifest.with_file_name("manifest.json.1.sig").exists(), "a manifest that is there is signed");
        }
    },
    after: |scene, _| {
        let manifests = scene.files("home/outside/drafts", |path| path.ends_with("manifest.json"));
        assert_eq!(manifests.len(), 1, "sealed once");
        let folders = std::fs::read_dir(scene.path("home/outside/drafts")).expect("there").flatten();
        assert_eq!(folders.filter(|entry| entry.path().is_dir()).count(), 1, "no draft without a manifest is left");
        // The next number is the next number.
        let args = words(
            "--json seal --from ana --appliance LAB-0001-BG --packages Base-3.4.0 --model B200 --host h.example.com",
        );
        let args: Vec<&str> = args.iter().map(|arg| if arg == "Base-3.4.0" { "Base 3.4.0" } else { arg }).collect();
        let told = scene.must(0, OUTSIDE, &args, "");
        assert!(told.contains("\"sequence\":2"), "{told}");
    },
    ..PLAIN
};

pub const WRITE: Verb = Verb {
    name: "write",
    before: |_| sealed(),
    args: |_| words("write stick --volume-size 12000"),
    or: &[Exit::Exists],
    between: no_false_bundle,
    after: bundle_is_whole,
    ..PLAIN
};

pub const WRITE_WHOLE: Verb = Verb { name: "write, one volume", args: |_| words("write stick"), ..WRITE };

pub const RECEIVE: Verb = Verb {
    name: "receive",
    before: |_| received(false),
    args: |_| words("receive stick"),
    after: |scene, _| {
        let vault = scene.must(0, OUTSIDE, &["vault"], "");
        assert_eq!(vault.matches("installed on LAB-0001-BG").count(), 1, "{vault}");
        assert_eq!(scene.files("home/outside/receipts", |path| path.ends_with(".json")).len(), 1);
        papers_are_signed(scene, "home/outside/receipts");
    },
    ..PLAIN
};

pub const EXPORT: Verb = Verb {
    name: "vault export",
    before: |_| received(true),
    args: |_| words("vault export second"),
    after: |scene, _| {
        vault_holds(scene, "second/vault", 1);
        assert_eq!(scene.files("second/drafts", |path| path.ends_with("manifest.json")).len(), 1);
        papers_are_signed(scene, "second/receipts");
    },
    ..PLAIN
};

pub const VAULT_IMPORT: Verb = Verb {
    name: "vault import",
    before: |_| {
        let scene = received(true);
        scene.must(0, OUTSIDE, &["vault", "export", "second"], "");
        for folder in ["vault", "drafts", "receipts"] {
            std::fs::remove_dir_all(scene.path("home/outside").join(folder)).expect("gone");
        }
        scene
    },
    args: |_| words("vault import second"),
    after: |scene, _| {
        vault_holds(scene, "home/outside/vault", 1);
        assert_eq!(scene.files("home/outside/drafts", |path| path.ends_with("manifest.json")).len(), 1);
        papers_are_signed(scene, "home/outside/receipts");
    },
    ..PLAIN
};

pub const PRUNE: Verb = Verb {
    name: "vault prune",
    before: |_| {
        let scene = received(true);
        scene.must(0, OUTSIDE, &["vault", "export", "second"], "");
        scene
    },
    args: |_| words("vault prune --also second"),
    or: &[Exit::NothingToDo],
    between: |scene| {
        let gone = scene.files("home/outside/vault/objects", |_| true).is_empty();
        let told = std::fs::read_to_string(scene.path("home/outside/vault/removals.jsonl")).unwrap_or_default();
        assert!(!gone || told.ends_with("}\n"), "nothing goes that is not written down");
    },
    after: |scene, _| {
        assert!(scene.files("home/outside/vault/objects", |_| true).is_empty(), "it is gone");
        assert_eq!(scene.files("home/outside/vault/packages", |_| true).len(), 1, "its record stays");
        vault_holds(scene, "second/vault", 1);
        let told = std::fs::read_to_string(scene.path("home/outside/vault/removals.jsonl")).expect("written down");
        assert!(told.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{told}");
    },
    ..PLAIN
};

pub const FETCH: Verb = Verb {
    name: "fetch",
    each: |scene, lab| {
        let lab = lab.expect("a lab");
        scene.must(0, OUTSIDE, &["vendor", "add", &lab.facts.vendor, "--by", "ana"], "");
        scene.request(&lab.facts.vendor, &lab.code());
    },
    args: |lab| words(&format!("fetch stick --ca {}", lab.expect("a lab").facts.ca.display())),
    // The vendor lists a package once, and takes a code once: killed in the
    // moment between the server's last byte and ours, only its support can
    // help, and is told exactly what it needs to know.
    mend: |scene, lab, run| {
        let lab = lab.expect("a lab");
        let told = run.out.contains("What vendor support needs to know:") && run.out.contains(lab::SERIAL);
        if run.code == Exit::CodeSpent.number() && told {
            scene.request(&lab.facts.vendor, &lab.code());
        } else if run.code != Exit::DownloadIncomplete.number() || !told {
            return false;
        }
        lab.restore();
        true
    },
    after: |scene, lab| {
        vault_holds(scene, "home/outside/vault", 3);
        assert!(scene.files("home/outside/vault/partial", |path| path.ends_with(".part")).is_empty());
        let request = scene.files("stick/handcarry/requests", |path| path.ends_with(".json"));
        let request: serde_json::Value =
            serde_json::from_slice(&std::fs::read(&request[0]).expect("reads")).expect("JSON");
        nowhere(scene, "home", request["code"].as_str().expect("a code"));
        let state = lab.expect("a lab").state();
        assert_eq!(state["codes"]["used"], state["codes"]["made"], "no code but those that were given");
        let again = scene.must(0, OUTSIDE, &["fetch", "stick"], "");
        assert!(again.contains("its packages are in the vault"), "{again}");
    },
    lab: Needs::One,
    ..PLAIN
};
