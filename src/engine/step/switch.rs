//! Leading the site's address to the other appliance.

use crate::driver::{Did, Guide, by_hand};
use crate::engine::EngineError;
use crate::engine::question::{EnginePrompt, PairQuestion};
use crate::engine::run::Run;
use crate::model::{AGAIN, Exit, Failure, Kind, text};
use crate::plan::{Part, Switch};

/// How often enabling the shared address is tried: the site is away meanwhile.
const TRIES: usize = 3;

impl Run<'_> {
    /// Leads the site's address to `to`.
    pub(super) fn switch(&mut self, by: Switch, to: Part) -> Result<(), Failure> {
        match by {
            Switch::SharedIp => self.move_shared_ip(to)?,
            Switch::Dns | Switch::Nat => {
                let host = self.shared_host.clone();
                self.change_entry(by, to, host.as_deref())?;
            }
        }
        self.serves(to)
    }

    /// Disables it where it is and enables it at `to` at once. Source: guide,
    /// "shared IP switch".
    fn move_shared_ip(&mut self, to: Part) -> Result<(), Failure> {
        let from = to.other();
        // Reading both first logs in on both: the site is away between the two presses.
        let (there, here) = (self.read_shared_ip(to)?, self.read_shared_ip(from)?);
        let (Some(there), Some(here)) = (there, here) else {
            return self.move_by_hand(to, "the page with the shared IP address can't be read on both".to_owned());
        };
        if here && let Some(guide) = self.set_shared_ip(from, false)? {
            return self.move_by_hand(to, guide.because);
        }
        if there { Ok(()) } else { self.enable_at_once(to) }
    }

    /// Enables it at `to`, where the site is away until that is done.
    fn enable_at_once(&mut self, to: Part) -> Result<(), Failure> {
        let from = to.other();
        let mut last = None;
        // Without a pause: nobody reaches the site meanwhile.
        for _ in 0..TRIES {
            let done = match self.set_shared_ip(to, true) {
                Ok(None) => Ok(()),
                Ok(Some(guide)) => self.pressed_by_hand(to, true, &guide),
                Err(failure) => Err(failure),
            };
            match done {
                Ok(()) => return Ok(()),
                Err(failure) if failure.kind == Kind::Declined => {
                    last = Some(failure);
                    break;
                }
                Err(failure) => last = Some(failure),
            }
        }
        let failure = last.expect("it was tried");
        let (from_name, to_name) = (self.name(from), self.name(to));
        self.teller.warn(&format!(
            "THE SITE IS NOT REACHABLE: the shared IP address is disabled on {from_name}, and enabling it on {to_name} failed: {}",
            failure.message
        ));
        let back = PairQuestion::EnableAgain { on: from_name.clone() };
        // Nobody there is no yes: to go back means the old version for everybody.
        if self.ask(&back).unwrap_or(false) && matches!(self.set_shared_ip(from, true), Ok(None)) {
            self.teller.say(&format!("the shared IP address is enabled on {from_name} again"));
            return Err(failure.about(to_name));
        }
        Err(self.half(to, &failure.message))
    }

    fn half(&self, to: Part, why: &str) -> Failure {
        let (from, to) = (self.name(to.other()), self.name(to));
        EngineError::SwitchHalf { from, to, why: text::one_line(why) }.into()
    }

    /// Has a person move it, both pages open before anything is changed; what
    /// came of it is read back, or told of each page by itself.
    fn move_by_hand(&mut self, to: Part, because: String) -> Result<(), Failure> {
        let from = to.other();
        let (from_name, to_name) = (self.name(from), self.name(to));
        let guide = by_hand::move_shared_ip(
            &self.side(to).appliance.words(),
            self.shared_ip.as_deref(),
            &from_name,
            &to_name,
            because,
        );
        self.guide(from, &guide)?;
        let moved = PairQuestion::HasAddressMoved { from: from_name.clone(), to: to_name.clone() };
        self.must_agree(&moved)?;
        let here = self.is_enabled(from)?;
        let there = self.is_enabled(to)?;
        match (here, there) {
            (false, true) => {
                self.teller.say(&format!("the shared IP address is enabled on {to_name}"));
                Ok(())
            }
            // The site is away: what a driver can do, it does now.
            (false, false) => match self.read_shared_ip(to)? {
                Some(_) => self.enable_at_once(to),
                None => Err(self.half(to, "its page shows it as disabled")),
            },
            (true, _) => Err(Failure::new(
                Exit::Unconfirmed,
                format!("the shared IP address is still enabled on {from_name}; nothing of the site has moved"),
            )
            .hint(format!(
                "look at /appliance > Networking > IP Configuration on both, then: {AGAIN} (it looks first)"
            ))),
        }
    }

    /// Whether it is enabled on `part`: as its page shows it, or else as
    /// a person reads it there.
    fn is_enabled(&mut self, part: Part) -> Result<bool, Failure> {
        if let Some(shown) = self.read_shared_ip(part)? {
            return Ok(shown);
        }
        let name = self.name(part);
        let address = self.shared_ip.clone().unwrap_or_else(|| "the shared IP address".to_owned());
        let question = EnginePrompt::IsEnabled { on: name, address };
        self.told_word(&question, &[("enabled", true), ("disabled", false)])
    }

    pub(in crate::engine) fn read_shared_ip(&mut self, part: Part) -> Result<Option<bool>, Failure> {
        let (name, address) = (self.name(part), self.shared_ip.clone());
        let shown = self.side_mut(part).appliance.shared_ip(address.as_deref());
        shown.map_err(|error| Failure::from(error).about(name))
    }

    /// Has a person press it on one appliance, and reads back what came of it.
    fn pressed_by_hand(&mut self, part: Part, enabled: bool, guide: &Guide) -> Result<(), Failure> {
        self.guide(part, guide)?;
        let (on, state) = (self.name(part), word(enabled));
        self.must_agree(&PairQuestion::IsAddress { on, state })?;
        match self.is_enabled(part)? == enabled {
            true => Ok(()),
            false => Err(self.not_shown(part, enabled)),
        }
    }

    /// Saves it and looks that it is so; the guide where a person must do it,
    /// and nothing was pressed.
    fn set_shared_ip(&mut self, part: Part, enabled: bool) -> Result<Option<Guide>, Failure> {
        let (name, address) = (self.name(part), self.shared_ip.clone());
        match self.side_mut(part).appliance.set_shared_ip(address.as_deref(), enabled) {
            Ok(Did::Done(())) => {}
            Ok(Did::ByHand(guide)) => return Ok(Some(guide)),
            Err(error) => {
                if !error.may_be_done() {
                    return Err(Failure::from(error).about(name));
                }
            }
        }
        match self.read_shared_ip(part)? {
            Some(shown) if shown == enabled => {
                self.teller.say(&format!("the shared IP address is {} on {name}", word(enabled)));
                Ok(None)
            }
            _ => Err(self.not_shown(part, enabled)),
        }
    }

    fn not_shown(&self, part: Part, enabled: bool) -> Failure {
        let (name, word) = (self.name(part), word(enabled));
        Failure::new(Exit::Unconfirmed, format!("{name} does not show the shared IP address as {word}"))
            .hint("look at /appliance > Networking > IP Configuration, then run the same command again")
    }
}

const fn word(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}
