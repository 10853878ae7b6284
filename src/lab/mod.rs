//! The lab: a vendor's update server and an appliance, or a failover pair of
//! them, with the upgrade guide's pages, on loopback over TLS, for rehearsal, the tour and tests.
//!
//! It guarantees what the guide says of the real thing: a download code is
//! used once, a package is served once, packages install in order, an install
//! takes time and ends in a restart that closes every session, a certificate
//! and a backup leave it only as files that their password opens, and a reset
//! takes its site away. It misbehaves
//! only by name ([`Fault`]). Its clock is the real one plus an offset that
//! [`control::advance`] moves.
//!
//! What the appliance and the pair are, and what becomes of a package, is the
//! simulator's; here are the pages, sessions and servers before it. It shares
//! no code with the drivers it is a counterpart of, and nothing it holds is secret.

mod api;
mod appliance;
mod bare;
mod between;
pub mod control;
mod cut;
mod device;
mod error;
mod facts;
mod fault;
mod fault_layer;
mod html;
mod labels;
mod login;
mod migration;
mod options;
mod package;
mod pair;
mod record;
mod serve;
mod sessions;
mod shop;
mod site;
mod tls;
mod toy_cipher;
mod transfer;
mod vendor;
mod visitor;
mod world;

pub use crate::simulator::{Face, Fault};
pub use error::LabError;
pub use facts::LabFacts;
pub use fault::named_fault;
pub use options::{ApiLevel, LabOptions, PageLanguage};
pub use package::{LabPackage, catalogue, package_bytes};
pub use pair::SHARED_IP;

use std::time::Duration;

/// The appliance's serial number.
pub const SERIAL: &str = "LAB-0001-BG";
/// The serial number of a pair's second appliance.
pub const PARTNER_SERIAL: &str = "LAB-0002-BG";
/// The appliance's model.
pub const MODEL: &str = "B200";
/// The appliance's host name, as it shows it; it is reached as `localhost`.
pub const HOST: &str = "support.example.com";
/// User of `/appliance` and of `/login`, two separate accounts.
pub const USER: &str = "admin";
/// Password at `/appliance`.
pub const APPLIANCE_PASSWORD: &str = "lab-appliance-pass";
/// Password at `/login`.
pub const LOGIN_PASSWORD: &str = "lab-login-pass";

/// Password at `/login` of a site that has no settings yet. Source: guide, new
/// hardware, which has it for the user `admin`.
pub const FIRST_PASSWORD: &str = "password";

/// OAuth client id of the site's API account.
pub const API_CLIENT_ID: &str = "lab-api-client";
/// That account's client secret.
pub const API_SECRET: &str = "lab-api-secret";

/// The appliance's IP address.
const ADDRESS: &str = "127.0.0.1";

/// What the appliance's pages call it.
const PRODUCT: &str = "Lab appliance";

/// How long open connections are given to end when the lab stops.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// Runs the lab until it is told to stop: by [`control::stop`], by an
/// interrupt, or by a termination signal. Blocks; `on_ready` is called once,
/// when `lab.json` is written and both servers accept connections.
///
/// # Errors
/// [`LabError`] where a lab already runs in that folder, the folder can't be
/// written, or a port can't be had.
pub fn run(options: LabOptions, on_ready: impl FnOnce(&LabFacts)) -> Result<(), LabError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("lab")
        .enable_all()
        .build()
        .map_err(LabError::Runtime)?;
    let outcome = runtime.block_on(serve::lab(options, on_ready));
    runtime.shutdown_timeout(LAST_WORDS);
    outcome
}
