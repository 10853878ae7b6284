//! What the appliance offers by itself: it is asked, waited for, read.

use super::wait::{CHECK_MAX_SECS, Wait, unless_hopeless};
use super::{Engine, EngineError, Entry};
use crate::driver::{Did, Guide, Listing, by_hand};
use crate::engine::question::{EnginePrompt, InstallQuestion};
use crate::model::{Failure, Id, Offer, PackageKind, PackageRef, Status, Version, text};
use crate::plan::{self, Facts, PackageList, Plan, SitePolicy, Sorted};

/// Most titles that a person types.
const MAX_TYPED: usize = 50;

/// What an appliance offers, and what would be made of it.
#[derive(Debug)]
pub struct Offered {
    /// What its page lists.
    pub offers: Vec<Offer>,
    /// What can't be planned of it.
    pub sorted: Sorted,
    /// What can be planned of it.
    pub list: PackageList,
    /// The plan to install them.
    pub plan: Plan,
    /// The appliance then.
    pub status: Status,
}

/// Whether a package brings a later site version than `up_to`, where that is said.
pub(super) fn is_later_site(kind: PackageKind, version: &Version, up_to: Option<&Version>) -> bool {
    kind == PackageKind::Site && up_to.is_some_and(|up_to| version > up_to)
}

impl Engine<'_> {
    /// Asks the appliance what it offers and plans it; writes down what a person
    /// answers, and presses nothing but the check. `serial` is who it must be.
    ///
    /// # Errors
    /// [`EngineError::WrongAppliance`], [`EngineError::ClockSkew`],
    /// [`EngineError::CheckUnfinished`]; the driver's, the plan's.
    pub fn offered(&mut self, serial: &str, run: Id, policy: &SitePolicy) -> Result<Offered, Failure> {
        let mut status = self.appliance.status()?;
        self.tell_news();
        if serial != status.appliance.serial {
            return Err(EngineError::wrong_appliance(serial, &status.appliance.serial).into());
        }
        self.check_clock(plan::clock_skew(&status, self.time.now()))?;
        self.memory.clock_told = true;
        let offers = self.ask_offers()?;
        status.offered = Some(offers.clone());
        let now = self.time.now();
        let wanted: Vec<Offer> = offers.iter().filter(|offer| !self.is_beyond(offer)).cloned().collect();
        let mut sorted = plan::sort_offers(&wanted, &status, &policy.titles)?;
        let list = sorted.take_list(run, &status);
        let history = self.ledger.past().history();
        let plan = plan::make_of(&list, &Facts { status: &status, now, history }, policy)?;
        Ok(Offered { offers, sorted, list, plan, status })
    }

    /// Whether it is of a later site version than is wanted.
    pub(super) fn is_beyond(&self, offer: &Offer) -> bool {
        let up_to = self.rules.up_to.as_ref();
        offer.identity().is_some_and(|(kind, version)| is_later_site(kind, &version, up_to))
    }

    /// The same with a list that is cut, and the plan for that.
    pub(super) fn cut_to(&self, offered: Offered, list: PackageList, policy: &SitePolicy) -> Result<Offered, Failure> {
        let history = self.ledger.past().history();
        let facts = Facts { status: &offered.status, now: self.time.now(), history };
        let plan = plan::make_of(&list, &facts, policy)?;
        Ok(Offered { list, plan, ..offered })
    }

    /// Whether the appliance offers what it did not when it was asked last; it
    /// is told. A new base may know of packages that the one before did not.
    pub(super) fn offers_more(&mut self) -> Result<bool, Failure> {
        let last = self.ledger.past().entries().iter().rev().find_map(|(_, entry)| match entry {
            Entry::UpdatesOffered { offers } => Some(offers.clone()),
            _ => None,
        });
        let known = last.unwrap_or_default();
        let is_known = |offer: &Offer| known.iter().any(|other| other.title == offer.title);
        let more: Vec<String> =
            self.ask_offers()?.into_iter().filter(|offer| !is_known(offer)).map(|offer| offer.title).collect();
        if more.is_empty() {
            return Ok(false);
        }
        let titles = text::one_line(&more.join(", "));
        self.teller
            .note(&format!("since the base changed the appliance offers more: {titles}; what is left is planned anew"));
        Ok(true)
    }

    /// Makes sure that a package can be pressed now: the page may have been
    /// read before what it waits for was installed.
    pub(super) fn see_offered(&mut self, package: &PackageRef) -> Result<(), Failure> {
        let is_own = |offer: &&Offer| offer.is(&package.name, package.kind, &package.version);
        let open = |offers: &[Offer]| offers.iter().any(|offer| is_own(&offer) && offer.locked.is_none());
        // A look first, which presses nothing. Only what it does not show is checked for anew.
        match self.appliance.listing() {
            Ok(Did::Done(Listing::Offers(offers))) if open(&offers) => return Ok(()),
            // Whoever read the list off the page sees there whether it can be pressed.
            Ok(Did::ByHand(_)) => return Ok(()),
            _ => {}
        }
        let offers = self.ask_offers()?;
        if open(&offers) {
            return Ok(());
        }
        let own = offers.iter().find(is_own);
        let locked = own.and_then(|offer| offer.locked.as_deref()).map(text::one_line);
        let package = text::one_line(&package.name);
        // Where the page says no reason, its button may merely be one that is not known here.
        let question = InstallQuestion::IsPressable { package: package.clone() };
        if locked.as_deref() == Some("") && self.ask_whoever_is_there(&question)? == Some(true) {
            return Ok(());
        }
        Err(EngineError::NotOffered { package, locked }.into())
    }

    /// Has the appliance check, and waits for its list.
    fn ask_offers(&mut self) -> Result<Vec<Offer>, Failure> {
        self.teller.note("the appliance checks for updates");
        match self.appliance.check_updates() {
            Ok(Did::Done(())) => {}
            Ok(Did::ByHand(guide)) => {
                self.tell_guide(&guide, None)?;
                self.must_agree(&InstallQuestion::HasChecked)?;
            }
            // It may be at it: the page is looked at, nothing is pressed again.
            Err(error) if error.may_be_done() => {
                self.teller.warn(&format!("the answer was lost: {error}; looking what is so"));
            }
            Err(error) => return Err(error.into()),
        }
        let longest_secs = self.rules.wait_max_secs.min(CHECK_MAX_SECS);
        let mut wait = Wait::short(self.time, self.teller, longest_secs);
        let (mut blank_since, mut asked) = (None, false);
        loop {
            let seen = match self.appliance.listing() {
                Ok(Did::Done(Listing::Offers(offers))) => return Ok(offers),
                Ok(Did::Done(Listing::Checking(said))) => format!("its page says: {}", text::one_line(&said)),
                Ok(Did::Done(Listing::Nothing)) => {
                    let since = *blank_since.get_or_insert(self.time.elapsed());
                    // A list that is there and is not seen as one stays away for ever.
                    let long = (self.time.elapsed() - since).as_secs() >= self.rules.settle_secs;
                    if long
                        && !std::mem::replace(&mut asked, true)
                        && self
                            .ask_whoever_is_there(&InstallQuestion::IsListShown { on: self.rules.name.to_string() })?
                            == Some(true)
                    {
                        let because = "no list is found on its page".to_owned();
                        return self.typed_offers(&by_hand::listing(&self.appliance.words(), because));
                    }
                    "its page shows no list".to_owned()
                }
                Ok(Did::ByHand(guide)) => return self.typed_offers(&guide),
                Err(error) => unless_hopeless(error)?,
            };
            wait.saw(format!("waiting for what it offers: {seen}"));
            if !wait.again() {
                let waited_secs = longest_secs as i64;
                return Err(EngineError::CheckUnfinished { waited_secs, seen }.into());
            }
        }
    }

    /// The list as a person reads it off the page.
    fn typed_offers(&mut self, guide: &Guide) -> Result<Vec<Offer>, Failure> {
        self.tell_guide(guide, None)?;
        let mut offers = Vec::new();
        while offers.len() < MAX_TYPED {
            let title = self.ask_word(&EnginePrompt::OfferedTitle)?;
            let title = text::one_line(&title);
            if title.is_empty() {
                break;
            }
            let locked = match self.ask(&InstallQuestion::IsLocked { title: title.clone() })? {
                false => None,
                true => Some(text::one_line(&self.ask_word(&EnginePrompt::OfferedAfter)?)),
            };
            offers.push(Offer { title, locked });
        }
        Ok(offers)
    }
}
