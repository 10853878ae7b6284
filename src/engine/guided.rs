//! Steps that a person does: the way is told, a verified copy lies ready,
//! what can be read back is checked.

use super::history::{InstallStage, Open};
use super::install::signed_for;
use super::{Engine, EngineError, Entry, PackageSource, Payload};
use crate::console::kind;
use crate::driver::Guide;
use crate::engine::question::InstallQuestion;
use crate::media::{self, Mode};
use crate::model::{Failure, Package, PackageRef, ShowPath, text};
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

    /// Puts a copy of a package ready for a person.
    fn stage(&mut self, cargo: &Payload<'_>, package: &Package) -> Result<PathBuf, Failure> {
        let folder = &self.rules.folders.staging;
        media::create_dirs(folder, Mode::Private)?;
        let path = folder.join(package.file.as_str());
        let bar = self.teller.progress(&format!("copying {}", text::one_line(&package.name)), package.size_bytes);
        let copied = cargo.packages.copy(package, &path, &*bar);
        bar.finish();
        copied.map(|()| path)
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
        self.teller.event(&kind::BY_HAND, serde_json::json!({ "guide": guide, "file": file }));
        Ok(())
    }
}
