//! The installers of consoles that the Updates page gives ahead of an update,
//! where vendor support has enabled that. Source: guide, "client updates".

use super::Bomgar;
use super::blocked::{StepBlocked, by_hand};
use super::copy::copy;
use super::session::StepPage;
use crate::driver::{Did, DriverError, KeepFile, guides};
use crate::model::FileName;
use crate::web::{Link, Validators, WebError};

/// Most installers that are fetched: one an operating system and language.
const MAX_INSTALLERS: usize = 50;

/// What a file that installs a console ends with.
const ENDINGS: [&str; 4] = [".msi", ".exe", ".dmg", ".pkg"];

impl Bomgar {
    /// Fetches each installer that the link leads to, one after the other.
    pub(super) fn fetch_installers(&mut self, keep: KeepFile<'_>) -> Result<Did<Vec<FileName>>, DriverError> {
        let found = self.installer_links();
        let links = match by_hand(found, |because| guides::installers(&self.words, because))? {
            Did::Done(links) => links,
            Did::ByHand(guide) => return Ok(Did::ByHand(guide)),
        };
        let client = self.appliance.client();
        let mut kept = Vec::new();
        for link in links.iter().take(MAX_INSTALLERS) {
            let mut download = client.download(link.url(), 0, &Validators::default())?;
            let name = download.file_name.take().unwrap_or_else(|| FileName::from_foreign(last_part(link.url())));
            keep(&name, &mut |sink| copy(&mut *download.reader, sink, &(), &client.origin()))?;
            kept.push(name);
        }
        Ok(Did::Done(kept))
    }

    /// The links to installers: the page's own, or those of the page it leads to.
    fn installer_links(&mut self) -> Result<Vec<Link>, StepBlocked> {
        let page = self.open(StepPage::Updates)?;
        let wanted = self.words.control("updates.installers");
        let link = page.link(&wanted)?;
        if is_installer(&link) {
            return Ok(vec![link]);
        }
        let answer = self.appliance.client().follow(&link)?;
        let page = self.inside(answer)?;
        let links: Vec<Link> = page.links().into_iter().filter(is_installer).collect();
        if links.is_empty() {
            let there = page.links().iter().map(|link| link.label.clone()).collect();
            let (key, looked_for) = (wanted.key, wanted.labels);
            return Err(WebError::ControlMissing { key, page: page.place(), looked_for, there }.into());
        }
        Ok(links)
    }
}

/// The last part of an address's path.
fn last_part(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

fn is_installer(link: &Link) -> bool {
    let name = last_part(link.url()).to_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}
