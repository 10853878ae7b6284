//! What is secret is seen nowhere: the trip with known secrets, then every
//! argument, every line said and every file left behind is searched for them.

#[path = "../outside/vendor.rs"]
#[allow(dead_code)] // What these tests do not need, others do.
mod vendor;

mod bench;
mod sources;
mod trip;
