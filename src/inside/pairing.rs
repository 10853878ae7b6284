//! Which pair a verb works, and in what order: as it was typed, or as the
//! inventory says it. Nothing of it is guessed.

use super::appliance_session::{self, ApplianceSession};
use super::meet;
use super::migrate::MigrateArgs;
use crate::cli::Context;
use crate::driver::{self, Appliance, Reached};
use crate::engine::{Entry as Noted, PairTold, RoleSeen, RunJournal, look_at_role};
use crate::engine::{OpenPair, merged, open_pair};
use crate::inventory::{ApiAccount, ApplianceEntry, Driver, Identity, Inventory, PairKeys, PasswordAt};
use crate::model::{Exit, Failover, FailoverRole, Failure, FileName, ShowPath, text};
use crate::plan::{Order, Part, Switch, Topology};
use clap::Args;
use clap::builder::Resettable;
use std::net::IpAddr;

/// Which pair, and in what order.
#[derive(Debug, Args)]
#[command(next_help_heading = "Failover pair")]
#[group(skip)]
pub struct PairArgs {
    /// The pair's backup (B), NAME being its primary (A); or the appliance that takes NAME's site
    #[arg(value_name = "PARTNER", requires = "topology", help_heading = Resettable::Reset)]
    partner: Option<String>,
    /// NAME's pair as the inventory has it, both as one: the partner, the order, and who is primary now
    #[arg(long, conflicts_with_all = ["partner", "topology", "switch", "shared_ip"])]
    pair: bool,
    /// Order: the primary first and staying so, the backup first and becoming primary, or a migration
    #[arg(long, value_name = "ORDER", requires = "partner")]
    topology: Option<Topology>,
    /// How the site's address is led to B, with failover-async
    #[arg(long, value_name = "WAY", requires = "topology")]
    switch: Option<Switch>,
    /// The shared IP address; without it moving it is guided
    #[arg(long, value_name = "ADDRESS", requires = "switch")]
    shared_ip: Option<IpAddr>,
    /// How B reaches A, where the inventory's address of A is another
    #[arg(long, value_name = "HOST:PORT", requires = "topology", value_parser = Reached::parse)]
    reach_a: Option<Reached>,
    /// How A reaches B, where the inventory's address of B is another
    #[arg(long, value_name = "HOST:PORT", requires = "topology", value_parser = Reached::parse)]
    reach_b: Option<Reached>,
    /// The IP address by which clients reach A, for hosts files and DNS [default: the inventory's, else asked for]
    #[arg(long, value_name = "ADDRESS", requires = "topology")]
    address_a: Option<IpAddr>,
    /// The IP address by which clients reach B, likewise
    #[arg(long, value_name = "ADDRESS", requires = "topology")]
    address_b: Option<IpAddr>,
    #[command(flatten)]
    migrate: MigrateArgs,
}

/// A pair that was asked for.
pub struct PairWanted<'a> {
    /// The one that is named first: A, or OLD.
    pub(super) first: String,
    /// The one that is named second: B, or NEW.
    pub(super) partner: String,
    /// The order.
    pub(super) topology: Topology,
    /// How the site's address is switched, where it is.
    pub(super) switch: Switch,
    /// The shared IP address, where it is told.
    pub(super) shared_ip: Option<IpAddr>,
    reach: [Option<Reached>; 2],
    address: [Option<IpAddr>; 2],
    migrate: &'a MigrateArgs,
}

impl PairArgs {
    /// The pair of `name`, where one was asked for.
    ///
    /// # Errors
    /// [`Exit::Usage`] where order and switch don't belong together; with
    /// `--pair` [`Exit::Config`] where the inventory does not say it all.
    pub fn wanted(&self, name: &str, context: &mut Context) -> Result<Option<PairWanted<'_>>, Failure> {
        if self.pair {
            return self.of_inventory(name, context).map(Some);
        }
        let (Some(partner), Some(topology)) = (&self.partner, self.topology) else { return Ok(None) };
        let switch = self.check(topology)?;
        Ok(Some(PairWanted {
            first: name.to_owned(),
            partner: partner.clone(),
            topology,
            switch,
            shared_ip: self.shared_ip,
            reach: [self.reach_a.clone(), self.reach_b.clone()],
            address: [self.address_a, self.address_b],
            migrate: &self.migrate,
        }))
    }

    /// Refuses what does not belong together; how the address is switched.
    fn check(&self, topology: Topology) -> Result<Switch, Failure> {
        let reaches = self.reach_a.is_some() || self.reach_b.is_some();
        let pair_only = self.switch.is_some() || reaches || self.address_a.is_some() || self.address_b.is_some();
        if topology == Topology::Migrate && pair_only {
            return Err(Failure::new(
                Exit::Usage,
                "--switch, --reach-… and --address-… belong to a failover pair, not to a migration",
            )
            .hint("leave them out"));
        }
        if topology != Topology::Migrate && self.migrate.is_meant() {
            return Err(of_a_migration());
        }
        let switch = match (topology, self.switch) {
            (Topology::Migrate, _) => Switch::Dns,
            (Topology::FailoverAsync, Some(switch)) => switch,
            (Topology::FailoverAsync, None) => {
                return Err(Failure::new(Exit::Usage, "failover-async makes B the primary, and nothing says how")
                    .hint("say it: --switch shared-ip, dns or nat"));
            }
            (Topology::FailoverSync, Some(_)) => {
                return Err(Failure::new(Exit::Usage, "failover-sync leaves the site's address where it is")
                    .hint("leave --switch out, or choose --topology failover-async"));
            }
            // Nothing is switched, so nobody asks for it.
            (Topology::FailoverSync, None) => Switch::Dns,
        };
        if self.shared_ip.is_some() && switch != Switch::SharedIp {
            return Err(
                Failure::new(Exit::Usage, "--shared-ip belongs to --switch shared-ip").hint("leave one of them out")
            );
        }
        Ok(switch)
    }

    /// The pair as the inventory has it, its present primary first.
    fn of_inventory(&self, name: &str, context: &mut Context) -> Result<PairWanted<'_>, Failure> {
        if self.migrate.is_meant() {
            return Err(of_a_migration());
        }
        let inventory = Inventory::read(&context.home)?;
        let own = inventory.appliance(name)?.clone();
        let Some(PairKeys { partner, topology, switch, shared_ip }) = inventory.pairing(&own) else {
            return Err(Failure::new(Exit::Config, format!("the inventory names no partner of {name}"))
                .hint(format!("add pair = \"NAME\" to both of the pair in {}", inventory.path().shown())));
        };
        let Some(topology) = topology else {
            return Err(unplanned(name, &partner, &inventory));
        };
        let other = inventory.appliance(partner.as_str())?.clone();
        let swapped = match open_between(&own, &other, context)? {
            // What was begun goes on with the parts that it was begun with.
            Some(open) => (open.part == Part::B) == (open.partner == other.name),
            None => is_backup(&own, &partner, context)?,
        };
        let (first, second) = if swapped { (other, own) } else { (own, other) };
        Ok(PairWanted {
            first: first.name.to_string(),
            partner: second.name.to_string(),
            topology,
            switch: switch.unwrap_or(Switch::Dns),
            shared_ip,
            reach: [None, None],
            address: [None, None],
            migrate: &self.migrate,
        })
    }
}

fn of_a_migration() -> Failure {
    Failure::new(Exit::Usage, "an option of a migration was given for a failover pair")
        .hint("leave it out, or choose --topology migrate")
}

/// The run over the two that is not over, as both journals have it.
fn open_between(own: &ApplianceEntry, other: &ApplianceEntry, context: &Context) -> Result<Option<OpenPair>, Failure> {
    let between = |entry: &ApplianceEntry, partner: &FileName| -> Result<Option<OpenPair>, Failure> {
        // Of one that was never met nothing can be under way.
        let Some(who) = entry.identity() else { return Ok(None) };
        Ok(open_pair(&appliance_session::noted(&who, context)?).filter(|open| open.partner == *partner))
    };
    Ok(merged(between(own, &other.name)?, between(other, &own.name)?))
}

/// Whether an appliance is its pair's backup now, by what it shows itself.
fn is_backup(entry: &ApplianceEntry, partner: &FileName, context: &mut Context) -> Result<bool, Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let who = meet::look(&mut *appliance, entry, context).map_err(|failure| failure.about(&entry.name))?.identity;
    let seen = look_at_role(&mut *appliance).map_err(|error| Failure::from(error).about(&entry.name))?;
    appliance_session::note_heard(&mut *appliance, &who, context)?;
    match seen {
        // Where it stands alone, the plan says what is wrong with that.
        RoleSeen::Shown(shown, _) => Ok(shown.role == FailoverRole::Backup),
        RoleSeen::Unread(guide) => Err(Failure::new(
            Exit::Declined,
            format!("{}: which of the two is the primary can't be read: {}", entry.name, guide.because),
        )
        .hint(format!(
            "look at /login > Management > Failover, and name the primary first: handcarry-inside push MEDIA A B \
             --topology …, {} and {partner} being A and B or the other way round",
            entry.name
        ))),
    }
}

fn unplanned(name: &str, partner: &FileName, inventory: &Inventory) -> Failure {
    let path = inventory.path().shown();
    Failure::new(Exit::Config, format!("the inventory does not say in what order {name} and {partner} are upgraded"))
        .hint(format!(
            "add to one of them in {path}: topology = \"failover-sync\" (the site is away meanwhile), or topology = \
             \"failover-async\" and switch = \"shared-ip\", \"dns\" or \"nat\"; for this time: handcarry-inside push MEDIA \
             {name} {partner} --topology failover-sync, the primary first"
        ))
}

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
        appliance_session::note_heard(appliance, who, context)?;
        Ok(role)
    }

    /// As [`look`](Self::look), where whoever holds the journal notes agreements.
    pub(super) fn read(appliance: &mut dyn Appliance, entry: &ApplianceEntry) -> Self {
        let asked = |user: Option<&String>, at: &PasswordAt| user.is_none() || *at == PasswordAt::Prompt;
        let by_api = match &entry.api {
            Some(ApiAccount::OAuth { secret, .. }) => *secret != PasswordAt::Prompt,
            Some(ApiAccount::User(who)) => !asked(who.user.as_ref(), &who.password),
            None => false,
        };
        if entry.driver == Driver::Guided {
            return ShownRole::NotRead("a person works this appliance".to_owned());
        }
        if !by_api && asked(entry.login.user.as_ref(), &entry.login.password) {
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
        match self {
            ShownRole::Is(shown) => Some(shown.role).filter(|role| *role != FailoverRole::None),
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

/// What is known of the pair of an appliance that is worked alone: by the
/// inventory, or by the last run over both in its journal.
pub(super) fn told(job: &ApplianceSession, media: Option<String>, context: &Context) -> Result<PairTold, Failure> {
    told_of(&job.entry, &RunJournal::entries(&job.journal), media, context)
}

/// As [`told`], where the journal was read.
pub(super) fn told_of(
    entry: &ApplianceEntry,
    noted: &[crate::engine::Noted],
    media: Option<String>,
    context: &Context,
) -> Result<PairTold, Failure> {
    if let Some(pair) = Inventory::read(&context.home)?.pairing(entry) {
        return Ok(PairTold { partner: Some(pair.partner), planned: pair.topology.is_some(), media });
    }
    let partner = noted.iter().rev().find_map(|(_, entry)| match entry {
        Noted::PairBegun { partner, topology, .. } if *topology != Topology::Migrate => Some(partner.clone()),
        _ => None,
    });
    Ok(PairTold { partner, planned: false, media })
}

impl PairWanted<'_> {
    /// The order of a failover pair.
    pub(super) fn order(&self) -> Order {
        match self.topology {
            Topology::FailoverAsync => Order::FailoverAsync(self.switch),
            Topology::FailoverSync | Topology::Migrate => Order::FailoverSync,
        }
    }

    /// The options of a migration.
    pub(super) fn migrate(&self) -> &MigrateArgs {
        self.migrate
    }

    /// The shared IP address, where it is told.
    pub(super) fn shared_ip(&self) -> Option<String> {
        self.shared_ip.map(|address| address.to_string())
    }

    /// The IP address by which clients reach an appliance, where it is told.
    pub(super) fn address(&self, entry: &ApplianceEntry, part: Part) -> Option<String> {
        self.address[part.index()].or(entry.address).map(|address| address.to_string())
    }

    /// How an appliance is reached by the other: as it was typed, as the
    /// inventory says it, or else by the address that is worked.
    pub(super) fn reached(&self, entry: &ApplianceEntry, part: Part) -> Reached {
        let told = self.reach[part.index()].clone().or_else(|| entry.reach.clone());
        told.unwrap_or_else(|| Reached::of_url(&entry.url))
    }
}
