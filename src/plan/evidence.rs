//! What shows that clients need no more time.

use super::SitePolicy;
use serde::Serialize;

/// One thing that was found, or decided, after a site package was installed.
///
/// A count is worth what it counted: it convinces only where no client is left
/// behind and enough were seen, and a later count takes the place of an
/// earlier one. A person's word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "evidence", rename_all = "kebab-case")]
pub enum SoakEvidence {
    /// Clients were counted: by the site's API, or in a list it exported.
    Counted {
        /// Clients that were seen.
        seen: u64,
        /// Of these, the ones that have not updated, or of which that is not told.
        outdated: u64,
    },
    /// All client software was removed first: the guide's alternative.
    Removed,
    /// The wait was set aside.
    Skipped,
}

/// Whether what was found, oldest first, ends a soak before its time.
pub(super) fn convinces(found: &[SoakEvidence], policy: &SitePolicy) -> bool {
    // Only the last count: clients that were away and came back make an earlier one too good.
    let counted = found.iter().rev().find(|evidence| matches!(evidence, SoakEvidence::Counted { .. }));
    let all_updated = match counted {
        // A count of none proves nothing, whatever the policy says.
        Some(SoakEvidence::Counted { seen, outdated }) => *outdated == 0 && *seen >= policy.min_clients.max(1),
        _ => false,
    };
    all_updated || found.iter().any(|evidence| matches!(evidence, SoakEvidence::Removed | SoakEvidence::Skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_count_counts_and_a_word_stands() {
        use SoakEvidence::{Removed, Skipped};
        let count = |seen, outdated| SoakEvidence::Counted { seen, outdated };
        let said = |found: &[SoakEvidence], min_clients| {
            convinces(found, &SitePolicy { min_clients, ..SitePolicy::default() })
        };
        assert!(said(&[count(3, 0)], 3) && said(&[count(3, 1), count(4, 0)], 3));
        for found in [vec![], vec![count(2, 0)], vec![count(3, 1)], vec![count(3, 0), count(3, 1)]] {
            assert!(!said(&found, 3), "{found:?}");
        }
        assert!(!said(&[count(0, 0)], 0), "a count of none proves nothing");
        assert!(said(&[count(3, 3), Removed], 3) && said(&[Skipped, count(3, 3)], 3));
    }
}
