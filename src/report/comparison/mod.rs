//! One appliance at two moments, side by side: what changed, and what did not.
//!
//! What was not seen at both moments is told as that, and is no change. Who is
//! connected changes by the minute: it is told, and is no change either.

mod page;
mod told;

pub use page::comparison_html;
pub use told::{comparison_json, comparison_text};

use crate::model::{FailoverRole, Id, Timestamp, Version};
use std::collections::{BTreeMap, BTreeSet};

/// Seconds by which two clocks may drift apart from one look to the next, and nothing changed.
// A page may show its clock to the minute, and takes a moment to be read.
const CLOCK_NOISE_SECS: i64 = 60;

/// Where what was seen is known from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SightOf {
    /// The appliance itself, just now.
    Now,
    /// A file that it was kept in.
    File(String),
    /// The journal: what it showed before the first install of this run.
    Run(Id),
}

/// An appliance as it was seen at one moment. What was not seen is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Where it is known from.
    pub of: SightOf,
    /// When, by our clock.
    pub at: Timestamp,
    /// Its model.
    pub model: Option<String>,
    /// Its host name.
    pub host: Option<String>,
    /// Version of the base software.
    pub base: Option<Version>,
    /// Version of the site software.
    pub site: Option<Version>,
    /// Whether it had no site software at all.
    pub no_site: bool,
    /// Build of the site software.
    pub build: Option<String>,
    /// Titles it listed as installed.
    pub installed: Option<Vec<String>>,
    /// Titles it offered to install.
    pub offered: Option<Vec<String>>,
    /// Its role in a failover pair.
    pub role: Option<FailoverRole>,
    /// Seconds its clock was ahead of ours.
    pub clock_ahead_secs: Option<i64>,
    /// When the certificate ends that it showed.
    pub certificate_until: Option<Timestamp>,
    /// How many Jump Clients may update at once.
    pub update_limit: Option<u64>,
    /// The steps that a person does there.
    pub by_hand: Option<Vec<&'static str>>,
    /// Clients that were connected, by the API's name of their type.
    pub connected: Option<BTreeMap<String, u64>>,
}

impl Sight {
    /// One of which nothing is known yet.
    pub fn new(of: SightOf, at: Timestamp) -> Self {
        Sight {
            of,
            at,
            model: None,
            host: None,
            base: None,
            site: None,
            no_site: false,
            build: None,
            installed: None,
            offered: None,
            role: None,
            clock_ahead_secs: None,
            certificate_until: None,
            update_limit: None,
            by_hand: None,
            connected: None,
        }
    }
}

/// What is compared, besides packages and who is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Facet {
    Model,
    Host,
    Base,
    Site,
    Build,
    Role,
    Clock,
    Certificate,
    UpdateLimit,
    Offered,
    ByHand,
}

impl Facet {
    const ALL: [Facet; 11] = [
        Facet::Base,
        Facet::Site,
        Facet::Build,
        Facet::Role,
        Facet::Clock,
        Facet::Certificate,
        Facet::UpdateLimit,
        Facet::Offered,
        Facet::ByHand,
        Facet::Model,
        Facet::Host,
    ];

    /// What it was; `None` where nobody saw it.
    fn of(self, sight: &Sight) -> Option<Value> {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty()).map(Value::Text);
        let version = |version: &Option<Version>| version.as_ref().map(|version| Value::Text(version.to_string()));
        match self {
            Facet::Model => text(&sight.model),
            Facet::Host => text(&sight.host),
            Facet::Base => version(&sight.base),
            Facet::Site if sight.no_site => Some(Value::NoSite),
            Facet::Site => version(&sight.site),
            Facet::Build => text(&sight.build),
            Facet::Role => sight.role.map(Value::Role),
            Facet::Clock => sight.clock_ahead_secs.map(Value::Ahead),
            Facet::Certificate => sight.certificate_until.map(Value::Until),
            Facet::UpdateLimit => sight.update_limit.map(Value::Count),
            Facet::Offered => sight.offered.as_ref().map(|titles| Value::Titles(titles.iter().cloned().collect())),
            Facet::ByHand => sight.by_hand.clone().map(Value::Steps),
        }
    }
}

/// What a facet was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Text(String),
    NoSite,
    Role(FailoverRole),
    /// Seconds.
    Ahead(i64),
    Until(Timestamp),
    Count(u64),
    Titles(BTreeSet<String>),
    Steps(Vec<&'static str>),
}

impl Value {
    fn is_as(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Ahead(one), Value::Ahead(other)) => one.saturating_sub(*other).abs() <= CLOCK_NOISE_SECS,
            (one, other) => one == other,
        }
    }
}

/// What became of a facet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Changed,
    Same,
    /// It was not seen at both moments.
    Unknown,
}

/// One facet at both moments.
#[derive(Debug)]
struct Facing {
    facet: Facet,
    before: Option<Value>,
    after: Option<Value>,
}

impl Facing {
    fn change(&self) -> Change {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before.is_as(after) => Change::Same,
            (Some(_), Some(_)) => Change::Changed,
            _ => Change::Unknown,
        }
    }
}

/// The titles that were listed at both moments, or at one of them.
#[derive(Debug)]
struct Packages {
    added: Vec<String>,
    gone: Vec<String>,
    kept: usize,
}

/// An appliance at two moments.
#[derive(Debug)]
pub struct Comparison {
    before: (SightOf, Timestamp),
    after: (SightOf, Timestamp),
    facets: Vec<Facing>,
    /// `None` where it did not list them both times.
    packages: Option<Packages>,
    /// How many were connected, by type.
    connected: Vec<(String, Option<u64>, Option<u64>)>,
}

impl Comparison {
    /// Compares what was seen `before` with what was seen `after`.
    pub fn of(before: Sight, after: Sight) -> Self {
        // A journal keeps less than a file does: what it never has is nothing that somebody failed to see.
        let is_kept = |value: &Option<Value>| value.is_some() || !matches!(before.of, SightOf::Run(_));
        let facets = Facet::ALL.into_iter().filter_map(|facet| {
            let (before, after) = (facet.of(&before), facet.of(&after));
            let is_told = is_kept(&before) && (before.is_some() || after.is_some());
            is_told.then_some(Facing { facet, before, after })
        });
        Comparison {
            facets: facets.collect(),
            packages: Option::zip(before.installed.as_ref(), after.installed.as_ref())
                .map(|(before, after)| packages(before, after)),
            connected: match (&before.connected, &after.connected) {
                (Some(before), Some(after)) => {
                    let kinds: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                    let count = |kind: &String| (kind.clone(), before.get(kind).copied(), after.get(kind).copied());
                    kinds.into_iter().map(count).collect()
                }
                _ => Vec::new(),
            },
            before: (before.of, before.at),
            after: (after.of, after.at),
        }
    }

    /// Whether anything is known to be other than it was.
    pub fn is_changed(&self) -> bool {
        let moved = |packages: &Packages| !packages.added.is_empty() || !packages.gone.is_empty();
        self.packages.as_ref().is_some_and(moved) || self.with(Change::Changed).next().is_some()
    }

    fn with(&self, change: Change) -> impl Iterator<Item = &Facing> {
        self.facets.iter().filter(move |facing| facing.change() == change)
    }
}

fn packages(before: &[String], after: &[String]) -> Packages {
    let (before, after): (BTreeSet<&String>, BTreeSet<&String>) = (before.iter().collect(), after.iter().collect());
    Packages {
        added: after.difference(&before).map(|title| (*title).clone()).collect(),
        gone: before.difference(&after).map(|title| (*title).clone()).collect(),
        kept: before.intersection(&after).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Tongue;
    use crate::report::{About, Imprint};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn sight() -> Sight {
        Sight {
            model: Some("B200".into()),
            base: Version::parse("3.3.2"),
            site: Version::parse("10.5.3"),
            installed: Some(vec!["Base 3.3.2".into(), "Bomgar 10.5.3".into()]),
            offered: Some(vec!["Base 3.4.0".into()]),
            role: Some(FailoverRole::Primary),
            clock_ahead_secs: Some(-3),
            update_limit: Some(100),
            by_hand: Some(vec!["backup"]),
            connected: Some(BTreeMap::from([("pinned_client".into(), 40)])),
            ..Sight::new(SightOf::File("before.json".into()), at("2026-03-04T22:00:00Z"))
        }
    }

    fn later() -> Sight {
        Sight { of: SightOf::Now, at: at("2026-03-04T23:30:00Z"), ..sight() }
    }

    #[test]
    fn a_clock_that_drifts_and_clients_that_come_and_go_are_no_change() {
        let connected = Some(BTreeMap::from([("pinned_client".into(), 38)]));
        let same = Comparison::of(sight(), Sight { clock_ahead_secs: Some(40), connected, ..later() });
        assert!(!same.is_changed());
        let lines = comparison_text(&same, Tongue::En).join("\n");
        assert!(lines.contains("Nothing changed.") && lines.contains("pinned_client"), "{lines}");
        assert!(lines.contains("40 -> 38") && !lines.contains("\nChanged"), "{lines}");
        assert!(Comparison::of(sight(), Sight { clock_ahead_secs: Some(90), ..later() }).is_changed());
    }

    #[test]
    fn each_change_is_told_with_what_was_and_what_is_in_both_languages() {
        let upgraded = Sight {
            base: Version::parse("3.4.0"),
            installed: Some(vec!["Base 3.4.0".into(), "Bomgar 10.5.3".into()]),
            offered: Some(Vec::new()),
            role: None,
            by_hand: Some(Vec::new()),
            ..later()
        };
        let told = Comparison::of(sight(), upgraded);
        let lines = comparison_text(&told, Tongue::En).join("\n");
        for there in ["3.3.2 -> 3.4.0", "new: Base 3.4.0", "gone: Base 3.3.2", "primary -> not seen", "backup -> none"]
        {
            assert!(lines.contains(there), "{there}: {lines}");
        }
        assert!(!lines.contains("Nothing changed"), "{lines}");
        let page = |language| {
            let imprint = Imprint { language, program: "handcarry-inside", made: later().at, by: "rui".into() };
            comparison_html(&told, About { name: "<b>".into(), ..About::default() }, &imprint)
        };
        let (en, pt) = (page(Tongue::En), page(Tongue::Pt));
        assert!(en.contains("Base 3.4.0") && en.contains("&lt;b&gt;") && !en.contains("<b>"), "{en}");
        assert!(pt.contains("Versão da base") && pt.contains("não visto") && pt.contains("mudou"), "{pt}");
        let event = comparison_json(&told);
        assert_eq!(event["is_changed"], true);
        assert_eq!((&event["added"][0], &event["kept"]), (&"Base 3.4.0".into(), &1.into()));
    }

    #[test]
    fn what_a_journal_never_keeps_is_not_missed() {
        let of = SightOf::Run(Id::random());
        let told = Comparison::of(Sight { of, model: None, update_limit: None, ..sight() }, later());
        assert!(told.with(Change::Unknown).next().is_none() && !told.is_changed());
        let file = Comparison::of(Sight { model: None, ..sight() }, later());
        assert_eq!(file.with(Change::Unknown).count(), 1, "a file could have had it");
    }
}
