//! The texts of the pages that only a pair has, in the lab's two languages.

use crate::lab::PageLanguage;
use crate::model::Timestamp;

/// The texts of one language.
pub(in crate::lab) struct PairWords {
    pub(in crate::lab) primary_section: &'static str,
    pub(in crate::lab) backup_section: &'static str,
    pub(in crate::lab) is_primary: &'static str,
    pub(in crate::lab) is_backup: &'static str,
    pub(in crate::lab) setup: &'static str,
    pub(in crate::lab) new_backup: &'static str,
    pub(in crate::lab) reverse: &'static str,
    pub(in crate::lab) host: &'static str,
    pub(in crate::lab) port: &'static str,
    pub(in crate::lab) establish: &'static str,
    pub(in crate::lab) establish_note: &'static str,
    pub(in crate::lab) sync_now: &'static str,
    pub(in crate::lab) last_sync: &'static str,
    pub(in crate::lab) never_synced: &'static str,
    pub(in crate::lab) syncing: &'static str,
    pub(in crate::lab) become_primary: &'static str,
    pub(in crate::lab) become_backup: &'static str,
    pub(in crate::lab) with_sync: &'static str,
    pub(in crate::lab) break_up: &'static str,
    pub(in crate::lab) break_note: &'static str,
    pub(in crate::lab) unreachable: &'static str,
    pub(in crate::lab) key_differs: &'static str,
    pub(in crate::lab) version_differs: &'static str,
    pub(in crate::lab) shared_name: &'static str,
    pub(in crate::lab) bad_address: &'static str,
    pub(in crate::lab) not_now: &'static str,
    pub(in crate::lab) established: &'static str,
    pub(in crate::lab) broken: &'static str,
    pub(in crate::lab) addresses: &'static str,
    pub(in crate::lab) enabled: &'static str,
    pub(in crate::lab) state_on: &'static str,
    pub(in crate::lab) state_off: &'static str,
    pub(in crate::lab) saved: &'static str,
}

/// The texts of `language`.
pub(in crate::lab) fn words(language: PageLanguage) -> &'static PairWords {
    match language {
        PageLanguage::English => &ENGLISH,
        PageLanguage::Portuguese => &PORTUGUESE,
    }
}

/// A moment as the failover page writes it in `language`.
pub(in crate::lab) fn moment(language: PageLanguage, at: Timestamp) -> String {
    const MONTHS: [&str; 12] = [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ];
    let t = at.datetime();
    match language {
        PageLanguage::English => {
            let (hour, half) = (t.hour() % 12, if t.hour() < 12 { "AM" } else { "PM" });
            let hour = if hour == 0 { 12 } else { hour };
            format!("{} {}, {} {hour:02}:{:02}:{:02} {half} UTC", t.month(), t.day(), t.year(), t.minute(), t.second())
        }
        PageLanguage::Portuguese => format!(
            "{} de {} de {} {:02}:{:02}:{:02} UTC",
            t.day(),
            MONTHS[usize::from(u8::from(t.month())) - 1],
            t.year(),
            t.hour(),
            t.minute(),
            t.second()
        ),
    }
}

static ENGLISH: PairWords = PairWords {
    primary_section: "Failover :: Primary Site Instance Status",
    backup_section: "Failover :: Backup Site Instance Status",
    is_primary: "This is the Primary site instance for",
    is_backup: "This is the Backup site instance for",
    setup: "Setup a Failover Relationship:",
    new_backup: "New Backup Site Connection Details",
    reverse: "Reverse Connection Details To This Primary Site",
    host: "Host Name or IP Address:",
    port: "TLS Port:",
    establish: "Establish Relationship",
    establish_note: "NOTE: Validation depends on both appliances having the same Inter-appliance Communication Pre-shared Key entered on the Security page. The shared hostname SHARED should not be used for either hostname field.",
    sync_now: "Sync Now",
    last_sync: "The last data-sync was successfully pulled at",
    never_synced: "No data-sync has been pulled yet.",
    syncing: "A data-sync is in progress.",
    become_primary: "Become Primary",
    become_backup: "Become Backup",
    with_sync: "Check this box to pull a data-sync from the site instance while changing roles.",
    break_up: "Break Failover Relationships",
    break_note: "NOTE: This command will break the failover relationship with the existing failover peer instance. No configuration other than the relationship will be lost on either site instance.",
    unreachable: "The peer site instance could not be contacted.",
    key_differs: "The peer could not be validated: the Inter-appliance Communication Pre-shared Keys do not match.",
    version_differs: "The peer could not be validated: it does not have the same software installed.",
    shared_name: "The shared hostname cannot be used for either hostname field.",
    bad_address: "No appliance could be reached under the given hostname and TLS port.",
    not_now: "This is not possible in the present role.",
    established: "The failover relationship was established.",
    broken: "The failover relationship was broken.",
    addresses: "IP Addresses",
    enabled: "Enabled",
    state_on: "enabled",
    state_off: "disabled",
    saved: "Your changes have been saved.",
};

static PORTUGUESE: PairWords = PairWords {
    primary_section: "Failover :: Status da Instância do Site Primário",
    backup_section: "Failover :: Status da Instância do Site de Backup",
    is_primary: "Esta é a instância do site Primário de",
    is_backup: "Esta é a instância do site de Backup de",
    setup: "Configurar uma Relação de Failover:",
    new_backup: "Detalhes da Conexão do Novo Local de Backup",
    reverse: "Detalhes de Conexão Reversa a este Local Primário",
    host: "Nome do Host ou Endereço IP:",
    port: "Porta TLS:",
    establish: "Estabelecer Relação",
    establish_note: "NOTA: A validação depende de que ambos os aplicativos tenham a mesma chave Inter-Aplicativos na página Segurança. O nome de host compartilhado SHARED não deve ser usado em nenhum dos campos.",
    sync_now: "Sincronizar Agora",
    last_sync: "A última sincronização de dados foi obtida com êxito em",
    never_synced: "Nenhuma sincronização de dados foi obtida ainda.",
    syncing: "Uma sincronização de dados está em andamento.",
    become_primary: "Tornar Primário",
    become_backup: "Tornar Backup",
    with_sync: "Marque esta caixa para obter uma sincronização de dados durante a troca de função.",
    break_up: "Interromper Relações de Failover",
    break_note: "NOTA: Este comando interrompe a relação de failover com o parceiro. Nenhuma configuração além da relação será perdida.",
    unreachable: "Não foi possível contatar o site parceiro.",
    key_differs: "O parceiro não pôde ser validado: as chaves Inter-Aplicativos não são idênticas.",
    version_differs: "O parceiro não pôde ser validado: ele não tem o mesmo software instalado.",
    shared_name: "O nome de host compartilhado não pode ser usado em nenhum dos campos.",
    bad_address: "Nenhum aplicativo foi alcançado com o nome de host e a porta TLS informados.",
    not_now: "Isto não é possível na função atual.",
    established: "A relação de failover foi estabelecida.",
    broken: "A relação de failover foi interrompida.",
    addresses: "Endereços IP",
    enabled: "Ativado",
    state_on: "ativado",
    state_off: "desativado",
    saved: "Suas alterações foram salvas.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_people_do() {
        let at = Timestamp::parse("2012-08-10T15:40:18Z").expect("a time");
        assert_eq!(moment(PageLanguage::English, at), "August 10, 2012 03:40:18 PM UTC");
        assert_eq!(moment(PageLanguage::Portuguese, at), "10 de agosto de 2012 15:40:18 UTC");
    }
}
