//! A plan, told.

use crate::model::{duration_human, text};
use crate::plan::{Action, ClockRule, Estimate, Plan, Step};
use serde_json::Value;

/// Tells a plan to a person: each step with its reason, its length and the
/// time it can begin at the earliest, then what is skipped and when it ends.
pub fn plan_text(plan: &Plan) -> String {
    let mut lines = vec![
        format!("plan for {}", text::one_line(&plan.appliance.to_string())),
        match plan.offered {
            true => "of what the appliance offers by itself".to_owned(),
            false => format!("bundle {}, sequence {}", plan.bundle.short(), plan.sequence),
        },
    ];
    lines.extend(plan.clients_removed.as_deref().map(clients_removed));
    lines.push(String::new());
    for (number, step) in plan.steps.iter().enumerate() {
        lines.push(format!("{:>3}. {}", number + 1, step_text(step)));
        let begin = if step.earliest == plan.made {
            "now".to_owned()
        } else {
            format!("not before {}", step.earliest.up_to_minute().human())
        };
        lines.push(format!("     {begin}; {}", estimate_text(step)));
        if let Some(window) = &step.window {
            lines.push(format!("     in the window: {}", window.local));
        }
        lines.push(format!("     why: {}", text::one_line(&step.reason)));
        if let Some(person) = &step.person {
            lines.push(format!("     a person is needed for: {}", text::one_line(person)));
        }
    }
    if plan.steps.is_empty() {
        lines.push("nothing is left to install".to_owned());
    }
    if !plan.skipped.is_empty() {
        lines.push(String::new());
        lines.push("not installed again:".to_owned());
        for skipped in &plan.skipped {
            lines.push(format!("     {}: {}", text::one_line(&skipped.package.name), text::one_line(&skipped.reason)));
        }
    }
    for note in &plan.notes {
        lines.push(String::new());
        lines.push(format!("note: {}", text::one_line(note)));
    }
    if !plan.steps.is_empty() {
        lines.push(String::new());
        lines.push(ending(plan));
    }
    lines.join("\n")
}

/// Tells a step in one line.
pub fn step_text(step: &Step) -> String {
    let title = text::one_line(&step.title);
    match &step.action {
        // What an appliance fetches by itself has no size here.
        Action::Install { package, .. } if package.size_bytes == 0 => format!("{title} ({})", package.kind),
        Action::Install { package, .. } => {
            format!("{title} ({}, {})", package.kind, text::bytes(package.size_bytes))
        }
        _ => title,
    }
}

/// The plan as JSON; its keys are those of [`Plan`].
pub fn plan_json(plan: &Plan) -> Value {
    serde_json::to_value(plan).expect("a plan has only text, numbers and lists")
}

fn estimate_text(step: &Step) -> String {
    let Estimate { min_secs, max_secs } = step.estimate;
    match &step.action {
        Action::Check => "a moment".to_owned(),
        Action::Soak { remaining_secs: Some(_), .. } => format!("still {}", duration_human(min_secs)),
        Action::Soak { remaining_secs: None, .. } => format!("{} from the confirmed install", duration_human(min_secs)),
        _ => format!("usually {} to {}", duration_human(min_secs), duration_human(max_secs)),
    }
}

/// What it means that all client software was removed first.
pub(super) fn clients_removed(reason: &str) -> String {
    let reason = text::one_line(reason);
    format!(
        "all client software was removed first ({reason}): no wait follows a site package, and all of it is installed \
         anew after the last"
    )
}

fn ending(plan: &Plan) -> String {
    let clock = match plan.clock {
        ClockRule::Both => "",
        ClockRule::Appliance => ", by the appliance's clock",
    };
    format!(
        "done at the earliest by {}, by the longest estimates by {}{clock}, if nobody pauses",
        plan.earliest_end.up_to_minute().human(),
        plan.latest_end.up_to_minute().human()
    )
}
