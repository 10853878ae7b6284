//! The checklist in the Portuguese of Brazil, as in the guide.

use super::Wording;
use crate::report::topic::{Topic, Unasked};

pub(in crate::report) struct Portuguese;

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
                "Talvez precisem ser implantados de novo com um MSI novo: se o suporte do fornecedor ativou o console \
                 extraível, verifique se há atualizações e baixe-o no link Instaladores de Console de Suporte \
                 Técnico. Não é necessário desinstalar antes o console antigo: o novo o substitui. Guarde o MSI \
                 antigo: só ele remove uma instalação antiga, o novo não consegue."
                    .to_owned(),
            ),
            Topic::JumpClients => (
                "Jump Clients",
                format!(
                    "Eles se atualizam no próximo contato, que sai do computador de cada um para o aplicativo na \
                     porta TCP 443: os ativos logo; os passivos quando o computador é iniciado, quando um console se \
                     conecta a ele, quando alguém pede o contato pelo ícone na bandeja do sistema e pelo menos a cada \
                     24 horas. Aqueles cujos computadores ficam offline demoram mais do que isso. Quem aparece como \
                     conectado em um console ou em /login > Status > Informações já foi atualizado. Para ter certeza \
                     de todos: exporte a lista em um console com permissão sobre todos, ordene por Detalhes de Status \
                     e confirme que cada data é posterior a {at}."
                ),
            ),
            Topic::JumpClientRate => (
                "Jump Clients que se atualizam ao mesmo tempo",
                "Se muitos deles pesarem sobre o aplicativo ou a rede, diminua o Número Máximo de Atualizações \
                 Simultâneas do Jump Client em /login > Jump > Jump Clients; aumente-o de novo quando todos \
                 estiverem atualizados."
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

    fn removed(&self, installed: &[String], site: &str, at: &str) -> String {
        format!(
            "Instalado: {}. {site} foi confirmado em {at}. Todo o software de cliente foi removido antes, portanto nada \
             se atualiza sozinho: depois do último pacote, instale tudo de novo com instaladores criados após esse \
             horário.",
            installed.join(", ")
        )
    }

    fn anew(&self, topic: Topic, site: &str, at: &str) -> (String, String) {
        let (title, text) = match topic {
            Topic::Test | Topic::IntegrationClients => return self.topic(topic, site, at),
            Topic::Consoles => (
                "Consoles de suporte técnico",
                "Eles foram removidos: instale cada um de novo manualmente, com o instalador que o site oferece agora.",
            ),
            Topic::MsiConsoles => (
                "Consoles implantados por MSI em computadores bloqueados",
                "Eles foram removidos: implante-os de novo com o MSI novo, do link Instaladores de Console de Suporte \
                 Técnico. O que a remoção deixou para trás só o MSI antigo remove.",
            ),
            Topic::JumpClients => (
                "Jump Clients",
                "Eles foram removidos: crie um novo instalador para cada grupo e instale cada Jump Client de novo \
                 manualmente. Quem aparece como conectado em um console ou em /login > Status > Informações está de \
                 volta.",
            ),
            Topic::JumpClientRate => (
                "Jump Clients que se atualizam ao mesmo tempo",
                "Nenhum resta para atualizar: se o Número Máximo de Atualizações Simultâneas do Jump Client em /login > \
                 Jump > Jump Clients foi diminuído, aumente-o de novo.",
            ),
            Topic::Jumpoints => (
                "Jumpoints",
                "Eles foram removidos: instale cada um de novo manualmente e confirme que aparece como conectado.",
            ),
            Topic::Buttons => (
                "Bomgar Buttons",
                "Eles foram removidos: crie novos e instale cada um de novo manualmente; experimente um.",
            ),
            Topic::ConnectionAgents => (
                "Agentes de conexão",
                "Eles foram removidos: instale cada um de novo manualmente e confirme que o login por meio deles funciona.",
            ),
            Topic::Installers => return self.topic(topic, site, at),
        };
        (title.to_owned(), text.to_owned())
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
