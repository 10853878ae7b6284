//! The site's certificate: exported before a backup or from OLD, imported on
//! NEW, given its address.

use super::{NEW, OLD};
use crate::console::kind;
use crate::driver::{ApplianceRefusal, Did, ListedCertificate, by_hand};
use crate::engine::EngineError;
use crate::engine::Entry;
use crate::engine::keeping::{Keeping, Untaken, free_name, take_over};
use crate::engine::migrate::state::{Exported, key_files};
use crate::engine::question::{EnginePrompt, MigrateQuestion};
use crate::engine::run::Run;
use crate::media::{self, DurableFile, Exposed, Mode};
use crate::model::{AGAIN, Exit, Failure, Id, Secret, Sha256Digest, ShowPath, text};
use crate::plan::{Part, Topology};
use std::path::{Path, PathBuf};

/// Largest exported certificate, in bytes: a key and a long chain are a few KiB.
const MAX_CERTIFICATE_BYTES: u64 = 1 << 20;

/// How often a path or a passphrase is asked for before it counts as none.
const TRIES: usize = 3;

/// What to do with a file that holds the site's private key.
const CUSTODY: &str = "whoever has that file and its passphrase can pose as the site: it is readable by you alone, \
                       leave it nowhere else";

/// The ways on where nobody is there to choose a passphrase.
const UNATTENDED: &str = "where nobody answers: --key-passphrase-file FILE, or key_passphrase_file in inventory.toml; \
                          to export none: --no-certificate-export --reason TEXT";

impl Run<'_> {
    /// Exports the certificate that serves the site from `on`, and keeps it.
    pub(super) fn export(&mut self, on: Part) -> Result<(), Failure> {
        let host = self.shared_host.clone().or_else(|| self.own.as_ref().map(|(own, _)| own.appliance.host.clone()));
        let which = match self.list(on)? {
            Did::Done(listed) => match serving(&listed, host.as_deref()) {
                Ok(which) => which.clone(),
                Err(why) => return self.export_by_hand(on, &why_by_hand(&why)),
            },
            Did::ByHand(guide) => return self.export_by_hand(on, &guide.because),
        };
        self.teller.say(&format!("the site's certificate on {}: {which}", self.name(on)));
        let (file, path) = self.place(on)?;
        self.choose_passphrase(on)?;
        let side = &mut self.sides[on.index()];
        let passphrase = self.passphrase.as_ref().or(side.rules.key_passphrase.as_ref()).expect("it was chosen");
        let mut sink = Keeping::begin(&path, "certificate", MAX_CERTIFICATE_BYTES)?;
        let did = side.appliance.export_certificate(&which, passphrase, &mut sink);
        if let Some(trouble) = sink.trouble {
            // Our own disk's words say more than what the driver made of them.
            return Err(media::MediaError::of("write", &path, trouble).into());
        }
        match did.map_err(|error| self.named(on, error.into()))? {
            Did::ByHand(guide) => self.export_by_hand(on, &guide.because),
            Did::Done(_) if sink.bytes == 0 => {
                let (name, why) = (self.name(on), "the export is empty".to_owned());
                Err(self.certificate_error(name, which.to_string(), why))
            }
            Did::Done(_) => {
                let sha256 = sink.keep(&path)?;
                self.note_export(on, Some((file, sha256, &path)), Some(&which), false)
            }
        }
    }

    /// A person exports it with a browser; a copy is kept where its path is told.
    fn export_by_hand(&mut self, on: Part, because: &str) -> Result<(), Failure> {
        let guide = by_hand::export(&self.side(on).appliance.words(), because.to_owned());
        self.guide(on, &guide)?;
        let (file, path) = self.place(on)?;
        let mut tries = 0;
        loop {
            let asked = match self.topology {
                Some(Topology::Migrate) => EnginePrompt::CertificatePath,
                _ => EnginePrompt::KeptCertificatePath,
            };
            let answer = self.operator.ask(&asked)?;
            let told = text::one_line(&answer);
            self.note(&Entry::Answered(crate::engine::Word { question: asked.to_string(), answer: told }))?;
            if answer.is_empty() {
                let old = self.name(on);
                self.must_agree(&MigrateQuestion::IsExported { old })?;
                return self.note_export(on, None, None, true);
            }
            tries += 1;
            let taken = take_over(Path::new(&answer), &path, MAX_CERTIFICATE_BYTES);
            match taken.and_then(|copy| Ok(copy.keep(&path)?)) {
                Ok(sha256) => return self.note_export(on, Some((file, sha256, &path)), None, true),
                Err(Untaken::OtherFile(failure)) if tries < TRIES => self.teller.warn(&failure.message),
                Err(untaken) => return Err(untaken.into()),
            }
        }
    }

    /// Where an export is kept: its file, and the path of that.
    fn place(&mut self, on: Part) -> Result<(String, PathBuf), Failure> {
        let folder = self.side(on).rules.folders.certificates.clone();
        media::create_dirs(&folder, Mode::Private)?;
        let stem = format!("{}-{}", self.name(on), self.time.now().compact());
        let file = free_name(&folder, &stem, "certificate");
        let path = folder.join(&file);
        self.private_or_agreed(&folder)?;
        Ok((file, path))
    }

    /// A private key is not put where others can read it, unless a person says so.
    fn private_or_agreed(&mut self, folder: &Path) -> Result<(), Failure> {
        match DurableFile::try_private(folder)? {
            None => Ok(()),
            Some(exposed) => {
                self.teller.warn(&format!(
                    "{} can be read by other users of this machine ({exposed}); {}",
                    folder.shown(),
                    Exposed::REMEDY
                ));
                self.must_agree(&MigrateQuestion::KeepKeyThere)
            }
        }
    }

    fn note_export(
        &mut self,
        on: Part,
        kept: Option<(String, Sha256Digest, &Path)>,
        which: Option<&ListedCertificate>,
        guided: bool,
    ) -> Result<(), Failure> {
        let entry = Entry::CertificateExported {
            run: self.id,
            file: kept.as_ref().map(|(file, _, _)| file.clone()),
            sha256: kept.as_ref().map(|(_, sha256, _)| *sha256),
            issued_to: which.map_or_else(String::new, |which| which.issued_to.clone()),
            fingerprint: which.and_then(|which| which.fingerprint.clone()),
            guided,
        };
        let folder = self.side(on).rules.folders.certificates.clone();
        let earlier = key_files(self.entries(on), &folder);
        self.write(on, &entry)?;
        let Some((_, _, path)) = kept else { return Ok(()) };
        self.teller.event(&kind::CERTIFICATE_KEPT, serde_json::json!({ "file": path }));
        self.teller.say(&format!("certificate and private key kept: {}", path.shown()));
        if self.topology == Some(Topology::Migrate) {
            self.teller.warn(&format!("{CUSTODY}, and destroy it when the migration is over"));
            return Ok(());
        }
        self.teller.warn(&format!("{CUSTODY}, and keep it until the next update"));
        for old in earlier.iter().filter(|old| old.as_path() != path) {
            self.teller.say(&format!("an earlier export that this one replaces, to be destroyed: {}", old.shown()));
        }
        Ok(())
    }

    /// Whether NEW lists it already.
    pub(super) fn is_imported(&mut self) -> Result<bool, Failure> {
        let exported = self.exported()?;
        let is_there = self.is_there(&exported)? == Some(true);
        if is_there {
            self.teller.say(&format!("{} has the certificate already", self.name(NEW)));
        }
        Ok(is_there)
    }

    /// Imports it on NEW.
    pub(super) fn import(&mut self) -> Result<(), Failure> {
        let exported = self.exported()?;
        match exported.file.clone() {
            None => {
                let because = "the exported file was not kept here".to_owned();
                let guide = by_hand::import(&self.side(NEW).appliance.words(), because);
                self.pressed(NEW, Did::ByHand(guide), |on| MigrateQuestion::IsImported { on })?;
            }
            Some(file) => self.send_certificate(&file, &exported)?,
        }
        // After a good answer, too: what counts is what the page lists.
        match self.is_there(&exported)? {
            Some(false) => {
                let (name, why) = (self.name(NEW), "it is not in the list".to_owned());
                Err(self.certificate_error(name, exported.issued_to, why))
            }
            _ => Ok(()),
        }
    }

    /// What this run exported; it is exported anew where the journal tells of nothing.
    fn exported(&mut self) -> Result<Exported, Failure> {
        match self.state().exported {
            Some(exported) => Ok(exported),
            None => Err(self.anew("export-certificate", "the journal does not tell of an export")),
        }
    }

    fn send_certificate(&mut self, file: &str, exported: &Exported) -> Result<(), Failure> {
        let path = self.side(OLD).rules.folders.certificates.join(file);
        let bytes = media::read_bounded(&path, MAX_CERTIFICATE_BYTES, "an exported certificate");
        let bytes = match (bytes, exported.sha256) {
            (Ok(bytes), Some(sha256)) if Sha256Digest::of(&bytes) == sha256 => zeroize::Zeroizing::new(bytes),
            (bytes, _) => {
                let why = bytes.map_or_else(|error| error.to_string(), |_| "it was changed".to_owned());
                self.undo("export-certificate", &why)?;
                return Err(EngineError::KeptUnusable { what: "certificate", path, why }.into());
            }
        };
        let told = self.side(OLD).rules.key_passphrase.as_ref();
        if self.passphrase.is_none() && told.is_none() {
            let asked = EnginePrompt::PassphraseOf { path: path.shown().to_string() };
            self.passphrase = Some(self.operator.secret(&asked)?);
        }
        let passphrase = self.passphrase.as_ref().or(told).expect("it was asked for");
        let did = self.sides[NEW.index()].appliance.import_certificate(file, &bytes, passphrase);
        match did {
            Ok(did) => self.pressed(NEW, did, |on| MigrateQuestion::IsImported { on }),
            Err(error) if error.refuses(ApplianceRefusal::CertificateKey) => {
                self.passphrase = None;
                // Without it the kept file is of no use to anybody, and OLD still has the key.
                self.undo("export-certificate", "its passphrase is not known")?;
                let (name, said) = (self.name(NEW), text::one_line(&Failure::from(error).message));
                Err(EngineError::WrongPassphrase { name, said }.into())
            }
            Err(error) => self.unless_lost(NEW, error),
        }
    }

    /// Gives it the address of NEW, once its page warns of nothing.
    pub(super) fn assign(&mut self) -> Result<(), Failure> {
        let exported = self.state().exported;
        let address = self.side_mut(NEW).address.clone();
        let Some(before) = self.find(exported.as_ref())? else {
            let guide = by_hand::assign(&self.side(NEW).appliance.words(), "the certificates can't be read".to_owned());
            return self.pressed(NEW, Did::ByHand(guide), |on| MigrateQuestion::HasAddressUnwarned { on });
        };
        if !before.warnings.is_empty() {
            let name = self.name(NEW);
            let warnings = before.warnings.iter().map(|warning| text::one_line(warning)).collect();
            return Err(EngineError::CertificateWarning { name, certificate: before.to_string(), warnings }.into());
        }
        if has(&before, address.as_deref()) {
            return Ok(());
        }
        match self.side_mut(NEW).appliance.assign_address(&before, address.as_deref()) {
            Ok(did) => self.pressed(NEW, did, |on| MigrateQuestion::HasAddress { on })?,
            Err(error) => {
                // From here on it may show the other certificate.
                let lost = error.may_be_done() || error.shows_another_certificate();
                let failure = Failure::from(error);
                if !lost {
                    return Err(self.named(NEW, failure));
                }
                self.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
            }
        }
        match self.find(exported.as_ref())? {
            Some(after) if !has(&after, address.as_deref()) => {
                let why = "no address is assigned to it".to_owned();
                Err(self.certificate_error(self.name(NEW), after.to_string(), why))
            }
            _ => {
                self.teller.say(&format!("{} shows the site's certificate", self.name(NEW)));
                Ok(())
            }
        }
    }

    fn list(&mut self, part: Part) -> Result<Did<Vec<ListedCertificate>>, Failure> {
        let listed = self.side_mut(part).appliance.certificates();
        listed.map_err(|error| self.named(part, error.into()))
    }

    /// Whether NEW lists what was exported; `None` where nobody can tell.
    fn is_there(&mut self, exported: &Exported) -> Result<Option<bool>, Failure> {
        // Without a fingerprint NEW's own certificate may go by the same name.
        let Some(wanted) = exported.listed().filter(|wanted| wanted.fingerprint.is_some()) else { return Ok(None) };
        match self.list(NEW)? {
            Did::Done(listed) => Ok(Some(listed.iter().any(|own| own.is(&wanted)))),
            Did::ByHand(_) => Ok(None),
        }
    }

    /// What was exported, as NEW lists it; `None` where a person must look.
    fn find(&mut self, exported: Option<&Exported>) -> Result<Option<ListedCertificate>, Failure> {
        let Some(wanted) = exported.and_then(Exported::listed) else { return Ok(None) };
        let Did::Done(listed) = self.list(NEW)? else { return Ok(None) };
        let mut own = listed.into_iter().filter(|own| own.is(&wanted));
        match (own.next(), own.next()) {
            (Some(only), None) => Ok(Some(only)),
            // Which of two that look alike is meant only a person can say.
            (Some(_), Some(_)) => Ok(None),
            (None, _) => {
                let why = "it is not in the list".to_owned();
                Err(self.certificate_error(self.name(NEW), wanted.to_string(), why))
            }
        }
    }

    /// Has the passphrase chosen, twice, where no file holds it.
    fn choose_passphrase(&mut self, on: Part) -> Result<(), Failure> {
        if self.passphrase.is_some() || self.side(on).rules.key_passphrase.is_some() {
            return Ok(());
        }
        // What moves to another appliance is destroyed at the end, and so needs no passphrase that is kept.
        if self.topology != Some(Topology::Migrate) {
            let file = self.side(on).rules.folders.key_passphrase.clone();
            let question = MigrateQuestion::MayMakePassphrase { file: file.shown() };
            if file.exists() {
                self.passphrase = Some(media::secret_file(&file)?);
            } else if self.ask(&question).map_err(|failure| failure.and_hint("\n", UNATTENDED))? {
                self.passphrase = Some(self.make_passphrase(&file)?);
            }
            if self.passphrase.is_some() {
                return Ok(());
            }
        }
        for _ in 0..TRIES {
            let first = self.operator.secret(&EnginePrompt::NewPassphrase);
            let first = first.map_err(|error| Failure::from(error).and_hint("\n", UNATTENDED))?;
            let second = self.operator.secret(&EnginePrompt::OnceMore)?;
            if !first.is_empty() && same(&first, &second) {
                self.passphrase = Some(first);
                return Ok(());
            }
            self.teller.warn("the two differ, or are empty");
        }
        Err(Failure::new(Exit::WrongPassphrase, "no passphrase was chosen for the exported private key")
            .hint(format!("nothing was exported; then: {AGAIN}")))
    }

    /// Makes a passphrase, and keeps it on the disk before anything is protected by it.
    fn make_passphrase(&self, file: &Path) -> Result<Secret, Failure> {
        let made = Id::random().to_string();
        media::create_dirs(file.parent().expect("below the home folder"), Mode::Private)?;
        media::write_durably_new(file, format!("{made}\n").as_bytes(), Mode::Private)?;
        self.teller.say(&format!(
            "the passphrase for the exported private key is in {}; whoever is to import that certificate needs it",
            file.shown()
        ));
        Ok(Secret::new(made))
    }

    /// Takes back that a step is done.
    pub(super) fn undo(&mut self, step: &str, why: &str) -> Result<(), Failure> {
        self.note(&Entry::PairStepUndone { run: self.id, step: step.to_owned(), why: text::one_line(why) })
    }

    /// The same, as the failure that ends this run.
    pub(super) fn anew(&mut self, step: &'static str, why: &str) -> Failure {
        if let Err(failure) = self.undo(step, why) {
            return failure;
        }
        Failure::new(Exit::Waiting, format!("the step {step} must be done again: {why}"))
            .hint(format!("nothing was lost; then: {AGAIN}"))
    }

    fn certificate_error(&self, name: String, certificate: String, why: String) -> Failure {
        EngineError::CertificateUnseen { name, certificate, why }.into()
    }
}

impl Exported {
    /// As a page would list it; `None` where nobody could read it.
    fn listed(&self) -> Option<ListedCertificate> {
        let (issued_to, fingerprint) = (self.issued_to.clone(), self.fingerprint.clone());
        let known = !issued_to.is_empty();
        known.then(|| ListedCertificate { issued_to, fingerprint, addresses: Vec::new(), warnings: Vec::new() })
    }
}

fn same(one: &Secret, other: &Secret) -> bool {
    one.reveal() == other.reveal()
}

/// Whether an address is assigned to a certificate: this one, where it is known.
fn has(certificate: &ListedCertificate, address: Option<&str>) -> bool {
    match address {
        Some(address) => certificate.addresses.iter().any(|own| own == address),
        None => !certificate.addresses.is_empty(),
    }
}

/// The certificate that serves the site: the only one that has an address, or
/// of several the one that is issued to its name.
fn serving<'l>(listed: &'l [ListedCertificate], host: Option<&str>) -> Result<&'l ListedCertificate, Vec<String>> {
    let assigned: Vec<&ListedCertificate> = listed.iter().filter(|own| !own.addresses.is_empty()).collect();
    if let [only] = assigned.as_slice() {
        return Ok(only);
    }
    let named = |own: &&&ListedCertificate| host.is_some_and(|host| own.issued_to.eq_ignore_ascii_case(host));
    let named: Vec<&&ListedCertificate> = assigned.iter().filter(named).collect();
    match named.as_slice() {
        [only] => Ok(only),
        _ => Err(assigned.iter().map(ToString::to_string).collect()),
    }
}

fn why_by_hand(several: &[String]) -> String {
    match several {
        [] => "no certificate in the list has an IP address".to_owned(),
        several => format!("several certificates have an IP address: {}", text::one_line(&several.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(issued_to: &str, addresses: &[&str]) -> ListedCertificate {
        let addresses = addresses.iter().map(|address| (*address).to_owned()).collect();
        ListedCertificate { issued_to: issued_to.to_owned(), fingerprint: None, addresses, warnings: Vec::new() }
    }

    #[test]
    fn the_certificate_that_serves_the_site_is_found_and_not_guessed() {
        let own = listed("support.example.com", &["10.0.0.1"]);
        let idle = listed("old.example.com", &[]);
        let other = listed("other.example.com", &["10.0.0.2"]);
        let all = |list: &[&ListedCertificate]| list.iter().map(|own| (*own).clone()).collect::<Vec<_>>();
        let found = |list: &[&ListedCertificate], host| serving(&all(list), host).cloned();
        assert_eq!(found(&[&idle, &own], None), Ok(own.clone()));
        assert_eq!(found(&[&own, &other], Some("Support.example.com")), Ok(own.clone()));
        assert_eq!(found(&[&own, &other], None), Err(vec![own.to_string(), other.to_string()]));
        assert_eq!(found(&[&idle], Some("old.example.com")), Err(Vec::new()));
        assert!(has(&own, Some("10.0.0.1")) && !has(&own, Some("10.0.0.9")) && has(&own, None) && !has(&idle, None));
    }
}
