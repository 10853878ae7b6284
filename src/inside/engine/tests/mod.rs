//! The engine on an appliance in memory: stories, kills at every record, and
//! properties of the whole.

mod killed;
mod stories;
mod world;
