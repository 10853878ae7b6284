//! What the verbs are asked to work: one appliance, a failover pair in some
//! order, or a migration; as it was typed, or as the inventory says it. Nothing
//! of it is guessed.

use super::journals;
use super::meet;
use crate::cli::Context;
use crate::driver::{self, Reached};
use crate::engine::{OpenPair, RoleSeen, look_at_role, merged};
use crate::inventory::{ApplianceEntry, Inventory, PairKeys};
use crate::model::{Exit, FailoverRole, Failure, FileName, ShowPath};
use crate::plan::{Order, Part, Switch, Topology};
use clap::Args;
use clap::builder::Resettable;
use std::net::{IpAddr, ToSocketAddrs};

/// Longest host name, in bytes.
const MAX_HOST_BYTES: usize = 253;

/// How a migration goes.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Migration (--topology migrate)")]
#[group(skip)]
pub struct MigrateArgs {
    /// Leave the old appliance as it is when the new one serves
    #[arg(long, requires = "topology")]
    pub(super) keep_old: bool,
    /// The site's host name, where the old appliance shows another
    #[arg(long, value_name = "HOST", requires = "topology", value_parser = parse_host)]
    pub(super) site_host: Option<String>,
}

impl MigrateArgs {
    /// Whether anything of a migration was asked for.
    pub(super) fn is_meant(&self) -> bool {
        self.keep_old || self.site_host.is_some()
    }
}

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
    #[arg(long, value_name = "ORDER")]
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

/// What a verb is asked to work.
pub enum Procedure<'a> {
    /// One appliance, by its name.
    Single(String),
    /// Both of a failover pair.
    Pair(Both<'a>),
    /// Two appliances of which one takes the other's site.
    Migrate(Both<'a>),
}

/// Two appliances that are worked together.
pub struct Both<'a> {
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
    /// The third word, where one was typed.
    pub fn partner(&self) -> Option<&str> {
        self.partner.as_deref()
    }

    /// Whether two appliances are named.
    pub fn is_of_two(&self) -> bool {
        self.topology.is_some()
    }

    /// Says that only one was.
    pub fn lacks_partner(&self) -> Failure {
        Failure::new(Exit::Usage, "--topology is for two appliances, and one was named")
            .hint("name both: the primary and then the backup, or the old one and then the new one")
    }

    /// What is worked where `name` and perhaps a `partner` were named; `begins` is how the command for a pair begins.
    ///
    /// # Errors
    /// [`Exit::Usage`] where order and switch don't belong together; with
    /// `--pair` [`Exit::Config`] where the inventory does not say it all.
    pub fn procedure(
        &self,
        (name, partner): (&str, Option<&str>),
        begins: &str,
        context: &mut Context,
    ) -> Result<Procedure<'_>, Failure> {
        Ok(match self.wanted(name, partner, begins, context)? {
            None => Procedure::Single(name.to_owned()),
            Some(both) if both.topology == Topology::Migrate => Procedure::Migrate(both),
            Some(both) => Procedure::Pair(both),
        })
    }

    /// The pair of `name`, where one was asked for.
    ///
    /// # Errors
    /// [`Exit::Usage`] where order and switch don't belong together; with
    /// `--pair` [`Exit::Config`] where the inventory does not say it all.
    fn wanted(
        &self,
        name: &str,
        partner: Option<&str>,
        begins: &str,
        context: &mut Context,
    ) -> Result<Option<Both<'_>>, Failure> {
        if self.pair {
            return self.of_inventory(name, begins, context).map(Some);
        }
        let Some(topology) = self.topology else { return Ok(None) };
        let partner = partner.ok_or_else(|| self.lacks_partner())?;
        let switch = self.check(topology)?;
        Ok(Some(Both {
            first: name.to_owned(),
            partner: partner.to_owned(),
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
            // The guide leads a site to new hardware by its DNS entry, and in no other way.
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
    fn of_inventory(&self, name: &str, begins: &str, context: &mut Context) -> Result<Both<'_>, Failure> {
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
            return Err(unplanned(name, &partner, begins, &inventory));
        };
        let other = inventory.appliance(partner.as_str())?.clone();
        let swapped = match open_between(&own, &other, context)? {
            // What was begun goes on with the parts that it was begun with.
            Some(open) => (open.part == Part::B) == (open.partner == other.name),
            None => is_backup(&own, &partner, begins, context)?,
        };
        let (first, second) = if swapped { (other, own) } else { (own, other) };
        Ok(Both {
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
        Ok(journals::past(&who, context)?.open_pair().filter(|open| open.partner == *partner).cloned())
    };
    Ok(merged(between(own, &other.name)?, between(other, &own.name)?))
}

/// Whether an appliance is its pair's backup now, by what it shows itself.
fn is_backup(entry: &ApplianceEntry, partner: &FileName, begins: &str, context: &mut Context) -> Result<bool, Failure> {
    let mut appliance = driver::connect(entry, context)?;
    let who = meet::look(&mut *appliance, entry, context).map_err(|failure| failure.about(&entry.name))?.identity;
    let seen = look_at_role(&mut *appliance).map_err(|error| Failure::from(error).about(&entry.name))?;
    journals::note_heard(&mut *appliance, &who, context)?;
    match seen {
        // Where it stands alone, the plan says what is wrong with that.
        RoleSeen::Shown(shown, _) => Ok(shown.role == FailoverRole::Backup),
        RoleSeen::Unread(guide) => Err(Failure::new(
            Exit::Declined,
            format!("{}: which of the two is the primary can't be read: {}", entry.name, guide.because),
        )
        .hint(format!(
            "look at /login > Management > Failover, and name the primary first: {begins} A B \
             --topology …, {} and {partner} being A and B or the other way round",
            entry.name
        ))),
    }
}

fn unplanned(name: &str, partner: &FileName, begins: &str, inventory: &Inventory) -> Failure {
    let path = inventory.path().shown();
    Failure::new(Exit::Config, format!("the inventory does not say in what order {name} and {partner} are upgraded"))
        .hint(format!(
            "add to one of them in {path}: topology = \"failover-sync\" (the site is away meanwhile), or topology = \
             \"failover-async\" and switch = \"shared-ip\", \"dns\" or \"nat\"; for this time: {begins} \
             {name} {partner} --topology failover-sync, the primary first"
        ))
}

impl Both<'_> {
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
    /// Both of a migration are worked by an address of their own, which its
    /// plan sees to, and clients reach them there, too.
    pub(super) fn address(&self, entry: &ApplianceEntry, part: Part) -> Option<String> {
        let told = self.address[part.index()].or(entry.address).map(|address| address.to_string());
        match self.topology {
            Topology::Migrate => told.or_else(|| address_of(&Reached::of_url(&entry.url))),
            Topology::FailoverSync | Topology::FailoverAsync => told,
        }
    }

    /// How an appliance is reached by the other: as it was typed, as the
    /// inventory says it, or else by the address that is worked.
    pub(super) fn reached(&self, entry: &ApplianceEntry, part: Part) -> Reached {
        let told = self.reach[part.index()].clone().or_else(|| entry.reach.clone());
        told.unwrap_or_else(|| Reached::of_url(&entry.url))
    }
}

/// The IP address that a hosts file needs; `None` where the name does not resolve here.
pub(super) fn address_of(reached: &Reached) -> Option<String> {
    let found: Vec<IpAddr> = (reached.host.as_str(), reached.port).to_socket_addrs().ok()?.map(|at| at.ip()).collect();
    // Every client can be led by an IPv4 address, where the name has both.
    found.iter().find(|ip| ip.is_ipv4()).or(found.first()).map(ToString::to_string)
}

/// Reads a host name.
fn parse_host(text: &str) -> Result<String, String> {
    let fits = (1..=MAX_HOST_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if fits { Ok(text.to_owned()) } else { Err("a host name has letters, digits, '.' and '-'".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_have_letters_and_dots() {
        assert!(parse_host("a.example.com").is_ok() && parse_host("a b").is_err() && parse_host("").is_err());
    }
}
