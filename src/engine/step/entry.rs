//! Where the site's host name leads: changed by a person, looked at by us.

use crate::console::kind;
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::{AGAIN, Exit, Failure, text};
use crate::plan::{Part, Switch};

/// Where a name leads, by this machine's own resolver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Leads {
    /// To this appliance, and nowhere else.
    Here,
    /// Elsewhere: to these addresses.
    Elsewhere(Vec<String>),
    /// Nobody here can tell: the name or the appliance's address is not known.
    Unknown,
}

impl Run<'_> {
    /// Where the site's name leads, seen from `to`.
    pub(in crate::engine) fn leads(&self, host: Option<&str>, to: Part) -> Leads {
        let (Some(host), Some(address)) = (host, &self.side(to).address) else { return Leads::Unknown };
        match self.resolver.addresses(host) {
            found if found.is_empty() => Leads::Unknown,
            // All of them: with a second address some clients are led elsewhere.
            found if found.iter().all(|found| found == address) => Leads::Here,
            found => Leads::Elsewhere(found),
        }
    }

    /// Whether the site's name leads to `to` already: from now on clients have
    /// their time for what it has.
    pub(super) fn entry_leads_here(&mut self, to: Part) -> Result<bool, Failure> {
        let host = self.shared_host.clone();
        if self.leads(host.as_deref(), to) != Leads::Here {
            return Ok(false);
        }
        let site = host.as_deref().map_or_else(|| "the site's host name".to_owned(), text::one_line);
        self.teller.say(&format!("{site} leads to {} already", self.name(to)));
        self.serves(to)?;
        Ok(true)
    }

    /// Has a person lead the site's entry to `to`, and looks that it leads
    /// there as far as this machine can tell. A NAT entry changes no name, so
    /// only a person sees it.
    pub(in crate::engine) fn change_entry(&mut self, by: Switch, to: Part, host: Option<&str>) -> Result<(), Failure> {
        let name = self.name(to);
        let site = host.map_or_else(|| "the site's host name".to_owned(), text::one_line);
        let member = self.side(to);
        let target = member.address.clone().unwrap_or_else(|| format!("the IP address of {name}"));
        let (what, wait) = match by {
            Switch::Dns => ("DNS", "wait until the entry has spread, as its time to live says"),
            Switch::Nat | Switch::SharedIp => ("NAT", "it counts as soon as it is saved"),
        };
        self.teller.say(&format!(
            "\nBy hand: lead {site} to {name}\n  1. open the {what} control and find the entry of {site}\n  \
             2. make it point to {target}\n  3. {wait}"
        ));
        self.teller.event(&kind::ADDRESS_BY_HAND, serde_json::json!({ "switch": by, "host": site, "to": target }));
        let (control, on) = (what, name.clone());
        self.must_agree(&PairQuestion::DoesEntryPoint { control, site: site.clone(), target: target.clone(), on })?;
        match by {
            Switch::Dns => self.check_entry(&site, host, to, &target),
            Switch::Nat | Switch::SharedIp => self.check_nat(&site, host, to),
        }
    }

    /// A NAT entry changes no name: who answers behind it is told by the
    /// certificate, where the two have different ones and this machine goes by it.
    fn check_nat(&mut self, site: &str, host: Option<&str>, to: Part) -> Result<(), Failure> {
        let own = |part| self.resolver.shows(&self.reached(part).host, self.reached(part).port);
        let shown = host.and_then(|host| self.resolver.shows(host, 443));
        let (there, before) = (own(to), own(to.other()));
        let (name, from) = (self.name(to), self.name(to.other()));
        match shown.filter(|_| there.is_some() && before.is_some() && there != before) {
            shown if shown.is_some() && shown == there => {
                self.teller.say(&format!("{site} shows the certificate of {name} here, too"));
                Ok(())
            }
            shown if shown.is_some() && shown == before => {
                let site = site.to_owned();
                if self.ask(&PairQuestion::IsOwnNat { site: site.clone(), from: from.clone(), to: name.clone() })? {
                    return Ok(());
                }
                Err(Failure::new(Exit::Unconfirmed, format!("{site} is still answered by {from}, and not by {name}"))
                    .hint(format!(
                        "look at the NAT entry, and whether it is saved; then this, which looks first: {AGAIN}"
                    )))
            }
            _ => {
                self.teller.note(&format!(
                    "who answers at {site} can't be told from this machine, so it is believed as it was told; open it from \
                     outside and see that {name} answers"
                ));
                Ok(())
            }
        }
    }

    fn check_entry(&mut self, site: &str, host: Option<&str>, to: Part, target: &str) -> Result<(), Failure> {
        let name = self.name(to);
        match self.leads(host, to) {
            Leads::Here => {
                self.teller.say(&format!("{site} leads to {target} ({name}) here, too"));
                Ok(())
            }
            Leads::Unknown => {
                self.teller.note(&format!("{site} does not resolve on this machine, so it is believed as it was told"));
                Ok(())
            }
            Leads::Elsewhere(found) => {
                let found = text::one_line(&found.join(", "));
                let (site, target) = (site.to_owned(), target.to_owned());
                let question =
                    PairQuestion::IsOwnDoing { site: site.clone(), found: found.clone(), target: target.clone() };
                if self.ask(&question)? {
                    return Ok(());
                }
                Err(Failure::new(Exit::Unconfirmed, format!("{site} leads to {found}, and not to {target} ({name})"))
                    .hint(format!("wait until the entry has spread; then this, which looks first: {AGAIN}")))
            }
        }
    }
}
