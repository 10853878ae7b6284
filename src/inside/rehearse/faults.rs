//! Faults as they are ordered on the command line, and the step they strike.

use crate::console::{Console, kind};
use crate::model::{Exit, Failure, text};
use crate::plan::{Op, Part, Plan, Topology};
use crate::simulator::{Befalls, Face, Fault, Moment, Simulated, SimulatedPair};

/// A fault, and the step it is to strike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderedFault {
    /// The fault.
    fault: Fault,
    /// The step's number or id, or which of two appliances; `None` for the
    /// first that it can befall.
    step: Option<String>,
}

/// Reads `FAULT` or `FAULT@STEP`.
pub(super) fn parse(written: &str) -> Result<OrderedFault, String> {
    let (name, step) = match written.split_once('@') {
        Some((_, "")) => return Err("after the @ stands a step, by its number or id".to_owned()),
        Some((name, step)) => (name, Some(step.to_owned())),
        None => (written, None),
    };
    let known = Fault::named(name).filter(|fault| fault.is_played_by(Face::Rehearsal));
    let fault = known.ok_or("no fault of a rehearsal has that name; --list-faults shows them")?;
    Ok(OrderedFault { fault, step })
}

/// Lists every fault.
pub(super) fn list(console: &Console) {
    for fault in Fault::of(Face::Rehearsal) {
        let (name, befalls, meaning) = (fault.name(), fault.befalls().word(), fault.meaning());
        console.event(&kind::FAULT, serde_json::json!({ "name": name, "befalls": befalls, "meaning": meaning }));
        console.say(fault.listed());
    }
}

/// Tells the appliances, and what is `between` two, what is to go wrong.
///
/// # Errors
/// A [`Failure`] where the plan has no such step, or the fault can't befall it.
pub(super) fn order(
    faults: &[OrderedFault],
    topology: Option<Topology>,
    plan: &Plan,
    appliances: &mut [Simulated],
    between: &SimulatedPair,
) -> Result<(), Failure> {
    let Some(topology) = topology else {
        return faults.iter().try_for_each(|ordered| ordered.order(plan, &mut appliances[0]));
    };
    let mut of_pair = Vec::new();
    let installs = plan.steps.iter().find(|step| matches!(step.op, Op::Upgrade { .. }));
    for ordered in faults {
        let (side, fault) = (ordered.side(topology)?, ordered.fault);
        match fault.befalls() {
            // Where nobody says on which, on the one that installs first.
            Befalls::Backup | Befalls::Install => {
                let part = side.or(installs.map(|step| step.on)).unwrap_or(Part::B);
                appliances[part.index()].faults.push(fault);
            }
            Befalls::Pair if topology != Topology::Migrate => of_pair.push(fault),
            Befalls::Migration if topology == Topology::Migrate => {
                let part = side.unwrap_or(if fault.befalls_old() { Part::A } else { Part::B });
                appliances[part.index()].site.faults.borrow_mut().push(fault);
            }
            _ => {
                let what = format!("the fault {fault} can't befall {topology}");
                return Err(Failure::new(Exit::Usage, what)
                    .hint("handcarry-inside rehearse --list-faults tells what each can befall"));
            }
        }
    }
    between.set_faults(&of_pair);
    Ok(())
}

impl OrderedFault {
    fn order(&self, plan: &Plan, appliance: &mut Simulated) -> Result<(), Failure> {
        let fault = self.fault;
        if !matches!(fault.befalls(), Befalls::Backup | Befalls::Install) {
            let what = format!("the fault {} befalls two appliances, and one is rehearsed", fault.name());
            return Err(Failure::new(Exit::Usage, what).hint("name both, with --topology"));
        }
        match &self.step {
            None => appliance.faults.push(fault),
            Some(step) => appliance.faults.push_at(moment(fault, step, plan)?, fault),
        }
        Ok(())
    }

    /// Which of two appliances it was ordered for; `None` where nobody said.
    ///
    /// # Errors
    /// A [`Failure`] where it was ordered for neither.
    fn side(&self, topology: Topology) -> Result<Option<Part>, Failure> {
        let Some(said) = &self.step else { return Ok(None) };
        let parts = [Part::A, Part::B];
        let part = parts.into_iter().find(|part| topology.calls(*part).eq_ignore_ascii_case(said));
        part.map(Some).ok_or_else(|| {
            let [a, b] = parts.map(|part| topology.calls(part));
            Failure::new(
                Exit::Usage,
                format!("a fault of two appliances strikes {a} or {b}, not {:?}", text::one_line(said)),
            )
            .hint(format!("write it as FAULT, FAULT@{a} or FAULT@{b}"))
        })
    }
}

/// When the appliance comes to a step of the plan.
fn moment(fault: Fault, wanted: &str, plan: &Plan) -> Result<Moment, Failure> {
    let number = wanted.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    // By number first, since no id is one.
    let index = number.filter(|at| *at < plan.steps.len());
    let index = index.or_else(|| plan.steps.iter().position(|step| step.id == wanted));
    let Some(index) = index else {
        let ids: Vec<String> =
            plan.steps.iter().enumerate().map(|(n, step)| format!("{} {}", n + 1, text::one_line(&step.id))).collect();
        let steps = if ids.is_empty() { "nothing is left to install".to_owned() } else { ids.join(", ") };
        return Err(Failure::new(Exit::NotFound, format!("the plan has no step {:?}", text::one_line(wanted)))
            .hint(format!("its steps are: {steps}")));
    };
    let step = &plan.steps[index];
    match (&step.op, fault.befalls()) {
        (Op::Install { package, .. }, Befalls::Install) => Ok(Moment::Package(package.file.clone())),
        (Op::Backup, Befalls::Backup) => {
            let before = plan.steps[..index].iter().filter(|step| step.op == Op::Backup).count();
            Ok(Moment::Backup(before + 1))
        }
        (_, befalls) => {
            let kind = if befalls == Befalls::Backup { "a backup" } else { "an install" };
            let (name, id) = (fault.name(), text::one_line(&step.id));
            Err(Failure::new(Exit::Usage, format!("the fault {name} befalls {kind}, and step {id} is none"))
                .hint("handcarry-inside rehearse --list-faults tells which step each can befall"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::run::tests::chain;
    use super::*;

    #[test]
    fn a_fault_is_a_name_and_perhaps_a_step() {
        let read = |written| parse(written).map(|ordered| (ordered.fault.name(), ordered.step));
        assert_eq!(read("upload-cut"), Ok(("upload-cut", None)));
        assert_eq!(read("install-fails@4"), Ok(("install-fails", Some("4".to_owned()))));
        assert_eq!(read("reset-hangs@old"), Ok(("reset-hangs", Some("old".to_owned()))));
        for bad in ["", "flood", "front-blocks", "upload-cut@", "@3"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_fault_has_a_side_where_there_are_two() {
        let side = |written, topology| parse(written).expect("a fault").side(topology);
        assert_eq!(side("reset-hangs@OLD", Topology::Migrate).ok(), Some(Some(Part::A)));
        assert_eq!(side("install-fails@b", Topology::FailoverSync).ok(), Some(Some(Part::B)));
        assert_eq!(side("install-fails", Topology::FailoverSync).ok(), Some(None));
        assert_eq!(side("install-fails@4", Topology::Migrate).expect_err("no side").exit, Exit::Usage);
    }

    #[test]
    fn a_step_is_found_by_number_and_by_id() {
        let plan = chain();
        let ids: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(
            ids,
            ["check", "backup-1", "install-p0.nss", "install-p1.nss", "soak-1", "backup-2", "install-p2.nss"]
        );
        let package = |file: &str| Moment::Package(crate::model::FileName::parse(file).expect("a name"));
        let fails = Fault::InstallFails;
        assert_eq!(moment(fails, "4", &plan).expect("found"), package("p1.nss"));
        assert_eq!(moment(fails, "install-p2.nss", &plan).expect("found"), package("p2.nss"));
        let empty = Fault::BackupEmpty;
        assert_eq!(moment(empty, "6", &plan).expect("found"), Moment::Backup(2));
        assert_eq!(moment(empty, "backup-1", &plan).expect("found"), Moment::Backup(1));
        for (fault, step, exit) in [
            (fails, "0", Exit::NotFound),
            (fails, "8", Exit::NotFound),
            (fails, "install-p9.nss", Exit::NotFound),
            (fails, "backup-1", Exit::Usage),
            (empty, "3", Exit::Usage),
            (empty, "soak-1", Exit::Usage),
        ] {
            assert_eq!(moment(fault, step, &plan).expect_err(step).exit, exit, "{step}");
        }
    }
}
