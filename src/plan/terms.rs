//! What a person agrees to before anything is pressed, as one digest.
//!
//! It is of the whole procedure: which one, on which appliances, with which
//! packages in which order. It is not of what is done already, so that it
//! stays the same over a soak, a window and a crash; and not of when, which
//! windows and soaks gate by themselves.

use super::{Switch, Topology};
use crate::model::{Consignment, Sha256Digest};

/// What is installed on one appliance, as it is agreed to.
#[derive(Debug, Clone, Copy)]
pub enum Meant<'a> {
    /// What a bundle carries for it, and the digest of its manifest.
    Carried(&'a Consignment, &'a Sha256Digest),
    /// What the appliance with this serial number offers, by the titles in order.
    Offered(&'a str, &'a [String]),
}

/// A procedure, spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms(Vec<Vec<String>>);

impl Terms {
    /// The packages of a bundle on one appliance.
    pub fn push(consignment: &Consignment, manifest_sha256: &Sha256Digest) -> Self {
        Terms::of("push").meant(Meant::Carried(consignment, manifest_sha256))
    }

    /// What the appliance `serial` offers by itself, by the titles in order.
    pub fn update(serial: &str, titles: &[String]) -> Self {
        Terms::of("update").meant(Meant::Offered(serial, titles))
    }

    /// What is installed on the two appliances of a failover pair.
    pub fn pair(topology: Topology, switch: Option<Switch>, shared_ip: Option<&str>, both: [Meant<'_>; 2]) -> Self {
        let mut terms = Terms::of(topology.word());
        if let Some(switch) = switch {
            terms.add("switch", &[switch.word()]);
        }
        if let Some(address) = shared_ip {
            terms.add("shared-ip", &[address]);
        }
        both.into_iter().fold(terms, Terms::meant)
    }

    /// The move of a site from the appliance `old` to another, and what is installed there.
    pub fn migrate(old: &str, keep_old: bool, over_backup: bool, new: Meant<'_>) -> Self {
        let mut terms = Terms::of(Topology::Migrate.word());
        terms.add("old", &[old, if keep_old { "kept" } else { "reset" }]);
        if over_backup {
            terms.add("restore-on-backup", &[]);
        }
        terms.meant(new)
    }

    /// What was agreed to for each of several appliances.
    pub fn many(each: &[Sha256Digest]) -> Self {
        let mut terms = Terms::of("many");
        each.iter().for_each(|digest| terms.add("one", &[&digest.to_string()]));
        terms
    }

    /// The same where all client software is removed first, so that nobody is waited for.
    #[must_use]
    pub fn without_clients(mut self, removed: bool) -> Self {
        if removed {
            self.add("clients-removed", &[]);
        }
        self
    }

    /// The same where no certificate is exported before the backup.
    #[must_use]
    pub fn without_certificates(mut self, left_out: bool) -> Self {
        if left_out {
            self.add("no-certificate-export", &[]);
        }
        self
    }

    /// The digest that is agreed to.
    pub fn sha256(&self) -> Sha256Digest {
        // As JSON, so that no title can hold what separates two lists, and two procedures never have one digest.
        let text = serde_json::to_string(&self.0).expect("lists of text");
        Sha256Digest::of(text.as_bytes())
    }

    fn of(procedure: &str) -> Self {
        // With a name and a number, so that the digest of no other
        // document, nor of a later form of this one, is ever taken for it.
        Terms(vec![vec!["handcarry agreement 1".to_owned(), procedure.to_owned()]])
    }

    fn add(&mut self, what: &str, values: &[&str]) {
        self.0.push([what].iter().chain(values).map(|&value| value.to_owned()).collect());
    }

    fn meant(self, meant: Meant<'_>) -> Self {
        match meant {
            Meant::Carried(consignment, manifest_sha256) => self.carried(consignment, manifest_sha256),
            Meant::Offered(serial, titles) => self.offered(serial, titles),
        }
    }

    fn offered(mut self, serial: &str, titles: &[String]) -> Self {
        // By titles and not by digests: what the appliance fetches by itself has no bytes here.
        self.add("appliance", &[serial]);
        titles.iter().for_each(|title| self.add("offered", &[title]));
        self
    }

    fn carried(mut self, consignment: &Consignment, manifest_sha256: &Sha256Digest) -> Self {
        let digest = manifest_sha256.to_string();
        // The serial number: a name of the inventory may lead to another box tomorrow.
        self.add("appliance", &[&consignment.appliance.serial]);
        self.add("bundle", &[&consignment.bundle.to_string(), &digest]);
        for package in &consignment.packages {
            self.add("package", &[package.name.as_str(), &package.sha256.to_string()]);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::chain;
    use super::*;

    #[test]
    fn what_is_agreed_to_is_this_procedure_and_no_other() {
        let one = chain();
        let mut fewer = one.clone();
        fewer.packages.pop();
        let mut turned = one.clone();
        turned.packages.reverse();
        let mut elsewhere = one.clone();
        elsewhere.appliance.serial = "S9".to_owned();
        let (digest, other) = (Sha256Digest::of(b"one"), Sha256Digest::of(b"other"));
        let titles = |titles: &[&str]| titles.iter().map(|&title| title.to_owned()).collect::<Vec<_>>();
        let (both, turned_titles) =
            (titles(&["Base 3.4.0", "Bomgar 10.6.2"]), titles(&["Bomgar 10.6.2", "Base 3.4.0"]));
        let (on_a, on_b) = (Meant::Carried(&one, &digest), Meant::Carried(&elsewhere, &digest));
        let pair = |topology, switch, ip| Terms::pair(topology, switch, ip, [on_a, on_b]);
        let sync = |on_a, on_b| Terms::pair(Topology::FailoverSync, None, None, [on_a, on_b]);
        let migrate = |keep, over| Terms::migrate("S0", keep, over, on_a);
        let mut all = vec![
            Terms::push(&one, &digest),
            Terms::push(&one, &other),
            Terms::push(&fewer, &digest),
            Terms::push(&turned, &digest),
            Terms::push(&elsewhere, &digest),
            Terms::push(&one, &digest).without_certificates(true),
            Terms::push(&one, &digest).without_clients(true),
            pair(Topology::FailoverSync, None, None),
            pair(Topology::FailoverAsync, Some(Switch::Dns), None),
            pair(Topology::FailoverAsync, Some(Switch::Nat), None),
            pair(Topology::FailoverAsync, Some(Switch::SharedIp), None),
            pair(Topology::FailoverAsync, Some(Switch::SharedIp), Some("192.0.2.1")),
            migrate(false, false),
            migrate(true, false),
            migrate(false, true),
            Terms::update("S1", &both),
            Terms::update("S1", &turned_titles),
            Terms::update("S2", &both),
            sync(Meant::Offered("S1", &both), on_b),
            sync(on_a, Meant::Offered("S9", &both)),
            sync(Meant::Offered("S1", &both), Meant::Offered("S9", &both)),
            sync(Meant::Offered("S1", &both), Meant::Offered("S9", &turned_titles)),
            Terms::migrate("S0", false, false, Meant::Offered("S1", &both)),
        ];
        assert_eq!(Terms::push(&one, &digest).sha256(), all[0].sha256(), "the same is the same");
        let count = all.len();
        all.sort_by_key(|terms| terms.sha256().to_string());
        all.dedup_by_key(|terms| terms.sha256().to_string());
        assert_eq!(all.len(), count, "each differs from each");
    }
}
