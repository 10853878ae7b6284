//! A run that sleeps for hours: what it shows meanwhile, and what Ctrl-C says.

use super::Context;
use crate::console::{LiveWork, going_on, kind};
use crate::model::{Timestamp, local_time};
use std::time::Duration;

/// Longest sleep at a stretch, in seconds.
// A machine that was asleep itself looks at its clock soon after it wakes.
const STRETCH_SECS: i64 = 60;

impl Context {
    /// Sleeps until then, by this machine's clock, whatever is done to that meanwhile.
    pub fn sleep_until(&self, until: Timestamp, why: &str) {
        let (console, begun) = (&self.console, self.now());
        console.event(&kind::SLEEPS, serde_json::json!({ "until": until, "why": why }));
        let told = local_time(until);
        let _told = going_on(format!("nothing goes on meanwhile, and nothing is held: {why}"));
        loop {
            let now = self.now();
            let left_secs = until.secs_since(now);
            if left_secs <= 0 {
                break;
            }
            console.live(Some(LiveWork {
                what: format!("waiting until {told}"),
                gone_secs: u64::try_from(now.secs_since(begun)).unwrap_or(0),
                usual_secs: None,
                over: None,
            }));
            self.time.sleep(Duration::from_secs(left_secs.min(STRETCH_SECS).unsigned_abs()));
        }
        console.live(None);
    }
}
