//! The mark of what was verified.

/// A value whose signatures, meaning and freshness were all judged.
///
/// Only opening a bundle makes one; what takes a `Verified<Consignment>` can't be
/// handed anything else.
#[derive(Debug)]
// No `Clone`, no `Deserialize`, no `From`: each would be another way to get one.
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// Marks a value; for `open` alone.
    pub(super) fn mark(value: T) -> Self {
        Verified(value)
    }
}

impl<T> std::ops::Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
