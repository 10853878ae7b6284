//! What became of each package, from where it came to the receipt.

use super::sentence::{Titles, tell};
use super::{AuditFacts, KeptManifest};
use crate::journal::Record;
use crate::model::{Package, PackageKey, Sha256Digest, Source, text};
use crate::report::page::{Markup, fact, fill, moment};
use crate::report::source;
use crate::report::wording::PageWords;
use serde_json::Value;

/// One package that was to be installed by one bundle, or by one run of what the appliance offers.
pub(super) struct Custody<'a> {
    pub bundle: &'a str,
    pub key: &'a str,
    /// What the journal says of the package.
    package: &'a Value,
    /// The records that tell of it, oldest first.
    pub records: Vec<&'a Record>,
    /// How its bundle was begun, the last time before it; `None` where the journal does not have that.
    pub begun: Option<&'a Record>,
    pub source: Option<Source>,
    pub kept: Option<&'a KeptManifest>,
}

/// Those that a journal tells of, in the order they were begun.
pub(super) fn of<'a>(facts: &'a AuditFacts<'_>) -> Vec<Custody<'a>> {
    let (mut all, mut begun): (Vec<Custody<'a>>, Option<&Record>) = (Vec::new(), None);
    for record in &facts.chain.records {
        if matches!(record.kind.as_str(), "push-begun" | "update-begun") {
            begun = Some(record);
        }
        let own = match record.fields.get("package").filter(|package| package.is_object()) {
            Some(package) => {
                let (bundle, key) = (member(package, "bundle"), member(package, "key"));
                let known = all.iter().position(|one| (one.bundle, one.key) == (bundle, key));
                known.unwrap_or_else(|| {
                    let begun = begun.filter(|record| of_bundle(record, bundle));
                    let kept = facts.manifests.iter().find(|kept| kept.manifest.bundle.to_string() == bundle);
                    all.push(Custody { bundle, key, package, records: Vec::new(), begun, source: None, kept });
                    all.len() - 1
                })
            }
            // Its bundle is that of the install that was begun last.
            None => match record.text("key").and_then(|key| all.iter().rposition(|one| one.key == key)) {
                Some(at) => at,
                None => continue,
            },
        };
        all[own].records.push(record);
        if let Some(source) = record.read("source") {
            all[own].source = Some(source);
        }
    }
    for one in all.iter_mut().filter(|one| one.source.is_none()) {
        one.source = one.signed_source(facts);
    }
    all
}

fn member<'a>(package: &'a Value, name: &str) -> &'a str {
    package.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Whether a run was begun with a bundle, or is the run of that id.
fn of_bundle(record: &Record, bundle: &str) -> bool {
    record.text("bundle").or_else(|| record.text("run")) == Some(bundle)
}

impl Custody<'_> {
    pub(super) fn title(&self) -> String {
        text::one_line(member(self.package, "name"))
    }

    /// The digest of its file; `None` where the appliance had it from elsewhere.
    fn sha256(&self) -> Option<Sha256Digest> {
        PackageKey::parse(self.key)?.digest()
    }

    /// What the kept manifest lists of it.
    fn carried(&self) -> Option<&Package> {
        let sha256 = self.sha256()?;
        self.kept?.manifest.packages.iter().find(|one| one.sha256 == sha256)
    }

    pub(super) fn has(&self, kind: &str) -> bool {
        self.records.iter().any(|record| record.kind == kind)
    }

    /// What its bundle's manifest, or a receipt, says of where it came from.
    fn signed_source(&self, facts: &AuditFacts<'_>) -> Option<Source> {
        let sha256 = self.sha256()?;
        let told = facts.receipts.iter().filter(|seen| seen.receipt.bundle.to_string() == self.bundle);
        let mut told = told.flat_map(|seen| &seen.receipt.packages).filter(|one| one.sha256 == sha256);
        self.carried()
            .map(|package| Source::clone(&package.source))
            .or_else(|| told.next().map(|package| package.source.clone()))
    }

    /// What receipts that were given say of it: the receipt, and the outcome.
    pub(super) fn outcomes<'b>(&self, facts: &'b AuditFacts<'_>) -> Vec<(String, &'b crate::model::Outcome)> {
        let Some(sha256) = self.sha256() else { return Vec::new() };
        let own = facts.receipts.iter().filter(|seen| seen.receipt.bundle.to_string() == self.bundle);
        own.flat_map(|seen| seen.receipt.packages.iter().map(move |package| (seen, package)))
            .filter(|(_, package)| package.sha256 == sha256)
            .map(|(seen, package)| (seen.receipt.receipt.to_string(), &package.outcome))
            .collect()
    }

    /// The records that say that a receipt was signed for its bundle since.
    pub(super) fn receipts<'b>(&self, facts: &'b AuditFacts<'_>) -> impl Iterator<Item = &'b Record> {
        let since = self.records.last().map_or(0, |record| record.seq);
        let bundle = self.bundle.to_owned();
        facts.chain.records.iter().filter(move |record| {
            record.kind == "receipt-signed" && record.seq > since && record.text("bundle") == Some(bundle.as_str())
        })
    }

    /// Its card.
    pub(super) fn card(&self, facts: &AuditFacts<'_>, titles: &Titles, words: &PageWords) -> Markup {
        let mut rows = Markup::default();
        let kind = words.term(member(self.package, "package_kind")).to_owned();
        let known = [(words.file, member(self.package, "file")), (words.version, member(self.package, "version"))];
        for (name, value) in known.into_iter().chain([(words.kind, kind.as_str())]).filter(|(_, it)| !it.is_empty()) {
            rows.push(fact(name, text::one_line(value)));
        }
        if let Some(sha256) = self.sha256() {
            rows.push(self.carried().map(|one| fact(words.size, text::bytes(one.size_bytes))).unwrap_or_default());
            rows.push(fact(words.sha256, Markup::code(&sha256.to_string())));
        }
        rows.push(fact(words.origin, self.origin(words)));
        rows.push(fact(words.carried_by, self.carriage(words)));
        let happened = self.records.iter().map(|record| {
            let when = Markup::inline("small", moment(record.time, words)).and(": ");
            Markup::el("div", when.and(tell(record, titles, words).sentence))
        });
        rows.push(fact(words.happened, happened.collect::<Markup>()));
        rows.push(fact(words.receipt, self.receipt(facts, words)));
        let card = Markup::el("h3", self.title()).and(Markup::el("table", Markup::el("tbody", rows)));
        Markup::class("div", "card", card)
    }

    fn origin(&self, words: &PageWords) -> Markup {
        match &self.source {
            None if PackageKey::parse(self.key).is_some_and(|key| key.is_offered()) => words.origin_fetched.into(),
            None => words.origin_unknown.into(),
            Some(source) => source::told(source, words),
        }
    }

    fn carriage(&self, words: &PageWords) -> Markup {
        let bundle = ("bundle", Markup::code(self.bundle));
        let Some(record) = self.begun.filter(|record| record.kind == "push-begun") else {
            return match self.begun {
                Some(_) => fill(words.carried_offered, &[bundle]),
                None => bundle.1,
            };
        };
        let list = |name: &str| {
            let names: Vec<String> = record.read(name).unwrap_or_default();
            text::one_line(&names.join(", "))
        };
        let keys = self.kept.map(|kept| kept.keys.join(", ")).filter(|keys| !keys.is_empty());
        let signers = Markup::from(list("signed_by"));
        let signers = match keys {
            Some(keys) => signers.and(" (").and(Markup::code(&keys)).and(")"),
            None => signers,
        };
        let sequence = record.fields.get("sequence").map(ToString::to_string).unwrap_or_default();
        let manifest = Markup::code(record.text("manifest_sha256").unwrap_or_default());
        let values = [bundle, ("sequence", sequence.into()), ("manifest_sha256", manifest), ("signed_by", signers)];
        let medium = record.text("medium").map(|medium| fill(words.carried_stick, &[("medium", medium.into())]));
        fill(words.carried, &values).and(medium.unwrap_or_default())
    }

    fn receipt(&self, facts: &AuditFacts<'_>, words: &PageWords) -> Markup {
        let signed = self.receipts(facts).map(|record| {
            let id = Markup::code(record.text("receipt").unwrap_or_default());
            let (at, seq) = (moment(record.time, words), record.seq.to_string().into());
            Markup::el("div", fill(words.receipt_signed, &[("receipt", id), ("at", at), ("seq", seq)]))
        });
        let says = self.outcomes(facts).into_iter().map(|(receipt, outcome)| {
            let outcome = words.term(super::word(outcome)).into();
            Markup::el("div", fill(words.receipt_says, &[("receipt", Markup::code(&receipt)), ("outcome", outcome)]))
        });
        let all: Markup = signed.chain(says).collect();
        if all.is_empty() { words.receipt_none.into() } else { all }
    }
}
