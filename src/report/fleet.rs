//! Where each appliance of a desk stands, on one page.

use super::page::{About, Imprint, Markup, Page, fill, moment};
use super::wording::PageWords;
use crate::model::{FailoverRole, Timestamp, text};
use crate::plan::Held;

/// One appliance, as it was last seen.
pub struct FleetRow {
    /// Who it is.
    pub about: About,
    /// The groups of the inventory that it is in.
    pub groups: Vec<String>,
    /// Its versions, where they were seen.
    pub base: Option<String>,
    /// See `base`.
    pub site: Option<String>,
    /// When that was.
    pub seen: Option<Timestamp>,
    /// Its role in a failover pair.
    pub role: Option<FailoverRole>,
    /// The other one of its pair, by the inventory.
    pub partner: Option<String>,
    /// Where it stands, in the word that events have.
    pub stands: &'static str,
    /// What holds the next install; `None` where nothing does.
    pub held: Option<Held>,
    /// When the last backup was kept, and whether it is fresh enough for an install.
    pub backup: Option<(Timestamp, bool)>,
    /// When the last receipt was signed.
    pub receipt: Option<Timestamp>,
    /// When what its certificate is believed by ends.
    pub trusted_until: Option<Timestamp>,
    /// Why it could not be asked; `None` where it was, or nobody asked.
    pub unanswered: Option<String>,
}

/// The fleet as one page.
pub fn fleet_html(rows: &[FleetRow], imprint: &Imprint) -> String {
    let words = imprint.words();
    let heads = [
        words.appliance,
        words.fleet_versions,
        words.fleet_role,
        words.fleet_stands,
        words.fleet_next,
        words.fleet_backup,
        words.receipt,
        words.fleet_certificate,
    ];
    let head: Markup = heads.iter().map(|head| Markup::el("th", *head)).collect();
    let row = |row: &FleetRow| {
        let cells = heads.iter().zip(cells(row, imprint.made, words));
        Markup::el("tr", cells.map(|(head, cell)| Markup::cell(head, cell)).collect::<Markup>())
    };
    let body: Markup = rows.iter().map(row).collect();
    let table = Markup::el("thead", Markup::el("tr", head)).and(Markup::el("tbody", body));
    let summary = vec![fill(words.fleet_summary, &[("count", rows.len().to_string().into())])];
    let body = Markup::class("table", "stack fleet", table);
    Page { title: words.fleet_title.into(), summary, about: Vec::new(), body, is_signed: false }.html(imprint)
}

fn cells(row: &FleetRow, now: Timestamp, words: &PageWords) -> [Markup; 8] {
    let line = |text: &str| Markup::el("div", text::one_line(text));
    let small = |told: Markup| Markup::el("div", Markup::inline("small", told));
    let when = |at: Option<Timestamp>| at.map_or("–".into(), |at| moment(at, words));
    let mut who = Markup::el("div", Markup::inline("strong", text::one_line(&row.about.name)));
    for told in [&row.about.serial, &row.about.host, &row.groups.join(", ")].into_iter().filter(|it| !it.is_empty()) {
        who.push(small(text::one_line(told).into()));
    }
    let version = |name: &str, version: &Option<String>| line(&format!("{name} {}", version.as_deref().unwrap_or("–")));
    let mut versions = version(words.fleet_base, &row.base).and(version(words.fleet_site, &row.site));
    if let Some(at) = row.seen {
        versions.push(small(of(words.fleet_seen, moment(at, words))));
    }
    let role = row.role.filter(|role| *role != FailoverRole::None || row.partner.is_none());
    let mut pair = line(role.map_or("–", |role| words.term(role.word())));
    if let Some(partner) = &row.partner {
        pair.push(small(of(words.fleet_with, text::one_line(partner).into())));
    }
    let mut stands = line(&words.stands(row.stands));
    if let Some(why) = &row.unanswered {
        stands.push(small(of(words.fleet_unanswered, words.said(why).into())));
    }
    let next = match row.held {
        None => words.fleet_any_time.into(),
        Some(Held::NoWindow) => words.fleet_no_window.into(),
        Some(Held::Soak(until)) => when(Some(until)).and(small(words.fleet_soak.into())),
        Some(Held::Window(until)) => when(Some(until)).and(small(words.fleet_window.into())),
    };
    let over = |at: &Timestamp| *at <= now;
    let flagged = |cell: Markup, flag: &'static str| cell.and(Markup::class("div", "wrong", flag));
    let backup = match row.backup {
        Some((at, false)) => flagged(when(Some(at)), words.fleet_old),
        other => when(other.map(|(at, _)| at)),
    };
    let certificate = match row.trusted_until.filter(over) {
        Some(at) => flagged(when(Some(at)), words.fleet_over),
        None => when(row.trusted_until),
    };
    [who, versions, pair, stands, next, backup, when(row.receipt), certificate]
}

/// A few words of ours about one thing.
fn of(words: &'static str, it: Markup) -> Markup {
    fill(words, &[("it", it)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Tongue;

    #[test]
    fn each_appliance_is_a_row_and_what_is_old_or_over_is_said() {
        let at = |text: &str| Timestamp::parse(text).expect("a time");
        let about = About { name: "<script>".into(), serial: "S1".into(), host: "h".into(), bundles: Vec::new() };
        let row = FleetRow {
            about,
            groups: vec!["<i>".into()],
            base: Some("3.4.0".into()),
            site: None,
            seen: Some(at("2026-03-01T10:00:00Z")),
            role: Some(FailoverRole::Primary),
            partner: Some("beta".into()),
            stands: "waiting",
            held: Some(Held::Soak(at("2026-03-09T10:00:00Z"))),
            backup: Some((at("2026-01-01T10:00:00Z"), false)),
            receipt: None,
            trusted_until: Some(at("2026-02-01T10:00:00Z")),
            unanswered: Some("no route <b>".into()),
        };
        let made = at("2026-03-08T09:00:00Z");
        let page = |language| {
            fleet_html(
                std::slice::from_ref(&row),
                &Imprint { language, program: "handcarry-inside", made, by: "rui".into() },
            )
        };
        let (en, pt) = (page(Tongue::En), page(Tongue::Pt));
        for there in [
            "3.4.0",
            "primary",
            "with beta",
            "too old for an install",
            "over",
            "clients update",
            "no route &lt;b&gt;",
            "&lt;script&gt;",
        ] {
            assert!(en.contains(there), "{there}: {en}");
        }
        for there in ["primário", "com beta", "velho demais para uma instalação", "vencido", "os clientes se atualizam"]
        {
            assert!(pt.contains(there), "{there}: {pt}");
        }
        assert!(!en.contains("<script") && !en.contains("<i>"), "{en}");
    }
}
