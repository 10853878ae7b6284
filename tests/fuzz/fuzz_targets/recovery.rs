#![no_main]
#[path = "../entry/mod.rs"]
#[allow(dead_code, unused_imports)] // Each target uses one function of all.
mod entry;
libfuzzer_sys::fuzz_target!(|data: &[u8]| entry::recovery(data));
