//! The steps of a plan in the Portuguese of Brazil, by what is done: the title, and why.

use crate::model::{PackageKind, duration_human, text};
use crate::plan::{Op, Step, Switch};

/// A step on the appliance called `on`; `other` is the other one of two.
pub(in crate::report) fn step_in_portuguese(step: &Step, on: &str, other: &str) -> (String, String) {
    let (on, other) = (text::one_line(on), text::one_line(other));
    let (title, why) = match &step.op {
        Op::Check => (
            "verificar quem é o aplicativo e seu relógio".to_owned(),
            "nada é feito no aplicativo errado, nem com um relógio errado",
        ),
        Op::Backup => {
            ("fazer um backup das configurações do site".to_owned(), "configurações são salvas antes que algo mude")
        }
        Op::Install { package, again, .. } => {
            let size =
                if package.size_bytes == 0 { String::new() } else { format!(", {}", text::bytes(package.size_bytes)) };
            let again =
                if again.is_some() { ", de novo: já foi instalado e o aplicativo não o mostra mais" } else { "" };
            (
                format!("instalar {} ({}{size}){again}", text::one_line(&package.name), kind(package.kind)),
                why_install(package.kind),
            )
        }
        Op::Soak { after, .. } => (
            format!("esperar {} pelos clientes de {}", duration_human(step.cost.min_secs), text::one_line(after)),
            "os clientes precisam de tempo para se atualizar: quem perde uma versão talvez precise ser instalado de novo; \
             a execução para aqui, e o mesmo comando continua",
        ),
        Op::Upgrade { .. } => {
            (format!("atualizar {on}"), "pelo plano do próprio aplicativo, cujas etapas seguem abaixo")
        }
        Op::Compare => (
            format!("comparar as chaves de {on} e {other}, e como um alcança o outro"),
            "a relação é refeita com elas no final; o que difere é corrigido enquanto ela ainda existe",
        ),
        Op::Sync => (
            format!("puxar uma sincronização de dados de {other} para {on}, e esperar por ela"),
            "o reserva a puxa, por isso ela é acionada nele",
        ),
        Op::Break => (
            format!("desfazer a relação de failover de {on} e {other}"),
            "cada um é atualizado sozinho; até que ela seja refeita não há failover",
        ),
        Op::Verify { hosts_file: false } => {
            (format!("verificar e testar {on}"), "o que não é testado em um não é instalado no outro")
        }
        Op::Verify { hosts_file: true } => (
            format!("verificar e testar {on}"),
            "o nome do site leva ao outro aplicativo, por isso duas máquinas ou mais são levadas a este pelo arquivo hosts",
        ),
        Op::Window => (
            format!("esperar pela segunda janela de manutenção, na qual {on} é atualizado"),
            "tempo bastante para confirmar a versão nova em produção; a execução para aqui, e o mesmo comando continua",
        ),
        Op::SessionData => (
            format!("puxar todos os dados de sessão de {on} com o Integration Client"),
            "sessões terminadas sem failover não são sincronizadas depois",
        ),
        Op::Switch { by } => {
            let what = match by {
                Switch::SharedIp => "o endereço IP compartilhado",
                Switch::Dns => "a entrada DNS do site",
                Switch::Nat => "a entrada NAT do site",
            };
            (
                format!("levar {what} para {on}"),
                "ele atende o site daqui em diante; quem está conectado ao outro é desconectado",
            )
        }
        Op::IntegrationClient => (
            format!("confirmar que o Integration Client consegue puxar dados de {on}"),
            "um que usa um endereço IP, e não o nome do site, ainda pergunta ao outro",
        ),
        Op::Establish => (
            format!("estabelecer a relação de failover: {on} primário, {other} reserva"),
            "ambos devem mostrar a mesma versão e ter a mesma chave pré-compartilhada",
        ),
        Op::ExportCertificate => (
            "exportar o certificado do site, com a chave privada e a cadeia".to_owned(),
            "ele não está em nenhum backup, e recupera o site se uma atualização falhar",
        ),
        Op::ImportCertificate => (format!("importar o certificado em {on}"), "os clientes conhecem o site por ele"),
        Op::AssignAddress => (
            format!("atribuir ao certificado o endereço IP de {on}"),
            "o certificado precisa estar lá antes que o endereço do site leve a ele",
        ),
        Op::Restore => (
            format!("restaurar as configurações em {on}"),
            "elas substituem as que ele tem, usuários e failover entre elas",
        ),
        Op::Entry => (format!("levar a entrada DNS do site para {on}"), "ele atende o site daqui em diante"),
        Op::Confirm => (format!("confirmar que {on} atende o site"), "só então o antigo pode sair"),
        Op::Reset => (
            format!("redefinir {on} para os padrões de fábrica"),
            "ele sai da casa sem os dados do site; nada os traz de volta",
        ),
        Op::ShutDown => (format!("desligar {on}"), "depois ele é embalado, ou removido se for virtual"),
    };
    (title, why.to_owned())
}

const fn kind(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::Base => "base",
        PackageKind::Site => "site",
        PackageKind::License => "licença",
        PackageKind::Patch => "correção",
    }
}

const fn why_install(kind: PackageKind) -> &'static str {
    match kind {
        PackageKind::Base => {
            "o software de base vem imediatamente antes do que precisa dele; em caso de problema o aplicativo não deve ser reiniciado"
        }
        PackageKind::Site => {
            "o site fica fora do ar enquanto isso, as sessões terminam e os clientes se atualizam depois; demora mais onde há muitos dados, como gravações"
        }
        PackageKind::License => {
            "um acréscimo de licença; nenhum cliente precisa de atualização e nenhuma espera o segue"
        }
        PackageKind::Patch => "uma correção que deixa a versão como está; nenhuma espera a segue",
    }
}
