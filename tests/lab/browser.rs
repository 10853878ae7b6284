//! The lab's pages in a real browser: Chromium lays them out and reads from
//! them what a person would.

use crate::lab::browsed::Browsed;
use handcarry::testing::lab::PageLanguage;
use std::process::Command;

/// A page as Chromium holds it after loading: its document, written out again.
fn rendered(url: &str) -> String {
    let profile = tempfile::tempdir().expect("a folder for the browser");
    let output = Command::new("timeout")
        .args(["60", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .args(["--disable-dev-shm-usage", "--ignore-certificate-errors", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(url)
        .output()
        .expect("timeout is there");
    assert!(output.status.success(), "chromium is needed, see tests/run: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn chromium_shows_the_login_page_and_the_vendors() {
    let bench = Browsed::start(|options| options.language = PageLanguage::Portuguese);
    let login = rendered(&format!("{}/appliance", bench.facts.appliance));
    for there in [
        "<html lang=\"pt\">",
        "<h1>Entrar no Aplicativo</h1>",
        "<h2>Administração do Aplicativo</h2>",
        ">Nome de usuário</label>",
        "type=\"password\"",
        "<style>",
    ] {
        assert!(login.contains(there), "no {there} in {login}");
    }
    let vendor = rendered(&bench.facts.vendor);
    assert!(vendor.contains("<h1>") && vendor.contains("<form method=\"post\""), "{vendor}");
    assert_eq!(bench.state()["logins"], 0, "looking is all that was done");
}
