//! A journal's records in the Portuguese of Brazil, a sentence a kind; see the English ones.

pub(in crate::report) const EVENTS: &[(&str, &str)] = &[
    (
        "push-begun",
        "Uma execução começou[, com {options}]: bundle {bundle}, número {sequence}, SHA-256 do manifesto {manifest_sha256}, assinado por {signed_by}[; lido da mídia com o número de série {medium}].",
    ),
    ("updates-offered", "Foi perguntado ao aplicativo o que ele mesmo oferece[: {offers:titles}]."),
    (
        "update-begun",
        "A execução {run}, na qual o aplicativo instala o que oferece, começou ou continuou: {packages}[; com {options}].",
    ),
    ("update-done", "Tudo o que se concordou em instalar na execução {run} está instalado."),
    (
        "status-read",
        "O aplicativo mostrou o número de série {serial}[, base {shown.base}][, site {shown.site}][, compilação {shown.build}][, seu relógio em {shown.clock:time}][, {clock_ahead_secs:secs} adiantado em relação ao nosso]{shown.no_site?, nenhum software de site|}{shown.typed?, como uma pessoa digitou|}.",
    ),
    ("role-read", "Seu papel em um par de failover: {role:term}, segundo {by:term}."),
    ("planned", "O plano que é seguido tem {steps:count} etapas: {steps}[; não instalados de novo: {skipped}]."),
    (
        "dangerous-accepted",
        "{by} pôs de lado uma recusa em {verb} ({what}), para o bundle {bundle}: {refused}. Motivo: {reason}",
    ),
    ("asked", "Foi perguntado: “{question}” A resposta foi {yes?sim|não}."),
    (
        "first-press",
        "{by} {yes?concordou|não concordou} com o plano de SHA-256 {plan_sha256}{beforehand?, de antemão|}[, aprovado por {approved_by}].",
    ),
    ("answered", "Foi perguntado: “{question}” Foi digitado: “{answer}”"),
    (
        "backup-started",
        "Um backup foi iniciado, a ser guardado como {file}{history?, com histórico|, sem histórico}{protected?, com senha|, sem senha}.",
    ),
    (
        "backup-done",
        "Um backup está guardado[ como {file}][, {size_bytes:bytes}][, SHA-256 {sha256}]{history?, com histórico|, sem histórico}{protected?, com senha|}{guided?, feito por uma pessoa|}.",
    ),
    ("backup-failed", "Nenhum backup foi feito: {why}"),
    ("install-started", "{package.name} está para ser enviado, tentativa {attempt}."),
    (
        "upload-handed-over",
        "Os últimos bytes de {key:package} estão para ser enviados; daqui em diante ele pode ter chegado.",
    ),
    (
        "upload-broken",
        "O envio de {key:package} se interrompeu após {sent_bytes:bytes}{complete?, e ele pode ter chegado|}: {why}",
    ),
    (
        "eula-shown",
        "{key:package} está no aplicativo, que mostra um contrato de licença, SHA-256 {eula_sha256}{expected?, aquele que foi assinado|}.",
    ),
    (
        "agreement-shown",
        "{key:package} está no aplicativo, que mostra um contrato de licença, SHA-256 {agreement_sha256}{expected?, aquele que foi assinado|}.",
    ),
    (
        "eula-accepted",
        "O contrato de licença de {key:package} foi aceito{beforehand?, de antemão|}, SHA-256 {eula_sha256}.",
    ),
    (
        "agreement-accepted",
        "O contrato de licença de {key:package} foi aceito{beforehand?, de antemão|}, SHA-256 {agreement_sha256}.",
    ),
    ("eula-declined", "O contrato de licença de {key:package} não foi aceito, SHA-256 {eula_sha256}."),
    ("agreement-declined", "O contrato de licença de {key:package} não foi aceito, SHA-256 {agreement_sha256}."),
    ("guided-begun", "Uma pessoa está para fazer uma etapa manualmente: {title}. Por quê: {because}."),
    ("install-set-off", "O aplicativo começou a instalar {key:package}."),
    ("install-confirmed", "{package.name} está instalado: {evidence:term}{guided?; uma pessoa o instalou|}."),
    ("install-failed", "{key:package} falhou. O aplicativo disse: “{said}”"),
    ("install-refused", "O aplicativo não aceitou {key:package}. Ele disse: “{said}”"),
    ("install-unconfirmed", "Ainda não se sabe o que aconteceu com {key:package}: {why}"),
    ("install-abandoned", "A tentativa de instalar {key:package} não deixou nada para trás: {why}"),
    (
        "waiting",
        "A execução parou, para que os clientes se atualizem para {after}, até {until:time} ({remaining_secs:secs}).",
    ),
    (
        "window-closed",
        "A execução parou antes de {step}: a próxima janela de manutenção é {window}, a partir de {until:time}.",
    ),
    (
        "clients-counted",
        "Os clientes foram contados depois de {after:package}, por {source}: {seen} foram vistos, {outdated} deles não se atualizaram, {uninstalled} não existem mais.",
    ),
    (
        "clients-removed",
        "{by} afirma que todo o software de cliente foi removido depois de {after:package}. Motivo: {reason}",
    ),
    (
        "clients-removed-first",
        "{by} afirma que todo o software de cliente foi removido antes do primeiro pacote de site de {bundle}. Motivo: {reason}",
    ),
    (
        "soak-skipped",
        "{by} pôs de lado a espera depois de {after:package}, {remaining_secs:secs} antes do fim. Motivo: {reason}",
    ),
    (
        "site-begun-elsewhere",
        "O site {version} foi iniciado por outra pessoa; foi visto pela primeira vez em {first_seen:time}.",
    ),
    ("site-installed-at", "{by} afirma que {after:package} foi instalado em {at:time} ou antes. Motivo: {reason}"),
    (
        "login-agreement-accepted",
        "O termo antes de um login em {page} foi aceito, SHA-256 {agreement_sha256}{again?; ele apareceu de novo|}.",
    ),
    (
        "after-checked",
        "A lista de verificação depois de {after:package} foi feita. Confirmados: {confirmed:count}[ ({confirmed})]; deixados para uma pessoa: {open:count}[ ({open})].",
    ),
    ("push-done", "Todos os pacotes do bundle {bundle} estão instalados."),
    ("pair-resumed", "A execução {run} sobre dois continua por outro comando: {command}"),
    (
        "pair-begun",
        "A execução {run} sobre dois começou ({topology}[, endereço trocado por {switch}]); este aplicativo é {part}, o outro é {partner}, número de série {partner_serial}. O comando: {command}",
    ),
    ("pair-step-begun", "A etapa {step} da execução {run} está para ser feita em {on}."),
    ("pair-sync-pressed", "Uma sincronização de dados estava para ser acionada, como etapa {step} da execução {run}."),
    ("pair-step-done", "A etapa {step} da execução {run} está feita em {on}."),
    ("address-told", "Uma pessoa informou um endereço IP pelo qual os clientes chegam [a {of}, ]ao site: {address}."),
    ("serves", "Os clientes são levados a este aplicativo daqui em diante, pela execução {run}."),
    ("pair-step-undone", "O que a etapa {step} da execução {run} fez não pode ser usado: {why}"),
    ("certificate-left-out", "{by} dispensou a exportação do certificado para {bundle}. Motivo: {reason}"),
    (
        "certificate-exported",
        "O certificado do site foi exportado com a chave[, como {file}][, SHA-256 {sha256}][, emitido para {issued_to}][, impressão digital {fingerprint}]{guided?, por uma pessoa|}.",
    ),
    ("restore-sent", "Um backup está para ser enviado, para ser restaurado no aplicativo novo[: SHA-256 {sha256}]."),
    (
        "site-gone",
        "O aplicativo não mostra mais nenhum site, e uma pessoa afirma que ele foi redefinido; ele tinha o site {site}.",
    ),
    (
        "restore-begun",
        "O backup {file} está para ser enviado, para ser restaurado[; foi feito em {made_on}]: SHA-256 {sha256}.",
    ),
    ("restored", "As configurações do backup de SHA-256 {sha256} estão restauradas{guided?, como afirma uma pessoa|}."),
    ("restore-refused", "O aplicativo recusou o backup de SHA-256 {sha256}. Ele disse: “{said}”"),
    (
        "reset-ordered",
        "O número de série {serial} foi digitado: o aplicativo antigo[ {host}] está para ser redefinido.",
    ),
    ("pair-stopped", "A execução {run} sobre dois parou em {step}: {why}"),
    ("pair-done", "A execução {run} sobre dois terminou: ambos estão atualizados."),
    ("pair-left", "Uma pessoa abandonou a execução {run} sobre dois, para continuar só com este aplicativo."),
    (
        "receipt-signed",
        "O recibo {receipt} foi assinado para o bundle {bundle}; ele informa o diário até este registro.",
    ),
];
