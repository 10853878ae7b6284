//! The steps as a person does them, from the vendor's upgrade guide.

use super::{BackupOptions, Guide};
use crate::inventory::Language;
use crate::model::{Package, PackageKind};

const UPDATES: (&str, &str) = ("/appliance > Updates", "/appliance > Atualizações");
pub(super) const SOFTWARE: (&str, &str) =
    ("/login > Management > Software Management", "/login > Gerenciamento > Gerenciamento de Software");

/// Obtaining the download code.
pub(crate) fn code(language: Language, because: String) -> Guide {
    let key = both(language, ("Appliance Download Key", "Código de Download de Appliance"));
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("press the link {key}"),
        "copy the code that it shows, exactly; it is good once".to_owned(),
    ];
    guide(language, "obtain the appliance download code", UPDATES, instructions, because)
}

/// Finding the code on the page that answered the press which makes one: it
/// may be made, so nothing is pressed again unseen.
pub(crate) fn code_made(language: Language, place: &str, said: &[String]) -> Guide {
    let key = both(language, ("Appliance Download Key", "Código de Download de Appliance"));
    let mut instructions = vec![
        format!("{key} was pressed; do not press it again where a code was made, another press may make another"),
        "find the code in what the page says and copy it exactly; it is good once".to_owned(),
    ];
    instructions.extend(said.iter().map(|line| format!("the page says: {line}")));
    let because = format!("what {place} shows after the press is not clearly a code");
    guide(language, "find the appliance download code", UPDATES, instructions, because)
}

/// Making a backup.
pub(crate) fn backup(language: Language, options: &BackupOptions<'_>, because: String) -> Guide {
    let mut instructions = vec!["log in on /login and open the page".to_owned()];
    if options.password.is_some() {
        instructions.push(format!(
            "type the backup password into both fields, {} and {}",
            both(language, ("Backup Password", "Senha do Backup")),
            both(language, ("Confirm Password", "Confirmar Senha"))
        ));
    }
    let tick = if options.include_history { "tick" } else { "clear" };
    instructions.push(format!("{tick} {}", both(language, ("Include logged history", "Incluir histórico registrado"))));
    instructions.push(format!("press {}", both(language, ("Download Backup", "Descarregar Backup"))));
    instructions.push("save the file on this machine and note where".to_owned());
    guide(language, "make a backup of the site", SOFTWARE, instructions, because)
}

/// Uploading a package.
pub(crate) fn upload(language: Language, package: &Package, because: String) -> Guide {
    let mut instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("in the section {}", both(language, ("Manual Installation", "Instalação Manual"))),
        format!("choose the verified copy of {} ({})", package.file, crate::model::text::one_line(&package.name)),
        format!("press {}, once", both(language, ("Update Software", "Atualizar Software"))),
        "accept the licence agreement if one is shown; do not leave the page while the file is sent".to_owned(),
    ];
    // The guide's strongest word, told while somebody can still act by it.
    if package.kind == PackageKind::Base {
        let never =
            "whatever happens, do not restart the appliance; in trouble leave it as it is and call vendor support";
        instructions.push(never.to_owned());
    }
    guide(
        language,
        &format!("install {} by hand", crate::model::text::one_line(&package.name)),
        UPDATES,
        instructions,
        because,
    )
}

/// Having the appliance ask its vendor for updates.
pub(crate) fn check(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!(
            "press {}, and wait until it has answered",
            both(language, ("Check for Updates", "Verificar Atualizações"))
        ),
    ];
    guide(language, "have the appliance check for updates", UPDATES, instructions, because)
}

/// Reading what the appliance offers.
pub(crate) fn listing(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!(
            "read the titles under {}, and what stands beside those that are greyed out",
            both(language, ("Available Updates", "Atualizações Disponíveis"))
        ),
    ];
    guide(language, "read what the appliance offers", UPDATES, instructions, because)
}

/// Having the appliance install a package it offers.
pub(crate) fn install_offered(language: Language, package: &str, because: String) -> Guide {
    let name = crate::model::text::one_line(package);
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("in the list {}, find {name}", both(language, ("Available Updates", "Atualizações Disponíveis"))),
        format!("press {} beside it, once", both(language, ("Install This Update", "Instalar esta Atualização"))),
        "accept the licence agreement if one is shown".to_owned(),
    ];
    guide(language, &format!("have the appliance install {name}"), UPDATES, instructions, because)
}

/// Going on where the appliance's answer to a package is not understood.
pub(crate) fn finish(language: Language, package: &str, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page; the package is with the appliance, so neither send it nor press its \
         button again"
            .to_owned(),
        "accept the licence agreement if one is shown, and start the installation if it has not begun".to_owned(),
        "where the page knows nothing of the package, stop here and answer no".to_owned(),
    ];
    let title = format!("see {} through", crate::model::text::one_line(package));
    guide(language, &title, UPDATES, instructions, because)
}

/// Accepting a licence agreement.
pub(crate) fn eula(language: Language, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page; it shows the licence agreement".to_owned(),
        format!("tick {}", both(language, ("I accept the terms of this agreement", "Aceito os termos deste contrato"))),
        format!("press {}, once", both(language, ("Accept and Install", "Aceitar e Instalar"))),
    ];
    guide(language, "accept the licence agreement", UPDATES, instructions, because)
}

/// A name on a page, as this appliance shows it and in English.
pub(crate) fn both(language: Language, (en, pt): (&str, &str)) -> String {
    match language {
        Language::En => en.to_owned(),
        // With the English name beside it: the guide in Portuguese shows its screens in English.
        Language::Pt => format!("{pt} (in English: {en})"),
        Language::Auto => format!("{en} (in Portuguese: {pt})"),
    }
}

pub(crate) fn guide(
    language: Language,
    title: &str,
    path: (&str, &str),
    instructions: Vec<String>,
    because: String,
) -> Guide {
    Guide { title: title.to_owned(), menu_path: both(language, path), instructions, because }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_appliances_language_is_told_first() {
        let guide = code(Language::Pt, "why".into());
        assert_eq!(guide.menu_path, "/appliance > Atualizações (in English: /appliance > Updates)");
        assert!(guide.instructions[1].contains("Código de Download de Appliance (in English: Appliance Download Key)"));
        assert_eq!(code(Language::En, "why".into()).menu_path, "/appliance > Updates");
    }
}
