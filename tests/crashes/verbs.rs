//! The verbs that are struck: what was done before, the command line, and what
//! must be so once the run that goes on is over.

use super::bench::{INSIDE, Lab, NAME, OUTSIDE, Scene};
use super::trace::{Order, Run};
use handcarry::desk::write_paper;
use handcarry::lab;
use handcarry::model::{
    Evidence, Exit, Fate, FileName, Id, JournalHead, Manifest, Outcome, Receipt, Sha256Digest, Timestamp,
};
use handcarry::trust::Namespace;
use std::sync::LazyLock;

/// A verb and everything around it.
pub struct Verb {
    pub name: &'static str,
    pub program: &'static str,
    /// What was done before; once a worker.
    pub before: fn(Option<&Lab>) -> Scene,
    /// What is done before each run, in a copy of that.
    pub each: fn(&Scene, Option<&Lab>),
    pub args: fn(Option<&Lab>) -> Vec<String>,
    pub answers: &'static str,
    /// How a run ends that nothing befalls.
    pub ends: Exit,
    /// How else the run may end that goes on after a strike, because nothing is left to do.
    pub or: &'static [Exit],
    /// What must be so after a strike, before anybody has gone on.
    pub between: fn(&Scene),
    /// What a person does where going on ended with trouble that no program can
    /// mend; whether that was it, and it is to be run again.
    pub mend: fn(&Scene, Option<&Lab>, &Run) -> bool,
    /// What must be so in the end.
    pub after: fn(&Scene, Option<&Lab>),
    /// Whether it talks to the lab.
    pub lab: bool,
    /// Whether it waits, so that its time must go faster.
    pub hasty: bool,
}

const PLAIN: Verb = Verb {
    name: "",
    program: OUTSIDE,
    before: |_| Scene::keyed(),
    each: |_, _| {},
    args: |_| Vec::new(),
    answers: "y\ny\ny\n",
    ends: Exit::Ok,
    or: &[],
    between: |_| {},
    mend: |_, _, _| false,
    after: |_, _| {},
    lab: false,
    hasty: false,
};

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
    args: |_| words("seal --appliance LAB-0001-BG --model B200 --host support.example.com"),
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
        let args = words("--json seal --appliance LAB-0001-BG --packages Base-3.4.0 --model B200 --host h.example.com");
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

pub const RECEIPT: Verb = Verb {
    name: "receipt",
    program: INSIDE,
    before: |_| PUSHED.copy(),
    args: |_| words("receipt box stick --offline"),
    between: |scene| papers_are_signed(scene, "stick/handcarry/receipts"),
    after: |scene, _| {
        papers_are_signed(scene, "stick/handcarry/receipts");
        scene.must(0, INSIDE, &["audit", NAME, "--receipt", "stick"], "");
        scene.must(0, OUTSIDE, &["receive", "stick"], "");
        let vault = scene.must(0, OUTSIDE, &["vault"], "");
        assert_eq!(vault.matches("installed on LAB-0001-BG").count(), 2, "{vault}");
    },
    ..PLAIN
};

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

pub const TRUST_APPLY: Verb = Verb {
    name: "trust apply",
    program: INSIDE,
    before: |_| {
        let scene = Scene::keyed();
        let third = scene.must(0, OUTSIDE, &words_of("keygen --no-passphrase --principal carla --out third"), "");
        let third = third.lines().find(|line| line.contains(" ssh-ed25519 ")).expect("a line").trim().to_owned();
        scene.must(0, INSIDE, &["trust", "export", "stick"], "");
        scene.must(0, OUTSIDE, &["--yes", "trust", "follow", "stick"], "");
        scene.must(0, OUTSIDE, &["trust", "propose", "stick", "--add", &third], "y\n");
        scene.must(0, OUTSIDE, &["trust", "sign", "stick"], "y\n");
        scene
    },
    args: |_| words("trust apply stick"),
    or: &[Exit::TrustRefused],
    between: |scene| {
        // The old trust or the new, whole, and nothing between them.
        let listed = scene.must(0, INSIDE, &["trust", "list"], "");
        assert!(listed.contains("ana"), "{listed}");
        assert_eq!(listed.contains("Version: 1"), listed.contains("carla"), "{listed}");
    },
    after: |scene, _| {
        let listed = scene.must(0, INSIDE, &["trust", "list"], "");
        assert!(listed.contains("Version: 1") && listed.contains("carla"), "{listed}");
        let told = scene.must(0, INSIDE, &["trust", "history"], "");
        assert!(told.contains("In force: version 1"), "{told}");
        let copy = std::fs::read_to_string(scene.path("home/inside/trust/allowed_signers")).expect("there");
        assert!(copy.starts_with("# Trust version 1.") && copy.contains("carla"), "{copy}");
        papers_are_signed(scene, "home/inside/trust/versions");
    },
    ..PLAIN
};

pub const ENROLL: Verb = Verb {
    name: "enroll",
    program: INSIDE,
    args: |lab| lab.expect("a lab").enrolment(),
    or: &[Exit::Exists],
    after: |scene, _| {
        let listed = scene.must(0, INSIDE, &["list"], "");
        assert_eq!(listed.matches("box  https").count(), 1, "{listed}");
        scene.must(0, INSIDE, &["probe", NAME], "");
    },
    lab: true,
    ..PLAIN
};

pub const REQUEST: Verb = Verb {
    name: "request",
    program: INSIDE,
    before: enrolled,
    args: |_| words("request box stick"),
    between: |scene| papers_are_signed(scene, "stick/handcarry/requests"),
    after: |scene, lab| {
        papers_are_signed(scene, "stick/handcarry/requests");
        // A code that was made stands in a request, and nowhere else.
        let requests = scene.files("stick/handcarry/requests", |path| path.ends_with(".json"));
        let code = |path: &std::path::PathBuf| -> String {
            let value: serde_json::Value = serde_json::from_slice(&std::fs::read(path).expect("reads")).expect("JSON");
            value["code"].as_str().expect("a code").to_owned()
        };
        let code = code(requests.last().expect("a request"));
        nowhere(scene, "home", &code);
        let lab = lab.expect("a lab");
        let ca = lab.facts.ca.display().to_string();
        scene.must(0, OUTSIDE, &["fetch", "stick", "--ca", &ca], "");
    },
    lab: true,
    ..PLAIN
};

pub const BACKUP: Verb = Verb {
    name: "backup",
    program: INSIDE,
    before: enrolled,
    args: |_| words("backup box"),
    between: journal_holds_if_begun,
    after: |scene, _| {
        journal_holds(scene);
        backups_are_whole(scene);
    },
    lab: true,
    ..PLAIN
};

pub const FETCH: Verb = Verb {
    name: "fetch",
    each: |scene, lab| {
        let lab = lab.expect("a lab");
        scene.request(&lab.facts.vendor, &lab.code());
    },
    args: |lab| words(&format!("fetch stick --ca {}", lab.expect("a lab").facts.ca.display())),
    // The vendor lists a package once, and takes a code once: killed in the
    // moment between the server's last byte and ours, only its support can
    // help, and is told exactly what it needs to know.
    mend: |scene, lab, run| {
        let lab = lab.expect("a lab");
        let told = run.out.contains("What vendor support needs to know:") && run.out.contains(lab::SERIAL);
        let code = run.code.and_then(|code| u8::try_from(code).ok());
        if code == Some(Exit::CodeSpent.code()) && told {
            scene.request(&lab.facts.vendor, &lab.code());
        } else if code != Some(Exit::DownloadIncomplete.code()) || !told {
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
    lab: true,
    ..PLAIN
};

pub const PUSH: Verb = Verb {
    name: "push",
    program: INSIDE,
    before: |lab| {
        let scene = CARRIED.copy();
        enrol(&scene, lab);
        scene
    },
    // What it says on its way differs from run to run, and would be counted.
    args: |_| words("-q push stick box"),
    ends: Exit::Waiting,
    between: journal_holds_if_begun,
    after: |scene, lab| {
        assert_eq!(lab.expect("a lab").installs(), INSTALLED, "each once, in order");
        journal_holds(scene);
        backups_are_whole(scene);
    },
    lab: true,
    hasty: true,
    ..PLAIN
};

/// What is installed of it before clients must have their time.
const INSTALLED: [&str; 2] = ["Base 3.4.0", "Bomgar 10.6.2"];

/// What the stick carries: what the lab's vendor lists, fetched, sealed, written.
static CARRIED: LazyLock<Scene> = LazyLock::new(|| {
    let (scene, lab) = (Scene::keyed(), Lab::start());
    scene.request(&lab.facts.vendor, &lab.code());
    let ca = lab.facts.ca.display().to_string();
    scene.must(0, OUTSIDE, &["fetch", "stick", "--ca", &ca], "");
    scene.must(0, OUTSIDE, &["seal", "--write", "stick"], "");
    scene
});

/// The same, pushed as far as the soak.
static PUSHED: LazyLock<Scene> = LazyLock::new(|| {
    let (scene, lab) = (CARRIED.copy(), Lab::start());
    enrol(&scene, Some(&lab));
    let args = words("push stick box");
    let order = Order { program: INSIDE, args: &args, answers: "y\n", folder: scene.root(), hasty: true };
    let run = order.run(None);
    assert_eq!(run.code, Some(i32::from(Exit::Waiting.code())), "{}\n{}", run.out, run.err);
    scene
});

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

fn words_of(line: &'static str) -> Vec<&'static str> {
    line.split(' ').collect()
}

fn enrol(scene: &Scene, lab: Option<&Lab>) {
    let args = lab.expect("a lab").enrolment();
    scene.must(0, INSIDE, &args.iter().map(String::as_str).collect::<Vec<_>>(), "y\n");
}

fn enrolled(lab: Option<&Lab>) -> Scene {
    let scene = Scene::keyed();
    enrol(&scene, lab);
    scene
}

fn filled() -> Scene {
    let scene = Scene::keyed();
    scene.import("Base-3.4.0.nss");
    scene.import("Bomgar-10.6.2.nss");
    scene
}

fn sealed() -> Scene {
    let scene = filled();
    scene.seal();
    scene
}

/// One package sealed and, as a receipt on the stick says, installed; taken
/// in or not yet.
fn received(taken: bool) -> Scene {
    let scene = Scene::keyed();
    scene.import("Base-3.4.0.nss");
    scene.seal();
    let manifests = scene.files("home/outside/drafts", |path| path.ends_with("manifest.json"));
    let bytes = std::fs::read(&manifests[0]).expect("reads");
    let manifest: Manifest = serde_json::from_slice(&bytes).expect("a manifest");
    let package = &manifest.packages[0];
    let receipt = Receipt {
        format: 1,
        receipt: Id::random(),
        created: Timestamp::now(),
        appliance: manifest.appliance.clone(),
        bundle: manifest.bundle,
        sequence: manifest.sequence,
        manifest_sha256: Sha256Digest::of(&bytes),
        packages: vec![Fate {
            file: package.file.clone(),
            name: package.name.clone(),
            sha256: package.sha256,
            outcome: Outcome::Installed,
            evidence: Some(Evidence::Version),
            at: Some(Timestamp::now()),
        }],
        status: None,
        backup_sha256: None,
        journal: JournalHead { records: 9, sha256: Sha256Digest::of(b"journal") },
    };
    let stem = FileName::from_foreign(&format!("box-{}", receipt.receipt.short()));
    let folder = scene.path("stick/handcarry/receipts");
    write_paper(&folder, &stem, &receipt, Namespace::Receipt, &scene.inner_key()).expect("writes");
    if taken {
        scene.must(0, OUTSIDE, &["receive", "stick"], "");
    }
    scene
}

/// Every record whole, every byte in its place, and as many packages as there should be.
fn vault_holds(scene: &Scene, vault: &str, packages: usize) {
    let home = scene.path(vault);
    let records = scene.files(vault, |path| path.contains("/packages/"));
    assert_eq!(records.len(), packages, "one record a package: {records:?}");
    assert!(records.iter().all(|path| path.extension().is_some_and(|e| e == "json")), "{records:?}");
    let home = home.parent().expect("in a folder").display().to_string();
    let (code, out, err) = match vault.starts_with("home") {
        true => scene.run(OUTSIDE, &["vault", "check"], ""),
        // A copy is looked at as the vault of another machine is.
        false => scene.run(OUTSIDE, &["vault", "check", "--also", &home], ""),
    };
    assert_eq!(code, Some(0), "{out}\n{err}");
    let objects = scene.files(vault, |path| path.contains("/objects/"));
    assert_eq!(objects.len(), packages, "nothing is there twice: {objects:?}");
}

/// A bundle that can be seen is one: whole, or so plainly cut that it is refused.
fn no_false_bundle(scene: &Scene) {
    let named = scene.files("stick", |path| path.contains("/bundles/") && !path.contains("/.handcarry-"));
    let (code, out, err) = scene.run(INSIDE, &["verify", "stick"], "");
    let first =
        named.iter().any(|path| path.to_string_lossy().ends_with(".zip") || path.to_string_lossy().ends_with(".001"));
    match first {
        true => assert_eq!(code, Some(0), "what can be seen is whole\n{out}\n{err}"),
        false => {
            let refused =
                [Exit::NoBundle, Exit::VolumesIncomplete, Exit::MediaMissing].map(|e| Some(i32::from(e.code())));
            assert!(refused.contains(&code), "{named:?}: {code:?}\n{out}\n{err}");
        }
    }
}

fn bundle_is_whole(scene: &Scene, _: Option<&Lab>) {
    scene.must(0, INSIDE, &["verify", "stick"], "");
    let strangers = scene.files("stick", |path| path.contains("/bundles/") && !path.contains(".zip"));
    assert!(strangers.is_empty(), "nothing else lies there: {strangers:?}");
}

fn papers_are_signed(scene: &Scene, folder: &str) {
    for paper in scene.files(folder, |path| path.ends_with(".json")) {
        // What was set up by hand is nobody's update, and has no signature.
        if paper.ends_with("0.json") {
            continue;
        }
        let text = std::fs::read(&paper).expect("reads");
        assert!(serde_json::from_slice::<serde_json::Value>(&text).is_ok(), "{} is whole", paper.display());
        let mut signature = paper.clone().into_os_string();
        signature.push(".1.sig");
        let signature = std::fs::read_to_string(&signature).expect("a paper that is there has a signature");
        assert!(signature.trim_end().ends_with("-----END SSH SIGNATURE-----"), "{signature}");
    }
}

fn journal_holds_if_begun(scene: &Scene) {
    if scene.path("home/inside/journal/box.jsonl").exists() {
        journal_holds(scene);
    }
}

fn journal_holds(scene: &Scene) {
    scene.must(0, INSIDE, &["audit", NAME], "");
}

/// Every backup that the journal calls done is there, whole.
fn backups_are_whole(scene: &Scene) {
    let journal = std::fs::read_to_string(scene.path("home/inside/journal/box.jsonl")).expect("a journal");
    let mut done = 0;
    for line in journal.lines() {
        let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
        if record["kind"] == "backup-done" {
            let file = scene.path("home/inside/backups/box").join(record["fields"]["file"].as_str().expect("a file"));
            let bytes = std::fs::read(&file).expect("kept");
            assert_eq!(record["fields"]["sha256"], Sha256Digest::of(&bytes).to_string());
            done += 1;
        }
    }
    assert!(done > 0, "a backup was made: {journal}");
}

fn nowhere(scene: &Scene, below: &str, secret: &str) {
    for path in scene.files(below, |_| true) {
        let bytes = std::fs::read(&path).expect("reads");
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "it is in {}", path.display());
    }
}
