//! Changes to an inventory that is there: a section renamed, removed, or told
//! of a new certificate. Comments and order stay as the person left them.

use super::{Inventory, InventoryError, Trust};
use crate::cli::Home;
use crate::model::{Failure, FileName};
use std::path::PathBuf;
use toml_edit::{DocumentMut, Item, TableLike, value};

/// Where the certificate of an appliance enrolled as `name` lies, below the home folder.
pub fn certificate_of(name: &FileName) -> PathBuf {
    PathBuf::from(format!("certs/{name}.pem"))
}

impl Inventory {
    /// Calls an appliance otherwise, in its partner's section, too. Nothing that is remembered hangs on a name.
    ///
    /// # Errors
    /// A [`Failure`] where there is no such name, the new one is taken, or the file can't be kept.
    pub fn rename(home: &Home, old: &FileName, new: &FileName) -> Result<(), Failure> {
        changed(home, old, |inventory| {
            inventory.check_free(new)?;
            let own = inventory.appliance(old.as_str())?.trust.clone();
            let all = appliances(&mut inventory.document);
            if let Some(mut section) = all.and_then(|all| all.remove(old.as_str())) {
                let key = match own {
                    Trust::Pinned { .. } => "certificate",
                    Trust::Ca(_) | Trust::Nothing => "ca",
                };
                let kept = section.as_table_like_mut().and_then(|section| section.get_mut(key));
                // A file that a person put elsewhere stays where it is.
                if let Some(kept) = kept.filter(|kept| kept.as_str().map(PathBuf::from) == Some(certificate_of(old))) {
                    *kept = value(certificate_of(new).to_string_lossy().into_owned());
                }
                if let Some(all) = appliances(&mut inventory.document) {
                    all.insert(new.as_str(), section);
                }
            }
            for section in partners(&mut inventory.document, old) {
                section.insert("pair", value(new.as_str()));
            }
            Ok(())
        })
    }

    /// Takes an appliance out, and its name out of its partner's section.
    ///
    /// # Errors
    /// As [`rename`](Self::rename).
    pub fn remove(home: &Home, name: &FileName) -> Result<(), Failure> {
        changed(home, name, |inventory| {
            if let Some(all) = appliances(&mut inventory.document) {
                all.remove(name.as_str());
            }
            for section in partners(&mut inventory.document, name) {
                for key in ["pair", "topology", "switch", "shared_ip"] {
                    section.remove(key);
                }
            }
            Ok(())
        })
    }

    /// Says whether the names in an appliance's certificate must cover its host.
    ///
    /// # Errors
    /// As [`rename`](Self::rename).
    pub fn check_host(home: &Home, name: &FileName, check_host: bool) -> Result<(), Failure> {
        changed(home, name, |inventory| {
            let section = appliances(&mut inventory.document).and_then(|all| all.get_mut(name.as_str()));
            if let Some(section) = section.and_then(Item::as_table_like_mut) {
                match check_host {
                    true => drop(section.remove("check_host")),
                    false => drop(section.insert("check_host", value(false))),
                }
            }
            Ok(())
        })
    }
}

/// Changes the file as it is now, one run at a time, and keeps it only where it still reads.
fn changed(
    home: &Home,
    name: &FileName,
    change: impl FnOnce(&mut Inventory) -> Result<(), InventoryError>,
) -> Result<(), Failure> {
    let _turn = home.turn("inventory")?;
    let mut inventory = Inventory::read(home)?;
    inventory.appliance(name.as_str())?;
    change(&mut inventory)?;
    Ok(Inventory::parse(inventory.path(), &inventory.to_text())?.write()?)
}

fn appliances(document: &mut DocumentMut) -> Option<&mut dyn TableLike> {
    document.get_mut("appliances").and_then(Item::as_table_like_mut)
}

/// The sections that name `name` as their partner.
fn partners<'d>(document: &'d mut DocumentMut, name: &FileName) -> Vec<&'d mut dyn TableLike> {
    let Some(all) = appliances(document) else { return Vec::new() };
    let sections = all.iter_mut().filter_map(|(_, section)| section.as_table_like_mut());
    sections.filter(|section| section.get("pair").and_then(Item::as_str) == Some(name.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Half;

    const TWO: &str = "# ours\n[appliances.hq] # the big one\nurl = \"https://a\"\ndriver = \"bomgar\"\n\
                       certificate = \"certs/hq.pem\"\npair = \"spare\"\n\n# its spare\n[appliances.spare]\n\
                       url = \"https://b\"\ndriver = \"guided\"\npair = \"hq\"\ntopology = \"failover-sync\"\n";

    fn kept(change: impl FnOnce(&Home, FileName)) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::find(Some(folder.path()), Half::Inside).expect("a home");
        std::fs::create_dir_all(home.root()).expect("made");
        std::fs::write(home.join("inventory.toml"), TWO).expect("written");
        change(&home, FileName::parse("hq").expect("a name"));
        std::fs::read_to_string(home.join("inventory.toml")).expect("there")
    }

    #[test]
    fn a_name_changes_in_both_sections_and_nothing_else_does() {
        let text = kept(|home, hq| {
            let name = |name| FileName::parse(name).expect("a name");
            Inventory::rename(home, &hq, &name("spare")).expect_err("taken");
            Inventory::rename(home, &name("x"), &name("y")).expect_err("not there");
            Inventory::rename(home, &hq, &name("main")).expect("renamed");
        });
        let wanted = TWO.replace("appliances.hq]", "appliances.main]").replace("certs/hq", "certs/main");
        assert_eq!(text, wanted.replace("pair = \"hq\"", "pair = \"main\""));
    }

    #[test]
    fn what_is_removed_leaves_no_partner_without_one() {
        let text = kept(|home, hq| Inventory::remove(home, &hq).expect("removed"));
        assert!(!text.contains("hq") && !text.contains("topology") && text.contains("[appliances.spare]"), "{text}");
    }

    #[test]
    fn a_certificate_of_another_name_is_said_and_unsaid() {
        let text = kept(|home, hq| Inventory::check_host(home, &hq, false).expect("said"));
        assert!(text.contains("check_host = false"), "{text}");
        assert_eq!(kept(|home, hq| Inventory::check_host(home, &hq, true).expect("unsaid")), TWO);
    }
}
