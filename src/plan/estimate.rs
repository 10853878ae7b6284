//! How long a step takes: the guide's figures, then what this appliance showed.

use super::History;
use crate::model::PackageKind;
use serde::Serialize;

/// From the shortest to the longest that is to be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Shortest, in seconds.
    pub min_secs: i64,
    /// Longest, in seconds.
    pub max_secs: i64,
}

/// Looking at a page.
pub(super) const CHECK: Estimate = Estimate { min_secs: 5, max_secs: 60 };
/// The guide gives no time for a backup; recordings are not in it.
pub(super) const BACKUP: Estimate = Estimate { min_secs: 60, max_secs: 900 };
/// "Between 15 minutes and an hour": the guide, preparations.
const INSTALL: Estimate = Estimate { min_secs: 900, max_secs: 3600 };

/// Installs of a kind that must have been measured before they may make the
/// longest estimate shorter than the guide's: one may have been luck.
const ENOUGH: usize = 2;

/// Shortest longest-estimate, in seconds.
// Two lucky installs of a minute would let the third begin minutes before a window closes.
const LEAST_SECS: i64 = 300;

/// How long installing a package of `kind` takes on this appliance.
///
/// The guide says 15 minutes to an hour, "much longer" with much data. What
/// was measured on this very appliance is better: the longest so far and half
/// as much again. One measurement can only lengthen the guide's figure; from
/// two on they replace it.
pub fn install_estimate(history: &History, kind: PackageKind) -> Estimate {
    let measured: Vec<i64> =
        history.installs.iter().filter(|past| past.kind == kind).filter_map(|past| past.took_secs).collect();
    let (Some(shortest), Some(longest)) = (measured.iter().min(), measured.iter().max()) else { return INSTALL };
    // Data grows from one install to the next, and installs take longer with it: the longest so far is no bound.
    let max_secs = (longest.saturating_mul(3) / 2).max(LEAST_SECS);
    let min_secs = (*shortest).max(1);
    if measured.len() < ENOUGH {
        return Estimate { min_secs: INSTALL.min_secs.min(min_secs), max_secs: INSTALL.max_secs.max(max_secs) };
    }
    Estimate { min_secs, max_secs }
}
