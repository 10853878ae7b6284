//! The licence agreement: shown whole, accepted by a person, kept by digest.

use super::history::{InstallStage, Open};
use super::{Engine, EngineError, Entry, Rules, RunJournal, Word};
use crate::console::{kind, settled};
use crate::driver::{Agreed, Answer, Answered, Appliance, Did, Heard};
use crate::engine::question::InstallQuestion;
use crate::media::{self, Mode};
use crate::model::{Failure, PackageRef, Sha256Digest, Timestamp, text};
use std::path::Path;

/// Writes down what a person told `appliance`'s driver since the last record,
/// then the record itself.
///
/// # Errors
/// As [`note_heard`].
pub(super) fn append_after_heard(
    entry: &Entry,
    appliance: &mut dyn Appliance,
    rules: &Rules,
    now: Timestamp,
    ledger: &mut dyn RunJournal,
) -> Result<(), Failure> {
    note_heard(Heard::by(appliance), &rules.folders.licences, now, ledger)?;
    ledger.append(now, entry)
}

/// Writes down what a person told a driver; the texts of the agreements are
/// kept in `licences`.
///
/// # Errors
/// The journal's, or the text can't be kept.
pub fn note_heard(heard: Heard, licences: &Path, now: Timestamp, ledger: &mut dyn RunJournal) -> Result<(), Failure> {
    for Answered { question, answer } in heard.answered {
        let question = text::one_line(&question);
        let entry = match answer {
            Answer::Yes(yes) => Entry::Asked { question, yes },
            Answer::Text(answer) => Entry::Answered(Word { question, answer }),
        };
        ledger.append(now, &entry)?;
    }
    for Agreed { page, sha256, text, again } in heard.agreed {
        keep_text(licences, &sha256, &text)?;
        ledger.append(now, &Entry::LoginAgreementAccepted { page, agreement_sha256: sha256, again })?;
    }
    Ok(())
}

impl Engine<'_> {
    /// Shows the agreement, has it accepted and presses it; how far that brought the install.
    /// `known` is the digest of the one that the bundle's sealer saw.
    pub(super) fn agree(
        &mut self,
        package: &PackageRef,
        known: Option<Sha256Digest>,
        open: &mut Open,
        agreement: &str,
    ) -> Result<InstallStage, Failure> {
        let shown = text::printable(agreement);
        let eula_sha256 = Sha256Digest::of(agreement.as_bytes());
        let key = open.package.key.clone();
        let expected = known.map(|known| known == eula_sha256);
        // Before it is shown: whatever comes next, what somebody agreed to can be read.
        keep_text(&self.rules.folders.licences, &eula_sha256, agreement)?;
        let name = text::one_line(&package.name);
        let beforehand = self.rules.accepted.contains(&eula_sha256);
        self.teller.event(
            &kind::LICENCE,
            serde_json::json!({ "file": package.file, "sha256": eula_sha256, "beforehand": beforehand }),
        );
        if expected == Some(false) {
            self.teller.warn("this is not the agreement that the bundle's sealer saw; read it with care");
        }
        let (digest, named) = (eula_sha256.short(), name.clone());
        let asked = InstallQuestion::AcceptLicence { digest, package: named };
        if beforehand {
            self.teller.event(&kind::QUESTION, settled(&asked));
            self.teller.note(&format!("licence agreement of {name} {eula_sha256}: accepted beforehand"));
            self.write(Entry::EulaShown { key: key.clone(), eula_sha256, expected })?;
        } else {
            if let Err(failure) = self.teller.show_agreement(&format!("licence agreement of {name}"), &shown) {
                self.abandon(open, "the licence agreement could not be shown".to_owned())?;
                return Err(failure.about(format!("the licence agreement of {name}")));
            }
            self.write(Entry::EulaShown { key: key.clone(), eula_sha256, expected })?;
            // Nobody there is a no, and no mere error: the appliance has the
            // package by now, and the journal must say why it is not installed.
            let yes = self.operator.confirm(&asked).unwrap_or_else(|error| {
                self.teller.warn(&error.to_string());
                false
            });
            if !yes {
                self.write(Entry::EulaDeclined { key: key.clone(), eula_sha256 })?;
                self.abandon(open, "the licence agreement was not accepted".to_owned())?;
                let agreement = eula_sha256.to_string();
                return Err(EngineError::EulaDeclined { package: name, agreement }.into());
            }
        }
        // Reading takes its time, and after a yes the window may have no room any more.
        self.check_in_time(open)?;
        // Before the press: killed in between, the next run must know that it may have happened.
        self.write(Entry::EulaAccepted { key, eula_sha256, beforehand })?;
        self.press(package, open)
    }

    fn press(&mut self, package: &PackageRef, open: &mut Open) -> Result<InstallStage, Failure> {
        let key = open.package.key.clone();
        match self.appliance.accept_eula() {
            Ok(Did::Done(())) => {
                self.write(Entry::InstallSetOff { key })?;
                Ok(InstallStage::SetOff)
            }
            Ok(Did::ByHand(guide)) => {
                open.guided = true;
                self.write(Entry::GuidedBegun {
                    key: Some(key),
                    title: guide.title.clone(),
                    because: guide.because.clone(),
                    staged: None,
                })?;
                self.tell_guide(&guide, None)?;
                self.must_agree(&InstallQuestion::IsAcceptedThere { package: text::one_line(&package.name) })?;
                Ok(InstallStage::SetOff)
            }
            Err(error) => {
                if !error.may_pass() && !error.refuses_install() {
                    return Err(error.into());
                }
                let failure = Failure::from(error);
                // It may have been pressed: the appliance is asked, nothing is pressed again.
                self.teller.warn(&format!("the answer was lost: {}; looking what is so", failure.message));
                Ok(InstallStage::Accepting)
            }
        }
    }
}

/// Keeps what was shown in `folder`, so that it can be read later what was agreed to.
fn keep_text(folder: &Path, sha256: &Sha256Digest, agreement: &str) -> Result<(), Failure> {
    media::create_dirs(folder, Mode::Private)?;
    // By its digest, which is what the journal names it by, and so that one text is kept once.
    let path = folder.join(format!("{sha256}.txt"));
    Ok(media::write_durably(&path, agreement.as_bytes(), Mode::Private)?)
}
