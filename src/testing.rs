//! What the tests, benches and fuzz targets of this package take hold of. It
//! is no interface for anybody else: the two programs are that. All the rest
//! is private, so that the compiler sees what nothing uses.

/// Words that both halves share.
pub mod model {
    pub use crate::model::*;
}

/// In which language a person is spoken to.
pub mod language {
    pub use crate::language::{lacking, phrases};
}

/// The person at the keyboard.
pub mod console {
    pub use crate::console::{Console, Globals, OperatorError, SharedOperator, Silent, TypedCommand, event_schema};
}

/// Files and sticks.
pub mod media {
    pub use crate::media::*;
}

/// Who signed.
pub mod trust {
    pub use crate::trust::{
        AllowedSigners, Approval, LineOptions, MAX_SIGNATURE_BYTES, MAX_SIGNATURES, Namespace, PublicKey, Refusal,
        SignatureFault, Signer, TrustError, TrustPolicy, TrustStore, TrustUpdate, Trusted, approve, verify,
    };
}

/// Pages and connections.
pub mod web {
    pub use crate::web::{
        CertificateFacts, Client, Control, MAX_PAGE_BYTES, Page, Profile, Row, SavedCookies, Timeouts, TlsTrust,
        Validators, WebError, fetch_certificate,
    };
}

/// Writing, opening and judging bundles.
pub mod bundle {
    pub use crate::bundle::{
        Bundle, BundleError, ChunkReading, Damage, DamageKind, DamagedRange, Damages, Delivery, Disagreement, Draft,
        Expect, ExpectHere, Mended, Unsteady, VolumeSet, VolumeSink, WriteSeek, WrittenBundle, bundle_name, examine,
        locate, manifest_bytes, open, open_by, open_for, parse_manifest, read_back, recovery_beside, recovery_volumes,
        size_bytes, write, write_with_recovery,
    };
}

/// Bundles that were taken.
pub mod store {
    pub use crate::store::StoreError;
}

/// handcarry itself, as it is carried.
pub mod kit {
    pub use crate::kit::KitError;
}

/// The chained log.
pub mod journal {
    pub use crate::journal::{Journal, JournalError, read};
}

/// The event log.
pub mod events {
    pub use crate::events::EventLogError;
}

/// Plans, and their errors.
pub mod plan {
    pub use crate::plan::{Facts, History, Missing, Part, PlanError, SitePolicy, TopologyError, make};
}

/// What is told of plans.
pub mod report {
    pub use crate::report::{plan_json, plan_text};
}

/// What a run has.
pub mod cli {
    pub use crate::cli::{Context, Half, Home, generate_key, write_paper};
}

/// The list of appliances.
pub mod inventory {
    pub use crate::inventory::{Identity, Inventory, InventoryError};
}

/// Appliances.
pub mod driver {
    pub use crate::driver::{
        Appliance, ApplianceRefusal, BackupOptions, BackupToRestore, ClusterRole, Did, DriverError, ListedCertificate,
        LoginBlocked, NotTaken, Observation, Reached, Uploaded, connect, read_clock, read_version,
    };
}

/// The appliance in memory.
pub mod simulator {
    pub use crate::simulator::{Befalls, Simulated, SimulatedPair, VirtualClock};
}

/// Errors of a run.
pub mod engine {
    pub use crate::engine::{EngineError, PairTold, RestoreError};
    /// Of its part of that name.
    pub mod clients {
        pub use crate::engine::clients::ListError;
    }
}

/// The appliance on loopback.
#[cfg(feature = "lab")]
pub mod lab {
    pub use crate::lab::{
        API_SECRET, APPLIANCE_PASSWORD, ApiLevel, Face, Fault, HOST, LOGIN_PASSWORD, LabError, LabFacts, LabOptions,
        LabPackage, MODEL, PARTNER_SERIAL, PageLanguage, SERIAL, SHARED_IP, USER, catalogue, package_bytes, run,
    };
    /// Of its part of that name.
    pub mod control {
        pub use crate::lab::control::{
            Aim, advance, fault, fault_after, fault_on, reset, restore, state, stop, support_code,
        };
    }
}

/// The vault and what waits to be signed.
pub mod outside {
    /// Of its part of that name.
    pub mod draft {
        pub use crate::outside::draft::{Drafts, Sealed};
    }
    /// Of its part of that name.
    pub mod exchange {
        pub use crate::outside::exchange::{ExchangeError, Exchanger, FetchRequest, FetchResult, Labels};
    }
    /// Of its part of that name.
    pub mod vault {
        pub use crate::objects::{Digester, Digests};
        pub use crate::outside::vault::{StoredPackage, Vault, VaultError};
    }
    /// Of its part of that name.
    pub mod vendor {
        pub use crate::outside::vendor::VendorError;
    }
    /// Of its part of that name.
    pub mod way {
        pub use crate::outside::way::Way;
    }
}
