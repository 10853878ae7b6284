//! An appliance's certificates: which it has, and which its address shows.

use super::fault::Fault;
use super::faults::Faults;

/// A certificate on an appliance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whom it is issued to.
    pub issued_to: String,
    /// Its fingerprint, by which it is known.
    pub fingerprint: String,
    /// The addresses it is assigned to.
    pub addresses: Vec<String>,
    /// Whether it came from another appliance.
    pub imported: bool,
}

/// All of them; the first is the appliance's own.
#[derive(Debug, Clone)]
pub struct Certificates(Vec<Certificate>);

impl Certificates {
    /// The appliance's own alone, with its address.
    pub fn new(issued_to: &str, fingerprint: &str, address: &str) -> Self {
        let (issued_to, fingerprint) = (issued_to.to_owned(), fingerprint.to_owned());
        Certificates(vec![Certificate { issued_to, fingerprint, addresses: vec![address.to_owned()], imported: false }])
    }

    /// All of them.
    pub fn all(&self) -> &[Certificate] {
        &self.0
    }

    /// The one of that fingerprint.
    pub fn find(&self, fingerprint: &str) -> Option<&Certificate> {
        self.0.iter().find(|own| own.fingerprint == fingerprint)
    }

    /// Takes one from another appliance; it shows nothing yet.
    pub fn import(&mut self, issued_to: &str, fingerprint: &str) {
        if self.find(fingerprint).is_none() {
            let (issued_to, fingerprint) = (issued_to.to_owned(), fingerprint.to_owned());
            self.0.push(Certificate { issued_to, fingerprint, addresses: Vec::new(), imported: true });
        }
    }

    /// Assigns the appliance's address to the one of that fingerprint, and to no other.
    pub fn assign(&mut self, fingerprint: &str, address: &str) {
        for own in &mut self.0 {
            own.addresses = if own.fingerprint == fingerprint { vec![address.to_owned()] } else { Vec::new() };
        }
    }

    /// Forgets those that came from elsewhere; its own has `address` again.
    pub fn forget_imported(&mut self, address: &str) {
        self.0.retain(|own| !own.imported);
        self.0.iter_mut().for_each(|own| own.addresses = vec![address.to_owned()]);
    }

    /// Whether the page warns of this one.
    pub fn is_warned_of(own: &Certificate, faults: &Faults) -> bool {
        own.imported && faults.armed(Fault::CertificateWarning)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_certificate_has_the_address() {
        let mut all = Certificates::new("host", "own", "10.0.0.1");
        all.import("site", "brought");
        all.import("site", "brought");
        all.assign("brought", "10.0.0.1");
        let shown: Vec<_> = all.all().iter().map(|own| (own.fingerprint.as_str(), own.addresses.len())).collect();
        assert_eq!(shown, [("own", 0), ("brought", 1)]);
        all.forget_imported("10.0.0.1");
        assert_eq!((all.all().len(), all.all()[0].addresses.len()), (1, 1));
    }
}
