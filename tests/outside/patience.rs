//! An exchange with a server that keeps one waiting: the waits are virtual, the
//! server, the vault and every byte are not.

use super::vendor::{Asked, FORM, LIST, Vendor, VendorAnswer};
use handcarry::testing::console::{Console, Globals, Silent};
use handcarry::testing::model::{DownloadCode, Sha256Digest, Source, Time, Timestamp};
use handcarry::testing::outside::exchange::{ExchangeError, Exchanger, FetchRequest, FetchResult, Labels};
use handcarry::testing::outside::vault::{Vault, VaultError};
use handcarry::testing::outside::way::Way;
use handcarry::testing::simulator::VirtualClock;
use handcarry::testing::web::Timeouts;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Bytes that a cut lets through: more than are asked for twice.
const MORSEL: usize = (64 << 10) + 4096;

fn bytes() -> Vec<u8> {
    (0..600_000u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

fn file(asked: &Asked) -> VendorAnswer {
    VendorAnswer::file(asked, &bytes(), "\"1\"")
}

/// One outside, whose clock moves only while it waits.
struct Office {
    _folder: tempfile::TempDir,
    vendor: Vendor,
    vault: Vault,
    clock: Rc<VirtualClock>,
    requests: Arc<AtomicUsize>,
}

/// Opens a vault. A program that another test starts has our files, locks too,
/// until it has become that program.
fn opened(home: &Path) -> Vault {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match Vault::open(home) {
            Err(VaultError::Busy { .. }) if Instant::now() < until => std::thread::sleep(Duration::from_millis(10)),
            other => return other.expect("a vault"),
        }
    }
}

impl Office {
    /// `serve` also gets how often the file was asked for before.
    fn new(serve: impl Fn(&Asked, usize) -> VendorAnswer + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let requests = Arc::new(AtomicUsize::new(0));
        let counted = requests.clone();
        let vendor = Vendor::start(folder.path(), move |asked| match asked.path.as_str() {
            "/" => VendorAnswer::page(FORM),
            "/list" => VendorAnswer::page(LIST),
            _ => serve(asked, counted.fetch_add(1, Ordering::SeqCst)),
        });
        let vault = opened(&folder.path().join("home"));
        let clock = VirtualClock::new(Timestamp::parse("2026-03-04T22:00:00Z").expect("a time"));
        Office { _folder: folder, vendor, vault, clock, requests }
    }

    fn with<T>(&self, run: impl FnOnce(&Exchanger<'_>) -> Result<T, ExchangeError>) -> T {
        let globals = Globals { quiet: true, no_color: true, ..Globals::default() };
        let exchanger = Exchanger {
            vault: &self.vault,
            console: &Console::new("test", &globals),
            time: &*self.clock,
            labels: &Labels::new(None).expect("our own"),
            ca: Some(std::fs::read_to_string(&self.vendor.ca).expect("it reads")),
            timeouts: Timeouts::default(),
            way: &Way::default(),
            allowed: &[],
        };
        run(&exchanger).expect("the code was sent")
    }

    fn fetch(&self) -> FetchResult {
        let code = DownloadCode::parse("VVVVV-WWWWW-XXXXX-YYYYY-ZZZZZ").expect("a code");
        let errand = FetchRequest { server: self.vendor.url.clone(), code, appliance: None, request: None };
        self.with(|exchanger| exchanger.begin(&errand, &mut Silent))
    }

    /// All of it is in the vault; when it was put there.
    #[track_caller]
    fn kept_at(&self) -> Timestamp {
        let packages = self.vault.packages().expect("the records read");
        assert_eq!(packages[0].sha256, Sha256Digest::of(&bytes()));
        match *packages[0].source {
            Source::Exchange { at, .. } => at,
            ref other => panic!("{other:?}"),
        }
    }

    fn asked(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

#[test]
fn a_server_that_gives_a_morsel_an_hour_is_waited_for() {
    // Busy for a minute, then a few bytes and a cut: and so on for hours.
    let office = Office::new(|asked, before| match before % 2 {
        0 => VendorAnswer::status(503).header("Retry-After", "60"),
        _ => match file(asked) {
            rest if rest.body.len() > MORSEL => rest.cut(MORSEL),
            rest => rest,
        },
    });
    let begun = Instant::now();
    let haul = office.fetch();
    assert!(haul.trouble.is_none() && haul.exchange.closed, "{:?}", haul.trouble);
    let waited = office.clock.elapsed();
    assert!(waited > Duration::from_secs(2 * 3600), "{waited:?}");
    assert!(begun.elapsed() < waited / 60, "none of it is slept: {:?}", begun.elapsed());
    assert_eq!(office.kept_at(), office.clock.now(), "records are dated by the clock that waited");
}

#[test]
fn one_that_stays_busy_is_given_up_after_growing_waits_and_gone_on_with_later() {
    let open = Arc::new(AtomicUsize::new(0));
    let gate = open.clone();
    let office = Office::new(move |asked, _| match gate.load(Ordering::SeqCst) {
        0 => VendorAnswer::status(503),
        _ => file(asked),
    });
    let haul = office.fetch();
    assert!(matches!(haul.trouble, Some(ExchangeError::Incomplete { missing: 1, .. })), "{:?}", haul.trouble);
    assert_eq!((office.asked(), office.clock.elapsed()), (3, Duration::from_secs(1 + 2)));

    office.clock.advance(9 * 3600);
    open.store(1, Ordering::SeqCst);
    let haul = office.with(|exchanger| exchanger.go_on(haul.exchange.id, None, &mut Silent));
    assert!(haul.trouble.is_none() && office.asked() == 4, "{:?}", haul.trouble);
    assert_eq!(office.kept_at(), office.clock.now());
}

#[test]
fn a_wait_that_is_longer_than_a_run_is_not_begun() {
    for (asks, waits) in [("60", 2 * 60), ("61", 0), ("86400", 0)] {
        let office = Office::new(move |_, _| VendorAnswer::status(429).header("Retry-After", asks));
        let haul = office.fetch();
        let retry = match haul.trouble {
            Some(ExchangeError::Incomplete { retry_after_secs, .. }) => retry_after_secs,
            other => panic!("{other:?}"),
        };
        assert_eq!((office.clock.elapsed().as_secs(), retry), (waits, asks.parse().ok()), "{asks}");
    }
}
