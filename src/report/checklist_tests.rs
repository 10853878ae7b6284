//! The checklist: its sentences, what is ticked, what stays open.

use super::checklist::*;
use super::page::{About, Imprint, moment};
use super::topic::{Topic, Unasked};
use crate::language::Tongue;
use crate::model::Timestamp;
use std::collections::BTreeMap;

fn upgrade() -> Upgrade {
    Upgrade {
        name: "lisbon".into(),
        site: Some("Bomgar 10.6.2".into()),
        later_than: Timestamp::parse("2026-03-04T21:59:07Z").map(|at| (at, true)),
        installed: vec!["Base 3.4.0".into(), "Bomgar <10.6.2>\u{1b}".into()],
        removed: false,
        seen: ClientsSeen {
            jump_clients: Some(Counted { seen: 41, outdated: 0, wanted: 1 }),
            connected: Some(BTreeMap::from([("representative".into(), 2), ("pinned_client".into(), 40)])),
            version: Some("10.6.2".into()),
            sound: Some(true),
            ..ClientsSeen::default()
        },
    }
}

#[test]
fn every_topic_is_there_in_both_languages() {
    for language in [Tongue::En, Tongue::Pt] {
        let list = checklist(&upgrade(), language);
        assert_eq!(list.items.len(), Topic::ALL.len());
        for item in &list.items {
            assert!(item.text.len() > 40 && !item.title.is_empty(), "{item:?}");
            assert_eq!(item.confirmed.is_some(), item.topic == Topic::JumpClients);
            assert_eq!(item.told.is_some(), item.topic != Topic::JumpClients, "what could not be confirmed is said");
        }
    }
    let titles = |language| checklist(&upgrade(), language).items.into_iter().map(|item| item.text);
    assert!(titles(Tongue::En).zip(titles(Tongue::Pt)).all(|(en, pt)| en != pt), "each is translated");
}

/// Each sentence of the guide, by topic, word for word: a checklist that
/// says the opposite, or less, fails.
#[test]
fn each_sentence_of_the_guide_is_told_in_both_languages() {
    use Topic::*;
    let said: &[(Topic, &str, &str)] = &[
        (Test, "read its version under Help > About (Bomgar 10.6.2)", "leia a versão em Ajuda > Sobre (Bomgar 10.6.2)"),
        (Test, "hold one session with a remote computer", "faça uma sessão com um computador remoto"),
        (
            Consoles,
            "Each updates itself when it is next started.",
            "Cada um se atualiza na próxima vez que for aberto.",
        ),
        (
            MsiConsoles,
            "may have to be deployed again with a new MSI",
            "Talvez precisem ser implantados de novo com um MSI novo",
        ),
        (
            MsiConsoles,
            "where vendor support has enabled extractable consoles, check for updates",
            "se o suporte do fornecedor ativou o console extraível, verifique se há atualizações",
        ),
        (
            MsiConsoles,
            "Instaladores de Console de Suporte Técnico",
            "no link Instaladores de Console de Suporte Técnico",
        ),
        (
            MsiConsoles,
            "The old console need not be uninstalled first",
            "Não é necessário desinstalar antes o console antigo",
        ),
        (
            MsiConsoles,
            "Keep the old MSI: only it can remove an old installation, the new one can not.",
            "Guarde o MSI antigo: só ele remove uma instalação antiga, o novo não consegue.",
        ),
        (
            JumpClients,
            "outward to the appliance on TCP port 443",
            "sai do computador de cada um para o aplicativo na porta TCP 443",
        ),
        (JumpClients, "active ones at once", "os ativos logo"),
        (
            JumpClients,
            "passive ones when their computer starts, when a console connects to it",
            "os passivos quando o computador é iniciado, quando um console se conecta a ele",
        ),
        (JumpClients, "from its icon in the system tray", "pelo ícone na bandeja do sistema"),
        (
            JumpClients,
            "and at least every 24 hours. Those whose computers stay offline take longer than that.",
            "e pelo menos a cada 24 horas. Aqueles cujos computadores ficam offline demoram mais do que isso.",
        ),
        (
            JumpClients,
            "One that is shown as connected in a console or at /login > Status > Information has updated.",
            "Quem aparece como conectado em um console ou em /login > Status > Informações já foi atualizado.",
        ),
        (
            JumpClients,
            "sort it by Status Details, and see that each date is later than Wed 2026-03-04 22:00 UTC",
            "ordene por Detalhes de Status e confirme que cada data é posterior a qua 2026-03-04 22:00 UTC",
        ),
        (
            JumpClientRate,
            "lower the Maximum Number of Concurrent Jump Client Upgrades at /login > Jump > Jump Clients",
            "diminua o Número Máximo de Atualizações Simultâneas do Jump Client em /login > Jump > Jump Clients",
        ),
        (
            JumpClientRate,
            "raise it again when all have updated",
            "aumente-o de novo quando todos estiverem atualizados",
        ),
        (Jumpoints, "They update by themselves.", "Eles se atualizam sozinhos."),
        (Buttons, "Each updates itself when it is first used again", "Cada um se atualiza quando é usado de novo"),
        (ConnectionAgents, "They update by themselves after the site.", "Eles se atualizam sozinhos depois do site."),
        (
            IntegrationClients,
            "They do not update by themselves: install each anew, with the installer from the Downloads page of help.bomgar.com.",
            "Eles não se atualizam sozinhos: instale cada um de novo, com o instalador da página Downloads de help.bomgar.com.",
        ),
        (
            Installers,
            "Installers of Buttons, Jump Clients and consoles that were made before Wed 2026-03-04 22:00 UTC by the appliance's clock are no longer valid",
            "Instaladores de Bomgar Buttons, Jump Clients e consoles criados antes de qua 2026-03-04 22:00 UTC pelo relógio do aplicativo não valem mais",
        ),
        (Installers, "make new ones", "crie novos"),
    ];
    tell_each(&upgrade(), said);
    assert!(Topic::ALL.iter().all(|one| said.iter().any(|(topic, ..)| topic == one)), "none is untested");
}

#[test]
fn clients_that_were_removed_are_installed_anew_and_none_updates_by_itself() {
    use Topic::*;
    let removed = Upgrade { removed: true, ..upgrade() };
    let by_hand = ("install each anew by hand", "instale cada um de novo manualmente");
    let mut said: Vec<(Topic, &str, &str)> =
        [Consoles, Jumpoints, Buttons, ConnectionAgents].map(|topic| (topic, by_hand.0, by_hand.1)).to_vec();
    said.extend([
        (MsiConsoles, "deploy them anew with the new MSI", "implante-os de novo com o MSI novo"),
        (MsiConsoles, "only the old MSI can remove", "só o MSI antigo remove"),
        (JumpClients, "install each Jump Client anew by hand", "instale cada Jump Client de novo manualmente"),
        (JumpClientRate, "None is left to update", "Nenhum resta para atualizar"),
        (IntegrationClients, "install each anew", "instale cada um de novo"),
        (Installers, "make new ones", "crie novos"),
    ]);
    tell_each(&removed, &said);
    for (language, alone) in [
        (Tongue::En, ["updates itself", "update by themselves", "update when"]),
        (Tongue::Pt, ["se atualiza na", "se atualiza quando", "se atualizam sozinhos."]),
    ] {
        let list = checklist(&removed, language);
        assert!(list.items.iter().all(|item| item.confirmed.is_none()), "no count shows that they are back");
        for item in list.items.iter().filter(|item| item.topic != IntegrationClients) {
            assert!(alone.iter().all(|words| !item.text.contains(words)), "{:?}", item.text);
        }
    }
    let summary = |language| checklist(&removed, language).summary;
    assert!(summary(Tongue::En).contains("nothing updates by itself: after the last package install all of it anew"));
    assert!(summary(Tongue::Pt).contains("nada se atualiza sozinho: depois do último pacote, instale tudo de novo"));
}

fn tell_each(upgrade: &Upgrade, said: &[(Topic, &str, &str)]) {
    for (at, language) in [Tongue::En, Tongue::Pt].into_iter().enumerate() {
        let list = checklist(upgrade, language);
        for (topic, en, pt) in said {
            let wanted = [en, pt][at];
            let item = list.items.iter().find(|item| item.topic == *topic).expect("each topic is there");
            assert!(item.text.contains(wanted), "{topic:?}: {wanted:?} in {:?}", item.text);
        }
    }
}

#[test]
fn what_is_known_is_ticked_and_the_rest_is_open() {
    let told = checklist_text(&checklist(&upgrade(), Tongue::En));
    assert!(told.contains("[x] Jump Clients (all 41 of shared groups have updated"), "{told}");
    assert_eq!(told.matches("[ ]").count(), Topic::ALL.len() - 1);
    let english = "each date is later than Wed 2026-03-04 22:00 UTC by the appliance's clock.";
    assert!(told.contains(english), "the date that clients are compared with: {told}");
    let told = checklist_text(&checklist(&upgrade(), Tongue::Pt));
    let portuguese = "cada data é posterior a qua 2026-03-04 22:00 UTC pelo relógio do aplicativo.";
    assert!(told.contains(portuguese), "{told}");
    let host = Upgrade { later_than: upgrade().later_than.map(|(at, _)| (at, false)), ..upgrade() };
    assert!(checklist_text(&checklist(&host, Tongue::En)).contains("later than Wed 2026-03-04 22:00 UTC."));
}

#[test]
fn nothing_is_ticked_without_a_whole_count() {
    let with = |change: fn(&mut ClientsSeen)| {
        let mut upgrade = upgrade();
        change(&mut upgrade.seen);
        [Tongue::En, Tongue::Pt].map(|language| checklist_text(&checklist(&upgrade, language)))
    };
    let few: fn(&mut ClientsSeen) = |seen| {
        (seen.jump_clients, seen.connected) = (Some(Counted { seen: 3, outdated: 0, wanted: 10 }), None);
    };
    let behind: fn(&mut ClientsSeen) = |seen| seen.jump_clients = Some(Counted { seen: 41, outdated: 2, wanted: 1 });
    let personal: fn(&mut ClientsSeen) = |seen| seen.connected = Some(BTreeMap::from([("pinned_client".into(), 60)]));
    let away: fn(&mut ClientsSeen) =
        |seen| *seen = ClientsSeen { unasked: Some(Unasked::NoAccount), ..ClientsSeen::default() };
    for (change, english, portuguese) in [
        (few, "3 of shared groups were seen, and 10 are asked for", "3 dos grupos compartilhados"),
        (behind, "2 of 41 of shared groups have not updated", "2 de 41"),
        (personal, "60 are connected and only 41 were counted", "60 estão conectados"),
        (away, "the inventory names no account", "o inventário não indica"),
    ] {
        let [en, pt] = with(change);
        assert!(!en.contains("[x]") && !pt.contains("[x]"), "{en}");
        assert!(en.contains(english), "{en}");
        assert!(pt.contains(portuguese), "{pt}");
    }
}

#[test]
fn no_client_is_touched_without_a_site_package() {
    let base = Upgrade { site: None, later_than: None, installed: vec!["Base 3.4.0".into()], ..upgrade() };
    for language in [Tongue::En, Tongue::Pt] {
        let list = checklist(&base, language);
        assert!(list.items.is_empty() && list.summary.contains("Base 3.4.0"), "{list:?}");
    }
}

#[test]
fn a_page_shows_text_and_runs_nothing() {
    let made = Timestamp::parse("2026-03-08T09:00:00Z").expect("a time");
    let imprint = Imprint { language: Tongue::En, program: "handcarry-inside", made, by: "rui".into() };
    let about = About { name: "lisbon".into(), serial: "S1".into(), host: "h.example.com".into(), bundles: Vec::new() };
    let page = checklist_html(&checklist(&upgrade(), Tongue::En), about, &imprint);
    for there in
        ["S1", "h.example.com", moment(made, imprint.words()).as_str(), "rui", "handcarry-inside 0.1.0", "Signature"]
    {
        assert!(page.contains(there), "{there}: {page}");
    }
    assert!(page.contains("Bomgar &lt;10.6.2&gt;") && !page.contains('\u{1b}'), "{page}");
    assert!(!page.contains("<script") && !page.contains("http"), "it needs nothing from elsewhere");
    assert_eq!(page.matches(" checked").count(), 1);
}
