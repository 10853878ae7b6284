//! A plan over several appliances, told.

use crate::model::{duration_human, text};
use crate::plan::{Deed, Topology, TopologyPlan, TopologyStep};
use serde_json::Value;

/// Tells such a plan to a person: each step with its appliance, window and
/// reason, what each appliance installs in between, and when it ends.
pub fn topology_text(plan: &TopologyPlan) -> String {
    let called = |part| plan.topology.calls(part);
    let parts: Vec<String> = plan.parts.iter().map(|(part, name)| format!("{} is {name}", called(*part))).collect();
    let switch = plan.switch.map_or_else(String::new, |switch| format!(", address switched by {}", switch.word()));
    let of = if plan.topology == Topology::Migrate { "a site" } else { "a pair" };
    let mut lines = vec![format!("plan {} for {of}: {}{switch}", plan.topology, parts.join(", "))];
    if plan.steps.is_empty() {
        lines.push("nothing is left to install".to_owned());
        return lines.join("\n");
    }
    if !plan.done.is_empty() {
        lines.push(format!("done already: {}", plan.done.join(", ")));
    }
    let mut window = 0;
    for (number, step) in plan.steps.iter().enumerate() {
        if step.window != window && plan.topology != Topology::Migrate {
            window = step.window;
            lines.push(String::new());
            lines.push(format!("maintenance window {window}"));
        }
        let number = plan.done.len() + number + 1;
        lines.push(format!("{number:>3}. [{}] {}", called(step.on), text::one_line(&step.title)));
        lines.push(format!("     {}; {}", beginning(plan, step), length(step)));
        lines.push(format!("     why: {}", text::one_line(&step.reason)));
        if let Some(person) = &step.person {
            lines.push(format!("     a person is needed for: {}", text::one_line(person)));
        }
        lines.extend(own_steps(step));
    }
    lines.push(String::new());
    let pause = if plan.topology == Topology::Migrate { "" } else { ", and the pause between the windows on top" };
    lines.push(format!(
        "done at the earliest by {}, by the longest estimates by {}{pause}",
        plan.earliest_end.up_to_minute().human(),
        plan.latest_end.up_to_minute().human()
    ));
    lines.join("\n")
}

/// Such a plan as JSON; its keys are those of [`TopologyPlan`].
pub fn topology_json(plan: &TopologyPlan) -> Value {
    serde_json::to_value(plan).expect("a plan has only text, numbers and lists")
}

fn own_steps(step: &TopologyStep) -> Vec<String> {
    let Deed::Install { plan } = &step.deed else { return Vec::new() };
    let removed = plan.clients_removed.as_deref().map(super::plan::clients_removed);
    let removed = removed.map(|line| format!("       - {line}"));
    let mut lines: Vec<String> = removed.into_iter().collect();
    lines.extend(plan.steps.iter().map(|own| format!("       - {}", super::step_text(own))));
    let skipped = plan.skipped.iter();
    lines.extend(skipped.map(|skipped| {
        format!("       - not {}: {}", text::one_line(&skipped.package.name), text::one_line(&skipped.reason))
    }));
    lines
}

fn beginning(plan: &TopologyPlan, step: &TopologyStep) -> String {
    match step.earliest == plan.made {
        true => "now".to_owned(),
        false => format!("not before {}", step.earliest.up_to_minute().human()),
    }
}

fn length(step: &TopologyStep) -> String {
    match step.estimate.max_secs {
        0 => "as long as is agreed".to_owned(),
        max_secs => format!("usually {} to {}", duration_human(step.estimate.min_secs), duration_human(max_secs)),
    }
}
