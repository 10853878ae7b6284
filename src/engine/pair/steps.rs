//! One step of a pair's plan.

use super::PairEngine;
use crate::engine::EngineError;
use crate::engine::question::PairQuestion;
use crate::engine::team::{Follows, Run, Team};
use crate::model::{Failure, text};
use crate::plan::{Op, Part, Step};

impl<'a> Follows<'a> for PairEngine<'a> {
    fn team(&mut self) -> &mut Team<'a> {
        &mut self.team
    }

    fn act(&mut self, step: &Step, run: &mut Run) -> Result<(), Failure> {
        match &step.op {
            Op::Soak { after, .. } => self.team.soak(step.on, after),
            Op::Backup => self.team.backup(step.on),
            Op::Sync => self.sync(run, &step.id, step.on),
            Op::Break => self.break_up(step.on),
            Op::Upgrade { .. } => self.team.install(step.on, run),
            Op::Verify { hosts_file } => self.verify(step.on, *hosts_file, run),
            Op::Window => self.window(step),
            Op::SessionData => {
                let on = self.team.name(step.on);
                self.team.must_agree(&PairQuestion::IsDataPulled { on })
            }
            Op::Switch { by } => {
                self.switch(*by, step.on, run.shared_host.as_deref())?;
                self.team.serves(step.on, run.id)
            }
            Op::IntegrationClient => {
                let on = self.team.name(step.on);
                self.team.must_agree(&PairQuestion::CanDataBePulled { on })
            }
            Op::Establish => self.establish(step.on, run),
            Op::Check
            | Op::Install { .. }
            | Op::ExportCertificate
            | Op::ImportCertificate
            | Op::AssignAddress
            | Op::Restore
            | Op::Entry
            | Op::Confirm
            | Op::Reset
            | Op::ShutDown => unreachable!("a failover pair's plan has no such step"),
        }
    }
}

impl PairEngine<'_> {
    /// Has a person test the new version, and says how. Source: guide, "verify and test".
    fn verify(&mut self, part: Part, hosts_file: bool, run: &Run) -> Result<(), Failure> {
        let name = self.team.name(part);
        let status =
            self.team.member_mut(part).appliance.status().map_err(|error| Failure::from(error).about(&name))?;
        let version = status.site_version.as_ref().map_or_else(|| "the new version".to_owned(), ToString::to_string);
        let mut lines = vec![String::new(), format!("By hand: verify and test {name}, which shows site {version}")];
        let mut steps = Vec::new();
        let mut line = None;
        if hosts_file {
            let member = self.team.member(part);
            let address = member.address.clone().unwrap_or_else(|| format!("(the IP address of {name})"));
            let host = run.shared_host.as_deref().map_or_else(|| status.appliance.host.clone(), str::to_owned);
            let added = format!("{address} {}", text::one_line(&host));
            steps.push(format!("on two machines or more that reach {name}, add this line to the hosts file: {added}"));
            steps.push(
                "the file is /etc/hosts, or C:\\Windows\\System32\\drivers\\etc\\hosts; take the line out again afterwards"
                    .to_owned(),
            );
            line = Some(added);
        }
        let machine = if hosts_file { "one of them" } else { "any machine" };
        steps.push(format!(
            "start a console on {machine}: it updates itself, and Help > About (in Portuguese: Ajuda > Sobre) shows {version}"
        ));
        steps.push("make a session with a remote computer, and see that it works as it should".to_owned());
        steps.push("consoles installed by MSI on locked machines may have to be installed anew".to_owned());
        lines.extend(steps.iter().enumerate().map(|(number, step)| format!("  {}. {step}", number + 1)));
        self.team.teller.say(&lines.join("\n"));
        self.team
            .teller
            .event("verify", serde_json::json!({ "on": part, "name": name, "version": version, "hosts_line": line }));
        self.team.must_agree(&PairQuestion::IsVerified { on: name })
    }

    /// Waits for the second window. Where the appliance has maintenance
    /// windows of its own, those decide when its install begins.
    fn window(&mut self, step: &Step) -> Result<(), Failure> {
        if self.team.member(step.on).rules.policy.windows.is_some() {
            return Ok(());
        }
        let name = self.team.name(step.on);
        if self.team.ask(&PairQuestion::HasSecondWindowBegun { on: name.clone() })? {
            return Ok(());
        }
        Err(EngineError::SecondWindow { name, again: self.team.again.clone() }.into())
    }
}
