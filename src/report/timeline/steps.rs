//! The steps of a plan, a row each.

use crate::model::{duration_human, text};
use crate::plan::{Op, Part, Plan, Step};
use crate::report::page::{Markup, fill, moment};
use crate::report::plan::step_text;
use crate::report::wording::PageWords;

/// A step with its number, and whose it is.
pub(super) struct Numbered<'a> {
    pub number: String,
    pub on: Part,
    pub step: &'a Step,
}

/// All steps; those of an appliance's own plan stand below the step that follows it, and are that appliance's.
pub(super) fn numbered(plan: &Plan) -> Vec<Numbered<'_>> {
    let mut all = Vec::new();
    for (at, step) in plan.steps.iter().enumerate() {
        let (number, on) = ((plan.done.len() + at + 1).to_string(), step.on);
        all.push(Numbered { number: number.clone(), on, step });
        if let Op::Upgrade { plan: own } = &step.op {
            let own = own.steps.iter().enumerate();
            all.extend(own.map(|(at, step)| Numbered { number: format!("{number}.{}", at + 1), on, step }));
        }
    }
    all
}

/// The steps as a table.
pub(super) fn table(plan: &Plan, names: &[&str], words: &PageWords) -> Markup {
    let heads = [words.record, words.plan_step, words.plan_begins, words.plan_length];
    let classes = ["number", "", "when", "length"];
    let head: Markup = classes.iter().zip(heads).map(|(class, head)| Markup::class("th", class, head)).collect();
    let row = |Numbered { number, on, step }: Numbered<'_>| {
        let told = told(plan, (on, step), names, words);
        let begins = match step.not_before == plan.made {
            true => Markup::from(words.plan_now),
            false => moment(step.not_before.up_to_minute(), words),
        };
        let window = step.window.as_ref().map(|window| {
            Markup::el("div", fill(words.plan_window, &[("window", text::one_line(&window.local).into())]))
        });
        let begins = begins.and(window.unwrap_or_default());
        let cells = [Markup::from(number), told, begins, length(step, words)];
        Markup::el("tr", heads.iter().zip(cells).map(|(head, cell)| Markup::cell(head, cell)).collect::<Markup>())
    };
    let rows: Markup = numbered(plan).into_iter().map(row).collect();
    Markup::class("table", "stack steps", Markup::el("thead", Markup::el("tr", head)).and(Markup::el("tbody", rows)))
}

/// What is done, on which appliance, why, and what a person is needed for.
fn told(plan: &Plan, (on, step): (Part, &Step), names: &[&str], words: &PageWords) -> Markup {
    let name = |part: Part| names.get(part.index()).copied().unwrap_or_default();
    let mut told = Markup::inline("strong", words.said(&step_text(step)));
    if let Some(topology) = plan.procedure.topology() {
        told.push(Markup::inline("small", format!(" [{}: {}]", topology.calls(on), name(on))));
    }
    told.push(Markup::el("div", words.said(&step.why)));
    if let Op::Install { package, .. } = &step.op
        && let Some(sha256) = &package.sha256
    {
        told.push(Markup::el(
            "div",
            Markup::inline("small", Markup::from("SHA-256 ").and(Markup::code(&sha256.to_string()))),
        ));
    }
    if let Some(person) = &step.person {
        let needed = fill(words.plan_person_for, &[("what", words.said(person).into())]);
        told.push(Markup::el("div", Markup::inline("em", needed)));
    }
    told
}

fn length(step: &Step, words: &PageWords) -> Markup {
    let (shortest, longest) = (duration_human(step.cost.min_secs), duration_human(step.cost.max_secs));
    let between = [("shortest", shortest.as_str().into()), ("longest", longest.into())];
    let words = match &step.op {
        Op::Check => words.length_moment,
        Op::Window => words.length_agreed,
        Op::Soak { remaining_secs: Some(_), .. } => words.length_rest,
        Op::Soak { remaining_secs: None, .. } => words.length_from_install,
        _ => words.length_usual,
    };
    fill(words, &between)
}
