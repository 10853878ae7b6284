//! What the vendor remembers of one appliance: its codes, who came with one,
//! and what was served.

use super::package::LabPackage;
use crate::model::{CODE_ALPHABET, Id, PackageKind, Version};
use serde::Serialize;
use serde_json::{Value, json};

/// What the vendor remembers.
pub(super) struct Shop {
    codes: Vec<Code>,
    visits: Vec<Visit>,
    /// One a package of the catalogue.
    served: Vec<ServedBytes>,
}

/// A download code and what the appliance was when it made it.
struct Code {
    text: String,
    base: Option<Version>,
    site: Option<Version>,
    used: bool,
}

/// A session at the vendor's page, with the packages its code opened.
struct Visit {
    cookie: String,
    packages: Vec<usize>,
}

/// How much of a package was served.
#[derive(Default, Clone, Serialize)]
struct ServedBytes {
    title: String,
    requests: u32,
    served_to_bytes: u64,
    complete: bool,
}

/// Why a code opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeRefused {
    Unknown,
    Spent,
}

impl Shop {
    pub(super) fn new(catalogue: &[LabPackage]) -> Self {
        let served = |package: &LabPackage| ServedBytes { title: package.title.clone(), ..ServedBytes::default() };
        Shop { codes: Vec::new(), visits: Vec::new(), served: catalogue.iter().map(served).collect() }
    }

    /// Makes a code for an appliance with this software.
    pub(super) fn new_code(&mut self, base: Option<Version>, site: Option<Version>) -> String {
        // 125 of an id's 128 random bits, five a letter.
        let random = u128::from_str_radix(&Id::random().to_string(), 16).expect("an id is hex");
        let letter = |at: u32| char::from(CODE_ALPHABET[(random >> (5 * at) & 31) as usize]);
        let letters: Vec<char> = (0..25).map(letter).collect();
        let text = letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-");
        self.codes.push(Code { text: text.clone(), base, site, used: false });
        text
    }

    /// The same code until it is used or the appliance is another than it was.
    pub(super) fn code(&mut self, base: Option<Version>, site: Option<Version>) -> String {
        let good = self.codes.last().filter(|code| !code.used && code.base == base && code.site == site);
        let known = good.map(|code| code.text.clone());
        known.unwrap_or_else(|| self.new_code(base, site))
    }

    /// Whether a code is this appliance's.
    pub(super) fn knows(&self, code: &str) -> bool {
        self.codes.iter().any(|own| own.text == code)
    }

    /// Takes a code and opens the list of what is newer; the session's cookie.
    pub(super) fn exchange(
        &mut self,
        code: &str,
        spent: bool,
        catalogue: &[LabPackage],
    ) -> Result<String, CodeRefused> {
        let code = self.codes.iter_mut().find(|own| own.text == code).ok_or(CodeRefused::Unknown)?;
        if code.used || spent {
            return Err(CodeRefused::Spent);
        }
        // Spent before anybody has seen the list, as with the real vendor: an answer that is lost costs the code.
        code.used = true;
        let newer = |package: &LabPackage| {
            let own = if package.kind == PackageKind::Base { &code.base } else { &code.site };
            own.as_ref().is_none_or(|own| package.version > *own)
        };
        let packages = (0..catalogue.len()).filter(|at| newer(&catalogue[*at])).collect();
        let cookie = Id::random().to_string();
        self.visits.push(Visit { cookie: cookie.clone(), packages });
        Ok(cookie)
    }

    /// The packages that a session's code opened.
    pub(super) fn opened(&self, cookie: &str) -> Option<Vec<usize>> {
        self.visits.iter().find(|visit| visit.cookie == cookie).map(|visit| visit.packages.clone())
    }

    /// Whether a package was served to its end.
    pub(super) fn is_gone(&self, index: usize) -> bool {
        self.served[index].complete
    }

    /// Counts a request for a package.
    pub(super) fn count(&mut self, index: usize) {
        self.served[index].requests += 1;
    }

    /// Keeps how far a package was served without a gap; at its last byte it
    /// is used up.
    pub(super) fn note_served(&mut self, index: usize, from: u64, to: u64, size_bytes: u64) {
        let served = &mut self.served[index];
        if from <= served.served_to_bytes {
            served.served_to_bytes = served.served_to_bytes.max(to);
        }
        served.complete |= served.served_to_bytes == size_bytes;
    }

    /// Puts every package back on the list.
    pub(super) fn restore(&mut self) {
        self.served.iter_mut().for_each(|served| (served.complete, served.served_to_bytes) = (false, 0));
    }

    /// What the control port tells.
    pub(super) fn told(&self) -> (Value, Value) {
        let used = self.codes.iter().filter(|code| code.used).count();
        (json!({ "made": self.codes.len(), "used": used }), json!(self.served))
    }
}
