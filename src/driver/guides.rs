//! The steps as a person does them, from the vendor's upgrade guide.

use super::{BackupOptions, Guide, Words};
use crate::model::{Package, changes_base};

/// A way through a menu: where it begins, and the links to follow.
pub(super) type MenuPath = (&'static str, &'static [&'static str]);

const UPDATES: MenuPath = ("/appliance", &["nav.updates"]);
pub(super) const SOFTWARE: MenuPath = ("/login", &["nav.management", "nav.software"]);

/// Obtaining the download code.
pub(crate) fn code(words: &Words, because: String) -> Guide {
    let key = words.told("updates.key");
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("press the link {key}"),
        "copy the code that it shows, exactly; it is good once".to_owned(),
    ];
    guide(words, "obtain the appliance download code", UPDATES, instructions, because)
}

/// Finding the code on the page that answered the press which makes one: it
/// may be made, so nothing is pressed again unseen.
pub(crate) fn code_made(words: &Words, place: &str, said: &[String]) -> Guide {
    let key = words.told("updates.key");
    let mut instructions = vec![
        format!("{key} was pressed; do not press it again where a code was made, another press may make another"),
        "find the code in what the page says and copy it exactly; it is good once".to_owned(),
    ];
    instructions.extend(said.iter().map(|line| format!("the page says: {line}")));
    let because = format!("what {place} shows after the press is not clearly a code");
    guide(words, "find the appliance download code", UPDATES, instructions, because)
}

/// Making a backup.
pub(crate) fn backup(words: &Words, options: &BackupOptions<'_>, because: String) -> Guide {
    let mut instructions = vec!["log in on /login and open the page".to_owned()];
    if options.password.is_some() {
        instructions.push(format!(
            "type the backup password into both fields, {} and {}",
            words.told("backup.password"),
            words.told("backup.confirm")
        ));
    }
    let tick = if options.include_history { "tick" } else { "clear" };
    instructions.push(format!("{tick} {}", words.told("backup.history")));
    instructions.push(format!("press {}", words.told("backup.download")));
    instructions.push("save the file on this machine and note where".to_owned());
    guide(words, "make a backup of the site", SOFTWARE, instructions, because)
}

/// Uploading a package.
pub(crate) fn upload(words: &Words, package: &Package, because: String) -> Guide {
    let mut instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("in the section {}", words.told("updates.manual")),
        format!("choose the verified copy of {} ({})", package.file, crate::model::text::one_line(&package.name)),
        format!("press {}, once", words.told("updates.upload")),
        "accept the licence agreement if one is shown; do not leave the page while the file is sent".to_owned(),
    ];
    // The guide's strongest word, told while somebody can still act by it.
    if changes_base(package.kind, &package.name) {
        let never =
            "whatever happens, do not restart the appliance; in trouble leave it as it is and call vendor support";
        instructions.push(never.to_owned());
    }
    guide(
        words,
        &format!("install {} by hand", crate::model::text::one_line(&package.name)),
        UPDATES,
        instructions,
        because,
    )
}

/// Having the appliance ask its vendor for updates.
pub(crate) fn check(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("press {}, and wait until it has answered", words.told("updates.check")),
    ];
    guide(words, "have the appliance check for updates", UPDATES, instructions, because)
}

/// Saving the installers of consoles ahead of an update.
pub(crate) fn installers(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("press {}, and wait until it has answered", words.told("updates.check")),
        format!("click the link {}, and save each MSI that it gives", words.told("updates.installers")),
        "where there is no such link, vendor support has not enabled extractable consoles for this site".to_owned(),
    ];
    guide(words, "save the installers of the new consoles", UPDATES, instructions, because)
}

/// Reading what the appliance offers.
pub(crate) fn listing(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!(
            "read the titles under {}, and what stands beside those that are greyed out",
            words.told("updates.available")
        ),
    ];
    guide(words, "read what the appliance offers", UPDATES, instructions, because)
}

/// Having the appliance install a package it offers.
pub(crate) fn install_offered(words: &Words, package: &str, because: String) -> Guide {
    let name = crate::model::text::one_line(package);
    let instructions = vec![
        "log in on /appliance and open the page".to_owned(),
        format!("in the list {}, find {name}", words.told("updates.available")),
        format!("press {} beside it, once", words.told("updates.install")),
        "accept the licence agreement if one is shown".to_owned(),
    ];
    guide(words, &format!("have the appliance install {name}"), UPDATES, instructions, because)
}

/// Going on where the appliance's answer to a package is not understood.
pub(crate) fn finish(words: &Words, package: &str, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page; the package is with the appliance, so neither send it nor press its \
         button again"
            .to_owned(),
        "accept the licence agreement if one is shown, and start the installation if it has not begun".to_owned(),
        "where the page knows nothing of the package, stop here and answer no".to_owned(),
    ];
    let title = format!("see {} through", crate::model::text::one_line(package));
    guide(words, &title, UPDATES, instructions, because)
}

/// Accepting a licence agreement.
pub(crate) fn eula(words: &Words, because: String) -> Guide {
    let instructions = vec![
        "log in on /appliance and open the page; it shows the licence agreement".to_owned(),
        format!("tick {}", words.told("eula.accept")),
        format!("press {}, once", words.told("eula.submit")),
    ];
    guide(words, "accept the licence agreement", UPDATES, instructions, because)
}

pub(crate) fn guide(
    words: &Words,
    title: &str,
    (root, links): MenuPath,
    instructions: Vec<String>,
    because: String,
) -> Guide {
    Guide { title: title.to_owned(), menu_path: words.path(root, links), instructions, because }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::Language;

    #[test]
    fn the_appliances_language_is_told_first() {
        let words = |language| Words::new(None, language).expect("reads");
        let guide = code(&words(Language::Pt), "why".into());
        assert_eq!(guide.menu_path, "/appliance > Atualizações (in English: /appliance > Updates)");
        assert!(guide.instructions[1].contains("Código de Download de Appliance (in English: Appliance Download Key)"));
        assert_eq!(code(&words(Language::En), "why".into()).menu_path, "/appliance > Updates");
    }
}
