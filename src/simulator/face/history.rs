//! What happened to a simulated appliance, for whoever looks on.

use crate::model::Timestamp;
use crate::simulator::activity::{Ending, InstallRun};
use std::cell::{Cell, RefCell};

/// What happened to a simulated appliance, and what a person does at its pages.
#[derive(Debug, Default)]
pub struct SimulatedHistory {
    /// Titles of the packages it began to install, and when.
    pub begun: RefCell<Vec<(String, Timestamp)>>,
    /// Titles of the packages it installed.
    pub done: RefCell<Vec<String>>,
    /// When it made backups.
    pub backups: RefCell<Vec<Timestamp>>,
    /// How often its failover page was looked at in vain.
    pub looks: Cell<usize>,
    /// How often a package came while another was being installed.
    pub collisions: Cell<usize>,
    /// Set by a person who now does by hand what the pages offer.
    pub hands: Cell<bool>,
    /// Whether nobody is there who could tell what pages show that can't be read.
    pub nobody: Cell<bool>,
}

impl SimulatedHistory {
    /// Takes down what was begun and what was installed.
    pub(super) fn note(&self, installs: &[InstallRun]) {
        let titles = |install: &InstallRun| install.title.clone();
        *self.begun.borrow_mut() = installs.iter().map(|own| (titles(own), own.began)).collect();
        let done = installs.iter().filter(|own| own.outcome == Ending::Installed);
        *self.done.borrow_mut() = done.map(titles).collect();
    }

    /// Whether it has installed a package of this title.
    pub fn has(&self, name: &str) -> bool {
        self.done.borrow().iter().any(|done| done == name)
    }
}
