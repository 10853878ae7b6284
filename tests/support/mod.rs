//! What the tests begin with: a home with a stick, programs that ran in it, a
//! lab, clocks that go as they are told.

#[cfg(feature = "lab")]
pub mod bench;
#[cfg(feature = "lab")]
pub mod carried;
pub mod events;
pub mod faketime;
pub mod functions;
pub mod home;
#[cfg(feature = "lab")]
pub mod lab;
pub mod measured;
pub mod requested;
pub mod said;
#[cfg(target_os = "linux")]
pub mod strace;
pub mod wait;
