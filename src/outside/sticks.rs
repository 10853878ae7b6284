//! The media that one run writes onto: one that fails is told and left out,
//! and the others go on.

use crate::cli::Context;
use crate::console::kind;
use crate::media::Medium;
use crate::model::{Exit, Failure, ShowPath};
use std::path::{Path, PathBuf};

/// Most media that one run writes onto.
// Each is read back through 4 MiB of memory, and a run is to stay below 64 MiB; a hub has no more sockets.
const MAX_MEDIA: usize = 10;

/// A medium that was named.
#[derive(Debug)]
pub struct Stick {
    /// As it was named.
    named: PathBuf,
    /// The medium.
    pub medium: Medium,
}

/// Media that were named, no two of them the same.
#[derive(Debug)]
pub struct Sticks {
    count: usize,
    /// Those that are still to have it all.
    open: Vec<Stick>,
    done: Vec<PathBuf>,
}

impl Sticks {
    /// Takes the media at `paths`.
    ///
    /// # Errors
    /// [`Exit::Usage`] where one of them is named twice, [`Exit::LimitExceeded`] for too many; where one alone is named,
    /// those of [`Medium::at`].
    pub fn named(paths: &[PathBuf], context: &Context) -> Result<Sticks, Failure> {
        if paths.len() > MAX_MEDIA {
            let why = format!("{} media are named, and at most {MAX_MEDIA} are written at once", paths.len());
            return Err(Failure::new(Exit::LimitExceeded, why).hint("write the others with a further 'write'"));
        }
        let mut sticks = Sticks { count: paths.len(), open: Vec::new(), done: Vec::new() };
        for path in paths {
            let medium = match Medium::at(path) {
                Ok(medium) => medium,
                Err(error) => {
                    sticks.fail(path, error.into(), context)?;
                    continue;
                }
            };
            if let Some(other) = sticks.open.iter().find(|other| other.medium.is_same(&medium)) {
                let why = format!("{} and {} are one medium, named twice", other.named.shown(), path.shown());
                return Err(Failure::new(Exit::Usage, why).hint("name each medium once, by where it is mounted"));
            }
            sticks.open.push(Stick { named: path.clone(), medium });
        }
        Ok(sticks)
    }

    /// Whether one alone was named: what goes wrong with it ends the run.
    pub fn is_single(&self) -> bool {
        self.count == 1
    }

    /// Those that are still to have it all.
    pub fn open(&self) -> Vec<&Medium> {
        self.open.iter().map(|stick| &stick.medium).collect()
    }

    /// The same, taken out: each is to be given back by [`Self::again`], [`Self::done`] or [`Self::fail`].
    pub fn take(&mut self) -> Vec<Stick> {
        std::mem::take(&mut self.open)
    }

    /// Does something with each that is open.
    ///
    /// # Errors
    /// That of the only one.
    pub fn each<T>(
        &mut self,
        context: &mut Context,
        mut act: impl FnMut(&Medium, &mut Context) -> Result<T, Failure>,
    ) -> Result<Vec<T>, Failure> {
        let mut made = Vec::new();
        for stick in self.take() {
            match act(&stick.medium, context) {
                Ok(one) => {
                    made.push(one);
                    self.again(stick);
                }
                Err(failure) => self.fail(&stick.medium.root, failure, context)?,
            }
        }
        Ok(made)
    }

    /// Has one done once more.
    pub fn again(&mut self, stick: Stick) {
        self.open.push(stick);
    }

    /// Has one as done.
    pub fn done(&mut self, stick: Stick) {
        self.done.push(stick.named);
    }

    /// Leaves one out, and says so.
    ///
    /// # Errors
    /// The very failure, where it is the only one.
    pub fn fail(&mut self, root: &Path, failure: Failure, context: &Context) -> Result<(), Failure> {
        if self.is_single() {
            return Err(failure);
        }
        // The run goes on, so that nobody else takes it down.
        context.log_refusal(&failure);
        let hint = failure.hint.as_ref().map(|hint| context.typed().tell(hint));
        let more = hint.as_ref().map_or_else(String::new, |hint| format!("; {hint}"));
        context.console.warn(format!("{} is left out: {}{more}", root.shown(), failure.message));
        context.console.event(
            &kind::LEFT_OUT,
            serde_json::json!({
                "medium": root, "code": failure.exit.name(), "exit": failure.exit.code(),
                "message": failure.message, "hint": hint,
            }),
        );
        Ok(())
    }

    /// What it comes to when none is open any more.
    ///
    /// # Errors
    /// [`Exit::Partly`] where one was left out.
    pub fn verdict(&self, context: &Context) -> Result<(), Failure> {
        let (done, left_out) = (self.done.len(), self.count - self.done.len());
        if left_out == 0 {
            return Ok(());
        }
        let others = self.done.iter().fold(context.typed().clone(), |typed, done| typed.without_word(done.as_os_str()));
        let why = format!("{done} of {} media have all of it, {left_out} were left out", self.count);
        Err(Failure::new(Exit::Partly, why)
            .hint(format!("each is told above with what to do; for those that were left out: {others}")))
    }
}
