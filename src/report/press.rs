//! What comes before the first press, told: what will be installed on what,
//! whose sessions end, when it is over.

use crate::model::{FileName, PackageKind, Sha256Digest, Timestamp, local_time, text};
use crate::plan::{Op, Part, Plan, Step};
use serde::Serialize;
use std::collections::BTreeMap;

/// From so many Jump Clients on the limit of those that update at once matters.
/// The guide asks to lower the number and names none; these are ours.
const MANY: u64 = 100;
/// One in so many Jump Clients may update at once.
const SHARE: u64 = 20;
/// No lower limit than this is advised.
const AT_LEAST: u64 = 10;

/// What a person is told before anything is pressed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PressNotice {
    /// The digest by which it can be agreed to beforehand.
    pub plan_sha256: Sha256Digest,
    /// The appliances, in the order they were named.
    pub on: Vec<PressOn>,
    /// What is left to do, in order, in a few words each.
    pub steps: Vec<String>,
    /// Whether something is pressed as soon as it begins: no wait stands first.
    pub presses: bool,
    /// Whether people are thrown out by it.
    pub ends_sessions: bool,
    /// What is connected to the site now, by the API's name of its type; `None`
    /// where the site has no API that tells.
    pub connected: Option<BTreeMap<String, u64>>,
    /// How many Jump Clients may update at once; `None` where no site package is left.
    pub limit: Option<Limit>,
    /// When it is over at the earliest, by our clock.
    pub earliest_end: Timestamp,
    /// When it is over by the longest estimates, by our clock.
    pub latest_end: Timestamp,
    /// The maintenance window of the first install; `None` where it needs none.
    pub window: Option<String>,
    /// Whether windows are configured.
    pub has_windows: bool,
}

/// One appliance of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PressOn {
    /// Its name in the inventory.
    pub name: FileName,
    /// Its serial number.
    pub serial: String,
}

/// How many Jump Clients may update at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// As the site's page shows it; `None` where that can't be read.
    pub shown: Option<u64>,
}

impl PressNotice {
    /// What is to come of a plan on appliances of these names and serial
    /// numbers. `now` is our clock; what only the appliance tells is left open.
    pub fn of_plan(plan: &Plan, on: &[(&FileName, &str)], now: Timestamp, plan_sha256: Sha256Digest) -> Self {
        // Each plan that installs: the appliance's own, or those of two.
        let own = || plan.upgrades().map(|(_, own)| own).chain([plan]);
        let installs = || own().flat_map(|plan| &plan.steps).filter(|step| matches!(step.op, Op::Install { .. }));
        let windows = || installs().filter_map(|step| step.window.as_ref());
        let one = |(name, serial): &(&FileName, &str)| PressOn { name: (*name).clone(), serial: (*serial).to_owned() };
        PressNotice {
            plan_sha256,
            on: on.iter().map(one).collect(),
            steps: plan.steps.iter().flat_map(|step| told(plan, step)).collect(),
            presses: presses_now(plan),
            ends_sessions: plan.steps.iter().any(|step| ends_sessions(plan, &step.op)),
            connected: None,
            limit: own().any(has_site).then_some(Limit { shown: None }),
            // Shifted to our clock: the plan may have been made by the appliance's, and a person looks at the wall.
            earliest_end: now.plus_secs(plan.earliest_end.secs_since(plan.made)),
            latest_end: now.plus_secs(plan.latest_end.secs_since(plan.made)),
            window: windows().next().map(|window| window.local.clone()),
            has_windows: windows().next().is_some(),
        }
    }

    /// Tells all of it but the advice, a line each.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("to be agreed to, before anything is pressed on {}:", self.appliances())];
        lines.extend(self.steps.iter().enumerate().map(|(at, step)| format!("  {}. {step}", at + 1)));
        if self.ends_sessions {
            lines.push(format!("  {}", self.sessions()));
        }
        lines.push(format!("  {}", self.ends()));
        lines.push(format!("  {}", self.when()));
        let before = self.on.first().filter(|_| self.ends_sessions);
        lines.extend(before.map(|on| format!("  what must be done before: handcarry-inside before {}", on.name)));
        lines.push(format!("  agreed to by the SHA-256 {}", self.plan_sha256));
        lines
    }

    /// Tells it in one line, for one of many appliances.
    pub fn line(&self) -> String {
        let sessions = if self.ends_sessions { format!("; {}", self.sessions()) } else { String::new() };
        format!("{}: {}{sessions}; {}", self.appliances(), self.steps.join(", then "), self.ends())
    }

    /// Names the appliances.
    pub fn appliances(&self) -> String {
        let one = |on: &PressOn| format!("{} (serial {})", on.name, text::one_line(&on.serial));
        self.on.iter().map(one).collect::<Vec<_>>().join(" and ")
    }

    /// The names alone.
    pub fn names(&self) -> String {
        self.on.iter().map(|on| on.name.to_string()).collect::<Vec<_>>().join(" and ")
    }

    /// What is advised where many clients update at once; `None` where the
    /// number is low, or no client updates.
    pub fn advice(&self) -> Option<String> {
        let limit = self.limit?.shown;
        let clients = self.connected.as_ref().and_then(|counts| counts.get("pinned_client")).copied();
        let lower = "lower that number now, and raise it again when they have updated";
        match (clients, limit) {
            // Few clients, or a limit that is low already: advice that
            // changes nothing would train people to pass over the rest.
            (Some(clients), _) if clients < MANY => None,
            (Some(clients), Some(limit)) if limit <= advised(clients) => None,
            (Some(clients), Some(limit)) => Some(format!(
                "the site lets {limit} of {clients} Jump Clients update at once, which may overload it: \
                 {} at most is advised (/login > Jump > Jump Clients); {lower}",
                advised(clients)
            )),
            (Some(clients), None) => Some(format!(
                "{clients} Jump Clients will update: look under /login > Jump > Jump Clients how many may at once; \
                 {} at most is advised; {lower}",
                advised(clients)
            )),
            (None, Some(limit)) if limit <= AT_LEAST => None,
            (None, Some(limit)) => Some(format!(
                "the site lets {limit} Jump Clients update at once (/login > Jump > Jump Clients): many of them may \
                 overload it and the network; where there are many, {lower}"
            )),
            (None, None) => Some(format!(
                "Jump Clients will update: look under /login > Jump > Jump Clients how many may at once; where there \
                 are many, {lower}"
            )),
        }
    }

    fn sessions(&self) -> String {
        let ends = "are thrown out and all sessions end while an appliance installs and restarts";
        // Without an API the sessions are told without numbers: they end all the same.
        let Some(counts) = &self.connected else { return format!("all users {ends}") };
        let count = |kind: &str| counts.get(kind).copied().unwrap_or(0);
        format!(
            "{} and {} are connected now: all users {ends}",
            text::counted(count("representative"), "technician"),
            text::counted(count("support_customer"), "customer")
        )
    }

    fn ends(&self) -> String {
        let (earliest, latest) = (local_time(self.earliest_end), local_time(self.latest_end));
        format!("over between {earliest} and {latest}, if nobody pauses")
    }

    fn when(&self) -> String {
        match &self.window {
            Some(window) => format!("in the maintenance window {window}"),
            None if self.has_windows => "not bound to a maintenance window".to_owned(),
            None => "no maintenance window is set in inventory.toml: begin in hours of low traffic".to_owned(),
        }
    }
}

/// Whether a plan presses something as soon as the appliance was looked at:
/// neither a soak nor a window is waited for. Of two appliances each asks anew
/// when its turn comes.
fn presses_now(plan: &Plan) -> bool {
    if plan.procedure.topology().is_some() {
        return !plan.steps.is_empty();
    }
    let looks = plan.steps.iter().take_while(|step| step.op == Op::Check);
    let looked = plan.made.plus_secs(looks.map(|step| step.cost.min_secs).sum());
    // The looks at the beginning take some seconds, and what follows
    // may start as soon as they are over; that is "now" to a person.
    let first = plan.steps.iter().find(|step| step.op != Op::Check);
    first.is_some_and(|step| !matches!(step.op, Op::Soak { .. }) && step.not_before <= looked)
}

fn advised(clients: u64) -> u64 {
    // A share of few clients would be a limit of one or two, and the last of them would wait for long.
    (clients / SHARE).max(AT_LEAST)
}

fn has_site(plan: &Plan) -> bool {
    plan.installs().any(|package| package.kind == PackageKind::Site)
}

/// Whether those who work with the site notice a step: of one appliance's plan
/// its installs, of two appliances' all but what is only looked at or saved.
fn ends_sessions(plan: &Plan, op: &Op) -> bool {
    match plan.procedure.topology() {
        None => matches!(op, Op::Install { .. }),
        // Told by exclusion: a step that is added later counts as noticed until somebody says otherwise.
        Some(_) => !matches!(
            op,
            Op::Backup | Op::ExportCertificate | Op::Verify { .. } | Op::Confirm | Op::Reset | Op::ShutDown
        ),
    }
}

/// One step in a few words; of two appliances with whose it is, and of an
/// upgrade what it installs.
fn told(plan: &Plan, step: &Step) -> Vec<String> {
    let Some(names) = plan.procedure.names() else {
        let is_told = step.op != Op::Check;
        return is_told.then(|| text::one_line(&step.title)).into_iter().collect();
    };
    let line = |step: &Step, on: Part| format!("{}: {}", names[on.index()], text::one_line(&step.title));
    match &step.op {
        Op::Upgrade { plan: own } => {
            own.steps.iter().filter(|own| own.op != Op::Check).map(|own| line(own, step.on)).collect()
        }
        _ => vec![line(step, step.on)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(connected: Option<&[(&str, u64)]>, limit: Option<u64>) -> PressNotice {
        let now = Timestamp::UNIX_EPOCH;
        PressNotice {
            plan_sha256: Sha256Digest::of(b"plan"),
            on: vec![PressOn { name: FileName::parse("lisboa").expect("a name"), serial: "S1".to_owned() }],
            steps: vec!["back up the site's settings".to_owned(), "install Bomgar 10.6.2".to_owned()],
            presses: true,
            ends_sessions: true,
            connected: connected.map(|counts| counts.iter().map(|(kind, n)| ((*kind).to_owned(), *n)).collect()),
            limit: Some(Limit { shown: limit }),
            earliest_end: now,
            latest_end: now.plus_secs(3600),
            window: None,
            has_windows: false,
        }
    }

    #[test]
    fn whose_sessions_end_is_told_with_their_number_where_the_site_counts_them() {
        let told = |press: PressNotice| press.lines().join("\n");
        let counted = told(press(Some(&[("representative", 1), ("support_customer", 3)]), None));
        assert!(
            counted.contains("1 technician and 3 customers are connected now: all users are thrown out"),
            "{counted}"
        );
        let uncounted = told(press(None, None));
        assert!(uncounted.contains("  all users are thrown out and all sessions end"), "{uncounted}");
        assert!(
            uncounted.contains("on lisboa (serial S1):\n  1. back up") && uncounted.contains("hours of low traffic")
        );
    }

    #[test]
    fn a_high_limit_of_clients_that_update_at_once_is_told_with_and_without_a_count() {
        let advice = |clients: Option<u64>, limit| {
            let counts = clients.map(|clients| vec![("pinned_client", clients)]);
            press(counts.as_deref(), limit).advice()
        };
        assert_eq!(advice(Some(99), Some(99)), None, "few clients");
        assert_eq!(advice(Some(400), Some(20)), None, "it was lowered");
        assert!(
            advice(Some(400), Some(21)).is_some_and(|said| said.contains("21 of 400") && said.contains("20 at most"))
        );
        assert!(advice(Some(400), None).is_some_and(|said| said.contains("400 Jump Clients")));
        assert_eq!(advice(None, Some(10)), None, "low enough for any site");
        assert!(
            advice(None, Some(50)).is_some_and(|said| said.contains("50 Jump Clients") && said.contains("raise it"))
        );
        assert!(advice(None, None).is_some(), "nobody could look");
        let mut no_site = press(None, Some(50));
        no_site.limit = None;
        assert_eq!(no_site.advice(), None, "no client updates");
    }
}
