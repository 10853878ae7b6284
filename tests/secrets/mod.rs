//! What is secret is seen nowhere: the trip with known secrets, then every
//! argument, every line said and every file left behind is searched for them.

#[cfg(target_os = "linux")]
mod cores;
mod sources;
mod trip;
mod watched;
