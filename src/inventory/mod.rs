//! The appliances this desk looks after: `inventory.toml`, edited by hand or
//! by `enroll`; comments and order stay as the person left them.
//!
//! It holds no password: only where one is to be found. A key it does not
//! know is an error, because a misspelt one would be silently without effect.

mod change;
mod entry;
mod error;
mod identity;
mod pair;
mod password;
mod text;

pub use change::certificate_of;
pub use entry::{ApiAccount, ApplianceEntry, Clock, Credentials, Driver, Language, PasswordAt, Trust};
pub use error::InventoryError;
pub use identity::Identity;
pub use pair::{PairKeys, Reached};
pub use text::{serial_complaint, url_complaint, word};

use crate::cli::Home;
use crate::media::{self, MediaError, Mode};
use crate::model::{Failure, FileName};
use std::path::{Path, PathBuf};
use toml_edit::DocumentMut;

/// Largest inventory, in bytes: a thousand appliances with long comments.
pub const MAX_INVENTORY_BYTES: u64 = 1 << 20;

/// The inventory as it was read, ready to be added to.
#[derive(Debug)]
pub struct Inventory {
    path: PathBuf,
    document: DocumentMut,
    entries: Vec<ApplianceEntry>,
}

impl Inventory {
    /// Reads `inventory.toml` below `home`; where there is none, an empty one.
    ///
    /// # Errors
    /// [`InventoryError::Unreadable`], [`InventoryError::Malformed`] with the
    /// line, [`InventoryError::Entry`] with the appliance.
    pub fn read(home: &Home) -> Result<Self, InventoryError> {
        let path = home.join("inventory.toml");
        let unreadable = |source| InventoryError::Unreadable { path: path.clone(), source };
        // Asked before it is read, so that a wrong link to a large file or a device is told instead of read.
        let text = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => text::HEADER.to_owned(),
            Err(error) => return Err(unreadable(error)),
            Ok(facts) if facts.len() > MAX_INVENTORY_BYTES => {
                return Err(InventoryError::TooLarge { path, size_bytes: facts.len() });
            }
            Ok(facts) if !facts.is_file() => {
                return Err(unreadable(std::io::Error::other("it is not a regular file")));
            }
            Ok(_) => std::fs::read_to_string(&path).map_err(unreadable)?,
        };
        Self::parse(&path, &text)
    }

    /// Reads the inventory's text; `path` is for messages and for writing.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(path: &Path, text: &str) -> Result<Self, InventoryError> {
        // Read twice: serde's reader gives the entries, and `toml_edit` keeps
        // comments and order for writing. The first one's errors are the better told.
        let entries = text::entries(path, text)?;
        let document = text.parse::<DocumentMut>().map_err(|error| InventoryError::Malformed {
            path: path.to_path_buf(),
            line: error.span().map(|span| text::line_of(text, span.start)),
            what: crate::model::text::one_line(error.message()),
        })?;
        Ok(Inventory { path: path.to_path_buf(), document, entries })
    }

    /// Every appliance, by name.
    pub fn entries(&self) -> &[ApplianceEntry] {
        &self.entries
    }

    /// The appliance called `name`.
    ///
    /// # Errors
    /// [`InventoryError::Unknown`], which names those there are.
    pub fn appliance(&self, name: &str) -> Result<&ApplianceEntry, InventoryError> {
        self.entries.iter().find(|entry| entry.name.as_str() == name).ok_or_else(|| InventoryError::Unknown {
            name: crate::model::text::one_line(name),
            known: self.entries.iter().map(|entry| entry.name.to_string()).collect(),
        })
    }

    /// The names of an appliance.
    pub fn of<'a>(&'a self, who: &'a Identity) -> impl Iterator<Item = &'a ApplianceEntry> {
        self.entries.iter().filter(move |entry| entry.identity().as_ref() == Some(who))
    }

    /// The other names of the appliance that `name` is a name of.
    pub fn twins<'a>(&'a self, name: &'a FileName, who: &'a Identity) -> impl Iterator<Item = &'a ApplianceEntry> {
        self.of(who).filter(move |entry| entry.name != *name)
    }

    /// Writes into the inventory which appliance `name` is. It is read anew
    /// just before, and one run at a time does so.
    ///
    /// # Errors
    /// A [`Failure`] where it can't be read or written, or has no such name any more.
    pub fn bind(home: &Home, name: &FileName, serial: &str) -> Result<(), Failure> {
        // Another run may add an appliance meanwhile. What is written is the file
        // as it is now, with one key more, never the copy that this run began with.
        let _turn = home.turn("inventory")?;
        let mut inventory = Inventory::read(home)?;
        // A person may have deleted the section since; then the serial number has no place, and the run must say so.
        inventory.appliance(name.as_str())?;
        text::bind(&mut inventory.document, name, serial);
        Ok(inventory.write()?)
    }

    /// The failover pair that `entry` belongs to, as both of its entries say
    /// it together; `None` where it is in none.
    pub fn pairing(&self, entry: &ApplianceEntry) -> Option<PairKeys> {
        pair::pairing(&self.entries, entry)
    }

    /// Refuses a partner that is not there, or has another partner.
    ///
    /// # Errors
    /// [`InventoryError::Unknown`], [`InventoryError::Entry`].
    pub fn check_partner(&self, partner: &FileName) -> Result<(), InventoryError> {
        match &self.appliance(partner.as_str())?.pair {
            None => Ok(()),
            Some(pair) => Err(InventoryError::Entry {
                path: self.path.clone(),
                name: partner.to_string(),
                what: format!("has pair = \"{}\"; an appliance has one partner", pair.partner),
            }),
        }
    }

    /// Refuses a name that is taken.
    ///
    /// # Errors
    /// [`InventoryError::Exists`].
    pub fn check_free(&self, name: &FileName) -> Result<(), InventoryError> {
        match self.entries.iter().any(|entry| entry.name == *name) {
            true => Err(InventoryError::Exists { name: name.to_string(), path: self.path.clone() }),
            false => Ok(()),
        }
    }

    /// Adds an appliance, behind those that are there, and names it in its
    /// partner's section; not yet on disk.
    ///
    /// # Errors
    /// [`InventoryError::Exists`] where the name is taken.
    pub fn add(&mut self, entry: ApplianceEntry) -> Result<(), InventoryError> {
        self.check_free(&entry.name)?;
        text::append(&mut self.document, &entry);
        // The partner's section gets the name too, or the next reading would refuse the pair.
        if let Some(pair) = &entry.pair {
            text::name_partner(&mut self.document, &pair.partner, &entry.name);
            let own = PairKeys { partner: entry.name.clone(), topology: None, switch: None, shared_ip: None };
            self.entries.iter_mut().filter(|other| other.name == pair.partner).for_each(|other| {
                other.pair.get_or_insert_with(|| own.clone());
            });
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Writes it to disk, durably, readable by its owner alone.
    ///
    /// # Errors
    /// [`MediaError`] with what the operating system says.
    pub fn write(&self) -> Result<(), MediaError> {
        if let Some(folder) = self.path.parent() {
            media::create_dirs(folder, Mode::Private)?;
        }
        media::write_durably(&self.path, self.to_text().as_bytes(), Mode::Private)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its text, comments and all.
    pub fn to_text(&self) -> String {
        self.document.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Exit, Explain, PackageKind};

    fn parse(text: &str) -> Result<Inventory, InventoryError> {
        Inventory::parse(Path::new("inventory.toml"), text)
    }

    const ONE: &str = "# ours\n[appliances.hq] # the big one\nurl = \"https://support.example.com\"\n\
                       driver = \"bomgar\"\ncertificate = \"certs/hq.pem\"\nuser = \"admin\" # shared\n";

    #[test]
    fn comments_survive_an_addition() {
        let mut inventory = parse(ONE).expect("reads");
        let mut second = inventory.appliance("hq").expect("there").clone();
        second.name = FileName::parse("branch").expect("a name");
        second.appliance.password = PasswordAt::Env("BRANCH_PASSWORD".into());
        second.soak_hours = Some(48);
        inventory.add(second.clone()).expect("free");
        let text = inventory.to_text();
        assert!(text.starts_with(ONE), "{text}");
        let again = parse(&text).expect("still reads");
        assert_eq!(again.appliance("branch").expect("there"), &second);
        assert_eq!(inventory.add(second).expect_err("taken").exit(), Exit::Exists);
    }

    #[test]
    fn comments_at_the_end_stay_where_they_are() {
        let entry = parse(ONE).expect("reads").appliance("hq").expect("there").clone();
        for before in [text::HEADER.to_owned(), ONE.replace("hq]", "a]") + "\n# the end\n", ONE.replace("hq]", "a]")] {
            let mut inventory = parse(&before).expect("reads");
            inventory.add(entry.clone()).expect("free");
            let text = inventory.to_text();
            assert!(text.starts_with(&format!("{before}\n[appliances.hq]\n")), "{text}");
        }
    }

    #[test]
    fn a_serial_number_is_written_into_its_section_only() {
        for text in [ONE.to_owned(), "appliances.hq = { url = \"https://h\", driver = \"guided\" }\n".to_owned()] {
            let mut inventory = parse(&text).expect("reads");
            let name = FileName::parse("hq").expect("a name");
            for serial in ["S 1", "S-2"] {
                text::bind(&mut inventory.document, &name, serial);
                let again = parse(&inventory.to_text()).expect("still reads");
                let mut bound = again.appliance("hq").expect("there").clone();
                assert_eq!(bound.serial.take().as_deref(), Some(serial));
                assert_eq!(&bound, inventory.appliance("hq").expect("there"), "nothing else changed");
            }
        }
        let one = parse(ONE).expect("reads");
        let one = one.appliance("hq").expect("there");
        for (key, line) in
            [("clock", "clock = \"appliance\""), ("soak_hours", "soak_hours = 48"), ("min_clients", "min_clients = 3")]
        {
            let other = parse(&format!("{ONE}{line}\n")).expect("reads");
            assert_eq!(one.differs_from(other.appliance("hq").expect("there")), Some(key));
        }
        assert_eq!(one.differs_from(one), None);
        parse(&format!("{ONE}serial = \"\"\n")).expect_err("no serial number");
    }

    #[test]
    fn the_sites_own_titles_are_read_and_written() {
        let own = parse(&format!("{ONE}titles = [\"Appliance Firmware = base\"]\n")).expect("reads");
        let hq = own.appliance("hq").expect("there");
        assert_eq!(hq.titles.identity("Appliance Firmware 7.4.0").map(|(kind, _)| kind), Some(PackageKind::Base));
        let one = parse(ONE).expect("reads");
        assert_eq!(one.appliance("hq").expect("there").differs_from(hq), Some("titles"));
        let odd = parse(&format!("{ONE}titles = [\"Appliance Firmware\"]\n")).expect_err("no kind");
        assert!(odd.to_string().contains("is no NAME = KIND"), "{odd}");
    }

    #[test]
    fn what_is_not_known_is_named() {
        let error = parse(&ONE.replace("user =", "usr =")).expect_err("misspelt");
        assert_eq!(error.to_string(), "inventory.toml line 6: unknown key usr in [appliances.hq]");
        assert_eq!(error.hint(), Some("did you mean user?".into()));
        let error = parse(&format!("{ONE}frobnicate = 1\n")).expect_err("unknown");
        assert!(error.hint().expect("has one").as_part().starts_with("known keys are url, serial, driver"), "{error}");
        let error = parse("[appliance.hq]\n").expect_err("unknown table");
        assert_eq!(error.to_string(), "inventory.toml line 1: unknown key appliance");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (line, word) in [
            ("url = \"http://support.example.com\"", "https"),
            ("url = \"https://a:b@support.example.com\"", "user name"),
            ("url = \"https://support.example.com/appliance\"", "path"),
            ("url = \"\"", "https"),
        ] {
            let text = ONE.replace("url = \"https://support.example.com\"", line);
            let error = parse(&text).expect_err(line);
            assert_eq!(error.exit(), Exit::Config);
            assert!(error.to_string().contains(word), "{line}: {error}");
        }
        for more in [
            "ca = \"ca.pem\"",
            "password_file = \"p\"\npassword_env = \"P\"",
            "soak_hours = -1",
            "soak_hours = 0",
            "soak_hours = 23",
        ] {
            parse(&format!("{ONE}{more}\n")).expect_err(more);
        }
        parse(&format!("{ONE}soak_hours = 24\n")).expect("as long as the guide has it");
        parse("[appliances.HQ]\nurl = \"https://h\"\ndriver = \"guided\"\n").expect_err("upper case");
        parse("[appliances.hq]\nurl = \"https://h\"\ndriver = \"bomgar\"\n").expect_err("no trust");
        parse("[appliances.hq]\nurl = \"https://h\"\ndriver = \"guided\"\n").expect("a person needs no certificate");
    }

    #[test]
    fn an_unknown_appliance_is_told_with_those_there_are() {
        let error = parse(ONE).expect("reads").appliance("x").map(|_| ()).expect_err("not there");
        assert_eq!((error.exit(), error.hint().expect("has one").as_part().contains("hq")), (Exit::NotFound, true));
    }
}
