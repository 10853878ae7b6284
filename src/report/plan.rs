//! A plan, told.

use crate::model::{duration_human, local_time, text};
use crate::plan::{ClockRule, Install, Op, Part, Plan, Procedure, Step, Topology};
use serde_json::Value;

/// Tells a plan to a person: each step with its reason, its length and the
/// time it can begin at the earliest, what an appliance installs by its own
/// plan, then what is skipped and when it ends.
pub fn plan_text(plan: &Plan) -> String {
    plan_lines(plan).collect::<Vec<_>>().join("\n")
}

/// The same line by line: the longest plan has sixty thousand.
pub fn plan_lines(plan: &Plan) -> impl Iterator<Item = String> {
    let mut begin = head(plan);
    if plan.steps.is_empty() {
        begin.push("nothing is left to install".to_owned());
    }
    if !plan.done.is_empty() && !plan.steps.is_empty() {
        begin.push(format!("done already: {}", plan.done.join(", ")));
    }
    let mut window = None;
    let steps = plan.steps.iter().enumerate().flat_map(move |(number, step)| {
        let mut lines = Vec::new();
        // The heading comes with the first step of each window only: steps of one window stand together.
        if let Some(next) = step.window_number.filter(|_| step.window_number != window) {
            window = step.window_number;
            lines.push(String::new());
            lines.push(format!("maintenance window {next}"));
        }
        lines.extend(step_lines(plan, plan.done.len() + number + 1, step));
        lines
    });
    let mut end = Vec::new();
    if !plan.skipped.is_empty() {
        end.push(String::new());
        end.push("not installed again:".to_owned());
        for skipped in &plan.skipped {
            end.push(format!("     {}: {}", text::one_line(&skipped.package.name), text::one_line(&skipped.why)));
        }
    }
    for note in &plan.notes {
        end.push(String::new());
        end.push(format!("note: {}", text::one_line(note)));
    }
    if !plan.steps.is_empty() {
        end.push(String::new());
        end.push(ending(plan));
    }
    begin.into_iter().chain(steps).chain(end)
}

/// Tells a step in one line.
pub fn step_text(step: &Step) -> String {
    let title = text::one_line(&step.title);
    match &step.op {
        // What an appliance fetches by itself has no size here.
        Op::Install { package, .. } if package.size_bytes == 0 => format!("{title} ({})", package.kind),
        Op::Install { package, .. } => {
            format!("{title} ({}, {})", package.kind, text::bytes(package.size_bytes))
        }
        _ => title,
    }
}

/// The plan as JSON; its keys are those of [`Plan`].
pub fn plan_json(plan: &Plan) -> Value {
    // `expect`, because a plan is made of our own types, which have no map with odd keys and no number that JSON lacks.
    serde_json::to_value(plan).expect("a plan has only text, numbers and lists")
}

/// What a plan is for, on whom.
fn head(plan: &Plan) -> Vec<String> {
    let of_one = |install: &Install, what: String| {
        let mut lines = vec![format!("plan for {}", text::one_line(&install.appliance.to_string())), what];
        lines.extend(install.clients_removed.as_deref().map(clients_removed));
        lines.push(String::new());
        lines
    };
    let of_two = |topology: Topology, what: &str, names: [String; 2], switch: String| {
        let [a, b] = names;
        let (first, second) = (topology.calls(Part::A), topology.calls(Part::B));
        vec![format!("plan {topology} for {what}: {first} is {a}, {second} is {b}{switch}")]
    };
    match &plan.procedure {
        Procedure::Single(install) => {
            of_one(install, format!("bundle {}, sequence {}", install.bundle.short(), install.sequence))
        }
        Procedure::Update(install) => of_one(install, "of what the appliance offers by itself".to_owned()),
        Procedure::Pair { order, names } => {
            let switch = order.switch();
            let switch = switch.map_or_else(String::new, |switch| format!(", address switched by {}", switch.word()));
            of_two(order.topology(), "a pair", names.clone().map(|name| name.to_string()), switch)
        }
        Procedure::Migrate { names } => {
            of_two(Topology::Migrate, "a site", names.clone().map(|name| name.to_string()), String::new())
        }
    }
}

fn step_lines(plan: &Plan, number: usize, step: &Step) -> Vec<String> {
    let on = plan.procedure.topology().map_or_else(String::new, |topology| format!("[{}] ", topology.calls(step.on)));
    // A moment that is the plan's own is "now". A time to the minute would be over when it is read.
    let begin = if step.not_before == plan.made {
        "now".to_owned()
    } else {
        format!("not before {}", local_time(step.not_before.up_to_minute()))
    };
    let mut lines = vec![format!("{number:>3}. {on}{}", step_text(step)), format!("     {begin}; {}", length(step))];
    lines.extend(step.op.menu().map(|menu| format!("     where: {menu}")));
    lines.extend(step.window.as_ref().map(|window| format!("     in the window: {}", window.local)));
    lines.push(format!("     why: {}", text::one_line(&step.why)));
    lines.extend(step.person.as_ref().map(|person| format!("     a person is needed for: {}", text::one_line(person))));
    if let Op::Upgrade { plan } = &step.op {
        // Indented, since the steps of one appliance are planned anew
        // when its turn comes, and only its course is told here.
        lines.extend(own_steps(plan));
    }
    lines
}

/// What an appliance does by its own plan, in few words.
fn own_steps(plan: &Plan) -> Vec<String> {
    let removed = plan.procedure.install().and_then(|install| install.clients_removed.as_deref());
    let mut lines: Vec<String> = removed.map(|why| format!("       - {}", clients_removed(why))).into_iter().collect();
    let at = |own: &Step| own.op.menu().map_or_else(String::new, |menu| format!(", at {menu}"));
    lines.extend(plan.steps.iter().map(|own| format!("       - {}{}", step_text(own), at(own))));
    lines.extend(plan.skipped.iter().map(|skipped| {
        format!("       - not {}: {}", text::one_line(&skipped.package.name), text::one_line(&skipped.why))
    }));
    lines
}

fn length(step: &Step) -> String {
    let (shortest, longest) = (duration_human(step.cost.min_secs), duration_human(step.cost.max_secs));
    match &step.op {
        Op::Check => "a moment".to_owned(),
        Op::Window => "as long as is agreed".to_owned(),
        // A soak that has begun has a rest; one that has not begins with
        // an install that is not confirmed yet, so it can have no time.
        Op::Soak { remaining_secs: Some(_), .. } => format!("still {shortest}"),
        Op::Soak { remaining_secs: None, .. } => format!("{shortest} from the confirmed install"),
        _ => format!("usually {shortest} to {longest}"),
    }
}

/// What it means that all client software was removed first.
fn clients_removed(reason: &str) -> String {
    let reason = text::one_line(reason);
    format!(
        "all client software was removed first ({reason}): no wait follows a site package, and all of it is installed \
         anew after the last"
    )
}

fn ending(plan: &Plan) -> String {
    // A time of the appliance's clock is told as that: read off the
    // wall it would be wrong by as much as the clocks differ.
    let clock = match plan.clock {
        ClockRule::Both => "",
        ClockRule::Appliance => ", by the appliance's clock",
    };
    let pause = match plan.procedure {
        Procedure::Single(_) | Procedure::Update(_) => ", if nobody pauses",
        Procedure::Pair { .. } => ", and the pause between the windows on top",
        Procedure::Migrate { .. } => "",
    };
    format!(
        "done at the earliest by {}, by the longest estimates by {}{clock}{pause}",
        local_time(plan.earliest_end.up_to_minute()),
        local_time(plan.latest_end.up_to_minute())
    )
}
