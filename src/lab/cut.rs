//! Cuts a connection.

use std::sync::Arc;
use tokio::sync::Notify;

/// Cuts the connection a request came on, without a word.
#[derive(Clone, Default)]
pub(super) struct Scissors(Arc<Notify>);

impl Scissors {
    /// Cuts, and never comes back.
    pub(super) async fn cut(&self) -> ! {
        self.0.notify_one();
        std::future::pending().await
    }

    /// Waits until it is cut.
    pub(super) async fn is_cut(&self) {
        self.0.notified().await;
    }
}
