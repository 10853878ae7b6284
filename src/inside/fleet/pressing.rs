//! Verbs that press, of many appliances: each tells what it would do, a person
//! agrees once for all, and each is handed that word; at once, or in waves.

use super::press;
use super::rollout::{Canary, Rollout};
use super::run::Went;
use super::{FleetArgs, HEADING, MANY, Unit, run};
use crate::cli::Context;
use crate::console::TypedCommand;
use crate::model::{Exit, Failure, Sha256Digest, text};
use clap::Args;
use std::ops::Deref;
use std::path::Path;

/// Which appliances, and in which waves.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = HEADING)]
#[group(skip)]
pub struct RolloutArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// This one first, whole: the others begin when its last wait is over, in this call or a later one
    #[arg(long, value_name = "NAME", requires = MANY, help_heading = HEADING)]
    canary: Option<String>,
    /// In waves of N: the next begins when none of these ended otherwise than well or waiting
    #[arg(long, value_name = "N", requires = MANY, help_heading = HEADING, value_parser = clap::value_parser!(u16).range(1..))]
    wave: Option<u16>,
    /// Leave this one out; repeatable
    #[arg(long, value_name = "NAME", requires = MANY, help_heading = HEADING)]
    except: Vec<String>,
}

impl Deref for RolloutArgs {
    type Target = FleetArgs;

    fn deref(&self) -> &FleetArgs {
        &self.fleet
    }
}

/// How the command for one appliance is made of that for many.
pub type Naming<'a> = &'a dyn Fn(&TypedCommand, &str) -> TypedCommand;

/// What is asked of a person before the first press.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// What was agreed to beforehand.
    pub beforehand: Option<Sha256Digest>,
    /// Nobody is asked, and nothing pressed.
    pub only_look: bool,
}

impl RolloutArgs {
    /// Works all that are meant: a failover pair as one, in one run. Each first
    /// tells what it would do, a person agrees once for all, `then` is done, and
    /// each is handed that word.
    ///
    /// # Errors
    /// [`Exit::Waiting`] where some wait and the others are done; [`Exit::Partly`] where some ended otherwise;
    /// [`Exit::Declined`] where nobody agrees, [`Exit::PlanChanged`] where something else was agreed to,
    /// [`Exit::Usage`] where of a pair only one is meant, or a canary that is not.
    pub fn press(
        &self,
        named: Naming<'_>,
        asking: Asking,
        then: impl FnOnce(&mut Context) -> Result<(), Failure>,
        context: &mut Context,
    ) -> Result<(), Failure> {
        let (units, at_once) = (self.units(&self.except, context)?, usize::from(self.at_once));
        let canary = self.canary.as_deref().map(|name| canary(name, &units)).transpose()?;
        let pairs = units.iter().filter(|unit| unit.partner.is_some()).count();
        let as_one = if pairs == 0 { "" } else { "; a failover pair is worked as one" };
        let appliances = text::counted(units.len() + pairs, "appliance");
        context.console.note(format!("{appliances}, {} at once{as_one}", at_once.min(units.len())));
        let told = press::tell(&self.of_units(&units, named, context), at_once, context)?;
        if asking.only_look {
            return Ok(());
        }
        let in_waves = canary.is_some() || self.wave.is_some();
        let mut rollout = Rollout {
            runs: units.iter().map(|unit| (unit.label(), None)).collect(),
            canary,
            size: self.wave.map(usize::from),
            at_once,
            plan_sha256: told.agreed_by(asking.beforehand, context),
        };
        let done = told.done();
        // Before anybody is asked: a person who agrees is not to hear afterwards that nothing could begin.
        if let Some(canary) = rollout.canary.as_ref().filter(|canary| done[canary.at])
            && done.contains(&false)
            && let Some(holds) = canary.holds(context)?
        {
            let others = rollout.runs.iter_mut().zip(&done).filter(|(_, done)| !**done);
            others.for_each(|((_, run), _)| *run = Some(Vec::new()));
            return rollout.held(holds, context);
        }
        let agreed = told.agree(asking.beforehand, context)?;
        then(context)?;
        // Anew: by now it may be another command that goes on.
        for (at, (_, command)) in self.of_units(&units, named, context).into_iter().enumerate() {
            let agreed = agreed[at].map(|digest| ["--agree".to_owned(), digest.to_string()]);
            let run = command.and(agreed.into_iter().flatten()).as_one_of_many();
            rollout.runs[at].1 = (!done[at]).then_some(run);
        }
        match in_waves {
            true => rollout.run(context),
            false => run::all(&rollout.runs, at_once, None, context),
        }
    }
}

/// Has a run of its own take `media` into the store, so that this one, which
/// lasts as long as all others, stays small; why it did not, where it did not.
///
/// # Errors
/// Where this very program is not found.
pub fn take(media: &Path, context: &Context) -> Result<Result<(), String>, Failure> {
    let command = context.typed().for_other("take").last(media.as_os_str());
    let ended = run::to_its_end(&run::program()?, "take", &command.as_one_of_many(), None, &context.console);
    Ok(match ended.went() {
        Went::Well => Ok(()),
        _ => Err(ended.message().to_owned()),
    })
}

/// The place of the canary that was named, and its names.
fn canary(name: &str, units: &[Unit]) -> Result<Canary, Failure> {
    let named = |unit: &Unit| unit.name == name || unit.partner.as_deref() == Some(name);
    let Some(at) = units.iter().position(named) else {
        let what = format!("the canary {} is not among the appliances that are meant", text::one_line(name));
        return Err(Failure::new(Exit::Usage, what).hint("name one of them: handcarry-inside list --group GROUP"));
    };
    let names = [Some(&units[at].name), units[at].partner.as_ref()];
    Ok(Canary { at, names: names.into_iter().flatten().cloned().collect() })
}
