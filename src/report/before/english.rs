//! The preparations in English.

use super::{ChecklistWords, KeptBackup, Preparation, Readiness, Unasked};
use crate::language::Tongue;
use crate::report::wording::time_in;
use std::collections::BTreeMap;

pub(super) struct EnglishChecklist;

impl ChecklistWords for EnglishChecklist {
    fn title(&self, name: &str) -> String {
        format!("Before the upgrade of {name}")
    }

    fn summary(&self) -> String {
        "Each of these is to be done before the first package is installed; some can't be done afterwards. What could \
         be seen from here is ticked."
            .to_owned()
    }

    fn subject(&self, subject: Preparation, ready: &Readiness) -> (&'static str, String) {
        let name = &ready.name;
        match subject {
            Preparation::ReleaseNotes => (
                "What is new, and whether it is your turn",
                "Read the product change log of each version up to the new one. Major versions are handed out on a \
                 schedule to customers with a maintenance contract: the vendor sends a mail when it is your turn. In \
                 doubt which packages to install in what order, send vendor support (help.bomgar.com) a picture of \
                 /appliance > Status > Basics."
                    .to_owned(),
            ),
            Preparation::Users => (
                "Users are told",
                format!(
                    "The site is away meanwhile: all users who are logged in are disconnected and all sessions end. An \
                     install usually takes between {} and {}, much longer where much data such as session recordings \
                     is stored. Tell everybody when it begins.",
                    ready.takes.0, ready.takes.1
                ),
            ),
            Preparation::Window => (
                "A maintenance window",
                "Install in a scheduled maintenance window, at hours of little traffic.".to_owned(),
            ),
            Preparation::Backup => (
                "A backup with logged history",
                format!(
                    "push makes one and keeps it before the first install; handcarry-inside backup {name} makes one \
                     now. By hand: /login > Management > Software Management, Download Backup with Include logged \
                     history ticked. A backup whose password is lost is useless: keep the password apart from it. Back up \
                     anew each time settings change; a recurring backup can be set up, too (www.bomgar.com/autobackup). \
                     After a hardware failure the vendor can host the site for a while from its last backup. Recordings, \
                     and of the file store files of 200 KB and more or beyond the fiftieth, are in none."
                ),
            ),
            Preparation::Certificates => (
                "Certificates, with their private key",
                "push exports it before the backup and keeps the file for its owner alone. By hand: at /appliance > \
                 Security > Certificates, tick the certificate that has the active IP address and \
                 export it with its private key and its chain, under a passphrase; keep the file in a safe place until the next update. It \
                 is what brings the site up again where an update fails."
                    .to_owned(),
            ),
            Preparation::OldMsi => (
                "The old MSI of the consoles",
                "Keep a copy of the MSI that consoles were deployed with now: only it can remove those installations, \
                 the new MSI can not, and once the site software is updated the site gives the new one only."
                    .to_owned(),
            ),
            Preparation::NewConsoles => (
                "New consoles for locked-down computers",
                format!(
                "Only where vendor support has enabled extractable consoles for this site: press Check for Updates at \
                 /appliance > Updates, then take the new MSI from the console installers link (in Portuguese: \
                 Instaladores de Console de Suporte Técnico), and deploy it; handcarry-inside before {name} --fetch-installers DIR saves \
                 it. The new consoles stay offline until the appliance is updated. The old console need not be uninstalled: the new one takes its place."
                ),
            ),
            Preparation::JumpClientRate => (
                "Jump Clients updating at once",
                "After a site package all of them update; too many at once overload the appliance and the network. \
                 Lower the Maximum Number of Concurrent Jump Client Upgrades at /login > Jump > Jump Clients before the \
                 update, and raise it again when all have updated."
                    .to_owned(),
            ),
            Preparation::OfflineClients => (
                "Clients that are away for long",
                format!(
                    "Jump Clients need at least 24 hours between two site packages, and those whose computers are \
                     offline need longer: one that misses a version may have to be installed anew by hand. Where 24 \
                     hours can't pass, remove all client software first (consoles, Jump Clients, Jumpoints, Buttons, \
                     connection agents), say so with handcarry-inside push MEDIA {name} --clients-removed --reason \
                     TEXT, and install all of it anew at the end."
                ),
            ),
            Preparation::Connected => (
                "What is connected now",
                format!(
                "Look at /login > Status > Information and note which clients are connected, and how many: the same \
                 page shows afterwards who is back. Where an API account is enrolled, handcarry-inside status {name} \
                 --save FILE keeps the numbers with all else that it shows, and status {name} --compare FILE tells \
                 afterwards what changed."
                ),
            ),
            Preparation::Trial => (
                "The update is tried",
                format!(
                    "Try it in a controlled environment before it is for real: handcarry-inside rehearse MEDIA {name} \
                     shows its course and changes nothing. Two appliances in failover are best tried one after the \
                     other, with --topology failover-async."
                ),
            ),
        }
    }

    fn backup(&self, backup: &KeptBackup) -> String {
        let history = match backup.history {
            Some(true) => ", with logged history",
            Some(false) => ", without logged history",
            None => "",
        };
        let age = if backup.fresh { "" } else { "; another is made before an install" };
        format!("kept since {}{history}{age}", time_in(Tongue::En, backup.at))
    }

    fn no_backup(&self) -> String {
        "no backup is kept here yet".to_owned()
    }

    fn certificate(&self, at: &str, fresh: bool) -> String {
        let age = if fresh { "" } else { "; it is exported anew before an install" };
        format!("exported on {at}{age}")
    }

    fn window(&self, local: &str) -> String {
        format!("the next one: {local}")
    }

    fn no_window(&self) -> String {
        "the inventory names no maintenance window that is long enough".to_owned()
    }

    fn limit(&self, limit: u64, advised: Option<u64>) -> String {
        let advised = advised.map_or_else(String::new, |advised| format!("; {advised} at most is advised"));
        format!("{limit} may update at once now{advised}")
    }

    fn installers(&self, files: &[String]) -> String {
        format!("saved, and to be deployed: {}", files.join(", "))
    }

    fn connected(&self, counts: &BTreeMap<String, u64>) -> String {
        let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        format!("connected now, by the site's API: {}", counts.join(", "))
    }

    fn unasked(&self, why: &Unasked) -> String {
        match why {
            Unasked::NoAccount => "The site tells nothing of its clients.".to_owned(),
            Unasked::LeftAlone => "The site was not looked at.".to_owned(),
            Unasked::Failed(why) => format!("The site could not be looked at ({why})."),
        }
    }
}
