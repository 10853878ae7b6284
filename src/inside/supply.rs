//! Where bundles are looked for, and for whom, as it was typed: `MEDIA NAME`
//! from a stick, `NAME` from the store here.

use super::procedure::PairArgs;
use super::word_order;
use crate::bundle::{self, VolumeSet};
use crate::cli::Context;
use crate::inventory::Inventory;
use crate::media::Medium;
use crate::model::{Exit, Failure, ShowPath};
use crate::store::Store;
use std::path::Path;

/// Where bundles are looked for.
#[derive(Debug, Clone, Copy)]
pub enum Supply<'a> {
    /// On a medium, in a folder, or in a bundle's file.
    Medium(&'a Path),
    /// In the store here.
    Store,
}

impl<'a> Supply<'a> {
    /// The medium that was named, else the store.
    pub fn of(media: Option<&'a Path>) -> Self {
        media.map_or(Supply::Store, Supply::Medium)
    }

    /// The words that name it in a command: none for the store.
    pub fn typed(&self) -> String {
        match self {
            Supply::Medium(path) => path.quoted(),
            Supply::Store => String::new(),
        }
    }

    /// The medium; `None` for the store.
    pub fn path(&self) -> Option<&'a Path> {
        match self {
            Supply::Medium(path) => Some(path),
            Supply::Store => None,
        }
    }

    /// The bundles that lie there, whole or not; one at least.
    ///
    /// # Errors
    /// A [`Failure`] where none lies there, or the folder can't be read.
    pub(super) fn sets(&self, context: &Context) -> Result<Vec<VolumeSet>, Failure> {
        match self {
            Supply::Medium(path) => on_medium(path),
            Supply::Store => match Store::look(context.home.root()).sets()? {
                none if none.is_empty() => Err(nothing_kept()),
                sets => Ok(sets),
            },
        }
    }
}

impl<'a> From<&'a Path> for Supply<'a> {
    fn from(path: &'a Path) -> Self {
        Supply::Medium(path)
    }
}

/// The bundles that lie at a path, as [`Supply::sets`].
///
/// # Errors
/// As that.
pub(super) fn on_medium(media: &Path) -> Result<Vec<VolumeSet>, Failure> {
    if media.is_dir() {
        Medium::at(media)?;
        for folder in bundle::places(media) {
            let sets = bundle::list(&folder)?;
            if !sets.is_empty() {
                return Ok(sets);
            }
        }
    }
    Ok(vec![bundle::locate(media)?])
}

/// Says that no bundle is kept here.
pub(super) fn nothing_kept() -> Failure {
    Failure::new(Exit::NoBundle, "no bundle is kept in the store")
        .hint("take one from its stick: handcarry-inside take MEDIA; or name the medium before the appliance")
}

/// What a verb was asked to work, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Where the bundle is looked for.
    pub from: Supply<'a>,
    /// The appliance.
    pub name: &'a str,
    /// The other one of two.
    pub partner: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Tells by how many words stand there what they are: the last is NAME, of
    /// a run over two the last two are NAME and PARTNER, and one more before
    /// them is MEDIA. `media` and `name` are the first two of them.
    ///
    /// # Errors
    /// [`Exit::Usage`] where an appliance is not named, or only one of two.
    pub fn of(
        media: Option<&'a Path>,
        name: Option<&'a str>,
        pair: &'a PairArgs,
        context: &Context,
    ) -> Result<Self, Failure> {
        let nobody = || {
            let named = context.typed().last("NAME");
            Failure::new(Exit::Usage, "no appliance was named").hint(format!("say its name: {named}"))
        };
        let first = |path: &'a Path| path.to_str().ok_or_else(nobody);
        match word_order::in_order((media, name, pair.partner()), context) {
            (Some(media), Some(name), Some(partner)) => {
                Ok(Named { from: Supply::Medium(media), name, partner: Some(partner) })
            }
            (Some(name), Some(partner), None) if pair.is_of_two() => {
                Ok(Named { from: Supply::Store, name: first(name)?, partner: Some(partner) })
            }
            (Some(media), Some(name), None) => Ok(Named { from: Supply::Medium(media), name, partner: None }),
            (Some(one), None, _) if is_medium(one, context) => {
                Err(Failure::new(Exit::Usage, format!("no appliance was named, only the medium {}", one.shown()))
                    .hint(format!("say its name after it: {}", context.typed().last("NAME"))))
            }
            (Some(_), None, _) if pair.is_of_two() => Err(pair.lacks_partner()),
            (Some(name), None, _) => Ok(Named { from: Supply::Store, name: first(name)?, partner: None }),
            (None, ..) => Err(nobody()),
        }
    }
}

/// Whether the one word that was typed is a medium or a file, and no appliance's name.
pub(super) fn is_medium(word: &Path, context: &Context) -> bool {
    let known = |name| Inventory::read(&context.home).is_ok_and(|inventory| inventory.appliance(name).is_ok());
    word.exists() && !word.to_str().is_some_and(known)
}
