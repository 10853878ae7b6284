//! What must be known before anything is broken, and only a person may know:
//! by which addresses clients reach the two, and which address they share.

use crate::engine::question::EnginePrompt;
use crate::engine::run::Run;
use crate::model::Failure;
use crate::plan::{Op, Part, Plan, Switch, TopologyError};
use std::net::IpAddr;

impl Run<'_> {
    /// Learns the addresses that what is left of `plan` needs.
    pub(super) fn learn_addresses(&mut self, plan: &Plan) -> Result<(), Failure> {
        for part in [Part::A, Part::B] {
            if plan.leads_clients_to(part) {
                self.learn_address(part)?;
            }
        }
        if plan.steps.iter().any(|step| step.op == Op::Switch { by: Switch::SharedIp }) {
            self.learn_shared_ip()?;
        }
        self.check_reached()
    }

    /// Which address the two share, where it is not told and their pages don't
    /// name it.
    fn learn_shared_ip(&mut self) -> Result<(), Failure> {
        if self.shared_ip.is_some() {
            return Ok(());
        }
        let shown = [self.read_shared_ip(Part::A)?, self.read_shared_ip(Part::B)?];
        // Each page shows it under a link of its own, so that nobody need type it.
        if shown.iter().all(Option::is_some) {
            return Ok(());
        }
        let (a, b) = (self.name(Part::A), self.name(Part::B));
        let address = self.told_address(None, &EnginePrompt::SharedAddress { a, b }, "--shared-ip")?;
        self.shared_ip = Some(address);
        Ok(())
    }

    /// Neither may be reached by the other at the address that moves, nor by
    /// a name that leads there.
    fn check_reached(&self) -> Result<(), Failure> {
        let Some(shared) = self.shared_ip.as_deref().and_then(|shared| shared.parse::<IpAddr>().ok()) else {
            return Ok(());
        };
        for part in [Part::A, Part::B] {
            let host = &self.reached(part).host;
            let leads = match host.parse::<IpAddr>() {
                Ok(own) => own == shared,
                Err(_) => self.resolver.addresses(host).iter().any(|found| found.parse() == Ok(shared)),
            };
            if leads {
                return Err(TopologyError::SharedAddress { part, host: host.clone() }.into());
            }
        }
        Ok(())
    }
}
