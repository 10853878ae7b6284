//! How fast the site lets itself be asked: 20 calls a second and 15,000 an
//! hour for an account, told in `X-RateLimit-…` headers.

use crate::model::Time;
use crate::web::Reply;
use std::rc::Rc;
use std::time::Duration;

/// A pause when the site says that nothing is left: its shorter window.
const BREATH: Duration = Duration::from_secs(1);
/// Longest pause that is waited out; a longer one is the operator's to wait.
// A site that asks for more has spent its hour. Somebody sits before the screen, and the pages can do most of it.
const MAX_PAUSE_SECS: u64 = 60;

/// When the next call may be sent.
pub(super) struct Pace {
    time: Rc<dyn Time>,
    /// By [`Time::elapsed`].
    not_before: Option<Duration>,
}

impl Pace {
    /// Any call may be sent at once.
    pub(super) fn new(time: Rc<dyn Time>) -> Self {
        Pace { time, not_before: None }
    }

    /// Waits until a call may be sent.
    pub(super) fn wait(&mut self) {
        if let Some(at) = self.not_before.take() {
            self.time.sleep(at.saturating_sub(self.time.elapsed()));
        }
    }

    /// Takes down what an answer says of the rate.
    pub(super) fn note(&mut self, reply: &Reply) {
        let remaining = reply.header("x-ratelimit-remaining").and_then(|text| text.trim().parse::<u64>().ok());
        if remaining == Some(0) {
            self.not_before = Some(self.time.elapsed() + BREATH);
        }
    }

    /// Sets the pause after the `count`th refusal; false where the site asks
    /// for a longer one than is waited out.
    pub(super) fn slow_down(&mut self, count: u32, retry_after_secs: Option<u64>) -> bool {
        let secs = pause_secs(count, retry_after_secs);
        self.not_before = secs.map(|secs| self.time.elapsed() + Duration::from_secs(secs));
        secs.is_some()
    }
}

/// The pause in seconds: as asked for, else doubled each time.
fn pause_secs(count: u32, retry_after_secs: Option<u64>) -> Option<u64> {
    let secs = retry_after_secs.unwrap_or(1 << count.min(5)).max(1);
    (secs <= MAX_PAUSE_SECS).then_some(secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_as_asked_for_or_double_and_have_an_end() {
        assert_eq!(pause_secs(1, Some(7)), Some(7));
        assert_eq!(pause_secs(1, Some(0)), Some(1));
        assert_eq!(pause_secs(1, Some(3600)), None);
        assert_eq!((pause_secs(1, None), pause_secs(3, None), pause_secs(40, None)), (Some(2), Some(8), Some(32)));
    }
}
