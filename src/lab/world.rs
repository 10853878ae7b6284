//! One appliance of the lab with what stands around it: put together here,
//! each part behind a lock of its own.
//!
//! Whoever holds several takes them in this order: the appliance, its
//! sessions, its interface for programs, the vendor's memory, the pair.

use super::LabOptions;
use super::api::gateway::Gateway;
use super::device::Device;
use super::labels::{self, PageTexts};
use super::migration::{self, MigrationWords};
use super::package::LabPackage;
use super::pair::labels::PairWords;
use super::pair::{self, Pair, PairView};
use super::sessions::Sessions;
use super::shop::Shop;
use super::tls::{self, TlsIdentity};
use crate::simulator::{Fault, PairSide, Troubles};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio_rustls::TlsAcceptor;

/// How often an appliance that hangs is looked at, whether it may go on.
const LOOK: Duration = Duration::from_millis(100);

pub(super) type Shared = Arc<World>;

/// One appliance, shared by every handler.
pub(super) struct World {
    pub(super) options: LabOptions,
    pub(super) catalogue: Vec<LabPackage>,
    serial: String,
    /// The pair it is one of, and which one; `None` where it is alone.
    pair: Option<(Arc<Pair>, PairSide)>,
    // Weak, or the two would hold each other and neither would ever end.
    partner: OnceLock<Weak<World>>,
    /// The appliance's own certificate.
    own: TlsIdentity,
    /// What the appliance shows now.
    tls: Mutex<TlsAcceptor>,
    /// Told when the appliance must restart.
    pub(super) restart: Notify,
    /// Becomes true when the lab must stop.
    pub(super) stop: watch::Sender<bool>,
    device: Mutex<Device>,
    sessions: Mutex<Sessions>,
    gateway: Mutex<Gateway>,
    shop: Mutex<Shop>,
}

/// A handler that panicked must not take the lab with it.
fn locked<T>(part: &Mutex<T>) -> MutexGuard<'_, T> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(super) fn new(
        options: LabOptions,
        serial: String,
        pair: Option<(Arc<Pair>, PairSide)>,
        catalogue: Vec<LabPackage>,
        (own, tls): (TlsIdentity, TlsAcceptor),
    ) -> Self {
        World {
            device: Mutex::new(Device::new(&options, &serial, &own)),
            sessions: Mutex::default(),
            gateway: Mutex::default(),
            shop: Mutex::new(Shop::new(&catalogue)),
            options,
            catalogue,
            serial,
            pair,
            partner: OnceLock::new(),
            own,
            tls: Mutex::new(tls),
            restart: Notify::new(),
            stop: watch::Sender::new(false),
        }
    }

    /// Puts everything back as it was when the lab started.
    pub(super) fn begin_anew(&self) {
        self.shows(&self.own);
        *locked(&self.device) = Device::new(&self.options, &self.serial, &self.own);
        *self.sessions() = Sessions::default();
        *self.gateway() = Gateway::default();
        *self.shop() = Shop::new(&self.catalogue);
        // Both are put back one after the other, and what is between them once.
        if let Some((pair, PairSide::A)) = &self.pair {
            pair.reset();
        }
    }

    /// The appliance as it is by now.
    pub(super) fn device(&self) -> MutexGuard<'_, Device> {
        let mut device = locked(&self.device);
        let elapsed = device.catch_up();
        if elapsed.is_reset {
            self.shows(&self.own);
        }
        if elapsed.restarts {
            self.restart.notify_one();
        }
        device
    }

    pub(super) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        locked(&self.sessions)
    }

    pub(super) fn gateway(&self) -> MutexGuard<'_, Gateway> {
        locked(&self.gateway)
    }

    pub(super) fn shop(&self) -> MutexGuard<'_, Shop> {
        locked(&self.shop)
    }

    /// Looks at the appliance whenever something of it is due, until it is idle:
    /// so that it restarts though nobody asks.
    pub(super) fn watch(self: &Arc<Self>) {
        let world = Arc::clone(self);
        tokio::spawn(async move {
            loop {
                let wait = {
                    let device = world.device();
                    if !device.machine.is_busy() {
                        return;
                    }
                    device.due_in()
                };
                // Never for long, since a fault may be put right meanwhile, and then it is due at once.
                tokio::time::sleep(wait.map_or(LOOK, |wait| wait.min(LOOK))).await;
            }
        });
    }

    /// The other one of the pair, while the lab runs.
    pub(super) fn partner(&self) -> Option<Shared> {
        self.partner.get().and_then(Weak::upgrade)
    }

    /// Makes the two known to each other.
    pub(super) fn join(a: &Shared, b: &Shared) {
        let _ = a.partner.set(Arc::downgrade(b));
        let _ = b.partner.set(Arc::downgrade(a));
    }

    /// The relation as this one sees it by now; `None` where it is alone.
    pub(super) fn relation(&self) -> Option<PairView<'_>> {
        let (pair, side) = self.pair.as_ref()?;
        let (now, troubles) = {
            let device = self.device();
            (device.now(), Troubles::of(&device.faults))
        };
        Some(pair.seen_by(*side, now, troubles))
    }

    /// Whether a host and port lead to this one or, where `other`, to its partner.
    pub(super) fn is_reached_at(&self, (host, port): (&str, &str), other: bool) -> bool {
        let Some((pair, side)) = &self.pair else { return false };
        let side = if other { side.other() } else { *side };
        matches!(host, "localhost" | "127.0.0.1") && port.parse() == Ok(pair.ports[side.index()])
    }

    /// What the appliance shows to whoever connects now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        locked(&self.tls).clone()
    }

    /// Shows another certificate.
    pub(super) fn shows(&self, identity: &TlsIdentity) {
        // One that can't be used leaves the appliance with what it has.
        if let Ok(acceptor) = tls::acceptor_of(identity) {
            *locked(&self.tls) = acceptor;
        }
    }

    pub(super) fn words(&self) -> &'static PageTexts {
        labels::words(self.options.language)
    }

    pub(super) fn migration_words(&self) -> &'static MigrationWords {
        migration::words(self.options.language)
    }

    pub(super) fn pair_words(&self) -> &'static PairWords {
        pair::labels::words(self.options.language)
    }

    /// A button's label: an unfamiliar one where the step is to be by hand.
    pub(super) fn label(&self, fault: Fault, usual: &'static str) -> &'static str {
        if self.device().faults.armed(fault) { self.words().unfamiliar } else { usual }
    }

    /// What the control port tells of this appliance.
    pub(super) fn told(&self) -> Value {
        let mut told = self.device().told();
        let (codes, downloads) = self.shop().told();
        let api = serde_json::to_value(&self.gateway().record).expect("plain fields serialise");
        if let Some(told) = told.as_object_mut() {
            told.extend([("codes", codes), ("downloads", downloads), ("api", api)].map(|(k, v)| (k.to_owned(), v)));
        }
        told
    }
}
