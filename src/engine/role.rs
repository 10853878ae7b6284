//! What an appliance is in a failover relationship, before it is worked alone:
//! a member of a standing pair is upgraded with its partner, or not at all.
//! Source: guide, "two appliances in failover".

use super::entry::RoleBy;
use super::{Engine, EngineError, Entry, OverrideRequest};
use crate::console::{Operator, OperatorError, current_user, kind};
use crate::driver::{Appliance, Did, DriverError, Guide, by_hand};
use crate::engine::question::EnginePrompt;
use crate::model::{AGAIN, Exit, Failover, FailoverRole, Failure, FileName, Id, text};

/// What is typed to work a member alone, as the flag ends.
const WORD: &str = "alone";

/// How often a role is asked for before the answer counts as none.
const TRIES: usize = 3;

/// How an appliance is met that turns out to be a member of a standing pair.
pub struct Alone {
    /// The verb that works it alone.
    pub verb: &'static str,
    /// Its pair, for the command that works both.
    pub pair: PairTold,
    /// Why it is worked alone all the same; `None` where it is not.
    pub reason: Option<String>,
}

/// What is known of a pair before the appliances are asked.
#[derive(Debug, Clone, Default)]
pub struct PairTold {
    /// The partner's name; `None` where nothing tells it.
    pub partner: Option<FileName>,
    /// Whether the inventory says in what order the two are upgraded.
    pub planned: bool,
    /// The medium, as it is typed, nothing for the store; `None` where the appliance installs what it offers.
    pub media: Option<String>,
}

/// What a look at the role gave.
#[derive(Debug)]
pub enum RoleSeen {
    /// The appliance tells it.
    Shown(Failover, RoleBy),
    /// Only a person can tell it.
    Unread(Guide),
}

/// Reads what an appliance is in a failover relationship; asks nobody but for
/// a login. The API first, so that a site with an account for it needs no
/// login of a person.
///
/// # Errors
/// The driver's, but for a page that is not as it should be;
/// [`DriverError::ClusterNode`].
pub fn look_at_role(appliance: &mut dyn Appliance) -> Result<RoleSeen, DriverError> {
    match appliance.health() {
        Ok(Some(health)) => {
            if let Some(node) = health.cluster {
                return Err(DriverError::ClusterNode { node });
            }
            if let Some(role) = health.role {
                let shown = Failover { role, shared_host: None, last_sync: health.synced, syncing: false };
                return Ok(RoleSeen::Shown(shown, RoleBy::Api));
            }
        }
        // Another certificate, say: the page would meet the same.
        Err(error) if error.is_hopeless() => return Err(error),
        Ok(None) | Err(_) => {}
    }
    match appliance.failover() {
        Ok(Did::Done(shown)) => Ok(RoleSeen::Shown(shown, RoleBy::Page)),
        Ok(Did::ByHand(guide)) => Ok(RoleSeen::Unread(guide)),
        Err(error) if error.is_page_unread() => {
            Ok(RoleSeen::Unread(by_hand::role(&appliance.words(), error.to_string())))
        }
        Err(error) => Err(error),
    }
}

/// Asks a person for a role; `None` where no answer is one.
///
/// # Errors
/// [`OperatorError`] where nobody answers.
pub(super) fn ask_role(operator: &mut dyn Operator, name: &str) -> Result<Option<FailoverRole>, OperatorError> {
    for _ in 0..TRIES {
        let answer = operator.ask(&EnginePrompt::Role { on: name.to_owned() })?;
        return Ok(Some(match answer.to_lowercase().as_str() {
            "primary" | "p" => FailoverRole::Primary,
            "backup" | "b" => FailoverRole::Backup,
            "none" | "n" => FailoverRole::None,
            _ => continue,
        }));
    }
    Ok(None)
}

/// Says that a role was not told.
pub(super) fn untold(name: &str) -> Failure {
    Failure::new(Exit::Declined, format!("the failover role of {name} was not told"))
        .hint(format!("look at /login > Management > Failover of {name}, and run it at a terminal: {AGAIN}"))
}

impl Engine<'_> {
    /// Lets no member of a standing pair be worked alone, unless a person sets
    /// that aside. `run` is the bundle, or what stands in its place.
    pub(super) fn gate_alone(&mut self, run: Id) -> Result<(), Failure> {
        let rules = self.rules;
        let Some(alone) = &rules.alone else { return Ok(()) };
        let (role, by) = self.role()?;
        self.write(Entry::RoleRead { role, by })?;
        self.teller.event(&kind::ROLE, serde_json::json!({ "role": role, "by": by }));
        if role == FailoverRole::None {
            if alone.reason.is_some() {
                self.teller.note(&format!("--dangerous-{WORD} was not needed: {} is {role}", rules.name));
            }
            return Ok(());
        }
        let refused = EngineError::OneOfAPair { name: rules.name.to_string(), role, pair: alone.pair.clone() };
        let Some(reason) = alone.reason.clone() else { return Err(refused.into()) };
        let refused = refused.to_string();
        let meaning = "the relationship then stands between two versions: data syncs may fail, and a failover leads \
                       clients to older software";
        OverrideRequest { refused: &refused, meaning, reason: &reason, word: WORD, undone: "nothing was done" }
            .set_aside(self.teller, self.operator)?;
        let (what, by, verb) = (WORD.to_owned(), current_user(), alone.verb.to_owned());
        self.write(Entry::DangerousAccepted { bundle: run, what, refused, reason, by, verb })
    }

    /// Its role: as it shows it, or as a person tells it.
    pub(super) fn role(&mut self) -> Result<(FailoverRole, RoleBy), Failure> {
        let seen = look_at_role(self.appliance);
        self.tell_news();
        let guide = match seen? {
            RoleSeen::Shown(shown, by) => return Ok((shown.role, by)),
            RoleSeen::Unread(guide) => guide,
        };
        let because = guide.because.clone();
        self.write(Entry::GuidedBegun { key: None, title: guide.title.clone(), because, staged: None })?;
        self.tell_guide(&guide, None)?;
        match ask_role(self.operator, self.rules.name.as_str())? {
            Some(role) => Ok((role, RoleBy::Operator)),
            None => Err(untold(self.rules.name.as_str())),
        }
    }
}

impl PairTold {
    /// Names the partner, where it is known.
    pub fn with_partner(&self) -> String {
        self.partner.as_ref().map_or_else(String::new, |partner| format!(" with {partner}"))
    }

    /// The command that works both, for `name`, which is `role` now.
    pub fn command(&self, name: &str, role: FailoverRole) -> String {
        let begins = match &self.media {
            Some(media) => format!("handcarry-inside push {media}").trim_end().to_owned(),
            None => "handcarry-inside update".to_owned(),
        };
        format!("{begins} {}", self.words(name, role))
    }

    /// The words that name both in a command, for `name`, which is `role` now.
    pub fn words(&self, name: &str, role: FailoverRole) -> String {
        let partner = self.partner.as_ref().map_or("PARTNER", |partner| partner.as_str());
        if self.planned {
            return format!("{name} --pair");
        }
        let (first, second) = if role == FailoverRole::Backup { (partner, name) } else { (name, partner) };
        format!("{first} {second} --topology failover-sync")
    }

    /// What to do instead of working `name` alone.
    pub fn hint(&self, name: &str, role: FailoverRole) -> String {
        let command = text::one_line(&self.command(name, role));
        let mut hint = format!("upgrade the pair in one run: {command}");
        if !self.planned {
            hint.push_str(
                " (the site is away meanwhile), or with the least downtime --topology failover-async --switch \
                 shared-ip, dns or nat in its place",
            );
        }
        if self.partner.is_none() {
            hint.push_str(
                "; PARTNER is its partner's name in the inventory (handcarry-inside list), and both say it there: \
                 pair = \"NAME\"",
            );
        }
        if self.media.is_none() {
            hint.push_str("; what one of them is not offered is carried to it, --media-a MEDIA or --media-b MEDIA");
        }
        hint
    }
}
