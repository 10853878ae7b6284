//! A failover pair in the lab is what the guide says it is.

use crate::lab::browsed::{Answer, Browsed, Browser};
use handcarry::testing::lab::{self, Fault, PageLanguage, control};
use std::time::Duration;

const FAILOVER: &str = "/login/management/failover";

fn pair() -> Browsed {
    Browsed::start(|options| {
        options.pair = true;
        options.sync = Duration::from_millis(300);
    })
}

fn press(browser: &Browser, what: &str, fields: &[(&str, &str)]) -> Answer {
    let page = browser.get(FAILOVER);
    browser.post(&page, &format!("{FAILOVER}/{what}"), fields)
}

/// The fields that lead from the primary to the backup and back.
fn addresses(bench: &Browsed, swapped: bool) -> [(&'static str, String); 4] {
    let port = |url: &str| url.rsplit(':').next().expect("a port").to_owned();
    let (a, b) = (port(&bench.facts.appliance), port(bench.facts.partner.as_deref().expect("a pair")));
    let (backup, primary) = if swapped { (a, b) } else { (b, a) };
    [("host", "localhost".into()), ("port", backup), ("back_host", "localhost".into()), ("back_port", primary)]
}

fn establish(bench: &Browsed, on: &Browser, swapped: bool) -> Answer {
    let fields = addresses(bench, swapped);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    press(on, "establish", &fields)
}

#[test]
fn the_backup_pulls_a_sync_and_the_relationship_is_broken_and_made_anew() {
    let bench = pair();
    let (a, b) = (bench.manager(), bench.partner_manager());
    assert!(a.get(FAILOVER).has("This is the Primary site instance for support.example.com"));
    let before = b.get(FAILOVER);
    assert!(
        before.has("This is the Backup site instance") && before.has("The last data-sync was successfully pulled at")
    );
    assert!(!a.get(FAILOVER).has("Sync Now"), "only the backup pulls");
    assert!(press(&b, "sync", &[]).has("A data-sync is in progress."));
    bench.wait_until("the sync is over", || !b.get(FAILOVER).has("in progress"));
    assert_ne!(before.text(), b.get(FAILOVER).text());

    assert!(press(&b, "break", &[]).has("Failover is currently not configured."));
    assert!(a.get(FAILOVER).has("Failover is currently not configured."));
    let shared = press(&a, "establish", &[("host", lab::HOST), ("back_host", "localhost")]);
    assert!(shared.has("The shared hostname cannot be used"));
    assert!(press(&a, "establish", &[("host", "localhost"), ("port", "1")]).has("No appliance could be reached"));
    // The other way round: B becomes the primary.
    assert!(establish(&bench, &b, true).has("The failover relationship was established."));
    assert!(b.get(FAILOVER).has("Backup site instance"), "for a moment both call themselves backup");
    bench.wait_until("the roles are clear", || b.get(FAILOVER).has("This is the Primary site instance"));
    assert!(a.get(FAILOVER).has("This is the Backup site instance"));
    control::advance(bench.dir(), 61).expect("advanced");
    bench.wait_until("the first sync came by itself", || bench.state()["failover"]["members"][0]["pulled"].is_string());
}

#[test]
fn each_appliance_has_its_own_serial_code_and_installs() {
    let bench = pair();
    assert!(bench.partner_keeper().get("/appliance/status/basics").has(lab::PARTNER_SERIAL));
    assert!(bench.keeper().get("/appliance/status/basics").has(lab::SERIAL));
    for keeper in [bench.keeper(), bench.partner_keeper()] {
        let vendor = bench.vendor();
        assert!(vendor.exchange(&keeper.key()).has("Base 3.4.0"));
        assert_eq!(vendor.get("/download/0/Base-3.4.0.nss").status, 200, "each is served its own");
    }
    let package = bench.file("base.nss", &lab::package_bytes(&lab::catalogue(300_000)[0]));
    bench.partner_keeper().upload(&package);
    bench.wait_until("it is installed on B", || bench.state()["partner"]["base"] == "3.4.0");
    assert_eq!(bench.state()["base"], "3.3.2");
    bench.wait_until("B is back", || bench.state()["partner"]["activity"] == "idle");
    press(&bench.partner_manager(), "break", &[]);
    bench.wait_until("both are alone", || bench.state()["failover"]["members"][0]["role"] == "none");
    assert!(
        establish(&bench, &bench.manager(), false).has("The failover relationship was established."),
        "the site is the same"
    );
}

#[test]
fn the_shared_address_moves_by_a_box_on_each() {
    let bench = pair();
    let path = "/appliance/networking/ip/shared";
    let (a, b) = (bench.keeper(), bench.partner_keeper());
    assert!(a.get("/appliance/networking/ip").has(lab::SHARED_IP));
    assert!(a.get(path).has("checked") && !b.get(path).has("checked"));
    assert!(a.post(&a.get(path), path, &[]).has("Your changes have been saved."));
    b.post(&b.get(path), path, &[("enabled", "1")]);
    assert!(!a.get(path).has("checked") && b.get(path).has("checked"));
    assert_eq!(bench.state()["failover"]["both_enabled"], 0);
}

#[test]
fn a_pair_misbehaves_by_name() {
    let bench = Browsed::start(|options| {
        options.pair = true;
        options.language = PageLanguage::Portuguese;
        options.sync = Duration::ZERO;
    });
    let (a, b) = (bench.manager(), bench.partner_manager());
    bench.arm(Fault::RoleSurprise);
    assert!(a.get(FAILOVER).has("Esta é a instância do site de Backup de support.example.com"));
    control::fault(bench.dir(), Fault::RoleSurprise, false).expect("cleared");
    bench.arm(Fault::SyncNeverEnds);
    press(&b, "sync", &[]);
    std::thread::sleep(Duration::from_millis(50));
    assert!(b.get(FAILOVER).has("Uma sincronização de dados está em andamento."));
    control::fault(bench.dir(), Fault::SyncNeverEnds, false).expect("cleared");
    bench.arm(Fault::PartnerUnreachable);
    assert!(press(&b, "sync", &[]).has("Não foi possível contatar o site parceiro."));
    press(&b, "break", &[]);
    assert!(a.get(FAILOVER).has("Esta é a instância do site Primário"), "the partner was not told");
    assert!(establish(&bench, &b, true).has("Não foi possível contatar o site parceiro."));
    control::fault(bench.dir(), Fault::PartnerUnreachable, false).expect("cleared");
    press(&a, "break", &[]);
    let aim = control::Aim { on: Some("a"), ..control::Aim::default() };
    control::fault_on(bench.dir(), Fault::KeyDiffers, true, &aim).expect("armed");
    assert!(establish(&bench, &a, false).has("as chaves Inter-Aplicativos não são idênticas"));
    assert!(bench.manager().get("/login/management/security").has("Chave Pré-compartilhada"));
}
