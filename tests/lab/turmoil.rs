//! Faults that befall any request, at a request that can be chosen; and the
//! way back to the beginning.

use super::catalogue;
use crate::lab::browsed::Browsed;
use handcarry::testing::lab::{self, Fault, control};

const PAGE: &str = "/appliance/updates";

#[test]
fn a_request_or_its_answer_is_lost() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    bench.arm(Fault::DropRequest);
    assert!(keeper.get(PAGE).curl_failed && !keeper.get(PAGE).curl_failed);

    let page = keeper.get(PAGE);
    bench.arm(Fault::DropAnswer);
    assert!(keeper.run("/appliance/updates/check", &["--data", &token(&page)]).curl_failed);
    assert!(keeper.get(PAGE).has("Base 3.4.0"), "it was carried out");
}

fn token(page: &super::browsed::Answer) -> String {
    format!("form_token={}", page.token("/appliance/updates/check"))
}

#[test]
fn the_appliance_restarts_in_the_middle_of_a_request() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    bench.arm(Fault::RestartNow);
    assert!(keeper.get(PAGE).curl_failed);
    bench.wait_until("it is back", || bench.listens());
    assert_eq!(bench.state()["restarts"], 1);
    assert!(keeper.get(PAGE).url.starts_with("/appliance/login"), "nobody is logged in any more");
}

#[test]
fn sessions_end_and_a_page_changes_once() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    bench.arm(Fault::SessionEnds);
    assert!(keeper.get(PAGE).url.starts_with("/appliance/login"));
    let keeper = bench.keeper();
    bench.arm(Fault::PageUnknown);
    assert!(keeper.get(PAGE).has("Everything has moved") && !keeper.get(PAGE).has("Everything has moved"));
}

#[test]
fn a_fault_can_be_set_for_a_later_request() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    control::fault_after(bench.dir(), Fault::PageUnknown, 2).expect("set");
    let changed = [PAGE, PAGE, PAGE, PAGE].map(|path| keeper.get(path).has("Everything has moved"));
    assert_eq!(changed, [false, false, true, false]);
}

#[test]
fn a_fault_can_be_set_for_one_kind_of_request() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let aim = control::Aim { after: 1, at: Some("GET /appliance/updates"), on: None };
    control::fault_on(bench.dir(), Fault::PageUnknown, true, &aim).expect("set");
    let changed = [PAGE, "/appliance/status/basics", "/appliance/status/basics", PAGE, PAGE];
    let changed = changed.map(|path| keeper.get(path).has("Everything has moved"));
    assert_eq!(changed, [false, false, false, true, false]);
    let state = bench.state();
    assert_eq!(state["struck"][0]["fault"], "page-unknown");
    assert_eq!(state["struck"][0]["request"], "GET /appliance/updates");
    assert_eq!(state["trail"].as_array().map(Vec::len), state["requests"].as_u64().map(|n| n as usize));
    assert!(control::fault_on(bench.dir(), Fault::DiskFull, true, &aim).is_err(), "no request is meant by it");
}

#[test]
fn a_lab_begins_anew() {
    let bench = Browsed::start(|_| {});
    let keeper = bench.keeper();
    let vendor = bench.vendor();
    vendor.exchange(&keeper.key());
    vendor.get("/download/0/x");
    let file = bench.file("base.nss", &lab::package_bytes(&catalogue()[0]));
    control::advance(bench.dir(), 60).expect("moves");
    assert!(keeper.upload(&file).has("Installing"));
    assert!(control::reset(bench.dir()).is_err(), "not while it installs");
    bench.wait_for_restart();
    let told = control::reset(bench.dir()).expect("resets");
    assert_eq!((told["base"].as_str(), told["installs"].as_array().map(Vec::len)), (Some("3.3.2"), Some(0)));
    assert_eq!((told["codes"]["made"].as_u64(), told["downloads"][0]["complete"].as_bool()), (Some(0), Some(false)));
    let again = bench.keeper();
    assert!(again.upload(&file).has("Installing"), "and all of it works again");
}
