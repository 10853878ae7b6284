//! A person verifies and tests what was installed.

use crate::engine::question::PairQuestion;
use crate::engine::run::Run;
use crate::model::{Failure, text};
use crate::plan::Part;

impl Run<'_> {
    /// Has a person test the new version, and says how. Source: guide, "verify and test".
    pub(super) fn verify(&mut self, part: Part, hosts_file: bool) -> Result<(), Failure> {
        let name = self.name(part);
        let status = self.status(part)?;
        let version = status.site_version.as_ref().map_or_else(|| "the new version".to_owned(), ToString::to_string);
        let mut lines = vec![String::new(), format!("By hand: verify and test {name}, which shows site {version}")];
        let mut steps = Vec::new();
        let mut line = None;
        if hosts_file {
            let side = self.side(part);
            let address = side.address.clone().unwrap_or_else(|| format!("(the IP address of {name})"));
            let host = self.shared_host.as_deref().map_or_else(|| status.appliance.host.clone(), str::to_owned);
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
        self.teller.say(&lines.join("\n"));
        self.teller
            .event("verify", serde_json::json!({ "on": part, "name": name, "version": version, "hosts_line": line }));
        self.must_agree(&PairQuestion::IsVerified { on: name })
    }
}
