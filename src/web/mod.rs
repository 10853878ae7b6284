//! HTTPS, and pages as a person sees them.
//!
//! A [`Client`] speaks to one origin over TLS that can't be turned off, keeps
//! its cookies, and follows redirects only within that origin. What it gets is
//! a [`Page`]; on it, links, fields and buttons are found by the label a
//! person reads ([`Control`]), never by a name in the markup, and never by
//! guessing: no match and two matches are both errors that say what was there.
//! The labels come from a [`Profile`], several to a control and language.
//!
//! Where a server has an interface for programs, a [`Call`] sends and gets
//! plain bytes under the same rules, but follows no redirect.
//!
//! It knows no appliance and no vendor, and writes no file.

mod address;
mod answer;
mod call;
mod certificate;
mod charset;
mod client;
mod connector;
mod cookies;
mod dom;
mod download;
mod elsewhere;
mod error;
mod fitness;
mod form;
mod label;
mod page;
mod pem;
mod profile;
mod proxy;
mod read;
mod region;
mod send;
mod tls;
mod value;
mod verifier;
mod wire;

pub use call::{Call, Reply};
pub use certificate::{CertificateFacts, check_certificate, fetch_certificate};
pub use client::{Client, Timeouts};
pub use cookies::SavedCookies;
pub use download::{Download, Validators};
pub use elsewhere::origin;
pub use error::WebError;
pub use form::{FileField, Form};
pub use label::{Control, fold};
pub use page::{MAX_PAGE_BYTES, Page};
pub use pem::authorities;
pub use profile::Profile;
pub use proxy::{Proxy, goes_direct};
pub use region::{Button, Link, Row, Section};
pub use tls::TlsTrust;
