//! One package: whether the appliance has it by now, and its install.

use crate::engine::run::Run;
use crate::model::{Failure, Requirement, Status};
use crate::plan::{Carried, Part};

impl Run<'_> {
    /// Tells what the appliance showed when it was looked at.
    pub(super) fn tell_check(&mut self, on: Part) -> Result<(), Failure> {
        let status = self.seen(on)?;
        self.engine(on).tell_status(&status);
        Ok(())
    }

    /// Whether somebody was faster; it is confirmed then. Refuses a package
    /// whose prerequisites are missing.
    pub(super) fn is_installed(
        &mut self,
        on: Part,
        package: &Carried,
        unsure: &[Requirement],
    ) -> Result<bool, Failure> {
        let goods = self.goods(on).clone();
        let (status, is_there) = self.engine(on).is_installed(&goods, &package.file, unsure)?;
        self.saw(status);
        if is_there {
            self.installed[on.index()].push(package.name.clone());
        }
        Ok(is_there)
    }

    /// Installs it and confirms it. One that was installed and is gone is
    /// installed `again` only on a word.
    pub(super) fn install(&mut self, on: Part, package: &Carried, again: bool) -> Result<(), Failure> {
        let (goods, before) = (self.goods(on).clone(), self.seen(on)?);
        let mut engine = self.engine(on);
        engine.confirm_again(&package.name, again)?;
        let status = engine.install(&goods, &package.file, &before)?;
        self.saw(status);
        self.installed[on.index()].push(package.name.clone());
        Ok(())
    }

    /// The appliance as it was looked at last.
    fn seen(&mut self, on: Part) -> Result<Status, Failure> {
        match &self.own {
            Some((status, _)) => Ok(status.clone()),
            None => self.status(on),
        }
    }

    fn saw(&mut self, status: Status) {
        if let Some((last, _)) = &mut self.own {
            *last = status;
        }
    }
}
