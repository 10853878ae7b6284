//! What appliances offer by themselves, in a run over them: read and compared
//! before anything is broken, and looked at again when a base has changed.

use super::Run;
use crate::engine::offers::is_later_site;
use crate::engine::update::installing;
use crate::engine::{Entry, PackageSource};
use crate::model::{Failure, Id, PackageKind, Version, text};
use crate::plan::{Op, Part, SitePolicy, Step, Topology};

impl Run<'_> {
    /// Reads what an appliance offers, where its packages are not carried, and
    /// keeps of it what this run installs: as far as `up_to`, where clients are
    /// led over once as far as the first site version, and once that is
    /// `agreed` to no more than that.
    pub(in crate::engine) fn read_offers(
        &mut self,
        part: Part,
        up_to: Option<&Version>,
        agreed: bool,
    ) -> Result<(), Failure> {
        let PackageSource::Offered(list) = self.goods(part) else { return Ok(()) };
        let (id, serial) = (list.id(), list.appliance().serial.clone());
        let known = self.agreed(part, id);
        let agreed = known.clone().filter(|_| agreed);
        let (topology, name) = (self.topology, self.name(part));
        let once =
            topology == Some(Topology::FailoverAsync) && self.side(part).ledger.past().history().removal(id).is_none();
        self.teller.say(&format!("\n{name}:"));
        let mut engine = self.engine(part);
        let policy = SitePolicy { serves: engine.memory.serves, ..engine.rules.policy.clone() };
        let read = |engine: &mut crate::engine::Engine<'_>| -> Result<_, Failure> {
            let offered = engine.offered(&serial, id, &policy)?;
            engine.write(Entry::UpdatesOffered { offers: offered.offers.clone() })?;
            engine.tell_list(&offered);
            let mut list = offered.list.clone().only(|package| !is_later_site(package.kind, &package.version, up_to));
            if let Some(agreed) = &agreed {
                list = list.only(|package| agreed.contains(&package.name));
            }
            let whole = installing(&offered.plan);
            let mut offered = engine.cut_to(offered, list, &policy)?;
            if once {
                let list = offered.list.clone().up_to_first_site(&offered.plan);
                offered = engine.cut_to(offered, list, &policy)?;
            }
            engine.tell_left(&offered, &whole);
            Ok(offered)
        };
        let offered = read(&mut engine).map_err(|failure| failure.about(&name))?;
        let now = installing(&offered.plan);
        self.titles[part.index()] = match (agreed, known) {
            (Some(agreed), _) => agreed,
            // What of it is installed by now is no news, and what was agreed to is the same.
            (None, Some(known)) if topology == Some(Topology::Migrate) => {
                let new = now.into_iter().filter(|title| !known.contains(title)).collect::<Vec<_>>();
                known.into_iter().chain(new).collect()
            }
            (None, _) => now,
        };
        self.side_mut(part).goods = Some(PackageSource::Offered(offered.list));
        Ok(())
    }

    /// Takes up what was agreed to for an appliance that has it all by now.
    pub(in crate::engine) fn recall_offers(&mut self, part: Part) {
        let Some(PackageSource::Offered(list)) = &self.side(part).goods else { return };
        self.titles[part.index()] = self.agreed(part, list.id()).unwrap_or_default();
    }

    /// Tells what only one of the two is offered.
    pub(in crate::engine) fn tell_offered_to_one(&self) {
        if ![Part::A, Part::B].iter().all(|part| self.goods(*part).are_offered()) {
            return;
        }
        for part in [Part::A, Part::B] {
            let other = &self.titles[part.other().index()];
            let own = self.titles[part.index()].iter().filter(|title| !other.contains(title));
            let own: Vec<&str> = own.map(String::as_str).collect();
            if !own.is_empty() {
                let titles = text::one_line(&own.join(", "));
                self.teller.warn(&format!(
                    "offered to {} and not to {}: {titles}",
                    self.name(part),
                    self.name(part.other())
                ));
            }
        }
    }

    /// What is agreed to with this run, for the journals of those that install
    /// what they offer.
    pub(in crate::engine) fn agreed_titles(&self) -> Vec<(Part, Id, Vec<String>)> {
        let one = |part: Part| match &self.side(part).goods {
            Some(PackageSource::Offered(list)) => Some((part, list.id(), self.titles[part.index()].clone())),
            _ => None,
        };
        self.parts().filter_map(one).collect()
    }

    /// Writes down that what was agreed to is installed.
    pub(in crate::engine) fn end_offers(&mut self) -> Result<(), Failure> {
        let ended = self.agreed_titles();
        ended.into_iter().try_for_each(|(part, run, _)| self.write(part, &Entry::UpdateDone { run }))
    }

    /// Whether a step has changed the base and the appliance offers more since,
    /// so that what is left of its plan is made anew.
    pub(super) fn offers_grew(&mut self, steps: &[Step], index: usize) -> Result<bool, Failure> {
        let is_install = |step: &Step| matches!(step.op, Op::Install { .. });
        let is_base = matches!(&steps[index].op, Op::Install { package, .. } if package.kind == PackageKind::Base);
        // Two must end with the same, so that what is agreed to for them stays as it is.
        let is_alone = self.first_press.is_own();
        if !is_base || !is_alone || !self.goods(Part::A).are_offered() || !steps[index + 1..].iter().any(is_install) {
            return Ok(false);
        }
        self.engine(Part::A).offers_more()
    }

    /// The titles that a person agreed to for what is offered by the id `id`.
    fn agreed(&self, part: Part, id: Id) -> Option<Vec<String>> {
        self.side(part).ledger.entries().iter().rev().find_map(|(_, entry)| match entry {
            Entry::UpdateBegun { run, packages, .. } if *run == id => Some(packages.clone()),
            _ => None,
        })
    }
}
