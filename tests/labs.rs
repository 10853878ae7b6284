//! Tests of both programs against the lab: the appliance and the vendor on
//! loopback. They wait more than they compute.

#[cfg(unix)]
mod ansible;
#[cfg(unix)]
mod attacks;
mod engine;
mod fleet;
mod inside_driver;
mod lab;
mod migration;
mod outside;
mod pairs;
mod secrets;
#[allow(dead_code, reason = "each test program uses a part of it")]
mod support;
mod tour;
#[cfg(target_os = "linux")]
mod wine;
