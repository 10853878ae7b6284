//! What a verb that works one appliance knows of its pair.

use super::appliance_session::ApplianceSession;
use super::journals;
use crate::cli::Context;
use crate::driver::Appliance;
use crate::engine::{Entry as Noted, PairTold, Past, RoleSeen, RunJournal, look_at_role};
use crate::inventory::{ApiAccount, ApplianceEntry, Driver, Identity, Inventory, PasswordAt};
use crate::model::{Failover, FailoverRole, Failure, text};
use crate::plan::Topology;

/// What an appliance shows of its part in a failover pair, for a verb that
/// only looks: read with what the inventory has, so that nobody is asked.
pub(super) enum ShownRole {
    /// It tells it.
    Is(Failover),
    /// It was not read, for this reason.
    NotRead(String),
}

impl ShownRole {
    /// Looks at it.
    ///
    /// # Errors
    /// The journal's, for an agreement that was accepted.
    pub(super) fn look(
        appliance: &mut dyn Appliance,
        entry: &ApplianceEntry,
        who: &Identity,
        context: &Context,
    ) -> Result<Self, Failure> {
        let role = ShownRole::read(appliance, entry);
        journals::note_heard(appliance, who, context)?;
        Ok(role)
    }

    /// As [`look`](Self::look), where whoever holds the journal notes agreements.
    pub(super) fn read(appliance: &mut dyn Appliance, entry: &ApplianceEntry) -> Self {
        if entry.driver == Driver::Guided {
            return ShownRole::NotRead("a person works this appliance".to_owned());
        }
        if !is_api_unasked(entry) && !is_login_unasked(entry) {
            return ShownRole::NotRead("the inventory has neither an API account nor a login for /login".to_owned());
        }
        match look_at_role(appliance) {
            Ok(RoleSeen::Shown(shown, _)) => ShownRole::Is(shown),
            Ok(RoleSeen::Unread(guide)) => ShownRole::NotRead(guide.because),
            Err(error) => ShownRole::NotRead(error.to_string()),
        }
    }

    /// The role in a few words.
    pub(super) fn told(&self) -> String {
        match self {
            ShownRole::Is(Failover { role: FailoverRole::None, .. }) => FailoverRole::None.to_string(),
            ShownRole::Is(Failover { role, shared_host, .. }) => {
                let host =
                    shared_host.as_deref().map_or_else(String::new, |host| format!(" for {}", text::one_line(host)));
                format!("{role} of a failover pair{host}")
            }
            ShownRole::NotRead(why) => format!("not read: {}", text::one_line(why)),
        }
    }

    /// The role, where the appliance is a member of a standing pair.
    pub(super) fn in_pair(&self) -> Option<FailoverRole> {
        self.role().filter(|role| *role != FailoverRole::None)
    }

    /// The role; `None` where it was not read.
    pub(super) fn role(&self) -> Option<FailoverRole> {
        match self {
            ShownRole::Is(shown) => Some(shown.role),
            ShownRole::NotRead(_) => None,
        }
    }

    /// For events: the role, or null.
    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            ShownRole::Is(shown) => serde_json::json!({ "role": shown.role, "shared_host": shown.shared_host }),
            ShownRole::NotRead(_) => serde_json::Value::Null,
        }
    }
}

/// Whether the API is worked with what the inventory has, so that nobody is asked.
pub(super) fn is_api_unasked(entry: &ApplianceEntry) -> bool {
    match &entry.api {
        Some(ApiAccount::OAuth { secret, .. }) => *secret != PasswordAt::Prompt,
        Some(ApiAccount::User(who)) => is_told(who.user.as_ref(), &who.password),
        None => false,
    }
}

/// The same of /login.
pub(super) fn is_login_unasked(entry: &ApplianceEntry) -> bool {
    is_told(entry.login.user.as_ref(), &entry.login.password)
}

fn is_told(user: Option<&String>, at: &PasswordAt) -> bool {
    user.is_some() && *at != PasswordAt::Prompt
}

/// What is known of the pair of an appliance that is worked alone: by the
/// inventory, or by the last run over both in its journal.
pub(super) fn told(job: &ApplianceSession, media: Option<String>, context: &Context) -> Result<PairTold, Failure> {
    told_of(&job.entry, job.journal.past(), media, context)
}

/// As [`told`], where the journal was read.
pub(super) fn told_of(
    entry: &ApplianceEntry,
    past: &Past,
    media: Option<String>,
    context: &Context,
) -> Result<PairTold, Failure> {
    if let Some(pair) = Inventory::read(&context.home)?.pairing(entry) {
        return Ok(PairTold { partner: Some(pair.partner), planned: pair.topology.is_some(), media });
    }
    let partner = past.entries().iter().rev().find_map(|(_, entry)| match entry {
        Noted::PairBegun { partner, topology, .. } if *topology != Topology::Migrate => Some(partner.clone()),
        _ => None,
    });
    Ok(PairTold { partner, planned: false, media })
}
