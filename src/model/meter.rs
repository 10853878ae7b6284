//! Where long work tells how far it is.

/// Takes progress from long work; shared by all cores.
pub trait Meter: Sync {
    /// `bytes` more are done.
    fn advance(&self, bytes: u64);
}

/// Nobody watches.
impl Meter for () {
    fn advance(&self, _bytes: u64) {}
}
