//! A plan as a page for a change request: a line of time for each appliance,
//! with its windows and waits, then each step with its reason.

mod chart;
mod steps;
#[cfg(test)]
mod tests;

use super::page::{About, Imprint, Markup, Page, fill, moment, section};
use super::wording::PageWords;
use crate::model::{Package, Sha256Digest, text};
use crate::plan::{ClockRule, Plan, Procedure};
use std::collections::BTreeSet;

/// What a plan's page is made from.
pub struct PlanFacts<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The appliances, A's first.
    pub about: Vec<About>,
    /// The digest by which it is agreed to; `None` where nothing is left to do.
    pub agreed_by: Option<Sha256Digest>,
    /// The packages that are carried, for their release notes.
    pub carried: Vec<&'a Package>,
}

/// The plan as one page.
pub fn plan_html(facts: PlanFacts<'_>, imprint: &Imprint) -> String {
    let (plan, words) = (facts.plan, imprint.words());
    let names: Vec<&str> = facts.about.iter().map(|one| one.name.as_str()).collect();
    let mut body = Markup::default();
    if plan.steps.is_empty() {
        body.push(Markup::el("p", words.plan_empty));
    } else {
        body.push(section(words.plan_time, chart::drawn(plan, &names, words)));
        body.push(section(words.plan_steps, steps::table(plan, &names, words)));
    }
    let skipped = plan.skipped.iter().map(|skipped| {
        let name = Markup::inline("strong", text::one_line(&skipped.package.name));
        Markup::el("li", name.and(": ").and(text::one_line(&skipped.why)))
    });
    let notes = plan.notes.iter().map(|note| Markup::el("li", text::one_line(note)));
    for (head, list) in [(words.plan_skipped, skipped.collect::<Markup>()), (words.plan_notes, notes.collect())] {
        if !list.is_empty() {
            body.push(section(head, Markup::el("ul", list)));
        }
    }
    body.push(release_notes(&facts.carried, words));
    let title = match names.as_slice() {
        [first, second, ..] => fill(words.plan_title_two, &[("a", (*first).into()), ("b", (*second).into())]),
        _ => fill(words.plan_title, &[("name", names.first().copied().unwrap_or_default().into())]),
    };
    let summary = summary(&facts, words);
    Page { title, summary, about: facts.about, body, is_signed: true }.html(imprint)
}

/// What the vendor says is new, each package once.
fn release_notes(carried: &[&Package], words: &PageWords) -> Markup {
    let mut told = BTreeSet::new();
    let mut body = Markup::default();
    for package in carried.iter().filter(|package| told.insert(package.sha256)) {
        let Some(notes) = &package.notes else { continue };
        let lines: Markup = notes.lines().map(|line| Markup::el("p", text::one_line(line))).collect();
        body.push(Markup::el("h3", text::one_line(&package.name)).and(lines));
    }
    if body.is_empty() { body } else { section(words.plan_release_notes, body) }
}

/// When it is over, by whose clock, and what it is agreed to by.
fn summary(facts: &PlanFacts<'_>, words: &PageWords) -> Vec<Markup> {
    let plan = facts.plan;
    let mut lines = Vec::new();
    if let Some(topology) = plan.procedure.topology() {
        lines.push(fill(words.plan_topology, &[("topology", topology.to_string().into())]));
    }
    if let Procedure::Update(_) = plan.procedure {
        lines.push(words.plan_offered.into());
    }
    if let Some(reason) = plan.procedure.install().and_then(|install| install.clients_removed.as_deref()) {
        lines.push(fill(words.plan_removed, &[("reason", text::one_line(reason).into())]));
    }
    if plan.steps.is_empty() {
        return lines;
    }
    let end = |at| Markup::inline("strong", moment(at, words));
    let ends = [("earliest", end(plan.earliest_end.up_to_minute())), ("latest", end(plan.latest_end.up_to_minute()))];
    lines.push(fill(words.plan_ends, &ends));
    if plan.clock == ClockRule::Appliance {
        lines.push(words.plan_clock.into());
    }
    if let Some(sha256) = facts.agreed_by {
        lines.push(fill(words.plan_agreed, &[("sha256", Markup::code(&sha256.to_string()))]));
    }
    lines
}
