//! The faults that are ordered, each until it has struck or is put right.

use super::fault::Fault;
use crate::model::FileName;

/// The step at which a fault is to strike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// The backup of this number, from 1.
    Backup(usize),
    /// The package of this file.
    Package(FileName),
}

/// Where a fault waits for its time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Aim {
    /// At the first step that it can befall.
    First,
    At(Moment),
    /// Once `after` more requests came, of those that ask for `at` where that is given.
    Requests {
        after: u64,
        at: Option<String>,
    },
}

impl Aim {
    fn counts(&self, asked: &str) -> bool {
        matches!(self, Aim::Requests { at, .. } if at.as_deref().is_none_or(|at| at == asked))
    }

    /// Whether nothing has to come before it but a request that it counts.
    fn is_armed(&self) -> bool {
        matches!(self, Aim::First | Aim::Requests { after: 0, .. })
    }
}

/// The faults that are ordered. One may be ordered several times.
#[derive(Debug, Clone, Default)]
pub struct Faults(Vec<(Fault, Aim)>);

impl From<&[Fault]> for Faults {
    fn from(faults: &[Fault]) -> Self {
        Faults(faults.iter().map(|fault| (*fault, Aim::First)).collect())
    }
}

impl Faults {
    /// Orders a fault for the first step that it can befall.
    pub fn push(&mut self, fault: Fault) {
        self.0.push((fault, Aim::First));
    }

    /// Orders a fault for one step.
    pub fn push_at(&mut self, moment: Moment, fault: Fault) {
        self.0.push((fault, Aim::At(moment)));
    }

    /// Orders a fault once, however often it was: it is armed when `after`
    /// requests have come, of those that ask for `at` where that is given.
    pub fn arm(&mut self, fault: Fault, after: u64, at: Option<String>) {
        self.clear(fault);
        self.0.push((fault, Aim::Requests { after, at }));
    }

    /// Takes a fault back.
    pub fn clear(&mut self, fault: Fault) {
        self.0.retain(|(planned, _)| *planned != fault);
    }

    /// Puts right what lasts.
    pub fn mend(&mut self) {
        self.0.retain(|(fault, _)| !fault.lasts());
    }

    /// Whether `fault` is armed at this moment; looking does not spend it.
    pub fn armed(&self, fault: Fault) -> bool {
        self.0.iter().any(|(planned, aim)| *planned == fault && aim.is_armed())
    }

    /// Whether `fault` strikes now; one that strikes once is spent.
    pub fn strikes(&mut self, fault: Fault) -> bool {
        let at = self.0.iter().position(|(planned, aim)| *planned == fault && aim.is_armed());
        self.strike(at)
    }

    /// Whether `fault` strikes at this step, before all where it was ordered for it.
    pub fn strikes_at(&mut self, fault: Fault, here: &Moment) -> bool {
        let at = self.0.iter().position(|(planned, aim)| *planned == fault && *aim == Aim::At(here.clone()));
        self.strike(at) || self.strikes(fault)
    }

    fn strike(&mut self, at: Option<usize>) -> bool {
        let once = at.filter(|at| !self.0[*at].0.lasts());
        once.map(|at| self.0.remove(at));
        at.is_some()
    }

    /// Counts a request; returns which of `candidates` befalls it, and spends that.
    pub fn befall(&mut self, asked: &str, candidates: &[Fault]) -> Option<Fault> {
        let is_meant = |aim: &Aim| aim.is_armed() && (*aim == Aim::First || aim.counts(asked));
        let meant = |fault: &&Fault| self.0.iter().any(|(planned, aim)| planned == *fault && is_meant(aim));
        let struck = candidates.iter().find(meant).copied();
        if let Some(fault) = struck {
            self.clear(fault);
        }
        // Counted only now: the last request that is let pass must not be the one that is struck.
        for (_, aim) in self.0.iter_mut().filter(|(_, aim)| aim.counts(asked)) {
            if let Aim::Requests { after, .. } = aim {
                *after = after.saturating_sub(1);
            }
        }
        struck
    }

    /// The names of all, those that are ordered several times too.
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|(fault, _)| fault.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_REQUESTS: [Fault; 2] = [Fault::DropAnswer, Fault::SessionEnds];

    #[test]
    fn some_strike_once_and_some_last() {
        let mut faults = Faults::from(&[Fault::UploadCut, Fault::DiskFull][..]);
        assert!(faults.strikes(Fault::UploadCut) && !faults.strikes(Fault::UploadCut));
        assert!(faults.strikes(Fault::DiskFull) && faults.strikes(Fault::DiskFull));
        faults.mend();
        assert!(faults.names().is_empty());
    }

    #[test]
    fn a_fault_that_is_set_for_later_lets_requests_pass() {
        let mut faults = Faults::default();
        faults.arm(Fault::DropAnswer, 2, None);
        faults.arm(Fault::DiskFull, 1, None);
        assert!(!faults.armed(Fault::DiskFull));
        let struck = [(); 3].map(|()| faults.befall("GET /", &OF_REQUESTS));
        assert_eq!(struck, [None, None, Some(Fault::DropAnswer)]);
        assert!(faults.armed(Fault::DiskFull) && faults.befall("GET /", &OF_REQUESTS).is_none());
        faults.arm(Fault::SessionEnds, 1, Some("POST /login".to_owned()));
        let struck = ["POST /login", "GET /login", "POST /login", "POST /login"];
        let struck = struck.map(|asked| faults.befall(asked, &OF_REQUESTS));
        assert_eq!(struck, [None, None, Some(Fault::SessionEnds), None]);
    }

    #[test]
    fn a_fault_for_one_step_waits_for_it() {
        let mut faults = Faults::default();
        faults.push_at(Moment::Backup(2), Fault::BackupEmpty);
        assert!(!faults.strikes(Fault::BackupEmpty) && !faults.strikes_at(Fault::BackupEmpty, &Moment::Backup(1)));
        assert!(faults.strikes_at(Fault::BackupEmpty, &Moment::Backup(2)));
        assert!(!faults.strikes_at(Fault::BackupEmpty, &Moment::Backup(2)));
    }
}
