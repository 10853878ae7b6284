//! A person verifies and tests what was installed.

use crate::console::kind;
use crate::engine::EngineError;
use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::{Failure, text};
use crate::plan::{Order, Part};

impl Run<'_> {
    /// Has a person test the new version, and says how. Source: guide, "verify and test".
    pub(super) fn verify(&mut self, part: Part, hosts_file: bool) -> Result<(), Failure> {
        let name = self.name(part);
        let status = self.status(part)?;
        let version = status.site_version.as_ref().map_or_else(|| "the new version".to_owned(), ToString::to_string);
        let mut lines = vec![String::new(), format!("By hand: verify and test {name}, which shows site {version}")];
        let host = text::one_line(self.shared_host.as_deref().unwrap_or(&status.appliance.host));
        let mut steps = Vec::new();
        let mut line = None;
        if hosts_file {
            let side = self.side(part);
            let address = side.address.clone().unwrap_or_else(|| format!("(the IP address of {name})"));
            let added = format!("{address} {host}");
            steps.push(format!("on two machines or more that reach {name}, add this line to the hosts file: {added}"));
            steps.push(
                "the file is /etc/hosts, or C:\\Windows\\System32\\drivers\\etc\\hosts; take the line out again afterwards"
                    .to_owned(),
            );
            line = Some(added);
        }
        let machine = if hosts_file { "on one of them" } else { "on any machine" };
        steps.push(format!(
            "start a console {machine} and have it connect to {host}, which is {name} there: it updates itself, and Help > \
             About shows {version}"
        ));
        steps.push("make a session with a remote computer, and see that it works as it should".to_owned());
        steps.push("consoles installed by MSI on locked machines may have to be installed anew".to_owned());
        lines.extend(steps.iter().enumerate().map(|(number, step)| format!("  {}. {step}", number + 1)));
        self.teller.say(&lines.join("\n"));
        self.teller.event(
            &kind::VERIFY,
            serde_json::json!({ "on": part, "appliance": name, "version": version, "hosts_line": line }),
        );
        match self.ask(&PairQuestion::IsVerified { on: name.clone(), host, version })? {
            true => Ok(()),
            false => Err(EngineError::NotVerified { back: self.way_back(part), name }.into()),
        }
    }

    /// Who can serve the site where the new version of `part` does not work.
    fn way_back(&self, part: Part) -> String {
        let (name, other) = (self.name(part), self.name(part.other()));
        match (self.rules.order, part) {
            (Order::FailoverSync, Part::A) => format!(
                "{other} still has the old version, and what it pulled before the relationship was broken; lead the site's \
                 address there, and it serves as before"
            ),
            (Order::FailoverAsync(_), Part::B) => {
                format!(
                    "nothing of the site has moved: {other} serves with the old version as before, without failover"
                )
            }
            // The other one is verified and serves by now.
            _ => format!(
                "{other} serves with the new version, and {name} can wait; until it is verified there is no failover"
            ),
        }
    }
}
