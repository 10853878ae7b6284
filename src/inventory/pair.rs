//! What the inventory says of a failover pair: who belongs together, and how
//! the two are upgraded as one.

use super::ApplianceEntry;
use crate::model::FileName;
use crate::plan::{Switch, Topology};
use std::net::IpAddr;

/// Where an appliance is reached by its partner: never the host name they share.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reached {
    /// Host name or IP address of its own.
    pub host: String,
    /// TLS port.
    pub port: u16,
}

impl std::fmt::Display for Reached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An IPv6 address has colons of its own, and only brackets tell where its port begins.
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl Reached {
    /// How an address of the inventory is reached.
    pub fn of_url(url: &str) -> Self {
        let url = url::Url::parse(url).ok();
        let host = url.as_ref().and_then(|url| url.host_str()).unwrap_or_default();
        let port = url.as_ref().and_then(url::Url::port_or_known_default).unwrap_or(443);
        Reached { host: host.trim_matches(['[', ']']).to_owned(), port }
    }

    /// Reads `host`, `host:port`, `[address]:port`.
    ///
    /// # Errors
    /// A sentence on how it is written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let bad = || "write it as HOST or HOST:PORT".to_owned();
        // The URL's reader judges host and port by the rules the connection
        // will follow; a reader of our own would differ somewhere.
        let url = url::Url::parse(&format!("https://{text}")).map_err(|_| bad())?;
        let plain = url.username().is_empty() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        // A path of "/" is what the reader adds to a bare host, so the slash that was typed is looked for in the text.
        if !plain || text.ends_with('/') {
            return Err(bad());
        }
        Ok(Reached::of_url(url.as_str()))
    }
}

/// A pair as the inventory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairKeys {
    /// The other one's name.
    pub partner: FileName,
    /// The order in which the two are upgraded; `None` where nobody has said it.
    pub topology: Option<Topology>,
    /// How the site's address is switched, with [`Topology::FailoverAsync`].
    pub switch: Option<Switch>,
    /// The shared IP address, with [`Switch::SharedIp`].
    pub shared_ip: Option<IpAddr>,
}

impl PairKeys {
    /// Takes the keys of one appliance; `None` where it is in no pair.
    pub(super) fn of(
        partner: Option<String>,
        topology: Option<Topology>,
        switch: Option<Switch>,
        shared_ip: Option<IpAddr>,
    ) -> Result<Option<Self>, String> {
        let Some(partner) = partner else {
            // A key that means nothing without another is an error: who wrote it believes that it is obeyed.
            return match topology.is_none() && switch.is_none() && shared_ip.is_none() {
                true => Ok(None),
                false => {
                    Err("has topology, switch or shared_ip without pair; whose partner it is must stand there".into())
                }
            };
        };
        match (topology, switch) {
            (Some(Topology::Migrate), _) => {
                return Err("has topology = \"migrate\"; a pair's is failover-sync or failover-async".into());
            }
            (Some(Topology::FailoverAsync), None) => {
                return Err("has topology = \"failover-async\" without switch (shared-ip, dns or nat)".into());
            }
            // Only failover-async moves an address: with the others
            // there is nothing to switch, and the key would promise it.
            (Some(Topology::FailoverSync) | None, Some(_)) => {
                return Err("has switch without topology = \"failover-async\"".into());
            }
            _ => {}
        }
        if shared_ip.is_some() && switch != Some(Switch::SharedIp) {
            return Err("has shared_ip without switch = \"shared-ip\"".into());
        }
        Ok(Some(PairKeys { partner: FileName::parse(&partner)?, topology, switch, shared_ip }))
    }
}

/// Refuses pairs of which the two entries do not say the same: the appliance's
/// name and what is wrong.
pub(super) fn check(entries: &[ApplianceEntry]) -> Result<(), (String, String)> {
    for entry in entries {
        let Some(own) = &entry.pair else { continue };
        let wrong = |what: String| Err((entry.name.to_string(), what));
        let partner = &own.partner;
        if *partner == entry.name {
            return wrong(format!("has pair = \"{partner}\", which is itself"));
        }
        let Some(other) = entries.iter().find(|other| other.name == *partner) else {
            return wrong(format!("has pair = \"{partner}\", and no appliance is called so"));
        };
        let Some(theirs) = other.pair.as_ref().filter(|theirs| theirs.partner == entry.name) else {
            return wrong(format!(
                "has pair = \"{partner}\", and [appliances.{partner}] does not have pair = \"{}\"",
                entry.name
            ));
        };
        let order = |keys: &PairKeys| (keys.topology, keys.switch, keys.shared_ip);
        // One of the two sections may leave the order out. Where both have it, neither is more right than the other.
        if own.topology.is_some() && theirs.topology.is_some() && order(own) != order(theirs) {
            return wrong(format!("and [appliances.{partner}] say different things of topology, switch or shared_ip"));
        }
    }
    Ok(())
}

/// The pair of `entry` as both of its entries have it together.
pub(super) fn pairing(entries: &[ApplianceEntry], entry: &ApplianceEntry) -> Option<PairKeys> {
    let own = entry.pair.clone()?;
    if own.topology.is_some() {
        return Some(own);
    }
    let other = entries.iter().find(|other| other.name == own.partner).and_then(|other| other.pair.clone());
    Some(PairKeys { partner: own.partner.clone(), ..other.unwrap_or(own) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_a_port() {
        let read = |text: &str| Reached::parse(text).map(|reached| reached.to_string());
        assert_eq!(read("10.0.0.2").as_deref(), Ok("10.0.0.2:443"));
        assert_eq!(read("b.example.com:8443").as_deref(), Ok("b.example.com:8443"));
        assert_eq!(read("[fd00::2]:8443").as_deref(), Ok("[fd00::2]:8443"));
        for bad in ["", "a/b", "user@host", "host:99999", "host/"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
