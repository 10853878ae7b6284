//! The words of the checklist, by language. Menus and buttons are named as the
//! appliance shows them in that language.

use super::checklist::{Topic, Unasked};

/// One language's words.
pub(super) trait Wording {
    fn title(&self, name: &str) -> String;
    /// Nothing that was installed touches clients.
    fn untouched(&self, installed: &[String]) -> String;
    fn touched(&self, installed: &[String], site: &str, at: &str) -> String;
    /// A moment as it is compared with the dates of clients; `own` where it is
    /// by the appliance's clock.
    fn moment(&self, at: &str, own: bool) -> String;
    /// A topic's name and what to do about it.
    fn topic(&self, topic: Topic, site: &str, at: &str) -> (String, String);
    /// Every Jump Client that was seen has updated.
    fn updated(&self, seen: u64) -> String;
    /// Some have not, or too few were seen.
    fn behind(&self, seen: u64, outdated: u64, wanted: u64) -> String;
    /// More are connected than were counted.
    fn personal(&self, seen: u64, connected: u64) -> String;
    /// So many clients of a kind are connected.
    fn connected(&self, count: u64) -> String;
    /// So many Jump Clients may update at once.
    fn limit(&self, limit: u64) -> String;
    /// The version the site shows beside the one that was installed.
    fn version(&self, version: &str, site: &str, sound: Option<bool>) -> String;
    /// The API tells nothing of it.
    fn nothing(&self) -> String;
    /// Why nothing at all was asked.
    fn unasked(&self, why: &Unasked) -> String;
}

pub(super) struct English;
pub(super) struct Portuguese;

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
                "These may have to be deployed again with a new MSI from the console installers link. Keep the old \
                 MSI: only it can remove an old installation."
                    .to_owned(),
            ),
            Topic::JumpClients => (
                "Jump Clients",
                format!(
                    "They update when they next check in: active ones at once, passive ones when their computer \
                         starts, is connected to, or within 24 hours. Export the list from a console with rights over \
                         all of them, sort it by Status Details, and see that each date is later than {at}. One that is \
                         shown as connected has updated."
                ),
            ),
            Topic::JumpClientRate => (
                "Jump Clients updating at once",
                "Where many of them weigh on the appliance or the network, lower the Maximum Number of Concurrent \
                 Jump Client Upgrades at /login > Jump > Jump Clients."
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

impl Wording for Portuguese {
    fn title(&self, name: &str) -> String {
        format!("Depois da atualização de {name}")
    }

    fn untouched(&self, installed: &[String]) -> String {
        match installed {
            [] => "O handcarry não instalou nada; nenhum cliente precisa ser atualizado.".to_owned(),
            _ => format!(
                "Instalado: {}. Pacotes de base, licenças e correções não afetam clientes: não há mais nada a fazer.",
                installed.join(", ")
            ),
        }
    }

    fn touched(&self, installed: &[String], site: &str, at: &str) -> String {
        format!(
            "Instalado: {}. Os clientes se atualizam para {site}, confirmado em {at}. Verifique cada item antes do \
             próximo pacote de site e uma vez no final.",
            installed.join(", ")
        )
    }

    fn moment(&self, at: &str, own: bool) -> String {
        if own { format!("{at} pelo relógio do aplicativo") } else { at.to_owned() }
    }

    fn topic(&self, topic: Topic, site: &str, at: &str) -> (String, String) {
        let (title, text) = match topic {
            Topic::Test => (
                "O site funciona",
                format!(
                    "Entre com um console, leia a versão em Ajuda > Sobre ({site}) e faça uma sessão com um \
                         computador remoto."
                ),
            ),
            Topic::Consoles => (
                "Consoles de suporte técnico",
                "Cada um se atualiza na próxima vez que for aberto. Peça a todos que abram o seu uma vez.".to_owned(),
            ),
            Topic::MsiConsoles => (
                "Consoles implantados por MSI em computadores bloqueados",
                "Talvez precisem ser implantados de novo com um MSI novo, obtido no link Instaladores de Console de \
                 Suporte Técnico. Guarde o MSI antigo: só ele remove uma instalação antiga."
                    .to_owned(),
            ),
            Topic::JumpClients => (
                "Jump Clients",
                format!(
                    "Eles se atualizam no próximo contato: os ativos logo, os passivos quando o computador é \
                         iniciado, recebe uma conexão ou em até 24 horas. Exporte a lista em um console com permissão \
                         sobre todos, ordene por Detalhes de Status e confirme que cada data é posterior a {at}. \
                         Quem aparece como conectado já foi atualizado."
                ),
            ),
            Topic::JumpClientRate => (
                "Jump Clients que se atualizam ao mesmo tempo",
                "Se muitos deles pesarem sobre o aplicativo ou a rede, diminua o Número Máximo de Atualizações \
                 Simultâneas do Jump Client em /login > Jump > Jump Clients."
                    .to_owned(),
            ),
            Topic::Jumpoints => {
                ("Jumpoints", "Eles se atualizam sozinhos. Confirme que cada um aparece como conectado.".to_owned())
            }
            Topic::Buttons => {
                ("Bomgar Buttons", "Cada um se atualiza quando é usado de novo; experimente um.".to_owned())
            }
            Topic::ConnectionAgents => (
                "Agentes de conexão",
                "Eles se atualizam sozinhos depois do site. Confirme que o login por meio deles funciona.".to_owned(),
            ),
            Topic::IntegrationClients => (
                "Clientes de integração",
                "Eles não se atualizam sozinhos: instale cada um de novo, com o instalador da página Downloads de \
                 help.bomgar.com."
                    .to_owned(),
            ),
            Topic::Installers => (
                "Instaladores criados antes",
                format!(
                    "Instaladores de Bomgar Buttons, Jump Clients e consoles criados antes de {at} não valem \
                         mais: apague-os onde estiverem guardados e crie novos."
                ),
            ),
        };
        (title.to_owned(), text)
    }

    fn updated(&self, seen: u64) -> String {
        format!("todos os {seen} dos grupos compartilhados se atualizaram, segundo a API do site")
    }

    fn behind(&self, seen: u64, outdated: u64, wanted: u64) -> String {
        match outdated {
            0 => format!("não confirmado: {seen} dos grupos compartilhados foram vistos, e {wanted} são exigidos"),
            _ => format!(
                "não confirmado: {outdated} de {seen} dos grupos compartilhados não se atualizaram, segundo a API do site"
            ),
        }
    }

    fn personal(&self, seen: u64, connected: u64) -> String {
        format!(
            "não confirmado: {connected} estão conectados e só {seen} foram contados; os de listas pessoais não entram \
             na contagem"
        )
    }

    fn connected(&self, count: u64) -> String {
        format!("não confirmado: {count} conectados agora, segundo a API do site; ela não informa sobre os demais")
    }

    fn limit(&self, limit: u64) -> String {
        format!("{limit} podem se atualizar ao mesmo tempo agora")
    }

    fn version(&self, version: &str, site: &str, sound: Option<bool>) -> String {
        let sound = match sound {
            Some(true) => " e se declara em ordem",
            Some(false) => " e se queixa de algo: veja o status",
            None => "",
        };
        format!("a API do site mostra {version} (instalado: {site}){sound}; nenhuma sessão foi testada")
    }

    fn nothing(&self) -> String {
        "não confirmado: a API do site nada informa a respeito".to_owned()
    }

    fn unasked(&self, why: &Unasked) -> String {
        match why {
            Unasked::NoAccount => "Nada está marcado: o inventário não indica uma conta para a API do site.".to_owned(),
            Unasked::LeftAlone => "Nada está marcado: o site não foi consultado.".to_owned(),
            Unasked::Failed(why) => format!("Nada está marcado: a API do site não pôde ser consultada ({why})."),
        }
    }
}
