//! Leading the site's address to the other appliance.

use super::{PairEngine, PairError};
use crate::inside::driver::Did;
use crate::model::{Failure, text};
use crate::plan::{Part, Switch};

/// How often enabling the shared address is tried: the site is away meanwhile.
const TRIES: usize = 3;

impl PairEngine<'_> {
    /// Leads the site's address to `to`.
    pub(super) fn switch(&mut self, by: Switch, to: Part, shared_host: Option<&str>) -> Result<(), Failure> {
        match by {
            Switch::SharedIp => self.move_shared_ip(to)?,
            Switch::Dns | Switch::Nat => self.team.change_entry(by, to, shared_host)?,
        }
        self.team.teller.note(&format!(
            "where the Integration Client is set to an IP address, see to it that it can pull data from {}",
            self.team.name(to)
        ));
        Ok(())
    }

    /// Disables it where it is and enables it at `to` at once. Source: guide,
    /// "shared IP switch".
    fn move_shared_ip(&mut self, to: Part) -> Result<(), Failure> {
        let from = to.other();
        let address = self.rules.shared_ip.clone();
        // Reading both first logs in on both: the site is away between the two presses.
        let there = self.read_shared_ip(to, address.as_deref())?;
        let here = self.read_shared_ip(from, address.as_deref())?;
        if here != Some(false) {
            self.set_shared_ip(from, address.as_deref(), false)?;
        }
        if there == Some(true) {
            return Ok(());
        }
        let mut last = None;
        for _ in 0..TRIES {
            match self.set_shared_ip(to, address.as_deref(), true) {
                Ok(()) => return Ok(()),
                Err(failure) => last = Some(failure),
            }
        }
        let failure = last.expect("it was tried");
        let (from_name, to_name) = (self.team.name(from), self.team.name(to));
        self.team.teller.warn(&format!(
            "THE SITE IS NOT REACHABLE: the shared IP address is disabled on {from_name}, and enabling it on {to_name} failed: {}",
            failure.message
        ));
        let back = format!("Enable it on {from_name} again, so that the site is back with its old version?");
        if self.team.ask(back).unwrap_or(false) && self.set_shared_ip(from, address.as_deref(), true).is_ok() {
            self.team.teller.say(&format!("the shared IP address is enabled on {from_name} again"));
            return Err(failure.about(to_name));
        }
        let (why, again) = (text::one_line(&failure.message), self.team.again.clone());
        Err(PairError::SwitchHalf { from: from_name, to: to_name, why, again }.into())
    }

    fn read_shared_ip(&mut self, part: Part, address: Option<&str>) -> Result<Option<bool>, Failure> {
        let name = self.team.name(part);
        self.team.member_mut(part).appliance.shared_ip(address).map_err(|error| Failure::from(error).about(name))
    }

    /// Saves it and looks that it is so.
    fn set_shared_ip(&mut self, part: Part, address: Option<&str>, enabled: bool) -> Result<(), Failure> {
        let name = self.team.name(part);
        let word = if enabled { "enabled" } else { "disabled" };
        let did = self.team.member_mut(part).appliance.set_shared_ip(address, enabled);
        match did {
            Ok(Did::Done(())) => {}
            Ok(by_hand) => return self.team.pressed(part, by_hand, &format!("is the shared IP address {word} there?")),
            Err(error) => {
                if !error.may_be_done() {
                    return Err(Failure::from(error).about(name));
                }
            }
        }
        match self.read_shared_ip(part, address)? {
            Some(shown) if shown == enabled => {
                self.team.teller.say(&format!("the shared IP address is {word} on {name}"));
                Ok(())
            }
            _ => Err(Failure::new(
                crate::model::Exit::Unconfirmed,
                format!("{name} does not show the shared IP address as {word}"),
            )
            .hint("look at /appliance > Networking > IP Configuration, then run the same command again")),
        }
    }
}
