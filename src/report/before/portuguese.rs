//! The preparations in the Portuguese of Brazil, as in the guide.

use super::{ChecklistWords, KeptBackup, Preparation, Readiness, Unasked};
use crate::language::Tongue;
use crate::report::wording::time_in;
use std::collections::BTreeMap;

pub(super) struct PortugueseChecklist;

impl ChecklistWords for PortugueseChecklist {
    fn title(&self, name: &str) -> String {
        format!("Antes da atualização de {name}")
    }

    fn summary(&self) -> String {
        "Cada item deve ser feito antes da instalação do primeiro pacote; alguns não podem ser feitos depois. O que \
         pôde ser visto daqui está marcado."
            .to_owned()
    }

    fn subject(&self, subject: Preparation, ready: &Readiness) -> (&'static str, String) {
        let name = &ready.name;
        match subject {
            Preparation::ReleaseNotes => (
                "O que há de novo, e se chegou a sua vez",
                "Leia o Registro de Alteração de Produto de cada versão até a nova. As versões principais são \
                 distribuídas segundo um cronograma aos clientes com contrato de manutenção: o fornecedor envia um \
                 e-mail quando chega a sua vez. Em dúvida sobre quais pacotes instalar e em que ordem, envie ao suporte \
                 do fornecedor (help.bomgar.com) uma imagem da página /appliance > Status > Básico."
                    .to_owned(),
            ),
            Preparation::Users => (
                "Os usuários foram avisados",
                format!(
                    "O site fica indisponível durante a atualização: todos os usuários conectados e sessões ativas são \
                     encerrados. Uma instalação demora normalmente entre {} e {}, muito mais onde há muitos dados, como \
                     gravações de sessão. Avise a todos quando ela começa.",
                    ready.takes.0, ready.takes.1
                ),
            ),
            Preparation::Window => (
                "Uma janela de manutenção",
                "Instale em uma janela de manutenção agendada, em horários de pouco tráfego.".to_owned(),
            ),
            Preparation::Backup => (
                "Um backup com o histórico registrado",
                format!(
                    "push faz um e o guarda antes da primeira instalação; handcarry-inside backup {name} faz um agora. \
                     Manualmente: /login > Gerenciamento > Gerenciamento de Software, Descarregar Backup com Incluir \
                     histórico registrado marcado. Um backup cuja senha se perdeu é inútil: guarde a senha separada \
                     dele. Faça outro cada vez que as configurações mudarem; um backup periódico também pode ser \
                     configurado (www.bomgar.com/autobackup). Depois de uma falha de hardware o fornecedor pode hospedar \
                     o site por algum tempo a partir do último backup. Gravações, e do armazenamento os arquivos de 200 KB \
                     ou mais ou além do quinquagésimo, não entram em nenhum."
                ),
            ),
            Preparation::Certificates => (
                "Os certificados, com a chave privada",
                "push o exporta antes do backup e guarda o arquivo somente para o seu dono. Manualmente: em /appliance > \
                 Segurança > Certificados, marque o certificado que tem o endereço IP ativo e \
                 exporte-o com a chave privada e a cadeia, sob uma senha; guarde o arquivo em lugar seguro até a próxima atualização. É com ele \
                 que o site volta a funcionar se uma atualização falhar."
                    .to_owned(),
            ),
            Preparation::OldMsi => (
                "O MSI antigo dos consoles",
                "Guarde agora uma cópia do MSI com que os consoles foram implantados: só ele remove essas instalações, o \
                 MSI novo não consegue, e depois da atualização o site oferece apenas o novo."
                    .to_owned(),
            ),
            Preparation::NewConsoles => (
                "Consoles novos para computadores bloqueados",
                format!(
                "Somente se o suporte do fornecedor ativou o console extraível para este site: clique em Verificar \
                 Atualizações em /appliance > Atualizações, baixe o MSI novo no link Instaladores de Console de Suporte \
                 Técnico e implante-o; handcarry-inside before {name} --fetch-installers PASTA o salva. Os consoles novos ficam offline até que o aplicativo seja atualizado. Não é \
                 necessário desinstalar o console antigo: o novo o substitui."
                ),
            ),
            Preparation::JumpClientRate => (
                "Jump Clients que se atualizam ao mesmo tempo",
                "Depois de um pacote de site todos se atualizam; muitos ao mesmo tempo sobrecarregam o aplicativo e a \
                 rede. Diminua o Número Máximo de Atualizações Simultâneas do Jump Client em /login > Jump > Jump \
                 Clients antes da atualização e aumente-o de novo quando todos estiverem atualizados."
                    .to_owned(),
            ),
            Preparation::OfflineClients => (
                "Clientes que ficam muito tempo offline",
                format!(
                    "Os Jump Clients precisam de pelo menos 24 horas entre dois pacotes de site, e aqueles cujos \
                     computadores ficam offline precisam de mais tempo: quem perde uma versão talvez tenha de ser \
                     reinstalado manualmente. Se não for possível aguardar 24 horas, remova primeiro todo o software de \
                     cliente (consoles, Jump Clients, Jumpoints, Bomgar Buttons, agentes de conexão), informe isso com \
                     handcarry-inside push MEDIA {name} --clients-removed --reason TEXTO e reinstale tudo no final."
                ),
            ),
            Preparation::Connected => (
                "O que está conectado agora",
                format!(
                "Veja em /login > Status > Informações quais clientes estão conectados e quantos são, e anote: a mesma \
                 página mostra depois quem voltou. Com uma conta de API cadastrada, handcarry-inside status {name} \
                 --save FILE guarda os números com tudo o mais que ele mostra, e status {name} --compare FILE \
                 informa depois o que mudou."
                ),
            ),
            Preparation::Trial => (
                "A atualização foi testada",
                format!(
                    "Teste-a em um ambiente controlado antes da produção: handcarry-inside rehearse MEDIA {name} mostra \
                     o andamento e não altera nada. Dois aplicativos em failover são testados melhor um depois do outro, \
                     com --topology failover-async."
                ),
            ),
        }
    }

    fn backup(&self, backup: &KeptBackup) -> String {
        let history = match backup.history {
            Some(true) => ", com histórico registrado",
            Some(false) => ", sem histórico registrado",
            None => "",
        };
        let age = if backup.fresh { "" } else { "; outro é feito antes de uma instalação" };
        format!("guardado desde {}{history}{age}", time_in(Tongue::Pt, backup.at))
    }

    fn no_backup(&self) -> String {
        "ainda não há backup guardado aqui".to_owned()
    }

    fn certificate(&self, at: &str, fresh: bool) -> String {
        let age = if fresh { "" } else { "; é exportado de novo antes de uma instalação" };
        format!("exportado em {at}{age}")
    }

    fn window(&self, local: &str) -> String {
        format!("a próxima: {local}")
    }

    fn no_window(&self) -> String {
        "o inventário não indica janela de manutenção que baste".to_owned()
    }

    fn limit(&self, limit: u64, advised: Option<u64>) -> String {
        let advised = advised.map_or_else(String::new, |advised| format!("; recomendam-se no máximo {advised}"));
        format!("{limit} podem se atualizar ao mesmo tempo agora{advised}")
    }

    fn installers(&self, files: &[String]) -> String {
        format!("salvos, a implantar: {}", files.join(", "))
    }

    fn connected(&self, counts: &BTreeMap<String, u64>) -> String {
        let counts: Vec<String> = counts.iter().map(|(kind, count)| format!("{kind}: {count}")).collect();
        format!("conectados agora, segundo a API do site: {}", counts.join(", "))
    }

    fn unasked(&self, why: &Unasked) -> String {
        match why {
            Unasked::NoAccount => "O site nada informa sobre seus clientes.".to_owned(),
            Unasked::LeftAlone => "O site não foi consultado.".to_owned(),
            Unasked::Failed(why) => format!("O site não pôde ser consultado ({why})."),
        }
    }
}
