//! The verb `audit`: all that was seen of an appliance, proved again and told.

use super::draft::{Drafts, Sealed};
use super::receive::{Shelf, alarm, kept};
use super::speaker;
use super::speakers::Speakers;
use super::vault::{Exchange, RequestContext, StoredPackage, Vault};
use crate::cli::Context;
use crate::console::kind;
use crate::model::{Consignee, Exit, Failure, Package, Receipt, ShowPath, Timestamp, local_brief, text};
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Tell all that was seen of an appliance, proved again
///
/// Requests, exchanges, packages, bundles and receipts in the order of their
/// times, with full digests and who signed. Signatures are verified again,
/// receipts are compared with the bundles that were sealed, and the journals
/// they tell of with each other.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Serial number of the appliance [default: all of them, one after the other]
    #[arg(value_name = "SERIAL")]
    serial: Option<String>,
}

/// One thing that was seen.
struct Seen {
    at: Timestamp,
    kind: &'static str,
    text: String,
    fields: Value,
}

/// All that is kept here.
struct Kept {
    requests: Vec<RequestContext>,
    exchanges: Vec<Exchange>,
    packages: Vec<StoredPackage>,
    sealed: Vec<Sealed>,
    taken: Vec<kept::KeptReceipt>,
    alarms: Vec<kept::KeptReceipt>,
}

/// Runs the verb.
///
/// # Errors
/// A [`Failure`] of the gravest thing that does not hold; all of it is told
/// all the same.
pub fn run(args: &AuditArgs, context: &mut Context) -> Result<(), Failure> {
    let vault = Vault::open(context.home.root())?;
    let kept = Kept {
        requests: vault.contexts()?,
        exchanges: vault.exchanges()?,
        packages: vault.packages()?,
        sealed: Drafts::below(context.home.root()).all()?,
        taken: kept::all(Shelf::Taken, context)?,
        alarms: kept::all(Shelf::Alarms, context)?,
    };
    let serials = match &args.serial {
        Some(serial) => BTreeSet::from([serial.clone()]),
        None => kept.serials(),
    };
    let speakers = Speakers::read(context)?;
    let mut faults: Vec<Failure> = Vec::new();
    let mut seen_any = false;
    for serial in &serials {
        let (mut seen, mut wrong) = (kept.seen(serial), Vec::new());
        kept.prove(serial, &mut seen, &mut wrong);
        seen_any |= !seen.is_empty();
        seen.sort_by_key(|seen| seen.at);
        tell(serial, &speakers, &seen, &wrong, context);
        faults.extend(wrong);
    }
    if !seen_any {
        let whom = args.serial.as_deref().map_or_else(|| "any appliance".to_owned(), text::one_line);
        return Err(Failure::new(Exit::NotFound, format!("nothing was seen of {whom} here"))
            .hint("'handcarry-outside audit' without a serial number tells of all that were"));
    }
    // The exit code is that of the gravest; the others stand among what was told.
    faults.sort_by_key(|failure| !alarm::is_one(failure));
    match faults.into_iter().next() {
        Some(gravest) => Err(gravest),
        None => {
            context.console.say("all signatures hold, and what receipts tell agrees with what was sealed here");
            Ok(())
        }
    }
}

fn tell(serial: &str, speakers: &Speakers, seen: &[Seen], wrong: &[Failure], context: &Context) {
    context.console.say(format!("Appliance {}:", text::one_line(serial)));
    for known in speakers.of(serial) {
        context.console.say(format!("  speaks for it: {}", speaker::line(known)));
    }
    for one in seen {
        context.console.say(format!("  {}  {:<9} {}", local_brief(one.at), one.kind, one.text));
    }
    for failure in wrong {
        context.console.say(format!("  does not hold: {}", failure.message));
    }
    let events: Vec<Value> = seen
        .iter()
        .map(|one| json!({ "at": one.at, "kind": one.kind, "text": one.text, "fields": one.fields }))
        .collect();
    let wrong: Vec<Value> =
        wrong.iter().map(|failure| json!({ "code": failure.exit.name(), "text": failure.message })).collect();
    let speakers = speakers.of(serial);
    context
        .console
        .event(&kind::AUDIT, json!({ "serial": serial, "speakers": speakers, "seen": events, "does_not_hold": wrong }));
}

impl Kept {
    /// The appliances that anything here is about.
    fn serials(&self) -> BTreeSet<String> {
        let requests = self.requests.iter().map(|request| &request.status.appliance);
        let exchanges = self.exchanges.iter().filter_map(|exchange| exchange.appliance.as_ref());
        let packages = self.packages.iter().filter_map(|kept| kept.appliance.as_ref());
        let sealed = self.sealed.iter().flat_map(|sealed| sealed.manifest.appliances.iter().map(|own| &own.serial));
        let receipts = self.taken.iter().chain(&self.alarms).map(|kept| &kept.receipt.appliance);
        let all = requests.chain(exchanges).chain(packages).chain(receipts);
        all.map(|appliance| &appliance.serial).chain(sealed).cloned().collect()
    }

    /// What was seen of the appliance on its way in and out, receipts apart.
    fn seen(&self, serial: &str) -> Vec<Seen> {
        let requests = self.requests.iter().filter(|request| request.status.appliance.serial == serial);
        let exchanges = self
            .exchanges
            .iter()
            .filter(|exchange| exchange.appliance.as_ref().is_some_and(|appliance| appliance.serial == serial));
        let packages = self.packages.iter().filter(|kept| kept.is_for(serial));
        requests.map(request).chain(exchanges.map(exchange)).chain(packages.map(package)).collect()
    }

    /// Proves bundles and receipts again, and adds them to what was seen.
    fn prove(&self, serial: &str, seen: &mut Vec<Seen>, wrong: &mut Vec<Failure>) {
        for sealed in &self.sealed {
            let Some(own) = sealed.manifest.consignee(serial) else { continue };
            seen.push(bundle(sealed, own));
            if sealed.signed_by().is_empty() {
                wrong.push(changed().about(sealed.folder.shown()));
            }
        }
        let mut earlier: Vec<Receipt> = Vec::new();
        for kept in self.taken.iter().filter(|kept| kept.receipt.appliance.serial == serial) {
            let keys = kept.keys();
            seen.push(receipt("receipt", &kept.receipt, &keys));
            wrong.extend(self.judge(kept, &keys, &earlier).err().map(|failure| failure.about(kept.path.shown())));
            if !keys.is_empty() {
                earlier.push(kept.receipt.clone());
            }
        }
        // Refused once, and taken since a person let its key speak, is refused no more.
        let is_taken = |id| self.taken.iter().any(|taken| taken.receipt.receipt == id);
        let refused = self.alarms.iter().filter(|kept| !is_taken(kept.receipt.receipt));
        for kept in refused.filter(|kept| kept.receipt.appliance.serial == serial) {
            let keys = kept.keys();
            seen.push(receipt("refused", &kept.receipt, &keys));
            let failure = self.judge(kept, &keys, &earlier).err().unwrap_or_else(|| {
                Failure::new(Exit::OtherSpeaker, "it was refused, and was not taken since").hint(
                    "where its key may speak for this appliance, add it with 'handcarry-outside speaker add' and receive it again",
                )
            });
            wrong.push(failure.about(kept.path.shown()));
        }
    }

    /// Judges a receipt again, whose signatures by `keys` hold.
    fn judge(&self, kept: &kept::KeptReceipt, keys: &[String], earlier: &[Receipt]) -> Result<(), Failure> {
        if keys.is_empty() {
            return Err(changed());
        }
        let sealed = self.sealed.iter().find(|sealed| sealed.manifest.bundle == kept.receipt.bundle);
        alarm::of_bundle(&kept.receipt, keys, sealed)?;
        alarm::of_journal(&kept.receipt, earlier)
    }
}

fn changed() -> Failure {
    Failure::new(Exit::DocumentUntrusted, "no signature beside it holds")
        .hint("it was changed since it was kept here; put it back from a backup, and look who may write there")
}

fn request(request: &RequestContext) -> Seen {
    let signed_by: Vec<String> = request.signed_by.iter().map(|name| text::one_line(name)).collect();
    Seen {
        at: request.created,
        kind: "request",
        text: format!(
            "{} at base {}, site {}; SHA-256 {}; signed by {}",
            request.request.short(),
            version(request.status.base_version.as_ref()),
            version(request.status.site_version.as_ref()),
            request.sha256,
            signed_by.join(", ")
        ),
        fields: json!(request),
    }
}

fn version(version: Option<&crate::model::Version>) -> String {
    version.map_or_else(|| "unknown".to_owned(), |version| text::one_line(version.as_str()))
}

fn exchange(exchange: &Exchange) -> Seen {
    let end = match (exchange.listed, exchange.closed) {
        (Some(_), true) => "complete",
        (Some(_), false) => "not complete",
        (None, _) if exchange.refusal.is_some() => "the code was refused",
        (None, _) => "no list came",
    };
    let arrived = exchange.arrived.values().filter(|(_, in_place)| *in_place).count();
    Seen {
        at: exchange.opened,
        kind: "exchange",
        text: format!(
            "{} at {} with the code {}: {arrived} of {} packages arrived, {end}",
            exchange.id.short(),
            text::one_line(&exchange.server),
            text::one_line(&exchange.code),
            exchange.offers.len()
        ),
        fields: json!({
            "exchange": exchange.id, "server": exchange.server, "code": exchange.code, "request": exchange.request,
            "listed": exchange.offers.len(), "arrived": arrived, "closed": exchange.closed,
        }),
    }
}

fn package(kept: &StoredPackage) -> Seen {
    Seen {
        at: kept.at(),
        kind: "package",
        text: format!("{}, SHA-256 {}, {}", text::one_line(&kept.title), kept.sha256, kept.source),
        fields: json!({ "title": kept.title, "sha256": kept.sha256, "source": *kept.source }),
    }
}

fn bundle(sealed: &Sealed, own: &Consignee) -> Seen {
    let (manifest, keys) = (&sealed.manifest, sealed.signed_by());
    let packages: Vec<&Package> = manifest.packages_of(own).collect();
    let names: Vec<String> = packages.iter().map(|package| text::one_line(&package.name)).collect();
    Seen {
        at: manifest.created,
        kind: "bundle",
        text: format!(
            "{} with number {}, manifest SHA-256 {}; carries {}; signed by {}",
            manifest.bundle.short(),
            own.sequence,
            sealed.sha256(),
            names.join(", "),
            keys.join(", ")
        ),
        fields: json!({
            "bundle": manifest.bundle, "sequence": own.sequence, "manifest_sha256": sealed.sha256(),
            "request": own.request, "signed_by": keys,
            "packages": packages.iter().map(|package| json!({ "name": package.name, "sha256": package.sha256 })).collect::<Vec<_>>(),
        }),
    }
}

fn receipt(kind: &'static str, receipt: &Receipt, keys: &[String]) -> Seen {
    Seen {
        at: receipt.created,
        kind,
        text: format!(
            "{} for bundle {}: {}; the journal has {} records, head {}; signed by {}",
            receipt.receipt.short(),
            receipt.bundle.short(),
            alarm::outcomes(receipt),
            receipt.journal.records,
            receipt.journal.sha256,
            keys.join(", ")
        ),
        fields: json!({ "receipt": receipt, "signed_by": keys }),
    }
}
