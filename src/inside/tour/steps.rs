//! The steps of the tour, in the order of an upgrade.

use super::{Guide, make_folder};
use crate::cli::Half::{Inside, Outside};
use crate::model::{Exit, Failure, ShowPath};

/// The name the appliance is enrolled by.
const NAME: &str = "support";

pub(super) fn walk(guide: &mut Guide<'_>, language: &str) -> Result<(), Failure> {
    let stick = guide.path("stick");
    make_folder(stick.as_ref())?;
    guide.tell(&format!(
        "A whole upgrade of one appliance, by both programs, against a lab on this machine.\n\
         Everything lies in {}.\n\
         $ export HANDCARRY_HOME={}",
        guide.dir.shown(),
        guide.path("home"),
    ));

    guide.chapter("A vendor's page and an appliance, on loopback over TLS");
    let lab_dir = guide.path("lab");
    let lab = guide.start_lab(&[
        "lab",
        "--dir",
        &lab_dir,
        "--pages",
        language,
        "--install-secs",
        "2",
        "--restart-secs",
        "2",
    ])?;
    let fact = |key: &str| lab.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();

    guide.chapter("A key on each side, each told to the other");
    let outer = guide.run(Outside, &["keygen", "--principal", "ana@outside", "--no-passphrase"], "", Exit::Ok)?;
    let inner = guide.run(Inside, &["keygen", "--principal", "rui@inside", "--no-passphrase"], "", Exit::Ok)?;
    guide.run(Inside, &["trust", "add", outer.signer_line()], "y\n", Exit::Ok)?;
    guide.run(Outside, &["trust", "add", inner.signer_line()], "y\n", Exit::Ok)?;

    guide.chapter("The appliance, enrolled with the certificate it shows");
    let (url, vendor) = (fact("appliance"), fact("vendor"));
    let (password, login_password) = (fact("appliance_password_file"), fact("login_password_file"));
    let key_passphrase = fact("key_passphrase_file");
    let (user, login_user) = (fact("appliance_user"), fact("login_user"));
    #[rustfmt::skip]
    let enroll = [
        "enroll", NAME, "--url", &url, "--driver", "bomgar", "--vendor", &vendor, "--clock", "appliance",
        "--user", &user, "--password-file", &password, "--login-user", &login_user, "--login-password-file", &login_password,
        "--key-passphrase-file", &key_passphrase,
    ];
    guide.run(Inside, &enroll, "y\n", Exit::Ok)?;
    guide.run(Inside, &["probe", NAME], "", Exit::Ok)?;

    guide.chapter("The request, onto the stick");
    guide.run(Inside, &["request", NAME, &stick], "", Exit::Ok)?;

    guide.chapter("Outside: the code becomes packages, the packages a signed bundle");
    let trusted = ["vendor", "add", &vendor, "--by", "ana@outside"];
    guide.run(Outside, &trusted, "", Exit::Ok)?;
    guide.run(Outside, &["fetch", &stick, "--ca", &fact("ca")], "", Exit::Ok)?;
    guide.run(Outside, &["vault"], "", Exit::Ok)?;
    guide.run(Outside, &["seal", "--from", &vendor, "--write", &stick], "", Exit::Ok)?;

    guide.chapter("Inside: verify and plan");
    guide.run(Inside, &["verify", &stick], "", Exit::Ok)?;
    guide.run(Inside, &["plan", &stick, NAME], "", Exit::Ok)?;

    guide.chapter("Push: backup, upload, licence, install, restart, confirm; then a day's wait");
    guide.run(Inside, &["push", &stick, NAME], "y\ny\ny\n", Exit::Waiting)?;
    guide.tell("\nThe lab's clock moves on by 25 hours; the product's own rules stay as they are.");
    guide.run(Inside, &["lab", "advance", "25h", "--dir", &lab_dir], "", Exit::Ok)?;
    guide.run(Inside, &["push", &stick, NAME], "y\ny\ny\n", Exit::Ok)?;

    guide.chapter("The receipt goes back out");
    guide.run(Inside, &["receipt", NAME, &stick], "", Exit::Ok)?;
    guide.run(Outside, &["receive", &stick], "", Exit::Ok)?;
    guide.run(Inside, &["audit", NAME], "", Exit::Ok)?;

    guide.chapter("Where everything lies");
    for (what, below) in [
        ("the stick", "stick/handcarry"),
        ("the vault", "home/outside/vault"),
        ("the journal", "home/inside/journal"),
        ("the backup", "home/inside/backups"),
        ("the inventory", "home/inside/inventory.toml"),
        ("the lab", "lab"),
    ] {
        guide.tell(&format!("{what:<14} {}", guide.path(below)));
    }
    guide.tell("\nEvery step ended as it should. Check the bundle with stock tools: its README.txt says how.");
    Ok(())
}
