//! The web room against a real TLS server and real (and hostile) pages.

mod looks;
mod network;
mod pages;
mod server;
