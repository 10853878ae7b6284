//! Damaged byte ranges, told so that a person can act on them.

use super::BundleError;
use super::limits::MAX_RANGES_TOLD;
use crate::model::{Exit, FileName, Package};

/// Bytes `first..=last` of one volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRange {
    /// The volume's file name.
    pub volume: String,
    /// Its first byte, counted from 0 in that volume.
    pub first: u64,
    /// Its last byte.
    pub last: u64,
}

/// What is wrong with a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DamageKind {
    /// The bytes are not those that were signed for.
    Differs,
    /// The bytes can't be read; what the operating system said.
    Unreadable(String),
}

impl DamageKind {
    /// Of bytes that could not be read, by what the system said.
    pub(super) fn of(error: &BundleError) -> Self {
        let cause = std::error::Error::source(error);
        DamageKind::Unreadable(cause.map_or_else(|| error.to_string(), |cause| cause.to_string()))
    }
}

impl BundleError {
    /// Whether the medium gave nothing at all of what is damaged.
    pub fn is_unreadable(&self) -> bool {
        matches!(self, BundleError::Damaged(damages) if damages.is_unreadable())
    }

    /// Whether volumes are lacking that may lie on another medium.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, BundleError::VolumeMissing { .. } | BundleError::VolumeCut { .. })
    }
}

/// One damaged range of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The package.
    pub file: FileName,
    /// First damaged byte, counted from 0 in the package; whole chunks.
    pub first: u64,
    /// Last damaged byte.
    pub last: u64,
    /// Where that lies.
    pub spans: Vec<DamagedRange>,
    /// What is wrong.
    pub fault: DamageKind,
}

/// Everything that is damaged in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damages {
    /// The first ranges found, in the order of the bundle; neighbours are joined.
    pub ranges: Vec<Damage>,
    /// Ranges beyond those, counted only.
    pub more: usize,
    /// Whether these bytes were written moments ago and read back.
    pub read_back: bool,
}

impl Damages {
    /// All that errors of single chunks tell, joined; `None` where they tell of no damage.
    pub fn joined(errors: Vec<BundleError>) -> Option<BundleError> {
        let ranges = errors.into_iter().filter_map(|error| match error {
            BundleError::Damaged(damages) => Some(damages.ranges),
            _ => None,
        });
        Damages::of(ranges.flatten().collect(), false).map(|damages| BundleError::Damaged(Box::new(damages)))
    }

    /// Sorts and joins what was found; `None` where nothing was.
    pub(super) fn of(mut found: Vec<Damage>, read_back: bool) -> Option<Damages> {
        // Packages are in the bundle's order already; workers finish in any order within one.
        found.sort_by(|a, b| {
            let place = |d: &Damage| d.spans.first().map(|span| (span.volume.clone(), span.first));
            place(a).cmp(&place(b))
        });
        let mut ranges: Vec<Damage> = Vec::new();
        for next in found {
            match ranges.last_mut() {
                Some(last) if last.file == next.file && last.fault == next.fault && last.last + 1 == next.first => {
                    last.last = next.last;
                    join(&mut last.spans, next.spans);
                }
                _ => ranges.push(next),
            }
        }
        let more = ranges.len().saturating_sub(MAX_RANGES_TOLD);
        ranges.truncate(MAX_RANGES_TOLD);
        (!ranges.is_empty()).then_some(Damages { ranges, more, read_back })
    }

    /// The packages that these are in, of all in the bundle's order. Where
    /// ranges were only counted, every package from the last one told of on
    /// may be damaged.
    pub fn packages(&self, all: &[Package]) -> Vec<FileName> {
        let told = |package: &Package| self.ranges.iter().any(|damage| damage.file == package.file);
        let last = all.iter().rposition(told).unwrap_or(0);
        let maybe = |at: usize| self.more > 0 && at >= last;
        let files = all.iter().enumerate().filter(|(at, package)| told(package) || maybe(*at));
        files.map(|(_, package)| package.file.clone()).collect()
    }

    /// What to do.
    pub(super) fn hint(&self) -> &'static str {
        match (self.is_unreadable(), self.read_back) {
            (true, _) => "check that the medium is plugged in firmly; if it fails again, use another one",
            (false, true) => "do not use this medium: write the bundle on another one",
            (false, false) => "copy the volumes named above again, or write the bundle again on another medium",
        }
    }

    /// Whether the medium gave nothing at all of what is damaged.
    pub(super) fn is_unreadable(&self) -> bool {
        self.ranges.iter().all(|damage| matches!(damage.fault, DamageKind::Unreadable(_)))
    }

    /// Whether the medium gave back other bytes than it took.
    pub(super) fn is_of_a_lying_medium(&self) -> bool {
        self.read_back && !self.is_unreadable()
    }

    /// The exit code: unreadable alone is the medium's fault.
    pub(super) fn exit(&self) -> Exit {
        match (self.is_unreadable(), self.read_back) {
            (true, _) => Exit::MediaFault,
            // Bytes that were right a moment ago were changed by nobody but the medium.
            (false, true) => Exit::MediaLies,
            (false, false) => Exit::DigestMismatch,
        }
    }
}

impl std::fmt::Display for Damages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.read_back {
            f.write_str("the medium gave back other bytes than were written: ")?;
        }
        for (n, damage) in self.ranges.iter().enumerate() {
            if n > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{damage}")?;
        }
        match self.more {
            0 => Ok(()),
            more => write!(f, "; and {more} more damaged ranges"),
        }
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match &self.fault {
            DamageKind::Differs => "are not those that were signed for".to_owned(),
            DamageKind::Unreadable(why) => format!("can't be read ({why})"),
        };
        write!(f, "bytes {} to {} of {} {verb}", self.first, self.last, self.file)?;
        for (n, span) in self.spans.iter().enumerate() {
            let lead = if n == 0 { ": " } else { " and " };
            write!(f, "{lead}{span}")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for DamagedRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes {} to {}", self.volume, self.first, self.last)
    }
}

/// Appends spans, joining where one ends and the next begins.
pub(super) fn join(spans: &mut Vec<DamagedRange>, more: Vec<DamagedRange>) {
    for next in more {
        match spans.last_mut() {
            Some(last) if last.volume == next.volume && last.last + 1 == next.first => last.last = next.last,
            _ => spans.push(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn damage(first: u64, last: u64) -> Damage {
        let span = DamagedRange { volume: "b.zip".into(), first: first + 100, last: last + 100 };
        Damage { file: FileName::parse("p.nss").unwrap(), first, last, spans: vec![span], fault: DamageKind::Differs }
    }

    #[test]
    fn neighbours_are_joined_and_the_rest_is_counted() {
        let damages = Damages::of(vec![damage(8, 11), damage(0, 3), damage(4, 7)], false).unwrap();
        assert_eq!(
            damages.to_string(),
            "bytes 0 to 11 of p.nss are not those that were signed for: b.zip bytes 100 to 111"
        );
        let many: Vec<Damage> = (0..40).map(|n| damage(n * 10, n * 10 + 1)).collect();
        let damages = Damages::of(many, false).unwrap();
        assert_eq!((damages.ranges.len(), damages.more), (MAX_RANGES_TOLD, 40 - MAX_RANGES_TOLD));
        assert_eq!(Damages::of(vec![], false), None);
    }
}
