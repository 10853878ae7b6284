//! What the tests begin with: a lab that runs, programs that were run, clocks
//! that go as they are told.

pub mod faketime;
pub mod functions;
#[cfg(feature = "lab")]
pub mod lab;
pub mod measured;
