//! The checklist in English.

use super::Wording;
use crate::report::topic::{Topic, Unasked};

pub(in crate::report) struct English;

impl Wording for English {
    fn title(&self, name: &str) -> String {
        format!("After the upgrade of {name}")
    }

    fn untouched(&self, installed: &[String]) -> String {
        match installed {
            [] => "Nothing was installed by handcarry, so no client needs an update.".to_owned(),
            _ => format!(
                "Installed: {}. Base packages, licences and patches touch no client: nothing is left to do.",
                installed.join(", ")
            ),
        }
    }

    fn touched(&self, installed: &[String], site: &str, at: &str) -> String {
        format!(
            "Installed: {}. Clients update to {site}, confirmed at {at}. Look at each of these before the next \
             site package, and once at the end.",
            installed.join(", ")
        )
    }

    fn moment(&self, at: &str, own: bool) -> String {
        if own { format!("{at} by the appliance's clock") } else { at.to_owned() }
    }

    fn topic(&self, topic: Topic, site: &str, at: &str) -> (String, String) {
        let (title, text) = match topic {
            Topic::Test => (
                "The site works",
                format!(
                    "Log in with a console, read its version under Help > About ({site}), and hold one session \
                         with a remote computer."
                ),
            ),
            Topic::Consoles => (
                "Consoles",
                "Each updates itself when it is next started. Ask everybody to start theirs once.".to_owned(),
            ),
            Topic::MsiConsoles => (
                "Consoles deployed by MSI on locked-down computers",
                "These may have to be deployed again with a new MSI: where vendor support has enabled extractable \
                 consoles, check for updates and take it from the console installers link (in Portuguese: \
                 Instaladores de Console de Suporte Técnico). The old console need not be uninstalled first: the new \
                 one takes its place. Keep the old MSI: only it can remove an old installation, the new one can not."
                    .to_owned(),
            ),
            Topic::JumpClients => (
                "Jump Clients",
                format!(
                    "They update when they next check in, each from its computer outward to the appliance on TCP \
                     port 443: active ones at once; passive ones when their computer starts, when a console connects \
                     to it, when somebody has it check in from its icon in the system tray, and at least every 24 \
                     hours. Those whose computers stay offline take longer than that. One that is shown as connected \
                     in a console or at /login > Status > Information has updated. To be sure of all: export the \
                     list from a console with rights over all of them, sort it by Status Details, and see that each \
                     date is later than {at}."
                ),
            ),
            Topic::JumpClientRate => (
                "Jump Clients updating at once",
                "Where many of them weigh on the appliance or the network, lower the Maximum Number of Concurrent \
                 Jump Client Upgrades at /login > Jump > Jump Clients; raise it again when all have updated."
                    .to_owned(),
            ),
            Topic::Jumpoints => {
                ("Jumpoints", "They update by themselves. See that each is shown as connected.".to_owned())
            }
            Topic::Buttons => ("Buttons", "Each updates itself when it is first used again; try one.".to_owned()),
            Topic::ConnectionAgents => (
                "Connection agents",
                "They update by themselves after the site. See that logins through them work.".to_owned(),
            ),
            Topic::IntegrationClients => (
                "Integration clients",
                "They do not update by themselves: install each anew, with the installer from the Downloads page of \
                 help.bomgar.com."
                    .to_owned(),
            ),
            Topic::Installers => (
                "Installers made before",
                format!(
                    "Installers of Buttons, Jump Clients and consoles that were made before {at} are no longer \
                         valid: delete them where they are kept, and make new ones."
                ),
            ),
        };
        (title.to_owned(), text)
    }

    fn removed(&self, installed: &[String], site: &str, at: &str) -> String {
        format!(
            "Installed: {}. {site} is confirmed since {at}. All client software was removed before, so nothing updates \
             by itself: after the last package install all of it anew, with installers that are made after that time.",
            installed.join(", ")
        )
    }

    fn anew(&self, topic: Topic, site: &str, at: &str) -> (String, String) {
        let (title, text) = match topic {
            Topic::Test | Topic::IntegrationClients => return self.topic(topic, site, at),
            Topic::Consoles => (
                "Consoles",
                "They were removed: install each anew by hand, with the installer that the site gives now.",
            ),
            Topic::MsiConsoles => (
                "Consoles deployed by MSI on locked-down computers",
                "They were removed: deploy them anew with the new MSI, from the console installers link (in \
                 Portuguese: Instaladores de Console de Suporte Técnico). What the removal has left behind, only the \
                 old MSI can remove.",
            ),
            Topic::JumpClients => (
                "Jump Clients",
                "They were removed: make a new installer for each group and install each Jump Client anew by hand. One \
                 that is shown as connected in a console or at /login > Status > Information is back.",
            ),
            Topic::JumpClientRate => (
                "Jump Clients updating at once",
                "None is left to update: where the Maximum Number of Concurrent Jump Client Upgrades at /login > Jump > \
                 Jump Clients was lowered, raise it again.",
            ),
            Topic::Jumpoints => {
                ("Jumpoints", "They were removed: install each anew by hand, and see that it is shown as connected.")
            }
            Topic::Buttons => ("Buttons", "They were removed: make new ones and install each anew by hand; try one."),
            Topic::ConnectionAgents => (
                "Connection agents",
                "They were removed: install each anew by hand, and see that logins through them work.",
            ),
            Topic::Installers => return self.topic(topic, site, at),
        };
        (title.to_owned(), text.to_owned())
    }

    fn updated(&self, seen: u64) -> String {
        format!("all {seen} of shared groups have updated, by the site's API")
    }

    fn behind(&self, seen: u64, outdated: u64, wanted: u64) -> String {
        match outdated {
            0 => format!("not confirmed: {seen} of shared groups were seen, and {wanted} are asked for"),
            _ => format!("not confirmed: {outdated} of {seen} of shared groups have not updated, by the site's API"),
        }
    }

    fn personal(&self, seen: u64, connected: u64) -> String {
        format!(
            "not confirmed: {connected} are connected and only {seen} were counted; those of personal lists are in no count"
        )
    }

    fn connected(&self, count: u64) -> String {
        format!("not confirmed: {count} connected now, by the site's API; it does not tell of those that are not")
    }

    fn limit(&self, limit: u64) -> String {
        format!("{limit} may update at once now")
    }

    fn version(&self, version: &str, site: &str, sound: Option<bool>) -> String {
        let sound = match sound {
            Some(true) => ", and calls itself sound",
            Some(false) => ", and complains of itself: see its status",
            None => "",
        };
        format!("the site's API shows {version} (installed: {site}){sound}; a session was not tried")
    }

    fn nothing(&self) -> String {
        "not confirmed: the site's API tells nothing of it".to_owned()
    }

    fn unasked(&self, why: &Unasked) -> String {
        match why {
            Unasked::NoAccount => "Nothing is ticked: the inventory names no account for the site's API.".to_owned(),
            Unasked::LeftAlone => "Nothing is ticked: the site was not asked.".to_owned(),
            Unasked::Failed(why) => format!("Nothing is ticked: the site's API could not be asked ({why})."),
        }
    }
}
