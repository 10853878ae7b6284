//! What the tests of messages look at: each room's enum and a sample of each variant.

use handcarry::testing::console::TypedCommand;
use handcarry::testing::model::{Explain, Failure};
use std::fmt;

/// One error enum and samples of it.
pub struct Room {
    /// The golden file's name.
    pub name: &'static str,
    /// The enum's name.
    pub error: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// At least one of each variant.
    pub samples: Vec<Sample>,
}

/// One error as a person sees it, and as a debugger does.
pub struct Sample {
    /// Its `Debug` text: the variant and what it carries.
    pub debug: String,
    /// Message and exit.
    pub failure: Failure,
    /// Its hint, as whoever typed the room's command reads it.
    pub hint: Option<String>,
}

impl Sample {
    /// The variant's name.
    pub fn variant(&self) -> &str {
        self.debug.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.variant())?;
        writeln!(f, "error: {}", self.failure.message)?;
        if let Some(hint) = &self.hint {
            writeln!(f, "hint: {hint}")?;
        }
        writeln!(f, "exit: {} {}", self.failure.exit.code(), self.failure.exit.name())
    }
}

/// Makes samples of errors of `handcarry-inside push /media/stick branch`.
pub fn samples<E: Explain>(errors: Vec<E>) -> Vec<Sample> {
    samples_of(&["push", "/media/stick", "branch"], errors)
}

/// Makes samples of errors of a verb of the inside.
fn samples_of<E: Explain>(typed: &[&str], errors: Vec<E>) -> Vec<Sample> {
    let typed = TypedCommand::of("handcarry-inside", typed);
    let sample = |error: E| {
        let hint = error.hint().map(|hint| typed.tell(&hint));
        Sample { debug: format!("{error:?}"), failure: error.into(), hint }
    };
    errors.into_iter().map(sample).collect()
}

/// Every room with errors of its own.
pub fn rooms() -> Vec<Room> {
    let room = |name, error, source, samples| Room { name, error, source, samples };
    let on_two = |topology| ["push", "/media/stick", "alpha", "beta", "--topology", topology];
    let mut engine = samples(crate::messages::inside::engine());
    engine.extend(samples_of(&on_two("failover-sync"), crate::messages::inside::pair()));
    engine.extend(samples_of(&on_two("migrate"), crate::messages::inside::migrate()));
    let mut rooms = vec![
        room("clock", "ClockError", "model/clock.rs", samples(crate::messages::carried::clock())),
        room("operator", "OperatorError", "console/operator.rs", samples(crate::messages::quiet::operator())),
        room("trust", "TrustError", "trust/error.rs", samples(crate::messages::quiet::trust())),
        room("media", "MediaError", "media/error.rs", samples(crate::messages::carried::media())),
        room("kit", "KitError", "kit/error.rs", samples(crate::messages::carried::kit())),
        room("bundle", "BundleError", "bundle/error.rs", samples(crate::messages::carried::bundle())),
        room("web", "WebError", "web/error.rs", samples(crate::messages::outside::web())),
        room("journal", "JournalError", "journal/error.rs", samples(crate::messages::quiet::journal())),
        room("events", "EventLogError", "events/error.rs", samples(crate::messages::quiet::events())),
        room("plan", "PlanError", "plan/error.rs", samples(crate::messages::quiet::plan())),
        room("topology", "TopologyError", "plan/topology/error.rs", samples(crate::messages::quiet::topology())),
        room("vendor", "VendorError", "outside/vendor/origins.rs", samples(crate::messages::outside::vendor())),
        room("store", "StoreError", "store/error.rs", samples(crate::messages::inside::store())),
        room("vault", "VaultError", "outside/vault/error.rs", samples(crate::messages::outside::vault())),
        room("exchange", "ExchangeError", "outside/exchange/error.rs", samples(crate::messages::outside::exchange())),
        room("inventory", "InventoryError", "inventory/error.rs", samples(crate::messages::inside::inventory())),
        room("clients", "ListError", "engine/clients/error.rs", samples(crate::messages::inside::clients())),
        room("driver", "DriverError", "driver/error.rs", samples(crate::messages::inside::driver())),
        room("engine", "EngineError", "engine/error.rs", engine),
        room(
            "restore",
            "RestoreError",
            "engine/restore.rs",
            samples_of(&["restore", "branch"], crate::messages::inside::restore()),
        ),
    ];
    #[cfg(feature = "lab")]
    rooms.push(room("lab", "LabError", "lab/error.rs", samples(crate::messages::inside::lab())));
    rooms
}
