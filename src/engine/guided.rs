//! Steps that a person does: the way is told, a verified copy lies ready,
//! what can be read back is checked.

use super::history::{InstallStage, Open};
use super::install::signed_for;
use super::{Engine, EngineError, Entry, PackageSource, Payload};
use crate::bundle::BundleError;
use crate::driver::Guide;
use crate::engine::question::InstallQuestion;
use crate::media::{self, DurableFile, Mode};
use crate::model::{Exit, Explain, Failure, Package, PackageRef, ShowPath, disk_exit, text};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

impl Engine<'_> {
    /// Guides the operator through installing `package`.
    pub(super) fn install_by_hand(
        &mut self,
        goods: &PackageSource<'_>,
        package: &PackageRef,
        open: &mut Open,
        guide: &Guide,
    ) -> Result<InstallStage, Failure> {
        let path = match goods {
            PackageSource::Carried(cargo) => Some(self.stage(cargo, signed_for(cargo, package))?),
            PackageSource::Offered(_) => None,
        };
        let name = text::one_line(&package.name);
        // Before this record nothing can have happened; after it the operator may act.
        self.write(Entry::GuidedBegun {
            key: Some(open.package.key.clone()),
            title: guide.title.clone(),
            because: guide.because.clone(),
            staged: path.as_ref().map(|path| path.to_string_lossy().into_owned()),
        })?;
        open.guided = true;
        self.tell_guide(guide, path.as_deref())?;
        let question = InstallQuestion::IsOver { package: name.clone() };
        if self.ask(&question)? {
            return Ok(InstallStage::SetOff);
        }
        // A no to the first question may mean that it is still at work. Only a no to both lets it be begun anew.
        if !self.ask(&InstallQuestion::WasBegun { package: name })? {
            self.abandon(open, "the operator did not begin it".to_owned())?;
        }
        Err(EngineError::Declined { question: question.to_string() }.into())
    }

    /// Puts a copy of a package where a browser can choose it; every chunk is
    /// checked on the way, and nothing is named before all of it is there.
    fn stage(&mut self, cargo: &Payload<'_>, package: &Package) -> Result<PathBuf, Failure> {
        let folder = self.rules.folders.staging.clone();
        let path = folder.join(package.file.as_str());
        if self.rules.rehearsal {
            return Ok(path);
        }
        media::create_dirs(&folder, Mode::Private)?;
        let mut source = cargo.packages.package(&package.file)?;
        let mut copy = DurableFile::create(&path, Mode::Private, true)?;
        let bar = self.teller.progress(&format!("copying {}", text::one_line(&package.name)), package.size_bytes);
        let mut buffer = vec![0; 1 << 20];
        let copied = loop {
            match source.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(got) => {
                    bar.advance(got as u64);
                    if let Err(error) = copy.write_all(&buffer[..got]) {
                        break Err(error);
                    }
                }
                Err(error) => break Err(error),
            }
        };
        bar.finish();
        copied.map_err(|error| {
            let exit = match BundleError::in_io(&error) {
                Some(damage) => damage.exit(),
                None => disk_exit(&error).unwrap_or(Exit::Failure),
            };
            let package = text::one_line(&package.name);
            EngineError::Staging { package, path: path.clone(), why: error.to_string(), exit }
        })?;
        copy.commit()?;
        Ok(path)
    }

    /// Takes the copy away when the package is installed; one that stays does no harm.
    pub(super) fn unstage(&self, open: &Open) {
        if open.guided && !open.package.key.is_offered() {
            let _ = std::fs::remove_file(self.rules.folders.staging.join(open.package.file.as_str()));
        }
    }

    /// Tells a guide: why, where, what.
    pub(super) fn tell_guide(&mut self, guide: &Guide, file: Option<&Path>) -> Result<(), Failure> {
        let mut lines = vec![
            String::new(),
            format!("By hand: {}", text::one_line(&guide.title)),
            format!("  why:   {}", text::one_line(&guide.because)),
            format!("  where: {}", text::one_line(&guide.menu_path)),
        ];
        if let Some(file) = file {
            lines.push(format!("  file:  {}", file.shown()));
        }
        for (number, instruction) in guide.instructions.iter().enumerate() {
            lines.push(format!("  {}. {}", number + 1, text::one_line(instruction)));
        }
        self.teller.say(&lines.join("\n"));
        self.teller.event("by-hand", serde_json::json!({ "guide": guide, "file": file }));
        Ok(())
    }
}
