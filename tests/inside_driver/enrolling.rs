//! `enroll` and `list`: what is looked at, asked, and kept.

use crate::inside_driver::driven::Driven;
use crate::support::home::word;
use handcarry::testing::model::Sha256Digest;
use std::os::unix::fs::PermissionsExt;

/// The fingerprint of the lab's certificate, told by nobody but its file.
fn fingerprint(bench: &Driven) -> String {
    let openssl = std::process::Command::new("openssl")
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(&bench.lab.facts.appliance_certificate)
        .output()
        .expect("openssl is installed");
    let told = String::from_utf8(openssl.stdout).expect("UTF-8");
    told.trim().split_once('=').expect("NAME=FINGERPRINT").1.to_owned()
}

#[test]
fn the_certificate_is_shown_confirmed_and_pinned() {
    let bench = Driven::start(|_| {});
    let said = bench.enroll(&["--pages", "en"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains(&format!("fingerprint:  SHA256:{}", fingerprint(&bench))), "{}", said.out);
    assert!(said.out.contains("subject:      CN=support.example.com"), "{}", said.out);
    assert!(said.err.contains("Does the appliance itself show this fingerprint"), "{}", said.err);

    let pinned = std::fs::read(bench.path("home/inside/certs/hq.pem")).expect("kept");
    let digest =
        |pem: &[u8]| Sha256Digest::of(&handcarry::testing::web::CertificateFacts::from_pem(pem).expect("reads").der);
    let own = std::fs::read(&bench.lab.facts.appliance_certificate).expect("is there");
    assert_eq!(digest(&pinned), digest(&own));
    let inventory = bench.path("home/inside/inventory.toml");
    let mode = |path| std::fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!((mode(&inventory), mode(&bench.path("home/inside"))), (0o600, 0o700));
    assert_eq!(bench.lab.state()["logins"], 0, "a handshake is all that enrolling does");

    bench.edit_inventory("language = \"en\"", "language = \"en\" # as the screen says");
    let again = bench.enroll(&[]);
    assert_eq!(again.code, 7, "{}", again.err);
    assert!(again.err.contains("hint: to change it, edit [appliances.hq]"), "{}", again.err);

    let mut second = vec!["enroll", "branch", "--url", "https://branch.example.com", "--driver", "guided"];
    second.extend(["--password-env", "LAB_PASSWORD"]);
    assert_eq!(bench.inside(&second, "").code, 0);
    assert!(bench.inventory().contains("# as the screen says"), "{}", bench.inventory());
    let list = bench.inside(&["list"], "");
    assert!(list.out.contains(&format!("hq  {}\n", bench.lab.facts.appliance)), "{}", list.out);
    assert!(list.out.contains("user asked for, password in $LAB_PASSWORD"), "{}", list.out);
    let told = bench.inside(&["list", "--json"], "").json();
    assert_eq!((told[0]["appliance"].as_str(), told[0]["driver"].as_str()), (Some("branch"), Some("guided")));
}

#[test]
fn nothing_is_kept_of_a_certificate_that_was_not_confirmed() {
    let bench = Driven::start(|_| {});
    let args = ["enroll", "hq", "--url", &bench.lab.facts.appliance];
    for (more, input, code) in [(None, "n\n", 5), (Some("--yes"), "", 5), (None, "", 5)] {
        let args: Vec<&str> = args.iter().copied().chain(more).collect();
        let said = bench.inside(&args, input);
        assert_eq!(said.code, code, "{}", said.err);
    }
    let other = "AB:".repeat(31) + "AB";
    let said = bench.enroll(&["--fingerprint", &format!("SHA256:{other}")]);
    assert_eq!(said.code, 51, "{}", said.err);
    assert!(said.err.contains("someone may stand between you and the appliance"), "{}", said.err);
    assert!(!bench.path("home/inside/certs").exists() && bench.inventory().is_empty());
}

#[test]
fn a_fingerprint_given_beforehand_needs_no_question() {
    let bench = Driven::start(|_| {});
    let url = bench.lab.facts.appliance.clone();
    let said = bench.inside(&["enroll", "hq", "--url", &url, "--fingerprint", &fingerprint(&bench)], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.err.contains("[y/N]"), "{}", said.err);
}

#[test]
fn what_cannot_be_enrolled_is_told() {
    let bench = Driven::start(|_| {});
    for (url, code) in [
        ("http://localhost", 2),
        ("https://admin:x@localhost", 2),
        ("https://localhost/elsewhere", 2),
        // As browsers show it on one of its pages.
        ("https://localhost:1/appliance", 50),
        ("https://localhost:1", 50),
    ] {
        let said = bench.inside(&["enroll", "hq", "--url", url], "y\n");
        assert_eq!(said.code, code, "{url}: {}", said.err);
    }
    assert_eq!(bench.inside(&["enroll", "HQ", "--url", "https://localhost"], "y\n").code, 2);
    let open = bench.private("open", "secret\n");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).expect("opened");
    let said = bench.enroll(&["--password-file", &open]);
    assert_eq!(said.code, 40, "{}", said.err);
    assert_eq!(bench.inside(&["probe", "nowhere"], "").code, 4);
}

/// Another address of the lab's appliance, which its certificate does not name: the port there.
fn relay(appliance: &str) -> u16 {
    let target = appliance.trim_start_matches("https://").replace("localhost", "127.0.0.1");
    let door = std::net::TcpListener::bind("127.0.0.2:0").expect("the loopback is a whole network");
    let port = door.local_addr().expect("bound").port();
    std::thread::spawn(move || {
        for caller in door.incoming().flatten() {
            let Ok(lab) = std::net::TcpStream::connect(&target) else { continue };
            let pairs = [(caller.try_clone(), lab.try_clone()), (Ok(lab), Ok(caller))];
            for (from, to) in pairs {
                let (mut from, mut to) = (from.expect("a socket"), to.expect("a socket"));
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut from, &mut to);
                    let _ = to.shutdown(std::net::Shutdown::Write);
                });
            }
        }
    });
    port
}

#[test]
fn a_certificate_for_another_host_is_accepted_only_on_a_word() {
    let bench = Driven::start(|_| {});
    // The lab's certificate names localhost and 127.0.0.1, but not 127.0.0.2.
    let url = format!("https://127.0.0.2:{}", relay(&bench.lab.facts.appliance));
    let said = bench.inside(&["enroll", "hq", "--url", &url], "y\nn\n");
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(said.err.contains("the certificate does not name 127.0.0.2"), "{}", said.err);
    let said = bench.inside(&["enroll", "hq", "--url", &url], "y\ny\n");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(bench.inventory().contains("check_host = false"), "{}", bench.inventory());
}

#[test]
fn a_certificate_that_was_renewed_is_believed_once_it_is_confirmed() {
    let bench = Driven::start(|_| {});
    assert_eq!(bench.enroll(&[]).code, 0);
    let same = bench.inside(&["enroll", "hq", "--renew"], "");
    assert!(same.code == 0 && same.has("shows the certificate that is enrolled; nothing was changed"), "{same:?}");

    // As if it had shown another one until now.
    let pinned = bench.path("home/inside/certs/hq.pem");
    let new = std::fs::read(&pinned).expect("kept");
    let old = std::fs::read(&Driven::start(|_| {}).lab.facts.appliance_certificate).expect("is there");
    std::fs::write(&pinned, &old).expect("written");
    assert_eq!(bench.inside(&["probe", "hq"], "").code, 51);
    let other = "AB:".repeat(31) + "AB";
    for (more, input, code) in [(&[][..], "n\n", 5), (&[], "", 5), (&["--fingerprint", &*other], "", 51)] {
        let said = bench.inside(&[&["enroll", "hq", "--renew"], more].concat(), input);
        assert_eq!((said.code, std::fs::read(&pinned).expect("kept")), (code, old.clone()), "{said:?}");
    }
    let inventory = bench.inventory();
    let said = bench.inside(&["enroll", "hq", "--renew"], "y\n");
    assert!(said.code == 0 && said.out.contains(&fingerprint(&bench)), "{said:?}");
    assert_eq!((std::fs::read(&pinned).expect("kept"), bench.inventory()), (new, inventory), "nothing else changed");
    assert_eq!(bench.events("inside").last().expect("logged")["kind"], "pinned");
    assert!(bench.inside(&["probe", "hq"], "").code != 51);
    let (ca, nothing) = (word(&bench.lab.facts.ca), bench.inside(&["enroll", "nobody", "--renew"], ""));
    assert_eq!((bench.inside(&["enroll", "hq", "--renew", "--ca", &ca], "").code, nothing.code), (2, 4));
}

#[test]
fn a_list_enrolls_many_and_a_name_may_change_and_go() {
    let bench = Driven::start(|_| {});
    let (url, digits) = (bench.lab.facts.appliance.clone(), fingerprint(&bench));
    let list = bench
        .private("list.csv", &format!("name,url,fingerprint,user,group\nhq,{url}/login,{digits},admin,north|big\n"));
    let said = bench.inside(&["enroll", "--from", &list], "");
    assert!(said.code == 0 && bench.inventory().contains("groups = [\"north\", \"big\"]"), "{said:?}");
    let pem = std::fs::read(bench.path("home/inside/certs/hq.pem")).expect("kept");
    assert_eq!(bench.inside(&["rename", "hq", "main"], "").code, 0);
    assert_eq!(std::fs::read(bench.path("home/inside/certs/main.pem")).expect("kept"), pem);
    assert!(!bench.path("home/inside/certs/hq.pem").exists() && bench.inventory().contains("certs/main.pem"));
    assert!(bench.inside(&["probe", "main"], "").code != 51, "it is believed as before");
    assert_eq!(bench.inside(&["remove", "main"], "y\n").code, 0);
    assert!(!bench.path("home/inside/certs/main.pem").exists() && !bench.inventory().contains("main"));
}

#[test]
fn an_authority_s_file_is_kept_and_believed() {
    let bench = Driven::start(|_| {});
    let (vendor, ca) = (bench.lab.facts.vendor.clone(), word(&bench.lab.facts.ca));
    // The lab's vendor has the certificate of an authority; its pages are no appliance's.
    let said = bench.inside(&["enroll", "hq", "--url", &vendor, "--ca", &ca], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.err.contains("[y/N]") && bench.inventory().contains("ca = \"certs/hq.pem\""), "{}", said.err);
    let said = bench.inside(&["probe", "hq"], "");
    assert!(said.code != 51, "{}", said.err);

    let other = Driven::start(|_| {});
    bench.edit_inventory(&vendor, &other.lab.facts.vendor);
    assert_eq!(bench.inside(&["probe", "hq"], "").code, 51);
    assert_eq!(bench.inside(&["enroll", "b", "--url", &vendor, "--ca", &word(&bench.path("nothing"))], "").code, 10);
    // An authority that does not vouch for what is shown is found out now, not in the night of the update.
    let said = bench.inside(&["enroll", "b", "--url", &bench.lab.facts.appliance, "--ca", &ca], "");
    assert_eq!(said.code, 51, "{}", said.err);
    assert!(said.err.contains("is not the authority of this appliance's certificate"), "{}", said.err);
    assert!(!bench.inventory().contains("[appliances.b]"), "{}", bench.inventory());
    let junk = bench.private("junk.pem", "no certificate\n");
    assert_eq!(bench.inside(&["enroll", "b", "--url", &vendor, "--ca", &junk], "").code, 3);
}
