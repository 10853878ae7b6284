//! What must be done before an upgrade, by subject.
//!
//! Source: the vendor's guide, "Preparations for the upgrade" and "Client
//! updates". What is told here is too late once the site software is in.

mod english;
mod portuguese;

use super::checklist::{Checklist, Item};
use super::topic::Unasked;
use super::wording::time_in;
use crate::language::Tongue;
use crate::model::{Timestamp, text};
use english::EnglishChecklist;
use portuguese::PortugueseChecklist;
use serde::Serialize;
use std::collections::BTreeMap;

/// Something to be done before an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preparation {
    /// What changes, and whether it is one's turn.
    ReleaseNotes,
    /// Users know when the site is away.
    Users,
    /// When it is done.
    Window,
    /// Settings with history.
    Backup,
    /// Certificates with their private key.
    Certificates,
    /// The MSI that consoles were deployed with.
    OldMsi,
    /// Consoles that are deployed ahead of the update.
    NewConsoles,
    /// How many Jump Clients may update at once.
    JumpClientRate,
    /// Clients that are away for long, and the other way: removing them all.
    OfflineClients,
    /// Who is connected now, to be compared afterwards.
    Connected,
    /// The update is tried first.
    Trial,
}

impl Preparation {
    /// All, in the order they are done.
    pub const ALL: &'static [Preparation] = &[
        Preparation::ReleaseNotes,
        Preparation::Users,
        Preparation::Window,
        Preparation::Backup,
        Preparation::Certificates,
        Preparation::OldMsi,
        Preparation::NewConsoles,
        Preparation::JumpClientRate,
        Preparation::OfflineClients,
        Preparation::Connected,
        Preparation::Trial,
    ];
}

/// What is known of an appliance before its upgrade.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The appliance's name.
    pub name: String,
    /// How long an install of site software usually takes, in a few words:
    /// the shortest and the longest.
    pub takes: (String, String),
    /// The last backup that is kept; `None` where there is none.
    pub backup: Option<KeptBackup>,
    /// When the certificate was exported with its private key; `None` where
    /// the journal does not tell.
    pub certificate: Option<KeptCertificate>,
    /// The next maintenance window that is long enough, in the site's time.
    pub window: Option<String>,
    /// Why the site was not looked at; `None` where it was.
    pub unasked: Option<Unasked>,
    /// How many Jump Clients may update at once.
    pub update_limit: Option<u64>,
    /// How many are advised to, by those that are connected.
    pub advised: Option<u64>,
    /// Clients that are connected now, by the API's name of their type.
    pub connected: Option<BTreeMap<String, u64>>,
    /// Installers of the new consoles that were just saved.
    pub installers: Vec<String>,
}

/// A backup as the journal knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeptBackup {
    /// When it was made.
    pub at: Timestamp,
    /// Whether an install could follow on it now.
    pub fresh: bool,
    /// Whether logged history is in it; `None` where nobody told.
    pub history: Option<bool>,
}

/// An exported certificate as the journal knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeptCertificate {
    /// When it was exported with its private key.
    pub at: Timestamp,
    /// Whether an install could follow on it now.
    pub fresh: bool,
}

/// One language's words.
trait ChecklistWords {
    fn title(&self, name: &str) -> String;
    fn summary(&self) -> String;
    /// A subject's name and what to do about it.
    fn subject(&self, subject: Preparation, ready: &Readiness) -> (&'static str, String);
    fn backup(&self, backup: &KeptBackup) -> String;
    fn no_backup(&self) -> String;
    fn certificate(&self, at: &str, fresh: bool) -> String;
    fn window(&self, local: &str) -> String;
    fn no_window(&self) -> String;
    /// How many may update at once, and how many are advised to.
    fn limit(&self, limit: u64, advised: Option<u64>) -> String;
    fn installers(&self, files: &[String]) -> String;
    fn connected(&self, counts: &BTreeMap<String, u64>) -> String;
    fn unasked(&self, why: &Unasked) -> String;
}

/// Makes the checklist for before an upgrade; only what is known decides it.
pub fn preparations(ready: &Readiness, language: Tongue) -> Checklist<Preparation> {
    let words: &dyn ChecklistWords = match language {
        Tongue::En => &EnglishChecklist,
        Tongue::Pt => &PortugueseChecklist,
    };
    let items = Preparation::ALL.iter().map(|subject| {
        let (title, text) = words.subject(*subject, ready);
        let (confirmed, told) = match look(*subject, ready, words, language) {
            Some((true, shows)) => (Some(text::one_line(&shows)), None),
            // A person decides what a record does not show: an unticked box is
            // a question, and a tick that is wrong is never looked at again.
            Some((false, shows)) => (None, Some(text::one_line(&shows))),
            None => (None, None),
        };
        Item { topic: *subject, title: title.to_owned(), text, confirmed, told }
    });
    let mut summary = words.summary();
    if let Some(why) = &ready.unasked {
        summary = format!("{summary} {}", text::one_line(&words.unasked(why)));
    }
    Checklist { language, title: words.title(&text::one_line(&ready.name)), summary, items: items.collect() }
}

/// What can be seen of a subject from here, and whether that does it; `None`
/// where a person alone can tell.
fn look(
    subject: Preparation,
    ready: &Readiness,
    words: &dyn ChecklistWords,
    language: Tongue,
) -> Option<(bool, String)> {
    match subject {
        Preparation::Backup => Some(match &ready.backup {
            Some(backup) => (backup.fresh && backup.history != Some(false), words.backup(backup)),
            None => (false, words.no_backup()),
        }),
        Preparation::Certificates => {
            ready.certificate.map(|kept| (kept.fresh, words.certificate(&time_in(language, kept.at), kept.fresh)))
        }
        Preparation::Window => Some(match &ready.window {
            Some(local) => (true, words.window(local)),
            None => (false, words.no_window()),
        }),
        Preparation::JumpClientRate => ready.update_limit.map(|limit| {
            // Without a count of clients nothing is advised, and then nothing is ticked either.
            let low = ready.advised.is_some_and(|advised| limit <= advised);
            (low, words.limit(limit, ready.advised))
        }),
        // Never ticked, since they are not deployed by that.
        Preparation::NewConsoles if !ready.installers.is_empty() => Some((false, words.installers(&ready.installers))),
        // Never ticked: the numbers are there to be compared with those
        // afterwards, and noting them is the person's part.
        Preparation::Connected => ready.connected.as_ref().map(|counts| (false, words.connected(counts))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::checklist_text;
    use super::*;

    fn ready() -> Readiness {
        Readiness {
            name: "lisbon".into(),
            takes: ("15 min".into(), "1 h".into()),
            backup: Some(KeptBackup {
                at: Timestamp::parse("2026-03-04T22:00:00Z").expect("a time"),
                fresh: true,
                history: Some(true),
            }),
            certificate: Timestamp::parse("2026-03-03T22:00:00Z").map(|at| KeptCertificate { at, fresh: true }),
            window: Some("Thu 2026-03-05 01:00 to 03:30 UTC".into()),
            unasked: None,
            update_limit: Some(10),
            advised: Some(20),
            connected: Some(BTreeMap::from([("representative".into(), 2), ("pinned_client".into(), 400)])),
            installers: Vec::new(),
        }
    }

    /// Each sentence of the guide, by subject, word for word: a checklist that
    /// says the opposite, or less, fails.
    #[test]
    fn each_of_the_guides_preparations_is_told_in_both_languages() {
        use Preparation::*;
        let said: &[(Preparation, &str, &str)] = &[
            (ReleaseNotes, "Read the product change log", "Leia o Registro de Alteração de Produto"),
            (
                ReleaseNotes,
                "the vendor sends a mail when it is your turn",
                "o fornecedor envia um e-mail quando chega a sua vez",
            ),
            (
                ReleaseNotes,
                "a picture of /appliance > Status > Basics",
                "uma imagem da página /appliance > Status > Básico",
            ),
            (
                Users,
                "all users who are logged in are disconnected and all sessions end",
                "todos os usuários conectados e sessões ativas são encerrados",
            ),
            (Users, "between 15 min and 1 h", "entre 15 min e 1 h"),
            (
                Users,
                "much longer where much data such as session recordings is stored",
                "muito mais onde há muitos dados, como gravações de sessão",
            ),
            (Window, "at hours of little traffic", "em horários de pouco tráfego"),
            (Backup, "/login > Management > Software Management", "/login > Gerenciamento > Gerenciamento de Software"),
            (Backup, "with Include logged history ticked", "com Incluir histórico registrado marcado"),
            (Backup, "each time settings change", "cada vez que as configurações mudarem"),
            (Backup, "www.bomgar.com/autobackup", "www.bomgar.com/autobackup"),
            (
                Backup,
                "After a hardware failure the vendor can host the site",
                "Depois de uma falha de hardware o fornecedor pode hospedar o site",
            ),
            (
                Backup,
                "Recordings, and of the file store files of 200 KB",
                "Gravações, e do armazenamento os arquivos de 200 KB",
            ),
            (Backup, "A backup whose password is lost is useless", "Um backup cuja senha se perdeu é inútil"),
            (Certificates, "push exports it before the backup", "push o exporta antes do backup"),
            (Certificates, "until the next update", "até a próxima atualização"),
            (Certificates, "export it with its private key", "exporte-o com a chave privada"),
            (Certificates, "/appliance > Security > Certificates", "/appliance > Segurança > Certificados"),
            (
                OldMsi,
                "Keep a copy of the MSI that consoles were deployed with now",
                "Guarde agora uma cópia do MSI com que os consoles foram implantados",
            ),
            (
                OldMsi,
                "only it can remove those installations, the new MSI can not",
                "só ele remove essas instalações, o MSI novo não consegue",
            ),
            (
                NewConsoles,
                "Only where vendor support has enabled extractable consoles",
                "Somente se o suporte do fornecedor ativou o console extraível",
            ),
            (NewConsoles, "--fetch-installers DIR saves it", "--fetch-installers PASTA o salva"),
            (NewConsoles, "Check for Updates", "Verificar Atualizações"),
            (NewConsoles, "Instaladores de Console de Suporte Técnico", "Instaladores de Console de Suporte Técnico"),
            (
                NewConsoles,
                "The new consoles stay offline until the appliance is updated",
                "Os consoles novos ficam offline até que o aplicativo seja atualizado",
            ),
            (NewConsoles, "The old console need not be uninstalled", "Não é necessário desinstalar o console antigo"),
            (
                JumpClientRate,
                "Lower the Maximum Number of Concurrent Jump Client Upgrades at /login > Jump > Jump Clients",
                "Diminua o Número Máximo de Atualizações Simultâneas do Jump Client em /login > Jump > Jump Clients",
            ),
            (
                JumpClientRate,
                "raise it again when all have updated",
                "aumente-o de novo quando todos estiverem atualizados",
            ),
            (
                OfflineClients,
                "at least 24 hours between two site packages",
                "pelo menos 24 horas entre dois pacotes de site",
            ),
            (
                OfflineClients,
                "those whose computers are offline need longer",
                "aqueles cujos computadores ficam offline precisam de mais tempo",
            ),
            (OfflineClients, "--clients-removed --reason", "--clients-removed --reason"),
            (Connected, "/login > Status > Information", "/login > Status > Informações"),
            (Trial, "in a controlled environment", "em um ambiente controlado"),
            (Trial, "rehearse MEDIA lisbon", "rehearse MEDIA lisbon"),
        ];
        for (at, language) in [Tongue::En, Tongue::Pt].into_iter().enumerate() {
            let list = preparations(&ready(), language);
            assert_eq!(list.items.len(), Preparation::ALL.len());
            for (subject, en, pt) in said {
                let wanted = [en, pt][at];
                let item = list.items.iter().find(|item| item.topic == *subject).expect("each is there");
                assert!(item.text.contains(wanted), "{subject:?}: {wanted:?} in {:?}", item.text);
            }
            assert!(
                Preparation::ALL.iter().all(|one| said.iter().any(|(subject, ..)| subject == one)),
                "none untested"
            );
        }
    }

    #[test]
    fn what_is_seen_to_be_done_is_ticked_and_the_rest_is_open() {
        let ticked = |ready: &Readiness| {
            let topics = |language| {
                let list = preparations(ready, language).items.into_iter().filter(|item| item.confirmed.is_some());
                list.map(|item| item.topic).collect::<Vec<_>>()
            };
            assert_eq!(topics(Tongue::En), topics(Tongue::Pt));
            topics(Tongue::En)
        };
        use Preparation::*;
        assert_eq!(ticked(&ready()), [Window, Backup, Certificates, JumpClientRate]);
        let without = |change: fn(&mut Readiness)| {
            let mut ready = ready();
            change(&mut ready);
            ticked(&ready)
        };
        assert!(!without(|ready| ready.backup = None).contains(&Backup));
        assert!(!without(|ready| ready.backup.as_mut().expect("one").fresh = false).contains(&Backup));
        assert!(!without(|ready| ready.backup.as_mut().expect("one").history = Some(false)).contains(&Backup));
        assert!(!without(|ready| ready.window = None).contains(&Window));
        assert!(!without(|ready| ready.certificate = None).contains(&Certificates));
        assert!(!without(|ready| ready.certificate.as_mut().expect("one").fresh = false).contains(&Certificates));
        assert!(!without(|ready| ready.update_limit = Some(21)).contains(&JumpClientRate), "it is not low");
        assert!(!without(|ready| ready.advised = None).contains(&JumpClientRate), "nobody can tell");
        assert!(ticked(&Readiness::default()).is_empty());
    }

    #[test]
    fn what_was_seen_is_told_where_it_does_not_tick() {
        let told =
            |ready: &Readiness| [Tongue::En, Tongue::Pt].map(|tongue| checklist_text(&preparations(ready, tongue)));
        let mut open = ready();
        (open.update_limit, open.advised) = (Some(100), Some(20));
        let [en, pt] = told(&open);
        assert!(en.contains("100 may update at once now; 20 at most is advised"), "{en}");
        assert!(pt.contains("100 podem se atualizar ao mesmo tempo agora; recomendam-se no máximo 20"), "{pt}");
        assert!(en.contains("pinned_client: 400, representative: 2"), "{en}");
        let none = Readiness { unasked: Some(Unasked::Failed("no answer\u{1b}".into())), ..Readiness::default() };
        let [en, pt] = told(&none);
        assert!(en.contains("could not be looked at (no answer") && !en.contains('\u{1b}'), "{en}");
        assert!(pt.contains("não pôde ser consultado (no answer"), "{pt}");
        assert!(
            en.contains("no backup is kept here yet") && pt.contains("ainda não há backup guardado aqui"),
            "{en} {pt}"
        );
        assert!(
            en.contains("names no maintenance window") && pt.contains("não indica janela de manutenção"),
            "{en} {pt}"
        );
    }
}
